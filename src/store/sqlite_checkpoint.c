/*
 * Committed pages stand in the log until they are moved into the database. A thread of its own does that
 * beside the writes. While commits go on it never catches up wholly, and only a log that was moved whole is
 * begun anew; so when little is left it asks the writer, who does that rest between two groups, after their
 * answers.
 */
#include "base/log.h"
#include "store/sqlite.h"

#define REST_PAGES 256                   /* about 1 MiB: a few milliseconds */
#define PASSES 4

/*
 * Moves what can be moved without waiting for anybody. How many pages stay, with those that were committed
 * meanwhile; -1: the disk said no.
 */
static int
move_pages(struct store *st, struct conn *c)
{
	struct sqlite *own = sqlite_own(st);
	int log = 0, moved = 0;
	int code = sqlite3_wal_checkpoint_v2(sqlite_of(c)->db, "main", SQLITE_CHECKPOINT_PASSIVE, &log, &moved);

	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		log = atomic_load(&own->log_pages);
		return log > moved ? log - moved : 0;
	case SQLITE_FULL:                /* nothing is lost; the commit that finds no room will say so */
	case SQLITE_NOMEM:
		log_line(LOG_WARN, "store: checkpoint: %s", failure_words(code));
		return -1;
	}
	store_failed(st, code, "checkpoint");
	return -1;
}

static void *
checkpoint_run(void *arg)
{
	struct store *st = arg;
	struct sqlite *own = sqlite_own(st);

	pthread_mutex_lock(&own->checkpoint_lock);
	for (;;) {
		int rest = REST_PAGES + 1;

		while (!own->checkpoint_due && !own->checkpoint_stop)
			pthread_cond_wait(&own->checkpoint_wake, &own->checkpoint_lock);
		if (own->checkpoint_stop)
			break;
		own->checkpoint_due = false;
		pthread_mutex_unlock(&own->checkpoint_lock);
		for (int pass = 0; pass < PASSES && rest > REST_PAGES; pass++)
			rest = move_pages(st, own->checkpoint_conn);
		if (rest >= 0 && rest <= REST_PAGES)
			atomic_store(&own->checkpoint_rest, true);
		pthread_mutex_lock(&own->checkpoint_lock);
	}
	pthread_mutex_unlock(&own->checkpoint_lock);
	return NULL;
}

void
checkpoint_consider(struct store *st)
{
	struct sqlite *own = sqlite_own(st);
	int pages = st->setup.checkpoint_pages, log;

	if (st->conn && atomic_exchange(&own->checkpoint_rest, false))
		move_pages(st, st->conn);
	log = atomic_load(&own->log_pages);
	if (log < pages)
		own->log_next = pages;
	if (log < own->log_next)
		return;
	own->log_next = log + pages / 2;
	pthread_mutex_lock(&own->checkpoint_lock);
	own->checkpoint_due = true;
	pthread_mutex_unlock(&own->checkpoint_lock);
	pthread_cond_signal(&own->checkpoint_wake);
}

bool
checkpoint_start(struct store *st, struct err *err)
{
	struct sqlite *own = sqlite_own(st);

	own->log_next = st->setup.checkpoint_pages;
	own->has_checkpointer = conn_open(st, RIGHT_WRITE, &own->checkpoint_conn, err) &&
	    store_thread(&own->checkpointer, "store-checkpt", checkpoint_run, st, err);
	return own->has_checkpointer;
}

void
checkpoint_stop(struct store *st)
{
	struct sqlite *own = sqlite_own(st);

	if (own->has_checkpointer) {
		pthread_mutex_lock(&own->checkpoint_lock);
		own->checkpoint_stop = true;
		pthread_mutex_unlock(&own->checkpoint_lock);
		pthread_cond_signal(&own->checkpoint_wake);
		pthread_join(own->checkpointer, NULL);
	}
	conn_close(own->checkpoint_conn);
	own->checkpoint_conn = NULL;
}
