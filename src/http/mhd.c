/*
 * libmicrohttpd and sockets: the only file that knows either. A request's bytes are gathered here, in the
 * arena of the request; what they mean is serve.c's business. Fixed answers and reads run on the library's
 * threads, writes on the store's writer and slow work on our workers; meanwhile the connection is suspended.
 */
#include "http/private.h"

#include <arpa/inet.h>
#include <assert.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "http/watch.h"

#define SPARE_ARENAS 64
#define WORKERS 2
#define WORKERS_WAITING 64
#define HEADERS_KEPT 256                 /* more are counted, not kept: they are too many anyway */
#define DISCARDED_MOST ((size_t)64 << 10) /* of a refused request, read to keep its connection */
#define BODIES_AT_ONCE ((size_t)64 << 20) /* bytes of bodies in memory together, but room for four of the largest */
#define BLOCK ((size_t)64 << 10)         /* of an answer that is made while it is sent */
#define RECEIVE_RATE 8                   /* bytes a millisecond that a sender we know must bring at least */
#define SEND_RATE 8                      /* bytes a millisecond that a reader must take at least */
#define STOP_SECONDS 5

struct wire {
	struct server *server;
	struct MHD_Daemon *daemon;
	struct watch *watch;
	struct workers *workers;
	struct arena *memory;            /* what lives as long as the wire */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct arena *spare[SPARE_ARENAS];
	int spares;
	int busy;                        /* requests that are complete and not yet answered */
	int away;                        /* those of them that are on other threads */
	_Atomic size_t held;             /* bytes of bodies in memory */
	_Atomic bool stopping;
};

enum stage {
	STAGE_HEAD,                      /* nothing but the request line is known */
	STAGE_BODY,
	STAGE_AWAY,                      /* with the writer or a worker */
	STAGE_ANSWERED,
};

/* One request on its way. It lives in its own arena. */
struct visit {
	struct exchange x;
	struct wire *wire;
	struct MHD_Connection *connection;
	struct client *client;
	struct arena *arena;
	struct str target;
	const char *target_at;           /* where the library keeps it */
	struct slow_job slow;
	enum stage stage;
	bool counted, streamed;
	size_t held, discarded;
};

/* ---- arenas, used again and again ---- */

static struct arena *
arena_take(struct wire *w)
{
	struct arena *a = NULL;

	pthread_mutex_lock(&w->lock);
	if (w->spares > 0)
		a = w->spare[--w->spares];
	pthread_mutex_unlock(&w->lock);
	return a ? a : arena_new();
}

static void
arena_give(struct wire *w, struct arena *a)
{
	arena_reset(a);
	pthread_mutex_lock(&w->lock);
	if (w->spares < SPARE_ARENAS) {
		w->spare[w->spares++] = a;
		a = NULL;
	}
	pthread_mutex_unlock(&w->lock);
	arena_free(a);
}

/* ---- connections ---- */

static void
print_peer(struct MHD_Connection *connection, struct client *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *address = info ? info->client_addr : NULL;

	if (address && address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, c->peer,
		    sizeof(c->peer));
	else if (address && address->sa_family == AF_INET6) {
		const struct in6_addr *in6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;

		if (IN6_IS_ADDR_V4MAPPED(in6))
			inet_ntop(AF_INET, &in6->s6_addr[12], c->peer, sizeof(c->peer));
		else
			inet_ntop(AF_INET6, in6, c->peer, sizeof(c->peer));
	}
}

static void
on_connection(void *cls, struct MHD_Connection *connection, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct wire *w = cls;
	struct client *c = *context;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		c = calloc(1, sizeof(*c));
		assert(c);
		c->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		print_peer(connection, c);
		watch_add(w->watch, c);
		*context = c;
		return;
	}
	watch_remove(w->watch, c);
	free(c);
	*context = NULL;
}

