/*
 * Pages about one report: its header with the next duty and the one action, its tabs, its marking, its
 * contents in sections.
 */
#include "site/frame.h"

#include <string.h>

#include "base/arena.h"
#include "http/route.h"
#include "site/part.h"

#define FIELDS_SHOWN 8           /* of a version or an entry of the trail; more are folded */

static const struct value *
get(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);

	return v && v->kind != V_NULL ? v : NULL;
}

/* The report that this page is about: the value itself, or the one beside a part of it. NULL: none. */
static const struct value *
report_of(const struct request *r, const struct answer *a)
{
	const struct value *beside = get(a->value, "report");

	if (beside && beside->kind == V_MAP)
		return beside;
	if (!str_starts(str_c(r->route->name), STR("report.")) || !value_get(a->value, "aware_at"))
		return NULL;
	return a->value;
}

/* ---- the header ---- */

/* "非法入侵 · 植入惡意程式" */
static struct str
what_words(const struct request *r, const struct value *report)
{
	const struct value *category = get(report, "category"), *conditions = get(report, "conditions");
	const struct value *unit = get(report, "unit_name");
	struct buf b = { .arena = r->arena };

	if (!category)
		return unit ? face_value(r->arena, &r->face, unit) : STR("");
	buf_put(&b, face_value(r->arena, &r->face, category));
	if (conditions && conditions->n) {
		buf_put(&b, STR(" · "));
		buf_put(&b, face_value(r->arena, &r->face, conditions));
	}
	return buf_str(&b);
}

/* The main action open to this reader; NULL: there is none. */
static const struct value *
main_action(const struct value *report)
{
	const struct value *actions = get(report, "actions");

	for (const struct value *a = actions ? actions->first : NULL; a; a = a->next)
		if (get(a, "primary") && get(a, "primary")->i)
			return a;
	return NULL;
}

static struct str
action_href(const struct request *r, const struct value *report, const struct value *action)
{
	const struct value *href = get(action, "href");

	return href ? href->s : arena_printf(r->arena, "/reports/%lld/%.*s", (long long)get(report, "id")->i,
	    STR_FMT(value_text(value_get(action, "verb"))));
}

static void
add_act(const struct request *r, const struct value *report, struct value *record)
{
	const struct value *action = main_action(report);
	struct value *act;

	if (!action) {
		map_null(r->arena, record, "act");
		return;
	}
	act = map_map(r->arena, record, "act");
	map_str(r->arena, act, "href", action_href(r, report, action));
	map_add(act, "label", view_copy(r->arena, value_get(action, "label")));
	map_add(act, "hint", view_copy(r->arena, value_get(action, "hint")));
}

/* The next duty: of the open ones the first that is the reader's side's to meet, else the first. */
static const struct value *
next_duty(const struct request *r, const struct value *duties)
{
	const char *side = principal_is(r->who, ROLE_PROVIDER) ? "provider" : "cert";
	const struct value *first = NULL;

	for (const struct value *d = duties ? duties->first : NULL; d; d = d->next) {
		if (!str_is(value_text(value_get(d, "state")), "open"))
			continue;
		if (str_is(value_text(value_get(d, "holder")), side))
			return d;
		if (!first)
			first = d;
	}
	return first;
}

static void
add_next(const struct request *r, const struct value *report, struct value *record)
{
	const struct value *d = next_duty(r, get(report, "duties"));
	struct value *next;

	if (!d) {
		map_null(r->arena, record, "next");
		return;
	}
	next = map_map(r->arena, record, "next");
	map_add(next, "title", view_copy(r->arena, value_get(d, "title")));
	map_add(next, "due_at", view_copy(r->arena, value_get(d, "due_at")));
	map_bool(r->arena, next, "late", value_get(d, "due_at")->i < r->face.now);
	map_add(next, "holder_words", view_copy(r->arena, value_get(d, "holder")));
}

struct tab {
	const char *part, *label;        /* of the address behind the report's; label: message id */
	const char *counted;             /* a list of the report whose length is shown, NULL: none */
	unsigned roles;
};
static const struct tab tabs[] = {
	{ "", "tab.contents", NULL, ROLE__ANY },
	{ "/attachments", "tab.attachments", "attachments", ROLE__ANY },
	{ "/versions", "tab.versions", NULL, ROLE__ANY },
	{ "/duties", "tab.duties", NULL, ROLE__ANY },
	{ "/trail", "tab.trail", NULL, ROLE__ANY },
	{ "/package", "tab.package", NULL, ROLE_CERT | ROLE_AUDITOR },
};

