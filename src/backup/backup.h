/*
 * Backups: one moment of an installation in one file (pack.h), and back. Whoever calls says what a person sees meanwhile
 * and when to stop.
 */
#ifndef BACKUP_BACKUP_H
#define BACKUP_BACKUP_H

#include "backup/pack.h"

/* The facts of a backup's first line. */
struct backup_facts {
	struct str program, engine, node;        /* version of the program; "sqlite" */
	int64_t created;
	int schema;
	struct str origin, root;                 /* of the log; root in hex; "" of a schema without one */
	int64_t records;                         /* in the audit trail */
};
/* False: a first line that says something else. */
bool backup_facts_read(const struct value *header, struct backup_facts *ret_facts);

/* Called now and then with rows done and rows there are (-1: not known). False: stop, FAULT_INTERRUPTED. */
struct backup_watch {
	bool (*step)(void *arg, int64_t done, int64_t all);
	void *arg;
};

struct backup_made {
	struct backup_facts facts;
	int64_t bytes, rows;
	int tables;
	struct sha256 digest;
};

/*
 * All tables of d into a file: written under another name, on disk, then under its own; whatever happens there is
 * either the whole file under its name or none. Fault: FAULT_EXISTS (there is such a file), FAULT_IN_USE (another one
 * writes it), FAULT_FILE, FAULT_INTERRUPTED.
 */
bool backup_write(struct dump *d, const char *path, const struct age_keys *to, const struct backup_watch *watch,
    struct arena *a, struct backup_made *ret_made, struct err *err);

/*
 * What d holds at the version that it has, as lines of a backup would: their digest. For comparing without a file; t
 * says which columns in which order.
 */
bool backup_section(struct dump *d, const struct dump_table *t, struct arena *a, struct sha256 *ret_digest,
    int64_t *ret_rows, struct err *err);

/* A file read through into a new database in dir, at the version that it was made with. Faults of pack_read(), load_*(). */
struct backup_read {
	struct backup_facts facts;
	struct dump_table *tables;               /* as in the file, with their rows */
	struct sha256 *sections;
	int n;
	int64_t rows, bytes;
	struct sha256 digest;
	bool encrypted;
};
bool backup_load(int fd, const struct age_keys *with, const char *dir, const struct backup_watch *watch,
    struct arena *a, struct backup_read *ret_read, struct err *err);
/* Reads the database in dir again and holds every table against what was read. Fault: FAULT_BACKUP_ALTERED. */
bool backup_compare(const char *dir, const struct backup_read *read, struct arena *a, struct err *err);

/* A text file of keys, whole, at most 64 KiB. STR_NONE with the fault. */
struct str backup_key_file(const char *path, struct arena *a, struct err *err);

#endif
