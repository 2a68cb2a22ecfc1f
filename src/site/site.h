/* The faces of Tocsin: what the daemon needs of them. The routes themselves are http/route.h's routes[]. */
#ifndef SITE_SITE_H
#define SITE_SITE_H

#include "http/route.h"

/* Checks the route table and prepares what every page needs. Once, before threads. */
bool site_load(struct err *err);
const struct http_hooks *site_hooks(void);

#endif
