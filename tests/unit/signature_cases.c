/*
 * The published cases of Project Wycheproof for the algorithms that a log's keys, our own tokens and
 * encrypted backups use, decided by our one rule.
 * Where it is stricter than theirs, the case is named: P-256 takes only the lower of s and n - s, since a
 * signature of which two forms would do is none that a log can be compared by.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/json.h"
#include "ledger/note_write.h"
#include "ledger/signature.h"
#include "tap.h"

static struct arena *a;

static struct value *
read_cases(const char *directory, const char *name)
{
	struct err err = { .arena = a };
	struct value *v = NULL;
	struct buf text = { .arena = a };
	FILE *f = fopen(arena_printf(a, "%s/%s", directory, name).p, "rb");
	size_t got;

	if (!f)
		return NULL;
	do {
		got = fread(buf_room(&text, 65536), 1, 65536, f);
		text.n += got;
	} while (got > 0);
	fclose(f);
	return json_parse(a, buf_str(&text), &v, &err) ? v : NULL;
}

static struct str
bytes_of(const struct value *map, const char *name)
{
	struct str s = STR_NONE;

	if (!hex_decode(a, value_text(value_get(map, name)), &s))
		abort();
	return s;
}

struct tally {
	int cases, wrong, stricter;
};

typedef void decide(struct tally *t, struct str public, const struct value *c, struct str signature, bool valid);

static void
judged(struct tally *t, const struct value *c, bool held, bool valid)
{
	t->cases++;
	if (held == valid)
		return;
	t->wrong++;
	printf("# case %" PRId64 " (%.*s): %s\n", value_get(c, "tcId")->i, STR_FMT(value_text(value_get(c, "comment"))),
	    held ? "held, and must not" : "did not hold, and must");
}

static void
decide_ed25519(struct tally *t, struct str public, const struct value *c, struct str signature, bool valid)
{
	judged(t, c, ed25519_holds(public, bytes_of(c, "msg"), signature), valid);
}

static void
decide_p256(struct tally *t, struct str public, const struct value *c, struct str signature, bool valid)
{
	struct str message = bytes_of(c, "msg"), lower = arena_dup(a, signature);

	if (valid && signature.n == SIGNATURE_LENGTH) {
		p256_lower((unsigned char *)lower.p);
		if (!str_eq(lower, signature)) {
			t->stricter++;
			printf("# stricter: case %" PRId64 " (%.*s) has the higher s; its lower form is taken\n",
			    value_get(c, "tcId")->i, STR_FMT(value_text(value_get(c, "comment"))));
			judged(t, c, p256_holds(public, message, signature), false);
		}
	}
	judged(t, c, p256_holds(public, message, lower), valid);
}

/* DER is a form that we do not take, whatever it holds. */
static void
decide_der(struct tally *t, struct str public, const struct value *c, struct str signature, bool valid)
{
	(void)valid;
	judged(t, c, p256_holds(public, bytes_of(c, "msg"), signature), false);
}

static struct tally
decide_file(const char *directory, const char *name, bool der_key, decide *one)
{
	struct tally t = { .cases = 0 };
	struct value *all = read_cases(directory, name);

	if (!ok(all != NULL, name))
		return t;
	for (const struct value *g = value_get(all, "testGroups")->first; g; g = g->next) {
		struct str public = der_key ? bytes_of(g, "publicKeyDer") : bytes_of(value_get(g, "publicKey"), "pk");

		for (const struct value *c = value_get(g, "tests")->first; c; c = c->next) {
			struct str result = value_text(value_get(c, "result"));

			/* none of these files leaves a case open ("acceptable") */
			if (!str_is(result, "valid") && !str_is(result, "invalid"))
				t.wrong++;
			one(&t, public, c, bytes_of(c, "sig"), str_is(result, "valid"));
		}
	}
	return t;
}

/* HMAC-SHA-256, under which tokens, codes and the keys of backups are made. A tag may be cut to its first half. */
static struct tally
decide_hmac(const char *directory)
{
	struct tally t = { .cases = 0 };
	struct value *all = read_cases(directory, "hmac_sha256_test.json");

	if (!ok(all != NULL, "hmac_sha256_test.json"))
		return t;
	for (const struct value *g = value_get(all, "testGroups")->first; g; g = g->next)
		for (const struct value *c = value_get(g, "tests")->first; c; c = c->next) {
			struct sha256 h = hmac_sha256(bytes_of(c, "key"), bytes_of(c, "msg"));
			struct str tag = bytes_of(c, "tag"), made = { (const char *)h.b, tag.n };

			judged(&t, c, (int64_t)tag.n * 8 == value_get(g, "tagSize")->i && tag.n <= sizeof(h.b) &&
			    str_eq(made, tag), str_is(value_text(value_get(c, "result")), "valid"));
		}
	return t;
}

/* HKDF-SHA-256, by which a backup's keys come from one. */
static struct tally
decide_hkdf(const char *directory)
{
	struct tally t = { .cases = 0 };
	struct value *all = read_cases(directory, "hkdf_sha256_test.json");

	if (!ok(all != NULL, "hkdf_sha256_test.json"))
		return t;
	for (const struct value *g = value_get(all, "testGroups")->first; g; g = g->next)
		for (const struct value *c = value_get(g, "tests")->first; c; c = c->next) {
			struct str wanted = bytes_of(c, "okm");
			size_t n = (size_t)value_get(c, "size")->i;
			unsigned char *made = arena_alloc(a, n);

			judged(&t, c, hkdf_sha256(bytes_of(c, "ikm"), bytes_of(c, "salt"), bytes_of(c, "info"), made, n) &&
			    str_eq((struct str){ (const char *)made, n }, wanted), str_is(value_text(value_get(c, "result")), "valid"));
		}
	return t;
}

int
main(int argc, char **argv)
{
	struct tally t;

	if (argc != 2 || access(argv[1], R_OK) != 0) {
		tap_skip("the published cases of HMAC, HKDF, Ed25519 and P-256",
		    "they were NOT tried: ../shared/corpus/wycheproof is not beside this checkout");
		return done_testing();
	}
	a = arena_new();
	t = decide_hmac(argv[1]);
	is_int(t.cases, 131, "HMAC-SHA-256: all cases tried");
	is_int(t.wrong, 0, "HMAC-SHA-256: every one is decided as it says");
	t = decide_hkdf(argv[1]);
	is_int(t.cases, 65, "HKDF-SHA-256: all cases tried");
	is_int(t.wrong, 0, "HKDF-SHA-256: every one is decided as it says");
	t = decide_file(argv[1], "ed25519_test.json", false, decide_ed25519);
	printf("# Ed25519: %d cases\n", t.cases);
	ok(t.cases >= 113, "Ed25519: all cases tried");
	is_int(t.wrong, 0, "Ed25519: every one is decided as it says");
	t = decide_file(argv[1], "ecdsa_secp256r1_sha256_p1363_test.json", true, decide_p256);
	ok(t.cases >= 197 && t.stricter > 0, "P-256: all cases tried");
	is_int(t.wrong, 0, "P-256: every one is decided as it says, or more strictly");
	printf("# %d cases are stricter\n", t.stricter);
	t = decide_file(argv[1], "ecdsa_secp256r1_sha256_test.json", true, decide_der);
	is_int(t.wrong, 0, "P-256: no signature in DER is taken");
	arena_free(a);
	return done_testing();
}