/* The request line is there: here begins the request, and only here is its target as it was sent. */
static void *
on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
	struct wire *w = cls;
	struct arena *a = arena_take(w);
	struct visit *v = arena_make(a, struct visit);

	v->wire = w;
	v->arena = a;
	v->connection = connection;
	v->client = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	v->target = arena_dup(a, str_c(target));
	v->target_at = target;
	atomic_store(&v->client->allowance, 0);
	client_enter(v->client, PHASE_RECEIVING);
	return v;
}

/* The library would decode in place; target.c does it. */
static size_t
no_unescape(void *cls, struct MHD_Connection *connection, char *s)
{
	(void)cls;
	(void)connection;
	return strlen(s);
}

static void
count_busy(struct visit *v, bool busy)
{
	struct wire *w = v->wire;

	if (v->counted == busy)
		return;
	v->counted = busy;
	pthread_mutex_lock(&w->lock);
	w->busy += busy ? 1 : -1;
	if (w->stopping)
		pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **context,
    enum MHD_RequestTerminationCode code)
{
	struct wire *w = cls;
	struct visit *v = *context;

	(void)connection;
	if (!v)
		return;
	*context = NULL;
	/* the library refused it by itself, and more of it may be on its way */
	if (client_phase(v->client) == PHASE_RECEIVING && code <= MHD_REQUEST_TERMINATED_WITH_ERROR)
		v->client->linger = true;
	client_enter(v->client, PHASE_IDLE);
	count_busy(v, false);
	if (v->streamed)
		v->x.reply.stream->end(v->x.reply.stream);
	atomic_fetch_sub(&w->held, v->held);
	arena_give(w, v->arena);
}

/* ---- answers ---- */

/*
 * The whole answer at once, past the library: it does not let one answer while a body is still coming. The
 * connection ends after it, and lingers so that the answer arrives.
 */
