/*
 * One connection: commands in a pipeline, and their outcomes. Prepared statements are called by number: those
 * of the program first, then the engine's own, then those of the program again for many rows at once, then those that were
 * joined.
 */
#include <assert.h>
#include <endian.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/pg.h"

#define OID_INT8 20
#define OID_TEXT 25
#define OID_BYTEA 17
#define OID_INT8_ARRAY 1016
#define OID_TEXT_ARRAY 1009
#define OID_BYTEA_ARRAY 1001

/* The engine's own statements, behind the program's. */
enum own { OWN_BEGIN, OWN_READ, OWN_LOCK, OWN_MARK, OWN_COMMIT, OWN_ROLLBACK, OWN_SAVE, OWN_RELEASE, OWN_UNDO,
	OWN_CHECK, OWN_DEFER, OWN_ERA, OWN__MAX };

/*
 * All nodes write one after the other: the lock stands until the transaction's end. A node that stops in the
 * middle must not hold it for ever, nor wait for it for ever. Only this transaction's settings: nothing of a
 * session is relied upon.
 */
static const struct {
	const char *sql, *parameters;
} own_texts[OWN__MAX] = {
	[OWN_BEGIN] = { "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "" },
	[OWN_READ] = { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "" },
	[OWN_LOCK] = { "SELECT set_config('lock_timeout', $1::text, true),"
	    " set_config('idle_in_transaction_session_timeout', '5s', true),"
	    " pg_advisory_xact_lock(" PG_WRITER ")", "i" },
	[OWN_MARK] = { "UPDATE node SET mark = $3, until_at = " PG_NOW " + $4 WHERE number = $1 AND epoch = $2"
	    " AND mark < $3",
	    "iiii" },
	[OWN_COMMIT] = { "COMMIT", "" },
	[OWN_ROLLBACK] = { "ROLLBACK", "" },
	[OWN_SAVE] = { "SAVEPOINT job", "" },
	[OWN_RELEASE] = { "RELEASE SAVEPOINT job", "" },
	[OWN_UNDO] = { "ROLLBACK TO SAVEPOINT job", "" },
	[OWN_CHECK] = { "SET CONSTRAINTS ALL IMMEDIATE", "" },
	[OWN_DEFER] = { "SET CONSTRAINTS ALL DEFERRED", "" },
	[OWN_ERA] = { "INSERT INTO change (topic, n) VALUES ($1, $2) ON CONFLICT (topic) DO UPDATE SET n = excluded.n", "ii" },
};

static int
own_name(const struct pg_conn *c, enum own which)
{
	return statement_count(c->conn.st) + (int)which;
}

int
pg_gathered_name(const struct pg_conn *c, int stmt)
{
	return own_name(c, OWN__MAX) + stmt;
}

int
pg_joined_name(const struct pg_conn *c, int joined)
{
	return pg_gathered_name(c, statement_count(c->conn.st)) + joined;
}

/* The program's statement behind a name, of a joined one the first; -1: it is the engine's own. */
static int
statement_of(const struct pg_conn *c, int name)
{
	if (name < own_name(c, 0))
		return name;
	if (name >= pg_joined_name(c, 0))
		return c->whole.joined[name - pg_joined_name(c, 0)].stmts[0];
	return name >= own_name(c, OWN__MAX) ? name - own_name(c, OWN__MAX) : -1;
}

/* Letters of what is sent with it; NULL: not declared, or arrays. */
static const char *
letters_of(const struct pg_conn *c, int name)
{
	if (name < own_name(c, 0))
		return statement_parameters(c->conn.st, name);
	if (name < own_name(c, OWN__MAX))
		return own_texts[name - own_name(c, 0)].parameters;
	return name < pg_joined_name(c, 0) ? NULL : c->whole.joined[name - pg_joined_name(c, 0)].letters;
}

static size_t
names_of(const struct store *st)
{
	return 2 * (size_t)statement_count(st) + OWN__MAX + PG_JOINED;
}

unsigned
pg_type_of(char letter)
{
	return letter == 'i' ? OID_INT8 : letter == 'b' ? OID_BYTEA : OID_TEXT;
}

/* ---- outcomes ---- */

static void
remember(struct pg_conn *c, struct op op)
{
	if (c->count == 0)
		c->first = 0;
	if (c->first + c->count == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->ops = realloc(c->ops, (size_t)c->room * sizeof(*c->ops));
		if (!c->ops)
			abort();         /* as everywhere */
	}
	c->ops[c->first + c->count++] = op;
}

/* The first failure of a transaction is its reason; what comes behind it was not even tried. */
static void
op_failed(struct pg_conn *c, const struct op *op, int code, const char *words)
{
	if (op->kind == OP_PREPARE)
		c->prepared[op->name] = 0;
	if (code == PG_BUSY && op->name == own_name(c, OWN_LOCK))
		pg_own(c->conn.st)->troubled = true;
	if (c->failed == PG_WELL && op->kind != OP_SYNC) {
		struct tx *tx = op->tx ? op->tx : c->conn.tx;
		int stmt = statement_of(c, op->name);
		size_t n = strcspn(words, "\n");

		/* nobody can tell whose rows they were: then it is everybody's failure */
		if (op->kind == OP_GATHERED && pg_fault(code) != FAULT_STORE && pg_fault(code) != FAULT_BUSY)
			code = PG_ABORTED;
		c->failed = code;
		if (tx && stmt >= 0) {
			struct str text = arena_printf(tx->arena, "%.*s", (int)n, words);

			statement_failed(tx, stmt, code, text.p);
		} else {
			log_line(LOG_WARN, "store: %.*s", (int)n, words);
		}
	}
	if (op->rows) {
		op->rows->waits = false;
		op->rows->code = c->failed != PG_WELL ? c->failed : code;
	}
}

/* Rows that a command changed. */
static void
count_changes(struct pg_conn *c, PGresult *r)
{
	const char *status = PQcmdStatus(r);

	c->last_changed = 0;
	if (status[0] == 'I' || status[0] == 'U' || status[0] == 'D')
		c->last_changed = strtoll(PQcmdTuples(r), NULL, 10);
	c->changes += c->last_changed;
}

static void
op_done(struct pg_conn *c, const struct op *op, PGresult *r)
{
	if (op->kind == OP_RUN || op->kind == OP_QUERY)
		count_changes(c, r);
	if (op->kind == OP_CONTROL && op->name == own_name(c, OWN_COMMIT) && c->conn.right != RIGHT_READ &&
	    strcmp(PQcmdStatus(r), "COMMIT") != 0)
		c->failed = PG_ABORTED;  /* it was a transaction that could only be rolled back */
	if (op->kind == OP_MARK && strcmp(PQcmdTuples(r), "1") != 0) {
		pg_own(c->conn.st)->fenced = true;
		c->failed = c->failed == PG_WELL ? PG_FENCED : c->failed;
	}
	if (op->rows) {
		op->rows->waits = false;
		op->rows->count = PQntuples(r);
		op->rows->result = r;
	} else {
		PQclear(r);
	}
}

/* The connection is gone, and with it everything that was on its way. */
static void
all_lost(struct pg_conn *c)
{
	const char *words = PQerrorMessage(c->db);

	while (c->count > 0) {
		struct op op = c->ops[c->first++];

		c->count--;
		op_failed(c, &op, PG_LOST, words[0] ? words : pg_words(PG_LOST));
	}
	c->failed = PG_LOST;
	c->in_transaction = false;
}

/* The outcome of one command, or of a sync. False: the connection is lost. */
static bool
take_outcome(struct pg_conn *c, const struct op *op)
{
	PGresult *r = PQgetResult(c->db);

	switch (r ? PQresultStatus(r) : PGRES_FATAL_ERROR) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		op_done(c, op, r);
		break;
	case PGRES_PIPELINE_SYNC:
		PQclear(r);
		return op->kind == OP_SYNC;
	case PGRES_PIPELINE_ABORTED:
		op_failed(c, op, c->failed != PG_WELL ? c->failed : PG_WRONG, "not tried");
		PQclear(r);
		break;
	default:
		if (r)
			op_failed(c, op, pg_code_of(c->db, r), PQresultErrorMessage(r));
		PQclear(r);
		if (!r || PQstatus(c->db) == CONNECTION_BAD)
			return false;
	}
	r = PQgetResult(c->db);          /* the end of this command's results */
	PQclear(r);
	return r == NULL;
}