static void
add_tabs(const struct request *r, const struct value *report, struct value *record)
{
	struct value *list = map_list(r->arena, record, "tabs");
	struct str base = arena_printf(r->arena, "/reports/%lld", (long long)get(report, "id")->i);

	for (size_t i = 0; i < sizeof(tabs) / sizeof(tabs[0]); i++) {
		struct str href = arena_printf(r->arena, "%.*s%s", STR_FMT(base), tabs[i].part);
		const struct value *counted;
		struct value *tab;

		if (!principal_is(r->who, tabs[i].roles))
			continue;
		tab = list_add(list, value_map(r->arena));
		map_str(r->arena, tab, "href", href);
		map_str(r->arena, tab, "label", msg(r->lang, tabs[i].label));
		map_bool(r->arena, tab, "current",
		    i == 0 ? str_eq(r->path, href) : str_starts(r->path, href));
		counted = tabs[i].counted ? get(report, tabs[i].counted) : NULL;
		map_int(r->arena, tab, "count", counted && counted->n ? (int64_t)counted->n : NONE);
	}
}

static void
add_record(const struct request *r, const struct value *report, struct value *page)
{
	static const char *const copied[] = { "id", "report_no", "level", "state", "is_drill", NULL };
	struct value *record = map_map(r->arena, page, "record");

	for (const char *const *key = copied; *key; key++)
		map_add(record, *key, view_copy(r->arena, value_get(report, *key)));
	map_str(r->arena, record, "what", what_words(r, report));
	add_next(r, report, record);
	add_act(r, report, record);
	add_tabs(r, report, record);
}

/* ---- beside the contents ---- */

static bool
is_quick(struct str verb)
{
	return str_is(verb, "return") || str_is(verb, "reject-closing");
}

/* The verbs that are not the main one, and the form, which is no verb. */
static void
add_actions(const struct request *r, const struct value *report, struct value *page)
{
	const struct value *actions = get(report, "actions"), *primary = main_action(report);
	struct value *list = map_list(r->arena, page, "actions");

	for (const struct value *a = actions ? actions->first : NULL; a; a = a->next) {
		struct value *row;

		if (a == primary)
			continue;
		row = list_add(list, value_map(r->arena));
		map_str(r->arena, row, "href", action_href(r, report, a));
		map_add(row, "label", view_copy(r->arena, value_get(a, "label")));
		map_add(row, "hint", view_copy(r->arena, value_get(a, "hint")));
		map_str(r->arena, row, "key",
		    is_quick(value_text(value_get(a, "verb"))) ? STR("r") : STR_NONE);
	}
	map_bool(r->arena, page, "has_actions", list->n > 0);
}

static void
add_level_row(const struct request *r, const struct value *report, struct value *rows, const char *level,
    const char *reason)
{
	const struct field *f = entity_field(&entity_report, str_c(level));
	const struct value *v = get(report, level), *why = reason ? get(report, reason) : NULL;
	struct value *row;

	if (!v)
		return;
	row = list_add(rows, value_map(r->arena));
	map_str(r->arena, row, "label", msg(r->lang, field_label(f)));
	map_int(r->arena, row, "level", v->i);
	map_str(r->arena, row, "words", why ? face_value(r->arena, &r->face, why) : STR(""));
}

/* Where the provider's, the reviewer's and the national level differ, all stay visible with their reason. */
static void
add_levels(const struct request *r, const struct value *report, struct value *page)
{
	struct value *rows;

	if (!get(report, "level_reviewed") && !get(report, "level_national")) {
		map_null(r->arena, page, "levels");
		return;
	}
	rows = map_list(r->arena, map_map(r->arena, page, "levels"), "rows");
	add_level_row(r, report, rows, "level_reported", NULL);
	add_level_row(r, report, rows, "level_reviewed", "level_reason");
	add_level_row(r, report, rows, "level_national", NULL);
}

