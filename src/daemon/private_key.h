/*
 * A private key in memory: from a PKCS#8 file, PEM or DER, or made new. Ed25519, or P-256. Its bytes leave
 * only as a file of its own and as shares of its backup.
 */
#ifndef DAEMON_PRIVATE_KEY_H
#define DAEMON_PRIVATE_KEY_H

#include "base/err.h"
#include "ledger/note_write.h"

struct private_key;

struct private_key *private_key_make(enum key_kind kind, struct err *err);
/* NULL: it is no such key (FAULT_FILE; what: the file's name, for the words). It is wiped by the caller. */
struct private_key *private_key_read(struct str file, const char *what, struct err *err);
void private_key_free(struct private_key *k);    /* wipes it; NULL is allowed */
/* PKCS#8: as PEM for a file, as DER for shares. To be wiped by the caller. */
bool private_key_write(const struct private_key *k, bool pem, struct buf *b, struct err *err);
/* The public half as notes have it. kind: KEY_WITNESS is an Ed25519 key too. FAULT_FILE: it is of another kind. */
bool private_key_public(const struct private_key *k, struct str name, enum key_kind kind,
    struct note_key *ret_key, struct err *err);
/* 64 bytes; of P-256 r || s with the lower s. */
bool private_key_sign(const struct private_key *k, struct str text, unsigned char ret_signature[64],
    struct err *err);
/* Overwrites bytes that were secret. */
void private_wipe(void *p, size_t n);

#endif
