/* How the generic server asks this program about people, clocks and pages. */
#include "site/site.h"

#include "base/arena.h"
#include "desk/duties.h"
#include "site/frame.h"
#include "site/part.h"

/* ---- clocks: before each request, what became overdue is marked ---- */

static bool
sweep(struct tx *tx, void *arg, struct err *err)
{
	return duties_sweep(tx, arg, err);
}

/* Some hundreds at a time; a request never waits for more than that, the ticker does the rest. */
static void
catch_up(struct request *r)
{
	struct err err = { .arena = r->arena };
	bool more = false;

	if (r->now >= duties_next_change())
		store_write(r->store, r->arena, sweep, &more, &err);
}

static const struct http_hooks hooks = {
	.catch_up = catch_up,
	.frame = site_frame,
};

const struct http_hooks *
site_hooks(void)
{
	return &hooks;
}

bool
site_load(struct err *err)
{
	(void)err;
	route_check();
	return true;
}
