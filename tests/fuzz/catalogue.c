/* A catalogue is read or refused with a place and a reason. */
#include <stdlib.h>

#include "base/arena.h"
#include "po.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct po po = { 0 };
	struct po_entry **entries, *e;

	if (po_parse(a, "x.po", (struct str){ (const char *)data, n }, &po, &err)) {
		for (e = po.first; e; e = e->next)
			if (e->id.n == 0 || e->text.n == 0 || !utf8_ok(e->id) || !utf8_ok(e->text))
				abort();
		po_sorted(a, &po, &entries, &err);
	} else if (!str_starts(err.detail, STR("x.po:"))) {
		abort();
	}
	arena_free(a);
	return 0;
}
