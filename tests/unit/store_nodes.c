/*
 * Two stores on one PostgreSQL, as two nodes have them: ids, who leads, what the one learns of the other, and the
 * fence: a node that does not know yet that it leads no more.
 */
#include "tap.h"

#include <poll.h>

#include "store/pg.h"
#include "store_fixture.h"

static struct arena *a;
static const char *dir;
static struct store *one, *two;
static struct asset migrations[7];       /* the last of those that an opening knows has no name behind it */
static struct err opened;
static _Atomic int heard[TOPIC__MAX];

static void
changed(enum topic topic)
{
	heard[topic]++;
}

#define ADDS "-- serves: 0013\nALTER TABLE note ADD COLUMN added INTEGER NOT NULL DEFAULT 7;"
#define TAKES "ALTER TABLE note DROP COLUMN n;"
#define MIGRATION(name, text) { name, (const unsigned char *)text, sizeof(text) - 1, "" }

enum { KNOWS_OLD = 4, KNOWS_ADDED, KNOWS_ALL };

/* A program that knows so many migrations; brings the database up to them. */
static struct store *
open_as(const char *name, int knows)
{
	static const struct asset later[] = { MIGRATION("0014_adds", ADDS), MIGRATION("0015_takes", TAKES) };
	static struct asset of[7][KNOWS_ALL + 1];
	struct store_options o = note_options(dir);
	struct store_setup setup;
	struct store *st = NULL;

	for (int i = 0; note_migrations[i].name; i++)
		migrations[i] = note_migrations[i];
	migrations[3] = *asset_in(store_migrations, STR("0013_nodes"));
	migrations[4] = later[0];
	migrations[5] = later[1];
	for (int i = 0; i < knows; i++)
		of[knows][i] = migrations[i];
	setup = note_setup;
	setup.migrations = of[knows];
	setup.busy_ms = 5000;
	o.node = name;
	o.migrate = true;
	opened = (struct err){ .arena = a };
	if (!store_open_with(&o, &setup, &st, &opened))
		printf("# %.*s\n", STR_FMT(opened.detail));
	return st;
}

static struct store *
open_node(const char *name)
{
	return open_as(name, KNOWS_OLD);
}

/* Within a few seconds. */
#define SOON(holds) \
	({ \
		bool soon_held = false; \
		for (int soon_i = 0; soon_i < 400 && !(soon_held = (holds)); soon_i++) \
			poll(NULL, 0, 20); \
		soon_held; \
	})

static bool
add_leading(struct store *st, int64_t id, struct err *err)
{
	struct note_job j = { .id = id, .name = arena_printf(a, "note %lld", (long long)id) };

	*err = (struct err){ .arena = a };
	return store_write_leading(st, LEAD_TIMERS, a, note_add, &j, err);
}

static bool
change_work(struct tx *tx, void *arg, struct err *err)
{
	(void)err;
	tx_changed(tx, *(enum topic *)arg);
	return true;
}

static bool
change(struct store *st, enum topic topic)
{
	struct err err = { .arena = a };

	return store_write(st, a, change_work, &topic, &err);
}

/* Ends the sessions in which somebody listens: as the server does with a node that says nothing. */
static void
end_watches(void)
{
	tell_server(a, dir, arena_printf(a, "SELECT count(pg_terminate_backend(l.pid, 5000)) FROM pg_locks l"
	    " WHERE l.locktype = 'advisory' AND l.classid IN (%d, %d) AND l.objid = hashtext('%.*s')::oid", PG_LEADER,
	    PG_LEADER + 1, STR_FMT(schema_of(a, dir))).p);
}

static void
test_apart(void)
{
	ok(pg_own(one)->number != pg_own(two)->number, "two nodes have two numbers");
	is_str(str_c(store_node(two)), "two", "and the names that they were given");
	ok(store_shared(one), "others may be there");
	ok(store_leads(one, LEAD_TIMERS), "who does not watch is a command, and does what it was asked for");
}

static void
test_leading(void)
{
	struct err err;

	store_stand(one, LEAD_TIMERS, true);
	store_stand(two, LEAD_TIMERS, true);
	err = (struct err){ .arena = a };
	ok(store_watch(one, changed, &err), "the first watches");
	ok(SOON(store_leads(one, LEAD_TIMERS)), "and leads");
	ok(store_watch(two, changed, &err), "the second watches");
	ok(SOON(store_up_to_date(two)), "and learns");
	ok(!store_leads(two, LEAD_TIMERS) && !store_leads(one, LEAD_NOTARY), "but leads nothing; nobody what nobody stands for");
	ok(add_leading(one, 100, &err), "the leader writes by right of it");
	ok(!add_leading(two, 101, &err) && err.fault == FAULT_BUSY, "the other does not");
	ok(!note_there(one, a, STR("note 101")), "nor is anything written");
}

static void
test_learning(void)
{
	int before = heard[TOPIC_IDENTITY];
	int64_t at = clock_monotonic();

	ok(change(one, TOPIC_IDENTITY), "something changes at the first");
	ok(SOON(heard[TOPIC_IDENTITY] >= before + 2), "both hear of it");
	printf("# after %lld ms\n", (long long)(clock_monotonic() - at) / 1000);
	ok(store_up_to_date(one) && store_up_to_date(two), "both are up to date");
}

