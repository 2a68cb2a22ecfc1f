#include "desk/checkpoints.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/cond.h"
#include "base/log.h"
#include "desk/keys.h"
#include "desk/signer.h"
#include "store/log.h"
#include "store/nodes.h"

#define HISTORY 50
#define LOOK_EVERY (30 * SECOND)
#define STAND_BY_LOOK (5 * SECOND)        /* may this node sign by now? */
#define TICK_EVERY MINUTE
#define ELSEWHERE_SECONDS 5              /* how long another node is waited for */
#define ELSEWHERE_LOOK (50 * 1000000L)
#define LATE (2 * MINUTE)                /* behind its time, */
#define LATE_SEEN (10 * SECOND)          /* and seen so for a while: nobody makes it */

/* Only one at a time signs: who comes second finds that it was done. */
static pthread_mutex_t signing = PTHREAD_MUTEX_INITIALIZER;

static struct {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool runs, stop, soon;
	bool asked;                      /* by another node; waits until this one leads */
	bool lost;                       /* this node has led, and lost its key; its thread's own, */
	int64_t late_since;              /* as is this: 0, or when the others' being late was first seen */
	struct store *st;
	int64_t interval;
	enum fault fault;
	char words[256];
} notary = { .lock = PTHREAD_MUTEX_INITIALIZER, .interval = MINUTE };

/* ---- reading ---- */

/* The note with the lines of those who cosigned it. */
static bool
load(struct tx *tx, struct rows *q, struct kept_checkpoint *ret_checkpoint, struct err *err)
{
	struct kept_checkpoint c = { .size = 0 };
	struct buf note = { .arena = tx_arena(tx) };
	struct rows lines;

	if (db_next(q)) {
		c.size = db_int(q, 0);
		c.at = db_int(q, 1);
		buf_put(&note, db_str(q, 2));
	}
	if (!db_end(q, err))
		return false;
	if (c.size) {
		lines = db_query(tx, S_COSIGNATURES, I(c.size));
		while (db_next(&lines))
			buf_put(&note, db_str(&lines, 2));
		if (!db_end(&lines, err))
			return false;
	}
	c.note = buf_str(&note);
	*ret_checkpoint = c;
	return true;
}

bool
checkpoint_last(struct tx *tx, struct kept_checkpoint *ret_checkpoint, struct err *err)
{
	struct rows q = db_query(tx, S_CHECKPOINT_LAST);

	return load(tx, &q, ret_checkpoint, err);
}

/* ---- which counts ---- */

/* While no key of the log was ever lost every checkpoint counts. */
static bool
any_lost(struct tx *tx, bool *ret_lost, struct err *err)
{
	struct rows q = db_query(tx, S_KEY_LOST);

	*ret_lost = db_next(&q);
	return db_end(&q, err);
}

static bool
could_sign(const struct signing_key *k, int64_t t)
{
	return k->purpose == PURPOSE_LOG && t >= k->not_before && t < k->not_after &&
	    (k->state != KEY_COMPROMISED || t < k->compromised_from);
}

/* Signed by a key that was not known to others then. */
static bool
counts(const struct keys *keys, const struct kept_checkpoint *kept)
{
	struct checkpoint c;
	struct note_key key;

	if (checkpoint_read(kept->note, &c) != REFUSAL_NONE)
		return false;
	for (int i = 0; i < keys->n; i++)
		if (could_sign(&keys->list[i], c.time) && keys_note(&keys->list[i], &key) &&
		    note_verify(&c.note, &key, NULL) == REFUSAL_NONE)
			return true;
	return false;
}

/* From when on something may have been signed that counts, not before t; INT64_MAX: nothing yet. */
static int64_t
next_chance(const struct keys *keys, int64_t t)
{
	int64_t from = INT64_MAX;

	for (int i = 0; i < keys->n; i++) {
		const struct signing_key *k = &keys->list[i];
		int64_t begins = k->not_before > t ? k->not_before : t;

		if (begins < from && could_sign(k, begins))
			from = begins;
	}
	return from;
}

