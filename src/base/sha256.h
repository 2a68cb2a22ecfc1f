#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/bytes.h"

struct sha256 {
	unsigned char b[32];
};

struct sha256 sha256(struct str s);
struct sha256 sha256_two(struct str a, struct str b);          /* of one after the other */

#endif
