/* From a handler's answer to status, headers and body. */
#include "http/private.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/time.h"

#define LANGUAGE_SECONDS 31536000

static const char policy[] =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'";

/* value ends with NUL. */
static void
put(struct exchange *x, const char *name, const char *value)
{
	assert(x->reply.n < REPLY_HEADERS);
	x->reply.headers[x->reply.n].name = name;
	x->reply.headers[x->reply.n++].value = value;
}

static void
put_str(struct exchange *x, const char *name, struct str value)
{
	put(x, name, arena_c(x->r.arena, value));
}

/* ---- addresses ---- */

struct str
sign_in_address(const struct request *r)
{
	struct buf b = { .arena = r->arena }, here = { .arena = r->arena };

	buf_put(&here, r->path);
	if (r->query_text.n) {
		buf_char(&here, '?');
		buf_put(&here, r->query_text);
	}
	buf_c(&b, "/sign-in?next=");
	target_encode(&b, buf_str(&here));
	return buf_str(&b);
}

/* Only addresses of our own, in characters that may stand in a header; anything else leads home. */
static struct str
local_address(struct arena *a, struct str s)
{
	static const char digits[] = "0123456789ABCDEF";
	struct buf b = { .arena = a };
	size_t i;

	if (s.n == 0 || s.p[0] != '/' || (s.n > 1 && (s.p[1] == '/' || s.p[1] == '\\')))
		return STR("/");
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c > ' ' && c < 0x7f && c != '\\' && c != '"') {
			buf_char(&b, (char)c);
			continue;
		}
		buf_char(&b, '%');
		buf_char(&b, digits[c >> 4]);
		buf_char(&b, digits[c & 15]);
	}
	return buf_str(&b);
}

static struct str
with_notice(struct arena *a, struct str address, struct str notice)
{
	const char *hash = address.n ? memchr(address.p, '#', address.n) : NULL;
	struct str before = address, fragment = STR("");

	if (!notice.n)
		return address;
	if (hash) {
		before = str_first(address, (size_t)(hash - address.p));
		fragment = str_from(address, before.n);
	}
	return arena_printf(a, "%.*s%cnotice=%.*s%.*s", STR_FMT(before),
	    str_has(before, STR("?")) ? '&' : '?', STR_FMT(notice), STR_FMT(fragment));
}

/* ---- headers ---- */

static void
put_cookie(struct exchange *x, const char *name, struct str value, long seconds)
{
	struct buf b = { .arena = x->r.arena };

	buf_printf(&b, "%s%s=%.*s; Path=/; HttpOnly; SameSite=Lax", x->r.https ? "__Host-" : "", name,
	    STR_FMT(value));
	if (x->r.https)
		buf_c(&b, "; Secure");
	if (!value.n)
		seconds = 0;
	if (seconds >= 0)
		buf_printf(&b, "; Max-Age=%ld", seconds);
	put_str(x, "Set-Cookie", buf_str(&b));
}

static void
put_cookies(struct exchange *x)
{
	if (x->a.set_session.p)
		put_cookie(x, "session", x->a.set_session, -1);
	else if (x->end_session)
		put_cookie(x, "session", STR(""), 0);
	if (x->a.set_lang.p)
		put_cookie(x, "lang", x->a.set_lang, LANGUAGE_SECONDS);
	else if (x->lang_asked && !x->r.who)
		put_cookie(x, "lang", str_c(lang_tag(x->r.lang)), LANGUAGE_SECONDS);
}

static void
put_common(struct exchange *x)
{
	struct answer *a = &x->a;

	put(x, "Content-Security-Policy", policy);
	put(x, "X-Content-Type-Options", "nosniff");
	put(x, "Referrer-Policy", "same-origin");
	put(x, "Cross-Origin-Opener-Policy", "same-origin");
	put(x, "Permissions-Policy", "camera=(), geolocation=(), microphone=()");
	if (x->r.https)
		put(x, "Strict-Transport-Security", "max-age=31536000");
	if (a->cache.p)
		put_str(x, "Cache-Control", a->cache);
	else
		put(x, "Cache-Control", "no-store");
	if ((!a->raw.p || (x->r.route && x->r.route->page)) && !a->stream)
		put(x, "Vary", "Accept, Accept-Language, Cookie");
	put_cookies(x);
}

/* A name for the file in two spellings: plain ASCII, and exactly. */
static void
put_file_name(struct exchange *x, struct str name)
{
	struct buf b = { .arena = x->r.arena };
	size_t i;

	buf_c(&b, "attachment; filename=\"");
	for (i = 0; i < name.n; i++) {
		char c = name.p[i];

		buf_char(&b, c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '/' ? c : '_');
	}
	buf_c(&b, "\"; filename*=UTF-8''");
	target_encode(&b, name);
	put_str(x, "Content-Disposition", buf_str(&b));
}

