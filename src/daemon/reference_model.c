/* The reference's pages of the model: records, the life of a report, regimes. */
#include "daemon/reference.h"

#include <string.h>

#include "base/arena.h"
#include "desk/account.h"
#include "http/route.h"
#include "model/duty.h"
#include "model/hold.h"
#include "model/life.h"
#include "model/rules.h"

/* ---- records ---- */

static const struct {
	const char *name, *json;
} kinds[KIND__MAX] = {
	[KIND_TEXT] = { "text", "one line; blanks around it are cut; no control or bidi characters" },
	[KIND_LONG] = { "long", "paragraphs; line ends are LF" },
	[KIND_PHONE] = { "phone", "digits and `+ - ( )`, an extension behind `#`" },
	[KIND_EMAIL] = { "email", "one address" },
	[KIND_ADDRESSES] = { "addresses", "a list, or one text of lines: IPv4, IPv6, CIDR" },
	[KIND_HOSTS] = { "hosts", "a list, or one text of lines: IPv4, IPv6, CIDR, a host name, a web address (its host is kept)" },
	[KIND_URLS] = { "urls", "a list, or one text of lines; `hxxp` and `[.]` are understood" },
	[KIND_FILES] = { "files", "a list of objects, one a file; read only" },
	[KIND_PER_CHOICE] = { "per choice", "an object: a text for each choice" },
	[KIND_INT] = { "int", "a whole number" },
	[KIND_BOOL] = { "bool", "`true` or `false`" },
	[KIND_ENUM] = { "enum", "the id of one choice" },
	[KIND_LEVEL] = { "level", "0 to 4" },
	[KIND_MULTI] = { "multi", "a list of ids of choices" },
	[KIND_TIME] = { "time", "RFC 3339, kept as UTC" },
	[KIND_REF] = { "ref", "the id of another record" },
	[KIND_FLAGS] = { "flags", "a list of ids of choices, set by the program" },
};

static const struct {
	unsigned flag;
	const char *word;
} flags[] = {
	{ REQUIRED, "required" }, { REQ_CLOSE, "to close" }, { SYSTEM, "system" }, { PERSONAL, "personal" }, { ANCHOR, "anchor" },
	{ LATER, "later" }, { SECRET, "secret" }, { SEARCHED, "searched" }, { FORM_ONLY, "form only" }, { IN_LIST, "in list" },
	{ DERIVED, "derived" },
};
static const char *const editors[] = { "provider", "reviewer", "handler", "system" };
static const char *const whens[] = {
	[WHEN_DRAFT] = "draft", [WHEN_OPEN] = "while open", [WHEN_CLOSE] = "at closing", [WHEN_ONCE] = "once", [WHEN_ALWAYS] = "always",
};

/* Every entity that a table names, once. */
struct shelf {
	const struct entity *list[128];
	int n;
};

static void
put_on_shelf(struct shelf *s, const struct entity *e)
{
	if (!e || !e->n || s->n == (int)(sizeof(s->list) / sizeof(s->list[0])))
		return;
	for (int i = 0; i < s->n; i++)
		if (s->list[i] == e)
			return;
	s->list[s->n++] = e;
}

static struct shelf
all_entities(void)
{
	struct shelf s = { .n = 0 };

	for (int i = 0; i < ENTITY__MAX; i++)
		put_on_shelf(&s, entity_of((enum entity_id)i));
	for (int i = 0; i < life_count; i++)
		put_on_shelf(&s, life[i].input);
	for (int i = 0; i < ACCOUNT_VERB__MAX; i++)
		put_on_shelf(&s, account_verbs[i].input);
	for (int i = 0; i < route_count; i++) {
		put_on_shelf(&s, routes[i].input);
		put_on_shelf(&s, routes[i].output);
	}
	return s;
}

static struct str
limits_of(struct arena *a, const struct field *f)
{
	if (f->choices)
		return STR("");
	if (f->min == 0 && f->max == 0)
		return STR("");
	if (f->max == INT64_MAX)
		return arena_printf(a, "from %lld", (long long)f->min);
	return arena_printf(a, "%lld to %lld", (long long)f->min, (long long)f->max);
}

