/* The plain verbs against a real store: rows, versions, the trail, and the schema beside the tables. */
#include "tap.h"

#include "base/json.h"
#include "model/duty.h"
#include "model/kind.h"
#include "model/organisation.h"
#include "model/report.h"
#include "store_fixture.h"

static struct arena *a;
static struct store *st;
static const char *dir;

/* The test's own statements stand behind those of the entities. */
enum { LIST_CERT = 0, WHOLE = 1, TRAIL = 2, TOUCH = 3, OWN__MAX };
static const struct stmt_text own[OWN__MAX] = {
	[LIST_CERT] = { "test.list", "SELECT " REPORT_LIST_COLUMNS " FROM report r WHERE " REPORT_SEEN_BY_CERT
	    " AND r.id < $3 ORDER BY r.id DESC LIMIT $4", NULL },
	[WHOLE] = { "test.whole",
	    "SELECT 'before', " REPORT_COLUMNS ", 'after' FROM report r WHERE r.id = $1", NULL },
	[TRAIL] = { "test.trail",
	    "SELECT u.action, e.details, u.org FROM audit u LEFT JOIN audit_details e ON e.seq = u.seq"
	    " WHERE u.entity = $1 AND u.object = $2 ORDER BY u.seq", NULL },
	[TOUCH] = { "test.touch", "UPDATE report SET version = version WHERE id = $1", NULL },
};
static struct stmt_text statements[128];
static int first_own;

static int
own_statement(int which)
{
	return S__MAX + first_own + which;
}

static void
open_store(void)
{
	struct store_options o = { .create = true, .extra = statements };
	struct err err = { .arena = a };
	const struct stmt_text *made = entity_statements(&first_own);

	memcpy(statements, made, (size_t)first_own * sizeof(*made));
	memcpy(statements + first_own, own, sizeof(own));
	o.extra_count = first_own + OWN__MAX;
	dir = new_directory(a);
	o.dir = dir;
	o.url = url_of(a, dir);
	if (!ok(store_open(&o, &st, &err), "a store with our schema"))
		printf("# %.*s\n", STR_FMT(err.detail));
	is_int(first_own, ENTITY__MAX * 3, "three for each entity");
	ok(entity_statements(&first_own) == made, "they are made once");
}

/* ---- the schema ---- */

static bool
has_column(const char *columns, const char *alias, const char *name)
{
	struct str rest = str_c(columns), one;
	struct str wanted = arena_printf(a, "%s.%s", alias, name);

	while (str_split(&rest, ',', &one))
		if (str_eq(str_trim(one), wanted))
			return true;
	return false;
}

/* The table in the database has the entity's columns and no others, each of its type. */
static bool
same_columns(sqlite3 *db, const struct entity *e)
{
	const char *sql = arena_c(a, arena_printf(a, "SELECT name, type, pk FROM pragma_table_info('%s')",
	    e->name));
	int columns = 0, good = 0, head = 0;
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		return false;
	for (; sqlite3_step(s) == SQLITE_ROW; columns++) {
		const char *name = (const char *)sqlite3_column_text(s, 0),
		    *type = (const char *)sqlite3_column_text(s, 1);
		const struct field *f = entity_field(e, str_c(name));

		if (f && !(f->flags & FORM_ONLY) &&
		    strcmp(type, kinds[f->kind].text ? "TEXT" : "INTEGER") == 0)
			good++;
		else if (!f && columns < 4 && has_column("x.id, x.version, x.created_at, x.changed_at", "x",
		    name) &&
		    strcmp(type, "INTEGER") == 0 && sqlite3_column_int(s, 2) == (strcmp(name, "id") == 0))
			head++;
		else
			printf("# %s.%s\n", e->name, name);
	}
	sqlite3_finalize(s);
	return head == 4 && good == e->n && columns == e->n + 4;
}

/* Every statement that the tables make is SQL. */
static int
prepared(sqlite3 *db)
{
	int n, good = 0;
	const struct stmt_text *made = entity_statements(&n);

	for (int i = 0; i < n; i++) {
		sqlite3_stmt *s = NULL;

		good += made[i].name && sqlite3_prepare_v2(db, made[i].sql, -1, &s, NULL) == SQLITE_OK;
		sqlite3_finalize(s);
	}
	return good;
}

