/*
 * Any text as a template, shown with any JSON: an error with its line, or a page. The part before the first NUL is the template,
 * the rest the value. What is escaped never lets markup of the value through.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "http/mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A partial that calls itself is a stack that must end. */
static struct str
partial(struct str name, void *arg)
{
	(void)arg;
	return str_is(name, "row") ? STR("<li>{{name}}{{#rows}}{{> row}}{{/rows}}</li>\n") : STR_NONE;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str all = { (const char *)data, n }, text = all, json = STR("{\"a\":\"<b>\",\"rows\":[{\"name\":\"x\"}]}");
	const uint8_t *nul = n ? memchr(data, 0, n) : NULL;
	struct arena *a;
	struct err err = { .fault = FAULT_NONE };
	const struct mustache *m;
	struct value *v;
	struct face face = { .lang = n & 1 ? LANG_EN : LANG_ZH, .zone = zone_utc(), .now = 0 };

	if (n > 20000)
		return 0;
	a = arena_new();
	err.arena = a;
	if (nul) {
		text = str_first(all, (size_t)(nul - data));
		json = str_from(all, (size_t)(nul - data) + 1);
	}
	if (json_parse(a, json, &v, &err)) {
		err = (struct err){ .arena = a };
		if (mustache_compile(a, text, face.lang, partial, NULL, &m, &err)) {
			const struct value *stack[1] = { v };
			struct buf b = { .arena = a };

			mustache_render(m, stack, 1, &face, &b);
			if (utf8_ok(text) && !utf8_ok(buf_str(&b)))
				abort();
		} else if (err.fault == FAULT_NONE) {
			abort();
		}
	}
	arena_free(a);
	return 0;
}
