#include "daemon/conf.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/terminal.h"
#include "desk/courier.h"
#include "store/store.h"

#define SETTING_ROW(name, kind, otherwise, min, max) \
	{ #name, SETTING_##kind, otherwise, min, max, "setting." #name },
const struct setting settings[SET__MAX] = { SETTINGS(SETTING_ROW) };

#define CONF_FILE "/etc/tocsin/tocsin.conf"
#define CONF_FILE_MAX 65536

/* Where a value came from: what config show says of it, and what a fault names ("tocsin.conf:3", "--listen"). */
struct source {
	const char *from;
	struct str place;
};

static bool
setting_by_name(struct str name, enum setting_id *ret_id)
{
	for (int i = 0; i < SET__MAX; i++) {
		if (str_is(name, settings[i].name)) {
			*ret_id = (enum setting_id)i;
			return true;
		}
	}
	return false;
}

/* What may be written for it: "a whole number from 1 to 15". */
static struct str
setting_wants(const struct setting *s, struct arena *a)
{
	if (s->kind == SETTING_BOOL)
		return terminal_msg("conf.wants.bool");
	if (s->kind == SETTING_INT)
		return told(a, "conf.wants.int", { "min", told_int(a, s->min) }, { "max", told_int(a, s->max) });
	return told(a, "conf.wants.text", { "min", told_int(a, s->min) }, { "max", told_int(a, s->max) });
}

struct str
setting_limits(const struct setting *s, struct arena *a, struct str more)
{
	struct str wants = s->kind == SETTING_TEXT ? STR("") : setting_wants(s, a);

	if (!more.n && !wants.n)
		return STR("");
	return arena_printf(a, "[%.*s%s%.*s]", STR_FMT(wants), wants.n && more.n ? "; " : "", STR_FMT(more));
}

/* At most the beginning of what somebody wrote. */
static struct str
shortened(struct str s)
{
	s = str_first(s, 60);
	return str_first(s, utf8_sound(s));
}

static bool
conf_set(struct conf *c, struct arena *a, enum setting_id id, struct str value, struct source source,
    struct err *err)
{
	const struct setting *s = &settings[id];
	int64_t number = 0;
	bool good = true;

	switch (s->kind) {
	case SETTING_TEXT:
		good = (int64_t)value.n >= s->min && (int64_t)value.n <= s->max && utf8_ok(value);
		break;
	case SETTING_INT:
		good = str_int(value, &number) && number >= s->min && number <= s->max;
		break;
	case SETTING_BOOL:
		number = str_is(value, "yes") || str_is(value, "true");
		good = number || str_is(value, "no") || str_is(value, "false");
		break;
	}
	if (!good && id == SET_db)
		value = STR("...");              /* a password may stand in it */
	if (!good)
		return refuse(err, FAULT_CONFIG, told(a, "conf.value", { "place", source.place }, { "name", str_c(s->name) },
		    { "value", shortened(value) }, { "wants", setting_wants(s, a) }));
	c->v[id].text = arena_dup(a, value);
	c->v[id].number = number;
	c->v[id].from = source.from;
	return true;
}

static bool
conf_line(struct conf *c, struct arena *a, struct str place, struct str line, struct err *err)
{
	enum setting_id id;
	struct str key;

	line = str_trim(line);
	if (!line.n || line.p[0] == '#')
		return true;
	if (!str_split(&line, '=', &key) || !line.p)
		return refuse(err, FAULT_CONFIG, told(a, "conf.no_line", { "place", place }));
	key = str_trim(key);
	if (!setting_by_name(key, &id))
		return refuse(err, FAULT_CONFIG, told(a, "conf.no_setting", { "place", place }, { "name", shortened(key) }));
	return conf_set(c, a, id, str_trim(line), (struct source){ "conf.from.file", place }, err);
}

/* A file that was asked for must be there; the usual place may be empty. */
static bool
conf_read_file(struct conf *c, struct arena *a, const char *path, bool asked, struct err *err)
{
	char *text = arena_raw(a, CONF_FILE_MAX);
	FILE *f = fopen(path, "re");
	struct str rest, line;
	int number = 0, failed = errno;
	bool ok = true;

	if (!f) {
		if (!asked && failed == ENOENT)
			return true;
		return err_setf(err, FAULT_CONFIG, "%s: %s", path, strerror(failed));
	}
	rest = (struct str){ text, fread(text, 1, CONF_FILE_MAX, f) };
	failed = ferror(f) ? errno : 0;
	fclose(f);
	if (failed)
		return err_setf(err, FAULT_CONFIG, "%s: %s", path, strerror(failed));
	if (rest.n == CONF_FILE_MAX)
		return refuse(err, FAULT_CONFIG, told(a, "conf.large", { "place", str_c(path) }));
	c->file = arena_dup(a, str_c(path));
	while (ok && str_split(&rest, '\n', &line))
		ok = conf_line(c, a, arena_printf(a, "%s:%d", path, ++number), line, err);
	return ok;
}

static bool
conf_read_environment(struct conf *c, struct arena *a, struct err *err)
{
	for (int i = 0; i < SET__MAX; i++) {
		char name[64] = "TOCSIN_";
		const char *value;
		size_t n = strlen(name);

		for (const char *p = settings[i].name; *p && n < sizeof(name) - 1; p++)
			name[n++] = (char)toupper((unsigned char)*p);
		value = getenv(name);
		if (value && !conf_set(c, a, (enum setting_id)i, str_c(value),
		    (struct source){ "conf.from.environment", arena_dup(a, str_c(name)) }, err))
			return false;
	}
	return true;
}

/* "--behind-proxy" as "behind_proxy"; false: no setting of ours. */
static bool
flag_setting(struct arena *a, struct str flag, enum setting_id *ret_id)
{
	char *name;

	if (!str_starts(flag, STR("--")))
		return false;
	name = arena_c(a, str_from(flag, 2));
	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return setting_by_name(str_c(name), ret_id);
}

static bool
conf_read_flags(struct conf *c, struct arena *a, int *argc, char **argv, struct err *err)
{
	int kept = 0;

	for (int i = 0; i < *argc; i++) {
		struct str flag = str_c(argv[i]), value = STR_NONE, name = flag;
		const char *equals = strchr(argv[i], '=');
		enum setting_id id;

		if (equals) {
			name = str_first(flag, (size_t)(equals - argv[i]));
			value = str_c(equals + 1);
		}
		if (!flag_setting(a, name, &id)) {
			if (!str_is(name, "--config"))
				argv[kept++] = argv[i];
			else if (!equals && ++i == *argc)
				return refuse(err, FAULT_CONFIG, told(a, "conf.no_value", { "place", name },
				    { "wants", terminal_msg("conf.wants.file") }));
			continue;
		}
		if (!value.p && settings[id].kind == SETTING_BOOL && (i + 1 >= *argc || argv[i + 1][0] == '-'))
			value = STR("yes");
		else if (!value.p && i + 1 < *argc)
			value = str_c(argv[++i]);
		if (!value.p)
			return refuse(err, FAULT_CONFIG, told(a, "conf.no_value", { "place", name },
			    { "wants", setting_wants(&settings[id], a) }));
		if (!conf_set(c, a, id, value, (struct source){ "conf.from.flag", name }, err))
			return false;
	}
	*argc = kept;
	return true;
}

/* The file named by --config FILE or --config=FILE, NULL: none named. */
static const char *
conf_asked_file(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--config") && i + 1 < argc)
			return argv[i + 1];
		if (!strncmp(argv[i], "--config=", 9))
			return argv[i] + 9;
	}
	return getenv("TOCSIN_CONFIG");
}

