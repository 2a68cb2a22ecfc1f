/* The way of a request, from head to answer, without sockets. */
#include "base/json.h"
#include "http/mustache.h"
#include "http/private.h"
#include "http_fixture.h"
#include "tap.h"

static struct arena *a;
static struct server_options options;
static struct server *server;

/* One request: lines of headers ("Name: value", ended by "\n"), and a body. */
static struct wire_response
ask_with(const char *method, const char *target, const char *headers, struct str body)
{
	struct str (*pairs)[2] = arena_alloc(a, 400 * sizeof(*pairs)), rest = str_c(headers), line, name;
	struct wire_request in = { str_c(method), str_c(target), STR("HTTP/1.1"), NULL, 0, body,
	    STR("192.0.2.1") };
	struct wire_response out;

	while (str_split(&rest, '\n', &line)) {
		if (!line.n)
			continue;
		str_split(&line, ':', &name);
		pairs[in.header_count][0] = name;
		pairs[in.header_count++][1] = str_trim(line);
	}
	in.headers = (const struct str (*)[2])pairs;
	server_answer(server, a, &in, &out);
	return out;
}

static struct wire_response
ask(const char *method, const char *target, const char *headers, const char *body)
{
	return ask_with(method, target, headers, str_c(body));
}

#define get(target, headers) ask("GET", (target), (headers), "")

static struct str
header(const struct wire_response *r, const char *name)
{
	struct str rest = r->headers, line, key;

	while (str_split(&rest, '\n', &line))
		if (str_split(&line, ':', &key) && str_is(key, name))
			return str_trim(line);
	return STR_NONE;
}

/* A member of the JSON body as text. */
static struct str
member(const struct wire_response *r, const char *name)
{
	struct err err = { .arena = a };
	struct value *v, *m;

	if (!json_parse(a, r->body, &v, &err))
		return STR("not JSON");
	m = value_get(v, name);
	if (m && m->kind == V_INT)
		return arena_printf(a, "%lld", (long long)m->i);
	if (m && m->kind == V_BOOL)
		return m->i ? STR("true") : STR("false");
	return value_text(m);
}

#define code(r) member((r), "code")

#define HTML "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\n"
#define KEY "Authorization: Bearer k\n"
#define SESSION "Cookie: session=r\n"
#define OURS "Sec-Fetch-Site: same-origin\n"
#define FORM "Content-Type: application/x-www-form-urlencoded\n"
#define JSON "Content-Type: application/json\n"

/* ---- what is answered ---- */

static void
test_accept(void)
{
	static const struct {
		const char *accept, *type, *name;
	} rows[] = {
		{ "", "application/json; charset=utf-8", "no Accept" },
		{ "Accept: */*\n", "application/json; charset=utf-8", "anything" },
		{ HTML, "text/html; charset=utf-8", "a browser" },
		{ "Accept: text/html;q=0.5, application/json;q=0.8\n", "application/json; charset=utf-8",
		    "rather JSON" },
		{ "Accept: text/html;q=0.9, */*;q=0.8\n", "text/html; charset=utf-8", "rather a page" },
		{ "Accept: application/json;q=0, */*\n", "text/html; charset=utf-8", "anything but JSON" },
		{ "Accept: text/*\n", "text/html; charset=utf-8", "a family" },
		{ "Accept: text/html\nAccept: application/json;q=0.1\n", "text/html; charset=utf-8",
		    "in two headers" },
	};
	struct wire_response r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = get("/open", rows[i].accept);
		is_str(header(&r, "Content-Type"), rows[i].type, rows[i].name);
	}
	r = get("/open", "Accept: image/png\n");
	is_int(r.status, 406, "neither is wanted");
	is_str(code(&r), "request.not_acceptable", "and JSON says so");
	r = get("/open.json", "Accept: image/png\n");
	is_int(r.status, 200, "the address itself asks for JSON");
	is_str(member(&r, "path"), "/open", "its ending is not part of the path");
	r = get("/about.json", "");
	is_int(r.status, 200, "a path that is named so");
	r = get("/assets/data.json", HTML);
	is_int(r.status, 200, "a file that is named so");
	r = get("/assets/app.css", "Accept: text/css\n");
	is_int(r.status, 200, "a file is what it is");
	r = get("/assets/app.css", "Accept: image/png\n");
	is_int(r.status, 200, "whatever is wanted");
	r = get("/fixed", HTML);
	is_str(header(&r, "Content-Type"), "application/json; charset=utf-8",
	    "no page, so JSON for browsers too");
	r = ask("POST", "/post", "Accept: image/png\n" KEY JSON, "{}");
	is_int(r.status, 406, "a write that cannot be answered is not made");
}

