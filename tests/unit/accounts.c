/*
 * Accounts and organisations: applying and approving, roles, links, hand-over, who stands above whom, the
 * first administrator.
 */
#include "identity_fixture.h"

static struct principal boss, manager, reviewer, hospital_admin, bank_admin, auditor;

static bool
apply_work(struct tx *tx, struct act *t, struct err *err)
{
	return account_apply(tx, t->who, value_of(t->in), false, &t->made, err);
}

static bool
verb_work(struct tx *tx, struct act *t, struct err *err)
{
	return account_do(tx, t->who, t->id, (enum account_verb)t->verb, value_of(t->in ? t->in : "{}"),
	    false, t->other, &t->made, err);
}

static bool
save_work(struct tx *tx, struct act *t, struct err *err)
{
	return account_save(tx, t->who, t->id, value_of(t->in), false, t->other, err);
}

static bool
view_work(struct tx *tx, struct act *t, struct err *err)
{
	t->value = account_view(tx, t->who, t->id, err);
	return t->value != NULL;
}

static bool
list_work(struct tx *tx, struct act *t, struct err *err)
{
	struct account_filter f = { .text = t->text, .state = NONE, .org = NONE, .limit = 200 };

	t->value = account_list(tx, t->who, &f, err);
	return t->value != NULL;
}

static enum fault
apply(const struct principal *who, const char *in, struct account_made *ret_made, struct err *ret_err)
{
	struct act t = { .fn = apply_work, .who = who, .in = in };
	enum fault f = act(&t, ret_err);

	if (ret_made)
		*ret_made = t.made;
	return f;
}

static enum fault
verb(const struct principal *who, int64_t id, enum account_verb v, const char *in,
    struct account_made *ret_made)
{
	struct act t = { .fn = verb_work, .who = who, .id = id, .verb = (int)v, .in = in };
	enum fault f = act(&t, NULL);

	if (ret_made)
		*ret_made = t.made;
	return f;
}

static struct value *
view(const struct principal *who, int64_t id)
{
	struct act t = { .fn = view_work, .who = who, .id = id };

	return look(&t) == FAULT_NONE ? t.value : NULL;
}

static struct str
state_of(int64_t id)
{
	struct value *v = view(&boss, id);

	return v ? value_text(value_get(v, "state")) : STR_NONE;
}

static size_t
listed(const struct principal *who, const char *text)
{
	struct act t = { .fn = list_work, .who = who, .text = str_c(text) };

	return look(&t) == FAULT_NONE ? value_get(t.value, "rows")->n : 999;
}

static bool
may(const struct value *v, const char *name)
{
	for (const struct value *m = value_get(v, "actions")->first; m; m = m->next)
		if (str_is(value_text(value_get(m, "verb")), name))
			return true;
	return false;
}

static enum fault
accept_link(struct str path, const char *password, struct err *ret_err)
{
	struct password_change in = { STR_NONE, str_c(password), str_c(password), HOME, STR("test") };
	struct err err = { .arena = a };
	bool ok = link_accept(st, a, str_from(path, strlen("/invite/")), &in, LANG_EN, &err);

	if (ret_err)
		*ret_err = err;
	return ok ? FAULT_NONE : err.fault;
}

