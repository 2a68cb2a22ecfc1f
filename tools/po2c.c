/*
 * po2c LOCALE-DIR OUT.c OUT.d: the messages of locale/zh_TW and locale/en as one C table.
 * Fails when the two do not have the same ids and the same {names}.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/catalogue.h"
#include "po.h"
#include "tool.h"

static const char *const directories[LANG__MAX] = { [LANG_ZH] = "zh_TW", [LANG_EN] = "en" };

/* The next {name} of a text, off *rest. */
static bool
next_name(struct str *rest, struct str *ret_name)
{
	struct str text, after;

	while (str_split(rest, '{', &text) && rest->p) {
		after = *rest;
		if (str_split(&after, '}', ret_name) && after.p && ret_name->n > 0) {
			*rest = after;
			return true;
		}
	}
	return false;
}

static bool
has_name(struct str text, struct str wanted)
{
	struct str name;

	while (next_name(&text, &name))
		if (str_eq(name, wanted))
			return true;
	return false;
}

/* Every {name} of one text is in the other. */
static bool
names_in(const struct po_entry *e, const struct po_entry *other, struct err *err)
{
	struct str rest = e->text, name;

	while (next_name(&rest, &name))
		if (!has_name(other->text, name))
			return err_setf(err, FAULT_FILE, "%s:%d: %.*s has {%.*s}, which %s:%d has not", e->file, e->line,
			    STR_FMT(e->id), STR_FMT(name), other->file, other->line);
	return true;
}

static bool
missing(const struct po_entry *e, enum lang l, struct err *err)
{
	return err_setf(err, FAULT_FILE, "%s:%d: %.*s is not in locale/%s", e->file, e->line, STR_FMT(e->id),
	    directories[l]);
}

/* Both languages say the same things. */
static bool
compare(struct po_entry **zh, struct po_entry **en, struct err *err)
{
	for (; *zh || *en; zh++, en++) {
		int order = !*zh ? 1 : !*en ? -1 : str_cmp((*zh)->id, (*en)->id);

		if (order < 0)
			return missing(*zh, LANG_EN, err);
		if (order > 0)
			return missing(*en, LANG_ZH, err);
		if (!names_in(*zh, *en, err) || !names_in(*en, *zh, err))
			return false;
	}
	return true;
}

static void
put_message(struct buf *b, size_t slot, const struct po_entry *zh, const struct po_entry *en)
{
	buf_printf(b, "\t[%zu] = { ", slot);
	tool_literal(b, zh->id);
	buf_printf(b, ", %zu, { { ", zh->id.n);
	tool_literal(b, zh->text);
	buf_printf(b, ", %zu }, { ", zh->text.n);
	tool_literal(b, en->text);
	buf_printf(b, ", %zu } } },\n", en->text.n);
}

static struct str
table(struct arena *a, struct po_entry **zh, struct po_entry **en, size_t n)
{
	struct buf b = { .arena = a };
	size_t slots = 16;
	bool *taken;

	while (slots < 2 * n)
		slots *= 2;
	taken = arena_alloc(a, slots * sizeof(*taken));
	buf_put(&b, STR("/* Made by tools/po2c from locale/. */\n#include \"base/catalogue.h\"\n\n"));
	buf_printf(&b, "const size_t catalogue_slots = %zu;\nconst struct message catalogue[%zu] = {\n", slots, slots);
	for (size_t i = 0; i < n; i++) {
		size_t slot = catalogue_hash(zh[i]->id.p, zh[i]->id.n) & (slots - 1);

		while (taken[slot])
			slot = (slot + 1) & (slots - 1);
		taken[slot] = true;
		put_message(&b, slot, zh[i], en[i]);
	}
	buf_put(&b, STR("};\n"));
	return buf_str(&b);
}

static bool
run(struct arena *a, const char *locale, const char *out, const char *depfile, struct err *err)
{
	struct po po[LANG__MAX] = { 0 };
	struct po_entry **entries[LANG__MAX];
	struct file_list files = { 0 }, dirs = { 0 };

	for (int l = 0; l < LANG__MAX; l++) {
		const char *dir = arena_printf(a, "%s/%s", locale, directories[l]).p;

		if (!po_read(a, dir, &po[l], err) || !po_sorted(a, &po[l], &entries[l], err))
			return false;
	}
	if (!compare(entries[LANG_ZH], entries[LANG_EN], err))
		return false;
	tool_files(a, locale, &files, &dirs);
	return tool_write(out, table(a, entries[LANG_ZH], entries[LANG_EN], po[LANG_ZH].n), err) &&
	    tool_write(depfile, tool_depfile(a, out, &files, &dirs), err);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	int status = 0;

	if (argc != 4) {
		fprintf(stderr, "usage: po2c LOCALE-DIR OUT.c OUT.d\n");
		return 2;
	}
	if (!run(a, argv[1], argv[2], argv[3], &err))
		status = tool_fail("po2c", &err);
	arena_free(a);
	return status;
}
