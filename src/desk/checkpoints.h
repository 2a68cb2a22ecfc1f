/*
 * Checkpoints of the log: made at an interval when there is something new, and at once when somebody asks.
 * A thread of web, the notary, does it; what it needs of the keys it asks the signer. On several nodes one leads
 * the notary, of those whose keeper has the key; the others ask it.
 */
#ifndef DESK_CHECKPOINTS_H
#define DESK_CHECKPOINTS_H

#include "model/principal.h"
#include "store/store.h"

struct kept_checkpoint {
	int64_t size, at;                /* size 0: there is none */
	struct str note;                 /* with the lines of witnesses */
};
/* The newest. */
bool checkpoint_last(struct tx *tx, struct kept_checkpoint *ret_checkpoint, struct err *err);
/*
 * The first that covers the record of this index (seq - 1), or the first of those that a witness has cosigned. None whose
 * only signatures are of a key that was known to others by then: whoever asks again gets one that counts.
 */
bool checkpoint_covering(struct tx *tx, int64_t index, struct kept_checkpoint *ret_checkpoint, struct err *err);
/* When the next one is due, if the log has records that none covers yet; else NO_TIME. */
bool checkpoint_due(struct tx *tx, int64_t *ret_due, struct err *err);

/*
 * Signs the log as it is, unless its newest checkpoint says so already. Asks the signer: it waits. Not inside
 * a transaction. FAULT_KEEPER also when no key is valid.
 */
bool checkpoint_make(struct store *st, struct arena *a, struct err *err);

/* ---- the notary ---- */

/* interval in microseconds. One a process. */
bool notary_start(struct store *st, int64_t interval, struct err *err);
void notary_stop(void);
/* Somebody waits for the next checkpoint: it need not wait for the interval. Returns at once. */
void checkpoint_soon(void);
/* The same, asked for on another node: whichever leads makes it. */
void checkpoint_asked(void);
/* How signing is: FAULT_NONE, or why it does not go on, in words (in the arena). */
enum fault notary_health(struct arena *a, struct str *ret_words);
/* Nobody can sign just now: when the next one comes is not known. */
bool checkpoint_waits(void);

/* {origin, size, at, note, waits, due, keys, history: [{size, at}], witnesses: [{name, at}]}. */
struct value *checkpoint_show(struct tx *tx, int64_t before, struct err *err);

#endif
