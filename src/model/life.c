#include "model/life.h"

#include <assert.h>

/* ---- inputs of the verbs ---- */

#define IN_REMARK_ROW(...) FIELD_ROW(in_remark, __VA_ARGS__)
#define IN_REASON_ROW(...) FIELD_ROW(in_reason, __VA_ARGS__)
#define IN_REVIEW_ROW(...) FIELD_ROW(in_review, __VA_ARGS__)
#define IN_CONTAIN_ROW(...) FIELD_ROW(in_contain, __VA_ARGS__)
#define IN_CLOSE_ROW(...) FIELD_ROW(in_close, __VA_ARGS__)
#define IN_MERGE_ROW(...) FIELD_ROW(in_merge, __VA_ARGS__)
#define IN_MATCH_ROW(...) FIELD_ROW(in_match, __VA_ARGS__)
#define IN_AMEND_ROW(...) FIELD_ROW(in_amend, __VA_ARGS__)
#define IN_POLICE_ROW(...) FIELD_ROW(in_police, __VA_ARGS__)
#define IN_IMPROVEMENT_ROW(...) FIELD_ROW(in_improvement, __VA_ARGS__)
#define IN_JUDGE_ROW(...) FIELD_ROW(in_judge, __VA_ARGS__)
#define IN_EXTEND_ROW(...) FIELD_ROW(in_extend, __VA_ARGS__)
#define IN_GRANT_ROW(...) FIELD_ROW(in_grant, __VA_ARGS__)
#define IN_ESCALATE_ROW(...) FIELD_ROW(in_escalate, __VA_ARGS__)
#define IN_ACKNOWLEDGE_ROW(...) FIELD_ROW(in_acknowledge, __VA_ARGS__)
#define IN_FULFIL_ROW(...) FIELD_ROW(in_fulfil, __VA_ARGS__)

