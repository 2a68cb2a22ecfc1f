/* Accounts: the list, one account, its person's data, and what can be done with it. */
#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "http/route.h"
#include "site/identity.h"
#include "site/people.h"

#define ROWS_USUAL 50
#define ROWS_MOST 200

/* ---- the list ---- */

static struct value *
state_options(const struct request *r)
{
	return view_options(r, &choices_account_state, request_query(r, "state"));
}

void
handle_account_list(struct request *r, struct answer *a)
{
	int64_t limit = request_query_int(r, "limit", ROWS_USUAL);
	struct account_filter f = {
		.text = request_query(r, "q"), .state = query_choice(r, "state", &choices_account_state),
		.org = request_query_int(r, "org", NONE), .after = request_query(r, "after"),
		.limit = limit < 1 ? 1 : limit > ROWS_MOST ? ROWS_MOST : (int)limit,
	};
	struct value *v = account_list(r->tx, r->who, &f, &a->err), *filter;

	if (!v)
		return;
	a->value = v;
	if (r->want != WANT_HTML)
		return;
	filter = map_map(r->arena, v, "filter");
	map_str(r->arena, filter, "q", f.text.p ? f.text : STR(""));
	map_add(filter, "states", state_options(r));
	map_int(r->arena, filter, "org", f.org);
	map_str(r->arena, v, "next_href",
	    value_text(value_get(v, "next")).p ? query_with(r, "after", value_text(value_get(v, "next"))) :
	    STR_NONE);
	map_str(r->arena, v, "first_href", f.after.p ? query_with(r, "after", STR_NONE) : STR_NONE);
	map_bool(r->arena, v, "has_rows", value_get(v, "rows")->n > 0);
}

/* ---- a new one ---- */

static unsigned
may_give(const struct principal *who)
{
	unsigned may = 0;

	for (int64_t kind = ORG_PROVIDER; kind <= ORG_OPERATOR; kind++)
		may |= account_grantable(who, kind);
	return may;
}

static struct value *
without(const struct request *r, const struct value *fields, const char *name)
{
	struct value *kept = value_list(r->arena);

	for (const struct value *f = fields->first; f; f = f->next)
		if (!str_is(value_text(value_get(f, "name")), name))
			list_add(kept, view_copy(r->arena, f));
	return kept;
}

void
handle_account_new(struct request *r, struct answer *a)
{
	struct new_account *blank = entity_new(&new_account, r->arena);
	struct value *orgs = account_orgs(r->tx, r->who, &a->err), *v, *fields;

	if (!orgs)
		return;
	blank->org = request_query_int(r, "org", r->who->org);
	v = value_map(r->arena);
	fields = form_fields(r, &new_account, blank, BY_V, ~0u, NULL);
	people_options(r, fields, "org", orgs, blank->org);
	people_restrict(fields, "roles", &choices_role, may_give(r->who));
	/* only the administrator makes keys for a program */
	if (!principal_is(r->who, ROLE_ADMINISTRATOR))
		fields = without(r, fields, "service");
	map_add(v, "fields", fields);
	map_bool(r->arena, v, "applies",
	    !principal_is(r->who, ROLE_ADMINISTRATOR | ROLE_MANAGER | ROLE_REVIEWER));
	a->value = v;
	a->page = "account_new";
}

/*
 * After a write: the account, and the link if one was made; a page goes on to the account unless there is a
 * link to hand over.
 */
static void
answer_account(struct request *r, struct answer *a, const struct account_made *made, struct str notice)
{
	a->value = account_view(r->tx, r->who, made->id, &a->err);
	if (!a->value)
		return;
	people_link(r, a->value, made);
	if (made->link.p && r->want == WANT_HTML) {
		a->page = "account_link";
		return;
	}
	a->location = arena_printf(r->arena, "/accounts/%lld", (long long)made->id);
	a->notice = notice;
}

void
handle_account_create(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	struct account_made made;

	if (!account_apply(r->tx, r->who, input.in, input.form, &made, &a->err))
		return;
	answer_account(r, a, &made, principal_is(r->who, ROLE_ADMINISTRATOR | ROLE_MANAGER | ROLE_REVIEWER) ?
	    STR("notice.account_made") :
	    STR("notice.account_applied"));
	if (a->value && r->want == WANT_JSON)
		a->status = 201;
}

/* ---- one account ---- */

/* Keys of an account that no person signs in to, for who sees to them. */
static bool
add_page(struct request *r, struct value *v, int64_t id, struct err *err)
{
	bool service = value_get(v, "service")->i,
	    sees = principal_is(r->who, ROLE_ADMINISTRATOR | ROLE_AUDITOR);
	struct value *keys = NULL;

	if (service && sees && !(keys = key_list(r->tx, r->who, id, err)))
		return false;
	people_keys(r, v, value_get(keys, "rows"),
	    arena_printf(r->arena, "/accounts/%lld/keys", (long long)id));
	map_bool(r->arena, v, "may_key", service && principal_is(r->who, ROLE_ADMINISTRATOR) &&
	    str_is(value_text(value_get(v, "state")), "active"));
	map_bool(r->arena, v, "may_edit", !principal_is(r->who, ROLE_AUDITOR) || id == r->who->account);
	map_bool(r->arena, v, "has_actions", value_get(v, "actions")->n > 0);
	return true;
}