static void
test_apply(void)
{
	struct account_made made;
	struct value *v;
	struct err err;

	is_int(apply(&hospital_admin,
	    "{'login':'Night.Nurse','name':'陳夜','email':'night@example.org','roles':['reporter']}", &made,
	    NULL), FAULT_NONE, "a provider's administrator applies for one of his people");
	is_str(state_of(made.id), "applied", "which is an application");
	ok(!made.link.p, "without a link");
	v = view(&boss, made.id);
	is_str(value_text(value_get(v, "login")), "night.nurse", "logins are small letters");
	ok(may(v, "approve") && may(v, "reject") && !may(v, "suspend"), "an examiner may approve or reject");
	ok(!may(view(&hospital_admin, made.id), "approve"), "the one who applied may not");
	is_int(verb(&hospital_admin, made.id, ACCOUNT_APPROVE, NULL, NULL), FAULT_ROLE, "and cannot");
	ok(!view(&bank_admin, made.id), "another provider does not see it");
	is_int(verb(&bank_admin, made.id, ACCOUNT_SUSPEND, "{'reason':'x'}", NULL), FAULT_NOT_FOUND,
	    "nor reach it");
	is_int(verb(&auditor, made.id, ACCOUNT_APPROVE, NULL, NULL), FAULT_ROLE, "the auditor reads only");
	is_int(verb(&reviewer, made.id, ACCOUNT_APPROVE, NULL, &made), FAULT_NONE,
	    "the CERT's reviewer approves");
	is_str(state_of(made.id), "active", "it is active");
	ok(str_starts(made.link, STR("/invite/")) &&
	    made.link_expires == clock_now() + LINK_LIFE, "with a link for half an hour");
	is_int(verb(&reviewer, made.id, ACCOUNT_APPROVE, NULL, NULL), FAULT_STATE, "once");
	is_int(apply(&hospital_admin,
	    "{'login':'night.nurse','name':'B','email':'b@example.org','roles':['reporter']}", NULL, &err),
	    FAULT_FIELDS, "the same login again");
	is_int(field_fault(&err, "login"), FAULT_F_TAKEN, "is taken");
	is_int(apply(&hospital_admin,
	    "{'login':'other','name':'陳夜','email':'Night@example.org','roles':['reporter']}", NULL, &err),
	    FAULT_FIELDS, "the same person again");
	is_int(field_fault(&err, "email"), FAULT_F_TAKEN, "has an account");
	is_int(apply(&hospital_admin,
	    "{'login':'a b','name':'B','email':'c@example.org','roles':['reporter']}", NULL, &err),
	    FAULT_FIELDS, "a login with a blank");
	is_int(field_fault(&err, "login"), FAULT_F_LOGIN, "is none");
	is_int(apply(&hospital_admin,
	    "{'login':'x1','name':'B','email':'d@example.org','roles':['reviewer']}", NULL, &err),
	    FAULT_FIELDS, "a role of the CERT");
	is_int(field_fault(&err, "roles"), FAULT_F_CHOICE, "is not for a hospital");
	is_int(apply(&hospital_admin,
	    arena_c(a,
	    arena_printf(a,
	    "{'login':'x2','name':'B','email':'d@example.org','roles':['reporter'],'org':%lld}",
	    (long long)bank)), NULL, &err), FAULT_FIELDS, "an account at the bank");
	is_int(field_fault(&err, "org"), FAULT_F_REF, "is not for the hospital to apply for");
	is_int(apply(&hospital_admin,
	    arena_c(a,
	    arena_printf(a,
	    "{'login':'x3','name':'B','email':'d@example.org','roles':['reporter'],'org':%lld}",
	    (long long)clinic)), NULL, NULL), FAULT_NONE, "one at its own clinic is");
	is_int(apply(&boss,
	    "{'login':'x4','name':'B','email':'e@example.org','roles':['administrator','auditor']}", NULL,
	    &err), FAULT_CONFLICT_ROLES, "roles that must not meet are refused");
	ok(err.detail.n > 0, "by name");
	is_int(apply(&hospital_admin, "{'login':'x5'}", NULL, &err), FAULT_FIELDS, "what is missing is told");
	ok(field_fault(&err, "name") == FAULT_F_MISSING && field_fault(&err, "email") == FAULT_F_MISSING &&
	    field_fault(&err, "roles") == FAULT_F_MISSING, "all at once");
}

static void
test_links(void)
{
	struct account_made made, again;
	struct err err;

	is_int(apply(&reviewer,
	    arena_c(a,
	    arena_printf(a,
	    "{'login':'fresh','name':'新人','email':'f@example.org','roles':['reporter'],'org':%lld}",
	    (long long)clinic)), &made, NULL), FAULT_NONE, "who examines applications need not apply");
	is_str(state_of(made.id), "active", "the account is active");
	is_int(sign_in("fresh", STR(""), NULL), FAULT_CREDENTIALS, "no password yet, none is right");
	is_int(accept_link(made.link, "short", &err), FAULT_FIELDS, "a bad password");
	is_int(field_fault(&err, "new_password"), FAULT_F_SHORT, "is told");
	is_int(accept_link(made.link, "lanterns over the strait", NULL), FAULT_NONE, "the link still works");
	is_int(accept_link(made.link, "lanterns over the river", NULL), FAULT_LINK_USED, "once");
	is_int(sign_in("fresh", STR("lanterns over the strait"), NULL), FAULT_NONE,
	    "she signs in with the first");
	is_int(verb(&reviewer, made.id, ACCOUNT_INVITE, NULL, &made), FAULT_NONE, "a new link");
	is_int(verb(&reviewer, made.id, ACCOUNT_INVITE, NULL, &again), FAULT_NONE, "and another");
	is_int(accept_link(made.link, "lanterns over the river", NULL), FAULT_LINK_USED,
	    "the one before no longer works");
	later(LINK_LIFE);
	is_int(accept_link(again.link, "lanterns over the river", NULL), FAULT_LINK_USED,
	    "nor one that is half an hour old");
	verb(&reviewer, made.id, ACCOUNT_INVITE, NULL, &made);
	is_int(accept_link(made.link, "lanterns over the strait", NULL), FAULT_FIELDS,
	    "the password she had is no new one");
	is_int(verb(&reviewer, made.id, ACCOUNT_SUSPEND, "{'reason':'left'}", NULL), FAULT_NONE, "suspended");
	is_int(accept_link(made.link, "lanterns over the river", NULL), FAULT_LINK_USED, "her link is dead");
	is_int(accept_link(STR("/invite/AAAA"), "lanterns over the river", NULL), FAULT_LINK_USED,
	    "one that is none looks the same");
	is_int(verb(&reviewer, made.id, ACCOUNT_INVITE, NULL, NULL), FAULT_STATE, "and she gets no other");
	is_int(verb(&reviewer, made.id, ACCOUNT_RESUME, NULL, NULL), FAULT_NONE, "resumed");
	is_int(sign_in("fresh", STR("lanterns over the strait"), NULL), FAULT_NONE, "she is back");
}

