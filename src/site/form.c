/* Forms: of any entity for the verbs, and the report's own in its five sections. */
#include "site/part.h"

#include "base/arena.h"
#include "desk/form.h"
#include "desk/organisation.h"

/* The law's sentence and its other wording, beneath each level that can be chosen. */
static void
add_sentences(const struct request *r, const struct regime *regime, struct value *field)
{
	static const char *const impacts[] = { "impact_c", "impact_i", "impact_a" };
	static const char *const levels[] = { "0", "1", "2", "3", "4" };

	for (int d = 0; d < DIM__MAX; d++) {
		if (!str_is(value_text(value_get(field, "name")), impacts[d]))
			continue;
		for (int level = 0; level <= 4; level++)
			form_sentence(field, str_c(levels[level]),
			    level_sentence(regime, (enum dimension)d, level, r->lang),
			    level_note(r->arena, regime, (enum dimension)d, level, r->lang));
	}
}

struct value *
form_fields(const struct request *r, const struct entity *e, const void *record, unsigned editors,
    unsigned whens, const struct regime *regime)
{
	struct value *fields = entity_form(e, record, editors, whens, r->refused ? r->in : NULL, r->refused,
	    &r->face, r->arena);

	for (struct value *f = fields->first; f; f = f->next)
		add_sentences(r, regime, f);
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
add_reference(const struct request *r, struct value *field, const struct value *rows, const char *label,
    int64_t chosen)
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
}

/* The organisations and the sectors that this person can name. */
static bool
add_references(struct request *r, struct value *fields, const struct report *rep, struct err *err)
{
	struct value *unit = form_field(fields, "reporting_unit"),
	    *agency = form_field(fields, "lead_agency");
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
				{ "agency", face_value(r->arena, &r->face, value_get(row, "agency_name")) },
				{ NULL, STR_NONE },
			};

			map_str(r->arena, row, "both",
			    msg_fill(r->arena, r->lang, "form.sector_agency", args));
		}
		add_reference(r, agency, value_get(list, "rows"), "both", rep->lead_agency);
	}
	return true;
}

/* ---- the report's form ---- */

/* The fields of a section as they stand on the page. */
struct shares {
	struct value *now;               /* asked in the first hour */
	struct value *known;             /* the same, but the account has answered them already: folded */
	struct value *later;             /* folded: not needed in the first hour */
};

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

/* The way a report came, and why, stand above the form. */
static bool
stands_above(struct str name)
{
	return str_is(name, "channel") || str_is(name, "channel_reason");
}

/* Answered from the account, and nothing wrong with it: whoever has an hour need not look at it. */
static bool
is_known(const struct section *s, const struct value *f, const struct report *rep)
{
	bool beside = value_get(f, "condition")->kind != V_NULL &&
	    str_is(value_text(value_get(f, "name")), "on_behalf_unit");

	return str_is(str_c(s->id), "who") && rep->received_at == NO_TIME &&
	    !str_is(value_text(value_get(f, "name")), "aware_at") && value_get(f, "error")->kind == V_NULL &&
	    (answered(f) || (beside && rep->on_behalf != 1));
}

/* Shares the fields of a section out, in the section's order. */
static struct shares
share_out(const struct request *r, const struct value *fields, const struct section *s,
    const struct report *rep)
{
	struct shares to = { value_list(r->arena), value_list(r->arena), value_list(r->arena) };

	for (const char *const *name = s->fields; *name; name++) {
		const struct value *f = form_field(fields, *name);

		if (!f || stands_above(value_text(value_get(f, "name"))))
			continue;
		if (value_get(f, "later")->i)
			list_add(to.later, view_copy(r->arena, f));
		else
			list_add(is_known(s, f, rep) ? to.known : to.now, view_copy(r->arena, f));
	}
	return to;
}

static void
count_answers(const struct value *fields, int64_t *needed, int64_t *done)
{
	for (const struct value *f = fields->first; f; f = f->next) {
		if (!value_get(f, "required")->i || value_get(f, "condition")->kind != V_NULL)
			continue;
		(*needed)++;
		*done += answered(f);
	}
}

