#include "desk/keys.h"

#include <string.h>

#include "base/log.h"
#include "base/rand.h"
#include "desk/identity.h"
#include "desk/signer.h"
#include "store/log.h"
#include "store/nodes.h"

#define KEYS_MOST 64             /* as many as a checker takes */
#define WITNESS_DAYS 3650        /* whoever trusts a witness has its key by hand, and has to get the next so too */

#define KEY_REASON_ROW(...) FIELD_ROW(key_reason, __VA_ARGS__)
static const struct field reason_fields[] = { KEY_REASON(KEY_REASON_ROW) };
const struct entity key_reason = ENTITY(key_reason, reason_fields, false);

#define KEY_ROTATION_ROW(...) FIELD_ROW(key_rotation, __VA_ARGS__)
static const struct field rotation_fields[] = { KEY_ROTATION(KEY_ROTATION_ROW) };
const struct entity key_rotation = ENTITY(key_rotation, rotation_fields, false);

#define KEY_COMPROMISE_ROW(...) FIELD_ROW(key_compromise, __VA_ARGS__)
static const struct field compromise_fields[] = { KEY_COMPROMISE(KEY_COMPROMISE_ROW) };
const struct entity key_compromise = ENTITY(key_compromise, compromise_fields, false);

#define KEY_BACKUP_ROW(...) FIELD_ROW(key_backup, __VA_ARGS__)
static const struct field backup_fields[] = { KEY_BACKUP(KEY_BACKUP_ROW) };
const struct entity key_backup = ENTITY(key_backup, backup_fields, false);

static struct keys_rule rule = { ALGORITHM_ED25519, 730, 30 };

void
keys_configure(const struct keys_rule *to)
{
	rule = *to;
}

/* What may become of a key. */
enum step { STEP_ROTATE, STEP_RETIRE, STEP_COMPROMISE };
static const struct {
	unsigned from;
	int to;
} steps[] = {
	[STEP_ROTATE] = { 1u << KEY_ACTIVE, KEY_ROTATING },
	[STEP_RETIRE] = { 1u << KEY_ACTIVE | 1u << KEY_ROTATING, KEY_RETIRED },
	[STEP_COMPROMISE] = { 1u << KEY_ACTIVE | 1u << KEY_ROTATING | 1u << KEY_RETIRED, KEY_COMPROMISED },
};

static bool
may_step(const struct signing_key *k, enum step s)
{
	return (steps[s].from & 1u << k->state) != 0;
}

/* ---- reading ---- */

bool
keys_read_all(struct tx *tx, struct keys *ret_keys, struct err *err)
{
	struct keys keys = { .list = arena_alloc(tx_arena(tx), KEYS_MOST * sizeof(struct signing_key)) };
	struct rows q = db_query(tx, S_KEY_ALL);

	while (keys.n < KEYS_MOST && db_next(&q))
		entity_load(ENTITY_SIGNING_KEY, &q, 0, &keys.list[keys.n++]);
	if (!db_end(&q, err))
		return false;
	*ret_keys = keys;
	return true;
}

bool
keys_note(const struct signing_key *k, struct note_key *ret_key)
{
	return note_key_read(k->vkey, ret_key) == REFUSAL_NONE;
}

const struct signing_key *
keys_active(const struct keys *keys, int64_t purpose, int64_t now)
{
	for (int i = keys->n - 1; i >= 0; i--)
		if (keys->list[i].purpose == purpose && keys->list[i].state == KEY_ACTIVE &&
		    signing_key_valid(&keys->list[i], now))
			return &keys->list[i];
	return NULL;
}

/* What a piece of work about keys knows before it asks the signer. */
struct scene {
	struct store *st;
	const struct principal *who;
	struct arena *a;
	struct keys keys;
	struct str origin, reason, address;
	int64_t size, now;
};

