#include "tap.h"

#include "base/arena.h"
#include "base/json.h"

static struct value *
parse(struct arena *a, const char *text)
{
	struct err err = { .arena = a };
	struct value *v = NULL;

	return json_parse(a, str_c(text), &v, &err) ? v : value_null(a);
}

static void
test_build(struct arena *a)
{
	struct value *m = value_map(a), *list;

	map_str(a, m, "s", STR("x"));
	map_str(a, m, "none", STR_NONE);
	map_int(a, m, "i", -5);
	map_int(a, m, "unset", INT64_MIN);
	map_bool(a, m, "b", true);
	map_null(a, m, "null");
	map_time(a, m, "t", 1500000);
	map_time(a, m, "never", INT64_MIN);
	map_term(a, m, "term", STR("dos"), "choice.category.dos");
	map_shown(a, m, "org", STR("7"), STR("某醫院"));
	map_int_shown(a, m, "size", 2048, STR("2 KB"));
	map_map(a, m, "map");
	list = map_list(a, m, "list");
	list_add(list, value_int(a, 1));
	list_add(list, value_str(a, STR("two")));
	is_str(json_text(a, m), "{\"s\":\"x\",\"none\":null,\"i\":-5,\"unset\":null,\"b\":true,\"null\":null,"
	    "\"t\":\"1970-01-01T00:00:01.5Z\",\"never\":null,\"term\":\"dos\",\"org\":\"7\",\"size\":2048,"
	    "\"map\":{},\"list\":[1,\"two\"]}", "every kind, in the order added");
	is_int(m->n, 13, "members are counted");
	is_str(value_text(value_get(m, "term")), "dos", "the text of a term is its id");
	is_str(value_text(value_get(m, "i")), NULL, "a number has no text");
	is_str(value_text(NULL), NULL, "nor has nothing");
	ok(!value_get(m, "absent") && !value_get(list, "s") && !value_get(NULL, "s"), "nothing is found where nothing is");
}

static bool
equal(struct arena *a, const char *x, const char *y)
{
	bool there = value_equal(parse(a, x), parse(a, y)), back = value_equal(parse(a, y), parse(a, x));

	return there && back;
}

static void
test_equal(struct arena *a)
{
	ok(equal(a, "{\"a\":1,\"b\":[1,{\"c\":null}]}", "{\"b\":[1,{\"c\":null}],\"a\":1}"), "order of members does not matter");
	ok(equal(a, "{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3,\"b\":2,\"a\":1}"), "not even reversed");
	ok(!equal(a, "[1,2]", "[2,1]"), "order in a list does");
	ok(!equal(a, "[1]", "[1,2]"), "a longer list");
	ok(!equal(a, "{\"a\":1}", "{\"b\":1}"), "another name");
	ok(!equal(a, "{\"a\":1}", "{\"a\":2}"), "another value");
	ok(!equal(a, "1", "\"1\""), "a number is no text");
	ok(!equal(a, "1", "true"), "nor a truth");
	ok(!equal(a, "0.5", "0.25") && equal(a, "0.5", "0.5"), "reals");
	ok(!equal(a, "null", "{}"), "null is no map");
}

int
main(void)
{
	struct arena *a = arena_new();

	test_build(a);
	test_equal(a);
	arena_free(a);
	return done_testing();
}
