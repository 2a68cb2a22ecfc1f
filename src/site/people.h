/* What the files about people share. Private to them. */
#ifndef SITE_PEOPLE_H
#define SITE_PEOPLE_H

#include "desk/account.h"
#include "desk/organisation.h"
#include "http/request.h"
#include "site/part.h"

/*
 * Texts of the body into the fields of record, as they were sent: nothing is trimmed and nothing copied, for
 * these are secrets. Other names are refused, but for those in beside (ends with NULL; NULL: none).
 */
bool people_texts(const struct request *r, const struct entity *e, void *record, const char *const *beside,
    struct err *err);
/* Overwrites every secret text of the body, and the body: when it has done its work. */
void people_wipe(struct request *r, const struct entity *e);
/*
 * One input of a form of secrets: {name, id, label, hint, error, described_by, hint_id, error_id, type,
 * autocomplete, autofocus, value}.
 */
struct value *people_field(const struct request *r, const struct entity *e, const char *name,
    const char *autocomplete);
/*
 * The form shown again with what was wrong, by the handler itself: for answers after which the general way
 * would not come back to the form (401), or on a lane that has no snapshot. For a page only; a program gets
 * the fault.
 */
bool people_again(struct request *r, struct answer *a, handler *form);
/* A path of our own to go on to; "" when it is none. */
struct str people_next(struct str next);
/* The version that the person saw; FAULT_VERSION_NEEDED when the caller does not say. */
bool people_expected(const struct report_input *input, struct err *err);
/* A field of references gets these rows' ids and names to choose from. */
void people_options(const struct request *r, struct value *fields, const char *name, const struct value *rows,
    int64_t chosen);
/* Leaves only these choices (bit set of codes) in a field of choices. */
void people_restrict(struct value *fields, const char *name, const struct choices *choices, uint64_t codes);
/* For the table of keys on a page: the rows under "keys", whether there are any, where one is ended. */
void people_keys(const struct request *r, struct value *v, const struct value *rows, struct str revoke_at);
/* {path, url, expires_at} of a one-time link, null without one. */
void people_link(const struct request *r, struct value *map, const struct account_made *made);

#endif
