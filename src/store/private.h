/*
 * The inside of the store room: what its files share, whichever engine lies below. Only they and their
 * tests include this.
 *
 *	open.c      opening and closing, the store's health
 *	query.c     a transaction and its statements
 *	writer.c    the thread that writes: groups of jobs, one commit for each group
 *	migrate.c   schema versions
 *	audit.c     the audit trail
 *	log*.c      the hash tree over it: log_private.h
 *	sqlite*.c   SQLite within the process: sqlite.h
 *	nodes.c     several nodes on one database
 *	numbers.c   numbers without gaps
 *	pg*.c       a PostgreSQL server: pg.h
 */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/embed.h"
#include "store/audit.h"
#include "store/log_private.h"
#include "store/nodes.h"
#include "store/store.h"

#define GROUP_MAX 256                    /* jobs in one commit */
#define PARAMETERS_MAX 255
#define NAMES_MAX 500                    /* bytes of the nodes' names */

/* What a connection may do just now. */
enum right {
	RIGHT_OPEN,                      /* its own settings and its own BEGIN, COMMIT ... */
	RIGHT_SCHEMA,                    /* a migration: tables and rows, no setting, no transaction */
	RIGHT_WRITE,                     /* rows */
	RIGHT_READ,
};

/*
 * Steps of a transaction. C_BEGIN takes the snapshot of a reader, the lock of a writer. Without C_SAVE around
 * it a job is undone by C_ROLLBACK.
 */
enum control { C_BEGIN, C_COMMIT, C_ROLLBACK, C_SAVE, C_RELEASE, C_UNDO, CONTROL__MAX };

/* What every connection has; the engine's own stands behind it. */
struct conn {
	struct store *st;
	enum right right;
	struct tx *tx;                   /* the one that runs now */
	struct conn *next;               /* the store's list of readers */
};

struct after {
	void (*fn)(void *arg);
	void *arg;
	struct after *next;
};

struct tx {
	struct store *st;
	const struct engine *engine;
	struct conn *conn;
	struct arena *arena;
	bool writes;
	int64_t now;
	struct actor actor;
	struct str reason;
	int audits;                      /* records appended */
	int64_t unrecorded;              /* rows changed by statements that need none: unrecorded.h */
	int code;                        /* the engine's, of a failure after which nothing of it can be kept */
	struct str detail;               /* words of the last failure */
	struct after *after, **after_end;
	const void *left;                /* for whoever answers */
};

/* ---- engines ---- */

enum found { FOUND_EMPTY, FOUND_OURS, FOUND_OTHER };

/* A migration that a database has had. */
struct applied {
	int version;
	struct str name, sha256;         /* of its text */
	struct str schema_sha256;        /* of all tables, indexes and triggers after it */
	int serves;                      /* programs from this version on go on with it */
};

/*
 * What lies below the query layer. Codes are the engine's own numbers: 0 is well, any other has words and a
 * fault.
 */
struct engine {
	const char *name, *section;      /* for people; in migrations */
	const char *(*version)(const struct store *st);  /* of what lies below; lives as long as the store */
	int group_max;                   /* jobs in one commit, at most GROUP_MAX */
	int64_t group_time;              /* microseconds after which a group takes no more jobs */

	/* Everything until st->conn is open, up to date and may write; close() undoes what of it was done. */
	bool (*open)(struct store *st, const struct store_options *o, struct err *err);
	void (*close)(struct store *st);
	bool (*conn_open)(struct store *st, enum right right, struct conn **ret_conn, struct err *err);
	void (*conn_close)(struct conn *c);
	/* On the writer's thread, after a group was answered; and when there was none for so long, 0: never. */
	void (*idle)(struct store *st);
	void (*beat)(struct store *st);
	int beat_seconds;
	/* A thread that learns of other nodes and leads; NULL: there are none. End it as often as you like. */
	bool (*watch)(struct store *st, struct err *err);
	void (*watch_end)(struct store *st);

	const char *(*words)(int code);  /* static */
	enum fault (*fault)(int code);
	enum fault (*health)(int code);  /* FAULT_READ_ONLY, FAULT_STORE */
	bool (*serious)(int code);       /* says something of what lies below, not only of this moment */
	int aborted;                     /* the code of a transaction that ended by itself */
	int broken;                      /* the code of a disk or server that is not to be written to */

