/* The life of keys and what they sign: rotation, expiry, compromise, a keeper that is away and comes back. */
#include "desk/checkpoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "daemon/vault.h"
#include "desk/keys.h"
#include "desk/signer.h"
#include "model/entity.h"
#include "store/audit.h"
#include "tap.h"

#define NOW (INT64_C(1795313400) * SECOND)

static struct arena *a;
static char home[] = "/tmp/tocsin-checkpoints-XXXXXX";
static struct store *st;
static struct vault *vault;
static bool away;

static void
ask_vault(const struct signer_ask *ask, struct signer_said *ret_said)
{
	if (away)
		*ret_said = (struct signer_said){ .fault = FAULT_TOKEN, .detail = "the token is not there" };
	else
		vault_answer(vault, ask, ret_said);
}

static bool
note_something(struct tx *tx, void *arg, struct err *err)
{
	struct audit r = { .action = "test.done", .entity = "", .result = AUDIT_DONE };

	(void)arg;
	return audit_append(tx, &r, err);
}

static void
happens(void)
{
	struct err err = { .arena = a };

	if (!store_write(st, a, note_something, NULL, &err))
		abort();
}

static struct kept_checkpoint
last(void)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	struct kept_checkpoint c = { .size = 0 };

	if (!tx || !checkpoint_last(tx, &c, &err))
		abort();
	store_done(tx);
	return c;
}

static struct keys
all_keys(void)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	struct keys keys;

	if (!tx || !keys_read_all(tx, &keys, &err))
		abort();
	store_done(tx);
	return keys;
}

static struct str
public_keys(void)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	struct buf b = { .arena = a };

	if (!tx || !keys_public(tx, &b, &err))
		abort();
	store_done(tx);
	return buf_str(&b);
}

/* What a checker says of this checkpoint with the key file of now. */
static enum refusal
judged(struct str note)
{
	struct keyring keys;
	struct checkpoint c;
	const struct signer *by;
	int line = 0;
	enum refusal why = keys_read(public_keys(), &keys, &line);

	if (why == REFUSAL_NONE)
		why = checkpoint_read(note, &c);
	return why == REFUSAL_NONE ? keys_verify(&keys, &c, &by) : why;
}

static bool
made(struct err *err)
{
	*err = (struct err){ .arena = a };
	return checkpoint_make(st, a, err);
}

static bool
rotated(int64_t purpose, const char *reason, int64_t *ret_id, struct err *err)
{
	struct key_rotation in = { .purpose = purpose, .reason = str_c(reason) };

	return keys_rotate(st, NULL, STR_NONE, a, &in, ret_id, err);
}

static bool
tick(void)
{
	struct err err = { .arena = a };

	return keys_tick(st, a, &err);
}

static int
signatures(struct str note)
{
	struct str line;
	int n = 0;

	while (str_split(&note, '\n', &line))
		n += str_starts(line, STR("\xe2\x80\x94 "));
	return n;
}

static void
test_first(void)
{
	struct err err = { .arena = a };
	struct kept_checkpoint c, again;
	struct keys keys;

	ok(!made(&err) && err.fault == FAULT_KEEPER, "without a key nothing is signed, and it is said why");
	err = (struct err){ .arena = a };
	ok(keys_first(st, a, &err) && keys_first(st, a, &err), "the first keys are made, once");
	keys = all_keys();
	ok(keys.n == 2 && keys_active(&keys, PURPOSE_LOG, NOW) && keys_active(&keys, PURPOSE_WITNESS, NOW),
	    "one for the log, one to witness");
	ok(made(&err), "the log is signed");
	c = last();
	is_int(judged(c.note), REFUSAL_NONE, "a checker with the key file finds it good");
	ok(made(&err) && last().size == c.size, "where nothing is new nothing is signed");
	happens();
	ok(made(&err), "something happens: signed again");
	again = last();
	ok(again.size == c.size + 1 && judged(again.note) == REFUSAL_NONE, "one record more, and good");
}

static void
test_covering(void)
{
	struct err err = { .arena = a };
	struct kept_checkpoint c = last(), found;
	struct tx *tx = store_read(st, a, &err);
	int64_t due;

	ok(checkpoint_covering(tx, c.size - 1, &found, &err) && found.size == c.size, "the newest record is covered by the newest");
	ok(checkpoint_covering(tx, 0, &found, &err) && found.size < c.size, "the first by the first");
	ok(checkpoint_covering(tx, c.size, &found, &err) && found.size == 0, "one that is to come by none");
	ok(checkpoint_due(tx, &due, &err) && due == NO_TIME, "none is due");
	store_done(tx);
	happens();
	tx = store_read(st, a, &err);
	ok(checkpoint_due(tx, &due, &err) && due == c.at + MINUTE, "then one is, an interval after the last");
	store_done(tx);
}

