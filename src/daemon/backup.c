/* tocsin backup: one moment of the installation in one file, while the server serves; the key for it; whether a file is whole. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "daemon/ask.h"
#include "daemon/backups.h"
#include "daemon/command.h"
#include "daemon/processes.h"
#include "daemon/terminal.h"
#include "store/audit.h"

#define NAME_HEAD "tocsin-"
#define NAME_TAIL ".backup.zst"

static void
print_text(struct str text)
{
	printf("%.*s\n", STR_FMT(text));
}

/* ---- names and keys ---- */

struct str
backup_name(struct arena *a, int64_t created, bool encrypted)
{
	struct civil t = civil_of(created, zone_utc());

	return arena_printf(a, NAME_HEAD "%04d%02d%02dT%02d%02d%02dZ" NAME_TAIL "%s", (int)t.year, t.month, t.day, t.hour,
	    t.minute, t.second, encrypted ? ".age" : "");
}

int64_t
backup_name_time(struct str name)
{
	struct civil t = { .weekday = 0 };
	char text[32], z = 0;
	int year, end = 0;
	struct str rest;

	if (!str_starts(name, STR(NAME_HEAD)) || name.n < sizeof(NAME_HEAD) - 1 + 16)
		return NO_TIME;
	memcpy(text, name.p + sizeof(NAME_HEAD) - 1, 16);
	text[16] = '\0';
	rest = str_from(name, sizeof(NAME_HEAD) - 1 + 16);
	if (!(str_is(rest, NAME_TAIL) || str_is(rest, NAME_TAIL ".age")) || strspn(text, "0123456789TZ") != 16 ||
	    sscanf(text, "%4d%2d%2dT%2d%2d%2d%c%n", &year, &t.month, &t.day, &t.hour, &t.minute, &t.second, &z, &end) !=
	    7 || z != 'Z' || end != 16 || t.month < 1 || t.month > 12 || t.day < 1 ||
	    t.day > days_in_month(year, t.month) || t.hour > 23 || t.minute > 59 || t.second > 59)
		return NO_TIME;
	t.year = year;
	return civil_time(&t, zone_utc());
}

bool
backup_keys(const char *path, bool identities, struct arena *a, struct age_keys *ret_keys, struct err *err)
{
	struct err inner = { .arena = a };
	struct str text;
	bool ok;

	*ret_keys = (struct age_keys){ .n = 0 };
	if (!path || !*path)
		return true;
	text = backup_key_file(path, a, err);
	if (!text.p)
		return false;
	ok = identities ? age_identities(text, ret_keys, &inner) : age_recipients(text, ret_keys, &inner);
	return ok || refuse(err, FAULT_FILE, told(a, identities ? "backup.no_identity" : "backup.no_recipient",
	    { "file", str_c(path) }, { "line", inner.detail }));
}

/* ---- the person at the terminal ---- */

static volatile sig_atomic_t stopped;
static struct {
	struct arena *arena;
	const char *label;
	bool shown;
	int64_t last;
} watched;

static void
on_stop(int number)
{
	(void)number;
	stopped = 1;
}

bool
terminal_stopped(void)
{
	return stopped != 0;
}

/* At most ten times a second; rows of rows out of the database, bytes of bytes when a file is read. */
static bool
show_step(void *arg, int64_t done, int64_t all)
{
	int64_t now = clock_monotonic();
	struct str text;

	(void)arg;
	if (stopped)
		return false;
	if (!isatty(STDERR_FILENO) || now - watched.last < SECOND / 10)
		return true;
	watched.last = now;
	watched.shown = true;
	arena_reset(watched.arena);
	text = told(watched.arena, watched.label, { "done", told_int(watched.arena, done) },
	    { "percent", told_int(watched.arena, all > 0 ? done * 100 / all : 0) },
	    { "mib", told_int(watched.arena, all >> 20) });
	fprintf(stderr, "\r%.*s\033[K", STR_FMT(text));
	return true;
}

struct backup_watch
terminal_watch(struct arena *a, const char *label)
{
	struct sigaction act = { .sa_handler = on_stop };

	(void)a;
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	if (!watched.arena)
		watched.arena = arena_new();
	watched.label = label;
	watched.shown = false;
	watched.last = 0;
	return (struct backup_watch){ show_step, NULL };
}

void
terminal_watch_end(void)
{
	if (watched.shown)
		fprintf(stderr, "\r\033[K");
	watched.shown = false;
}

/* ---- making one ---- */

static struct str
hex_of(struct arena *a, const struct sha256 *h)
{
	return hex(a, (struct str){ (const char *)h->b, sizeof(h->b) });
}

static void
print_json(struct arena *a, const struct value *v)
{
	struct buf b = { .arena = a };

	json_write_pretty(&b, v);
	print_text(buf_str(&b));
}

