/*
 * Tokens to people: what the database knows about the account behind a session or key, and the memory of it.
 * The memory is cut into shards with a lock each that is held for some hundred nanoseconds; an entry is good
 * for the generation it was loaded in, and any change of accounts, keys or organisations begins a new one.
 * The last use of a session lives here and outlasts its entry's generation.
 */
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/rand.h"
#include "desk/identity_private.h"
#include "store/nodes.h"

#define SHARDS 64                        /* a power of two */
#define BUCKETS 64
#define ENTRIES_PER_SHARD 256            /* 16,384 people at once; beyond that the least recent go */
#define KEY_USE_STEP HOUR                /* how exactly the last use of a key is written */
#define SESSION_USE_STEP MINUTE

enum token_kind { TOKEN_SESSION, TOKEN_KEY };

struct digest {
	unsigned char b[32];
};

struct entry {
	struct entry *next;
	struct digest digest;
	enum token_kind kind;
	uint64_t generation;
	struct principal who;            /* its texts lie in text[] */
	int64_t started;                 /* of a session */
	int64_t ends;                    /* of a key; NO_TIME: never */
	int64_t seen, saved;             /* last use; the last that was written; NO_TIME: none yet */
	char text[];
};

static struct shard {
	_Alignas(64) pthread_mutex_t lock;
	int count;
	struct entry *buckets[BUCKETS];
} shards[SHARDS];

static _Atomic uint64_t generation = 1;
static unsigned char digest_key[crypto_generichash_KEYBYTES];
static pthread_once_t prepared = PTHREAD_ONCE_INIT;

static void
prepare(void)
{
	rand_bytes(digest_key, sizeof(digest_key));
	for (int i = 0; i < SHARDS; i++)
		pthread_mutex_init(&shards[i].lock, NULL);
}

void
identity_forget(void)
{
	atomic_fetch_add(&generation, 1);
}

static void
forget_after_commit(void *arg)
{
	(void)arg;
	identity_forget();
}

void
identity_changed(struct tx *tx)
{
	tx_changed(tx, TOPIC_IDENTITY);
	tx_after_commit(tx, forget_after_commit, NULL);
}

void
principal_drop_all(void)
{
	pthread_once(&prepared, prepare);
	for (int i = 0; i < SHARDS; i++) {
		struct shard *s = &shards[i];

		pthread_mutex_lock(&s->lock);
		for (int b = 0; b < BUCKETS; b++)
			while (s->buckets[b]) {
				struct entry *e = s->buckets[b];

				s->buckets[b] = e->next;
				free(e);
			}
		s->count = 0;
		pthread_mutex_unlock(&s->lock);
	}
}

/* ---- from the database ---- */

bool
roles_refused(enum role a, enum role b, enum lang lang, struct err *err)
{
	struct str first = msg(lang, choice_msg(&choices_role, __builtin_ctz(a)));
	struct str second = msg(lang, choice_msg(&choices_role, __builtin_ctz(b)));

	return err_setf(err, FAULT_CONFLICT_ROLES, "%.*s, %.*s", STR_FMT(first), STR_FMT(second));
}

/* Which reports these roles see at an organisation of this kind; units: it has some below it. */
static struct scope
reports_scope(const struct principal *who, bool units)
{
	struct scope s = { SCOPE_NONE, who->org, who->account };

	if (who->roles & ROLE_AUDITOR)
		s.kind = SCOPE_ALL;
	else if (who->org_kind == ORG_CERT && (who->roles & ROLE_CERT))
		s.kind = SCOPE_CERT;
	else if (who->org_kind == ORG_NATIONAL && (who->roles & ROLE_LIAISON))
		s.kind = SCOPE_NATION;
	else if (who->roles & ROLE_PROVIDER)
		s.kind = units ? SCOPE_ORG : SCOPE_UNIT;
	return s;
}

