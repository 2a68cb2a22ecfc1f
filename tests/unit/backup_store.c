/* Rows out of a database and into one: every version that there was, references, names that are none, files that stay whole. */
#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup.h"
#include "engine.h"
#include "base/log.h"
#include "base/time.h"
#include "store/audit.h"
#include "store/dump.h"

static struct arena *a;
static char work[] = "/tmp/tocsin-backup.XXXXXX";

static const char *
place(const char *name)
{
	return arena_printf(a, "%s/%s", work, name).p;
}

static void
empty_directory(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		unlink(arena_printf(a, "%s/%s", dir, e->d_name).p);
	if (d)
		closedir(d);
	rmdir(dir);
}

/* ---- an installation with something in it ---- */

static bool
add_records(struct tx *tx, void *arg, struct err *err)
{
	for (int i = 0; i < *(int *)arg; i++)
		if (!audit_append(tx, &(struct audit){ .action = "test.record", .entity = "報告", .object = i }, err))
			return false;
	return true;
}

/* A store in work/name with so many records; closed by the caller. */
static struct store *
make_store(const char *name, int records)
{
	struct store_options o = { .dir = place(name), .create = true, .migrate = true };
	struct err err = { .arena = a };
	struct store *st = NULL;

	if (!store_open(&o, &st, &err) || !store_write(st, a, add_records, &records, &err)) {
		printf("Bail out! %.*s\n", STR_FMT(err.detail));
		exit(1);
	}
	return st;
}

static bool
back_up(const char *name, const char *file, const struct backup_watch *watch, struct backup_made *ret_made, struct err *err)
{
	struct dump *d = NULL;
	bool good;

	*err = (struct err){ .arena = a };
	good = dump_open(place(name), a, &d, err) && backup_write(d, file, NULL, watch, a, ret_made, err);
	dump_close(d);
	return good;
}

static bool
load(const char *file, const char *name, struct backup_read *ret_read, struct err *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	bool good;

	*err = (struct err){ .arena = a };
	mkdir(place(name), 0700);
	good = backup_load(fd, NULL, place(name), NULL, a, ret_read, err);
	close(fd);
	return good;
}

/* ---- there and back ---- */

static void
test_round(void)
{
	struct store *st = make_store("live", 700);
	struct backup_made made;
	struct backup_read read;
	struct err err;

	ok(back_up("live", place("a.zst"), NULL, &made, &err), "a backup while the store is open");
	is_int(made.facts.records, 700, "it says how many records");
	ok(store_write(st, a, add_records, &(int){ 10 }, &err), "the store goes on");
	ok(load(place("a.zst"), "again", &read, &err), "and is loaded again");
	is_int(read.rows, made.rows, "as many rows");
	ok(memcmp(&read.digest, &made.digest, sizeof(read.digest)) == 0, "the digest is the same");
	ok(backup_compare(place("again"), &read, a, &err), "the new database holds what the file holds");
	ok(!backup_compare(place("live"), &read, a, &err), "the live one holds more by now");
	is_int(err.fault, FAULT_BACKUP_ALTERED, "which is a difference");
	ok(!back_up("live", place("a.zst"), NULL, &made, &err) && err.fault == FAULT_EXISTS, "no file is written over");
	ok(!load(place("a.zst"), "again", &read, &err) && err.fault == FAULT_EXISTS, "no database is loaded over");
	store_close(st);
}

