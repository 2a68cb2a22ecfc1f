#include "desk/courier.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define HOST_MAX 253

static struct {
	struct arena *arena;             /* lives as long as the process */
	int n;
	struct {
		struct str host;
		int port;
	} list[COURIER_PLACES_MAX];
	int ports[COURIER_PLACES_MAX];
} places;
static courier_way *way;

/* ---- addresses ---- */

static bool
is_host(struct str s, bool six)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (six ? !isxdigit(c) && c != ':' && c != '.' : !isalnum(c) && c != '-' && c != '.')
			return false;
	}
	return s.n > 0 && s.n <= HOST_MAX;
}

/* HOST, HOST:PORT, [SIX], [SIX]:PORT */
static bool
host_read(struct str s, int otherwise, struct str *ret_host, int *ret_port)
{
	const char *end = NULL, *colon;
	struct str host = s, port = STR_NONE;
	int64_t number = otherwise;
	bool six = s.n > 0 && s.p[0] == '[';

	if (six) {
		end = memchr(s.p, ']', s.n);
		if (!end || (end + 1 < s.p + s.n && end[1] != ':'))
			return false;
		host = (struct str){ s.p + 1, (size_t)(end - s.p) - 1 };
		port = end + 1 < s.p + s.n ? str_from(s, (size_t)(end - s.p) + 2) : STR_NONE;
	} else {
		colon = s.n ? memchr(s.p, ':', s.n) : NULL;
		host.n = colon ? (size_t)(colon - s.p) : s.n;
		port = colon ? str_from(s, host.n + 1) : STR_NONE;
	}
	if (!is_host(host, six) || (port.p && (!port.n || port.p[0] == '+' || !str_int(port, &number))) ||
	    number < 1 || number > 65535)
		return false;
	*ret_host = host;
	*ret_port = (int)number;
	return true;
}

static bool
is_loopback(struct str host)
{
	return str_is(host, "localhost") || str_is(host, "::1") || (str_starts(host, STR("127.")) &&
	    strspn(host.p, "0123456789.") >= host.n);
}

bool
place_read(struct str url, struct place *ret_place)
{
	struct place p = { .secure = str_starts(url, STR("https://")) };
	struct str rest = str_from(url, p.secure ? 8 : 7);
	const char *slash;
	size_t n;

	if ((!p.secure && !str_starts(url, STR("http://"))) || url.n > COURIER_URL_MAX)
		return false;
	slash = rest.n ? memchr(rest.p, '/', rest.n) : NULL;
	n = slash ? (size_t)(slash - rest.p) : rest.n;
	p.path = str_from(rest, n);
	for (size_t i = 0; i < p.path.n; i++)
		if (p.path.p[i] <= ' ' || p.path.p[i] > '~' || strchr("?#\"<>\\^`{|}", p.path.p[i]))
			return false;
	if (!host_read(str_first(rest, n), p.secure ? 443 : 80, &p.host, &p.port))
		return false;
	p.loopback = is_loopback(p.host);
	if (!p.secure && !p.loopback)
		return false;
	*ret_place = p;
	return true;
}

/* ---- where errands may go ---- */

bool
courier_configure(struct str text, struct err *err)
{
	struct str word;

	if (!places.arena)
		places.arena = arena_new();
	places.n = 0;
	text = arena_dup(places.arena, text);
	while (str_split(&text, ' ', &word)) {
		if (!word.n)
			continue;
		if (places.n == COURIER_PLACES_MAX ||
		    !host_read(word, 443, &places.list[places.n].host, &places.list[places.n].port))
			return err_setf(err, FAULT_CONFIG, "outbound: %.*s", STR_FMT(str_first(word, 60)));
		places.ports[places.n] = places.list[places.n].port;
		places.n++;
	}
	return true;
}

bool
courier_may(struct str host, int port)
{
	for (int i = 0; i < places.n; i++)
		if (places.list[i].port == port && places.list[i].host.n == host.n &&
		    strncasecmp(places.list[i].host.p, host.p, host.n) == 0)
			return true;
	return false;
}

bool
courier_is_configured(void)
{
	return places.n > 0;
}

const int *
courier_ports(int *ret_n)
{
	*ret_n = places.n;
	return places.ports;
}

/* ---- errands ---- */

void
courier_set(courier_way *to)
{
	way = to;
}

bool
courier_send(struct str url, struct str body, struct arena *a, struct errand_answer *ret_answer, struct err *err)
{
	struct place p;

	if (!place_read(url, &p) || !courier_may(p.host, p.port))
		return err_setf(err, FAULT_COURIER, "the setting outbound does not name %.*s", STR_FMT(url));
	if (!way)
		return err_setf(err, FAULT_COURIER, "the courier does not run");
	return way(url, body, a, ret_answer, err);
}
