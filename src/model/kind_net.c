/* The kinds of the network: IP addresses, URLs, and hosts, which may be typed as either. All are lists, kept one a line. */
#include "model/kind.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/arena.h"
#include "model/host.h"

#define WORST 10                 /* so many bad items of a field are named */

typedef bool item_reader(struct arena *a, struct str item, struct str *ret_canonical);

/* A list being read. */
struct items {
	const struct reading *reading;
	bool (*between)(int32_t);        /* a character that parts two of them */
	item_reader *read;
	enum fault fault;                /* of a bad one */
	struct buf kept;                 /* canonical, one a line */
	int64_t points;                  /* code points of that */
	int bad;
	size_t bytes;                    /* looked at so far */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
kept_already(const struct items *items, struct str s)
{
	struct str rest = buf_str(&items->kept), line;

	while (str_split(&rest, '\n', &line))
		if (str_eq(line, s))
			return true;
	return false;
}

/*
 * Beyond the limit nothing is kept any more: the fault is certain, and looking for what is there twice takes
 * its time.
 */
static void
take_item(struct items *items, struct str item)
{
	struct str s;

	if (!items->read(items->reading->arena, item, &s)) {
		if (items->bad++ < WORST)
			reading_fault(items->reading, items->fault, 0, item);
		return;
	}
	if (items->points > items->reading->field->max || kept_already(items, s))
		return;
	if (items->kept.n)
		buf_char(&items->kept, '\n');
	buf_put(&items->kept, s);
	items->points += (int64_t)utf8_length(s) + 1;
}

/* 無 on the paper form says that there is none. */
static bool
says_none(struct str s)
{
	return str_is(s, "無") || str_is(s, "none");
}

/* Cuts a text of the list into its items and takes each. */
static bool
take_text(struct items *items, const struct value *v)
{
	const struct reading *r = items->reading;
	struct str rest;
	const char *start;

	if (v->kind != V_STR && v->kind != V_TERM)
		return reading_type(r, v);
	rest = str_trim(v->s);
	/* what is far too long is not looked at piece by piece */
	items->bytes += rest.n;
	if (items->bytes > 8 * (size_t)r->field->max)
		return reading_fault(r, FAULT_F_LONG, r->field->max, STR_NONE);
	if (!utf8_ok(rest))
		return reading_fault(r, FAULT_F_TEXT, 0, STR("UTF-8"));
	if (says_none(rest))
		return true;
	start = rest.p;
	for (;;) {
		const char *at = rest.p;
		int32_t c = utf8_next(&rest);

		if (c >= 0 && !items->between(c))
			continue;
		if (at > start)
			take_item(items, (struct str){ start, (size_t)(at - start) });
		if (c < 0)
			return true;
		start = rest.p;
	}
}

static bool
read_items(struct items *items, const struct value *v, union cell *ret)
{
	const struct reading *r = items->reading;
	struct str kept;

	items->kept.arena = r->arena;
	if (v->kind != V_LIST && !take_text(items, v))
		return false;
	if (v->kind == V_LIST)
		for (const struct value *text = v->first; text; text = text->next)
			if (!take_text(items, text))
				return false;
	kept = buf_str(&items->kept);
	if (items->bad > 0 || !read_limits(r, kept))
		return false;
	ret->s = kept.n ? kept : STR_NONE;
	return true;
}

static bool
blank(int32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x3000;
}

/* Every "[.]" becomes "." and every "[:]" ":". */
static struct str
refang(struct arena *a, struct str s)
{
	struct buf b = { .arena = a };

	if (!str_has(s, STR("[.]")) && !str_has(s, STR("[:]")))
		return s;
	while (s.n) {
		bool fang = str_starts(s, STR("[.]")) || str_starts(s, STR("[:]"));

		buf_char(&b, s.p[fang]);
		s = str_from(s, fang ? 3 : 1);
	}
	return buf_str(&b);
}

/* ---- addresses ---- */

static bool
between_addresses(int32_t c)
{
	return blank(c) || c == ',' || c == ';' || c == 0x3001 || c == 0xff0c || c == 0xff1b;
}

static bool
canonical_ip(const char *text, int family, char out[INET6_ADDRSTRLEN])
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(family, text, address) == 1 &&
	    inet_ntop(family, address, out, INET6_ADDRSTRLEN) != NULL;
}

