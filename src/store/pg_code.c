/* What the server says, as few codes. */
#include <string.h>

#include "store/pg.h"

static const struct {
	enum fault fault;
	const char *words;
	bool serious;
} codes[] = {
	[PG_WELL] = { FAULT_NONE, "", false },
	[PG_LOST] = { FAULT_STORE, "the connection to the database was lost", true },
	[PG_UNKNOWN] = { FAULT_STORE,
	    "the connection to the database was lost in a commit; whether it was kept is not known", true },
	[PG_BUSY] = { FAULT_BUSY, "another transaction holds the database", false },
	[PG_EXISTS] = { FAULT_EXISTS, "there is one already", false },
	[PG_FULL] = { FAULT_STORE, "the database server has no room", true },
	[PG_READ_ONLY] = { FAULT_STORE, "the database server is a standby", true },
	[PG_DISK] = { FAULT_STORE, "the database server cannot use its disk", true },
	[PG_FENCED] = { FAULT_STORE, "another node has taken this one's number", true },
	[PG_WRONG] = { FAULT_INTERNAL, "the database refused a statement", false },
	[PG_ABORTED] = { FAULT_STORE, "the transaction was ended", false },
};

const char *
pg_words(int code)
{
	return codes[code].words;
}

enum fault
pg_fault(int code)
{
	return codes[code].fault;
}

enum fault
pg_health(int code)
{
	return code == PG_READ_ONLY ? FAULT_READ_ONLY : FAULT_STORE;
}

bool
pg_serious(int code)
{
	return codes[code].serious;
}

/* Beginnings of SQLSTATEs, the longest first. */
static const struct {
	const char *state;
	enum pg_code code;
} states[] = {
	{ "23505", PG_EXISTS },
	{ "25006", PG_READ_ONLY },
	{ "25P03", PG_LOST },            /* idle in a transaction for too long: the server ends the session */
	{ "25P02", PG_ABORTED },
	{ "40", PG_BUSY },
	{ "55P03", PG_BUSY },
	{ "53300", PG_BUSY },
	{ "53", PG_FULL },
	{ "57014", PG_BUSY },
	{ "57P", PG_LOST },
	{ "58", PG_DISK },
	{ "XX001", PG_DISK },
	{ "XX002", PG_DISK },
	{ "08", PG_LOST },
};

int
pg_code_of(const PGconn *db, const PGresult *r)
{
	const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;

	if (PQstatus(db) == CONNECTION_BAD || !state)
		return PG_LOST;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
			return (int)states[i].code;
	return PG_WRONG;
}
