/*
 * The route table: what the server answers, to whom, and how it is run. One row a route (site/routes.c);
 * read by the router, the rights check, the body reader, the template lint, OpenAPI, and the tests that walk
 * every route as every role.
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/request.h"
#include "model/entity.h"

/*
 * FIXED   no database, nobody signed in: health, assets
 * READ    on the connection's thread with a read snapshot
 * WRITE   on the writer's thread, in the write transaction; answered after the commit. A fault undoes it all
 * SLOW    on a worker thread without a transaction: password hashing; uses store_read/store_write itself
 */
enum lane { LANE_FIXED, LANE_READ, LANE_WRITE, LANE_SLOW };

struct query_param {
	const char *name;
	const char *type;                /* "text", "integer", "time", or choices' ids joined by '|' */
	const char *doc;
};

/* As a route's input: the body is bytes and no fields; the handler finds them in r->body. */
extern const struct entity body_bytes;

struct route {
	const char *name;                /* unique, "report.view": coverage and OpenAPI operationId */
	enum method method;
	const char *path;                /* "/reports/{id}/versions/{a}..{b}" */
	unsigned roles;                  /* enum role; ROLE_STRANGER: all; ROLE__ANY: who is signed in */
	enum lane lane;
	handler *run;
	const struct entity *input;      /* fields of the body, NULL: none is read. With one of kind FILES it may be a form with a file */
	const struct entity *output;     /* the record that the answer is or lists, NULL: see shape */
	const char *shape;               /* "record", "list", "object", "empty": for the tests and OpenAPI */
	const struct query_param *query; /* ends with { NULL }; NULL: none. Others are refused */
	const char *page;                /* template, NULL: no page (JSON also for browsers) */
	handler *again;                  /* shows a form again with r->in and r->refused, NULL: error page */
	size_t body_limit;               /* bytes, 0: the server's default (64 KiB) */
	bool idempotent_key;             /* honours Idempotency-Key */
	const char *doc;                 /* one line of documentation, English */
};

extern const struct route routes[];      /* defined in site/routes.c */
extern const int route_count;

/*
 * The route for method and path. FAULT_NOT_FOUND, or FAULT_METHOD with the allowed ones in err->detail
 * ("GET, PUT").
 */
const struct route *route_find(enum method m, struct str path, struct str ret_args[4], struct err *err);
/*
 * Checks the table itself (unique names, no ambiguous paths, POST in WRITE or SLOW ...): asserts; called at
 * start.
 */
void route_check(void);

/*
 * How the generic part asks the program about people (set once by site, so that http knows no desk). r->tx
 * is what each says: a hook that runs without one may use store_read() and store_write() itself.
 */
struct http_hooks {
	/*
	 * Who is this? Fills r->who (NULL: nobody). Fault only for a token that is presented and wrong. Must
	 * be fast: called on each request, after its body is there, without r->tx. Not called for LANE_FIXED.
	 */
	bool (*authenticate)(struct request *r, struct err *err);
	/*
	 * Brings the clock board up to date if a duty became overdue. Before each handler, without r->tx,
	 * not for LANE_FIXED.
	 */
	void (*catch_up)(struct request *r);
	/*
	 * An idempotency key seen before by this principal: fills *a with the stored answer, or
	 * FAULT_IDEMPOTENCY. False: new. In the write transaction.
	 */
	bool (*replay)(struct request *r, struct answer *a);
	/* Stores the answer of a creation under its key, in the same transaction. */
	bool (*remember)(struct request *r, const struct answer *a, struct err *err);
	/*
	 * Adds what every page needs beside the value: user, navigation, csrf, marking. r->tx is a snapshot,
	 * but NULL in LANE_FIXED and when the database cannot be read; r->route is NULL for an unknown address.
	 */
	void (*frame)(struct request *r, const struct answer *a, struct value *page);
	/*
	 * FAULT_ROLE, _CONFLICT_ROLES, _CREDENTIALS or _CROSS_SITE was answered, for the trail: must not
	 * block.
	 */
	void (*refused)(struct request *r, enum fault f);
	/* The PDF of a handler's paper. On a worker, without r->tx. */
	bool (*print)(struct request *r, const struct value *document, struct str *ret_pdf, struct err *err);
};

#endif
