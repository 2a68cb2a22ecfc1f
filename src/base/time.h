/*
 * Time: one clock, microseconds UTC since 1970 in int64_t. NO_TIME is "not set".
 * Every part of the program asks clock_now(); tests move it, nothing else does.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/str.h"

struct arena;

#define NO_TIME INT64_MIN
#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

int64_t clock_now(void);
/*
 * For tests: from now on the clock reads the int64_t at the start of this file (8 bytes,
 * native order, shared mapping; whoever moves the clock writes it). False: cannot be mapped.
 */
bool clock_follow(const char *path);
/* For tests inside the process: fixes the clock; NO_TIME lets it run again. */
void clock_set(int64_t now);
int64_t clock_monotonic(void);                   /* for durations only; never moved by tests */

/* RFC 3339, "2026-11-21T02:10:00Z"; fractions only when there are any. */
struct str time_rfc3339(struct arena *a, int64_t t);
void buf_rfc3339(struct buf *b, int64_t t);
/* Always with six digits behind the second: one text for one time. */
void buf_rfc3339_micro(struct buf *b, int64_t t);
/*
 * RFC 3339 with any offset, seconds optional, or "2026-11-21T02:10" / "2026-11-21 02:10" (a form's local time)
 * in the given zone. False: not a time, or a day that is none (30 February).
 */
struct zone;
bool time_parse(struct str s, const struct zone *local, int64_t *ret_time);

/* Zones are loaded from the system's tz data before threads start and the sandbox closes; later look-ups are pure. */
bool zone_load(const char *name, const struct zone **ret_zone);  /* "Asia/Taipei"; the same name gives the same zone */
const struct zone *zone_find(struct str name);                   /* one loaded already, else NULL */
const char *zone_name(const struct zone *z);
const struct zone *zone_utc(void);
int64_t zone_offset(const struct zone *z, int64_t t);            /* microseconds east of UTC at t */

struct civil {
	int64_t year;
	int month, day, hour, minute, second, micro;             /* month and day from 1 */
	int weekday;                                             /* 0 Sunday */
};

struct civil civil_of(int64_t t, const struct zone *z);
/* The instant of a civil time. A time that a clock change skips gives the instant after the gap by the old offset;
 * one that comes twice gives the first. */
int64_t civil_time(const struct civil *c, const struct zone *z);
int days_in_month(int64_t year, int month);
/* t plus n calendar months in z, same time of day; the last day where the month is shorter (31 January -> 28 February). */
int64_t time_add_months(int64_t t, int n, const struct zone *z);

#endif
