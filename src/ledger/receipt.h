/*
 * Receipts and bundles: a record of the log with what proves it. docs/reference/receipt-format.md says the
 * bytes. There is one encoding: members in this order, no blanks, nothing after the last '}' and '\n'.
 * Readers undo texts where they stand, so what they are given must be writable and outlive the result.
 */
#ifndef LEDGER_RECEIPT_H
#define LEDGER_RECEIPT_H

#include "base/merkle.h"
#include "ledger/take.h"

struct receipt {
	struct str record;                       /* the leaf's bytes */
	struct str salt, details;                /* hexadecimal; canonical JSON, p NULL: not in here */
	int64_t index, size;
	struct merkle_path proof;
	struct str checkpoint;                   /* signed note; p NULL: still to come */
	struct str due;                          /* then: when; p NULL: not known */
};
/* False sets c->refusal, leaves c->p at what is wrong, and what was read of the result is of no use. */
bool receipt_read(struct cursor *c, struct receipt *ret_receipt);

/*
 * A bundle, a line each: a heading; entries; files by their hash; an end with a digest of all lines before.
 * "case" and "period" prove each entry by a proof of its own, "log" holds all entries from 0 on, without.
 */
struct bundle_heading {
	struct str origin, kind, subject;        /* kind: case, period, log; subject: of what, for people */
	struct str made, by, reason;             /* when, by whom, what for: proved by nobody */
	int64_t size;                            /* of the log that the proofs are for */
	struct str checkpoint, due;
};
struct bundle_file {
	struct str file, sha256;                 /* its name; 64 hexadecimal digits */
	int64_t bytes;
};
struct bundle_end {
	int64_t entries, files;
	struct str digest;                       /* 64 hexadecimal digits */
};
bool bundle_heading_read(struct cursor *c, struct bundle_heading *ret_heading);
/* size and checkpoint are not in an entry: size is 0. */
bool bundle_entry_read(struct cursor *c, struct receipt *ret_entry);
bool bundle_file_read(struct cursor *c, struct bundle_file *ret_file);
bool bundle_end_read(struct cursor *c, struct bundle_end *ret_end);
/* From 32 zero bytes on: *digest becomes SHA-256(*digest, line with its '\n'). */
void bundle_digest(struct sha256 *digest, struct str line);

/* That the log of size `to` begins with the log of size `from`. */
struct consistency {
	int64_t from, to;
	struct merkle_path proof;
};
bool consistency_read(struct cursor *c, struct consistency *ret_consistency);

/* A record of version 1; its texts as JSON writes them, escapes and all. */
struct record {
	struct str account, address, behind, details, entity, key, log, name, node, object, org, person;
	struct str reason, result, salt, session, time, type;
	int64_t seq, at;                         /* at: the time as a number */
};
/* REFUSAL_RECORD: the leaf is not the canonical JSON of one. Its bytes stay as they are. */
enum refusal record_read(struct str leaf, struct record *ret_record);

#endif