/* The hand-kept list of columns is the table's, in its order. */
static bool
listed_columns(const struct entity *e, const char *columns, const char *results, unsigned want)
{
	static const char *const head[] = { "id", "version", "created_at", "changed_at" };
	struct str rest = str_c(columns), one;
	size_t n = 0;

	for (int i = -4; i < e->n; i++) {
		const struct field *f = i < 0 ? NULL : &e->fields[i];

		if (f && want && !(f->flags & want))
			continue;
		if (!str_split(&rest, ',', &one) ||
		    !str_eq(str_trim(one), arena_printf(a, "%c.%s", e->name[0], f ? f->name : head[i + 4])))
			return false;
		if (results[n++] != (f && kinds[f->kind].text ? 't' : 'i'))
			return false;
	}
	return !rest.p && results[n] == '\0';
}

static void
test_schema(void)
{
	const char *path = arena_c(a, arena_printf(a, "%s/%s", dir, DATABASE_NAME));
	sqlite3 *db = NULL;

	if (on_postgresql())             /* store_engines compares the two */
		return;
	ok(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK,
	    "the database by another way");
	for (int k = 0; k < ENTITY__MAX; k++)
		ok(same_columns(db, entity_of((enum entity_id)k)), entity_of((enum entity_id)k)->name);
	is_int(prepared(db), first_own, "every statement of the tables can be prepared");
	sqlite3_close(db);
	ok(listed_columns(&entity_sector, SECTOR_COLUMNS, SECTOR_RESULTS, 0), "columns.h: sector");
	ok(listed_columns(&entity_organisation, ORGANISATION_COLUMNS, ORGANISATION_RESULTS, 0),
	    "organisation");
	ok(listed_columns(&entity_person, PERSON_COLUMNS, PERSON_RESULTS, 0), "person");
	ok(listed_columns(&entity_account, ACCOUNT_COLUMNS, ACCOUNT_RESULTS, 0), "account");
	ok(listed_columns(&entity_report, REPORT_COLUMNS, REPORT_RESULTS, 0), "report");
	ok(listed_columns(&entity_report, REPORT_LIST_COLUMNS, REPORT_LIST_RESULTS, IN_LIST),
	    "the report's list row");
	ok(listed_columns(&entity_contact_entry, CONTACT_ENTRY_COLUMNS, CONTACT_ENTRY_RESULTS, 0),
	    "contact_entry");
	ok(listed_columns(&entity_duty, DUTY_COLUMNS, DUTY_RESULTS, 0), "duty");
}

/* ---- writing ---- */

static struct report *stored;
static int64_t org, sector;

static bool
begin_work(struct tx *tx, void *arg, struct err *err)
{
	struct organisation *o = entity_new(&entity_organisation, a);
	struct sector *s = entity_new(&entity_sector, a);

	(void)arg;
	tx_actor(tx, &(struct actor){ .account = 1, .name = STR("王") });
	o->org_kind = ORG_CERT;
	o->state = ORG_REGISTERED;
	o->name_zh = o->name_en = STR("CERT");
	s->code = STR("FIN");
	s->name_zh = s->name_en = s->agency_zh = s->agency_en = STR("x");
	if (!entity_insert(tx, ENTITY_ORGANISATION, o, "organisation.create", o->id, err) ||
	    !entity_insert(tx, ENTITY_SECTOR, s, "sector.create", 0, err))
		return false;
	org = o->id;
	sector = s->id;
	return true;
}

static bool
insert_work(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	tx_actor(tx, &(struct actor){ .account = 1, .name = STR("王") });
	return entity_insert(tx, ENTITY_REPORT, stored, "report.create", org, err);
}

struct update {
	struct report *r;
	int64_t expected;
	bool changed;
};

static bool
update_work(struct tx *tx, void *arg, struct err *err)
{
	struct update *u = arg;

	tx_actor(tx, &(struct actor){ .account = 2, .name = STR("林") });
	return entity_update(tx, ENTITY_REPORT, u->r, u->expected, "report.update", org, &u->changed, err);
}

