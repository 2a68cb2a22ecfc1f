#include "desk/witness.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/rand.h"
#include "desk/keys.h"
#include "desk/pace.h"
#include "desk/signer.h"
#include "ledger/keys.h"
#include "store/audit.h"

#define LOGS_MOST 64                     /* as many as the keeper remembers */
#define REFUSALS_SHOWN 5
#define AGAIN_MOST 30                    /* times a minute that one log brings nothing new */
#define PLACE_MOST 120                   /* of one network, whatever it brings */

/* ---- what we know of a log ---- */

/* A key file as it was entered: its last line may have lost its end. */
static enum refusal
read_keys(struct str keys, struct arena *a, struct keyring *ret_keys, int *ret_line)
{
	struct buf b = { .arena = a };

	buf_put(&b, keys);
	if (!str_ends(keys, STR("\n")))
		buf_char(&b, '\n');
	return keys_read(buf_str(&b), ret_keys, ret_line);
}

static bool
read_log(struct tx *tx, struct str origin, struct witness_log *ret_log, struct err *err)
{
	struct rows q = db_query(tx, S_WITNESS_LOG_OF, T(origin));
	bool found = db_next(&q);

	if (found)
		entity_load(ENTITY_WITNESS_LOG, &q, 0, ret_log);
	if (!db_end(&q, err))
		return false;
	return found || err_setf(err, FAULT_NOT_FOUND, "the log %.*s", STR_FMT(str_first(origin, 255)));
}

struct seen {
	int64_t size;                    /* 0: nothing yet */
	struct checkpoint last;
};

static bool
read_seen(struct tx *tx, struct str origin, struct seen *ret_seen, struct err *err)
{
	struct rows q = db_query(tx, S_WITNESSED, T(origin));
	struct seen s = { .size = 0 };

	if (db_next(&q)) {
		s.size = db_int(&q, 0);
		if (checkpoint_read(db_str(&q, 2), &s.last) != REFUSAL_NONE || s.last.size != s.size)
			err_setf(err, FAULT_INTERNAL, "a checkpoint that was witnessed cannot be read");
	}
	if (!db_end(&q, err) || err->fault)
		return false;
	*ret_seen = s;
	return true;
}

/* ---- judging ---- */

struct cosigning {
	struct witness_request r;
	struct arena *a;
	struct str address;
	int64_t log;                     /* its id */
	struct seen seen;
	enum witness_verdict verdict;
	bool told;                       /* the refusal was kept before */
	struct note_key key;
};

static bool
judge(struct tx *tx, struct cosigning *w, struct err *err)
{
	if (!read_seen(tx, w->r.checkpoint.origin, &w->seen, err))
		return false;
	w->verdict = witness_judge(&w->r, w->seen.size, &w->seen.last.root);
	return true;
}

static struct val
root_of(const struct cosigning *w)
{
	return B(((struct str){ (const char *)w->r.checkpoint.root.b, sizeof(w->r.checkpoint.root.b) }));
}

static bool
is_refused(const struct cosigning *w)
{
	return w->verdict == WITNESS_FORKED || w->verdict == WITNESS_UNPROVED;
}

static bool
already_told(struct tx *tx, struct cosigning *w, struct err *err)
{
	const struct checkpoint *c = &w->r.checkpoint;
	struct rows q = db_query(tx, S_REFUSAL_THERE, T(c->origin), I(c->size), root_of(w), I(w->verdict == WITNESS_FORKED));

	w->told = db_next(&q);
	return db_end(&q, err);
}

/* Signed by the log, and it does not go on from what we saw: each such checkpoint is kept once, with its signature. */
static bool
tell_refusal(struct tx *tx, struct cosigning *w, struct err *err)
{
	const struct checkpoint *c = &w->r.checkpoint;
	bool forked = w->verdict == WITNESS_FORKED;
	struct value *details = value_map(tx_arena(tx));

	if (!already_told(tx, w, err) || w->told)
		return err->fault == FAULT_NONE;
	map_str(tx_arena(tx), details, "origin", c->origin);
	map_int(tx_arena(tx), details, "size", c->size);
	map_int(tx_arena(tx), details, "seen", w->seen.size);
	map_str(tx_arena(tx), details, "note", w->r.note);
	return db_run(tx, S_REFUSAL_ADD, err, I(id_new()), T(c->origin), I(c->size), root_of(w), I(tx_now(tx)), I(forked),
	    T(w->r.note)) && audit_append(tx, &(struct audit){ .action = forked ? "witness_log.forked" :
	    "witness_log.unproved", .entity = "witness_log", .object = w->log, .result = AUDIT_REFUSED, .details = details },
	    err);
}

