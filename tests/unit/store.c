#include "tap.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include "base/hash.h"
#include "base/json.h"
#include "store_fixture.h"

static struct arena *a;
static struct store *st;
static const char *dir;

static struct err
no_err(void)
{
	return (struct err){ .arena = a };
}

static bool
add(int64_t id, const char *name, struct err *err)
{
	struct note_job j = { .id = id, .name = str_c(name) };

	return store_write(st, a, note_add, &j, err);
}

/* ---- statements ---- */

static bool
values_work(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	return db_run(tx, NOTE_ADD_BODY, err, I(10), T(STR("bytes")), B(STR("a\0b"))) &&
	    db_run(tx, NOTE_ADD_BODY, err, I(11), T(STR("empty")), B(STR_NONE)) &&
	    db_run(tx, NOTE_ADD_BODY, err, I(12), T(STR("資安事件")), T(STR_NONE)) &&
	    db_run(tx, NOTE_ADD_CHILD, err, I(13), T(STR("")), N(INT64_MIN)) &&
	    db_run(tx, NOTE_ADD_CHILD, err, I(14), T(STR("child")), N(13)) &&
	    note_audit(tx, 10, err);
}

static void
test_values(void)
{
	struct err err = no_err();
	struct tx *tx;
	struct rows q;

	ok(store_write(st, a, values_work, NULL, &err), "values of every kind are written");
	tx = store_read(st, a, &err);
	q = db_query(tx, NOTE_GET, I(10));
	ok(db_next(&q) && db_columns(&q) == 5, "a row");
	ok(str_eq(db_str(&q, 4), STR("a\0b")), "a blob with a NUL");
	is_int(db_int(&q, 3), INT64_MIN, "NULL as a number");
	ok(db_null(&q, 3) && !db_null(&q, 4), "NULL is told apart");
	is_str(db_str(&q, 3), NULL, "NULL as a text");
	ok(!db_next(&q) && !db_next(&q), "no row after the last, however often one asks");
	ok(db_end(&q, &err), "ended");
	q = db_query(tx, NOTE_GET, I(11));
	db_next(&q);
	is_str(db_str(&q, 4), "", "an empty blob is not absent");
	db_end(&q, &err);
	q = db_query(tx, NOTE_GET, I(12));
	db_next(&q);
	is_str(db_str(&q, 1), "資安事件", "Chinese");
	is_str(db_str(&q, 4), NULL, "an absent text");
	db_end(&q, &err);
	q = db_query(tx, NOTE_GET, I(13));
	db_next(&q);
	is_str(db_str(&q, 1), "", "an empty text is not absent");
	ok(db_null(&q, 3), "N(INT64_MIN) is NULL");
	db_end(&q, &err);
	q = db_query(tx, NOTE_GET, I(14));
	ok(db_next(&q) && db_int(&q, 3) == 13, "N() of a number is it");
	db_end(&q, &err);
	q = db_query(tx, NOTE_BETWEEN, I(10), I(12));
	ok(db_next(&q) && str_is(db_str(&q, 0), "empty") && !db_next(&q),
	    "parameters go by their numbers, not by their order");
	ok(db_end(&q, &err), "and may be used twice");
	store_done(tx);
	is_int(err.fault, FAULT_NONE, "no fault");
}

/* The same statement inside its own loop, and loops that are left early. */
static void
test_nested(void)
{
	struct err err = no_err();
	struct tx *tx = store_read(st, a, &err);
	struct rows outer = db_query(tx, NOTE_LIST), inner, left;
	int pairs = 0, rows = 0;

	while (db_next(&outer)) {
		rows++;
		inner = db_query(tx, NOTE_LIST);
		while (db_next(&inner))
			pairs++;
		db_end(&inner, &err);
	}
	ok(db_end(&outer, &err), "a loop in a loop of the same statement");
	ok(rows > 2 && pairs == rows * rows, "each has its own rows");
	left = db_query(tx, NOTE_LIST);
	ok(db_next(&left) && db_end(&left, &err), "a loop may be left early");
	left = db_query(tx, NOTE_LIST);
	ok(db_next(&left) && db_int(&left, 0) == 1, "and begins from its first row the next time");
	store_done(tx);                  /* without db_end(): the transaction ends it */
	tx = store_read(st, a, &err);
	left = db_query(tx, NOTE_LIST);
	ok(db_next(&left) && db_int(&left, 0) == 1, "even when nobody ended it");
	db_end(&left, &err);
	store_done(tx);
	store_done(NULL);
}

