/*
 * Search and lists: words of two characters, numbers, addresses, prefixes; filters; paging; and the board
 * with its filters.
 */
#include "desk_world.h"

#include "desk/work.h"

struct listed {
	int who;
	struct report_filter filter;
	struct value *value;
};

static bool
list_step(struct tx *tx, void *arg, struct err *err)
{
	struct listed *l = arg;

	l->value = report_list(tx, &world.who[l->who], &l->filter, err);
	return l->value;
}

static struct value *
list(int who, struct report_filter f)
{
	struct listed l = { .who = who, .filter = f };

	if (!world_read(list_step, &l)) {
		printf("# %s %.*s\n", fault_code(world.err.fault), STR_FMT(world.err.detail));
		return NULL;
	}
	return l.value;
}

static const struct report_filter all = {
	.state = NONE, .category = NONE, .level = NONE, .org = NONE, .from = NO_TIME, .to = NO_TIME,
	.limit = 200,
};

static int
found(int who, const char *text)
{
	struct report_filter f = all;
	struct value *out;

	f.text = str_c(text);
	out = list(who, f);
	return out ? (int)value_get(out, "rows")->n : -1;
}

static int64_t
file(int who, const char *description, const char *more)
{
	char text[2000];
	int64_t id;

	snprintf(text, sizeof(text), "\"description\":\"%s\",\"scope_loss\":\"-\",\"measures\":\"-\"%s%s",
	    description, more ? "," : "", more ? more : "");
	id = world_create(who, true, world_form(0, 1, 1, 5, text));
	if (!id)
		printf("# filing: %s\n", fault_code(world.err.fault));
	return id;
}

static void
words(void)
{
	int64_t id = file(NURSE, "檔案遭勒索軟體加密，螢幕出現 README_RESTORE。Ransomware：ＬｏｃｋＢｉｔ 3.0",
	    "\"ip_external\":[\"203.0.113.70\",\"2001:db8::5\"]"
	    ",\"web_url\":[\"http://www.evil.example/path/x.php\"]");
	int64_t other = file(DOCTOR, "首頁遭置換", "\"ip_external\":[\"198.51.100.21\"]");
	char text[80];

	is_int(found(REVIEWER, "勒索"), 1, "a word of two characters");
	is_int(found(REVIEWER, "勒索軟體"), 1, "of four");
	is_int(found(REVIEWER, "軟體勒索"), 0, "not the other way round");
	is_int(found(REVIEWER, "置"), 1, "one character");
	is_int(found(REVIEWER, "遭"), 2, "in both");
	is_int(found(REVIEWER, "換"), 1, "the last of a run");
	is_int(found(REVIEWER, "加密 螢幕"), 1, "several words, all of them");
	is_int(found(REVIEWER, "加密 置換"), 0, "not of two reports");
	is_int(found(REVIEWER, "RANSOMWARE"), 1, "a word in any case");
	is_int(found(REVIEWER, "ransom"), 1, "or its beginning");
	is_int(found(REVIEWER, "somware"), 0, "not its end");
	is_int(found(REVIEWER, "lockbit"), 1, "wide letters are letters");
	is_int(found(REVIEWER, "readme_restore"), 1, "a name with an underscore");
	is_int(found(REVIEWER, "203.0.113.70"), 1, "an address");
	is_int(found(REVIEWER, "203.0.113.7"), 1, "or its beginning");
	is_int(found(REVIEWER, "203.0.113.71"), 0, "not another one");
	is_int(found(REVIEWER, "2001:db8::5"), 1, "of version 6");
	is_int(found(REVIEWER, "evil.example"), 1, "a host within an address of the web");
	is_int(found(REVIEWER, "MED-2026-000001"), 1, "a number");
	is_int(found(REVIEWER, "med-2026"), 2, "its beginning");
	is_int(found(REVIEWER, "000002"), 1, "its end");
	is_int(found(REVIEWER, "山城診所"), 1, "the organisation's name");
	is_int(found(REVIEWER, "，。"), 0, "signs alone are nothing");
	is_int(found(REVIEWER, "\"勒索\" OR (置換* NEAR/2 -"), 0, "signs of a query language are signs");
	is_int(found(REVIEWER, "勒索\") OR (\"置換"), 0, "which open nothing");
	is_int(found(DOCTOR, "勒索"), 0, "another provider finds nothing");
	snprintf(text, sizeof(text), "org_%lld", (long long)world.place[HOSPITAL]);
	is_int(found(DOCTOR, text), 0, "not by the words that narrow a search either");
	ok(world_save(NURSE, id, 1, world_json("{\"description\":\"已釐清為演算法更新\"}")), "another description");
	is_int(found(REVIEWER, "勒索"), 0, "its old words are gone");
	is_int(found(REVIEWER, "演算法"), 1, "its new ones are there");
	ok(world_do(REVIEWER, other, VERB_WITHDRAW, world_json("{\"reason\":\"誤報\"}")), "withdrawn");
	is_int(found(REVIEWER, "置換"), 1, "and still found");
}

