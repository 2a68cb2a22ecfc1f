/*
 * Which engine the stores of a unit test stand on. With TOCSIN_ENGINE=postgresql a store goes into a schema of
 * its own, named after its directory, on the server of TOCSIN_TEST_DB (a conninfo: see tests/lib/postgresql).
 */
#ifndef UNIT_ENGINE_H
#define UNIT_ENGINE_H

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

static inline bool
on_postgresql(void)
{
	const char *engine = getenv("TOCSIN_ENGINE");

	return engine && strcmp(engine, "postgresql") == 0;
}

static inline struct str
schema_of(struct arena *a, const char *dir)
{
	struct sha256 h = sha256(str_c(dir));

	return arena_printf(a, "t_%.*s", STR_FMT(hex(a, (struct str){ (const char *)h.b, 8 })));
}

/* One command to the server itself, in the schema of dir; the first value as a number, -1: none. */
static inline int64_t
tell_server(struct arena *a, const char *dir, const char *sql)
{
	struct str schema = schema_of(a, dir);
	PGconn *db = PQconnectdb(getenv("TOCSIN_TEST_DB"));
	PGresult *r = PQexec(db, arena_printf(a, "SET client_min_messages = error; SET search_path = %.*s; %s",
	    STR_FMT(schema), sql).p);
	int64_t n = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) > 0 ?
	    strtoll(PQgetvalue(r, 0, 0), NULL, 10) : -1;

	if (PQresultStatus(r) == PGRES_FATAL_ERROR) {
		printf("# %s", PQerrorMessage(db));
		n = -2;
	}
	PQclear(r);
	PQfinish(db);
	return n;
}

/* For struct store_options: NULL, or the URL of the store of this directory. */
static inline const char *
url_of(struct arena *a, const char *dir)
{
	struct str schema = schema_of(a, dir);

	if (!on_postgresql())
		return NULL;
	tell_server(a, dir, arena_printf(a, "CREATE SCHEMA IF NOT EXISTS %.*s", STR_FMT(schema)).p);
	return arena_printf(a, "%s options='-csearch_path=%.*s'", getenv("TOCSIN_TEST_DB"), STR_FMT(schema)).p;
}

/* Nothing of the store of this directory stays on the server. */
static inline void
forget_store(struct arena *a, const char *dir)
{
	if (on_postgresql())
		tell_server(a, dir,
		    arena_printf(a, "DROP SCHEMA IF EXISTS %.*s CASCADE", STR_FMT(schema_of(a, dir))).p);
}

#endif
