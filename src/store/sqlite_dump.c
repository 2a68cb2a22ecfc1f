/* Backups of SQLite: reads beside the server in one read transaction; fills a new file that nobody else has open. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/dump_engine.h"
#include "store/sqlite.h"

#define APPLICATION_ID 1414480723        /* as in sqlite_schema.c */
#define ROWS_A_COMMIT 100000
#define BUSY_MS 5000

_Static_assert(sizeof(LOAD_FILE) == sizeof(DATABASE_NAME), "one name");

struct sqlite_dump {
	struct dump dump;                /* first */
	sqlite3 *db;
	sqlite3_stmt *rows;
	int columns;
};

static struct sqlite_dump *
own(struct dump *d)
{
	return (struct sqlite_dump *)(void *)d;
}

/* What the database said, as a fault of its file. Always false. */
static bool
failed(sqlite3 *db, const char *what, struct err *err)
{
	int code = db ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;

	return err_setf(err, (code & 0xff) == SQLITE_FULL ? FAULT_STORE : FAULT_FILE, "%s: %s", what,
	    db ? sqlite3_errmsg(db) : failure_words(code));
}

static bool
run(sqlite3 *db, const char *sql, struct err *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK || failed(db, "database", err);
}

/* The first column of the first row as a number; otherwise, when there is no row. */
static bool
number(sqlite3 *db, const char *sql, int64_t otherwise, int64_t *ret_value, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		*ret_value = code == SQLITE_ROW ? sqlite3_column_int64(s, 0) : otherwise;
	else
		failed(db, "database", err);
	sqlite3_finalize(s);
	return code == SQLITE_ROW || code == SQLITE_DONE;
}

/* ---- out ---- */

/* Which version of ours it is. */
static bool
look(struct sqlite_dump *d, const char *path, struct err *err)
{
	int64_t id = 0, tables = 0, version = 0, pages = 0, page = 0;

	if (!number(d->db, "PRAGMA application_id", 0, &id, err) ||
	    !number(d->db, "SELECT count(*) FROM sqlite_schema WHERE name = 'schema'", 0, &tables, err))
		return false;
	if (id != APPLICATION_ID || tables == 0)
		return err_setf(err, FAULT_SCHEMA, "%s is not a database of this program", path);
	if (!number(d->db, "SELECT max(version) FROM schema", 0, &version, err) ||
	    !number(d->db, "PRAGMA page_count", 0, &pages, err) ||
	    !number(d->db, "PRAGMA page_size", 0, &page, err))
		return false;
	d->dump.size = pages * page;
	return dump_known(&d->dump, version, err);
}

static void sqlite_dump_close(struct dump *dump);

static bool
sqlite_dump_open(const char *dir, struct arena *a, struct dump **ret_dump, struct err *err)
{
	const char *path = arena_printf(a, "%s/" DATABASE_NAME, dir).p;
	struct sqlite_dump *d = arena_make(a, struct sqlite_dump);
	bool ok;

	if (access(path, R_OK) != 0)
		return err_setf(err, errno == ENOENT ? FAULT_NO_INSTALLATION : FAULT_FILE, "%s: %s", path, strerror(errno));
	d->dump = (struct dump){ .engine = &dump_sqlite, .arena = a };
	ok = sqlite3_open_v2(path, &d->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL) ==
	    SQLITE_OK || failed(d->db, path, err);
	if (ok) {
		sqlite3_extended_result_codes(d->db, 1);
		sqlite3_busy_timeout(d->db, BUSY_MS);
		sqlite3_db_config(d->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	}
	/* The first statement that reads takes the snapshot. */
	ok = ok && run(d->db, "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; BEGIN", err) &&
	    look(d, path, err);
	if (ok)
		*ret_dump = &d->dump;
	else
		sqlite_dump_close(&d->dump);
	return ok;
}

static void
sqlite_dump_end(struct dump *dump)
{
	struct sqlite_dump *d = own(dump);

	sqlite3_finalize(d->rows);
	d->rows = NULL;
}

static void
sqlite_dump_close(struct dump *dump)
{
	struct sqlite_dump *d = own(dump);

	sqlite_dump_end(dump);
	sqlite3_close(d->db);
	d->db = NULL;
}

/* STRICT tables have no other types. */
static char
letter_of(const char *type)
{
	if (!sqlite3_stricmp(type, "TEXT"))
		return 't';
	return !sqlite3_stricmp(type, "BLOB") ? 'b' : 'i';
}

/* The columns of a table as the schema has them. */
static bool
read_columns(sqlite3 *db, struct arena *a, struct dump_table *t, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db, "SELECT name, type FROM pragma_table_info(?1) ORDER BY cid", -1, &s, NULL);

	t->columns = arena_alloc(a, DUMP_COLUMNS_MAX * sizeof(t->columns[0]));
	t->n = 0;
	if (code == SQLITE_OK)
		code = sqlite3_bind_text(s, 1, t->name.p, (int)t->name.n, SQLITE_STATIC);
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(s);
		if (code != SQLITE_ROW)
			break;
		assert(t->n < DUMP_COLUMNS_MAX);
		t->columns[t->n].name = arena_dup(a, str_c((const char *)sqlite3_column_text(s, 0)));
		t->columns[t->n++].letter = letter_of((const char *)sqlite3_column_text(s, 1));
	}
	sqlite3_finalize(s);
	return code == SQLITE_DONE || failed(db, "schema", err);
}

