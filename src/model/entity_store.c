/*
 * The plain verbs of the store: their statements come from the tables, and every write brings its audit
 * record along.
 */
#include "model/entity.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "base/arena.h"
#include "base/rand.h"
#include "model/kind.h"
#include "store/audit.h"

enum { FETCH, INSERT, UPDATE, PER_ENTITY };
enum { HEAD = 4 };               /* id, version, created_at, changed_at */

static struct stmt_text statements[ENTITY__MAX * PER_ENTITY];
static pthread_once_t made = PTHREAD_ONCE_INIT;

static int
statement(enum entity_id e, int which)
{
	return S__MAX + (int)e * PER_ENTITY + which;
}

/* ---- the statements ---- */

static const char *
finished(struct buf *b)
{
	buf_char(b, '\0');
	return b->p;
}

static const char *
fetch_sql(const struct entity *e, struct arena *a)
{
	struct buf b = { .arena = a };

	buf_c(&b, "SELECT id, version, created_at, changed_at");
	for (int i = 0; i < e->n; i++)
		buf_printf(&b, ", %s", e->fields[i].name);
	buf_printf(&b, " FROM %s WHERE id = $1", e->name);
	return finished(&b);
}

static const char *
insert_sql(const struct entity *e, struct arena *a)
{
	struct buf b = { .arena = a };

	buf_printf(&b, "INSERT INTO %s (id, version, created_at, changed_at", e->name);
	for (int i = 0; i < e->n; i++)
		buf_printf(&b, ", %s", e->fields[i].name);
	buf_c(&b, ") VALUES ($1");
	for (int i = 1; i < HEAD + e->n; i++)
		buf_printf(&b, ", $%d", i + 1);
	buf_c(&b, ")");
	return finished(&b);
}

/* $1 version, $2 changed_at, the fields, then the id and the version that was. */
static const char *
update_sql(const struct entity *e, struct arena *a)
{
	struct buf b = { .arena = a };

	buf_printf(&b, "UPDATE %s SET version = $1, changed_at = $2", e->name);
	for (int i = 0; i < e->n; i++)
		buf_printf(&b, ", %s = $%d", e->fields[i].name, i + 3);
	buf_printf(&b, " WHERE id = $%d AND version = $%d", e->n + 3, e->n + 4);
	return finished(&b);
}

/* The letters of the fields behind so many integers, with so many more behind them. */
static const char *
letters_of(const struct entity *e, int before, int after, struct arena *a)
{
	struct buf b = { .arena = a };

	for (int i = 0; i < before; i++)
		buf_char(&b, 'i');
	for (int i = 0; i < e->n; i++)
		buf_char(&b, kinds[e->fields[i].kind].text ? 't' : 'i');
	for (int i = 0; i < after; i++)
		buf_char(&b, 'i');
	return finished(&b);
}

static const char *
statement_name(const struct entity *e, const char *verb, struct arena *a)
{
	return arena_c(a, arena_printf(a, "%s.%s", e->name, verb));
}

/* Once for the whole program: the texts live as long as it does. */
static void
make_statements(void)
{
	static struct arena *a;

	a = arena_new();
	for (int i = 0; i < ENTITY__MAX; i++) {
		const struct entity *e = entity_of((enum entity_id)i);
		struct stmt_text *of = &statements[i * PER_ENTITY];

		of[FETCH] = (struct stmt_text){ statement_name(e, "fetch", a), fetch_sql(e, a), "i" };
		of[INSERT] = (struct stmt_text){ statement_name(e, "insert", a), insert_sql(e, a),
			letters_of(e, HEAD, 0, a) };
		of[UPDATE] = (struct stmt_text){ statement_name(e, "update", a), update_sql(e, a),
			letters_of(e, 2, 2, a) };
	}
}

const struct stmt_text *
entity_statements(int *ret_count)
{
	pthread_once(&made, make_statements);
	*ret_count = ENTITY__MAX * PER_ENTITY;
	return statements;
}

/* ---- rows ---- */

static struct val
bound(const struct field *f, const void *record)
{
	union cell s = cell_of(f, record);

	return kinds[f->kind].text ? val_text(s.s) : val_or_null(s.i);
}

static void
load_field(const struct field *f, const struct rows *q, int column, void *record)
{
	union cell s;

	if (kinds[f->kind].text)
		s.s = db_str(q, column);
	else
		s.i = db_int(q, column);
	cell_put(f, record, &s);
}

static void
load_head(const struct rows *q, int first, void *record)
{
	struct entity_head *head = record;

	head->id = db_int(q, first);
	head->version = db_int(q, first + 1);
	head->created_at = db_int(q, first + 2);
	head->changed_at = db_int(q, first + 3);
}

int
entity_load(enum entity_id id, const struct rows *q, int first, void *record)
{
	const struct entity *e = entity_of(id);

	load_head(q, first, record);
	for (int i = 0; i < e->n; i++)
		load_field(&e->fields[i], q, first + HEAD + i, record);
	return first + HEAD + e->n;
}

