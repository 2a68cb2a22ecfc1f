/* Forms: of any entity for the verbs, and the report's own in its five sections. */
#include "site/part.h"

#include "base/arena.h"
#include "desk/form.h"
#include "desk/organisation.h"

/* ---- what the templates need besides entity_form() ---- */

/* The law's sentence and its other wording, beside each level that can be chosen. */
static void
add_sentences(const struct request *r, const struct regime *regime, const struct value *field, struct value *option)
{
	static const char *const impacts[] = { "impact_c", "impact_i", "impact_a" };
	struct str name = value_text(value_get(field, "name")), sentence = STR_NONE, note = STR_NONE;
	int64_t level = -1;

	str_int(value_text(value_get(option, "id")), &level);
	for (int d = 0; d < DIM__MAX; d++)
		if (str_is(name, impacts[d])) {
			sentence = level_sentence(regime, (enum dimension)d, level, r->lang);
			note = level_note(r->arena, regime, (enum dimension)d, level, r->lang);
		}
	map_str(r->arena, option, "sentence", sentence);
	map_str(r->arena, option, "note", note);
}

static void
finish_options(const struct request *r, const struct regime *regime, const struct value *field, struct value *options)
{
	const struct value *name = value_get(field, "name");

	for (struct value *o = options ? options->first : NULL; o; o = o->next) {
		struct value *its = value_get(o, "name");

		if (its && its->kind == V_NULL) {
			its->kind = V_STR;
			its->s = value_text(name);
		}
		if (!value_get(o, "sentence"))
			add_sentences(r, regime, field, o);
	}
}

/* "Only if SOC is: own" for those who read the form without a script. */
static void
finish_condition(const struct request *r, const struct entity *e, struct value *condition)
{
	const struct field *other = condition ? entity_field(e, value_text(value_get(condition, "field"))) : NULL;
	struct buf words = { .arena = r->arena };
	struct msg_arg args[] = { { "field", STR_NONE }, { "values", STR_NONE }, { NULL, STR_NONE } };

	if (!other)
		return;
	for (const struct value *v = value_get(condition, "values")->first; v; v = v->next) {
		const struct choice *c = other->choices ? choice_by_id(other->choices, v->s) : NULL;

		if (words.n)
			buf_put(&words, msg(r->lang, "form.or"));
		buf_put(&words, c ? msg(r->lang, c->msg) : msg(r->lang, str_is(v->s, "yes") ? "value.yes" : "value.no"));
	}
	args[0].text = msg(r->lang, field_label(other));
	args[1].text = buf_str(&words);
	map_str(r->arena, condition, "sentence", msg_fill(r->arena, r->lang, "form.only_if", args));
}

struct value *
form_fields(const struct request *r, const struct entity *e, const void *record, unsigned editors, unsigned whens,
    const struct regime *regime)
{
	struct value *fields = entity_form(e, record, editors, whens, r->refused ? r->in : NULL, r->refused, &r->face, r->arena);

	for (struct value *f = fields->first; f; f = f->next) {
		struct value *groups = value_get(f, "groups");

		finish_options(r, regime, f, value_get(f, "options"));
		if (groups && groups->kind == V_LIST)
			for (struct value *g = groups->first; g; g = g->next)
				finish_options(r, regime, f, value_get(g, "options"));
		finish_condition(r, e, value_get(f, "condition"));
	}
	return fields;
}

struct value *
form_field(const struct value *fields, const char *name)
{
	for (struct value *f = fields->first; f; f = f->next)
		if (str_is(value_text(value_get(f, "name")), name))
			return f;
	return NULL;
}

/* ---- references: what there is to choose from ---- */

static void
add_reference(const struct request *r, struct value *field, const struct value *rows, const char *label, int64_t chosen)
{
	struct str typed = value_text(value_get(field, "value"));

	for (const struct value *row = rows ? rows->first : NULL; row; row = row->next) {
		const struct value *id = value_get(row, "id"), *word = value_get(row, label);
		struct str id_text;

		if (!id || id->kind != V_INT || !word)
			continue;
		id_text = arena_printf(r->arena, "%lld", (long long)id->i);
		form_option(field, id_text, face_value(r->arena, &r->face, word),
		    typed.n ? str_eq(typed, id_text) : id->i == chosen, r->arena);
	}
	finish_options(r, NULL, field, value_get(field, "options"));
}

/* The organisations and the sectors that this person can name. */
static bool
add_references(struct request *r, struct value *fields, const struct report *rep, struct err *err)
{
	struct value *unit = form_field(fields, "reporting_unit"), *agency = form_field(fields, "lead_agency");
	const struct organisation_filter filter = {
		.sector = NONE, .state = NONE, .org_kind = ORG_PROVIDER, .limit = 200,
	};
	struct value *list;

	if (unit) {
		list = organisation_list(r->tx, r->who, &filter, err);
		if (!list)
			return false;
		add_reference(r, unit, value_get(list, "rows"), "name", rep->reporting_unit);
	}
	if (agency) {
		list = sector_list(r->tx, r->who, err);
		if (!list)
			return false;
		for (struct value *row = value_get(list, "rows")->first; row; row = row->next) {
			struct msg_arg args[] = {
				{ "sector", face_value(r->arena, &r->face, value_get(row, "name")) },
				{ "agency", face_value(r->arena, &r->face, value_get(row, "agency_name")) }, { NULL, STR_NONE },
			};

			map_str(r->arena, row, "both", msg_fill(r->arena, r->lang, "form.sector_agency", args));
		}
		add_reference(r, agency, value_get(list, "rows"), "both", rep->lead_agency);
	}
	return true;
}

/* ---- the report's form ---- */