bool
principal_load(struct tx *tx, int64_t account, struct principal *ret_who, struct err *err)
{
	struct principal p = { .account = account, .zone = people_zone(), .session_ends = NO_TIME };
	struct rows q = db_query(tx, S_PRINCIPAL, I(account));
	int64_t state = NONE, org_state = NONE;
	bool found = db_next(&q), units = false;
	enum role a, b;

	if (found) {
		p.person = db_int(&q, 0);
		p.org = db_int(&q, 1);
		p.roles = db_null(&q, 2) ? 0 : (unsigned)db_int(&q, 2) & ROLE__ANY;
		state = db_int(&q, 3);
		p.lang = db_int(&q, 4) == LANG_EN ? LANG_EN : LANG_ZH;
		p.lang_chosen = db_int(&q, 4) != NONE;
		p.roc_year = db_int(&q, 5) == 1;
		p.name = db_str(&q, 6);
		p.org_kind = db_int(&q, 7);
		p.sector = db_int(&q, 8);
		p.org_name[LANG_ZH] = db_str(&q, 9);
		p.org_name[LANG_EN] = db_str(&q, 10);
		if (!p.org_name[LANG_EN].n)
			p.org_name[LANG_EN] = p.org_name[LANG_ZH];
		org_state = db_int(&q, 11);
		units = db_int(&q, 12) != 0;
	}
	if (!db_end(&q, err))
		return false;
	if (!found || state != ACCOUNT_ACTIVE || org_state == ORG_REMOVED)
		return err_set(err, FAULT_CREDENTIALS);
	if (!roles_agree(p.roles, &a, &b))
		return roles_refused(a, b, p.lang, err);
	p.reports = reports_scope(&p, units);
	*ret_who = p;
	return true;
}

/* What stands behind a token, without its entry's own times. */
struct holder {
	int64_t id, account, started, ends, seen;
};

static bool
find_session(struct tx *tx, struct str token, struct holder *ret_holder, struct err *err)
{
	struct rows q = db_query(tx, S_SESSION_BY_TOKEN, T(keyed(tx_arena(tx), FOR_SESSION, token)));
	struct holder h = { .ends = NO_TIME };
	bool open = db_next(&q) && db_null(&q, 4);

	if (open) {
		h.id = db_int(&q, 0);
		h.account = db_int(&q, 1);
		h.started = db_int(&q, 2);
		h.seen = db_int(&q, 3);
	}
	if (!db_end(&q, err))
		return false;
	if (!open)
		return err_set(err, FAULT_SESSION_ENDED);
	*ret_holder = h;
	return true;
}

static bool
find_key(struct tx *tx, struct str token, struct holder *ret_holder, struct err *err)
{
	struct rows q = db_query(tx, S_KEY_BY_TOKEN, T(keyed(tx_arena(tx), FOR_KEY, token)));
	struct holder h = { .started = NO_TIME };
	bool valid = db_next(&q) && db_null(&q, 4);

	if (valid) {
		h.id = db_int(&q, 0);
		h.account = db_int(&q, 1);
		h.ends = db_int(&q, 2);
		h.seen = db_int(&q, 3);
	}
	if (!db_end(&q, err))
		return false;
	if (!valid)
		return err_set(err, FAULT_CREDENTIALS);
	*ret_holder = h;
	return true;
}

static struct str
keep(char **at, struct str s)
{
	struct str kept = { *at, s.n };

	if (!s.p)
		return STR_NONE;
	memcpy(*at, s.p, s.n);
	*at += s.n;
	return kept;
}

static struct entry *
entry_new(const struct digest *d, enum token_kind kind, uint64_t made_in, const struct principal *who,
    const struct holder *h)
{
	struct entry *e = malloc(sizeof(*e) + who->name.n + who->org_name[LANG_ZH].n + who->org_name[LANG_EN].n +
	    who->csrf.n);
	char *at;

	if (!e)
		abort();
	*e = (struct entry){
		.digest = *d, .kind = kind, .generation = made_in, .who = *who,
		.started = h->started, .ends = h->ends, .seen = h->seen, .saved = h->seen,
	};
	at = e->text;
	e->who.name = keep(&at, who->name);
	for (int l = 0; l < LANG__MAX; l++)
		e->who.org_name[l] = keep(&at, who->org_name[l]);
	e->who.csrf = keep(&at, who->csrf);
	return e;
}

