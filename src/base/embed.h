/* Files that live inside the binary, compiled into tables by tools/embed. */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include "base/str.h"

struct asset {
	const char *name;                /* path below the embedded folder: "app.css" */
	const unsigned char *bytes;      /* followed by a NUL that does not count */
	size_t length;
	const char *etag;                /* first 16 hex digits of SHA-256 */
};

/* The row of that name; NULL when there is none. A table is sorted by name and ends with a row without one. */
const struct asset *asset_in(const struct asset *table, struct str name);
struct str asset_text(const struct asset *asset);

#endif
