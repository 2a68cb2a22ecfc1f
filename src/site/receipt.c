/* Receipts: of one report, as page, JSON and PDF; and found again by their code. */
#include "desk/receipt.h"

#include "base/arena.h"
#include "desk/checkpoints.h"
#include "site/handlers.h"
#include "site/part.h"

static bool
read_receipt(struct request *r, struct answer *a, struct report *ret_report, struct receipt_of *ret_receipt)
{
	int64_t seq = request_query_int(r, "seq", 0);

	if (!input_report(r, a, ret_report) || !receipt_of_report(r->tx, ret_report, seq, ret_receipt, &a->err))
		return false;
	/* whoever looks waits for it: it need not wait for the interval */
	if (!ret_receipt->r.checkpoint.p)
		checkpoint_soon();
	return input_recorded(r, a, ret_report);
}

static struct str
file_name(const struct request *r, const struct report *rep, const struct receipt_of *of, const char *ending)
{
	return arena_printf(r->arena, "%.*s-%lld%s", STR_FMT(rep->report_no), (long long)of->record.seq, ending);
}

/* To be compared and typed. */
static struct str
leaf_words(const struct request *r, const struct receipt_of *of)
{
	return str_c(sha256_words(&of->leaf, arena_alloc(r->arena, SHA256_WORDS)));
}

static struct str
code_address(const struct request *r, struct str code)
{
	return arena_printf(r->arena, "%.*s/receipts?code=%.*s", STR_FMT(r->origin), STR_FMT(code));
}

/* What the page says of it beside the report. */
static struct value *
shown(const struct request *r, const struct report *rep, const struct receipt_of *of)
{
	struct value *v = receipt_show(r->tx, of);
	struct str base = arena_printf(r->arena, "/reports/%lld/receipt", (long long)rep->id);

	/* a later step has another heading, and nothing that comes next */
	map_bool(r->arena, v, "filing", str_is(of->record.action, "report.submit"));
	map_str(r->arena, v, "leaf_groups", leaf_words(r, of));
	map_str(r->arena, v, "json_href", arena_printf(r->arena, "%.*s.json?seq=%lld", STR_FMT(base), (long long)of->record.seq));
	map_str(r->arena, v, "pdf_href", arena_printf(r->arena, "%.*s.pdf?seq=%lld", STR_FMT(base), (long long)of->record.seq));
	map_str(r->arena, v, "code_href", arena_printf(r->arena, "/receipts?code=%.*s", STR_FMT(of->code)));
	return v;
}

void
handle_report_receipt(struct request *r, struct answer *a)
{
	struct receipt_of of;
	struct report rep;
	struct value *list;

	if (!read_receipt(r, a, &rep, &of))
		return;
	if (r->want == WANT_JSON) {
		a->raw = receipt_text(r->arena, &of);
		a->raw_type = STR("application/json");
		a->file_name = file_name(r, &rep, &of, ".receipt.json");
		return;
	}
	a->value = report_view(r->tx, r->who, &rep, &a->err);
	list = a->value ? receipt_list(r->tx, &rep, &a->err) : NULL;
	if (!list)
		return;
	map_add(a->value, "receipt", shown(r, &rep, &of));
	map_add(a->value, "receipts", view_copy(r->arena, value_get(list, "rows")));
	map_bool(r->arena, a->value, "many_receipts", value_get(list, "rows")->n > 1);
}

void
handle_report_receipts(struct request *r, struct answer *a)
{
	struct report rep;

	if (!input_report(r, a, &rep))
		return;
	if (rep.received_at == NO_TIME)
		err_set(&a->err, FAULT_STATE);
	else if (input_recorded(r, a, &rep))
		a->value = receipt_list(r->tx, &rep, &a->err);
}

bool
receipt_told(struct request *r, struct answer *a, const struct report *rep)
{
	struct str address;

	if (!a->value || !receipt_address(r->tx, rep, &address, &a->err))
		return false;
	map_str(r->arena, a->value, "receipt", address);
	return true;
}

/* ---- on paper ---- */

static void
add_fact(const struct request *r, struct value *rows, const char *label, struct str value, bool mono)
{
	struct value *row = list_add(rows, value_map(r->arena));

	map_str(r->arena, row, "label", msg(r->lang, label));
	map_str(r->arena, row, "value", value);
	map_bool(r->arena, row, "mono", mono);
}

static void
add_facts(const struct request *r, struct value *document, const struct report *rep, const struct receipt_of *of,
    const struct value *v)
{
	struct value *part = list_add(value_get(document, "parts"), value_map(r->arena)), *rows;

	map_str(r->arena, part, "kind", STR("rows"));
	rows = map_list(r->arena, part, "rows");
	add_fact(r, rows, "receipt.report_no", rep->report_no, true);
	add_fact(r, rows, "receipt.action", face_value(r->arena, &r->face, value_get(v, "action")), false);
	add_fact(r, rows, "receipt.at", face_full(r->arena, &r->face, of->record.at), false);
	add_fact(r, rows, "receipt.who", face_value(r->arena, &r->face, value_get(v, "who")), false);
	add_fact(r, rows, "receipt.seq", arena_printf(r->arena, "%lld", (long long)of->record.seq), true);
}