/* The token is pulled out while records come; they are covered when it is back. */
static void
test_away(void)
{
	struct err err = { .arena = a };
	struct kept_checkpoint before = last();
	struct str words;

	away = true;
	happens();
	ok(!made(&err) && err.fault == FAULT_TOKEN && last().size == before.size, "the token is away: a clear fault, nothing is signed");
	ok(notary_health(a, &words) == FAULT_TOKEN && str_is(words, "the token is not there"), "health says so");
	away = false;
	ok(made(&err) && judged(last().note) == REFUSAL_NONE, "it is back: the checkpoint comes");
	is_int(notary_health(a, &words), FAULT_NONE, "health says that too");
}

static void
test_rotation(void)
{
	struct err err = { .arena = a };
	struct keyring only_old;
	const struct signer *by;
	struct checkpoint c;
	struct keys keys;
	struct buf old_vkey = { .arena = a };
	int64_t id = 0;
	int line = 0;

	keys = all_keys();
	buf_put(&old_vkey, keys_active(&keys, PURPOSE_LOG, clock_now())->vkey);
	buf_char(&old_vkey, '\n');
	clock_set(NOW + 100 * DAY);
	ok(rotated(PURPOSE_LOG, "planned", &id, &err), "the key is rotated");
	ok(made(&err), "and signs");
	is_int(signatures(last().note), 2, "during the overlap both sign");
	is_int(judged(last().note), REFUSAL_NONE, "good by the key file");
	ok(keys_read(buf_str(&old_vkey), &only_old, &line) == REFUSAL_NONE && checkpoint_read(last().note, &c) == REFUSAL_NONE &&
	    keys_verify(&only_old, &c, &by) == REFUSAL_NONE, "and for who knows only the old key");
	clock_set(NOW + 131 * DAY);
	ok(tick(), "the overlap is over");
	happens();
	ok(made(&err) && signatures(last().note) == 1 && judged(last().note) == REFUSAL_NONE, "the new one alone signs, and is trusted by the old one's word");
	keys = all_keys();
	ok(keys.list[0].state == KEY_RETIRED && keys.list[0].ended_at == clock_now(), "the old one is retired");
}

static void
test_expiry(void)
{
	static const struct {
		int before, warned;
	} steps[] = { { 91, -1 }, { 90, 90 }, { 45, 90 }, { 30, 30 }, { 8, 30 }, { 7, 7 }, { 1, 7 } };
	struct err err = { .arena = a };
	struct keys keys = all_keys();
	int64_t end = keys_active(&keys, PURPOSE_LOG, clock_now())->not_after, id;
	struct kept_checkpoint before;
	bool warned = true;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct signing_key *k;

		clock_set(end - steps[i].before * DAY);
		warned &= tick();
		keys = all_keys();
		k = keys_active(&keys, PURPOSE_LOG, clock_now());
		warned &= k && (steps[i].warned < 0 ? k->warned == NONE : k->warned == steps[i].warned);
	}
	ok(warned, "warnings go out 90, 30 and 7 days before the end, each once");
	before = last();
	clock_set(end);
	happens();
	ok(!made(&err) && err.fault == FAULT_KEEPER && last().size == before.size, "an expired key signs nothing");
	is_int(judged(before.note), REFUSAL_NONE, "what it signed before counts");
	err = (struct err){ .arena = a };
	ok(rotated(PURPOSE_LOG, "late", &id, &err) && made(&err) && judged(last().note) == REFUSAL_NONE,
	    "a new key stands for itself, and goes on");
}

static const struct key_compromise now_stolen = { .since = NO_TIME, .reason = { "stolen", 6 } };

