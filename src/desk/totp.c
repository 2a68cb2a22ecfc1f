/*
 * The second factor: TOTP (RFC 6238, 30 seconds, 6 digits, SHA-1 as every app has it) and ten recovery codes
 * for a lost telephone. The secret lies sealed in the account's row; a step that was used is never good
 * again.
 */
#include <assert.h>
#include <liboath/oath.h>
#include <qrencode.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/rand.h"
#include "desk/identity_private.h"

#define TOTP_SECRET 20                   /* bytes: RFC 4226 section 4 */
#define TOTP_STEP 30
#define TOTP_WINDOW 1                    /* steps before and after, for clocks that differ */
#define TOTP_DIGITS 6
#define OFFER_LIFE (15 * MINUTE)
#define RECOVERY_CODES 10
#define RECOVERY_LETTERS 10
#define QUIET_ZONE 4                     /* modules around the picture: ISO 18004 */

#define TOTP_CHANGE_ROW(...) FIELD_ROW(totp_change, __VA_ARGS__)
static const struct field totp_change_fields[] = { TOTP_CHANGE(TOTP_CHANGE_ROW) };
const struct entity in_totp_change = ENTITY(totp_change, totp_change_fields, false);

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

/* ---- codes ---- */

static int64_t
step_of_code(struct arena *a, struct str secret, struct str code)
{
	uint64_t counter = 0;
	int position = 0;

	if (code.n != TOTP_DIGITS || strspn(arena_c(a, code), "0123456789") != TOTP_DIGITS)
		return TOTP_NO_STEP;
	if (oath_totp_validate3(secret.p, secret.n, (time_t)(clock_now() / SECOND), TOTP_STEP,
	    OATH_TOTP_DEFAULT_START_TIME, TOTP_WINDOW, &position, &counter, arena_c(a, code)) < 0)
		return TOTP_NO_STEP;
	return (int64_t)counter;
}

int64_t
totp_step_of(const struct account *account, struct str code, struct arena *a)
{
	struct str secret;
	int64_t step;

	if (!unseal(a, account->totp, account->id, &secret))
		return TOTP_NO_STEP;
	step = step_of_code(a, secret, str_trim(code));
	identity_wipe(secret);
	return account->totp_step != NONE && step <= account->totp_step ? TOTP_NO_STEP : step;
}

struct str
recovery_spelled(struct arena *a, struct str code)
{
	char *p = arena_raw(a, code.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < code.n; i++) {
		char c = code.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if (c == '-' || c == ' ')
			continue;
		c = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
		if (!c || !strchr(alphabet, c))
			return STR_NONE;
		p[n++] = c;
	}
	return n == RECOVERY_LETTERS ? (struct str){ p, n } : STR_NONE;
}

struct str
recovery_hash(struct arena *a, int64_t account, struct str spelled)
{
	return keyed(a, FOR_RECOVERY, arena_printf(a, "%lld %.*s", (long long)account, STR_FMT(spelled)));
}

/* ---- the offer ---- */

static struct str
base32(struct arena *a, struct str bytes)
{
	char *text = NULL;
	size_t n = 0;
	struct str kept;

	if (oath_base32_encode(bytes.p, bytes.n, &text, &n) != OATH_OK)
		abort();                 /* out of memory */
	kept = arena_dup(a, (struct str){ text, n });
	sodium_memzero(text, n);
	free(text);
	return kept;
}

/* Groups of four, for typing. */
static struct str
grouped(struct arena *a, struct str s)
{
	struct buf b = { .arena = a };

	for (size_t i = 0; i < s.n; i++) {
		if (i > 0 && i % 4 == 0)
			buf_char(&b, ' ');
		buf_char(&b, s.p[i]);
	}
	return buf_str(&b);
}

/* The dark modules as one path of a picture {size} units wide. */
static void
add_qr(struct arena *a, struct value *map, struct str text)
{
	QRcode *code = QRcode_encodeString8bit(arena_c(a, text), 0, QR_ECLEVEL_M);
	struct value *qr = map_map(a, map, "qr");
	struct buf path = { .arena = a };

	if (!code)
		abort();                 /* out of memory: our text is never too long */
	for (int y = 0; y < code->width; y++)
		for (int x = 0, n; x < code->width; x += n) {
			const unsigned char *row = code->data + y * code->width;

			for (n = 1; x + n < code->width && (row[x] & 1) == (row[x + n] & 1); n++)
				;
			if (row[x] & 1)
				buf_printf(&path, "M%d %dh%dv1h-%dz", x + QUIET_ZONE, y + QUIET_ZONE, n, n);
		}
	map_int(a, qr, "size", code->width + 2 * QUIET_ZONE);
	map_str(a, qr, "path", buf_str(&path));
	QRcode_free(code);
}

struct offer {
	int64_t until;
	char secret[TOTP_SECRET];
};

static struct value *
show_offer(struct arena *a, const struct principal *who, struct str login, struct offer *o)
{
	struct value *v = value_map(a);
	struct str secret = base32(a, (struct str){ o->secret, sizeof(o->secret) }), uri;

	uri = arena_printf(a, "otpauth://totp/Tocsin:%.*s?secret=%.*s&issuer=Tocsin", STR_FMT(login),
	    STR_FMT(secret));
	map_str(a, v, "secret", grouped(a, secret));
	map_str(a, v, "uri", uri);
	map_str(a, v, "sealed", seal(a, (struct str){ (const char *)o, sizeof(*o) }, who->account));
	add_qr(a, v, uri);
	sodium_memzero(o, sizeof(*o));
	return v;
}