static void
test_guards(void)
{
	struct account_made made;
	struct principal second;

	is_int(verb(&boss, boss.account, ACCOUNT_ROLES, "{'roles':['administrator','auditor']}", NULL),
	    FAULT_ROLE, "nobody gives himself a role");
	is_int(verb(&manager, manager.account, ACCOUNT_ROLES, "{'roles':['manager','reviewer']}", NULL),
	    FAULT_ROLE, "a manager neither");
	is_int(verb(&boss, boss.account, ACCOUNT_REMOVE, "{'reason':'x'}", NULL), FAULT_ROLE,
	    "nor removes himself");
	is_int(verb(&reviewer, manager.account, ACCOUNT_SUSPEND, "{'reason':'x'}", NULL), FAULT_ROLE,
	    "a reviewer does not suspend the manager");
	is_int(verb(&manager, reviewer.account, ACCOUNT_ROLES, "{'roles':['reviewer','handler']}", NULL),
	    FAULT_NONE, "the manager gives roles of the CERT");
	is_int(verb(&manager, reviewer.account, ACCOUNT_ROLES, "{'roles':['administrator']}", NULL),
	    FAULT_ROLE, "but not the administrator's");
	is_int(verb(&boss, reviewer.account, ACCOUNT_ROLES, "{'roles':['reviewer','auditor']}", NULL),
	    FAULT_CONFLICT_ROLES, "conflicts at grant");
	is_int(verb(&boss, reviewer.account, ACCOUNT_ROLES, "{'roles':['reviewer','reporter']}", NULL),
	    FAULT_CONFLICT_ROLES, "a provider's and the CERT's");
	is_int(verb(&boss, reviewer.account, ACCOUNT_ROLES, "{'roles':[]}", NULL), FAULT_FIELDS,
	    "no role at all");
	second = hire("boss2", operator_org, ROLE_ADMINISTRATOR, true);
	is_int(verb(&second, boss.account, ACCOUNT_SUSPEND, "{'reason':'holiday'}", NULL), FAULT_NONE,
	    "one administrator suspends another");
	is_int(verb(&boss, second.account, ACCOUNT_REMOVE, "{'reason':'x'}", NULL), FAULT_LAST_ADMINISTRATOR,
	    "the last one stays");
	is_int(verb(&boss, second.account, ACCOUNT_ROLES, "{'roles':['auditor']}", NULL),
	    FAULT_LAST_ADMINISTRATOR, "and keeps his role");
	is_int(verb(&second, boss.account, ACCOUNT_RESUME, NULL, NULL), FAULT_NONE, "the other is back");
	is_int(verb(&boss, second.account, ACCOUNT_REMOVE, "{'reason':'moved'}", &made), FAULT_NONE,
	    "now he can go");
	is_str(state_of(second.account), "removed", "removed, and the row is kept");
	is_int(verb(&boss, second.account, ACCOUNT_RESUME, NULL, NULL), FAULT_STATE, "for good");
	is_int(key(STR("tok_of_boss2"), NULL), FAULT_CREDENTIALS, "his key is revoked");
}

static void
test_role_change(void)
{
	struct str token;
	struct principal who, p = hire("shifter", health_cert, ROLE_HANDLER, true);

	sign_in("shifter", PASSWORD, &token);
	is_int(session(token, NULL), FAULT_NONE, "a handler at work");
	is_int(verb(&manager, p.account, ACCOUNT_ROLES, "{'roles':['reviewer']}", NULL), FAULT_NONE,
	    "becomes a reviewer");
	is_int(session(token, NULL), FAULT_SESSION_ENDED, "sessions end with their roles");
	is_int(key(STR("tok_of_shifter"), &who), FAULT_NONE, "a key goes on");
	is_int(who.roles, ROLE_REVIEWER, "with the new role");
}

