#include "backup/age.h"

#include <assert.h>
#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "base/hash.h"

#define B64 sodium_base64_VARIANT_ORIGINAL_NO_PADDING
#define KEY_DIGITS 43                    /* of 32 bytes in base64 */
#define FILE_KEY 16
#define NONCE 16
#define INFO_WRAP "age-encryption.org/v1/X25519"

static void
ready(void)
{
	int code = sodium_init();

	assert(code >= 0);
	(void)code;
}

/* ---- bech32 (BIP 173): how keys are spelled ---- */

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t
polymod(uint32_t sum, unsigned value)
{
	static const uint32_t generator[5] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (int i = 0; i < 5; i++)
		if (top >> i & 1)
			sum ^= generator[i];
	return sum;
}

static uint32_t
sum_prefix(const char *prefix)
{
	uint32_t sum = 1;

	for (const char *p = prefix; *p; p++)
		sum = polymod(sum, (unsigned char)*p >> 5);
	sum = polymod(sum, 0);
	for (const char *p = prefix; *p; p++)
		sum = polymod(sum, (unsigned char)*p & 31u);
	return sum;
}

/* 32 bytes as 52 groups of five bits, the last padded with zeroes. */
#define GROUPS 52

static void
bech32_put(struct buf *b, const char *prefix, const unsigned char bytes[32])
{
	uint32_t sum = sum_prefix(prefix), bits = 0;
	int have = 0, next = 0;

	buf_c(b, prefix);
	buf_char(b, '1');
	for (int i = 0; i < GROUPS; i++) {
		unsigned group;

		if (have < 5) {
			bits = (bits & 0xff) << 8 | (next < 32 ? bytes[next] : 0u);
			next++;
			have += 8;
		}
		have -= 5;
		group = bits >> have & 31;
		sum = polymod(sum, group);
		buf_char(b, alphabet[group]);
	}
	for (int i = 0; i < 6; i++)
		sum = polymod(sum, 0);
	sum ^= 1;
	for (int i = 0; i < 6; i++)
		buf_char(b, alphabet[sum >> 5 * (5 - i) & 31]);
}

/* text is lower case. */
static bool
bech32_read(struct str text, const char *prefix, unsigned char ret_bytes[32])
{
	size_t head = strlen(prefix);
	uint32_t sum = sum_prefix(prefix), bits = 0;
	int have = 0, at = 0;

	if (text.n != head + 1 + GROUPS + 6 || memcmp(text.p, prefix, head) != 0 || text.p[head] != '1')
		return false;
	for (size_t i = 0; i < GROUPS + 6; i++) {
		const char *found = strchr(alphabet, text.p[head + 1 + i]);

		if (!found || !*found)
			return false;
		sum = polymod(sum, (unsigned)(found - alphabet));
		if (i >= GROUPS)
			continue;
		bits = (bits << 5 | (uint32_t)(found - alphabet)) & 0xfff;
		have += 5;
		if (have >= 8 && at < 32) {
			have -= 8;
			ret_bytes[at++] = (unsigned char)(bits >> have);
		}
	}
	return sum == 1 && at == 32 && (bits & ((1u << have) - 1)) == 0;
}

/* ---- files of keys ---- */

/* One line each; spelled wholly in lower or wholly in upper case. */
static bool
read_key(struct str line, const char *prefix, bool upper, unsigned char ret_key[32])
{
	char text[128];

	if (line.n >= sizeof(text))
		return false;
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if (upper ? islower(c) : isupper(c))
			return false;
		text[i] = (char)tolower(c);
	}
	return bech32_read((struct str){ text, line.n }, prefix, ret_key);
}

static bool
read_keys(struct str text, const char *prefix, bool upper, struct age_keys *ret_keys, struct err *err)
{
	struct str line;
	int number = 0;

	ready();
	ret_keys->n = 0;
	while (str_split(&text, '\n', &line)) {
		number++;
		line = str_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		if (ret_keys->n == AGE_KEYS_MAX || !read_key(line, prefix, upper, ret_keys->key[ret_keys->n]))
			return err_setf(err, FAULT_FILE, "%d", number);
		ret_keys->n++;
	}
	return ret_keys->n > 0 || err_setf(err, FAULT_FILE, "0");
}

