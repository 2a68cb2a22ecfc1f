/* Signing in and what follows: limits, sessions, the memory of principals, passwords, the second factor. */
#include "identity_fixture.h"

#include <liboath/oath.h>

#include "desk/identity_private.h"

static bool
count_audit(struct tx *tx, struct act *t, struct err *err)
{
	(void)t;
	return audit_append(tx, &(struct audit){ .action = "test", .entity = "" }, err);
}

/* Waits for what was submitted behind our back: the writer works in order. */
static void
settle(void)
{
	act(&(struct act){ .fn = count_audit }, NULL);
}

static void
test_sign_in(void)
{
	struct principal who, nurse = hire("nurse", hospital, ROLE_REPORTER, true);
	struct str token, other;

	is_int(sign_in("nurse", PASSWORD, &token), FAULT_NONE, "right password");
	is_int(session(token, &who), FAULT_NONE, "the session is hers");
	is_int(who.account, nurse.account, "and names the account");
	is_int(who.roles, ROLE_REPORTER, "with the role");
	is_int(who.reports.kind, SCOPE_ORG, "a hospital with a clinic below it sees both");
	ok(who.csrf.n == 32 && who.session != 0 && who.key == 0, "it has a token for forms");
	is_int(who.session_ends, START + SESSION_IDLE, "and says when it ends");
	ok(who.zone && !strcmp(zone_name(who.zone), "Asia/Taipei"), "in her zone");
	is_int(sign_in("  NURSE ", PASSWORD, &other), FAULT_NONE,
	    "blanks and capitals in the login are forgiven");
	ok(!str_eq(token, other), "every session has its own token");
	is_int(session(token, NULL), FAULT_NONE, "and both are open");
	is_int(sign_in("nurse", STR("correct staple 27 lanterN"), NULL), FAULT_CREDENTIALS, "wrong password");
	is_int(sign_in("nobody", PASSWORD, NULL), FAULT_CREDENTIALS, "no such account, the same answer");
	is_int(sign_in("", STR(""), NULL), FAULT_CREDENTIALS, "nothing at all, the same answer");
	is_int(session(STR("no such token"), NULL), FAULT_SESSION_ENDED, "a token that is none");
	is_int(session(STR(""), NULL), FAULT_SESSION_ENDED, "no token");
	is_int(key(token, NULL), FAULT_CREDENTIALS, "a session's token is no key");
}

static bool
suspend_work(struct tx *tx, struct act *t, struct err *err)
{
	return bootstrap_account_suspend(tx, t->text, STR("left"), err);
}

static void
test_suspended(void)
{
	struct str token;

	hire("temp", hospital, ROLE_REPORTER, true);
	is_int(sign_in("temp", PASSWORD, &token), FAULT_NONE, "before: signed in");
	is_int(key(STR("tok_of_temp"), NULL), FAULT_NONE, "before: the key works");
	is_int(act(&(struct act){ .fn = suspend_work, .text = STR("temp") }, NULL), FAULT_NONE, "suspended");
	is_int(session(token, NULL), FAULT_SESSION_ENDED,
	    "the session is over at once, though it was in memory");
	is_int(key(STR("tok_of_temp"), NULL), FAULT_CREDENTIALS, "the key too");
	is_int(sign_in("temp", PASSWORD, NULL), FAULT_CREDENTIALS,
	    "and the right password gives the same answer as a wrong one");
}

