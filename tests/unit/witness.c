/* A log and its witness, each with a store and keys of its own; the way between them is ours to break. */
#include "desk/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/hash.h"
#include "daemon/vault.h"
#include "desk/checkpoints.h"
#include "desk/courier.h"
#include "desk/envoy.h"
#include "desk/health.h"
#include "desk/keys.h"
#include "desk/signer.h"
#include "ledger/note_write.h"
#include "model/entity.h"
#include "store/audit.h"
#include "store/log.h"
#include "tap.h"

#define NOW (INT64_C(1795313400) * SECOND)

struct house {
	char dir[40];
	struct store *st;
	struct vault *vault;
	int keys;
};

static struct arena *a;
static struct house log_house = { .dir = "/tmp/tocsin-log-XXXXXX" }, witness_house = { .dir = "/tmp/tocsin-witness-XXXXXX" };
static struct house *asked = &log_house;         /* whose keeper is asked */
static enum { WAY_OPEN, WAY_SHUT, WAY_TEXT, WAY_SIZE } way_is;
static struct errand_answer says;                /* on WAY_TEXT and WAY_SIZE */
static int errands;
static int64_t last_status;

static void
ask_vault(const struct signer_ask *ask, struct signer_said *ret_said)
{
	vault_answer(asked->vault, ask, ret_said);
}

/* What the other server's handler does. */
static bool
go_there(struct str url, struct str body, struct arena *to, struct errand_answer *ret_answer, struct err *err)
{
	struct witness_said said;
	struct err no = { .arena = to };

	errands++;
	ok(str_is(url, "https://witness.example/w/add-checkpoint"), "an errand to where the witness is");
	if (way_is == WAY_SHUT)
		return err_setf(err, FAULT_COURIER, "no route");
	*ret_answer = says;
	if (way_is != WAY_OPEN)
		return true;
	asked = &witness_house;
	if (!witness_cosign(witness_house.st, to, STR("127.0.0.1"), body, &said, &no))
		*ret_answer = (struct errand_answer){ fault_status(no.fault), STR("{}") };
	else if (said.line.p)
		*ret_answer = (struct errand_answer){ 200, said.line };
	else
		*ret_answer = (struct errand_answer){ 409, arena_printf(to, "%lld\n", (long long)said.size) };
	last_status = ret_answer->status;
	asked = &log_house;
	return true;
}

static void
open_house(struct house *h, const char *origin)
{
	struct store_options o = { .dir = h->dir, .create = true, .origin = origin };
	struct err err = { .arena = a };
	struct vault_options keys = { .dir = -1 };

	o.extra = entity_statements(&o.extra_count);
	if (!mkdtemp(h->dir))
		abort();
	h->keys = keys.dir = vault_directory(h->dir, true, &err);
	asked = h;
	if (!store_open(&o, &h->st, &err) || !vault_open(&keys, &h->vault, &err) || !keys_first(h->st, a, &err)) {
		printf("Bail out! %.*s\n", STR_FMT(err.detail));
		exit(1);
	}
	asked = &log_house;
}

static void
close_house(struct house *h)
{
	store_close(h->st);
	vault_close(h->vault);
	close(h->keys);
	if (system(arena_printf(a, "rm -rf %s", h->dir).p) != 0)
		abort();
}

static bool
note_something(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	return audit_append(tx, &(struct audit){ .action = "test.done", .entity = "" }, err);
}

/* One record more, signed. */
static int64_t
happens(void)
{
	struct err err = { .arena = a };
	struct kept_checkpoint c;
	struct tx *tx;

	asked = &log_house;
	if (!store_write(log_house.st, a, note_something, NULL, &err) || !checkpoint_make(log_house.st, a, &err))
		abort();
	tx = store_read(log_house.st, a, &err);
	if (!tx || !checkpoint_last(tx, &c, &err))
		abort();
	store_done(tx);
	return c.size;
}

