/*
 * Accounts: who may see which, lists, one account with its person, the person's data. What changes an
 * account's state: account_life.c.
 */
#include "desk/account.h"

#include <string.h>

#include "desk/identity_private.h"
#include "desk/organisation_private.h"

/* ---- logins ---- */

struct str
login_spelled(struct arena *a, struct str typed)
{
	struct str s = str_trim(typed);
	char *p = arena_raw(a, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
	return (struct str){ p, s.n };
}

bool
login_ok(struct str login, struct err *err)
{
	for (size_t i = 0; i < login.n; i++)
		if (!login.p[i] || !strchr("abcdefghijklmnopqrstuvwxyz0123456789._-@", login.p[i]))
			return err_field(err, STR("login"), "field.account.login", FAULT_F_LOGIN, 0,
			    STR_NONE);
	return true;
}

bool
login_free(struct tx *tx, struct str login, struct err *err)
{
	struct rows q = db_query(tx, S_ACCOUNT_BY_LOGIN, T(login));
	bool taken = db_next(&q);

	if (!db_end(&q, err))
		return false;
	return !taken || err_field(err, STR("login"), "field.account.login", FAULT_F_TAKEN, 0, STR_NONE);
}

bool
account_named(struct tx *tx, struct str login, struct account *ret_account, struct err *err)
{
	struct rows q = db_query(tx, S_ACCOUNT_BY_LOGIN, T(login_spelled(tx_arena(tx), login)));
	int64_t id = db_next(&q) ? db_int(&q, 0) : 0;

	if (!db_end(&q, err))
		return false;
	return id ? entity_fetch(tx, ENTITY_ACCOUNT, id, ret_account, err) : err_set(err, FAULT_NOT_FOUND);
}

bool
account_again(struct tx *tx, const struct account *seen, struct account *ret_account, struct err *err)
{
	if (!entity_fetch(tx, ENTITY_ACCOUNT, seen->id, ret_account, err))
		return false;
	return ret_account->version == seen->version || err_set(err, FAULT_VERSION);
}

bool
account_update(struct tx *tx, struct account *account, const char *action, struct err *err)
{
	return entity_update(tx, ENTITY_ACCOUNT, account, account->version, action, account->org, NULL, err);
}

bool
account_note(struct tx *tx, const char *action, int64_t account, int64_t org, const struct value *facts,
    struct err *err)
{
	struct audit record = { .action = action, .entity = "account", .object = account, .org = org,
	    .details = facts };

	return audit_append(tx, &record, err);
}

int64_t
account_version(const struct account *account, const struct person *person)
{
	return account->version + person->version - 1;
}

/* ---- who sees which ---- */

#define SEE_ACCOUNTS (ROLE_ADMINISTRATOR | ROLE_AUDITOR | ROLE_REVIEWER | ROLE_MANAGER | ROLE_PROVIDER_ADMIN)

static bool
in_reach(struct tx *tx, const struct principal *who, const struct account *account, struct err *err)
{
	if (account->id == who->account)
		return true;
	if (!principal_is(who, SEE_ACCOUNTS) || reach_of(who) == REACH_NATION)
		return false;
	return organisation_in_reach(tx, who, account->org, err);
}

bool
account_get(struct tx *tx, const struct principal *who, int64_t id, struct account *ret_account,
    struct person *ret_person, struct err *err)
{
	struct account account;

	if (!entity_fetch(tx, ENTITY_ACCOUNT, id, &account, err))
		return false;
	if (!in_reach(tx, who, &account, err))
		return err_set(err, FAULT_NOT_FOUND);
	*ret_account = account;
	return entity_fetch(tx, ENTITY_PERSON, account.person, ret_person, err);
}

unsigned
account_grantable(const struct principal *who, int64_t org_kind)
{
	unsigned may = 0;

	if (principal_is(who, ROLE_ADMINISTRATOR))
		may |= ROLE__ANY;
	if (principal_is(who, ROLE_MANAGER))
		may |= ROLE_PROVIDER | ROLE_CERT;
	if (principal_is(who, ROLE_REVIEWER | ROLE_PROVIDER_ADMIN))
		may |= ROLE_PROVIDER;
	return may & roles_of_org(org_kind);
}

/* ---- lists ---- */

static void
add_roles(struct arena *a, struct value *map, const char *key, int64_t roles)
{
	struct value *list = map_list(a, map, key);

	for (int i = 0; i < choices_role.n; i++) {
		const struct choice *c = &choices_role.list[i];
		struct value *v;

		if (!(roles & (INT64_C(1) << c->code)))
			continue;
		v = list_add(list, value_str(a, c->key));
		v->kind = V_TERM;
		v->term = c->msg;
	}
}

static void
add_state(struct arena *a, struct value *map, int64_t state)
{
	const struct choice *c = choice_by_code(&choices_account_state, state);

	map_term(a, map, "state", c->key, c->msg);
}

static int
list_statement(const struct principal *who)
{
	return principal_is(who, SEE_ACCOUNTS) ?
	    reach_statement(reach_of(who), S_ACCOUNT_LIST_ORG, S_ACCOUNT_LIST_CERT, S__MAX,
	    S_ACCOUNT_LIST_ALL) : S__MAX;
}

static void
add_row(struct arena *a, struct value *row, const struct rows *q, enum lang lang)
{
	struct value *org;

	map_int(a, row, "id", db_int(q, 0));
	map_str(a, row, "login", db_str(q, 1));
	map_str(a, row, "name", db_str(q, 2));
	org = map_map(a, row, "organisation");
	map_int(a, org, "id", db_int(q, 3));
	map_str(a, org, "name", name_in(lang, db_str(q, 4), db_str(q, 5)));
	add_roles(a, row, "roles", db_int(q, 6));
	add_state(a, row, db_int(q, 7));
	map_bool(a, row, "totp", !db_null(q, 8));
	map_time(a, row, "signed_in_at", db_int(q, 9));
}

struct value *
account_list(struct tx *tx, const struct principal *who, const struct account_filter *f, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a), *rows = map_list(a, v, "rows");
	int statement = list_statement(who), n = 0;
	struct str last = STR_NONE;
	struct rows q;

	if (statement == S__MAX) {
		err_set(err, FAULT_ROLE);
		return NULL;
	}
	q = db_query(tx, statement, I(who->org), I(who->account), T(f->after.p ? f->after : STR("")),
	    N(f->state), N(f->org), T(like_part(a, f->text)), I(f->limit + 1));
	while (db_next(&q) && n++ < f->limit) {
		add_row(a, list_add(rows, value_map(a)), &q, who->lang);
		last = db_str(&q, 1);
	}
	map_str(a, v, "next", n > f->limit ? last : STR_NONE);
	map_bool(a, v, "may_create", principal_is(who, SEE_ACCOUNTS & ~(unsigned)ROLE_AUDITOR));
	return db_end(&q, err) ? v : NULL;
}

