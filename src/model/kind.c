/*
 * The table of kinds, what they share, and the kinds that are numbers. Texts: kind_text.c; addresses and
 * URLs: kind_net.c.
 */
#include "model/kind.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"

/* ---- cells ---- */

union cell
cell_of(const struct field *f, const void *record)
{
	const char *member = (const char *)record + f->offset;
	union cell s;

	if (kinds[f->kind].text)
		memcpy(&s.s, member, sizeof(s.s));
	else
		memcpy(&s.i, member, sizeof(s.i));
	return s;
}

void
cell_put(const struct field *f, void *record, const union cell *s)
{
	char *member = (char *)record + f->offset;

	if (kinds[f->kind].text)
		memcpy(member, &s->s, sizeof(s->s));
	else
		memcpy(member, &s->i, sizeof(s->i));
}

void
cell_clear(const struct field *f, union cell *s)
{
	if (kinds[f->kind].text)
		s->s = STR_NONE;
	else
		s->i = NONE;
}

bool
cell_given(const struct field *f, const union cell *s)
{
	return kinds[f->kind].text ? s->s.p != NULL : s->i != NONE;
}

bool
cell_equal(const struct field *f, const union cell *a, const union cell *b)
{
	if (!kinds[f->kind].text)
		return a->i == b->i;
	return !a->s.p == !b->s.p && str_eq(a->s, b->s);
}

/* ---- faults ---- */

bool
reading_fault(const struct reading *r, enum fault fault, int64_t limit, struct str detail)
{
	if (r->err)
		err_field(r->err, r->field->key, r->field->label, fault, limit,
		    harmless(r->arena, detail, 80));
	return false;
}

static const char *
json_type(const struct value *v)
{
	switch (v->kind) {
	case V_NULL:
		return "null";
	case V_BOOL:
		return "boolean";
	case V_INT:
		return "integer";
	case V_REAL:
		return "number with a fraction";
	case V_STR:
	case V_TIME:
	case V_TERM:
		return "string";
	case V_LIST:
		return "list";
	case V_MAP:
		return "object";
	}
	return "nothing";
}

bool
reading_type(const struct reading *r, const struct value *v)
{
	if (!r->err)
		return false;
	return reading_fault(r, FAULT_F_TYPE, 0,
	    arena_printf(r->arena, "%s, not %s", kinds[r->field->kind].json, json_type(v)));
}

/* ---- numbers ---- */

static bool
out_of_range(const struct reading *r, int64_t limit)
{
	const struct field *f = r->field;

	return reading_fault(r, FAULT_F_RANGE, limit,
	    arena_printf(r->arena, "%lld–%lld", (long long)f->min, (long long)f->max));
}

/* A whole number. On a form, what is no number is out of range as well: the words tell what would fit. */
static bool
read_int(const struct reading *r, const struct value *v, union cell *ret)
{
	const struct field *f = r->field;
	int64_t i = v->i;

	if (r->form && v->kind == V_STR) {
		if (!utf8_ok(v->s) || !str_int(str_trim(narrow(r->arena, v->s)), &i))
			return out_of_range(r, f->max);
	} else if (v->kind != V_INT) {
		return reading_type(r, v);
	}
	if (i < f->min || i > f->max)
		return out_of_range(r, i < f->min ? f->min : f->max);
	ret->i = i;
	return true;
}

static void
show_int(const struct field *f, const union cell *in, struct value *v, struct arena *a)
{
	(void)f;
	(void)a;
	v->kind = V_INT;
	v->i = in->i;
}

static struct str
form_int(const struct field *f, const union cell *in, const struct zone *local, struct arena *a)
{
	struct buf b = { .arena = a };

	(void)f;
	(void)local;
	buf_int(&b, in->i);
	return buf_str(&b);
}