static struct witness_state
state(void)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(log_house.st, a, &err);
	struct witness_state *list;
	int n = 0;

	if (!tx || !witness_states(tx, &list, &n, &err) || n < 1)
		abort();
	store_done(tx);
	return list[0];
}

static void
round_of(void)
{
	struct err err = { .arena = a };

	if (!envoy_round(log_house.st, a, &err))
		ok(false, "a round");
}

static int
records(struct store *st, const char *action)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	struct log_head head;
	int n = 0;

	if (!tx || !log_head(tx, &head, &err))
		abort();
	for (int64_t i = 0; i < head.size; i++) {
		struct audit_record r;

		if (!log_record(tx, i, &r, NULL, &err))
			abort();
		n += str_is(r.action, action);
	}
	store_done(tx);
	return n;
}

/* ---- entering each other ---- */

static struct str
key_file(struct house *h)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(h->st, a, &err);
	struct buf b = { .arena = a };

	if (!tx || !keys_public(tx, &b, &err))
		abort();
	store_done(tx);
	return buf_str(&b);
}

static struct str
witness_key(void)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(witness_house.st, a, &err);
	struct value *v = value_map(a);

	if (!tx || !witness_log_show(tx, v, &err))
		abort();
	store_done(tx);
	return value_text(value_get(v, "vkey"));
}

struct entering {
	const struct value *in;
	bool (*create)(struct tx *tx, const struct value *in, bool form, int64_t *ret_id, struct err *err);
};

static bool
enter_work(struct tx *tx, void *arg, struct err *err)
{
	struct entering *e = arg;
	int64_t id;

	return e->create(tx, e->in, false, &id, err);
}

static bool
entered_log(struct str keys)
{
	struct err err = { .arena = a };
	struct value *in = value_map(a);

	map_str(a, in, "title", STR("log"));
	map_str(a, in, "keys", keys);
	return store_write(witness_house.st, a, enter_work, &(struct entering){ in, witness_log_create }, &err);
}

static bool
entered_witness(struct str vkey, const char *url)
{
	struct err err = { .arena = a };
	struct value *in = value_map(a);

	map_str(a, in, "title", STR("witness"));
	map_str(a, in, "vkey", vkey);
	map_str(a, in, "url", str_c(url));
	return store_write(log_house.st, a, enter_work, &(struct entering){ in, witness_create }, &err);
}

static void
test_entering(void)
{
	struct str keys = key_file(&log_house);

	ok(!entered_log(STR("no key")) && !entered_log(key_file(&witness_house)), "a log is entered with its key file, and not one's own");
	ok(entered_log(keys) && !entered_log(keys), "once");
	ok(!entered_witness(keys, "https://witness.example/w"), "a witness has a key of its kind");
	ok(!entered_witness(witness_key(), "https://other.example/w"), "its address is one that is configured");
	ok(!entered_witness(witness_key(), "http://witness.example/w"), "by TLS, when it is not this machine");
	ok(entered_witness(witness_key(), "https://witness.example/w/") && !entered_witness(witness_key(), "https://witness.example/w"),
	    "it is entered, once");
}

/* ---- visits ---- */

static void
test_cosigned(void)
{
	struct err err = { .arena = a };
	struct kept_checkpoint c;
	struct note_key key;
	struct checkpoint read;
	struct tx *tx;
	int64_t at = 0, size = happens();
	int visits;

	round_of();
	ok(state().outcome == VISIT_COSIGNED && state().seen_size == size && state().failing_since == NO_TIME, "the first is cosigned");
	tx = store_read(log_house.st, a, &err);
	ok(checkpoint_last(tx, &c, &err), "the newest checkpoint");
	store_done(tx);
	ok(checkpoint_read(c.note, &read) == REFUSAL_NONE && note_key_read(witness_key(), &key) == REFUSAL_NONE &&
	    note_verify(&read.note, &key, &at) == REFUSAL_NONE && at == NOW && state().seen_at == NOW,
	    "has its line in the note, and it holds, with the witness's time");
	visits = errands;
	round_of();
	is_int(errands, visits, "where nothing is new nobody goes");
	size = happens();
	size = happens();
	round_of();
	ok(state().seen_size == size && last_status == 200, "the next goes on from it, at once");
	is_int(errands, visits + 1, "in one visit");
	is_int(records(log_house.st, "witness.refused"), 0, "and the trail does not grow by it");
}