static void
test_limits(void)
{
	struct err err;
	struct str far = STR("198.51.100.9");

	hire("target", hospital, ROLE_REPORTER, true);
	for (int i = 0; i < 5; i++)
		is_int(sign_in_from("target", STR("guess guess guess"), STR_NONE, STR_NONE, far, NULL, NULL,
		    NULL), FAULT_CREDENTIALS, "a guess");
	is_int(sign_in_from("target", STR("another guess"), STR_NONE, STR_NONE, far, NULL, NULL, &err),
	    FAULT_RATE, "the sixth has to wait");
	is_str(err.detail, "30", "and is told how many seconds");
	is_int(sign_in_from("target", PASSWORD, STR_NONE, STR_NONE, far, NULL, NULL, NULL), FAULT_RATE,
	    "a right password does not help");
	is_int(sign_in_from("target", PASSWORD, STR_NONE, STR_NONE, STR("198.51.100.77"), NULL, NULL, NULL),
	    FAULT_RATE, "nor another address: it is the account that is limited");
	later(30 * SECOND - 1);
	is_int(sign_in_from("target", PASSWORD, STR_NONE, STR_NONE, far, NULL, NULL, &err), FAULT_RATE,
	    "not a moment earlier");
	is_str(err.detail, "1", "a part of a second is a second");
	later(1);
	is_int(sign_in_from("target", STR("wrong once more"), STR_NONE, STR_NONE, far, NULL, NULL, NULL),
	    FAULT_CREDENTIALS, "then one more try");
	is_int(sign_in_from("target", PASSWORD, STR_NONE, STR_NONE, far, NULL, NULL, &err), FAULT_RATE,
	    "and the next wait");
	is_str(err.detail, "60", "is twice as long");
	later(MINUTE);
	is_int(sign_in_from("target", PASSWORD, STR_NONE, STR_NONE, far, NULL, NULL, NULL), FAULT_NONE,
	    "the right password at last");
	is_int(sign_in_from("target", STR("wrong again"), STR_NONE, STR_NONE, far, NULL, NULL, NULL),
	    FAULT_CREDENTIALS, "after it");
	is_int(sign_in_from("target", PASSWORD, STR_NONE, STR_NONE, far, NULL, NULL, NULL), FAULT_NONE,
	    "the count began anew");
}

static void
test_limits_unknown(void)
{
	struct err err;
	struct str address = STR("198.51.100.10");

	for (int i = 0; i < 5; i++)
		sign_in_from("not.there", STR("guess guess guess"), STR_NONE, STR_NONE, address, NULL, NULL,
		    NULL);
	is_int(sign_in_from("not.there", STR("guess"), STR_NONE, STR_NONE, address, NULL, NULL, &err),
	    FAULT_RATE, "an account that is none is limited like any other");
	is_str(err.detail, "30", "for the same time");
}

static void
test_limits_address(void)
{
	struct str address = STR("2001:db8:1:2::5"), neighbour = STR("2001:db8:1:2:ffff::9"),
	    elsewhere = STR("2001:db8:1:3::5");

	hire("victim", hospital, ROLE_REPORTER, true);
	for (int i = 0; i < 20; i++)
		sign_in_from(arena_c(a, arena_printf(a, "login%d", i)), STR("guess guess guess"), STR_NONE,
		    STR_NONE, address, NULL, NULL, NULL);
	is_int(sign_in_from("victim", PASSWORD, STR_NONE, STR_NONE, address, NULL, NULL, NULL), FAULT_RATE,
	    "twenty accounts from one address");
	is_int(sign_in_from("victim", PASSWORD, STR_NONE, STR_NONE, neighbour, NULL, NULL, NULL), FAULT_RATE,
	    "its network is limited with it");
	is_int(sign_in_from("victim", PASSWORD, STR_NONE, STR_NONE, elsewhere, NULL, NULL, NULL), FAULT_NONE,
	    "another network is not");
	later(2 * HOUR);
	is_int(sign_in_from("victim", PASSWORD, STR_NONE, STR_NONE, address, NULL, NULL, NULL), FAULT_NONE,
	    "after an hour it is forgotten");
}

