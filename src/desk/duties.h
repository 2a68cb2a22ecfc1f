/*
 * Clocks at work: what an event starts, meets or changes, the mark of being overdue, and the board.
 * Marking is a pure question of due time and now; it is done by the ticker and, before each request, by whoever comes first, so
 * nobody ever sees a duty that is late and not marked. If the clock was wrong and is put back, the mark is taken back, and the trail shows both.
 */
#ifndef DESK_DUTIES_H
#define DESK_DUTIES_H

#include "model/duty.h"
#include "model/principal.h"
#include "store/store.h"

/* Something happened to a report at this moment: starts and meets its duties, with a trail entry for each. r is as just written. */
bool duties_event(struct tx *tx, const struct report *r, enum event e, int64_t at, struct err *err);
/* The level in force changed: due times of open duties follow the new level, anchors stay. */
bool duties_relevel(struct tx *tx, const struct report *r, struct err *err);
/* Open duties of a report that was withdrawn or merged are cancelled. */
bool duties_cancel(struct tx *tx, const struct report *r, struct err *err);
bool duty_extend_ask(struct tx *tx, const struct report *r, int64_t duty, int64_t until, struct str reason, struct err *err);
bool duty_extend_grant(struct tx *tx, const struct report *r, int64_t duty, bool granted, int64_t until, struct str remark, struct err *err);
bool duty_fulfil(struct tx *tx, const struct report *r, int64_t duty, struct str note, struct err *err);

/*
 * Earliest moment at which a mark would change, as known in memory: one atomic read. now >= that: call duties_sweep() in a write.
 * Every write that makes, meets or moves a duty keeps it right (after commit); start-up computes it from the table.
 */
int64_t duties_next_change(void);
bool duties_load_next(struct tx *tx, struct err *err);
/* The same on several nodes, now and then, in a reading: what others wrote brings that moment nearer, never farther away. */
bool duties_learn_next(struct tx *tx, struct err *err);
/* Clocks of nodes on one database may differ by so much: no mark is taken back for that. */
#define CLOCKS_DIFFER (5 * SECOND)
/* Marks what became overdue and takes back what is not (clock put back); at most some hundreds in one transaction. *ret_more: call again. */
bool duties_sweep(struct tx *tx, bool *ret_more, struct err *err);

/* {rows: [{id, clock, title, rule, source, holder, anchor, anchor_at, length, due_at, state, overdue, overdue_at, done_at, extend_until}]} */
struct value *duties_of_report(struct tx *tx, const struct principal *who, const struct report *r, struct err *err);

struct board_filter {
	int64_t holder;                          /* NONE: both */
	int64_t level, org, category;            /* NONE: any */
	struct str clock;                        /* clock id; STR_NONE: any */
	struct str group;                        /* "overdue" "soon" (2 hours) "today" "later"; STR_NONE: all */
	bool mine;                               /* only duties whose holder is the reader's side (default for the board) */
	int64_t after_due, after_id;             /* keyset; NO_TIME: from the start */
	int limit;                               /* 1..200 */
};
/* The board: open duties in the reader's scope by due time. {rows: [{... duty, report_no, report_id, unit_name, category, level, group, href}], next, counts: {overdue, soon}} */
struct value *duties_board(struct tx *tx, const struct principal *who, const struct board_filter *f, struct err *err);
/* How many open duties of the reader's side: for the navigation. At most 100 ("99+"): a bounded scan. */
int duties_count(struct tx *tx, const struct principal *who, struct err *err);

#endif