/* A checkpoint that was cosigned is preferred for a receipt, when there is one. */
static void
test_covering(void)
{
	struct err err = { .arena = a };
	struct kept_checkpoint c;
	struct tx *tx;
	int64_t first, cosigned;

	way_is = WAY_SHUT;
	first = happens();
	round_of();
	way_is = WAY_OPEN;
	cosigned = happens();
	clock_set(NOW + MINUTE);
	round_of();
	tx = store_read(log_house.st, a, &err);
	ok(first < cosigned && checkpoint_covering(tx, first - 1, &c, &err) && c.size == cosigned,
	    "a record whose first checkpoint nobody cosigned is covered by the next that somebody did");
	store_done(tx);
}

static void
test_silence(void)
{
	int64_t begun = NOW + HOUR, size, expected = begun;
	int visits = errands;
	struct witness_state s;

	clock_set(begun);
	size = happens();
	way_is = WAY_SHUT;
	round_of();
	s = state();
	ok(s.outcome == VISIT_UNREACHED && s.failing_since == begun && str_is(s.words, "no route") && s.seen_size < size,
	    "not reached: said since when, and why");
	for (int i = 1; i <= 8; i++) {
		int64_t pause = 30 * SECOND << (i - 1);

		pause = pause < 15 * MINUTE ? pause : 15 * MINUTE;
		is_int(state().next_at, expected + pause, "the pauses grow, to a quarter of an hour");
		clock_set(expected + pause - 1);
		round_of();
		is_int(errands, visits + i, "nobody goes before");
		expected += pause;
		clock_set(expected);
		round_of();
	}
	s = state();
	ok(s.failing_since == begun && witness_silent(&s, expected) && !witness_silent(&s, begun + 9 * MINUTE), "it counts as silent");
	way_is = WAY_OPEN;
	clock_set(expected + 15 * MINUTE);
	round_of();
	s = state();
	ok(s.outcome == VISIT_COSIGNED && s.failing_since == NO_TIME && s.failures == 0 && s.seen_size == size, "back: cosigned");
}

static void
answered(int status, const char *body, enum visit_outcome outcome, const char *name)
{
	static int64_t at = NOW + DAY;

	at += HOUR;
	clock_set(at);
	happens();
	way_is = WAY_TEXT;
	says = (struct errand_answer){ status, str_c(body) };
	round_of();
	is_int(state().outcome, outcome, name);
	way_is = WAY_OPEN;
}

static void
test_answers(void)
{
	int64_t seen = state().seen_size;

	answered(200, "", VISIT_RUBBISH, "nothing");
	answered(200, "hello\n", VISIT_RUBBISH, "a word");
	answered(200, "\n", VISIT_RUBBISH, "an empty line");
	answered(200, "\xe2\x80\x94 witness.example AAAAAAAAAAAA\n", VISIT_RUBBISH, "a signature of nobody");
	answered(204, "", VISIT_RUBBISH, "another success");
	answered(403, "", VISIT_STRANGER, "it does not know the key");
	answered(404, "", VISIT_STRANGER, "it does not know the log");
	answered(409, "", VISIT_RUBBISH, "a conflict without a size");
	answered(409, "x\n", VISIT_RUBBISH, "a size that is none");
	answered(500, "", VISIT_UNREACHED, "it is ill");
	is_int(state().seen_size, seen, "none of this is taken for a cosignature");
	answered(422, "", VISIT_REFUSED, "refused");
	is_int(records(log_house.st, "witness.refused"), 1, "that is in the trail");
	answered(422, "", VISIT_REFUSED, "refused again");
	is_int(records(log_house.st, "witness.refused"), 1, "once");
	answered(409, "999999\n", VISIT_AHEAD, "it saw more than there is");
	is_int(records(log_house.st, "witness.refused"), 2, "that too");
	clock_set(NOW + 2 * DAY);
	happens();
	round_of();
	is_int(state().outcome, VISIT_COSIGNED, "the true witness cosigns, whatever was believed of it");
}