static void
test_methods(void)
{
	struct wire_response r = ask("HEAD", "/fixed", "", "");

	is_int(r.status, 200, "HEAD");
	is_int(r.body.n, 0, "has no body");
	r = ask("OPTIONS", "/things/5", "", "");
	is_int(r.status, 204, "OPTIONS");
	is_str(header(&r, "Allow"), "GET, HEAD, PUT, DELETE, OPTIONS", "tells the methods");
	r = ask("OPTIONS", "*", "", "");
	is_int(r.status, 204, "OPTIONS of the server");
	r = ask("OPTIONS", "/nothing", "", "");
	is_int(r.status, 404, "OPTIONS of nothing");
	r = ask("PATCH", "/things/5", "", "");
	is_int(r.status, 405, "a method that no route has");
	is_str(header(&r, "Allow"), "GET, HEAD, PUT, DELETE, OPTIONS", "and those it has");
	r = ask("TRACE", "/nothing", "", "");
	is_int(r.status, 404, "a strange method of nothing");
	r = ask("POST", "/things/5", KEY JSON, "{}");
	is_int(r.status, 405, "a method that this path does not have");
	is_str(code(&r), "request.method", "by its code");
	r = get("/nothing", HTML);
	is_int(r.status, 404, "no such address");
	ok(str_has(r.body, STR("<h1>not_found 404</h1>")), "as a page");
	r = ask("GET", "/fixed", "Content-Length: 5\n", "hello");
	is_int(r.status, 413, "GET takes no body");
}

static void
test_headers(void)
{
	struct wire_response r = get("/fixed", ""), page = get("/open", HTML);

	ok(str_starts(header(&r, "Content-Security-Policy"), STR("default-src 'none'; ")), "policy");
	is_str(header(&r, "X-Content-Type-Options"), "nosniff", "nosniff");
	is_str(header(&r, "Referrer-Policy"), "same-origin", "referrer");
	is_str(header(&r, "Cache-Control"), "no-store", "nothing is kept");
	is_str(header(&r, "Vary"), "Accept, Accept-Language, Cookie", "vary");
	is_str(header(&r, "Strict-Transport-Security"), NULL, "no HSTS on plain HTTP");
	is_str(header(&page, "Content-Language"), "zh-TW", "a page's language");
	r = get("/assets/app.css", "");
	is_str(header(&r, "ETag"), "\"0123456789abcdef\"", "a file's tag");
	is_str(header(&r, "Cache-Control"), "no-cache", "and how long it may be kept");
	r = get("/assets/app.css", "If-None-Match: \"x\", W/\"0123456789abcdef\"\n");
	is_int(r.status, 304, "the caller has it already");
	is_int(r.body.n, 0, "so it is not sent");
	r = get("/assets/app.css", "If-None-Match: \"0123456789abcde\"\n");
	is_int(r.status, 200, "another tag");
	r = get("/assets/app.css", "If-None-Match: *\n");
	is_int(r.status, 304, "any tag");
	r = get("/file", "");
	is_str(header(&r, "Content-Disposition"),
	    "attachment; filename=\"_______1.json\"; filename*=UTF-8''%E5%A0%B1%E5%91%8A%201.json",
	    "a file's name");
	r = get("/fail", "");
	is_int(r.status, 500, "a fault of our own");
	ok(!str_has(r.body, STR("cellar")), "does not tell what only the log is told");
}

