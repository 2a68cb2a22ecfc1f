/*
 * Versions of the schema. Each migration is one SQL file; all that are missing are applied in one
 * transaction, so that a failed one leaves the database as it was. A database whose history is not the
 * beginning of ours, or whose tables, indexes or triggers are not those that its last migration left, is
 * refused.
 *
 * One file serves both engines. What they say differently stands between lines of their own:
 *
 *	-- sqlite:
 *	...
 *	-- postgresql:
 *	...
 *	-- both:
 *
 * The first line of one that only adds may say
 *
 *	-- serves: NNNN
 *
 * Programs from that version on go on with the database, so that the nodes of a server can be brought up to date one
 * after the other: what it adds has a default, and nothing that they read or write is gone or means something else.
 * Any other waits until no node of before is there.
 */
#include <assert.h>

#include "base/hash.h"
#include "base/log.h"
#include "store/private.h"

static int
version_of(const struct asset *m)
{
	int64_t version = 0;
	bool numbered = str_int(str_first(str_c(m->name), 4), &version);

	assert(numbered && version > 0);         /* a migration is called NNNN_name */
	(void)numbered;
	return (int)version;
}

static int
newest_of(const struct asset *migrations)
{
	int newest = 0;

	for (; migrations->name; migrations++) {
		assert(version_of(migrations) > newest);
		newest = version_of(migrations);
	}
	return newest;
}

int
store_schema_newest(void)
{
	return newest_of(store_migrations);
}

static struct str
hex_sha256(struct arena *a, struct str s)
{
	struct sha256 h = sha256(s);

	return hex(a, (struct str){ (const char *)h.b, sizeof(h.b) });
}

/* ---- the text ---- */

/* What one engine reads: whole lines, so that a text to which the other's lines are added stays the same. */
static struct str
section_of(struct str text, const char *engine, struct arena *a)
{
	struct buf b = { .arena = a };
	bool ours = true;

	while (text.n > 0) {
		struct str rest = text, line;
		size_t n;

		str_split(&rest, '\n', &line);
		n = rest.p ? (size_t)(rest.p - text.p) : text.n;
		if (str_is(line, "-- both:"))
			ours = true;
		else if (str_is(line, "-- sqlite:") || str_is(line, "-- postgresql:"))
			ours = str_is(str_first(str_from(line, 3), line.n - 4), engine);
		else if (ours)
			buf_put(&b, str_first(text, n));
		text = str_from(text, n);
	}
	buf_char(&b, '\0');
	return str_first(buf_str(&b), b.n - 1);
}

static struct str
text_of(const struct store *st, const struct asset *m, struct arena *a)
{
	return section_of(asset_text(m), st->engine->section, a);
}

/* From which version on programs go on with the database after it. */
static int
serves_of(const struct asset *m)
{
	struct str text = asset_text(m), head = STR("-- serves: ");
	int64_t from = 0;

	return str_starts(text, head) && str_int(str_first(str_from(text, head.n), 4), &from) ? (int)from : version_of(m);
}

/* ---- looking ---- */

static bool
schema_digest(struct conn *c, struct arena *a, struct str *ret_digest, struct err *err)
{
	struct str text;

	if (!c->st->engine->schema_text(c, a, &text, err))
		return false;
	*ret_digest = hex_sha256(a, text);
	return true;
}

/*
 * Goes through the database's history. On success *at is the first migration that is missing, *ret_digest
 * what the last one left.
 */
static bool
read_history(struct store *st, struct conn *c, struct arena *a, const struct asset **at,
    struct str *ret_digest, struct err *err)
{
	struct applied *steps;
	int n;

	if (!st->engine->history(c, a, &steps, &n, err))
		return false;
	if (n == 0)
		return err_setf(err, FAULT_SCHEMA, "the database has no schema version");
	for (int i = 0; i < n; i++) {
		const struct asset *m = *at;
		int version = steps[i].version, newest = newest_of(st->setup.migrations);

		if (!m->name && steps[i].serves <= newest)
			continue;
		if (!m->name)
			return err_setf(err, FAULT_SCHEMA,
			    "made by a newer program: it has schema %d, this one knows none after %d", steps[n - 1].version,
			    newest);
		if (version_of(m) != version || !str_is(steps[i].name, m->name) ||
		    !str_eq(steps[i].sha256, hex_sha256(a, text_of(st, m, a))))
			return err_setf(err, FAULT_SCHEMA,
			    "migration %d of this database is not this program's %s", version, m->name);
		(*at)++;
	}
	if (steps[n - 1].version > newest_of(st->setup.migrations))
		log_line(LOG_INFO, "store: the database has schema %d; this program, of schema %d, goes on with it",
		    steps[n - 1].version, newest_of(st->setup.migrations));
	*ret_digest = steps[n - 1].schema_sha256;
	return true;
}

/* ---- applying ---- */

static bool
apply_step(struct conn *c, struct arena *a, const struct asset *m, struct err *err)
{
	struct applied step = { .version = version_of(m), .name = str_c(m->name), .serves = serves_of(m) };
	const struct engine *engine = c->st->engine;
	struct err why = { .arena = a };
	struct str text = text_of(c->st, m, a);

	step.sha256 = hex_sha256(a, text);
	if (engine->migration)
		text = engine->migration(text, a);
	if (!engine->schema_apply(c, text.p, &why))
		return err_setf(err, why.fault == FAULT_SILENT ? FAULT_SILENT : FAULT_SCHEMA, "migration %s failed: %.*s", m->name,
		    STR_FMT(why.detail));
	return schema_digest(c, a, &step.schema_sha256, err) && engine->schema_record(c, &step, err);
}

