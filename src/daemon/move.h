/* tocsin migrate --to: from SQLite to a PostgreSQL server, or back. */
#ifndef DAEMON_MOVE_H
#define DAEMON_MOVE_H

#include "daemon/conf.h"

/* to: a server's URL, or "sqlite". The exit status. */
int command_move(const struct conf *c, struct arena *a, const char *to);

#endif
