/*
 * One-time links: by which an invited person, or one who lost his password, sets it, and by which the first
 * administrator comes in. A link works once, for half an hour; only sending the form uses it up, so that
 * looking at it does no harm.
 */
#include "base/rand.h"
#include "desk/identity_private.h"
#include "desk/organisation.h"

#define LINK_BYTES 32

#define FIRST_ACCOUNT_ROW(...) FIELD_ROW(first_account, __VA_ARGS__)
static const struct field first_account_fields[] = { FIRST_ACCOUNT(FIRST_ACCOUNT_ROW) };
const struct entity first_account = ENTITY(first_account, first_account_fields, false);

bool
link_make(struct tx *tx, struct arena *a, enum link_kind kind, int64_t account, int64_t org, bool drop_totp,
    struct account_made *ret_made, struct err *err)
{
	struct str token = rand_token(a, LINK_BYTES);
	struct value *facts = value_map(tx_arena(tx));
	int64_t expires = tx_now(tx) + LINK_LIFE;

	map_time(tx_arena(tx), facts, "expires_at", expires);
	map_bool(tx_arena(tx), facts, "drop_totp", drop_totp);
	if (!(account ? db_run(tx, S_LINK_SPEND, err, I(account), I(tx_now(tx))) :
	    db_run(tx, S_LINK_SPEND_SETUP, err, I(tx_now(tx)))) ||
	    !db_run(tx, S_LINK_INSERT, err, I(id_new()), I(kind), N(account ? account : NONE),
	    T(keyed(a, FOR_LINK, token)), I(tx_now(tx)), I(tx_who(tx)->account), I(expires), I(drop_totp)) ||
	    !audit_append(tx,
	    &(struct audit){ .action = "link.create", .entity = account ? "account" : "", .object = account,
	    .org = org, .details = facts }, err))
		return false;
	ret_made->link = arena_printf(a, "/%s/%.*s", kind == LINK_SETUP ? "setup" : "invite", STR_FMT(token));
	ret_made->link_expires = expires;
	return true;
}

struct link_row {
	int64_t id, kind, account, expires;
	bool drop_totp;
};

/* setup: a link of that kind; otherwise one of the others. */
static bool
link_find(struct tx *tx, bool setup, struct str token, struct link_row *ret_link, struct err *err)
{
	struct rows q = db_query(tx, S_LINK_BY_TOKEN, T(keyed(tx_arena(tx), FOR_LINK, token)));
	struct link_row l = { 0 };
	bool good = db_next(&q) && db_null(&q, 4) && db_int(&q, 3) > tx_now(tx) &&
	    (db_int(&q, 1) == LINK_SETUP) == setup;

	if (good)
		l = (struct link_row){ db_int(&q, 0), db_int(&q, 1), db_int(&q, 2), db_int(&q, 3),
		    db_int(&q, 5) == 1 };
	if (!db_end(&q, err))
		return false;
	if (!good)
		return err_set(err, FAULT_LINK_USED);
	*ret_link = l;
	return true;
}

static bool
link_use(struct tx *tx, int64_t link, struct err *err)
{
	int64_t changed;

	if (!db_run_vals(tx, S_LINK_USE, (struct val[]){ { .kind = VAL_NULL }, I(link), I(tx_now(tx)) }, 2,
	    &changed, err))
		return false;
	return changed == 1 || err_set(err, FAULT_LINK_USED);
}

static bool
administrator_exists(struct tx *tx, bool *ret_exists, struct err *err)
{
	struct rows q = db_query(tx, S_ACCOUNT_OTHER_ADMINISTRATOR, I(ROLE_ADMINISTRATOR), I(0));

	*ret_exists = db_next(&q);
	return db_end(&q, err);
}

struct value *
link_view(struct tx *tx, enum link_kind kind, struct str token, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct password_owner owner;
	struct account account;
	struct link_row link;
	struct value *v;

	if (!link_find(tx, kind == LINK_SETUP, token, &link, err))
		return NULL;
	v = value_map(a);
	map_time(a, v, "expires_at", link.expires);
	if (kind == LINK_SETUP)
		return v;
	if (!entity_fetch(tx, ENTITY_ACCOUNT, link.account, &account, err) ||
	    !password_owner_of(tx, &account, &owner, err))
		return NULL;
	if (account.state != ACCOUNT_ACTIVE) {
		err_set(err, FAULT_LINK_USED);
		return NULL;
	}
	map_bool(a, v, "again", link.kind == LINK_RESET);
	map_str(a, v, "login", account.login);
	map_str(a, v, "name", owner.name);
	map_str(a, v, "organisation_zh", owner.org_zh);
	map_str(a, v, "organisation_en", owner.org_en);
	return v;
}

/* ---- the invited person ---- */

struct acceptance {
	struct str token, hash, address;
	enum lang lang;
	struct account account;
	struct password_owner owner;
	struct link_row link;
};

static bool
accept_read(struct tx *tx, struct acceptance *c, struct err *err)
{
	if (!link_find(tx, false, c->token, &c->link, err) ||
	    !entity_fetch(tx, ENTITY_ACCOUNT, c->link.account, &c->account, err))
		return false;
	if (c->account.state != ACCOUNT_ACTIVE)
		return err_set(err, FAULT_LINK_USED);
	return password_owner_of(tx, &c->account, &c->owner, err);
}

