/* What those who sign write: keys, notes, checkpoints, statements. Their forms: the readers' headers. */
#ifndef LEDGER_NOTE_WRITE_H
#define LEDGER_NOTE_WRITE_H

#include "base/str.h"
#include "ledger/keys.h"

/* RFC 4648 section 4, padded. */
void buf_base64(struct buf *b, struct str bytes);
/* "2026-11-22T02:10:00.000000Z" */
void buf_stamp(struct buf *b, int64_t time);
void note_key_write(struct buf *b, const struct note_key *key);  /* the vkey, without '\n' */
/*
 * A note is its text, "\n", and a line for each signature: 64 bytes; of a witness 72, the eight bytes of its
 * time in seconds, big-endian, before them.
 */
void note_line_write(struct buf *b, const struct note_key *key, struct str signature);
/* The text of a checkpoint from origin, size, root and time: what the log's key signs. */
void checkpoint_write(struct buf *b, const struct checkpoint *c);
/* What a witness signs when it sees the text at that second. */
void cosignature_write(struct buf *b, struct str text, int64_t seconds);
/* The text of a statement: what the older key signs (or, for its compromise, the key itself or another). */
void key_statement_write(struct buf *b, const struct key_statement *s);
/* Makes the one form of a P-256 signature r || s that a signer made: s or n - s, whichever is lower. */
void p256_lower(unsigned char signature[64]);

#endif
