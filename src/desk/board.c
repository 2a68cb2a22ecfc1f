/* The board: open duties by time left, over everything the reader may see. */
#include <stdlib.h>

#include "desk/duties.h"
#include "desk/work.h"

#define SOON (2 * HOUR)
#define COUNTED_MOST 100                 /* what is more is told as "99+" */
#define FAR_FUTURE INT64_MAX

/* A row as it was read: the duty, and what is shown of its report. */
struct place {
	struct duty d;
	struct str report_no, unit_name;
	int64_t category, level, escalation, state;
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
	p->state = db_int(q, at + 5);
}

static int64_t
keyset_from(const struct board_filter *f, struct span span)
{
	return f->after_due == NO_TIME ? span.from : later_of(f->after_due, span.from);
}

/* ---- reading ---- */

struct places {
	struct place *list;
	int n, room;
};

static struct place *
add_place(struct places *p, struct arena *a)
{
	if (p->n == p->room) {
		int room = p->room ? p->room * 2 : 64;
		struct place *more = arena_raw(a, (size_t)room * sizeof(*more));

		for (int i = 0; i < p->n; i++)
			more[i] = p->list[i];
		p->list = more;
		p->room = room;
	}
	return &p->list[p->n++];
}

/* What a statement of the board is asked with: vals[1..n]. */
struct question {
	int stmt, n;
	struct val vals[12];
};

/* One side's duties of one source from the key on, at most limit + 1. */
static struct question
ask_side(const struct principal *who, const struct source *s, const struct board_filter *f, struct span span,
    int64_t holder)
{
	int64_t from = keyset_from(f, span);
	int64_t after = f->after_due != NO_TIME && from == f->after_due ? f->after_id : -1;

	return (struct question){ source_stmt(S_DUTY_BOARD_UNIT, s), 11, { N(NONE), I(s->org),
		I(who->reports.account), I(holder), I(from), I(after), I(span.until), N(f->level), N(f->org),
		T(f->clock), N(f->category), I(f->limit + 1) } };
}

static bool
read_side(struct tx *tx, struct question ask, struct places *places, struct err *err)
{
	struct rows q = db_query_vals(tx, ask.stmt, ask.vals, ask.n);

	while (db_next(&q))
		load(&q, add_place(places, tx_arena(tx)));
	return db_end(&q, err);
}

