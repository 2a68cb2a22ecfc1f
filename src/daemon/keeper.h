/* The keeper's process, and web's half of the talk with it. */
#ifndef DAEMON_KEEPER_H
#define DAEMON_KEEPER_H

#include "daemon/channel.h"
#include "daemon/conf.h"
#include "daemon/vault.h"

/*
 * Starts the keeper; its end of the channel, and its process. Before the parent confines itself, for it may
 * become another user. close_first: descriptors of the parent's, -1 for none. False: errno says.
 */
bool keeper_start(const struct conf *c, const int *close_first, int n, int *ret_channel, int64_t *ret_pid);
/* The fault that web gets when there is no keeper to pass its question on to. */
struct msg_said keeper_absent(int64_t ticket);

/*
 * In web: questions of any thread go through the channel to the parent; whoever reads the channel hands in
 * what was answered. keeper_leave() lets nobody wait any longer.
 */
void keeper_reach(int channel);
void keeper_answered(const struct msg_said *said);
void keeper_leave(void);

/* In a command, while no server runs: the vault of the settings in this process. */
struct keeping {
	int dir;
	struct token *token;
	const char *no_token;            /* why there is none; NULL: none is set */
	struct vault *vault;
	bool renewed;                    /* what is not there was told by the process before */
};
bool keeping_open(const struct conf *c, bool create, bool look, struct keeping *ret_keeping, struct err *err);
void keeping_close(struct keeping *k);
/* The first keys of a new installation. */
struct store;
bool keeping_first_keys(const struct conf *c, struct store *st, struct arena *a, struct err *err);
/* Questions of signer_ask() are answered by this vault from now on. */
void keeping_answers(struct keeping *k);

#endif
