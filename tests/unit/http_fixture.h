/*
 * A small route table with its people and templates, for the tests of the http room: linked instead of the
 * site's. Without a store a write runs where it is.
 */
#ifndef UNIT_HTTP_FIXTURE_H
#define UNIT_HTTP_FIXTURE_H

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/time.h"
#include "http/assets.h"
#include "http/render.h"
#include "http/server.h"

/* ---- what the handlers saw ---- */

static _Atomic int shop_runs;            /* writes that ran */
static _Atomic int shop_refused;         /* hooks->refused */
static _Atomic int shop_caught_up;
static _Atomic int shop_slow_runs;       /* slow handlers that began */
static _Atomic int shop_slow_gate;       /* 1: the slow handler waits until it is 0 */

static inline void
shop_fixed(struct request *r, struct answer *a)
{
	a->value = value_map(r->arena);
	map_str(r->arena, a->value, "status", STR("ok"));
	map_str(r->arena, a->value, "message", STR("a fixed answer of about fifty bytes"));
}

static inline void
shop_asset(struct request *r, struct answer *a)
{
	if (!str_is(r->args[0], "app.css") && !str_is(r->args[0], "data.json")) {
		err_set(&a->err, FAULT_NOT_FOUND);
		return;
	}
	a->raw = STR("body { color: black }");
	a->raw_type = STR("text/css; charset=utf-8");
	a->etag = STR("0123456789abcdef");
	a->cache = STR("no-cache");
}

/* What the request was, as a value: most tests look at it. */
static inline void
shop_echo(struct request *r, struct answer *a)
{
	struct value *v = value_map(r->arena);

	map_str(r->arena, v, "path", r->path);
	map_str(r->arena, v, "a", r->args[0]);
	map_str(r->arena, v, "b", r->args[1]);
	map_str(r->arena, v, "q", request_query(r, "q"));
	map_int(r->arena, v, "n", request_query_int(r, "n", -1));
	map_str(r->arena, v, "lang", str_c(lang_tag(r->lang)));
	map_str(r->arena, v, "who", r->who ? r->who->name : STR_NONE);
	map_str(r->arena, v, "address", r->address);
	map_bool(r->arena, v, "https", r->https);
	map_bool(r->arena, v, "form", r->form);
	map_str(r->arena, v, "if_match", r->if_match);
	map_str(r->arena, v, "agent", r->user_agent);
	map_int(r->arena, v, "body", (int64_t)r->body.n);
	a->value = v;
}

static inline void
shop_make(struct request *r, struct answer *a)
{
	struct str title = value_text(value_get(r->in, "title"));

	atomic_fetch_add(&shop_runs, 1);
	if (!title.n) {
		err_field(&a->err, STR("title"), NULL, FAULT_F_MISSING, 0, STR(""));
		return;
	}
	shop_echo(r, a);
	map_str(r->arena, a->value, "title", title);
	a->status = 201;
	a->location = STR("/things/7");
	a->notice = STR("saved");
}

static inline void
shop_again(struct request *r, struct answer *a)
{
	a->value = value_map(r->arena);
	map_null(r->arena, a->value, "path");
	map_str(r->arena, a->value, "typed", value_text(value_get(r->in, "title")));
	map_str(r->arena, a->value, "wrong", r->refused ? str_c(fault_code(r->refused->fault)) : STR_NONE);
	map_str(r->arena, a->value, "note", value_text(value_get(r->in, "note")));
}

static inline void
shop_change(struct request *r, struct answer *a)
{
	atomic_fetch_add(&shop_runs, 1);
	shop_echo(r, a);
	map_str(r->arena, a->value, "method", r->method == METHOD_PUT ? STR("PUT") : STR("DELETE"));
}

static inline void
shop_twice(struct request *r, struct answer *a)
{
	if (r->store && !tx_can_write(r->tx)) {
		a->needs_write = true;
		return;
	}
	shop_echo(r, a);
}

static inline void
shop_slow(struct request *r, struct answer *a)
{
	atomic_fetch_add(&shop_slow_runs, 1);
	while (atomic_load(&shop_slow_gate))
		sched_yield();
	shop_echo(r, a);
	a->set_session = STR("fresh");
}

static inline void
shop_empty(struct request *r, struct answer *a)
{
	(void)r;
	a->set_session = STR("");
}

static inline void
shop_away(struct request *r, struct answer *a)
{
	a->location = request_query(r, "q");
}

