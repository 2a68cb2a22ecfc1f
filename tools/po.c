#include "po.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "tool.h"

/* Where the parser stands. */
struct reader {
	struct arena *arena;
	const char *file;
	int line;
	struct po *po;
	struct err *err;
	struct buf *into;                /* what a further piece of text belongs to */
	struct buf id, text;
	int id_line;
	bool has_id, has_text;
};

static bool
fail(struct reader *r, int line, const char *what)
{
	return err_setf(r->err, FAULT_FILE, "%s:%d: %s", r->file, line, what);
}

static bool
id_ok(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:+-", id.p[i]))
			return false;
	return true;
}

/* Ends the entry that is open, if one is. The one with the empty id is the file's head, no message. */
static bool
finish(struct reader *r)
{
	struct po_entry *e;
	struct str id = buf_str(&r->id), text = buf_str(&r->text);

	if (!r->has_id)
		return true;
	if (!r->has_text)
		return fail(r, r->id_line, "msgid without msgstr");
	r->has_id = r->has_text = false;
	r->into = NULL;
	if (id.n == 0)
		return true;
	if (!id_ok(id))
		return fail(r, r->id_line, "an id has letters, digits and _ . : + - only");
	if (str_trim(text).n == 0)
		return fail(r, r->id_line, "msgstr is empty");
	e = arena_make(r->arena, struct po_entry);
	*e = (struct po_entry){ NULL, id, text, r->file, r->id_line };
	if (r->po->last)
		r->po->last->next = e;
	else
		r->po->first = e;
	r->po->last = e;
	r->po->n++;
	return true;
}

/* A piece in quotes, to the end of the line. */
static bool
read_piece(struct reader *r, struct str s)
{
	if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
		return fail(r, r->line, "a text stands between double quotes");
	for (size_t i = 1; i < s.n - 1; i++) {
		char c = s.p[i];

		if (c == '"')
			return fail(r, r->line, "a double quote within a text needs a backslash");
		if (c == '\\') {
			c = s.p[++i];
			if (i == s.n - 1 || !strchr("nt\"\\", c))
				return fail(r, r->line, "after a backslash stands n, t, a double quote or a backslash");
			c = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c);
		}
		buf_char(r->into, c);
	}
	return true;
}

static bool
begin_id(struct reader *r)
{
	if (!finish(r))
		return false;
	r->id = (struct buf){ .arena = r->arena };
	r->text = (struct buf){ .arena = r->arena };
	r->into = &r->id;
	r->id_line = r->line;
	r->has_id = true;
	return true;
}

static bool
read_line(struct reader *r, struct str s)
{
	if (s.n == 0)
		return true;
	if (s.p[0] == '#')
		return !str_has(s, STR(", fuzzy")) || fail(r, r->line, "fuzzy: the translation waits for somebody");
	if (s.p[0] == '"')
		return r->into ? read_piece(r, s) : fail(r, r->line, "a text without msgid or msgstr before it");
	if (str_starts(s, STR("msgid \"")))
		return begin_id(r) && read_piece(r, str_from(s, 6));
	if (str_starts(s, STR("msgstr \""))) {
		if (!r->has_id || r->has_text)
			return fail(r, r->line, "msgstr without msgid before it");
		r->has_text = true;
		r->into = &r->text;
		return read_piece(r, str_from(s, 7));
	}
	return fail(r, r->line, "neither msgid, msgstr, a text nor a comment");
}

bool
po_parse(struct arena *a, const char *file, struct str text, struct po *po, struct err *err)
{
	struct reader r = { .arena = a, .file = file, .po = po, .err = err };
	struct str line;

	if (!utf8_ok(text))
		return err_setf(err, FAULT_FILE, "%s: byte %zu is not UTF-8", file, utf8_sound(text));
	while (str_split(&text, '\n', &line)) {
		r.line++;
		if (!read_line(&r, str_trim(line)))
			return false;
	}
	return finish(&r);
}

bool
po_read(struct arena *a, const char *dir, struct po *po, struct err *err)
{
	struct file_list files = { 0 };
	struct str text;

	tool_files(a, dir, &files, NULL);
	for (size_t i = 0; i < files.n; i++) {
		if (!str_ends(str_c(files.paths[i]), STR(".po")))
			continue;
		if (!tool_read(a, files.paths[i], &text, err) || !po_parse(a, files.paths[i], text, po, err))
			return false;
	}
	return true;
}

static int
by_id(const void *a, const void *b)
{
	const struct po_entry *const *x = a, *const *y = b;

	return str_cmp((*x)->id, (*y)->id);
}

bool
po_sorted(struct arena *a, const struct po *po, struct po_entry ***ret_entries, struct err *err)
{
	struct po_entry **entries = arena_alloc(a, (po->n + 1) * sizeof(struct po_entry *)), *e;
	size_t n = 0;

	for (e = po->first; e; e = e->next)
		entries[n++] = e;
	qsort(entries, n, sizeof(struct po_entry *), by_id);
	for (size_t i = 1; i < n; i++)
		if (str_eq(entries[i - 1]->id, entries[i]->id))
			return err_setf(err, FAULT_FILE, "%s:%d: %.*s is also in %s:%d", entries[i]->file,
			    entries[i]->line, STR_FMT(entries[i]->id), entries[i - 1]->file, entries[i - 1]->line);
	*ret_entries = entries;
	return true;
}
