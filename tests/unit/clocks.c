/*
 * Due times against a slow, obvious model: minutes are added one by one, months by turning the pages of a
 * calendar, and what the clock on the wall shows is asked of glibc. 100,000 random cases in eight zones.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "model/clocks.c"
#include "chance.h"
#include "tap.h"

#define CASES_A_ZONE 12500
#define CHANGES 512

/* ---- chance, the same in every run ---- */

static uint64_t chance_state = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t
chance(void)
{
	return chance_next(&chance_state);
}

static int64_t
between(int64_t low, int64_t high)
{
	return low + (int64_t)(chance() % (uint64_t)(high - low + 1));
}

/* ---- the model: seconds, and glibc with TZ set ---- */

static struct {
	int64_t gap, twice, clamped, leap, walked, walked_in_vain;
} seen;

static struct tm
wall(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm = { 0 };

	localtime_r(&t, &tm);
	return tm;
}

/* What the wall shows, as if it were UTC: one number to compare. */
static int64_t
shown_at(int64_t seconds)
{
	struct tm tm = wall(seconds);

	return timegm(&tm);
}

static bool
is_day(int year, int month, int day)
{
	struct tm tm = { .tm_year = year, .tm_mon = month, .tm_mday = day, .tm_hour = 12 };

	timegm(&tm);
	return tm.tm_mon == month && tm.tm_mday == day;
}

/* The first instant at which the wall shows this; where it never does, by the offset from before the gap. */
static int64_t
first_shown(int64_t shown)
{
	int64_t early = shown - wall(shown - 26 * 3600).tm_gmtoff;
	int64_t late = shown - wall(shown + 26 * 3600).tm_gmtoff;
	bool by_early = shown_at(early) == shown, by_late = shown_at(late) == shown;

	if (!by_early && !by_late) {
		seen.gap++;
		return early;
	}
	if (by_early && by_late && early != late)
		seen.twice++;
	if (by_early && by_late)
		return early < late ? early : late;
	return by_early ? early : late;
}

/* The same by looking at the wall every minute of two days; -1: never shown. */
static int64_t
first_shown_walking(int64_t shown)
{
	for (int64_t t = shown - 26 * 3600; t <= shown + 26 * 3600; t += 60)
		if (shown_at(t) == shown)
			return t;
	return -1;
}

/* What the wall shows at the same hour so many months later, or on the last day of that month. */
static int64_t
shown_months_later(int64_t seconds, int months)
{
	struct tm tm = wall(seconds);
	int day = tm.tm_mday;

	for (int i = 0; i < months; i++)
		if (++tm.tm_mon == 12) {
			tm.tm_mon = 0;
			tm.tm_year++;
		}
	while (!is_day(tm.tm_year, tm.tm_mon, tm.tm_mday))
		tm.tm_mday--;
	seen.clamped += tm.tm_mday != day;
	seen.leap += tm.tm_mon == 1 && tm.tm_mday == 29;
	return timegm(&tm);
}

static int64_t
model_due(struct length l, int64_t anchor)
{
	int64_t seconds = anchor / SECOND, micros = anchor % SECOND;
	int64_t due = l.months ? first_shown(shown_months_later(seconds, l.months)) : seconds;

	for (int64_t left = l.micros / MINUTE; left > 0; left--)
		due += 60;
	return due * SECOND + micros;
}

/* ---- cases ---- */

struct place {
	const char *name;
	int last_year;           /* as far as rules of summer time are known */
};

static const struct place places[] = {
	{ "Asia/Taipei", 9900 }, { "Europe/Brussels", 2094 }, { "UTC", 9900 }, { "America/New_York", 2094 },
	{ "Australia/Lord_Howe", 2094 }, { "Pacific/Apia", 2094 }, { "Asia/Kathmandu", 9900 },
	{ "Africa/Casablanca", 2080 },
};
#define PLACES (int)(sizeof(places) / sizeof(places[0]))

static int64_t changes[CHANGES];
static int change_count;

static void
stand_in(const struct place *p)
{
	char tz[64];

	snprintf(tz, sizeof(tz), ":%s", p->name);
	setenv("TZ", tz, 1);
	tzset();
}

