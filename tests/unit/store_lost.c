/*
 * A PostgreSQL server that goes away: between two transactions, in one, in a commit. A relay stands between the
 * store and the server and cuts the connection at the byte where it hurts, or passes nothing on from there.
 */
#include "tap.h"

#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "store/dump.h"
#include "store/pg.h"
#include "store_fixture.h"

/* As the program waits, but not as long. */
#undef PG_PATIENCE
#define PG_PATIENCE SECOND
#include "store/pg_wait.c"

#define CONNECTIONS 32

/* ---- the relay ---- */

enum cut {
	CUT_NOT,
	CUT_ANSWER,                      /* the commit's answer comes from the server and goes no further */
	CUT_REQUEST,                     /* the commit is not passed on */
	CUT_ALL,                         /* everything, and nobody is let in */
	CUT_MUCH,                        /* after so many bytes, which are passed on */
	CUT_STILL = 8,                   /* with the others: nobody is hung up on, but nothing comes through any more */
};

/* What follows a job's last step: its end, the group's rows and the log's edge, the commit. */
#define COMMIT_REQUEST 4
#define PATIENCE (3 * SECOND)            /* of the store */

static struct {
	const char *server;              /* path of its socket */
	int listener;
	_Atomic int cut, requests;
	_Atomic int64_t bytes;           /* of CUT_MUCH */
	_Atomic int let_in;              /* how many were */
	_Atomic bool cutting, stop;
	_Atomic bool deaf;               /* whoever is let in is heard no more than the others */
	struct { _Atomic int client, server; _Atomic bool still; } pairs[CONNECTIONS];
	pthread_t thread;
} relay;

