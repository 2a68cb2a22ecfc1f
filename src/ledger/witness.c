#include "ledger/witness.h"

#include <string.h>

#include "base/str.h"
#include "ledger/note_write.h"
#include "ledger/take.h"

enum refusal
witness_request_read(struct str body, struct witness_request *ret_request)
{
	struct witness_request r = { .old = 0 };
	struct str rest = body, line;
	enum refusal why;
	size_t n;

	if (body.n > WITNESS_BODY_MAX || !take_line(&rest, &line) || !take_prefix(&line, "old ") ||
	    !read_number(line, &r.old))
		return REFUSAL_FORM;
	for (;; r.proof.n++) {
		if (!take_line(&rest, &line))
			return REFUSAL_FORM;
		if (line.n == 0)
			break;
		if (r.proof.n == WITNESS_PROOF_MAX || !read_base64(line, r.proof.hash[r.proof.n].b, 32, &n) || n != 32)
			return REFUSAL_FORM;
	}
	r.note = rest;
	why = checkpoint_read(rest, &r.checkpoint);
	if (why == REFUSAL_NONE)
		*ret_request = r;
	return why;
}

void
witness_request_write(struct buf *b, const struct witness_request *r)
{
	buf_c(b, "old ");
	buf_int(b, r->old);
	buf_char(b, '\n');
	for (int i = 0; i < r->proof.n; i++) {
		buf_base64(b, (struct str){ (const char *)r->proof.hash[i].b, sizeof(r->proof.hash[i].b) });
		buf_char(b, '\n');
	}
	buf_char(b, '\n');
	buf_put(b, r->note);
}

enum witness_verdict
witness_judge(const struct witness_request *r, int64_t size, const struct sha256 *root)
{
	const struct checkpoint *c = &r->checkpoint;

	if (r->old > c->size)
		return WITNESS_BACKWARDS;
	/* that it is one is seen whatever the log believes that we saw */
	if (size > 0 && c->size == size && !merkle_same(&c->root, root))
		return WITNESS_FORKED;
	if (r->old != size)
		return WITNESS_ELSEWHERE;
	if (size == 0)
		return r->proof.n == 0 && c->size > 0 ? WITNESS_FOLLOWS : WITNESS_UNPROVED;
	return merkle_verify_consistency(size, c->size, root, &c->root, r->proof.hash, r->proof.n) ? WITNESS_FOLLOWS :
	    WITNESS_UNPROVED;
}

bool
witness_size_read(struct str body, int64_t *ret_size)
{
	struct str line;
	int64_t size;

	if (!take_line(&body, &line) || body.n || !read_number(line, &size))
		return false;
	*ret_size = size;
	return true;
}

/* Text of this note, and one of its lines behind it: does the key hold on that alone? */
static enum refusal
one_line(const struct note *n, struct str line, const struct note_key *key, int64_t *ret_time)
{
	struct note one = { .text = n->text, .signatures = line, .count = 1 };

	return note_verify(&one, key, ret_time);
}

enum refusal
witness_line_find(struct str joined, const struct note_key *key, struct str *ret_line, int64_t *ret_time)
{
	enum refusal why = REFUSAL_NOT_SIGNED;
	struct str rest, line, whole;
	struct note n;

	if (note_read(joined, &n) != REFUSAL_NONE)
		return REFUSAL_NOTE;
	for (rest = n.signatures; take_line(&rest, &line);) {
		enum refusal one;

		whole = (struct str){ line.p, line.n + 1 };
		one = one_line(&n, whole, key, ret_time);
		if (one == REFUSAL_NONE) {
			*ret_line = whole;
			return one;
		}
		why = one == REFUSAL_SIGNATURE ? one : why;
	}
	return why;
}
