/* JSON in (jansson, strict) and out (ours). RFC 8259; I-JSON limits of RFC 7493 on the way in. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/err.h"
#include "base/value.h"

#define JSON_DEPTH 32            /* deepest input accepted */

/*
 * Strict: well-formed UTF-8, no NUL, no duplicate keys, no lone surrogates, numbers within int64_t or a
 * finite double, depth at most JSON_DEPTH, nothing after the value. Faults: FAULT_SYNTAX, _ENCODING,
 * _DUPLICATE_KEY, _DEPTH, with the position in err->detail. Texts are copied into the arena.
 */
bool json_parse(struct arena *a, struct str text, struct value **ret_value, struct err *err);
/* Compact, members in their order. Control characters, U+2028/9, '<', '>', '&' are escaped (safe inside a page). */
void json_write(struct buf *b, const struct value *v);
void json_write_pretty(struct buf *b, const struct value *v);
struct str json_text(struct arena *a, const struct value *v);
/* One encoding only, for hashing: RFC 8785 order (UTF-16 code units), no blanks, minimal escapes. Asserts that no V_REAL is in it. */
void json_canonical(struct buf *b, const struct value *v);
/* One string as it stands in there. */
void json_canonical_str(struct buf *b, struct str s);

#endif
