/*
 * How often somebody may try a password or a code. Failures are counted by account and by address; after some
 * free ones each further one makes the wait twice as long. What is counted are digests of what was typed, so
 * an account that is none is limited like any other. Somebody far away must not lock out the officer on duty:
 * from a place where the account's person has signed in lately, tries have a count of their own.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>

#include "desk/identity_private.h"

#define FORGOTTEN_AFTER HOUR             /* without a failure the count begins anew */
#define PLACE_REMEMBERED (30 * DAY)
#define REFUSALS_AT_ONCE 30              /* records of refusals in the trail: so many in a burst, */
#define REFUSAL_EACH (10 * SECOND)       /* then one in so long */

struct limit {
	int64_t free;                    /* failures that cost nothing */
	int64_t first, longest;          /* wait after the next one; never more than */
};
static const struct limit by_account = { 5, 30 * SECOND, 15 * MINUTE };
static const struct limit by_address = { 20, 30 * SECOND, 15 * MINUTE };

/* The network of an address: itself, or the /64 of an IPv6 one, for whoever has one has them all. */
struct str
place_of_address(struct arena *a, struct str address)
{
	char *text = arena_c(a, address), out[INET6_ADDRSTRLEN];
	struct in6_addr in6;

	if (!text || inet_pton(AF_INET6, text, &in6) != 1 || IN6_IS_ADDR_V4MAPPED(&in6))
		return address.p ? address : STR("");
	memset(in6.s6_addr + 8, 0, 8);
	inet_ntop(AF_INET6, &in6, out, sizeof(out));
	return arena_printf(a, "%s/64", out);
}

static bool
been_there(struct tx *tx, int64_t account, struct str place, bool *ret_been, struct err *err)
{
	struct rows q = db_query(tx, S_SESSION_FROM, I(account), T(place), I(tx_now(tx) - PLACE_REMEMBERED));

	*ret_been = db_next(&q);
	return db_end(&q, err);
}

bool
attempt_begin(struct tx *tx, struct str login, int64_t account, struct str address,
    struct attempt *ret_attempt, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct str place = place_of_address(a, address), subject;
	bool been;

	if (!been_there(tx, account, place, &been, err))
		return false;
	subject = arena_printf(a, "account %.*s%s%.*s", STR_FMT(login), been ? " at " : "",
	    STR_FMT(been ? place : STR("")));
	ret_attempt->by_account = keyed(a, FOR_ATTEMPT, subject);
	ret_attempt->by_address = keyed(a, FOR_ATTEMPT, arena_printf(a, "address %.*s", STR_FMT(place)));
	return true;
}

/* What is counted of a subject just now. */
struct tally {
	int64_t failures, last, until;
};

static bool
tally_of(struct tx *tx, struct str subject, struct tally *ret_tally, struct err *err)
{
	struct rows q = db_query(tx, S_ATTEMPT, T(subject));
	struct tally t = { 0, NO_TIME, NO_TIME };

	if (db_next(&q))
		t = (struct tally){ db_int(&q, 0), db_int(&q, 1), db_int(&q, 2) };
	if (!db_end(&q, err))
		return false;
	if (t.last == NO_TIME || tx_now(tx) - t.last >= FORGOTTEN_AFTER)
		t = (struct tally){ 0, NO_TIME, NO_TIME };
	*ret_tally = t;
	return true;
}

/* Microseconds still to wait. One longer than any we give comes from a clock that was wrong. */
static int64_t
wait_of(const struct tally *t, const struct limit *l, int64_t now)
{
	int64_t left = t->until == NO_TIME ? 0 : t->until - now;

	return left > 0 && left <= l->longest ? left : 0;
}

bool
attempt_allowed(struct tx *tx, const struct attempt *t, struct err *err)
{
	struct tally account, address;
	int64_t wait, other;

	if (!tally_of(tx, t->by_account, &account, err) || !tally_of(tx, t->by_address, &address, err))
		return false;
	wait = wait_of(&account, &by_account, tx_now(tx));
	other = wait_of(&address, &by_address, tx_now(tx));
	if (other > wait)
		wait = other;
	if (wait > 0)
		return err_setf(err, FAULT_RATE, "%lld", (long long)((wait + SECOND - 1) / SECOND));
	return true;
}

