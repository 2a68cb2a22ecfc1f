/*
 * Zones and the calendar. The system's tz data is read once, through glibc, into a table of
 * offset changes; everything after that is arithmetic.
 */
#include "base/time.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>


struct change {
	int64_t at;                      /* from this instant on */
	int64_t offset;
};

struct zone {
	char name[64];
	struct change *changes;          /* by time; the first is valid for all earlier times too */
	size_t n;
	struct zone *next;
};

static struct change utc_change = { 0, 0 };
static struct zone utc = { "UTC", &utc_change, 1, NULL };
static struct zone *zones = &utc;

/* Days since 1970-01-01 of a day of the Gregorian calendar, counted in years that begin in March. */
static int64_t
days_of(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void
date_of(int64_t days, struct civil *c)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int month = (int)((5 * day_of_year + 2) / 153);

	c->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	c->month = month < 10 ? month + 3 : month - 9;
	c->year = year_of_era + era * 400 + (c->month <= 2);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int
days_in_month(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	assert(month >= 1 && month <= 12);
	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		return 29;
	return days[month - 1];
}

/* Index of the change in force at t. */
static size_t
change_at(const struct zone *z, int64_t t)
{
	size_t low = 0, high = z->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (z->changes[middle].at <= t)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int64_t
zone_offset(const struct zone *z, int64_t t)
{
	return z->changes[change_at(z, t)].offset;
}

const char *
zone_name(const struct zone *z)
{
	return z->name;
}

const struct zone *
zone_utc(void)
{
	return &utc;
}

struct civil
civil_of(int64_t t, const struct zone *z)
{
	struct civil c = { 0 };
	int64_t local, days, rest;

	if (__builtin_add_overflow(t, zone_offset(z, t), &local))
		local = t;
	days = floor_div(local, DAY);
	rest = local - days * DAY;
	date_of(days, &c);
	c.weekday = (int)(((days + 4) % 7 + 7) % 7);
	c.hour = (int)(rest / HOUR);
	c.minute = (int)(rest % HOUR / MINUTE);
	c.second = (int)(rest % MINUTE / SECOND);
	c.micro = (int)(rest % SECOND);
	return c;
}

int64_t
civil_time(const struct civil *c, const struct zone *z)
{
	int64_t local = days_of(c->year, c->month, c->day) * DAY + c->hour * HOUR + c->minute * MINUTE +
	    c->second * SECOND + c->micro;
	/* no offset is larger than a day, so that the stretch that is meant begins here or later */
	size_t i = change_at(z, local - DAY);

	for (;; i++) {
		int64_t t = local - z->changes[i].offset;

		/* within this stretch: the first that fits is the first of two */
		if (i + 1 == z->n || t < z->changes[i + 1].at)
			return t;
		/* skipped: behind this stretch by its offset, before the next by that one's */
		if (local - z->changes[i + 1].offset < z->changes[i + 1].at)
			return t;
	}
}

int64_t
time_add_months(int64_t t, int n, const struct zone *z)
{
	struct civil c = civil_of(t, z);
	int64_t months = c.year * 12 + (c.month - 1) + n;
	int last;

	c.year = floor_div(months, 12);
	c.month = (int)(months - c.year * 12) + 1;
	last = days_in_month(c.year, c.month);
	if (c.day > last)
		c.day = last;
	return civil_time(&c, z);
}

/*
 * Loading. Everything below asks glibc, which knows one zone at a time (TZ), and so is done
 * before threads start.
 */

#define PROBE_FROM INT64_C(0)                    /* 1970 */
#define PROBE_TO INT64_C(4102444800)             /* 2100 */
#define PROBE_STEP INT64_C(259200)               /* three days: no zone has changed there and back within six */

static int64_t
probe(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

/* The first second in (low, high] at which the offset is no longer that of low. */
static int64_t
find_change(int64_t low, int64_t high)
{
	int64_t before = probe(low);

	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (probe(middle) == before)
			low = middle;
		else
			high = middle;
	}
	return high;
}

static void
add_change(struct zone *z, int64_t seconds, int64_t offset)
{
	z->changes = realloc(z->changes, (z->n + 1) * sizeof(*z->changes));
	if (!z->changes)
		abort();
	z->changes[z->n++] = (struct change){ seconds * SECOND, offset * SECOND };
}

static void
probe_changes(struct zone *z)
{
	int64_t offset = probe(PROBE_FROM), low = PROBE_FROM, high;

	add_change(z, PROBE_FROM, offset);
	for (; low < PROBE_TO; low = high) {
		high = low + PROBE_STEP;
		if (probe(high) == offset)
			continue;
		high = find_change(low, high);
		offset = probe(high);
		add_change(z, high, offset);
	}
}

/* Runs probe_changes() with TZ set to the zone, and sets TZ back. */
static void
probe_zone(struct zone *z)
{
	const char *tz = getenv("TZ");
	char *saved = tz ? strdup(tz) : NULL;
	char path[sizeof(z->name) + 1];

	snprintf(path, sizeof(path), ":%s", z->name);
	setenv("TZ", path, 1);
	tzset();
	probe_changes(z);
	if (saved)
		setenv("TZ", saved, 1);
	else
		unsetenv("TZ");
	tzset();
	free(saved);
}

/* A name of the tz database whose file is there; glibc itself takes any other for UTC. */
static bool
zone_exists(const char *name)
{
	char path[sizeof(utc.name) + 32];
	struct stat st;
	const char *c;

	if (name[0] == '\0' || name[0] == '/' || strlen(name) >= sizeof(utc.name) || strstr(name, ".."))
		return false;
	for (c = name; *c; c++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/", *c))
			return false;
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

const struct zone *
zone_find(struct str name)
{
	const struct zone *z;

	for (z = zones; z; z = z->next)
		if (str_is(name, z->name))
			return z;
	return NULL;
}

bool
zone_load(const char *name, const struct zone **ret_zone)
{
	const struct zone *known = zone_find(str_c(name));
	struct zone *z;

	if (known) {
		*ret_zone = known;
		return true;
	}
	if (!zone_exists(name))
		return false;
	z = calloc(1, sizeof(*z));
	if (!z)
		abort();
	memcpy(z->name, name, strlen(name));
	probe_zone(z);
	z->next = zones;
	zones = z;
	*ret_zone = z;
	return true;
}
