/*
 * The log in the store: leaves, tiles and edge after groups in which some jobs fail, over restarts, over a
 * migration from records that had no log; proofs from it against the tree made of the records' bytes; and that
 * whatever is changed behind its back is found and named.
 */
#include "tap.h"

#include "store_fixture.h"

static struct arena *a;
static const char *dir;
static struct store *st;
static struct merkle_edge *edges;        /* of every size, from the records' own bytes */

static struct err
no_err(void)
{
	return (struct err){ .arena = a };
}

/* ---- filling ---- */

struct many {
	int records;
	bool refuse;
};

static bool
many_work(struct tx *tx, void *arg, struct err *err)
{
	const struct many *m = arg;

	for (int i = 0; i < m->records; i++) {
		struct value *details = i % 3 == 0 ? value_map(tx_arena(tx)) : NULL;

		if (details)
			map_int(tx_arena(tx), details, "i", i);
		if (!audit_append(tx, &(struct audit){ .action = "note.many", .entity = "note", .object = i + 1,
		    .details = details }, err))
			return false;
	}
	return !m->refuse || err_set(err, FAULT_STATE);
}

static struct many shapes[200];
static struct store_job jobs[200];
static struct err job_errs[200];
static _Atomic int answered;

static void
count(struct store_job *job, bool saved)
{
	(void)job;
	(void)saved;
	answered++;
}

/* Many jobs at once, so that they share commits; every third of them fails after its records. The records that stay. */
static int64_t
fill(int n)
{
	int64_t kept = 0;

	answered = 0;
	for (int i = 0; i < n; i++) {
		shapes[i] = (struct many){ .records = (int)(1 + random() % 30), .refuse = i % 3 == 1 };
		job_errs[i] = no_err();
		jobs[i] = (struct store_job){ .work = many_work, .arg = &shapes[i], .arena = arena_new(),
		    .err = &job_errs[i], .done = count };
		store_submit(st, &jobs[i]);
		if (!shapes[i].refuse)
			kept += shapes[i].records;
	}
	store_close(st);                 /* does what waits */
	for (int i = 0; i < n; i++)
		arena_free(jobs[i].arena);
	return answered == n ? kept : -1;
}

static void
open_again(void)
{
	struct err err = no_err();

	st = note_store(dir, &err);
	if (!st)
		printf("# %.*s\n", STR_FMT(err.detail));
}

/* ---- reading ---- */

/* The edge after each record, from the bytes of the records. */
static bool
read_edges(struct tx *tx, int64_t size, struct err *err)
{
	edges = arena_alloc(a, (size_t)(size + 1) * sizeof(*edges));
	for (int64_t i = 0; i < size; i++) {
		struct audit_record record;
		struct sha256 leaf, kept;
		struct str bytes;

		if (!log_record(tx, i, &record, &bytes, err) || !log_leaf(tx, i, &kept, err))
			return false;
		leaf = merkle_leaf(bytes);
		if (!merkle_same(&leaf, &kept))
			return false;
		edges[i + 1] = edges[i];
		merkle_append(&edges[i + 1], &leaf);
	}
	return true;
}

static bool
proofs_hold(struct tx *tx, int64_t size, struct err *err)
{
	for (int64_t to = 1; to <= size; to += 1 + random() % 7) {
		struct sha256 root = merkle_root(&edges[to]), stored, leaf;
		int64_t index = random() % to, from = 1 + random() % to;
		struct sha256 old = merkle_root(&edges[from]);
		struct log_proof in, con;

		if (!log_root(tx, to, &stored, err) || !merkle_same(&stored, &root) ||
		    !log_leaf(tx, index, &leaf, err) || !log_inclusion(tx, index, to, &in, err) ||
		    !merkle_verify_inclusion(index, to, &leaf, in.hash, in.n, &root) ||
		    !log_consistency(tx, from, to, &con, err) ||
		    !merkle_verify_consistency(from, to, &old, &root, con.hash, con.n)) {
			printf("# to %" PRId64 " index %" PRId64 " from %" PRId64 "\n", to, index, from);
			return false;
		}
	}
	return true;
}

static void
test_proofs(int64_t size)
{
	struct err err = no_err();
	struct tx *tx = store_read(st, a, &err);
	struct log_head head;
	struct sha256 root;

	ok(read_edges(tx, size, &err), "each record's bytes make its leaf");
	ok(log_head(tx, &head, &err) && head.size == size, "the head says how many");
	root = merkle_root(&edges[size]);
	ok(merkle_same(&head.root, &root), "and their root");
	ok(head.origin.n > 17 && str_has(head.origin, STR("/")), "and whose log it is");
	ok(proofs_hold(tx, size, &err), "roots and proofs at many sizes");
	store_done(tx);
}

