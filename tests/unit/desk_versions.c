/*
 * Versions, comparison, concurrent edits, autosave, numbers, readings, keys of creation, the trail's words.
 */
#include "desk_world.h"

#include "desk/idempotency.h"

struct compared {
	int64_t id, a, b;
	struct value *value;
};

static bool
compare_step(struct tx *tx, void *arg, struct err *err)
{
	struct compared *c = arg;
	struct report r;

	if (!report_get(tx, &world.who[NURSE], c->id, &r, err))
		return false;
	c->value = report_compare(tx, &world.who[NURSE], &r, c->a, c->b, err);
	return c->value;
}

static struct value *
compare(int64_t id, int64_t a, int64_t b)
{
	struct compared c = { id, a, b, NULL };

	return world_read(compare_step, &c) ? value_get(c.value, "changes") : NULL;
}

static void
versions(void)
{
	int64_t id = world_create(NURSE, false, world_json("{\"description\":\"一\"}"));
	struct value *rows, *changes, *data;
	struct face face = { .lang = LANG_ZH, .zone = zone_find(STR("Asia/Taipei")), .now = clock_now() };

	ok(world_save(NURSE, id, 1, world_json("{\"description\":\"二\",\"category\":\"dos\"}")),
	    "a draft is saved");
	is_int(world_last.version, 2, "as its second version");
	ok(!world_save(NURSE2, id, 1, world_json("{\"description\":\"三\"}")), "who saw the first is refused");
	is_int(world.err.fault, FAULT_VERSION, "because it changed");
	data = world.err.data;
	is_str(world_text(data, "by"), "林怡君", "by whom");
	is_int(world_int(data, "version"), 2, "to which version");
	changes = value_get(value_get(data, "changed"), "description");
	ok(changes && str_is(value_text(changes->first), "一") && str_is(value_text(changes->last), "二"),
	    "from what to what");
	ok(world_save(NURSE2, id, 2, world_json("{\"description\":\"三\"}")), "who has seen it saves");
	ok(!world_save(NURSE2, id, 0, world_json("{\"version\":1,\"description\":\"四\"}")),
	    "the version may stand in the input");
	is_int(world.err.fault, FAULT_VERSION, "and is looked at");
	ok(world_save(NURSE2, id, 0, world_json("{\"description\":\"三\"}")), "nothing changes");
	is_int(world_last.version, 3, "so there is no new version");
	rows = value_get(world_see(NURSE, id, report_versions), "rows");
	is_int(rows->n, 3, "three versions");
	is_int(world_int(rows->first, "version"), 3, "newest first");
	is_str(world_text(rows->first, "by"), "陳志明", "with who made it");
	is_str(face_value(world.arena, &face, value_get(rows->first, "changed_fields")), "事故說明",
	    "and what changed, in words");
	changes = compare(id, 1, 3);
	is_int(changes->n, 2, "two fields differ between the first and the third");
	is_str(world_text(world_row(changes, "field", "description"), "from"), "一", "from");
	is_str(world_text(world_row(changes, "field", "description"), "to"), "三", "to");
	is_str(face_value(world.arena, &face, value_get(world_row(changes, "field", "category"), "to")),
	    "阻斷服務（DoS/DDoS）", "choices in words");
	is_int(compare(id, 2, 2)->n, 0, "a version is itself");
	ok(!compare(id, 1, 9), "one that is none");
	is_int(world.err.fault, FAULT_NOT_FOUND, "is not found");
}

