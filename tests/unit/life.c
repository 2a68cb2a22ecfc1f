/* The life table against a list written from the domain reference by hand: what is in neither is refused. */
#include "tap.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "model/life.h"

static struct arena *a;

/*
 * Letters of the states: d t(returned) r(reported) v(reviewed) h c(closing) x(closed) m w, in the order of
 * their codes.
 */
static const char state_letters[] = "drtvhcxmwz";
/* Letters of the roles: R reporter, A provider_admin, V reviewer, H handler, M manager, L liaison. */
static const struct {
	char letter;
	unsigned role;
} role_letters[] = {
	{ 'R', ROLE_REPORTER }, { 'A', ROLE_PROVIDER_ADMIN }, { 'V', ROLE_REVIEWER }, { 'H', ROLE_HANDLER },
	    { 'M', ROLE_MANAGER },
	{ 'L', ROLE_LIAISON }, { 'P', ROLE_ADMINISTRATOR }, { 'U', ROLE_AUDITOR },
};

enum need { ALWAYS, STAFF, VOLUNTARY, NOT_CONTAINED, NOT_ASKED, IMPROVABLE, SUBMITTED, ESCALABLE, SENT };

/* to: a letter, or '=' where the state stays. */
static const struct {
	const char *verb, *from, *roles;
	char to;
	enum need need;
} book[] = {
	{ "submit", "dt", "RA", 'r', ALWAYS },
	{ "submit", "dt", "VHM", 'r', STAFF },
	{ "return", "r", "V", 't', ALWAYS },
	{ "review", "rv", "V", 'h', ALWAYS },
	{ "review", "h", "V", '=', ALWAYS },
	{ "contact", "rtvhc", "VHML", '=', ALWAYS },
	{ "contain", "rtvh", "RA", '=', NOT_CONTAINED },
	{ "close", "vh", "RA", 'c', ALWAYS },
	{ "accept", "c", "V", 'x', ALWAYS },
	{ "accept", "r", "V", 'x', VOLUNTARY },
	{ "reject-closing", "c", "V", 'h', ALWAYS },
	{ "reopen", "x", "VM", 'h', ALWAYS },
	{ "withdraw", "rtvhc", "VM", 'w', ALWAYS },
	{ "withdraw", "rtvhc", "RA", '=', NOT_ASKED },
	{ "merge", "rvh", "VM", 'm', ALWAYS },
	{ "amend-level", "rtvhc", "RA", '=', ALWAYS },
	{ "match", "rtvhcx", "VHM", '=', ALWAYS },
	{ "police", "rtvhcx", "RAVM", '=', ALWAYS },
	{ "improvement", "hcx", "RA", '=', IMPROVABLE },
	{ "judge-improvement", "hcx", "VM", '=', SUBMITTED },
	{ "extend", "rtvhcx", "RA", '=', ALWAYS },
	{ "grant", "rtvhcx", "VM", '=', ALWAYS },
	{ "escalate", "rtvhcx", "VML", '=', ESCALABLE },
	{ "acknowledge", "rtvhcx", "VML", '=', SENT },
	{ "fulfil", "rtvhcx", "RAV", '=', ALWAYS },
	{ "delete", "d", "RA", 'z', ALWAYS },
	{ "delete", "d", "VHM", 'z', STAFF },
};

/* A report in which every further condition holds, or in which none does. */
static struct report *
report_in(int state, bool holds)
{
	struct report *r = entity_new(&entity_report, a);

	r->state = state;
	r->channel = holds ? CHANNEL_FAX : CHANNEL_WEB;
	r->report_kind = holds ? KIND_OF_REPORT_VOLUNTARY : KIND_OF_REPORT_INCIDENT;
	r->improvement = holds ? IMPROVEMENT_SUBMITTED : IMPROVEMENT_NONE;
	r->escalation = holds ? ESCALATION_SENT : ESCALATION_NONE;
	if (!holds) {
		r->contained_at = 1;
		r->withdraw_asked_at = 1;
		r->improvement = IMPROVEMENT_ACCEPTED;
	}
	return r;
}

/* Whether the further condition holds on such a report; two of them want opposite things of contained_at. */
static bool
need_holds(enum need need, bool holds)
{
	if (need == IMPROVABLE)
		return false;
	return need == ALWAYS || holds;
}

static int
role_of(char letter)
{
	for (int i = 0; i < 8; i++)
		if (role_letters[i].letter == letter)
			return i;
	return -1;
}

/* Where the book lets this verb lead: a state's code, -1 stays, -2 nowhere. */
static int
by_the_book(const char *verb, int state, int role, bool holds)
{
	for (size_t i = 0; i < sizeof(book) / sizeof(book[0]); i++) {
		if (strcmp(book[i].verb, verb) != 0 || !strchr(book[i].from, state_letters[state]) ||
		    !strchr(book[i].roles, role_letters[role].letter) || !need_holds(book[i].need, holds))
			continue;
		return book[i].to == '=' ? -1 : (int)(strchr(state_letters, book[i].to) - state_letters);
	}
	return -2;
}

static bool
any_row_for(const char *verb, int role)
{
	for (size_t i = 0; i < sizeof(book) / sizeof(book[0]); i++)
		if (strcmp(book[i].verb, verb) == 0 && strchr(book[i].roles, role_letters[role].letter))
			return true;
	return false;
}

