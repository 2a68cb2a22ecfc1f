/*
 * Who signs: another process that holds the keys, asked one thing at a time. What is asked has a type; the
 * signer puts the text together itself, so that nothing else than a checkpoint, a cosignature or a statement
 * about a key can ever be signed. The daemon says how to reach it (signer_set); without one every question
 * is answered FAULT_KEEPER.
 */
#ifndef DESK_SIGNER_H
#define DESK_SIGNER_H

#include "base/err.h"
#include "ledger/keys.h"

#define SIGNER_NAME_MAX 240
#define SIGNER_PUBLIC_MAX 92             /* kind, then the key */

enum signer_act {
	SIGNER_LOOK,                     /* are you there, and can you use this key? */
	SIGNER_MAKE,                     /* a new key of this kind, by this name */
	SIGNER_CHECKPOINT,               /* name, size, root, time: of one's own log */
	SIGNER_COSIGN,                   /* the same of another's, at the second `from` */
	SIGNER_STATE,                    /* that a key is valid from, until; stated at time */
	SIGNER_COMPROMISED,              /* that it was compromised from; stated at time */
	SIGNER_DROP,                     /* never sign with it again */
	SIGNER__MAX
};

/* Sent as it is between processes: no pointers, no holes. */
struct signer_ask {
	int32_t act, kind;               /* kind: enum key_kind, of the key to make or of the subject */
	unsigned char by[32];            /* which key: signer_digest() of its public bytes */
	unsigned char root[32];
	int64_t size, time, from, until;
	char name[SIGNER_NAME_MAX];      /* NUL-terminated */
	uint32_t public_n;               /* the subject of a statement: its public bytes, kind first */
	unsigned char public[SIGNER_PUBLIC_MAX];
};
struct signer_said {
	int32_t fault;                   /* enum fault */
	uint32_t n;
	unsigned char bytes[SIGNER_PUBLIC_MAX + 4];      /* a signature; of a key that was made: its public bytes */
	char detail[256];                /* NUL-terminated, plain text, never a secret */
};
_Static_assert(sizeof(struct signer_ask) == 8 + 64 + 32 + SIGNER_NAME_MAX + 4 + SIGNER_PUBLIC_MAX, "no holes");
_Static_assert(sizeof(struct signer_said) == 8 + SIGNER_PUBLIC_MAX + 4 + 256, "no holes");

/* Every enum, length and text is within what it can be. */
bool signer_ask_sound(const struct signer_ask *ask);
bool signer_said_sound(const struct signer_said *said);
struct sha256 signer_digest(struct str public);

/*
 * How questions reach the signer; it blocks until there is an answer or the patience is over. Set once,
 * before threads.
 */
typedef void signer_way(const struct signer_ask *ask, struct signer_said *ret_said);
void signer_set(signer_way *way);
/* Not inside a transaction: it waits. False: err has the signer's fault and words. */
bool signer_ask(const struct signer_ask *ask, struct signer_said *ret_said, struct err *err);

/* ---- questions ---- */

/* The key's own name, for acts about one's own log; false: the name is too long. */
bool signer_name(struct signer_ask *ask, struct str name);
/* A key that somebody put among the signer's before the first was made is taken instead, whatever its algorithm. */
bool signer_make(struct str name, enum key_kind kind, struct note_key *ret_key, struct err *err);
/*
 * A signature of 64 bytes on what checkpoint_write() makes of it. `by` is one of the signer's keys.
 */
bool signer_checkpoint(const struct note_key *by, const struct checkpoint *c, unsigned char ret_signature[64],
    struct err *err);
bool signer_cosign(const struct note_key *by, const struct checkpoint *c, int64_t seconds,
    unsigned char ret_signature[64], struct err *err);
/* s->note is not looked at. */
bool signer_statement(const struct note_key *by, const struct key_statement *s, unsigned char ret_signature[64],
    struct err *err);
bool signer_drop(const struct note_key *key, struct err *err);
bool signer_look(const struct note_key *key, struct err *err);

#endif