static bool
scene_read(struct scene *s, struct err *err)
{
	struct tx *tx = store_read(s->st, s->a, err);
	struct log_head head;
	bool ok = tx && log_head(tx, &head, err) && keys_read_all(tx, &s->keys, err);

	if (ok) {
		s->origin = head.origin;
		s->size = head.size;
		s->now = clock_now();
	}
	store_done(tx);
	return ok;
}

/* What nobody asked for is done by whoever leads the notary. */
static bool
scene_write(const struct scene *s, store_work *work, void *arg, struct err *err)
{
	return s->who ? store_write(s->st, s->a, work, arg, err) :
	    store_write_leading(s->st, LEAD_NOTARY, s->a, work, arg, err);
}

static const struct signing_key *
key_named(const struct keys *keys, struct str key_id)
{
	for (int i = 0; i < keys->n; i++)
		if (str_eq(keys->list[i].key_id, key_id))
			return &keys->list[i];
	return NULL;
}

static const struct signing_key *
key_by_id(const struct keys *keys, int64_t id)
{
	for (int i = 0; i < keys->n; i++)
		if (keys->list[i].id == id)
			return &keys->list[i];
	return NULL;
}

/* ---- statements ---- */

/* The statement as a signed note. */
static bool
state(const struct scene *s, const struct note_key *by, const struct key_statement *what, struct str *ret_note,
    struct err *err)
{
	struct buf b = { .arena = s->a };
	unsigned char signature[64];

	if (!signer_statement(by, what, signature, err))
		return false;
	key_statement_write(&b, what);
	buf_char(&b, '\n');
	note_line_write(&b, by, (struct str){ (const char *)signature, sizeof(signature) });
	*ret_note = buf_str(&b);
	return true;
}

struct statement {
	int64_t about, signer;
	struct str note;
};

static bool
keep_statement(struct tx *tx, const struct statement *s, struct err *err)
{
	return !s->note.p || db_run(tx, S_KEY_STATE, err, I(id_new()), I(s->about), I(s->signer), I(tx_now(tx)), T(s->note));
}

static void
act_as(struct tx *tx, const struct scene *s)
{
	if (s->who)
		identity_act(tx, s->who, s->address);
	if (s->reason.n)
		tx_reason(tx, s->reason);
}

/* ---- making ---- */

static struct signing_key *
new_row(const struct scene *s, const struct note_key *key, int64_t purpose)
{
	struct signing_key *k = entity_new(&entity_signing_key, s->a);
	struct buf vkey = { .arena = s->a };

	note_key_write(&vkey, key);
	k->id = id_new();
	k->name = arena_dup(s->a, key->name);
	k->key_id = hex(s->a, (struct str){ (const char *)key->id, sizeof(key->id) });
	k->purpose = purpose;
	k->algorithm = key->kind == KEY_P256 ? ALGORITHM_P256 : ALGORITHM_ED25519;
	k->vkey = buf_str(&vkey);
	k->owner = s->who && s->who->account ? s->who->account : NONE;
	k->not_before = s->now;
	k->not_after = s->now + (purpose == PURPOSE_WITNESS ? WITNESS_DAYS : rule.days) * DAY;
	k->state = KEY_ACTIVE;
	return k;
}

/* What rotation writes. */
struct rotation {
	struct scene s;
	struct signing_key *new, *old;   /* old: NULL without one */
	enum step step;                  /* what becomes of the old one */
	struct statement stated, limited;
};

/* What signed when the new key was made still does: of two rotations at once one counts. */
static bool
is_current(struct tx *tx, const struct rotation *r, struct err *err)
{
	const struct signing_key *active;
	struct keys keys;

	if (!keys_read_all(tx, &keys, err))
		return false;
	active = keys_active(&keys, r->new->purpose, tx_now(tx));
	return (active ? active->id : NONE) == (r->old ? r->old->id : NONE) || err_set(err, FAULT_STATE);
}