/* Who leaves: his account ends now that his successor is here. */
static bool
close_predecessors(struct tx *tx, const struct account *successor, struct err *err)
{
	enum { MOST = 20 };
	int64_t ids[MOST];
	int n = 0;
	struct rows q = db_query(tx, S_ACCOUNT_PREDECESSORS, I(successor->id));

	while (n < MOST && db_next(&q))
		ids[n++] = db_int(&q, 0);
	if (!db_end(&q, err))
		return false;
	for (int i = 0; i < n; i++) {
		struct account leaving;

		if (!entity_fetch(tx, ENTITY_ACCOUNT, ids[i], &leaving, err) ||
		    !account_close(tx, &leaving,
		    arena_printf(tx_arena(tx), "-> %.*s", STR_FMT(successor->login)), err))
			return false;
	}
	return true;
}

static bool
accept_work(struct tx *tx, void *arg, struct err *err)
{
	struct acceptance *c = arg;
	struct principal who;
	struct account account;
	bool first;

	if (!link_use(tx, c->link.id, err) || !account_again(tx, &c->account, &account, err) ||
	    !principal_load(tx, account.id, &who, err))
		return false;
	identity_act(tx, &who, c->address);
	first = account.password_at == NONE;
	if (account.lang == NONE)
		account.lang = c->lang;
	return (!c->link.drop_totp || totp_clear(tx, &account, err)) &&
	    (!first || key_revoke_foreign(tx, account.id, "password_set", err)) &&
	    password_store(tx, &account, c->hash, "account.password_set", err) &&
	    session_end_all(tx, account.id, 0, "password", err) && close_predecessors(tx, &account, err);
}

bool
link_accept(struct store *st, struct arena *a, struct str token, const struct password_change *in,
    enum lang lang, struct err *err)
{
	struct acceptance *c = arena_make(a, struct acceptance);
	struct tx *tx = store_read(st, a, err);
	bool ok;

	if (!tx)
		return false;
	c->token = token;
	c->address = in->address;
	c->lang = lang;
	ok = accept_read(tx, c, err);
	store_done(tx);
	return ok && password_check(in, &c->owner, lang, err) &&
	    password_fresh(st, a, c->account.id, in->new_password, lang, err) &&
	    identity_hash(a, in->new_password, &c->hash, err) && store_write(st, a, accept_work, c, err);
}

/* ---- the first administrator ---- */

struct beginning {
	struct str token, hash, address;
	enum lang lang;
	struct first_account in;
	struct link_row link;
};

static bool
setup_open(struct tx *tx, struct beginning *b, struct err *err)
{
	bool exists;

	if (!link_find(tx, true, b->token, &b->link, err) || !administrator_exists(tx, &exists, err))
		return false;
	return !exists || err_set(err, FAULT_LINK_USED);
}

static bool
setup_work(struct tx *tx, void *arg, struct err *err)
{
	struct beginning *b = arg;
	struct organisation *org = entity_new(&entity_organisation, tx_arena(tx));
	struct person *person = entity_new(&entity_person, tx_arena(tx));
	struct account *account = entity_new(&entity_account, tx_arena(tx));

	if (!setup_open(tx, b, err) || !link_use(tx, b->link.id, err) || !login_free(tx, b->in.login, err))
		return false;
	tx_actor(tx, &(struct actor){ .address = b->address, .name = b->in.name });
	org->org_kind = ORG_OPERATOR;
	org->name_zh = b->in.org_zh;
	org->name_en = b->in.org_en;
	org->state = ORG_REGISTERED;
	if (!organisation_insert(tx, org, err))
		return false;
	person->name = b->in.name;
	person->email = b->in.email;
	account->login = b->in.login;
	account->org = org->id;
	account->roles = ROLE_ADMINISTRATOR;
	account->state = ACCOUNT_ACTIVE;
	account->lang = b->lang;
	return account_insert(tx, person, account, "account.first", err) &&
	    password_store(tx, account, b->hash, "account.password_set", err);
}

bool
identity_setup(struct store *st, struct arena *a, struct str token, const struct value *in, bool form,
    const struct password_change *password, enum lang lang, struct err *err)
{
	struct beginning *b = arena_make(a, struct beginning);
	struct entity_input input = { .in = in, .editors = BY_V, .form = form };
	struct first_account *first = entity_new(&first_account, a);
	struct password_owner owner;
	struct tx *tx = store_read(st, a, err);
	bool ok;

	if (!tx)
		return false;
	b->token = token;
	b->address = password->address.p ? password->address : STR("");
	b->lang = lang;
	ok = setup_open(tx, b, err);
	store_done(tx);
	if (!ok)
		return false;
	entity_read(&first_account, &input, first, a, err);
	entity_complete(&first_account, first, REQUIRED, err);
	b->in = *first;
	b->in.login = login_spelled(a, first->login);
	if (b->in.login.n)
		login_ok(b->in.login, err);
	owner = (struct password_owner){ b->in.login, b->in.name, b->in.org_zh, b->in.org_en };
	password_check(password, &owner, lang, err);
	return err->fault == FAULT_NONE && identity_hash(a, password->new_password, &b->hash, err) &&
	    store_write(st, a, setup_work, b, err);
}
