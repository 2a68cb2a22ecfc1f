/*
 * The keys that a checker trusts, out of one file: lines with a public key each, which the reader trusts
 * because of where he had them from; then, between empty lines, signed statements by which a key that is
 * trusted already brings in the next, limits one in time, or says that one was compromised. A statement is a
 * signed note of these lines:
 *	tocsin-key/1			tocsin-key-compromised/1
 *	key VKEY			key VKEY
 *	from TIME			from TIME
 *	until TIME			stated TIME
 *	stated TIME
 * Its signer must stand before it in the file, bear the same name, and have been valid when it was stated
 * (only its own compromise may a key state at any time). Of two statements about a key the later counts.
 */
#ifndef LEDGER_KEYS_H
#define LEDGER_KEYS_H

#include "ledger/checkpoint.h"

#define KEYS_MAX 64

struct key_statement {
	bool compromised;                        /* which of the two; then there is no until */
	struct note_key key;
	int64_t from, until, stated;
	struct note note;
};
enum refusal key_statement_read(struct str note, struct key_statement *ret_statement);

struct signer {
	struct note_key key;
	int64_t from, until, compromised;        /* valid when from <= t < until and t < compromised */
};
struct keyring {
	int n;
	struct signer signer[KEYS_MAX];
};

/* ret_line: where the file is wrong, counted from 1. */
enum refusal keys_read(struct str file, struct keyring *ret_keys, int *ret_line);
enum refusal signer_valid(const struct signer *s, int64_t time);
/* The log's signature on a checkpoint: by a key of its origin's name, valid at its time. */
enum refusal keys_verify(const struct keyring *k, const struct checkpoint *c, const struct signer **ret_by);

#endif
