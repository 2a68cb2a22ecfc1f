/*
 * PostgreSQL through libpq: the inside of this engine.
 *
 *	pg.c         the engine's table, opening and closing
 *	pg_code.c    codes and what they mean
 *	pg_conn.c    one connection: commands in a pipeline, and their outcomes
 *	pg_query.c   statements and rows
 *	pg_gather.c  rows that wait, so that many go at once
 *	pg_whole.c   questions that go as one
 *	pg_memory.c  answers that are remembered
 *	pg_text.c    one text for both engines: what is said differently here
 *	pg_schema.c  what migrations need
 *	pg_place.c   where the server is
 *	pg_hosts.c   which of several it is
 *	pg_wait.c    waiting for the server, but not for ever
 *	pg_node.c    the lease of a node number, and what became of a commit
 *	pg_watch.c   who leads, and what other nodes changed
 *
 * Every connection is in pipeline mode. A command is sent without waiting; whoever needs an outcome sends a
 * sync and reads everything up to it. So a query waits for what stands before it, and only a job's end waits
 * for the rest.
 */
#ifndef STORE_PG_H
#define STORE_PG_H

#include <libpq-fe.h>

#include "store/private.h"

/* The engine's codes. */
enum pg_code {
	PG_WELL,
	PG_LOST,                         /* the connection; nothing was saved */
	PG_UNKNOWN,                      /* the connection, while it committed, and nobody can be asked */
	PG_BUSY,                         /* somebody else's lock, for too long */
	PG_EXISTS,
	PG_FULL,                         /* the server's disk or memory */
	PG_READ_ONLY,                    /* a standby */
	PG_DISK,
	PG_FENCED,                       /* another node has our number */
	PG_WRONG,                        /* ours */
	PG_ABORTED,                      /* a transaction that ended by itself */
};

/* The server's clock, for leases: no node's is asked. */
#define PG_NOW "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
/* Advisory locks: who writes, and who is starting. Stores may share a database in schemas of their own. */
#define PG_WRITER "1414480723, hashtext(current_schema())"
#define PG_STARTER "1414480724, hashtext(current_schema())"
#define PG_LEADER 1414480728             /* and the role; of a session */
/* What an extension has put into our schema (pg_stat_statements and its like) is none of our business. */
#define PG_NO_EXTENSION(catalog) \
	"oid NOT IN (SELECT objid FROM pg_depend WHERE classid = '" catalog "'::regclass AND deptype = 'e')"
#define PG_LEASE MINUTE                  /* of a node number; every commit renews it */
/* A server that says nothing for so long is given up; longer than anybody waits there for the writers' lock. */
#define PG_PATIENCE (12 * SECOND)
#define PG_WHILE_THERE INT64_MAX         /* as long as it answers others */
#define PG_NODES 64                      /* node numbers */
#define PG_BEAT_SECONDS 15               /* a node that writes nothing renews it so often */

/* ---- commands on their way ---- */

enum op_kind { OP_CONTROL, OP_MARK, OP_PREPARE, OP_RUN, OP_GATHERED, OP_QUERY, OP_SYNC };

struct op {
	enum op_kind kind;
	int name;                        /* of the prepared statement: see pg_conn.c */
	struct tx *tx;                   /* of OP_RUN and OP_QUERY */
	struct pg_rows *rows;            /* of OP_QUERY, until they are given up */
};

/* What a struct rows points to. */
struct pg_rows {
	PGresult *result;                /* NULL: not here yet, or none */
	int row, count;
	bool waits;                      /* for its answer */
	int code;
	bool ahead;                      /* sent before anybody asked: stmt with vals[1..n] */
	int stmt, n;
	const struct val *vals;
	struct pg_rows *next;            /* of the connection's */
	struct pg_rows *of;              /* among whose rows these are; NULL: they stand for themselves */
	int part;                        /* the number by which they are known there */
	struct str *cells;               /* of such a row */
	bool remember;                   /* the answer, when it comes */
	struct pg_answer *answer;        /* whose result it is; NULL: its own */
};

#define PG_PARTS 8                       /* questions in one */
#define PG_JOINED 16                     /* sets of them, for one connection */

/* A statement joined of these. */
struct pg_joined {
	int n, stmts[PG_PARTS];
	char letters[PARAMETERS_MAX + 1];
};

