#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/time.h"
#include "http/mustache.h"
#include "tap.h"

static struct arena *a;

static struct str
partial(struct str name, void *arg)
{
	(void)arg;
	if (str_is(name, "tree"))
		return STR("{{name}}({{#kids}}{{> tree}}{{/kids}})");
	if (str_is(name, "lines"))
		return STR("one\n{{two}}\n\nthree\n");
	if (str_is(name, "raw"))
		return STR("{{{x}}}");
	if (str_is(name, "endless"))
		return STR("{{#kids}}{{> endless}}{{/kids}}.");
	if (str_is(name, "bad"))
		return STR("fine\n{{#open}}");
	if (str_is(name, "deeper"))
		return STR(" {{> deeper}}\n");
	return STR_NONE;
}

static const struct mustache *
compiled(const char *text, enum lang lang, struct err *err)
{
	const struct mustache *m = NULL;

	return mustache_compile(a, str_c(text), lang, partial, NULL, &m, err) ? m : NULL;
}

static struct str
render_value(const char *text, const struct value *v)
{
	struct face face = { .lang = LANG_EN, .zone = zone_utc(), .now = 1000 * SECOND };
	struct err err = { .arena = a };
	struct buf b = { .arena = a };
	const struct mustache *m = compiled(text, LANG_EN, &err);

	if (!m)
		return arena_printf(a, "fault: %.*s", STR_FMT(err.detail));
	mustache_render(m, &v, 1, &face, &b);
	return buf_str(&b);
}

static struct str
render(const char *text, const char *json)
{
	struct err err = { .arena = a };
	struct value *v;

	if (!json_parse(a, str_c(json), &v, &err))
		return STR("the test's JSON is wrong");
	return render_value(text, v);
}

static void
test_values(void)
{
	is_str(render("a{{x}}b", "{\"x\":\"1\"}"), "a1b", "a value");
	is_str(render("{{x}}", "{\"x\":\"<a href='b'>&\\\"\"}"), "&lt;a href=&#39;b&#39;&gt;&amp;&quot;",
	    "escaped");
	is_str(render("{{{x}}}{{&x}}", "{\"x\":\"<&>\"}"), "<&><&>", "raw, both ways");
	is_str(render("[{{x}}]", "{\"x\":null}"), "[]", "null is nothing");
	is_str(render("{{x}}", "{\"x\":-12}"), "-12", "a number");
	is_str(render("{{.}}", "\"<\""), "&lt;", "the context itself");
	is_str(render("{{x}}", "{\"x\":\"{{y}}\",\"y\":\"no\"}"), "{{y}}",
	    "what is put in is not read again");
	is_str(render("{{ x\t}}\n{{\nx }}", "{\"x\":1}"), "1\n1", "blanks inside a tag");
	is_str(render("", "{}"), "", "nothing");
	is_str(render("}} { {", "{}"), "}} { {", "no tag");
}

static void
test_dotted(void)
{
	is_str(render("{{a.b.c}}", "{\"a\":{\"b\":{\"c\":1}}}"), "1", "a dotted name");
	is_str(render("[{{a.b.c}}]", "{\"a\":{}, \"b\":{\"c\":1}}"), "[]",
	    "a broken chain is not looked up further out");
	is_str(render("{{#a}}[{{b.c}}]{{/a}}", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"wrong\"}}"), "[]",
	    "the first part alone decides where to look");
	is_str(render("[{{a.b}}]", "{\"a.b\":\"wrong\"}"), "[]", "a key with a dot is no dotted name");
	is_str(render("{{a.b}}", "{\"a.b\":\"wrong\",\"a\":{\"b\":\"right\"}}"), "right",
	    "nor does it hide one");
	is_str(render("[{{a.b.c}}]", "{\"a\":null}"), "[]", "the parts of null are null");
}

