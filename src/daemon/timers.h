/* What is done by time and not because somebody asked: a thread of web. On several nodes the leader's does it. */
#ifndef DAEMON_TIMERS_H
#define DAEMON_TIMERS_H

#include "store/store.h"

/* Marks what became overdue, gives up files that never came; before the first request, so that a restart hides nothing. */
bool timers_first(struct store *st, struct err *err);
bool timers_start(struct store *st, struct err *err);
/* Whether the thread goes round: a database that is away is waited for, but not for ever. */
bool timers_alive(void);
void timers_stop(void);

#endif
