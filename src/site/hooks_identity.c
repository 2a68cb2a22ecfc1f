/* Who is asking: a session's cookie or an API key becomes a principal. */
#include "base/arena.h"
#include "desk/identity.h"
#include "http/route.h"
#include "site/hooks.h"

bool
hook_authenticate(struct request *r, struct err *err)
{
	struct principal *who;

	if (!r->store || (!r->bearer.p && !r->cookie_session.p))
		return true;
	who = arena_make(r->arena, struct principal);
	if (r->bearer.p && identity_is_terminal(r->bearer)) {
		/* It is nobody where accounts are expected. */
		if (!r->route || !(r->route->roles & ROLE_TERMINAL))
			return err_set(err, FAULT_CREDENTIALS);
		if (!identity_terminal(r->bearer, r->now, r->arena, who, err))
			return false;
		who->lang = r->lang;
		r->who = who;
		return true;
	}
	if (!(r->bearer.p ? identity_key(r->store, r->bearer, r->now, r->arena, who, err) :
	    identity_session(r->store, r->cookie_session, r->now, r->arena, who, err)))
		return false;
	r->who = who;
	return true;
}

/* Failed sign-ins are in the trail already, with the account they were for. */
void
hook_refused(struct request *r, enum fault f)
{
	if (!r->store || (r->route && str_is(str_c(r->route->name), "session.sign_in")))
		return;
	identity_refused(r->store, r->who, r->address, "request.refused", r->route ? r->route->name : NULL,
	    f);
}
