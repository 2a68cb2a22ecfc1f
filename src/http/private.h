/* What the files of this room share with each other and with nobody else. */
#ifndef HTTP_PRIVATE_H
#define HTTP_PRIVATE_H

#include "http/render.h"
#include "http/request.h"
#include "http/route.h"
#include "http/server.h"

#define TARGET_MAX ((size_t)8 << 10)     /* bytes of path and query: more is 414 */
#define QUERY_NAMES 100                  /* names in a query */
#define FORM_NAMES 500                   /* names in a form */
#define REPLY_HEADERS 24
#define BODY_OF_ANYBODY ((size_t)1 << 20) /* bytes; a longer body is taken from who is signed in, and from nobody else */

/* ---- target.c: the address of a request ---- */

/*
 * Percent-decodes s ('+' is a blank where plus says so). The result is well-formed UTF-8 without NUL.
 * Faults: FAULT_ENCODING.
 */
bool target_decode(struct arena *a, struct str s, bool plus, struct str *ret_text, struct err *err);
/* For an address: everything but letters, digits and -._~/ as %XX. */
void target_encode(struct buf *b, struct str s);
/*
 * Splits a request's target into its decoded path and its raw query. The path begins with '/' and has no
 * segment "." or "..", no backslash, no encoded slash and no control character. "*" stays "*". Faults:
 * FAULT_URI, FAULT_ENCODING, FAULT_REQUEST.
 */
bool target_read(struct arena *a, struct str target, struct str *ret_path, struct str *ret_query,
    struct err *err);
/*
 * "a=1&b=2" as a map of texts, a repeated name as a list; at most names of them. Without empty ones if
 * skip_empty. Faults: FAULT_ENCODING, FAULT_REQUEST.
 */
bool query_read(struct arena *a, struct str text, int names, bool skip_empty, struct value **ret_map,
    struct err *err);
/* Every name is one of the route's (or lang, notice) and its value of the kind it says: else FAULT_QUERY. */
bool query_check(const struct route *route, const struct value *query, struct err *err);

/* ---- request.c: the head of a request ---- */

/* Without the blanks and tabs at both ends: what HTTP calls white space, and nothing more. */
struct str bare(struct str s);

/* What the generic part reads of the headers, beside what a handler sees in struct request. */
struct head {
	struct str accept, content_type, content_encoding, transfer_encoding, cookie;
	struct str host, origin, fetch_site, forwarded_for, forwarded_proto, authorization, expect,
	    user_agent;
	int64_t length;                          /* Content-Length, -1 without */
	bool acceptable;                         /* the caller takes a page or JSON */
	bool site_told;                          /* a browser said where the request comes from */
};

/*
 * Reads the headers into h and r (address, cookies, tokens, languages, same_site, want ...). What could be
 * understood in two ways is refused: a repeated header that may come once, lengths that are none, a length
 * and chunks. Faults: FAULT_REQUEST, FAULT_HEADERS.
 */
bool head_read(struct request *r, struct head *h, const struct server_options *o,
    const struct wire_request *in, struct err *err);
/* ---- multipart.c ---- */

/*
 * A form with at most one file and names other parts. Texts are well-formed UTF-8 without NUL. Faults: FAULT_REQUEST, FAULT_ENCODING.
 */
bool multipart_read(struct arena *a, struct str content_type, struct str body, int names, struct value **ret_map,
    struct upload *ret_file, struct err *err);

/* Takes the media type of the body apart; r->media. Faults: FAULT_MEDIA_TYPE. */
bool head_media(struct request *r, const struct head *h, struct err *err);
/* r->body into r->in by its media type. Faults: those of JSON and forms. */
bool body_read(struct request *r, const struct head *h, struct err *err);
/* Its input has a field of kind FILES that is the caller's to fill in. */
bool route_takes_file(const struct route *route);
/* The body is a form, of the kind without a file or of the one with. */
bool is_form(const struct request *r);
/* Takes name out of r->in, when that came from a form; STR_NONE when it is not there. */
struct str form_take(struct request *r, const char *name);
/*
 * A write of this caller may go on: it comes from our own pages, or from a program with a key. csrf is the
 * form's token.
 */
