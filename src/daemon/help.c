/* tocsin help: the commands and the settings, for a person, a shell and the manual, out of their tables. */
#include <stdio.h>
#include <string.h>

#include "daemon/command.h"
#include "daemon/terminal.h"
#include "store/store.h"

int
command_version(const struct conf *c, struct arena *a, int argc, char **argv)
{
	(void)c;
	if (argc)
		return command_confused(a, "version", argv[0]);
	printf("tocsin %s, schema %d\n", TOCSIN_VERSION, store_schema_newest());
	return 0;
}

static void
print_commands(struct arena *a)
{
	struct str title = told(a, "help.title", { "version", STR(TOCSIN_VERSION) });
	struct str usage = terminal_msg("help.usage"), foot = terminal_msg("help.foot");

	printf("%.*s\n\n%.*s\n\n", STR_FMT(title), STR_FMT(usage));
	for (int i = 0; i < command_count; i++) {
		struct str doc = terminal_msg(commands[i].doc);

		printf("  %-8s %.*s\n           $ %s\n", commands[i].name, STR_FMT(doc), commands[i].example);
	}
	printf("\n%.*s\n", STR_FMT(foot));
}

static void
print_settings(struct arena *a)
{
	struct str head = terminal_msg("help.settings");

	printf("%.*s\n\n", STR_FMT(head));
	for (int i = 0; i < SET__MAX; i++) {
		const struct setting *s = &settings[i];
		struct str doc = terminal_msg(s->doc), limits = setting_limits(s, a, str_c(s->otherwise));

		printf("  %-16s %.*s %.*s\n", s->name, STR_FMT(doc), STR_FMT(limits));
	}
}

int
command_help(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct err err = { .arena = a };

	(void)c;
	if (argc == 2 && !strcmp(argv[0], "reference"))
		return reference_write(a, argv[1], &err) ? 0 : command_failed(&err, 1);
	if (argc > 1)
		return command_confused(a, "help", argv[1]);
	if (argc == 0)
		print_commands(a);
	else if (!strcmp(argv[0], "settings"))
		print_settings(a);
	else if (!strcmp(argv[0], "completion"))
		help_completion();
	else if (!strcmp(argv[0], "man"))
		help_man(a);
	else
		return command_confused(a, "help", strcmp(argv[0], "reference") ? argv[0] : NULL);
	return 0;
}

/* ---- for the shell ---- */

/* "behind_proxy" as the flag says it. */
static void
print_flag(const char *name)
{
	for (; *name; name++)
		putchar(*name == '_' ? '-' : *name);
}

void
help_completion(void)
{
	printf("# bash completion of tocsin, made by: tocsin help completion\n_tocsin()\n{\n"
	    "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n\n"
	    "\tCOMPREPLY=()\n\tcase $before in\n"
	    "\ttocsin | */tocsin) COMPREPLY=($(compgen -W \"");
	for (int i = 0; i < command_count; i++)
		printf("%s%s", i ? " " : "", commands[i].name);
	printf("\" -- \"$word\")); return ;;\n"
	    "\taccount) COMPREPLY=($(compgen -W \"list link suspend\" -- \"$word\")); return ;;\n"
	    "\tverify) COMPREPLY=($(compgen -W \"--key --checkpoint --consistency --witness --identity --lang\" -- \"$word\") $(compgen -f -- \"$word\")); return ;;\n"
	    "\t--key | --checkpoint | --consistency | --witness) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
	    "\t--lang) COMPREPLY=($(compgen -W \"en zh-TW\" -- \"$word\")); return ;;\n"
	    "\tbackup) COMPREPLY=($(compgen -W \"keygen --to --recipient --verify --identity --json --data --config\" -- \"$word\")); return ;;\n"
	    "\trestore | --to | --recipient | --verify | --identity) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
	    "\tkeys) COMPREPLY=($(compgen -W \"public list rotate compromised share restore\" -- \"$word\")); return ;;\n"
	    "\trotate) COMPREPLY=($(compgen -W \"--witness\" -- \"$word\")); return ;;\n"
	    "\tcompromised) COMPREPLY=($(compgen -W \"--since\" -- \"$word\")); return ;;\n"
	    "\tconfig) COMPREPLY=($(compgen -W \"show\" -- \"$word\")); return ;;\n"
	    "\thelp) COMPREPLY=($(compgen -W \"settings reference man completion\" -- \"$word\")); return ;;\n"
	    "\treference | --data) COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
	    "\t--config | --test-clock) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
	    "\t--log) COMPREPLY=($(compgen -W \"error warn info debug\" -- \"$word\")); return ;;\n");
	for (int i = 0; i < SET__MAX; i++) {
		if (settings[i].kind != SETTING_BOOL)
			continue;
		printf("\t--");
		print_flag(settings[i].name);
		printf(") COMPREPLY=($(compgen -W \"yes no\" -- \"$word\")); [ -n \"${COMPREPLY[*]}\" ] && return ;;\n");
	}
	printf("\tesac\n\tCOMPREPLY=($(compgen -W \"--config");
	for (int i = 0; i < SET__MAX; i++) {
		printf(" --");
		print_flag(settings[i].name);
	}
	printf("\" -- \"$word\"))\n}\ncomplete -F _tocsin tocsin\n");
}

