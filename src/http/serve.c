/*
 * The way of a request, from its head to the handler and the answer. Nothing here knows which library
 * brought the bytes.
 */
#include "http/private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

/* ---- the head ---- */

static bool
refuse(struct exchange *x, const struct err *err)
{
	x->a = (struct answer){ .err = *err };
	x->refused = true;
	return false;
}

/* HEAD is GET without a body. *ret_known false: a method that no route has. */
static void
read_method(struct exchange *x, struct str method, bool *ret_known)
{
	static const struct {
		const char *name;
		enum method method;
	} known[] = {
		{ "GET", METHOD_GET }, { "HEAD", METHOD_GET }, { "POST", METHOD_POST },
		{ "PUT", METHOD_PUT }, { "DELETE", METHOD_DELETE }, { "OPTIONS", METHOD_GET },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]) && !str_is(method, known[i].name); i++)
		;
	*ret_known = i < sizeof(known) / sizeof(known[0]);
	x->r.method = *ret_known ? known[i].method : METHOD_GET;
	x->r.head = str_is(method, "HEAD");
	x->options = str_is(method, "OPTIONS");
}

static const struct route *
any_route(struct str path)
{
	unsigned methods = route_methods(path);
	struct err ignored = { 0 };
	struct str args[4];

	return methods ? route_find((enum method)(methods & -methods), path, args, &ignored) : NULL;
}

/* ".json" asks for JSON, unless it is part of the name of something fixed ("/openapi.json"). */
static void
choose_path(struct exchange *x, struct str path)
{
	const struct str suffix = STR(".json");
	const struct route *without;
	struct str shorter;

	x->r.path = path;
	if (!str_ends(path, suffix) || path.n == suffix.n || path.p[path.n - suffix.n - 1] == '/')
		return;
	shorter = str_first(path, path.n - suffix.n);
	without = any_route(shorter);
	if (!without || (without->lane == LANE_FIXED && any_route(path)))
		return;
	x->r.path = shorter;
	x->r.want = WANT_JSON;
	x->r.json_named = true;
	x->head.acceptable = true;
}

/*
 * A form cannot say PUT: it says POST, and _method in its body. Until that is read, the route that it can
 * mean stands for it.
 */
static bool
choose_route(struct exchange *x, struct err *err)
{
	struct request *r = &x->r;
	struct err first = { .arena = err->arena };
	unsigned methods;

	r->route = route_find(r->method, r->path, r->args, &first);
	if (r->route)
		return true;
	methods = first.fault == FAULT_METHOD ? route_methods(r->path) & (METHOD_PUT | METHOD_DELETE) : 0;
	if (r->method == METHOD_POST && methods && is_form(r)) {
		x->method_open = true;
		r->route = route_find((enum method)(methods & -methods), r->path, r->args, &first);
		return true;
	}
	*err = first;
	return false;
}

static size_t
body_limit(const struct server_options *o, const struct request *r)
{
	size_t limit = r->route->body_limit ? r->route->body_limit : o->body_limit;

	if (r->method == METHOD_GET)
		return 0;
	return limit < o->body_limit_max ? limit : o->body_limit_max;
}

static void
read_asked_language(struct exchange *x)
{
	struct str asked = request_query(&x->r, "lang");
	enum lang l;

	x->lang_asked = asked.p && lang_parse(asked, &l);
	if (x->lang_asked)
		x->r.lang = l;
}

static bool
read_head(struct exchange *x, const struct wire_request *in, struct err *err)
{
	struct request *r = &x->r;
	const struct server_options *o = &x->server->o;
	struct err media = { .arena = err->arena };
	struct str path;
	bool known;

	if (!head_read(r, &x->head, o, in, err)) {
		x->fatal = true;
		return false;
	}
	read_method(x, in->method, &known);
	if (!target_read(r->arena, in->target, &path, &r->query_text, err) ||
	    !query_read(r->arena, r->query_text, QUERY_NAMES, true, &r->query, err))
		return false;
	choose_path(x, path);
	read_asked_language(x);
	if (x->options && (str_is(r->path, "*") || route_methods(r->path)))
		return true;
	if (!known && route_methods(r->path))
		return err_set(err, FAULT_METHOD);
	head_media(r, &x->head, &media);
	if (!choose_route(x, err) || !query_check(r->route, r->query, err))
		return false;
	if (media.fault != FAULT_NONE) {
		*err = media;
		return false;
	}
	x->body_limit = body_limit(o, r);
	return x->head.length <= 0 || exchange_room(x, (size_t)x->head.length);
}

