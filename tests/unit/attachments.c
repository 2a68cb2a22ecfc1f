/* Files of reports: names, sealing, arriving in any portions, limits, who may, what is left when the key goes. */
#include "../../src/desk/arrival.c"

#include "desk/hold.h"
#include "desk_world.h"

/* ---- names ---- */

static void
test_names(void)
{
	static const struct {
		const char *given, *name;
	} rows[] = {
		{ "a.log", "a.log" }, { "勒索畫面 1.png", "勒索畫面 1.png" }, { "..\\..\\boot.ini", "_.._boot.ini" },
		{ "C:\\x\\y.exe", "C__x_y.exe" }, { ".bashrc", "bashrc" }, { "a.txt. . ", "a.txt" }, { "~$x.doc", "$x.doc" },
		{ "", "_" }, { "   ", "_" }, { "/", "_" }, { "NUL", "_NUL" }, { "nul.tar.gz", "_nul.tar.gz" },
		{ "com1.log", "_com1.log" }, { "com.log", "com.log" }, { "lpt12", "lpt12" }, { "a\tb\nc", "a_b_c" },
		{ "a%2e%2e", "a_2e_2e" }, { "\xe2\x80\xae" "fdp.exe", "_fdp.exe" }, { "a\xef\xbb\xbf" "b", "a_b" },
		{ "\xff\xfe", "__" }, { "\xe4\xb8", "__" }, { "x\xcc\x81.png", "x\xcc\x81.png" },
	};
	struct arena *a = arena_new();
	struct buf b = { .arena = a };
	struct str name;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_str(attachment_name(a, str_c(rows[i].given)), rows[i].name, rows[i].name);
	is_str(attachment_name(a, arena_printf(a, "NUL%130s", "!")), "_NUL", "a device's name that the cut leaves");
	is_str(attachment_name(a, (struct str){ "a\0b", 3 }), "a_b", "NUL");
	is_str(attachment_name_shown(a, (struct str){ "a\0\xff\xe2\x80\xae", 6 }), "a\\u{0}\\xFF\\u{202E}", "what cannot be seen");
	for (int i = 0; i < 300; i++)
		buf_put(&b, STR("檔"));
	buf_put(&b, STR(".pcapng"));
	name = attachment_name(a, buf_str(&b));
	is_int((int64_t)utf8_length(name), 120, "a long one is cut");
	ok(str_ends(name, STR("檔.pcapng")), "and keeps its ending");
	ok(utf8_length(attachment_name_shown(a, buf_str(&b))) == 201, "and so are its letters");
	arena_free(a);
}

/* ---- sealing ---- */

static void
test_sealing(void)
{
	struct arena *a = arena_new();
	unsigned char key[SEALED_KEY] = { 7 }, other[SEALED_KEY] = { 8 };
	struct str text = STR("MZ\x90"), box = sealed_close(a, key, 3, 0, text), back;
	char *changed = arena_c(a, box);

	ok(!str_has(box, text), "the bytes are not in it");
	ok(sealed_open(a, key, 3, 0, box, &back) && str_eq(back, text), "opened by its key");
	ok(!sealed_open(a, other, 3, 0, box, &back), "by no other");
	ok(!sealed_open(a, key, 4, 0, box, &back), "for no other file");
	ok(!sealed_open(a, key, 3, 1, box, &back), "at no other place");
	ok(!sealed_open(a, key, 3, 0, str_first(box, box.n - 1), &back), "cut");
	ok(!sealed_open(a, key, 3, 0, STR("x"), &back), "not even begun");
	changed[box.n - 1] ^= 1;
	ok(!sealed_open(a, key, 3, 0, (struct str){ changed, box.n }, &back), "changed");
	ok(!str_eq(sealed_close(a, key, 3, 0, text), box), "never the same twice");
	ok(!str_eq(sealed_password(a, key), sealed_password(a, other)) &&
	    str_eq(sealed_password(a, key), sealed_password(a, key)), "a password follows from a key");
	is_int((int64_t)sealed_password(a, key).n, 19, "sixteen letters in groups");
	arena_free(a);
}