/* An answer is there, or the connection is lost and says so. What a server that hangs may do later nobody waits for. */
static bool
heard(struct pg_conn *c)
{
	struct store *st = c->conn.st;

	if (pg_await(st, c->db, st->setup.patience))
		return true;
	log_line(LOG_WARN, "store: the database says nothing any more; the connection is given up");
	pg_give_up(c->db);
	if (c->conn.right == RIGHT_WRITE)
		pg_own(st)->troubled = true;
	return false;
}

void
pg_collect(struct pg_conn *c)
{
	bool lost = PQstatus(c->db) == CONNECTION_BAD;

	if (c->count > 0 && c->ops[c->first + c->count - 1].kind != OP_SYNC) {
		remember(c, (struct op){ .kind = OP_SYNC });
		lost = lost || !PQpipelineSync(c->db);
	}
	while (!lost && c->count > 0) {
		struct op op = c->ops[c->first];

		lost = !heard(c) || !take_outcome(c, &op);
		if (!lost) {
			c->first++;
			c->count--;
		}
	}
	c->alone = false;
	if (lost)
		all_lost(c);
}

/* ---- commands ---- */

/* What one value is on its way. */
struct parameter {
	const char *p;
	int length, format;
	char digits[24];
	uint64_t binary;
};

static void
encode(struct parameter *at, const struct val *v, bool typed)
{
	at->p = NULL;
	at->length = 0;
	at->format = 1;
	switch (v->kind) {
	case VAL_NULL:
		break;
	case VAL_INT:
		if (typed) {
			at->binary = htobe64((uint64_t)v->i);
			at->p = (const char *)&at->binary;
			at->length = 8;
		} else {
			snprintf(at->digits, sizeof(at->digits), "%lld", (long long)v->i);
			at->p = at->digits;
			at->format = 0;
		}
		break;
	case VAL_TEXT:
	case VAL_BLOB:
		at->p = v->s.p ? v->s.p : "";
		at->length = (int)v->s.n;
		break;
	}
}

