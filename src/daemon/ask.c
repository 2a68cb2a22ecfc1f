#include "daemon/ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/json.h"
#include "daemon/terminal.h"
#include "desk/identity.h"

#define ANSWER_MAX (4 * 1024 * 1024)
#define PATIENCE_SECONDS 25              /* a token may be slow */

/* Connected to the address that the server listens on, or -1. "Any address" leads to this machine. */
static int
reach(const struct endpoint *e)
{
	struct sockaddr_in six_less = { .sin_family = AF_INET, .sin_port = htons((uint16_t)e->port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)e->port) };
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	const struct sockaddr *where = e->v6 ? (struct sockaddr *)&six : (struct sockaddr *)&six_less;
	int fd = socket(e->v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), code;

	inet_pton(AF_INET, e->host, &six_less.sin_addr);
	inet_pton(AF_INET6, e->host, &six.sin6_addr);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, where, e->v6 ? sizeof(six) : sizeof(six_less)) == 0)
		return fd;
	code = errno;
	close(fd);
	errno = code;
	return -1;
}

/* Sends it and reads until the server closes. STR_NONE: errno says. */
static struct str
exchange(int fd, struct arena *a, struct str request)
{
	char *answer = arena_raw(a, ANSWER_MAX);
	size_t n = 0;
	ssize_t got;

	if (send(fd, request.p, request.n, MSG_NOSIGNAL) != (ssize_t)request.n)
		return STR_NONE;
	while (n < ANSWER_MAX && (got = recv(fd, answer + n, ANSWER_MAX - n, 0)) > 0)
		n += (size_t)got;
	return n ? (struct str){ answer, n } : STR_NONE;
}

static struct str
body_of(struct str answer)
{
	static const char gap[] = "\r\n\r\n";
	const char *p = answer.n ? memmem(answer.p, answer.n, gap, 4) : NULL;

	return p ? str_from(answer, (size_t)(p - answer.p) + 4) : STR_NONE;
}

struct value *
ask_ready(const struct conf *c, struct arena *a, struct err *err)
{
	struct err ignored = { .arena = a };
	struct value *v = NULL, *checks;
	struct str answer;
	struct endpoint e;
	int fd = endpoint_parse(conf_text(c, SET_listen), &e) ? reach(&e) : -1;

	if (fd < 0) {
		err_setf(err, FAULT_FILE, "%s", strerror(errno));
		return NULL;
	}
	answer = exchange(fd, a, arena_printf(a, "GET /readyz HTTP/1.1\r\nHost: %.*s\r\nAccept: application/json\r\n"
	    "Accept-Language: %s\r\nConnection: close\r\n\r\n", STR_FMT(conf_text(c, SET_listen)),
	    lang_tag(terminal_lang())));
	close(fd);
	checks = json_parse(a, body_of(answer), &v, &ignored) ? value_get(v, "checks") : NULL;
	if (checks && checks->kind == V_LIST)
		return checks;
	refuse(err, FAULT_FILE, answer.n ? terminal_msg("doctor.server.strange") : str_c(strerror(errno)));
	return NULL;
}

/* "since: lies in the future": what it says of fields; STR_NONE: it says nothing of any. */
static struct str
words_of_fields(struct arena *a, const struct value *answer)
{
	const struct value *fields = value_get(answer, "fields");
	struct buf b = { .arena = a };

	for (const struct value *f = fields && fields->kind == V_LIST ? fields->first : NULL; f; f = f->next)
		buf_printf(&b, "%s%.*s: %.*s", b.n ? "; " : "", STR_FMT(value_text(value_get(f, "field"))),
		    STR_FMT(value_text(value_get(f, "message"))));
	return b.n ? buf_str(&b) : STR_NONE;
}

/* What it says no with, said here in the same words. */
static void
refused(struct arena *a, struct str body, struct err *err)
{
	struct err ignored = { .arena = a };
	struct value *v = NULL;
	struct str code = json_parse(a, body, &v, &ignored) ? value_text(value_get(v, "code")) : STR_NONE;

	for (enum fault f = FAULT_NONE + 1; f < FAULT__MAX; f++) {
		if (str_is(code, fault_code(f))) {
			refuse(err, f, words_of_fields(a, v));
			return;
		}
	}
	refuse(err, FAULT_FILE, terminal_msg("doctor.server.strange"));
}

struct str
ask_server(const struct conf *c, struct arena *a, const char *path, struct str body, struct err *err)
{
	struct str token = identity_terminal_token(a), answer, found;
	struct endpoint e;
	int fd = endpoint_parse(conf_text(c, SET_listen), &e) ? reach(&e) : -1;

	if (fd < 0) {
		err_setf(err, FAULT_FILE, "%.*s: %s", STR_FMT(conf_text(c, SET_listen)), strerror(errno));
		return STR_NONE;
	}
	answer = exchange(fd, a, arena_printf(a, "%s %s HTTP/1.1\r\nHost: %.*s\r\nAccept: application/json\r\n"
	    "Accept-Language: %s\r\nAuthorization: Bearer %.*s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n%.*s", body.p ? "POST" : "GET", path, STR_FMT(conf_text(c, SET_listen)),
	    lang_tag(terminal_lang()), STR_FMT(token), body.n, STR_FMT(body)));
	close(fd);
	found = body_of(answer);
	if (answer.n > 12 && answer.p[9] == '2' && found.p)
		return found;
	refused(a, found, err);
	return STR_NONE;
}
