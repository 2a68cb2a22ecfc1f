/*
 * The query layer: one writer with group commit, any number of readers, statements by name.
 * SQLite inside the process, or a PostgreSQL server that several nodes may share; one interface for both.
 *
 * Reads see one snapshot from store_read() (on PostgreSQL: from their first statement) to store_done(). Writes run one after the other on the
 * writer's thread, each in a savepoint; all that wait are committed together, and nobody is answered
 * before the disk has it. A write transaction that changed a row and left no audit record is refused
 * (FAULT_INTERNAL): see audit.h.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "store/statements.h"

struct store;
struct tx;

/* A statement that the entity tables make at start (model/entity.c); numbered from S__MAX on. */
struct stmt_text {
	const char *name, *sql;
	const char *parameters;                  /* letters; NULL: not declared */
};

struct store_options {
	const char *dir;                         /* the data directory; the database is dir/tocsin.db */
	const char *url;                         /* NULL: SQLite; else a PostgreSQL server: libpq's URI or "key=value ..." */
	int wait_seconds;                        /* how long to wait for a server that does not answer yet */
	bool create;                             /* make one if there is none; the directory too */
	bool beside;                             /* only to read, whoever else has it open: no lock, no writer, nothing changed */
	bool fresh;                              /* with create: only where there is none */
	bool migrate;                            /* bring an older one up to date, after a backup beside it */
	const char *origin;                      /* the log's name at its birth; NULL: the node's and a suffix */
	const char *node;                        /* this node's name; NULL: the host's */
	bool keep_files;                         /* leave SQLite's files beside the database, empty, when it is closed */
	const struct stmt_text *extra;           /* entity statements, in order; must outlive the store */
	int extra_count;
};

/*
 * What a process that gives up its rights must still reach for the store at a URL: looked up while it may look.
 * Fault: FAULT_CONFIG.
 */
#define REACH_MAX 8
struct store_reach {
	const char *url;                         /* the same place in words that need no looking up */
	bool local;                              /* through a unix socket */
	int ports[REACH_MAX], port_count;        /* of TCP */
	const char *files[REACH_MAX];            /* read whenever it connects: passwords, certificates */
	int file_count;
};
/* A file dir/pgpass has the password, unless the URL or PGPASSFILE names another. */
bool store_reach(const char *url, const char *dir, struct arena *a, struct store_reach *ret_reach, struct err *err);
struct str store_url_shown(struct arena *a, const char *url);    /* without its password */

/* Faults: FAULT_FILE (cannot be opened), FAULT_DATABASE (the same of a server), FAULT_IN_USE (by another process), FAULT_SCHEMA (older without migrate; newer; unknown; failed). */
bool store_open(const struct store_options *o, struct store **ret_store, struct err *err);
void store_close(struct store *st);              /* waits for the writer; NULL is allowed */
/* "SQLite 3.40.1" */
struct str store_engine(const struct store *st, struct arena *a);
int store_schema_version(const struct store *st);
int store_schema_newest(void);
const char *store_place(const struct store *st); /* the server, for people; NULL: in the data directory */
/* FAULT_NONE, or FAULT_READ_ONLY / FAULT_STORE with its reason after a disk said no: no writes until restart or a write probe succeeds. */
enum fault store_health(struct store *st, struct str *ret_reason);
/* Tries a durable write of its own. After a failure this is how writing resumes. */
bool store_probe(struct store *st, struct err *err);

/*
 * A snapshot for reading, on a connection that belongs to this thread. Not nested.
 * Nothing can be written through it. store_done() ends it; NULL is allowed.
 */
struct tx *store_read(struct store *st, struct arena *a, struct err *err);
void store_done(struct tx *tx);

/* The work of one write. false rolls back its savepoint and only its. May be called again after a failed group. */
typedef bool store_work(struct tx *tx, void *arg, struct err *err);

/* Runs work on the writer and returns when it is on disk (true) or undone (false). Never call it from inside work or while reading on this thread. */
bool store_write(struct store *st, struct arena *a, store_work *work, void *arg, struct err *err);

/* The same without waiting: done() is called on the writer's thread after the commit or the failure; err says which. */
struct store_job {
	store_work *work;
	void *arg;
	struct arena *arena;
	struct err *err;
	void (*done)(struct store_job *job, bool saved);
	struct store_job *next;                  /* the store's */
};
void store_submit(struct store *st, struct store_job *job);

/* ---- inside a transaction ---- */

struct arena *tx_arena(struct tx *tx);
struct store *tx_store(struct tx *tx);
bool tx_can_write(const struct tx *tx);
int64_t tx_now(struct tx *tx);                   /* one reading of the clock for the whole transaction */

