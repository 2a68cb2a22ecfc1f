/* Statements and rows on PostgreSQL. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/pg.h"

/* The statement was never sent, or its transaction is lost already. */
static void
refused(struct rows *q, struct pg_conn *c)
{
	q->fault = pg_fault(c->failed);
}

static struct pg_rows *
new_rows(struct tx *tx, int stmt)
{
	struct pg_conn *c = pg_of(tx->conn);
	struct pg_rows *rows = arena_make(tx->arena, struct pg_rows);

	rows->stmt = stmt;
	rows->next = c->open;
	c->open = rows;
	return rows;
}

/* False: the connection is lost. Texts and blobs are copied into what is sent. */
static bool
send_query(struct tx *tx, struct pg_rows *rows, const struct val *vals, int n)
{
	struct pg_conn *c = pg_of(tx->conn);

	if ((!tx->writes && !pg_reads(c)) || !pg_gather_needed(c, rows->stmt, false) || !pg_era_ends(c, rows->stmt))
		return false;
	rows->waits = true;
	return pg_send(c, (struct op){ .kind = OP_QUERY, .name = rows->stmt, .tx = tx, .rows = rows }, vals, n);
}

/* ---- queries that were announced ---- */

/* Texts and blobs, too, are kept. */
static const struct val *
kept_values(struct arena *a, const struct val *vals, int n)
{
	struct val *kept = arena_alloc(a, (size_t)(n + 1) * sizeof(*kept));

	for (int i = 1; i <= n; i++) {
		kept[i] = vals[i];
		if (vals[i].kind == VAL_TEXT || vals[i].kind == VAL_BLOB)
			kept[i].s = arena_dup(a, vals[i].s);
	}
	return kept;
}

struct pg_rows *
pg_ask_ahead(struct tx *tx, int stmt, const struct val *vals, int n)
{
	struct pg_conn *c = pg_of(tx->conn);
	struct pg_rows *rows = new_rows(tx, stmt);

	rows->vals = kept_values(tx->arena, vals, n);
	rows->n = n;
	return pg_whole_take(c, rows, tx->arena) || send_query(tx, rows, vals, n) ? rows : NULL;
}

void
pg_ahead(struct tx *tx, int stmt, const struct val *vals, int n)
{
	struct pg_rows *rows;

	/* whoever asks hears of it, or has it at once */
	if (pg_of(tx->conn)->failed != PG_WELL || pg_remembers(tx, stmt))
		return;
	rows = pg_ask_ahead(tx, stmt, vals, n);
	if (rows)
		rows->ahead = true;
}

void
pg_ahead_whole(struct tx *tx)
{
	struct pg_conn *c = pg_of(tx->conn);

	if (c->begun || c->alone)
		return;
	pg_whole_begin(c, true);
	pg_era_ask(tx);
}

bool
pg_same_values(const struct val *x, const struct val *y, int n)
{
	for (int i = 1; i <= n; i++) {
		if (x[i].kind != y[i].kind)
			return false;
		if (x[i].kind == VAL_INT ? x[i].i != y[i].i : x[i].kind != VAL_NULL && !str_eq(x[i].s, y[i].s))
			return false;
	}
	return true;
}

static struct pg_rows *
take_ahead(struct pg_conn *c, int stmt, const struct val *vals, int n)
{
	for (struct pg_rows *rows = c->open; rows; rows = rows->next)
		if (rows->ahead && rows->stmt == stmt && rows->n == n && pg_same_values(rows->vals, vals, n)) {
			rows->ahead = false;
			return rows;
		}
	return NULL;
}

/* What they have read may be so no more. */
static void
forget_ahead(struct pg_conn *c)
{
	for (struct pg_rows *rows = c->open; rows; rows = rows->next)
		rows->ahead = false;
}

/* ---- statements ---- */

/* What is remembered of it; NULL: it has to be asked, in a moment of which the era is known. */
static struct pg_rows *
recalled(struct tx *tx, int stmt, const struct val *vals, int n)
{
	struct pg_conn *c = pg_of(tx->conn);
	struct pg_answer *answer = pg_recall(c, stmt, vals, n);
	struct pg_rows *rows;

	if (!answer) {
		if (!tx->writes && !c->begun && c->whole.n == 0)
			pg_era_ask(tx);
		return NULL;
	}
	rows = new_rows(tx, stmt);
	rows->answer = answer;
	rows->result = pg_answer_result(answer);
	rows->count = PQntuples(rows->result);
	return rows;
}

