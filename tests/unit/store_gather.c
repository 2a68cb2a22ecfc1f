/*
 * Rows that are only added may reach the database late and many at once: nobody ever notices. Jobs of one group
 * add, look, change and give up in any order, beside a plain model of what must be there.
 */
#include "chance.h"
#include "tap.h"

#include <semaphore.h>

#include "store/pg.h"
#include "store_fixture.h"

#define GROUPS 60
#define JOBS 25                          /* of a group */
#define STEPS 8                          /* of a job */

#define GATHER_SQL \
	"CREATE TABLE note (id INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;" \
	"INSERT INTO note (id, n) VALUES (1, 0);" \
	"CREATE TABLE report (id INTEGER PRIMARY KEY, name TEXT, body BLOB) STRICT;" \
	"CREATE TABLE report_version (id INTEGER PRIMARY KEY, report INTEGER NOT NULL REFERENCES report (id)," \
	" name TEXT) STRICT;"

enum { REPORT_ADD = S__MAX, VERSION_ADD_TO, REPORTS, VERSIONS, STEP, NAMED };
static const struct stmt_text statements[] = {
	{ "report.add", "INSERT INTO report (id, name, body) VALUES ($1, $2, $3)", "itb" },
	{ "version.add_to", "INSERT INTO report_version (id, name, report) VALUES ($1, coalesce($2, 'none'), $3)", "iti" },
	{ "reports", "SELECT count(*) FROM report", "" },
	{ "versions", "SELECT count(*) FROM report_version", "" },
	{ "step", "UPDATE note SET n = n + 1 WHERE id = $1", "i" },
	{ "named", "SELECT count(*) FROM report r JOIN report_version v ON v.report = r.id"
	    " WHERE v.name = coalesce(r.name, 'none') AND (r.body IS NULL) = (r.name IS NULL)", "" },
};

static struct arena *a;
static struct store *st;
static const char *dir;
static struct asset migrations[4];
static struct store_setup setup;

/* What the good jobs before have left, and how the one that runs counts. */
static struct {
	int64_t reports, versions, steps, records, next;
} model;

static uint64_t state = 88172645463325252;

static unsigned
chance(unsigned below)
{
	return (unsigned)(chance_next(&state) % below);
}

static struct err
no_err(void)
{
	return (struct err){ .arena = a };
}

static int64_t
number(struct tx *tx, int stmt, struct err *err)
{
	struct rows q = db_query(tx, stmt);
	int64_t n = db_next(&q) ? db_int(&q, 0) : -1;

	return db_end(&q, err) ? n : -1;
}

struct gather_job {
	struct store_job job;            /* first */
	struct err err;
	bool refuse, lost_reference, wrong, saved;
};

static bool
add_report(struct tx *tx, int64_t id, struct err *err)
{
	struct str name = id % 3 ? arena_printf(tx_arena(tx), "%lld", (long long)id) : STR_NONE;

	return db_run(tx, REPORT_ADD, err, I(id), T(name),
	    name.p ? B(str_first(name, (size_t)id % 2)) : (struct val){ .kind = VAL_NULL });
}

static bool
add_version(struct tx *tx, int64_t id, int64_t report, struct err *err)
{
	struct str name = report % 3 ? arena_printf(tx_arena(tx), "%lld", (long long)report) : STR_NONE;

	return db_run(tx, VERSION_ADD_TO, err, I(id), T(name), I(report));
}

static bool
random_job(struct tx *tx, void *arg, struct err *err)
{
	struct gather_job *j = arg;
	int64_t reports = model.reports, versions = model.versions, steps = model.steps, mine = 0;
	unsigned n = chance(STEPS);
	bool good = true;

	for (unsigned i = 0; good && i <= n; i++)
		switch (chance(8)) {
		case 0:
		case 1:
		case 2:
			mine = model.next++;
			good = add_report(tx, mine, err);
			reports++;
			break;
		case 3:
		case 4:
			if (!mine)
				break;
			good = add_version(tx, model.next++, mine, err);
			versions++;
			break;
		case 5:
			good = number(tx, REPORTS, err) == reports;
			j->wrong = j->wrong || !good;
			break;
		case 6:
			good = number(tx, VERSIONS, err) == versions;
			j->wrong = j->wrong || !good;
			break;
		default:
			good = db_run(tx, STEP, err, I(1));
			steps++;
		}
	if (j->lost_reference)
		good = good && add_version(tx, model.next++, INT64_MAX, err);
	good = good && note_audit(tx, model.next, err) && (chance(2) || note_audit(tx, mine, err));
	if (!good || j->refuse)
		return err_set(err, FAULT_STATE);
	model.reports = reports;
	model.versions = versions;
	model.steps = steps;
	model.records = audit_newest(tx);
	return true;
}

/* ---- groups ---- */

static sem_t go, answered;

static bool
hold_job(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	while (sem_wait(&go) != 0)
		;
	model.records++;
	return note_audit(tx, 1, err);
}

static void
note_answer(struct store_job *job, bool saved)
{
	((struct gather_job *)(void *)job)->saved = saved;
	sem_post(&answered);
}

