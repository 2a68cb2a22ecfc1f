#include "base/str.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

struct str
str_c(const char *c)
{
	return c ? (struct str){ c, strlen(c) } : STR_NONE;
}

bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
str_is(struct str a, const char *c)
{
	return str_eq(a, str_c(c));
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_first(s, prefix.n), prefix);
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

bool
str_has(struct str s, struct str part)
{
	if (part.n == 0)
		return true;
	return s.n >= part.n && memmem(s.p, s.n, part.p, part.n) != NULL;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str
str_trim(struct str s)
{
	const struct str wide = STR("\xe3\x80\x80");

	while (s.n)
		if (is_space(s.p[0]))
			s = str_from(s, 1);
		else if (str_starts(s, wide))
			s = str_from(s, wide.n);
		else
			break;
	while (s.n)
		if (is_space(s.p[s.n - 1]))
			s.n--;
		else if (str_ends(s, wide))
			s.n -= wide.n;
		else
			break;
	return s;
}

struct str
str_from(struct str s, size_t at)
{
	if (!s.p)
		return s;
	if (at > s.n)
		at = s.n;
	return (struct str){ s.p + at, s.n - at };
}

struct str
str_first(struct str s, size_t n)
{
	return (struct str){ s.p, n < s.n ? n : s.n };
}

/* After the last part *rest is absent; "a," leaves an empty one, which is a part still. */
bool
str_split(struct str *rest, char sep, struct str *ret_part)
{
	const char *at;
	size_t n;

	if (!rest->p)
		return false;
	at = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
	n = at ? (size_t)(at - rest->p) : rest->n;
	*ret_part = (struct str){ rest->p, n };
	*rest = at ? (struct str){ at + 1, rest->n - n - 1 } : STR_NONE;
	return true;
}

bool
str_int(struct str s, int64_t *ret_value)
{
	bool minus = s.n && s.p[0] == '-';
	size_t i = minus;
	int64_t v = 0;

	if (i == s.n)
		return false;
	for (; i < s.n; i++) {
		int digit = s.p[i] - '0';

		if (digit < 0 || digit > 9)
			return false;
		/* downwards, because there is one more number below zero than above */
		if (__builtin_mul_overflow(v, (int64_t)10, &v) || __builtin_sub_overflow(v, (int64_t)digit, &v))
			return false;
	}
	if (!minus && v == INT64_MIN)
		return false;
	*ret_value = minus ? v : -v;
	return true;
}

char *
buf_grow(struct buf *b, size_t n)
{
	size_t cap;
	char *p;

	assert(n < SIZE_MAX / 4 && b->cap < SIZE_MAX / 4);
	cap = b->cap < 256 ? 256 : b->cap * 2;
	while (cap - b->n < n)
		cap *= 2;
	if (!b->p || !arena_extend(b->arena, b->p, b->cap, cap)) {
		p = arena_raw(b->arena, cap);
		if (b->n)
			memcpy(p, b->p, b->n);
		b->p = p;
	}
	b->cap = cap;
	return b->p + b->n;
}

void
buf_put(struct buf *b, struct str s)
{
	if (s.n == 0)
		return;
	memcpy(buf_room(b, s.n), s.p, s.n);
	b->n += s.n;
}

void
buf_c(struct buf *b, const char *c)
{
	buf_put(b, str_c(c));
}

void
buf_int(struct buf *b, int64_t v)
{
	char digits[20], *p = digits + sizeof(digits);
	uint64_t rest = v < 0 ? -(uint64_t)v : (uint64_t)v;

	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (v < 0)
		*--p = '-';
	buf_put(b, (struct str){ p, (size_t)(digits + sizeof(digits) - p) });
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	buf_room(b, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

struct str
buf_str(const struct buf *b)
{
	return b->p ? (struct str){ b->p, b->n } : STR("");
}
