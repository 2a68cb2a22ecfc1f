/* The code of a record: every slip of the hand is noticed, and what is only written differently is not one. */
#include "desk/receipt.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "tap.h"

static struct arena *a;

static bool
reads(struct str typed, int64_t want, const struct sha256 *leaf)
{
	unsigned char begin[6];
	int64_t seq;

	return receipt_code_read(typed, &seq, begin) && seq == want && !memcmp(begin, leaf->b, 5) &&
	    !((begin[5] ^ leaf->b[5]) & 0xf8) && !(begin[5] & 7);
}

static void
test_there_and_back(void)
{
	static const int64_t seqs[] = { 1, 2, 31, 32, 1000, 1000000, (INT64_C(1) << 35) - 1 };
	bool same = true, shaped = true;

	for (size_t i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++)
		for (int n = 0; n < 200; n++) {
			struct sha256 leaf = sha256(arena_printf(a, "%d", n));
			struct str code = receipt_code(a, seqs[i], &leaf);

			same &= reads(code, seqs[i], &leaf);
			shaped &= code.n == 23 && code.p[5] == '-' && code.p[11] == '-' && code.p[17] == '-';
		}
	ok(same, "what is written is read");
	ok(shaped, "in four groups of five");
}

static void
test_spellings(void)
{
	struct sha256 leaf = sha256(STR("leaf"));
	struct str code = receipt_code(a, 1035, &leaf);
	char *small = arena_c(a, code), *loose;
	struct buf b = { .arena = a };

	for (char *p = small; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p == '0' ? 'o' : *p == '1' ? 'l' : *p;
	ok(reads(str_c(small), 1035, &leaf), "small letters, o for 0, l for 1");
	for (size_t i = 0; i < code.n; i++)
		if (code.p[i] != '-')
			buf_printf(&b, " %c ", code.p[i]);
	loose = arena_c(a, buf_str(&b));
	ok(reads(str_c(loose), 1035, &leaf), "blanks anywhere, no dashes");
}

/* Each single wrong symbol and each two neighbours changed: one in a million may pass, of these none does. */
static void
test_slips(void)
{
	static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	struct sha256 leaf = sha256(STR("leaf"));
	struct str code = receipt_code(a, 123456, &leaf);
	int passed = 0, tried = 0;

	for (size_t i = 0; i < code.n; i++) {
		char *typed = arena_c(a, code);

		if (code.p[i] == '-')
			continue;
		for (int s = 0; s < 32; s++) {
			unsigned char begin[6];
			int64_t seq;

			typed[i] = symbols[s];
			tried += typed[i] != code.p[i];
			passed += typed[i] != code.p[i] && receipt_code_read(str_c(typed), &seq, begin);
		}
		typed = arena_c(a, code);
		if (i + 1 < code.n && code.p[i + 1] != '-' && code.p[i + 1] != code.p[i]) {
			unsigned char begin[6];
			int64_t seq;

			typed[i] = code.p[i + 1];
			typed[i + 1] = code.p[i];
			tried++;
			passed += receipt_code_read(str_c(typed), &seq, begin);
		}
	}
	ok(tried > 600 && passed == 0, "every slip is noticed");
}

static void
test_nonsense(void)
{
	static const char *const texts[] = { "", "-", "0", "00000-00000-00000-00000", "AAAAA-AAAAA-AAAAA-AAAA",
		"AAAAA-AAAAA-AAAAA-AAAAA-A", "UUUUU-UUUUU-UUUUU-UUUUU", "警鐘", "AAAAA_AAAAA", "*****-*****-*****-*****" };
	unsigned char begin[6];
	bool none = true;
	int64_t seq;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		none &= !receipt_code_read(str_c(texts[i]), &seq, begin);
	ok(none, "what is no code is none");
	ok(!receipt_code_read((struct str){ "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20 }, &seq, begin), "nor are zero bytes");
}

int
main(void)
{
	a = arena_new();
	test_there_and_back();
	test_spellings();
	test_slips();
	test_nonsense();
	arena_free(a);
	return done_testing();
}
