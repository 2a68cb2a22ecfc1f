/* Getting, making and saving a report. */
#include "desk/work.h"
#include "store/audit.h"

static bool
get(struct tx *tx, int stmt, const struct principal *who, struct val key, struct report *ret_report,
    struct err *err)
{
	struct rows q;
	bool found;

	if (stmt < 0)
		return err_set(err, FAULT_NOT_FOUND);
	q = db_query(tx, stmt, I(who->reports.org), I(who->reports.account), key);
	found = db_next(&q);
	if (found)
		entity_load(ENTITY_REPORT, &q, 0, ret_report);
	return db_end(&q, err) && (found || err_set(err, FAULT_NOT_FOUND));
}

bool
report_get(struct tx *tx, const struct principal *who, int64_t id, struct report *ret_report, struct err *err)
{
	return get(tx, scoped(S_REPORT_GET_UNIT, who), who, I(id), ret_report, err);
}

bool
report_get_ahead(struct tx *tx, const struct principal *who, int64_t id)
{
	int stmt = scoped(S_REPORT_GET_UNIT, who);

	if (stmt >= 0)
		db_ahead(tx, stmt, I(who->reports.org), I(who->reports.account), I(id));
	return stmt >= 0;
}

bool
report_named(struct tx *tx, const struct principal *who, struct str id_or_no, struct report *ret_report,
    struct err *err)
{
	struct str named = number_typed(tx_arena(tx), id_or_no);
	int64_t id;

	if (str_int(named, &id))
		return report_get(tx, who, id, ret_report, err);
	return get(tx, scoped(S_REPORT_BY_NO_UNIT, who), who, T(named), ret_report, err);
}

/* ---- reading input ---- */

/*
 * What an answer has beside the fields (view.c), so that it can be sent back as it came; and "reason", which
 * this file reads itself.
 */
static const char *const beside[] = {
	"reason", "actions", "next", "duties", "contacts", "similar", "seen_by", "not_seen_by", "level_cause",
	"regime_title", "escalation_why_words", "org_id_name", "cert_id_name", "sector_id_name",
	"lead_agency_name", "reporting_unit_name",
	"entered_by_name", "reviewed_by_name", "merged_into_name", "matched_with_name", "receipt", "receipt_code", NULL,
};

/*
 * Input into w->r. An autosave keeps what is good of a form that is half filled in: better that than nothing;
 * everything else names all that is wrong. submit: what filing asks for is asked now.
 */
static bool
take(struct work *w, unsigned editors, bool fill, bool submit)
{
	struct entity_input input = {
		.in = w->input->in, .editors = editors, .whens = report_whens(&w->r), .form = w->input->form,
		.local = w->who->zone, .beside = beside,
	};
	struct err ignored = { .arena = w->a };
	bool lenient = w->input->autosave && !submit;
	bool good = entity_read(&entity_report, &input, &w->r, w->a, lenient ? &ignored : w->err) || lenient;

	if (w->err->fault != FAULT_NONE && w->err->fault != FAULT_FIELDS)
		return false;
	if (w->r.state == REPORT_DRAFT)
		good = work_unit(w, fill) && good;
	report_derive(&w->r);
	if (submit)
		return report_ready(&w->r, w->now, w->err) && good;
	return (lenient || report_check(&w->r, w->now, w->err)) && good;
}

/* ---- making ---- */

/* The staff's ways of getting a report; the platform's own two are not theirs to choose. */
static bool
check_channel(struct work *w)
{
	if (principal_is(w->who, ROLE_PROVIDER) || report_by_staff(&w->r))
		return true;
	return work_fault(w, &entity_report, "channel",
	    w->r.channel == NONE ? FAULT_F_MISSING : FAULT_F_CHOICE, NULL);
}

bool
report_create(struct tx *tx, const struct principal *who, const struct report_input *input, bool submit,
    struct report *ret_report, struct err *err)
{
	bool file = submit || input->validate_only, good;
	const struct report *blank = entity_new(&entity_report, tx_arena(tx));
	unsigned editors;
	struct work w;

