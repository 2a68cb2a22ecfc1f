/*
 * What is kept beside a submitted report so that it is found: its words, and its outer addresses for the
 * duplicate hint.
 */
#include "desk/work.h"

#include <string.h>

#define ADDRESSES_MOST 64
#define ADDRESSES_ASKED 8
#define SIMILAR_WITHIN (3 * DAY)
#define SIMILAR_SHOWN 5

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
	return w->r.received_at == NO_TIME || (keep_words(w) && keep_addresses(w));
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

/* The addresses that are asked for, and how many. */
static int
addresses_asked(const struct report *r, struct str *addresses)
{
	struct str rest = r->ip_external, one;
	int n = 0;

	if (r->received_at == NO_TIME || r->category == NONE)
		return 0;
	for (int i = 0; i < ADDRESSES_ASKED && rest.p && str_split(&rest, '\n', &one); i++)
		if (one.n)
			addresses[n++] = one;
	return n;
}

/* Its values: vals[1..SIMILAR_VALUES]. */
#define SIMILAR_VALUES 8
static void
similar_values(const struct principal *who, const struct report *r, struct str address, struct val *vals)
{
	const struct val asked[] = { N(NONE), I(who->reports.org), I(who->reports.account), T(address), I(r->category),
		I(r->received_at - SIMILAR_WITHIN), I(r->received_at + SIMILAR_WITHIN), I(r->id), I(SIMILAR_SHOWN) };

	memcpy(vals, asked, sizeof(asked));
}

void
similar_ahead(struct tx *tx, const struct principal *who, const struct report *r)
{
	struct str addresses[ADDRESSES_ASKED];
	int n = addresses_asked(r, addresses);

	for (int i = 0; i < n; i++) {
		struct val vals[1 + SIMILAR_VALUES];

		similar_values(who, r, addresses[i], vals);
		db_ahead_vals(tx, scoped(S_REPORT_SIMILAR_UNIT, who), vals, SIMILAR_VALUES);
	}
}

static bool
add_similar(struct tx *tx, const struct principal *who, const struct report *r, struct str address,
    struct value *list, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct val vals[1 + SIMILAR_VALUES];
	struct rows q;

	similar_values(who, r, address, vals);
	q = db_query_vals(tx, scoped(S_REPORT_SIMILAR_UNIT, who), vals, SIMILAR_VALUES);

	while (db_next(&q)) {
		int64_t id = db_int(&q, 0);
		struct value *row;

		if (list->n >= SIMILAR_SHOWN || has_row(list, id))
			continue;
		row = list_add(list, value_map(a));
		map_int(a, row, "id", id);
		map_str(a, row, "report_no", db_str(&q, 1));
		map_str(a, row, "unit_name", db_str(&q, 2));
		map_time(a, row, "filed_at", db_int(&q, 3));
		field_show(REPORT_FIELD(category), r, row, a);
		field_show(REPORT_FIELD(state), &(struct report){ .state = db_int(&q, 4) }, row, a);
		map_str(a, row, "address", address);
		map_str(a, row, "href", arena_printf(a, "/reports/%lld", (long long)id));
	}
	return db_end(&q, err);
}

/*
 * The same outer address and category within three days: in the reader's own scope, so that an owner learns
 * only of his own.
 */
struct value *
similar_reports(struct tx *tx, const struct principal *who, const struct report *r, struct err *err)
{
	struct value *list = value_list(tx_arena(tx));
	struct str addresses[ADDRESSES_ASKED];
	int n = addresses_asked(r, addresses);

	for (int i = 0; i < n; i++)
		if (!add_similar(tx, who, r, addresses[i], list, err))
			return NULL;
	return list;
}
