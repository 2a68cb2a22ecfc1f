/* Web's side of the sieve: threads that ask and wait, one thread that hears the answers. */
#include "daemon/sieve.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"

#define WAIT_SECONDS 65                  /* the parent is sooner; this is for a parent that is stuck */

/* Somebody who waits, on his own stack. */
struct waiter {
	struct waiter *next;
	int64_t id;
	bool answered;
	int fd;                          /* -1: failed, see why */
	int64_t bytes;
	enum sieve_failure why;
};

static int channel = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct waiter *waiters;
static int64_t last_id;
static bool ended;

void
sieve_ask_through(int fd)
{
	channel = fd;
}

static const char *const reasons[SIEVE_FAILURE__MAX] = {
	[SIEVE_REFUSED] = "it could not use what it was given",
	[SIEVE_BROKEN] = "it ended in the middle of its work",
	[SIEVE_SLOW] = "it took too long",
	[SIEVE_BUSY] = "too much is asked of it",
	[SIEVE_ABSENT] = "it does not run",
};

static void
enlist(struct waiter *w)
{
	pthread_mutex_lock(&lock);
	w->id = ++last_id;
	w->next = waiters;
	waiters = w;
	pthread_mutex_unlock(&lock);
}

/* Until it is answered, or for so long; afterwards nobody knows w. */
static void
wait_for(struct waiter *w, bool asked)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_SECONDS;
	pthread_mutex_lock(&lock);
	while (asked && !ended && !w->answered && pthread_cond_timedwait(&changed, &lock, &until) != ETIMEDOUT)
		;
	for (struct waiter **at = &waiters; *at; at = &(*at)->next)
		if (*at == w) {
			*at = w->next;
			break;
		}
	pthread_mutex_unlock(&lock);
}

void
sieve_answered(const struct message *m)
{
	bool done = m->type == MSG_SIEVED, taken = false;
	int64_t id = done ? m->u.job.id : m->u.no_job.id;

	if (!done && m->type != MSG_NOT_SIEVED)
		return;
	pthread_mutex_lock(&lock);
	for (struct waiter *w = waiters; w; w = w->next)
		if (w->id == id && !w->answered) {
			w->answered = taken = true;
			w->fd = m->fd;
			w->bytes = done ? m->u.job.bytes : 0;
			w->why = done ? SIEVE_FAILURE__MAX : (enum sieve_failure)m->u.no_job.why;
		}
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	if (done && !taken)
		close(m->fd);
}

void
sieve_ask_no_more(void)
{
	pthread_mutex_lock(&lock);
	ended = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

/* The memory that came, copied. */
static bool
take(const struct waiter *w, struct arena *a, struct str *ret_output, struct err *err)
{
	const char *p = channel_map(w->fd, w->bytes);

	if (p)
		*ret_output = arena_dup(a, (struct str){ p, (size_t)w->bytes });
	channel_unmap(p, w->bytes);
	close(w->fd);
	return p || err_setf(err, FAULT_SIEVE, "what it gave is not what it said");
}

bool
sieve_ask(enum sieve_work work, struct str input, struct arena *a, struct str *ret_output, struct err *err)
{
	struct waiter w = { .fd = -1, .why = SIEVE_ABSENT };
	struct msg_job job = { .bytes = (int64_t)input.n, .work = (int32_t)work };
	bool asked = false;
	int memory;

	if (input.n > (size_t)JOB_BYTES_MOST)
		return err_set(err, FAULT_TOO_LARGE);
	memory = channel < 0 ? -1 : channel_memory("job", input.p, input.n);
	if (memory >= 0) {
		enlist(&w);
		job.id = w.id;
		asked = channel_pass(channel, MSG_SIEVE, &job, memory);
		close(memory);
		w.why = asked ? SIEVE_SLOW : SIEVE_BUSY;
		wait_for(&w, asked);
	}
	if (w.fd >= 0)
		return take(&w, a, ret_output, err);
	if (w.why == SIEVE_BUSY)
		return err_set(err, FAULT_BUSY);
	return err_setf(err, FAULT_SIEVE, "%s", reasons[w.why]);
}
