/* Organisations: the inventory, one organisation, making and changing it. */
#include "base/arena.h"
#include "http/route.h"
#include "site/identity.h"
#include "site/people.h"

#define ROWS_USUAL 50
#define ROWS_MOST 200

/* ---- the inventory ---- */

static int
limit_of(const struct request *r)
{
	int64_t limit = request_query_int(r, "limit", ROWS_USUAL);

	return limit < 1 ? 1 : limit > ROWS_MOST ? ROWS_MOST : (int)limit;
}

/* The address of the next page. */
static struct str
next_href(struct request *r, const struct value *next)
{
	struct buf b = { .arena = r->arena };
	struct str first;

	if (!next || next->kind != V_MAP)
		return STR_NONE;
	first = query_with(r, "after_name", value_text(value_get(next, "after_name")));
	/* query_with() keeps the rest of the query, where an older after_id may stand */
	for (struct str rest = first, part; str_split(&rest, '&', &part);)
		if (!str_starts(part, STR("after_id="))) {
			buf_c(&b, b.n ? "&" : "");
			buf_put(&b, part);
		}
	buf_printf(&b, "&after_id=%lld", (long long)value_get(next, "after_id")->i);
	return buf_str(&b);
}

static bool
add_filter(struct request *r, struct value *v, const struct organisation_filter *f, struct err *err)
{
	struct value *filter = map_map(r->arena, v, "filter"), *sectors = sector_list(r->tx, r->who, err),
	    *list;

	if (!sectors)
		return false;
	map_str(r->arena, filter, "q", f->text.p ? f->text : STR(""));
	map_add(filter, "states", view_options(r, &choices_org_state, request_query(r, "state")));
	list = map_list(r->arena, filter, "sectors");
	for (const struct value *s = value_get(sectors, "rows")->first; s; s = s->next) {
		struct value *option = list_add(list, value_map(r->arena));

		map_int(r->arena, option, "id", value_get(s, "id")->i);
		map_str(r->arena, option, "label", value_text(value_get(s, "name")));
		map_bool(r->arena, option, "chosen", value_get(s, "id")->i == f->sector);
	}
	return true;
}

void
handle_organisation_list(struct request *r, struct answer *a)
{
	struct organisation_filter f = {
		.text = request_query(r, "q"), .sector = request_query_int(r, "sector", NONE),
		.state = query_choice(r, "state", &choices_org_state),
		.org_kind = query_choice(r, "kind", &choices_org_kind),
		.after_name = request_query(r, "after_name"), .after_id = request_query_int(r, "after_id", 0),
		.limit = limit_of(r),
	};
	struct value *v = organisation_list(r->tx, r->who, &f, &a->err);

	if (!v || (r->want == WANT_HTML && !add_filter(r, v, &f, &a->err)))
		return;
	a->value = v;
	if (r->want != WANT_HTML)
		return;
	map_str(r->arena, v, "next_href", next_href(r, value_get(v, "next")));
	map_str(r->arena, v, "first_href", f.after_name.p ? STR("/organisations") : STR_NONE);
	map_bool(r->arena, v, "has_rows", value_get(v, "rows")->n > 0);
	for (struct value *row = value_get(v, "rows")->first; row; row = row->next)
		map_bool(r->arena, row, "is_provider",
		    str_is(value_text(value_get(row, "org_kind")), "provider"));
	map_bool(r->arena, v, "may_accounts",
	    principal_is(r->who,
	    ROLE_ADMINISTRATOR | ROLE_AUDITOR | ROLE_MANAGER | ROLE_REVIEWER | ROLE_PROVIDER_ADMIN));
}

/* ---- the form ---- */

