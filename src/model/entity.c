/* The loops over the fields of a record: making, showing, comparing, completeness. Reading: entity_read.c. */
#include "model/entity.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "model/kind.h"

/* ---- tables ---- */

const struct choice *
choice_by_id(const struct choices *c, struct str id)
{
	for (int i = 0; i < c->n; i++)
		if (str_eq(c->list[i].key, id))
			return &c->list[i];
	return NULL;
}

/* Most lists stand in the order of their codes, from 0. */
const struct choice *
choice_by_code(const struct choices *c, int64_t code)
{
	if (code >= 0 && code < c->n && c->list[code].code == code)
		return &c->list[code];
	for (int i = 0; i < c->n; i++)
		if (c->list[i].code == code)
			return &c->list[i];
	return NULL;
}

const char *
choice_msg(const struct choices *c, int64_t code)
{
	const struct choice *choice = choice_by_code(c, code);

	return choice ? choice->msg : NULL;
}

static const struct entity *const entities[ENTITY__MAX] = {
#define ENTITY_ROW(c, name) [ENTITY_##c] = &entity_##name,
	ENTITIES(ENTITY_ROW)
#undef ENTITY_ROW
};

const struct entity *
entity_of(enum entity_id id)
{
	assert(id < ENTITY__MAX);
	return entities[id];
}

const struct field *
entity_field(const struct entity *e, struct str name)
{
	for (int i = 0; i < e->n; i++)
		if (str_eq(e->fields[i].key, name))
			return &e->fields[i];
	return NULL;
}

const char *
field_label(const struct field *f)
{
	return f->label;
}

const char *
field_hint(const struct field *f)
{
	return msg_has(f->hint) ? f->hint : NULL;
}

bool
field_open(const struct field *f, unsigned editors, unsigned whens)
{
	return !(f->flags & SYSTEM) && f->kind != KIND_FLAGS && (f->editors & editors) != 0 &&
	    (f->when == WHEN_ALWAYS || (whens & 1u << f->when) != 0);
}

/* ---- records ---- */

void *
entity_new(const struct entity *e, struct arena *a)
{
	void *record = arena_alloc(a, e->size);

	for (int i = 0; i < e->n; i++) {
		union cell s;

		cell_clear(&e->fields[i], &s);
		cell_put(&e->fields[i], record, &s);
	}
	if (e->head) {
		struct entity_head *head = record;

		head->created_at = head->changed_at = NO_TIME;
	}
	return record;
}

void *
entity_copy(const struct entity *e, const void *record, struct arena *a)
{
	return memcpy(arena_raw(a, e->size), record, e->size);
}

int64_t *
field_int(const struct field *f, void *record)
{
	assert(!kinds[f->kind].text);
	return (int64_t *)(void *)((char *)record + f->offset);
}

struct str *
field_str(const struct field *f, void *record)
{
	assert(kinds[f->kind].text);
	return (struct str *)(void *)((char *)record + f->offset);
}

bool
field_given(const struct field *f, const void *record)
{
	union cell s = cell_of(f, record);

	return cell_given(f, &s);
}

/* ---- showing ---- */

static struct value *
shown(const struct field *f, const void *record, struct arena *a)
{
	struct value *v = value_null(a);
	union cell s = cell_of(f, record);

	if (cell_given(f, &s))
		kinds[f->kind].show(f, &s, v, a);
	else if (f->kind == KIND_FILES)
		v->kind = V_LIST;                /* whoever counts them finds none */
	return v;
}

void
field_show(const struct field *f, const void *record, struct value *map, struct arena *a)
{
	map_add_str(map, f->key, shown(f, record, a));
}

struct value *
entity_show(const struct entity *e, const void *record, unsigned want, struct arena *a)
{
	struct value *map = value_map(a);

	if (e->head) {
		const struct entity_head *head = record;

		map_int(a, map, "id", head->id ? head->id : NONE);
		map_int(a, map, "version", head->version ? head->version : NONE);
		map_time(a, map, "created_at", head->created_at);
		map_time(a, map, "changed_at", head->changed_at);
	}
	for (int i = 0; i < e->n; i++) {
		const struct field *f = &e->fields[i];

		if (!(f->flags & SECRET) && (!want || (f->flags & want)))
			field_show(f, record, map, a);
	}
	return map;
}

/* ---- comparing ---- */

static struct value *
change(const struct field *f, const void *from, const void *to, struct arena *a)
{
	struct value *pair = value_list(a);

	if (f->flags & SECRET) {
		list_add(pair, value_str(a, STR("(changed)")));
		list_add(pair, value_str(a, STR("(changed)")));
	} else {
		list_add(pair, from ? shown(f, from, a) : value_null(a));
		list_add(pair, shown(f, to, a));
	}
	return pair;
}

static bool
differs(const struct field *f, const void *from, const void *to)
{
	union cell old, new = cell_of(f, to);

	if (from)
		old = cell_of(f, from);
	else
		cell_clear(f, &old);
	return !cell_equal(f, &old, &new);
}

struct value *
entity_diff(const struct entity *e, const void *from, const void *to, struct arena *a)
{
	struct value *map = NULL;

	for (int i = 0; i < e->n; i++)
		if (differs(&e->fields[i], from, to)) {
			if (!map)
				map = value_map(a);
			map_add_str(map, e->fields[i].key, change(&e->fields[i], from, to, a));
		}
	return map;
}

/* ---- completeness ---- */

static bool
has_fault(const struct err *err, const struct field *f)
{
	for (const struct field_err *fault = err->fields; fault; fault = fault->next)
		if (str_eq(fault->field, f->key))
			return true;
	return false;
}

/* OPEN: it may be given, or what it depends on is not given yet. */
enum wanted { WANTED, UNWANTED, OPEN };

static enum wanted
wanted(const struct entity *e, const struct field *f, const void *record)
{
	const struct field *other;
	union cell s;
	uint64_t codes;

	if (!f->condition)
		return WANTED;
	other = entity_field(e, str_c(f->condition->field));
	assert(other && !kinds[other->kind].text);
	s = cell_of(other, record);
	if (s.i == NONE)
		return OPEN;
	codes = other->kind == KIND_MULTI ? (uint64_t)s.i : s.i >= 0 && s.i < 64 ? UINT64_C(1) << s.i : 0;
	if (codes & f->condition->codes & ~f->condition->optional)
		return WANTED;
	return codes & f->condition->optional ? OPEN : UNWANTED;
}

bool
entity_complete(const struct entity *e, const void *record, unsigned required, struct err *err)
{
	bool complete = true;

	for (int i = 0; i < e->n; i++) {
		const struct field *f = &e->fields[i];
		struct str other = f->condition ? str_c(f->condition->field) : STR_NONE;
		enum wanted w = wanted(e, f, record);
		bool given = field_given(f, record);

		if ((f->flags & SYSTEM) || has_fault(err, f))
			continue;
		if (w == WANTED && !given && (f->flags & required))
			complete = err_field(err, f->key, f->label, FAULT_F_MISSING, 0, other);
		else if (w == UNWANTED && given)
			complete = err_field(err, f->key, f->label, FAULT_F_EMPTY_WANTED, 0, other);
	}
	return complete;
}
