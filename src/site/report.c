/* Reports: the list, the form, making and saving. */
#include "site/handlers.h"
#include "site/part.h"

#include "base/arena.h"
#include "desk/form.h"

#define LIST_ROWS 50

static bool
read_filter(const struct request *r, struct report_filter *ret_filter, struct err *err)
{
	struct report_filter f = {
		.text = request_query(r, "q"),
		.state = query_is(r, "state", "open") ? -1 : query_choice(r, "state", &choices_report_state),
		.category = query_choice(r, "category", &choices_category),
		.level = request_query_int(r, "level", NONE),
		.org = request_query_int(r, "org", NONE),
		.history = query_is(r, "history", "yes"),
		.before = request_query_int(r, "before", 0),
		.limit = (int)request_query_int(r, "limit", LIST_ROWS),
	};

	if (f.limit < 1 || f.limit > 200)
		return err_setf(err, FAULT_QUERY, "limit");
	if (!query_time(r, "from", false, &f.from, err) || !query_time(r, "to", true, &f.to, err))
		return false;
	*ret_filter = f;
	return true;
}

void
handle_report_list(struct request *r, struct answer *a)
{
	struct report_filter f;

	if (read_filter(r, &f, &a->err))
		a->value = report_list(r->tx, r->who, &f, &a->err);
}

/* ---- the form ---- */

void
handle_report_new(struct request *r, struct answer *a)
{
	struct report rep;

	if (report_blank(r->tx, r->who, &rep, &a->err))
		a->value = form_report(r, &rep, &a->err);
}

void
handle_report_create_again(struct request *r, struct answer *a)
{
	handle_report_new(r, a);
}

void
handle_report_edit(struct request *r, struct answer *a)
{
	struct report rep;

	if (!input_report(r, a, &rep))
		return;
	if (!report_whens(&rep)) {
		err_set(&a->err, FAULT_STATE);
		return;
	}
	if (!report_editors(r->who, &rep)) {
		err_set(&a->err, FAULT_ROLE);
		return;
	}
	if (input_recorded(r, a, &rep))
		a->value = form_report(r, &rep, &a->err);
}

void
handle_report_save_again(struct request *r, struct answer *a)
{
	handle_report_edit(r, a);
}

/* ---- making and saving ---- */

/*
 * A dry run's answer: what was read, and what level it would have. What is not saved has no id, version or
 * times.
 */
static struct value *
checked(const struct request *r, const struct report *rep)
{
	const struct value *shown = entity_show(&entity_report, rep, 0, r->arena);
	struct value *v = value_map(r->arena);
	static const char *const head[] = { "id", "version", "created_at", "changed_at" };

	map_bool(r->arena, v, "valid", true);
	for (const struct value *one = shown->first; one; one = one->next) {
		bool of_head = false;

		for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
			of_head |= str_is(one->name, head[i]);
		if (rep->id || !of_head)
			map_add_str(v, one->name, view_copy(r->arena, one));
	}
	return v;
}

/* The staff's form says "" for what the provider's own data will fill in; what is empty says nothing then. */
static void
drop_empty(struct request *r, struct report_input *input)
{
	struct value *in = value_map(r->arena);

	if (!r->form || principal_is(r->who, ROLE_PROVIDER))
		return;
	for (const struct value *v = input->in->first; v; v = v->next)
		if (v->kind != V_STR || str_trim(v->s).n)
			map_add_str(in, v->name, view_copy(r->arena, v));
	input->in = in;
}

/*
 * Where a form leads after it is saved: on to the summary that is read once before filing, or back to
 * typing.
 */
static struct str
after_form(const struct request *r, const struct report *rep)
{
	struct str then = r->form && r->in ? value_text(value_get(r->in, "then")) : STR_NONE;

	if (rep->received_at != NO_TIME && rep->state != REPORT_RETURNED)
		return arena_printf(r->arena, "/reports/%lld", (long long)rep->id);
	return arena_printf(r->arena, "/reports/%lld/%s", (long long)rep->id,
	    str_is(then, "submit") ? "submit" : "edit");
}

void
handle_report_create(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	bool submit = query_is(r, "submit", "yes");
	struct report rep;

	drop_empty(r, &input);
	if (!report_create(r->tx, r->who, &input, submit, &rep, &a->err))
		return;
	if (input.validate_only) {
		a->value = checked(r, &rep);
		return;
	}
	a->value = report_short(r->tx, r->who, &rep, &a->err);
	if (!receipt_told(r, a, &rep))
		return;
	a->status = 201;
	if (r->want == WANT_JSON || submit)
		a->location = arena_printf(r->arena, "/reports/%lld%s", (long long)rep.id,
		    r->want == WANT_JSON ? "" : "/receipt");
	else
		a->location = after_form(r, &rep);
}

void
handle_report_save(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	struct report rep;

	if (!input_report(r, a, &rep) || !report_save(r->tx, r->who, rep.id, &input, &rep, &a->err))
		return;
	if (input.validate_only) {
		/* a dry run leaves nothing of its own in the trail */
		if (input_recorded(r, a, &rep))
			a->value = checked(r, &rep);
		return;
	}
	a->value = report_short(r->tx, r->who, &rep, &a->err);
	if (receipt_told(r, a, &rep) && r->want == WANT_HTML) {
		a->location = after_form(r, &rep);
		a->notice = STR("notice.saved");
	}
}