/* The first from this index on; of those that a witness has cosigned, if there is one. */
static bool
first_from(struct tx *tx, int64_t index, struct kept_checkpoint *ret_checkpoint, struct err *err)
{
	struct rows q = db_query(tx, S_COSIGNED_COVERING, I(index));
	int64_t size = db_next(&q) ? db_int(&q, 0) : index + 1;

	if (!db_end(&q, err))
		return false;
	q = db_query(tx, S_CHECKPOINT_COVERING, I(size - 1));
	return load(tx, &q, ret_checkpoint, err);
}

/* Past those that were signed by lost keys alone. */
static bool
first_that_counts(struct tx *tx, struct kept_checkpoint *c, struct err *err)
{
	struct keys keys;

	if (!keys_read_all(tx, &keys, err))
		return false;
	while (c->size && !counts(&keys, c)) {
		int64_t from = next_chance(&keys, c->at), size;
		struct rows q = db_query(tx, S_CHECKPOINT_FROM, I(c->size), I(from));

		size = db_next(&q) ? db_int(&q, 0) : 0;
		if (!db_end(&q, err))
			return false;
		if (!size)
			*c = (struct kept_checkpoint){ .size = 0 };
		else if (!first_from(tx, size - 1, c, err))
			return false;
	}
	return true;
}

bool
checkpoint_covering(struct tx *tx, int64_t index, struct kept_checkpoint *ret_checkpoint, struct err *err)
{
	struct kept_checkpoint c;
	bool lost = false;

	if (!any_lost(tx, &lost, err) || !first_from(tx, index, &c, err) || (lost && !first_that_counts(tx, &c, err)))
		return false;
	*ret_checkpoint = c;
	return true;
}

/* ---- due ---- */

/* Since when there has been something to sign, and the interval is over; it may lie behind us. */
static bool
due_since(struct tx *tx, int64_t *ret_due, struct err *err)
{
	struct kept_checkpoint last;
	int64_t size, due = NO_TIME;
	struct rows q;

	if (!checkpoint_last(tx, &last, err) || !log_size(tx, &size, err))
		return false;
	if (size > last.size) {
		q = db_query(tx, S_RECORD_AT, I(last.size + 1));
		due = db_next(&q) ? db_int(&q, 0) : tx_now(tx);
		if (!db_end(&q, err))
			return false;
		if (last.size && due < last.at + notary.interval)
			due = last.at + notary.interval;
	}
	*ret_due = due;
	return true;
}

bool
checkpoint_due(struct tx *tx, int64_t *ret_due, struct err *err)
{
	int64_t due;

	if (!due_since(tx, &due, err))
		return false;
	*ret_due = due != NO_TIME && due < tx_now(tx) ? tx_now(tx) : due;
	return true;
}

/* ---- making ---- */

struct making {
	struct arena *a;
	struct checkpoint c;
	int64_t last;                    /* size of the newest checkpoint */
	struct keys keys;
	struct str note;
};

static bool
read_log(struct store *st, struct making *m, struct err *err)
{
	struct tx *tx = store_read(st, m->a, err);
	struct kept_checkpoint last;
	struct log_head head;
	bool ok = tx && log_head(tx, &head, err) && checkpoint_last(tx, &last, err) && keys_read_all(tx, &m->keys, err);

	if (ok) {
		m->last = last.size;
		m->c = (struct checkpoint){ .origin = head.origin, .size = head.size, .root = head.root, .time = clock_now() };
	}
	store_done(tx);
	return ok;
}

/* Adds this key's line, if what the signer gave holds: nothing else is ever published. */
static bool
add_line(struct making *m, struct buf *note, const struct signing_key *k, struct err *err)
{
	struct buf one = { .arena = m->a };
	unsigned char signature[64];
	struct checkpoint back;
	struct note_key key;
	size_t text;

	if (!keys_note(k, &key))
		return err_setf(err, FAULT_KEEPER, "the key %.*s cannot be read", STR_FMT(k->key_id));
	if (!signer_checkpoint(&key, &m->c, signature, err))
		return false;
	checkpoint_write(&one, &m->c);
	buf_char(&one, '\n');
	text = one.n;
	note_line_write(&one, &key, (struct str){ (const char *)signature, sizeof(signature) });
	if (checkpoint_read(buf_str(&one), &back) != REFUSAL_NONE || note_verify(&back.note, &key, NULL) != REFUSAL_NONE)
		return err_setf(err, FAULT_KEEPER, "the signature of the key %.*s does not hold", STR_FMT(k->key_id));
	buf_put(note, note->n ? str_from(buf_str(&one), text) : buf_str(&one));
	return true;
}

