/*
 * The story at the level of functions: from the first minute to the release from tracking, each step with its
 * clocks and its trail.
 */
#include "desk_world.h"

static void
why(const char *what)
{
	if (world.err.fault == FAULT_NONE)
		return;
	printf("# %s: %s %.*s\n", what, fault_code(world.err.fault), STR_FMT(world.err.detail));
	for (const struct field_err *f = world.err.fields; f; f = f->next)
		printf("#   %.*s: %s\n", STR_FMT(f->field), fault_code(f->fault));
}

/* The number of entries of the trail with this action; from the newest hundred. */
static int
entries(int64_t id, const char *action)
{
	struct value *trail = world_see(AUDITOR, id, world_trail);
	int n = 0;

	for (const struct value *row = trail ? value_get(trail, "rows")->first : NULL; row; row = row->next)
		n += str_is(world_text(row, "action"), action);
	return n;
}

static bool
in_state(int64_t id, const char *state)
{
	struct value *v = world_see(REVIEWER, id, report_short);

	if (!v)
		why("state");
	return v && str_is(world_text(v, "state"), state);
}

static int64_t
due(int64_t id, const char *clock)
{
	return world_int(world_duty(id, clock), "due_at");
}

static bool
duty_is(int64_t id, const char *clock, const char *state, bool overdue)
{
	const struct value *d = world_duty(id, clock);

	return d && str_is(world_text(d, "state"), state) && (world_int(d, "overdue") == 1) == overdue;
}

/* ---- the main story ---- */

static int64_t
filing(void)
{
	int64_t aware = clock_now() - 20 * MINUTE, id;
	struct value *draft = world_json("{\"description\":\"螢幕被鎖\"}"), *v;

	id = world_create(NURSE, false, draft);
	if (!ok(id > 0, "a draft from one field"))
		why("draft");
	ok(world_last.state == REPORT_DRAFT && !world_last.report_no.p, "without a number");
	is_str(world_last.unit_name, "北星醫院", "its unit is the account's organisation");
	is_str(world_last.reporter_name, "林怡君", "its reporter the account's person");
	is_int(world_last.tlp, TLP_AMBER, "marked TLP:AMBER");
	ok(!world_see(REVIEWER, id, report_view), "the CERT does not see a draft");
	ok(!world_do(NURSE, id, VERB_SUBMIT, world_json("{}")), "it cannot be filed yet");
	is_int(world_fault("impact_a"), FAULT_F_MISSING, "for what is missing is named");
	is_int(world_fault("measures"), FAULT_F_MISSING, "all of it at once");
	if (!ok(world_save(NURSE, id, 0, world_form(1, 3, 3, 20, NULL)), "the form is filled in"))
		why("save");
	if (!ok(world_do(NURSE, id, VERB_SUBMIT, world_json("{}")), "and filed"))
		why("submit");
	is_str(world_last.report_no, "MED-2026-000001", "with the first number of its sector and year");
	is_int(world_last.level, 3, "at level 3");
	is_int(world_last.received_at, clock_now(), "received now");
	is_str(world_last.regime_version, "tw-2026/1", "under the rules of 2026");
	ok(duty_is(id, "report", "met", false), "reported within the hour");
	is_int(due(id, "review"), clock_now() + 2 * HOUR, "the review is due in two hours");
	is_int(due(id, "damage_control"), aware + 36 * HOUR, "damage control 36 hours after awareness");
	is_int(world_last.escalation, ESCALATION_DUE, "level 3 rings upward at once");
	v = world_see(NURSE, id, report_view);
	is_str(world_text(value_get(v, "next"), "clock"), "damage_control",
	    "her next duty is damage control");
	is_str(world_text(value_get(value_get(v, "next"), "action"), "verb"), "contain",
	    "and its action is contain");
	is_str(world_text(value_get(v, "level_cause"), "dimension"), "impact_i",
	    "the level comes from integrity");
	ok(value_get(v, "level_cause") && world_text(value_get(v, "level_cause"), "sentence").n > 10,
	    "with the sentence of the law");
	return id;
}