static struct str
flags_of(struct arena *a, const struct field *f)
{
	struct buf b = { .arena = a };

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (f->flags & flags[i].flag)
			buf_printf(&b, "%s%s", b.n ? ", " : "", flags[i].word);
	return buf_str(&b);
}

static struct str
editors_of(struct arena *a, const struct field *f)
{
	struct buf b = { .arena = a };

	for (int i = 0; i < 4; i++)
		if (f->editors & (1u << i))
			buf_printf(&b, "%s%s", b.n ? ", " : "", editors[i]);
	return buf_str(&b);
}

static void
put_ids(struct buf *b, const struct choices *c, uint64_t codes)
{
	for (int i = 0; c && i < c->n; i++)
		if (codes & UINT64_C(1) << c->list[i].code)
			buf_printf(b, " %s", c->list[i].id);
}

/* "only if channel is phone fax", "only if kind is period; may be given if system" */
static struct str
condition_of(struct arena *a, const struct entity *e, const struct field *f)
{
	const struct field *other = f->condition ? entity_field(e, str_c(f->condition->field)) : NULL;
	struct buf b = { .arena = a };

	if (!other)
		return STR("");
	buf_printf(&b, "only if %s is", f->condition->field);
	if (!other->choices)
		buf_c(&b, f->condition->codes & 2 ? " true" : " false");
	put_ids(&b, other->choices, f->condition->codes & ~f->condition->optional);
	if (f->condition->optional) {
		buf_c(&b, "; may be given if");
		put_ids(&b, other->choices, f->condition->optional);
	}
	return buf_str(&b);
}

static void
field_row(struct buf *b, const struct entity *e, const struct field *f)
{
	struct arena *a = b->arena;
	struct str limits = limits_of(a, f), only = condition_of(a, e, f);

	cell_code(b, f->key);
	cell(b, str_c(kinds[f->kind].name));
	if (f->choices)
		buf_printf(b, "| [%s](#choices-%s) ", f->choices->set, f->choices->set);
	else
		cell(b, limits);
	cell(b, flags_of(a, f));
	cell(b, editors_of(a, f));
	cell(b, str_c(whens[f->when]));
	cell(b, only);
	cell_msg(b, LANG_EN, f->label);
	cell_msg(b, LANG_ZH, f->label);
	row_end(b);
}

static void
put_choices(struct buf *b, const struct choices *c)
{
	heading(b, 3, arena_printf(b->arena, "choices %s", c->set));
	table_head(b, (const char *const[]){ "id", "code", "English", "中文", NULL });
	for (int i = 0; i < c->n; i++) {
		cell_code(b, c->list[i].key);
		cell_int(b, c->list[i].code);
		cell_msg(b, LANG_EN, c->list[i].msg);
		cell_msg(b, LANG_ZH, c->list[i].msg);
		row_end(b);
	}
}

static void
put_all_choices(struct buf *b, const struct shelf *s)
{
	const struct choices *seen[64];
	int n = 0;

	for (int i = 0; i < s->n; i++)
		for (int k = 0; k < s->list[i]->n; k++) {
			const struct choices *c = s->list[i]->fields[k].choices;
			bool known = !c || n == 64;

			for (int j = 0; j < n; j++)
				known |= seen[j] == c;
			if (known)
				continue;
			seen[n++] = c;
			put_choices(b, c);
		}
}

void
page_records(struct buf *b)
{
	struct shelf s = all_entities();

	buf_c(b, "A record that is kept has `id`, `version`, `created_at` and `changed_at` before its fields. Limits of texts are in characters.\n\n"
	    "- **required**: needed to submit; **to close**: needed to close; **later**: folded on the form, not needed in the first hour\n"
	    "- **system**: never taken from input; **derived**: computed from other fields; **anchor**: starts a clock, so that a later change needs a\n"
	    "  reason\n"
	    "- **personal**: personal data, kept off lists; **secret**: never shown; **searched**: found by the full text search; **in list**: part of\n"
	    "  a list's rows\n\n");
	table_head(b, (const char *const[]){ "kind", "in JSON", NULL });
	for (int i = 0; i < KIND__MAX; i++)
		buf_printf(b, "| %s | %s |\n", kinds[i].name, kinds[i].json);
	for (int i = 0; i < s.n; i++) {
		heading(b, 2, str_c(s.list[i]->name));
		buf_c(b, s.list[i]->head ? "" : "What is sent; nothing of it is kept under this name.\n\n");
		table_head(b, (const char *const[]){ "field", "kind", "limits", "flags", "by", "when", "condition", "English", "中文", NULL });
		for (int k = 0; k < s.list[i]->n; k++)
			field_row(b, s.list[i], &s.list[i]->fields[k]);
	}
	heading(b, 2, STR("choices"));
	buf_c(b, "Codes stand in the database and are never used again for something else.\n");
	put_all_choices(b, &s);
}

