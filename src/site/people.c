#include "site/people.h"

#include <string.h>

#include "base/arena.h"
#include "desk/identity.h"

static bool
listed(struct str name, const char *const *names)
{
	for (; names && *names; names++)
		if (str_is(name, *names))
			return true;
	return false;
}

bool
people_texts(const struct request *r, const struct entity *e, void *record, const char *const *beside,
    struct err *err)
{
	for (const struct value *m = r->in ? r->in->first : NULL; m; m = m->next) {
		const struct field *f = entity_field(e, m->name);

		if (f && m->kind == V_STR)
			*field_str(f, record) = m->s;
		else if (f && m->kind != V_NULL)
			err_field(err, m->name, f->label, FAULT_F_TYPE, 0, STR_NONE);
		else if (!f && !listed(m->name, beside))
			err_field(err, m->name, NULL, FAULT_F_UNKNOWN, 0, STR_NONE);
	}
	return err->fault == FAULT_NONE;
}

void
people_wipe(struct request *r, const struct entity *e)
{
	for (const struct value *m = r->in ? r->in->first : NULL; m; m = m->next) {
		const struct field *f = entity_field(e, m->name);

		if (f && (f->flags & SECRET) && m->kind == V_STR)
			identity_wipe(m->s);
	}
	identity_wipe(r->body);
	r->body = STR("");
}

/* The words of this field's faults in what was refused; STR_NONE without. */
static struct str
error_of(const struct request *r, const char *name)
{
	for (const struct field_err *f = r->refused ? r->refused->fields : NULL; f; f = f->next)
		if (str_is(f->field, name))
			return field_err_text(r->arena, r->lang, f);
	return STR_NONE;
}

struct value *
people_field(const struct request *r, const struct entity *e, const char *name, const char *autocomplete)
{
	struct arena *a = r->arena;
	const struct field *f = entity_field(e, str_c(name));
	struct value *v = value_map(a);
	const char *hint = field_hint(f);
	struct str error = error_of(r, name), hint_id = STR_NONE, error_id = STR_NONE;
	bool numeric = !strcmp(autocomplete, "one-time-code"), hidden = (f->flags & SECRET) && !numeric;

	if (hint)
		hint_id = arena_printf(a, "f-%s-hint", name);
	if (error.p)
		error_id = arena_printf(a, "f-%s-error", name);
	map_str(a, v, "name", str_c(name));
	map_str(a, v, "id", arena_printf(a, "f-%s", name));
	map_str(a, v, "label", msg(r->lang, field_label(f)));
	map_str(a, v, "hint", hint ? msg(r->lang, hint) : STR_NONE);
	map_str(a, v, "error", error);
	map_str(a, v, "hint_id", hint_id);
	map_str(a, v, "error_id", error_id);
	map_str(a, v, "described_by", hint &&
	    error.p ? arena_printf(a, "%.*s %.*s", STR_FMT(hint_id), STR_FMT(error_id)) :
	    hint ? hint_id : error_id);
	map_str(a, v, "type", hidden ? STR("password") : STR("text"));
	map_str(a, v, "autocomplete", str_c(autocomplete));
	map_str(a, v, "value", f->flags & SECRET ? STR("") : r->in ? value_text(value_get(r->in, name)) :
	    STR(""));
	/* signing in is one question at a time */
	map_bool(a, v, "autofocus", e == &in_sign_in && (numeric || !hidden));
	return v;
}

bool
people_again(struct request *r, struct answer *a, handler *form)
{
	struct err *refused;
	struct err fault;
	int status = fault_status(a->err.fault);

	/* our own failures go the general way, which logs them */
	if (r->want != WANT_HTML || !r->form || a->err.fault == FAULT_NONE || status >= 500)
		return false;
	fault = a->err;
	refused = arena_make(r->arena, struct err);
	*refused = fault;
	r->refused = refused;
	*a = (struct answer){ .err = { .arena = r->arena }, .status = status };
	form(r, a);
	if (a->err.fault == FAULT_NONE && a->value)
		return true;
	*a = (struct answer){ .err = fault };
	return false;
}

struct str
people_next(struct str next)
{
	if (next.n == 0 || next.p[0] != '/' || (next.n > 1 && (next.p[1] == '/' || next.p[1] == '\\')) ||
	    !utf8_ok(next))
		return STR("");
	for (size_t i = 0; i < next.n; i++)
		if ((unsigned char)next.p[i] < ' ')
			return STR("");
	return next;
}

bool
people_expected(const struct report_input *input, struct err *err)
{
	return input->expected || err_set(err, FAULT_VERSION_NEEDED);
}

void
people_options(const struct request *r, struct value *fields, const char *name, const struct value *rows,
    int64_t chosen)
{
	struct value *field = form_field(fields, name);
	struct str typed;

	if (!field)
		return;
	typed = value_text(value_get(field, "value"));
	for (const struct value *row = rows ? rows->first : NULL; row; row = row->next) {
		const struct value *id = value_get(row, "id");
		struct str text = arena_printf(r->arena, "%lld", (long long)id->i);

		form_option(field, text, value_text(value_get(row, "name")),
		    typed.n ? str_eq(typed, text) : id->i == chosen, r->arena);
	}
}

void
people_restrict(struct value *fields, const char *name, const struct choices *choices, uint64_t codes)
{
	struct value *field = form_field(fields, name), *options = value_get(field, "options"), *kept = NULL;

	if (!options)
		return;
	options->n = 0;
	for (struct value *o = options->first, *next; o; o = next) {
		const struct choice *c = choice_by_id(choices, value_text(value_get(o, "id")));

		next = o->next;
		if (!c || !(codes & (UINT64_C(1) << c->code)))
			continue;
		o->next = NULL;
		if (kept)
			kept->next = o;
		else
			options->first = o;
		kept = o;
		options->n++;
	}
	if (!kept)
		options->first = NULL;
	options->last = kept;
}

void
people_keys(const struct request *r, struct value *v, const struct value *rows, struct str revoke_at)
{
	bool any = rows && rows->kind == V_LIST && rows->n > 0;

	map_add(v, "keys", any ? view_copy(r->arena, rows) : value_list(r->arena));
	map_bool(r->arena, v, "has_keys", any);
	map_str(r->arena, v, "revoke_at", revoke_at);
}

void
people_link(const struct request *r, struct value *map, const struct account_made *made)
{
	struct value *link;

	if (!made->link.p) {
		map_null(r->arena, map, "invite");
		return;
	}
	link = map_map(r->arena, map, "invite");
	map_str(r->arena, link, "path", made->link);
	map_str(r->arena, link, "url",
	    arena_printf(r->arena, "%.*s%.*s", STR_FMT(r->origin), STR_FMT(made->link)));
	map_time(r->arena, link, "expires_at", made->link_expires);
}