/* Every hour at which the wall jumps, by looking at it every hour. */
static void
find_changes(void)
{
	change_count = 0;
	for (int64_t t = 86400; t < INT64_C(3900000000) && change_count < CHANGES; t += 86400)
		if (wall(t).tm_gmtoff != wall(t + 86400).tm_gmtoff)
			for (int64_t hour = t; hour < t + 86400; hour += 3600)
				if (wall(hour).tm_gmtoff != wall(hour + 3600).tm_gmtoff)
					changes[change_count++] = hour + 3600;
}

static int64_t
some_day(int year, bool at_end)
{
	struct tm tm = {
		.tm_year = year - 1900, .tm_mon = (int)between(0, 11), .tm_mday = (int)between(1, 28),
		.tm_hour = (int)between(0, 23), .tm_min = (int)between(0, 59), .tm_sec = (int)between(0, 59),
	};

	if (at_end)
		for (tm.tm_mday = 31 - (int)between(0, 2); !is_day(tm.tm_year, tm.tm_mon, tm.tm_mday); )
			tm.tm_mday--;
	return timegm(&tm) - wall(timegm(&tm)).tm_gmtoff;
}

/* A moment some hours from a jump of the wall, or so many months before one, which the jump perhaps skips. */
static int64_t
near_change(int months_before)
{
	int64_t change = changes[between(0, change_count - 1)];
	time_t shown = (time_t)(change + wall(change - 1).tm_gmtoff + between(-3 * 3600, 3 * 3600));
	struct tm tm = { 0 };

	gmtime_r(&shown, &tm);
	for (; months_before > 0; months_before--)
		if (tm.tm_mon-- == 0) {
			tm.tm_mon = 11;
			tm.tm_year--;
		}
	return timegm(&tm) - wall(timegm(&tm)).tm_gmtoff;
}

static struct length
some_length(void)
{
	struct length l = { .given = true };
	int64_t kind = between(0, 5);

	if (kind >= 2)
		l.months = (int)(kind == 2 ? between(1, 48) : between(1, 3));
	if (kind <= 1 || kind == 5)
		l.micros = between(0, 2000) * HOUR + between(0, 90) * MINUTE;
	return l;
}

static int64_t
some_anchor(const struct place *p, struct length l)
{
	int64_t kind = between(0, 3), seconds;

	if (kind >= 2 && change_count)
		seconds = near_change(kind == 2 ? l.months : 0);
	else
		seconds = some_day((int)between(1971, kind == 0 ? p->last_year : 2094), between(0, 1));
	if (seconds < 86400)
		seconds = 86400;
	return seconds * SECOND + between(0, 1) * between(0, SECOND - 1);
}

/* The model itself is right: its moment is what one finds by walking, where one finds any. */
static bool
model_holds(struct length l, int64_t anchor)
{
	int64_t shown = shown_months_later(anchor / SECOND, l.months);
	int64_t walked = first_shown_walking(shown), found = first_shown(shown);

	seen.walked++;
	seen.walked_in_vain += walked < 0;
	return walked < 0 ? shown_at(found) != shown : walked == found;
}

static void
test_place(const struct place *p)
{
	const struct zone *zone;
	struct regime r = { 0 };
	int wrong = 0, wrong_model = 0;

	if (!zone_load(p->name, &zone)) {
		ok(false, p->name);
		return;
	}
	r.zone = zone;
	stand_in(p);
	find_changes();
	for (int i = 0; i < CASES_A_ZONE; i++) {
		struct length l = some_length();
		int64_t anchor = some_anchor(p, l);
		int64_t got = clock_due(&r, l, anchor), want = model_due(l, anchor);

		if (got != want && wrong++ < 5)
			printf("# %s %" PRId64 " + %d mo %" PRId64 " us: got %" PRId64 ", want %" PRId64 "\n",
			    p->name, anchor, l.months, l.micros, got, want);
		if (i % 50 == 0 && !model_holds(l, anchor))
			wrong_model++;
	}
	is_int(wrong, 0, p->name);
	is_int(wrong_model, 0, "the model finds what walking minute by minute finds");
}

