/*
 * Erasure by policy: never before its time, never under a hold; the record of it; and that the log still verifies
 * afterwards, every leaf from its record.
 */
#include "desk_world.h"

#include "store/log.h"

static struct erasure last, found;

static bool
erase_step(struct tx *tx, void *arg, struct err *err)
{
	last = (struct erasure){ .before = *(int64_t *)arg };
	return details_erase(tx, &last, err);
}

static bool
look_step(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	found = (struct erasure){ .before = NO_TIME };
	return erasure_look(tx, &found, err);
}

static bool
erase_found_step(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	return details_erase(tx, &found, err);
}

static bool
erase(int64_t before)
{
	return world_write(ADMIN, erase_step, &before);
}

struct check {
	struct log_findings found;
	struct log_head head;
};

static bool
check_step(struct tx *tx, void *arg, struct err *err)
{
	struct check *c = arg;

	return log_check(tx, NULL, NULL, &c->found, err) && log_head(tx, &c->head, err);
}

static struct log_findings
checked(const char *name)
{
	struct check c = { .found = { .misfits = -1 } };

	world_read(check_step, &c);
	ok(c.found.misfits == 0 && merkle_same(&c.found.root, &c.head.root), name);
	return c.found;
}

static int64_t
set_hold(const char *json)
{
	return world_set_hold(world_json("%s", json));
}

struct lifting {
	int64_t id;
	int who;
	enum hold_verb verb;
};

static bool
lift_step(struct tx *tx, void *arg, struct err *err)
{
	struct lifting *l = arg;
	struct principal who = world.who[l->who];

	if (l->who == REVIEWER)
		who.roles = ROLE_MANAGER;
	return hold_do(tx, &who, l->id, l->verb, STR("結案"), 0, err);
}

static enum fault
lift(int64_t id, int who, enum hold_verb verb)
{
	struct lifting l = { id, who, verb };

	return world_write(who, lift_step, &l) ? FAULT_NONE : world.err.fault;
}

/* How many records about this kind of thing have lost their details. */
static bool
lost_step(struct tx *tx, void *arg, struct err *err)
{
	struct rows q = db_query(tx, S_AUDIT_AFTER, I(0), I(10000));
	struct str *entity = arg;
	struct audit_record r;
	size_t n = 0;

	while (db_next(&q)) {
		audit_load(&q, &r);
		n += str_eq(r.entity, *entity) && r.erased_at != NO_TIME;
	}
	entity->n = n;
	return db_end(&q, err);
}

static int64_t
lost(const char *entity)
{
	struct str s = str_c(entity);

	return world_read(lost_step, &s) ? (int64_t)s.n : -1;
}

/* All holds, a page after the other, in their order; -1: a page was too long, or not in order. */
static bool
pages_step(struct tx *tx, void *arg, struct err *err)
{
	int64_t before = 0, n = 0, above = INT64_MAX;
	bool good = true;

	do {
		struct value *v = hold_list(tx, &world.who[AUDITOR], before, err);
		const struct value *next = v ? value_get(v, "next") : NULL;

		if (!v)
			return false;
		good = good && value_get(v, "rows")->n <= 50;
		for (const struct value *row = value_get(v, "rows")->first; row; row = row->next, n++) {
			good = good && value_get(row, "id")->i < above;
			above = value_get(row, "id")->i;
		}
		before = next->kind == V_INT ? next->i : 0;
	} while (before && good);
	*(int64_t *)arg = good ? n : -1;
	return true;
}

