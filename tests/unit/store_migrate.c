#include "tap.h"

#include <fcntl.h>
#include <semaphore.h>

#include "base/log.h"
#include "store/append_only.h"
#include "store_fixture.h"

static struct arena *a;
static const char *dir;

/* ---- programs of several ages ---- */

#define STEP(name, sql) { name, (const unsigned char *)(sql), sizeof(sql) - 1, "" }
#define FIRST STEP("0001_note", NOTE_SQL)

static const struct asset old_program[] = { FIRST, { .name = NULL } };
static const struct asset new_program[] = { FIRST,
	STEP("0002_more",
	    "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT; INSERT INTO more SELECT id FROM note;"),
	STEP("0003_anew",       /* a table made anew under others that refer to it */
	    "CREATE TABLE note_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, n INTEGER NOT NULL,"
	    " parent INTEGER REFERENCES note (id), later INTEGER, body BLOB, extra TEXT) STRICT;"
	    "INSERT INTO note_new (id, name, n, parent) SELECT id, name, n, parent FROM note;"
	    "DROP TABLE note; ALTER TABLE note_new RENAME TO note;"),
	{ .name = NULL } };
static const struct asset broken_program[] = { FIRST,
	STEP("0002_good", "CREATE TABLE good (id INTEGER PRIMARY KEY) STRICT;"),
	STEP("0003_broken",
	    "CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);"),
	{ .name = NULL } };
static const struct asset other_program[] = { STEP("0001_note", NOTE_SQL " "), { .name = NULL } };
static const struct asset renamed_program[] = { STEP("0001_notes", NOTE_SQL), { .name = NULL } };

#define BAD(sql) { FIRST, STEP("0002_bad", sql), { .name = NULL } }
static const struct asset bad_programs[][3] = {
	BAD("INSERT INTO note (id, name, n, parent) VALUES (9, 'x', 0, 999);"),
	BAD("COMMIT;"),
	BAD("SAVEPOINT s;"),
	BAD("PRAGMA user_version = 3;"),
	BAD("ATTACH 'x' AS x;"),
	BAD("SELECT load_extension('x');"),
	BAD("DELETE FROM report_version;"),
	BAD("UPDATE report_version SET text = 'x';"),
	BAD("DROP TABLE report_version;"),
};

static struct store *
open_as(const struct asset *program, bool create, bool may_migrate, struct err *err)
{
	struct store_setup setup = { .migrations = program };
	struct store_options o = { .dir = dir, .create = create, .migrate = may_migrate,
	    .extra = note_statements,
	    .extra_count = NOTE__MAX - S__MAX };
	struct store *st;

	*err = (struct err){ .arena = a };
	return store_open_with(&o, &setup, &st, err) ? st : NULL;
}

/* Opens and closes; the fault. */
static enum fault
try_as(const struct asset *program, bool create, bool may_migrate, struct str *ret_detail)
{
	struct err err;
	struct store *st = open_as(program, create, may_migrate, &err);

	store_close(st);
	*ret_detail = err.detail;
	return err.fault;
}

static const char *
in_dir(const char *name)
{
	return arena_printf(a, "%s/%s", dir, name).p;
}

