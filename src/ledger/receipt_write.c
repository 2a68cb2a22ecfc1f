/* Receipts and bundles: writing, in their one encoding. */
#include "ledger/receipt_write.h"

#include "base/hash.h"
#include "base/json.h"
#include "ledger/note_write.h"

static void
put_text(struct buf *b, const char *before, struct str s)
{
	struct value v = { .kind = s.p ? V_STR : V_NULL, .s = s };

	buf_c(b, before);
	json_canonical(b, &v);
}

static void
put_number(struct buf *b, const char *before, int64_t number)
{
	buf_c(b, before);
	buf_int(b, number);
}

static void
put_details(struct buf *b, const struct receipt *r)
{
	if (!r->details.p) {
		buf_c(b, ",\"details\":null");
		return;
	}
	put_text(b, ",\"details\":{\"salt\":", r->salt);
	put_text(b, ",\"json\":", r->details);
	buf_char(b, '}');
}

static void
put_proof(struct buf *b, const struct merkle_path *proof)
{
	buf_c(b, ",\"proof\":[");
	for (int i = 0; i < proof->n; i++) {
		buf_c(b, i ? ",\"" : "\"");
		buf_base64(b, (struct str){ (const char *)proof->hash[i].b, sizeof(proof->hash[i].b) });
		buf_char(b, '"');
	}
	buf_char(b, ']');
}

void
receipt_write(struct buf *b, const struct receipt *r)
{
	put_text(b, "{\"format\":\"tocsin-receipt/1\",\"record\":", r->record);
	put_details(b, r);
	put_number(b, ",\"index\":", r->index);
	put_number(b, ",\"size\":", r->size);
	put_proof(b, &r->proof);
	put_text(b, ",\"checkpoint\":", r->checkpoint);
	put_text(b, ",\"due\":", r->due);
	buf_c(b, "}\n");
}

void
bundle_heading_write(struct buf *b, const struct bundle_heading *h)
{
	put_text(b, "{\"format\":\"tocsin-bundle/1\",\"origin\":", h->origin);
	put_text(b, ",\"kind\":", h->kind);
	put_text(b, ",\"subject\":", h->subject);
	put_text(b, ",\"made\":", h->made);
	put_text(b, ",\"by\":", h->by);
	put_text(b, ",\"reason\":", h->reason);
	put_number(b, ",\"size\":", h->size);
	put_text(b, ",\"checkpoint\":", h->checkpoint);
	put_text(b, ",\"due\":", h->due);
	buf_c(b, "}\n");
}

void
bundle_entry_write(struct buf *b, const struct receipt *entry)
{
	put_text(b, "{\"record\":", entry->record);
	put_details(b, entry);
	put_number(b, ",\"index\":", entry->index);
	put_proof(b, &entry->proof);
	buf_c(b, "}\n");
}

void
bundle_file_write(struct buf *b, const struct bundle_file *f)
{
	put_text(b, "{\"file\":", f->file);
	put_text(b, ",\"sha256\":", f->sha256);
	put_number(b, ",\"bytes\":", f->bytes);
	buf_c(b, "}\n");
}

void
bundle_end_write(struct buf *b, int64_t entries, int64_t files, const struct sha256 *digest)
{
	put_number(b, "{\"entries\":", entries);
	put_number(b, ",\"files\":", files);
	put_text(b, ",\"digest\":", hex(b->arena, (struct str){ (const char *)digest->b, 32 }));
	buf_c(b, "}\n");
}

void
consistency_write(struct buf *b, const struct consistency *c)
{
	put_number(b, "{\"format\":\"tocsin-consistency/1\",\"from\":", c->from);
	put_number(b, ",\"to\":", c->to);
	put_proof(b, &c->proof);
	buf_c(b, "}\n");
}
