/*
 * tocsin doctor: looks at everything an installation stands on; each line says what is so and, if it is not well, what
 * to do.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/time.h"
#include "daemon/ask.h"
#include "daemon/command.h"
#include "daemon/processes.h"
#include "daemon/sandbox.h"
#include "daemon/terminal.h"
#include "store/store.h"

#define MIB (INT64_C(1024) * 1024)
#define DISK_LOW (512 * MIB)

struct ward {
	const struct conf *conf;
	struct arena *arena;
	char *dir;
	int unwell;
};

static void
print_line(struct ward *w, bool well, struct str subject, struct str found, struct str cure)
{
	struct str mark = terminal_pad(w->arena, terminal_msg(well ? "doctor.well" : "doctor.unwell"), 6);

	subject = terminal_pad(w->arena, subject, 12);
	printf("%.*s %.*s %.*s\n", STR_FMT(mark), STR_FMT(subject), STR_FMT(found));
	if (!well)
		printf("%20s-> %.*s\n", "", STR_FMT(cure));
	w->unwell += !well;
}

/* subject and cure are message ids. */
static void
line(struct ward *w, bool well, const char *subject, struct str found, const char *cure)
{
	print_line(w, well, terminal_msg(subject), found, told(w->arena, cure, { "dir", str_c(w->dir) }));
}

static struct str
mode_of(struct ward *w, const struct stat *s)
{
	return arena_printf(w->arena, "%03o", s->st_mode & 0777u);
}

/* True when there is a directory to look into. */
static bool
check_directory(struct ward *w)
{
	struct stat s;

	if (stat(w->dir, &s) != 0) {
		line(w, false, "doctor.directory", arena_printf(w->arena, "%s: %s", w->dir, strerror(errno)),
		    "doctor.directory.make");
		return false;
	}
	line(w, (s.st_mode & 0077) == 0, "doctor.directory", told(w->arena, "doctor.directory.found",
	    { "dir", str_c(w->dir) }, { "mode", mode_of(w, &s) }), "doctor.directory.close");
	return true;
}

static void
check_disk(struct ward *w)
{
	struct statvfs v;
	int64_t room;

	if (statvfs(w->dir, &v) != 0)
		return;
	room = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	line(w, room > DISK_LOW, "doctor.disk", told(w->arena, "doctor.disk.found",
	    { "mib", told_int(w->arena, room / MIB) }), "doctor.disk.make_room");
}

/* Deadlines hang on the clock: the kernel knows whether somebody keeps it right. */
static void
check_clock(struct ward *w)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);
	bool kept = state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);

	line(w, kept, "doctor.clock", terminal_msg(kept ? "doctor.clock.kept" : "doctor.clock.loose"),
	    "doctor.clock.keep");
}

static bool
check_secret(struct ward *w)
{
	struct str path = arena_printf(w->arena, "%s/secret", w->dir);
	struct stat s;

	if (stat(path.p, &s) != 0) {
		line(w, false, "doctor.secret", terminal_msg("doctor.secret.missing"), "doctor.secret.restore");
		return false;
	}
	line(w, (s.st_mode & 0077) == 0, "doctor.secret", told(w->arena, "doctor.secret.found",
	    { "mode", mode_of(w, &s) }), "doctor.secret.close");
	return (s.st_mode & 0077) == 0;
}

static void
check_sandbox(struct ward *w)
{
	int abi = sandbox_landlock_abi();

	line(w, true, "doctor.sandbox", abi ? told(w->arena, "doctor.sandbox.both",
	    { "n", told_int(w->arena, abi) }) : terminal_msg("doctor.sandbox.seccomp"), "doctor.well");
}

/* The word for a part that the server names. */
static struct str
part_word(struct ward *w, struct str part)
{
	struct str id = arena_printf(w->arena, "doctor.part.%.*s", STR_FMT(part));

	return msg_has(id.p) ? terminal_msg(id.p) : part;
}

/* The database is open in another process. If that is our server it knows best how it is. */
static void
check_server(struct ward *w)
{
	struct err err = { .arena = w->arena };
	struct str where = conf_text(w->conf, SET_listen);
	struct value *ready = ask_ready(w->conf, w->arena, &err);

	if (!ready) {
		line(w, false, "doctor.server", told(w->arena, "doctor.server.silent", { "where", where },
		    { "reason", err.detail }), "doctor.server.look");
		return;
	}
	line(w, true, "doctor.server", told(w->arena, "doctor.server.found", { "where", where }),
	    "doctor.well");
	for (const struct value *v = ready->first; v; v = v->next) {
		const struct value *ok = value_get(v, "ok");

		print_line(w, ok && ok->kind == V_BOOL && ok->i, part_word(w, value_text(value_get(v, "part"))),
		    value_text(value_get(v, "words")), value_text(value_get(v, "cure")));
	}
}

static struct str
found_or(const struct err *err, const char *well)
{
	if (err->fault == FAULT_NONE)
		return terminal_msg(well);
	return err->detail.n ? err->detail : str_c(fault_code(err->fault));
}

static void
check_store(struct ward *w)
{
	struct err err = { .arena = w->arena };
	struct store *st = NULL;

	if (!program_store(w->conf, false, false, &st, &err)) {
		if (err.fault == FAULT_IN_USE)
			check_server(w);
		else
			line(w, false, "doctor.database", found_or(&err, "doctor.well"),
			    err.fault == FAULT_SCHEMA ? "fault.schema.do" : "doctor.database.restore");
		return;
	}
	line(w, true, "doctor.database", told(w->arena, "doctor.database.found",
	    { "version", told_int(w->arena, store_schema_version(st)) }), "doctor.well");
	store_check_statements(st, &err);
	line(w, err.fault == FAULT_NONE, "doctor.statements", found_or(&err, "doctor.statements.found"),
	    "doctor.statements.install");
	err = (struct err){ .arena = w->arena };
	store_probe(st, &err);
	line(w, err.fault == FAULT_NONE, "doctor.writing", found_or(&err, "doctor.writing.found"),
	    "doctor.writing.mend");
	store_close(st);
}

static void
check_installation(struct ward *w)
{
	struct err err = { .arena = w->arena };

	check_disk(w);
	if (!program_installed(w->conf, &err) && err.fault == FAULT_NO_INSTALLATION) {
		line(w, false, "doctor.database", terminal_msg("fault.no_installation"), "doctor.directory.make");
		return;
	}
	if (!check_secret(w))
		return;
	err = (struct err){ .arena = w->arena };
	if (program_load(w->conf, false, &err))
		check_store(w);
	else
		line(w, false, "doctor.program", found_or(&err, "doctor.well"), "doctor.statements.install");
}

int
command_doctor(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct ward w = { .conf = c, .arena = a, .dir = arena_c(a, conf_text(c, SET_data)) };
	struct str verdict;

	if (argc)
		return command_confused(a, "doctor", argv[0]);
	check_clock(&w);
	check_sandbox(&w);
	if (check_directory(&w))
		check_installation(&w);
	verdict = w.unwell ? told(a, "doctor.some", { "n", told_int(a, w.unwell) }) : terminal_msg("doctor.all");
	printf("%.*s\n", STR_FMT(verdict));
	return w.unwell ? 1 : 0;
}