	work_begin(&w, tx, who, input, err);
	w.r = *blank;
	editors = work_editors(who, &w.r);
	if (!(editors & BY_P) || scoped(0, who) < 0)
		return err_set(err, FAULT_ROLE);
	w.r.id = 0;
	w.r.state = REPORT_DRAFT;
	w.r.is_drill = 0;
	w.r.escalation = ESCALATION_NONE;
	w.r.improvement = IMPROVEMENT_NONE;
	w.r.entered_by = who->account;
	w.r.shown_to_cert = !principal_is(who, ROLE_PROVIDER);
	if (principal_is(who, ROLE_PROVIDER))
		w.r.channel = who->key ? CHANNEL_API : CHANNEL_WEB;
	w.was = w.written = w.r;
	good = take(&w, editors, true, file);
	if (!check_channel(&w) || !good)
		return false;
	if (!input->validate_only) {
		w.action = submit ? "report.submit" : "report.create";
		if ((submit && !work_submit(&w)) || !work_finish(&w))
			return false;
	}
	*ret_report = w.r;
	return true;
}

/* ---- saving ---- */

/*
 * The moment of becoming aware starts the clocks of the law. It may turn out to have been another one, but
 * not without a reason; and the clocks that run keep the anchor under which they began.
 */
static bool
check_anchor(struct work *w)
{
	struct str reason = str_trim(value_text(value_get(w->input->in, "reason")));

	if (w->was.received_at == NO_TIME || w->r.aware_at == w->was.aware_at)
		return true;
	if (!reason.p || !reason.n)
		return work_fault(w, &in_reason, "reason", FAULT_F_MISSING, NULL);
	if (utf8_length(reason) > 2000)
		return err_field(w->err, STR("reason"), entity_field(&in_reason, STR("reason"))->label,
		    FAULT_F_LONG, 2000, STR_NONE);
	tx_reason(w->tx, reason);
	return true;
}

/*
 * What filing has fixed: whose report it is, what kind it is, and the regime whose words it was filed under.
 */
static bool
check_fixed(struct work *w)
{
	const struct report *was = &w->was, *r = &w->r;

	if (was->received_at == NO_TIME)
		return true;
	if (r->reporting_unit != was->reporting_unit)
		work_fault(w, &entity_report, "reporting_unit", FAULT_F_FIXED, NULL);
	if (r->report_kind != was->report_kind)
		work_fault(w, &entity_report, "report_kind", FAULT_F_FIXED, NULL);
	if (r->regime != NONE && (r->regimes == NONE || !((uint64_t)r->regimes & UINT64_C(1) << r->regime)))
		work_fault(w, &entity_report, "regimes", FAULT_F_FIXED, NULL);
	return w->err->fault == FAULT_NONE;
}

/* A level that changes after the review is reported again by the same act. Regulation art. 11. */
static void
note_level(struct work *w)
{
	if (w->was.reviewed_at == NO_TIME || w->r.level_reported == w->was.level_reported)
		return;
	work_event(w, EVENT_LEVEL_CHANGE, w->now);
	work_event(w, EVENT_LEVEL_FILED, w->now);
}

bool
report_save(struct tx *tx, const struct principal *who, int64_t id, const struct report_input *input,
    struct report *ret_report, struct err *err)
{
	unsigned editors;
	struct work w;
	bool good;

	work_begin(&w, tx, who, input, err);
	if (!work_open(&w, id))
		return false;
	editors = work_editors(who, &w.r);
	if (!editors)
		return err_set(err, FAULT_ROLE);
	if (!report_whens(&w.r))
		return err_set(err, FAULT_STATE);
	if (!work_version(&w, w.was.state != REPORT_DRAFT))
		return false;
	/* a filed report stays complete: what filing asked for may change, but not go */
	good = take(&w, editors, false, w.was.state != REPORT_DRAFT || input->validate_only);
	if (err->fault != FAULT_NONE && err->fault != FAULT_FIELDS)
		return false;
	good = check_anchor(&w) && good;
	if (!check_fixed(&w) || !good)
		return false;
	if (w.r.classified_at != w.was.classified_at && w.was.classified_at == NO_TIME &&
	    w.was.received_at != NO_TIME)
		work_event(&w, EVENT_CLASSIFIED, w.r.classified_at);
	note_level(&w);
	w.action = "report.save";
	if (!input->validate_only && !work_finish(&w))
		return false;
	*ret_report = w.r;
	return true;
}
