/* The parts of http_hooks that are about people: hooks_identity.c. The others stand in hooks.c. */
#ifndef SITE_HOOKS_H
#define SITE_HOOKS_H

#include "http/request.h"

/* http_hooks.authenticate and .refused */
bool hook_authenticate(struct request *r, struct err *err);
void hook_refused(struct request *r, enum fault f);

#endif