static void
test_compromise(void)
{
	struct err err = { .arena = a };
	struct keys keys = all_keys();
	int64_t id = keys_active(&keys, PURPOSE_LOG, clock_now())->id, next;
	struct kept_checkpoint before = last();
	struct note_key key;
	struct buf forged = { .arena = a };
	unsigned char signature[64];
	struct checkpoint c;
	struct vault_options o = { .dir = -1 };
	struct vault *thief = NULL;

	/* The thief has a copy of the keys. */
	if (system(arena_printf(a, "cp -r %s %s-stolen", home, home).p) != 0)
		abort();
	o.dir = vault_directory(arena_printf(a, "%s-stolen", home).p, false, &err);
	ok(vault_open(&o, &thief, &err) && keys_note(keys_active(&keys, PURPOSE_LOG, clock_now()), &key), "a key is stolen");
	clock_set(clock_now() + HOUR);
	ok(keys_compromised(st, NULL, STR_NONE, a, id, &now_stolen, &err), "it is declared compromised");
	is_int(judged(before.note), REFUSAL_NONE, "what was signed before stays valid");
	happens();
	ok(!made(&err) && err.fault == FAULT_KEEPER, "it signs no more");
	err = (struct err){ .arena = a };
	ok(!keys_compromised(st, NULL, STR_NONE, a, id, &now_stolen, &err) && err.fault == FAULT_STATE, "once");
	clock_set(clock_now() + HOUR);
	checkpoint_read(before.note, &c);
	c.size += 100;
	c.time = clock_now();
	vault_close(vault);
	vault = thief;
	err = (struct err){ .arena = a };
	ok(signer_checkpoint(&key, &c, signature, &err), "the thief signs");
	checkpoint_write(&forged, &c);
	buf_char(&forged, '\n');
	note_line_write(&forged, &key, (struct str){ (const char *)signature, 64 });
	is_int(judged(buf_str(&forged)), REFUSAL_KEY_COMPROMISED, "and nobody believes it");
	vault_close(thief);
	close(o.dir);
	o.dir = vault_directory(home, false, &err);
	ok(vault_open(&o, &vault, &err), "the keeper is back");
	err = (struct err){ .arena = a };
	ok(rotated(PURPOSE_LOG, "after the theft", &next, &err) && made(&err) && judged(last().note) == REFUSAL_NONE,
	    "a new key goes on");
}

static int64_t
covered_by(int64_t size)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	struct kept_checkpoint c;

	if (!tx || !checkpoint_covering(tx, size - 1, &c, &err))
		abort();
	store_done(tx);
	return c.size;
}

static struct kept_checkpoint
an_hour_later(void)
{
	struct err err;

	clock_set(clock_now() + HOUR);
	happens();
	if (!made(&err))
		abort();
	return last();
}

static enum fault
declared(int64_t id, int64_t since)
{
	struct key_compromise in = { .since = since, .reason = { "found out", 9 } };
	struct err err = { .arena = a };

	return keys_compromised(st, NULL, STR_NONE, a, id, &in, &err) ? FAULT_NONE : err.fault;
}

static struct signing_key
key_of(int64_t id)
{
	struct keys keys = all_keys();

	for (int i = 0; i < keys.n; i++)
		if (keys.list[i].id == id)
			return keys.list[i];
	abort();
}

/* It is found out later that a key had been known for a while. */
static void
test_backdated(void)
{
	struct err err = { .arena = a };
	struct keys keys = all_keys();
	struct signing_key lost = *keys_active(&keys, PURPOSE_LOG, clock_now());
	struct kept_checkpoint first = an_hour_later(), second = an_hour_later(), third;
	int64_t next;

	clock_set(clock_now() + HOUR);
	ok(rotated(PURPOSE_LOG, "yearly", &next, &err), "a key is rotated");
	third = an_hour_later();
	is_int(signatures(third.note), 2, "both sign");
	is_int(declared(lost.id, clock_now() + 1), FAULT_FIELDS, "a compromise in the future is refused");
	is_int(declared(lost.id, lost.not_before - 1), FAULT_FIELDS, "and one of before the key");
	ok(judged(second.note) == REFUSAL_NONE && key_of(lost.id).state == KEY_ROTATING, "nothing has changed by that");
	is_int(covered_by(second.size), second.size, "a receipt has the first checkpoint");

	is_int(declared(lost.id, first.at + 1), FAULT_NONE, "declared as of a moment that has passed");
	is_int(judged(first.note), REFUSAL_NONE, "what was signed before that stays valid");
	is_int(judged(second.note), REFUSAL_KEY_COMPROMISED, "what was signed since does not count");
	is_int(judged(third.note), REFUSAL_NONE, "unless the next key has signed it too");
	is_int(covered_by(first.size), first.size, "a receipt of before keeps its checkpoint");
	is_int(covered_by(second.size), third.size, "a receipt of since gets one that counts");
	lost = key_of(lost.id);
	ok(lost.compromised_from == first.at + 1 && lost.compromised_size == first.size, "the key's record says both");

	is_int(declared(lost.id, NO_TIME), FAULT_STATE, "not once more of a later moment");
	is_int(declared(lost.id, first.at), FAULT_NONE, "but of an earlier one");
	is_int(judged(first.note), REFUSAL_KEY_COMPROMISED, "then that counts");
	is_int(covered_by(first.size), third.size, "and receipts follow");
	is_int(declared(next, key_of(next).not_before), FAULT_NONE, "the only other key is lost as well, all of its time");
	is_int(covered_by(first.size), 0, "then no checkpoint counts any more");
	err = (struct err){ .arena = a };
	ok(rotated(PURPOSE_LOG, "after the theft", &next, &err), "a new key");
	third = an_hour_later();
	is_int(covered_by(first.size), third.size, "and receipts have its checkpoint");
}

