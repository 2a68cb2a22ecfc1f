/* JSON out: answers, pages' data and the one encoding that is hashed. Nothing here uses printf but V_REAL. */
#include "base/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/time.h"

/*
 * What a byte becomes inside a string: 0 itself, 'u' \u00XX, '2' perhaps the first byte of
 * U+2028 or U+2029, any other letter that letter behind a backslash.
 */
#define CONTROLS \
	[0] = 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'b', 't', 'n', 'u', 'f', 'r', 'u', 'u', \
	'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', 'u', \
	['"'] = '"', ['\\'] = '\\'

static const char page_escapes[256] = {
	CONTROLS, ['<'] = 'u', ['>'] = 'u', ['&'] = 'u', [0x7f] = 'u', [0xe2] = '2'
};
static const char least_escapes[256] = { CONTROLS };

static char *
put_escape(char *out, char how, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	*out++ = '\\';
	*out++ = how;
	if (how == 'u') {
		*out++ = '0';
		*out++ = '0';
		*out++ = digits[c >> 4];
		*out++ = digits[c & 15];
	}
	return out;
}

/* Eight bytes that stay as they are. */
static bool
plain_eight(const unsigned char *p, const char *escapes)
{
	return (escapes[p[0]] | escapes[p[1]] | escapes[p[2]] | escapes[p[3]] |
	    escapes[p[4]] | escapes[p[5]] | escapes[p[6]] | escapes[p[7]]) == 0;
}

static char *
put_escaped(char *out, const unsigned char *p, const unsigned char *end, const char *escapes)
{
	while (p < end) {
		char how = escapes[*p];

		if (end - p >= 8 && plain_eight(p, escapes)) {
			memcpy(out, p, 8);
			out += 8;
			p += 8;
		} else if (how == 0) {
			*out++ = (char)*p++;
		} else if (how != '2') {
			out = put_escape(out, how, *p++);
		} else if (end - p >= 3 && p[1] == 0x80 && (p[2] | 1) == 0xa9) {
			memcpy(out, p[2] == 0xa8 ? "\\u2028" : "\\u2029", 6);
			out += 6;
			p += 3;
		} else {
			*out++ = (char)*p++;
		}
	}
	return out;
}

/* A long text goes piece by piece, so that room for the worst case (six bytes for one) stays small. */
#define PIECE 4096

static void
put_string(struct buf *b, struct str s, const char *escapes)
{
	const unsigned char *p = (const unsigned char *)s.p, *stop = p + s.n;

	if (s.n <= PIECE) {              /* nearly always: one look at the room */
		char *out = buf_room(b, s.n * 6 + 2);

		*out++ = '"';
		out = put_escaped(out, p, stop, escapes);
		*out++ = '"';
		b->n = (size_t)(out - b->p);
		return;
	}
	buf_char(b, '"');
	while (p < stop) {
		const unsigned char *end = stop - p > PIECE ? p + PIECE : stop;

		while (end < stop && (*end & 0xc0) == 0x80)
			end++;           /* never between the bytes of one character */
		b->n = (size_t)(put_escaped(buf_room(b, (size_t)(end - p) * 6), p, end, escapes) - b->p);
		p = end;
	}
	buf_char(b, '"');
}

/* The shortest of three precisions that reads back as the same number. */
static void
put_real(struct buf *b, double r)
{
	char text[32];

	if (!isfinite(r)) {
		buf_put(b, STR("null"));
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		double back;

		snprintf(text, sizeof(text), "%.*g", digits, r);
		back = strtod(text, NULL);
		if (!(back < r) && !(back > r))
			break;
	}
	buf_c(b, text);
	if (!strpbrk(text, ".e"))
		buf_put(b, STR(".0"));       /* a real stays one when it is read again */
}

static void
put_time(struct buf *b, int64_t t)
{
	if (t == NO_TIME) {
		buf_put(b, STR("null"));
		return;
	}
	buf_char(b, '"');
	buf_rfc3339(b, t);
	buf_char(b, '"');
}

