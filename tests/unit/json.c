#include "tap.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"

static struct arena *a;

/* What the text becomes, or "fault at place". */
static struct str
read_back(struct str text)
{
	struct err err = { .arena = a };
	struct value *v;

	if (json_parse(a, text, &v, &err))
		return json_text(a, v);
	return arena_printf(a, "%s %.*s", fault_code(err.fault), STR_FMT(err.detail));
}

struct sample {
	const char *text, *want;
};

static const struct sample good[] = {
	{ " {\"a\" : [ 1 , 2.5 , true , false , null ] } \n", "{\"a\":[1,2.5,true,false,null]}" },
	{ "{\"z\":1,\"a\":2}", "{\"z\":1,\"a\":2}" },
	{ "{}", "{}" },
	{ "[]", "[]" },
	{ "\"\"", "\"\"" },
	{ "0", "0" },
	{ "-0", "0" },
	{ "9223372036854775807", "9223372036854775807" },
	{ "-9223372036854775808", "-9223372036854775808" },
	{ "1e308", "1e+308" },
	{ "1E2", "100.0" },
	{ "0.1", "0.1" },
	{ "\"\\ud83d\\ude00\"", "\"😀\"" },
	{ "\"\\u8b66\\/\\b\\f\\n\\r\\t\\\"\\\\\"", "\"警/\\b\\f\\n\\r\\t\\\"\\\\\"" },
	{ "\"\\\\u0000\"", "\"\\\\u0000\"" },
	{ "\"\\\\ud800\"", "\"\\\\ud800\"" },
	{ "{\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\":1}", "{\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\":1}" },
};

static const struct sample bad[] = {
	{ "", "request.syntax 1:1" },
	{ " ", "request.syntax 1:1" },
	{ "{", "request.syntax 1:1" },
	{ "[1,]", "request.syntax 1:4" },
	{ "{\"a\":1,}", "request.syntax 1:8" },
	{ "[1] [2]", "request.syntax 1:5" },
	{ "\n\n  nul", "request.syntax 3:5" },
	{ "{a:1}", "request.syntax 1:2" },
	{ "{'a':1}", "request.syntax 1:2" },
	{ "[NaN]", "request.syntax 1:4" },
	{ "[Infinity]", "request.syntax 1:9" },
	{ "01", "request.syntax 1:1" },
	{ "+1", "request.syntax 1:1" },
	{ "1.", "request.syntax 1:2" },
	{ "0x10", "request.syntax 1:2" },
	{ "// x\n1", "request.syntax 1:1" },
	{ "9223372036854775808", "request.syntax 1:19" },
	{ "123456789012345678901234567890", "request.syntax 1:30" },
	{ "1e400", "request.syntax 1:5" },
	{ "-1e400", "request.syntax 1:6" },
	{ "\"\t\"", "request.syntax 1:1" },
	{ "\"\\x41\"", "request.syntax 1:3" },
	{ "\"\\u12\"", "request.syntax 1:6" },
	{ "\"abc", "request.syntax 1:4" },
	{ "\"abc\\", "request.syntax 1:5" },
	{ "\"\\u0000\"", "request.encoding 1:2" },
	{ "{\"a\\u0000\":1}", "request.encoding 1:4" },
	{ "\"\\ud800\"", "request.encoding 1:2" },
	{ "\"\\udc00\"", "request.encoding 1:2" },
	{ "\"\\ud800\\ud800\"", "request.encoding 1:2" },
	{ "\"\\ud800x\"", "request.encoding 1:2" },
	{ "\"警\\udfff\"", "request.encoding 1:3" },
	{ "\"\xff\"", "request.encoding 1:2" },
	{ "\"\xed\xa0\x80\"", "request.encoding 1:2" },
	{ "\xef\xbb\xbf{}", "request.syntax 1:2" },
	{ "{\"a\":1,\"b\":2,\"a\":3}", "request.duplicate_key 1:16" },
	{ "{\"a\":{\"b\":1,\"b\":1}}", "request.duplicate_key 1:15" },
	{ "{\"a\":1,\"\\u0061\":1}", "request.duplicate_key 1:15" },
};

static void
test_samples(void)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		is_str(read_back(str_c(good[i].text)), good[i].want, arena_printf(a, "reads sample %zu", i).p);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_str(read_back(str_c(bad[i].text)), bad[i].want, arena_printf(a, "refuses sample %zu", i).p);
	is_str(read_back(STR("[1]\0")), "request.encoding 1:4", "NUL behind the value");
	is_str(read_back(STR("\"a\0b\"")), "request.encoding 1:3", "NUL in a text");
	is_str(read_back(STR_NONE), "request.syntax 1:1", "nothing at all");
}

static struct str
nested(int depth, char open, char close)
{
	struct buf b = { .arena = a };

	for (int i = 0; i < depth; i++) {
		if (open == '{')
			buf_c(&b, "{\"a\":");
		else
			buf_char(&b, open);
	}
	if (open == '{')
		buf_char(&b, '1');
	for (int i = 0; i < depth && close; i++)
		buf_char(&b, close);
	return buf_str(&b);
}

static void
test_depth(void)
{
	struct err err = { .arena = a };
	struct value *v = NULL;

	ok(json_parse(a, nested(JSON_DEPTH, '[', ']'), &v, &err), "the deepest that is allowed");
	ok(json_parse(a, nested(JSON_DEPTH, '{', '}'), &v, &err), "in maps too");
	is_str(read_back(nested(JSON_DEPTH + 1, '[', ']')), "request.depth 1:33", "one deeper");
	is_str(read_back(nested(10000, '[', ']')), "request.depth 1:33", "depth 10,000");
	is_str(read_back(nested(10000, '[', 0)), "request.depth 1:33", "depth 10,000 without an end");
	is_str(read_back(nested(10000, '{', '}')), "request.depth 1:161", "depth 10,000 in maps");
	is_str(read_back(STR("]]]]{}")), "request.syntax 1:1", "more ends than beginnings");
}

static void
test_many(void)
{
	struct buf b = { .arena = a };
	struct err err = { .arena = a };
	struct value *v = NULL;

	buf_char(&b, '{');
	for (int i = 0; i < 20000; i++)
		buf_printf(&b, "%s\"k%d\":%d", i ? "," : "", i, i);
	buf_char(&b, '}');
	ok(json_parse(a, buf_str(&b), &v, &err) && v->n == 20000, "20,000 members");
	ok(value_get(v, "k19999")->i == 19999, "the last of them");
	ok(str_eq(json_text(a, v), buf_str(&b)), "in their order");
}

/* The value holds nothing of the input. */
static void
test_copies(void)
{
	char text[] = "{\"key\":\"text\"}";
	struct err err = { .arena = a };
	struct value *v = NULL;

	if (!ok(json_parse(a, str_c(text), &v, &err), "reads"))
		return;
	memset(text, 'x', sizeof(text));
	is_str(value_text(value_get(v, "key")), "text", "the input may go");
}

static void
test_untouched(void)
{
	struct value mark, *v = &mark;
	struct err err = { .arena = a };

	json_parse(a, STR("["), &v, &err);
	ok(v == &mark, "the result is untouched on failure");
}

int
main(void)
{
	a = arena_new();
	test_samples();
	test_depth();
	test_many();
	test_copies();
	test_untouched();
	arena_free(a);
	return done_testing();
}
