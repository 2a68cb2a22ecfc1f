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

#endif
