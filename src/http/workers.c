/* A few threads for work that takes long (password hashing), and a queue that says no before it grows. */
#include "http/private.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define THREADS_MOST 8

struct workers {
	pthread_t threads[THREADS_MOST];
	int n;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct slow_job *first, *last;
	int waiting, waiting_max;
	bool ending;
};

static void *
work(void *arg)
{
	struct workers *w = arg;
	struct slow_job *job;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!w->first && !w->ending)
			pthread_cond_wait(&w->changed, &w->lock);
		job = w->first;
		if (!job)
			break;
		w->first = job->next;
		w->waiting--;
		pthread_mutex_unlock(&w->lock);
		job->run(job->arg);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct workers *
workers_start(int threads, int waiting_max)
{
	struct workers *w = calloc(1, sizeof(*w));

	assert(threads > 0 && threads <= THREADS_MOST);
	if (!w)
		return NULL;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	w->waiting_max = waiting_max;
	while (w->n < threads && pthread_create(&w->threads[w->n], NULL, work, w) == 0)
		w->n++;
	if (w->n < threads) {
		workers_stop(w);
		return NULL;
	}
	return w;
}

bool
workers_submit(struct workers *w, struct slow_job *job)
{
	bool taken;

	job->next = NULL;
	pthread_mutex_lock(&w->lock);
	taken = w->waiting < w->waiting_max && !w->ending;
	if (taken) {
		if (w->first)
			w->last->next = job;
		else
			w->first = job;
		w->last = job;
		w->waiting++;
		pthread_cond_signal(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	return taken;
}

void
workers_stop(struct workers *w)
{
	int i;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	for (i = 0; i < w->n; i++)
		pthread_join(w->threads[i], NULL);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
