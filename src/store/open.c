#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rand.h"
#include "store/sqlite.h"

#define BUSY_MS 2000
#define GROUP_TIME (10 * INT64_C(1000))
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

void
store_failed(struct store *st, int code, const char *doing)
{
	int healthy = SQLITE_OK;

	log_line(LOG_ERROR, "store: %s: %s (SQLite %d)", doing, failure_words(code), code);
	if (atomic_compare_exchange_strong(&st->failure, &healthy, code))
		log_line(LOG_ERROR, "store: read-only until a write succeeds");
}

enum fault
store_health(struct store *st, struct str *ret_reason)
{
	int code = atomic_load(&st->failure);

	if (code == SQLITE_OK)
		return FAULT_NONE;
	*ret_reason = str_c(failure_words(code));
	return (code & 0xff) == SQLITE_READONLY ? FAULT_READ_ONLY : FAULT_STORE;
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

bool
store_thread(pthread_t *thread, const char *name, void *(*run)(void *), struct store *st, struct err *err)
{
	sigset_t all, before;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(thread, NULL, run, st);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code != 0)
		return err_setf(err, FAULT_STORE, "thread: %s", strerror(code));
	pthread_setname_np(*thread, name);
	return true;
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
static bool
lock_directory(struct store *st, struct err *err)
{
	const char *path = arena_printf(st->arena, "%s/lock", st->dir).p;
	char text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EWOULDBLOCK)
			refuse_locked(st->dir, fd, err);
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
	st->lock = fd;
	return true;
}