/* When the proof will be whole; "" once it is. */
static struct str
due_words(const struct request *r, const struct receipt_of *of)
{
	struct msg_arg args[] = { { "time", face_full(r->arena, &r->face, of->due) }, { NULL, STR_NONE } };

	if (of->r.checkpoint.p)
		return STR("");
	if (of->waits)
		return msg(r->lang, "receipt.waits_paper");
	return of->due == NO_TIME ? msg(r->lang, "receipt.pending_paper") : msg_fill(r->arena, r->lang, "receipt.pending_until", args);
}

static void
add_steps(const struct request *r, struct value *document, const struct report *rep, const struct receipt_of *of)
{
	struct value *part = list_add(value_get(document, "parts"), value_map(r->arena)), *items;
	struct msg_arg args[] = {
		{ "file", file_name(r, rep, of, ".receipt.json") },
		{ "keys", arena_printf(r->arena, "%.*s/log/keys", STR_FMT(r->origin)) }, { NULL, STR_NONE },
	};

	map_str(r->arena, part, "kind", STR("list"));
	items = map_list(r->arena, part, "items");
	list_add(items, value_str(r->arena, msg_fill(r->arena, r->lang, "receipt.verify_1", args)));
	list_add(items, value_str(r->arena, msg_fill(r->arena, r->lang, "receipt.verify_2", args)));
	list_add(items, value_str(r->arena, msg_fill(r->arena, r->lang, "receipt.verify_3", args)));
}

static void
add_qr(const struct request *r, struct value *document, const struct receipt_of *of)
{
	struct value *part = list_add(value_get(document, "parts"), value_map(r->arena));
	struct msg_arg args[] = { { "address", arena_printf(r->arena, "%.*s/receipts", STR_FMT(r->origin)) }, { NULL, STR_NONE } };

	map_str(r->arena, part, "kind", STR("qr"));
	map_str(r->arena, part, "text", code_address(r, of->code));
	map_str(r->arena, part, "words", msg_fill(r->arena, r->lang, "receipt.find_again", args));
}

/* The page behind the form: what proves it. */
static void
add_proof(const struct request *r, struct value *document, const struct report *rep, const struct receipt_of *of)
{
	struct value *v = receipt_show(r->tx, of);

	paper_text(r, document, "page", STR(""));
	paper_text(r, document, "title", msg(r->lang, "receipt.proof"));
	paper_text(r, document, "text", msg(r->lang, "receipt.proof_words"));
	add_facts(r, document, rep, of, v);
	paper_text(r, document, "heading", msg(r->lang, "receipt.code"));
	paper_text(r, document, "code", of->code);
	add_qr(r, document, of);
	paper_text(r, document, "heading", msg(r->lang, "receipt.leaf"));
	paper_text(r, document, "mono", leaf_words(r, of));
	paper_text(r, document, "heading", msg(r->lang, "receipt.checkpoint"));
	if (of->r.checkpoint.p)
		paper_text(r, document, "mono", of->r.checkpoint);
	else
		paper_text(r, document, "text", due_words(r, of));
	paper_text(r, document, "heading", msg(r->lang, "receipt.verify"));
	add_steps(r, document, rep, of);
}

void
handle_report_receipt_pdf(struct request *r, struct answer *a)
{
	struct value *report, *document;
	struct receipt_of of;
	struct report rep;

	if (!read_receipt(r, a, &rep, &of))
		return;
	report = report_view(r->tx, r->who, &rep, &a->err);
	if (!report)
		return;
	document = paper_report(r, report);
	add_proof(r, document, &rep, &of);
	paper_answer(a, document, file_name(r, &rep, &of, ".pdf"));
}

/* ---- found again ---- */

void
handle_receipts(struct request *r, struct answer *a)
{
	struct str code = request_query(r, "code");
	struct value *found = NULL;

	if (code.p) {
		found = receipt_by_code(r->tx, r->who, code, &a->err);
		if (!found)
			return;
	}
	a->value = value_map(r->arena);
	map_str(r->arena, a->value, "code", code);
	if (found) {
		struct str known = value_text(value_get(found, "known"));

		/* for the page, whose templates know no comparison */
		map_bool(r->arena, found, "yes", str_is(known, "yes"));
		map_bool(r->arena, found, "no", str_is(known, "no"));
		map_bool(r->arena, found, "typed_wrong", str_is(known, "typed_wrong"));
		map_add(a->value, "found", found);
	} else {
		map_null(r->arena, a->value, "found");
	}
}
