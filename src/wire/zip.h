/*
 * A ZIP archive with one file in it, encrypted with AES-256 under a password, as WinZip defined it (AE-2) and 7-Zip, libarchive,
 * macOS tools and Python's libraries open it. Stored, not compressed: so its length is known before its first byte, and it can
 * be made while it is sent, in any portions, without holding the file.
 *
 *	struct zip *z = zip_begin(&one, password);
 *	zip_length(&one) bytes follow:  zip_head(z, a), then the file by zip_seal(z, bytes, n), then zip_tail(z, a)
 *	zip_free(z);
 */
#ifndef WIRE_ZIP_H
#define WIRE_ZIP_H

#include "base/arena.h"
#include "base/str.h"

#define ZIP_SIZE_MOST INT64_C(0xf0000000)        /* bytes of the file: beyond that another format is needed */

struct zip_one {
	struct str name;                 /* well-formed UTF-8 without folders, at most 65000 bytes */
	int64_t size;
	int64_t at;                      /* its time, shown to two seconds */
};

struct zip;
/* The bytes of the whole archive. */
int64_t zip_length(const struct zip_one *one);
/* NULL: OpenSSL cannot. What one names must live as long as z. */
struct zip *zip_begin(const struct zip_one *one, struct str password);
struct str zip_head(struct zip *z, struct arena *a);
/* Encrypts the next n bytes of the file where they stand. */
void zip_seal(struct zip *z, char *bytes, size_t n);
/* After exactly size bytes. */
struct str zip_tail(struct zip *z, struct arena *a);
void zip_free(struct zip *z);            /* NULL is allowed */

#endif
