/* The log: its entries and its proofs. */
#include "base/arena.h"
#include "desk/log.h"
#include "site/handlers.h"
#include "site/part.h"
#include "store/log.h"

/* A number that must be there. */
static bool
wanted(const struct request *r, const char *name, int64_t *ret_value, struct err *err)
{
	*ret_value = request_query_int(r, name, NO_TIME);
	return *ret_value != NO_TIME || err_setf(err, FAULT_QUERY, "%s", name);
}

void
handle_log_inclusion(struct request *r, struct answer *a)
{
	int64_t index;

	if (wanted(r, "index", &index, &a->err))
		a->value = log_show_inclusion(r->tx, index, request_query_int(r, "size", NO_TIME), &a->err);
}

void
handle_log_consistency(struct request *r, struct answer *a)
{
	int64_t from;

	if (wanted(r, "from", &from, &a->err))
		a->value = log_show_consistency(r->tx, from, request_query_int(r, "to", NO_TIME), &a->err);
}

/* ---- entries ---- */

/* A person who may sees the records; a program says that it wants them. */
static bool
wish_of(const struct request *r, struct log_wish *ret_wish, struct err *err)
{
	bool may = principal_is(r->who, LOG_READERS);
	struct str records = request_query(r, "records");
	struct log_wish wish = { .records = records.p ? str_is(records, "yes") : may && r->want == WANT_HTML };
	int64_t limit = request_query_int(r, "limit", LOG_ROWS);

	if (limit < 1 || limit > LOG_ROWS_MAX)
		return err_setf(err, FAULT_QUERY, "limit");
	if (wish.records && !may)
		return err_set(err, FAULT_ROLE);
	wish.limit = (int)limit;
	wish.after = request_query_int(r, "after", 0);
	*ret_wish = wish;
	return true;
}

static struct str
page_at(const struct request *r, int64_t after)
{
	return query_with(r, "after", arena_printf(r->arena, "%lld", (long long)after));
}

/* Where the pages before and behind begin, for people; a page without a place shows the newest. */
static void
add_pager(const struct request *r, const struct log_wish *wish, struct value *v)
{
	const struct value *next = value_get(v, "next");
	int64_t before = wish->after > wish->limit ? wish->after - wish->limit : 0;

	map_str(r->arena, v, "older_href", wish->after > 0 ? page_at(r, before) : STR_NONE);
	map_str(r->arena, v, "newer_href", next->kind == V_INT ? page_at(r, next->i) : STR_NONE);
	map_bool(r->arena, v, "records", wish->records);
	map_bool(r->arena, v, "may_see_records", principal_is(r->who, LOG_READERS));
	map_bool(r->arena, v, "may_erase", principal_is(r->who, ROLE_ADMINISTRATOR));
	map_str(r->arena, v, "with_href", query_with(r, "records", STR("yes")));
	map_str(r->arena, v, "without_href", query_with(r, "records", STR("no")));
}

static bool
newest_page(const struct request *r, struct log_wish *wish, struct err *err)
{
	int64_t size;

	if (r->want != WANT_HTML || request_query(r, "after").p)
		return true;
	if (!log_size(r->tx, &size, err))
		return false;
	wish->after = size > wish->limit ? size - wish->limit : 0;
	return true;
}

void
handle_log_entries(struct request *r, struct answer *a)
{
	struct log_wish wish;

	if (!wish_of(r, &wish, &a->err))
		return;
	if (wish.records && !tx_can_write(r->tx)) {
		a->needs_write = true;   /* reading the trail is recorded */
		return;
	}
	if (!newest_page(r, &wish, &a->err))
		return;
	a->value = log_entries(r->tx, r->who, &wish, &a->err);
	if (a->value && wish.records && !log_record_reading(r->tx, &wish, &a->err))
		a->value = NULL;
	if (a->value && r->want == WANT_HTML)
		add_pager(r, &wish, a->value);
}
