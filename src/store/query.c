#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "store/sqlite.h"
#include "store/unrecorded.h"

/* ---- transactions ---- */

struct tx *
tx_begin(struct conn *c, struct arena *a, bool writes)
{
	struct tx *tx = arena_make(a, struct tx);

	tx->st = c->st;
	tx->conn = c;
	tx->arena = a;
	tx->writes = writes;
	tx->now = NO_TIME;
	tx->actor.address = tx->actor.name = STR("");
	tx->after_end = &tx->after;
	c->tx = tx;
	return tx;
}

/* This thread's connection, opened when it first reads. */
static struct conn *
reader_of(struct store *st, struct err *err)
{
	struct conn *c = pthread_getspecific(st->reader);

	if (c)
		return c;
	if (!conn_open(st, RIGHT_READ, &c, err))
		return NULL;
	if (pthread_setspecific(st->reader, c) != 0) {
		conn_close(c);
		err_setf(err, FAULT_STORE, "out of memory");
		return NULL;
	}
	pthread_mutex_lock(&st->readers_lock);
	c->next = st->readers;
	st->readers = c;
	pthread_mutex_unlock(&st->readers_lock);
	return c;
}

struct tx *
store_read(struct store *st, struct arena *a, struct err *err)
{
	struct conn *c = reader_of(st, err);
	int code;

	if (!c)
		return NULL;
	assert(!c->tx);                  /* not nested */
	code = conn_control(c, C_BEGIN);
	if (code == SQLITE_OK)
		code = conn_control(c, C_LOOK);
	if (code == SQLITE_OK)
		return tx_begin(c, a, false);
	conn_set_error(c, code, "read", err);
	if (!sqlite3_get_autocommit(c->db))
		conn_control(c, C_ROLLBACK);
	return NULL;
}

void
store_done(struct tx *tx)
{
	struct conn *c;

	if (!tx)
		return;
	assert(!tx->writes);
	c = tx->conn;
	conn_rest(c);
	if (conn_control(c, C_COMMIT) != SQLITE_OK && !sqlite3_get_autocommit(c->db))
		conn_control(c, C_ROLLBACK);
	c->tx = NULL;
}

struct arena *
tx_arena(struct tx *tx)
{
	return tx->arena;
}

struct store *
tx_store(struct tx *tx)
{
	return tx->st;
}

bool
tx_can_write(const struct tx *tx)
{
	return tx->writes;
}

int64_t
tx_now(struct tx *tx)
{
	if (tx->now == NO_TIME)
		tx->now = clock_now();
	return tx->now;
}

void
tx_after_commit(struct tx *tx, void (*fn)(void *arg), void *arg)
{
	struct after *after = arena_make(tx->arena, struct after);

	assert(tx->writes);
	after->fn = fn;
	after->arg = arg;
	*tx->after_end = after;
	tx->after_end = &after->next;
}

/* ---- values ---- */

struct val
val_or_null(int64_t i)
{
	return i == INT64_MIN ? (struct val){ .kind = VAL_NULL } : I(i);
}

struct val
val_text(struct str s)
{
	return s.p ? (struct val){ .kind = VAL_TEXT, .s = s } : (struct val){ .kind = VAL_NULL };
}

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

/* Whether a value is what the statement's row declares; NULL goes everywhere. */
static bool
declared(const char *letters, int i, const struct val *v)
{
	static const char letter_of[] = { [VAL_INT] = 'i', [VAL_TEXT] = 't', [VAL_BLOB] = 'b' };

	return !letters || v->kind == VAL_NULL || letters[i - 1] == letter_of[v->kind];
}

static int
bind_all(const struct slot *slot, int stmt, const struct val *vals, int n)
{
	const char *letters = statement_parameters(stmt);
	int code = SQLITE_OK;

	assert(n == slot->parameters);
	for (int i = 1; i <= n && code == SQLITE_OK; i++) {
		int place = slot->place ? slot->place[i] : i;

		assert(declared(letters, place, &vals[place]));
		code = bind_one(slot->s, i, &vals[place]);
	}
	return code;
}