static void
test_lock_out(void)
{
	struct str desk = STR("192.0.2.40"), stranger = STR("203.0.113.66");

	hire("officer", hospital, ROLE_REPORTER, true);
	is_int(sign_in_from("officer", PASSWORD, STR_NONE, STR_NONE, desk, NULL, NULL, NULL), FAULT_NONE,
	    "she signs in from her desk");
	for (int i = 0; i < 6; i++)
		sign_in_from("officer", STR("guess guess guess"), STR_NONE, STR_NONE, stranger, NULL, NULL,
		    NULL);
	is_int(sign_in_from("officer", PASSWORD, STR_NONE, STR_NONE, stranger, NULL, NULL, NULL), FAULT_RATE,
	    "a stranger's guesses limit strangers");
	is_int(sign_in_from("officer", PASSWORD, STR_NONE, STR_NONE, desk, NULL, NULL, NULL), FAULT_NONE,
	    "and not the officer at her desk");
}

static void
test_idle(void)
{
	struct str token, second;
	struct principal who;

	hire("idler", clinic, ROLE_REPORTER, true);
	sign_in("idler", PASSWORD, &token);
	is_int(session(token, &who), FAULT_NONE, "signed in");
	is_int(who.reports.kind, SCOPE_UNIT, "a clinic with nothing below it sees itself");
	later(SESSION_IDLE - 1);
	is_int(session(token, NULL), FAULT_NONE, "alive a microsecond before fifteen minutes");
	later(SESSION_IDLE - 1);
	is_int(session(token, NULL), FAULT_NONE, "each use begins them anew");
	later(SESSION_IDLE);
	is_int(session(token, NULL), FAULT_SESSION_ENDED, "over at fifteen minutes");
	later(-SESSION_IDLE / 2);
	is_int(session(token, NULL), FAULT_NONE, "a clock that goes back does not end it");
	later(-SESSION_IDLE);
	is_int(session(token, NULL), FAULT_SESSION_ENDED, "nor lengthen it, when it goes back far");
	clock_set(START + DAY);
	sign_in("idler", PASSWORD, &second);
	for (int i = 0; i < 60; i++) {
		later(12 * MINUTE);
		if (session(second, NULL) != FAULT_NONE) {
			is_int(clock_now() - START - DAY, SESSION_LONGEST,
			    "however busy, it ends after twelve hours");
			return;
		}
	}
	ok(false, "however busy, it ends after twelve hours");
}

static void
test_restart(void)
{
	struct str token;
	struct principal before, after;

	hire("steady", hospital, ROLE_REPORTER, true);
	sign_in("steady", PASSWORD, &token);
	session(token, &before);
	later(10 * MINUTE);
	session(token, NULL);
	settle();
	store_close(st);
	ok(open_store(false), "the server starts again");
	later(14 * MINUTE);
	is_int(session(token, &after), FAULT_NONE, "her session goes on: its last use was on disk");
	is_int(after.session, before.session, "it is the same one");
	is_str(after.csrf, arena_c(a, before.csrf), "its forms stay good");
	settle();
	store_close(st);
	ok(open_store(false), "and again");
	later(SESSION_IDLE);
	is_int(session(token, NULL), FAULT_SESSION_ENDED, "idle time runs through a restart");
}

static bool
list_work(struct tx *tx, struct act *t, struct err *err)
{
	t->value = session_list(tx, t->who, err);
	return t->value != NULL;
}

static bool
end_others_work(struct tx *tx, struct act *t, struct err *err)
{
	return session_end_others(tx, t->who, err);
}

static bool
end_one_work(struct tx *tx, struct act *t, struct err *err)
{
	return session_end(tx, t->who, t->id, err);
}

static bool
sign_out_work(struct tx *tx, struct act *t, struct err *err)
{
	return identity_sign_out(tx, t->who, err);
}

