/* Clocks as arithmetic: lengths, due times, levels. Nothing here reads a file or asks the time. */
#include "model/rules.h"

#include <assert.h>

#include "base/arena.h"

const char *
event_id(enum event e)
{
	static const char *const ids[EVENT__MAX] = {
#define EVENT_ID(c, id, code) [c] = id,
		EVENTS(EVENT_ID)
#undef EVENT_ID
	};

	assert(e < EVENT__MAX);
	return ids[e];
}

#define NUMBER_DIGITS 5

/* Takes a number from 1 on, without leading zeros, off *s; -1 when there is none. */
static int
take_number(struct str *s)
{
	int v = 0;
	size_t i;

	for (i = 0; i < s->n && i < NUMBER_DIGITS && s->p[i] >= '0' && s->p[i] <= '9'; i++)
		v = v * 10 + (s->p[i] - '0');
	if (i == 0 || s->p[0] == '0')
		return -1;
	*s = str_from(*s, i);
	return v;
}

/* Takes "<number><unit>" off *s if it is next; 0 when it is not. "m" is not the beginning of "mo". */
static int
take_unit(struct str *s, struct str unit)
{
	struct str rest = *s;
	int n = take_number(&rest);

	if (n < 0 || !str_starts(rest, unit))
		return 0;
	rest = str_from(rest, unit.n);
	if (rest.n && (rest.p[0] < '0' || rest.p[0] > '9'))
		return 0;
	*s = rest;
	return n;
}

/* "0", or months, hours and minutes, each at most once and in this order. */
bool
length_parse(struct str s, struct length *ret_length)
{
	struct length l = { .given = true };

	if (!str_is(s, "0")) {
		if (s.n == 0)
			return false;
		l.months = take_unit(&s, STR("mo"));
		l.micros = take_unit(&s, STR("h")) * HOUR;
		l.micros += take_unit(&s, STR("m")) * MINUTE;
		if (s.n)
			return false;
	}
	*ret_length = l;
	return true;
}

static struct str
months_text(struct arena *a, const struct face *f, int months)
{
	const struct msg_arg args[] = { { "n", arena_printf(a, "%d", months) }, { 0 } };

	return months == 1 ? msg(f->lang, "length.month") : msg_fill(a, f->lang, "length.months", args);
}

struct str
length_text(struct arena *a, const struct face *f, struct length l)
{
	struct msg_arg args[] = { { "big", STR_NONE }, { "small", STR_NONE }, { 0 } };

	if (!l.given)
		return STR("—");
	if (l.months == 0)
		return l.micros ? face_length(a, f, l.micros) : msg(f->lang, "length.at_once");
	args[0].text = months_text(a, f, l.months);
	if (l.micros == 0)
		return args[0].text;
	args[1].text = face_length(a, f, l.micros);
	return msg_fill(a, f->lang, "duration.join", args);
}

int64_t
clock_due(const struct regime *r, struct length length, int64_t anchor)
{
	int64_t due;

	if (!length.given || anchor == NO_TIME)
		return NO_TIME;
	if (length.months)
		anchor = time_add_months(anchor, length.months, r->zone);
	return __builtin_add_overflow(anchor, length.micros, &due) ? INT64_MAX : due;
}

int64_t
clock_due_at(const struct regime *r, const struct clock_rule *c, int level, int64_t anchor,
    int64_t cap_anchor)
{
	int64_t due, cap;

	if (level < 1 || level > 4)
		return NO_TIME;
	due = clock_due(r, c->by_level[level], anchor);
	cap = clock_due(r, c->cap, cap_anchor);
	/* Delegated Regulation (EU) 2025/301 art. 5: classified after the cap has passed, the clock's own length alone counts. */
	if (cap != NO_TIME && cap < anchor)
		cap = NO_TIME;
	return due != NO_TIME && cap != NO_TIME && cap < due ? cap : due;
}

int
level_of(int64_t c, int64_t i, int64_t a)
{
	int64_t level = -1;

	level = c > level ? c : level;
	level = i > level ? i : level;
	level = a > level ? a : level;
	return (int)level;
}

enum dimension
level_cause(int64_t c, int64_t i, int64_t a)
{
	int level = level_of(c, i, a);

	if (level < 0)
		return DIM__MAX;
	return c == level ? DIM_C : i == level ? DIM_I : DIM_A;
}
