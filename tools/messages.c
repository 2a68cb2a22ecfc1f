/*
 * messages SRC-DIR LOCALE-DIR [COMPILED]: every message that the program asks for is in the catalogues, and every
 * message of the catalogues is asked for.
 *
 * Asked for is: a text in C that is an id; {{t.id}} in a template; what the fault table makes ("fault.<code>"); all
 * that begins with "x." where C has "x.%s"; what the other tables make by pasting texts together ("field.report.title").
 * For these there is the file COMPILED: the texts of the compiled program, one a line, as strings(1) prints them.
 * Without it messages with the tables' prefixes count as asked for.
 *
 * Missing is what a template, a table, or C within a call that takes an id (msg, map_term ...) names and the
 * catalogues have not. A table's ".hint" may be missing. The words themselves are looked at too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "po.h"
#include "tool.h"

static const char *const takers[] = { "msg", "msg_fill", "map_term", "err_field", "told", "terminal_msg" };
static const char *const table_prefixes[] = { "field.", "choice.", "verb." };
static const char *const banned[] = { "無效", "您的輸入有誤", "invalid", "Invalid" };

struct use {
	struct str id;
	const char *file;
	int line;
	bool needed;                     /* certainly an id, so that its absence is a fault */
};

struct uses {
	struct arena *arena;
	struct use *list;
	size_t n, cap;
};

static int wrong;

static void
complain(const char *file, int line, struct str id, const char *what)
{
	printf("%s:%d: %.*s %s\n", file, line, STR_FMT(id), what);
	wrong++;
}

/* Lower case to begin with, a dot within, nothing but what an id may have. One that ends with a dot is a beginning. */
static bool
looks_like_id(struct str s)
{
	bool dot = false;

	if (s.n < 3 || s.p[0] < 'a' || s.p[0] > 'z')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:+-", s.p[i]))
			return false;
		dot = dot || s.p[i] == '.';
	}
	return dot;
}

static void
add_use(struct uses *u, struct str text, const char *file, int line, bool needed)
{
	const char *percent = text.n ? memchr(text.p, '%', text.n) : NULL;
	struct str id = percent ? str_first(text, (size_t)(percent - text.p)) : text;

	/* "x." is used as a beginning only where something is formatted behind it */
	if (!looks_like_id(id) || str_ends(id, STR(".")) != (percent != NULL))
		return;
	if (u->n == u->cap) {
		struct use *list;

		u->cap = u->cap ? u->cap * 2 : 1024;
		list = arena_alloc(u->arena, u->cap * sizeof(*list));
		if (u->n)
			memcpy(list, u->list, u->n * sizeof(*list));
		u->list = list;
	}
	u->list[u->n++] = (struct use){ id, file, line, needed && !percent };
}

/* ---- C ---- */

#define DEEPEST 256

/* Where the reader of a C file stands. within[depth]: inside the parentheses of a call that takes ids. */
struct c_reader {
	struct uses *uses;
	const char *file;
	struct str rest, word;
	int line, depth;
	bool within[DEEPEST];
};

static void
skip(struct c_reader *r, size_t n)
{
	for (size_t i = 0; i < n && i < r->rest.n; i++)
		r->line += r->rest.p[i] == '\n';
	r->rest = str_from(r->rest, n);
}

static size_t
comment_length(struct str s)
{
	const char *end;

	if (str_starts(s, STR("//"))) {
		end = memchr(s.p, '\n', s.n);
		return end ? (size_t)(end - s.p) : s.n;
	}
	if (!str_starts(s, STR("/*")))
		return 0;
	end = memmem(s.p + 2, s.n - 2, "*/", 2);
	return end ? (size_t)(end - s.p) + 2 : s.n;
}

/* Length of a text or character constant with its quotes. */
static size_t
quoted_length(struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == s.p[0])
			return i + 1;
	}
	return s.n;
}

static bool
is_word(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool
is_taker(struct str word)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (str_is(word, takers[i]))
			return true;
	return false;
}

