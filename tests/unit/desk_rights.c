/* Who sees what: every function of the desk by everybody, and every verb by everybody in every state. */
#include "desk_world.h"

#include "model/life.h"

struct listed {
	int who;
	struct report_filter filter;
	struct value *value;
};

static bool
list_step(struct tx *tx, void *arg, struct err *err)
{
	struct listed *l = arg;

	l->value = report_list(tx, &world.who[l->who], &l->filter, err);
	return l->value;
}

static const struct report_filter everything = {
	.state = NONE, .category = NONE, .level = NONE, .org = NONE, .from = NO_TIME, .to = NO_TIME,
	.limit = 200,
};

static bool
lists(int who, int64_t id, const char *text)
{
	struct listed l = { .who = who, .filter = everything };

	l.filter.text = text ? str_c(text) : STR_NONE;
	if (!world_read(list_step, &l))
		return false;
	for (const struct value *row = value_get(l.value, "rows")->first; row; row = row->next)
		if (world_int(row, "id") == id)
			return true;
	return false;
}

struct boarded {
	int who;
	struct value *value;
	int count;
};

static bool
board_step(struct tx *tx, void *arg, struct err *err)
{
	struct boarded *b = arg;
	const struct board_filter f = {
		.holder = NONE, .level = NONE, .org = NONE, .category = NONE, .after_due = NO_TIME,
		.limit = 200,
	};

	b->value = duties_board(tx, &world.who[b->who], &f, err);
	b->count = duties_count(tx, &world.who[b->who], err);
	return b->value;
}

static bool
boards(int who, int64_t id)
{
	struct boarded b = { .who = who };

	if (!world_read(board_step, &b))
		return false;
	for (const struct value *row = value_get(b.value, "rows")->first; row; row = row->next)
		if (world_int(row, "report_id") == id)
			return true;
	return false;
}

static struct value *
compare_look(struct tx *tx, const struct principal *who, const struct report *r, struct err *err)
{
	return report_compare(tx, who, r, 1, r->version, err);
}

static world_look *const looks[] = {
	report_view, report_short, report_versions, compare_look, world_trail, report_package,
	    duties_of_report,
};

/* Whether each way of looking agrees that he may, or that there is nothing. */
static void
sees(int who, int64_t id, bool may, const char *what)
{
	bool good = true;

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		bool seen = world_see(who, id, looks[i]) != NULL;

		good = good && seen == may && (seen || world.err.fault == FAULT_NOT_FOUND);
	}
	good = good && lists(who, id, NULL) == may;
	ok(good, what);
}

static void
scopes(void)
{
	int64_t draft = world_create(NURSE, false, world_form(0, 1, 1, 5, NULL)), filed, branch, id;
	char phone[200];

	sees(NURSE, draft, true, "a draft: its author");
	sees(NURSE2, draft, true, "a draft: a colleague");
	sees(REVIEWER, draft, false, "a draft: not the CERT");
	sees(DOCTOR, draft, false, "a draft: not another provider");
	filed = world_create(NURSE, true, world_form(0, 1, 1, 5, NULL));
	sees(NURSE2, filed, true, "filed: the colleague");
	sees(REVIEWER, filed, true, "filed: the reviewer");
	sees(HANDLER, filed, true, "filed: the handler");
	sees(LIAISON, filed, true, "filed: the liaison");
	sees(AUDITOR, filed, true, "filed: the auditor");
	sees(OTHER_REVIEWER, filed, false, "filed: not another sector's CERT");
	sees(DOCTOR, filed, false, "filed: not another provider");
	sees(TELLER, filed, false, "filed: not a provider of another sector");
	sees(BRANCH_CLERK, filed, false, "filed: not the unit below");
	sees(ADMIN, filed, false, "filed: not the administrator");
	sees(NATION, filed, false, "filed: not the national CERT");
	ok(lists(NURSE, filed, "勒索") && lists(REVIEWER, filed, "勒索") && lists(AUDITOR, filed, "勒索"),
	    "search: those who see it");
	ok(!lists(DOCTOR, filed, "勒索") && !lists(OTHER_REVIEWER, filed, "勒索") && !lists(ADMIN, filed, "勒索"),
	    "search: nobody else");
	ok(boards(NURSE, filed) && boards(REVIEWER, filed) && boards(AUDITOR, filed),
	    "board: those who see it");
	ok(!boards(DOCTOR, filed) && !boards(OTHER_REVIEWER, filed) && !boards(ADMIN, filed) &&
	    !boards(NATION, filed), "board: nobody else");
	branch = world_create(BRANCH_CLERK, true, world_form(0, 1, 1, 5, NULL));
	sees(NURSE, branch, true, "a unit's report: the body above it");
	sees(DOCTOR, branch, false, "a unit's report: nobody beside it");
	ok(boards(NURSE, branch), "and its duties");
	ok(lists(NURSE, branch, "勒索"), "and its words");
	snprintf(phone, sizeof(phone),
	    "\"channel\":\"fax\",\"channel_reason\":\"斷線\",\"reporting_unit\":%lld",
	    (long long)world.place[CLINIC]);
	id = world_create(REVIEWER, false, world_form(0, 1, 1, 5, phone));
	sees(REVIEWER, id, true, "a draft of the staff: the staff");
	sees(HANDLER, id, true, "and their colleagues");
	sees(DOCTOR, id, true, "and the provider whose report it is");
	sees(NURSE, id, false, "and no other");
	id = world_create(NURSE, true, world_form(0, 3, 1, 5, NULL));
	sees(NATION, id, false, "level 3: the national CERT not before it is handed over");
	world_do(LIAISON, id, VERB_ESCALATE, world_json("{}"));
	sees(NATION, id, true, "then it does");
	ok(boards(NATION, id), "its duties too");
	world_do(LIAISON, id, VERB_ESCALATE, world_json("{\"failed\":true}"));
	sees(NATION, id, false, "what did not arrive is not seen");
}

