/*
 * Who is who: accounts, passwords, TOTP, sessions, API keys, one-time links. Secrets are never stored:
 * passwords as Argon2id (64 MiB), tokens and keys as HMAC-SHA-256 under the server's secret (dir/secret,
 * 0600). Lookups are cached in memory and dropped by any change. Making and managing accounts:
 * desk/account.h.
 */
#ifndef DESK_IDENTITY_H
#define DESK_IDENTITY_H

#include "model/organisation.h"
#include "model/principal.h"
#include "store/store.h"

#define SESSION_IDLE (15 * MINUTE)       /* may be set shorter, never longer */
#define SESSION_LONGEST (12 * HOUR)
#define LINK_LIFE (30 * MINUTE)

/*
 * Reads or (create) makes dir/secret; loads the password block list and the default zone. Once, before
 * threads.
 */
bool identity_load(const char *dir, bool create, struct err *err);
/*
 * Idle time after which a session ends (at most SESSION_IDLE) and the zone of everybody's pages; without it
 * SESSION_IDLE and Asia/Taipei. Before threads.
 */
void identity_configure(int64_t idle, const struct zone *zone);

/*
 * The principal of a session cookie or API key: from memory when fresh, else from the database. Fault:
 * FAULT_SESSION_ENDED, FAULT_CREDENTIALS (unknown, revoked, account not active), FAULT_CONFLICT_ROLES (roles
 * that must not meet, whatever granted them). Moves the session's idle end; writes that at most once a
 * minute.
 */
bool identity_session(struct store *st, struct str token, int64_t now, struct arena *a,
    struct principal *ret_who, struct err *err);
bool identity_key(struct store *st, struct str token, int64_t now, struct arena *a, struct principal *ret_who,
    struct err *err);
/*
 * Anything about accounts, sessions, keys, organisations or roles changed: forget what is cached (call after
 * commit).
 */
void identity_forget(void);
/*
 * The same inside a write: forgets when it is on disk, here and on the other nodes. Whoever changes an organisation or a sector calls it.
 */
void identity_changed(struct tx *tx);
/*
 * Ends sessions that ran out and drops what is spent (links, attempts, old sessions), some hundreds at a
 * time. *ret_more: call again.
 */
bool identity_sweep(struct tx *tx, bool *ret_more, struct err *err);
/* For the ticker, as often as it likes: sweeps every few minutes. One thread only. */
void identity_tick(struct store *st);

/*
 * The first secret with which a database is opened is its own: from then on FAULT_CREDENTIALS for any other. All nodes
 * have the same.
 */
bool identity_fits(struct store *st, struct err *err);

/* A text that only this server can read, for the one record that it is bound to; and back. False: not sealed here, or for another. */
struct str identity_seal(struct arena *a, struct str secret, int64_t record);
bool identity_unseal(struct arena *a, struct str sealed, int64_t record, struct str *ret_secret);
/*
 * The terminal of this machine: whoever can read the server's secret can make such a token, good for a minute, and asks
 * the running server what a command cannot do beside it. It has ROLE_TERMINAL and no account.
 */
struct str identity_terminal_token(struct arena *a);
bool identity_is_terminal(struct str token);
bool identity_terminal(struct str token, int64_t now, struct arena *a, struct principal *ret_who, struct err *err);

/* Sets the actor of a transaction from the person; address is where he came from. */
void identity_act(struct tx *tx, const struct principal *who, struct str address);

/*
 * Signing in (SLOW lane: hashes). One answer and one duration for an unknown account, a wrong password and a
 * suspended account. Attempts are limited by account and by address with growing delays told in FAULT_RATE's
 * detail (seconds); a right password never helps while limited. TOTP asked for when the account has it:
 * ret_needs_code true and no session yet: ret_token is then a ticket that stands for the password for some
 * minutes; the next form brings it with the code (or a recovery code).
 */
#define SIGN_IN(F) \
	F(login,    TEXT, REQUIRED, BY_P, ALWAYS, 1, 64, NULL, NULL) \
	F(password, TEXT, SECRET,   BY_P, ALWAYS, 1, 1000, NULL, NULL) \
	F(code,     TEXT, SECRET,   BY_P, ALWAYS, 1, 20, NULL, NULL) \
	F(ticket,   TEXT, 0,        BY_P, ALWAYS, 1, 200, NULL, NULL)
struct sign_in {
	SIGN_IN(FIELD_MEMBER);
	struct str address, user_agent;
};
extern const struct entity in_sign_in;              /* what a form or a program sends */
bool identity_sign_in(struct store *st, struct arena *a, const struct sign_in *in, struct str *ret_token,
    bool *ret_needs_code, struct err *err);
