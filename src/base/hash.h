/* Digests and encodings (OpenSSL). Secrets are compared in constant time. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/sha256.h"
#include "base/str.h"

struct arena;

struct sha256 hmac_sha256(struct str key, struct str s);
/* A key of n bytes from another (RFC 5869). False, and nothing is written: more than 255 times 32 are asked for. */
#define HKDF_INFO_MAX 128
bool hkdf_sha256(struct str key, struct str salt, struct str info, unsigned char *ret_key, size_t n);
bool same_secret(struct str a, struct str b);                /* constant time for equal lengths */
struct str hex(struct arena *a, struct str bytes);           /* lower case */
bool hex_decode(struct arena *a, struct str s, struct str *ret_bytes);
struct str base64url(struct arena *a, struct str bytes);     /* RFC 4648 section 5, no padding */
bool base64url_decode(struct arena *a, struct str s, struct str *ret_bytes);

#endif