struct value *
totp_offer(struct arena *a, const struct principal *who, struct str login)
{
	struct offer o = { .until = clock_now() + OFFER_LIFE };

	rand_bytes(o.secret, sizeof(o.secret));
	return show_offer(a, who, login, &o);
}

/* The secret of an offer that is this person's and still good. */
static bool
offered(struct arena *a, const struct principal *who, struct str sealed, struct offer *ret_offer)
{
	struct str text;

	if (!unseal(a, sealed, who->account, &text) || text.n != sizeof(*ret_offer))
		return false;
	memcpy(ret_offer, text.p, sizeof(*ret_offer));
	identity_wipe(text);
	return clock_now() < ret_offer->until;
}

struct value *
totp_offer_again(struct arena *a, const struct principal *who, struct str login, struct str sealed)
{
	struct offer o;

	return offered(a, who, sealed, &o) ? show_offer(a, who, login, &o) : NULL;
}

/* ---- switching on and off ---- */

struct switching {
	const struct principal *who;
	struct str address, sealed, codes[RECOVERY_CODES];
	struct account account;
	int64_t step;
};

static struct str
recovery_code(struct arena *a)
{
	unsigned char bytes[RECOVERY_LETTERS];
	char *p = arena_alloc(a, RECOVERY_LETTERS + 1);

	rand_bytes(bytes, sizeof(bytes));
	for (int i = 0; i < RECOVERY_LETTERS; i++)
		p[i] = alphabet[bytes[i] % 32];
	return (struct str){ p, RECOVERY_LETTERS };
}

static bool
enable_work(struct tx *tx, void *arg, struct err *err)
{
	struct switching *s = arg;
	struct account account;

	identity_act(tx, s->who, s->address);
	if (!account_again(tx, &s->account, &account, err))
		return false;
	account.totp = s->sealed;
	account.totp_at = tx_now(tx);
	account.totp_step = s->step;
	if (!db_run(tx, S_RECOVERY_CLEAR, err, I(account.id)))
		return false;
	for (int i = 0; i < RECOVERY_CODES; i++)
		if (!db_run(tx, S_RECOVERY_INSERT, err,
		    T(recovery_hash(tx_arena(tx), account.id, s->codes[i])), I(account.id)))
			return false;
	identity_changed(tx);
	return account_update(tx, &account, "account.totp_on", err);
}

static bool
code_refused(struct err *err, enum lang lang)
{
	return err_field(err, STR("code"), "field.totp_change.code", FAULT_F_PASSWORD, 0,
	    msg(lang, "totp.wrong"));
}

bool
totp_enable(struct store *st, struct arena *a, const struct principal *who, const struct totp_change *in,
    struct value **ret_codes, struct err *err)
{
	struct switching *s = arena_make(a, struct switching);
	struct value *codes = value_list(a);
	struct offer o;

	s->who = who;
	s->address = in->address;
	if (!offered(a, who, in->sealed, &o))
		return err_field(err, STR("code"), "field.totp_change.code", FAULT_F_PASSWORD, 0,
		    msg(who->lang, "totp.offer_over"));
	s->step = step_of_code(a, (struct str){ o.secret, sizeof(o.secret) }, str_trim(in->code));
	s->sealed = seal(a, (struct str){ o.secret, sizeof(o.secret) }, who->account);
	sodium_memzero(&o, sizeof(o));
	if (s->step == TOTP_NO_STEP)
		return code_refused(err, who->lang);
	if (!password_ask(st, a, who, in->password, in->address, &s->account, err))
		return false;
	for (int i = 0; i < RECOVERY_CODES; i++) {
		s->codes[i] = recovery_code(a);
		list_add(codes, value_str(a, arena_printf(a, "%.5s-%.5s", s->codes[i].p, s->codes[i].p + 5)));
	}
	if (!store_write(st, a, enable_work, s, err))
		return false;
	*ret_codes = codes;
	return true;
}

bool
totp_clear(struct tx *tx, struct account *account, struct err *err)
{
	account->totp = STR_NONE;
	account->totp_at = account->totp_step = NONE;
	return db_run(tx, S_RECOVERY_CLEAR, err, I(account->id));
}

static bool
disable_work(struct tx *tx, void *arg, struct err *err)
{
	struct switching *s = arg;
	struct account account;

	identity_act(tx, s->who, s->address);
	identity_changed(tx);
	return account_again(tx, &s->account, &account, err) && totp_clear(tx, &account, err) &&
	    account_update(tx, &account, "account.totp_off", err);
}

bool
totp_disable(struct store *st, struct arena *a, const struct principal *who, const struct totp_change *in,
    struct err *err)
{
	struct switching *s = arena_make(a, struct switching);

	s->who = who;
	s->address = in->address;
	return password_ask(st, a, who, in->password, in->address, &s->account, err) &&
	    store_write(st, a, disable_work, s, err);
}