/* "192.0.2.1", "2001:db8::/32". */
static bool
read_address(struct arena *a, struct str item, struct str *ret_canonical)
{
	char text[INET6_ADDRSTRLEN];
	struct str rest, ip = STR_NONE;
	int64_t prefix = 0;
	int family;

	rest = refang(a, narrow(a, item));
	if (!str_split(&rest, '/', &ip) || !utf8_ok(ip))
		return false;
	family = memchr(ip.p, ':', ip.n) ? AF_INET6 : AF_INET;
	if (!canonical_ip(arena_c(a, ip), family, text))
		return false;
	if (!rest.p) {
		*ret_canonical = arena_dup(a, str_c(text));
		return true;
	}
	if (!rest.n || !is_digit(rest.p[0]) || !str_int(rest, &prefix) ||
	    prefix > (family == AF_INET ? 32 : 128))
		return false;
	*ret_canonical = arena_printf(a, "%s/%d", text, (int)prefix);
	return true;
}

bool
read_addresses(const struct reading *r, const struct value *v, union cell *ret)
{
	struct items items = { .reading = r, .between = between_addresses, .read = read_address,
	    .fault = FAULT_F_ADDRESS };

	return read_items(&items, v, ret);
}

void
show_addresses(const struct field *f, const union cell *in, struct value *v, struct arena *a)
{
	struct str rest = in->s, line;

	(void)f;
	v->kind = V_LIST;
	while (str_split(&rest, '\n', &line))
		list_add(v, value_str(a, line));
}

/* ---- URLs ---- */

static struct str
lower(struct arena *a, struct str s)
{
	char *p = arena_c(a, s);

	for (size_t i = 0; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	return (struct str){ p, s.n };
}

/* Takes "hxxps[://]" off *rest; the scheme as the net knows it, or NULL. */
static const char *
take_scheme(struct arena *a, struct str *rest)
{
	static const struct {
		const char *typed, *scheme;
	} schemes[] = {
		{ "http", "http" }, { "https", "https" }, { "ftp", "ftp" },
		{ "hxxp", "http" }, { "hxxps", "https" }, { "fxp", "ftp" },
	};
	static const char *const marks[] = { "://", "[://]", "[:]//" };
	struct str typed;
	size_t n = 0;

	while (n < rest->n && rest->p[n] != ':' && rest->p[n] != '[')
		n++;
	typed = lower(a, str_first(*rest, n));
	*rest = str_from(*rest, n);
	for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++) {
		if (!str_starts(*rest, str_c(marks[m])))
			continue;
		*rest = str_from(*rest, strlen(marks[m]));
		for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
			if (str_is(typed, schemes[i].typed))
				return schemes[i].scheme;
		return NULL;
	}
	return NULL;
}

static bool
host_label_ok(struct str s)
{
	if (!s.n || s.n > 63 || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!is_digit(c) && !(c >= 'a' && c <= 'z') && c != '-' && c != '_' && (c & 0x80) == 0)
			return false;
	}
	return true;
}

/* A name, or an IPv4 address in its usual form: a last label of digits is taken for one. */
static bool
host_ok(struct arena *a, struct str host)
{
	struct str rest = host, label = STR_NONE;
	char text[INET6_ADDRSTRLEN];
	int64_t number;

	if (!host.n || host.n > 253)
		return false;
	while (str_split(&rest, '.', &label))
		if (!host_label_ok(label))
			return false;
	return !str_int(label, &number) || canonical_ip(arena_c(a, host), AF_INET, text);
}

static bool
port_ok(struct str s)
{
	int64_t port;

	return s.n > 0 && is_digit(s.p[0]) && str_int(s, &port) && port >= 1 && port <= 65535;
}

