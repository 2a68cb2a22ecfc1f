/* The regimes built in say what the law says: every level and every clock, beside a table written by hand. */
#include <string.h>

#include "base/arena.h"
#include "model/organisation.h"
#include "model/rules.h"
#include "tap.h"

/* Every clock, in the order of the files: what starts it > what meets it, whose duty, levels 1 to 4. */
static const char *const expected[] = {
	"tw-2017 report: aware > received, provider, 1h 1h 1h 1h",
	"tw-2017 report_otherwise: aware > phoned, provider, 1h 1h 1h 1h, not on line",
	"tw-2017 file_online: hindrance_end > filed_online, provider, 0 0 0 0, not on line",
	"tw-2017 report_again: level_change > level_filed, provider, 1h 1h 1h 1h",
	"tw-2017 review: received > reviewed, cert, 8h 8h 2h 2h",
	"tw-2017 result: reviewed > escalated, cert, - - 1h 1h",
	"tw-2017 escalation: escalation_due > escalated, cert, 1h 1h - -, confirm",
	"tw-2017 damage_control: aware > contained, provider, 72h 72h 36h 36h",
	"tw-2017 improvement: contained > improvement, provider, 1mo 1mo 1mo 1mo, extendable",
	"tw-2017 closing: contained > closing, provider, 1mo 1mo 1mo 1mo, extendable, confirm",
	"tw-2017 closing_again: tracked_again > closing, provider, 1mo 1mo 1mo 1mo, extendable, confirm",
	"tw-2026 report: aware > received, provider, 1h 1h 1h 1h",
	"tw-2026 report_otherwise: aware > phoned, provider, 1h 1h 1h 1h, not on line",
	"tw-2026 file_online: hindrance_end > filed_online, provider, 0 0 0 0, not on line",
	"tw-2026 report_again: level_change > level_filed, provider, 1h 1h 1h 1h",
	"tw-2026 review: received > reviewed, cert, 8h 8h 2h 2h",
	"tw-2026 result: reviewed > escalated, cert, 1h 1h 1h 1h",
	"tw-2026 damage_control: aware > contained, provider, 72h 72h 36h 36h, confirm",
	"tw-2026 improvement: contained > improvement, provider, 1mo 1mo 1mo 1mo, extendable, confirm",
	"tw-2026 closing: contained > closing, provider, 1mo 1mo 1mo 1mo, extendable, confirm",
	"tw-2026 closing_again: tracked_again > closing, provider, 1mo 1mo 1mo 1mo, extendable, confirm",
	"eu-nis2 early_warning: aware > received, provider, 24h 24h 24h 24h, major",
	"eu-nis2 csirt_answer: early_warning > fulfilled, cert, 24h 24h 24h 24h, major",
	"eu-nis2 notification: aware > fulfilled, provider, 72h 72h 72h 72h, major, confirm",
	"eu-nis2 final: notification > fulfilled, provider, 1mo 1mo 1mo 1mo, extendable, major",
	"eu-dora initial: classified > fulfilled, provider, 4h 4h 4h 4h, 24h from aware, major, confirm",
	"eu-dora intermediate: initial > fulfilled, provider, 72h 72h 72h 72h, major",
	"eu-dora final: intermediate > fulfilled, provider, 1mo 1mo 1mo 1mo, major",
};

static void
put_length(struct buf *b, struct length l)
{
	if (!l.given)
		buf_char(b, '-');
	else if (l.months)
		buf_printf(b, "%dmo", l.months);
	else if (l.micros % HOUR)
		buf_printf(b, "%dm", (int)(l.micros / MINUTE));
	else if (l.micros)
		buf_printf(b, "%dh", (int)(l.micros / HOUR));
	else
		buf_char(b, '0');
}

