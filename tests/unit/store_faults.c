/*
 * A disk that says no, at every single operation of a small story in turn: nobody hears "saved" of what is
 * not there afterwards, and what was saved is there, whole, after closing and after a power cut at that
 * moment.
 */
#include "tap.h"

#include "../crash/faultvfs.c"
#include "base/log.h"
#include "store_fixture.h"

#define WRITES 5

static struct arena *a;
static const char *dir, *cut;

static struct store *
open_here(const char *where, struct err *err)
{
	*err = (struct err){ .arena = a };
	return note_store(where, err);
}

/* ---- every operation of a few writes ---- */

struct answers {
	bool saved[WRITES];
	enum fault fault[WRITES];
};

static struct str
story_name(int i)
{
	return arena_printf(a, "story %d", i);
}

static bool
write_story(struct store *st, int i, enum fault *ret_fault)
{
	struct err err = { .arena = a };
	struct note_job j = { .id = 100 + i, .name = story_name(i) };
	bool saved = store_write(st, a, note_add, &j, &err);

	*ret_fault = err.fault;
	return saved;
}

static void
tell_story(struct store *st, struct answers *answers)
{
	for (int i = 0; i < WRITES; i++)
		answers->saved[i] = write_story(st, i, &answers->fault[i]);
}

/*
 * What a directory holds against what was answered; strict: what was not saved is not there. Names the first
 * difference.
 */
static const char *
compare(const char *where, const struct answers *answers, int more, bool strict)
{
	struct err err;
	struct store *st = open_here(where, &err);
	const char *wrong = NULL;
	int there = 0;

	if (!st)
		return arena_printf(a, "not opened: %.*s", STR_FMT(err.detail)).p;
	for (int i = 0; i < WRITES + more; i++) {
		bool is = note_there(st, a, story_name(i)), saved = i >= WRITES || answers->saved[i];

		there += is;
		if (saved && !is)
			wrong = "saved, but not there";
		if (is && !saved && (strict || answers->fault[i] == FAULT_READ_ONLY))
			wrong = "not saved, but there";
	}
	if (note_number(st, a, NOTE_COUNT, 0) != there + 1 || !trail_whole(st, a, there))
		wrong = "half of a write is there";
	store_close(st);
	return wrong;
}

static bool
fault_expected(const struct answers *answers)
{
	for (int i = 0; i < WRITES; i++)
		if (!answers->saved[i] && answers->fault[i] != FAULT_STORE &&
		    answers->fault[i] != FAULT_READ_ONLY)
			return false;
	return true;
}

/*
 * Probes and writes on a disk that works again. The checkpointer may still have to say what it met before, so
 * that a first probe does not always last.
 */
static bool
write_again(struct store *st)
{
	struct err err = { .arena = a };
	enum fault f = FAULT_NONE;

	for (int tries = 0; tries < 100; tries++) {
		if (!store_probe(st, &err))
			return false;
		if (write_story(st, WRITES, &f))
			return true;
		if (f != FAULT_READ_ONLY && f != FAULT_STORE)
			return false;
	}
	return false;
}

/* One telling with the nth operation failing. False: there is no nth. */
static bool
tell_with_fault(int nth, enum vfs_fault fault, bool lasting, const char **ret_wrong)
{
	struct answers answers;
	struct err err;
	struct store *st;
	bool reached;

	*ret_wrong = NULL;
	st = open_here(dir, &err);
	if (!st)
		abort();
	faultvfs_plan(VFS_ANY, nth, fault, lasting);
	tell_story(st, &answers);
	reached = faultvfs_count() >= nth;
	faultvfs_cut(cut, (unsigned)nth);
	faultvfs_plan(0, 0, VFS_EIO, false);
	if (!fault_expected(&answers))
		*ret_wrong = "another fault than the disk's";
	if (!write_again(st))
		*ret_wrong = "no write after the probe";
	store_close(st);
	if (!*ret_wrong)
		*ret_wrong = compare(dir, &answers, 1, true);
	faultvfs_forget();
	if (!*ret_wrong && (*ret_wrong = compare(cut, &answers, 0, !lasting)))
		*ret_wrong = arena_printf(a, "after a power cut: %s", *ret_wrong).p;
	faultvfs_forget();
	empty_directory(dir);
	empty_directory(cut);
	return reached;
}

static const char *const fault_names[] = {
	[VFS_EIO] = "EIO", [VFS_ENOSPC] = "ENOSPC", [VFS_SHORT] = "a short write",
	    [VFS_LATE] = "an error after the fact",
};

