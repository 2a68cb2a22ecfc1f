#include "store/dump.h"

#include <string.h>

#include "store/dump_engine.h"
#include "store/private.h"

bool
dump_derived(struct str table)
{
	static const char *const own[] = { "report_text", "leader", "change", "installation", "tally" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_is(table, own[i]))
			return true;
	return false;
}

bool
dump_name_ok(struct str name)
{
	bool ok = name.n > 0 && name.n <= DUMP_NAME_MAX && name.p[0] >= 'a' && name.p[0] <= 'z';

	for (size_t i = 0; ok && i < name.n; i++)
		ok = (name.p[i] >= 'a' && name.p[i] <= 'z') || (name.p[i] >= '0' && name.p[i] <= '9') ||
		    name.p[i] == '_';
	return ok;
}

bool
dump_on_server(const char *where)
{
	return !strncmp(where, "postgresql://", 13) || !strncmp(where, "postgres://", 11) || strstr(where, "dbname=");
}

static const struct dump_engine *
engine_at(const char *where)
{
	return dump_on_server(where) ? &dump_pg : &dump_sqlite;
}

/* ---- out ---- */

bool
dump_open(const char *where, struct arena *a, struct dump **ret_dump, struct err *err)
{
	return engine_at(where)->open(where, a, ret_dump, err);
}

bool
dump_known(struct dump *d, int64_t version, struct err *err)
{
	if (version > store_schema_newest())
		return err_setf(err, FAULT_SCHEMA, "made by a newer program: it has schema %d, this one knows none after %d",
		    (int)version, store_schema_newest());
	d->version = (int)version;
	return true;
}

void
dump_close(struct dump *d)
{
	if (d)
		d->engine->close(d);
}

int
dump_version(const struct dump *d)
{
	return d->version;
}

const char *
dump_engine(const struct dump *d)
{
	return d->engine->name;
}

int64_t
dump_size(const struct dump *d)
{
	return d->size;
}

bool
dump_tables(struct dump *d, struct arena *a, struct dump_table **ret_tables, int *ret_n, struct err *err)
{
	struct dump_table *tables = arena_alloc(a, TABLES_MAX * sizeof(tables[0]));

	if (!d->engine->tables(d, a, tables, ret_n, err))
		return false;
	*ret_tables = tables;
	return true;
}

bool
dump_begin(struct dump *d, const struct dump_table *t, struct err *err)
{
	return d->engine->begin(d, t, err);
}

bool
dump_next(struct dump *d, struct val *vals, bool *ret_row, struct err *err)
{
	return d->engine->next(d, vals, ret_row, err);
}

void
dump_end(struct dump *d)
{
	d->engine->end(d);
}

bool
dump_log(struct dump *d, struct arena *a, struct dump_log *ret_log, struct err *err)
{
	return d->engine->log(d, a, ret_log, err);
}

/* ---- in ---- */

struct str
dump_columns(struct arena *a, const struct dump_table *t)
{
	struct buf b = { .arena = a };

	for (int i = 0; i < t->n; i++)
		buf_printf(&b, "%s\"%.*s\"", i ? ", " : "", STR_FMT(t->columns[i].name));
	return buf_str(&b);
}

struct load
load_new(const struct dump_engine *engine, struct arena *a)
{
	return (struct load){ .engine = engine, .arena = a, .tables = arena_alloc(a, TABLES_MAX * sizeof(struct dump_table)) };
}

/* Our migrations up to this version. */
static bool
migrations_until(int version, struct arena *a, const struct asset **ret_migrations, struct err *err)
{
	int n = 0, last = 0;
	struct asset *some;

	for (const struct asset *m = store_migrations; m->name && last < version; m++, n++) {
		int64_t number_of = 0;

		str_int(str_first(str_c(m->name), 4), &number_of);
		last = (int)number_of;
	}
	if (last != version || version < 1)
		return err_setf(err, FAULT_SCHEMA, "schema %d is none that this program knows", version);
	some = arena_alloc(a, ((size_t)n + 1) * sizeof(some[0]));
	memcpy(some, store_migrations, (size_t)n * sizeof(some[0]));
	*ret_migrations = some;
	return true;
}

bool
load_make_empty(const struct store_options *o, int version, struct arena *a, struct err *err)
{
	struct store_setup setup = { .unborn = true };
	struct store *st = NULL;

	if (!migrations_until(version, a, &setup.migrations, err) || !store_open_with(o, &setup, &st, err))
		return false;
	store_close(st);
	return true;
}

bool
load_open(const char *where, int version, struct arena *a, struct load **ret_load, struct err *err)
{
	return engine_at(where)->load_open(where, version, a, ret_load, err);
}

static const struct dump_table *
table_named(const struct load *l, struct str name)
{
	for (int i = 0; i < l->n; i++)
		if (str_eq(l->tables[i].name, name))
			return &l->tables[i];
	return NULL;
}

static bool
has_column(const struct dump_table *t, const struct dump_column *c)
{
	for (int i = 0; i < t->n; i++)
		if (str_eq(t->columns[i].name, c->name))
			return t->columns[i].letter == c->letter;
	return false;
}

bool
load_fits(const struct load *l, const struct dump_table *t, struct err *err)
{
	const struct dump_table *ours = table_named(l, t->name);

	if (!ours || ours->n != t->n)
		return err_setf(err, FAULT_SCHEMA, "table %.*s is none of this schema", STR_FMT(t->name));
	for (int i = 0; i < t->n; i++)
		if (!has_column(ours, &t->columns[i]))
			return err_setf(err, FAULT_SCHEMA, "column %.*s.%.*s is none of this schema", STR_FMT(t->name),
			    STR_FMT(t->columns[i].name));
	return true;
}

bool
load_table(struct load *l, const struct dump_table *t, struct err *err)
{
	return l->engine->load_table(l, t, err);
}

bool
load_row(struct load *l, const struct val *vals, struct err *err)
{
	return l->engine->load_row(l, vals, err);
}

bool
load_finish(struct load *l, struct err *err)
{
	return l->engine->load_finish(l, err);
}

void
load_close(struct load *l)
{
	if (l)
		l->engine->load_close(l);
}
