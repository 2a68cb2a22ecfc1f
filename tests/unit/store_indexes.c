/*
 * No index costs writes for nothing: each is in the plan of some statement, or keeps something unique. On SQLite; both
 * engines have the same indexes.
 */
#include "tap.h"

#include "model/entity.h"
#include "store_fixture.h"

static struct arena *a;
static sqlite3 *db;

/* The plans of all statements, in one text. */
static struct str
plans(const struct stmt_text *texts, int n, struct buf *b)
{
	for (int i = 0; i < n; i++) {
		sqlite3_stmt *s = NULL;
		char *sql = arena_c(a, arena_printf(a, "EXPLAIN QUERY PLAN %s", texts[i].sql));

		if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
			ok(false, texts[i].name);
		while (s && sqlite3_step(s) == SQLITE_ROW)
			buf_printf(b, "%s \n", (const char *)sqlite3_column_text(s, 3));
		sqlite3_finalize(s);
	}
	return buf_str(b);
}

int
main(void)
{
	static const struct stmt_text written[] = {
#define TEXT_ROW(constant, name, sql, parameters, results) { name, sql, parameters },
		STATEMENTS(TEXT_ROW)
	};
	struct store_options o = { .create = true };
	struct err err = { 0 };
	struct store *st = NULL;
	struct buf b;
	struct str all;
	sqlite3_stmt *s = NULL;
	int made, seen = 0;
	const struct stmt_text *of_entities;

	a = arena_new();
	err.arena = a;
	b = (struct buf){ .arena = a };
	of_entities = entity_statements(&made);
	o.dir = new_directory(a);
	ok(store_open(&o, &st, &err), "a store");
	store_close(st);
	sqlite3_open_v2(arena_printf(a, "%s/tocsin.db", o.dir).p, &db, SQLITE_OPEN_READONLY, NULL);
	plans(written, (int)(sizeof(written) / sizeof(written[0])), &b);
	all = plans(of_entities, made, &b);
	ok(str_has(all, STR("USING INDEX ")) && str_has(all, STR("USING COVERING INDEX ")), "plans tell their indexes");
	sqlite3_prepare_v2(db, "SELECT i.name FROM pragma_table_list t, pragma_index_list(t.name) i"
	    " WHERE t.schema = 'main' AND i.origin = 'c' AND NOT i.\"unique\" AND t.name NOT LIKE 'report\\_text\\_%' ESCAPE '\\'",
	    -1, &s, NULL);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(s, 0);

		seen++;
		ok(str_has(all, arena_printf(a, " INDEX %s ", name)), name);
	}
	ok(seen > 20, "indexes were looked at");
	sqlite3_finalize(s);
	sqlite3_close(db);
	remove_directory(o.dir);
	arena_free(a);
	return done_testing();
}
