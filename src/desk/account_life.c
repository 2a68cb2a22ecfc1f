/*
 * How an account comes, changes and goes. Four guards stand before every verb: the account is in reach, the
 * verb is for these roles, it is not one's own account, and nobody manages an account that holds more than he
 * could give.
 */
#include "desk/account.h"

#include "desk/identity_private.h"
#include "desk/organisation.h"
#include "desk/organisation_private.h"

#define IN_STATE(s) (1u << (s))
#define EXAMINERS (ROLE_ADMINISTRATOR | ROLE_MANAGER | ROLE_REVIEWER)

#define NEW_ACCOUNT_ROW(...) FIELD_ROW(new_account, __VA_ARGS__)
#define ACCOUNT_REASON_ROW(...) FIELD_ROW(account_reason, __VA_ARGS__)
#define ACCOUNT_ROLE_SET_ROW(...) FIELD_ROW(account_role_set, __VA_ARGS__)
#define ACCOUNT_LINK_ROW(...) FIELD_ROW(account_link, __VA_ARGS__)
#define ACCOUNT_SUCCESSION_ROW(...) FIELD_ROW(account_succession, __VA_ARGS__)
static const struct field new_account_fields[] = { NEW_ACCOUNT(NEW_ACCOUNT_ROW) };
static const struct field reason_fields[] = { ACCOUNT_REASON(ACCOUNT_REASON_ROW) };
static const struct field role_set_fields[] = { ACCOUNT_ROLE_SET(ACCOUNT_ROLE_SET_ROW) };
static const struct field link_fields[] = { ACCOUNT_LINK(ACCOUNT_LINK_ROW) };
static const struct field succession_fields[] = { ACCOUNT_SUCCESSION(ACCOUNT_SUCCESSION_ROW) };
const struct entity new_account = ENTITY(new_account, new_account_fields, false);
const struct entity account_reason = ENTITY(account_reason, reason_fields, false);
const struct entity account_role_set = ENTITY(account_role_set, role_set_fields, false);
const struct entity account_link = ENTITY(account_link, link_fields, false);
const struct entity account_succession = ENTITY(account_succession, succession_fields, false);
const struct entity account_empty = { "account_empty", NULL, 0, 0, false };

#define VERB_ROW(verb, id, from, roles, input) \
	[verb] = { verb, id, "account.verb." id, "account.verb." id ".hint", (from), (roles), &(input) }
const struct account_verb_row account_verbs[ACCOUNT_VERB__MAX] = {
	VERB_ROW(ACCOUNT_APPROVE, "approve", IN_STATE(ACCOUNT_APPLIED), EXAMINERS, account_empty),
	VERB_ROW(ACCOUNT_REJECT, "reject", IN_STATE(ACCOUNT_APPLIED), EXAMINERS, account_reason),
	VERB_ROW(ACCOUNT_SUSPEND, "suspend", IN_STATE(ACCOUNT_ACTIVE), EXAMINERS | ROLE_PROVIDER_ADMIN,
	    account_reason),
	VERB_ROW(ACCOUNT_RESUME, "resume", IN_STATE(ACCOUNT_SUSPENDED), EXAMINERS, account_empty),
	VERB_ROW(ACCOUNT_REMOVE, "remove", IN_STATE(ACCOUNT_ACTIVE) | IN_STATE(ACCOUNT_SUSPENDED),
	    EXAMINERS | ROLE_PROVIDER_ADMIN, account_reason),
	VERB_ROW(ACCOUNT_ROLES, "roles",
	    IN_STATE(ACCOUNT_APPLIED) | IN_STATE(ACCOUNT_ACTIVE) | IN_STATE(ACCOUNT_SUSPENDED), EXAMINERS,
	    account_role_set),
	VERB_ROW(ACCOUNT_INVITE, "invite", IN_STATE(ACCOUNT_ACTIVE), EXAMINERS, account_link),
	VERB_ROW(ACCOUNT_HANDOVER, "handover", IN_STATE(ACCOUNT_ACTIVE) | IN_STATE(ACCOUNT_SUSPENDED),
	    EXAMINERS | ROLE_PROVIDER_ADMIN, account_succession),
};

bool
account_verb_parse(struct str id, enum account_verb *ret_verb)
{
	for (int i = 0; i < ACCOUNT_VERB__MAX; i++)
		if (str_is(id, account_verbs[i].id)) {
			*ret_verb = account_verbs[i].verb;
			return true;
		}
	return false;
}

/* ---- guards ---- */

static bool
org_kind_of(struct tx *tx, int64_t org, int64_t *ret_kind, struct err *err)
{
	struct organisation o;

	if (!entity_fetch(tx, ENTITY_ORGANISATION, org, &o, err))
		return false;
	*ret_kind = o.org_kind;
	return true;
}