static void
open_parenthesis(struct c_reader *r)
{
	bool inside = r->within[r->depth] || is_taker(r->word);

	if (r->depth + 1 < DEEPEST)
		r->depth++;
	r->within[r->depth] = inside;
}

static void
read_token(struct c_reader *r)
{
	struct str s = r->rest;
	size_t n = comment_length(s);

	if (n > 0) {
		skip(r, n);
		return;
	}
	if (is_word(s.p[0])) {
		while (n < s.n && is_word(s.p[n]))
			n++;
		r->word = str_first(s, n);
		skip(r, n);
		return;
	}
	n = 1;
	if (s.p[0] == '"' || s.p[0] == '\'')
		n = quoted_length(s);
	if (s.p[0] == '"' && n >= 2)
		add_use(r->uses, str_from(str_first(s, n - 1), 1), r->file, r->line, r->within[r->depth]);
	else if (s.p[0] == '(')
		open_parenthesis(r);
	else if (s.p[0] == ')' && r->depth > 0)
		r->depth--;
	if (!strchr(" \t\n", s.p[0]))
		r->word = STR_NONE;
	skip(r, n);
}

static void
read_c(struct uses *uses, const char *file, struct str text)
{
	struct c_reader r = { .uses = uses, .file = file, .rest = text, .line = 1 };

	while (r.rest.n)
		read_token(&r);
}

/* ---- templates ---- */

/* The id in what stands between braces: "t.x", "#t.x", "/t.x" ...; absent when it is no message. */
static struct str
message_in_tag(struct str tag)
{
	while (tag.n && strchr("#^/&{ \t", tag.p[0]))
		tag = str_from(tag, 1);
	tag = str_trim(tag);
	return str_starts(tag, STR("t.")) ? str_from(tag, 2) : STR_NONE;
}

static void
read_template(struct uses *uses, const char *file, struct str text)
{
	int number = 0;
	struct str line;

	while (str_split(&text, '\n', &line)) {
		number++;
		for (const char *at; (at = line.n ? memmem(line.p, line.n, "{{", 2) : NULL) != NULL;) {
			struct str tag, id;

			line = str_from(line, (size_t)(at - line.p) + 2);
			tag = line;
			if (!str_split(&line, '}', &tag) || !line.p)
				break;
			id = message_in_tag(tag);
			if (id.n)
				add_use(uses, id, file, number, true);
		}
	}
}

/* ---- tables ---- */

static void
add_faults(struct uses *uses)
{
	static const char *const parts[] = { "", ".why", ".do" };

	for (int f = FAULT_NONE + 1; f < FAULT__MAX; f++)
		for (int part = 0; part < (fault_status((enum fault)f) ? 3 : 1); part++)
			add_use(uses, arena_printf(uses->arena, "fault.%s%s", fault_code((enum fault)f), parts[part]),
			    "src/base/err.h", 1, true);
}

static bool
of_a_table(struct str id)
{
	for (size_t i = 0; i < sizeof(table_prefixes) / sizeof(table_prefixes[0]); i++)
		if (str_starts(id, str_c(table_prefixes[i])))
			return true;
	return false;
}

static bool
is_fault_code(struct str s)
{
	for (int f = 0; f < FAULT__MAX; f++)
		if (str_is(s, fault_code((enum fault)f)))
			return true;
	return false;
}

static void
read_compiled(struct uses *uses, const char *file, struct str text)
{
	int number = 0;
	struct str line;

	while (str_split(&text, '\n', &line)) {
		number++;
		if (!is_fault_code(line))
			add_use(uses, line, file, number, of_a_table(line) && !str_ends(line, STR(".hint")));
	}
}

/* ---- comparison ---- */

static int
by_id(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int order = str_cmp(x->id, y->id);

	return order ? order : (x->needed < y->needed) - (x->needed > y->needed);
}

