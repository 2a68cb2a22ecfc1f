/*
 * Text is bytes and a length. Hostile input holds NUL, and Chinese is counted
 * in code points, so neither strlen() nor a terminator is ever relied upon.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/bytes.h"

struct arena;

struct str str_c(const char *c);                 /* view of a C string; NULL gives STR_NONE */
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *c);
int str_cmp(struct str a, struct str b);         /* by bytes, as memcmp, shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_has(struct str s, struct str part);
struct str str_trim(struct str s);               /* ASCII white space and U+3000 off both ends */
struct str str_from(struct str s, size_t at);    /* the bytes from at on */
struct str str_first(struct str s, size_t n);    /* at most the first n bytes */
/* Takes the next part up to sep off *rest; false when nothing is left. "a,,b" has three parts, "" none. */
bool str_split(struct str *rest, char sep, struct str *ret_part);
/* Decimal, optional '-', no blanks, no leading '+', whole text, within int64_t. */
bool str_int(struct str s, int64_t *ret_value);

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, no more than U+10FFFF) and no NUL. */
bool utf8_ok(struct str s);
size_t utf8_sound(struct str s);                 /* bytes before the first place where it is not so */
size_t utf8_length(struct str s);                /* code points; s is well-formed */
struct str utf8_first(struct str s, size_t n);   /* at most the first n code points */
/* Takes one code point off *rest, -1 at the end. *rest is well-formed. */
int32_t utf8_next(struct str *rest);

/* A text that grows in an arena. { .arena = a } is an empty one. */
struct buf {
	struct arena *arena;
	char *p;
	size_t n, cap;
};

char *buf_grow(struct buf *b, size_t n);         /* buf_room() when there is too little */

/* Room for at least n more bytes, for a writer that fills it itself and then adds to b->n. */
static inline char *
buf_room(struct buf *b, size_t n)
{
	return b->p && b->cap - b->n >= n ? b->p + b->n : buf_grow(b, n);
}

static inline void
buf_char(struct buf *b, char c)
{
	*buf_room(b, 1) = c;
	b->n++;
}

void buf_put(struct buf *b, struct str s);
void buf_c(struct buf *b, const char *c);
void buf_code(struct buf *b, int32_t code_point);
void buf_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct str buf_str(const struct buf *b);         /* view; "" when nothing was put */

#endif
