/*
 * The details of old records are erased by policy: never before the retention is over, never under a hold. The
 * records themselves stay, and so does the tree over them.
 */
#include <stdatomic.h>

#include "base/log.h"
#include "desk/hold.h"
#include "store/audit.h"
#include "store/nodes.h"

#define BATCH 500                        /* records looked at with one statement */
#define MOST 5000                        /* erased in one transaction */
#define EVERY DAY

static _Atomic int64_t retention_days = 3653;
static _Atomic int64_t next_run = INT64_MIN;

void
erasure_configure(int64_t days)
{
	atomic_store(&retention_days, days < RETENTION_LEAST ? RETENTION_LEAST : days);
}

int64_t
erasure_days(void)
{
	return atomic_load(&retention_days);
}

struct candidate {
	int64_t seq;
	bool held;
};

/* The next old records whose details are still there. */
static bool
look(struct tx *tx, int64_t after, int64_t before, struct candidate *list, int *ret_n, struct err *err)
{
	struct rows q = db_query(tx, S_ERASURE_NEXT, I(after), I(before), I(BATCH));
	int n = 0;

	for (; n < BATCH && db_next(&q); n++)
		list[n] = (struct candidate){ .seq = db_int(&q, 0), .held = db_int(&q, 1) != 0 };
	*ret_n = n;
	return db_end(&q, err);
}

static bool
erase_all(struct tx *tx, struct erasure *e, struct err *err)
{
	struct candidate *list = arena_alloc(tx_arena(tx), BATCH * sizeof(*list));
	int64_t after = 0;
	int n = BATCH;

	while (n == BATCH && e->erased < MOST) {
		if (!look(tx, after, e->before, list, &n, err))
			return false;
		for (int i = 0; i < n; i++) {
			after = list[i].seq;
			if (list[i].held) {
				e->held++;
				continue;
			}
			if (!db_run(tx, S_ERASURE_ERASE, err, I(after), I(tx_now(tx))))
				return false;
			e->first = e->erased == 0 ? after : e->first;
			e->last = after;
			e->erased++;
		}
	}
	e->more = n == BATCH;
	return true;
}

static bool
leave_record(struct tx *tx, const struct erasure *e, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *facts = value_map(a);
	const struct audit record = { .action = "audit.erase", .entity = "log", .details = facts };

	map_time(a, facts, "before", e->before);
	map_int(a, facts, "first", e->first);
	map_int(a, facts, "last", e->last);
	map_int(a, facts, "erased", e->erased);
	map_int(a, facts, "held", e->held);
	return audit_append(tx, &record, err);
}

bool
details_erase(struct tx *tx, struct erasure *e, struct err *err)
{
	int64_t latest = tx_now(tx) - erasure_days() * DAY;
	struct erasure run = { .before = e->before == NO_TIME ? latest : e->before };

	if (run.before > latest)
		return err_setf(err, FAULT_RETENTION, "%lld", (long long)erasure_days());
	if (!erase_all(tx, &run, err) || (run.erased > 0 && !leave_record(tx, &run, err)))
		return false;
	*e = run;
	return true;
}

static bool
tick_work(struct tx *tx, void *arg, struct err *err)
{
	return details_erase(tx, arg, err);
}

void
erasure_tick(struct store *st)
{
	int64_t now = clock_now();
	struct erasure e = { .before = NO_TIME };
	struct arena *a;
	struct err err;

	if (now < atomic_load(&next_run))
		return;
	a = arena_new();
	err = (struct err){ .arena = a };
	if (!store_write_leading(st, LEAD_TIMERS, a, tick_work, &e, &err))
		log_line(err.fault == FAULT_BUSY ? LOG_DEBUG : LOG_WARN, "erasure: %s %.*s", fault_code(err.fault), STR_FMT(err.detail));
	else if (e.erased > 0)
		log_line(LOG_INFO, "erasure: details of %lld records erased by policy, %lld held",
		    (long long)e.erased, (long long)e.held);
	atomic_store(&next_run, e.more ? now : now + EVERY);
	arena_free(a);
}
