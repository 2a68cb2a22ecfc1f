/* Records, clocks and choices as pages lay them out. Nothing here asks the database. */
#include "site/part.h"

#include <string.h>

#include "base/arena.h"

/* ---- rows of label and value ---- */

/* "Windows: 10, Linux: Debian 12" */
static struct str
per_choice_text(const struct request *r, const struct field *f, const struct value *map)
{
	struct buf b = { .arena = r->arena };

	for (const struct value *v = map->first; v; v = v->next) {
		const struct choice *c = f->choices ? choice_by_id(f->choices, v->name) : NULL;
		struct msg_arg args[] = {
			{ "name", c ? msg(r->lang, c->msg) : v->name },
			{ "value", face_value(r->arena, &r->face, v) },
			{ NULL, STR_NONE },
		};

		if (b.n)
			buf_put(&b, msg(r->lang, "value.separator"));
		buf_put(&b, msg_fill(r->arena, r->lang, "view.named", args));
	}
	return buf_str(&b);
}

static struct str
lines_text(const struct request *r, const struct value *list)
{
	struct buf b = { .arena = r->arena };

	for (const struct value *v = list->first; v; v = v->next) {
		if (b.n)
			buf_char(&b, '\n');
		buf_put(&b, face_value(r->arena, &r->face, v));
	}
	return buf_str(&b);
}

static struct str
text_in(const struct value *map, const char *key)
{
	struct str s = value_text(value_get(map, key));

	return s.p ? s : STR("");
}

/* One a line: its name, how large, its digest; and that it was withdrawn. */
static struct str
files_text(const struct request *r, const struct value *list)
{
	struct buf b = { .arena = r->arena };

	for (const struct value *v = list->first; v; v = v->next) {
		const struct value *size = value_get(v, "size");
		struct msg_arg args[] = {
			{ "name", text_in(v, "name") },
			{ "size", view_bytes(r->arena, size ? size->i : 0) },
			{ "sha256", text_in(v, "sha256") },
			{ NULL, STR_NONE },
		};
		bool withdrawn = str_is(text_in(v, "state"), "withdrawn");

		if (b.n)
			buf_char(&b, '\n');
		buf_put(&b, msg_fill(r->arena, r->lang, withdrawn ? "view.file_withdrawn" : "view.file", args));
	}
	return buf_str(&b);
}

static bool
is_lines(const struct field *f)
{
	return f->kind == KIND_ADDRESSES || f->kind == KIND_HOSTS || f->kind == KIND_URLS;
}

static bool
is_impact(const struct field *f, enum dimension *ret_dimension)
{
	static const char *const names[] = { "impact_c", "impact_i", "impact_a" };

	for (int i = 0; i < DIM__MAX; i++)
		if (str_is(f->key, names[i])) {
			*ret_dimension = (enum dimension)i;
			return true;
		}
	return false;
}

/*
 * A reference has its word beside it: "lead_agency" and "lead_agency_name". STR_NONE for another than the
 * report has now.
 */
static struct str
reference_word(const struct request *r, const struct field *f, const struct value *report,
    const struct value *v)
{
	const struct value *now = value_get(report, f->name);
	const struct value *word = value_get(report,
	    arena_c(r->arena, arena_printf(r->arena, "%s_name", f->name)));

	if (!word || word->kind == V_NULL || !now || now->i != v->i)
		return STR_NONE;
	return face_value(r->arena, &r->face, word);
}

/* Whose sentences a report's levels have. */
static const struct regime *
regime_of(const struct request *r, const struct value *report)
{
	const struct value *filed = value_get(report, "received_at");

	return level_regime_named(value_text(value_get(report, "regime_version")),
	    filed && filed->kind == V_TIME ? filed->i : r->now);
}

static struct str
value_words(const struct request *r, const struct field *f, const struct value *report, const struct value *v)
{
	struct str word = f->kind == KIND_REF ? reference_word(r, f, report, v) : STR_NONE;
	enum dimension d;

	if (word.p)
		return word;
	if (v->kind == V_MAP)
		return per_choice_text(r, f, v);
	if (f->kind == KIND_FILES && v->kind == V_LIST)
		return files_text(r, v);
	if (is_lines(f) && v->kind == V_LIST)
		return lines_text(r, v);
	if (f->kind == KIND_TIME && v->kind == V_TIME)
		return face_full(r->arena, &r->face, v->i);
	if (is_impact(f, &d))
		return level_sentence(regime_of(r, report), d, v->i, r->lang);
	return f->kind == KIND_LEVEL ? STR("") : face_value(r->arena, &r->face, v);
}

static struct str
level_words(const struct request *r, int64_t level)
{
	const struct msg_arg args[] = {
		{ "level", arena_printf(r->arena, "%lld", (long long)level) }, { NULL, STR_NONE },
	};

	return msg_fill(r->arena, r->lang, "level.chip", args);
}

/* One side of a change becomes the words of its value; null stays null. */
static void
say(const struct request *r, const struct field *f, const struct value *report, struct value *v)
{
	struct str words;

	if (!v || v->kind == V_NULL)
		return;
	if (f->kind == KIND_LEVEL && v->kind == V_INT)
		words = level_words(r, v->i);
	else
		words = value_words(r, f, report, v);
	v->kind = V_STR;
	v->s = words;
}

void
view_changes(const struct request *r, const struct value *report, struct value *changes)
{
	for (struct value *row = changes ? changes->first : NULL; row; row = row->next) {
		const struct field *f = entity_field(&entity_report, value_text(value_get(row, "field")));

		if (!f)
			continue;
		say(r, f, report, value_get(row, "from"));
		say(r, f, report, value_get(row, "to"));
	}
}

