/* Notes, keys, checkpoints, receipts and bundles: what holds, what each wrong thing is called, every changed bit. */
#include "proof_fixture.h"

#include <unistd.h>

#include "chance.h"
#include "tap.h"

static struct arena *a;
static struct proof_key key, other, p256, witness, elder, stranger;
static struct proof_log *records;
static struct trust trust;

static struct str
vkey(const struct proof_key *k)
{
	struct buf b = { .arena = a };

	note_key_write(&b, &k->key);
	return buf_str(&b);
}

static struct str
joined(struct str x, const char *between, struct str y)
{
	return arena_printf(a, "%.*s%s%.*s", STR_FMT(x), between, STR_FMT(y));
}

static void
trust_keys(struct keyring *keys, struct str file)
{
	int line = 0;
	enum refusal why = keys_read(arena_dup(a, file), keys, &line);

	if (why != REFUSAL_NONE) {
		printf("# keys: refusal %d at line %d\n", why, line);
		abort();
	}
}

static enum refusal
judge_receipt(struct str text)
{
	struct str copy = arena_dup(a, text);
	struct cursor c = { (char *)copy.p, (char *)copy.p + copy.n, REFUSAL_NONE };
	struct receipt r;
	struct proved p;
	struct record record;

	return receipt_read(&c, &r) ? check_receipt(&trust, &r, &p, &record) : c.refusal;
}

static enum refusal
judge_bundle(struct str text)
{
	struct str copy = arena_dup(a, text);
	struct bundle_check b = { .trust = &trust };
	char *p = (char *)copy.p, *end = p + copy.n, *newline;
	enum refusal why = REFUSAL_NONE;

	while (why == REFUSAL_NONE && p < end) {
		newline = memchr(p, '\n', (size_t)(end - p));
		newline = newline ? newline + 1 : end;
		why = bundle_check_line(&b, p, (size_t)(newline - p));
		p = newline;
	}
	return why == REFUSAL_NONE && !b.ended ? REFUSAL_SHORT : why;
}

static enum refusal
judge_note(struct str text)
{
	struct proved p;

	return check_checkpoint(&trust, arena_dup(a, text), &p);
}

static struct str
receipt_text(int64_t index, int64_t size, struct str checkpoint, bool details)
{
	struct receipt r = proof_receipt(records, index, size, details);
	struct buf b = { .arena = a };

	r.checkpoint = checkpoint;
	if (!checkpoint.p)
		r.due = STR("2026-11-22T04:00:00Z");
	receipt_write(&b, &r);
	return buf_str(&b);
}

/* text with the first `from` made `to`; the test is wrong when there is none. */
static struct str
changed(struct str text, const char *from, const char *to)
{
	const char *at = memmem(text.p, text.n, from, strlen(from));

	if (!at) {
		printf("# no %s in the text\n", from);
		abort();
	}
	return arena_printf(a, "%.*s%s%.*s", (int)(at - text.p), text.p, to,
	    (int)(text.n - strlen(from) - (size_t)(at - text.p)), at + strlen(from));
}

/* ---- one encoding ---- */

static void
test_primitives(void)
{
	static const struct { const char *text; int64_t want; } stamps[] = {
		{ "1970-01-01T00:00:00.000000Z", 0 }, { "2026-11-22T02:10:00.000001Z", PROOF_START + 1 },
		{ "2024-02-29T23:59:59.999999Z", INT64_C(1709251199999999) }, { "2023-02-29T00:00:00.000000Z", -1 },
		{ "2026-11-31T00:00:00.000000Z", -1 }, { "2026-13-01T00:00:00.000000Z", -1 },
		{ "2026-11-22T24:00:00.000000Z", -1 }, { "2026-11-22T02:10:60.000000Z", -1 },
		{ "2026-11-22T02:10:00.00000Z", -1 }, { "2026-11-22T02:10:00.000000z", -1 },
		{ "2026-11-22 02:10:00.000000Z", -1 }, { "1969-12-31T23:59:59.000000Z", -1 }, { "", -1 },
	};
	static const struct { const char *text; int want; } base64[] = {
		{ "", 0 }, { "TQ==", 1 }, { "TWE=", 2 }, { "TWFu", 3 }, { "TR==", -1 }, { "TWF=", -1 }, { "TQ=", -1 },
		{ "TQ", -1 }, { "T===", -1 }, { "====", -1 }, { "TW-u", -1 }, { "TW u", -1 }, { "TQ==TQ==", -1 },
	};
	static const struct { const char *text; int64_t want; } numbers[] = {
		{ "0", 0 }, { "9007199254740991", NUMBER_MAX }, { "9007199254740992", -1 }, { "99999999999999999999", -1 },
		{ "01", -1 }, { "-1", -1 }, { "1e3", -1 }, { "", -1 },
	};
	unsigned char out[64];
	int64_t v;
	size_t n;

	for (size_t i = 0; i < sizeof(stamps) / sizeof(stamps[0]); i++)
		is_int(read_stamp(str_c(stamps[i].text), &v) ? v : -1, stamps[i].want, stamps[i].text);
	for (size_t i = 0; i < sizeof(base64) / sizeof(base64[0]); i++)
		is_int(read_base64(str_c(base64[i].text), out, sizeof(out), &n) ? (int)n : -1, base64[i].want,
		    arena_printf(a, "base64 \"%s\"", base64[i].text).p);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		is_int(read_number(str_c(numbers[i].text), &v) ? v : -1, numbers[i].want,
		    arena_printf(a, "number \"%s\"", numbers[i].text).p);
	ok(!read_base64(STR("TWFu"), out, 2, &n), "base64: more than there is room for");
}