/* The id of a record: positive, and exact in every JSON reader. */
static bool
read_ref(const struct reading *r, const struct value *v, union cell *ret)
{
	int64_t i = v->i;

	if (r->form && v->kind == V_STR) {
		if (!str_int(str_trim(v->s), &i))
			return reading_fault(r, FAULT_F_REF, 0, v->s);
	} else if (v->kind != V_INT) {
		return reading_type(r, v);
	}
	if (i < 1 || i >= INT64_C(1) << 53)
		return reading_fault(r, FAULT_F_REF, 0, arena_printf(r->arena, "%lld", (long long)i));
	ret->i = i;
	return true;
}

static bool
read_bool(const struct reading *r, const struct value *v, union cell *ret)
{
	if (v->kind == V_BOOL) {
		ret->i = v->i != 0;
		return true;
	}
	if (!r->form || v->kind != V_STR)
		return reading_type(r, v);
	if (!str_is(v->s, "yes") && !str_is(v->s, "no"))
		return reading_fault(r, FAULT_F_CHOICE, 0, v->s);
	ret->i = str_is(v->s, "yes");
	return true;
}

static void
show_bool(const struct field *f, const union cell *in, struct value *v, struct arena *a)
{
	(void)f;
	(void)a;
	v->kind = V_BOOL;
	v->i = in->i != 0;
}

static struct str
form_bool(const struct field *f, const union cell *in, const struct zone *local, struct arena *a)
{
	(void)f;
	(void)local;
	(void)a;
	return in->i ? STR("yes") : STR("no");
}

/* ---- time ---- */

static bool
read_time(const struct reading *r, const struct value *v, union cell *ret)
{
	const struct civil from = { .year = 2000, .month = 1, .day = 1 },
	    to = { .year = 2101, .month = 1, .day = 1 };
	const struct zone *local = r->local ? r->local : zone_utc();
	int64_t t = v->i;

	if (v->kind != V_TIME && v->kind != V_STR)
		return reading_type(r, v);
	if (v->kind == V_STR && (!utf8_ok(v->s) || !time_parse(str_trim(narrow(r->arena, v->s)), local, &t)))
		return reading_fault(r, FAULT_F_TIME, 0, v->s);
	if (t < civil_time(&from, zone_utc()) || t >= civil_time(&to, zone_utc()))
		return reading_fault(r, FAULT_F_TIME, 0, v->kind == V_STR ? v->s : time_rfc3339(r->arena, t));
	ret->i = t;
	return true;
}

static void
show_time(const struct field *f, const union cell *in, struct value *v, struct arena *a)
{
	(void)f;
	(void)a;
	v->kind = V_TIME;
	v->i = in->i;
}

/* As an input element of type datetime-local has it: to the minute. */
static struct str
form_time(const struct field *f, const union cell *in, const struct zone *local, struct arena *a)
{
	struct civil c = civil_of(in->i, local ? local : zone_utc());

	(void)f;
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d", (int)c.year, c.month, c.day, c.hour, c.minute);
}

/* ---- choices ---- */

static bool
read_enum(const struct reading *r, const struct value *v, union cell *ret)
{
	const struct choice *c;

	if (v->kind != V_STR && v->kind != V_TERM)
		return reading_type(r, v);
	c = choice_by_id(r->field->choices, v->s);
	if (!c)
		return reading_fault(r, FAULT_F_CHOICE, 0, v->s);
	ret->i = c->code;
	return true;
}

static void
term(struct value *v, const struct choice *c)
{
	v->kind = V_TERM;
	v->s = c->key;
	v->term = c->msg;
}

static void
show_enum(const struct field *f, const union cell *in, struct value *v, struct arena *a)
{
	const struct choice *c = choice_by_code(f->choices, in->i);

	(void)a;
	if (c)
		term(v, c);
}

static struct str
form_enum(const struct field *f, const union cell *in, const struct zone *local, struct arena *a)
{
	const struct choice *c = choice_by_code(f->choices, in->i);

	(void)local;
	(void)a;
	return c ? c->key : STR("");
}

/* "none" is an answer of its own and goes with no other. */
static bool
alone(const struct reading *r, int64_t set)
{
	const struct choice *none = choice_by_id(r->field->choices, STR("none"));

	if (!none || (set & INT64_C(1) << none->code) == 0 || set == INT64_C(1) << none->code)
		return true;
	return reading_fault(r, FAULT_F_CHOICE, 0, none->key);
}

