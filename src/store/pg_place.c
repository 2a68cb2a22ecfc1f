/* Where the server is, and how it is reached. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "store/pg.h"

#define OLDEST_VERSION 140000
#define RETRY_FIRST (100 * INT64_C(1000))
#define RETRY_LAST (3 * SECOND)

/*
 * What holds unless the URL says otherwise. A peer that is gone without a word is noticed within seconds; only
 * a server that can be written to will do.
 */
static const char *const defaults[][2] = {
	{ "application_name", "tocsin" },
	{ "client_encoding", "UTF8" },
	{ "connect_timeout", "3" },
	{ "keepalives_idle", "5" },
	{ "keepalives_interval", "2" },
	{ "keepalives_count", "3" },
	{ "tcp_user_timeout", "10000" },
	{ "gssencmode", "disable" },
	{ "target_session_attrs", "read-write" },
};
#define DEFAULTS (sizeof(defaults) / sizeof(defaults[0]))

/*
 * Every statement has its indexes and goes from row to row by them, as on SQLite. A plan that was made while a table had a
 * few rows stays when it has many: it shall not be one that reads all of it. Nor is anything here worth compiling, or other
 * processes, which would also mix the order of rows that are joined (pg_whole.c).
 */
#define PLANNING "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off" \
	" -c max_parallel_workers_per_gather=0"

/* The first line of libpq's words. It names host and user, never the password. */
static struct str
first_line(const char *words)
{
	return (struct str){ words, strcspn(words, "\n") };
}

static const char *
value_of(const PQconninfoOption *options, const char *key)
{
	for (; options->keyword; options++)
		if (strcmp(options->keyword, key) == 0)
			return options->val;
	return NULL;
}

static void
put_word(struct store *st, int *n, const char *key, const char *value)
{
	struct pg *own = pg_own(st);
	int at = 0;

	while (at < *n && strcmp(own->keys[at], key) != 0)
		at++;
	if (at == PG_WORDS_MAX - 1)
		return;
	*n += at == *n;
	own->keys[at] = arena_c(st->arena, str_c(key));
	own->values[at] = arena_c(st->arena, str_c(value));
}

bool
pg_place(struct store *st, const struct store_options *o, struct err *err)
{
	char *words = NULL;
	PQconninfoOption *options = PQconninfoParse(o->url, &words);
	const char *host, *database, *given;
	int n = 0;

	if (!options) {
		/* words may repeat what stands in the URL */
		PQfreemem(words);
		return err_setf(err, FAULT_CONFIG, "db: not a PostgreSQL URL: postgresql://user@host/database");
	}
	for (size_t i = 0; i < DEFAULTS; i++)
		put_word(st, &n, defaults[i][0], defaults[i][1]);
	for (const PQconninfoOption *i = options; i->keyword; i++)
		if (i->val && i->val[0])
			put_word(st, &n, i->keyword, i->val);
	given = value_of(options, "options");
	given = given ? given : getenv("PGOPTIONS");
	put_word(st, &n, "options", arena_printf(st->arena, PLANNING "%s%s", given ? " " : "", given ? given : "").p);
	host = value_of(options, "host");
	database = value_of(options, "dbname");
	st->place = arena_printf(st->arena, "PostgreSQL %s/%s", host ? host : "(local)",
	    database ? database : "").p;
	PQconninfoFree(options);
	return true;
}

static void
ignore_notice(void *arg, const char *words)
{
	struct str line = first_line(words);

	(void)arg;
	log_line(LOG_DEBUG, "postgresql: %.*s", STR_FMT(line));
}

static PGconn *
connect_once(struct store *st, struct err *err)
{
	const struct pg *own = pg_own(st);
	const char *values[PG_WORDS_MAX];
	PGconn *db;

	pg_values(own, atomic_load(&own->first), pg_hosts(own), err->arena, values);
	db = PQconnectdbParams(own->keys, values, 0);
	if (PQstatus(db) == CONNECTION_OK && PQserverVersion(db) >= OLDEST_VERSION) {
		PQsetNoticeProcessor(db, ignore_notice, NULL);
		return db;
	}
	if (PQstatus(db) == CONNECTION_OK)
		err_setf(err, FAULT_STORE, "%s: version %d of the server is too old: 14 or newer is needed",
		    st->place, PQserverVersion(db) / 10000);
	else
		err_setf(err, FAULT_STORE, "%s: %.*s", st->place, STR_FMT(first_line(PQerrorMessage(db))));
	PQfinish(db);
	return NULL;
}