static inline void
shop_file(struct request *r, struct answer *a)
{
	a->file_name = STR("報告 1.json");
	shop_echo(r, a);
}

/* More than any socket's buffers take. */
static char shop_bytes[16 << 20];
static inline void
shop_big(struct request *r, struct answer *a)
{
	(void)r;
	a->raw = (struct str){ shop_bytes, sizeof(shop_bytes) };
	a->raw_type = STR("application/octet-stream");
}

/* Bytes made while they are sent, as many as ?n= says; with q=broken and q=open they end half-way, with q=open on purpose. */
struct shop_stream {
	struct stream stream;
	bool broken;
};
static _Atomic int shop_streams_ended;

static inline bool
shop_stream_read(struct stream *s, int64_t at, char *to, size_t n, size_t *ret_n)
{
	bool half = at >= s->size / 2;

	if (((struct shop_stream *)(void *)s)->broken && half)
		return false;
	if (s->open_end && half) {
		*ret_n = 0;
		return true;
	}
	if ((int64_t)n > s->size - at)
		n = (size_t)(s->size - at);
	if (n > 1000)
		n = 1000;                /* in portions of its own */
	for (size_t i = 0; i < n; i++)
		to[i] = (char)('a' + (at + (int64_t)i) % 26);
	*ret_n = n;
	return true;
}

static inline void
shop_stream_end(struct stream *s)
{
	(void)s;
	atomic_fetch_add(&shop_streams_ended, 1);
}

static inline void
shop_stream(struct request *r, struct answer *a)
{
	struct shop_stream *s = arena_make(r->arena, struct shop_stream);

	s->stream = (struct stream){ .size = request_query_int(r, "n", 100000), .read = shop_stream_read,
		.end = shop_stream_end, .open_end = str_is(request_query(r, "q"), "open") };
	s->broken = str_is(request_query(r, "q"), "broken");
	a->stream = &s->stream;
	a->raw_type = STR("application/zip");
	a->file_name = STR("a.zip");
}

/* What came with a form that has a file. */
static inline void
shop_upload(struct request *r, struct answer *a)
{
	shop_echo(r, a);
	map_str(r->arena, a->value, "title", value_text(value_get(r->in, "title")));
	map_str(r->arena, a->value, "file", r->file.field.p ? r->file.name : STR_NONE);
	map_int(r->arena, a->value, "bytes", r->file.field.p ? (int64_t)r->file.bytes.n : -1);
	map_str(r->arena, a->value, "range", r->content_range);
}

struct shop_form {
	struct str title, file;
};
static const struct field shop_fields[] = {
	FIELD_ROW(shop_form, title, TEXT, 0, BY_P, ALWAYS, 1, 100, NULL, NULL)
	FIELD_ROW(shop_form, file, FILES, 0, BY_P, ALWAYS, 0, 0, NULL, NULL)
};
static const struct entity shop_form = ENTITY(shop_form, shop_fields, false);

static inline void
shop_fail(struct request *r, struct answer *a)
{
	(void)r;
	err_setf(&a->err, FAULT_INTERNAL, "the cellar is on fire");
}

static const struct query_param shop_query[] = {
	{ "q", "text", "words" },
	{ "n", "integer", "a number" },
	{ "t", "time", "a time" },
	{ "kind", "red|blue", "a choice" },
	{ NULL, NULL, NULL },
};

