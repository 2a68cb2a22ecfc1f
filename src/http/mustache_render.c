#include "http/mustache_ops.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/time.h"

/*
 * No page of ours comes near: what does has data in which a partial never ends, and must not take the server
 * with it.
 */
#define STEPS_MAX 1000000
#define OUTPUT_MAX ((size_t)32 << 20)

struct render {
	struct buf *out;
	const struct face *face;
	const struct value *stack[MUSTACHE_DEPTH];
	int depth;
	int partials;                    /* how many are open */
	int steps;                       /* sections and partials run so far */
};

/* What a name stands for: a value, or one face of it. */
struct found {
	const struct value *v;           /* NULL: nothing */
	struct str facet;                /* "iso", "left" ...; absent: the value itself */
};

static _Atomic int64_t unknown_count;
static pthread_mutex_t unknown_lock = PTHREAD_MUTEX_INITIALIZER;
static char unknown_name[128];
static size_t unknown_length;

/* A page of ours with a hole in it. The log tells of each once in a row. */
static void
note_unknown(struct str name)
{
	bool again;

	atomic_fetch_add_explicit(&unknown_count, 1, memory_order_relaxed);
	pthread_mutex_lock(&unknown_lock);
	name = str_first(name, sizeof(unknown_name));
	again = str_eq(name, (struct str){ unknown_name, unknown_length });
	unknown_length = name.n;
	memcpy(unknown_name, name.p, unknown_length);
	pthread_mutex_unlock(&unknown_lock);
	if (!again)
		log_line(LOG_ERROR, "a page names what its answer does not have: %.*s", STR_FMT(name));
}

int64_t
mustache_unknown_count(void)
{
	return atomic_load_explicit(&unknown_count, memory_order_relaxed);
}

struct str
mustache_last_unknown(void)
{
	return (struct str){ unknown_name, unknown_length };
}

/* ---- escaping ---- */

static const struct str entities[256] = {
	['&'] = { "&amp;", 5 },
	['<'] = { "&lt;", 4 },
	['>'] = { "&gt;", 4 },
	['"'] = { "&quot;", 6 },
	['\''] = { "&#39;", 5 },
};

void
mustache_escape(struct buf *b, struct str s)
{
	size_t from = 0, i;

	for (i = 0; i < s.n; i++) {
		struct str entity = entities[(unsigned char)s.p[i]];

		if (!entity.p)
			continue;
		buf_put(b, (struct str){ s.p + from, i - from });
		buf_put(b, entity);
		from = i + 1;
	}
	if (from < s.n)
		buf_put(b, (struct str){ s.p + from, s.n - from });
}

/* ---- names ---- */

static const struct value *
member(const struct value *map, struct str name)
{
	const struct value *m;

	if (map->kind != V_MAP)
		return NULL;
	for (m = map->first; m; m = m->next)
		if (m->name.n == name.n && memcmp(m->name.p, name.p, name.n) == 0)
			return m;
	return NULL;
}

static bool
has_facet(const struct value *v, struct str name)
{
	switch (v->kind) {
	case V_TIME:
		return str_is(name, "iso") || str_is(name, "left") || str_is(name, "full") ||
		    str_is(name, "date");
	case V_TERM:
	case V_INT:
		return str_is(name, "id");
	default:
		return false;
	}
}

/*
 * Everything behind the first part is looked up in what that part gave, nowhere else. What is null has null
 * parts.
 */
static struct found
follow(const struct value *v, const struct op_name *name)
{
	struct found f = { .v = v };
	int i;

	for (i = 1; i < name->n && f.v && f.v->kind != V_NULL; i++) {
		if (f.v->kind != V_MAP && i == name->n - 1 && has_facet(f.v, name->parts[i])) {
			f.facet = name->parts[i];
			return f;
		}
		f.v = member(f.v, name->parts[i]);
	}
	return f;
}

static struct found
look_up(const struct render *r, const struct op_name *name)
{
	struct found f = { 0 };
	int i;

	if (name->n == 0)
		return (struct found){ .v = r->depth > 0 ? r->stack[r->depth - 1] : NULL };
	for (i = r->depth - 1; i >= 0 && !f.v; i--)
		f.v = member(r->stack[i], name->parts[0]);
	if (f.v && name->n > 1)
		f = follow(f.v, name);
	if (!f.v)
		note_unknown(name->text);
	return f;
}