/* Tables with rows of their own: not the store's, not those behind the index of words. */
static bool
read_tables(sqlite3 *db, struct arena *a, struct dump_table *tables, int most, int *ret_n, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int n = 0, code = sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table'"
	    " AND name IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table')"
	    " AND name NOT IN ('schema', 'probe') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
	    -1, &s, NULL);
	bool ok = true;

	while (ok && (code == SQLITE_OK || code == SQLITE_ROW)) {
		code = sqlite3_step(s);
		if (code != SQLITE_ROW)
			break;
		assert(n < most);
		tables[n] = (struct dump_table){ .name = arena_dup(a, str_c((const char *)sqlite3_column_text(s, 0))) };
		if (dump_derived(tables[n].name))
			continue;
		ok = read_columns(db, a, &tables[n], err);
		n++;
	}
	sqlite3_finalize(s);
	if (!ok)
		return false;
	*ret_n = n;
	return code == SQLITE_DONE || failed(db, "schema", err);
}

static bool
sqlite_dump_tables(struct dump *dump, struct arena *a, struct dump_table *tables, int *ret_n, struct err *err)
{
	sqlite3 *db = own(dump)->db;
	int n = 0;

	if (!read_tables(db, a, tables, TABLES_MAX, &n, err))
		return false;
	for (int i = 0; i < n; i++)
		if (!number(db, arena_printf(a, "SELECT count(*) FROM \"%.*s\"", STR_FMT(tables[i].name)).p, 0,
		    &tables[i].rows, err))
			return false;
	*ret_n = n;
	return true;
}

/* The columns of the primary key, or of the first unique index by name, as a list for ORDER BY. */
static bool
put_order(sqlite3 *db, struct buf *sql, struct str table, struct err *err)
{
	sqlite3_stmt *s = NULL;
	const char *before = " ORDER BY ";
	int code = sqlite3_prepare_v2(db, "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 UNION ALL"
	    " SELECT c.name FROM pragma_index_info((SELECT min(name) FROM pragma_index_list(?1) WHERE \"unique\")) c"
	    " WHERE NOT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE pk > 0)", -1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_text(s, 1, table.p, (int)table.n, SQLITE_STATIC);
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(s);
		if (code != SQLITE_ROW)
			break;
		buf_printf(sql, "%s\"%s\"", before, (const char *)sqlite3_column_text(s, 0));
		before = ", ";
	}
	sqlite3_finalize(s);
	return code == SQLITE_DONE || failed(db, "schema", err);
}

static bool
sqlite_dump_begin(struct dump *dump, const struct dump_table *t, struct err *err)
{
	struct sqlite_dump *d = own(dump);
	struct buf sql = { .arena = dump->arena };

	assert(!d->rows && t->n > 0);
	buf_printf(&sql, "SELECT %.*s FROM \"%.*s\"", STR_FMT(dump_columns(dump->arena, t)), STR_FMT(t->name));
	if (!put_order(d->db, &sql, t->name, err))
		return false;
	d->columns = t->n;
	return sqlite3_prepare_v2(d->db, sql.p, (int)sql.n, &d->rows, NULL) == SQLITE_OK ||
	    failed(d->db, arena_c(dump->arena, t->name), err);
}