/* Moves the fields of a section out of fields, in the section's order, to now and later. */
static void
share_out(const struct request *r, const struct value *fields, const struct section *s, struct value *now, struct value *later)
{
	for (const char *const *name = s->fields; *name; name++) {
		const struct value *f = form_field(fields, *name), *is_later;

		/* the way a report came, and why, stand above the form */
		if (!f || str_is(value_text(value_get(f, "name")), "channel") || str_is(value_text(value_get(f, "name")), "channel_reason"))
			continue;
		is_later = value_get(f, "later");
		list_add(is_later->i ? later : now, view_copy(r->arena, f));
	}
}

static bool
answered(const struct value *field)
{
	const struct value *options = value_get(field, "options");

	if (value_text(value_get(field, "value")).n)
		return true;
	for (const struct value *o = options ? options->first : NULL; o; o = o->next) {
		const struct value *chosen = value_get(o, "chosen"), *text = value_get(o, "value");

		if ((chosen && chosen->i) || value_text(text).n)
			return true;
	}
	return false;
}

/* How many of the required fields that apply without a condition are answered. */
static void
add_tally(const struct request *r, struct value *section, const struct value *now)
{
	int64_t needed = 0, done = 0;

	for (const struct value *f = now->first; f; f = f->next) {
		if (!value_get(f, "required")->i || value_get(f, "condition")->kind != V_NULL)
			continue;
		needed++;
		done += answered(f);
	}
	map_int(r->arena, section, "needed", needed);
	map_int(r->arena, section, "done", done);
	map_bool(r->arena, section, "complete", done == needed);
	map_bool(r->arena, section, "begun", done > 0);
}

static bool
has_error(const struct value *fields)
{
	for (const struct value *f = fields->first; f; f = f->next)
		if (value_get(f, "error")->kind != V_NULL)
			return true;
	return false;
}

static struct value *
form_sections(const struct request *r, const struct value *fields)
{
	struct value *list = value_list(r->arena);

	for (int i = 0; i < report_sections_count; i++) {
		const struct section *s = &report_sections[i];
		struct value *now = value_list(r->arena), *later = value_list(r->arena), *section;

		share_out(r, fields, s, now, later);
		if (!now->n && !later->n)
			continue;
		section = list_add(list, value_map(r->arena));
		map_str(r->arena, section, "id", str_c(s->id));
		map_int(r->arena, section, "number", i + 1);
		map_str(r->arena, section, "title", msg(r->lang, arena_c(r->arena, arena_printf(r->arena, "section.%s", s->id))));
		map_bool(r->arena, section, "is_impact", str_is(str_c(s->id), "impact"));
		add_tally(r, section, now);
		map_bool(r->arena, section, "has_later", later->n > 0);
		map_int(r->arena, section, "later_count", (int64_t)later->n);
		map_bool(r->arena, section, "later_open", has_error(later));
		map_add(section, "now", now);
		map_add(section, "later", later);
	}
	return list;
}

/* What the staff say first of a report that came by telephone, fax, mail or on paper. */
static void
add_channel(const struct request *r, const struct value *fields, struct value *form)
{
	const struct value *channel = form_field(fields, "channel"), *reason = form_field(fields, "channel_reason");
	struct value *map, *list;

	if (!channel || !principal_is(r->who, ROLE_CERT)) {
		map_null(r->arena, form, "channel_fields");
		return;
	}
	map = map_map(r->arena, form, "channel_fields");
	list = map_list(r->arena, map, "fields");
	list_add(list, view_copy(r->arena, channel));
	if (reason)
		list_add(list, view_copy(r->arena, reason));
}

/* After filing, another moment of becoming aware needs a reason. */
static void
add_reason(const struct request *r, const struct report *rep, struct value *form)
{
	struct value *fields;

	if (rep->received_at == NO_TIME) {
		map_null(r->arena, form, "reason_field");
		return;
	}
	fields = form_fields(r, &in_reason, entity_new(&in_reason, r->arena), BY_P | BY_V, ~0u, NULL);
	value_get(fields->first, "required")->i = 0;
	map_add(form, "reason_field", view_copy(r->arena, fields->first));
}

struct value *
form_report(struct request *r, const struct report *rep, struct err *err)
{
	const struct regime *regime = level_regime(rep);
	unsigned editors = report_editors(r->who, rep);
	struct value *form = value_map(r->arena), *fields;
	struct value *seen = entity_show(&entity_report, rep, 0, r->arena);
	struct report derived = *rep;

	report_derive(&derived);
	fields = form_fields(r, &entity_report, rep, editors, report_whens(rep), regime);
	if (!add_references(r, fields, rep, err))
		return NULL;
	map_add(form, "report", seen);
	map_int(r->arena, form, "id", rep->id ? rep->id : NONE);
	map_int(r->arena, form, "version", rep->version ? rep->version : NONE);
	map_str(r->arena, form, "action", rep->id ? arena_printf(r->arena, "/reports/%lld", (long long)rep->id) : STR("/reports"));
	map_bool(r->arena, form, "filed", rep->received_at != NO_TIME);
	map_bool(r->arena, form, "returned", rep->state == REPORT_RETURNED);
	map_time(r->arena, form, "saved_at", rep->id ? rep->changed_at : NO_TIME);
	map_str(r->arena, form, "remark", rep->state == REPORT_RETURNED ? rep->remark : STR_NONE);
	add_channel(r, fields, form);
	add_reason(r, rep, form);
	map_add(form, "sections", form_sections(r, fields));
	map_add(form, "verdict", level_verdict(r, &derived));
	map_add(form, "consequences", level_consequences(r, regime));
	return form;
}
