/*
 * How often somebody may come in a minute, where no sign-in is guessed at. Counted in the database, so for all nodes
 * together; by digests of who it is, for the table keeps no secrets.
 */
#ifndef DESK_PACE_H
#define DESK_PACE_H

#include "store/store.h"

struct pace {
	struct str subject;
	int64_t most;                    /* times a minute */
};
/* Who is counted: one of a kind; or the network of an address. */
struct pace pace_of(struct arena *a, const char *kind, struct str who, int64_t most);
struct pace pace_from(struct arena *a, const char *kind, struct str address, int64_t most);
/* A reading only looks; a write counts too. False: the fault, with the seconds to wait in its detail. */
bool pace_kept(struct tx *tx, const struct pace *p, int n, enum fault fault, struct err *err);

#endif
