#include "tap.h"

#include <string.h>

#include "base/arena.h"

static void
test_allocations(struct arena *a)
{
	bool aligned = true, zeroed = true;
	size_t sum = arena_used(a);

	for (size_t n = 0; n < 3000; n += 7) {
		unsigned char *p = arena_alloc(a, n);

		aligned = aligned && (uintptr_t)p % _Alignof(max_align_t) == 0;
		for (size_t i = 0; i < n; i++)
			zeroed = zeroed && p[i] == 0;
		memset(p, 0xa5, n);              /* the next use of the block must not see it */
		sum += n;
	}
	ok(aligned, "aligned for any type");
	ok(zeroed, "zeroed");
	is_int(arena_used(a), sum, "counts what it hands out");
}

static void
test_extend(struct arena *a)
{
	char *p = arena_raw(a, 10), *other;

	memset(p, 'x', 10);
	ok(arena_extend(a, p, 10, 5000), "the newest one grows in place");
	memset(p, 'y', 5000);
	other = arena_raw(a, 1);
	ok(!arena_extend(a, p, 5000, 5001), "not when another one is newer");
	ok(!arena_extend(a, other, 1, (size_t)64 << 20), "not beyond its block");
	*other = 'z';
	ok(p[0] == 'y' && p[4999] == 'y', "what was there stays");
}

static void
test_texts(struct arena *a)
{
	struct str s = arena_dup(a, STR("a\0b"));

	ok(str_eq(s, STR("a\0b")), "a copy with NUL in it");
	is_str(arena_dup(a, STR_NONE), NULL, "absent stays absent");
	is_str(arena_dup(a, STR("")), "", "empty stays empty");
	is_str(str_c(arena_c(a, STR("abc"))), "abc", "a C string");
	is_str(str_c(arena_c(a, STR_NONE)), "", "absent as a C string");
	is_str(arena_printf(a, "%d/%s", 3, "x"), "3/x", "printf");
}

int
main(void)
{
	struct arena *a = arena_new();
	char *first = arena_raw(a, 1), *large;

	for (int round = 0; round < 3; round++) {
		test_allocations(a);
		test_extend(a);
		test_texts(a);
		large = arena_raw(a, (size_t)10 << 20);
		memset(large, 1, (size_t)10 << 20);
		arena_reset(a);
		is_int(arena_used(a), 0, "nothing is used after a reset");
		ok(arena_raw(a, 1) == (void *)first, "the first block is used again");
	}
	arena_free(a);
	arena_free(NULL);
	return done_testing();
}
