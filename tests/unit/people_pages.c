/*
 * Every page about people, in both languages, by those who see it: it is whole, and knows every name and
 * message that it asks for.
 */
#include "identity_fixture.h"

#include "http/mustache.h"
#include "http/server.h"
#include "model/rules.h"
#include "site/site.h"

static struct server *server;
static struct str cookie;                        /* of who is signed in now; STR_NONE: nobody */
static struct wire_response last;

static int
request(const char *method, struct str target, struct str body, enum lang l)
{
	struct str headers[][2] = {
		{ STR("Host"), STR("cert.example") }, { STR("Accept"), STR("text/html") },
		{ STR("Accept-Language"), str_c(lang_tag(l)) }, { STR("Origin"), STR("http://cert.example") },
		{ STR("Content-Type"), STR("application/x-www-form-urlencoded") },
		{ STR("Cookie"), cookie.p ? arena_printf(a, "session=%.*s", STR_FMT(cookie)) : STR("x=y") },
	};
	struct wire_request in = { .method = str_c(method), .target = target, .version = STR("HTTP/1.1"),
	    .headers = (const struct str (*)[2])headers,
		.header_count = sizeof(headers) / sizeof(headers[0]), .body = body, .peer = HOME };

	server_answer(server, a, &in, &last);
	return last.status;
}

/* The text between two marks of the last page. */
static struct str
between(const char *before, const char *after)
{
	struct str body = last.body;
	const char *at = memmem(body.p, body.n, before, strlen(before)), *end;

	if (!at)
		return STR_NONE;
	at += strlen(before);
	end = memmem(at, (size_t)(body.p + body.n - at), after, strlen(after));
	return end ? (struct str){ at, (size_t)(end - at) } : STR_NONE;
}

static struct str
location(void)
{
	const char *at = memmem(last.headers.p, last.headers.n, "Location: ", 10), *end;

	if (!at)
		return STR_NONE;
	end = memchr(at, '\r', (size_t)(last.headers.p + last.headers.n - at));
	return (struct str){ at + 10, (size_t)(end - at) - 10 };
}

static void
is_page(const char *method, struct str target, struct str body, int want)
{
	for (int l = 0; l < LANG__MAX; l++) {
		int64_t unknown = mustache_unknown_count(), missing = msg_missing_count();
		const char *tag = lang_tag((enum lang)l);
		struct str separator = str_has(target, STR("?")) ? STR("&") : STR("?");
		int status = request(method,
		    arena_printf(a, "%.*s%.*slang=%s", STR_FMT(target), STR_FMT(separator), tag), body,
		    (enum lang)l);
		char *name = arena_c(a, arena_printf(a, "%s %.*s in %s", method, STR_FMT(target), tag));

		is_int(status, want, name);
		if (status == 303)
			continue;
		ok(str_starts(last.body, STR("<!doctype html>")) &&
		    str_has(last.body, STR("</html>")), "is a whole page");
		if (mustache_unknown_count() != unknown)
			printf("# unknown name: %.*s\n", STR_FMT(mustache_last_unknown()));
		is_int(mustache_unknown_count(), unknown, "knows every name");
		is_int(msg_missing_count(), missing, "and every message");
		ok(!str_has(last.body, STR("{{")), "nothing is left to fill in");
	}
}

static void
get(const char *target)
{
	is_page("GET", str_c(target), STR(""), 200);
}

static void
get_one(const char *format, int64_t id)
{
	const char *at = strchr(format, '%');
	char *target =
	    arena_c(a, arena_printf(a, "%.*s%lld%s", (int)(at - format), format, (long long)id, at + 1));

	is_page("GET", str_c(target), STR(""), 200);
}

static void
post(const char *target, struct str body, int want)
{
	is_page("POST", str_c(target), body, want);
}

static void
enter_as(const char *login)
{
	cookie = STR_NONE;
	is_int(sign_in(login, PASSWORD, &cookie), FAULT_NONE, login);
}

static bool
setup_link_work(struct tx *tx, struct act *t, struct err *err)
{
	return bootstrap_setup_link(tx, a, &t->text, err);
}

static bool
invite_work(struct tx *tx, struct act *t, struct err *err)
{
	return bootstrap_account_link(tx, t->text, a, &t->text, err);
}

static bool
apply_work(struct tx *tx, struct act *t, struct err *err)
{
	return account_apply(tx, t->who, value_of(t->in), false, &t->made, err);
}

/* ---- those who are not signed in ---- */

