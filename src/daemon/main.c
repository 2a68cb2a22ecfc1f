/* tocsin: the command line. Everything it can do is in the table of commands; every knob in the table of settings. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "daemon/command.h"
#include "daemon/processes.h"
#include "model/entity.h"
#include "store/store.h"

#ifndef TOCSIN_VERSION
#define TOCSIN_VERSION "0.1.0"
#endif

const struct command commands[] = {
	{ "serve", command_serve, "Serves the platform until it is stopped.", "tocsin serve --data /var/lib/tocsin --listen 127.0.0.1:8080" },
	{ "demo", command_demo, "Makes the fictional sector in an empty directory and prints its accounts.", "tocsin demo --data ./demo --json" },
	{ "init", command_init, "Makes an empty installation and prints a one-time set-up link.", "tocsin init --data /var/lib/tocsin" },
	{ "account", command_account, "Lists accounts; suspends one; makes a new one-time link for one.", "tocsin account link lin.yijun" },
	{ "doctor", command_doctor, "Checks the installation; each line says what to do.", "tocsin doctor --data /var/lib/tocsin" },
	{ "migrate", command_migrate, "Brings the database up to date, with a backup beside it.", "tocsin migrate --data /var/lib/tocsin" },
	{ "config", command_config, "Shows every setting, its value and where it came from.", "tocsin config show" },
	{ "version", command_version, "Prints the version.", "tocsin version" },
	{ "help", command_help, "Prints this, or the settings.", "tocsin help settings" },
};
const int command_count = sizeof(commands) / sizeof(commands[0]);

static enum lang
terminal_language(void)
{
	const char *names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	enum lang l;

	for (int i = 0; i < 3; i++) {
		const char *v = getenv(names[i]);

		if (!v || !*v)
			continue;
		if (!strncmp(v, "zh_TW", 5) || !strncmp(v, "zh_HK", 5))
			return LANG_ZH;
		return lang_parse(str_first(str_c(v), 2), &l) && l == LANG_ZH ? LANG_ZH : LANG_EN;
	}
	return LANG_EN;
}

int
command_failed(const struct err *err, int status)
{
	char id[80];
	struct str what, cure;

	snprintf(id, sizeof(id), "fault.%s", fault_code(err->fault));
	what = msg(terminal_language(), id);
	fprintf(stderr, "tocsin: %.*s\n", STR_FMT(what));
	if (err->detail.n)
		fprintf(stderr, "        %.*s\n", STR_FMT(err->detail));
	for (const struct field_err *f = err->fields; f; f = f->next) {
		struct str text = field_err_text(err->arena, terminal_language(), f);

		fprintf(stderr, "        %.*s: %.*s\n", STR_FMT(f->field), STR_FMT(text));
	}
	snprintf(id, sizeof(id), "fault.%s.do", fault_code(err->fault));
	cure = msg(terminal_language(), id);
	fprintf(stderr, "        %.*s\n", STR_FMT(cure));
	return status;
}

int
command_confused(const char *command, const char *word)
{
	fprintf(stderr, "tocsin %s: \"%s\" is not understood; tocsin help tells what is\n", command, word);
	return 2;
}

bool
command_flag(int *argc, char **argv, const char *name)
{
	for (int i = 0; i < *argc; i++) {
		if (strcmp(argv[i], name))
			continue;
		memmove(argv + i, argv + i + 1, (size_t)(*argc - i - 1) * sizeof(*argv));
		(*argc)--;
		return true;
	}
	return false;
}

int
command_serve(const struct conf *c, struct arena *a, int argc, char **argv)
{
	(void)a;
	if (argc)
		return command_confused("serve", argv[0]);
	return parent_run(c);
}

int
command_config(const struct conf *c, struct arena *a, int argc, char **argv)
{
	(void)a;
	if (argc != 1 || strcmp(argv[0], "show"))
		return command_confused("config", argc ? argv[argc - 1] : "(nothing)");
	conf_show(c);
	return 0;
}

int
command_version(const struct conf *c, struct arena *a, int argc, char **argv)
{
	(void)c, (void)a;
	if (argc)
		return command_confused("version", argv[0]);
	printf("tocsin %s, schema %d\n", TOCSIN_VERSION, store_schema_newest());
	return 0;
}

static void
print_settings(void)
{
	printf("Settings: a line \"name = value\" in the file, TOCSIN_NAME in the environment, or --name on the command line.\n\n");
	for (int i = 0; i < SET__MAX; i++) {
		printf("  %-16s %s", settings[i].name, settings[i].doc);
		printf(" [%s]\n", *settings[i].otherwise ? settings[i].otherwise : "empty");
	}
}

int
command_help(const struct conf *c, struct arena *a, int argc, char **argv)
{
	(void)c, (void)a;
	if (argc == 1 && !strcmp(argv[0], "settings")) {
		print_settings();
		return 0;
	}
	if (argc)
		return command_confused("help", argv[0]);
	printf("Tocsin 警鐘 %s: the platform on which a sector CERT works\n\nusage: tocsin COMMAND [--config FILE] [--SETTING VALUE]...\n\n",
	    TOCSIN_VERSION);
	for (int i = 0; i < command_count; i++)
		printf("  %-8s %s\n           $ %s\n", commands[i].name, commands[i].doc, commands[i].example);
	printf("\nSettings most used: --data DIR, --listen ADDRESS:PORT, --behind-proxy. All of them: tocsin help settings\n");
	return 0;
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	const char *name = argc > 1 ? argv[1] : "help";
	int left = argc > 2 ? argc - 2 : 0, status = 2;
	struct conf c;

	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	if (!strcmp(name, "--version"))
		name = "version";
	if (command_flag(&left, argv + 2, "--help"))
		name = "help", left = 0;
	for (int i = 0; i < command_count; i++) {
		if (strcmp(commands[i].name, name))
			continue;
		if (conf_read(&c, a, &left, argv + 2, &err))
			status = commands[i].run(&c, a, left, argv + 2);
		else
			status = command_failed(&err, 2);
		arena_free(a);
		return status;
	}
	fprintf(stderr, "tocsin: there is no command \"%s\"; tocsin help lists them\n", name);
	arena_free(a);
	return 2;
}
