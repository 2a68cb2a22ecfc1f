/* Receipts and bundles: reading. */
#include "ledger/receipt.h"

#include <stddef.h>
#include <string.h>

/* A text, or null where the member may be that: then its p is NULL. */
static bool
want_text_or_null(struct cursor *c, struct str *ret_s)
{
	*ret_s = (struct str){ NULL, 0 };
	return take(c, "null") || want_string(c, ret_s);
}

static bool
want_format(struct cursor *c, const char *format)
{
	struct str s;

	return want_string(c, &s) && (same_c(s, format) || refuse_at(c, REFUSAL_FORMAT));
}

static bool
want_proof(struct cursor *c, struct sha256 *proof, int *ret_n)
{
	struct str s;
	size_t length;
	int n = 0;

	if (!want(c, "[", REFUSAL_FORM))
		return false;
	while (!take(c, "]")) {
		if ((n > 0 && !want(c, ",", REFUSAL_FORM)) || !want_string(c, &s))
			return false;
		if (n == MERKLE_PATH_MAX)
			return refuse_at(c, REFUSAL_PROOF_LONG);
		if (s.n != 44)
			return refuse_at(c, REFUSAL_HASH);
		if (!read_base64(s, proof[n].b, sizeof(proof[n].b), &length))
			return refuse_at(c, s.p[43] == '=' ? REFUSAL_BASE64 : REFUSAL_HASH);
		if (length != sizeof(proof[n++].b))
			return refuse_at(c, REFUSAL_HASH);
	}
	*ret_n = n;
	return true;
}

static bool
want_details(struct cursor *c, struct receipt *r)
{
	static const char *const names[] = { "salt", "json" };
	unsigned char salt[16];

	if (take(c, "null"))
		return true;
	return want_member(c, names, 0) && want_string(c, &r->salt) &&
	    (read_hex(r->salt, salt, sizeof(salt)) || refuse_at(c, REFUSAL_FORM)) && want_member(c, names, 1) &&
	    want_string(c, &r->details) && want(c, "}", REFUSAL_FORM);
}

/* The end of the object and of the text. */
static bool
want_end(struct cursor *c)
{
	return want(c, "}", c->p < c->end && *c->p == ',' ? REFUSAL_MEMBER : REFUSAL_FORM) &&
	    (take(c, "\n") || true) && (c->p == c->end || refuse_at(c, REFUSAL_TRAILING));
}

static bool
well_formed(struct cursor *c)
{
	return text_ok((struct str){ c->p, (size_t)(c->end - c->p) }) || refuse_at(c, REFUSAL_TEXT);
}

bool
receipt_read(struct cursor *c, struct receipt *ret_receipt)
{
	static const char *const names[] = { "format", "record", "details", "index", "size", "proof", "checkpoint",
		"due" };
	struct receipt r = { .index = 0 };

	if (!well_formed(c) || !want_member(c, names, 0) || !want_format(c, "tocsin-receipt/1") ||
	    !want_member(c, names, 1) || !want_string(c, &r.record) || !want_member(c, names, 2) ||
	    !want_details(c, &r) || !want_member(c, names, 3) || !want_number(c, &r.index) ||
	    !want_member(c, names, 4) || !want_number(c, &r.size) || !want_member(c, names, 5) ||
	    !want_proof(c, r.proof, &r.proof_n) || !want_member(c, names, 6) ||
	    !want_text_or_null(c, &r.checkpoint) || !want_member(c, names, 7) || !want_text_or_null(c, &r.due) ||
	    !want_end(c))
		return false;
	*ret_receipt = r;
	return true;
}

bool
bundle_heading_read(struct cursor *c, struct bundle_heading *ret_heading)
{
	static const char *const names[] = { "format", "origin", "kind", "subject", "made", "by", "reason", "size",
		"checkpoint", "due" };
	struct bundle_heading h = { .size = 0 };
	struct str *const texts[] = { &h.origin, &h.kind, &h.subject, &h.made, &h.by, &h.reason };

	if (!well_formed(c) || !want_member(c, names, 0) || !want_format(c, "tocsin-bundle/1"))
		return false;
	for (int i = 0; i < 6; i++)
		if (!want_member(c, names, i + 1) || !want_string(c, texts[i]))
			return false;
	if (!same_c(h.kind, "case") && !same_c(h.kind, "period") && !same_c(h.kind, "log"))
		return refuse_at(c, REFUSAL_FORM);
	if (!want_member(c, names, 7) || !want_number(c, &h.size) || !want_member(c, names, 8) ||
	    !want_text_or_null(c, &h.checkpoint) || !want_member(c, names, 9) || !want_text_or_null(c, &h.due) ||
	    !want_end(c))
		return false;
	*ret_heading = h;
	return true;
}

