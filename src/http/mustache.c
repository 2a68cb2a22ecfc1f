/*
 * Templates into ops. The text is read once; messages and partials are found here, so that rendering asks
 * for neither.
 */
#include "http/mustache_ops.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"

#define PARTIALS_DEEP 32         /* partials inside each other, while compiling */
#define DELIMITER_MAX 16

/* One partial in one indentation: compiled once, also when it includes itself. */
struct unit {
	struct str name, indent;
	struct mustache *m;
	struct unit *next;
};

/* What one call of mustache_compile() shares with all its partials. */
struct compile {
	struct arena *arena;
	enum lang lang;
	mustache_partial *partial;
	void *arg;
	struct unit *units;
	struct err *err;
	int deep;
};

struct tag {
	char kind;                       /* # ^ / > { & = ! or 'v', a plain value */
	struct str content;              /* between kind and closing, trimmed (not of a comment) */
	size_t at, end;                  /* where it stands in the text, with its delimiters */
};

struct reader {
	struct compile *c;
	struct mustache *m;
	int cap;
	struct str text;                 /* the whole template */
	struct str name;                 /* of the partial, for faults; "" is the template itself */
	size_t at;
	struct str open, close;
	int sections[MUSTACHE_DEPTH];    /* open ones, by op */
	int depth;
};

static bool compile_text(struct compile *c, struct str name, struct str text, struct mustache *m);

static int
line_of(const struct reader *r, size_t at)
{
	int line = 1;
	size_t i;

	for (i = 0; i < at && i < r->text.n; i++)
		line += r->text.p[i] == '\n';
	return line;
}

static bool
wrong(const struct reader *r, size_t at, const char *why, struct str what)
{
	if (r->name.n)
		return err_setf(r->c->err, FAULT_FILE, "%.*s: line %d: %s %.*s", STR_FMT(r->name),
		    line_of(r, at), why, STR_FMT(str_first(what, 80)));
	return err_setf(r->c->err, FAULT_FILE, "line %d: %s %.*s", line_of(r, at), why,
	    STR_FMT(str_first(what, 80)));
}

static struct op *
add_op(struct reader *r, enum op_kind kind)
{
	struct mustache *m = r->m;

	if (m->n == r->cap) {
		struct op *more;

		r->cap = r->cap ? r->cap * 2 : 16;
		more = arena_alloc(r->c->arena, (size_t)r->cap * sizeof(*more));
		if (m->n)
			memcpy(more, m->ops, (size_t)m->n * sizeof(*more));
		m->ops = more;
	}
	m->ops[m->n] = (struct op){ .kind = kind };
	return &m->ops[m->n++];
}

static void
add_text(struct reader *r, struct str s)
{
	if (s.n)
		add_op(r, OP_TEXT)->text = s;
}

/* ---- names ---- */

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	    c == '-';
}

/* "." or parts of letters, digits, '_' and '-' with one dot between them. */
static bool
read_name(struct reader *r, const struct tag *t, struct str s, struct op_name *ret_name)
{
	struct op_name name = { .text = s };
	struct str *parts, rest = s, part;
	int n = 1;
	size_t i;

	if (str_is(s, ".")) {
		*ret_name = name;
		return true;
	}
	for (i = 0; i < s.n; i++)
		if (s.p[i] == '.')
			n++;
		else if (!is_name_char(s.p[i]))
			return wrong(r, t->at, "not a name:", s);
	parts = arena_alloc(r->c->arena, (size_t)n * sizeof(*parts));
	while (str_split(&rest, '.', &part)) {
		if (part.n == 0)
			return wrong(r, t->at, "not a name:", s);
		parts[name.n++] = part;
	}
	if (name.n == 0)
		return wrong(r, t->at, "a tag without a name", STR(""));
	name.parts = parts;
	*ret_name = name;
	return true;
}

/* ---- messages ---- */

static void
add_escaped(struct reader *r, struct str s)
{
	struct buf b = { .arena = r->c->arena };

	mustache_escape(&b, s);
	add_text(r, buf_str(&b));
}

/* The words of a message, its {names} as values of the context. */
static bool
add_message(struct reader *r, const struct tag *t, struct str id)
{
	struct str text, name;
	const char *open, *close;

	if (!msg_has(arena_c(r->c->arena, id)))
		return wrong(r, t->at, "no such message:", id);
	text = msg(r->c->lang, arena_c(r->c->arena, id));
	while (text.n && (open = memchr(text.p, '{', text.n)) != NULL) {
		close = memchr(open, '}', text.n - (size_t)(open - text.p));
		if (!close)
			break;
		add_escaped(r, str_first(text, (size_t)(open - text.p)));
		name = (struct str){ open + 1, (size_t)(close - open) - 1 };
		if (!read_name(r, t, name, &add_op(r, OP_VALUE)->name))
			return false;
		text = str_from(text, (size_t)(close - text.p) + 1);
	}
	add_escaped(r, text);
	return true;
}

