/* tocsin init, migrate, account: the administrator's work at the terminal. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/value.h"
#include "daemon/ask.h"
#include "daemon/command.h"
#include "daemon/move.h"
#include "daemon/keeper.h"
#include "daemon/processes.h"
#include "daemon/terminal.h"
#include "desk/bootstrap.h"
#include "store/log.h"
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

static void
print_text(struct str text)
{
	printf("%.*s\n", STR_FMT(text));
}

/* Where a link leads, as far as we can know it from here. */
static void
print_link(const struct conf *c, struct arena *a, struct str path)
{
	struct str origin = conf_text(c, SET_origin);

	if (!origin.n)
		origin = arena_printf(a, "http://%.*s", STR_FMT(conf_text(c, SET_listen)));
	print_text(arena_printf(a, "  %.*s%.*s", STR_FMT(origin), STR_FMT(path)));
	print_text(terminal_msg("link.once"));
}

/* The log's name, which is there for ever: another one asked for is refused. */
static bool
init_log(const struct conf *c, struct store *st, struct arena *a, struct str *ret_origin, struct err *err)
{
	struct str asked = conf_text(c, SET_log_origin);
	struct tx *tx = store_read(st, a, err);
	struct log_head head;
	bool ok = tx && log_head(tx, &head, err);

	store_done(tx);
	if (!ok)
		return false;
	if (asked.n && !str_eq(asked, head.origin))
		return refuse(err, FAULT_CONFIG, told(a, "init.other_log", { "asked", asked }, { "log", head.origin }));
	*ret_origin = head.origin;
	return true;
}

int
command_init(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct err err = { .arena = a };
	struct job j = { .arena = a };
	struct store *st = NULL;
	struct str dir = conf_text(c, SET_data), log = STR_NONE;
	bool ok;

	if (argc)
		return command_confused(a, "init", argv[0]);
	ok = program_directory(c, true, &err) && program_load(c, true, &err) &&
	    program_store(c, STORE_ANY, false, &st, &err) && init_log(c, st, a, &log, &err) &&
	    store_write(st, a, init_work, &j, &err) && keeping_first_keys(c, st, a, &err);
	store_close(st);
	if (err.fault == FAULT_EXISTS) {
		err = (struct err){ .arena = a };
		refuse(&err, FAULT_FILE, told(a, "init.again", { "dir", dir }));
	}
	if (!ok)
		return command_failed(&err, 1);
	print_text(told(a, "init.done", { "dir", dir }));
	print_link(c, a, j.path);
	print_text(told(a, "init.log", { "log", log }));
	return 0;
}

int
command_migrate(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct err err = { .arena = a };
	struct store *st = NULL;
	const char *to;
	bool ok;

	if (!command_value(a, &argc, argv, "--to", &to))
		return 2;
	if (argc)
		return command_confused(a, "migrate", argv[0]);
	if (to)
		return command_move(c, a, to);
	ok = program_installed(c, &err) && program_load(c, false, &err) &&
	    program_store(c, STORE_THERE, true, &st, &err);
	if (ok)
		print_text(told(a, "migrate.done", { "version", told_int(a, store_schema_version(st)) }));
	store_close(st);
	return ok ? 0 : command_failed(&err, 1);
}

/* ---- account ---- */

static void
print_row(struct arena *a, struct str login, struct str state, struct str roles, struct str org)
{
	login = terminal_pad(a, login, 20);
	state = terminal_pad(a, state, 12);
	roles = terminal_pad(a, roles, 30);
	printf("%.*s %.*s %.*s %.*s\n", STR_FMT(login), STR_FMT(state), STR_FMT(roles), STR_FMT(org));
}

static void
print_accounts(struct arena *a, const struct value *rows)
{
	if (!rows->n) {
		print_text(terminal_msg("cli.account.nobody"));
		return;
	}
	print_row(a, terminal_msg("cli.account.login"), terminal_msg("cli.account.state"),
	    terminal_msg("cli.account.roles"), terminal_msg("cli.account.organisation"));
	for (const struct value *v = rows->first; v; v = v->next)
		print_row(a, value_text(value_get(v, "login")), value_text(value_get(v, "state")),
		    value_text(value_get(v, "roles")), value_text(value_get(v, "organisation")));
}

static bool
list_accounts(struct store *st, struct job *j, struct err *err)
{
	struct tx *tx = store_read(st, j->arena, err);

	j->rows = tx ? bootstrap_accounts(tx, err) : NULL;
	store_done(tx);
	return j->rows != NULL;
}

/* The server that runs does it; it alone may write. */
static bool
ask_account(const struct conf *c, bool link, struct job *j, struct err *err)
{
	struct value *body = value_map(j->arena), *v = NULL;
	struct str answer;

	map_str(j->arena, body, "login", j->login);
	if (!link)
		map_str(j->arena, body, "reason", j->reason);
	answer = ask_server(c, j->arena, link ? "/terminal/link" : "/terminal/suspend", json_text(j->arena, body), err);
	if (!answer.p || !json_parse(j->arena, answer, &v, err))
		return false;
	j->path = value_text(value_get(v, "path"));
	return true;
}

static bool
do_account(const struct conf *c, bool list, bool link, struct job *j, struct err *err)
{
	struct err why = { .arena = j->arena };
	struct store *st = NULL;
	bool alone = program_store(c, STORE_THERE, false, &st, &why), ok;

	if (!alone && why.fault == FAULT_IN_USE && !list)
		return ask_account(c, link, j, err);
	if (!alone && (why.fault != FAULT_IN_USE || !program_store_beside(c, &st, &why))) {
		*err = why;
		return false;
	}
	ok = list ? list_accounts(st, j, err) : store_write(st, j->arena, link ? link_work : suspend_work, j, err);
	store_close(st);
	return ok;
}

/* What the desk says to anybody, said to the one who typed the login. */
static int
account_failed(struct arena *a, const struct err *err, struct str login)
{
	struct str text;

	if (err->fault != FAULT_NOT_FOUND && err->fault != FAULT_STATE)
		return command_failed(err, 1);
	text = told(a, err->fault == FAULT_STATE ? "cli.account.not_active" : "cli.account.none",
	    { "login", login });
	fprintf(stderr, "tocsin: %.*s\n", STR_FMT(text));
	return 1;
}

int
command_account(const struct conf *c, struct arena *a, int argc, char **argv)
{
	const char *verb = argc ? argv[0] : "";
	struct err err = { .arena = a };
	struct job j = { .arena = a, .login = str_c(argc > 1 ? argv[1] : NULL) };
	bool list = argc == 1 && !strcmp(verb, "list"), link = argc == 2 && !strcmp(verb, "link");
	bool suspend = argc >= 2 && argc <= 3 && !strcmp(verb, "suspend");
	bool ok;

	if (!list && !link && !suspend) {
		struct str usage = terminal_msg("cli.account.usage");

		fprintf(stderr, "tocsin: %.*s\n", STR_FMT(usage));
		return 2;
	}
	j.reason = argc == 3 ? str_c(argv[2]) : terminal_msg("cli.account.at_terminal");
	ok = program_installed(c, &err) && program_load(c, false, &err) && do_account(c, list, link, &j, &err);
	if (!ok)
		return account_failed(a, &err, j.login);
	if (list) {
		print_accounts(a, j.rows);
	} else if (link) {
		print_text(told(a, "cli.account.link", { "login", j.login }));
		print_link(c, a, j.path);
	} else {
		print_text(told(a, "cli.account.suspended", { "login", j.login }));
	}
	return 0;
}
