/* Input into a record: everything that a client can send is looked at here, and every fault is named. */
#include "model/entity.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "model/kind.h"

#define FAULTS_NAMED 100         /* more than that help nobody */

/* An input being read into a record. */
struct work {
	const struct entity *entity;
	const struct entity_input *input;
	void *record;
	struct arena *arena;
	struct err *err;
	int faults;
	bool stale;                      /* the caller has an old version before him */
	bool good;
};

int64_t
entity_expected(const struct value *in)
{
	const struct value *version = value_get(in, "version");
	int64_t n = 0;

	if (version && version->kind == V_INT)
		return version->i;
	return version && version->kind == V_STR && str_int(str_trim(version->s), &n) ? n : 0;
}

static void
refuse(struct work *w, struct str name, const char *label, enum fault fault)
{
	w->good = false;
	err_field(w->err, harmless(w->arena, name, 80), label, fault, 0, STR_NONE);
	w->faults++;
}

/* ---- forms: several texts, or none, for one name ---- */

/*
 * What the texts of one name mean: NULL for none ("" says nothing), the text, or for a kind that takes many
 * a list of them. Two texts where one is wanted stay a list, which no such kind reads.
 */
static const struct value *
form_texts(const struct field *f, const struct value *v, struct arena *a)
{
	struct value *list = value_list(a);

	if (v->kind == V_STR && str_trim(v->s).n > 0)
		list_add(list, value_str(a, v->s));
	else if (v->kind == V_LIST)
		for (const struct value *item = v->first; item; item = item->next)
			if (item->kind == V_STR && str_trim(item->s).n > 0)
				list_add(list, value_str(a, item->s));
	if (list->n == 0)
		return NULL;
	return kinds[f->kind].many || list->n > 1 ? list : list->first;
}

/* The field and the choice of a name like "os_version.windows"; NULL when it is none. */
static const struct field *
part_of(const struct entity *e, struct str name, const struct choice **ret_choice)
{
	struct str rest = name, field_name;
	const struct field *f;

	if (!str_split(&rest, '.', &field_name) || !rest.p)
		return NULL;
	f = entity_field(e, field_name);
	if (!f || f->kind != KIND_PER_CHOICE)
		return NULL;
	*ret_choice = choice_by_id(f->choices, rest);
	return *ret_choice ? f : NULL;
}

/* The parts of a PER_CHOICE as the one value that they are. NULL: none has a text. */
static const struct value *
form_parts(const struct entity *e, const struct field *f, const struct value *in, struct arena *a)
{
	struct value *parts = value_map(a);

	for (const struct value *v = in->first; v; v = v->next) {
		const struct choice *c = NULL;
		const struct value *text;

		if (part_of(e, v->name, &c) != f || value_get(parts, c->id))
			continue;
		text = form_texts(f, v, a);
		if (text && text->kind == V_STR)
			map_str(a, parts, c->id, text->s);
		else if (text)
			map_add(parts, c->id, value_list(a));    /* which is refused as no text */
	}
	return parts->n ? parts : NULL;
}

/* ---- one field ---- */

/* True when JSON says what the shown value is. */
static bool
same_json(const struct value *ours, const struct value *theirs, struct arena *a)
{
	const struct value *x, *y;

	switch (ours->kind) {
	case V_TIME:
		return theirs->kind == V_STR && str_eq(theirs->s, time_rfc3339(a, ours->i));
	case V_STR:
	case V_TERM:
		return theirs->kind == V_STR && str_eq(ours->s, theirs->s);
	case V_LIST:
	case V_MAP:
		if (theirs->kind != ours->kind || theirs->n != ours->n)
			return false;
		for (x = ours->first, y = theirs->first; x; x = x->next, y = y->next)
			if (!str_eq(x->name, y->name) || !same_json(x, y, a))
				return false;
		return true;
	default:
		return theirs->kind == ours->kind && theirs->i == ours->i;
	}
}

/*
 * What was shown, sent back as it was: it stays as it is, whatever the limits are by now. So do the seconds
 * of a time, which a form does not show.
 */
