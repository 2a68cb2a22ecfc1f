/*
 * Backups of PostgreSQL: reads in one transaction that sees one moment; loads in one transaction. A restore goes into a
 * schema beside, which takes the name of the one that is there when it is whole.
 */
#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/dump_engine.h"
#include "store/pg.h"

#define COPY_ROOM 65536
#define INT2 21
#define INT4 23
#define INT8 20
#define BYTEA 17
#define SCRATCH "tocsin_restore"
#define RESTORER "1414480725, hashtext(current_schema())"

static bool
failed(PGconn *db, const char *what, struct err *err)
{
	const char *words = PQerrorMessage(db);

	return err_setf(err, PQstatus(db) == CONNECTION_BAD ? FAULT_DATABASE : FAULT_FILE, "%s: %.*s", what,
	    (int)strcspn(words, "\n"), words);
}

/* It hangs, and is given up: whatever is asked of it later fails at once. */
static bool
fell_silent(PGconn *db, struct err *err)
{
	pg_give_up(db);
	return err_setf(err, FAULT_SILENT, "PostgreSQL %s", PQdb(db));
}

static PGconn *
connect_to(const char *url, struct err *err)
{
	PGconn *db = pg_connect_url(url);
	const char *words = PQerrorMessage(db);

	/* sending waits no more than asking: pg_sent() */
	if (PQstatus(db) == CONNECTION_OK && PQsetnonblocking(db, 1) == 0 &&
	    pg_exec(db, "SET client_min_messages = error", err))
		return db;
	err_setf(err, FAULT_DATABASE, "PostgreSQL: %.*s", (int)strcspn(words, "\n"), words);
	PQfinish(db);
	return NULL;
}

/* What comes of that which was sent; the caller clears it. NULL: the server hangs. */
static PGresult *
answer(PGconn *db, struct err *err)
{
	bool silent = false;
	PGresult *r = pg_answer(db, PG_WHILE_THERE, &silent);

	if (silent)
		fell_silent(db, err);
	return r;
}

static struct str
text_at(struct arena *a, const PGresult *r, int row, int column)
{
	return arena_dup(a, (struct str){ PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column) });
}

/* All rows of a question with one text parameter or none. NULL with the fault. */
static PGresult *
ask(PGconn *db, const char *sql, const char *parameter, struct err *err)
{
	PGresult *r = PQsendQueryParams(db, sql, parameter ? 1 : 0, NULL, &parameter, NULL, NULL, 0) ? answer(db, err) : NULL;

	if (PQresultStatus(r) == PGRES_TUPLES_OK)
		return r;
	failed(db, "schema", err);
	PQclear(r);
	return NULL;
}

/* ---- tables ---- */

static char
letter_of(Oid type)
{
	return type == INT8 || type == INT4 || type == INT2 ? 'i' : type == BYTEA ? 'b' : 't';
}

/* type: the column's, for each of t's columns; may be NULL. */
static bool
read_columns(PGconn *db, struct arena *a, struct dump_table *t, struct err *err)
{
	PGresult *r = ask(db, "SELECT attname, atttypid FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0"
	    " AND NOT attisdropped ORDER BY attnum", arena_c(a, t->name), err);

	if (!r)
		return false;
	t->n = PQntuples(r);
	assert(t->n <= DUMP_COLUMNS_MAX);
	t->columns = arena_alloc(a, (size_t)t->n * sizeof(t->columns[0]));
	for (int i = 0; i < t->n; i++) {
		t->columns[i].name = text_at(a, r, i, 0);
		t->columns[i].letter = letter_of((Oid)atoi(PQgetvalue(r, i, 1)));
	}
	PQclear(r);
	return true;
}

static bool
read_tables(PGconn *db, struct arena *a, struct dump_table *tables, int most, int *ret_n, struct err *err)
{
	PGresult *r = ask(db, "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
	    " AND relkind = 'r' AND relname NOT IN ('schema', 'node') ORDER BY oid", NULL, err);
	bool ok = r != NULL;
	int n = 0;

	for (int i = 0; ok && i < PQntuples(r); i++) {
		assert(n < most);
		tables[n] = (struct dump_table){ .name = text_at(a, r, i, 0) };
		if (dump_derived(tables[n].name))
			continue;
		ok = read_columns(db, a, &tables[n], err);
		n++;
	}
	PQclear(r);
	*ret_n = n;
	return ok;
}