static void
test_text_ok(void)
{
	int agree = 0, all = 0;

	/* every two bytes, alone and before a third, as base/utf8.c has it */
	for (int i = 0; i < 65536; i++) {
		char b[5] = { (char)(i >> 8), (char)i, (char)0xa0, (char)0x80, 'x' };

		for (size_t n = 1; n <= 5; n++, all++)
			agree += text_ok((struct str){ b, n }) == utf8_ok((struct str){ b, n });
	}
	is_int(agree, all, "well-formed UTF-8 is what it is elsewhere in the program");
}

static void
test_strings(void)
{
	static const struct { const char *text; enum refusal want; } cases[] = {
		{ "\"\\n\\u0001\\\"\"", REFUSAL_NONE }, { "\"\\u000a\"", REFUSAL_FORM }, { "\"\\u0041\"", REFUSAL_FORM },
		{ "\"\\u001F\"", REFUSAL_FORM }, { "\"\\/\"", REFUSAL_FORM }, { "\"\\u0000\"", REFUSAL_FORM },
		{ "\"a\nb\"", REFUSAL_FORM }, { "\"a", REFUSAL_SHORT }, { "\"a\\", REFUSAL_FORM }, { "\"\\ud83d\"", REFUSAL_FORM },
		{ "a\"", REFUSAL_FORM }, { "", REFUSAL_SHORT }, { "\"\\u00\"", REFUSAL_FORM }, { "\"\\u001\"", REFUSAL_FORM },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str copy = arena_dup(a, str_c(cases[i].text)), s;
		struct cursor c = { (char *)copy.p, (char *)copy.p + copy.n, REFUSAL_NONE };

		want_string(&c, &s);
		is_int(c.refusal, cases[i].want, arena_printf(a, "JSON text %zu", i).p);
	}
}

/* ---- notes and keys ---- */

static void
test_keys_form(void)
{
	struct str good = vkey(&key);
	struct note_key k;
	char big[300];

	is_int(note_key_read(good, &k), REFUSAL_NONE, "a public key");
	ok(note_key_same(&k, &key.key), "is what it was");
	is_int(note_key_read(vkey(&p256), &k), REFUSAL_NONE, "one of P-256");
	is_int(note_key_read(vkey(&witness), &k), REFUSAL_NONE, "a witness's");
	is_int(note_key_read(changed(good, "cert", "cart"), &k), REFUSAL_KEY_ID, "another name");
	is_int(note_key_read(changed(good, "+", "+0"), &k), REFUSAL_KEY_FORM, "a longer id");
	is_int(note_key_read(str_first(good, good.n - 4), &k), REFUSAL_KEY_FORM, "cut short");
	is_int(note_key_read(joined(good, "AAAA", STR("")), &k), REFUSAL_KEY_FORM, "too long");
	is_int(note_key_read(changed(good, "cert", "ce rt"), &k), REFUSAL_KEY_FORM, "a blank in the name");
	is_int(note_key_read(STR("+00000000+AAAA"), &k), REFUSAL_KEY_FORM, "no name");
	is_int(note_key_read(STR(""), &k), REFUSAL_KEY_FORM, "nothing");
	is_int(note_key_make(STR("x"), (enum key_kind)3, STR("01234567890123456789012345678901"), &k), REFUSAL_KEY_FORM,
	    "a kind that is none");
	memset(big, 'n', sizeof(big));
	is_int(note_key_make((struct str){ big, 256 }, KEY_ED25519, STR("01234567890123456789012345678901"), &k),
	    REFUSAL_KEY_FORM, "a name that is too long");
	memcpy(big, p256.key.public + 1, P256_KEY_LENGTH);
	big[90] ^= 1;
	is_int(note_key_make(STR("x"), KEY_P256, (struct str){ big, P256_KEY_LENGTH }, &k), REFUSAL_KEY_FORM,
	    "a point that is not on the curve");
}