/* A reading's questions that go together, until somebody asks the first. */
struct pg_whole {
	bool collects;
	int n;
	struct pg_rows *parts[PG_PARTS], *rows;
	struct pg_joined joined[PG_JOINED];      /* those that were asked so far */
	int joined_count;
};

#define PG_GATHERED 10                   /* tables whose rows wait */

/* Rows of the group that runs, those that were sent and those that wait. */
struct pg_gather {
	struct arena *arena;             /* theirs; NULL: this connection gathers nothing */
	struct pg_kept *first[PG_GATHERED], **end[PG_GATHERED];
	unsigned tables;                 /* of which some wait, as bits */
	int waiting, job;
	size_t bytes;
};

/* What a statement has to do with those tables. */
struct pg_about {
	unsigned tables;                 /* that its text names, as bits */
	int adds_to;                     /* -1: it is not one that adds a row */
	bool renames, remembered;        /* changes who is who; its answer is remembered: pg_memory.c */
};

struct pg_conn {
	struct conn conn;                /* first */
	PGconn *db;
	unsigned char *prepared;         /* by name */
	struct op *ops;                  /* sent, not answered: first ... first + count - 1 */
	int first, count, room;
	int moved;                       /* pg's, when it was made */
	int failed;                      /* the code for which the transaction cannot go on */
	bool in_transaction;
	bool unsaved;                    /* the job has sent nothing yet, nor its savepoint */
	bool begun, alone;               /* a reading: its BEGIN is sent; a question that needs none is on its way */
	int64_t changes, last_changed;
	struct pg_rows *open;
	struct pg_gather gather;
	struct pg_whole whole;
	int64_t era;                     /* of names, as of the moment of this reading */
	struct pg_rows *era_rows;        /* that say it, until they are here */
};

#define PG_ERA_UNKNOWN (-1)
#define PG_ERA_NONE (-2)                 /* it ended in this transaction */

/* ---- where the server is ---- */

#define PG_WORDS_MAX 32

struct pg_watch {
	pthread_t thread;
	bool runs;
	int stop;                        /* an eventfd */
	PGconn *db;
	int moved;                       /* as a connection's */
	int64_t seen[TOPIC__MAX];        /* -1: nothing yet */
	int64_t names_at;                /* when to ask for names again */
	bool holds[LEAD__MAX];
};

/* What a store has beside: st->own. */
struct pg {
	const char *keys[PG_WORDS_MAX], *values[PG_WORDS_MAX];   /* for PQconnectdbParams() */
	int wait_seconds;                /* at the start */
	_Atomic int64_t retry_at;        /* no reader tries to connect before */
	_Atomic int64_t retry_wait;
	struct pg_about *about;          /* of each statement */
	struct pg_memory *memory;
	_Atomic int first;               /* of the hosts, to be tried: pg_hosts.c */
	_Atomic int moved;               /* counted up with it: connections of before are of another host */
	bool troubled;                   /* nothing could be written, though the server took it */
	bool deferrable;                 /* the schema has references that are checked at the end */
	int64_t number, epoch;           /* of this node: pg_node.c */
	int64_t mark;                    /* of the newest group */
	bool fenced;                     /* somebody else has the number: another is needed */
	bool outdated;                   /* and none is given: this program does not know the schema any more */
	char version[40];                /* of the server, as it was when the store opened */
	struct pg_watch watch;
};

static inline struct pg_conn *
pg_of(struct conn *c)
{
	return (struct pg_conn *)(void *)c;
}

static inline struct pg *
pg_own(const struct store *st)
{
	return st->own;
}

/* ---- pg_code.c ---- */

const char *pg_words(int code);
enum fault pg_fault(int code);
enum fault pg_health(int code);
bool pg_serious(int code);
/* Of a result that is an error. */
int pg_code_of(const PGconn *db, const PGresult *r);

/* ---- pg_place.c ---- */

/* Fills own->keys and values, st->place. */
bool pg_place(struct store *st, const struct store_options *o, struct err *err);
/*
 * Connects, waiting at most so long for a server that does not answer yet. Without waiting, a server that just
 * now did not answer is not asked again for a little while.
 */
PGconn *pg_connect(struct store *st, int wait_seconds, struct err *err);
/* To any of the hosts of a URL, for dumps: a server that does not answer is not waited for, and neither is one that is gone. */
PGconn *pg_connect_url(const char *url);

/* ---- pg_hosts.c ---- */

