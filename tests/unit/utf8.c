#include "tap.h"

#include <string.h>

#include "base/arena.h"

struct sample {
	struct str text;
	bool good;
	const char *name;
};

static const struct sample samples[] = {
	{ { "", 0 }, true, "empty" },
	{ { "abc", 3 }, true, "ASCII" },
	{ { "警鐘", 6 }, true, "three bytes each" },
	{ { "\xf4\x8f\xbf\xbf", 4 }, true, "U+10FFFF" },
	{ { "\xf4\x90\x80\x80", 4 }, false, "U+110000" },
	{ { "\xed\x9f\xbf", 3 }, true, "U+D7FF" },
	{ { "\xed\xa0\x80", 3 }, false, "U+D800, a surrogate" },
	{ { "\xed\xbf\xbf", 3 }, false, "U+DFFF, a surrogate" },
	{ { "\xee\x80\x80", 3 }, true, "U+E000" },
	{ { "\xc0\x80", 2 }, false, "NUL in two bytes" },
	{ { "\xc1\xbf", 2 }, false, "DEL in two bytes" },
	{ { "\xc2\x80", 2 }, true, "U+0080" },
	{ { "\xe0\x9f\xbf", 3 }, false, "U+07FF in three bytes" },
	{ { "\xe0\xa0\x80", 3 }, true, "U+0800" },
	{ { "\xf0\x8f\xbf\xbf", 4 }, false, "U+FFFF in four bytes" },
	{ { "\xf0\x90\x80\x80", 4 }, true, "U+10000" },
	{ { "\xf5\x80\x80\x80", 4 }, false, "a lead byte that is none" },
	{ { "\x80", 1 }, false, "a tail alone" },
	{ { "\xe8\xad", 2 }, false, "cut short" },
	{ { "\xe8\xad""a", 3 }, false, "a letter for a tail" },
	{ { "\xf0\x9f\x98", 3 }, false, "four bytes cut short" },
	{ { "a\0b", 3 }, false, "NUL" },
	{ { "12345678\0", 9 }, false, "NUL behind eight letters" },
	{ { "1234567\0""12345678", 16 }, false, "NUL among eight" },
	{ { "12345678123456\xff", 15 }, false, "a bad byte late" },
	{ { "\xff\xfe", 2 }, false, "UTF-16's mark" },
};

static void
test_samples(void)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		ok(utf8_ok(samples[i].text) == samples[i].good, samples[i].name);
}

/* The rule again, slowly: decode by the bit patterns, then look whether it had to be written so. */
static bool
slow_ok(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t length = p[i] < 0x80 ? 1 : p[i] >> 5 == 6 ? 2 : p[i] >> 4 == 14 ? 3 : p[i] >> 3 == 30 ? 4 : 0;
		uint32_t c = length == 1 ? p[i] : p[i] & (0x7fu >> length);
		static const uint32_t least[] = { 0, 1, 0x80, 0x800, 0x10000 };

		if (length == 0 || i + length > n)
			return false;
		for (size_t k = 1; k < length; k++) {
			if (p[i + k] >> 6 != 2)
				return false;
			c = c << 6 | (p[i + k] & 0x3f);
		}
		if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return false;
		i += length;
	}
	return true;
}

static void
test_all_short(void)
{
	bool same = true;

	for (uint32_t v = 0; v < 1u << 24; v++) {
		unsigned char p[3] = { (unsigned char)(v >> 16), (unsigned char)(v >> 8), (unsigned char)v };

		/* every sequence of three bytes, with the neighbours of the ranges' ends standing for the rest of the third */
		if (v & 0x0f && (v & 0x0f) != 0x0f)
			continue;
		same = same && utf8_ok((struct str){ (const char *)p, 3 }) == slow_ok(p, 3);
	}
	ok(same, "three bytes: as the slow rule says");
}

static void
test_code_points(struct arena *a)
{
	bool back = true;
	struct str s;

	for (int32_t c = 1; c <= 0x10ffff; c++) {
		char p[8];
		struct buf b = { .arena = a, .p = p, .cap = sizeof(p) };

		if (c == 0xd800)
			c = 0xe000;
		buf_code(&b, c);
		s = buf_str(&b);
		back = back && utf8_ok(s) && utf8_length(s) == 1 && utf8_next(&s) == c && s.n == 0;
	}
	ok(back, "every code point is written and read back");
	s = STR("é警😀");
	is_int(utf8_length(s), 3, "three code points");
	is_str(utf8_first(s, 2), "é警", "the first two");
	is_str(utf8_first(s, 0), "", "the first none");
	is_str(utf8_first(s, 9), "é警😀", "the first of fewer");
	s = STR("");
	is_int(utf8_next(&s), -1, "-1 at the end");
	is_int(utf8_sound(STR("ab\xff")), 2, "sound up to the bad byte");
}

int
main(void)
{
	struct arena *a = arena_new();

	test_samples();
	test_all_short();
	test_code_points(a);
	arena_free(a);
	return done_testing();
}
