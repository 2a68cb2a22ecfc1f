/*
 * The mark "overdue" (逾時): whether a duty bears it depends on its due time and now, and on nothing else. Two
 * moments are kept in memory, so that a request can tell with two loads that there is nothing to do: the
 * first at which an unmarked duty becomes late, and the last due time of the marked ones, for a clock that is
 * put back.
 */
#include "desk/ticking.h"

#include <stdatomic.h>

#include "desk/clocks.h"
#include "desk/duties.h"
#include "store/audit.h"
#include "store/nodes.h"

#define SWEEP_MOST 200

static _Atomic int64_t next_mark = INT64_MAX;
static _Atomic int64_t last_marked = INT64_MIN;

/*
 * Written on the writer's thread, in the order of the transactions; and brought nearer by what was learnt of other
 * nodes' duties.
 */
struct moments {
	int64_t mark, marked;
};

static void
expect(void *arg)
{
	const struct moments *m = arg;
	int64_t mark = atomic_load(&next_mark), marked = atomic_load(&last_marked);

	while (m->mark < mark && !atomic_compare_exchange_weak(&next_mark, &mark, m->mark))
		;
	while (m->marked > marked && !atomic_compare_exchange_weak(&last_marked, &marked, m->marked))
		;
}

static void
know(void *arg)
{
	const struct moments *m = arg;

	atomic_store(&next_mark, m->mark);
	atomic_store(&last_marked, m->marked);
}

/* A mark that another node has just set is not taken back by one whose clock is a little behind. */
static int64_t
allowance(struct tx *tx)
{
	return store_shared(tx_store(tx)) ? CLOCKS_DIFFER : 0;
}

void
ticking_expect(struct tx *tx, const struct duty *d)
{
	struct moments *m;

	if (d->state != DUTY_OPEN)
		return;
	m = arena_make(tx_arena(tx), struct moments);
	m->mark = d->overdue == 1 ? INT64_MAX : d->due_at + 1;   /* late begins after the due time */
	m->marked = d->overdue == 1 ? d->due_at - allowance(tx) : INT64_MIN;
	tx_after_commit(tx, expect, m);
}

int64_t
duties_next_change(void)
{
	return clock_now() <= atomic_load(&last_marked) ? INT64_MIN : atomic_load(&next_mark);
}

/* Both moments from the table. */
static bool
look(struct tx *tx, struct moments *ret_moments, struct err *err)
{
	struct rows q = db_query(tx, S_DUTY_MOMENTS);
	struct moments m = { INT64_MAX, INT64_MIN };

	if (db_next(&q)) {
		if (!db_null(&q, 0))
			m.mark = db_int(&q, 0) + 1;
		m.marked = db_null(&q, 1) ? INT64_MIN : db_int(&q, 1) - allowance(tx);
	}
	if (!db_end(&q, err))
		return false;
	*ret_moments = m;
	return true;
}

bool
duties_load_next(struct tx *tx, struct err *err)
{
	struct moments m;

	if (!look(tx, &m, err))
		return false;
	know(&m);
	return true;
}

bool
duties_learn_next(struct tx *tx, struct err *err)
{
	struct moments m;

	if (!look(tx, &m, err))
		return false;
	/* what this node has committed meanwhile is not in the snapshot: nothing is taken back here */
	expect(&m);
	return true;
}

/* Marks one duty, or takes its mark back, with its own entry in the trail. */
static bool
turn(struct tx *tx, struct duty *d, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct duty was = *d;
	struct value *details = value_map(a);
	struct audit record = { .entity = "report", .object = d->report_id, .org = d->org_id,
	    .details = details };

	d->overdue = was.overdue != 1;
	d->overdue_at = d->overdue ? tx_now(tx) : NO_TIME;
	record.action = d->overdue ? "duty.overdue" : "duty.overdue_withdrawn";
	list_add(map_list(a, details, "duties"), duty_change(&was, d, a));
	ticking_expect(tx, d);
	return duty_store(tx, d, err) && audit_append(tx, &record, err);
}

/* Up to SWEEP_MOST duties whose mark is wrong by now: late ones without it, or not late ones with it. */
static bool
sweep(struct tx *tx, int stmt, int64_t now, int *ret_n, struct err *err)
{
	struct duty *found = arena_alloc(tx_arena(tx), SWEEP_MOST * sizeof(*found));
	struct rows q = db_query(tx, stmt, I(now), I(SWEEP_MOST));
	int n = 0;

	while (n < SWEEP_MOST && db_next(&q))
		entity_load(ENTITY_DUTY, &q, 0, &found[n++]);
	if (!db_end(&q, err))
		return false;
	for (int i = 0; i < n; i++)
		if (!turn(tx, &found[i], err))
			return false;
	*ret_n = n;
	return true;
}

bool
duties_sweep(struct tx *tx, bool *ret_more, struct err *err)
{
	struct moments *m = arena_make(tx_arena(tx), struct moments);
	int late, early;

	/* an answer comes when no other node writes: what it did while we waited has happened by our now */
	if (!look(tx, m, err) || !sweep(tx, S_DUTY_LATE, tx_now(tx), &late, err) ||
	    !sweep(tx, S_DUTY_NOT_LATE, tx_now(tx) + allowance(tx), &early, err))
		return false;
	*ret_more = late == SWEEP_MOST || early == SWEEP_MOST;
	if (*ret_more)
		return true;
	if (!look(tx, m, err))
		return false;
	tx_after_commit(tx, know, m);
	return true;
}