/*
 * Nobody manages his own account, but everybody may hand his over; nobody manages one that holds more than he
 * could give.
 */
static bool
may_do(const struct principal *who, const struct account *account, const struct account_verb_row *row)
{
	unsigned all = ROLE__ANY, may = 0;

	if (!principal_is(who, row->roles))
		return false;
	if (account->id == who->account)
		return row->verb == ACCOUNT_HANDOVER;
	for (int64_t kind = ORG_PROVIDER; kind <= ORG_OPERATOR; kind++)
		may |= account_grantable(who, kind);
	return principal_is(who, ROLE_ADMINISTRATOR) || ((unsigned)account->roles & all & ~may) == 0;
}

void
account_actions(const struct principal *who, const struct account *account, struct value *v, struct arena *a)
{
	struct value *actions = map_list(a, v, "actions");

	for (int i = 0; i < ACCOUNT_VERB__MAX; i++) {
		const struct account_verb_row *row = &account_verbs[i];
		struct value *action;

		if (!(row->from & IN_STATE(account->state)) || !may_do(who, account, row))
			continue;
		action = list_add(actions, value_map(a));
		map_str(a, action, "verb", str_c(row->id));
		map_str(a, action, "label", msg(who->lang, row->label));
		map_str(a, action, "hint", msg(who->lang, row->hint));
		map_bool(a, action, "primary", row->verb == ACCOUNT_APPROVE || row->verb == ACCOUNT_RESUME);
		map_str(a, action, "href",
		    arena_printf(a, "/accounts/%lld/%s", (long long)account->id, row->id));
	}
}

static bool
state_refused(const struct principal *who, const struct account *account, struct arena *a, struct err *err)
{
	err->data = value_map(a);
	map_str(a, err->data, "state", choice_by_code(&choices_account_state, account->state)->key);
	account_actions(who, account, err->data, a);
	return err_set(err, FAULT_STATE);
}

/* Roles that may be held together, at such an organisation, and that this person may give. */
static bool
roles_allowed(const struct principal *who, int64_t roles, int64_t org_kind, struct err *err)
{
	enum role a, b;

	if (!roles_agree((unsigned)roles, &a, &b))
		return roles_refused(a, b, who->lang, err);
	if ((unsigned)roles & ~roles_of_org(org_kind))
		return err_field(err, STR("roles"), "field.account.roles", FAULT_F_CHOICE, 0, STR_NONE);
	if ((unsigned)roles & ~account_grantable(who, org_kind))
		return err_set(err, FAULT_ROLE);
	return true;
}

bool
administrator_remains(struct tx *tx, const struct account *without, struct err *err)
{
	struct rows q;
	bool other;

	if (without->state != ACCOUNT_ACTIVE || !((unsigned)without->roles & ROLE_ADMINISTRATOR))
		return true;
	q = db_query(tx, S_ACCOUNT_OTHER_ADMINISTRATOR, I(ROLE_ADMINISTRATOR), I(without->id));
	other = db_next(&q);
	if (!db_end(&q, err))
		return false;
	return other || err_set(err, FAULT_LAST_ADMINISTRATOR);
}

/* ---- coming ---- */

bool
account_insert(struct tx *tx, struct person *person, struct account *account, const char *action,
    struct err *err)
{
	person->org = account->org;
	person->contact_state = CONTACT_UNVERIFIED;
	if (!entity_insert(tx, ENTITY_PERSON, person, "person.create", account->org, err))
		return false;
	account->person = person->id;
	if (!entity_insert(tx, ENTITY_ACCOUNT, account, action, account->org, err))
		return false;
	return account->state != ACCOUNT_ACTIVE || organisation_registered(tx, account->org, err);
}

/* One person, one account: the same name and address at the same organisation is the same person. */
static bool
person_is_new(struct tx *tx, const struct person *person, int64_t org, struct err *err)
{
	struct rows q = db_query(tx, S_ACCOUNT_OF_PERSON, I(org), T(person->name), T(person->email));
	bool there = db_next(&q);

	if (!db_end(&q, err))
		return false;
	return !there || err_field(err, STR("email"), "field.person.email", FAULT_F_TAKEN, 0, STR_NONE);
}

/* A new person with an account: applied for, or active at once, then with a link if that is wanted. */
static bool
come_in(struct tx *tx, struct person *person, struct account *account, bool active, bool link,
    struct account_made *ret_made, struct err *err)
{
	struct account_made made = { .link = STR_NONE };