/* What GET gave, PUT takes back, and nothing changes. */
static void
sent_back(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 3, 1, 5,
	    "\"web_url\":[\"http://evil.example/x\"],\"os_version\":{\"windows\":\"11\"}"));
	struct err err = { .arena = world.arena };
	struct value *again;
	struct report before;

	world_do(REVIEWER, id, VERB_REVIEW,
	    world_json("{\"level_reviewed\":2,\"level_reason\":\"r\",\"other_ci_reviewed\":true}"));
	world_do(REVIEWER, id, VERB_CONTACT, world_json("{\"summary\":\"s\"}"));
	before = world_last;
	ok(json_parse(world.arena, json_text(world.arena, world_see(NURSE, id, report_view)), &again, &err),
	    "an answer is JSON");
	if (!ok(world_save(NURSE, id, 0, again), "and can be sent back as it came"))
		for (const struct field_err *f = world.err.fields; f; f = f->next)
			printf("#   %.*s: %s\n", STR_FMT(f->field), fault_code(f->fault));
	is_int(world_last.version, before.version, "which changes nothing");
	ok(json_parse(world.arena, json_text(world.arena, world_see(REVIEWER, id, report_view)), &again,
	    &err) && world_save(REVIEWER, id, 0, again), "not for the reviewer either");
	is_int(world_last.version, before.version, "to whom most of it is fixed");
}

static bool
autosave(int64_t id, const char *json)
{
	struct world_act act = { .who = NURSE, .id = id, .save = true,
	    .input = { .in = world_json("%s", json), .autosave = true } };

	return world_run(&act);
}

static void
typing(void)
{
	int64_t id = world_create(NURSE, false, world_json("{\"description\":\"開始\"}"));
	struct value *rows, *v;

	ok(autosave(id, "{\"description\":\"開始打字\"}") && autosave(id, "{\"description\":\"開始打字了\"}"),
	    "kept while typing");
	rows = value_get(world_see(NURSE, id, report_versions), "rows");
	is_int(rows->n, 2, "the second replaces the first in the versions");
	is_str(world_text(rows->first, "verb"), "autosave", "and is told as such");
	is_int(compare(id, 1, 3)->n, 1, "it can be compared");
	ok(autosave(id, "{\"reporting_email\":\"nurse@\",\"measures\":\"斷網\"}"),
	    "half an address does not lose the rest");
	v = world_see(NURSE, id, report_view);
	is_str(world_text(v, "measures"), "斷網", "which is there");
	is_str(world_text(v, "reporting_email"), "soc@example.org", "beside what stood there before");
	ok(autosave(id, "{\"victim_hosts\":1,\"victim_servers\":5}"), "what does not fit yet is kept too");
	ok(!world_save(NURSE, id, 0, world_json("{\"victim_hosts\":1}")), "but saving says so");
	is_int(world_fault("victim_servers"), FAULT_F_SERVERS, "by the field");
	ok(world_save(NURSE, id, 0, world_json("{\"victim_hosts\":9}")), "and saved");
	rows = value_get(world_see(NURSE, id, report_versions), "rows");
	is_int(rows->n, 2, "the autosave is gone");
	is_str(world_text(rows->first, "verb"), "save", "the version took its place");
}

/* ---- numbers ---- */

struct filing {
	struct world_act act;
	bool spoil;
};

static bool
file_step(struct tx *tx, void *arg, struct err *err)
{
	struct filing *f = arg;

	if (!world_act_step(tx, &f->act, err))
		return false;
	return !f->spoil || err_set(err, FAULT_INTERNAL);
}

static void
numbers(void)
{
	struct filing f = { .act = { .who = TELLER, .submit = true } };
	int64_t at = clock_now();

	f.act.input.in = world_form(0, 1, 1, 5, NULL);
	ok(world_write(TELLER, file_step, &f), "filed");
	is_str(f.act.r.report_no, "FIN-2026-000001", "the other sector counts for itself");
	f.spoil = true;
	f.act.input.in = world_form(0, 1, 1, 5, NULL);
	ok(!world_write(TELLER, file_step, &f), "one that is undone");
	f.spoil = false;
	f.act.input.in = world_form(0, 1, 1, 5, NULL);
	ok(world_write(TELLER, file_step, &f), "and the next");
	is_str(f.act.r.report_no, "FIN-2026-000002", "leave no gap");
	world_at(INT64_C(1798732800) * SECOND);          /* 2026-12-31T16:00:00Z */
	f.act.input.in = world_form(0, 1, 1, 5, NULL);
	ok(world_write(TELLER, file_step, &f), "at midnight in Taipei");
	is_str(f.act.r.report_no, "FIN-2027-000001", "begins another year");
	world_at(at);
}

