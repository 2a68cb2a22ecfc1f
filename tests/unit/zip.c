/* The encrypted archive: its layout, its keys worked out a second way, and any portions giving the same bytes. */
#include "../../src/wire/zip.c"

#include <openssl/hmac.h>

#include "tap.h"

static unsigned
get(const unsigned char *p, int n)
{
	unsigned v = 0;

	for (int i = n - 1; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

static struct str
make(struct arena *a, const struct zip_one *one, struct str text, size_t portion, struct zip **ret_z)
{
	struct zip *z = zip_begin(one, STR("kx7m-2abc"));
	struct buf b = { .arena = a };
	char *copy = arena_c(a, text);

	buf_put(&b, zip_head(z, a));
	for (size_t at = 0; at < text.n; at += portion) {
		size_t n = text.n - at < portion ? text.n - at : portion;

		zip_seal(z, copy + at, n);
		buf_put(&b, (struct str){ copy + at, n });
	}
	buf_put(&b, zip_tail(z, a));
	*ret_z = z;
	return buf_str(&b);
}

/* Block by block, the code over all at once. */
static bool
opens(struct str archive, const struct zip_one *one, struct str text)
{
	const unsigned char *p = (const unsigned char *)archive.p + LOCAL_HEAD + one->name.n + EXTRA;
	const unsigned char *sealed = p + SALT + CHECK;
	unsigned char made[2 * KEY + CHECK], code[32], counter[BLOCK] = { 0 }, pad[BLOCK];
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	unsigned n = 0;
	bool same;
	int got;

	PKCS5_PBKDF2_HMAC("kx7m-2abc", 9, p, SALT, 1000, EVP_sha1(), sizeof(made), made);
	same = memcmp(made + 2 * KEY, p + SALT, CHECK) == 0;
	HMAC(EVP_sha1(), made + KEY, KEY, sealed, text.n, code, &n);
	same = same && memcmp(code, sealed + text.n, CODE) == 0;
	EVP_EncryptInit_ex(c, EVP_aes_256_ecb(), NULL, made, NULL);
	for (size_t i = 0; i < text.n && same; i++) {
		if (i % BLOCK == 0) {
			uint32_t number = (uint32_t)(i / BLOCK) + 1;

			memcpy(counter, &number, sizeof(number));
			EVP_EncryptUpdate(c, pad, &got, counter, BLOCK);
		}
		same = (sealed[i] ^ pad[i % BLOCK]) == (unsigned char)text.p[i];
	}
	EVP_CIPHER_CTX_free(c);
	return same;
}

int
main(void)
{
	struct arena *a = arena_new();
	char plain[10007];
	struct str text = { plain, sizeof(plain) }, archive;
	struct zip_one one = { STR("日誌 1.txt"), sizeof(plain), INT64_C(1795025400) * SECOND };
	static const size_t portions[] = { 1, 7, 16, 4096, 4097, 10007 };
	const unsigned char *p;
	struct zip *z;

	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (char)(i * i >> 3);
	for (size_t i = 0; i < sizeof(portions) / sizeof(portions[0]); i++) {
		archive = make(a, &one, text, portions[i], &z);
		is_int((int64_t)archive.n, zip_length(&one), "as long as it was said");
		ok(opens(archive, &one, text), "opens, in whatever portions it was made");
		zip_free(z);
	}
	p = (const unsigned char *)archive.p;
	is_int(get(p, 4), 0x04034b50, "a local head");
	is_int(get(p + 6, 2), 0x0801, "encrypted, its name UTF-8");
	is_int(get(p + 8, 2), 99, "by AES");
	is_int(get(p + 18, 4), (int64_t)sizeof(plain) + 28, "sealed size");
	is_int(get(p + 22, 4), (int64_t)sizeof(plain), "plain size");
	is_int(get(p + archive.n - 22, 4), 0x06054b50, "an end");
	is_int(get(p + get(p + archive.n - 6, 4), 4), 0x02014b50, "which leads to the directory");
	archive = make(a, &(struct zip_one){ STR("x"), 0, 0 }, STR(""), 1, &z);
	is_int((int64_t)archive.n, zip_length(&(struct zip_one){ STR("x"), 0, 0 }), "an empty file");
	zip_free(z);
	zip_free(NULL);
	arena_free(a);
	return done_testing();
}
