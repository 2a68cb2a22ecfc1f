/* How the generic server asks this program about people, clocks, repeated creations and pages. */
#include "site/hooks.h"

#include "base/arena.h"
#include "base/json.h"
#include "desk/duties.h"
#include "desk/idempotency.h"
#include "http/render.h"
#include "site/frame.h"
#include "site/part.h"
#include "site/site.h"

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

/* ---- a creation asked for twice with one key is done once ---- */

/* A dry run creates nothing that could be there twice. */
static bool
creates(const struct request *r)
{
	return !query_is(r, "validate", "only");
}

static struct str
location_of(const struct request *r, const struct value *answer)
{
	const struct value *id = value_get(answer, "id");

	return id && id->kind == V_INT ? arena_printf(r->arena, "/reports/%lld", (long long)id->i) : STR_NONE;
}

/* What was asked for under the key: filing is not the same as keeping a draft. */
static struct str
asked(const struct request *r)
{
	return query_is(r, "submit", "yes") ? arena_printf(r->arena, "submit\n%.*s", STR_FMT(r->body)) :
					      r->body;
}

static bool
replay(struct request *r, struct answer *a)
{
	struct kept_answer kept;
	bool found = false;

	if (!creates(r))
		return false;
	if (!idempotency_find(r->tx, r->who, r->idempotency_key, asked(r), &found, &kept, &a->err))
		return true;
	if (!found)
		return false;
	if (json_parse(r->arena, kept.body, &a->value, &a->err)) {
		a->status = (int)kept.status;
		a->location = location_of(r, a->value);
	}
	return true;
}

static bool
remember(struct request *r, const struct answer *a, struct err *err)
{
	const struct kept_answer kept = { .status = a->status ? a->status : 200,
		.body = json_text(r->arena, a->value) };

	return !creates(r) || idempotency_keep(r->tx, r->who, r->idempotency_key, asked(r), &kept, err);
}

/* ---- paper ---- */

static site_print *printer;

void
site_print_with(site_print *print)
{
	printer = print;
}

static bool
print(struct request *r, const struct value *document, struct str *ret_pdf, struct err *err)
{
	if (!printer)
		return err_setf(err, FAULT_SIEVE, "it does not run");
	return printer(r->arena, document, ret_pdf, err);
}

static const struct http_hooks hooks = {
	.authenticate = hook_authenticate,
	.catch_up = catch_up,
	.replay = replay,
	.remember = remember,
	.frame = site_frame,
	.refused = hook_refused,
	.print = print,
};

const struct http_hooks *
site_hooks(void)
{
	return &hooks;
}

bool
site_load(struct err *err)
{
	route_check();
	return render_load(err);
}
