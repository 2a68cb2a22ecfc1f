/*
 * Every table as rows, for backups: out of a database that another process may be serving meanwhile, and into
 * one that nobody has yet. What stands here is the same for both engines; each has its own file.
 *
 * A server that hangs is given up: FAULT_SILENT from whatever was asked. One that takes its time, and answers others, is not.
 *
 * Not part of it: the store's own tables, and what the program works out again from the rest (dump_derived()).
 */
#ifndef STORE_DUMP_H
#define STORE_DUMP_H

#include "base/hash.h"
#include "store/store.h"

#define DUMP_COLUMNS_MAX 255
#define DUMP_NAME_MAX 63

struct dump_column {
	struct str name;
	char letter;                             /* i integer, t text, b blob */
};

struct dump_table {
	struct str name;
	struct dump_column *columns;
	int n;                                   /* columns */
	int64_t rows;                            /* counted in the snapshot; of a file being read: -1 */
};

/* Made again from other tables after loading (the index of words): not written, skipped if it is there. */
bool dump_derived(struct str table);
/* A name that may stand in SQL as it is: a-z, digits and _, a letter first. */
bool dump_name_ok(struct str name);

/* Where a database is: its data directory, or the URL of a PostgreSQL server (postgresql://...). */
bool dump_on_server(const char *where);

/* ---- out ---- */

struct dump;

/*
 * One moment of a database, while others read and write it; nothing is changed or locked against them. It may be of
 * an older version than the program's. Faults: FAULT_NO_INSTALLATION, FAULT_FILE, FAULT_SCHEMA (not ours, newer).
 */
bool dump_open(const char *where, struct arena *a, struct dump **ret_dump, struct err *err);
void dump_close(struct dump *d);                 /* NULL is allowed */
int dump_version(const struct dump *d);
const char *dump_engine(const struct dump *d);   /* "sqlite", "postgresql" */
/* Bytes that the tables take, about; for room and patience. */
int64_t dump_size(const struct dump *d);
/* All tables in the order in which they were made; a's memory. */
bool dump_tables(struct dump *d, struct arena *a, struct dump_table **ret_tables, int *ret_n, struct err *err);
/* The rows of a table, these columns (their names are enough), in the order of its primary key (or its first unique one), bytes compared as bytes. */
bool dump_begin(struct dump *d, const struct dump_table *t, struct err *err);
/* The next row into vals[0..n-1], valid until the next call. *ret_row false: no more. */
bool dump_next(struct dump *d, struct val *vals, bool *ret_row, struct err *err);
void dump_end(struct dump *d);
/* The log's name and head; false with a fault only when it is damaged, without one when the schema has no log yet. */
struct dump_log {
	struct str origin;
	int64_t size;
	struct sha256 root;
};
bool dump_log(struct dump *d, struct arena *a, struct dump_log *ret_log, struct err *err);

/* ---- in ---- */

/* Nobody serves this directory as long as the descriptor is open. Fault: FAULT_IN_USE. */
bool load_hold(const char *dir, struct arena *a, int *ret_fd, struct err *err);
/* Everything that a database in dir knows is in its one file when this returns. It is held; nobody has it open. */
bool load_settle(const char *dir, struct arena *a, struct err *err);
/* The file name of a database in its directory. */
#define LOAD_FILE "tocsin.db"

/*
 * On a server: a schema beside the one that the URL leads to, and its place in the end by two renames in one transaction.
 * What was there stays under the name in *ret_kept. Faults: FAULT_EXISTS (an installation, and replace was not said),
 * FAULT_IN_USE (nodes serve it, or another restore runs).
 */
struct server_restore;
bool load_server_begin(const char *url, bool replace, struct arena *a, struct server_restore **ret_restore, struct err *err);
const char *load_server_scratch(const struct server_restore *s);         /* its URL */
bool load_server_take_place(struct server_restore *s, struct str *ret_kept, struct err *err);
/* After a failure, and also after its end: whether it is not known that the place was taken. */
bool load_server_unknown(const struct server_restore *s);
void load_server_end(struct server_restore *s);

struct load;

/* A new database of this schema version there, where must be none. Fault: FAULT_SCHEMA (a version we never had). */
bool load_open(const char *where, int version, struct arena *a, struct load **ret_load, struct err *err);
/* The rows that follow are of this table; what a migration put there gives way. FAULT_SCHEMA: no such table or column. */
bool load_table(struct load *l, const struct dump_table *t, struct err *err);
bool load_row(struct load *l, const struct val *vals, struct err *err);
/* All rows are in: every reference must lead somewhere. On disk when it returns true. */
bool load_finish(struct load *l, struct err *err);
void load_close(struct load *l);                 /* NULL is allowed */

#endif
