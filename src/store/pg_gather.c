/*
 * Rows that are only added wait until somebody could miss them: a statement whose text names their table, any
 * other change, the commit. Then those of a table go in one statement, whichever jobs of the group they are of:
 * a server's work for a row is a fraction of that for a statement.
 *
 * What fails when it is sent that late cannot be told to the job it is of, and costs the group. So only tables
 * stand here to which nothing is added that the database might refuse for what somebody typed.
 */
#include <assert.h>
#include <ctype.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/pg.h"

#define WAITING_MOST 1000                /* rows */
#define WAITING_BYTES (1 << 20)

/* In this order they are sent: what is referred to comes first. */
static const char *const tables[PG_GATHERED] = {
	"report", "report_version", "duty", "report_text", "report_address", "report_system", "idempotency", "audit",
	"audit_details", "log_tile",
};

struct pg_kept {
	struct pg_kept *next;
	int stmt, job;
	int sent_in;                     /* the job in which it was sent; -1: it waits */
	int n;
	const struct val *vals;          /* vals[1..n] */
};

/* ---- what a statement is about ---- */

static bool
in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Whether the text has this word. */
static bool
names(const char *sql, const char *table)
{
	size_t n = strlen(table);

	for (const char *at = strstr(sql, table); at; at = strstr(at + 1, table))
		if ((at == sql || !in_name(at[-1])) && !in_name(at[n]))
			return true;
	return false;
}

/* The table to which a statement adds one row, all of it in VALUES; -1: it does something else. */
static int
adds_to(struct str sql)
{
	struct str rest = sql, head;

	if (!str_starts(sql, STR("INSERT INTO ")) || !strstr(sql.p, " VALUES (") || strstr(sql.p, "RETURNING") ||
	    strstr(sql.p, "DO UPDATE"))
		return -1;
	rest = str_from(sql, STR("INSERT INTO ").n);
	str_split(&rest, ' ', &head);
	for (int i = 0; i < PG_GATHERED; i++)
		if (str_is(head, tables[i]))
			return i;
	return -1;
}

void
pg_gather_learn(struct store *st)
{
	struct pg *own = pg_own(st);
	struct arena *a = arena_new();

	own->about = arena_alloc(st->arena, (size_t)statement_count(st) * sizeof(*own->about));
	for (int i = 0; i < statement_count(st); i++) {
		struct str sql = pg_statement(st, i, a);

		own->about[i] = (struct pg_about){ .adds_to = statement_parameters(st, i) ? adds_to(sql) : -1 };
		for (int t = 0; t < PG_GATHERED; t++)
			if (names(sql.p, tables[t]))
				own->about[i].tables |= 1U << t;
		pg_memory_learn(st, i, sql);
		arena_reset(a);
	}
	arena_free(a);
}

/* ---- the text for many rows ---- */

/* "INSERT INTO t (a, b) VALUES ($1, $2)" becomes "... SELECT v.p1, v.p2 FROM unnest($1, $2) AS v(p1, p2)". */
struct str
pg_gathered_text(const struct store *st, int stmt, struct arena *a)
{
	struct str sql = pg_statement(st, stmt, a);
	int n = (int)strlen(statement_parameters(st, stmt)), depth = 1;
	const char *at = strstr(sql.p, " VALUES (");
	struct buf b = { .arena = a };

	buf_put(&b, (struct str){ sql.p, (size_t)(at - sql.p) });
	buf_c(&b, " SELECT ");
	for (at += strlen(" VALUES ("); *at; at++) {
		depth += (*at == '(') - (*at == ')');
		if (depth == 0)
			break;
		if (*at == '$')
			buf_c(&b, "v.p");
		else
			buf_char(&b, *at);
	}
	assert(*at == ')');
	buf_c(&b, " FROM unnest(");
	for (int i = 1; i <= n; i++)
		buf_printf(&b, "%s$%d", i > 1 ? ", " : "", i);
	buf_c(&b, ") AS v(");
	for (int i = 1; i <= n; i++)
		buf_printf(&b, "%sp%d", i > 1 ? ", " : "", i);
	buf_printf(&b, ")%s", at + 1);
	buf_char(&b, '\0');
	return str_first(buf_str(&b), b.n - 1);
}

/* ---- waiting ---- */

void
pg_gather_begin(struct pg_conn *c)
{
	struct pg_gather *g = &c->gather;

	if (!g->arena)
		g->arena = arena_new();
	arena_reset(g->arena);
	for (int t = 0; t < PG_GATHERED; t++) {
		g->first[t] = NULL;
		g->end[t] = &g->first[t];
	}
	g->waiting = 0;
	g->bytes = 0;
	g->tables = 0;
	g->job = 0;
}

void
pg_gather_end(struct pg_conn *c)
{
	arena_free(c->gather.arena);
	c->gather.arena = NULL;
}