static void
test_locations(void)
{
	struct wire_response r = get("/away?q=/things%23top", HTML);

	is_int(r.status, 303, "elsewhere");
	is_str(header(&r, "Location"), "/things#top", "there");
	r = get("/away?q=//evil.example/", HTML);
	is_str(header(&r, "Location"), "/", "never to another host");
	r = get("/away?q=/%5Cevil.example", HTML);
	is_str(header(&r, "Location"), "/", "nor by a backslash");
	r = get("/away?q=https://evil.example", HTML);
	is_str(header(&r, "Location"), "/", "nor with its name");
	r = get("/away?q=/a%0D%0ASet-Cookie:x", HTML);
	is_str(header(&r, "Location"), "/a%0D%0ASet-Cookie:x", "nor does it make headers");
	r = get("/away?q=/%E8%AD%A6", HTML);
	is_str(header(&r, "Location"), "/%E8%AD%A6", "in ASCII");
}

/* ---- what is refused before anything else ---- */

static struct str
many_headers(int n)
{
	struct buf b = { .arena = a };

	while (n--)
		buf_c(&b, "X-A: b\n");
	buf_char(&b, '\0');
	return buf_str(&b);
}

static void
test_ambiguity(void)
{
	static const struct {
		const char *headers;
		int status;
		const char *name;
	} rows[] = {
		{ "Host: a\nHost: b\n", 400, "two hosts" },
		{ "Content-Length: 2\nContent-Length: 2\n", 400, "two lengths" },
		{ "Content-Length: 2\nTransfer-Encoding: chunked\n", 400, "a length and chunks" },
		{ "Transfer-Encoding: gzip, chunked\n", 400, "another coding" },
		{ "Content-Length: -1\n", 400, "a negative length" },
		{ "Content-Length: +2\n", 400, "a sign before it" },
		{ "Content-Length: 2, 2\n", 400, "a list of lengths" },
		{ "Content-Length: 0x2\n", 400, "a hexadecimal length" },
		{ "Authorization: Bearer k\nAuthorization: Bearer k\n", 400, "two tokens" },
		{ "Cookie: a=b\nCookie: c=d\n", 400, "two cookies" },
		{ "Bad Name: x\n", 400, "a blank in a name" },
		{ "X-Bad: a\001b\n", 400, "a control character in a value" },
		{ "Idempotency-Key: \n", 400, "an empty key" },
		{ "Idempotency-Key: a b\n", 400, "a key with a blank" },
		{ "Accept-Language: \xff\n", 400, "a header that is not UTF-8" },
		{ "Content-Encoding: gzip\n", 415, "a compressed body" },
	};
	struct wire_response r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = ask("POST", "/post", rows[i].headers, "{}");
		is_int(r.status, rows[i].status, rows[i].name);
	}
	r = get("/fixed", many_headers(201).p);
	is_int(r.status, 431, "too many headers");
	r = get("/fixed", many_headers(200).p);
	is_int(r.status, 200, "as many as there may be");
	r = get("/open?nothing=1", "");
	is_int(r.status, 400, "an unknown condition");
	is_str(member(&r, "detail"), "nothing; allowed: q, n, t, kind", "says which there are");
}

/* ---- who ---- */

static void
test_rights(void)
{
	struct wire_response r = get("/things", "");
	int refused = shop_refused;

	is_int(r.status, 401, "nobody");
	is_str(code(&r), "auth.required", "has to sign in");
	is_str(header(&r, "WWW-Authenticate"), "Bearer realm=\"tocsin\"", "and how");
	r = get("/things?q=a%26b&n=1", HTML);
	is_int(r.status, 303, "a page leads to signing in");
	is_str(header(&r, "Location"), "/sign-in?next=/things%3Fq%3Da%2526b%26n%3D1", "and back");
	r = get("/things", KEY);
	is_str(member(&r, "who"), "SOC", "by key");
	r = get("/things", SESSION);
	is_str(member(&r, "who"), "Lin", "by session");
	is_int(shop_refused - refused, 0, "nothing of this is refused by rights");
	r = get("/things", "Authorization: Bearer wrong\n");
	is_int(r.status, 401, "a wrong key");
	is_str(code(&r), "auth.refused", "by its code");
	r = get("/open", "Authorization: Bearer wrong\n");
	is_int(r.status, 401, "a wrong key is wrong where none is needed");
	r = get("/things", "Cookie: session=m\n");
	is_int(r.status, 403, "another role");
	is_int(shop_refused - refused, 3, "the trail is told of each");
	r = get("/any", "Cookie: session=m\n");
	is_int(r.status, 200, "any role");
	r = get("/any", "");
	is_int(r.status, 401, "but nobody");
	r = get("/things", "Authorization: Basic x\n" SESSION);
	is_int(r.status, 200, "another scheme is not ours");
	r = get("/things", "Cookie: session=r; session=m\n");
	is_int(r.status, 401, "two sessions are none");
	r = get("/things", "Cookie: a=session=r; xsession=r\n");
	is_int(r.status, 401, "a cookie with a like name");
}