static void
test_strangers(void)
{
	struct act setup = { .fn = setup_link_work }, invite = { .fn = invite_work, .text = STR("nurse") };

	get("/sign-in");
	get("/sign-in?next=/reports/new");
	is_page("GET", STR("/me"), STR(""), 303);
	is_str(location(), "/sign-in?next=/me%3Flang%3Den",
	    "a page that asks who one is leads to signing in");
	act(&setup, NULL);
	is_page("GET", setup.text, STR(""), 200);
	is_page("POST", setup.text, STR("org_zh=&name=x&login=%E7%AE%A1&new_password=short"), 422);
	is_page("GET", STR("/setup/nothing"), STR(""), 410);
	act(&invite, NULL);
	is_page("GET", invite.text, STR(""), 200);
	is_page("POST", invite.text, STR("new_password=short&again=shorter"), 422);
	is_page("GET", STR("/invite/nothing"), STR(""), 410);
	post("/sign-in", STR("login=nurse&password=wrong+wrong+wrong"), 401);
	post("/sign-out", STR(""), 303);
}

/* ---- one's own pages ---- */

static void
test_me(void)
{
	struct str csrf;

	enter_as("nurse");
	get("/me");
	csrf = arena_dup(a, between("name=\"csrf\" value=\"", "\""));
	get("/me/password");
	get("/me/totp");
	get("/me/totp/off");
	get("/me/sessions");
	get("/me/keys");
	post("/me", arena_printf(a, "csrf=%.*s&language=xx", STR_FMT(csrf)), 422);
	post("/me/password",
	    arena_printf(a, "csrf=%.*s&password=nope&new_password=short&again=x", STR_FMT(csrf)), 422);
	post("/me/totp", arena_printf(a, "csrf=%.*s&sealed=x&code=1&password=x", STR_FMT(csrf)), 422);
	post("/me/totp/off", arena_printf(a, "csrf=%.*s&password=nope", STR_FMT(csrf)), 422);
	post("/me/keys", arena_printf(a, "csrf=%.*s&name=", STR_FMT(csrf)), 422);
	post("/me/keys", arena_printf(a, "csrf=%.*s&name=SIEM&days=30", STR_FMT(csrf)), 201);
	get("/me/keys");
	get("/organisations");
	get("/sectors");
	is_page("GET", STR("/accounts"), STR(""), 403);
	post("/me", STR("csrf=wrong&language=en"), 403);
}

/* ---- accounts and organisations ---- */

static void
test_accounts(int64_t applied, int64_t service, int64_t nurse)
{
	static const char *const verbs[] = { "/accounts/%/suspend", "/accounts/%/remove", "/accounts/%/roles",
	    "/accounts/%/invite", "/accounts/%/handover" };
	struct str csrf;

	enter_as("boss");
	get("/accounts");
	get("/accounts?q=nurse&state=active&limit=1");
	get("/accounts?q=nobody+at+all");
	get("/accounts/new");
	csrf = arena_dup(a, between("name=\"csrf\" value=\"", "\""));
	post("/accounts", arena_printf(a, "csrf=%.*s&login=a+b&roles=", STR_FMT(csrf)), 422);
	post("/accounts",
	    arena_printf(a,
	    "csrf=%.*s&login=ab&name=x&email=x%%40example.org&roles=auditor&roles=administrator",
	    STR_FMT(csrf)), 403);
	get_one("/accounts/%", applied);
	get_one("/accounts/%/approve", applied);
	get_one("/accounts/%/reject", applied);
	get_one("/accounts/%", service);
	get_one("/accounts/%/keys", service);
	get_one("/accounts/%", nurse);
	get_one("/accounts/%/edit", nurse);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		get_one(verbs[i], nurse);
	post(arena_c(a, arena_printf(a, "/accounts/%lld/suspend", (long long)nurse)),
	    arena_printf(a, "csrf=%.*s&reason=", STR_FMT(csrf)), 422);
	post(arena_c(a, arena_printf(a, "/accounts/%lld/roles", (long long)nurse)),
	    arena_printf(a, "csrf=%.*s&roles=auditor&roles=reporter", STR_FMT(csrf)), 403);
	post(arena_c(a, arena_printf(a, "/accounts/%lld/invite", (long long)nurse)),
	    arena_printf(a, "csrf=%.*s", STR_FMT(csrf)), 200);
	post(arena_c(a, arena_printf(a, "/accounts/%lld/keys", (long long)service)),
	    arena_printf(a, "csrf=%.*s&name=SIEM", STR_FMT(csrf)), 201);
	get_one("/accounts/%", service);
	post(arena_c(a, arena_printf(a, "/accounts/%lld", (long long)nurse)),
	    arena_printf(a, "csrf=%.*s&_method=PUT&version=1&name=", STR_FMT(csrf)), 409);
	post(arena_c(a, arena_printf(a, "/accounts/%lld", (long long)nurse)),
	    arena_printf(a, "csrf=%.*s&_method=PUT&name=x", STR_FMT(csrf)), 428);

	get("/organisations");
	get("/organisations?q=%E9%9D%92&state=registered&kind=provider&limit=1");
	get("/organisations?q=nobody");
	get("/organisations/new");
	get_one("/organisations/%", hospital);
	get_one("/organisations/%", clinic);
	get_one("/organisations/%/edit", hospital);
	get_one("/organisations/%/remove", clinic);
	post("/organisations", arena_printf(a, "csrf=%.*s&name_zh=&org_kind=x", STR_FMT(csrf)), 422);
	post(arena_c(a, arena_printf(a, "/organisations/%lld/remove", (long long)hospital)),
	    arena_printf(a, "csrf=%.*s&reason=x", STR_FMT(csrf)), 409);
	get("/sectors");
	get("/sectors/new");
	post("/sectors", arena_printf(a, "csrf=%.*s&code=FIN", STR_FMT(csrf)), 422);
	is_page("GET", STR("/accounts/12345"), STR(""), 404);
	is_page("GET", STR("/organisations/12345"), STR(""), 404);
}

