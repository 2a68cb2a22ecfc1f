/* The head and the body of a request: bytes of somebody else's making into what a handler may rely on. */
#include "http/private.h"

#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/json.h"

#define KEY_LONGEST 255                  /* of an idempotency key */
#define TOKEN_LONGEST 512                /* of a session or API token */
#define USER_AGENT_LONGEST 200
#define HEADERS_MOST 200

static bool
same_name(struct str a, const char *b)
{
	return a.n == strlen(b) && strncasecmp(a.p, b, a.n) == 0;
}

static struct str
lower(struct arena *a, struct str s)
{
	char *p = arena_raw(a, s.n);
	size_t i;

	for (i = 0; i < s.n; i++)
		p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 32 : s.p[i]);
	return (struct str){ p, s.n };
}

struct str
bare(struct str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_from(s, 1);
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

/* ---- headers ---- */

static bool
is_token(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			continue;
		if (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c))
			return false;
	}
	return s.n > 0;
}

static bool
is_field(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

enum repeat { ONCE, JOINED, LAST };

/* One header that is read, where it goes, and what a second one of the same name means. */
struct wanted {
	const char *name;
	enum repeat repeat;
	struct str *to;
};

static bool
take(struct arena *a, const struct wanted *w, struct str value, struct err *err)
{
	if (w->to->p && w->repeat == ONCE)
		return err_say(err, FAULT_REQUEST, "malformed.two_headers", str_c(w->name));
	if (w->to->p && w->repeat == JOINED)
		*w->to = arena_printf(a, "%.*s, %.*s", STR_FMT(*w->to), STR_FMT(value));
	else
		*w->to = value;
	return true;
}

/* limit: bytes of all headers with their separators, 0: any. */
static bool
not_too_many(const struct wire_request *in, int limit, struct err *err)
{
	size_t n = 0;
	int i;

	for (i = 0; i < in->header_count; i++)
		n += in->headers[i][0].n + in->headers[i][1].n + 4;
	if (in->header_count > HEADERS_MOST || (limit > 0 && n > (size_t)limit))
		return err_set(err, FAULT_HEADERS);
	return true;
}

static bool
collect(struct request *r, struct head *h, const struct wire_request *in, struct str *ret_length,
    struct err *err)
{
	const struct wanted wanted[] = {
		{ "accept", JOINED, &h->accept },
		{ "accept-language", JOINED, &r->accept_language },
		{ "authorization", ONCE, &h->authorization },
		{ "content-encoding", ONCE, &h->content_encoding },
		{ "content-length", ONCE, ret_length },
		{ "content-range", ONCE, &r->content_range },
		{ "content-type", ONCE, &h->content_type },
		{ "cookie", ONCE, &h->cookie },
		{ "expect", ONCE, &h->expect },
		{ "host", ONCE, &h->host },
		{ "idempotency-key", ONCE, &r->idempotency_key },
		{ "if-match", ONCE, &r->if_match },
		{ "if-none-match", JOINED, &r->if_none_match },
		{ "origin", ONCE, &h->origin },
		{ "sec-fetch-site", ONCE, &h->fetch_site },
		{ "transfer-encoding", ONCE, &h->transfer_encoding },
		{ "user-agent", LAST, &h->user_agent },
		{ "x-forwarded-for", JOINED, &h->forwarded_for },
		{ "x-forwarded-proto", LAST, &h->forwarded_proto },
	};
	int i;
	size_t j;

	for (i = 0; i < in->header_count; i++) {
		struct str name = in->headers[i][0], value = bare(in->headers[i][1]);

		if (!is_token(name) || !is_field(value))
			return err_say(err, FAULT_REQUEST, "malformed.header", STR_NONE);
		for (j = 0; j < sizeof(wanted) / sizeof(wanted[0]); j++)
			if (same_name(name, wanted[j].name)) {
				if (!take(r->arena, &wanted[j], value, err))
					return false;
				break;
			}
	}
	return true;
}

/*
 * How long the body is has to be beyond doubt: another reading by a proxy before us would be another
 * request.
 */
static bool
read_length(struct head *h, struct str length, struct err *err)
{
	h->length = -1;
	if (h->transfer_encoding.p) {
		if (length.p)
			return err_say(err, FAULT_REQUEST, "malformed.two_lengths", STR_NONE);
		if (!same_name(h->transfer_encoding, "chunked"))
			return err_say(err, FAULT_REQUEST, "malformed.transfer_encoding", STR_NONE);
	}
	if (length.p && (!str_int(length, &h->length) || h->length < 0))
		return err_say(err, FAULT_REQUEST, "malformed.content_length", STR_NONE);
	return true;
}

/* ---- who calls, and from where ---- */

/* Two of the same name are none: whoever set the second may not be the one who owns the first. */
static struct str
cookie(struct str cookies, const char *name)
{
	struct str part, key, found = STR_NONE;

	while (str_split(&cookies, ';', &part)) {
		struct str rest = bare(part);

		if (!str_split(&rest, '=', &key) || !str_is(key, name))
			continue;
		if (found.p || !rest.p || rest.n > TOKEN_LONGEST)
			return STR_NONE;
		found = rest;
	}
	return found;
}

static struct str
bearer(struct str authorization)
{
	struct str token;

	if (authorization.n < 7 || !same_name(str_first(authorization, 7), "bearer "))
		return STR_NONE;
	token = bare(str_from(authorization, 7));
	return token.n > TOKEN_LONGEST ? STR("") : token;
}

static bool
looks_like_address(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr("0123456789abcdefABCDEF.:", s.p[i]))
			return false;
	return s.n > 0 && s.n <= 45;
}

