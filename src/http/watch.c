#include "http/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"

#define PHASE_BITS 3
#define LINGERING_MAX 256
#define LINGER_MS 2000
#define LINGER_BYTES ((size_t)8 << 20)
#define TICK_MS 1000
#define IDLE_GRACE_MS 2000               /* the library ends idle ones itself; we end what outwits it */

struct lingering {
	int fd;
	uint64_t until;
	size_t bytes;
};

struct watch {
	struct watch_limits limits;
	pthread_t thread;
	pthread_mutex_t lock;
	struct client *clients;
	struct lingering lingering[LINGERING_MAX];
	int n;
	int wake;                        /* eventfd */
	bool ending;
};

static uint64_t
milliseconds(int64_t monotonic)
{
	return (uint64_t)(monotonic / 1000);
}

/* ---- phases ---- */

static enum phase
phase_of(uint64_t state)
{
	return (enum phase)(state & ((1u << PHASE_BITS) - 1));
}

enum phase
client_phase(const struct client *c)
{
	return phase_of(atomic_load(&c->state));
}

bool
client_enter(struct client *c, enum phase p)
{
	uint64_t old = atomic_load(&c->state), new = milliseconds(clock_monotonic()) << PHASE_BITS | p;

	do {
		if (phase_of(old) == PHASE_DEAD)
			return false;
	} while (!atomic_compare_exchange_weak(&c->state, &old, new));
	return true;
}

/* ---- what is over its time ---- */

static bool
is_over(const struct watch *w, const struct client *c, uint64_t state, uint64_t now)
{
	uint64_t since = state >> PHASE_BITS, age = now > since ? now - since : 0;
	uint64_t request = (uint64_t)w->limits.request_seconds * 1000;

	switch (phase_of(state)) {
	case PHASE_IDLE:
		return age > (uint64_t)w->limits.idle_seconds * 1000 + IDLE_GRACE_MS;
	case PHASE_RECEIVING:
	case PHASE_SENDING:
		return age > request + atomic_load(&c->allowance);
	case PHASE_DEAD:
		return age > LINGER_MS;
	case PHASE_WORKING:
		break;
	}
	return false;
}

