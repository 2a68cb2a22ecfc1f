/* Whatever json_parse() takes, json_write() writes so that it reads as the same value again. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_again(struct arena *a, const struct value *v, struct str text)
{
	struct err err = { .arena = a };
	struct value *again;

	if (!utf8_ok(text) || !json_parse(a, text, &again, &err) || !value_equal(v, again))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct buf pretty = { .arena = a };
	struct value *v;

	if (json_parse(a, (struct str){ (const char *)data, n }, &v, &err)) {
		check_again(a, v, json_text(a, v));
		json_write_pretty(&pretty, v);
		check_again(a, v, buf_str(&pretty));
	} else if (err.fault == FAULT_NONE || err.detail.n == 0) {
		abort();
	}
	arena_free(a);
	return 0;
}
