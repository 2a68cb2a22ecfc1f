/*
 * What is kept beside a submitted report so that it is found: its words, and its outer addresses for the
 * duplicate hint; beside every report the systems that it names (systems.c).
 */
#include "desk/systems.h"

#include <string.h>

#define ADDRESSES_MOST 64
#define SIMILAR_WITHIN (3 * DAY)
#define SIMILAR_SHOWN 5
/* One that shares several addresses comes once for each. */
#define SIMILAR_READ (8 * SIMILAR_SHOWN)
#define SIMILAR_VALUES(who, report) I((who)->reports.org), I((who)->reports.account), I(report), I(SIMILAR_WITHIN), \
	I(SIMILAR_SHOWN), I(SIMILAR_READ)

/* ---- words ---- */

/* The index holds no copy of the text: what goes out of it is worked out again from the report as it was. */
static bool
keep_words(struct work *w)
{
	bool held = w->written.received_at != NO_TIME;

	if (held && !terms_differ(&w->written, &w->r))
		return true;
	if (held && !db_run(w->tx, S_TEXT_DROP, w->err, I(w->r.id), T(terms_of(w->a, &w->written))))
		return false;
	return db_run(w->tx, S_TEXT_ADD, w->err, I(w->r.id), T(terms_of(w->a, &w->r)));
}

bool
report_index_again(struct tx *tx, int64_t after, int limit, int64_t *ret_last, struct err *err)
{
	struct rows q = db_query(tx, S_REPORT_RECEIVED, I(after), I(limit));
	struct report r;
	int64_t id = 0;
	bool ok = true;

	while (ok && db_next(&q)) {
		id = db_int(&q, 0);
		ok = entity_fetch(tx, ENTITY_REPORT, id, &r, err) &&
		    db_run(tx, S_TEXT_RESTORE, err, I(id), T(terms_of(tx_arena(tx), &r)));
	}
	if (!db_end(&q, err) || !ok)
		return false;
	*ret_last = id;
	return true;
}

/* ---- addresses ---- */

static bool
keep_addresses(struct work *w)
{
	struct str rest = w->r.ip_external, one;
	bool held = w->written.received_at != NO_TIME;

	if (held && str_eq(w->written.ip_external, rest) && w->written.category == w->r.category)
		return true;
	if (held && w->written.ip_external.p && !db_run(w->tx, S_ADDRESS_DROP, w->err, I(w->r.id)))
		return false;
	for (int i = 0; i < ADDRESSES_MOST && rest.p && str_split(&rest, '\n', &one); i++)
		if (one.n && !db_run(w->tx, S_ADDRESS_ADD, w->err, I(w->r.id), T(one), I(w->r.category),
		    I(w->r.received_at)))
			return false;
	return true;
}

bool
index_keep(struct work *w)
{
	return systems_keep(w) && (w->r.received_at == NO_TIME || (keep_words(w) && keep_addresses(w)));
}

/* ---- duplicate hint ---- */

static bool
has_row(const struct value *list, int64_t id)
{
	for (const struct value *row = list->first; row; row = row->next)
		if (value_get(row, "id")->i == id)
			return true;
	return false;
}

void
similar_ahead(struct tx *tx, const struct principal *who, int64_t report)
{
	if (scoped(0, who) >= 0)
		db_ahead(tx, scoped(S_REPORT_SIMILAR_UNIT, who), SIMILAR_VALUES(who, report));
}

/*
 * The same outer address and category within three days: in the reader's own scope, so that an owner learns
 * only of his own.
 */
struct value *
similar_reports(struct tx *tx, const struct principal *who, const struct report *r, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *list = value_list(a);
	struct rows q;

	if (r->received_at == NO_TIME || r->category == NONE)
		return list;
	q = db_query(tx, scoped(S_REPORT_SIMILAR_UNIT, who), SIMILAR_VALUES(who, r->id));
	while (list->n < SIMILAR_SHOWN && db_next(&q)) {
		int64_t id = db_int(&q, 0);
		struct value *row;

		if (has_row(list, id))
			continue;
		row = list_add(list, value_map(a));
		map_int(a, row, "id", id);
		map_str(a, row, "report_no", db_str(&q, 1));
		map_str(a, row, "unit_name", db_str(&q, 2));
		map_time(a, row, "filed_at", db_int(&q, 3));
		field_show(REPORT_FIELD(category), r, row, a);
		field_show(REPORT_FIELD(state), &(struct report){ .state = db_int(&q, 4) }, row, a);
		map_str(a, row, "address", db_str(&q, 5));
		map_str(a, row, "href", arena_printf(a, "/reports/%lld", (long long)id));
	}
	return db_end(&q, err) ? list : NULL;
}
