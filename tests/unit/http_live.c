/* The server on real sockets: what clients send well, badly, slowly and not at all. */
#include "../../src/http/mhd.c"
#include "../../src/http/watch.c"

#include <dirent.h>
#include <errno.h>
#include <netinet/tcp.h>

#include "engine.h"
#include "http_fixture.h"
#include "tap.h"

#define PATIENCE_SECONDS 20              /* after which a test gives up: never waited for when all is well */

static struct server *server;
static struct store *store;
static uint16_t port;
static char dir[] = "/tmp/tocsin-http-XXXXXX";

/* ---- a client ---- */

struct response {
	int status;                      /* 0: the connection ended instead */
	char head[8192];
	char *body;
	size_t length;
};

static int
dial(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		printf("# cannot connect: %s\n", strerror(errno));
	return fd;
}

/* False when the peer does not want more; that can be an answer too. */
static bool
put_bytes(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		p += sent;
		n -= (size_t)sent;
	}
	return true;
}

static bool
put_text(int fd, const char *text)
{
	return put_bytes(fd, text, strlen(text));
}

/* Reads byte by byte up to the blank line, so that nothing of the next response is taken. */
static bool
read_head(int fd, struct response *r)
{
	size_t n = 0;

	while (n < sizeof(r->head) - 1 && recv(fd, r->head + n, 1, 0) == 1) {
		r->head[++n] = '\0';
		if (n >= 4 && memcmp(r->head + n - 4, "\r\n\r\n", 4) == 0)
			return sscanf(r->head, "HTTP/1.1 %d", &r->status) == 1;
	}
	r->status = 0;
	return false;
}

static const char *
header(const struct response *r, const char *name)
{
	static char value[512];
	const char *at = strcasestr(r->head, name);

	if (!at || sscanf(at + strlen(name), ": %511[^\r]", value) != 1)
		return "";
	return value;
}

/* One response. without: none has a body (HEAD). The body is the caller's until the next call. */
static struct response
hear_some(int fd, bool without)
{
	static char *kept;
	struct response r = { 0 };
	size_t n = 0;
	ssize_t got = 1;

	free(kept);
	kept = NULL;
	if (!read_head(fd, &r) || without || r.status == 204 || r.status == 304 || r.status == 100)
		return r;
	r.length = (size_t)atol(header(&r, "Content-Length"));
	r.body = kept = calloc(1, r.length + 1);
	while (n < r.length && (got = recv(fd, r.body + n, r.length - n, 0)) > 0)
		n += (size_t)got;
	if (n < r.length)
		r.status = 0;
	return r;
}

static struct response
hear(int fd)
{
	return hear_some(fd, false);
}

static bool
hears_end(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, 0);

	return n == 0 || (n < 0 && errno == ECONNRESET);
}

static struct response
once(const char *text)
{
	int fd = dial();
	struct response r;

	put_text(fd, text);
	r = hear(fd);
	close(fd);
	return r;
}

#define HOST "Host: cert.example\r\n"
#define KEY "Authorization: Bearer k\r\n"
#define JSON "Content-Type: application/json\r\n"
#define POST(path) "POST " path " HTTP/1.1\r\n" HOST KEY JSON

static bool
serves(const char *why)
{
	struct response r = once("GET /fixed HTTP/1.1\r\n" HOST "\r\n");

	return is_int(r.status, 200, why);
}

/* ---- waiting for the server's side of things, without guessing how long that takes ---- */

static bool
wait_until(bool (*holds)(void *arg), void *arg)
{
	int64_t until = clock_monotonic() + PATIENCE_SECONDS * SECOND;

	while (!holds(arg)) {
		if (clock_monotonic() > until)
			return false;
		sched_yield();
	}
	return true;
}

static bool
has_phase(void *arg)
{
	struct watch *w = server->wire->watch;
	struct client *c;
	bool found = false;

	pthread_mutex_lock(&w->lock);
	for (c = w->clients; c && !found; c = c->next)
		found = client_phase(c) == *(enum phase *)arg;
	pthread_mutex_unlock(&w->lock);
	return found;
}

static bool
wait_for_phase(enum phase p)
{
	return wait_until(has_phase, &p);
}

static bool
streams_ended(void *arg)
{
	return atomic_load(&shop_streams_ended) == *(int *)arg;
}

