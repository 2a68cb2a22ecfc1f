/* The HTTP server: libmicrohttpd behind one file. Bytes to requests, requests to routes, answers to bytes. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/route.h"

struct server;

struct server_options {
	int socket;                              /* bound and listening, given by the parent */
	int threads;                             /* 0: one a core */
	struct store *store;                     /* NULL only in tests of fixed routes */
	const struct http_hooks *hooks;
	const struct zone *zone;                 /* default zone of pages */
	size_t body_limit, body_limit_max;       /* bytes: default of a route; greatest any route may have */
	int header_limit;                        /* bytes of all headers (431) */
	int idle_seconds, request_seconds;       /* without traffic; a whole request (408) */
	int connections_max, per_address_max;
	bool proxy;                              /* trust X-Forwarded-For (last hop) and X-Forwarded-Proto */
	struct str host;                         /* own origin "https://cert.example"; STR_NONE: from Host */
	bool metrics;
};

bool server_start(const struct server_options *o, struct server **ret_server, struct err *err);
/* Stops accepting, finishes what runs, then ends. NULL is allowed. */
void server_stop(struct server *s);

/*
 * Requests by route and status and how long they took, in Prometheus' text format. False: options.metrics is
 * off.
 */
bool server_metrics(struct buf *b);

/*
 * The part above the library, for tests and fuzzing: a request as parsed by it goes in, the finished
 * response comes out.
 */
struct wire_request {
	struct str method, target, version;
	const struct str (*headers)[2];
	int header_count;
	struct str body;
	struct str peer;
};
struct wire_response {
	int status;
	struct str headers;                      /* "Name: value\r\n" lines */
	struct str body;
};
void server_answer(struct server *s, struct arena *a, const struct wire_request *in,
    struct wire_response *ret_out);
/* A server without sockets, for the above. */
bool server_dry(const struct server_options *o, struct server **ret_server, struct err *err);

#endif