static void
review(int64_t id)
{
	world_later(30 * MINUTE);
	ok(!world_do(NURSE, id, VERB_REVIEW, world_json("{}")), "a provider does not review");
	is_int(world.err.fault, FAULT_ROLE, "that is the reviewer's role");
	ok(!world_do(REVIEWER, id, VERB_REVIEW,
	    world_json("{\"level_reviewed\":4,\"other_ci_reviewed\":false}")),
	    "another level needs a reason");
	is_int(world_fault("level_reason"), FAULT_F_REASON, "which the fault names");
	if (!ok(world_do(REVIEWER, id, VERB_REVIEW,
	    world_json("{\"level_reviewed\":4,\"level_reason\":\"含關鍵系統\"," "\"other_ci_reviewed\":false}")),
	    "reviewed at level 4"))
		why("review");
	ok(in_state(id, "handling"), "it is tracked from then on");
	is_int(entries(id, "report.review"), 1, "the trail shows the review");
	is_int(entries(id, "report.track"), 1, "and the step after it");
	ok(duty_is(id, "review", "met", false), "the review was in time");
	is_int(due(id, "result"), clock_now() + HOUR, "the result is due an hour after it");
	is_int(due(id, "report_again"), clock_now() + HOUR,
	    "the provider reports the other level within the hour");
	is_int(world_last.level_reported, 3, "her level stays visible");
	is_int(world_last.level, 4, "his is in force");
	world_later(10 * MINUTE);
	ok(world_do(NURSE, id, VERB_AMEND_LEVEL, world_json("{\"impact_i\":4,\"reason\":\"掛號主機確認遭竄改\"}")),
	    "she reports again");
	ok(duty_is(id, "report_again", "met", false), "and that duty is met");
	if (!ok(world_do(REVIEWER, id, VERB_CONTACT,
	    world_json("{\"summary\":\"電話確認\",\"means\":\"phone\"}")), "he calls her"))
		why("contact");
	is_int(value_get(world_see(NURSE, id, report_view), "contacts")->n, 1, "the call is in the log");
	is_int(entries(id, "report.contact"), 1, "and in the trail");
}

static void
upward(int64_t id)
{
	struct value *package;

	ok(!world_see(NATION, id, report_view), "the national CERT does not see it yet");
	ok(world_do(LIAISON, id, VERB_ESCALATE, world_json("{\"note\":\"達四級\"}")), "handed over");
	ok(duty_is(id, "result", "met", false), "the result is with them");
	ok(world_see(NATION, id, report_view) != NULL, "now they see it");
	package = world_see(LIAISON, id, report_package);
	is_int(world_text(package, "sha256").n, 64, "the package has its digest");
	ok(world_do(LIAISON, id, VERB_ESCALATE, world_json("{\"failed\":true}")), "it did not arrive");
	ok(world_do(LIAISON, id, VERB_ESCALATE, world_json("{}")), "sent again");
	ok(!world_do(LIAISON, id, VERB_ACKNOWLEDGE,
	    world_json("{\"acknowledged_at\":\"2030-01-01T00:00:00Z\"}")), "not in the future");
	ok(world_do(LIAISON, id, VERB_ACKNOWLEDGE, world_json("{\"reference\":\"N-42\"}")), "acknowledged");
	is_str(world_last.escalation_ref, "N-42", "with their number");
	ok(!world_do(LIAISON, id, VERB_ESCALATE, world_json("{}")), "once is enough");
	is_int(world.err.fault, FAULT_STATE, "the state says no");
}