	account->login = login_spelled(tx_arena(tx), account->login);
	if (!login_ok(account->login, err) || !login_free(tx, account->login, err) ||
	    !person_is_new(tx, person, account->org, err))
		return false;
	account->state = ACCOUNT_APPLIED;
	if (!account_insert(tx, person, account, "account.apply", err))
		return false;
	if (active) {
		account->state = ACCOUNT_ACTIVE;
		if (!account_update(tx, account, "account.approve", err) ||
		    !organisation_registered(tx, account->org, err) ||
		    (link &&
		    !link_make(tx, tx_arena(tx), LINK_INVITE, account->id, account->org, false, &made, err)))
			return false;
	}
	made.id = account->id;
	*ret_made = made;
	return true;
}

bool
account_apply(struct tx *tx, const struct principal *who, const struct value *in, bool form,
    struct account_made *ret_made, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct entity_input input = { .in = in, .editors = BY_V, .form = form, .local = who->zone };
	struct new_account *n = entity_new(&new_account, a);
	struct person *person = entity_new(&entity_person, a);
	struct account *account = entity_new(&entity_account, a);
	int64_t kind;
	bool reached;

	entity_read(&new_account, &input, n, a, err);
	if (!entity_complete(&new_account, n, REQUIRED, err) || err->fault != FAULT_NONE)
		return false;
	account->org = n->org == NONE ? who->org : n->org;
	reached = organisation_in_reach(tx, who, account->org, err);
	if (err->fault != FAULT_NONE)
		return false;
	if (!reached)
		return err_field(err, STR("org"), "field.account.org", FAULT_F_REF, 0, STR_NONE);
	if (!org_kind_of(tx, account->org, &kind, err) || !roles_allowed(who, n->roles, kind, err))
		return false;
	person->name = n->name;
	person->title = n->title;
	person->email = n->email;
	person->phone = n->phone;
	person->fax = n->fax;
	account->login = n->login;
	account->roles = n->roles;
	/* who examines applications need not apply */
	return come_in(tx, person, account, principal_is(who, EXAMINERS), n->service != 1, ret_made, err);
}

/* ---- the verbs ---- */

/* What a verb works on. */
struct work {
	struct tx *tx;
	const struct principal *who;
	struct account account;
	struct person person;
	int64_t kind;                    /* of the organisation */
	void *in;
	struct account_made made;
};

static bool
change(struct work *w, const char *action, struct err *err)
{
	identity_changed(w->tx);
	return account_update(w->tx, &w->account, action, err);
}

static bool
approve(struct work *w, struct err *err)
{
	if (!roles_allowed(w->who, w->account.roles, w->kind, err))
		return false;
	w->account.state = ACCOUNT_ACTIVE;
	return change(w, "account.approve", err) && organisation_registered(w->tx, w->account.org, err) &&
	    link_make(w->tx, tx_arena(w->tx), LINK_INVITE, w->account.id, w->account.org, false, &w->made,
	    err);
}

/* Those who wanted to hand over to somebody who does not come stay. */
static bool
keep_predecessors(struct work *w, struct err *err)
{
	enum { MOST = 20 };
	int64_t ids[MOST];
	int n = 0;
	struct rows q = db_query(w->tx, S_ACCOUNT_PREDECESSORS, I(w->account.id));

	while (n < MOST && db_next(&q))
		ids[n++] = db_int(&q, 0);
	if (!db_end(&q, err))
		return false;
	for (int i = 0; i < n; i++) {
		struct account stays;

		if (!entity_fetch(w->tx, ENTITY_ACCOUNT, ids[i], &stays, err))
			return false;
		stays.successor = NONE;
		if (!account_update(w->tx, &stays, "account.stays", err))
			return false;
	}
	return true;
}

static bool
reject(struct work *w, struct err *err)
{
	w->account.reason = ((struct account_reason *)w->in)->reason;
	w->account.state = ACCOUNT_REJECTED;
	return change(w, "account.reject", err) && keep_predecessors(w, err);
}

static bool
suspend(struct work *w, struct err *err)
{
	return account_suspend(w->tx, &w->account, ((struct account_reason *)w->in)->reason, err);
}

bool
account_suspend(struct tx *tx, struct account *account, struct str reason, struct err *err)
{
	if (!administrator_remains(tx, account, err))
		return false;
	account->reason = reason;
	account->state = ACCOUNT_SUSPENDED;
	identity_changed(tx);
	return account_update(tx, account, "account.suspend", err) &&
	    session_end_all(tx, account->id, 0, "suspended", err);
}

static bool
resume(struct work *w, struct err *err)
{
	if (!roles_allowed(w->who, w->account.roles, w->kind, err))
		return false;
	w->account.reason = STR_NONE;
	w->account.state = ACCOUNT_ACTIVE;
	return change(w, "account.resume", err);
}

