/*
 * tocsin doctor: looks at everything an installation stands on; each line says what is so and, if it is not well, what
 * to do.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/time.h"
#include "daemon/archivist.h"
#include "daemon/ask.h"
#include "daemon/backups.h"
#include "daemon/command.h"
#include "daemon/processes.h"
#include "daemon/sandbox.h"
#include "daemon/terminal.h"
#include "desk/health.h"
#include "store/nodes.h"
#include "store/store.h"

struct ward {
	const struct conf *conf;
	struct arena *arena;
	char *dir;
	bool full, whole;                /* every record of the log; and it was looked at to the end */
	struct health health;
};

static struct health_line *
line(struct ward *w, bool well, const char *check, const char *found, const char *cure)
{
	struct health_line *l = health_add(&w->health, check, well ? HEALTH_GOOD : HEALTH_BAD, found, cure);

	health_arg(l, "dir", str_c(w->dir));
	return l;
}

/* What a fault says, or that all is well. */
static void
line_of_fault(struct ward *w, const char *check, const struct err *err, const char *well, const char *cure)
{
	bool good = err->fault == FAULT_NONE;
	struct health_line *l = line(w, good, check, good ? well : NULL, cure);

	l->words = err->detail.n ? err->detail : str_c(fault_code(err->fault));
}

/* True when there is a directory to look into. */
static bool
check_directory(struct ward *w)
{
	struct health_line *l;
	struct stat s;

	if (stat(w->dir, &s) != 0) {
		l = line(w, false, "directory", NULL, "doctor.directory.make");
		l->words = arena_printf(w->arena, "%s: %s", w->dir, strerror(errno));
		return false;
	}
	l = line(w, (s.st_mode & 0077) == 0, "directory", "doctor.directory.found", "doctor.directory.close");
	health_arg(l, "mode", arena_printf(w->arena, "%03o", s.st_mode & 0777u));
	return true;
}

/* ---- a server that runs ---- */

/*
 * The database is open in another process. If that is our server it knows best whether it can write, and sign. Where
 * there are nodes none need run on this machine.
 */
static void
check_server(struct ward *w, bool must)
{
	struct err err = { .arena = w->arena };
	struct value *ready = ask_ready(w->conf, w->arena, &err);
	struct health_line *l;

	if (!ready && !must)
		return;
	l = line(w, ready != NULL, "server", ready ? "doctor.server.found" : "doctor.server.silent",
	    "doctor.server.look");

	health_arg(l, "where", conf_text(w->conf, SET_listen));
	health_arg(l, "reason", err.detail);
	for (const struct value *v = ready ? ready->first : NULL; v; v = v->next) {
		const struct value *ok = value_get(v, "ok");

		if (ok && ok->kind == V_BOOL && ok->i)
			continue;
		l = line(w, false, "server", NULL, NULL);
		l->words = arena_printf(w->arena, "%.*s %.*s", STR_FMT(value_text(value_get(v, "words"))),
		    STR_FMT(value_text(value_get(v, "cure"))));
	}
}

/* ---- the store ---- */

static bool
goes_on(void *arg, int64_t done, int64_t records)
{
	(void)arg;
	(void)done;
	(void)records;
	return !terminal_stopped();
}

static void
check_contents(struct ward *w, struct store *st)
{
	struct err err = { .arena = w->arena };
	struct tx *tx = store_read(st, w->arena, &err);

	if (tx) {
		health_store(&w->health, tx);
		health_signing(&w->health, tx);
		w->whole = !w->full || health_log_full(&w->health, tx, goes_on, NULL, &err);
	}
	store_done(tx);
	if (err.fault != FAULT_NONE)
		line_of_fault(w, "log", &err, NULL, "doctor.log.keep");
}

/* Nobody else has it: everything can be tried. */
static void
check_alone(struct ward *w, struct store *st)
{
	struct err err = { .arena = w->arena };

	check_contents(w, st);
	store_check_statements(st, &err);
	line_of_fault(w, "statements", &err, "doctor.statements.found", "doctor.statements.install");
	err = (struct err){ .arena = w->arena };
	store_probe(st, &err);
	line_of_fault(w, "writing", &err, "doctor.writing.found", "doctor.writing.mend");
}

