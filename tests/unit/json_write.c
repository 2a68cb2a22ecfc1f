#include "tap.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/time.h"

static struct arena *a;

static struct str
text_of(struct str s)
{
	return json_text(a, value_str(a, s));
}

static void
test_strings(void)
{
	struct buf all = { .arena = a }, again = { .arena = a };
	struct err err = { .arena = a };
	struct value *v = NULL;

	is_str(text_of(STR("</script>&")), "\"\\u003c/script\\u003e\\u0026\"", "markup cannot leave its page");
	is_str(text_of(STR("\xe2\x80\xa8\xe2\x80\xa9")), "\"\\u2028\\u2029\"", "line separators of scripts");
	is_str(text_of(STR("\xe2\x80\xa7\xe2\x80\xaa\xe2\x82\xac")), "\"\xe2\x80\xa7\xe2\x80\xaa\xe2\x82\xac\"", "their neighbours stay");
	is_str(text_of(STR("\xe2")), "\"\xe2\"", "half of one does no harm");
	is_str(text_of(STR("\x01\x1f\x7f\b\f\n\r\t\"\\/")), "\"\\u0001\\u001f\\u007f\\b\\f\\n\\r\\t\\\"\\\\/\"", "controls");
	is_str(text_of(STR("a\0b")), "\"a\\u0000b\"", "NUL");

	for (int32_t c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 97)
		if (c < 0xd800 || c > 0xdfff)
			buf_code(&all, c);
	json_write(&again, value_str(a, buf_str(&all)));
	ok(json_parse(a, buf_str(&again), &v, &err) && str_eq(v->s, buf_str(&all)), "a long text of all kinds comes back");
}

static struct str
real(double r)
{
	struct value v = { .kind = V_REAL, .r = r };

	return json_text(a, &v);
}

static void
test_numbers(void)
{
	is_str(json_text(a, value_int(a, INT64_MIN)), "-9223372036854775808", "the smallest");
	is_str(real(0.1), "0.1", "a short real stays short");
	is_str(real(1.0 / 3), "0.3333333333333333", "a long one keeps every digit that counts");
	is_str(real(100), "100.0", "a whole real is a real still");
	is_str(real(1e300), "1e+300", "a large one");
	is_str(real(NAN), "null", "no number");
	is_str(real(-INFINITY), "null", "no end");
}

static struct value *
parse(const char *text)
{
	struct err err = { .arena = a };
	struct value *v = NULL;

	return json_parse(a, str_c(text), &v, &err) ? v : value_null(a);
}

static void
test_pretty(void)
{
	struct buf b = { .arena = a };

	json_write_pretty(&b, parse("{\"a\":[1,{}],\"b\":[]}"));
	is_str(buf_str(&b), "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}\n", "pretty");
}

static struct str
canonical(const char *text)
{
	struct buf b = { .arena = a };

	json_canonical(&b, parse(text));
	return buf_str(&b);
}

static void
test_canonical(void)
{
	struct value *v = value_map(a);
	struct buf b = { .arena = a };

	is_str(canonical("{\"b\":2, \"a\":[ 1 , {\"d\":null,\"c\":true} ]}"), "{\"a\":[1,{\"c\":true,\"d\":null}],\"b\":2}", "sorted");
	is_str(canonical("{\"\":1,\"a\":2,\"aa\":3,\"A\":4,\"1\":5}"), "{\"\":1,\"1\":5,\"A\":4,\"a\":2,\"aa\":3}", "by code, shorter first");
	/* the example of RFC 8785, section 3.2.3: the pair of surrogates comes before U+FB33 */
	is_str(canonical("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}"),
	    "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\xef\xac\xb3\":3}", "by UTF-16 code units");
	is_str(canonical("\"\\u2028<>&/\\u001f\\u007f\""), "\"\xe2\x80\xa8<>&/\\u001f\x7f\"", "no more escapes than needed");
	map_time(a, v, "t", 0);
	map_term(a, v, "c", STR("dos"), "choice.category.dos");
	json_canonical(&b, v);
	is_str(buf_str(&b), "{\"c\":\"dos\",\"t\":\"1970-01-01T00:00:00Z\"}", "times and terms as in other JSON");
}

/* Members in any order give the same bytes. */
static void
test_canonical_order(void)
{
	uint32_t state = 1;
	bool same = true;
	struct str first = STR_NONE;

	for (int round = 0; round < 200; round++) {
		struct value *v = value_map(a), *members[16];
		struct buf b = { .arena = a };

		for (int i = 0; i < 16; i++)
			members[i] = value_int(a, i);
		for (int left = 16; left > 0; left--) {
			int pick = (int)((state = state * 1664525 + 1013904223) >> 16) % left;

			map_add_str(v, arena_printf(a, "k%d", (int)members[pick]->i), members[pick]);
			members[pick] = members[left - 1];
		}
		json_canonical(&b, v);
		if (!first.p)
			first = buf_str(&b);
		same = same && str_eq(first, buf_str(&b));
	}
	ok(same, "200 orders of 16 members give one text");
}

int
main(void)
{
	a = arena_new();
	test_strings();
	test_numbers();
	test_pretty();
	test_canonical();
	test_canonical_order();
	arena_free(a);
	return done_testing();
}