/* ---- tokens, directly ---- */

static const char *
query(const char *typed)
{
	return arena_c(world.arena, terms_query(world.arena, str_c(typed)));
}

static void
tokens(void)
{
	is_str(str_c(query("勒索軟體")), "\"勒索\" \"索軟\" \"軟體\"", "pairs");
	is_str(str_c(query("a 資")), "\"a\" \"資\" *", "the last may be unfinished");
	is_str(str_c(query("資安abc")), "\"資安\" \"abc\" *", "Han and Latin part without a blank");
	is_str(str_c(query("10.0.0.")), "\"10.0.0\" *", "a joint at the end is none");
	is_str(str_c(query("x.b-c")), "\"x\" \"b\" \"c\" *", "a compound of words by its words");
	is_str(str_c(query("")), "", "nothing");
	is_str(str_c(query("---")), "", "only joints");
	is_str(str_c(query("𠮷野家")), "\"𠮷野\" \"野家\"", "beyond the basic plane");
	is_str(str_c(query("Ärger ÉTÉ")), "\"ärger\" \"été\" *", "other letters are lowered too");
}

/* ---- filters and pages ---- */

static bool
only(struct value *out, const char *key, const char *text)
{
	bool good = out && value_get(out, "rows")->n > 0;

	for (const struct value *row = out ? value_get(out, "rows")->first : NULL; row; row = row->next)
		good = good && str_is(world_text(row, key), text);
	return good;
}

static void
filters(void)
{
	struct report_filter f = all;
	struct value *out;
	int64_t at = clock_now(), closed;

	for (int i = 0; i < 5; i++)
		file(NURSE, "濾", i % 2 ? "\"category\":\"dos\",\"conditions\":[\"degraded\"]" : NULL);
	f.category = CATEGORY_DOS;
	out = list(REVIEWER, f);
	ok(only(out, "category", "dos") && value_get(out, "rows")->n == 2, "by category");
	f = all;
	f.org = world.place[CLINIC];
	ok(only(list(REVIEWER, f), "unit_name", "山城診所"), "by organisation");
	f = all;
	f.state = REPORT_WITHDRAWN;
	ok(only(list(REVIEWER, f), "state", "withdrawn"), "by state");
	f.state = -1;
	ok(only(list(REVIEWER, f), "state", "reported"), "what is open");
	f = all;
	f.history = true;
	ok(only(list(REVIEWER, f), "state", "withdrawn"), "history");
	f.text = STR("置換");
	ok(only(list(REVIEWER, f), "state", "withdrawn"), "history by words");
	f.text = STR("演算法");
	is_int(value_get(list(REVIEWER, f), "rows")->n, 0, "which leaves out what is open");
	f = all;
	f.level = 4;
	is_int(value_get(list(REVIEWER, f), "rows")->n, 0, "by level");
	f = all;
	world_later(DAY);
	closed = file(NURSE, "翌日", NULL);
	f.from = at + HOUR;
	out = list(REVIEWER, f);
	ok(value_get(out, "rows")->n == 1 && world_int(value_get(out, "rows")->first, "id") == closed,
	    "filed from a day on");
	f = all;
	f.to = at + HOUR;
	is_int(value_get(list(REVIEWER, f), "rows")->n, value_get(list(REVIEWER, all), "rows")->n - 1,
	    "or until then");
}

static void
pages(void)
{
	struct report_filter f = all;
	size_t whole = value_get(list(REVIEWER, all), "rows")->n, n = 0;
	int64_t last = INT64_MAX, next = 0;
	bool ordered = true;
	int turns = 0;

	f.limit = 3;
	do {
		struct value *out;

		f.before = next;
		out = list(REVIEWER, f);
		for (const struct value *row = value_get(out, "rows")->first; row; row = row->next, n++) {
			ordered = ordered && world_int(row, "id") < last;
			last = world_int(row, "id");
		}
		next = world_int(out, "next");
		turns++;
	} while (next != NONE && turns < 100);
	ok(ordered && n == whole, "page by page every report, once, newest first");
	ok(turns == (int)((whole + 2) / 3), "in as many pages as it takes");
	f.text = STR("med");
	f.before = 0;
	f.limit = 2;
	ok(world_int(list(REVIEWER, f), "next") != NONE, "search has pages too");
}

