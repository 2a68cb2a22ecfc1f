#include "model/duty.h"

#include "model/choices.h"

static const struct choice duty_states[] = {
	CHOICE("duty_state", "open", DUTY_OPEN),
	CHOICE("duty_state", "met", DUTY_MET),
	CHOICE("duty_state", "cancelled", DUTY_CANCELLED),
};
static const struct choice holders[] = {
	CHOICE("holder", "provider", HOLDER_PROVIDER),
	CHOICE("holder", "cert", HOLDER_CERT),
};
static const struct choice events[] = {
#define EVENT_CHOICE(constant, id, code) CHOICE("event", id, code),
	EVENTS(EVENT_CHOICE)
#undef EVENT_CHOICE
};
CHOICES(duty_state, duty_states);
CHOICES(holder, holders);
CHOICES(event, events);

#define DUTY_ROW(...) FIELD_ROW(duty, __VA_ARGS__)
static const struct field duty_fields[] = { DUTY(DUTY_ROW) };
const struct entity entity_duty = ENTITY(duty, duty_fields, true);

bool
duty_late(const struct duty *d, int64_t now)
{
	if (d->due_at == NO_TIME || d->state == DUTY_CANCELLED)
		return false;
	return (d->state == DUTY_MET ? d->done_at : now) > d->due_at;
}