static struct str
clock_line(struct arena *a, const struct regime *g, const struct clock_rule *c)
{
	struct buf b = { .arena = a };

	buf_printf(&b, "%s %s: %s > %s, %s,", g->id, c->id, c->after ? c->after : event_id(c->start),
	    event_id(c->stop), c->holder == HOLDER_CERT ? "cert" : "provider");
	for (int level = 1; level <= 4; level++) {
		buf_char(&b, ' ');
		put_length(&b, c->by_level[level]);
	}
	if (c->cap.given) {
		buf_c(&b, ", ");
		put_length(&b, c->cap);
		buf_printf(&b, " from %s", event_id(c->cap_start));
	}
	buf_c(&b, c->extendable ? ", extendable" : "");
	buf_c(&b, c->major_only ? ", major" : "");
	buf_c(&b, c->otherwise_only ? ", not on line" : "");
	buf_c(&b, c->confirm ? ", confirm" : "");
	return buf_str(&b);
}

static void
test_clocks(void)
{
	struct arena *a = arena_new();
	int n, row = 0, rows = (int)(sizeof(expected) / sizeof(expected[0]));
	const struct regime *const *all = regimes_all(&n);

	for (int i = 0; i < n; i++)
		for (int k = 0; k < all[i]->clock_count; k++, row++) {
			const struct clock_rule *c = &all[i]->clocks[k];
			const int *r = c->reminders;

			if (row < rows)
				is_str(clock_line(a, all[i], c), expected[row], expected[row]);
			is_int(c->after != NULL, c->start == EVENT_PREVIOUS, "names the stage it waits for");
			ok(r[0] == 50 && r[1] == 80 && r[2] == 100 && r[3] == 0, "reminds");
		}
	is_int(row, rows, "and no other clock");
	arena_free(a);
}

static void
test_heads(void)
{
	static const struct {
		int64_t code;
		const char *id, *version, *zone, *valid_from;
		bool has_levels, confirm;
	} heads[] = {
		{ REGIME_TW_2017, "tw-2017", "tw-2017/1", "Asia/Taipei", NULL, true, false },
		{ REGIME_TW_2026, "tw-2026", "tw-2026/1", "Asia/Taipei", "2026-01-04T16:00:00Z", true, true },
		{ REGIME_EU_NIS2, "eu-nis2", "eu-nis2/1", "Europe/Brussels", "2024-10-17T22:00:00Z",
		  false, true },
		{ REGIME_EU_DORA, "eu-dora", "eu-dora/1", "Europe/Brussels", "2025-01-16T23:00:00Z",
		  false, true },
	};
	int n;
	const struct regime *const *all = regimes_all(&n);

	is_int(n, 4, "four regimes");
	for (int i = 0; i < n && i < 4; i++) {
		int64_t from = NO_TIME;

		is_str(str_c(all[i]->id), heads[i].id, "by code");
		is_int(all[i]->code, heads[i].code, "code");
		is_str(all[i]->version, heads[i].version, "version");
		is_str(str_c(zone_name(all[i]->zone)), heads[i].zone, "zone");
		if (heads[i].valid_from)
			time_parse(str_c(heads[i].valid_from), zone_utc(), &from);
		is_int(all[i]->valid_from, from, "valid from");
		is_int(all[i]->has_levels, heads[i].has_levels, "levels");
		is_int(all[i]->confirm, heads[i].confirm, "to be confirmed");
		ok(regime_by_code(heads[i].code, INT64_MAX) == all[i], "found by code");
		ok(regime_by_version(all[i]->version) == all[i], "found by version");
	}
	ok(!regime_by_code(99, 0) && !regime_by_code(-1, 0), "no such code");
	ok(!regime_by_version(STR("tw-2017/2")) && !regime_by_version(STR_NONE), "no such version");
}

/* ---- levels: the words of the form, as printed in the guide ---- */

