/* Witnesses: other logs' checkpoints that we cosign, and who cosigns ours. */
#include "desk/witness.h"

#include "base/arena.h"
#include "desk/courier.h"
#include "desk/envoy.h"
#include "desk/keys.h"
#include "site/handlers.h"
#include "site/part.h"

/* C2SP tlog-witness: whoever brings a checkpoint, its signature speaks for it. */
void
handle_witness_add(struct request *r, struct answer *a)
{
	struct witness_said said;

	if (!witness_cosign(r->store, r->arena, r->address, r->body, &said, &a->err))
		return;
	if (said.line.p) {
		a->raw = said.line;
		a->raw_type = STR("text/plain; charset=utf-8");
		return;
	}
	a->status = 409;
	a->raw = arena_printf(r->arena, "%lld\n", (long long)said.size);
	a->raw_type = STR("text/x.tlog.size");
}

/* ---- the page ---- */

static struct value *
show(struct request *r, struct tx *tx, struct err *err)
{
	struct value *v = value_map(r->arena);

	map_bool(r->arena, v, "may_manage", principal_is(r->who, KEY_MANAGERS));
	map_str(r->arena, v, "url", arena_printf(r->arena, "%.*s/witness", STR_FMT(r->origin)));
	map_bool(r->arena, v, "outbound", courier_is_configured());
	return witness_show(tx, v, err) && witness_log_show(tx, v, err) ? v : NULL;
}

void
handle_witnesses(struct request *r, struct answer *a)
{
	a->value = show(r, r->tx, &a->err);
}

/* The list as it is after a change. */
static void
show_changed(struct request *r, struct answer *a, bool created)
{
	a->value = show(r, r->tx, &a->err);
	a->location = STR("/witnesses");
	a->notice = STR("notice.done");
	if (a->value && created && r->want == WANT_JSON)
		a->status = 201;
}

/* What was asked for, complete. */
static bool
read_in(struct request *r, const struct entity *e, void *record, struct err *err)
{
	struct report_input input = input_of(r);
	struct entity_input reading = { .in = input.in, .editors = BY_V, .form = input.form };

	entity_read(e, &reading, record, r->arena, err);
	return entity_complete(e, record, REQUIRED, err) && err->fault == FAULT_NONE;
}

static void
show_form(struct request *r, struct answer *a, const struct entity *e, const char *page)
{
	struct value *v = value_map(r->arena);

	map_add(v, "fields", form_fields(r, e, entity_new(e, r->arena), BY_V, ~0u, NULL));
	a->value = v;
	a->page = page;
}

/* ---- who cosigns our log ---- */

void
handle_witness_new(struct request *r, struct answer *a)
{
	show_form(r, a, &entity_witness, "witness_form");
}

void
handle_witness_create(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	int64_t id;

	if (witness_create(r->tx, input.in, input.form, &id, &a->err))
		show_changed(r, a, true);
}

void
handle_witness_end(struct request *r, struct answer *a)
{
	struct key_reason *in = entity_new(&key_reason, r->arena);

	if (read_in(r, &key_reason, in, &a->err) && witness_end(r->tx, request_id(r, 0), in->reason, &a->err))
		show_changed(r, a, false);
}

/* ---- logs that we witness ---- */

void
handle_witness_log_new(struct request *r, struct answer *a)
{
	show_form(r, a, &entity_witness_log, "witness_log_form");
}

void
handle_witness_log_create(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	int64_t id;

	if (witness_log_create(r->tx, input.in, input.form, &id, &a->err))
		show_changed(r, a, true);
}

void
handle_witness_log_keys(struct request *r, struct answer *a)
{
	struct witness_keys *in = entity_new(&witness_keys, r->arena);

	if (read_in(r, &witness_keys, in, &a->err) &&
	    witness_log_keys(r->tx, request_id(r, 0), in->keys, in->reason, &a->err))
		show_changed(r, a, false);
}

void
handle_witness_log_end(struct request *r, struct answer *a)
{
	struct key_reason *in = entity_new(&key_reason, r->arena);

	if (read_in(r, &key_reason, in, &a->err) && witness_log_end(r->tx, request_id(r, 0), in->reason, &a->err))
		show_changed(r, a, false);
}