static void
closing(int64_t id)
{
	int64_t contained;

	world_later(10 * HOUR);
	ok(!world_do(NURSE, id, VERB_CONTAIN, world_json("{\"contained_at\":\"2020-01-01T00:00:00Z\"}")),
	    "not before it happened");
	is_int(world_fault("contained_at"), FAULT_F_ORDER, "the order is wrong");
	if (!ok(world_do(NURSE, id, VERB_CONTAIN, world_json("{}")), "damage control done"))
		why("contain");
	contained = world_last.contained_at;
	ok(duty_is(id, "damage_control", "met", false), "in time");
	is_int(due(id, "improvement"), time_add_months(contained, 1, zone_find(STR("Asia/Taipei"))),
	    "a calendar month for the improvement report");
	ok(!world_do(NURSE, id, VERB_EXTEND,
	    world_json("{\"until\":\"2026-11-30T00:00:00Z\",\"reason\":\"x\"}")),
	    "an extension is later than the due time");
	if (!ok(world_do(NURSE, id, VERB_EXTEND,
	    world_json("{\"until\":\"2027-01-31T00:00:00Z\",\"reason\":\"鑑識未完成\"}")),
	    "she asks for more time"))
		why("extend");
	if (!ok(world_do(REVIEWER, id, VERB_GRANT, world_json("{\"granted\":true}")), "he grants it"))
		why("grant");
	is_int(due(id, "improvement"), INT64_C(1801353600) * SECOND, "until the day she asked for");
	if (!ok(world_do(NURSE, id, VERB_IMPROVEMENT,
	    world_json(WORLD_IMPROVEMENT)), "the improvement report"))
		why("improvement");
	ok(!world_do(REVIEWER, id, VERB_JUDGE_IMPROVEMENT, world_json("{\"accepted\":false}")),
	    "what more is wanted must be said");
	ok(world_do(REVIEWER, id, VERB_JUDGE_IMPROVEMENT,
	    world_json("{\"accepted\":false,\"remark\":\"補充時程\"}")), "more is wanted");
	ok(duty_is(id, "improvement", "met", false), "its duty stays met");
	ok(!world_do(NURSE, id, VERB_CLOSE, world_json("{\"resolution\":\"重建\"}")),
	    "closing asks for the time");
	is_int(world_fault("resolved_at"), FAULT_F_MISSING, "and says so");
	ok(!world_do(NURSE, id, VERB_CLOSE,
	    world_json("{\"resolution\":\"重建\",\"resolved_at\":\"2020-01-01T00:00:00Z\"}")),
	    "not before it began");
	if (!ok(world_do(NURSE, id, VERB_CLOSE,
	    world_json("{\"resolution\":\"重建\",\"resolved_at\":\"2026-11-22T03:00:00Z\"}")),
	    "the closing form"))
		why("close");
	is_int(world_last.form_kind, FORM_ALL_CLEAR, "the form is the all-clear");
	ok(world_do(REVIEWER, id, VERB_REJECT_CLOSING, world_json("{\"remark\":\"請附掃描結果\"}")),
	    "not accepted");
	is_int(world_last.form_kind, FORM_NOTIFY, "so it is a notification again");
	ok(world_do(NURSE, id, VERB_CLOSE,
	    world_json("{\"resolution\":\"重建並掃描\",\"resolved_at\":\"2026-11-22T03:00:00Z\"}")), "again");
	ok(world_do(REVIEWER, id, VERB_ACCEPT, world_json("{}")), "accepted");
	ok(in_state(id, "closed") && world_last.closed_at == clock_now(), "released from tracking");
	ok(world_do(REVIEWER, id, VERB_REOPEN, world_json("{\"reason\":\"再度發生\"}")), "reopened");
	ok(in_state(id, "handling") && world_last.closed_at == NO_TIME, "and tracked again");
}

/* ---- sideways ---- */

static void
returned(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 1, 1, 10, NULL)), received, review_due;

	received = world_last.received_at;
	is_int(world_last.escalation, ESCALATION_NONE, "level 1 does not go upward");
	review_due = due(id, "review");
	ok(world_do(REVIEWER, id, VERB_RETURN, world_json("{\"remark\":\"請補充位址\"}")),
	    "sent back with a remark");
	is_str(world_last.remark, "請補充位址", "which stands on the report");
	world_later(HOUR);
	ok(!world_save(NURSE, id, 0, world_json("{\"description\":\"x\"}")),
	    "a filed report is saved only with its version");
	is_int(world.err.fault, FAULT_VERSION_NEEDED, "which is asked for");
	ok(!world_save(NURSE, id, world_last.version, world_json("{\"report_kind\":\"voluntary\"}")),
	    "its kind is fixed");
	is_int(world_fault("report_kind"), FAULT_F_FIXED, "by filing");
	ok(!world_save(NURSE, id, world_last.version, world_json("{\"measures\":null}")),
	    "what filing asked for cannot go");
	is_int(world_fault("measures"), FAULT_F_MISSING, "and is named");
	if (!ok(world_save(NURSE, id, world_last.version, world_json("{\"ip_external\":[\"198.51.100.9\"]}")),
	    "corrected"))
		why("save");
	ok(world_do(NURSE, id, VERB_SUBMIT, world_json("{}")), "and sent again");
	is_int(world_last.received_at, received, "the anchor of the review does not move");
	is_str(world_last.report_no, "MED-2026-000002", "nor does the number");
	is_int(due(id, "review"), review_due, "nor the due time");
	is_int(entries(id, "report.submit"), 2, "the trail shows both filings");
}