static bool
says_the_same(const struct work *w, const struct field *f, const struct value *v, const union cell *now)
{
	struct value *shown;

	if (!cell_given(f, now))
		return false;
	if (w->input->form)
		return v->kind == V_STR &&
		    str_eq(v->s, kinds[f->kind].form(f, now, w->input->local, w->arena));
	shown = value_null(w->arena);
	kinds[f->kind].show(f, now, shown, w->arena);
	return same_json(shown, v, w->arena);
}

/* The new value of a field, or the old one where the input says the same. v NULL or null: not given. */
static bool
read_cell(struct work *w, const struct field *f, const struct value *v, struct err *err, union cell *ret)
{
	const struct reading r = { f, w->input->local, w->input->form, w->arena, err };
	union cell now = cell_of(f, w->record);

	cell_clear(f, ret);
	if (!v || v->kind == V_NULL)
		return true;
	if (says_the_same(w, f, v, &now)) {
		*ret = now;
		return true;
	}
	return kinds[f->kind].read(&r, v, ret);
}

/* A field that this caller may not change: only what the record says already is let pass. */
static void
read_fixed(struct work *w, const struct field *f, const struct value *v)
{
	const bool system = (f->flags & SYSTEM) || f->kind == KIND_FLAGS;
	union cell now = cell_of(f, w->record), new;

	if (!(f->flags & SECRET) && read_cell(w, f, v, NULL, &new) && cell_equal(f, &now, &new))
		return;
	if (!w->stale || (f->flags & SECRET))
		refuse(w, f->key, f->label, system ? FAULT_F_SYSTEM : FAULT_F_FIXED);
}

static void
read_field(struct work *w, const struct field *f, const struct value *v)
{
	union cell new;

	if (!field_open(f, w->input->editors, w->input->whens)) {
		read_fixed(w, f, v);
		return;
	}
	if (read_cell(w, f, v, w->err, &new)) {
		cell_put(f, w->record, &new);
	} else {
		w->good = false;
		w->faults++;
	}
}

/* ---- the head, and names beside the fields ---- */

/* True when v says this number, or nothing where there is none. */
static bool
says_number(const struct value *v, int64_t number)
{
	int64_t n = 0;

	if (v->kind == V_INT)
		n = v->i;
	else if (v->kind == V_STR && v->s.n && !str_int(v->s, &n))
		return false;
	else if (v->kind != V_STR && v->kind != V_NULL)
		return false;
	return n == number;
}

static bool
says_time(const struct value *v, int64_t time)
{
	int64_t t = NO_TIME;

	if (v->kind == V_STR && v->s.n && !time_parse(v->s, zone_utc(), &t))
		return false;
	return (v->kind == V_STR || v->kind == V_NULL) && t == time;
}

/* id, created_at and changed_at as they are; version is the update's business. False: it is none of these. */
static bool
read_head(struct work *w, const struct value *v)
{
	const struct entity_head *head = w->record;
	bool same;

	if (!w->entity->head)
		return false;
	if (str_is(v->name, "id"))
		same = says_number(v, head->id);
	else if (str_is(v->name, "version"))
		same = says_number(v, head->version) || w->stale || (says_number(v, 0) && v->kind != V_INT);
	else if (str_is(v->name, "created_at"))
		same = says_time(v, head->created_at);
	else if (str_is(v->name, "changed_at"))
		same = says_time(v, head->changed_at) || w->stale;
	else
		return false;
	if (!same)
		refuse(w, v->name, NULL, FAULT_F_SYSTEM);
	return true;
}

static bool
is_beside(const struct work *w, struct str name)
{
	static const char *const usual[] = { "actions", NULL };
	const char *const *names = w->input->beside ? w->input->beside : usual;

	for (; *names; names++)
		if (str_is(name, *names))
			return true;
	return false;
}

/* True when v is the first of the parts of a PER_CHOICE: the whole of it is read then. */
static bool
first_part(const struct work *w, const struct field *f, const struct value *v)
{
	const struct choice *c;

	for (const struct value *earlier = w->input->in->first; earlier != v; earlier = earlier->next)
		if (part_of(w->entity, earlier->name, &c) == f)
			return false;
	return true;
}

