#include "desk/envoy.h"

#include <string.h>

#include "base/log.h"
#include "base/rounds.h"
#include "desk/checkpoints.h"
#include "desk/courier.h"
#include "ledger/witness.h"
#include "model/signing_key.h"
#include "store/audit.h"
#include "store/log.h"
#include "store/nodes.h"

#define LEASE (2 * MINUTE)               /* for who goes; a node that dies on the way keeps others waiting so long */
#define PAUSE_FIRST (30 * SECOND)
#define PAUSE_MOST (15 * MINUTE)
#define SILENT_AFTER (10 * MINUTE)
#define TRIES 3                          /* within one visit: the witness knows another size than we believe */
#define WORDS_MAX 200

/* ---- reading ---- */

bool
witness_states(struct tx *tx, struct witness_state **ret_list, int *ret_n, struct err *err)
{
	struct witness_state *list = arena_alloc(tx_arena(tx), WITNESSES_MOST * sizeof(*list));
	struct rows q = db_query(tx, S_WITNESS_LIST);
	int n = 0;

	while (n < WITNESSES_MOST && db_next(&q)) {
		struct witness_state *s = &list[n++];
		int at = entity_load(ENTITY_WITNESS, &q, 0, &s->w);

		*s = (struct witness_state){ .w = s->w, .seen_at = NO_TIME, .failing_since = NO_TIME, .words = STR("") };
		if (db_null(&q, at))
			continue;
		s->next_at = db_int(&q, at);
		s->tried_at = db_int(&q, at + 1);
		s->seen_at = db_null(&q, at + 2) ? NO_TIME : db_int(&q, at + 2);
		s->seen_size = db_int(&q, at + 3);
		s->known_size = db_int(&q, at + 4);
		s->failing_since = db_null(&q, at + 5) ? NO_TIME : db_int(&q, at + 5);
		s->failures = db_int(&q, at + 6);
		s->outcome = (enum visit_outcome)db_int(&q, at + 7);
		s->words = db_str(&q, at + 8);
	}
	if (!db_end(&q, err))
		return false;
	*ret_list = list;
	*ret_n = n;
	return true;
}

bool
witness_silent(const struct witness_state *s, int64_t now)
{
	return s->w.state == WITNESS_ACTIVE && s->failing_since != NO_TIME && now - s->failing_since >= SILENT_AFTER;
}

static bool
says_forked(enum visit_outcome o)
{
	return o == VISIT_REFUSED || o == VISIT_AHEAD;
}

/* ---- entering and ending ---- */

/* Its key is a witness's and not our own; its address is one that errands may go to. */
static bool
check_new(struct tx *tx, const struct witness *w, struct err *err)
{
	struct note_key key;
	struct place place;
	struct log_head head;
	struct rows q;
	bool taken;

	if (!log_head(tx, &head, err))
		return false;
	if (note_key_read(w->vkey, &key) != REFUSAL_NONE || key.kind != KEY_WITNESS)
		return err_field(err, STR("vkey"), "field.witness.vkey", FAULT_F_VKEY, 0, STR_NONE);
	if (str_eq(key.name, head.origin))
		return err_field(err, STR("vkey"), "field.witness.vkey", FAULT_F_OWN_LOG, 0, STR_NONE);
	if (!place_read(w->url, &place) || w->url.n + sizeof("/add-checkpoint") > COURIER_URL_MAX)
		return err_field(err, STR("url"), "field.witness.url", FAULT_F_URL, 0, w->url);
	if (!courier_may(place.host, place.port))
		return err_field(err, STR("url"), "field.witness.url", FAULT_F_OUTBOUND, 0, place.host);
	q = db_query(tx, S_WITNESS_OF_KEY, T(w->vkey));
	taken = db_next(&q);
	return db_end(&q, err) && (!taken ||
	    err_field(err, STR("vkey"), "field.witness.vkey", FAULT_F_TAKEN, 0, w->vkey));
}

bool
witness_create(struct tx *tx, const struct value *in, bool form, int64_t *ret_id, struct err *err)
{
	struct entity_input input = { .in = in, .editors = BY_V, .form = form };
	struct witness *w = entity_new(&entity_witness, tx_arena(tx));

	entity_read(&entity_witness, &input, w, tx_arena(tx), err);
	if (!entity_complete(&entity_witness, w, REQUIRED, err) || err->fault != FAULT_NONE || !check_new(tx, w, err))
		return false;
	while (str_ends(w->url, STR("/")))
		w->url = str_first(w->url, w->url.n - 1);
	w->state = WITNESS_ACTIVE;
	if (!entity_insert(tx, ENTITY_WITNESS, w, "witness.add", 0, err))
		return false;
	*ret_id = w->id;
	return true;
}

