/* Holds, and erasure by hand. */
#include "desk/hold.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "http/route.h"
#include "site/handlers.h"
#include "site/part.h"
#include "site/people.h"

void
handle_hold_list(struct request *r, struct answer *a)
{
	struct value *v = hold_list(r->tx, r->who, request_query_int(r, "before", 0), &a->err);
	const struct value *next;

	if (!v)
		return;
	next = value_get(v, "next");
	map_str(r->arena, v, "next_href", next->kind == V_INT ?
	    query_with(r, "before", arena_printf(r->arena, "%lld", (long long)next->i)) : STR_NONE);
	a->value = v;
}

/* Organisations to choose from. */
static bool
add_choices(struct request *r, struct value *fields, int64_t chosen, struct err *err)
{
	enum { MOST = 200 };
	struct organisation_filter f = { .sector = NONE, .state = NONE, .org_kind = NONE, .limit = MOST };
	struct value *list = organisation_list(r->tx, r->who, &f, err);

	if (!list)
		return false;
	people_options(r, fields, "org", value_get(list, "rows"), chosen);
	return true;
}

/* From a report one comes here with what it is about; whoever sees what it names has read it. */
static bool
suggest(struct request *r, struct answer *a, struct hold *h)
{
	struct str named = request_query(r, "report");
	struct report rep;

	h->kind = HOLD_CASE;
	if (!named.n)
		return true;
	if (!report_named(r->tx, r->who, named, &rep, &a->err) || !input_recorded(r, a, &rep))
		return false;
	hold_suggest(r->arena, &rep, query_choice(r, "kind", &choices_hold_kind), h);
	return true;
}

void
handle_hold_new(struct request *r, struct answer *a)
{
	struct hold *blank = entity_new(&entity_hold, r->arena);
	struct value *v = value_map(r->arena), *fields;

	if (!suggest(r, a, blank))
		return;
	fields = form_fields(r, &entity_hold, blank, BY_V, ~0u, NULL);
	if (!add_choices(r, fields, blank->org, &a->err))
		return;
	map_add(v, "fields", fields);
	a->value = v;
	a->page = "hold_form";
}

static void
answer_hold(struct request *r, struct answer *a, int64_t id)
{
	struct hold h;

	if (hold_get(r->tx, r->who, id, &h, &a->err))
		a->value = hold_view(r->tx, r->who, &h, &a->err);
}

static void
answer_change(struct request *r, struct answer *a, int64_t id, const char *notice)
{
	answer_hold(r, a, id);
	a->location = arena_printf(r->arena, "/holds/%lld", (long long)id);
	a->notice = str_c(notice);
}

void
handle_hold_create(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	int64_t id;

	if (!hold_create(r->tx, r->who, input.in, input.form, &id, &a->err))
		return;
	answer_change(r, a, id, "notice.saved");
	if (a->value && r->want == WANT_JSON)
		a->status = 201;
}

void
handle_hold_view(struct request *r, struct answer *a)
{
	answer_hold(r, a, request_id(r, 0));
}

/* ---- the verbs ---- */

static enum hold_verb
verb_of(const struct request *r)
{
	const char *id = strrchr(r->route->path, '/') + 1;
	enum hold_verb verb = HOLD_LIFT;

	while (verb < HOLD_VERB__MAX && strcmp(hold_life[verb].id, id) != 0)
		verb++;
	assert(verb < HOLD_VERB__MAX);
	return verb;
}

void
handle_hold_verb_form(struct request *r, struct answer *a)
{
	const struct hold_step *step = &hold_life[verb_of(r)];
	struct hold h;
	struct value *v, *verb;

	if (!hold_get(r->tx, r->who, request_id(r, 0), &h, &a->err))
		return;
	if (!r->refused && h.state != step->from) {
		err_set(&a->err, FAULT_STATE);
		return;
	}
	v = hold_view(r->tx, r->who, &h, &a->err);
	if (!v)
		return;
	verb = map_map(r->arena, v, "verb");
	map_str(r->arena, verb, "id", str_c(step->id));
	map_str(r->arena, verb, "label", msg(r->lang, step->label));
	map_str(r->arena, verb, "hint", msg(r->lang, step->hint));
	map_add(v, "fields", form_fields(r, &hold_reason, entity_new(&hold_reason, r->arena), BY_V, ~0u, NULL));
	a->value = v;
	a->page = "hold_verb";
}

void
handle_hold_verb(struct request *r, struct answer *a)
{
	static const char *const beside[] = { "version", NULL };
	struct report_input input = input_of(r);
	struct entity_input reading = { .in = input.in, .editors = BY_V, .form = input.form,
	    .local = r->who->zone, .beside = beside };
	struct hold_reason *in = entity_new(&hold_reason, r->arena);
	int64_t id = request_id(r, 0), expected = input.expected ? input.expected : entity_expected(input.in);
	struct hold h;

	if (!hold_get(r->tx, r->who, id, &h, &a->err))
		return;
	entity_read(&hold_reason, &reading, in, r->arena, &a->err);
	if (entity_complete(&hold_reason, in, REQUIRED, &a->err) && a->err.fault == FAULT_NONE &&
	    hold_do(r->tx, r->who, id, verb_of(r), in->reason, expected, &a->err))
		answer_change(r, a, id, "notice.done");
}

/* ---- erasure ---- */

/* The form, with what the last run did (NULL: none yet). */
static void
show_erasure(struct request *r, struct answer *a, struct value *done)
{
	struct value *v = value_map(r->arena);

	map_int(r->arena, v, "days", erasure_days());
	map_add(v, "done", done ? done : value_null(r->arena));
	map_add(v, "fields",
	    form_fields(r, &erasure_input, entity_new(&erasure_input, r->arena), BY_V, ~0u, NULL));
	a->value = v;
	a->page = "log_erase";
}

void
handle_erase_form(struct request *r, struct answer *a)
{
	show_erasure(r, a, NULL);
}

void
handle_erase(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	struct entity_input reading = { .in = input.in, .editors = BY_V, .form = input.form,
	    .local = r->who->zone };
	struct erasure_input *in = entity_new(&erasure_input, r->arena);
	struct value *done = value_map(r->arena);
	struct erasure e;

	entity_read(&erasure_input, &reading, in, r->arena, &a->err);
	if (!entity_complete(&erasure_input, in, REQUIRED, &a->err) || a->err.fault != FAULT_NONE)
		return;
	e = (struct erasure){ .before = in->before };
	tx_reason(r->tx, in->reason);
	if (!details_erase(r->tx, &e, &a->err))
		return;
	map_time(r->arena, done, "before", e.before);
	map_int(r->arena, done, "erased", e.erased);
	map_int(r->arena, done, "held", e.held);
	map_bool(r->arena, done, "more", e.more);
	if (r->want == WANT_HTML)
		show_erasure(r, a, done);
	else
		a->value = done;
}