/* What the desk asks of the provider, or why the report ended. */
static void
add_remark(const struct request *r, const struct value *report, struct value *page)
{
	struct str state = value_text(value_get(report, "state"));
	bool returned = str_is(state, "returned"), handling = str_is(state, "handling");
	const char *title = returned ? "report.returned" : handling ? "report.remark" : "report.reason";
	const struct value *text = returned || handling ? get(report, "remark") : get(report, "state_reason");
	struct value *map;

	if (!text) {
		map_null(r->arena, page, "remark");
		return;
	}
	map = map_map(r->arena, page, "remark");
	map_str(r->arena, map, "title", msg(r->lang, title));
	map_add(map, "text", view_copy(r->arena, text));
}

/* Reports that may be about the same incident: {rows}; null without any. */
static void
add_similar(const struct request *r, const struct value *report, struct value *page)
{
	const struct value *similar = get(report, "similar");
	const struct value *rows = similar && similar->kind == V_MAP ? get(similar, "rows") : similar;

	if (!rows || !rows->n)
		map_null(r->arena, page, "similar");
	else
		map_add(map_map(r->arena, page, "similar"), "rows", view_copy(r->arena, rows));
}

/* What the desk has recorded after filing, below the form's own sections. */
static const char *const desk_fields[] = {
	"form_kind", "filed_at", "received_at", "reviewed_at", "other_ci_reviewed", "cross_sector",
	"wide_scale", "category_reviewed", "contained_at", "resolution", "resolved_at", "closed_at",
	"police_authority", "police_told_at", "police_approved_by", "escalation", "escalation_why",
	"escalation_sent_at", "escalation_ref", "escalation_ack_at", NULL,
};
static const char *const improvement_fields[] = {
	"improvement", "imp_times", "imp_scope", "imp_control", "imp_investigation", "imp_root_cause",
	"imp_measures", "imp_schedule", NULL,
};

static struct value *
given_rows(const struct request *r, const struct value *report, const char *const *fields)
{
	struct value *rows = view_rows(r, report, fields, false), *given = value_list(r->arena);

	for (const struct value *row = rows->first; row; row = row->next)
		if (value_get(row, "given")->i)
			list_add(given, view_copy(r->arena, row));
	return given;
}

static void
add_section(const struct request *r, const struct value *report, struct value *sections, const char *id,
    const char *title, const char *const *fields)
{
	struct value *given = given_rows(r, report, fields), *section;

	if (!given->n)
		return;
	section = list_add(sections, value_map(r->arena));
	map_str(r->arena, section, "id", str_c(id));
	map_str(r->arena, section, "title", msg(r->lang, title));
	map_add(section, "rows", given);
}

struct value *
record_sections(const struct request *r, const struct value *report, bool all)
{
	struct value *sections = view_sections(r, report, all);

	if (get(report, "received_at"))
		add_section(r, report, sections, "desk", "section.desk", desk_fields);
	if (get(report, "improvement") && !str_is(value_text(get(report, "improvement")), "none"))
		add_section(r, report, sections, "improvement", "section.improvement", improvement_fields);
	return sections;
}

/* Beside a verb's form: what one looks at to decide. */
static const char *const key_facts[] = {
	"unit_name", "category", "conditions", "impact_c", "impact_i", "impact_a", "other_ci_affected",
	"description", "scope_loss", "measures", "resolution", "resolved_at", NULL,
};

struct str
record_marking(const struct value *report)
{
	struct str label = value_text(value_get(report, "tlp"));

	return label.n ? label : STR("TLP:AMBER");
}

struct str
record_seen_by(const struct request *r, const struct value *report)
{
	const struct value *seen = get(report, "seen_by");
	struct buf b = { .arena = r->arena };

	if (seen)
		buf_put(&b, face_value(r->arena, &r->face, seen));
	seen = get(report, "not_seen_by");
	if (seen && (seen->kind != V_LIST || seen->n)) {
		struct msg_arg args[] = {
			{ "who", face_value(r->arena, &r->face, seen) }, { NULL, STR_NONE },
		};

		buf_put(&b, msg_fill(r->arena, r->lang, "seen.not_by", args));
	}
	return b.n ? buf_str(&b) : msg(r->lang, "seen.own_rights");
}

