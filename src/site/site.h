/* The faces of Tocsin: what the daemon needs of them. The routes themselves are http/route.h's routes[]. */
#ifndef SITE_SITE_H
#define SITE_SITE_H

#include "http/route.h"

/* Checks the route table and prepares what every page needs. Once, before threads. */
bool site_load(struct err *err);
const struct http_hooks *site_hooks(void);
/* Who makes a PDF of a document (daemon/paper.h says what is in one). Once, before threads. */
typedef bool site_print(struct arena *a, const struct value *document, struct str *ret_pdf, struct err *err);
void site_print_with(site_print *print);

#endif