	int (*control)(struct conn *c, enum control which);
	bool (*in_transaction)(struct conn *c);
	bool (*set_error)(struct conn *c, int code, const char *what, struct err *err);
	void (*rest)(struct conn *c);    /* ends every statement that still runs */
	int64_t (*changes)(struct conn *c);      /* rows changed so far */
	/* Waits for what was sent without waiting; false when the transaction's work cannot be kept. */
	bool (*settle)(struct tx *tx, struct err *err);
	bool (*reference_open)(struct conn *c);  /* one leads nowhere; settled */
	bool (*write_durably)(struct conn *c, struct err *err);  /* reaches the disk */
	/* After a serious failure: st->conn is a new one, and what was answered as not saved stays so. */
	bool (*renew)(struct store *st, struct err *err);
	const char *not_renewed;         /* what is to be said when that fails */

	void (*query)(struct rows *q, const struct val *vals, int n);
	void (*ahead)(struct tx *tx, int stmt, const struct val *vals, int n);   /* NULL: nothing is won by it */
	void (*ahead_whole)(struct tx *tx);      /* likewise */
	bool (*next)(struct rows *q);
	void (*end)(struct rows *q);
	void (*run)(struct rows *q, const struct val *vals, int n, int64_t *ret_changed);
	bool (*null)(const struct rows *q, int column);
	int64_t (*integer)(const struct rows *q, int column);
	struct str (*string)(const struct rows *q, int column);
	int (*columns)(const struct rows *q);
	bool (*check)(struct conn *c, int stmt, const char *name, struct err *err);

	/* Migrations: see migrate.c. */
	struct str (*migration)(struct str text, struct arena *a);      /* NULL: as it stands */
	bool (*find)(struct conn *c, enum found *ret_found, struct err *err);
	bool (*history)(struct conn *c, struct arena *a, struct applied **ret_steps, int *ret_count,
	    struct err *err);
	/* All tables, indexes and triggers as one text that says every difference. */
	bool (*schema_text)(struct conn *c, struct arena *a, struct str *ret_text, struct err *err);
	/*
	 * Inside a migration: who else has the database open, STR_NONE: nobody, and nobody who thinks so can write any
	 * more. NULL: nobody ever has.
	 */
	bool (*others)(struct conn *c, struct arena *a, struct str *ret_names, struct err *err);
	bool (*schema_begin)(struct conn *c, bool fresh, struct err *err);
	bool (*schema_apply)(struct conn *c, const char *sql, struct err *err);
	bool (*schema_record)(struct conn *c, const struct applied *step, struct err *err);
	/* False also when references do not hold. */
	bool (*schema_commit)(struct conn *c, struct err *err);
	void (*schema_rollback)(struct conn *c);
	/* What helps when a migration fails: a copy made before. *ret_copy: its path, or STR_NONE. */
	bool (*copy)(struct store *st, struct conn *c, int version, struct arena *a, struct str *ret_copy,
	    struct err *err);
};

extern const struct engine engine_sqlite, engine_pg;

/* What tests may replace; zeroes mean the program's own. */
struct store_setup {
	const char *vfs;
	const struct asset *migrations;
	bool unborn;                     /* a new log gets no name: a backup brings it */
	int busy_ms;                     /* how long to wait for somebody else's lock on the database */
	int64_t patience;                /* how long for a server that says nothing */
	int64_t group_time;              /* the engine's */
	int checkpoint_pages;            /* length of the log from which on it is moved into the database */
};

struct member {
	struct store_job *job;
	struct tx *tx;
	bool good;
};

#define NUMBERS_MAX 16

/* Rows of counters, as a group has taken numbers from them. */
struct numbers {
	int n;
	struct number {
		int64_t sector, year, drill;
		int64_t next;
	} list[NUMBERS_MAX];
};

