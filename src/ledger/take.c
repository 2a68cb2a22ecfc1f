/* Strict reading: the primitives. */
#include "ledger/take.h"

#include <string.h>
#include <time.h>

bool
refuse_at(struct cursor *c, enum refusal why)
{
	if (c->refusal == REFUSAL_NONE)
		c->refusal = why;
	return false;
}

bool
take(struct cursor *c, const char *literal)
{
	size_t n = strlen(literal);

	if (c->refusal != REFUSAL_NONE || (size_t)(c->end - c->p) < n || memcmp(c->p, literal, n) != 0)
		return false;
	c->p += n;
	return true;
}

bool
want(struct cursor *c, const char *literal, enum refusal why)
{
	return take(c, literal) || refuse_at(c, c->p == c->end ? REFUSAL_SHORT : why);
}

bool
want_number(struct cursor *c, int64_t *ret_number)
{
	char *begin = c->p;

	if (c->refusal != REFUSAL_NONE)
		return false;
	while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		c->p++;
	return read_number((struct str){ begin, (size_t)(c->p - begin) }, ret_number) ||
	    refuse_at(c, REFUSAL_NUMBER);
}

bool
want_raw_string(struct cursor *c, struct str *ret_s)
{
	char *begin, *p;

	if (!want(c, "\"", REFUSAL_FORM))
		return false;
	begin = c->p;
	for (p = begin; p < c->end && *p != '"'; p++)
		if ((unsigned char)*p < 0x20 || (*p == '\\' && ++p == c->end))
			return refuse_at(c, REFUSAL_FORM);
	if (p == c->end)
		return refuse_at(c, REFUSAL_SHORT);
	c->p = p + 1;
	*ret_s = (struct str){ begin, (size_t)(p - begin) };
	return true;
}

/* The byte that the escape at p (behind the backslash) stands for, and its length; 0 when it is not the one form. */
static size_t
unescape(const char *p, size_t n, char *ret_byte)
{
	static const char letters[] = "\"\\btnfr", bytes[] = "\"\\\b\t\n\f\r";
	const char *letter = n && *p ? strchr(letters, *p) : NULL;
	unsigned char code;

	if (letter) {
		*ret_byte = bytes[letter - letters];
		return 1;
	}
	if (n < 5 || memcmp(p, "u00", 3) != 0 || !read_hex((struct str){ p + 3, 2 }, &code, 1) || code == 0 ||
	    code >= 0x20 || strchr(bytes, code))
		return 0;
	*ret_byte = (char)code;
	return 5;
}

bool
want_string(struct cursor *c, struct str *ret_s)
{
	struct str raw;
	char *out, *begin;
	size_t used;

	if (!want_raw_string(c, &raw))
		return false;
	out = begin = c->p - 1 - raw.n;
	for (size_t i = 0; i < raw.n; out++) {
		*out = begin[i++];
		if (*out != '\\')
			continue;
		used = unescape(begin + i, raw.n - i, out);
		if (used == 0)
			return refuse_at(c, REFUSAL_FORM);
		i += used;
	}
	*ret_s = (struct str){ begin, (size_t)(out - begin) };
	return true;
}

bool
same(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
same_c(struct str a, const char *b)
{
	return same(a, (struct str){ b, strlen(b) });
}

bool
take_line(struct str *rest, struct str *ret_line)
{
	const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;

	if (!end)
		return false;
	*ret_line = (struct str){ rest->p, (size_t)(end - rest->p) };
	*rest = (struct str){ end + 1, rest->n - ret_line->n - 1 };
	return true;
}

bool
take_prefix(struct str *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (s->n < n || memcmp(s->p, prefix, n) != 0)
		return false;
	*s = (struct str){ s->p + n, s->n - n };
	return true;
}

bool
read_number(struct str s, int64_t *ret_number)
{
	int64_t v = 0;

	if (s.n == 0 || s.n > 16 || (s.p[0] == '0' && s.n > 1))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	if (v > NUMBER_MAX)
		return false;
	*ret_number = v;
	return true;
}

bool
read_base64(struct str s, unsigned char *out, size_t cap, size_t *ret_n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t pad = 0, n = 0;
	uint32_t bits = 0;

	if (s.n % 4 != 0)
		return false;
	while (pad < 2 && pad < s.n && s.p[s.n - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < s.n - pad; i++) {
		const char *digit = s.p[i] ? strchr(digits, s.p[i]) : NULL;

		if (!digit)
			return false;
		bits = bits << 6 | (uint32_t)(digit - digits);
		if (i % 4 == 0)
			continue;
		if (n == cap)
			return false;
		out[n++] = (unsigned char)(bits >> (6 - 2 * (i % 4)));
	}
	/* the bits that no byte takes are zero: one form only */
	if ((pad == 1 && bits & 3) || (pad == 2 && bits & 15))
		return false;
	*ret_n = n;
	return true;
}

bool
read_hex(struct str s, unsigned char *out, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const char *digit = s.p[i] ? strchr(digits, s.p[i]) : NULL;

		if (!digit)
			return false;
		out[i / 2] = (unsigned char)(i % 2 ? out[i / 2] | (digit - digits) : (digit - digits) << 4);
	}
	return true;
}

bool
read_stamp(struct str s, int64_t *ret_time)
{
	static const char form[] = "0000-00-00T00:00:00.000000Z";
	int part[7] = { 0 }, k = 0;
	struct tm t, back;
	time_t seconds;

	if (s.n != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (form[i] != '0' ? s.p[i] != form[i] : s.p[i] < '0' || s.p[i] > '9')
			return false;
		else if (form[i] != '0')
			k++;
		else
			part[k] = part[k] * 10 + (s.p[i] - '0');
	t = (struct tm){ .tm_year = part[0] - 1900, .tm_mon = part[1] - 1, .tm_mday = part[2],
		.tm_hour = part[3], .tm_min = part[4], .tm_sec = part[5] };
	back = t;
	seconds = timegm(&back);
	/* 30 February would come back as a day of March */
	if (part[0] < 1970 || back.tm_mon != t.tm_mon || back.tm_mday != t.tm_mday || back.tm_hour != t.tm_hour ||
	    back.tm_min != t.tm_min || back.tm_sec != t.tm_sec)
		return false;
	*ret_time = (int64_t)seconds * 1000000 + part[6];
	return true;
}

bool
text_ok(struct str s)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };

	for (size_t i = 0; i < s.n;) {
		unsigned char b = (unsigned char)s.p[i++];
		int more = b < 0x80 ? 0 : b >= 0xf0 ? 3 : b >= 0xe0 ? 2 : 1;
		uint32_t code = more ? b & (0x3fU >> more) : b;

		if (b == 0 || (b >= 0x80 && b < 0xc2) || b > 0xf4 || s.n - i < (size_t)more)
			return false;
		for (int k = 0; k < more; k++, i++) {
			if (((unsigned char)s.p[i] & 0xc0) != 0x80)
				return false;
			code = code << 6 | ((unsigned char)s.p[i] & 0x3f);
		}
		if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
			return false;
	}
	return true;
}
