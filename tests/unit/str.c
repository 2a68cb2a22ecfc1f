#include "tap.h"

#include "base/arena.h"

static void
test_compare(void)
{
	ok(str_eq(STR(""), STR_NONE), "no bytes equal no bytes");
	ok(str_eq(STR("a\0b"), STR("a\0b")), "NUL is a byte like others");
	ok(!str_eq(STR("a\0b"), STR("a\0c")), "and what follows it counts");
	ok(!str_is(STR("ab\0"), "ab"), "a C string ends before NUL");
	ok(str_cmp(STR("a"), STR("b")) < 0, "a before b");
	ok(str_cmp(STR("a"), STR("ab")) < 0, "shorter first");
	ok(str_cmp(STR("\xff"), STR("a")) > 0, "bytes are unsigned");
	ok(str_cmp(STR_NONE, STR("")) == 0, "absent and empty have the same place");
	ok(str_c(NULL).p == NULL, "NULL is absent");
}

static void
test_parts(void)
{
	ok(str_starts(STR("report.submit"), STR("report.")), "starts");
	ok(!str_starts(STR("re"), STR("report")), "a prefix longer than the text");
	ok(str_ends(STR("a.json"), STR(".json")), "ends");
	ok(str_starts(STR_NONE, STR("")), "everything starts with nothing");
	ok(str_has(STR("通報單編號"), STR("編號")), "has a part");
	ok(!str_has(STR("ab"), STR("abc")), "has no longer part");
	is_str(str_from(STR("abc"), 1), "bc", "from 1");
	is_str(str_from(STR("abc"), 9), "", "from behind the end");
	is_str(str_from(STR_NONE, 3), NULL, "absent stays absent");
	is_str(str_first(STR("abc"), 2), "ab", "first 2");
	is_str(str_first(STR("abc"), 9), "abc", "first of fewer");
}

static void
test_trim(void)
{
	is_str(str_trim(STR(" \t\r\n a b \v\f")), "a b", "ASCII white space");
	is_str(str_trim(STR("\xe3\x80\x80 資安\xe3\x80\x80")), "資安", "the wide blank");
	is_str(str_trim(STR("\xe3\x80\x81")), "\xe3\x80\x81", "its neighbour stays");
	is_str(str_trim(STR("  ")), "", "nothing but blanks");
	is_str(str_trim(STR_NONE), NULL, "absent stays absent");
}

/* The parts of s behind each other, each followed by "|". */
static struct str
parts(struct arena *a, struct str s)
{
	struct buf b = { .arena = a };
	struct str part;

	while (str_split(&s, ',', &part)) {
		buf_put(&b, part);
		buf_char(&b, '|');
	}
	return buf_str(&b);
}

static void
test_split(struct arena *a)
{
	is_str(parts(a, STR("a,,b")), "a||b|", "an empty part in the middle");
	is_str(parts(a, STR("a,")), "a||", "an empty part at the end");
	is_str(parts(a, STR(",")), "||", "two empty parts");
	is_str(parts(a, STR("a")), "a|", "one part");
	is_str(parts(a, STR_NONE), "", "an absent text has none");
}

static void
test_int(void)
{
	int64_t v = 7;

	ok(str_int(STR("0"), &v) && v == 0, "0");
	ok(str_int(STR("-12"), &v) && v == -12, "-12");
	ok(str_int(STR("007"), &v) && v == 7, "leading zeros");
	ok(str_int(STR("9223372036854775807"), &v) && v == INT64_MAX, "the largest");
	ok(str_int(STR("-9223372036854775808"), &v) && v == INT64_MIN, "the smallest");
	v = 7;
	ok(!str_int(STR("9223372036854775808"), &v), "one more than the largest");
	ok(!str_int(STR("-9223372036854775809"), &v), "one less than the smallest");
	ok(!str_int(STR("99999999999999999999"), &v), "far too many digits");
	ok(!str_int(STR(""), &v) && !str_int(STR("-"), &v) && !str_int(STR_NONE, &v), "no digit");
	ok(!str_int(STR("+1"), &v) && !str_int(STR(" 1"), &v) && !str_int(STR("1 "), &v), "plus and blanks");
	ok(!str_int(STR("1\0"), &v) && !str_int(STR("0x1"), &v) && !str_int(STR("1.0"), &v), "other characters");
	is_int(v, 7, "the result is untouched on failure");
}

static void
test_buf(struct arena *a)
{
	struct buf b = { .arena = a };
	struct str s;

	is_str(buf_str(&b), "", "an empty buffer is an empty text");
	buf_c(&b, "a");
	buf_char(&b, 'b');
	buf_int(&b, INT64_MIN);
	buf_int(&b, 0);
	buf_code(&b, 0x8b66);
	buf_code(&b, 0x1f600);
	buf_code(&b, 0xe9);
	buf_put(&b, STR_NONE);
	buf_printf(&b, "%s-%d", "x", 5);
	is_str(buf_str(&b), "ab-92233720368547758080警😀éx-5", "everything that can be put");

	b = (struct buf){ .arena = a };
	for (int i = 0; i < 100000; i++) {
		buf_int(&b, i % 10);
		if (i % 1000 == 0)
			arena_raw(a, 1);         /* something else stands behind it now */
	}
	s = buf_str(&b);
	ok(s.n == 100000 && str_starts(s, STR("0123456789")) && str_ends(s, STR("56789")), "it grows");
}

int
main(void)
{
	struct arena *a = arena_new();

	test_compare();
	test_parts();
	test_trim();
	test_split(a);
	test_int();
	test_buf(a);
	arena_free(a);
	return done_testing();
}