static void
test_handover(void)
{
	struct account_made made;
	struct principal leaving = hire("leaving", hospital, ROLE_REPORTER, true);
	struct value *v;

	is_int(verb(&hospital_admin, leaving.account, ACCOUNT_HANDOVER,
	    "{'login':'coming','name':'接班','email':'c@example.org'}", &made), FAULT_NONE,
	    "his administrator names a successor");
	is_str(state_of(made.id), "applied", "who is applied for");
	is_str(state_of(leaving.account), "active", "he works on until then");
	is_int(verb(&reviewer, made.id, ACCOUNT_APPROVE, NULL, &made), FAULT_NONE, "approved");
	is_str(state_of(leaving.account), "active", "still he works on");
	is_int(accept_link(made.link, "tide tables and mango", NULL), FAULT_NONE, "the successor comes in");
	is_str(state_of(leaving.account), "removed", "now his account is closed");
	is_int(sign_in("leaving", PASSWORD, NULL), FAULT_CREDENTIALS, "he is out");
	v = view(&boss, leaving.account);
	is_str(value_text(value_get(v, "successor_name")), "接班", "his account says who follows");
	v = view(&boss, made.id);
	ok(value_get(v, "roles")->n == 1 && str_is(value_get(v, "roles")->first->s, "reporter"),
	    "who has the same role");

	leaving = hire("leaving2", hospital, ROLE_REPORTER, true);
	verb(&hospital_admin, leaving.account, ACCOUNT_HANDOVER,
	    "{'login':'coming2','name':'不來','email':'d2@example.org'}", &made);
	is_int(verb(&reviewer, made.id, ACCOUNT_REJECT, "{'reason':'not known'}", NULL), FAULT_NONE,
	    "a successor is rejected");
	ok(value_get(view(&boss, leaving.account), "successor")->kind == V_NULL,
	    "the account has no successor then");
	is_int(verb(&reviewer, leaving.account, ACCOUNT_HANDOVER,
	    "{'login':'coming3','name':'三','email':'d3@example.org','close_now':true}", &made), FAULT_NONE,
	    "at once, if it has to be");
	is_str(state_of(leaving.account), "removed", "closed at once");
	is_int(verb(&manager, manager.account, ACCOUNT_HANDOVER,
	    "{'login':'manager2','name':'新經理','email':'m2@example.org'}", &made), FAULT_NONE,
	    "one may hand over one's own");
	is_str(state_of(made.id), "applied", "but somebody else approves");
	is_int(verb(&boss, made.id, ACCOUNT_REJECT, "{'reason':'stay'}", NULL), FAULT_NONE, "or does not");
}

static void
test_person(void)
{
	struct act t = { .fn = save_work, .who = &hospital_admin };
	struct principal p = hire("talker", hospital, ROLE_REPORTER, true),
	    colleague = hire("colleague", hospital, ROLE_REPORTER, true);
	struct value *v = view(&hospital_admin, p.account);
	struct err err;

	is_int(value_get(v, "version")->i, 2, "one version of account and person together");
	t.id = p.account;
	t.other = value_get(v, "version")->i;
	t.in = "{'phone':'02-1234-5678','title':'護理長'}";
	is_int(act(&t, NULL), FAULT_NONE, "an administrator keeps his people's data right");
	is_int(act(&t, NULL), FAULT_VERSION, "an old version is refused");
	t.other = 0;
	t.in = "{'login':'other'}";
	is_int(act(&t, &err), FAULT_FIELDS, "the login stays");
	is_int(field_fault(&err, "login"), FAULT_F_FIXED, "fixed");
	t.in = "{'roles':['provider_admin']}";
	is_int(act(&t, NULL), FAULT_FIELDS, "roles do not change by this way");
	t.in = "{'password':'x'}";
	is_int(act(&t, NULL), FAULT_FIELDS, "nor the password");
	t.in = arena_c(a, json_text(a, view(&hospital_admin, p.account)));
	is_int(act(&t, NULL), FAULT_NONE, "what GET gave may come back");
	t.who = &p;
	t.in = "{'email':'talker.new@example.org'}";
	is_int(act(&t, NULL), FAULT_NONE, "everybody keeps his own");
	t.who = &colleague;
	is_int(act(&t, NULL), FAULT_NOT_FOUND, "and nobody else's");
	t.who = &auditor;
	is_int(act(&t, NULL), FAULT_ROLE, "the auditor writes nothing");
	v = view(&hospital_admin, p.account);
	is_str(value_text(value_get(v, "phone")), "02-1234-5678", "the number is there");
	ok(!value_get(v, "password") && value_get(v, "totp")->kind == V_BOOL, "and no secret");
}

static void
test_lists(void)
{
	size_t all = listed(&boss, "");

	is_int(listed(&auditor, ""), all, "the auditor sees all accounts");
	ok(listed(&reviewer, "") < all && listed(&reviewer, "bank") == 0, "the CERT those of its sector");
	ok(listed(&reviewer, "nurse") == 1 && listed(&reviewer, "manager") >= 1, "and its own");
	ok(listed(&bank_admin, "") == 1, "a provider its own");
	ok(listed(&hospital_admin, "fresh") == 1, "and those below it");
	is_int(listed(&boss, "100%"), 0, "a sign of the pattern is a letter");
	is_int(listed(&boss, "_anag"), 0, "this one too");
}

/* ---- keys ---- */

static bool
key_work(struct tx *tx, struct act *t, struct err *err)
{
	return key_create(tx, t->who, t->id, value_of(t->in), false, &t->text, &t->other, err);
}