static void
anchors(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 1, 1, 30, NULL)),
	    before = due(id, "damage_control");
	int64_t version = world_last.version;
	struct value *in = value_map(world.arena);

	map_time(world.arena, in, "aware_at", clock_now() - 10 * MINUTE);
	ok(!world_save(NURSE, id, version, in), "another moment of awareness needs a reason");
	is_int(world_fault("reason"), FAULT_F_MISSING, "which is asked for");
	map_str(world.arena, in, "reason", STR("值班紀錄更正"));
	if (!ok(world_save(NURSE, id, version, in), "with the reason it is saved"))
		why("aware_at");
	is_int(due(id, "damage_control"), before, "and no anchor moves");
	ok(world_do(REVIEWER, id, VERB_REVIEW,
	    world_json("{\"level_reviewed\":3,\"level_reason\":\"r\",\"other_ci_reviewed\":false}")),
	    "raised to 3");
	is_int(due(id, "damage_control"), before - 36 * HOUR, "36 hours from the same anchor");
	is_int(world_last.escalation, ESCALATION_DUE, "level 3 by review goes upward");
	ok(world_do(REVIEWER, id, VERB_REVIEW,
	    world_json("{\"level_reviewed\":1,\"other_ci_reviewed\":false}")), "lowered again");
	is_int(due(id, "damage_control"), before, "72 hours again");
	is_int(world_last.escalation, ESCALATION_NONE, "not due upward any more");
	ok(world_do(REVIEWER, id, VERB_REVIEW,
	    world_json("{\"level_reviewed\":1,\"other_ci_reviewed\":false,\"cross_sector\":true}")),
	    "cross-sector");
	is_int(world_last.escalation, ESCALATION_DUE, "is a trigger of its own");
	ok(world_do(REVIEWER, id, VERB_REVIEW,
	    world_json("{\"level_reviewed\":1,\"other_ci_reviewed\":false,\"cross_sector\":false,"
	    "\"wide_scale\":true}")), "large-scale");
	is_int(world_last.escalation_why, 1 << WHY_WIDE_SCALE, "another");
	ok(world_do(REVIEWER, id, VERB_REVIEW,
	    world_json("{\"level_reviewed\":1,\"other_ci_reviewed\":true,\"wide_scale\":false}")),
	    "other CI");
	is_int(world_last.escalation_why, 1 << WHY_OTHER_CI, "the fourth");
}

static void
late(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 1, 1, 90, NULL));

	if (!ok(id > 0, "filed an hour and a half after awareness: accepted"))
		why("late");
	ok(duty_is(id, "report", "met", true), "and met late");
	id = world_create(NURSE, true, world_form(0, 0, 0, 5, NULL));
	ok(!id, "level 0 cannot be filed");
	is_int(world.err.fault, FAULT_FIELDS, "as an incident");
	id = world_create(NURSE, true, world_form(0, 0, 0, 5, "\"report_kind\":\"voluntary\""));
	ok(id > 0 && !world_duty(id, "report"), "but as a voluntary note, without clocks");
	ok(world_do(REVIEWER, id, VERB_ACCEPT, world_json("{}")) && in_state(id, "closed"),
	    "which is taken note of");
}