/* Points of small order: whatever is sealed for them is sealed for everybody. */
static bool
sound_recipients(const struct age_keys *keys)
{
	static const unsigned char any[32] = { 9 };
	unsigned char shared[32];

	for (int i = 0; i < keys->n; i++)
		if (crypto_scalarmult(shared, any, keys->key[i]) != 0)
			return false;
	return true;
}

bool
age_recipients(struct str text, struct age_keys *ret_keys, struct err *err)
{
	return read_keys(text, "age", false, ret_keys, err) &&
	    (sound_recipients(ret_keys) || err_setf(err, FAULT_FILE, "0"));
}

bool
age_identities(struct str text, struct age_keys *ret_keys, struct err *err)
{
	return read_keys(text, "age-secret-key-", true, ret_keys, err);
}

void
age_wipe(struct age_keys *keys)
{
	sodium_memzero(keys, sizeof(*keys));
}

struct str
age_recipient_of(struct arena *a, const unsigned char secret[32])
{
	struct buf b = { .arena = a };
	unsigned char public[32];

	ready();
	crypto_scalarmult_base(public, secret);
	bech32_put(&b, "age", public);
	return buf_str(&b);
}

void
age_keygen(struct arena *a, struct str *ret_recipient, struct str *ret_identity)
{
	struct buf b = { .arena = a };
	unsigned char secret[32];

	ready();
	randombytes_buf(secret, sizeof(secret));
	bech32_put(&b, "age-secret-key-", secret);
	for (size_t i = 0; i < b.n; i++)
		b.p[i] = (char)toupper((unsigned char)b.p[i]);
	*ret_identity = buf_str(&b);
	*ret_recipient = age_recipient_of(a, secret);
	sodium_memzero(secret, sizeof(secret));
}

/* ---- keys from keys ---- */

static struct sha256
hkdf(const unsigned char *key, size_t key_n, struct str salt, const char *info)
{
	struct sha256 made = { { 0 } };

	hkdf_sha256((struct str){ (const char *)key, key_n }, salt, str_c(info), made.b, sizeof(made.b));
	return made;
}

/* What wraps the file's key for one recipient. False: a key with which there is no secret. */
static bool
wrap_key(const unsigned char own[32], const unsigned char other[32], const unsigned char share[32],
    const unsigned char recipient[32], struct sha256 *ret_key)
{
	unsigned char shared[32], salt[64];
	bool ok = crypto_scalarmult(shared, own, other) == 0;

	memcpy(salt, share, 32);
	memcpy(salt + 32, recipient, 32);
	if (ok)
		*ret_key = hkdf(shared, sizeof(shared), (struct str){ (const char *)salt, sizeof(salt) }, INFO_WRAP);
	sodium_memzero(shared, sizeof(shared));
	return ok;
}

static struct sha256
header_mac(const unsigned char file_key[FILE_KEY], struct str header)
{
	struct sha256 key = hkdf(file_key, FILE_KEY, STR(""), "header");

	return hmac_sha256((struct str){ (const char *)key.b, sizeof(key.b) }, header);
}

static void
stream_start(struct age_stream *s, const unsigned char file_key[FILE_KEY], const unsigned char nonce[NONCE])
{
	struct sha256 key = hkdf(file_key, FILE_KEY, (struct str){ (const char *)nonce, NONCE }, "payload");

	*s = (struct age_stream){ .chunk = 0 };
	memcpy(s->key, key.b, sizeof(s->key));
	sodium_memzero(&key, sizeof(key));
}

static void
put_base64(struct buf *out, const unsigned char *bytes, size_t n)
{
	char text[64];

	assert(sodium_base64_encoded_len(n, B64) <= sizeof(text));
	sodium_bin2base64(text, sizeof(text), bytes, n, B64);
	buf_c(out, text);
}

