/*
 * Versions of the schema. Each migration is one SQL file; all that are missing are applied in one
 * transaction, so that a failed one leaves the database as it was. A database whose history is not the
 * beginning of ours, or whose tables, indexes or triggers are not those that its last migration left, is
 * refused.
 */
#include <assert.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "store/sqlite.h"

#define APPLICATION_ID 1414480723        /* "TOCS", at offset 68 of the file */
#define TEXT_OF(number) TEXT_OF_(number)
#define TEXT_OF_(number) #number

/* The store's own two tables. schema_sha256: of all tables, indexes and triggers after the migration. */
static const char own_tables[] =
    "PRAGMA application_id = " TEXT_OF(APPLICATION_ID) ";"
    "CREATE TABLE schema ("
    " version INTEGER PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " sha256 TEXT NOT NULL,"
    " schema_sha256 TEXT NOT NULL,"
    " at INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 0), n INTEGER NOT NULL) STRICT;"
    "INSERT INTO probe (id, n) VALUES (0, 0);";

static int
version_of(const struct asset *m)
{
	int64_t version = 0;
	bool numbered = str_int(str_first(str_c(m->name), 4), &version);

	assert(numbered && version > 0);         /* a migration is called NNNN_name */
	(void)numbered;
	return (int)version;
}

static int
newest_of(const struct asset *migrations)
{
	int newest = 0;

	for (; migrations->name; migrations++) {
		assert(version_of(migrations) > newest);
		newest = version_of(migrations);
	}
	return newest;
}

int
store_schema_newest(void)
{
	return newest_of(store_migrations);
}

static struct str
hex_sha256(struct arena *a, struct str s)
{
	struct sha256 h = sha256(s);

	return hex(a, (struct str){ (const char *)h.b, sizeof(h.b) });
}

/* ---- looking ---- */

/* The first column of the first row as a number. */
static bool
look_up(struct conn *c, const char *sql, int64_t *ret_value, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(c->db, sql, -1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		*ret_value = sqlite3_column_int64(s, 0);
	else
		conn_set_error(c, code, "schema", err);
	sqlite3_finalize(s);
	return code == SQLITE_ROW;
}

static struct str
column(struct arena *a, sqlite3_stmt *s, int i)
{
	return arena_dup(a, str_c((const char *)sqlite3_column_text(s, i)));
}

/* Every table, index and trigger as SQLite keeps it, as one digest. */
static bool
schema_digest(struct conn *c, struct arena *a, struct str *ret_digest, struct err *err)
{
	struct buf all = { .arena = a };
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(c->db, "SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_schema"
	    " WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name", -1, &s, NULL);

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(s);
		for (int i = 0; i < 4 && code == SQLITE_ROW; i++) {
			buf_put(&all, column(a, s, i));
			buf_char(&all, '\0');
		}
	}
	sqlite3_finalize(s);
	if (code != SQLITE_DONE)
		return conn_set_error(c, code, "schema", err);
	*ret_digest = hex_sha256(a, buf_str(&all));
	return true;
}

/* Compares one applied migration with ours at the same place. *at moves on. */
static bool
same_step(struct store *st, struct arena *a, sqlite3_stmt *s, const struct asset **at, struct err *err)
{
	const struct asset *m = *at;
	int version = sqlite3_column_int(s, 0);

	if (!m->name)
		return err_setf(err, FAULT_SCHEMA,
		    "made by a newer program: it has schema %d, this one knows none after %d", version,
		    newest_of(st->setup.migrations));
	if (version_of(m) != version || !str_is(column(a, s, 1), m->name) ||
	    !str_eq(column(a, s, 2), hex_sha256(a, asset_text(m))))
		return err_setf(err, FAULT_SCHEMA, "migration %d of this database is not this program's %s",
		    version,
		    m->name);
	*at = m + 1;
	return true;
}

/*
 * Goes through the database's history. On success *at is the first migration that is missing, *ret_digest
 * what the last one left.
 */
static bool
read_history(struct store *st, struct conn *c, struct arena *a, const struct asset **at,
    struct str *ret_digest,
    struct err *err)
{
	sqlite3_stmt *s = NULL;
	struct str digest = STR_NONE;
	bool same = true;
	int code = sqlite3_prepare_v2(c->db,
	    "SELECT version, name, sha256, schema_sha256 FROM schema ORDER BY version", -1, &s, NULL);

	while (same && (code == SQLITE_OK || code == SQLITE_ROW)) {
		code = sqlite3_step(s);
		if (code == SQLITE_ROW) {
			same = same_step(st, a, s, at, err);
			digest = column(a, s, 3);
		}
	}
	sqlite3_finalize(s);
	if (!same)
		return false;
	if (code != SQLITE_DONE)
		return conn_set_error(c, code, "schema", err);
	if (!digest.p)
		return err_setf(err, FAULT_SCHEMA, "the database has no schema version");
	*ret_digest = digest;
	return true;
}

/* ---- applying ---- */

