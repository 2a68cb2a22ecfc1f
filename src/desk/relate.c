/* One report and another: merged (併案), matched, withdrawn (撤銷), a draft thrown away. */
#include "desk/work.h"
#include "store/audit.h"

bool
verb_withdraw(struct work *w)
{
	const struct in_reason *in = w->in;

	w->r.state_reason = in->reason;
	tx_reason(w->tx, in->reason);
	if (w->t->to == REPORT_WITHDRAWN)
		w->cancel_duties = true;         /* the reviewer decides */
	else
		w->r.withdraw_asked_at = w->now; /* the provider asks */
	return true;
}

bool
verb_delete(struct work *w)
{
	(void)w;
	return true;
}

/* The other report, named by id or number, into w->other. One that is not there is a fault of that field. */
static bool
find_other(struct work *w, const struct entity *e, const char *field, struct str named)
{
	struct err err = { .arena = w->a };

	if (!report_named(w->tx, w->who, named, &w->other, &err)) {
		if (err.fault != FAULT_NOT_FOUND)
			return err_setf(w->err, err.fault, "%.*s", STR_FMT(err.detail));
		return work_fault(w, e, field, FAULT_F_REF, NULL);
	}
	if (w->other.id == w->r.id)
		return work_fault(w, e, field, FAULT_F_SAME, NULL);
	if (w->other.received_at == NO_TIME)
		return work_fault(w, e, field, FAULT_F_REF, NULL);
	return true;
}

/* ---- merge ---- */

/* The report that takes the other in does not change, but its trail tells of it. */
static bool
tell_target(struct work *w)
{
	struct value *facts = value_map(w->a);
	struct audit record = {
		.action = "report.merged_here", .entity = "report", .object = w->other.id,
		.org = w->other.org_id, .details = facts,
	};

	map_int(w->a, facts, "report", w->r.id);
	map_str(w->a, facts, "report_no", w->r.report_no);
	return audit_append(w->tx, &record, w->err);
}

bool
verb_merge(struct work *w)
{
	const struct in_merge *in = w->in;

	if (!find_other(w, &in_merge, "into", in->into))
		return false;
	if (w->other.state == REPORT_MERGED || w->other.state == REPORT_WITHDRAWN ||
	    w->other.cert_id != w->r.cert_id)
		return work_fault(w, &in_merge, "into", FAULT_F_REF, NULL);
	w->r.merged_into = w->other.id;
	w->r.state_reason = in->reason;
	w->cancel_duties = true;
	w->beside = tell_target;
	tx_reason(w->tx, in->reason);
	return true;
}

/* ---- match ---- */

/* What the report made by another way had to do, is done: by the report on line. */
static bool
match_told(struct work *w, const struct report *told, const struct report *online)
{
	const struct in_match *in = w->in;
	struct clocks c;

	if (!clocks_open(&c, w->tx, told, false, w->err))
		return false;
	if (in->hindrance_ended_at != NO_TIME)
		clocks_event(&c, EVENT_HINDRANCE_END, in->hindrance_ended_at);
	clocks_event(&c, EVENT_FILED_ONLINE, online->received_at);
	return clocks_write(&c, NULL, w->err);
}

/* The incident had been reported when the telephone rang, not when the network was back. */
static bool
match_online(struct work *w, const struct report *told, const struct report *online)
{
	struct clocks c;

	if (!clocks_open(&c, w->tx, online, false, w->err))
		return false;
	clocks_met_earlier(&c, EVENT_RECEIVED, told->received_at);
	return clocks_write(&c, NULL, w->err);
}

static bool
match_both(struct work *w)
{
	struct work theirs;
	const struct report *told, *online;

	work_begin(&theirs, w->tx, w->who, w->input, w->err);
	if (!work_open(&theirs, w->other.id))
		return false;
	theirs.r.matched_with = w->r.id;
	if (!work_write(&theirs, "report.match"))
		return false;
	told = report_by_staff(&w->r) ? &w->r : &theirs.r;
	online = told == &w->r ? &theirs.r : &w->r;
	return match_told(w, told, online) && match_online(w, told, online);
}

bool
verb_match(struct work *w)
{
	const struct in_match *in = w->in;
	const struct report *o = &w->other;

	if (!find_other(w, &in_match, "with", in->with))
		return false;
	if (o->org_id != w->r.org_id || report_by_staff(o) == report_by_staff(&w->r) ||
	    o->state >= REPORT_MERGED || o->matched_with != NONE || w->r.matched_with != NONE)
		return work_fault(w, &in_match, "with", FAULT_F_REF, NULL);
	if (work_future(w, in->hindrance_ended_at))
		return work_fault(w, &in_match, "hindrance_ended_at", FAULT_F_FUTURE, NULL);
	w->r.matched_with = o->id;
	w->beside = match_both;
	return true;
}
