/* What `tocsin backup`, `tocsin restore` and the scheduled backups share. */
#ifndef DAEMON_BACKUPS_H
#define DAEMON_BACKUPS_H

#include "backup/backup.h"
#include "daemon/conf.h"

/* "tocsin-20261122T021000Z.backup.zst", with ".age" when it is encrypted. */
struct str backup_name(struct arena *a, int64_t created, bool encrypted);
/* The moment in such a name; NO_TIME: it is another file's. */
int64_t backup_name_time(struct str name);
/* Recipients or identities of a file; path "" or NULL: none. FAULT_CONFIG or FAULT_FILE in words. */
bool backup_keys(const char *path, bool identities, struct arena *a, struct age_keys *ret_keys, struct err *err);

/*
 * For the person at the terminal: shows how far it is where that can be seen, and stops when he asks (Ctrl-C, SIGTERM).
 * One at a time.
 */
struct backup_watch terminal_watch(struct arena *a, const char *label);
void terminal_watch_end(void);                   /* the line of progress is gone */
bool terminal_stopped(void);

/* What a file turned out to hold. */
struct restored {
	struct backup_read read;
	int schema;                              /* what it was brought to */
	int64_t words;                           /* reports put into the index of words */
};
/* Within the directory in which a database is made; what of an earlier attempt lies in it goes. */
#define RESTORE_SCRATCH "restore.part"
/* The index of words made again from the reports: no file brings it. */
struct store;
bool index_words(struct store *st, struct arena *a, struct err *err);
/*
 * The file into a new database in scratch, a directory that is there or a schema on a server (its URL): loaded at its version,
 * compared, brought up to date. record: the index of words is made and the trail says that it was restored, by whom the
 * terminal belongs to. What is left when it fails is for restore_clean().
 */
bool restore_scratch(const struct conf *c, const char *file, const struct age_keys *with, const char *scratch,
    bool record, struct arena *a, struct restored *ret_restored, struct err *err);
/* The whole database in scratch gets its name in dir, which is held. *ret_kept: what had it before, or STR_NONE. */
bool restore_take_place(const char *dir, const char *scratch, struct arena *a, struct str *ret_kept, struct err *err);
/* Takes the directory away with the files in it; one that is not there is fine. */
void restore_clean(const char *scratch, struct arena *a);

#endif
