/*
 * What is known in memory of the next moment at which a mark of being overdue would change. Private to the
 * desk.
 */
#ifndef DESK_TICKING_H
#define DESK_TICKING_H

#include "model/duty.h"
#include "store/store.h"

/* This open duty is about to be written: once it is on disk its due time counts. */
void ticking_expect(struct tx *tx, const struct duty *d);

#endif
