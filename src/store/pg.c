/* The engine's table; opening and closing. */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/rand.h"
#include "store/pg.h"

/* Savepoints that one backend remembers by heart: more in a transaction make the others' reading slower. */
#define JOBS_MAX 60

/* A node that stopped in the middle is not waited for longer; its transaction is ended a little later. */
#define BUSY_MS 10000

/* Ids go on above those that are there, even if the clock has gone back. */
static bool
raise_id_floor(PGconn *db, struct err *err)
{
	PGresult *tables = pg_ask(db, "SELECT format('SELECT max(id) FROM %I', c.relname) FROM pg_class c"
	    " JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1"
	    " JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum = i.indkey[0]"
	    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND t.attname = 'id'", NULL,
	    PG_PATIENCE);
	bool ok = PQresultStatus(tables) == PGRES_TUPLES_OK;
	int64_t largest;

	if (!ok)
		err_setf(err, FAULT_STORE, "ids: %s", PQerrorMessage(db));
	for (int i = 0; ok && i < PQntuples(tables); i++) {
		ok = pg_look_within(db, PQgetvalue(tables, i, 0), PG_PATIENCE, &largest, err);
		if (ok)
			id_floor(largest);
	}
	PQclear(tables);
	return ok;
}

/* On a connection of its own, alone among those who start. */
static bool
set_up(struct store *st, const struct store_options *o, struct err *err)
{
	struct pg *own = pg_own(st);
	int64_t deferrable = 0;
	struct conn *c;
	PGconn *db;
	bool ok;

	own->wait_seconds = o->wait_seconds > 0 ? o->wait_seconds : 1;
	if (!conn_open(st, RIGHT_OPEN, &c, err))
		return false;
	db = pg_of(c)->db;
	snprintf(own->version, sizeof(own->version), "%s", PQparameterStatus(db, "server_version"));
	if (o->beside) {
		ok = migrate(st, c, o, err);
		conn_close(c);
		return ok;
	}
	ok = pg_exec(db, "SELECT pg_advisory_lock(" PG_STARTER ")", err) && migrate(st, c, o, err) &&
	    raise_id_floor(db, err) && pg_lease(st, db, err) &&
	    pg_look(db, "SELECT count(*) FROM pg_constraint WHERE condeferrable"
	    " AND connamespace = current_schema()::regnamespace", &deferrable, err);
	own->deferrable = deferrable > 0;
	pg_gather_learn(st);
	conn_close(c);
	return ok;
}

static bool
pg_open(struct store *st, const struct store_options *o, struct err *err)
{
	st->own = arena_make(st->arena, struct pg);
	pg_own(st)->memory = pg_memory_new();
	if (st->setup.busy_ms == 0)
		st->setup.busy_ms = BUSY_MS;
	if (st->setup.patience == 0)
		st->setup.patience = PG_PATIENCE;
	return pg_place(st, o, err) && set_up(st, o, err) &&
	    (o->beside || conn_open(st, RIGHT_WRITE, &st->conn, err));
}

/* The number is free for the next to come; if nobody answers any more, soon. */
static void
pg_close(struct store *st)
{
	const struct pg *own = pg_own(st);
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	PGconn *db = own->epoch > 0 ? pg_connect(st, 0, &err) : NULL;

	if (db)
		pg_exec_within(db, arena_printf(a, "UPDATE node SET until_at = 0 WHERE number = %lld AND epoch = %lld",
		    (long long)own->number, (long long)own->epoch).p, PG_PATIENCE, &err);
	PQfinish(db);
	pg_memory_free(own->memory);
	arena_free(a);
}

/* ---- the writer's questions ---- */

void
pg_get_going(struct store *st)
{
	if (pg_own(st)->troubled)
		pg_look_around(st);
	pg_own(st)->troubled = false;
}

