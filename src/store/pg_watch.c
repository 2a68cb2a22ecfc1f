/*
 * What one node learns of the others, and whether it leads: one connection that listens, asks once a second, and
 * holds the advisory locks of what this node leads. The server ends it when nothing was heard for ten seconds;
 * a node that stands still, or was cut off, has lost its locks then.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "store/pg.h"

#define LOOK_MS 1000
#define HINTS_MS 20                      /* between two looks, however many hints come */
#define ANSWER (3 * SECOND)
#define NAMES_EVERY (10 * SECOND)

#define SETTINGS \
	"SET idle_session_timeout = '10s'; SET lock_timeout = '2s'; SET statement_timeout = '2s'; LISTEN tocsin_change"

/* The last result of one command; NULL when the server refuses it, or says nothing for too long. */
static PGresult *
ask(PGconn *db, const char *sql)
{
	PGresult *r = pg_ask(db, sql, NULL, ANSWER);
	ExecStatusType status = PQresultStatus(r);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return r;
	PQclear(r);
	return NULL;
}

static bool
tell(PGconn *db, const char *sql)
{
	PGresult *r = ask(db, sql);

	PQclear(r);
	return r != NULL;
}

/* ---- what changed ---- */

static bool
learn(struct store *st, struct pg_watch *w)
{
	int64_t asked = clock_monotonic(), n[TOPIC__MAX] = { 0 };
	PGresult *r = ask(w->db, "SELECT topic, n FROM change");

	for (int i = 0; i < PQntuples(r); i++) {
		long topic = strtol(PQgetvalue(r, i, 0), NULL, 10);

		if (topic >= 0 && topic < TOPIC__MAX)
			n[topic] = strtoll(PQgetvalue(r, i, 1), NULL, 10);
	}
	if (!r)
		return false;
	PQclear(r);
	for (int topic = 0; topic < TOPIC__MAX; topic++) {
		/* what was asked for before this node began was asked of somebody else */
		if (n[topic] != w->seen[topic] && (w->seen[topic] >= 0 || topic != TOPIC_CHECKPOINT))
			st->changed((enum topic)topic);
		w->seen[topic] = n[topic];
	}
	atomic_store(&st->learnt_at, asked);
	return true;
}

/* For people: who else is there. */
static bool
learn_names(struct store *st, struct pg_watch *w)
{
	PGresult *r;

	if (clock_monotonic() < w->names_at)
		return true;
	w->names_at = clock_monotonic() + NAMES_EVERY;
	r = ask(w->db, "SELECT string_agg(name, ', ' ORDER BY name, number) FROM node WHERE until_at > " PG_NOW);
	if (!r)
		return false;
	node_names(st, PQgetvalue(r, 0, 0));
	PQclear(r);
	return true;
}

/* ---- leading ---- */

static bool
lock(struct pg_watch *w, const char *function, enum lead role, bool *ret_locked)
{
	char sql[120];
	PGresult *r;

	snprintf(sql, sizeof(sql), "SELECT %s(%d, hashtext(current_schema()))", function, PG_LEADER + (int)role);
	r = ask(w->db, sql);
	if (!r)
		return false;
	*ret_locked = strcmp(PQgetvalue(r, 0, 0), "t") == 0;
	PQclear(r);
	return true;
}

static bool
let_go(struct store *st, struct pg_watch *w, enum lead role)
{
	bool unlocked;

	node_leads_no_more(st, role);
	w->holds[role] = false;
	return lock(w, "pg_advisory_unlock", role, &unlocked);
}

static bool
try_to_lead(struct store *st, struct pg_watch *w, enum lead role)
{
	struct arena *a;
	struct err err;
	bool ok;

	if (!lock(w, "pg_try_advisory_lock", role, &w->holds[role]))
		return false;
	if (!w->holds[role])
		return true;
	a = arena_new();
	err = (struct err){ .arena = a };
	ok = node_take_over(st, role, &err) || let_go(st, w, role);
	arena_free(a);
	return ok;
}

