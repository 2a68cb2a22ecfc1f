/*
 * The log: every audit record is a leaf of one RFC 9162 tree. Leaf index = sequence number - 1.
 * All of this reads; what is written is written by audit_append() and the commit. In a write transaction the
 * records of the transaction itself are there already.
 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include "base/merkle.h"
#include "store/audit.h"

struct log_head {
	struct str origin;                       /* fixed at the log's birth */
	int64_t size;
	struct sha256 root;
	int64_t at;                              /* time of the newest record; 0: there is none */
};
bool log_head(struct tx *tx, struct log_head *ret_head, struct err *err);

/* From the leaf upwards, in the order of RFC 9162. */
struct log_proof {
	struct sha256 *hash;
	int n;
};
/* FAULT_LOG_SIZE: the log has no such size. */
bool log_root(struct tx *tx, int64_t size, struct sha256 *ret_root, struct err *err);
/* FAULT_LOG_SIZE; FAULT_LOG_LEAF: no such record; FAULT_LOG_ORDER: it came after size. */
bool log_inclusion(struct tx *tx, int64_t index, int64_t size, struct log_proof *ret_proof, struct err *err);
/* FAULT_LOG_SIZE, also for size 0; FAULT_LOG_ORDER: from > to. */
bool log_consistency(struct tx *tx, int64_t from, int64_t to, struct log_proof *ret_proof, struct err *err);
/* FAULT_LOG_LEAF. */
bool log_leaf(struct tx *tx, int64_t index, struct sha256 *ret_leaf, struct err *err);
/* Those of n records from the first on; all must be there: FAULT_LOG_LEAF. */
bool log_leaves(struct tx *tx, int64_t first, int n, struct sha256 *ret_leaves, struct err *err);
/* How many records there are. */
bool log_size(struct tx *tx, int64_t *ret_size, struct err *err);
/* The record and its exact bytes (may be NULL). FAULT_LOG_LEAF. */
bool log_record(struct tx *tx, int64_t index, struct audit_record *ret_record, struct str *ret_bytes,
    struct err *err);

/* ---- does everything fit? ---- */

#define LOG_MISFITS 20

enum log_part {
	LOG_RECORD,              /* seq: its bytes are not those of its leaf */
	LOG_DETAILS,             /* seq: they have not the hash that the record says, or are gone unerased */
	LOG_TILE,                /* level, position: missing, or not what the tile above says */
	LOG_EDGE,                /* the edge is not what the tiles below it make, or has not as many records */
};
struct log_misfit {
	enum log_part part;
	int64_t seq;
	int level;
	int64_t position;
};
struct log_findings {
	int64_t records, details, erased;
	int64_t misfits;                         /* all; the first of them: */
	struct log_misfit first[LOG_MISFITS];
	struct sha256 root;                      /* of the records as they are */
};
/* false ends the check with FAULT_BUSY. */
typedef bool log_progress(void *arg, int64_t done, int64_t records);
/*
 * Every leaf from its record, every tile, the edge, the details' hashes. progress may be NULL. True: it was
 * checked, and the findings say how it is.
 */
bool log_check(struct tx *tx, log_progress *progress, void *arg, struct log_findings *ret_findings,
    struct err *err);
/* "record 17 is not what its leaf says": English, for doctor and logs. */
struct str log_misfit_words(struct arena *a, const struct log_misfit *misfit);

#endif