/* Everything that holds nothing else. */
static void
put_leaf(struct buf *b, const struct value *v, const char *escapes)
{
	switch (v->kind) {
	case V_BOOL:
		buf_put(b, v->i ? STR("true") : STR("false"));
		return;
	case V_INT:
		buf_int(b, v->i);
		return;
	case V_REAL:
		put_real(b, v->r);
		return;
	case V_STR:
	case V_TERM:
		put_string(b, v->s, escapes);
		return;
	case V_TIME:
		put_time(b, v->i);
		return;
	default:
		buf_put(b, STR("null"));
		return;
	}
}

void
json_write(struct buf *b, const struct value *v)
{
	const struct value *m;

	if (v->kind == V_MAP) {
		buf_char(b, '{');
		for (m = v->first; m; m = m->next) {
			if (m != v->first)
				buf_char(b, ',');
			put_string(b, m->name, page_escapes);
			buf_char(b, ':');
			json_write(b, m);
		}
		buf_char(b, '}');
	} else if (v->kind == V_LIST) {
		buf_char(b, '[');
		for (m = v->first; m; m = m->next) {
			if (m != v->first)
				buf_char(b, ',');
			json_write(b, m);
		}
		buf_char(b, ']');
	} else {
		put_leaf(b, v, page_escapes);
	}
}

static void
new_line(struct buf *b, int depth)
{
	buf_char(b, '\n');
	while (depth-- > 0)
		buf_put(b, STR("  "));
}

static void
write_pretty(struct buf *b, const struct value *v, int depth)
{
	bool map = v->kind == V_MAP;
	const struct value *m;

	if (!map && v->kind != V_LIST) {
		put_leaf(b, v, page_escapes);
		return;
	}
	buf_char(b, map ? '{' : '[');
	for (m = v->first; m; m = m->next) {
		if (m != v->first)
			buf_char(b, ',');
		new_line(b, depth + 1);
		if (map) {
			put_string(b, m->name, page_escapes);
			buf_put(b, STR(": "));
		}
		write_pretty(b, m, depth + 1);
	}
	if (v->first)
		new_line(b, depth);
	buf_char(b, map ? '}' : ']');
}

void
json_write_pretty(struct buf *b, const struct value *v)
{
	write_pretty(b, v, 0);
	buf_char(b, '\n');
}

struct str
json_text(struct arena *a, const struct value *v)
{
	struct buf b = { .arena = a };

	json_write(&b, v);
	return buf_str(&b);
}

/*
 * The order of UTF-16 code units. It is the order of the UTF-8 bytes but for one thing: what UTF-16
 * writes as a surrogate pair (lead byte F0 and up) comes before U+E000..U+FFFF (lead byte EE and EF).
 */
static int
utf16_order(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++) {
		int x = (unsigned char)a.p[i], y = (unsigned char)b.p[i];

		if (x == y)
			continue;
		if (x >= 0xf0 && (y == 0xee || y == 0xef))
			return -1;
		if (y >= 0xf0 && (x == 0xee || x == 0xef))
			return 1;
		return x - y;
	}
	return (a.n > b.n) - (a.n < b.n);
}

static int
by_name(const void *a, const void *b)
{
	const struct value *const *x = a, *const *y = b;

	return utf16_order((*x)->name, (*y)->name);
}

static void
canonical_map(struct buf *b, const struct value *v)
{
	const struct value **members, *m;
	size_t i = 0;

	members = arena_raw(b->arena, v->n * sizeof(const struct value *));
	for (m = v->first; m; m = m->next)
		members[i++] = m;
	assert(i == v->n);
	qsort(members, v->n, sizeof(const struct value *), by_name);
	buf_char(b, '{');
	for (i = 0; i < v->n; i++) {
		if (i > 0)
			buf_char(b, ',');
		put_string(b, members[i]->name, least_escapes);
		buf_char(b, ':');
		json_canonical(b, members[i]);
	}
	buf_char(b, '}');
}

void
json_canonical(struct buf *b, const struct value *v)
{
	const struct value *m;

	assert(v->kind != V_REAL);
	if (v->kind == V_MAP) {
		canonical_map(b, v);
	} else if (v->kind == V_LIST) {
		buf_char(b, '[');
		for (m = v->first; m; m = m->next) {
			if (m != v->first)
				buf_char(b, ',');
			json_canonical(b, m);
		}
		buf_char(b, ']');
	} else {
		put_leaf(b, v, least_escapes);
	}
}

void
json_canonical_str(struct buf *b, struct str s)
{
	put_string(b, s, least_escapes);
}
