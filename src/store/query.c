#include <assert.h>

#include "base/log.h"
#include "store/private.h"
#include "store/unrecorded.h"

/* ---- transactions ---- */

struct tx *
tx_begin(struct conn *c, struct arena *a, bool writes)
{
	struct tx *tx = arena_make(a, struct tx);

	tx->st = c->st;
	tx->engine = c->st->engine;
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
	code = st->engine->control(c, C_BEGIN);
	if (code == 0)
		return tx_begin(c, a, false);
	st->engine->set_error(c, code, "read", err);
	if (st->engine->in_transaction(c))
		st->engine->control(c, C_ROLLBACK);
	return NULL;
}

void
store_done(struct tx *tx)
{
	const struct engine *engine;
	struct conn *c;

	if (!tx)
		return;
	assert(!tx->writes);
	c = tx->conn;
	engine = tx->engine;
	engine->rest(c);
	if (engine->control(c, C_COMMIT) != 0 && engine->in_transaction(c))
		engine->control(c, C_ROLLBACK);
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
tx_leave(struct tx *tx, const void *what)
{
	tx->left = what;
}

const void *
tx_left(const struct tx *tx)
{
	return tx->left;
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

bool
declared(const char *letters, int i, const struct val *v)
{
	static const char letter_of[] = { [VAL_INT] = 'i', [VAL_TEXT] = 't', [VAL_BLOB] = 'b' };

	return !letters || v->kind == VAL_NULL || letters[i - 1] == letter_of[v->kind];
}

/* ---- statements ---- */

enum fault
statement_failed(struct tx *tx, int stmt, int code, const char *words)
{
	enum fault fault = tx->engine->fault(code);
	struct stmt_text text;

	statement_text(tx->st, stmt, &text);
	tx->detail = arena_printf(tx->arena, "%s: %s", text.name, words);
	if (tx->writes && (fault == FAULT_STORE || fault == FAULT_BUSY))
		tx->code = code;
	if (fault == FAULT_INTERNAL || fault == FAULT_STORE)
		log_line(LOG_ERROR, "store: %.*s", STR_FMT(tx->detail));
	return fault;
}

struct rows
db_query_vals(struct tx *tx, int stmt, const struct val *vals, int n)
{
	struct rows q = { .tx = tx, .stmt = stmt };

	if (tx->code != 0)
		q.fault = tx->engine->fault(tx->code);
	else
		tx->engine->query(&q, vals, n);
	return q;
}

void
db_ahead_vals(struct tx *tx, int stmt, const struct val *vals, int n)
{
	if (tx->engine->ahead && tx->code == 0)
		tx->engine->ahead(tx, stmt, vals, n);
}

void
db_ahead_whole(struct tx *tx)
{
	if (tx->engine->ahead_whole && !tx->writes)
		tx->engine->ahead_whole(tx);
}

bool
db_next(struct rows *q)
{
	q->row = false;
	if (q->fault == FAULT_NONE && q->engine)
		q->row = q->tx->engine->next(q);
	return q->row;
}

bool
db_null(const struct rows *q, int column)
{
	return q->tx->engine->null(q, column);
}

int64_t
db_int(const struct rows *q, int column)
{
	return q->tx->engine->integer(q, column);
}

struct str
db_str(const struct rows *q, int column)
{
	return q->tx->engine->string(q, column);
}

int
db_columns(const struct rows *q)
{
	return q->engine ? q->tx->engine->columns(q) : 0;
}

bool
db_end(struct rows *q, struct err *err)
{
	if (q->engine)
		q->tx->engine->end(q);
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
	struct rows q = { .tx = tx, .stmt = stmt };
	int64_t before = 0, changed = 0;
	bool unrecorded = needs_no_record(stmt);

	if (unrecorded)
		before = tx->engine->changes(tx->conn);
	if (tx->code != 0)
		q.fault = tx->engine->fault(tx->code);
	else
		tx->engine->run(&q, vals, n, ret_changed || unrecorded ? &changed : NULL);
	if (unrecorded)
		tx->unrecorded += tx->engine->changes(tx->conn) - before;
	if (!db_end(&q, err))
		return false;
	if (ret_changed)
		*ret_changed = changed;
	return true;
}
