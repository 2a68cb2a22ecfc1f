/* The route table as a tree of path segments, made once; finding a route costs a few comparisons. */
#include "http/private.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/arena.h"

#define ARGS 4
#define METHODS 4

static const char *const method_names[METHODS] = { "GET", "POST", "PUT", "DELETE" };

/*
 * One segment at one place of the tree. A pattern is literals and arguments in turn: "{a}..{b}" is "", ".."
 * and "" with an argument between each two. A plain segment is one literal without arguments.
 */
struct node {
	struct str literals[ARGS + 1];
	int args;
	const struct route *routes[METHODS];
	struct node *children, *next;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct arena *memory;
static struct node *root;

static int
method_index(enum method m)
{
	return __builtin_ctz((unsigned)m);
}

/* ---- making the tree ---- */

static bool
same_shape(const struct node *a, const struct node *b)
{
	int i;

	if (a->args != b->args)
		return false;
	for (i = 0; i <= a->args; i++)
		if (!str_eq(a->literals[i], b->literals[i]))
			return false;
	return true;
}

static void
read_segment(struct node *n, struct str s)
{
	while (n->args < ARGS) {
		const char *open = s.n ? memchr(s.p, '{', s.n) : NULL, *close;

		if (!open)
			break;
		close = memchr(open, '}', s.n - (size_t)(open - s.p));
		assert(close && close > open + 1);
		n->literals[n->args++] = str_first(s, (size_t)(open - s.p));
		s = str_from(s, (size_t)(close - s.p) + 1);
	}
	n->literals[n->args] = s;
}

static size_t
literal_length(const struct node *n)
{
	size_t sum = 0;
	int i;

	for (i = 0; i <= n->args; i++)
		sum += n->literals[i].n;
	return sum;
}

/* What says more stands first: plain segments, then patterns by how much of them is literal. */
static bool
before(const struct node *a, const struct node *b)
{
	if ((a->args == 0) != (b->args == 0))
		return a->args == 0;
	return a->args > 0 && literal_length(a) > literal_length(b);
}

static struct node *
child(struct node *parent, struct str segment)
{
	struct node *n = arena_make(memory, struct node), **at;

	read_segment(n, segment);
	for (at = &parent->children; *at; at = &(*at)->next)
		if (same_shape(*at, n))
			return *at;
	for (at = &parent->children; *at && !before(n, *at); at = &(*at)->next)
		;
	n->next = *at;
	*at = n;
	return n;
}

static void
make_tree(void)
{
	int i;

	memory = arena_new();
	root = arena_make(memory, struct node);
	for (i = 0; i < route_count; i++) {
		struct str rest = str_from(str_c(routes[i].path), 1), segment;
		struct node *n = root;

		while (str_split(&rest, '/', &segment))
			n = child(n, segment);
		/* no two routes for the same requests */
		assert(!n->routes[method_index(routes[i].method)]);
		n->routes[method_index(routes[i].method)] = &routes[i];
	}
}

/* ---- looking up ---- */

/*
 * Fills args with what stood for the arguments; each takes as little as it can, the last one what is left,
 * none nothing.
 */
static bool
segment_fits(const struct node *n, struct str s, struct str *args)
{
	int i;

	if (n->args == 0)
		return str_eq(s, n->literals[0]);
	if (!str_starts(s, n->literals[0]))
		return false;
	s = str_from(s, n->literals[0].n);
	for (i = 0; i < n->args; i++) {
		struct str literal = n->literals[i + 1];
		size_t length;

		if (i == n->args - 1) {
			if (s.n <= literal.n || !str_ends(s, literal))
				return false;
			length = s.n - literal.n;
		} else {
			const char *p = s.n > 1 ? memmem(s.p + 1, s.n - 1, literal.p, literal.n) : NULL;

			if (!p)
				return false;
			length = (size_t)(p - s.p);
		}
		args[i] = str_first(s, length);
		s = str_from(s, length + literal.n);
	}
	return true;
}

static bool
is_end(const struct node *n)
{
	int i;

	for (i = 0; i < METHODS; i++)
		if (n->routes[i])
			return true;
	return false;
}

/* The first node for the whole of rest, plain segments tried before patterns; args from n on are filled. */
static const struct node *
descend(const struct node *parent, struct str rest, struct str *args, int n)
{
	const struct node *c, *found;
	struct str segment;

	str_split(&rest, '/', &segment);
	for (c = parent->children; c; c = c->next) {
		if (n + c->args > ARGS || !segment_fits(c, segment, args + n))
			continue;
		found = rest.p ? descend(c, rest, args, n + c->args) : is_end(c) ? c : NULL;
		if (found)
			return found;
	}
	return NULL;
}

static const struct node *
find(struct str path, struct str args[ARGS])
{
	pthread_once(&once, make_tree);
	if (path.n == 0 || path.p[0] != '/')
		return NULL;
	return descend(root, str_from(path, 1), args, 0);
}

static unsigned
methods_of(const struct node *n)
{
	unsigned set = 0;
	int i;

	for (i = 0; i < METHODS; i++)
		if (n->routes[i])
			set |= 1u << i;
	return set;
}

unsigned
route_methods(struct str path)
{
	struct str args[ARGS];
	const struct node *n = find(path, args);

	return n ? methods_of(n) : 0;
}

struct str
methods_text(struct arena *a, unsigned methods, bool all)
{
	struct buf b = { .arena = a };
	int i;

	for (i = 0; i < METHODS; i++) {
		if (!(methods & 1u << i))
			continue;
		buf_c(&b, b.n ? ", " : "");
		buf_c(&b, method_names[i]);
		if (all && i == 0)
			buf_c(&b, ", HEAD");
	}
	if (all)
		buf_c(&b, ", OPTIONS");
	return buf_str(&b);
}

const struct route *
route_find(enum method m, struct str path, struct str ret_args[4], struct err *err)
{
	struct str args[ARGS] = { { 0 } };
	const struct node *n = find(path, args);
	int i;

	if (!n) {
		err_set(err, FAULT_NOT_FOUND);
		return NULL;
	}
	if (!n->routes[method_index(m)]) {
		if (err->arena)
			err_setf(err, FAULT_METHOD, "%.*s",
			    STR_FMT(methods_text(err->arena, methods_of(n), false)));
		else
			err_set(err, FAULT_METHOD);
		return NULL;
	}
	for (i = 0; i < ARGS; i++)
		ret_args[i] = args[i];
	return n->routes[method_index(m)];
}

/* ---- the table itself ---- */

static void
check_lane(const struct route *r)
{
	if (r->method == METHOD_GET)
		assert(r->lane != LANE_WRITE);
	else
		assert(r->lane == LANE_WRITE || r->lane == LANE_SLOW);
	assert(r->lane != LANE_FIXED || (r->roles & ROLE_STRANGER));
	assert(!r->idempotent_key || (r->lane == LANE_WRITE && r->method == METHOD_POST));
}

static void
check_query(const struct route *r)
{
	const struct query_param *q, *p;

	for (q = r->query; q && q->name; q++) {
		assert(q->type && *q->type && q->doc && *q->doc);
		assert(strcmp(q->name, "lang") != 0 && strcmp(q->name, "notice") != 0);
		for (p = r->query; p < q; p++)
			assert(strcmp(p->name, q->name) != 0);
	}
}

static void
check_path(const struct route *r)
{
	struct str path = str_c(r->path), rest = path, part;
	int args = 0;

	assert(path.n && path.p[0] == '/' && (path.n == 1 || path.p[path.n - 1] != '/'));
	assert(!strstr(r->path, "//"));
	while (str_split(&rest, '{', &part))
		args += rest.p != NULL;
	assert(args <= ARGS);
}

void
route_check(void)
{
	static const char *const shapes[] = { "record", "list", "object", "empty" };
	size_t s;
	int i, j;

	for (i = 0; i < route_count; i++) {
		const struct route *r = &routes[i];

		assert(r->name && *r->name && r->run && r->roles && r->doc && *r->doc && r->shape);
		assert(r->method == METHOD_GET || r->method == METHOD_POST || r->method == METHOD_PUT ||
		    r->method == METHOD_DELETE);
		for (s = 0; s < sizeof(shapes) / sizeof(shapes[0]) && strcmp(shapes[s], r->shape) != 0; s++)
			;
		assert(s < sizeof(shapes) / sizeof(shapes[0]));
		for (j = 0; j < i; j++)
			assert(strcmp(routes[j].name, r->name) != 0);
		check_path(r);
		check_lane(r);
		check_query(r);
		assert(!r->again || r->method != METHOD_GET);
	}
	pthread_once(&once, make_tree);
}
