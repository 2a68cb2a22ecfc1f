/*
 * The levels in words: the law's sentence for each, and what follows from it. The same regimes that the
 * clocks run by.
 */
#include "site/part.h"

#include "base/arena.h"

/* By its version; where that has no levels, those of the regulation as it was at that moment. */
const struct regime *
level_regime_named(struct str version, int64_t at)
{
	const struct regime *g = version.n ? regime_by_version(version) : NULL;

	return g && g->has_levels ? g : regime_by_code(REGIME_TW_2026, at);
}

/* Before filing: of the regimes that apply the newest one that has levels, as it is in force now. */
const struct regime *
level_regime(const struct request *r, const struct report *rep)
{
	static const int64_t newest_first[] = { REGIME_TW_2026, REGIME_TW_2017 };

	if (rep->regime_version.p)
		return level_regime_named(rep->regime_version, rep->received_at);
	for (size_t i = 0; i < sizeof(newest_first) / sizeof(newest_first[0]); i++)
		if (rep->regimes != NONE && ((uint64_t)rep->regimes & UINT64_C(1) << newest_first[i]) != 0)
			return regime_by_code(newest_first[i], r->now);
	return regime_by_code(REGIME_TW_2026, r->now);
}

struct str
level_sentence(const struct regime *regime, enum dimension d, int64_t level, enum lang l)
{
	if (!regime || level < 0 || level > 4)
		return STR_NONE;
	return regime->level[d][level].form[l];
}

/* Where the form and the rule differ, both are shown with the reason. */
struct str
level_note(struct arena *a, const struct regime *regime, enum dimension d, int64_t level, enum lang l)
{
	const struct level_rule *rule;
	struct msg_arg args[] = { { "other", STR_NONE }, { "note", STR_NONE }, { NULL, STR_NONE } };

	if (!regime || level < 0 || level > 4)
		return STR_NONE;
	rule = &regime->level[d][level];
	if (!rule->other[l].n)
		return STR_NONE;
	args[0].text = rule->other[l];
	args[1].text = rule->note[l].p ? rule->note[l] : STR("");
	return msg_fill(a, l, "level.other_wording", args);
}

static struct str
level_head(struct arena *a, enum lang l, int64_t level)
{
	const struct msg_arg args[] = {
		{ "level", arena_printf(a, "%lld", (long long)level) }, { NULL, STR_NONE },
	};

	return msg_fill(a, l, "level.chip", args);
}

/* "review within 2 hours, damage control within 36 hours", for the clocks that run from the report itself. */
static struct str
level_then(const struct request *r, const struct regime *regime, int64_t level)
{
	struct buf b = { .arena = r->arena };
	enum lang l = r->lang;

	if (level == 0)
		return msg(l, "level.none_follows");
	for (int i = 0; i < regime->clock_count; i++) {
		const struct clock_rule *c = &regime->clocks[i];
		struct msg_arg args[] = {
			{ "clock", c->title[l] }, { "length", STR_NONE }, { NULL, STR_NONE },
		};

		if (!c->by_level[level].given || (c->start != EVENT_RECEIVED && c->start != EVENT_AWARE) ||
		    (c->stop != EVENT_REVIEWED && c->stop != EVENT_CONTAINED))
			continue;
		args[1].text = length_text(r->arena, &r->face, c->by_level[level]);
		if (b.n)
			buf_put(&b, msg(l, "level.then_join"));
		buf_put(&b, msg_fill(r->arena, l, "level.then", args));
	}
	if (level >= 3) {
		buf_put(&b, msg(l, "level.then_join"));
		buf_put(&b, msg(l, "level.goes_up"));
	}
	return buf_str(&b);
}

struct value *
level_consequences(const struct request *r, const struct regime *regime)
{
	struct value *list = value_list(r->arena);

	for (int64_t level = 4; regime && level >= 0; level--) {
		struct value *row = list_add(list, value_map(r->arena));

		map_int(r->arena, row, "level", level);
		map_str(r->arena, row, "head", level_head(r->arena, r->lang, level));
		map_str(r->arena, row, "then", level_then(r, regime, level));
	}
	return list;
}

struct value *
level_verdict(const struct request *r, const struct report *rep)
{
	const struct regime *regime = level_regime(r, rep);
	const int64_t impacts[] = { rep->impact_c, rep->impact_i, rep->impact_a };
	int level = level_of(rep->impact_c, rep->impact_i, rep->impact_a);
	struct value *map = value_map(r->arena);
	struct msg_arg args[] = { { "head", STR_NONE }, { "sentence", STR_NONE }, { NULL, STR_NONE } };

	if (level < 0 || !regime) {
		map_str(r->arena, map, "numeral", STR("–"));
		map_str(r->arena, map, "slug", STR("none"));
		map_str(r->arena, map, "what", msg(r->lang, "form.verdict_none"));
		map_str(r->arena, map, "then", STR(""));
		return map;
	}
	args[0].text = level_head(r->arena, r->lang, level);
	args[1].text = level_sentence(regime, level_cause(impacts[0], impacts[1], impacts[2]), level,
	    r->lang);
	map_str(r->arena, map, "numeral", arena_printf(r->arena, "%d", level));
	map_str(r->arena, map, "slug", arena_printf(r->arena, "%d", level));
	map_str(r->arena, map, "what", msg_fill(r->arena, r->lang, "form.verdict_what", args));
	map_str(r->arena, map, "then", level_then(r, regime, level));
	return map;
}