#define OPEN (ROLE_STRANGER | ROLE__ANY)
const struct route routes[] = {
	{ "fixed", METHOD_GET, "/fixed", OPEN, LANE_FIXED, shop_fixed, NULL, NULL, "object", NULL, NULL, NULL,
	    0, false, "Fixed." },
	{ "about", METHOD_GET, "/about.json", OPEN, LANE_FIXED, shop_fixed, NULL, NULL, "object", NULL, NULL,
	    NULL, 0, false, "Named so." },
	{ "asset", METHOD_GET, "/assets/{name}", OPEN, LANE_FIXED, shop_asset, NULL, NULL, "empty", NULL,
	    NULL, NULL, 0, false, "Asset." },
	{ "open", METHOD_GET, "/open", OPEN, LANE_READ, shop_echo, NULL, NULL, "object", shop_query, "thing",
	    NULL, 0, false, "Open." },
	{ "thing.list", METHOD_GET, "/things", ROLE_REVIEWER, LANE_READ, shop_echo, NULL, NULL, "object",
	    shop_query, "thing", NULL, 0,
	    false, "List." },
	{ "thing.make", METHOD_POST, "/things", ROLE_REVIEWER, LANE_WRITE, shop_make, NULL, NULL, "record",
	    NULL, "thing", shop_again,
	    0, true, "Make." },
	{ "thing.new", METHOD_GET, "/things/new", ROLE_REVIEWER, LANE_READ, shop_echo, NULL, NULL, "object",
	    NULL, "thing", NULL, 0,
	    false, "Form." },
	{ "thing.view", METHOD_GET, "/things/{id}", ROLE_REVIEWER, LANE_READ, shop_echo, NULL, NULL, "record",
	    shop_query, "thing", NULL,
	    0, false, "View." },
	{ "thing.change", METHOD_PUT, "/things/{id}", ROLE_REVIEWER, LANE_WRITE, shop_change, NULL, NULL,
	    "record", NULL, NULL, NULL,
	    200000, false, "Change." },
	{ "thing.delete", METHOD_DELETE, "/things/{id}", ROLE_REVIEWER, LANE_WRITE, shop_change, NULL, NULL,
	    "record", NULL, NULL, NULL,
	    0, false, "Delete." },
	{ "thing.part", METHOD_GET, "/things/{id}/parts", ROLE_REVIEWER, LANE_READ, shop_echo, NULL, NULL,
	    "object", NULL, NULL, NULL, 0,
	    false, "Parts." },
	{ "thing.compare", METHOD_GET, "/things/{id}/versions/{a}..{b}", OPEN, LANE_READ, shop_echo, NULL,
	    NULL, "object", NULL, NULL,
	    NULL, 0, false, "Compare." },
	{ "any", METHOD_GET, "/any", ROLE__ANY, LANE_READ, shop_echo, NULL, NULL, "object", NULL, "thing",
	    NULL, 0, false, "Anybody." },
	{ "twice", METHOD_GET, "/twice", OPEN, LANE_READ, shop_twice, NULL, NULL, "object", NULL, NULL, NULL,
	    0, false, "Twice." },
	{ "slow", METHOD_POST, "/slow", OPEN, LANE_SLOW, shop_slow, NULL, NULL, "object", NULL, NULL, NULL, 0,
	    false, "Slow." },
	{ "post", METHOD_POST, "/post", OPEN, LANE_WRITE, shop_echo, NULL, NULL, "object", shop_query, NULL,
	    NULL, 100000, false, "Post." },
	{ "empty", METHOD_POST, "/empty", OPEN, LANE_WRITE, shop_empty, NULL, NULL, "empty", NULL, NULL, NULL,
	    0, false, "Empty." },
	{ "away", METHOD_GET, "/away", OPEN, LANE_READ, shop_away, NULL, NULL, "empty", shop_query, NULL,
	    NULL, 0, false, "Away." },
	{ "file", METHOD_GET, "/file", OPEN, LANE_READ, shop_file, NULL, NULL, "object", NULL, NULL, NULL, 0,
	    false, "File." },
	{ "big", METHOD_GET, "/big", OPEN, LANE_FIXED, shop_big, NULL, NULL, "empty", NULL, NULL, NULL, 0,
	    false, "Big." },
	{ "stream", METHOD_GET, "/stream", OPEN, LANE_READ, shop_stream, NULL, NULL, "empty", shop_query, NULL, NULL, 0,
	    false, "Stream." },
	{ "upload", METHOD_POST, "/upload", ROLE_REVIEWER, LANE_SLOW, shop_upload, &shop_form, NULL, "object", NULL, NULL,
	    NULL, SIZE_MAX, false, "Upload." },
	{ "bytes", METHOD_PUT, "/bytes", ROLE_REVIEWER, LANE_SLOW, shop_upload, &body_bytes, NULL, "object", NULL, NULL,
	    NULL, 200000, false, "Bytes." },
	{ "fail", METHOD_GET, "/fail", OPEN, LANE_READ, shop_fail, NULL, NULL, "object", NULL, NULL, NULL, 0,
	    false, "Fails." },
};
const int route_count = (int)(sizeof(routes) / sizeof(routes[0]));

/* ---- templates ---- */

