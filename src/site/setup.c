/* One-time links: the first administrator, an invited person, a new password. */
#include "base/arena.h"
#include "http/route.h"
#include "site/identity.h"
#include "site/people.h"

/* The snapshot of a form that is shown: the lane's, or one of its own on the slow lane. */
static struct value *
look_at_link(struct request *r, enum link_kind kind, struct err *err)
{
	struct tx *tx = r->tx ? r->tx : store_read(r->store, r->arena, err);
	struct value *v = tx ? link_view(tx, kind, r->args[0], err) : NULL;

	if (!r->tx)
		store_done(tx);
	return v;
}

static void
add_password_fields(struct request *r, struct value *v)
{
	struct value *fields = map_list(r->arena, v, "password_fields");

	list_add(fields, people_field(r, &in_password_change, "new_password", "new-password"));
	list_add(fields, people_field(r, &in_password_change, "again", "new-password"));
}

/* ---- an invited person ---- */

void
handle_invite_form(struct request *r, struct answer *a)
{
	struct value *v = look_at_link(r, LINK_INVITE, &a->err);

	if (!v)
		return;
	map_str(r->arena, v, "organisation",
	    value_text(value_get(v, r->lang == LANG_EN ? "organisation_en" : "organisation_zh")));
	if (r->want == WANT_HTML) {
		add_password_fields(r, v);
		map_str(r->arena, v, "action", r->path);
	}
	a->value = v;
	a->page = "invite";
}

void
handle_invite(struct request *r, struct answer *a)
{
	struct password_change in = { .address = r->address, .user_agent = r->user_agent };
	bool ok = people_texts(r, &in_password_change, &in, NULL, &a->err) &&
	    link_accept(r->store, r->arena, r->args[0], &in, r->lang, &a->err);

	people_wipe(r, &in_password_change);
	if (!ok) {
		people_again(r, a, handle_invite_form);
		return;
	}
	a->value = value_map(r->arena);
	map_bool(r->arena, a->value, "accepted", true);
	if (r->want == WANT_HTML) {
		a->location = STR("/sign-in");
		a->notice = STR("notice.password_set");
	}
}

/* ---- the first administrator ---- */

void
handle_setup_form(struct request *r, struct answer *a)
{
	struct value *v = look_at_link(r, LINK_SETUP, &a->err);

	if (!v)
		return;
	if (r->want == WANT_HTML) {
		map_add(v, "fields",
		    form_fields(r, &first_account, entity_new(&first_account, r->arena), BY_V, ~0u, NULL));
		add_password_fields(r, v);
		map_str(r->arena, v, "action", r->path);
	}
	a->value = v;
	a->page = "setup";
}

/* The part of the body that is no secret. */
static struct value *
without_secrets(struct request *r)
{
	struct value *in = value_map(r->arena);

	for (const struct value *m = r->in ? r->in->first : NULL; m; m = m->next)
		if (!entity_field(&in_password_change, m->name))
			map_add_str(in, m->name, view_copy(r->arena, m));
	return in;
}

void
handle_setup(struct request *r, struct answer *a)
{
	static const char *const others[] = { "org_zh", "org_en", "name", "email", "login", NULL };
	struct password_change in = { .address = r->address, .user_agent = r->user_agent };
	struct value *rest = without_secrets(r);
	struct err ignored = { .arena = r->arena };
	bool ok;

	/* names that are none of both are told together with the rest, by the entity's reader */
	people_texts(r, &in_password_change, &in, others, &ignored);
	ok = identity_setup(r->store, r->arena, r->args[0], rest, r->form, &in, r->lang, &a->err);
	people_wipe(r, &in_password_change);
	if (!ok) {
		people_again(r, a, handle_setup_form);
		return;
	}
	a->value = value_map(r->arena);
	map_bool(r->arena, a->value, "accepted", true);
	if (r->want == WANT_HTML) {
		a->location = STR("/sign-in");
		a->notice = STR("notice.password_set");
	}
}
