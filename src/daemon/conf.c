#include "daemon/conf.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTING_ROW(name, kind, otherwise, min, max, doc) { #name, SETTING_##kind, otherwise, min, max, doc },
const struct setting settings[SET__MAX] = { SETTINGS(SETTING_ROW) };

#define CONF_FILE "/etc/tocsin/tocsin.conf"
#define CONF_FILE_MAX 65536

static const struct setting *
setting_by_name(struct str name, enum setting_id *ret_id)
{
	for (int i = 0; i < SET__MAX; i++) {
		if (str_is(name, settings[i].name)) {
			*ret_id = (enum setting_id)i;
			return &settings[i];
		}
	}
	return NULL;
}

/* What a person must write, for the message. */
static struct str
setting_wants(const struct setting *s, struct arena *a)
{
	switch (s->kind) {
	case SETTING_INT:
		return arena_printf(a, "a whole number from %lld to %lld", (long long)s->min, (long long)s->max);
	case SETTING_BOOL:
		return STR("yes or no");
	case SETTING_TEXT:
		break;
	}
	return arena_printf(a, "a text of %lld to %lld bytes", (long long)s->min, (long long)s->max);
}

static bool
conf_set(struct conf *c, struct arena *a, enum setting_id id, struct str value, const char *from, struct err *err)
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
		good = str_is(value, "yes") || str_is(value, "no") || str_is(value, "true") || str_is(value, "false");
		number = str_is(value, "yes") || str_is(value, "true");
		break;
	}
	if (!good) {
		struct str wants = setting_wants(s, a);

		return err_setf(err, FAULT_CONFIG, "%s (%s): \"%.*s\" is not %.*s", s->name, from,
		    STR_FMT(str_first(value, 60)), STR_FMT(wants));
	}
	c->v[id].text = arena_dup(a, value);
	c->v[id].number = number;
	c->v[id].from = from;
	return true;
}

static bool
conf_line(struct conf *c, struct arena *a, struct str path, int number, struct str line, struct err *err)
{
	enum setting_id id;
	struct str key;

	line = str_trim(line);
	if (!line.n || line.p[0] == '#')
		return true;
	if (!str_split(&line, '=', &key) || !line.p)
		return err_setf(err, FAULT_CONFIG, "%.*s:%d: a line is \"name = value\"", STR_FMT(path), number);
	if (!setting_by_name(str_trim(key), &id))
		return err_setf(err, FAULT_CONFIG, "%.*s:%d: there is no setting \"%.*s\"; tocsin config show lists them",
		    STR_FMT(path), number, STR_FMT(str_first(str_trim(key), 60)));
	return conf_set(c, a, id, str_trim(line), "file", err);
}

/* A file that was asked for must be there; the usual place may be empty. */
static bool
conf_read_file(struct conf *c, struct arena *a, const char *path, bool asked, struct err *err)
{
	char *text = arena_raw(a, CONF_FILE_MAX);
	FILE *f = fopen(path, "re");
	struct str rest, line;
	int number = 0;
	bool ok = true;

	if (!f) {
		if (!asked && errno == ENOENT)
			return true;
		return err_setf(err, FAULT_CONFIG, "%s: %s", path, strerror(errno));
	}
	rest = (struct str){ text, fread(text, 1, CONF_FILE_MAX, f) };
	fclose(f);
	if (rest.n == CONF_FILE_MAX)
		return err_setf(err, FAULT_CONFIG, "%s: larger than 64 KiB", path);
	c->file = arena_dup(a, str_c(path));
	while (ok && str_split(&rest, '\n', &line))
		ok = conf_line(c, a, c->file, ++number, line, err);
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
		if (value && !conf_set(c, a, (enum setting_id)i, str_c(value), "environment", err))
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
	return setting_by_name(str_c(name), ret_id) != NULL;
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
			if (str_is(name, "--config"))
				i += !equals;
			else
				argv[kept++] = argv[i];
			continue;
		}
		if (!value.p && settings[id].kind == SETTING_BOOL && (i + 1 >= *argc || argv[i + 1][0] == '-'))
			value = STR("yes");
		else if (!value.p && i + 1 < *argc)
			value = str_c(argv[++i]);
		if (!value.p)
			return err_setf(err, FAULT_CONFIG, "--%s wants a value", settings[id].name);
		if (!conf_set(c, a, id, value, "flag", err))
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

bool
conf_read(struct conf *c, struct arena *a, int *argc, char **argv, struct err *err)
{
	const char *asked = conf_asked_file(*argc, argv);

	memset(c, 0, sizeof(*c));
	for (int i = 0; i < SET__MAX; i++)
		if (!conf_set(c, a, (enum setting_id)i, str_c(settings[i].otherwise), "default", err))
			return false;
	return conf_read_file(c, a, asked ? asked : CONF_FILE, asked != NULL, err) && conf_read_environment(c, a, err) &&
	    conf_read_flags(c, a, argc, argv, err);
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

void
conf_show(const struct conf *c)
{
	printf("# %-16s %-28s %s\n", "setting", "value", "from");
	for (int i = 0; i < SET__MAX; i++) {
		printf("%-18s %-28.*s %s\n", settings[i].name, STR_FMT(c->v[i].text), c->v[i].from);
		printf("    %s\n", settings[i].doc);
	}
	if (c->file.p)
		printf("# file: %.*s\n", STR_FMT(c->file));
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
