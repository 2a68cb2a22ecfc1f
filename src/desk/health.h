/*
 * What an installation stands on, looked at: the lines of `tocsin doctor` and of the health page. Each says what is so
 * and, where it is not well, what to do. Words are message ids, so that each reader gets them in his language.
 */
#ifndef DESK_HEALTH_H
#define DESK_HEALTH_H

#include "base/i18n.h"
#include "store/store.h"

enum health_state { HEALTH_GOOD, HEALTH_LOOK, HEALTH_BAD, HEALTH__MAX };

struct health_line {
	const char *check;               /* "disk"; its word: "doctor.disk" */
	enum health_state state;
	const char *found, *cure;        /* message ids; found NULL: words says it; cure NULL: nothing to do */
	struct msg_arg arg[5];           /* for both, ended by an empty one */
	struct str words;
	int64_t at;                      /* when it was so */
};

#define HEALTH_LINES 32
struct health {
	struct arena *arena;
	int n;
	struct health_line line[HEALTH_LINES];
};

/* What is looked at. Strings outlive it. */
struct health_place {
	struct str dir;                  /* the data directory */
	struct str backup_dir;           /* empty: no scheduled backups */
	int64_t backup_every;            /* microseconds */
	int landlock;                    /* its version, 0: the kernel has none */
};
void health_configure(const struct health_place *place);     /* before threads start */

/* Scheduled backups as the process that makes them said last. Any thread. */
struct backup_news {
	int64_t at;                      /* when this was so */
	int64_t newest_at, bytes;        /* NO_TIME: there is none */
	int64_t failed_at;               /* NO_TIME: the last one went well */
	int32_t count;
	int32_t fault;                   /* enum fault */
	char detail[200];
};
void health_backup_set(const struct backup_news *news);
bool health_backup_get(struct backup_news *ret_news);        /* false: nothing was said yet */
/* They are none of the news: too old, or the last one failed. */
enum health_state health_backup_state(const struct backup_news *news, int64_t now);

/* Adds a line; its arguments are the caller's to fill: health_arg(). */
struct health_line *health_add(struct health *h, const char *check, enum health_state state, const char *found,
    const char *cure);
void health_arg(struct health_line *line, const char *name, struct str text);
void health_arg_int(const struct health *h, struct health_line *line, const char *name, int64_t n);
struct str health_found(const struct health *h, const struct health_line *line, enum lang l);
struct str health_cure(const struct health *h, const struct health_line *line, enum lang l);   /* STR_NONE: nothing */
enum health_state health_worst(const struct health *h);
const char *health_state_id(enum health_state s);            /* "good", "look", "bad" */

/* Clock, disk, secret, confinement. */
void health_machine(struct health *h);
/* news NULL: nobody has looked. */
void health_backups(struct health *h, const struct backup_news *news);
/* Database, and of the log what can be looked at in a moment: its edge against its tiles, its newest record. */
void health_store(struct health *h, struct tx *tx);
/* Keys: that one signs, when they end, whether the keeper can use them (in web only); witnesses that are silent or refuse. */
void health_signing(struct health *h, struct tx *tx);
/* Every record, tile and detail. False with the fault: it could not be looked at, or was stopped. */
bool health_log_full(struct health *h, struct tx *tx, bool (*go_on)(void *arg, int64_t done, int64_t records), void *arg,
    struct err *err);

#endif
