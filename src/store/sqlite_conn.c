#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/append_only.h"
#include "store/sqlite.h"

/* The store's own statements. */
static const char *const control_texts[CONTROL__MAX][2] = {
	/* for one that writes, for one that reads */
	[C_BEGIN] = { "BEGIN IMMEDIATE", "BEGIN" },
	[C_COMMIT] = { "COMMIT", "COMMIT" },
	[C_ROLLBACK] = { "ROLLBACK", "ROLLBACK" },
	[C_SAVE] = { "SAVEPOINT job", NULL },
	[C_RELEASE] = { "RELEASE job", NULL },
	[C_UNDO] = { "ROLLBACK TO job", NULL },
};

/*
 * Settings. No mmap: a read error would be a signal instead of an answer. No temporary files: the sandbox
 * has no place for them. secure_delete: what is erased is gone from the file too.
 */
static const char settings[] =
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA mmap_size = 0;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA recursive_triggers = ON;"    /* REPLACE asks the delete triggers too */
    "PRAGMA cell_size_check = ON;"
    "PRAGMA cache_size = -4096;";
static const char settings_writer[] =
    "PRAGMA synchronous = FULL;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA journal_size_limit = 67108864;";
static const char settings_reader[] = "PRAGMA query_only = ON;";

/* ---- what a connection may do ---- */