static struct str
statement(const struct proof_key *about, const struct proof_key *by, bool compromised, int64_t from, int64_t until,
    int64_t stated)
{
	struct key_statement s = { .compromised = compromised, .key = about->key, .from = from, .until = until,
		.stated = stated };
	struct buf b = { .arena = a };

	key_statement_write(&b, &s);
	return proof_sign(a, buf_str(&b), STR_NONE, by, 0);
}

/* Which refusal a checkpoint of these records gets under the key file. */
static enum refusal
under(struct str file, const struct proof_key *signer, int64_t size)
{
	struct keyring saved = trust.keys;
	enum refusal why;
	int line;

	why = keys_read(arena_dup(a, file), &trust.keys, &line);
	if (why == REFUSAL_NONE)
		why = judge_note(proof_checkpoint(records, size, signer));
	trust.keys = saved;
	return why;
}

/* Checkpoint n is signed one hour and n minutes after PROOF_START. */
static int64_t
at(int64_t size)
{
	return PROOF_START + HOUR + size * MINUTE;
}

static void
test_rotation(void)
{
	struct str old = joined(vkey(&key), "\n", STR("")), limited, chain, both;

	is_int(under(old, &key, 10), REFUSAL_NONE, "a key without limits");
	is_int(under(old, &other, 10), REFUSAL_NOT_SIGNED, "another key of the log's name");
	is_int(under(joined(vkey(&stranger), "\n", STR("")), &key, 10), REFUSAL_ORIGIN, "a key of another log");
	limited = joined(old, "\n", statement(&key, &key, false, at(10), at(20), at(0)));
	is_int(under(limited, &key, 9), REFUSAL_KEY_EARLY, "not yet valid");
	is_int(under(limited, &key, 10), REFUSAL_NONE, "valid from its first moment");
	is_int(under(limited, &key, 19), REFUSAL_NONE, "and to its last");
	is_int(under(limited, &key, 20), REFUSAL_KEY_EXPIRED, "and not after it");
	chain = joined(old, "\n", statement(&other, &key, false, at(10), at(30), at(5)));
	is_int(under(chain, &other, 15), REFUSAL_NONE, "rotation: the old key brings in the new one");
	is_int(under(chain, &key, 15), REFUSAL_NONE, "and they overlap");
	is_int(under(chain, &other, 30), REFUSAL_KEY_EXPIRED, "the new one has its own end");
	is_int(under(joined(chain, "\n", statement(&p256, &other, false, at(20), at(40), at(25))), &p256, 35), REFUSAL_NONE,
	    "and brings in a third, of the other algorithm");
	is_int(under(joined(old, "\n", statement(&other, &other, false, at(10), at(30), at(5))), &other, 15),
	    REFUSAL_STATEMENT, "no key brings in itself");
	is_int(under(joined(old, "\n", statement(&stranger, &stranger, false, at(10), at(30), at(5))), &key, 15),
	    REFUSAL_STATEMENT, "no other log's key does");
	is_int(under(joined(old, "\n", statement(&stranger, &key, false, at(10), at(30), at(5))), &key, 15),
	    REFUSAL_STATEMENT, "nor is one brought in");
	is_int(under(joined(limited, "\n", statement(&other, &key, false, at(10), at(30), at(20))), &other, 15),
	    REFUSAL_STATEMENT, "an expired key brings in nothing");
	both = joined(chain, "\n", statement(&key, &other, true, at(12), 0, at(14)));
	is_int(under(both, &key, 11), REFUSAL_NONE, "compromised: what was signed before stays valid");
	is_int(under(both, &key, 12), REFUSAL_KEY_COMPROMISED, "from that moment on it does not");
	is_int(under(both, &other, 15), REFUSAL_NONE, "the new key goes on");
	is_int(under(joined(both, "\n", statement(&p256, &key, false, at(10), at(40), at(13))), &p256, 15),
	    REFUSAL_STATEMENT, "a compromised key brings in nothing");
	is_int(under(joined(both, "\n", statement(&key, &other, true, at(18), 0, at(19))), &key, 13),
	    REFUSAL_KEY_COMPROMISED, "a later statement does not move the moment back");
	is_int(under(joined(old, "\n", statement(&key, &key, true, at(12), 0, at(14))), &key, 12), REFUSAL_KEY_COMPROMISED,
	    "a key may state its own end");
	is_int(under(STR("# from the regulator's site\n\n"), &key, 1), REFUSAL_NO_KEY, "a file without a key");
	is_int(under(vkey(&key), &key, 1), REFUSAL_SHORT, "a last line that is cut");
	is_int(under(STR("no key\n"), &key, 1), REFUSAL_KEY_FORM, "a line that is none");
	is_int(under(changed(chain, "until", "untill"), &key, 1), REFUSAL_TIME, "a statement with another line");
	is_int(under(changed(chain, "\nuntil", "\nuntil 2026-11-22T00:00:00.000000Z\nuntil"), &key, 1), REFUSAL_TIME,
	    "a statement with a line more");
	is_int(under(statement(&other, &key, false, at(9), at(9), at(5)), &key, 1), REFUSAL_NOTE, "from after until");
}

