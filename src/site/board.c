/* The first page and the board. */
#include "site/handlers.h"
#include "site/part.h"

#include "base/arena.h"
#include "desk/duties.h"

#define BOARD_ROWS 100
#define HOME_ROWS 10

static bool
read_filter(const struct request *r, struct board_filter *ret_filter, struct err *err)
{
	struct str holder = request_query(r, "holder");
	struct board_filter f = {
		.holder = query_choice(r, "holder", &choices_holder),
		.mine = !holder.p,
		.level = request_query_int(r, "level", NONE),
		.org = request_query_int(r, "org", NONE),
		.category = query_choice(r, "category", &choices_category),
		.clock = request_query(r, "clock"),
		.group = request_query(r, "group"),
		.after_id = request_query_int(r, "after_id", 0),
		.limit = (int)request_query_int(r, "limit", BOARD_ROWS),
	};

	if (f.limit < 1 || f.limit > 200)
		return err_setf(err, FAULT_QUERY, "limit");
	if (!query_time(r, "after_due", false, &f.after_due, err))
		return false;
	*ret_filter = f;
	return true;
}

void
handle_board(struct request *r, struct answer *a)
{
	struct board_filter f;

	if (read_filter(r, &f, &a->err))
		a->value = duties_board(r->tx, r->who, &f, &a->err);
}

/* A provider's first page: what is due, and the reports. */
static void
home_provider(struct request *r, struct answer *a)
{
	const struct board_filter due = {
		.holder = NONE, .level = NONE, .org = NONE, .category = NONE, .mine = true,
		.after_due = NO_TIME, .limit = HOME_ROWS,
	};
	const struct report_filter newest = {
		.state = NONE, .category = NONE, .level = NONE, .org = NONE, .from = NO_TIME, .to = NO_TIME,
		.limit = HOME_ROWS,
	};
	struct value *duties = duties_board(r->tx, r->who, &due, &a->err), *reports;

	if (!duties || (reports = report_list(r->tx, r->who, &newest, &a->err)) == NULL)
		return;
	a->value = value_map(r->arena);
	map_add(a->value, "duties", duties);
	map_add(a->value, "reports", reports);
}

/* Nobody, and those who see no report: where they belong. */
static void
home_elsewhere(struct request *r, struct answer *a)
{
	const char *where = principal_is(r->who, ROLE_AUDITOR) ? "/reports" : "/organisations";

	if (!r->who)
		where = "/sign-in";
	if (r->want == WANT_HTML) {
		a->location = str_c(where);
		return;
	}
	a->value = value_map(r->arena);
	map_str(r->arena, a->value, "go", str_c(where));
}

void
handle_home(struct request *r, struct answer *a)
{
	if (principal_is(r->who, ROLE_PROVIDER)) {
		home_provider(r, a);
	} else if (principal_is(r->who, ROLE_CERT)) {
		a->page = "board";
		handle_board(r, a);
	} else {
		home_elsewhere(r, a);
	}
}
