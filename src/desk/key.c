/* API keys: "tok_" and 32 random bytes, shown once, kept as a keyed digest. */
#include "base/rand.h"
#include "desk/identity_private.h"

#define KEY_BYTES 32
#define HINT_LETTERS 8
#define DAYS_LONGEST 730
#define DAYS_USUAL 365
#define KEYS_AT_ONCE 100

#define NEW_KEY(F) \
	F(name, TEXT, REQUIRED, BY_P, ALWAYS, 1, 100, NULL, NULL) \
	F(days, INT,  0,        BY_P, ALWAYS, 1, DAYS_LONGEST, NULL, NULL)
struct new_key { NEW_KEY(FIELD_MEMBER) };
#define NEW_KEY_ROW(...) FIELD_ROW(new_key, __VA_ARGS__)
static const struct field new_key_fields[] = { NEW_KEY(NEW_KEY_ROW) };
const struct entity new_key = ENTITY(new_key, new_key_fields, false);

bool
key_insert(struct tx *tx, int64_t account, int64_t org, struct str name, struct str token, int64_t expires,
    int64_t *ret_id, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *facts = value_map(a);
	int64_t id = id_new();

	map_int(a, facts, "key", id);
	map_str(a, facts, "name", name);
	map_time(a, facts, "expires_at", expires);
	if (!db_run(tx, S_KEY_INSERT, err, I(id), I(account), T(name), T(str_first(token, HINT_LETTERS)),
	    T(keyed(a, FOR_KEY, token)), I(tx_now(tx)), I(tx_who(tx)->account), N(expires)) ||
	    !account_note(tx, "key.create", account, org, facts, err))
		return false;
	*ret_id = id;
	return true;
}

static bool
revoke_one(struct tx *tx, int64_t key, int64_t account, int64_t org, const char *why, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *facts = value_map(a);

	map_int(a, facts, "key", key);
	map_str(a, facts, "why", str_c(why));
	return db_run(tx, S_KEY_REVOKE, err, I(key), I(tx_now(tx)), T(str_c(why))) &&
	    account_note(tx, "key.revoke", account, org, facts, err);
}

static bool
revoke_some(struct tx *tx, int64_t account, bool others_only, const char *why, struct err *err)
{
	int64_t ids[KEYS_AT_ONCE], org = 0;
	int n = KEYS_AT_ONCE;
	struct rows q = db_query(tx, S_ACCOUNT_ORG, I(account));

	if (db_next(&q))
		org = db_int(&q, 0);
	if (!db_end(&q, err))
		return false;
	identity_changed(tx);
	while (n == KEYS_AT_ONCE) {
		q = db_query(tx, S_KEY_OPEN_OF, I(account), I(others_only));
		for (n = 0; n < KEYS_AT_ONCE && db_next(&q); n++)
			ids[n] = db_int(&q, 0);
		if (!db_end(&q, err))
			return false;
		for (int i = 0; i < n; i++)
			if (!revoke_one(tx, ids[i], account, org, why, err))
				return false;
	}
	return true;
}

bool
key_revoke_all(struct tx *tx, int64_t account, const char *why, struct err *err)
{
	return revoke_some(tx, account, false, why, err);
}

bool
key_revoke_foreign(struct tx *tx, int64_t account, const char *why, struct err *err)
{
	return revoke_some(tx, account, true, why, err);
}

/*
 * One's own account, when signed in (a key does not make keys); or, for the administrator, an account that
 * nobody signs in to: it never had a password. A key for a person's account would be a way to act in his
 * name.
 */
static bool
may_make(const struct principal *who, const struct account *account)
{
	if (account->id == who->account)
		return who->key == 0;
	return principal_is(who, ROLE_ADMINISTRATOR) && account->password_at == NONE;
}

bool
key_create(struct tx *tx, const struct principal *who, int64_t account, const struct value *in, bool form,
    struct str *ret_token, int64_t *ret_id, struct err *err)
{
	struct entity_input input = { .in = in, .editors = BY_P, .form = form, .local = who->zone };
	struct new_key *wanted = entity_new(&new_key, tx_arena(tx));
	struct account row;
	struct str token = arena_printf(tx_arena(tx), "tok_%.*s",
	    STR_FMT(rand_token(tx_arena(tx), KEY_BYTES)));

	if (!entity_fetch(tx, ENTITY_ACCOUNT, account, &row, err))
		return false;
	if (!may_make(who, &row))
		return err_set(err, account == who->account ||
		    principal_is(who, ROLE_ADMINISTRATOR) ? FAULT_ROLE : FAULT_NOT_FOUND);
	if (row.state != ACCOUNT_ACTIVE)
		return err_set(err, FAULT_STATE);
	entity_read(&new_key, &input, wanted, tx_arena(tx), err);
	if (!entity_complete(&new_key, wanted, REQUIRED, err) || err->fault != FAULT_NONE)
		return false;
	if (!key_insert(tx, account, row.org, wanted->name, token,
	    tx_now(tx) + (wanted->days == NONE ? DAYS_USUAL : wanted->days) * DAY, ret_id, err))
		return false;
	*ret_token = token;
	return true;
}

struct value *
key_list(struct tx *tx, const struct principal *who, int64_t account, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a), *rows = map_list(a, v, "rows");
	struct rows q;

	if (account != who->account && !principal_is(who, ROLE_ADMINISTRATOR | ROLE_AUDITOR)) {
		err_set(err, FAULT_NOT_FOUND);
		return NULL;
	}
	q = db_query(tx, S_KEY_LIST, I(account));
	while (db_next(&q)) {
		struct value *row = list_add(rows, value_map(a));
		int64_t expires = db_int(&q, 4);

		map_int(a, row, "id", db_int(&q, 0));
		map_str(a, row, "name", db_str(&q, 1));
		map_str(a, row, "hint", db_str(&q, 2));
		map_time(a, row, "created_at", db_int(&q, 3));
		map_time(a, row, "expires_at", expires);
		map_time(a, row, "used_at", db_int(&q, 5));
		map_str(a, row, "made_by", db_int(&q, 6) == account ? STR_NONE : db_str(&q, 7));
		map_bool(a, row, "expired", expires != NO_TIME && expires <= tx_now(tx));
	}
	return db_end(&q, err) ? v : NULL;
}

bool
key_revoke(struct tx *tx, const struct principal *who, int64_t key, struct err *err)
{
	struct rows q = db_query(tx, S_KEY_OPEN, I(key));
	bool found = db_next(&q);
	int64_t account = found ? db_int(&q, 0) : 0, org = found ? db_int(&q, 1) : 0;

	if (!db_end(&q, err))
		return false;
	if (!found || (account != who->account && !principal_is(who, ROLE_ADMINISTRATOR)))
		return err_set(err, FAULT_NOT_FOUND);
	identity_changed(tx);
	return revoke_one(tx, key, account, org,
	    account == who->account ? "revoked_by_owner" : "revoked_by_administrator", err);
}