/* Every key that is valid now signs: during a rotation the old one too. One at least must. */
static bool
sign(struct making *m, struct err *err)
{
	struct err first = { .arena = m->a };
	struct buf note = { .arena = m->a };

	for (int i = m->keys.n - 1; i >= 0; i--) {
		const struct signing_key *k = &m->keys.list[i];
		struct err why = { .arena = m->a };

		if (k->purpose != PURPOSE_LOG || !signing_key_valid(k, m->c.time) || add_line(m, &note, k, &why))
			continue;
		if (!first.fault)
			first = why;
	}
	m->note = buf_str(&note);
	if (note.n)
		return true;
	if (first.fault)
		return err_setf(err, first.fault, "%.*s", STR_FMT(first.detail));
	return err_setf(err, FAULT_KEEPER, "no key of the log is valid now; make a new one: tocsin keys rotate");
}

static bool
keep(struct tx *tx, void *arg, struct err *err)
{
	const struct making *m = arg;

	return db_run(tx, S_CHECKPOINT_ADD, err, I(m->c.size), I(m->c.time),
	    B(((struct str){ (const char *)m->c.root.b, sizeof(m->c.root.b) })), T(m->note));
}

static bool
make(struct store *st, struct arena *a, struct err *err)
{
	struct making m = { .a = a };

	if (!read_log(st, &m, err))
		return false;
	if (m.c.size <= m.last)
		return true;
	if (!sign(&m, err) || !store_write_leading(st, LEAD_NOTARY, a, keep, &m, err))
		return false;
	log_line(LOG_DEBUG, "checkpoint of %lld records", (long long)m.c.size);
	return true;
}

/* ---- several nodes: the one that leads the notary signs ---- */

static bool
ask_work(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	(void)err;
	tx_changed(tx, TOPIC_CHECKPOINT);
	return true;
}

static bool
sizes(struct store *st, struct arena *a, int64_t *ret_log, int64_t *ret_signed, struct err *err)
{
	struct tx *tx = store_read(st, a, err);
	struct kept_checkpoint last;
	bool ok = tx && log_size(tx, ret_log, err) && checkpoint_last(tx, &last, err);

	if (ok)
		*ret_signed = last.size;
	store_done(tx);
	return ok;
}

/* Asks the others, and waits a little for a checkpoint of all that was written before. */
static bool
elsewhere(struct store *st, struct arena *a, struct err *err)
{
	int64_t until = clock_monotonic() + ELSEWHERE_SECONDS * SECOND, size, covered = 0, now;

	if (!sizes(st, a, &size, &covered, err))
		return false;
	if (covered >= size)
		return true;
	if (!store_write(st, a, ask_work, NULL, err))
		return false;
	while (clock_monotonic() < until) {
		nanosleep(&(struct timespec){ 0, ELSEWHERE_LOOK }, NULL);
		if (!sizes(st, a, &now, &covered, err))
			return false;
		if (covered >= size)
			return true;
	}
	return err_setf(err, FAULT_KEEPER, "no node that has the log's key answers");
}

static void
remember(const struct err *err)
{
	struct str detail = str_first(err->detail, sizeof(notary.words) - 1);

	pthread_mutex_lock(&notary.lock);
	if (err->fault && err->fault != notary.fault)
		log_err(LOG_WARN, "checkpoints wait", err);
	else if (!err->fault && notary.fault)
		log_line(LOG_INFO, "checkpoints go on");
	notary.fault = err->fault;
	memset(notary.words, 0, sizeof(notary.words));
	if (detail.n)
		memcpy(notary.words, detail.p, utf8_sound(detail));
	pthread_mutex_unlock(&notary.lock);
}

bool
checkpoint_make(struct store *st, struct arena *a, struct err *err)
{
	bool ok;

	if (!store_leads(st, LEAD_NOTARY))
		return elsewhere(st, a, err);
	pthread_mutex_lock(&signing);
	ok = make(st, a, err);
	pthread_mutex_unlock(&signing);
	remember(err);
	return ok;
}

/* ---- the notary ---- */

