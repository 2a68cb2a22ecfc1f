/* Figures of a period against counting by hand. */
#include "desk_world.h"

#include "desk/statistics.h"

struct asked {
	int who;
	int64_t from, to;
	struct value *value;
};

static bool
ask_step(struct tx *tx, void *arg, struct err *err)
{
	struct asked *a = arg;

	a->value = statistics(tx, &world.who[a->who], a->from, a->to, err);
	return a->value;
}

static struct value *
ask(int who, int64_t from, int64_t to)
{
	struct asked a = { who, from, to, NULL };

	if (!world_read(ask_step, &a))
		printf("# %s %.*s\n", fault_code(world.err.fault), STR_FMT(world.err.detail));
	return a.value;
}

static int64_t
cell(const struct value *v, const char *category, const char *level)
{
	return world_int(world_row(value_get(value_get(v, "by_category_level"), "rows"), "category",
	    category), level);
}

/* Closes a report so many days after it was filed. */
static void
close_after(int64_t id, int days)
{
	int64_t filed = clock_now();
	struct value *in = world_json("{\"resolution\":\"r\"}");

	world_do(REVIEWER, id, VERB_REVIEW, world_json("{\"level_reviewed\":1,\"other_ci_reviewed\":false}"));
	map_time(world.arena, in, "resolved_at", filed);
	world_do(NURSE, id, VERB_CLOSE, in);
	world_at(filed + days * DAY);
	ok(world_do(REVIEWER, id, VERB_ACCEPT, world_json("{}")), "closed");
	world_at(filed);
}

static bool
near(const struct value *v, const char *key, double want)
{
	const struct value *m = value_get(v, key);

	return m && m->kind == V_REAL && m->r > want - 0.001 && m->r < want + 0.001;
}

int
main(void)
{
	static const int days[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 20 };
	int64_t from, ids[10];
	struct value *v;

	world_open();
	from = clock_now() - HOUR;
	for (int i = 0; i < 10; i++)
		ids[i] = world_create(NURSE, true, world_form(0, 1, 1, i < 2 ? 90 : 5, NULL));
	world_create(DOCTOR, true,
	    world_form(0, 4, 1, 5, "\"category\":\"dos\",\"conditions\":[\"degraded\"]"));
	world_create(TELLER, true, world_form(0, 2, 1, 5, NULL));
	world_create(NURSE, true, world_form(0, 0, 0, 5, "\"report_kind\":\"voluntary\""));
	world_create(NURSE, false, world_form(0, 1, 1, 5, NULL));
	for (int i = 0; i < 10; i++)
		close_after(ids[i], days[i]);
	world_at(clock_now() + 60 * DAY);
	world_create(NURSE, true, world_form(0, 1, 1, 5, NULL));
	v = ask(REVIEWER, from, clock_now() + 1);
	is_int(world_int(v, "total"), 13, "of the CERT's sector, drafts left out");
	is_int(cell(v, "intrusion", "l1"), 11, "by category and level");
	is_int(cell(v, "intrusion", "l0"), 1, "the voluntary note stands apart");
	is_int(cell(v, "dos", "l4"), 1, "each in its place");
	is_int(world_int(value_get(value_get(v, "by_category_level"), "totals"), "total"), 13,
	    "with their sum");
	is_int(world_int(world_row(value_get(v, "by_state"), "state", "closed"), "count"), 10, "by state");
	is_int(value_get(v, "by_month")->n, 3, "three months");
	is_int(world_int(value_get(v, "by_month")->first, "count"), 12, "of which the first");
	is_int(world_int(value_get(v, "by_month")->first->next, "count"), 0, "one in which nothing came");
	is_str(world_text(value_get(v, "by_month")->last, "month"), "2027-01", "and the last by its name");
	is_int(world_int(v, "closed"), 10, "ten closed");
	ok(near(v, "mean_days_to_close", 6.5), "mean");
	ok(near(v, "median_days_to_close", 5.5), "median");
	ok(near(v, "p90_days_to_close", 9), "90th percentile");
	v = ask(TELLER, from, clock_now() + 1);
	is_int(world_int(v, "total"), 1, "a provider counts its own");
	v = ask(ADMIN, from, clock_now() + 1);
	is_int(world_int(v, "total"), 0, "the administrator none");
	v = ask(AUDITOR, from, clock_now() + 1);
	is_int(world_int(v, "total"), 14, "the auditor all");
	v = ask(REVIEWER, from, from + 2 * HOUR);
	ok(value_get(v, "mean_days_to_close")->kind == V_NULL, "nothing closed, no mean");
	/* due in these hours: twelve filings, of which two were late */
	ok(near(v, "on_time_share", 9.0 / 11), "the share that was in time");
	world_close();
	return done_testing();
}
