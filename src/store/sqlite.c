#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rand.h"
#include "store/sqlite.h"

#define BUSY_MS 2000
/* 16 MiB of log. Measured: less costs throughput, more costs the slowest answers. */
#define CHECKPOINT_PAGES 4000

/* ---- failures ---- */

const char *
failure_words(int code)
{
	switch (code) {
	case SQLITE_IOERR_FSYNC:
	case SQLITE_IOERR_DIR_FSYNC:
		return "the disk did not confirm a write";
	case SQLITE_IOERR_WRITE:
	case SQLITE_IOERR_TRUNCATE:
		return "the disk refused a write";
	case SQLITE_IOERR_READ:
	case SQLITE_IOERR_SHORT_READ:
		return "the disk could not be read";
	}
	switch (code & 0xff) {
	case SQLITE_FULL:
		return "the disk is full";
	case SQLITE_READONLY:
		return "the disk is read-only";
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "another program holds the database";
	}
	return sqlite3_errstr(code);
}

enum fault
failure_fault(int code)
{
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return FAULT_EXISTS;
	case SQLITE_CORRUPT_VTAB:        /* the full text index was told something wrong; the file is sound */
		return FAULT_INTERNAL;
	}
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return FAULT_BUSY;
	case SQLITE_READONLY:
	case SQLITE_IOERR:
	case SQLITE_FULL:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL:
	case SQLITE_NOMEM:
	case SQLITE_ABORT:
		return FAULT_STORE;
	}
	return FAULT_INTERNAL;
}

static enum fault
health(int code)
{
	return (code & 0xff) == SQLITE_READONLY ? FAULT_READ_ONLY : FAULT_STORE;
}

static bool
serious(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_NOMEM:
	case SQLITE_ABORT:
		return false;
	}
	return true;
}

/* What SQLite itself finds worth saying, without its words on statements that a constraint refused. */
static void
library_says(void *arg, int code, const char *words)
{
	(void)arg;
	switch (code & 0xff) {
	case SQLITE_NOTICE:
		log_line(LOG_INFO, "sqlite: %s", words);
		break;
	case SQLITE_IOERR:
	case SQLITE_FULL:
	case SQLITE_CORRUPT:
	case SQLITE_CANTOPEN:
	case SQLITE_NOTADB:
	case SQLITE_WARNING:
	case SQLITE_MISUSE:
		log_line(LOG_WARN, "sqlite: %d %s", code, words);
		break;
	}
}

/* Before SQLite is first used; too late for it (a test's file system is there already) is no harm. */
static void
configure_library(void)
{
	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);     /* its counters are one lock for all threads */
	sqlite3_config(SQLITE_CONFIG_LOG, library_says, NULL);
}

/* ---- the data directory ---- */

/* The holder's process number as it stands in the lock file, for a person to read. */
static void
refuse_locked(const char *dir, int fd, struct err *err)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	struct str pid = str_trim((struct str){ text, n > 0 ? (size_t)n : 0 });

	err_setf(err, FAULT_IN_USE, "%s: process %.*s", dir, STR_FMT(pid));
}

/*
 * Nobody else serves this directory as long as the descriptor is open. The lock ends with the process,
 * however that ends.
 */
bool
sqlite_hold(const char *dir, struct arena *a, int *ret_fd, struct err *err)
{
	const char *path = arena_printf(a, "%s/lock", dir).p;
	char text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			refuse_locked(dir, fd, err);
		else
			err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
		close(fd);
		return false;
	}
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n) {
		err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
		close(fd);
		return false;
	}
	*ret_fd = fd;
	return true;
}

/* The database file is there, readable by nobody else; its log and index get the same rights from SQLite. */
static bool
have_file(struct store *st, bool create, struct err *err)
{
	const char *path = st->place;
	int fd = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);

	if (fd < 0 && errno == ENOENT)
		return err_setf(err, FAULT_FILE, "there is no database in %s", st->dir);
	if (fd < 0)
		return err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
	close(fd);
	return true;
}

static bool
have_directory(const char *dir, bool create, struct err *err)
{
	if (!create || mkdir(dir, 0700) == 0 || errno == EEXIST)
		return true;
	return err_setf(err, FAULT_FILE, "%s: %s", dir, strerror(errno));
}

/* ---- opening and closing ---- */

/*
 * Ids go on above those that are there, even if the clock has gone back. Tables of the full text index have
 * ids of their own kind.
 */
static bool
raise_id_floor(struct conn *c, struct err *err)
{
	sqlite3 *db = sqlite_of(c)->db;
	sqlite3_stmt *tables = NULL, *largest;
	int code = sqlite3_prepare_v2(db,
	    "SELECT format('SELECT max(id) FROM \"%w\"', t.name)"
	    " FROM pragma_table_list t, pragma_table_info(t.name) i"
	    " WHERE t.schema = 'main' AND t.type = 'table'"
	    " AND i.name = 'id' AND i.pk = 1 AND i.type = 'INTEGER'",
	    -1, &tables, NULL);

	while (code == SQLITE_OK && (code = sqlite3_step(tables)) == SQLITE_ROW) {
		const char *sql = (const char *)sqlite3_column_text(tables, 0);

		code = sqlite3_prepare_v2(db, sql, -1, &largest, NULL);
		if (code == SQLITE_OK && sqlite3_step(largest) == SQLITE_ROW)
			id_floor(sqlite3_column_int64(largest, 0));
		if (code == SQLITE_OK)
			code = sqlite3_finalize(largest);
	}
	sqlite3_finalize(tables);
	return code == SQLITE_DONE || conn_set_error(c, code, "ids", err);
}