static bool
revoke_work(struct tx *tx, struct act *t, struct err *err)
{
	return key_revoke(tx, t->who, t->id, err);
}

static void
test_keys(void)
{
	struct principal soc = hire("soc", hospital, ROLE_REPORTER, true), by_key, who;
	struct act t = { .fn = key_work, .in = "{'name':'SIEM'}" };
	struct account_made made;
	struct str token;

	sign_in("soc", PASSWORD, &token);
	session(token, &who);
	t.who = &who;
	t.id = soc.account;
	is_int(act(&t, NULL), FAULT_NONE, "a key for oneself");
	ok(str_starts(t.text, STR("tok_")) && t.text.n == 47, "is long and random");
	is_int(key(t.text, &by_key), FAULT_NONE, "it works");
	ok(by_key.key != 0 && by_key.session == 0 && !by_key.csrf.p &&
	    by_key.session_ends == NO_TIME, "as a key");
	is_int(session(t.text, NULL), FAULT_SESSION_ENDED, "and is no session");
	is_int(act(&(struct act){ .fn = key_work, .who = &by_key, .id = soc.account,
	    .in = "{'name':'more'}" }, NULL), FAULT_ROLE, "a key makes no keys");
	is_int(act(&(struct act){ .fn = key_work, .who = &boss, .id = soc.account, .in = "{'name':'spy'}" },
	    NULL), FAULT_ROLE, "the administrator makes none in a person's name");
	is_int(act(&(struct act){ .fn = key_work, .who = &bank_admin, .id = soc.account,
	    .in = "{'name':'spy'}" }, NULL), FAULT_NOT_FOUND, "nor anybody else");
	is_int(act(&(struct act){ .fn = key_work, .who = &who, .id = soc.account,
	    .in = "{'name':'x','days':0}" }, NULL), FAULT_FIELDS, "no days");
	is_int(act(&(struct act){ .fn = revoke_work, .who = &bank_admin, .id = t.other }, NULL),
	    FAULT_NOT_FOUND, "a stranger does not revoke it");
	is_int(act(&(struct act){ .fn = revoke_work, .who = &who, .id = t.other }, NULL), FAULT_NONE,
	    "its owner does");
	is_int(key(t.text, NULL), FAULT_CREDENTIALS, "and it is dead, though it was in memory");
	t.in = "{'name':'short','days':1}";
	act(&t, NULL);
	later(DAY - 1);
	is_int(key(t.text, NULL), FAULT_NONE, "a key for a day");
	later(1);
	is_int(key(t.text, NULL), FAULT_CREDENTIALS, "ends after a day");

	is_int(apply(&boss,
	    arena_c(a,
	    arena_printf(a,
	    "{'login':'siem','name':'SIEM','email':'siem@example.org',"
	    "'roles':['reporter'],'org':%lld,'service':true}", (long long)hospital)), &made, NULL), FAULT_NONE, "an account for a program");
	ok(!made.link.p, "has no link");
	t = (struct act){ .fn = key_work, .who = &boss, .id = made.id, .in = "{'name':'SIEM'}" };
	is_int(act(&t, NULL), FAULT_NONE, "its key is made by the administrator");
	is_int(key(t.text, NULL), FAULT_NONE, "and works");
	verb(&boss, made.id, ACCOUNT_INVITE, NULL, &made);
	is_int(accept_link(made.link, "harbour lights at dusk", NULL), FAULT_NONE,
	    "if a person comes in by it after all");
	is_int(key(t.text, NULL), FAULT_CREDENTIALS, "keys that others made are gone");
}

/* ---- organisations ---- */

static bool
create_org_work(struct tx *tx, struct act *t, struct err *err)
{
	return organisation_create(tx, t->who, value_of(t->in), false, &t->other, err);
}

static bool
save_org_work(struct tx *tx, struct act *t, struct err *err)
{
	return organisation_save(tx, t->who, t->id, value_of(t->in), false, 0, err);
}

static bool
view_org_work(struct tx *tx, struct act *t, struct err *err)
{
	struct organisation o;

	if (!organisation_get(tx, t->who, t->id, &o, err))
		return false;
	t->value = organisation_view(tx, t->who, &o, err);
	return t->value != NULL;
}

static bool
list_org_work(struct tx *tx, struct act *t, struct err *err)
{
	struct organisation_filter f = { .text = t->text, .sector = NONE, .state = NONE, .org_kind = NONE,
	    .limit = t->verb ? t->verb : 200 };

	if (t->value) {
		f.after_name = value_text(value_get(t->value, "after_name"));
		f.after_id = value_get(t->value, "after_id")->i;
	}
	t->value = organisation_list(tx, t->who, &f, err);
	return t->value != NULL;
}

static bool
remove_org_work(struct tx *tx, struct act *t, struct err *err)
{
	return (t->verb ? organisation_restore : organisation_remove)(tx, t->who, t->id, STR("closed"), 0,
	    err);
}

