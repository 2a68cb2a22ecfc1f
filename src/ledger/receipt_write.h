/* Writers of what ledger/receipt.h reads, each with its '\n'. */
#ifndef LEDGER_RECEIPT_WRITE_H
#define LEDGER_RECEIPT_WRITE_H

#include "base/str.h"
#include "ledger/receipt.h"

void receipt_write(struct buf *b, const struct receipt *r);
void bundle_heading_write(struct buf *b, const struct bundle_heading *h);
void bundle_entry_write(struct buf *b, const struct receipt *entry);
void bundle_file_write(struct buf *b, const struct bundle_file *f);
void bundle_end_write(struct buf *b, int64_t entries, int64_t files, const struct sha256 *digest);
void consistency_write(struct buf *b, const struct consistency *c);

#endif