/* ---- the manual page ---- */

/* A line of text in roff: no escape and no request is meant by it. */
static void
print_roff(struct str s)
{
	if (s.n && (s.p[0] == '.' || s.p[0] == '\''))
		printf("\\&");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			printf("\\e");
		else if (s.p[i] == '-')
			printf("\\-");
		else
			putchar(s.p[i]);
	}
	putchar('\n');
}

static void
print_man_setting(const struct setting *s, struct arena *a)
{
	struct str usual = str_c(s->otherwise);

	printf(".TP\n.B ");
	print_roff(str_c(s->name));
	print_roff(msg(LANG_EN, s->doc));
	if (s->kind == SETTING_INT)
		print_roff(arena_printf(a, "A whole number from %lld to %lld.", (long long)s->min, (long long)s->max));
	if (s->kind == SETTING_BOOL)
		print_roff(STR("yes or no."));
	print_roff(arena_printf(a, "Default: %.*s.", STR_FMT(usual.n ? usual : STR("empty"))));
}

static const char manual_rest[] =
    ".SH FILES\n"
    ".TP\n.I /etc/tocsin/tocsin.conf\nThe settings, unless \\-\\-config or TOCSIN_CONFIG names another file. It may be missing.\n"
    ".TP\n.I tocsin.db\nIn the data directory: the database. Beside it, while the server runs, tocsin.db\\-wal and tocsin.db\\-shm.\n"
    ".TP\n.I secret\nIn the data directory: the key of sessions, keys, links and second factors. A backup without it lets nobody in by a key.\n"
    ".TP\n.I lock\nIn the data directory: one process at a time has it open.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n.B TOCSIN_CONFIG\nThe file of settings, as \\-\\-config.\n"
    ".TP\n.B LC_ALL, LC_MESSAGES, LANG\nThe language of what is said at the terminal: the Chinese of Taiwan with zh, English otherwise.\n"
    ".TP\n.B NOTIFY_SOCKET\nThe service manager's, told when serving begins, that it goes on, and that it stops.\n"
    ".SH EXIT STATUS\n"
    "0: done. 1: it could not be done; standard error says why and what to do. 2: the command line or a setting is not understood.\n"
    ".SH SIGNALS\n"
    "SIGTERM and SIGINT end the server when the requests that run are answered, after ten seconds at the latest.\n";

void
help_man(struct arena *a)
{
	printf(".\\\" Made by: tocsin help man\n.TH TOCSIN 1 \"\" \"tocsin %s\" \"Tocsin\"\n.SH NAME\n"
	    "tocsin \\- the platform on which a sector CERT works\n.SH SYNOPSIS\n.B tocsin\n.I COMMAND\n[\\-\\-config\n.IR FILE ]\n"
	    "[\\-\\-\\fISETTING VALUE\\fR]...\n.SH COMMANDS\n", TOCSIN_VERSION);
	for (int i = 0; i < command_count; i++) {
		printf(".TP\n.B %s\n", commands[i].name);
		print_roff(msg(LANG_EN, commands[i].doc));
		printf(".br\n");
		print_roff(arena_printf(a, "$ %s", commands[i].example));
	}
	printf(".SH SETTINGS\n");
	print_roff(msg(LANG_EN, "help.settings"));
	for (int i = 0; i < SET__MAX; i++)
		print_man_setting(&settings[i], a);
	printf("%s", manual_rest);
}
