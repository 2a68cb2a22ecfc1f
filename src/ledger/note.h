/*
 * Signed notes and public keys as C2SP writes them (signed-note, tlog-cosignature). A note is a text that
 * ends with '\n', an empty line, and signature lines: "— NAME BASE64(4 bytes of key id, signature)".
 * A public key ("vkey") is NAME+ID+BASE64(kind, key), ID the first four bytes, in hexadecimal, of
 * SHA-256(NAME, '\n', kind, key). Views point into the text that was read.
 */
#ifndef LEDGER_NOTE_H
#define LEDGER_NOTE_H

#include "base/sha256.h"
#include "ledger/refusal.h"

#define NOTE_SIGNATURES_MAX 64
#define NOTE_SIGNATURE_MAX 4096                  /* bytes of one, the key id among them */

enum key_kind {                                  /* the byte before the key, and part of its id */
	KEY_ED25519 = 1,
	KEY_P256 = 2,                            /* DER SubjectPublicKeyInfo; ours where C2SP is silent */
	KEY_WITNESS = 4                          /* Ed25519, signs cosignature/v1 */
};

struct note_key {
	struct str name;                         /* printable ASCII without blank and '+' */
	enum key_kind kind;
	unsigned char id[4];
	unsigned char public[92];                /* kind, then the key: as in the vkey */
	size_t public_n;
};

struct note {
	struct str text, signatures;             /* the text with its last '\n'; the lines */
	int count;                               /* of them */
};

/* Makes a key of its parts and works out its id. REFUSAL_KEY_FORM: it is none. */
enum refusal note_key_make(struct str name, enum key_kind kind, struct str public, struct note_key *ret_key);
enum refusal note_key_read(struct str vkey, struct note_key *ret_key);
bool note_key_same(const struct note_key *a, const struct note_key *b);
enum refusal note_read(struct str s, struct note *ret_note);
/*
 * Every signature line of this key must hold, and there must be one: REFUSAL_NOT_SIGNED, REFUSAL_SIGNATURE.
 * ret_time is the witness's own (KEY_WITNESS), else 0; NULL is allowed.
 */
enum refusal note_verify(const struct note *n, const struct note_key *key, int64_t *ret_time);

#endif
