/*
 * A small world for the tests of the desk: a store of its own with two sectors, their CERTs, providers (one
 * above another), the national CERT and an auditor, and short ways to do their work. The clock is fixed;
 * world_at() moves it.
 */
#ifndef UNIT_DESK_WORLD_H
#define UNIT_DESK_WORLD_H

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "desk/duties.h"
#include "desk/hold.h"
#include "desk/reports.h"
#include "model/organisation.h"
#include "model/rules.h"
#include "store/audit.h"
#include "engine.h"
#include "tap.h"

/* Saturday 2026-11-21 18:10 UTC: Sunday 02:10 in Taipei. */
#define WORLD_START (INT64_C(1795284600) * SECOND)

enum place { MED, FIN, CERT_MED, CERT_FIN, HOSPITAL, BRANCH, CLINIC, BANK, NATIONAL, PLACES };
enum who { NURSE, NURSE2, BRANCH_CLERK, DOCTOR, TELLER, REVIEWER, HANDLER, OTHER_REVIEWER, LIAISON, AUDITOR,
    ADMIN, NATION, PEOPLE };

static struct world {
	struct store *store;
	struct arena *arena;
	char dir[64];
	int64_t place[PLACES];
	struct principal who[PEOPLE];
	struct err err;                  /* of the last work */
} world;

static const struct {
	int place;
	int64_t kind;
	int sector, parent;
	const char *name;
} world_orgs[] = {
	{ CERT_MED, ORG_CERT, MED, -1, "衛生領域 CERT" }, { CERT_FIN, ORG_CERT, FIN, -1, "金融領域 CERT" },
	{ HOSPITAL, ORG_PROVIDER, MED, -1, "北星醫院" }, { BRANCH, ORG_PROVIDER, MED, HOSPITAL, "北星醫院分院" },
	{ CLINIC, ORG_PROVIDER, MED, -1, "山城診所" }, { BANK, ORG_PROVIDER, FIN, -1, "遠帆銀行" },
	{ NATIONAL, ORG_NATIONAL, -1, -1, "國家層級 CERT" },
};
static const struct {
	int place;
	unsigned roles;
	enum scope_kind scope;
	const char *name;
} world_people[PEOPLE] = {
	[NURSE] = { HOSPITAL, ROLE_REPORTER, SCOPE_ORG, "林怡君" },
	[NURSE2] = { HOSPITAL, ROLE_REPORTER, SCOPE_ORG, "陳志明" },
	[BRANCH_CLERK] = { BRANCH, ROLE_REPORTER, SCOPE_UNIT, "張淑芬" },
	[DOCTOR] = { CLINIC, ROLE_REPORTER, SCOPE_UNIT, "王大文" },
	[TELLER] = { BANK, ROLE_REPORTER, SCOPE_UNIT, "李家豪" },
	[REVIEWER] = { CERT_MED, ROLE_REVIEWER, SCOPE_CERT, "黃審核" },
	[HANDLER] = { CERT_MED, ROLE_HANDLER, SCOPE_CERT, "吳處理" },
	[OTHER_REVIEWER] = { CERT_FIN, ROLE_REVIEWER, SCOPE_CERT, "趙審核" },
	[LIAISON] = { CERT_MED, ROLE_LIAISON, SCOPE_CERT, "周聯繫" },
	[AUDITOR] = { CERT_MED, ROLE_AUDITOR, SCOPE_ALL, "鄭稽核" },
	[ADMIN] = { CERT_MED, ROLE_ADMINISTRATOR, SCOPE_NONE, "管理者" },
	[NATION] = { NATIONAL, ROLE_LIAISON, SCOPE_NATION, "國家聯絡人" },
};

static inline void
world_at(int64_t at)
{
	clock_set(at);
}

static inline void
world_later(int64_t by)
{
	clock_set(clock_now() + by);
}

/* ---- doing ---- */

typedef bool world_step(struct tx *tx, void *arg, struct err *err);

struct world_job {
	world_step *step;
	void *arg;
	int who;
};

static inline bool
world_work(struct tx *tx, void *arg, struct err *err)
{
	const struct world_job *job = arg;

	if (job->who >= 0) {
		const struct principal *who = &world.who[job->who];

		tx_actor(tx, &(struct actor){ .account = who->account, .person = who->person, .org = who->org,
		    .session = 1, .address = STR("192.0.2.1"), .name = who->name });
	}
	return job->step(tx, job->arg, err);
}

