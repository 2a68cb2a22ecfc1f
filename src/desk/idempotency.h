/*
 * A creation that is asked for twice with the same key is done once: the second gets the answer of the first.
 * Kept for a day, in the transaction that creates.
 */
#ifndef DESK_IDEMPOTENCY_H
#define DESK_IDEMPOTENCY_H

#include "model/principal.h"
#include "store/store.h"

#define IDEMPOTENCY_KEPT DAY
#define IDEMPOTENCY_KEY_MOST 200         /* bytes */

struct kept_answer {
	int64_t status;
	struct str body;                 /* JSON, as it was answered */
};

/*
 * True and *ret_found: this person used the key before. With another body that is FAULT_IDEMPOTENCY. body: as
 * it came.
 */
bool idempotency_find(struct tx *tx, const struct principal *who, struct str key, struct str body,
    bool *ret_found, struct kept_answer *ret_answer, struct err *err);
/* In the same transaction as what was created; drops some that are too old. */
bool idempotency_keep(struct tx *tx, const struct principal *who, struct str key, struct str body,
    const struct kept_answer *answer, struct err *err);

#endif