static void
test_sections(void)
{
	is_str(render("{{#x}}a{{/x}}{{^x}}b{{/x}}", "{\"x\":true}"), "a", "true");
	is_str(render("{{#x}}a{{/x}}{{^x}}b{{/x}}", "{\"x\":false}"), "b", "false");
	is_str(render("{{#x}}a{{/x}}{{^x}}b{{/x}}", "{\"x\":null}"), "b", "null");
	is_str(render("{{#x}}a{{/x}}{{^x}}b{{/x}}", "{\"x\":\"\"}"), "b", "an empty text");
	is_str(render("{{#x}}a{{/x}}{{^x}}b{{/x}}", "{\"x\":[]}"), "b", "an empty list");
	is_str(render("{{#x}}a{{/x}}{{^x}}b{{/x}}", "{\"x\":0}"), "a", "nought is a number");
	is_str(render("{{#x}}a{{/x}}{{^x}}b{{/x}}", "{\"x\":{}}"), "a", "an empty map");
	is_str(render("{{#x}}{{y}}{{z}}{{/x}}", "{\"x\":{\"y\":1},\"y\":2,\"z\":3}"), "13",
	    "inner before outer");
	is_str(render("{{#x}}({{.}}){{/x}}", "{\"x\":[1,\"<\",3]}"), "(1)(&lt;)(3)", "a list");
	is_str(render("{{#x}}({{#.}}{{.}},{{/.}}){{/x}}", "{\"x\":[[1,2],[3]]}"), "(1,2,)(3,)",
	    "lists in a list");
	is_str(render("{{#.}}{{v}}{{/.}}", "[{\"v\":1},{\"v\":2}]"), "12", "the root is a list");
	is_str(render("{{#x}}{{#x}}{{y}}{{/x}}{{/x}}", "{\"x\":{\"y\":5}}"), "5", "a section in itself");
	is_str(render("{{#x}}{{y}}{{/x}}", "{\"x\":\"text\",\"y\":6}"), "6", "a text as context");
	is_str(render("a\n{{#x}}\nb\n{{/x}}\nc\n", "{\"x\":[1,2]}"), "a\nb\nb\nc\n",
	    "a tag alone on its line takes the line");
	is_str(render("a\r\n  {{#x}}\t\r\nb{{/x}}\r\n", "{\"x\":1}"), "a\r\nb\r\n",
	    "with CRLF, and not when text stands before it");
	is_str(render("{{! a\nb }}\nc{{! d }}\n", "{}"), "c\n", "comments");
	is_str(render("{{=<% %>=}}<% x %>{{x}}<%={{ }}=%>{{x}}", "{\"x\":1}"), "1{{x}}1", "other delimiters");
	is_str(render("{{=| |=}}|{x}||&x||#x|y|/x|", "{\"x\":\"<\"}"), "<<y", "one letter as delimiter");
}

static void
test_partials(void)
{
	is_str(render("{{> tree}}",
	    "{\"name\":\"a\",\"kids\":[{\"name\":\"b\",\"kids\":[]},{\"name\":\"c\",\"kids\":[]}]}"),
	    "a(b()c())",
	    "a partial in itself");
	ok(render("{{> endless}}", "{\"kids\":[1,2,3]}").n < 1000001, "one that never ends is ended");
	is_str(render("<\n  {{> lines}}\n>", "{\"two\":\"2\\n2\"}"), "<\n  one\n  2\n2\n  \n  three\n>",
	    "the indentation of a partial is its template's, not its values'");
	is_str(render("<{{> lines}}>", "{\"two\":2}"), "<one\n2\n\nthree\n>", "in a line it has none");
	is_str(render("{{> none}}", "{}"), "fault: line 1: no such partial: none",
	    "a partial that is not there");
	is_str(render("{{> bad}}", "{}"), "fault: bad: line 2: never closed: open",
	    "a fault in a partial names it");
	is_str(render("{{> deeper}}", "{}"), "fault: deeper: line 1: partials too deep: deeper",
	    "a partial that indents itself for ever");
}

static void
test_faults(void)
{
	is_str(render("a\nb{{x", "{}"), "fault: line 2: a tag that does not end ", "an open tag");
	is_str(render("{{#x}}", "{}"), "fault: line 1: never closed: x", "an open section");
	is_str(render("{{#x}}{{/y}}", "{}"), "fault: line 1: closes another section than the open one: y",
	    "crossed sections");
	is_str(render("\n\n{{/y}}", "{}"), "fault: line 3: closes what is not open: y", "only an end");
	is_str(render("{{}}", "{}"), "fault: line 1: not a name: ", "no name");
	is_str(render("{{a b}}", "{}"), "fault: line 1: not a name: a b", "two names");
	is_str(render("{{a..b}}", "{}"), "fault: line 1: not a name: a..b", "two dots");
	is_str(render("{{a.}}", "{}"), "fault: line 1: not a name: a.", "a dot at the end");
	is_str(render("{{*a}}", "{}"), "fault: line 1: not a name: *a", "an extension of others");
	is_str(render("{{=a=}}", "{}"), "fault: line 1: not two delimiters: a", "one delimiter");
	is_str(render("{{=a b c=}}", "{}"), "fault: line 1: not two delimiters: a b c", "three delimiters");
}

static void
test_unknown(void)
{
	int64_t before = mustache_unknown_count();

	render("{{x}}{{#x}}{{/x}}{{^y}}{{/y}}{{z.a}}{{^z.b}}{{/z.b}}",
	    "{\"x\":1,\"y\":null,\"z\":{\"a\":null,\"b\":false}}");
	is_int(mustache_unknown_count() - before, 0, "names that are there, null too, are known");
	render("{{x}}", "{}");
	is_int(mustache_unknown_count() - before, 1, "a value that is not there");
	is_str(mustache_last_unknown(), "x", "and its name");
	render("{{^z.q}}{{/z.q}}", "{\"z\":{}}");
	is_int(mustache_unknown_count() - before, 2, "a section that is not there");
	is_str(mustache_last_unknown(), "z.q", "and its whole name");
}