/* For reading what another process serves. The schema is looked at with the rights of whoever opens. */
static bool
open_beside(struct store *st, const struct store_options *o, struct err *err)
{
	bool ok;

	if (access(st->place, R_OK) != 0)
		return err_setf(err, FAULT_FILE, "%s: %s", st->place, strerror(errno));
	if (!conn_open(st, RIGHT_READ, &st->conn, err))
		return false;
	st->conn->right = RIGHT_OPEN;
	ok = migrate(st, st->conn, o, err);
	st->conn->right = RIGHT_READ;
	return ok;
}

static bool
sqlite_open(struct store *st, const struct store_options *o, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sqlite *own = arena_make(st->arena, struct sqlite);

	pthread_once(&once, configure_library);
	st->own = own;
	st->place = arena_printf(st->arena, "%s/" DATABASE_NAME, st->dir).p;
	own->lock = -1;
	pthread_mutex_init(&own->checkpoint_lock, NULL);
	pthread_cond_init(&own->checkpoint_wake, NULL);
	if (st->setup.busy_ms == 0)
		st->setup.busy_ms = BUSY_MS;
	if (st->setup.checkpoint_pages == 0)
		st->setup.checkpoint_pages = CHECKPOINT_PAGES;
	if (o->beside)
		return open_beside(st, o, err);
	if (!have_directory(st->dir, o->create, err) || !sqlite_hold(st->dir, st->arena, &own->lock, err) ||
	    !have_file(st, o->create, err) || !conn_open(st, RIGHT_OPEN, &st->conn, err) ||
	    !migrate(st, st->conn, o, err) || !conn_set_wal(st->conn, err) ||
	    !raise_id_floor(st->conn, err))
		return false;
	st->conn->right = RIGHT_WRITE;
	return checkpoint_start(st, err);
}

/* The last connection to go moves the log into the database. */
static void
sqlite_close(struct store *st)
{
	struct sqlite *own = sqlite_own(st);

	checkpoint_stop(st);
	if (own->lock >= 0)
		close(own->lock);
	pthread_mutex_destroy(&own->checkpoint_lock);
	pthread_cond_destroy(&own->checkpoint_wake);
}

/* ---- the writer's questions ---- */

static bool
in_transaction(struct conn *c)
{
	return !sqlite3_get_autocommit(sqlite_of(c)->db);
}

static int64_t
changes(struct conn *c)
{
	return sqlite3_total_changes64(sqlite_of(c)->db);
}

/* Every statement has run when it was called. */
static bool
settle(struct tx *tx, struct err *err)
{
	(void)tx;
	(void)err;
	return true;
}

static bool
reference_open(struct conn *c)
{
	int open_references = 0, high;

	sqlite3_db_status(sqlite_of(c)->db, SQLITE_DBSTATUS_DEFERRED_FKS, &open_references, &high, 0);
	return open_references != 0;
}

/* The value is new each time: a page that stays the same is not written. */
static bool
write_durably(struct conn *c, struct err *err)
{
	bool ok;

	c->right = RIGHT_OPEN;
	ok = conn_exec(c, "UPDATE probe SET n = n + 1", err);
	c->right = RIGHT_WRITE;
	return ok;
}

/*
 * A new connection, and a durable write. A commit that failed may have left its pages in the log, whole:
 * after a crash they would be taken for a commit. The write goes over them, so that what was answered as not
 * saved stays so.
 */
static bool
renew(struct store *st, struct err *err)
{
	conn_close(st->conn);
	st->conn = NULL;
	return conn_open(st, RIGHT_WRITE, &st->conn, err) && write_durably(st->conn, err);
}

static const char *
sqlite_version(const struct store *st)
{
	(void)st;
	return sqlite3_libversion();
}

const struct engine engine_sqlite = {
	.name = "SQLite",
	.section = "sqlite",
	.version = sqlite_version,
	.group_time = 10 * INT64_C(1000),
	.group_max = GROUP_MAX,
	.open = sqlite_open,
	.close = sqlite_close,
	.conn_open = sqlite_conn_open,
	.conn_close = sqlite_conn_close,
	.idle = checkpoint_consider,
	.words = failure_words,
	.fault = failure_fault,
	.health = health,
	.serious = serious,
	.aborted = SQLITE_ABORT,
	.broken = SQLITE_IOERR,
	.control = conn_control,
	.in_transaction = in_transaction,
	.set_error = conn_set_error,
	.rest = conn_rest,
	.changes = changes,
	.settle = settle,
	.reference_open = reference_open,
	.write_durably = write_durably,
	.renew = renew,
	.not_renewed = "what was refused just now may be there after a restart",
	.query = sqlite_query,
	.next = sqlite_next,
	.end = sqlite_end,
	.run = sqlite_run,
	.null = sqlite_null,
	.integer = sqlite_integer,
	.string = sqlite_string,
	.columns = sqlite_columns,
	.check = sqlite_check,
	.find = sqlite_find,
	.history = sqlite_history,
	.schema_text = sqlite_schema_text,
	.schema_begin = sqlite_schema_begin,
	.schema_apply = sqlite_schema_apply,
	.schema_record = sqlite_schema_record,
	.schema_commit = sqlite_schema_commit,
	.schema_rollback = sqlite_schema_rollback,
	.copy = sqlite_copy,
};
