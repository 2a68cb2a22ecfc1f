/* The subcommands: a table and a function each. */
#ifndef DAEMON_COMMAND_H
#define DAEMON_COMMAND_H

#include "daemon/conf.h"

struct command {
	const char *name;
	/* argv holds what the settings left over. The exit status: 0 done, 1 failed, 2 asked wrongly. */
	int (*run)(const struct conf *c, struct arena *a, int argc, char **argv);
	const char *doc;                         /* message id */
	const char *example;
	enum {
		SETTINGS,                   /* which are taken off before it is called */
		BARE,                            /* takes none, and works when they cannot be read */
		OWN_FLAGS                  /* the same, and has flags of its own */
	} words;
};
extern const struct command commands[];
extern const int command_count;

int command_serve(const struct conf *c, struct arena *a, int argc, char **argv);
int command_demo(const struct conf *c, struct arena *a, int argc, char **argv);
int command_init(const struct conf *c, struct arena *a, int argc, char **argv);
int command_account(const struct conf *c, struct arena *a, int argc, char **argv);
int command_doctor(const struct conf *c, struct arena *a, int argc, char **argv);
int command_migrate(const struct conf *c, struct arena *a, int argc, char **argv);
int command_backup(const struct conf *c, struct arena *a, int argc, char **argv);
int command_restore(const struct conf *c, struct arena *a, int argc, char **argv);
int command_export(const struct conf *c, struct arena *a, int argc, char **argv);
int command_verify(const struct conf *c, struct arena *a, int argc, char **argv);
int command_keys(const struct conf *c, struct arena *a, int argc, char **argv);
int command_config(const struct conf *c, struct arena *a, int argc, char **argv);
int command_version(const struct conf *c, struct arena *a, int argc, char **argv);
int command_help(const struct conf *c, struct arena *a, int argc, char **argv);

/* Takes "--name" off argv; true when it was there. */
bool command_flag(int *argc, char **argv, const char *name);
/*
 * Takes "--name VALUE" or "--name=VALUE" off argv into *ret_value, NULL when it is not there. False: the value is
 * missing, and it is said.
 */
bool command_value(struct arena *a, int *argc, char **argv, const char *name, const char **ret_value);
/* The same of what is no file: wants is the message id of what it is. */
bool command_value_of(struct arena *a, int *argc, char **argv, const char *name, const char *wants, const char **ret_value);
/* Says on standard error what went wrong, in the terminal's language, and returns status. */
int command_failed(const struct err *err, int status);
/* A word on the command line is not understood, or one is missing (NULL). Returns 2. */
int command_confused(struct arena *a, const char *command, const char *word);
/* The tables for the shell and the manual: `tocsin help completion`, `help man`, and in Markdown `help reference DIR`. */
void help_completion(void);
void help_man(struct arena *a);
bool reference_write(struct arena *a, const char *dir, struct err *err);

#endif
