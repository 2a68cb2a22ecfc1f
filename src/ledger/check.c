/* The judgement. */
#include "ledger/check.h"

#include <string.h>

/* One of the witness's keys must hold, valid when it cosigned; none of them may fail. */
static enum refusal
check_witness(const struct keyring *witness, struct proved *p, int n)
{
	enum refusal why = REFUSAL_WITNESS;

	for (int i = 0; i < witness->n; i++) {
		const struct signer *s = &witness->signer[i];
		int64_t time = 0;
		enum refusal one = s->key.kind == KEY_WITNESS ?
		    note_verify(&p->checkpoint.note, &s->key, &time) : REFUSAL_NOT_SIGNED;

		if (one == REFUSAL_SIGNATURE)
			return REFUSAL_WITNESS_SIGNATURE;
		if (one != REFUSAL_NONE || signer_valid(s, time) != REFUSAL_NONE)
			continue;
		p->seen[n].key = &s->key;
		p->seen[n].time = time;
		why = REFUSAL_NONE;
	}
	return why;
}

/* All of it but the comparison. */
static enum refusal
check_signatures(const struct trust *t, struct str note, struct proved *p)
{
	const struct signer *signer;
	enum refusal why = checkpoint_read(note, &p->checkpoint);

	if (why == REFUSAL_NONE)
		why = keys_verify(&t->keys, &p->checkpoint, &signer);
	if (why != REFUSAL_NONE)
		return why;
	p->signer = *signer;
	p->seen_n = t->witnesses;
	p->older = t->older;
	p->unknown = p->checkpoint.note.count - 1 - t->witnesses;
	for (int i = 0; why == REFUSAL_NONE && i < t->witnesses; i++)
		why = check_witness(&t->witness[i], p, i);
	return why;
}

/* That one log was signed twice: the smaller is the beginning of the larger. */
static enum refusal
same_log(const struct checkpoint *a, const struct checkpoint *b, const struct consistency *k)
{
	const struct checkpoint *from = a->size <= b->size ? a : b, *to = from == a ? b : a;

	if (!same(a->origin, b->origin))
		return REFUSAL_ORIGIN;
	if (from->size == to->size)
		return merkle_same(&from->root, &to->root) ? REFUSAL_NONE : REFUSAL_FORKED;
	if (from->time > to->time)
		return REFUSAL_BACKWARDS;
	if (from->size == 0)
		return REFUSAL_NONE;
	if (!k || k->from != from->size || k->to != to->size)
		return REFUSAL_NOT_COMPARED;
	return merkle_verify_consistency(k->from, k->to, &from->root, &to->root, k->proof.hash, k->proof.n) ?
	    REFUSAL_NONE : REFUSAL_FORKED;
}

enum refusal
check_checkpoint(const struct trust *t, struct str note, struct proved *ret_proved)
{
	enum refusal why = check_signatures(t, note, ret_proved);

	if (why == REFUSAL_NONE && t->older)
		why = same_log(t->older, &ret_proved->checkpoint, t->consistency);
	return why;
}

/* That the record says of itself what its place says, and that the details, if there are any, are its own. */
static enum refusal
check_record(struct str origin, const struct receipt *r, struct record *ret_record)
{
	enum refusal why = record_read(r->record, ret_record);
	unsigned char salt[16], hash[32];
	struct sha256 h;

	if (why != REFUSAL_NONE)
		return why;
	if (!same(ret_record->log, origin))
		return REFUSAL_ORIGIN;
	if (ret_record->seq != r->index + 1)
		return REFUSAL_INDEX;
	if (!r->details.p)
		return REFUSAL_NONE;
	if ((r->salt.n && !read_hex(r->salt, salt, 16)) || !read_hex(ret_record->details, hash, 32))
		return REFUSAL_DETAILS;
	h = sha256_two((struct str){ (const char *)salt, r->salt.n / 2 }, r->details);
	return memcmp(h.b, hash, sizeof(hash)) == 0 ? REFUSAL_NONE : REFUSAL_DETAILS;
}

enum refusal
check_entry(const struct checkpoint *c, const struct receipt *r, struct record *ret_record)
{
	struct sha256 leaf = merkle_leaf(r->record);
	enum refusal why = check_record(c->origin, r, ret_record);

	if (why == REFUSAL_NONE &&
	    !merkle_verify_inclusion(r->index, c->size, &leaf, r->proof.hash, r->proof.n, &c->root))
		why = REFUSAL_INCLUSION;
	return why;
}