static void
check_store(struct ward *w)
{
	struct err err = { .arena = w->arena };
	struct store *st = NULL;
	bool alone = program_store(w->conf, STORE_THERE, false, &st, &err);
	bool served = err.fault == FAULT_IN_USE;

	if (served) {
		check_server(w, true);
		err = (struct err){ .arena = w->arena };
		program_store_beside(w->conf, &st, &err);
	}
	if (st && store_shared(st))
		check_server(w, false);
	if (!st)
		line_of_fault(w, "database", &err, NULL, err.fault == FAULT_SCHEMA ? "fault.schema.do" :
		    err.fault == FAULT_DATABASE ? "fault.database.do" : "doctor.database.restore");
	else if (alone)
		check_alone(w, st);
	else
		check_contents(w, st);
	store_close(st);
}

static void
check_backups(struct ward *w)
{
	struct backup_news news;

	health_backups(&w->health, archive_look(w->conf, w->arena, &news) ? &news : NULL);
}

static void
check_installation(struct ward *w)
{
	struct err err = { .arena = w->arena };

	if (!program_installed(w->conf, &err) && err.fault == FAULT_NO_INSTALLATION) {
		line(w, false, "database", "fault.no_installation", "doctor.directory.make");
		return;
	}
	if (err.fault != FAULT_NONE && access(arena_printf(w->arena, "%s/secret", w->dir).p, F_OK) != 0)
		return;                  /* its line is there */
	check_backups(w);
	err = (struct err){ .arena = w->arena };
	if (program_load(w->conf, false, &err))
		check_store(w);
	else if (health_worst(&w->health) != HEALTH_BAD)
		line_of_fault(w, "program", &err, NULL, "doctor.statements.install");
}

/* ---- saying it ---- */

static void
print_line(struct ward *w, const struct health_line *l)
{
	static const char *const marks[HEALTH__MAX] = { "doctor.well", "doctor.look", "doctor.unwell" };
	enum lang lang = terminal_lang();
	struct str mark = terminal_pad(w->arena, terminal_msg(marks[l->state]), 6);
	struct str subject = terminal_pad(w->arena, terminal_msg(arena_printf(w->arena, "doctor.%s", l->check).p), 12);
	struct str found = health_found(&w->health, l, lang), cure = health_cure(&w->health, l, lang);

	printf("%.*s %.*s %.*s\n", STR_FMT(mark), STR_FMT(subject), STR_FMT(found));
	if (cure.n)
		printf("%20s-> %.*s\n", "", STR_FMT(cure));
}

static void
print_all(struct ward *w)
{
	struct str verdict;
	int n = 0;

	for (int i = 0; i < w->health.n; i++) {
		print_line(w, &w->health.line[i]);
		n += w->health.line[i].state != HEALTH_GOOD;
	}
	verdict = n ? told(w->arena, "doctor.some", { "n", told_int(w->arena, n) }) : terminal_msg("doctor.all");
	printf("%.*s\n", STR_FMT(verdict));
}

static void
print_json(struct ward *w)
{
	struct arena *a = w->arena;
	struct value *v = value_map(a), *rows;
	struct buf b = { .arena = a };

	map_str(a, v, "state", str_c(health_state_id(health_worst(&w->health))));
	rows = map_list(a, v, "checks");
	for (int i = 0; i < w->health.n; i++) {
		const struct health_line *l = &w->health.line[i];
		struct value *row = list_add(rows, value_map(a));

		map_str(a, row, "check", str_c(l->check));
		map_str(a, row, "state", str_c(health_state_id(l->state)));
		map_str(a, row, "words", health_found(&w->health, l, terminal_lang()));
		map_str(a, row, "cure", health_cure(&w->health, l, terminal_lang()));
		map_time(a, row, "at", l->at);
	}
	json_write_pretty(&b, v);
	printf("%.*s\n", STR_FMT(buf_str(&b)));
}

int
command_doctor(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct ward w = { .conf = c, .arena = a, .dir = arena_c(a, conf_text(c, SET_data)), .whole = true };
	static const int statuses[HEALTH__MAX] = { 0, 1, 3 };
	struct health_place place = { .dir = conf_text(c, SET_data), .backup_dir = conf_text(c, SET_backup_dir),
		.backup_every = conf_int(c, SET_backup_every) * HOUR, .landlock = sandbox_landlock_abi() };
	bool json = command_flag(&argc, argv, "--json");

	w.full = command_flag(&argc, argv, "--full");
	if (argc)
		return command_confused(a, "doctor", argv[0]);
	w.health.arena = a;
	if (w.full)
		terminal_watch(a, "backup.reading");
	health_configure(&place);
	if (check_directory(&w)) {
		health_machine(&w.health);
		check_installation(&w);
	}
	if (json)
		print_json(&w);
	else
		print_all(&w);
	return w.whole ? statuses[health_worst(&w.health)] : 1;
}
