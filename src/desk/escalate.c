/* Upward to the national CERT (guide 3.2.2, 3.2.3): handed over, failed, acknowledged. */
#include "base/hash.h"
#include "base/json.h"
#include "desk/duties.h"
#include "desk/work.h"
#include "store/audit.h"

bool
verb_escalate(struct work *w)
{
	const struct in_escalate *in = w->in;

	if (in->note.p)
		tx_reason(w->tx, in->note);
	if (in->failed == 1) {
		w->r.escalation = ESCALATION_FAILED;
		return true;
	}
	w->r.escalation = ESCALATION_SENT;
	w->r.escalation_sent_at = w->now;
	work_event(w, EVENT_ESCALATED, w->now);
	return true;
}

bool
verb_acknowledge(struct work *w)
{
	const struct in_acknowledge *in = w->in;
	struct report *r = &w->r;
	int64_t at = in->acknowledged_at != NO_TIME ? in->acknowledged_at : w->now;

	if (work_future(w, at))
		return work_fault(w, &in_acknowledge, "acknowledged_at", FAULT_F_FUTURE, NULL);
	if (at < r->escalation_sent_at)
		return work_fault(w, &in_acknowledge, "acknowledged_at", FAULT_F_ORDER, "escalation_sent_at");
	r->escalation = ESCALATION_ACKNOWLEDGED;
	r->escalation_ack_at = at;
	if (in->reference.p)
		r->escalation_ref = in->reference;
	if (in->reason.p)
		tx_reason(w->tx, in->reason);
	if (in->level_national == NONE)
		return true;
	r->level_national = in->level_national;
	if (in->level_national != r->level_reported && in->level_national != w->was.level)
		work_event(w, EVENT_LEVEL_CHANGE, w->now);
	return true;
}

/* ---- the package ---- */

/*
 * Everything that the national CERT needs, and a digest of it by which both sides can tell that they speak of
 * the same. The digest is of the canonical form (RFC 8785) of all but itself.
 */
struct value *
report_package(struct tx *tx, const struct principal *who, const struct report *r, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *out = value_map(a), *report = report_view(tx, who, r, err), *duties, *versions;
	struct sha256 digest;
	struct buf b = { .arena = a };

	duties = report ? duties_of_report(tx, who, r, err) : NULL;
	versions = duties ? report_versions(tx, who, r, err) : NULL;
	if (!versions)
		return NULL;
	map_str(a, out, "format", STR("tocsin-package/1"));
	map_time(a, out, "made_at", tx_now(tx));
	map_str(a, out, "made_by", who->name);
	map_str(a, out, "made_by_organisation", who->org_name[who->lang]);
	map_add(out, "report", report);
	map_add(out, "duties", value_get(duties, "rows"));
	map_add(out, "versions", value_get(versions, "rows"));
	json_canonical(&b, out);
	digest = sha256(buf_str(&b));
	map_str(a, out, "sha256", hex(a, (struct str){ (const char *)digest.b, sizeof(digest.b) }));
	return out;
}
