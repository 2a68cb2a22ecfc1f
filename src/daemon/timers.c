#include "daemon/timers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/log.h"
#include "desk/attachment.h"
#include "desk/duties.h"
#include "desk/hold.h"
#include "desk/identity.h"
#include "store/nodes.h"

#define ROUND_SECONDS 1
#define ROUND_MOST (5 * MINUTE)          /* of one round: longer than any engine waits for its database */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool runs, stop;
	struct store *st;
	_Atomic int64_t began;           /* the present round; 0: between two */
} timers = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool
load_next_work(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	return duties_load_next(tx, err);
}

static bool
sweep_work(struct tx *tx, void *arg, struct err *err)
{
	return duties_sweep(tx, arg, err);
}

/* What other nodes wrote: when the next mark is due. A database that does not answer is told of elsewhere. */
static void
learn(struct store *st)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);

	if (tx && !duties_learn_next(tx, &err))
		log_err(LOG_DEBUG, "when the next duty is overdue", &err);
	store_done(tx);
	arena_free(a);
}

static void
mark_overdue(struct store *st)
{
	bool more = true;

	while (more && clock_now() >= duties_next_change()) {
		struct arena *a = arena_new();
		struct err err = { .arena = a };

		more = false;
		if (!store_write_leading(st, LEAD_TIMERS, a, sweep_work, &more, &err))
			log_err(LOG_WARN, "marking overdue duties", &err);
		arena_free(a);
	}
}

/* After a disk or a server said no: tries again, so that writing resumes by itself. */
static void
mend_store(struct store *st)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct str reason;

	if (store_health(st, &reason) != FAULT_NONE && store_probe(st, &err))
		log_line(LOG_INFO, "the store takes writes again");
	arena_free(a);
}

static void
go_round(struct store *st)
{
	if (store_shared(st))
		learn(st);
	if (store_leads(st, LEAD_TIMERS)) {
		mark_overdue(st);
		identity_tick(st);
		attachment_tick(st);
		erasure_tick(st);
	}
	mend_store(st);
}

static void *
run(void *arg)
{
	struct timespec until;

	(void)arg;
	pthread_mutex_lock(&timers.lock);
	while (!timers.stop) {
		pthread_mutex_unlock(&timers.lock);
		atomic_store(&timers.began, clock_monotonic());
		go_round(timers.st);
		atomic_store(&timers.began, 0);
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += ROUND_SECONDS;
		pthread_mutex_lock(&timers.lock);
		if (!timers.stop)
			pthread_cond_timedwait(&timers.wake, &timers.lock, &until);
	}
	pthread_mutex_unlock(&timers.lock);
	return NULL;
}

bool
timers_first(struct store *st, struct err *err)
{
	struct arena *a = arena_new();
	bool more = true, ok = store_write(st, a, load_next_work, NULL, err);

	while (ok && more && clock_now() >= duties_next_change()) {
		arena_reset(a);
		more = false;
		ok = store_write(st, a, sweep_work, &more, err);
	}
	arena_free(a);
	if (ok)
		attachment_tick(st);
	return ok;
}

bool
timers_start(struct store *st, struct err *err)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&timers.wake, &attr);
	pthread_condattr_destroy(&attr);
	timers.st = st;
	timers.stop = false;
	timers.runs = pthread_create(&timers.thread, NULL, run, NULL) == 0;
	return timers.runs || err_setf(err, FAULT_INTERNAL, "no thread for the timers");
}

bool
timers_alive(void)
{
	int64_t began = atomic_load(&timers.began);

	return began == 0 || clock_monotonic() - began < ROUND_MOST;
}

void
timers_stop(void)
{
	if (!timers.runs)
		return;
	pthread_mutex_lock(&timers.lock);
	timers.stop = true;
	pthread_cond_signal(&timers.wake);
	pthread_mutex_unlock(&timers.lock);
	pthread_join(timers.thread, NULL);
	timers.runs = false;
}
