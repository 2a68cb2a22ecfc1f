/* The report's tables against the form, its rules, sections, roles and words. */
#include "tap.h"

#include "model_fixture.h"
#include "model/duty.h"
#include "model/messages.h"
#include "model/roles.h"
#include "model/rules.h"

static const int64_t now = INT64_C(1795198200000000);           /* 2026-11-20T18:10:00Z */

/* A report to which nothing is missing. */
static struct report *
complete(void)
{
	struct report *r = entity_new(&entity_report, a);

	entity_restore(&entity_report,
	    value_of("{'reporting_unit':1,'reporting_phone':'119','reporting_email':'a@b.tw',"
	    "'aware_at':'2026-11-20T18:05:00Z','channel':'web','tlp':'TLP:AMBER','unit_name':'醫院',"
	    "'lead_agency':1,"
	    "'reporter_name':'王','reporter_phone':'119','reporter_email':'a@b.tw','on_behalf':false,"
	    "'occurred_at':'2026-11-20T18:00:00Z','victim_hosts':3,'victim_servers':1,"
	    "'os_family':['linux'],'controls':['none'],"
	    "'soc':'own','isms_certified':true,'maintenance_vendor':'無','impact_c':0,'impact_i':2,"
	    "'impact_a':3,"
	    "'category':'intrusion','conditions':['malware'],'description':'d','scope_loss':'s',"
	    "'other_ci_affected':false,"
	    "'measures':'m','source':'self','support_needed':false}"), r, a);
	return r;
}

/* The fault that report_ready() finds at a field. */
static enum fault
ready_fault(const struct report *r, const char *field)
{
	struct err err = { .arena = a };

	if (report_ready(r, now, &err))
		return FAULT_NONE;
	return fault_at(&err, field);
}

static void
test_ready(void)
{
	struct report *r = complete();
	struct err err = { .arena = a };
	int faults = 0, asked = 0;

	ok(report_ready(r, now, &err) && !err.fault, "a complete report");
	ok(!report_ready(entity_new(&entity_report, a), now, &err), "an empty one");
	for (const struct field_err *f = err.fields; f; f = f->next)
		faults += f->fault == FAULT_F_MISSING && f->label != NULL;
	for (int i = 0; i < entity_report.n; i++)
		asked += (entity_report.fields[i].flags & REQUIRED) && !entity_report.fields[i].condition;
	is_int(faults, asked, "each missing answer is named, with its label");
	r->impact_i = r->impact_a = 0;
	is_int(ready_fault(r, "impact_a"), FAULT_F_LEVEL_ZERO, "level 0 needs no report");
	r->report_kind = KIND_OF_REPORT_VOLUNTARY;
	is_int(ready_fault(r, "impact_a"), FAULT_NONE, "but may be shared voluntarily");
	r->impact_c = NONE;
	r->report_kind = NONE;
	is_int(ready_fault(r, "impact_a"), FAULT_NONE,
	    "nothing is said of level 0 while one of three is open");
	is_int(ready_fault(r, "impact_c"), FAULT_F_MISSING, "but that it is");
}

