/* A thread that goes a round, waits a second, and goes the next; until it is told to stop. */
#ifndef BASE_ROUNDS_H
#define BASE_ROUNDS_H

#include <pthread.h>
#include <stdbool.h>

struct rounds {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	bool runs, stop;
	void (*go)(void *arg);
	void *arg;
};
#define ROUNDS_NONE { .lock = PTHREAD_MUTEX_INITIALIZER }

/* r is ROUNDS_NONE, or was stopped. False: there is no thread to be had. */
bool rounds_start(struct rounds *r, void (*go)(void *arg), void *arg);
/* When this returns no round goes on any more. Nothing to do if it does not run. */
void rounds_stop(struct rounds *r);

#endif
