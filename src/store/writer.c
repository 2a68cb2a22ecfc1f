/*
 * The thread that writes. It takes the jobs that wait, runs each inside one transaction, commits once,
 * and only then answers them all. Jobs that arrive while it runs the others join the same commit.
 *
 * A job runs once. It has a savepoint of its own, except the first of a group: what that one did is undone
 * by rolling back the transaction, in which there is nothing else yet.
 */
#include <assert.h>
#include <errno.h>
#include <semaphore.h>
#include <time.h>

#include "base/log.h"
#include "store/private.h"

/* ---- the queue ---- */

void
store_submit(struct store *st, struct store_job *job)
{
	assert(job->arena && job->err && job->done);
	job->next = NULL;
	pthread_mutex_lock(&st->queue_lock);
	assert(!st->stop || pthread_equal(pthread_self(), st->writer));
	*st->queue_end = job;
	st->queue_end = &job->next;
	pthread_mutex_unlock(&st->queue_lock);
	pthread_cond_signal(&st->queue_filled);
}

static bool probe_work(struct tx *tx, void *arg, struct err *err);

/* The queue is not empty and locked. */
static struct store_job *
take_job(struct store *st)
{
	struct store_job *job = st->queue;

	st->queue = job->next;
	if (!st->queue)
		st->queue_end = &st->queue;
	return job;
}

/* Waits for a job, but not for ever: the engine has something to do now and then. The queue is locked. */
static void
wait_or_beat(struct store *st)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += st->engine->beat_seconds;
	if (pthread_cond_timedwait(&st->queue_filled, &st->queue_lock, &until) != ETIMEDOUT)
		return;
	pthread_mutex_unlock(&st->queue_lock);
	st->engine->beat(st);
	pthread_mutex_lock(&st->queue_lock);
}

/* Waits for a job; NULL: the store closes, and nothing waits any more. */
static struct store_job *
wait_for_job(struct store *st)
{
	struct store_job *job;

	pthread_mutex_lock(&st->queue_lock);
	while (!st->queue && !st->stop)
		if (!st->engine->beat_seconds)
			pthread_cond_wait(&st->queue_filled, &st->queue_lock);
		else
			wait_or_beat(st);
	job = st->queue ? take_job(st) : NULL;
	pthread_mutex_unlock(&st->queue_lock);
	return job;
}

/* One more for a group, if one waits. A probe is not for a group. */
static struct store_job *
next_job(struct store *st)
{
	struct store_job *job;

	pthread_mutex_lock(&st->queue_lock);
	job = st->queue && st->queue->work != probe_work ? take_job(st) : NULL;
	pthread_mutex_unlock(&st->queue_lock);
	return job;
}

struct waiter {
	sem_t answered;
	bool saved;
};

struct waiting_job {
	struct store_job job;            /* first */
	struct waiter waiter;
};

static void
wake(struct store_job *job, bool saved)
{
	struct waiting_job *w = (struct waiting_job *)(void *)job;

	w->waiter.saved = saved;
	sem_post(&w->waiter.answered);
}

static bool
submit_and_wait(struct store *st, struct arena *a, store_work *work, void *arg, struct err *err)
{
	struct waiting_job w = { .job = { .work = work, .arg = arg, .arena = a, .err = err, .done = wake } };
	const struct conn *reader = pthread_getspecific(st->reader);

	assert(!pthread_equal(pthread_self(), st->writer));
	assert(!reader || !reader->tx);  /* its snapshot would hold the log for as long as the disk takes */
	(void)reader;
	sem_init(&w.waiter.answered, 0, 0);
	store_submit(st, &w.job);
	while (sem_wait(&w.waiter.answered) != 0)
		;
	sem_destroy(&w.waiter.answered);
	return w.waiter.saved;
}

bool
store_write(struct store *st, struct arena *a, store_work *work, void *arg, struct err *err)
{
	assert(work);
	return submit_and_wait(st, a, work, arg, err);
}

/* ---- one job ---- */

