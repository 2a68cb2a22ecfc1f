/* Pages that list: the reports, the board, the first page, figures. What they need beside their rows. */
#include "site/frame.h"

#include <string.h>

#include "base/arena.h"
#include "desk/reports.h"
#include "http/route.h"
#include "site/part.h"

static const struct value *
get(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);

	return v && v->kind != V_NULL ? v : NULL;
}

/* ---- marking and paging ---- */

/* A list is marked as its strictest row. */
static void
mark_list(const struct request *r, const struct value *rows, struct value *page)
{
	const struct choice *strictest = NULL;

	for (const struct value *row = rows ? rows->first : NULL; row; row = row->next) {
		const struct choice *c = choice_by_id(&choices_tlp, value_text(value_get(row, "tlp")));

		if (c && (!strictest || c->code < strictest->code))
			strictest = c;
	}
	if (strictest)
		frame_marking(r, page, strictest->key, msg(r->lang, "seen.own_rights"));
}

static void
add_pager(const struct request *r, const struct answer *a, struct value *page)
{
	const struct value *next = get(a->value, "next");
	struct str older = STR_NONE;

	if (next && next->kind == V_INT)
		older = query_with(r, "before", arena_printf(r->arena, "%lld", (long long)next->i));
	map_str(r->arena, page, "older_href", older);
	map_str(r->arena, page, "newest_href",
	    request_query(r, "before").p ? query_with(r, "before", STR_NONE) : STR_NONE);
}

/* ---- reports ---- */

struct view {
	const char *href, *label, *state;        /* current: the query's state (and history) are these */
	bool history;
};
static const struct view report_views[] = {
	{ "/reports", "list.all", "", false },
	{ "/reports?state=open", "list.open", "open", false },
	{ "/reports?state=draft", "list.drafts", "draft", false },
	{ "/reports?history=yes", "list.history", "", true },
};

static void
add_report_views(const struct request *r, struct value *page)
{
	struct value *list = map_list(r->arena, page, "views");
	struct str state = request_query(r, "state");
	bool history = query_is(r, "history", "yes");

	for (size_t i = 0; i < sizeof(report_views) / sizeof(report_views[0]); i++) {
		const struct view *v = &report_views[i];
		struct value *item;

		/* drafts are the provider's own */
		if (!strcmp(v->state, "draft") &&
		    !principal_is(r->who, ROLE_PROVIDER | ROLE_REVIEWER | ROLE_HANDLER | ROLE_MANAGER))
			continue;
		item = list_add(list, value_map(r->arena));
		map_str(r->arena, item, "href", str_c(v->href));
		map_str(r->arena, item, "label", msg(r->lang, v->label));
		map_bool(r->arena, item, "current",
		    str_is(state.p ? state : STR(""), v->state) && history == v->history);
	}
}

static struct value *
level_options(const struct request *r)
{
	struct value *list = value_list(r->arena);
	struct str chosen = request_query(r, "level");

	for (int level = 4; level >= 0; level--) {
		struct value *o = list_add(list, value_map(r->arena));
		struct str id = arena_printf(r->arena, "%d", level);
		const struct msg_arg args[] = { { "level", id }, { NULL, STR_NONE } };

		map_str(r->arena, o, "id", id);
		map_str(r->arena, o, "label", msg_fill(r->arena, r->lang, "level.chip", args));
		map_bool(r->arena, o, "chosen", str_eq(id, chosen));
	}
	return list;
}

static struct str
typed(const struct request *r, const char *name)
{
	struct str s = request_query(r, name);

	return s.p ? s : STR("");
}

static void
add_report_filter(const struct request *r, struct value *page)
{
	struct value *f = map_map(r->arena, page, "filter"), *states;

	map_str(r->arena, f, "q", typed(r, "q"));
	states = view_options(r, &choices_report_state, request_query(r, "state"));
	map_add(f, "states", states);
	map_add(f, "categories", view_options(r, &choices_category, request_query(r, "category")));
	map_add(f, "levels", level_options(r));
	map_str(r->arena, f, "from", typed(r, "from"));
	map_str(r->arena, f, "to", typed(r, "to"));
	map_str(r->arena, f, "org", request_query(r, "org"));
	map_bool(r->arena, f, "history", query_is(r, "history", "yes"));
	map_bool(r->arena, f, "more",
	    request_query(r, "category").n || request_query(r, "level").n || request_query(r, "from").n ||
	    request_query(r, "to").n || request_query(r, "state").n);
}

