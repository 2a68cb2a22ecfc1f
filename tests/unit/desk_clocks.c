/*
 * The mark of being overdue against a slow, obvious model: whatever the clock does, forwards, backwards,
 * across restarts, after the sweep a duty bears the mark if and only if it is open and now is past its due
 * time, and the trail has exactly the changes.
 */
#include "chance.h"
#include "desk_world.h"

#include <semaphore.h>
#include <stdatomic.h>

#include "store/pg.h"

#define REPORTS 12
#define STEPS 400
#define DUTIES_MOST 400

static uint64_t seed = 20261121;

static uint64_t
roll(uint64_t n)
{
	return chance_next(&seed) % n;
}

/* ---- the model: what was seen of each duty after the sweep before ---- */

static struct known {
	int64_t id;
	bool marked;
} model[DUTIES_MOST];
static int model_count;
static int64_t marked_expected, withdrawn_expected;

static struct known *
known(int64_t id)
{
	for (int i = 0; i < model_count; i++)
		if (model[i].id == id)
			return &model[i];
	if (model_count == DUTIES_MOST) {
		printf("Bail out! more duties than the model holds\n");
		exit(1);
	}
	model[model_count] = (struct known){ .id = id };
	return &model[model_count++];
}

struct all {
	int64_t reports[REPORTS];
	int n;
	int wrong, open, late;
};

/* On a database of several nodes a mark stands a little longer than a clock that went back says. */
static bool
lingers(const struct value *d, int64_t now)
{
	return on_postgresql() && now + CLOCKS_DIFFER > world_int(d, "due_at");
}

static bool
compare_step(struct tx *tx, void *arg, struct err *err)
{
	struct all *all = arg;

	for (int i = 0; i < all->n; i++) {
		struct report r;
		struct value *out;

		if (!report_get(tx, &world.who[AUDITOR], all->reports[i], &r, err) ||
		    (out = duties_of_report(tx, &world.who[AUDITOR], &r, err)) == NULL)
			return false;
		for (const struct value *d = value_get(out, "rows")->first; d; d = d->next) {
			bool open = str_is(world_text(d, "state"), "open"),
			    overdue = world_int(d, "overdue") == 1;
			bool late = tx_now(tx) > world_int(d, "due_at");
			struct known *k = known(world_int(d, "id"));

			all->open += open;
			all->late += open && late;
			if (open && overdue != late && !(overdue && lingers(d, tx_now(tx))))
				all->wrong++;
			if (open && overdue != (world_int(d, "overdue_at") != NONE))
				all->wrong++;
			k->marked = overdue;
		}
	}
	return true;
}

/* Marks that the sweep is about to set and to take back, counted before it by the rule alone. */
static bool
foresee_step(struct tx *tx, void *arg, struct err *err)
{
	struct all *all = arg;

	for (int i = 0; i < all->n; i++) {
		struct report r;
		struct value *out;

		if (!report_get(tx, &world.who[AUDITOR], all->reports[i], &r, err) ||
		    (out = duties_of_report(tx, &world.who[AUDITOR], &r, err)) == NULL)
			return false;
		for (const struct value *d = value_get(out, "rows")->first; d; d = d->next) {
			bool late = tx_now(tx) > world_int(d, "due_at"),
			    overdue = world_int(d, "overdue") == 1;

			if (!str_is(world_text(d, "state"), "open"))
				continue;
			marked_expected += late && !overdue;
			withdrawn_expected += !late && overdue && !lingers(d, tx_now(tx));
		}
	}
	return true;
}

struct counted {
	int64_t marked, withdrawn;
	struct all *all;
};

static bool
count_step(struct tx *tx, void *arg, struct err *err)
{
	struct counted *c = arg;

	for (int i = 0; i < c->all->n; i++) {
		struct rows q = db_query(tx, S_AUDIT_OF_OBJECT, T(STR("report")), I(c->all->reports[i]),
		    I(INT64_MAX), I(1000000));
		struct audit_record record;

		while (db_next(&q)) {
			audit_load(&q, &record);
			c->marked += str_is(record.action, "duty.overdue");
			c->withdrawn += str_is(record.action, "duty.overdue_withdrawn");
		}
		if (!db_end(&q, err))
			return false;
	}
	return true;
}

