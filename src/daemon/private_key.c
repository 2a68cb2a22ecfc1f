#include "daemon/private_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/arena.h"

struct private_key {
	EVP_PKEY *pkey;
};

void
private_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}

/* Takes pkey over, whatever comes. NULL: it is of no kind that we sign with. */
static struct private_key *
private_key_of(EVP_PKEY *pkey)
{
	struct private_key *k;
	char group[32] = "";

	if (!pkey)
		return NULL;
	if (!EVP_PKEY_is_a(pkey, "ED25519") && (!EVP_PKEY_is_a(pkey, "EC") ||
	    EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1 || strcmp(group, "prime256v1") != 0)) {
		EVP_PKEY_free(pkey);
		return NULL;
	}
	k = OPENSSL_zalloc(sizeof(*k));
	if (k)
		k->pkey = pkey;
	else
		EVP_PKEY_free(pkey);
	return k;
}

void
private_key_free(struct private_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	OPENSSL_free(k);
}

struct private_key *
private_key_make(enum key_kind kind, struct err *err)
{
	struct private_key *k = private_key_of(kind == KEY_P256 ? EVP_EC_gen("P-256") :
	    EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));

	if (!k)
		err_setf(err, FAULT_KEEPER, "no new key can be made");
	return k;
}

/* No file of ours asks for a passphrase; without this OpenSSL would ask at the terminal. */
static int
no_passphrase(char *p, int n, int writing, void *arg)
{
	(void)p, (void)n, (void)writing, (void)arg;
	return -1;
}

struct private_key *
private_key_read(struct str file, const char *what, struct err *err)
{
	const unsigned char *der = (const unsigned char *)file.p;
	BIO *in = BIO_new_mem_buf(file.p, (int)file.n);
	EVP_PKEY *pkey = in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL) : NULL;
	struct private_key *k;

	BIO_free(in);
	if (!pkey)
		pkey = d2i_AutoPrivateKey(NULL, &der, (long)file.n);
	k = private_key_of(pkey);
	if (!k)
		err_setf(err, FAULT_FILE, "%s: no private key of Ed25519 or P-256 in PKCS#8", what);
	return k;
}

bool
private_key_write(const struct private_key *k, bool pem, struct buf *b, struct err *err)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(k->pkey);
	BIO *out = BIO_new(BIO_s_secmem());
	char *p = NULL;
	long n = 0;
	bool ok = info && out && (pem ? PEM_write_bio_PKCS8_PRIV_KEY_INFO(out, info) : i2d_PKCS8_PRIV_KEY_INFO_bio(out, info));

	if (ok)
		n = BIO_get_mem_data(out, &p);
	if (n > 0)
		buf_put(b, (struct str){ p, (size_t)n });
	BIO_free(out);
	PKCS8_PRIV_KEY_INFO_free(info);
	return n > 0 || err_setf(err, FAULT_KEEPER, "the key cannot be written");
}

/* DER SubjectPublicKeyInfo with an uncompressed point, as notes have it. */
static bool
p256_public(EVP_PKEY *pkey, unsigned char **ret_der, int *ret_n)
{
	EVP_PKEY_set_utf8_string_param(pkey, "point-format", "uncompressed");
	*ret_n = i2d_PUBKEY(pkey, ret_der);
	return *ret_n > 0;
}

bool
private_key_public(const struct private_key *k, struct str name, enum key_kind kind,
    struct note_key *ret_key, struct err *err)
{
	bool edwards = EVP_PKEY_is_a(k->pkey, "ED25519");
	unsigned char raw[32], *der = NULL;
	size_t n = sizeof(raw);
	int der_n = 0;
	enum refusal why = REFUSAL_KEY_FORM;

	if (edwards == (kind == KEY_P256))
		return err_setf(err, FAULT_FILE, "a key of another kind");
	if (edwards && EVP_PKEY_get_raw_public_key(k->pkey, raw, &n) == 1)
		why = note_key_make(name, kind, (struct str){ (const char *)raw, n }, ret_key);
	else if (!edwards && p256_public(k->pkey, &der, &der_n))
		why = note_key_make(name, kind, (struct str){ (const char *)der, (size_t)der_n }, ret_key);
	OPENSSL_free(der);
	return why == REFUSAL_NONE || err_setf(err, FAULT_FILE, "a key that cannot be published");
}

/* r || s of a signature in DER. */
static bool
fixed_signature(const unsigned char *der, size_t n, unsigned char ret_signature[64])
{
	const unsigned char *p = der;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
	bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), ret_signature, 32) == 32 &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), ret_signature + 32, 32) == 32;

	ECDSA_SIG_free(sig);
	if (ok)
		p256_lower(ret_signature);
	return ok;
}

bool
private_key_sign(const struct private_key *k, struct str text, unsigned char ret_signature[64], struct err *err)
{
	bool edwards = EVP_PKEY_is_a(k->pkey, "ED25519"), ok;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char out[128];
	size_t n = sizeof(out);

	ok = context && EVP_DigestSignInit_ex(context, NULL, edwards ? NULL : "SHA256", NULL, NULL, k->pkey, NULL) == 1 &&
	    EVP_DigestSign(context, out, &n, (const unsigned char *)text.p, text.n) == 1;
	EVP_MD_CTX_free(context);
	if (ok && edwards) {
		ok = n == 64;
		memcpy(ret_signature, out, 64);
	} else if (ok) {
		ok = fixed_signature(out, n, ret_signature);
	}
	return ok || err_setf(err, FAULT_KEEPER, "the key does not sign");
}