int pg_hosts(const struct pg *own);
/* own->values with so many of the hosts, from the first on and around. */
void pg_values(const struct pg *own, int first, int count, struct arena *a, const char **ret_values);
/* Whether another host is the primary by now: then it is the first to be tried, and every connection is made anew. */
void pg_look_around(struct store *st);
/* On the writer's thread: looks around if it had reason to. */
void pg_get_going(struct store *st);

/* ---- pg_conn.c ---- */

bool pg_conn_open(struct store *st, enum right right, struct conn **ret_conn, struct err *err);
void pg_conn_close(struct conn *c);
/* A new connection in the place of a lost one. */
bool pg_conn_again(struct pg_conn *c, struct err *err);
int pg_control(struct conn *c, enum control which);
void pg_rest(struct conn *c);
/* Sends a statement with its parameters; what becomes of it is known when everything before op is collected. */
bool pg_send(struct pg_conn *c, struct op op, const struct val *vals, int n);
/* The name of a statement's form for many rows. */
int pg_gathered_name(const struct pg_conn *c, int stmt);
/* The name of a statement that was joined. */
int pg_joined_name(const struct pg_conn *c, int joined);
/* The server's number for the type of a letter. */
unsigned pg_type_of(char letter);
bool pg_send_era(struct pg_conn *c, int64_t topic, int64_t era);
/* Waits for every outcome. */
void pg_collect(struct pg_conn *c);
/* Before a reader's question: its transaction begins if it must. */
bool pg_reads(struct pg_conn *c);
bool pg_settle(struct tx *tx, struct err *err);
bool pg_check(struct conn *c, int stmt, const char *name, struct err *err);

/* ---- pg_text.c ---- */

/* A statement in this engine's words. */
struct str pg_statement(const struct store *st, int stmt, struct arena *a);
/* A migration's text for one engine. */
struct str pg_migration(struct str text, struct arena *a);

/* ---- pg_query.c ---- */

void pg_query(struct rows *q, const struct val *vals, int n);
void pg_ahead(struct tx *tx, int stmt, const struct val *vals, int n);
void pg_ahead_whole(struct tx *tx);
bool pg_next(struct rows *q);
void pg_end(struct rows *q);
void pg_rows_done(struct pg_rows *rows);
void pg_run(struct rows *q, const struct val *vals, int n, int64_t *ret_changed);
bool pg_null(const struct rows *q, int column);
int64_t pg_integer(const struct rows *q, int column);
struct str pg_string(const struct rows *q, int column);
int pg_columns(const struct rows *q);

/* Asks, for whoever has use for the answer later. */
struct pg_rows *pg_ask_ahead(struct tx *tx, int stmt, const struct val *vals, int n);
/* The first column of the first row, 0 without one; false: it is not here, or never will be. */
bool pg_number_here(struct pg_rows *rows, int64_t *ret_number);
bool pg_same_values(const struct val *x, const struct val *y, int n);
/* A value that is an integer; INT64_MIN for NULL. */
int64_t pg_number(struct str s);

/* ---- pg_whole.c ---- */

/* From now on questions that are announced are collected, or not any more; those that were are forgotten. */
void pg_whole_begin(struct pg_conn *c, bool collects);
/* Whether this one goes with the others. */
bool pg_whole_take(struct pg_conn *c, struct pg_rows *rows, struct arena *a);
/* Sends what was collected; false when the connection is lost. */
bool pg_whole_send(struct tx *tx);
struct str pg_joined_text(const struct store *st, const struct pg_joined *j, struct arena *a);
/* The next row among the others', into rows->cells. */
bool pg_part_next(struct pg_rows *rows);

/* ---- pg_memory.c ---- */

void pg_memory_learn(struct store *st, int stmt, struct str sql);
struct pg_memory *pg_memory_new(void);
void pg_memory_free(struct pg_memory *m);        /* NULL is allowed */
/* Of the moment that begins now nothing is known. */
void pg_era_forget(struct pg_conn *c);
/* The reading's answers will be remembered. */
void pg_era_ask(struct tx *tx);
/* Before a statement that is sent: if it changes who is who, that is a new era. False when the connection is lost. */
bool pg_era_ends(struct pg_conn *c, int stmt);
/* Whether an answer to this statement may be remembered here. */
bool pg_remembers(struct tx *tx, int stmt);
/* What is remembered, to be given up with pg_answer_done(); NULL: nothing. */
struct pg_answer *pg_recall(struct pg_conn *c, int stmt, const struct val *vals, int n);
/* Likewise, and the result is its from now on; NULL: it cannot be remembered. */
struct pg_answer *pg_remember(struct pg_conn *c, int stmt, const struct val *vals, int n, PGresult *result);
PGresult *pg_answer_result(const struct pg_answer *answer);
void pg_answer_done(struct pg_answer *answer);   /* NULL is allowed */

