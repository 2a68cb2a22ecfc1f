/* The program as a function, and what it tells a person, on standard output. */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include "ledger/check.h"
#include "verify/words.h"

struct request {
	const char *key, *older, *consistency, *file, *witness[WITNESSES_MAX];
	int witnesses;
};
/* False: the words are not understood, and the usage was told. */
bool verify_asked(int argc, char **argv, struct request *q);
/* The keys and what to compare with; NULL: that was told, and *ret_status is the exit status. It lives on. */
const struct trust *verify_trust(const struct request *q, int *ret_status);
/* All of it. Exit status: 0 proved, 1 not proved, 2 unusable. */
int verify_run(int argc, char **argv);

/* "zh-TW", "en" or as a locale has it; false: neither, so English. */
bool tell_lang(const char *tag);
void tell_locale(void);                          /* as LC_ALL, LC_MESSAGES or LANG say */
/* The sentence; what is filled in comes from outside and is made harmless for a terminal. */
#define tell(say, ...) tell_with((say), (const struct str[]){ __VA_ARGS__ })
void tell_with(enum say say, const struct str *arg);
struct str tell_int(int64_t n);                  /* for an argument; ten of them live at a time */
struct str tell_time(int64_t t);                 /* to the second, UTC */
int tell_refusal(enum refusal why);              /* not proved (returns 1) or not usable (2), and why */

void tell_checkpoint(const struct proved *p);
void tell_receipt(const struct proved *p, const struct record *record, const struct receipt *r);
void tell_bundle(const struct bundle_check *b);

#endif