static void
test_ended(void)
{
	struct wire_response r = get("/things", "Cookie: session=old\n");

	is_int(r.status, 401, "a session that has ended");
	is_str(code(&r), "auth.session_ended", "by its code");
	is_str(header(&r, "Set-Cookie"), "session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
	    "its cookie is taken away");
	r = get("/open", "Cookie: session=old\n");
	is_int(r.status, 200, "where nobody has to be signed in, it is nobody's");
	is_str(member(&r, "who"), NULL, "nobody");
	is_str(header(&r, "Set-Cookie"), "session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
	    "its cookie is taken away too");
	r = get("/things", HTML "Cookie: session=old\n");
	is_int(r.status, 303, "a page leads to signing in");
	r = get("/nothing", HTML SESSION);
	ok(str_has(r.body, STR("not_found")), "a page that is not there");
}

static void
test_languages(void)
{
	struct wire_response r = get("/open", "");

	is_str(member(&r, "lang"), "zh-TW", "the first language");
	r = get("/open", "Accept-Language: fr, en;q=0.5\n");
	is_str(member(&r, "lang"), "en", "by the browser");
	r = get("/open", "Accept-Language: en\nCookie: lang=zh-TW\n");
	is_str(member(&r, "lang"), "zh-TW", "by the cookie");
	r = get("/open", "Accept-Language: zh-TW\nCookie: lang=zh-TW; session=m\n");
	is_str(member(&r, "lang"), "en", "by the person");
	r = get("/open?lang=zh", "Cookie: session=m\n");
	is_str(member(&r, "lang"), "zh-TW", "by the address");
	is_str(header(&r, "Set-Cookie"), NULL, "for once, when the person has one");
	r = get("/open?lang=en", "");
	is_str(header(&r, "Set-Cookie"), "lang=en; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000",
	    "and from now on for nobody");
	r = get("/nothing?lang=en", "");
	ok(str_has(member(&r, "message"), STR("not here")), "a fault speaks it too");
}

static void
test_proxy(void)
{
	const char *forwarded = "X-Forwarded-For: 198.51.100.7, 203.0.113.9\nX-Forwarded-Proto: https\n"
	    "Cookie: session=r; __Host-session=m\n";
	struct wire_response r = get("/open", forwarded);

	is_str(member(&r, "address"), "192.0.2.1", "without a proxy its headers are anybody's");
	is_str(member(&r, "https"), "false", "all of them");
	is_str(member(&r, "who"), "Lin", "plain cookies");
	server->o.proxy = true;
	r = get("/open", forwarded);
	is_str(member(&r, "address"), "203.0.113.9", "the last hop is what our proxy saw");
	is_str(member(&r, "https"), "true", "it says how it was called");
	is_str(member(&r, "who"), "Wu", "cookies of this host alone");
	is_str(header(&r, "Strict-Transport-Security"), "max-age=31536000", "and always so");
	r = ask("POST", "/empty", "X-Forwarded-Proto: https\n" JSON, "{}");
	is_str(header(&r, "Set-Cookie"), "__Host-session=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
	    "a cookie of this host");
	r = get("/open", "X-Forwarded-For: <script>\n");
	is_str(member(&r, "address"), "192.0.2.1", "what is no address is not taken for one");
	server->o.proxy = false;
}