static bool
end_old(struct tx *tx, const struct rotation *r, struct err *err)
{
	struct signing_key old;

	if (!entity_fetch(tx, ENTITY_SIGNING_KEY, r->old->id, &old, err))
		return false;
	old.state = steps[r->step].to;
	old.not_after = r->old->not_after;
	if (r->step == STEP_RETIRE)
		old.ended_at = r->s.now;
	return entity_update(tx, ENTITY_SIGNING_KEY, &old, 0, r->step == STEP_RETIRE ? "signing_key.retire" :
	    "signing_key.rotate", 0, NULL, err);
}

static bool
rotation_work(struct tx *tx, void *arg, struct err *err)
{
	struct rotation *r = arg;

	act_as(tx, &r->s);
	return is_current(tx, r, err) && (!r->old || end_old(tx, r, err)) && entity_insert(tx, ENTITY_SIGNING_KEY, r->new, "signing_key.make",
	    0, err) && keep_statement(tx, &r->stated, err) && keep_statement(tx, &r->limited, err);
}

/* The statements of a new key of the log: by the old one, which then limits itself; or by itself. */
static bool
rotation_state(struct rotation *r, const struct note_key *new, struct err *err)
{
	struct key_statement s = { .key = *new, .from = r->new->not_before, .until = r->new->not_after, .stated = r->s.now };
	struct note_key old;

	r->stated.about = r->new->id;
	r->stated.signer = r->old ? r->old->id : r->new->id;
	if (!r->old)
		return state(&r->s, new, &s, &r->stated.note, err);
	if (!keys_note(r->old, &old))
		return err_setf(err, FAULT_KEEPER, "the old key cannot be read");
	if (!state(&r->s, &old, &s, &r->stated.note, err))
		return false;
	if (r->old->not_after > r->s.now + rule.overlap_days * DAY)
		r->old->not_after = r->s.now + rule.overlap_days * DAY;
	s = (struct key_statement){ .key = old, .from = r->old->not_before, .until = r->old->not_after, .stated = r->s.now };
	r->limited.about = r->limited.signer = r->old->id;
	return state(&r->s, &old, &s, &r->limited.note, err);
}

/* A key of the log says that the witness has a new one, for whoever trusts that. Without one it is handed over by hand alone. */
static void
witness_state(struct rotation *r, const struct note_key *new)
{
	const struct signing_key *by = keys_active(&r->s.keys, PURPOSE_LOG, r->s.now);
	struct key_statement s = { .key = *new, .from = r->new->not_before, .until = r->new->not_after, .stated = r->s.now };
	struct err why = { .arena = r->s.a };
	struct note_key signer;

	if (!by || !keys_note(by, &signer) || !state(&r->s, &signer, &s, &r->stated.note, &why)) {
		log_err(LOG_WARN, "no signed statement of the witness's new key", &why);
		return;
	}
	r->stated.about = r->new->id;
	r->stated.signer = r->new->follows = by->id;
}

static enum key_kind
kind_of_new(int64_t purpose)
{
	return purpose == PURPOSE_WITNESS ? KEY_WITNESS : rule.algorithm == ALGORITHM_P256 ? KEY_P256 : KEY_ED25519;
}

/* Of the log both sign until the overlap is over; of a witness others know one key, so the old one ends at once. */
static void
take_old(struct rotation *r, int64_t purpose)
{
	const struct signing_key *old = keys_active(&r->s.keys, purpose, r->s.now);

	r->step = purpose == PURPOSE_LOG ? STEP_ROTATE : STEP_RETIRE;
	r->old = old ? entity_copy(&entity_signing_key, old, r->s.a) : NULL;
}

static void
give_up(const struct scene *s, const struct signing_key *k, const char *what)
{
	struct err err = { .arena = s->a };
	struct note_key key;

	if (keys_note(k, &key) && !signer_drop(&key, &err))
		log_err(LOG_WARN, what, &err);
}

