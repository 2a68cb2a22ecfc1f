/*
 * Names are remembered, and nobody ever notices: two nodes rename, are refused, look in readings and in the middle of writing, beside a
 * plain model of what the names are.
 */
#include "tap.h"

#include <stdlib.h>

#include "model/organisation.h"
#include "store_fixture.h"

#define ORG 11
#define STEPS 400

static struct arena *a;
static const char *dir;
static struct store *nodes[2];

/* What the organisation is called; and what a job in progress calls it. */
static const char *name, *said;

static struct store *
open_node(const char *as)
{
	struct store_options o = { .dir = dir, .url = url_of(a, dir), .create = true, .node = as };
	struct err err = { .arena = a };
	struct store *st = NULL;

	o.extra = entity_statements(&o.extra_count);
	if (!store_open(&o, &st, &err))
		printf("# %.*s\n", STR_FMT(err.detail));
	return st;
}

static const char *
name_in(struct tx *tx, struct err *err)
{
	const struct val none = { .kind = VAL_NULL };
	struct rows q = db_query(tx, S_REPORT_NAMES, I(ORG), none, none, none, none, none);
	const char *got = db_next(&q) ? arena_c(a, db_str(&q, 3)) : "nothing";

	return db_end(&q, err) ? got : "failed";
}

static bool
make_work(struct tx *tx, void *arg, struct err *err)
{
	struct organisation *o = entity_new(&entity_organisation, tx_arena(tx));

	(void)arg;
	o->id = ORG;
	o->org_kind = ORG_PROVIDER;
	o->name_zh = o->name_en = str_c(name);
	o->state = ORG_REGISTERED;
	return entity_insert(tx, ENTITY_ORGANISATION, o, "organisation.create", ORG, err);
}

struct step {
	bool looks_before, renames, looks_after, refuses, wrong;
};

static bool
work_step(struct tx *tx, void *arg, struct err *err)
{
	struct step *s = arg;
	struct organisation o;

	if (s->looks_before)
		s->wrong = strcmp(name_in(tx, err), name) != 0;
	if (s->renames) {
		if (!entity_fetch(tx, ENTITY_ORGANISATION, ORG, &o, err))
			return false;
		o.name_zh = str_c(said);
		if (!entity_update(tx, ENTITY_ORGANISATION, &o, 0, "organisation.save", ORG, NULL, err))
			return false;
	} else if (!audit_append(tx, &(struct audit){ .action = "organisation.read", .entity = "organisation", .object = ORG },
	    err)) {
		return false;
	}
	if (s->looks_after)
		s->wrong = s->wrong || strcmp(name_in(tx, err), s->renames ? said : name) != 0;
	return !s->refuses || err_set(err, FAULT_STATE);
}

static const char *
read_name(struct store *st, bool whole)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	const char *got;
	struct rows q;

	if (whole) {
		db_ahead_whole(tx);
		db_ahead(tx, S_SECTOR_ALL);
		q = db_query(tx, S_SECTOR_ALL);
		db_next(&q);
		db_end(&q, &err);
	}
	got = name_in(tx, &err);
	store_done(tx);
	return got;
}

static void
test_names(int count)
{
	int wrong_read = 0, wrong_write = 0, failed = 0;

	for (int i = 0; i < STEPS; i++) {
		int r = rand();
		struct store *st = nodes[r % count];
		struct err err = { .arena = a };
		struct step s = { .looks_before = r >> 4 & 1, .renames = (r >> 5 & 3) == 0, .looks_after = r >> 7 & 1,
			.refuses = (r >> 8 & 3) == 0 };

		if (r >> 10 & 1) {
			wrong_read += strcmp(read_name(st, (r >> 11 & 3) != 0), name) != 0;
			continue;
		}
		said = arena_printf(a, "name %d", i).p;
		failed += store_write(st, a, work_step, &s, &err) == s.refuses;
		wrong_write += s.wrong;
		if (s.renames && !s.refuses)
			name = said;
	}
	is_int(failed, 0, "every job is saved that is not refused");
	is_int(wrong_read, 0, "every reading sees the newest name");
	is_int(wrong_write, 0, "so does every job, and its own");
}

/* What is changed beside the program shows what is remembered. */
static void
test_remembered(void)
{
	struct err err = { .arena = a };
	struct step s = { .looks_before = true };
	const char *real = name;

	is_str(str_c(read_name(nodes[0], true)), name, "read once");
	tell_server(a, dir, "UPDATE organisation SET name_zh = 'beside' WHERE id = 11");
	is_str(str_c(read_name(nodes[0], true)), real, "it is remembered");
	ok(store_write(nodes[0], a, work_step, &s, &err) && !s.wrong, "for who writes too");
	is_str(str_c(read_name(nodes[0], false)), "beside", "not in a reading that did not say that it is whole");
	name = "beside";
	said = "again";
	s = (struct step){ .renames = true, .looks_after = true };
	ok(store_write(nodes[1], a, work_step, &s, &err) && !s.wrong, "another node renames");
	name = said;
	is_str(str_c(read_name(nodes[0], true)), name, "and it is known at once");
}

int
main(void)
{
	struct err err = { .arena = NULL };

	a = arena_new();
	err.arena = a;
	dir = new_directory(a);
	nodes[0] = open_node("alpha");
	nodes[1] = on_postgresql() ? open_node("beta") : NULL;
	name = "as it began";
	srand(5);
	if (ok(nodes[0] && store_write(nodes[0], a, make_work, NULL, &err), "an organisation")) {
		test_names(on_postgresql() ? 2 : 1);
		if (on_postgresql())
			test_remembered();
	}
	store_close(nodes[1]);
	store_close(nodes[0]);
	remove_directory(dir);
	arena_free(a);
	return done_testing();
}
