#include "model/signing_key.h"

#include "model/choices.h"

static const struct choice key_purposes[] = {
	CHOICE("key_purpose", "log", PURPOSE_LOG),
	CHOICE("key_purpose", "witness", PURPOSE_WITNESS),
};
static const struct choice key_algorithms[] = {
	CHOICE("key_algorithm", "ed25519", ALGORITHM_ED25519),
	CHOICE("key_algorithm", "p256", ALGORITHM_P256),
};
static const struct choice key_states[] = {
	CHOICE("key_state", "active", KEY_ACTIVE),
	CHOICE("key_state", "rotating", KEY_ROTATING),
	CHOICE("key_state", "retired", KEY_RETIRED),
	CHOICE("key_state", "compromised", KEY_COMPROMISED),
};
CHOICES(key_purpose, key_purposes);
CHOICES(key_algorithm, key_algorithms);
CHOICES(key_state, key_states);

#define SIGNING_KEY_ROW(...) FIELD_ROW(signing_key, __VA_ARGS__)
static const struct field signing_key_fields[] = { SIGNING_KEY(SIGNING_KEY_ROW) };
const struct entity entity_signing_key = ENTITY(signing_key, signing_key_fields, true);

bool
signing_key_valid(const struct signing_key *k, int64_t t)
{
	return (k->state == KEY_ACTIVE || k->state == KEY_ROTATING) && t >= k->not_before && t < k->not_after;
}

int
signing_key_warning(const struct signing_key *k, int64_t now)
{
	static const int days[] = { 0, 7, 30, 90 };

	for (int i = 0; i < 4; i++)
		if (now >= k->not_after - days[i] * DAY)
			return days[i];
	return -1;
}
