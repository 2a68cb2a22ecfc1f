/* Who is asking: a session's cookie or an API key becomes a principal, and the reader's language, zone and calendar follow. */
#include "base/log.h"
#include "desk/identity.h"
#include "site/hooks.h"

bool
hook_authenticate(struct request *r, struct err *err)
{
	struct principal *who;

	if (!r->bearer.p && !r->cookie_session.p)
		return true;
	who = arena_make(r->arena, struct principal);
	if (r->bearer.p ? !identity_key(r->store, r->bearer, r->now, r->arena, who, err) :
	    !identity_session(r->store, r->cookie_session, r->now, r->arena, who, err))
		return false;
	r->who = who;
	r->face.zone = who->zone;
	r->face.roc_year = who->roc_year;
	return true;
}

void
hook_refused(struct request *r, enum fault f)
{
	log_line(LOG_DEBUG, "refused: %s %.*s", fault_code(f), STR_FMT(r->path));
}
