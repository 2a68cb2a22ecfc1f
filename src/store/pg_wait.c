/*
 * Waiting for a server, but never for ever. One that is gone is noticed by the connection itself; one that hangs is
 * not: a stopped machine's kernel, or a proxy, takes everything that it is sent, and no answer ever comes.
 */
#include <poll.h>
#include <sys/socket.h>

#include "store/pg.h"

#define SLICE_MS 500
#define HASTY (4 * SECOND)               /* of silence, while nobody reaches the server in another way either */
#define RECENT (3 * SECOND)

/* Somebody has just tried to connect, and was not answered. */
static bool
out_of_reach(const struct store *st)
{
	return st && clock_monotonic() < atomic_load(&pg_own(st)->retry_at) + RECENT;
}

static bool
is_busy(PGconn *db)
{
	return PQisBusy(db) && PQstatus(db) != CONNECTION_BAD;
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

bool
pg_await(const struct store *st, PGconn *db, int64_t patience)
{
	int64_t heard, silent;

	if (!is_busy(db))
		return true;
	heard = clock_monotonic();
	while (is_busy(db)) {
		silent = clock_monotonic() - heard;
		if (silent >= patience || (silent >= HASTY && out_of_reach(st)))
			return false;
		if (!stirs(db, patience - silent))
			continue;
		heard = clock_monotonic();
		if (!PQconsumeInput(db))
			return true;
	}
	return true;
}

PGresult *
pg_ask(PGconn *db, const char *sql, const char *value, int64_t patience)
{
	PGresult *r = NULL, *next = NULL;
	bool sent = value ? PQsendQueryParams(db, sql, 1, NULL, &value, NULL, NULL, 0) : PQsendQuery(db, sql);

	while (sent) {
		if (!pg_await(NULL, db, patience)) {
			pg_give_up(db);
			PQclear(r);
			return NULL;
		}
		next = PQgetResult(db);
		if (!next)
			break;
		PQclear(r);
		r = next;
	}
	return r;
}

void
pg_give_up(PGconn *db)
{
	shutdown(PQsocket(db), SHUT_RDWR);
}