/* Whatever was announced, and whatever comes between, a query gives what is there when it is made. */
static bool
ahead_work(struct tx *tx, void *arg, struct err *err)
{
	struct rows q;
	int64_t *n = arg;

	db_ahead(tx, NOTE_COUNT);
	db_ahead(tx, NOTE_NAMED, T(STR("announced")));
	q = db_query(tx, NOTE_COUNT);
	n[0] = db_next(&q) ? db_int(&q, 0) : -1;
	if (!db_end(&q, err) || !db_run(tx, NOTE_ADD, err, I(15), T(STR("announced")), I(0)))
		return false;
	q = db_query(tx, NOTE_NAMED, T(STR("announced")));
	n[1] = db_next(&q) ? db_int(&q, 0) : -1;
	if (!db_end(&q, err))
		return false;
	q = db_query(tx, NOTE_COUNT);
	n[2] = db_next(&q) ? db_int(&q, 0) : -1;
	return db_end(&q, err) && note_audit(tx, 15, err);
}

static void
test_ahead(void)
{
	struct err err = no_err();
	int64_t n[3] = { 0 };
	char name[] = "資安事件";
	struct tx *tx;
	struct rows q, again;

	ok(store_write(st, a, ahead_work, n, &err), "queries that were announced, and a row between them");
	is_int(n[1], 15, "what was written after the announcement is found");
	is_int(n[2], n[0] + 1, "and counted");
	tx = store_read(st, a, &err);
	db_ahead(tx, NOTE_GET, I(10));
	db_ahead(tx, NOTE_NAMED, T(str_c(name)));
	db_ahead(tx, NOTE_GET, I(12));
	db_ahead(tx, NOTE_LIST);
	name[0] = 'x';
	q = db_query(tx, NOTE_GET, I(12));
	again = db_query(tx, NOTE_GET, I(12));
	ok(db_next(&q) && db_int(&q, 0) == 12 && db_next(&again) && db_int(&again, 0) == 12,
	    "in another order, and once more than announced");
	ok(db_end(&q, &err) && db_end(&again, &err), "both end");
	q = db_query(tx, NOTE_NAMED, T(STR("資安事件")));
	ok(db_next(&q) && db_int(&q, 0) == 12 && db_end(&q, &err), "by the text as it was when it was announced");
	q = db_query(tx, NOTE_GET, I(11));
	ok(db_next(&q) && db_int(&q, 0) == 11 && db_end(&q, &err), "one that was not announced");
	store_done(tx);
	is_int(note_number(st, a, NOTE_COUNT, 0), n[2], "what nobody asked for is in nobody's way");
}

static void
test_faults(void)
{
	struct err err = no_err();
	struct tx *tx;
	struct rows q;

	ok(!add(100, "first", &err) && err.fault == FAULT_EXISTS, "a name that is taken: FAULT_EXISTS");
	ok(str_has(err.detail, STR("NOTE_ADD")), "the detail names the statement");
	ok(!str_has(err.detail, STR("first'")), "and not the value");
	err = no_err();
	ok(!add(1, "other", &err) && err.fault == FAULT_EXISTS, "an id that is taken too");
	err = no_err();
	tx = store_read(st, a, &err);
	ok(!db_run(tx, NOTE_ADD, &err, I(100), T(STR("x")), I(0)) && err.fault == FAULT_INTERNAL,
	    "nothing is written through a reader");
	ok(!tx_can_write(tx), "which says so");
	err = no_err();
	ok(!note_audit(tx, 1, &err) && err.fault == FAULT_INTERNAL, "no audit record either");
	err = no_err();
	q = db_query(tx, NOTE_GET, I(1));
	ok(db_next(&q) && db_end(&q, &err), "reading goes on after that");
	store_done(tx);
	ok(!note_there(st, a, STR("x")), "nothing is there");
}

