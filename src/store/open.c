#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "store/private.h"

/* ---- failures ---- */

void
store_failed(struct store *st, int code, const char *doing)
{
	int healthy = 0, before = atomic_load(&st->failure);

	/* a probe that fails as well says nothing new */
	if (before == 0 || (before != code && code != st->engine->broken))
		log_line(LOG_ERROR, "store: %s: %s (%s %d)", doing, st->engine->words(code), st->engine->name, code);
	if (atomic_compare_exchange_strong(&st->failure, &healthy, code))
		log_line(LOG_ERROR, "store: read-only until a write succeeds");
}

enum fault
store_health(struct store *st, struct str *ret_reason)
{
	int code = atomic_load(&st->failure);

	if (code == 0)
		return FAULT_NONE;
	*ret_reason = str_c(st->engine->words(code));
	return st->engine->health(code);
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

/* ---- connections ---- */

bool
conn_open(struct store *st, enum right right, struct conn **ret_conn, struct err *err)
{
	return st->engine->conn_open(st, right, ret_conn, err);
}

void
conn_close(struct conn *c)
{
	if (c)
		c->st->engine->conn_close(c);
}

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

/* ---- opening and closing ---- */

static struct store *
store_new(const struct store_options *o, const struct store_setup *setup)
{
	struct arena *a = arena_new();
	struct store *st = arena_make(a, struct store);

	st->engine = o->url ? &engine_pg : &engine_sqlite;
	st->arena = a;
	st->scratch = arena_new();
	st->dir = arena_c(a, str_c(o->dir));
	st->setup = *setup;
	if (!st->setup.migrations)
		st->setup.migrations = store_migrations;
	if (st->setup.group_time == 0)
		st->setup.group_time = st->engine->group_time;
	st->extra = o->extra;
	st->extra_count = o->extra_count;
	st->keep_files = o->keep_files;
	st->queue_end = &st->queue;
	pthread_mutex_init(&st->readers_lock, NULL);
	pthread_mutex_init(&st->queue_lock, NULL);
	pthread_mutex_init(&st->names_lock, NULL);
	pthread_cond_init(&st->queue_filled, NULL);
	st->has_reader_key = pthread_key_create(&st->reader, reader_ends) == 0;
	if (o->node)
		snprintf(st->node, sizeof(st->node), "%s", o->node);
	else if (gethostname(st->node, sizeof(st->node) - 1) != 0)
		st->node[0] = '\0';
	return st;
}

bool
store_open_with(const struct store_options *o, const struct store_setup *setup, struct store **ret_store,
    struct err *err)
{
	struct store *st = store_new(o, setup);
	bool ok = st->has_reader_key || err_setf(err, FAULT_STORE, "too many stores are open");

	if (!ok || !st->engine->open(st, o, err) || (!o->beside && !writer_start(st, err))) {
		/* what the database says while it is opened is about its file */
		if (err->fault == FAULT_STORE || err->fault == FAULT_BUSY || err->fault == FAULT_INTERNAL)
			err->fault = o->url ? FAULT_DATABASE : FAULT_FILE;
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

/* The other threads have ended or read no more. */
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
	if (st->own)
		store_watch_end(st);
	writer_stop(st);
	if (st->own)
		st->engine->close(st);
	pthread_mutex_destroy(&st->readers_lock);
	pthread_mutex_destroy(&st->queue_lock);
	pthread_mutex_destroy(&st->names_lock);
	pthread_cond_destroy(&st->queue_filled);
	arena_free(st->scratch);
	arena_free(st->arena);
}

/* ---- what is to be known of a store ---- */

struct str
store_engine(const struct store *st, struct arena *a)
{
	return arena_printf(a, "%s %s", st->engine->name, st->engine->version(st));
}

int
store_schema_version(const struct store *st)
{
	return st->version;
}

const char *
store_place(const struct store *st)
{
	return st->engine == &engine_sqlite ? NULL : st->place;
}

bool
check_letters(const struct store *st, int stmt, int parameters, int results, const char *name,
    struct err *err)
{
	const char *declared_parameters = statement_parameters(st, stmt);
	const char *declared_results = statement_results(stmt);

	if (declared_parameters && parameters != (int)strlen(declared_parameters))
		return err_setf(err, FAULT_INTERNAL, "%s: %d parameters, declared \"%s\"", name, parameters,
		    declared_parameters);
	if (declared_results && results != (int)strlen(declared_results))
		return err_setf(err, FAULT_INTERNAL, "%s: %d results, declared \"%s\"", name, results,
		    declared_results);
	return true;
}

bool
check_statement(struct conn *c, int stmt, struct err *err)
{
	struct stmt_text text;
	bool ok;

	statement_text(c->st, stmt, &text);
	ok = c->st->engine->check(c, stmt, text.name, err);
	c->st->engine->rest(c);
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