static const char *const form_2017[DIM__MAX][5] = {
	[DIM_C] = {
		"無資料遭洩漏 (無需通報)", "非核心業務一般資料遭洩漏",
		"核心業務 (含關鍵資訊基礎設施) 一般資料遭洩漏", "密級或敏感公務資料遭洩漏",
		"國家機密資料遭洩漏",
	},
	[DIM_I] = {
		"無系統或資料遭竄改 (無需通報)", "非核心業務系統或資料遭竄改",
		"非核心業務系統或資料遭嚴重竄改；抑或核心業務系統或資料遭輕微竄改",
		"核心業務系統或資料遭嚴重竄改；抑或關鍵資訊基礎設施資料遭輕微竄改",
		"關鍵資訊基礎設施系統或資料遭嚴重竄改",
	},
	[DIM_A] = {
		"無系統或設備運作受影響 (無需通報)",
		"非核心業務運作遭影響或短暫停頓，於可容忍中斷時間內回復正常運作",
		"非核心業務運作遭影響或系統停頓，無法於可容忍中斷時間內回復正常運作；"
		"抑或核心業務遭影響系統停頓，於可容忍中斷時間內回復正常運作",
		"核心業務運作遭影響或系統停頓，無法於可容忍中斷時間內回復正常運作；"
		"抑或關鍵資訊基礎設施遭影響或系統停頓，於可容忍中斷時間內回復正常運作",
		"關鍵資訊基礎設施運作遭影響或系統停頓，無法於可容忍中斷時間內回復正常運作",
	},
};

/* Where the rules of operation differ; elsewhere they say the same. */
static const char *const rule_2017[DIM__MAX][5] = {
	[DIM_C] = { [3] = "密級或敏感資料遭洩漏" },
	[DIM_I] = {
		[1] = "非核心業務系統或資料遭輕微竄改",
		[3] = "核心業務系統或資料遭嚴重竄改；抑或關鍵資訊基礎設施系統或資料遭輕微竄改",
	},
	[DIM_A] = {
		[1] = "非核心業務運作遭影響或系統停頓，於可容忍中斷時間內回復正常運作",
		[2] = "非核心業務運作遭影響或系統停頓，無法於可容忍中斷時間內回復正常運作；"
		    "抑或核心業務運作遭影響或系統停頓，於可容忍中斷時間內回復正常運作",
		[3] = "核心業務運作遭影響或系統停頓，無法於可容忍中斷時間內回復正常運作；"
		    "抑或關鍵資訊基礎設施運作遭影響或系統停頓，於可容忍中斷時間內回復正常運作",
	},
};

static void
test_levels_2017(void)
{
	const struct regime *g = regime_by_code(REGIME_TW_2017, INT64_MAX);

	for (int d = 0; d < DIM__MAX; d++)
		for (int level = 0; level <= 4; level++) {
			const struct level_rule *l = &g->level[d][level];
			bool differs = rule_2017[d][level] != NULL;

			is_str(l->form[LANG_ZH], form_2017[d][level], "the form");
			is_str(l->other[LANG_ZH], rule_2017[d][level], "the rules of operation");
			is_int(l->note[LANG_ZH].p && l->note[LANG_EN].p, differs, "a note where they differ");
			ok(!str_eq(l->form[LANG_EN], l->other[LANG_EN]), "the difference shows in English");
		}
}

static bool
says(struct str text, const char *part)
{
	return str_has(text, str_c(part));
}

/* Table of levels: whose information or system, then slight or in time, then serious or not in time. */
static void
test_levels_2026(void)
{
	const struct regime *g = regime_by_code(REGIME_TW_2026, INT64_MAX);
	const struct level_rule *c = g->level[DIM_C], *i = g->level[DIM_I], *a = g->level[DIM_A];

	for (int level = 1; level <= 4; level++) {
		ok(!says(a[level].form[LANG_ZH], "業務"), "availability is not of business");
		ok(says(a[level].form[LANG_ZH], "資通系統"), "but of systems");
		ok(a[level].note[LANG_ZH].p != NULL, "and is to be confirmed");
		ok(says(c[level].form[LANG_ZH], "敏感資訊") == (level >= 3), "sensitive information leaked");
		ok(says(i[level].form[LANG_ZH], "敏感資訊") == (level >= 3), "sensitive information altered");
		ok((c[level].note[LANG_EN].p != NULL) == (level >= 3), "which is to be confirmed");
		ok(!c[level].other[0].p && !i[level].other[0].p && !a[level].other[0].p, "one wording");
		ok(says(c[level].form[LANG_ZH], "國家機密") == (level == 4), "state secrets leaked");
		ok(says(i[level].form[LANG_ZH], "國家機密") == (level == 4), "state secrets altered");
		ok(says(c[level].form[LANG_ZH], "輕微洩漏") == (level <= 3), "slight leaks");
		ok(says(i[level].form[LANG_ZH], "輕微竄改") == (level <= 3), "slight alterations");
		ok(says(c[level].form[LANG_ZH], "嚴重洩漏") == (level >= 2), "serious leaks");
		ok(says(i[level].form[LANG_ZH], "嚴重竄改") == (level >= 2), "serious alterations");
		ok(says(a[level].form[LANG_ZH], "無法於可容忍") == (level >= 2), "not recovered in time");
		ok(says(a[level].form[LANG_ZH], "，於可容忍") == (level <= 3), "recovered in time");
		ok(says(c[level].form[LANG_ZH], "非核心") == (level <= 2), "non-core");
		ok(says(c[level].form[LANG_ZH], "未涉及") == (level == 2 || level == 3), "not critical");
	}
	ok(says(c[0].form[LANG_ZH], "無需通報") && says(i[0].form[LANG_EN], "no report needed"), "level 0");
}

