/*
 * Sessions: signing in, the list of one's own, ending them. A session's token is random and only its keyed
 * digest is stored. Whatever is wrong with a sign-in, the same work is done and the same answer given: one
 * password hash, one record of the failure.
 */
#include <string.h>

#include "base/log.h"
#include "base/rand.h"
#include "desk/identity_private.h"
#include "store/nodes.h"

#define TOKEN_BYTES 32
#define TICKET_LIFE (5 * MINUTE)
#define USER_AGENT_MAX 200
#define SWEEP_AT_ONCE 200
#define SWEEP_EACH (5 * MINUTE)
#define SESSIONS_KEPT (90 * DAY)         /* ended ones, for "where from" */

#define SIGN_IN_ROW(...) FIELD_ROW(sign_in, __VA_ARGS__)
static const struct field sign_in_fields[] = { SIGN_IN(SIGN_IN_ROW) };
const struct entity in_sign_in = ENTITY(sign_in, sign_in_fields, false);

/* ---- making and ending ---- */

void
session_prepare(struct arena *a, struct session_start *s)
{
	s->id = id_new();
	s->token = rand_token(a, TOKEN_BYTES);
}

bool
session_insert(struct tx *tx, const struct session_start *s, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct str agent = str_first(s->user_agent, USER_AGENT_MAX);
	struct value *facts = value_map(a);

	agent = str_first(agent, utf8_sound(agent));
	map_str(a, facts, "with", str_c(s->with));
	map_str(a, facts, "user_agent", agent);
	return db_run(tx, S_SESSION_INSERT, err, I(s->id), I(s->account), T(keyed(a, FOR_SESSION, s->token)),
	    I(tx_now(tx)), T(s->address), T(place_of_address(a, s->address)), T(agent), T(str_c(s->with))) &&
	    account_note(tx, "session.start", s->account, s->org, facts, err);
}

static bool
end_one(struct tx *tx, int64_t session, int64_t account, int64_t org, const char *why, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *facts = value_map(a);

	map_int(a, facts, "session", session);
	map_str(a, facts, "why", str_c(why));
	return db_run(tx, S_SESSION_END, err, I(session), I(tx_now(tx)), T(str_c(why))) &&
	    account_note(tx, "session.end", account, org, facts, err);
}

/* Ids from a statement whose first column is an id; at most max. */
static bool
ids_of(struct rows q, int64_t *ids, int max, int *ret_n, struct err *err)
{
	int n = 0;

	while (n < max && db_next(&q))
		ids[n++] = db_int(&q, 0);
	*ret_n = n;
	return db_end(&q, err);
}

static bool
org_of_account(struct tx *tx, int64_t account, int64_t *ret_org, struct err *err)
{
	struct rows q = db_query(tx, S_ACCOUNT_ORG, I(account));
	int64_t org = db_next(&q) ? db_int(&q, 0) : 0;

	if (!db_end(&q, err))
		return false;
	*ret_org = org;
	return true;
}

bool
session_end_all(struct tx *tx, int64_t account, int64_t but, const char *why, struct err *err)
{
	int64_t ids[SWEEP_AT_ONCE], org;
	int n = SWEEP_AT_ONCE;

	if (!org_of_account(tx, account, &org, err))
		return false;
	identity_changed(tx);
	while (n == SWEEP_AT_ONCE) {
		if (!ids_of(db_query(tx, S_SESSION_OPEN_OF, I(account), I(but), I(SWEEP_AT_ONCE)), ids,
		    SWEEP_AT_ONCE, &n, err))
			return false;
		for (int i = 0; i < n; i++)
			if (!end_one(tx, ids[i], account, org, why, err))
				return false;
	}
	return true;
}

bool
identity_sign_out(struct tx *tx, const struct principal *who, struct err *err)
{
	identity_changed(tx);
	return who->session == 0 || end_one(tx, who->session, who->account, who->org, "signed_out", err);
}

