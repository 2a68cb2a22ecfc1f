/* One report as its reader sees it. */
#include "site/handlers.h"
#include "site/part.h"

#include "base/arena.h"
#include "desk/duties.h"
#include "desk/receipt.h"

static bool
read_report(struct request *r, struct answer *a, struct report *ret_report)
{
	return input_report(r, a, ret_report) && input_recorded(r, a, ret_report);
}

static void
show(struct request *r, struct answer *a)
{
	int64_t id = request_id(r, 0);
	struct report rep;

	/* a page has a frame, which asks for more */
	if (id && r->want == WANT_JSON)
		report_ahead(r->tx, r->who, id);
	if (read_report(r, a, &rep))
		a->value = report_view(r->tx, r->who, &rep, &a->err);
}

void
handle_report_view(struct request *r, struct answer *a)
{
	show(r, a);
}

/* The form ends with the code of the newest receipt; a draft has none. */
static bool
add_code(struct request *r, struct answer *a, const struct report *rep)
{
	struct receipt_of receipt;
	int64_t seq;

	if (!receipt_newest(r->tx, rep, &seq, &a->err))
		return false;
	if (seq && !receipt_of_report(r->tx, rep, seq, &receipt, &a->err))
		return false;
	map_str(r->arena, a->value, "receipt_code", seq ? receipt.code : STR_NONE);
	return true;
}

void
handle_report_print(struct request *r, struct answer *a)
{
	struct report rep;

	if (!read_report(r, a, &rep))
		return;
	a->value = report_view(r->tx, r->who, &rep, &a->err);
	if (a->value)
		add_code(r, a, &rep);
}

/* "FIN-2026-000123.pdf"; a draft has no number yet. */
static struct str
pdf_name(const struct request *r, const struct report *rep)
{
	if (rep->report_no.n)
		return arena_printf(r->arena, "%.*s.pdf", STR_FMT(rep->report_no));
	return arena_printf(r->arena, "draft-%lld.pdf", (long long)rep->id);
}

void
handle_report_print_pdf(struct request *r, struct answer *a)
{
	struct report rep;
	struct value *report;

	if (!read_report(r, a, &rep))
		return;
	report = report_view(r->tx, r->who, &rep, &a->err);
	if (report)
		paper_answer(a, paper_report(r, report), pdf_name(r, &rep));
}

void
report_part(struct request *r, struct answer *a, const struct report *rep, struct value *part)
{
	struct value *report = NULL;

	if (part && r->want == WANT_HTML)
		report = report_view(r->tx, r->who, rep, &a->err);
	else if (part)
		report = report_short(r->tx, r->who, rep, &a->err);
	if (!report)
		return;
	map_add(part, "report", report);
	a->value = part;
}

/* The form "any two versions" sends a and b; their comparison has an address of its own. */
static bool
leads_to_comparison(struct request *r, struct answer *a, const struct report *rep)
{
	int64_t from = request_query_int(r, "a", 0), to = request_query_int(r, "b", 0);

	if (from < 1 || to < 1)
		return false;
	a->location = arena_printf(r->arena, "/reports/%lld/versions/%lld..%lld", (long long)rep->id,
	    (long long)from, (long long)to);
	return true;
}

void
handle_report_versions(struct request *r, struct answer *a)
{
	struct report rep;

	if (read_report(r, a, &rep) && !leads_to_comparison(r, a, &rep))
		report_part(r, a, &rep, report_versions(r->tx, r->who, &rep, &a->err));
}

void
handle_report_compare(struct request *r, struct answer *a)
{
	int64_t from = request_id(r, 1), to = request_id(r, 2);
	struct report rep;

	if (!read_report(r, a, &rep))
		return;
	if (!from || !to)
		err_set(&a->err, FAULT_NOT_FOUND);
	else
		report_part(r, a, &rep, report_compare(r->tx, r->who, &rep, from, to, &a->err));
}

void
handle_report_trail(struct request *r, struct answer *a)
{
	struct report rep;

	if (input_report(r, a, &rep) && input_trail_recorded(r, a, &rep))
		report_part(r, a, &rep,
		    report_trail(r->tx, r->who, &rep, request_query_int(r, "before", 0), &a->err));
}

void
handle_report_duties(struct request *r, struct answer *a)
{
	struct report rep;

	if (read_report(r, a, &rep))
		report_part(r, a, &rep, duties_of_report(r->tx, r->who, &rep, &a->err));
}

void
handle_report_package(struct request *r, struct answer *a)
{
	struct report rep;

	if (!read_report(r, a, &rep))
		return;
	a->value = report_package(r->tx, r->who, &rep, &a->err);
}