/* Superior bodies to choose from: those that the person sees, without the organisation itself. */
static bool
add_choices(struct request *r, struct value *fields, const struct organisation *o, struct err *err)
{
	enum { MOST = 200 };
	struct organisation_filter all = { .sector = NONE, .state = NONE, .org_kind = NONE, .limit = MOST };
	struct value *orgs, *sectors, *others = value_list(r->arena);

	if (!form_field(fields, "parent"))
		return true;
	orgs = organisation_list(r->tx, r->who, &all, err);
	sectors = orgs ? sector_list(r->tx, r->who, err) : NULL;
	if (!sectors)
		return false;
	for (const struct value *row = value_get(orgs, "rows")->first; row; row = row->next)
		if (value_get(row, "id")->i != o->id &&
		    !str_is(value_text(value_get(row, "state")), "removed"))
			list_add(others, view_copy(r->arena, row));
	people_options(r, fields, "parent", others, o->parent);
	people_options(r, fields, "sector", value_get(sectors, "rows"), o->sector);
	return true;
}

static void
show_form(struct request *r, struct answer *a, const struct organisation *o)
{
	struct value *v = value_map(r->arena);
	struct value *fields = form_fields(r, &entity_organisation, o,
	    organisation_editors(r->who, o->id ? o : NULL), ~0u, NULL);

	if (!add_choices(r, fields, o, &a->err))
		return;
	map_int(r->arena, v, "id", o->id ? o->id : NONE);
	map_int(r->arena, v, "version", o->id ? o->version : NONE);
	map_str(r->arena, v, "name", o->id ? (r->lang == LANG_EN ? o->name_en : o->name_zh) : STR_NONE);
	map_str(r->arena, v, "action",
	    o->id ? arena_printf(r->arena, "/organisations/%lld", (long long)o->id) : STR("/organisations"));
	map_add(v, "fields", fields);
	a->value = v;
	a->page = "organisation_form";
}

void
handle_organisation_new(struct request *r, struct answer *a)
{
	struct organisation *blank = entity_new(&entity_organisation, r->arena);

	blank->id = 0;
	blank->org_kind = ORG_PROVIDER;
	blank->in_scope = 1;
	blank->sector = r->who->sector;
	show_form(r, a, blank);
}

void
handle_organisation_edit(struct request *r, struct answer *a)
{
	struct organisation o;

	if (!organisation_get(r->tx, r->who, request_id(r, 0), &o, &a->err))
		return;
	if (!organisation_editors(r->who, &o))
		err_set(&a->err, FAULT_ROLE);
	else if (o.state == ORG_REMOVED)
		err_set(&a->err, FAULT_STATE);
	else
		show_form(r, a, &o);
}

/* ---- one organisation, and what a write answers ---- */

static bool
answer_organisation(struct request *r, struct answer *a, int64_t id)
{
	struct organisation o;

	if (!organisation_get(r->tx, r->who, id, &o, &a->err))
		return false;
	a->value = organisation_view(r->tx, r->who, &o, &a->err);
	return a->value != NULL;
}

/* The facts of the page, by label: what is not given is left out. */
static struct value *
facts_of(const struct request *r, const struct value *v)
{
	struct value *rows = value_list(r->arena);

	for (int i = 0; i < entity_organisation.n; i++) {
		const struct field *f = &entity_organisation.fields[i];
		const struct value *given = value_get(v, f->name);
		struct value *row;

		if (!given || given->kind == V_NULL || f->kind == KIND_REF || str_is(f->key, "name_zh") ||
		    str_is(f->key, "name_en"))
			continue;
		row = list_add(rows, value_map(r->arena));
		map_str(r->arena, row, "label", msg(r->lang, field_label(f)));
		map_str(r->arena, row, "value", face_value(r->arena, &r->face, given));
	}
	return rows;
}

void
handle_organisation_view(struct request *r, struct answer *a)
{
	if (!answer_organisation(r, a, request_id(r, 0)) || r->want != WANT_HTML)
		return;
	map_add(a->value, "facts", facts_of(r, a->value));
	map_bool(r->arena, a->value, "has_below", value_get(a->value, "below")->n > 0);
	map_bool(r->arena, a->value, "has_accounts", value_get(a->value, "accounts")->n > 0);
	map_bool(r->arena, a->value, "has_actions", value_get(a->value, "actions")->n > 0);
	map_bool(r->arena, a->value, "may_accounts",
	    principal_is(r->who, ROLE_ADMINISTRATOR | ROLE_MANAGER | ROLE_REVIEWER | ROLE_PROVIDER_ADMIN));
}