bool
session_end(struct tx *tx, const struct principal *who, int64_t session, struct err *err)
{
	struct rows q = db_query(tx, S_SESSION_OWN, I(session), I(who->account));
	bool own = db_next(&q);

	if (!db_end(&q, err))
		return false;
	if (!own)
		return err_set(err, FAULT_NOT_FOUND);
	identity_changed(tx);
	return end_one(tx, session, who->account, who->org, "ended_by_owner", err);
}

bool
session_end_others(struct tx *tx, const struct principal *who, struct err *err)
{
	return session_end_all(tx, who->account, who->session, "ended_by_owner", err);
}

/* A session that ran out but is not ended in the table yet is not open. */
struct value *
session_list(struct tx *tx, const struct principal *who, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a), *rows = map_list(a, v, "rows");
	struct rows q = db_query(tx, S_SESSION_LIST, I(who->account), I(tx_now(tx) - session_idle()),
	    I(tx_now(tx) - SESSION_LONGEST));

	while (db_next(&q)) {
		struct value *row = list_add(rows, value_map(a));
		int64_t ends = db_int(&q, 2) + session_idle(), longest = db_int(&q, 1) + SESSION_LONGEST;

		map_int(a, row, "id", db_int(&q, 0));
		map_time(a, row, "started_at", db_int(&q, 1));
		map_time(a, row, "seen_at", db_int(&q, 2));
		map_time(a, row, "ends_at", ends < longest ? ends : longest);
		map_str(a, row, "address", db_str(&q, 3));
		map_str(a, row, "user_agent", db_str(&q, 4));
		map_bool(a, row, "current", db_int(&q, 0) == who->session);
	}
	return db_end(&q, err) ? v : NULL;
}

/* ---- signing in ---- */

/* What was found about a try before anything is proved. */
struct trial {
	const struct sign_in *in;
	struct str login;
	bool known;                      /* there is an account of that login */
	struct account account;
	struct principal who;            /* if the account could work now */
	struct err refusal;              /* if it could not: why */
	struct attempt attempt;

	bool by_code;                    /* proved by ticket and code, not by password */
	int64_t step;                    /* TOTP step that was used */
	struct str recovery;             /* digest of the recovery code that was used */
	struct session_start session;
};

static bool
look_up(struct tx *tx, struct trial *t, struct err *err)
{
	struct rows q = db_query(tx, S_ACCOUNT_BY_LOGIN, T(t->login));
	int64_t id = db_next(&q) ? db_int(&q, 0) : 0;

	if (!db_end(&q, err) || !attempt_begin(tx, t->login, id, t->in->address, &t->attempt, err))
		return false;
	t->known = id != 0;
	if (!t->known) {
		err_set(&t->refusal, FAULT_CREDENTIALS);
		return true;
	}
	if (!entity_fetch(tx, ENTITY_ACCOUNT, id, &t->account, err))
		return false;
	if (!principal_load(tx, id, &t->who, &t->refusal) && t->refusal.fault != FAULT_CREDENTIALS &&
	    t->refusal.fault != FAULT_CONFLICT_ROLES) {
		*err = t->refusal;
		return false;
	}
	return true;
}

/* "<account>.<until>.<digest>": the password of this account as it is now was given. */
static struct str
ticket_text(struct arena *a, const struct account *account, int64_t until)
{
	struct str claim = arena_printf(a, "%lld.%lld", (long long)account->id, (long long)until);
	struct str proof = keyed(a, FOR_TICKET,
	    arena_printf(a, "%.*s %.*s", STR_FMT(claim), STR_FMT(account->password)));

	return arena_printf(a, "%.*s.%.*s", STR_FMT(claim), STR_FMT(proof));
}

static bool
ticket_good(struct arena *a, const struct account *account, struct str ticket)
{
	struct str rest = ticket, id, until_text;
	int64_t until;

	return str_split(&rest, '.', &id) && str_split(&rest, '.', &until_text) &&
	    str_int(until_text, &until) && clock_now() < until && until - clock_now() <= TICKET_LIFE &&
	    same_secret(ticket_text(a, account, until), ticket);
}