static struct value *
facts_value(struct arena *a, const struct backup_facts *f)
{
	struct value *v = value_map(a);

	map_time(a, v, "created", f->created);
	map_str(a, v, "program", f->program);
	map_int(a, v, "schema", f->schema);
	map_str(a, v, "engine", f->engine);
	map_str(a, v, "node", f->node);
	map_str(a, v, "origin", f->origin);
	map_int(a, v, "records", f->records);
	map_str(a, v, "root", f->root);
	return v;
}

static void
say_made(struct arena *a, const char *path, bool encrypted, const struct backup_made *m, bool json)
{
	struct value *v = facts_value(a, &m->facts);

	if (json) {
		map_str(a, v, "file", str_c(path));
		map_bool(a, v, "encrypted", encrypted);
		map_int(a, v, "bytes", m->bytes);
		map_int(a, v, "tables", m->tables);
		map_int(a, v, "rows", m->rows);
		map_str(a, v, "sha256", hex_of(a, &m->digest));
		print_json(a, v);
		return;
	}
	print_text(told(a, "backup.done", { "file", str_c(path) }, { "kib", told_int(a, (m->bytes + 1023) / 1024) },
	    { "rows", told_int(a, m->rows) }, { "tables", told_int(a, m->tables) },
	    { "schema", told_int(a, m->facts.schema) }, { "records", told_int(a, m->facts.records) }));
	print_text(terminal_msg("backup.not_inside"));
	print_text(terminal_msg(encrypted ? "backup.encrypted" : "backup.open"));
}

/* ---- the trail: somebody took all data out ---- */

struct taken {
	const char *path;
	const struct backup_made *made;
};

static struct value *
taken_value(struct arena *a, const struct taken *t)
{
	struct value *v = value_map(a);
	struct str name = str_c(t->path);

	map_str(a, v, "name", str_first(name, utf8_sound(str_first(name, 500))));
	map_int(a, v, "records", t->made->facts.records);
	map_str(a, v, "sha256", hex_of(a, &t->made->digest));
	return v;
}

static bool
taken_work(struct tx *tx, void *arg, struct err *err)
{
	return audit_append(tx, &(struct audit){ .action = "store.backup", .entity = "",
	    .details = taken_value(tx_arena(tx), arg) }, err);
}

/* By a server that runs, or here. */
static bool
record_taken(const struct conf *c, struct arena *a, struct taken *t, struct err *err)
{
	struct err why = { .arena = a };
	struct store *st = NULL;
	bool ok;

	if (!program_load(c, false, err))
		return false;
	if (!program_store(c, STORE_THERE, false, &st, &why)) {
		if (why.fault == FAULT_IN_USE)
			return ask_server(c, a, "/terminal/backup", json_text(a, taken_value(a, t)), err).p != NULL;
		*err = why;
		return false;
	}
	ok = store_write(st, a, taken_work, t, err);
	store_close(st);
	return ok;
}

/* The backup stands either way; that the trail does not know of it is said. */
static void
tell_trail(const struct conf *c, struct arena *a, const char *path, const struct backup_made *made)
{
	struct err err = { .arena = a };
	struct taken t = { path, made };
	struct str text;

	log_threshold(LOG_WARN);
	if (record_taken(c, a, &t, &err))
		return;
	text = told(a, "backup.unrecorded", { "reason", err.detail.n ? err.detail : str_c(fault_code(err.fault)) });
	fprintf(stderr, "tocsin: %.*s\n", STR_FMT(text));
}

/* Where it goes: as asked; otherwise a name of its own in the directory of scheduled backups, or here. */
static const char *
destination(const struct conf *c, struct arena *a, const char *to, bool encrypted)
{
	struct str dir = conf_text(c, SET_backup_dir), name = backup_name(a, clock_now(), encrypted);

	if (to)
		return to;
	return dir.n ? arena_printf(a, "%.*s/%.*s", STR_FMT(dir), STR_FMT(name)).p : name.p;
}

static int
make(const struct conf *c, struct arena *a, const char *to, const char *recipient, bool json)
{
	struct err err = { .arena = a };
	struct backup_watch watch = terminal_watch(a, "backup.writing");
	struct backup_made made = { .bytes = 0 };
	struct dump *d = NULL;
	struct age_keys keys;
	const char *path;
	bool ok;

	if (!recipient)
		recipient = arena_c(a, conf_text(c, SET_backup_recipient));
	if (!backup_keys(recipient, false, a, &keys, &err))
		return command_failed(&err, 2);
	path = destination(c, a, to, keys.n > 0);
	ok = dump_open(program_place(c, a), a, &d, &err) &&
	    backup_write(d, path, &keys, &watch, a, &made, &err);
	dump_close(d);
	terminal_watch_end();
	if (!ok) {
		terminal_kept(&err, told(a, "backup.none", { "file", str_c(path) }));
		return command_failed(&err, 1);
	}
	say_made(a, path, keys.n > 0, &made, json);
	tell_trail(c, a, path, &made);
	return 0;
}