/* "https://cert.example" or with a port: what a browser calls an origin, so nothing behind the host. */
static bool
is_origin(struct str s)
{
	bool tls = str_starts(s, STR("https://"));
	struct str host = str_from(s, tls ? 8 : 7);

	return (tls || str_starts(s, STR("http://"))) && host.n && !str_has(host, STR("/")) && !str_has(host, STR(" "));
}

/* A log's name is the name of its keys in signed notes: one word without a plus sign. */
static bool
is_log_origin(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '+')
			return false;
	return true;
}

/* What a setting's kind does not say. */
static bool
conf_sensible(const struct conf *c, struct arena *a, struct err *err)
{
	static const char *const levels[] = { "error", "warn", "info", "debug" };
	struct str listen = conf_text(c, SET_listen), origin = conf_text(c, SET_origin);
	struct endpoint e;
	struct err none = { .arena = a };

	if (!endpoint_parse(listen, &e))
		return refuse(err, FAULT_CONFIG, told(a, "conf.listen", { "value", listen }));
	if (origin.n && !is_origin(origin))
		return refuse(err, FAULT_CONFIG, told(a, "conf.origin", { "value", origin }));
	if (!is_log_origin(conf_text(c, SET_log_origin)))
		return refuse(err, FAULT_CONFIG, told(a, "conf.log_origin", { "value", conf_text(c, SET_log_origin) }));
	if (!courier_configure(conf_text(c, SET_outbound), &none))
		return refuse(err, FAULT_CONFIG, told(a, "conf.outbound", { "value", conf_text(c, SET_outbound) }));
	if (!str_is(conf_text(c, SET_key_algorithm), "ed25519") && !str_is(conf_text(c, SET_key_algorithm), "p256"))
		return refuse(err, FAULT_CONFIG, told(a, "conf.key_algorithm", { "value", conf_text(c, SET_key_algorithm) }));
	for (int i = 0; i < 4; i++)
		if (str_is(conf_text(c, SET_log), levels[i]))
			return true;
	return refuse(err, FAULT_CONFIG, told(a, "conf.log", { "value", conf_text(c, SET_log) }));
}

