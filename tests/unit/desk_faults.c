/*
 * Filing, review and closing while the disk fails: every operation of SQLite on its files fails once, in each way, and
 * at each the power is cut too, with the writes that were not synced lost or torn. Afterwards what was answered as
 * saved is there, what was not is not half there, and report, versions, duties, trail, leaves, tiles and edge agree; and
 * each receipt that was handed out is still proved, by the reader's own strict judgement, in the log that is left.
 * All points with TOCSIN_LONG=1, else some of them.
 */
#include "../crash/faultvfs.c"
#undef SECTOR

#include "desk_world.h"

#include "base/log.h"
#include "desk/receipt.h"
#include "ledger/check.h"
#include "store/log.h"
#include "store/private.h"

#define STEPS 4

static const char *base, *cut;
static struct store_setup setup = { .vfs = FAULTVFS_NAME, .busy_ms = 50, .checkpoint_pages = 12 };

/* What the database says, however it came to that. */
struct facts {
	int64_t state, version, versions, duties, records;
};
static struct facts after_step[STEPS + 1];

static void
shell(struct str command)
{
	if (system(command.p) != 0)
		abort();
}
#define SHELL(...) shell(arena_printf(world.arena, __VA_ARGS__))

static bool
open_at(const char *dir)
{
	struct store_options o = { .dir = dir };

	o.extra = entity_statements(&o.extra_count);
	snprintf(world.dir, sizeof(world.dir), "%s", dir);
	world.err = (struct err){ .arena = world.arena };
	world.store = NULL;
	return store_open_with(&o, &setup, &world.store, &world.err);
}

static int receipts;                     /* that were handed out and looked at */

/* ---- the story ---- */

static int64_t report_id;

static bool
do_step(int step)
{
	world_at(WORLD_START + step * 10 * MINUTE);
	switch (step) {
	case 1:
		report_id = world_create(NURSE, true, world_form(1, 3, 3, 20, NULL));
		return report_id > 0;
	case 2:
		return world_do(REVIEWER, report_id, VERB_REVIEW,
		    world_json("{\"level_reviewed\":3,\"other_ci_reviewed\":false}"));
	case 3:
		return world_do(NURSE, report_id, VERB_CLOSE,
		    world_json("{\"resolution\":\"重建主機\",\"resolved_at\":\"2026-11-21T18:20:00Z\"}"));
	default:
		return world_do(REVIEWER, report_id, VERB_ACCEPT, world_json("{}"));
	}
}

/* How many steps were answered as saved. */
static int
tell(void)
{
	int step = 0;

	while (step < STEPS && do_step(step + 1))
		step++;
	return step;
}

/* ---- looking ---- */

static int64_t
ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

static struct facts
look(const char *dir)
{
	struct facts f;
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/tocsin.db", dir);
	sqlite3_open(path, &db);
	f = (struct facts){
		.state = ask(db, "SELECT state FROM report"),
		.version = ask(db, "SELECT version FROM report"),
		.versions = ask(db, "SELECT count(*) FROM report_version"),
		.duties = ask(db, "SELECT count(*) FROM duty"),
		.records = ask(db, "SELECT max(seq) FROM audit"),
	};
	sqlite3_close(db);
	return f;
}

static bool
log_fits(int64_t *ret_records)
{
	struct log_findings found;
	struct log_head head;
	struct tx *tx;
	bool good;

	world.err = (struct err){ .arena = world.arena };
	tx = store_read(world.store, world.arena, &world.err);
	good = tx && log_check(tx, NULL, NULL, &found, &world.err) && log_head(tx, &head, &world.err) &&
	    found.misfits == 0 && merkle_same(&found.root, &head.root) && head.size == found.records;
	store_done(tx);
	if (good)
		*ret_records = found.records;
	return good;
}

/* ---- receipts ---- */

/* Those that the provider and the CERT hold when the disk fails: of each record that has one, as it was handed out. */
static struct {
	struct str text[STEPS * 2];
	int n;
} handed;

static bool
hand_step(struct tx *tx, void *arg, struct err *err)
{
	struct report r;
	struct value *list;

	(void)arg;
	if (!report_get(tx, &world.who[NURSE], report_id, &r, err) || !(list = receipt_list(tx, &r, err)))
		return false;
	for (const struct value *row = value_get(list, "rows")->first; row && handed.n < STEPS * 2; row = row->next) {
		struct receipt_of of;

		if (!receipt_of_report(tx, &r, value_get(row, "seq")->i, &of, err))
			return false;
		handed.text[handed.n++] = receipt_text(world.arena, &of);
	}
	return true;
}

/* Whether the log that is left proves it, as it stood when the receipt was made. */
static bool
receipt_holds(struct tx *tx, struct str text, struct err *err)
{
	char *bytes = arena_c(world.arena, text);
	struct cursor at = { bytes, bytes + text.n, REFUSAL_NONE };
	struct checkpoint c = { .size = 0 };
	struct record record;
	struct log_head head;
	struct receipt r;

	if (!receipt_read(&at, &r) || !log_head(tx, &head, err) || !log_root(tx, r.size, &c.root, err))
		return false;
	c.origin = head.origin;
	c.size = r.size;
	return check_entry(&c, &r, &record) == REFUSAL_NONE;
}

static bool
receipts_step(struct tx *tx, void *arg, struct err *err)
{
	int *held = arg;

	for (int i = 0; i < handed.n; i++)
		*held += receipt_holds(tx, handed.text[i], err);
	return true;
}