/* In a write of its own by this person (-1: the system); world.err says why not. */
static inline bool
world_write(int who, world_step *step, void *arg)
{
	struct world_job job = { step, arg, who };

	world.err = (struct err){ .arena = world.arena };
	return store_write(world.store, world.arena, world_work, &job, &world.err);
}

/* In a snapshot for reading. */
static inline bool
world_read(world_step *step, void *arg)
{
	struct tx *tx;
	bool good;

	world.err = (struct err){ .arena = world.arena };
	tx = store_read(world.store, world.arena, &world.err);
	good = tx && step(tx, arg, &world.err);
	store_done(tx);
	return good;
}

static inline struct value *world_json(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static inline struct value *
world_json(const char *fmt, ...)
{
	char text[65536];
	struct err err = { .arena = world.arena };
	struct value *v;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!json_parse(world.arena, arena_dup(world.arena, str_c(text)), &v, &err)) {
		printf("Bail out! not JSON: %s\n", text);
		exit(1);
	}
	return v;
}

/* ---- reports ---- */

#define WORLD_FORM \
	"{\"impact_c\":%d,\"impact_i\":%d,\"impact_a\":%d,\"on_behalf\":false,\"victim_hosts\":3," \
	"\"victim_servers\":1,\"ip_external\":[\"203.0.113.7\"],\"os_family\":[\"windows\"]," \
	"\"controls\":[\"firewall\"],\"soc\":\"none\",\"isms_certified\":false,\"maintenance_vendor\":\"無\"," \
	"\"category\":\"intrusion\",\"conditions\":[\"malware\"]," \
	"\"description\":\"檔案遭勒索軟體加密，螢幕出現 README_RESTORE 訊息\"," \
	"\"scope_loss\":\"門診掛號系統停擺\",\"measures\":\"拔除網路線並保全記憶體\"," \
	"\"other_ci_affected\":false,\"source\":\"self\",\"support_needed\":false}"
#define WORLD_IMPROVEMENT \
	"{\"imp_times\":\"a\",\"imp_scope\":\"b\",\"imp_control\":\"c\",\"imp_investigation\":\"d\"," \
	"\"imp_root_cause\":\"e\",\"imp_measures\":\"f\",\"imp_schedule\":\"g\"}"

struct world_act {
	int who;
	int64_t id;
	enum verb verb;
	bool submit, save;
	struct report_input input;
	struct report r;
};

static inline bool
world_act_step(struct tx *tx, void *arg, struct err *err)
{
	struct world_act *act = arg;
	const struct principal *who = &world.who[act->who];

	if (act->save)
		return report_save(tx, who, act->id, &act->input, &act->r, err);
	if (act->id)
		return report_do(tx, who, act->id, act->verb, &act->input, &act->r, err);
	return report_create(tx, who, &act->input, act->submit, &act->r, err);
}

static struct report world_last;         /* the report as the last successful act left it */

static inline bool
world_run(struct world_act *act)
{
	if (!world_write(act->who, world_act_step, act))
		return false;
	world_last = act->r;
	return true;
}

static inline int64_t
world_create(int who, bool submit, struct value *in)
{
	struct world_act act = { .who = who, .submit = submit, .input = { .in = in } };

	return world_run(&act) ? act.r.id : 0;
}

static inline bool
world_save(int who, int64_t id, int64_t expected, struct value *in)
{
	struct world_act act = { .who = who, .id = id, .save = true,
	    .input = { .in = in, .expected = expected } };

	return world_run(&act);
}

static inline bool
world_do(int who, int64_t id, enum verb verb, struct value *in)
{
	struct world_act act = { .who = who, .id = id, .verb = verb, .input = { .in = in } };

	return world_run(&act);
}

/* The fault of a field in the last refusal; FAULT_NONE: it is not named. */
static inline enum fault
world_fault(const char *field)
{
	for (const struct field_err *f = world.err.fields; f; f = f->next)
		if (str_is(f->field, field))
			return f->fault;
	return FAULT_NONE;
}

/*
 * A whole form, at these levels, known of for so many minutes; what follows goes over it
 * ("\"category\":\"dos\",...").
 */
static inline struct value *
world_form(int c, int i, int a, int minutes, const char *more)
{
	struct value *form = world_json(WORLD_FORM, c, i, a);
	struct value *over = more ? world_json("{%s}", more) : value_map(world.arena),
	    *merged = value_map(world.arena);

	map_time(world.arena, merged, "aware_at", clock_now() - minutes * MINUTE);
	map_time(world.arena, merged, "occurred_at", clock_now() - (minutes + 30) * MINUTE);
	for (struct value *v = form->first, *next; v; v = next) {
		next = v->next;
		v->next = NULL;
		if (!value_get(over, arena_c(world.arena, v->name)))
			map_add_str(merged, v->name, v);
	}
	for (struct value *v = over->first, *next; v; v = next) {
		next = v->next;
		v->next = NULL;
		map_add_str(merged, v->name, v);
	}
	return merged;
}

