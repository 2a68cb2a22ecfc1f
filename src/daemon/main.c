/* tocsin: the command line. Everything it can do is in the table of commands; every knob in the table of settings. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "daemon/command.h"
#include "daemon/processes.h"
#include "daemon/terminal.h"

const struct command commands[] = {
	{ "serve", command_serve, "command.serve", "tocsin serve --data /var/lib/tocsin --listen 127.0.0.1:8080", SETTINGS },
	{ "demo", command_demo, "command.demo", "tocsin demo --data ./demo --json", SETTINGS },
	{ "init", command_init, "command.init", "tocsin init --data /var/lib/tocsin", SETTINGS },
	{ "account", command_account, "command.account", "tocsin account link lin.yijun", SETTINGS },
	{ "doctor", command_doctor, "command.doctor", "tocsin doctor --data /var/lib/tocsin", SETTINGS },
	{ "migrate", command_migrate, "command.migrate", "tocsin migrate --data /var/lib/tocsin", SETTINGS },
	{ "backup", command_backup, "command.backup", "tocsin backup --to /var/backups/tocsin/today.backup.zst", SETTINGS },
	{ "restore", command_restore, "command.restore", "tocsin restore today.backup.zst --data /var/lib/tocsin", SETTINGS },
	{ "export", command_export, "command.export", "tocsin export case MED-2026-000016 case.bundle 'letter 1122'", SETTINGS },
	{ "keys", command_keys, "command.keys", "tocsin keys list", SETTINGS },
	{ "verify", command_verify, "command.verify", "tocsin verify --key log.key EN-2026-000001-7.receipt.json",
	    OWN_FLAGS },
	{ "config", command_config, "command.config", "tocsin config show", SETTINGS },
	{ "version", command_version, "command.version", "tocsin version", BARE },
	{ "help", command_help, "command.help", "tocsin help settings", BARE },
};
const int command_count = sizeof(commands) / sizeof(commands[0]);

int
command_serve(const struct conf *c, struct arena *a, int argc, char **argv)
{
	if (argc)
		return command_confused(a, "serve", argv[0]);
	return parent_run(c);
}

int
command_config(const struct conf *c, struct arena *a, int argc, char **argv)
{
	if (argc != 1 || strcmp(argv[0], "show"))
		return command_confused(a, "config", argc ? argv[argc - 1] : NULL);
	conf_show(c, a);
	return 0;
}

static int
takes_none(const struct command *command, struct arena *a)
{
	struct str text = told(a, "cli.no_settings", { "command", str_c(command->name) });

	fprintf(stderr, "tocsin: %.*s\n", STR_FMT(text));
	return 2;
}

static int
run(const struct command *command, struct arena *a, int argc, char **argv)
{
	struct err err = { .arena = a };
	struct conf c;

	if (command->words != SETTINGS) {
		for (int i = 0; i < argc && command->words == BARE; i++)
			if (argv[i][0] == '-')
				return takes_none(command, a);
		return command->run(NULL, a, argc, argv);
	}
	if (!conf_read(&c, a, &argc, argv, &err))
		return command_failed(&err, 2);
	return command->run(&c, a, argc, argv);
}

static int
start(struct arena *a, int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";
	int left = argc > 2 ? argc - 2 : 0;
	struct str text;

	if (!strcmp(name, "--help") || !strcmp(name, "-h") || command_flag(&left, argv + 2, "--help"))
		name = "help", left = 0;
	if (!strcmp(name, "--version"))
		name = "version";
	for (int i = 0; i < command_count; i++)
		if (!strcmp(commands[i].name, name))
			return run(&commands[i], a, left, argv + 2);
	text = told(a, name[0] == '-' ? "cli.command_first" : "cli.no_command", { "word", str_c(name) });
	fprintf(stderr, "tocsin: %.*s\n", STR_FMT(text));
	return 2;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	int status;

	signal(SIGPIPE, SIG_IGN);
	status = start(a, argc, argv);
	arena_free(a);
	return status;
}