/* For a unit below: by the body above; not the other way round, and not for a stranger. */
static void
on_behalf(void)
{
	char unit[100];

	snprintf(unit, sizeof(unit), "\"reporting_unit\":%lld", (long long)world.place[BRANCH]);
	ok(world_create(NURSE, true, world_form(0, 1, 1, 5, unit)) > 0,
	    "the body above reports for the unit");
	is_int(world_last.org_id, world.place[BRANCH], "whose report it is");
	is_str(world_last.unit_name, "北星醫院分院", "by its name");
	snprintf(unit, sizeof(unit), "\"reporting_unit\":%lld", (long long)world.place[HOSPITAL]);
	ok(!world_create(BRANCH_CLERK, true, world_form(0, 1, 1, 5, unit)),
	    "the unit does not for the body above");
	is_int(world_fault("reporting_unit"), FAULT_F_REF, "it knows none such");
	ok(!world_create(ADMIN, false, world_json("{}")), "the administrator makes no report");
	is_int(world.err.fault, FAULT_ROLE, "it is not his role");
	ok(!world_create(AUDITOR, false, world_json("{}")), "nor does the auditor");
	ok(!world_create(NATION, false, world_json("{}")), "nor the national CERT");
}

/* ---- every verb, by everybody, in every state ---- */

static bool
in_step(struct tx *tx, void *arg, struct err *err)
{
	struct report *r = arg;

	return entity_update(tx, ENTITY_REPORT, r, 0, "report.test", r->org_id, NULL, err);
}

static bool
get_step(struct tx *tx, void *arg, struct err *err)
{
	struct report *r = arg;

	return report_get(tx, &world.who[AUDITOR], r->id, r, err);
}

/* What the life table says of this role set and state: FAULT_NONE, FAULT_ROLE or FAULT_STATE. */
static enum fault
by_table(enum verb v, const struct report *r, unsigned roles)
{
	bool role = false;

	for (int i = 0; i < life_count; i++) {
		const struct transition *t = &life[i];

		if (t->verb != v || !(t->roles & roles))
			continue;
		role = true;
		if ((t->from & STATE_BIT(r->state)) && (!t->guard || t->guard(r)))
			return FAULT_NONE;
	}
	return role ? FAULT_STATE : FAULT_ROLE;
}

static void
denial(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 1, 1, 5, NULL));
	int tried = 0, wrong = 0, open = 0;
	struct report r = { .id = id };

	world_read(get_step, &r);
	for (int state = REPORT_DRAFT; state <= REPORT_WITHDRAWN; state++) {
		r.state = state;
		r.escalation = state % 3;
		world_write(-1, in_step, &r);
		for (int who = 0; who < PEOPLE; who++)
			for (int v = 0; v < VERB__MAX; v++) {
				struct world_act act = {
					.who = who, .id = id, .verb = (enum verb)v,
					.input = { .in = world_json("{\"x\":1}"), .validate_only = true },
				};
				bool visible = world_see(who, id, report_short) != NULL;
				enum fault want = !visible ? FAULT_NOT_FOUND : by_table((enum verb)v, &r,
				    world.who[who].roles);

				world_write(who, world_act_step, &act);
				tried++;
				open += want == FAULT_NONE;
				/* what is open goes on to the input, which is wrong on purpose */
				if (world.err.fault != (want == FAULT_NONE ? FAULT_FIELDS : want)) {
					wrong++;
					printf("# %s %s in state %d: %s, not %s\n", world_people[who].name,
					    verb_id((enum verb)v), state, fault_code(world.err.fault),
					    fault_code(want));
				}
			}
	}
	printf("# %d tried, %d of them open\n", tried, open);
	is_int(wrong, 0, "every verb by everybody in every state as the life table says");
	ok(open > 50, "some of them are open");
}

int
main(void)
{
	world_open();
	scopes();
	on_behalf();
	denial();
	world_close();
	return done_testing();
}
