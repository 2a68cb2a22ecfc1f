#include "desk/idempotency.h"

#include "base/hash.h"

#define DROPPED_AT_ONCE 20

static struct str
hash_of(struct tx *tx, struct str body)
{
	struct sha256 *hash = arena_make(tx_arena(tx), struct sha256);

	*hash = sha256(body.p ? body : STR(""));
	return (struct str){ (const char *)hash->b, sizeof(hash->b) };
}

bool
idempotency_find(struct tx *tx, const struct principal *who, struct str key, struct str body, bool *ret_found,
    struct kept_answer *ret_answer, struct err *err)
{
	struct rows q = db_query(tx, S_IDEMPOTENCY_FIND, I(who->account), T(key),
	    I(tx_now(tx) - IDEMPOTENCY_KEPT));
	bool same = true;

	*ret_found = db_next(&q);
	if (*ret_found) {
		same = str_eq(db_str(&q, 0), hash_of(tx, body));
		ret_answer->status = db_int(&q, 1);
		ret_answer->body = db_str(&q, 2);
	}
	return db_end(&q, err) && (same || err_set(err, FAULT_IDEMPOTENCY));
}

bool
idempotency_keep(struct tx *tx, const struct principal *who, struct str key, struct str body,
    const struct kept_answer *answer, struct err *err)
{
	int64_t now = tx_now(tx);

	return db_run(tx, S_IDEMPOTENCY_DROP, err, I(now - IDEMPOTENCY_KEPT), I(DROPPED_AT_ONCE)) &&
	    db_run(tx, S_IDEMPOTENCY_KEEP, err, I(who->account), T(key), B(hash_of(tx, body)),
	    I(answer->status), T(answer->body), I(now));
}