static void
put_etag(struct exchange *x)
{
	if (x->a.etag.p)
		put_str(x, "ETag", arena_printf(x->r.arena, "\"%.*s\"", STR_FMT(x->a.etag)));
}

/* ---- bodies ---- */

static void
body_json(struct exchange *x, const struct value *v)
{
	struct buf b = { .arena = x->r.arena };

	json_write(&b, v);
	buf_char(&b, '\n');
	x->reply.body = buf_str(&b);
	put(x, "Content-Type", "application/json; charset=utf-8");
}

/* The frame of a page may read: it gets a snapshot, unless the handler's is still open. */
static void
body_page(struct exchange *x, const struct answer *a)
{
	struct buf b = { .arena = x->r.arena };
	struct err ignored = { .arena = x->r.arena };
	struct request *r = &x->r;

	if (!r->tx && r->store && (!r->route || r->route->lane != LANE_FIXED))
		r->tx = store_read(r->store, r->arena, &ignored);
	render_page(r, a, x->server->o.hooks, &b);
	x->reply.body = buf_str(&b);
	put(x, "Content-Type", "text/html; charset=utf-8");
	put(x, "Content-Language", lang_tag(r->lang));
}

static bool
has_page(const struct exchange *x)
{
	return x->r.want == WANT_HTML && (x->a.page || (x->r.route && x->r.route->page));
}

/* ---- success ---- */

/* RFC 9110 13.1.2: a list of tags or "*", compared weakly. */
static bool
has_already(struct str if_none_match, struct str etag)
{
	struct str tag;

	if (str_is(str_trim(if_none_match), "*"))
		return true;
	while (str_split(&if_none_match, ',', &tag)) {
		tag = str_trim(tag);
		if (str_starts(tag, STR("W/")))
			tag = str_from(tag, 2);
		if (tag.n >= 2 && tag.p[0] == '"' && str_eq((struct str){ tag.p + 1, tag.n - 2 }, etag))
			return true;
	}
	return false;
}

static void
reply_raw(struct exchange *x)
{
	x->reply.body = x->a.raw.p ? x->a.raw : STR("");
	x->reply.stream = x->a.stream;
	put_str(x, "Content-Type", x->a.raw_type.p ? x->a.raw_type : STR("application/octet-stream"));
}

static void
reply_location(struct exchange *x)
{
	bool read = x->r.method == METHOD_GET, empty = !x->a.value;
	bool redirect = x->r.want == WANT_HTML ? !read || empty : read && empty;
	struct str address = local_address(x->r.arena, x->a.location);

	if (redirect) {
		x->reply.status = 303;
		address = with_notice(x->r.arena, address, x->a.notice);
	}
	put_str(x, "Location", address);
}

/* When it is worth to ask again: said by the limit, else a guess at how long a disk takes to recover. */
static void
put_retry(struct exchange *x, const struct err *err)
{
	int64_t seconds;

	if (x->reply.status == 429)
		put_str(x, "Retry-After",
		    str_int(err->detail, &seconds) && seconds > 0 ? err->detail : STR("60"));
	if (x->reply.status == 503)
		put(x, "Retry-After", err->fault == FAULT_BUSY ? "2" : "30");
}

static void
reply_success(struct exchange *x)
{
	struct answer *a = &x->a;

	x->reply.status = a->status ? a->status : 200;
	if (a->etag.p && x->r.method == METHOD_GET && x->reply.status == 200 && x->r.if_none_match.p &&
	    has_already(x->r.if_none_match, a->etag))
		x->reply.status = 304;
	put_common(x);
	put_retry(x, &a->err);
	put_etag(x);
	if (a->location.p)
		reply_location(x);
	if (a->file_name.p)
		put_file_name(x, a->file_name);
	if (x->reply.status == 303)
		return;
	if (a->raw.p || a->stream)
		reply_raw(x);
	else if (a->value && has_page(x))
		body_page(x, a);
	else if (a->value)
		body_json(x, a->value);
	else
		x->reply.status = a->status ? a->status : 204;
}

/* ---- faults ---- */

/* Those that the trail is told about. */
static bool
is_refusal(enum fault f)
{
	return f == FAULT_ROLE || f == FAULT_CONFLICT_ROLES || f == FAULT_CREDENTIALS ||
	    f == FAULT_CROSS_SITE;
}

static void
put_fault_headers(struct exchange *x, const struct err *err, int status)
{
	if (status == 405)
		put_str(x, "Allow", methods_text(x->r.arena, route_methods(x->r.path), true));
	if (status == 401)
		put(x, "WWW-Authenticate", "Bearer realm=\"tocsin\"");
	put_retry(x, err);
}

