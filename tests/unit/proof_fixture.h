/*
 * A small log of its own with keys from fixed seeds: records, checkpoints, receipts and bundles, as the platform
 * writes them. Ed25519 signs the same every time; P-256 does not.
 */
#ifndef UNIT_PROOF_FIXTURE_H
#define UNIT_PROOF_FIXTURE_H

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/time.h"
#include "ledger/check.h"
#include "ledger/note_write.h"
#include "ledger/receipt_write.h"
#include "ledger/signature.h"

#define PROOF_ORIGIN "cert.example/log"
#define PROOF_START INT64_C(1795313400000000)    /* 2026-11-22T02:10:00Z */
#define PROOF_LOG_MAX 1000

struct proof_key {
	EVP_PKEY *secret;
	struct note_key key;
};

struct proof_log {
	struct arena *arena;
	int n;
	struct str record[PROOF_LOG_MAX], details[PROOF_LOG_MAX], salt[PROOF_LOG_MAX];
	struct sha256 leaf[PROOF_LOG_MAX];
};

static inline struct proof_key
proof_key(struct arena *a, const char *name, enum key_kind kind, const char *seed)
{
	struct sha256 h = sha256(str_c(seed));
	struct proof_key k = { .secret = NULL };
	unsigned char public[128], *p = public;
	size_t n = sizeof(public);
	int length;

	if (kind == KEY_P256) {
		k.secret = EVP_EC_gen("P-256");
		length = k.secret ? i2d_PUBKEY(k.secret, &p) : 0;
		n = length > 0 ? (size_t)length : 0;
	} else {
		k.secret = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, h.b, sizeof(h.b));
		if (!k.secret || !EVP_PKEY_get_raw_public_key(k.secret, public, &n))
			abort();
	}
	if (note_key_make(arena_dup(a, str_c(name)), kind, (struct str){ (char *)public, n }, &k.key) != REFUSAL_NONE)
		abort();
	return k;
}

/* 64 bytes in their one form. */
static inline struct str
proof_signature(struct arena *a, const struct proof_key *k, struct str message)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char der[128], *out = arena_alloc(a, 64);
	const unsigned char *p = der;
	bool p256 = k->key.kind == KEY_P256;
	size_t n = p256 ? sizeof(der) : 64;
	ECDSA_SIG *pair;

	if (!context || EVP_DigestSignInit(context, NULL, p256 ? EVP_sha256() : NULL, NULL, k->secret) != 1 ||
	    EVP_DigestSign(context, p256 ? der : out, &n, (const unsigned char *)message.p, message.n) != 1)
		abort();
	EVP_MD_CTX_free(context);
	if (p256) {
		pair = d2i_ECDSA_SIG(NULL, &p, (long)n);
		if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, 32) != 32 ||
		    BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + 32, 32) != 32)
			abort();
		ECDSA_SIG_free(pair);
		p256_lower(out);
	}
	return (struct str){ (char *)out, 64 };
}

/* One more signature under a note, or the first under a text that has none yet. */
static inline struct str
proof_sign(struct arena *a, struct str text, struct str note, const struct proof_key *k, int64_t at)
{
	struct buf b = { .arena = a }, signed_text = { .arena = a }, signature = { .arena = a };

	if (note.p) {
		buf_put(&b, note);
	} else {
		buf_put(&b, text);
		buf_char(&b, '\n');
	}
	if (k->key.kind == KEY_WITNESS) {
		for (int i = 0; i < 8; i++)
			buf_char(&signature, (char)(at / SECOND >> (56 - 8 * i) & 255));
		cosignature_write(&signed_text, text, at / SECOND);
		text = buf_str(&signed_text);
	}
	buf_put(&signature, proof_signature(a, k, text));
	note_line_write(&b, &k->key, buf_str(&signature));
	return buf_str(&b);
}

/* ---- the log ---- */

static inline struct str
proof_canonical(struct arena *a, struct str s)
{
	struct value v = { .kind = V_STR, .s = s };
	struct buf b = { .arena = a };

	json_canonical(&b, &v);
	return buf_str(&b);
}

static inline struct str
proof_hex(struct arena *a, const char *seed, int i, size_t n)
{
	struct sha256 h = sha256(arena_printf(a, "%s %d", seed, i));

	return str_first(hex(a, (struct str){ (char *)h.b, sizeof(h.b) }), 2 * n);
}

static inline struct str
proof_hash(struct arena *a, struct str salt, struct str details)
{
	struct sha256 h;
	struct str bytes;

	if (!hex_decode(a, salt, &bytes))
		abort();
	h = sha256_two(bytes, details);
	return hex(a, (struct str){ (char *)h.b, sizeof(h.b) });
}