/* ---- out ---- */

struct pg_dump {
	struct dump dump;                /* first */
	PGconn *db;
	PGresult *row;
	bool reading;
	int columns;
};

static struct pg_dump *
own(struct dump *d)
{
	return (struct pg_dump *)(void *)d;
}

/* What is still to come is read and forgotten. */
static void
pg_dump_end(struct dump *dump)
{
	struct pg_dump *d = own(dump);

	PQclear(d->row);
	d->row = NULL;
	while (d->reading) {
		PGresult *r = pg_await(NULL, d->db, PG_WHILE_THERE) ? PQgetResult(d->db) : NULL;

		if (!r && PQisBusy(d->db))
			pg_give_up(d->db);
		d->reading = r != NULL;
		PQclear(r);
	}
}

static void
pg_dump_close(struct dump *dump)
{
	struct pg_dump *d = own(dump);

	if (d->db)
		pg_dump_end(dump);
	PQfinish(d->db);
	d->db = NULL;
}

static bool
pg_dump_open(const char *url, struct arena *a, struct dump **ret_dump, struct err *err)
{
	struct pg_dump *d = arena_make(a, struct pg_dump);
	int64_t ours = 0, version = 0;
	bool ok;

	d->dump = (struct dump){ .engine = &dump_pg, .arena = a };
	d->db = connect_to(url, err);
	ok = d->db && pg_exec(d->db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err) &&
	    pg_look(d->db, "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
	    " AND relname = 'schema' AND obj_description(oid, 'pg_class') = 'Tocsin'", &ours, err);
	if (ok && ours == 0)
		ok = err_setf(err, FAULT_NO_INSTALLATION, "PostgreSQL %s", PQdb(d->db));
	ok = ok && pg_look(d->db, "SELECT max(version) FROM schema", &version, err) &&
	    pg_look(d->db, "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class"
	    " WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'", &d->dump.size, err) &&
	    dump_known(&d->dump, version, err);
	if (ok)
		*ret_dump = &d->dump;
	else
		pg_dump_close(&d->dump);
	return ok;
}

static bool
pg_dump_tables(struct dump *dump, struct arena *a, struct dump_table *tables, int *ret_n, struct err *err)
{
	PGconn *db = own(dump)->db;

	if (!read_tables(db, a, tables, TABLES_MAX, ret_n, err))
		return false;
	for (int i = 0; i < *ret_n; i++)
		if (!pg_look(db, arena_printf(a, "SELECT count(*) FROM %.*s", STR_FMT(tables[i].name)).p,
		    &tables[i].rows, err))
			return false;
	return true;
}

/* As SQLite's: the primary key, or the first unique index by name; texts by bytes. */
static bool
put_order(PGconn *db, struct buf *sql, struct arena *a, struct str table, struct err *err)
{
	PGresult *r = ask(db, "SELECT t.attname, t.atttypid FROM (SELECT indrelid, indkey FROM pg_index i"
	    " JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1::regclass AND i.indisunique"
	    " ORDER BY i.indisprimary DESC, c.relname COLLATE \"C\" LIMIT 1) k,"
	    " unnest(k.indkey) WITH ORDINALITY u (number, place)"
	    " JOIN pg_attribute t ON t.attnum = u.number WHERE t.attrelid = $1::regclass ORDER BY u.place",
	    arena_c(a, table), err);

	for (int i = 0; r && i < PQntuples(r); i++) {
		int type = atoi(PQgetvalue(r, i, 1));

		buf_printf(sql, "%s%s%s", i ? ", " : " ORDER BY ", PQgetvalue(r, i, 0),
		    type == INT8 || type == INT4 || type == INT2 || type == BYTEA ? "" : " COLLATE \"C\"");
	}
	PQclear(r);
	return r != NULL;
}

