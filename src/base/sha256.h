#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/bytes.h"

struct sha256 {
	unsigned char b[32];
};

struct sha256 sha256(struct str s);
struct sha256 sha256_two(struct str a, struct str b);          /* of one after the other */
/* "48d1 8f97 88c5 ...", to be read, compared and typed: into out, which is returned. */
#define SHA256_WORDS 80
const char *sha256_words(const struct sha256 *h, char out[SHA256_WORDS]);

#endif