bool
pg_gather(struct pg_conn *c, int stmt, const struct val *vals, int n)
{
	int table = pg_own(c->conn.st)->about ? pg_own(c->conn.st)->about[stmt].adds_to : -1;
	struct pg_gather *g = &c->gather;
	struct pg_kept *row;
	struct val *kept;

	if (table < 0 || !g->arena)
		return false;
	row = arena_make(g->arena, struct pg_kept);
	kept = arena_alloc(g->arena, (size_t)(n + 1) * sizeof(*kept));
	for (int i = 1; i <= n; i++) {
		assert(declared(statement_parameters(c->conn.st, stmt), i, &vals[i]));
		kept[i] = vals[i];
		if (vals[i].kind == VAL_TEXT || vals[i].kind == VAL_BLOB) {
			kept[i].s = arena_dup(g->arena, vals[i].s);
			g->bytes += vals[i].s.n;
		}
	}
	*row = (struct pg_kept){ .stmt = stmt, .job = g->job, .sent_in = -1, .n = n, .vals = kept };
	*g->end[table] = row;
	g->end[table] = &row->next;
	g->tables |= 1U << table;
	g->waiting++;
	c->changes++;
	return g->waiting < WAITING_MOST && g->bytes < WAITING_BYTES ? true : pg_gather_send(c);
}

/* ---- sending ---- */

/* The rows from this one on that wait and are of one statement: how many, and the next one behind them. */
static int
alike(const struct pg_kept *row, const struct pg_kept **ret_next)
{
	int stmt = row->stmt, n = 0;

	for (; row && row->stmt == stmt && row->sent_in < 0; row = row->next)
		n++;
	*ret_next = row;
	return n;
}

/* One parameter of all rows, as the server's binary array. */
static struct str
array_of(struct arena *a, const struct pg_kept *row, int rows, int i, char letter)
{
	const uint32_t head[] = { htobe32(1), htobe32(1), htobe32((uint32_t)pg_type_of(letter)),
		htobe32((uint32_t)rows), htobe32(1) };   /* dimensions, NULLs, of what, how many, from 1 on */
	struct buf b = { .arena = a };

	buf_put(&b, (struct str){ (const char *)head, sizeof(head) });
	for (int n = 0; n < rows; n++, row = row->next) {
		const struct val *v = &row->vals[i];
		uint64_t binary = htobe64((uint64_t)v->i);
		struct str s = v->kind == VAL_INT ? (struct str){ (const char *)&binary, sizeof(binary) } : v->s;
		uint32_t length = htobe32(v->kind == VAL_NULL ? UINT32_MAX : (uint32_t)s.n);

		buf_put(&b, (struct str){ (const char *)&length, sizeof(length) });
		if (v->kind != VAL_NULL)
			buf_put(&b, s);
	}
	return buf_str(&b);
}

static bool
send_rows(struct pg_conn *c, const struct pg_kept *row, int rows)
{
	const char *letters = statement_parameters(c->conn.st, row->stmt);
	struct op op = { .kind = OP_GATHERED, .name = row->stmt };
	struct val vals[PARAMETERS_MAX + 1];
	struct arena *a;
	bool ok;

	if (rows == 1)
		return pg_send(c, op, row->vals, row->n);
	a = arena_new();
	for (int i = 1; i <= row->n; i++)
		vals[i] = B(array_of(a, row, rows, i, letters[i - 1]));
	op.name = pg_gathered_name(c, row->stmt);
	ok = pg_send(c, op, vals, row->n);
	arena_free(a);
	return ok;
}

static bool
send_table(struct pg_conn *c, int table)
{
	const struct pg_kept *next;

	for (struct pg_kept *row = c->gather.first[table]; row; row = row->next) {
		int n;

		if (row->sent_in >= 0)
			continue;
		n = alike(row, &next);
		if (!send_rows(c, row, n))
			return false;
		for (; n > 1; n--, row = row->next)
			row->sent_in = c->gather.job;
		row->sent_in = c->gather.job;
	}
	return true;
}

bool
pg_gather_send(struct pg_conn *c)
{
	bool ok = true;

	for (int t = 0; ok && t < PG_GATHERED; t++)
		if (c->gather.tables & 1U << t)
			ok = send_table(c, t);
	c->gather.tables = 0;
	c->gather.waiting = 0;
	c->gather.bytes = 0;
	return ok;
}

bool
pg_gather_needed(struct pg_conn *c, int stmt, bool changes)
{
	unsigned wait = c->gather.tables;

	if (!wait || (!changes && !(wait & pg_own(c->conn.st)->about[stmt].tables)))
		return true;
	return pg_gather_send(c);
}

/* ---- jobs ---- */

void
pg_gather_job(struct pg_conn *c)
{
	c->gather.job++;
}

/* What it added goes; what others had added and was sent within its savepoint waits again. */
void
pg_gather_undo(struct pg_conn *c)
{
	struct pg_gather *g = &c->gather;

	for (int t = 0; t < PG_GATHERED; t++) {
		struct pg_kept **at = &g->first[t];

		while (*at) {
			struct pg_kept *row = *at;

			if (row->job == g->job) {
				*at = row->next;
				continue;
			}
			if (row->sent_in == g->job) {
				row->sent_in = -1;
				g->tables |= 1U << t;
			}
			at = &row->next;
		}
		g->end[t] = at;
	}
}
