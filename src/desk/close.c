/* From damage control to the release from tracking (解除列管), and the improvement report. */
#include "desk/work.h"
#include "store/audit.h"

bool
verb_contain(struct work *w)
{
	const struct in_contain *in = w->in;
	int64_t at = in->contained_at != NO_TIME ? in->contained_at : w->now;

	if (work_future(w, at))
		return work_fault(w, &in_contain, "contained_at", FAULT_F_FUTURE, NULL);
	if (w->r.occurred_at != NO_TIME && at < w->r.occurred_at)
		return work_fault(w, &in_contain, "contained_at", FAULT_F_ORDER, "occurred_at");
	w->r.contained_at = at;
	if (in->note.p)
		tx_reason(w->tx, in->note);
	work_event(w, EVENT_CONTAINED, at);
	return true;
}

bool
verb_close(struct work *w)
{
	const struct in_close *in = w->in;

	w->r.resolution = in->resolution;
	w->r.resolved_at = in->resolved_at;
	if (!report_check(&w->r, w->now, w->err))
		return false;
	w->r.form_kind = FORM_ALL_CLEAR;
	work_event(w, EVENT_CLOSING, w->now);
	return true;
}

bool
verb_accept(struct work *w)
{
	w->r.closed_at = w->now;
	work_event(w, EVENT_CLOSED, w->now);
	return true;
}

bool
verb_reject_closing(struct work *w)
{
	const struct in_remark *in = w->in;

	w->r.remark = in->remark;
	w->r.form_kind = FORM_NOTIFY;
	work_event(w, EVENT_TRACKED_AGAIN, w->now);
	tx_reason(w->tx, in->remark);
	return true;
}

bool
verb_reopen(struct work *w)
{
	const struct in_reason *in = w->in;

	w->r.closed_at = NO_TIME;
	w->r.form_kind = FORM_NOTIFY;
	w->r.state_reason = in->reason;
	work_event(w, EVENT_TRACKED_AGAIN, w->now);
	tx_reason(w->tx, in->reason);
	return true;
}

bool
verb_improvement(struct work *w)
{
	const struct in_improvement *in = w->in;
	struct report *r = &w->r;

	r->imp_times = in->imp_times;
	r->imp_scope = in->imp_scope;
	r->imp_control = in->imp_control;
	r->imp_investigation = in->imp_investigation;
	r->imp_root_cause = in->imp_root_cause;
	r->imp_measures = in->imp_measures;
	r->imp_schedule = in->imp_schedule;
	r->improvement = IMPROVEMENT_SUBMITTED;
	work_event(w, EVENT_IMPROVEMENT, w->now);
	return true;
}

/* When more is wanted the duty stays met: the report was filed. What is wanted stands in the remark. */
bool
verb_judge_improvement(struct work *w)
{
	const struct in_judge *in = w->in;

	if (!in->accepted && !in->remark.p)
		return work_fault(w, &in_judge, "remark", FAULT_F_MISSING, NULL);
	w->r.improvement = in->accepted ? IMPROVEMENT_ACCEPTED : IMPROVEMENT_MORE_WANTED;
	if (in->remark.p) {
		w->r.remark = in->remark;
		tx_reason(w->tx, in->remark);
	}
	return true;
}
