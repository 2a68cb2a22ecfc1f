/*
 * The judgement: whether what was read is proved, by the keys that the reader trusts. REFUSAL_NONE: it is;
 * otherwise the results are of no use.
 */
#ifndef LEDGER_CHECK_H
#define LEDGER_CHECK_H

#include "ledger/keys.h"
#include "ledger/receipt.h"

#define WITNESSES_MAX 8

struct trust {
	struct keyring keys;                     /* of the log */
	struct keyring witness[WITNESSES_MAX];   /* each must have cosigned, by one of its keys */
	int witnesses;
	const struct checkpoint *older;          /* to compare with; NULL: with none */
	const struct consistency *consistency;   /* that the smaller is the larger one's beginning; or NULL */
};

/* A checkpoint that is proved, and is of the same log as the older one. */
struct proved {
	struct checkpoint checkpoint;
	struct signer signer;                    /* whose key counted; perhaps compromised later */
	/* the keys of trust's witnesses that cosigned it, and when they did: as many as trust has */
	struct { const struct note_key *key; int64_t time; } seen[WITNESSES_MAX];
	int seen_n, unknown;                             /* signatures of others, which were not looked at */
	const struct checkpoint *older;          /* what it was compared with; NULL: nothing */
};
enum refusal check_checkpoint(const struct trust *t, struct str note, struct proved *ret_proved);
/* A record by its proof, in the log that c is of: number, place, origin, details. */
enum refusal check_entry(const struct checkpoint *c, const struct receipt *r, struct record *ret_record);
enum refusal check_receipt(const struct trust *t, const struct receipt *r, struct proved *ret_proved,
    struct record *ret_record);
/*
 * A bundle, line by line, with what is known of it so far; zeroed but for trust. A whole log is compared with
 * the older checkpoint when as many records have come: that needs no other proof.
 */
struct bundle_check {
	const struct trust *trust;
	struct bundle_heading heading;           /* its texts are the first line's, which must live on */
	struct proved proved;
	bool whole;                              /* all records of the log */
	int64_t entries, files, first, last;     /* how many, and the times of the records */
	int64_t hidden;                          /* records whose details are not in it */
	struct merkle_edge log;
	struct sha256 digest;
	int64_t lines, next;                     /* next: the least index that the next entry may have */
	bool ended;                              /* its last line was read; else REFUSAL_SHORT */
};
enum refusal bundle_check_line(struct bundle_check *b, char *line, size_t n);

#endif
