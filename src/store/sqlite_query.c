/* Statements and rows on SQLite. */
#include <assert.h>
#include <stdlib.h>

#include "store/sqlite.h"

static int
bind_one(sqlite3_stmt *s, int i, const struct val *v)
{
	switch (v->kind) {
	case VAL_NULL:
		break;
	case VAL_INT:
		return sqlite3_bind_int64(s, i, v->i);
	case VAL_TEXT:
		return sqlite3_bind_text64(s, i, v->s.p, v->s.n, SQLITE_STATIC, SQLITE_UTF8);
	case VAL_BLOB:
		/* an empty blob is not NULL */
		return sqlite3_bind_blob64(s, i, v->s.p ? v->s.p : "", v->s.n, SQLITE_STATIC);
	}
	return sqlite3_bind_null(s, i);
}

static int
bind_all(const struct store *st, const struct slot *slot, int stmt, const struct val *vals, int n)
{
	const char *letters = statement_parameters(st, stmt);
	int code = SQLITE_OK;

	assert(n == slot->parameters);
	for (int i = 1; i <= n && code == SQLITE_OK; i++) {
		int place = slot->place ? slot->place[i] : i;

		assert(declared(letters, place, &vals[place]));
		code = bind_one(slot->s, i, &vals[place]);
	}
	return code;
}

static enum fault
failed(struct rows *q, int code)
{
	return statement_failed(q->tx, q->stmt, code, sqlite3_errmsg(sqlite_of(q->tx->conn)->db));
}

/* Texts and blobs are not copied: they stay until db_end(). */
void
sqlite_query(struct rows *q, const struct val *vals, int n)
{
	int code = SQLITE_OK;
	struct slot *slot = conn_slot(sqlite_of(q->tx->conn), q->stmt, &code);

	q->engine = slot;
	if (slot)
		code = bind_all(q->tx->st, slot, q->stmt, vals, n);
	if (code != SQLITE_OK)
		q->fault = failed(q, code);
}

bool
sqlite_next(struct rows *q)
{
	struct slot *slot = q->engine;
	int code = sqlite3_step(slot->s);

	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		q->fault = failed(q, code);
	slot_rest(sqlite_of(q->tx->conn), slot);         /* another step would run it once more */
	q->engine = NULL;
	return false;
}

void
sqlite_end(struct rows *q)
{
	slot_rest(sqlite_of(q->tx->conn), q->engine);
}

void
sqlite_run(struct rows *q, const struct val *vals, int n, int64_t *ret_changed)
{
	sqlite_query(q, vals, n);
	while (q->fault == FAULT_NONE && q->engine && sqlite_next(q))
		;
	if (ret_changed && q->fault == FAULT_NONE)
		*ret_changed = sqlite3_changes64(sqlite_of(q->tx->conn)->db);
}

static sqlite3_stmt *
row_of(const struct rows *q, int column)
{
	const struct slot *slot = q->engine;

	assert(q->row && column >= 0 && column < sqlite3_data_count(slot->s));
	return slot->s;
}

bool
sqlite_null(const struct rows *q, int column)
{
	return sqlite3_column_type(row_of(q, column), column) == SQLITE_NULL;
}

int64_t
sqlite_integer(const struct rows *q, int column)
{
	sqlite3_stmt *s = row_of(q, column);

	return sqlite3_column_type(s, column) == SQLITE_NULL ? INT64_MIN : sqlite3_column_int64(s, column);
}

struct str
sqlite_string(const struct rows *q, int column)
{
	sqlite3_stmt *s = row_of(q, column);
	int type = sqlite3_column_type(s, column);
	const void *p;
	size_t n;

	if (type == SQLITE_NULL)
		return STR_NONE;
	p = type == SQLITE_BLOB ? sqlite3_column_blob(s, column) : sqlite3_column_text(s, column);
	n = (size_t)sqlite3_column_bytes(s, column);
	if (!p && n > 0)                 /* no memory for a number's digits: as everywhere, the end */
		abort();
	return arena_dup(q->tx->arena, p ? (struct str){ p, n } : STR(""));
}

int
sqlite_columns(const struct rows *q)
{
	const struct slot *slot = q->engine;

	return sqlite3_column_count(slot->s);
}

bool
sqlite_check(struct conn *c, int stmt, const char *name, struct err *err)
{
	int code = SQLITE_OK;
	struct slot *slot = conn_slot(sqlite_of(c), stmt, &code);

	if (!slot)
		return conn_set_error(c, code, name, err);
	return check_letters(c->st, stmt, slot->parameters, sqlite3_column_count(slot->s), name, err);
}
