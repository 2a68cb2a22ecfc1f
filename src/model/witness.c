#include "model/witness.h"

#include "model/choices.h"

static const struct choice witness_states[] = {
	CHOICE("witness_state", "active", WITNESS_ACTIVE),
	CHOICE("witness_state", "ended", WITNESS_ENDED),
};
CHOICES(witness_state, witness_states);

#define WITNESS_ROW(...) FIELD_ROW(witness, __VA_ARGS__)
static const struct field witness_fields[] = { WITNESS(WITNESS_ROW) };
const struct entity entity_witness = ENTITY(witness, witness_fields, true);

#define WITNESS_LOG_ROW(...) FIELD_ROW(witness_log, __VA_ARGS__)
static const struct field log_fields[] = { WITNESS_LOG(WITNESS_LOG_ROW) };
const struct entity entity_witness_log = ENTITY(witness_log, log_fields, true);

#define WITNESS_KEYS_ROW(...) FIELD_ROW(witness_keys, __VA_ARGS__)
static const struct field keys_fields[] = { WITNESS_KEYS(WITNESS_KEYS_ROW) };
const struct entity witness_keys = ENTITY(witness_keys, keys_fields, false);
