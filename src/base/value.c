#include "base/value.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/time.h"

static struct value *
value_new(struct arena *a, enum value_kind kind)
{
	struct value *v = arena_make(a, struct value);

	v->kind = kind;
	return v;
}

struct value *
value_map(struct arena *a)
{
	return value_new(a, V_MAP);
}

struct value *
value_list(struct arena *a)
{
	return value_new(a, V_LIST);
}

struct value *
value_str(struct arena *a, struct str s)
{
	struct value *v = value_new(a, s.p ? V_STR : V_NULL);

	v->s = s;
	return v;
}

struct value *
value_int(struct arena *a, int64_t i)
{
	struct value *v = value_new(a, V_INT);

	v->i = i;
	return v;
}

struct value *
value_bool(struct arena *a, bool b)
{
	struct value *v = value_new(a, V_BOOL);

	v->i = b;
	return v;
}

struct value *
value_null(struct arena *a)
{
	return value_new(a, V_NULL);
}

static struct value *
append(struct value *parent, struct value *v)
{
	assert(!v->next);
	if (parent->last)
		parent->last->next = v;
	else
		parent->first = v;
	parent->last = v;
	parent->n++;
	return v;
}

struct value *
map_add(struct value *map, const char *key, struct value *v)
{
	return map_add_str(map, str_c(key), v);
}

struct value *
map_add_str(struct value *map, struct str key, struct value *v)
{
	assert(map->kind == V_MAP);
	v->name = key;
	return append(map, v);
}

void
map_str(struct arena *a, struct value *map, const char *key, struct str s)
{
	map_add(map, key, value_str(a, s));
}

void
map_int(struct arena *a, struct value *map, const char *key, int64_t i)
{
	map_add(map, key, i == INT64_MIN ? value_null(a) : value_int(a, i));
}

void
map_bool(struct arena *a, struct value *map, const char *key, bool b)
{
	map_add(map, key, value_bool(a, b));
}

void
map_null(struct arena *a, struct value *map, const char *key)
{
	map_add(map, key, value_null(a));
}

void
map_time(struct arena *a, struct value *map, const char *key, int64_t t)
{
	struct value *v = map_add(map, key, value_new(a, t == NO_TIME ? V_NULL : V_TIME));

	v->i = t == NO_TIME ? 0 : t;
}

void
map_term(struct arena *a, struct value *map, const char *key, struct str id, const char *msg)
{
	struct value *v = map_add(map, key, value_new(a, id.p ? V_TERM : V_NULL));

	v->s = id;
	v->term = msg;
}

void
map_shown(struct arena *a, struct value *map, const char *key, struct str id, struct str shown)
{
	struct value *v = map_add(map, key, value_new(a, id.p ? V_TERM : V_NULL));

	v->s = id;
	v->shown = shown;
}

void
map_int_shown(struct arena *a, struct value *map, const char *key, int64_t i, struct str shown)
{
	map_int(a, map, key, i);
	map->last->shown = shown;
}

struct value *
map_map(struct arena *a, struct value *map, const char *key)
{
	return map_add(map, key, value_map(a));
}

struct value *
map_list(struct arena *a, struct value *map, const char *key)
{
	return map_add(map, key, value_list(a));
}

struct value *
list_add(struct value *list, struct value *v)
{
	assert(list->kind == V_LIST);
	return append(list, v);
}

static struct value *
get(const struct value *map, struct str key)
{
	struct value *v;

	for (v = map->first; v; v = v->next)
		if (str_eq(v->name, key))
			return v;
	return NULL;
}

struct value *
value_get(const struct value *map, const char *key)
{
	return map && map->kind == V_MAP ? get(map, str_c(key)) : NULL;
}

struct str
value_text(const struct value *v)
{
	return v && (v->kind == V_STR || v->kind == V_TERM) ? v->s : STR_NONE;
}

static bool
lists_equal(const struct value *a, const struct value *b)
{
	const struct value *x, *y;

	for (x = a->first, y = b->first; x && y; x = x->next, y = y->next)
		if (!value_equal(x, y))
			return false;
	return true;
}

/* Both mostly have the same order: the search begins with the member at the same place. */
static bool
maps_equal(const struct value *a, const struct value *b)
{
	const struct value *x, *y = b->first;

	for (x = a->first; x; x = x->next) {
		const struct value *other = y && str_eq(x->name, y->name) ? y : get(b, x->name);

		if (!other || !value_equal(x, other))
			return false;
		y = other->next;
	}
	return true;
}

bool
value_equal(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind || a->n != b->n)
		return false;
	switch (a->kind) {
	case V_NULL:
		return true;
	case V_BOOL:
	case V_INT:
	case V_TIME:
		return a->i == b->i;
	case V_REAL:
		return !(a->r < b->r) && !(a->r > b->r);
	case V_STR:
	case V_TERM:
		return str_eq(a->s, b->s);
	case V_LIST:
		return lists_equal(a, b);
	case V_MAP:
		return maps_equal(a, b);
	}
	return false;
}
