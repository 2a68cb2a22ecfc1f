/* What pages are made of before a template sees it: the query, levels in words, clocks as bars, rows of a
 * record. */
#include <string.h>

#include "base/arena.h"
#include "model/duty.h"
#include "site/part.h"
#include "tap.h"

static struct arena *a;
static const struct zone *taipei;

/* A request for a path with these pairs in its query; ends with NULL. */
static struct request *
asks(const char *path, const char *const *pairs)
{
	struct request *r = arena_make(a, struct request);

	r->arena = a;
	r->path = str_c(path);
	r->lang = LANG_ZH;
	r->query = value_map(a);
	r->now = r->face.now = INT64_C(1795284600) * SECOND;     /* 2026-11-22 02:10 in Taipei */
	r->face.lang = LANG_ZH;
	r->face.zone = taipei;
	for (; pairs && *pairs; pairs += 2)
		map_str(a, r->query, pairs[0], str_c(pairs[1]));
	return r;
}

static struct str
moment(struct request *r, const char *name, bool end)
{
	struct err err = { .arena = a };
	int64_t t;

	if (!query_time(r, name, end, &t, &err))
		return err.fault == FAULT_QUERY ? STR("refused") : STR("another fault");
	return t == NO_TIME ? STR("none") : face_full(a, &r->face, t);
}

static void
test_times(void)
{
	struct request *r = asks("/reports",
	    (const char *const[]){ "from", "2026-11-01", "to", "2026-12-31", "leap", "2028-02-28", "month",
		"2026-11-30", "hour", "2026-11-21T18:00:00Z", "never", "2026-02-30", "words", "yesterday",
		NULL });

	is_str(moment(r, "from", false), "2026-11-01 00:00:00 (+08:00)", "a date begins at its midnight");
	is_str(moment(r, "to", true), "2027-01-01 00:00:00 (+08:00)", "the last day of a year ends it");
	is_str(moment(r, "leap", true), "2028-02-29 00:00:00 (+08:00)", "a leap year's February goes on");
	is_str(moment(r, "month", true), "2026-12-01 00:00:00 (+08:00)", "the last day of a month ends it");
	is_str(
	    moment(r, "hour", true), "2026-11-22 02:00:00 (+08:00)", "a moment is a moment, also at the end");
	is_str(moment(r, "absent", false), "none", "not asked for");
	is_str(moment(r, "never", false), "refused", "30 February");
	is_str(moment(r, "words", false), "refused", "no date at all");
}

static void
test_addresses(void)
{
	struct request *r = asks("/reports", (const char *const[]){
	    "q", "勒索 & \"x\"", "before", "12", "notice", "notice.saved", "lang", "en", NULL });
	struct buf b = { .arena = a };

	put_encoded(&b, STR("a-Z.9_~ /?#%&+\xe9\x90\x98"));
	is_str(buf_str(&b), "a-Z.9_~%20%2F%3F%23%25%26%2B%E9%90%98", "everything else is encoded");
	is_str(query_with(r, "before", STR("7")), "/reports?q=%E5%8B%92%E7%B4%A2%20%26%20%22x%22&before=7",
	    "one name set, passing ones gone");
	is_str(query_with(r, "before", STR_NONE), "/reports?q=%E5%8B%92%E7%B4%A2%20%26%20%22x%22",
	    "one name taken out");
	is_str(query_at(r, "/duties", "group", STR("soon")),
	    "/duties?q=%E5%8B%92%E7%B4%A2%20%26%20%22x%22&group=soon",
	    "at another path, from its first page");
	ok(query_is(r, "before", "12") && !query_is(r, "before", "1"), "a value of the query");
	is_int(query_choice(asks("/", (const char *const[]){ "level", "x", "holder", "cert", NULL }),
		   "holder", &choices_holder),
	    HOLDER_CERT, "a choice of the query");
	is_int(query_choice(r, "category", &choices_category), NONE, "no choice");
}

static struct report *
report_of(int64_t c, int64_t i, int64_t avail)
{
	struct report *r = entity_new(&entity_report, a);

	r->impact_c = c;
	r->impact_i = i;
	r->impact_a = avail;
	return r;
}

static struct str
said(const struct value *v, const char *key)
{
	return value_text(value_get(v, key));
}

