#include "desk/clocks.h"

#include "base/rand.h"
#include "desk/ticking.h"
#include "model/rules.h"
#include "store/audit.h"

/* ---- which clocks apply ---- */

bool
clock_found(const struct duty *d, const struct regime **ret_regime, const struct clock_rule **ret_rule)
{
	const struct regime *regime = regime_by_version(d->regime_version);
	const struct clock_rule *rule = regime ? clock_by_id(regime, d->clock) : NULL;

	if (!rule)
		return false;
	*ret_regime = regime;
	*ret_rule = rule;
	return true;
}

bool
clock_by_hand(const struct report *r, const struct clock_rule *rule)
{
	switch (rule->stop) {
	case EVENT_FULFILLED:
	case EVENT_IMPROVEMENT_FORWARDED:
		return true;
	case EVENT_ESCALATED:
		/* a result that is sent though nothing is to be handed over, or after it was */
		return r->escalation == NONE || r->escalation == ESCALATION_NONE ||
		    r->escalation == ESCALATION_ACKNOWLEDGED;
	default:
		return false;
	}
}

/* When this happened to the report, as far as the report itself knows; NO_TIME: not, or not kept there. */
static int64_t
event_time(const struct report *r, enum event e)
{
	switch (e) {
	case EVENT_AWARE:
		return r->aware_at;
	case EVENT_RECEIVED:
		return r->received_at;
	case EVENT_PHONED:
		return report_by_staff(r) ? r->received_at : NO_TIME;
	case EVENT_REVIEWED:
		return r->reviewed_at;
	case EVENT_CONTAINED:
		return r->contained_at;
	case EVENT_CLASSIFIED:
		return r->classified_at;
	case EVENT_ESCALATED:
		return r->escalation_sent_at;
	case EVENT_CLOSED:
		return r->closed_at;
	default:
		return NO_TIME;
	}
}

/*
 * The version that this report keeps for ever: of its own regime the one it was filed under, of another that
 * of its first duty.
 */
static const struct regime *
regime_kept(const struct clocks *c, int64_t code)
{
	if (code == c->r->regime && c->r->regime_version.p)
		return regime_by_version(c->r->regime_version);
	for (const struct held *h = c->first; h; h = h->next)
		if (h->regime && h->regime->code == code)
			return h->regime;
	return regime_by_code(code, c->now);
}

static int64_t
due_time(const struct clocks *c, const struct regime *regime, const struct clock_rule *rule, int64_t anchor)
{
	const struct report *r = c->r;
	bool major = r->level >= 3 || r->classified_at != NO_TIME;

	if (r->report_kind == KIND_OF_REPORT_VOLUNTARY || r->level < 1)
		return NO_TIME;
	if ((rule->major_only && !major) || (rule->otherwise_only && !report_by_staff(r)))
		return NO_TIME;
	return clock_due_at(regime, rule, (int)r->level, anchor,
	    rule->cap.given ? event_time(r, rule->cap_start) : NO_TIME);
}

/* ---- one duty ---- */

void
clocks_mark(struct clocks *c, struct held *h)
{
	bool late = duty_late(&h->d, c->now);

	if (h->d.state == DUTY_CANCELLED || late == (h->d.overdue == 1))
		return;
	h->d.overdue = late;
	h->d.overdue_at = late ? c->now : NO_TIME;
	h->touched = true;
}

static struct held *
add(struct clocks *c)
{
	struct held *h = arena_make(tx_arena(c->tx), struct held);

	*c->end = h;
	c->end = &h->next;
	return h;
}

/* What may happen to a report more than once, each time with a clock of its own. */
static bool
comes_again(enum event e)
{
	return e == EVENT_LEVEL_CHANGE || e == EVENT_TRACKED_AGAIN;
}

/* A clock runs once for a report, but for what comes again; and what was called off may be called for again. */
static bool
started(const struct clocks *c, const struct regime *regime, const struct clock_rule *rule)
{
	for (const struct held *h = c->first; h; h = h->next) {
		if (h->rule != rule || h->regime != regime || h->d.state == DUTY_CANCELLED)
			continue;
		if (h->d.state == DUTY_OPEN || !comes_again(rule->start))
			return true;
	}
	return false;
}

static struct held *
start(struct clocks *c, const struct regime *regime, const struct clock_rule *rule, int64_t at)
{
	int64_t due = due_time(c, regime, rule, at);
	struct held *h;

	if (due == NO_TIME || started(c, regime, rule))
		return NULL;
	h = add(c);
	h->regime = regime;
	h->rule = rule;
	h->touched = true;
	h->d = (struct duty){
		.version = 1, .created_at = c->now, .changed_at = c->now,
		.report_id = c->r->id, .org_id = c->r->org_id, .cert_id = c->r->cert_id,
		.regime_version = regime->version, .clock = str_c(rule->id), .holder = rule->holder,
		.anchor = rule->start, .anchor_at = at, .level = c->r->level, .due_at = due,
		.state = DUTY_OPEN, .done_at = NO_TIME, .overdue = 0, .overdue_at = NO_TIME,
		.note = STR_NONE, .extend_until = NO_TIME, .extend_reason = STR_NONE, .category = c->r->category,
	};
	clocks_mark(c, h);
	return h;
}