/* ---- life ---- */

static const char *
state_name(int state)
{
	return choice_by_code(&choices_report_state, state)->id;
}

static struct str
states_words(struct arena *a, unsigned set)
{
	struct buf b = { .arena = a };

	for (int i = 0; i < choices_report_state.n; i++)
		if (set & STATE_BIT(choices_report_state.list[i].code))
			buf_printf(&b, "%s%s", b.n ? ", " : "", choices_report_state.list[i].id);
	return buf_str(&b);
}

/* Every verb that leads from one state to the other, on one arrow. */
static void
put_arrow(struct buf *b, int from, int to)
{
	bool begun = false, named[VERB__MAX] = { false };

	for (int i = 0; i < life_count; i++) {
		if (life[i].to != to || !(life[i].from & STATE_BIT(from)) || named[life[i].verb])
			continue;
		named[life[i].verb] = true;
		if (!begun)
			buf_printf(b, "    %s --> %s : ", state_name(from), state_name(to));
		buf_printf(b, "%s%s", begun ? ", " : "", verb_id(life[i].verb));
		begun = true;
	}
	if (begun)
		buf_char(b, '\n');
}

static void
put_diagram(struct buf *b)
{
	buf_c(b, "```mermaid\nstateDiagram-v2\n");
	for (int i = 0; i < choices_report_state.n; i++) {
		const struct choice *c = &choices_report_state.list[i];
		struct str zh = msg(LANG_ZH, c->msg);

		buf_printf(b, "    state \"%s %.*s\" as %s\n", c->id, STR_FMT(zh), c->id);
	}
	buf_printf(b, "    [*] --> %s\n", state_name(REPORT_DRAFT));
	for (int from = 0; from < choices_report_state.n; from++)
		for (int to = 0; to < choices_report_state.n; to++)
			put_arrow(b, (int)choices_report_state.list[from].code, (int)choices_report_state.list[to].code);
	buf_c(b, "```\n");
}

static void
verb_rows(struct buf *b, enum verb v)
{
	static const char *const titles[] = { "from", "to", "who", "body", "further condition", "basis", NULL };

	heading(b, 3, str_c(verb_id(v)));
	buf_printf(b, "%.*s, %.*s. %.*s\n\n", STR_FMT(msg(LANG_EN, verb_msg(v))), STR_FMT(msg(LANG_ZH, verb_msg(v))),
	    STR_FMT(msg(LANG_EN, verb_hint(v))));
	table_head(b, titles);
	for (int i = 0; i < life_count; i++) {
		if (life[i].verb != v)
			continue;
		cell(b, states_words(b->arena, life[i].from));
		cell(b, life[i].to < 0 ? STR("stays") : str_c(state_name(life[i].to)));
		cell(b, roles_words(b->arena, life[i].roles));
		cell_entity(b, life[i].input);
		cell(b, life[i].guard ? STR("yes") : STR(""));
		cell(b, str_c(life[i].basis));
		row_end(b);
	}
}

static struct str
account_states(struct arena *a, unsigned set)
{
	struct buf b = { .arena = a };

	for (int i = 0; i < choices_account_state.n; i++)
		if (set & (1u << choices_account_state.list[i].code))
			buf_printf(&b, "%s%s", b.n ? ", " : "", choices_account_state.list[i].id);
	return buf_str(&b);
}