/* Is the code right? By TOTP or by a recovery code that is not used. */
static bool
code_right(struct store *st, struct arena *a, struct trial *t, bool *ret_right, struct err *err)
{
	struct str spelled = recovery_spelled(a, str_trim(t->in->code));
	struct tx *tx;
	struct rows q;
	bool ok;

	t->step = totp_step_of(&t->account, t->in->code, a);
	*ret_right = t->step != TOTP_NO_STEP;
	if (*ret_right || !spelled.p)
		return true;
	tx = store_read(st, a, err);
	if (!tx)
		return false;
	t->recovery = recovery_hash(a, t->account.id, spelled);
	q = db_query(tx, S_RECOVERY, T(t->recovery));
	*ret_right = db_next(&q);
	ok = db_end(&q, err);
	store_done(tx);
	return ok;
}

static bool
failed_work(struct tx *tx, void *arg, struct err *err)
{
	struct trial *t = arg;
	struct value *facts = value_map(tx_arena(tx));
	int64_t left_out;

	if (!attempt_failed(tx, &t->attempt, err))
		return false;
	if (!refusal_counted(tx_now(tx), &left_out))
		return true;
	tx_actor(tx,
	    &(struct actor){ .address = t->in->address.p ? t->in->address : STR(""), .name = STR("") });
	/* what was typed as a login is not kept: it is too often a password */
	map_bool(tx_arena(tx), facts, "known_account", t->known);
	if (left_out > 0)
		map_int(tx_arena(tx), facts, "left_out_before", left_out);
	return audit_append(tx,
	    &(struct audit){ .action = "session.refused", .entity = t->known ? "account" : "",
	    .object = t->known ? t->account.id : 0, .org = t->known ? t->account.org : 0,
	    .result = AUDIT_REFUSED, .details = facts }, err);
}

static bool
refused(struct store *st, struct arena *a, struct trial *t, struct err *err)
{
	return store_write(st, a, failed_work, t, err) && err_set(err, FAULT_CREDENTIALS);
}

/* The code's one use; false without a fault of its own when somebody was quicker. */
static bool
use_code(struct tx *tx, const struct trial *t, struct err *err)
{
	int64_t changed = 1;
	bool ok = true;

	if (t->step != TOTP_NO_STEP)
		ok = db_run_vals(tx, S_TOTP_USED,
		    (struct val[]){ { .kind = VAL_NULL }, I(t->account.id), I(t->step) }, 2, &changed, err);
	else if (t->recovery.p)
		ok = db_run_vals(tx, S_RECOVERY_USED,
		    (struct val[]){ { .kind = VAL_NULL }, T(t->recovery), I(tx_now(tx)) }, 2, &changed, err);
	return ok && (changed == 1 || err_set(err, FAULT_CREDENTIALS));
}

/* Everything was right a moment ago; it must be so still. */
static bool
begin_work(struct tx *tx, void *arg, struct err *err)
{
	struct trial *t = arg;
	struct principal who;
	struct account now;

	if (!principal_load(tx, t->account.id, &who, err) ||
	    !entity_fetch(tx, ENTITY_ACCOUNT, t->account.id, &now, err))
		return false;
	if (!str_eq(now.password, t->account.password) || !str_eq(now.totp, t->account.totp))
		return err_set(err, FAULT_CREDENTIALS);
	who.session = t->session.id;
	identity_act(tx, &who, t->in->address);
	return use_code(tx, t, err) && attempt_succeeded(tx, &t->attempt, err) &&
	    session_insert(tx, &t->session, err);
}

/* The first half: password or ticket. *ret_right: proved. */
static bool
first_proof(struct arena *a, struct trial *t, bool *ret_right, struct err *err)
{
	t->by_code = t->known && t->account.totp.n && t->in->ticket.n &&
	    ticket_good(a, &t->account, t->in->ticket);
	*ret_right = t->by_code;
	return t->by_code ||
	    password_right(t->known ? t->account.password : password_nobody(), t->in->password, ret_right,
	    err);
}