/* ---- the board ---- */

static void
add_board_view(const struct request *r, struct value *list, const char *group, const char *label,
    int64_t count)
{
	struct value *item = list_add(list, value_map(r->arena));
	struct str now = request_query(r, "group");

	map_str(r->arena, item, "href", query_at(r, "/duties", "group", str_c(group)));
	map_str(r->arena, item, "label", msg(r->lang, label));
	map_bool(r->arena, item, "current", group ? str_is(now, group) : !now.n);
	map_int(r->arena, item, "count", count > 0 ? count : NONE);
}

/* Something beside the time left is asked for. */
static bool
board_filtered(const struct request *r)
{
	static const char *const names[] = { "level", "category", "clock", "holder", "org" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (request_query(r, names[i]).n)
			return true;
	return false;
}

static int64_t
count_of(const struct value *board, const char *what)
{
	const struct value *n = get(get(board, "counts"), what);

	return n && n->kind == V_INT ? n->i : 0;
}

static void
add_board_views(const struct request *r, const struct value *board, struct value *page)
{
	struct value *list = map_list(r->arena, page, "views");
	add_board_view(r, list, NULL, "board.any_time", 0);
	add_board_view(r, list, "overdue", "board.overdue", count_of(board, "overdue"));
	add_board_view(r, list, "soon", "board.soon", count_of(board, "soon"));
	add_board_view(r, list, "today", "board.today", 0);
	add_board_view(r, list, "later", "board.later", 0);
}

/* One choice of a select whose words are not those of a table of choices. */
static void
add_choice(const struct request *r, struct value *list, struct str id, struct str label, struct str chosen)
{
	struct value *o = list_add(list, value_map(r->arena));

	map_str(r->arena, o, "id", id);
	map_str(r->arena, o, "label", label);
	map_bool(r->arena, o, "chosen", str_eq(id, chosen));
}

static bool
is_listed(const struct value *list, const char *id)
{
	for (const struct value *o = list->first; o; o = o->next)
		if (str_is(value_text(value_get(o, "id")), id))
			return true;
	return false;
}

/* The clocks of every regime, those of the newest regulation first; one that several have under one id stands once. */
static void
add_clock_choices(const struct request *r, struct value *list)
{
	static const int64_t order[] = { REGIME_TW_2026, REGIME_TW_2017, REGIME_EU_NIS2, REGIME_EU_DORA };

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		const struct regime *g = regime_by_code(order[k], r->now);

		for (int i = 0; g && i < g->clock_count; i++)
			if (!is_listed(list, g->clocks[i].id))
				add_choice(r, list, str_c(g->clocks[i].id), g->clocks[i].title[r->lang],
				    request_query(r, "clock"));
	}
}

/* Level, category, kind of duty, whose: what the address holds can be kept. */
static void
add_board_filter(const struct request *r, struct value *page)
{
	struct value *f = map_map(r->arena, page, "filter"), *list;

	map_bool(r->arena, f, "more", board_filtered(r));
	map_str(r->arena, f, "group", request_query(r, "group"));
	map_str(r->arena, f, "org", request_query(r, "org"));
	map_add(f, "levels", level_options(r));
	map_add(f, "categories", view_options(r, &choices_category, request_query(r, "category")));
	add_clock_choices(r, map_list(r->arena, f, "clocks"));
	list = map_list(r->arena, f, "holders");
	add_choice(r, list, STR("all"), msg(r->lang, "board.everybody"), request_query(r, "holder"));
	add_choice(r, list, STR("provider"), msg(r->lang, "choice.holder.provider"),
	    request_query(r, "holder"));
	add_choice(r, list, STR("cert"), msg(r->lang, "choice.holder.cert"), request_query(r, "holder"));
}

/* "/duties?...&after_due=...&after_id=..." */
static void
add_board_pager(const struct request *r, const struct value *board, struct value *page)
{
	const struct value *next = get(board, "next"), *due = get(next, "after_due"),
	    *id = get(next, "after_id");
	struct buf b = { .arena = r->arena };

	if (!due || !id) {
		map_null(r->arena, page, "older_href");
		return;
	}
	buf_put(&b, query_at(r, "/duties", "after_due",
	    due->kind == V_TIME ? time_rfc3339(r->arena, due->i) : value_text(due)));
	buf_printf(&b, "&after_id=%lld", (long long)id->i);
	map_str(r->arena, page, "older_href", buf_str(&b));
}

