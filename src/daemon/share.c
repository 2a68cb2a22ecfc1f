#include "daemon/share.h"

#include <assert.h>
#include <libgfshare.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/rand.h"
#include "base/time.h"
#include "daemon/private_key.h"
#include "daemon/terminal.h"
#include "ledger/signature.h"
#include "ledger/take.h"

#define SHARE_HEAD "tocsin-share/1 "
#define SHARE_MAX 1024                   /* bytes of a key in DER; ours have 48 and 138 */

static void
fill_random(unsigned char *p, unsigned int n)
{
	rand_bytes(p, n);
}

static void
put_check(struct buf *b)
{
	struct sha256 h = sha256(buf_str(b));

	buf_printf(b, " %02x%02x%02x%02x", h.b[0], h.b[1], h.b[2], h.b[3]);
}

static bool
put_share(struct arena *a, const struct private_key *private, const struct note_key *key, int number,
    struct str bytes, int64_t now, struct str *ret_line, struct err *err)
{
	struct buf b = { .arena = a };
	unsigned char signature[64];

	buf_printf(&b, SHARE_HEAD "%d/%d of ", number, SHARE_COUNT);
	note_key_write(&b, key);
	buf_c(&b, " made ");
	buf_stamp(&b, now);
	buf_char(&b, ' ');
	buf_put(&b, base64url(a, bytes));
	if (!private_key_sign(private, buf_str(&b), signature, err))
		return false;
	buf_char(&b, ' ');
	buf_put(&b, base64url(a, (struct str){ (const char *)signature, sizeof(signature) }));
	put_check(&b);
	*ret_line = buf_str(&b);
	return true;
}

bool
share_split(struct arena *a, const struct note_key *key, struct str der, int64_t now,
    struct str ret_lines[SHARE_COUNT], struct err *err)
{
	unsigned char numbers[SHARE_COUNT] = { 1, 2, 3 }, bytes[SHARE_MAX];
	struct private_key *private = private_key_read(der, "the key", err);
	gfshare_ctx *g;
	bool ok = private != NULL;

	assert(der.n > 0 && der.n <= SHARE_MAX);
	gfshare_fill_rand = fill_random;
	g = ok ? gfshare_ctx_init_enc(numbers, SHARE_COUNT, SHARE_THRESHOLD, (unsigned)der.n) : NULL;
	if (ok && !g)
		ok = err_setf(err, FAULT_KEEPER, "no memory");
	if (g)
		gfshare_ctx_enc_setsecret(g, (unsigned char *)(uintptr_t)der.p);
	for (int i = 0; ok && i < SHARE_COUNT; i++) {
		gfshare_ctx_enc_getshare(g, (unsigned char)i, bytes);
		ok = put_share(a, private, key, i + 1, (struct str){ (const char *)bytes, der.n }, now, &ret_lines[i], err);
	}
	if (g)
		gfshare_ctx_free(g);
	private_wipe(bytes, sizeof(bytes));
	private_key_free(private);
	return ok;
}

static bool
signed_by(const struct note_key *key, struct str text, struct str signature)
{
	struct str public = { (const char *)key->public + 1, key->public_n - 1 };

	return key->kind == KEY_P256 ? p256_holds(public, text, signature) : ed25519_holds(public, text, signature);
}

/* The words of a line, from the front: number, "of", vkey, "made", time, share, signature, check. */
enum { WORD_HEAD, WORD_NUMBER, WORD_OF, WORD_KEY, WORD_MADE, WORD_TIME, WORD_SHARE, WORD_SIGNATURE, WORD_CHECK, WORD__MAX };

bool
share_read(struct arena *a, struct str line, struct share *ret_share, struct err *err)
{
	struct str rest = line = arena_dup(a, str_trim(line)), words[WORD__MAX], before, signature;
	struct share s = { .number = 0 };
	struct buf checked = { .arena = a };
	int n = 0;

	while (n < WORD__MAX && str_split(&rest, ' ', &words[n]))
		n++;
	if (n != WORD__MAX || rest.n || !str_is(words[WORD_HEAD], "tocsin-share/1") ||
	    !str_is(words[WORD_OF], "of") || !str_is(words[WORD_MADE], "made"))
		return refuse(err, FAULT_FILE, terminal_msg("share.none"));
	before = str_first(line, (size_t)(words[WORD_CHECK].p - line.p) - 1);
	buf_put(&checked, before);
	put_check(&checked);
	if (!str_eq(buf_str(&checked), line))
		return refuse(err, FAULT_FILE, told(a, "share.mistyped", { "number", str_first(words[WORD_NUMBER], 1) }));
	s.number = words[WORD_NUMBER].n == 3 ? words[WORD_NUMBER].p[0] - '0' : 0;
	before = str_first(line, (size_t)(words[WORD_SIGNATURE].p - line.p) - 1);
	if (s.number < 1 || s.number > SHARE_COUNT || !str_is(str_from(words[WORD_NUMBER], 1), "/3") ||
	    note_key_read(words[WORD_KEY], &s.key) != REFUSAL_NONE || !read_stamp(words[WORD_TIME], &s.made) ||
	    !base64url_decode(a, words[WORD_SHARE], &s.bytes) || s.bytes.n == 0 || s.bytes.n > SHARE_MAX ||
	    !base64url_decode(a, words[WORD_SIGNATURE], &signature) || signature.n != 64)
		return refuse(err, FAULT_FILE, terminal_msg("share.none"));
	if (!signed_by(&s.key, before, signature))
		return refuse(err, FAULT_FILE, told(a, "share.altered", { "number", told_int(a, s.number) }));
	*ret_share = s;
	return true;
}

static bool
refuse_both(struct arena *a, const char *id, const struct share *one, const struct share *two, struct err *err)
{
	return refuse(err, FAULT_FILE, told(a, id, { "one", told_int(a, one->number) }, { "two", told_int(a, two->number) }));
}

bool
share_join(struct arena *a, const struct share *one, const struct share *two, struct str *ret_der,
    struct err *err)
{
	unsigned char numbers[2] = { (unsigned char)one->number, (unsigned char)two->number };
	unsigned char *der = arena_alloc(a, SHARE_MAX);
	gfshare_ctx *g;

	if (!note_key_same(&one->key, &two->key) || one->key.kind != two->key.kind)
		return refuse_both(a, "share.different", one, two, err);
	if (one->number == two->number)
		return refuse_both(a, "share.twice", one, two, err);
	if (one->bytes.n != two->bytes.n || one->made != two->made)
		return refuse_both(a, "share.not_together", one, two, err);
	gfshare_fill_rand = fill_random;
	g = gfshare_ctx_init_dec(numbers, 2, (unsigned)one->bytes.n);
	if (!g)
		return err_setf(err, FAULT_KEEPER, "no memory");
	gfshare_ctx_dec_giveshare(g, 0, (unsigned char *)(uintptr_t)one->bytes.p);
	gfshare_ctx_dec_giveshare(g, 1, (unsigned char *)(uintptr_t)two->bytes.p);
	gfshare_ctx_dec_extract(g, der);
	gfshare_ctx_free(g);
	*ret_der = (struct str){ (const char *)der, one->bytes.n };
	return true;
}