/* ---- as a witness ---- */

static struct str
request_of(int64_t old, int64_t from, struct str note)
{
	struct witness_request *r = arena_make(a, struct witness_request);
	struct err err = { .arena = a };
	struct tx *tx = store_read(log_house.st, a, &err);
	struct log_proof proof = { .n = 0 };
	struct buf b = { .arena = a };
	struct log_head head;

	if (!tx || !log_head(tx, &head, &err) || (from && !log_consistency(tx, from, head.size, &proof, &err)))
		abort();
	store_done(tx);
	r->old = old;
	r->note = note;
	for (int i = 0; i < proof.n; i++)
		r->proof.hash[r->proof.n++] = proof.hash[i];
	witness_request_write(&b, r);
	return buf_str(&b);
}

static enum fault
cosigned(struct str body, struct witness_said *ret_said)
{
	struct err err = { .arena = a };

	asked = &witness_house;
	*ret_said = (struct witness_said){ .line = STR_NONE };
	witness_cosign(witness_house.st, a, STR("127.0.0.1"), body, ret_said, &err);
	asked = &log_house;
	return err.fault;
}

/* A checkpoint of this root, signed with the log's own key: as somebody does who has it. */
static struct str
signed_falsely(int64_t size, struct sha256 root)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(log_house.st, a, &err);
	struct checkpoint c = { .size = size, .root = root, .time = clock_now() };
	struct signer_ask ask = { .act = SIGNER_CHECKPOINT, .size = size, .time = c.time };
	char stolen[80];
	struct keys keys;
	struct note_key key;
	struct signer_said said;
	struct vault *copy;
	struct vault_options o = { .dir = -1 };
	struct sha256 digest;
	struct buf b = { .arena = a };

	/* his keeper has forgotten what it signed */
	snprintf(stolen, sizeof(stolen), "%s-stolen", log_house.dir);
	if (system(arena_printf(a, "rm -rf %s; cp -r %s %s; rm -f %s/keys/signed", stolen, log_house.dir, stolen, stolen).p) != 0 ||
	    !tx || !keys_read_all(tx, &keys, &err) || !keys_note(keys_active(&keys, PURPOSE_LOG, clock_now()), &key))
		abort();
	store_done(tx);
	o.dir = vault_directory(stolen, false, &err);
	if (!vault_open(&o, &copy, &err) || !signer_name(&ask, key.name))
		abort();
	c.origin = key.name;
	memcpy(ask.root, root.b, sizeof(ask.root));
	digest = signer_digest((struct str){ (const char *)key.public, key.public_n });
	memcpy(ask.by, digest.b, sizeof(ask.by));
	vault_answer(copy, &ask, &said);
	ok(said.fault == FAULT_NONE, "a forked checkpoint is signed by who has the key");
	checkpoint_write(&b, &c);
	buf_char(&b, '\n');
	note_line_write(&b, &key, (struct str){ (const char *)said.bytes, 64 });
	vault_close(copy);
	close(o.dir);
	if (system(arena_printf(a, "rm -rf %s", stolen).p) != 0)
		abort();
	return buf_str(&b);
}

static struct str
newest(int64_t *ret_size)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(log_house.st, a, &err);
	struct kept_checkpoint c;

	if (!tx || !checkpoint_last(tx, &c, &err))
		abort();
	store_done(tx);
	*ret_size = c.size;
	return c.note;
}

