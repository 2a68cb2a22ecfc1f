#include "wire/zip.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/rand.h"
#include "base/time.h"

#define SALT 16
#define KEY 32
#define CHECK 2                          /* bytes by which a wrong password is noticed at once */
#define CODE 10                          /* of the authentication code */
#define ROUNDS 1000                      /* fixed by the format; the password is random, so it need not be slow */
#define BLOCK 16
#define BATCH 256                        /* blocks of key stream made at once */

#define LOCAL_HEAD 30
#define CENTRAL_HEAD 46
#define END 22
#define EXTRA 11
#define METHOD_AES 99
#define VERSION_AES 51
#define FLAGS (0x0001 | 0x0800)          /* encrypted; the name is UTF-8 */

struct zip {
	struct zip_one one;
	unsigned char salt[SALT], check[CHECK];
	EVP_CIPHER_CTX *cipher;
	EVP_MAC *mac;
	EVP_MAC_CTX *code;
	uint64_t counter;                /* of the next block, from 1 */
	unsigned char stream[BLOCK * BATCH];
	size_t at;                       /* bytes of stream that are used up */
	int64_t done;                    /* bytes of the file that went through */
};

/* ---- numbers, the least byte first ---- */

static void
put16(struct buf *b, unsigned v)
{
	buf_char(b, (char)(v & 0xff));
	buf_char(b, (char)(v >> 8 & 0xff));
}

static void
put32(struct buf *b, uint64_t v)
{
	put16(b, (unsigned)(v & 0xffff));
	put16(b, (unsigned)(v >> 16 & 0xffff));
}

/* ---- layout ---- */

static int64_t
sealed_length(const struct zip_one *one)
{
	return SALT + CHECK + one->size + CODE;
}

static int64_t
local_length(const struct zip_one *one)
{
	return LOCAL_HEAD + (int64_t)one->name.n + EXTRA + sealed_length(one);
}

int64_t
zip_length(const struct zip_one *one)
{
	return local_length(one) + CENTRAL_HEAD + (int64_t)one->name.n + EXTRA + END;
}

/* What the local and the central head share: from the version to the length of the name. */
static void
put_common(const struct zip *z, struct buf *b)
{
	struct civil c = civil_of(z->one.at, zone_utc());
	int64_t year = c.year < 1980 ? 1980 : c.year > 2107 ? 2107 : c.year;

	put16(b, VERSION_AES);
	put16(b, FLAGS);
	put16(b, METHOD_AES);
	put16(b, (unsigned)(c.hour << 11 | c.minute << 5 | c.second / 2));
	put16(b, (unsigned)((year - 1980) << 9 | c.month << 5 | c.day));
	put32(b, 0);                     /* no sum of the plain bytes: the code vouches for them */
	put32(b, (uint64_t)sealed_length(&z->one));
	put32(b, (uint64_t)z->one.size);
	put16(b, (unsigned)z->one.name.n);
	put16(b, EXTRA);
}

static void
put_extra(struct buf *b)
{
	put16(b, 0x9901);
	put16(b, EXTRA - 4);
	put16(b, 2);                     /* AE-2 */
	buf_put(b, STR("AE"));
	buf_char(b, 3);                  /* 256 bits */
	put16(b, 0);                     /* stored */
}

/* ---- keys ---- */

static bool
start_code(struct zip *z, const unsigned char key[KEY])
{
	char digest[] = "SHA1";
	OSSL_PARAM parameters[] = {
		{ "digest", OSSL_PARAM_UTF8_STRING, digest, sizeof(digest) - 1, 0 },
		{ NULL, 0, NULL, 0, 0 },
	};

	z->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	z->code = z->mac ? EVP_MAC_CTX_new(z->mac) : NULL;
	return z->code && EVP_MAC_init(z->code, key, KEY, parameters);
}

