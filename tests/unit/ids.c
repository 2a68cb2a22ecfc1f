#include "tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rand.h"
#include "base/time.h"

#define THREADS 4
#define EACH 20000

static int64_t ids[THREADS * EACH];

static void *
make_ids(void *arg)
{
	int64_t *mine = arg;

	for (int i = 0; i < EACH; i++)
		mine[i] = id_new();
	return NULL;
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
test_threads(void)
{
	pthread_t threads[THREADS];
	bool rising = true, distinct = true;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, make_ids, ids + i * EACH);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS * EACH; i++)
		rising = rising && (i % EACH == 0 || ids[i - 1] < ids[i]);
	ok(rising, "each thread sees them rise");
	qsort(ids, THREADS * EACH, sizeof(ids[0]), by_value);
	for (int i = 1; i < THREADS * EACH; i++)
		distinct = distinct && ids[i - 1] != ids[i];
	ok(distinct, "no two threads get the same");
}

static void
test_clock_moves(void)
{
	int64_t t = INT64_C(2524608000) * SECOND, first, second;

	clock_set(t);
	first = id_new();
	ok(id_new() == first + 1, "the next in the same millisecond");
	clock_set(t - 365 * DAY);
	second = id_new();
	ok(second > first, "still rising when the clock goes back a year");
	clock_set(t + 1000);
	is_int(id_new() >> 12, (t + 1000) / 1000 - INT64_C(1704067200000), "the upper bits are the millisecond");
	clock_set(0);
	second = id_new();
	ok(second > first && second < INT64_C(1) << 53, "a clock in 1970 does no harm");
	id_floor(second + 1000000);
	is_int(id_new(), second + 1000001, "above what the store has seen");
	id_floor(1);
	is_int(id_new(), second + 1000002, "a lower floor changes nothing");
	clock_set(NO_TIME);
}

static void
test_random(struct arena *a)
{
	struct str one = rand_token(a, 32), other = rand_token(a, 32);
	unsigned char bytes[4096], zeros = 0;

	ok(one.n == 43 && !str_eq(one, other), "tokens of 256 bits, each another");
	memset(bytes, 0, sizeof(bytes));
	rand_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		zeros = (unsigned char)(zeros + (bytes[i] == 0 && zeros < 255));
	ok(zeros < 100, "all of it is filled");
}

int
main(void)
{
	struct arena *a = arena_new();

	test_threads();
	test_clock_moves();
	test_random(a);
	arena_free(a);
	return done_testing();
}
