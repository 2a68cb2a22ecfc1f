/*
 * Waiting for a server, but never for ever. One that is gone is noticed by the connection itself; one that hangs is
 * not: a stopped machine's kernel, or a proxy, takes everything that it is sent, and no answer ever comes.
 *
 * Where one statement may take its time (an index is made, a table counted) silence alone says nothing: somebody else
 * then knocks at the server, and as long as that is answered it is waited for.
 */
#include <poll.h>
#include <sys/socket.h>

#include "base/log.h"
#include "store/pg.h"

#define SLICE_MS 500
#define HASTY (4 * SECOND)               /* of silence, while nobody reaches the server in another way either */
#define RECENT (3 * SECOND)
#define KNOCK_SECONDS "3"
#define NOBODY_RECENT MINUTE             /* since nobody opened: the next silence need not be that long */

/* Somebody has just tried to connect, and was not answered. */
static bool
out_of_reach(const struct store *st)
{
	return st && clock_monotonic() < atomic_load(&pg_own(st)->retry_at) + RECENT;
}

/* When nobody opened; 0: somebody did, or it was not tried. */
static _Atomic int64_t nobody_at;

/* Whether the server answers a new connection, if only to refuse it. */
static bool
opens(const PGconn *db)
{
	const char *const keys[] = { "host", "hostaddr", "port", "dbname", "connect_timeout", "sslmode", "gssencmode", NULL };
	const char *address = PQhostaddr(db);
	const char *values[] = { PQhost(db), address && *address && PQhost(db)[0] != '/' ? address : NULL, PQport(db), PQdb(db),
		KNOCK_SECONDS, "disable", "disable", NULL };
	bool there = PQpingParams(keys, values, 0) != PQPING_NO_RESPONSE;

	atomic_store(&nobody_at, there ? 0 : clock_monotonic());
	log_line(LOG_DEBUG, "postgresql: silent for a while; it %s", there ? "is there" : "does not answer");
	return there;
}

/* After so much silence something is to be done about it. */
static int64_t
limit_of(const struct store *st, int64_t patience)
{
	int64_t nobody = atomic_load(&nobody_at);
	bool hasty = out_of_reach(st) || (patience == PG_WHILE_THERE && nobody && clock_monotonic() < nobody + NOBODY_RECENT);
	int64_t limit = patience == PG_WHILE_THERE ? PG_PATIENCE : patience;

	return hasty && limit > HASTY ? HASTY : limit;
}

/* An answer is not whole yet. */
static bool
is_busy(PGconn *db)
{
	return PQisBusy(db) && PQstatus(db) != CONNECTION_BAD;
}

/* Something is still to be sent. */
static bool
is_full(PGconn *db)
{
	return PQflush(db) > 0 && PQstatus(db) != CONNECTION_BAD;
}

/* Until the socket has something for us, or takes more. False: not for so long. */
static bool
stirs(PGconn *db, int64_t patience)
{
	struct pollfd fd = { .fd = PQsocket(db), .events = PQflush(db) > 0 ? POLLIN | POLLOUT : POLLIN };
	int64_t ms = patience / 1000 + 1;

	/* a signal is no silence */
	return poll(&fd, 1, ms < SLICE_MS ? (int)ms : SLICE_MS) != 0;
}

static bool
wait_while(bool (*waits)(PGconn *db), const struct store *st, PGconn *db, int64_t patience)
{
	int64_t heard, silent, limit;

	if (!waits(db))
		return true;
	heard = clock_monotonic();
	while (waits(db)) {
		silent = clock_monotonic() - heard;
		limit = limit_of(st, patience);
		if (silent >= limit) {
			if (patience != PG_WHILE_THERE || !opens(db))
				return false;
			heard = clock_monotonic();
			continue;
		}
		if (!stirs(db, limit - silent))
			continue;
		heard = clock_monotonic();
		if (!PQconsumeInput(db))
			return true;
	}
	return true;
}

bool
pg_await(const struct store *st, PGconn *db, int64_t patience)
{
	return wait_while(is_busy, st, db, patience);
}

bool
pg_sent(PGconn *db)
{
	return wait_while(is_full, NULL, db, PG_WHILE_THERE);
}

PGresult *
pg_answer(PGconn *db, int64_t patience, bool *ret_silent)
{
	PGresult *r = NULL, *next;

	for (;;) {
		*ret_silent = !pg_await(NULL, db, patience);
		if (*ret_silent) {
			pg_give_up(db);
			PQclear(r);
			return NULL;
		}
		next = PQgetResult(db);
		if (!next)
			return r;
		PQclear(r);
		r = next;
		/* what follows is another's: rows that are to be sent */
		if (PQresultStatus(r) == PGRES_COPY_IN)
			return r;
	}
}

PGresult *
pg_ask(PGconn *db, const char *sql, const char *value, int64_t patience)
{
	bool silent, sent = value ? PQsendQueryParams(db, sql, 1, NULL, &value, NULL, NULL, 0) : PQsendQuery(db, sql);

	return sent ? pg_answer(db, patience, &silent) : NULL;
}

void
pg_give_up(PGconn *db)
{
	shutdown(PQsocket(db), SHUT_RDWR);
}