void
checkpoint_soon(void)
{
	pthread_mutex_lock(&notary.lock);
	notary.soon = true;
	if (notary.runs)
		pthread_cond_signal(&notary.wake);
	pthread_mutex_unlock(&notary.lock);
}

void
checkpoint_asked(void)
{
	pthread_mutex_lock(&notary.lock);
	notary.asked = true;
	if (notary.runs)
		pthread_cond_signal(&notary.wake);
	pthread_mutex_unlock(&notary.lock);
}

enum fault
notary_health(struct arena *a, struct str *ret_words)
{
	enum fault f;

	pthread_mutex_lock(&notary.lock);
	f = notary.fault;
	*ret_words = arena_dup(a, str_c(notary.words));
	pthread_mutex_unlock(&notary.lock);
	return f;
}

bool
checkpoint_waits(void)
{
	bool waits;

	pthread_mutex_lock(&notary.lock);
	waits = notary.fault != FAULT_NONE;
	pthread_mutex_unlock(&notary.lock);
	return waits;
}

static bool
due(struct arena *a, bool soon, bool *ret_due, struct err *err)
{
	struct tx *tx = store_read(notary.st, a, err);
	int64_t at = NO_TIME;
	bool ok = tx && checkpoint_due(tx, &at, err);

	if (ok)
		*ret_due = at != NO_TIME && (soon || clock_now() >= at);
	store_done(tx);
	return ok;
}

/*
 * Whether the key that signs could sign: an unplugged token is told of before something waits for it. Where there
 * is no key at all yet, whoever comes first makes one: *ret_none.
 */
static bool
look(struct arena *a, bool *ret_none, struct err *err)
{
	struct tx *tx = store_read(notary.st, a, err);
	const struct signing_key *k;
	struct note_key key;
	struct keys keys;
	bool ok = tx && keys_read_all(tx, &keys, err);

	store_done(tx);
	if (!ok)
		return false;
	*ret_none = keys.n == 0;
	k = keys_active(&keys, PURPOSE_LOG, clock_now());
	if (!k)
		return err_setf(err, FAULT_KEEPER, "no key of the log is valid now; make a new one: tocsin keys rotate");
	return keys_note(k, &key) && signer_look(&key, err);
}

static bool
may_sign(struct arena *a, struct err *err)
{
	bool none = false;

	return look(a, &none, err) || none;
}

/* On a node that does not lead: whether it could, and whether anybody does. */
static void
stand_by(struct arena *a, bool soon, int64_t *looked)
{
	struct err err = { .arena = a };
	struct err why = { .arena = a };
	int64_t now = clock_monotonic(), at = NO_TIME;
	struct tx *tx;
	bool ok, late;

	if (*looked == 0 || now - *looked >= STAND_BY_LOOK) {
		bool may = may_sign(a, &why);

		store_stand(notary.st, LEAD_NOTARY, may);
		*looked = now;
		if (notary.lost && !may)
			remember(&why);
		notary.lost = notary.lost && !may;
	}
	tx = store_read(notary.st, a, &err);
	ok = tx && due_since(tx, &at, &err);
	store_done(tx);
	if (ok && soon && at != NO_TIME)
		store_write(notary.st, a, ask_work, NULL, &err);
	late = ok && at != NO_TIME && clock_now() > at + LATE;
	notary.late_since = !late ? 0 : notary.late_since ? notary.late_since : now;
	if (late && !err.fault && now - notary.late_since >= LATE_SEEN)
		err_setf(&err, FAULT_KEEPER, "no node that has the log's key signs");
	if (!notary.lost)
		remember(&err);
}

/* The key is out of reach: another node that has it may lead. */
static void
step_back(const struct err *err)
{
	if (!store_shared(notary.st) || (err->fault != FAULT_KEEPER && err->fault != FAULT_TOKEN))
		return;
	store_stand(notary.st, LEAD_NOTARY, false);
	notary.lost = true;
}