/* What one SQL statement says of the database file; -1 when it cannot. */
static int64_t
ask(const char *path, const char *sql)
{
	sqlite3_stmt *s = NULL;
	sqlite3 *db;
	int64_t n = -1;

	sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

static void
alter(const char *sql)
{
	sqlite3 *db;

	sqlite3_open_v2(in_dir(DATABASE_NAME), &db, SQLITE_OPEN_READWRITE, NULL);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		abort();
	sqlite3_close(db);
}

static struct str
content(const char *path)
{
	int fd = open(path, O_RDONLY);
	char *p = arena_raw(a, 1 << 20);
	ssize_t n = read(fd, p, 1 << 20);

	close(fd);
	return (struct str){ p, n > 0 ? (size_t)n : 0 };
}

/* ---- */

static void
test_missing(void)
{
	struct str detail;

	is_int(try_as(old_program, false, true, &detail), FAULT_FILE, "no database");
	ok(access(in_dir(DATABASE_NAME), F_OK) != 0, "none is made unless asked");
	is_int(try_as(old_program, true, false, &detail), FAULT_NONE, "one is made when asked");
	is_int(try_as(old_program, false, false, &detail), FAULT_NONE, "and opens");
	is_int(try_as(old_program, true, false, &detail), FAULT_NONE, "to make one that is there opens it");
	is_int(ask(in_dir(DATABASE_NAME), "PRAGMA application_id"), 0x544f4353, "the file says whose it is");
	is_int(ask(in_dir(DATABASE_NAME),
	    "SELECT count(*) FROM schema WHERE version = 1 AND name = '0001_note'"
	    " AND length(sha256) = 64 AND at > 0"), 1, "its version is on record");
}

static void
test_up(void)
{
	struct err err;
	struct store *st;
	struct str detail;
	const char *copy;
	struct str before;

	is_int(try_as(new_program, false, false, &detail), FAULT_SCHEMA, "an older one is refused");
	ok(str_has(detail, STR("schema 1 is older than this program's 3")), "with both versions");
	clock_set(1795227000 * SECOND);
	is_int(try_as(broken_program, false, true, &detail), FAULT_SCHEMA, "a migration that fails");
	copy = in_dir(DATABASE_NAME ".v0001-20261121T021000Z");
	ok(str_has(detail, STR("0003_broken")) && str_has(detail, str_c(copy)),
	    "is named, and so is the way back");
	ok(access(copy, F_OK) == 0, "a copy made before is there");
	is_int(ask(in_dir(DATABASE_NAME),
	    "SELECT count(*) FROM sqlite_schema WHERE name IN ('good', 'half')"), 0,
	    "none of the step before it stays either");
	is_int(try_as(old_program, false, false, &detail), FAULT_NONE, "the old program goes on");
	for (size_t i = 0; i < sizeof(bad_programs) / sizeof(bad_programs[0]); i++) {
		is_int(try_as(bad_programs[i], false, true, &detail), FAULT_SCHEMA,
		    (const char *)bad_programs[i][1].bytes);
		is_int(try_as(old_program, false, false, &detail), FAULT_NONE, "refused, and undone");
	}
	clock_set(1795227001 * SECOND);
	st = open_as(new_program, false, true, &err);
	if (!ok(st != NULL, "brought up to date"))
		printf("# %.*s\n", STR_FMT(err.detail));
	is_int(store_schema_version(st), 3, "its version");
	is_int(note_number(st, a, NOTE_COUNT, 0), 1, "its rows");
	store_close(st);
	clock_set(NO_TIME);
	is_int(ask(in_dir(DATABASE_NAME), "SELECT count(*) FROM more"), 1, "rows that the migration made");
	is_int(ask(in_dir(DATABASE_NAME), "SELECT count(*) FROM schema"), 3, "every step is on record");
	is_int(try_as(new_program, false, false, &detail), FAULT_NONE, "opens without migrating again");
	is_int(try_as(old_program, false, true, &detail), FAULT_SCHEMA, "a newer one is refused");
	ok(str_has(detail, STR("newer")), "as newer");

	copy = in_dir(DATABASE_NAME ".v0001-20261121T021001Z");
	ok(ask(copy, "SELECT count(*) FROM note") == 1 && ask(copy, "SELECT max(version) FROM schema") == 1,
	    "the copy is the database before");
	before = content(copy);
	ok(before.n > 100 && before.p[18] == 1, "in one file, without a log");
	if (rename(copy, in_dir(DATABASE_NAME)) != 0)
		abort();
	is_int(try_as(old_program, false, false, &detail), FAULT_NONE, "put in its place it is the way back");
}

static void
test_altered(void)
{
	struct str detail;

	is_int(try_as(other_program, false, true, &detail), FAULT_SCHEMA,
	    "a migration that was edited afterwards");
	is_int(try_as(renamed_program, false, true, &detail), FAULT_SCHEMA, "or renamed");
	alter("CREATE INDEX note_n ON note (n)");
	is_int(try_as(old_program, false, true, &detail), FAULT_SCHEMA, "an index that somebody added");
	alter("DROP INDEX note_n");
	is_int(try_as(old_program, false, true, &detail), FAULT_NONE, "(taken away again)");
	alter("DROP TRIGGER report_version_no_delete");
	is_int(try_as(old_program, false, true, &detail), FAULT_SCHEMA, "a trigger that somebody dropped");
	ok(str_has(detail, STR("altered")), "the detail says so");
	alter("DELETE FROM schema");
	is_int(try_as(old_program, false, true, &detail), FAULT_SCHEMA, "no version on record");
}

static void
test_foreign(void)
{
	struct str detail, before;
	const char *path = in_dir(DATABASE_NAME);
	int fd;

	empty_directory(dir);
	fd = open(path, O_CREAT | O_RDWR, 0600);
	close(fd);
	is_int(try_as(old_program, false, true, &detail), FAULT_SCHEMA, "an empty file is not ours");
	ask(path, "PRAGMA user_version");
	alter("CREATE TABLE schema (version); INSERT INTO schema VALUES (1)");
	before = content(path);
	is_int(try_as(old_program, true, true, &detail), FAULT_SCHEMA,
	    "another program's database is refused");
	ok(str_eq(content(path), before), "and not touched");
	fd = open(path, O_TRUNC | O_RDWR);
	for (int i = 0; i < 1000; i++)
		if (write(fd, "not a database ", 15) != 15)
			abort();
	close(fd);
	is_int(try_as(old_program, true, true, &detail), FAULT_FILE, "what is no database is refused");
	empty_directory(dir);
}

/* ---- the program's own ---- */

static void
check_triggers(const char *path, const char *table)
{
	is_int(ask(path, arena_printf(a,
	    "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = '%s'"
	    " AND name IN ('%s_no_update', '%s_no_delete')", table, table, table).p), 2, table);
}

/* What the program notes for itself needs no record; beside it anything else still does. */
static bool
count_work(struct tx *tx, void *arg, struct err *err)
{
	const bool *more = arg;

	if (*more && !db_run(tx, S_IDEMPOTENCY_KEEP, err, I(1), T(STR("k")), B(((struct str){ (char[32]){ 0 },
	    32 })),
	    I(200), T(STR("")), I(0)))
		return false;
	return db_run(tx, S_ATTEMPT_COUNT, err, T(STR("subject")), I(1), I(2), I(3));
}

/* The full text index, inside savepoints: a word is there if and only if its job was saved. */
static bool
word_work(struct tx *tx, void *arg, struct err *err)
{
	int64_t row = *(int64_t *)arg;

	return audit_append(tx, &(struct audit){ .action = "word.add", .entity = "" }, err) &&
	    db_run(tx, S_TEXT_ADD, err, I(row), T(arena_printf(a, "common word%d", (int)row))) &&
	    row % 2 == 0;
}

static bool
nothing_work(struct tx *tx, void *arg, struct err *err)
{
	(void)tx;
	(void)arg;
	(void)err;
	return true;
}

static sem_t gate;

/* Writes words, and ends when the next job waits. */
static bool
words_and_wait(struct tx *tx, void *arg, struct err *err)
{
	while (sem_wait(&gate) != 0)
		;
	return word_work(tx, arg, err);
}

struct in_group {
	struct store_job job;            /* first */
	struct err err;
	bool saved;
};

static sem_t in_group_done;

static void
in_group_answered(struct store_job *job, bool saved)
{
	((struct in_group *)(void *)job)->saved = saved;
	sem_post(&in_group_done);
}

/* What the index of a job's words writes when the next one begins is not the next one's. */
static void
test_words_in_group(struct store *st)
{
	static store_work *const works[2] = { words_and_wait, nothing_work };
	struct in_group jobs[2];
	int64_t row = 100;

	sem_init(&gate, 0, 0);
	sem_init(&in_group_done, 0, 0);
	for (int i = 0; i < 2; i++) {
		jobs[i] = (struct in_group){ .err = { .arena = a } };
		jobs[i].job = (struct store_job){ .work = works[i], .arg = &row,
		    .arena = arena_new(), .err = &jobs[i].err, .done = in_group_answered };
		store_submit(st, &jobs[i].job);
	}
	sem_post(&gate);
	for (int i = 0; i < 2; i++)
		while (sem_wait(&in_group_done) != 0)
			;
	ok(jobs[0].saved && jobs[1].saved, "words are counted as their own job's changes");
	for (int i = 0; i < 2; i++)
		arena_free(jobs[i].job.arena);
	sem_destroy(&gate);
	sem_destroy(&in_group_done);
}

static void
test_own_writes(struct store *st)
{
	struct err err = { .arena = a };
	bool more = true;

	ok(!store_write(st, a, count_work, &more, &err) && err.fault == FAULT_INTERNAL,
	    "a change among notes needs a record");
	more = false;
	err = (struct err){ .arena = a };
	ok(store_write(st, a, count_work, &more, &err), "notes alone do not");
	for (int64_t row = 1; row <= 10; row++)
		store_write(st, a, word_work, &row, &err);
	test_words_in_group(st);
	err = (struct err){ .arena = a };
	if (!ok(store_check_statements(st, &err), "every statement fits the schema and its row"))
		printf("# %.*s\n", STR_FMT(err.detail));
}

static void
test_own(void)
{
	static const struct stmt_text count_words = { "count_words",
	    "SELECT count(*) FROM report_text WHERE report_text MATCH 'common'", NULL };
	struct store_options o = { .dir = dir, .create = true, .extra = &count_words, .extra_count = 1 };
	struct err err = { .arena = a };
	const char *path = in_dir(DATABASE_NAME);
	struct store *st;

	if (!ok(store_open_with(&o, &(struct store_setup){ .group_time = HOUR }, &st, &err),
	    "the program's own migrations")) {
		printf("# %.*s\n", STR_FMT(err.detail));
		return;
	}
	is_int(store_schema_version(st), store_schema_newest(), "make the newest version");
	test_own_writes(st);
	store_close(st);
	st = NULL;
	ok(store_open(&o, &st, &err) && store_check_statements(st, &err),
	    "so it does when it is opened again");
	is_int(note_number(st, a, S__MAX, 0), 6,
	    "the full text index has the words of what was saved, for a reader");
	store_close(st);
	is_int(ask(path, "SELECT rowid FROM report_text WHERE report_text MATCH 'word4'"), 4,
	    "and each of its own");
	is_int(ask(path,
	    "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
	    " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"), 0, "every table is STRICT");
	is_int(ask(path, "SELECT count(*) FROM pragma_foreign_key_check"), 0, "every reference holds");
#define TRIGGERS_OF(table) check_triggers(path, table);
	APPEND_ONLY(TRIGGERS_OF)
#undef TRIGGERS_OF
}

int
main(void)
{
	log_threshold((enum log_level)0);
	a = arena_new();
	dir = new_directory(a);
	test_missing();
	test_up();
	test_altered();
	test_foreign();
	test_own();
	remove_directory(dir);
	arena_free(a);
	return done_testing();
}