static void
test_story(enum vfs_fault fault, bool lasting)
{
	struct str name = arena_printf(a, "%s at every operation, %s", fault_names[fault], lasting ?
	    "lasting" : "once");
	const char *wrong = NULL;
	int n = 0, failed = 0;
	bool reached = true;

	while (reached) {
		reached = tell_with_fault(++n, fault, lasting, &wrong);
		if (wrong) {
			printf("# operation %d: %s\n", n, wrong);
			failed++;
		}
	}
	is_int(failed, 0, name.p);
	ok(n > 10, "there were some");
}

/* ---- every operation of making a store ---- */

static void
test_creation(void)
{
	struct err err;
	struct store *st;
	int failed = 0, refused = 0, n, reached = 1;

	for (n = 1; reached; n++) {
		faultvfs_plan(VFS_ANY, n, VFS_EIO, true);
		st = open_here(dir, &err);
		reached = faultvfs_count() >= n;
		faultvfs_cut(cut, (unsigned)n);
		faultvfs_plan(0, 0, VFS_EIO, false);
		if (!st && err.fault != FAULT_FILE) {
			printf("# operation %d: %s %.*s\n", n, fault_code(err.fault), STR_FMT(err.detail));
			failed++;
		}
		refused += !st;
		store_close(st);
		for (int i = 0; i < 2; i++) {
			st = open_here(i == 0 ? dir : cut, &err);
			if (!st || !trail_whole(st, a, 0)) {
				printf("# operation %d: %.*s\n", n, STR_FMT(err.detail));
				failed++;
			}
			store_close(st);
		}
		faultvfs_forget();
		empty_directory(dir);
		empty_directory(cut);
	}
	is_int(failed, 0, "a store that could not be made can be made afterwards");
	ok(refused > 10 && refused < n, "at many operations it could not");
}

/* ---- one commit for many jobs ---- */

#define JOBS 64

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t opened;
	bool open;
	int answered;
};

static struct gate gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0 };

