/*
 * tocsin restore: a backup into a directory, or to the server that the settings name. Everything happens in a folder
 * within the one, in a schema beside on the other; the database gets its name there when it is whole, by one rename. An
 * installation that is there already is replaced only when that is said, and stays beside under another name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/backups.h"
#include "daemon/command.h"
#include "daemon/processes.h"
#include "daemon/terminal.h"
#include "desk/identity.h"
#include "desk/reports.h"
#include "store/audit.h"
#include "store/log.h"
#include "store/store.h"

#define REPORTS_A_WRITE 200

static void
print_text(struct str text)
{
	printf("%.*s\n", STR_FMT(text));
}

void
restore_clean(const char *scratch, struct arena *a)
{
	DIR *d = opendir(scratch);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			unlink(arena_printf(a, "%s/%s", scratch, e->d_name).p);
	closedir(d);
	rmdir(scratch);
}

/* ---- the new database ---- */

struct indexing {
	int64_t after, last, done;
};

static bool
index_work(struct tx *tx, void *arg, struct err *err)
{
	struct indexing *o = arg;

	return report_index_again(tx, o->after, REPORTS_A_WRITE, &o->last, err);
}

bool
index_words(struct store *st, struct arena *a, struct err *err)
{
	struct indexing o = { .after = 0 };
	bool ok, more = true;

	while (more) {
		struct arena *inner = arena_new();
		struct err why = { .arena = inner };

		ok = store_write(st, inner, index_work, &o, &why);
		if (!ok)
			err_setf(err, why.fault, "%.*s", STR_FMT(arena_dup(a, why.detail)));
		arena_free(inner);
		if (!ok)
			return false;
		if (terminal_stopped())
			return err_set(err, FAULT_INTERRUPTED);
		more = o.last != 0;
		o.after = o.last;
	}
	return true;
}

/* {created, program, schema, engine, records, root, sha256} of the file. */
static bool
record_work(struct tx *tx, void *arg, struct err *err)
{
	const struct backup_read *read = arg;
	const struct backup_facts *f = &read->facts;
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a);

	map_str(a, v, "created", time_rfc3339(a, f->created));
	map_str(a, v, "program", f->program);
	map_int(a, v, "schema", f->schema);
	map_str(a, v, "engine", f->engine);
	map_int(a, v, "records", f->records);
	map_str(a, v, "root", f->root);
	map_str(a, v, "sha256", hex(a, (struct str){ (const char *)read->digest.b, sizeof(read->digest.b) }));
	return audit_append(tx, &(struct audit){ .action = "store.restore", .entity = "", .details = v }, err);
}

static bool
log_goes_on(void *arg, int64_t done, int64_t records)
{
	(void)arg;
	(void)done;
	(void)records;
	return !terminal_stopped();
}

/* The trail as it came: every record is what its leaf says, and the tree has the root that the file says. */
static bool
check_log(struct store *st, const struct backup_facts *f, struct arena *a, struct err *err)
{
	struct log_findings found;
	struct sha256 root = { .b = { 0 } };
	struct tx *tx = store_read(st, a, err);
	bool ok = tx && log_check(tx, log_goes_on, NULL, &found, err) &&
	    log_root(tx, f->root.n ? f->records : 0, &root, err);

	store_done(tx);
	if (!ok) {
		if (err->fault == FAULT_BUSY && terminal_stopped())
			*err = (struct err){ .arena = a, .fault = FAULT_INTERRUPTED };
		else if (err->fault == FAULT_LOG_SIZE)
			err->fault = FAULT_BACKUP_ALTERED;
		return false;
	}
	if (found.misfits > 0)
		return err_setf(err, FAULT_BACKUP_ALTERED, "%.*s", STR_FMT(log_misfit_words(a, &found.first[0])));
	return !f->root.n || str_eq(f->root, hex(a, (struct str){ (const char *)root.b, sizeof(root.b) })) ||
	    err_setf(err, FAULT_BACKUP_ALTERED, "the log has another root");
}

/*
 * Brought to this program's version by the store itself, as any older one. Where the settings have the database is not
 * where this one is.
 */
static bool
bring_up(const struct conf *c, const char *scratch, bool record, struct arena *a, struct restored *r, struct err *err)
{
	struct conf there = *c;
	struct store *st = NULL;
	bool ok;

	if (dump_on_server(scratch)) {
		there.v[SET_db].text = str_c(scratch);
	} else {
		there.v[SET_data].text = str_c(scratch);
		there.v[SET_db].text = STR("");
	}
	ok = program_store(&there, STORE_THERE, true, &st, err);
	if (ok)
		r->schema = store_schema_version(st);
	ok = ok && check_log(st, &r->read.facts, a, err);
	if (ok && record)
		ok = index_words(st, a, err) && store_write(st, a, record_work, &r->read, err);
	store_close(st);
	return ok;
}

