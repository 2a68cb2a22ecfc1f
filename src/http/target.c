/*
 * The address of a request: what may stand in it, and what it says. Forms are written like queries, so they
 * are read here too.
 */
#include "http/private.h"

#include <string.h>

#include "base/time.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 32);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
target_decode(struct arena *a, struct str s, bool plus, struct str *ret_text, struct err *err)
{
	struct str out;
	char *p, *at;
	size_t i;

	at = p = arena_raw(a, s.n + 1);
	for (i = 0; i < s.n; i++) {
		int high, low;

		if (s.p[i] == '+' && plus) {
			*at++ = ' ';
			continue;
		}
		if (s.p[i] != '%') {
			*at++ = s.p[i];
			continue;
		}
		high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
		low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
		if (high < 0 || low < 0)
			return err_setf(err, FAULT_ENCODING, "a percent sign without two hexadecimal digits");
		*at++ = (char)(high << 4 | low);
		i += 2;
	}
	out = (struct str){ p, (size_t)(at - p) };
	if (!utf8_ok(out))
		return err_setf(err, FAULT_ENCODING, "not UTF-8 at byte %zu", utf8_sound(out));
	*ret_text = out;
	return true;
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c && strchr("-._~/", c));
}

void
target_encode(struct buf *b, struct str s)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_plain(s.p[i])) {
			buf_char(b, s.p[i]);
			continue;
		}
		buf_char(b, '%');
		buf_char(b, digits[c >> 4]);
		buf_char(b, digits[c & 15]);
	}
}

/* ---- the path ---- */

/* "http://host/path" is a proxy's way to write "/path". */
static struct str
without_origin(struct str s)
{
	struct str rest = STR_NONE;
	const char *slash;

	if (str_starts(s, STR("http://")))
		rest = str_from(s, 7);
	else if (str_starts(s, STR("https://")))
		rest = str_from(s, 8);
	if (!rest.p)
		return s;
	slash = rest.n ? memchr(rest.p, '/', rest.n) : NULL;
	return slash ? str_from(rest, (size_t)(slash - rest.p)) : STR("/");
}

/*
 * Characters that no address of ours has, before decoding: they would read differently in different
 * programs.
 */
static bool
raw_path_ok(struct str s, struct err *err)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c == 0x7f || c == '\\' || c == '#')
			return err_say(err, FAULT_REQUEST, "malformed.path_character", STR_NONE);
		if (c == '%' && i + 2 < s.n && s.p[i + 1] == '2' && (s.p[i + 2] | 32) == 'f')
			return err_say(err, FAULT_REQUEST, "malformed.path_slash", STR_NONE);
	}
	return true;
}

static bool
path_ok(struct str path, struct err *err)
{
	struct str rest = path, part;
	size_t i;

	for (i = 0; i < path.n; i++)
		if ((unsigned char)path.p[i] < ' ' || path.p[i] == 0x7f || path.p[i] == '\\')
			return err_say(err, FAULT_REQUEST, "malformed.path_character", STR_NONE);
	while (str_split(&rest, '/', &part))
		if (str_is(part, ".") || str_is(part, ".."))
			return err_say(err, FAULT_REQUEST, "malformed.path_climbs", STR_NONE);
	return true;
}

bool
target_read(struct arena *a, struct str target, struct str *ret_path, struct str *ret_query, struct err *err)
{
	struct str s, path, query = STR_NONE;
	const char *mark;

	if (target.n > TARGET_MAX)
		return err_set(err, FAULT_URI);
	s = without_origin(target);
	mark = s.n ? memchr(s.p, '?', s.n) : NULL;
	if (mark) {
		query = str_from(s, (size_t)(mark - s.p) + 1);
		s = str_first(s, (size_t)(mark - s.p));
	}
	if (str_is(s, "*")) {
		*ret_path = s;
		*ret_query = STR("");
		return true;
	}
	if (s.n == 0 || s.p[0] != '/')
		return err_say(err, FAULT_REQUEST, "malformed.no_slash", STR_NONE);
	if (!raw_path_ok(s, err) || !target_decode(a, s, false, &path, err) || !path_ok(path, err))
		return false;
	*ret_path = path;
	*ret_query = query.p ? query : STR("");
	return true;
}