static enum MHD_Result
answer_now(struct visit *v)
{
	struct exchange *x = &v->x;
	struct buf b = { .arena = v->arena };
	struct str text;
	ssize_t sent;
	int i;

	exchange_reply(x);
	if (client_enter(v->client, PHASE_DEAD)) {
		buf_printf(&b, "HTTP/1.1 %d %s\r\n", x->reply.status,
		    MHD_get_reason_phrase_for((unsigned)x->reply.status));
		for (i = 0; i < x->reply.n; i++)
			buf_printf(&b, "%s: %s\r\n", x->reply.headers[i].name, x->reply.headers[i].value);
		buf_printf(&b, "Connection: close\r\nContent-Length: %zu\r\n\r\n", x->reply.body.n);
		if (!x->r.head)
			buf_put(&b, x->reply.body);
		text = buf_str(&b);
		sent = send(v->client->fd, text.p, text.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		(void)sent;              /* its buffer is empty: it takes all, or nobody is there */
		v->client->linger = true;
	}
	v->stage = STAGE_ANSWERED;
	return MHD_NO;
}

static ssize_t
next_block(void *cls, uint64_t at, char *to, size_t room)
{
	struct visit *v = cls;
	struct stream *s = v->x.reply.stream;
	size_t n = 0;

	if (!s->open_end && at >= (uint64_t)s->size)
		return MHD_CONTENT_READER_END_OF_STREAM;
	v->streamed = true;
	if (!s->read(s, (int64_t)at, to, room, &n) || (n == 0 && !s->open_end))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return n > 0 ? (ssize_t)n : MHD_CONTENT_READER_END_OF_STREAM;
}

static struct MHD_Response *
make_response(struct visit *v)
{
	struct reply *reply = &v->x.reply;

	if (reply->stream)
		return MHD_create_response_from_callback(reply->stream->open_end ? MHD_SIZE_UNKNOWN :
		    (uint64_t)reply->stream->size, BLOCK, next_block, v, NULL);
	return MHD_create_response_from_buffer(reply->body.n, (void *)(uintptr_t)reply->body.p,
	    MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result
answer(struct visit *v)
{
	struct exchange *x = &v->x;
	struct MHD_Response *response;
	enum MHD_Result result;
	int i;

	exchange_reply(x);
	atomic_store(&v->client->allowance,
	    (x->reply.stream ? (uint64_t)x->reply.stream->size : x->reply.body.n) / SEND_RATE);
	if (!client_enter(v->client, PHASE_SENDING))
		return MHD_NO;
	response = make_response(v);
	if (!response)
		return MHD_NO;
	for (i = 0; i < x->reply.n; i++)
		MHD_add_response_header(response, x->reply.headers[i].name, x->reply.headers[i].value);
	if (v->wire->stopping)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	result = MHD_queue_response(v->connection, (unsigned)x->reply.status, response);
	MHD_destroy_response(response);
	v->stage = STAGE_ANSWERED;
	return result;
}

/* ---- other threads ---- */

/* Before it is handed over: afterwards it may be resumed at any moment. */
static void
leave(struct visit *v)
{
	pthread_mutex_lock(&v->wire->lock);
	v->wire->away++;
	pthread_mutex_unlock(&v->wire->lock);
	v->stage = STAGE_AWAY;
	MHD_suspend_connection(v->connection);
}

/* v may be gone as soon as the connection runs again. */
static void
come_back(struct visit *v)
{
	struct wire *w = v->wire;

	MHD_resume_connection(v->connection);
	pthread_mutex_lock(&w->lock);
	w->away--;
	if (w->stopping)
		pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

static void
run_slow(void *arg)
{
	struct visit *v = arg;

	exchange_slow(&v->x);
	come_back(v);
}

/* The connection is away already. */
static void
go_slow(struct visit *v)
{
	v->slow = (struct slow_job){ run_slow, v, NULL };
	if (workers_submit(v->wire->workers, &v->slow))
		return;
	exchange_refuse(&v->x, FAULT_BUSY);
	come_back(v);
}

static void
on_written(struct store_job *job, bool saved)
{
	struct exchange *x = job->arg;
	struct visit *v = (struct visit *)(void *)x;

	exchange_written(x, saved);
	if (exchange_prints(x))
		go_slow(v);
	else
		come_back(v);
}

static enum MHD_Result
complete(struct visit *v)
{
	if (!client_enter(v->client, PHASE_WORKING))
		return MHD_NO;
	count_busy(v, true);
	switch (exchange_run(&v->x)) {
	case NEXT_REPLY:
		return answer(v);
	case NEXT_WRITE:
		leave(v);
		v->x.job.done = on_written;
		store_submit(v->wire->server->o.store, &v->x.job);
		break;
	case NEXT_SLOW:
		leave(v);
		go_slow(v);
		break;
	}
	return MHD_YES;
}

/* ---- requests ---- */

struct header_list {
	struct str (*pairs)[2];
	int kept, count;
};

static enum MHD_Result
on_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_length, const char *value,
    size_t value_length)
{
	struct header_list *list = cls;

	(void)kind;
	list->count++;
	if (list->kept == HEADERS_KEPT)
		return MHD_YES;
	list->pairs[list->kept][0] = (struct str){ name ? name : "", name_length };
	list->pairs[list->kept++][1] = (struct str){ value ? value : "", value ? value_length : 0 };
	return MHD_YES;
}

/* The library keeps the headers until the request is answered. */
static struct wire_request
wire_request(struct visit *v, const char *method, const char *version)
{
	struct header_list list = { 0 };
	int n = MHD_get_connection_values(v->connection, MHD_HEADER_KIND, NULL, NULL);

	list.pairs = arena_raw(v->arena, (size_t)(n < HEADERS_KEPT ? n : HEADERS_KEPT) * sizeof(*list.pairs));
	MHD_get_connection_values_n(v->connection, MHD_HEADER_KIND, on_header, &list);
	return (struct wire_request){
		.method = str_c(method),
		.target = v->target,
		.version = str_c(version),
		.headers = (const struct str (*)[2])list.pairs,
		.header_count = list.kept,
		.peer = str_c(v->client->peer),
	};
}

/* All bodies together may take so much memory and no more. */
static bool
hold(struct visit *v, size_t n)
{
	struct wire *w = v->wire;
	size_t most = w->server->o.body_limit_max * 4;

	if (most < BODIES_AT_ONCE)
		most = BODIES_AT_ONCE;
	if (n <= v->held)
		return true;
	if (atomic_fetch_add(&w->held, n - v->held) + n - v->held > most) {
		atomic_fetch_sub(&w->held, n - v->held);
		return false;
	}
	v->held = n;
	return true;
}

/*
 * A refused request whose body is still to come: worth reading if it is short and nobody waits for our word
 * to send it.
 */
static bool
is_worth_reading(const struct visit *v)
{
	const struct exchange *x = &v->x;

	if (x->fatal || x->a.err.fault == FAULT_TOO_LARGE || x->head.expect.p)
		return false;
	return x->head.length <= (int64_t)DISCARDED_MOST;
}

/*
 * The library ends the target at a NUL that was sent in it. The version, which it leaves where it was read,
 * tells.
 */
static bool
is_cut_short(const struct visit *v, const char *version)
{
	return version != v->target_at + v->target.n + 1;
}

static enum MHD_Result
begin(struct visit *v, const char *method, const char *version)
{
	struct exchange *x = &v->x;
	struct wire_request in = wire_request(v, method, version);
	bool has_body;

	v->stage = STAGE_BODY;
	exchange_head(x, v->wire->server, v->arena, &in);
	if (is_cut_short(v, version)) {
		exchange_refuse(x, FAULT_REQUEST);
		x->a.err.say = "malformed.nul";
		x->fatal = true;
	}
	has_body = x->head.length > 0 || x->head.transfer_encoding.p;
	if (has_body && !x->refused && x->head.length > 0 && !hold(v, (size_t)x->head.length))
		exchange_refuse(x, FAULT_BUSY);
	if (x->fatal || (x->refused && has_body && !is_worth_reading(v)))
		return answer_now(v);
	/* a large body over a slow line: only from those whom exchange_room() knows */
	if (!x->refused && x->head.length > (int64_t)BODY_OF_ANYBODY)
		atomic_store(&v->client->allowance, (uint64_t)x->head.length / RECEIVE_RATE);
	return MHD_YES;
}

static enum MHD_Result
take_body(struct visit *v, struct str part)
{
	struct exchange *x = &v->x;

	if (client_phase(v->client) == PHASE_DEAD)
		return MHD_NO;
	if (!x->refused && !hold(v, x->body.n + part.n))
		exchange_refuse(x, FAULT_BUSY);
	if (!x->refused && exchange_body(x, part))
		return MHD_YES;
	v->discarded += part.n;
	if (x->a.err.fault == FAULT_TOO_LARGE || v->discarded > DISCARDED_MOST)
		return answer_now(v);
	return MHD_YES;
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *data, size_t *size, void **context)
{
	struct visit *v = *context;
	struct str part = { data, *size };

	(void)cls;
	(void)connection;
	(void)url;
	switch (v->stage) {
	case STAGE_HEAD:
		return begin(v, method, version);
	case STAGE_BODY:
		if (part.n == 0)
			return complete(v);
		*size = 0;
		return take_body(v, part);
	case STAGE_AWAY:
		return answer(v);
	case STAGE_ANSWERED:
		break;
	}
	return MHD_NO;
}

/* ---- the server ---- */

static void
on_panic(void *cls, const char *file, unsigned int line, const char *reason)
{
	(void)cls;
	log_line(LOG_ERROR, "libmicrohttpd: %s:%u: %s", file, line, reason ? reason : "");
	abort();
}

/* What it says is about single peers. */
static void on_log(void *cls, const char *format, va_list ap) __attribute__((format(printf, 2, 0)));
static void
on_log(void *cls, const char *format, va_list ap)
{
	char text[400];

	(void)cls;
	if (vsnprintf(text, sizeof(text), format, ap) > 0)
		log_line(LOG_DEBUG, "libmicrohttpd: %s", text);
}

/*
 * The answer to a request that never became one; in the program's first language, for nobody said which he
 * reads.
 */
static struct str
farewell(struct arena *a)
{
	struct request r = { .arena = a, .lang = LANG_ZH };
	struct err slow = { .fault = FAULT_SLOW };
	struct buf body = { .arena = a };

	render_fault_json(&r, &slow, &body);
	return arena_printf(a,
	    "HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json; charset=utf-8\r\n"
	    "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n"
	    "Content-Length: %zu\r\n\r\n%.*s",
	    body.n, STR_FMT(buf_str(&body)));
}

static unsigned
thread_count(const struct server_options *o)
{
	long cores = o->threads > 0 ? o->threads : sysconf(_SC_NPROCESSORS_ONLN);

	return cores < 1 ? 1 : cores > 64 ? 64 : (unsigned)cores;
}

/*
 * Memory of a connection: the headers, an entry for each of them and of a query's names, and our own
 * headers. The library clears all of it after each request, so that more is not better.
 */
static size_t
connection_memory(const struct server_options *o)
{
	return (size_t)o->header_limit + (size_t)o->header_limit / 2 + 8192;
}

static struct MHD_Daemon *
start_daemon(struct wire *w, const struct server_options *o)
{
	unsigned threads = thread_count(o);
	struct MHD_OptionItem pool[] = {
		{ threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)threads, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	return MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG,
	    0, NULL, NULL, on_request, w,
	    MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
	    MHD_OPTION_LISTEN_SOCKET, o->socket,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)o->connections_max,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)o->per_address_max,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)o->idle_seconds,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory(o),
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, w,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, w,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, w,
	    MHD_OPTION_UNESCAPE_CALLBACK, no_unescape, NULL,
	    MHD_OPTION_ARRAY, pool,
	    MHD_OPTION_END);
}

