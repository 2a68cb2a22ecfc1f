/* A real store with sectors, organisations and people, and short ways to act as one of them. */
#ifndef UNIT_IDENTITY_FIXTURE_H
#define UNIT_IDENTITY_FIXTURE_H

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "desk/account.h"
#include "desk/bootstrap.h"
#include "desk/organisation.h"
#include "engine.h"
#include "tap.h"

#define START INT64_C(1795226400000000)          /* 2026-11-21 02:00 UTC */
#define PASSWORD STR("correct staple 27 lantern")
#define HOME STR("192.0.2.1")

static struct arena *a;
static struct store *st;
static char dir[] = "/tmp/tocsin-identity-XXXXXX";
static int64_t health_cert, hospital, clinic, other_cert, bank, operator_org;

static inline bool
open_store(bool create)
{
	struct store_options o = { .dir = dir, .url = url_of(a, dir), .create = create };
	struct err err = { .arena = a };

	o.extra = entity_statements(&o.extra_count);
	if (identity_load(dir, create, &err) && store_open(&o, &st, &err))
		return true;
	printf("# %s: %.*s\n", fault_code(err.fault), STR_FMT(err.detail));
	return false;
}

/* A JSON text as a value; single quotes stand for double ones. */
static inline struct value *
value_of(const char *text)
{
	char *json = arena_c(a, str_c(text));
	struct err err = { .arena = a };
	struct value *v = NULL;

	for (char *p = json; *p; p++)
		if (*p == '\'')
			*p = '"';
	if (!json_parse(a, str_c(json), &v, &err))
		printf("# no JSON: %s\n", text);
	return v;
}

/* ---- one transaction as a function of a person, an id, an input ---- */

struct act {
	bool (*fn)(struct tx *tx, struct act *t, struct err *err);
	const struct principal *who;
	int64_t id, other;
	int verb;
	const char *in;
	struct str text;
	struct value *value;
	struct account_made made;
	void *record;
};

static inline bool
act_work(struct tx *tx, void *arg, struct err *err)
{
	struct act *t = arg;

	if (t->who)
		identity_act(tx, t->who, HOME);
	return t->fn(tx, t, err);
}

/* The fault, FAULT_NONE when it was done. *ret_err may be NULL. */
static inline enum fault
act(struct act *t, struct err *ret_err)
{
	struct err err = { .arena = a };
	bool ok = store_write(st, a, act_work, t, &err);

	if (ret_err)
		*ret_err = err;
	if (ok != (err.fault == FAULT_NONE))
		printf("# result and fault disagree\n");
	return err.fault;
}

static inline enum fault
look(struct act *t)
{
	struct err err = { .arena = a };
	struct tx *tx = store_read(st, a, &err);
	bool ok = tx && t->fn(tx, t, &err);

	store_done(tx);
	return ok ? FAULT_NONE : err.fault;
}

/* The fault of the first field named so; FAULT_NONE without. */
static inline enum fault
field_fault(const struct err *err, const char *field)
{
	for (const struct field_err *f = err->fields; f; f = f->next)
		if (str_is(f->field, field))
			return f->fault;
	return FAULT_NONE;
}

/* ---- the world ---- */

static inline bool
make_org(struct tx *tx, int64_t kind, const char *name, const char *sector, int64_t parent, int64_t *ret_id,
    struct err *err)
{
	struct organisation *o = entity_new(&entity_organisation, tx_arena(tx));

	o->org_kind = kind;
	o->name_zh = o->name_en = str_c(name);
	o->parent = parent;
	if (!bootstrap_organisation(tx, o, str_c(sector), err))
		return false;
	*ret_id = o->id;
	return true;
}

