/*
 * Signing in and out. Text that was being typed when a session ended comes along in the sign-in form's hidden
 * fields and is offered for sending again afterwards; the server keeps nothing of it.
 */
#include <string.h>

#include "base/arena.h"
#include "http/route.h"
#include "site/identity.h"
#include "site/people.h"

#define KEPT STR("k.")                   /* before the name of a kept field */

/* Names of the form beside the fields of signing in. */
static const char *const beside[] = { "next", "keep", NULL };

/* ---- kept text ---- */

static void
add_kept_field(struct arena *a, struct value *list, struct str name, struct str text)
{
	struct value *row = list_add(list, value_map(a));

	map_str(a, row, "name", name);
	map_str(a, row, "value", text);
}

/* The texts under one name of a form: one, or several. */
static void
add_kept(struct arena *a, struct value *list, struct str name, const struct value *m)
{
	if (m->kind == V_LIST)
		for (const struct value *one = m->first; one; one = one->next)
			add_kept_field(a, list, name, one->s);
	else
		add_kept_field(a, list, name, m->s);
}

/*
 * {action, fields: [{name, value}]}, null when there is nothing. plain: under the names that the fields had
 * at first.
 */
static struct value *
kept_text(const struct request *r, bool plain)
{
	struct arena *a = r->arena;
	struct str action = r->in ? people_next(value_text(value_get(r->in, "keep"))) : STR("");
	struct value *v, *list;

	if (!r->form || !r->same_site || !action.n)
		return value_null(a);
	v = value_map(a);
	map_str(a, v, "action", action);
	list = map_list(a, v, "fields");
	for (const struct value *m = r->in->first; m; m = m->next)
		if (str_starts(m->name, KEPT))
			add_kept(a, list, plain ? str_from(m->name, KEPT.n) : m->name, m);
	return v;
}

/* ---- the form ---- */

static struct str
text_of(const struct request *r, const char *name)
{
	return r->in ? value_text(value_get(r->in, name)) : STR_NONE;
}

/* ticket: the password was right and a code is wanted; STR_NONE: from the start. */
static void
show_form(struct request *r, struct answer *a, struct str ticket)
{
	struct value *v = value_map(r->arena), *fields = map_list(r->arena, v, "fields");
	struct str next = people_next(r->method == METHOD_GET ? request_query(r, "next") :
	    text_of(r, "next"));

	map_bool(r->arena, v, "needs_code", ticket.n > 0);
	map_str(r->arena, v, "ticket", ticket);
	map_str(r->arena, v, "login", text_of(r, "login").p ? text_of(r, "login") : STR(""));
	map_str(r->arena, v, "next", next);
	map_add(v, "kept", kept_text(r, false));
	if (ticket.n) {
		list_add(fields, people_field(r, &in_sign_in, "code", "one-time-code"));
	} else {
		list_add(fields, people_field(r, &in_sign_in, "login", "username"));
		list_add(fields, people_field(r, &in_sign_in, "password", "current-password"));
	}
	a->value = v;
	a->page = "sign_in";
}

static void
show_from_start(struct request *r, struct answer *a)
{
	show_form(r, a, STR_NONE);
}

/* After a wrong code the password need not be typed again, while the ticket for it is good. */
static void
show_again(struct request *r, struct answer *a)
{
	show_form(r, a, text_of(r, "ticket"));
}

void
handle_sign_in_form(struct request *r, struct answer *a)
{
	struct str next = people_next(request_query(r, "next"));

	if (r->who && r->want == WANT_HTML)
		a->location = next.n ? next : STR("/");
	else
		show_from_start(r, a);
}

/* ---- the act ---- */

/* The rest of this request is the person's who just came in: the page's frame and the token of its forms. */
static bool
become(struct request *r, struct str token, struct err *err)
{
	struct principal *who = arena_make(r->arena, struct principal);

	if (!identity_session(r->store, token, r->now, r->arena, who, err))
		return false;
	if (!who->lang_chosen)
		who->lang = r->lang;
	r->who = who;
	r->lang = who->lang;
	r->face = (struct face){ who->lang, who->zone, who->roc_year, r->now };
	return true;
}

static void
come_in(struct request *r, struct answer *a, struct str token)
{
	struct str next = people_next(text_of(r, "next"));
	struct value *kept = kept_text(r, true);

	if (!become(r, token, &a->err))
		return;
	a->set_session = token;
	a->value = value_map(r->arena);
	map_bool(r->arena, a->value, "needs_code", false);
	map_time(r->arena, a->value, "session_ends", r->who->session_ends);
	if (kept->kind != V_NULL) {
		map_add(a->value, "kept", kept);
		a->page = "sign_in_kept";
	} else if (r->want == WANT_HTML) {
		a->location = next.n ? next : STR("/");
	}
}

static void
ask_for_code(struct request *r, struct answer *a, struct str ticket)
{
	if (r->want == WANT_HTML) {
		show_form(r, a, ticket);
		return;
	}
	a->value = value_map(r->arena);
	map_bool(r->arena, a->value, "needs_code", true);
	map_str(r->arena, a->value, "ticket", ticket);
}

void
handle_sign_in(struct request *r, struct answer *a)
{
	struct sign_in in = { .address = r->address, .user_agent = r->user_agent };
	struct str token;
	bool needs_code, ok;

	/* a form that was on its way elsewhere comes by to be kept */
	if (r->form && value_get(r->in, "keep") && !value_get(r->in, "login") &&
	    !value_get(r->in, "ticket")) {
		show_from_start(r, a);
		return;
	}
	/* kept fields may have any names */
	if (!r->form && !people_texts(r, &in_sign_in, &in, beside, &a->err))
		return;
	if (r->form) {
		in.login = text_of(r, "login");
		in.password = text_of(r, "password");
		in.code = text_of(r, "code");
		in.ticket = text_of(r, "ticket");
	}
	ok = identity_sign_in(r->store, r->arena, &in, &token, &needs_code, &a->err);
	people_wipe(r, &in_sign_in);
	if (!ok)
		people_again(r, a, show_again);
	else if (needs_code)
		ask_for_code(r, a, token);
	else
		come_in(r, a, token);
}

void
handle_sign_out(struct request *r, struct answer *a)
{
	if (r->who && !identity_sign_out(r->tx, r->who, &a->err))
		return;
	a->set_session = STR("");
	a->value = value_map(r->arena);
	if (r->want == WANT_HTML) {
		a->location = STR("/sign-in");
		a->notice = STR("notice.signed_out");
	}
}
