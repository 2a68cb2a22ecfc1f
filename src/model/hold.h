/*
 * Holds: as long as one stands, nothing that it covers is erased. It covers a case, systems, an organisation or a time
 * range; whoever has the role sets it, and two different persons lift it.
 *
 * A system is what the form knows it by: addresses and names. Covered is every report that ever named one of them, whenever
 * it was filed, with all that belongs to it, and every record made from such an address. A network meets what lies in it
 * and what it lies in, a name also the names below it. An organisation and a time range narrow it.
 */
#ifndef MODEL_HOLD_H
#define MODEL_HOLD_H

#include "model/entity.h"
#include "model/roles.h"

extern const struct choices choices_hold_kind, choices_hold_state;

enum { HOLD_CASE, HOLD_ORGANISATION, HOLD_PERIOD, HOLD_SYSTEM };
enum { HOLD_STANDING, HOLD_LIFTING, HOLD_LIFTED };

extern const struct condition hold_of_case, hold_of_system, hold_of_organisation, hold_of_period;

#define HOLD(F) \
	F(kind,       ENUM, REQUIRED, BY_V, ALWAYS, 0, 0, &choices_hold_kind, NULL) \
	F(case_no,    TEXT, REQUIRED, BY_V, ALWAYS, 1, 40, NULL, &hold_of_case)   /* number or id of the report */ \
	F(systems,    HOSTS, REQUIRED, BY_V, ALWAYS, 1, 4000, NULL, &hold_of_system) \
	F(org,        REF,  REQUIRED, BY_V, ALWAYS, 0, 0, NULL, &hold_of_organisation) \
	F(from_at,    TIME, REQUIRED, BY_V, ALWAYS, 0, 0, NULL, &hold_of_period) \
	F(until_at,   TIME, REQUIRED, BY_V, ALWAYS, 0, 0, NULL, &hold_of_period) \
	F(reason,     LONG, REQUIRED, BY_V, ALWAYS, 1, 2000, NULL, NULL) \
	F(report,     REF,  SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL)               /* of case_no */ \
	F(owner,      REF,  SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL)               /* organisation of who set it */ \
	F(state,      ENUM, SYSTEM, BY_S, ALWAYS, 0, 0, &choices_hold_state, NULL) \
	F(set_by,     REF,  SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL)               /* persons, and their names then */ \
	F(set_name,   TEXT, SYSTEM, BY_S, ALWAYS, 0, 200, NULL, NULL) \
	F(asked_by,   REF,  SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL)               /* the first who lifts it */ \
	F(asked_name, TEXT, SYSTEM, BY_S, ALWAYS, 0, 200, NULL, NULL) \
	F(asked_at,   TIME, SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL) \
	F(asked_why,  LONG, SYSTEM, BY_S, ALWAYS, 0, 2000, NULL, NULL) \
	F(lifted_by,  REF,  SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL)               /* the second */ \
	F(lifted_name, TEXT, SYSTEM, BY_S, ALWAYS, 0, 200, NULL, NULL) \
	F(lifted_at,  TIME, SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL)
struct hold { ENTITY_HEAD; HOLD(FIELD_MEMBER) };

#define HOLD_REASON(F) F(reason, LONG, REQUIRED, BY_V, ALWAYS, 1, 2000, NULL, NULL)
struct hold_reason { HOLD_REASON(FIELD_MEMBER) };
extern const struct entity hold_reason;

/* What an erasure by hand is asked; without a time all that the retention lets go. */
#define ERASURE_INPUT(F) \
	F(before, TIME, 0,        BY_V, ALWAYS, 0, 0, NULL, NULL) \
	F(reason, LONG, REQUIRED, BY_V, ALWAYS, 1, 2000, NULL, NULL)
struct erasure_input { ERASURE_INPUT(FIELD_MEMBER) };
extern const struct entity erasure_input;

/* Its life: which verb leads from where to where, and who may. */
enum hold_verb { HOLD_LIFT, HOLD_CONFIRM, HOLD_KEEP, HOLD_VERB__MAX };
struct hold_step {
	const char *id;
	int from, to;                    /* HOLD_... */
	unsigned roles;
	bool second;                     /* another person than the one who asked */
	const char *label, *hint, *action;
};
extern const struct hold_step hold_life[HOLD_VERB__MAX];

#define HOLD_SETTERS ROLE_MANAGER
#define HOLD_LIFTERS (ROLE_MANAGER | ROLE_ADMINISTRATOR)
#define HOLD_READERS (HOLD_LIFTERS | ROLE_AUDITOR)

#endif
