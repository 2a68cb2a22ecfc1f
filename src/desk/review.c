/* The CERT's own judgement on a report, and a level that changes afterwards. */
#include "desk/work.h"
#include "store/audit.h"

/*
 * The first review leads on by itself: from then on the report is tracked (列管). The trail shows both steps.
 */
static bool
track(struct work *w)
{
	w->r.state = REPORT_HANDLING;
	return work_write(w, "report.track");
}

bool
verb_review(struct work *w)
{
	const struct in_review *in = w->in;
	struct report *r = &w->r;
	bool first = w->was.reviewed_at == NO_TIME;

	if (in->level_reviewed != r->level_reported && !in->level_reason.p)
		return work_fault(w, &in_review, "level_reason", FAULT_F_REASON, NULL);
	r->level_reviewed = in->level_reviewed;
	r->level_reason = in->level_reason;
	r->other_ci_reviewed = in->other_ci_reviewed;
	if (in->cross_sector != NONE)
		r->cross_sector = in->cross_sector;
	if (in->wide_scale != NONE)
		r->wide_scale = in->wide_scale;
	if (in->category_reviewed != NONE)
		r->category_reviewed = in->category_reviewed;
	r->reviewed_by = w->who->account;
	if (in->level_reason.p)
		tx_reason(w->tx, in->level_reason);
	if (in->level_reviewed != r->level_reported && in->level_reviewed != w->was.level_reviewed)
		work_event(w, EVENT_LEVEL_CHANGE, w->now);
	if (first) {
		r->reviewed_at = w->now;
		work_event(w, EVENT_REVIEWED, w->now);
	}
	if (w->was.state != REPORT_HANDLING) {
		r->state = REPORT_REVIEWED;
		w->beside = track;
	}
	return true;
}

/* ---- 續行通報: the provider reports again that the level changed ---- */

static bool
level_clock_runs(struct work *w, bool *ret_runs)
{
	struct clocks c;

	if (!clocks_open(&c, w->tx, &w->was, false, w->err))
		return false;
	*ret_runs = clocks_running(&c, EVENT_LEVEL_CHANGE);
	return true;
}

static bool
check_amend(struct work *w, const struct in_amend *in)
{
	bool good = true;

	if (in->impact_c == NONE && in->impact_i == NONE && in->impact_a == NONE)
		good = work_fault(w, &in_amend, "impact_c", FAULT_F_MISSING, NULL);
	if (work_future(w, in->known_at))
		good = work_fault(w, &in_amend, "known_at", FAULT_F_FUTURE, NULL);
	if (in->known_at != NO_TIME && in->known_at < w->was.aware_at)
		good = work_fault(w, &in_amend, "known_at", FAULT_F_ORDER, "aware_at");
	report_derive(&w->r);
	if (good && w->r.level_reported < 1 && w->r.report_kind != KIND_OF_REPORT_VOLUNTARY)
		good = work_fault(w, &in_amend, "impact_c", FAULT_F_LEVEL_ZERO, NULL);
	return good;
}

bool
verb_amend_level(struct work *w)
{
	const struct in_amend *in = w->in;
	bool runs;

	if (in->impact_c != NONE)
		w->r.impact_c = in->impact_c;
	if (in->impact_i != NONE)
		w->r.impact_i = in->impact_i;
	if (in->impact_a != NONE)
		w->r.impact_a = in->impact_a;
	if (!check_amend(w, in) || !level_clock_runs(w, &runs))
		return false;
	tx_reason(w->tx, in->reason);
	if (!runs)
		work_event(w, EVENT_LEVEL_CHANGE, in->known_at != NO_TIME ? in->known_at : w->now);
	work_event(w, EVENT_LEVEL_FILED, w->now);
	return true;
}
