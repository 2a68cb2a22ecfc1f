/*
 * The two engines beside each other: the same tables with the same columns, every statement fits both, and a
 * migration's text is each engine's own. On PostgreSQL it looks at both; alone at what needs no server.
 */
#include "tap.h"

#include <stdlib.h>

#include "model/entity.h"
#include "store/pg.h"
#include "store_fixture.h"

static struct arena *a;
static const char *dir;

/* ---- the texts ---- */

static void
test_texts(void)
{
	static const struct { const char *sqlite, *postgresql, *name; } cases[] = {
		{ "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c BLOB) STRICT;",
		    "CREATE TABLE t (a bigint PRIMARY KEY, b text COLLATE \"C\", c bytea);", "types" },
		{ ") STRICT, WITHOUT ROWID;", ");", "kinds of tables" },
		{ "-- an INTEGER\n'a TEXT'", "-- an INTEGER\n'a TEXT'", "not in comments, not in texts" },
		{ "CREATE TRIGGER n BEFORE UPDATE ON t\nBEGIN\n\tSELECT raise(ABORT, 'it''s so; no');\nEND;",
		    "CREATE TRIGGER n BEFORE UPDATE ON t EXECUTE FUNCTION never('it''s so; no');",
		    "a trigger that refuses" },
		{ "CREATE TRIGGER n BEFORE DELETE ON t BEGIN SELECT raise(ABORT, 'no'); END;X",
		    "CREATE TRIGGER n BEFORE DELETE OR TRUNCATE ON t EXECUTE FUNCTION never('no');X",
		    "and that to take away, all at once too" },
		{ "CREATE TRIGGER n BEFORE INSERT ON t WHEN 1 BEGIN SELECT 1; END;",
		    "CREATE TRIGGER n BEFORE INSERT ON t WHEN 1 BEGIN SELECT 1; END;", "any other stands" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_str(pg_migration(str_c(cases[i].sqlite), a), cases[i].postgresql, cases[i].name);
}

/* A section for the other engine does not change what this one has applied long ago. */
static void
test_sections(void)
{
	static const char plain[] = "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT;\n";
	static const char both[] =
	    "-- postgresql:\nCREATE TABLE p (id bigint PRIMARY KEY);\n-- both:\n"
	    "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT;\n"
	    "-- sqlite:\n-- postgresql:\nSELECT 1;\n";
	const struct asset before[] = { { "0001_t", (const unsigned char *)plain, sizeof(plain) - 1, "" },
		{ .name = NULL } };
	const struct asset after[] = { { "0001_t", (const unsigned char *)both, sizeof(both) - 1, "" },
		{ .name = NULL } };
	struct store_options o = { .dir = new_directory(a), .create = true };
	struct err err = { .arena = a };
	struct store *st = NULL;

	ok(store_open_with(&o, &(struct store_setup){ .migrations = before }, &st, &err), "made by one text");
	store_close(st);
	st = NULL;
	ok(store_open_with(&o, &(struct store_setup){ .migrations = after }, &st, &err),
	    "opened by one with the other engine's parts in it");
	store_close(st);
	remove_directory(o.dir);
}

/* ---- the schemas ---- */

/* "table column kind;" for every column, in order. */
static const char *
columns_of_file(const char *path)
{
	struct buf b = { .arena = a };
	sqlite3_stmt *s = NULL;
	sqlite3 *db;

	sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
	sqlite3_prepare_v2(db, "SELECT t.name || ' ' || c.name || ' ' || lower(c.type) || ' ' ||"
	    " (c.\"notnull\" OR c.pk > 0) FROM pragma_table_list t, pragma_table_info(t.name) c"
	    " WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
	    " AND t.name NOT IN ('schema', 'probe') ORDER BY 1", -1, &s, NULL);
	while (sqlite3_step(s) == SQLITE_ROW)
		buf_printf(&b, "%s;\n", (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	sqlite3_close(db);
	return arena_c(a, buf_str(&b));
}

static const char *
columns_of_server(void)
{
	struct buf b = { .arena = a };
	PGconn *db = PQconnectdb(getenv("TOCSIN_TEST_DB"));
	PGresult *r = PQexec(db, arena_printf(a, "SET search_path = %.*s;"
	    " SELECT c.relname || ' ' || t.attname || ' ' ||"
	    " CASE format_type(t.atttypid, NULL) WHEN 'bigint' THEN 'integer' WHEN 'smallint' THEN 'integer'"
	    " WHEN 'bytea' THEN 'blob' ELSE format_type(t.atttypid, NULL) END || ' ' || t.attnotnull::int"
	    " FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid WHERE c.relkind = 'r'"
	    " AND c.relnamespace = current_schema()::regnamespace AND t.attnum > 0 AND NOT t.attisdropped"
	    " AND c.relname NOT IN ('schema', 'node', 'report_text')"
	    " ORDER BY (c.relname || ' ' || t.attname) COLLATE \"C\"", STR_FMT(schema_of(a, dir))).p);

	for (int i = 0; i < PQntuples(r); i++)
		buf_printf(&b, "%s;\n", PQgetvalue(r, i, 0));
	PQclear(r);
	PQfinish(db);
	return arena_c(a, buf_str(&b));
}

/* ---- questions that go as one ---- */

/* With its parameters: one that adds nothing has none of the values. */
struct question {
	int stmt;
	struct val vals[3];
	int n;
	const char *answer;
};

static const char *
answer_of(struct tx *tx, const struct question *of, struct err *err)
{
	struct buf b = { .arena = a };
	struct rows q = db_query_vals(tx, of->stmt, of->vals, of->n);
	const char *letters = statement_results(of->stmt);

	while (db_next(&q)) {
		for (int i = 0; letters[i]; i++)
			if (db_null(&q, i))
				buf_c(&b, "|NULL");
			else if (letters[i] == 'i')
				buf_printf(&b, "|%lld", (long long)db_int(&q, i));
			else
				buf_printf(&b, "|\"%s\"", arena_c(a, db_str(&q, i)));
		buf_printf(&b, " of %d;", db_columns(&q));
	}
	if (!db_end(&q, err))
		return "failed";
	return arena_c(a, buf_str(&b));
}

/* Whichever questions a reading announces, in whatever order it asks them, and others between: the same answers. */
static void
test_joined(struct store *st)
{
	struct question all[] = {
		{ S_SECTOR_ALL, { I(0) }, 0, NULL }, { S_SECTOR_BY_CODE, { I(0), T(STR("b")) }, 1, NULL },
		{ S_SECTOR_NAME, { I(0), I(3) }, 1, NULL }, { S_SECTOR_NAME, { I(0), I(1) }, 1, NULL },
		{ S_SECTOR_OF_CERT, { I(0), I(1), I(12) }, 2, NULL }, { S_ORG_BELOW, { I(0), I(12), I(2) }, 2, NULL },
		{ S_ORG_NAME, { I(0), I(11) }, 1, NULL }, { S_ORG_ABOVE_IS, { I(0), I(11), I(11) }, 2, NULL },
		{ S_ATTEMPT, { I(0), T(STR("nobody")) }, 1, NULL }, { S_LOG_TILE, { I(0), I(1), I(0) }, 2, NULL },
		{ S_DUTY_MOMENTS, { I(0) }, 0, NULL },
	};
	const unsigned count = sizeof(all) / sizeof(all[0]);
	struct err err = { .arena = a };
	struct tx *tx;
	int wrong = 0;

	tell_server(a, dir, "INSERT INTO sector VALUES (1, 1, 1, 1, 'a', '甲', '', '', 'A', NULL, NULL, 0),"
	    " (2, 1, 1, 1, 'b', '乙', '{\"x\",NULL}', '', 'B', NULL, NULL, -1), (3, 9, 1, 1, 'c', '丙', 'c', '', '', NULL, NULL, 1)");
	tell_server(a, dir, "INSERT INTO organisation (id, version, created_at, changed_at, org_kind, name_zh, name_en, sector,"
	    " parent, state) SELECT i, 1, 1, 1, 0, 'name ' || i, '', 1, NULLIF(i - 1, 9), 1 FROM generate_series(10, 14) i");
	tell_server(a, dir, "UPDATE organisation SET parent = 12 WHERE id > 12");
	tell_server(a, dir, "UPDATE sector SET cert = 12 WHERE id = 1");
	tx = store_read(st, a, &err);
	for (unsigned i = 0; i < count; i++)
		all[i].answer = answer_of(tx, &all[i], &err);
	store_done(tx);
	ok(all[0].answer[0] && all[5].answer[0] && !all[8].answer[0], "some have rows, some have none");
	srand(9);
	for (int round = 0; round < 200; round++) {
		unsigned announced = (unsigned)rand(), first = (unsigned)rand() % count, n = (unsigned)rand() % (count + 1);

		tx = store_read(st, a, &err);
		db_ahead_whole(tx);
		for (unsigned i = 0; i < count; i++)
			if (announced >> i & 1)
				db_ahead_vals(tx, all[i].stmt, all[i].vals, all[i].n);
		for (unsigned i = 0; i < n; i++) {
			const struct question *of = &all[(first + i) % count];

			wrong += strcmp(answer_of(tx, of, &err), of->answer) != 0;
		}
		store_done(tx);
	}
	is_int(wrong, 0, "200 readings: every answer is what it is when it is asked for alone");
	is_int(err.fault, FAULT_NONE, "and none fails");
}

static void
test_schemas(void)
{
	struct store_options here = { .dir = dir, .create = true }, there = here;
	struct err err = { .arena = a };
	struct store *st = NULL;

	here.extra = entity_statements(&here.extra_count);
	there.extra = entity_statements(&there.extra_count);
	there.url = url_of(a, dir);
	if (!ok(store_open(&here, &st, &err), "a SQLite store"))
		return;
	ok(store_check_statements(st, &err), "every statement fits it");
	store_close(st);
	st = NULL;
	if (!ok(store_open(&there, &st, &err), "a PostgreSQL store")) {
		printf("# %.*s\n", STR_FMT(err.detail));
		return;
	}
	is_int(store_schema_version(st), store_schema_newest(), "of the newest schema");
	if (!ok(store_check_statements(st, &err), "every statement fits it, parameters and results"))
		printf("# %.*s\n", STR_FMT(err.detail));
	test_joined(st);
	store_close(st);
	is_str(str_c(columns_of_server()), columns_of_file(arena_printf(a, "%s/" DATABASE_NAME, dir).p),
	    "both have the same tables with the same columns");
	is_int(tell_server(a, dir, "SELECT count(*) FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid"
	    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND t.attnum > 0"
	    " AND c.relname NOT IN ('schema', 'node') AND t.atttypid = 'text'::regtype"
	    " AND t.attcollation <> '\"C\"'::regcollation"), 0, "texts compare by bytes in all of them");
}

/* ---- a migration that fails ---- */

static bool
open_by(const struct asset *migrations, bool may_migrate, struct str *ret_detail)
{
	struct err err = { .arena = a };
	struct store_options o = { .dir = dir, .url = url_of(a, dir), .create = true, .migrate = may_migrate };
	struct store *st = NULL;
	bool opened = store_open_with(&o, &(struct store_setup){ .migrations = migrations }, &st, &err);

	store_close(st);
	*ret_detail = err.detail;
	return opened;
}

static void
test_failing(void)
{
	static const char one[] = "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT; INSERT INTO t VALUES (7);";
	static const char good[] = "CREATE TABLE u (id INTEGER PRIMARY KEY) STRICT; DELETE FROM t;";
	static const char bad[] = "CREATE TABLE v (id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);";
	const struct asset before[] = { { "0001_t", (const unsigned char *)one, sizeof(one) - 1, "" },
		{ .name = NULL } };
	struct asset after[] = { before[0], { "0002_u", (const unsigned char *)good, sizeof(good) - 1, "" },
		{ "0003_v", (const unsigned char *)bad, sizeof(bad) - 1, "" }, { .name = NULL } };
	struct str said;

	dir = new_directory(a);
	ok(open_by(before, false, &said), "a database of the program before");
	ok(!open_by(after, false, &said) && str_has(said, STR("older than this program's 3")), "nobody said migrate");
	ok(!open_by(after, true, &said), "a migration that fails: it does not open");
	ok(str_has(said, STR("migration 0003_v failed")) && str_has(said, STR("nowhere")), "the reason is told");
	ok(str_has(said, STR("at schema 1, and the program before this one can go on with it")), "and the way back");
	is_int(tell_server(a, dir, "SELECT count(*) FROM pg_class WHERE relname IN ('u', 'v')"
	    " AND relnamespace = current_schema()::regnamespace"), 0, "nothing of it stays, nor of the step before");
	is_int(tell_server(a, dir, "SELECT id FROM t"), 7, "the rows neither");
	ok(open_by(before, false, &said), "the program before goes on");
	after[2] = (struct asset){ .name = NULL };
	ok(open_by(after, true, &said), "one that is right");
	ok(!open_by(before, true, &said) && str_has(said, STR("newer program")), "after which the program before is too old");
	remove_directory(dir);
}

int
main(void)
{
	a = arena_new();
	dir = new_directory(a);
	test_texts();
	test_sections();
	if (on_postgresql())
		test_schemas();
	remove_directory(dir);
	if (on_postgresql())
		test_failing();
	arena_free(a);
	return done_testing();
}