/* ---- writes ---- */

static void
test_cross_site(void)
{
	static const struct {
		const char *headers, *body;
		int status;
		const char *name;
	} rows[] = {
		{ KEY JSON, "{\"title\":\"x\"}", 201, "a key needs no token" },
		{ KEY JSON "Sec-Fetch-Site: cross-site\n", "{\"title\":\"x\"}", 201, "nor a site" },
		{ SESSION JSON OURS, "{\"title\":\"x\"}", 201, "a script of ours" },
		{ SESSION JSON, "{\"title\":\"x\"}", 403, "a session and no word where from" },
		{ SESSION JSON "Sec-Fetch-Site: cross-site\n", "{\"title\":\"x\"}", 403, "another site" },
		{ SESSION JSON "Sec-Fetch-Site: same-site\n", "{\"title\":\"x\"}", 403, "a neighbour" },
		{ SESSION JSON "Sec-Fetch-Site: none\n", "{\"title\":\"x\"}", 201, "typed by the person" },
		{ SESSION JSON "Host: cert.example\nOrigin: http://cert.example\n", "{\"title\":\"x\"}", 201,
		    "our origin" },
		{ SESSION JSON "Host: cert.example\nOrigin: http://cert.example:8080\n", "{\"title\":\"x\"}",
		    403, "another port" },
		{ SESSION JSON "Host: cert.example\nOrigin: https://cert.example\n", "{\"title\":\"x\"}", 403,
		    "another scheme" },
		{ SESSION JSON "Host: cert.example\nOrigin: null\n", "{\"title\":\"x\"}", 403, "no origin" },
		{ SESSION JSON "Host: cert.example\nOrigin: http://cert.example\nSec-Fetch-Site: other\n",
		    "{\"title\":\"x\"}", 403,
		    "the browser knows better" },
		{ SESSION FORM OURS, "title=x&_csrf=token", 201, "a form with its token" },
		{ SESSION FORM OURS, "title=x&csrf=token", 201, "under its other name" },
		{ SESSION FORM OURS, "title=x", 403, "without" },
		{ SESSION FORM OURS, "title=x&_csrf=token2", 403, "with another" },
		{ SESSION FORM OURS, "title=x&_csrf=", 403, "with an empty one" },
		{ SESSION FORM, "title=x&_csrf=token", 403, "with it, and no word where from" },
		{ SESSION FORM "Sec-Fetch-Site: cross-site\n", "title=x&_csrf=token", 403,
		    "with it, from elsewhere" },
		{ SESSION KEY FORM, "title=x", 201, "a key beside a session is a key" },
	};
	struct wire_response r;
	size_t i;
	int runs, refused = shop_refused;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		runs = shop_runs;
		r = ask("POST", "/things", rows[i].headers, rows[i].body);
		is_int(r.status, rows[i].status, rows[i].name);
		is_int(shop_runs - runs, rows[i].status == 201, "and only then it runs");
	}
	ok(shop_refused > refused, "the trail is told");
	r = ask("POST", "/post", JSON, "{}");
	is_int(r.status, 200, "a stranger's program");
	r = ask("POST", "/post", FORM "Sec-Fetch-Site: cross-site\n", "a=b");
	is_int(r.status, 403, "a stranger's form from elsewhere");
	r = ask("POST", "/post", FORM OURS, "a=b");
	is_int(r.status, 200, "a stranger's form from here");
	r = ask("POST", "/post", SESSION FORM OURS, "a=b");
	is_int(r.status, 200, "the same form from somebody who is signed in already");
	r = ask("POST", "/post", SESSION FORM, "a=b");
	is_int(r.status, 403, "but not without a word where from");
	server->o.host = STR("https://cert.example");
	r = ask("POST", "/things", SESSION JSON "Host: 127.0.0.1\nOrigin: https://cert.example\n",
	    "{\"title\":\"x\"}");
	is_int(r.status, 201, "our origin as it is set");
	server->o.host = STR_NONE;
}