static void
test_many_keys(void)
{
	struct buf b = { .arena = a };
	struct keyring keys;
	int line = 0;

	for (int i = 0; i <= KEYS_MAX; i++) {
		struct proof_key k = proof_key(a, PROOF_ORIGIN, KEY_ED25519, arena_printf(a, "many %d", i).p);

		buf_put(&b, vkey(&k));
		buf_char(&b, '\n');
		EVP_PKEY_free(k.secret);
	}
	is_int(keys_read(buf_str(&b), &keys, &line), REFUSAL_KEYS_MANY, "more keys than there is room for");
	is_int(line, KEYS_MAX + 1, "the line is named");
}

static void
test_notes(void)
{
	struct str good = proof_checkpoint(records, 20, &key), text = proof_checkpoint_text(records, 20), many = good;
	struct note n;
	struct checkpoint c;

	is_int(judge_note(good), REFUSAL_NONE, "a checkpoint");
	is_int(judge_note(proof_checkpoint(records, 0, &key)), REFUSAL_NONE, "one of an empty log");
	is_int(judge_note(proof_sign(a, text, proof_sign(a, text, STR_NONE, &stranger, 0), &key, 0)), REFUSAL_NONE,
	    "signatures of others do not matter");
	is_int(judge_note(proof_sign(a, STR("x\n1\n"), good, &key, 0)), REFUSAL_SIGNATURE,
	    "one good signature does not cover a bad one of the same key");
	is_int(judge_note(text), REFUSAL_NOTE, "no signature");
	is_int(judge_note(joined(text, "\n", STR(""))), REFUSAL_NOTE, "no signature behind the empty line");
	is_int(judge_note(joined(good, "\n", STR(""))), REFUSAL_NOTE, "an empty line at the end");
	is_int(judge_note(joined(good, "x\n", STR(""))), REFUSAL_NOTE, "a line that is no signature");
	is_int(judge_note(str_first(good, good.n - 1)), REFUSAL_NOTE, "a last line that is cut");
	is_int(judge_note(changed(good, "\n20\n", "\n20\r\n")), REFUSAL_NOTE, "a carriage return");
	is_int(judge_note(changed(good, "\xe2\x80\x94", "--")), REFUSAL_NOTE, "another dash");
	is_int(judge_note(changed(good, "\n20\n", "\n020\n")), REFUSAL_NUMBER, "a leading zero");
	is_int(judge_note(changed(good, "\n20\n", "\n9007199254740992\n")), REFUSAL_NUMBER, "a huge size");
	is_int(judge_note(changed(good, "\n20\n", "\n-1\n")), REFUSAL_NUMBER, "a negative size");
	is_int(judge_note(changed(good, "\n20\n", "\n21\n")), REFUSAL_SIGNATURE, "another size");
	is_int(judge_note(changed(good, "time ", "when ")), REFUSAL_CHECKPOINT, "no time");
	is_int(judge_note(changed(good, ".000000Z", "Z")), REFUSAL_TIME, "another form of time");
	is_int(judge_note(changed(good, "=\ntime", "\ntime")), REFUSAL_HASH, "a short root");
	is_int(judge_note(changed(good, "\n\n", "\nmore\n\n")), REFUSAL_CHECKPOINT, "a line more");
	is_int(judge_note(changed(good, "cert", "cart")), REFUSAL_ORIGIN, "another origin");
	is_int(judge_note(changed(good, "cert", "ce\xffrt")), REFUSAL_TEXT, "bytes that are no text");
	is_int(judge_note(STR("")), REFUSAL_NOTE, "nothing");
	for (int i = 0; i < NOTE_SIGNATURES_MAX; i++)
		many = proof_sign(a, text, many, &stranger, 0);
	is_int(judge_note(many), REFUSAL_NOTE, "more signatures than anybody needs");
	is_int(checkpoint_read_text(text, &c), REFUSAL_NONE, "the text alone");
	ok(c.size == 20 && c.time == at(20) && str_is(c.origin, PROOF_ORIGIN), "says what was written");
	is_int(checkpoint_read_text(joined(text, "x\n", STR("")), &c), REFUSAL_CHECKPOINT, "a text with more");
	is_int(note_read(good, &n), REFUSAL_NONE, "a note");
	ok(str_eq(n.text, text) && n.count == 1, "is its text and its signatures");
}