static void
wire_free(struct wire *w)
{
	int i;

	if (!w)
		return;
	workers_stop(w->workers);
	watch_stop(w->watch);
	for (i = 0; i < w->spares; i++)
		arena_free(w->spare[i]);
	arena_free(w->memory);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static struct wire *
wire_start(struct server *s, struct err *err)
{
	struct wire *w = calloc(1, sizeof(*w));
	struct watch_limits limits = { s->o.idle_seconds, s->o.request_seconds, STR_NONE };

	assert(w);
	w->server = s;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	w->memory = arena_new();
	limits.farewell = farewell(w->memory);
	w->watch = watch_start(&limits);
	w->workers = workers_start(WORKERS, WORKERS_WAITING);
	if (w->watch && w->workers)
		w->daemon = start_daemon(w, &s->o);
	if (w->daemon)
		return w;
	err_setf(err, FAULT_CONFIG, "the HTTP server cannot be started on its socket");
	wire_free(w);
	return NULL;
}

bool
server_start(const struct server_options *o, struct server **ret_server, struct err *err)
{
	struct server *s = server_new(o);

	assert(o->header_limit > 0 && o->idle_seconds > 0 && o->request_seconds > 0 &&
	    o->connections_max > 0);
	MHD_set_panic_func(on_panic, NULL);
	s->wire = wire_start(s, err);
	if (!s->wire) {
		server_free(s);
		return false;
	}
	*ret_server = s;
	return true;
}

/* What is with the writer or a worker has to come back; what is being sent gets a few seconds. */
static void
wait_for_requests(struct wire *w)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_SECONDS;
	pthread_mutex_lock(&w->lock);
	while (w->busy > 0 && pthread_cond_timedwait(&w->changed, &w->lock, &until) == 0)
		;
	while (w->away > 0)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

void
server_stop(struct server *s)
{
	if (!s)
		return;
	if (s->wire) {
		s->wire->stopping = true;
		MHD_quiesce_daemon(s->wire->daemon);
		wait_for_requests(s->wire);
		MHD_stop_daemon(s->wire->daemon);
		wire_free(s->wire);
	}
	server_free(s);
}