static int forbidden;

static bool
forbidden_work(struct tx *tx, void *arg, struct err *err)
{
	struct err refused = { .arena = tx_arena(tx) };

	(void)arg;
	for (int i = FORBIDDEN_AUDIT_UPDATE; i <= FORBIDDEN_LAST; i++) {
		refused = (struct err){ .arena = tx_arena(tx) };
		if (db_run(tx, i, &refused) || refused.fault != FAULT_INTERNAL) {
			printf("# allowed: %s\n", note_statements[i - S__MAX].sql);
			forbidden++;
		}
	}
	/* these no authorizer sees: the schema itself refuses them */
	for (int i = AUDIT_REPLACE; i <= AUDIT_GAP; i++)
		if (db_run(tx, i, &refused)) {
			printf("# allowed: %s\n", note_statements[i - S__MAX].sql);
			forbidden++;
		}
	return note_audit(tx, 1, err);
}

/* On a server each would end its transaction: one write for each, which leaves its record first. */
static bool
forbidden_one(struct tx *tx, void *arg, struct err *err)
{
	return note_audit(tx, 1, err) && db_run(tx, *(const int *)arg, err);
}

static void
test_forbidden_there(void)
{
	static const int statements[] = { FORBIDDEN_AUDIT_UPDATE, FORBIDDEN_AUDIT_DELETE,
		FORBIDDEN_AUDIT_UPSERT, FORBIDDEN_VERSION_UPDATE, FORBIDDEN_VERSION_DELETE, AUDIT_GAP };
	int64_t records = note_number(st, a, AUDIT_COUNT, 0);

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
		struct err err = no_err();
		int stmt = statements[i];

		ok(!store_write(st, a, forbidden_one, &stmt, &err) && err.fault == FAULT_INTERNAL,
		    note_statements[stmt - S__MAX].sql);
	}
	ok(trail_whole(st, a, records), "the trail is whole");
	is_int(tell_server(a, dir, "TRUNCATE audit"), -2, "nor is it emptied by others");
	is_int(tell_server(a, dir, "DELETE FROM audit"), -2, "or by the way of rows");
}

static void
test_forbidden(void)
{
	struct err err = no_err();
	int64_t records = note_number(st, a, AUDIT_COUNT, 0);
	struct tx *tx;

	ok(store_write(st, a, forbidden_work, NULL, &err), "a write that tries everything forbidden");
	is_int(forbidden, 0, "each was refused");
	ok(trail_whole(st, a, records + 1), "the trail is whole");
	tx = store_read(st, a, &err);
	for (int i = FORBIDDEN_AUDIT_UPDATE; i <= FORBIDDEN_LAST; i++) {
		struct err refused = no_err();

		if (db_run(tx, i, &refused))
			forbidden++;
	}
	store_done(tx);
	is_int(forbidden, 0, "each is refused to a reader");
}

/* With another program at the file: the triggers stand there too. */
static void
test_triggers(void)
{
	sqlite3 *db;

	sqlite3_open_v2(arena_printf(a, "%s/" DATABASE_NAME, dir).p, &db, SQLITE_OPEN_READWRITE, NULL);
	ok(sqlite3_exec(db, "UPDATE audit SET reason = 'x' WHERE seq = 1", NULL, NULL,
	    NULL) == SQLITE_CONSTRAINT,
	    "the schema refuses to change a record");
	ok(sqlite3_exec(db, "DELETE FROM audit WHERE seq = 1", NULL, NULL, NULL) == SQLITE_CONSTRAINT,
	    "and to take one away");
	sqlite3_close(db);
}

/* ---- writing ---- */

static int64_t first_now, second_now;
static int after_count;
static bool seen_by_after;

static void
count_after(void *arg)
{
	after_count += *(int *)arg;
	seen_by_after = note_there(st, a, STR("after"));
}

