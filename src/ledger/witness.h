/*
 * What a log asks of its witness and what it is answered, as C2SP tlog-witness writes it. The request is
 *	old SIZE
 *	BASE64 of a hash, at most 63 lines: the consistency proof from SIZE on
 *	(an empty line)
 *	the signed checkpoint
 * and the answer the lines of cosignatures on it.
 */
#ifndef LEDGER_WITNESS_H
#define LEDGER_WITNESS_H

#include "base/merkle.h"
#include "ledger/checkpoint.h"

#define WITNESS_PROOF_MAX 63
#define WITNESS_BODY_MAX 65536

struct witness_request {
	int64_t old;                             /* what the log believes that the witness saw; 0: nothing */
	struct merkle_path proof;
	struct checkpoint checkpoint;
	struct str note;                         /* it, with its signatures */
};
/* Views point into body. REFUSAL_FORM: not these lines; else why the checkpoint cannot be read. */
enum refusal witness_request_read(struct str body, struct witness_request *ret_request);
struct buf;
/* checkpoint is not looked at: note is written. */
void witness_request_write(struct buf *b, const struct witness_request *r);

/* How a request stands to what the witness saw last of this log (size 0: nothing). */
enum witness_verdict {
	WITNESS_FOLLOWS,                         /* it goes on from there */
	WITNESS_BACKWARDS,                       /* the old size is larger than the checkpoint's */
	WITNESS_ELSEWHERE,                       /* the old size is not what was seen last */
	WITNESS_FORKED,                          /* as many records, another root */
	WITNESS_UNPROVED                         /* the proof does not lead there */
};
enum witness_verdict witness_judge(const struct witness_request *r, int64_t size, const struct sha256 *root);

/* The body of a 409: the size that the witness knows, and '\n'. */
bool witness_size_read(struct str body, int64_t *ret_size);
/*
 * Of an answer's lines the one that this witness's key made on the note and that holds; *ret_time is the
 * witness's. REFUSAL_NOTE: no lines of signatures; REFUSAL_NOT_SIGNED; REFUSAL_SIGNATURE. joined: the note with
 * the lines behind it, where *ret_line points to.
 */
enum refusal witness_line_find(struct str joined, const struct note_key *key, struct str *ret_line,
    int64_t *ret_time);

#endif
