/* A bundle of any lines. */
#include "proof.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct bundle_check b = { .trust = proof_trust() };
	enum refusal why = REFUSAL_NONE;

	while (why == REFUSAL_NONE && n) {
		const uint8_t *newline = memchr(data, '\n', n);
		size_t length = newline ? (size_t)(newline - data) + 1 : n;
		struct cursor line = proof_cursor(a, data, length);

		why = bundle_check_line(&b, line.p, length);
		data += length;
		n -= length;
	}
	arena_free(a);
	return 0;
}