static int
socket_at(const char *path, int (*use)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (use(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
hang_up(int i)
{
	close(relay.pairs[i].client);
	close(relay.pairs[i].server);
	relay.pairs[i].client = relay.pairs[i].server = -1;
	relay.pairs[i].still = false;
}

static void
let_in(void)
{
	int fd = accept(relay.listener, NULL, NULL), free_pair = 0;

	while (relay.pairs[free_pair].client >= 0)
		free_pair++;
	assert(free_pair < CONNECTIONS);
	relay.pairs[free_pair].client = fd;
	relay.pairs[free_pair].server = relay.cut == CUT_ALL ? -1 : socket_at(relay.server, connect);
	relay.pairs[free_pair].still = relay.deaf;
	if (relay.pairs[free_pair].server < 0)
		hang_up(free_pair);
	relay.let_in++;
}

/* Whether these bytes are where the connection is to be cut. */
static bool
cut_here(const char *bytes, size_t n, bool answer)
{
	switch (relay.cut & ~CUT_STILL) {
	case CUT_ANSWER:
		return answer && memmem(bytes, n, "COMMIT", 7) != NULL;
	case CUT_REQUEST:
		return !answer && --relay.requests == 0;
	case CUT_ALL:
		return true;
	}
	return false;
}

/* Was it much? Then nothing follows. */
static void
count_bytes(int i, ssize_t n)
{
	if ((relay.cut & ~CUT_STILL) != CUT_MUCH || atomic_fetch_sub(&relay.bytes, n) > n)
		return;
	relay.pairs[i].still = true;
	relay.cut = CUT_NOT;
}

static void
pass_on(int i, bool answer)
{
	static char bytes[65536];
	int from = answer ? relay.pairs[i].server : relay.pairs[i].client;
	int to = answer ? relay.pairs[i].client : relay.pairs[i].server;
	ssize_t n = read(from, bytes, sizeof(bytes));

	if (n > 0 && cut_here(bytes, (size_t)n, answer)) {
		relay.pairs[i].still = relay.cut & CUT_STILL;
		if ((relay.cut & ~CUT_STILL) != CUT_ALL)
			relay.cut = CUT_NOT;
		n = 0;
		if (relay.pairs[i].still)
			return;
	}
	if (n <= 0 || send(to, bytes, (size_t)n, MSG_NOSIGNAL) != n)
		hang_up(i);
	else
		count_bytes(i, n);
}

static void *
relay_run(void *arg)
{
	struct pollfd fds[1 + 2 * CONNECTIONS];

	(void)arg;
	while (!relay.stop) {
		fds[0] = (struct pollfd){ .fd = relay.listener, .events = POLLIN };
		for (int i = 0; i < CONNECTIONS; i++) {
			bool still = relay.pairs[i].still;

			fds[1 + 2 * i] = (struct pollfd){ .fd = still ? -1 : relay.pairs[i].client, .events = POLLIN };
			fds[2 + 2 * i] = (struct pollfd){ .fd = still ? -1 : relay.pairs[i].server, .events = POLLIN };
		}
		poll(fds, 1 + 2 * CONNECTIONS, 20);
		for (int i = 0; i < CONNECTIONS; i++) {
			if (relay.cut == CUT_ALL && relay.pairs[i].client >= 0)
				hang_up(i);
			if (fds[1 + 2 * i].revents && relay.pairs[i].client >= 0)
				pass_on(i, false);
			if (fds[2 + 2 * i].revents && relay.pairs[i].client >= 0)
				pass_on(i, true);
		}
		if (fds[0].revents)
			let_in();
	}
	return NULL;
}

/* ---- the store behind it ---- */

static struct arena *a;
static struct store *st;
static const char *dir;

static bool
open_store(void)
{
	struct store_options o = note_options(dir);
	struct store_setup setup = note_setup;
	PGconn *direct = PQconnectdb(getenv("TOCSIN_TEST_DB"));
	struct err err = { .arena = a };

	relay.server = arena_printf(a, "%s/.s.PGSQL.5432", PQhost(direct)).p;
	o.url = arena_printf(a, "host='%s' user=tocsin dbname=postgres options='-csearch_path=%.*s'"
	    " application_name=%.*s", dir, STR_FMT(schema_of(a, dir)), STR_FMT(schema_of(a, dir))).p;
	PQfinish(direct);
	for (int i = 0; i < CONNECTIONS; i++)
		relay.pairs[i].client = relay.pairs[i].server = -1;
	relay.listener = socket_at(arena_printf(a, "%s/.s.PGSQL.5432", dir).p, bind);
	if (relay.listener < 0 || listen(relay.listener, CONNECTIONS) != 0 ||
	    pthread_create(&relay.thread, NULL, relay_run, NULL) != 0)
		return false;
	setup.patience = PATIENCE;
	if (store_open_with(&o, &setup, &st, &err))
		return true;
	printf("# %.*s\n", STR_FMT(err.detail));
	return false;
}

/* A note whose job arms the relay as its last step. */
struct armed {
	struct note_job note;
	enum cut cut;
	bool cut_in_middle;
	sem_t done;
};

static bool
armed_add(struct tx *tx, void *arg, struct err *err)
{
	struct armed *j = arg;
	struct rows q;

	if (!note_add(tx, &j->note, err))
		return false;
	relay.requests = COMMIT_REQUEST;
	relay.cut = j->cut;
	if (!j->cut_in_middle)
		return true;
	q = db_query(tx, NOTE_COUNT);
	db_next(&q);
	return db_end(&q, err);
}

static bool
add(int64_t id, const char *name, enum cut cut, bool in_middle, struct err *err)
{
	struct armed j = { .note = { .id = id, .name = str_c(name) }, .cut = cut, .cut_in_middle = in_middle };

	*err = (struct err){ .arena = a };
	return store_write(st, a, armed_add, &j, err);
}

/* Writing and reading work, at the latest after a few probes. */
static bool
recovers(void)
{
	struct err err = { .arena = a };
	struct str reason;

	for (int i = 0; i < 200; i++) {
		if (store_health(st, &reason) == FAULT_NONE && note_number(st, a, NOTE_COUNT, 0) > 0)
			return true;
		store_probe(st, &err);
		poll(NULL, 0, 20);
	}
	return false;
}

/* The sessions of this store, ended by somebody else. */
static void
end_sessions(void)
{
	tell_server(a, dir, arena_printf(a, "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"
	    " WHERE application_name = '%.*s'", STR_FMT(schema_of(a, dir))).p);
	for (int i = 0; i < CONNECTIONS; i++)
		while (relay.pairs[i].client >= 0)
			poll(NULL, 0, 1);
}

static void
test_between(void)
{
	struct err err;

	ok(add(10, "before", CUT_NOT, false, &err), "a write");
	is_int(note_number(st, a, NOTE_COUNT, 0), 2, "and a reading");
	end_sessions();
	ok(add(11, "after", CUT_NOT, false, &err), "sessions that ended meanwhile are made anew: a write");
	is_int(note_number(st, a, NOTE_COUNT, 0), 3, "and a reading, without a fault");
}

static void
test_in_commit(void)
{
	struct err err;
	int64_t count = note_number(st, a, NOTE_COUNT, 0);

	ok(add(20, "kept", CUT_ANSWER, false, &err), "a commit whose answer never comes, and which was kept: saved");
	ok(note_there(st, a, STR("kept")), "it is there");
	ok(!add(21, "not kept", CUT_REQUEST, false, &err) && err.fault == FAULT_STORE,
	    "a commit that never arrives: not saved");
	ok(recovers(), "writing resumes");
	ok(!note_there(st, a, STR("not kept")), "it is not there");
	is_int(note_number(st, a, NOTE_COUNT, 0), count + 1, "nor anything else");
	ok(trail_whole(st, a, count), "the trail fits");
}

static void
count_up(struct store_job *job, bool saved)
{
	(void)saved;
	sem_post(&((struct armed *)job->arg)->done);
}

static bool
somebody_is_still(void)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (relay.pairs[i].still)
			return true;
	return false;
}

/* What became of a commit is asked for until the server answers; those behind it do not wait for that. */
static void
test_behind_commit(void)
{
	struct armed j = { .note = { .id = 22, .name = STR("asked for") }, .cut = CUT_REQUEST | CUT_STILL };
	struct arena *own = arena_new();
	struct err why = { .arena = own }, err;
	int done = 0;
	struct store_job job = { .work = armed_add, .arg = &j, .arena = own, .err = &why, .done = count_up };

	sem_init(&j.done, 0, 0);
	store_submit(st, &job);
	while (!somebody_is_still())
		poll(NULL, 0, 1);
	relay.cut = CUT_ALL;
	ok(!add(23, "behind", CUT_ALL, false, &err) && err.fault == FAULT_READ_ONLY, "who waits behind a lost commit is refused");
	sem_getvalue(&j.done, &done);
	is_int(done, 0, "while it is asked for");
	relay.cut = CUT_NOT;
	sem_wait(&j.done);
	ok(why.fault == FAULT_STORE, "which ends when the server is back: not saved");
	ok(recovers(), "writing resumes");
	ok(!note_there(st, a, STR("asked for")) && !note_there(st, a, STR("behind")), "neither is there");
	arena_free(own);
}

static void
test_in_middle(void)
{
	struct err err;

	ok(!add(30, "half", CUT_ALL, true, &err) && err.fault == FAULT_STORE, "a transaction cut in the middle");
	is_int(store_health(st, &(struct str){ 0 }), FAULT_STORE, "the store says that it is not well");
	is_int(note_number(st, a, NOTE_COUNT, 0), -1, "nothing can be read");
	ok(!add(31, "refused", CUT_ALL, false, &err) && err.fault == FAULT_READ_ONLY, "nor written");
	relay.cut = CUT_NOT;
	ok(recovers(), "when the server is back it goes on by itself");
	ok(!note_there(st, a, STR("half")) && !note_there(st, a, STR("refused")), "what was refused is not there");
	ok(add(32, "then", CUT_NOT, false, &err), "the next write is");
}

/* What a switch that drops every packet does, or a machine that is paused: no end of the connection is ever seen. */
static void
test_silence(void)
{
	struct err err;

	ok(add(50, "kept in silence", CUT_ANSWER | CUT_STILL, false, &err),
	    "a commit that is never answered, on a connection that stands, and which was kept: saved");
	ok(note_there(st, a, STR("kept in silence")), "it is there");
	ok(!add(51, "lost in silence", CUT_REQUEST | CUT_STILL, false, &err) && err.fault == FAULT_STORE,
	    "a commit that never arrives, on a connection that stands: not saved");
	ok(recovers(), "writing resumes");
	ok(!note_there(st, a, STR("lost in silence")), "it is not there");
	ok(!add(52, "half in silence", CUT_ALL | CUT_STILL, true, &err) && err.fault == FAULT_STORE,
	    "a server that says nothing any more in the middle of a transaction");
	is_int(note_number(st, a, NOTE_COUNT, 0), -1, "a reading ends as well");
	is_int(store_health(st, &(struct str){ 0 }), FAULT_STORE, "the store says that it is not well");
	for (int i = 0; i < CONNECTIONS; i++)
		relay.pairs[i].still = false;
	relay.cut = CUT_NOT;
	ok(recovers(), "when the server is heard again it goes on by itself");
	ok(!note_there(st, a, STR("half in silence")), "what was refused is not there");
	ok(add(53, "after the silence", CUT_NOT, false, &err), "the next write is");
}

/* ---- dumps ---- */

#define BIG_ROWS 2000

/* Where a schema is, behind the relay. */
static const char *
behind(const char *of)
{
	return arena_printf(a, "host='%s' user=tocsin dbname=postgres options='-csearch_path=%.*s'", dir,
	    STR_FMT(schema_of(a, of))).p;
}

static void
heard_again(void)
{
	relay.deaf = false;
	relay.cut = CUT_NOT;
	for (int i = 0; i < CONNECTIONS; i++)
		relay.pairs[i].still = false;
}

static void
go_silent(int64_t bytes, bool deaf)
{
	relay.bytes = bytes;
	relay.deaf = deaf;
	relay.cut = CUT_MUCH | CUT_STILL;
}

struct dumping {
	struct dump *d;
	struct dump_table *t;
	int64_t rows;
	struct err err;
};

static bool
dump_big(struct dumping *o)
{
	struct dump_table *tables;
	int n = 0;

	*o = (struct dumping){ .err.arena = a };
	if (!dump_open(behind(dir), a, &o->d, &o->err) || !dump_tables(o->d, a, &tables, &n, &o->err))
		return false;
	for (int i = 0; i < n; i++)
		if (str_is(tables[i].name, "note"))
			o->t = &tables[i];
	return o->t && o->t->rows > BIG_ROWS && dump_begin(o->d, o->t, &o->err);
}

static void *
read_rows(void *arg)
{
	struct dumping *o = arg;
	struct val vals[DUMP_COLUMNS_MAX];
	bool row = true;

	while (dump_next(o->d, vals, &row, &o->err) && row)
		o->rows++;
	dump_end(o->d);
	return NULL;
}

/* A backup is read, and the server stops in the middle of a table. */
static void
test_dump_silence(void)
{
	struct dumping o;

	tell_server(a, dir, arena_printf(a, "INSERT INTO note (id, name, n, body) SELECT g, 'big ' || g, 0,"
	    " convert_to(repeat('x', 2000), 'UTF8') FROM generate_series(1001, %d) g", 1000 + BIG_ROWS).p);
	ok(dump_big(&o), "a table is copied");
	go_silent(200000, true);
	read_rows(&o);
	ok(o.err.fault == FAULT_SILENT && o.rows > 0 && o.rows < BIG_ROWS,
	    "the server says nothing any more, nor to others: given up, in the middle");
	dump_close(o.d);
	o.err = (struct err){ .arena = a };
	ok(!dump_open(behind(dir), a, &o.d, &o.err) && o.err.fault == FAULT_DATABASE, "nor does another begin");
	heard_again();
}

/* It takes its time over something, and answers others meanwhile. */
static void
test_dump_slow(void)
{
	struct dumping o;
	pthread_t thread;
	int before;

	ok(dump_big(&o), "a table is copied");
	go_silent(200000, false);
	before = relay.let_in;
	if (pthread_create(&thread, NULL, read_rows, &o) != 0)
		abort();
	while (relay.let_in < before + 3)
		poll(NULL, 0, 1);
	heard_again();
	pthread_join(thread, NULL);
	ok(o.err.fault == FAULT_NONE && o.rows == o.t->rows, "however long it is silent: as long as it answers others it is waited for");
	dump_close(o.d);
}

/* A restore is written, and the server takes nothing any more. */
static void
test_load_silence(void)
{
	struct dump_column columns[] = { { STR("seq"), 'i' }, { STR("salt"), 'b' }, { STR("details"), 't' }, { STR("erased_at"), 'i' } };
	struct dump_table t = { .name = STR("audit_details"), .columns = columns, .n = 4 };
	struct str text = { memset(arena_raw(a, 60000), 'x', 60000), 60000 };
	struct val vals[] = { I(1), B(str_first(text, 16)), T(text), { .kind = VAL_NULL } };
	const char *other = new_directory(a);       /* whose schema url_of() makes */
	struct err err = { .arena = a };
	struct load *l = NULL;

	url_of(a, other);
	ok(load_open(behind(other), store_schema_newest(), a, &l, &err) && load_table(l, &t, &err), "a table is loaded");
	go_silent(1000000, true);
	while (vals[0].i < 2000 && load_row(l, vals, &err))
		vals[0].i++;
	ok(err.fault == FAULT_SILENT && vals[0].i > 1 && vals[0].i < 2000, "the server takes nothing any more: given up, in the middle");
	load_close(l);
	heard_again();
	is_int(note_number(st, a, NOTE_COUNT, 0) > 0, 1, "all others go on when it is heard again");
	remove_directory(other);
}

/* Somebody else has the number: nothing is written under it, and another one is taken. */
static void
test_fenced(void)
{
	struct err err;
	int64_t number = pg_own(st)->number;

	tell_server(a, dir, arena_printf(a, "UPDATE node SET epoch = epoch + 1, until_at = until_at + 3600000000"
	    " WHERE number = %d", (int)number).p);
	ok(!add(40, "fenced", CUT_NOT, false, &err) && err.fault == FAULT_STORE, "a node whose number was taken over");
	ok(recovers(), "takes another one");
	ok(pg_own(st)->number != number, "which is another");
	ok(!note_there(st, a, STR("fenced")), "under the old one nothing was written");
	ok(add(41, "unfenced", CUT_NOT, false, &err), "under the new one it is");
}

int
main(void)
{

	if (!on_postgresql()) {
		ok(true, "needs a server # SKIP only on PostgreSQL");
		return done_testing();
	}
	signal(SIGPIPE, SIG_IGN);
	a = arena_new();
	dir = new_directory(a);
	if (!ok(open_store(), "a store behind a relay"))
		return done_testing();
	test_between();
	test_in_commit();
	test_behind_commit();
	test_in_middle();
	test_silence();
	test_dump_silence();
	test_dump_slow();
	test_load_silence();
	test_fenced();
	store_close(st);
	relay.stop = true;
	pthread_join(relay.thread, NULL);
	remove_directory(dir);
	arena_free(a);
	return done_testing();
}
