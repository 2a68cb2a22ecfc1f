/* The board: open duties by time left, over everything the reader may see. */
#include "desk/duties.h"
#include "desk/work.h"

#define SOON (2 * HOUR)
#define COUNTED_MOST 100                 /* what is more is told as "99+" */
#define FAR_FUTURE INT64_MAX

/* A row as it was read: the duty, and what is shown of its report. */
struct place {
	struct duty d;
	struct str report_no, unit_name;
	int64_t category, level, escalation;
};

struct span {
	int64_t from, until;             /* due times: from, before until */
};

/* The end of the reader's day. */
static int64_t
midnight(const struct face *f)
{
	struct civil c = civil_of(f->now, f->zone);

	c.hour = 23;
	c.minute = c.second = 59;
	c.micro = 999999;
	return civil_time(&c, f->zone) + 1;
}

static int64_t
later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static struct span
span_of(struct str group, const struct face *f)
{
	int64_t soon = f->now + SOON, end = later_of(midnight(f), f->now + SOON);

	if (str_is(group, "overdue"))
		return (struct span){ INT64_MIN, f->now };
	if (str_is(group, "soon"))
		return (struct span){ f->now, soon };
	if (str_is(group, "today"))
		return (struct span){ soon, end };
	if (str_is(group, "later"))
		return (struct span){ end, FAR_FUTURE };
	return (struct span){ INT64_MIN, FAR_FUTURE };
}

static const char *
group_of(const struct duty *d, const struct face *f)
{
	if (d->due_at < f->now)
		return "overdue";
	if (d->due_at < f->now + SOON)
		return "soon";
	return d->due_at < midnight(f) ? "today" : "later";
}

/* Which of the two sides is asked for. */
static bool
wanted(const struct board_filter *f, int64_t holder, int64_t side)
{
	if (f->holder != NONE)
		return f->holder == holder;
	return !f->mine || side == NONE || side == holder;
}

static void
load(const struct rows *q, struct place *p)
{
	int at = entity_load(ENTITY_DUTY, q, 0, &p->d);

	p->report_no = db_str(q, at);
	p->unit_name = db_str(q, at + 1);
	p->category = db_int(q, at + 2);
	p->level = db_int(q, at + 3);
	p->escalation = db_int(q, at + 4);
}

static int64_t
keyset_from(const struct board_filter *f, struct span span)
{
	return f->after_due == NO_TIME ? span.from : later_of(f->after_due, span.from);
}

/* One side's duties from the key on, at most limit + 1. */
static bool
read_side(struct tx *tx, const struct principal *who, const struct board_filter *f, struct span span, int64_t holder,
    struct place *places, int *ret_n, struct err *err)
{
	int64_t from = keyset_from(f, span);
	int64_t after = f->after_due != NO_TIME && from == f->after_due ? f->after_id : -1;
	struct rows q = db_query(tx, scoped(S_DUTY_BOARD_UNIT, who), I(who->reports.org), I(who->reports.account), I(holder), I(from),
	    I(after), I(span.until), N(f->level), N(f->org), T(f->clock), N(f->category), I(f->limit + 1));
	int n = 0;

	while (n <= f->limit && db_next(&q))
		load(&q, &places[n++]);
	*ret_n = n;
	return db_end(&q, err);
}

static bool
before(const struct place *a, const struct place *b)
{
	return a->d.due_at < b->d.due_at || (a->d.due_at == b->d.due_at && a->d.id < b->d.id);
}

static struct value *
show(const struct place *p, const struct principal *who, const struct face *f, struct arena *a)
{
	const struct report r = { .category = p->category, .level = p->level, .escalation = p->escalation };
	struct value *row = duty_show(&p->d, f, false, a), *act;
	enum verb verb = duty_verb(&r, &p->d);

	map_int(a, row, "report_id", p->d.report_id);
	map_str(a, row, "report_no", p->report_no);
	map_str(a, row, "unit_name", p->unit_name);
	field_show(REPORT_FIELD(category), &r, row, a);
	field_show(REPORT_FIELD(level), &r, row, a);
	map_str(a, row, "group", str_c(group_of(&p->d, f)));
	map_bool(a, row, "mine", p->d.holder == side_of(who));
	map_str(a, row, "href", arena_printf(a, "/reports/%lld", (long long)p->d.report_id));
	if (verb == VERB__MAX || p->d.holder != side_of(who)) {
		map_null(a, row, "act");
		return row;
	}
	act = map_map(a, row, "act");
	map_str(a, act, "verb", str_c(verb_id(verb)));
	map_str(a, act, "label", msg(f->lang, verb_label(verb)));
	map_str(a, act, "href", arena_printf(a, "/reports/%lld/%s", (long long)p->d.report_id, verb_id(verb)));
	return row;
}

