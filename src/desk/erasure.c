/*
 * The details of old records are erased by policy: never before the retention is over, never under a hold. The
 * records themselves stay, and so does the tree over them. What a hold covers the statements know, but for one thing:
 * what was done from an address of a system. The address of a record is a text, so that is looked at here.
 */
#include <stdatomic.h>

#include "base/arena.h"
#include "base/log.h"
#include "desk/hold.h"
#include "model/host.h"
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

/* ---- what was done from a system that is held ---- */

/* A network or an address of a hold on systems, and what narrows it. */
struct place {
	struct host_range range;
	int64_t org, from, until;        /* NONE, NO_TIME: any */
	struct place *next;
};

/* Those of all holds that stand. */
static bool
read_places(struct tx *tx, struct place **ret_first, struct err *err)
{
	struct rows q = db_query(tx, S_HOLD_PLACES);
	struct place *first = NULL;

	while (db_next(&q)) {
		struct place *p = arena_make(tx_arena(tx), struct place);

		*p = (struct place){ { db_str(&q, 0), db_str(&q, 1) }, db_int(&q, 2), db_int(&q, 3), db_int(&q, 4), first };
		first = p;
	}
	if (!db_end(&q, err))
		return false;
	*ret_first = first;
	return true;
}

/* aside: for what is forgotten at once. */
static bool
made_there(const struct place *first, const struct old_record *r, struct arena *aside)
{
	struct host_range at;

	if (!first || !host_range(aside, r->address, false, &at))
		return false;
	for (const struct place *p = first; p; p = p->next)
		if (host_ranges_meet(&p->range, &at) && (p->org == NONE || p->org == r->org) &&
		    (p->from == NO_TIME || r->at >= p->from) && (p->until == NO_TIME || r->at < p->until))
			return true;
	return false;
}

/* ---- looking ---- */

/* The next old records whose details are still there, those that no hold covers into found; *after: the last of them. */
static bool
look(struct tx *tx, const struct place *places, struct erasure *e, int64_t *after, int *ret_n, struct err *err)
{
	struct rows q = db_query(tx, S_ERASURE_NEXT, I(*after), I(e->before), I(BATCH));
	struct arena *aside = arena_new();
	int n = 0;

	while (n < BATCH && db_next(&q)) {
		bool held = db_int(&q, 1) != 0;
		/* of millions that are held no text is kept */
		struct old_record r = { db_int(&q, 0), db_int(&q, 2), db_int(&q, 3), held ? STR_NONE : db_str(&q, 4) };

		if (held || made_there(places, &r, aside))
			e->held++;
		else
			e->found[e->found_n++] = r;
		*after = r.seq;
		n++;
	}
	arena_free(aside);
	*ret_n = n;
	return db_end(&q, err);
}

bool
erasure_look(struct tx *tx, struct erasure *e, struct err *err)
{
	int64_t latest = tx_now(tx) - erasure_days() * DAY, after = 0;
	struct erasure run = { .before = e->before == NO_TIME ? latest : e->before };
	struct place *places;
	int n = BATCH;

	if (run.before > latest)
		return err_setf(err, FAULT_RETENTION, "%lld", (long long)erasure_days());
	if (!read_places(tx, &places, err))
		return false;
	run.found = arena_alloc(tx_arena(tx), (MOST + BATCH) * sizeof(run.found[0]));
	while (n == BATCH && run.found_n < MOST)
		if (!look(tx, places, &run, &after, &n, err))
			return false;
	run.more = n == BATCH;
	*e = run;
	return true;
}

/* What was found, unless a hold was set meanwhile or another node was quicker. */
static bool
erase_found(struct tx *tx, struct erasure *e, struct err *err)
{
	struct place *places;

	if (!read_places(tx, &places, err))
		return false;
	for (int i = 0; i < e->found_n; i++) {
		int64_t seq = e->found[i].seq, changed = 0;
		const struct val vals[] = { { .kind = VAL_NULL }, I(seq), I(tx_now(tx)), I(e->before) };

		if (made_there(places, &e->found[i], tx_arena(tx)))
			continue;
		if (!db_run_vals(tx, S_ERASURE_ERASE, vals, 3, &changed, err))
			return false;
		if (changed == 0)
			continue;
		e->first = e->erased == 0 ? seq : e->first;
		e->last = seq;
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