bool
witness_end(struct tx *tx, int64_t id, struct str reason, struct err *err)
{
	struct witness w;

	if (!entity_fetch(tx, ENTITY_WITNESS, id, &w, err))
		return false;
	if (w.state != WITNESS_ACTIVE)
		return err_set(err, FAULT_STATE);
	w.state = WITNESS_ENDED;
	tx_reason(tx, reason);
	return entity_update(tx, ENTITY_WITNESS, &w, 0, "witness.end", 0, NULL, err);
}

/* ---- a visit ---- */

struct visit {
	struct arena *a;
	struct witness_state s;
	struct note_key key;
	struct kept_checkpoint c;
	struct checkpoint read;
	struct str line;                 /* what it cosigned with; STR_NONE */
	int64_t line_at;
	bool mine;                       /* nobody else goes */
	int64_t turn;                    /* when it was taken; another's since then is another's to tell of */
};

static bool
is_due(const struct witness_state *s, const struct kept_checkpoint *c, int64_t now)
{
	return s->w.state == WITNESS_ACTIVE && c->size > s->seen_size && now >= s->next_at;
}

/* The visit as it stands now; *ret_found false: the witness is gone. */
static bool
reread(struct tx *tx, struct visit *v, bool *ret_new, struct err *err)
{
	struct witness_state *list;
	int n;

	if (!witness_states(tx, &list, &n, err))
		return false;
	for (int i = 0; i < n; i++)
		if (list[i].w.id == v->s.w.id) {
			v->s = list[i];
			*ret_new = list[i].tried_at == 0;
			return true;
		}
	return err_set(err, FAULT_NOT_FOUND);
}

/* Of several nodes one goes; should it stand still on the way, another after a while. */
static bool
take_turn(struct tx *tx, void *arg, struct err *err)
{
	struct visit *v = arg;
	int64_t now = tx_now(tx);
	bool new = false;

	v->mine = false;
	if (!reread(tx, v, &new, err) || !checkpoint_last(tx, &v->c, err))
		return false;
	if (!is_due(&v->s, &v->c, now))
		return true;
	v->mine = true;
	v->turn = now;
	return db_run(tx, new ? S_VISIT_NEW : S_VISIT_TAKE, err, I(v->s.w.id), I(now + LEASE), I(now));
}

static bool
prove(struct store *st, struct visit *v, int64_t from, struct witness_request *r, struct err *err)
{
	struct tx *tx = store_read(st, v->a, err);
	struct log_proof proof = { .n = 0 };
	bool ok = tx && (from == 0 || from == v->c.size || log_consistency(tx, from, v->c.size, &proof, err));

	store_done(tx);
	if (!ok)
		return false;
	r->old = from;
	r->note = v->c.note;
	r->proof.n = 0;
	for (int i = 0; i < proof.n && i < WITNESS_PROOF_MAX; i++)
		r->proof.hash[r->proof.n++] = proof.hash[i];
	return true;
}

static enum visit_outcome
end_with(struct visit *v, enum visit_outcome outcome, int status, const char *more)
{
	v->s.words = arena_printf(v->a, "HTTP %d%s", status, more);
	return outcome;
}

static enum visit_outcome
judge_lines(struct visit *v, struct str body)
{
	struct buf joined = { .arena = v->a };
	struct str line;
	enum refusal why;

	buf_put(&joined, v->c.note);
	buf_put(&joined, body);
	why = witness_line_find(buf_str(&joined), &v->key, &line, &v->line_at);
	if (why == REFUSAL_NONE) {
		v->line = line;
		v->s.words = STR("");
		return VISIT_COSIGNED;
	}
	return end_with(v, VISIT_RUBBISH, 200, why == REFUSAL_NOTE ? " without lines of signatures" :
	    why == REFUSAL_NOT_SIGNED ? " without a cosignature of its key" : " with a cosignature that does not hold");
}