static void
test_messages(void)
{
	struct err err = { .arena = a };
	struct buf b = { .arena = a };
	struct face face = { .lang = LANG_ZH, .zone = zone_utc() };
	struct value *v = value_map(a);
	const struct value *stack[] = { v };
	const struct mustache *m;

	is_str(render("{{t.duration.hour}}", "{}"), "1 hour", "a message");
	is_str(render("{{t.duration.days}}", "{\"n\":\"<5>\"}"), "&lt;5&gt; days",
	    "its names come from the context, escaped");
	is_str(render("[{{#t.duration.days}}{{/t.duration.days}}]", "{\"n\":5}"), "[5 days]",
	    "the same as a section");
	is_str(render("{{#t.duration.days}}x{{/t.duration.days}}", "{\"n\":5}"),
	    "fault: line 1: a message has no inside: t.duration.days", "which has no inside");
	is_str(render("{{t.no.such}}", "{}"), "fault: line 1: no such message: no.such",
	    "a message that is not there");
	is_str(render("{{^t.duration.hour}}{{/t.duration.hour}}", "{}"),
	    "fault: line 1: a message is never absent: t.duration.hour", "nor can it be absent");
	m = compiled("{{t.duration.hour}}", LANG_ZH, &err);
	if (ok(m != NULL, "it compiles for the other language")) {
		mustache_render(m, stack, 1, &face, &b);
		is_str(buf_str(&b), "1 小時", "and speaks it");
	}
}

static void
test_faces(void)
{
	struct value *v = value_map(a);

	map_time(a, v, "at", 1060 * SECOND);
	map_time(a, v, "never", NO_TIME);
	map_term(a, v, "word", STR("hour"), "duration.hour");
	map_shown(a, v, "org", STR("17"), STR("Lin & Co"));
	map_int_shown(a, v, "ref", 42, STR("FIN-1"));
	map_int(a, v, "number", 7);
	is_str(render_value("{{at}}", v), "1970-01-01 00:17", "a time");
	is_str(render_value("{{at.iso}} {{at.date}} {{at.left}}", v),
	    "1970-01-01T00:17:40Z 1970-01-01 1 minute left", "its faces");
	is_str(render_value("{{at.full}}", v), "1970-01-01 00:17:40 (+00:00)", "in full");
	is_str(render_value("[{{never.iso}}{{never.left}}{{never}}]", v), "[]", "no time has no face");
	is_str(render_value("{{word}} {{word.id}}", v), "1 hour hour", "a term and its id");
	is_str(render_value("{{org}} {{org.id}}", v), "Lin &amp; Co 17", "a name and its id");
	is_str(render_value("{{ref}} {{ref.id}} {{number.id}}", v), "FIN-1 42 7",
	    "a reference and its number");
	is_str(render_value("{{#at.iso}}x{{/at.iso}}", v), "x", "a face can be asked for");
}

static void
test_raw(void)
{
	struct err err = { .arena = a };

	ok(!mustache_has_raw(compiled("{{x}}{{#y}}{{/y}}", LANG_EN, &err)), "no raw tag");
	ok(mustache_has_raw(compiled("{{{x}}}", LANG_EN, &err)), "a triple");
	ok(mustache_has_raw(compiled("{{& x}}", LANG_EN, &err)), "an ampersand");
	ok(mustache_has_raw(compiled("{{{t.duration.hour}}}", LANG_EN, &err)), "a message");
	ok(mustache_has_raw(compiled("{{> raw}}", LANG_EN, &err)), "in a partial");
}

static void
test_stack(void)
{
	struct face face = { .lang = LANG_EN, .zone = zone_utc() };
	struct err err = { .arena = a };
	struct buf b = { .arena = a };
	struct value *outer = value_map(a), *inner = value_map(a);
	const struct value *stack[] = { outer, inner };

	map_str(a, outer, "x", STR("outer"));
	map_str(a, outer, "y", STR("outer"));
	map_str(a, inner, "x", STR("inner"));
	mustache_render(compiled("{{x}} {{y}}", LANG_EN, &err), stack, 2, &face, &b);
	is_str(buf_str(&b), "inner outer", "the first of the stack is asked last");
	b.n = 0;
	mustache_render(compiled("[{{x}}{{.}}]", LANG_EN, &err), stack, 0, &face, &b);
	is_str(buf_str(&b), "[]", "no context at all");
}

int
main(void)
{
	a = arena_new();
	test_values();
	test_dotted();
	test_sections();
	test_partials();
	test_faults();
	test_unknown();
	test_messages();
	test_faces();
	test_raw();
	test_stack();
	arena_free(a);
	return done_testing();
}