static void
go_to(struct request *r, struct answer *a, int64_t id, struct str notice)
{
	if (!answer_organisation(r, a, id))
		return;
	a->location = arena_printf(r->arena, "/organisations/%lld", (long long)id);
	a->notice = notice;
}

void
handle_organisation_create(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	int64_t id;

	if (!organisation_create(r->tx, r->who, input.in, input.form, &id, &a->err))
		return;
	go_to(r, a, id, STR("notice.saved"));
	if (a->value && r->want == WANT_JSON)
		a->status = 201;
}

void
handle_organisation_save(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	int64_t id = request_id(r, 0);
	struct organisation o;

	/* an organisation that is not there has no version to be told */
	if (organisation_get(r->tx, r->who, id, &o, &a->err) && people_expected(&input, &a->err) &&
	    organisation_save(r->tx, r->who, id, input.in, input.form, input.expected, &a->err))
		go_to(r, a, id, STR("notice.saved"));
}

/* ---- 裁撤, and taken back ---- */

static bool
removes(const struct request *r)
{
	return str_ends(str_c(r->route->path), STR("/remove"));
}

void
handle_organisation_state_form(struct request *r, struct answer *a)
{
	struct organisation o;
	struct value *v;
	bool remove = removes(r);

	if (!organisation_get(r->tx, r->who, request_id(r, 0), &o, &a->err))
		return;
	if (!(organisation_editors(r->who, &o) & BY_V)) {
		err_set(&a->err, FAULT_ROLE);
		return;
	}
	if (!r->refused && (o.state == ORG_REMOVED) == remove) {
		err_set(&a->err, FAULT_STATE);
		return;
	}
	v = value_map(r->arena);
	map_int(r->arena, v, "id", o.id);
	map_int(r->arena, v, "version", o.version);
	map_str(r->arena, v, "name", r->lang == LANG_EN ? o.name_en : o.name_zh);
	map_str(r->arena, v, "verb", remove ? STR("remove") : STR("restore"));
	map_str(r->arena, v, "label", remove ? msg(r->lang, "organisation.verb.remove") :
	    msg(r->lang, "organisation.verb.restore"));
	map_str(r->arena, v, "hint", remove ? msg(r->lang, "organisation.verb.remove.hint") :
	    msg(r->lang, "organisation.verb.restore.hint"));
	map_bool(r->arena, v, "grave", remove);
	map_add(v, "fields",
	    form_fields(r, &organisation_reason, entity_new(&organisation_reason, r->arena), BY_V, ~0u,
	    NULL));
	a->value = v;
	a->page = "organisation_state";
}

static void
change_state(struct request *r, struct answer *a,
    bool change(struct tx *, const struct principal *, int64_t, struct str, int64_t, struct err *))
{
	static const char *const beside[] = { "version", NULL };
	struct report_input input = input_of(r);
	struct entity_input reading = { .in = input.in, .editors = BY_V, .form = input.form,
	    .local = r->who->zone, .beside = beside };
	struct organisation_reason *in = entity_new(&organisation_reason, r->arena);
	int64_t id = request_id(r, 0);
	struct organisation o;

	if (!organisation_get(r->tx, r->who, id, &o, &a->err) ||
	    !entity_read(&organisation_reason, &reading, in, r->arena, &a->err) ||
	    !entity_complete(&organisation_reason, in, REQUIRED, &a->err))
		return;
	if (change(r->tx, r->who, id, in->reason, input.expected, &a->err))
		go_to(r, a, id, STR("notice.done"));
}

void
handle_organisation_remove(struct request *r, struct answer *a)
{
	change_state(r, a, organisation_remove);
}

void
handle_organisation_restore(struct request *r, struct answer *a)
{
	change_state(r, a, organisation_restore);
}
