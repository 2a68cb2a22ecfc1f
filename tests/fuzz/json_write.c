/* Any well-formed text goes into JSON and comes back, as text and as name, in both encodings. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check(struct arena *a, struct str text, struct str json)
{
	struct err err = { .arena = a };
	struct value *v;

	if (!json_parse(a, json, &v, &err) || !str_eq(value_text(value_get(v, "text")), text))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct str text = { n ? (const char *)data : "", n };
	struct buf canonical = { .arena = a };
	struct value *v = value_map(a);

	if (utf8_ok(text)) {
		map_str(a, v, "text", text);
		if (!str_is(text, "text"))
			map_add_str(v, text, value_int(a, 1));
		check(a, text, json_text(a, v));
		json_canonical(&canonical, v);
		check(a, text, buf_str(&canonical));
	}
	arena_free(a);
	return 0;
}
