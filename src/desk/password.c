/*
 * Passwords: Argon2id with 64 MiB and two passes, at most two at once; what a good one is; changing one's
 * own.
 */
#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/rand.h"
#include "desk/identity_private.h"

#define PASSWORD_MEMORY ((size_t)64 << 20)
#define PASSWORD_PASSES 2
#define HASHES_AT_ONCE 2
#define SHORTEST 12                      /* code points */
#define LONGEST 128
#define DIFFERENT_AT_LEAST 5
#define DIGITS_ONLY_FROM 20
#define LAST_ONES 5

extern const struct asset desk_lists[];

#define PASSWORD_CHANGE_ROW(...) FIELD_ROW(password_change, __VA_ARGS__)
static const struct field password_change_fields[] = { PASSWORD_CHANGE(PASSWORD_CHANGE_ROW) };
const struct entity in_password_change = ENTITY(password_change, password_change_fields, false);

/* ---- hashing ---- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_open = PTHREAD_COND_INITIALIZER;
static int hashing;

static void
gate_in(void)
{
	pthread_mutex_lock(&gate);
	while (hashing >= HASHES_AT_ONCE)
		pthread_cond_wait(&gate_open, &gate);
	hashing++;
	pthread_mutex_unlock(&gate);
}

static void
gate_out(void)
{
	pthread_mutex_lock(&gate);
	hashing--;
	pthread_cond_signal(&gate_open);
	pthread_mutex_unlock(&gate);
}

bool
identity_hash(struct arena *a, struct str password, struct str *ret_hash, struct err *err)
{
	char *hash = arena_alloc(a, crypto_pwhash_STRBYTES);
	int code;

	gate_in();
	code = crypto_pwhash_str_alg(hash, password.p, password.n, PASSWORD_PASSES, PASSWORD_MEMORY,
	    crypto_pwhash_ALG_ARGON2ID13);
	gate_out();
	if (code != 0)
		return err_setf(err, FAULT_BUSY, "no memory for a password hash");
	*ret_hash = str_c(hash);
	return true;
}

struct str
password_nobody(void)
{
	/*
	 * of 32 random bytes that nobody kept; the parameters are those above, so that looking costs the same
	 */
	return STR("$argon2id$v=19$m=65536,t=2,p=1$yfvSPLkBThfQoZqhNXwwfw"
	    "$AGBq9OeZdxMvyCD6hL4ycGx3NK6EKL9cs6BRwrRFGuE");
}

bool
password_right(struct str hash, struct str password, bool *ret_right, struct err *err)
{
	char text[crypto_pwhash_STRBYTES] = "";
	bool whole = hash.n > 0 && hash.n < sizeof(text);
	int code;

	if (!whole)
		hash = password_nobody();
	memcpy(text, hash.p, hash.n);
	gate_in();
	errno = 0;
	code = crypto_pwhash_str_verify(text, password.p ? password.p : "", password.n);
	if (code != 0 && errno == ENOMEM)
		err_setf(err, FAULT_BUSY, "no memory for a password hash");
	gate_out();
	if (err->fault != FAULT_NONE)
		return false;
	*ret_right = whole && code == 0;
	return true;
}

/* ---- what a good one is ---- */

/* The list, sorted; made from the embedded file at first use and kept. */
static struct str *blocked_words;
static size_t blocked_count;
static pthread_once_t blocked_once = PTHREAD_ONCE_INIT;

