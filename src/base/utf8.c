/* UTF-8 as RFC 3629 has it. */
#include "base/str.h"

#include <assert.h>
#include <string.h>

/* Bytes of the sequence that a lead byte opens; 0 for a byte that opens none. */
static size_t
sequence_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2)
		return 0;
	if (lead < 0xe0)
		return 2;
	if (lead < 0xf0)
		return 3;
	return lead < 0xf5 ? 4 : 0;
}

/* The lowest and highest second byte keep out overlong forms, surrogates and what lies above U+10FFFF. */
static bool
second_ok(unsigned char lead, unsigned char second)
{
	unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;

	return second >= low && second <= high;
}

static bool
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* Eight bytes at once: all of them ASCII and none of them NUL. */
static bool
plain_eight(const unsigned char *p)
{
	const uint64_t high = UINT64_C(0x8080808080808080), low = UINT64_C(0x0101010101010101);
	uint64_t eight;

	memcpy(&eight, p, sizeof(eight));
	return ((eight | (eight - low)) & high) == 0;
}

bool
utf8_ok(struct str s)
{
	return utf8_sound(s) == s.n;
}

size_t
utf8_sound(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t left = s.n;

	while (left) {
		size_t n;

		if (left >= 8 && plain_eight(p)) {
			p += 8;
			left -= 8;
			continue;
		}
		n = sequence_length(*p);
		if (n == 0 || n > left || *p == '\0')
			break;
		if (n > 1 && !second_ok(p[0], p[1]))
			break;
		if ((n > 2 && !is_tail(p[2])) || (n > 3 && !is_tail(p[3])))
			break;
		p += n;
		left -= n;
	}
	return s.n - left;
}

size_t
utf8_length(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += !is_tail((unsigned char)s.p[i]);
	return n;
}

struct str
utf8_first(struct str s, size_t n)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!is_tail((unsigned char)s.p[i]) && n-- == 0)
			break;
	return str_first(s, i);
}

int32_t
utf8_next(struct str *rest)
{
	static const unsigned char lead_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *p = (const unsigned char *)rest->p;
	size_t n;
	int32_t code;

	if (rest->n == 0)
		return -1;
	n = sequence_length(*p);
	assert(n > 0 && n <= rest->n);
	code = *p & lead_bits[n];
	for (size_t i = 1; i < n; i++)
		code = code << 6 | (p[i] & 0x3f);
	*rest = str_from(*rest, n);
	return code;
}

void
buf_code(struct buf *b, int32_t c)
{
	unsigned char *p = (unsigned char *)buf_room(b, 4);
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	assert(c >= 0 && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff));
	for (size_t i = n; --i > 0; c >>= 6)
		p[i] = (unsigned char)(0x80 | (c & 0x3f));
	p[0] = (unsigned char)(lead[n] | c);
	b->n += n;
}
