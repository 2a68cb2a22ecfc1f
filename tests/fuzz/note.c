/* Notes, checkpoints, statements, files of keys, proofs of consistency of any bytes. */
#include "proof.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct cursor c = proof_cursor(a, data, n);
	struct str s = { c.p, n };
	struct buf b = { .arena = a };
	struct consistency k;
	struct checkpoint checkpoint;
	struct key_statement statement;
	struct keyring keys;
	struct proved p;
	int line = 0;

	if (checkpoint_read(s, &checkpoint) == REFUSAL_NONE) {
		checkpoint_write(&b, &checkpoint);
		proof_same(&b, (const uint8_t *)checkpoint.note.text.p, checkpoint.note.text.n);
	}
	b.n = 0;
	if (key_statement_read(s, &statement) == REFUSAL_NONE) {
		key_statement_write(&b, &statement);
		proof_same(&b, (const uint8_t *)statement.note.text.p, statement.note.text.n);
	}
	check_checkpoint(proof_trust(), s, &p);
	if (keys_read(s, &keys, &line) != REFUSAL_NONE && line < 1)
		abort();
	b.n = 0;
	if (consistency_read(&c, &k)) {
		consistency_write(&b, &k);
		proof_same(&b, data, n);
	}
	arena_free(a);
	return 0;
}