/* One round: keys if there are none, what time brings, a checkpoint if one is due. */
static void
work(bool soon, int64_t *looked, int64_t *ticked)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	int64_t now = clock_monotonic();
	bool wanted = false, ok = true, none;

	if (!store_leads(notary.st, LEAD_NOTARY)) {
		stand_by(a, soon, looked);
		arena_free(a);
		return;
	}
	if (*ticked == 0 || now - *ticked >= TICK_EVERY) {
		ok = keys_first(notary.st, a, &err) && keys_tick(notary.st, a, &err);
		*ticked = ok ? now : 0;
	}
	ok = ok && due(a, soon, &wanted, &err);
	if (ok && wanted) {
		checkpoint_make(notary.st, a, &err);
	} else if (!ok) {
		remember(&err);
	} else if (now - *looked >= LOOK_EVERY || checkpoint_waits()) {
		if (!look(a, &none, &err))
			step_back(&err);
		remember(&err);
		*looked = now;
	}
	arena_free(a);
}

static void *
notary_run(void *arg)
{
	int64_t looked = 0, ticked = 0;

	(void)arg;
	pthread_mutex_lock(&notary.lock);
	while (!notary.stop) {
		bool leads = store_leads(notary.st, LEAD_NOTARY), soon = notary.soon || (leads && notary.asked);
		struct timespec until;

		notary.soon = false;
		notary.asked = notary.asked && !leads;
		pthread_mutex_unlock(&notary.lock);
		work(soon, &looked, &ticked);
		until = cond_until(1);
		pthread_mutex_lock(&notary.lock);
		if (!notary.stop && !notary.soon && !(notary.asked && store_leads(notary.st, LEAD_NOTARY)))
			pthread_cond_timedwait(&notary.wake, &notary.lock, &until);
	}
	pthread_mutex_unlock(&notary.lock);
	return NULL;
}

bool
notary_start(struct store *st, int64_t interval, struct err *err)
{
	cond_make(&notary.wake);
	notary.st = st;
	notary.interval = interval;
	notary.stop = false;
	notary.runs = pthread_create(&notary.thread, NULL, notary_run, NULL) == 0;
	return notary.runs || err_setf(err, FAULT_INTERNAL, "no thread for the notary");
}

void
notary_stop(void)
{
	if (!notary.runs)
		return;
	pthread_mutex_lock(&notary.lock);
	notary.stop = true;
	pthread_cond_signal(&notary.wake);
	pthread_mutex_unlock(&notary.lock);
	pthread_join(notary.thread, NULL);
	notary.runs = false;
}

/* ---- showing ---- */

static bool
add_witnesses(struct tx *tx, struct value *list, int64_t size, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct rows q = db_query(tx, S_COSIGNATURES, I(size));

	while (db_next(&q)) {
		struct value *row = list_add(list, value_map(a));

		map_str(a, row, "vkey", db_str(&q, 0));
		map_time(a, row, "at", db_int(&q, 1));
	}
	return db_end(&q, err);
}

static bool
add_history(struct tx *tx, struct value *v, int64_t before, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *list = map_list(a, v, "history");
	struct rows q = db_query(tx, S_CHECKPOINT_LIST, I(before), I(HISTORY));
	int64_t size = NONE;
	int n = 0;

	while (db_next(&q)) {
		struct value *row = list_add(list, value_map(a));

		size = db_int(&q, 0);
		map_int(a, row, "size", size);
		map_time(a, row, "at", db_int(&q, 1));
		n++;
	}
	map_int(a, v, "before", n == HISTORY ? size : NONE);
	return db_end(&q, err);
}

struct value *
checkpoint_show(struct tx *tx, int64_t before, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a);
	struct kept_checkpoint last;
	struct buf keys = { .arena = a };
	struct log_head head;
	int64_t next;

	if (!checkpoint_last(tx, &last, err) || !log_head(tx, &head, err) || !checkpoint_due(tx, &next, err) ||
	    !keys_public(tx, &keys, err))
		return NULL;
	map_str(a, v, "origin", head.origin);
	map_int(a, v, "size", last.size ? last.size : NONE);
	map_time(a, v, "at", last.size ? last.at : NO_TIME);
	map_str(a, v, "note", last.size ? last.note : STR_NONE);
	map_bool(a, v, "waits", next != NO_TIME && checkpoint_waits());
	map_time(a, v, "due", checkpoint_waits() ? NO_TIME : next);
	map_str(a, v, "keys", buf_str(&keys));
	return add_witnesses(tx, map_list(a, v, "witnesses"), last.size, err) && add_history(tx, v, before, err) ? v : NULL;
}