/* ---- the key ---- */

/* Never over another one: a lost identity is every backup made for it. */
static bool
write_identity(const char *path, struct str text, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
	int code = errno;

	if (fd >= 0)
		close(fd);
	return ok || err_setf(err, code == EEXIST ? FAULT_EXISTS : FAULT_FILE, "%s: %s", path, strerror(code));
}

static int
keygen(struct arena *a, const char *to)
{
	struct err err = { .arena = a };
	struct str recipient, identity, text;

	age_keygen(a, &recipient, &identity);
	text = arena_printf(a, "# tocsin backup, %.*s\n# public key: %.*s\n%.*s\n",
	    STR_FMT(time_rfc3339(a, clock_now() / SECOND * SECOND)), STR_FMT(recipient), STR_FMT(identity));
	if (!to) {
		printf("%.*s", STR_FMT(text));
		return 0;
	}
	if (!write_identity(to, text, &err))
		return command_failed(&err, 1);
	print_text(recipient);
	fprintf(stderr, "%.*s\n", STR_FMT(told(a, "backup.keygen", { "file", str_c(to) })));
	return 0;
}

/* ---- whether a file is whole ---- */

/* 1: it is not what was made once; 2: it cannot be said. */
static int
verdict_of(enum fault fault)
{
	return fault == FAULT_BACKUP_CUT || fault == FAULT_BACKUP_ALTERED || fault == FAULT_BACKUP_FOREIGN ? 1 : 2;
}

static void
say_verified(struct arena *a, const char *file, const struct restored *r, bool json)
{
	const struct backup_facts *f = &r->read.facts;
	struct value *v = facts_value(a, f), *tables;

	if (!json) {
		print_text(told(a, "backup.verified", { "file", str_c(file) }, { "rows", told_int(a, r->read.rows) },
		    { "tables", told_int(a, r->read.n) }, { "log", told(a, f->root.n ? "backup.log_root" : "backup.log_none",
		    { "records", told_int(a, f->records) }, { "root", f->root }) },
		    { "created", time_rfc3339(a, f->created / SECOND * SECOND) }, { "program", f->program },
		    { "schema", told_int(a, f->schema) }, { "newest", told_int(a, r->schema) }));
		print_text(terminal_msg("backup.verified.not"));
		return;
	}
	map_str(a, v, "file", str_c(file));
	map_bool(a, v, "encrypted", r->read.encrypted);
	map_int(a, v, "bytes", r->read.bytes);
	map_int(a, v, "rows", r->read.rows);
	map_str(a, v, "sha256", hex_of(a, &r->read.digest));
	map_int(a, v, "schema_after", r->schema);
	tables = map_map(a, v, "tables");
	for (int i = 0; i < r->read.n; i++)
		map_add_str(tables, r->read.tables[i].name, value_int(a, r->read.tables[i].rows));
	print_json(a, v);
}

static int
verify(const struct conf *c, struct arena *a, const char *file, const char *identity, const char *scratch, bool json)
{
	const char *base = scratch ? scratch : getenv("TMPDIR");
	char *dir = arena_c(a, arena_printf(a, "%s/tocsin-verify.XXXXXX", base && *base ? base : "/var/tmp"));
	struct err err = { .arena = a };
	struct restored r = { .schema = 0 };
	struct age_keys keys;
	bool ok;

	if (!backup_keys(identity, true, a, &keys, &err))
		return command_failed(&err, 2);
	if (!mkdtemp(dir)) {
		err_setf(&err, FAULT_FILE, "%s: %s", dir, strerror(errno));
		return command_failed(&err, 2);
	}
	terminal_watch(a, "backup.reading");
	ok = restore_scratch(c, file, &keys, dir, false, a, &r, &err);
	terminal_watch_end();
	restore_clean(dir, a);
	age_wipe(&keys);
	if (!ok)
		return command_failed(&err, verdict_of(err.fault));
	say_verified(a, file, &r, json);
	return 0;
}

int
command_backup(const struct conf *c, struct arena *a, int argc, char **argv)
{
	bool json = command_flag(&argc, argv, "--json");
	const char *to, *recipient, *file, *identity, *scratch;

	if (!command_value(a, &argc, argv, "--to", &to) || !command_value(a, &argc, argv, "--recipient", &recipient) ||
	    !command_value(a, &argc, argv, "--verify", &file) ||
	    !command_value(a, &argc, argv, "--identity", &identity) ||
	    !command_value(a, &argc, argv, "--scratch", &scratch))
		return 2;
	if (argc == 1 && !strcmp(argv[0], "keygen") && !file && !recipient)
		return keygen(a, to);
	if (argc)
		return command_confused(a, "backup", argv[0]);
	if (file)
		return verify(c, a, file, identity, scratch, json);
	return make(c, a, to, recipient, json);
}