static bool
place_may(struct tx *tx, void *arg, struct err *err)
{
	const struct cosigning *w = arg;
	struct pace pace = pace_from(tx_arena(tx), "checkpoints from", w->address, PLACE_MOST);

	return pace_kept(tx, &pace, 1, FAULT_WITNESS_OFTEN, err);
}

/* Only the log itself can bring what is new; what it signed once, anybody can bring again and again. */
static bool
log_may(struct tx *tx, const struct cosigning *w, struct err *err)
{
	struct pace pace = pace_of(tx_arena(tx), "checkpoints of", w->r.checkpoint.origin, AGAIN_MOST);

	if (w->verdict == WITNESS_FOLLOWS && w->r.checkpoint.size > w->seen.size)
		return true;
	return pace_kept(tx, &pace, 1, FAULT_WITNESS_OFTEN, err);
}

static bool
find_key(struct tx *tx, struct note_key *ret_key, struct err *err)
{
	const struct signing_key *k;
	struct keys keys;

	if (!keys_read_all(tx, &keys, err))
		return false;
	k = keys_active(&keys, PURPOSE_WITNESS, tx_now(tx));
	return (k && keys_note(k, ret_key)) || err_setf(err, FAULT_KEEPER, "no key of a witness is valid now");
}

/* Judged where nobody else writes, and what will be signed is remembered before it is. */
static bool
remember(struct tx *tx, void *arg, struct err *err)
{
	struct cosigning *w = arg;
	const struct checkpoint *c = &w->r.checkpoint;

	tx_actor(tx, &(struct actor){ .address = w->address, .name = STR("") });
	if (!place_may(tx, w, err) || !judge(tx, w, err) || !log_may(tx, w, err))
		return false;
	if (is_refused(w))
		return tell_refusal(tx, w, err);
	if (w->verdict != WITNESS_FOLLOWS)
		return true;
	if (!find_key(tx, &w->key, err))
		return false;
	return c->size == w->seen.size || db_run(tx, w->seen.size ? S_WITNESSED_ON : S_WITNESSED_NEW, err, T(c->origin),
	    I(c->size), I(tx_now(tx)), T(w->r.note));
}

/* Whose it is, and whether that log signed it. */
static bool
look_up(struct tx *tx, struct cosigning *w, struct err *err)
{
	struct keyring *keys = arena_make(w->a, struct keyring);
	const struct signer *by;
	struct witness_log log;
	int line = 0;

	if (!place_may(tx, w, err) || !read_log(tx, w->r.checkpoint.origin, &log, err))
		return false;
	w->log = log.id;
	if (read_keys(log.keys, w->a, keys, &line) != REFUSAL_NONE ||
	    keys_verify(keys, &w->r.checkpoint, &by) != REFUSAL_NONE)
		return err_set(err, FAULT_WITNESS_SIGNED);
	return judge(tx, w, err) && log_may(tx, w, err);
}

static bool
look(struct store *st, struct cosigning *w, struct err *err)
{
	struct tx *tx = store_read(st, w->a, err);
	bool ok = tx && look_up(tx, w, err);

	store_done(tx);
	return ok;
}

static bool
sign(struct cosigning *w, struct str *ret_line, struct err *err)
{
	int64_t seconds = clock_now() / SECOND;
	unsigned char signature[72];
	struct buf line = { .arena = w->a };

	if (!signer_cosign(&w->key, &w->r.checkpoint, seconds, signature + 8, err))
		return false;
	for (int i = 0; i < 8; i++)
		signature[i] = (unsigned char)((uint64_t)seconds >> (56 - 8 * i));
	note_line_write(&line, &w->key, (struct str){ (const char *)signature, sizeof(signature) });
	*ret_line = buf_str(&line);
	return true;
}

