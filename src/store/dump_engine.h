/* What each engine has for dump.h. Only the store room includes this. */
#ifndef STORE_DUMP_ENGINE_H
#define STORE_DUMP_ENGINE_H

#include "base/embed.h"
#include "store/dump.h"

#define TABLES_MAX 200

struct dump_engine {
	const char *name;                /* as backups name it */
	bool (*open)(const char *where, struct arena *a, struct dump **ret_dump, struct err *err);
	void (*close)(struct dump *d);
	bool (*tables)(struct dump *d, struct arena *a, struct dump_table *tables, int *ret_n, struct err *err);
	bool (*begin)(struct dump *d, const struct dump_table *t, struct err *err);
	bool (*next)(struct dump *d, struct val *vals, bool *ret_row, struct err *err);
	void (*end)(struct dump *d);
	bool (*log)(struct dump *d, struct arena *a, struct dump_log *ret_log, struct err *err);

	bool (*load_open)(const char *where, int version, struct arena *a, struct load **ret_load, struct err *err);
	bool (*load_table)(struct load *l, const struct dump_table *t, struct err *err);
	bool (*load_row)(struct load *l, const struct val *vals, struct err *err);
	bool (*load_finish)(struct load *l, struct err *err);
	void (*load_close)(struct load *l);
};
extern const struct dump_engine dump_sqlite, dump_pg;

/* The first member of an engine's own. */
struct dump {
	const struct dump_engine *engine;
	struct arena *arena;
	int version;
	int64_t size;
};
struct load {
	const struct dump_engine *engine;
	struct arena *arena;
	struct dump_table *tables;       /* as the schema has them */
	int n;
};

/* "id", "version", ...: the names of the table's columns, as both engines' SQL has them. */
struct str dump_columns(struct arena *a, const struct dump_table *t);
/* A load of this engine, before it has a database; room for TABLES_MAX tables. */
struct load load_new(const struct dump_engine *engine, struct arena *a);
/*
 * An empty database where o says, of this version. A whole store makes it, so that it is one like any other; its log is
 * still to come. FAULT_SCHEMA: a version that we never had.
 */
bool load_make_empty(const struct store_options *o, int version, struct arena *a, struct err *err);
/* One of ours, not of a newer program. */
bool dump_known(struct dump *d, int64_t version, struct err *err);
/* Whether the schema has such a table with these columns. */
bool load_fits(const struct load *l, const struct dump_table *t, struct err *err);

#endif