static enum fault
save_org(const struct principal *who, int64_t id, const char *in, struct err *ret_err)
{
	return act(&(struct act){ .fn = save_org_work, .who = who, .id = id, .in = in }, ret_err);
}

static int64_t
sector_of(int64_t org)
{
	struct act t = { .fn = view_org_work, .who = &boss, .id = org };

	return look(&t) == FAULT_NONE ? value_get(t.value, "sector")->i : 0;
}

static struct str
org_state(int64_t org)
{
	struct act t = { .fn = view_org_work, .who = &boss, .id = org };

	return look(&t) == FAULT_NONE ? value_text(value_get(t.value, "state")) : STR_NONE;
}

/* Whether the reader of a session at above sees what stands below. */
static bool
reaches(const struct principal *who, int64_t org)
{
	struct act t = { .fn = view_org_work, .who = who, .id = org };

	return look(&t) == FAULT_NONE;
}

static void
test_hierarchy(void)
{
	int64_t ward, room;
	struct act t = { .fn = create_org_work, .who = &reviewer };
	struct err err;

	t.in =
	    arena_c(a,
	    arena_printf(a,
	    "{'org_kind':'provider','name_zh':'病房','name_en':'Ward','sector':%lld,'parent':%lld}",
	    (long long)sector_of(clinic), (long long)clinic));
	is_int(act(&t, NULL), FAULT_NONE, "the CERT puts a unit on its inventory");
	ward = t.other;
	t.in =
	    arena_c(a,
	    arena_printf(a,
	    "{'org_kind':'provider','name_zh':'房間','name_en':'Room','sector':%lld,'parent':%lld}",
	    (long long)sector_of(clinic), (long long)ward));
	act(&t, NULL);
	room = t.other;
	is_str(org_state(ward), "listed", "on the inventory");
	ok(reaches(&hospital_admin, ward) &&
	    reaches(&hospital_admin, room), "the hospital sees all below it");
	ok(!reaches(&bank_admin, ward), "the bank does not");
	is_int(save_org(&boss, clinic, arena_c(a, arena_printf(a, "{'parent':%lld}", (long long)room)), &err),
	    FAULT_FIELDS, "a unit above its superior");
	is_int(field_fault(&err, "parent"), FAULT_F_CYCLE, "is a cycle");
	is_int(save_org(&boss, clinic, arena_c(a, arena_printf(a, "{'parent':%lld}", (long long)clinic)),
	    &err), FAULT_FIELDS, "above itself");
	is_int(field_fault(&err, "parent"), FAULT_F_CYCLE, "too");
	is_int(save_org(&boss, clinic, "{'parent':12345}", &err), FAULT_FIELDS, "a superior that is none");
	is_int(field_fault(&err, "parent"), FAULT_F_REF, "is told");
	is_int(save_org(&boss, ward, arena_c(a, arena_printf(a, "{'parent':%lld}", (long long)bank)), NULL),
	    FAULT_NONE, "moved to the bank");
	ok(!reaches(&hospital_admin, ward) &&
	    !reaches(&hospital_admin, room), "the hospital sees it no more, nor what is below");
	ok(reaches(&bank_admin, ward) && reaches(&bank_admin, room), "the bank does");
	is_int(save_org(&boss, ward, "{'parent':null}", NULL), FAULT_NONE, "stands alone");
	ok(!reaches(&bank_admin, ward) && !reaches(&bank_admin, room) &&
	    reaches(&boss, room), "nobody above");
	is_int(save_org(&boss, ward, arena_c(a, arena_printf(a, "{'parent':%lld}", (long long)clinic)), NULL),
	    FAULT_NONE, "goes home");
	ok(reaches(&hospital_admin, room), "with all below it");
	is_int(act(&(struct act){ .fn = remove_org_work, .who = &boss, .id = ward }, NULL), FAULT_ORG_IN_USE,
	    "one with units below is not removed");
	is_int(act(&(struct act){ .fn = remove_org_work, .who = &reviewer, .id = room }, NULL), FAULT_NONE,
	    "one without is");
	is_str(org_state(room), "removed", "and kept");
	is_int(save_org(&boss, room, "{'name_zh':'x'}", NULL), FAULT_STATE, "it is changed no more");
	is_int(act(&(struct act){ .fn = remove_org_work, .who = &boss, .id = room, .verb = 1 }, NULL),
	    FAULT_NONE, "until it comes back");
	is_int(act(&(struct act){ .fn = remove_org_work, .who = &hospital_admin, .id = clinic }, NULL),
	    FAULT_ROLE, "a provider removes none");
}

