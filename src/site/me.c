/* One's own account: how one reads, password, second factor, sessions, keys. */
#include "base/arena.h"
#include "http/route.h"
#include "site/identity.h"
#include "site/people.h"

/* ---- the page ---- */

void
handle_me(struct request *r, struct answer *a)
{
	struct value *v = identity_me(r->tx, r->who, &a->err);
	struct own_face *face;

	if (!v)
		return;
	if (r->want == WANT_HTML) {
		face = entity_new(&in_own_face, r->arena);
		face->language = r->who->lang;
		face->roc_year = r->who->roc_year;
		map_add(v, "fields", form_fields(r, &in_own_face, face, BY_P, ~0u, NULL));
		map_int(r->arena, v, "account_id", r->who->account);
		map_bool(r->arena, v, "has_duties", principal_is(r->who, ROLE_PROVIDER | ROLE_CERT | ROLE_AUDITOR));
	}
	a->value = v;
}

void
handle_me_again(struct request *r, struct answer *a)
{
	handle_me(r, a);
}

void
handle_me_save(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);

	if (!identity_set_face(r->tx, r->who, input.in, input.form, &a->err))
		return;
	a->value = identity_me(r->tx, r->who, &a->err);
	if (r->want == WANT_HTML) {
		a->location = STR("/me");
		a->notice = STR("notice.saved");
	}
}

/* ---- password ---- */

void
handle_me_password_form(struct request *r, struct answer *a)
{
	struct value *fields;

	a->value = value_map(r->arena);
	fields = map_list(r->arena, a->value, "fields");
	list_add(fields, people_field(r, &in_password_change, "password", "current-password"));
	list_add(fields, people_field(r, &in_password_change, "new_password", "new-password"));
	list_add(fields, people_field(r, &in_password_change, "again", "new-password"));
	a->page = "me_password";
}

void
handle_me_password(struct request *r, struct answer *a)
{
	struct password_change in = { .address = r->address, .user_agent = r->user_agent };
	struct str token;
	bool ok = people_texts(r, &in_password_change, &in, NULL, &a->err) &&
	    password_change(r->store, r->arena, r->who, &in, &token, &a->err);

	people_wipe(r, &in_password_change);
	if (!ok) {
		people_again(r, a, handle_me_password_form);
		return;
	}
	a->value = value_map(r->arena);
	map_bool(r->arena, a->value, "changed", true);
	a->set_session = token;
	if (r->want == WANT_HTML) {
		a->location = STR("/me");
		a->notice = STR("notice.password_changed");
	}
}

/* ---- second factor ---- */

static struct str
own_login(struct request *r, struct err *err)
{
	struct tx *tx = r->tx ? r->tx : store_read(r->store, r->arena, err);
	struct account account;
	bool ok = tx && entity_fetch(tx, ENTITY_ACCOUNT, r->who->account, &account, err);

	if (!r->tx)
		store_done(tx);
	return ok ? account.login : STR_NONE;
}

void
handle_me_totp_form(struct request *r, struct answer *a)
{
	struct str login = own_login(r, &a->err);
	struct value *fields;

	if (!login.p)
		return;
	a->value = totp_offer(r->arena, r->who, login);
	fields = map_list(r->arena, a->value, "fields");
	list_add(fields, people_field(r, &in_totp_change, "code", "one-time-code"));
	list_add(fields, people_field(r, &in_totp_change, "password", "current-password"));
	a->page = "me_totp";
}

/* The same offer once more: the app has its secret already, only the code or the password was wrong. */
static void
show_offer_again(struct request *r, struct answer *a)
{
	struct str sealed = value_text(value_get(r->in, "sealed"));
	struct value *v = totp_offer_again(r->arena, r->who, own_login(r, &a->err), sealed);

	if (!v) {
		handle_me_totp_form(r, a);
		return;
	}
	a->value = v;
	list_add(map_list(r->arena, v, "fields"), people_field(r, &in_totp_change, "code", "one-time-code"));
	list_add(value_get(v, "fields"), people_field(r, &in_totp_change, "password", "current-password"));
	a->page = "me_totp";
}