/* generation as it was before the snapshot was taken: what changes after that makes the entry stale. */
static struct entry *
entry_load(struct store *st, enum token_kind kind, struct str token, const struct digest *d, uint64_t made_in,
    struct arena *a, struct err *err)
{
	struct tx *tx = store_read(st, a, err);
	struct entry *e = NULL;
	struct principal who;
	struct holder h = { 0 };

	if (!tx)
		return NULL;
	if ((kind == TOKEN_SESSION ? find_session(tx, token, &h, err) : find_key(tx, token, &h, err)) &&
	    principal_load(tx, h.account, &who, err)) {
		if (kind == TOKEN_SESSION) {
			who.session = h.id;
			who.csrf = str_first(keyed(a, FOR_CSRF, arena_printf(a, "%lld", (long long)h.id)),
			    32);
		} else {
			who.key = h.id;
		}
		e = entry_new(d, kind, made_in, &who, &h);
	}
	store_done(tx);
	return e;
}

/* ---- the memory ---- */

static struct digest
digest_of(enum token_kind kind, struct str token)
{
	crypto_generichash_state state;
	struct digest d;
	unsigned char k = (unsigned char)kind;

	crypto_generichash_init(&state, digest_key, sizeof(digest_key), sizeof(d.b));
	crypto_generichash_update(&state, &k, 1);
	crypto_generichash_update(&state, (const unsigned char *)token.p, token.n);
	crypto_generichash_final(&state, d.b, sizeof(d.b));
	return d;
}

static struct entry **
place_of(struct shard *s, const struct digest *d)
{
	struct entry **e = &s->buckets[d->b[1] % BUCKETS];

	while (*e && memcmp(&(*e)->digest, d, sizeof(*d)) != 0)
		e = &(*e)->next;
	return e;
}

static void
take_out(struct shard *s, struct entry **place)
{
	struct entry *e = *place;

	*place = e->next;
	s->count--;
	free(e);
}

/* Makes room by forgetting who was seen longest ago. */
static void
drop_oldest(struct shard *s)
{
	struct entry **oldest = NULL;

	for (int b = 0; b < BUCKETS; b++)
		for (struct entry **e = &s->buckets[b]; *e; e = &(*e)->next)
			if (!oldest || (*e)->seen < (*oldest)->seen)
				oldest = e;
	if (oldest)
		take_out(s, oldest);
}

/*
 * Puts e in the place of what was known of the same token; the last use known here may be newer than what the
 * database says, or another node's.
 */
static void
put_in(struct shard *s, struct entry *e)
{
	struct entry **place = place_of(s, &e->digest);

	if (*place) {
		if ((*place)->seen > e->seen) {
			e->seen = (*place)->seen;
			e->saved = (*place)->saved;
		}
		take_out(s, place);
	} else if (s->count >= ENTRIES_PER_SHARD) {
		drop_oldest(s);
		place = place_of(s, &e->digest);
	}
	e->next = *place;
	*place = e;
	s->count++;
}

