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

/* The next old records whose details are still there, those that no hold covers into found; *ret_after: the last of them. */
static bool
look(struct tx *tx, struct erasure *e, int64_t *after, int *ret_n, struct err *err)
{
	struct rows q = db_query(tx, S_ERASURE_NEXT, I(*after), I(e->before), I(BATCH));
	int n = 0;

	while (n < BATCH && db_next(&q)) {
		*after = db_int(&q, 0);
		if (db_int(&q, 1) != 0)
			e->held++;
		else
			e->found[e->found_n++] = *after;
		n++;
	}
	*ret_n = n;
	return db_end(&q, err);
}

bool
erasure_look(struct tx *tx, struct erasure *e, struct err *err)
{
	int64_t latest = tx_now(tx) - erasure_days() * DAY, after = 0;
	struct erasure run = { .before = e->before == NO_TIME ? latest : e->before };
	int n = BATCH;

	if (run.before > latest)
		return err_setf(err, FAULT_RETENTION, "%lld", (long long)erasure_days());
	run.found = arena_alloc(tx_arena(tx), (MOST + BATCH) * sizeof(run.found[0]));
	while (n == BATCH && run.found_n < MOST)
		if (!look(tx, &run, &after, &n, err))
			return false;
	run.more = n == BATCH;
	*e = run;
	return true;
}

/* What was found, unless a hold was set meanwhile or another node was quicker. */
static bool
erase_found(struct tx *tx, struct erasure *e, struct err *err)
{
	for (int i = 0; i < e->found_n; i++) {
		const struct val vals[] = { { .kind = VAL_NULL }, I(e->found[i]), I(tx_now(tx)), I(e->before) };
		int64_t changed = 0;

		if (!db_run_vals(tx, S_ERASURE_ERASE, vals, 3, &changed, err))
			return false;
		if (changed == 0)
			continue;
		e->first = e->erased == 0 ? e->found[i] : e->first;
		e->last = e->found[i];
		e->erased++;
	}
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
	return (e->found || erasure_look(tx, e, err)) && erase_found(tx, e, err) &&
	    (e->erased == 0 || leave_record(tx, e, err));
}

static bool
tick_work(struct tx *tx, void *arg, struct err *err)
{
	return details_erase(tx, arg, err);
}

/* Looking goes through the whole trail, so nobody who writes waits for that. */
static bool
run(struct store *st, struct arena *a, struct erasure *e, struct err *err)
{
	struct tx *tx = store_read(st, a, err);
	bool ok = tx && erasure_look(tx, e, err);

	store_done(tx);
	return ok && (e->found_n == 0 || store_write_leading(st, LEAD_TIMERS, a, tick_work, e, err));
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
	if (!run(st, a, &e, &err))
		log_line(err.fault == FAULT_BUSY ? LOG_DEBUG : LOG_WARN, "erasure: %s %.*s", fault_code(err.fault), STR_FMT(err.detail));
	else if (e.erased > 0)
		log_line(LOG_INFO, "erasure: details of %lld records erased by policy, %lld held",
		    (long long)e.erased, (long long)e.held);
	atomic_store(&next_run, e.more ? now : now + EVERY);
	arena_free(a);
}
