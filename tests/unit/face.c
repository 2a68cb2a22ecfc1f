#include "tap.h"

#include "base/arena.h"
#include "base/i18n.h"

static struct arena *a;
static struct face zh, en;

struct left {
	int64_t left;                    /* until it is due */
	const char *zh, *en;
};

static const struct left lefts[] = {
	{ 11 * HOUR + 20 * MINUTE, "剩 11 小時 20 分", "11 hours 20 minutes left" },
	{ -(2 * HOUR + 5 * MINUTE), "逾時 2 小時 5 分", "2 hours 5 minutes overdue" },
	{ 23 * MINUTE, "剩 23 分鐘", "23 minutes left" },
	{ 23 * MINUTE + 59 * SECOND, "剩 23 分鐘", "23 minutes left" },
	{ 23 * MINUTE - 1, "剩 22 分鐘", "22 minutes left" },
	{ MINUTE, "剩 1 分鐘", "1 minute left" },
	{ MINUTE - 1, "剩不到 1 分鐘", "less than 1 minute left" },
	{ 0, "剩不到 1 分鐘", "less than 1 minute left" },
	{ -1, "逾時不到 1 分鐘", "less than 1 minute overdue" },
	{ -MINUTE + 1, "逾時不到 1 分鐘", "less than 1 minute overdue" },
	{ -MINUTE, "逾時 1 分鐘", "1 minute overdue" },
	{ HOUR, "剩 1 小時", "1 hour left" },
	{ HOUR + MINUTE, "剩 1 小時 1 分", "1 hour 1 minute left" },
	{ 2 * HOUR + 59 * SECOND, "剩 2 小時", "2 hours left" },
	{ 48 * HOUR - MINUTE, "剩 47 小時 59 分", "47 hours 59 minutes left" },
	{ 48 * HOUR, "剩 2 天", "2 days left" },
	{ 49 * HOUR + 59 * MINUTE, "剩 2 天 1 小時", "2 days 1 hour left" },
	{ -(30 * DAY + 5 * HOUR), "逾時 30 天 5 小時", "30 days 5 hours overdue" },
};

static void
test_left(void)
{
	for (size_t i = 0; i < sizeof(lefts) / sizeof(lefts[0]); i++) {
		is_str(face_left(a, &zh, zh.now + lefts[i].left), lefts[i].zh, lefts[i].zh);
		is_str(face_left(a, &en, en.now + lefts[i].left), lefts[i].en, lefts[i].en);
	}
	is_str(face_left(a, &en, NO_TIME), "—", "never due");
}

static void
test_length(void)
{
	is_str(face_length(a, &en, 36 * HOUR), "36 hours", "36 hours are 36 hours");
	is_str(face_length(a, &en, 72 * HOUR), "72 hours", "72 hours too");
	is_str(face_length(a, &zh, HOUR + 20 * MINUTE), "1 小時 20 分", "1 小時 20 分");
	is_str(face_length(a, &en, HOUR + 20 * MINUTE), "1 hour 20 minutes", "1 hour 20 minutes");
	is_str(face_length(a, &en, HOUR), "1 hour", "1 hour");
	is_str(face_length(a, &en, 0), "0 minutes", "none");
	is_str(face_length(a, &zh, 30 * MINUTE), "30 分鐘", "30 分鐘");
	is_str(face_length(a, &en, 10 * DAY), "10 days", "10 days");
}

static void
test_dates(void)
{
	int64_t t = INT64_C(1795198207) * SECOND;        /* 2026-11-20T18:10:07Z */
	struct face roc = zh, utc = en;

	roc.roc_year = true;
	utc.zone = zone_utc();
	is_str(face_time(a, &zh, t), "2026-11-21 02:10", "time in Taipei");
	is_str(face_full(a, &zh, t), "2026-11-21 02:10:07 (+08:00)", "in full");
	is_str(face_date(a, &zh, t), "2026-11-21", "the day");
	is_str(face_time(a, &roc, t), "115-11-21 02:10", "year 115");
	is_str(face_date(a, &roc, t), "115-11-21", "the day in year 115");
	is_str(face_full(a, &roc, t), "115-11-21 02:10:07 (+08:00)", "in full in year 115");
	is_str(face_full(a, &utc, t), "2026-11-20 18:10:07 (+00:00)", "in UTC");
	is_str(face_date(a, &roc, -1893456000 * SECOND), "1910-01-01", "before year 1");
	is_str(face_time(a, &zh, NO_TIME), "—", "not set");
	is_str(face_full(a, &zh, NO_TIME), "—", "not set, in full");
	is_str(face_date(a, &zh, NO_TIME), "—", "no day");
}

static void
test_values(void)
{
	struct value *m = value_map(a), *list = map_list(a, m, "list");

	list_add(list, value_str(a, STR("a")));
	list_add(list, value_int(a, -5));
	map_bool(a, m, "yes", true);
	map_bool(a, m, "no", false);
	map_time(a, m, "time", zh.now);
	map_term(a, m, "term", STR("y"), "value.yes");
	map_shown(a, m, "org", STR("7"), STR("某醫院"));
	map_int_shown(a, m, "size", 2048, STR("2 KB"));
	map_null(a, m, "null");
	is_str(face_value(a, &zh, list), "a、-5", "a list");
	is_str(face_value(a, &en, list), "a, -5", "a list in English");
	is_str(face_value(a, &zh, value_get(m, "yes")), "是", "yes");
	is_str(face_value(a, &en, value_get(m, "no")), "no", "no");
	is_str(face_value(a, &zh, value_get(m, "time")), "2026-11-21 02:10", "a time");
	is_str(face_value(a, &zh, value_get(m, "term")), "是", "a term has its word");
	is_str(face_value(a, &zh, value_get(m, "org")), "某醫院", "a name is shown");
	is_str(face_value(a, &zh, value_get(m, "size")), "2 KB", "a size as it is said");
	is_str(face_value(a, &zh, value_get(m, "null")), "", "null shows nothing");
	is_str(face_value(a, &zh, m), "", "nor does a map");
	is_int(msg_missing_count(), 0, "every message is there");
}

int
main(void)
{
	a = arena_new();
	zh.now = en.now = INT64_C(1795198200) * SECOND;
	zh.lang = LANG_ZH;
	en.lang = LANG_EN;
	if (!zone_load("Asia/Taipei", &zh.zone))
		return !ok(false, "tz data");
	en.zone = zh.zone;
	test_left();
	test_length();
	test_dates();
	test_values();
	arena_free(a);
	return done_testing();
}
