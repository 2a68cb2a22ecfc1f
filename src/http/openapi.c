/* The interface described by itself: OpenAPI 3.1 from the route table and the entity tables. */
#include "http/render.h"

#include <string.h>

#include "base/arena.h"
#include "http/private.h"
#include "model/roles.h"

/* What one field says, in a body (input) or in an answer. */
enum side { INPUT, OUTPUT };

/* ---- small pieces ---- */

static struct value *
text(struct arena *a, struct value *map, const char *key, const char *words)
{
	return map_add(map, key, value_str(a, str_c(words)));
}

static void
reference(struct arena *a, struct value *map, const char *kind, struct str name)
{
	map_str(a, map, "$ref", arena_printf(a, "#/components/%s/%.*s", kind, STR_FMT(name)));
}

static struct value *
typed(struct arena *a, const char *type)
{
	struct value *v = value_map(a);

	text(a, v, "type", type);
	return v;
}

/* ---- fields ---- */

static struct value *
ids(struct arena *a, const struct choices *c)
{
	struct value *list = value_list(a);
	int i;

	for (i = 0; c && i < c->n; i++)
		list_add(list, value_str(a, c->list[i].key));
	return list;
}

static struct value *
text_schema(struct arena *a, const struct field *f, const char *format)
{
	struct value *v = typed(a, "string");

	if (format)
		text(a, v, "format", format);
	if (f->min > 0)
		map_int(a, v, "minLength", f->min);
	if (f->max > 0 && f->max < INT32_MAX)
		map_int(a, v, "maxLength", f->max);
	return v;
}

static struct value *
int_schema(struct arena *a, int64_t min, int64_t max)
{
	struct value *v = typed(a, "integer");

	text(a, v, "format", "int64");
	map_int(a, v, "minimum", min == INT64_MIN ? INT64_MIN + 1 : min);
	map_int(a, v, "maximum", max);
	return v;
}

static struct value *
list_schema(struct arena *a, struct value *items)
{
	struct value *v = typed(a, "array");

	map_add(v, "items", items);
	return v;
}

static struct value *
enum_schema(struct arena *a, const struct field *f)
{
	struct value *v = typed(a, "string");

	if (f->choices && f->choices->n)
		map_add(v, "enum", ids(a, f->choices));
	return v;
}

/* One of several ways to write it. */
static struct value *
either(struct arena *a, struct value *one, struct value *other)
{
	struct value *v = value_map(a), *list = map_list(a, v, "anyOf");

	list_add(list, one);
	list_add(list, other);
	return v;
}

static struct value *
per_choice_schema(struct arena *a, const struct field *f, enum side side)
{
	struct value *v = typed(a, "object");

	map_add(v, "additionalProperties", typed(a, "string"));
	return side == INPUT ? either(a, v, text_schema(a, f, NULL)) : v;
}

/* What a record's answer says of each of its files. */
static struct value *
files_schema(struct arena *a)
{
	static const char *const texts[] = { "name", "sha256", "by" };
	struct value *v = typed(a, "object"), *properties = map_map(a, v, "properties"), *state;
	size_t i;

	map_add(properties, "id", int_schema(a, 1, (INT64_C(1) << 53) - 1));
	map_add(properties, "size", int_schema(a, 1, INT64_MAX));
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		map_add(properties, texts[i], typed(a, "string"));
	text(a, map_add(properties, "at", typed(a, "string")), "format", "date-time");
	state = map_list(a, map_add(properties, "state", typed(a, "string")), "enum");
	list_add(state, value_str(a, STR("whole")));
	list_add(state, value_str(a, STR("withdrawn")));
	return list_schema(a, v);
}

static struct value *
bytes_schema(struct arena *a)
{
	struct value *v = typed(a, "string");

	text(a, v, "format", "binary");
	return v;
}

static struct value *
kind_schema(struct arena *a, const struct field *f, enum side side)
{
	switch (f->kind) {
	case KIND_TEXT:
	case KIND_LONG:
	case KIND_PHONE:
		return text_schema(a, f, NULL);
	case KIND_EMAIL:
		return text_schema(a, f, "email");
	case KIND_ADDRESSES:
	case KIND_HOSTS:
	case KIND_URLS:
		if (side == OUTPUT)
			return list_schema(a, typed(a, "string"));
		return either(a, list_schema(a, typed(a, "string")), text_schema(a, f, NULL));
	case KIND_FILES:
		return side == OUTPUT ? files_schema(a) : bytes_schema(a);
	case KIND_PER_CHOICE:
		return per_choice_schema(a, f, side);
	case KIND_INT:
		return int_schema(a, f->min, f->max);
	case KIND_LEVEL:
		return int_schema(a, 0, 4);
	case KIND_REF:
		return int_schema(a, 1, (INT64_C(1) << 53) - 1);
	case KIND_BOOL:
		return typed(a, "boolean");
	case KIND_ENUM:
		return enum_schema(a, f);
	case KIND_MULTI:
	case KIND_FLAGS:
		return list_schema(a, enum_schema(a, f));
	case KIND_TIME: {
		struct value *v = typed(a, "string");

		text(a, v, "format", "date-time");
		return v;
	}
	case KIND__MAX:
		break;
	}
	return value_map(a);
}