static bool
count_failure(struct tx *tx, struct str subject, const struct limit *l, struct err *err)
{
	struct tally t;
	int64_t wait = l->first;

	if (!tally_of(tx, subject, &t, err))
		return false;
	t.failures++;
	t.until = NO_TIME;
	if (t.failures >= l->free) {
		for (int64_t n = l->free; n < t.failures && wait < l->longest; n++)
			wait *= 2;
		t.until = tx_now(tx) + (wait < l->longest ? wait : l->longest);
	}
	return db_run(tx, S_ATTEMPT_COUNT, err, T(subject), I(t.failures), I(tx_now(tx)), N(t.until));
}

bool
attempt_failed(struct tx *tx, const struct attempt *t, struct err *err)
{
	return count_failure(tx, t->by_account, &by_account, err) &&
	    count_failure(tx, t->by_address, &by_address, err);
}

bool
attempt_succeeded(struct tx *tx, const struct attempt *t, struct err *err)
{
	return db_run(tx, S_ATTEMPT_CLEAR, err, T(t->by_account));
}

bool
attempt_sweep(struct tx *tx, struct err *err)
{
	return db_run(tx, S_ATTEMPT_SWEEP, err, I(tx_now(tx) - FORGOTTEN_AFTER)) &&
	    db_run(tx, S_TALLY_SWEEP, err, I(tx_now(tx) / MINUTE - 1));
}

/* ---- records of refusals ---- */

bool
refusal_counted(int64_t now, int64_t *ret_left_out)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static int64_t full_at, left_out;        /* when there will be room for a whole burst again */
	bool counted;

	pthread_mutex_lock(&lock);
	if (full_at < now || full_at - now > REFUSALS_AT_ONCE * REFUSAL_EACH)
		full_at = now;
	counted = full_at - now <= (REFUSALS_AT_ONCE - 1) * REFUSAL_EACH;
	if (counted) {
		full_at += REFUSAL_EACH;
		*ret_left_out = left_out;
		left_out = 0;
	} else {
		left_out++;
	}
	pthread_mutex_unlock(&lock);
	return counted;
}

struct refusal {
	struct store_job job;
	struct err err;
	struct principal who;
	struct str address;
	const char *action, *what;
	enum fault fault;
	int64_t left_out;
};

static bool
refusal_work(struct tx *tx, void *arg, struct err *err)
{
	const struct refusal *r = arg;
	struct value *facts = value_map(tx_arena(tx));

	identity_act(tx, &r->who, r->address);
	map_str(tx_arena(tx), facts, "fault", str_c(fault_code(r->fault)));
	if (r->what)
		map_str(tx_arena(tx), facts, "what", str_c(r->what));
	if (r->left_out > 0)
		map_int(tx_arena(tx), facts, "left_out_before", r->left_out);
	return audit_append(tx,
	    &(struct audit){ .action = r->action, .entity = "", .result = AUDIT_REFUSED, .details = facts },
	    err);
}

static void
refusal_done(struct store_job *job, bool saved)
{
	(void)saved;
	arena_free(job->arena);
}

void
identity_refused(struct store *st, const struct principal *who, struct str address, const char *action,
    const char *what, enum fault f)
{
	int64_t left_out;
	struct arena *a;
	struct refusal *r;

	if (!refusal_counted(clock_now(), &left_out))
		return;
	a = arena_new();
	r = arena_make(a, struct refusal);
	if (who)
		r->who = *who;
	r->who.name = arena_dup(a, who ? who->name : STR(""));
	r->who.org_name[LANG_ZH] = r->who.org_name[LANG_EN] = r->who.csrf = STR_NONE;
	r->address = arena_dup(a, address);
	r->action = action;
	r->what = what;
	r->fault = f;
	r->left_out = left_out;
	r->err.arena = a;
	r->job = (struct store_job){ .work = refusal_work, .arg = r, .arena = a, .err = &r->err,
	    .done = refusal_done };
	store_submit(st, &r->job);
}
