/* Roles, and which of them one person must not hold together. Sources: guide 3.1.2.2 (at least four staff roles), Annex 6. */
#ifndef MODEL_ROLES_H
#define MODEL_ROLES_H

#include "model/entity.h"

/* constant, id, bit code; words: choice.role.<id> */
#define ROLES(R) \
	R(ROLE_REPORTER,       "reporter",       0)  /* 通報帳號 */ \
	R(ROLE_PROVIDER_ADMIN, "provider_admin", 1)  /* the provider's own accounts and data */ \
	R(ROLE_REVIEWER,       "reviewer",       2)  /* 審核帳號 */ \
	R(ROLE_HANDLER,        "handler",        3)  /* 事件處理人員 */ \
	R(ROLE_MANAGER,        "manager",        4)  \
	R(ROLE_ADMINISTRATOR,  "administrator",  5)  /* the platform; sees no report */ \
	R(ROLE_AUDITOR,        "auditor",        6)  /* reads all, writes nothing */ \
	R(ROLE_LIAISON,        "liaison",        7)  /* towards, or of, the national CERT */

#define ROLE_CONSTANT(c, id, code) c = 1 << (code),
enum role { ROLES(ROLE_CONSTANT) ROLE__ANY = 0xff };
#undef ROLE_CONSTANT
#define ROLE_STRANGER 0x100      /* a route open without signing in */
#define ROLE_TERMINAL 0x200      /* a route open to the program's own commands on this machine */
#define ROLE_CERT (ROLE_REVIEWER | ROLE_HANDLER | ROLE_MANAGER | ROLE_LIAISON)
#define ROLE_PROVIDER (ROLE_REPORTER | ROLE_PROVIDER_ADMIN)

extern const struct choices choices_role;

/*
 * True when one account may hold all of these. Refused: auditor with anything else; a provider's role with one of the CERT's or the
 * administrator's; administrator with reviewer, handler, manager or liaison. *ret_a and *ret_b name the first two that conflict.
 */
bool roles_agree(unsigned roles, enum role *ret_a, enum role *ret_b);
/* Roles that an organisation of this kind can give its people (organisation.h ORG_...). */
unsigned roles_of_org(int64_t org_kind);

#endif