/* ---- writing ---- */

static void
put_stanza(struct buf *out, const unsigned char file_key[FILE_KEY], const unsigned char recipient[32])
{
	static const unsigned char zero[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
	unsigned char own[32], share[32], body[FILE_KEY + AGE_TAG];
	struct sha256 key = { { 0 } };
	bool wrapped;

	randombytes_buf(own, sizeof(own));
	crypto_scalarmult_base(share, own);
	wrapped = wrap_key(own, recipient, share, recipient, &key);
	assert(wrapped);                 /* age_recipients() lets no other key through */
	(void)wrapped;
	crypto_aead_chacha20poly1305_ietf_encrypt(body, NULL, file_key, FILE_KEY, NULL, 0, NULL, zero, key.b);
	buf_c(out, "-> X25519 ");
	put_base64(out, share, sizeof(share));
	buf_char(out, '\n');
	put_base64(out, body, sizeof(body));
	buf_char(out, '\n');
	sodium_memzero(own, sizeof(own));
	sodium_memzero(&key, sizeof(key));
}

void
age_begin(struct age_stream *s, const struct age_keys *to, struct buf *out)
{
	unsigned char file_key[FILE_KEY], nonce[NONCE];
	size_t start = out->n;
	struct sha256 mac;

	ready();
	randombytes_buf(file_key, sizeof(file_key));
	randombytes_buf(nonce, sizeof(nonce));
	buf_c(out, AGE_MAGIC);
	for (int i = 0; i < to->n; i++)
		put_stanza(out, file_key, to->key[i]);
	buf_c(out, "---");
	mac = header_mac(file_key, (struct str){ out->p + start, out->n - start });
	buf_char(out, ' ');
	put_base64(out, mac.b, sizeof(mac.b));
	buf_char(out, '\n');
	buf_put(out, (struct str){ (const char *)nonce, sizeof(nonce) });
	stream_start(s, file_key, nonce);
	sodium_memzero(file_key, sizeof(file_key));
}

/* Eleven bytes that count the chunks, and one that says which is the last. */
static void
chunk_nonce(struct age_stream *s, bool last, unsigned char ret_nonce[12])
{
	memset(ret_nonce, 0, 12);
	for (int i = 0; i < 8; i++)
		ret_nonce[10 - i] = (unsigned char)(s->chunk >> 8 * i);
	ret_nonce[11] = last;
}

void
age_seal(struct age_stream *s, const unsigned char *plain, size_t n, bool last, unsigned char *out)
{
	unsigned char nonce[12];

	assert(!s->ended && n <= AGE_CHUNK && (last || n == AGE_CHUNK));
	chunk_nonce(s, last, nonce);
	crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plain, n, NULL, 0, NULL, nonce, s->key);
	s->chunk++;
	s->ended = last;
}

/* ---- reading ---- */

/*
 * 32 bytes in base64, spelled in the one way: written again they are the same. (The library takes some bytes
 * above 0x7f for digits.)
 */
static bool
read_32(struct str text, unsigned char ret_bytes[32])
{
	char again[KEY_DIGITS + 1];
	size_t n;

	if (text.n != KEY_DIGITS ||
	    sodium_base642bin(ret_bytes, 32, text.p, text.n, NULL, &n, NULL, B64) != 0 || n != 32)
		return false;
	sodium_bin2base64(again, sizeof(again), ret_bytes, n, B64);
	return memcmp(again, text.p, KEY_DIGITS) == 0;
}

