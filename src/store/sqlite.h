/*
 * SQLite within the process: the inside of this engine.
 *
 *	sqlite.c             the engine's table; codes; the data directory with its lock
 *	sqlite_conn.c        one connection: its settings, what it may do, its prepared statements
 *	sqlite_query.c       statements and rows
 *	sqlite_schema.c      what migrations need
 *	sqlite_checkpoint.c  the thread that moves committed pages from the log into the database
 *	sqlite_backup.c      the copy that is made before a schema is left
 *	sqlite_dump.c        every table as rows: dump.h
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "store/private.h"

#define DATABASE_NAME "tocsin.db"

/* One prepared statement. A second one of the same number is made only where one runs inside the other. */
struct slot {
	sqlite3_stmt *s;
	int parameters;
	unsigned char *place;            /* SQLite's parameter i is our $place[i]; NULL where that is $i */
	bool busy;
	struct slot *again;              /* another one of the same statement */
	struct slot *next_busy;
};

struct sqlite_conn {
	struct conn conn;                /* first */
	sqlite3 *db;
	sqlite3_stmt *control[CONTROL__MAX];
	sqlite3_stmt *look;              /* takes the snapshot of a reader, which BEGIN alone does not */
	struct slot **slots;             /* by statement number, made at first use */
	struct slot *busy;
};

/* What a store has beside: st->own. */
struct sqlite {
	int lock;                        /* descriptor of dir/lock, held */
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

static inline struct sqlite_conn *
sqlite_of(struct conn *c)
{
	return (struct sqlite_conn *)(void *)c;
}

static inline struct sqlite *
sqlite_own(const struct store *st)
{
	return st->own;
}

/* ---- sqlite.c ---- */

/* SQLite's words for a code; static. */
const char *failure_words(int code);
enum fault failure_fault(int code);
/* dir/lock, held as long as the descriptor is open. Fault: FAULT_IN_USE. */
bool sqlite_hold(const char *dir, struct arena *a, int *ret_fd, struct err *err);

/* ---- sqlite_conn.c ---- */

bool sqlite_conn_open(struct store *st, enum right right, struct conn **ret_conn, struct err *err);
void sqlite_conn_close(struct conn *c);
/*
 * Write-ahead log from now on. conn_open() sees to it, but not for RIGHT_OPEN: that file may be another
 * program's.
 */
bool conn_set_wal(struct conn *c, struct err *err);
int conn_control(struct conn *c, enum control which);
bool conn_exec(struct conn *c, const char *sql, struct err *err);
struct slot *conn_slot(struct sqlite_conn *c, int stmt, int *ret_code);
void slot_rest(struct sqlite_conn *c, struct slot *slot);
void conn_rest(struct conn *c);
bool conn_set_error(struct conn *c, int code, const char *what, struct err *err);

/* ---- sqlite_query.c ---- */

void sqlite_query(struct rows *q, const struct val *vals, int n);
bool sqlite_next(struct rows *q);
void sqlite_end(struct rows *q);
void sqlite_run(struct rows *q, const struct val *vals, int n, int64_t *ret_changed);
bool sqlite_null(const struct rows *q, int column);
int64_t sqlite_integer(const struct rows *q, int column);
struct str sqlite_string(const struct rows *q, int column);
int sqlite_columns(const struct rows *q);
bool sqlite_check(struct conn *c, int stmt, const char *name, struct err *err);

/* ---- sqlite_checkpoint.c ---- */

bool checkpoint_start(struct store *st, struct err *err);
void checkpoint_stop(struct store *st);
void checkpoint_consider(struct store *st);

/* ---- sqlite_schema.c, sqlite_backup.c ---- */

bool sqlite_find(struct conn *c, enum found *ret_found, struct err *err);
bool sqlite_history(struct conn *c, struct arena *a, struct applied **ret_steps, int *ret_count,
    struct err *err);
bool sqlite_schema_text(struct conn *c, struct arena *a, struct str *ret_text, struct err *err);
bool sqlite_schema_begin(struct conn *c, bool fresh, struct err *err);
bool sqlite_schema_apply(struct conn *c, const char *sql, struct err *err);
bool sqlite_schema_record(struct conn *c, const struct applied *step, struct err *err);
bool sqlite_schema_commit(struct conn *c, struct err *err);
void sqlite_schema_rollback(struct conn *c);
/* A whole copy of the database beside it; its path. */
bool sqlite_copy(struct store *st, struct conn *c, int version, struct arena *a, struct str *ret_path,
    struct err *err);

#endif