/* "/reports/1/return" beside a row whose main action is the review: for the key r. */
static void
add_returns(const struct request *r, struct value *rows)
{
	for (struct value *row = rows ? rows->first : NULL; row; row = row->next) {
		bool review = str_is(value_text(value_get(get(row, "act"), "verb")), "review");

		map_str(r->arena, row, "return_href", !review ? STR_NONE :
		    arena_printf(r->arena, "/reports/%lld/return",
		    (long long)value_get(row, "report_id")->i));
	}
}

static void
add_board(const struct request *r, const struct value *board, struct value *page)
{
	struct value *rows = value_get(board, "rows");

	view_clocks(r, rows);
	add_returns(r, rows);
	map_add(page, "groups", view_groups(r, rows));
	add_board_views(r, board, page);
	add_board_filter(r, page);
	add_board_pager(r, board, page);
	map_str(r->arena, page, "empty_hint",
	    msg(r->lang, principal_is(r->who, ROLE_CERT) ? "board.empty_cert" : "board.empty_provider"));
	map_bool(r->arena, page, "is_home", str_is(r->path, "/"));
	mark_list(r, rows, page);
}

/* ---- figures ---- */

#define CHART_WIDTH 1000         /* of the longest bar, in the units of its drawing */

static int64_t
int_of(const struct value *map, const char *key)
{
	const struct value *v = get(map, key);

	return v && v->kind == V_INT ? v->i : 0;
}

/* The parts of one bar, side by side: {level, x, width, label}. */
static void
add_parts(const struct request *r, struct value *bar, const struct value *row, int64_t most)
{
	static const char *const levels[] = { "l0", "l1", "l2", "l3", "l4" };
	struct value *parts = map_list(r->arena, bar, "parts");
	int64_t x = 0;

	for (int level = 0; level <= 4; level++) {
		int64_t n = int_of(row, levels[level]), width = n * CHART_WIDTH / most;
		const struct msg_arg args[] = {
			{ "level", arena_printf(r->arena, "%d", level) },
			{ "n", arena_printf(r->arena, "%lld", (long long)n) },
			{ NULL, STR_NONE },
		};
		struct value *part;

		if (!n)
			continue;
		part = list_add(parts, value_map(r->arena));
		map_int(r->arena, part, "level", level);
		map_int(r->arena, part, "x", x);
		map_int(r->arena, part, "width", width > 1 ? width : 1);
		map_str(r->arena, part, "label", msg_fill(r->arena, r->lang, "stats.part", args));
		x += width;
	}
}

/* One bar a category, in the levels' colours: {bars: [{label, total, parts}], legend}. */
static void
add_chart(const struct request *r, const struct value *rows, struct value *page)
{
	struct value *chart, *bars, *legend;
	int64_t most = 1;

	for (const struct value *row = rows ? rows->first : NULL; row; row = row->next)
		most = int_of(row, "total") > most ? int_of(row, "total") : most;
	if (!rows || !rows->n) {
		map_null(r->arena, page, "chart");
		return;
	}
	chart = map_map(r->arena, page, "chart");
	bars = map_list(r->arena, chart, "bars");
	for (const struct value *row = rows->first; row; row = row->next) {
		struct value *bar = list_add(bars, value_map(r->arena));

		map_str(r->arena, bar, "label", face_value(r->arena, &r->face, value_get(row, "category")));
		map_int(r->arena, bar, "total", int_of(row, "total"));
		add_parts(r, bar, row, most);
	}
	legend = map_list(r->arena, chart, "legend");
	for (int level = 0; level <= 4; level++) {
		struct value *entry = list_add(legend, value_map(r->arena));
		const struct msg_arg args[] = {
			{ "level", arena_printf(r->arena, "%d", level) }, { NULL, STR_NONE },
		};

		map_int(r->arena, entry, "level", level);
		map_str(r->arena, entry, "label", msg_fill(r->arena, r->lang, "level.chip", args));
	}
}

