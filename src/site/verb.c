/* The verbs of the life table: their form pages and the act itself, all by the same two handlers. */
#include "site/handlers.h"
#include "site/part.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "desk/duties.h"
#include "desk/form.h"
#include "http/render.h"
#include "http/route.h"

/* The verb of the route: the last part of its path. */
static enum verb
verb_of(const struct request *r)
{
	enum verb v = VERB_SUBMIT;
	bool known = verb_parse(str_c(strrchr(r->route->path, '/') + 1), &v);

	assert(known);
	return v;
}

/* ---- the act ---- */

static struct str
after_verb(const struct request *r, const struct report *rep, enum verb v)
{
	if (v == VERB_DELETE)
		return STR("/reports");
	return arena_printf(r->arena, "/reports/%lld%s", (long long)rep->id,
	    v == VERB_SUBMIT ? "/receipt" : "");
}

/* The version that the person saw is told beside the verb's own fields. */
static struct report_input
verb_input(struct request *r)
{
	struct report_input input = input_of(r);
	struct value *in = value_map(r->arena);

	for (const struct value *v = input.in->first; v; v = v->next)
		if (!str_is(v->name, "version"))
			map_add_str(in, v->name, view_copy(r->arena, v));
	input.in = in;
	return input;
}

void
handle_verb(struct request *r, struct answer *a)
{
	struct report_input input = verb_input(r);
	enum verb v = verb_of(r);
	struct report rep;

	if (!input_report(r, a, &rep) || !report_do(r->tx, r->who, rep.id, v, &input, &rep, &a->err))
		return;
	/* a dry run leaves nothing of its own in the trail */
	if (input.validate_only && !input_recorded(r, a, &rep))
		return;
	a->value = report_short(r->tx, r->who, &rep, &a->err);
	if (!input.validate_only && receipt_told(r, a, &rep) && r->want == WANT_HTML) {
		a->location = after_verb(r, &rep, v);
		a->notice = v == VERB_SUBMIT ? STR_NONE : STR("notice.done");
	}
}

/* ---- its form ---- */

/* What the report knows already stands in the form: an input's field of the same name and kind. */
static void
prefill(const struct entity *e, void *in, const struct report *rep)
{
	struct report copy = *rep;

	for (int i = 0; i < e->n; i++) {
		const struct field *to = &e->fields[i], *from = entity_field(&entity_report, to->key);

		if (!from || from->kind != to->kind || !field_given(from, &copy))
			continue;
		if (from->kind <= KIND_PER_CHOICE)
			*field_str(to, in) = *field_str(from, &copy);
		else
			*field_int(to, in) = *field_int(from, &copy);
	}
}

/* Open duties of the report, for the verbs that are about one of them. */
static bool
add_duties(struct request *r, const struct report *rep, struct value *fields, struct err *err)
{
	struct value *field = form_field(fields, "duty"), *list;
	struct str typed;

	if (!field)
		return true;
	list = duties_of_report(r->tx, r->who, rep, err);
	if (!list)
		return false;
	typed = value_text(value_get(field, "value"));
	for (const struct value *d = value_get(list, "rows")->first; d; d = d->next) {
		struct str id = face_value(r->arena, &r->face, value_get(d, "id"));

		if (str_is(value_text(value_get(d, "state")), "open"))
			form_option(field, id, face_value(r->arena, &r->face, value_get(d, "title")),
			    str_eq(typed, id), r->arena);
	}
	return true;
}

/* What changed since the desk last sent the report back or judged it: {rows}; null when it never did. */
static bool
add_changes(struct request *r, const struct report *rep, struct value *form, struct err *err)
{
	struct value *versions = report_versions(r->tx, r->who, rep, err), *compared;
	int64_t since = 0;

	if (!versions)
		return false;
	for (const struct value *v = value_get(versions, "rows")->first; v && !since; v = v->next) {
		struct str verb = value_text(value_get(v, "verb"));
		const struct value *n = value_get(v, "version");

		if (n->i < rep->version &&
		    (str_is(verb, "return") || str_is(verb, "review") || str_is(verb, "reject-closing")))
			since = n->i;
	}
	if (!since) {
		map_null(r->arena, form, "changes");
		return true;
	}
	compared = report_compare(r->tx, r->who, rep, since, rep->version, err);
	if (!compared)
		return false;
	map_add(map_map(r->arena, form, "changes"), "rows",
	    view_copy(r->arena, value_get(compared, "changes")));
	return true;
}

/* Filing: the summary is read once; what is missing is told first, with links to it. */
static void
add_readiness(struct request *r, const struct report *rep, struct value *form)
{
	struct err err = { .arena = r->arena };
	struct report copy = *rep;
	bool ready;

	report_derive(&copy);
	ready = report_ready(&copy, r->now, &err);
	map_bool(r->arena, form, "ready", ready);
	map_add(form, "verdict", level_verdict(r, &copy));
	if (ready)
		map_null(r->arena, form, "missing");
	else
		map_add(form, "missing", fault_value(&err, &r->face, r->arena));
}

static bool
is_grave(enum verb v)
{
	return v == VERB_DELETE || v == VERB_WITHDRAW || v == VERB_MERGE;
}

static void
add_verb(const struct request *r, struct value *form, enum verb v)
{
	struct value *map = map_map(r->arena, form, "verb");
	const char *id = verb_id(v);

	map_str(r->arena, map, "id", str_c(id));
	map_str(r->arena, map, "label",
	    msg(r->lang, arena_c(r->arena, arena_printf(r->arena, "verb.%s", id))));
	map_str(r->arena, map, "hint",
	    msg(r->lang, arena_c(r->arena, arena_printf(r->arena, "verb.%s.hint", id))));
	map_bool(r->arena, form, "grave", is_grave(v));
}

void
handle_verb_form(struct request *r, struct answer *a)
{
	enum verb v = verb_of(r);
	const struct transition *t;
	struct value *form = value_map(r->arena), *fields, *report;
	struct report rep;
	void *in;

	if (!input_report(r, a, &rep))
		return;
	t = life_find(v, &rep, r->who->roles, r->arena, &a->err);
	report = t && input_recorded(r, a, &rep) ? report_view(r->tx, r->who, &rep, &a->err) : NULL;
	if (!report)
		return;
	in = entity_new(t->input, r->arena);
	prefill(t->input, in, &rep);
	fields = form_fields(r, t->input, in, ~0u, ~0u, level_regime(r, &rep));
	if (!add_duties(r, &rep, fields, &a->err) || !add_changes(r, &rep, form, &a->err))
		return;
	map_add(form, "report", report);
	add_verb(r, form, v);
	map_add(form, "fields", fields);
	map_bool(r->arena, form, "is_draft", rep.state == REPORT_DRAFT);
	add_readiness(r, &rep, form);
	a->value = form;
	if (v == VERB_SUBMIT)
		a->page = "submit";
}

void
handle_verb_again(struct request *r, struct answer *a)
{
	handle_verb_form(r, a);
}