/* ---- output ---- */

static struct str
facet_text(const struct render *r, const struct found *f)
{
	struct arena *a = r->out->arena;

	if (f->v->kind == V_TERM)
		return f->v->s;
	if (f->v->kind == V_INT)
		return arena_printf(a, "%lld", (long long)f->v->i);
	if (str_is(f->facet, "left"))
		return face_left(a, r->face, f->v->i);
	if (str_is(f->facet, "full"))
		return face_full(a, r->face, f->v->i);
	if (str_is(f->facet, "date"))
		return face_date(a, r->face, f->v->i);
	return time_rfc3339(a, f->v->i);
}

static void
put_value(struct render *r, const struct op *op)
{
	struct found f = look_up(r, &op->name);
	struct str text;

	if (!f.v || f.v->kind == V_NULL)
		return;
	if (f.v->kind == V_INT && (f.facet.p || !f.v->shown.p)) {
		buf_int(r->out, f.v->i);
		return;
	}
	if (f.facet.p)
		text = facet_text(r, &f);
	else
		text = f.v->kind == V_STR ? f.v->s : face_value(r->out->arena, r->face, f.v);
	if (op->kind == OP_RAW)
		buf_put(r->out, text);
	else
		mustache_escape(r->out, text);
}

/* False: null, false, an empty text, an empty list. Nought is a number like any other. */
static bool
holds(const struct value *v)
{
	switch (v->kind) {
	case V_NULL:
		return false;
	case V_BOOL:
		return v->i != 0;
	case V_STR:
		return v->s.n > 0;
	case V_LIST:
		return v->n > 0;
	default:
		return true;
	}
}

static void run(struct render *r, const struct mustache *m, int from, int to);

static bool
may_go_on(struct render *r)
{
	return r->steps++ < STEPS_MAX && r->out->n < OUTPUT_MAX;
}

static void
run_with(struct render *r, const struct mustache *m, int from, int to, const struct value *context)
{
	if (r->depth == MUSTACHE_DEPTH || !may_go_on(r))
		return;
	r->stack[r->depth++] = context;
	run(r, m, from, to);
	r->depth--;
}

static void
run_section(struct render *r, const struct mustache *m, int at)
{
	const struct op *op = &m->ops[at];
	struct found f = look_up(r, &op->name);
	bool yes = f.v && (f.facet.p || holds(f.v));
	const struct value *v;

	if (op->kind == OP_INVERTED) {
		if (!yes)
			run(r, m, at + 1, op->end);
		return;
	}
	if (!yes)
		return;
	if (f.v->kind != V_LIST) {
		run_with(r, m, at + 1, op->end, f.v);
		return;
	}
	for (v = f.v->first; v; v = v->next)
		run_with(r, m, at + 1, op->end, v);
}

/*
 * A partial that includes itself ends with the data; data that is deeper than any page of ours ends it too.
 */
static void
run_partial(struct render *r, const struct mustache *m)
{
	if (r->partials == MUSTACHE_DEPTH || !may_go_on(r))
		return;
	r->partials++;
	run(r, m, 0, m->n);
	r->partials--;
}

static void
run(struct render *r, const struct mustache *m, int from, int to)
{
	int i = from;

	while (i < to) {
		const struct op *op = &m->ops[i];

		switch (op->kind) {
		case OP_TEXT:
			buf_put(r->out, op->text);
			break;
		case OP_VALUE:
		case OP_RAW:
			put_value(r, op);
			break;
		case OP_SECTION:
		case OP_INVERTED:
			run_section(r, m, i);
			i = op->end;
			continue;
		case OP_PARTIAL:
			run_partial(r, op->partial);
			break;
		}
		i++;
	}
}

void
mustache_render(const struct mustache *m, const struct value *const *stack, int depth,
    const struct face *face, struct buf *b)
{
	struct render r = { .out = b, .face = face };
	int i;

	for (i = 0; i < depth && r.depth < MUSTACHE_DEPTH; i++)
		if (stack[i])
			r.stack[r.depth++] = stack[i];
	run(&r, m, 0, m->n);
}