static void
test_against_model(void)
{
	const struct zone *zone;

	for (int i = 0; i < PLACES; i++)
		zone_load(places[i].name, &zone);
	for (int i = 0; i < PLACES; i++)
		test_place(&places[i]);
	/* chance has been to the places that matter */
	ok(seen.gap > 500, "cases that a clock change skips");
	ok(seen.twice > 500, "cases that a clock change shows twice");
	ok(seen.clamped > 1000, "cases at the end of a shorter month");
	ok(seen.leap > 100, "cases on a leap day");
	ok(seen.walked >= 2000 && seen.walked_in_vain > 5, "cases walked minute by minute");
	printf("# skipped %" PRId64 ", twice %" PRId64 ", shorter month %" PRId64 ", leap day %" PRId64 "\n",
	    seen.gap, seen.twice, seen.clamped, seen.leap);
}

/* ---- the cap, and levels ---- */

static struct length
perhaps(struct length l)
{
	l.given = between(0, 4) > 0;
	return l;
}

static void
test_caps(void)
{
	const struct regime r = { .zone = zone_find(STR("Europe/Brussels")) };
	int wrong = 0, capped = 0, level_wrong = 0;

	for (int i = 0; i < 20000; i++) {
		struct clock_rule c = { .cap = perhaps(some_length()) };
		int64_t anchor = between(0, INT64_C(3000000000)) * SECOND;
		int64_t cap_anchor = between(0, 4) ? anchor - between(-100, 2000) * HOUR : NO_TIME;
		int level = (int)between(1, 4);
		int64_t due, cap, want;

		for (int l = 0; l <= 4; l++)
			c.by_level[l] = perhaps(some_length());
		due = clock_due(&r, c.by_level[level], anchor);
		cap = clock_due(&r, c.cap, cap_anchor);
		want = due;
		if (c.by_level[level].given && c.cap.given && cap_anchor != NO_TIME && cap >= anchor && cap < due) {
			want = cap;
			capped++;
		}
		if (!c.by_level[level].given)
			want = NO_TIME;
		wrong += clock_due_at(&r, &c, level, anchor, cap_anchor) != want;
		level_wrong += clock_due_at(&r, &c, 0, anchor, cap_anchor) != NO_TIME ||
		    clock_due_at(&r, &c, 5, anchor, cap_anchor) != NO_TIME ||
		    clock_due_at(&r, &c, -1, anchor, cap_anchor) != NO_TIME;
	}
	is_int(wrong, 0, "a cap makes it earlier, never later");
	ok(capped > 1000, "caps that bound");
	is_int(level_wrong, 0, "no clock at a level that is none");
}

static int64_t
due_day(const struct regime *r, struct length l, int64_t anchor)
{
	struct civil c = civil_of(clock_due(r, l, anchor), r->zone);

	return (c.year * 100 + c.month) * 100 + c.day;
}

/*
 * Months do not keep the order of two moments within a day: those of 30 and 31 January all end on 28
 * February, each at its own hour. The days keep it.
 */
static void
test_order(void)
{
	const struct regime taipei = { .zone = zone_find(STR("Asia/Taipei")) };
	const struct regime brussels = { .zone = zone_find(STR("Europe/Brussels")) };
	int hours = 0, days = 0, summer = 0, longer = 0, before = 0;

	for (int i = 0; i < 50000; i++) {
		int64_t a = between(0, INT64_C(4000000000)) * SECOND;
		int64_t b = a + between(0, 1) * between(0, 3 * DAY);
		struct length h = { .micros = between(0, 3000) * MINUTE, .given = true };
		struct length m = { .months = (int)between(0, 14), .given = true };
		struct length more = { .micros = h.micros + MINUTE, .months = m.months, .given = true };

		hours += clock_due(&brussels, h, a) - a != clock_due(&taipei, h, b) - b;
		days += due_day(&taipei, m, a) > due_day(&taipei, m, b);
		summer += due_day(&brussels, m, a) > due_day(&brussels, m, b);
		longer += clock_due(&brussels, m, a) >= clock_due(&brussels, more, a);
		before += clock_due(&brussels, m, a) < a;
	}
	is_int(hours, 0, "an hour is an hour, whatever the zone and the season");
	is_int(days, 0, "who knew earlier is due on the same day or earlier: months");
	is_int(summer, 0, "the same where there is summer time");
	is_int(longer, 0, "a longer length is due later");
	is_int(before, 0, "nothing is due before its anchor");
}