/* As the server does before each request: only when memory says that there is something to do. */
static int
catch_up(void)
{
	if (clock_now() < duties_next_change())
		return 0;
	world_sweep();
	return 1;
}

static void
move_clock(void)
{
	static const int64_t steps[] = { MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, DAY, 20 * DAY };
	int64_t by = (int64_t)roll((uint64_t)steps[roll(6)]);

	world_at(clock_now() + (roll(3) == 0 ? -by : by));
}

static void
do_something(struct all *all)
{
	int64_t id = all->reports[roll((uint64_t)all->n)];

	switch (roll(8)) {
	case 0:
		world_do(REVIEWER, id, VERB_REVIEW,
		    world_json("{\"level_reviewed\":%d,\"level_reason\":\"r\",\"other_ci_reviewed\":false}",
		    (int)roll(4) + 1));
		break;
	case 1:
		world_do(NURSE, id, VERB_CONTAIN, world_json("{}"));
		break;
	case 2:
		world_do(NURSE, id, VERB_AMEND_LEVEL, world_json("{\"impact_i\":%d,\"reason\":\"r\"}",
		    (int)roll(4) + 1));
		break;
	case 3:
		world_do(LIAISON, id, VERB_ESCALATE, world_json("{}"));
		break;
	case 4:
		world_do(NURSE, id, VERB_IMPROVEMENT,
		    world_json(WORLD_IMPROVEMENT));
		break;
	case 5:
		if (all->n < REPORTS)
			all->reports[all->n++] = world_create(NURSE, true,
			    world_form((int)roll(4), (int)roll(4) + 1, 0, (int)roll(200), NULL));
		break;
	default:
		break;
	}
}

static void
property(void)
{
	struct all all = { .n = 1 };
	struct counted counted = { .all = &all };
	int sweeps = 0, wrong = 0, late = 0, looked = 0;

	all.reports[0] = world_create(NURSE, true, world_form(0, 1, 1, 5, NULL));
	for (int step = 0; step < STEPS; step++) {
		move_clock();
		all.wrong = all.open = all.late = 0;
		world_read(foresee_step, &all);
		if (roll(20) == 0)
			world_restart();
		sweeps += catch_up();
		world_read(compare_step, &all);
		wrong += all.wrong;
		late += all.late;
		looked += all.open;
		do_something(&all);
	}
	world_read(count_step, &counted);
	printf("# %d reports, %d duties, %d looked at, %d of them late, %d sweeps\n", all.n, model_count,
	    looked, late, sweeps);
	is_int(wrong, 0, "after each sweep the marks are what due time and now say");
	is_int(counted.marked, marked_expected, "the trail has every mark, and no other");
	is_int(counted.withdrawn, withdrawn_expected, "and every one that was taken back");
	ok(late > 100 && withdrawn_expected > 5 && sweeps < STEPS,
	    "late ones, withdrawn ones and idle moments were among them");
}

/* ---- the exact moment ---- */

static bool
marked(int64_t id, const char *clock)
{
	return world_int(world_duty(id, clock), "overdue") == 1;
}

static void
moment(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 1, 1, 5, NULL)),
	    due = world_int(world_duty(id, "review"), "due_at");

	world_at(due);
	ok(duties_next_change() > clock_now(), "at the due time nothing is to be done");
	world_sweep();
	ok(!marked(id, "review"), "it is not late at the very microsecond");
	world_at(due + 1);
	ok(duties_next_change() <= clock_now(), "one microsecond later there is");
	world_sweep();
	ok(marked(id, "review"), "and it is marked");
	ok(duties_next_change() > clock_now(), "once");
	if (on_postgresql()) {
		world_at(due - CLOCKS_DIFFER + 1);
		ok(duties_next_change() > clock_now(), "for another node's clock that is a little behind nothing is to be done");
		world_sweep();
		ok(marked(id, "review"), "and its sweep leaves the mark");
	}
	world_at(due - (on_postgresql() ? CLOCKS_DIFFER : 0));
	ok(duties_next_change() <= clock_now(), "put back, it is known at once");
	world_sweep();
	ok(!marked(id, "review"), "and the mark is taken back");
	world_at(due + HOUR);
	world_restart();
	ok(duties_next_change() <= clock_now(), "after a restart it is known too");
	world_sweep();
	ok(marked(id, "review"), "and marked again");
}

