/*
 * layers SRC-DIR: the rooms include only what stands below them, and each outside library only where it belongs.
 * Names every other include as file:line and ends with 1.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "tool.h"

struct room {
	const char *name, *below;        /* rooms it may include, beside itself */
};

static const struct room rooms[] = {
	{ "base",   "" },
	{ "store",  "base" },
	{ "backup", "base store" },
	{ "model",  "base store" },
	{ "ledger", "base store model" },
	{ "wire",   "base store model" },
	{ "desk",   "base store model ledger wire" },
	{ "http",   "base store model" },
	{ "site",   "base store model ledger wire desk http" },
	{ "verify", "base ledger" },
	{ "daemon", "base store model ledger wire desk http site verify backup" },
};

/* A library's headers, and the beginnings of the paths that may include them. */
struct library {
	const char *header, *places;
};

static const struct library libraries[] = {
	{ "jansson.h",    "base/json.c" },
	{ "openssl/",     "base/hash.c base/sha256.c ledger/signature.c ledger/take.c wire/zip.c daemon/private_key.c" },
	{ "microhttpd.h", "http/mhd.c" },
	{ "sqlite3.h",    "store/sqlite" },
	{ "libpq-fe.h",   "store/pg" },
	{ "sodium.h",     "desk/ backup/" },
	{ "liboath/",     "desk/" },
	{ "seccomp.h",    "daemon/" },
	{ "pango/",       "daemon/paper" },
	{ "cairo",        "daemon/paper.c" },
	{ "hb.h",         "daemon/paper_fonts.c" },
	{ "fontconfig/",  "daemon/paper_fonts.c" },
	{ "p11-kit/",     "daemon/token.c" },
	{ "libgfshare.h", "daemon/share.c" },
	{ "curl/",        "daemon/courier.c" },
};

static int wrong;

static void
complain(const char *path, int line, const char *what, struct str header)
{
	printf("%s:%d: %s %.*s\n", path, line, what, STR_FMT(header));
	wrong++;
}

static const struct room *
room_of(struct str path)
{
	struct str name;

	if (!str_split(&path, '/', &name) || !path.p)
		return NULL;
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
		if (str_is(name, rooms[i].name))
			return &rooms[i];
	return NULL;
}

static bool
may_include(const struct room *from, const struct room *to)
{
	struct str below = str_c(from->below), name;

	if (from == to)
		return true;
	while (str_split(&below, ' ', &name))
		if (str_is(name, to->name))
			return true;
	return false;
}

static void
check_own(const char *src, const char *path, struct str inside, int line, struct str header)
{
	const struct room *from = room_of(inside), *to = room_of(header);
	char file[4096];

	snprintf(file, sizeof(file), "%s/%.*s", src, STR_FMT(header));
	if (!to)
		complain(path, line, "names no room:", header);
	else if (access(file, R_OK) != 0)
		complain(path, line, "no such file:", header);
	else if (from && !may_include(from, to))
		complain(path, line, "against the arrows:", header);
}

static bool
may_use(struct str inside, const struct library *library)
{
	struct str places = str_c(library->places), place;

	while (str_split(&places, ' ', &place))
		if (str_starts(inside, place))
			return true;
	return false;
}

static void
check_library(const char *path, struct str inside, int line, struct str header)
{
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		if (str_starts(header, str_c(libraries[i].header)) && !may_use(inside, &libraries[i]))
			complain(path, line, "a library that another file wraps:", header);
}

/* What stands between open and close in an include line; absent when it is none. */
static struct str
included(struct str line, char open, char close)
{
	struct str name;

	line = str_trim(line);
	if (!str_starts(line, STR("#")))
		return STR_NONE;
	line = str_trim(str_from(line, 1));
	if (!str_starts(line, STR("include")))
		return STR_NONE;
	line = str_trim(str_from(line, 7));
	if (line.n == 0 || line.p[0] != open)
		return STR_NONE;
	line = str_from(line, 1);
	return str_split(&line, close, &name) && line.p ? name : STR_NONE;
}

static void
check_file(const char *src, const char *path, struct str text)
{
	struct str inside = str_from(str_c(path), strlen(src) + 1), line;
	int number = 0;

	while (str_split(&text, '\n', &line)) {
		struct str own = included(line, '"', '"'), library = included(line, '<', '>');

		number++;
		if (own.p)
			check_own(src, path, inside, number, own);
		if (library.p)
			check_library(path, inside, number, library);
	}
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct file_list files = { 0 };
	size_t checked = 0;
	struct str text;

	if (argc != 2) {
		fprintf(stderr, "usage: layers SRC-DIR\n");
		return 2;
	}
	tool_files(a, argv[1], &files, NULL);
	for (size_t i = 0; i < files.n; i++) {
		struct str path = str_c(files.paths[i]);

		if (!str_ends(path, STR(".c")) && !str_ends(path, STR(".h")))
			continue;
		if (!tool_read(a, files.paths[i], &text, &err))
			return tool_fail("layers", &err);
		check_file(argv[1], files.paths[i], text);
		checked++;
	}
	arena_free(a);
	if (checked == 0) {
		fprintf(stderr, "layers: no sources in %s\n", argv[1]);
		return 2;
	}
	return wrong > 0;
}
