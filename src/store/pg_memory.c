/*
 * Answers that say who is who (names of organisations, sectors and people) are remembered by the process: they are asked for with
 * every report and change rarely.
 *
 * What is remembered is exact, not merely recent. Whatever changes one of the tables that such an answer is made of begins a new era in
 * the same transaction, named as no era was before; a reading reads the era along with the rest, as of the same moment, and an answer
 * serves only in the era in which it was read. So two readings in one era see the same names, on every node, and even when a server
 * has lost what it had confirmed.
 */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/rand.h"
#include "store/nodes.h"
#include "store/pg.h"

#define PLACES 1024                      /* a power of two; an answer has one place, and whoever comes last has it */
#define VALUES_MOST 6
/* What somebody changes beside the program, or a node of a program before this one, begins no era and is seen after this. */
#define REMEMBERED_FOR (10 * SECOND)

static const char *const tables[] = { "organisation", "sector", "person", "account" };

/* Made of those tables and nothing else, by numbers; what somebody may do is not among them. */
static const int statements[] = { S_REPORT_NAMES, S_REPORT_UNIT, S_REPORT_SECTOR_CODE };

struct pg_answer {
	_Atomic int users;
	int stmt, n;
	struct val vals[VALUES_MOST + 1];
	int64_t era, at;
	PGresult *result;
};

struct pg_memory {
	pthread_mutex_t lock;
	struct pg_answer *places[PLACES];
};

/* ---- what statements have to do with it ---- */

/* Whether the statement changes one of those tables. */
static bool
renames(struct str sql)
{
	static const char *const verbs[] = { "INSERT INTO ", "UPDATE ", "DELETE FROM " };
	struct str rest, table;

	for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++) {
		if (!str_starts(sql, str_c(verbs[v])))
			continue;
		rest = str_from(sql, strlen(verbs[v]));
		str_split(&rest, ' ', &table);
		for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
			if (str_is(table, tables[t]))
				return true;
	}
	return false;
}

void
pg_memory_learn(struct store *st, int stmt, struct str sql)
{
	struct pg_about *about = &pg_own(st)->about[stmt];

	about->renames = renames(sql);
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		about->remembered |= stmt == statements[i];
	assert(!about->remembered || strlen(statement_parameters(st, stmt)) <= VALUES_MOST);
}

struct pg_memory *
pg_memory_new(void)
{
	struct pg_memory *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

PGresult *
pg_answer_result(const struct pg_answer *answer)
{
	return answer->result;
}

void
pg_answer_done(struct pg_answer *answer)
{
	if (!answer || atomic_fetch_sub(&answer->users, 1) > 1)
		return;
	PQclear(answer->result);
	free(answer);
}

void
pg_memory_free(struct pg_memory *m)
{
	for (int i = 0; m && i < PLACES; i++)
		pg_answer_done(m->places[i]);
	free(m);
}

/* ---- eras ---- */

void
pg_era_forget(struct pg_conn *c)
{
	c->era = PG_ERA_UNKNOWN;
	c->era_rows = NULL;
}

void
pg_era_ask(struct tx *tx)
{
	struct pg_conn *c = pg_of(tx->conn);

	pg_era_forget(c);
	c->era_rows = pg_ask_ahead(tx, S_CHANGE, (struct val[]){ { .kind = VAL_NULL }, I(TOPIC_NAMES) }, 1);
}

/* As the reading's moment has it, if that is here. A new database has none yet: 0. */
static int64_t
era_of(struct pg_conn *c)
{
	if (c->era_rows && pg_number_here(c->era_rows, &c->era))
		c->era_rows = NULL;
	return c->era;
}

bool
pg_era_ends(struct pg_conn *c, int stmt)
{
	if (!pg_own(c->conn.st)->about || !pg_own(c->conn.st)->about[stmt].renames)
		return true;
	c->era = PG_ERA_NONE;
	return pg_send_era(c, TOPIC_NAMES, id_new());
}

bool
pg_remembers(struct tx *tx, int stmt)
{
	struct pg_conn *c = pg_of(tx->conn);

	if (!pg_own(tx->st)->about || !pg_own(tx->st)->about[stmt].remembered || c->failed != PG_WELL)
		return false;
	/* nobody else writes while this transaction does: once for all its jobs */
	if (tx->writes && c->era == PG_ERA_UNKNOWN) {
		pg_era_ask(tx);
		pg_collect(c);
		era_of(c);
	}
	return c->era_rows || c->era >= 0;
}

/* ---- remembering ---- */

static struct pg_answer **
place_of(struct pg_memory *m, int stmt, const struct val *vals, int n)
{
	uint64_t h = (uint64_t)stmt;

	for (int i = 1; i <= n; i++)
		h = (h ^ (uint64_t)(vals[i].kind == VAL_INT ? vals[i].i : -1)) * UINT64_C(0x9e3779b97f4a7c15);
	return &m->places[h >> 32 & (PLACES - 1)];
}

struct pg_answer *
pg_recall(struct pg_conn *c, int stmt, const struct val *vals, int n)
{
	struct pg_memory *m = pg_own(c->conn.st)->memory;
	struct pg_answer *answer;
	int64_t era = era_of(c);

	if (era < 0)
		return NULL;
	pthread_mutex_lock(&m->lock);
	answer = *place_of(m, stmt, vals, n);
	if (answer && (answer->stmt != stmt || answer->era != era || !pg_same_values(answer->vals, vals, n) ||
	    clock_monotonic() - answer->at > REMEMBERED_FOR))
		answer = NULL;
	if (answer)
		atomic_fetch_add(&answer->users, 1);
	pthread_mutex_unlock(&m->lock);
	return answer;
}

struct pg_answer *
pg_remember(struct pg_conn *c, int stmt, const struct val *vals, int n, PGresult *result)
{
	struct pg_memory *m = pg_own(c->conn.st)->memory;
	struct pg_answer *answer, **place, *before;
	int64_t era = era_of(c);

	if (era < 0)
		return NULL;
	answer = calloc(1, sizeof(*answer));
	if (!answer)
		abort();
	*answer = (struct pg_answer){ .users = 2, .stmt = stmt, .n = n, .era = era, .at = clock_monotonic(),
		.result = result };
	memcpy(&answer->vals[1], &vals[1], (size_t)n * sizeof(*vals));
	pthread_mutex_lock(&m->lock);
	place = place_of(m, stmt, vals, n);
	before = *place;
	*place = answer;
	pthread_mutex_unlock(&m->lock);
	pg_answer_done(before);
	return answer;
}