static bool
wants_sign_in(const struct exchange *x, enum fault f)
{
	return x->r.want == WANT_HTML && x->r.method == METHOD_GET &&
	    (f == FAULT_SIGN_IN || f == FAULT_SESSION_ENDED);
}

/*
 * A form that was refused for what is in it, or because the server could not, is shown again with what was
 * typed. What is not the caller's to see is not shown to him by this way either.
 */
static bool
shows_again(const struct exchange *x, int status)
{
	const struct request *r = &x->r;

	if (r->want != WANT_HTML || !r->form || !r->in || !r->route || !r->route->again ||
	    x->a.err.fault == FAULT_CROSS_SITE)
		return false;
	/* roles that he gave, not those that he has */
	if (x->a.err.fault == FAULT_CONFLICT_ROLES)
		return r->who != NULL;
	return status != 401 && status != 403 && status != 404 && status != 405;
}

/* The form's own value with what was wrong with it; false when that cannot be made. */
static bool
run_again(struct exchange *x, struct answer *ret_answer)
{
	struct request *r = &x->r;
	struct err ignored = { .arena = r->arena };
	struct answer again = { .err = { .arena = r->arena } };

	if (!r->tx && r->store && !(r->tx = store_read(r->store, r->arena, &ignored)))
		return false;
	r->refused = &x->a.err;
	r->route->again(r, &again);
	if (again.err.fault != FAULT_NONE || !again.value || !(again.page || r->route->page)) {
		r->refused = NULL;
		return false;
	}
	*ret_answer = again;
	return true;
}

static void
body_fault_json(struct exchange *x)
{
	struct buf b = { .arena = x->r.arena };

	render_fault_json(&x->r, &x->a.err, &b);
	buf_char(&b, '\n');
	x->reply.body = buf_str(&b);
	put(x, "Content-Type", "application/json; charset=utf-8");
}

static void
reply_fault(struct exchange *x)
{
	const struct err *err = &x->a.err;
	int status = fault_status(err->fault);
	struct answer again;

	/*
	 * what the program says of its own set-up never comes here, a field's fault only inside FAULT_FIELDS
	 */
	if (status == 0)
		status = 422;
	x->reply.status = status;
	x->a = (struct answer){ .err = *err, .set_session = x->a.set_session };
	if (wants_sign_in(x, err->fault)) {
		x->reply.status = 303;
		put_common(x);
		put_str(x, "Location", sign_in_address(&x->r));
		return;
	}
	if (x->r.want == WANT_HTML)
		exchange_identify(x);
	put_common(x);
	put_fault_headers(x, err, status);
	if (shows_again(x, status) && run_again(x, &again))
		body_page(x, &again);
	else if (x->r.want == WANT_HTML)
		body_page(x, &x->a);
	else
		body_fault_json(x);
}

static void
reply_options(struct exchange *x)
{
	unsigned methods = route_methods(x->r.path);

	x->reply.status = 204;
	put_common(x);
	put_str(x, "Allow", methods_text(x->r.arena, methods ? methods : 0xf, true));
}

/*
 * A page or JSON, and the caller wants neither: only now it is known that the answer is not something else.
 */
static bool
is_unacceptable(const struct exchange *x)
{
	return !x->head.acceptable && x->r.method == METHOD_GET && x->a.value && !x->a.raw.p && !x->a.stream &&
	    !x->a.location.p;
}

void
exchange_reply(struct exchange *x)
{
	const struct http_hooks *hooks = x->server->o.hooks;
	struct request *r = &x->r;
	int64_t took;

	if (x->a.err.fault == FAULT_NONE && !x->options && is_unacceptable(x))
		exchange_refuse(x, FAULT_NOT_ACCEPTABLE);
	if (is_refusal(x->a.err.fault) && hooks && hooks->refused)
		hooks->refused(r, x->a.err.fault);
	if (x->a.err.fault == FAULT_INTERNAL || x->a.err.fault == FAULT_STORE || x->a.err.fault == FAULT_SIEVE)
		log_err(LOG_ERROR, r->route ? r->route->name : "request", &x->a.err);
	if (x->a.err.fault != FAULT_NONE)
		reply_fault(x);
	else if (x->options)
		reply_options(x);
	else
		reply_success(x);
	store_done(r->tx);
	r->tx = NULL;
	took = clock_monotonic() - x->started;
	metrics_count(r->route, x->reply.status, took);
	log_line(LOG_DEBUG, "%s %d %lld us", r->route ? r->route->name : "-", x->reply.status,
	    (long long)took);
}
