#include "tool.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"

bool
tool_read(struct arena *a, const char *path, struct str *ret_text, struct err *err)
{
	FILE *f = fopen(path, "rb");
	struct buf b = { .arena = a };
	size_t got;
	bool ok;

	if (!f)
		return err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
	do {
		got = fread(buf_room(&b, 4096), 1, 4096, f);
		b.n += got;
	} while (got > 0);
	ok = !ferror(f) || err_setf(err, FAULT_FILE, "%s: cannot be read", path);
	fclose(f);
	if (ok)
		*ret_text = buf_str(&b);
	return ok;
}

static void
add_path(struct arena *a, struct file_list *list, const char *path)
{
	if (list->n == list->cap) {
		const char **paths;

		list->cap = list->cap ? list->cap * 2 : 64;
		paths = arena_alloc(a, list->cap * sizeof(char *));
		if (list->n)
			memcpy(paths, list->paths, list->n * sizeof(char *));
		list->paths = paths;
	}
	list->paths[list->n++] = path;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
walk(struct arena *a, const char *dir, struct file_list *files, struct file_list *dirs)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!d)
		return;
	if (dirs)
		add_path(a, dirs, dir);
	while ((e = readdir(d)) != NULL) {
		const char *path = arena_printf(a, "%s/%s", dir, e->d_name).p;
		struct stat st;

		if (e->d_name[0] == '.' || stat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode))
			walk(a, path, files, dirs);
		else if (S_ISREG(st.st_mode))
			add_path(a, files, path);
	}
	closedir(d);
}

void
tool_files(struct arena *a, const char *dir, struct file_list *files, struct file_list *dirs)
{
	walk(a, dir, files, dirs);
	if (files->n)
		qsort(files->paths, files->n, sizeof(char *), by_path);
}

bool
tool_write(const char *path, struct str text, struct err *err)
{
	FILE *f = fopen(path, "wb");
	bool ok;

	if (!f)
		return err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
	ok = fwrite(text.p, 1, text.n, f) == text.n;
	ok = fclose(f) == 0 && ok;
	return ok || err_setf(err, FAULT_FILE, "%s: cannot be written", path);
}

int
tool_fail(const char *tool, const struct err *err)
{
	fprintf(stderr, "%s: %.*s\n", tool, STR_FMT(err->detail));
	return 1;
}

void
tool_literal(struct buf *b, struct str s)
{
	buf_char(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\n')
			buf_put(b, STR("\\n"));
		else if (c < 0x20 || c >= 0x7f)
			buf_printf(b, "\\%03o", c);
		else if (c == '"' || c == '\\' || c == '?')
			buf_printf(b, "\\%c", c);
		else
			buf_char(b, (char)c);
	}
	buf_char(b, '"');
}

static void
put_prerequisites(struct buf *b, const struct file_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		buf_put(b, STR(" \\\n "));
		for (const char *c = list->paths[i]; *c; c++) {
			if (*c == ' ' || *c == '#')
				buf_char(b, '\\');
			buf_char(b, *c);
		}
	}
}

struct str
tool_depfile(struct arena *a, const char *target, const struct file_list *files, const struct file_list *dirs)
{
	struct buf b = { .arena = a };

	buf_printf(&b, "%s:", target);
	put_prerequisites(&b, files);
	put_prerequisites(&b, dirs);
	buf_char(&b, '\n');
	return buf_str(&b);
}