static enum fault
fault_of(bool done, struct err *err)
{
	enum fault f = done ? FAULT_NONE : err->fault;

	*err = no_err();
	return f;
}

static void
test_bounds(int64_t size)
{
	struct err err = no_err();
	struct tx *tx = store_read(st, a, &err);
	struct audit_record record;
	struct log_proof p;
	struct sha256 h;

	is_int(fault_of(log_inclusion(tx, size, size, &p, &err), &err), FAULT_LOG_LEAF, "a leaf behind the last");
	is_int(fault_of(log_inclusion(tx, -1, size, &p, &err), &err), FAULT_LOG_LEAF, "one before the first");
	is_int(fault_of(log_inclusion(tx, 0, size + 1, &p, &err), &err), FAULT_LOG_SIZE, "a tree larger than the log");
	is_int(fault_of(log_inclusion(tx, 0, 0, &p, &err), &err), FAULT_LOG_SIZE, "a tree of nothing");
	is_int(fault_of(log_inclusion(tx, 9, 9, &p, &err), &err), FAULT_LOG_ORDER, "a leaf younger than the tree");
	is_int(fault_of(log_consistency(tx, 9, 8, &p, &err), &err), FAULT_LOG_ORDER, "sizes that decrease");
	is_int(fault_of(log_consistency(tx, 0, 8, &p, &err), &err), FAULT_LOG_SIZE, "from nothing");
	is_int(fault_of(log_consistency(tx, 1, size + 1, &p, &err), &err), FAULT_LOG_SIZE, "beyond the log");
	is_int(fault_of(log_consistency(tx, INT64_MIN, INT64_MAX, &p, &err), &err), FAULT_LOG_SIZE, "no sizes");
	is_int(fault_of(log_root(tx, size + 1, &h, &err), &err), FAULT_LOG_SIZE, "a root of more than there is");
	is_int(fault_of(log_root(tx, -1, &h, &err), &err), FAULT_LOG_SIZE, "or of less than nothing");
	is_int(fault_of(log_leaf(tx, size, &h, &err), &err), FAULT_LOG_LEAF, "no such leaf");
	is_int(fault_of(log_record(tx, size, &record, NULL, &err), &err), FAULT_LOG_LEAF, "no such record");
	is_int(fault_of(log_record(tx, INT64_MAX, &record, NULL, &err), &err), FAULT_LOG_LEAF, "however far");
	ok(log_root(tx, 0, &h, &err), "nothing has a root");
	ok(log_consistency(tx, size, size, &p, &err) && p.n == 0, "a tree with itself needs no proof");
	store_done(tx);
}

/* The records of a transaction are in the log for itself, before they are on disk. */
static bool
inner_work(struct tx *tx, void *arg, struct err *err)
{
	struct log_head before, after;
	struct log_proof p;
	struct sha256 leaf;
	int64_t *size = arg;

	if (!log_head(tx, &before, err) || !many_work(tx, &(struct many){ .records = 20 }, err) ||
	    !log_head(tx, &after, err) || before.size != *size || after.size != *size + 20)
		return false;
	return log_leaf(tx, *size + 19, &leaf, err) && log_inclusion(tx, *size + 19, after.size, &p, err) &&
	    merkle_verify_inclusion(*size + 19, after.size, &leaf, p.hash, p.n, &after.root) &&
	    err_set(err, FAULT_STATE);
}

/* ---- behind its back ---- */