/* The last hop of X-Forwarded-For is the one that our own proxy wrote. */
static struct str
address_of(const struct head *h, bool proxy, struct str peer)
{
	struct str rest = h->forwarded_for, part, last = STR_NONE;

	if (!proxy)
		return peer;
	while (str_split(&rest, ',', &part))
		last = bare(part);
	return looks_like_address(last) ? last : peer;
}

/* Fit to be shown in a list of sessions. */
static struct str
cleaned(struct arena *a, struct str s)
{
	s = str_first(s, USER_AGENT_LONGEST);
	return arena_dup(a, str_first(s, utf8_sound(s)));
}

static void
read_site(struct request *r, struct head *h, const struct server_options *o)
{
	struct str own = o->host;

	if (!own.p && h->host.p)
		own = arena_printf(r->arena, "http%s://%.*s", r->https ? "s" : "", STR_FMT(h->host));
	r->origin = own.p ? own : STR("");
	h->site_told = h->fetch_site.p || h->origin.p;
	if (h->fetch_site.p)
		r->same_site = str_is(h->fetch_site, "same-origin") || str_is(h->fetch_site, "none");
	else if (h->origin.p)
		r->same_site = own.p && h->origin.n == own.n && strncasecmp(h->origin.p, own.p, own.n) == 0;
	else
		r->same_site = r->bearer.p != NULL;
}

/* ---- what the caller wants ---- */

/* "0.8" in thousandths; what is no weight counts as none given. */
static int
weight_of(struct str range)
{
	struct str part;
	int weight = 1000, scale = 100;
	size_t i;

	str_split(&range, ';', &part);
	while (str_split(&range, ';', &part)) {
		part = bare(part);
		if (part.n < 3 || (part.p[0] | 32) != 'q' || part.p[1] != '=' ||
		    (part.p[2] != '0' && part.p[2] != '1'))
			continue;
		weight = (part.p[2] - '0') * 1000;
		for (i = 4; i < part.n && scale && part.p[2] == '0'; i++, scale /= 10)
			if (part.p[i] >= '0' && part.p[i] <= '9')
				weight += (part.p[i] - '0') * scale;
	}
	return weight;
}

