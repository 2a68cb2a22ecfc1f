/* What the program says to the person at the terminal: in the locale's language, in columns that hold Chinese. */
#ifndef DAEMON_TERMINAL_H
#define DAEMON_TERMINAL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"

/* As LC_ALL, LC_MESSAGES or LANG say: the Chinese of Taiwan, or English. */
enum lang terminal_lang(void);
/* A message in that language, and the same with its {names} filled: told(a, "init.done", { "dir", dir }). */
struct str terminal_msg(const char *id);
#define told(a, id, ...) \
	msg_fill((a), terminal_lang(), (id), (const struct msg_arg[]){ __VA_ARGS__, { .name = NULL } })
struct str told_int(struct arena *a, int64_t n);         /* for a {name} that is a number */

/* s with blanks behind it until it is so many columns wide; a Chinese character takes two. */
struct str terminal_pad(struct arena *a, struct str s, int width);

/* Sets the fault with these words as its detail. Always returns false. */
bool refuse(struct err *err, enum fault fault, struct str words);
/* Where the database's server was lost or hangs: what became of the work, said with the details. Other faults stay as they are. */
void terminal_kept(struct err *err, struct str kept);
/* What went wrong, its details, and what to do, on standard error. */
void terminal_fault(const struct err *err);

#endif
