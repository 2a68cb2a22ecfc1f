/* Web's half: many threads ask, one reads the answers. */
#include <pthread.h>
#include <string.h>

#include "base/cond.h"
#include "base/rand.h"
#include "base/time.h"
#include "daemon/keeper.h"

#define PATIENCE_SECONDS 20              /* a token may be slow */

struct waiting {
	int64_t ticket;
	bool answered;
	struct signer_said said;
	struct waiting *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t heard;
static struct waiting *waiting;
static int64_t last_ticket;
static int to_parent = -1;

static void
take_off(const struct waiting *w)
{
	struct waiting **at = &waiting;

	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
}

static void
ask_through(const struct signer_ask *ask, struct signer_said *ret_said)
{
	struct waiting w = { .said = { .fault = FAULT_KEEPER, .detail = "the keeper does not answer" } };
	struct msg_ask m = { .ask = *ask };
	struct timespec until = cond_until(PATIENCE_SECONDS);

	pthread_mutex_lock(&lock);
	w.ticket = m.ticket = ++last_ticket;
	w.next = waiting;
	waiting = &w;
	if (to_parent >= 0 && channel_send(to_parent, MSG_KEEPER_ASK, &m))
		while (!w.answered && to_parent >= 0)
			if (pthread_cond_timedwait(&heard, &lock, &until) != 0)
				break;
	take_off(&w);
	pthread_mutex_unlock(&lock);
	*ret_said = w.said;
}

void
keeper_reach(int channel)
{
	cond_make(&heard);
	/* An answer to a question of the process before this one is nobody's. */
	rand_bytes(&last_ticket, sizeof(last_ticket));
	last_ticket &= INT64_MAX >> 1;
	to_parent = channel;
	signer_set(ask_through);
}

void
keeper_answered(const struct msg_said *said)
{
	pthread_mutex_lock(&lock);
	for (struct waiting *w = waiting; w; w = w->next) {
		if (w->ticket != said->ticket)
			continue;
		w->said = said->said;
		w->answered = true;
		pthread_cond_broadcast(&heard);
	}
	pthread_mutex_unlock(&lock);
}

void
keeper_leave(void)
{
	pthread_mutex_lock(&lock);
	to_parent = -1;
	pthread_cond_broadcast(&heard);
	pthread_mutex_unlock(&lock);
}