static bool
read_set(const struct reading *r, const struct value *v, union cell *ret)
{
	bool good = true;
	int64_t set = 0;

	if (v->kind != V_LIST)
		return reading_type(r, v);
	for (const struct value *item = v->first; item; item = item->next) {
		const struct choice *c;

		if (item->kind != V_STR && item->kind != V_TERM)
			return reading_type(r, item);
		c = choice_by_id(r->field->choices, item->s);
		if (c)
			set |= INT64_C(1) << c->code;
		else
			good = reading_fault(r, FAULT_F_CHOICE, 0, item->s);
	}
	if (!good || !alone(r, set))
		return false;
	ret->i = set ? set : NONE;
	return true;
}

static void
show_set(const struct field *f, const union cell *in, struct value *v, struct arena *a)
{
	v->kind = V_LIST;
	for (int i = 0; i < f->choices->n; i++)
		if ((in->i & INT64_C(1) << f->choices->list[i].code) != 0)
			term(list_add(v, arena_make(a, struct value)), &f->choices->list[i]);
}

static struct str
form_set(const struct field *f, const union cell *in, const struct zone *local, struct arena *a)
{
	struct buf b = { .arena = a };

	(void)local;
	for (int i = 0; i < f->choices->n; i++)
		if ((in->i & INT64_C(1) << f->choices->list[i].code) != 0) {
			if (b.n)
				buf_char(&b, ' ');
			buf_put(&b, f->choices->list[i].key);
		}
	return buf_str(&b);
}

/* ---- the table ---- */

#define IS(word) word, "is_" word
const struct kind_ops kinds[KIND__MAX] = {
	[KIND_TEXT] = { IS("text"), true, false, WIDGET_LINE, "string", read_text, show_text, form_text },
	[KIND_LONG] = { IS("long"), true, false, WIDGET_AREA, "string", read_long, show_text, form_text },
	[KIND_PHONE] = { IS("phone"), true, false, WIDGET_LINE, "string", read_phone, show_text, form_text },
	[KIND_EMAIL] = { IS("email"), true, false, WIDGET_LINE, "string", read_email, show_text, form_text },
	[KIND_ADDRESSES] = { IS("addresses"), true, true, WIDGET_AREA, "list of strings or string",
	    read_addresses, show_addresses, form_text },
	[KIND_HOSTS] = { IS("hosts"), true, true, WIDGET_AREA, "list of strings or string", read_hosts,
	    show_addresses, form_text },
	[KIND_URLS] = { IS("urls"), true, true, WIDGET_AREA, "list of strings or string", read_urls,
	    show_urls, form_urls },
	[KIND_FILES] = { IS("files"), true, false, WIDGET_LINE, "list of objects", read_files, show_files,
	    form_files },
	[KIND_PER_CHOICE] = { IS("per_choice"), true, false, WIDGET_PARTS, "object of strings or string",
	    read_per_choice, show_per_choice, form_per_choice },
	[KIND_INT] = { IS("int"), false, false, WIDGET_LINE, "integer", read_int, show_int, form_int },
	[KIND_BOOL] = { IS("bool"), false, false, WIDGET_RADIO, "boolean", read_bool, show_bool, form_bool },
	[KIND_ENUM] = { IS("enum"), false, false, WIDGET_RADIO, "string", read_enum, show_enum, form_enum },
	[KIND_LEVEL] = { IS("level"), false, false, WIDGET_RADIO, "integer", read_int, show_int, form_int },
	[KIND_MULTI] = { IS("multi"), false, true, WIDGET_BOXES, "list of strings", read_set, show_set,
	    form_set },
	[KIND_TIME] = { IS("time"), false, false, WIDGET_LINE, "string", read_time, show_time, form_time },
	[KIND_REF] = { IS("ref"), false, false, WIDGET_RADIO, "integer", read_ref, show_int, form_int },
	[KIND_FLAGS] = { IS("flags"), false, true, WIDGET_BOXES, "list of strings", read_set, show_set,
	    form_set },
};
