/* Checkpoints of the log, and the keys that sign them. */
#include "base/arena.h"
#include "desk/checkpoints.h"
#include "desk/keys.h"
#include "site/handlers.h"
#include "site/part.h"

/* ---- checkpoints ---- */

#define PLAIN STR("text/plain; charset=utf-8")

/* A person gets a page, who names JSON gets that; everybody else the signed note as it is. */
void
handle_checkpoint(struct request *r, struct answer *a)
{
	int64_t before = request_query_int(r, "before", INT64_MAX);
	struct kept_checkpoint last;

	if (r->want == WANT_HTML || r->json_named) {
		a->value = checkpoint_show(r->tx, before, &a->err);
		if (a->value && r->want == WANT_HTML)
			map_bool(r->arena, a->value, "may_ask", r->who != NULL);
		return;
	}
	if (!checkpoint_last(r->tx, &last, &a->err))
		return;
	if (!last.size) {
		err_set(&a->err, FAULT_NOT_FOUND);
		return;
	}
	a->raw = last.note;
	a->raw_type = PLAIN;
}

/* The log is signed as it is now. */
void
handle_checkpoint_make(struct request *r, struct answer *a)
{
	struct tx *tx;

	if (!checkpoint_make(r->store, r->arena, &a->err))
		return;
	tx = store_read(r->store, r->arena, &a->err);
	a->value = tx ? checkpoint_show(tx, INT64_MAX, &a->err) : NULL;
	store_done(tx);
	if (a->value && r->want == WANT_HTML) {
		a->location = STR("/log/checkpoint");
		a->notice = STR("notice.done");
	}
}

void
handle_log_keys(struct request *r, struct answer *a)
{
	struct buf b = { .arena = r->arena };

	if (!keys_public(r->tx, &b, &a->err))
		return;
	a->raw = buf_str(&b);
	a->raw_type = PLAIN;
}

/* ---- keys ---- */

void
handle_keys(struct request *r, struct answer *a)
{
	a->value = keys_list(r->tx, r->who, &a->err);
}

/* The list as it is after a change. */
static void
show_keys(struct request *r, struct answer *a)
{
	struct tx *tx = store_read(r->store, r->arena, &a->err);

	a->value = tx ? keys_list(tx, r->who, &a->err) : NULL;
	store_done(tx);
	if (a->value && r->want == WANT_HTML) {
		a->location = STR("/keys");
		a->notice = STR("notice.done");
	}
}

/* What was asked for, complete. */
static bool
read_in(struct request *r, const struct entity *e, void *record, struct err *err)
{
	struct report_input input = input_of(r);
	struct entity_input reading = { .in = input.in, .editors = BY_V, .form = input.form, .local = r->face.zone };

	return entity_read(e, &reading, record, r->arena, err) && entity_complete(e, record, REQUIRED, err);
}

void
handle_keys_rotate(struct request *r, struct answer *a)
{
	struct key_rotation *in = entity_new(&key_rotation, r->arena);
	int64_t id;

	if (read_in(r, &key_rotation, in, &a->err) &&
	    keys_rotate(r->store, r->who, r->address, r->arena, in, &id, &a->err))
		show_keys(r, a);
}

void
handle_key_compromised(struct request *r, struct answer *a)
{
	struct key_compromise *in = entity_new(&key_compromise, r->arena);

	if (read_in(r, &key_compromise, in, &a->err) &&
	    keys_compromised(r->store, r->who, r->address, r->arena, request_id(r, 0), in, &a->err))
		show_keys(r, a);
}

/* The form, and once more when it was refused: then without a transaction of its own. */
void
handle_key_compromised_form(struct request *r, struct answer *a)
{
	struct tx *tx = r->tx ? r->tx : store_read(r->store, r->arena, &a->err);
	struct value *v = tx ? key_facts(tx, request_id(r, 0), &a->err) : NULL;

	if (v)
		map_add(v, "fields",
		    form_fields(r, &key_compromise, entity_new(&key_compromise, r->arena), BY_V, ~0u, NULL));
	if (!r->tx)
		store_done(tx);
	a->value = v;
	a->page = "signing_key_compromised";
}

/* The form once more when it was refused, with what was wrong. */
void
handle_keys_again(struct request *r, struct answer *a)
{
	struct tx *tx = r->tx ? r->tx : store_read(r->store, r->arena, &a->err);

	a->value = tx ? keys_list(tx, r->who, &a->err) : NULL;
	if (!r->tx)
		store_done(tx);
}

/* What the terminal did with a backup, for the trail. */
void
handle_key_backup(struct request *r, struct answer *a)
{
	struct key_backup *in = entity_new(&key_backup, r->arena);
	bool shared;

	if (!read_in(r, &key_backup, in, &a->err))
		return;
	shared = str_is(in->event, "shared");
	if (!shared && !str_is(in->event, "tested") && !str_is(in->event, "failed")) {
		err_field(&a->err, STR("event"), NULL, FAULT_F_CHOICE, 0, in->event);
		return;
	}
	if (shared ? !keys_shared(r->tx, r->args[0], &a->err) :
	    !keys_tested(r->tx, r->args[0], str_is(in->event, "tested"), &a->err))
		return;
	a->value = value_map(r->arena);
	map_str(r->arena, a->value, "key_id", r->args[0]);
}