void
pg_query(struct rows *q, const struct val *vals, int n)
{
	struct pg_conn *c = pg_of(q->tx->conn);
	bool remembers = pg_remembers(q->tx, q->stmt);
	struct pg_rows *rows = remembers ? recalled(q->tx, q->stmt, vals, n) : NULL;

	q->engine = rows;
	if (rows)
		return;
	if (c->failed != PG_WELL) {
		refused(q, c);
		return;
	}
	rows = take_ahead(c, q->stmt, vals, n);
	q->engine = rows ? rows : new_rows(q->tx, q->stmt);
	/* of one moment with those that wait: in one transaction with them */
	if ((c->whole.n > 0 && ((!rows && !pg_reads(c)) || !pg_whole_send(q->tx))) ||
	    (!rows && !send_query(q->tx, q->engine, vals, n))) {
		refused(q, c);
	} else if (!rows && remembers) {
		rows = q->engine;
		rows->vals = kept_values(q->tx->arena, vals, n);
		rows->n = n;
		rows->remember = true;
	}
}

/* Waits for the answer if it is not here; false: there is none. */
static bool
answered(struct rows *q)
{
	struct pg_conn *c = pg_of(q->tx->conn);
	struct pg_rows *rows = q->engine, *all = rows->of ? rows->of : rows;

	if (all->waits)
		pg_collect(c);
	if (all->code != PG_WELL)
		q->fault = pg_fault(all->code);
	else if (rows->remember && rows->result)
		rows->answer = pg_remember(c, rows->stmt, rows->vals, rows->n, rows->result);
	rows->remember = false;
	return all->code == PG_WELL;
}

bool
pg_number_here(struct pg_rows *rows, int64_t *ret_number)
{
	const struct pg_rows *all = rows->of ? rows->of : rows;

	if (all->waits || all->code != PG_WELL || !all->result)
		return false;
	if (rows->of)
		*ret_number = pg_part_next(rows) ? pg_number(rows->cells[0]) : 0;
	else
		*ret_number = rows->count > 0 ? pg_number((struct str){ PQgetvalue(rows->result, 0, 0), 8 }) : 0;
	return true;
}

bool
pg_next(struct rows *q)
{
	struct pg_rows *rows = q->engine;

	if (!answered(q))
		return false;
	return rows->of ? pg_part_next(rows) : rows->row++ < rows->count;
}

/* Not before what it gave is read; a query of which nobody read anything runs all the same. */
void
pg_end(struct rows *q)
{
	struct pg_conn *c = pg_of(q->tx->conn);
	struct pg_rows *rows = q->engine;

	answered(q);
	for (struct pg_rows **at = &c->open; *at; at = &(*at)->next)
		if (*at == rows) {
			*at = rows->next;
			break;
		}
	pg_rows_done(rows);
}

/* Of what is remembered only its own part. */
void
pg_rows_done(struct pg_rows *rows)
{
	if (rows->answer)
		pg_answer_done(rows->answer);
	else
		PQclear(rows->result);
	rows->answer = NULL;
	rows->result = NULL;
}

void
pg_run(struct rows *q, const struct val *vals, int n, int64_t *ret_changed)
{
	struct pg_conn *c = pg_of(q->tx->conn);

	if (!q->tx->writes) {
		q->fault = statement_failed(q->tx, q->stmt, PG_WRONG, "nothing is written through a reader");
		return;
	}
	forget_ahead(c);
	if (c->failed == PG_WELL && !ret_changed && pg_gather(c, q->stmt, vals, n))
		return;
	if (c->failed != PG_WELL || !pg_gather_needed(c, q->stmt, true) || !pg_era_ends(c, q->stmt) ||
	    !pg_send(c, (struct op){ .kind = OP_RUN, .name = q->stmt, .tx = q->tx }, vals, n)) {
		refused(q, c);
		return;
	}
	if (!ret_changed)
		return;
	pg_collect(c);
	if (c->failed != PG_WELL)
		refused(q, c);
	else
		*ret_changed = c->last_changed;
}

/* ---- rows ---- */

/* STR_NONE: NULL. */
static struct str
cell(const struct rows *q, int column)
{
	const struct pg_rows *rows = q->engine;
	int row = rows->row - 1;

	assert(q->row && column >= 0 && column < pg_columns(q));
	if (rows->of)
		return rows->cells[column];
	if (PQgetisnull(rows->result, row, column))
		return STR_NONE;
	return (struct str){ PQgetvalue(rows->result, row, column), (size_t)PQgetlength(rows->result, row, column) };
}

bool
pg_null(const struct rows *q, int column)
{
	return cell(q, column).p == NULL;
}

/* int2, int4, int8 or bool: as many bytes, the highest first. */
int64_t
pg_number(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	uint64_t v;

	if (s.n == 0)
		return INT64_MIN;
	v = s.n > 1 && p[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

int64_t
pg_integer(const struct rows *q, int column)
{
	return pg_number(cell(q, column));
}

struct str
pg_string(const struct rows *q, int column)
{
	struct str s = cell(q, column);

	return s.p ? arena_dup(q->tx->arena, s) : STR_NONE;
}

int
pg_columns(const struct rows *q)
{
	const struct pg_rows *rows = q->engine;

	if (rows->of)
		return (int)strlen(statement_results(rows->stmt));
	if (rows->waits)
		pg_collect(pg_of(q->tx->conn));
	return PQnfields(rows->result);
}
