/*
 * A reading that knows all its questions before the first answer asks them as one statement: what a server and we do for a
 * statement is more than what its few rows cost. It needs no transaction around it, for one statement reads as of one moment.
 *
 * Statements of any columns are joined by UNION ALL, for each gives its rows in two columns: an array of its number among them
 * and its integers, and an array of its texts. So the server says nothing of a hundred columns, and we read nothing of that.
 */
#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/pg.h"

/* ---- which statements ---- */

/* Texts, integers and nothing else, and so few parameters that there is room for those of all. */
static bool
joins(const struct store *st, int stmt)
{
	const char *results = stmt < S__MAX ? statement_results(stmt) : NULL;

	return results && strspn(results, "it") == strlen(results) &&
	    strlen(statement_parameters(st, stmt)) <= PARAMETERS_MAX / PG_PARTS;
}

/* The number of the statement joined of these; -1: there are too many already. */
static int
find_joined(struct pg_conn *c)
{
	struct pg_whole *w = &c->whole;
	struct pg_joined j = { .n = w->n };

	for (int i = 0; i < w->n; i++)
		j.stmts[i] = w->parts[i]->stmt;
	for (int k = 0; k < w->joined_count; k++)
		if (w->joined[k].n == j.n && memcmp(w->joined[k].stmts, j.stmts, sizeof(j.stmts)) == 0)
			return k;
	if (w->joined_count == PG_JOINED)
		return -1;
	for (int i = 0; i < j.n; i++)
		strcat(j.letters, statement_parameters(c->conn.st, j.stmts[i]));
	w->joined[w->joined_count] = j;
	return w->joined_count++;
}

/* The columns of one kind: ", x.c2, x.c5". */
static void
put_columns(struct buf *b, const char *results, char letter, const char *before)
{
	for (int i = 0; results[i]; i++)
		if (results[i] == letter) {
			buf_printf(b, "%sx.c%d", before, i + 1);
			before = ", ";
		}
}

/* A statement whose first parameter is not $1 but one so much higher. */
static void
put_shifted(struct buf *b, struct str sql, long by)
{
	while (sql.n > 0) {
		char *end;

		if (sql.p[0] != '$') {
			buf_char(b, sql.p[0]);
			sql = str_from(sql, 1);
			continue;
		}
		buf_printf(b, "$%ld", strtol(sql.p + 1, &end, 10) + by);
		sql = str_from(sql, (size_t)(end - sql.p));
	}
}

struct str
pg_joined_text(const struct store *st, const struct pg_joined *j, struct arena *a)
{
	struct buf b = { .arena = a };
	size_t parameters = 0;

	for (int k = 0; k < j->n; k++) {
		const char *results = statement_results(j->stmts[k]);

		buf_printf(&b, "%sSELECT ARRAY[%d", k > 0 ? " UNION ALL " : "", k);
		put_columns(&b, results, 'i', ", ");
		buf_c(&b, "]::bigint[], ARRAY[");
		put_columns(&b, results, 't', "");
		buf_c(&b, "]::text[] FROM (");
		put_shifted(&b, pg_statement(st, j->stmts[k], a), (long)parameters);
		buf_c(&b, ") x(");
		for (int i = 0; results[i]; i++)
			buf_printf(&b, "%sc%d", i > 0 ? ", " : "", i + 1);
		buf_char(&b, ')');
		parameters += strlen(statement_parameters(st, j->stmts[k]));
	}
	buf_char(&b, '\0');
	return str_first(buf_str(&b), b.n - 1);
}

/* ---- asking ---- */

void
pg_whole_begin(struct pg_conn *c, bool collects)
{
	c->whole.collects = collects;
	c->whole.n = 0;
}

bool
pg_whole_take(struct pg_conn *c, struct pg_rows *rows, struct arena *a)
{
	struct pg_whole *w = &c->whole;

	if (!w->collects || w->n == PG_PARTS || !joins(c->conn.st, rows->stmt))
		return false;
	if (w->n == 0) {
		w->rows = arena_make(a, struct pg_rows);
		w->rows->next = c->open;
		c->open = w->rows;
	}
	rows->of = w->rows;
	rows->part = w->n;
	rows->cells = arena_alloc(a, strlen(statement_results(rows->stmt)) * sizeof(*rows->cells));
	w->parts[w->n++] = rows;
	return true;
}

/* One by one, in a transaction. */
static bool
send_apart(struct tx *tx)
{
	struct pg_conn *c = pg_of(tx->conn);
	bool ok = pg_reads(c);

	for (int i = 0; ok && i < c->whole.n; i++) {
		struct pg_rows *rows = c->whole.parts[i];

		rows->of = NULL;
		rows->waits = true;
		ok = pg_send(c, (struct op){ .kind = OP_QUERY, .name = rows->stmt, .tx = tx, .rows = rows }, rows->vals,
		    rows->n);
	}
	return ok;
}

bool
pg_whole_send(struct tx *tx)
{
	struct pg_conn *c = pg_of(tx->conn);
	struct pg_whole *w = &c->whole;
	struct val vals[PARAMETERS_MAX + 1];
	int joined = find_joined(c), n = 0;
	bool ok;

	if (joined < 0) {
		ok = send_apart(tx);
	} else {
		for (int i = 0; i < w->n; i++) {
			memcpy(&vals[n + 1], &w->parts[i]->vals[1], (size_t)w->parts[i]->n * sizeof(vals[0]));
			n += w->parts[i]->n;
		}
		c->alone = !c->begun;
		w->rows->waits = true;
		ok = pg_send(c, (struct op){ .kind = OP_QUERY, .name = pg_joined_name(c, joined), .tx = tx, .rows = w->rows },
		    vals, n);
	}
	pg_whole_begin(c, false);
	return ok;
}

/* ---- reading ---- */

/* What is left of an array, as the server sends it. */
struct elements {
	const char *p;
	int n;
};

static int32_t
int32_at(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return (int32_t)be32toh(v);
}

/* Dimensions, whether there are NULLs, of what; and of the only dimension, if there is one: how many, from where on. */
static struct elements
elements_of(const PGresult *r, int row, int column)
{
	const char *p = PQgetvalue(r, row, column);

	return int32_at(p) == 0 ? (struct elements){ p, 0 } : (struct elements){ p + 20, int32_at(p + 12) };
}

static struct str
take_element(struct elements *e)
{
	int32_t n = int32_at(e->p);
	struct str s = n < 0 ? STR_NONE : (struct str){ e->p + 4, (size_t)n };

	assert(e->n > 0);
	e->n--;
	e->p += 4 + s.n;
	return s;
}

bool
pg_part_next(struct pg_rows *rows)
{
	const char *letters = statement_results(rows->stmt);

	while (rows->row < rows->of->count) {
		struct elements integers = elements_of(rows->of->result, rows->row, 0);
		struct elements texts = elements_of(rows->of->result, rows->row++, 1);

		if (pg_number(take_element(&integers)) != rows->part)
			continue;
		for (int i = 0; letters[i]; i++)
			rows->cells[i] = take_element(letters[i] == 'i' ? &integers : &texts);
		return true;
	}
	return false;
}
