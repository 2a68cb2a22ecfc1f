/* Lists and search: newest first, a page after the other, at the same effort wherever one stands. */
#include "desk/work.h"

#define LIMIT_MOST 200
#define UNITS_NAMED 50           /* more units than that are not named in a query */

/* ---- what is looked for ---- */

/*
 * Reports of the reader's own scope only: the index skips the others. The predicate of the statement decides
 * all the same.
 */
static bool
add_scope(struct tx *tx, const struct principal *who, struct buf *query, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct buf units = { .arena = a };
	struct rows q;
	int n = 0;

	switch (who->reports.kind) {
	case SCOPE_UNIT:
		buf_printf(query, " AND \"%.*s\"", STR_FMT(terms_org(a, who->reports.org)));
		return true;
	case SCOPE_CERT:
		buf_printf(query, " AND \"%.*s\"", STR_FMT(terms_cert(a, who->reports.org)));
		return true;
	case SCOPE_ORG:
		break;
	default:
		return true;
	}
	q = db_query(tx, S_REPORT_BELOW, I(who->reports.org), I(UNITS_NAMED + 1));
	while (db_next(&q))
		buf_printf(&units, "%s\"%.*s\"", n++ ? " OR " : "", STR_FMT(terms_org(a, db_int(&q, 0))));
	if (n && n <= UNITS_NAMED)
		buf_printf(query, " AND (%.*s)", STR_FMT(buf_str(&units)));
	return db_end(&q, err);
}

/* STR_NONE in *ret_query: nothing can match. */
static bool
query_of(struct tx *tx, const struct principal *who, const struct report_filter *f, struct str *ret_query,
    struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct str words = terms_query(a, f->text);
	struct buf query = { .arena = a };

	*ret_query = STR_NONE;
	if (!words.n)
		return true;
	buf_printf(&query, "(%.*s)", STR_FMT(words));
	if (f->org != NONE)
		buf_printf(&query, " AND \"%.*s\"", STR_FMT(terms_org(a, f->org)));
	if (!add_scope(tx, who, &query, err))
		return false;
	*ret_query = buf_str(&query);
	return true;
}

/* ---- the list ---- */

struct states {
	int64_t first, last;
};

static struct states
states_of(const struct report_filter *f)
{
	struct states s = { REPORT_DRAFT, REPORT_WITHDRAWN };

	if (f->state == -1)
		s = (struct states){ REPORT_REPORTED, REPORT_CLOSING };
	else if (f->state != NONE)
		s = (struct states){ f->state, f->state };
	if (f->history && s.first < REPORT_CLOSED)
		s.first = REPORT_CLOSED;
	return s;
}

static struct value *
understood(const struct report_filter *f, struct arena *a)
{
	struct report r = { .state = f->state, .category = f->category, .level = f->level };
	struct value *map = value_map(a);

	map_str(a, map, "text", f->text);
	if (f->state == -1)
		map_str(a, map, "state", STR("open"));
	else
		field_show(REPORT_FIELD(state), &r, map, a);
	field_show(REPORT_FIELD(category), &r, map, a);
	field_show(REPORT_FIELD(level), &r, map, a);
	map_int(a, map, "org", f->org);
	map_time(a, map, "from", f->from);
	map_time(a, map, "to", f->to);
	map_bool(a, map, "history", f->history);
	return map;
}

/* At most limit rows; the one beyond tells that there are more. */
static bool
read_rows(struct tx *tx, struct rows *q, int limit, struct value *list, int64_t *ret_next, struct err *err)
{
	struct report *r = entity_new(&entity_report, tx_arena(tx));
	int64_t last = 0;

	*ret_next = NONE;
	while (db_next(q)) {
		if ((int)list->n == limit) {
			*ret_next = last;
			break;
		}
		entity_load_list(ENTITY_REPORT, q, 0, r);
		last = r->id;
		list_add(list, entity_show(&entity_report, r, IN_LIST, tx_arena(tx)));
	}
	return db_end(q, err);
}

struct value *
report_list(struct tx *tx, const struct principal *who, const struct report_filter *f, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *out = value_map(a), *list = map_list(a, out, "rows");
	int limit = f->limit < 1 ? 1 : f->limit > LIMIT_MOST ? LIMIT_MOST : f->limit;
	int64_t before = f->before > 0 ? f->before : INT64_MAX, next = NONE;
	bool search = f->text.p && str_trim(f->text).n, possible = scoped(0, who) >= 0;
	struct states s = states_of(f);
	struct str query = STR_NONE;
	struct rows q;

	if (possible && search) {
		if (!query_of(tx, who, f, &query, err))
			return NULL;
		possible = query.p;
	}
	if (possible) {
		const struct val vals[] = {
			{ .kind = VAL_NULL }, I(who->reports.org), I(who->reports.account), I(before),
			I(s.first), I(s.last),
			N(f->category), N(f->level), N(f->org), N(f->from), N(f->to), I(limit + 1), T(query),
		};

		q = db_query_vals(tx, scoped(search ? S_REPORT_FIND_UNIT : S_REPORT_LIST_UNIT, who), vals,
		    search ? 12 : 11);
		if (!read_rows(tx, &q, limit, list, &next, err))
			return NULL;
	}
	map_int(a, out, "next", next);
	map_add(out, "filter", understood(f, a));
	return out;
}
