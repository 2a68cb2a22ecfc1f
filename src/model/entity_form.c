/* What the page of a form needs to know of each field, in the reader's words. */
#include "model/entity.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "model/kind.h"

#define FEW 6                    /* so many choices are shown as radio buttons, more as a list to open */

struct form {
	const struct entity *entity;
	const void *record;
	const struct value *input;       /* NULL: what the record says */
	const struct err *err;
	const struct face *face;
	struct arena *arena;
};

/* ---- words ---- */

/* The word of another field of the same record, told by a detail like "occurred_at". */
static struct str
sibling_word(struct arena *a, enum lang l, const struct field_err *f)
{
	const char *end = f->label ? strrchr(f->label, '.') : NULL;
	const char *id;

	if (!end || !f->detail.n)
		return f->detail;
	id = arena_c(a, arena_printf(a, "%.*s.%.*s", (int)(end - f->label), f->label, STR_FMT(f->detail)));
	return msg_has(id) ? msg(l, id) : f->detail;
}

static bool
names_sibling(enum fault fault)
{
	return fault == FAULT_F_ORDER || fault == FAULT_F_SERVERS || fault == FAULT_F_MISSING ||
	    fault == FAULT_F_EMPTY_WANTED || fault == FAULT_F_SAME;
}

struct str
field_err_text(struct arena *a, enum lang l, const struct field_err *f)
{
	const char *id = arena_c(a, arena_printf(a, "fault.%s", fault_code(f->fault)));
	const struct msg_arg args[] = {
		{ "label", f->label ? msg(l, f->label) : f->field },
		{ "limit", arena_printf(a, "%lld", (long long)f->limit) },
		{ "value", f->detail },
		{ "detail", names_sibling(f->fault) ? sibling_word(a, l, f) : f->detail },
		{ NULL, STR_NONE },
	};

	return msg_fill(a, l, id, args);
}

/* All faults of one field, a sentence after the other; STR_NONE without any. */
static struct str
error_text(const struct form *form, const struct field *f)
{
	const struct field_err *e = form->err ? form->err->fields : NULL;
	struct buf b = { .arena = form->arena };

	for (; e; e = e->next)
		if (str_eq(e->field, f->key)) {
			if (b.n && form->face->lang == LANG_EN)
				buf_char(&b, ' ');
			buf_put(&b, field_err_text(form->arena, form->face->lang, e));
		}
	return b.n ? buf_str(&b) : STR_NONE;
}

/* ---- what was typed, or what the record says ---- */

static const struct value *
typed(const struct form *form, struct str name)
{
	const struct value *v;

	for (v = form->input ? form->input->first : NULL; v; v = v->next)
		if (str_eq(v->name, name))
			return v;
	return NULL;
}

/* The last text of a name: a hidden "" may stand before it. */
static struct str
typed_text(const struct value *v)
{
	if (v->kind == V_STR)
		return v->s;
	return v->kind == V_LIST && v->last && v->last->kind == V_STR ? v->last->s : STR("");
}

static struct str
current_text(const struct form *form, const struct field *f)
{
	const struct value *v = typed(form, f->key);
	union cell s = cell_of(f, form->record);

	if (v)
		return typed_text(v);
	return cell_given(f, &s) ? kinds[f->kind].form(f, &s, form->face->zone, form->arena) : STR("");
}

/* True when this option is the answer, or one of the answers. */
static bool
is_chosen(const struct form *form, const struct field *f, struct str id)
{
	const struct value *v = typed(form, f->key);
	struct str rest, one;

	if (v && v->kind == V_LIST && kinds[f->kind].many) {
		for (v = v->first; v; v = v->next)
			if (v->kind == V_STR && str_eq(v->s, id))
				return true;
		return false;
	}
	rest = current_text(form, f);
	if (!kinds[f->kind].many)
		return str_eq(rest, id);
	while (str_split(&rest, ' ', &one))
		if (str_eq(one, id))
			return true;
	return false;
}

/* ---- options ---- */

static struct value *
add_option(struct value *options, struct str field, struct str id, struct str label, bool chosen,
    struct arena *a)
{
	struct value *option = list_add(options, value_map(a));

