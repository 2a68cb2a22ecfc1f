/* What the files about identity share among themselves. Nothing else includes this. */
#ifndef DESK_IDENTITY_PRIVATE_H
#define DESK_IDENTITY_PRIVATE_H

#include "base/hash.h"
#include "desk/account.h"
#include "desk/identity.h"

/* ---- identity.c: the server's secret and what is made with it ---- */

/* Each purpose has its own key, so a value of one is never valid for another. */
enum purpose { FOR_SESSION, FOR_KEY, FOR_LINK, FOR_RECOVERY, FOR_ATTEMPT, FOR_CSRF, FOR_TICKET, FOR_SEALING,
    FOR_CALENDAR, FOR_TERMINAL, FOR_CHECK, PURPOSE__MAX };
/* 64 hex digits: what is stored instead of a token */
struct str keyed(struct arena *a, enum purpose p, struct str text);
/* A text that only this server can read, bound to an account (XChaCha20-Poly1305, base64url). */
struct str seal(struct arena *a, struct str secret, int64_t account);
bool unseal(struct arena *a, struct str sealed, int64_t account, struct str *ret_secret);
int64_t session_idle(void);
const struct zone *people_zone(void);

/* ---- principal.c ---- */

/*
 * The principal of an account as the database has it. Faults: FAULT_CREDENTIALS (none, or not active),
 * FAULT_CONFLICT_ROLES.
 */
bool principal_load(struct tx *tx, int64_t account, struct principal *ret_who, struct err *err);
/* Empties the memory of principals, their last uses too: as a restart does. */
void principal_drop_all(void);
/* The two roles that must not meet, in words, as a fault. */
bool roles_refused(enum role a, enum role b, enum lang lang, struct err *err);

/* ---- attempt.c: how often somebody may try ---- */

/*
 * One try: the account it is for (as typed; nobody knows yet whether there is one) and where it comes from.
 */
struct attempt {
	struct str by_account, by_address;       /* subjects: keyed digests */
};
/*
 * account: 0 when there is none of that login. From a place where the account's person has been lately, a
 * stranger's tries do not count.
 */
bool attempt_begin(struct tx *tx, struct str login, int64_t account, struct str address,
    struct attempt *ret_attempt, struct err *err);
/* Fault: FAULT_RATE with the seconds to wait in its detail. */
bool attempt_allowed(struct tx *tx, const struct attempt *t, struct err *err);
bool attempt_failed(struct tx *tx, const struct attempt *t, struct err *err);
bool attempt_succeeded(struct tx *tx, const struct attempt *t, struct err *err);
bool attempt_sweep(struct tx *tx, struct err *err);
/* The network of an address: itself, or the /64 of an IPv6 one. */
struct str place_of_address(struct arena *a, struct str address);
/* Whether one more refusal may go into the trail now; *ret_left_out: how many did not since the last. */
bool refusal_counted(int64_t now, int64_t *ret_left_out);

/* ---- password.c ---- */

/* Argon2id string of a password; FAULT_BUSY without memory. */
bool identity_hash(struct arena *a, struct str password, struct str *ret_hash, struct err *err);
/* True when the password is that of the hash; the same work for any hash. Fault: FAULT_BUSY. */
bool password_right(struct str hash, struct str password, bool *ret_right, struct err *err);
/* The hash of no password, for an account that is none. */
struct str password_nobody(void);
/* What a password must not hold, and who asks. */
struct password_owner {
	struct str login, name, org_zh, org_en;
};
bool password_owner_of(struct tx *tx, const struct account *account, struct password_owner *ret_owner,
    struct err *err);
/* Length, block list, the owner's names. Faults by field "new_password" and "again". */
bool password_check(const struct password_change *in, const struct password_owner *owner, enum lang lang,
    struct err *err);
/* Not one of the account's last ones. Hashes: SLOW lane. */
bool password_fresh(struct store *st, struct arena *a, int64_t account, struct str password, enum lang lang,
    struct err *err);
/* Into the account's row and its history. */
bool password_store(struct tx *tx, struct account *account, struct str hash, const char *action,
    struct err *err);
/*
 * A first try at the present password, with the limits of signing in; a failure is recorded. *ret_account as
 * it was. Field: "password".
 */
bool password_ask(struct store *st, struct arena *a, const struct principal *who, struct str password,
    struct str address, struct account *ret_account, struct err *err);

/* ---- totp.c ---- */

#define TOTP_NO_STEP 0
/* The time step of a right code; TOTP_NO_STEP when it is wrong or was used. */
int64_t totp_step_of(const struct account *account, struct str code, struct arena *a);
/* A recovery code as typed, spelled as it is hashed. STR_NONE: it cannot be one. */
struct str recovery_spelled(struct arena *a, struct str code);
struct str recovery_hash(struct arena *a, int64_t account, struct str spelled);
/* fields and recovery codes; the caller writes the row */
bool totp_clear(struct tx *tx, struct account *account, struct err *err);

/* ---- session.c ---- */

struct session_start {
	int64_t id, account, org;
	struct str token, address, user_agent;
	const char *with;                        /* "password", "totp", "recovery" */
};
/* A fresh token and id; made outside the transaction, which may run twice. */
void session_prepare(struct arena *a, struct session_start *s);
bool session_insert(struct tx *tx, const struct session_start *s, struct err *err);
/* Ends the sessions of an account but the one named (0: all), each with its record. */
bool session_end_all(struct tx *tx, int64_t account, int64_t but, const char *why, struct err *err);

/* ---- key.c, link.c ---- */

bool key_insert(struct tx *tx, int64_t account, int64_t org, struct str name, struct str token,
    int64_t expires, int64_t *ret_id, struct err *err);
bool key_revoke_all(struct tx *tx, int64_t account, const char *why, struct err *err);
/* those that others made */
bool key_revoke_foreign(struct tx *tx, int64_t account, const char *why, struct err *err);
/* A fresh link for an account (0 for LINK_SETUP); those before it that were not used no longer work. */
bool link_make(struct tx *tx, struct arena *a, enum link_kind kind, int64_t account, int64_t org,
    bool drop_totp, struct account_made *ret_made, struct err *err);

/* ---- account.c ---- */

struct str login_spelled(struct arena *a, struct str typed);     /* trimmed, ASCII letters small */
bool login_ok(struct str login, struct err *err);               /* small letters, digits, . _ - @ */
/* The row as it is in this transaction; FAULT_VERSION when it is not the one that was seen before. */
bool account_again(struct tx *tx, const struct account *seen, struct account *ret_account, struct err *err);
/* Someone else's is FAULT_F_TAKEN on the field "login". */
bool login_free(struct tx *tx, struct str login, struct err *err);
/* Fails with FAULT_STATE when this account is the last active administrator. */
bool administrator_remains(struct tx *tx, const struct account *without, struct err *err);
/* Writes the account's row as it stands in the struct. */
bool account_update(struct tx *tx, struct account *account, const char *action, struct err *err);
/* A record of the trail about an account, without a change of its row. */
bool account_note(struct tx *tx, const char *action, int64_t account, int64_t org, const struct value *facts,
    struct err *err);
/* Person and account as given; the person lives in the account's organisation. */
bool account_insert(struct tx *tx, struct person *person, struct account *account, const char *action,
    struct err *err);
/* "actions": what this person may do with the account now. account_life.c */
void account_actions(const struct principal *who, const struct account *account, struct value *v,
    struct arena *a);
bool account_suspend(struct tx *tx, struct account *account, struct str reason, struct err *err);
/* The account ends: state, sessions, keys. */
bool account_close(struct tx *tx, struct account *account, struct str reason, struct err *err);

#endif
