/* Telling a person, on standard output, what was proved and what was not. */
#ifndef VERIFY_TELL_H
#define VERIFY_TELL_H

#include "ledger/check.h"
#include "verify/words.h"

/* "zh-TW", "en" or as a locale has it; false: it is none of the two. Without it LC_ALL, LC_MESSAGES, LANG say. */
bool tell_lang(const char *tag);
/* The sentence; what is filled in comes from outside and is made harmless for a terminal. */
#define tell(say, ...) tell_with((say), (const struct str[]){ __VA_ARGS__ })
void tell_with(enum say say, const struct str *arg);
struct str tell_int(int64_t n);                  /* for an argument; ten of them live at a time */
struct str tell_time(int64_t t);                 /* to the second, UTC */
void tell_refusal(enum refusal why);             /* that it is not proved, or not usable, and why */
int refusal_status(enum refusal why);            /* the exit status: 0, 1 or 2 */
int tell_failure(const char *path, int error);   /* a file that cannot be read, errno; returns 2 */

void tell_checkpoint(const struct proved *p);
void tell_receipt(const struct proved *p, const struct record *record, const struct receipt *r);
void tell_bundle(const struct bundle_check *b);

#endif