/* Rows that the store itself would refuse, but that stand in a file. */
static void
test_references(void)
{
	struct dump_column columns[] = { { STR("org_id"), 'i' }, { STR("above_id"), 'i' } };
	struct dump_table t = { STR("org_above"), columns, 2, -1 };
	struct err err = { .arena = a };
	struct load *l = NULL;
	struct val vals[2] = { I(1), I(2) };

	mkdir(place("loose"), 0700);
	ok(load_open(place("loose"), store_schema_newest(), a, &l, &err) && load_table(l, &t, &err) &&
	    load_row(l, vals, &err), "a row that refers to nothing");
	ok(!load_finish(l, &err) && err.fault == FAULT_SCHEMA, "is refused at the end");
	err = (struct err){ .arena = a };
	t.name = STR("sqlite_schema");
	ok(!load_table(l, &t, &err) && err.fault == FAULT_SCHEMA, "a table that is none of the program's");
	err = (struct err){ .arena = a };
	t.name = STR("org_above");
	columns[1].letter = 't';
	ok(!load_table(l, &t, &err) && err.fault == FAULT_SCHEMA, "a column of another kind");
	err = (struct err){ .arena = a };
	columns[1] = (struct dump_column){ STR("beyond"), 'i' };
	ok(!load_table(l, &t, &err) && err.fault == FAULT_SCHEMA, "a column that is none");
	load_close(l);
}

static void
test_versions(void)
{
	int newest = store_schema_newest(), made = 0;

	for (int v = 1; v <= newest; v++) {
		const char *name = arena_printf(a, "v%d", v).p;
		struct err err = { .arena = a };
		struct dump *d = NULL;
		struct load *l = NULL;

		mkdir(place(name), 0700);
		if (load_open(place(name), v, a, &l, &err) && load_finish(l, &err) && dump_open(place(name), a, &d, &err))
			made += dump_version(d) == v;
		load_close(l);
		dump_close(d);
		empty_directory(place(name));
	}
	is_int(made, newest, "a database of every version can be made");
	for (int v = 0; v <= newest + 1; v += newest + 1) {
		struct err err = { .arena = a };
		struct load *l = NULL;

		mkdir(place("none"), 0700);
		ok(!load_open(place("none"), v, a, &l, &err) && err.fault == FAULT_SCHEMA, "but not of one that there is not");
		empty_directory(place("none"));
	}
}

/* ---- what stops it ---- */

static bool
stop_later(void *arg, int64_t done, int64_t all)
{
	(void)all;
	return done < *(int64_t *)arg;
}

static bool
nothing_there(const char *file)
{
	return access(file, F_OK) != 0 && access(arena_printf(a, "%s.part", file).p, F_OK) != 0;
}

static void
test_interrupted(void)
{
	static const int64_t at[] = { 0, 512 };
	struct backup_made made;
	struct err err;

	for (int i = 0; i < 2; i++) {
		int64_t when = at[i];
		struct backup_watch watch = { stop_later, &when };

		ok(!back_up("live", place("b.zst"), &watch, &made, &err), "a backup that is stopped");
		is_int(err.fault, FAULT_INTERRUPTED, "says so");
		ok(nothing_there(place("b.zst")), "and leaves nothing");
	}
}

/* Files of this process end after so many bytes, as on a full disk. */
static void
test_no_room(void)
{
	struct rlimit before, small;
	struct backup_made made;
	struct err err;
	bool good;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 2000;
	setrlimit(RLIMIT_FSIZE, &small);
	good = back_up("live", place("b.zst"), NULL, &made, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	ok(!good && err.fault == FAULT_FILE, "no room");
	ok(nothing_there(place("b.zst")), "leaves nothing either");
}

static void
test_leftover(void)
{
	const char *part = arena_printf(a, "%s.part", place("b.zst")).p;
	int fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0600), other;
	struct backup_made made;
	struct backup_read read;
	struct err err;

	other = open(part, O_RDWR | O_CLOEXEC);
	flock(other, LOCK_EX);
	ok(!back_up("live", place("b.zst"), NULL, &made, &err) && err.fault == FAULT_IN_USE, "somebody else writes it just now");
	close(other);
	ok(write(fd, "half of one", 11) == 11, "half a file that a killed process left");
	close(fd);
	ok(back_up("live", place("b.zst"), NULL, &made, &err), "is no obstacle");
	ok(load(place("b.zst"), "third", &read, &err), "and nothing of it is in the new one");
}