static void
test_own_sessions(void)
{
	struct str token[4];
	struct principal who[4], stranger = hire("stranger", bank, ROLE_REPORTER, true);
	struct act t = { .fn = list_work };

	hire("many", hospital, ROLE_REPORTER, true);
	for (int i = 0; i < 4; i++) {
		sign_in("many", PASSWORD, &token[i]);
		session(token[i], &who[i]);
		later(SECOND);
	}
	t.who = &who[1];
	is_int(look(&t), FAULT_NONE, "one's sessions");
	is_int(value_get(t.value, "rows")->n, 4, "are all listed");
	is_str(value_text(value_get(value_get(t.value, "rows")->first, "address")), "192.0.2.1",
	    "with their place");
	is_int(act(&(struct act){ .fn = end_one_work, .who = &stranger, .id = who[0].session }, NULL),
	    FAULT_NOT_FOUND, "a stranger cannot end one");
	is_int(session(token[0], NULL), FAULT_NONE, "and has not");
	is_int(act(&(struct act){ .fn = end_one_work, .who = &who[1], .id = who[0].session }, NULL),
	    FAULT_NONE, "she ends one");
	is_int(session(token[0], NULL), FAULT_SESSION_ENDED, "which is over");
	is_int(act(&(struct act){ .fn = end_one_work, .who = &who[1], .id = who[0].session }, NULL),
	    FAULT_NOT_FOUND, "and cannot be ended twice");
	is_int(act(&(struct act){ .fn = end_others_work, .who = &who[1] }, NULL), FAULT_NONE,
	    "she ends the others");
	is_int(session(token[2], NULL), FAULT_SESSION_ENDED, "which are over");
	is_int(session(token[3], NULL), FAULT_SESSION_ENDED, "both of them");
	is_int(session(token[1], NULL), FAULT_NONE, "but not her own");
	is_int(act(&(struct act){ .fn = sign_out_work, .who = &who[1] }, NULL), FAULT_NONE, "she signs out");
	is_int(session(token[1], NULL), FAULT_SESSION_ENDED, "and is out");
}

static bool
sweep_work(struct tx *tx, struct act *t, struct err *err)
{
	bool more;

	(void)t;
	return identity_sweep(tx, &more, err) && (!more || err_set(err, FAULT_INTERNAL));
}

static void
test_sweep(void)
{
	struct str token, fresh;
	struct principal who;
	struct act t = { .fn = list_work, .who = &who };

	hire("gone", hospital, ROLE_REPORTER, true);
	sign_in("gone", PASSWORD, &token);
	later(20 * MINUTE);
	sign_in("gone", PASSWORD, &fresh);
	is_int(session(fresh, &who), FAULT_NONE, "a new session beside one that ran out");
	look(&t);
	is_int(value_get(t.value, "rows")->n, 1, "the one that ran out is not listed, swept or not");
	is_int(act(&(struct act){ .fn = sweep_work }, NULL), FAULT_NONE, "sweeping");
	is_int(session(fresh, NULL), FAULT_NONE, "leaves what is open");
	later(-19 * MINUTE);
	is_int(session(token, NULL), FAULT_SESSION_ENDED, "and ends what was over for good");
	later(19 * MINUTE + 100 * DAY);
	is_int(act(&(struct act){ .fn = sweep_work }, NULL), FAULT_NONE, "much later old rows go");
	clock_set(START + 3 * DAY);
}

/* ---- roles ---- */

struct mixed {
	struct principal who;
	struct account account;
};

static bool
mix_work(struct tx *tx, struct act *t, struct err *err)
{
	struct account account;

	if (!entity_fetch(tx, ENTITY_ACCOUNT, t->id, &account, err))
		return false;
	account.roles = t->other;
	identity_changed(tx);
	return entity_update(tx, ENTITY_ACCOUNT, &account, 0, "test.roles", account.org, NULL, err);
}

