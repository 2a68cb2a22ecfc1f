/*
 * Rights of a process, taken away for good before it reads anything from outside: no new privileges, no capabilities,
 * a seccomp list of what may be called (everything else answers EPERM; running a program or making a network connection
 * included), and Landlock for the files where the kernel has it. Fails closed: a process that cannot be confined does not start.
 */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include "base/err.h"
#include "store/store.h"

enum sandbox_role {
	SANDBOX_PARENT,          /* fork, signals, its sockets; no exec, no new sockets but pairs */
	SANDBOX_NURSERY,         /* fork, signals to its children, its channel; no file, no exec, no new sockets */
	SANDBOX_SIEVE,           /* memory, what is open already; nothing else */
	SANDBOX_KEEPER,          /* files below its directory and what the token's module needs; no network, no exec, no new process */
	SANDBOX_WEB,             /* sockets it was given, files below one directory; no exec, no new process, no new socket, no connect */
	SANDBOX_PORTER,          /* fork, the resolver's files to read, connections to some ports; no exec, listens nowhere */
	SANDBOX_COURIER,         /* memory and what it is handed; no file, no new socket, no connect, no exec, no new process */
	SANDBOX_ARCHIVIST,       /* reads the database in one directory, makes files in another; no network, no exec, no new process */
};

struct sandbox {
	enum sandbox_role role;
	const char *dir;         /* the one directory that may be read and written; NULL: none. ARCHIVIST: its database may be read */
	const char *other_dir;   /* ARCHIVIST: where it may make, rename and delete files */
	int dir_fd;              /* KEEPER: the same as a descriptor */
	struct str paths;        /* KEEPER: further files and directories for the token's module, parted by ':' */
	const int *ports;        /* PORTER: of TCP, where the kernel can say so */
	int port_count;
	bool local_sockets;      /* KEEPER: the module may speak to services of this machine */
	const struct store_reach *reach;         /* a database server: connections to it, and to nothing else; NULL: none */
};

/* Applies to all threads of the process. Fault: FAULT_SANDBOX. */
bool sandbox_enter(const struct sandbox *s, struct err *err);
/*
 * For web, before it has threads: what lies in its directory now may be read and written, but not the one that is
 * hidden, nor anything below it; and nothing new can be made in the directory itself (it can be below the others).
 * Without Landlock only the rights of files protect.
 */
bool sandbox_hide(const char *dir, const char *hidden, const struct store_reach *reach, struct err *err);
/* What the kernel offers, for doctor: Landlock's ABI version, 0 for none. */
int sandbox_landlock_abi(void);

#endif