static int
statements(void)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	struct rows q = db_query(tx, S_KEY_STATEMENTS);
	int n = 0;

	while (db_next(&q))
		n++;
	if (!db_end(&q, &err))
		abort();
	store_done(tx);
	return n;
}

/* The token is away when its key is found to be lost: whoever checks is told as soon as something can sign that. */
static void
test_unstated(void)
{
	struct kept_checkpoint since = an_hour_later();
	struct err err = { .arena = a };
	struct keys keys = all_keys();
	int64_t id = keys_active(&keys, PURPOSE_LOG, clock_now())->id, next;
	int before = statements();

	away = true;
	is_int(declared(id, since.at), FAULT_NONE, "a compromise is declared while the token is away");
	ok(key_of(id).state == KEY_COMPROMISED && covered_by(since.size) == 0, "it counts here");
	ok(tick() && statements() == before && judged(since.note) == REFUSAL_NONE, "who checks without us cannot know");
	away = false;
	ok(tick() && judged(since.note) == REFUSAL_KEY_COMPROMISED, "it is back: that is stated");
	ok(tick() && statements() == before + 1, "once");
	ok(rotated(PURPOSE_LOG, "after the theft", &next, &err), "a new key");
}

/* Whether the signer still cosigns with this key. */
static bool
cosigns(const struct signing_key *k, int64_t size)
{
	struct checkpoint c = { .origin = STR("log.other.example"), .size = size, .time = clock_now() };
	struct err err = { .arena = a };
	unsigned char signature[64];
	struct note_key key;

	return keys_note(k, &key) && signer_cosign(&key, &c, clock_now() / SECOND, signature, &err);
}

/* What the public keys say of a key of the witness at this time, for who trusts the log's. */
static enum refusal
witness_judged(const struct signing_key *k, int64_t t)
{
	struct keyring keys;
	struct note_key key;
	int line = 0;

	if (keys_read(public_keys(), &keys, &line) != REFUSAL_NONE || !keys_note(k, &key))
		return REFUSAL_STATEMENT;
	for (int i = 0; i < keys.n; i++)
		if (note_key_same(&keys.signer[i].key, &key))
			return signer_valid(&keys.signer[i], t);
	return REFUSAL_NO_KEY;
}

static struct value *
listed(void)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	struct value *v = tx ? keys_list(tx, NULL, &err) : NULL;

	store_done(tx);
	return v;
}

static bool
is_due(const char *what)
{
	for (const struct value *t = value_get(listed(), "due")->first; t; t = t->next)
		if (str_is(value_text(value_get(t, "what")), what))
			return true;
	return false;
}

