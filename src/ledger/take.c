/* Strict reading: the primitives. */
#include "ledger/take.h"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BASE64_MAX 8192
#define STAMP_LENGTH 27

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

/* The byte that the escape at p (behind the backslash) stands for, and its length; 0: not the one form. */
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

/* What is written again as it was read has no second form; so with times below. */
bool
read_base64(struct str s, unsigned char *out, size_t cap, size_t *ret_n)
{
	unsigned char bytes[BASE64_MAX / 4 * 3], again[BASE64_MAX + 1];
	size_t pad = 0, n = s.n / 4 * 3;

	if (s.n > BASE64_MAX || EVP_DecodeBlock(bytes, (const unsigned char *)s.p, (int)s.n) != (int)n)
		return false;
	while (pad < 2 && pad < s.n && s.p[s.n - 1 - pad] == '=')
		pad++;
	n -= pad;
	if (n > cap || EVP_EncodeBlock(again, bytes, (int)n) != (int)s.n || memcmp(again, s.p, s.n) != 0)
		return false;
	memcpy(out, bytes, n);
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
	char text[STAMP_LENGTH + 1] = "", again[STAMP_LENGTH + 32];
	struct tm t = { .tm_isdst = 0 };
	int64_t seconds;
	int micro;

	if (s.n != STAMP_LENGTH)
		return false;
	memcpy(text, s.p, s.n);
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%6dZ", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour,
	    &t.tm_min, &t.tm_sec, &micro) != 7 || t.tm_year < 1970 || micro < 0)
		return false;
	t.tm_year -= 1900;
	t.tm_mon--;
	/* sets what is out of its range right, so that it comes back as another day or hour */
	seconds = timegm(&t);
	snprintf(again + strftime(again, sizeof(again), "%Y-%m-%dT%H:%M:%S", &t), 16, ".%06dZ", micro);
	if (strcmp(again, text) != 0)
		return false;
	*ret_time = seconds * 1000000 + micro;
	return true;
}

int
read_code(struct str s, size_t at, unsigned long *ret_code)
{
	return UTF8_getc((const unsigned char *)s.p + at, s.n - at < 6 ? (int)(s.n - at) : 6, ret_code);
}

bool
text_ok(struct str s)
{
	unsigned long code;

	for (size_t i = 0; i < s.n;) {
		int used = read_code(s, i, &code);

		if (used < 1 || code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
			return false;
		i += (size_t)used;
	}
	return true;
}
