/* Nodes, as far as both engines are alike. How a server's are told apart: pg_watch.c. */
#include "store/nodes.h"

#include <stdio.h>

#include "base/log.h"
#include "store/private.h"

#define TRUSTED_FOR (2 * SECOND)

const char *
store_node(const struct store *st)
{
	return st->node;
}

void
node_names(struct store *st, const char *names)
{
	pthread_mutex_lock(&st->names_lock);
	snprintf(st->names, sizeof(st->names), "%s", names);
	pthread_mutex_unlock(&st->names_lock);
}

struct str
store_nodes(struct store *st, struct arena *a)
{
	struct str names;

	pthread_mutex_lock(&st->names_lock);
	names = st->names[0] ? arena_dup(a, str_c(st->names)) : STR_NONE;
	pthread_mutex_unlock(&st->names_lock);
	return names;
}

bool
store_shared(const struct store *st)
{
	return st->engine->watch != NULL;
}

bool
store_watch(struct store *st, store_changed *changed, struct err *err)
{
	st->changed = changed;
	st->watched = store_shared(st) && st->engine->watch(st, err);
	return st->watched || !store_shared(st);
}

void
store_watch_end(struct store *st)
{
	if (store_shared(st))
		st->engine->watch_end(st);
}

/* ---- leading ---- */

void
store_stand(struct store *st, enum lead role, bool stands)
{
	atomic_store(&st->lead[role].stands, stands);
}

bool
store_leads(struct store *st, enum lead role)
{
	return !st->watched || atomic_load(&st->lead[role].epoch) != 0;
}

/* Who writes last may lead last: the writers' lock is held here. */
static bool
epoch_of(struct tx *tx, enum lead role, int64_t *ret_epoch, struct err *err)
{
	struct rows q = db_query(tx, S_LEADER, I(role));

	*ret_epoch = db_next(&q) ? db_int(&q, 0) : 0;
	return db_end(&q, err);
}

struct leading {
	enum lead role;
	int64_t epoch;
	store_work *work;
	void *arg;
};

static bool
work_leading(struct tx *tx, void *arg, struct err *err)
{
	struct leading *l = arg;
	int64_t epoch;

	if (!epoch_of(tx, l->role, &epoch, err))
		return false;
	if (epoch != l->epoch) {
		log_line(LOG_WARN, "another node leads meanwhile: epoch %lld, this node's is %lld", (long long)epoch,
		    (long long)l->epoch);
		/* whoever still holds the lock lets go of it, and tries for it again: its watch sees to that */
		if (atomic_load(&tx->st->lead[l->role].epoch) == l->epoch)
			node_leads_no_more(tx->st, l->role);
		return err_setf(err, FAULT_BUSY, "another node leads");
	}
	return l->work(tx, l->arg, err);
}

bool
store_write_leading(struct store *st, enum lead role, struct arena *a, store_work *work, void *arg,
    struct err *err)
{
	struct leading l = { role, atomic_load(&st->lead[role].epoch), work, arg };

	if (!st->watched)
		return store_write(st, a, work, arg, err);
	if (l.epoch == 0)
		return err_setf(err, FAULT_BUSY, "another node leads");
	return store_write(st, a, work_leading, &l, err);
}

/* ---- taking over ---- */

static bool
take_over(struct tx *tx, void *arg, struct err *err)
{
	struct leading *l = arg;

	return db_run(tx, S_LEADER_NEXT, err, I(l->role), T(str_c(tx->st->node)), I(tx_now(tx))) &&
	    epoch_of(tx, l->role, &l->epoch, err);
}

bool
node_take_over(struct store *st, enum lead role, struct err *err)
{
	struct leading l = { .role = role };

	if (!store_write(st, err->arena, take_over, &l, err))
		return false;
	atomic_store(&st->lead[role].epoch, l.epoch);
	log_line(LOG_INFO, "this node leads %s: epoch %lld", role == LEAD_TIMERS ? "the timers" : "the notary",
	    (long long)l.epoch);
	return true;
}

void
node_leads_no_more(struct store *st, enum lead role)
{
	int64_t epoch = atomic_exchange(&st->lead[role].epoch, 0);

	if (epoch != 0)
		log_line(LOG_INFO, "this node leads %s no more", role == LEAD_TIMERS ? "the timers" : "the notary");
}

/* ---- what the others must know ---- */

void
tx_changed(struct tx *tx, enum topic topic)
{
	struct err err = { .arena = tx->arena };

	/* a statement that fails undoes the job on this engine, whoever heard of it */
	if (store_shared(tx->st))
		db_run(tx, S_CHANGE_COUNT, &err, I(topic));
}

bool
store_up_to_date(struct store *st)
{
	return !st->watched || clock_monotonic() - atomic_load(&st->learnt_at) < TRUSTED_FOR;
}
