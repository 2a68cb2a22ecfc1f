/*
 * A store with a schema of its own for the tests of the store room: notes, with unique names and references,
 * and one append-only table. The audit trail is the real one.
 */
#ifndef UNIT_STORE_FIXTURE_H
#define UNIT_STORE_FIXTURE_H

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rand.h"
#include "engine.h"
#include "store/log.h"
#include "store/sqlite.h"

#define NOTE_SQL \
	"CREATE TABLE note (" \
	" id INTEGER PRIMARY KEY," \
	" name TEXT NOT NULL UNIQUE," \
	" n INTEGER NOT NULL," \
	" parent INTEGER REFERENCES note (id)," \
	" later INTEGER REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED," \
	" body BLOB" \
	") STRICT;" \
	"CREATE TABLE report_version (id INTEGER PRIMARY KEY, text TEXT) STRICT;" \
	"CREATE TRIGGER report_version_no_update BEFORE UPDATE ON report_version" \
	" BEGIN SELECT raise(ABORT, 'never'); END;" \
	"CREATE TRIGGER report_version_no_delete BEFORE DELETE ON report_version" \
	" BEGIN SELECT raise(ABORT, 'never'); END;" \
	"INSERT INTO note (id, name, n) VALUES (1, 'first', 0);"

#define INTO_AUDIT \
	" INTO audit (seq, at, node, action, entity, object, org, account, person, session, key, address," \
	" name, result) VALUES "
#define A_RECORD ", 0, '', 'x', '', 0, 0, 0, 0, 0, 0, '', '', 0)"

#define NOTES(S) \
	S(NOTE_ADD, "INSERT INTO note (id, name, n) VALUES ($1, $2, $3)") \
	S(NOTE_ADD_BODY, "INSERT INTO note (id, name, n, body) VALUES ($1, $2, 0, $3)") \
	S(NOTE_ADD_CHILD, "INSERT INTO note (id, name, n, parent) VALUES ($1, $2, 0, $3)") \
	S(NOTE_ADD_LATER, "INSERT INTO note (id, name, n, later) VALUES ($1, $2, 0, $3)") \
	S(NOTE_SET, "UPDATE note SET n = $2 WHERE id = $1") \
	S(NOTE_STEP, "UPDATE note SET n = n + 1 WHERE id = $1") \
	S(NOTE_GET, "SELECT id, name, n, parent, body FROM note WHERE id = $1") \
	S(NOTE_LIST, "SELECT id, name FROM note ORDER BY id") \
	S(NOTE_COUNT, "SELECT count(*), coalesce(sum(n), 0) FROM note") \
	S(NOTE_NAMED, "SELECT id FROM note WHERE name = $1") \
	S(NOTE_BETWEEN, "SELECT name FROM note WHERE id < $2 AND id > $1 AND $2 > $1 ORDER BY id") \
	S(VERSION_ADD, "INSERT INTO report_version (id, text) VALUES ($1, $2)") \
	S(AUDIT_COUNT, "SELECT count(*), coalesce(min(seq), 0), coalesce(max(seq), 0) FROM audit") \
	S(FORBIDDEN_AUDIT_UPDATE, "UPDATE audit SET action = 'x'") \
	S(FORBIDDEN_AUDIT_DELETE, "DELETE FROM audit") \
	S(FORBIDDEN_AUDIT_UPSERT, \
	  "INSERT" INTO_AUDIT "(1" A_RECORD " ON CONFLICT DO UPDATE SET action = 'x'") \
	S(FORBIDDEN_VERSION_UPDATE, "UPDATE report_version SET text = 'x'") \
	S(FORBIDDEN_VERSION_DELETE, "DELETE FROM report_version") \
	S(FORBIDDEN_ATTACH, "ATTACH 'other.db' AS other") \
	S(FORBIDDEN_PRAGMA, "PRAGMA foreign_keys = OFF") \
	S(FORBIDDEN_COMMIT, "COMMIT") \
	S(FORBIDDEN_SAVEPOINT, "RELEASE job") \
	S(FORBIDDEN_CREATE, "CREATE TABLE t (x)") \
	S(FORBIDDEN_TEMPORARY, "CREATE TEMP TABLE t (x)") \
	S(FORBIDDEN_DROP, "DROP TRIGGER audit_no_update") \
	S(FORBIDDEN_ALTER, "ALTER TABLE note ADD COLUMN x") \
	S(FORBIDDEN_LOAD, "SELECT load_extension('x')") \
	S(FORBIDDEN_SCHEMA, "DELETE FROM schema") \
	S(FORBIDDEN_PROBE, "UPDATE probe SET n = 0") \
	S(FORBIDDEN_MASTER, "DELETE FROM sqlite_schema") \
	S(FORBIDDEN_MASTER_UPDATE, "UPDATE sqlite_schema SET sql = ''") \
	S(FORBIDDEN_MASTER_INSERT, "INSERT INTO sqlite_schema (type) VALUES ('x')") \
	S(FORBIDDEN_LAST, "VACUUM INTO 'x.db'") \
	S(AUDIT_REPLACE, "REPLACE" INTO_AUDIT "(1" A_RECORD) \
	S(AUDIT_GAP, "INSERT" INTO_AUDIT "(1000000" A_RECORD)