/* Whether a job that says it is done may stay: it left its audit record, and its references hold. */
static bool
job_sound(struct tx *tx, int64_t changes_before, struct err *err)
{
	if (tx->audits == 0 && tx->engine->changes(tx->conn) != changes_before + tx->unrecorded) {
		log_line(LOG_ERROR, "store: a write without an audit record was refused");
		return err_setf(err, FAULT_INTERNAL, "a write without an audit record");
	}
	if (tx->engine->reference_open(tx->conn)) {
		log_line(LOG_ERROR, "store: a write with a reference to nothing was refused");
		return err_setf(err, FAULT_INTERNAL, "a reference to nothing");
	}
	return true;
}

/* Takes back what the job did, and only that. */
static int
job_undo(struct store *st, bool first)
{
	const struct engine *engine = st->engine;
	int code = engine->control(st->conn, first ? C_ROLLBACK : C_UNDO);

	return code == 0 ? engine->control(st->conn, first ? C_BEGIN : C_RELEASE) : code;
}

/* Anything but 0: the whole transaction is lost, whether the engine has ended it already or not. */
static int
job_run(struct store *st, struct member *m, bool first)
{
	const struct engine *engine = st->engine;
	struct conn *c = st->conn;
	struct store_job *job = m->job;
	int code = first ? 0 : engine->control(c, C_SAVE);
	/* from here: the savepoint makes SQLite's full text index write what the job before left in memory */
	int64_t changes = engine->changes(c);

	if (code != 0)
		return code;
	st->log_before = st->log;
	st->numbers_before = st->numbers;
	m->tx = tx_begin(c, job->arena, true);
	m->good = job->work(m->tx, job->arg, job->err);
	engine->rest(c);
	m->good = engine->settle(m->tx, job->err) && m->good;
	c->tx = NULL;
	if (m->tx->code != 0)
		return m->tx->code;
	if (!engine->in_transaction(c))
		return engine->aborted;
	m->good = m->good && job_sound(m->tx, changes, job->err);
	if (m->good)
		return first ? 0 : engine->control(c, C_RELEASE);
	if (job->err->fault == FAULT_NONE)
		err_set(job->err, FAULT_INTERNAL);
	st->numbers = st->numbers_before;
	if (first)
		st->log.known = false;   /* another process may write before the transaction that begins now */
	else
		st->log = st->log_before;
	return job_undo(st, first);
}

/* ---- failures ---- */

/*
 * Nothing of the group is on disk: every job hears so, whatever it found, for it may have seen what is gone.
 */
static void
group_lost(struct store *st, int n, int code)
{
	struct err err = { .arena = st->scratch };

	if (st->engine->in_transaction(st->conn))
		st->engine->control(st->conn, C_ROLLBACK);
	if (st->engine->serious(code)) {
		store_failed(st, code, "commit");
		if (!st->engine->renew(st, &err))
			log_line(LOG_ERROR, "store: %s", st->engine->not_renewed);
	}
	for (int i = 0; i < n; i++) {
		struct err *heard = st->group[i].job->err;

		st->group[i].good = false;
		*heard = (struct err){ .arena = heard->arena };
		err_setf(heard, st->engine->fault(code), "%s", st->engine->words(code));
	}
}

/* On the writer's thread; a probe is known by this function and never runs as a job. */
static bool
probe_work(struct tx *tx, void *arg, struct err *err)
{
	struct store *st = arg;
	const struct engine *engine = st->engine;
	bool ok = atomic_load(&st->failure) == 0 ? engine->write_durably(st->conn, err) : engine->renew(st, err);

	assert(!tx);
	if (ok && atomic_exchange(&st->failure, 0) != 0)
		log_line(LOG_INFO, "store: writing works again");
	if (!ok && err->fault != FAULT_BUSY)
		store_failed(st, engine->broken, "probe");
	return ok;
}

bool
store_probe(struct store *st, struct err *err)
{
	struct arena *a = arena_new();
	bool ok = submit_and_wait(st, a, probe_work, st, err);

	arena_free(a);
	return ok;
}

/* ---- the group ---- */

/*
 * Takes the job and those that wait: they have waited for the lock's holder as long, and shall not once more.
 */