/* Host and port, nobody's name in front ("http://good.example@evil.example"). Lower case. */
static bool
read_authority(struct arena *a, struct str typed, struct str *ret_authority)
{
	struct str s = lower(a, refang(a, typed)), port = STR_NONE;
	char text[INET6_ADDRSTRLEN];

	*ret_authority = s;
	if (str_starts(s, STR("["))) {
		const char *end = memchr(s.p, ']', s.n);
		size_t n;

		if (!end)
			return false;
		n = (size_t)(end - s.p);
		port = str_from(s, n + 1);
		if (!canonical_ip(arena_c(a, str_from(str_first(s, n), 1)), AF_INET6, text))
			return false;
		return port.n == 0 || (port.p[0] == ':' && port_ok(str_from(port, 1)));
	}
	if (!str_split(&s, ':', &typed))
		return false;
	return host_ok(a, typed) && (!s.p || port_ok(s));
}

/* No control, no mark that turns the direction of writing: such a text is no URL either. */
static bool
sound(struct arena *a, struct str s)
{
	const struct reading r = { .arena = a };

	return read_sound(&r, s, false);
}

static bool
read_url(struct arena *a, struct str item, struct str *ret_canonical)
{
	struct str rest = item, authority;
	const char *scheme = take_scheme(a, &rest);
	size_t n = authority_length(rest);

	if (!scheme || !sound(a, item) || !read_authority(a, str_first(rest, n), &authority))
		return false;
	rest = str_from(rest, n);
	*ret_canonical = arena_printf(a, "%s://%.*s%.*s", scheme, STR_FMT(authority), STR_FMT(rest));
	return true;
}

bool
read_urls(const struct reading *r, const struct value *v, union cell *ret)
{
	struct items items = { .reading = r, .between = blank, .read = read_url, .fault = FAULT_F_URL };

	return read_items(&items, v, ret);
}

/* ---- hosts ---- */

/*
 * A name without a dot could be any word: it is taken only from a web address. A port is cut off, and so is what follows
 * the host of a web address.
 */
static bool
read_host(struct arena *a, struct str item, struct str *ret_canonical)
{
	struct str rest = item, authority, host;
	const char *scheme;

	if (read_address(a, item, ret_canonical))
		return true;
	scheme = take_scheme(a, &rest);
	authority = scheme ? str_first(rest, authority_length(rest)) : narrow(a, item);
	if (!sound(a, item) || !read_authority(a, authority, &authority))
		return false;
	host = host_of_authority(authority);
	if (read_address(a, host, ret_canonical))
		return true;
	if (!scheme && !memchr(host.p, '.', host.n))
		return false;
	*ret_canonical = host;
	return true;
}

bool
read_hosts(const struct reading *r, const struct value *v, union cell *ret)
{
	struct items items = { .reading = r, .between = between_addresses, .read = read_host,
	    .fault = FAULT_F_HOST };

	return read_items(&items, v, ret);
}

/* Nobody opens it by accident: "hxxps://evil[.]example/a.b". */
static struct str
defang(struct arena *a, struct str url)
{
	struct buf b = { .arena = a };
	struct str rest = url, scheme = STR_NONE;
	size_t n;

	str_split(&rest, ':', &scheme);
	rest = str_from(rest, 2);
	n = authority_length(rest);
	buf_c(&b, str_is(scheme, "https") ? "hxxps" : str_is(scheme, "ftp") ? "fxp" : "hxxp");
	buf_c(&b, "://");
	for (size_t i = 0; i < n; i++)
		if (rest.p[i] == '.')
			buf_c(&b, "[.]");
		else
			buf_char(&b, rest.p[i]);
	buf_put(&b, str_from(rest, n));
	return buf_str(&b);
}

/* JSON has the real ones, a page the defanged. */
void
show_urls(const struct field *f, const union cell *in, struct value *v, struct arena *a)
{
	struct str rest = in->s, line;

	(void)f;
	v->kind = V_LIST;
	while (str_split(&rest, '\n', &line)) {
		struct value *url = list_add(v, value_str(a, line));

		url->kind = V_TERM;
		url->shown = defang(a, line);
	}
}

struct str
form_urls(const struct field *f, const union cell *in, const struct zone *local, struct arena *a)
{
	struct buf b = { .arena = a };
	struct str rest = in->s, line;

	(void)f;
	(void)local;
	while (str_split(&rest, '\n', &line)) {
		if (b.n)
			buf_char(&b, '\n');
		buf_put(&b, defang(a, line));
	}
	return buf_str(&b);
}