static bool
transaction_work(struct tx *tx, void *arg, struct err *err)
{
	static int one = 1;
	struct note_job j = { .id = 30, .name = STR("after"), .refuse = arg != NULL };
	struct rows q;
	bool own;

	tx_after_commit(tx, count_after, &one);
	first_now = tx_now(tx);
	clock_set(first_now + HOUR);
	second_now = tx_now(tx);
	if (!note_add(tx, &j, err))
		return false;
	q = db_query(tx, NOTE_NAMED, T(STR("after")));
	own = db_next(&q);
	return db_end(&q, err) && own && tx_can_write(tx) && tx_store(tx) == st;
}

static void
test_transaction(void)
{
	struct err err = no_err();

	clock_set(1000 * SECOND);
	ok(!store_write(st, a, transaction_work, "", &err) && err.fault == FAULT_STATE, "work that says no");
	is_int(after_count, 0, "nothing is called after it");
	ok(!note_there(st, a, STR("after")), "its rows are gone");
	err = no_err();
	clock_set(2000 * SECOND);
	ok(store_write(st, a, transaction_work, NULL, &err), "work that says yes, and sees its own rows");
	ok(first_now == 2000 * SECOND && second_now == first_now, "one time for the whole transaction");
	is_int(after_count, 1, "what was to come after the commit came, once");
	ok(seen_by_after, "when others could see the rows");
	clock_set(NO_TIME);
}

static bool
silent_set(struct tx *tx, void *arg, struct err *err)
{
	return db_run(tx, NOTE_SET, err, I(1), I(*(int64_t *)arg));
}

static bool
read_only_work(struct tx *tx, void *arg, struct err *err)
{
	struct rows q = db_query(tx, NOTE_COUNT);

	(void)arg;
	db_next(&q);
	return db_end(&q, err);
}

static bool
lost_reference_work(struct tx *tx, void *arg, struct err *err)
{
	return db_run(tx, NOTE_ADD_LATER, err, I(40), T(STR("dangling")), I(999999)) && note_audit(tx, 40,
	    err) && !arg;
}

static bool
bad_reference_work(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	return db_run(tx, NOTE_ADD_CHILD, err, I(41), T(STR("orphan")), I(999999)) && note_audit(tx, 41, err);
}

static void
test_refused(void)
{
	struct err err = no_err();
	struct note_job silent = { .id = 50, .name = STR("silent"), .silent = true };
	int64_t missing = 77;

	ok(!store_write(st, a, note_add, &silent, &err) && err.fault == FAULT_INTERNAL,
	    "a row without an audit record is refused");
	ok(!note_there(st, a, STR("silent")), "and is not there");
	err = no_err();
	ok(!store_write(st, a, silent_set, &missing, &err) && err.fault == FAULT_INTERNAL, "so is a change");
	is_int(note_number(st, a, NOTE_COUNT, 1), 0, "it is undone");
	err = no_err();
	ok(store_write(st, a, read_only_work, NULL, &err), "a write that changes nothing needs none");
	ok(!store_write(st, a, lost_reference_work, NULL, &err) && err.fault == FAULT_INTERNAL,
	    "a reference to nothing, even one that is checked late, ends only its own job");
	err = no_err();
	ok(!store_write(st, a, bad_reference_work, NULL, &err) && err.fault == FAULT_INTERNAL,
	    "a reference to nothing");
	err = no_err();
	ok(add(51, "fine", &err), "the next write is fine");
	is_int(store_health(st, &(struct str){ 0 }), FAULT_NONE, "the store is healthy");
}

/* ---- the audit trail ---- */

static bool
audit_work(struct tx *tx, void *arg, struct err *err)
{
	struct value *details = value_map(tx_arena(tx)), *change = map_list(tx_arena(tx), details, "title");
	struct actor who = { .account = 5, .person = 6, .org = 7, .session = 8, .key = 0,
	    .address = STR("192.0.2.1"),
	    .name = STR("王小明") };

	(void)arg;
	list_add(change, value_str(tx_arena(tx), STR("甲")));
	list_add(change, value_null(tx_arena(tx)));
	map_int(tx_arena(tx), details, "a", 1);
	tx_actor(tx, &who);
	tx_reason(tx, STR("因為"));
	return audit_append(tx, &(struct audit){ .action = "note.touch", .entity = "note", .object = 1,
	    .org = 7,
	    .result = AUDIT_REFUSED, .details = details }, err) &&
	    audit_append(tx, &(struct audit){ .action = "note.read", .entity = "" }, err) &&
	    tx_who(tx)->org == 7;
}

