/*
 * The keys of an installation and the rules by which they are used: what the keeper process is when nobody
 * talks about processes. One directory, reached by a descriptor, holds a file for each key and "signed",
 * which remembers the last that was signed; only one process at a time has it open.
 *
 *	log-<id>.pem, witness-<id>.pem (or .der)   a private key in PKCS#8
 *	log-<id>.token                             the label of an object in the PKCS#11 token
 *	<name>.dropped                             a key that signs nothing any more
 *
 * It refuses to state that a key counts which it does not hold, and to sign a checkpoint of another origin, a smaller one
 * than the last, another root of the same size, and a time that is not near its own clock or lies before the last one's
 * by more than the tolerance.
 */
#ifndef DAEMON_VAULT_H
#define DAEMON_VAULT_H

#include "base/time.h"
#include "desk/signer.h"

#define VAULT_TOLERANCE MINUTE

struct vault;

struct token;
struct vault_options {
	int dir;                         /* descriptor of the directory; stays the caller's */
	struct token *token;             /* stays the caller's; NULL: keys are files */
	const char *object;              /* label of the first key in the token */
	bool look;                       /* only to read: no lock, nothing is signed or changed */
	bool quiet;                      /* what is not there was told before */
	const char *no_token;            /* why there is none though the settings name one; NULL: they do not */
};

/* Makes <data>/keys (0700) if it is not there; its descriptor, -1 with FAULT_FILE. */
int vault_directory(const char *data, bool create, struct err *err);
/*
 * Faults: FAULT_FILE (a damaged file, one that others may read), FAULT_IN_USE. A token that is not there is
 * no fault: its keys cannot sign for the time being.
 */
bool vault_open(const struct vault_options *o, struct vault **ret_vault, struct err *err);
void vault_close(struct vault *v);               /* NULL is allowed */
/* Does what is asked, or says why not. Never fails for anything that is asked. */
void vault_answer(struct vault *v, const struct signer_ask *ask, struct signer_said *ret_said);

/* ---- for backups, at the terminal ---- */

/* The key by its id of eight hex digits: whose name, which kind, and PKCS#8 in DER (to be wiped). */
bool vault_export(struct vault *v, struct str id, struct note_key *ret_key, struct buf *der, struct err *err);
/* Puts a key back. FAULT_EXISTS: it is there. */
bool vault_import(struct vault *v, const struct note_key *key, struct str der, struct err *err);

#endif