/* Whoever brings what is no log's that we know counts as well. */
static void
count_stranger(struct store *st, struct cosigning *w, const struct err *why)
{
	struct err ignored = { .arena = w->a };

	if (why->fault == FAULT_NOT_FOUND || why->fault == FAULT_WITNESS_SIGNED)
		store_write(st, w->a, place_may, w, &ignored);
}

bool
witness_cosign(struct store *st, struct arena *a, struct str address, struct str body, struct witness_said *ret_said,
    struct err *err)
{
	struct cosigning w = { .a = a, .address = address };
	struct witness_said said = { .line = STR_NONE };

	if (witness_request_read(body, &w.r) != REFUSAL_NONE)
		return err_say(err, FAULT_REQUEST, "malformed.witness", STR_NONE);
	if (!look(st, &w, err)) {
		count_stranger(st, &w, err);
		return false;
	}
	if (!store_write(st, a, remember, &w, err))
		return false;
	if (is_refused(&w) && !w.told)
		log_line(LOG_WARN, "as a witness: a checkpoint of %.*s was refused, it does not go on from what was seen",
		    STR_FMT(w.r.checkpoint.origin));
	if (w.verdict == WITNESS_BACKWARDS)
		return err_say(err, FAULT_REQUEST, "malformed.witness_size", STR_NONE);
	if (w.verdict == WITNESS_UNPROVED)
		return err_set(err, FAULT_WITNESS_PROOF);
	if (w.verdict == WITNESS_FOLLOWS && !sign(&w, &said.line, err))
		return false;
	said.size = w.seen.size;
	*ret_said = said;
	return true;
}

/* ---- the logs that we witness ---- */

/* The name of the keys; a key file is of one log. */
static bool
origin_of(struct str text, struct arena *a, struct str *ret_origin, struct err *err)
{
	struct keyring *keys = arena_make(a, struct keyring);
	int line = 0, n = 0;
	enum refusal why = read_keys(text, a, keys, &line);
	struct str origin = STR_NONE;

	for (int i = 0; why == REFUSAL_NONE && i < keys->n; i++) {
		const struct note_key *k = &keys->signer[i].key;

		n += k->kind != KEY_WITNESS;
		origin = origin.p ? origin : k->name;
		if (!str_eq(origin, k->name))
			n = -KEYS_MAX;
	}
	if (n <= 0 || origin.n >= SIGNER_NAME_MAX)
		return err_field(err, STR("keys"), "field.witness_log.keys", FAULT_F_KEY, line, STR_NONE);
	*ret_origin = arena_dup(a, origin);
	return true;
}

/* Ours are among the keys that sign here: nobody is his own witness. */
static bool
is_own(struct tx *tx, struct str origin, bool *ret_own, struct err *err)
{
	struct keys keys;

	if (!keys_read_all(tx, &keys, err))
		return false;
	*ret_own = keys.n > 0 && str_eq(keys.list[0].name, origin);
	return true;
}

static bool
origin_free(struct tx *tx, struct str origin, struct err *err)
{
	struct err none = { .arena = err->arena };
	struct witness_log log;
	bool own;

	if (!is_own(tx, origin, &own, err))
		return false;
	if (own)
		return err_field(err, STR("keys"), "field.witness_log.keys", FAULT_F_OWN_LOG, 0, STR_NONE);
	if (read_log(tx, origin, &log, &none))
		return err_field(err, STR("keys"), "field.witness_log.keys", FAULT_F_TAKEN, 0, origin);
	return none.fault == FAULT_NOT_FOUND || err_setf(err, none.fault, "%.*s", STR_FMT(none.detail));
}

