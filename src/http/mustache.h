/*
 * Mustache, strict. The public specification's core (comments, delimiters, interpolation, inverted,
 * partials, sections) with these additions: {{t.some.message}} is a message in the reader's language, found
 * when the template is compiled; a V_TIME or V_TERM shows its human face; a time answers to .iso .left .full
 * .date, a term and a number to .id. An unknown name is counted (tests fail on it). False for a section are
 * null, false, an empty text and an empty list. Escaping is the default; {{{raw}}} exists and is refused by
 * the template lint.
 */
#ifndef HTTP_MUSTACHE_H
#define HTTP_MUSTACHE_H

#include "base/err.h"
#include "base/i18n.h"
#include "base/value.h"

struct mustache;

/*
 * Compiles a template; texts are copied into a. partial(name) finds partials (STR_NONE: there is none, a
 * fault), may be NULL. Fault: FAULT_FILE with line and reason.
 */
typedef struct str mustache_partial(struct str name, void *arg);
bool mustache_compile(struct arena *a, struct str text, enum lang lang, mustache_partial *partial, void *arg,
    const struct mustache **ret_template, struct err *err);
/*
 * Renders into b. stack[0] is the outermost context, looked at last. The {name}s of a message are filled
 * from the context, escaped; {{#t.some.message}}{{/t.some.message}} is the same as {{t.some.message}}.
 */
void mustache_render(const struct mustache *m, const struct value *const *stack, int depth,
    const struct face *face, struct buf *b);
/* Names that a render asked for and no context had, since the start of the process: for tests. */
int64_t mustache_unknown_count(void);
struct str mustache_last_unknown(void);
bool mustache_has_raw(const struct mustache *m);         /* for the lint */

#endif
