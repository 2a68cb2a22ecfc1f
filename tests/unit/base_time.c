#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/time.h"

static struct arena *a;
static const struct zone *taipei, *brussels;

/* The time as RFC 3339 in UTC, or "none". */
static struct str
parsed(const char *text, const struct zone *local)
{
	int64_t t = 7;

	if (time_parse(str_c(text), local, &t))
		return time_rfc3339(a, t);
	return t == 7 ? STR("none") : STR("touched");
}

struct sample {
	const char *text, *want;
};

static const struct sample samples[] = {
	{ "2026-11-21T02:10:00Z", "2026-11-21T02:10:00Z" },
	{ "2026-11-21t02:10:00z", "2026-11-21T02:10:00Z" },
	{ "2026-11-21T02:10:00.5Z", "2026-11-21T02:10:00.5Z" },
	{ "2026-11-21T02:10:00.000001Z", "2026-11-21T02:10:00.000001Z" },
	{ "2026-11-21T02:10:00.123456789Z", "2026-11-21T02:10:00.123456Z" },
	{ "2026-11-21T02:10:00+08:00", "2026-11-20T18:10:00Z" },
	{ "2026-11-21T02:10:00-00:30", "2026-11-21T02:40:00Z" },
	{ "2026-11-21T02:10+08:00", "2026-11-20T18:10:00Z" },
	{ "2026-11-21T02:10", "2026-11-20T18:10:00Z" },
	{ "2026-11-21 02:10", "2026-11-20T18:10:00Z" },
	{ "2026-11-21 02:10:07", "2026-11-20T18:10:07Z" },
	{ "2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z" },
	{ "2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z" },
	{ "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z" },
	{ "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
	{ "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
	{ "1969-12-31T23:59:59.9Z", "1969-12-31T23:59:59.9Z" },
	{ "2026-02-29T00:00:00Z", "none" },
	{ "1900-02-29T00:00:00Z", "none" },
	{ "2026-02-30T00:00:00Z", "none" },
	{ "2026-04-31T00:00:00Z", "none" },
	{ "2026-13-01T00:00:00Z", "none" },
	{ "2026-00-01T00:00:00Z", "none" },
	{ "2026-01-00T00:00:00Z", "none" },
	{ "0000-01-01T00:00:00Z", "none" },
	{ "2026-11-21T24:00:00Z", "none" },
	{ "2026-11-21T02:60:00Z", "none" },
	{ "2026-11-21T02:10:60Z", "none" },
	{ "2026-11-21T02:10:00+24:00", "none" },
	{ "2026-11-21T02:10:00+08:60", "none" },
	{ "2026-11-21T02:10:00+0800", "none" },
	{ "2026-11-21T02:10:00.Z", "none" },
	{ "2026-11-21T02:10:00Zx", "none" },
	{ "2026-11-21T02:10:00 Z", "none" },
	{ " 2026-11-21T02:10:00Z", "none" },
	{ "2026-11-21", "none" },
	{ "2026-11-21T02", "none" },
	{ "2026-1-2T02:10", "none" },
	{ "-2026-11-21T02:10", "none" },
	{ "20261121T0210Z", "none" },
	{ "115-11-21T02:10", "none" },
	{ "", "none" },
};

static void
test_parse(void)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		is_str(parsed(samples[i].text, taipei), samples[i].want, samples[i].text);
	is_str(parsed("2026-11-21T02:10", NULL), "none", "a local time needs a zone");
	is_str(parsed("2026-11-21T02:10Z", NULL), "2026-11-21T02:10:00Z", "one with an offset does not");
	is_str(parsed("2026-11-21T02:10", brussels), "2026-11-21T01:10:00Z", "the zone given counts");
	is_int(time_parse((struct str){ "2026-11-21T02:10\0Z", 18 }, taipei, &(int64_t){ 0 }), 0, "NUL is no part of a time");
}

static void
test_clock(void)
{
	char path[] = "/tmp/tocsin-clock-XXXXXX";
	int64_t t = 1234567890 * SECOND, before = clock_now();
	int fd = mkstemp(path);

	ok(before > 1700000000 * SECOND && clock_now() >= before, "the kernel's clock runs");
	clock_set(t);
	is_int(clock_now(), t, "it stands where a test puts it");
	ok(!clock_follow("/nonexistent/clock"), "a file that is not there");
	ok(!clock_follow(path), "a file that is too short");
	is_int(clock_now(), t, "failing changes nothing");
	ok(write(fd, &t, sizeof(t)) == (ssize_t)sizeof(t) && clock_follow(path), "it follows a file");
	is_int(clock_now(), t, "which says when it is");
	t += HOUR;
	ok(pwrite(fd, &t, sizeof(t), 0) == (ssize_t)sizeof(t), "somebody else moves it");
	is_int(clock_now(), t, "and it has moved");
	clock_set(NO_TIME);
	ok(clock_now() >= before, "it runs again");
	before = clock_monotonic();
	ok(clock_monotonic() >= before, "the other clock never goes back");
	close(fd);
	unlink(path);
}

/* Every day of 400 years forth and back, beside the simplest calendar there is. */
static void
test_calendar(void)
{
	int64_t year = 1900, t = -2208988800 * SECOND;
	int month = 1, day = 1, weekday = 1;
	bool same = true;

	for (; year < 2300; t += DAY) {
		struct civil c = civil_of(t, zone_utc());

		same = same && c.year == year && c.month == month && c.day == day && c.weekday == weekday;
		same = same && civil_time(&c, zone_utc()) == t;
		weekday = (weekday + 1) % 7;
		if (++day <= days_in_month(year, month))
			continue;
		day = 1;
		if (++month > 12) {
			month = 1;
			year++;
		}
	}
	ok(same, "every day from 1900 to 2299");
}

static struct str
months_later(const char *text, int n, const struct zone *z)
{
	int64_t t = 0;

	if (!time_parse(str_c(text), z, &t))
		return STR("none");
	return time_rfc3339(a, time_add_months(t, n, z));
}

static void
test_months(void)
{
	is_str(months_later("2026-01-31T09:00:00Z", 1, zone_utc()), "2026-02-28T09:00:00Z", "31 January, one month on");
	is_str(months_later("2028-01-31T09:00:00Z", 1, zone_utc()), "2028-02-29T09:00:00Z", "in a leap year");
	is_str(months_later("2026-03-31T09:00:00Z", 1, zone_utc()), "2026-04-30T09:00:00Z", "31 March");
	is_str(months_later("2026-02-28T09:00:00Z", 1, zone_utc()), "2026-03-28T09:00:00Z", "28 February stays the 28th");
	is_str(months_later("2026-12-15T09:00:00Z", 1, zone_utc()), "2027-01-15T09:00:00Z", "over the year's end");
	is_str(months_later("2026-01-15T09:00:00Z", -1, zone_utc()), "2025-12-15T09:00:00Z", "back over it");
	is_str(months_later("2026-01-31T09:00:00Z", 25, zone_utc()), "2028-02-29T09:00:00Z", "25 months");
	is_str(months_later("2026-01-31T09:00:00Z", -11, zone_utc()), "2025-02-28T09:00:00Z", "11 months back");
	is_str(months_later("2026-01-31T09:00:00.25Z", 0, zone_utc()), "2026-01-31T09:00:00.25Z", "none at all");
	/* in UTC it is 30 January still; in Taipei the month is counted from the 31st */
	is_str(months_later("2026-01-31T02:00", 1, taipei), "2026-02-27T18:00:00Z", "in the zone's calendar");
	is_str(months_later("2026-03-01T12:00", 1, brussels), "2026-04-01T10:00:00Z", "same time of day over a clock change");
	is_str(months_later("2026-02-28T02:30", 1, brussels), "2026-03-28T01:30:00Z", "the day before a change");
	is_str(months_later("2026-02-28T02:30:00", 13, brussels), "2027-03-28T01:30:00Z", "into the hour that is skipped");
}

int
main(void)
{
	a = arena_new();
	if (!zone_load("Asia/Taipei", &taipei) || !zone_load("Europe/Brussels", &brussels))
		return !ok(false, "tz data");
	test_parse();
	test_clock();
	test_calendar();
	test_months();
	arena_free(a);
	return done_testing();
}