int
entity_load_list(enum entity_id id, const struct rows *q, int first, void *record)
{
	const struct entity *e = entity_of(id);
	int column = first + HEAD;

	load_head(q, first, record);
	for (int i = 0; i < e->n; i++) {
		union cell none;

		if (e->fields[i].flags & IN_LIST) {
			load_field(&e->fields[i], q, column++, record);
		} else {
			cell_clear(&e->fields[i], &none);
			cell_put(&e->fields[i], record, &none);
		}
	}
	return column;
}

/* ---- verbs ---- */

bool
entity_fetch(struct tx *tx, enum entity_id e, int64_t id, void *record, struct err *err)
{
	struct rows q = db_query(tx, statement(e, FETCH), I(id));
	bool found = db_next(&q);

	if (found)
		entity_load(e, &q, 0, record);
	if (!db_end(&q, err))
		return false;
	return found || err_set(err, FAULT_NOT_FOUND);
}

static bool
leave_record(struct tx *tx, const struct entity *e, int64_t id, const char *action, int64_t org,
    const struct value *details, struct err *err)
{
	const struct audit audit = {
		.action = action, .entity = e->name, .object = id, .org = org,
		.result = AUDIT_DONE, .details = details,
	};

	return audit_append(tx, &audit, err);
}

bool
entity_insert(struct tx *tx, enum entity_id id, void *record, const char *action, int64_t org,
    struct err *err)
{
	const struct entity *e = entity_of(id);
	struct entity_head *head = record;
	struct val *vals = arena_alloc(tx_arena(tx), (size_t)(1 + HEAD + e->n) * sizeof(*vals));

	if (head->id == 0)
		head->id = id_new();
	head->version = 1;
	head->created_at = head->changed_at = tx_now(tx);
	vals[1] = I(head->id);
	vals[2] = I(head->version);
	vals[3] = I(head->created_at);
	vals[4] = I(head->changed_at);
	for (int i = 0; i < e->n; i++)
		vals[1 + HEAD + i] = bound(&e->fields[i], record);
	return db_run_vals(tx, statement(id, INSERT), vals, HEAD + e->n, NULL, err) &&
	    leave_record(tx, e, head->id, action, org, entity_diff(e, NULL, record, tx_arena(tx)), err);
}

/* Who made the version that stands there now: the newest write that is not younger than it. */
static struct str
last_writer(struct tx *tx, const struct entity *e, const struct entity_head *now, struct err *err)
{
	struct rows q = db_query(tx, S_AUDIT_OF_OBJECT, T(str_c(e->name)), I(now->id), I(INT64_MAX), I(50));
	struct audit_record record;
	struct str name = STR_NONE;

	while (!name.p && db_next(&q)) {
		audit_load(&q, &record);
		if (record.result == AUDIT_DONE && record.details.p && record.at <= now->changed_at)
			name = record.actor.name;
	}
	return db_end(&q, err) ? name : STR_NONE;
}

/* Somebody else was first: what differs between the caller's and what is there, and who wrote that when. */
static bool
changed_meanwhile(struct tx *tx, const struct entity *e, const void *mine, const struct entity_head *now,
    struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *facts, *changed = entity_diff(e, mine, now, a);

	err_set(err, FAULT_VERSION);
	if (err->data)
		return false;
	facts = value_map(a);
	map_int(a, facts, "version", now->version);
	map_add(facts, "changed", changed ? changed : value_map(a));
	map_str(a, facts, "by", last_writer(tx, e, now, err));
	map_time(a, facts, "at", now->changed_at);
	err->data = facts;
	return false;
}

static bool
write_row(struct tx *tx, enum entity_id id, const void *record, int64_t was, struct err *err)
{
	const struct entity *e = entity_of(id);
	const struct entity_head *head = record;
	struct val *vals = arena_alloc(tx_arena(tx), (size_t)(1 + HEAD + e->n) * sizeof(*vals));
	int64_t written = 0;

	vals[1] = I(head->version);
	vals[2] = I(head->changed_at);
	for (int i = 0; i < e->n; i++)
		vals[3 + i] = bound(&e->fields[i], record);
	vals[3 + e->n] = I(head->id);
	vals[4 + e->n] = I(was);
	if (!db_run_vals(tx, statement(id, UPDATE), vals, HEAD + e->n, &written, err))
		return false;
	return written == 1 || err_set(err, FAULT_VERSION);
}

bool
entity_update(struct tx *tx, enum entity_id id, void *record, int64_t expected, const char *action,
    int64_t org, bool *ret_changed, struct err *err)
{
	const struct entity *e = entity_of(id);
	struct arena *a = tx_arena(tx);
	struct entity_head *head = record, *now = entity_new(e, a);
	struct value *diff;

	if (!entity_fetch(tx, id, head->id, now, err))
		return false;
	if (expected != 0 && expected != now->version)
		return changed_meanwhile(tx, e, record, now, err);
	diff = entity_diff(e, now, record, a);
	head->version = now->version + (diff != NULL);
	head->created_at = now->created_at;
	head->changed_at = diff ? tx_now(tx) : now->changed_at;
	if (diff && (!write_row(tx, id, record, now->version, err) ||
	    !leave_record(tx, e, head->id, action, org, diff, err)))
		return false;
	if (ret_changed)
		*ret_changed = diff != NULL;
	return true;
}
