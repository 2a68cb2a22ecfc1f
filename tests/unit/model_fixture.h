/* A record with a field of every kind, and short ways to read, show and look at faults. */
#ifndef UNIT_MODEL_FIXTURE_H
#define UNIT_MODEL_FIXTURE_H

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "model/report.h"

static const struct choice soft_list[] = {
	CHOICE("soft", "red", 0), CHOICE("soft", "green", 1), CHOICE("soft", "blue", 5),
	    CHOICE("soft", "none", 3),
};
static const struct choices choices_soft = { "soft", soft_list, 4, NULL };
static const struct condition if_red = { "one", 1, 0 }, if_red_perhaps_green = { "one", 1 | 2, 2 };

#define SAMPLE(F) \
	F(text, TEXT, REQUIRED, BY_P, OPEN, 1, 10, NULL, NULL) \
	F(story, LONG, 0, BY_P, OPEN, 1, 20, NULL, NULL) \
	F(phone, PHONE, 0, BY_P, OPEN, 3, 40, NULL, NULL) \
	F(email, EMAIL, 0, BY_P, OPEN, 3, 254, NULL, NULL) \
	F(ips, ADDRESSES, 0, BY_P, OPEN, 0, 200, NULL, NULL) \
	F(hosts, HOSTS, 0, BY_P, OPEN, 0, 300, NULL, NULL) \
	F(urls, URLS, 0, BY_P, OPEN, 0, 300, NULL, NULL) \
	F(each, PER_CHOICE, 0, BY_P, OPEN, 1, 8, &choices_soft, NULL) \
	F(count, INT, 0, BY_P, OPEN, 0, 500, NULL, NULL) \
	F(yes, BOOL, 0, BY_P, OPEN, 0, 0, NULL, NULL) \
	F(one, ENUM, 0, BY_P, OPEN, 0, 0, &choices_soft, NULL) \
	F(level, LEVEL, 0, BY_P, OPEN, 1, 4, NULL, NULL) \
	F(many, MULTI, 0, BY_P, OPEN, 0, 0, &choices_soft, NULL) \
	F(at, TIME, 0, BY_P, OPEN, 0, 0, NULL, NULL) \
	F(ref, REF, 0, BY_P, OPEN, 0, 0, NULL, NULL) \
	F(why, TEXT, REQUIRED, BY_P, OPEN, 1, 10, NULL, &if_red) \
	F(how, TEXT, REQUIRED, BY_P, OPEN, 1, 10, NULL, &if_red_perhaps_green) \
	F(draft_only, TEXT, 0, BY_P, DRAFT, 1, 10, NULL, NULL) \
	F(reviewers, TEXT, 0, BY_V, OPEN, 1, 10, NULL, NULL) \
	F(flags, FLAGS, SYSTEM, BY_S, ALWAYS, 0, 0, &choices_soft, NULL) \
	F(state, ENUM, SYSTEM|IN_LIST, BY_S, ALWAYS, 0, 0, &choices_soft, NULL) \
	F(secret, TEXT, SYSTEM|SECRET, BY_S, ALWAYS, 0, 100, NULL, NULL)
struct sample { ENTITY_HEAD; SAMPLE(FIELD_MEMBER) };
#define SAMPLE_ROW(...) FIELD_ROW(sample, __VA_ARGS__)
static const struct field sample_fields[] = { SAMPLE(SAMPLE_ROW) };
static const struct entity sample_entity = ENTITY(sample, sample_fields, true);

static struct arena *a;

/* A JSON text as a value; single quotes stand for double ones. */
static inline struct value *
value_of(const char *text)
{
	char *json = arena_c(a, str_c(text));
	struct err err = { .arena = a };
	struct value *v = NULL;

	for (char *p = json; *p; p++)
		if (*p == '\'')
			*p = '"';
	if (!json_parse(a, str_c(json), &v, &err))
		printf("# no JSON: %s\n", text);
	return v;
}

static inline bool
read_as(const struct value *in, bool form, void *record, struct err *err)
{
	const struct entity_input input = {
		.in = in, .editors = BY_P, .whens = 1u << WHEN_OPEN, .form = form,
		    .local = zone_find(STR("Asia/Taipei")),
	};

	*err = (struct err){ .arena = a };
	return entity_read(&sample_entity, &input, record, a, err);
}

static inline bool
read_json(const char *text, struct sample *s, struct err *err)
{
	return read_as(value_of(text), false, s, err);
}

static inline bool
read_form(const char *text, struct sample *s, struct err *err)
{
	return read_as(value_of(text), true, s, err);
}

static inline struct sample *
sample_new(void)
{
	return entity_new(&sample_entity, a);
}

static inline const struct field_err *
fault_of(const struct err *err, const char *field)
{
	const struct field_err *f = err->fields;

	while (f && !str_is(f->field, field))
		f = f->next;
	return f;
}

static inline enum fault
fault_at(const struct err *err, const char *field)
{
	const struct field_err *f = fault_of(err, field);

	return f ? f->fault : FAULT_NONE;
}

/* One field shown, as JSON. */
static inline struct str
shown(const struct entity *e, const void *record, const char *name)
{
	struct value *map = value_map(a);

	field_show(entity_field(e, str_c(name)), record, map, a);
	return json_text(a, map->first);
}

#endif
