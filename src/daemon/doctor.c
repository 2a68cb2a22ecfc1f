/* tocsin doctor: looks at everything an installation stands on; each line says what is so and, if it is not well, what to do. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/time.h"
#include "daemon/command.h"
#include "daemon/processes.h"
#include "daemon/sandbox.h"
#include "store/store.h"

#define DISK_LOW (INT64_C(512) * 1024 * 1024)

struct ward {
	const struct conf *conf;
	struct arena *arena;
	char *dir;
	int unwell;
};

static void
line(struct ward *w, bool well, const char *subject, struct str found, const char *cure)
{
	printf("%s  %-10s %.*s\n", well ? "ok " : "BAD", subject, STR_FMT(found));
	if (!well) {
		printf("                 -> %s\n", cure);
		w->unwell++;
	}
}

static void
check_directory(struct ward *w)
{
	struct stat s;

	if (stat(w->dir, &s) != 0) {
		line(w, false, "directory", arena_printf(w->arena, "%s: %s", w->dir, strerror(errno)),
		    "make an installation there with: tocsin init --data DIR");
		return;
	}
	line(w, (s.st_mode & 0077) == 0, "directory", arena_printf(w->arena, "%s, mode %03o", w->dir, s.st_mode & 0777u),
	    "only the service's user may read it: chmod 700");
}

static void
check_disk(struct ward *w)
{
	struct statvfs v;
	int64_t room;

	if (statvfs(w->dir, &v) != 0)
		return;
	room = (int64_t)v.f_bavail * (int64_t)v.f_frsize;
	line(w, room > DISK_LOW, "disk", arena_printf(w->arena, "%lld MiB free", (long long)(room / 1024 / 1024)),
	    "less than 512 MiB: make room before reports can no longer be saved");
}

/* Deadlines hang on the clock: the kernel knows whether somebody keeps it right. */
static void
check_clock(struct ward *w)
{
	struct timex t = { .modes = 0 };
	int state = adjtimex(&t);
	bool kept = state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);

	line(w, kept, "clock", arena_printf(w->arena, "%s, estimated error %ld ms", kept ? "kept in step" : "not kept in step",
	    t.esterror / 1000), "run chrony or systemd-timesyncd; every deadline is counted by this clock");
}

static void
check_secret(struct ward *w)
{
	struct str path = arena_printf(w->arena, "%s/secret", w->dir);
	struct stat s;
	bool there = stat(path.p, &s) == 0;

	line(w, there && (s.st_mode & 0077) == 0, "secret", there ? arena_printf(w->arena, "there, mode %03o", s.st_mode & 0777u) :
	    STR("missing"), there ? "chmod 600" : "restore it from the backup; without it no session, key or TOTP can be checked");
}

static void
check_store(struct ward *w)
{
	struct err err = { .arena = w->arena };
	struct store *st = NULL;

	if (!program_store(w->conf, false, false, &st, &err)) {
		bool served = err.fault == FAULT_FILE && str_has(err.detail, STR("lock"));

		line(w, served, "database", err.detail.n ? err.detail : str_c(fault_code(err.fault)),
		    err.fault == FAULT_SCHEMA ? "run: tocsin migrate --data DIR" : "look at the reason; the last backup beside it is whole");
		return;
	}
	line(w, store_schema_version(st) == store_schema_newest(), "schema", arena_printf(w->arena, "%d, newest %d",
	    store_schema_version(st), store_schema_newest()), "run: tocsin migrate --data DIR");
	line(w, store_check_statements(st, &err), "statements", err.detail.n ? err.detail : STR("all understood by the database"),
	    "the program and its database do not fit: reinstall this version");
	err = (struct err){ .arena = w->arena };
	line(w, store_probe(st, &err), "writing", err.detail.n ? err.detail : STR("a test write reached the disk"),
	    "the disk is full, read-only or failing: nothing can be saved until that is mended");
	store_close(st);
}

static void
check_sandbox(struct ward *w)
{
	int abi = sandbox_landlock_abi();

	line(w, true, "sandbox", abi ? arena_printf(w->arena, "seccomp, and Landlock version %d", abi) :
	    STR("seccomp; this kernel has no Landlock"), "");
}

int
command_doctor(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct ward w = { .conf = c, .arena = a, .dir = arena_c(a, conf_text(c, SET_data)) };
	struct err err = { .arena = a };

	if (argc)
		return command_confused("doctor", argv[0]);
	check_directory(&w);
	if (access(w.dir, F_OK) == 0) {
		check_disk(&w);
		check_clock(&w);
		check_secret(&w);
		check_sandbox(&w);
		if (program_load(c, false, &err))
			check_store(&w);
		else
			line(&w, false, "loading", err.detail.n ? err.detail : str_c(fault_code(err.fault)), "see the line above");
	}
	if (w.unwell)
		printf("%d of these need you.\n", w.unwell);
	else
		printf("All is well.\n");
	return w.unwell ? 1 : 0;
}