static void
test_conflict_at_use(void)
{
	struct principal both = hire("both", hospital, ROLE_REPORTER, true);
	struct err err;
	struct str token;

	sign_in("both", PASSWORD, &token);
	is_int(session(token, NULL), FAULT_NONE, "one role");
	/* whatever wrote it there */
	is_int(act(&(struct act){ .fn = mix_work, .id = both.account,
	    .other = ROLE_REPORTER | ROLE_REVIEWER }, NULL), FAULT_NONE, "two that must not meet");
	is_int(session(token, NULL), FAULT_CONFLICT_ROLES, "her session is refused");
	is_int(key(STR("tok_of_both"), NULL), FAULT_CONFLICT_ROLES, "her key too");
	is_int(sign_in_from("both", PASSWORD, STR_NONE, STR_NONE, HOME, NULL, NULL, &err),
	    FAULT_CONFLICT_ROLES, "and signing in");
	ok(err.detail.n > 0, "which names them");
	is_int(sign_in("both", STR("wrong wrong wrong"), NULL), FAULT_CREDENTIALS,
	    "but only to who knows the password");
	is_int(act(&(struct act){ .fn = mix_work, .id = both.account, .other = ROLE_PROVIDER_ADMIN }, NULL),
	    FAULT_NONE, "one again");
	is_int(session(token, NULL), FAULT_NONE, "and she is back");
}

static bool
rename_work(struct tx *tx, struct act *t, struct err *err)
{
	return organisation_save(tx, t->who, t->id, value_of(t->in), false, 0, err);
}

static void
test_memory(void)
{
	struct principal reporter, admin = hire("root1", operator_org, ROLE_ADMINISTRATOR, true);
	struct str token;

	hire("known", bank, ROLE_REPORTER, true);
	sign_in("known", PASSWORD, &token);
	session(token, &reporter);
	is_str(reporter.org_name[LANG_ZH], "Northern Bank", "an organisation's name");
	is_int(act(&(struct act){ .fn = rename_work, .who = &admin, .id = bank, .in = "{'name_zh': '北方銀行'}" },
	    NULL), FAULT_NONE, "is changed");
	session(token, &reporter);
	is_str(reporter.org_name[LANG_ZH], "北方銀行", "and the next request knows it");
	ok(reporter.org_name[LANG_EN].n > 0 && !reporter.lang_chosen, "in each language, and she has chosen none");
	is_int(reporter.reports.kind, SCOPE_UNIT, "a bank alone");
	is_int(act(&(struct act){ .fn = rename_work, .who = &admin, .id = clinic,
	    .in = arena_c(a, arena_printf(a, "{'parent': %lld}", (long long)bank)) }, NULL), FAULT_NONE,
	    "gets a unit below it");
	session(token, &reporter);
	is_int(reporter.reports.kind, SCOPE_ORG, "and the next request sees it");
	is_int(act(&(struct act){ .fn = rename_work, .who = &admin, .id = clinic,
	    .in = arena_c(a, arena_printf(a, "{'parent': %lld}", (long long)hospital)) }, NULL), FAULT_NONE,
	    "which goes home again");
}

/* ---- passwords ---- */

static enum fault
quality(const char *text, enum fault *ret_field)
{
	struct err err = { .arena = a };
	struct password_change in = { .new_password = str_c(text), .again = STR_NONE };
	struct password_owner owner = { STR("lin.yijun"), STR("林怡君"), STR("青山醫院"),
	    STR("Green Hill Hospital") };
	bool ok = password_check(&in, &owner, LANG_EN, &err);

	*ret_field = field_fault(&err, "new_password");
	return ok ? FAULT_NONE : err.fault;
}

