/*
 * The log as people and programs ask for it: proofs and hashes for whoever is signed in, records for auditors
 * and administrators, their details for auditors. Hashes are base64 here, as in receipts.
 */
#ifndef DESK_LOG_H
#define DESK_LOG_H

#include "model/principal.h"
#include "store/store.h"

#define LOG_ROWS 100
#define LOG_ROWS_MAX 1000
#define LOG_READERS (ROLE_AUDITOR | ROLE_ADMINISTRATOR)

struct log_wish {
	int64_t after;                   /* records before it are left out: 0 begins with the first */
	int limit;                       /* 1 to LOG_ROWS_MAX */
	bool records;                    /* not only their hashes; the caller is one of LOG_READERS */
};
/*
 * {origin, size, after, rows: [{index, leaf, ...}], next}. With records each row has the exact bytes and what they say.
 * FAULT_LOG_LEAF: after lies beyond the log.
 */
struct value *log_entries(struct tx *tx, const struct principal *who, const struct log_wish *wish, struct err *err);
/* That records were read, as one record of the log itself. */
bool log_record_reading(struct tx *tx, const struct log_wish *wish, struct err *err);
/* {origin, index, size, leaf, root, proof}; size NO_TIME: that of now. Faults: store/log.h. */
struct value *log_show_inclusion(struct tx *tx, int64_t index, int64_t size, struct err *err);
/* {origin, from, to, from_root, to_root, proof}. */
struct value *log_show_consistency(struct tx *tx, int64_t from, int64_t to, struct err *err);

#endif
