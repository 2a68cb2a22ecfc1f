#include "model/hold.h"

#include "model/choices.h"

static const struct choice hold_kinds[] = {
	CHOICE("hold_kind", "case", HOLD_CASE),
	CHOICE("hold_kind", "system", HOLD_SYSTEM),
	CHOICE("hold_kind", "organisation", HOLD_ORGANISATION),
	CHOICE("hold_kind", "period", HOLD_PERIOD),
};
static const struct choice hold_states[] = {
	CHOICE("hold_state", "standing", HOLD_STANDING),
	CHOICE("hold_state", "lifting", HOLD_LIFTING),
	CHOICE("hold_state", "lifted", HOLD_LIFTED),
};
CHOICES(hold_kind, hold_kinds);
CHOICES(hold_state, hold_states);

const struct condition
    hold_of_case = { "kind", 1 << HOLD_CASE, 0 },
    hold_of_system = { "kind", 1 << HOLD_SYSTEM, 0 },
    hold_of_organisation = { "kind", 1 << HOLD_ORGANISATION | 1 << HOLD_SYSTEM, 1 << HOLD_SYSTEM },
    hold_of_period = { "kind", 1 << HOLD_PERIOD | 1 << HOLD_SYSTEM, 1 << HOLD_SYSTEM };

#define HOLD_ROW(...) FIELD_ROW(hold, __VA_ARGS__)
static const struct field hold_fields[] = { HOLD(HOLD_ROW) };
const struct entity entity_hold = ENTITY(hold, hold_fields, true);

#define HOLD_REASON_ROW(...) FIELD_ROW(hold_reason, __VA_ARGS__)
static const struct field reason_fields[] = { HOLD_REASON(HOLD_REASON_ROW) };
const struct entity hold_reason = ENTITY(hold_reason, reason_fields, false);

#define ERASURE_INPUT_ROW(...) FIELD_ROW(erasure_input, __VA_ARGS__)
static const struct field erasure_fields[] = { ERASURE_INPUT(ERASURE_INPUT_ROW) };
const struct entity erasure_input = ENTITY(erasure_input, erasure_fields, false);

const struct hold_step hold_life[HOLD_VERB__MAX] = {
	[HOLD_LIFT] = { "lift", HOLD_STANDING, HOLD_LIFTING, HOLD_LIFTERS, false,
	    "hold.verb.lift", "hold.verb.lift.hint", "hold.lift" },
	[HOLD_CONFIRM] = { "confirm", HOLD_LIFTING, HOLD_LIFTED, HOLD_LIFTERS, true,
	    "hold.verb.confirm", "hold.verb.confirm.hint", "hold.confirm" },
	[HOLD_KEEP] = { "keep", HOLD_LIFTING, HOLD_STANDING, HOLD_LIFTERS, false,
	    "hold.verb.keep", "hold.verb.keep.hint", "hold.keep" },
};
