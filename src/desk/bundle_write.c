/* A bundle as bytes: the same each time, some records at a time. */
#include "desk/bundle.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "ledger/note_write.h"
#include "ledger/receipt_write.h"
#include "store/log.h"

#define AT_ONCE 200                      /* records in one snapshot */

static void
put_line(struct bundle_pen *pen, struct buf *out, const struct buf *line)
{
	struct str s = buf_str(line);

	bundle_digest(&pen->digest, s);
	pen->bytes += (int64_t)s.n;
	buf_put(out, s);
}

static struct str
kind_of(const struct bundle *b)
{
	return b->whole ? STR("log") : b->report ? STR("case") : STR("period");
}

static bool
put_heading(struct tx *tx, struct bundle_pen *pen, struct buf *out, struct err *err)
{
	const struct bundle *b = pen->bundle;
	struct buf made = { .arena = tx_arena(tx) }, line = { .arena = tx_arena(tx) };
	struct bundle_heading heading = {
		.kind = kind_of(b), .subject = b->subject, .by = b->by, .reason = b->reason, .size = b->size,
		.checkpoint = b->checkpoint,
	};
	struct log_head head;

	if (!log_head(tx, &head, err))
		return false;
	buf_stamp(&made, b->at);
	heading.origin = head.origin;
	heading.made = buf_str(&made);
	bundle_heading_write(&line, &heading);
	put_line(pen, out, &line);
	return true;
}

static bool
put_entry(struct tx *tx, struct bundle_pen *pen, struct str origin, const struct audit_record *record, struct buf *out,
    struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct receipt *entry = arena_make(a, struct receipt);
	struct buf line = { .arena = a };
	struct log_proof proof;

	entry->record = audit_bytes(a, origin, record);
	entry->index = record->seq - 1;
	if (record->details.p) {
		entry->details = record->details;
		entry->salt = hex(a, record->details_salt.p ? record->details_salt : STR(""));
	}
	if (!pen->bundle->whole) {
		if (!log_inclusion(tx, entry->index, pen->bundle->size, &proof, err))
			return false;
		entry->proof.n = proof.n;
		memcpy(entry->proof.hash, proof.hash, (size_t)proof.n * sizeof(proof.hash[0]));
	}
	bundle_entry_write(&line, entry);
	put_line(pen, out, &line);
	pen->entries++;
	pen->last = record->seq;
	return true;
}

static struct rows
records_after(struct tx *tx, const struct bundle *b, int64_t last)
{
	if (b->report)
		return db_query(tx, S_BUNDLE_CASE, I(b->report), I(last), I(b->size), I(AT_ONCE));
	if (b->cert)
		return db_query(tx, S_BUNDLE_CERT, I(last), I(b->size), I(b->from), I(b->to), I(b->cert), I(AT_ONCE));
	return db_query(tx, S_BUNDLE_PERIOD, I(last), I(b->size), I(b->from), I(b->to), I(AT_ONCE));
}

/* *ret_n: how many there were. A proof is a query of its own, so the records are read first. */
static bool
put_entries(struct tx *tx, struct bundle_pen *pen, struct buf *out, int *ret_n, struct err *err)
{
	struct audit_record *page = arena_alloc(tx_arena(tx), AT_ONCE * sizeof(*page));
	struct rows q = records_after(tx, pen->bundle, pen->last);
	struct log_head head;
	int n = 0;

	while (n < AT_ONCE && db_next(&q))
		audit_load(&q, &page[n++]);
	if (!db_end(&q, err) || !log_head(tx, &head, err))
		return false;
	for (int i = 0; i < n; i++)
		if (!put_entry(tx, pen, head.origin, &page[i], out, err))
			return false;
	*ret_n = n;
	return true;
}

/* The files of a case by their digests; the bytes are the report's to hand out. */
static bool
put_files(struct tx *tx, struct bundle_pen *pen, struct buf *out, struct err *err)
{
	struct rows q;

	if (!pen->bundle->report)
		return true;
	q = db_query(tx, S_BUNDLE_FILES, I(pen->bundle->report), I(pen->bundle->at));
	while (db_next(&q)) {
		struct bundle_file file = { .file = db_str(&q, 0), .bytes = db_int(&q, 1), .sha256 = db_str(&q, 2) };
		struct buf line = { .arena = tx_arena(tx) };

		bundle_file_write(&line, &file);
		put_line(pen, out, &line);
		pen->files++;
	}
	return db_end(&q, err);
}

static void
put_end(struct tx *tx, struct bundle_pen *pen, struct buf *out)
{
	struct buf line = { .arena = tx_arena(tx) };

	bundle_end_write(&line, pen->entries, pen->files, &pen->digest);
	buf_put(out, buf_str(&line));
	pen->bytes += (int64_t)line.n;
}

bool
bundle_next(struct tx *tx, struct bundle_pen *pen, struct buf *out, struct err *err)
{
	int n = 0;

	switch (pen->phase) {
	case BUNDLE_HEADING:
		if (!put_heading(tx, pen, out, err))
			return false;
		pen->phase = BUNDLE_ENTRIES;
		break;
	case BUNDLE_ENTRIES:
		if (!put_entries(tx, pen, out, &n, err))
			return false;
		if (n < AT_ONCE)
			pen->phase = BUNDLE_FILES;
		break;
	case BUNDLE_FILES:
		if (!put_files(tx, pen, out, err))
			return false;
		pen->phase = BUNDLE_END;
		break;
	case BUNDLE_END:
		put_end(tx, pen, out);
		pen->phase = BUNDLE_DONE;
		break;
	case BUNDLE_DONE:
		break;
	}
	return true;
}