static void
test_conditions(void)
{
	static const struct {
		const char *json, *field;
		enum fault fault;
	} cases[] = {
		{ "{'channel':'phone'}", "channel_reason", FAULT_F_MISSING },
		{ "{'channel':'api'}", "channel_reason", FAULT_NONE },
		{ "{'channel_reason':'x'}", "channel_reason", FAULT_F_EMPTY_WANTED },
		{ "{'on_behalf':true}", "on_behalf_unit", FAULT_F_MISSING },
		{ "{'controls':['other','ips']}", "controls_other", FAULT_F_MISSING },
		{ "{'soc':'outsourced'}", "soc_vendor", FAULT_F_MISSING },
		{ "{'soc_vendor':'x'}", "soc_vendor", FAULT_F_EMPTY_WANTED },
		{ "{'category':'other','conditions':null}", "category_other", FAULT_F_MISSING },
		{ "{'category':'other','conditions':null}", "conditions", FAULT_NONE },
		{ "{'category':'other','category_other':'x'}", "conditions", FAULT_F_EMPTY_WANTED },
		{ "{'conditions':null}", "conditions", FAULT_F_MISSING },
		{ "{'conditions':['malware','power']}", "conditions", FAULT_F_CHOICE },
		{ "{'category':'dos'}", "conditions", FAULT_F_CHOICE },
		{ "{'category':'dos','conditions':['degraded']}", "conditions", FAULT_NONE },
		{ "{'source':'notice'}", "notice_no", FAULT_F_MISSING },
		{ "{'support_needed':true}", "support_wanted", FAULT_F_MISSING },
		{ "{'support_wanted':'x'}", "support_wanted", FAULT_F_EMPTY_WANTED },
		{ "{'regimes':['tw-2026'],'classified_at':'2026-11-20T18:06:00Z'}", "classified_at",
		    FAULT_F_EMPTY_WANTED },
		{ "{'regimes':['eu-dora'],'classified_at':'2026-11-20T18:06:00Z'}", "classified_at",
		    FAULT_NONE },
		{ "{'os_family':['other']}", "os_version", FAULT_F_MISSING },
		{ "{'os_family':['other'],'os_version':{'other':'z/OS'}}", "os_version", FAULT_NONE },
		{ "{'os_family':['other'],'os_version':'z/OS'}", "os_version", FAULT_NONE },
		{ "{'os_family':['other','linux'],'os_version':{'linux':'6'}}", "os_version",
		    FAULT_F_MISSING },
		{ "{'os_version':{'windows':'10'}}", "os_version", FAULT_F_EMPTY_WANTED },
		{ "{'victim_servers':4}", "victim_servers", FAULT_F_SERVERS },
		{ "{'victim_servers':3}", "victim_servers", FAULT_NONE },
		{ "{'maintenance_vendor':null}", "maintenance_vendor", FAULT_F_MISSING },
		{ "{'reporter_fax':null,'ip_internal':null}", "ip_internal", FAULT_NONE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct report *r = complete();

		entity_restore(&entity_report, value_of(cases[i].json), r, a);
		is_int(ready_fault(r, cases[i].field), cases[i].fault, cases[i].json);
	}
}

static void
test_times(void)
{
	static const struct {
		const char *json, *field;
		enum fault fault;
	} cases[] = {
		{ "{'occurred_at':'2026-11-20T18:06:00Z'}", "aware_at", FAULT_F_ORDER },
		{ "{'occurred_at':'2026-11-20T18:05:00Z'}", "aware_at", FAULT_NONE },
		{ "{'aware_at':'2026-11-20T18:15:00Z'}", "aware_at", FAULT_NONE },
		{ "{'aware_at':'2026-11-20T18:15:01Z'}", "aware_at", FAULT_F_FUTURE },
		{ "{'occurred_at':'2026-11-20T18:15:01Z'}", "occurred_at", FAULT_F_FUTURE },
		{ "{'filed_at':'2026-11-20T18:04:59Z'}", "aware_at", FAULT_F_ORDER },
		{ "{'filed_at':'2026-11-20T18:05:00Z'}", "aware_at", FAULT_NONE },
		{ "{'resolved_at':'2026-11-20T17:59:59Z'}", "resolved_at", FAULT_F_ORDER },
		{ "{'resolved_at':'2026-11-20T18:20:00Z'}", "resolved_at", FAULT_F_FUTURE },
		{ "{'regimes':['eu-dora'],'classified_at':'2026-11-20T18:00:00Z'}", "classified_at",
		    FAULT_F_ORDER },
	};
	struct err err = { .arena = a };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct report *r = complete();

		entity_restore(&entity_report, value_of(cases[i].json), r, a);
		is_int(ready_fault(r, cases[i].field), cases[i].fault, cases[i].json);
	}
	ok(report_check(entity_new(&entity_report, a), now, &err), "what is not given is not checked");
}

static void
test_derive(void)
{
	struct report *r = complete();

	report_derive(r);
	is_int(r->level_reported, 3, "the greatest of three");
	is_int(r->level, 3, "is in force");
	is_int(r->escalation_why, 1 << WHY_LEVEL, "and goes up");
	r->level_reviewed = 2;
	report_derive(r);
	ok(r->level_reported == 3 && r->level == 2 && r->escalation_why == NONE,
	    "the reviewer's prevails, both stay");
	r->level_national = 4;
	report_derive(r);
	is_int(r->level, 4, "the national CERT's prevails over both");
	r->level_national = NONE;
	r->cross_sector = r->wide_scale = 1;
	r->other_ci_affected = 1;
	report_derive(r);
	is_int(r->escalation_why, 1 << WHY_CROSS_SECTOR | 1 << WHY_WIDE_SCALE | 1 << WHY_OTHER_CI,
	    "three further triggers");
	r->other_ci_reviewed = 0;
	r->cross_sector = 0;
	report_derive(r);
	is_int(r->escalation_why, 1 << WHY_WIDE_SCALE, "the CERT's own judgement counts");
	r = entity_new(&entity_report, a);
	report_derive(r);
	ok(r->level == NONE && r->level_reported == NONE && r->escalation_why == NONE,
	    "nothing comes of nothing");
}