/* Records without their log are no version that had none: such a backup would be proved by nothing. */
static void
test_no_log(void)
{
	struct store *st = make_store("logless", 3);
	struct backup_made made;
	struct err err;
	sqlite3 *db;

	store_close(st);
	if (on_postgresql()) {
		tap_skip("records without their log", "the file is SQLite's");
		return;
	}
	sqlite3_open_v2(place("logless/tocsin.db"), &db, SQLITE_OPEN_READWRITE, NULL);
	ok(sqlite3_exec(db, "DROP TRIGGER log_no_delete; DELETE FROM log", NULL, NULL, NULL) == SQLITE_OK, "a log that is gone");
	sqlite3_close(db);
	ok(!back_up("logless", place("l.zst"), NULL, &made, &err) && err.fault == FAULT_FILE, "and no backup says that there was none");
}

static void
test_strangers(void)
{
	struct err err = { .arena = a };
	struct dump *d = NULL;
	int fd;

	ok(!dump_open(place("nowhere"), a, &d, &err) && err.fault == FAULT_NO_INSTALLATION, "no database");
	mkdir(place("other"), 0700);
	fd = open(place("other/tocsin.db"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	close(fd);
	err = (struct err){ .arena = a };
	ok(!dump_open(place("other"), a, &d, &err) && err.fault == FAULT_SCHEMA, "an empty file");
	ok(dump_name_ok(STR("report_version")) && !dump_name_ok(STR("")) && !dump_name_ok(STR("a\"b")) &&
	    !dump_name_ok(STR("1a")) && !dump_name_ok(STR("A")), "names that may stand in SQL");
}

/* ---- into the other engine and back ---- */

static bool
load_at(const char *file, const char *where, struct backup_read *ret_read, struct err *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	bool good;

	*err = (struct err){ .arena = a };
	good = backup_load(fd, NULL, where, NULL, a, ret_read, err);
	close(fd);
	if (!good)
		printf("# %s %.*s\n", fault_code(err->fault), STR_FMT(err->detail));
	return good;
}

static bool
back_up_at(const char *where, const char *file, struct backup_made *ret_made, struct err *err)
{
	struct dump *d = NULL;
	bool good;

	*err = (struct err){ .arena = a };
	good = dump_open(where, a, &d, err) && backup_write(d, file, NULL, NULL, a, ret_made, err);
	if (!good)
		printf("# %s %.*s\n", fault_code(err->fault), STR_FMT(err->detail));
	dump_close(d);
	return good;
}

/* The same tables with the same rows, whatever the order in which they come. */
static bool
same_sections(const struct backup_read *x, const struct backup_read *y)
{
	int same = 0;

	for (int i = 0; i < x->n; i++)
		for (int k = 0; k < y->n; k++)
			same += str_eq(x->tables[i].name, y->tables[k].name) &&
			    memcmp(&x->sections[i], &y->sections[k], sizeof(x->sections[i])) == 0;
	return x->n == y->n && same == x->n;
}

/* A table whose rows nobody else would make: the smallest and largest numbers, NULLs, empty and Chinese texts, bytes. */
static void
odd_rows(const char *file)
{
	struct dump_column sector[] = { { STR("id"), 'i' }, { STR("version"), 'i' }, { STR("created_at"), 'i' },
		{ STR("changed_at"), 'i' }, { STR("code"), 't' }, { STR("name_zh"), 't' }, { STR("name_en"), 't' },
		{ STR("agency_zh"), 't' }, { STR("agency_en"), 't' }, { STR("agency"), 'i' }, { STR("cert"), 'i' },
		{ STR("closed"), 'i' } };
	struct dump_table t = { STR("sector"), sector, 12, -1 };
	struct val row[12] = { I(1), I(INT64_MAX), I(-INT64_MAX), I(0), T(STR("A")), T(STR("衛生醫療")), T(STR("")),
		T(STR("\\N\t\n\"")), T(STR("é")), { .kind = VAL_NULL }, { .kind = VAL_NULL }, I(1) };
	struct err err = { .arena = a };
	struct backup_made made;
	struct load *l = NULL;

	mkdir(place("odd"), 0700);
	ok(load_open(place("odd"), store_schema_newest(), a, &l, &err) && load_table(l, &t, &err) &&
	    load_row(l, row, &err), "odd rows");
	row[0] = I(2);
	row[4] = T(STR("a"));            /* behind A by bytes, before it in many a language */
	ok(load_row(l, row, &err), "and more of them");
	row[0] = I(3);
	row[4] = T(STR("Á"));
	ok(load_row(l, row, &err) && load_finish(l, &err), "loaded");
	ok(back_up_at(place("odd"), file, &made, &err), "and written");
}

static void
test_other_engine(void)
{
	struct str schema = schema_of(a, work);
	const char *url, *there = NULL;
	struct backup_read first, second, third;
	struct server_restore *s = NULL;
	struct backup_made made;
	struct str kept = STR_NONE;
	struct err err = { .arena = a };

	if (!on_postgresql()) {
		tap_skip("into PostgreSQL and back", "TOCSIN_ENGINE says which engine");
		return;
	}
	url = url_of(a, work);
	odd_rows(place("odd.zst"));
	for (int i = 0; i < 2; i++) {
		const char *file = i ? place("a.zst") : place("odd.zst");

		ok(load_server_begin(url, i > 0, a, &s, &err), "a place beside on the server");
		there = load_server_scratch(s);
		ok(load_at(file, there, &first, &err), "a backup of SQLite goes into PostgreSQL");
		ok(backup_compare(there, &first, a, &err), "where every row is the same");
		ok(load_server_take_place(s, &kept, &err), "and takes its place");
		is_int(kept.p != NULL, i, "what was there stays beside");
		load_server_end(s);
		unlink(place("pg.zst"));
		ok(back_up_at(url, place("pg.zst"), &made, &err), "a backup of PostgreSQL");
		is_str(made.facts.engine, "postgresql", "says so");
		empty_directory(place("from_pg"));
		mkdir(place("from_pg"), 0700);
		ok(load_at(place("pg.zst"), place("from_pg"), &second, &err), "goes into SQLite");
		ok(same_sections(&first, &second), "with the same digests of all tables");
		ok(backup_compare(place("from_pg"), &second, a, &err), "where every row is the same");
		ok(i == 0 || str_eq(first.facts.root, made.facts.root), "the log has the same root");
		unlink(place("again.zst"));
		ok(back_up_at(place("from_pg"), place("again.zst"), &made, &err) &&
		    load(place("again.zst"), i ? "fourth" : "fifth", &third, &err) && same_sections(&second, &third), "and so on");
	}
	err = (struct err){ .arena = a };
	ok(!load_server_begin(url, false, a, &s, &err) && err.fault == FAULT_EXISTS, "an installation is not replaced unless that is said");
	tell_server(a, work, arena_printf(a, "DROP SCHEMA %.*s CASCADE", STR_FMT(kept)).p);
	forget_store(a, work);
	(void)schema;
}

int
main(void)
{
	static const char *const names[] = { "live", "again", "loose", "third", "other", "odd", "from_pg", "fourth",
		"fifth", "logless" };

	a = arena_new();
	log_threshold(LOG_ERROR);
	if (!mkdtemp(work)) {
		printf("Bail out! %s\n", strerror(errno));
		return 1;
	}
	test_round();
	test_references();
	test_versions();
	test_interrupted();
	test_no_room();
	test_leftover();
	test_no_log();
	test_strangers();
	test_other_engine();
	for (int i = 0; i < 10; i++)
		empty_directory(place(names[i]));
	empty_directory(work);
	arena_free(a);
	return done_testing();
}
