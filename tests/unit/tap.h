/*
 * TAP for one test program: ok(), is_int(), is_str() as often as wanted, then return done_testing().
 *
 *	int main(void)
 *	{
 *		is_int(1 + 1, 2, "one and one");
 *		return done_testing();
 *	}
 */
#ifndef UNIT_TAP_H
#define UNIT_TAP_H

#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"

static int tap_count, tap_failed;

/* Each returns whether it held, so that what depends on it can be left out. */
#define ok(condition, name) tap_ok((condition), (name), __FILE__, __LINE__)
#define is_int(got, want, name) tap_int((int64_t)(got), (int64_t)(want), (name), __FILE__, __LINE__)
/* got is a struct str, want a C string; NULL wants an absent text. */
#define is_str(got, want, name) tap_str((got), (want), (name), __FILE__, __LINE__)

static inline bool
tap_ok(bool held, const char *name, const char *file, int line)
{
	printf("%sok %d - %s\n", held ? "" : "not ", ++tap_count, name);
	if (!held) {
		tap_failed++;
		printf("# at %s:%d\n", file, line);
	}
	fflush(stdout);
	return held;
}

static inline bool
tap_int(int64_t got, int64_t want, const char *name, const char *file, int line)
{
	if (!tap_ok(got == want, name, file, line))
		printf("# got %" PRId64 ", want %" PRId64 "\n", got, want);
	return got == want;
}

/* The text with whatever would break the line as \xNN. */
static inline void
tap_show(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			printf("\\x%02x", (unsigned char)s.p[i]);
		else
			putchar(s.p[i]);
}

static inline bool
tap_str(struct str got, const char *want, const char *name, const char *file, int line)
{
	bool held = want ? got.p && str_is(got, want) : !got.p;

	if (tap_ok(held, name, file, line))
		return true;
	printf("# got  %s", got.p ? "\"" : "nothing");
	tap_show(got);
	printf("%s\n# want %s", got.p ? "\"" : "", want ? "\"" : "nothing");
	tap_show(str_c(want));
	printf("%s\n", want ? "\"" : "");
	return false;
}

/* One that cannot be made here. */
static inline void
tap_skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, name, why);
}

static inline int
done_testing(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed > 0 || tap_count == 0;
}

#endif