struct store {
	const struct engine *engine;
	struct arena *arena;             /* lives as long as the store; not used after it is open */
	const char *dir;
	const char *place;               /* where the database is, for people */
	struct store_setup setup;
	const struct stmt_text *extra;
	int extra_count;
	bool keep_files;
	int version;
	char node[65];                   /* this node's name, for the audit trail */

	/* nodes.c */
	struct {
		_Atomic bool stands;
		_Atomic int64_t epoch;   /* 0: does not lead */
	} lead[LEAD__MAX];
	bool watched;                    /* else this process is a command's, or alone */
	store_changed *changed;
	_Atomic int64_t learnt_at;       /* clock_monotonic(); 0: nothing was learnt */
	pthread_mutex_t names_lock;
	char names[NAMES_MAX];           /* of the nodes that are there */

	pthread_key_t reader;            /* this thread's connection */
	bool has_reader_key;
	pthread_mutex_t readers_lock;
	struct conn *readers;

	_Atomic int failure;             /* the engine's code of what ended writing; 0: healthy */

	/* the writer's; what is not under its lock belongs to its thread alone */
	pthread_t writer;
	bool has_writer;
	pthread_mutex_t queue_lock;
	pthread_cond_t queue_filled;
	struct store_job *queue, **queue_end;
	bool stop;
	struct conn *conn;               /* NULL after a failure until it can be opened again */
	struct member group[GROUP_MAX];
	struct log_state log;            /* the log as the group has made it so far */
	struct log_state log_before;     /* as it was before the job that runs */
	struct numbers numbers, numbers_before;  /* likewise */
	struct arena *scratch;           /* of the writer's own statements */

	void *own;                       /* the engine's */
};

/* ---- open.c ---- */

bool store_open_with(const struct store_options *o, const struct store_setup *setup, struct store **ret_store,
    struct err *err);
/* No more writes until a probe succeeds. Any thread. */
void store_failed(struct store *st, int code, const char *doing);
/* One statement of store_check_statements(). */
bool check_statement(struct conn *c, int stmt, struct err *err);
/* Whether a prepared statement has the letters of its row: as many parameters, as many results. */
bool check_letters(const struct store *st, int stmt, int parameters, int results, const char *name,
    struct err *err);
/* A thread of the store's own: signals stay with the others. */
bool store_thread(pthread_t *thread, const char *name, void *(*run)(void *), struct store *st,
    struct err *err);
bool conn_open(struct store *st, enum right right, struct conn **ret_conn, struct err *err);
void conn_close(struct conn *c);                 /* NULL is allowed */

/* ---- statements.c ---- */

void statement_text(const struct store *st, int stmt, struct stmt_text *ret_text);
/* Declared letters; NULL: not declared. */
const char *statement_parameters(const struct store *st, int stmt);
const char *statement_results(int stmt);
int statement_count(const struct store *st);

/* ---- query.c ---- */

struct tx *tx_begin(struct conn *c, struct arena *a, bool writes);
/* Whether a value is what the statement's row declares; NULL goes everywhere. */
bool declared(const char *letters, int i, const struct val *v);
/*
 * What the engine says of a statement: what ends a write transaction for good is kept with it; what we did
 * wrong goes into the log. The fault for its rows.
 */
enum fault statement_failed(struct tx *tx, int stmt, int code, const char *words);

/* ---- numbers.c ---- */

/* Writes the rows, and knows none of them any more. */
bool numbers_keep(struct tx *tx, struct numbers *s, struct err *err);

/* ---- writer.c ---- */

bool writer_start(struct store *st, struct err *err);
/* Does what waits, then ends the thread and its connection. */
void writer_stop(struct store *st);
/* For an engine that is busy for long: when the store has failed, those who wait to write hear so now. On the writer's thread. */
void writer_refuse(struct store *st);

/* ---- nodes.c: for the engine's watch, which holds the lock of the role ---- */

bool node_take_over(struct store *st, enum lead role, struct err *err);
void node_leads_no_more(struct store *st, enum lead role);
void node_names(struct store *st, const char *names);

/* ---- migrate.c ---- */

extern const struct asset store_migrations[];
/* Makes what c has open, brings it up to date, or finds that it is; st->version on success. */
bool migrate(struct store *st, struct conn *c, const struct store_options *o, struct err *err);

#endif
