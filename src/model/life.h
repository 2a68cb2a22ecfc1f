/*
 * The life table: every way in which a report changes its state, who may do it, and what is asked of him. A transition that
 * is not here does not exist: 409 for the right role in the wrong state, 403 for the wrong role. Read by the verb routes, the buttons
 * ("actions" in JSON), the denial tests and the diagrams of the docs. What a verb does beyond the state is its function in desk/.
 * Source: guide A1, A2, A6-2; domain reference, requirements section 2.
 */
#ifndef MODEL_LIFE_H
#define MODEL_LIFE_H

#include "model/entity.h"
#include "model/report.h"
#include "model/roles.h"

#define VERBS(V) \
	V(VERB_SUBMIT, "submit") V(VERB_RETURN, "return") V(VERB_REVIEW, "review") V(VERB_CONTACT, "contact") \
	V(VERB_CONTAIN, "contain") V(VERB_CLOSE, "close") V(VERB_ACCEPT, "accept") V(VERB_REJECT_CLOSING, "reject-closing") \
	V(VERB_REOPEN, "reopen") V(VERB_WITHDRAW, "withdraw") V(VERB_MERGE, "merge") V(VERB_AMEND_LEVEL, "amend-level") \
	V(VERB_MATCH, "match") V(VERB_POLICE, "police") V(VERB_IMPROVEMENT, "improvement") V(VERB_EXTEND, "extend") \
	V(VERB_ESCALATE, "escalate") V(VERB_ACKNOWLEDGE, "acknowledge") \
	V(VERB_FULFIL, "fulfil")        /* a stage of another regime, filed */ \
	V(VERB_DELETE, "delete")        /* a draft only */ \
	V(VERB_JUDGE_IMPROVEMENT, "judge-improvement")  V(VERB_GRANT, "grant")  /* the reviewer's half of improvement and extend */

#define VERB_CONSTANT(c, id) c,
enum verb { VERBS(VERB_CONSTANT) VERB__MAX };
#undef VERB_CONSTANT
const char *verb_id(enum verb v);
const char *verb_msg(enum verb v);                       /* message of its word, "verb.<id>": the button */
const char *verb_hint(enum verb v);                      /* message of its explanation, "verb.<id>.hint" */
bool verb_parse(struct str id, enum verb *ret_verb);

#define STATE_BIT(s) (1u << (s))
struct transition {
	enum verb verb;
	unsigned from;                                   /* set of STATE_BIT(enum report_state) */
	int to;                                          /* enum report_state, or -1: stays */
	unsigned roles;
	const struct entity *input;                      /* what the verb takes; never NULL (empty entity for {}) */
	bool (*guard)(const struct report *r);           /* further condition on the report, NULL: none; pure */
	const char *basis;                               /* "guide A2, 3.2.3 step 2" */
};
extern const struct transition life[];
extern const int life_count;
/*
 * The row for this verb, role set and report. Faults: FAULT_ROLE if no row of the verb is for these roles, FAULT_STATE if
 * one is but not from here (err->data = {state, open: [verbs]}).
 */
const struct transition *life_find(enum verb v, const struct report *r, unsigned roles, struct arena *a, struct err *err);
/* Verbs open to these roles on this report now, in the table's order: for "actions". */
int life_open(const struct report *r, unsigned roles, const struct transition *ret_open[VERB__MAX]);

/* ---- inputs of the verbs: structs and tables as for every entity ---- */
#define IN_REMARK(F)  F(remark, LONG, REQUIRED, BY_P|BY_V, ALWAYS, 1, 5000, NULL, NULL)
#define IN_REASON(F)  F(reason, LONG, REQUIRED, BY_P|BY_V, ALWAYS, 1, 2000, NULL, NULL)
#define IN_EMPTY(F)
#define IN_REVIEW(F) \
	F(level_reviewed,    LEVEL, REQUIRED, BY_V, ALWAYS, 1, 4, NULL, NULL) \
	F(level_reason,      LONG,  0,        BY_V, ALWAYS, 1, 2000, NULL, NULL)  /* needed if the level differs: desk/review.c */ \
	F(other_ci_reviewed, BOOL,  REQUIRED, BY_V, ALWAYS, 0, 0, NULL, NULL) \
	F(cross_sector,      BOOL,  0,        BY_V, ALWAYS, 0, 0, NULL, NULL) \
	F(wide_scale,        BOOL,  0,        BY_V, ALWAYS, 0, 0, NULL, NULL) \
	F(category_reviewed, ENUM,  0,        BY_V, ALWAYS, 0, 0, &choices_category, NULL)
#define IN_CONTAIN(F) \
	F(contained_at, TIME, 0, BY_P, ALWAYS, 0, 0, NULL, NULL)        /* now, if not given */ \
	F(note,         LONG, 0, BY_P, ALWAYS, 1, 5000, NULL, NULL)
#define IN_CLOSE(F) \
	F(resolution,  LONG, REQUIRED, BY_P, ALWAYS, 1, 20000, NULL, NULL) \
	F(resolved_at, TIME, REQUIRED, BY_P, ALWAYS, 0, 0, NULL, NULL)
#define IN_MERGE(F) \
	F(into,   TEXT, REQUIRED, BY_V, ALWAYS, 1, 40, NULL, NULL)      /* id or report number */ \
	F(reason, LONG, REQUIRED, BY_V, ALWAYS, 1, 2000, NULL, NULL)
