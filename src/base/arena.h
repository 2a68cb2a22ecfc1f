/*
 * Memory lives as long as its request. Nothing is freed on the way out;
 * arena_free() or arena_reset() ends everything at once.
 * Running out of memory ends the process (the parent starts it again).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);                /* NULL is allowed */
void arena_reset(struct arena *a);               /* keeps the first block for the next use */
void *arena_alloc(struct arena *a, size_t n);    /* zeroed, aligned for any type */
void *arena_raw(struct arena *a, size_t n);      /* the same, not zeroed */
#define arena_make(a, type) ((type *)arena_alloc((a), sizeof(type)))
/* Makes the newest allocation p longer where it stands; false when it is not the newest or there is no room. */
bool arena_extend(struct arena *a, void *p, size_t old, size_t n);
struct str arena_dup(struct arena *a, struct str s);      /* STR_NONE stays STR_NONE */
char *arena_c(struct arena *a, struct str s);             /* NUL-terminated copy */
struct str arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
size_t arena_used(const struct arena *a);                 /* bytes handed out since new or reset */

#endif