/* The lock is lost, and the old leader does not know: its memory still says that it leads. */
static void
test_fence(void)
{
	int64_t old = one->lead[LEAD_TIMERS].epoch;
	struct err err;

	store_stand(one, LEAD_TIMERS, false);
	ok(SOON(store_leads(two, LEAD_TIMERS)), "when the leader stands no more the other takes over");
	ok(!store_leads(one, LEAD_TIMERS), "the first knows");
	one->lead[LEAD_TIMERS].epoch = old;
	ok(!add_leading(one, 110, &err) && err.fault == FAULT_BUSY, "one that did not know would write nothing");
	ok(!note_there(one, a, STR("note 110")), "nothing is there of it");
	one->lead[LEAD_TIMERS].epoch = 0;
	ok(add_leading(two, 111, &err), "the new leader writes");
	ok(two->lead[LEAD_TIMERS].epoch > old, "under a higher epoch");
}

/* The lock is held, and the epoch was counted up all the same: by one that had the lock of another server. */
static void
test_passed(void)
{
	int64_t old = two->lead[LEAD_TIMERS].epoch;
	struct err err;

	tell_server(a, dir, "UPDATE leader SET epoch = epoch + 1 WHERE role = 0");
	ok(!add_leading(two, 130, &err) && err.fault == FAULT_BUSY, "a leader that was passed by writes nothing");
	ok(SOON(two->lead[LEAD_TIMERS].epoch > old + 1), "it takes the lead again, under a higher epoch");
	ok(add_leading(two, 131, &err), "and writes");
}

/* The server ends the session of the leader. */
static void
test_lost(void)
{
	int64_t old = two->lead[LEAD_TIMERS].epoch;
	struct err err;

	store_stand(one, LEAD_TIMERS, true);
	end_watches();
	ok(SOON((store_leads(one, LEAD_TIMERS) && one->lead[LEAD_TIMERS].epoch > old) ||
	    (store_leads(two, LEAD_TIMERS) && two->lead[LEAD_TIMERS].epoch > old)), "after a lost session somebody leads again");
	ok(SOON(store_leads(one, LEAD_TIMERS) != store_leads(two, LEAD_TIMERS)), "one of them");
	ok(add_leading(store_leads(one, LEAD_TIMERS) ? one : two, 120, &err), "and writes");
	ok(SOON(store_up_to_date(one) && store_up_to_date(two)), "both have learnt again");
}

static void
test_end(void)
{
	struct err err;

	store_stand(two, LEAD_NOTARY, true);
	store_stand(two, LEAD_TIMERS, true);
	store_close(one);
	ok(SOON(store_leads(two, LEAD_TIMERS) && store_leads(two, LEAD_NOTARY)), "who is left leads everything");
	ok(add_leading(two, 130, &err), "and writes");
	ok(log_whole(two, a, note_number(two, a, AUDIT_COUNT, 0)), "one log");
	store_close(two);
}

/* ---- one node after the other is brought up to date ---- */

static bool
add(struct store *st, int64_t id)
{
	struct note_job j = { .id = id, .name = arena_printf(a, "note %lld", (long long)id) };
	struct err err = { .arena = a };

	return store_write(st, a, note_add, &j, &err);
}

static bool
said(const char *words)
{
	return opened.detail.p && memmem(opened.detail.p, opened.detail.n, words, strlen(words));
}

static void
test_rolling(void)
{
	struct store *third, *refused;

	one = open_node("one");
	two = open_as("two", KNOWS_ADDED);
	if (!ok(one && two, "a newer program brings the database up to date beside a running one"))
		return;
	ok(add(one, 200) && add(two, 201), "both write");
	ok(note_there(one, a, STR("note 201")) && note_there(two, a, STR("note 200")), "and read what the other wrote");
	is_int(tell_server(a, dir, "SELECT added FROM note WHERE id = 200"), 7, "what the older one knows nothing of has its default");
	third = open_node("third");
	ok(third && add(third, 202), "the older program starts again, too");
	refused = open_as("four", KNOWS_ALL);
	ok(!refused && opened.fault == FAULT_SCHEMA && said("one") && said("two") && said("third"),
	    "what takes something away waits for the nodes that know it, by name");
	ok(add(one, 203), "they go on");
	store_close(one);
	store_close(two);
	store_close(third);
}

/* A node that was away, and whose number was given up, while the schema went on without it. */
static void
test_outdated(void)
{
	struct err err = { .arena = a };
	struct store *new;

	one = open_as("one", KNOWS_ADDED);
	tell_server(a, dir, "UPDATE node SET until_at = 0");
	new = open_as("new", KNOWS_ALL);
	if (!ok(one && new, "when nobody has a lease the schema goes on"))
		return;
	ok(!add(one, 210), "who was away meanwhile writes nothing");
	ok(!store_probe(one, &err) && err.fault == FAULT_SCHEMA, "and gets no number any more");
	store_close(one);
	store_close(new);
	ok(!open_as("one", KNOWS_ADDED) && opened.fault == FAULT_SCHEMA && said("newer program"), "nor does it start");
}

int
main(void)
{
	if (!on_postgresql()) {
		ok(true, "needs a server # SKIP only on PostgreSQL");
		return done_testing();
	}
	a = arena_new();
	dir = new_directory(a);
	one = open_node("one");
	two = one ? open_node("two") : NULL;
	if (!ok(one && two, "two stores on one database"))
		return done_testing();
	test_apart();
	test_leading();
	test_learning();
	test_fence();
	test_passed();
	test_lost();
	test_end();
	test_rolling();
	test_outdated();
	remove_directory(dir);
	arena_free(a);
	return done_testing();
}
