/* The reader of rules files is strict and says what is wrong where; of several versions the newest counts. */
#define rules_files made_files           /* those of this test, instead of the ones built in */
#include "model/rules.c"
#include "tap.h"

/*
 * A file as small as one can be that has everything. The texts of this test are JSON with ' for ", and W
 * stands for a text in both languages.
 */
#define W "{'zh-TW': '字', 'en': 'word'}"
#define LEVELS "{'0': {'form': " W "}, '1': {'form': " W "}, '2': {'form': " W "}, '3': {'form': " W "}," \
	" '4': {'form': " W ", 'other': " W ", 'note': " W "}}"
#define ALL_LEVELS "{'confidentiality': " LEVELS ", 'integrity': " LEVELS ", 'availability': " LEVELS "}"
#define CLOCK(id) "{'id': '" id "', 'title': " W ", 'rule': " W ", 'source': " W ", "

static const char good[] =
    "{'id': 'tw-2017', 'version': 3, 'title': " W ", 'source': " W ", 'status': " W ", 'confirm': true,"
    " 'valid_from': '2026-01-05', 'zone': 'Asia/Taipei', 'levels': " ALL_LEVELS ", 'clocks': ["
    CLOCK("one") "'start': 'aware', 'stop': 'received', 'holder': 'provider', 'length': '1h',"
    " 'cap': {'length': '2h', 'from': 'classified'}, 'major_only': true, 'reminders': [50, 80, 100]},"
    CLOCK("two") "'start': 'previous_stage', 'after': 'one', 'stop': 'fulfilled', 'holder': 'cert',"
    " 'length': {'1': null, '2': null, '3': '1mo', '4': '30m'}, 'extendable': true,"
    " 'otherwise_only': true, 'confirm': true, 'reminders': []},"
    CLOCK("three") "'start': 'previous_stage', 'after': 'two', 'stop': 'closed', 'holder': 'cert',"
    " 'length': '0', 'reminders': [1, 1000]}]}";

static struct arena *arena;

/* With ' turned into " and back. */
static struct str
turned(struct str s, char from, char to)
{
	char *p = arena_c(arena, s);

	for (size_t i = 0; i < s.n; i++)
		p[i] = p[i] == from ? to : p[i];
	return (struct str){ s.p ? p : NULL, s.n };
}

/* The good file with the first find replaced; find has to be there. */
static struct str
replaced(const char *find, const char *with)
{
	const char *at = strstr(good, find);
	struct buf b = { .arena = arena };

	if (!at) {
		ok(false, find);
		return STR_NONE;
	}
	buf_put(&b, (struct str){ good, (size_t)(at - good) });
	buf_c(&b, with);
	buf_c(&b, at + strlen(find));
	return buf_str(&b);
}

static bool
parse(struct str text, const struct regime **ret_regime, struct err *err)
{
	return regime_parse(arena, turned(text, '\'', '"'), ret_regime, err);
}

/* Refused, with this detail; NULL: whatever it says. */
static void
refused(struct str text, const char *detail, const char *name)
{
	struct err err = { .arena = arena };
	const struct regime *g = NULL;
	bool read = parse(text, &g, &err);

	ok(!read && !g && err.fault == FAULT_RULES, name);
	if (detail)
		is_str(turned(err.detail, '"', '\''), detail, detail);
}

static struct str
repeated(const char *text, size_t times)
{
	struct buf b = { .arena = arena };

	while (times--)
		buf_c(&b, text);
	return buf_str(&b);
}

static bool
taken(struct str text, const struct regime **ret_regime, const char *name)
{
	struct err err = { .arena = arena };

	if (ok(parse(text, ret_regime, &err) && err.fault == FAULT_NONE, name))
		return true;
	printf("# %.*s\n", STR_FMT(err.detail));
	return false;
}

