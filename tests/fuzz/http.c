/*
 * Any request, as the library hands it over, to the whole server: routing, rights, bodies, handlers, the database, pages. The input is
 * a line "METHOD TARGET", lines "Name: value", an empty line, the body; a method written in lower case comes from somebody with a key.
 * Every answer has a status that exists, one length, no header that ends early, and JSON that is JSON.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/log.h"
#include "desk/bootstrap.h"
#include "http/server.h"
#include "model/rules.h"
#include "site/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define HEADERS_MAX 64
#define TOKEN "fuzz-0123456789abcdef0123456789abcdef"

static struct server *server;

static void
need(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "http: %s\n", what);
	abort();
}

static bool
people(struct tx *tx, void *arg, struct err *err)
{
	struct organisation *o = entity_new(&entity_organisation, tx_arena(tx));
	struct bootstrap_person p = { .login = STR("fuzz"), .name = STR("模糊"), .title = STR("值班"), .phone = STR("02-5550-0000"),
		.email = STR("fuzz@example.org"), .roles = ROLE_REPORTER, .token = STR(TOKEN) };
	struct principal who;

	(void)arg;
	o->org_kind = ORG_PROVIDER;
	o->name_zh = STR("測試醫院");
	o->name_en = STR("Test Hospital");
	o->phone = STR("02-5550-0000");
	o->email = STR("it@example.org");
	o->regimes = 1 << REGIME_TW_2026;
	if (!organisation_seed_sectors(tx, err) || !bootstrap_organisation(tx, o, STR("MED"), err))
		return false;
	p.org = o->id;
	return bootstrap_person(tx, &p, tx_arena(tx), &who, err);
}

/* A server without sockets on a new database in memory, once a process. */
static void
open_server(void)
{
	static char dir[] = "/dev/shm/tocsin-fuzz-XXXXXX";
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct store_options so = { .create = true };
	struct server_options o = { .socket = -1, .threads = 1, .hooks = site_hooks(), .body_limit = 65536, .body_limit_max = 1048576,
		.header_limit = 16384, .idle_seconds = 60, .request_seconds = 30, .connections_max = 10, .per_address_max = 10 };
	struct store *st = NULL;
	const struct zone *zone;

	log_threshold(LOG_ERROR);
	need(mkdtemp(dir) != NULL, "a directory");
	so.dir = dir;
	so.extra = entity_statements(&so.extra_count);
	need(zone_load("Asia/Taipei", &zone) && rules_load(&err) && site_load(&err) && identity_load(dir, true, &err) &&
	    store_open(&so, &st, &err) && store_write(st, a, people, NULL, &err), "a server");
	o.store = st;
	o.zone = zone;
	need(server_dry(&o, &server, &err), "a dry server");
}

static struct str
line_of(struct str *rest)
{
	struct str line = STR("");

	str_split(rest, '\n', &line);
	return line;
}

static void
check_headers(struct str headers)
{
	int lengths = 0;

	while (headers.n) {
		struct str line;

		need(str_split(&headers, '\n', &line) && str_ends(line, STR("\r")), "a header's end");
		for (size_t i = 0; i + 1 < line.n; i++)
			need((unsigned char)line.p[i] >= 0x20 && line.p[i] != 0x7f, "a control character in a header");
		lengths += str_starts(line, STR("Content-Length:"));
	}
	need(lengths <= 1, "one length");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char key[] = "Bearer " TOKEN;
	struct str headers[HEADERS_MAX][2], rest = { (const char *)data, n }, line;
	struct wire_request in = { .version = STR("HTTP/1.1"), .headers = (const struct str (*)[2])headers, .peer = STR("127.0.0.1") };
	struct wire_response out = { .status = 0 };
	struct arena *a = arena_new();
	char *method;

	if (!server)
		open_server();
	line = line_of(&rest);
	str_split(&line, ' ', &in.method);
	in.target = line.p ? line : STR("/");
	method = arena_c(a, in.method);
	if (islower((unsigned char)method[0])) {
		for (char *p = method; *p; p++)
			*p = (char)toupper((unsigned char)*p);
		in.method = str_c(method);
		headers[in.header_count][0] = STR("Authorization");
		headers[in.header_count++][1] = (struct str){ key, sizeof(key) - 1 };
	}
	while (in.header_count < HEADERS_MAX && (line = line_of(&rest)).n) {
		str_split(&line, ':', &headers[in.header_count][0]);
		headers[in.header_count++][1] = str_trim(line.p ? line : STR(""));
	}
	in.body = rest.p ? rest : STR("");
	server_answer(server, a, &in, &out);
	need(out.status >= 200 && out.status <= 599, "a status");
	check_headers(out.headers);
	if (str_has(out.headers, STR("Content-Type: application/json")) && out.body.n) {
		struct err err = { .arena = a };
		struct value *v;

		need(json_parse(a, out.body, &v, &err), "JSON that is JSON");
	}
	arena_free(a);
	return 0;
}