/* The file's key out of one stanza, if one of the identities opens it. False: it is malformed. */
static bool
try_stanza(struct str share_text, struct str body_text, const struct age_keys *with, unsigned char file_key[FILE_KEY],
    bool *found)
{
	static const unsigned char zero[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];
	unsigned char share[32], body[32], recipient[32];
	struct sha256 key;

	if (!read_32(share_text, share) || !read_32(body_text, body))
		return false;
	for (int i = 0; i < with->n && !*found; i++) {
		crypto_scalarmult_base(recipient, with->key[i]);
		if (!wrap_key(with->key[i], share, share, recipient, &key))
			return false;
		*found = crypto_aead_chacha20poly1305_ietf_decrypt(file_key, NULL, NULL, body, sizeof(body), NULL, 0, zero,
		    key.b) == 0;
		sodium_memzero(&key, sizeof(key));
	}
	return true;
}

/* The lines of a stanza's body: 64 columns each, the last one shorter. The first line is returned if it is the only one. */
static bool
read_body(struct str *rest, struct str *ret_line)
{
	struct str line;
	int lines = 0;

	do {
		if (!str_split(rest, '\n', &line) || !rest->p || line.n > 64)
			return false;
		lines++;
	} while (line.n == 64);
	*ret_line = lines == 1 ? line : STR("");
	return true;
}

/* All stanzas, to the line of the seal. What belongs to other kinds of recipient is passed over. */
static bool
read_stanzas(struct str *rest, const struct age_keys *with, unsigned char file_key[FILE_KEY], bool *found,
    struct str *ret_last)
{
	struct str line, body;
	int stanzas = 0;

	while (str_split(rest, '\n', &line) && rest->p) {
		if (str_starts(line, STR("--- "))) {
			*ret_last = line;
			return stanzas > 0;
		}
		if (!str_starts(line, STR("-> ")) || !read_body(rest, &body))
			return false;
		stanzas++;
		if (str_starts(line, STR("-> X25519 ")) &&
		    !try_stanza(str_from(line, 10), body, with, file_key, found))
			return false;
	}
	return false;
}

/* Where the header ends: behind the line that begins with "--- ". 0: not yet. */
static size_t
header_length(struct str bytes)
{
	const char *seal = memmem(bytes.p, bytes.n, "\n--- ", 5), *end;

	if (!seal)
		return 0;
	end = memchr(seal + 1, '\n', bytes.n - (size_t)(seal + 1 - bytes.p));
	return end ? (size_t)(end + 1 - bytes.p) : 0;
}

enum age_result
age_open(struct age_stream *s, const struct age_keys *with, struct str bytes, size_t *ret_used)
{
	size_t n = header_length(bytes);
	struct str rest = str_first(bytes, n), last = STR_NONE;
	unsigned char file_key[FILE_KEY] = { 0 }, mac[32];
	struct sha256 expected;
	bool found = false;

	ready();
	if (n == 0 || bytes.n < n + NONCE)
		return bytes.n > AGE_HEADER_MAX ? AGE_MALFORMED : AGE_MORE;
	if (!str_starts(rest, STR(AGE_MAGIC)))
		return AGE_MALFORMED;
	rest = str_from(rest, sizeof(AGE_MAGIC) - 1);
	if (!read_stanzas(&rest, with, file_key, &found, &last) || rest.n != 0 || !read_32(str_from(last, 4), mac))
		return AGE_MALFORMED;
	if (!found)
		return AGE_NO_IDENTITY;
	expected = header_mac(file_key, str_first(bytes, n - last.n - 1 + 3));
	if (sodium_memcmp(expected.b, mac, sizeof(mac)) != 0)
		return AGE_MALFORMED;
	stream_start(s, file_key, (const unsigned char *)bytes.p + n);
	sodium_memzero(file_key, sizeof(file_key));
	*ret_used = n + NONCE;
	return AGE_OK;
}

bool
age_unseal(struct age_stream *s, const unsigned char *sealed, size_t n, bool last, unsigned char *out)
{
	unsigned char nonce[12];

	/* an empty chunk is the whole of an empty file only */
	if (s->ended || n < AGE_TAG || (n == AGE_TAG && s->chunk > 0))
		return false;
	chunk_nonce(s, last, nonce);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed, n, NULL, 0, nonce, s->key) != 0)
		return false;
	s->chunk++;
	s->ended = last;
	return true;
}