/* A key of this purpose, with all that belongs to it; when it cannot be kept, nobody has it. */
static bool
make(const struct scene *s, int64_t purpose, bool first, int64_t *ret_id, struct err *err)
{
	struct rotation r = { .s = *s };
	struct err ignored = { .arena = s->a };
	struct note_key key;

	if (s->keys.n == KEYS_MOST)
		return err_setf(err, FAULT_KEEPER, "there are %d keys", KEYS_MOST);
	take_old(&r, purpose);
	if (!signer_make(s->origin, kind_of_new(purpose), &key, err))
		return false;
	key.name = s->origin;
	r.new = new_row(s, &key, purpose);
	if (purpose == PURPOSE_LOG && r.old)
		r.new->follows = r.old->id;
	if (purpose == PURPOSE_WITNESS && !first)
		witness_state(&r, &key);
	if ((purpose == PURPOSE_LOG && !rotation_state(&r, &key, err)) ||
	    !scene_write(s, rotation_work, &r, err)) {
		signer_drop(&key, &ignored);
		return false;
	}
	if (r.old && r.step == STEP_RETIRE)
		give_up(s, r.old, "the keeper still has the retired key");
	*ret_id = r.new->id;
	return true;
}

static bool
has_purpose(const struct keys *keys, int64_t purpose)
{
	for (int i = 0; i < keys->n; i++)
		if (keys->list[i].purpose == purpose)
			return true;
	return false;
}

bool
keys_first(struct store *st, struct arena *a, struct err *err)
{
	struct scene s = { .st = st, .a = a };
	int64_t id;

	return scene_read(&s, err) && (has_purpose(&s.keys, PURPOSE_LOG) || make(&s, PURPOSE_LOG, true, &id, err)) &&
	    (has_purpose(&s.keys, PURPOSE_WITNESS) || make(&s, PURPOSE_WITNESS, true, &id, err));
}

bool
keys_rotate(struct store *st, const struct principal *who, struct str address, struct arena *a, const struct key_rotation *in,
    int64_t *ret_id, struct err *err)
{
	struct scene s = { .st = st, .who = who, .a = a, .reason = in->reason, .address = address };

	return scene_read(&s, err) && make(&s, in->purpose == NONE ? PURPOSE_LOG : in->purpose, false, ret_id, err);
}

/* ---- ending ---- */

struct ending {
	struct scene s;
	int64_t id, since;               /* since: of a compromise */
	enum step step;
	const char *action;
	struct statement stated;
};

/* That it was known even earlier may be found out later. */
static bool
may_be_compromised(const struct signing_key *k, int64_t since)
{
	return may_step(k, STEP_COMPROMISE) || (k->state == KEY_COMPROMISED && since < k->compromised_from);
}

/* How many records were signed before it happened. */
static bool
signed_before(struct tx *tx, int64_t since, int64_t *ret_size, struct err *err)
{
	struct rows q = db_query(tx, S_CHECKPOINT_BEFORE, I(since));

	*ret_size = db_next(&q) ? db_int(&q, 0) : 0;
	return db_end(&q, err);
}

static bool
ending_work(struct tx *tx, void *arg, struct err *err)
{
	struct ending *e = arg;
	struct signing_key k;

	act_as(tx, &e->s);
	if (!entity_fetch(tx, ENTITY_SIGNING_KEY, e->id, &k, err))
		return false;
	if (e->step == STEP_COMPROMISE ? !may_be_compromised(&k, e->since) : !may_step(&k, e->step))
		return err_set(err, FAULT_STATE);
	k.ended_at = k.state == KEY_COMPROMISED ? k.ended_at : e->s.now;
	k.state = steps[e->step].to;
	if (e->step == STEP_COMPROMISE) {
		k.compromised_from = e->since;
		k.reason = e->s.reason.n ? e->s.reason : STR_NONE;
		if (!signed_before(tx, e->since, &k.compromised_size, err))
			return false;
	}
	return entity_update(tx, ENTITY_SIGNING_KEY, &k, 0, e->action, 0, NULL, err) &&
	    keep_statement(tx, &e->stated, err);
}

