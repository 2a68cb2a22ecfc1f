/* What a log sends to its witness, and what it is answered, of any bytes. */
#include "ledger/witness.h"
#include "proof.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct sha256 nothing;
	struct arena *a = arena_new();
	struct cursor c = proof_cursor(a, data, n);
	struct str s = { c.p, n }, line = { NULL, 0 };
	struct buf b = { .arena = a };
	struct witness_request *r = arena_make(a, struct witness_request);
	const struct signer *key = &proof_trust()->keys.signer[0];
	enum witness_verdict verdict;
	int64_t number = 0;

	if (witness_request_read(s, r) == REFUSAL_NONE) {
		witness_request_write(&b, r);
		if (b.n != n || memcmp(b.p, data, n) != 0)
			abort();
		verdict = witness_judge(r, r->old, &nothing);
		/* nothing goes on from a root that no log has, but for what is the first */
		if (verdict == WITNESS_FOLLOWS && r->old != 0 && !merkle_same(&r->checkpoint.root, &nothing))
			abort();
		witness_judge(r, r->old + 1, &r->checkpoint.root);
	}
	if (witness_size_read(s, &number) && number < 0)
		abort();
	if (witness_line_find(s, &key->key, &line, &number) == REFUSAL_NONE &&
	    (line.p < s.p || line.p + line.n > s.p + s.n || line.p[line.n - 1] != '\n'))
		abort();
	arena_free(a);
	return 0;
}