static void
test_quality(void)
{
	static const struct {
		const char *text;
		enum fault field;
	} cases[] = {
		{ "", FAULT_F_MISSING },
		{ "short one", FAULT_F_SHORT },
		{ "十一個中文字還不夠長", FAULT_F_SHORT },
		{ "這一句話有十二個字喔對吧", FAULT_NONE },
		{ "correct staple 27 lantern", FAULT_NONE },
		{ "vT9#kq2!Lm4z", FAULT_NONE },
		{ "PasswordPassword", FAULT_F_PASSWORD },
		{ "P@ssw0rd2026!!", FAULT_F_PASSWORD },
		{ "qwertyuiop12", FAULT_F_PASSWORD },
		{ "1qaz2wsx3edc", FAULT_F_PASSWORD },
		{ "1QAZ2wsx3edc4rfv", FAULT_F_PASSWORD },
		{ "ji32k7au4a83", FAULT_F_PASSWORD },
		{ "iloveyou520520", FAULT_F_PASSWORD },
		{ "Taiwan20260101", FAULT_F_PASSWORD },
		{ "臺灣臺灣臺灣臺灣臺灣臺灣", FAULT_F_PASSWORD },
		{ "我的密碼12345678", FAULT_F_PASSWORD },
		{ "aaaaaaaaaaaaaaaa", FAULT_F_PASSWORD },
		{ "abababababababab", FAULT_F_PASSWORD },
		{ "abcdefghijklmnop", FAULT_F_PASSWORD },
		{ "345678901234567", FAULT_F_PASSWORD },
		{ "81724690518364", FAULT_F_PASSWORD },
		{ "my lin.yijun 77 lamp", FAULT_F_PASSWORD },
		{ "LinYijun-77-lamp", FAULT_F_PASSWORD },
		{ "greenhillhospital!99x", FAULT_F_PASSWORD },
		{ "青山醫院的夜班值班室密碼", FAULT_F_PASSWORD },
		{ "林怡君喜歡在夜裡看星星喔", FAULT_F_PASSWORD },
	};
	char longest[130];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum fault field;

		quality(cases[i].text, &field);
		is_int(field, cases[i].field, arena_c(a, arena_printf(a, "password \"%s\"", cases[i].text)));
	}
	for (int i = 0; i < 129; i++)
		longest[i] = (char)("kT4z!mQ9vB"[i % 10] + (i / 10 % 2));
	longest[129] = '\0';
	{
		enum fault field;

		quality(longest, &field);
		is_int(field, FAULT_F_LONG, "129 characters are too many");
		longest[128] = '\0';
		quality(longest, &field);
		is_int(field, FAULT_NONE, "128 are not");
	}
}

static enum fault
change_to(const struct principal *who, const char *present, const char *wanted, struct str *ret_token,
    struct err *ret_err)
{
	struct password_change in = { str_c(present), str_c(wanted), str_c(wanted), HOME, STR("test") };
	struct err err = { .arena = a };
	struct str token = STR_NONE;
	bool ok = password_change(st, a, who, &in, &token, &err);

	if (ret_token)
		*ret_token = token;
	if (ret_err)
		*ret_err = err;
	return ok ? FAULT_NONE : err.fault;
}

static void
test_change(void)
{
	static const char *const series[] = {
		"correct staple 27 lantern", "second lamp over harbour 3", "third lamp over harbour 4",
		    "fourth lamp over harbour 5",
		"fifth lamp over harbour 6", "sixth lamp over harbour 7",
	};
	struct str first, second, token;
	struct principal who;
	struct err err;

	hire("changer", hospital, ROLE_REPORTER, true);
	sign_in("changer", PASSWORD, &first);
	sign_in("changer", PASSWORD, &second);
	session(first, &who);
	is_int(change_to(&who, "not the present one", series[1], NULL, &err), FAULT_FIELDS,
	    "the present one is asked for");
	is_int(field_fault(&err, "password"), FAULT_F_PASSWORD, "and is wrong");
	is_int(change_to(&who, series[0], "tooshort", NULL, &err), FAULT_FIELDS, "the new one is looked at");
	is_int(change_to(&who, series[0], series[0], NULL, &err), FAULT_FIELDS, "the same again");
	is_int(field_fault(&err, "new_password"), FAULT_F_PASSWORD, "is no new one");
	is_int(session(second, NULL), FAULT_NONE, "nothing has happened so far");
	is_int(change_to(&who, series[0], series[1], &token, NULL), FAULT_NONE, "changed");
	is_int(session(first, NULL), FAULT_SESSION_ENDED, "every session is over");
	is_int(session(second, NULL), FAULT_SESSION_ENDED, "every one");
	is_int(session(token, &who), FAULT_NONE, "but the one she got instead");
	is_int(sign_in("changer", PASSWORD, NULL), FAULT_CREDENTIALS, "the old password is none");
	for (int i = 1; i < 5; i++)
		is_int(change_to(&who, series[i], series[i + 1], &token, NULL), FAULT_NONE, "and on");
	is_int(change_to(&who, series[5], series[1], NULL, &err), FAULT_FIELDS,
	    "one of the last five is refused");
	is_int(change_to(&who, series[5], series[0], NULL, NULL), FAULT_NONE, "one before them is not");
}