/* ---- looking ---- */

typedef struct value *world_look(struct tx *tx, const struct principal *who, const struct report *r,
    struct err *err);

struct world_seen {
	int who;
	int64_t id;
	world_look *look;
	struct value *value;
};

static inline bool
world_see_step(struct tx *tx, void *arg, struct err *err)
{
	struct world_seen *s = arg;
	struct report r;

	if (!report_get(tx, &world.who[s->who], s->id, &r, err))
		return false;
	s->value = s->look(tx, &world.who[s->who], &r, err);
	return s->value;
}

/* NULL: world.err says why. */
static inline struct value *
world_see(int who, int64_t id, world_look *look)
{
	struct world_seen s = { .who = who, .id = id, .look = look };

	return world_read(world_see_step, &s) ? s.value : NULL;
}

static inline struct value *
world_trail(struct tx *tx, const struct principal *who, const struct report *r, struct err *err)
{
	return report_trail(tx, who, r, 0, err);
}

static inline int64_t
world_int(const struct value *v, const char *key)
{
	const struct value *m = value_get(v, key);

	return m && m->kind != V_NULL ? m->i : NONE;
}

static inline struct str
world_text(const struct value *v, const char *key)
{
	return value_text(value_get(v, key));
}

/* The row of a list whose member is this text; NULL. */
static inline const struct value *
world_row(const struct value *list, const char *key, const char *text)
{
	for (const struct value *row = list ? list->first : NULL; row; row = row->next)
		if (str_is(world_text(row, key), text))
			return row;
	return NULL;
}

/* The duty of this clock (the newest of them). */
static inline const struct value *
world_duty(int64_t id, const char *clock)
{
	struct value *out = world_see(AUDITOR, id, duties_of_report);
	const struct value *found = NULL;

	for (const struct value *row = out ? value_get(out, "rows")->first : NULL; row; row = row->next)
		if (str_is(world_text(row, "clock"), clock) &&
		    (!found || world_int(row, "id") > world_int(found, "id")))
			found = row;
	return found;
}

/* Marks what is late, as the ticker does, until there is nothing left to mark. */
static inline bool
world_sweep_step(struct tx *tx, void *arg, struct err *err)
{
	return duties_sweep(tx, arg, err);
}

static inline bool
world_sweep(void)
{
	bool more = true;

	while (more)
		if (!world_write(-1, world_sweep_step, &more))
			return false;
	return true;
}

/* ---- making it ---- */

static inline bool
world_make_orgs(struct tx *tx, struct err *err)
{
	static const char *const codes[] = { [MED] = "MED", [FIN] = "FIN" };

	for (int s = MED; s <= FIN; s++) {
		struct sector *sector = entity_new(&entity_sector, tx_arena(tx));

		sector->code = str_c(codes[s]);
		sector->name_zh = sector->name_en = sector->agency_zh = sector->agency_en = str_c(codes[s]);
		if (!entity_insert(tx, ENTITY_SECTOR, sector, "sector.create", 0, err))
			return false;
		world.place[s] = sector->id;
	}
	for (size_t i = 0; i < sizeof(world_orgs) / sizeof(world_orgs[0]); i++) {
		struct organisation *o = entity_new(&entity_organisation, tx_arena(tx));

		o->org_kind = world_orgs[i].kind;
		o->name_zh = o->name_en = str_c(world_orgs[i].name);
		o->sector = world_orgs[i].sector < 0 ? NONE : world.place[world_orgs[i].sector];
		o->parent = world_orgs[i].parent < 0 ? NONE : world.place[world_orgs[i].parent];
		o->regimes = 1 << REGIME_TW_2026;
		o->phone = STR("02-2345-6789");
		o->email = STR("soc@example.org");
		o->state = ORG_REGISTERED;
		if (!entity_insert(tx, ENTITY_ORGANISATION, o, "organisation.create", 0, err) ||
		    !db_run(tx, S_ORG_ABOVE_SELF, err, I(o->id)))
			return false;
		if (o->parent != NONE && !db_run(tx, S_ORG_ABOVE_JOIN, err, I(o->id), I(o->parent)))
			return false;
		world.place[world_orgs[i].place] = o->id;
	}
	for (int s = MED; s <= FIN; s++) {
		struct sector sector;

		if (!entity_fetch(tx, ENTITY_SECTOR, world.place[s], &sector, err))
			return false;
		sector.cert = world.place[s == MED ? CERT_MED : CERT_FIN];
		if (!entity_update(tx, ENTITY_SECTOR, &sector, 0, "sector.update", 0, NULL, err))
			return false;
	}
	return true;
}