static bool
touch_work(struct tx *tx, void *arg, struct err *err)
{
	return db_run(tx, own_statement(TOUCH), err, I(*(int64_t *)arg));
}

static struct report *
fetched(int64_t id)
{
	struct report *r = entity_new(&entity_report, a);
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);

	if (!entity_fetch(tx, ENTITY_REPORT, id, r, &err))
		r = NULL;
	store_done(tx);
	return r;
}

/* A different, allowed value in every column. */
static void
fill(struct report *r)
{
	for (int i = 0; i < entity_report.n; i++) {
		const struct field *f = &entity_report.fields[i];

		if (kinds[f->kind].text)
			*field_str(f, r) = arena_printf(a, "%s-事", f->name);
		else if (f->kind == KIND_REF)
			*field_int(f, r) = NONE;
		else
			*field_int(f, r) = i + 1000;
	}
	r->org_id = r->cert_id = org;
	r->sector_id = sector;
	r->state = REPORT_DRAFT;
	r->shown_to_cert = 1;
}

static void
test_insert(void)
{
	struct err err = { .arena = a };
	struct report *r;
	struct tx *tx;
	struct rows q;

	ok(store_write(st, a, begin_work, NULL, &err), "an organisation and a sector");
	stored = entity_new(&entity_report, a);
	fill(stored);
	ok(store_write(st, a, insert_work, NULL, &err), "a report");
	ok(stored->id > 0 && stored->version == 1 && stored->created_at > 0 &&
	    stored->changed_at == stored->created_at,
	    "gets its id, version and times");
	r = fetched(stored->id);
	ok(r && r->id == stored->id && r->version == 1 && r->created_at == stored->created_at, "comes back");
	ok(r && !entity_diff(&entity_report, stored, r, a), "with every column");
	ok(!fetched(12345), "another id is not found");
	tx = store_read(st, a, &err);
	q = db_query(tx, own_statement(TRAIL), T(STR("report")), I(stored->id));
	ok(db_next(&q) && str_is(db_str(&q, 0), "report.create") && db_int(&q, 2) == org, "the trail has it");
	ok(str_has(db_str(&q, 1), STR("\"unit_name\":[null,\"unit_name-事\"]")), "with what it was made of");
	ok(!db_next(&q) && db_end(&q, &err), "once");
	store_done(tx);
}

static void
test_update(void)
{
	struct report *r = fetched(stored->id);
	struct update u = { r, 1, false };
	struct err err = { .arena = a };
	struct tx *tx;
	struct rows q;

	ok(store_write(st, a, update_work, &u, &err) && !u.changed && r->version == 1,
	    "nothing differs: nothing is written");
	r->measures = STR("new");
	r->victim_hosts = NONE;
	ok(store_write(st, a, update_work, &u, &err) && u.changed && r->version == 2,
	    "two differences: a new version");
	ok(!entity_diff(&entity_report, r, fetched(r->id), a) && fetched(r->id)->version == 2,
	    "are in the row");
	tx = store_read(st, a, &err);
	q = db_query(tx, own_statement(TRAIL), T(STR("report")), I(r->id));
	db_next(&q);
	ok(db_next(&q), "and in the trail");
	is_str(db_str(&q, 1),
	    arena_c(a, arena_printf(a, "{\"measures\":[\"measures-事\",\"new\"],\"victim_hosts\":[%lld,null]}",
	    (long long)stored->victim_hosts)), "from what to what");
	ok(!db_next(&q) && db_end(&q, &err), "and nothing of the attempt that changed nothing");
	store_done(tx);
	u.expected = 0;
	r->measures = STR("newer");
	ok(store_write(st, a, update_work, &u, &err) && r->version == 3,
	    "without a version that was seen: any");
}