static void
test_witness(void)
{
	struct str text = proof_checkpoint_text(records, 20), plain = proof_checkpoint(records, 20, &key);
	struct str good = proof_sign(a, text, plain, &witness, at(21));
	struct proved p;

	trust_keys(&trust.witness[0], joined(vkey(&witness), "\n", STR("")));
	trust.witnesses = 1;
	is_int(judge_note(good), REFUSAL_NONE, "cosigned by the witness");
	ok(check_checkpoint(&trust, good, &p) == REFUSAL_NONE && p.seen_n == 1 && p.seen[0].time == at(21) && p.unknown == 0, "at its time");
	is_int(judge_note(plain), REFUSAL_WITNESS, "not cosigned");
	is_int(judge_note(proof_sign(a, joined(text, "x", STR("")), plain, &witness, at(21))), REFUSAL_WITNESS_SIGNATURE,
	    "cosigned something else");
	trust_keys(&trust.witness[0], joined(vkey(&witness), "\n", joined(vkey(&elder), "\n\n",
	    statement(&witness, &elder, true, at(22), 0, at(22)))));
	is_int(judge_note(good), REFUSAL_NONE, "by a key that was compromised after it");
	trust_keys(&trust.witness[0], joined(vkey(&witness), "\n", joined(vkey(&elder), "\n\n",
	    statement(&witness, &elder, true, at(20), 0, at(22)))));
	is_int(judge_note(good), REFUSAL_WITNESS, "by one that was compromised before it counts as not at all");
	trust_keys(&trust.witness[0], joined(vkey(&witness), "\n", STR("")));
	trust_keys(&trust.witness[1], joined(vkey(&stranger), "\n", STR("")));
	trust.witnesses = 2;
	is_int(judge_note(good), REFUSAL_WITNESS, "each of the witnesses must have");
	trust.witnesses = 1;
	trust_keys(&trust.witness[0], joined(vkey(&key), "\n", STR("")));
	is_int(judge_note(plain), REFUSAL_WITNESS, "the log is not its own witness");
	trust.witnesses = 0;
	is_int(judge_note(good), REFUSAL_NONE, "unless it is asked for nobody looks");
}

/* ---- receipts ---- */

static void
test_receipts(void)
{
	struct str checkpoint = proof_checkpoint(records, 20, &key), good = receipt_text(7, 20, checkpoint, true), two;

	for (int64_t size = 1; size <= 24; size++) {
		struct str note = proof_checkpoint(records, size, size % 2 ? &key : &p256);
		bool held = true;

		for (int64_t i = 0; i < size; i++)
			held = judge_receipt(receipt_text(i, size, note, i % 2)) == REFUSAL_NONE && held;
		ok(held, arena_printf(a, "every receipt of a log of %d", (int)size).p);
	}
	is_int(judge_receipt(str_first(good, good.n - 1)), REFUSAL_NONE, "the last newline may be lost");
	is_int(judge_receipt(receipt_text(7, 20, STR_NONE, true)), REFUSAL_NO_CHECKPOINT, "still without a checkpoint");
	is_int(judge_receipt(joined(good, "\n", STR(""))), REFUSAL_TRAILING, "one more");
	is_int(judge_receipt(joined(good, "{}", STR(""))), REFUSAL_TRAILING, "something behind it");
	is_int(judge_receipt(str_first(good, good.n / 2)), REFUSAL_SHORT, "cut in the middle");
	is_int(judge_receipt(STR("")), REFUSAL_SHORT, "empty");
	is_int(judge_receipt(changed(good, "receipt/1", "receipt/2")), REFUSAL_FORMAT, "a newer format");
	is_int(judge_receipt(changed(good, "{\"format\"", "{ \"format\"")), REFUSAL_FORM, "a blank");
	is_int(judge_receipt(changed(good, "\"index\":7", "\"index\":07")), REFUSAL_NUMBER, "a leading zero");
	is_int(judge_receipt(changed(good, "\"index\":7", "\"index\":-7")), REFUSAL_NUMBER, "a negative number");
	is_int(judge_receipt(changed(good, "\"index\":7", "\"index\":7.0")), REFUSAL_FORM, "a fraction");
	is_int(judge_receipt(changed(good, "\"index\":7", "\"index\":99999999999999999999999")), REFUSAL_NUMBER,
	    "a huge number");
	is_int(judge_receipt(changed(good, "\"index\":7", "\"index\":8")), REFUSAL_INDEX, "another place");
	is_int(judge_receipt(changed(good, "\"size\":20", "\"size\":21")), REFUSAL_SIZE, "another size");
	is_int(judge_receipt(changed(good, ",\"size\"", ",\"index\":7,\"size\"")), REFUSAL_TWICE, "a member twice");
	is_int(judge_receipt(changed(good, ",\"due\":null}", ",\"due\":null,\"size\":20}")), REFUSAL_TWICE,
	    "a member twice, at the end");
	is_int(judge_receipt(changed(good, ",\"due\":null}", ",\"due\":null,\"more\":1}")), REFUSAL_MEMBER, "one more member");
	is_int(judge_receipt(changed(good, ",\"due\":null}", "}")), REFUSAL_MEMBER, "a member less");
	is_int(judge_receipt(changed(good, "\"proof\":[\"", "\"proof\":[\"A")), REFUSAL_HASH, "a hash that is longer");
	is_int(judge_receipt(changed(good, "=\",\"", "\",\"")), REFUSAL_HASH, "a hash that is shorter");
	is_int(judge_receipt(changed(good, "\"proof\":[", "\"proof\":[\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\",")),
	    REFUSAL_BASE64, "base64 of another form");
	is_int(judge_receipt(changed(good, "\"proof\":[", "\"proof\":[\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\",")),
	    REFUSAL_INCLUSION, "a hash more");
	is_int(judge_receipt(changed(good, "\\\"done\\\"", "\\\"gone\\\"")), REFUSAL_INCLUSION, "another record");
	is_int(judge_receipt(changed(good, "\\\"v\\\":1", "\\\"v\\\":2")), REFUSAL_RECORD, "a record of another version");
	is_int(judge_receipt(changed(good, "\\\"result\\\":", "\\\"resulT\\\":")), REFUSAL_RECORD, "not a record's member");
	is_int(judge_receipt(changed(good, "EN-2026", "EN-2025")), REFUSAL_DETAILS, "other details");
	is_int(judge_receipt(changed(good, "{\"salt\":\"", "{\"salt\":\"00")), REFUSAL_HASH, "a salt that is longer");
	is_int(judge_receipt(changed(good, "\\\"log\\\":\\\"cert", "\\\"log\\\":\\\"cart")), REFUSAL_ORIGIN,
	    "a record of another log");
	is_int(judge_receipt(changed(good, "\"checkpoint\":\"cert", "\"checkpoint\":\"cart")), REFUSAL_ORIGIN,
	    "a checkpoint of another log");
	is_int(judge_receipt(receipt_text(7, 20, proof_checkpoint(records, 21, &key), true)), REFUSAL_SIZE,
	    "the checkpoint of another size");
	is_int(judge_receipt(receipt_text(7, 20, proof_checkpoint(records, 20, &stranger), true)), REFUSAL_NOT_SIGNED,
	    "signed by somebody else");
	two = receipt_text(8, 20, checkpoint, false);
	is_int(judge_receipt(changed(two, "\"details\":null", "\"details\":{\"salt\":\"\",\"json\":\"{}\"}")), REFUSAL_DETAILS,
	    "details of a record that has none");
}

