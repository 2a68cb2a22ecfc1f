/* What migrations need of PostgreSQL; on a connection without a pipeline. */
#include <stdlib.h>

#include "base/time.h"
#include "store/pg.h"

/* How we know our own. */
#define MARK "Tocsin"

/*
 * The store's own. never() is what refusing triggers call: pg_text.c. A node has a number, which stands in the ids that it makes; epoch counts who has had
 * it, mark the groups that the present one has written.
 */
static const char own_tables[] =
    "CREATE TABLE schema ("
    " version bigint PRIMARY KEY,"
    " name text NOT NULL,"
    " sha256 text NOT NULL,"
    " schema_sha256 text NOT NULL,"
    " at bigint NOT NULL,"
    " serves bigint"                 /* programs of this schema and newer go on with it; NULL: only its own */
    ");"
    "COMMENT ON TABLE schema IS '" MARK "';"
    "CREATE TABLE node ("
    " number bigint PRIMARY KEY,"
    " epoch bigint NOT NULL,"
    " name text NOT NULL,"
    " mark bigint NOT NULL,"
    " until_at bigint NOT NULL"
    ") WITH (fillfactor = 50);"
    "CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN RAISE EXCEPTION ''%'', TG_ARGV[0]; END';";

static bool
set_error(PGconn *db, PGresult *r, struct err *err)
{
	const char *words = PQerrorMessage(db);

	return err_setf(err, pg_fault(pg_code_of(db, r)), "%s", words[0] ? words : pg_words(PG_LOST));
}

/* The answer to sql; NULL: there is none. */
static PGresult *
answer(PGconn *db, const char *sql, int64_t patience, struct err *err)
{
	bool silent = false;
	PGresult *r = PQexitPipelineMode(db) && PQsendQuery(db, sql) ? pg_answer(db, patience, &silent) : NULL;

	if (silent && patience == PG_WHILE_THERE)
		err_setf(err, FAULT_SILENT, "PostgreSQL %s", PQdb(db));
	return r;
}

bool
pg_exec_within(PGconn *db, const char *sql, int64_t patience, struct err *err)
{
	PGresult *r = answer(db, sql, patience, err);
	ExecStatusType status = PQresultStatus(r);
	bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || set_error(db, r, err);

	PQclear(r);
	return ok;
}

bool
pg_exec(PGconn *db, const char *sql, struct err *err)
{
	return pg_exec_within(db, sql, PG_WHILE_THERE, err);
}

/* Rows for sql; NULL: the fault says why not. */
static PGresult *
ask(PGconn *db, const char *sql, int64_t patience, struct err *err)
{
	PGresult *r = answer(db, sql, patience, err);

	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		return r;
	set_error(db, r, err);
	PQclear(r);
	return NULL;
}

bool
pg_look_within(PGconn *db, const char *sql, int64_t patience, int64_t *ret_value, struct err *err)
{
	PGresult *r = ask(db, sql, patience, err);

	if (r)
		*ret_value = PQntuples(r) > 0 && !PQgetisnull(r, 0, 0) ?
		    strtoll(PQgetvalue(r, 0, 0), NULL, 10) : -1;
	PQclear(r);
	return r != NULL;
}

bool
pg_look(PGconn *db, const char *sql, int64_t *ret_value, struct err *err)
{
	return pg_look_within(db, sql, PG_WHILE_THERE, ret_value, err);
}

bool
pg_find(struct conn *c, enum found *ret_found, struct err *err)
{
	PGconn *db = pg_of(c)->db;
	int64_t place = 0, tables = 0, ours = 0;

	if (!pg_look(db, "SELECT count(current_schema())", &place, err) ||
	    !pg_look(db, "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
	    " AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND " PG_NO_EXTENSION("pg_class"), &tables, err) ||
	    !pg_look(db, "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
	    " AND relname = 'schema' AND obj_description(oid, 'pg_class') = '" MARK "'", &ours, err))
		return false;
	if (place == 0)
		return err_setf(err, FAULT_SCHEMA, "%s: no schema of the search path exists", c->st->place);
	*ret_found = ours > 0 ? FOUND_OURS : tables > 0 ? FOUND_OTHER : FOUND_EMPTY;
	return true;
}

static struct str
column(struct arena *a, const PGresult *r, int row, int i)
{
	return arena_dup(a, (struct str){ PQgetvalue(r, row, i), (size_t)PQgetlength(r, row, i) });
}

bool
pg_history(struct conn *c, struct arena *a, struct applied **ret_steps, int *ret_count, struct err *err)
{
	PGresult *r = ask(pg_of(c)->db, "SELECT version, name, sha256, schema_sha256, coalesce(serves, version) FROM schema"
	    " ORDER BY version", PG_WHILE_THERE, err);
	int n = PQntuples(r);
	bool ok = r != NULL;

	if (ok) {
		*ret_steps = arena_alloc(a, ((size_t)n + 1) * sizeof(**ret_steps));
		*ret_count = n;
	}
	for (int i = 0; ok && i < n; i++)
		(*ret_steps)[i] = (struct applied){ atoi(PQgetvalue(r, i, 0)), column(a, r, i, 1),
			column(a, r, i, 2), column(a, r, i, 3), atoi(PQgetvalue(r, i, 4)) };
	PQclear(r);
	return ok;
}

/*
 * Only what no newer version of the server words differently: names, types, kinds; of functions the text as it
 * was given.
 */