/* The moment that counts is that of the deed, not of its typing. */
static void
told_later(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 3, 1, 5, NULL)),
	    due = world_int(world_duty(id, "damage_control"), "due_at");
	struct value *in = value_map(world.arena);

	world_at(due + 2 * HOUR);
	world_sweep();
	ok(marked(id, "damage_control"), "damage control looks late");
	map_time(world.arena, in, "contained_at", due - HOUR);
	ok(world_do(NURSE, id, VERB_CONTAIN, in), "it was done in time, and is told now");
	ok(!marked(id, "damage_control"), "so it is not late");
	is_int(world_int(world_duty(id, "damage_control"), "done_at"), due - HOUR, "done when it was done");
}

/* More late duties than one transaction takes. */
static void
many(void)
{
	int n = 0;

	for (int i = 0; i < 120; i++)
		n += world_create(NURSE, true, world_form(0, 1, 1, 5, NULL)) > 0;
	world_at(clock_now() + 40 * DAY);
	ok(n == 120 && world_sweep(), "many at once, some hundreds a time");
	ok(duties_next_change() > clock_now(), "until none is left");
}

/* ---- two nodes: while the second waits for the writers' lock, the time comes, and the first marks ---- */

struct first {
	int64_t at;                      /* what the clock says then */
	sem_t locked, done;
	bool saved;
	_Atomic bool answered;           /* the second, too early */
};

static bool
ask_moments(struct tx *tx, struct err *err)
{
	struct rows q = db_query(tx, S_DUTY_MOMENTS);

	return db_end(&q, err);
}

static bool
somebody_waits(struct arena *a)
{
	return tell_server(a, world.dir, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
	    " AND (classid::bigint, objid) = (SELECT k.class, k.object::oid FROM (SELECT " PG_WRITER ") k(class, object))") > 0;
}

/* Asks all the time, or the server would end it: a node that stops in the middle must not hold the others up. */
static bool
first_work(struct tx *tx, void *arg, struct err *err)
{
	struct first *first = arg;
	bool good = ask_moments(tx, err), more;

	sem_post(&first->locked);
	while (good && !somebody_waits(tx_arena(tx)) && !atomic_load(&first->answered))
		good = ask_moments(tx, err);
	world_at(first->at);
	return good && duties_sweep(tx, &more, err);
}

static void
first_done(struct store_job *job, bool saved)
{
	struct first *first = job->arg;

	first->saved = saved;
	sem_post(&first->done);
}

static struct store *
open_second(void)
{
	struct store_options o = { .dir = world.dir, .url = url_of(world.arena, world.dir), .node = "second" };
	struct store *second = NULL;

	o.extra = entity_statements(&o.extra_count);
	world.err = (struct err){ .arena = world.arena };
	ok(store_open(&o, &second, &world.err), "a second node");
	return second;
}

/* Its now is read behind the lock: what the first did while it waited is not in its future. */
static void
behind_the_lock(void)
{
	int64_t id = world_create(NURSE, true, world_form(0, 1, 1, 5, NULL));
	struct first first = { .at = world_int(world_duty(id, "review"), "due_at") + HOUR };
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct store_job job = { .work = first_work, .arg = &first, .arena = a, .err = &err, .done = first_done };
	struct all all = { .reports = { id }, .n = 1 };
	struct counted counted = { .all = &all };
	struct store *second = open_second();
	bool more, swept;

	if (!second)
		return;
	sem_init(&first.locked, 0, 0);
	sem_init(&first.done, 0, 0);
	store_submit(world.store, &job);
	sem_wait(&first.locked);
	world.err = (struct err){ .arena = world.arena };
	swept = store_write(second, world.arena, world_sweep_step, &more, &world.err);
	atomic_store(&first.answered, true);
	sem_wait(&first.done);
	ok(first.saved, "the first marks when the time has come");
	ok(swept && marked(id, "review"), "the second has waited for it, and leaves the mark");
	world_read(count_step, &counted);
	ok(counted.marked >= 1, "the trail has it");
	is_int(counted.withdrawn, 0, "and nothing that was taken back");
	store_close(second);
	arena_free(a);
}

int
main(void)
{
	world_open();
	moment();
	told_later();
	if (on_postgresql())
		behind_the_lock();
	property();
	many();
	world_close();
	return done_testing();
}