static bool
is_message(struct str name)
{
	return str_starts(name, STR("t."));
}

/* ---- partials ---- */

/* The partial's text with indent before each of its lines. */
static struct str
indented(struct arena *a, struct str text, struct str indent)
{
	struct buf b = { .arena = a };
	size_t i;

	if (indent.n == 0)
		return text;
	for (i = 0; i < text.n; i++) {
		if (i == 0 || text.p[i - 1] == '\n')
			buf_put(&b, indent);
		buf_char(&b, text.p[i]);
	}
	return buf_str(&b);
}

static bool
add_partial(struct reader *r, const struct tag *t, struct str indent)
{
	struct compile *c = r->c;
	struct str text;
	struct unit *u;

	for (u = c->units; u; u = u->next)
		if (str_eq(u->name, t->content) && str_eq(u->indent, indent))
			break;
	if (!u) {
		text = c->partial ? c->partial(t->content, c->arg) : STR_NONE;
		if (!text.p)
			return wrong(r, t->at, "no such partial:", t->content);
		if (c->deep == PARTIALS_DEEP)
			return wrong(r, t->at, "partials too deep:", t->content);
		u = arena_make(c->arena, struct unit);
		*u = (struct unit){ arena_dup(c->arena, t->content), arena_dup(c->arena, indent),
			arena_make(c->arena, struct mustache), c->units };
		c->units = u;
		c->deep++;
		if (!compile_text(c, u->name, indented(c->arena, arena_dup(c->arena, text), indent), u->m))
			return false;
		c->deep--;
	}
	r->m->raw |= u->m->raw;
	add_op(r, OP_PARTIAL)->partial = u->m;
	return true;
}

/* ---- sections ---- */

static bool
open_section(struct reader *r, const struct tag *t)
{
	struct op *op;

	if (r->depth == MUSTACHE_DEPTH)
		return wrong(r, t->at, "sections too deep:", t->content);
	r->sections[r->depth++] = r->m->n;
	op = add_op(r, t->kind == '#' ? OP_SECTION : OP_INVERTED);
	return read_name(r, t, t->content, &op->name);
}

/* {{#t.id}} is the message itself: what stands up to its end must be blank. */
static bool
close_message(struct reader *r, const struct tag *t, int at)
{
	int i;

	for (i = at + 1; i < r->m->n; i++)
		if (r->m->ops[i].kind != OP_TEXT || str_trim(r->m->ops[i].text).n)
			return wrong(r, t->at, "a message has no inside:", t->content);
	r->m->n = at;
	return add_message(r, t, str_from(t->content, 2));
}

static bool
close_section(struct reader *r, const struct tag *t)
{
	struct op *op;
	int at;

	if (r->depth == 0)
		return wrong(r, t->at, "closes what is not open:", t->content);
	at = r->sections[--r->depth];
	op = &r->m->ops[at];
	if (!str_eq(op->name.text, t->content))
		return wrong(r, t->at, "closes another section than the open one:", t->content);
	if (is_message(t->content)) {
		if (op->kind == OP_INVERTED)
			return wrong(r, t->at, "a message is never absent:", t->content);
		return close_message(r, t, at);
	}
	op->end = r->m->n;
	return true;
}

/* ---- delimiters ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct str
trimmed(struct str s)
{
	while (s.n && is_blank(s.p[0]))
		s = str_from(s, 1);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool
set_delimiters(struct reader *r, const struct tag *t)
{
	struct str s = t->content, open, close;
	size_t n = 0;

	while (n < s.n && !is_blank(s.p[n]))
		n++;
	open = str_first(s, n);
	close = trimmed(str_from(s, n));
	for (n = 0; n < close.n; n++)
		if (is_blank(close.p[n]))
			return wrong(r, t->at, "not two delimiters:", s);
	if (!open.n || !close.n || open.n > DELIMITER_MAX || close.n > DELIMITER_MAX || memchr(s.p, '=', s.n))
		return wrong(r, t->at, "not two delimiters:", s);
	r->open = open;
	r->close = close;
	return true;
}

/* ---- tags ---- */

static size_t
find(struct str text, size_t from, struct str what)
{
	const char *p = memmem(text.p + from, text.n - from, what.p, what.n);

	return p ? (size_t)(p - text.p) : text.n;
}

