/* Somebody who has proved who he is: the result of signing in or of an API key, for one request. */
#ifndef MODEL_PRINCIPAL_H
#define MODEL_PRINCIPAL_H

#include "base/i18n.h"
#include "model/roles.h"
#include "model/scope.h"
#include "store/audit.h"

struct principal {
	int64_t account, person, org, session, key;
	int64_t org_kind, sector;
	unsigned roles;                  /* set of enum role; no conflict among them */
	struct scope reports;
	struct str name, org_name[LANG__MAX];
	enum lang lang;
	bool lang_chosen;                /* false: the account has none yet, lang is what the request asks for */
	bool roc_year;
	const struct zone *zone;
	struct str csrf;                 /* for forms; STR_NONE with an API key */
	int64_t session_ends;            /* when idle time runs out, NO_TIME for a key */
};

static inline bool
principal_is(const struct principal *who, unsigned roles)
{
	return who && (who->roles & roles) != 0;
}

#endif
