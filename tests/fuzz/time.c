/* A time that is read is written so that it reads as the same; months there and back keep to the calendar. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct zone *
local_zone(void)
{
	static const struct zone *zone;

	if (!zone && !zone_load("Europe/Brussels", &zone))
		abort();
	return zone;
}

/* The day after n months is the same, or the last of a shorter month. */
static void
check_months(int64_t t, int n)
{
	struct civil from = civil_of(t, zone_utc()), to = civil_of(time_add_months(t, n, zone_utc()), zone_utc());
	int last = days_in_month(to.year, to.month);

	if (to.day != (from.day < last ? from.day : last) || to.hour != from.hour || to.micro != from.micro)
		abort();
	if ((to.year * 12 + to.month) - (from.year * 12 + from.month) != n)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct str text = { (const char *)data, n };
	int64_t t, again;

	if (time_parse(text, local_zone(), &t)) {
		struct civil c = civil_of(t, local_zone());

		if (c.year > 1 && c.year < 9999 &&
		    (!time_parse(time_rfc3339(a, t), NULL, &again) || again != t))
			abort();
		/* the first of two, or the same */
		if (civil_time(&c, local_zone()) > t)
			abort();
		check_months(t, n ? data[n - 1] - 128 : 0);
	}
	arena_free(a);
	return 0;
}
