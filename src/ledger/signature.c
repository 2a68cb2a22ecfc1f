/* Signatures, by libcrypto. Its rules are narrowed to one form for each signature. */
#include "ledger/signature.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

/* Half of the order of P-256, big-endian. */
static const unsigned char p256_half[32] = {
	0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8
};

static const unsigned char *
bytes(struct str s)
{
	return (const unsigned char *)s.p;
}

static bool
holds(EVP_PKEY *key, const EVP_MD *digest, struct str message, const unsigned char *signature, size_t n)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = key && context && EVP_DigestVerifyInit(context, NULL, digest, NULL, key) == 1 &&
	    EVP_DigestVerify(context, signature, n, bytes(message), message.n) == 1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return good;
}

bool
ed25519_holds(struct str public, struct str message, struct str signature)
{
	/* libcrypto itself refuses S that is not below L */
	return public.n == ED25519_KEY_LENGTH && signature.n == SIGNATURE_LENGTH &&
	    holds(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes(public), public.n), NULL, message,
	    bytes(signature), signature.n);
}

/* The key, or NULL when it is not one in its one form. */
static EVP_PKEY *
p256_key(struct str public)
{
	/* SubjectPublicKeyInfo of id-ecPublicKey, prime256v1, up to the sign of an uncompressed point */
	static const unsigned char head[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
		0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42,
		0x00, 0x04 };
	const unsigned char *p = bytes(public);

	if (public.n != P256_KEY_LENGTH || memcmp(p, head, sizeof(head)) != 0)
		return NULL;
	return d2i_PUBKEY(NULL, &p, P256_KEY_LENGTH);
}

bool
p256_key_ok(struct str public)
{
	EVP_PKEY *key = p256_key(public);

	EVP_PKEY_free(key);
	return key != NULL;
}

bool
p256_holds(struct str public, struct str message, struct str signature)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	unsigned char *der = NULL;
	BIGNUM *r, *s;
	bool good = false;
	int n;

	if (pair && signature.n == SIGNATURE_LENGTH && memcmp(signature.p + 32, p256_half, 32) <= 0) {
		r = BN_bin2bn(bytes(signature), 32, NULL);
		s = BN_bin2bn(bytes(signature) + 32, 32, NULL);
		/* takes both numbers over; libcrypto itself refuses r and s that are 0 or not below n */
		if (r && s && ECDSA_SIG_set0(pair, r, s) == 1 && (n = i2d_ECDSA_SIG(pair, &der)) > 0)
			good = holds(p256_key(public), EVP_sha256(), message, der, (size_t)n);
	}
	OPENSSL_free(der);
	ECDSA_SIG_free(pair);
	return good;
}
