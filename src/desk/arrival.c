/*
 * How a file comes: announced, then in parts, each in a transaction of its own, until it is whole. Digests and sealing are done beside
 * the writer, so that nobody who files a report waits for them; the writer only compares that nothing came between.
 */
#include <ctype.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/rand.h"
#include "desk/attachment_private.h"
#include "desk/identity.h"
#include "desk/work.h"
#include "store/audit.h"
#include "store/nodes.h"

#define DIGEST_AT (-1)                   /* the place to which the digest so far is bound */
#define PARTS_MOST (ATTACHMENT_CHUNK / SEALED_PART + 2)
#define GIVEN_UP_AT_ONCE 50
#define TICK (10 * MINUTE)

/* ---- announced ---- */

static const struct field *
field_of(const char *name)
{
	return entity_field(&in_attachment, str_c(name));
}

static bool
field_fault(struct err *err, const char *name, enum fault f, int64_t limit, struct str detail)
{
	return err_field(err, field_of(name)->key, field_of(name)->label, f, limit, detail);
}

/* The other members: a name is made harmless before anything looks at it, and never refused. */
static struct value *
without_name(struct arena *a, const struct value *in)
{
	struct value *map = value_map(a);

	for (const struct value *v = in->first; v; v = v->next)
		if (!str_is(v->name, "name")) {
			struct value *copy = arena_make(a, struct value);

			*copy = *v;
			copy->next = NULL;
			map_add_str(map, v->name, copy);
		}
	return map;
}

static bool
read_name(struct arena *a, const struct value *in, struct attachment *at, struct err *err)
{
	const struct value *v = value_get(in, "name");
	struct str shown;

	if (!v || v->kind == V_NULL || (v->kind == V_STR && !v->s.n))
		return field_fault(err, "name", FAULT_F_MISSING, 0, STR_NONE);
	if (v->kind != V_STR)
		return field_fault(err, "name", FAULT_F_TYPE, 0, STR("string"));
	at->name = attachment_name(a, v->s);
	shown = attachment_name_shown(a, v->s);
	if (!str_eq(shown, at->name))
		at->name_sent = shown;
	return true;
}

static bool
read_digest(struct arena *a, struct str given, struct attachment *at, struct err *err)
{
	char *digits;

	if (!given.p)
		return true;
	digits = arena_c(a, given);
	for (size_t i = 0; i < given.n; i++) {
		digits[i] = (char)tolower((unsigned char)digits[i]);
		if (!strchr("0123456789abcdef", digits[i]))
			return field_fault(err, "sha256", FAULT_F_TYPE, 0, STR("64 hex digits"));
	}
	at->sha256 = (struct str){ digits, given.n };
	return true;
}

static bool
has_room(struct tx *tx, int64_t report, int64_t size, struct err *err)
{
	const struct attachment_limits *most = attachment_limits();
	struct rows q = db_query(tx, S_ATTACHMENT_TALLY, I(report));
	int64_t count = 0, total = 0;

	if (db_next(&q)) {
		count = db_int(&q, 0);
		total = db_int(&q, 1);
	}
	if (!db_end(&q, err))
		return false;
	if (size > most->size)
		return field_fault(err, "size", FAULT_F_RANGE, most->size,
		    arena_printf(tx_arena(tx), "1–%lld", (long long)most->size));
	if (count >= most->count)
		return field_fault(err, "name", FAULT_F_COUNT, most->count, STR_NONE);
	if (size > most->total - total)
		return field_fault(err, "size", FAULT_F_ROOM, total < most->total ? most->total - total : 0, STR_NONE);
	return true;
}

static struct str
digest_box(struct arena *a, const unsigned char key[SEALED_KEY], int64_t file, const crypto_hash_sha256_state *state)
{
	return sealed_close(a, key, file, DIGEST_AT, (struct str){ (const char *)state, sizeof(*state) });
}