static void
test_every_combination(void)
{
	int wrong = 0, checked = 0;

	for (int holds = 0; holds < 2; holds++)
		for (int v = 0; v < VERB__MAX; v++)
			for (int state = 0; state <= REPORT_DELETED; state++)
				for (int role = 0; role < 8; role++) {
					struct report *r = report_in(state, holds);
					struct err err = { .arena = a };
					const struct transition *t = life_find((enum verb)v, r,
					    role_letters[role].role, a, &err);
					int want = by_the_book(verb_id((enum verb)v), state, role, holds);
					enum fault fault = any_row_for(verb_id((enum verb)v), role) ?
					    FAULT_STATE : FAULT_ROLE;
					bool good = want == -2 ? !t && err.fault == fault : t &&
					    t->to == want && !err.fault;

					checked++;
					if (!good && wrong++ < 10)
						printf("# %s from %d by %c\n", verb_id((enum verb)v), state,
						    role_letters[role].letter);
				}
	is_int(wrong, 0,
	    "every verb in every state by every role is as the reference says, with and without its "
	    "further condition");
	is_int(checked, 2 * VERB__MAX * (REPORT_DELETED + 1) * 8, "all of them");
}

static void
test_guards(void)
{
	struct report *r = report_in(REPORT_HANDLING, false);
	struct err err = { .arena = a };

	r->improvement = IMPROVEMENT_NONE;
	ok(life_find(VERB_IMPROVEMENT, r, ROLE_REPORTER, a, &err) != NULL,
	    "an improvement report once damage control is done");
	r->contained_at = NO_TIME;
	ok(!life_find(VERB_IMPROVEMENT, r, ROLE_REPORTER, a, &err), "not before");
	r->contained_at = 1;
	r->improvement = IMPROVEMENT_MORE_WANTED;
	err = (struct err){ .arena = a };
	ok(life_find(VERB_IMPROVEMENT, r, ROLE_PROVIDER_ADMIN, a, &err) != NULL, "again when more is wanted");
	r->improvement = IMPROVEMENT_ACCEPTED;
	ok(!life_find(VERB_IMPROVEMENT, r, ROLE_REPORTER, a, &err), "not once it is accepted");
	r->escalation = ESCALATION_FAILED;
	err = (struct err){ .arena = a };
	ok(life_find(VERB_ESCALATE, r, ROLE_LIAISON, a, &err) && !life_find(VERB_ACKNOWLEDGE, r, ROLE_LIAISON,
	    a, &err),
	    "what failed is sent again, not acknowledged");
	r->escalation = ESCALATION_ACKNOWLEDGED;
	err = (struct err){ .arena = a };
	ok(!life_find(VERB_ESCALATE, r, ROLE_LIAISON, a, &err), "what is acknowledged is not sent again");
}

static void
test_answers(void)
{
	struct report *r = report_in(REPORT_CLOSED, false);
	const struct transition *open[VERB__MAX];
	struct err err = { .arena = a };
	int n;

	ok(!life_find(VERB_CLOSE, r, ROLE_REPORTER, a, &err) && err.fault == FAULT_STATE,
	    "closing what is closed");
	is_str(json_text(a, err.data), "{\"state\":\"closed\",\"open\":[\"police\",\"extend\",\"fulfil\"]}",
	    "says where it stands and what is open");
	err = (struct err){ .arena = a };
	ok(!life_find(VERB_CLOSE, r, ROLE_REVIEWER, a, &err) && err.fault == FAULT_ROLE && !err.data,
	    "another's verb says nothing more");
	err = (struct err){ .arena = a };
	ok(!life_find(VERB_CLOSE, r, 0, a, &err) && err.fault == FAULT_ROLE, "nobody's role opens nothing");
	n = life_open(report_in(REPORT_HANDLING, false), ROLE_REVIEWER | ROLE_MANAGER, open);
	for (int i = 1; i < n; i++)
		ok(open[i] > open[i - 1] && open[i]->verb != open[i - 1]->verb,
		    "open verbs in the table's order, each once");
	r->state = NONE;
	is_int(life_open(r, ROLE__ANY, open), 0, "a record without a state has no life");
	r->state = 99;
	is_int(life_open(r, ROLE__ANY, open), 0, "nor has one of no known state");
}

static void
test_table(void)
{
	bool has_row[VERB__MAX] = { false };
	int verbs = 0, sound = 0;
	enum verb v;

	for (int i = 0; i < life_count; i++) {
		has_row[life[i].verb] = true;
		sound += life[i].input && life[i].basis && life[i].basis[0] && life[i].from &&
		    life[i].roles &&
		    life[i].to >= -1 && life[i].to <= REPORT_DELETED &&
		    (life[i].from & STATE_BIT(REPORT_DELETED)) == 0;
	}
	for (int i = 0; i < VERB__MAX; i++)
		verbs += has_row[i] && verb_parse(str_c(verb_id((enum verb)i)), &v) && v == (enum verb)i;
	is_int(verbs, VERB__MAX, "every verb has a row and comes back from its id");
	is_int(sound, life_count, "every row has an input, a basis, states and roles");
	ok(!verb_parse(STR("explode"), &v) && !verb_parse(STR(""), &v) && !verb_parse(STR("submit\0x"), &v),
	    "other verbs are none");
	for (size_t i = 0; i < sizeof(book) / sizeof(book[0]); i++)
		for (const char *p = book[i].roles; *p; p++)
			if (role_of(*p) < 0)
				ok(false, "the book's letters");
}

int
main(void)
{
	a = arena_new();
	test_table();
	test_every_combination();
	test_guards();
	test_answers();
	arena_free(a);
	return done_testing();
}
