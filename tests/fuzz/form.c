/*
 * Any body of a form: names and values that are well-formed, or a fault; then as the fields of a report, which keeps what is good and
 * names what is not, and comes back on the form as it was typed.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "http/private.h"
#include "model/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
need(bool holds)
{
	if (!holds)
		abort();
}

static void
check_names(const struct value *map)
{
	need(map->kind == V_MAP && map->n <= FORM_NAMES);
	for (const struct value *v = map->first; v; v = v->next) {
		need(v->name.n > 0 && utf8_ok(v->name));
		need(v->kind == V_LIST || (v->kind == V_STR && utf8_ok(v->s)));
	}
}

static void
as_report(struct arena *a, const struct value *map)
{
	struct face face = { .lang = LANG_ZH, .zone = zone_utc(), .now = DAY };
	struct entity_input in = { .in = map, .editors = BY_P, .whens = 1 << WHEN_DRAFT | 1 << WHEN_OPEN, .form = true, .local = zone_utc() };
	struct report *r = entity_new(&entity_report, a);
	struct err err = { .arena = a };
	bool read = entity_read(&entity_report, &in, r, a, &err);

	need(read == (err.fault == FAULT_NONE));
	need(entity_form(&entity_report, r, in.editors, in.whens, map, &err, &face, a)->kind == V_LIST);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct str body = { (const char *)data, n }, text;
	struct value *map;

	if (query_read(a, body, FORM_NAMES, n & 1, &map, &err)) {
		check_names(map);
		as_report(a, map);
	} else {
		need(err.fault == FAULT_ENCODING || err.fault == FAULT_REQUEST);
	}
	err = (struct err){ .arena = a };
	if (target_decode(a, body, n & 1, &text, &err))
		need(utf8_ok(text) && text.n <= n);
	arena_free(a);
	return 0;
}