static bool
pg_dump_begin(struct dump *dump, const struct dump_table *t, struct err *err)
{
	struct pg_dump *d = own(dump);
	struct buf sql = { .arena = dump->arena };

	buf_printf(&sql, "SELECT %.*s FROM %.*s", STR_FMT(dump_columns(dump->arena, t)), STR_FMT(t->name));
	if (!put_order(d->db, &sql, dump->arena, t->name, err))
		return false;
	d->columns = t->n;
	if (!PQsendQueryParams(d->db, arena_c(dump->arena, buf_str(&sql)), 0, NULL, NULL, NULL, NULL, 1) ||
	    !PQsetSingleRowMode(d->db))
		return failed(d->db, "reading", err);
	d->reading = true;
	return true;
}

/* A whole number of two, four or eight bytes, the highest first. */
static int64_t
number_of(const char *p, int n)
{
	uint64_t v = n > 0 && (unsigned char)p[0] & 0x80 ? UINT64_MAX : 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | (unsigned char)p[i];
	return (int64_t)v;
}

static struct val
value_at(const struct pg_dump *d, int i)
{
	struct str s = { PQgetvalue(d->row, 0, i), (size_t)PQgetlength(d->row, 0, i) };
	char letter = letter_of(PQftype(d->row, i));

	if (PQgetisnull(d->row, 0, i))
		return (struct val){ .kind = VAL_NULL };
	if (letter == 'i')
		return I(number_of(s.p, (int)s.n));
	return (struct val){ .kind = letter == 't' ? VAL_TEXT : VAL_BLOB, .s = s };
}

static bool
pg_dump_next(struct dump *dump, struct val *vals, bool *ret_row, struct err *err)
{
	struct pg_dump *d = own(dump);
	ExecStatusType status;

	PQclear(d->row);
	d->row = NULL;
	if (!pg_await(NULL, d->db, PG_WHILE_THERE))
		return fell_silent(d->db, err);
	d->row = PQgetResult(d->db);
	status = PQresultStatus(d->row);
	*ret_row = status == PGRES_SINGLE_TUPLE;
	if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK)
		return failed(d->db, "reading", err);
	for (int i = 0; *ret_row && i < d->columns; i++)
		vals[i] = value_at(d, i);
	return true;
}

static bool
pg_dump_log(struct dump *dump, struct arena *a, struct dump_log *ret_log, struct err *err)
{
	PGconn *db = own(dump)->db;
	int64_t there = 0;
	struct dump_log log;
	PGresult *r;
	bool ok;

	if (!pg_look(db, "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
	    " AND relname = 'log'", &there, err) || there == 0)
		return false;
	r = PQsendQueryParams(db, "SELECT origin, int8send(size), edge FROM log", 0, NULL, NULL, NULL, NULL, 1) ?
	    answer(db, err) : NULL;
	ok = PQresultStatus(r) == PGRES_TUPLES_OK || failed(db, "log", err);
	ok = ok && PQntuples(r) == 1;
	if (ok) {
		log.origin = text_at(a, r, 0, 0);
		log.size = number_of(PQgetvalue(r, 0, 1), PQgetlength(r, 0, 1));
		ok = log_edge_root(log.size, text_at(a, r, 0, 2), &log.root) ||
		    err_setf(err, FAULT_FILE, "the log's edge is damaged");
	}
	PQclear(r);
	if (ok)
		*ret_log = log;
	return ok;
}

/* ---- in ---- */

struct pg_load {
	struct load load;                /* first */
	PGconn *db;
	const char *references;          /* as SQL, to be made again when all rows are in */
	bool copying;
	int columns;
	int width[DUMP_COLUMNS_MAX];     /* bytes of a number */
	char *room;
	size_t n, cap;
};

static struct pg_load *
own_load(struct load *l)
{
	return (struct pg_load *)(void *)l;
}

static void
pg_load_close(struct load *load)
{
	struct pg_load *l = own_load(load);

	PQfinish(l->db);                 /* what was not committed is gone */
	free(l->room);
	l->db = NULL;
	l->room = NULL;
}

/*
 * References and refusing triggers are in the way of rows that come table by table. References are dropped and made
 * again, which checks them all.
 */