#define NOTE_CONSTANT(constant, sql) constant,
enum { NOTE__BEFORE = S__MAX - 1, NOTES(NOTE_CONSTANT) NOTE__MAX };
#undef NOTE_CONSTANT

static const struct stmt_text note_statements[] = {
#define NOTE_TEXT(constant, sql) { #constant, sql, NULL },
	NOTES(NOTE_TEXT)
#undef NOTE_TEXT
};

static struct asset note_migrations[4];
static struct store_setup note_setup = { .busy_ms = 50 };

/* The URL lives as long as the test. */
static inline const char *
note_url(const char *dir)
{
	static struct arena *a;

	if (!a)
		a = arena_new();
	return url_of(a, dir);
}

static inline struct store_options
note_options(const char *dir)
{
	const struct asset *audit = asset_in(store_migrations, STR("0002_audit"));
	const struct asset *log = asset_in(store_migrations, STR("0006_log"));

	note_migrations[0] = (struct asset){ "0001_note", (const unsigned char *)NOTE_SQL,
	    sizeof(NOTE_SQL) - 1, "" };
	assert(audit && log);
	note_migrations[1] = *audit;
	note_migrations[2] = *log;
	note_setup.migrations = note_migrations;
	return (struct store_options){ .dir = dir, .url = note_url(dir), .create = true,
	    .extra = note_statements, .extra_count = NOTE__MAX - S__MAX };
}

/* NULL when it cannot be opened; err says why. */
static inline struct store *
note_store(const char *dir, struct err *err)
{
	struct store_options o = note_options(dir);
	struct store *st;

	return store_open_with(&o, &note_setup, &st, err) ? st : NULL;
}

/* ---- jobs ---- */

struct note_job {
	int64_t id, n;
	struct str name;
	bool refuse;                     /* fails after its rows are written */
	bool silent;                     /* leaves no audit record */
};

static inline bool
note_audit(struct tx *tx, int64_t id, struct err *err)
{
	return audit_append(tx, &(struct audit){ .action = "note.add", .entity = "note", .object = id }, err);
}

static inline bool
note_add(struct tx *tx, void *arg, struct err *err)
{
	struct note_job *j = arg;

	if (!db_run(tx, NOTE_ADD, err, I(j->id), T(j->name), I(j->n)))
		return false;
	if (!j->silent && !note_audit(tx, j->id, err))
		return false;
	return !j->refuse || err_set(err, FAULT_STATE);
}

/* ---- looking ---- */

/* The first column of the first row of a statement without parameters, -1 when it cannot be read. */
static inline int64_t
note_number(struct store *st, struct arena *a, int stmt, int column)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	int64_t n = -1;
	struct rows q;

	if (!tx)
		return -1;
	q = db_query(tx, stmt);
	if (db_next(&q))
		n = db_int(&q, column);
	if (!db_end(&q, &err))
		n = -1;
	store_done(tx);
	return n;
}

static inline bool
note_there(struct store *st, struct arena *a, struct str name)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	struct rows q;
	bool there;

	if (!tx)
		return false;
	q = db_query(tx, NOTE_NAMED, T(name));
	there = db_next(&q);
	there = db_end(&q, &err) && there;
	store_done(tx);
	return there;
}

/* Whether everything of the log fits: records, leaves, tiles, edge. */
static inline bool
log_whole(struct store *st, struct arena *a, int64_t records)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	struct log_findings found;
	struct log_head head;
	bool whole = tx && log_check(tx, NULL, NULL, &found, &err) && log_head(tx, &head, &err);

	store_done(tx);
	for (int i = 0; whole && i < found.misfits && i < LOG_MISFITS; i++)
		printf("# %.*s\n", STR_FMT(log_misfit_words(a, &found.first[i])));
	return whole && found.misfits == 0 && found.records == records && head.size == records &&
	    merkle_same(&head.root, &found.root);
}

/* Whether the trail is 1, 2, 3 ... up to the given number. */
static inline bool
trail_whole(struct store *st, struct arena *a, int64_t records)
{
	return log_whole(st, a, records) &&
	    note_number(st, a, AUDIT_COUNT, 0) == records && note_number(st, a, AUDIT_COUNT,
	    2) == records &&
	    note_number(st, a, AUDIT_COUNT, 1) == (records > 0 ? 1 : 0);
}

/* ---- directories ---- */

static inline const char *
new_directory(struct arena *a)
{
	const char *base = getenv("TMPDIR");
	char *path = arena_c(a, arena_printf(a, "%s/tocsin-store-XXXXXX", base ? base : "/tmp"));

	if (!mkdtemp(path))
		abort();
	return path;
}

static inline void
empty_directory(const char *path)
{
	struct arena *a = arena_new();
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	forget_store(a, path);
	arena_free(a);
}

static inline void
remove_directory(const char *path)
{
	empty_directory(path);
	rmdir(path);
}

#endif