/* ---- pg_gather.c ---- */

/* What each statement is about; once, before anything is gathered. */
void pg_gather_learn(struct store *st);
/* A group begins, with nothing. */
void pg_gather_begin(struct pg_conn *c);
void pg_gather_end(struct pg_conn *c);
/* Whether the statement's row was taken: it is sent later. False: it is not one that can wait, or c is lost. */
bool pg_gather(struct pg_conn *c, int stmt, const struct val *vals, int n);
/* Sends what waits; false when the connection is lost. */
bool pg_gather_send(struct pg_conn *c);
/* The same, if this statement could see that it is not there yet, or changes something. */
bool pg_gather_needed(struct pg_conn *c, int stmt, bool changes);
/* The next job of the group begins; or is undone, with what it added. */
void pg_gather_job(struct pg_conn *c);
void pg_gather_undo(struct pg_conn *c);
/* The statement for many rows: each parameter an array. */
struct str pg_gathered_text(const struct store *st, int stmt, struct arena *a);

/* ---- pg_schema.c: on a connection without a pipeline ---- */

bool pg_find(struct conn *c, enum found *ret_found, struct err *err);
bool pg_history(struct conn *c, struct arena *a, struct applied **ret_steps, int *ret_count, struct err *err);
bool pg_schema_text(struct conn *c, struct arena *a, struct str *ret_text, struct err *err);
bool pg_schema_begin(struct conn *c, bool fresh, struct err *err);
bool pg_schema_apply(struct conn *c, const char *sql, struct err *err);
bool pg_schema_record(struct conn *c, const struct applied *step, struct err *err);
bool pg_schema_commit(struct conn *c, struct err *err);
void pg_schema_rollback(struct conn *c);
bool pg_copy(struct store *st, struct conn *c, int version, struct arena *a, struct str *ret_copy,
    struct err *err);
bool pg_others(struct conn *c, struct arena *a, struct str *ret_names, struct err *err);
/* One command, or several without parameters. Nothing else is on its way. */
bool pg_exec(PGconn *db, const char *sql, struct err *err);    /* FAULT_SILENT: it is not there any more */
bool pg_exec_within(PGconn *db, const char *sql, int64_t patience, struct err *err);
/* The first column of the first row as a number; -1 when there is none. */
bool pg_look(PGconn *db, const char *sql, int64_t *ret_value, struct err *err);
bool pg_look_within(PGconn *db, const char *sql, int64_t patience, int64_t *ret_value, struct err *err);

/* ---- pg_wait.c ---- */

/*
 * Until PQgetResult() does not wait. False: nothing came for so long, or for a shorter time in which others tried to
 * reach the server, and did not. st may be NULL: nobody is asked.
 */
bool pg_await(const struct store *st, PGconn *db, int64_t patience);
/* Until all is sent, while the server is there. False: it is not. */
bool pg_sent(PGconn *db);
/* The last result of one command with at most one value, or of several without; NULL: there is none. */
PGresult *pg_ask(PGconn *db, const char *sql, const char *value, int64_t patience);
/* The same of what was sent. *ret_silent: nothing came for so long, and it is given up. */
PGresult *pg_answer(PGconn *db, int64_t patience, bool *ret_silent);
/* Whoever uses it finds that the connection is lost. */
void pg_give_up(PGconn *db);

/* ---- pg_node.c ---- */

/* On a connection without a pipeline: own->number and epoch, and the ids' node. */
bool pg_lease(struct store *st, PGconn *db, struct err *err);
/*
 * Whether the group whose mark was st's newest, and which was to be committed since, is in the database: PG_WELL, PG_LOST
 * or PG_UNKNOWN.
 */
int pg_outcome(struct pg_conn *c, int64_t since);

/* ---- pg_watch.c ---- */

bool pg_watch(struct store *st, struct err *err);
void pg_watch_end(struct store *st);

#endif