static bool
holds_nothing(void *arg)
{
	struct wire *w = server->wire;
	bool empty;

	(void)arg;
	pthread_mutex_lock(&w->watch->lock);
	empty = !w->watch->clients;
	pthread_mutex_unlock(&w->watch->lock);
	pthread_mutex_lock(&w->lock);
	empty = empty && w->busy == 0 && w->held == 0;
	pthread_mutex_unlock(&w->lock);
	return empty;
}

/* What the watch does when so many seconds from now have gone by. */
static void
time_passes(int seconds)
{
	watch_scan(server->wire->watch, clock_monotonic() + seconds * SECOND);
}

/* ---- the tests ---- */

static void
test_connections(void)
{
	int fd = dial();
	struct response r;

	put_text(fd, "GET /fixed HTTP/1.1\r\n" HOST "\r\n");
	r = hear(fd);
	is_int(r.status, 200, "a request");
	put_text(fd, "HEAD /fixed HTTP/1.1\r\n" HOST "\r\n");
	r = hear_some(fd, true);
	is_int(r.status, 200, "HEAD on the same connection");
	ok(atoi(header(&r, "Content-Length")) > 0, "tells the length");
	put_text(fd, "GET /assets/app.css HTTP/1.1\r\n" HOST "If-None-Match: \"0123456789abcdef\"\r\n\r\n");
	r = hear(fd);
	is_int(r.status, 304, "304 on the same connection");
	put_text(fd, "GET /fixed HTTP/1.1\r\n" HOST "\r\nGET /nothing HTTP/1.1\r\n" HOST "\r\n"
	    POST("/post") "Content-Length: 2\r\n\r\n{}GET /open?q=last HTTP/1.1\r\n" HOST "\r\n");
	is_int(hear(fd).status, 200, "four at once: the first");
	is_int(hear(fd).status, 404, "the second");
	is_int(hear(fd).status, 200, "the third");
	r = hear(fd);
	ok(r.status == 200 && strstr(r.body, "\"q\":\"last\""), "the fourth");
	close(fd);
	r = once("GET /fixed HTTP/1.0\r\n\r\n");
	ok(r.status == 200 && strcmp(header(&r, "Connection"), "close") == 0, "HTTP/1.0");
}

static void
test_split(void)
{
	static const char text[] = POST("/post?q=%E8%AD%A6") "Transfer-Encoding: chunked\r\n\r\n"
	    "3\r\n{\"a\r\n6;x=y\r\n\":\"bc\"\r\n1\r\n}\r\n0\r\nX-Trailer: z\r\n\r\n";
	struct response r;
	size_t i;
	int fd = dial();

	for (i = 0; i < sizeof(text) - 1; i++)
		put_bytes(fd, text + i, 1);
	r = hear(fd);
	ok(r.status == 200 && strstr(r.body, "\"body\":10") && strstr(r.body, "警"), "chunks, byte by byte");
	put_text(fd, "GET /fixed HTTP/1.1\r\n" HOST "\r\n");
	is_int(hear(fd).status, 200, "and the connection goes on");
	close(fd);
	r = once(POST("/post") "Transfer-Encoding: chunked\r\n\r\nxyz\r\n");
	is_int(r.status, 400, "chunks that are none");
}

