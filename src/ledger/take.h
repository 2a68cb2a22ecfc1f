/*
 * Strict reading of untrusted text: each thing has one form, and only that is taken. No memory is
 * asked for: results are views, and texts of JSON are undone where they stand.
 */
#ifndef LEDGER_TAKE_H
#define LEDGER_TAKE_H

#include "base/bytes.h"
#include "ledger/refusal.h"

#define NUMBER_MAX INT64_C(9007199254740991)     /* the largest integer that every reader of JSON keeps */

/* What is still to be read, and the first thing that was wrong with it. */
struct cursor {
	char *p, *end;
	enum refusal refusal;                    /* REFUSAL_NONE: nothing; once set, nothing more is taken */
};

bool refuse_at(struct cursor *c, enum refusal why);      /* keeps the first; always false */
/* The literal, exactly; want() refuses as `why` when it is not there, take() only says so. */
bool take(struct cursor *c, const char *literal);
bool want(struct cursor *c, const char *literal, enum refusal why);
/* Decimal, no sign, no leading zero, at most NUMBER_MAX. */
bool want_number(struct cursor *c, int64_t *ret_number);
/* A JSON text in the one form of RFC 8785, undone in place; raw leaves it as it is written. */
bool want_string(struct cursor *c, struct str *ret_s);
bool want_raw_string(struct cursor *c, struct str *ret_s);

bool same(struct str a, struct str b);
bool same_c(struct str a, const char *b);
/* Takes a line and its '\n' off *rest; false when there is no whole line. */
bool take_line(struct str *rest, struct str *ret_line);
/* Takes prefix off *s; false when it does not begin so. */
bool take_prefix(struct str *s, const char *prefix);
bool read_number(struct str s, int64_t *ret_number);
/* RFC 4648 section 4 with padding and no other form; false also when it is more than cap bytes, or 6144. */
bool read_base64(struct str s, unsigned char *out, size_t cap, size_t *ret_n);
bool read_hex(struct str s, unsigned char *out, size_t n);       /* lower case, exactly n bytes */
/* "2026-11-22T02:10:00.000000Z": microseconds UTC since 1970. */
bool read_stamp(struct str s, int64_t *ret_time);
/* How many bytes the character at this place takes; less than 1: they are none. */
int read_code(struct str s, size_t at, unsigned long *ret_code);
bool text_ok(struct str s);                      /* well-formed UTF-8 without NUL */

#endif
