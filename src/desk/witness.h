/*
 * As a witness: checkpoints of other people's logs, whose keys an administrator has entered, are cosigned when
 * each goes on from the last that we saw (C2SP tlog-witness). What was seen is in the database before the signer
 * is asked; whatever does not go on from it is refused, kept with its signature, and in the trail.
 */
#ifndef DESK_WITNESS_H
#define DESK_WITNESS_H

#include "base/value.h"
#include "ledger/witness.h"
#include "model/principal.h"
#include "model/witness.h"
#include "store/store.h"

struct witness_said {
	struct str line;                 /* our cosignature; STR_NONE: the request does not begin where we are: */
	int64_t size;                    /* what we saw last */
};
/*
 * The answer to a request (ledger/witness.h). Asks the signer: it waits. address: who brings it.
 * FAULT_REQUEST: no such request, or it goes backwards; FAULT_NOT_FOUND: a log that we do not witness;
 * FAULT_WITNESS_SIGNED: not signed by a key of its that was valid then; FAULT_WITNESS_PROOF: the proof does not
 * lead there.
 */
bool witness_cosign(struct store *st, struct arena *a, struct str address, struct str body,
    struct witness_said *ret_said, struct err *err);

/* A log that is witnessed from now on. FAULT_FIELDS; origin comes from the keys. */
bool witness_log_create(struct tx *tx, const struct value *in, bool form, int64_t *ret_id, struct err *err);
/* Its keys are others now, of the same name. FAULT_NOT_FOUND, FAULT_STATE, FAULT_FIELDS. */
bool witness_log_keys(struct tx *tx, int64_t id, struct str keys, struct str reason, struct err *err);
/* What was seen of it stays: should it be witnessed again, it goes on from there. FAULT_NOT_FOUND, FAULT_STATE. */
bool witness_log_end(struct tx *tx, int64_t id, struct str reason, struct err *err);

/* Adds to v: logs [{id, title, origin, keys, state, seen_size, seen_at, refusals}], has_logs, vkey: ours. */
bool witness_log_show(struct tx *tx, struct value *v, struct err *err);

#endif
