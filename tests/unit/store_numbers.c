/* Numbers without gaps, whoever is undone in whichever group, of more counters than a group keeps at once. */
#include "tap.h"

#include <semaphore.h>
#include <stdlib.h>

#include "model/organisation.h"
#include "store_fixture.h"

#define GROUPS 30
#define JOBS 25
#define YEARS 20
#define TAKES 4                          /* of a job */

static struct arena *a;
static struct store *st;
static int64_t sector;
static int64_t last[YEARS];              /* the number that was given out last; what was undone is not */
static sem_t go, answered;

struct number_job {
	struct store_job job;            /* first */
	struct err err;
	bool refuse, wrong, saved;
	int year[TAKES];
};

static bool
make_sector(struct tx *tx, void *arg, struct err *err)
{
	struct sector *s = entity_new(&entity_sector, tx_arena(tx));

	(void)arg;
	s->code = STR("AAA");
	s->name_zh = s->name_en = s->agency_zh = s->agency_en = STR("a");
	if (!entity_insert(tx, ENTITY_SECTOR, s, "sector.create", 0, err))
		return false;
	sector = s->id;
	return true;
}

static bool
take_work(struct tx *tx, void *arg, struct err *err)
{
	struct number_job *j = arg;
	int64_t given[YEARS], n;

	memcpy(given, last, sizeof(given));
	for (int i = 0; i < TAKES; i++) {
		int year = j->year[i];

		if (!tx_number(tx, sector, 2000 + year / 2, year % 2, &n, err))
			return false;
		j->wrong = j->wrong || n != ++given[year];
	}
	if (!audit_append(tx, &(struct audit){ .action = "sector.read", .entity = "sector", .object = sector }, err))
		return false;
	if (j->refuse)
		return err_set(err, FAULT_STATE);
	memcpy(last, given, sizeof(last));
	return true;
}

/* Holds the group's beginning until all of it waits behind. */
static bool
hold_work(struct tx *tx, void *arg, struct err *err)
{
	while (sem_wait(&go) != 0)
		;
	return take_work(tx, arg, err);
}

static void
note_answer(struct store_job *job, bool saved)
{
	((struct number_job *)(void *)job)->saved = saved;
	sem_post(&answered);
}

static void
test_groups(void)
{
	int wrong = 0, unsaved = 0;

	for (int group = 0; group < GROUPS; group++) {
		struct number_job jobs[JOBS] = { 0 };

		for (int i = 0; i < JOBS; i++) {
			struct number_job *j = &jobs[i];

			for (int n = 0; n < TAKES; n++)
				j->year[n] = rand() / 7 % (group % 2 ? YEARS : 2);
			j->refuse = rand() / 7 % 4 == 0;
			j->err = (struct err){ .arena = a };
			j->job = (struct store_job){ .work = i ? take_work : hold_work, .arg = j, .arena = arena_new(), .err = &j->err,
				.done = note_answer };
			store_submit(st, &j->job);
		}
		sem_post(&go);
		for (int i = 0; i < JOBS; i++)
			while (sem_wait(&answered) != 0)
				;
		for (int i = 0; i < JOBS; i++) {
			wrong += jobs[i].wrong;
			unsaved += jobs[i].saved == jobs[i].refuse;
			arena_free(jobs[i].job.arena);
		}
	}
	is_int(unsaved, 0, "jobs are saved that are not refused");
	is_int(wrong, 0, "each gets the number behind that of the last that was saved");
}

int
main(void)
{
	struct store_options o = { .create = true };
	struct number_job j = { 0 };
	struct err err = { .arena = NULL };

	a = arena_new();
	err.arena = a;
	o.dir = new_directory(a);
	o.url = url_of(a, o.dir);
	o.extra = entity_statements(&o.extra_count);
	sem_init(&go, 0, 0);
	sem_init(&answered, 0, 0);
	srand(3);
	ok(store_open(&o, &st, &err) && store_write(st, a, make_sector, NULL, &err), "a sector");
	test_groups();
	store_close(st);
	st = NULL;
	ok(store_open(&o, &st, &err) && store_write(st, a, take_work, &j, &err) && !j.wrong, "it goes on after a new start");
	store_close(st);
	remove_directory(o.dir);
	arena_free(a);
	return done_testing();
}