/* How much accept likes a type: the most exact range that covers it says so. */
static int
liking(struct str accept, const char *type, const char *family)
{
	struct str range, name;
	int best = 0, exactness = 0;

	while (str_split(&accept, ',', &range)) {
		struct str rest = range;
		int exact;

		str_split(&rest, ';', &name);
		name = bare(name);
		exact = same_name(name, type) ? 3 : same_name(name, family) ? 2 : str_is(name, "*/*") ? 1 : 0;
		if (exact > exactness) {
			exactness = exact;
			best = weight_of(range);
		}
	}
	return best;
}

/*
 * Only who likes a page more gets one; a program that says nothing gets JSON. A browser always says
 * text/html.
 */
static void
read_accept(struct request *r, struct head *h)
{
	struct str accept = bare(h->accept);
	int html, json;

	h->acceptable = true;
	r->want = WANT_JSON;
	if (accept.n == 0)
		return;
	r->json_named = str_has(accept, STR("application/json"));
	html = liking(accept, "text/html", "text/*");
	json = liking(accept, "application/json", "application/*");
	h->acceptable = html > 0 || json > 0;
	if (html > json)
		r->want = WANT_HTML;
}

static bool
read_key(struct request *r, struct err *err)
{
	size_t i;

	if (!r->idempotency_key.p)
		return true;
	if (r->idempotency_key.n == 0 || r->idempotency_key.n > KEY_LONGEST)
		return err_say(err, FAULT_REQUEST, "malformed.key_length",
		    arena_printf(r->arena, "%d", KEY_LONGEST));
	for (i = 0; i < r->idempotency_key.n; i++)
		if (r->idempotency_key.p[i] <= ' ' || r->idempotency_key.p[i] > '~')
			return err_say(err, FAULT_REQUEST, "malformed.key_characters", STR_NONE);
	return true;
}

/* Content-Type and its like need not be UTF-8; whatever reaches a handler must be. */
static bool
texts_ok(const struct request *r, const struct head *h, struct err *err)
{
	const struct str texts[] = { h->cookie, h->authorization, h->origin, h->host, r->accept_language,
	    r->if_match, r->if_none_match, r->content_range };
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i].p && !utf8_ok(texts[i]))
			return err_setf(err, FAULT_ENCODING, "a header that is not UTF-8");
	return true;
}

bool
head_read(struct request *r, struct head *h, const struct server_options *o, const struct wire_request *in,
    struct err *err)
{
	struct str length = STR_NONE, lang;

	if (!not_too_many(in, o->header_limit, err) || !collect(r, h, in, &length, err) ||
	    !read_length(h, length, err))
		return false;
	r->https = o->proxy && same_name(h->forwarded_proto, "https");
	r->address = address_of(h, o->proxy, in->peer.p ? in->peer : STR(""));
	r->user_agent = cleaned(r->arena, h->user_agent.p ? h->user_agent : STR(""));
	r->bearer = bearer(h->authorization);
	r->cookie_session = cookie(h->cookie, r->https ? "__Host-session" : "session");
	r->cookie_lang = lang = cookie(h->cookie, r->https ? "__Host-lang" : "lang");
	if (!lang.p || !lang_parse(lang, &r->lang))
		r->lang = r->accept_language.p ? lang_accept(r->accept_language, LANG_ZH) : LANG_ZH;
	read_site(r, h, o);
	read_accept(r, h);
	/* last, so that what is wrong is said in the caller's language */
	return read_key(r, err) && texts_ok(r, h, err);
}

bool
may_write(const struct request *r, const struct head *h, struct str csrf)
{
	bool by_session = r->who && r->who->session;

	if (r->bearer.p && !by_session)
		return true;
	if (h->site_told && !r->same_site)
		return false;
	if (!by_session)
		return true;
	if (!h->site_told)
		return false;
	/* a form for strangers has no token, whoever fills it in */
	if (r->route->roles & ROLE_STRANGER)
		return true;
	return !r->form || (csrf.p && r->who->csrf.p && same_secret(csrf, r->who->csrf));
}

