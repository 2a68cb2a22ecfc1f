/* Every verb of the life table: who may, from where, with what; then its own file. */
#include "desk/duties.h"
#include "desk/work.h"
#include "store/audit.h"

static verb_work *const verbs[VERB__MAX] = {
	[VERB_SUBMIT] = verb_submit,
	[VERB_RETURN] = verb_return,
	[VERB_REVIEW] = verb_review,
	[VERB_CONTACT] = verb_contact,
	[VERB_CONTAIN] = verb_contain,
	[VERB_CLOSE] = verb_close,
	[VERB_ACCEPT] = verb_accept,
	[VERB_REJECT_CLOSING] = verb_reject_closing,
	[VERB_REOPEN] = verb_reopen,
	[VERB_WITHDRAW] = verb_withdraw,
	[VERB_MERGE] = verb_merge,
	[VERB_AMEND_LEVEL] = verb_amend_level,
	[VERB_MATCH] = verb_match,
	[VERB_POLICE] = verb_police,
	[VERB_IMPROVEMENT] = verb_improvement,
	[VERB_EXTEND] = verb_extend,
	[VERB_ESCALATE] = verb_escalate,
	[VERB_ACKNOWLEDGE] = verb_acknowledge,
	[VERB_FULFIL] = verb_fulfil,
	[VERB_DELETE] = verb_delete,
	[VERB_JUDGE_IMPROVEMENT] = verb_judge_improvement,
	[VERB_GRANT] = verb_grant,
};

/* What the verb takes, all of it needed and nothing else. */
static bool
take(struct work *w)
{
	static const char *const beside[] = { "actions", "version", NULL };
	const struct entity *e = w->t->input;
	struct entity_input input = {
		.in = w->input->in, .editors = BY_P | BY_V | BY_H, .whens = 1u << WHEN_ONCE,
		.form = w->input->form,
		.local = w->who->zone, .beside = beside,
	};
	bool good;

	w->in = entity_new(e, w->a);
	if (!input.in)
		input.in = value_map(w->a);
	good = entity_read(e, &input, w->in, w->a, w->err);
	if (w->err->fault != FAULT_NONE && w->err->fault != FAULT_FIELDS)
		return false;
	return entity_complete(e, w->in, REQUIRED, w->err) && good;
}

bool
report_do(struct tx *tx, const struct principal *who, int64_t id, enum verb verb,
    const struct report_input *input, struct report *ret_report, struct err *err)
{
	struct work w;

	work_begin(&w, tx, who, input, err);
	if (!work_open(&w, id))
		return false;
	w.t = life_find(verb, &w.r, who->roles, w.a, err);
	if (!w.t || !work_version(&w, false) || !take(&w))
		return false;
	w.action = arena_c(w.a, arena_printf(w.a, "report.%s", verb_id(verb)));
	if (w.t->to >= 0)
		w.r.state = w.t->to;
	if (!verbs[verb](&w))
		return false;
	if (!input->validate_only && !work_finish(&w))
		return false;
	*ret_report = w.r;
	return true;
}

/* ---- verbs without a file of their own ---- */

static bool
write_contact(struct work *w)
{
	struct contact_entry *c = w->in;
	struct value *facts;
	struct audit record = { .action = "report.contact", .entity = "report", .object = w->r.id,
	    .org = w->r.org_id };

	if (!entity_insert(w->tx, ENTITY_CONTACT_ENTRY, c, "contact_entry.create", w->r.org_id, w->err))
		return false;
	facts = entity_diff(&entity_contact_entry, NULL, c, w->a);
	record.details = facts;
	return audit_append(w->tx, &record, w->err);
}

bool
verb_contact(struct work *w)
{
	struct contact_entry *c = w->in;

	if (work_future(w, c->at))
		return work_fault(w, &entity_contact_entry, "at", FAULT_F_FUTURE, NULL);
	c->id = 0;
	c->report_id = w->r.id;
	c->account_id = w->who->account;
	if (c->at == NO_TIME)
		c->at = w->now;
	if (c->means == NONE)
		c->means = CONTACT_PHONE;
	w->beside = write_contact;
	return true;
}

bool
verb_police(struct work *w)
{
	const struct in_police *in = w->in;

	if (work_future(w, in->told_at))
		return work_fault(w, &in_police, "told_at", FAULT_F_FUTURE, NULL);
	w->r.police_authority = in->authority;
	w->r.police_told_at = in->told_at;
	w->r.police_approved_by = in->approved_by;
	if (in->note.p)
		w->r.criminal_note = in->note;
	return true;
}

static bool
ask_extension(struct work *w)
{
	const struct in_extend *in = w->in;

	return duty_extend_ask(w->tx, &w->r, in->duty, in->until, in->reason, w->err);
}

bool
verb_extend(struct work *w)
{
	const struct in_extend *in = w->in;

	tx_reason(w->tx, in->reason);
	w->beside = ask_extension;
	return true;
}

static bool
decide_extension(struct work *w)
{
	const struct in_grant *in = w->in;

	return duty_extend_grant(w->tx, &w->r, in->duty, in->granted == 1, in->until, in->remark, w->err);
}

bool
verb_grant(struct work *w)
{
	const struct in_grant *in = w->in;

	if (in->remark.p)
		tx_reason(w->tx, in->remark);
	w->beside = decide_extension;
	return true;
}

static bool
file_stage(struct work *w)
{
	const struct in_fulfil *in = w->in;

	return duty_fulfil(w->tx, &w->r, in->duty, in->note, w->err);
}

/* A stage is filed by whoever owes it: 422 for the other side's. */
bool
verb_fulfil(struct work *w)
{
	const struct in_fulfil *in = w->in;
	int64_t holder = principal_is(w->who, ROLE_PROVIDER) ? HOLDER_PROVIDER : HOLDER_CERT;
	const struct held *h;
	struct clocks c;

	if (!clocks_open(&c, w->tx, &w->r, false, w->err))
		return false;
	h = clocks_find(&c, in->duty);
	if (!h || h->d.holder != holder)
		return work_fault(w, &in_fulfil, "duty", FAULT_F_REF, NULL);
	tx_reason(w->tx, in->note);
	w->beside = file_stage;
	return true;
}