static bool
in_transaction(struct conn *conn)
{
	const struct pg_conn *c = pg_of(conn);
	PGTransactionStatusType status = PQtransactionStatus(c->db);

	if (c->count > 0 || !c->in_transaction)
		return c->in_transaction;
	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

static bool
set_error(struct conn *c, int code, const char *what, struct err *err)
{
	(void)c;
	return err_setf(err, pg_fault(code), "%s: %s", what, pg_words(code));
}

static int64_t
changes(struct conn *c)
{
	return pg_of(c)->changes;
}

/* Settled means that they hold. */
static bool
reference_open(struct conn *c)
{
	(void)c;
	return false;
}

/* An empty group: it leaves its mark. */
static bool
write_durably(struct conn *c, struct err *err)
{
	int code = pg_control(c, C_BEGIN);

	if (code == PG_WELL)
		code = pg_control(c, C_COMMIT);
	return code == PG_WELL || err_setf(err, pg_fault(code), "%s", pg_words(code));
}

static bool
lease_again(struct store *st, struct err *err)
{
	struct pg *own = pg_own(st);
	PGconn *db = pg_connect(st, 0, err);
	bool ok = db && pg_lease(st, db, err) && raise_id_floor(db, err);

	if (err->fault == FAULT_SCHEMA && !own->outdated)
		log_err(LOG_ERROR, "store", err);
	own->outdated = err->fault == FAULT_SCHEMA;
	PQfinish(db);
	return ok;
}

/* Whoever has our number now keeps it. */
static bool
renew(struct store *st, struct err *err)
{
	struct pg_conn *c = pg_of(st->conn);

	pg_get_going(st);
	if (!pg_conn_again(c, err) || (pg_own(st)->fenced && !lease_again(st, err)) || !write_durably(&c->conn, err))
		return false;
	if (atomic_exchange(&st->failure, PG_WELL) != PG_WELL)
		log_line(LOG_INFO, "store: connected again");
	return true;
}

static void
beat(struct store *st)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };

	if (atomic_load(&st->failure) == PG_WELL && !write_durably(st->conn, &err) && err.fault != FAULT_BUSY)
		store_failed(st, pg_of(st->conn)->failed, "lease");
	pg_get_going(st);
	arena_free(a);
}

static const char *
server_version(const struct store *st)
{
	return pg_own(st)->version;
}

const struct engine engine_pg = {
	.name = "PostgreSQL",
	.section = "postgresql",
	.version = server_version,
	.group_time = 20 * INT64_C(1000),
	.group_max = JOBS_MAX,
	.open = pg_open,
	.close = pg_close,
	.conn_open = pg_conn_open,
	.conn_close = pg_conn_close,
	.idle = pg_get_going,
	.beat = beat,
	.beat_seconds = PG_BEAT_SECONDS,
	.watch = pg_watch,
	.watch_end = pg_watch_end,
	.words = pg_words,
	.fault = pg_fault,
	.health = pg_health,
	.serious = pg_serious,
	.aborted = PG_ABORTED,
	.broken = PG_LOST,
	.control = pg_control,
	.in_transaction = in_transaction,
	.set_error = set_error,
	.rest = pg_rest,
	.changes = changes,
	.settle = pg_settle,
	.reference_open = reference_open,
	.write_durably = write_durably,
	.renew = renew,
	.not_renewed = "the database cannot be reached; it is tried again",
	.query = pg_query,
	.ahead = pg_ahead,
	.ahead_whole = pg_ahead_whole,
	.next = pg_next,
	.end = pg_end,
	.run = pg_run,
	.null = pg_null,
	.integer = pg_integer,
	.string = pg_string,
	.columns = pg_columns,
	.check = pg_check,
	.migration = pg_migration,
	.find = pg_find,
	.history = pg_history,
	.schema_text = pg_schema_text,
	.others = pg_others,
	.schema_begin = pg_schema_begin,
	.schema_apply = pg_schema_apply,
	.schema_record = pg_schema_record,
	.schema_commit = pg_schema_commit,
	.schema_rollback = pg_schema_rollback,
	.copy = pg_copy,
};