/* ---- by hand ---- */

static int64_t
at(const char *text)
{
	int64_t t = NO_TIME;

	if (!time_parse(str_c(text), zone_utc(), &t))
		ok(false, text);
	return t;
}

static void
test_by_hand(void)
{
	static const struct {
		const char *zone, *length, *anchor, *due;
	} rows[] = {
		{ "Asia/Taipei", "1mo", "2026-01-31T09:00:00+08:00", "2026-02-28T09:00:00+08:00" },
		{ "Asia/Taipei", "1mo", "2024-01-31T09:00:00+08:00", "2024-02-29T09:00:00+08:00" },
		{ "Asia/Taipei", "1mo", "2100-01-31T09:00:00+08:00", "2100-02-28T09:00:00+08:00" },
		{ "Asia/Taipei", "1mo", "2000-01-31T09:00:00+08:00", "2000-02-29T09:00:00+08:00" },
		{ "Asia/Taipei", "12mo", "2024-02-29T00:00:00+08:00", "2025-02-28T00:00:00+08:00" },
		{ "Asia/Taipei", "1mo", "2026-12-31T23:59:59+08:00", "2027-01-31T23:59:59+08:00" },
		/* a month of the regime's zone: it is the first there, and still the last in UTC */
		{ "Asia/Taipei", "1mo", "2026-02-28T16:30:00Z", "2026-03-31T16:30:00Z" },
		{ "Asia/Taipei", "1mo", "9998-12-31T00:00:00+08:00", "9999-01-31T00:00:00+08:00" },
		{ "Asia/Taipei", "36h", "2026-11-21T18:10:00Z", "2026-11-23T06:10:00Z" },
		{ "Asia/Taipei", "72h", "2026-12-30T18:10:00Z", "2027-01-02T18:10:00Z" },
		{ "Asia/Taipei", "0", "2026-11-21T18:10:00Z", "2026-11-21T18:10:00Z" },
		{ "Asia/Taipei", "1mo12h30m", "2026-01-31T00:00:00+08:00", "2026-02-28T12:30:00+08:00" },
		/* months first: the other way round this would be 29 March */
		{ "Asia/Taipei", "1mo24h", "2026-02-28T12:00:00+08:00", "2026-03-29T12:00:00+08:00" },
		{ "Asia/Taipei", "1mo24h", "2026-01-30T12:00:00+08:00", "2026-03-01T12:00:00+08:00" },
		{ "Europe/Brussels", "24h", "2026-03-28T12:00:00+01:00", "2026-03-29T13:00:00+02:00" },
		{ "Europe/Brussels", "72h", "2026-10-24T12:00:00+02:00", "2026-10-27T11:00:00+01:00" },
		{ "Europe/Brussels", "1mo", "2026-03-01T12:00:00+01:00", "2026-04-01T12:00:00+02:00" },
		{ "Europe/Brussels", "2mo", "2026-01-29T02:30:00+01:00", "2026-03-29T03:30:00+02:00" },
		{ "Europe/Brussels", "1mo", "2026-09-25T02:30:00+02:00", "2026-10-25T02:30:00+02:00" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct regime r = { .zone = zone_find(str_c(rows[i].zone)) };
		struct length l = { 0 };

		ok(length_parse(str_c(rows[i].length), &l), rows[i].length);
		is_int(clock_due(&r, l, at(rows[i].anchor)), at(rows[i].due), rows[i].anchor);
	}
}

static void
test_edges(void)
{
	const struct regime r = { .zone = zone_find(STR("Asia/Taipei")) };
	const struct length none = { 0 }, hour = { .micros = HOUR, .given = true };

	ok(clock_due(&r, none, 0) == NO_TIME, "no length, no due time");
	ok(clock_due(&r, hour, NO_TIME) == NO_TIME, "no anchor, no due time");
	ok(clock_due(&r, hour, INT64_MAX - 1) == INT64_MAX, "the end of time is not passed");
	is_int(clock_due(&r, hour, -HOUR), 0, "before 1970");
}

/* ---- lengths as text ---- */

static void
test_length_parse(void)
{
	static const struct {
		const char *text;
		int months;
		int64_t minutes;
	} good[] = {
		{ "0", 0, 0 }, { "1h", 0, 60 }, { "36h", 0, 2160 }, { "30m", 0, 30 }, { "1mo", 1, 0 },
		{ "12mo", 12, 0 }, { "1h30m", 0, 90 }, { "1mo12h", 1, 720 }, { "2mo3h4m", 2, 184 },
		{ "1mo5m", 1, 5 }, { "99999h", 0, 5999940 }, { "99999mo", 99999, 0 },
	};
	static const char *const bad[] = {
		"", " ", "0h", "00", "01h", "1", "h", "mo", "m", "-1h", "+1h", "1 h", " 1h", "1h ", "1H",
		"1d", "1w", "1y", "1.5h", "1h1h", "1m1h", "1h1mo", "1mo1mo", "1mo0h", "100000h",
		"999999999999h", "1hm", "1hh", "0m", "1mo,", "\xef\xbc\x91h",
	};
	struct length untouched = { 7, 7, true };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct length l = { 0 };

		ok(length_parse(str_c(good[i].text), &l) && l.given && l.months == good[i].months &&
		    l.micros == good[i].minutes * MINUTE, good[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!length_parse(str_c(bad[i]), &untouched), bad[i]);
	ok(!length_parse((struct str){ "1\0h", 3 }, &untouched), "NUL inside");
	ok(!length_parse(STR_NONE, &untouched), "absent");
	ok(untouched.micros == 7 && untouched.months == 7, "nothing is written on failure");
}

static void
test_length_text(void)
{
	struct arena *a = arena_new();
	const struct face en = { .lang = LANG_EN }, zh = { .lang = LANG_ZH };
	static const struct {
		const char *length, *en, *zh;
	} rows[] = {
		{ "0", "at once", "立即" }, { "1h", "1 hour", "1 小時" },
		{ "72h", "72 hours", "72 小時" }, { "36h", "36 hours", "36 小時" },
		{ "30m", "30 minutes", "30 分鐘" }, { "1mo", "1 month", "1 個月" },
		{ "3mo", "3 months", "3 個月" }, { "1mo12h", "1 month 12 hours", "1 個月 12 小時" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct length l = { 0 };

		length_parse(str_c(rows[i].length), &l);
		is_str(length_text(a, &en, l), rows[i].en, rows[i].length);
		is_str(length_text(a, &zh, l), rows[i].zh, rows[i].length);
	}
	is_str(length_text(a, &en, (struct length){ 0 }), "—", "no length");
	is_int(msg_missing_count(), 0, "every word is in the catalogues");
	arena_free(a);
}

/* ---- levels ---- */

/* Looks for 4 among them, then for 3 ... */
static bool
level_right(const int64_t given[DIM__MAX])
{
	int got = level_of(given[DIM_C], given[DIM_I], given[DIM_A]);
	enum dimension cause = level_cause(given[DIM_C], given[DIM_I], given[DIM_A]);

	for (int level = 4; level >= 0; level--)
		for (int d = 0; d < DIM__MAX; d++)
			if (given[d] == level)
				return got == level && (int)cause == d;
	return got == -1 && cause == DIM__MAX;
}

static void
test_levels(void)
{
	static const int64_t levels[] = { INT64_MIN, 0, 1, 2, 3, 4 };
	int wrong = 0;

	for (int n = 0; n < 6 * 6 * 6; n++)
		wrong += !level_right((const int64_t[]){ levels[n % 6], levels[n / 6 % 6], levels[n / 36] });
	is_int(wrong, 0, "the level is the greatest, and the first that reaches it is the cause");
	is_str(str_c(event_id(EVENT_AWARE)), "aware", "events have ids");
	is_str(str_c(event_id(EVENT_PREVIOUS)), "previous_stage", "to the last");
}

int
main(void)
{
	test_against_model();
	test_caps();
	test_order();
	test_by_hand();
	test_edges();
	test_length_parse();
	test_length_text();
	test_levels();
	return done_testing();
}
