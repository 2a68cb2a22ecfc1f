/*
 * Scheduled backups. The parent looks once a minute how old the newest one is, and forks a process for each that is due:
 * that one may read the database and write into the directory of backups, makes one, takes the oldest away, says how it
 * went and ends.
 */
#ifndef DAEMON_ARCHIVIST_H
#define DAEMON_ARCHIVIST_H

#include <sys/types.h>

#include "daemon/channel.h"
#include "daemon/conf.h"
#include "desk/health.h"

/* What lies in the directory of scheduled backups. False: none is set, or it cannot be looked into. */
bool archive_look(const struct conf *c, struct arena *a, struct backup_news *ret_news);

/* The parent's part. */
struct archive {
	pid_t pid;                               /* of the process that makes one, 0: none */
	int channel;                             /* to it, -1 */
	bool heard;                              /* it has said how it went */
	int64_t look_at;                         /* monotonic: when to look again */
	struct backup_news news;
	struct msg_backup last;                  /* how the newest one went; seq counts them, 0: none yet */
};
void archive_init(struct archive *v, const struct conf *c);
/* Looks when it is time, and starts one when it is due. not_its: descriptors that the process closes. True: there is news. */
bool archive_tick(struct archive *v, const struct conf *c, const int *not_its, int n);
/* Its word, read from the channel. */
void archive_hear(struct archive *v);
/* The process has ended: true, and there is news. */
bool archive_ended(struct archive *v, const struct conf *c, pid_t pid, int status);
void archive_stop(struct archive *v);            /* ends one that runs; nothing half made stays under its name */
/* For web: everything that the health page says of backups; fresh: with how the last one went, for the trail. */
struct msg_backup archive_message(const struct archive *v, bool fresh);

#endif
