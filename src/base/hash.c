#include "base/hash.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <string.h>

#include "base/arena.h"

/* RFC 2104. */
struct sha256
hmac_sha256(struct str key, struct str s)
{
	char pad[64] = { 0 };
	struct sha256 h;

	if (key.n > sizeof(pad)) {
		h = sha256(key);
		memcpy(pad, h.b, sizeof(h.b));
	} else if (key.n > 0) {
		memcpy(pad, key.p, key.n);
	}
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	h = sha256_two((struct str){ pad, sizeof(pad) }, s);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	h = sha256_two((struct str){ pad, sizeof(pad) }, (struct str){ (const char *)h.b, sizeof(h.b) });
	OPENSSL_cleanse(pad, sizeof(pad));
	return h;
}

bool
hkdf_sha256(struct str key, struct str salt, struct str info, unsigned char *ret_key, size_t n)
{
	struct sha256 prk, block;
	char text[sizeof(block.b) + HKDF_INFO_MAX + 1];
	size_t before = 0, some;

	assert(info.n <= HKDF_INFO_MAX);
	if (n > 255 * sizeof(block.b))
		return false;
	prk = hmac_sha256(salt, key);
	for (unsigned i = 1; n > 0; i++) {
		if (info.n)
			memcpy(text + before, info.p, info.n);
		text[before + info.n] = (char)i;
		block = hmac_sha256((struct str){ (const char *)prk.b, sizeof(prk.b) },
		    (struct str){ text, before + info.n + 1 });
		some = n < sizeof(block.b) ? n : sizeof(block.b);
		memcpy(ret_key, block.b, some);
		memcpy(text, block.b, sizeof(block.b));
		before = sizeof(block.b);
		ret_key += some;
		n -= some;
	}
	OPENSSL_cleanse(&prk, sizeof(prk));
	OPENSSL_cleanse(&block, sizeof(block));
	OPENSSL_cleanse(text, sizeof(text));
	return true;
}

bool
same_secret(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || CRYPTO_memcmp(a.p, b.p, a.n) == 0);
}

struct str
hex(struct arena *a, struct str bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *p = arena_raw(a, bytes.n * 2 + 1);

	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = (unsigned char)bytes.p[i];

		p[2 * i] = digits[c >> 4];
		p[2 * i + 1] = digits[c & 15];
	}
	p[bytes.n * 2] = '\0';
	return (struct str){ p, bytes.n * 2 };
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
hex_decode(struct arena *a, struct str s, struct str *ret_bytes)
{
	char *p = arena_raw(a, s.n / 2);

	if (s.n % 2)
		return false;
	for (size_t i = 0; i < s.n; i += 2) {
		int high = hex_digit(s.p[i]), low = hex_digit(s.p[i + 1]);

		if (high < 0 || low < 0)
			return false;
		p[i / 2] = (char)(high << 4 | low);
	}
	*ret_bytes = (struct str){ p, s.n / 2 };
	return true;
}

struct str
base64url(struct arena *a, struct str bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t n = bytes.n / 3 * 4 + (bytes.n % 3 ? bytes.n % 3 + 1 : 0), at = 0;
	char *p = arena_raw(a, n + 1);
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < bytes.n; i++) {
		bits = bits << 8 | (unsigned char)bytes.p[i];
		for (have += 8; have >= 6; have -= 6)
			p[at++] = digits[bits >> (have - 6) & 63];
	}
	if (have > 0)
		p[at++] = digits[bits << (6 - have) & 63];
	assert(at == n);
	p[n] = '\0';
	return (struct str){ p, n };
}

static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Bits that no byte uses must be zero, so that each text has one encoding only. */
bool
base64url_decode(struct arena *a, struct str s, struct str *ret_bytes)
{
	char *p = arena_raw(a, s.n / 4 * 3 + 3);
	uint32_t bits = 0;
	size_t at = 0;
	int have = 0;

	if (s.n % 4 == 1)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = base64_digit(s.p[i]);

		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			p[at++] = (char)(bits >> have);
		}
	}
	if (bits & ((1u << have) - 1))
		return false;
	*ret_bytes = (struct str){ p, at };
	return true;
}