static void
test_conflict(void)
{
	struct report *r = fetched(stored->id);
	struct update u = { r, 2, false };
	struct err err = { .arena = a };
	struct report *gone = entity_copy(&entity_report, r, a);

	r->measures = STR("mine");
	ok(!store_write(st, a, update_work, &u, &err) && err.fault == FAULT_VERSION,
	    "an old version is refused");
	ok(err.data && value_get(err.data, "version")->i == 3, "the present one is told");
	is_str(json_text(a, value_get(err.data, "changed")), "{\"measures\":[\"mine\",\"newer\"]}",
	    "yours and theirs");
	is_str(value_text(value_get(err.data, "by")), "林", "who wrote it");
	ok(value_get(err.data, "at")->i == fetched(r->id)->changed_at, "and when");
	is_str(fetched(r->id)->measures, "newer", "nothing was overwritten");
	gone->id = 999;
	u = (struct update){ gone, 0, false };
	err = (struct err){ .arena = a };
	ok(!store_write(st, a, update_work, &u, &err) && err.fault == FAULT_NOT_FOUND,
	    "what is not there cannot be changed");
	err = (struct err){ .arena = a };
	ok(!store_write(st, a, touch_work, &r->id, &err) && err.fault == FAULT_INTERNAL,
	    "a write without its record is refused");
	stored->id = 0;
	err = (struct err){ .arena = a };
	/* a server is sent the row with others: whose it was is not known any more */
	ok(!store_write(st, a, insert_work, NULL, &err) && err.fault == (on_postgresql() ? FAULT_STORE : FAULT_EXISTS),
	    "a report number is given once");
}

static void
test_list(void)
{
	struct report *r = entity_new(&entity_report, a), *whole = entity_new(&entity_report, a);
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	struct rows q = db_query(tx, own_statement(LIST_CERT), I(org), I(1), I(INT64_MAX), I(50));
	int wrong = 0;

	ok(db_next(&q), "a list row");
	is_int(entity_load_list(ENTITY_REPORT, &q, 0, r), db_columns(&q), "has the list's columns");
	ok(!db_next(&q) && db_end(&q, &err), "one report, one row");
	q = db_query(tx, own_statement(WHOLE), I(r->id));
	ok(db_next(&q), "the whole row between others");
	is_int(entity_load(ENTITY_REPORT, &q, 1, whole), db_columns(&q) - 1, "has all columns");
	ok(!db_next(&q) && db_end(&q, &err), "read");
	store_done(tx);
	for (int i = 0; i < entity_report.n; i++) {
		const struct field *f = &entity_report.fields[i];
		union cell x = cell_of(f, r), y = cell_of(f, whole);

		if (f->flags & IN_LIST ? !cell_equal(f, &x, &y) : cell_given(f, &x))
			wrong++;
	}
	ok(wrong == 0 && r->version == whole->version && r->id == whole->id,
	    "the list row has its fields and no others");
}

/* The predicates of scope.h find their page on an index, in its order. */
static void
test_plans(void)
{
	static const char *const scopes[] = { REPORT_SEEN_BY_CERT, REPORT_SEEN_BY_UNIT,
	    REPORT_SEEN_BY_NATION };
	const char *path = arena_c(a, arena_printf(a, "%s/%s", dir, DATABASE_NAME));
	sqlite3 *db = NULL;

	sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL);
	for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
		const char *sql = arena_c(a,
		    arena_printf(a, "EXPLAIN QUERY PLAN SELECT %s FROM report r WHERE %s"
		    " AND r.id < $3 ORDER BY r.id DESC LIMIT 50", REPORT_LIST_COLUMNS, scopes[i]));
		struct buf b = { .arena = a };
		sqlite3_stmt *s = NULL;

		sqlite3_prepare_v2(db, sql, -1, &s, NULL);
		while (sqlite3_step(s) == SQLITE_ROW)
			buf_printf(&b, "%s\n", (const char *)sqlite3_column_text(s, 3));
		sqlite3_finalize(s);
		if (!ok(str_starts(buf_str(&b), STR("SEARCH r USING INDEX ")) &&
		    !str_has(buf_str(&b), STR("TEMP B-TREE")), scopes[i]))
			printf("# %.*s\n", STR_FMT(buf_str(&b)));
	}
	sqlite3_close(db);
}

int
main(void)
{
	a = arena_new();
	open_store();
	if (!st)
		return done_testing();
	test_schema();
	test_insert();
	test_update();
	test_conflict();
	test_list();
	if (!on_postgresql())            /* whose planner looks at the rows */
		test_plans();
	store_close(st);
	remove_directory(dir);
	arena_free(a);
	return done_testing();
}
