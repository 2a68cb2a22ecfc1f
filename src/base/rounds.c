#include "base/rounds.h"

#include "base/cond.h"

#define PAUSE_SECONDS 1

static void *
run(void *arg)
{
	struct rounds *r = arg;
	struct timespec until;

	pthread_mutex_lock(&r->lock);
	while (!r->stop) {
		pthread_mutex_unlock(&r->lock);
		r->go(r->arg);
		until = cond_until(PAUSE_SECONDS);
		pthread_mutex_lock(&r->lock);
		if (!r->stop)
			pthread_cond_timedwait(&r->wake, &r->lock, &until);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

bool
rounds_start(struct rounds *r, void (*go)(void *arg), void *arg)
{
	cond_make(&r->wake);
	r->go = go;
	r->arg = arg;
	r->stop = false;
	r->runs = pthread_create(&r->thread, NULL, run, r) == 0;
	return r->runs;
}

void
rounds_stop(struct rounds *r)
{
	if (!r->runs)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	pthread_cond_destroy(&r->wake);
	r->runs = false;
}