/* Absent values are null in answers, and null clears a field in a body. */
static struct value *
field_schema(struct arena *a, const struct field *f, enum side side)
{
	struct value *v = either(a, kind_schema(a, f, side), typed(a, "null"));

	if (msg_has(f->label))
		map_str(a, v, "title", msg(LANG_EN, f->label));
	if (field_hint(f))
		map_str(a, v, "description", msg(LANG_EN, field_hint(f)));
	return v;
}

/* ---- entities ---- */

static void
head_schema(struct arena *a, struct value *properties)
{
	map_add(properties, "id", int_schema(a, 1, (INT64_C(1) << 53) - 1));
	map_add(properties, "version", int_schema(a, 1, INT64_MAX));
	text(a, map_add(properties, "created_at", typed(a, "string")), "format", "date-time");
	text(a, map_add(properties, "changed_at", typed(a, "string")), "format", "date-time");
}

static struct value *
output_schema(struct arena *a, const struct entity *e)
{
	struct value *v = typed(a, "object"), *properties = map_map(a, v, "properties");
	int i;

	if (e->head)
		head_schema(a, properties);
	for (i = 0; i < e->n; i++)
		if (!(e->fields[i].flags & (SECRET | FORM_ONLY)))
			map_add_str(properties, e->fields[i].key, field_schema(a, &e->fields[i], OUTPUT));
	return v;
}

/*
 * A record may be sent as it was got, so that what stands beside its fields is allowed; a verb's input is
 * exact.
 */
static struct value *
input_schema(struct arena *a, const struct entity *e)
{
	struct value *v = typed(a, "object"), *properties = map_map(a, v, "properties"),
	    *required = value_list(a);
	int i;

	if (e->head)
		map_add(properties, "version", int_schema(a, 1, INT64_MAX));
	for (i = 0; i < e->n; i++) {
		const struct field *f = &e->fields[i];

		if ((f->flags & (SYSTEM | SECRET)) || f->kind == KIND_FILES)
			continue;
		map_add_str(properties, f->key, field_schema(a, f, INPUT));
		if (!e->head && (f->flags & REQUIRED) && !f->condition)
			list_add(required, value_str(a, f->key));
	}
	if (required->n)
		map_add(v, "required", required);
	if (!e->head)
		map_bool(a, v, "additionalProperties", false);
	return v;
}

static struct str
schema_name(struct arena *a, const struct entity *e, enum side side)
{
	return arena_printf(a, "%s%s", e->name, side == INPUT && e->head ? ".input" : "");
}

static void
add_schema(struct arena *a, struct value *schemas, const struct entity *e, enum side side)
{
	struct str name;

	if (!e || e == &body_bytes)
		return;
	name = schema_name(a, e, side);
	if (!value_get(schemas, arena_c(a, name)))
		map_add_str(schemas, name, side == INPUT ? input_schema(a, e) : output_schema(a, e));
}

/* ---- faults ---- */

static struct value *
field_fault_schema(struct arena *a)
{
	struct value *v = typed(a, "object"), *properties = map_map(a, v, "properties");

	map_add(properties, "field", typed(a, "string"));
	map_add(properties, "code", typed(a, "string"));
	map_add(properties, "message", typed(a, "string"));
	return v;
}

/* Only the codes that a request can be answered with. */
static struct value *
fault_schema(struct arena *a)
{
	struct value *v = typed(a, "object"), *properties = map_map(a, v, "properties"), *code, *codes,
	    *required;
	int f;

	code = map_add(properties, "code", typed(a, "string"));
	codes = map_list(a, code, "enum");
	for (f = FAULT_NONE + 1; f < FAULT__MAX; f++)
		if (fault_status((enum fault)f) >= 400)
			list_add(codes, value_str(a, str_c(fault_code((enum fault)f))));
	map_add(properties, "message", typed(a, "string"));
	map_add(properties, "detail", typed(a, "string"));
	map_add(properties, "fields", list_schema(a, field_fault_schema(a)));
	required = map_list(a, v, "required");
	list_add(required, value_str(a, STR("code")));
	list_add(required, value_str(a, STR("message")));
	return v;
}

