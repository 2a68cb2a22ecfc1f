/*
 * A duty: one clock of one regime running for one report. Its anchor never moves; its due time changes only by an extension
 * that was granted or by a level that changed. "Overdue" is a fact the system records when it becomes true.
 */
#ifndef MODEL_DUTY_H
#define MODEL_DUTY_H

#include "model/report.h"
#include "model/rules.h"

enum duty_state { DUTY_OPEN, DUTY_MET, DUTY_CANCELLED };         /* whether late is another column */
extern const struct choices choices_duty_state, choices_holder, choices_event;

#define DUTY(F) \
	F(report_id,   REF,  SYSTEM, BY_S, ONCE, 0, 0, NULL, NULL) \
	F(org_id,      REF,  SYSTEM, BY_S, ONCE, 0, 0, NULL, NULL)          /* the report's: scope */ \
	F(cert_id,     REF,  SYSTEM, BY_S, ONCE, 0, 0, NULL, NULL)          /* the report's: scope */ \
	F(regime_version, TEXT, SYSTEM, BY_S, ONCE, 1, 40, NULL, NULL) \
	F(clock,       TEXT, SYSTEM, BY_S, ONCE, 1, 40, NULL, NULL)         /* clock_rule.id */ \
	F(holder,      ENUM, SYSTEM, BY_S, ONCE, 0, 0, &choices_holder, NULL) \
	F(anchor,      ENUM, SYSTEM, BY_S, ONCE, 0, 0, &choices_event, NULL) \
	F(anchor_at,   TIME, SYSTEM, BY_S, ONCE, 0, 0, NULL, NULL) \
	F(level,       LEVEL, SYSTEM, BY_S, ALWAYS, 0, 4, NULL, NULL)       /* under which due_at was computed */ \
	F(due_at,      TIME, SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL) \
	F(state,       ENUM, SYSTEM, BY_S, ALWAYS, 0, 0, &choices_duty_state, NULL) \
	F(done_at,     TIME, SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL)        /* the moment that counts, not that of typing */ \
	F(overdue,     BOOL, SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL)        /* marked by the system; stays when met late */ \
	F(overdue_at,  TIME, SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL)        /* when it was marked */ \
	F(note,        LONG, 0,      BY_P|BY_V, ALWAYS, 1, 5000, NULL, NULL) \
	F(extend_until, TIME, SYSTEM, BY_P, ALWAYS, 0, 0, NULL, NULL)       /* asked for */ \
	F(extend_reason, LONG, SYSTEM, BY_P, ALWAYS, 1, 2000, NULL, NULL) \
	F(category,    ENUM, SYSTEM, BY_S, ALWAYS, 0, 0, &choices_category, NULL) /* the report's: the board filters by it */
struct duty { ENTITY_HEAD; DUTY(FIELD_MEMBER) };

/* Late: not done and past due, or done after due. A duty is not late at the very microsecond it is due. */
bool duty_late(const struct duty *d, int64_t now);

#endif
