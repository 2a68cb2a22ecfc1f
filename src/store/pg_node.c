/*
 * A node has a number for as long as it runs, which keeps its ids apart from the others', and which its
 * commits are known by: each leaves its mark in the row of the number. Whoever has lost the row, because
 * another took the number over, can write no more under it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/rand.h"
#include "store/pg.h"

#define ASKING (20 * SECOND)             /* how long a commit's outcome is asked for */
#define PAUSE (200 * 1000000L)

/* Whether the schema is still one that this program goes on with. */
static bool
served(struct store *st, PGconn *db, struct err *err)
{
	int64_t from = 0;

	return pg_look(db, "SELECT max(coalesce(serves, version)) FROM schema", &from, err) &&
	    (from <= st->version || err_setf(err, FAULT_SCHEMA,
	    "the database was brought to a schema that this program, of schema %d, does not know: start the newer one",
	    st->version));
}

bool
pg_lease(struct store *st, PGconn *db, struct err *err)
{
	struct pg *own = pg_own(st);
	const char *values[] = { st->node };
	struct str sql = arena_printf(err->arena,
	    "INSERT INTO node (number, epoch, name, mark, until_at)"
	    " SELECT n, 1, $1, 0, " PG_NOW " + %lld FROM generate_series(0, %d) n WHERE NOT EXISTS"
	    " (SELECT 1 FROM node m WHERE m.number = n AND m.until_at > " PG_NOW ") ORDER BY n LIMIT 1"
	    " ON CONFLICT (number) DO UPDATE SET epoch = node.epoch + 1, name = excluded.name, mark = 0,"
	    " until_at = excluded.until_at RETURNING number, epoch", (long long)PG_LEASE, PG_NODES - 1);
	PGresult *r;
	bool ok;

	if (!pg_exec(db, "BEGIN; SELECT pg_advisory_xact_lock(" PG_WRITER ")", err) || !served(st, db, err))
		return false;
	r = PQexecParams(db, sql.p, 1, NULL, values, NULL, NULL, 0);
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
	if (!pg_exec(db, ok ? "COMMIT" : "ROLLBACK", err) || !ok)
		return false;
	id_node((int)own->number, PG_NODES);
	return true;
}

/* PG_BUSY: ask again. */
static int
outcome(const struct pg *own, PGconn *db)
{
	char sql[160];
	PGresult *r;
	int code = PG_BUSY;

	/* the old transaction, if it still runs, ends before this lock is ours */
	r = PQexec(db, "BEGIN; SET LOCAL lock_timeout = '10s'; SELECT pg_advisory_xact_lock(" PG_WRITER ")");
	if (PQresultStatus(r) == PGRES_TUPLES_OK) {
		PQclear(r);
		snprintf(sql, sizeof(sql), "SELECT mark FROM node WHERE number = %lld AND epoch = %lld",
		    (long long)own->number, (long long)own->epoch);
		r = PQexec(db, sql);
		if (PQresultStatus(r) == PGRES_TUPLES_OK)
			code = PQntuples(r) == 0 ? PG_UNKNOWN :
			    strtoll(PQgetvalue(r, 0, 0), NULL, 10) == own->mark ? PG_WELL : PG_LOST;
	}
	PQclear(r);
	PQclear(PQexec(db, "ROLLBACK"));
	return code;
}

int
pg_outcome(struct pg_conn *c)
{
	struct store *st = c->conn.st;
	int64_t until = clock_monotonic() + ASKING;
	int code = PG_BUSY;

	log_line(LOG_WARN, "store: the connection was lost in a commit; asking what became of it");
	while (code == PG_BUSY && clock_monotonic() < until) {
		struct arena *a = arena_new();
		struct err err = { .arena = a };
		PGconn *db = pg_connect(st, 0, &err);

		if (db)
			code = outcome(pg_own(st), db);
		else
			nanosleep(&(struct timespec){ 0, PAUSE }, NULL);
		PQfinish(db);
		arena_free(a);
	}
	if (code == PG_BUSY)
		code = PG_UNKNOWN;
	log_line(LOG_WARN, "store: the commit %s", code == PG_WELL ? "was kept" :
	    code == PG_LOST ? "was not kept" : "cannot be asked for");
	return code;
}