static void
test_proof_length(void)
{
	struct buf b = { .arena = a };

	buf_c(&b, "\"proof\":[");
	for (int i = 0; i < 65; i++)
		buf_c(&b, "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\",");
	buf_char(&b, '\0');
	is_int(judge_receipt(changed(receipt_text(7, 20, proof_checkpoint(records, 20, &key), true), "\"proof\":[", b.p)),
	    REFUSAL_PROOF_LONG, "a proof longer than any tree");
}

/* ---- bundles, and an older checkpoint ---- */

static void
test_bundles(void)
{
	struct str checkpoint = proof_checkpoint(records, 20, &key), log = proof_bundle(records, 20, 1, checkpoint);
	struct str some = proof_bundle(records, 20, 3, checkpoint), line;
	size_t last = 0, before = 0;

	is_int(judge_bundle(log), REFUSAL_NONE, "a whole log");
	is_int(judge_bundle(some), REFUSAL_NONE, "a case");
	is_int(judge_bundle(proof_bundle(records, 20, 1, STR_NONE)), REFUSAL_NO_CHECKPOINT, "no checkpoint yet");
	for (size_t i = 0; i + 1 < log.n; i++)
		if (log.p[i] == '\n') {
			before = last;
			last = i + 1;
		}
	is_int(judge_bundle(str_first(log, last)), REFUSAL_SHORT, "without its end");
	is_int(judge_bundle(joined(log, "", str_from(log, last))), REFUSAL_TRAILING, "with two ends");
	line = str_first(str_from(log, before), last - before);
	is_int(judge_bundle(joined(str_first(log, last), "", joined(line, "", str_from(log, last)))), REFUSAL_DIGEST,
	    "with a line twice");
	is_int(judge_bundle(changed(log, "\"kind\":\"log\"", "\"kind\":\"case\"")), REFUSAL_INCLUSION, "called a case");
	is_int(judge_bundle(changed(some, "\"kind\":\"case\"", "\"kind\":\"log\"")), REFUSAL_INDEX, "called a log");
	is_int(judge_bundle(changed(log, "for the court", "for the press")), REFUSAL_DIGEST, "another reason");
	is_int(judge_bundle(changed(log, "\"entries\":20", "\"entries\":21")), REFUSAL_COUNT, "another count");
	is_int(judge_bundle(changed(log, "\"files\":1", "\"files\":0")), REFUSAL_COUNT, "another count of files");
	is_int(judge_bundle(changed(log, "\"origin\":\"cert", "\"origin\":\"cart")), REFUSAL_ORIGIN, "another origin");
	is_int(judge_bundle(changed(log, "\"size\":20", "\"size\":19")), REFUSAL_SIZE, "another size");
	is_int(judge_bundle(changed(log, "\"kind\":\"log\"", "\"kind\":\"all\"")), REFUSAL_FORM, "no kind");
	is_int(judge_bundle(proof_bundle(records, 19, 1, checkpoint)), REFUSAL_SIZE, "a shorter log under that checkpoint");
}

