/* The parent, which starts and watches, and the web process, which answers. */
#ifndef DAEMON_PROCESSES_H
#define DAEMON_PROCESSES_H

#include "daemon/conf.h"

/* Opens the socket, starts web and keeps it running until SIGTERM or SIGINT. The exit status of `tocsin serve`. */
int parent_run(const struct conf *c);
/* The life of the web process: database, sandbox, HTTP. Never returns to the parent's code; the exit status. */
int web_run(const struct conf *c, int listener, int channel);
/*
 * A process with a channel to this one. It closes the n descriptors that are not its (-1: none), leaves SIGINT to the
 * parent, and ends with what life() returns. False: none could be made.
 */
typedef int process_life(const struct conf *c, int channel);
bool process_start(process_life *life, const struct conf *c, const int *close_first, int n, int *ret_channel, int64_t *ret_pid);

/* FAULT_NO_INSTALLATION unless the configured directory holds one; FAULT_FILE when it cannot be looked into. */
bool program_installed(const struct conf *c, struct err *err);
/*
 * The configured directory is there, readable by nobody else and empty, or is made so; with again it may hold an
 * installation. Whatever else lies there is left alone: FAULT_FILE.
 */
bool program_directory(const struct conf *c, bool again, struct err *err);
/* Everything that must be loaded before threads and the sandbox: zones, rules, templates, secrets. */
bool program_load(const struct conf *c, bool create_secret, struct err *err);
/*
 * What the store needs of the outside, looked up once: call it before the process gives up its rights. *ret_reach is
 * NULL when it is in the data directory.
 */
struct store_reach;
bool program_reach(const struct conf *c, const struct store_reach **ret_reach, struct err *err);
/* The place of store/dump.h: the directory, or the server's URL. */
const char *program_place(const struct conf *c, struct arena *a);
/* Opens the store of the configured directory or server with the entities' statements. */
struct store;
enum store_wanted { STORE_THERE, STORE_ANY, STORE_NEW };     /* there; made if there is none; made where there is none */
/* The same for web, once it can make no file beside the database any more. */
bool program_store_confined(const struct conf *c, struct store **ret_store, struct err *err);
bool program_store(const struct conf *c, enum store_wanted create, bool migrate, struct store **ret_store, struct err *err);
/* The same only to read, whoever else has it open. */
bool program_store_beside(const struct conf *c, struct store **ret_store, struct err *err);

#endif