	map_str(a, option, "id", id);
	map_str(a, option, "input_id", arena_printf(a, "f-%.*s-%.*s", STR_FMT(field), STR_FMT(id)));
	map_str(a, option, "label", label);
	map_bool(a, option, "chosen", chosen);
	map_null(a, option, "sentence");
	map_null(a, option, "note");
	return option;
}

/* An option like any other: its input has the field's name. */
static void
add_plain(struct value *options, struct str field, struct str id, struct str label, bool chosen,
    struct arena *a)
{
	struct value *option = add_option(options, field, id, label, chosen, a);

	map_null(a, option, "group");
	map_str(a, option, "name", field);
	map_null(a, option, "value");
}

/* The text beside a choice, of a PER_CHOICE. */
static void
add_part(const struct form *form, const struct field *f, struct value *option, const struct value *stored,
    const char *id)
{
	struct arena *a = form->arena;
	struct str name = arena_printf(a, "%s.%s", f->name, id);
	const struct value *v = typed(form, name);
	struct str text = v ? typed_text(v) : value_text(value_get(stored, id));

	map_str(a, option, "name", name);
	map_str(a, option, "value", text.p ? text : STR(""));
}

/* Those of the choices that belong to this group (NONE: all of them). */
static void
add_choices(const struct form *form, const struct field *f, struct value *options, int64_t group)
{
	const struct value *stored = NULL;

	if (f->kind == KIND_PER_CHOICE)
		stored = per_choice_value(form->arena, cell_of(f, form->record).s);
	for (int i = 0; i < f->choices->n; i++) {
		const struct choice *c = &f->choices->list[i];
		const struct choices *groups = f->choices->groups;
		const struct choice *of = groups ? choice_by_code(groups, c->group) : NULL;
		struct value *option;

		if (group != NONE && c->group != group)
			continue;
		option = add_option(options, f->key, c->key, msg(form->face->lang, c->msg),
		    is_chosen(form, f, c->key), form->arena);
		map_str(form->arena, option, "group", of ? of->key : STR_NONE);
		if (f->kind == KIND_PER_CHOICE) {
			add_part(form, f, option, stored, c->id);
		} else {
			map_str(form->arena, option, "name", f->key);
			map_null(form->arena, option, "value");
		}
	}
}

/* An option that no list of choices has: its id, the message of its word. */
static void
add_fixed(const struct form *form, const struct field *f, struct value *options, const char *id,
    const char *word)
{
	add_plain(options, f->key, str_c(id), msg(form->face->lang, word), is_chosen(form, f, str_c(id)),
	    form->arena);
}

static void
add_options(const struct form *form, const struct field *f, struct value *options)
{
	static const char *const levels[][2] = {
		{ "0", "choice.level.0" }, { "1", "choice.level.1" }, { "2", "choice.level.2" },
		{ "3", "choice.level.3" }, { "4", "choice.level.4" },
	};

	if (f->kind == KIND_BOOL) {
		add_fixed(form, f, options, "yes", "value.yes");
		add_fixed(form, f, options, "no", "value.no");
	} else if (f->kind == KIND_LEVEL) {
		for (int64_t i = f->min; i <= f->max; i++)
			add_fixed(form, f, options, levels[i][0], levels[i][1]);
	} else if (f->choices) {
		add_choices(form, f, options, NONE);
	}
}

/* The choices under the headings of those they belong to; null when they belong to none. */
static void
add_groups(const struct form *form, const struct field *f, struct value *map)
{
	const struct choices *groups = f->choices ? f->choices->groups : NULL;
	struct arena *a = form->arena;
	struct value *list;

	if (!groups) {
		map_null(a, map, "groups");
		return;
	}
	list = map_list(a, map, "groups");
	for (int i = 0; i < groups->n; i++) {
		struct value *group = value_map(a), *options;

		map_str(a, group, "id", groups->list[i].key);
		map_str(a, group, "label", msg(form->face->lang, groups->list[i].msg));
		options = map_list(a, group, "options");
		add_choices(form, f, options, groups->list[i].code);
		if (options->n)
			list_add(list, group);
	}
}