static void
test_whens(void)
{
	struct report *r = complete();
	const struct field *lead = entity_field(&entity_report, STR("lead_agency"));
	const struct field *measures = entity_field(&entity_report, STR("measures"));
	static const struct {
		int64_t state;
		bool lead, measures;
	} cases[] = {
		{ NONE, true, true }, { REPORT_DRAFT, true, true }, { REPORT_REPORTED, false, true },
		    { REPORT_RETURNED, true, true },
		{ REPORT_REVIEWED, false, true }, { REPORT_HANDLING, false, true },
		    { REPORT_CLOSING, false, true },
		{ REPORT_CLOSED, false, false }, { REPORT_MERGED, false, false },
		    { REPORT_WITHDRAWN, false, false },
		{ REPORT_DELETED, false, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r->state = cases[i].state;
		ok(field_open(lead, BY_P, report_whens(r)) == cases[i].lead &&
		    field_open(measures, BY_P, report_whens(r)) == cases[i].measures,
		    "what may change in this state");
	}
	ok(!field_open(measures, BY_V, 1u << WHEN_OPEN), "a reviewer never changes the provider's answers");
}

/* ---- the tables ---- */

static int
places_in_sections(const char *name)
{
	int n = 0;

	for (int i = 0; i < report_sections_count; i++)
		for (const char *const *f = report_sections[i].fields; *f; f++)
			n += str_is(str_c(*f), name);
	return n;
}

static void
test_sections(void)
{
	int good = 0, fields = 0, known = 0, named = 0;

	for (int i = 0; i < entity_report.n; i++) {
		const struct field *f = &entity_report.fields[i];
		bool asked = (!(f->flags & SYSTEM) || f->kind == KIND_FILES) && (f->editors & (BY_P | BY_V)) &&
		    f->when != WHEN_CLOSE;

		fields++;
		good += places_in_sections(f->name) == asked;
	}
	is_int(good, fields, "every field that somebody fills in stands in one section, no other in any");
	for (int i = 0; i < report_sections_count; i++)
		for (const char *const *f = report_sections[i].fields; *f; f++, named++)
			known += entity_field(&entity_report, str_c(*f)) != NULL;
	is_int(known, named, "and the sections name fields only");
}

static void
test_conditions_of(void)
{
	uint64_t all = 0, sum = 0;

	for (int i = 0; i < choices_condition.n; i++)
		all |= UINT64_C(1) << choices_condition.list[i].code;
	for (int i = 0; i < choices_category.n; i++)
		sum += conditions_of_category(choices_category.list[i].code);
	ok(sum == all, "each condition belongs to one category");
	ok(conditions_of_category(CATEGORY_OTHER) == 0 && conditions_of_category(NONE) == 0,
	    "the free one has none");
}

/* The rows make sense: choices where they are needed, conditions on fields that are there. */
static void
test_fields(void)
{
	int wrong = 0;

	for (int k = 0; k < ENTITY__MAX; k++) {
		const struct entity *e = entity_of((enum entity_id)k);

		for (int i = 0; i < e->n; i++) {
			const struct field *f = &e->fields[i], *other;
			bool chooses = f->kind == KIND_ENUM || f->kind == KIND_MULTI ||
			    f->kind == KIND_FLAGS || f->kind == KIND_PER_CHOICE;
			bool good = chooses == (f->choices != NULL) && f->offset + 8 <= e->size &&
			    f->editors != 0 &&
			    ((f->flags & SYSTEM) != 0 || (f->editors & BY_S) == 0 || e == &entity_sector) &&
			    entity_field(e, f->key) == f;

			if ((f->kind <= KIND_PER_CHOICE && f->kind != KIND_FILES) || f->kind == KIND_INT || f->kind == KIND_LEVEL)
				good = good && f->max > 0 && f->min <= f->max;
			other = f->condition ? entity_field(e, str_c(f->condition->field)) : f;
			good = good && other && !((f->flags & DERIVED) && !(f->flags & SYSTEM));
			for (int c = 0; f->choices && c < f->choices->n; c++)
				good = good && f->choices->list[c].code >= 0 &&
				    f->choices->list[c].code < 63 &&
				    choice_by_code(f->choices,
				    f->choices->list[c].code) == &f->choices->list[c] &&
				    choice_by_id(f->choices, f->choices->list[c].key) == &f->choices->list[c];
			if (!good)
				printf("# %s.%s\n", e->name, f->name);
			wrong += !good;
		}
	}
	is_int(wrong, 0, "every row of every table");
}

static int words_missing, words;

static void
look_up(const char *id, void *arg)
{
	(void)arg;
	words++;
	if (!msg_has(id)) {
		words_missing++;
		printf("# no words for %s\n", id);
	}
}

static void
test_words(void)
{
	model_message_ids(look_up, NULL);
	is_int(words_missing, 0, "every field, choice, section and verb has its words");
	ok(words > 400, "and there are many");
	is_str(msg(LANG_ZH, "field.report.scope_loss"), "可能影響範圍及損失評估", "the words of the form");
	is_str(msg(LANG_EN, "choice.category.web_attack"), "Web attack", "in both languages");
	is_str(msg(LANG_ZH, choice_msg(&choices_tlp, TLP_AMBER_STRICT)), "TLP:AMBER+STRICT",
	    "TLP is not translated");
}

/* ---- roles, duties ---- */

static bool
agree(unsigned roles)
{
	enum role x, y;

	return roles_agree(roles, &x, &y);
}

static void
test_roles(void)
{
	enum role x = 0, y = 0;

	ok(agree(0) && agree(ROLE_REPORTER | ROLE_PROVIDER_ADMIN) &&
	    agree(ROLE_REVIEWER | ROLE_HANDLER | ROLE_MANAGER | ROLE_LIAISON),
	    "roles that go together");
	ok(agree(ROLE_AUDITOR) && agree(ROLE_ADMINISTRATOR), "roles that stand alone");
	ok(!agree(ROLE_AUDITOR | ROLE_HANDLER) && !agree(ROLE_AUDITOR | ROLE_REPORTER) &&
	    !agree(ROLE_AUDITOR | ROLE_ADMINISTRATOR),
	    "an auditor has nothing else");
	ok(!agree(ROLE_REPORTER | ROLE_REVIEWER) && !agree(ROLE_PROVIDER_ADMIN | ROLE_ADMINISTRATOR),
	    "a provider is not the CERT");
	ok(!agree(ROLE_ADMINISTRATOR | ROLE_LIAISON) && !agree(ROLE_ADMINISTRATOR | ROLE_MANAGER),
	    "nor is the administrator");
	ok(!roles_agree(ROLE_HANDLER | ROLE_ADMINISTRATOR | ROLE_LIAISON, &x, &y) && x == ROLE_HANDLER &&
	    y == ROLE_ADMINISTRATOR,
	    "the two that conflict are named");
	for (int kind = ORG_PROVIDER; kind <= ORG_OPERATOR; kind++)
		ok(roles_of_org(kind) != 0, "every kind of organisation has roles to give");
	is_int(roles_of_org(99), 0, "others have none");
	ok((roles_of_org(ORG_PROVIDER) & ~(unsigned)ROLE_PROVIDER) == 0, "a provider gives a provider's");
}

static void
test_late(void)
{
	struct duty *d = entity_new(&entity_duty, a);

	d->state = DUTY_OPEN;
	ok(!duty_late(d, now), "without a due time nothing is late");
	d->due_at = now;
	ok(!duty_late(d, now) && duty_late(d, now + 1), "open: late after the very microsecond");
	d->state = DUTY_MET;
	d->done_at = now;
	ok(!duty_late(d, now + HOUR), "met in time, whatever the hour is now");
	d->done_at = now + 1;
	ok(duty_late(d, now), "met late");
	d->state = DUTY_CANCELLED;
	ok(!duty_late(d, now + HOUR), "cancelled");
}

int
main(void)
{
	a = arena_new();
	test_ready();
	test_conditions();
	test_times();
	test_derive();
	test_whens();
	test_sections();
	test_conditions_of();
	test_fields();
	test_words();
	test_roles();
	test_late();
	arena_free(a);
	return done_testing();
}
