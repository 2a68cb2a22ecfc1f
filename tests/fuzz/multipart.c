/*
 * Any body of a form with a file: the first line is its media type, the rest the body. Texts are well-formed and lie within, the file's
 * bytes lie within, and what browsers would make of the same is read as the same. Its name becomes one that does no harm.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "http/private.h"
#include "model/attachment.h"

#define NAMES 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
need(bool holds)
{
	if (!holds)
		abort();
}

static void
check_name(struct arena *a, struct str given)
{
	struct str name = attachment_name(a, given), shown = attachment_name_shown(a, given);

	need(name.n > 0 && utf8_ok(name) && utf8_ok(shown) && utf8_length(name) <= 120);
	for (size_t i = 0; i < name.n; i++)
		need((unsigned char)name.p[i] >= ' ' && !strchr("/\\:*?\"<>|%\x7f", name.p[i]));
	need(name.p[0] != '.' && !str_is(name, "con") && !str_is(name, "NUL"));
	need(str_eq(attachment_name(a, name), name));
}

static void
check_map(const struct value *map, struct str body)
{
	need(map->kind == V_MAP && map->n <= NAMES);
	for (const struct value *v = map->first; v; v = v->next) {
		need(v->name.n > 0 && utf8_ok(v->name));
		need(v->kind == V_LIST || (v->kind == V_STR && utf8_ok(v->s)));
		need(v->kind == V_LIST || (v->s.p >= body.p && v->s.p + v->s.n <= body.p + body.n));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct str body = { (const char *)data, n }, type;
	struct upload file;
	struct value *map;

	str_split(&body, '\n', &type);
	if (!body.p)
		body = STR("");
	if (multipart_read(a, n ? type : STR(""), body, NAMES, &map, &file, &err)) {
		check_map(map, body);
		if (file.field.p) {
			need(file.bytes.p >= body.p && file.bytes.p + file.bytes.n <= body.p + body.n);
			check_name(a, file.name);
		}
	} else {
		need(err.fault == FAULT_ENCODING || err.fault == FAULT_REQUEST);
	}
	check_name(a, body);
	arena_free(a);
	return 0;
}