static bool
record_step(struct conn *c, struct arena *a, const struct asset *m, struct err *err)
{
	struct str digest, text[3];
	sqlite3_stmt *s = NULL;
	int code;

	if (!schema_digest(c, a, &digest, err))
		return false;
	text[0] = str_c(m->name);
	text[1] = hex_sha256(a, asset_text(m));
	text[2] = digest;
	code = sqlite3_prepare_v2(c->db, "INSERT INTO schema (version, name, sha256, schema_sha256, at)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)", -1, &s, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int(s, 1, version_of(m));
		for (int i = 0; i < 3; i++)
			sqlite3_bind_text(s, i + 2, text[i].p, (int)text[i].n, SQLITE_STATIC);
		sqlite3_bind_int64(s, 5, clock_now());
		code = sqlite3_step(s);
	}
	sqlite3_finalize(s);
	return code == SQLITE_DONE || conn_set_error(c, code, m->name, err);
}

static bool
apply_step(struct conn *c, struct arena *a, const struct asset *m, struct err *err)
{
	int code;

	c->right = RIGHT_SCHEMA;
	code = sqlite3_exec(c->db, (const char *)m->bytes, NULL, NULL, NULL);
	c->right = RIGHT_OPEN;
	if (code != SQLITE_OK)
		return err_setf(err, FAULT_SCHEMA, "migration %s failed: %s", m->name, sqlite3_errmsg(c->db));
	return record_step(c, a, m, err);
}

/*
 * References are checked when all is done: a migration may make a table anew under others that refer to it.
 */
static bool
references_hold(struct conn *c, struct err *err)
{
	int64_t wrong = 0;

	if (!look_up(c, "SELECT count(*) FROM pragma_foreign_key_check", &wrong, err))
		return false;
	return wrong == 0 ||
	    err_setf(err, FAULT_SCHEMA, "after the migration %d references lead nowhere", (int)wrong);
}

static bool
apply_all(struct conn *c, struct arena *a, bool fresh, const struct asset *first, struct err *err)
{
	bool ok = conn_exec(c, "PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE", err) &&
	    (!fresh || conn_exec(c, own_tables, err));

	for (const struct asset *m = first; ok && m->name; m++)
		ok = apply_step(c, a, m, err);
	ok = ok && references_hold(c, err) && conn_exec(c, "COMMIT; PRAGMA foreign_keys = ON", err);
	if (!ok && !sqlite3_get_autocommit(c->db))
		conn_exec(c, "ROLLBACK", err);
	return ok;
}

/* Brings an existing database up to date, with a copy beside it for the way back. */
static bool
bring_up(struct store *st, struct conn *c, struct arena *a, const struct asset *first, struct err *err)
{
	struct err why = { .arena = a };
	struct str copy;

	if (!backup(st, c, st->version, a, &copy, err))
		return false;
	log_line(LOG_INFO, "store: schema %d is copied to %.*s", st->version, STR_FMT(copy));
	if (apply_all(c, a, false, first, &why))
		return true;
	return err_setf(err, FAULT_SCHEMA,
	    "%.*s; the database is still as it was, at schema %d, and the program before "
	    "this one can go on with it; a copy is %.*s", STR_FMT(why.detail), st->version, STR_FMT(copy));
}

/* An existing database: whether it is unaltered, and if it is older whether it may be brought up to date. */
static bool
migrate_existing(struct store *st, struct conn *c, struct arena *a, bool may, struct err *err)
{
	const struct asset *at = st->setup.migrations;
	struct str expected, found;

	if (!read_history(st, c, a, &at, &expected, err) || !schema_digest(c, a, &found, err))
		return false;
	st->version = version_of(at - 1);
	if (!str_eq(expected, found))
		return err_setf(err, FAULT_SCHEMA,
		    "tables, indexes or triggers were altered since schema %d was made", st->version);
	if (!at->name)
		return true;
	if (!may)
		return err_setf(err, FAULT_SCHEMA, "schema %d is older than this program's %d", st->version,
		    newest_of(st->setup.migrations));
	return bring_up(st, c, a, at, err);
}

/* Whether the database is new, ours, or somebody else's. */
static bool
migrate_in(struct store *st, struct conn *c, const struct store_options *o, struct arena *a, struct err *err)
{
	int64_t objects = 0, id = 0, schemas = 0;

	if (!look_up(c, "SELECT count(*) FROM sqlite_schema", &objects, err) ||
	    !look_up(c, "SELECT count(*) FROM sqlite_schema WHERE name = 'schema'", &schemas, err) ||
	    !look_up(c, "PRAGMA application_id", &id, err))
		return false;
	if (objects == 0 && id == 0 && o->create)
		return conn_set_wal(c, err) && apply_all(c, a, true, st->setup.migrations, err);
	if (id != APPLICATION_ID || schemas == 0)
		return err_setf(err, FAULT_SCHEMA, "%s is not a database of this program", st->path);
	return migrate_existing(st, c, a, o->migrate, err) && conn_set_wal(c, err);
}

bool
migrate(struct store *st, struct conn *c, const struct store_options *o, struct err *err)
{
	struct arena *a = arena_new();
	struct err inner = { .arena = a };
	int newest = newest_of(st->setup.migrations);
	bool ok = migrate_in(st, c, o, a, &inner);

	if (ok)
		st->version = newest;
	else
		err_setf(err, inner.fault, "%.*s", STR_FMT(inner.detail));
	arena_free(a);
	return ok;
}
