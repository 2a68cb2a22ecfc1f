/* Figures of a period. Without one: this year so far. */
#include "site/handlers.h"
#include "site/part.h"

#include "desk/statistics.h"

void
handle_statistics(struct request *r, struct answer *a)
{
	int64_t from = NO_TIME, to = NO_TIME;

	if (!query_time(r, "from", false, &from, &a->err) || !query_time(r, "to", true, &to, &a->err))
		return;
	if (from == NO_TIME) {
		struct civil c = civil_of(to == NO_TIME ? r->now : to, r->face.zone);

		c = (struct civil){ .year = c.year, .month = 1, .day = 1 };
		from = civil_time(&c, r->face.zone);
	}
	a->value = statistics(r->tx, r->who, from, to == NO_TIME ? r->now : to, &a->err);
}