bool may_write(const struct request *r, const struct head *h, struct str csrf);

/* ---- route.c ---- */

/* The methods that a path knows, a set of enum method; 0: no such path. */
unsigned route_methods(struct str path);
/* "GET, HEAD, PUT, OPTIONS" */
struct str methods_text(struct arena *a, unsigned methods, bool all);

/* ---- serve.c: the way of a request, whatever brought it ---- */

enum next { NEXT_REPLY, NEXT_WRITE, NEXT_SLOW };

struct reply {
	int status;
	struct {
		const char *name, *value;
	} headers[REPLY_HEADERS];
	int n;
	struct str body;
	struct stream *stream;                   /* instead of body */
};

struct exchange {
	struct server *server;
	struct request r;
	struct head head;
	struct answer a;
	size_t body_limit;
	struct buf body;
	bool refused;                            /* a fault before the handler: nothing runs */
	bool fatal;                              /* what follows on this connection is in doubt: close it */
	bool options;                            /* OPTIONS: only the methods are told */
	bool method_open;                        /* a form whose _method will say which route it means */
	bool authenticated;                      /* it was asked who this is */
	bool end_session;                        /* the session of the cookie is none: take the cookie away */
	bool lang_asked;                         /* ?lang= */
	int64_t started;                         /* monotonic */
	struct store_job job;                    /* NEXT_WRITE */
	struct err write_err;
	struct reply reply;
};

struct wire;                                     /* mhd.c: the sockets */
struct server {
	struct server_options o;
	struct wire *wire;                       /* NULL: a dry one */
};
struct server *server_new(const struct server_options *o);
void server_free(struct server *s);

/* Begins: everything that the head says. x->refused when that is the end of it. */
void exchange_head(struct exchange *x, struct server *s, struct arena *a, const struct wire_request *in);
/* Room for a body of so many bytes in all, before they come. False: too large, x->refused. */
bool exchange_room(struct exchange *x, size_t n);
/* Takes a part of the body; false: too large, x->refused. */
bool exchange_body(struct exchange *x, struct str part);
/* Everything is there: runs the handler, or says who has to. */
enum next exchange_run(struct exchange *x);
/* NEXT_WRITE: x->job is ready for store_submit() but for its done; call this when it is done. */
void exchange_written(struct exchange *x, bool saved);
/* After NEXT_WRITE: what was written is now to be printed, on a worker. */
bool exchange_prints(const struct exchange *x);
/* NEXT_SLOW, or it prints: on a worker. */
void exchange_slow(struct exchange *x);
/* A fault of the server itself (busy, slow) instead of what would have followed. */
void exchange_refuse(struct exchange *x, enum fault f);
/* Asks who this is, if nobody did yet. */
void exchange_identify(struct exchange *x);

/* ---- reply.c ---- */

/* The answer as x->reply: status, headers, body. Ends what was open. */
void exchange_reply(struct exchange *x);
/* The address of the sign-in page that leads back to where r wanted to go. */
struct str sign_in_address(const struct request *r);

/* ---- metrics.c ---- */

void metrics_on(bool on);
/* One request is answered. Cheap: counters of this thread. */
void metrics_count(const struct route *route, int status, int64_t took);

/* ---- workers.c: threads for what takes long ---- */

struct slow_job {
	void (*run)(void *arg);
	void *arg;
	struct slow_job *next;
};
struct workers;
struct workers *workers_start(int threads, int waiting_max);
bool workers_submit(struct workers *w, struct slow_job *job);    /* false: too many wait already */
void workers_stop(struct workers *w);    /* after all that wait have run; NULL is allowed */

#endif