static bool
given(const struct value *v)
{
	return v && v->kind != V_NULL && !(v->kind == V_LIST && v->n == 0) &&
	    !(v->kind == V_STR && v->s.n == 0);
}

static void
add_row(const struct request *r, const struct field *f, const struct value *report, const struct value *v,
    struct value *rows)
{
	struct value *row = list_add(rows, value_map(r->arena));
	bool there = given(v);

	map_str(r->arena, row, "name", f->key);
	map_str(r->arena, row, "label", msg(r->lang, field_label(f)));
	map_bool(r->arena, row, "given", there);
	map_bool(r->arena, row, "long", f->kind == KIND_LONG || f->kind == KIND_FILES);
	map_bool(r->arena, row, "mono", is_lines(f));
	if (there && f->kind == KIND_LEVEL)
		map_int(r->arena, row, "level", v->i);
	else
		map_null(r->arena, row, "level");
	map_str(r->arena, row, "value",
	    there ? value_words(r, f, report, v) : msg(r->lang, "view.not_given"));
}

struct value *
view_rows(const struct request *r, const struct value *report, const char *const *fields, bool all)
{
	struct value *rows = value_list(r->arena);

	for (; *fields; fields++) {
		const struct field *f = entity_field(&entity_report, str_c(*fields));
		const struct value *v = value_get(report, *fields);

		if (!f || (!given(v) && (f->condition || (!all && (f->flags & LATER)))))
			continue;
		add_row(r, f, report, v, rows);
	}
	return rows;
}

struct value *
view_sections(const struct request *r, const struct value *report, bool all)
{
	struct value *list = value_list(r->arena);

	for (int i = 0; i < report_sections_count; i++) {
		struct value *section = list_add(list, value_map(r->arena));
		const char *title = arena_c(r->arena,
		    arena_printf(r->arena, "section.%s", report_sections[i].id));

		map_str(r->arena, section, "id", str_c(report_sections[i].id));
		map_str(r->arena, section, "title", msg(r->lang, title));
		map_add(section, "rows", view_rows(r, report, report_sections[i].fields, all));
	}
	return list;
}

/* ---- clocks ---- */

static int64_t
time_in(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);

	return v && v->kind == V_TIME ? v->i : NO_TIME;
}

static bool
truth_in(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);

	return v && v->kind == V_BOOL && v->i;
}

/* How much of its length a clock has run, in hundredths. */
static int64_t
share_run(int64_t from, int64_t due, int64_t now)
{
	if (from == NO_TIME || due == NO_TIME || due <= from || now >= due)
		return 100;
	return now <= from ? 0 : (now - from) / ((due - from) / 100 + 1);
}

void
view_clocks(const struct request *r, struct value *rows)
{
	for (struct value *d = rows ? rows->first : NULL; d; d = d->next) {
		struct str state = value_text(value_get(d, "state"));
		int64_t due = time_in(d, "due_at"), done = time_in(d, "done_at");
		bool running = str_is(state, "open"), met = str_is(state, "met");
		bool late = running && due != NO_TIME && due < r->face.now;

		map_bool(r->arena, d, "running", running);
		map_bool(r->arena, d, "met", met);
		map_bool(r->arena, d, "late", late);
		map_bool(r->arena, d, "was_late", late || truth_in(d, "overdue"));
		map_int(r->arena, d, "share",
		    share_run(time_in(d, "anchor_at"), due, met && done != NO_TIME ? done : r->face.now));
	}
}

static const char *const group_ids[] = { "overdue", "soon", "today", "later" };
#define GROUPS (sizeof(group_ids) / sizeof(group_ids[0]))

struct value *
view_groups(const struct request *r, const struct value *rows)
{
	struct value *list = value_list(r->arena);

	for (size_t i = 0; i < GROUPS; i++) {
		struct value *members = value_list(r->arena), *group;

		for (const struct value *row = rows ? rows->first : NULL; row; row = row->next)
			if (str_is(value_text(value_get(row, "group")), group_ids[i]))
				list_add(members, view_copy(r->arena, row));
		if (!members->n)
			continue;
		group = list_add(list, value_map(r->arena));
		map_str(r->arena, group, "id", str_c(group_ids[i]));
		map_str(r->arena, group, "title",
		    msg(r->lang, arena_c(r->arena, arena_printf(r->arena, "board.%s", group_ids[i]))));
		map_bool(r->arena, group, "late", i == 0);
		map_int(r->arena, group, "count", (int64_t)members->n);
		map_add(group, "rows", members);
	}
	return list;
}

/* ---- selects ---- */

struct value *
view_options(const struct request *r, const struct choices *c, struct str chosen)
{
	struct value *list = value_list(r->arena);

	for (int i = 0; i < c->n; i++) {
		struct value *o = list_add(list, value_map(r->arena));

		map_str(r->arena, o, "id", c->list[i].key);
		map_str(r->arena, o, "label", msg(r->lang, c->list[i].msg));
		map_bool(r->arena, o, "chosen", str_eq(c->list[i].key, chosen));
	}
	return list;
}

struct str
view_date(struct arena *a, const struct face *f, int64_t t)
{
	struct civil c;

	if (t == NO_TIME)
		return STR("");
	c = civil_of(t, f->zone);
	return arena_printf(a, "%04d-%02d-%02d", (int)c.year, c.month, c.day);
}
