/* Randomness from the kernel, and ids. */
#ifndef BASE_RAND_H
#define BASE_RAND_H

#include "base/str.h"

struct arena;

void rand_bytes(void *p, size_t n);                          /* getrandom(2); never fails */
struct str rand_token(struct arena *a, size_t bytes);        /* base64url of so many random bytes */
/*
 * A new id: positive, below 2^53 (exact in every JSON reader), ordered by time of making:
 * milliseconds since 2024 in the upper 41 bits, then 12 bits that count within the millisecond.
 * Two calls in one process never give the same, whatever the clock does.
 */
int64_t id_new(void);
/*
 * From now on only ids that leave this remainder when divided by of, a power of two: processes that write into one
 * database have one each.
 */
void id_node(int remainder, int of);
/* No id up to this one comes any more: the store says which is the largest when it opens, for the clock may have gone back. */
void id_floor(int64_t used);

#endif
