/*
 * Which systems (addresses and names) a report ever named: what a hold on a system goes by. Kept beside the report in
 * the transaction of each of its versions, and never taken back.
 */
#ifndef DESK_SYSTEMS_H
#define DESK_SYSTEMS_H

#include "desk/work.h"
#include "model/host.h"

/* What this version of the report names that the one before did not. */
bool systems_keep(struct work *w);
/* What the report names now, as somebody would type it for the kind HOSTS. STR_NONE: nothing. */
struct str systems_named(struct arena *a, const struct report *r);
/* What a hold names: the systems as its field keeps them. */
bool systems_of_hold(struct tx *tx, int64_t hold, struct str systems, struct err *err);

#endif
