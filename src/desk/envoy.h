/*
 * As a log: each new checkpoint is brought to the witnesses that an administrator has entered, and what they
 * cosign is kept beside it. A thread of web, the envoy, sends the courier; how it went stands in the database, so
 * that of several nodes only one goes.
 */
#ifndef DESK_ENVOY_H
#define DESK_ENVOY_H

#include "base/value.h"
#include "model/principal.h"
#include "model/witness.h"
#include "store/store.h"

#define WITNESSES_MOST 16

/* What came of the last visit; kept as a number, never given another meaning. */
enum visit_outcome {
	VISIT_NONE,                      /* there was none yet */
	VISIT_COSIGNED,
	VISIT_UNREACHED,                 /* not reached, or no answer in time */
	VISIT_STRANGER,                  /* it does not know our log, or not our key */
	VISIT_REFUSED,                   /* it says that our log does not go on from what it saw */
	VISIT_AHEAD,                     /* it saw more records than we have */
	VISIT_RUBBISH,                   /* it answered something else, or its signature does not hold */
	VISIT__MAX
};

struct witness_state {
	struct witness w;
	int64_t next_at, tried_at, seen_at, seen_size, known_size, failing_since, failures;
	enum visit_outcome outcome;
	struct str words;
};
/* Of all that were ever entered, the active ones first. */
bool witness_states(struct tx *tx, struct witness_state **ret_list, int *ret_n, struct err *err);
/* Nothing has come of visits for a while, though there was something to cosign. */
bool witness_silent(const struct witness_state *s, int64_t now);

/* A witness of our log from now on. FAULT_FIELDS. */
bool witness_create(struct tx *tx, const struct value *in, bool form, int64_t *ret_id, struct err *err);
/* FAULT_NOT_FOUND, FAULT_STATE. */
bool witness_end(struct tx *tx, int64_t id, struct str reason, struct err *err);
/*
 * Adds to v: rows [{id, title, vkey, key_id, url, state, active, seen_at, seen_size, tried_at, failing_since, outcome,
 * words, silent, bad}], has_rows.
 */
bool witness_show(struct tx *tx, struct value *v, struct err *err);

/* Visits each that is due, once. Not inside a transaction: it waits. */
bool envoy_round(struct store *st, struct arena *a, struct err *err);
/* One a process. */
bool envoy_start(struct store *st, struct err *err);
void envoy_stop(void);

#endif
