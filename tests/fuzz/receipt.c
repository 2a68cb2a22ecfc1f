/* A receipt of any bytes: never a fault of ours, and what is accepted is written again as the same bytes. */
#include "proof.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct cursor c = proof_cursor(a, data, n);
	struct buf b = { .arena = a };
	struct receipt r;
	struct proved p;
	struct record record;

	if (receipt_read(&c, &r)) {
		receipt_write(&b, &r);
		proof_same(&b, data, n);
		check_receipt(proof_trust(), &r, &p, &record);
	}
	c = proof_cursor(a, data, n);
	record_read((struct str){ c.p, n }, &record);
	arena_free(a);
	return 0;
}
