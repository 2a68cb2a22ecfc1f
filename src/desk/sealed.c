#include "desk/sealed.h"

#include <sodium.h>
#include <string.h>

#include "base/hash.h"
#include "base/rand.h"
#include "desk/identity.h"

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PASSWORD_LETTERS 16              /* five bits each */

_Static_assert(SEALED_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "one length of keys");

static struct str
key_str(const unsigned char key[SEALED_KEY])
{
	return (struct str){ (const char *)key, SEALED_KEY };
}

bool
sealed_key_make(struct tx *tx, int64_t file, unsigned char ret_key[SEALED_KEY], struct err *err)
{
	struct arena *a = tx_arena(tx);

	rand_bytes(ret_key, SEALED_KEY);
	return db_run(tx, S_ATTACHMENT_KEY_ADD, err, I(file), T(identity_seal(a, key_str(ret_key), file)));
}

bool
sealed_key(struct tx *tx, int64_t file, unsigned char ret_key[SEALED_KEY], bool *ret_found, struct err *err)
{
	struct rows q = db_query(tx, S_ATTACHMENT_KEY, I(file));
	struct str kept = db_next(&q) ? db_str(&q, 0) : STR_NONE, key;

	if (!db_end(&q, err))
		return false;
	*ret_found = kept.p != NULL;
	if (!kept.p)
		return true;
	if (!identity_unseal(tx_arena(tx), kept, file, &key) || key.n != SEALED_KEY)
		return err_setf(err, FAULT_INTERNAL, "the key of an attachment is not sealed with this server's secret");
	memcpy(ret_key, key.p, SEALED_KEY);
	identity_wipe(key);
	return true;
}

struct str
sealed_password(struct arena *a, const unsigned char key[SEALED_KEY])
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	struct sha256 digest = hmac_sha256(key_str(key), STR("archive password"));
	struct buf b = { .arena = a };

	for (int i = 0; i < PASSWORD_LETTERS; i++) {
		if (i && i % 4 == 0)
			buf_char(&b, '-');
		buf_char(&b, letters[digest.b[i] & 31]);
	}
	return buf_str(&b);
}

struct bound {
	int64_t file, at;
};

struct str
sealed_close(struct arena *a, const unsigned char key[SEALED_KEY], int64_t file, int64_t at, struct str bytes)
{
	const struct bound to = { file, at };
	unsigned char *box = arena_raw(a, NONCE + bytes.n + TAG);

	rand_bytes(box, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE, NULL, (const unsigned char *)bytes.p, bytes.n,
	    (const unsigned char *)&to, sizeof(to), NULL, box, key);
	return (struct str){ (const char *)box, NONCE + bytes.n + TAG };
}

bool
sealed_open(struct arena *a, const unsigned char key[SEALED_KEY], int64_t file, int64_t at, struct str sealed,
    struct str *ret_bytes)
{
	const struct bound to = { file, at };
	const unsigned char *box = (const unsigned char *)sealed.p;
	unsigned char *bytes;

	if (sealed.n < NONCE + TAG)
		return false;
	bytes = arena_raw(a, sealed.n);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes, NULL, NULL, box + NONCE, sealed.n - NONCE,
	    (const unsigned char *)&to, sizeof(to), box, key) != 0)
		return false;
	*ret_bytes = (struct str){ (const char *)bytes, sealed.n - NONCE - TAG };
	return true;
}