/* ---- operations ---- */

static struct value *
json_content(struct arena *a, struct value *holder, struct value *schema)
{
	struct value *content = map_map(a, holder, "content"),
	    *json = map_map(a, content, "application/json");

	map_add(json, "schema", schema);
	return content;
}

static struct value *
schema_reference(struct arena *a, const struct entity *e, enum side side)
{
	struct value *v = value_map(a);

	reference(a, v, "schemas", schema_name(a, e, side));
	return v;
}

static void
add_path_parameters(struct arena *a, struct value *list, const struct route *r)
{
	struct str rest = str_c(r->path), part;

	str_split(&rest, '{', &part);
	while (str_split(&rest, '{', &part)) {
		struct value *p = list_add(list, value_map(a));
		struct str name;

		str_split(&part, '}', &name);
		map_str(a, p, "name", name);
		text(a, p, "in", "path");
		map_bool(a, p, "required", true);
		map_add(p, "schema", typed(a, "string"));
	}
}

static struct value *
query_schema(struct arena *a, const char *type)
{
	struct value *v;
	struct str rest = str_c(type), one;
	struct value *list;

	if (strcmp(type, "integer") == 0)
		return typed(a, "integer");
	v = typed(a, "string");
	if (strcmp(type, "text") == 0)
		return v;
	if (strcmp(type, "time") == 0) {
		text(a, v, "format", "date-time");
		return v;
	}
	list = map_list(a, v, "enum");
	while (str_split(&rest, '|', &one))
		list_add(list, value_str(a, one));
	return v;
}

static void
add_query_parameters(struct arena *a, struct value *list, const struct route *r)
{
	const struct query_param *q;

	for (q = r->query; q && q->name; q++) {
		struct value *p = list_add(list, value_map(a));

		text(a, p, "name", q->name);
		text(a, p, "in", "query");
		text(a, p, "description", q->doc);
		map_add(p, "schema", query_schema(a, q->type));
	}
	reference(a, list_add(list, value_map(a)), "parameters", STR("lang"));
	if (r->idempotent_key)
		reference(a, list_add(list, value_map(a)), "parameters", STR("idempotency-key"));
}

static void
add_body(struct arena *a, struct value *operation, const struct route *r)
{
	struct value *body, *content, *form;

	if (!r->input)
		return;
	body = map_map(a, operation, "requestBody");
	if (r->input == &body_bytes) {
		content = map_map(a, map_map(a, body, "content"), "application/octet-stream");
		map_add(content, "schema", bytes_schema(a));
		return;
	}
	content = json_content(a, body, schema_reference(a, r->input, INPUT));
	form = map_map(a, content, "application/x-www-form-urlencoded");
	map_add(form, "schema", typed(a, "object"));
	if (route_takes_file(r))
		map_add(map_map(a, content, "multipart/form-data"), "schema", typed(a, "object"));
	map_bool(a, body, "required", r->input->n > 0 && !r->input->head);
}

/* The answer by the route's shape; an object whose members only the code knows stays an object. */
static struct value *
shape_schema(struct arena *a, const struct route *r)
{
	struct value *v, *properties;

	if (strcmp(r->shape, "list") == 0) {
		v = typed(a, "object");
		properties = map_map(a, v, "properties");
		map_add(properties, "rows",
		    list_schema(a, r->output ? schema_reference(a, r->output, OUTPUT) : typed(a, "object")));
		list_add(map_list(a, v, "required"), value_str(a, STR("rows")));
		return v;
	}
	return r->output ? schema_reference(a, r->output, OUTPUT) : typed(a, "object");
}

static void
add_responses(struct arena *a, struct value *operation, const struct route *r)
{
	struct value *responses = map_map(a, operation, "responses"), *good, *content;
	bool empty = strcmp(r->shape, "empty") == 0;

	good = map_map(a, responses, "2XX");
	text(a, good, "description", empty ? "Done." : "The answer.");
	if (!empty) {
		content = json_content(a, good, shape_schema(a, r));
		if (r->page)
			map_add(map_map(a, content, "text/html"), "schema", typed(a, "string"));
	}
	reference(a, map_map(a, responses, "default"), "responses", STR("fault"));
}

/*
 * Who may: the roles by their ids, in words and for programs; an empty list of schemes says that nobody
 * needs to sign in. What is open to strangers has "stranger" beside the roles.
 */
