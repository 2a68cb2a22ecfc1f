/*
 * The inside of the store room: what its files share. Only they and their tests include this.
 *
 *	open.c     the data directory: its lock, opening and closing, the store's health
 *	conn.c     one connection: its settings, what it may do, its prepared statements
 *	query.c    a transaction and its statements
 *	writer.c   the thread that writes: groups of jobs, one commit for each group
 *	checkpoint.c  the thread that moves committed pages from the log into the database
 *	migrate.c  schema versions; backup.c the copy that is made before one is left
 *	audit.c    the audit trail
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "base/embed.h"
#include "store/audit.h"
#include "store/store.h"

#define DATABASE_NAME "tocsin.db"
#define GROUP_MAX 256                    /* jobs in one commit */
#define PARAMETERS_MAX 255

/* What a connection may do just now; its authorizer reads this whenever a statement is prepared. */
enum right {
	RIGHT_OPEN,                      /* its own settings and its own BEGIN, COMMIT ... */
	RIGHT_SCHEMA,                    /* a migration: tables and rows, no setting, no transaction */
	RIGHT_WRITE,                     /* rows */
	RIGHT_READ,
};

/* One prepared statement. A second one of the same number is made only where one runs inside the other. */
struct slot {
	sqlite3_stmt *s;
	int parameters;
	unsigned char *place;            /* SQLite's parameter i is our $place[i]; NULL where that is $i */
	bool busy;
	struct slot *again;              /* another one of the same statement */
	struct slot *next_busy;
};

enum control { C_BEGIN, C_LOOK, C_COMMIT, C_ROLLBACK, C_SAVE, C_RELEASE, C_UNDO, CONTROL__MAX };

struct conn {
	struct store *st;
	sqlite3 *db;
	enum right right;
	sqlite3_stmt *control[CONTROL__MAX];
	struct slot **slots;             /* by statement number, made at first use */
	struct slot *busy;
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
	struct conn *conn;
	struct arena *arena;
	bool writes;
	int64_t now;
	struct actor actor;
	struct str reason;
	int audits;                      /* records appended */
	int64_t unrecorded;              /* rows changed by statements that need none: unrecorded.h */
	int code;                        /* SQLite's of a failure after which nothing of it can be kept */
	struct str detail;               /* words of the last failure */
	struct after *after, **after_end;
};

/* What tests may replace; zeroes mean the program's own. */
struct store_setup {
	const char *vfs;
	const struct asset *migrations;
	int busy_ms;                     /* how long to wait for somebody else's lock on the database */
	int64_t group_time;              /* microseconds after which a group takes no more jobs */
	int checkpoint_pages;            /* length of the log from which on it is moved into the database */
};

struct member {
	struct store_job *job;
	struct tx *tx;
	bool good;
};

struct store {
	struct arena *arena;             /* lives as long as the store; not used after it is open */
	const char *dir, *path;
	struct store_setup setup;
	const struct stmt_text *extra;
	int extra_count;
	int lock;                        /* descriptor of dir/lock, held */
	int version;
	char node[65];                   /* this machine's name, for the audit trail */

	pthread_key_t reader;            /* this thread's connection */
	bool has_reader_key;
	pthread_mutex_t readers_lock;
	struct conn *readers;

	_Atomic int failure;             /* SQLite's code of what ended writing; SQLITE_OK: healthy */

	/* the writer's; what is not under its lock belongs to its thread alone */
	pthread_t writer;
	bool has_writer;
	pthread_mutex_t queue_lock;
	pthread_cond_t queue_filled;
	struct store_job *queue, **queue_end;
	bool stop;
	struct conn *conn;               /* NULL after a failure until it can be opened again */
	struct member group[GROUP_MAX];
	int64_t audit_last;              /* number of the newest record, once audit_known */
	bool audit_known;
	_Atomic int log_pages;           /* length of the log after the last commit */
	int log_next;                    /* at which length to move it next */

	/* the checkpointer's */
	pthread_t checkpointer;
	bool has_checkpointer;
	pthread_mutex_t checkpoint_lock;
	pthread_cond_t checkpoint_wake;
	bool checkpoint_due, checkpoint_stop;
	_Atomic bool checkpoint_rest;    /* only a little is left: the writer does it between two groups */
	struct conn *checkpoint_conn;
};

/* ---- open.c ---- */

bool store_open_with(const struct store_options *o, const struct store_setup *setup, struct store **ret_store,
    struct err *err);
/* SQLite's words for a code; static. */
const char *failure_words(int code);
enum fault failure_fault(int code);
/* No more writes until a probe succeeds. Any thread. */
void store_failed(struct store *st, int code, const char *doing);
/* One statement of store_check_statements(). */
bool check_statement(struct conn *c, int stmt, struct err *err);
/* A thread of the store's own: signals stay with the others. */
bool store_thread(pthread_t *thread, const char *name, void *(*run)(void *), struct store *st,
    struct err *err);

/* ---- conn.c ---- */

bool conn_open(struct store *st, enum right right, struct conn **ret_conn, struct err *err);
void conn_close(struct conn *c);                 /* NULL is allowed */
/*
 * Write-ahead log from now on. conn_open() sees to it, but not for RIGHT_OPEN: that file may be another
 * program's.
 */
bool conn_set_wal(struct conn *c, struct err *err);
int conn_control(struct conn *c, enum control which);
bool conn_exec(struct conn *c, const char *sql, struct err *err);
struct slot *conn_slot(struct conn *c, int stmt, int *ret_code);
void slot_rest(struct conn *c, struct slot *slot);
void conn_rest(struct conn *c);                  /* ends every statement that still runs */
bool conn_set_error(struct conn *c, int code, const char *what, struct err *err);
void statement_text(const struct store *st, int stmt, struct stmt_text *ret_text);
/* Declared letters; NULL for a statement of the entity tables. */
const char *statement_parameters(int stmt);
const char *statement_results(int stmt);
int statement_count(const struct store *st);

/* ---- query.c ---- */

struct tx *tx_begin(struct conn *c, struct arena *a, bool writes);

/* ---- writer.c, checkpoint.c ---- */

bool writer_start(struct store *st, struct err *err);
/* Does what waits, then ends the thread and its connection. */
void writer_stop(struct store *st);
bool checkpoint_start(struct store *st, struct err *err);
void checkpoint_stop(struct store *st);
void checkpoint_consider(struct store *st);      /* on the writer's thread, after a group was answered */

/* ---- migrate.c, backup.c ---- */

extern const struct asset store_migrations[];
/* Makes what c has open, brings it up to date, or finds that it is; st->version on success. */
bool migrate(struct store *st, struct conn *c, const struct store_options *o, struct err *err);
/* A whole copy of the database beside it; its path. */
bool backup(struct store *st, struct conn *c, int version, struct arena *a, struct str *ret_path,
    struct err *err);

#endif
