/* The clock, and times as text. */
#include "base/time.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"

/* Where the clock is read when a test moves it; NULL: the kernel's. */
static _Atomic(const _Atomic int64_t *) followed;
static _Atomic int64_t fixed;

static int64_t
read_kernel(clockid_t which)
{
	struct timespec ts;

	clock_gettime(which, &ts);
	return (int64_t)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

int64_t
clock_now(void)
{
	const _Atomic int64_t *source = atomic_load_explicit(&followed, memory_order_acquire);

	return source ? atomic_load_explicit(source, memory_order_acquire) : read_kernel(CLOCK_REALTIME);
}

bool
clock_follow(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p = MAP_FAILED;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof(int64_t))
		p = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return false;
	atomic_store(&followed, (const _Atomic int64_t *)p);
	return true;
}

void
clock_set(int64_t now)
{
	atomic_store(&fixed, now);
	atomic_store(&followed, now == NO_TIME ? NULL : &fixed);
}

int64_t
clock_monotonic(void)
{
	return read_kernel(CLOCK_MONOTONIC);
}

static void
put_two(struct buf *b, int v)
{
	buf_char(b, (char)('0' + v / 10));
	buf_char(b, (char)('0' + v % 10));
}

static void
put_year(struct buf *b, int64_t year)
{
	if (year < 0 || year > 9999) {
		buf_int(b, year);
		return;
	}
	put_two(b, (int)(year / 100));
	put_two(b, (int)(year % 100));
}

/* ".5" for half a second, nothing for none. */
static void
put_fraction(struct buf *b, int micro)
{
	if (micro == 0)
		return;
	buf_char(b, '.');
	for (int unit = 100000; micro > 0; micro %= unit, unit /= 10)
		buf_char(b, (char)('0' + micro / unit));
}

/* All but the fraction and the Z. */
static void
put_seconds(struct buf *b, const struct civil *c)
{
	put_year(b, c->year);
	buf_char(b, '-');
	put_two(b, c->month);
	buf_char(b, '-');
	put_two(b, c->day);
	buf_char(b, 'T');
	put_two(b, c->hour);
	buf_char(b, ':');
	put_two(b, c->minute);
	buf_char(b, ':');
	put_two(b, c->second);
}

void
buf_rfc3339(struct buf *b, int64_t t)
{
	struct civil c = civil_of(t, zone_utc());

	put_seconds(b, &c);
	put_fraction(b, c.micro);
	buf_char(b, 'Z');
}

void
buf_rfc3339_micro(struct buf *b, int64_t t)
{
	struct civil c = civil_of(t, zone_utc());

	put_seconds(b, &c);
	buf_char(b, '.');
	put_two(b, c.micro / 10000);
	put_two(b, c.micro / 100 % 100);
	put_two(b, c.micro % 100);
	buf_char(b, 'Z');
}

struct str
time_rfc3339(struct arena *a, int64_t t)
{
	struct buf b = { .arena = a };

	buf_rfc3339(&b, t);
	return buf_str(&b);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes exactly so many digits off *s. */
static bool
take_number(struct str *s, size_t digits, int *ret_value)
{
	int v = 0;

	if (s->n < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (!is_digit(s->p[i]))
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	*s = str_from(*s, digits);
	*ret_value = v;
	return true;
}

/* Takes one character off *s if it is one of these. */
static bool
take_one_of(struct str *s, const char *these)
{
	for (; s->n && *these; these++)
		if (s->p[0] == *these) {
			*s = str_from(*s, 1);
			return true;
		}
	return false;
}

static bool
take_date(struct str *s, struct civil *c)
{
	int year;

	if (!take_number(s, 4, &year) || !take_one_of(s, "-") || !take_number(s, 2, &c->month) ||
	    !take_one_of(s, "-") || !take_number(s, 2, &c->day))
		return false;
	c->year = year;
	return year > 0 && c->month >= 1 && c->month <= 12 && c->day >= 1 && c->day <= days_in_month(year, c->month);
}

/* One digit at least; those after the sixth are dropped. */
static bool
take_fraction(struct str *s, int *ret_micro)
{
	int unit = 100000, micro = 0;

	if (!s->n || !is_digit(s->p[0]))
		return false;
	for (; s->n && is_digit(s->p[0]); *s = str_from(*s, 1), unit /= 10)
		micro += (s->p[0] - '0') * unit;
	*ret_micro = micro;
	return true;
}

static bool
take_time_of_day(struct str *s, struct civil *c)
{
	if (!take_number(s, 2, &c->hour) || !take_one_of(s, ":") || !take_number(s, 2, &c->minute))
		return false;
	if (take_one_of(s, ":")) {
		if (!take_number(s, 2, &c->second))
			return false;
		if (take_one_of(s, ".") && !take_fraction(s, &c->micro))
			return false;
	}
	/* a leap second is the first moment of the next minute */
	return c->hour <= 23 && c->minute <= 59 && (c->second <= 59 || (c->second == 60 && c->minute == 59));
}

/* "Z", "+08:00". */
static bool
take_offset(struct str *s, int64_t *ret_offset)
{
	bool west = s->n && s->p[0] == '-';
	int hours, minutes;

	if (take_one_of(s, "Zz")) {
		*ret_offset = 0;
		return true;
	}
	if (!take_one_of(s, "+-") || !take_number(s, 2, &hours) || !take_one_of(s, ":") ||
	    !take_number(s, 2, &minutes))
		return false;
	if (hours > 23 || minutes > 59)
		return false;
	*ret_offset = (west ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
	return true;
}

bool
time_parse(struct str s, const struct zone *local, int64_t *ret_time)
{
	struct civil c = { 0 };
	int64_t offset;

	if (!take_date(&s, &c) || !take_one_of(&s, "Tt ") || !take_time_of_day(&s, &c))
		return false;
	if (s.n == 0) {
		if (!local)
			return false;
		*ret_time = civil_time(&c, local);
		return true;
	}
	if (!take_offset(&s, &offset) || s.n > 0)
		return false;
	*ret_time = civil_time(&c, zone_utc()) - offset;
	return true;
}