/* ---- the second factor ---- */

static struct str
code_at(struct str secret_groups, int64_t at)
{
	char plain[64], code[16], *bytes;
	size_t n = 0, bytes_n;

	for (size_t i = 0; i < secret_groups.n; i++)
		if (secret_groups.p[i] != ' ')
			plain[n++] = secret_groups.p[i];
	if (oath_base32_decode(plain, n, &bytes, &bytes_n) != OATH_OK ||
	    oath_totp_generate(bytes, bytes_n, (time_t)(at / SECOND), 30, 0, 6, code) != OATH_OK)
		printf("# no code\n");
	free(bytes);
	return arena_dup(a, str_c(code));
}

static void
test_totp(void)
{
	struct str token, ticket, secret, sealed, now;
	struct principal who, other = hire("other", hospital, ROLE_REPORTER, true);
	struct value *offer, *codes = NULL;
	struct totp_change in;
	struct err err = { .arena = a };
	bool needs;

	hire("twofold", hospital, ROLE_REPORTER, true);
	sign_in("twofold", PASSWORD, &token);
	session(token, &who);
	offer = totp_offer(a, &who, STR("twofold"));
	secret = value_text(value_get(offer, "secret"));
	sealed = value_text(value_get(offer, "sealed"));
	ok(str_has(value_text(value_get(offer, "uri")), STR("otpauth://totp/Tocsin:twofold?secret=")),
	    "an address for the app");
	ok(value_get(value_get(offer, "qr"), "size")->i > 20 &&
	    value_text(value_get(value_get(offer, "qr"), "path")).n > 500, "and a picture of it");
	now = code_at(secret, clock_now());
	in = (struct totp_change){ sealed, STR("000000"), PASSWORD, HOME };
	ok(!totp_enable(st, a, &who, &in, &codes, &err) &&
	    field_fault(&err, "code") == FAULT_F_PASSWORD, "a wrong first code");
	in = (struct totp_change){ sealed, now, STR("wrong wrong wrong"), HOME };
	err = (struct err){ .arena = a };
	ok(!totp_enable(st, a, &who, &in, &codes, &err) &&
	    field_fault(&err, "password") == FAULT_F_PASSWORD, "a wrong password");
	in = (struct totp_change){ sealed, now, PASSWORD, HOME };
	err = (struct err){ .arena = a };
	ok(!totp_enable(st, a, &other, &in, &codes, &err), "somebody else's offer");
	err = (struct err){ .arena = a };
	ok(totp_enable(st, a, &who, &in, &codes, &err), "switched on");
	is_int(codes ? codes->n : 0, 10, "with ten recovery codes");

	is_int(sign_in_from("twofold", PASSWORD, STR_NONE, STR_NONE, HOME, &ticket, &needs, NULL), FAULT_NONE,
	    "the password alone");
	ok(needs && session(ticket, NULL) == FAULT_SESSION_ENDED, "asks for a code and opens nothing");
	is_int(sign_in_from("twofold", STR_NONE, now, ticket, HOME, NULL, NULL, NULL), FAULT_CREDENTIALS,
	    "the code that was used already");
	later(30 * SECOND);
	now = code_at(secret, clock_now());
	is_int(sign_in_from("twofold", STR_NONE, now, STR("1.2.3"), HOME, NULL, NULL, NULL),
	    FAULT_CREDENTIALS, "a ticket that is none");
	is_int(sign_in_from("other", STR_NONE, now, ticket, HOME, NULL, NULL, NULL), FAULT_CREDENTIALS,
	    "somebody else's ticket");
	is_int(sign_in_from("twofold", STR_NONE, now, ticket, HOME, &token, &needs, NULL), FAULT_NONE,
	    "ticket and code");
	ok(!needs && session(token, NULL) == FAULT_NONE, "open the session");
	is_int(sign_in_from("twofold", PASSWORD, now, STR_NONE, HOME, NULL, NULL, NULL), FAULT_CREDENTIALS,
	    "no code twice");
	is_int(sign_in_from("twofold", PASSWORD, code_at(secret, clock_now() + 30 * SECOND), STR_NONE, HOME,
	    NULL, NULL, NULL), FAULT_NONE, "a clock half a minute ahead is allowed");
	later(2 * MINUTE);
	is_int(sign_in_from("twofold", PASSWORD, code_at(secret, clock_now() - 90 * SECOND), STR_NONE, HOME,
	    NULL, NULL, NULL), FAULT_CREDENTIALS, "one of three steps ago is not");
	later(5 * MINUTE);
	is_int(sign_in_from("twofold", STR_NONE, code_at(secret, clock_now()), ticket, HOME, NULL, NULL,
	    NULL), FAULT_CREDENTIALS, "an old ticket");
	is_int(sign_in_from("twofold", PASSWORD, codes->first->s, STR_NONE, HOME, &token, NULL, NULL),
	    FAULT_NONE, "a recovery code");
	is_int(sign_in_from("twofold", PASSWORD, codes->first->s, STR_NONE, HOME, NULL, NULL, NULL),
	    FAULT_CREDENTIALS, "works once");
	session(token, &who);
	in = (struct totp_change){ STR_NONE, STR_NONE, PASSWORD, HOME };
	err = (struct err){ .arena = a };
	ok(totp_disable(st, a, &who, &in, &err), "switched off with the password");
	is_int(sign_in_from("twofold", PASSWORD, STR_NONE, STR_NONE, HOME, NULL, &needs, NULL), FAULT_NONE,
	    "signing in");
	ok(!needs, "asks for nothing more");
	is_int(sign_in_from("twofold", PASSWORD, codes->last->s, STR_NONE, HOME, NULL, NULL, NULL),
	    FAULT_NONE, "a code then does no harm");
}

