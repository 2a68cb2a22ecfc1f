/* A compiled template: what mustache.c makes and mustache_render.c runs. Nobody else looks inside. */
#ifndef HTTP_MUSTACHE_OPS_H
#define HTTP_MUSTACHE_OPS_H

#include "http/mustache.h"

#define MUSTACHE_DEPTH 64        /* sections and partials inside each other, while rendering */

enum op_kind {
	OP_TEXT,         /* text */
	OP_VALUE,        /* name, escaped */
	OP_RAW,          /* name, as it is */
	OP_SECTION,      /* name; the inside is the ops up to end */
	OP_INVERTED,     /* the same */
	OP_PARTIAL,      /* partial */
};

/* "a.b.c"; no parts at all is ".", the innermost context itself. */
struct op_name {
	struct str text;                 /* as written, for messages */
	const struct str *parts;
	int n;
};

struct op {
	enum op_kind kind;
	int end;                         /* index of the first op behind the section */
	struct str text;
	struct op_name name;
	const struct mustache *partial;
};

struct mustache {
	struct op *ops;
	int n;
	bool raw;                        /* has an OP_RAW, or a partial that has */
};

/* & < > " ' as entities. */
void mustache_escape(struct buf *b, struct str s);

#endif
