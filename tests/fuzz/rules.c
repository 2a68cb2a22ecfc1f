/* Any text as a rules file: refused with a place, or a regime in which every clock can be reckoned. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
need(bool holds)
{
	if (!holds)
		abort();
}

static void
load_zones(void)
{
	static const struct zone *zone;

	if (!zone)
		need(zone_load("Asia/Taipei", &zone) && zone_load("Europe/Brussels", &zone));
}

static void
check_words(const struct str words[LANG__MAX], bool needed)
{
	for (enum lang l = 0; l < LANG__MAX; l++)
		need(words[l].p ? words[l].n > 0 && utf8_ok(words[l]) : !needed);
	need((words[LANG_ZH].p != NULL) == (words[LANG_EN].p != NULL));
}

/* Due at or after its anchor, or a day after knowing at most; nothing at a level that is none. */
static void
check_due(const struct regime *g, const struct clock_rule *c, int level, int64_t anchor)
{
	int64_t due = clock_due_at(g, c, level, anchor, NO_TIME), capped = clock_due_at(g, c, level, anchor, anchor);

	need((due == NO_TIME) == (level < 1 || level > 4 || !c->by_level[level].given));
	need(due == NO_TIME || due >= anchor);
	need(capped <= due && (capped == NO_TIME) == (due == NO_TIME));
}

static void
check_clock(struct arena *a, const struct regime *g, const struct clock_rule *c)
{
	static const int64_t anchors[] = { 0, INT64_C(1774746000000000), INT64_C(253402300799999999) };
	const struct face face = { .lang = LANG_EN };
	const struct clock_rule *before = c;
	int steps = 0, i;

	check_words(c->title, true);
	check_words(c->rule, true);
	check_words(c->source, true);
	need(clock_by_id(g, str_c(c->id)) == c);
	need(c->start < EVENT__MAX && c->stop < EVENT__MAX && c->start != c->stop);
	need((c->after != NULL) == (c->start == EVENT_PREVIOUS));
	while (before->after) {
		before = clock_by_id(g, str_c(before->after));
		need(before && ++steps <= g->clock_count);
	}
	for (int level = -1; level <= 5; level++)
		for (i = 0; i < 3; i++)
			check_due(g, c, level, anchors[i]);
	for (int level = 0; level <= 4; level++)
		need(length_text(a, &face, c->by_level[level]).n > 0);
	for (i = 0; c->reminders[i]; i++)
		need(i < CLOCK_REMINDERS - 1 && c->reminders[i] > 0 && (i == 0 || c->reminders[i] > c->reminders[i - 1]));
}

static void
check_regime(struct arena *a, const struct regime *g)
{
	check_words(g->title, true);
	check_words(g->source, true);
	check_words(g->status, true);
	need(g->zone && g->version.n > strlen(g->id) && str_starts(g->version, str_c(g->id)));
	for (int d = 0; g->has_levels && d < DIM__MAX; d++)
		for (int level = 0; level <= 4; level++) {
			check_words(g->level[d][level].form, true);
			check_words(g->level[d][level].other, false);
			check_words(g->level[d][level].note, g->level[d][level].other[LANG_EN].p != NULL);
		}
	need(g->clock_count > 0);
	for (int i = 0; i < g->clock_count; i++)
		check_clock(a, g, &g->clocks[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	const struct str text = { (const char *)data, n };
	const struct regime *g = NULL;
	struct length l;

	load_zones();
	if (regime_parse(a, text, &g, &err))
		check_regime(a, g);
	else
		need(!g && err.fault == FAULT_RULES && err.detail.n > 0 && utf8_ok(err.detail));
	if (length_parse(text, &l))
		need(l.given && l.months >= 0 && l.micros >= 0);
	arena_free(a);
	return 0;
}