static void
reset(const struct client *c)
{
	const struct linger hard = { 1, 0 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	shutdown(c->fd, SHUT_RDWR);
}

/*
 * The state is compared and set in one step, so that a connection that moves on at this very moment is left
 * alone. Nothing is being sent on one that is still receiving, so the farewell cannot fall into an answer.
 * Such a one is not shut for reading at once: data that arrives behind that would be answered by a reset,
 * which takes the farewell with it.
 */
static void
end_client(struct watch *w, struct client *c, uint64_t state, uint64_t now)
{
	enum phase p = phase_of(state);
	ssize_t sent;

	if (p == PHASE_DEAD) {
		reset(c);
		return;
	}
	if (!atomic_compare_exchange_strong(&c->state, &state, now << PHASE_BITS | PHASE_DEAD))
		return;
	if (p != PHASE_RECEIVING) {
		reset(c);
		return;
	}
	sent = send(c->fd, w->limits.farewell.p, w->limits.farewell.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)sent;                      /* who does not read may miss it */
	c->linger = true;
	shutdown(c->fd, SHUT_WR);
}

void
watch_scan(struct watch *w, int64_t now)
{
	uint64_t ms = milliseconds(now);
	struct client *c;

	pthread_mutex_lock(&w->lock);
	for (c = w->clients; c; c = c->next) {
		uint64_t state = atomic_load(&c->state);

		if (is_over(w, c, state, ms))
			end_client(w, c, state, ms);
	}
	pthread_mutex_unlock(&w->lock);
}

/* ---- sockets that still talk ---- */

/* False: the peer has ended, or said enough. */
static bool
drain(struct lingering *l)
{
	char rubbish[16384];
	ssize_t n;

	while ((n = recv(l->fd, rubbish, sizeof(rubbish), MSG_DONTWAIT)) > 0) {
		l->bytes += (size_t)n;
		if (l->bytes > LINGER_BYTES)
			return false;
	}
	return n < 0;
}

static void
drain_all(struct watch *w, const struct pollfd *fds, int n, uint64_t now)
{
	int i, kept = 0;

	pthread_mutex_lock(&w->lock);
	for (i = 0; i < w->n; i++) {
		struct lingering *l = &w->lingering[i];
		bool heard = i < n && fds[i].revents;

		if (now < l->until && (!heard || drain(l)))
			w->lingering[kept++] = *l;
		else
			close(l->fd);
	}
	w->n = kept;
	pthread_mutex_unlock(&w->lock);
}

/*
 * Closing a socket with unread input makes the kernel reset it, and the reset may overtake our answer: so it
 * is read first.
 */
static void
start_lingering(struct watch *w, const struct client *c)
{
	int fd;

	if (w->n == LINGERING_MAX || w->ending)
		return;
	fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return;
	shutdown(fd, SHUT_WR);
	w->lingering[w->n++] = (struct lingering){ fd, milliseconds(clock_monotonic()) + LINGER_MS, 0 };
}

static void
wake(struct watch *w)
{
	ssize_t n = write(w->wake, &(uint64_t){ 1 }, sizeof(uint64_t));

	(void)n;                         /* a full counter wakes as well */
}

/* ---- connections come and go ---- */

void
watch_add(struct watch *w, struct client *c)
{
	atomic_store(&c->state, milliseconds(clock_monotonic()) << PHASE_BITS | PHASE_IDLE);
	pthread_mutex_lock(&w->lock);
	c->prev = NULL;
	c->next = w->clients;
	if (c->next)
		c->next->prev = c;
	w->clients = c;
	pthread_mutex_unlock(&w->lock);
}

void
watch_remove(struct watch *w, struct client *c)
{
	bool linger;

	pthread_mutex_lock(&w->lock);
	linger = c->linger;
	if (c->next)
		c->next->prev = c->prev;
	if (c->prev)
		c->prev->next = c->next;
	else
		w->clients = c->next;
	if (linger)
		start_lingering(w, c);
	pthread_mutex_unlock(&w->lock);
	if (linger)
		wake(w);
}

/* ---- the thread ---- */

/* What to wait for: every lingering socket, and the waker behind them. */
static int
fill(struct watch *w, struct pollfd *fds, bool *ret_ending)
{
	int i;

	pthread_mutex_lock(&w->lock);
	for (i = 0; i < w->n; i++)
		fds[i] = (struct pollfd){ .fd = w->lingering[i].fd, .events = POLLIN };
	*ret_ending = w->ending;
	pthread_mutex_unlock(&w->lock);
	fds[i] = (struct pollfd){ .fd = w->wake, .events = POLLIN };
	return i;
}

static void *
run(void *arg)
{
	struct watch *w = arg;
	struct pollfd fds[LINGERING_MAX + 1];
	int64_t next = clock_monotonic() + TICK_MS * 1000, now;
	uint64_t count;
	bool ending;
	int n;

	for (;;) {
		n = fill(w, fds, &ending);
		if (ending)
			break;
		poll(fds, (nfds_t)n + 1, TICK_MS);
		while (read(w->wake, &count, sizeof(count)) > 0)
			;
		now = clock_monotonic();
		drain_all(w, fds, n, milliseconds(now));
		if (now >= next) {
			watch_scan(w, now);
			next = now + TICK_MS * 1000;
		}
	}
	return NULL;
}

struct watch *
watch_start(const struct watch_limits *limits)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->limits = *limits;
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&w->lock, NULL);
	if (w->wake < 0 || pthread_create(&w->thread, NULL, run, w) != 0) {
		if (w->wake >= 0)
			close(w->wake);
		free(w);
		return NULL;
	}
	return w;
}

void
watch_stop(struct watch *w)
{
	int i;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_mutex_unlock(&w->lock);
	wake(w);
	pthread_join(w->thread, NULL);
	for (i = 0; i < w->n; i++)
		close(w->lingering[i].fd);
	close(w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