static void
test_levels(void)
{
	struct request *r = asks("/reports/new", NULL);
	const struct regime *regime = level_regime(r, report_of(NONE, NONE, NONE));
	const struct value *v = level_verdict(r, report_of(1, NONE, 3)), *all;

	is_str(said(v, "numeral"), "3", "the greatest of the three");
	ok(str_has(said(v, "what"), level_sentence(regime, DIM_A, 3, LANG_ZH)),
	    "with the sentence that causes it");
	ok(str_has(said(v, "then"), STR("36 小時")), "and what follows from it");
	is_str(said(level_verdict(r, report_of(NONE, NONE, NONE)), "slug"), "none", "nothing chosen yet");
	is_str(said(level_verdict(r, report_of(0, 0, 0)), "numeral"), "0", "level 0 is a level");
	all = level_consequences(r, regime);
	is_int(all->n, 5, "what follows from each of 4 to 0");
	is_int(value_get(all->first, "level")->i, 4, "the gravest first");
	ok(level_sentence(regime, DIM_C, 5, LANG_ZH).p == NULL &&
		level_sentence(regime, DIM_C, -1, LANG_ZH).p == NULL,
	    "no sentence for a level that is none");
}

static struct value *
clock_row(int64_t from, int64_t due, const char *state, int64_t done, bool overdue)
{
	struct value *row = value_map(a);

	map_time(a, row, "anchor_at", from);
	map_time(a, row, "due_at", due);
	map_time(a, row, "done_at", done);
	map_bool(a, row, "overdue", overdue);
	map_term(a, row, "state", str_c(state), "choice.duty_state.open");
	return row;
}

static bool
yes(const struct value *row, const char *key)
{
	return value_get(row, key)->i != 0;
}

static void
test_clocks(void)
{
	struct request *r = asks("/duties", NULL);
	int64_t now = r->face.now;
	struct value *rows = value_list(a), *half, *due, *late, *met;

	half = list_add(rows, clock_row(now - HOUR, now + HOUR, "open", NO_TIME, false));
	due = list_add(rows, clock_row(now - HOUR, now, "open", NO_TIME, false));
	late = list_add(rows, clock_row(now - 2 * HOUR, now - HOUR, "open", NO_TIME, true));
	met = list_add(rows, clock_row(now - 4 * HOUR, now - HOUR, "met", now - 3 * HOUR, false));
	view_clocks(r, rows);
	ok(value_get(half, "share")->i >= 49 && value_get(half, "share")->i <= 50,
	    "half of the time is over");
	ok(yes(half, "running") && !yes(half, "late"), "it runs and is not late");
	ok(!yes(due, "late"), "at the very moment it is due it is not late");
	ok(yes(late, "late") && yes(late, "was_late") && value_get(late, "share")->i == 100,
	    "afterwards it is");
	ok(yes(met, "met") && !yes(met, "was_late") && value_get(met, "share")->i < 34,
	    "met in time: the bar stops there");
}

static void
test_rows(void)
{
	static const char *const fields[] = { "unit_name", "on_behalf_unit", "web_url", "impact_c",
		"lead_agency", NULL };
	struct request *r = asks("/reports/1", NULL);
	struct report *rep = report_of(2, NONE, NONE);
	struct value *shown, *rows, *change, *changes = value_list(a);

	rep->unit_name = STR("山城綜合醫院");
	rep->lead_agency = 7;
	shown = entity_show(&entity_report, rep, 0, a);
	map_str(a, shown, "lead_agency_name", STR("衛生福利部"));
	rows = view_rows(r, shown, fields, false);
	is_int(rows->n, 3, "what does not apply, and what may come later, is left out");
	is_str(said(rows->first->next, "value"),
	    "非核心業務資訊遭嚴重洩漏，或未涉及關鍵基礎設施維運之核心業務資訊遭輕微洩漏",
	    "a level is its sentence");
	is_str(said(rows->last, "value"), "衛生福利部", "a reference is its word");
	is_int(view_rows(r, shown, fields, true)->n, 4, "all of it for the printed form");

	change = list_add(changes, value_map(a));
	map_str(a, change, "field", STR("level"));
	map_null(a, change, "from");
	map_int(a, change, "to", 3);
	view_changes(r, shown, changes);
	is_str(said(change, "to"), "3 級", "a change in words");
	ok(value_get(change, "from")->kind == V_NULL, "nothing stays nothing");
}

int
main(void)
{
	struct err err = { 0 };

	a = err.arena = arena_new();
	if (!zone_load("Asia/Taipei", &taipei) || !rules_load(&err))
		return 1;
	test_times();
	test_addresses();
	test_levels();
	test_clocks();
	test_rows();
	return done_testing();
}