bool
conf_read(struct conf *c, struct arena *a, int *argc, char **argv, struct err *err)
{
	const char *asked = conf_asked_file(*argc, argv);

	memset(c, 0, sizeof(*c));
	for (int i = 0; i < SET__MAX; i++)
		if (!conf_set(c, a, (enum setting_id)i, str_c(settings[i].otherwise),
		    (struct source){ .from = "conf.from.default" }, err))
			return false;
	return conf_read_file(c, a, asked ? asked : CONF_FILE, asked != NULL, err) &&
	    conf_read_environment(c, a, err) && conf_read_flags(c, a, argc, argv, err) && conf_sensible(c, a, err);
}

struct str
conf_text(const struct conf *c, enum setting_id id)
{
	return c->v[id].text;
}

int64_t
conf_int(const struct conf *c, enum setting_id id)
{
	return c->v[id].number;
}

/* In the form of the file, so that it can be the beginning of one. */
void
conf_show(const struct conf *c, struct arena *a)
{
	for (int i = 0; i < SET__MAX; i++) {
		const struct setting *s = &settings[i];
		struct str doc = terminal_msg(s->doc), limits = setting_limits(s, a, terminal_msg(c->v[i].from));
		struct str text = c->v[i].text;

		if (i == SET_db && text.n)
			text = store_url_shown(a, arena_c(a, text));
		printf("# %.*s %.*s\n%s = %.*s\n", STR_FMT(doc), STR_FMT(limits), s->name, STR_FMT(text));
	}
	if (c->file.p) {
		struct str text = told(a, "conf.file", { "file", c->file });

		printf("# %.*s\n", STR_FMT(text));
	}
}

bool
endpoint_parse(struct str s, struct endpoint *ret_endpoint)
{
	struct endpoint e = { .port = 0 };
	unsigned char bytes[16];
	struct str host, port;
	int64_t number;
	size_t colon = s.n;

	while (colon && s.p[colon - 1] != ':')
		colon--;
	if (!colon)
		return false;
	host = str_first(s, colon - 1);
	port = str_from(s, colon);
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']') {
		host = str_first(str_from(host, 1), host.n - 2);
		e.v6 = true;
	}
	if (!host.n || host.n >= sizeof(e.host) || !str_int(port, &number) || number < 0 || number > 65535)
		return false;
	memcpy(e.host, host.p, host.n);
	e.port = (int)number;
	if (inet_pton(e.v6 ? AF_INET6 : AF_INET, e.host, bytes) != 1)
		return false;
	e.loopback = e.v6 ? !memcmp(bytes, &in6addr_loopback, 16) : bytes[0] == 127;
	*ret_endpoint = e;
	return true;
}
