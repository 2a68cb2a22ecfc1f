/* Asking the server that runs on this machine how it is, for doctor. */
#ifndef DAEMON_ASK_H
#define DAEMON_ASK_H

#include "base/value.h"
#include "daemon/conf.h"

/*
 * The checks of GET /readyz: [{part, ok, words, cure}], in the terminal's language. NULL with err->detail: it does not
 * answer, or not so.
 */
struct value *ask_ready(const struct conf *c, struct arena *a, struct err *err);
/*
 * A request as the terminal of this machine (desk/identity.h): the answer's body, STR_NONE with the fault that the
 * server answered with, in words. body: JSON, STR_NONE for GET.
 */
struct str ask_server(const struct conf *c, struct arena *a, const char *path, struct str body, struct err *err);

#endif
