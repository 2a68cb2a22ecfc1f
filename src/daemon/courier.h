/*
 * The courier: errands to hosts that the setting outbound names. Two processes. The outer one, the porter, opens a
 * connection when it is asked for one of those hosts, and reads nothing but the resolver's answers. The inner one is
 * handed that connection, speaks TLS and HTTP over it and reads what comes back; it can open no file and make no
 * connection of its own.
 */
#ifndef DAEMON_COURIER_H
#define DAEMON_COURIER_H

#include "daemon/channel.h"
#include "daemon/conf.h"

/*
 * Starts both; their end of the channel and the porter's process. Before the parent confines itself. close_first:
 * descriptors of the parent's, -1 for none. False: errno says.
 */
bool courier_start(const struct conf *c, const int *close_first, int n, int *ret_channel, int64_t *ret_pid);

/* The life of the inner process; the exit status. ca: certificates that are trusted, PEM. */
struct str;
int courier_serve(int channel, int porter, struct str ca);

/* Web is told that nobody goes. */
struct msg_no_errand courier_absent(int64_t id);

/* ---- web's side */

/* Once, before threads: errands of any thread go through the channel to the parent. */
void courier_reach(int channel);
/* The parent's answer, for the thread that reads the channel. True: it was one, and is dealt with. */
bool courier_answered(const struct message *m);
void courier_leave(void);

#endif
