/* The keys that sign the log and other people's checkpoints: their public half, and what became of them. */
#ifndef MODEL_SIGNING_KEY_H
#define MODEL_SIGNING_KEY_H

#include "model/entity.h"

extern const struct choices choices_key_purpose, choices_key_algorithm, choices_key_state;

enum { PURPOSE_LOG, PURPOSE_WITNESS };
enum { ALGORITHM_ED25519, ALGORITHM_P256 };
/* Rotating: it still signs beside its successor, for those who know only the old one. */
enum { KEY_ACTIVE, KEY_ROTATING, KEY_RETIRED, KEY_COMPROMISED };

#define SIGNING_KEY(F) \
	F(name,       TEXT, SYSTEM, BY_S, ONCE,   1, 255, NULL, NULL)    /* of the log */ \
	F(key_id,     TEXT, SYSTEM, BY_S, ONCE,   8,   8, NULL, NULL) \
	F(purpose,    ENUM, SYSTEM, BY_S, ONCE,   0,   0, &choices_key_purpose, NULL) \
	F(algorithm,  ENUM, SYSTEM, BY_S, ONCE,   0,   0, &choices_key_algorithm, NULL) \
	F(vkey,       TEXT, SYSTEM, BY_S, ONCE,   1, 600, NULL, NULL)    /* the public key */ \
	F(owner,      REF,  SYSTEM, BY_S, ALWAYS, 0,   0, NULL, NULL)    /* account; none: the administrators */ \
	F(not_before, TIME, SYSTEM, BY_S, ONCE,   0,   0, NULL, NULL) \
	F(not_after,  TIME, SYSTEM, BY_S, ALWAYS, 0,   0, NULL, NULL)    /* a moment at which it is no longer valid */ \
	F(state,      ENUM, SYSTEM, BY_S, ALWAYS, 0,   0, &choices_key_state, NULL) \
	F(follows,    REF,  SYSTEM, BY_S, ONCE,   0,   0, NULL, NULL)    /* the key that stated this one */ \
	F(compromised_from, TIME, SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL) \
	F(compromised_size, INT,  SYSTEM, BY_S, ALWAYS, 0, INT64_MAX, NULL, NULL)  /* of the newest checkpoint before */ \
	F(ended_at,   TIME, SYSTEM, BY_S, ALWAYS, 0,   0, NULL, NULL) \
	F(warned,     INT,  SYSTEM, BY_S, ALWAYS, 0,  90, NULL, NULL)    /* days before its end, of the last warning */ \
	F(shared_at,  TIME, SYSTEM, BY_S, ALWAYS, 0,   0, NULL, NULL)    /* its backup in shares was made */ \
	F(tested_at,  TIME, SYSTEM, BY_S, ALWAYS, 0,   0, NULL, NULL)    /* and tried */ \
	F(tested_well, BOOL, SYSTEM, BY_S, ALWAYS, 0,  0, NULL, NULL) \
	F(reason,     TEXT, SYSTEM, BY_S, ALWAYS, 1, 500, NULL, NULL)
struct signing_key { ENTITY_HEAD; SIGNING_KEY(FIELD_MEMBER) };

/* It may sign at t, and what it signs at t counts. */
bool signing_key_valid(const struct signing_key *k, int64_t t);
/* The least of 90, 30, 7 and 0 days that are not yet over when this key ends, -1: it has longer. */
int signing_key_warning(const struct signing_key *k, int64_t now);

#endif
