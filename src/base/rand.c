#include "base/rand.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/time.h"

/* 2024-01-01T00:00:00Z in milliseconds since 1970. */
#define ID_EPOCH INT64_C(1704067200000)

static _Atomic int64_t last_id;
static _Atomic int64_t id_step = 1, id_remainder;

void
rand_bytes(void *p, size_t n)
{
	char *at = p;

	while (n) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();         /* without randomness there are no secrets to keep */
		at += got;
		n -= (size_t)got;
	}
}

struct str
rand_token(struct arena *a, size_t bytes)
{
	char *p = arena_raw(a, bytes);

	rand_bytes(p, bytes);
	return base64url(a, (struct str){ p, bytes });
}

int64_t
id_new(void)
{
	int64_t ms = clock_now() / 1000 - ID_EPOCH;
	int64_t first = ms > 0 ? ms << 12 : 1;
	int64_t last = atomic_load(&last_id), id;
	int64_t step = atomic_load(&id_step), remainder = atomic_load(&id_remainder);

	do {
		id = first > last ? first : last + 1;
		id += (remainder - id) & (step - 1);
	} while (!atomic_compare_exchange_weak(&last_id, &last, id));
	return id;
}

void
id_node(int remainder, int of)
{
	atomic_store(&id_remainder, remainder);
	atomic_store(&id_step, of);
}

void
id_floor(int64_t used)
{
	int64_t last = atomic_load(&last_id);

	while (last < used && !atomic_compare_exchange_weak(&last_id, &last, used))
		;
}