/* All of them wait behind the first, so that they are in one commit. */
static void
run_group(struct gather_job *jobs, int n)
{
	for (int i = 0; i < n; i++) {
		jobs[i].err = no_err();
		jobs[i].job = (struct store_job){ .work = i ? random_job : hold_job, .arg = &jobs[i],
			.arena = arena_new(), .err = &jobs[i].err, .done = note_answer };
		store_submit(st, &jobs[i].job);
	}
	sem_post(&go);
	for (int i = 0; i < n; i++)
		while (sem_wait(&answered) != 0)
			;
	for (int i = 0; i < n; i++)
		arena_free(jobs[i].job.arena);
}

static int64_t
read_number(int stmt)
{
	struct err err = no_err();
	struct tx *tx = store_read(st, a, &err);
	int64_t n = tx ? number(tx, stmt, &err) : -1;

	store_done(tx);
	return n;
}

static bool
as_modelled(void)
{
	return read_number(REPORTS) == model.reports && read_number(VERSIONS) == model.versions &&
	    read_number(NAMED) == model.versions && log_whole(st, a, model.records);
}

static void
test_any_order(void)
{
	int wrong = 0, undone = 0, differs = 0;

	for (int group = 0; group < GROUPS; group++) {
		struct gather_job jobs[JOBS] = { 0 };

		for (int i = 1; i < JOBS; i++)
			jobs[i].refuse = chance(4) == 0;
		run_group(jobs, JOBS);
		for (int i = 0; i < JOBS; i++) {
			wrong += jobs[i].wrong || jobs[i].saved == jobs[i].refuse;
			undone += jobs[i].refuse;
		}
		differs += !as_modelled();
	}
	is_int(wrong, 0, "every job saw what was there before it, and its own rows");
	ok(undone > GROUPS, "though many were undone in between");
	is_int(differs, 0, "after each group there is what the good jobs left, with a whole log");
	ok(model.versions > JOBS && model.steps > JOBS, "which was much");
}

/* What our own mistake costs: on a server the group, on a file the job. Never a word that it was saved. */
static void
test_mistake(void)
{
	struct gather_job jobs[4] = { 0 };
	int64_t reports = model.reports, versions = model.versions, records = model.records;
	int saved = 0;

	jobs[2].lost_reference = true;
	run_group(jobs, 4);
	for (int i = 0; i < 4; i++)
		saved += jobs[i].saved;
	ok(!jobs[2].saved, "a row that refers to nothing is not saved");
	if (on_postgresql()) {
		is_int(saved, 0, "nor is anything of its group");
		is_int(jobs[3].err.fault, FAULT_STORE, "which hears so");
		model.reports = reports;
		model.versions = versions;
		model.records = records;
	} else {
		is_int(saved, 3, "and the others are");
	}
	ok(as_modelled(), "as was said");
	memset(jobs, 0, sizeof(jobs));
	run_group(jobs, 4);
	ok(jobs[0].saved && jobs[1].saved && jobs[2].saved && jobs[3].saved && as_modelled(), "then it goes on");
}

/* ---- texts ---- */

static void
test_texts(void)
{
	is_str(pg_gathered_text(st, S_AUDIT_KEEP_DETAILS, a),
	    "INSERT INTO audit_details (seq, salt, details) SELECT v.p1, v.p2, v.p3 FROM unnest($1, $2, $3) AS v(p1, p2, p3)",
	    "many rows in one statement");
	is_str(pg_gathered_text(st, VERSION_ADD_TO, a),
	    "INSERT INTO report_version (id, name, report) SELECT v.p1, coalesce(v.p2, 'none'), v.p3"
	    " FROM unnest($1, $2, $3) AS v(p1, p2, p3)", "what is worked out stays so");
	ok(str_ends(pg_gathered_text(st, S_ADDRESS_ADD, a), STR("AS v(p1, p2, p3, p4) ON CONFLICT DO NOTHING")),
	    "and so does what stands behind");
}

int
main(void)
{
	struct store_options o;
	struct err err;

	a = arena_new();
	err = no_err();
	dir = new_directory(a);
	sem_init(&go, 0, 0);
	sem_init(&answered, 0, 0);
	migrations[0] = (struct asset){ "0001_gather", (const unsigned char *)GATHER_SQL, sizeof(GATHER_SQL) - 1, "" };
	migrations[1] = *asset_in(store_migrations, STR("0002_audit"));
	migrations[2] = *asset_in(store_migrations, STR("0006_log"));
	setup.migrations = migrations;
	setup.group_time = INT64_C(60) * 1000 * 1000;    /* however slow the machine: one group */
	o = (struct store_options){ .dir = dir, .url = url_of(a, dir), .create = true, .extra = statements,
		.extra_count = sizeof(statements) / sizeof(statements[0]) };
	model.next = 1;
	if (ok(store_open_with(&o, &setup, &st, &err), "a store")) {
		test_texts();
		test_any_order();
		test_mistake();
		store_close(st);
	} else {
		printf("# %.*s\n", STR_FMT(err.detail));
	}
	remove_directory(dir);
	forget_store(a, dir);
	arena_free(a);
	return done_testing();
}