/* ---- counting, bounded ---- */

static bool
count_side(struct tx *tx, const struct principal *who, int64_t holder, struct span span, int *ret_n, struct err *err)
{
	struct rows q = db_query(tx, scoped(S_DUTY_COUNT_UNIT, who), I(who->reports.org), I(who->reports.account), I(holder),
	    I(span.from), I(span.until), I(COUNTED_MOST));

	if (db_next(&q))
		*ret_n += (int)db_int(&q, 0);
	return db_end(&q, err);
}

static bool
count(struct tx *tx, const struct principal *who, const struct board_filter *f, struct span span, int *ret_n, struct err *err)
{
	int n = 0;

	for (int64_t holder = HOLDER_PROVIDER; holder <= HOLDER_CERT; holder++)
		if (wanted(f, holder, side_of(who)) && !count_side(tx, who, holder, span, &n, err))
			return false;
	*ret_n = n > COUNTED_MOST ? COUNTED_MOST : n;
	return true;
}

int
duties_count(struct tx *tx, const struct principal *who, struct err *err)
{
	const struct board_filter mine = { .holder = side_of(who) };
	const struct span all = { INT64_MIN, FAR_FUTURE };
	int n = 0;

	if (scoped(0, who) < 0 || side_of(who) == NONE)
		return 0;
	return count(tx, who, &mine, all, &n, err) ? n : 0;
}

/* ---- the board ---- */

static void
add_next(struct value *out, const struct place *last, struct arena *a)
{
	struct value *next;

	if (!last) {
		map_null(a, out, "next");
		return;
	}
	next = map_map(a, out, "next");
	map_time(a, next, "after_due", last->d.due_at);
	map_int(a, next, "after_id", last->d.id);
}

static bool
add_counts(struct tx *tx, const struct principal *who, const struct board_filter *f, const struct face *face, struct value *out,
    struct err *err)
{
	struct value *counts = map_map(tx_arena(tx), out, "counts");
	int overdue, soon;

	if (!count(tx, who, f, span_of(STR("overdue"), face), &overdue, err) ||
	    !count(tx, who, f, span_of(STR("soon"), face), &soon, err))
		return false;
	map_int(tx_arena(tx), counts, "overdue", overdue);
	map_int(tx_arena(tx), counts, "soon", soon);
	return true;
}

struct value *
duties_board(struct tx *tx, const struct principal *who, const struct board_filter *f, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct face face = face_of(who, tx);
	struct span span = span_of(f->group, &face);
	struct value *out = value_map(a), *list = map_list(a, out, "rows");
	struct place *side[2] = { NULL, NULL }, *last = NULL;
	int n[2] = { 0, 0 }, at[2] = { 0, 0 };
	bool seeing = scoped(0, who) >= 0;

	for (int holder = HOLDER_PROVIDER; holder <= HOLDER_CERT && seeing; holder++) {
		if (!wanted(f, holder, side_of(who)))
			continue;
		side[holder] = arena_alloc(a, ((size_t)f->limit + 1) * sizeof(struct place));
		if (!read_side(tx, who, f, span, holder, side[holder], &n[holder], err))
			return NULL;
	}
	while ((int)list->n < f->limit && (at[0] < n[0] || at[1] < n[1])) {
		int from = at[0] == n[0] || (at[1] < n[1] && before(&side[1][at[1]], &side[0][at[0]]));

		last = &side[from][at[from]++];
		list_add(list, show(last, who, &face, a));
	}
	add_next(out, at[0] < n[0] || at[1] < n[1] ? last : NULL, a);
	if (!seeing) {
		map_null(a, out, "counts");
		return out;
	}
	return add_counts(tx, who, f, &face, out, err) ? out : NULL;
}