/* Who says that k is compromised: another that is valid, else it says so itself. */
static const struct signing_key *
accuser(const struct scene *s, const struct signing_key *k)
{
	for (int i = s->keys.n - 1; i >= 0; i--) {
		const struct signing_key *other = &s->keys.list[i];

		if (other->id != k->id && other->purpose == PURPOSE_LOG && signing_key_valid(other, s->now))
			return other;
	}
	return k;
}

static bool
accuse(struct ending *e, const struct signing_key *k, struct err *err)
{
	const struct signing_key *by = accuser(&e->s, k);
	struct key_statement s = { .compromised = true, .from = e->since, .stated = e->s.now };
	struct note_key signer;

	e->stated.about = k->id;
	e->stated.signer = by->id;
	if (by->purpose != PURPOSE_LOG)
		return err_setf(err, FAULT_KEEPER, "no key of the log is valid");
	return (keys_note(k, &s.key) && keys_note(by, &signer)) ? state(&e->s, &signer, &s, &e->stated.note, err) :
	    err_setf(err, FAULT_KEEPER, "the key cannot be read");
}

static bool
statement_work(struct tx *tx, void *arg, struct err *err)
{
	const struct statement *s = arg;

	return keep_statement(tx, s, err) && audit_append(tx, &(struct audit){ .action = "signing_key.stated",
	    .entity = "signing_key", .object = s->about }, err);
}

/* Whether a statement says that k is compromised, from that moment on. */
static bool
is_stated(const struct scene *s, const struct signing_key *k, bool *ret_stated, struct err *err)
{
	struct tx *tx = store_read(s->st, s->a, err);
	struct rows q = tx ? db_query(tx, S_KEY_STATEMENTS) : (struct rows){ .tx = NULL };
	struct key_statement said;
	struct note_key key;
	bool ok = tx != NULL;

	*ret_stated = !keys_note(k, &key);
	while (ok && db_next(&q))
		if (key_statement_read(db_str(&q, 0), &said) == REFUSAL_NONE && said.compromised &&
		    said.from <= k->compromised_from && note_key_same(&said.key, &key))
			*ret_stated = true;
	ok = ok && db_end(&q, err);
	store_done(tx);
	return ok;
}

/* What nobody could sign when it was declared is stated as soon as somebody can. */
static bool
restate(const struct scene *s, const struct signing_key *k, struct err *err)
{
	struct ending e = { .s = *s, .since = k->compromised_from };
	struct err later = { .arena = s->a };
	bool stated = true;

	if (k->state != KEY_COMPROMISED)
		return true;
	if (!is_stated(s, k, &stated, err))
		return false;
	return stated || !accuse(&e, k, &later) || scene_write(s, statement_work, &e.stated, err);
}

/* Not of what is to come, and not before there was the key. */
static bool
check_since(const struct signing_key *k, int64_t since, int64_t now, struct err *err)
{
	const struct field *f = &compromise_fields[0];

	if (since > now)
		return err_field(err, f->key, f->label, FAULT_F_FUTURE, 0, STR_NONE);
	return since >= k->not_before || err_field(err, f->key, f->label, FAULT_F_BEFORE_KEY, 0,
	    time_rfc3339(err->arena, k->not_before));
}

bool
keys_compromised(struct store *st, const struct principal *who, struct str address, struct arena *a, int64_t id,
    const struct key_compromise *in, struct err *err)
{
	struct ending e = { .s = { .st = st, .who = who, .a = a, .reason = in->reason, .address = address }, .id = id,
		.step = STEP_COMPROMISE, .action = "signing_key.compromised" };
	struct err ignored = { .arena = a };
	const struct signing_key *k;

	if (!scene_read(&e.s, err))
		return false;
	k = key_by_id(&e.s.keys, id);
	if (!k)
		return err_set(err, FAULT_NOT_FOUND);
	e.since = in->since == NO_TIME ? e.s.now : in->since;
	if (!check_since(k, e.since, e.s.now, err))
		return false;
	if (!may_be_compromised(k, e.since))
		return err_set(err, FAULT_STATE);
	/* A keeper that has lost the key, or cannot reach it, is no reason not to say so. */
	if (!accuse(&e, k, &ignored))
		log_err(LOG_WARN, "no signed statement of the compromise", &ignored);
	if (!store_write(st, a, ending_work, &e, err))
		return false;
	if (may_step(k, STEP_RETIRE))
		give_up(&e.s, k, "the keeper still has the compromised key");
	return true;
}

