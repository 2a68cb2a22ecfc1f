/* Filing a report, and sending it back. */
#include "desk/work.h"
#include "store/audit.h"

int64_t
own_regime(const struct report *r)
{
	static const int64_t order[] = { REGIME_TW_2026, REGIME_TW_2017, REGIME_EU_NIS2, REGIME_EU_DORA };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (r->regimes != NONE && (uint64_t)r->regimes & UINT64_C(1) << order[i])
			return order[i];
	return REGIME_TW_2026;
}

/* The first submission: from now on the report has a number, and its clocks run. */
static bool
file_first(struct work *w)
{
	struct report *r = &w->r;

	r->filed_at = r->received_at = w->now;
	r->form_kind = FORM_NOTIFY;
	r->shown_to_cert = 1;
	r->regime = own_regime(r);
	r->regime_version = regime_by_code(r->regime, w->now)->version;
	if (r->regimes == NONE)
		r->regimes = INT64_C(1) << r->regime;
	work_event(w, EVENT_AWARE, r->aware_at);
	if (report_by_staff(r))
		work_event(w, EVENT_PHONED, w->now);
	work_event(w, EVENT_RECEIVED, w->now);
	if (r->classified_at != NO_TIME)
		work_event(w, EVENT_CLASSIFIED, r->classified_at);
	return number_take(w->tx, r->sector_id, r->is_drill == 1, w->now, &r->report_no, w->err);
}

bool
work_submit(struct work *w)
{
	w->r.state = REPORT_REPORTED;
	return w->r.received_at != NO_TIME || file_first(w);
}

bool
verb_submit(struct work *w)
{
	if (!report_ready(&w->r, w->now, w->err))
		return false;
	return w->input->validate_only || work_submit(w);
}

bool
verb_return(struct work *w)
{
	const struct in_remark *in = w->in;

	w->r.remark = in->remark;
	tx_reason(w->tx, in->remark);
	return true;
}