/* ---- the body ---- */

bool
head_media(struct request *r, const struct head *h, struct err *err)
{
	struct str rest = h->content_type, part, name;

	r->media = STR("");
	if (h->content_encoding.p && !same_name(h->content_encoding, "identity"))
		return err_setf(err, FAULT_MEDIA_TYPE, "Content-Encoding");
	if (!rest.p)
		return true;
	str_split(&rest, ';', &part);
	r->media = lower(r->arena, bare(part));
	while (str_split(&rest, ';', &part)) {
		struct str value = bare(part);

		if (!str_split(&value, '=', &name) || !same_name(bare(name), "charset"))
			continue;
		value = bare(value);
		if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
			value = (struct str){ value.p + 1, value.n - 2 };
		if (!value.p || (!same_name(value, "utf-8") && !same_name(value, "utf8")))
			return err_setf(err, FAULT_MEDIA_TYPE, "charset");
	}
	return true;
}

const struct entity body_bytes = { .name = "bytes" };

static bool
is_multipart(const struct request *r)
{
	return str_is(r->media, "multipart/form-data");
}

bool
is_form(const struct request *r)
{
	return str_is(r->media, "application/x-www-form-urlencoded") || is_multipart(r);
}

bool
route_takes_file(const struct route *route)
{
	const struct entity *e = route ? route->input : NULL;

	for (int i = 0; e && i < e->n; i++)
		if (e->fields[i].kind == KIND_FILES && !(e->fields[i].flags & SYSTEM))
			return true;
	return false;
}

bool
body_read(struct request *r, const struct head *h, struct err *err)
{
	if (r->method == METHOD_GET)
		return true;
	if ((r->route && r->route->input == &body_bytes) || r->body.n == 0) {
		r->form = r->body.n == 0 && is_form(r);
		r->in = value_map(r->arena);
		return true;
	}
	r->form = is_form(r);
	if (is_multipart(r)) {
		if (!route_takes_file(r->route))
			return err_set(err, FAULT_MEDIA_TYPE);
		return multipart_read(r->arena, h->content_type, r->body, FORM_NAMES, &r->in, &r->file, err);
	}
	if (r->form)
		return query_read(r->arena, r->body, FORM_NAMES, false, &r->in, err);
	if (!str_is(r->media, "application/json"))
		return err_set(err, FAULT_MEDIA_TYPE);
	if (!json_parse(r->arena, r->body, &r->in, err))
		return false;
	if (r->in->kind != V_MAP) {
		r->in = NULL;
		return err_setf(err, FAULT_SYNTAX, "1:1");
	}
	return true;
}

struct str
form_take(struct request *r, const char *name)
{
	struct value *kept, *m, *next;
	struct str found = STR_NONE;

	if (!r->form || !value_get(r->in, name))
		return STR_NONE;
	kept = value_map(r->arena);
	for (m = r->in->first; m; m = next) {
		next = m->next;
		m->next = NULL;
		if (str_is(m->name, name))
			found = m->s;
		else
			map_add_str(kept, m->name, m);
	}
	r->in = kept;
	return found;
}

/* ---- for handlers ---- */

int64_t
request_id(const struct request *r, int arg)
{
	int64_t id;

	return str_int(r->args[arg], &id) && id > 0 ? id : 0;
}

struct str
request_query(const struct request *r, const char *name)
{
	const struct value *v = r->query ? value_get(r->query, name) : NULL;

	if (v && v->kind == V_LIST)
		v = v->last;
	return value_text(v);
}

int64_t
request_query_int(const struct request *r, const char *name, int64_t otherwise)
{
	struct str s = request_query(r, name);
	int64_t i;

	return s.p && str_int(s, &i) ? i : otherwise;
}
