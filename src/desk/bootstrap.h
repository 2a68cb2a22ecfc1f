/*
 * The first rows of an installation, for the command line (init, demo): what no signed-in person can do because there is none yet.
 */
#ifndef DESK_BOOTSTRAP_H
#define DESK_BOOTSTRAP_H

#include "desk/identity.h"
#include "model/organisation.h"

/* The eight sectors with their lead agencies (domain reference 1.7), unless there are sectors already. */
bool organisation_seed_sectors(struct tx *tx, struct err *err);
/* Inserts an organisation with its place in the hierarchy; an ORG_CERT becomes the CERT of this sector. sector: its code, STR_NONE: none. */
bool bootstrap_organisation(struct tx *tx, struct organisation *o, struct str sector, struct err *err);

struct bootstrap_person {
	struct str login, name, title, phone, email;
	int64_t org;
	unsigned roles;
	struct str password;             /* STR_NONE: none (a link will set it). Hashed once for equal texts */
	struct str token;                /* API key to accept, STR_NONE: none */
};
/* Person, active account and key; ret_who as a request of this person would carry it (texts in a). */
bool bootstrap_person(struct tx *tx, const struct bootstrap_person *p, struct arena *a, struct principal *ret_who, struct err *err);
/* The rest of this transaction is this person's doing. */
void bootstrap_act_as(struct tx *tx, const struct principal *who);
/* A one-time set-up link (LINK_LIFE) for the first administrator: the path "/setup/<token>". */
bool bootstrap_setup_link(struct tx *tx, struct arena *a, struct str *ret_path, struct err *err);
/* A one-time link for an account that lost its password, named by login: for `tocsin account link`. */
bool bootstrap_account_link(struct tx *tx, struct str login, struct arena *a, struct str *ret_path, struct err *err);
/* Ends an account's sessions and keys and suspends it: for `tocsin account suspend`. */
bool bootstrap_account_suspend(struct tx *tx, struct str login, struct str reason, struct err *err);
/* What the terminal sends of these when a server runs. */
#define TERMINAL_LINK(F) F(login, TEXT, REQUIRED, BY_V, ALWAYS, 1, 200, NULL, NULL)
#define TERMINAL_SUSPEND(F) \
	F(login, TEXT, REQUIRED, BY_V, ALWAYS, 1, 200, NULL, NULL) \
	F(reason, TEXT, REQUIRED, BY_V, ALWAYS, 1, 500, NULL, NULL)
#define TERMINAL_BACKUP(F) \
	F(name, TEXT, REQUIRED, BY_V, ALWAYS, 1, 500, NULL, NULL) \
	F(records, INT, REQUIRED, BY_V, ALWAYS, 0, INT64_MAX, NULL, NULL) \
	F(sha256, TEXT, REQUIRED, BY_V, ALWAYS, 64, 64, NULL, NULL)
struct terminal_link { TERMINAL_LINK(FIELD_MEMBER) };
struct terminal_suspend { TERMINAL_SUSPEND(FIELD_MEMBER) };
struct terminal_backup { TERMINAL_BACKUP(FIELD_MEMBER) };
extern const struct entity terminal_link, terminal_suspend, terminal_backup;
/* [{login, name, organisation, roles, state, last_sign_in}] for `tocsin account list`. */
struct value *bootstrap_accounts(struct tx *tx, struct err *err);

#endif