static void
test_good(void)
{
	const struct regime *g = NULL;
	const struct clock_rule *c;

	if (!taken(str_c(good), &g, "a good file is read"))
		return;
	is_str(str_c(g->id), "tw-2017", "id");
	is_str(g->version, "tw-2017/3", "version");
	is_int(g->code, REGIME_TW_2017, "code");
	is_str(g->title[LANG_ZH], "字", "title");
	is_str(g->status[LANG_EN], "word", "status");
	ok(g->confirm && g->has_levels, "flags");
	is_int(g->valid_from, INT64_C(1767542400) * SECOND, "valid from midnight in Taipei");
	is_str(g->level[DIM_A][4].other[LANG_ZH], "字", "the other wording");
	is_str(g->level[DIM_A][3].other[LANG_ZH], NULL, "no other wording");
	is_str(g->level[DIM_C][0].form[LANG_EN], "word", "level 0");
	is_int(g->clock_count, 3, "clocks");
	c = &g->clocks[0];
	ok(c->start == EVENT_AWARE && c->stop == EVENT_RECEIVED && !c->after, "events");
	is_int(c->holder, HOLDER_PROVIDER, "holder");
	ok(c->cap.given && c->cap.micros == 2 * HOUR && c->cap_start == EVENT_CLASSIFIED, "cap");
	ok(c->major_only && !c->extendable && !c->otherwise_only && !c->confirm, "flags of a clock");
	ok(c->by_level[1].micros == HOUR && c->by_level[4].micros == HOUR, "one length for all levels");
	ok(c->by_level[4].given && !c->by_level[0].given, "which are four");
	ok(c->reminders[0] == 50 && c->reminders[2] == 100 && c->reminders[3] == 0, "reminders");
	c = clock_by_id(g, STR("two"));
	ok(c && c->after && strcmp(c->after, "one") == 0 && c->start == EVENT_PREVIOUS, "after");
	ok(c && !c->by_level[1].given && c->by_level[3].months == 1, "by level");
	ok(c && c->by_level[4].micros == 30 * MINUTE && c->by_level[4].months == 0, "minutes");
	ok(c && c->extendable && c->otherwise_only && c->confirm && !c->major_only, "the other flags");
	ok(c && !c->cap.given && c->reminders[0] == 0, "neither cap nor reminder");
	c = clock_by_id(g, STR("three"));
	ok(c && c->by_level[2].given && c->by_level[2].micros == 0, "at once is a length");
	ok(!clock_by_id(g, STR("four")) && !clock_by_id(g, STR_NONE), "no such clock");
}

static void
test_optional(void)
{
	const struct regime *g = NULL;

	if (taken(replaced(ALL_LEVELS, "null"), &g, "a regime without levels of its own"))
		ok(!g->has_levels, "it says so");
	if (taken(replaced("'2026-01-05'", "null"), &g, "valid always"))
		ok(g->valid_from == NO_TIME, "it says so");
	if (taken(replaced("null, '2': null, '3': '1mo', '4': '30m'",
	    "'5m', '2': null, '3': null, '4': null"), &g, "a length at one level"))
		ok(g->clocks[1].by_level[1].given && !g->clocks[1].by_level[4].given, "and at no other");
	taken(replaced("'id': 'three'", "'id': 'a23456789012345678901234567890'"), &g, "an id of 30");
}

