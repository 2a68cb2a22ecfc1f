/* Web's half: one errand at a time, whoever asks; one thread reads the answers. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cond.h"
#include "base/rand.h"
#include "daemon/courier.h"
#include "desk/courier.h"

#define PATIENCE_SECONDS 45              /* the courier is sooner */

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;         /* of whoever has an errand */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t heard;
static int to_parent = -1;
static int64_t last_id;

/* The errand that is on its way. */
static struct {
	int64_t id;                      /* 0: none */
	bool answered;
	int fd, status;                  /* fd -1: nothing came of it, words say why */
	int64_t bytes;
	char words[sizeof(((struct msg_no_errand *)0)->words)];
} under_way;

/* Waits for the answer to the errand of this id. lock is held. */
static void
wait_for(int64_t id, bool sent)
{
	struct timespec until = cond_until(PATIENCE_SECONDS);

	under_way.id = id;
	under_way.answered = false;
	under_way.fd = -1;
	strcpy(under_way.words, "the courier does not answer");
	while (sent && !under_way.answered && to_parent >= 0)
		if (pthread_cond_timedwait(&heard, &lock, &until) != 0)
			break;
	under_way.id = 0;
}

static bool
take(struct arena *a, struct errand_answer *ret_answer, struct err *err)
{
	const char *p;

	if (under_way.fd < 0)
		return err_setf(err, FAULT_COURIER, "%s", under_way.words);
	p = channel_map(under_way.fd, under_way.bytes);
	if (p)
		*ret_answer = (struct errand_answer){ under_way.status,
		    arena_dup(a, (struct str){ p, (size_t)under_way.bytes - 1 }) };
	channel_unmap(p, under_way.bytes);
	close(under_way.fd);
	return p || err_setf(err, FAULT_COURIER, "what the courier gave is not what it said");
}

static bool
send_through(struct str url, struct str body, struct arena *a, struct errand_answer *ret_answer, struct err *err)
{
	struct msg_errand m = { .bytes = (int64_t)body.n };
	int memory = body.n && url.n < sizeof(m.url) ? channel_memory("errand", body.p, body.n) : -1;
	bool ok, sent;

	if (memory < 0)
		return err_setf(err, FAULT_COURIER, "no errand");
	memcpy(m.url, url.p, url.n);
	pthread_mutex_lock(&turn);
	pthread_mutex_lock(&lock);
	m.id = ++last_id;
	sent = to_parent >= 0 && channel_pass(to_parent, MSG_ERRAND, &m, memory);
	wait_for(m.id, sent);
	ok = take(a, ret_answer, err);
	pthread_mutex_unlock(&lock);
	pthread_mutex_unlock(&turn);
	close(memory);
	return ok;
}

void
courier_reach(int channel)
{
	cond_make(&heard);
	/* An answer to the process before this one is nobody's. */
	rand_bytes(&last_id, sizeof(last_id));
	last_id &= INT64_MAX >> 1;
	to_parent = channel;
	courier_set(send_through);
}

bool
courier_answered(const struct message *m)
{
	bool done = m->type == MSG_ERRAND_BACK, taken;
	int64_t id = done ? m->u.errand_done.id : m->u.no_errand.id;

	if (!done && m->type != MSG_NO_ERRAND)
		return false;
	pthread_mutex_lock(&lock);
	taken = id == under_way.id && !under_way.answered;
	if (taken) {
		under_way.answered = true;
		under_way.fd = done ? m->fd : -1;
		under_way.bytes = done ? m->u.errand_done.bytes : 0;
		under_way.status = done ? m->u.errand_done.status : 0;
		if (!done)
			memcpy(under_way.words, m->u.no_errand.words, sizeof(under_way.words));
		pthread_cond_broadcast(&heard);
	}
	pthread_mutex_unlock(&lock);
	if (done && !taken)
		close(m->fd);
	return true;
}

void
courier_leave(void)
{
	pthread_mutex_lock(&lock);
	to_parent = -1;
	pthread_cond_broadcast(&heard);
	pthread_mutex_unlock(&lock);
}