/* ---- a dry run ---- */

static int64_t
count_reports(void)
{
	struct value *out = world_see(AUDITOR, world_last.id, report_versions);

	return out ? (int64_t)value_get(out, "rows")->n : -1;
}

static void
dry(void)
{
	struct world_act act = { .who = NURSE, .input = { .in = world_json("{\"description\":\"x\"}"),
	    .validate_only = true } };
	int64_t id;

	ok(!world_write(NURSE, world_act_step, &act), "a dry run asks for everything");
	is_int(world_fault("impact_c"), FAULT_F_MISSING, "as filing does");
	act.input.in = world_form(0, 2, 1, 5, NULL);
	ok(world_write(NURSE, world_act_step, &act), "and is content with a whole form");
	is_int(act.r.id, 0, "of which nothing was written");
	is_int(act.r.level, 2, "with the level it would have");
	id = world_create(NURSE, false, world_form(0, 2, 1, 5, NULL));
	act.id = id;
	act.verb = VERB_SUBMIT;
	act.input.in = world_json("{}");
	ok(world_write(NURSE, world_act_step, &act), "the same for a draft");
	is_int(count_reports(), 1, "which stays as it was");
	is_str(world_text(world_see(NURSE, id, report_short), "state"), "draft", "a draft");
}

/* ---- readings ---- */

struct reading {
	int who;
	int64_t id;
	bool known, record;
};

static bool
reading_step(struct tx *tx, void *arg, struct err *err)
{
	struct reading *a = arg;
	const struct principal *who = &world.who[a->who];
	struct report r;

	if (!report_get(tx, who, a->id, &r, err))
		return false;
	a->known = report_reading_known(who, &r, PART_REPORT, tx_now(tx));
	return !a->record || report_record_reading(tx, who, &r, PART_REPORT, err);
}

static bool
known(int who, int64_t id)
{
	struct reading a = { .who = who, .id = id };

	return world_read(reading_step, &a) && a.known;
}

static void
readings(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 1, 1, 5, NULL));
	struct reading a = { .who = REVIEWER, .id = id, .record = true };
	struct value *trail;
	const struct value *reader;

	ok(!known(REVIEWER, id), "not read yet");
	ok(world_write(REVIEWER, reading_step, &a), "recorded");
	ok(known(REVIEWER, id), "known now");
	ok(!known(HANDLER, id), "of this reader only");
	world_later(14 * MINUTE);
	ok(known(REVIEWER, id), "for a quarter of an hour");
	world_later(2 * MINUTE);
	ok(!known(REVIEWER, id), "and not longer");
	ok(world_write(REVIEWER, reading_step, &a), "recorded again");
	ok(world_do(REVIEWER, id, VERB_RETURN, world_json("{\"remark\":\"補\"}")), "another version");
	ok(!known(REVIEWER, id), "is another reading");
	world_at(clock_now() - HOUR);
	ok(!known(REVIEWER, id), "a clock put back makes nobody a reader");
	world_later(HOUR);
	trail = world_see(NURSE, id, world_trail);
	reader = world_row(value_get(trail, "readers"), "who", "黃審核");
	ok(reader && world_int(reader, "times") == 2, "its owner sees who read it, and how often");
	ok(value_get(trail, "may_read")->n >= 3, "and who may");
	ok(world_row(value_get(trail, "rows"), "action", "report.read") &&
	    value_get(world_row(value_get(trail, "rows"), "action", "report.read"),
	    "address")->kind == V_NULL, "not from which address");
	is_str(world_text(world_row(value_get(trail, "rows"), "action", "report.return"), "reason"), "補",
	    "why it came back");
}