static bool
append_only(const char *table)
{
	static const char *const names[] = {
#define TABLE_NAME(name) name,
		APPEND_ONLY(TABLE_NAME)
#undef TABLE_NAME
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (table && sqlite3_stricmp(table, names[i]) == 0)
			return true;
	return false;
}

static bool
own_table(const char *table)
{
	return table && (sqlite3_strnicmp(table, "sqlite_", 7) == 0 ||
	    sqlite3_stricmp(table, "schema") == 0 || sqlite3_stricmp(table, "probe") == 0);
}

/*
 * Reading: every connection. The full text index asks for data_version; nothing sets anything. When it
 * declares its columns it seems to change the schema's table, which whoever really wants to is refused by
 * SQLite itself.
 */
static bool
may_read(int action, const char *first, const char *second)
{
	switch (action) {
	case SQLITE_UPDATE:
		return first && sqlite3_stricmp(first, "sqlite_master") == 0;
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return true;
	case SQLITE_FUNCTION:
		return !second || sqlite3_stricmp(second, "load_extension") != 0;
	case SQLITE_PRAGMA:
		return first && sqlite3_stricmp(first, "data_version") == 0 && !second;
	}
	return false;
}

/* Rows: not of append-only tables once they stand, not of the schema or the store itself. */
static bool
may_change_rows(int action, const char *table, enum right right)
{
	switch (action) {
	case SQLITE_INSERT:
		return right == RIGHT_SCHEMA || !own_table(table);
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
		return !append_only(table) && (right == RIGHT_SCHEMA || !own_table(table));
	}
	return false;
}

/* A column that comes with a rule has its rows looked at, which SQLite does by a pragma. */
static bool
may_change_schema(int action, const char *first)
{
	switch (action) {
	case SQLITE_PRAGMA:
		return first && sqlite3_stricmp(first, "quick_check") == 0;
	case SQLITE_ATTACH:
	case SQLITE_DETACH:
	case SQLITE_TRANSACTION:
	case SQLITE_SAVEPOINT:
	case SQLITE_FUNCTION:
		return false;
	}
	return true;                     /* everything else makes, alters or drops something */
}

/* SQLite asks this for each thing that a statement would do, when the statement is prepared. */
static int
authorize(void *arg, int action, const char *first, const char *second, const char *database,
    const char *trigger)
{
	const struct sqlite_conn *c = arg;
	bool may = may_read(action, first, second);

	(void)database;
	(void)trigger;
	switch (c->conn.right) {
	case RIGHT_OPEN:
		return SQLITE_OK;
	case RIGHT_SCHEMA:
		if (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE)
			may = may_change_rows(action, first, c->conn.right);
		else
			may = may || may_change_schema(action, first);
		break;
	case RIGHT_WRITE:
		may = may || may_change_rows(action, first, c->conn.right);
		break;
	case RIGHT_READ:
		break;
	}
	return may ? SQLITE_OK : SQLITE_DENY;
}

/* ---- opening and closing ---- */

bool
conn_set_error(struct conn *c, int code, const char *what, struct err *err)
{
	sqlite3 *db = sqlite_of(c)->db;
	bool newest = db && sqlite3_extended_errcode(db) == code;

	return err_setf(err, failure_fault(code), "%s: %s", what,
	    newest ? sqlite3_errmsg(db) : failure_words(code));
}

bool
conn_exec(struct conn *c, const char *sql, struct err *err)
{
	int code = sqlite3_exec(sqlite_of(c)->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK || conn_set_error(c, code, "database", err);
}

/* Doors that are never used stay shut. */
static void
shut_doors(sqlite3 *db)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
}

/* After each commit: how long the log is now. */
static int
committed(void *arg, sqlite3 *db, const char *database, int pages)
{
	struct sqlite *own = arg;

	(void)db;
	(void)database;
	atomic_store(&own->log_pages, pages);
	return SQLITE_OK;
}

bool
conn_set_wal(struct conn *c, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(sqlite_of(c)->db, "PRAGMA journal_mode = WAL", -1, &s, NULL);
	bool ok;

	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	ok = code == SQLITE_ROW && sqlite3_stricmp((const char *)sqlite3_column_text(s, 0), "wal") == 0;
	if (!ok)
		conn_set_error(c, code, "write-ahead log", err);
	sqlite3_finalize(s);
	return ok;
}

static bool
prepare_control(struct sqlite_conn *c, const char *sql, sqlite3_stmt **ret_statement, struct err *err)
{
	int code = sqlite3_prepare_v3(c->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_statement, NULL);

	return code == SQLITE_OK || conn_set_error(&c->conn, code, sql, err);
}

static bool
prepare_controls(struct sqlite_conn *c, bool writes, struct err *err)
{
	for (int i = 0; i < CONTROL__MAX; i++) {
		const char *sql = control_texts[i][writes ? 0 : 1];

		if (sql && !prepare_control(c, sql, &c->control[i], err))
			return false;
	}
	return writes || prepare_control(c, "SELECT 1 FROM sqlite_schema LIMIT 1", &c->look, err);
}

static bool
set_up(struct sqlite_conn *s, enum right right, struct err *err)
{
	struct conn *c = &s->conn;
	bool writes = right != RIGHT_READ;
	int stays = 1;

	/* The write-ahead log's file stays, empty, when the last closes: a confined process can neither remove nor make it. */
	if (c->st->keep_files)
		sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &stays);
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_busy_timeout(s->db, c->st->setup.busy_ms);
	shut_doors(s->db);
	sqlite3_set_authorizer(s->db, authorize, s);
	if (writes)                      /* instead of SQLite's own checkpoints */
		sqlite3_wal_hook(s->db, committed, sqlite_own(c->st));
	return conn_exec(c, settings, err) && conn_exec(c, writes ? settings_writer : settings_reader, err) &&
	    (right != RIGHT_WRITE || conn_set_wal(c, err)) && prepare_controls(s, writes, err);
}