/*
 * What a migration needs beside its SQL. It comes after all of them, when the tables are as the program's
 * statements want them, in the same transaction.
 */
static bool
after_steps(struct conn *c, struct arena *a, const struct store_options *o, const struct asset *first,
    struct err *err)
{
	bool born = false, ok;
	struct tx *tx;

	for (const struct asset *m = first; m->name; m++)
		born = born || str_is(str_from(str_c(m->name), sizeof("0000_") - 1), "log");
	if (!born || c->st->setup.unborn)
		return true;
	tx = tx_begin(c, a, true);
	ok = log_birth(tx, o->origin, err);
	c->st->engine->rest(c);
	ok = c->st->engine->settle(tx, err) && ok;
	c->tx = NULL;
	return ok;
}

/* Other nodes may go on only when what they know is still there. */
static bool
alone(struct conn *c, struct arena *a, const struct asset *first, struct err *err)
{
	struct store *st = c->st;
	struct str names;
	bool served = true;

	for (const struct asset *m = first; m->name; m++)
		served = served && serves_of(m) <= st->version;
	if (served || !st->engine->others)
		return true;
	if (!st->engine->others(c, a, &names, err))
		return false;
	return !names.p || err_setf(err, FAULT_SCHEMA,
	    "nodes that do not know schema %d are running: %.*s; stop them first (one that was killed counts for a minute)",
	    newest_of(st->setup.migrations), STR_FMT(names));
}

static bool
apply_all(struct conn *c, const struct store_options *o, struct arena *a, bool fresh,
    const struct asset *first, struct err *err)
{
	const struct engine *engine = c->st->engine;
	bool ok = engine->schema_begin(c, fresh, err) && (fresh || alone(c, a, first, err));

	for (const struct asset *m = first; ok && m->name; m++)
		ok = apply_step(c, a, m, err);
	ok = ok && after_steps(c, a, o, first, err) && engine->schema_commit(c, err);
	if (!ok)
		engine->schema_rollback(c);
	return ok;
}

/* Brings an existing database up to date, with a copy beside it for the way back. */
static bool
bring_up(struct store *st, struct conn *c, const struct store_options *o, struct arena *a,
    const struct asset *first, struct err *err)
{
	struct err why = { .arena = a };
	struct str copy;

	if (!st->engine->copy(st, c, st->version, a, &copy, err))
		return false;
	if (copy.p)
		log_line(LOG_INFO, "store: schema %d is copied to %.*s", st->version, STR_FMT(copy));
	if (apply_all(c, o, a, false, first, &why))
		return true;
	return err_setf(err, FAULT_SCHEMA,
	    "%.*s; the database is still as it was, at schema %d, and the program before "
	    "this one can go on with it%s%.*s", STR_FMT(why.detail), st->version, copy.p ? "; a copy is " : "",
	    STR_FMT(copy));
}

/* An existing database: whether it is unaltered, and if it is older whether it may be brought up to date. */
static bool
migrate_existing(struct store *st, struct conn *c, const struct store_options *o, struct arena *a,
    struct err *err)
{
	const struct asset *at = st->setup.migrations;
	struct str expected, found;

	if (!read_history(st, c, a, &at, &expected, err) || !schema_digest(c, a, &found, err))
		return false;
	st->version = version_of(at - 1);
	if (!str_eq(expected, found))
		return err_setf(err, FAULT_SCHEMA,
		    "tables, indexes or triggers were altered since schema %d was made", st->version);
	if (!at->name)
		return true;
	if (!o->migrate)
		return err_setf(err, FAULT_SCHEMA, "schema %d is older than this program's %d", st->version,
		    newest_of(st->setup.migrations));
	return bring_up(st, c, o, a, at, err);
}

/* Whether the database is new, ours, or somebody else's. */
static bool
migrate_in(struct store *st, struct conn *c, const struct store_options *o, struct arena *a, struct err *err)
{
	enum found found;

	if (!st->engine->find(c, &found, err))
		return false;
	if (found == FOUND_EMPTY && o->create)
		return apply_all(c, o, a, true, st->setup.migrations, err);
	if (found != FOUND_OURS)
		return err_setf(err, FAULT_SCHEMA, found == FOUND_EMPTY ? "%s is empty" :
		    "%s is not a database of this program", st->place);
	if (o->fresh)
		return err_setf(err, FAULT_EXISTS, "%s", st->place);
	return migrate_existing(st, c, o, a, err);
}

bool
migrate(struct store *st, struct conn *c, const struct store_options *o, struct err *err)
{
	struct arena *a = arena_new();
	struct err inner = { .arena = a };
	int newest = newest_of(st->setup.migrations);
	bool ok = migrate_in(st, c, o, a, &inner);

	if (ok)
		st->version = newest;
	else
		err_setf(err, inner.fault, "%.*s", STR_FMT(inner.detail));
	arena_free(a);
	return ok;
}