static void
test_strict(void)
{
	static const struct {
		const char *find, *with, *detail;
	} rows[] = {
		/* the regime */
		{ "'id': 'tw-2017'", "'id': 'tw-2099'", "id: no such regime" },
		{ "'id': 'tw-2017'", "'id': ''",
		  "id: not an id of 1 to 30 characters that begins with a letter" },
		{ "'id': 'tw-2017'", "'id': 7",
		  "id: not an id of 1 to 30 characters that begins with a letter" },
		{ "'id': 'tw-2017'", "'id': 'Tw'",
		  "id: not an id of 1 to 30 characters that begins with a letter" },
		{ "'id': 'tw-2017'", "'id': 'tw 2017'",
		  "id: an id has lower case letters, digits, - and _ only" },
		{ "'version': 3", "'version': 0", "version: not a number from 1 to 9999" },
		{ "'version': 3", "'version': 10000", "version: not a number from 1 to 9999" },
		{ "'version': 3", "'version': 3.0", "version: not a number from 1 to 9999" },
		{ "'version': 3", "'version': '3'", "version: not a number from 1 to 9999" },
		{ "'version': 3, ", "", "'version' is missing" },
		{ "'confirm': true, 'valid_from'", "'confirm': 1, 'valid_from'",
		  "confirm: neither true nor false" },
		{ "'confirm': true, 'valid_from'", "'valid_from'", "'confirm' is missing" },
		{ "'confirm': true, 'valid_from'", "'comfirm': true, 'confirm': true, 'valid_from'",
		  "unknown member 'comfirm'" },
		{ "2026-01-05", "2026-02-30", "valid_from: not a day such as '2026-01-05'" },
		{ "2026-01-05", "2026-01-05T00:00", "valid_from: not a day such as '2026-01-05'" },
		{ "'2026-01-05'", "20260105", "valid_from: not a day such as '2026-01-05'" },
		{ "Asia/Taipei", "Asia/Taibei", "zone: no zone that is known here" },
		{ "'Asia/Taipei'", "null", "zone: no zone that is known here" },
		{ "Asia/Taipei", "", "zone: no zone that is known here" },
		/* words */
		{ "'title': " W, "'title': 'word'", "title: not an object" },
		{ "'title': " W, "'title': {'zh-TW': '字'}", "title: 'en' is missing" },
		{ "'title': " W, "'title': {'en': 'word'}", "title: 'zh-TW' is missing" },
		{ "'title': " W, "'title': {'zh-TW': '字', 'en': 'word', 'fr': 'mot'}",
		  "title: unknown member 'fr'" },
		{ "'source': " W, "'source': {'zh-TW': '', 'en': 'word'}",
		  "source.zh-TW: empty, or with blanks around it" },
		{ "'source': " W, "'source': {'zh-TW': '字', 'en': ' word'}",
		  "source.en: empty, or with blanks around it" },
		{ "'source': " W, "'source': {'zh-TW': '字　', 'en': 'word'}",
		  "source.zh-TW: empty, or with blanks around it" },
		{ "'status': " W, "'status': {'zh-TW': 1, 'en': 'word'}", "status.zh-TW: not a text" },
		{ "'status': " W, "'status': {'zh-TW': null, 'en': 'word'}", "status.zh-TW: not a text" },
		{ "'status': " W, "'status': {'zh-TW': '字', 'en': 'a\\nb'}",
		  "status.en: holds a control or direction character" },
		{ "'status': " W, "'status': {'zh-TW': '字', 'en': 'a\\u202eb'}",
		  "status.en: holds a control or direction character" },
		{ "'status': " W, "'status': {'zh-TW': '字', 'en': 'a\\u2066b'}",
		  "status.en: holds a control or direction character" },
		{ "'status': " W, "'status': {'zh-TW': '字', 'en': 'a\\u200bb'}",
		  "status.en: holds a control or direction character" },
		{ "'status': " W, "'status': {'zh-TW': '字', 'en': 'a\\u061cb'}",
		  "status.en: holds a control or direction character" },
		{ "'status': " W, "'status': {'zh-TW': '字\\u007f字', 'en': 'a'}",
		  "status.zh-TW: holds a control or direction character" },
		/* levels */
		{ "{'confidentiality': ", "{'privacy': {}, 'confidentiality': ",
		  "levels: unknown member 'privacy'" },
		{ "'levels': {'confidentiality': " LEVELS ", ", "'levels': {",
		  "levels: 'confidentiality' is missing" },
		{ "'confidentiality': " LEVELS, "'confidentiality': []",
		  "levels.confidentiality: not an object" },
		{ "'integrity': {'0': {'form': " W "}, ", "'integrity': {",
		  "levels.integrity: '0' is missing" },
		{ "'availability': {'0'", "'availability': {'5': {}, '0'",
		  "levels.availability: unknown member '5'" },
		{ "{'form': " W "}", "{}", "levels.confidentiality.0: 'form' is missing" },
		{ "{'form': " W "}", "'word'", "levels.confidentiality.0: not an object" },
		{ "{'form': " W "}", "{'form': 'word'}", "levels.confidentiality.0.form: not an object" },
		{ ", 'note': " W, "",
		  "levels.confidentiality.4: two wordings, and no 'note' says how that was resolved" },
		{ ", 'note': " W, ", 'notes': " W, "levels.confidentiality.4: unknown member 'notes'" },
		{ ", 'note': " W, ", 'note': {'en': ''}",
		  "levels.confidentiality.4.note: 'zh-TW' is missing" },
		/* clocks */
		{ "'id': 'one'", "'id': 'One'",
		  "clocks[0].id: not an id of 1 to 30 characters that begins with a letter" },
		{ "'id': 'one'", "'id': 'a234567890123456789012345678901'",
		  "clocks[0].id: not an id of 1 to 30 characters that begins with a letter" },
		{ "'id': 'two'", "'id': 'one'", "clocks[1].id: there is such a clock already" },
		{ "'start': 'aware', ", "", "clocks[0]: 'start' is missing" },
		{ "'start': 'aware'", "'start': 'noticed'", "clocks[0].start: no such event" },
		{ "'start': 'aware'", "'start': 0", "clocks[0].start: no such event" },
		{ "'start': 'aware'", "'start': 'fulfilled'",
		  "clocks[0].start: starts no clock; write 'previous_stage' and 'after'" },
		{ "'start': 'aware'", "'start': 'received'",
		  "clocks[0].stop: 'received' cannot meet this clock" },
		{ "'stop': 'received'", "'stop': 'previous_stage'",
		  "clocks[0].stop: 'previous_stage' cannot meet this clock" },
		{ "'stop': 'received'", "'stop': 'Received'", "clocks[0].stop: no such event" },
		{ "'start': 'aware'", "'start': 'previous_stage'", "clocks[0]: 'after' is missing" },
		{ "'start': 'aware'", "'after': 'two', 'start': 'aware'",
		  "clocks[0].after: only for the start 'previous_stage'" },
		{ "'after': 'one'", "'after': 'none'", "clocks[1].after: no such clock" },
		{ "'after': 'one'", "'after': null", "clocks[1].after: no such clock" },
		{ "'after': 'one'", "'after': 'two'", "clocks[1].after: waits for itself" },
		{ "'after': 'one'", "'after': 'three'", "clocks[1].after: waits for itself" },
		{ "'holder': 'provider'", "'holder': 'reporter'",
		  "clocks[0].holder: neither 'provider' nor 'cert'" },
		{ "'length': '1h'", "'length': '1 h'",
		  "clocks[0].length: not a length such as '36h', '30m', '1mo' or '0'" },
		{ "'length': '1h'", "'length': 3600",
		  "clocks[0].length: not a length such as '36h', '30m', '1mo' or '0'" },
		{ "'length': '1h'", "'length': null",
		  "clocks[0].length: not a length such as '36h', '30m', '1mo' or '0'" },
		{ "'length': '1h'", "'length': {'1': '1h'}", "clocks[0].length: '2' is missing" },
		{ "'3': '1mo', '4': '30m'", "'3': '1mo', '4': '30s'",
		  "clocks[1].length.4: not a length such as '36h', '30m', '1mo' or '0'" },
		{ "'3': '1mo', '4': '30m'", "'3': null, '4': null",
		  "clocks[1].length: no level has a length" },
		{ "'3': '1mo', '4': '30m'", "'3': '1mo', '4': '30m', '0': '1h'",
		  "clocks[1].length: unknown member '0'" },
		{ "'length': '2h', 'from'", "'from'", "clocks[0].cap: 'length' is missing" },
		{ "'length': '2h', 'from'", "'length': null, 'from'",
		  "clocks[0].cap.length: not a length such as '36h', '30m', '1mo' or '0'" },
		{ "'from': 'classified'", "'from': 'aware'",
		  "clocks[0].cap.from: 'aware' cannot begin a cap here" },
		{ "'from': 'classified'", "'from': 'fulfilled'",
		  "clocks[0].cap.from: 'fulfilled' cannot begin a cap here" },
		{ "'from': 'classified'", "'from': 'now'", "clocks[0].cap.from: no such event" },
		{ "'major_only': true", "'major_only': 'yes'",
		  "clocks[0].major_only: neither true nor false" },
		{ "'extendable': true", "'extendable': null",
		  "clocks[1].extendable: neither true nor false" },
		{ "'extendable': true", "'extensible': true", "clocks[1]: unknown member 'extensible'" },
		{ "[50, 80, 100]", "50", "clocks[0].reminders: not a list" },
		{ "[50, 80, 100]", "[50, 50]", "clocks[0].reminders[1]: not after the one before" },
		{ "[50, 80, 100]", "[0]", "clocks[0].reminders[0]: not a number of per cent from 1 to 1000" },
		{ "[50, 80, 100]", "[50, 1001]",
		  "clocks[0].reminders[1]: not a number of per cent from 1 to 1000" },
		{ "[50, 80, 100]", "[50.5]",
		  "clocks[0].reminders[0]: not a number of per cent from 1 to 1000" },
		{ "[50, 80, 100]", "[1, 2, 3, 4, 5, 6]", "clocks[0].reminders: more than 5" },
		{ "'clocks': [", "'clocks': [null, ", "clocks[0]: not an object" },
		/* JSON itself */
		{ "'version': 3", "'version': 3, 'version': 4", NULL },
		{ "'version': 3", "'version': 3,", NULL },
		{ "'version': 3", "'version': 99999999999999999999", NULL },
		{ "字", "\\ud800", NULL },
		{ "字", "\\u0000", NULL },
		{ "字", "\xff", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		refused(replaced(rows[i].find, rows[i].with), rows[i].detail, rows[i].with);
}

/* The good file with so long a word, or with so many clocks. */
static struct str
with_word(size_t characters)
{
	return replaced("字", arena_c(arena, repeated("字", characters)));
}

static struct str
with_clocks(int n)
{
	struct buf b = { .arena = arena };
	const char *end = strstr(good, "'clocks': [") + strlen("'clocks': [");

	buf_put(&b, (struct str){ good, (size_t)(end - good) });
	for (int i = 0; i < n; i++) {
		buf_printf(&b, "%s{'id': 'c%d', 'title': " W ", 'rule': " W ", 'source': " W ",",
		    i ? "," : "", i);
		buf_c(&b, "'start': 'aware', 'stop': 'closed', 'holder': 'cert', 'length': '1h',");
		buf_c(&b, "'reminders': [1, 2, 3, 4, 5]}");
	}
	buf_c(&b, "]}");
	return buf_str(&b);
}

static void
test_limits(void)
{
	const struct regime *g;
	struct buf b = { .arena = arena };

	taken(with_word(2000), &g, "a text of 2000 characters");
	refused(with_word(2001), "title.zh-TW: longer than 2000 characters", "of 2001");
	taken(with_clocks(1), &g, "one clock");
	taken(with_clocks(64), &g, "64 clocks");
	refused(with_clocks(65), "clocks: not 1 to 64 of them", "65 clocks");
	refused(with_clocks(0), "clocks: not 1 to 64 of them", "no clock");
	buf_c(&b, good);
	buf_put(&b, repeated(" ", RULES_MAX - strlen(good)));
	taken(buf_str(&b), &g, "a file of 64 KiB");
	buf_char(&b, ' ');
	refused(buf_str(&b), "larger than 65536 bytes", "one byte more");
	refused(STR(""), "request.syntax at 1:1", "an empty file");
	refused(STR_NONE, "request.syntax at 1:1", "none at all");
	refused(STR("null"), "not an object", "null");
	refused(STR("[]"), "not an object", "a list");
	refused(STR("{}"), "'id' is missing", "an empty object");
	refused(repeated("[", 40), "request.depth at 1:33", "too deep");
}

/* A file that was cut off anywhere is not a file. */
static void
test_cut_off(void)
{
	struct str text = turned(str_c(good), '\'', '"');
	int wrong = 0;

	for (size_t n = 0; n < text.n; n++) {
		struct arena *a = arena_new();
		struct err err = { .arena = a };
		const struct regime *g;

		wrong += regime_parse(a, str_first(text, n), &g, &err) || err.fault != FAULT_RULES ||
		    err.detail.n == 0;
		arena_free(a);
	}
	is_int(wrong, 0, "no part of a file is read");
}

/* ---- several versions, as if they were built in ---- */

static unsigned char made[4][sizeof(good)];
const struct asset made_files[] = {
	{ "eu-dora", made[3], sizeof(good) - 1, "" },
	{ "tw-2017-10", made[0], sizeof(good) - 1, "" },
	{ "tw-2017-3", made[1], sizeof(good) - 1, "" },
	{ "tw-2017-9", made[2], sizeof(good) - 1, "" },
	{ 0 }
};

/* Writes a part of a made file over, by one as long. */
static void
overwrite(int file, const char *find, const char *with)
{
	unsigned char *at = memmem(made[file], sizeof(good), find, strlen(find));

	if (ok(at && strlen(find) == strlen(with), with))
		memcpy(at, with, strlen(with));
}

static void
test_versions(void)
{
	struct err err = { .arena = arena };
	const struct regime *const *all;
	int64_t midnight = 0;
	int n;

	for (int i = 0; i < 4; i++)
		memcpy(made[i], turned(str_c(good), '\'', '"').p, sizeof(good));
	overwrite(0, "\"version\": 3", "\"version\":10");
	overwrite(2, "\"version\": 3", "\"version\": 9");
	overwrite(3, "tw-2017", "eu-dora");
	overwrite(0, "\"valid_from\": \"2026-01-05\"", "\"valid_from\": \"2026-10-25\"");
	overwrite(0, "Asia/Taipei", "Europe/Rome");
	overwrite(2, "Asia/Taipei", "Asia/Taibei");
	ok(!rules_load(&err) && err.fault == FAULT_RULES, "a zone that the machine has not");
	is_str(err.detail, "tw-2017-9: this machine has no tz data for Asia/Taibei", "it says which");
	regimes_all(&n);
	ok(n == 0 && !regime_by_code(REGIME_TW_2017, 0), "nothing is half there");
	overwrite(2, "Asia/Taibei", "Asia/Taipei");
	err = (struct err){ .arena = arena };
	ok(rules_load(&err) && rules_load(&err), "loaded, and once is enough");
	all = regimes_all(&n);
	if (!is_int(n, 4, "three versions of one, and another"))
		return;
	is_str(all[0]->version, "tw-2017/3", "by number");
	is_str(all[1]->version, "tw-2017/9", "not by letter");
	is_str(all[2]->version, "tw-2017/10", "the newest last");
	is_str(all[3]->version, "eu-dora/3", "regimes by code");
	time_parse(STR("2026-10-24T22:00:00Z"), zone_utc(), &midnight);
	ok(regime_by_code(REGIME_TW_2017, midnight) == all[2], "from the midnight of its day in its zone the newest");
	ok(regime_by_code(REGIME_TW_2017, INT64_MAX) == all[2], "for ever");
	ok(regime_by_code(REGIME_TW_2017, midnight - 1) == all[1], "a microsecond earlier the one before it");
	ok(regime_by_code(REGIME_TW_2017, 0) == all[0], "before any of them the first");
	ok(regime_by_version(STR("tw-2017/9")) == all[1], "an old one is still there");
	ok(regime_by_code(REGIME_EU_DORA, midnight) == all[3], "each regime has its own");
	ok(!regime_by_code(REGIME_EU_NIS2, midnight) && !regime_by_version(STR("tw-2017/1")), "no other is");
}

/* A fault without an arena of its own still is one. */
static void
test_bare_fault(void)
{
	struct err err = { 0 };
	const struct regime *g = NULL;

	ok(!regime_parse(arena, STR("{}"), &g, &err) && !g, "not read");
	is_int(err.fault, FAULT_RULES, "and the fault says so");
}

int
main(void)
{
	const struct zone *zone;

	arena = arena_new();
	if (!ok(zone_load("Asia/Taipei", &zone), "tz data"))
		return done_testing();
	test_good();
	test_optional();
	test_strict();
	test_limits();
	test_cut_off();
	test_bare_fault();
	test_versions();
	arena_free(arena);
	return done_testing();
}
