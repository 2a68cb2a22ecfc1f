/*
 * proof_samples DIR: writes the files that tests/verify/samples holds. Made anew only when the format changes:
 * P-256 signs otherwise each time.
 */
#include "proof_fixture.h"

static struct arena *a;
static const char *dir;

static void
save(const char *name, struct str text)
{
	FILE *f = fopen(arena_printf(a, "%s/%s", dir, name).p, "wb");

	if (!f || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0)
		abort();
}

static struct str
joined(struct str x, const char *between, struct str y)
{
	return arena_printf(a, "%.*s%s%.*s", STR_FMT(x), between, STR_FMT(y));
}

static struct str
vkey(const struct proof_key *k)
{
	struct buf b = { .arena = a };

	note_key_write(&b, &k->key);
	buf_char(&b, '\n');
	return buf_str(&b);
}

static struct str
statement(struct key_statement s, const struct proof_key *about, const struct proof_key *by)
{
	struct buf b = { .arena = a };

	s.key = about->key;
	key_statement_write(&b, &s);
	return proof_sign(a, buf_str(&b), STR_NONE, by, 0);
}

static void
save_receipt(const char *name, struct proof_log *log, int64_t index, int64_t size, struct str checkpoint, bool details)
{
	struct receipt r = proof_receipt(log, index, size, details);
	struct buf b = { .arena = a };

	r.checkpoint = checkpoint;
	if (!checkpoint.p)
		r.due = STR("2026-11-22T04:00:00Z");
	receipt_write(&b, &r);
	save(name, buf_str(&b));
}

int
main(int argc, char **argv)
{
	struct proof_key key, next, p256, witness, stranger;
	struct proof_log *log;
	struct consistency k = { .from = 12, .to = 21 };
	struct buf b = { .arena = NULL };
	struct str note, text, rotated;

	if (argc != 2)
		return 2;
	dir = argv[1];
	b.arena = a = arena_new();
	key = proof_key(a, PROOF_ORIGIN, KEY_ED25519, "the log's key");
	next = proof_key(a, PROOF_ORIGIN, KEY_ED25519, "the next key");
	p256 = proof_key(a, PROOF_ORIGIN, KEY_P256, "");
	witness = proof_key(a, "witness.example", KEY_WITNESS, "a witness");
	stranger = proof_key(a, "other.example/log", KEY_ED25519, "somebody else");
	log = proof_log(a, 30);
	text = proof_checkpoint_text(log, 21);
	note = proof_checkpoint(log, 21, &key);
	save("key.txt", vkey(&key));
	save("key-p256.txt", vkey(&p256));
	save("key-stranger.txt", vkey(&stranger));
	save("key-witness.txt", vkey(&witness));
	rotated = joined(joined(STR("# the log of cert.example\n"), "", vkey(&key)), "\n",
	    statement((struct key_statement){ .from = PROOF_START - DAY, .until = PROOF_START + DAY,
	    .stated = PROOF_START }, &key, &key));
	rotated = joined(rotated, "\n", statement((struct key_statement){ .from = PROOF_START,
	    .until = PROOF_START + 30 * DAY, .stated = PROOF_START + HOUR }, &next, &key));
	save("keys-rotated.txt", rotated);
	save("keys-compromised.txt", joined(rotated, "\n", statement((struct key_statement){ .compromised = true,
	    .from = PROOF_START + HOUR, .stated = PROOF_START + 2 * HOUR }, &key, &next)));
	save("keys-compromised-later.txt", joined(rotated, "\n", statement((struct key_statement){ .compromised = true,
	    .from = PROOF_START + 12 * HOUR, .stated = PROOF_START + 13 * HOUR }, &key, &next)));
	save("keys-expired.txt", joined(vkey(&key), "\n", statement((struct key_statement){ .from = PROOF_START - DAY,
	    .until = PROOF_START, .stated = PROOF_START - HOUR }, &key, &key)));
	save_receipt("receipt.json", log, 6, 21, note, true);
	save_receipt("receipt-no-details.json", log, 6, 21, note, false);
	save_receipt("receipt-hostile-name.json", log, 4, 21, note, true);
	save_receipt("receipt-first.json", log, 0, 21, note, true);
	save_receipt("receipt-pending.json", log, 6, 21, STR_NONE, true);
	save_receipt("receipt-p256.json", log, 20, 21, proof_checkpoint(log, 21, &p256), true);
	save_receipt("receipt-next-key.json", log, 9, 21, proof_checkpoint(log, 21, &next), true);
	save_receipt("receipt-witnessed.json", log, 6, 21, proof_sign(a, text, note, &witness, PROOF_START + 2 * HOUR), true);
	save("checkpoint-12.txt", proof_checkpoint(log, 12, &key));
	save("checkpoint-21.txt", note);
	save("checkpoint-30.txt", proof_checkpoint(log, 30, &key));
	merkle_prove_consistency(12, 21, proof_fetch, log, &k.proof);
	consistency_write(&b, &k);
	save("consistency-12-21.json", buf_str(&b));
	save("case.jsonl", proof_bundle(log, 21, 5, note));
	save("log.jsonl", proof_bundle(log, 21, 1, note));
	return 0;
}