static struct val
value_of(sqlite3_stmt *s, int i)
{
	int type = sqlite3_column_type(s, i);
	struct val v = { .kind = VAL_NULL };

	if (type == SQLITE_INTEGER)
		return I(sqlite3_column_int64(s, i));
	if (type == SQLITE_TEXT)
		v = (struct val){ .kind = VAL_TEXT, .s.p = (const char *)sqlite3_column_text(s, i) };
	else if (type == SQLITE_BLOB)
		v = (struct val){ .kind = VAL_BLOB, .s.p = sqlite3_column_blob(s, i) };
	v.s.n = (size_t)sqlite3_column_bytes(s, i);
	if (v.kind != VAL_NULL && !v.s.p)
		v.s.p = "";
	return v;
}

static bool
sqlite_dump_next(struct dump *dump, struct val *vals, bool *ret_row, struct err *err)
{
	struct sqlite_dump *d = own(dump);
	int code = sqlite3_step(d->rows);

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return failed(d->db, "reading", err);
	for (int i = 0; code == SQLITE_ROW && i < d->columns; i++)
		vals[i] = value_of(d->rows, i);
	*ret_row = code == SQLITE_ROW;
	return true;
}

static bool
sqlite_dump_log(struct dump *dump, struct arena *a, struct dump_log *ret_log, struct err *err)
{
	const struct sqlite_dump *d = own(dump);
	sqlite3_stmt *s = NULL;
	struct dump_log log;
	int64_t there = 0;
	bool found;
	int code;

	if (!number(d->db, "SELECT count(*) FROM sqlite_schema WHERE name = 'log'", 0, &there, err) || there == 0)
		return false;
	code = sqlite3_prepare_v2(d->db, "SELECT origin, size, edge FROM log", -1, &s, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	found = code == SQLITE_ROW;
	if (!found && code != SQLITE_DONE)
		failed(d->db, "log", err);
	if (found) {
		log.origin = arena_dup(a, value_of(s, 0).s);
		log.size = sqlite3_column_int64(s, 1);
		found = log_edge_root(log.size, value_of(s, 2).s, &log.root) ||
		    err_setf(err, FAULT_FILE, "the log's edge is damaged");
	}
	sqlite3_finalize(s);
	if (found)
		*ret_log = log;
	return found;
}

/* ---- in ---- */

bool
load_hold(const char *dir, struct arena *a, int *ret_fd, struct err *err)
{
	return sqlite_hold(dir, a, ret_fd, err);
}

bool
load_settle(const char *dir, struct arena *a, struct err *err)
{
	const char *path = arena_printf(a, "%s/" DATABASE_NAME, dir).p;
	sqlite3 *db = NULL;
	bool ok = (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK ||
	    failed(db, path, err)) && run(db, "PRAGMA journal_mode = DELETE", err);

	sqlite3_close(db);
	return ok;
}

struct sqlite_load {
	struct load load;                /* first */
	sqlite3 *db;
	sqlite3_stmt *insert;
	int columns, waiting;            /* of the table; rows since the last commit */
	const char *triggers;            /* as SQL, to be made again when all rows are in */
};

static struct sqlite_load *
own_load(struct load *l)
{
	return (struct sqlite_load *)(void *)l;
}

/* ---- triggers: they guard what the program does, and are in the way of what it did ---- */

/* Takes them away; their texts stay in l. */
static bool
lift_triggers(struct sqlite_load *l, struct err *err)
{
	sqlite3_stmt *s = NULL;
	struct buf drop = { .arena = l->load.arena }, make = { .arena = l->load.arena };
	int code = sqlite3_prepare_v2(l->db, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid",
	    -1, &s, NULL);

	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(s);
		if (code != SQLITE_ROW)
			break;
		buf_printf(&drop, "DROP TRIGGER \"%s\";", (const char *)sqlite3_column_text(s, 0));
		buf_c(&make, (const char *)sqlite3_column_text(s, 1));
		buf_c(&make, ";\n");
	}
	sqlite3_finalize(s);
	l->triggers = arena_c(l->load.arena, buf_str(&make));
	return code == SQLITE_DONE ? run(l->db, arena_c(l->load.arena, buf_str(&drop)), err) : failed(l->db, "schema", err);
}

static void
sqlite_load_close(struct load *load)
{
	struct sqlite_load *l = own_load(load);

	sqlite3_finalize(l->insert);
	sqlite3_close(l->db);
	l->insert = NULL;
	l->db = NULL;
}

