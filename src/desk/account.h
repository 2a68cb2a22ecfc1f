/*
 * Making and managing accounts: applying, approving, roles, suspension, hand-over; one-time links; the first
 * administrator. Life: applied -> active | rejected; active <-> suspended; -> removed. Nobody acts on his own
 * account, and the last administrator stays. Sources: guide 3.1.2.2, Annex 6 no. 1 and 4; incident-form
 * section 7.
 */
#ifndef DESK_ACCOUNT_H
#define DESK_ACCOUNT_H

#include "desk/identity.h"

#define ACCOUNT_VERBS(V) \
	V(ACCOUNT_APPROVE, "approve") V(ACCOUNT_REJECT, "reject") V(ACCOUNT_SUSPEND, "suspend") \
	V(ACCOUNT_RESUME, "resume") V(ACCOUNT_REMOVE, "remove") \
	V(ACCOUNT_ROLES, "roles")                /* gives and takes roles */ \
	V(ACCOUNT_INVITE, "invite")              /* a new one-time link to set the password */ \
	V(ACCOUNT_HANDOVER, "handover")          /* a successor takes over */
#define ACCOUNT_VERB_CONSTANT(c, id) c,
enum account_verb { ACCOUNT_VERBS(ACCOUNT_VERB_CONSTANT) ACCOUNT_VERB__MAX };
#undef ACCOUNT_VERB_CONSTANT

struct account_verb_row {
	enum account_verb verb;
	const char *id, *label, *hint;           /* label and hint: message ids */
	unsigned from;                           /* set of 1 << ACCOUNT_... states */
	unsigned roles;
	const struct entity *input;
};
extern const struct account_verb_row account_verbs[ACCOUNT_VERB__MAX];
bool account_verb_parse(struct str id, enum account_verb *ret_verb);

/* ---- inputs ---- */
#define NEW_ACCOUNT(F) \
	F(login, TEXT,  REQUIRED, BY_V, ALWAYS, 2, 64, NULL, NULL) \
	F(name,  TEXT,  REQUIRED|PERSONAL, BY_V, ALWAYS, 1, 100, NULL, NULL) \
	F(title, TEXT,  0, BY_V, ALWAYS, 1, 100, NULL, NULL) \
	F(email, EMAIL, REQUIRED|PERSONAL, BY_V, ALWAYS, 3, 254, NULL, NULL) \
	F(phone, PHONE, PERSONAL, BY_V, ALWAYS, 3, 40, NULL, NULL) \
	F(fax,   PHONE, PERSONAL, BY_V, ALWAYS, 3, 40, NULL, NULL) \
	F(org,   REF,   0, BY_V, ALWAYS, 0, 0, NULL, NULL)              /* one's own, if not given */ \
	F(roles, MULTI, REQUIRED, BY_V, ALWAYS, 0, 0, &choices_role, NULL) \
	F(service, BOOL, 0, BY_V, ALWAYS, 0, 0, NULL, NULL)             /* a program: only keys */
struct new_account { NEW_ACCOUNT(FIELD_MEMBER) };
#define ACCOUNT_REASON(F) F(reason, TEXT, REQUIRED, BY_V, ALWAYS, 1, 500, NULL, NULL)
struct account_reason { ACCOUNT_REASON(FIELD_MEMBER) };
#define ACCOUNT_ROLE_SET(F) \
	F(roles,  MULTI, REQUIRED, BY_V, ALWAYS, 0, 0, &choices_role, NULL) \
	F(reason, TEXT, 0, BY_V, ALWAYS, 1, 500, NULL, NULL)
struct account_role_set { ACCOUNT_ROLE_SET(FIELD_MEMBER) };
/* drop_totp: the second factor is lost too */
#define ACCOUNT_LINK(F) F(drop_totp, BOOL, 0, BY_V, ALWAYS, 0, 0, NULL, NULL)
struct account_link { ACCOUNT_LINK(FIELD_MEMBER) };
#define ACCOUNT_SUCCESSION(F) \
	F(login, TEXT,  REQUIRED, BY_V, ALWAYS, 2, 64, NULL, NULL) \
	F(name,  TEXT,  REQUIRED|PERSONAL, BY_V, ALWAYS, 1, 100, NULL, NULL) \
	F(title, TEXT,  0, BY_V, ALWAYS, 1, 100, NULL, NULL) \
	F(email, EMAIL, REQUIRED|PERSONAL, BY_V, ALWAYS, 3, 254, NULL, NULL) \
	F(phone, PHONE, PERSONAL, BY_V, ALWAYS, 3, 40, NULL, NULL) \
	F(close_now, BOOL, 0, BY_V, ALWAYS, 0, 0, NULL, NULL)           /* else when the successor comes in */