static Oid
array_type_of(char letter)
{
	return letter == 'i' ? OID_INT8_ARRAY : letter == 'b' ? OID_BYTEA_ARRAY : OID_TEXT_ARRAY;
}

static bool
send_prepare(struct pg_conn *c, int name, const char *sql, const char *letters, Oid (*type_of)(char letter))
{
	Oid types[PARAMETERS_MAX];
	char text[16];
	int n = letters ? (int)strlen(letters) : 0;

	for (int i = 0; i < n; i++)
		types[i] = type_of(letters[i]);
	snprintf(text, sizeof(text), "s%d", name);
	if (!PQsendPrepare(c->db, text, sql, n, types))
		return false;
	remember(c, (struct op){ .kind = OP_PREPARE, .name = name });
	c->prepared[name] = 1;
	return true;
}

static bool
prepare(struct pg_conn *c, int name)
{
	const struct store *st = c->conn.st;
	int stmt = statement_of(c, name);
	struct arena *a;
	bool ok;

	if (c->prepared[name])
		return true;
	if (stmt < 0)
		return send_prepare(c, name, own_texts[name - own_name(c, 0)].sql, letters_of(c, name), pg_type_of);
	a = arena_new();
	if (name >= pg_joined_name(c, 0))
		ok = send_prepare(c, name, pg_joined_text(st, &c->whole.joined[name - pg_joined_name(c, 0)], a).p,
		    letters_of(c, name), pg_type_of);
	else if (name == stmt)
		ok = send_prepare(c, name, pg_statement(st, stmt, a).p, letters_of(c, name), pg_type_of);
	else
		ok = send_prepare(c, name, pg_gathered_text(st, stmt, a).p, statement_parameters(st, stmt), array_type_of);
	arena_free(a);
	return ok;
}

static bool
send_lost(struct pg_conn *c, const struct op *op)
{
	op_failed(c, op, PG_LOST, pg_words(PG_LOST));
	all_lost(c);
	return false;
}

static bool send_own(struct pg_conn *c, enum own which);

/* A job's savepoint stands before the first thing that it sends; most jobs only add rows, which wait, and need none. */
static bool
save_first(struct pg_conn *c, enum op_kind kind)
{
	if (!c->unsaved || kind == OP_CONTROL)
		return true;
	c->unsaved = false;
	return send_own(c, OWN_SAVE);
}

