/* Counts of requests, kept by each thread for itself and added up when somebody asks. */
#include "http/private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/time.h"
#include "http/mustache.h"

/* Upper ends in microseconds; one more bucket for what is slower. */
static const int64_t bounds[] = { 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000,
	5000000 };
#define BUCKETS (sizeof(bounds) / sizeof(bounds[0]) + 1)

static const int statuses[] = { 200, 201, 204, 303, 304, 400, 401, 403, 404, 405, 406, 408, 409, 410, 413,
	414, 415, 422, 428, 429, 431, 500, 503 };
#define STATUSES (sizeof(statuses) / sizeof(statuses[0]) + 1)    /* the last: any other */

/* Of one thread. Only its owner writes, so that an increment needs no lock, only whole reads by others. */
struct counters {
	struct counters *next;
	_Atomic uint64_t buckets[BUCKETS];
	_Atomic uint64_t micros;
	_Atomic uint64_t requests[];             /* by route (the last row: no route) and status */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct counters *all;
static _Thread_local struct counters *mine;
static _Atomic bool on;

void
metrics_on(bool yes)
{
	on = yes;
}

static size_t
slot(int route, size_t status)
{
	return (size_t)route * STATUSES + status;
}

/* Threads of this program live as long as it does; what one counted stays counted. */
static struct counters *
counters_new(void)
{
	struct counters *c = calloc(1, sizeof(*c) + sizeof(c->requests[0]) * slot(route_count + 1, 0));

	if (!c)
		return NULL;
	pthread_mutex_lock(&lock);
	c->next = all;
	all = c;
	pthread_mutex_unlock(&lock);
	return c;
}

static void
add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

void
metrics_count(const struct route *route, int status, int64_t took)
{
	size_t s, b;

	if (!on || (!mine && !(mine = counters_new())))
		return;
	for (s = 0; s < STATUSES - 1 && statuses[s] != status; s++)
		;
	for (b = 0; b < BUCKETS - 1 && took > bounds[b]; b++)
		;
	add(&mine->requests[slot(route ? (int)(route - routes) : route_count, s)], 1);
	add(&mine->buckets[b], 1);
	add(&mine->micros, (uint64_t)(took > 0 ? took : 0));
}

/* ---- told ---- */

static uint64_t
sum_requests(size_t at)
{
	const struct counters *c;
	uint64_t sum = 0;

	for (c = all; c; c = c->next)
		sum += atomic_load_explicit(&c->requests[at], memory_order_relaxed);
	return sum;
}

static void
put_requests(struct buf *b)
{
	int r;
	size_t s;

	buf_c(b, "# TYPE tocsin_requests_total counter\n");
	for (r = 0; r <= route_count; r++)
		for (s = 0; s < STATUSES; s++) {
			uint64_t n = sum_requests(slot(r, s));

			if (n)
				buf_printf(b, "tocsin_requests_total{route=\"%s\",status=\"%d\"} %llu\n",
				    r < route_count ? routes[r].name : "none",
				    s < STATUSES - 1 ? statuses[s] : 0, (unsigned long long)n);
		}
}

static void
put_durations(struct buf *b)
{
	const struct counters *c;
	uint64_t sum = 0, micros = 0;
	size_t i;

	buf_c(b, "# TYPE tocsin_request_seconds histogram\n");
	for (i = 0; i < BUCKETS; i++) {
		for (c = all; c; c = c->next)
			sum += atomic_load_explicit(&c->buckets[i], memory_order_relaxed);
		if (i < BUCKETS - 1)
			buf_printf(b, "tocsin_request_seconds_bucket{le=\"%g\"} %llu\n",
			    (double)bounds[i] / 1e6, (unsigned long long)sum);
	}
	for (c = all; c; c = c->next)
		micros += atomic_load_explicit(&c->micros, memory_order_relaxed);
	buf_printf(b, "tocsin_request_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)sum);
	buf_printf(b, "tocsin_request_seconds_sum %.6f\n", (double)micros / 1e6);
	buf_printf(b, "tocsin_request_seconds_count %llu\n", (unsigned long long)sum);
}

/* Our own mistakes, for tests and for whoever watches: both stay 0. */
static void
put_mistakes(struct buf *b)
{
	buf_c(b, "# TYPE tocsin_unknown_names_total counter\n");
	buf_printf(b, "tocsin_unknown_names_total %lld\n", (long long)mustache_unknown_count());
	buf_c(b, "# TYPE tocsin_missing_messages_total counter\n");
	buf_printf(b, "tocsin_missing_messages_total %lld\n", (long long)msg_missing_count());
}

bool
server_metrics(struct buf *b)
{
	if (!on)
		return false;
	pthread_mutex_lock(&lock);
	put_requests(b);
	put_durations(b);
	put_mistakes(b);
	pthread_mutex_unlock(&lock);
	return true;
}