/* How many of the required fields that apply without a condition are answered. */
static void
add_tally(const struct request *r, struct value *section, const struct shares *in)
{
	int64_t needed = 0, done = 0;

	count_answers(in->now, &needed, &done);
	count_answers(in->known, &needed, &done);
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
form_sections(const struct request *r, const struct value *fields, const struct report *rep)
{
	struct value *list = value_list(r->arena);

	for (int i = 0; i < report_sections_count; i++) {
		const struct section *s = &report_sections[i];
		struct shares in = share_out(r, fields, s, rep);
		struct value *section;

		if (!in.now->n && !in.known->n && !in.later->n)
			continue;
		section = list_add(list, value_map(r->arena));
		map_str(r->arena, section, "id", str_c(s->id));
		map_int(r->arena, section, "number", i + 1);
		map_str(r->arena, section, "title",
		    msg(r->lang, arena_c(r->arena, arena_printf(r->arena, "section.%s", s->id))));
		map_bool(r->arena, section, "is_impact", str_is(str_c(s->id), "impact"));
		add_tally(r, section, &in);
		map_bool(r->arena, section, "has_known", in.known->n > 0);
		map_int(r->arena, section, "known_count", (int64_t)in.known->n);
		map_bool(r->arena, section, "has_later", in.later->n > 0);
		map_int(r->arena, section, "later_count", (int64_t)in.later->n);
		map_bool(r->arena, section, "later_open", has_error(in.later));
		map_add(section, "now", in.now);
		map_add(section, "known", in.known);
		map_add(section, "later", in.later);
	}
	return list;
}

/* The platform's own two ways in are not the staff's to choose: they go out of the list. */
static void
drop_platform(struct value *options)
{
	struct value *o = options->first, *next;

	options->first = options->last = NULL;
	options->n = 0;
	for (; o; o = next) {
		struct str id = value_text(value_get(o, "id"));

		next = o->next;
		o->next = NULL;
		if (!str_is(id, "web") && !str_is(id, "api"))
			list_add(options, o);
	}
}

/* What the staff say first of a report that came by telephone, fax, mail or on paper. */
static void
add_channel(const struct request *r, const struct value *fields, struct value *form)
{
	const struct value *channel = form_field(fields, "channel"),
	    *reason = form_field(fields, "channel_reason");
	struct value *map, *list;

	if (!channel || !principal_is(r->who, ROLE_CERT)) {
		map_null(r->arena, form, "channel_fields");
		return;
	}
	map = map_map(r->arena, form, "channel_fields");
	list = map_list(r->arena, map, "fields");
	drop_platform(value_get(channel, "options"));
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

/*
 * Somebody else saved meanwhile: what the platform has now, for each field in which that differs from what
 * was typed.
 * [{label, theirs}]; null when nothing was refused for that.
 */
static void
add_differs(const struct request *r, const struct report *rep, unsigned editors, struct value *form)
{
	struct err ignored = { .arena = r->arena };
	struct report typed = *rep;
	const struct entity_input input = {
		.in = r->in, .editors = editors, .whens = report_whens(rep), .form = true,
		.local = r->face.zone,
	};
	struct value *list, *diff;

	if (!r->refused || r->refused->fault != FAULT_VERSION || !r->in) {
		map_null(r->arena, form, "differs");
		return;
	}
	entity_read(&entity_report, &input, &typed, r->arena, &ignored);
	list = map_list(r->arena, form, "differs");
	diff = entity_diff(&entity_report, &typed, rep, r->arena);
	for (struct value *pair = diff ? diff->first : NULL; pair; pair = pair->next) {
		const struct field *f = entity_field(&entity_report, pair->name);
		struct value *row = list_add(list, value_map(r->arena));

		map_str(r->arena, row, "label", msg(r->lang, field_label(f)));
		map_str(r->arena, row, "theirs", face_value(r->arena, &r->face, pair->last));
	}
}

/* The browser knows the person at the form: where the staff write for a caller it must not put them in. */
static void
no_own_data(const struct request *r, struct value *fields)
{
	if (!principal_is(r->who, ROLE_CERT))
		return;
	for (struct value *f = fields->first; f; f = f->next)
		value_get(f, "autocomplete")->s = STR("off");
}

/* "02:10" when that was today, as the script says it while one types; with its date when it was not. */
static struct str
saved_words(const struct request *r, const struct report *rep)
{
	struct str at, day;

	if (!rep->id)
		return STR_NONE;
	at = face_time(r->arena, &r->face, rep->changed_at);
	day = face_date(r->arena, &r->face, rep->changed_at);
	return str_eq(day, face_date(r->arena, &r->face, r->now)) ? str_from(at, day.n + 1) : at;
}

struct value *
form_report(struct request *r, const struct report *rep, struct err *err)
{
	const struct regime *regime = level_regime(r, rep);
	unsigned editors = report_editors(r->who, rep);
	struct value *form = value_map(r->arena), *fields;
	struct value *seen = entity_show(&entity_report, rep, 0, r->arena);
	struct report derived = *rep;

	report_derive(&derived);
	fields = form_fields(r, &entity_report, rep, editors, report_whens(rep), regime);
	no_own_data(r, fields);
	if (!add_references(r, fields, rep, err))
		return NULL;
	map_add(form, "report", seen);
	map_bool(r->arena, form, "by_staff", principal_is(r->who, ROLE_CERT));
	map_int(r->arena, form, "id", rep->id ? rep->id : NONE);
	map_int(r->arena, form, "version", rep->version ? rep->version : NONE);
	map_str(r->arena, form, "action",
	    rep->id ? arena_printf(r->arena, "/reports/%lld", (long long)rep->id) : STR("/reports"));
	map_bool(r->arena, form, "filed", rep->received_at != NO_TIME);
	map_bool(r->arena, form, "returned", rep->state == REPORT_RETURNED);
	map_time(r->arena, form, "saved_at", rep->id ? rep->changed_at : NO_TIME);
	map_str(r->arena, form, "saved_words", saved_words(r, rep));
	map_str(r->arena, form, "remark", rep->state == REPORT_RETURNED ? rep->remark : STR_NONE);
	add_channel(r, fields, form);
	add_reason(r, rep, form);
	add_differs(r, rep, editors, form);
	map_add(form, "sections", form_sections(r, fields, rep));
	map_add(form, "verdict", level_verdict(r, &derived));
	map_add(form, "consequences", level_consequences(r, regime));
	return form;
}