/* Nobody put the same words into both languages. */
static void
test_languages(void)
{
	int n, same = 0;
	const struct regime *const *all = regimes_all(&n);

	for (int i = 0; i < n; i++)
		for (int k = 0; k < all[i]->clock_count; k++) {
			const struct clock_rule *c = &all[i]->clocks[k];

			same += str_eq(c->title[LANG_ZH], c->title[LANG_EN]);
			same += str_eq(c->rule[LANG_ZH], c->rule[LANG_EN]);
			same += str_eq(c->source[LANG_ZH], c->source[LANG_EN]);
		}
	is_int(same, 0, "titles, rules and sources in both languages");
}

/* The story of the domain: aware at 02:10 on a Sunday, level 3. */
static void
test_story(void)
{
	static const struct {
		const char *clock, *anchor, *due;
	} rows[] = {
		{ "report", "2026-11-21T18:10:00Z", "2026-11-21T19:10:00Z" },
		{ "review", "2026-11-21T18:40:00Z", "2026-11-21T20:40:00Z" },
		{ "result", "2026-11-21T19:30:00Z", "2026-11-21T20:30:00Z" },
		{ "damage_control", "2026-11-21T18:10:00Z", "2026-11-23T06:10:00Z" },
		{ "improvement", "2027-01-30T17:00:00Z", "2027-02-27T17:00:00Z" },
		{ "file_online", "2026-11-21T20:00:00Z", "2026-11-21T20:00:00Z" },
	};
	const struct regime *g = regime_by_code(REGIME_TW_2026, INT64_MAX);
	int64_t anchor = NO_TIME, due = NO_TIME;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct clock_rule *c = clock_by_id(g, str_c(rows[i].clock));

		time_parse(str_c(rows[i].anchor), zone_utc(), &anchor);
		time_parse(str_c(rows[i].due), zone_utc(), &due);
		is_int(clock_due_at(g, c, 3, anchor, NO_TIME), due, rows[i].clock);
	}
}

static void
test_cap(void)
{
	const struct regime *g = regime_by_code(REGIME_EU_DORA, INT64_MAX);
	const struct clock_rule *initial = clock_by_id(g, STR("initial"));
	const int64_t aware = 1000 * DAY, late = aware + 22 * HOUR;

	is_int(clock_due_at(g, initial, 1, aware + HOUR, aware), aware + 5 * HOUR, "four hours");
	is_int(clock_due_at(g, initial, 1, late, aware), aware + 24 * HOUR, "a day from knowing at most");
	is_int(clock_due_at(g, initial, 1, late, NO_TIME), late + 4 * HOUR, "as far as that is known");
}

int
main(void)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };

	if (!ok(rules_load(&err), "ours are read"))
		return done_testing();
	ok(rules_load(&err), "once is enough");
	test_heads();
	test_clocks();
	test_levels_2017();
	test_levels_2026();
	test_languages();
	test_story();
	test_cap();
	arena_free(a);
	return done_testing();
}