/* ---- the board ---- */

struct boarded {
	int who;
	struct board_filter filter;
	struct value *value;
	int count;
};

static bool
board_step(struct tx *tx, void *arg, struct err *err)
{
	struct boarded *b = arg;

	b->value = duties_board(tx, &world.who[b->who], &b->filter, err);
	b->count = duties_count(tx, &world.who[b->who], err);
	return b->value;
}

static struct boarded
board(int who, struct board_filter f)
{
	struct boarded b = { .who = who, .filter = f };

	if (!world_read(board_step, &b))
		printf("# %s %.*s\n", fault_code(world.err.fault), STR_FMT(world.err.detail));
	return b;
}

static bool
all_are(const struct value *out, const char *key, const char *text)
{
	const struct value *rows = value_get(out, "rows");
	bool good = rows->n > 0;

	for (const struct value *row = rows->first; row; row = row->next)
		good = good && str_is(world_text(row, key), text);
	return good;
}

static void
boards(void)
{
	const struct board_filter plain = {
		.holder = NONE, .level = NONE, .org = NONE, .category = NONE, .after_due = NO_TIME,
		.limit = 200, .mine = true,
	};
	struct board_filter f = plain;
	struct boarded b;
	size_t whole, n = 0;
	int64_t due = INT64_MIN;
	bool ordered = true;

	world_sweep();
	b = board(REVIEWER, plain);
	ok(all_are(b.value, "holder", "cert"), "the CERT's own duties first of all");
	is_int(b.count, value_get(b.value, "rows")->n, "counted for the navigation");
	ok(all_are(board(NURSE, plain).value, "holder", "provider"), "a provider's likewise");
	f.mine = false;
	b = board(REVIEWER, f);
	whole = value_get(b.value, "rows")->n;
	for (const struct value *row = value_get(b.value, "rows")->first; row; row = row->next) {
		ordered = ordered && world_int(row, "due_at") >= due;
		due = world_int(row, "due_at");
	}
	ok(ordered && whole > value_get(board(REVIEWER, plain).value, "rows")->n, "both sides', by due time");
	f.limit = 4;
	for (int turns = 0; turns < 100; turns++) {
		const struct value *next;

		b = board(REVIEWER, f);
		n += value_get(b.value, "rows")->n;
		next = value_get(b.value, "next");
		if (next->kind == V_NULL)
			break;
		f.after_due = world_int(next, "after_due");
		f.after_id = world_int(next, "after_id");
	}
	is_int(n, whole, "page by page the same");
	f = plain;
	f.group = STR("overdue");
	b = board(REVIEWER, f);
	ok(all_are(b.value, "group", "overdue"), "what is overdue");
	is_int(world_int(value_get(b.value, "counts"), "overdue"), value_get(b.value, "rows")->n, "counted");
	f.group = STR("later");
	f.mine = false;
	ok(all_are(board(REVIEWER, f).value, "group", "later"), "what is later");
	f = plain;
	f.mine = false;
	f.clock = STR("damage_control");
	ok(all_are(board(REVIEWER, f).value, "clock", "damage_control"), "one clock");
	f = plain;
	f.mine = false;
	f.category = CATEGORY_DOS;
	ok(all_are(board(REVIEWER, f).value, "category", "dos"), "one category");
	f = plain;
	f.org = world.place[HOSPITAL];
	ok(all_are(board(REVIEWER, f).value, "unit_name", "北星醫院"), "one organisation");
	f = plain;
	f.level = 3;
	is_int(value_get(board(REVIEWER, f).value, "rows")->n, 0, "one level");
	is_int(value_get(board(ADMIN, plain).value, "rows")->n, 0, "nothing for the administrator");
	is_int(value_get(board(OTHER_REVIEWER, plain).value, "rows")->n, 0, "nor for the other CERT");
}

int
main(void)
{
	world_open();
	tokens();
	words();
	filters();
	pages();
	boards();
	world_close();
	return done_testing();
}