/*
 * Whether the server may answer later: it is not there, or just starting. A refusal stays one, when it is said twice: between
 * the first and our asking it may have started.
 */
static bool
worth_waiting(const struct pg *own, bool *refused)
{
	PGPing ping = PQpingParams(own->keys, own->values, 0);
	bool before = *refused;

	*refused = ping != PQPING_REJECT && ping != PQPING_NO_RESPONSE;
	return !*refused || !before;
}

static PGconn *
connect_waiting(struct store *st, int64_t until, struct err *err)
{
	int64_t wait = RETRY_FIRST;
	bool said = false, refused = false;

	for (;;) {
		struct err why = { .arena = err->arena };
		PGconn *db = connect_once(st, &why);

		if (db)
			return db;
		if (clock_monotonic() + wait > until || !worth_waiting(pg_own(st), &refused)) {
			err_setf(err, why.fault, "%.*s", STR_FMT(why.detail));
			return NULL;
		}
		if (!said && !refused)
			log_line(LOG_WARN, "waiting for the database: %.*s", STR_FMT(why.detail));
		said = said || !refused;
		nanosleep(&(struct timespec){ wait / SECOND, (long)(wait % SECOND) * 1000 }, NULL);
		wait = wait < SECOND ? 2 * wait : SECOND;
	}
}

PGconn *
pg_connect(struct store *st, int wait_seconds, struct err *err)
{
	struct pg *own = pg_own(st);
	int64_t now = clock_monotonic(), wait;
	PGconn *db;

	if (wait_seconds > 0)
		return connect_waiting(st, now + wait_seconds * SECOND, err);
	if (now < atomic_load(&own->retry_at)) {
		err_setf(err, FAULT_STORE, "%s does not answer", st->place);
		return NULL;
	}
	db = connect_once(st, err);
	wait = db ? 0 : 2 * atomic_load(&own->retry_wait);
	if (!db)
		wait = wait < RETRY_FIRST ? RETRY_FIRST : wait > RETRY_LAST ? RETRY_LAST : wait;
	if (!db && st->has_writer && atomic_load(&st->failure) == PG_WELL)
		store_failed(st, PG_LOST, "connect");
	atomic_store(&own->retry_wait, wait);
	atomic_store(&own->retry_at, db ? 0 : clock_monotonic() + wait);
	return db;
}

PGconn *
pg_connect_url(const char *url)
{
	const char *keys[DEFAULTS + 2] = { NULL }, *values[DEFAULTS + 2] = { NULL };
	size_t n = 0;

	/* all but the last: a standby may be copied as well */
	for (; n < DEFAULTS - 1; n++) {
		keys[n] = defaults[n][0];
		values[n] = defaults[n][1];
	}
	keys[n] = "dbname";              /* which the URL replaces, with all else that it says */
	values[n] = url;
	return PQconnectdbParams(keys, values, 1);
}

/* ---- what must be reached ---- */

static void
put_quoted(struct buf *b, const char *key, struct str value)
{
	buf_printf(b, "%s%s='", b->n ? " " : "", key);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\'' || value.p[i] == '\\')
			buf_char(b, '\\');
		buf_char(b, value.p[i]);
	}
	buf_char(b, '\'');
}

/* One host of the list, as so many addresses as it has. */
struct hosts {
	struct arena *a;
	struct buf names, addresses, ports;
	struct store_reach *reach;
	int n;
};

static void
put_host(struct hosts *h, struct str name, struct str address, struct str port)
{
	const char *comma = h->n++ ? "," : "";
	int64_t number = 0;

	buf_printf(&h->names, "%s%.*s", comma, STR_FMT(name));
	buf_printf(&h->addresses, "%s%.*s", comma, STR_FMT(address));
	buf_printf(&h->ports, "%s%.*s", comma, STR_FMT(port));
	if (!address.n)
		h->reach->local = true;
	else if (str_int(port, &number) && h->reach->port_count < REACH_MAX)
		h->reach->ports[h->reach->port_count++] = (int)number;
}