/* Others know one key of a witness: a new one takes its place at once. */
static void
test_witness(void)
{
	struct err err = { .arena = a };
	struct keys keys = all_keys();
	struct signing_key first = *keys_active(&keys, PURPOSE_WITNESS, clock_now()), second, third;
	int64_t id;

	ok(cosigns(&first, 1) && witness_judged(&first, clock_now()) == REFUSAL_NO_KEY, "the witness has a key, known by hand alone");
	clock_set(clock_now() + HOUR);
	ok(rotated(PURPOSE_WITNESS, "yearly", &id, &err), "it gets another");
	second = key_of(id);
	keys = all_keys();
	ok(keys_active(&keys, PURPOSE_WITNESS, clock_now())->id == id && cosigns(&second, 2), "which witnesses");
	first = key_of(first.id);
	ok(first.state == KEY_RETIRED && first.ended_at == clock_now() && !cosigns(&first, 3), "the old one signs nothing any more");
	is_int(witness_judged(&second, clock_now()), REFUSAL_NONE, "a key of the log states the new one");

	clock_set(clock_now() + HOUR);
	is_int(declared(id, clock_now() - MINUTE), FAULT_NONE, "that is lost");
	ok(!cosigns(&second, 4), "and signs no more");
	is_int(witness_judged(&second, clock_now() - MINUTE), REFUSAL_KEY_COMPROMISED, "what it cosigned since counts no more");
	is_int(witness_judged(&second, clock_now() - MINUTE - 1), REFUSAL_NONE, "what it cosigned before does");
	is_int(declared(first.id, clock_now()), FAULT_NONE, "the first was lost too");
	ok(witness_judged(&first, clock_now()) == REFUSAL_KEY_COMPROMISED && witness_judged(&first, clock_now() - 1) == REFUSAL_NONE,
	    "which is stated of one that was never stated itself");
	ok(is_due("replace_witness") && !is_due("replace"), "another is to be made");
	away = true;
	err = (struct err){ .arena = a };
	ok(!rotated(PURPOSE_WITNESS, "lost", &id, &err) && err.fault == FAULT_TOKEN && is_due("replace_witness"),
	    "a keeper that is away makes none");
	away = false;
	err = (struct err){ .arena = a };
	ok(rotated(PURPOSE_WITNESS, "lost", &id, &err), "the next");
	third = key_of(id);
	ok(cosigns(&third, 5) && witness_judged(&third, clock_now()) == REFUSAL_NONE && !is_due("replace_witness"), "witnesses, and nothing is due");
	is_int(judged(an_hour_later().note), REFUSAL_NONE, "the log's own keys sign as before");
}

static void
test_order(void)
{
	const struct value *rows = value_get(listed(), "rows");
	bool witnesses = false, held = true, newest = true;
	int64_t before = INT64_MAX;

	for (const struct value *k = rows->first; k; k = k->next) {
		bool witness = str_is(value_text(value_get(k, "purpose")), "witness");

		held = held && (witness || !witnesses);
		before = witness && !witnesses ? INT64_MAX : before;
		witnesses = witness;
		newest = newest && value_get(k, "id")->i < before;
		before = value_get(k, "id")->i;
	}
	ok(held && witnesses, "the log's keys are shown first");
	ok(newest, "of each the newest first");
}

static bool
backup_work(struct tx *tx, void *arg, struct err *err)
{
	struct keys keys;
	const struct signing_key *k;

	(void)arg;
	if (!keys_read_all(tx, &keys, err))
		return false;
	k = keys_active(&keys, PURPOSE_LOG, clock_now());
	return keys_shared(tx, k->key_id, err) && keys_tested(tx, k->key_id, false, err);
}

static void
test_backups(void)
{
	struct err err = { .arena = a };
	struct tx *tx;
	struct value *v;

	ok(tick() && store_write(st, a, backup_work, NULL, &err), "a backup and its test are recorded");
	tx = store_read(st, a, &err);
	v = keys_list(tx, NULL, &err);
	store_done(tx);
	ok(v && value_get(v, "due")->n == 1 && str_is(value_text(value_get(value_get(v, "due")->first, "what")), "share_again"),
	    "a test that failed is on the list of what is to be done");
}

int
main(void)
{
	struct store_options o = { .dir = home, .create = true };
	struct vault_options keys = { .dir = -1 };
	struct err err;

	a = arena_new();
	err = (struct err){ .arena = a };
	clock_set(NOW);
	if (!mkdtemp(home))
		return 1;
	o.extra = entity_statements(&o.extra_count);
	keys.dir = vault_directory(home, true, &err);
	if (!store_open(&o, &st, &err) || !vault_open(&keys, &vault, &err)) {
		printf("Bail out! %.*s\n", STR_FMT(err.detail));
		return 1;
	}
	signer_set(ask_vault);
	happens();
	test_first();
	test_covering();
	test_away();
	test_rotation();
	test_expiry();
	test_compromise();
	test_backdated();
	test_unstated();
	test_witness();
	test_order();
	test_backups();
	store_close(st);
	vault_close(vault);
	close(keys.dir);
	if (system(arena_printf(a, "rm -rf %s %s-stolen", home, home).p) != 0)
		return 1;
	arena_free(a);
	return done_testing();
}