static void
test_audit(void)
{
	struct err err = no_err();
	int64_t records = note_number(st, a, AUDIT_COUNT, 0);
	struct audit_record r;
	struct sha256 h;
	struct tx *tx;
	struct rows q;

	clock_set(3000 * SECOND);
	ok(store_write(st, a, audit_work, NULL, &err), "two records");
	clock_set(NO_TIME);
	tx = store_read(st, a, &err);
	q = db_query(tx, S_AUDIT_OF_OBJECT, T(STR("note")), I(1), I(INT64_MAX), I(1));
	ok(db_next(&q), "the newest of an object");
	audit_load(&q, &r);
	db_end(&q, &err);
	is_int(r.seq, records + 1, "the next number");
	is_int(r.at, 3000 * SECOND, "when");
	is_str(r.action, "note.touch", "what");
	ok(r.object == 1 && r.org == 7 && str_is(r.entity, "note"), "on what");
	ok(r.actor.account == 5 && r.actor.person == 6 && r.actor.session == 8 && r.actor.key == 0, "who");
	is_str(r.actor.address, "192.0.2.1", "from where");
	is_str(r.actor.name, "王小明", "by what name");
	is_str(r.reason, "因為", "why");
	is_int(r.result, AUDIT_REFUSED, "how it ended");
	is_str(r.details, "{\"a\":1,\"title\":[\"甲\",null]}", "details in the canonical order");
	h = audit_details_hash(r.details_salt, r.details);
	ok(r.details_salt.n == 16 && str_eq(r.details_hash, (struct str){ (const char *)h.b, sizeof(h.b) }),
	    "and their salted digest");
	ok(r.salt.n == 16 && !str_eq(r.salt, r.details_salt), "the record has a salt of its own");
	ok(r.erased_at == NO_TIME, "nothing was erased");
	ok(r.node.n > 0, "on which machine");
	q = db_query(tx, S_AUDIT_LIST, I(INT64_MAX), I(2));
	ok(db_next(&q), "the newest of all");
	audit_load(&q, &r);
	is_int(r.seq, records + 2, "its number");
	ok(!r.details.p && !r.details_hash.p, "no details");
	ok(db_next(&q) && db_int(&q, 0) == records + 1 && !db_next(&q),
	    "then the one before, and no more than asked");
	db_end(&q, &err);
	q = db_query(tx, S_AUDIT_LIST, I(2), I(10));
	ok(db_next(&q) && db_int(&q, 0) == 1 && !db_next(&q), "a page goes on below a number");
	db_end(&q, &err);
	store_done(tx);
	ok(trail_whole(st, a, records + 2), "no gap, although writes were undone before");
}

/* ---- reading ---- */

static void *
write_aside(void *arg)
{
	struct arena *own = arena_new();
	struct err err = { .arena = own };
	struct note_job j = { .id = 60, .name = STR("meanwhile") };

	*(bool *)arg = store_write(st, own, note_add, &j, &err);
	arena_free(own);
	return NULL;
}

static void
test_snapshot(void)
{
	struct err err = no_err();
	struct tx *tx = store_read(st, a, &err);
	bool saved = false;
	pthread_t thread;
	struct rows q;

	if (on_postgresql()) {           /* whose snapshot is that of the first statement */
		q = db_query(tx, NOTE_COUNT);
		db_next(&q);
		db_end(&q, &err);
	}
	pthread_create(&thread, NULL, write_aside, &saved);
	pthread_join(thread, NULL);
	ok(saved, "a write beside a reader");
	q = db_query(tx, NOTE_NAMED, T(STR("meanwhile")));
	ok(!db_next(&q) && db_end(&q, &err),
	    "the reader's snapshot, taken before its first statement, does not have it");
	store_done(tx);
	ok(note_there(st, a, STR("meanwhile")), "the next one has");
}

/* ---- the lock, the file, a locked database ---- */

