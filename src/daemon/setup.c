/* tocsin init, migrate, account: the administrator's work at the terminal. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/value.h"
#include "daemon/command.h"
#include "daemon/processes.h"
#include "desk/bootstrap.h"
#include "store/store.h"

/* What a transaction takes and gives. */
struct job {
	struct arena *arena;
	struct str login, reason, path;
	struct value *rows;
};

static bool
init_work(struct tx *tx, void *arg, struct err *err)
{
	struct job *j = arg;

	return organisation_seed_sectors(tx, err) && bootstrap_setup_link(tx, j->arena, &j->path, err);
}

static bool
link_work(struct tx *tx, void *arg, struct err *err)
{
	struct job *j = arg;

	return bootstrap_account_link(tx, j->login, j->arena, &j->path, err);
}

static bool
suspend_work(struct tx *tx, void *arg, struct err *err)
{
	struct job *j = arg;

	return bootstrap_account_suspend(tx, j->login, j->reason, err);
}

/* Where a link leads, as far as we can know it from here. */
static void
print_link(const struct conf *c, struct str path)
{
	struct str origin = conf_text(c, SET_origin);

	if (origin.n)
		printf("  %.*s%.*s\n", STR_FMT(origin), STR_FMT(path));
	else
		printf("  http://%.*s%.*s\n", STR_FMT(conf_text(c, SET_listen)), STR_FMT(path));
	printf("It works once, within 30 minutes.\n");
}

int
command_init(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct err err = { .arena = a };
	struct job j = { .arena = a };
	struct store *st = NULL;
	char *dir = arena_c(a, conf_text(c, SET_data));
	bool ok;

	if (argc)
		return command_confused("init", argv[0]);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		err_setf(&err, FAULT_FILE, "%s: %s", dir, strerror(errno));
		return command_failed(&err, 1);
	}
	ok = program_load(c, true, &err) && program_store(c, true, false, &st, &err) && store_write(st, a, init_work, &j, &err);
	store_close(st);
	if (!ok)
		return command_failed(&err, 1);
	printf("An empty installation lies in %s. Serve it:\n  tocsin serve --data %s\nthen open this link to make the first administrator:\n",
	    dir, dir);
	print_link(c, j.path);
	return 0;
}

int
command_migrate(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct err err = { .arena = a };
	struct store *st = NULL;
	bool ok;

	if (argc)
		return command_confused("migrate", argv[0]);
	ok = program_load(c, false, &err) && program_store(c, false, true, &st, &err);
	if (ok)
		printf("The database has schema %d, the newest this program knows.\n", store_schema_version(st));
	store_close(st);
	return ok ? 0 : command_failed(&err, 1);
}

static void
print_accounts(const struct value *rows)
{
	printf("%-20s %-10s %-28s %s\n", "login", "state", "roles", "organisation");
	for (const struct value *v = rows->first; v; v = v->next) {
		struct str login = value_text(value_get(v, "login")), state = value_text(value_get(v, "state"));
		struct str roles = value_text(value_get(v, "roles")), org = value_text(value_get(v, "organisation"));

		printf("%-20.*s %-10.*s %-28.*s %.*s\n", STR_FMT(login), STR_FMT(state), STR_FMT(roles), STR_FMT(org));
	}
}

static bool
list_accounts(struct store *st, struct job *j, struct err *err)
{
	struct tx *tx = store_read(st, j->arena, err);

	j->rows = tx ? bootstrap_accounts(tx, err) : NULL;
	store_done(tx);
	return j->rows != NULL;
}

int
command_account(const struct conf *c, struct arena *a, int argc, char **argv)
{
	const char *verb = argc ? argv[0] : "(nothing)";
	struct err err = { .arena = a };
	struct job j = { .arena = a, .login = str_c(argc > 1 ? argv[1] : NULL), .reason = STR("at the terminal") };
	bool list = argc == 1 && !strcmp(verb, "list"), link = argc == 2 && !strcmp(verb, "link");
	bool suspend = argc >= 2 && argc <= 3 && !strcmp(verb, "suspend");
	struct store *st = NULL;
	bool ok;

	if (!list && !link && !suspend) {
		fprintf(stderr, "usage: tocsin account list | link LOGIN | suspend LOGIN [REASON]\n");
		return command_confused("account", verb);
	}
	if (argc == 3)
		j.reason = str_c(argv[2]);
	ok = program_load(c, false, &err) && program_store(c, false, false, &st, &err) &&
	    (list ? list_accounts(st, &j, &err) : store_write(st, a, link ? link_work : suspend_work, &j, &err));
	store_close(st);
	if (!ok)
		return command_failed(&err, 1);
	if (list) {
		print_accounts(j.rows);
	} else if (link) {
		printf("A one-time link for %.*s:\n", STR_FMT(j.login));
		print_link(c, j.path);
	} else {
		printf("%.*s is suspended; sessions and keys are ended.\n", STR_FMT(j.login));
	}
	return 0;
}
