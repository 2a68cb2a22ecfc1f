/* Who cosigns our log's checkpoints, and the logs of others whose checkpoints we cosign. */
#ifndef MODEL_WITNESS_H
#define MODEL_WITNESS_H

#include "model/entity.h"

extern const struct choices choices_witness_state;
enum { WITNESS_ACTIVE, WITNESS_ENDED };

#define WITNESS(F) \
	F(title, TEXT, REQUIRED, BY_V, ALWAYS, 1, 200, NULL, NULL)      /* what we call it */ \
	F(vkey,  TEXT, REQUIRED, BY_V, ALWAYS, 1, 600, NULL, NULL)      /* its public key, of kind 4 */ \
	F(url,   TEXT, REQUIRED, BY_V, ALWAYS, 1, 400, NULL, NULL)      /* where its add-checkpoint is */ \
	F(state, ENUM, SYSTEM,   BY_S, ALWAYS, 0,   0, &choices_witness_state, NULL)
struct witness { ENTITY_HEAD; WITNESS(FIELD_MEMBER) };

#define WITNESS_LOG(F) \
	F(title,  TEXT, REQUIRED, BY_V, ALWAYS, 1, 200, NULL, NULL) \
	F(keys,   LONG, REQUIRED, BY_V, ALWAYS, 1, 30000, NULL, NULL)   /* its key file: ledger/keys.h */ \
	F(origin, TEXT, SYSTEM,   BY_S, ALWAYS, 1, 255, NULL, NULL)     /* the name of its keys */ \
	F(state,  ENUM, SYSTEM,   BY_S, ALWAYS, 0,   0, &choices_witness_state, NULL)
struct witness_log { ENTITY_HEAD; WITNESS_LOG(FIELD_MEMBER) };

/* A newer key file of a log that we witness, and why. */
#define WITNESS_KEYS(F) \
	F(keys,   LONG, REQUIRED, BY_V, ALWAYS, 1, 30000, NULL, NULL) \
	F(reason, TEXT, REQUIRED, BY_V, ALWAYS, 1, 500, NULL, NULL)
struct witness_keys { WITNESS_KEYS(FIELD_MEMBER) };
extern const struct entity witness_keys;

#endif