static bool
sqlite_load_open(const char *dir, int version, struct arena *a, struct load **ret_load, struct err *err)
{
	const char *path = arena_printf(a, "%s/" DATABASE_NAME, dir).p;
	struct sqlite_load *l = arena_make(a, struct sqlite_load);
	bool ok;

	if (access(path, F_OK) == 0)
		return err_setf(err, FAULT_EXISTS, "%s", path);
	if (!load_make_empty(&(struct store_options){ .dir = dir, .create = true }, version, a, err))
		return false;
	l->load = load_new(&dump_sqlite, a);
	/* Nobody else has it, and it is nothing until it is whole: no log, no waiting for the disk before the end. */
	ok = (sqlite3_open_v2(path, &l->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK ||
	    failed(l->db, path, err)) &&
	    run(l->db, "PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF;"
	    "PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536; BEGIN", err) &&
	    lift_triggers(l, err) && read_tables(l->db, a, l->load.tables, TABLES_MAX, &l->load.n, err);
	if (ok)
		*ret_load = &l->load;
	else
		sqlite_load_close(&l->load);
	return ok;
}

static bool
sqlite_load_table(struct load *load, const struct dump_table *t, struct err *err)
{
	struct sqlite_load *l = own_load(load);
	struct buf sql = { .arena = load->arena };

	sqlite3_finalize(l->insert);
	l->insert = NULL;
	if (!load_fits(load, t, err) || !run(l->db, arena_printf(load->arena, "DELETE FROM \"%.*s\"", STR_FMT(t->name)).p, err))
		return false;
	buf_printf(&sql, "INSERT INTO \"%.*s\" (%.*s) VALUES (?", STR_FMT(t->name), STR_FMT(dump_columns(load->arena, t)));
	for (int i = 1; i < t->n; i++)
		buf_c(&sql, ", ?");
	buf_char(&sql, ')');
	l->columns = t->n;
	return sqlite3_prepare_v2(l->db, sql.p, (int)sql.n, &l->insert, NULL) == SQLITE_OK ||
	    failed(l->db, arena_c(load->arena, t->name), err);
}

static int
bind(sqlite3_stmt *s, int i, const struct val *v)
{
	switch (v->kind) {
	case VAL_INT:
		return sqlite3_bind_int64(s, i, v->i);
	case VAL_TEXT:
		return sqlite3_bind_text64(s, i, v->s.p, v->s.n, SQLITE_STATIC, SQLITE_UTF8);
	case VAL_BLOB:
		return sqlite3_bind_blob64(s, i, v->s.p ? v->s.p : "", v->s.n, SQLITE_STATIC);
	case VAL_NULL:
		break;
	}
	return sqlite3_bind_null(s, i);
}

static bool
sqlite_load_row(struct load *load, const struct val *vals, struct err *err)
{
	struct sqlite_load *l = own_load(load);
	int code = SQLITE_OK;

	assert(l->insert);
	for (int i = 0; i < l->columns && code == SQLITE_OK; i++)
		code = bind(l->insert, i + 1, &vals[i]);
	if (code == SQLITE_OK)
		code = sqlite3_step(l->insert);
	sqlite3_reset(l->insert);
	if (code != SQLITE_DONE)
		return failed(l->db, "loading", err);
	if (++l->waiting < ROWS_A_COMMIT)
		return true;
	l->waiting = 0;
	return run(l->db, "COMMIT; BEGIN", err);
}

static bool
sqlite_load_finish(struct load *load, struct err *err)
{
	struct sqlite_load *l = own_load(load);
	int64_t wrong = 0;

	sqlite3_finalize(l->insert);
	l->insert = NULL;
	if (!number(l->db, "SELECT count(*) FROM pragma_foreign_key_check", 0, &wrong, err))
		return false;
	if (wrong)
		return err_setf(err, FAULT_SCHEMA, "%d references lead nowhere", (int)wrong);
	if (!run(l->db, l->triggers, err))
		return false;
	/* the pages were left to the kernel until now: one write of its own is waited for, and with it all before */
	if (!run(l->db, "COMMIT; PRAGMA synchronous = FULL; UPDATE probe SET n = n + 1", err))
		return false;
	sqlite_load_close(load);
	return true;
}

const struct dump_engine dump_sqlite = {
	.name = "sqlite",
	.open = sqlite_dump_open,
	.close = sqlite_dump_close,
	.tables = sqlite_dump_tables,
	.begin = sqlite_dump_begin,
	.next = sqlite_dump_next,
	.end = sqlite_dump_end,
	.log = sqlite_dump_log,
	.load_open = sqlite_load_open,
	.load_table = sqlite_load_table,
	.load_row = sqlite_load_row,
	.load_finish = sqlite_load_finish,
	.load_close = sqlite_load_close,
};
