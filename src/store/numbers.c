/*
 * Numbers without gaps. They are counted in rows of a table, and what is undone gives its number back; so whoever takes one waits for
 * whoever took the one before. Here only the writer does, and a group has written each row once when it commits.
 */
#include "store/private.h"

static struct number *
find(struct numbers *s, int64_t sector, int64_t year, int64_t drill)
{
	for (int i = 0; i < s->n; i++)
		if (s->list[i].sector == sector && s->list[i].year == year && s->list[i].drill == drill)
			return &s->list[i];
	return NULL;
}

bool
numbers_keep(struct tx *tx, struct numbers *s, struct err *err)
{
	for (int i = 0; i < s->n; i++) {
		const struct number *n = &s->list[i];

		if (!db_run(tx, S_NUMBER_KEEP, err, I(n->sector), I(n->year), I(n->drill), I(n->next)))
			return false;
	}
	s->n = 0;
	return true;
}

static struct number *
load(struct tx *tx, struct numbers *s, int64_t sector, int64_t year, int64_t drill, struct err *err)
{
	struct number n = { sector, year, drill, .next = 1 };
	struct rows q;

	if (s->n == NUMBERS_MAX && !numbers_keep(tx, s, err))
		return NULL;
	q = db_query(tx, S_NUMBER, I(sector), I(year), I(drill));
	if (db_next(&q))
		n.next = db_int(&q, 0);
	if (!db_end(&q, err))
		return NULL;
	s->list[s->n] = n;
	return &s->list[s->n++];
}

bool
tx_number(struct tx *tx, int64_t sector, int64_t year, bool drill, int64_t *ret_number, struct err *err)
{
	struct numbers *s = &tx->st->numbers;
	struct number *n = find(s, sector, year, drill);

	if (!n)
		n = load(tx, s, sector, year, drill, err);
	if (!n)
		return false;
	*ret_number = n->next++;
	return true;
}