/* A log of n records whose record `from` is another, as one who holds the key could sign it. */
static struct proof_log *
forked_log(int n, int from)
{
	struct proof_log *log = proof_log(a, n);

	log->record[from] = changed(log->record[from], "\"person\":\"9\"", "\"person\":\"8\"");
	log->leaf[from] = merkle_leaf(log->record[from]);
	return log;
}

static void
test_older(void)
{
	struct proved old, p;
	struct proof_log *forked = forked_log(30, 5), *later = forked_log(30, 25);
	struct str old_note = proof_checkpoint(records, 20, &key), note = proof_checkpoint(records, 30, &key);
	struct consistency k = { .from = 20, .to = 30 }, wrong;

	if (!ok(check_checkpoint(&trust, old_note, &old) == REFUSAL_NONE &&
	    merkle_prove_consistency(20, 30, proof_fetch, records, &k.proof), "an older checkpoint"))
		abort();
	trust.older = &old.checkpoint;
	is_int(judge_note(old_note), REFUSAL_NONE, "the same one");
	is_int(judge_note(note), REFUSAL_NOT_COMPARED, "a longer log needs a proof");
	trust.consistency = &k;
	is_int(judge_note(note), REFUSAL_NONE, "with which it is the same log");
	is_int(check_checkpoint(&trust, note, &p), REFUSAL_NONE, "again");
	ok(p.older == &old.checkpoint, "it says with what it was compared");
	is_int(judge_note(proof_checkpoint(forked, 30, &key)), REFUSAL_FORKED, "a log with another past");
	is_int(judge_note(proof_checkpoint(forked, 20, &key)), REFUSAL_FORKED, "another log of the same size");
	is_int(judge_note(proof_checkpoint(records, 10, &key)), REFUSAL_NOT_COMPARED, "a shorter log and no proof for it");
	wrong = k;
	wrong.proof.hash[0].b[7] ^= 1;
	trust.consistency = &wrong;
	is_int(judge_note(note), REFUSAL_FORKED, "a proof that does not hold");
	trust.consistency = NULL;

	is_int(judge_bundle(proof_bundle(records, 30, 1, note)), REFUSAL_NONE, "a whole log that goes on from it");
	is_int(judge_bundle(proof_bundle(records, 20, 1, old_note)), REFUSAL_NONE, "the log as it was");
	is_int(judge_bundle(proof_bundle(later, 30, 1, proof_checkpoint(later, 30, &key))), REFUSAL_NONE,
	    "what came after it is not compared");
	is_int(judge_bundle(proof_bundle(forked, 30, 1, proof_checkpoint(forked, 30, &key))), REFUSAL_FORKED,
	    "a log that was changed and signed again");
	is_int(judge_bundle(proof_bundle(records, 19, 1, proof_checkpoint(records, 19, &key))), REFUSAL_TRUNCATED,
	    "a log that was cut and signed again");
	is_int(judge_bundle(proof_bundle(records, 30, 3, note)), REFUSAL_NOT_COMPARED, "a case needs a proof");
	trust.consistency = &k;
	is_int(judge_bundle(proof_bundle(records, 30, 3, note)), REFUSAL_NONE, "with which it is the same log");
	trust.consistency = NULL;
	old.checkpoint.time = at(1000);
	is_int(judge_note(note), REFUSAL_BACKWARDS, "a longer log that was signed earlier");
	trust.older = NULL;
}

/* ---- every changed bit ---- */

static uint64_t seed;

static uint64_t
draw(uint64_t below)
{
	return chance_next(&seed) % below;
}

static void
test_bits(const char *what, struct str good, enum refusal (*judge)(struct str text), int places)
{
	int missed = 0;
	char *copy;

	if (!is_int(judge(good), REFUSAL_NONE, arena_printf(a, "%s: as it was written", what).p))
		return;
	for (int i = 0; i < places; i++) {
		struct arena *saved = a;
		uint64_t place = draw(good.n * 8);

		a = arena_new();
		copy = arena_c(a, good);
		copy[place / 8] = (char)(copy[place / 8] ^ 1 << place % 8);
		if (judge((struct str){ copy, good.n }) == REFUSAL_NONE) {
			missed++;
			printf("# %s: bit %d of byte %d\n", what, (int)(place % 8), (int)(place / 8));
		}
		arena_free(a);
		a = saved;
	}
	is_int(missed, 0, arena_printf(a, "%s: %d places, every changed bit is found", what, places).p);
}

