/*
 * Who is who: accounts, passwords, TOTP, sessions, API keys, one-time links. Secrets are never stored: passwords as Argon2id
 * (64 MiB), tokens and keys as HMAC-SHA-256 under the server's secret (dir/secret, 0600). Lookups are cached in memory and dropped by any change.
 */
#ifndef DESK_IDENTITY_H
#define DESK_IDENTITY_H

#include "model/organisation.h"
#include "model/principal.h"
#include "store/store.h"

/* Reads or (create) makes dir/secret; loads the password block list. Once, before threads. */
bool identity_load(const char *dir, bool create, struct err *err);

/*
 * The principal of a session cookie or API key: from memory when fresh, else from the database. Fault: FAULT_SESSION_ENDED, FAULT_CREDENTIALS (unknown,
 * revoked, account not active), FAULT_CONFLICT_ROLES (roles that must not meet, whatever granted them). Moves the session's idle end; writes that at most once a minute.
 */
bool identity_session(struct store *st, struct str token, int64_t now, struct arena *a, struct principal *ret_who, struct err *err);
bool identity_key(struct store *st, struct str token, int64_t now, struct arena *a, struct principal *ret_who, struct err *err);
/* Anything about accounts, sessions, keys, organisations or roles changed: forget what is cached (call after commit). */
void identity_forget(void);

/*
 * Signing in (SLOW lane: hashes). One answer and one duration for an unknown account, a wrong password and a suspended account.
 * Attempts are limited by account and by address with growing delays told in FAULT_RATE's detail (seconds); a right password never helps while limited.
 * TOTP asked for when the account has it: ret_needs_code true, no session yet, the same form again.
 */
struct sign_in {
	struct str login, password, code, address, user_agent;
};
bool identity_sign_in(struct store *st, struct arena *a, const struct sign_in *in, struct str *ret_token, bool *ret_needs_code, struct err *err);
bool identity_sign_out(struct tx *tx, const struct principal *who, struct err *err);

#define SESSION_IDLE (15 * MINUTE)       /* may be set shorter, never longer */
#define SESSION_LONGEST (12 * HOUR)
#define LINK_LIFE (30 * MINUTE)

#endif