static int
by_due(const void *x, const void *y)
{
	const struct duty *a = &((const struct place *)x)->d, *b = &((const struct place *)y)->d;

	if (a->due_at != b->due_at)
		return a->due_at < b->due_at ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static bool
read_all(struct tx *tx, const struct principal *who, const struct sources *sources,
    const struct board_filter *f, struct span span, struct places *ret_places, struct err *err)
{
	struct places places = { NULL, 0, 0 };
	struct question asks[2 * SOURCES_MOST];
	int n = 0;

	for (int i = 0; i < sources->n; i++)
		for (int64_t holder = HOLDER_PROVIDER; holder <= HOLDER_CERT; holder++)
			if (wanted(f, holder, side_of(who)))
				asks[n++] = ask_side(who, &sources->list[i], f, span, holder);
	for (int i = 1; i < n; i++)
		db_ahead_vals(tx, asks[i].stmt, asks[i].vals, asks[i].n);
	for (int i = 0; i < n; i++)
		if (!read_side(tx, asks[i], &places, err))
			return false;
	if (places.n)
		qsort(places.list, (size_t)places.n, sizeof(*places.list), by_due);
	*ret_places = places;
	return true;
}

/*
 * The side's duty may be somebody else's work (a liaison does not review), or wait for the other side (a returned
 * report).
 */
static bool
his_turn(const struct principal *who, const struct report *r, enum verb v)
{
	for (int i = 0; i < life_count; i++)
		if (life[i].verb == v && (life[i].roles & who->roles) && (life[i].from & STATE_BIT(r->state)))
			return true;
	return false;
}

static struct value *
show(const struct place *p, const struct principal *who, const struct face *f, struct arena *a)
{
	const struct report r = {
		.category = p->category, .level = p->level, .escalation = p->escalation, .state = p->state,
	};
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
	if (verb == VERB__MAX || p->d.holder != side_of(who) || !his_turn(who, &r, verb)) {
		map_null(a, row, "act");
		return row;
	}
	act = map_map(a, row, "act");
	map_str(a, act, "verb", str_c(verb_id(verb)));
	map_str(a, act, "label", msg(f->lang, verb_label(verb)));
	map_str(a, act, "href", arena_printf(a, "/reports/%lld/%s", (long long)p->d.report_id,
	    verb_id(verb)));
	return row;
}

/* ---- counting, bounded ---- */

static struct question
ask_count(const struct principal *who, const struct source *s, const struct board_filter *f, struct span span,
    int64_t holder)
{
	return (struct question){ source_stmt(S_DUTY_COUNT_UNIT, s), 10, { N(NONE), I(s->org),
		I(who->reports.account), I(holder), I(span.from), I(span.until), N(f->level), N(f->org), T(f->clock),
		N(f->category), I(COUNTED_MOST) } };
}

static bool
count_side(struct tx *tx, struct question ask, int *n, struct err *err)
{
	struct rows q = db_query_vals(tx, ask.stmt, ask.vals, ask.n);

	if (db_next(&q))
		*n += (int)db_int(&q, 0);
	return db_end(&q, err);
}

/* count() will come, for this span. */
static void
count_ahead(struct tx *tx, const struct principal *who, const struct sources *sources, const struct board_filter *f,
    struct span span)
{
	for (int i = 0; i < sources->n; i++)
		for (int64_t holder = HOLDER_PROVIDER; holder <= HOLDER_CERT; holder++)
			if (wanted(f, holder, side_of(who))) {
				struct question ask = ask_count(who, &sources->list[i], f, span, holder);

				db_ahead_vals(tx, ask.stmt, ask.vals, ask.n);
			}
}

static bool
count(struct tx *tx, const struct principal *who, const struct sources *sources, const struct board_filter *f,
    struct span span, int *ret_n, struct err *err)
{
	int n = 0;

	for (int i = 0; i < sources->n && n < COUNTED_MOST; i++)
		for (int64_t holder = HOLDER_PROVIDER; holder <= HOLDER_CERT; holder++)
			if (wanted(f, holder, side_of(who)) &&
			    !count_side(tx, ask_count(who, &sources->list[i], f, span, holder), &n, err))
				return false;
	*ret_n = n > COUNTED_MOST ? COUNTED_MOST : n;
	return true;
}

int
duties_count(struct tx *tx, const struct principal *who, struct err *err)
{
	const struct board_filter mine = { .holder = side_of(who), .level = NONE, .org = NONE, .category = NONE };
	const struct span all = { INT64_MIN, FAR_FUTURE };
	struct sources sources;
	int n = 0;

	if (side_of(who) == NONE || !sources_of(tx, who, &sources, err))
		return 0;
	return count(tx, who, &sources, &mine, all, &n, err) ? n : 0;
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
add_counts(struct tx *tx, const struct principal *who, const struct sources *sources,
    const struct board_filter *f, const struct face *face, struct value *out, struct err *err)
{
	struct value *counts = map_map(tx_arena(tx), out, "counts");
	int overdue, soon;

	if (!count(tx, who, sources, f, span_of(STR("overdue"), face), &overdue, err) ||
	    !count(tx, who, sources, f, span_of(STR("soon"), face), &soon, err))
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
	struct value *out = value_map(a), *list = map_list(a, out, "rows");
	struct sources sources;
	struct places places;
	int shown;

	if (!sources_of(tx, who, &sources, err))
		return NULL;
	count_ahead(tx, who, &sources, f, span_of(STR("overdue"), &face));
	count_ahead(tx, who, &sources, f, span_of(STR("soon"), &face));
	if (!read_all(tx, who, &sources, f, span_of(f->group, &face), &places, err))
		return NULL;
	shown = places.n < f->limit ? places.n : f->limit;
	for (int i = 0; i < shown; i++)
		list_add(list, show(&places.list[i], who, &face, a));
	add_next(out, places.n > shown && shown ? &places.list[shown - 1] : NULL, a);
	return add_counts(tx, who, &sources, f, &face, out, err) ? out : NULL;
}

bool
duties_due(struct tx *tx, const struct principal *who, int most, struct due **ret_list, int *ret_n, struct err *err)
{
	const struct board_filter mine = { .holder = NONE, .level = NONE, .org = NONE, .category = NONE, .mine = true,
		.after_due = NO_TIME, .limit = most };
	const struct span all = { INT64_MIN, FAR_FUTURE };
	struct sources sources;
	struct places places;
	struct due *list;

	if (!sources_of(tx, who, &sources, err) || !read_all(tx, who, &sources, &mine, all, &places, err))
		return false;
	if (places.n > most)
		places.n = most;
	list = arena_raw(tx_arena(tx), (size_t)(places.n + 1) * sizeof(*list));
	for (int i = 0; i < places.n; i++)
		list[i] = (struct due){ places.list[i].d, places.list[i].report_no };
	*ret_list = list;
	*ret_n = places.n;
	return true;
}