bool
pg_send(struct pg_conn *c, struct op op, const struct val *vals, int n)
{
	const char *letters = letters_of(c, op.name);
	struct parameter parameters[PARAMETERS_MAX];
	const char *values[PARAMETERS_MAX];
	int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX];
	char name[16];

	assert(n <= PARAMETERS_MAX);
	for (int i = 0; i < n; i++) {
		assert(declared(letters, i + 1, &vals[i + 1]));
		encode(&parameters[i], &vals[i + 1], letters != NULL);
		values[i] = parameters[i].p;
		lengths[i] = parameters[i].length;
		formats[i] = parameters[i].format;
	}
	snprintf(name, sizeof(name), "s%d", op.name);
	/* it is left for what a migration does at once: pg_exec() */
	if (PQpipelineStatus(c->db) == PQ_PIPELINE_OFF)
		PQenterPipelineMode(c->db);
	if (!save_first(c, op.kind) || !prepare(c, op.name) || !PQsendQueryPrepared(c->db, name, n, values, lengths, formats, 1))
		return send_lost(c, &op);
	remember(c, op);
	return true;
}

static bool
send_own(struct pg_conn *c, enum own which)
{
	return pg_send(c, (struct op){ .kind = OP_CONTROL, .name = own_name(c, which) }, NULL, 0);
}

bool
pg_send_era(struct pg_conn *c, int64_t topic, int64_t era)
{
	const struct val vals[] = { { .kind = VAL_NULL }, I(topic), I(era) };

	return save_first(c, OP_RUN) && pg_send(c, (struct op){ .kind = OP_CONTROL, .name = own_name(c, OWN_ERA) }, vals, 2);
}

/* ---- opening and closing ---- */

static void
forget_all(struct pg_conn *c)
{
	c->first = c->count = 0;
	c->failed = PG_WELL;
	c->begun = c->alone = c->in_transaction = false;
	memset(c->prepared, 0, names_of(c->conn.st));
}

/*
 * A thread that serves readers, and has others to serve behind, does not wait for a server of which it is known that it does not
 * answer: the writer is probed once a second until it does.
 */
static PGconn *
connect_for(const struct pg_conn *c, int wait_seconds, struct err *err)
{
	struct store *st = c->conn.st;
	const struct pg *own = pg_own(st);

	if (c->conn.right == RIGHT_READ && own->watch.runs && atomic_load(&own->retry_wait) > 0 &&
	    atomic_load(&st->failure) == PG_LOST) {
		err_setf(err, FAULT_STORE, "%s does not answer", st->place);
		return NULL;
	}
	return pg_connect(st, wait_seconds, err);
}

bool
pg_conn_open(struct store *st, enum right right, struct conn **ret_conn, struct err *err)
{
	struct pg_conn *c = calloc(1, sizeof(*c));

	if (c)
		c->prepared = calloc(names_of(st), 1);
	if (!c || !c->prepared) {
		free(c);
		return err_setf(err, FAULT_STORE, "out of memory");
	}
	c->conn.st = st;
	c->conn.right = right;
	c->moved = atomic_load(&pg_own(st)->moved);
	c->db = connect_for(c, right == RIGHT_OPEN ? pg_own(st)->wait_seconds : 0, err);
	if (!c->db) {
		pg_conn_close(&c->conn);
		return false;
	}
	PQsetnonblocking(c->db, 1);      /* sending waits no more than asking: pg_await() */
	*ret_conn = &c->conn;
	return true;
}

bool
pg_conn_again(struct pg_conn *c, struct err *err)
{
	int moved = atomic_load(&pg_own(c->conn.st)->moved);
	PGconn *db = connect_for(c, 0, err);

	if (!db)
		return false;
	c->moved = moved;
	PQfinish(c->db);
	PQsetnonblocking(db, 1);
	c->db = db;
	forget_all(c);
	return true;
}

void
pg_conn_close(struct conn *conn)
{
	struct pg_conn *c = pg_of(conn);

	pg_rest(conn);
	pg_gather_end(c);
	PQfinish(c->db);
	free(c->prepared);
	free(c->ops);
	free(c);
}

