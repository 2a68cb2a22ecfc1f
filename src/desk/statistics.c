/* Figures over the reader's scope, each in one pass over an index. */
#include "desk/statistics.h"

#include <stdlib.h>

#include "base/arena.h"
#include "desk/work.h"

#define LEVELS 5                 /* 0 to 4 */
#define CATEGORIES 6             /* the five, and those without one */
#define STATES (REPORT_WITHDRAWN + 1)

/* Months are counted from year 0: 12 of them a year. */
struct month {
	int64_t number, count;
	struct month *next;
};

struct tally {
	int64_t total;
	int64_t cell[CATEGORIES][LEVELS + 1];    /* the last: of no level */
	int64_t state[STATES];
	struct month *first;                     /* by time */
	struct month *now;                       /* that of the row before, which ends here */
	int64_t begins, ends;
};

/* ---- counting ---- */

/* The month of this number, made where it belongs. */
static struct month *
month_at(struct tally *t, int64_t number, struct arena *a)
{
	struct month **at = &t->first, *m;

	while (*at && (*at)->number < number)
		at = &(*at)->next;
	if (*at && (*at)->number == number)
		return *at;
	m = arena_make(a, struct month);
	m->number = number;
	m->next = *at;
	*at = m;
	return m;
}

/* Rows come mostly in the order of time: the month of the one before is tried first. */
static void
count_month(struct tally *t, int64_t at, const struct zone *zone, struct arena *a)
{
	struct civil c;

	if (!t->now || at < t->begins || at >= t->ends) {
		c = civil_of(at, zone);
		t->now = month_at(t, c.year * 12 + c.month - 1, a);
		c = (struct civil){ .year = c.year, .month = c.month, .day = 1 };
		t->begins = civil_time(&c, zone);
		c.year += c.month == 12;
		c.month = c.month % 12 + 1;
		t->ends = civil_time(&c, zone);
	}
	t->now->count++;
}

static size_t
slot(int64_t v, size_t slots)
{
	return v >= 0 && (size_t)v < slots ? (size_t)v : slots;
}

/* What is asked: the period, and where the reader's reports are. */
struct question {
	struct tx *tx;
	const struct principal *who;
	int64_t from, to;
	struct sources sources;
	struct err *err;
};

static bool
within(const struct question *ask, int64_t t)
{
	return t != NO_TIME && t >= ask->from && t < ask->to;
}

struct lengths {
	int64_t *list;
	size_t n, cap;
};

static void
add_length(struct lengths *l, int64_t length, struct arena *a)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 256;
		int64_t *more = arena_raw(a, cap * sizeof(*more));

		for (size_t i = 0; i < l->n; i++)
			more[i] = l->list[i];
		l->list = more;
		l->cap = cap;
	}
	l->list[l->n++] = length;
}

static void
count_filed(struct tally *t, int64_t at, int64_t category, int64_t level, int64_t state,
    const struct question *ask)
{
	t->total++;
	t->cell[slot(category, CATEGORIES - 1)][slot(level, LEVELS)]++;
	if (state >= 0 && state < STATES)
		t->state[state]++;
	count_month(t, at, ask->who->zone, tx_arena(ask->tx));
}

/* One pass over the reports of a source: what was filed in the period, and what was closed in it. */
static bool
read_reports(const struct question *ask, const struct source *s, struct tally *t, struct lengths *l)
{
	struct rows q = db_query(ask->tx, source_stmt(S_STATISTICS_REPORTS_UNIT, s), I(s->org),
	    I(ask->who->reports.account), I(ask->from), I(ask->to));

	while (db_next(&q)) {
		int64_t filed = db_int(&q, 0), closed = db_int(&q, 1);

		if (within(ask, filed))
			count_filed(t, filed, db_int(&q, 2), db_int(&q, 3), db_int(&q, 4), ask);
		if (within(ask, closed))
			add_length(l, closed - filed, tx_arena(ask->tx));
	}
	return db_end(&q, ask->err);
}

struct share {
	int64_t late, all;
};

/* Every duty that fell due in the period and was met, or is late: how many of them late. */
static bool
read_duties(const struct question *ask, const struct source *s, struct share *share)
{
	struct rows q = db_query(ask->tx, source_stmt(S_STATISTICS_DUE_UNIT, s), I(s->org),
	    I(ask->who->reports.account), I(ask->from), I(ask->to));

	if (db_next(&q)) {
		share->late += db_int(&q, 0);
		share->all += db_int(&q, 1);
	}
	return db_end(&q, ask->err);
}

static int
longer(const void *x, const void *y)
{
	int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

	return a < b ? -1 : a > b;
}

/* ---- showing ---- */

static void
map_real(struct arena *a, struct value *map, const char *key, double r)
{
	struct value *v;

	if (r < 0) {
		map_null(a, map, key);
		return;
	}
	v = map_add(map, key, value_int(a, 0));
	v->kind = V_REAL;
	v->r = r;
}