bool
witness_log_create(struct tx *tx, const struct value *in, bool form, int64_t *ret_id, struct err *err)
{
	struct entity_input input = { .in = in, .editors = BY_V, .form = form };
	struct witness_log *l = entity_new(&entity_witness_log, tx_arena(tx));

	entity_read(&entity_witness_log, &input, l, tx_arena(tx), err);
	if (!entity_complete(&entity_witness_log, l, REQUIRED, err) || err->fault != FAULT_NONE ||
	    !origin_of(l->keys, tx_arena(tx), &l->origin, err) || !origin_free(tx, l->origin, err))
		return false;
	l->state = WITNESS_ACTIVE;
	if (!entity_insert(tx, ENTITY_WITNESS_LOG, l, "witness_log.add", 0, err))
		return false;
	*ret_id = l->id;
	return true;
}

static bool
open_log(struct tx *tx, int64_t id, struct witness_log *ret_log, struct err *err)
{
	return entity_fetch(tx, ENTITY_WITNESS_LOG, id, ret_log, err) &&
	    (ret_log->state == WITNESS_ACTIVE || err_set(err, FAULT_STATE));
}

bool
witness_log_keys(struct tx *tx, int64_t id, struct str keys, struct str reason, struct err *err)
{
	struct witness_log l;
	struct str origin;

	if (!open_log(tx, id, &l, err) || !origin_of(keys, tx_arena(tx), &origin, err))
		return false;
	if (!str_eq(origin, l.origin))
		return err_field(err, STR("keys"), "field.witness_log.keys", FAULT_F_OTHER_LOG, 0, l.origin);
	l.keys = keys;
	tx_reason(tx, reason);
	return entity_update(tx, ENTITY_WITNESS_LOG, &l, 0, "witness_log.keys", 0, NULL, err);
}

bool
witness_log_end(struct tx *tx, int64_t id, struct str reason, struct err *err)
{
	struct witness_log l;

	if (!open_log(tx, id, &l, err))
		return false;
	l.state = WITNESS_ENDED;
	tx_reason(tx, reason);
	return entity_update(tx, ENTITY_WITNESS_LOG, &l, 0, "witness_log.end", 0, NULL, err);
}

/* ---- showing ---- */

static bool
add_refusals(struct tx *tx, struct value *row, struct str origin, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *list = map_list(a, row, "refusals");
	struct rows q = db_query(tx, S_REFUSAL_LAST, T(origin), I(REFUSALS_SHOWN));
	bool forked = false;

	while (db_next(&q)) {
		struct value *one = list_add(list, value_map(a));

		map_int(a, one, "size", db_int(&q, 1));
		map_time(a, one, "at", db_int(&q, 2));
		map_bool(a, one, "forked", db_int(&q, 3) != 0);
		map_str(a, one, "note", db_str(&q, 4));
		forked = forked || db_int(&q, 3);
	}
	map_bool(a, row, "forked", forked);
	return db_end(&q, err);
}

bool
witness_log_show(struct tx *tx, struct value *v, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *logs = map_list(a, v, "logs");
	struct witness_log *all = arena_alloc(a, LOGS_MOST * sizeof(*all));
	struct rows q = db_query(tx, S_WITNESS_LOG_LIST);
	struct err none = { .arena = a };
	struct buf vkey = { .arena = a };
	struct note_key own;
	int n = 0;

	while (n < LOGS_MOST && db_next(&q)) {
		int at = entity_load(ENTITY_WITNESS_LOG, &q, 0, &all[n]);
		struct value *row = list_add(logs, entity_show(&entity_witness_log, &all[n], 0, a));

		map_bool(a, row, "active", all[n].state == WITNESS_ACTIVE);
		map_int(a, row, "seen_size", db_null(&q, at) ? NONE : db_int(&q, at));
		map_time(a, row, "seen_at", db_null(&q, at) ? NO_TIME : db_int(&q, at + 1));
		n++;
	}
	if (!db_end(&q, err))
		return false;
	n = 0;
	for (struct value *row = logs->first; row; row = row->next)
		if (!add_refusals(tx, row, all[n++].origin, err))
			return false;
	map_bool(a, v, "has_logs", n > 0);
	if (find_key(tx, &own, &none))
		note_key_write(&vkey, &own);
	map_str(a, v, "vkey", vkey.n ? buf_str(&vkey) : STR_NONE);
	return true;
}