bool
bundle_entry_read(struct cursor *c, struct receipt *ret_entry)
{
	static const char *const names[] = { "record", "details", "index", "proof" };
	struct receipt r = { .index = 0 };

	if (!well_formed(c) || !want_member(c, names, 0) || !want_string(c, &r.record) || !want_member(c, names, 1) ||
	    !want_details(c, &r) || !want_member(c, names, 2) || !want_number(c, &r.index) ||
	    !want_member(c, names, 3) || !want_proof(c, r.proof, &r.proof_n) || !want_end(c))
		return false;
	*ret_entry = r;
	return true;
}

static bool
want_digest(struct cursor *c, struct str *ret_hex)
{
	struct sha256 h;

	return want_string(c, ret_hex) && (read_hex(*ret_hex, h.b, sizeof(h.b)) || refuse_at(c, REFUSAL_HASH));
}

bool
bundle_file_read(struct cursor *c, struct bundle_file *ret_file)
{
	static const char *const names[] = { "file", "sha256", "bytes" };
	struct bundle_file f;

	if (!well_formed(c) || !want_member(c, names, 0) || !want_string(c, &f.name) || !want_member(c, names, 1) ||
	    !want_digest(c, &f.sha256) || !want_member(c, names, 2) || !want_number(c, &f.bytes) || !want_end(c))
		return false;
	*ret_file = f;
	return true;
}

bool
bundle_end_read(struct cursor *c, struct bundle_end *ret_end)
{
	static const char *const names[] = { "entries", "files", "digest" };
	struct bundle_end e;

	if (!well_formed(c) || !want_member(c, names, 0) || !want_number(c, &e.entries) ||
	    !want_member(c, names, 1) || !want_number(c, &e.files) || !want_member(c, names, 2) ||
	    !want_digest(c, &e.digest) || !want_end(c))
		return false;
	*ret_end = e;
	return true;
}

void
bundle_digest(struct sha256 *digest, struct str line)
{
	*digest = sha256_two((struct str){ (const char *)digest->b, sizeof(digest->b) }, line);
}

bool
consistency_read(struct cursor *c, struct consistency *ret_consistency)
{
	static const char *const names[] = { "format", "from", "to", "proof" };
	struct consistency k;

	if (!well_formed(c) || !want_member(c, names, 0) || !want_format(c, "tocsin-consistency/1") ||
	    !want_member(c, names, 1) || !want_number(c, &k.from) || !want_member(c, names, 2) ||
	    !want_number(c, &k.to) || !want_member(c, names, 3) || !want_proof(c, k.proof, &k.proof_n) ||
	    !want_end(c))
		return false;
	*ret_consistency = k;
	return true;
}

/* ---- the record ---- */

#define MEMBER(name) { #name, offsetof(struct record, name) }
static const struct {
	const char *name;
	size_t offset;
} wanted[] = {
	MEMBER(behind), MEMBER(details), MEMBER(entity), MEMBER(log), MEMBER(name), MEMBER(object), MEMBER(org),
	MEMBER(reason), MEMBER(result), MEMBER(time), MEMBER(type)
};
#define WANTED (sizeof(wanted) / sizeof(wanted[0]))

/* One member's value into the record; names come in ascending order, as wanted[] is written. */
static bool
member_read(struct cursor *c, struct str name, struct record *r, size_t *found)
{
	int64_t version;
	struct str s;

	if (same_c(name, "seq"))
		return want_number(c, &r->seq);
	if (same_c(name, "v"))
		return want_number(c, &version) && (version == 1 || refuse_at(c, REFUSAL_RECORD));
	if (!want_raw_string(c, &s))
		return false;
	if (*found < WANTED && same_c(name, wanted[*found].name))
		*(struct str *)((char *)r + wanted[(*found)++].offset) = s;
	return true;
}

enum refusal
record_read(struct str leaf, struct record *ret_record)
{
	struct cursor c = { .p = (char *)leaf.p, .end = (char *)leaf.p + leaf.n };
	struct record r = { .seq = 0 };
	struct str name, before = { NULL, 0 };
	bool first = true;
	size_t found = 0;
	int64_t time;

	if (!text_ok(leaf))
		return REFUSAL_RECORD;
	do {
		if (!want(&c, first ? "{" : ",", REFUSAL_FORM) || !want_raw_string(&c, &name) ||
		    !want(&c, ":", REFUSAL_FORM))
			return REFUSAL_RECORD;
		/* ascending: so no name stands twice */
		if (!first && (memcmp(before.p, name.p, before.n < name.n ? before.n : name.n) > 0 ||
		    (before.n >= name.n && memcmp(before.p, name.p, name.n) == 0)))
			return REFUSAL_RECORD;
		if (!member_read(&c, name, &r, &found))
			return REFUSAL_RECORD;
		before = name;
		first = false;
	} while (!take(&c, "}"));
	/* "v" is the last of the names that a record of version 1 has */
	if (c.p != c.end || found != WANTED || r.seq < 1 || !same_c(before, "v") || !read_stamp(r.time, &time))
		return REFUSAL_RECORD;
	*ret_record = r;
	return REFUSAL_NONE;
}
