/*
 * One value: what a request brings and what an answer is. The same tree is written as
 * JSON and shown by a page's template, so the two cannot disagree. Lives in an arena.
 *
 * V_TIME and V_TERM have two faces: JSON gets RFC 3339 and the id; a page gets the
 * date in the reader's zone and the word in the reader's language.
 */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include "base/str.h"

struct arena;

enum value_kind {
	V_NULL,
	V_BOOL,          /* i */
	V_INT,           /* i */
	V_REAL,          /* r; never in anything hashed */
	V_STR,           /* s */
	V_TIME,          /* i: microseconds UTC */
	V_TERM,          /* s: the id; term: message id of its word, or NULL and shown: the word itself (a name) */
	V_LIST,          /* first.. */
	V_MAP,           /* first.., each with a name */
};

struct value {
	enum value_kind kind;
	int64_t i;
	double r;
	struct str s;
	const char *term;
	struct str shown;
	struct value *first, *last;
	size_t n;                        /* members of a list or map */
	struct str name;                 /* in a map: the key */
	struct value *next;
};

struct value *value_map(struct arena *a);
struct value *value_list(struct arena *a);
struct value *value_str(struct arena *a, struct str s);      /* s is not copied; STR_NONE gives V_NULL */
struct value *value_int(struct arena *a, int64_t i);
struct value *value_bool(struct arena *a, bool b);
struct value *value_null(struct arena *a);

/* Into a map; key is not copied and must outlive the value. No check for a key that is there already. */
struct value *map_add(struct value *map, const char *key, struct value *v);        /* returns v */
struct value *map_add_str(struct value *map, struct str key, struct value *v);
void map_str(struct arena *a, struct value *map, const char *key, struct str s);   /* STR_NONE: null */
void map_int(struct arena *a, struct value *map, const char *key, int64_t i);      /* INT64_MIN: null */
void map_bool(struct arena *a, struct value *map, const char *key, bool b);
void map_null(struct arena *a, struct value *map, const char *key);
void map_time(struct arena *a, struct value *map, const char *key, int64_t t);     /* NO_TIME: null */
/* id is what JSON says; msg the message id of the word for pages. */
void map_term(struct arena *a, struct value *map, const char *key, struct str id, const char *msg);
/* A word that is no message: JSON gets id, pages get shown (an organisation's name). */
void map_shown(struct arena *a, struct value *map, const char *key, struct str id, struct str shown);
/* JSON gets a number, pages get shown. kind is V_INT. */
void map_int_shown(struct arena *a, struct value *map, const char *key, int64_t i, struct str shown);
struct value *map_map(struct arena *a, struct value *map, const char *key);        /* adds and returns an empty map */
struct value *map_list(struct arena *a, struct value *map, const char *key);       /* adds and returns an empty list */
struct value *list_add(struct value *list, struct value *v);                       /* returns v */

struct value *value_get(const struct value *map, const char *key);                 /* NULL when absent or not a map */
struct str value_text(const struct value *v);        /* s of V_STR or V_TERM, else STR_NONE; NULL is allowed */
bool value_equal(const struct value *a, const struct value *b);  /* deep; order of map members does not matter */

#endif