struct value *
account_orgs(struct tx *tx, const struct principal *who, struct err *err)
{
	enum { MOST = 500 };
	struct arena *a = tx_arena(tx);
	struct value *list = value_list(a);
	int statement = reach_statement(reach_of(who), S_ORG_LIST_ORG, S_ORG_LIST_CERT, S__MAX,
	    S_ORG_LIST_ALL);
	struct rows q;

	if (statement == S__MAX)
		return list;
	q = db_query(tx, statement, I(who->org), I(who->account), T(STR("")), I(0), N(NONE), N(NONE), N(NONE),
	    T(STR_NONE), I(MOST));
	while (db_next(&q)) {
		struct value *row;

		if (db_int(&q, 6) == ORG_REMOVED || account_grantable(who, db_int(&q, 3)) == 0)
			continue;
		row = list_add(list, value_map(a));
		map_int(a, row, "id", db_int(&q, 0));
		map_str(a, row, "name", name_in(who->lang, db_str(&q, 1), db_str(&q, 2)));
	}
	return db_end(&q, err) ? list : NULL;
}

/* ---- one account ---- */

/* Names that the view has beside the fields of account and person. */
static const char *const beside[] = {
	"id", "version", "created_at", "changed_at", "organisation", "totp", "service", "signed_in_at", "own",
	    "successor_name", "actions",
	"invite", NULL,
};