static void
test_expect(void)
{
	int fd = dial();
	struct response r;

	put_text(fd, POST("/post") "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
	is_int(hear(fd).status, 100, "who asks first is told to go on");
	put_text(fd, "{}");
	is_int(hear(fd).status, 200, "and then answered");
	close(fd);
	fd = dial();
	put_text(fd, POST("/nothing") "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
	r = hear(fd);
	is_int(r.status, 404, "or told at once what is wrong");
	ok(hears_end(fd), "and that is the end");
	close(fd);
}

static void
test_large(void)
{
	static char rubbish[1 << 20];
	struct response r;
	int fd = dial(), i;

	put_text(fd, POST("/things") "Content-Length: 65537\r\n\r\n");
	r = hear(fd);
	is_int(r.status, 413, "too large by its announcement: answered before a byte of it");
	is_str(str_c(header(&r, "Connection")), "close", "the connection ends");
	close(fd);
	fd = dial();
	put_text(fd, POST("/things") "Content-Length: 6291456\r\n\r\n");
	for (i = 0; i < 6; i++)
		put_bytes(fd, rubbish, sizeof(rubbish));
	r = hear(fd);
	is_int(r.status, 413, "who sends all of it hears the answer and no reset");
	ok(hears_end(fd), "and the end");
	close(fd);
	fd = dial();
	put_text(fd, POST("/things") "Transfer-Encoding: chunked\r\n\r\n100000\r\n");
	put_bytes(fd, rubbish, sizeof(rubbish));
	r = hear(fd);
	is_int(r.status, 413, "in chunks");
	ok(strstr(r.body, "request.too_large") != NULL, "by its code");
	close(fd);
	fd = dial();
	put_text(fd, POST("/nothing") "Content-Length: 60000\r\n\r\n");
	put_bytes(fd, rubbish, 60000);
	is_int(hear(fd).status, 404, "a refused request whose body is short is read to its end");
	put_text(fd, "GET /fixed HTTP/1.1\r\n" HOST "\r\n");
	is_int(hear(fd).status, 200, "so that its connection goes on");
	close(fd);
}

static void
test_headers(void)
{
	static const char nul[] = "GET /fixed\0/../x HTTP/1.1\r\n" HOST "\r\n";
	struct response r;
	int fd = dial(), i;

	put_text(fd, "GET /fixed HTTP/1.1\r\n" HOST);
	for (i = 0; i < 10000; i++)
		if (!put_text(fd, "X-Header-Of-Many: value\r\n"))
			break;
	put_text(fd, "\r\n");
	r = hear(fd);
	is_int(r.status, 431, "ten thousand headers");
	close(fd);
	fd = dial();
	put_text(fd, "GET /fixed HTTP/1.1\r\n" HOST);
	for (i = 0; i < 201; i++)
		put_text(fd, "X: y\r\n");
	put_text(fd, "\r\n");
	r = hear(fd);
	ok(r.status == 431 && strstr(r.body, "request.headers"), "two hundred and one, in our words");
	close(fd);
	fd = dial();
	put_text(fd, "GET /");
	for (i = 0; i < 5000; i++)
		if (!put_text(fd, "0123456789"))
			break;
	put_text(fd, " HTTP/1.1\r\n" HOST "\r\n");
	is_int(hear(fd).status, 414, "an address without end");
	close(fd);
	r = once(POST("/post") "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
	is_int(r.status, 400, "two ways to end it");
	is_str(str_c(header(&r, "Connection")), "close", "nothing behind it is read");
	fd = dial();
	put_bytes(fd, nul, sizeof(nul) - 1);
	is_int(hear(fd).status, 400, "NUL in the address");
	close(fd);
	is_int(once("GET /fixed HTTP/1.1\r\n\r\n").status, 400, "no host");
	is_int(once("GET /fixed HTTP/1.1\r\n" HOST HOST "\r\n").status, 400, "two hosts");
	is_int(once("GET /a b HTTP/1.1\r\n" HOST "\r\n").status, 0, "a blank in the address");
}

static void
test_slow(void)
{
	int fd = dial();
	struct response r;

	put_text(fd, POST("/post") "Content-Length: 10\r\n\r\n{\"a\"");
	ok(wait_for_phase(PHASE_RECEIVING), "half a body");
	time_passes(15);
	put_text(fd, ":");
	time_passes(25);
	r = hear(fd);
	is_int(r.status, 408, "that does not come in time");
	ok(strstr(r.body, "request.slow") != NULL, "by its code");
	ok(hears_end(fd), "is the end of the connection");
	close(fd);
	fd = dial();
	put_text(fd, "GET /fixed HTTP/1.1\r\nHost:");
	ok(wait_for_phase(PHASE_RECEIVING), "half a head");
	time_passes(25);
	is_int(hear(fd).status, 408, "too");
	close(fd);
	fd = dial();
	put_text(fd, "GET /fi");
	ok(wait_for_phase(PHASE_IDLE), "half a line is nothing yet");
	time_passes(35);
	ok(hears_end(fd), "and gets no answer");
	close(fd);
	fd = dial();
	put_text(fd, "GET /fixed HTTP/1.1\r\n" HOST "\r\n");
	is_int(hear(fd).status, 200, "a connection between requests");
	wait_for_phase(PHASE_IDLE);
	time_passes(25);
	put_text(fd, "GET /fixed HTTP/1.1\r\n" HOST "\r\n");
	is_int(hear(fd).status, 200, "may rest longer than a request may last");
	close(fd);
}

static void
test_slow_reader(void)
{
	static char some[65536];
	int fd, small = 4096;
	size_t n = 0;
	ssize_t got;

	wait_until(holds_nothing, NULL);
	fd = dial();
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	put_text(fd, "GET /big HTTP/1.1\r\n" HOST "\r\n");
	ok(wait_for_phase(PHASE_SENDING), "an answer that nobody reads");
	time_passes(60);
	ok(has_phase(&(enum phase){ PHASE_SENDING }), "has time by its size");
	time_passes(25 + (int)(sizeof(shop_bytes) / SEND_RATE / 1000));
	if (ok(!has_phase(&(enum phase){ PHASE_SENDING }), "but not for ever"))
		while ((got = recv(fd, some, sizeof(some), 0)) > 0)
			n += (size_t)got;
	ok(n < sizeof(shop_bytes), "it ends before all of it is read");
	close(fd);
}

/* Read to the end; given up; and one that cannot be made to its end, which nobody may take for whole. */
static void
test_streams(void)
{
	static char some[65536];
	struct linger hard = { 1, 0 };
	struct response r;
	size_t wrong = 0;
	int fd, before = atomic_load(&shop_streams_ended);

	fd = dial();
	put_text(fd, "GET /stream?n=5000000 HTTP/1.1\r\n" HOST "\r\n");
	r = hear(fd);
	is_int(r.status, 200, "a stream");
	is_int((int64_t)r.length, 5000000, "all of it");
	for (size_t i = 0; i < r.length; i++)
		wrong += r.body[i] != (char)('a' + i % 26);
	is_int((int64_t)wrong, 0, "in order");
	put_text(fd, "GET /fixed HTTP/1.1\r\n" HOST "\r\n");
	r = hear(fd);
	is_int(r.status, 200, "the connection goes on behind it");
	close(fd);
	r = once("GET /stream?n=5000000&q=broken HTTP/1.1\r\n" HOST "\r\n");
	ok(r.status == 0 && r.length == 5000000, "one that breaks off is shorter than it said");
	wait_until(holds_nothing, NULL);         /* the phase that is waited for is not the one's before */
	fd = dial();
	put_text(fd, "GET /stream?n=500000000 HTTP/1.1\r\n" HOST "\r\n");
	/* more than the head: one that nobody began to read has nothing to end */
	is_int(recv(fd, some, sizeof(some), MSG_WAITALL), sizeof(some), "one of which a part is read");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(fd);
	ok(wait_until(streams_ended, &(int){ before + 3 }), "each ended once, whether it was read or not");
}

static void
test_resets(void)
{
	struct linger hard = { 1, 0 };
	int i, fd;

	for (i = 0; i < 50; i++) {
		fd = dial();
		put_text(fd, POST("/post") "Content-Length: 50000\r\n\r\n{\"a\":\"half of it");
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		close(fd);
	}
	for (i = 0; i < 50; i++) {
		fd = dial();
		put_text(fd, POST("/things") "Content-Length: 13\r\n\r\n{\"title\":\"x\"}");
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		close(fd);
	}
	ok(wait_until(holds_nothing, NULL), "nothing is left of requests that were broken off");
	serves("and others are served");
}

static void
test_lanes(void)
{
	struct response r;
	int fds[40], i, good = 0, before = shop_runs;

	for (i = 0; i < 40; i++) {
		fds[i] = dial();
		put_text(fds[i], POST("/things") "Content-Length: 13\r\n\r\n{\"title\":\"x\"}");
	}
	for (i = 0; i < 40; i++) {
		r = hear(fds[i]);
		good += r.status == 201 && strstr(r.body, "\"title\":\"x\"");
		close(fds[i]);
	}
	is_int(good, 40, "writes of many at once");
	ok(shop_runs - before >= 40, "each ran");
	r = once(POST("/things") "Content-Length: 12\r\n\r\n{\"title\":\"\"}");
	is_int(r.status, 422, "a write that is refused");
	is_int(once("GET /twice HTTP/1.1\r\n" HOST "\r\n").status, 200, "a reading that has to write");
	r = once(POST("/slow") "Content-Length: 2\r\n\r\n{}");
	ok(r.status == 200 && strcmp(header(&r, "Set-Cookie"),
	    "session=fresh; Path=/; HttpOnly; SameSite=Lax") == 0, "slow work");
	r = once("POST /things HTTP/1.1\r\n" HOST "Accept: text/html\r\nCookie: session=r\r\n"
	    "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	    "Content-Length: 18\r\n\r\ntitle=&_csrf=token");
	ok(r.status == 422 && strstr(r.body, "Lin") && strstr(r.body, "again:"),
	    "a form is shown again, with a frame that reads");
}

static bool
all_waiting(void *arg)
{
	int away;

	(void)arg;
	pthread_mutex_lock(&server->wire->lock);
	away = server->wire->away;
	pthread_mutex_unlock(&server->wire->lock);
	return away == WORKERS + WORKERS_WAITING;
}

static bool
workers_busy(void *arg)
{
	return shop_slow_runs - *(int *)arg == WORKERS;
}

static void
test_busy(void)
{
	static const char text[] = POST("/slow") "Content-Length: 2\r\n\r\n{}";
	int fds[WORKERS + WORKERS_WAITING], i, good = 0, before = shop_slow_runs;
	struct response r;

	shop_slow_gate = 1;
	for (i = 0; i < WORKERS; i++) {
		fds[i] = dial();
		put_text(fds[i], text);
	}
	ok(wait_until(workers_busy, &before), "all workers at work");
	for (; i < WORKERS + WORKERS_WAITING; i++) {
		fds[i] = dial();
		put_text(fds[i], text);
	}
	ok(wait_until(all_waiting, NULL), "as much slow work as may wait");
	r = once(text);
	is_int(r.status, 503, "more is not taken");
	is_str(str_c(header(&r, "Retry-After")), "2", "for now");
	serves("while others are served");
	shop_slow_gate = 0;
	for (i = 0; i < WORKERS + WORKERS_WAITING; i++) {
		good += hear(fds[i]).status == 200;
		close(fds[i]);
	}
	is_int(good, WORKERS + WORKERS_WAITING, "and all of it is done");
}

static void *
stop_server(void *arg)
{
	(void)arg;
	server_stop(server);
	return NULL;
}

static bool
is_stopping(void *arg)
{
	return *(struct wire **)arg && (*(struct wire **)arg)->stopping;
}

static void
test_stop(void)
{
	pthread_t thread;
	struct wire *wire = server->wire;
	struct response r;
	int fd = dial(), idle = dial();

	put_text(idle, "GET /fixed HTTP/1.1\r\n" HOST "\r\n");
	hear(idle);
	shop_slow_gate = 1;
	put_text(fd, POST("/slow") "Content-Length: 2\r\n\r\n{}");
	ok(wait_for_phase(PHASE_WORKING), "something runs");
	pthread_create(&thread, NULL, stop_server, NULL);
	ok(wait_until(is_stopping, &wire), "the server is told to stop");
	shop_slow_gate = 0;
	r = hear(fd);
	is_int(r.status, 200, "what ran is finished and answered");
	pthread_join(thread, NULL);
	ok(hears_end(fd) && hears_end(idle), "then all connections end");
	close(fd);
	close(idle);
}

static void
remove_directory(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	rmdir(dir);
}

static bool
start(void)
{
	struct server_options o = shop_options();
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	socklen_t n = sizeof(in);
	bool good;

	if (!mkdtemp(dir) || !store_open(&(struct store_options){ .dir = dir, .url = url_of(a, dir),
	    .create = true }, &store, &err)) {
		log_err(LOG_ERROR, "store", &err);
		return false;
	}
	o.store = store;
	o.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	good = bind(o.socket, (struct sockaddr *)&in, sizeof(in)) == 0 && listen(o.socket, 511) == 0 &&
	    getsockname(o.socket, (struct sockaddr *)&in, &n) == 0 && render_load(&err) &&
	    server_start(&o, &server, &err);
	port = ntohs(in.sin_port);
	if (!good)
		log_err(LOG_ERROR, "start", &err);
	arena_free(a);
	return good;
}

int
main(void)
{
	if (!ok(start(), "the server starts"))
		return done_testing();
	test_connections();
	test_split();
	test_expect();
	test_large();
	test_headers();
	test_slow();
	test_slow_reader();
	test_streams();
	test_resets();
	test_lanes();
	test_busy();
	test_stop();
	store_close(store);
	remove_directory();
	return done_testing();
}