bool
attachment_begin(struct tx *tx, const struct principal *who, const struct report *r, const struct value *in,
    struct attachment *ret_attachment, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct attachment *at = entity_new(&entity_attachment, a);
	struct in_attachment *given = entity_new(&in_attachment, a);
	const struct entity_input how = { .in = without_name(a, in), .editors = BY_P };
	crypto_hash_sha256_state state;
	unsigned char key[SEALED_KEY];

	if (!attachment_may_add(who, r, err))
		return false;
	entity_read(&in_attachment, &how, given, a, err);
	if (given->size == NONE && !value_get(in, "size"))
		field_fault(err, "size", FAULT_F_MISSING, 0, STR_NONE);
	read_name(a, in, at, err);
	read_digest(a, given->sha256, at, err);
	if (err->fault != FAULT_NONE || !has_room(tx, r->id, given->size, err))
		return false;
	at->report_id = r->id;
	at->size = given->size;
	at->state = ATTACHMENT_ARRIVING;
	at->account_id = who->account;
	at->org_id = who->org;
	crypto_hash_sha256_init(&state);
	at->id = 0;
	if (!entity_insert(tx, ENTITY_ATTACHMENT, at, "attachment.create", r->org_id, err) ||
	    !sealed_key_make(tx, at->id, key, err) ||
	    !db_run(tx, S_ATTACHMENT_BEGUN, err, I(at->id), I(tx_now(tx)), B(digest_box(a, key, at->id, &state))))
		return false;
	*ret_attachment = *at;
	return true;
}

/* ---- arriving ---- */

struct arrival {
	const struct principal *who;
	const struct attachment_bytes *in;
	struct attachment a;
	unsigned char key[SEALED_KEY];
	struct str digest;               /* of all that will have come, sealed */
	struct str sha256;               /* STR_NONE: more is to come */
	struct str parts[PARTS_MOST];
	int64_t at[PARTS_MOST];
	int n;
};

static bool
wrong_offset(struct arena *a, int64_t received, struct err *err)
{
	err_set(err, FAULT_OFFSET);
	err->data = value_map(a);
	map_int(a, err->data, "received", received);
	return false;
}

/* The file as it is, and whether this person may go on with it. */
static bool
open_arrival(struct tx *tx, struct arrival *v, struct err *err)
{
	struct report r;

	if (!report_get(tx, v->who, v->in->report, &r, err) ||
	    !attachment_find(tx, r.id, v->in->attachment, &v->a, err) || !attachment_may_add(v->who, &r, err))
		return false;
	if (v->a.org_id != v->who->org)
		return err_set(err, FAULT_ROLE);
	return v->a.state == ATTACHMENT_ARRIVING || err_set(err, FAULT_STATE);
}

static bool
read_progress(struct tx *tx, const struct arrival *v, crypto_hash_sha256_state *ret_state, struct err *err)
{
	struct rows q = db_query(tx, S_ATTACHMENT_PROGRESS, I(v->a.id));
	bool found = db_next(&q);
	int64_t received = found ? db_int(&q, 0) : 0;
	struct str box = found ? db_str(&q, 1) : STR(""), state;

	if (!db_end(&q, err))
		return false;
	if (received != v->in->offset)
		return wrong_offset(tx_arena(tx), received, err);
	if (!sealed_open(tx_arena(tx), v->key, v->a.id, DIGEST_AT, box, &state) || state.n != sizeof(*ret_state))
		return err_setf(err, FAULT_INTERNAL, "attachment %lld has no digest to go on from", (long long)v->a.id);
	memcpy(ret_state, state.p, sizeof(*ret_state));
	return true;
}

/* Neither more than was announced, nor in crumbs, which would cost more than they bring. */
static bool
check_length(const struct arrival *v, struct err *err)
{
	int64_t n = (int64_t)v->in->bytes.n, left = v->a.size - v->in->offset;

	if (n > left || v->in->bytes.n > ATTACHMENT_CHUNK)
		return err_setf(err, FAULT_TOO_LARGE, "%lld", (long long)(n > left ? left : (int64_t)ATTACHMENT_CHUNK));
	if (n < left && v->in->bytes.n < ATTACHMENT_CHUNK_LEAST)
		return err_setf(err, FAULT_REQUEST, "fewer than %zu bytes, and not the last", ATTACHMENT_CHUNK_LEAST);
	return true;
}

