/* Times, lengths and values as a person reads them. */
#include "base/i18n.h"

#include <stdio.h>

#include "base/arena.h"

/* Years before 1912 have no number in the ROC calendar that one would read; they stay as they are. */
static void
put_date(struct buf *b, const struct face *f, const struct civil *c)
{
	if (f->roc_year && c->year > 1911)
		buf_int(b, c->year - 1911);
	else
		buf_printf(b, "%04d", (int)c->year);
	buf_printf(b, "-%02d-%02d", c->month, c->day);
}

struct str
face_date(struct arena *a, const struct face *f, int64_t t)
{
	struct buf b = { .arena = a };
	struct civil c;

	if (t == NO_TIME)
		return STR("—");
	c = civil_of(t, f->zone);
	put_date(&b, f, &c);
	return buf_str(&b);
}

struct str
face_time(struct arena *a, const struct face *f, int64_t t)
{
	struct buf b = { .arena = a };
	struct civil c;

	if (t == NO_TIME)
		return STR("—");
	c = civil_of(t, f->zone);
	put_date(&b, f, &c);
	buf_printf(&b, " %02d:%02d", c.hour, c.minute);
	return buf_str(&b);
}

struct str
face_full(struct arena *a, const struct face *f, int64_t t)
{
	struct buf b = { .arena = a };
	struct civil c;
	int64_t offset;

	if (t == NO_TIME)
		return STR("—");
	c = civil_of(t, f->zone);
	offset = zone_offset(f->zone, t) / MINUTE;
	put_date(&b, f, &c);
	buf_printf(&b, " %02d:%02d:%02d (%c%02d:%02d)", c.hour, c.minute, c.second, offset < 0 ? '-' : '+',
	    (int)((offset < 0 ? -offset : offset) / 60), (int)((offset < 0 ? -offset : offset) % 60));
	return buf_str(&b);
}

/* One number with its unit. */
static struct str
count(struct arena *a, const struct face *f, int64_t n, const char *one, const char *many)
{
	const struct msg_arg args[] = { { "n", arena_printf(a, "%lld", (long long)n) }, { 0 } };

	return n == 1 ? msg(f->lang, one) : msg_fill(a, f->lang, many, args);
}

static struct str
join(struct arena *a, const struct face *f, struct str big, struct str small)
{
	const struct msg_arg args[] = { { "big", big }, { "small", small }, { 0 } };

	return msg_fill(a, f->lang, "duration.join", args);
}

/*
 * Two units at most, cut off and never rounded up: days and hours from so many days on, before that hours
 * and minutes. The law counts 36 and 72 hours, so that a length keeps its hours longer than what is left.
 */
static struct str
duration(struct arena *a, const struct face *f, int64_t length, int64_t days_from)
{
	int64_t days = length / DAY, hours = length / HOUR, minutes = length % HOUR / MINUTE;
	struct str big;

	if (days >= days_from) {
		hours %= 24;
		big = count(a, f, days, "duration.day", "duration.days");
		return hours ? join(a, f, big, count(a, f, hours, "duration.hour", "duration.hours")) : big;
	}
	if (hours == 0)
		return count(a, f, minutes, "duration.minute", "duration.minutes");
	big = count(a, f, hours, "duration.hour", "duration.hours");
	if (minutes == 0)
		return big;
	return join(a, f, big, count(a, f, minutes, "duration.and_minute", "duration.and_minutes"));
}

struct str
face_length(struct arena *a, const struct face *f, int64_t length)
{
	return duration(a, f, length < 0 ? 0 : length, 4);
}

struct str
face_left(struct arena *a, const struct face *f, int64_t due)
{
	struct msg_arg args[] = { { "length", STR_NONE }, { 0 } };
	bool late = due < f->now;
	int64_t length;

	if (due == NO_TIME)
		return STR("—");
	length = late ? f->now - due : due - f->now;
	if (length < MINUTE)
		return msg(f->lang, late ? "left.just_overdue" : "left.under_minute");
	args[0].text = duration(a, f, length, 2);
	return msg_fill(a, f->lang, late ? "left.overdue" : "left.some", args);
}

static struct str
real_text(struct arena *a, double r)
{
	return arena_printf(a, "%.4g", r);
}

static struct str
list_text(struct arena *a, const struct face *f, const struct value *list)
{
	struct buf b = { .arena = a };
	const struct value *m;

	for (m = list->first; m; m = m->next) {
		if (m != list->first)
			buf_put(&b, msg(f->lang, "value.separator"));
		buf_put(&b, face_value(a, f, m));
	}
	return buf_str(&b);
}

struct str
face_value(struct arena *a, const struct face *f, const struct value *v)
{
	switch (v->kind) {
	case V_BOOL:
		return msg(f->lang, v->i ? "value.yes" : "value.no");
	case V_INT:
		return v->shown.p ? v->shown : arena_printf(a, "%lld", (long long)v->i);
	case V_REAL:
		return real_text(a, v->r);
	case V_STR:
		return v->s;
	case V_TIME:
		return face_time(a, f, v->i);
	case V_TERM:
		return v->term ? msg(f->lang, v->term) : v->shown.p ? v->shown : v->s;
	case V_LIST:
		return list_text(a, f, v);
	case V_NULL:
	case V_MAP:
		break;
	}
	return STR("");
}