/* ---- the trail's words ---- */

static void
trail_words(void)
{
	struct face face = { .lang = LANG_ZH, .zone = zone_find(STR("Asia/Taipei")), .now = clock_now() };
	int64_t id = world_create(NURSE, true, world_form(0, 1, 1, 5, NULL)), missing = msg_missing_count();
	struct value *trail;
	const struct value *row, *change;
	bool words = true;

	world_do(REVIEWER, id, VERB_REVIEW,
	    world_json("{\"level_reviewed\":2,\"level_reason\":\"影響門診\",\"other_ci_reviewed\":false}"));
	world_later(3 * DAY + 2 * HOUR);
	world_sweep();
	trail = world_see(NURSE, id, world_trail);
	row = world_row(value_get(trail, "rows"), "action", "report.review");
	change = world_row(value_get(row, "changes"), "field", "level_reviewed");
	ok(change && world_int(change, "to") == 2 && value_get(change, "from")->kind == V_NULL,
	    "from nothing to 2");
	change = world_row(value_get(row, "changes"), "field", "state");
	is_str(face_value(world.arena, &face, value_get(change, "to")), "已審核", "states in words");
	row = world_row(value_get(trail, "rows"), "action", "duty.overdue");
	ok(row && str_is(world_text(row, "who"), "system"), "what is overdue is marked by the system");
	is_int(value_get(row, "changes")->n, 2, "with the mark and its moment");
	row = world_row(value_get(trail, "rows"), "action", "duty.start");
	ok(row && value_get(row, "changes")->n >= 4, "a clock that started is told with its times");
	for (row = value_get(trail, "rows")->first; row; row = row->next) {
		words = words && value_get(row, "action")->term && world_int(row, "sound") == 1;
		for (change = value_get(row, "changes")->first; change; change = change->next) {
			face_value(world.arena, &face, value_get(change, "from"));
			words = words && face_value(world.arena, &face, value_get(change, "label")).n;
			face_value(world.arena, &face, value_get(change, "to"));
		}
	}
	ok(words, "every entry has its words");
	is_int(msg_missing_count(), missing, "and no word is missing");
}

/* ---- keys of creation ---- */

struct keyed {
	const char *key, *body;
	bool found, keep;
	struct kept_answer answer;
};

static bool
keyed_step(struct tx *tx, void *arg, struct err *err)
{
	struct keyed *k = arg;
	const struct audit record = { .action = "report.test", .entity = "report", .object = 1 };
	const struct kept_answer answer = { 201, STR("{\"id\":7}") };

	if (!idempotency_find(tx, &world.who[NURSE], str_c(k->key), str_c(k->body), &k->found, &k->answer,
	    err))
		return false;
	return !k->keep || (idempotency_keep(tx, &world.who[NURSE], str_c(k->key), str_c(k->body), &answer,
	    err) && audit_append(tx, &record, err));
}

static void
keys(void)
{
	struct keyed k = { .key = "a", .body = "{}", .keep = true };

	ok(world_write(NURSE, keyed_step, &k) && !k.found, "a new key");
	k.keep = false;
	ok(world_write(NURSE, keyed_step, &k) && k.found, "the same again");
	is_str(k.answer.body, "{\"id\":7}", "gets the same answer");
	is_int(k.answer.status, 201, "with its status");
	k.body = "{ }";
	ok(!world_write(NURSE, keyed_step, &k), "with another body");
	is_int(world.err.fault, FAULT_IDEMPOTENCY, "it is refused");
	world_later(DAY + SECOND);
	ok(world_write(NURSE, keyed_step, &k) && !k.found, "after a day it is free");
	k.keep = true;
	ok(world_write(NURSE, keyed_step, &k), "and can be used again");
}

int
main(void)
{
	world_open();
	versions();
	sent_back();
	typing();
	numbers();
	dry();
	readings();
	trail_words();
	keys();
	world_close();
	return done_testing();
}
