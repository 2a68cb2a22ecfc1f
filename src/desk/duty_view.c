/* Duties as people read them: of one report, and the board over all that the reader may see. */
#include <stdlib.h>

#include "desk/duties.h"
#include "desk/work.h"

/* ---- one duty ---- */

struct str
duty_title(const struct duty *d, enum lang lang)
{
	const struct regime *regime;
	const struct clock_rule *rule;

	return clock_found(d, &regime, &rule) ? rule->title[lang] : d->clock;
}

enum verb
duty_verb(const struct report *r, const struct duty *d)
{
	const struct regime *regime;
	const struct clock_rule *rule;

	if (!clock_found(d, &regime, &rule))
		return VERB__MAX;
	if (clock_by_hand(r, rule))
		return VERB_FULFIL;
	switch (rule->stop) {
	case EVENT_RECEIVED:
	case EVENT_PHONED:
		return VERB_SUBMIT;
	case EVENT_REVIEWED:
		return VERB_REVIEW;
	case EVENT_LEVEL_FILED:
		return VERB_AMEND_LEVEL;
	case EVENT_CONTAINED:
		return VERB_CONTAIN;
	case EVENT_IMPROVEMENT:
		return VERB_IMPROVEMENT;
	case EVENT_ESCALATED:
		return VERB_ESCALATE;
	case EVENT_FILED_ONLINE:
		return VERB_MATCH;
	case EVENT_CLOSING:
		return VERB_CLOSE;
	case EVENT_CLOSED:
		return VERB_ACCEPT;
	default:
		return VERB__MAX;
	}
}

/*
 * The length that the rule gives at this level: "36 hours". STR_NONE for a rule that is not known any more.
 */
static struct str
length_words(const struct duty *d, const struct clock_rule *rule, const struct face *face, struct arena *a)
{
	return d->level >= 1 && d->level <= 4 ? length_text(a, face, rule->by_level[d->level]) : STR_NONE;
}

int
duty_reminders(const struct duty *d, int64_t ret_at[CLOCK_REMINDERS], int ret_percent[CLOCK_REMINDERS])
{
	const struct regime *regime;
	const struct clock_rule *rule;
	int n = 0;

	if (!clock_found(d, &regime, &rule))
		return 0;
	for (; n < CLOCK_REMINDERS && rule->reminders[n]; n++) {
		ret_percent[n] = rule->reminders[n];
		ret_at[n] = d->anchor_at + (d->due_at - d->anchor_at) / 100 * rule->reminders[n];
	}
	if (n && ret_percent[n - 1] == 100)
		ret_at[n - 1] = d->due_at;
	return n;
}

/* What is still to come of an open duty. */
static void
add_reminders(struct value *map, const struct duty *d, const struct face *face, struct arena *a)
{
	int64_t at[CLOCK_REMINDERS];
	int percent[CLOCK_REMINDERS], n = d->state == DUTY_OPEN ? duty_reminders(d, at, percent) : 0;
	struct value *list = map_list(a, map, "reminders");

	for (int i = 0; i < n; i++) {
		struct value *row = list_add(list, value_map(a));

		map_int(a, row, "percent", percent[i]);
		map_time(a, row, "at", at[i]);
		map_bool(a, row, "past", at[i] < face->now);
	}
}

static void
add_rule(struct value *map, const struct duty *d, const struct face *face, struct arena *a)
{
	const struct regime *regime;
	const struct clock_rule *rule;

	if (!clock_found(d, &regime, &rule))
		return;
	map_str(a, map, "rule", rule->rule[face->lang]);
	map_str(a, map, "source", rule->source[face->lang]);
	map_bool(a, map, "confirm", rule->confirm);
	map_str(a, map, "length", length_words(d, rule, face, a));
	map_str(a, map, "regime_title", regime->title[face->lang]);
	map_bool(a, map, "extendable", rule->extendable);
}

struct value *
duty_show(const struct duty *d, const struct face *face, bool wordy, struct arena *a)
{
	struct value *map = value_map(a);

	map_int(a, map, "id", d->id);
	map_str(a, map, "clock", d->clock);
	map_str(a, map, "regime_version", d->regime_version);
	map_str(a, map, "title", duty_title(d, face->lang));
	field_show(DUTY_FIELD(holder), d, map, a);
	field_show(DUTY_FIELD(anchor), d, map, a);
	map_time(a, map, "anchor_at", d->anchor_at);
	map_time(a, map, "due_at", d->due_at);
	field_show(DUTY_FIELD(state), d, map, a);
	map_bool(a, map, "overdue", d->overdue == 1);
	map_time(a, map, "overdue_at", d->overdue_at);
	map_time(a, map, "done_at", d->done_at);
	map_time(a, map, "extend_until", d->extend_until);
	if (!wordy)
		return map;
	map_str(a, map, "extend_reason", d->extend_reason);
	map_str(a, map, "note", d->note);
	add_reminders(map, d, face, a);
	add_rule(map, d, face, a);
	return map;
}

/* ---- of one report ---- */

static int
open_first(const void *x, const void *y)
{
	const struct duty *a = x, *b = y;

	if ((a->state == DUTY_OPEN) != (b->state == DUTY_OPEN))
		return a->state == DUTY_OPEN ? -1 : 1;
	if (a->due_at != b->due_at)
		return a->due_at < b->due_at ? -1 : 1;
	return a->id < b->id ? -1 : 1;
}

static bool
has_duties(const struct report *r)
{
	return r->received_at != NO_TIME && r->report_kind != KIND_OF_REPORT_VOLUNTARY;
}

void
duties_ahead(struct tx *tx, int64_t report)
{
	db_ahead(tx, S_DUTY_OF_REPORT, I(report));
}

bool
duties_read(struct tx *tx, const struct report *r, struct duties *ret_duties, struct err *err)
{
	const struct filed *filed = filed_here(tx, r);
	struct duties out = { .n = 0 };
	struct arena *a = tx_arena(tx);
	int room = 8;
	struct rows q;

	out.list = filed ? filed->duties.list : arena_alloc(a, (size_t)room * sizeof(*out.list));
	out.n = filed ? filed->duties.n : 0;
	*ret_duties = out;
	if (filed && out.n)
		qsort(out.list, (size_t)out.n, sizeof(*out.list), open_first);
	if (filed || !has_duties(r))
		return true;
	q = db_query(tx, S_DUTY_OF_REPORT, I(r->id));
	while (db_next(&q)) {
		if (out.n == room) {
			struct duty *more = arena_alloc(a, 2 * (size_t)room * sizeof(*more));

			for (int i = 0; i < out.n; i++)
				more[i] = out.list[i];
			out.list = more;
			room *= 2;
		}
		entity_load(ENTITY_DUTY, &q, 0, &out.list[out.n++]);
	}
	if (!db_end(&q, err))
		return false;
	if (out.n)
		qsort(out.list, (size_t)out.n, sizeof(*out.list), open_first);
	*ret_duties = out;
	return true;
}

struct value *
duties_of_report(struct tx *tx, const struct principal *who, const struct report *r, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct face face = face_of(who, tx);
	struct value *out = value_map(a), *list = map_list(a, out, "rows");
	struct duties duties;

	if (!duties_read(tx, r, &duties, err))
		return NULL;
	for (int i = 0; i < duties.n; i++)
		list_add(list, duty_show(&duties.list[i], &face, true, a));
	return out;
}
