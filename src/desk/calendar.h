/*
 * When one's duties are due, for calendar programs, which cannot sign in: each person makes secret addresses for them and takes them back
 * at any time. The calendar holds of each duty what it is, when it is due, and the report's number; nothing of what a report says, whatever
 * its marking, for nobody knows where a calendar is kept. It shows what its owner may see at the moment it is read.
 */
#ifndef DESK_CALENDAR_H
#define DESK_CALENDAR_H

#include "model/principal.h"
#include "store/store.h"

/* {rows: [{id, name, created_at, used_at, used_from}]}, those that are not taken back. */
struct value *calendar_list(struct tx *tx, const struct principal *who, struct err *err);
/* {name}. *ret_token is shown once. FAULT_ROLE for whoever acts by a key: it would outlive it. */
extern const struct entity new_calendar;
bool calendar_create(struct tx *tx, const struct principal *who, const struct value *in, bool form, struct str *ret_token,
    int64_t *ret_id, struct err *err);
/* One's own; FAULT_NOT_FOUND. */
bool calendar_revoke(struct tx *tx, const struct principal *who, int64_t id, struct err *err);

struct calendar_asked {
	struct str token;                        /* of the address */
	struct str address;                      /* who asks, for the limit and the list */
	struct str origin;                       /* of links: "https://cert.example" */
	const enum lang *lang;                   /* NULL: its owner's */
};
/*
 * The calendar as text (RFC 5545). FAULT_NOT_FOUND for an address that is none, was taken back, or whose owner is not active;
 * FAULT_RATE when it is asked for too often, on all nodes together. That is counted, so in a reading *ret_text is STR_NONE: call
 * again in a write.
 */
bool calendar_text(struct tx *tx, const struct calendar_asked *asked, struct str *ret_text, struct err *err);

#endif