static void
telephone(void)
{
	static const char caller[] = "\"reporter_name\":\"王大文\",\"reporter_phone\":\"02-1234567\","
	    "\"reporter_email\":\"wang@clinic.example\"";
	char more[400];
	int64_t told, online;

	snprintf(more, sizeof(more),
	    "\"channel\":\"phone\",\"channel_reason\":\"停電\",\"reporting_unit\":%lld",
	    (long long)world.place[CLINIC]);
	ok(!world_create(REVIEWER, true, world_form(0, 1, 1, 30, more)), "the staff ask who rings");
	is_int(world_fault("reporter_name"), FAULT_F_MISSING, "they are not the reporter themselves");
	snprintf(more + strlen(more), sizeof(more) - strlen(more), ",%s", caller);
	ok(!world_create(REVIEWER, false, world_form(0, 1, 1, 30, NULL)), "the staff say for whom");
	is_int(world_fault("reporting_unit"), FAULT_F_MISSING, "reporting_unit");
	is_int(world_fault("channel"), FAULT_F_MISSING, "and which way it came");
	ok(!world_create(OTHER_REVIEWER, false, world_form(0, 1, 1, 30, more)),
	    "not for a provider of another CERT");
	is_int(world_fault("reporting_unit"), FAULT_F_REF, "who is not theirs");
	ok(!world_create(DOCTOR, false, world_form(0, 1, 1, 30, "\"channel\":\"phone\"")),
	    "a provider does not choose the channel");
	is_int(world_fault("channel"), FAULT_F_FIXED, "it is on the platform");
	told = world_create(REVIEWER, true, world_form(0, 1, 1, 30, more));
	if (!ok(told > 0, "taken by telephone"))
		why("phone");
	ok(duty_is(told, "report", "met", false) && duty_is(told, "report_otherwise", "met", false),
	    "told within the hour");
	ok(world_see(DOCTOR, told, report_view) != NULL, "the clinic sees it");
	ok(!world_see(NURSE, told, report_view), "the hospital does not");
	world_later(3 * HOUR);
	online = world_create(DOCTOR, true, world_form(0, 1, 1, 210, NULL));
	ok(duty_is(online, "report", "met", true), "on line it is late by itself");
	snprintf(more, sizeof(more), "%lld", (long long)online);
	ok(!world_do(REVIEWER, told, VERB_MATCH, world_json("{\"with\":\"%lld\"}", (long long)told)),
	    "not with itself");
	is_int(world_fault("with"), FAULT_F_SAME, "says the field");
	if (!ok(world_do(REVIEWER, told, VERB_MATCH,
	    world_json("{\"with\":\"%s\",\"hindrance_ended_at\":\"2026-11-21T18:11:00Z\"}", more)),
	    "matched"))
		why("match");
	ok(duty_is(online, "report", "met", false), "the call counts: it was reported in time");
	ok(world_duty(told, "file_online") && str_is(world_text(world_duty(told, "file_online"), "state"),
	    "met"), "filed on line afterwards");
	is_int(world_int(world_see(DOCTOR, online, report_short), "matched_with"), told,
	    "each names the other");
}

static void
merged(void)
{
	int64_t a = world_create(NURSE, true, world_form(0, 1, 1, 5, NULL)),
	    b = world_create(NURSE, true, world_form(0, 1, 1, 5, NULL));
	int64_t c = world_create(DOCTOR, true, world_form(0, 1, 1, 5, NULL));
	struct value *v = world_see(REVIEWER, b, report_view);

	ok(value_get(v, "similar")->n >= 2, "the same address and category: a hint");
	v = world_see(DOCTOR, c, report_view);
	ok(world_row(value_get(v, "similar"), "unit_name", "北星醫院") == NULL,
	    "which tells an owner only of his own");
	ok(!world_do(REVIEWER, b, VERB_MERGE,
	    world_json("{\"into\":\"MED-2026-999999\",\"reason\":\"同一事件\"}")), "into nothing");
	is_int(world_fault("into"), FAULT_F_REF, "is refused");
	if (!ok(world_do(REVIEWER, b, VERB_MERGE,
	    world_json("{\"into\":\" med-2026-%06d \",\"reason\":\"同一事件\"}", 8)),
	    "merged by number, as typed"))
		why("merge");
	is_int(world_last.merged_into, a, "into the first");
	ok(duty_is(b, "review", "cancelled", false), "its clocks stop");
	ok(world_see(NURSE, b, report_view) != NULL, "it stays readable");
	is_int(entries(a, "report.merged_here"), 1, "the other one's trail tells");
	ok(world_do(DOCTOR, c, VERB_WITHDRAW, world_json("{\"reason\":\"誤報\"}")),
	    "a provider asks to withdraw");
	ok(in_state(c, "reported") && world_last.withdraw_asked_at == clock_now(), "and is heard");
	ok(world_do(REVIEWER, c, VERB_WITHDRAW, world_json("{\"reason\":\"確認誤報\"}")) &&
	    in_state(c, "withdrawn"), "the reviewer decides");
}