bool identity_sign_out(struct tx *tx, const struct principal *who, struct err *err);
/* Overwrites a secret that lies in an arena, when it has done its work. */
void identity_wipe(struct str secret);

/*
 * A refusal worth a place in the trail (rights, failed sign-ins), what: static text or NULL; returns at once.
 * A flood of them leaves a few records and a count, not a full disk.
 */
void identity_refused(struct store *st, const struct principal *who, struct str address, const char *action,
    const char *what, enum fault f);

/* ---- what a person does with his own account ---- */

/*
 * {account, login, name, roles: [ids], organisation: {id, name}, language, roc_year, scope, session_ends,
 * totp, recovery_codes_left, ...}
 */
struct value *identity_me(struct tx *tx, const struct principal *who, struct err *err);
/* How he wants to read. */
#define OWN_FACE(F) \
	F(language, ENUM, 0, BY_P, ALWAYS, 0, 0, &choices_lang, NULL) \
	F(roc_year, BOOL, 0, BY_P, ALWAYS, 0, 0, NULL, NULL)
struct own_face { OWN_FACE(FIELD_MEMBER) };
extern const struct entity in_own_face;
bool identity_set_face(struct tx *tx, const struct principal *who, const struct value *in, bool form,
    struct err *err);

/* {rows: [{id, started_at, seen_at, ends_at, address, user_agent, current}]}: the sessions that are open. */
struct value *session_list(struct tx *tx, const struct principal *who, struct err *err);
/* one's own; FAULT_NOT_FOUND */
bool session_end(struct tx *tx, const struct principal *who, int64_t session, struct err *err);
bool session_end_others(struct tx *tx, const struct principal *who, struct err *err);

/*
 * A new password (SLOW lane). The present one is asked for, under the same limits as signing in. Ends every
 * session of the account; *ret_token is a new one for the person who did it (STR_NONE: it was done by a key).
 * Faults by field: "password" the present one, "new_password".
 */
#define PASSWORD_CHANGE(F) \
	F(password,     TEXT, REQUIRED|SECRET, BY_P, ALWAYS, 1, 1000, NULL, NULL)  /* the present one */ \
	F(new_password, TEXT, REQUIRED|SECRET, BY_P, ALWAYS, 12, 128, NULL, NULL) \
	F(again,        TEXT, SECRET, BY_P, ALWAYS, 12, 128, NULL, NULL)           /* if given, the same */
struct password_change {
	PASSWORD_CHANGE(FIELD_MEMBER);
	struct str address, user_agent;
};
extern const struct entity in_password_change;
bool password_change(struct store *st, struct arena *a, const struct principal *who,
    const struct password_change *in, struct str *ret_token, struct err *err);

/*
 * TOTP. Offering makes a secret and keeps nothing: sealed comes back with the first code. Enabling and
 * disabling ask for the password (SLOW lane). {secret (base32 in groups), uri (otpauth:), sealed, qr: {size,
 * path}}
 */
struct value *totp_offer(struct arena *a, const struct principal *who, struct str login);
/* The same offer once more, from what it sealed; NULL when that is no longer good. */
struct value *totp_offer_again(struct arena *a, const struct principal *who, struct str login,
    struct str sealed);
#define TOTP_CHANGE(F) \
	F(sealed,   TEXT, SECRET, BY_P, ALWAYS, 1, 200, NULL, NULL) \
	F(code,     TEXT, SECRET, BY_P, ALWAYS, 1, 20, NULL, NULL) \
	F(password, TEXT, REQUIRED|SECRET, BY_P, ALWAYS, 1, 1000, NULL, NULL)
struct totp_change {
	TOTP_CHANGE(FIELD_MEMBER);
	struct str address;
};
extern const struct entity in_totp_change;
bool totp_enable(struct store *st, struct arena *a, const struct principal *who, const struct totp_change *in,
    struct value **ret_codes, struct err *err);
bool totp_disable(struct store *st, struct arena *a, const struct principal *who,
    const struct totp_change *in, struct err *err);

/*
 * API keys: {rows: [{id, name, hint, created_at, expires_at, used_at, made_by}]}, those that are not revoked.
 */
struct value *key_list(struct tx *tx, const struct principal *who, int64_t account, struct err *err);
/*
 * Own account, or by the administrator for one that nobody signs in to with a password. in: {name, days}.
 * *ret_token is shown once.
 */
bool key_create(struct tx *tx, const struct principal *who, int64_t account, const struct value *in,
    bool form, struct str *ret_token, int64_t *ret_id, struct err *err);
bool key_revoke(struct tx *tx, const struct principal *who, int64_t key, struct err *err);
extern const struct entity new_key;

#endif
