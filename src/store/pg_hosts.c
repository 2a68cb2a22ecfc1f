/*
 * Several hosts in one place: libpq takes the first that can be written to. There may be two: one that was made the
 * primary, and one that has not heard of it, because what looks after it died. The old one answers, but nothing is
 * committed there any more; the new one is known by its timeline, which each promotion counts up.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/pg.h"

#define ANSWER (3 * SECOND)

static const char *
value_of(const struct pg *own, const char *key)
{
	for (int i = 0; own->keys[i]; i++)
		if (strcmp(own->keys[i], key) == 0)
			return own->values[i];
	return "";
}

/* The nth item of a list; one alone stands for all. */
static struct str
item(const char *list, int n)
{
	struct str rest = str_c(list), found = STR("");

	while (n-- >= 0 && str_split(&rest, ',', &found))
		;
	return found;
}

int
pg_hosts(const struct pg *own)
{
	const char *list = value_of(own, "host");
	int n = 1;

	for (list = list[0] ? list : value_of(own, "hostaddr"); *list; list++)
		n += *list == ',';
	return n;
}

static bool
is_list_of_hosts(const char *key)
{
	return strcmp(key, "host") == 0 || strcmp(key, "hostaddr") == 0 || strcmp(key, "port") == 0;
}

void
pg_values(const struct pg *own, int first, int count, struct arena *a, const char **ret_values)
{
	int hosts = pg_hosts(own);

	for (int i = 0; i < PG_WORDS_MAX; i++) {
		struct buf b = { .arena = a };

		ret_values[i] = own->values[i];
		if (hosts == 1 || !own->keys[i] || !is_list_of_hosts(own->keys[i]) || !strchr(own->values[i], ','))
			continue;
		for (int k = 0; k < count; k++) {
			struct str one = item(own->values[i], (first + k) % hosts);

			buf_printf(&b, "%s%.*s", k ? "," : "", STR_FMT(one));
		}
		ret_values[i] = arena_c(a, buf_str(&b));
	}
}

/* 0: it cannot be written to, or does not answer. */
static int64_t
timeline_of(const struct pg *own, int host, struct arena *a)
{
	struct err err = { .arena = a };
	const char *values[PG_WORDS_MAX];
	int64_t timeline = 0;
	PGconn *db;

	pg_values(own, host, 1, a, values);
	db = PQconnectdbParams(own->keys, values, 0);
	if (PQstatus(db) != CONNECTION_OK || !pg_look_within(db, "SELECT ('x' || substr(pg_walfile_name("
	    "pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint", ANSWER, &timeline, &err))
		timeline = 0;
	PQfinish(db);
	return timeline;
}

void
pg_look_around(struct store *st)
{
	struct pg *own = pg_own(st);
	int hosts = pg_hosts(own), first = atomic_load(&own->first), best = first;
	int64_t highest = 0;
	struct arena *a;

	if (hosts == 1)
		return;
	a = arena_new();
	for (int i = 0; i < hosts; i++) {
		int host = (first + i) % hosts;
		int64_t timeline = timeline_of(own, host, a);

		if (timeline > highest) {
			highest = timeline;
			best = host;
		}
	}
	if (best != first) {
		struct str name = item(value_of(own, "host"), best);

		log_line(LOG_INFO, "store: the primary is %.*s", STR_FMT(name));
		atomic_store(&own->first, best);
		atomic_store(&own->retry_at, 0);
		atomic_fetch_add(&own->moved, 1);
	}
	arena_free(a);
}
