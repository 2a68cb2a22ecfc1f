/* The bytes of a file as they lie in the database. Private to the files about attachments. */
#ifndef DESK_SEALED_H
#define DESK_SEALED_H

#include "store/store.h"

#define SEALED_PART ((size_t)256 << 10)          /* bytes of a file in one part, at most */
#define SEALED_KEY 32

/* A new random key for a file, kept in its row. */
bool sealed_key_make(struct tx *tx, int64_t file, unsigned char ret_key[SEALED_KEY], struct err *err);
/* *ret_found false: it is erased. */
bool sealed_key(struct tx *tx, int64_t file, unsigned char ret_key[SEALED_KEY], bool *ret_found, struct err *err);
/* Letters that follow from the key and tell nothing of it, in groups to be read out: "k7mq-2abc-…". */
struct str sealed_password(struct arena *a, const unsigned char key[SEALED_KEY]);
/* Bound to the file and the place in it. */
struct str sealed_close(struct arena *a, const unsigned char key[SEALED_KEY], int64_t file, int64_t at, struct str bytes);
bool sealed_open(struct arena *a, const unsigned char key[SEALED_KEY], int64_t file, int64_t at, struct str sealed,
    struct str *ret_bytes);

#endif