static inline bool
world_make_person(struct tx *tx, int i, struct err *err)
{
	struct person *person = entity_new(&entity_person, tx_arena(tx));
	struct account *account = entity_new(&entity_account, tx_arena(tx));
	struct principal *who = &world.who[i];
	int64_t org = world.place[world_people[i].place];

	person->name = str_c(world_people[i].name);
	person->org = org;
	person->phone = STR("0912-345-678");
	person->email = arena_printf(tx_arena(tx), "p%d@example.org", i);
	if (!entity_insert(tx, ENTITY_PERSON, person, "person.create", org, err))
		return false;
	account->login = arena_printf(tx_arena(tx), "login%d", i);
	account->person = person->id;
	account->org = org;
	account->roles = world_people[i].roles;
	account->state = ACCOUNT_ACTIVE;
	if (!entity_insert(tx, ENTITY_ACCOUNT, account, "account.create", org, err))
		return false;
	*who = (struct principal){
		.account = account->id, .person = person->id, .org = org, .session = 1,
		.roles = world_people[i].roles,
		.reports = { world_people[i].scope, org, account->id }, .name = str_c(world_people[i].name),
		.org_name = { STR("org"), STR("org") }, .lang = LANG_ZH, .zone = zone_find(STR("Asia/Taipei")),
		.session_ends = NO_TIME,
	};
	return true;
}

static inline bool
world_make(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	if (!world_make_orgs(tx, err))
		return false;
	for (int i = 0; i < PEOPLE; i++)
		if (!world_make_person(tx, i, err))
			return false;
	return true;
}

static inline bool
world_load_next(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	return duties_load_next(tx, err);
}

static inline void
world_open_store(bool create)
{
	struct store_options o = { .dir = world.dir, .url = url_of(world.arena, world.dir), .create = create };

	o.extra = entity_statements(&o.extra_count);
	world.err = (struct err){ .arena = world.arena };
	if (!store_open(&o, &world.store, &world.err)) {
		printf("Bail out! store: %s %.*s\n", fault_code(world.err.fault), STR_FMT(world.err.detail));
		exit(1);
	}
}

static inline void
world_open(void)
{
	world.arena = arena_new();
	world.err = (struct err){ .arena = world.arena };
	snprintf(world.dir, sizeof(world.dir), "/tmp/tocsin-unit-desk-XXXXXX");
	clock_set(WORLD_START);
	if (!rules_load(&world.err) || !mkdtemp(world.dir)) {
		printf("Bail out! rules: %.*s\n", STR_FMT(world.err.detail));
		exit(1);
	}
	world_open_store(true);
	if (!world_write(-1, world_make, NULL) || !world_read(world_load_next, NULL)) {
		printf("Bail out! world: %s %.*s\n", fault_code(world.err.fault), STR_FMT(world.err.detail));
		exit(1);
	}
}

struct world_setting {
	const struct value *in;
	int64_t id;
};

static inline bool
world_hold_step(struct tx *tx, void *arg, struct err *err)
{
	struct world_setting *s = arg;
	struct principal who = world.who[REVIEWER];

	who.roles = ROLE_MANAGER;
	who.org_kind = ORG_CERT;
	return hold_create(tx, &who, s->in, false, &s->id, err);
}

/* The hold that a manager of the CERT sets; 0: world.err says why not. */
static inline int64_t
world_set_hold(const struct value *in)
{
	struct world_setting s = { .in = in };

	return world_write(REVIEWER, world_hold_step, &s) ? s.id : 0;
}

/* Stops the store and starts it again on the same directory, as a restart does. */
static inline void
world_restart(void)
{
	store_close(world.store);
	world_open_store(false);
	world_read(world_load_next, NULL);
}

static inline void
world_close(void)
{
	char command[128];

	store_close(world.store);
	snprintf(command, sizeof(command), "rm -rf '%s'", world.dir);
	if (system(command) != 0)
		printf("# %s is left\n", world.dir);
	arena_free(world.arena);
}

#endif
