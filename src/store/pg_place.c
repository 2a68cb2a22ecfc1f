/* Where the server is, and how it is reached. */
#include <string.h>
#include <time.h>

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
	{ "target_session_attrs", "read-write" },
	{ "gssencmode", "disable" },
};

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
	const char *host, *database;
	int n = 0;

	if (!options) {
		/* words may repeat what stands in the URL */
		PQfreemem(words);
		return err_setf(err, FAULT_CONFIG, "db: not a PostgreSQL URL: postgresql://user@host/database");
	}
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		put_word(st, &n, defaults[i][0], defaults[i][1]);
	for (const PQconninfoOption *i = options; i->keyword; i++)
		if (i->val && i->val[0])
			put_word(st, &n, i->keyword, i->val);
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
	PGconn *db = PQconnectdbParams(own->keys, own->values, 0);

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

/* Whether the server may answer later: it is not there, or just starting. A refusal stays one. */
static bool
worth_waiting(const struct pg *own)
{
	PGPing ping = PQpingParams(own->keys, own->values, 0);

	return ping == PQPING_REJECT || ping == PQPING_NO_RESPONSE;
}

static PGconn *
connect_waiting(struct store *st, int64_t until, struct err *err)
{
	int64_t wait = RETRY_FIRST;
	bool said = false;

	for (;;) {
		struct err why = { .arena = err->arena };
		PGconn *db = connect_once(st, &why);

		if (db)
			return db;
		if (clock_monotonic() + wait > until || !worth_waiting(pg_own(st))) {
			err_setf(err, why.fault, "%.*s", STR_FMT(why.detail));
			return NULL;
		}
		if (!said)
			log_line(LOG_WARN, "waiting for the database: %.*s", STR_FMT(why.detail));
		said = true;
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
	atomic_store(&own->retry_wait, wait);
	atomic_store(&own->retry_at, db ? 0 : clock_monotonic() + wait);
	return db;
}
