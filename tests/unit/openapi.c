/* The description of the interface: complete, without loose ends, and the same as the tables. */
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "http/render.h"
#include "http/route.h"
#include "tap.h"

static struct arena *a;
static struct value *top;

static const char *
method_name(enum method m)
{
	return m == METHOD_GET ? "get" : m == METHOD_POST ? "post" : m == METHOD_PUT ? "put" : "delete";
}

static struct value *
operation(const struct route *r)
{
	struct value *path = value_get(value_get(top, "paths"), r->path);

	return path ? value_get(path, method_name(r->method)) : NULL;
}

/* What "#/a/b" points to. */
static const struct value *
target(struct str pointer)
{
	const struct value *v = top;
	struct str part;

	str_split(&pointer, '/', &part);
	while (v && str_split(&pointer, '/', &part))
		v = value_get(v, arena_c(a, part));
	return v;
}

static int
count_loose(const struct value *v)
{
	const struct value *m;
	int n = 0;

	if (str_is(v->name, "$ref") && !target(v->s)) {
		printf("# %.*s\n", STR_FMT(v->s));
		n++;
	}
	if (v->kind == V_MAP || v->kind == V_LIST)
		for (m = v->first; m; m = m->next)
			n += count_loose(m);
	return n;
}

static const struct value *
parameter(const struct value *operation_value, const char *name, const char *in)
{
	const struct value *p;

	for (p = value_get(operation_value, "parameters")->first; p; p = p->next)
		if (str_is(value_text(value_get(p, "name")), name) && str_is(value_text(value_get(p, "in")), in))
			return p;
	return NULL;
}

static bool
names_path(const struct route *r, const struct value *o)
{
	struct str rest = str_c(r->path), part, name;

	str_split(&rest, '{', &part);
	while (str_split(&rest, '{', &part)) {
		str_split(&part, '}', &name);
		if (!parameter(o, arena_c(a, name), "path"))
			return false;
	}
	return true;
}

static bool
names_query(const struct route *r, const struct value *o)
{
	const struct query_param *q;

	for (q = r->query; q && q->name; q++)
		if (!parameter(o, q->name, "query"))
			return false;
	return true;
}

static bool
tells_rights(const struct route *r, const struct value *o)
{
	const struct value *security = value_get(o, "security");

	return (r->roles & ROLE_STRANGER) ? security && security->n == 0 : !security;
}

static void
test_routes(void)
{
	int i, good = 0;

	for (i = 0; i < route_count; i++) {
		const struct route *r = &routes[i];
		const struct value *o = operation(r);

		if (o && str_is(value_text(value_get(o, "operationId")), r->name) && names_path(r, o) &&
		    names_query(r, o) && tells_rights(r, o) && (value_get(o, "requestBody") != NULL) == (r->input != NULL))
			good++;
		else
			printf("# %s\n", r->name);
	}
	is_int(good, route_count, "every route is told as the table has it");
}

static void
test_schema(void)
{
	const struct value *schema = target(STR("#/components/schemas/report"));
	const struct value *input = target(STR("#/components/schemas/in_review")), *properties;

	if (ok(schema != NULL, "a report is described")) {
		properties = value_get(schema, "properties");
		ok(value_get(properties, "id") && value_get(properties, "report_no") && value_get(properties, "state"),
		    "with what every answer on it has");
	}
	if (ok(input != NULL, "a verb's input is described")) {
		properties = value_get(input, "properties");
		ok(value_get(properties, "level_reviewed") != NULL, "with its fields");
		is_int(value_get(input, "additionalProperties") ? value_get(input, "additionalProperties")->i : 1, 0,
		    "and no others");
	}
	schema = target(STR("#/components/schemas/account"));
	ok(!schema || !value_get(value_get(schema, "properties"), "password"), "what is secret is not there");
}

int
main(void)
{
	struct err err = { 0 };
	struct value *again;

	a = arena_new();
	err.arena = a;
	top = openapi(a);
	is_str(value_text(value_get(top, "openapi")), "3.1.0", "OpenAPI 3.1");
	ok(json_parse(a, json_text(a, top), &again, &err) && value_equal(top, again), "as JSON, no name twice");
	is_int(count_loose(top), 0, "every reference leads somewhere");
	test_routes();
	test_schema();
	arena_free(a);
	return done_testing();
}
