/*
 * Receipts: what proves, to anyone and without us, that a record of a report is in the log. Filing, and each change of a
 * filed report, has one: the record, its inclusion proof, and the checkpoint that covers it, once there is one.
 */
#ifndef DESK_RECEIPT_H
#define DESK_RECEIPT_H

#include "ledger/receipt.h"
#include "model/principal.h"
#include "model/report.h"
#include "store/audit.h"
#include "store/store.h"

#define RECEIPTS_SHOWN 100

struct receipt_of {
	struct receipt r;
	struct audit_record record;
	struct sha256 leaf;
	struct str code;                         /* to be typed: receipt_code() */
	bool waits;                              /* without a checkpoint: nobody can sign just now */
	int64_t due;                             /* without a checkpoint: when one will be there, NO_TIME: not known */
};
/*
 * The receipt of this record of the report; seq 0: of the newest that has one. The report is one that the caller may see.
 * FAULT_STATE: it is not filed; FAULT_NOT_FOUND: no such record, or one that has no receipt (a reading).
 */
bool receipt_of_report(struct tx *tx, const struct report *r, int64_t seq, struct receipt_of *ret_receipt, struct err *err);
/* Number of the newest record with a receipt; 0: there is none yet. */
bool receipt_newest(struct tx *tx, const struct report *r, int64_t *ret_seq, struct err *err);
void receipt_ahead(struct tx *tx, const struct report *r);       /* it will come: db_ahead() */
/* The address of the newest receipt, for answers; STR_NONE: there is none yet. */
bool receipt_address(struct tx *tx, const struct report *r, struct str *ret_address, struct err *err);
/* {rows: [{seq, at, who, action, address}]}, the newest first. */
struct value *receipt_list(struct tx *tx, const struct report *r, struct err *err);
/* {seq, index, size, at, who, action, leaf, code, complete, waits, due, checkpoint}: what a page and the paper say. */
struct value *receipt_show(struct tx *tx, const struct receipt_of *receipt);
/* The receipt in its one encoding (docs/reference/receipt-format.md). */
struct str receipt_text(struct arena *a, const struct receipt_of *receipt);

/*
 * The code of a record: 20 letters and digits in four groups (Crockford's base 32): its number in the log (35 bits), the
 * beginning of its leaf (45), and a check of both (20). It finds a receipt again; it proves nothing.
 */
struct str receipt_code(struct arena *a, int64_t seq, const struct sha256 *leaf);
/* As typed: case, blanks and dashes forgiven, O for 0, I and L for 1. False: mistyped. */
bool receipt_code_read(struct str typed, int64_t *ret_seq, unsigned char ret_leaf[6]);
/*
 * {known: "typed_wrong" | "no" | "yes", ...}; of a report that the caller may see also {report, report_no, seq, at, action, who, address}.
 * What he may not see is not known to him.
 */
struct value *receipt_by_code(struct tx *tx, const struct principal *who, struct str typed, struct err *err);

#endif
