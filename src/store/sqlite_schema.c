/* What migrations need of SQLite. */
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

/* The first column of the first row as a number. */
static bool
look_up(struct conn *c, const char *sql, int64_t *ret_value, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(sqlite_of(c)->db, sql, -1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		*ret_value = sqlite3_column_int64(s, 0);
	else
		conn_set_error(c, code, "schema", err);
	sqlite3_finalize(s);
	return code == SQLITE_ROW;
}

bool
sqlite_find(struct conn *c, enum found *ret_found, struct err *err)
{
	int64_t objects = 0, id = 0, schemas = 0;

	if (!look_up(c, "SELECT count(*) FROM sqlite_schema", &objects, err) ||
	    !look_up(c, "SELECT count(*) FROM sqlite_schema WHERE name = 'schema'", &schemas, err) ||
	    !look_up(c, "PRAGMA application_id", &id, err))
		return false;
	if (objects == 0 && id == 0)
		*ret_found = FOUND_EMPTY;
	else
		*ret_found = id == APPLICATION_ID && schemas > 0 ? FOUND_OURS : FOUND_OTHER;
	return true;
}

static struct str
column(struct arena *a, sqlite3_stmt *s, int i)
{
	return arena_dup(a, str_c((const char *)sqlite3_column_text(s, i)));
}

bool
sqlite_schema_text(struct conn *c, struct arena *a, struct str *ret_text, struct err *err)
{
	struct buf all = { .arena = a };
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(sqlite_of(c)->db,
	    "SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_schema"
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
	*ret_text = buf_str(&all);
	return true;
}

bool
sqlite_history(struct conn *c, struct arena *a, struct applied **ret_steps, int *ret_count, struct err *err)
{
	sqlite3_stmt *s = NULL;
	struct applied *steps = NULL;
	int64_t room = 0;
	int n = 0, code;

	if (!look_up(c, "SELECT count(*) FROM schema", &room, err))
		return false;
	steps = arena_alloc(a, ((size_t)room + 1) * sizeof(*steps));
	code = sqlite3_prepare_v2(sqlite_of(c)->db,
	    "SELECT version, name, sha256, schema_sha256 FROM schema ORDER BY version", -1, &s, NULL);
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(s);
		if (code == SQLITE_ROW && n < room)
			steps[n++] = (struct applied){ sqlite3_column_int(s, 0), column(a, s, 1), column(a, s, 2),
				column(a, s, 3), sqlite3_column_int(s, 0) };
	}
	sqlite3_finalize(s);
	if (code != SQLITE_DONE)
		return conn_set_error(c, code, "schema", err);
	*ret_steps = steps;
	*ret_count = n;
	return true;
}

bool
sqlite_schema_begin(struct conn *c, bool fresh, struct err *err)
{
	return (!fresh || conn_set_wal(c, err)) &&
	    conn_exec(c, "PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE", err) &&
	    (!fresh || conn_exec(c, own_tables, err));
}

bool
sqlite_schema_apply(struct conn *c, const char *sql, struct err *err)
{
	sqlite3 *db = sqlite_of(c)->db;
	int code;

	c->right = RIGHT_SCHEMA;
	code = sqlite3_exec(db, sql, NULL, NULL, NULL);
	c->right = RIGHT_OPEN;
	return code == SQLITE_OK || err_setf(err, FAULT_SCHEMA, "%s", sqlite3_errmsg(db));
}

bool
sqlite_schema_record(struct conn *c, const struct applied *step, struct err *err)
{
	const struct str text[3] = { step->name, step->sha256, step->schema_sha256 };
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(sqlite_of(c)->db,
	    "INSERT INTO schema (version, name, sha256, schema_sha256, at)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)", -1, &s, NULL);

	if (code == SQLITE_OK) {
		sqlite3_bind_int(s, 1, step->version);
		for (int i = 0; i < 3; i++)
			sqlite3_bind_text(s, i + 2, text[i].p, (int)text[i].n, SQLITE_STATIC);
		sqlite3_bind_int64(s, 5, clock_now());
		code = sqlite3_step(s);
	}
	sqlite3_finalize(s);
	return code == SQLITE_DONE || conn_set_error(c, code, "schema", err);
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

bool
sqlite_schema_commit(struct conn *c, struct err *err)
{
	return references_hold(c, err) && conn_exec(c, "COMMIT; PRAGMA foreign_keys = ON", err);
}

void
sqlite_schema_rollback(struct conn *c)
{
	sqlite3 *db = sqlite_of(c)->db;

	if (!sqlite3_get_autocommit(db))
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}