static bool
lift_guards(struct pg_load *l, struct err *err)
{
	struct buf lift = { .arena = l->load.arena }, make = { .arena = l->load.arena };
	PGresult *r = ask(l->db, "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k"
	    " JOIN pg_class c ON c.oid = k.conrelid WHERE k.contype = 'f' AND c.relnamespace = current_schema()::regnamespace"
	    " ORDER BY k.oid", NULL, err);

	for (int i = 0; r && i < PQntuples(r); i++) {
		buf_printf(&lift, "ALTER TABLE %s DROP CONSTRAINT %s;", PQgetvalue(r, i, 0), PQgetvalue(r, i, 1));
		buf_printf(&make, "ALTER TABLE %s ADD CONSTRAINT %s %s;", PQgetvalue(r, i, 0), PQgetvalue(r, i, 1),
		    PQgetvalue(r, i, 2));
	}
	for (int i = 0; r && i < l->load.n; i++) {
		buf_printf(&lift, "ALTER TABLE %.*s DISABLE TRIGGER USER;", STR_FMT(l->load.tables[i].name));
		buf_printf(&make, "ALTER TABLE %.*s ENABLE TRIGGER USER;", STR_FMT(l->load.tables[i].name));
	}
	PQclear(r);
	l->references = arena_c(l->load.arena, buf_str(&make));
	return r && pg_exec(l->db, arena_c(l->load.arena, buf_str(&lift)), err);
}

static bool
pg_load_open(const char *url, int version, struct arena *a, struct load **ret_load, struct err *err)
{
	struct pg_load *l = arena_make(a, struct pg_load);
	bool ok;

	if (!load_make_empty(&(struct store_options){ .url = url, .create = true }, version, a, err))
		return false;
	l->load = load_new(&dump_pg, a);
	l->db = connect_to(url, err);
	ok = l->db && pg_exec(l->db, "BEGIN", err) && read_tables(l->db, a, l->load.tables, TABLES_MAX, &l->load.n, err) &&
	    lift_guards(l, err);
	if (ok)
		*ret_load = &l->load;
	else
		pg_load_close(&l->load);
	return ok;
}

/* ---- COPY, in its binary form ---- */

static bool
flush(struct pg_load *l, struct err *err)
{
	size_t n = l->n;

	l->n = 0;
	if (n > 0 && PQputCopyData(l->db, l->room, (int)n) != 1)
		return failed(l->db, "loading", err);
	return pg_sent(l->db) || fell_silent(l->db, err);
}

static void
put(struct pg_load *l, const void *bytes, size_t n)
{
	if (l->n + n > l->cap) {
		l->cap = (l->n + n) * 2;
		l->room = realloc(l->room, l->cap);
		if (!l->room)
			abort();
	}
	if (n > 0)
		memcpy(l->room + l->n, bytes, n);
	l->n += n;
}

static void
put_number(struct pg_load *l, int64_t v, int width)
{
	uint64_t big = htobe64((uint64_t)v);

	put(l, (const char *)&big + 8 - width, (size_t)width);
}

static void
put_value(struct pg_load *l, int i, const struct val *v)
{
	if (v->kind == VAL_NULL) {
		put_number(l, -1, 4);
	} else if (v->kind == VAL_INT) {
		put_number(l, l->width[i], 4);
		put_number(l, v->i, l->width[i]);
	} else {
		put_number(l, (int64_t)v->s.n, 4);
		put(l, v->s.p, v->s.n);
	}
}

static bool
end_copy(struct pg_load *l, struct err *err)
{
	PGresult *r;
	bool ok;

	if (!l->copying)
		return true;
	l->copying = false;
	put_number(l, -1, 2);
	ok = flush(l, err) && (PQputCopyEnd(l->db, NULL) == 1 || failed(l->db, "loading", err));
	r = ok ? answer(l->db, err) : NULL;
	ok = ok && (PQresultStatus(r) == PGRES_COMMAND_OK || failed(l->db, "loading", err));
	PQclear(r);
	return ok;
}

/* How wide the numbers of these columns are. */
static bool
read_widths(struct pg_load *l, const struct dump_table *t, struct err *err)
{
	PGresult *r = ask(l->db, "SELECT attname, attlen FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0",
	    arena_c(l->load.arena, t->name), err);

	for (int i = 0; r && i < PQntuples(r); i++)
		for (int k = 0; k < t->n; k++)
			if (str_is(t->columns[k].name, PQgetvalue(r, i, 0)))
				l->width[k] = atoi(PQgetvalue(r, i, 1));
	PQclear(r);
	return r != NULL;
}