/* The database file is there, readable by nobody else; its log and index get the same rights from SQLite. */
static bool
have_file(struct store *st, bool create, struct err *err)
{
	int fd = open(st->path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0600);

	if (fd < 0 && errno == ENOENT)
		return err_setf(err, FAULT_FILE, "there is no database in %s", st->dir);
	if (fd < 0)
		return err_setf(err, FAULT_FILE, "%s: %s", st->path, strerror(errno));
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

/* A thread that has read ends. */
static void
reader_ends(void *arg)
{
	struct conn *c = arg;
	struct store *st = c->st;

	pthread_mutex_lock(&st->readers_lock);
	for (struct conn **at = &st->readers; *at; at = &(*at)->next)
		if (*at == c) {
			*at = c->next;
			break;
		}
	pthread_mutex_unlock(&st->readers_lock);
	conn_close(c);
}

static struct store *
store_new(const struct store_options *o, const struct store_setup *setup)
{
	struct arena *a = arena_new();
	struct store *st = arena_make(a, struct store);

	st->arena = a;
	st->dir = arena_c(a, str_c(o->dir));
	st->path = arena_printf(a, "%s/" DATABASE_NAME, o->dir).p;
	st->setup = *setup;
	if (!st->setup.migrations)
		st->setup.migrations = store_migrations;
	if (st->setup.busy_ms == 0)
		st->setup.busy_ms = BUSY_MS;
	if (st->setup.group_time == 0)
		st->setup.group_time = GROUP_TIME;
	if (st->setup.checkpoint_pages == 0)
		st->setup.checkpoint_pages = CHECKPOINT_PAGES;
	st->extra = o->extra;
	st->extra_count = o->extra_count;
	st->lock = -1;
	st->queue_end = &st->queue;
	pthread_mutex_init(&st->readers_lock, NULL);
	pthread_mutex_init(&st->queue_lock, NULL);
	pthread_cond_init(&st->queue_filled, NULL);
	pthread_mutex_init(&st->checkpoint_lock, NULL);
	pthread_cond_init(&st->checkpoint_wake, NULL);
	st->has_reader_key = pthread_key_create(&st->reader, reader_ends) == 0;
	if (gethostname(st->node, sizeof(st->node) - 1) != 0)
		st->node[0] = '\0';
	return st;
}

/*
 * Ids go on above those that are there, even if the clock has gone back. Tables of the full text index have
 * ids of their own kind.
 */
static bool
raise_id_floor(struct conn *c, struct err *err)
{
	sqlite3_stmt *tables = NULL, *largest;
	int code = sqlite3_prepare_v2(c->db,
	    "SELECT format('SELECT max(id) FROM \"%w\"', t.name)"
	    " FROM pragma_table_list t, pragma_table_info(t.name) i"
	    " WHERE t.schema = 'main' AND t.type = 'table'"
	    " AND i.name = 'id' AND i.pk = 1 AND i.type = 'INTEGER'",
	    -1, &tables, NULL);

	while (code == SQLITE_OK && (code = sqlite3_step(tables)) == SQLITE_ROW) {
		const char *sql = (const char *)sqlite3_column_text(tables, 0);

		code = sqlite3_prepare_v2(c->db, sql, -1, &largest, NULL);
		if (code == SQLITE_OK && sqlite3_step(largest) == SQLITE_ROW)
			id_floor(sqlite3_column_int64(largest, 0));
		if (code == SQLITE_OK)
			code = sqlite3_finalize(largest);
	}
	sqlite3_finalize(tables);
	return code == SQLITE_DONE || conn_set_error(c, code, "ids", err);
}

static bool
store_begin(struct store *st, const struct store_options *o, struct err *err)
{
	if (!st->has_reader_key)
		return err_setf(err, FAULT_STORE, "too many stores are open");
	if (!have_directory(st->dir, o->create, err) || !lock_directory(st, err) ||
	    !have_file(st, o->create, err) || !conn_open(st, RIGHT_OPEN, &st->conn, err) ||
	    !migrate(st, st->conn, o, err) || !raise_id_floor(st->conn, err))
		return false;
	st->conn->right = RIGHT_WRITE;
	return checkpoint_start(st, err) && writer_start(st, err);
}

bool
store_open_with(const struct store_options *o, const struct store_setup *setup, struct store **ret_store,
    struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct store *st;

	pthread_once(&once, configure_library);
	st = store_new(o, setup);
	if (!store_begin(st, o, err)) {
		/* what the database says while it is opened is about its file */
		if (err->fault == FAULT_STORE || err->fault == FAULT_BUSY || err->fault == FAULT_INTERNAL)
			err->fault = FAULT_FILE;
		store_close(st);
		return false;
	}
	*ret_store = st;
	return true;
}

bool
store_open(const struct store_options *o, struct store **ret_store, struct err *err)
{
	return store_open_with(o, &(struct store_setup){ .vfs = NULL }, ret_store, err);
}

/* The other threads have ended or read no more. The last connection to go moves the log into the database. */
void
store_close(struct store *st)
{
	if (!st)
		return;
	if (st->has_reader_key)
		pthread_key_delete(st->reader);
	while (st->readers) {
		struct conn *c = st->readers;

		st->readers = c->next;
		conn_close(c);
	}
	checkpoint_stop(st);
	writer_stop(st);
	if (st->lock >= 0)
		close(st->lock);
	pthread_mutex_destroy(&st->readers_lock);
	pthread_mutex_destroy(&st->queue_lock);
	pthread_cond_destroy(&st->queue_filled);
	pthread_mutex_destroy(&st->checkpoint_lock);
	pthread_cond_destroy(&st->checkpoint_wake);
	arena_free(st->arena);
}

/* ---- what is to be known of a store ---- */

int
store_schema_version(const struct store *st)
{
	return st->version;
}

/* Whether a prepared statement has the letters of its row: as many parameters, as many results. */
static bool
check_letters(int stmt, const struct slot *slot, const char *name, struct err *err)
{
	const char *parameters = statement_parameters(stmt), *results = statement_results(stmt);

	if (parameters && slot->parameters != (int)strlen(parameters))
		return err_setf(err, FAULT_INTERNAL, "%s: %d parameters, declared \"%s\"", name,
		    slot->parameters, parameters);
	if (results && sqlite3_column_count(slot->s) != (int)strlen(results))
		return err_setf(err, FAULT_INTERNAL, "%s: %d results, declared \"%s\"", name,
		    sqlite3_column_count(slot->s), results);
	return true;
}

bool
check_statement(struct conn *c, int stmt, struct err *err)
{
	struct stmt_text text;
	int code = SQLITE_OK;
	struct slot *slot = conn_slot(c, stmt, &code);
	bool ok;

	statement_text(c->st, stmt, &text);
	ok = slot ? check_letters(stmt, slot, text.name, err) : conn_set_error(c, code, text.name, err);
	conn_rest(c);
	return ok;
}

bool
store_check_statements(struct store *st, struct err *err)
{
	struct conn *c;
	bool ok = true;

	if (!conn_open(st, RIGHT_WRITE, &c, err))
		return false;
	for (int i = 0; i < statement_count(st) && ok; i++)
		ok = check_statement(c, i, err);
	conn_close(c);
	return ok;
}