static bool
start(struct zip *z, struct str password)
{
	unsigned char made[2 * KEY + CHECK];
	bool ok;

	rand_bytes(z->salt, sizeof(z->salt));
	ok = PKCS5_PBKDF2_HMAC(password.p, (int)password.n, z->salt, SALT, ROUNDS, EVP_sha1(), sizeof(made),
	    made) == 1;
	memcpy(z->check, made + 2 * KEY, CHECK);
	z->cipher = EVP_CIPHER_CTX_new();
	ok = ok && z->cipher && EVP_EncryptInit_ex(z->cipher, EVP_aes_256_ecb(), NULL, made, NULL) &&
	    EVP_CIPHER_CTX_set_padding(z->cipher, 0) && start_code(z, made + KEY);
	OPENSSL_cleanse(made, sizeof(made));
	return ok;
}

struct zip *
zip_begin(const struct zip_one *one, struct str password)
{
	struct zip *z = calloc(1, sizeof(*z));

	assert(one->size >= 0 && one->size <= ZIP_SIZE_MOST && one->name.n <= 65000);
	if (!z)
		return NULL;
	z->one = *one;
	z->counter = 1;
	z->at = sizeof(z->stream);
	if (!start(z, password)) {
		zip_free(z);
		return NULL;
	}
	return z;
}

void
zip_free(struct zip *z)
{
	if (!z)
		return;
	EVP_CIPHER_CTX_free(z->cipher);
	EVP_MAC_CTX_free(z->code);
	EVP_MAC_free(z->mac);
	OPENSSL_cleanse(z, sizeof(*z));
	free(z);
}

/* ---- the file ---- */

/* The format counts its blocks with the least byte first, unlike OpenSSL's own counter mode. */
static void
more_stream(struct zip *z)
{
	unsigned char counters[sizeof(z->stream)];
	int made = 0, i, k;

	memset(counters, 0, sizeof(counters));
	for (i = 0; i < BATCH; i++, z->counter++)
		for (k = 0; k < 8; k++)
			counters[i * BLOCK + k] = (unsigned char)(z->counter >> 8 * k);
	if (!EVP_EncryptUpdate(z->cipher, z->stream, &made, counters, sizeof(counters)) ||
	    made != (int)sizeof(counters))
		abort();
	z->at = 0;
}

void
zip_seal(struct zip *z, char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (z->at == sizeof(z->stream))
			more_stream(z);
		bytes[i] = (char)((unsigned char)bytes[i] ^ z->stream[z->at++]);
	}
	if (!EVP_MAC_update(z->code, (const unsigned char *)bytes, n))
		abort();
	z->done += (int64_t)n;
}

struct str
zip_head(struct zip *z, struct arena *a)
{
	struct buf b = { .arena = a };

	put32(&b, 0x04034b50);
	put_common(z, &b);
	buf_put(&b, z->one.name);
	put_extra(&b);
	buf_put(&b, (struct str){ (const char *)z->salt, SALT });
	buf_put(&b, (struct str){ (const char *)z->check, CHECK });
	return buf_str(&b);
}

struct str
zip_tail(struct zip *z, struct arena *a)
{
	struct buf b = { .arena = a };
	unsigned char code[32];
	size_t n = 0;

	assert(z->done == z->one.size);
	if (!EVP_MAC_final(z->code, code, &n, sizeof(code)) || n < CODE)
		abort();
	buf_put(&b, (struct str){ (const char *)code, CODE });
	put32(&b, 0x02014b50);
	put16(&b, VERSION_AES);          /* made by, on a system without attributes */
	put_common(z, &b);
	put16(&b, 0);                    /* no comment */
	put16(&b, 0);                    /* first disk */
	put16(&b, 0);
	put32(&b, 0);
	put32(&b, 0);                    /* where its local head begins */
	buf_put(&b, z->one.name);
	put_extra(&b);
	put32(&b, 0x06054b50);
	put16(&b, 0);
	put16(&b, 0);
	put16(&b, 1);
	put16(&b, 1);
	put32(&b, (uint64_t)(CENTRAL_HEAD + (int64_t)z->one.name.n + EXTRA));
	put32(&b, (uint64_t)local_length(&z->one));
	put16(&b, 0);
	return buf_str(&b);
}