static bool
read_state(struct store *st, struct arena *a, struct arrival *v, crypto_hash_sha256_state *ret_state, struct err *err)
{
	struct tx *tx = store_read(st, a, err);
	bool has_key = false;
	bool ok = tx && open_arrival(tx, v, err) && sealed_key(tx, v->a.id, v->key, &has_key, err) &&
	    (has_key || err_set(err, FAULT_STATE)) && read_progress(tx, v, ret_state, err) && check_length(v, err);

	store_done(tx);
	return ok;
}

/* Parts end where a multiple of their greatest length lies in the file, so that reading finds few of them. */
static void
cut(struct arena *a, struct arrival *v)
{
	int64_t at = v->in->offset;
	struct str rest = v->in->bytes, part;

	while (rest.n) {
		part = str_first(rest, SEALED_PART - (size_t)at % SEALED_PART);
		v->at[v->n] = at;
		v->parts[v->n++] = sealed_close(a, v->key, v->a.id, at, part);
		at += (int64_t)part.n;
		rest = str_from(rest, part.n);
	}
}

static bool
digest(struct arena *a, struct arrival *v, crypto_hash_sha256_state *state, struct err *err)
{
	unsigned char sum[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_update(state, (const unsigned char *)v->in->bytes.p, v->in->bytes.n);
	v->digest = digest_box(a, v->key, v->a.id, state);
	if (v->in->offset + (int64_t)v->in->bytes.n < v->a.size)
		return true;
	crypto_hash_sha256_final(state, sum);
	v->sha256 = hex(a, (struct str){ (const char *)sum, sizeof(sum) });
	if (!v->a.sha256.p || str_eq(v->a.sha256, v->sha256))
		return true;
	return field_fault(err, "sha256", FAULT_F_DIGEST, 0, v->sha256);
}

static bool
make_whole(struct tx *tx, struct arrival *v, struct err *err)
{
	v->a.state = ATTACHMENT_WHOLE;
	v->a.sha256 = v->sha256;
	v->a.whole_at = tx_now(tx);
	return entity_update(tx, ENTITY_ATTACHMENT, &v->a, 0, "attachment.whole", v->a.org_id, NULL, err) &&
	    db_run(tx, S_ATTACHMENT_CAME, err, I(v->a.id)) &&
	    attachment_noted(tx, v->who, v->a.report_id, "report.attach", err);
}

static bool
write_arrival(struct tx *tx, void *arg, struct err *err)
{
	struct arrival *v = arg;
	int64_t received = v->in->offset + (int64_t)v->in->bytes.n, moved;

	identity_act(tx, v->who, v->in->address);
	if (!open_arrival(tx, v, err) ||
	    !db_run_vals(tx, S_ATTACHMENT_COMES, (struct val[]){ { .kind = VAL_NULL }, I(v->a.id), I(v->in->offset),
	    I(received), I(tx_now(tx)), B(v->digest) }, 5, &moved, err))
		return false;
	if (moved != 1)
		return wrong_offset(tx_arena(tx), v->in->offset, err);
	for (int i = 0; i < v->n; i++)
		if (!db_run(tx, S_ATTACHMENT_PART_ADD, err, I(id_new()), I(v->a.id), I(v->at[i]), B(v->parts[i])))
			return false;
	return !v->sha256.p || make_whole(tx, v, err);
}

bool
attachment_append(struct store *st, struct arena *a, const struct principal *who, const struct attachment_bytes *in,
    struct attachment *ret_attachment, struct err *err)
{
	struct arrival *v = arena_make(a, struct arrival);
	crypto_hash_sha256_state state;
	bool ok;

	v->who = who;
	v->in = in;
	ok = read_state(st, a, v, &state, err);
	if (ok)
		cut(a, v);
	ok = ok && digest(a, v, &state, err) && store_write(st, a, write_arrival, v, err);
	sodium_memzero(v->key, sizeof(v->key));
	sodium_memzero(&state, sizeof(state));
	if (ok)
		*ret_attachment = v->a;
	return ok;
}

/* ---- given up ---- */

/* One that arrives; or what a hold kept of one that was given up before. */
static bool
give_up(struct tx *tx, int64_t id, struct err *err)
{
	struct attachment at;
	struct audit record = { .action = "attachment.let_go", .entity = "attachment", .object = id };
	bool ok;

	if (!entity_fetch(tx, ENTITY_ATTACHMENT, id, &at, err))
		return false;
	record.org = at.org_id;
	if (at.state == ATTACHMENT_ARRIVING) {
		at.state = ATTACHMENT_WITHDRAWN;
		at.withdrawn_at = tx_now(tx);
		ok = entity_update(tx, ENTITY_ATTACHMENT, &at, 0, "attachment.given_up", at.org_id, NULL, err);
	} else {
		ok = audit_append(tx, &record, err);
	}
	return ok && attachment_drop_bytes(tx, id, err);
}

/* ---- at once ---- */

struct announcement {
	const struct principal *who;
	int64_t report;
	struct str address;
	const struct value *in;
	struct attachment a;
};

static bool
write_announcement(struct tx *tx, void *arg, struct err *err)
{
	struct announcement *n = arg;
	struct report r;

	identity_act(tx, n->who, n->address);
	return report_get(tx, n->who, n->report, &r, err) && attachment_begin(tx, n->who, &r, n->in, &n->a, err);
}

static bool
write_cut_off(struct tx *tx, void *arg, struct err *err)
{
	const struct announcement *n = arg;

	identity_act(tx, n->who, n->address);
	return give_up(tx, n->a.id, err);
}

bool
attachment_store(struct store *st, struct arena *a, const struct principal *who, int64_t report, struct str address,
    const struct value *in, struct str bytes, struct attachment *ret_attachment, struct err *err)
{
	struct announcement n = { .who = who, .report = report, .address = address, .in = in };
	struct attachment_bytes next = { .report = report, .address = address };
	bool ok = store_write(st, a, write_announcement, &n, err);

	if (!ok)
		return false;
	next.attachment = n.a.id;
	for (size_t at = 0; ok && at < bytes.n; at += ATTACHMENT_CHUNK) {
		next.offset = (int64_t)at;
		next.bytes = str_first(str_from(bytes, at), ATTACHMENT_CHUNK);
		ok = attachment_append(st, a, who, &next, &n.a, err);
	}
	if (!ok) {
		struct err lost = { .arena = a };

		/* nobody can go on with it; if this fails too, the timer comes */
		store_write(st, a, write_cut_off, &n, &lost);
		return false;
	}
	*ret_attachment = n.a;
	return true;
}

/* ---- by the clock ---- */


static bool
sweep(struct tx *tx, void *arg, struct err *err)
{
	int64_t ids[GIVEN_UP_AT_ONCE];
	struct rows q = db_query(tx, S_ATTACHMENT_STALE, I(tx_now(tx) - ATTACHMENT_PATIENCE), I(GIVEN_UP_AT_ONCE));
	int n = 0;

	(void)arg;
	tx_actor(tx, &(struct actor){ .address = STR(""), .name = STR("") });
	while (n < GIVEN_UP_AT_ONCE && db_next(&q))
		ids[n++] = db_int(&q, 0);
	if (!db_end(&q, err))
		return false;
	for (int i = 0; i < n; i++)
		if (!give_up(tx, ids[i], err))
			return false;
	return true;
}

static bool
is_stale(struct store *st, struct arena *a, struct err *err)
{
	struct tx *tx = store_read(st, a, err);
	bool stale = false;

	if (tx) {
		struct rows q = db_query(tx, S_ATTACHMENT_STALE, I(tx_now(tx) - ATTACHMENT_PATIENCE), I(1));

		stale = db_next(&q);
		stale = db_end(&q, err) && stale;
	}
	store_done(tx);
	return stale;
}

void
attachment_tick(struct store *st)
{
	static int64_t next = INT64_MIN;
	int64_t now = clock_now();
	struct arena *a;
	struct err err;

	if (now < next)
		return;
	next = now + TICK;
	a = arena_new();
	err = (struct err){ .arena = a };
	if (is_stale(st, a, &err))
		store_write_leading(st, LEAD_TIMERS, a, sweep, NULL, &err);
	if (err.fault != FAULT_NONE)
		log_err(LOG_WARN, "giving up files that did not come", &err);
	arena_free(a);
}