#define INPUT(name, FIELDS, ROW) \
	static const struct field name##_fields[] = { FIELDS(ROW) }; \
	const struct entity name = ENTITY(name, name##_fields, false)

INPUT(in_remark, IN_REMARK, IN_REMARK_ROW);
INPUT(in_reason, IN_REASON, IN_REASON_ROW);
INPUT(in_review, IN_REVIEW, IN_REVIEW_ROW);
INPUT(in_contain, IN_CONTAIN, IN_CONTAIN_ROW);
INPUT(in_close, IN_CLOSE, IN_CLOSE_ROW);
INPUT(in_merge, IN_MERGE, IN_MERGE_ROW);
INPUT(in_match, IN_MATCH, IN_MATCH_ROW);
INPUT(in_amend, IN_AMEND, IN_AMEND_ROW);
INPUT(in_police, IN_POLICE, IN_POLICE_ROW);
INPUT(in_improvement, IN_IMPROVEMENT, IN_IMPROVEMENT_ROW);
INPUT(in_judge, IN_JUDGE, IN_JUDGE_ROW);
INPUT(in_extend, IN_EXTEND, IN_EXTEND_ROW);
INPUT(in_grant, IN_GRANT, IN_GRANT_ROW);
INPUT(in_escalate, IN_ESCALATE, IN_ESCALATE_ROW);
INPUT(in_acknowledge, IN_ACKNOWLEDGE, IN_ACKNOWLEDGE_ROW);
INPUT(in_fulfil, IN_FULFIL, IN_FULFIL_ROW);
/* {}: nothing is asked. */
const struct entity in_empty = { "in_empty", NULL, 0, sizeof(int64_t), false };

/* ---- verbs ---- */

static const struct {
	const char *id, *msg, *hint;
} verb_rows[VERB__MAX] = {
#define VERB_ROW(c, id) [c] = { id, "verb." id, "verb." id ".hint" },
	VERBS(VERB_ROW)
#undef VERB_ROW
};

const char *
verb_id(enum verb v)
{
	assert(v < VERB__MAX);
	return verb_rows[v].id;
}

const char *
verb_msg(enum verb v)
{
	assert(v < VERB__MAX);
	return verb_rows[v].msg;
}

const char *
verb_hint(enum verb v)
{
	assert(v < VERB__MAX);
	return verb_rows[v].hint;
}

bool
verb_parse(struct str id, enum verb *ret_verb)
{
	for (int v = 0; v < VERB__MAX; v++)
		if (str_is(id, verb_rows[v].id)) {
			*ret_verb = (enum verb)v;
			return true;
		}
	return false;
}

/* ---- guards ---- */

static bool
voluntary(const struct report *r)
{
	return r->report_kind == KIND_OF_REPORT_VOLUNTARY;
}

static bool
not_contained(const struct report *r)
{
	return r->contained_at == NO_TIME;
}

static bool
withdrawal_not_asked(const struct report *r)
{
	return r->withdraw_asked_at == NO_TIME;
}

static bool
improvement_open(const struct report *r)
{
	return r->contained_at != NO_TIME && r->improvement != IMPROVEMENT_ACCEPTED;
}

static bool
improvement_submitted(const struct report *r)
{
	return r->improvement == IMPROVEMENT_SUBMITTED;
}

/* Sent still counts: what was sent may turn out not to have arrived. */
static bool
escalation_open(const struct report *r)
{
	return r->escalation == ESCALATION_DUE || r->escalation == ESCALATION_FAILED ||
	    r->escalation == ESCALATION_SENT;
}

static bool
escalation_sent(const struct report *r)
{
	return r->escalation == ESCALATION_SENT;
}

/* ---- the table ---- */

#define STAYS (-1)
#define IN(state) STATE_BIT(REPORT_##state)
#define BEFORE_REVIEW (IN(REPORTED) | IN(RETURNED))
#define TRACKED (IN(REVIEWED) | IN(HANDLING))
#define RUNNING (BEFORE_REVIEW | TRACKED | IN(CLOSING))          /* submitted, not closed */
#define HANDLED (IN(HANDLING) | IN(CLOSING) | IN(CLOSED))
#define SUBMITTED (RUNNING | IN(CLOSED))
#define DESK (ROLE_REVIEWER | ROLE_HANDLER | ROLE_MANAGER)       /* who may enter a report for a provider */
#define JUDGES (ROLE_REVIEWER | ROLE_MANAGER)

const struct transition life[] = {
	{ VERB_SUBMIT, IN(DRAFT) | IN(RETURNED), REPORT_REPORTED, ROLE_PROVIDER, &in_empty, NULL,
	  "guide A2, 3.2.3 step 2" },
	{ VERB_SUBMIT, IN(DRAFT) | IN(RETURNED), REPORT_REPORTED, DESK, &in_empty, report_by_staff,
	  "guide A2: by another way when the network or power is down; 3.2.1" },
	{ VERB_RETURN, IN(REPORTED), REPORT_RETURNED, ROLE_REVIEWER, &in_remark, NULL,
	  "guide 3.1.2.2: correctness and completeness; the clocks keep running" },
	{ VERB_REVIEW, IN(REPORTED) | IN(REVIEWED), REPORT_HANDLING, ROLE_REVIEWER, &in_review, NULL,
	  "guide A2: review on receipt; tracked (列管) from then on" },
	{ VERB_REVIEW, IN(HANDLING), STAYS, ROLE_REVIEWER, &in_review, NULL,
	  "regulation art. 12: the level may change on new facts" },
	{ VERB_CONTACT, RUNNING, STAYS, ROLE_CERT, &entity_contact_entry, NULL,
	  "guide 3.2.3 step 3" },
	{ VERB_CONTAIN, BEFORE_REVIEW | TRACKED, STAYS, ROLE_PROVIDER, &in_contain, not_contained,
	  "regulation art. 13: damage control or recovery" },
	{ VERB_CLOSE, TRACKED, REPORT_CLOSING, ROLE_PROVIDER, &in_close, NULL,
	  "guide A1-4, A1-5, A2" },
	{ VERB_ACCEPT, IN(CLOSING), REPORT_CLOSED, ROLE_REVIEWER, &in_empty, NULL,
	  "guide A6-2: released from tracking" },
	{ VERB_ACCEPT, IN(REPORTED), REPORT_CLOSED, ROLE_REVIEWER, &in_empty, voluntary,
	  "a voluntary note is taken note of; it has no clocks" },
	{ VERB_REJECT_CLOSING, IN(CLOSING), REPORT_HANDLING, ROLE_REVIEWER, &in_remark, NULL,
	  "guide A6-2: closing followed up" },
	{ VERB_REOPEN, IN(CLOSED), REPORT_HANDLING, JUDGES, &in_reason, NULL,
	  "domain reference, section 7" },
	{ VERB_WITHDRAW, RUNNING, REPORT_WITHDRAWN, JUDGES, &in_reason, NULL,
	  "domain reference, section 7: with a reason, never deleted" },
	{ VERB_WITHDRAW, RUNNING, STAYS, ROLE_PROVIDER, &in_reason, withdrawal_not_asked,
	  "domain reference, section 7: the provider asks, the reviewer decides" },
	{ VERB_MERGE, IN(REPORTED) | TRACKED, REPORT_MERGED, JUDGES, &in_merge, NULL,
	  "domain reference, section 7: with a reason, never deleted" },
	{ VERB_AMEND_LEVEL, RUNNING, STAYS, ROLE_PROVIDER, &in_amend, NULL,
	  "regulation art. 11: 續行通報" },
	{ VERB_MATCH, SUBMITTED, STAYS, DESK, &in_match, NULL,
	  "guide A2: the report on the platform after one by another way; both kept" },
	{ VERB_POLICE, SUBMITTED, STAYS, ROLE_PROVIDER | JUDGES, &in_police, NULL,
	  "guide A2: danger to life, destroyed equipment, crime" },
	{ VERB_IMPROVEMENT, HANDLED, STAYS, ROLE_PROVIDER, &in_improvement, improvement_open,
	  "regulation art. 13; guide A2, after the incident" },
	{ VERB_JUDGE_IMPROVEMENT, HANDLED, STAYS, JUDGES, &in_judge, improvement_submitted,
	  "regulation art. 13" },
	{ VERB_EXTEND, SUBMITTED, STAYS, ROLE_PROVIDER, &in_extend, NULL,
	  "regulation art. 13: extension by consent" },
	{ VERB_GRANT, SUBMITTED, STAYS, JUDGES, &in_grant, NULL,
	  "regulation art. 13: extension by consent" },
	{ VERB_ESCALATE, SUBMITTED, STAYS, JUDGES | ROLE_LIAISON, &in_escalate, escalation_open,
	  "guide 3.2.2, 3.2.3, T2: upward to the national CERT" },
	{ VERB_ACKNOWLEDGE, SUBMITTED, STAYS, JUDGES | ROLE_LIAISON, &in_acknowledge, escalation_sent,
	  "guide 3.2.2; domain reference, section 7" },
	{ VERB_FULFIL, SUBMITTED, STAYS, ROLE_PROVIDER | ROLE_REVIEWER, &in_fulfil, NULL,
	  "domain reference, 2.4: stages of other regimes" },
	{ VERB_DELETE, IN(DRAFT), REPORT_DELETED, ROLE_PROVIDER, &in_empty, NULL,
	  "domain reference, section 7: a draft only" },
	{ VERB_DELETE, IN(DRAFT), REPORT_DELETED, DESK, &in_empty, report_by_staff,
	  "domain reference, section 7: a draft only" },
};
const int life_count = sizeof(life) / sizeof(life[0]);

static bool
allows(const struct transition *t, const struct report *r, unsigned roles)
{
	return (t->roles & roles) != 0 && r->state >= 0 && r->state <= REPORT_DELETED &&
	    (t->from & STATE_BIT(r->state)) != 0 && (!t->guard || t->guard(r));
}

int
life_open(const struct report *r, unsigned roles, const struct transition *ret_open[VERB__MAX])
{
	bool seen[VERB__MAX] = { false };
	int n = 0;

	for (int i = 0; i < life_count; i++)
		if (!seen[life[i].verb] && allows(&life[i], r, roles)) {
			seen[life[i].verb] = true;
			ret_open[n++] = &life[i];
		}
	return n;
}

/* Where the report stands and what is open instead, for whoever tried something else. */
static struct value *
instead(const struct report *r, unsigned roles, struct arena *a)
{
	const struct transition *open[VERB__MAX];
	struct value *facts = value_map(a), *verbs;
	int n = life_open(r, roles, open);

	field_show(entity_field(&entity_report, STR("state")), r, facts, a);
	verbs = map_list(a, facts, "open");
	for (int i = 0; i < n; i++)
		list_add(verbs, value_str(a, str_c(verb_id(open[i]->verb))));
	return facts;
}

const struct transition *
life_find(enum verb v, const struct report *r, unsigned roles, struct arena *a, struct err *err)
{
	bool role = false;

	for (int i = 0; i < life_count; i++) {
		if (life[i].verb != v)
			continue;
		if (allows(&life[i], r, roles))
			return &life[i];
		role |= (life[i].roles & roles) != 0;
	}
	if (!role) {
		err_set(err, FAULT_ROLE);
		return NULL;
	}
	err_set(err, FAULT_STATE);
	if (!err->data)
		err->data = instead(r, roles, a);
	return NULL;
}
