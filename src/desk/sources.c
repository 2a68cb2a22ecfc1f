/*
 * Where a reader's rows are: an index gives them in order for one organisation or one CERT. Whoever sees
 * several of them reads each for itself and merges, so that a page costs the same as that of one
 * organisation.
 */
#include "desk/work.h"

/* Organisations as sources of their own; more than SOURCES_MOST of them leave *s as it is. */
static bool
take_apart(struct rows *q, enum scope_kind kind, struct sources *s, struct err *err)
{
	struct sources apart = { .n = 0 };
	bool fits = true;

	while (fits && db_next(q)) {
		fits = apart.n < SOURCES_MOST;
		if (fits)
			apart.list[apart.n++] = (struct source){ kind, db_int(q, 0) };
	}
	if (fits)
		*s = apart;
	return db_end(q, err);
}

bool
sources_of(struct tx *tx, const struct principal *who, struct sources *ret_sources, struct err *err)
{
	struct sources s = { .n = 1 };
	struct rows q;

	s.list[0] = (struct source){ who->reports.kind, who->reports.org };
	if (who->reports.kind == SCOPE_ORG) {
		q = db_query(tx, S_REPORT_BELOW, I(who->reports.org), I(SOURCES_MOST + 1));
		if (!take_apart(&q, SCOPE_UNIT, &s, err))
			return false;
	} else if (who->reports.kind == SCOPE_ALL) {
		q = db_query(tx, S_DUTY_CERTS, I(SOURCES_MOST + 1));
		if (!take_apart(&q, SCOPE_CERT, &s, err))
			return false;
	} else if (who->reports.kind == SCOPE_NONE) {
		s.n = 0;
	}
	*ret_sources = s;
	return true;
}

int
source_stmt(int first, const struct source *s)
{
	return first + (int)s->kind - SCOPE_UNIT;
}