static void
add_rights(struct arena *a, struct value *operation, const struct route *r)
{
	struct value *roles = map_list(a, operation, "x-roles");
	struct buf b = { .arena = a };
	int i;

	for (i = 0; i < choices_role.n; i++) {
		if (!(r->roles & 1u << choices_role.list[i].code))
			continue;
		list_add(roles, value_str(a, choices_role.list[i].key));
		buf_c(&b, b.n ? ", " : "Roles: ");
		buf_c(&b, choices_role.list[i].id);
	}
	if (r->roles & ROLE_STRANGER) {
		list_add(roles, value_str(a, STR("stranger")));
		map_list(a, operation, "security");
		return;
	}
	buf_char(&b, '.');
	map_str(a, operation, "description", buf_str(&b));
}

static struct value *
operation(struct arena *a, const struct route *r)
{
	struct value *v = value_map(a), *parameters;
	const char *dot = strchr(r->name, '.');

	text(a, v, "operationId", r->name);
	text(a, v, "summary", r->doc);
	list_add(map_list(a, v, "tags"),
	    value_str(a, str_first(str_c(r->name), dot ? (size_t)(dot - r->name) : strlen(r->name))));
	add_rights(a, v, r);
	parameters = map_list(a, v, "parameters");
	add_path_parameters(a, parameters, r);
	add_query_parameters(a, parameters, r);
	add_body(a, v, r);
	add_responses(a, v, r);
	return v;
}

/* ---- the whole ---- */

static void
add_paths(struct arena *a, struct value *top)
{
	struct value *paths = map_map(a, top, "paths");
	int i;

	for (i = 0; i < route_count; i++) {
		const struct route *r = &routes[i];
		struct value *path = value_get(paths, r->path);
		const char *method = r->method == METHOD_GET ? "get" : r->method == METHOD_POST ? "post" :
		    r->method == METHOD_PUT ? "put" : "delete";

		if (!path)
			path = map_map(a, paths, r->path);
		map_add(path, method, operation(a, r));
	}
}

static void
add_parameters(struct arena *a, struct value *components)
{
	struct value *parameters = map_map(a, components, "parameters"), *p;

	p = map_map(a, parameters, "lang");
	text(a, p, "name", "lang");
	text(a, p, "in", "query");
	text(a, p, "description", "The language of words in the answer.");
	map_add(p, "schema", query_schema(a, "zh-TW|en"));
	p = map_map(a, parameters, "idempotency-key");
	text(a, p, "name", "Idempotency-Key");
	text(a, p, "in", "header");
	text(a, p, "description",
	    "The same key with the same body is carried out once, however often it is sent.");
	map_int(a, map_add(p, "schema", typed(a, "string")), "maxLength", 255);
}

static void
add_security(struct arena *a, struct value *components)
{
	struct value *schemes = map_map(a, components, "securitySchemes"), *s;

	s = map_map(a, schemes, "bearer");
	text(a, s, "type", "http");
	text(a, s, "scheme", "bearer");
	text(a, s, "description", "An API key.");
	s = map_map(a, schemes, "session");
	text(a, s, "type", "apiKey");
	text(a, s, "in", "cookie");
	text(a, s, "name", "session");
	text(a, s, "description",
	    "The session of a browser; behind TLS the cookie is called __Host-session.");
}

static void
add_components(struct arena *a, struct value *top)
{
	struct value *components = map_map(a, top, "components"),
	    *schemas = map_map(a, components, "schemas"), *fault;
	struct value *schema = value_map(a);
	int i;

	map_add(schemas, "fault", fault_schema(a));
	for (i = 0; i < route_count; i++) {
		add_schema(a, schemas, routes[i].input, INPUT);
		add_schema(a, schemas, routes[i].output, OUTPUT);
	}
	fault = map_map(a, map_map(a, components, "responses"), "fault");
	text(a, fault, "description", "A fault: what happened, by a code that stays the same.");
	reference(a, schema, "schemas", STR("fault"));
	json_content(a, fault, schema);
	add_parameters(a, components);
	add_security(a, components);
}

struct value *
openapi(struct arena *a)
{
	struct value *top = value_map(a), *info, *server, *security;

	text(a, top, "openapi", "3.1.0");
	info = map_map(a, top, "info");
	text(a, info, "title", "Tocsin");
	text(a, info, "version", TOCSIN_VERSION);
	text(a, info, "description", "Incident reports, review, clocks and audit of a sector CERT. "
	    "Every page is also JSON at the same address.");
	server = list_add(map_list(a, top, "servers"), value_map(a));
	text(a, server, "url", "/");
	security = map_list(a, top, "security");
	map_list(a, list_add(security, value_map(a)), "bearer");
	map_list(a, list_add(security, value_map(a)), "session");
	add_paths(a, top);
	add_components(a, top);
	return top;
}