/* ---- statements ---- */

/* What the disk says ends a write transaction for good; what we did wrong goes into the log. */
static enum fault
statement_failed(struct tx *tx, int stmt, int code)
{
	enum fault fault = failure_fault(code);
	struct stmt_text text;

	statement_text(tx->st, stmt, &text);
	tx->detail = arena_printf(tx->arena, "%s: %s", text.name, sqlite3_errmsg(tx->conn->db));
	if (tx->writes && (fault == FAULT_STORE || fault == FAULT_BUSY))
		tx->code = code;
	if (fault == FAULT_INTERNAL || fault == FAULT_STORE)
		log_line(LOG_ERROR, "store: %.*s", STR_FMT(tx->detail));
	return fault;
}

/* Texts and blobs are not copied: they stay until db_end(). */
struct rows
db_query_vals(struct tx *tx, int stmt, const struct val *vals, int n)
{
	struct rows q = { .tx = tx, .stmt = stmt };
	struct slot *slot;
	int code = SQLITE_OK;

	if (tx->code != SQLITE_OK) {
		q.fault = failure_fault(tx->code);
		return q;
	}
	slot = conn_slot(tx->conn, stmt, &code);
	q.engine = slot;
	if (slot)
		code = bind_all(slot, stmt, vals, n);
	if (code != SQLITE_OK)
		q.fault = statement_failed(tx, stmt, code);
	return q;
}

bool
db_next(struct rows *q)
{
	struct slot *slot = q->engine;
	int code;

	q->row = false;
	if (q->fault != FAULT_NONE || !slot)
		return false;
	code = sqlite3_step(slot->s);
	q->row = code == SQLITE_ROW;
	if (q->row)
		return true;
	if (code != SQLITE_DONE)
		q->fault = statement_failed(q->tx, q->stmt, code);
	slot_rest(q->tx->conn, slot);    /* another step would run it once more */
	q->engine = NULL;
	return false;
}

static sqlite3_stmt *
row_of(const struct rows *q, int column)
{
	const struct slot *slot = q->engine;

	assert(q->row && column >= 0 && column < sqlite3_data_count(slot->s));
	return slot->s;
}

bool
db_null(const struct rows *q, int column)
{
	return sqlite3_column_type(row_of(q, column), column) == SQLITE_NULL;
}

int64_t
db_int(const struct rows *q, int column)
{
	sqlite3_stmt *s = row_of(q, column);

	return sqlite3_column_type(s, column) == SQLITE_NULL ? INT64_MIN : sqlite3_column_int64(s, column);
}

struct str
db_str(const struct rows *q, int column)
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
db_columns(const struct rows *q)
{
	const struct slot *slot = q->engine;

	return slot ? sqlite3_column_count(slot->s) : 0;
}

bool
db_end(struct rows *q, struct err *err)
{
	if (q->engine)
		slot_rest(q->tx->conn, q->engine);
	q->engine = NULL;
	q->row = false;
	if (q->fault == FAULT_NONE)
		return true;
	if (err->fault == FAULT_NONE)
		err->detail = q->tx->detail;
	return err_set(err, q->fault);
}

static bool
needs_no_record(int stmt)
{
	switch (stmt) {
#define UNRECORDED_CASE(constant) case constant:
	UNRECORDED(UNRECORDED_CASE)
#undef UNRECORDED_CASE
		return true;
	}
	return false;
}

bool
db_run_vals(struct tx *tx, int stmt, const struct val *vals, int n, int64_t *ret_changed, struct err *err)
{
	int64_t changes_before = sqlite3_total_changes64(tx->conn->db), changed = 0;
	struct rows q = db_query_vals(tx, stmt, vals, n);

	while (db_next(&q))
		;
	if (needs_no_record(stmt))
		tx->unrecorded += sqlite3_total_changes64(tx->conn->db) - changes_before;
	if (q.fault == FAULT_NONE)
		changed = sqlite3_changes64(tx->conn->db);
	if (!db_end(&q, err))
		return false;
	if (ret_changed)
		*ret_changed = changed;
	return true;
}
