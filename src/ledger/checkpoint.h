/*
 * A checkpoint: what a log was at a moment, signed. The note's text is four lines: origin, size, root in
 * base64, "time 2026-11-22T02:10:00.000000Z"; the origin is also the name of the log's keys.
 */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include "ledger/note.h"

struct checkpoint {
	struct str origin;
	int64_t size, time;
	struct sha256 root;
	struct note note;                        /* signatures are absent when only the text was read */
};

/* The text without signatures: what a keeper is asked to sign. */
enum refusal checkpoint_read_text(struct str text, struct checkpoint *ret_checkpoint);
enum refusal checkpoint_read(struct str note, struct checkpoint *ret_checkpoint);

#endif