static void
test_organisations(void)
{
	struct act t = { .fn = view_org_work, .who = &hospital_admin, .id = hospital };
	struct principal reporter = hire("plain", hospital, ROLE_REPORTER, false), nation,
	    other_reviewer = hire("f.rev", other_cert, ROLE_REVIEWER, false);
	struct err err;

	is_str(org_state(hospital), "registered", "with an active account it is registered");
	is_int(save_org(&hospital_admin, hospital, "{'phone':'02-9999-0000','address':'臺北市'}", NULL),
	    FAULT_NONE, "its administrator keeps its data right");
	is_str(org_state(hospital), "changed", "which is a change of record");
	is_int(save_org(&hospital_admin, hospital, "{'grade':'A'}", &err), FAULT_FIELDS, "but not its grade");
	is_int(field_fault(&err, "grade"), FAULT_F_FIXED, "fixed for him");
	is_int(save_org(&hospital_admin, clinic, "{'phone':'02-9999-0001'}", NULL), FAULT_ROLE,
	    "nor the data of a unit below");
	is_int(save_org(&reporter, hospital, "{'phone':'02-9999-0001'}", NULL), FAULT_ROLE,
	    "a reporter none");
	is_int(save_org(&bank_admin, hospital, "{'phone':'1234'}", NULL), FAULT_NOT_FOUND,
	    "the bank does not find it");
	is_int(save_org(&other_reviewer, hospital, "{'grade':'A'}", NULL), FAULT_NOT_FOUND,
	    "nor does the other sector's CERT");
	is_int(save_org(&auditor, hospital, "{'grade':'A'}", NULL), FAULT_ROLE, "the auditor reads");
	is_int(save_org(&reviewer, hospital,
	    "{'grade':'A','in_scope':true,'regimes':['tw-2026','eu-nis2'],'source':'電話'}", NULL), FAULT_NONE,
	    "the CERT grades it");
	is_int(save_org(&reviewer, hospital,
	    arena_c(a, arena_printf(a, "{'sector':%lld}", (long long)sector_of(bank))), NULL), FAULT_FIELDS,
	    "and cannot move it to a sector that it does not serve");
	is_int(save_org(&boss, hospital, "{'org_kind':'cert'}", NULL), FAULT_FIELDS,
	    "a kind does not change under its people");
	is_int(look(&t), FAULT_NONE, "reading it");
	is_str(value_text(value_get(t.value, "phone")), "02-9999-0000", "shows its data");
	ok(value_get(t.value, "below")->n == 1 &&
	    value_get(t.value, "accounts")->n > 1, "what is below, and who works there");
	is_int(save_org(&hospital_admin, hospital, arena_c(a, json_text(a, t.value)), NULL), FAULT_NONE,
	    "what GET gave may come back");
	nation = hire("ncert", bank, ROLE_LIAISON, false);
	nation.org_kind = ORG_NATIONAL;
	ok(!reaches(&nation, hospital) &&
	    reaches(&nation, health_cert), "the national CERT sees CERTs, not providers");
	t = (struct act){ .fn = list_org_work, .who = &reviewer };
	is_int(look(&t), FAULT_NONE, "the inventory");
	is_int(value_get(value_get(t.value, "registration"), "listed")->i, 4, "four providers are on it");
	is_int(value_get(value_get(t.value, "registration"), "registered")->i, 2,
	    "two have somebody who can report");
	is_int(value_get(value_get(t.value, "registration"), "percent")->i, 50, "which is half");
	t = (struct act){ .fn = list_org_work, .who = &boss, .verb = 3 };
	for (int n = 0, seen = 0; n < 10; n++) {
		look(&t);
		seen += (int)value_get(t.value, "rows")->n;
		t.value = value_get(t.value, "next");
		if (t.value->kind == V_NULL) {
			is_int(seen, 9, "page by page, each once");
			break;
		}
	}
}

static bool
cut_short_work(struct tx *tx, struct act *t, struct err *err)
{
	struct organisation o;

	return organisation_save(tx, t->who, t->id, value_of(t->in), false, 0, err) &&
	    organisation_get(tx, t->who, t->id, &o, err) && err_set(err, FAULT_BUSY);
}

static void
test_rollback(void)
{
	struct act t = { .fn = cut_short_work, .who = &boss, .id = clinic };

	t.in = arena_c(a, arena_printf(a, "{'parent':%lld}", (long long)bank));
	is_int(act(&t, NULL), FAULT_BUSY, "a move that does not reach the disk");
	ok(reaches(&hospital_admin, clinic) && !reaches(&bank_admin, clinic), "moves nothing");
}

static bool
sectors_work(struct tx *tx, struct act *t, struct err *err)
{
	t->value = sector_list(tx, t->who, err);
	return t->value != NULL;
}

static bool
save_sector_work(struct tx *tx, struct act *t, struct err *err)
{
	return sector_save(tx, t->who, t->id, value_of(t->in), false, 0, err);
}

static bool
seed_work(struct tx *tx, struct act *t, struct err *err)
{
	(void)t;
	return organisation_seed_sectors(tx, err);
}

