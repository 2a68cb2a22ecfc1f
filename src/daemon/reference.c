/* tocsin help reference DIR: the pages of docs/reference, out of the tables that the program runs on. */
#include "daemon/reference.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "daemon/command.h"
#include "desk/words.h"
#include "http/route.h"
#include "model/roles.h"
#include "model/rules.h"
#include "store/statements.h"
#include "store/store.h"

/* ---- Markdown ---- */

void
heading(struct buf *b, int depth, struct str s)
{
	buf_char(b, '\n');
	for (int i = 0; i < depth; i++)
		buf_char(b, '#');
	buf_printf(b, " %.*s\n\n", STR_FMT(s));
}

static void
put_text(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			buf_c(b, " ");
		else if (s.p[i] == '<')
			buf_c(b, "&lt;");
		else if (strchr("|*_`[]\\", s.p[i]))
			buf_printf(b, "\\%c", s.p[i]);
		else
			buf_char(b, s.p[i]);
	}
}

void
table_head(struct buf *b, const char *const *titles)
{
	for (int i = 0; titles[i]; i++)
		buf_printf(b, "| %s ", titles[i]);
	buf_c(b, "|\n");
	for (int i = 0; titles[i]; i++)
		buf_c(b, "|---");
	buf_c(b, "|\n");
}

void
cell(struct buf *b, struct str s)
{
	buf_c(b, "| ");
	put_text(b, s);
	buf_char(b, ' ');
}

void
cell_code(struct buf *b, struct str s)
{
	buf_c(b, "| ");
	if (s.n)
		buf_printf(b, "`%.*s` ", STR_FMT(s));
}

void
cell_msg(struct buf *b, enum lang l, const char *id)
{
	cell(b, id && msg_has(id) ? msg(l, id) : STR(""));
}

void
cell_int(struct buf *b, int64_t n)
{
	buf_printf(b, "| %lld ", (long long)n);
}

void
row_end(struct buf *b)
{
	buf_c(b, "|\n");
}

struct str
roles_words(struct arena *a, unsigned roles)
{
	struct buf b = { .arena = a };

	if (roles & ROLE_STRANGER)
		return STR("everybody");
	if ((roles & ROLE__ANY) == ROLE__ANY)
		return STR("anybody signed in");
	for (int i = 0; i < choices_role.n; i++)
		if (roles & (1u << choices_role.list[i].code))
			buf_printf(&b, "%s%s", b.n ? ", " : "", choices_role.list[i].id);
	if (roles & ROLE_TERMINAL)
		buf_printf(&b, "%sthe terminal", b.n ? ", " : "");
	return buf_str(&b);
}

void
cell_entity(struct buf *b, const struct entity *e)
{
	buf_c(b, "| ");
	if (e && e->n)
		buf_printf(b, "[%s](records.md#%s) ", e->name, e->name);
	else if (e)
		buf_c(b, "`{}` ");
}

/* ---- routes ---- */

static const char *const method_names[] = {
#define METHOD_NAME(m) [METHOD_##m] = #m
	METHOD_NAME(GET), METHOD_NAME(POST), METHOD_NAME(PUT), METHOD_NAME(DELETE),
#undef METHOD_NAME
};

/* "report" of "report.view". */
static struct str
family(const struct route *r)
{
	struct str rest = str_c(r->name), first;

	str_split(&rest, '.', &first);
	return first;
}

static void
route_row(struct buf *b, const struct route *r)
{
	cell_code(b, str_c(method_names[r->method]));
	cell_code(b, str_c(r->path));
	cell(b, roles_words(b->arena, r->roles));
	cell_entity(b, r->input);
	if (r->output)
		buf_printf(b, "| %s of [%s](records.md#%s) ", r->shape, r->output->name, r->output->name);
	else
		cell(b, str_c(r->shape));
	cell(b, arena_printf(b->arena, "%s%s%s", r->doc, r->idempotent_key ? " Honours Idempotency-Key." : "",
	    r->page ? "" : " No page, JSON only."));
	row_end(b);
}

