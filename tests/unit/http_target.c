/* Addresses, queries and the route tree. */
#include "base/json.h"
#include "http/private.h"
#include "http_fixture.h"
#include "tap.h"

static struct arena *a;

/* The decoded path and query as "path?query", or the fault's code. */
static struct str
target(const char *text)
{
	struct err err = { .arena = a };
	struct str path, query;

	if (!target_read(a, str_c(text), &path, &query, &err))
		return str_c(fault_code(err.fault));
	return arena_printf(a, "%.*s?%.*s", STR_FMT(path), STR_FMT(query));
}

static void
test_paths(void)
{
	char *long_path = arena_alloc(a, TARGET_MAX + 2);

	is_str(target("/"), "/?", "the root");
	is_str(target("/a/b?c=d"), "/a/b?c=d", "path and query");
	is_str(target("/%e8%ad%a6?%e8"), "/警?%e8", "the path is decoded, the query not yet");
	is_str(target("/a+b"), "/a+b?", "a plus in a path is a plus");
	is_str(target("/1..2/x...y"), "/1..2/x...y?", "dots inside a segment");
	is_str(target("http://host:80/a?b"), "/a?b", "with an origin");
	is_str(target("https://host"), "/?", "with nothing but an origin");
	is_str(target("*"), "*?", "the server itself");
	is_str(target("/a/../b"), "request.malformed", "a path that climbs");
	is_str(target("/a/%2e%2E/b"), "request.malformed", "the same, encoded");
	is_str(target("/a/.%2e"), "request.malformed", "half encoded, at the end");
	is_str(target("/./a"), "request.malformed", "a path that stays");
	is_str(target("/a%2fb"), "request.malformed", "an encoded slash");
	is_str(target("/a%2Fb"), "request.malformed", "in capitals");
	is_str(target("/a\\..\\b"), "request.malformed", "backslashes");
	is_str(target("/a%5cb"), "request.malformed", "an encoded backslash");
	is_str(target("/a%00b"), "request.encoding", "NUL");
	is_str(target("/a%0ab"), "request.malformed", "a line end");
	is_str(target("/a#b"), "request.malformed", "a fragment");
	is_str(target("a/b"), "request.malformed", "no slash at the beginning");
	is_str(target(""), "request.malformed", "nothing");
	is_str(target("/%"), "request.encoding", "a percent sign at the end");
	is_str(target("/%4"), "request.encoding", "one digit");
	is_str(target("/%4g"), "request.encoding", "no digit");
	is_str(target("/%c0%ae%c0%ae/"), "request.encoding", "overlong dots");
	is_str(target("/%ed%a0%80"), "request.encoding", "half a surrogate pair");
	is_str(target("/%2541"), "/%41?", "decoded once only");
	memset(long_path, '/', TARGET_MAX + 1);
	is_str(target(long_path), "request.uri_too_long", "too long");
}

static struct str
query(const char *text)
{
	struct err err = { .arena = a };
	struct value *v;

	if (!query_read(a, str_c(text), 5, false, &v, &err))
		return str_c(fault_code(err.fault));
	return json_text(a, v);
}

static void
test_queries(void)
{
	struct err err = { .arena = a };
	struct value *v;

	is_str(query(""), "{}", "nothing");
	is_str(query("a=1&b=2"), "{\"a\":\"1\",\"b\":\"2\"}", "names and values");
	is_str(query("a=1&b=2&a=3&a="), "{\"a\":[\"1\",\"3\",\"\"],\"b\":\"2\"}", "a name that comes again");
	is_str(query("a+b=c%2Bd+e"), "{\"a b\":\"c+d e\"}", "plus and percent");
	is_str(query("a&&b=&=&"), "request.malformed", "a value without a name");
	is_str(query("a&&b="), "{\"a\":\"\",\"b\":\"\"}", "names without values");
	is_str(query("a=b=c"), "{\"a\":\"b=c\"}", "an equals sign in a value");
	is_str(query("a=%E8%AD"), "request.encoding", "half a character");
	is_str(query("a=%00"), "request.encoding", "NUL");
	is_str(query("a&b&c&d&e&f"), "request.malformed", "too many");
	ok(query_read(a, STR("a=&b=1"), 5, true, &v, &err) && v->n == 1,
	    "empty ones are left out where nobody wants them");
}

