/* Files that live inside the binary; their tables are made by tools/embed. */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include "str.h"

struct embedded {
	const char *name;                        /* path below the embedded folder, "app.css" */
	struct str bytes;                        /* followed by a NUL that does not count */
	const char *etag;                        /* SHA-256 of the bytes, 64 hex digits */
};

/* A table is sorted by name and ends with a row without one. */
const struct embedded *embed_find(const struct embedded *table, struct str name);   /* NULL: not there */

#endif