static void
two_regimes(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 3, 1, 20,
	    "\"regimes\":[\"tw-2026\",\"eu-nis2\"]"));
	const struct value *d;

	if (!ok(id > 0, "obligations of two regimes"))
		why("regimes");
	is_str(world_last.regime_version, "tw-2026/1", "the level is Taiwan's");
	ok(duty_is(id, "early_warning", "met", false), "the early warning is the filing itself");
	is_int(due(id, "csirt_answer"), clock_now() + 24 * HOUR, "the answer is due a day after it");
	d = world_duty(id, "notification");
	ok(!world_do(REVIEWER, id, VERB_FULFIL, world_json("{\"duty\":%lld,\"note\":\"n\"}",
	    (long long)world_int(d, "id"))), "the provider's stage is not the CERT's");
	world_later(HOUR);
	if (!ok(world_do(NURSE, id, VERB_FULFIL, world_json("{\"duty\":%lld,\"note\":\"已提出\"}",
	    (long long)world_int(d, "id"))), "the notification is filed"))
		why("fulfil");
	is_int(due(id, "final"), time_add_months(clock_now(), 1, zone_find(STR("Europe/Brussels"))),
	    "the final report a month after it");
	ok(!world_do(NURSE, id, VERB_FULFIL, world_json("{\"duty\":%lld,\"note\":\"again\"}",
	    (long long)world_int(d, "id"))), "not twice");
}

static void
added_regime(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 3, 1, 20, NULL));
	struct value *in = world_json("{\"regimes\":[\"tw-2026\",\"eu-nis2\",\"eu-dora\"]}");

	map_time(world.arena, in, "classified_at", clock_now());
	ok(!world_duty(id, "early_warning"), "no European clock");
	if (!ok(world_save(NURSE, id, world_last.version, in), "regimes are added after filing"))
		why("add");
	ok(duty_is(id, "early_warning", "met", false), "what was done already is met");
	ok(world_duty(id, "initial") != NULL, "the classification starts its clock");
	ok(!world_save(NURSE, id, world_last.version, world_json("{\"regimes\":[\"eu-nis2\"]}")),
	    "the regime it was filed under stays");
	is_int(world_fault("regimes"), FAULT_F_FIXED, "fixed");
}

static void
verbs_without_object(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 1, 1, 5, NULL));
	struct value *v = world_see(NURSE, id, report_short);

	ok(!world_row(value_get(v, "actions"), "verb", "extend"), "nothing to extend: no such action");
	ok(world_row(value_get(v, "actions"), "verb", "contain") != NULL, "damage control is one");
	ok(world_do(NURSE, id, VERB_CONTAIN, world_json("{}")), "contained");
	v = world_see(NURSE, id, report_short);
	ok(world_row(value_get(v, "actions"), "verb", "extend") != NULL, "now there is something to extend");
	v = world_see(REVIEWER, id, report_short);
	ok(!world_row(value_get(v, "actions"), "verb", "grant"), "and nothing to grant");
	ok(world_row(value_get(v, "actions"), "verb", "review") != NULL, "the reviewer reviews");
	is_int(world_int(world_row(value_get(v, "actions"), "verb", "review"), "primary"), 1, "first of all");
}

static void
deletion(void)
{
	int64_t id = world_create(NURSE, false, world_json("{}"));

	ok(world_do(NURSE2, id, VERB_DELETE, world_json("{}")), "a colleague throws a draft away");
	ok(!world_see(NURSE, id, report_view), "it is gone");
	id = world_create(NURSE, true, world_form(0, 1, 1, 5, NULL));
	ok(!world_do(NURSE, id, VERB_DELETE, world_json("{}")), "a filed one is never thrown away");
	is_int(world.err.fault, FAULT_STATE, "in no state");
}

int
main(void)
{
	int64_t id;

	world_open();
	id = filing();
	review(id);
	upward(id);
	closing(id);
	returned();
	anchors();
	late();
	telephone();
	merged();
	two_regimes();
	added_regime();
	verbs_without_object();
	deletion();
	world_close();
	return done_testing();
}