bool
account_close(struct tx *tx, struct account *account, struct str reason, struct err *err)
{
	if (!administrator_remains(tx, account, err))
		return false;
	account->reason = reason;
	account->state = ACCOUNT_REMOVED;
	identity_changed(tx);
	return account_update(tx, account, "account.remove", err) &&
	    session_end_all(tx, account->id, 0, "removed", err) &&
	    key_revoke_all(tx, account->id, "removed", err);
}

static bool
leave(struct work *w, struct err *err)
{
	return account_close(w->tx, &w->account, ((struct account_reason *)w->in)->reason, err);
}

static bool
set_roles(struct work *w, struct err *err)
{
	struct account_role_set *in = w->in;

	if (!roles_allowed(w->who, in->roles, w->kind, err))
		return false;
	if (!((unsigned)in->roles & ROLE_ADMINISTRATOR) && !administrator_remains(w->tx, &w->account, err))
		return false;
	if (in->roles == w->account.roles)
		return true;
	w->account.roles = in->roles;
	return change(w, "account.roles", err) && session_end_all(w->tx, w->account.id, 0, "roles", err);
}

static bool
invite(struct work *w, struct err *err)
{
	bool drop = ((struct account_link *)w->in)->drop_totp == 1;

	return link_make(w->tx, tx_arena(w->tx), w->account.password_at == NONE ? LINK_INVITE : LINK_RESET,
	    w->account.id, w->account.org, drop, &w->made, err);
}

static bool
hand_over(struct work *w, struct err *err)
{
	struct account_succession *in = w->in;
	struct person *person = entity_new(&entity_person, tx_arena(w->tx));
	struct account *account = entity_new(&entity_account, tx_arena(w->tx));
	bool own = w->account.id == w->who->account;

	if (!own && !roles_allowed(w->who, w->account.roles, w->kind, err))
		return false;
	person->name = in->name;
	person->title = in->title;
	person->email = in->email;
	person->phone = in->phone;
	account->login = in->login;
	account->org = w->account.org;
	account->roles = w->account.roles;
	/* nobody chooses alone who holds his own roles after him */
	if (!come_in(w->tx, person, account, !own && principal_is(w->who, EXAMINERS), true, &w->made, err))
		return false;
	w->account.successor = account->id;
	if (!change(w, "account.handover", err))
		return false;
	return in->close_now != 1 ||
	    account_close(w->tx, &w->account,
	    arena_printf(tx_arena(w->tx), "-> %.*s", STR_FMT(account->login)), err);
}

static bool (*const verb_work[ACCOUNT_VERB__MAX])(struct work *w, struct err *err) = {
	[ACCOUNT_APPROVE] = approve, [ACCOUNT_REJECT] = reject, [ACCOUNT_SUSPEND] = suspend,
	[ACCOUNT_RESUME] = resume, [ACCOUNT_REMOVE] = leave, [ACCOUNT_ROLES] = set_roles,
	[ACCOUNT_INVITE] = invite, [ACCOUNT_HANDOVER] = hand_over,
};

static bool
read_input(struct work *w, const struct entity *e, const struct value *in, bool form, struct err *err)
{
	static const char *const beside[] = { "version", NULL };
	struct arena *a = tx_arena(w->tx);
	struct entity_input input = { .in = in ? in : value_map(a), .editors = BY_V, .form = form,
	    .local = w->who->zone, .beside = beside };

	w->in = entity_new(e, a);
	entity_read(e, &input, w->in, a, err);
	return entity_complete(e, w->in, REQUIRED, err) && err->fault == FAULT_NONE;
}

bool
account_do(struct tx *tx, const struct principal *who, int64_t id, enum account_verb verb,
    const struct value *in, bool form, int64_t expected, struct account_made *ret_made, struct err *err)
{
	const struct account_verb_row *row = &account_verbs[verb];
	struct work w = { .tx = tx, .who = who, .made = { .link = STR_NONE } };

	if (!account_get(tx, who, id, &w.account, &w.person, err) ||
	    !org_kind_of(tx, w.account.org, &w.kind, err))
		return false;
	if (!may_do(who, &w.account, row))
		return err_set(err, FAULT_ROLE);
	if (!(row->from & IN_STATE(w.account.state)))
		return state_refused(who, &w.account, tx_arena(tx), err);
	if (expected && expected != account_version(&w.account, &w.person))
		return err_set(err, FAULT_VERSION);
	if (!read_input(&w, row->input, in, form, err) || !verb_work[verb](&w, err))
		return false;
	if (w.made.id == 0)
		w.made.id = id;
	*ret_made = w.made;
	return true;
}
