/* What the targets of receipts, notes and bundles share. */
#ifndef FUZZ_PROOF_H
#define FUZZ_PROOF_H

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "ledger/check.h"
#include "ledger/note_write.h"
#include "ledger/receipt_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The key of tests/verify/samples. */
static inline const struct trust *
proof_trust(void)
{
	static const char file[] = "cert.example/log+64b136ae+ARva6Znn4MDMmpvrCWh7arfnXlzcn4Dk8AvDMpjL5lpw\n";
	static struct trust trust;
	int line;

	if (trust.keys.n == 0 && keys_read((struct str){ file, sizeof(file) - 1 }, &trust.keys, &line) != REFUSAL_NONE)
		abort();
	return &trust;
}

/* A copy that may be written on, exactly as long. */
static inline struct cursor
proof_cursor(struct arena *a, const uint8_t *data, size_t n)
{
	char *p = n ? arena_raw(a, n) : arena_raw(a, 1);

	if (n)
		memcpy(p, data, n);
	return (struct cursor){ p, p + n, REFUSAL_NONE };
}

/* One encoding: what was read is written again as it was, but for a last newline that may have been lost. */
static inline void
proof_same(const struct buf *b, const uint8_t *data, size_t n)
{
	if ((b->n != n && b->n != n + 1) || memcmp(b->p, data, n) != 0)
		abort();
}

#endif