static void
test_sectors(void)
{
	struct act t = { .fn = sectors_work, .who = &hospital_admin };
	int64_t first;

	is_int(act(&(struct act){ .fn = seed_work }, NULL), FAULT_NONE, "initial data again");
	is_int(look(&t), FAULT_NONE, "the sectors");
	is_int(value_get(t.value, "rows")->n, 8, "are eight, once");
	is_str(value_text(value_get(value_get(t.value, "rows")->first, "code")), "COM",
	    "in the reference's order");
	first = value_get(value_get(t.value, "rows")->first, "id")->i;
	is_int(act(&(struct act){ .fn = save_sector_work, .who = &boss, .id = first,
	    .in = "{'agency_zh':'數位發展部'}" }, NULL), FAULT_NONE, "editable");
	is_int(act(&(struct act){ .fn = save_sector_work, .who = &boss, .id = first, .in = "{'code':'FIN'}" },
	    NULL), FAULT_FIELDS, "a code once");
	is_int(act(&(struct act){ .fn = save_sector_work, .who = &boss, .id = first, .in = "{'code':'co'}" },
	    NULL), FAULT_FIELDS, "in capitals");
	is_int(act(&(struct act){ .fn = save_sector_work, .who = &manager, .id = first,
	    .in = "{'agency_zh':'x'}" }, NULL), FAULT_ROLE, "by the administrator");
	is_int(act(&(struct act){ .fn = save_sector_work, .who = &boss, .id = first,
	    .in = arena_c(a, arena_printf(a, "{'cert':%lld}", (long long)bank)) }, NULL), FAULT_FIELDS,
	    "a bank is no CERT");
}

/* ---- the first administrator ---- */

static bool
setup_link_work(struct tx *tx, struct act *t, struct err *err)
{
	return bootstrap_setup_link(tx, a, &t->text, err);
}

static enum fault
setup(struct str path, const char *in, const char *password, struct err *ret_err)
{
	struct password_change p = { STR_NONE, str_c(password), str_c(password), HOME, STR("test") };
	struct err err = { .arena = a };
	bool ok = identity_setup(st, a, str_from(path, strlen("/setup/")), value_of(in), false, &p, LANG_ZH,
	    &err);

	if (ret_err)
		*ret_err = err;
	return ok ? FAULT_NONE : err.fault;
}

/* Before anybody is there. */
static void
test_setup(void)
{
	static const char good[] =
	    "{'org_zh':'平台營運單位','org_en':'Operator','name':'管理者','email':'root@example.org','login':'Root'}";
	struct act t = { .fn = setup_link_work };
	struct str first;
	struct err err;

	is_int(act(&t, NULL), FAULT_NONE, "a set-up link");
	first = t.text;
	is_int(act(&t, NULL), FAULT_NONE, "another");
	is_int(setup(first, good, "moonlit ferry timetable", NULL), FAULT_LINK_USED, "ends the one before");
	is_int(setup(t.text, "{'login':'管理'}", "short", &err), FAULT_FIELDS, "bad input");
	ok(field_fault(&err, "name") == FAULT_F_MISSING && field_fault(&err, "login") == FAULT_F_LOGIN &&
	    field_fault(&err, "new_password") == FAULT_F_SHORT, "is told at once, passwords too");
	is_int(setup(t.text, good, "moonlit ferry timetable", NULL), FAULT_NONE, "the first administrator");
	is_int(setup(t.text, good, "moonlit ferry timetable", NULL), FAULT_LINK_USED, "there is one only");
	is_int(act(&t, NULL), FAULT_EXISTS, "and no further link");
	is_int(sign_in("root", STR("moonlit ferry timetable"), NULL), FAULT_NONE, "who signs in");
}

static bool
close_root_work(struct tx *tx, struct act *t, struct err *err)
{
	struct account account;

	(void)t;
	if (!account_named(tx, STR("root"), &account, err))
		return false;
	account.state = ACCOUNT_SUSPENDED;
	identity_changed(tx);
	return entity_update(tx, ENTITY_ACCOUNT, &account, 0, "test.close", account.org, NULL, err);
}

int
main(void)
{
	begin();
	test_setup();
	boss = hire("boss", operator_org, ROLE_ADMINISTRATOR, true);
	act(&(struct act){ .fn = close_root_work }, NULL);
	manager = hire("manager", health_cert, ROLE_MANAGER, true);
	reviewer = hire("reviewer", health_cert, ROLE_REVIEWER, true);
	hospital_admin = hire("h.admin", hospital, ROLE_PROVIDER_ADMIN, true);
	bank_admin = hire("b.admin", bank, ROLE_PROVIDER_ADMIN, true);
	auditor = hire("auditor", operator_org, ROLE_AUDITOR, true);
	test_apply();
	test_links();
	test_guards();
	test_role_change();
	test_handover();
	test_person();
	test_lists();
	test_keys();
	test_hierarchy();
	test_organisations();
	test_rollback();
	test_sectors();
	return finish();
}