void
exchange_head(struct exchange *x, struct server *s, struct arena *a, const struct wire_request *in)
{
	struct err err = { .arena = a };

	*x = (struct exchange){ .server = s, .started = clock_monotonic(), .body.arena = a };
	x->a.err.arena = a;
	x->r.arena = a;
	x->r.store = s->o.store;
	x->r.now = clock_now();
	x->r.want = WANT_JSON;
	x->r.path = STR("");
	x->r.query = value_map(a);
	if (!read_head(x, in, &err) && !x->refused)
		refuse(x, &err);
	if (!x->r.who)
		x->r.face = (struct face){ x->r.lang, s->o.zone ? s->o.zone : zone_utc(), false, x->r.now };
}

/* ---- the body ---- */

static bool authenticate(struct exchange *x, struct err *err);
static bool has_right(const struct request *r, struct err *err);

/* Before a large body comes, it is asked who sends it: there is no room for everybody's. */
static bool
may_be_large(struct exchange *x, struct err *err)
{
	const struct route *route = x->r.route;

	if (route->roles & ROLE_STRANGER)
		return true;
	return (x->authenticated || authenticate(x, err)) && has_right(&x->r, err);
}

bool
exchange_room(struct exchange *x, size_t n)
{
	struct err err = { .arena = x->r.arena };

	if (n > x->body_limit) {
		err_setf(&err, FAULT_TOO_LARGE, "%zu", x->body_limit);
		return refuse(x, &err);
	}
	return n <= BODY_OF_ANYBODY || may_be_large(x, &err) || refuse(x, &err);
}

bool
exchange_body(struct exchange *x, struct str part)
{
	if (!exchange_room(x, x->body.n + part.n))
		return false;
	if (!x->body.p && x->head.length > 0)
		buf_room(&x->body, (size_t)x->head.length);
	buf_put(&x->body, part);
	return true;
}

/* ---- whether it may ---- */

/* A session that has ended leaves its cookie behind: on a page that is open to all it is nobody's. */
static bool
authenticate(struct exchange *x, struct err *err)
{
	const struct http_hooks *hooks = x->server->o.hooks;
	struct request *r = &x->r;

	x->authenticated = true;
	if (!hooks || !hooks->authenticate)
		return true;
	if (!hooks->authenticate(r, err)) {
		r->who = NULL;
		x->end_session = r->cookie_session.p && !r->bearer.p;
		if (!x->end_session || !(r->route && r->route->roles & ROLE_STRANGER))
			return false;
		*err = (struct err){ .arena = err->arena };
	}
	if (!r->who)
		return true;
	if (!x->lang_asked && r->who->lang_chosen) {
		r->lang = r->who->lang;
	} else if (r->lang != r->who->lang) {
		/* the whole page in the language that was asked for, not its frame alone */
		struct principal *who = arena_make(r->arena, struct principal);

		*who = *r->who;
		who->lang = r->lang;
		r->who = who;
	}
	r->face = (struct face){ r->lang, r->who->zone ? r->who->zone : r->face.zone, r->who->roc_year,
	    r->now };
	return true;
}

/*
 * For the page of a fault that came before anybody was asked for: best effort, so that its frame is the
 * reader's.
 */
void
exchange_identify(struct exchange *x)
{
	struct err ignored = { .arena = x->r.arena };

	if (!x->authenticated && x->r.cookie_session.p && !x->r.bearer.p && !x->fatal)
		authenticate(x, &ignored);
}

static bool
has_right(const struct request *r, struct err *err)
{
	unsigned roles = r->route->roles;

	if (roles & ROLE_STRANGER)
		return true;
	if (!r->who)
		return err_set(err, FAULT_SIGN_IN);
	if ((roles & ROLE__ANY) == ROLE__ANY || (r->who->roles & roles))
		return true;
	return err_set(err, FAULT_ROLE);
}