/* The witness knows another size: true when that is worth another try, from *known. */
static bool
another_size(struct visit *v, struct str body, int64_t tried, int64_t *known, enum visit_outcome *ret_outcome)
{
	int64_t size;

	if (!witness_size_read(body, &size)) {
		*ret_outcome = end_with(v, VISIT_RUBBISH, 409, " without a size");
	} else if (size > v->c.size) {
		*ret_outcome = VISIT_AHEAD;
		v->s.words = arena_printf(v->a, "%lld > %lld", (long long)size, (long long)v->c.size);
		*known = size;
	} else if (size == tried) {
		*ret_outcome = end_with(v, VISIT_REFUSED, 409, "");
	} else {
		*known = size;
		return true;
	}
	return false;
}

static enum visit_outcome
judge_status(struct visit *v, int status)
{
	if (status == 403 || status == 404)
		return end_with(v, VISIT_STRANGER, status, "");
	if (status == 422)
		return end_with(v, VISIT_REFUSED, status, "");
	if (status == 429 || status >= 500)
		return end_with(v, VISIT_UNREACHED, status, "");
	return end_with(v, VISIT_RUBBISH, status, "");
}

/* Goes there, once more when the witness knows another size. False: our own database says no. */
static bool
go(struct store *st, struct visit *v, enum visit_outcome *ret_outcome, struct err *err)
{
	struct witness_request *r = arena_make(v->a, struct witness_request);
	struct str url = arena_printf(v->a, "%.*s/add-checkpoint", STR_FMT(v->s.w.url));

	*ret_outcome = VISIT_RUBBISH;
	if (v->s.known_size > v->c.size)
		v->s.known_size = v->c.size;
	for (int i = 0; i < TRIES; i++) {
		struct err away = { .arena = v->a };
		struct errand_answer answer;
		struct buf body = { .arena = v->a };
		int64_t tried = v->s.known_size;

		if (!prove(st, v, tried, r, err))
			return false;
		witness_request_write(&body, r);
		if (!courier_send(url, buf_str(&body), v->a, &answer, &away)) {
			*ret_outcome = VISIT_UNREACHED;
			v->s.words = away.detail;
			return true;
		}
		if (answer.status == 409 && another_size(v, answer.body, tried, &v->s.known_size, ret_outcome))
			continue;
		if (answer.status == 200)
			*ret_outcome = judge_lines(v, answer.body);
		else if (answer.status != 409)
			*ret_outcome = judge_status(v, answer.status);
		return true;
	}
	*ret_outcome = end_with(v, VISIT_RUBBISH, 409, " again and again");
	return true;
}

/* ---- what came of it ---- */

struct result {
	struct visit *v;
	enum visit_outcome outcome;
	bool late;                       /* somebody else went meanwhile */
};

static bool
keep_line(struct tx *tx, struct visit *v, struct err *err)
{
	struct rows q = db_query(tx, S_COSIGNATURE_THERE, I(v->c.size), T(v->s.w.vkey));
	bool there = db_next(&q);

	return db_end(&q, err) && (there ||
	    db_run(tx, S_COSIGNATURE_ADD, err, I(v->c.size), T(v->s.w.vkey), I(v->line_at), T(v->line)));
}

/* That a witness says that our log was forked or set back is for the trail, once. */
static bool
tell_refused(struct tx *tx, const struct result *r, enum visit_outcome before, struct err *err)
{
	struct value *details = value_map(tx_arena(tx));

	if (!says_forked(r->outcome) || before == r->outcome)
		return true;
	map_int(tx_arena(tx), details, "size", r->v->c.size);
	map_int(tx_arena(tx), details, "known", r->v->s.known_size);
	map_str(tx_arena(tx), details, "answer", r->v->s.words);
	return audit_append(tx, &(struct audit){ .action = "witness.refused", .entity = "witness", .object = r->v->s.w.id,
	    .result = AUDIT_REFUSED, .details = details }, err);
}

static int64_t
pause_after(int64_t failures)
{
	int64_t pause = PAUSE_FIRST;

	while (--failures > 0 && pause < PAUSE_MOST)
		pause *= 2;
	return pause < PAUSE_MOST ? pause : PAUSE_MOST;
}