/* What another program with the file would do: the schema's guards taken off, the change, the guards put back. */
static void
alter(const char *table, const char *sql)
{
	const char *find = arena_printf(a, "SELECT group_concat(sql, ';'), group_concat('DROP TRIGGER ' || name, ';')"
	    " FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '%s'", table).p;
	sqlite3_stmt *s;
	sqlite3 *db;
	char *make, *drop;

	if (on_postgresql()) {
		if (tell_server(a, dir, arena_printf(a, "ALTER TABLE %s DISABLE TRIGGER ALL; %s;"
		    " ALTER TABLE %s ENABLE TRIGGER ALL", table, sql, table).p) == -2)
			abort();
		return;
	}
	sqlite3_open_v2(arena_printf(a, "%s/" DATABASE_NAME, dir).p, &db, SQLITE_OPEN_READWRITE, NULL);
	if (sqlite3_prepare_v2(db, find, -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW)
		abort();
	make = arena_c(a, str_c((const char *)sqlite3_column_text(s, 0)));
	drop = arena_c(a, str_c((const char *)sqlite3_column_text(s, 1)));
	sqlite3_finalize(s);
	if (sqlite3_exec(db, drop, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK || sqlite3_changes(db) != 1 ||
	    sqlite3_exec(db, make, NULL, NULL, NULL) != SQLITE_OK) {
		printf("# %s\n", sqlite3_errmsg(db));
		abort();
	}
	sqlite3_close(db);
}

/* The change is found, as this and no more; then it is undone. */
static void
found_as(const char *table, const char *change, const char *back, const char *words, const char *name)
{
	struct err err = no_err();
	struct log_findings f = { .misfits = 0 };
	struct tx *tx;

	alter(table, change);
	tx = store_read(st, a, &err);
	if (ok(log_check(tx, NULL, NULL, &f, &err) && f.misfits == 1, name))
		is_str(log_misfit_words(a, &f.first[0]), words, "and named");
	else
		for (int i = 0; i < f.misfits && i < 5; i++)
			printf("# %.*s\n", STR_FMT(log_misfit_words(a, &f.first[i])));
	store_done(tx);
	alter(table, back);
}

static void
test_changes(int64_t size)
{
	int64_t tail = size & 15;
	char change[200], back[200];

	found_as("audit", "UPDATE audit SET at = at + 1 WHERE seq = 17", "UPDATE audit SET at = at - 1 WHERE seq = 17",
	    "record 17 is not what its leaf says", "a time that was changed");
	found_as("audit", "UPDATE audit SET person = person + 1 WHERE seq = 5",
	    "UPDATE audit SET person = person - 1 WHERE seq = 5", "record 5 is not what its leaf says", "another person");
	found_as("audit", "UPDATE audit SET result = 1 WHERE seq = 5", "UPDATE audit SET result = 0 WHERE seq = 5",
	    "record 5 is not what its leaf says", "another result");
	found_as("audit_details", "UPDATE audit_details SET details = '{\"i\":1}' WHERE seq = 1",
	    "UPDATE audit_details SET details = '{\"i\":0}' WHERE seq = 1",
	    "the details of record 1 are not what the record says", "other details");
	snprintf(change, sizeof(change), "UPDATE audit SET name = 'x' WHERE seq = %d", (int)size);
	snprintf(back, sizeof(back), "UPDATE audit SET name = '' WHERE seq = %d", (int)size);
	ok(tail > 0, "the last record stands in the edge");
	found_as("audit", change, back, arena_printf(a, "record %d is not what its leaf says", (int)size).p,
	    "a name in the newest record");
	found_as("log_tile", "UPDATE log_tile SET position = 100000 WHERE level = 0 AND position = 3",
	    "UPDATE log_tile SET position = 3 WHERE position = 100000", "tile 0/3 is missing or is not what the tile above it says",
	    "a tile that is gone, although its records are there");
	snprintf(change, sizeof(change), "INSERT INTO log_tile (level, position, hashes) VALUES (0, %d, %s)",
	    (int)(size >> 4), on_postgresql() ? "decode(repeat('00', 512), 'hex')" : "zeroblob(512)");
	snprintf(back, sizeof(back), "DELETE FROM log_tile WHERE level = 0 AND position = %d", (int)(size >> 4));
	found_as("log_tile", change, back, arena_printf(a, "tile 0/%d is missing or is not what the tile above it says",
	    (int)(size >> 4)).p, "a tile in the place of the edge, before which nobody would look at the newest records");
}

static void
test_gone(int64_t size)
{
	struct err err = no_err();
	struct log_findings f;
	struct tx *tx;

	alter("audit_details", arena_printf(a, "DELETE FROM audit_details WHERE seq = (SELECT min(seq) FROM audit_details"
	    " WHERE seq > 100)").p);
	tx = store_read(st, a, &err);
	ok(log_check(tx, NULL, NULL, &f, &err) && f.misfits == 1 && f.first[0].part == LOG_DETAILS,
	    "details that are gone without being erased");
	store_done(tx);
	alter("log", "UPDATE log SET size = size - 1, edge = substr(edge, 1, length(edge) - 32)");
	tx = store_read(st, a, &err);
	ok(log_check(tx, NULL, NULL, &f, &err) && f.misfits > 1 && f.records == size,
	    "an edge that is shorter than the trail");
	store_done(tx);
	ok(!store_write(st, a, many_work, &(struct many){ .records = 1 }, &err), "and nothing is appended to it");
}

/* ---- records from before ---- */

static struct asset old_migrations[3];

static void
test_birth(void)
{
	struct store_options o;
	struct store_setup old = note_setup;
	struct audit_record r;
	struct log_findings f;
	struct log_head head;
	struct err err = no_err();
	const char *insert;
	sqlite3 *db;
	struct tx *tx;

	remove_directory(dir);
	dir = new_directory(a);
	o = note_options(dir);
	old_migrations[0] = note_migrations[0];
	old_migrations[1] = note_migrations[1];
	old.migrations = old_migrations;
	if (!ok(store_open_with(&o, &old, &st, &err), "a store without a log"))
		return;
	store_close(st);
	insert = arena_printf(a, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)"
	    " INSERT INTO audit SELECT i, i * 1000000, 'old', 'note.old', 'note', i, 0, 1, 2, 3, 0, '192.0.2.7', '舊',"
	    " 0, CASE i %% 5 WHEN 0 THEN 'why' END, CASE i %% 2 WHEN 0 THEN '{\"i\":' || i || '}' END,"
	    " CASE i %% 2 WHEN 0 THEN %s END FROM n", on_postgresql() ?
	    "decode(repeat('00', 32), 'hex')" : "zeroblob(32)").p;
	if (on_postgresql()) {
		ok(tell_server(a, dir, insert) == -1, "with 600 records");
	} else {
		sqlite3_open_v2(arena_printf(a, "%s/" DATABASE_NAME, dir).p, &db, SQLITE_OPEN_READWRITE, NULL);
		ok(sqlite3_exec(db, insert, NULL, NULL, NULL) == SQLITE_OK, "with 600 records");
		sqlite3_close(db);
	}
	o.migrate = true;
	for (int i = 0; i < 4; i++) {
		static const char *const names[] = { "two words", "a+b", "a\"b", "a\\b" };

		o.origin = names[i];
		err = no_err();
		ok(!store_open_with(&o, &note_setup, &st, &err), "no log has a name that notes or receipts could not bear");
	}
	o.origin = "old.example/log";
	err = no_err();
	if (!ok(store_open_with(&o, &note_setup, &st, &err), "is brought up to date")) {
		printf("# %.*s\n", STR_FMT(err.detail));
		return;
	}
	tx = store_read(st, a, &err);
	ok(log_head(tx, &head, &err) && head.size == 600 && str_is(head.origin, "old.example/log"),
	    "its log has all records and the name that was asked for");
	ok(log_record(tx, 599, &r, NULL, &err) && !r.salt.p && str_is(r.details, "{\"i\":600}") && !r.details_salt.p,
	    "a record from before has its details and no salts");
	/* the hashes above are none: every second record has details that do not fit, and nothing else is wrong */
	ok(log_check(tx, NULL, NULL, &f, &err) && f.misfits == 300 && f.first[0].part == LOG_DETAILS &&
	    f.details == 300, "its details are held against their old hashes");
	ok(merkle_same(&f.root, &head.root), "one root");
	store_done(tx);
	ok(store_write(st, a, many_work, &(struct many){ .records = 40 }, &err), "the log goes on");
	tx = store_read(st, a, &err);
	ok(log_check(tx, NULL, NULL, &f, &err) && f.misfits == 300 && f.records == 640, "and fits");
	store_done(tx);
	store_close(st);
}

int
main(void)
{
	int64_t size = 0;

	a = arena_new();
	srandom(1);
	dir = new_directory(a);
	for (int i = 0; i < 4; i++) {
		open_again();
		size += fill(i == 3 ? 3 : 60);
	}
	open_again();
	while (!ok(log_whole(st, a, size), "after groups in which jobs failed, and restarts, everything fits"))
		return done_testing();
	if (size % 16 == 0) {
		store_write(st, a, many_work, &(struct many){ .records = 3 }, &(struct err){ .arena = a });
		size += 3;
	}
	test_proofs(size);
	test_bounds(size);
	{
		struct err err = no_err();

		ok(!store_write(st, a, inner_work, &size, &err) && err.fault == FAULT_STATE,
		    "a transaction proves its own records");
		ok(log_whole(st, a, size), "which are gone when it fails");
	}
	test_changes(size);
	ok(log_whole(st, a, size), "put back, everything fits again");
	test_gone(size);
	store_close(st);
	test_birth();
	remove_directory(dir);
	arena_free(a);
	return done_testing();
}
