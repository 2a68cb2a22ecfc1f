/*
 * The templates as such: each compiles in both languages, escapes everything, has no code or style of its
 * own, and its forms and pictures can be used by everybody. What they show is looked at by the tests that
 * ask for pages.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "http/assets.h"
#include "http/mustache.h"
#include "tap.h"

#define ATTRIBUTES 40
#define LABELS 400

static struct arena *a;
static int faults;

static void
fault(const char *template, const char *what, struct str where)
{
	faults++;
	printf("# %s: %s: %.*s\n", template, what, STR_FMT(str_first(where, 70)));
}

/* ---- compiled ---- */

static struct str
partial(struct str name, void *arg)
{
	const struct asset *t = template_find(name);

	(void)arg;
	return t ? asset_text(t) : STR_NONE;
}

static void
check_compiles(const struct asset *t)
{
	const struct mustache *m;

	for (int l = 0; l < LANG__MAX; l++) {
		struct err err = { .arena = a };

		if (!mustache_compile(a, asset_text(t), (enum lang)l, partial, NULL, &m, &err))
			fault(t->name, "does not compile", err.detail);
		else if (mustache_has_raw(m))
			fault(t->name, "shows something unescaped", STR(""));
	}
}

/* ---- with its partials, as text ---- */

static void
expand(struct buf *b, struct str text, int depth)
{
	while (text.n) {
		const char *at = memmem(text.p, text.n, "{{>", 3), *end;
		struct str name;
		const struct asset *t;

		if (!at || depth == 10) {
			buf_put(b, text);
			return;
		}
		buf_put(b, str_first(text, (size_t)(at - text.p)));
		text = str_from(text, (size_t)(at - text.p) + 3);
		end = memmem(text.p, text.n, "}}", 2);
		if (!end)
			return;
		name = str_trim(str_first(text, (size_t)(end - text.p)));
		text = str_from(text, (size_t)(end - text.p) + 2);
		t = template_find(name);
		if (t)
			expand(b, asset_text(t), depth + 1);
	}
}

/* ---- elements ---- */

struct element {
	struct str name;                 /* "/form" for an end */
	struct {
		struct str name, value;  /* value absent: none is given */
		bool quoted;
	} attributes[ATTRIBUTES];
	int n;
	struct str text;                 /* all of it, for messages */
};

static struct str
attribute(const struct element *e, const char *name)
{
	for (int i = 0; i < e->n; i++)
		if (str_is(e->attributes[i].name, name))
			return e->attributes[i].value.p ? e->attributes[i].value : STR("");
	return STR_NONE;
}

static struct str
skip(struct str s, const char *past)
{
	const char *at = memmem(s.p, s.n, past, strlen(past));

	return at ? str_from(s, (size_t)(at - s.p) + strlen(past)) : str_from(s, s.n);
}

static size_t
name_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && (isalnum((unsigned char)s.p[n]) || s.p[n] == '-' || s.p[n] == ':'))
		n++;
	return n;
}

/* What follows the '=' of an attribute. */
static struct str
take_value(struct str s, struct str *ret_value, bool *ret_quoted)
{
	size_t n = 0;

	*ret_quoted = s.n && (s.p[0] == '"' || s.p[0] == '\'');
	if (*ret_quoted) {
		const char *end = memchr(s.p + 1, s.p[0], s.n - 1);

		n = end ? (size_t)(end - s.p) : s.n;
		*ret_value = (struct str){ s.p + 1, n - 1 };
		return str_from(s, n + 1);
	}
	while (n < s.n && !isspace((unsigned char)s.p[n]) && s.p[n] != '>')
		n++;
	*ret_value = str_first(s, n);
	return str_from(s, n);
}

/* The next element of *rest; what stands in {{ }} inside its tag is passed over, but in values. */
static bool
next_element(struct str *rest, struct element *e)
{
	const char *open = rest->n ? memchr(rest->p, '<', rest->n) : NULL;
	struct str s, from;

	if (!open)
		return false;
	from = s = str_from(*rest, (size_t)(open - rest->p) + 1);
	*e = (struct element){ 0 };
	if (s.n && s.p[0] == '/')
		s = str_from(s, 1);
	s = str_from(s, name_length(s));
	e->name = str_first(from, from.n - s.n);
	while (s.n && s.p[0] != '>') {
		size_t n = name_length(s);

		if (str_starts(s, STR("{{"))) {
			s = skip(s, "}}");
		} else if (n == 0) {
			s = str_from(s, 1);
		} else if (e->n < ATTRIBUTES) {
			e->attributes[e->n].name = str_first(s, n);
			s = str_from(s, n);
			if (s.n && s.p[0] == '=')
				s = take_value(str_from(s, 1), &e->attributes[e->n].value,
				    &e->attributes[e->n].quoted);
			e->n++;
		} else {
			s = str_from(s, n);
		}
	}
	e->text = str_first(from, from.n - s.n);
	*rest = s;
	return true;
}

/* ---- what is wrong with one ---- */

static void
check_attributes(const char *template, const struct element *e)
{
	for (int i = 0; i < e->n; i++) {
		struct str name = e->attributes[i].name, value = e->attributes[i].value;

		if (str_is(name, "style") || (str_starts(name, STR("on")) && value.p))
			fault(template, "code or style inside", e->text);
		if (value.p && !e->attributes[i].quoted && str_has(value, STR("{{")))
			fault(template, "a value without quotes", e->text);
		if (str_has(value, STR("javascript:")) || str_starts(value, STR("http://")) ||
		    str_starts(value, STR("//")))
			fault(template, "an address elsewhere", e->text);
	}
	if (str_is(e->name, "style") || (str_is(e->name, "script") && !attribute(e, "src").p))
		fault(template, "code or style inside", e->text);
	if (str_is(e->name, "img") && !attribute(e, "alt").p)
		fault(template, "a picture without words", e->text);
	if (str_is(e->name, "iframe") || str_is(e->name, "object") || str_is(e->name, "embed") ||
	    str_is(e->name, "base"))
		fault(template, "an element that has no place here", e->text);
}