static void
test_refusing(void)
{
	struct witness_said said;
	struct sha256 other = sha256(STR("another past"));
	struct str note, fork;
	int64_t size, grown;

	note = newest(&size);
	is_int(cosigned(request_of(size, 0, note), &said), FAULT_NONE, "the same again");
	ok(said.line.p != NULL, "is cosigned again");
	is_int(cosigned(request_of(0, 0, note), &said), FAULT_NONE, "from nothing");
	ok(!said.line.p && said.size == size, "is answered with what was seen");
	is_int(cosigned(request_of(size + 1, 0, note), &said), FAULT_REQUEST, "an old size beyond the checkpoint");
	is_int(cosigned(STR("old 1\n"), &said), FAULT_REQUEST, "half a request");
	fork = signed_falsely(size, other);
	ok(cosigned(request_of(size, 0, fork), &said) == FAULT_NONE && !said.line.p, "as many records, and others: not cosigned");
	is_int(records(witness_house.st, "witness_log.forked"), 1, "it is in the trail");
	cosigned(request_of(size, 0, fork), &said);
	is_int(records(witness_house.st, "witness_log.forked"), 1, "once for each");
	grown = happens();
	note = newest(&grown);
	is_int(cosigned(request_of(size, size, signed_falsely(grown, other)), &said), FAULT_WITNESS_PROOF, "grown from another past: no proof leads there");
	is_int(cosigned(request_of(size, 0, note), &said), FAULT_WITNESS_PROOF, "no proof at all");
	is_int(records(witness_house.st, "witness_log.unproved"), 2, "both are in the trail");
	ok(cosigned(request_of(size, size, note), &said) == FAULT_NONE && said.line.p, "and the true one is cosigned as ever");
}

static void
test_health(void)
{
	struct health *h = arena_make(a, struct health);
	struct err err = { .arena = a };
	struct tx *tx = store_read(log_house.st, a, &err);

	h->arena = a;
	health_signing(h, tx);
	ok(h->n == 2 && health_worst(h) == HEALTH_GOOD, "the log's health: its key, its witness");
	store_done(tx);
	tx = store_read(witness_house.st, a, &err);
	*h = (struct health){ .arena = a };
	health_signing(h, tx);
	ok(h->n == 2 && health_worst(h) == HEALTH_LOOK && str_is(str_c(h->line[1].check), "witness"),
	    "the witness's: a log that it saw forked");
	store_done(tx);
	for (int i = 0; i < 3; i++) {
		static const int days[] = { 89, 29, 6 };

		clock_set(NOW + (730 - days[i]) * DAY);
		tx = store_read(witness_house.st, a, &err);
		*h = (struct health){ .arena = a };
		health_signing(h, tx);
		ok(h->line[0].state == (i == 2 ? HEALTH_BAD : HEALTH_LOOK) && str_has(health_found(h, &h->line[0], LANG_EN),
		    arena_printf(a, "ends in %d days", days[i])), "a key that ends is warned of");
		store_done(tx);
	}
}

/* ---- addresses ---- */

