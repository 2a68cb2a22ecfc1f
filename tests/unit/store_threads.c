/* Many threads that write and read one store at once. Run under the thread sanitizer too. */
#include "tap.h"

#include "store_fixture.h"

#define WRITERS 64
#define EACH 30
#define READERS 4

static struct store *st;
static _Atomic bool writing;

struct client {
	pthread_t thread;
	int number;
	int saved, refused, wrong;
};

/*
 * Every fifth is refused by its own work, every seventh takes a name that is taken, every eleventh leaves no
 * record.
 */
static bool
write_one(struct client *c, struct arena *a, int i)
{
	struct err err = { .arena = a };
	int64_t id = 1000 + c->number * EACH + i;
	struct note_job j = { .id = id, .n = 1, .refuse = i % 5 == 4, .silent = i % 11 == 10,
	    .name = i % 7 == 6 ? STR("first") : arena_printf(a, "note %d", (int)id) };
	bool saved = store_write(st, a, note_add, &j, &err);
	bool want = !j.refuse && !j.silent && i % 7 != 6;

	if (saved)
		c->saved++;
	else
		c->refused++;
	return saved == want && saved == note_there(st, a, arena_printf(a, "note %d", (int)id));
}

static void *
write_notes(void *arg)
{
	struct client *c = arg;
	struct arena *a = arena_new();

	for (int i = 0; i < EACH; i++) {
		arena_reset(a);
		c->wrong += !write_one(c, a, i);
	}
	arena_free(a);
	return NULL;
}

/* In one snapshot there are as many notes as records, whatever is written meanwhile. */
static void *
read_notes(void *arg)
{
	struct client *c = arg;
	struct arena *a = arena_new();

	while (writing) {
		struct err err = { .arena = a };
		struct tx *tx = store_read(st, a, &err);
		struct rows notes = db_query(tx, NOTE_COUNT), records;
		int64_t count = db_next(&notes) ? db_int(&notes, 0) : -1;

		db_end(&notes, &err);
		records = db_query(tx, AUDIT_COUNT);
		c->wrong += !db_next(&records) || db_int(&records, 0) != count - 1 || db_int(&records,
		    2) != count - 1;
		db_end(&records, &err);
		store_done(tx);
		arena_reset(a);
	}
	arena_free(a);
	return NULL;
}

/* ---- jobs that nobody waits for ---- */

struct unwaited {
	struct store_job job;            /* first */
	struct note_job note;
	struct err err;
};

static _Atomic int done_saved, done_lost;

static void
unwaited_done(struct store_job *job, bool saved)
{
	struct unwaited *u = (struct unwaited *)(void *)job;

	if (saved)
		done_saved++;
	else
		done_lost++;
	arena_free(job->arena);
	free(u);
}

static void
submit_note(int64_t id)
{
	struct unwaited *u = calloc(1, sizeof(*u));

	u->job.arena = arena_new();
	u->err.arena = u->job.arena;
	u->note = (struct note_job){ .id = id, .n = 1, .name = arena_printf(u->job.arena, "unwaited %d",
	    (int)id) };
	u->job.work = note_add;
	u->job.arg = &u->note;
	u->job.err = &u->err;
	u->job.done = unwaited_done;
	store_submit(st, &u->job);
}

int
main(void)
{
	struct arena *a = arena_new();
	const char *dir = new_directory(a);
	struct err err = { .arena = a };
	struct client writers[WRITERS], readers[READERS];
	int saved = 0, refused = 0, wrong = 0, misread = 0;

	note_setup.checkpoint_pages = 50;        /* the log is moved and begun anew many times meanwhile */
	st = note_store(dir, &err);
	if (!ok(st != NULL, "a new store"))
		return done_testing();
	writing = true;
	for (int i = 0; i < READERS; i++) {
		readers[i] = (struct client){ .number = i };
		pthread_create(&readers[i].thread, NULL, read_notes, &readers[i]);
	}
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct client){ .number = i };
		pthread_create(&writers[i].thread, NULL, write_notes, &writers[i]);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(writers[i].thread, NULL);
		saved += writers[i].saved;
		refused += writers[i].refused;
		wrong += writers[i].wrong;
	}
	writing = false;
	for (int i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		misread += readers[i].wrong;
	}
	is_int(wrong, 0, "every answer is right, and what was answered is there at once");
	is_int(misread, 0, "every snapshot is of one moment");
	is_int(saved + refused, WRITERS * EACH, "every write is answered");
	ok(refused > WRITERS && saved > WRITERS, "some were refused, some saved");
	is_int(note_number(st, a, NOTE_COUNT, 0), saved + 1, "what was saved is there, nothing else");
	ok(trail_whole(st, a, saved), "the trail has no gap");
	for (int i = 0; i < 500; i++)
		submit_note(100000 + i);
	store_close(st);                         /* does what waits before it ends */
	is_int(done_saved, 500, "jobs that nobody waits for are done before the store closes");
	is_int(done_lost, 0, "none is lost");
	st = note_store(dir, &err);
	is_int(note_number(st, a, NOTE_COUNT, 0), saved + 501,
	    "all of it is there when the store is opened again");
	ok(trail_whole(st, a, saved + 500), "and the trail");
	store_close(st);
	remove_directory(dir);
	arena_free(a);
	return done_testing();
}