static bool
is_listed(const struct uses *uses, struct str id)
{
	struct use key = { .id = id };
	size_t low = 0, high = uses->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(uses->list[middle].id, key.id);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* As a whole, or by a beginning of it. */
static bool
is_used(const struct uses *uses, struct str id)
{
	if (is_listed(uses, id))
		return true;
	for (size_t i = 1; i < id.n; i++)
		if (id.p[i - 1] == '.' && is_listed(uses, str_first(id, i)))
			return true;
	return false;
}

static bool
in_catalogue(struct po_entry **entries, struct str id)
{
	for (; *entries; entries++)
		if (str_eq((*entries)->id, id))
			return true;
	return false;
}

static void
report_missing(const struct uses *uses, struct po_entry **entries)
{
	for (size_t i = 0; i < uses->n; i++) {
		const struct use *use = &uses->list[i];

		if (i > 0 && str_eq(use->id, use[-1].id))
			continue;
		if (use->needed && !in_catalogue(entries, use->id))
			complain(use->file, use->line, use->id, "is asked for and in no catalogue");
	}
}

static void
report_unused(const struct uses *uses, struct po_entry **entries, bool tables_known)
{
	for (; *entries; entries++)
		if (!is_used(uses, (*entries)->id) && (tables_known || !of_a_table((*entries)->id)))
			complain((*entries)->file, (*entries)->line, (*entries)->id, "is asked for nowhere");
}

/* A half-width comma, colon ... right behind a Chinese character. */
static bool
half_width_mark(struct str text)
{
	int32_t before = 0, c;

	while ((c = utf8_next(&text)) >= 0) {
		if (before >= 0x4e00 && before <= 0x9fff && c < 0x80 && strchr(",;:?!", c))
			return true;
		before = c;
	}
	return false;
}

static void
report_words(struct po_entry **entries)
{
	for (; *entries; entries++) {
		const struct po_entry *e = *entries;

		for (size_t i = 0; i < sizeof(banned) / sizeof(banned[0]); i++)
			if (str_has(e->text, str_c(banned[i])))
				complain(e->file, e->line, e->id, "blames the reader; say what is wanted instead");
		if (half_width_mark(e->text))
			complain(e->file, e->line, e->id, "has a half-width mark behind a Chinese character");
	}
}

static bool
read_sources(struct uses *uses, const char *src, struct err *err)
{
	struct file_list files = { 0 };
	struct str text;

	tool_files(uses->arena, src, &files, NULL);
	for (size_t i = 0; i < files.n; i++) {
		struct str path = str_c(files.paths[i]);
		bool template = str_ends(path, STR(".mustache"));

		if (!template && !str_ends(path, STR(".c")) && !str_ends(path, STR(".h")))
			continue;
		if (!tool_read(uses->arena, files.paths[i], &text, err))
			return false;
		if (template)
			read_template(uses, files.paths[i], text);
		else
			read_c(uses, files.paths[i], text);
	}
	return true;
}

static bool
run(struct arena *a, char **argv, const char *compiled, struct err *err)
{
	static const char *const languages[] = { "zh_TW", "en" };
	struct uses uses = { .arena = a };
	struct str text;

	if (!read_sources(&uses, argv[1], err))
		return false;
	add_faults(&uses);
	if (compiled) {
		if (!tool_read(a, compiled, &text, err))
			return false;
		read_compiled(&uses, compiled, text);
	}
	qsort(uses.list, uses.n, sizeof(*uses.list), by_id);
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
		struct po po = { 0 };
		struct po_entry **entries;

		if (!po_read(a, arena_printf(a, "%s/%s", argv[2], languages[i]).p, &po, err))
			return false;
		if (!po_sorted(a, &po, &entries, err))
			return false;
		report_words(entries);
		if (i > 0)
			continue;        /* po2c sees to it that both have the same ids */
		report_missing(&uses, entries);
		report_unused(&uses, entries, compiled != NULL);
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	bool ok;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: messages SRC-DIR LOCALE-DIR [COMPILED]\n");
		return 2;
	}
	ok = run(a, argv, argc == 4 ? argv[3] : NULL, &err);
	if (!ok)
		tool_fail("messages", &err);
	arena_free(a);
	return !ok || wrong > 0;
}
