/*
 * A request as a handler sees it, and the answer it makes: one value, never a byte on the socket.
 * The same value is the API's JSON and the page's input.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/value.h"
#include "model/principal.h"
#include "store/store.h"

struct route;

/* HEAD is GET without a body. */
enum method { METHOD_GET = 1, METHOD_POST = 2, METHOD_PUT = 4, METHOD_DELETE = 8 };
/* By Accept, or ".json" at the end of the path; who says nothing gets JSON. */
enum want { WANT_HTML, WANT_JSON };

/* The file of a form; its name is as it came, any bytes. */
struct upload {
	struct str field, name, bytes;           /* field: the input's name; STR_NONE: no file came */
};

struct request {
	struct arena *arena;
	enum method method;
	bool head;
	enum want want;
	bool json_named;                 /* JSON was asked for by its name, not by saying nothing */
	struct str path;                 /* decoded, without ".json", no ".." (refused before) */
	struct str query_text;           /* raw, for links that keep the filters */
	struct value *query;             /* V_MAP of texts, without empty ones; a repeated name is a list */
	struct str args[4];              /* what stood for {…} in the route's path, in order */
	struct str body;
	struct str media;                /* media type without parameters, lower case */
	struct value *in;                /* V_MAP of the body, empty without one; NULL for GET */
	bool form;                       /* in came from a form */
	struct upload file;              /* of a form, where the route takes one */
	struct str content_range;        /* as it came; STR_NONE without */
	bool https;                      /* the proxy said so; Secure cookies */
	bool same_site;                  /* Origin and Sec-Fetch-Site speak for us, or a token does */
	struct str origin;               /* our own, "https://cert.example": as set, else by Host */
	struct str address;              /* the peer's IP address; by a header only from our proxy */
	struct str user_agent;           /* first 200 bytes, cleaned: for the list of sessions */
	struct str cookie_session, cookie_lang, bearer;
	struct str accept_language, idempotency_key, if_none_match;
	struct str if_match;             /* or a form's _version */
	enum lang lang;                  /* of the person, else cookie, else Accept-Language, else zh-TW */
	struct face face;
	int64_t now;
	const struct route *route;
	const struct principal *who;     /* NULL: nobody signed in */
	struct tx *tx;                   /* LANE_READ: snapshot; LANE_WRITE: for writing; else NULL */
	struct store *store;
	const struct err *refused;       /* when a form is shown again: what was wrong with in */
};

/* The argument as a positive id; 0 when it is none (then: not found). */
int64_t request_id(const struct request *r, int arg);
/* STR_NONE: absent; the last of several. */
struct str request_query(const struct request *r, const char *name);
int64_t request_query_int(const struct request *r, const char *name, int64_t otherwise);

/*
 * Bytes that are made while they are sent: asked for in order, on the connection's thread, which has no transaction then. What it
 * holds beyond the request's arena it takes at the first read(); end() is called once, after the last, if it was read at all.
 */
struct stream {
	int64_t size;                    /* in all */
	/* At most n bytes from at on into to, at least one. False: there are none; the connection is cut. */
	bool (*read)(struct stream *s, int64_t at, char *to, size_t n, size_t *ret_n);
	void (*end)(struct stream *s);
	bool open_end;                   /* size is the most that it may be: the answer names none, and read() ends it with none */
};

struct answer {
	int status;                      /* 200 unless set */
	struct value *value;             /* NULL with a fault, a redirect or raw bytes */
	const char *page;                /* template instead of the route's, or NULL */
	struct str location;             /* an address of ours; 303 for pages, beside the value for JSON */
	struct str set_session;          /* new session cookie; "" ends it; STR_NONE: leave it */
	struct str set_lang;             /* language cookie */
	struct str etag;                 /* quoted by the writer, who answers If-None-Match */
	struct str raw, raw_type;        /* bytes instead of a value (an asset, metrics) */
	const struct value *paper;       /* a document to be printed: the answer is its PDF (LANE_READ, LANE_WRITE) */
	struct stream *stream;           /* or these, with raw_type */
	struct str file_name;            /* Content-Disposition: attachment */
	struct str cache;                /* Cache-Control; default "no-store" */
	bool needs_write;                /* a LANE_READ handler must record something: again in LANE_WRITE */
	struct str notice;               /* message id for the next page ("saved"), carried in the redirect */
	struct err err;
};

typedef void handler(struct request *r, struct answer *a);

#endif