static bool
limits_hold(struct store *st, struct arena *a, struct trial *t, struct err *err)
{
	struct tx *tx = store_read(st, a, err);
	bool ok;

	if (!tx)
		return false;
	ok = look_up(tx, t, err) && attempt_allowed(tx, &t->attempt, err);
	store_done(tx);
	if (!ok && err->fault == FAULT_RATE)
		identity_refused(st, NULL, t->in->address, "session.limited", NULL, FAULT_RATE);
	return ok;
}

bool
identity_sign_in(struct store *st, struct arena *a, const struct sign_in *in, struct str *ret_token,
    bool *ret_needs_code, struct err *err)
{
	struct trial *t = arena_make(a, struct trial);
	bool right, code = true;

	t->in = in;
	t->login = login_spelled(a, in->login);
	t->refusal.arena = a;
	if (!limits_hold(st, a, t, err) || !first_proof(a, t, &right, err))
		return false;
	if (!right || t->refusal.fault == FAULT_CREDENTIALS)
		return refused(st, a, t, err);
	if (t->refusal.fault != FAULT_NONE) {
		*err = t->refusal;       /* conflicting roles: told to the one who knows the password */
		return false;
	}
	if (t->account.totp.n && !in->code.n) {
		*ret_token = ticket_text(a, &t->account, clock_now() + TICKET_LIFE);
		*ret_needs_code = true;
		return true;
	}
	if (t->account.totp.n && !code_right(st, a, t, &code, err))
		return false;
	if (!code)
		return refused(st, a, t, err);
	t->session = (struct session_start){
		.account = t->account.id, .org = t->account.org, .address = in->address,
		.user_agent = in->user_agent, .with = t->recovery.p ? "recovery" : t->step != TOTP_NO_STEP ?
		"totp" : "password",
	};
	session_prepare(a, &t->session);
	if (!store_write(st, a, begin_work, t, err))
		return false;
	*ret_token = t->session.token;
	*ret_needs_code = false;
	return true;
}

/* ---- what is over ---- */

static bool
sweep_sessions(struct tx *tx, bool *ret_more, struct err *err)
{
	/* the last use may be written up to a minute late */
	int64_t idle = tx_now(tx) - session_idle() - 2 * MINUTE, longest = tx_now(tx) - SESSION_LONGEST;
	struct rows q = db_query(tx, S_SESSION_OVER, I(idle), I(longest), I(SWEEP_AT_ONCE));
	struct {
		int64_t id, account, org;
		bool idle;
	} over[SWEEP_AT_ONCE];
	int n = 0;

	for (; n < SWEEP_AT_ONCE && db_next(&q); n++) {
		over[n].id = db_int(&q, 0);
		over[n].account = db_int(&q, 1);
		over[n].org = db_int(&q, 2);
		over[n].idle = db_int(&q, 3) <= idle;
	}
	if (!db_end(&q, err))
		return false;
	*ret_more = n == SWEEP_AT_ONCE;
	for (int i = 0; i < n; i++)
		if (!end_one(tx, over[i].id, over[i].account, over[i].org, over[i].idle ? "idle" : "longest",
		    err))
			return false;
	return true;
}

bool
identity_sweep(struct tx *tx, bool *ret_more, struct err *err)
{
	return sweep_sessions(tx, ret_more, err) && attempt_sweep(tx, err) &&
	    db_run(tx, S_SESSION_DROP, err, I(tx_now(tx) - SESSIONS_KEPT), I(SWEEP_AT_ONCE)) &&
	    db_run(tx, S_LINK_DROP, err, I(tx_now(tx) - SESSIONS_KEPT), I(SWEEP_AT_ONCE));
}

static bool
sweep_work(struct tx *tx, void *arg, struct err *err)
{
	return identity_sweep(tx, arg, err);
}

void
identity_tick(struct store *st)
{
	static int64_t last = NO_TIME;
	int64_t now = clock_monotonic();
	bool more = last == NO_TIME || now - last >= SWEEP_EACH;

	if (more)
		last = now;
	while (more) {
		struct arena *a = arena_new();
		struct err err = { .arena = a };

		more = false;
		if (!store_write_leading(st, LEAD_TIMERS, a, sweep_work, &more, &err))
			log_err(LOG_WARN, "ending sessions that ran out", &err);
		arena_free(a);
	}
}
