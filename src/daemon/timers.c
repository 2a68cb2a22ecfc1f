#include "daemon/timers.h"

#include <stdatomic.h>

#include "base/log.h"
#include "base/rounds.h"
#include "desk/attachment.h"
#include "desk/duties.h"
#include "desk/hold.h"
#include "desk/identity.h"
#include "store/nodes.h"

#define ROUND_MOST (5 * MINUTE)          /* of one round: longer than any engine waits for its database */

static struct rounds timers = ROUNDS_NONE;
static _Atomic int64_t began;            /* the present round; 0: between two */

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
go_round(void *arg)
{
	struct store *st = arg;

	atomic_store(&began, clock_monotonic());
	if (store_shared(st))
		learn(st);
	if (store_leads(st, LEAD_TIMERS)) {
		mark_overdue(st);
		identity_tick(st);
		attachment_tick(st);
		systems_tick(st);
		erasure_tick(st);
	}
	mend_store(st);
	atomic_store(&began, 0);
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
	return rounds_start(&timers, go_round, st) || err_setf(err, FAULT_INTERNAL, "no thread for the timers");
}

bool
timers_alive(void)
{
	int64_t since = atomic_load(&began);

	return since == 0 || clock_monotonic() - since < ROUND_MOST;
}

void
timers_stop(void)
{
	rounds_stop(&timers);
}