static void
route_query(struct buf *b, const struct route *r)
{
	if (!r->query)
		return;
	buf_printf(b, "\n`%s %s?`\n\n", method_names[r->method], r->path);
	table_head(b, (const char *const[]){ "query", "value", "meaning", NULL });
	for (const struct query_param *q = r->query; q->name; q++) {
		cell_code(b, str_c(q->name));
		cell(b, str_c(q->type));
		cell(b, str_c(q->doc));
		row_end(b);
	}
}

static void
page_routes(struct buf *b)
{
	buf_c(b, "Every address answers as a page and, with `Accept: application/json`, as JSON. Programs send `Authorization: Bearer KEY`.\n"
	    "`/openapi.json` says the same for machines. A verb of a report is open only in the states that [life](life.md) names.\n");
	for (int i = 0; i < route_count; i++) {
		struct str name = family(&routes[i]);
		bool seen = false;

		for (int k = 0; k < i; k++)
			seen |= str_eq(family(&routes[k]), name);
		if (seen)
			continue;
		heading(b, 2, name);
		table_head(b, (const char *const[]){ "method", "path", "who", "body", "answer", "what it does", NULL });
		for (int k = i; k < route_count; k++)
			if (str_eq(family(&routes[k]), name))
				route_row(b, &routes[k]);
		for (int k = i; k < route_count; k++)
			if (str_eq(family(&routes[k]), name))
				route_query(b, &routes[k]);
	}
}

/* ---- faults, settings, statements, audit ---- */

static void
page_faults(struct buf *b)
{
	static const char *const parts[] = { "", ".why", ".do" };

	buf_c(b, "Every refusal is one of these. JSON: `{code, message, fields?}`; a page says what happened, why, and what to do.\n"
	    "Rows without a status are about one field and come inside of `fields`.\n\n");
	table_head(b, (const char *const[]){ "code", "status", "English", "中文", NULL });
	for (int f = FAULT_NONE + 1; f < FAULT__MAX; f++) {
		const char *code = fault_code((enum fault)f);
		int status = fault_status((enum fault)f);

		cell_code(b, str_c(code));
		cell(b, status ? arena_printf(b->arena, "%d", status) : STR(""));
		for (int l = LANG__MAX - 1; l >= 0; l--) {
			buf_c(b, "| ");
			for (int p = 0; p < (status ? 3 : 1); p++) {
				buf_c(b, p ? "<br>" : "");
				put_text(b, msg((enum lang)l, arena_printf(b->arena, "fault.%s%s", code, parts[p]).p));
			}
			buf_char(b, ' ');
		}
		row_end(b);
	}
}

static void
page_settings(struct buf *b)
{
	buf_printf(b, "%.*s A secret is never a setting: secrets are files in the data directory.\n\n", STR_FMT(msg(LANG_EN, "help.settings")));
	table_head(b, (const char *const[]){ "name", "default", "may be", "meaning", "說明", NULL });
	for (int i = 0; i < SET__MAX; i++) {
		const struct setting *s = &settings[i];

		cell_code(b, str_c(s->name));
		cell_code(b, str_c(s->otherwise));
		cell(b, s->kind == SETTING_BOOL ? STR("yes, no") : s->kind == SETTING_TEXT ? STR("text") :
		    arena_printf(b->arena, "%lld to %lld", (long long)s->min, (long long)s->max));
		cell_msg(b, LANG_EN, s->doc);
		cell_msg(b, LANG_ZH, s->doc);
		row_end(b);
	}
}

/* The name and what kind of statement it is: its first word. */
static void
statement_row(struct buf *b, const char *name, const char *sql)
{
	struct str rest = str_c(sql), word = STR("");

	str_split(&rest, ' ', &word);
	cell_code(b, str_c(name));
	cell(b, word);
	row_end(b);
}