bool
pg_schema_text(struct conn *c, struct arena *a, struct str *ret_text, struct err *err)
{
	static const char sql[] =
	    "WITH mine AS (SELECT oid, relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
	    " AND " PG_NO_EXTENSION("pg_class") "),"
	    " lines AS ("
	    "SELECT format('column %s %s %s %s', m.relname, t.attname, format_type(t.atttypid, t.atttypmod),"
	    " t.attnotnull) AS line FROM mine m JOIN pg_attribute t ON t.attrelid = m.oid"
	    " WHERE t.attnum > 0 AND NOT t.attisdropped"
	    " UNION ALL SELECT format('constraint %s %s %s %s %s', m.relname, k.conname, k.contype, k.conkey,"
	    " k.condeferred) FROM mine m JOIN pg_constraint k ON k.conrelid = m.oid"
	    " UNION ALL SELECT format('index %s %s %s %s', m.relname, i.indisunique, i.indkey,"
	    " i.indpred IS NOT NULL) FROM mine m JOIN pg_index i ON i.indexrelid = m.oid"
	    " UNION ALL SELECT format('trigger %s %s %s %s', m.relname, g.tgname, g.tgtype, g.tgenabled)"
	    " FROM mine m JOIN pg_trigger g ON g.tgrelid = m.oid WHERE NOT g.tgisinternal"
	    " UNION ALL SELECT format('function %s %s', proname, prosrc) FROM pg_proc"
	    " WHERE pronamespace = current_schema()::regnamespace AND " PG_NO_EXTENSION("pg_proc") ")"
	    " SELECT string_agg(line, E'\\n' ORDER BY line COLLATE \"C\") FROM lines";
	PGresult *r = ask(pg_of(c)->db, sql, PG_WHILE_THERE, err);
	bool ok = r != NULL;

	if (ok)
		*ret_text = column(a, r, 0, 0);
	PQclear(r);
	return ok;
}

/* Behind all who write. */
bool
pg_schema_begin(struct conn *c, bool fresh, struct err *err)
{
	PGconn *db = pg_of(c)->db;

	return pg_exec(db, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", err) &&
	    pg_exec(db, "SELECT pg_advisory_xact_lock(" PG_WRITER ")", err) &&
	    (!fresh || pg_exec(db, own_tables, err));
}

bool
pg_schema_apply(struct conn *c, const char *sql, struct err *err)
{
	PGconn *db = pg_of(c)->db;

	return pg_exec(db, sql, err) &&
	    (PQtransactionStatus(db) == PQTRANS_INTRANS ||
	    err_setf(err, FAULT_SCHEMA, "it ended the transaction"));
}

bool
pg_schema_record(struct conn *c, const struct applied *step, struct err *err)
{
	PGconn *db = pg_of(c)->db;
	char version[16], at[24], serves[16];
	const char *values[] = { version, step->name.p, step->sha256.p, step->schema_sha256.p, at, serves };
	int lengths[] = { 0, (int)step->name.n, (int)step->sha256.n, (int)step->schema_sha256.n, 0, 0 };
	int formats[] = { 0, 1, 1, 1, 0, 0 };
	PGresult *r = NULL;
	bool ok, silent = false;

	snprintf(version, sizeof(version), "%d", step->version);
	snprintf(at, sizeof(at), "%lld", (long long)clock_now());
	snprintf(serves, sizeof(serves), "%d", step->serves);
	if (PQsendQueryParams(db, "INSERT INTO schema (version, name, sha256, schema_sha256, at, serves)"
	    " VALUES ($1, $2, $3, $4, $5, $6)", 6, NULL, values, lengths, formats, 0))
		r = pg_answer(db, PG_WHILE_THERE, &silent);
	if (silent)
		err_setf(err, FAULT_SILENT, "PostgreSQL %s", PQdb(db));
	ok = PQresultStatus(r) == PGRES_COMMAND_OK || set_error(db, r, err);
	PQclear(r);
	return ok;
}

/*
 * Nodes that have a lease. Whoever has lost his comes back to another schema, and finds that when he asks for the
 * next: their numbers are given up here.
 */
bool
pg_others(struct conn *c, struct arena *a, struct str *ret_names, struct err *err)
{
	PGconn *db = pg_of(c)->db;
	PGresult *r = ask(db, "SELECT string_agg(name, ', ' ORDER BY name) FROM node WHERE until_at > " PG_NOW, PG_WHILE_THERE, err);
	bool ok = r != NULL;

	*ret_names = ok && !PQgetisnull(r, 0, 0) ? column(a, r, 0, 0) : STR_NONE;
	PQclear(r);
	return ok && (ret_names->p || pg_exec(db, "UPDATE node SET epoch = epoch + 1, until_at = 0", err));
}

/* References have held all the time. */
bool
pg_schema_commit(struct conn *c, struct err *err)
{
	return pg_exec(pg_of(c)->db, "COMMIT", err);
}

void
pg_schema_rollback(struct conn *c)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };

	pg_collect(pg_of(c));
	pg_exec(pg_of(c)->db, "ROLLBACK", &err);
	arena_free(a);
}

/* The server's own means are for that: a migration here is one transaction, and nothing is copied. */
bool
pg_copy(struct store *st, struct conn *c, int version, struct arena *a, struct str *ret_copy, struct err *err)
{
	(void)st;
	(void)c;
	(void)version;
	(void)a;
	(void)err;
	*ret_copy = STR_NONE;
	return true;
}