/* ---- a file on its way ---- */

static int64_t report;

struct begun {
	int who;
	struct value *in;
	struct attachment at;
};

static bool
begin_step(struct tx *tx, void *arg, struct err *err)
{
	struct begun *b = arg;
	struct report r;

	return report_get(tx, &world.who[b->who], report, &r, err) &&
	    attachment_begin(tx, &world.who[b->who], &r, b->in, &b->at, err);
}

/* Its id; 0: world.err says why not. */
static int64_t
begin(int who, const char *name, int64_t size, struct str digest_hex)
{
	struct begun b = { who, value_map(world.arena), { 0 } };

	map_str(world.arena, b.in, "name", str_c(name));
	map_int(world.arena, b.in, "size", size);
	map_str(world.arena, b.in, "sha256", digest_hex);
	return world_write(who, begin_step, &b) ? b.at.id : 0;
}

static struct attachment last;

static bool
append(int who, int64_t id, int64_t offset, struct str bytes)
{
	struct attachment_bytes in = { report, id, offset, bytes, STR("192.0.2.1") };

	world.err = (struct err){ .arena = world.arena };
	return attachment_append(world.store, world.arena, &world.who[who], &in, &last, &world.err);
}

struct looked {
	int who;
	int64_t id;
	struct attachment_taken taken;
	struct value *view, *list;
};

static bool
take_step(struct tx *tx, void *arg, struct err *err)
{
	struct looked *l = arg;
	struct report r;

	return report_get(tx, &world.who[l->who], report, &r, err) &&
	    attachment_take(tx, &world.who[l->who], &r, l->id, &l->taken, err);
}

static bool
look_step(struct tx *tx, void *arg, struct err *err)
{
	struct looked *l = arg;
	struct report r;

	if (!report_get(tx, &world.who[l->who], report, &r, err))
		return false;
	l->list = attachment_list(tx, &world.who[l->who], &r, err);
	l->view = l->id ? attachment_view(tx, &world.who[l->who], &r, l->id, err) : NULL;
	return l->list && (l->view || !l->id);
}

struct compared {
	const struct attachment_taken *taken;
	struct str text;
	int64_t wrong;
};

/* From the beginning, and from any place. */
static bool
compare_step(struct tx *tx, void *arg, struct err *err)
{
	struct compared *c = arg;
	struct str bytes;

	for (size_t at = 0; at < c->text.n; at += bytes.n) {
		if (!attachment_read(tx, c->taken, (int64_t)at, &bytes, err))
			return false;
		c->wrong += !str_eq(bytes, str_first(str_from(c->text, at), bytes.n));
	}
	for (size_t at = 0; at < c->text.n; at += 77777) {
		if (!attachment_read(tx, c->taken, (int64_t)at, &bytes, err))
			return false;
		c->wrong += bytes.n == 0 || !str_eq(bytes, str_first(str_from(c->text, at), bytes.n));
	}
	c->wrong += attachment_read(tx, c->taken, (int64_t)c->text.n, &bytes, &(struct err){ 0 });
	return true;
}

static struct str
noise(size_t n, unsigned seed)
{
	char *p = arena_raw(world.arena, n);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)((seed = seed * 1103515245 + 12345) >> 16);
	return (struct str){ p, n };
}

static struct str
hex_of(struct str text)
{
	struct sha256 h = sha256(text);

	return hex(world.arena, (struct str){ (const char *)h.b, sizeof(h.b) });
}