static void
test_forms(void)
{
	struct wire_response r = ask("POST", "/things", HTML SESSION FORM OURS, "title=x&_csrf=token");

	is_int(r.status, 303, "a form that was taken leads on");
	is_str(header(&r, "Location"), "/things/7?notice=saved", "with a word");
	r = ask("POST", "/things", HTML SESSION FORM OURS, "title=&note=%3Cb%3E&_csrf=token");
	is_int(r.status, 422, "one that was not");
	ok(str_has(r.body, STR("again:  fields")), "is shown again with what is wrong");
	r = ask("POST", "/things", SESSION FORM OURS, "title=&_csrf=token");
	is_int(r.status, 422, "a program that sends a form");
	is_str(code(&r), "fields", "gets the code");
	r = ask("POST", "/things", HTML SESSION FORM OURS, "title=x&_csrf=old");
	is_int(r.status, 403, "an old token");
	ok(str_has(r.body, STR("<form action=\"/things\"><input name=\"title\" value=\"x\"></form>")),
	    "what was typed can be sent again");
	r = ask("POST", "/things", HTML SESSION FORM "Sec-Fetch-Site: cross-site\n", "title=x&_csrf=old");
	ok(r.status == 403 && !str_has(r.body, STR("<form")), "but not what another site typed");
	r = ask("POST", "/things", HTML "Cookie: session=old\n" FORM OURS, "title=x&_csrf=token");
	is_int(r.status, 401, "a session that has ended meanwhile");
	ok(str_has(r.body, STR("/sign-in?next=/things")) && str_has(r.body, STR("value=\"x\"")),
	    "keeps what was typed, too");
	r = ask("POST", "/things/5", KEY FORM, "_method=PUT&_version=3&title=x");
	is_int(r.status, 200, "a form says PUT");
	is_str(member(&r, "method"), "PUT", "and means it");
	is_str(member(&r, "if_match"), "3", "and which version");
	r = ask("POST", "/things/5", KEY FORM, "_method=DELETE");
	is_str(member(&r, "method"), "DELETE", "or DELETE");
	r = ask("POST", "/things/5", KEY FORM, "title=x");
	is_int(r.status, 405, "or nothing");
	r = ask("POST", "/things/5", KEY FORM, "_method=PATCH");
	is_int(r.status, 400, "or something else");
	r = ask("POST", "/things/5", KEY JSON, "{\"_method\":\"PUT\"}");
	is_int(r.status, 405, "JSON has methods of its own");
	r = ask("POST", "/things", KEY FORM, "title=%ff");
	is_int(r.status, 400, "a form that is not UTF-8");
}

static void
test_bodies(void)
{
	struct wire_response r = ask("POST", "/things", KEY JSON, "{\"title\":");
	struct str large = { arena_alloc(a, 100001), 100001 };

	is_int(r.status, 400, "half a JSON");
	is_str(code(&r), "request.syntax", "by its code");
	r = ask("POST", "/things", KEY JSON, "[1]");
	is_int(r.status, 400, "a list");
	r = ask("POST", "/things", KEY "Content-Type: text/plain\n", "title=x");
	is_int(r.status, 415, "plain text");
	r = ask("POST", "/things", KEY, "{}");
	is_int(r.status, 415, "without a type");
	r = ask("POST", "/things", KEY "Content-Type: multipart/form-data; boundary=x\n", "--x--");
	is_int(r.status, 415, "in parts");
	r = ask("POST", "/things", KEY "Content-Type: application/json; charset=big5\n", "{}");
	is_int(r.status, 415, "in another charset");
	r = ask("POST", "/things", KEY "Content-Type: Application/JSON; Charset=\"UTF-8\"\n",
	    "{\"title\":\"x\"}");
	is_int(r.status, 201, "capitals and quotes");
	r = ask("POST", "/post", KEY, "");
	is_int(r.status, 200, "an empty body is an empty object");
	r = ask("POST", "/things", JSON, "{\"title\":");
	is_int(r.status, 401, "a stranger does not learn what is wrong with it");
	r = ask_with("POST", "/post", KEY JSON, large);
	is_int(r.status, 413, "a byte too many");
	is_str(member(&r, "detail"), "100000", "and how many there may be");
	large.n--;
	r = ask_with("POST", "/post", KEY "Content-Type: text/plain\n", large);
	is_int(r.status, 415, "as many as there may be");
	r = ask("POST", "/post", KEY JSON "Content-Length: 100001\n", "{}");
	is_int(r.status, 413, "refused by its announcement alone");
	r = ask("PUT", "/things/5", KEY JSON "Content-Length: 100001\n", "{}");
	is_int(r.status, 200, "each route by its own limit");
}