static int
compare_words(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void
load_blocked(void)
{
	const struct asset *file = asset_in(desk_lists, STR("passwords-blocked"));
	struct str rest = asset_text(file), line;
	size_t room = 0;

	for (size_t i = 0; i < rest.n; i++)
		room += rest.p[i] == '\n';
	blocked_words = calloc(room + 1, sizeof(*blocked_words));
	if (!blocked_words)
		abort();
	while (str_split(&rest, '\n', &line))
		if (line.n && line.p[0] != '#')
			blocked_words[blocked_count++] = line;
	qsort(blocked_words, blocked_count, sizeof(*blocked_words), compare_words);
}

static bool
blocked(struct str word)
{
	pthread_once(&blocked_once, load_blocked);
	return bsearch(&word, blocked_words, blocked_count, sizeof(*blocked_words), compare_words) != NULL;
}

static bool
letter(char c)
{
	return isalpha((unsigned char)c) || (unsigned char)c >= 0x80;
}

static struct str
small(struct arena *a, struct str s)
{
	char *p = arena_raw(a, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
	return (struct str){ p, s.n };
}

/* Without the digits and signs around it: "!!password2026" is "password". */
static struct str
core(struct str s)
{
	while (s.n && !letter(s.p[0]))
		s = str_from(s, 1);
	while (s.n && !letter(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Signs that stand for letters read as these: "p@ssw0rd" is "password". */
static struct str
plain(struct arena *a, struct str s)
{
	static const char from[] = "@40135$7!", to[] = "aaoiessti";
	char *p = arena_raw(a, s.n + 1);

	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(from, s.p[i]) : NULL;

		p[i] = at ? to[at - from] : s.p[i];
	}
	return (struct str){ p, s.n };
}

/* A listed word, or one over and over. */
static bool
common(struct str s)
{
	if (blocked(s))
		return true;
	for (size_t n = 1; n <= s.n / 2; n++)
		if (s.n % n == 0 && memcmp(s.p, s.p + n, s.n - n) == 0)
			return n <= 3 || blocked(str_first(s, n));
	return false;
}

static bool
guessed_first(struct arena *a, struct str password)
{
	struct str s = small(a, password), inner = core(s);

	return common(s) || common(inner) || common(plain(a, s)) || common(plain(a, inner)) ||
	    common(core(plain(a, s)));
}

/* Only a few different characters, or mostly one row of them: aaaa..., 1234..., hgfe... */
static bool
monotonous(struct arena *a, struct str password)
{
	int32_t seen[DIFFERENT_AT_LEAST] = { 0 }, before = -1, c;
	struct str rest = small(a, password);
	int different = 0, steps = 0, length = 0;

	while ((c = utf8_next(&rest)) >= 0) {
		int i = 0;

		while (i < different && seen[i] != c)
			i++;
		if (i == different && different < DIFFERENT_AT_LEAST)
			seen[different++] = c;
		steps += before >= 0 && c - before >= -1 && c - before <= 1;
		before = c;
		length++;
	}
	return different < DIFFERENT_AT_LEAST || steps * 3 >= length * 2;
}

static bool
digits_only(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isdigit((unsigned char)s.p[i]))
			return false;
	return true;
}

/* Letters and digits alone, small: what is left when somebody joins words otherwise. */
static struct str
squeezed(struct arena *a, struct str s)
{
	char *p = arena_raw(a, s.n + 1);
	size_t n = 0;

	s = small(a, s);
	for (size_t i = 0; i < s.n; i++)
		if (letter(s.p[i]) || isdigit((unsigned char)s.p[i]))
			p[n++] = s.p[i];
	return (struct str){ p, n };
}

static bool
holds_name(struct arena *a, struct str password, struct str name)
{
	struct str part = squeezed(a, name);

	return part.n >= 3 && str_has(squeezed(a, password), part);
}

static bool
too_personal(struct arena *a, struct str password, const struct password_owner *o)
{
	return holds_name(a, password, o->login) || holds_name(a, password, o->name) ||
	    holds_name(a, password, o->org_zh) || holds_name(a, password, o->org_en);
}

static bool
refuse(struct err *err, enum lang lang, const char *why)
{
	return err_field(err, STR("new_password"), "field.password_change.new_password", FAULT_F_PASSWORD, 0,
	    msg(lang, why));
}

bool
password_check(const struct password_change *in, const struct password_owner *owner, enum lang lang,
    struct err *err)
{
	struct arena *a = err->arena;
	struct str p = in->new_password;

	if (!p.n)
		return err_field(err, STR("new_password"), "field.password_change.new_password",
		    FAULT_F_MISSING, 0, STR_NONE);
	if (!utf8_ok(p))
		return err_field(err, STR("new_password"), "field.password_change.new_password", FAULT_F_TEXT,
		    0, STR_NONE);
	if (utf8_length(p) < SHORTEST)
		return err_field(err, STR("new_password"), "field.password_change.new_password",
		    FAULT_F_SHORT, SHORTEST, STR_NONE);
	if (utf8_length(p) > LONGEST)
		return err_field(err, STR("new_password"), "field.password_change.new_password", FAULT_F_LONG,
		    LONGEST, STR_NONE);
	if (guessed_first(a, p))
		return refuse(err, lang, "password.common");
	if (monotonous(a, p) || (digits_only(p) && p.n < DIGITS_ONLY_FROM))
		return refuse(err, lang, "password.simple");
	if (too_personal(a, p, owner))
		return refuse(err, lang, "password.personal");
	if (in->again.p && !same_secret(in->again, p))
		return err_field(err, STR("again"), "field.password_change.again", FAULT_F_PASSWORD, 0,
		    msg(lang, "password.differs"));
	return true;
}

/* ---- an account's own ---- */

struct last_ones {
	struct str hash[LAST_ONES];
	int n;
};

static bool
last_ones(struct store *st, struct arena *a, int64_t account, struct last_ones *ret_last, struct err *err)
{
	struct tx *tx = store_read(st, a, err);
	struct last_ones last = { .n = 0 };
	struct rows q;
	bool ok;

	if (!tx)
		return false;
	q = db_query(tx, S_PASSWORD_HISTORY, I(account), I(LAST_ONES));
	while (last.n < LAST_ONES && db_next(&q))
		last.hash[last.n++] = db_str(&q, 0);
	ok = db_end(&q, err);
	store_done(tx);
	if (ok)
		*ret_last = last;
	return ok;
}

bool
password_fresh(struct store *st, struct arena *a, int64_t account, struct str password, enum lang lang,
    struct err *err)
{
	struct last_ones last;
	bool same;

	if (!last_ones(st, a, account, &last, err))
		return false;
	for (int i = 0; i < last.n; i++) {
		if (!password_right(last.hash[i], password, &same, err))
			return false;
		if (same)
			return refuse(err, lang, "password.used");
	}
	return true;
}

bool
password_store(struct tx *tx, struct account *account, struct str hash, const char *action, struct err *err)
{
	account->password = hash;
	account->password_at = tx_now(tx);
	return account_update(tx, account, action, err) &&
	    db_run(tx, S_PASSWORD_REMEMBER, err, I(id_new()), I(account->id), T(hash), I(tx_now(tx))) &&
	    db_run(tx, S_PASSWORD_FORGET, err, I(account->id), I(LAST_ONES));
}

struct asked {
	const struct principal *who;
	struct str address;
	struct account account;
	struct attempt attempt;
};

static bool
asked_read(struct store *st, struct arena *a, struct asked *q, struct err *err)
{
	struct tx *tx = store_read(st, a, err);
	bool ok;

	if (!tx)
		return false;
	ok = entity_fetch(tx, ENTITY_ACCOUNT, q->who->account, &q->account, err) &&
	    attempt_begin(tx, q->account.login, q->account.id, q->address, &q->attempt, err) &&
	    attempt_allowed(tx, &q->attempt, err);
	store_done(tx);
	return ok;
}

static bool
asked_failed(struct tx *tx, void *arg, struct err *err)
{
	const struct asked *q = arg;
	struct audit record = { .action = "password.refused", .entity = "account", .object = q->account.id,
	    .org = q->account.org,
		.result = AUDIT_REFUSED };

	identity_act(tx, q->who, q->address);
	return attempt_failed(tx, &q->attempt, err) && audit_append(tx, &record, err);
}

bool
password_ask(struct store *st, struct arena *a, const struct principal *who, struct str password,
    struct str address, struct account *ret_account, struct err *err)
{
	struct asked *q = arena_make(a, struct asked);
	bool right;

	q->who = who;
	q->address = address;
	if (!asked_read(st, a, q, err) || !password_right(q->account.password, password, &right, err))
		return false;
	if (!right) {
		if (!store_write(st, a, asked_failed, q, err))
			return false;
		return err_field(err, STR("password"), "field.password_change.password", FAULT_F_PASSWORD, 0,
		    msg(who->lang, "password.wrong"));
	}
	*ret_account = q->account;
	return true;
}

struct change {
	const struct principal *who;
	struct str hash, address;
	struct account account;
	struct session_start session;
};

static bool
change_work(struct tx *tx, void *arg, struct err *err)
{
	struct change *c = arg;
	struct account account;

	identity_act(tx, c->who, c->address);
	if (!account_again(tx, &c->account, &account, err) ||
	    !password_store(tx, &account, c->hash, "account.password", err) ||
	    !session_end_all(tx, account.id, 0, "password", err))
		return false;
	/* who did it by a key has no session to go on with */
	if (c->who->session && !session_insert(tx, &c->session, err))
		return false;
	identity_changed(tx);
	return true;
}

/* What the account's person and organisation are called. */
static bool
owner_of(struct store *st, struct arena *a, const struct account *account, struct password_owner *ret_owner,
    struct err *err)
{
	struct tx *tx = store_read(st, a, err);
	bool ok;

	if (!tx)
		return false;
	ok = password_owner_of(tx, account, ret_owner, err);
	store_done(tx);
	return ok;
}

bool
password_owner_of(struct tx *tx, const struct account *account, struct password_owner *ret_owner,
    struct err *err)
{
	struct organisation org;
	struct person person;

	if (!entity_fetch(tx, ENTITY_PERSON, account->person, &person, err) ||
	    !entity_fetch(tx, ENTITY_ORGANISATION, account->org, &org, err))
		return false;
	*ret_owner = (struct password_owner){ account->login, person.name, org.name_zh, org.name_en };
	return true;
}

bool
password_change(struct store *st, struct arena *a, const struct principal *who,
    const struct password_change *in, struct str *ret_token, struct err *err)
{
	struct change *c = arena_make(a, struct change);
	struct password_owner owner;
	bool ok;

	c->who = who;
	c->address = in->address;
	ok = password_ask(st, a, who, in->password, in->address, &c->account, err) &&
	    owner_of(st, a, &c->account, &owner, err) && password_check(in, &owner, who->lang, err) &&
	    password_fresh(st, a, who->account, in->new_password, who->lang, err) &&
	    identity_hash(a, in->new_password, &c->hash, err);
	if (!ok)
		return false;
	c->session = (struct session_start){
		.account = who->account, .org = who->org, .address = in->address,
		.user_agent = in->user_agent, .with = "password",
	};
	session_prepare(a, &c->session);
	if (!store_write(st, a, change_work, c, err))
		return false;
	*ret_token = who->session ? c->session.token : STR_NONE;
	return true;
}