/* Portions of any length, some sent twice or too far on: the same bytes and the same digest. */
static void
arrive(unsigned seed)
{
	size_t size = 1 + seed * 7919u % 2500000, at = 0, n;
	struct str text = noise(size, seed), digest_hex = hex_of(text);
	int64_t id = begin(NURSE, "x.bin", (int64_t)size, seed % 2 ? digest_hex : STR_NONE);
	struct looked l = { .who = REVIEWER, .id = id };
	struct compared c = { &l.taken, text, 0 };
	int wrong = !id;

	while (at < size && !wrong) {
		seed = seed * 1103515245 + 12345;
		n = ATTACHMENT_CHUNK_LEAST + (seed >> 8) % (ATTACHMENT_CHUNK - ATTACHMENT_CHUNK_LEAST + 1);
		if (n > size - at)
			n = size - at;
		if (seed % 3 == 0 && at > 0) {
			wrong += append(NURSE, id, 0, str_first(text, n)) || world.err.fault != FAULT_OFFSET;
			wrong += !world.err.data || value_get(world.err.data, "received")->i != (int64_t)at;
		}
		wrong += !append(NURSE, id, (int64_t)at, str_first(str_from(text, at), n));
		at += n;
		wrong += at < size && last.state != ATTACHMENT_ARRIVING;
	}
	ok(!wrong, "portions as they come");
	ok(last.state == ATTACHMENT_WHOLE && str_eq(last.sha256, digest_hex), "whole, with its digest");
	ok(world_write(REVIEWER, take_step, &l) && world_read(compare_step, &c) && c.wrong == 0, "and read back the same");
}

static void
test_arriving(void)
{
	struct str text = noise(200000, 5);
	int64_t id;

	report = world_create(NURSE, true, world_form(1, 2, 2, 20, ""));
	ok(report > 0, "a report");
	for (unsigned seed = 1; seed <= 12; seed++)
		arrive(seed * 97);
	id = begin(NURSE, "y.bin", 200000, STR_NONE);
	ok(!append(NURSE, id, 0, str_first(text, 1000)) && world.err.fault == FAULT_REQUEST, "no crumbs");
	ok(!append(NURSE, id, 0, noise(200001, 1)) && world.err.fault == FAULT_TOO_LARGE, "no more than was announced");
	ok(!append(REVIEWER, id, 0, text) && world.err.fault == FAULT_ROLE, "nobody of another house goes on with it");
	ok(!append(DOCTOR, id, 0, text) && world.err.fault == FAULT_NOT_FOUND, "nobody of another report");
	ok(!append(NURSE, id + 1, 0, text) && world.err.fault == FAULT_NOT_FOUND, "nothing to one that is not there");
	ok(append(NURSE2, id, 0, text) && last.state == ATTACHMENT_WHOLE, "a colleague may");
	ok(!append(NURSE, id, 200000, text) && world.err.fault == FAULT_STATE, "nothing behind its end");
	id = begin(NURSE, "z.bin", 200000, hex_of(STR("another")));
	ok(!append(NURSE, id, 0, text) && world_fault("sha256") == FAULT_F_DIGEST, "another digest than was announced");
	ok(!begin(NURSE, "z", 1, STR("zz")) && world_fault("sha256") != FAULT_NONE, "what is no digest");
	ok(!begin(LIAISON, "z", 1, STR_NONE) && world.err.fault == FAULT_ROLE, "the liaison adds nothing");
	ok(!begin(AUDITOR, "z", 1, STR_NONE) && world.err.fault == FAULT_ROLE, "nor the auditor");
	ok(begin(HANDLER, "z", 1, STR_NONE) && begin(REVIEWER, "z", 1, STR_NONE), "handler and reviewer do");
}