/*
 * What was typed when the session was over comes along through signing in, whole, and is sent by whoever
 * signed in.
 */
static void
test_kept(void)
{
	struct str text;

	cookie = STR("gone");
	is_int(request("POST", STR("/me"), STR("csrf=x&_method=POST&language=en&note=%3Cb%3E+two%0Alines"),
	    LANG_EN), 401, "a form of a session that is over");
	ok(str_has(last.body, STR("name=\"k.note\"")) &&
	    str_has(last.body, STR("name=\"keep\" value=\"/me\"")), "is kept on the page");
	cookie = STR_NONE;
	post("/sign-in", STR("keep=%2Fme&k.language=en&k.note=%3Cb%3E+two%0Alines"), 200);
	ok(str_has(last.body, STR("name=\"k.note\"")) &&
	    str_has(last.body, STR("name=\"password\"")), "goes through the sign-in form");
	post("/sign-in",
	    STR("keep=%2Fme&k.language=en&k.note=%3Cb%3E+two%0Alines&login=keeper&password=wrong+wrong"),
	    401);
	ok(str_has(last.body, STR("name=\"k.note\"")), "also when the password was wrong");
	post("/sign-in",
	    STR("keep=%2Fme&k.language=en&k.note=%3Cb%3E+two%0Alines"
	    "&login=keeper&password=correct+staple+27+lantern"), 200);
	text = between("name=\"note\" hidden>\n", "</textarea>");
	is_str(text, "&lt;b&gt; two\nlines", "and stands there whole afterwards");
	ok(between("name=\"csrf\" value=\"", "\"").n == 32 &&
	    str_has(last.body, STR("action=\"/me\"")), "to be sent in the name of who signed in");
	post("/sign-in", STR("keep=%2F%2Fevil.example&k.a=b&login=keeper&password=correct+staple+27+lantern"),
	    303);
	post("/sign-in", STR("next=%2F%5Cevil.example&login=keeper&password=correct+staple+27+lantern"), 303);
	is_str(location(), "/", "nothing leads elsewhere");
}

int
main(void)
{
	struct server_options o = { .body_limit = 65536, .body_limit_max = 1 << 20 };
	struct principal boss, nurse, head;
	struct act applied = { .fn = apply_work }, service = { .fn = apply_work };
	struct err err = { 0 };

	begin();
	err.arena = a;
	o.store = st;
	o.hooks = site_hooks();
	o.zone = zone_find(STR("Asia/Taipei"));
	if (!rules_load(&err) || !site_load(&err) || !server_dry(&o, &server, &err)) {
		printf("Bail out! no site: %.*s\n", STR_FMT(err.detail));
		return 1;
	}
	nurse = hire("nurse", hospital, ROLE_REPORTER, true);
	hire("keeper", hospital, ROLE_REPORTER, true);
	head = hire("head", hospital, ROLE_PROVIDER_ADMIN, true);
	test_strangers();
	boss = hire("boss", operator_org, ROLE_ADMINISTRATOR, true);
	applied.who = &head;
	applied.in = "{'login':'new.one','name':'新人','email':'n@example.org','roles':['reporter']}";
	act(&applied, NULL);
	service.who = &boss;
	service.in =
	    arena_c(a,
	    arena_printf(a,
	    "{'login':'siem','name':'SIEM','email':'s@example.org',"
	    "'roles':['reporter'],'org':%lld,'service':true}", (long long)hospital));
	act(&service, NULL);
	test_me();
	test_accounts(applied.made.id, service.made.id, nurse.account);
	test_kept();
	server_stop(server);
	return finish();
}
