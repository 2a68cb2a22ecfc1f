/*
 * The encryption of backups: the format of age (age-encryption.org/v1, C2SP) with X25519 recipients, so that a backup
 * can be opened without this program too. A recipient is "age1...", an identity "AGE-SECRET-KEY-1...", each a line in
 * a file of text in which lines beginning with '#' say something to people.
 */
#ifndef BACKUP_AGE_H
#define BACKUP_AGE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define AGE_KEYS_MAX 20
#define AGE_CHUNK 65536
#define AGE_TAG 16
#define AGE_MAGIC "age-encryption.org/v1\n"
#define AGE_HEADER_MAX 65536

struct age_keys {
	unsigned char key[AGE_KEYS_MAX][32];     /* public keys of recipients, or secret keys of identities */
	int n;
};

/* All recipients of a file; FAULT_FILE says which line is none. */
bool age_recipients(struct str text, struct age_keys *ret_keys, struct err *err);
bool age_identities(struct str text, struct age_keys *ret_keys, struct err *err);
void age_wipe(struct age_keys *keys);
/* A new pair: both as lines of text. */
void age_keygen(struct arena *a, struct str *ret_recipient, struct str *ret_identity);
struct str age_recipient_of(struct arena *a, const unsigned char secret[32]);

/* One stream in one direction. */
struct age_stream {
	unsigned char key[32];
	uint64_t chunk;                          /* number of the next one */
	bool ended;                              /* the last one was made or read */
};

/* A new file's beginning (header and nonce) for these recipients. */
void age_begin(struct age_stream *s, const struct age_keys *to, struct buf *out);
/* n plain bytes (AGE_CHUNK, fewer only for the last one) to n + AGE_TAG. */
void age_seal(struct age_stream *s, const unsigned char *plain, size_t n, bool last, unsigned char *out);

enum age_result { AGE_OK, AGE_MORE, AGE_MALFORMED, AGE_NO_IDENTITY };
/* Reads a file's beginning; AGE_MORE: it goes on beyond n bytes. *ret_used: how many it took. */
enum age_result age_open(struct age_stream *s, const struct age_keys *with, struct str bytes, size_t *ret_used);
/* n sealed bytes to n - AGE_TAG. False: not what was written. */
bool age_unseal(struct age_stream *s, const unsigned char *sealed, size_t n, bool last, unsigned char *out);

#endif
