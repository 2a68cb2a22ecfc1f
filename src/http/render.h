/*
 * Pages: templates compiled once for each language (site/templates, embedded), rendered with the answer's
 * value and the frame.
 */
#ifndef HTTP_RENDER_H
#define HTTP_RENDER_H

#include "http/request.h"
#include "http/route.h"

/*
 * Compiles all embedded templates in both languages and sees that every route has its own. Call once, before
 * threads.
 */
bool render_load(struct err *err);
/*
 * The page of r's answer; a->err set: the page "error" with fault_value(), status, sign_in (address or null)
 * and resend (null, or {action, fields: [{name, value}]}: what was typed, to be sent again). Adds {page:
 * ...} from hooks->frame as outermost context.
 */
void render_page(struct request *r, const struct answer *a, const struct http_hooks *hooks, struct buf *b);
/* The JSON of a fault: {code, message, detail?, fields?: [{field, code, message}], ...data}. */
void render_fault_json(struct request *r, const struct err *err, struct buf *b);
/*
 * The same as a value, in the reader's language: {code, what, why, do, has_fields, fields: [{field, code,
 * message}]}.
 */
struct value *fault_value(const struct err *err, const struct face *face, struct arena *a);
/* OpenAPI 3.1 of all routes, from the tables. */
struct value *openapi(struct arena *a);

#endif