static void
test_idempotency(void)
{
	struct wire_response r = ask("POST", "/things", KEY JSON "Idempotency-Key: new\n",
	    "{\"title\":\"x\"}");
	int runs = shop_runs;

	is_int(r.status, 201, "a new key");
	is_str(shop_remembered, "new", "is remembered");
	r = ask("POST", "/things", KEY JSON "Idempotency-Key: seen\n", "{\"title\":\"x\"}");
	is_int(r.status, 201, "a known one");
	is_str(member(&r, "title"), "the first", "gets the first answer");
	r = ask("POST", "/things", KEY JSON "Idempotency-Key: other\n", "{\"title\":\"x\"}");
	is_int(r.status, 409, "with another body");
	is_int(shop_runs - runs, 0, "nothing runs");
	shop_remembered = STR_NONE;
	r = ask("POST", "/things", KEY JSON "Idempotency-Key: failed\n", "{\"title\":\"\"}");
	ok(r.status == 422 && !shop_remembered.p, "what was refused may be tried again with the same key");
	r = ask("PUT", "/things/5", KEY JSON "Idempotency-Key: seen\n", "{}");
	is_str(member(&r, "method"), "PUT", "only creations have keys");
}

static void
test_answers(void)
{
	struct wire_response r = ask("POST", "/things", KEY JSON, "{\"title\":\"x\"}");

	is_int(r.status, 201, "made");
	is_str(header(&r, "Location"), "/things/7", "there");
	is_str(member(&r, "title"), "x", "and told");
	r = ask("POST", "/slow", JSON, "{}");
	is_str(header(&r, "Set-Cookie"), "session=fresh; Path=/; HttpOnly; SameSite=Lax", "a new session");
	r = ask("POST", "/empty", JSON, "{}");
	is_int(r.status, 204, "nothing to tell");
	r = ask("POST", "/things", KEY JSON, "{\"title\":\"\"}");
	is_int(r.status, 422, "a field's fault");
	ok(str_has(r.body, STR("\"fields\":[{\"field\":\"title\",\"code\":\"field.missing\",\"message\":")),
	    "is told by field");
	r = get("/things/5?q=%E8%AD%A6&n=3", KEY);
	is_str(member(&r, "q"), "警", "a condition");
	is_str(member(&r, "n"), "3", "a number");
	r = get("/open?q=a&q=b", "User-Agent: x\xff\n");
	is_str(member(&r, "q"), "b", "the last of several");
	is_str(member(&r, "agent"), "x", "what is no text is cut off");
}

#define PART "Content-Type: multipart/form-data; boundary=x\n"

static struct str
form_with_file(const char *csrf, size_t n)
{
	struct buf b = { .arena = a };

	buf_printf(&b, "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n", csrf);
	buf_c(&b, "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nt\r\n");
	buf_c(&b, "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n");
	for (size_t i = 0; i < n; i++)
		buf_char(&b, 'z');
	buf_c(&b, "\r\n--x--\r\n");
	return buf_str(&b);
}