/* Texts for each choice, or one for all; both cannot be kept, and none is dropped in silence. */
static void
read_form_parts(struct work *w, const struct field *f)
{
	const struct value *whole = value_get(w->input->in, f->name);
	const struct value *text = whole ? form_texts(f, whole, w->arena) : NULL;
	const struct value *parts = form_parts(w->entity, f, w->input->in, w->arena);

	if (text && parts)
		refuse(w, f->key, f->label, FAULT_F_TYPE);
	else
		read_field(w, f, text ? text : parts);
}

static void
read_form_member(struct work *w, const struct value *v)
{
	const struct field *f = entity_field(w->entity, v->name);
	const struct choice *choice;

	if (f && f->kind != KIND_PER_CHOICE) {
		read_field(w, f, form_texts(f, v, w->arena));
		return;
	}
	if (f) {
		read_form_parts(w, f);
		return;
	}
	f = part_of(w->entity, v->name, &choice);
	if (f) {
		if (first_part(w, f, v) && !value_get(w->input->in, f->name))
			read_form_parts(w, f);
		return;
	}
	if (!read_head(w, v) && !is_beside(w, v->name))
		refuse(w, v->name, NULL, FAULT_F_UNKNOWN);
}

static void
read_member(struct work *w, const struct value *v)
{
	const struct field *f = entity_field(w->entity, v->name);

	if (f)
		read_field(w, f, v);
	else if (!read_head(w, v) && !is_beside(w, v->name))
		refuse(w, v->name, NULL, FAULT_F_UNKNOWN);
}

bool
entity_read(const struct entity *e, const struct entity_input *input, void *record, struct arena *a,
    struct err *err)
{
	struct work w = { .entity = e, .input = input, .record = record, .arena = a, .err = err,
	    .good = true };
	int64_t expected = entity_expected(input->in);

	if (!err->arena)
		err->arena = a;
	if (input->in->kind != V_MAP) {
		refuse(&w, STR(""), NULL, FAULT_F_TYPE);
		return false;
	}
	if (e->head && expected > 0 && ((const struct entity_head *)record)->version > 0)
		w.stale = expected != ((const struct entity_head *)record)->version;
	for (const struct value *v = input->in->first; v && w.faults < FAULTS_NAMED; v = v->next)
		if (input->form)
			read_form_member(&w, v);
		else
			read_member(&w, v);
	return w.good;
}

/* ---- from a trusted map ---- */

static struct str
joined_lines(const struct value *list, struct arena *a)
{
	struct buf b = { .arena = a };

	for (const struct value *line = list->first; line; line = line->next) {
		if (b.n)
			buf_char(&b, '\n');
		buf_put(&b, value_text(line));
	}
	return buf_str(&b);
}

/* The cell of a value as it was shown once: no limit is looked at, for it may have changed since. */
static bool
restore_cell(const struct field *f, const struct value *v, union cell *ret, struct arena *a)
{
	const struct reading r = { .field = f, .arena = a };

	cell_clear(f, ret);
	if (v->kind == V_NULL)
		return true;
	if (f->kind == KIND_PER_CHOICE)
		ret->s = json_text(a, v);
	else if (f->kind == KIND_FILES)
		return kinds[f->kind].read(&r, v, ret);
	else if (kinds[f->kind].text && v->kind == V_LIST)
		ret->s = joined_lines(v, a);
	else if (kinds[f->kind].text)
		ret->s = arena_dup(a, value_text(v));
	else if (v->kind == V_INT || v->kind == V_BOOL)
		ret->i = v->i;
	else
		return kinds[f->kind].read(&r, v, ret);
	return true;
}

void
entity_restore(const struct entity *e, const struct value *map, void *record, struct arena *a)
{
	for (const struct value *v = map->first; v; v = v->next) {
		const struct field *f = entity_field(e, v->name);
		union cell s;

		if (f && !(f->flags & SECRET) && restore_cell(f, v, &s, a))
			cell_put(f, record, &s);
	}
}