static void
test_places(void)
{
	static const char *const good[] = {
		"https://witness.example", "https://witness.example/", "https://witness.example:8443/w", "https://192.0.2.1/w",
		"https://[2001:db8::1]:8443/w", "http://127.0.0.1:8080/w", "http://[::1]/w", "http://localhost:9/",
	};
	static const char *const bad[] = {
		"", "witness.example", "ftp://witness.example/", "http://witness.example/", "http://127.0.0.1.example/", "https://",
		"https:///w", "https://user@witness.example/", "https://witness.example:0/", "https://witness.example:65536/",
		"https://witness.example:/", "https://witness.example:+1/", "https://witness.example/?q", "https://witness.example/#f",
		"https://witness.example/a b", "https://witness.example\\@other/", "https://[::1", "https://[::1]x/", "https://[]/",
		"https://wit ness/", "https://witness.example/\n", "HTTPS://witness.example/", "https://\xe4\xbe\x8b/",
	};
	struct err err = { .arena = a };
	bool refused = true;
	struct place p;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(place_read(str_c(good[i]), &p), good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (place_read(str_c(bad[i]), &p)) {
			printf("# %s\n", bad[i]);
			refused = false;
		}
	ok(refused, "what is no address, or not one that may be gone to");
	ok(!courier_configure(STR("a b:x"), &err), "a list that is none");
	err = (struct err){ .arena = a };
	ok(courier_configure(STR(" a.example  [::1]:8443 witness.example "), &err) && courier_may(STR("a.example"), 443) &&
	    courier_may(STR("A.EXAMPLE"), 443) && courier_may(STR("::1"), 8443), "hosts that may be gone to");
	ok(!courier_may(STR("a.example"), 80) && !courier_may(STR("b.a.example"), 443) && !courier_may(STR("a.exampl"), 443) &&
	    !courier_may(STR("::1"), 443), "and no others");
}

/* ---- judging, against trees that are made up ---- */

struct tree {
	struct sha256 leaf[64];
};

static bool
fetch_leaf(void *arg, int level, int64_t index, struct sha256 *ret_hash)
{
	struct tree *t = arg;
	struct sha256 left, right;

	if (level == 0) {
		*ret_hash = t->leaf[index];
		return true;
	}
	fetch_leaf(t, level - 1, 2 * index, &left);
	fetch_leaf(t, level - 1, 2 * index + 1, &right);
	*ret_hash = merkle_node(&left, &right);
	return true;
}

static void
test_judging(void)
{
	struct tree t, f;
	bool follows = true, cut = true, forks = true, elsewhere = true, backwards = true;

	for (int i = 0; i < 64; i++)
		t.leaf[i] = f.leaf[i] = sha256((struct str){ (const char *)&i, sizeof(i) });
	for (int64_t from = 1; from <= 63; from++)
		for (int64_t to = from; to <= 63; to++) {
			struct witness_request r = { .old = from, .checkpoint.size = to };
			struct sha256 root, later;
			int n;

			f.leaf[from - 1] = sha256(STR("changed"));
			merkle_tree_root(from, fetch_leaf, &t, &root);
			merkle_tree_root(to, fetch_leaf, &t, &r.checkpoint.root);
			merkle_prove_consistency(from, to, fetch_leaf, &t, &r.proof);
			n = r.proof.n;
			follows &= witness_judge(&r, from, &root) == WITNESS_FOLLOWS;
			merkle_tree_root(from + 1, fetch_leaf, &t, &later);
			elsewhere &= witness_judge(&r, from + 1, &later) == WITNESS_ELSEWHERE;
			r.old = to + 1;
			backwards &= witness_judge(&r, from, &root) == WITNESS_BACKWARDS;
			r.old = from;
			r.proof.n = n ? n - 1 : 1;
			cut &= witness_judge(&r, from, &root) == WITNESS_UNPROVED;
			merkle_tree_root(to, fetch_leaf, &f, &r.checkpoint.root);
			merkle_prove_consistency(from, to, fetch_leaf, &f, &r.proof);
			forks &= witness_judge(&r, from, &root) == (from == to ? WITNESS_FORKED : WITNESS_UNPROVED);
			r.old = from - 1;
			forks &= witness_judge(&r, from, &root) == (from == to ? WITNESS_FORKED : WITNESS_ELSEWHERE);
			f.leaf[from - 1] = t.leaf[from - 1];
		}
	ok(follows, "every log that goes on follows");
	ok(cut, "none with a hash too few or too many");
	ok(forks, "none with a changed past");
	ok(elsewhere && backwards, "none from elsewhere, none backwards");
}

int
main(void)
{
	struct err err = { .arena = NULL };

	a = arena_new();
	clock_set(NOW);
	signer_set(ask_vault);
	test_places();
	test_judging();
	courier_set(go_there);
	if (!courier_configure(STR("witness.example"), &err))
		return 1;
	open_house(&log_house, "log.example");
	open_house(&witness_house, "witness.example");
	test_entering();
	test_cosigned();
	test_covering();
	test_silence();
	test_answers();
	test_refusing();
	test_health();
	close_house(&log_house);
	close_house(&witness_house);
	arena_free(a);
	return done_testing();
}