static void
test_secret(void)
{
	char *path = arena_c(a, arena_printf(a, "%s/secret", dir));
	struct err err = { .arena = a };
	struct stat s;

	ok(stat(path, &s) == 0 && (s.st_mode & 0777) == 0600, "the secret is its owner's alone");
	ok(chmod(path, 0644) == 0 && !identity_load(dir, false, &err) &&
	    err.fault == FAULT_FILE, "one that others may read is refused");
	err = (struct err){ .arena = a };
	ok(chmod(path, 0600) == 0 &&
	    identity_load(dir, true, &err), "making does not replace one that is there");
	is_int(key(STR("tok_of_nurse"), NULL), FAULT_NONE, "so the keys stay good");
	err = (struct err){ .arena = a };
	ok(!identity_load("/tmp/tocsin-no-such-dir", false, &err) &&
	    err.fault == FAULT_FILE, "and none is a fault");
}

int
main(void)
{
	begin();
	test_sign_in();
	test_suspended();
	test_limits();
	test_limits_unknown();
	test_limits_address();
	test_lock_out();
	test_idle();
	test_restart();
	test_own_sessions();
	test_sweep();
	test_conflict_at_use();
	test_memory();
	test_quality();
	test_change();
	test_totp();
	test_secret();
	return finish();
}
