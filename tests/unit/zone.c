#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/time.h"

static struct arena *a;

static int64_t
utc(const char *text)
{
	int64_t t = 0;

	return time_parse(str_c(text), NULL, &t) ? t : NO_TIME;
}

/* Local time in Brussels to UTC. */
static struct str
instant(const char *text, const struct zone *z)
{
	int64_t t = 0;

	return time_parse(str_c(text), z, &t) ? time_rfc3339(a, t) : STR("none");
}

static struct str
local(const char *text, const struct zone *z)
{
	struct civil c = civil_of(utc(text), z);

	return arena_printf(a, "%d-%02d-%02d %02d:%02d:%02d wd%d", (int)c.year, c.month, c.day, c.hour, c.minute, c.second,
	    c.weekday);
}

static void
test_brussels(const struct zone *z)
{
	is_str(local("2026-03-29T00:59:59Z", z), "2026-03-29 01:59:59 wd0", "before the clocks go forward");
	is_str(local("2026-03-29T01:00:00Z", z), "2026-03-29 03:00:00 wd0", "after");
	is_str(instant("2026-03-29 02:30", z), "2026-03-29T01:30:00Z", "a time that is skipped: by the old offset");
	is_str(instant("2026-03-29 02:00", z), "2026-03-29T01:00:00Z", "the first skipped moment");
	is_str(instant("2026-03-29 01:59", z), "2026-03-29T00:59:00Z", "the last before");
	is_str(instant("2026-03-29 03:00", z), "2026-03-29T01:00:00Z", "the first after");
	is_str(local("2026-10-25T00:59:59Z", z), "2026-10-25 02:59:59 wd0", "before the clocks go back");
	is_str(local("2026-10-25T01:00:00Z", z), "2026-10-25 02:00:00 wd0", "after");
	is_str(instant("2026-10-25 02:30", z), "2026-10-25T00:30:00Z", "a time that comes twice: the first");
	is_str(instant("2026-10-25 02:00", z), "2026-10-25T00:00:00Z", "the first such moment");
	is_str(instant("2026-10-25 03:00", z), "2026-10-25T02:00:00Z", "the first after");
	is_int(zone_offset(z, utc("2099-07-01T00:00:00Z")), 2 * HOUR, "summers up to 2099");
	is_int(zone_offset(z, utc("1975-07-01T00:00:00Z")), HOUR, "no summer time in 1975");
	is_str(local("1955-05-05T00:00:00Z", z), "1955-05-05 01:00:00 wd4", "before 1970: as in 1970");
}

static void
test_taipei(const struct zone *z)
{
	is_int(zone_offset(z, utc("2026-07-01T00:00:00Z")), 8 * HOUR, "no summer time now");
	is_int(zone_offset(z, utc("1974-07-01T00:00:00Z")), 9 * HOUR, "but in 1974");
	is_int(zone_offset(z, utc("1979-08-01T00:00:00Z")), 9 * HOUR, "and in 1979");
	is_int(zone_offset(z, utc("1980-08-01T00:00:00Z")), 8 * HOUR, "not since");
	is_str(local("2026-11-20T18:10:00Z", z), "2026-11-21 02:10:00 wd6", "ten past two");
}

/* Every half hour and a bit of 130 years beside what glibc says. */
static void
test_against_libc(const char *name)
{
	const struct zone *z;
	bool same = true;

	if (!ok(zone_load(name, &z), name))
		return;
	setenv("TZ", name, 1);
	tzset();
	for (int64_t s = 1; s < INT64_C(4102444800); s += 20011) {
		time_t t = (time_t)s;
		struct civil c = civil_of(s * SECOND, z);
		struct tm tm;
		int64_t back;

		localtime_r(&t, &tm);
		same = same && zone_offset(z, s * SECOND) == tm.tm_gmtoff * SECOND && c.hour == tm.tm_hour &&
		    c.day == tm.tm_mday && c.month == tm.tm_mon + 1 && c.weekday == tm.tm_wday;
		/* back to the same instant, or to the first of two */
		back = civil_time(&c, z);
		same = same && (back == s * SECOND || (back < s * SECOND && civil_of(back, z).minute == c.minute));
	}
	ok(same, "as glibc has it");
	unsetenv("TZ");
	tzset();
}

static void
test_load(void)
{
	const struct zone *z = NULL, *again = NULL;

	setenv("TZ", "America/New_York", 1);
	ok(zone_load("Asia/Taipei", &z) && zone_load("Asia/Taipei", &again) && z == again, "the same name, the same zone");
	is_str(str_c(getenv("TZ")), "America/New_York", "TZ is as it was");
	unsetenv("TZ");
	ok(zone_find(STR("Asia/Taipei")) == z, "a loaded one is found");
	ok(!zone_find(STR("Asia/Tokyo")), "one that is not loaded is not");
	is_str(str_c(zone_name(z)), "Asia/Taipei", "its name");
	ok(zone_load("UTC", &z) && z == zone_utc(), "UTC is always there");
	z = NULL;
	ok(!zone_load("Asia/Atlantis", &z) && !zone_load("", &z) && !zone_load("../../../etc/passwd", &z) &&
	    !zone_load("/etc/localtime", &z) && !zone_load("Asia/Taipei\n", &z), "names of no zone");
	ok(!zone_load("Asia", &z), "a folder is none");
	ok(!z, "and leave the result alone");
}

int
main(void)
{
	const struct zone *z;

	a = arena_new();
	test_load();
	if (ok(zone_load("Europe/Brussels", &z), "Brussels"))
		test_brussels(z);
	if (ok(zone_load("Asia/Taipei", &z), "Taipei"))
		test_taipei(z);
	test_against_libc("Europe/Brussels");
	test_against_libc("Australia/Lord_Howe");
	test_against_libc("Africa/Casablanca");
	test_against_libc("Pacific/Apia");
	test_against_libc("Asia/Kathmandu");
	arena_free(a);
	return done_testing();
}