static struct str
checked(const char *text)
{
	struct err err = { .arena = a };
	struct str args[4];
	struct value *v;

	query_read(a, str_c(text), 50, true, &v, &err);
	if (query_check(route_find(METHOD_GET, STR("/open"), args, &err), v, &err))
		return STR("fine");
	return err.fault == FAULT_QUERY ? err.detail : STR("another fault");
}

static void
test_allowed(void)
{
	is_str(checked("q=x&n=-3&t=2026-11-21T02:10:00Z&kind=red&lang=en&notice=saved"), "fine",
	    "all that the route knows");
	is_str(checked("q=x&page=2"), "page; allowed: q, n, t, kind",
	    "an unknown name is told, and the known ones");
	is_str(checked("n=x"), "n: integer", "no number");
	is_str(checked("n=1&n=x"), "n: integer", "the second is none");
	is_str(checked("t=yesterday"), "t: time", "no time");
	is_str(checked("kind=green"), "kind: red|blue", "no such choice");
	is_str(checked("kind=re"), "kind: red|blue", "a part of one");
	is_str(checked("lang=fr"), "lang: zh-TW|zh|en", "a language that is not spoken");
	is_str(checked("n=&kind="), "fine", "an empty field of a filter says nothing");
}

static void
test_encode(void)
{
	struct buf b = { .arena = a };

	target_encode(&b, STR("/a b?c=&警%"));
	is_str(buf_str(&b), "/a%20b%3Fc%3D%26%E8%AD%A6%25", "encoded for an address");
}

/* ---- routes ---- */

/* "name a b" of the route found, or the fault and its detail. */
static struct str
route(enum method m, const char *path)
{
	struct err err = { .arena = a };
	struct str args[4];
	const struct route *r = route_find(m, str_c(path), args, &err);

	if (!r)
		return arena_printf(a, "%s %.*s", fault_code(err.fault), STR_FMT(err.detail));
	return arena_printf(a, "%s %.*s %.*s", r->name, STR_FMT(args[0]), STR_FMT(args[1]));
}

static void
test_routes(void)
{
	is_str(route(METHOD_GET, "/fixed"), "fixed  ", "a plain path");
	is_str(route(METHOD_GET, "/things"), "thing.list  ", "by method: GET");
	is_str(route(METHOD_POST, "/things"), "thing.make  ", "by method: POST");
	is_str(route(METHOD_GET, "/things/new"), "thing.new  ", "a plain segment before a pattern");
	is_str(route(METHOD_GET, "/things/newer"), "thing.view newer ", "a pattern otherwise");
	is_str(route(METHOD_GET, "/things/new/parts"), "thing.part new ",
	    "a plain segment that leads nowhere is given up");
	is_str(route(METHOD_GET, "/things/5/versions/12..3"), "thing.compare 5 12",
	    "two arguments in a segment");
	is_str(route(METHOD_GET, "/things/5/versions/12.."), "not_found ", "an argument is never empty");
	is_str(route(METHOD_GET, "/things/5/versions/..3"), "not_found ", "nor is the first");
	is_str(route(METHOD_GET, "/things/5/versions/12.3"), "not_found ",
	    "what stands between them must be there");
	is_str(route(METHOD_GET, "/things/"), "not_found ", "a slash more");
	is_str(route(METHOD_GET, "//things"), "not_found ", "a slash more in front");
	is_str(route(METHOD_GET, "/"), "not_found ", "no route");
	is_str(route(METHOD_GET, ""), "not_found ", "no path");
	is_str(route(METHOD_GET, "/THINGS"), "not_found ", "capitals are other letters");
	is_str(route(METHOD_POST, "/things/5"), "request.method GET, PUT, DELETE",
	    "another method, and which there are");
	is_str(route(METHOD_PUT, "/things/new"), "request.method GET",
	    "the plain segment's methods, not the pattern's");
	is_int(route_methods(STR("/things/5")), METHOD_GET | METHOD_PUT | METHOD_DELETE, "methods of a path");
	is_int(route_methods(STR("/nothing")), 0, "of none");
	is_str(methods_text(a, METHOD_GET | METHOD_POST, true), "GET, HEAD, POST, OPTIONS",
	    "as Allow has them");
}

int
main(void)
{
	a = arena_new();
	route_check();
	ok(true, "the table holds");
	test_paths();
	test_queries();
	test_allowed();
	test_encode();
	test_routes();
	arena_free(a);
	return done_testing();
}