static void
add_months(const struct request *r, const struct value *rows, struct value *page)
{
	struct value *months = map_list(r->arena, page, "months");
	int64_t most = 1;

	for (const struct value *row = rows ? rows->first : NULL; row; row = row->next)
		most = int_of(row, "count") > most ? int_of(row, "count") : most;
	for (const struct value *row = rows ? rows->first : NULL; row; row = row->next) {
		struct value *month = list_add(months, value_map(r->arena));

		map_add(month, "month", view_copy(r->arena, value_get(row, "month")));
		map_int(r->arena, month, "count", int_of(row, "count"));
		map_int(r->arena, month, "share", int_of(row, "count") * 100 / most);
	}
}

/* "93 %" of a share between 0 and 1. */
static struct str
share_words(const struct request *r, const struct value *share)
{
	if (!share)
		return STR("—");
	if (share->kind == V_REAL)
		return arena_printf(r->arena, "%.0f %%", share->r * 100);
	if (share->kind == V_INT)
		return arena_printf(r->arena, "%lld %%", (long long)share->i * 100);
	return face_value(r->arena, &r->face, share);
}

/* This year, this quarter, last quarter: addresses that can be kept. */
static void
add_periods(const struct request *r, struct value *page)
{
	struct value *list = map_list(r->arena, page, "views");
	struct civil now = civil_of(r->now, r->face.zone);
	int quarter = (now.month - 1) / 3;

	for (int i = 0; i < 3; i++) {
		static const char *const labels[] = {
			"stats.this_year", "stats.this_quarter", "stats.last_quarter",
		};
		int q = i == 0 ? 0 : i == 1 ? quarter : (quarter + 3) % 4;
		int64_t year = i == 2 && quarter == 0 ? now.year - 1 : now.year;
		int last = i == 0 ? 12 : q * 3 + 3;
		struct str from = arena_printf(r->arena, "%04d-%02d-01", (int)year, i == 0 ? 1 : q * 3 + 1);
		struct str to = arena_printf(r->arena, "%04d-%02d-%02d", (int)year, last,
		    days_in_month(year, last));
		struct value *item = list_add(list, value_map(r->arena));
		bool plain = i == 0 && !request_query(r, "from").n && !request_query(r, "to").n;

		map_str(r->arena, item, "href",
		    arena_printf(r->arena, "/statistics?from=%.*s&to=%.*s", STR_FMT(from), STR_FMT(to)));
		map_str(r->arena, item, "label", msg(r->lang, labels[i]));
		map_bool(r->arena, item, "current",
		    plain || (str_eq(request_query(r, "from"), from) && str_eq(request_query(r, "to"), to)));
	}
}

static void
add_figures(const struct request *r, const struct value *figures, struct value *page)
{
	const struct value *period = get(figures, "period"), *from = get(period, "from"),
	    *to = get(period, "to");
	struct value *f = map_map(r->arena, page, "filter");

	map_str(r->arena, f, "from", view_date(r->arena, &r->face, from ? from->i : NO_TIME));
	map_str(r->arena, f, "to", view_date(r->arena, &r->face, to ? to->i - 1 : NO_TIME));
	map_str(r->arena, page, "on_time", share_words(r, get(figures, "on_time_share")));
	add_periods(r, page);
	add_chart(r, get(get(figures, "by_category_level"), "rows"), page);
	add_months(r, get(figures, "by_month"), page);
}

void
list_frame(struct request *r, const struct answer *a, struct value *page)
{
	const char *name = r->route->name;
	const struct value *rows = get(a->value, "rows");

	if (!strcmp(name, "report.list")) {
		map_bool(r->arena, page, "has_rows", rows && rows->n > 0);
		add_report_views(r, page);
		add_report_filter(r, page);
		add_pager(r, a, page);
		mark_list(r, rows, page);
	} else if (!strcmp(name, "report.trail")) {
		add_pager(r, a, page);
	} else if (!strcmp(name, "board")) {
		add_board(r, a->value, page);
	} else if (!strcmp(name, "home") && get(a->value, "duties")) {
		const struct value *reports = get(get(a->value, "reports"), "rows");

		add_board(r, get(a->value, "duties"), page);
		map_bool(r->arena, page, "has_rows", reports && reports->n > 0);
		mark_list(r, reports, page);
	} else if (!strcmp(name, "home") && rows) {
		add_board(r, a->value, page);
	} else if (!strcmp(name, "statistics")) {
		add_figures(r, a->value, page);
	}
}