/* What a form says to us and not to the handler: the token, the method, the version. */
static bool
open_form(struct exchange *x, struct str *ret_csrf, struct err *err)
{
	struct request *r = &x->r;
	struct str method, version;

	if (!body_read(r, &x->head, err))
		return false;
	*ret_csrf = form_take(r, "_csrf");
	if (!ret_csrf->p)
		*ret_csrf = form_take(r, "csrf");
	version = form_take(r, "_version");
	if (version.p && !r->if_match.p)
		r->if_match = version;
	method = form_take(r, "_method");
	if (method.p && !str_is(method, "POST")) {
		r->method = str_is(method, "PUT") ? METHOD_PUT : METHOD_DELETE;
		if (r->method == METHOD_DELETE && !str_is(method, "DELETE"))
			return err_say(err, FAULT_REQUEST, "malformed.method", STR_NONE);
	}
	if (!method.p && !x->method_open)
		return true;
	r->route = route_find(r->method, r->path, r->args, err);
	if (!r->route || !query_check(r->route, r->query, err))
		return false;
	if (r->body.n > body_limit(&x->server->o, r))
		return err_set(err, FAULT_TOO_LARGE);
	return true;
}

/* Everything before the handler, in the order in which a caller may learn of it. */
static bool
admit(struct exchange *x, struct err *err)
{
	const struct http_hooks *hooks = x->server->o.hooks;
	struct request *r = &x->r;
	struct str csrf = STR_NONE;

	if (is_form(r) && !open_form(x, &csrf, err))
		return false;
	if (r->route->lane != LANE_FIXED && !x->authenticated && !authenticate(x, err))
		return false;
	if (!has_right(r, err))
		return false;
	if (r->method != METHOD_GET && !may_write(r, &x->head, csrf))
		return err_set(err, FAULT_CROSS_SITE);
	if (r->method != METHOD_GET && !x->head.acceptable)
		return err_set(err, FAULT_NOT_ACCEPTABLE);
	if (!is_form(r) && !body_read(r, &x->head, err))
		return false;
	if (r->route->lane != LANE_FIXED && r->store && hooks && hooks->catch_up)
		hooks->catch_up(r);
	return true;
}

/* ---- the handler, in its lane ---- */

static void
reset_answer(struct exchange *x)
{
	x->a = (struct answer){ .err = { .arena = x->r.arena } };
}

bool
exchange_prints(const struct exchange *x)
{
	return x->a.paper && x->a.err.fault == FAULT_NONE && !x->a.needs_write;
}

/* The snapshot stays open until the answer is made, for the page's frame reads too. */
static enum next
run_read(struct exchange *x)
{
	struct request *r = &x->r;

	if (r->store && !(r->tx = store_read(r->store, r->arena, &x->a.err)))
		return NEXT_REPLY;
	r->route->run(r, &x->a);
	if (!exchange_prints(x) && (!x->a.needs_write || !r->store))
		return NEXT_REPLY;
	store_done(r->tx);
	r->tx = NULL;
	return exchange_prints(x) ? NEXT_SLOW : NEXT_WRITE;
}

static void
set_actor(struct tx *tx, const struct request *r)
{
	struct actor actor = { .address = r->address, .name = STR("") };

	if (r->who) {
		actor.account = r->who->account;
		actor.person = r->who->person;
		actor.org = r->who->org;
		actor.session = r->who->session;
		actor.key = r->who->key;
		actor.name = r->who->name;
	}
	tx_actor(tx, &actor);
}

static void
run_write(struct exchange *x, struct tx *tx)
{
	const struct http_hooks *hooks = x->server->o.hooks;
	struct request *r = &x->r;
	bool keyed = r->route->idempotent_key && r->idempotency_key.p && r->who && hooks;

	r->tx = tx;
	reset_answer(x);
	if (!keyed || !hooks->replay || !hooks->replay(r, &x->a)) {
		r->route->run(r, &x->a);
		if (keyed && hooks->remember && x->a.err.fault == FAULT_NONE)
			hooks->remember(r, &x->a, &x->a.err);
	}
	r->tx = NULL;
}

/* On the writer. It may be called again when the group that it was in could not be committed. */
static bool
write_work(struct tx *tx, void *arg, struct err *err)
{
	struct exchange *x = arg;

	set_actor(tx, &x->r);
	run_write(x, tx);
	if (x->a.err.fault == FAULT_NONE)
		return true;
	*err = x->a.err;
	return false;
}