static void
test_limits(void)
{
	const struct attachment_limits small = { .size = 1000, .total = 2500, .count = 4, .form = 1000 };

	attachment_configure(&small);
	report = world_create(NURSE, true, world_form(1, 2, 2, 20, ""));
	ok(!begin(NURSE, "a", 1001, STR_NONE) && world_fault("size") == FAULT_F_RANGE, "too large");
	ok(!begin(NURSE, "a", 0, STR_NONE) && world_fault("size") == FAULT_F_RANGE, "nothing at all");
	ok(begin(NURSE, "a", 1000, STR_NONE) && begin(NURSE, "a", 1000, STR_NONE), "two");
	ok(!begin(NURSE, "a", 501, STR_NONE) && world_fault("size") == FAULT_F_ROOM, "no room for this one");
	ok(begin(NURSE, "a", 499, STR_NONE) && begin(NURSE, "a", 1, STR_NONE), "but for these");
	ok(!begin(NURSE, "a", 1, STR_NONE) && world_fault("name") == FAULT_F_COUNT, "too many");
	attachment_configure(&(struct attachment_limits){ .size = 1 << 24, .total = 1 << 26, .count = 50, .form = 1 << 24 });
}

static bool
erase_step(struct tx *tx, void *arg, struct err *err)
{
	const struct audit record = { .action = "attachment.erase", .entity = "attachment", .object = *(int64_t *)arg };

	return db_run(tx, S_ATTACHMENT_KEY_DROP, err, I(*(int64_t *)arg)) && audit_append(tx, &record, err);
}

static struct looked
look(int who, int64_t id)
{
	struct looked l = { .who = who, .id = id };

	world_read(look_step, &l);
	return l;
}

static void
test_erased(void)
{
	struct str text = noise(300000, 9);
	int64_t id = begin(NURSE, "evidence.e01", 300000, STR_NONE);
	struct looked l = { .who = NURSE, .id = id };

	ok(append(NURSE, id, 0, text) && world_write(NURSE, take_step, &l), "there");
	ok(look(REVIEWER, id).view && value_get(look(REVIEWER, id).view, "password")->kind == V_STR, "with its password");
	ok(world_write(-1, erase_step, &id), "its key goes");
	ok(!world_write(NURSE, take_step, &l) && world.err.fault == FAULT_STATE, "nobody gets it any more");
	ok(value_get(look(NURSE, id).view, "password")->kind == V_NULL, "nor a password");
	is_int(world_int(look(NURSE, id).view, "size"), 300000, "that it was there stays known");
	is_int((int64_t)value_get(look(NURSE, id).view, "custody")->n, 4, "and what happened to it");
}

static void
test_given_up(void)
{
	int64_t id = begin(NURSE, "late.bin", 300000, STR_NONE), other;

	ok(append(NURSE, id, 0, noise(100000, 1)), "begun");
	world_later(20 * HOUR);
	attachment_tick(world.store);
	is_str(world_text(look(NURSE, id).view, "state"), "arriving", "twenty hours on it may still go on");
	other = begin(NURSE, "new.bin", 5, STR_NONE);
	world_later(5 * HOUR);
	attachment_tick(world.store);
	is_str(world_text(look(NURSE, id).view, "state"), "withdrawn", "after a day it is given up");
	is_str(world_text(look(NURSE, other).view, "state"), "arriving", "and only it");
	is_int((int64_t)value_get(look(NURSE, 0).list, "rows")->n >= 2, 1, "others are still listed");
}

/* ---- under a hold ---- */

static int64_t hold;

static bool
hold_step(struct tx *tx, void *arg, struct err *err)
{
	struct principal who = world.who[REVIEWER];

	who.roles = ROLE_MANAGER;
	return hold_create(tx, &who, world_json("{%s,\"reason\":\"x\"}", (const char *)arg), false, &hold, err);
}

static bool
lift_step(struct tx *tx, void *arg, struct err *err)
{
	struct principal who = world.who[REVIEWER];
	bool first = *(bool *)arg;

	who.roles = ROLE_MANAGER;
	return hold_do(tx, first ? &who : &world.who[ADMIN], hold, first ? HOLD_LIFT : HOLD_CONFIRM, STR("x"), 0, err);
}