void
form_option(struct value *field, struct str id, struct str label, bool chosen, struct arena *a)
{
	add_plain(value_get(field, "options"), value_text(value_get(field, "name")), id, label, chosen, a);
}

static void
say(struct value *v, struct str s)
{
	v->kind = s.p ? V_STR : V_NULL;
	v->s = s;
}

void
form_sentence(struct value *field, struct str id, struct str sentence, struct str note)
{
	struct value *option;

	for (option = value_get(field, "options")->first; option; option = option->next)
		if (str_eq(value_text(value_get(option, "id")), id)) {
			say(value_get(option, "sentence"), sentence);
			say(value_get(option, "note"), note);
		}
}

/* ---- the input element ---- */

/* Tokens of HTML's autofill for what a browser may know of the person. */
static const char *
autocomplete(const struct field *f)
{
	static const struct {
		const char *name, *token;
	} tokens[] = {
		{ "name", "name" }, { "reporter_name", "name" }, { "title", "organization-title" },
		{ "unit_name", "organization" }, { "address", "street-address" }, { "login", "username" },
		{ "fax", "fax tel" }, { "reporter_fax", "fax tel" },
	};

	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++)
		if (str_is(f->key, tokens[i].name))
			return tokens[i].token;
	return f->kind == KIND_EMAIL ? "email" : f->kind == KIND_PHONE ? "tel" : "off";
}

static void
add_element(const struct form *form, const struct field *f, struct value *map)
{
	static const struct {
		const char *type, *inputmode;
	} elements[KIND__MAX] = {
		[KIND_TEXT] = { "text", "text" },
		[KIND_PHONE] = { "tel", "tel" },
		[KIND_EMAIL] = { "email", "email" },
		/* "number" turns a slip of the finger into another figure; the key pad comes by the mode */
		[KIND_INT] = { "text", "numeric" },
		[KIND_TIME] = { "datetime-local", NULL },
	};
	const bool number = f->kind == KIND_INT || f->kind == KIND_LEVEL;
	const bool line = kinds[f->kind].text && kinds[f->kind].widget != WIDGET_AREA;
	struct arena *a = form->arena;

	map_str(a, map, "type", str_c(elements[f->kind].type));
	map_str(a, map, "inputmode", str_c(elements[f->kind].inputmode));
	map_str(a, map, "autocomplete", str_c(autocomplete(f)));
	/* no maxlength where one pastes paragraphs: a browser would cut them without a word */
	map_int(a, map, "maxlength", line ? f->max : NONE);
	map_int(a, map, "limit", kinds[f->kind].text ? f->max : NONE);
	map_int(a, map, "min", number ? f->min : NONE);
	map_int(a, map, "max", number ? f->max : NONE);
	map_int(a, map, "rows", kinds[f->kind].widget != WIDGET_AREA ? NONE : f->kind == KIND_LONG ? 6 : 3);
}

static void
add_flags(const struct form *form, const struct field *f, struct value *map)
{
	enum widget w = kinds[f->kind].widget;
	/* a PER_CHOICE that holds one text for all of them is edited as that */
	bool whole = w == WIDGET_PARTS && current_text(form, f).n > 0;
	bool many = w == WIDGET_RADIO && f->kind == KIND_ENUM && f->choices->n > FEW;
	struct arena *a = form->arena;

	for (int k = 0; k < KIND__MAX; k++)
		if (k != KIND_FLAGS)
			map_bool(a, map, kinds[k].is, k == (int)f->kind);
	map_bool(a, map, "is_line", w == WIDGET_LINE || whole);
	map_bool(a, map, "is_area", w == WIDGET_AREA);
	map_bool(a, map, "is_radio", w == WIDGET_RADIO && f->kind != KIND_REF && !many);
	map_bool(a, map, "is_select", f->kind == KIND_REF || many);
	map_bool(a, map, "is_boxes", w == WIDGET_BOXES);
	map_bool(a, map, "is_parts", w == WIDGET_PARTS && !whole);
}

/* The ids of the values that a condition asks for, and their words, each list with its own separator. */
static void
condition_values(const struct form *form, const struct field *other, uint64_t codes, struct buf *ids,
    struct buf *words)
{
	enum lang l = form->face->lang;

