#include "desk/bootstrap.h"

#include <string.h>

#include "desk/identity_private.h"
#include "desk/organisation.h"

#define LINK_ROW(...) FIELD_ROW(terminal_link, __VA_ARGS__)
static const struct field link_fields[] = { TERMINAL_LINK(LINK_ROW) };
const struct entity terminal_link = ENTITY(terminal_link, link_fields, false);
#define SUSPEND_ROW(...) FIELD_ROW(terminal_suspend, __VA_ARGS__)
static const struct field suspend_fields[] = { TERMINAL_SUSPEND(SUSPEND_ROW) };
const struct entity terminal_suspend = ENTITY(terminal_suspend, suspend_fields, false);
#define BACKUP_ROW(...) FIELD_ROW(terminal_backup, __VA_ARGS__)
static const struct field backup_fields[] = { TERMINAL_BACKUP(BACKUP_ROW) };
const struct entity terminal_backup = ENTITY(terminal_backup, backup_fields, false);

static bool
sector_of_code(struct tx *tx, struct str code, struct sector *ret_sector, struct err *err)
{
	struct rows q = db_query(tx, S_SECTOR_BY_CODE, T(code));
	int64_t id = db_next(&q) ? db_int(&q, 0) : 0;

	if (!db_end(&q, err))
		return false;
	return id ? entity_fetch(tx, ENTITY_SECTOR, id, ret_sector, err) :
	    err_setf(err, FAULT_NOT_FOUND, "no sector %.*s", STR_FMT(code));
}

bool
bootstrap_organisation(struct tx *tx, struct organisation *o, struct str sector, struct err *err)
{
	struct sector s;

	if (!sector.n)
		return organisation_insert(tx, o, err);
	if (!sector_of_code(tx, sector, &s, err))
		return false;
	o->sector = s.id;
	if (!organisation_insert(tx, o, err))
		return false;
	if (o->org_kind != ORG_CERT)
		return true;
	s.cert = o->id;
	return entity_update(tx, ENTITY_SECTOR, &s, s.version, "sector.update", 0, NULL, err);
}

/*
 * Hashed once for equal texts: forty people of a fictional sector would take ten seconds. Only the writer's
 * thread comes here.
 */
static bool
hash_of(struct arena *a, struct str password, struct str *ret_hash, struct err *err)
{
	static char known_hash[200];
	static struct sha256 known;
	struct sha256 digest = sha256(password);
	struct str hash;

	if (!known_hash[0] || memcmp(&digest, &known, sizeof(digest)) != 0) {
		if (!identity_hash(a, password, &hash, err))
			return false;
		memcpy(known_hash, hash.p, hash.n + 1);
		known = digest;
	}
	*ret_hash = arena_dup(a, str_c(known_hash));
	return true;
}

bool
bootstrap_person(struct tx *tx, const struct bootstrap_person *p, struct arena *a, struct principal *ret_who,
    struct err *err)
{
	struct person *person = entity_new(&entity_person, tx_arena(tx));
	struct account *account = entity_new(&entity_account, tx_arena(tx));
	struct principal who;
	struct str hash;
	int64_t key = 0;

	person->name = p->name;
	person->title = p->title;
	person->phone = p->phone;
	person->email = p->email;
	account->login = login_spelled(tx_arena(tx), p->login);
	account->org = p->org;
	account->roles = p->roles;
	account->state = ACCOUNT_ACTIVE;
	if (!account_insert(tx, person, account, "account.bootstrap", err))
		return false;
	if (p->password.n && (!hash_of(tx_arena(tx), p->password, &hash, err) ||
	    !password_store(tx, account, hash, "account.password_set", err)))
		return false;
	if (p->token.n && !key_insert(tx, account->id, account->org, p->login, p->token, NO_TIME, &key, err))
		return false;
	if (!principal_load(tx, account->id, &who, err))
		return false;
	who.key = key;
	who.name = arena_dup(a, who.name);
	for (int l = 0; l < LANG__MAX; l++)
		who.org_name[l] = arena_dup(a, who.org_name[l]);
	*ret_who = who;
	return true;
}

void
bootstrap_act_as(struct tx *tx, const struct principal *who)
{
	identity_act(tx, who, STR(""));
}

bool
bootstrap_setup_link(struct tx *tx, struct arena *a, struct str *ret_path, struct err *err)
{
	struct rows q = db_query(tx, S_ACCOUNT_OTHER_ADMINISTRATOR, I(ROLE_ADMINISTRATOR), I(0));
	bool exists = db_next(&q);
	struct account_made made;

	if (!db_end(&q, err))
		return false;
	if (exists)
		return err_setf(err, FAULT_EXISTS, "an administrator");
	if (!link_make(tx, a, LINK_SETUP, 0, 0, false, &made, err))
		return false;
	*ret_path = made.link;
	return true;
}

/* Whoever sits at the terminal has the database: the lost second factor is taken off as well. */
bool
bootstrap_account_link(struct tx *tx, struct str login, struct arena *a, struct str *ret_path,
    struct err *err)
{
	struct account account;
	struct account_made made;

	if (!account_named(tx, login, &account, err))
		return false;
	if (account.state != ACCOUNT_ACTIVE)
		return err_set(err, FAULT_STATE);
	if (!link_make(tx, a, account.password_at == NONE ? LINK_INVITE : LINK_RESET, account.id, account.org,
	    true, &made, err))
		return false;
	*ret_path = made.link;
	return true;
}

bool
bootstrap_account_suspend(struct tx *tx, struct str login, struct str reason, struct err *err)
{
	struct account account;

	if (!account_named(tx, login, &account, err))
		return false;
	if (account.state != ACCOUNT_ACTIVE)
		return err_set(err, FAULT_STATE);
	return account_suspend(tx, &account, reason, err) && key_revoke_all(tx, account.id, "suspended", err);
}

/* "reviewer, handler" */
static struct str
roles_text(struct arena *a, int64_t roles)
{
	struct buf b = { .arena = a };

	for (int i = 0; i < choices_role.n; i++) {
		if (!(roles & (INT64_C(1) << choices_role.list[i].code)))
			continue;
		buf_c(&b, b.n ? ", " : "");
		buf_put(&b, choices_role.list[i].key);
	}
	return buf_str(&b);
}

struct value *
bootstrap_accounts(struct tx *tx, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *list = value_list(a);
	struct rows q = db_query(tx, S_ACCOUNT_LIST_ALL, I(0), I(0), T(STR("")), N(NONE), N(NONE),
	    T(STR_NONE), I(INT64_MAX));

	while (db_next(&q)) {
		struct value *row = list_add(list, value_map(a));

		map_str(a, row, "login", db_str(&q, 1));
		map_str(a, row, "name", db_str(&q, 2));
		map_str(a, row, "organisation", db_str(&q, 4));
		map_str(a, row, "roles", roles_text(a, db_int(&q, 6)));
		map_str(a, row, "state", choice_by_code(&choices_account_state, db_int(&q, 7))->key);
		map_time(a, row, "last_sign_in", db_int(&q, 9));
	}
	return db_end(&q, err) ? list : NULL;
}
