/*
 * The register of signing keys: which there are, since when and until when, what became of them. The private
 * halves lie with the signer (desk/signer.h). Whatever is done to a key is in the audit trail; what others
 * must know of it is a signed statement besides.
 *
 * The functions that take a store ask the signer, so they wait: in LANE_SLOW or a thread of one's own, never
 * inside a transaction. who is NULL at the terminal; address is where from, for the trail.
 */
#ifndef DESK_KEYS_H
#define DESK_KEYS_H

#include "ledger/note_write.h"
#include "model/principal.h"
#include "model/signing_key.h"
#include "store/store.h"

#define KEY_MANAGERS ROLE_ADMINISTRATOR
#define KEY_READERS (ROLE_ADMINISTRATOR | ROLE_AUDITOR)

/* What is asked of a person: why. And of the terminal: what it did with a backup (shared, tested, failed). */
#define KEY_REASON(F) F(reason, TEXT, REQUIRED, BY_V, ALWAYS, 1, 500, NULL, NULL)
#define KEY_ROTATION(F) \
	F(purpose, ENUM, 0,       BY_V, ALWAYS, 0,   0, &choices_key_purpose, NULL)      /* the log, if not given */ \
	F(reason, TEXT, REQUIRED, BY_V, ALWAYS, 1, 500, NULL, NULL)
#define KEY_COMPROMISE(F) \
	F(since,  TIME, 0,        BY_V, ALWAYS, 0,   0, NULL, NULL)      /* now, if not given */ \
	F(reason, TEXT, REQUIRED, BY_V, ALWAYS, 1, 500, NULL, NULL)
#define KEY_BACKUP(F) F(event, TEXT, REQUIRED, BY_V, ALWAYS, 1, 10, NULL, NULL)
struct key_reason { KEY_REASON(FIELD_MEMBER) };
struct key_rotation { KEY_ROTATION(FIELD_MEMBER) };
struct key_compromise { KEY_COMPROMISE(FIELD_MEMBER) };
struct key_backup { KEY_BACKUP(FIELD_MEMBER) };
extern const struct entity key_reason, key_rotation, key_compromise, key_backup;

/* Before threads. Without it: Ed25519, 730 days, 30 days of overlap. */
struct keys_rule {
	int64_t algorithm;               /* ALGORITHM_..., of keys made from now on */
	int64_t days, overlap_days;
};
void keys_configure(const struct keys_rule *rule);

/* All keys, the oldest first; in the arena of the transaction. */
struct keys {
	struct signing_key *list;
	int n;
};
bool keys_read_all(struct tx *tx, struct keys *ret_keys, struct err *err);
/* The public key as notes have it; its name points into k. */
bool keys_note(const struct signing_key *k, struct note_key *ret_key);
/* The key of this purpose that signs now: active and valid. NULL: none. */
const struct signing_key *keys_active(const struct keys *keys, int64_t purpose, int64_t now);

/* Makes the first keys of the log and of the witness, unless there are some. */
bool keys_first(struct store *st, struct arena *a, struct err *err);
/*
 * A new key. Of the log: the old one states it and signs beside it during the overlap; without one that is
 * valid the new key stands for itself. Of the witness: the old one, if it still signed, signs nothing any more, and
 * a key of the log states the new one. *ret_id: the new one. FAULT_STATE: another has just been made.
 */
bool keys_rotate(struct store *st, const struct principal *who, struct str address, struct arena *a,
    const struct key_rotation *in, int64_t *ret_id, struct err *err);
/*
 * Nothing counts that it signed from in->since on, or will; said in a statement by another valid key, else by
 * itself; the keeper forgets it. What it signed before stays valid. May be said once more of an earlier moment.
 * FAULT_NOT_FOUND, FAULT_STATE, FAULT_FIELDS (in the future, or before the key).
 */
bool keys_compromised(struct store *st, const struct principal *who, struct str address, struct arena *a, int64_t id,
    const struct key_compromise *in, struct err *err);
/* What a person sees who is about to say so: {id, key_id, not_before, compromised_from}. FAULT_NOT_FOUND. */
struct value *key_facts(struct tx *tx, int64_t id, struct err *err);
/* What time brings: the end of an overlap, warnings, statements that could not be signed when they were due. */
bool keys_tick(struct store *st, struct arena *a, struct err *err);
/* The backup of this key (by its id of eight hex digits) was made, or tried, well or not. FAULT_NOT_FOUND. */
bool keys_shared(struct tx *tx, struct str key_id, struct err *err);
bool keys_tested(struct tx *tx, struct str key_id, bool well, struct err *err);

/*
 * The log's keys first, the newest first:
 * {rows: [{id, key_id, purpose, algorithm, vkey, owner, not_before, not_after, state, days_left, warning, ...}],
 *  due: [{id, key_id, not_after, days_left, what}], witnesses: [as witness_show() has them, the active ones],
 *  may_manage}: due is the list of what somebody has to do.
 */
struct value *keys_list(struct tx *tx, const struct principal *who, struct err *err);
/* The file of public keys that a checker takes (ledger/keys.h): first keys, then statements. */
bool keys_public(struct tx *tx, struct buf *b, struct err *err);

#endif
