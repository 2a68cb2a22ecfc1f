/* Taking evidence out: a case, a period; who is told, and that he has seen it; the bundle itself, as it is written. */
#include "desk/bundle.h"

#include <string.h>

#include "base/arena.h"
#include "desk/identity.h"
#include "http/route.h"
#include "site/handlers.h"
#include "site/part.h"

/* ---- forms ---- */

static void
add_form(const struct request *r, struct value *v, const struct entity *e)
{
	map_add(v, "fields", form_fields(r, e, entity_new(e, r->arena), ~0u, ~0u, NULL));
}

void
handle_report_export_form(struct request *r, struct answer *a)
{
	struct value *v = value_map(r->arena), *report;
	struct report rep;

	if (!input_report(r, a, &rep) || !input_recorded(r, a, &rep))
		return;
	if (rep.received_at == NO_TIME) {
		err_set(&a->err, FAULT_STATE);
		return;
	}
	report = report_view(r->tx, r->who, &rep, &a->err);
	if (!report)
		return;
	map_add(v, "report", report);
	add_form(r, v, &in_bundle);
	a->value = v;
}

void
handle_exports(struct request *r, struct answer *a)
{
	struct value *v = bundle_list(r->tx, r->who, request_query_int(r, "before", 0), &a->err);
	bool may = principal_is(r->who, BUNDLE_MAKERS);
	const struct value *next;

	if (!v)
		return;
	next = value_get(v, "next");
	map_str(r->arena, v, "next_href", next->kind == V_INT ?
	    query_with(r, "before", arena_printf(r->arena, "%lld", (long long)next->i)) : STR_NONE);
	map_bool(r->arena, v, "has_rows", value_get(v, "rows")->n > 0);
	map_bool(r->arena, v, "may_take", may);
	if (may)
		add_form(r, v, &in_bundle_period);
	else
		map_null(r->arena, v, "fields");
	a->value = v;
}

void
handle_export(struct request *r, struct answer *a)
{
	struct bundle b;
	bool erased;

	if (!bundle_get(r->tx, r->who, request_id(r, 0), &b, &a->err) || !bundle_erased_since(r->tx, &b, &erased, &a->err))
		return;
	a->value = bundle_view(r->tx, r->who, &b, &a->err);
	if (a->value)
		map_bool(r->arena, a->value, "erased_since", erased);
}

/* ---- taking: without a transaction of the request's own, for it may be long ---- */

/* What the body says, whole and nothing else. */
static bool
read_input(struct request *r, const struct entity *e, void *in, struct err *err)
{
	static const char *const beside[] = { "version", NULL };
	struct entity_input input = {
		.in = input_of(r).in, .editors = BY_P | BY_V | BY_H, .whens = 1u << WHEN_ONCE, .form = r->form,
		.local = r->face.zone, .beside = beside,
	};
	bool good = entity_read(e, &input, in, r->arena, err);

	if (err->fault != FAULT_NONE && err->fault != FAULT_FIELDS)
		return false;
	return entity_complete(e, in, REQUIRED, err) && good;
}

static void
take(struct request *r, struct answer *a, const struct bundle_wish *wish)
{
	struct bundle b;
	struct tx *tx;
	int64_t id;

	if (!bundle_take(r->store, r->arena, r->who, r->address, wish, &id, &a->err))
		return;
	tx = store_read(r->store, r->arena, &a->err);
	if (tx && bundle_get(tx, r->who, id, &b, &a->err))
		a->value = bundle_view(tx, r->who, &b, &a->err);
	store_done(tx);
	a->status = 201;
	a->location = arena_printf(r->arena, "/exports/%lld", (long long)id);
}

void
handle_report_export(struct request *r, struct answer *a)
{
	struct in_bundle *in = entity_new(&in_bundle, r->arena);
	struct report rep;
	bool found;

	r->tx = store_read(r->store, r->arena, &a->err);
	found = r->tx && input_report(r, a, &rep);
	store_done(r->tx);
	r->tx = NULL;
	if (found && read_input(r, &in_bundle, in, &a->err))
		take(r, a, &(struct bundle_wish){ .report = rep.id, .reason = in->reason, .from = INT64_MIN, .to = INT64_MAX });
}