void
handle_me_totp(struct request *r, struct answer *a)
{
	struct totp_change in = { .address = r->address };
	struct value *codes;
	bool ok = people_texts(r, &in_totp_change, &in, NULL, &a->err) &&
	    totp_enable(r->store, r->arena, r->who, &in, &codes, &a->err);

	if (!ok) {
		people_again(r, a, show_offer_again);
		return;
	}
	people_wipe(r, &in_totp_change);
	a->value = value_map(r->arena);
	map_bool(r->arena, a->value, "totp", true);
	map_add(a->value, "recovery_codes", codes);
	a->page = "me_codes";
}

void
handle_me_totp_off_form(struct request *r, struct answer *a)
{
	a->value = value_map(r->arena);
	list_add(map_list(r->arena, a->value, "fields"),
	    people_field(r, &in_totp_change, "password", "current-password"));
	a->page = "me_totp_off";
}

void
handle_me_totp_off(struct request *r, struct answer *a)
{
	struct totp_change in = { .address = r->address };
	bool ok = people_texts(r, &in_totp_change, &in, NULL, &a->err) &&
	    totp_disable(r->store, r->arena, r->who, &in, &a->err);

	people_wipe(r, &in_totp_change);
	if (!ok) {
		people_again(r, a, handle_me_totp_off_form);
		return;
	}
	a->value = value_map(r->arena);
	map_bool(r->arena, a->value, "totp", false);
	if (r->want == WANT_HTML) {
		a->location = STR("/me");
		a->notice = STR("notice.totp_off");
	}
}

/* ---- sessions ---- */

void
handle_me_sessions(struct request *r, struct answer *a)
{
	struct value *v = session_list(r->tx, r->who, &a->err);

	if (!v)
		return;
	map_bool(r->arena, v, "others", value_get(v, "rows")->n > 1);
	a->value = v;
}

static void
sessions_ended(struct request *r, struct answer *a)
{
	a->value = session_list(r->tx, r->who, &a->err);
	if (r->want == WANT_HTML) {
		a->location = STR("/me/sessions");
		a->notice = STR("notice.session_ended");
	}
}

void
handle_me_session_end(struct request *r, struct answer *a)
{
	if (session_end(r->tx, r->who, request_id(r, 0), &a->err))
		sessions_ended(r, a);
}

void
handle_me_sessions_end(struct request *r, struct answer *a)
{
	if (session_end_others(r->tx, r->who, &a->err))
		sessions_ended(r, a);
}

/* ---- keys ---- */

void
handle_me_keys(struct request *r, struct answer *a)
{
	struct value *v = key_list(r->tx, r->who, r->who->account, &a->err);

	if (!v)
		return;
	a->value = v;
	if (r->want != WANT_HTML)
		return;
	people_keys(r, v, value_get(v, "rows"), STR("/me/keys"));
	map_add(v, "fields", form_fields(r, &new_key, entity_new(&new_key, r->arena), BY_P, ~0u, NULL));
}

void
handle_me_key_create(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	struct str token;
	int64_t id;

	if (!key_create(r->tx, r->who, r->who->account, input.in, input.form, &token, &id, &a->err))
		return;
	a->value = value_map(r->arena);
	map_int(r->arena, a->value, "id", id);
	map_str(r->arena, a->value, "name", value_text(value_get(input.in, "name")));
	map_str(r->arena, a->value, "token", token);
	map_str(r->arena, a->value, "back", STR("/me/keys"));
	a->status = 201;
	a->page = "key_made";
}

void
handle_me_key_revoke(struct request *r, struct answer *a)
{
	if (!key_revoke(r->tx, r->who, request_id(r, 0), &a->err))
		return;
	a->value = key_list(r->tx, r->who, r->who->account, &a->err);
	if (r->want == WANT_HTML) {
		a->location = STR("/me/keys");
		a->notice = STR("notice.key_revoked");
	}
}