static bool
needs_label(const struct element *e)
{
	struct str type = attribute(e, "type");

	for (int i = 0; i < e->n; i++)
		if (str_is(e->attributes[i].name, "hidden"))
			return false;
	if (str_is(e->name, "select") || str_is(e->name, "textarea"))
		return true;
	return str_is(e->name, "input") && !str_is(type, "hidden") && !str_is(type, "submit") &&
	    !str_is(type, "button");
}

static int
collect_labels(struct str text, struct str *labels)
{
	struct element e;
	int n = 0;

	while (next_element(&text, &e))
		if (str_is(e.name, "label") && attribute(&e, "for").p && n < LABELS)
			labels[n++] = attribute(&e, "for");
	return n;
}

static bool
is_labelled(const struct element *e, const struct str *labels, int n)
{
	struct str id = attribute(e, "id");

	if (attribute(e, "aria-label").n || attribute(e, "aria-labelledby").n)
		return true;
	for (int i = 0; id.n && i < n; i++)
		if (str_eq(labels[i], id))
			return true;
	return false;
}

/* Who fills in a form for strangers has no session yet, so that there is no token. */
static bool
needs_token(const char *template, const struct element *form)
{
	static const char *const strangers[] = { "invite", "setup" };

	if (!str_is(attribute(form, "method"), "post") || str_is(attribute(form, "action"), "/sign-in"))
		return false;
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		if (strcmp(template, strangers[i]) == 0)
			return str_is(attribute(form, "action"), "/language");
	return true;
}

static void
check_elements(const char *template, struct str text)
{
	static struct str labels[LABELS];
	int n = collect_labels(text, labels), in_label = 0;
	bool in_form = false, token = true;
	struct element e;

	while (next_element(&text, &e)) {
		check_attributes(template, &e);
		if (str_is(e.name, "label"))
			in_label++;
		else if (str_is(e.name, "/label"))
			in_label--;
		else if (str_is(e.name, "form")) {
			in_form = true;
			token = !needs_token(template, &e);
		} else if (str_is(e.name, "/form")) {
			if (!token)
				fault(template, "a form without its token", text);
			in_form = false;
		} else if (in_form && (str_is(attribute(&e, "name"), "csrf") ||
		    str_is(attribute(&e, "name"), "_csrf"))) {
			token = true;
		}
		if (needs_label(&e) && !in_label && !is_labelled(&e, labels, n))
			fault(template, "an input without a label", e.text);
	}
	if (in_form)
		fault(template, "a form that does not end", STR(""));
}

/* Partials are looked at inside the pages that use them: a page begins with {{> head}}. */
static bool
is_page(const struct asset *t)
{
	return str_starts(asset_text(t), STR("{{> head}}"));
}

/* The lint itself finds what it is there to find. */
static void
test_lint(void)
{
	static const char *const bad[] = {
		"<p style=\"x\">", "<p onclick=\"x\">", "<script>x</script>", "<style>", "<img src=\"x\">",
		    "<input name=\"x\">",
		"<input id=\"x\"><label for=\"y\">",
		    "<form method=\"post\"><input type=\"hidden\" name=\"x\"></form>", "<a href={{x}}>",
		"<a href=\"javascript:x\">", "<script src=\"http://x\">",
		    "<form method=\"post\"><input type=\"hidden\" name=\"csrf\">",
		"<select name=\"x\">", "<form method=\"post\" action=\"/language\"></form>",
		    "<label></label><textarea>", "<base href=\"/\">",
		    "<p {{#x}}class=\"y\"{{/x}} style=\"z\">",
	};
	static const char *const good[] = {
		"<p class=\"style=\">", "<script src=\"/x\"></script>", "<img alt=\"\" src=\"x\">",
		    "<label>x <input name=\"x\"></label>",
		"<input{{#e}} class=\"e\"{{/e}} id=\"{{id}}\"><label for=\"{{id}}\">",
		    "<input aria-label=\"x\">", "<input type=\"hidden\">",
		"<form method=\"post\"><input type=\"hidden\" name=\"csrf\"></form>", "<form><button></form>",
		    "<a href=\"{{x}}\">", "1 < 2",
	};
	size_t i;
	int found = 0, before;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		before = faults;
		check_elements("(example)", str_c(bad[i]));
		found += faults > before;
	}
	is_int(found, sizeof(bad) / sizeof(bad[0]), "the lint finds each kind of fault");
	faults = 0;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check_elements("(example)", str_c(good[i]));
	is_int(faults, 0, "and nothing else");
	faults = 0;
}

int
main(void)
{
	const struct asset *all;
	int n, pages = 0;

	a = arena_new();
	all = templates_all(&n);
	test_lint();
	for (int i = 0; i < n; i++) {
		struct buf text = { .arena = a };

		check_compiles(&all[i]);
		if (!is_page(&all[i]))
			continue;
		pages++;
		expand(&text, asset_text(&all[i]), 0);
		check_elements(all[i].name, buf_str(&text));
	}
	printf("# %d templates, %d pages\n", n, pages);
	ok(pages > 10, "there are pages");
	is_int(faults, 0, "nothing is wrong with them");
	arena_free(a);
	return done_testing();
}