enum refusal
check_receipt(const struct trust *t, const struct receipt *r, struct proved *ret_p, struct record *ret_record)
{
	enum refusal why;

	if (!r->checkpoint.p)
		return REFUSAL_NO_CHECKPOINT;
	why = check_checkpoint(t, r->checkpoint, ret_p);
	if (why == REFUSAL_NONE && r->size != ret_p->checkpoint.size)
		why = REFUSAL_SIZE;
	return why == REFUSAL_NONE ? check_entry(&ret_p->checkpoint, r, ret_record) : why;
}

/* ---- bundles ---- */

static enum refusal
check_heading(struct bundle_check *b, struct cursor *c)
{
	const struct checkpoint *older = b->trust->older;
	struct bundle_heading *h = &b->heading;
	enum refusal why;

	if (!bundle_heading_read(c, h))
		return c->refusal;
	b->whole = same_c(h->kind, "log");
	if (!b->whole && !same_c(h->kind, "case") && !same_c(h->kind, "period"))
		return REFUSAL_FORM;
	if (!h->checkpoint.p)
		return REFUSAL_NO_CHECKPOINT;
	why = check_signatures(b->trust, h->checkpoint, &b->proved);
	if (why != REFUSAL_NONE)
		return why;
	if (!same(h->origin, b->proved.checkpoint.origin))
		return REFUSAL_ORIGIN;
	if (h->size != b->proved.checkpoint.size)
		return REFUSAL_SIZE;
	why = older ? same_log(older, &b->proved.checkpoint, b->trust->consistency) : REFUSAL_NONE;
	if (why != REFUSAL_NOT_COMPARED || !b->whole)
		return why;
	/* the records themselves will tell, when as many have come */
	return older->size > h->size ? REFUSAL_TRUNCATED : REFUSAL_NONE;
}

static bool
reached(const struct bundle_check *b, const struct checkpoint *c)
{
	struct sha256 root = merkle_root(&b->log);

	return merkle_same(&root, &c->root);
}

static enum refusal
check_line(struct bundle_check *b, struct cursor *c)
{
	const struct checkpoint *at = &b->proved.checkpoint, *older = b->trust->older;
	struct receipt r;
	struct record record;
	struct sha256 leaf;
	enum refusal why;

	if (!bundle_entry_read(c, &r))
		return c->refusal;
	why = b->whole ? check_record(at->origin, &r, &record) : check_entry(at, &r, &record);
	if (why != REFUSAL_NONE)
		return why;
	if (r.index < b->next || (b->whole && (r.index != b->next || r.proof.n > 0)))
		return REFUSAL_INDEX;
	b->next = r.index + 1;
	b->last = record.at;
	if (b->entries++ == 0)
		b->first = record.at;
	b->hidden += record.details.n > 0 && !r.details.p;
	if (!b->whole)
		return REFUSAL_NONE;
	leaf = merkle_leaf(r.record);
	merkle_append(&b->log, &leaf);
	return older && b->log.size == older->size && !reached(b, older) ? REFUSAL_FORKED : REFUSAL_NONE;
}

static enum refusal
check_last(struct bundle_check *b, struct cursor *c)
{
	struct bundle_end end;
	struct sha256 digest;

	if (!bundle_end_read(c, &end))
		return c->refusal;
	b->ended = true;
	if (!read_hex(end.digest, digest.b, sizeof(digest.b)) || !merkle_same(&digest, &b->digest))
		return REFUSAL_DIGEST;
	if (end.entries != b->entries || end.files != b->files)
		return REFUSAL_COUNT;
	if (b->whole && b->log.size < b->heading.size)
		return REFUSAL_TRUNCATED;
	return !b->whole || (b->log.size == b->heading.size && reached(b, &b->proved.checkpoint)) ?
	    REFUSAL_NONE : REFUSAL_ROOT;
}

enum refusal
bundle_check_line(struct bundle_check *b, char *line, size_t n)
{
	struct cursor c = { line, line + n, REFUSAL_NONE }, peek = c;
	struct bundle_file file;

	if (b->ended)
		return REFUSAL_TRAILING;
	if (b->lines++ > 0 && take(&peek, "{\"entries\":"))
		return check_last(b, &c);
	bundle_digest(&b->digest, (struct str){ line, n });
	if (b->lines == 1)
		return check_heading(b, &c);
	if (!take(&peek, "{\"file\":"))
		return check_line(b, &c);
	b->files++;
	return bundle_file_read(&c, &file) ? REFUSAL_NONE : c.refusal;
}