#define SHOP_TEMPLATE(name, text) { name, (const unsigned char *)(text), sizeof(text) - 1, "0" }
static const struct asset shop_templates[] = {
	SHOP_TEMPLATE("error",
	    "<h1>{{code}} {{status}}</h1>{{what}}{{#sign_in}}<a href=\"{{sign_in}}\">in</a>{{/sign_in}}"
	    "{{#resend}}<form action=\"{{action}}\">"
	    "{{#fields}}<input name=\"{{name}}\" value=\"{{value}}\">{{/fields}}</form>{{/resend}}"),
	SHOP_TEMPLATE("thing",
	    "<p>{{page.user}}{{#path}}{{path}}{{/path}}{{^path}}again: {{typed}} {{wrong}}{{/path}}</p>"),
	{ NULL, NULL, 0, NULL },
};

const struct asset *
asset_find(struct str name)
{
	(void)name;
	return NULL;
}

const struct asset *
template_find(struct str name)
{
	return asset_in(shop_templates, name);
}

const struct asset *
templates_all(int *ret_count)
{
	*ret_count = 2;
	return shop_templates;
}

/* ---- people ---- */

/*
 * Session "r" is a reviewer, "m" a manager with English; key "k" a reviewer's. Anything else has ended or is
 * wrong.
 */
static inline bool
shop_authenticate(struct request *r, struct err *err)
{
	static const struct principal reviewer =
	    { .account = 1, .person = 1, .org = 1, .session = 11, .roles = ROLE_REVIEWER,
	    .name = { "Lin", 3 }, .lang = LANG_ZH, .csrf = { "token", 5 } };
	static const struct principal manager =
	    { .account = 2, .person = 2, .org = 1, .session = 12, .roles = ROLE_MANAGER,
	    .name = { "Wu", 2 }, .lang = LANG_EN, .lang_chosen = true, .csrf = { "other", 5 } };
	static const struct principal program =
	    { .account = 3, .person = 3, .org = 1, .key = 13, .roles = ROLE_REVIEWER,
	    .name = { "SOC", 3 }, .lang = LANG_EN, .lang_chosen = true };

	if (r->bearer.p) {
		if (!str_is(r->bearer, "k"))
			return err_set(err, FAULT_CREDENTIALS);
		r->who = &program;
	} else if (r->cookie_session.p) {
		if (str_is(r->cookie_session, "r"))
			r->who = &reviewer;
		else if (str_is(r->cookie_session, "m"))
			r->who = &manager;
		else
			return err_set(err, FAULT_SESSION_ENDED);
	}
	return true;
}

static inline void
shop_frame(struct request *r, const struct answer *a, struct value *page)
{
	(void)a;
	map_str(r->arena, page, "user", r->who ? r->who->name : STR_NONE);
}

static inline void
shop_note_refused(struct request *r, enum fault f)
{
	(void)r;
	(void)f;
	atomic_fetch_add(&shop_refused, 1);
}

static inline void
shop_catch_up(struct request *r)
{
	(void)r;
	atomic_fetch_add(&shop_caught_up, 1);
}

/* One key is known: "seen" was answered before, "other" with another body. */
static inline bool
shop_replay(struct request *r, struct answer *a)
{
	if (str_is(r->idempotency_key, "other"))
		return !err_set(&a->err, FAULT_IDEMPOTENCY);
	if (!str_is(r->idempotency_key, "seen"))
		return false;
	a->value = value_map(r->arena);
	map_str(r->arena, a->value, "title", STR("the first"));
	a->status = 201;
	return true;
}

static struct str shop_remembered;
static inline bool
shop_remember(struct request *r, const struct answer *a, struct err *err)
{
	static char key[64];

	(void)a;
	(void)err;
	memcpy(key, r->idempotency_key.p, r->idempotency_key.n < sizeof(key) ? r->idempotency_key.n :
	    sizeof(key));
	shop_remembered = (struct str){ key, r->idempotency_key.n };
	return true;
}

static const struct http_hooks shop_hooks = {
	.authenticate = shop_authenticate,
	.catch_up = shop_catch_up,
	.replay = shop_replay,
	.remember = shop_remember,
	.frame = shop_frame,
	.refused = shop_note_refused,
};

static inline struct server_options
shop_options(void)
{
	return (struct server_options){
		.threads = 2, .hooks = &shop_hooks, .zone = zone_utc(), .body_limit = 65536,
		    .body_limit_max = 3 << 20,
		.header_limit = 16384, .idle_seconds = 30, .request_seconds = 20, .connections_max = 200,
		    .per_address_max = 200,
	};
}

#endif