int
main(void)
{
	struct log_findings before, after;
	int64_t report, other, hold, period, listed = 0;

	world_open();
	erasure_configure(10);
	is_int(erasure_days(), RETENTION_LEAST, "a retention of less than a year is a year");
	erasure_configure(400);
	report = world_create(NURSE, true, world_form(1, 3, 3, 20, NULL));
	other = world_create(TELLER, true, world_form(1, 2, 2, 20, NULL));
	ok(report > 0 && other > 0, "two reports");
	ok(world_do(REVIEWER, report, VERB_CONTACT, world_json("{\"summary\":\"s\"}")), "somebody rang");
	before = checked("the log fits");
	ok(erase(NO_TIME) && last.erased == 0 && checked("nothing changed").records == before.records,
	    "nothing is old enough, and nothing is recorded");
	ok(!erase(clock_now() - 399 * DAY) && world.err.fault == FAULT_RETENTION, "a run before its time is refused");
	hold = set_hold(arena_printf(world.arena, "{\"kind\":\"case\",\"case_no\":\"%lld\",\"reason\":\"x\"}",
	    (long long)report).p);
	period = set_hold("{\"kind\":\"period\",\"from_at\":\"2020-01-01T00:00:00Z\","
	    "\"until_at\":\"2030-01-01T00:00:00Z\",\"reason\":\"x\"}");
	ok(hold > 0 && period > 0, "a hold on a case, one on a time range");
	world_later(401 * DAY);
	ok(erase(NO_TIME) && last.erased == 0 && last.held > 10, "under the time range nothing goes");
	is_int(lift(period, REVIEWER, HOLD_CONFIRM), FAULT_STATE, "nobody confirms what nobody asked for");
	is_int(lift(period, NURSE, HOLD_LIFT), FAULT_ROLE, "a provider lifts nothing");
	is_int(lift(period, REVIEWER, HOLD_LIFT), FAULT_NONE, "one person asks");
	ok(erase(NO_TIME) && last.erased == 0, "it stands until the second agrees");
	is_int(lift(period, REVIEWER, HOLD_CONFIRM), FAULT_SECOND_PERSON, "who is another one");
	is_int(lift(period, ADMIN, HOLD_CONFIRM), FAULT_NONE, "the second lifts it");
	ok(world_read(look_step, NULL) && found.found_n > 10 && found.held > 0, "what is under no hold is found");
	period = set_hold("{\"kind\":\"period\",\"from_at\":\"2020-01-01T00:00:00Z\","
	    "\"until_at\":\"2030-01-01T00:00:00Z\",\"reason\":\"x\"}");
	ok(world_write(ADMIN, erase_found_step, NULL) && found.erased == 0, "a hold that is set between looking and erasing holds");
	is_int(lift(period, REVIEWER, HOLD_LIFT), FAULT_NONE, "one person asks");
	is_int(lift(period, ADMIN, HOLD_CONFIRM), FAULT_NONE, "the second lifts it");
	ok(erase(NO_TIME) && last.erased > 10 && last.held > 0 && !last.more, "what is under no hold goes");
	after = checked("the log still fits, every leaf from its record");
	is_int(lost("contact_entry"), 0, "what was said on the telephone belongs to the case");
	is_int(after.erased, last.erased, "what was erased is known as erased");
	ok(after.details < before.details && after.details > 0, "the rest is there");
	ok(world_see(AUDITOR, report, world_trail) != NULL, "the trail of the held case");
	is_int(lift(hold, REVIEWER, HOLD_LIFT), FAULT_NONE, "the case too");
	is_int(lift(hold, ADMIN, HOLD_CONFIRM), FAULT_NONE, "by two persons");
	erasure_tick(world.store);
	ok(erase(NO_TIME) && last.erased == 0 && last.held == 0, "then its details go by themselves");
	checked("and the log fits");
	is_int(lost("contact_entry"), 1, "of the contact too");
	is_int(lift(hold, ADMIN, HOLD_LIFT), FAULT_STATE, "what is lifted is lifted");
	for (int i = 0; i < 103; i++)
		set_hold("{\"kind\":\"period\",\"from_at\":\"2020-01-01T00:00:00Z\","
		    "\"until_at\":\"2030-01-01T00:00:00Z\",\"reason\":\"x\"}");
	ok(world_read(pages_step, &listed), "the list");
	is_int(listed, 106, "all of them, a page after the other");
	world_close();
	return done_testing();
}