/* The next tag from r->at on; *ret_there false at the end of the text. */
static bool
next_tag(struct reader *r, struct tag *ret_tag, bool *ret_there)
{
	struct tag t = { .kind = 'v' };
	size_t in, end;
	struct str closing = r->close;

	t.at = r->at < r->text.n ? find(r->text, r->at, r->open) : r->text.n;
	*ret_there = t.at < r->text.n;
	if (!*ret_there)
		return true;
	in = t.at + r->open.n;
	if (in < r->text.n && strchr("#^/>{&=!", r->text.p[in]) && r->text.p[in])
		t.kind = r->text.p[in++];
	if (t.kind == '{')
		closing = arena_printf(r->c->arena, "}%.*s", STR_FMT(r->close));
	else if (t.kind == '=')
		closing = arena_printf(r->c->arena, "=%.*s", STR_FMT(r->close));
	end = in < r->text.n ? find(r->text, in, closing) : r->text.n;
	if (end == r->text.n)
		return wrong(r, t.at, "a tag that does not end", STR(""));
	t.content = trimmed((struct str){ r->text.p + in, end - in });
	t.end = end + closing.n;
	*ret_tag = t;
	return true;
}

/* True when the tag stands alone on its line; then *ret_from and *ret_to are the ends of the line. */
static bool
stands_alone(const struct reader *r, const struct tag *t, size_t *ret_from, size_t *ret_to)
{
	const char *p = r->text.p;
	size_t from = t->at, to = t->end;

	if (t->kind == 'v' || t->kind == '{' || t->kind == '&')
		return false;
	while (from > 0 && (p[from - 1] == ' ' || p[from - 1] == '\t'))
		from--;
	if (from > 0 && p[from - 1] != '\n')
		return false;
	while (to < r->text.n && (p[to] == ' ' || p[to] == '\t'))
		to++;
	if (to < r->text.n && p[to] == '\r' && to + 1 < r->text.n && p[to + 1] == '\n')
		to++;
	if (to < r->text.n && p[to] != '\n')
		return false;
	*ret_from = from;
	*ret_to = to < r->text.n ? to + 1 : to;
	return true;
}

static bool
add_value(struct reader *r, const struct tag *t)
{
	struct op *op;

	if (t->kind != 'v')
		r->m->raw = true;
	if (is_message(t->content))
		return add_message(r, t, str_from(t->content, 2));
	op = add_op(r, t->kind == 'v' ? OP_VALUE : OP_RAW);
	return read_name(r, t, t->content, &op->name);
}

static bool
take_tag(struct reader *r, const struct tag *t, struct str indent)
{
	switch (t->kind) {
	case '!':
		return true;
	case '=':
		return set_delimiters(r, t);
	case '#':
	case '^':
		return open_section(r, t);
	case '/':
		return close_section(r, t);
	case '>':
		return add_partial(r, t, indent);
	default:
		return add_value(r, t);
	}
}

static bool
compile_text(struct compile *c, struct str name, struct str text, struct mustache *m)
{
	struct reader r = {
		.c = c, .m = m, .name = name, .text = text, .open = STR("{{"), .close = STR("}}"),
	};
	struct tag t;
	bool there, alone;

	for (;;) {
		size_t from, to;

		if (!next_tag(&r, &t, &there))
			return false;
		if (!there)
			break;
		from = t.at;
		to = t.end;
		alone = stands_alone(&r, &t, &from, &to);
		assert(from >= r.at);
		add_text(&r, (struct str){ text.p + r.at, from - r.at });
		if (!take_tag(&r, &t, alone ? (struct str){ text.p + from, t.at - from } : STR("")))
			return false;
		r.at = to;
	}
	if (text.n > r.at)
		add_text(&r, str_from(text, r.at));
	if (r.depth > 0)
		return wrong(&r, text.n, "never closed:", m->ops[r.sections[r.depth - 1]].name.text);
	return true;
}

bool
mustache_compile(struct arena *a, struct str text, enum lang lang, mustache_partial *partial, void *arg,
    const struct mustache **ret_template, struct err *err)
{
	struct compile c = { .arena = a, .lang = lang, .partial = partial, .arg = arg, .err = err };
	struct mustache *m = arena_make(a, struct mustache);

	assert(text.p || text.n == 0);
	if (!compile_text(&c, STR(""), arena_dup(a, text.p ? text : STR("")), m))
		return false;
	*ret_template = m;
	return true;
}

bool
mustache_has_raw(const struct mustache *m)
{
	return m->raw;
}