void
handle_account_view(struct request *r, struct answer *a)
{
	struct value *v = account_view(r->tx, r->who, request_id(r, 0), &a->err);

	if (!v || (r->want == WANT_HTML && !add_page(r, v, request_id(r, 0), &a->err)))
		return;
	map_null(r->arena, v, "invite");
	a->value = v;
}

void
handle_account_edit(struct request *r, struct answer *a)
{
	struct account account;
	struct person person;
	struct value *v;

	if (!account_get(r->tx, r->who, request_id(r, 0), &account, &person, &a->err))
		return;
	if (principal_is(r->who, ROLE_AUDITOR) && account.id != r->who->account) {
		err_set(&a->err, FAULT_ROLE);
		return;
	}
	v = value_map(r->arena);
	map_int(r->arena, v, "id", account.id);
	map_str(r->arena, v, "login", account.login);
	map_str(r->arena, v, "name", person.name);
	map_int(r->arena, v, "version", account_version(&account, &person));
	map_add(v, "fields", form_fields(r, &entity_person, &person, BY_P, ~0u, NULL));
	a->value = v;
	a->page = "account_edit";
}

void
handle_account_save(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	struct account_made made = { .id = request_id(r, 0), .link = STR_NONE };
	struct account account;
	struct person person;

	/* an account that is not there has no version to be told */
	if (account_get(r->tx, r->who, made.id, &account, &person, &a->err) &&
	    people_expected(&input, &a->err) &&
	    account_save(r->tx, r->who, made.id, input.in, input.form, input.expected, &a->err))
		answer_account(r, a, &made, STR("notice.saved"));
}

/* ---- the verbs ---- */

static enum account_verb
verb_of(const struct request *r)
{
	enum account_verb verb = ACCOUNT_APPROVE;
	bool known = account_verb_parse(str_c(strrchr(r->route->path, '/') + 1), &verb);

	assert(known);
	return verb;
}

/* What the account has already stands in the form. */
static void *
filled_in(struct arena *a, const struct account_verb_row *row, const struct account *account)
{
	void *in = entity_new(row->input, a);

	if (row->verb == ACCOUNT_ROLES)
		((struct account_role_set *)in)->roles = account->roles;
	return in;
}

static bool
is_open(const struct value *view, const char *verb)
{
	for (const struct value *m = value_get(view, "actions")->first; m; m = m->next)
		if (str_is(value_text(value_get(m, "verb")), verb))
			return true;
	return false;
}

void
handle_account_verb_form(struct request *r, struct answer *a)
{
	const struct account_verb_row *row = &account_verbs[verb_of(r)];
	struct value *v = account_view(r->tx, r->who, request_id(r, 0), &a->err), *verb, *fields;
	struct account account;
	struct person person;

	if (!v || !account_get(r->tx, r->who, request_id(r, 0), &account, &person, &a->err))
		return;
	if (!r->refused && !is_open(v, row->id)) {
		err_set(&a->err, row->from & (1u << account.state) ? FAULT_ROLE : FAULT_STATE);
		return;
	}
	verb = map_map(r->arena, v, "verb");
	map_str(r->arena, verb, "id", str_c(row->id));
	map_str(r->arena, verb, "label", msg(r->lang, row->label));
	map_str(r->arena, verb, "hint", msg(r->lang, row->hint));
	map_bool(r->arena, verb, "grave", row->verb == ACCOUNT_REMOVE || row->verb == ACCOUNT_REJECT);
	fields = form_fields(r, row->input, filled_in(r->arena, row, &account), BY_V, ~0u, NULL);
	people_restrict(fields, "roles", &choices_role, may_give(r->who));
	map_add(v, "fields", fields);
	a->value = v;
	a->page = "account_verb";
}

void
handle_account_verb(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	struct account_made made;

	if (account_do(r->tx, r->who, request_id(r, 0), verb_of(r), input.in, input.form, input.expected,
	    &made, &a->err))
		answer_account(r, a, &made, STR("notice.done"));
}

/* ---- keys of an account that no person signs in to ---- */

void
handle_account_key_create(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	int64_t account = request_id(r, 0), id;
	struct str token;

	if (!key_create(r->tx, r->who, account, input.in, input.form, &token, &id, &a->err))
		return;
	a->value = value_map(r->arena);
	map_int(r->arena, a->value, "id", id);
	map_str(r->arena, a->value, "name", value_text(value_get(input.in, "name")));
	map_str(r->arena, a->value, "token", token);
	map_str(r->arena, a->value, "back", arena_printf(r->arena, "/accounts/%lld", (long long)account));
	a->status = 201;
	a->page = "key_made";
}

void
handle_account_key_form(struct request *r, struct answer *a)
{
	a->value = account_view(r->tx, r->who, request_id(r, 0), &a->err);
	if (!a->value)
		return;
	map_add(a->value, "fields",
	    form_fields(r, &new_key, entity_new(&new_key, r->arena), BY_P, ~0u, NULL));
	a->page = "account_key";
}

void
handle_account_key_revoke(struct request *r, struct answer *a)
{
	struct account_made made = { .id = request_id(r, 0), .link = STR_NONE };

	if (key_revoke(r->tx, r->who, request_id(r, 1), &a->err))
		answer_account(r, a, &made, STR("notice.key_revoked"));
}