static void
page_statements(struct buf *b)
{
	static const struct stmt_text rows[] = {
#define STATEMENT_ROW(constant, name, sql, parameters, results) { name, sql, parameters },
		STATEMENTS(STATEMENT_ROW)
#undef STATEMENT_ROW
	};
	const struct stmt_text *made;
	int n;

	buf_c(b, "Every statement that the program can send to its database, by name; `src/store/statements/` has the\n"
	    "text.\n\n");
	table_head(b, (const char *const[]){ "name", "statement", NULL });
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		statement_row(b, rows[i].name, rows[i].sql);
	buf_c(b, "\nThe entity tables make these at start: one column for each field.\n\n");
	table_head(b, (const char *const[]){ "name", "statement", NULL });
	made = entity_statements(&n);
	for (int i = 0; i < n; i++)
		statement_row(b, made[i].name, made[i].sql);
}

static void
page_audit(struct buf *b)
{
	buf_c(b, "What the trail can say: of a report, and of everything else in the log. Every write leaves its record in the same transaction; nothing changes or deletes one.\n\n");
	table_head(b, (const char *const[]){ "action", "English", "中文", NULL });
	for (int i = 0; i < action_word_count; i++) {
		cell_code(b, str_c(action_words[i].action));
		cell_msg(b, LANG_EN, action_words[i].msg);
		cell_msg(b, LANG_ZH, action_words[i].msg);
		row_end(b);
	}
}

/* ---- the files ---- */

static const struct page {
	const char *name, *title, *doc;
	void (*write)(struct buf *b);
} pages[] = {
	{ "routes.md", "Addresses", "everything that can be asked of the server, by whom, with what", page_routes },
	{ "records.md", "Records", "every field: kind, limits, choices, who may change it and when, its words in both languages", page_records },
	{ "life.md", "Life of a report", "states and verbs, with the diagram; the same for accounts", page_life },
	{ "regimes.md", "Regimes", "levels and clocks of each law", page_regimes },
	{ "faults.md", "Faults", "every refusal: code, status, words", page_faults },
	{ "audit.md", "Audit trail", "the actions that the trail names", page_audit },
	{ "settings.md", "Settings", "every knob of the server", page_settings },
	{ "statements.md", "Statements", "every statement that reaches the database", page_statements },
};
#define PAGE_COUNT ((int)(sizeof(pages) / sizeof(pages[0])))
#define MADE_BY "<!-- Made by: tocsin help reference DIR. Change the tables, not this page. -->\n"

static bool
write_file(struct arena *a, const char *dir, const char *name, struct str text, struct err *err)
{
	const char *path = arena_printf(a, "%s/%s", dir, name).p;
	FILE *f = fopen(path, "we");
	bool ok = f && fwrite(text.p, 1, text.n, f) == text.n;

	if (f && fclose(f) != 0)
		ok = false;
	return ok || err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
}

static bool
write_index(struct arena *a, const char *dir, struct err *err)
{
	struct buf b = { .arena = a };

	buf_c(&b, MADE_BY "# Reference\n\nThese pages come out of the tables that the program runs on, and a test compares them.\n\n");
	for (int i = 0; i < PAGE_COUNT; i++)
		buf_printf(&b, "- [%s](%s): %s\n", pages[i].title, pages[i].name, pages[i].doc);
	buf_c(&b, "\nWritten by hand, with examples that the tests make anew:\n\n"
	    "- [The log, byte by byte](log-format.md): records, the tree over them, where they are kept\n"
	    "- [Receipts, bundles, checkpoints and keys, byte by byte](receipt-format.md): for writing another checker\n"
	    "- [What a log and its witness say to each other](witness-format.md): for writing another witness\n"
	    "- [The file of a backup](backup-format.md): for reading one without this program\n");
	return write_file(a, dir, "README.md", buf_str(&b), err);
}

bool
reference_write(struct arena *a, const char *dir, struct err *err)
{
	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		return err_setf(err, FAULT_FILE, "%s: %s", dir, strerror(errno));
	if (!rules_load(err) || !write_index(a, dir, err))
		return false;
	for (int i = 0; i < PAGE_COUNT; i++) {
		struct buf b = { .arena = a };

		buf_printf(&b, MADE_BY "# %s\n\n", pages[i].title);
		pages[i].write(&b);
		if (!write_file(a, dir, pages[i].name, buf_str(&b), err))
			return false;
	}
	return true;
}
