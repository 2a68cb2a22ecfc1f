/* Statements and rows on PostgreSQL. */
#include <assert.h>
#include <stdlib.h>

#include "store/pg.h"

/* The statement was never sent, or its transaction is lost already. */
static void
refused(struct rows *q, struct pg_conn *c)
{
	q->fault = pg_fault(c->failed);
}

/* False: the connection is lost. Texts and blobs are copied into what is sent. */
static bool
send_query(struct tx *tx, int stmt, const struct val *vals, int n, struct pg_rows **ret_rows)
{
	struct pg_conn *c = pg_of(tx->conn);
	struct pg_rows *rows;

	if ((!tx->writes && !pg_reads(c)) || !pg_gather_needed(c, stmt, false))
		return false;
	rows = arena_make(tx->arena, struct pg_rows);
	rows->waits = true;
	rows->next = c->open;
	c->open = rows;
	*ret_rows = rows;
	return pg_send(c, (struct op){ .kind = OP_QUERY, .name = stmt, .tx = tx, .rows = rows }, vals, n);
}

/* ---- queries that were announced ---- */

void
pg_ahead(struct tx *tx, int stmt, const struct val *vals, int n)
{
	struct pg_conn *c = pg_of(tx->conn);
	struct val *kept = arena_alloc(tx->arena, (size_t)(n + 1) * sizeof(*kept));
	struct pg_rows *rows;

	if (c->failed != PG_WELL || !send_query(tx, stmt, vals, n, &rows))
		return;                          /* whoever asks hears of it */
	for (int i = 1; i <= n; i++) {
		kept[i] = vals[i];
		if (vals[i].kind == VAL_TEXT || vals[i].kind == VAL_BLOB)
			kept[i].s = arena_dup(tx->arena, vals[i].s);
	}
	rows->ahead = true;
	rows->stmt = stmt;
	rows->vals = kept;
	rows->n = n;
}

/* What is announced before the first answer is sent together, and needs neither a beginning nor an end. */
void
pg_ahead_whole(struct tx *tx)
{
	struct pg_conn *c = pg_of(tx->conn);

	if (!c->begun)
		c->whole = true;
}

static bool
same_values(const struct val *x, const struct val *y, int n)
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
		if (rows->ahead && rows->stmt == stmt && rows->n == n && same_values(rows->vals, vals, n)) {
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

void
pg_query(struct rows *q, const struct val *vals, int n)
{
	struct pg_conn *c = pg_of(q->tx->conn);
	struct pg_rows *rows;

	if (c->failed != PG_WELL) {
		refused(q, c);
		return;
	}
	rows = take_ahead(c, q->stmt, vals, n);
	if (!rows && !send_query(q->tx, q->stmt, vals, n, &rows))
		refused(q, c);
	q->engine = rows;
}

bool
pg_next(struct rows *q)
{
	struct pg_rows *rows = q->engine;

	if (rows->waits)
		pg_collect(pg_of(q->tx->conn));
	if (rows->code != PG_WELL)
		q->fault = pg_fault(rows->code);
	return rows->row++ < rows->count;
}

/* Not before what it gave is read; a query of which nobody read anything runs all the same. */
void
pg_end(struct rows *q)
{
	struct pg_conn *c = pg_of(q->tx->conn);
	struct pg_rows *rows = q->engine;

	if (rows->waits) {
		pg_collect(c);
		if (rows->code != PG_WELL)
			q->fault = pg_fault(rows->code);
	}
	for (struct pg_rows **at = &c->open; *at; at = &(*at)->next)
		if (*at == rows) {
			*at = rows->next;
			break;
		}
	PQclear(rows->result);
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
	if (c->failed != PG_WELL || !pg_gather_needed(c, q->stmt, true) ||
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

static const PGresult *
row_of(const struct rows *q, int column, int *ret_row)
{
	const struct pg_rows *rows = q->engine;

	assert(q->row && column >= 0 && column < PQnfields(rows->result));
	*ret_row = rows->row - 1;
	return rows->result;
}

bool
pg_null(const struct rows *q, int column)
{
	int row;
	const PGresult *r = row_of(q, column, &row);

	return PQgetisnull(r, row, column) != 0;
}

/* int2, int4, int8 or bool: as many bytes, the highest first. */
int64_t
pg_integer(const struct rows *q, int column)
{
	int row;
	const PGresult *r = row_of(q, column, &row);
	const unsigned char *p = (const unsigned char *)PQgetvalue(r, row, column);
	int n = PQgetlength(r, row, column);
	uint64_t v;

	if (PQgetisnull(r, row, column) || n == 0)
		return INT64_MIN;
	v = n > 1 && p[0] & 0x80 ? UINT64_MAX : 0;
	for (int i = 0; i < n; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

struct str
pg_string(const struct rows *q, int column)
{
	int row;
	const PGresult *r = row_of(q, column, &row);

	if (PQgetisnull(r, row, column))
		return STR_NONE;
	return arena_dup(q->tx->arena,
	    (struct str){ PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column) });
}

int
pg_columns(const struct rows *q)
{
	const struct pg_rows *rows = q->engine;

	if (rows->waits)
		pg_collect(pg_of(q->tx->conn));
	return PQnfields(rows->result);
}
