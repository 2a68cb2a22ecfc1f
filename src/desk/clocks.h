/*
 * The duties of one report in hand: read once, changed by as many events as one piece of work brings, written
 * once, with an audit record for each kind of change that names every duty. Private to the desk.
 */
#ifndef DESK_CLOCKS_H
#define DESK_CLOCKS_H

#include "model/duty.h"
#include "store/store.h"

struct held {
	struct duty d, was;              /* was.id 0: a new one */
	const struct regime *regime;
	const struct clock_rule *rule;
	bool touched;
	struct held *next;
};

struct clocks {
	struct tx *tx;
	const struct report *r;          /* as it will be written: levels and times are read from it */
	int64_t now;
	struct held *first, **end;
};

/* fresh: a report that cannot have duties yet, so that the table need not be asked. */
bool clocks_open(struct clocks *c, struct tx *tx, const struct report *r, bool fresh, struct err *err);
void clocks_event(struct clocks *c, enum event e, int64_t at);
/*
 * Due times follow the level in force; what does not apply any more is cancelled, what applies now starts at
 * its anchor.
 */
void clocks_relevel(struct clocks *c);
/* Regimes were added or taken away after filing. */
void clocks_regimes(struct clocks *c);
void clocks_cancel(struct clocks *c);
/* Open duties that this event started and that are no longer called for. */
void clocks_call_off(struct clocks *c, enum event started);
/*
 * The duties that an event meets were met earlier than was known (a telephone call before the report on
 * line).
 */
void clocks_met_earlier(struct clocks *c, enum event e, int64_t at);
bool clocks_running(const struct clocks *c, enum event started);
struct held *clocks_find(const struct clocks *c, int64_t duty);
void clocks_meet(struct clocks *c, struct held *h, int64_t at);
/* Sets or takes back the mark of being late, by due time and now; for open duties. */
void clocks_mark(struct clocks *c, struct held *h);
/* Writes what changed, with its audit records: named {action}, or NULL: each after the kind of change. */
bool clocks_write(struct clocks *c, const char *action, struct err *err);

/* The row as it is now, its version counted up. */
bool duty_store(struct tx *tx, struct duty *d, struct err *err);
/* {id, clock, regime_version, changes: {field: [from, to]}} for the trail; was->id 0: a duty that began. */
struct value *duty_change(const struct duty *was, const struct duty *d, struct arena *a);

/* True when a stage is told by hand (verb fulfil) because no other verb meets it. */
bool clock_by_hand(const struct report *r, const struct clock_rule *rule);
bool clock_found(const struct duty *d, const struct regime **ret_regime, const struct clock_rule **ret_rule);

#endif