bool
sqlite_conn_open(struct store *st, enum right right, struct conn **ret_conn, struct err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
	    (right == RIGHT_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
	const char *path = st->place;
	struct sqlite_conn *c = calloc(1, sizeof(*c));
	int code;

	if (!c)
		return err_setf(err, FAULT_STORE, "out of memory");
	c->conn.st = st;
	c->slots = calloc((size_t)statement_count(st), sizeof(*c->slots));
	code = c->slots ? sqlite3_open_v2(path, &c->db, flags, st->setup.vfs) : SQLITE_NOMEM;
	if (code != SQLITE_OK)
		conn_set_error(&c->conn, code, path, err);
	if (code != SQLITE_OK || !set_up(c, right, err)) {
		sqlite_conn_close(&c->conn);
		return false;
	}
	c->conn.right = right;
	*ret_conn = &c->conn;
	return true;
}

static void
slot_free(struct slot *slot)
{
	while (slot) {
		struct slot *again = slot->again;

		sqlite3_finalize(slot->s);
		free(slot->place);
		free(slot);
		slot = again;
	}
}

void
sqlite_conn_close(struct conn *conn)
{
	struct sqlite_conn *c = sqlite_of(conn);
	int code;

	for (int i = 0; c->slots && i < statement_count(conn->st); i++)
		slot_free(c->slots[i]);
	for (int i = 0; i < CONTROL__MAX; i++)
		sqlite3_finalize(c->control[i]);
	sqlite3_finalize(c->look);
	code = sqlite3_close(c->db);
	assert(code == SQLITE_OK);       /* a statement or a backup is still open: ours to end first */
	(void)code;
	free(c->slots);
	free(c);
}

/* ---- statements ---- */

static int
control_step(struct conn *c, sqlite3_stmt *s)
{
	enum right right = c->right;
	int code;

	assert(s);
	c->right = RIGHT_OPEN;           /* SQLite may have to prepare it anew */
	code = sqlite3_step(s);
	if (code == SQLITE_DONE || code == SQLITE_ROW)
		code = SQLITE_OK;
	sqlite3_reset(s);
	c->right = right;
	return code;
}

int
conn_control(struct conn *c, enum control which)
{
	struct sqlite_conn *s = sqlite_of(c);
	int code = control_step(c, s->control[which]);

	if (which == C_BEGIN && code == SQLITE_OK && s->look)
		code = control_step(c, s->look);
	return code;
}

/*
 * $3 need not be SQLite's third parameter: those are numbered as they come in the text. False: one that is no
 * number, or a number left out.
 */
static bool
find_places(struct slot *slot)
{
	bool same = true;

	slot->parameters = sqlite3_bind_parameter_count(slot->s);
	if (slot->parameters > PARAMETERS_MAX)
		return false;
	slot->place = calloc((size_t)slot->parameters + 1, 1);
	for (int i = 1; slot->place && i <= slot->parameters; i++) {
		const char *name = sqlite3_bind_parameter_name(slot->s, i);
		int64_t n;

		if (!name || name[0] != '$' || !str_int(str_c(name + 1), &n) || n < 1 || n > slot->parameters)
			return false;
		slot->place[i] = (unsigned char)n;
		same = same && n == i;
	}
	if (same) {
		free(slot->place);
		slot->place = NULL;
	}
	return same || slot->place;
}

static struct slot *
slot_new(struct sqlite_conn *c, int stmt, int *ret_code)
{
	struct slot *slot = calloc(1, sizeof(*slot));
	struct stmt_text text;

	if (!slot) {
		*ret_code = SQLITE_NOMEM;
		return NULL;
	}
	statement_text(c->conn.st, stmt, &text);
	*ret_code = sqlite3_prepare_v3(c->db, text.sql, -1, SQLITE_PREPARE_PERSISTENT, &slot->s, NULL);
	if (*ret_code == SQLITE_OK && !find_places(slot))
		*ret_code = SQLITE_RANGE;
	if (*ret_code != SQLITE_OK) {
		slot_free(slot);
		return NULL;
	}
	return slot;
}

/* One that does not run just now, marked as running. NULL: it cannot be prepared. */
struct slot *
conn_slot(struct sqlite_conn *c, int stmt, int *ret_code)
{
	struct slot **at = &c->slots[stmt];

	while (*at && (*at)->busy)
		at = &(*at)->again;
	if (!*at)
		*at = slot_new(c, stmt, ret_code);
	if (*at) {
		(*at)->busy = true;
		(*at)->next_busy = c->busy;
		c->busy = *at;
	}
	return *at;
}

void
slot_rest(struct sqlite_conn *c, struct slot *slot)
{
	struct slot **at = &c->busy;

	while (*at != slot)
		at = &(*at)->next_busy;
	*at = slot->next_busy;
	slot->busy = false;
	sqlite3_reset(slot->s);
}

void
conn_rest(struct conn *conn)
{
	struct sqlite_conn *c = sqlite_of(conn);

	while (c->busy)
		slot_rest(c, c->busy);
}