/* ---- transactions ---- */

/* Whether the server has hung up meanwhile, or is not the one: then a new connection is made before anything is begun. */
static bool
hung_up(const struct pg_conn *c)
{
	struct pollfd fd = { .fd = PQsocket(c->db), .events = POLLRDHUP };

	return PQstatus(c->db) == CONNECTION_BAD || fd.fd < 0 || c->moved != atomic_load(&pg_own(c->conn.st)->moved) ||
	    poll(&fd, 1, 0) > 0;
}

static int
begin_write(struct pg_conn *c)
{
	struct store *st = c->conn.st;
	struct pg *own = pg_own(st);
	const struct val mark[] = { { .kind = VAL_NULL }, I(own->number), I(own->epoch), I(++own->mark),
		I(PG_LEASE) };
	const struct val patience[] = { { .kind = VAL_NULL }, I(st->setup.busy_ms) };
	struct op lock = { .kind = OP_CONTROL, .name = own_name(c, OWN_LOCK) };
	struct op op = { .kind = OP_MARK, .name = own_name(c, OWN_MARK) };

	pg_gather_begin(c);
	pg_era_forget(c);
	c->unsaved = false;
	if (!send_own(c, OWN_BEGIN) || !pg_send(c, lock, patience, 1) || !pg_send(c, op, mark, 4))
		return c->failed;
	c->in_transaction = true;
	return PG_WELL;
}

/* It begins with its first question: pg_reads(). */
static int
begin_read(struct pg_conn *c)
{
	c->begun = c->alone = false;
	c->in_transaction = true;
	pg_whole_begin(c, false);
	pg_era_forget(c);
	return PG_WELL;
}

bool
pg_reads(struct pg_conn *c)
{
	if (c->alone)
		pg_collect(c);           /* a transaction by itself, and over with its answer */
	if (!c->begun && c->failed == PG_WELL)
		c->begun = send_own(c, OWN_READ);
	return c->begun;
}

static int
begin(struct pg_conn *c)
{
	if (hung_up(c)) {
		struct arena *a = arena_new();
		struct err err = { .arena = a };
		bool again = pg_conn_again(c, &err);

		arena_free(a);
		if (!again)
			return PG_LOST;
	}
	c->failed = PG_WELL;
	return c->conn.right == RIGHT_READ ? begin_read(c) : begin_write(c);
}

/* What was not tried because of a failure is tried no more. */
static int
roll_back(struct pg_conn *c, enum own how)
{
	pg_collect(c);
	if (c->failed == PG_LOST)
		return PG_LOST;
	c->failed = PG_WELL;
	send_own(c, how);
	if (how == OWN_ROLLBACK) {
		c->in_transaction = false;
		pg_collect(c);
	}
	return c->failed;
}

/* Sent, not waited for: the next transaction takes the outcome along. */
static int
end_reading(struct pg_conn *c)
{
	bool begun = c->begun;

	if (c->count > 0)
		pg_collect(c);           /* a failure among queries that nobody read would swallow the end */
	c->begun = c->alone = c->in_transaction = false;
	if (c->failed == PG_LOST)
		return PG_WELL;
	c->failed = PG_WELL;
	if (begun && send_own(c, OWN_COMMIT)) {
		remember(c, (struct op){ .kind = OP_SYNC });
		PQpipelineSync(c->db);
	}
	return PG_WELL;
}

/* A commit that nobody answered is asked for. */
static int
commit(struct pg_conn *c)
{
	int64_t began = clock_monotonic();
	int code;

	if (c->conn.right == RIGHT_READ)
		return end_reading(c);
	if (c->failed == PG_WELL && pg_gather_send(c))
		send_own(c, OWN_COMMIT);
	pg_collect(c);
	c->in_transaction = false;
	code = c->failed;
	if (code == PG_LOST)
		return pg_outcome(c, began);
	if (code != PG_WELL)
		roll_back(c, OWN_ROLLBACK);
	return code;
}

static int
release(struct pg_conn *c)
{
	bool saved = !c->unsaved;

	c->unsaved = false;
	return !saved || send_own(c, OWN_RELEASE) ? PG_WELL : c->failed;
}

