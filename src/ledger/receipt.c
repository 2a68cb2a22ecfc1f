/* Receipts and bundles: reading. Each object is a table of its members, in their order. */
#include "ledger/receipt.h"

#include <stddef.h>

/* EXACTLY is one literal; RAW a text as it is written, not undone; SALT may be empty, too. */
enum kind { EXACTLY, TEXT, TEXT_OR_NULL, RAW, NUMBER, PROOF, DETAILS, SALT, DIGEST };

struct member {
	const char *name;
	enum kind kind;
	size_t at;                               /* where in the result */
	const char *exactly;
};

static bool want_object(struct cursor *c, const struct member *m, int n, void *out);

#define COUNT(table) (int)(sizeof(table) / sizeof((table)[0]))
#define FORMAT(name) { "format", EXACTLY, 0, "\"" name "\"" }
#define IN(type, name, kind) { #name, kind, offsetof(struct type, name), NULL }

static const struct member details_members[] = {
	IN(receipt, salt, SALT), { "json", TEXT, offsetof(struct receipt, details), NULL },
};
static const struct member receipt_members[] = {
	FORMAT("tocsin-receipt/1"), IN(receipt, record, TEXT), IN(receipt, details, DETAILS),
	IN(receipt, index, NUMBER), IN(receipt, size, NUMBER), IN(receipt, proof, PROOF),
	IN(receipt, checkpoint, TEXT_OR_NULL), IN(receipt, due, TEXT_OR_NULL),
};
static const struct member heading_members[] = {
	FORMAT("tocsin-bundle/1"), IN(bundle_heading, origin, TEXT), IN(bundle_heading, kind, TEXT),
	IN(bundle_heading, subject, TEXT), IN(bundle_heading, made, TEXT), IN(bundle_heading, by, TEXT),
	IN(bundle_heading, reason, TEXT), IN(bundle_heading, size, NUMBER),
	IN(bundle_heading, checkpoint, TEXT_OR_NULL), IN(bundle_heading, due, TEXT_OR_NULL),
};
static const struct member entry_members[] = {
	IN(receipt, record, TEXT), IN(receipt, details, DETAILS), IN(receipt, index, NUMBER),
	IN(receipt, proof, PROOF),
};
static const struct member file_members[] = {
	IN(bundle_file, file, TEXT), IN(bundle_file, sha256, DIGEST), IN(bundle_file, bytes, NUMBER),
};
static const struct member end_members[] = {
	IN(bundle_end, entries, NUMBER), IN(bundle_end, files, NUMBER), IN(bundle_end, digest, DIGEST),
};
static const struct member consistency_members[] = {
	FORMAT("tocsin-consistency/1"), IN(consistency, from, NUMBER), IN(consistency, to, NUMBER),
	IN(consistency, proof, PROOF),
};
/* In the order of RFC 8785. */
static const struct member record_members[] = {
	IN(record, account, RAW), IN(record, address, RAW), IN(record, behind, RAW), IN(record, details, RAW),
	IN(record, entity, RAW), IN(record, key, RAW), IN(record, log, RAW), IN(record, name, RAW),
	IN(record, node, RAW), IN(record, object, RAW), IN(record, org, RAW), IN(record, person, RAW),
	IN(record, reason, RAW), IN(record, result, RAW), IN(record, salt, RAW), IN(record, seq, NUMBER),
	IN(record, session, RAW), IN(record, time, RAW), IN(record, type, RAW), { "v", EXACTLY, 0, "1" },
};

static bool
want_proof(struct cursor *c, struct merkle_path *proof)
{
	struct str s;
	size_t length;

	for (proof->n = 0; !take(c, "]"); proof->n++) {
		if ((proof->n > 0 && !want(c, ",", REFUSAL_FORM)) || !want_string(c, &s))
			return false;
		if (proof->n == MERKLE_PATH_MAX)
			return refuse_at(c, REFUSAL_PROOF_LONG);
		if (s.n != 44 || s.p[43] != '=' || s.p[42] == '=')
			return refuse_at(c, REFUSAL_HASH);
		if (!read_base64(s, proof->hash[proof->n].b, 32, &length))
			return refuse_at(c, REFUSAL_BASE64);
	}
	return true;
}