	for (int64_t code = 0; code < 64; code++) {
		const struct choice *c = other->choices ? choice_by_code(other->choices, code) : NULL;

		if ((codes & UINT64_C(1) << code) == 0)
			continue;
		if (ids->n)
			buf_char(ids, ' ');
		if (words->n)
			buf_put(words, msg(l, "value.separator"));
		buf_put(ids, c ? c->key : code ? STR("yes") : STR("no"));
		buf_put(words, msg(l, c ? c->msg : code ? "value.yes" : "value.no"));
	}
}

static void
add_condition(const struct form *form, const struct field *f, struct value *map)
{
	struct arena *a = form->arena;
	struct buf ids = { .arena = a }, words = { .arena = a }, open = { .arena = a };
	const struct field *other;
	struct value *condition;

	if (!f->condition) {
		map_null(a, map, "condition");
		return;
	}
	other = entity_field(form->entity, str_c(f->condition->field));
	assert(other);
	condition_values(form, other, f->condition->codes & ~f->condition->optional, &ids, &words);
	condition_values(form, other, f->condition->optional, &ids, &open);
	condition = map_map(a, map, "condition");
	map_str(a, condition, "field", other->key);
	map_str(a, condition, "values", buf_str(&ids));
	map_str(a, condition, "words", msg_fill(a, form->face->lang, open.n ? "field.asked_or" : "field.asked_if",
	    (struct msg_arg[]){ { "label", msg(form->face->lang, other->label) }, { "values", buf_str(&words) },
	    { "open", buf_str(&open) }, { NULL, STR_NONE } }));
}

/* Label, hint and error, and the ids by which the input points to them. */
static void
add_words(const struct form *form, const struct field *f, struct value *map)
{
	struct arena *a = form->arena;
	enum lang l = form->face->lang;
	struct str error = error_text(form, f);
	const char *hint = field_hint(f);
	struct str hint_id = hint ? arena_printf(a, "f-%s-hint", f->name) : STR_NONE;
	struct str error_id = error.p ? arena_printf(a, "f-%s-error", f->name) : STR_NONE;

	map_str(a, map, "label", msg(l, field_label(f)));
	map_str(a, map, "hint", hint ? msg(l, hint) : STR_NONE);
	map_str(a, map, "hint_id", hint_id);
	map_str(a, map, "error", error);
	map_str(a, map, "error_id", error_id);
	map_str(a, map, "described_by", !hint ? error_id : !error.p ? hint_id :
	    arena_printf(a, "%.*s %.*s", STR_FMT(hint_id), STR_FMT(error_id)));
}

static void
add_field(const struct form *form, const struct field *f, struct value *list)
{
	struct arena *a = form->arena;
	struct value *map = list_add(list, value_map(a));

	map_str(a, map, "name", f->key);
	map_str(a, map, "id", arena_printf(a, "f-%s", f->name));
	map_str(a, map, "kind", str_c(kinds[f->kind].name));
	add_words(form, f, map);
	map_bool(a, map, "required", (f->flags & (REQUIRED | REQ_CLOSE)) != 0 && !(f->condition && f->condition->optional));
	map_bool(a, map, "later", (f->flags & LATER) != 0);
	map_bool(a, map, "personal", (f->flags & PERSONAL) != 0);
	map_str(a, map, "value", kinds[f->kind].widget == WIDGET_BOXES ? STR("") : current_text(form, f));
	add_options(form, f, map_list(a, map, "options"));
	add_groups(form, f, map);
	add_condition(form, f, map);
	add_element(form, f, map);
	add_flags(form, f, map);
}

struct value *
entity_form(const struct entity *e, const void *record, unsigned editors, unsigned whens,
    const struct value *input, const struct err *err, const struct face *face, struct arena *a)
{
	const struct form form = { e, record, input, err, face, a };
	struct value *list = value_list(a);

	for (int i = 0; i < e->n; i++)
		if (field_open(&e->fields[i], editors, whens) && !(e->fields[i].flags & SECRET))
			add_field(&form, &e->fields[i], list);
	return list;
}