enum next
exchange_run(struct exchange *x)
{
	struct err err = { .arena = x->r.arena };
	enum next next = NEXT_REPLY;

	if (x->refused || x->options)
		return NEXT_REPLY;
	x->r.body = buf_str(&x->body);
	if (!admit(x, &err)) {
		refuse(x, &err);
		return NEXT_REPLY;
	}
	switch (x->r.route->lane) {
	case LANE_FIXED:
		x->r.route->run(&x->r, &x->a);
		break;
	case LANE_READ:
		next = run_read(x);
		break;
	case LANE_WRITE:
		if (x->r.store)
			next = NEXT_WRITE;
		else
			run_write(x, NULL);
		break;
	case LANE_SLOW:
		next = NEXT_SLOW;
		break;
	}
	if (next == NEXT_WRITE) {
		x->write_err = (struct err){ .arena = x->r.arena };
		x->job = (struct store_job){ .work = write_work, .arg = x, .arena = x->r.arena,
		    .err = &x->write_err };
	}
	return next;
}

void
exchange_written(struct exchange *x, bool saved)
{
	/* the handler was content, the disk was not */
	if (!saved && x->a.err.fault == FAULT_NONE) {
		struct err err = x->write_err;

		if (err.fault == FAULT_NONE)
			err.fault = FAULT_STORE;
		/* whoever only wanted to read is told why that needs a disk that takes writes */
		if (x->r.route->lane == LANE_READ && err.fault != FAULT_BUSY && fault_status(err.fault) == 503)
			err.fault = FAULT_UNRECORDED;
		reset_answer(x);
		x->a.err = err;
	}
}

static void
print_paper(struct exchange *x)
{
	const struct http_hooks *hooks = x->server->o.hooks;
	struct answer *a = &x->a;

	if (!hooks || !hooks->print)
		err_set(&a->err, FAULT_SIEVE);
	else if (hooks->print(&x->r, a->paper, &a->raw, &a->err))
		a->raw_type = STR("application/pdf");
}

void
exchange_slow(struct exchange *x)
{
	if (exchange_prints(x))
		print_paper(x);
	else
		x->r.route->run(&x->r, &x->a);
}

void
exchange_refuse(struct exchange *x, enum fault f)
{
	struct err err = { .arena = x->r.arena };

	err_set(&err, f);
	refuse(x, &err);
}

/* ---- a server without sockets ---- */

struct server *
server_new(const struct server_options *o)
{
	struct server *s = calloc(1, sizeof(*s));

	assert(s);
	s->o = *o;
	metrics_on(o->metrics);
	return s;
}

void
server_free(struct server *s)
{
	free(s);
}

bool
server_dry(const struct server_options *o, struct server **ret_server, struct err *err)
{
	(void)err;
	*ret_server = server_new(o);
	return true;
}

static void
run_now(struct exchange *x)
{
	switch (exchange_run(x)) {
	case NEXT_REPLY:
		break;
	case NEXT_WRITE:
		exchange_written(x, store_write(x->r.store, x->r.arena, x->job.work, x->job.arg,
		    &x->write_err));
		if (exchange_prints(x))
			exchange_slow(x);
		break;
	case NEXT_SLOW:
		exchange_slow(x);
		break;
	}
}

/* All that a stream has; what cannot be read, or one with an open end has not, is missing at its end. */
static struct str
stream_whole(struct stream *s, struct arena *a)
{
	char *p = arena_raw(a, (size_t)s->size);
	size_t done = 0, n = 1;

	while (done < (size_t)s->size && n > 0) {
		n = 0;
		if (!s->read(s, (int64_t)done, p + done, (size_t)s->size - done, &n))
			break;
		done += n;
	}
	s->end(s);
	return (struct str){ p, done };
}

void
server_answer(struct server *s, struct arena *a, const struct wire_request *in, struct wire_response *ret_out)
{
	struct exchange *x = arena_make(a, struct exchange);
	struct buf headers = { .arena = a };
	int i;

	exchange_head(x, s, a, in);
	if (!x->refused && in->body.n)
		exchange_body(x, in->body);
	run_now(x);
	exchange_reply(x);
	if (x->reply.stream)
		x->reply.body = stream_whole(x->reply.stream, a);
	for (i = 0; i < x->reply.n; i++)
		buf_printf(&headers, "%s: %s\r\n", x->reply.headers[i].name, x->reply.headers[i].value);
	*ret_out = (struct wire_response){ x->reply.status, buf_str(&headers), x->reply.body };
	if (x->r.head || x->reply.status == 304)
		ret_out->body = STR("");
}