/* The stages that begin when this one was filed. */
static void
start_after(struct clocks *c, const struct regime *regime, const char *clock, int64_t at)
{
	for (int i = 0; i < regime->clock_count; i++) {
		const struct clock_rule *rule = &regime->clocks[i];

		if (rule->start == EVENT_PREVIOUS && rule->after && str_is(str_c(rule->after), clock))
			start(c, regime, rule, at);
	}
}

void
clocks_meet(struct clocks *c, struct held *h, int64_t at)
{
	h->d.state = DUTY_MET;
	h->d.done_at = at;
	h->touched = true;
	clocks_mark(c, h);
	if (h->rule)
		start_after(c, h->regime, h->rule->id, at);
}

static void
cancel(struct clocks *c, struct held *h)
{
	h->d.state = DUTY_CANCELLED;
	h->d.done_at = c->now;
	h->touched = true;
}

/* ---- all of them ---- */

bool
clocks_open(struct clocks *c, struct tx *tx, const struct report *r, bool fresh, struct err *err)
{
	struct rows q;

	*c = (struct clocks){ .tx = tx, .r = r, .now = tx_now(tx) };
	c->end = &c->first;
	if (fresh)
		return true;
	q = db_query(tx, S_DUTY_OF_REPORT, I(r->id));
	while (db_next(&q)) {
		struct held *h = add(c);

		entity_load(ENTITY_DUTY, &q, 0, &h->d);
		h->was = h->d;
		clock_found(&h->d, &h->regime, &h->rule);
	}
	return db_end(&q, err);
}

static bool
has_regime(const struct report *r, int64_t code)
{
	return r->regimes != NONE && ((uint64_t)r->regimes & UINT64_C(1) << code) != 0;
}

static void
start_all(struct clocks *c, enum event e, int64_t at)
{
	for (int64_t code = REGIME_TW_2017; code <= REGIME_EU_DORA; code++) {
		const struct regime *regime = has_regime(c->r, code) ? regime_kept(c, code) : NULL;

		for (int i = 0; regime && i < regime->clock_count; i++)
			if (regime->clocks[i].start == e)
				start(c, regime, &regime->clocks[i], at);
	}
}

static void
meet_all(struct clocks *c, enum event e, int64_t at)
{
	for (struct held *h = c->first; h; h = h->next)
		if (h->d.state == DUTY_OPEN && h->rule && h->rule->stop == e)
			clocks_meet(c, h, at);
}

void
clocks_event(struct clocks *c, enum event e, int64_t at)
{
	start_all(c, e, at);
	meet_all(c, e, at);
}

/* Events whose moment the report keeps, in the order in which they come. */
static const enum event kept_events[] = {
	EVENT_AWARE, EVENT_RECEIVED, EVENT_PHONED, EVENT_REVIEWED, EVENT_CONTAINED, EVENT_CLASSIFIED,
	EVENT_ESCALATED, EVENT_CLOSED,
};
#define KEPT_EVENTS (sizeof(kept_events) / sizeof(kept_events[0]))

/*
 * What has happened already starts the clocks that were not called for then, and meets what only now began.
 */
static void
catch_up(struct clocks *c)
{
	struct held **fresh = c->end;

	for (size_t i = 0; i < KEPT_EVENTS; i++) {
		int64_t at = event_time(c->r, kept_events[i]);

		if (at == NO_TIME)
			continue;
		start_all(c, kept_events[i], at);
		for (struct held *h = *fresh; h; h = h->next)
			if (h->d.state == DUTY_OPEN && h->rule->stop == kept_events[i] &&
			    at >= h->d.anchor_at)
				clocks_meet(c, h, at);
	}
}

/* An extension that was granted outlives a change of level; a due time that the rule gave follows it. */
static void
relevel(struct clocks *c, struct held *h)
{
	int64_t cap = h->rule->cap.given ? event_time(c->r, h->rule->cap_start) : NO_TIME;
	int64_t before = clock_due_at(h->regime, h->rule, (int)h->d.level, h->d.anchor_at, cap);
	int64_t due = due_time(c, h->regime, h->rule, h->d.anchor_at);

	if (due == NO_TIME) {
		cancel(c, h);
		return;
	}
	if (h->d.level == c->r->level && h->d.due_at == due)
		return;
	h->d.level = c->r->level;
	if (h->d.due_at == before || h->d.due_at < due)
		h->d.due_at = due;
	h->touched = true;
	clocks_mark(c, h);
}

void
clocks_relevel(struct clocks *c)
{
	for (struct held *h = c->first; h; h = h->next)
		if (h->d.state == DUTY_OPEN && h->rule)
			relevel(c, h);
	catch_up(c);
}

void
clocks_regimes(struct clocks *c)
{
	for (struct held *h = c->first; h; h = h->next)
		if (h->d.state == DUTY_OPEN && h->regime && !has_regime(c->r, h->regime->code))
			cancel(c, h);
	catch_up(c);
}