/* Record i (from 0): every third without details, one from before there were salts, one with hostile texts. */
static inline void
proof_record(struct proof_log *log, int i)
{
	struct arena *a = log->arena;
	struct buf time = { .arena = a };
	struct str name = i == 4 ? STR("\"\\\t\x1b[2J\xe2\x80\xae") : STR("\xe6\x9e\x97\xe6\x80\xa1\xe5\x90\x9b");
	bool details = i % 3 != 2;

	log->details[i] = details ? arena_printf(a, "{\"number\":[\"\",\"EN-2026-%06d\"]}", i + 1) : STR_NONE;
	log->salt[i] = !details || i == 0 ? STR("") : proof_hex(a, "details", i, 16);
	buf_stamp(&time, PROOF_START + i * SECOND);
	log->record[i] = arena_printf(a, "{\"account\":\"12\",\"address\":\"192.0.2.7\",\"behind\":\"\",\"details\":\"%.*s\","
	    "\"entity\":\"report\",\"key\":\"0\",\"log\":\"" PROOF_ORIGIN "\",\"name\":%.*s,\"node\":\"n1\","
	    "\"object\":\"%d\",\"org\":\"3\",\"person\":\"9\",\"reason\":\"\",\"result\":\"done\",\"salt\":\"%.*s\","
	    "\"seq\":%d,\"session\":\"77\",\"time\":\"%.*s\",\"type\":\"%s\",\"v\":1}",
	    STR_FMT(details ? proof_hash(a, log->salt[i], log->details[i]) : STR("")),
	    STR_FMT(proof_canonical(a, name)), 5000 + i, STR_FMT(i == 0 ? STR("") : proof_hex(a, "record", i, 16)), i + 1,
	    STR_FMT(buf_str(&time)), i % 2 ? "report.review" : "report.submit");
	log->leaf[i] = merkle_leaf(log->record[i]);
}

static inline struct proof_log *
proof_log(struct arena *a, int n)
{
	struct proof_log *log = arena_make(a, struct proof_log);

	log->arena = a;
	log->n = n;
	for (int i = 0; i < n; i++)
		proof_record(log, i);
	return log;
}

static inline bool
proof_fetch(void *arg, int level, int64_t index, struct sha256 *ret_hash)
{
	struct proof_log *log = arg;
	struct merkle_edge edge = { .size = 0 };

	for (int64_t i = index << level; i < (index + 1) << level; i++)
		merkle_append(&edge, &log->leaf[i]);
	*ret_hash = merkle_root(&edge);
	return true;
}

/* The text of the checkpoint of the first size records. */
static inline struct str
proof_checkpoint_text(struct proof_log *log, int64_t size)
{
	struct checkpoint c = { .origin = STR(PROOF_ORIGIN), .size = size, .time = PROOF_START + HOUR + size * MINUTE };
	struct buf b = { .arena = log->arena };

	if (!merkle_tree_root(size, proof_fetch, log, &c.root))
		abort();
	checkpoint_write(&b, &c);
	return buf_str(&b);
}

static inline struct str
proof_checkpoint(struct proof_log *log, int64_t size, const struct proof_key *k)
{
	return proof_sign(log->arena, proof_checkpoint_text(log, size), STR_NONE, k, 0);
}

/* Without a checkpoint, which the caller adds. */
static inline struct receipt
proof_receipt(struct proof_log *log, int64_t index, int64_t size, bool details)
{
	struct receipt r = { .record = log->record[index], .index = index, .size = size };

	if (details && log->details[index].p) {
		r.salt = log->salt[index];
		r.details = log->details[index];
	}
	if (!merkle_prove_inclusion(index, size, proof_fetch, log, &r.proof))
		abort();
	return r;
}

static inline void
proof_line(struct buf *b, struct sha256 *digest, size_t from)
{
	bundle_digest(digest, str_from(buf_str(b), from));
}

/* A whole log (step 1), or a "case" of every step-th record. */
static inline struct str
proof_bundle(struct proof_log *log, int64_t size, int step, struct str checkpoint)
{
	struct bundle_heading h = { .origin = STR(PROOF_ORIGIN), .kind = step == 1 ? STR("log") : STR("case"),
		.subject = STR("EN-2026-000001"), .made = STR("2026-11-22T10:00:00Z"), .by = STR("auditor"),
		.reason = STR("for the court"), .size = size, .checkpoint = checkpoint };
	struct bundle_file f = { .file = STR("mail.eml"), .sha256 = proof_hex(log->arena, "file", 1, 32), .bytes = 512 };
	struct sha256 digest = { { 0 } };
	struct buf b = { .arena = log->arena };
	int64_t entries = 0;
	size_t at;

	bundle_heading_write(&b, &h);
	proof_line(&b, &digest, 0);
	for (int64_t i = 0; i < size; i += step, entries++) {
		struct receipt r = proof_receipt(log, i, size, i % 2 == 0);

		if (step == 1)
			r.proof.n = 0;
		at = b.n;
		bundle_entry_write(&b, &r);
		proof_line(&b, &digest, at);
	}
	at = b.n;
	bundle_file_write(&b, &f);
	proof_line(&b, &digest, at);
	bundle_end_write(&b, entries, 1, &digest);
	return buf_str(&b);
}

#endif