static void
test_files(void)
{
	struct wire_response r = ask_with("POST", "/upload", SESSION OURS PART, form_with_file("token", 100));

	is_int(r.status, 200, "a form with a file");
	is_str(member(&r, "title"), "t", "its texts");
	is_str(member(&r, "file"), "a.png", "its file");
	is_str(member(&r, "bytes"), "100", "all of it");
	r = ask_with("POST", "/upload", SESSION OURS PART, form_with_file("other", 100));
	is_str(code(&r), "auth.cross_site", "such a form needs its token too");
	r = ask_with("POST", "/upload", KEY PART, form_with_file("", 2 << 20));
	is_str(member(&r, "bytes"), "2097152", "a large one");
	r = ask_with("POST", "/upload", PART, form_with_file("token", 2 << 20));
	is_int(r.status, 401, "is not taken from a stranger");
	r = ask_with("POST", "/upload", "Cookie: session=m\n" OURS PART, form_with_file("other", 2 << 20));
	is_int(r.status, 403, "nor from whoever may not");
	r = ask_with("POST", "/upload", KEY PART, form_with_file("", 4 << 20));
	is_int(r.status, 413, "one that is too large");
	r = ask("POST", "/upload", KEY JSON, "{\"title\":\"t\"}");
	is_str(member(&r, "bytes"), "-1", "the same by JSON, without");
	r = ask_with("POST", "/things", KEY PART, form_with_file("", 1));
	is_int(r.status, 415, "a route that takes none");
	r = ask("POST", "/upload", KEY PART, "--x\r\nwhat");
	is_int(r.status, 400, "one that is none");
	r = ask("PUT", "/bytes", KEY "Content-Type: application/octet-stream\nContent-Range: bytes 0-4/9\n", "{]{]{");
	is_int(r.status, 200, "bytes are not looked into");
	is_str(member(&r, "body"), "5", "all of them");
	is_str(member(&r, "range"), "bytes 0-4/9", "and where they belong");
	r = ask("PUT", "/bytes", KEY JSON, "{}");
	is_int(r.status, 200, "of whatever type: the handler says what it wants");
	r = ask("PUT", "/bytes", SESSION "Sec-Fetch-Site: cross-site\n", "x");
	is_str(code(&r), "auth.cross_site", "but not from another site");
}

static void
test_streams(void)
{
	struct wire_response r = get("/stream?n=12345", HTML);
	size_t wrong = 0;

	is_int(r.status, 200, "bytes that are made while they are sent");
	is_int((int64_t)r.body.n, 12345, "all of them");
	for (size_t i = 0; i < r.body.n; i++)
		wrong += r.body.p[i] != (char)('a' + i % 26);
	is_int((int64_t)wrong, 0, "in order");
	is_str(header(&r, "Content-Type"), "application/zip", "of their type");
	ok(str_starts(header(&r, "Content-Disposition"), STR("attachment; filename=\"a.zip\"")), "never shown in place");
	is_str(header(&r, "Cache-Control"), "no-store", "nowhere kept");
	is_int(atomic_load(&shop_streams_ended), 1, "and it ends once");
	r = get("/stream?n=20000&q=open", HTML);
	is_int((int64_t)r.body.n, 10000, "one of which nobody knew how long it is");
}

static void
test_metrics(void)
{
	struct buf b = { .arena = a };

	ok(!server_metrics(&b), "off unless set");
	metrics_on(true);
	get("/fixed", "");
	get("/fixed", "");
	get("/nothing", "");
	ok(server_metrics(&b), "on");
	ok(str_has(buf_str(&b), STR("tocsin_requests_total{route=\"fixed\",status=\"200\"} 2\n")),
	    "by route and status");
	ok(str_has(buf_str(&b), STR("tocsin_requests_total{route=\"none\",status=\"404\"} 1\n")),
	    "also what has no route");
	ok(str_has(buf_str(&b), STR("tocsin_request_seconds_count 3\n")), "and how many in all");
	ok(str_has(buf_str(&b), STR("tocsin_unknown_names_total 0\n")), "our own mistakes are told, too");
	metrics_on(false);
}

int
main(void)
{
	struct err err = { 0 };

	a = arena_new();
	options = shop_options();
	if (!ok(render_load(&err) && server_dry(&options, &server, &err), "a server without sockets"))
		return done_testing();
	test_accept();
	test_methods();
	test_headers();
	test_locations();
	test_ambiguity();
	test_rights();
	test_ended();
	test_languages();
	test_proxy();
	test_cross_site();
	test_forms();
	test_bodies();
	test_idempotency();
	test_answers();
	test_files();
	test_streams();
	test_metrics();
	is_int(mustache_unknown_count(), 0, "every name of the pages was known");
	server_stop(server);
	arena_free(a);
	return done_testing();
}