void
clocks_cancel(struct clocks *c)
{
	for (struct held *h = c->first; h; h = h->next)
		if (h->d.state == DUTY_OPEN)
			cancel(c, h);
}

void
clocks_call_off(struct clocks *c, enum event started_by)
{
	for (struct held *h = c->first; h; h = h->next)
		if (h->d.state == DUTY_OPEN && h->d.anchor == started_by)
			cancel(c, h);
}

void
clocks_met_earlier(struct clocks *c, enum event e, int64_t at)
{
	for (struct held *h = c->first; h; h = h->next) {
		if (!h->rule || h->rule->stop != e || h->d.state == DUTY_CANCELLED)
			continue;
		if (h->d.state == DUTY_OPEN) {
			clocks_meet(c, h, at);
		} else if (h->d.done_at > at && at >= h->d.anchor_at) {
			h->d.done_at = at;
			h->touched = true;
			clocks_mark(c, h);
		}
	}
}

bool
clocks_running(const struct clocks *c, enum event started_by)
{
	for (const struct held *h = c->first; h; h = h->next)
		if (h->d.state == DUTY_OPEN && h->d.anchor == started_by)
			return true;
	return false;
}

struct held *
clocks_find(const struct clocks *c, int64_t duty)
{
	for (struct held *h = c->first; h; h = h->next)
		if (h->d.id == duty)
			return h;
	return NULL;
}

/* ---- writing ---- */

static bool
insert(struct tx *tx, struct duty *d, struct err *err)
{
	d->id = id_new();
	return db_run(tx, S_DUTY_ADD, err, I(d->id), I(d->created_at), I(d->report_id), I(d->org_id),
	    I(d->cert_id), T(d->regime_version), T(d->clock), I(d->holder), I(d->anchor), I(d->anchor_at),
	    I(d->level), I(d->due_at), I(d->state), N(d->done_at), I(d->overdue), N(d->overdue_at),
	    N(d->category));
}

bool
duty_store(struct tx *tx, struct duty *d, struct err *err)
{
	d->version++;
	d->changed_at = tx_now(tx);
	return db_run(tx, S_DUTY_SET, err, I(d->id), I(d->version), I(d->changed_at), I(d->level),
	    I(d->due_at), I(d->state), N(d->done_at), I(d->overdue), N(d->overdue_at), T(d->note),
	    N(d->extend_until), T(d->extend_reason));
}

/* What the trail says of a duty that began. Its other columns are the report's or the regime's. */
static struct value *
beginning(const struct duty *d, struct arena *a)
{
	struct duty *facts = entity_new(&entity_duty, a);

	facts->anchor = d->anchor;
	facts->anchor_at = d->anchor_at;
	facts->due_at = d->due_at;
	facts->state = d->state;
	facts->done_at = d->done_at;
	if (d->overdue == 1)
		facts->overdue = 1;
	return entity_diff(&entity_duty, NULL, facts, a);
}

struct value *
duty_change(const struct duty *was, const struct duty *d, struct arena *a)
{
	struct value *changes = was->id ? entity_diff(&entity_duty, was, d, a) : beginning(d, a);
	struct value *map = value_map(a);

	map_int(a, map, "id", d->id);
	map_str(a, map, "clock", d->clock);
	map_str(a, map, "regime_version", d->regime_version);
	if (changes)
		map_add(map, "changes", changes);
	return map;
}

enum kind_of_change { STARTED, MET, CANCELLED, MOVED, KINDS_OF_CHANGE };

static const char *const actions[KINDS_OF_CHANGE] = {
	[STARTED] = "duty.start", [MET] = "duty.met", [CANCELLED] = "duty.cancelled", [MOVED] = "duty.moved",
};

static enum kind_of_change
kind_of(const struct held *h)
{
	if (!h->was.id)
		return STARTED;
	if (h->d.state == h->was.state)
		return MOVED;
	return h->d.state == DUTY_MET ? MET : CANCELLED;
}

static bool
write_one(struct clocks *c, struct held *h, struct value *list, struct err *err)
{
	if (!(h->was.id ? duty_store(c->tx, &h->d, err) : insert(c->tx, &h->d, err)))
		return false;
	list_add(list, duty_change(&h->was, &h->d, tx_arena(c->tx)));
	ticking_expect(c->tx, &h->d);
	h->touched = false;
	h->was = h->d;
	return true;
}

/* One record for all that began, one for all that were met, and so on. */
bool
clocks_write(struct clocks *c, const char *action, struct err *err)
{
	struct arena *a = tx_arena(c->tx);

	tx_leave(c->tx, NULL);
	for (int kind = 0; kind < KINDS_OF_CHANGE; kind++) {
		struct value *details = value_map(a), *list = map_list(a, details, "duties");
		const struct audit record = {
			.action = action ? action : actions[kind], .entity = "report", .object = c->r->id,
			.org = c->r->org_id, .details = details,
		};

		for (struct held *h = c->first; h; h = h->next)
			if (h->touched && (int)kind_of(h) == kind && !write_one(c, h, list, err))
				return false;
		if (list->n && !audit_append(c->tx, &record, err))
			return false;
	}
	return true;
}