static bool
gate_work(struct tx *tx, void *arg, struct err *err)
{
	(void)tx;
	(void)arg;
	(void)err;
	pthread_mutex_lock(&gate.lock);
	while (!gate.open)
		pthread_cond_wait(&gate.opened, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
	return true;
}

static void
gate_set(bool open)
{
	pthread_mutex_lock(&gate.lock);
	gate.open = open;
	gate.answered = open ? gate.answered : 0;
	pthread_mutex_unlock(&gate.lock);
	pthread_cond_broadcast(&gate.opened);
}

struct group_job {
	struct store_job job;            /* first */
	struct note_job note;
	struct err err;
	bool saved;
	int order;
};

static void
group_done(struct store_job *job, bool saved)
{
	struct group_job *g = (struct group_job *)(void *)job;

	g->saved = saved;
	pthread_mutex_lock(&gate.lock);
	g->order = gate.answered++;
	pthread_mutex_unlock(&gate.lock);
	pthread_cond_broadcast(&gate.opened);
}

/* The first holds the writer until all wait; every fourth of the others says no in the end. */
static void
run_group(struct store *st, struct group_job *jobs, int first_id)
{
	gate_set(false);
	for (int i = 0; i < JOBS; i++) {
		struct group_job *g = &jobs[i];

		*g = (struct group_job){ .err = { .arena = a } };
		g->note = (struct note_job){ .id = first_id + i, .refuse = i % 4 == 3,
		    .name = arena_printf(a, "group %d", first_id + i) };
		g->job = (struct store_job){ .work = i == 0 ? gate_work : note_add, .arg = &g->note,
		    .arena = arena_new(), .err = &g->err, .done = group_done };
	}
	for (int i = 0; i < JOBS; i++)
		store_submit(st, &jobs[i].job);
	gate_set(true);
	pthread_mutex_lock(&gate.lock);
	while (gate.answered < JOBS)
		pthread_cond_wait(&gate.opened, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
	for (int i = 0; i < JOBS; i++)
		arena_free(jobs[i].job.arena);
}

static void
test_group(void)
{
	static struct group_job jobs[JOBS];
	struct err err;
	struct store *st;
	bool as_wanted = true, in_order = true, all_lost = true;
	struct str reason = STR_NONE;
	enum fault f;
	int syncs;

	note_setup.checkpoint_pages = 100000;    /* whose syncs would be counted */
	note_setup.group_time = HOUR;            /* however slow this machine is */
	st = open_here(dir, &err);
	note_setup.group_time = 0;
	note_setup.checkpoint_pages = 4;
	faultvfs_plan(VFS_SYNC, 0, VFS_EIO, false);
	run_group(st, jobs, 1000);
	syncs = faultvfs_count();
	for (int i = 0; i < JOBS; i++) {
		as_wanted = as_wanted && jobs[i].saved == (i % 4 != 3) &&
		    jobs[i].err.fault == (i % 4 == 3 ? FAULT_STATE : FAULT_NONE);
		in_order = in_order && jobs[i].order == i;
	}
	ok(as_wanted, "in one group some say no, the others are saved");
	ok(in_order, "answered in their order");
	is_int(syncs, 1, "with one sync for all");
	ok(trail_whole(st, a, 47) && note_number(st, a, NOTE_COUNT, 0) == 48, "47 notes and their records");

	faultvfs_plan(VFS_SYNC, 1, VFS_LATE, true);
	run_group(st, jobs, 2000);
	for (int i = 0; i < JOBS; i++)
		all_lost = all_lost && !jobs[i].saved && jobs[i].err.fault == FAULT_STORE &&
		    jobs[i].err.detail.n > 0;
	ok(all_lost, "a commit that fails is not saved for any of them, whatever they said");
	is_int(store_health(st, &reason), FAULT_STORE, "the store has failed");
	ok(reason.n > 0, "and has a reason");
	ok(!write_story(st, 0, &f) && f == FAULT_READ_ONLY, "it is read-only");
	err = (struct err){ .arena = a };
	ok(!store_probe(st, &err) && store_health(st, &reason) == FAULT_STORE,
	    "a probe that fails leaves it so");
	is_int(note_number(st, a, NOTE_COUNT, 0), 48, "reading goes on");
	faultvfs_plan(0, 0, VFS_EIO, false);
	err = (struct err){ .arena = a };
	ok(store_probe(st, &err) && store_health(st, &reason) == FAULT_NONE, "a probe that succeeds ends it");
	ok(write_story(st, 0, &f), "writing goes on");
	run_group(st, jobs, 2000);
	ok(jobs[1].saved && trail_whole(st, a, 95), "and the same group is saved, with no gap before it");
	store_close(st);
	faultvfs_forget();
	empty_directory(dir);
}

/* ---- power cuts while much is written and the log is moved ---- */

/* Whether SQLite finds the whole file in order. */
static bool
sound(const char *where)
{
	sqlite3_stmt *s = NULL;
	sqlite3 *db;
	bool is;

	sqlite3_open_v2(arena_printf(a, "%s/" DATABASE_NAME, where).p, &db, SQLITE_OPEN_READWRITE, NULL);
	sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &s, NULL);
	is = sqlite3_step(s) == SQLITE_ROW && str_is(str_c((const char *)sqlite3_column_text(s, 0)), "ok");
	sqlite3_finalize(s);
	sqlite3_close(db);
	return is;
}

static void
test_power_cuts(void)
{
	struct err err;
	struct store *st = open_here(dir, &err), *after;
	int lost = 0, torn = 0, saved = 0;

	for (int i = 0; i < 300; i++) {
		struct note_job j = { .id = 5000 + i, .name = arena_printf(a, "cut %d", i) };

		saved += store_write(st, a, note_add, &j, &err);
		if (i % 10 != 0)
			continue;
		faultvfs_cut(cut, (unsigned)i);
		after = open_here(cut, &err);
		lost += !after || note_number(after, a, NOTE_COUNT, 0) < saved + 1;
		torn += !after || !trail_whole(after, a, note_number(after, a, NOTE_COUNT, 0) - 1);
		store_close(after);
		torn += !sound(cut);
		empty_directory(cut);
	}
	is_int(saved, 300, "300 writes");
	is_int(lost, 0, "after every power cut what was saved is there");
	is_int(torn, 0, "nothing is half there");
	store_close(st);
	faultvfs_forget();
	empty_directory(dir);
}

int
main(void)
{
	faultvfs_register();
	log_threshold((enum log_level)0);        /* what is refused here is refused on purpose */
	note_setup.vfs = FAULTVFS_NAME;
	note_setup.checkpoint_pages = 4;
	a = arena_new();
	dir = new_directory(a);
	cut = new_directory(a);
	for (int fault = VFS_EIO; fault <= VFS_LATE; fault++) {
		test_story((enum vfs_fault)fault, false);
		test_story((enum vfs_fault)fault, true);
	}
	test_creation();
	test_group();
	test_power_cuts();
	remove_directory(dir);
	remove_directory(cut);
	arena_free(a);
	return done_testing();
}
