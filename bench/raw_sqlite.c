/*
 * What SQLite alone can do on this disk, now: the limit that our figures are held against.
 * usage: raw_sqlite DIR     prints "name value" lines: rows/s in groups of 1, 10 and 100; keyset pages of 50 per second.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS 100000

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
must(sqlite3 *db, int rc, const char *what)
{
	if (rc == SQLITE_OK || rc == SQLITE_DONE || rc == SQLITE_ROW)
		return;
	fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

static void
run(sqlite3 *db, const char *sql)
{
	must(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
}

static void
insert(sqlite3 *db, sqlite3_stmt *s, sqlite3_int64 id)
{
	static char text[331];

	memset(text, 'x', 330);
	sqlite3_bind_int64(s, 1, id);
	sqlite3_bind_int64(s, 2, id % 12);
	sqlite3_bind_int64(s, 3, id * 7919 % 100003);
	sqlite3_bind_text(s, 4, text, 330, SQLITE_STATIC);
	must(db, sqlite3_step(s), "insert");
	sqlite3_reset(s);
}

/* Rows a second when every commit holds so many rows, for about two seconds. */
static double
grouped(sqlite3 *db, sqlite3_stmt *s, int group, sqlite3_int64 *id)
{
	double start = seconds(), end;
	int rows = 0;

	do {
		run(db, "BEGIN IMMEDIATE");
		for (int i = 0; i < group; i++)
			insert(db, s, ++*id);
		run(db, "COMMIT");
		rows += group;
		end = seconds();
	} while (end - start < 2.0);
	return rows / (end - start);
}

/* Pages of 50 by an index that orders them, every column read. */
static double
pages(sqlite3 *db)
{
	double start = seconds(), end;
	sqlite3_stmt *s;
	int n = 0;
	unsigned sum = 0;

	must(db, sqlite3_prepare_v2(db, "SELECT id, a, b, t FROM r WHERE a = ?1 AND id < ?2 ORDER BY id DESC LIMIT 50", -1, &s, NULL), "page");
	do {
		sqlite3_bind_int64(s, 1, n % 12);
		sqlite3_bind_int64(s, 2, 1 + (sqlite3_int64)n * 7919 % ROWS + 1000);
		while (sqlite3_step(s) == SQLITE_ROW)
			sum += (unsigned)sqlite3_column_int64(s, 0) + sqlite3_column_text(s, 3)[0];
		sqlite3_reset(s);
		n++;
		end = seconds();
	} while (end - start < 2.0);
	sqlite3_finalize(s);
	if (sum == 1)
		puts("");
	return n / (end - start);
}

int
main(int argc, char **argv)
{
	char path[4096];
	sqlite3 *db;
	sqlite3_stmt *s;
	sqlite3_int64 id = 0;

	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "%s/raw.db", argv[1]);
	remove(path);
	must(NULL, sqlite3_open(path, &db), "open");
	run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000");
	run(db, "CREATE TABLE r (id INTEGER PRIMARY KEY, a INTEGER, b INTEGER, t TEXT) STRICT");
	run(db, "CREATE INDEX ra ON r (a, id); CREATE INDEX rb ON r (b)");
	must(db, sqlite3_prepare_v2(db, "INSERT INTO r VALUES (?1, ?2, ?3, ?4)", -1, &s, NULL), "prepare");
	printf("sqlite_commits_1 %.0f\n", grouped(db, s, 1, &id));
	printf("sqlite_rows_10 %.0f\n", grouped(db, s, 10, &id));
	printf("sqlite_rows_100 %.0f\n", grouped(db, s, 100, &id));
	run(db, "BEGIN");
	while (id < ROWS)
		insert(db, s, ++id);
	run(db, "COMMIT");
	printf("sqlite_pages_50 %.0f\n", pages(db));
	sqlite3_finalize(s);
	sqlite3_close(db);
	return 0;
}