/* ---- queries and forms ---- */

static struct value *
find(const struct value *map, struct str name)
{
	struct value *m;

	for (m = map->first; m; m = m->next)
		if (str_eq(m->name, name))
			return m;
	return NULL;
}

/* A name that comes again makes a list of what was one text. */
static void
add(struct arena *a, struct value *map, struct str name, struct str text)
{
	struct value *v = find(map, name), *first;

	if (!v) {
		map_add_str(map, name, value_str(a, text));
		return;
	}
	if (v->kind != V_LIST) {
		first = value_str(a, v->s);
		v->kind = V_LIST;
		v->s = STR_NONE;
		list_add(v, first);
	}
	list_add(v, value_str(a, text));
}

bool
query_read(struct arena *a, struct str text, int names, bool skip_empty, struct value **ret_map,
    struct err *err)
{
	struct value *map = value_map(a);
	struct str part, name, value;
	int n = 0;

	while (str_split(&text, '&', &part)) {
		struct str rest = part;

		if (part.n == 0)
			continue;
		if (++n > names)
			return err_say(err, FAULT_REQUEST, "malformed.many_names", arena_printf(a, "%d", names));
		str_split(&rest, '=', &name);
		if (!target_decode(a, name, true, &name, err) ||
		    !target_decode(a, rest.p ? rest : STR(""), true, &value, err))
			return false;
		if (name.n == 0)
			return err_say(err, FAULT_REQUEST, "malformed.no_name", STR_NONE);
		if (value.n || !skip_empty)
			add(a, map, name, value);
	}
	*ret_map = map;
	return true;
}

/* ---- what a route allows ---- */

static bool
is_one_of(struct str value, const char *choices)
{
	struct str rest = str_c(choices), one;

	while (str_split(&rest, '|', &one))
		if (str_eq(one, value))
			return true;
	return false;
}

static bool
fits(struct str value, const char *type)
{
	int64_t i;

	if (strcmp(type, "text") == 0)
		return true;
	if (strcmp(type, "integer") == 0)
		return str_int(value, &i);
	if (strcmp(type, "time") == 0)
		return time_parse(value, zone_utc(), &i);
	return is_one_of(value, type);
}

/* Each of several values, if there are several. */
static bool
all_fit(const struct value *v, const char *type)
{
	const struct value *m;

	if (v->kind != V_LIST)
		return fits(v->s, type);
	for (m = v->first; m; m = m->next)
		if (!fits(m->s, type))
			return false;
	return true;
}

static bool
unknown_name(const struct route *route, struct str name, struct err *err)
{
	const struct query_param *q;
	struct buf b = { .arena = err->arena };

	if (!err->arena)
		return err_set(err, FAULT_QUERY);
	for (q = route->query; q && q->name; q++) {
		buf_c(&b, b.n ? ", " : "");
		buf_c(&b, q->name);
	}
	return err_setf(err, FAULT_QUERY, "%.*s; allowed: %.*s", STR_FMT(utf8_first(name, 100)),
	    STR_FMT(b.n ? buf_str(&b) : STR("-")));
}

bool
query_check(const struct route *route, const struct value *query, struct err *err)
{
	static const struct query_param always[] = {
		{ "lang", "zh-TW|zh|en", NULL },
		{ "notice", "text", NULL },
		{ NULL, NULL, NULL },
	};
	const struct query_param *q;
	const struct value *m;

	for (m = query->first; m; m = m->next) {
		for (q = always; q->name && !str_is(m->name, q->name); q++)
			;
		if (!q->name)
			for (q = route->query; q && q->name && !str_is(m->name, q->name); q++)
				;
		if (!q || !q->name)
			return unknown_name(route, m->name, err);
		if (!all_fit(m, q->type))
			return err_setf(err, FAULT_QUERY, "%s: %s", q->name, q->type);
	}
	return true;
}
