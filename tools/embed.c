/*
 * embed DIR SUFFIX TABLE OUT.c OUT.d: the files below DIR as a table of base/embed.h. With a SUFFIX
 * (not "") only files that end so, and their names go without it.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "tool.h"

#define ETAG_DIGITS 16

struct job {
	const char *dir, *suffix, *table, *out, *depfile;
};

/* The name under which a file is embedded; absent when it is not. */
static struct str
name_of(const struct job *job, const char *path)
{
	struct str name = str_from(str_c(path), strlen(job->dir) + 1), suffix = str_c(job->suffix);

	return str_ends(name, suffix) ? str_first(name, name.n - suffix.n) : STR_NONE;
}

static void
put_bytes(struct buf *b, size_t number, struct str bytes)
{
	buf_printf(b, "static const unsigned char file_%zu[] = {", number);
	for (size_t i = 0; i < bytes.n; i++) {
		buf_put(b, i % 20 == 0 ? STR("\n\t") : STR(""));
		buf_int(b, (unsigned char)bytes.p[i]);
		buf_char(b, ',');
	}
	buf_put(b, STR("0\n};\n"));
}

static bool
put_file(struct arena *a, const char *path, struct str name, size_t number, struct buf *files, struct buf *rows,
    struct err *err)
{
	struct str bytes;
	struct sha256 h;

	if (!tool_read(a, path, &bytes, err))
		return false;
	h = sha256(bytes);
	put_bytes(files, number, bytes);
	buf_put(rows, STR("\t{ "));
	tool_literal(rows, name);
	buf_printf(rows, ", file_%zu, %zu, ", number, bytes.n);
	tool_literal(rows, str_first(hex(a, (struct str){ (const char *)h.b, sizeof(h.b) }), ETAG_DIGITS));
	buf_put(rows, STR(" },\n"));
	return true;
}

static bool
run(struct arena *a, const struct job *job, struct err *err)
{
	struct file_list paths = { 0 }, dirs = { 0 };
	struct buf out = { .arena = a }, rows = { .arena = a };

	tool_files(a, job->dir, &paths, &dirs);
	buf_put(&out, STR("/* Made by tools/embed. */\n#include \"base/embed.h\"\n\n"));
	for (size_t i = 0; i < paths.n; i++) {
		struct str name = name_of(job, paths.paths[i]);

		if (name.p && !put_file(a, paths.paths[i], name, i, &out, &rows, err))
			return false;
	}
	buf_printf(&out, "\nextern const struct asset %s[];\nconst struct asset %s[] = {\n", job->table, job->table);
	buf_put(&out, buf_str(&rows));
	buf_put(&out, STR("\t{ 0 }\n};\n"));
	return tool_write(job->out, buf_str(&out), err) &&
	    tool_write(job->depfile, tool_depfile(a, job->out, &paths, &dirs), err);
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	int status = 0;

	if (argc != 6) {
		fprintf(stderr, "usage: embed DIR SUFFIX TABLE OUT.c OUT.d\n");
		return 2;
	}
	if (!run(a, &(struct job){ argv[1], argv[2], argv[3], argv[4], argv[5] }, &err))
		status = tool_fail("embed", &err);
	arena_free(a);
	return status;
}