static bool
pg_load_table(struct load *load, const struct dump_table *t, struct err *err)
{
	struct pg_load *l = own_load(load);
	const char *sql;
	PGresult *r;
	bool ok;

	if (!end_copy(l, err) || !load_fits(load, t, err) || !read_widths(l, t, err) ||
	    !pg_exec(l->db, arena_printf(load->arena, "DELETE FROM %.*s", STR_FMT(t->name)).p, err))
		return false;
	sql = arena_printf(load->arena, "COPY %.*s (%.*s) FROM STDIN (FORMAT binary)", STR_FMT(t->name),
	    STR_FMT(dump_columns(load->arena, t))).p;
	l->columns = t->n;
	r = PQsendQuery(l->db, sql) ? answer(l->db, err) : NULL;
	ok = PQresultStatus(r) == PGRES_COPY_IN || failed(l->db, "loading", err);
	PQclear(r);
	l->copying = ok;
	put(l, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
	return ok;
}

static bool
pg_load_row(struct load *load, const struct val *vals, struct err *err)
{
	struct pg_load *l = own_load(load);

	assert(l->copying);
	put_number(l, l->columns, 2);
	for (int i = 0; i < l->columns; i++)
		put_value(l, i, &vals[i]);
	return l->n < COPY_ROOM || flush(l, err);
}

static bool
pg_load_finish(struct load *load, struct err *err)
{
	struct pg_load *l = own_load(load);
	struct err why = { .arena = load->arena };

	if (!end_copy(l, err))
		return false;
	if (!pg_exec(l->db, l->references, &why))
		return err_setf(err, FAULT_SCHEMA, "%.*s", STR_FMT(why.detail));
	if (!pg_exec(l->db, "COMMIT", err))
		return false;
	pg_load_close(load);
	return true;
}

const struct dump_engine dump_pg = {
	.name = "postgresql",
	.open = pg_dump_open,
	.close = pg_dump_close,
	.tables = pg_dump_tables,
	.begin = pg_dump_begin,
	.next = pg_dump_next,
	.end = pg_dump_end,
	.log = pg_dump_log,
	.load_open = pg_load_open,
	.load_table = pg_load_table,
	.load_row = pg_load_row,
	.load_finish = pg_load_finish,
	.load_close = pg_load_close,
};

/* ---- a restore on a server ---- */

struct server_restore {
	PGconn *db;                      /* holds the lock: one restore at a time */
	struct arena *arena;
	struct str schema;               /* the place that is to be taken */
	const char *scratch;
	bool there;                      /* an installation is */
	bool unknown;                    /* whether the place was taken */
};

/* "postgresql://..." that leads into another schema. */
static const char *
url_into(struct arena *a, const char *url, const char *schema)
{
	if (!strstr(url, "://"))
		return arena_printf(a, "%s options='-csearch_path=%s'", url, schema).p;
	return arena_printf(a, "%s%soptions=-csearch_path%%3D%s", url, strchr(url, '?') ? "&" : "?", schema).p;
}

/* No node serves what is there. Asked again before its place is taken: loading takes its time. */
static bool
unserved(struct server_restore *s, struct err *err)
{
	int64_t nodes = 0;

	return !s->there || (pg_look(s->db, "SELECT count(*) FROM node WHERE until_at > " PG_NOW, &nodes, err) &&
	    (nodes == 0 || err_setf(err, FAULT_IN_USE, "PostgreSQL %s: %d nodes", PQdb(s->db), (int)nodes)));
}

/* Nobody else restores there. One that has just ended may have its session for a moment longer. */
static bool
alone(struct server_restore *s, int64_t *ret_locked, struct err *err)
{
	bool ok = pg_look(s->db, "SELECT pg_try_advisory_lock(" RESTORER ")::int", ret_locked, err);

	for (int i = 0; ok && !*ret_locked && i < 20; i++) {
		nanosleep(&(struct timespec){ 0, 100 * 1000000L }, NULL);
		ok = pg_look(s->db, "SELECT pg_try_advisory_lock(" RESTORER ")::int", ret_locked, err);
	}
	return ok;
}

static bool
look_at_place(struct server_restore *s, struct err *err)
{
	PGresult *r = ask(s->db, "SELECT current_schema()", NULL, err);
	int64_t locked = 0, tables = 0, ours = 0;
	bool ok = r != NULL;

	if (ok)
		s->schema = text_at(s->arena, r, 0, 0);
	PQclear(r);
	ok = ok && (dump_name_ok(s->schema) || err_setf(err, FAULT_CONFIG, "schema \"%.*s\"", STR_FMT(s->schema))) &&
	    alone(s, &locked, err) &&
	    pg_look(s->db, "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
	    " AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND " PG_NO_EXTENSION("pg_class"), &tables, err) &&
	    pg_look(s->db, "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
	    " AND relname = 'schema' AND obj_description(oid, 'pg_class') = 'Tocsin'", &ours, err);
	if (ok && !locked)
		return err_setf(err, FAULT_IN_USE, "PostgreSQL %s", PQdb(s->db));
	if (ok && tables > 0 && !ours)
		return err_setf(err, FAULT_SCHEMA, "schema %.*s of PostgreSQL %s has other tables", STR_FMT(s->schema), PQdb(s->db));
	s->there = ours > 0;
	return ok && unserved(s, err);
}

bool
load_server_begin(const char *url, bool replace, struct arena *a, struct server_restore **ret_restore, struct err *err)
{
	struct server_restore *s = arena_make(a, struct server_restore);
	bool ok;

	s->arena = a;
	s->db = connect_to(url, err);
	ok = s->db && look_at_place(s, err);
	if (ok && s->there && !replace)
		ok = err_setf(err, FAULT_EXISTS, "PostgreSQL %s", PQdb(s->db));
	ok = ok && pg_exec(s->db, "DROP SCHEMA IF EXISTS " SCRATCH " CASCADE; CREATE SCHEMA " SCRATCH, err);
	s->scratch = url_into(a, url, SCRATCH);
	if (ok) {
		*ret_restore = s;
	} else {
		PQfinish(s->db);
		s->db = NULL;
	}
	return ok;
}

const char *
load_server_scratch(const struct server_restore *s)
{
	return s->scratch;
}

/* The name under which what was there stays: by the moment, and by a number if there is one of this second. */
static bool
name_kept(struct server_restore *s, struct str *ret_kept, struct err *err)
{
	struct civil t = civil_of(clock_now(), zone_utc());
	struct str kept = arena_printf(s->arena, "before_restore_%04d%02d%02dt%02d%02d%02dz", (int)t.year, t.month, t.day,
	    t.hour, t.minute, t.second);
	int64_t there;

	if (!pg_look(s->db, arena_printf(s->arena, "SELECT count(*) FROM pg_namespace WHERE starts_with(nspname, '%.*s')",
	    STR_FMT(kept)).p, &there, err))
		return false;
	*ret_kept = there == 0 ? kept : arena_printf(s->arena, "%.*s_%d", STR_FMT(kept), (int)there + 1);
	return true;
}

bool
load_server_take_place(struct server_restore *s, struct str *ret_kept, struct err *err)
{
	struct str kept;
	const char *sql;

	if (!unserved(s, err) || !name_kept(s, &kept, err))
		return false;
	sql = arena_printf(s->arena, "BEGIN; ALTER SCHEMA %.*s RENAME TO %.*s; ALTER SCHEMA " SCRATCH
	    " RENAME TO %.*s; %s%.*s%s COMMIT", STR_FMT(s->schema), STR_FMT(kept), STR_FMT(s->schema),
	    s->there ? "" : "DROP SCHEMA ", STR_FMT(s->there ? STR("") : kept), s->there ? "" : " CASCADE;").p;

	if (!pg_exec(s->db, sql, err)) {
		s->unknown = err->fault == FAULT_SILENT || PQstatus(s->db) == CONNECTION_BAD;
		return false;
	}
	*ret_kept = s->there ? kept : STR_NONE;
	return true;
}

bool
load_server_unknown(const struct server_restore *s)
{
	return s->unknown;
}

void
load_server_end(struct server_restore *s)
{
	struct err err = { .arena = s->arena };

	/* gone after it took its place; after a failure its end */
	pg_exec(s->db, "ROLLBACK", &err);
	pg_exec(s->db, "DROP SCHEMA IF EXISTS " SCRATCH " CASCADE", &err);
	PQfinish(s->db);
	s->db = NULL;
}
