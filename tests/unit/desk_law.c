/* A new version of the law counts from the beginning of its day, in its own zone; what was filed before keeps the old one. */
#define rules_files made_files           /* two versions of the regulation, instead of what is built in */
#define place rules_place                /* the world has a tag of that name */
#include "model/rules.c"
#undef place
#undef rules_files
#include "desk_world.h"

extern const struct asset rules_files[];

static unsigned char made[2][RULES_MAX];
const struct asset made_files[] = {
	{ "tw-2026", made[0], RULES_MAX, "" },
	{ "tw-2026-2", made[1], RULES_MAX, "" },
	{ 0 },
};

/* Monday 2026-11-23 00:00 in Taipei. */
#define MIDNIGHT (INT64_C(1795363200) * SECOND)

static void
overwrite(const char *find, const char *with)
{
	char *at = memmem(made[1], RULES_MAX, find, strlen(find));

	if (ok(at && strlen(find) == strlen(with), with))
		memcpy(at, with, strlen(with));
}

/* The regulation as it is built in, and the same with a shorter damage control from that Monday on. */
static void
make_files(void)
{
	const struct asset *now = asset_in(rules_files, STR("tw-2026"));

	if (!now) {
		printf("Bail out! no tw-2026 is built in\n");
		exit(1);
	}
	for (int i = 0; i < 2; i++) {
		memset(made[i], ' ', RULES_MAX);
		memcpy(made[i], now->bytes, now->length);
	}
	overwrite("\"version\": 1", "\"version\": 2");
	overwrite("\"valid_from\": \"2026-01-05\"", "\"valid_from\": \"2026-11-23\"");
	overwrite("{ \"1\": \"72h\", \"2\": \"72h\", \"3\": \"36h\", \"4\": \"36h\" }",
	    "{ \"1\": \"72h\", \"2\": \"72h\", \"3\": \"24h\", \"4\": \"24h\" }");
}

static int64_t
length_of(int64_t id, const char *clock)
{
	const struct value *duty = world_duty(id, clock);

	return (world_int(duty, "due_at") - world_int(duty, "anchor_at")) / HOUR;
}

static void
around_midnight(void)
{
	int64_t before, draft, after;

	world_at(MIDNIGHT - 1);
	before = world_create(NURSE, true, world_form(0, 3, 1, 5, NULL));
	is_str(world_last.regime_version, "tw-2026/1", "the last microsecond of Sunday: the old one");
	is_int(length_of(before, "damage_control"), 36, "with its length");
	draft = world_create(NURSE, false, world_form(0, 3, 1, 5, NULL));
	world_at(MIDNIGHT);
	ok(world_do(NURSE, draft, VERB_SUBMIT, world_json("{}")), "begun on Sunday, filed on Monday");
	is_str(world_last.regime_version, "tw-2026/2", "the new one, though she knew of it on Sunday");
	after = world_create(NURSE, true, world_form(0, 3, 1, 5, NULL));
	is_str(world_last.regime_version, "tw-2026/2", "and so from midnight on");
	is_int(length_of(after, "damage_control"), 24, "with its length");
	is_int(length_of(before, "damage_control"), 36, "what was filed before has not changed");
	ok(world_do(REVIEWER, before, VERB_REVIEW, world_json("{\"level_reviewed\":4,\"level_reason\":\"核心\",\"other_ci_reviewed\":false}")),
	    "reviewed on Monday, at another level");
	is_int(length_of(before, "damage_control"), 36, "its clocks are those of the law it was filed under");
	is_str(world_text(world_duty(before, "result"), "regime_version"), "tw-2026/1",
	    "those that begin later, too");
	world_at(MIDNIGHT - 1);
	world_create(NURSE, true, world_form(0, 3, 1, 5, NULL));
	is_str(world_last.regime_version, "tw-2026/1", "a clock that was put back: the law of that day");
}

int
main(void)
{
	make_files();
	world_open();
	around_midnight();
	world_close();
	return done_testing();
}