/* A form is marked as the record that it makes; a draft is nobody's but its organisation's. */
static void
mark_form(const struct request *r, const struct value *report, struct value *page)
{
	const char *seen_by = principal_is(r->who, ROLE_CERT) ? "seen.draft_staff" : "seen.draft";
	struct str label = value_text(value_get(report, "tlp"));

	if (str_is(value_text(value_get(report, "state")), "draft"))
		frame_marking(r, page, label.n ? label : STR("TLP:AMBER"), msg(r->lang, seen_by));
}

/* Each version leads to its comparison with the one before it. */
static void
add_compare_links(const struct request *r, const struct value *report, struct value *rows)
{
	for (struct value *row = rows->first; row; row = row->next) {
		const struct value *changed = get(row, "changed_fields");

		map_bool(r->arena, row, "many", changed && changed->n > FIELDS_SHOWN);
		map_int(r->arena, row, "changed_count", changed ? (int64_t)changed->n : 0);
		map_str(r->arena, row, "compare_href",
		    !row->next ?
			STR_NONE :
			arena_printf(r->arena, "/reports/%lld/versions/%lld..%lld",
			    (long long)get(report, "id")->i, (long long)value_get(row->next, "version")->i,
			    (long long)value_get(row, "version")->i));
	}
}

/* Short entries of the trail are read as they stand, long ones are folded. */
static void
fold_trail(const struct request *r, const struct value *report, struct value *rows)
{
	for (struct value *row = rows ? rows->first : NULL; row; row = row->next) {
		struct value *changes = value_get(row, "changes");

		view_changes(r, report, changes);
		map_bool(r->arena, row, "few", changes && changes->n <= FIELDS_SHOWN / 2);
	}
}

/* Any two versions: {id, older, newer}, each with the numbers there are. */
static void
add_compare(const struct request *r, const struct value *report, struct value *rows, struct value *page)
{
	struct value *map, *older, *newer;

	add_compare_links(r, report, rows);
	if (rows->n < 3) {
		map_null(r->arena, page, "compare");
		return;
	}
	map = map_map(r->arena, page, "compare");
	map_int(r->arena, map, "id", get(report, "id")->i);
	older = map_list(r->arena, map, "older");
	newer = map_list(r->arena, map, "newer");
	for (const struct value *row = rows->first; row; row = row->next) {
		struct value *from = list_add(older, value_map(r->arena)),
	    *to = list_add(newer, value_map(r->arena));

		map_int(r->arena, from, "n", value_get(row, "version")->i);
		map_bool(r->arena, from, "chosen", row == rows->first->next);
		map_int(r->arena, to, "n", value_get(row, "version")->i);
		map_bool(r->arena, to, "chosen", row == rows->first);
	}
}

void
record_frame(struct request *r, const struct answer *a, struct value *page)
{
	const struct value *report = report_of(r, a);
	const char *name = r->route->name;

	if (report && value_get(a->value, "consequences"))
		mark_form(r, report, page);
	if (!report || !get(report, "id"))
		return;
	map_bool(r->arena, page, "all_clear",
	    str_is(value_text(value_get(report, "form_kind")), "all_clear"));
	if (!value_get(page, "marking"))
		frame_marking(r, page, record_marking(report), record_seen_by(r, report));
	add_record(r, report, page);
	add_actions(r, report, page);
	add_levels(r, report, page);
	add_remark(r, report, page);
	add_similar(r, report, page);
	map_add(page, "sections", record_sections(r, report, !strcmp(name, "report.print")));
	if (!strcmp(name, "report.trail"))
		fold_trail(r, report, value_get(a->value, "rows"));
	if (!strcmp(name, "report.compare"))
		view_changes(r, report, value_get(a->value, "changes"));
	if (get(a->value, "verb") && get(a->value, "changes"))
		view_changes(r, report, value_get(value_get(a->value, "changes"), "rows"));
	if (!strcmp(name, "report.versions"))
		add_compare(r, report, value_get(a->value, "rows"), page);
	map_add(map_map(r->arena, page, "facts"), "rows", given_rows(r, report, key_facts));
	view_clocks(r, value_get(value_get(a->value, "aware_at") ? a->value : NULL, "duties"));
	if (!strcmp(name, "report.duties"))
		view_clocks(r, value_get(a->value, "rows"));
}