static bool
receipts_hold(void)
{
	int held = 0;

	return world_read(receipts_step, &held) && held == handed.n;
}

/* NULL: the database in this directory is as after least steps, or one more if the next one's answer was lost. */
static const char *
judge(const char *dir, int least, int most)
{
	int64_t records = 0;
	bool fits, proved;
	struct facts f;

	if (!open_at(dir))
		return "it does not open";
	fits = log_fits(&records);
	proved = fits && receipts_hold();
	store_close(world.store);
	if (!fits)
		return "the log does not fit";
	if (!proved)
		return "a receipt that was handed out is not proved";
	f = look(dir);
	if (f.records != records)
		return "the log and the trail differ";
	for (int step = least; step <= most && step <= STEPS; step++)
		if (memcmp(&f, &after_step[step], sizeof(f)) == 0)
			return NULL;
	return arena_printf(world.arena, "after %d steps: state %d, version %d, %d versions, %d duties, %d records", least,
	    (int)f.state, (int)f.version, (int)f.versions, (int)f.duties, (int)f.records).p;
}

/* ---- */

static void
make_base(void)
{
	world_open();
	store_close(world.store);
	base = arena_c(world.arena, str_c(world.dir));
	after_step[0] = look(base);
}

/* The story without a fault: what the database says after each step, and how many operations it took. */
static int
tell_whole(const char *dir)
{
	int operations = 0;

	for (int steps = 0; steps <= STEPS; steps++) {
		SHELL("rm -rf '%s'; mkdir '%s'", dir, dir);
		SHELL("cp '%s'/tocsin.db '%s'", base, dir);
		if (!open_at(dir))
			abort();
		faultvfs_plan(VFS_ANY, 0, VFS_EIO, false);
		for (int i = 1; i <= steps; i++)
			ok(do_step(i) || steps != i, "a step of the story");
		operations = faultvfs_count();
		store_close(world.store);
		faultvfs_forget();
		after_step[steps] = look(dir);
	}
	return operations;
}

/* False: there is no nth operation. */
static bool
tell_with_fault(const char *dir, int nth, enum vfs_fault fault, const char **ret_wrong)
{
	struct arena *own = world.arena, *scratch = arena_new();
	const char *wrong;
	bool reached;
	int saved;

	SHELL("cp '%s'/tocsin.db '%s'", base, dir);
	world.arena = scratch;
	if (!open_at(dir))
		abort();
	faultvfs_plan(VFS_ANY, nth, fault, false);
	saved = tell();
	reached = faultvfs_count() >= nth;
	faultvfs_cut(cut, (unsigned)nth);
	faultvfs_plan(0, 0, VFS_EIO, false);
	world.err = (struct err){ .arena = scratch };
	wrong = store_probe(world.store, &world.err) ? NULL : "no write after the probe";
	handed.n = 0;
	if (!wrong && saved > 0 && (!world_read(hand_step, NULL) || handed.n < saved))
		wrong = "a step that was saved has no receipt";
	receipts += handed.n;
	store_close(world.store);
	faultvfs_forget();
	if (!wrong)
		wrong = judge(dir, saved, saved);
	faultvfs_forget();
	if (!wrong && (wrong = judge(cut, saved, saved + 1)))
		wrong = arena_printf(scratch, "after a power cut: %s", wrong).p;
	faultvfs_forget();
	*ret_wrong = wrong ? arena_c(own, str_c(wrong)) : NULL;
	world.arena = own;
	arena_free(scratch);
	SHELL("rm -rf '%s'/* '%s'/*", dir, cut);
	return reached;
}

static void
test_faults(const char *dir, enum vfs_fault fault, const char *name, int stride)
{
	int wrong = 0, points = 0, nth = 1 + (int)fault % stride;

	for (bool reached = true; reached; nth += stride, points++) {
		const char *what;

		reached = tell_with_fault(dir, nth, fault, &what);
		if (what && wrong++ < 5)
			printf("# operation %d: %s\n", nth, what);
	}
	printf("# %s: %d points\n", name, points);
	is_int(wrong, 0, name);
	ok(points > 3, "at more than a few points");
}

int
main(void)
{
	static const char *const names[] = {
		[VFS_EIO] = "EIO", [VFS_ENOSPC] = "a full disk", [VFS_SHORT] = "a short write",
		[VFS_LATE] = "an error although all is there",
	};
	const char *thorough = getenv("TOCSIN_LONG");
	int stride = thorough && !strcmp(thorough, "1") ? 1 : 9, operations;
	const char *dir;

	faultvfs_register();
	log_threshold((enum log_level)0);        /* what is refused here is refused on purpose */
	make_base();
	dir = arena_printf(world.arena, "%s-f", base).p;
	cut = arena_printf(world.arena, "%s-c", base).p;
	SHELL("mkdir '%s' '%s'", cut, dir);
	operations = tell_whole(dir);
	ok(after_step[STEPS].records > after_step[0].records + STEPS, "the story leaves its records");
	printf("# %d operations without a fault\n", operations);
	SHELL("rm -rf '%s'/* '%s'/*", dir, cut);
	for (int fault = VFS_EIO; fault <= VFS_LATE; fault++)
		test_faults(dir, (enum vfs_fault)fault, names[fault], stride);
	printf("# %d receipts, each compared with the log afterwards and with that of the power cut\n", receipts);
	ok(receipts > 10, "receipts were handed out");
	SHELL("rm -rf '%s' '%s'", dir, cut);
	SHELL("rm -rf '%s'", base);
	arena_free(world.arena);
	return done_testing();
}