/* A server serves any number of nodes; each has ids of its own. */
static void
test_two_nodes(void)
{
	struct store *other = NULL;
	struct store_options o = note_options(dir);
	int64_t records = note_number(st, a, AUDIT_COUNT, 0);
	struct err err = no_err();

	if (!ok(store_open_with(&o, &note_setup, &other, &err), "a second node"))
		return;
	ok(add(70, "from the first", &err), "the one writes");
	ok(store_write(other, a, note_add, &(struct note_job){ .id = 71, .name = STR("from the second") }, &err),
	    "and the other");
	ok(add(72, "and again", &err), "and the one");
	ok(note_there(other, a, STR("and again")), "each sees what the other wrote");
	ok(trail_whole(other, a, records + 3), "in one trail");
	is_int(tell_server(a, dir, "SELECT count(*) FROM node"), 2, "each has a number");
	store_close(other);
	is_int(tell_server(a, dir, "SELECT count(*) FROM node WHERE until_at > 0"), 1, "until it ends");
}

static void
test_two_servers(void)
{
	struct err err = no_err();
	struct store *other = NULL;
	struct store_options o = note_options(dir);
	int status;
	pid_t pid;

	ok(!store_open_with(&o, &note_setup, &other, &err) && err.fault == FAULT_IN_USE && !other,
	    "the directory is in use");
	ok(str_has(err.detail, arena_printf(a, "process %d", (int)getpid())), "by this process, it says");
	pid = fork();
	if (pid == 0) {
		struct err child = no_err();

		_exit(store_open_with(&o, &note_setup, &other, &child) || child.fault != FAULT_IN_USE ||
		    !str_has(child.detail, arena_printf(a, "process %d", (int)getppid())));
	}
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "another process hears the same");
}

static int answered, busy;
static pthread_mutex_t answered_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t answered_more = PTHREAD_COND_INITIALIZER;

static void
count_busy(struct store_job *job, bool saved)
{
	pthread_mutex_lock(&answered_lock);
	answered++;
	busy += !saved && job->err->fault == FAULT_BUSY;
	pthread_mutex_unlock(&answered_lock);
	pthread_cond_signal(&answered_more);
}

static void
wait_answered(int n)
{
	pthread_mutex_lock(&answered_lock);
	while (answered < n)
		pthread_cond_wait(&answered_more, &answered_lock);
	pthread_mutex_unlock(&answered_lock);
}

struct holder {
	sqlite3 *db;
	PGconn *server;
};