/* Days, to a tenth. */
static void
map_days(struct arena *a, struct value *map, const char *key, double micros)
{
	map_real(a, map, key, micros < 0 ? -1 : (double)(int64_t)(micros * 10 / DAY + 0.5) / 10);
}

static void
add_levels(struct arena *a, struct value *row, const int64_t cell[LEVELS + 1])
{
	static const char *const names[LEVELS] = { "l0", "l1", "l2", "l3", "l4" };
	int64_t total = 0;

	for (int level = 1; level < LEVELS; level++)
		map_int(a, row, names[level], cell[level]);
	map_int(a, row, names[0], cell[0] + cell[LEVELS]);       /* voluntary notes below level 1 */
	for (int level = 0; level <= LEVELS; level++)
		total += cell[level];
	map_int(a, row, "total", total);
}

static void
add_table(struct arena *a, struct value *out, const struct tally *t)
{
	struct value *table = map_map(a, out, "by_category_level"), *rows = map_list(a, table, "rows");
	int64_t sums[LEVELS + 1] = { 0 };

	for (int c = 0; c < CATEGORIES; c++) {
		const struct report r = { .category = c < CATEGORIES - 1 ? c : NONE };
		struct value *row;
		int64_t any = 0;

		for (int level = 0; level <= LEVELS; level++) {
			sums[level] += t->cell[c][level];
			any += t->cell[c][level];
		}
		if (r.category == NONE && !any)
			continue;
		row = list_add(rows, value_map(a));
		field_show(REPORT_FIELD(category), &r, row, a);
		add_levels(a, row, t->cell[c]);
	}
	add_levels(a, map_map(a, table, "totals"), sums);
}

static void
add_states(struct arena *a, struct value *out, const struct tally *t)
{
	struct value *list = map_list(a, out, "by_state");

	for (int state = 0; state < STATES; state++) {
		const struct report r = { .state = state };
		struct value *row;

		if (!t->state[state])
			continue;
		row = list_add(list, value_map(a));
		field_show(REPORT_FIELD(state), &r, row, a);
		map_int(a, row, "count", t->state[state]);
	}
}

/* From the first to the last in which something was filed, those in between in which nothing was too. */
static void
add_months(struct arena *a, struct value *out, const struct tally *t)
{
	struct value *list = map_list(a, out, "by_month");
	int64_t number = t->first ? t->first->number : 0;

	for (const struct month *m = t->first; m; number++) {
		struct value *row = list_add(list, value_map(a));
		bool here = m->number == number;

		map_str(a, row, "month", arena_printf(a, "%04lld-%02d", (long long)(number / 12),
		    (int)(number % 12) + 1));
		map_int(a, row, "count", here ? m->count : 0);
		if (here)
			m = m->next;
	}
}

static void
add_lengths(struct arena *a, struct value *out, const struct lengths *l)
{
	double sum = 0, median = -1;

	for (size_t i = 0; i < l->n; i++)
		sum += (double)l->list[i];
	if (l->n)
		median = ((double)l->list[(l->n - 1) / 2] + (double)l->list[l->n / 2]) / 2;
	map_int(a, out, "closed", (int64_t)l->n);
	map_days(a, out, "mean_days_to_close", l->n ? sum / (double)l->n : -1);
	map_days(a, out, "median_days_to_close", median);
	/* nearest rank: the smallest that nine tenths do not exceed */
	map_days(a, out, "p90_days_to_close", l->n ? (double)l->list[(l->n * 9 + 9) / 10 - 1] : -1);
}

static bool
ask_all(struct question *ask, struct tally *t, struct lengths *l, struct share *share)
{
	if (!sources_of(ask->tx, ask->who, &ask->sources, ask->err))
		return false;
	for (int i = 0; i < ask->sources.n; i++)
		if (!read_reports(ask, &ask->sources.list[i], t, l) ||
		    !read_duties(ask, &ask->sources.list[i], share))
			return false;
	if (l->n)
		qsort(l->list, l->n, sizeof(*l->list), longer);
	return true;
}

struct value *
statistics(struct tx *tx, const struct principal *who, int64_t from, int64_t to, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *out = value_map(a), *period;
	struct tally *t = arena_make(a, struct tally);
	struct lengths lengths = { NULL, 0, 0 };
	struct share share = { 0, 0 };
	struct question ask = { .tx = tx, .who = who, .from = from, .to = to, .err = err };

	if (!ask_all(&ask, t, &lengths, &share))
		return NULL;
	period = map_map(a, out, "period");
	map_time(a, period, "from", from);
	map_time(a, period, "to", to);
	map_time(a, out, "taken_at", tx_now(tx));
	map_str(a, out, "rule", msg(who->lang, "statistics.rule"));
	map_int(a, out, "total", t->total);
	add_table(a, out, t);
	add_states(a, out, t);
	add_lengths(a, out, &lengths);
	map_real(a, out, "on_time_share",
	    share.all ? (double)(share.all - share.late) / (double)share.all : -1);
	add_months(a, out, t);
	return out;
}
