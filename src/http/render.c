/* Pages from templates, and faults as pages and JSON. */
#include "http/render.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "http/assets.h"
#include "http/mustache.h"
#include "http/private.h"

/* One embedded template in each language; the order is that of templates_all(), by name. */
struct page_template {
	struct str name;
	const struct mustache *in[LANG__MAX];
};

static struct arena *memory;
static struct page_template *templates;
static int template_count;

/* ---- templates ---- */

static struct str
embedded_partial(struct str name, void *arg)
{
	const struct asset *t = template_find(name);

	(void)arg;
	return t ? asset_text(t) : STR_NONE;
}

static const struct page_template *
find_template(struct str name)
{
	int low = 0, high = template_count;

	while (low < high) {
		int middle = (low + high) / 2, order = str_cmp(templates[middle].name, name);

		if (order == 0)
			return &templates[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static bool
load_one(const struct asset *source, struct page_template *t, struct err *err)
{
	struct err why = { .arena = memory };
	int l;

	t->name = str_c(source->name);
	for (l = 0; l < LANG__MAX; l++)
		if (!mustache_compile(memory, asset_text(source), (enum lang)l, embedded_partial, NULL,
		    &t->in[l], &why))
			return err_setf(err, FAULT_FILE, "template %s: %.*s", source->name,
			    STR_FMT(why.detail));
	return true;
}

static bool
pages_exist(struct err *err)
{
	int i;

	for (i = 0; i < route_count; i++)
		if (routes[i].page && !find_template(str_c(routes[i].page)))
			return err_setf(err, FAULT_FILE, "route %s: there is no template %s", routes[i].name,
			    routes[i].page);
	return true;
}

bool
render_load(struct err *err)
{
	int i, n;
	const struct asset *all = templates_all(&n);

	if (!memory)
		memory = arena_new();
	templates = arena_alloc(memory, (size_t)(n + 1) * sizeof(*templates));
	for (i = 0; i < n; i++)
		if (!load_one(&all[i], &templates[i], err))
			return false;
	template_count = n;
	return pages_exist(err);
}

/* ---- faults ---- */

static struct str
detail_words(const struct err *err, enum lang l, struct arena *a)
{
	struct msg_arg args[] = { { "detail", err->detail }, { NULL, STR_NONE } };

	return err->say ? msg_fill(a, l, err->say, args) : err->detail;
}

static struct str
fault_words(const struct err *err, enum lang l, const char *part, struct arena *a)
{
	struct msg_arg args[] = { { "detail", detail_words(err, l, a) }, { NULL, STR_NONE } };

	if (fault_status(err->fault) >= 500 && err->fault != FAULT_READ_ONLY)
		args[0].text = STR("");
	return msg_fill(a, l, arena_c(a, arena_printf(a, "fault.%s%s", fault_code(err->fault), part)), args);
}

static void
add_fields(const struct err *err, enum lang l, struct value *map, struct arena *a)
{
	struct value *list = map_list(a, map, "fields");
	const struct field_err *f;

	for (f = err->fields; f; f = f->next) {
		struct value *row = list_add(list, value_map(a));

		map_str(a, row, "field", f->field);
		map_str(a, row, "code", str_c(fault_code(f->fault)));
		map_str(a, row, "message", field_err_text(a, l, f));
	}
}

struct value *
fault_value(const struct err *err, const struct face *face, struct arena *a)
{
	struct value *v = value_map(a);

	map_str(a, v, "code", str_c(fault_code(err->fault)));
	map_str(a, v, "what", fault_words(err, face->lang, "", a));
	map_str(a, v, "why", fault_words(err, face->lang, ".why", a));
	map_str(a, v, "do", fault_words(err, face->lang, ".do", a));
	map_bool(a, v, "has_fields", err->fields != NULL);
	add_fields(err, face->lang, v, a);
	return v;
}

/* The facts that came with a fault stand beside its code: the map's own members stay where they are. */
static void
add_data(struct value *map, const struct value *data, struct arena *a)
{
	const struct value *m;

	if (!data || data->kind != V_MAP)
		return;
	for (m = data->first; m; m = m->next) {
		struct value *copy = arena_make(a, struct value);

		*copy = *m;
		copy->next = NULL;
		map_add_str(map, m->name, copy);
	}
}

void
render_fault_json(struct request *r, const struct err *err, struct buf *b)
{
	struct arena *a = r->arena;
	struct value *v = value_map(a);
	struct str what = fault_words(err, r->lang, "", a), why = fault_words(err, r->lang, ".why", a);

	map_str(a, v, "code", str_c(fault_code(err->fault)));
	map_str(a, v, "message", arena_printf(a, "%.*s%s%.*s", STR_FMT(what), r->lang == LANG_EN ? " " : "",
	    STR_FMT(why)));
	if ((err->say || err->detail.n) && fault_status(err->fault) < 500)
		map_str(a, v, "detail", detail_words(err, r->lang, a));
	if (err->fields)
		add_fields(err, r->lang, v, a);
	add_data(v, err->data, a);
	json_write(b, v);
}

/* ---- pages ---- */

static void
add_hidden(struct value *list, struct str name, struct str text, struct arena *a)
{
	struct value *row = list_add(list, value_map(a));

	map_str(a, row, "name", name);
	map_str(a, row, "value", text);
}

/*
 * What was typed, when the form cannot be taken because nobody is signed in any more or its token is an old
 * one: the page can offer to send it again, with the token of the session that is there by then. Only for a
 * form of our own pages.
 */
static struct value *
resend(const struct request *r, const struct err *err)
{
	struct arena *a = r->arena;
	struct value *v, *list;
	const struct value *m, *one;

	if (!r->form || !r->in || !r->same_site)
		return value_null(a);
	if (err->fault != FAULT_SIGN_IN && err->fault != FAULT_SESSION_ENDED &&
	    err->fault != FAULT_CROSS_SITE)
		return value_null(a);
	v = value_map(a);
	map_str(a, v, "action", r->path);
	list = map_list(a, v, "fields");
	if (r->method != METHOD_POST)
		add_hidden(list, STR("_method"), r->method == METHOD_PUT ? STR("PUT") : STR("DELETE"), a);
	if (r->if_match.p)
		add_hidden(list, STR("_version"), r->if_match, a);
	for (m = r->in->first; m; m = m->next)
		if (m->kind == V_LIST)
			for (one = m->first; one; one = one->next)
				add_hidden(list, m->name, one->s, a);
		else
			add_hidden(list, m->name, m->s, a);
	return v;
}

/* What the error page shows. */
static struct value *
error_value(const struct request *r, const struct err *err)
{
	struct value *v = fault_value(err, &r->face, r->arena);
	bool sign_in = fault_status(err->fault) == 401;

	map_int(r->arena, v, "status", fault_status(err->fault));
	map_str(r->arena, v, "sign_in", sign_in ? sign_in_address(r) : STR_NONE);
	map_add(v, "resend", resend(r, err));
	return v;
}

/* Plain, for a program whose templates are not there: better than nothing, and it never fails. */
static void
plain_page(const struct request *r, const struct value *v, struct buf *b)
{
	static const char text[] =
	    "<!doctype html>\n<html lang=\"{{lang}}\"><meta charset=\"utf-8\"><title>{{what}}</title>"
	    "<h1>{{what}}</h1><p>{{why}}</p><p>{{do}}</p>\n";
	struct value *frame = value_map(r->arena);
	const struct value *stack[] = { frame, v };
	const struct mustache *m;
	struct err ignored = { .arena = r->arena };

	map_str(r->arena, frame, "lang", str_c(lang_tag(r->lang)));
	if (mustache_compile(r->arena, str_c(text), r->lang, NULL, NULL, &m, &ignored))
		mustache_render(m, stack, 2, &r->face, b);
}

void
render_page(struct request *r, const struct answer *a, const struct http_hooks *hooks, struct buf *b)
{
	bool fault = a->err.fault != FAULT_NONE;
	const char *name = fault ? "error" : a->page ? a->page : r->route->page;
	const struct page_template *t = find_template(str_c(name));
	struct value *outer, *page, *value;
	const struct value *stack[2];

	value = fault ? error_value(r, &a->err) : a->value;
	if (!t) {
		log_line(LOG_ERROR, "there is no template %s", name);
		plain_page(r, fault ? value : error_value(r, &(struct err){ .fault = FAULT_INTERNAL }), b);
		return;
	}
	outer = value_map(r->arena);
	page = map_map(r->arena, outer, "page");
	if (hooks && hooks->frame)
		hooks->frame(r, a, page);
	stack[0] = outer;
	stack[1] = value;
	mustache_render(t->in[r->lang], stack, 2, &r->face, b);
}