static int
group_gather(struct store *st, struct store_job *job)
{
	int n = 0;

	for (; job; job = n < st->engine->group_max ? next_job(st) : NULL)
		st->group[n++] = (struct member){ .job = job };
	return n;
}

/* Runs the job and those that come meanwhile. */
static int
group_work(struct store *st, struct store_job *job, int *ret_code)
{
	int64_t end = clock_monotonic() + st->setup.group_time;
	int n = 0, code = 0;

	while (job) {
		st->group[n] = (struct member){ .job = job };
		code = job_run(st, &st->group[n], n == 0);
		n++;
		job = code == 0 && n < st->engine->group_max && clock_monotonic() < end ? next_job(st) : NULL;
	}
	/* the lock's holder may be met as late as here */
	if (n == 1 && st->engine->fault(code) == FAULT_BUSY)
		while (n < st->engine->group_max && (job = next_job(st)))
			st->group[n++] = (struct member){ .job = job };
	*ret_code = code;
	return n;
}

/* The log's right edge and the numbers, once for all jobs of the group. Anything but 0: the group is lost. */
static int
group_seal(struct store *st)
{
	struct err err = { .arena = st->scratch };
	struct tx *tx;
	bool kept;

	if (!st->log.known || !st->log.dirty)
		return 0;
	arena_reset(st->scratch);
	tx = tx_begin(st->conn, st->scratch, true);
	kept = numbers_keep(tx, &st->numbers, &err) && log_keep(tx, &st->log, &err);
	st->engine->rest(st->conn);
	kept = st->engine->settle(tx, &err) && kept;
	st->conn->tx = NULL;
	if (kept || tx->code != 0)
		return tx->code;
	log_line(LOG_ERROR, "store: the log's edge or a number was not kept: %.*s", STR_FMT(err.detail));
	return st->engine->aborted;
}

/* From the first job to the last answer. */
static void
group_run(struct store *st, struct store_job *first)
{
	int code = st->engine->control(st->conn, C_BEGIN), n;

	st->log.known = false;           /* another process may have written meanwhile */
	st->numbers.n = 0;
	n = code == 0 ? group_work(st, first, &code) : group_gather(st, first);
	if (code == 0)
		code = group_seal(st);
	if (code == 0)
		code = st->engine->control(st->conn, C_COMMIT);
	if (code != 0)
		group_lost(st, n, code);
	for (int i = 0; i < n; i++) {
		struct member *m = &st->group[i];

		for (struct after *after = m->good ? m->tx->after : NULL; after; after = after->next)
			after->fn(after->arg);
		m->job->done(m->job, m->good);   /* the job and its arena may be gone now */
	}
	st->engine->idle(st);
}

static void
refuse(struct store *st, struct store_job *job)
{
	err_setf(job->err, FAULT_READ_ONLY, "%s", st->engine->words(atomic_load(&st->failure)));
	job->done(job, false);
}

void
writer_refuse(struct store *st)
{
	struct store_job *job;

	assert(pthread_equal(pthread_self(), st->writer));
	while (atomic_load(&st->failure) != 0 && (job = next_job(st)))
		refuse(st, job);
}

static void *
writer_run(void *arg)
{
	struct store *st = arg;
	struct store_job *job;

	while ((job = wait_for_job(st)))
		if (job->work == probe_work)
			job->done(job, probe_work(NULL, job->arg, job->err));
		else if (atomic_load(&st->failure) != 0)
			refuse(st, job);
		else
			group_run(st, job);
	return NULL;
}

bool
writer_start(struct store *st, struct err *err)
{
	st->has_writer = store_thread(&st->writer, "store-writer", writer_run, st, err);
	return st->has_writer;
}

void
writer_stop(struct store *st)
{
	if (st->has_writer) {
		pthread_mutex_lock(&st->queue_lock);
		st->stop = true;
		pthread_mutex_unlock(&st->queue_lock);
		pthread_cond_signal(&st->queue_filled);
		pthread_join(st->writer, NULL);
	}
	conn_close(st->conn);
	st->conn = NULL;
}