enum val_kind { VAL_NULL, VAL_INT, VAL_TEXT, VAL_BLOB };
struct val {
	enum val_kind kind;
	int64_t i;
	struct str s;
};
#define I(x) ((struct val){ .kind = VAL_INT, .i = (x) })
#define N(x) val_or_null(x)                      /* an integer, or NULL for INT64_MIN */
#define T(x) val_text(x)                         /* a text, or NULL for STR_NONE */
#define B(x) ((struct val){ .kind = VAL_BLOB, .s = (x) })
struct val val_or_null(int64_t i);
struct val val_text(struct str s);

/*
 * A running statement. One loop:
 *	struct rows q = db_query(tx, S_DUTY_OPEN, I(report), I(now));
 *	while (db_next(&q)) ... db_int(&q, 0) ... db_str(&q, 1) ...
 *	if (!db_end(&q, err)) return false;
 * db_str() copies into the transaction's arena. Leaving the loop early is fine; db_end() is not optional.
 */
struct rows {
	struct tx *tx;
	int stmt;
	void *engine;
	enum fault fault;
	bool row;
};
#define db_query(tx, stmt, ...) \
	db_query_vals((tx), (stmt), (struct val[]){ { .kind = VAL_NULL }, ##__VA_ARGS__ }, \
	    (int)(sizeof((struct val[]){ { .kind = VAL_NULL }, ##__VA_ARGS__ }) / sizeof(struct val)) - 1)
/* vals[1..n] are the parameters $1..$n; vals[0] is ignored. */
struct rows db_query_vals(struct tx *tx, int stmt, const struct val *vals, int n);
bool db_next(struct rows *q);
int64_t db_int(const struct rows *q, int column);        /* INT64_MIN for NULL */
struct str db_str(const struct rows *q, int column);     /* STR_NONE for NULL */
bool db_null(const struct rows *q, int column);
int db_columns(const struct rows *q);
bool db_end(struct rows *q, struct err *err);            /* false: the database said no, err is set */

/*
 * Says that a query with these very values will be made soon in this transaction, so that a server need not be waited
 * for once more: its answer comes with the one that is waited for next. What db_run() writes before the query makes it be asked
 * anew; a query that is never made costs its answer.
 */
#define db_ahead(tx, stmt, ...) \
	db_ahead_vals((tx), (stmt), (struct val[]){ { .kind = VAL_NULL }, ##__VA_ARGS__ }, \
	    (int)(sizeof((struct val[]){ { .kind = VAL_NULL }, ##__VA_ARGS__ }) / sizeof(struct val)) - 1)
void db_ahead_vals(struct tx *tx, int stmt, const struct val *vals, int n);
/*
 * Says, first of all in a reading, that it will need nothing else, most likely, than what is announced now before anything is
 * read. What is asked for all the same is answered as of a later moment.
 */
void db_ahead_whole(struct tx *tx);

/*
 * One statement without rows. ret_changed may be NULL. FAULT_EXISTS when a unique index refuses; but of the tables of
 * pg_gather.c, to which nothing is ever added twice, a server may say so when it is too late for a fault of its own.
 */
#define db_run(tx, stmt, err, ...) \
	db_run_vals((tx), (stmt), (struct val[]){ { .kind = VAL_NULL }, ##__VA_ARGS__ }, \
	    (int)(sizeof((struct val[]){ { .kind = VAL_NULL }, ##__VA_ARGS__ }) / sizeof(struct val)) - 1, NULL, (err))
bool db_run_vals(struct tx *tx, int stmt, const struct val *vals, int n, int64_t *ret_changed, struct err *err);

/* The next number of reports of a sector and year, or of its drills, from 1 on. What is undone gives it back: there are no gaps. */
bool tx_number(struct tx *tx, int64_t sector, int64_t year, bool drill, int64_t *ret_number, struct err *err);

/*
 * One thing, in the arena, that the work of a transaction leaves for whoever makes the answer, so that it need not be read
 * again; NULL: there is none. Both know what it is by the part of the program that they are in.
 */
void tx_leave(struct tx *tx, const void *what);
const void *tx_left(const struct tx *tx);

/* For what lives outside the database: called on the writer's thread after the transaction is on disk (never if it is not). */
void tx_after_commit(struct tx *tx, void (*fn)(void *arg), void *arg);

/* Prepares every statement on a fresh connection: for the tests and doctor. */
bool store_check_statements(struct store *st, struct err *err);

#endif