/* Uses an entry now: its end, its last use, a copy of its person. *ret_save: the use is to be written. */
static bool
use(struct entry *e, int64_t now, struct arena *a, struct principal *ret_who, bool *ret_save, struct err *err)
{
	int64_t step = e->kind == TOKEN_SESSION ? SESSION_USE_STEP : KEY_USE_STEP;

	if (e->kind == TOKEN_SESSION) {
		int64_t gap = now - e->seen;

		/* a clock that was put back far does not lengthen a session either */
		if (gap >= session_idle() || gap <= -session_idle() || now - e->started >= SESSION_LONGEST)
			return err_set(err, FAULT_SESSION_ENDED);
	} else if (e->ends != NO_TIME && now >= e->ends) {
		return err_set(err, FAULT_CREDENTIALS);
	}
	e->seen = now;
	*ret_save = e->saved == NO_TIME || now < e->saved || now - e->saved >= step;
	if (*ret_save)
		e->saved = now;
	*ret_who = e->who;
	ret_who->name = arena_dup(a, e->who.name);
	for (int l = 0; l < LANG__MAX; l++)
		ret_who->org_name[l] = arena_dup(a, e->who.org_name[l]);
	ret_who->csrf = arena_dup(a, e->who.csrf);
	if (e->kind == TOKEN_SESSION) {
		ret_who->session_ends = now + session_idle();
		if (ret_who->session_ends > e->started + SESSION_LONGEST)
			ret_who->session_ends = e->started + SESSION_LONGEST;
	}
	return true;
}

/* ---- the last use, written behind the answer's back ---- */

struct noted {
	struct store_job job;
	struct err err;
	enum token_kind kind;
	int64_t id, at;
};

static bool
note_work(struct tx *tx, void *arg, struct err *err)
{
	const struct noted *n = arg;

	return db_run(tx, n->kind == TOKEN_SESSION ? S_SESSION_SEEN : S_KEY_USED, err, I(n->id), I(n->at));
}

static void
note_done(struct store_job *job, bool saved)
{
	(void)saved;                     /* the next use is written a step later */
	arena_free(job->arena);
}

static void
note_use(struct store *st, enum token_kind kind, int64_t id, int64_t at)
{
	struct arena *a = arena_new();
	struct noted *n = arena_make(a, struct noted);

	n->kind = kind;
	n->id = id;
	n->at = at;
	n->err.arena = a;
	n->job = (struct store_job){ .work = note_work, .arg = n, .arena = a, .err = &n->err,
	    .done = note_done };
	store_submit(st, &n->job);
}

/* ---- a token's person ---- */

/*
 * Whether an entry is as good as the database: made since anything changed, on this node or another; and of a
 * session that was used here just now, for another node may have seen it later.
 */
static bool
as_good(struct store *st, const struct entry *e, uint64_t current, int64_t now)
{
	return e->generation == current && store_up_to_date(st) &&
	    (e->kind == TOKEN_KEY || now - e->seen < 2 * SESSION_USE_STEP || !store_shared(st));
}

static bool
principal_of(struct store *st, enum token_kind kind, struct str token, int64_t now, struct arena *a,
    struct principal *ret_who, struct err *err)
{
	uint64_t current = atomic_load(&generation);
	struct digest d = digest_of(kind, token);
	struct shard *s = &shards[d.b[0] % SHARDS];
	struct entry *e, *fresh = NULL;
	bool known, ok = false, save = false;

	pthread_mutex_lock(&s->lock);
	e = *place_of(s, &d);
	known = e && as_good(st, e, current, now);
	if (known)
		ok = use(e, now, a, ret_who, &save, err);
	pthread_mutex_unlock(&s->lock);
	if (!known) {
		fresh = entry_load(st, kind, token, &d, current, a, err);
		if (!fresh)
			return false;
		pthread_mutex_lock(&s->lock);
		put_in(s, fresh);
		ok = use(fresh, now, a, ret_who, &save, err);
		pthread_mutex_unlock(&s->lock);
	}
	if (ok && save)
		note_use(st, kind, kind == TOKEN_SESSION ? ret_who->session : ret_who->key, now);
	return ok;
}

bool
identity_session(struct store *st, struct str token, int64_t now, struct arena *a, struct principal *ret_who,
    struct err *err)
{
	return principal_of(st, TOKEN_SESSION, token, now, a, ret_who, err);
}

bool
identity_key(struct store *st, struct str token, int64_t now, struct arena *a, struct principal *ret_who,
    struct err *err)
{
	return principal_of(st, TOKEN_KEY, token, now, a, ret_who, err);
}