static bool
add_successor(struct tx *tx, struct value *v, const struct account *account, struct err *err)
{
	struct rows q;

	if (account->successor == NONE) {
		map_null(tx_arena(tx), v, "successor_name");
		return true;
	}
	q = db_query(tx, S_ACCOUNT_NAME, I(account->successor));
	map_str(tx_arena(tx), v, "successor_name", db_next(&q) ? db_str(&q, 0) : STR_NONE);
	return db_end(&q, err);
}

static void
add_fields(struct arena *a, struct value *v, const struct account *account, const struct person *person)
{
	for (int i = 0; i < entity_account.n; i++)
		if (!(entity_account.fields[i].flags & SECRET))
			field_show(&entity_account.fields[i], account, v, a);
	for (int i = 0; i < entity_person.n; i++)
		if (!str_is(entity_person.fields[i].key, "org"))
			field_show(&entity_person.fields[i], person, v, a);
}

struct value *
account_view(struct tx *tx, const struct principal *who, int64_t id, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a);
	struct account account;
	struct person person;

	if (!account_get(tx, who, id, &account, &person, err))
		return NULL;
	map_int(a, v, "id", account.id);
	map_int(a, v, "version", account_version(&account, &person));
	map_time(a, v, "created_at", account.created_at);
	map_time(a, v, "changed_at", account.changed_at > person.changed_at ? account.changed_at :
	    person.changed_at);
	add_fields(a, v, &account, &person);
	if (!add_organisation(tx, v, "organisation", account.org, who->lang, err) ||
	    !add_successor(tx, v, &account, err))
		return NULL;
	map_bool(a, v, "totp", account.totp.n > 0);
	map_bool(a, v, "service", account.password_at == NONE);
	map_bool(a, v, "own", account.id == who->account);
	account_actions(who, &account, v, a);
	return v;
}

/* ---- the person's data ---- */

static bool
named_in(struct str name, const char *const *list)
{
	for (; *list; list++)
		if (str_is(name, *list))
			return true;
	return false;
}

/* A member again, for another map. */
static void
pass_on(struct arena *a, struct value *map, const struct value *member)
{
	struct value *v = arena_make(a, struct value);

	*v = *member;
	v->next = NULL;
	map_add_str(map, member->name, v);
}

/* The account's fields may come back as they were given; only the person's change. */
static void
split(struct arena *a, const struct value *in, struct value *account, struct value *person)
{
	for (const struct value *m = in->first; m; m = m->next) {
		const struct field *f = entity_field(&entity_account, m->name);

		if (f && !(f->flags & SECRET))
			pass_on(a, account, m);
		else if (!named_in(m->name, beside))
			pass_on(a, person, m);
	}
}

bool
account_save(struct tx *tx, const struct principal *who, int64_t id, const struct value *in, bool form,
    int64_t expected, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *for_account = value_map(a), *for_person = value_map(a);
	struct entity_input of_account = { .in = for_account, .form = form, .local = who->zone };
	struct entity_input of_person = { .in = for_person, .editors = BY_P | BY_V, .form = form,
	    .local = who->zone };
	struct account account, same;
	struct person person, before;

	if (!account_get(tx, who, id, &account, &person, err))
		return false;
	if (account.id != who->account && !principal_is(who, SEE_ACCOUNTS & ~(unsigned)ROLE_AUDITOR))
		return err_set(err, FAULT_ROLE);
	if (expected && expected != account_version(&account, &person)) {
		err->data = value_map(a);
		map_int(a, err->data, "version", account_version(&account, &person));
		return err_set(err, FAULT_VERSION);
	}
	split(a, in, for_account, for_person);
	same = account;
	before = person;
	entity_read(&entity_account, &of_account, &same, a, err);
	entity_read(&entity_person, &of_person, &person, a, err);
	if (!entity_complete(&entity_person, &person, REQUIRED, err) || err->fault != FAULT_NONE)
		return false;
	if (!str_eq(person.phone, before.phone) || !str_eq(person.email, before.email)) {
		person.contact_state = CONTACT_UNVERIFIED;
		person.verified_at = NONE;
	}
	identity_changed(tx);
	return entity_update(tx, ENTITY_PERSON, &person, 0, "person.update", account.org, NULL, err);
}