void
page_life(struct buf *b)
{
	buf_c(b, "A verb that is not open to this person now is not offered; tried all the same it is refused: 403 for another role, 409 for another state.\n"
	    "A further condition looks at the report itself, such as \"entered by staff\" or \"not contained yet\".\n\n");
	put_diagram(b);
	heading(b, 2, STR("Verbs of a report"));
	for (int v = 0; v < VERB__MAX; v++)
		verb_rows(b, (enum verb)v);
	heading(b, 2, STR("Verbs of an account"));
	table_head(b, (const char *const[]){ "verb", "from", "who", "body", "English", "中文", NULL });
	for (int i = 0; i < ACCOUNT_VERB__MAX; i++) {
		const struct account_verb_row *r = &account_verbs[i];

		cell_code(b, str_c(r->id));
		cell(b, account_states(b->arena, r->from));
		cell(b, roles_words(b->arena, r->roles));
		cell_entity(b, r->input);
		cell_msg(b, LANG_EN, r->label);
		cell_msg(b, LANG_ZH, r->label);
		row_end(b);
	}
	heading(b, 2, STR("Verbs of a hold"));
	table_head(b, (const char *const[]){ "verb", "from", "to", "who", "English", "中文", NULL });
	for (int i = 0; i < HOLD_VERB__MAX; i++) {
		const struct hold_step *s = &hold_life[i];

		cell_code(b, str_c(s->id));
		cell(b, str_c(choice_by_code(&choices_hold_state, s->from)->id));
		cell(b, str_c(choice_by_code(&choices_hold_state, s->to)->id));
		cell(b, s->second ? arena_printf(b->arena, "%.*s; another person than who asked",
		    STR_FMT(roles_words(b->arena, s->roles))) : roles_words(b->arena, s->roles));
		cell_msg(b, LANG_EN, s->label);
		cell_msg(b, LANG_ZH, s->label);
		row_end(b);
	}
}

/* ---- regimes ---- */

static void
cell_length(struct buf *b, struct length l)
{
	const struct face face = { .lang = LANG_EN };

	cell(b, l.given ? length_text(b->arena, &face, l) : STR(""));
}

static void
clock_row(struct buf *b, const struct clock_rule *c)
{
	cell_code(b, str_c(c->id));
	cell(b, c->title[LANG_EN]);
	cell(b, c->title[LANG_ZH]);
	cell_msg(b, LANG_EN, choice_msg(&choices_holder, c->holder));
	cell(b, c->after ? arena_printf(b->arena, "%s: %s", event_id(c->start), c->after) : str_c(event_id(c->start)));
	cell(b, str_c(event_id(c->stop)));
	for (int level = 1; level <= 4; level++)
		cell_length(b, c->by_level[level]);
	cell(b, c->source[LANG_EN]);
	cell(b, c->confirm ? STR("yes") : STR(""));
	row_end(b);
}

void
page_regimes(struct buf *b)
{
	static const char *const titles[] = { "clock", "English", "中文", "whose", "from", "met by", "level 1", "level 2", "level 3", "level 4",
		"source", "to be confirmed", NULL };
	static const char dims[] = "CIA";
	int n;
	const struct regime *const *all = regimes_all(&n);

	buf_c(b, "The files in `rules/` as the program has read them. A report keeps the version that it was filed under.\n");
	for (int i = 0; i < n; i++) {
		const struct regime *r = all[i];

		heading(b, 2, r->version);
		buf_printf(b, "%.*s, %.*s. Source: %.*s. %.*s\n\n", STR_FMT(r->title[LANG_EN]), STR_FMT(r->title[LANG_ZH]),
		    STR_FMT(r->source[LANG_EN]), STR_FMT(r->status[LANG_EN]));
		table_head(b, titles);
		for (int k = 0; k < r->clock_count; k++)
			clock_row(b, &r->clocks[k]);
		if (!r->has_levels)
			continue;
		heading(b, 3, arena_printf(b->arena, "levels of %s", r->id));
		table_head(b, (const char *const[]){ "", "level", "English", "中文", "deviating wording", "why this one", NULL });
		for (int d = 0; d < DIM__MAX; d++)
			for (int level = 0; level <= 4; level++) {
				buf_printf(b, "| %c ", dims[d]);
				cell_int(b, level);
				cell(b, r->level[d][level].form[LANG_EN]);
				cell(b, r->level[d][level].form[LANG_ZH]);
				cell(b, r->level[d][level].other[LANG_EN]);
				cell(b, r->level[d][level].note[LANG_EN]);
				row_end(b);
			}
	}
}