static inline bool
world_work(struct tx *tx, struct act *t, struct err *err)
{
	(void)t;
	return organisation_seed_sectors(tx, err) &&
	    make_org(tx, ORG_OPERATOR, "Operator", NULL, NONE, &operator_org, err) &&
	    make_org(tx, ORG_CERT, "H-CERT", "MED", NONE, &health_cert, err) &&
	    make_org(tx, ORG_CERT, "F-CERT", "FIN", NONE, &other_cert, err) &&
	    make_org(tx, ORG_PROVIDER, "青山醫院", "MED", NONE, &hospital, err) &&
	    make_org(tx, ORG_PROVIDER, "青山診所", "MED", hospital, &clinic, err) &&
	    make_org(tx, ORG_PROVIDER, "Northern Bank", "FIN", NONE, &bank, err);
}

struct hire {
	const char *login;
	int64_t org;
	unsigned roles;
	bool password;
	struct principal who;
};

static inline bool
hire_work(struct tx *tx, struct act *t, struct err *err)
{
	struct hire *h = t->record;
	struct bootstrap_person p = {
		.login = str_c(h->login), .name = str_c(h->login),
		.email = arena_printf(a, "%s@example.org", h->login), .org = h->org, .roles = h->roles,
		.password = h->password ? PASSWORD : STR_NONE,
		.token = arena_printf(a, "tok_of_%s", h->login),
	};

	return bootstrap_person(tx, &p, a, &h->who, err);
}

/* A person with an account, an API key "tok_of_<login>" and, if wanted, PASSWORD. */
static inline struct principal
hire(const char *login, int64_t org, unsigned roles, bool password)
{
	struct hire h = { login, org, roles, password, { 0 } };
	enum fault f = act(&(struct act){ .fn = hire_work, .record = &h }, NULL);

	if (f != FAULT_NONE)
		printf("# %s was not hired: %s\n", login, fault_code(f));
	return h.who;
}

static inline void
begin(void)
{
	a = arena_new();
	clock_set(START);
	if (!mkdtemp(dir) || !open_store(true)) {
		printf("Bail out! no store\n");
		exit(1);
	}
	if (act(&(struct act){ .fn = world_work }, NULL) != FAULT_NONE) {
		printf("Bail out! no world\n");
		exit(1);
	}
}

static inline int
finish(void)
{
	char *command = arena_c(a, arena_printf(a, "rm -rf '%s'", dir));
	int left = done_testing();

	store_close(st);
	if (system(command) != 0)
		printf("# %s is still there\n", dir);
	arena_free(a);
	return left;
}

/* ---- signing in ---- */

static inline enum fault
sign_in_from(const char *login, struct str password, struct str code, struct str ticket, struct str address,
    struct str *ret_token, bool *ret_needs_code, struct err *ret_err)
{
	struct sign_in in = {
		.login = str_c(login), .password = arena_dup(a, password), .code = code, .ticket = ticket,
		.address = address, .user_agent = STR("test"),
	};
	struct err err = { .arena = a };
	bool needs = false;
	struct str token = STR_NONE;
	bool ok = identity_sign_in(st, a, &in, &token, &needs, &err);

	if (ok && ret_token)
		*ret_token = token;
	if (ret_needs_code)
		*ret_needs_code = needs;
	if (ret_err)
		*ret_err = err;
	return ok ? FAULT_NONE : err.fault;
}

static inline enum fault
sign_in(const char *login, struct str password, struct str *ret_token)
{
	return sign_in_from(login, password, STR_NONE, STR_NONE, HOME, ret_token, NULL, NULL);
}

static inline enum fault
session(struct str token, struct principal *ret_who)
{
	struct err err = { .arena = a };
	struct principal who = { 0 };
	bool ok = identity_session(st, token, clock_now(), a, &who, &err);

	if (ok && ret_who)
		*ret_who = who;
	return ok ? FAULT_NONE : err.fault;
}

static inline enum fault
key(struct str token, struct principal *ret_who)
{
	struct err err = { .arena = a };
	struct principal who = { 0 };
	bool ok = identity_key(st, token, clock_now(), a, &who, &err);

	if (ok && ret_who)
		*ret_who = who;
	return ok ? FAULT_NONE : err.fault;
}

static inline void
later(int64_t by)
{
	clock_set(clock_now() + by);
}

#endif