#define IN_MATCH(F) \
	F(with,   TEXT, REQUIRED, BY_V, ALWAYS, 1, 40, NULL, NULL)      /* id or report number */ \
	F(hindrance_ended_at, TIME, 0, BY_V, ALWAYS, 0, 0, NULL, NULL)
#define IN_AMEND(F) \
	F(impact_c, LEVEL, 0, BY_P, ALWAYS, 0, 4, NULL, NULL) \
	F(impact_i, LEVEL, 0, BY_P, ALWAYS, 0, 4, NULL, NULL) \
	F(impact_a, LEVEL, 0, BY_P, ALWAYS, 0, 4, NULL, NULL) \
	F(known_at, TIME,  0, BY_P, ALWAYS, 0, 0, NULL, NULL)           /* when the change became known; now, if not given */ \
	F(reason,   LONG,  REQUIRED, BY_P, ALWAYS, 1, 2000, NULL, NULL)
#define IN_POLICE(F) \
	F(authority,   TEXT, REQUIRED, BY_P|BY_V, ALWAYS, 1, 200, NULL, NULL) \
	F(told_at,     TIME, REQUIRED, BY_P|BY_V, ALWAYS, 0, 0, NULL, NULL) \
	F(approved_by, TEXT, REQUIRED, BY_P|BY_V, ALWAYS, 1, 100, NULL, NULL) /* the head of the unit */ \
	F(note,        LONG, 0,        BY_P|BY_V, ALWAYS, 1, 2000, NULL, NULL)
#define IN_IMPROVEMENT(F) \
	F(imp_times,         LONG, REQUIRED, BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_scope,         LONG, REQUIRED, BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_control,       LONG, REQUIRED, BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_investigation, LONG, REQUIRED, BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_root_cause,    LONG, REQUIRED, BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_measures,      LONG, REQUIRED, BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_schedule,      LONG, REQUIRED, BY_P, ALWAYS, 1, 10000, NULL, NULL)
#define IN_JUDGE(F) \
	F(accepted, BOOL, REQUIRED, BY_V, ALWAYS, 0, 0, NULL, NULL) \
	F(remark,   LONG, 0,        BY_V, ALWAYS, 1, 5000, NULL, NULL)
#define IN_EXTEND(F) \
	F(until,  TIME, REQUIRED, BY_P, ALWAYS, 0, 0, NULL, NULL) \
	F(reason, LONG, REQUIRED, BY_P, ALWAYS, 1, 2000, NULL, NULL) \
	F(duty,   REF,  0,        BY_P, ALWAYS, 0, 0, NULL, NULL)       /* the improvement report's, if not given */
#define IN_GRANT(F) \
	F(granted, BOOL, REQUIRED, BY_V, ALWAYS, 0, 0, NULL, NULL) \
	F(until,   TIME, 0,        BY_V, ALWAYS, 0, 0, NULL, NULL)      /* as asked, if not given */ \
	F(remark,  LONG, 0,        BY_V, ALWAYS, 1, 2000, NULL, NULL) \
	F(duty,    REF,  0,        BY_V, ALWAYS, 0, 0, NULL, NULL)
#define IN_ESCALATE(F) \
	F(note,      LONG, 0, BY_V, ALWAYS, 1, 5000, NULL, NULL) \
	F(failed,    BOOL, 0, BY_V, ALWAYS, 0, 0, NULL, NULL)           /* the hand-over did not reach them */
#define IN_ACKNOWLEDGE(F) \
	F(reference,       TEXT,  0, BY_V, ALWAYS, 1, 200, NULL, NULL)  /* the national CERT's number */ \
	F(acknowledged_at, TIME,  0, BY_V, ALWAYS, 0, 0, NULL, NULL) \
	F(level_national,  LEVEL, 0, BY_V, ALWAYS, 1, 4, NULL, NULL) \
	F(reason,          LONG,  0, BY_V, ALWAYS, 1, 2000, NULL, NULL)
#define IN_FULFIL(F) \
	F(duty,   REF,  REQUIRED, BY_P|BY_V, ALWAYS, 0, 0, NULL, NULL) \
	F(note,   LONG, REQUIRED, BY_P|BY_V, ALWAYS, 1, 5000, NULL, NULL)

struct in_remark { IN_REMARK(FIELD_MEMBER) };
struct in_reason { IN_REASON(FIELD_MEMBER) };
struct in_review { IN_REVIEW(FIELD_MEMBER) };
struct in_contain { IN_CONTAIN(FIELD_MEMBER) };
struct in_close { IN_CLOSE(FIELD_MEMBER) };
struct in_merge { IN_MERGE(FIELD_MEMBER) };
struct in_match { IN_MATCH(FIELD_MEMBER) };
struct in_amend { IN_AMEND(FIELD_MEMBER) };
struct in_police { IN_POLICE(FIELD_MEMBER) };
struct in_improvement { IN_IMPROVEMENT(FIELD_MEMBER) };
struct in_judge { IN_JUDGE(FIELD_MEMBER) };
struct in_extend { IN_EXTEND(FIELD_MEMBER) };
struct in_grant { IN_GRANT(FIELD_MEMBER) };
struct in_escalate { IN_ESCALATE(FIELD_MEMBER) };
struct in_acknowledge { IN_ACKNOWLEDGE(FIELD_MEMBER) };
struct in_fulfil { IN_FULFIL(FIELD_MEMBER) };
extern const struct entity in_empty, in_remark, in_reason, in_review, in_contain, in_close, in_merge, in_match, in_amend, in_police,
    in_improvement, in_judge, in_extend, in_grant, in_escalate, in_acknowledge, in_fulfil;

#endif