static void
test_every_bit(void)
{
	struct str text = proof_checkpoint_text(records, 24);
	struct str note = proof_sign(a, text, proof_checkpoint(records, 24, &key), &witness, at(24));
	struct str other_note = proof_checkpoint(records, 24, &p256);
	const char *given = getenv("TOCSIN_SEED");

	seed = given ? strtoull(given, NULL, 10) : (uint64_t)clock_now() * 2 + 1;
	printf("# TOCSIN_SEED=%llu\n", (unsigned long long)seed);
	trust_keys(&trust.witness[0], joined(vkey(&witness), "\n", STR("")));
	trust.witnesses = 1;
	test_bits("a checkpoint", note, judge_note, 10000);
	test_bits("a receipt", receipt_text(4, 24, note, true), judge_receipt, 10000);
	test_bits("a receipt without details", receipt_text(6, 24, note, false), judge_receipt, 3000);
	test_bits("a whole log", proof_bundle(records, 24, 1, note), judge_bundle, 10000);
	test_bits("a case", proof_bundle(records, 24, 5, note), judge_bundle, 5000);
	trust.witnesses = 0;
	test_bits("a checkpoint by P-256", other_note, judge_note, 5000);
}

/* The proof alone, as hashes: neither another place nor another bit. */
static void
test_proof_bits(void)
{
	struct receipt r = proof_receipt(records, 613, PROOF_LOG_MAX, false);
	struct sha256 leaf = merkle_leaf(r.record), root;
	int missed = 0;

	merkle_tree_root(PROOF_LOG_MAX, proof_fetch, records, &root);
	ok(merkle_verify_inclusion(613, PROOF_LOG_MAX, &leaf, r.proof.hash, r.proof.n, &root), "a proof of 1,000 leaves");
	for (int i = 0; i < 10000; i++) {
		struct merkle_path p = r.proof;
		uint64_t place = draw((uint64_t)p.n * 256);

		p.hash[place / 256].b[place % 256 / 8] ^= (unsigned char)(1 << place % 8);
		missed += merkle_verify_inclusion(613, PROOF_LOG_MAX, &leaf, p.hash, p.n, &root);
	}
	for (int64_t i = 0; i < PROOF_LOG_MAX; i++)
		missed += i != 613 && merkle_verify_inclusion(i, PROOF_LOG_MAX, &leaf, r.proof.hash, r.proof.n, &root);
	is_int(missed, 0, "a proof: 10,000 places, every changed bit is found; and no other place has it");
}

static void
test_lower(void)
{
	struct str message = STR("m"), s = proof_signature(a, &p256, message);
	struct str public = { (char *)p256.key.public + 1, p256.key.public_n - 1 };
	unsigned char upper[64];

	memcpy(upper, s.p, 64);
	p256_lower(upper);
	ok(!memcmp(upper, s.p, 64), "the lower form stays");
	ok(p256_holds(public, message, s), "and holds");
	ok(!p256_holds(public, message, str_first(s, 63)) && !ed25519_holds(public, message, s), "no other length, no other key");
}

int
main(void)
{
	a = arena_new();
	key = proof_key(a, PROOF_ORIGIN, KEY_ED25519, "the log's key");
	other = proof_key(a, PROOF_ORIGIN, KEY_ED25519, "the next key");
	p256 = proof_key(a, PROOF_ORIGIN, KEY_P256, "");
	witness = proof_key(a, "witness.example", KEY_WITNESS, "a witness");
	elder = proof_key(a, "witness.example", KEY_ED25519, "the witness's other key");
	stranger = proof_key(a, "other.example/log", KEY_ED25519, "somebody else");
	records = proof_log(a, PROOF_LOG_MAX);
	trust_keys(&trust.keys, joined(vkey(&key), "\n", joined(vkey(&p256), "\n", STR(""))));
	test_primitives();
	test_text_ok();
	test_strings();
	test_keys_form();
	test_rotation();
	test_many_keys();
	test_notes();
	test_witness();
	test_receipts();
	test_proof_length();
	test_bundles();
	test_older();
	test_lower();
	test_every_bit();
	test_proof_bits();
	EVP_PKEY_free(key.secret);
	EVP_PKEY_free(other.secret);
	EVP_PKEY_free(p256.secret);
	EVP_PKEY_free(witness.secret);
	EVP_PKEY_free(elder.secret);
	EVP_PKEY_free(stranger.secret);
	arena_free(a);
	return done_testing();
}
