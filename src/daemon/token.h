/*
 * A PKCS#11 token: its private keys never leave it. The module is loaded before the process is confined;
 * when the token is pulled out and put back, the next question opens it anew. A PIN that was refused is not tried
 * again before its file changes.
 */
#ifndef DAEMON_TOKEN_H
#define DAEMON_TOKEN_H

#include "base/err.h"
#include "ledger/note_write.h"

struct token;

/* Loads the module (a shared object of absolute path). pin_file: read each time the token is opened. */
bool token_load(const char *module, const char *label, const char *pin_file, struct token **ret_token,
    struct err *err);
void token_unload(struct token *t);              /* NULL is allowed */
/* It could not be opened when it was last asked, and not for its PIN: perhaps a process that begins anew can. */
bool token_lost(const struct token *t);
/* The public half of the key with this object label. *ret_found false: there is none. FAULT_TOKEN. */
bool token_find(struct token *t, const char *object, enum key_kind kind, struct str name, bool *ret_found,
    struct note_key *ret_key, struct err *err);
/* A new pair of keys with this label, that cannot be taken out. */
bool token_make(struct token *t, const char *object, enum key_kind kind, struct err *err);
/* 64 bytes, as private_key_sign(). */
bool token_sign(struct token *t, const char *object, enum key_kind kind, struct str text,
    unsigned char ret_signature[64], struct err *err);

#endif