static bool
hold(struct holder *h)
{
	struct str schema = schema_of(a, dir);
	PGresult *r;
	bool ok;

	*h = (struct holder){ .db = NULL };
	if (!on_postgresql()) {
		sqlite3_open_v2(arena_printf(a, "%s/" DATABASE_NAME, dir).p, &h->db, SQLITE_OPEN_READWRITE,
		    NULL);
		return sqlite3_exec(h->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
	}
	h->server = PQconnectdb(getenv("TOCSIN_TEST_DB"));
	r = PQexec(h->server, arena_printf(a, "SET search_path = %.*s; BEGIN;"
	    " SELECT pg_advisory_xact_lock(1414480723, hashtext(current_schema()))", STR_FMT(schema)).p);
	ok = PQresultStatus(r) == PGRES_TUPLES_OK;
	PQclear(r);
	return ok;
}

static void
let_go(struct holder *h)
{
	if (h->db) {
		sqlite3_exec(h->db, "COMMIT", NULL, NULL, NULL);
		sqlite3_close(h->db);
	}
	PQfinish(h->server);
}

static void
test_locked(void)
{
	struct store_job jobs[20];
	struct note_job notes[20];
	struct err errs[20], err = no_err();
	int64_t count = note_number(st, a, NOTE_COUNT, 0);
	struct holder holder;

	ok(hold(&holder), "another program holds the database");
	for (int i = 0; i < 20; i++) {
		errs[i] = no_err();
		notes[i] = (struct note_job){ .id = 200 + i, .name = arena_printf(a, "locked %d", i) };
		jobs[i] = (struct store_job){ .work = note_add, .arg = &notes[i], .arena = arena_new(),
		    .err = &errs[i],
		    .done = count_busy };
		store_submit(st, &jobs[i]);
	}
	wait_answered(20);
	is_int(busy, 20, "every write that waits is answered: FAULT_BUSY");
	is_int(store_health(st, &(struct str){ 0 }), FAULT_NONE, "which is no failure of the disk");
	is_int(note_number(st, a, NOTE_COUNT, 0), count, "reading goes on");
	let_go(&holder);
	for (int i = 0; i < 20; i++)
		arena_free(jobs[i].arena);
	ok(add(250, "unlocked", &err), "and then writing does");
}

static void
test_files(void)
{
	struct stat s;

	ok(stat(arena_printf(a, "%s/" DATABASE_NAME, dir).p, &s) == 0 && (s.st_mode & 077) == 0,
	    "the database is its owner's only");
	ok(stat(arena_printf(a, "%s/" DATABASE_NAME "-wal", dir).p, &s) == 0 && (s.st_mode & 077) == 0,
	    "so is its log");
}

static void
test_ids(void)
{
	struct err err = no_err();
	int64_t far = INT64_C(1) << 52;

	ok(add(far, "far", &err), "an id from a future that the clock went back from");
	store_close(st);
	ok(id_new() < far, "a new id is smaller");
	st = note_store(dir, &err);
	ok(id_new() > far, "but not once the store is open");
}

/* Statements of other rooms are not for this schema; those of the entity tables are checked as these. */
static void
test_check(void)
{
	static const struct { struct stmt_text text; bool good; } cases[] = {
		{ { "parameters in any order", "SELECT $2, $1, $2", NULL }, true },
		{ { "a table that is not there", "SELECT x FROM nowhere", NULL }, false },
		{ { "a parameter left out", "SELECT $1, $3", NULL }, false },
		{ { "a parameter that is no number", "SELECT $name", NULL }, false },
		{ { "SQLite's own numbering", "SELECT ?1", NULL }, false },
		{ { "a text in double quotes", "SELECT \"x\"", NULL }, false },
		{ { "what no statement may do", "DELETE FROM audit", NULL }, false },
	};
	size_t n = sizeof(cases) / sizeof(cases[0]);
	struct store_options o = note_options(dir);
	struct conn *c;
	struct err err;

	store_close(st);
	if (on_postgresql())             /* which takes it, and whose trigger refuses it */
		n--;
	for (size_t i = 0; i < n; i++) {
		err = no_err();
		o.extra = &cases[i].text;
		o.extra_count = 1;
		if (!store_open_with(&o, &note_setup, &st, &err) || !conn_open(st, RIGHT_WRITE, &c, &err))
			abort();
		ok(check_statement(c, S__MAX, &err) == cases[i].good, cases[i].text.name);
		if (!cases[i].good)
			ok(str_has(err.detail, str_c(cases[i].text.name)), "the detail names it");
		for (int s = S_AUDIT_APPEND; s <= S_LOG_TILE; s++)
			ok(check_statement(c, s, &err),
			    "a statement of the log has the letters of its row");
		conn_close(c);
		store_close(st);
	}
	err = no_err();
	st = note_store(dir, &err);
}

int
main(void)
{
	struct err err;

	a = arena_new();
	err = no_err();
	dir = new_directory(a);
	st = note_store(dir, &err);
	if (!ok(st != NULL, "a new store"))
		printf("# %.*s\n", STR_FMT(err.detail));
	test_values();
	test_nested();
	test_ahead();
	test_faults();
	test_transaction();
	test_refused();
	test_audit();
	if (on_postgresql()) {
		test_forbidden_there();
	} else {
		test_forbidden();
		test_triggers();
		test_two_servers();
	}
	test_snapshot();
	test_locked();
	if (on_postgresql())
		test_two_nodes();
	else
		test_files();
	test_ids();
	test_check();
	store_close(st);
	store_close(NULL);
	ok(on_postgresql() || access(arena_printf(a, "%s/" DATABASE_NAME "-wal", dir).p, F_OK) != 0,
	    "a closed store leaves one file");
	remove_directory(dir);
	arena_free(a);
	return done_testing();
}