/* Whether bytes of it lie there, and its key. */
static bool
bytes_step(struct tx *tx, void *arg, struct err *err)
{
	int64_t *id = arg;
	struct rows q = db_query(tx, S_ATTACHMENT_PART, I(*id), I(0));
	bool part = db_next(&q), key;
	unsigned char k[SEALED_KEY];

	if (!db_end(&q, err) || !sealed_key(tx, *id, k, &key, err))
		return false;
	*id = part && key ? 2 : part || key;
	return true;
}

static int64_t
left_of(int64_t id)
{
	return world_read(bytes_step, &id) ? id : -1;
}

static bool
cancel_step(struct tx *tx, void *arg, struct err *err)
{
	const struct report_input nothing = { .in = value_map(tx_arena(tx)) };
	struct attachment at;
	struct report r;

	return report_get(tx, &world.who[NURSE], report, &r, err) &&
	    attachment_withdraw(tx, &world.who[NURSE], &r, *(int64_t *)arg, &nothing, &at, err);
}

static void
test_held(const char *what)
{
	int64_t free_one = begin(NURSE, "free.bin", 300000, STR_NONE), late, cancelled;
	bool first = true, second = false;

	ok(append(NURSE, free_one, 0, noise(100000, 1)) && left_of(free_one) == 2, "begun");
	ok(world_write(NURSE, cancel_step, &free_one), "cancelled, under no hold");
	is_int(left_of(free_one), 0, "its bytes and its key are gone");
	late = begin(NURSE, "late.bin", 300000, STR_NONE);
	cancelled = begin(NURSE, "cancelled.bin", 300000, STR_NONE);
	ok(append(NURSE, late, 0, noise(100000, 1)) && append(NURSE, cancelled, 0, noise(100000, 2)), "two begun");
	ok(world_write(REVIEWER, hold_step, (void *)(uintptr_t)what), what);
	ok(world_write(NURSE, cancel_step, &cancelled), "one is cancelled");
	world_later(25 * HOUR);
	attachment_tick(world.store);
	is_str(world_text(look(NURSE, cancelled).view, "state"), "withdrawn", "it is cancelled");
	is_str(world_text(look(NURSE, late).view, "state"), "withdrawn", "the other is given up");
	ok(left_of(cancelled) == 2 && left_of(late) == 2, "what came of them stays");
	ok(world_write(REVIEWER, lift_step, &first), "one person wants the hold lifted");
	world_later(HOUR);
	attachment_tick(world.store);
	ok(left_of(cancelled) == 2 && left_of(late) == 2, "it stands");
	ok(world_write(ADMIN, lift_step, &second), "the second lifts it");
	world_later(HOUR);
	attachment_tick(world.store);
	ok(left_of(cancelled) == 0 && left_of(late) == 0, "then both go");
	is_int((int64_t)value_get(look(NURSE, late).view, "custody")->n, 3, "which is recorded; it was given up once");
}

/* A form brings a file at once: what is not taken does not stay half there. */
static void
test_cut_off(void)
{
	struct value *in = world_json("{\"name\":\"x.bin\",\"size\":2000000,\"sha256\":\"%064d\"}", 7);
	struct err err = { .arena = world.arena };
	struct attachment made = { 0 };

	ok(!attachment_store(world.store, world.arena, &world.who[NURSE], report, STR("192.0.2.1"), in, noise(2000000, 3), &made,
	    &err) && err.fields && err.fields->fault == FAULT_F_DIGEST, "another digest than announced");
	for (const struct value *v = value_get(look(NURSE, 0).list, "rows")->first; v; v = v->next)
		ok(!str_is(world_text(v, "name"), "x.bin"), "it is not listed");
}

int
main(void)
{
	world_open();
	test_names();
	test_sealing();
	test_arriving();
	test_limits();
	test_erased();
	test_given_up();
	test_held(arena_printf(world.arena, "\"kind\":\"case\",\"case_no\":\"%lld\"", (long long)report).p);
	test_held("\"kind\":\"system\",\"systems\":[\"198.51.100.1\",\"203.0.113.0/28\"]");
	test_cut_off();
	world_close();
	return done_testing();
}