struct account_succession { ACCOUNT_SUCCESSION(FIELD_MEMBER) };
#define FIRST_ACCOUNT(F) \
	F(org_zh, TEXT, REQUIRED, BY_V, ALWAYS, 1, 200, NULL, NULL) \
	F(org_en, TEXT, REQUIRED, BY_V, ALWAYS, 1, 200, NULL, NULL) \
	F(name,   TEXT, REQUIRED|PERSONAL, BY_V, ALWAYS, 1, 100, NULL, NULL) \
	F(email,  EMAIL, REQUIRED|PERSONAL, BY_V, ALWAYS, 3, 254, NULL, NULL) \
	F(login,  TEXT, REQUIRED, BY_V, ALWAYS, 2, 64, NULL, NULL)
struct first_account { FIRST_ACCOUNT(FIELD_MEMBER) };
extern const struct entity new_account, account_empty, account_reason, account_role_set, account_link,
    account_succession, first_account;

/* ---- reading ---- */

struct account_filter {
	struct str text;                         /* part of login, name or organisation */
	int64_t state, org;                      /* NONE: any */
	struct str after;                        /* keyset: logins behind this; STR_NONE: from the start */
	int limit;                               /* 1..200 */
};
/*
 * {rows: [{id, login, name, organisation, roles, state, totp, signed_in_at}], next, may_create}. Who sees
 * which: administrator and auditor all, the CERT's reviewer and manager their own and those of the providers
 * they serve, a provider's administrator his organisation and those below.
 */
struct value *account_list(struct tx *tx, const struct principal *who, const struct account_filter *f,
    struct err *err);
/*
 * {id, version, ... account, person, organisation, successor, actions: [{verb, label, hint, primary, href}]};
 * one's own is always seen. FAULT_NOT_FOUND.
 */
struct value *account_view(struct tx *tx, const struct principal *who, int64_t id, struct err *err);
/* Account, person and the version of both together, for the form of the person's data. */
bool account_get(struct tx *tx, const struct principal *who, int64_t id, struct account *ret_account,
    struct person *ret_person, struct err *err);
/* Organisations that this person may make accounts in: [{id, name}], at most 500. */
struct value *account_orgs(struct tx *tx, const struct principal *who, struct err *err);
/* Roles that this person may give in an organisation of this kind. */
unsigned account_grantable(const struct principal *who, int64_t org_kind);
int64_t account_version(const struct account *account, const struct person *person);

/* ---- writing: inside the caller's write transaction ---- */

/* What a write hands back beside the record: the one-time link's path to hand over, shown once. */
struct account_made {
	int64_t id;
	struct str link;                         /* "/invite/...", STR_NONE when there is none */
	int64_t link_expires;
};
/* A person and his account: applied for; active at once if the one who enters it may approve it. */
bool account_apply(struct tx *tx, const struct principal *who, const struct value *in, bool form,
    struct account_made *ret_made, struct err *err);
/* The person's data (name, title, telephone, fax, e-mail): his own, or of an account in reach. */
bool account_save(struct tx *tx, const struct principal *who, int64_t id, const struct value *in, bool form,
    int64_t expected, struct err *err);
bool account_do(struct tx *tx, const struct principal *who, int64_t id, enum account_verb verb,
    const struct value *in, bool form, int64_t expected, struct account_made *ret_made, struct err *err);

/* ---- one-time links ---- */

enum link_kind { LINK_SETUP, LINK_INVITE, LINK_RESET };
/* {kind, login, name, organisation, expires_at}; FAULT_LINK_USED when used, run out or unknown. */
struct value *link_view(struct tx *tx, enum link_kind kind, struct str token, struct err *err);
/*
 * The invited person sets his password (SLOW lane); the predecessor's account ends. Faults by field
 * "new_password".
 */
bool link_accept(struct store *st, struct arena *a, struct str token, const struct password_change *in,
    enum lang lang, struct err *err);
/*
 * The first administrator, his organisation and his password (SLOW lane), by the link that `init` prints. in:
 * first_account.
 */
bool identity_setup(struct store *st, struct arena *a, struct str token, const struct value *in, bool form,
    const struct password_change *password, enum lang lang, struct err *err);
/* The account of a login, as typed. FAULT_NOT_FOUND. */
bool account_named(struct tx *tx, struct str login, struct account *ret_account, struct err *err);

#endif
