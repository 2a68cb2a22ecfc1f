/*
 * A node has a number for as long as it runs, which keeps its ids apart from the others', and which its
 * commits are known by: each leaves its mark in the row of the number. Whoever has lost the row, because
 * another took the number over, can write no more under it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/rand.h"
#include "store/pg.h"

#define ASKING (20 * SECOND)             /* how long a commit's outcome is waited and asked for */
#define PAUSE (200 * 1000000L)

/* Whether the schema is still one that this program goes on with. */
static bool
served(struct store *st, PGconn *db, struct err *err)
{
	int64_t from = 0;

	return pg_look_within(db, "SELECT max(coalesce(serves, version)) FROM schema", PG_PATIENCE, &from, err) &&
	    (from <= st->version || err_setf(err, FAULT_SCHEMA,
	    "the database was brought to a schema that this program, of schema %d, does not know: start the newer one",
	    st->version));
}

bool
pg_lease(struct store *st, PGconn *db, struct err *err)
{
	struct pg *own = pg_own(st);
	struct str sql = arena_printf(err->arena,
	    "INSERT INTO node (number, epoch, name, mark, until_at)"
	    " SELECT n, 1, $1, 0, " PG_NOW " + %lld FROM generate_series(0, %d) n WHERE NOT EXISTS"
	    " (SELECT 1 FROM node m WHERE m.number = n AND m.until_at > " PG_NOW ") ORDER BY n LIMIT 1"
	    " ON CONFLICT (number) DO UPDATE SET epoch = node.epoch + 1, name = excluded.name, mark = 0,"
	    " until_at = excluded.until_at RETURNING number, epoch", (long long)PG_LEASE, PG_NODES - 1);
	PGresult *r;
	bool ok;

	if (!pg_exec_within(db, "BEGIN; SELECT pg_advisory_xact_lock(" PG_WRITER ")", PG_PATIENCE, err) ||
	    !served(st, db, err))
		return false;
	r = pg_ask(db, sql.p, st->node, PG_PATIENCE);
	ok = PQresultStatus(r) == PGRES_TUPLES_OK;
	if (!ok)
		err_setf(err, pg_fault(pg_code_of(db, r)), "%s", PQerrorMessage(db));
	else if (PQntuples(r) == 0)
		ok = err_setf(err, FAULT_STORE, "%s: all %d node numbers are in use", st->place, PG_NODES);
	if (ok) {
		own->number = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
		own->epoch = strtoll(PQgetvalue(r, 0, 1), NULL, 10);
		own->mark = 0;
		own->fenced = false;
	}
	PQclear(r);
	if (!pg_exec_within(db, ok ? "COMMIT" : "ROLLBACK", PG_PATIENCE, err) || !ok)
		return false;
	id_node((int)own->number, PG_NODES);
	return true;
}

/*
 * The mark that is there, read while nobody writes: the old transaction, if it still runs, ends before the lock is ours.
 * False: ask again.
 */
static bool
read_mark(PGconn *db, const char *this_row, int64_t until, int64_t *ret_mark)
{
	PGresult *r = pg_ask(db, "BEGIN; SET LOCAL lock_timeout = '10s'; SELECT pg_advisory_xact_lock(" PG_WRITER ")",
	    NULL, until - clock_monotonic());
	bool ok = PQresultStatus(r) == PGRES_TUPLES_OK;
	char sql[160];

	PQclear(r);
	if (!ok)
		return false;
	snprintf(sql, sizeof(sql), "SELECT mark FROM node WHERE %s", this_row);
	r = pg_ask(db, sql, NULL, until - clock_monotonic());
	ok = PQresultStatus(r) == PGRES_TUPLES_OK;
	if (ok)
		*ret_mark = PQntuples(r) == 0 ? -1 : strtoll(PQgetvalue(r, 0, 0), NULL, 10);
	PQclear(r);
	return ok;
}

/*
 * Something more is committed. A server that crashed shows what it had on its own disk, even if no standby had it yet and
 * the commit was therefore never acknowledged: what is committed now waits for the standby, with all that is before it.
 */
static bool
commit_anew(PGconn *db, const char *this_row, int64_t until)
{
	char sql[160];
	PGresult *r;
	bool ok;

	snprintf(sql, sizeof(sql), "UPDATE node SET mark = mark WHERE %s; COMMIT", this_row);
	r = pg_ask(db, sql, NULL, until - clock_monotonic());
	ok = PQresultStatus(r) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(r), "COMMIT") == 0;
	PQclear(r);
	return ok;
}

/* PG_BUSY: ask again. */
static int
outcome(const struct pg *own, PGconn *db, int64_t until)
{
	int64_t mark = 0;
	char this_row[80];

	snprintf(this_row, sizeof(this_row), "number = %lld AND epoch = %lld", (long long)own->number,
	    (long long)own->epoch);
	if (!read_mark(db, this_row, until, &mark))
		return PG_BUSY;
	if (mark < 0)
		return PG_UNKNOWN;
	if (mark != own->mark)
		return PG_LOST;
	return commit_anew(db, this_row, until) ? PG_WELL : PG_BUSY;
}

int
pg_outcome(struct pg_conn *c, int64_t since)
{
	struct store *st = c->conn.st;
	int64_t until = since + ASKING;
	int code = PG_BUSY;

	log_line(LOG_WARN, "store: the connection was lost in a commit; asking what became of it");
	pg_get_going(st);
	while (code == PG_BUSY && clock_monotonic() < until) {
		struct arena *a = arena_new();
		struct err err = { .arena = a };
		PGconn *db = pg_connect(st, 0, &err);

		if (db)
			code = outcome(pg_own(st), db, until);
		else
			nanosleep(&(struct timespec){ 0, PAUSE }, NULL);
		writer_refuse(st);
		PQfinish(db);            /* a transaction that still stands ends with it */
		arena_free(a);
	}
	if (code == PG_BUSY)
		code = PG_UNKNOWN;
	log_line(LOG_WARN, "store: the commit %s", code == PG_WELL ? "was kept" :
	    code == PG_LOST ? "was not kept" : "cannot be asked for");
	return code;
}