bool
restore_scratch(const struct conf *c, const char *file, const struct age_keys *with, const char *scratch,
    bool record, struct arena *a, struct restored *ret_restored, struct err *err)
{
	struct backup_watch watch = terminal_watch(a, "backup.reading");
	struct restored r = { .schema = 0 };
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return err_setf(err, FAULT_FILE, "%s: %s", file, strerror(errno));
	log_threshold(LOG_WARN);         /* what the store says of its own copy is not for here */
	ok = backup_load(fd, with, scratch, &watch, a, &r.read, err) && backup_compare(scratch, &r.read, a, err) &&
	    bring_up(c, scratch, record, a, &r, err);
	close(fd);
	if (ok)
		*ret_restored = r;
	return ok;
}

/* ---- its place ---- */

enum there { THERE_NOTHING, THERE_INSTALLATION, THERE_OTHER };

/* What stands in the directory. A secret, keys, a lock and what an earlier restore left are no installation. */
static enum there
look_there(const char *dir)
{
	static const char *const ours[] = { ".", "..", "secret", "keys", "lock", "pgpass", RESTORE_SCRATCH };
	DIR *d = opendir(dir);
	enum there found = THERE_NOTHING;
	struct dirent *e;

	while (d && (e = readdir(d))) {
		bool known = false;

		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			known = known || !strcmp(e->d_name, ours[i]);
		if (!strncmp(e->d_name, LOAD_FILE, sizeof(LOAD_FILE) - 1))
			found = THERE_INSTALLATION;
		else if (!known && found == THERE_NOTHING)
			found = THERE_OTHER;
	}
	if (d)
		closedir(d);
	return found;
}

static bool
may_go_there(const char *dir, bool replace, struct arena *a, struct err *err)
{
	switch (look_there(dir)) {
	case THERE_NOTHING:
		return true;
	case THERE_INSTALLATION:
		return replace || refuse(err, FAULT_EXISTS, told(a, "restore.installed", { "dir", str_c(dir) }));
	case THERE_OTHER:
		break;
	}
	return refuse(err, FAULT_FILE, told(a, "program.not_empty", { "dir", str_c(dir) }));
}