static bool
keep_result(struct tx *tx, void *arg, struct err *err)
{
	struct result *r = arg;
	struct visit *v = r->v;
	struct witness_state s = v->s, *all;
	bool good = r->outcome == VISIT_COSIGNED;
	enum visit_outcome before = s.outcome;
	int64_t now = tx_now(tx);
	int n, i = 0;

	if (!witness_states(tx, &all, &n, err))
		return false;
	while (i < n && all[i].w.id != s.w.id)
		i++;
	r->late = i == n || all[i].tried_at != v->turn;
	/* a cosignature is one whoever brings it; how it goes is for the other to say, who came later */
	if (r->late)
		return !good || keep_line(tx, v, err);
	s.failures = good ? 0 : s.failures + 1;
	s.failing_since = good ? NO_TIME : s.failing_since == NO_TIME ? now : s.failing_since;
	s.next_at = good ? now : now + pause_after(s.failures);
	if (good) {
		s.seen_at = v->line_at;
		s.seen_size = s.known_size = v->c.size;
		if (!keep_line(tx, v, err))
			return false;
	}
	s.words = str_first(s.words, WORDS_MAX);
	s.words = str_first(s.words, utf8_sound(s.words));
	return tell_refused(tx, r, before, err) && db_run(tx, S_VISIT_DONE, err, I(s.w.id), I(s.next_at),
	    s.seen_at == NO_TIME ? N(INT64_MIN) : I(s.seen_at), I(s.seen_size), I(s.known_size),
	    s.failing_since == NO_TIME ? N(INT64_MIN) : I(s.failing_since), I(s.failures), I(r->outcome),
	    T(s.words.p ? s.words : STR("")));
}

static void
tell_log(const struct visit *v, enum visit_outcome before, enum visit_outcome now)
{
	if (now == VISIT_COSIGNED && before != VISIT_COSIGNED)
		log_line(LOG_INFO, "the witness %.*s cosigns", STR_FMT(v->key.name));
	else if (now == VISIT_COSIGNED)
		log_line(LOG_DEBUG, "the witness %.*s has cosigned %lld records", STR_FMT(v->key.name), (long long)v->c.size);
	else if (now != before)
		log_line(says_forked(now) ? LOG_ERROR : LOG_WARN, "the witness %.*s did not cosign: %.*s", STR_FMT(v->key.name),
		    STR_FMT(v->s.words));
}

static bool
visit(struct store *st, struct arena *a, const struct witness_state *s, struct err *err)
{
	struct visit v = { .a = a, .s = *s, .line = STR_NONE };
	struct result r = { .v = &v };
	enum visit_outcome before;

	if (note_key_read(s->w.vkey, &v.key) != REFUSAL_NONE)
		return err_setf(err, FAULT_INTERNAL, "the key of a witness cannot be read");
	if (!store_write(st, a, take_turn, &v, err))
		return false;
	if (!v.mine)
		return true;
	before = v.s.outcome;
	if (!go(st, &v, &r.outcome, err) || !store_write(st, a, keep_result, &r, err))
		return false;
	if (r.late)
		log_line(LOG_INFO, "the witness %.*s was visited by another node meanwhile", STR_FMT(v.key.name));
	else
		tell_log(&v, before, r.outcome);
	return true;
}

/* Of several nodes only those go that may: what the others cannot reach is no reason to call a witness silent. */
static bool
may_go(struct store *st, const struct witness_state *s)
{
	struct place p;

	return !store_shared(st) || (place_read(s->w.url, &p) && courier_may(p.host, p.port));
}

bool
envoy_round(struct store *st, struct arena *a, struct err *err)
{
	struct tx *tx = store_read(st, a, err);
	struct witness_state *list = NULL;
	struct kept_checkpoint last;
	int n = 0;
	bool ok = tx && witness_states(tx, &list, &n, err) && (n == 0 || checkpoint_last(tx, &last, err));

	store_done(tx);
	for (int i = 0; ok && i < n; i++)
		if (is_due(&list[i], &last, clock_now()) && may_go(st, &list[i]))
			ok = visit(st, a, &list[i], err);
	return ok;
}

/* ---- the thread ---- */

static struct rounds envoy = ROUNDS_NONE;

static void
go_round(void *arg)
{
	static enum fault before;        /* told once */
	struct arena *a = arena_new();
	struct err err = { .arena = a };

	if (!envoy_round(arg, a, &err) && err.fault != before)
		log_err(LOG_WARN, "visiting witnesses", &err);
	before = err.fault;
	arena_free(a);
}

bool
envoy_start(struct store *st, struct err *err)
{
	return rounds_start(&envoy, go_round, st) || err_setf(err, FAULT_INTERNAL, "no thread for the envoy");
}

void
envoy_stop(void)
{
	rounds_stop(&envoy);
}