int
pg_control(struct conn *conn, enum control which)
{
	struct pg_conn *c = pg_of(conn);

	switch (which) {
	case C_BEGIN:
		return begin(c);
	case C_COMMIT:
		return commit(c);
	case C_ROLLBACK:
		return roll_back(c, OWN_ROLLBACK);
	case C_UNDO:
		pg_gather_undo(c);
		return c->unsaved ? c->failed : roll_back(c, OWN_UNDO);
	case C_SAVE:
		pg_gather_job(c);
		c->unsaved = true;
		return c->failed;
	case C_RELEASE:
		return release(c);
	case CONTROL__MAX:
		break;
	}
	return PG_WRONG;
}

/* What nobody has read is let go, whether it has come or not. */
void
pg_rest(struct conn *conn)
{
	struct pg_conn *c = pg_of(conn);

	for (int i = 0; i < c->count; i++) {
		c->ops[c->first + i].rows = NULL;
		c->ops[c->first + i].tx = NULL;
	}
	while (c->open) {
		struct pg_rows *rows = c->open;

		c->open = rows->next;
		pg_rows_done(rows);
	}
}

bool
pg_settle(struct tx *tx, struct err *err)
{
	struct pg_conn *c = pg_of(tx->conn);
	bool check = pg_own(tx->st)->deferrable && c->failed == PG_WELL && !c->unsaved;

	if (check)
		check = send_own(c, OWN_CHECK) && send_own(c, OWN_DEFER);
	pg_collect(c);
	if (c->failed == PG_WELL)
		return true;
	if (pg_fault(c->failed) == FAULT_STORE || pg_fault(c->failed) == FAULT_BUSY)
		tx->code = c->failed;
	if (err->fault == FAULT_NONE)
		err->detail = tx->detail;
	return err_set(err, pg_fault(c->failed));
}

/* ---- the check of a statement ---- */

/* Whether a result is what its letter says. */
static bool
is_of(Oid type, char letter)
{
	switch (letter) {
	case 'i':
		return type == OID_INT8 || type == 21 || type == 23 || type == 16;
	case 't':
		return type == OID_TEXT;
	}
	return type == OID_BYTEA;
}

static bool
check_results(const struct store *st, const PGresult *r, int stmt, const char *name, struct err *err)
{
	const char *letters = statement_results(stmt);

	if (!check_letters(st, stmt, PQnparams(r), PQnfields(r), name, err))
		return false;
	for (int i = 0; letters && letters[i]; i++)
		if (!is_of(PQftype(r, i), letters[i]))
			return err_setf(err, FAULT_INTERNAL, "%s: result %d is no '%c' but type %u", name, i + 1,
			    letters[i], PQftype(r, i));
	return true;
}

/* On a connection that does nothing else: outside of the pipeline. */
bool
pg_check(struct conn *conn, int stmt, const char *name, struct err *err)
{
	struct pg_conn *c = pg_of(conn);
	const char *letters = statement_parameters(conn->st, stmt);
	Oid types[PARAMETERS_MAX];
	struct arena *a = arena_new();
	PGresult *prepared = NULL, *described = NULL;
	bool ok = false;

	for (int i = 0; letters && letters[i]; i++)
		types[i] = letters[i] == 'i' ? OID_INT8 : letters[i] == 'b' ? OID_BYTEA : OID_TEXT;
	if (PQpipelineStatus(c->db) != PQ_PIPELINE_OFF && !PQexitPipelineMode(c->db)) {
		err_setf(err, FAULT_INTERNAL, "%s: the connection is busy", name);
	} else {
		prepared = PQprepare(c->db, "", pg_statement(conn->st, stmt, a).p,
		    letters ? (int)strlen(letters) : 0, types);
		if (PQresultStatus(prepared) != PGRES_COMMAND_OK)
			err_setf(err, FAULT_INTERNAL, "%s: %s", name, PQerrorMessage(c->db));
		else
			described = PQdescribePrepared(c->db, "");
	}
	if (described)
		ok = PQresultStatus(described) == PGRES_COMMAND_OK ? check_results(conn->st, described, stmt, name, err) :
		    err_setf(err, FAULT_INTERNAL, "%s: %s", name, PQerrorMessage(c->db));
	PQclear(prepared);
	PQclear(described);
	arena_free(a);
	return ok;
}