static bool
want_value(struct cursor *c, const struct member *m, char *out)
{
	struct str *text = (struct str *)(out + m->at);
	unsigned char bytes[32];

	if ((m->kind == DETAILS || m->kind == TEXT_OR_NULL) && take(c, "null")) {
		*text = (struct str){ NULL, 0 };
		return true;
	}
	switch (m->kind) {
	case EXACTLY:
		return want(c, m->exactly, REFUSAL_FORMAT);
	case NUMBER:
		return want_number(c, (int64_t *)(out + m->at));
	case PROOF:
		return want(c, "[", REFUSAL_FORM) && want_proof(c, (struct merkle_path *)(out + m->at));
	case DETAILS:
		return want_object(c, details_members, COUNT(details_members), out);
	case RAW:
		return want_raw_string(c, text);
	case SALT:
	case DIGEST:
		return want_string(c, text) && ((m->kind == SALT && text->n == 0) ||
		    read_hex(*text, bytes, m->kind == SALT ? 16 : 32) || refuse_at(c, REFUSAL_HASH));
	default:
		return want_string(c, text);
	}
}

/* The name of the next member with its colon. Says precisely when it is one that went before. */
static bool
want_member(struct cursor *c, const struct member *m, int n, int which)
{
	struct str name;

	if (!want(c, which == 0 ? "{" : ",", c->p < c->end && *c->p == '}' ? REFUSAL_MEMBER : REFUSAL_FORM) ||
	    !want_raw_string(c, &name))
		return false;
	for (int i = 0; i < which; i++)
		if (same_c(name, m[i].name))
			return refuse_at(c, REFUSAL_TWICE);
	if (which == n || !same_c(name, m[which].name))
		return refuse_at(c, REFUSAL_MEMBER);
	return want(c, ":", REFUSAL_FORM);
}

static bool
want_object(struct cursor *c, const struct member *m, int n, void *out)
{
	for (int i = 0; i < n; i++)
		if (!want_member(c, m, n, i) || !want_value(c, &m[i], out))
			return false;
	/* one more name: a second time, or one that is unknown */
	return c->p < c->end && *c->p == ',' ? want_member(c, m, n, n) : want(c, "}", REFUSAL_FORM);
}

/* The object and nothing behind it but its '\n'. */
static bool
read_object(struct cursor *c, const struct member *m, int n, void *out)
{
	if (!text_ok((struct str){ c->p, (size_t)(c->end - c->p) }))
		return refuse_at(c, REFUSAL_TEXT);
	if (!want_object(c, m, n, out))
		return false;
	take(c, "\n");
	return c->p == c->end || refuse_at(c, REFUSAL_TRAILING);
}

#define READER(function, type, m) \
	bool function(struct cursor *c, struct type *ret) { return read_object(c, m, COUNT(m), ret); }
READER(receipt_read, receipt, receipt_members)
READER(bundle_heading_read, bundle_heading, heading_members)
READER(bundle_entry_read, receipt, entry_members)
READER(bundle_file_read, bundle_file, file_members)
READER(bundle_end_read, bundle_end, end_members)
READER(consistency_read, consistency, consistency_members)

void
bundle_digest(struct sha256 *digest, struct str line)
{
	*digest = sha256_two((struct str){ (const char *)digest->b, sizeof(digest->b) }, line);
}

enum refusal
record_read(struct str leaf, struct record *ret_record)
{
	/* nothing in it is undone, so nothing is written */
	struct cursor c = { .p = (char *)leaf.p, .end = (char *)leaf.p + leaf.n };
	struct record r;

	if (!want_object(&c, record_members, COUNT(record_members), &r) || c.p != c.end || r.seq == 0 ||
	    !read_stamp(r.time, &r.at))
		return REFUSAL_RECORD;
	*ret_record = r;
	return REFUSAL_NONE;
}