static bool
keep_leading(struct store *st, struct pg_watch *w)
{
	for (int role = 0; role < LEAD__MAX; role++) {
		bool stands = atomic_load(&st->lead[role].stands);

		if (stands && !w->holds[role] && !try_to_lead(st, w, (enum lead)role))
			return false;
		/* one that was fenced does not lead, though it has the lock */
		if (w->holds[role] && (!stands || atomic_load(&st->lead[role].epoch) == 0) &&
		    !let_go(st, w, (enum lead)role))
			return false;
	}
	return true;
}

/* ---- the thread ---- */

static void
hang_up(struct store *st, struct pg_watch *w)
{
	for (int role = 0; role < LEAD__MAX; role++) {
		node_leads_no_more(st, (enum lead)role);
		w->holds[role] = false;
	}
	PQfinish(w->db);
	w->db = NULL;
}

/* False: the connection is lost, or there is none. */
static bool
look(struct store *st, struct pg_watch *w)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	bool well = w->db != NULL;

	if (w->db && w->moved != atomic_load(&pg_own(st)->moved))
		hang_up(st, w);
	if (!w->db) {
		w->moved = atomic_load(&pg_own(st)->moved);
		w->db = pg_connect(st, 0, &err);
		well = w->db && tell(w->db, SETTINGS);
	}
	/* leading waits for the writer: what changed meanwhile is asked for right after it */
	well = well && learn(st, w) && learn_names(st, w) && keep_leading(st, w);
	if (!well && w->db)
		hang_up(st, w);
	arena_free(a);
	return well;
}

/* Until a second is over or somebody gives a hint, but not at once after the last look. False: it is over. */
static bool
wait_for_hint(struct pg_watch *w)
{
	struct pollfd fds[2] = { { .fd = w->stop, .events = POLLIN },
		{ .fd = w->db ? PQsocket(w->db) : -1, .events = POLLIN } };
	PGnotify *hint;

	if (poll(fds, 1, HINTS_MS) > 0)
		return false;
	poll(fds, 2, LOOK_MS);
	if (fds[0].revents)
		return false;
	if (w->db && fds[1].revents)
		PQconsumeInput(w->db);
	while (w->db && (hint = PQnotifies(w->db)))
		PQfreemem(hint);
	return true;
}

static void *
watch_run(void *arg)
{
	struct store *st = arg;
	struct pg_watch *w = &pg_own(st)->watch;
	bool well = true;

	do {
		bool before = well;

		/* a session that was lost may have been only that: if the server is gone, connecting says so now */
		well = look(st, w) || (before && look(st, w));
		if (well != before)
			log_line(well ? LOG_INFO : LOG_WARN, well ? "the other nodes are heard again" :
			    "nothing is heard of the other nodes");
	} while (wait_for_hint(w));
	hang_up(st, w);
	return NULL;
}

bool
pg_watch(struct store *st, struct err *err)
{
	struct pg_watch *w = &pg_own(st)->watch;

	*w = (struct pg_watch){ .stop = eventfd(0, EFD_CLOEXEC) };
	for (int i = 0; i < TOPIC__MAX; i++)
		w->seen[i] = -1;
	if (w->stop < 0)
		return err_setf(err, FAULT_STORE, "no descriptor is free");
	w->runs = store_thread(&w->thread, "store-watch", watch_run, st, err);
	if (!w->runs)
		close(w->stop);
	return w->runs;
}

void
pg_watch_end(struct store *st)
{
	struct pg_watch *w = &pg_own(st)->watch;
	uint64_t one = 1;

	if (!w->runs)
		return;
	if (write(w->stop, &one, sizeof(one)) < 0)
		log_line(LOG_ERROR, "the node's watch cannot be told to end");
	pthread_join(w->thread, NULL);
	close(w->stop);
	w->runs = false;
}
