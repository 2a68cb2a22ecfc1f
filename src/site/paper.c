/* A report on paper: what daemon/paper.c is given to print. The sections are those of the page. */
#include "site/part.h"

#include "base/arena.h"

static struct str
text_in(const struct value *map, const char *key)
{
	struct str s = value_text(value_get(map, key));

	return s.p ? s : STR("");
}

void
paper_text(const struct request *r, struct value *document, const char *kind, struct str text)
{
	struct value *part = list_add(value_get(document, "parts"), value_map(r->arena));

	map_str(r->arena, part, "kind", str_c(kind));
	map_str(r->arena, part, "text", text);
}

/* A page puts the level's words before the sentence in a template of its own. */
static struct str
row_words(const struct request *r, const struct value *row)
{
	const struct value *level = value_get(row, "level");
	struct msg_arg args[] = { { "level", STR_NONE }, { NULL, STR_NONE } };
	struct str words = text_in(row, "value"), chip;

	if (!level || level->kind != V_INT)
		return words;
	args[0].text = arena_printf(r->arena, "%lld", (long long)level->i);
	chip = msg_fill(r->arena, r->lang, "level.chip", args);
	return words.n ? arena_printf(r->arena, "%.*s　%.*s", STR_FMT(chip), STR_FMT(words)) : chip;
}

static void
add_section(const struct request *r, struct value *document, const struct value *section)
{
	struct value *part, *rows;

	paper_text(r, document, "heading", text_in(section, "title"));
	part = list_add(value_get(document, "parts"), value_map(r->arena));
	map_str(r->arena, part, "kind", STR("rows"));
	rows = map_list(r->arena, part, "rows");
	for (const struct value *from = value_get(section, "rows")->first; from; from = from->next) {
		struct value *row = list_add(rows, value_map(r->arena));

		map_str(r->arena, row, "label", text_in(from, "label"));
		map_str(r->arena, row, "value", row_words(r, from));
		map_bool(r->arena, row, "mono", value_get(from, "mono")->i);
		map_bool(r->arena, row, "given", value_get(from, "given")->i);
	}
}

static struct str
printed_words(const struct request *r)
{
	struct msg_arg args[] = {
		{ "time", face_full(r->arena, &r->face, r->now) }, { "who", r->who->name }, { NULL, STR_NONE },
	};

	return msg_fill(r->arena, r->lang, "paper.printed", args);
}

static void
add_head(const struct request *r, struct value *document, const struct value *report)
{
	const struct value *drill = value_get(report, "is_drill"), *category = value_get(report, "category");
	bool all_clear = str_is(text_in(report, "form_kind"), "all_clear");
	struct msg_arg seen[] = { { "who", record_seen_by(r, report) }, { NULL, STR_NONE } };

	map_str(r->arena, document, "lang", str_c(lang_tag(r->lang)));
	map_str(r->arena, document, "title", msg(r->lang, all_clear ? "print.title_all_clear" : "print.title"));
	map_str(r->arena, document, "number", text_in(report, "report_no"));
	map_str(r->arena, document, "author", text_in(report, "unit_name"));
	map_str(r->arena, document, "subject",
	    category && category->kind != V_NULL ? face_value(r->arena, &r->face, category) : STR(""));
	map_str(r->arena, document, "marking", record_marking(report));
	map_str(r->arena, document, "seen_by", msg_fill(r->arena, r->lang, "paper.seen_by", seen));
	map_str(r->arena, document, "foot", msg(r->lang, "paper.page"));
	map_str(r->arena, document, "printed", printed_words(r));
	map_str(r->arena, document, "banner", drill && drill->i ? msg(r->lang, "print.drill") : STR(""));
	map_str(r->arena, document, "made_at", time_rfc3339(r->arena, r->now));
}

struct value *
paper_report(const struct request *r, const struct value *report)
{
	struct value *document = value_map(r->arena), *sections = record_sections(r, report, true);
	struct str number = text_in(report, "report_no");

	add_head(r, document, report);
	map_list(r->arena, document, "parts");
	paper_text(r, document, "title", text_in(document, "title"));
	paper_text(r, document, "mono", number.n ? number : msg(r->lang, "report.no_number"));
	for (const struct value *section = sections->first; section; section = section->next)
		add_section(r, document, section);
	return document;
}

void
paper_answer(struct answer *a, const struct value *document, struct str file_name)
{
	a->paper = document;
	a->file_name = file_name;
}
