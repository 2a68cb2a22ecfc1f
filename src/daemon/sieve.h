/*
 * The sieve: one untrusted input, one output, then it ends. A nursery, which has opened the fonts and given up its
 * files, makes a child for each piece of work; the child gives up what is left and has so much memory, time and output
 * and no more. Whatever becomes of it, who asked gets an answer.
 */
#ifndef DAEMON_SIEVE_H
#define DAEMON_SIEVE_H

#include "daemon/channel.h"

/* The life of the nursery; the exit status. Never returns to the parent's code. */
int sieve_run(int channel);

/* ---- the parent's side: passes work on and answers on */

struct sieve_line;
struct sieve_line *sieve_line_new(void);         /* nothing runs yet */
int sieve_line_fd(const struct sieve_line *l);   /* to poll; -1: no nursery */
/*
 * Web asks (MSG_SIEVE); m->fd is closed here. Starts the nursery when there is none, unless it ended too often lately;
 * closed: descriptors of the parent's that it shall not have.
 */
void sieve_line_ask(struct sieve_line *l, const struct message *m, int web, const int *closed, int n);
/* The nursery has said something. */
void sieve_line_hear(struct sieve_line *l, int web);
/* Once a second: ends a nursery that does not answer, or that nobody has asked for long: its fonts take memory. */
void sieve_line_watch(struct sieve_line *l, int web);
/* True when pid was the nursery's, which has ended with status. */
bool sieve_line_ended(struct sieve_line *l, int pid, int status, int web);
/* Web is another now: nobody waits for what was asked before. */
void sieve_line_forget(struct sieve_line *l);
void sieve_line_stop(struct sieve_line *l);

/* ---- web's side */

struct arena;
struct str;
struct err;
/* From now on the sieve is asked through this channel. Once, before threads. */
void sieve_ask_through(int channel);
/*
 * Has this work done with input and waits for what comes of it; from any thread but the one that reads the channel.
 * Faults: FAULT_SIEVE with the reason, FAULT_BUSY.
 */
bool sieve_ask(enum sieve_work work, struct str input, struct arena *a, struct str *ret_output, struct err *err);
/* The parent's answer (MSG_SIEVED, MSG_NOT_SIEVED), for the thread that reads the channel. Other messages are left alone. */
void sieve_answered(const struct message *m);
/* Nobody reads the channel any more: whoever waits is told, and nobody waits from now on. */
void sieve_ask_no_more(void);

#endif