static bool
sync_directory(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		err_setf(err, FAULT_FILE, "%s: %s", dir, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

/* A second name for the database that is there, so that it stays when the new one takes the first. */
static bool
keep_old(const char *dir, const char *place, struct arena *a, struct str *ret_kept, struct err *err)
{
	struct civil t = civil_of(clock_now(), zone_utc());
	const char *kept = arena_printf(a, "%s.before-restore-%04d%02d%02dT%02d%02d%02dZ", place, (int)t.year, t.month, t.day,
	    t.hour, t.minute, t.second).p;
	struct err why = { .arena = a };

	*ret_kept = STR_NONE;
	if (access(place, F_OK) != 0)
		return true;
	/* one that cannot be opened any more is kept with its log as it is */
	if (!load_settle(dir, a, &why)) {
		rename(arena_printf(a, "%s-wal", place).p, arena_printf(a, "%s-wal", kept).p);
		unlink(arena_printf(a, "%s-shm", place).p);
	}
	if (link(place, kept) != 0 && rename(place, kept) != 0)
		return err_setf(err, FAULT_FILE, "%s: %s", kept, strerror(errno));
	*ret_kept = str_c(kept);
	return true;
}

/* The service's user keeps what is his when root restores. */
static bool
give_owner(const char *dir, const char *file, struct err *err)
{
	struct stat s;

	if (geteuid() != 0)
		return true;
	return (stat(dir, &s) == 0 && lchown(file, s.st_uid, s.st_gid) == 0) ||
	    err_setf(err, FAULT_FILE, "%s: %s", file, strerror(errno));
}

bool
restore_take_place(const char *dir, const char *scratch, struct arena *a, struct str *ret_kept, struct err *err)
{
	const char *made = arena_printf(a, "%s/" LOAD_FILE, scratch).p, *place = arena_printf(a, "%s/" LOAD_FILE, dir).p;

	/* one file holds all of it, and it is on disk before it gets its name */
	if (!load_settle(scratch, a, err) || !give_owner(dir, made, err) ||
	    !give_owner(dir, arena_printf(a, "%s/lock", dir).p, err) || !keep_old(dir, place, a, ret_kept, err))
		return false;
	return (rename(made, place) == 0 || err_setf(err, FAULT_FILE, "%s: %s", place, strerror(errno))) &&
	    sync_directory(dir, err);
}

/* ---- the command ---- */

struct restoring {
	const struct conf *conf;
	const char *file, *dir;
	struct str place;                        /* for people: the directory, or the server */
	bool server, replace, new_secret;
	struct age_keys keys;
	struct restored restored;
	struct str kept;                         /* the installation that was there: its file, its schema */
};

static bool
restore_held(struct restoring *o, struct arena *a, struct err *err)
{
	const char *scratch = arena_printf(a, "%s/" RESTORE_SCRATCH, o->dir).p;
	bool ok;

	restore_clean(scratch, a);
	if (mkdir(scratch, 0700) != 0)
		return err_setf(err, FAULT_FILE, "%s: %s", scratch, strerror(errno));
	ok = restore_scratch(o->conf, o->file, &o->keys, scratch, true, a, &o->restored, err) &&
	    restore_take_place(o->dir, scratch, a, &o->kept, err);
	restore_clean(scratch, a);
	return ok;
}

static bool
restore_in_directory(struct restoring *o, struct arena *a, struct err *err)
{
	int lock = -1;
	bool ok;

	if (!may_go_there(o->dir, o->replace, a, err) || !load_hold(o->dir, a, &lock, err))
		return false;
	ok = restore_held(o, a, err);
	close(lock);
	return ok;
}

static bool
restore_on_server(struct restoring *o, struct arena *a, struct err *err)
{
	struct server_restore *there = NULL;
	struct err why = { .arena = a };
	struct store_reach reach;
	bool ok;

	if (!store_reach(arena_c(a, conf_text(o->conf, SET_db)), o->dir, a, &reach, err))
		return false;
	if (!load_server_begin(reach.url, o->replace, a, &there, &why))
		return why.fault == FAULT_EXISTS ?
		    refuse(err, FAULT_EXISTS, told(a, "restore.installed", { "dir", o->place })) :
		    err_setf(err, why.fault, "%.*s", STR_FMT(why.detail));
	ok = restore_scratch(o->conf, o->file, &o->keys, load_server_scratch(there), true, a, &o->restored, err) &&
	    load_server_take_place(there, &o->kept, err);
	load_server_end(there);
	if (!ok)
		terminal_kept(err, terminal_msg(load_server_unknown(there) ? "restore.unknown" : "restore.as_it_was"));
	return ok;
}

static bool
restore(struct restoring *o, struct arena *a, struct err *err)
{
	if (mkdir(o->dir, 0700) != 0 && errno != EEXIST)
		return err_setf(err, FAULT_FILE, "%s: %s", o->dir, strerror(errno));
	if (!(o->server ? restore_on_server(o, a, err) : restore_in_directory(o, a, err)))
		return false;
	return !o->new_secret || (identity_load(o->dir, true, err) &&
	    give_owner(o->dir, arena_printf(a, "%s/secret", o->dir).p, err));
}

static void
say_restored(const struct restoring *o, struct arena *a)
{
	const struct backup_facts *f = &o->restored.read.facts;

	print_text(told(a, "restore.done", { "file", str_c(o->file) }, { "dir", o->place },
	    { "rows", told_int(a, o->restored.read.rows) }, { "created", time_rfc3339(a, f->created / SECOND * SECOND) },
	    { "schema", told_int(a, f->schema) }, { "newest", told_int(a, o->restored.schema) },
	    { "records", told_int(a, f->records) }));
	if (o->kept.p)
		print_text(o->server ? told(a, "move.kept", { "schema", o->kept }) : told(a, "restore.kept", { "file", o->kept }));
	if (access(arena_printf(a, "%s/secret", o->dir).p, F_OK) != 0)
		print_text(told(a, "restore.no_secret", { "dir", str_c(o->dir) }));
	else if (o->new_secret)
		print_text(terminal_msg("restore.new_secret"));
	print_text(terminal_msg("restore.next"));
}

int
command_restore(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct err err = { .arena = a };
	struct restoring o = { .conf = c, .dir = arena_c(a, conf_text(c, SET_data)), .server = conf_text(c, SET_db).n > 0 };
	const char *identity;
	bool ok;

	o.replace = command_flag(&argc, argv, "--replace-existing");
	o.new_secret = command_flag(&argc, argv, "--new-secret");
	if (!command_value(a, &argc, argv, "--identity", &identity))
		return 2;
	if (argc != 1 || argv[0][0] == '-')
		return command_confused(a, "restore", argc ? argv[argc - 1] : NULL);
	o.file = argv[0];
	o.place = o.server ? store_url_shown(a, arena_c(a, conf_text(c, SET_db))) : str_c(o.dir);
	if (!backup_keys(identity, true, a, &o.keys, &err))
		return command_failed(&err, 2);
	ok = restore(&o, a, &err);
	terminal_watch_end();
	age_wipe(&o.keys);
	if (!ok)
		return command_failed(&err, 1);
	say_restored(&o, a);
	return 0;
}