void
handle_export_period(struct request *r, struct answer *a)
{
	struct in_bundle_period *in = entity_new(&in_bundle_period, r->arena);

	if (!read_input(r, &in_bundle_period, in, &a->err))
		return;
	if (in->to <= in->from) {
		err_field(&a->err, STR("to"), "field.in_bundle_period.to", FAULT_F_ORDER, 0, STR("from"));
		return;
	}
	take(r, a, &(struct bundle_wish){ .from = in->from, .to = in->to, .reason = in->reason });
}

void
handle_export_seen(struct request *r, struct answer *a)
{
	struct bundle b;

	if (!bundle_get(r->tx, r->who, request_id(r, 0), &b, &a->err) || !bundle_see(r->tx, r->who, &b, &a->err))
		return;
	a->value = bundle_view(r->tx, r->who, &b, &a->err);
	if (r->want == WANT_HTML) {
		a->location = arena_printf(r->arena, "/exports/%lld", (long long)b.id);
		a->notice = STR("notice.done");
	}
}

/* ---- the bundle, as it is written ---- */

struct writing {
	struct stream stream;
	struct store *store;
	struct bundle bundle;
	struct bundle_pen pen;
	struct arena *arena;             /* of one portion; NULL until the first */
	struct str ready;                /* made and not yet sent */
};

static bool
next_portion(struct writing *w)
{
	struct err err = { .arena = NULL };
	struct buf out;
	struct tx *tx;
	bool good;

	if (!w->arena)
		w->arena = arena_new();
	arena_reset(w->arena);
	out = (struct buf){ .arena = w->arena };
	tx = store_read(w->store, w->arena, &err);
	good = tx && bundle_next(tx, &w->pen, &out, &err);
	store_done(tx);
	w->ready = buf_str(&out);
	return good;
}

/* A portion may be empty: a period in which nothing happened. */
static bool
bundle_stream_read(struct stream *s, int64_t at, char *to, size_t n, size_t *ret_n)
{
	struct writing *w = (struct writing *)(void *)s;

	(void)at;
	while (!w->ready.n) {
		if (w->pen.phase == BUNDLE_DONE) {
			*ret_n = 0;
			return s->open_end;
		}
		if (!next_portion(w))
			return false;
	}
	if (n > w->ready.n)
		n = w->ready.n;
	memcpy(to, w->ready.p, n);
	w->ready = str_from(w->ready, n);
	*ret_n = n;
	return true;
}

static void
bundle_stream_end(struct stream *s)
{
	arena_free(((struct writing *)(void *)s)->arena);
}

void
handle_export_bundle(struct request *r, struct answer *a)
{
	struct writing *w = arena_make(r->arena, struct writing);
	bool erased;

	if (!bundle_get(r->tx, r->who, request_id(r, 0), &w->bundle, &a->err))
		return;
	if (!bundle_mine(&w->bundle, r->who)) {
		err_set(&a->err, FAULT_ROLE);
		return;
	}
	if (!tx_can_write(r->tx)) {
		a->needs_write = true;   /* reading the trail is recorded */
		return;
	}
	if (!bundle_erased_since(r->tx, &w->bundle, &erased, &a->err) || !bundle_record_fetch(r->tx, &w->bundle, &a->err))
		return;
	w->store = r->store;
	w->pen.bundle = &w->bundle;
	w->stream = (struct stream){ .size = w->bundle.bytes, .read = bundle_stream_read, .end = bundle_stream_end,
		.open_end = erased };
	a->stream = &w->stream;
	a->raw_type = STR("application/x-ndjson");
	a->file_name = arena_printf(r->arena, "tocsin-%lld.bundle", (long long)w->bundle.id);
}

/* ---- for every page: what he has not seen yet ---- */

void
export_frame(struct request *r, struct value *page)
{
	struct err ignored = { .arena = r->arena };
	int64_t n = 0;
	bool told = r->tx && principal_is(r->who, ROLE_MANAGER | ROLE_PROVIDER_ADMIN) && !str_starts(r->path, STR("/exports")) &&
	    bundle_unseen(r->tx, r->who, &n, &ignored) && n > 0;

	map_bool(r->arena, page, "may_export", principal_is(r->who, BUNDLE_MAKERS));
	map_bool(r->arena, page, "sees_exports", principal_is(r->who, BUNDLE_READERS));
	if (told)
		map_int(r->arena, map_map(r->arena, page, "exports"), "count", n);
	else
		map_null(r->arena, page, "exports");
}