/* False: nobody knows the name. */
static bool
look_up_host(struct hosts *h, struct str name, struct str port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char text[INET6_ADDRSTRLEN + 32];
	int n = 0;

	if (!name.n || name.p[0] == '/' || name.p[0] == '@') {
		put_host(h, name, STR(""), port);
		return true;
	}
	if (getaddrinfo(arena_c(h->a, name), NULL, &hints, &found) != 0)
		return false;
	for (const struct addrinfo *at = found; at && h->n < REACH_MAX; at = at->ai_next)
		if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) == 0) {
			put_host(h, name, str_c(text), port);
			n++;
		}
	freeaddrinfo(found);
	return n > 0;
}

/* Several hosts have one port each, or all the same. */
static bool
look_up_hosts(struct hosts *h, const char *names, const char *ports, struct err *err)
{
	struct str rest = str_c(names ? names : ""), more = str_c(ports ? ports : "5432"), name, port = STR("5432");
	bool found = false;

	while (h->n < REACH_MAX && str_split(&rest, ',', &name)) {
		str_split(&more, ',', &port);
		found = look_up_host(h, name, port.n ? port : STR("5432")) || found;
	}
	return found || err_setf(err, FAULT_DATABASE, "nobody knows the host %s", names);
}

/* Read at each connection: the password, certificates. */
static void
put_file(struct store_reach *reach, const char *path)
{
	if (path && path[0] == '/' && reach->file_count < REACH_MAX)
		reach->files[reach->file_count++] = path;
}

static const char *
default_of(const char *key, struct arena *a)
{
	PQconninfoOption *options = PQconndefaults();
	const char *value = options ? value_of(options, key) : NULL;

	value = value ? arena_c(a, str_c(value)) : NULL;
	PQconninfoFree(options);
	return value;
}

/* Everything but where the server is, as it stands. */
static void
put_others(struct buf *b, const PQconninfoOption *options)
{
	static const char *const ours[] = { "host", "hostaddr", "port", "passfile", "user" };

	for (; options->keyword; options++) {
		bool skip = !options->val || !options->val[0];

		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			skip = skip || strcmp(options->keyword, ours[i]) == 0;
		if (!skip)
			put_quoted(b, options->keyword, str_c(options->val));
	}
}

/* The password's file: the one that the URL or PGPASSFILE names, or that in the data directory. */
static const char *
password_file(const PQconninfoOption *options, const char *dir, struct arena *a)
{
	const char *named = value_of(options, "passfile"), *own = arena_printf(a, "%s/pgpass", dir).p;

	if (named || (named = getenv("PGPASSFILE")))
		return arena_c(a, str_c(named));
	return access(own, R_OK) == 0 ? own : default_of("passfile", a);
}

bool
store_reach(const char *url, const char *dir, struct arena *a, struct store_reach *ret_reach, struct err *err)
{
	static const char *const files[] = { "sslcert", "sslkey", "sslrootcert", "sslcrl" };
	struct store_reach reach = { .url = NULL };
	struct hosts hosts = { .a = a, .names.arena = a, .addresses.arena = a, .ports.arena = a, .reach = &reach };
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	struct buf b = { .arena = a };
	const char *user, *pass, *host;

	if (!options)
		return err_setf(err, FAULT_CONFIG, "db: not a PostgreSQL URL: postgresql://user@host/database");
	host = value_of(options, "host");
	host = host ? host : getenv("PGHOST") ? getenv("PGHOST") : "";
	if (!look_up_hosts(&hosts, arena_c(a, str_c(host)), value_of(options, "port"), err)) {
		PQconninfoFree(options);
		return false;
	}
	put_others(&b, options);
	put_quoted(&b, "host", buf_str(&hosts.names));
	put_quoted(&b, "hostaddr", buf_str(&hosts.addresses));
	put_quoted(&b, "port", buf_str(&hosts.ports));
	user = value_of(options, "user");
	put_quoted(&b, "user", str_c(user ? user : default_of("user", a)));
	pass = password_file(options, dir, a);
	if (pass) {
		put_quoted(&b, "passfile", str_c(pass));
		put_file(&reach, pass);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		put_file(&reach, arena_c(a, str_c(value_of(options, files[i]))));
	PQconninfoFree(options);
	reach.url = arena_c(a, buf_str(&b));
	*ret_reach = reach;
	return true;
}

struct str
store_url_shown(struct arena *a, const char *url)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	struct buf b = { .arena = a };

	for (const PQconninfoOption *at = options; at && at->keyword; at++)
		if (at->val && at->val[0] && strcmp(at->keyword, "password") != 0)
			put_quoted(&b, at->keyword, str_c(at->val));
	PQconninfoFree(options);
	return buf_str(&b);
}