struct value *
key_facts(struct tx *tx, int64_t id, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a);
	struct signing_key k;

	if (!entity_fetch(tx, ENTITY_SIGNING_KEY, id, &k, err))
		return NULL;
	map_int(a, v, "id", k.id);
	map_str(a, v, "key_id", k.key_id);
	map_time(a, v, "not_before", k.not_before);
	map_time(a, v, "compromised_from", k.compromised_from);
	return v;
}

/* ---- what time brings ---- */

struct warning {
	int64_t id;
	int days;
};

static bool
warning_work(struct tx *tx, void *arg, struct err *err)
{
	const struct warning *w = arg;
	struct signing_key k;

	if (!entity_fetch(tx, ENTITY_SIGNING_KEY, w->id, &k, err))
		return false;
	k.warned = w->days;
	return entity_update(tx, ENTITY_SIGNING_KEY, &k, 0, "signing_key.expiring", 0, NULL, err);
}

static bool
warn(const struct scene *s, const struct signing_key *k, struct err *err)
{
	struct warning w = { .id = k->id, .days = signing_key_warning(k, s->now) };

	if (k->state != KEY_ACTIVE || w.days < 0 || (k->warned != NONE && k->warned <= w.days))
		return true;
	log_line(LOG_WARN, "the key %.*s ends in %d days or less", STR_FMT(k->key_id), w.days);
	return scene_write(s, warning_work, &w, err);
}

static bool
retire(const struct scene *s, const struct signing_key *k, struct err *err)
{
	struct ending e = { .s = *s, .id = k->id, .step = STEP_RETIRE, .action = "signing_key.retire" };

	/* One that nobody follows stays on the list of what is to be done. */
	if (s->now < k->not_after || !may_step(k, STEP_RETIRE) ||
	    (k->state == KEY_ACTIVE && !keys_active(&s->keys, k->purpose, s->now)))
		return true;
	if (!scene_write(s, ending_work, &e, err))
		return false;
	give_up(s, k, "the keeper still has the retired key");
	return true;
}

bool
keys_tick(struct store *st, struct arena *a, struct err *err)
{
	struct scene s = { .st = st, .a = a };
	bool ok = scene_read(&s, err);

	for (int i = 0; ok && i < s.keys.n; i++)
		ok = warn(&s, &s.keys.list[i], err) && retire(&s, &s.keys.list[i], err) && restate(&s, &s.keys.list[i], err);
	return ok;
}

/* ---- backups ---- */

static bool
note_backup(struct tx *tx, struct str key_id, bool tested, bool well, struct err *err)
{
	struct keys keys;
	const struct signing_key *found;
	struct signing_key k;

	if (!keys_read_all(tx, &keys, err))
		return false;
	found = key_named(&keys, key_id);
	if (!found)
		return err_setf(err, FAULT_NOT_FOUND, "key %.*s", STR_FMT(key_id));
	k = *found;
	if (tested) {
		k.tested_at = tx_now(tx);
		k.tested_well = well;
	} else {
		k.shared_at = tx_now(tx);
	}
	return entity_update(tx, ENTITY_SIGNING_KEY, &k, 0, tested ? "signing_key.restore_test" : "signing_key.share", 0, NULL, err);
}

bool
keys_shared(struct tx *tx, struct str key_id, struct err *err)
{
	return note_backup(tx, key_id, false, false, err);
}

bool
keys_tested(struct tx *tx, struct str key_id, bool well, struct err *err)
{
	return note_backup(tx, key_id, true, well, err);
}
