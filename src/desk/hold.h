/* Holds, and the erasure of what the retention lets go and no hold keeps. */
#ifndef DESK_HOLD_H
#define DESK_HOLD_H

#include "model/hold.h"
#include "model/principal.h"
#include "model/report.h"
#include "store/store.h"

/* A manager sees those of his own organisation, administrator and auditor all. FAULT_NOT_FOUND. */
bool hold_get(struct tx *tx, const struct principal *who, int64_t id, struct hold *ret_hold, struct err *err);
/* {rows: [hold_view], next, may_create}: the newest, or from next on (before; 0: from the newest). */
struct value *hold_list(struct tx *tx, const struct principal *who, int64_t before, struct err *err);
/*
 * Every field, org_name, actions: [{verb, label, href}]; for pages first_systems and how many further_systems, has_systems, has_time,
 * narrowed.
 */
struct value *hold_view(struct tx *tx, const struct principal *who, const struct hold *h, struct err *err);
/* A hold that is still to be set, filled in for this report: on the case, or on the systems that it names. */
void hold_suggest(struct arena *a, const struct report *r, int64_t kind, struct hold *h);
bool hold_create(struct tx *tx, const struct principal *who, const struct value *in, bool form, int64_t *ret_id,
    struct err *err);
/* FAULT_STATE; FAULT_SECOND_PERSON: who asked for the lifting does not also confirm it. */
bool hold_do(struct tx *tx, const struct principal *who, int64_t id, enum hold_verb verb, struct str reason,
    int64_t expected, struct err *err);

/* ---- erasure ---- */

#define RETENTION_LEAST 366              /* days: at least one year, whichever */
/* How long details are kept; set once at start. */
void erasure_configure(int64_t days);
int64_t erasure_days(void);

/* A record whose details may go. */
struct old_record {
	int64_t seq, at, org;
	struct str address;              /* from where it was made */
};

struct erasure {
	int64_t before;                  /* records older than this; NO_TIME: than the retention */
	int64_t erased, held, first, last;
	bool more;                       /* not all of it in one transaction */
	struct old_record *found;        /* what erasure_look() found; NULL: nobody has looked */
	int found_n;
};
/* Finds the details that may go: of old records that no hold covers. FAULT_RETENTION: before lies within the retention. */
bool erasure_look(struct tx *tx, struct erasure *e, struct err *err);
/*
 * Erases what was found (it looks itself if nobody has) and may still go, and leaves a record of its own if there was
 * any.
 */
bool details_erase(struct tx *tx, struct erasure *e, struct err *err);
/* By the program's own clock, once a day. Called often; must not be called from a transaction. */
void erasure_tick(struct store *st);
/* Goes through the systems that reports from before there were holds on them name; until then each of those is held by any such hold. */
void systems_tick(struct store *st);

#endif
