/*
 * tocsin demo: the fictional sector, made the way real work is: every report is filed, returned, reviewed and closed by its people
 * through the same functions as on the platform, with the clock put back to when it happened.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/time.h"
#include "daemon/command.h"
#include "daemon/keeper.h"
#include "daemon/demo_sector.h"
#include "daemon/processes.h"
#include "desk/bootstrap.h"
#include "desk/duties.h"
#include "desk/reports.h"
#include "model/life.h"
#include "store/store.h"

#define PEOPLE_MAX 40
/* For the fictional sector only; init never makes a password. */
#define DEMO_PASSWORD "demo-tocsin-jingzhong"
/* Of the fictional sector as everything else, unless another is asked for. */
#define DEMO_LOG "cert.med.example/log"

struct demo {
	struct store *store;
	struct arena *arena;
	int64_t now;
	int64_t orgs[DEMO_ORG__MAX];
	struct {
		struct principal who;
		struct str token;
	} people[PEOPLE_MAX];
};

/* One step of the story: its work, in one transaction. */
struct step {
	struct demo *demo;
	const struct demo_report_row *row;
	const struct principal *who;
	enum verb verb;
	struct value *in;
	int64_t *report;
};

/* The same token each time, so that scripts can be written down. */
static struct str
demo_token(struct arena *a, const char *login)
{
	struct sha256 digest = hmac_sha256(STR("tocsin demo, fictional sector"), str_c(login));

	return hex(a, (struct str){ (const char *)digest.b, 20 });
}

static bool
make_orgs(struct tx *tx, void *arg, struct err *err)
{
	struct demo *d = arg;

	if (!organisation_seed_sectors(tx, err))
		return false;
	for (int i = 0; i < DEMO_ORG__MAX; i++) {
		const struct demo_org_row *row = &demo_orgs[i];
		struct organisation *o = entity_new(&entity_organisation, tx_arena(tx));

		o->org_kind = row->kind;
		o->name_zh = str_c(row->name_zh);
		o->name_en = str_c(row->name_en);
		o->phone = str_c(row->phone);
		o->email = str_c(row->email);
		o->parent = row->parent < 0 ? NONE : d->orgs[row->parent];
		o->grade = row->grade < 0 ? NONE : row->grade;
		o->in_scope = row->in_scope;
		o->regimes = 1 << REGIME_TW_2026;
		if (row->nis2)
			o->regimes |= 1 << REGIME_EU_NIS2;
		if (row->dora)
			o->regimes |= 1 << REGIME_EU_DORA;
		if (!bootstrap_organisation(tx, o, str_c(row->sector), err))
			return false;
		d->orgs[i] = o->id;
	}
	return true;
}

static bool
make_people(struct tx *tx, void *arg, struct err *err)
{
	struct demo *d = arg;

	assert(demo_people_count <= PEOPLE_MAX);
	for (int i = 0; i < demo_people_count; i++) {
		const struct demo_person_row *row = &demo_people[i];
		struct bootstrap_person p = {
			.login = str_c(row->login), .name = str_c(row->name), .title = str_c(row->title),
			.phone = str_c(row->phone), .email = arena_printf(tx_arena(tx), "%s@example.org", row->login),
			.org = d->orgs[row->org], .roles = row->role, .password = STR(DEMO_PASSWORD),
		};

		d->people[i].token = demo_token(d->arena, row->login);
		p.token = d->people[i].token;
		if (!bootstrap_person(tx, &p, d->arena, &d->people[i].who, err))
			return false;
	}
	return true;
}

/* The first of these people with one of these roles at this organisation, which has one. */
static int
person_of(int org, unsigned roles)
{
	int i = 0;

	while (demo_people[i].org != org || !(demo_people[i].role & roles)) {
		i++;
		assert(i < demo_people_count);
	}
	return i;
}

static const struct principal *
somebody(const struct demo *d, int org, unsigned roles)
{
	return &d->people[person_of(org, roles)].who;
}

static int
cert_of(const struct demo_report_row *row)
{
	return !strcmp(demo_orgs[row->org].sector, "MED") ? DEMO_HEALTH_CERT : DEMO_FINANCE_CERT;
}

static void
list_words(struct arena *a, struct value *map, const char *key, struct str words)
{
	struct value *list = map_list(a, map, key);
	struct str word;

	while (str_split(&words, ' ', &word))
		if (word.n)
			list_add(list, value_str(a, word));
}

/* Who rang, from where, and why: what the staff ask. */
static void
add_call(struct arena *a, struct value *in, int org)
{
	const struct demo_person_row *caller = &demo_people[person_of(org, ROLE_REPORTER)];

	map_str(a, in, "channel", STR("phone"));
	map_str(a, in, "channel_reason", STR("院區停電，網路中斷"));
	map_str(a, in, "reporter_name", str_c(caller->name));
	map_str(a, in, "reporter_phone", str_c(caller->phone));
	map_str(a, in, "reporter_email", str_c(demo_orgs[org].email));
}

/* The form as its reporter would have filled it. */
static struct value *
filled_form(struct arena *a, const struct demo_report_row *row, int64_t aware)
{
	struct value *in = value_map(a);
	bool phoned = row->path == PATH_PHONE;

	map_time(a, in, "aware_at", aware);
	map_time(a, in, "occurred_at", aware - 25 * MINUTE);
	map_bool(a, in, "on_behalf", false);
	map_int(a, in, "victim_hosts", row->hosts);
	map_int(a, in, "victim_servers", row->servers);
	if (row->address)
		list_words(a, in, "ip_external", str_c(row->address));
	list_words(a, in, "os_family", STR("windows linux"));
	list_words(a, in, "controls", STR("firewall antivirus"));
	map_str(a, in, "soc", phoned ? STR("none") : STR("own"));
	map_bool(a, in, "isms_certified", !phoned);
	map_str(a, in, "maintenance_vendor", STR("無"));
	map_int(a, in, "impact_c", row->c);
	map_int(a, in, "impact_i", row->i);
	map_int(a, in, "impact_a", row->a);
	map_str(a, in, "category", str_c(row->category));
	if (!strcmp(row->category, "other"))
		map_str(a, in, "category_other", STR("詐騙簡訊情資"));
	else
		list_words(a, in, "conditions", str_c(row->conditions));
	map_str(a, in, "description", str_c(row->description));
	map_str(a, in, "scope_loss", str_c(row->scope_loss));
	map_str(a, in, "measures", str_c(row->measures));
	map_bool(a, in, "other_ci_affected", row->other_ci);
	map_str(a, in, "source", STR("self"));
	map_bool(a, in, "support_needed", false);
	if (row->path == PATH_VOLUNTARY)
		map_str(a, in, "report_kind", STR("voluntary"));
	if (phoned)
		add_call(a, in, row->org);
	return in;
}

static bool
create_work(struct tx *tx, void *arg, struct err *err)
{
	struct step *s = arg;
	struct report_input input = { .in = s->in };
	struct report r;

	bootstrap_act_as(tx, s->who);
	if (!report_create(tx, s->who, &input, s->row->path != PATH_DRAFT, &r, err))
		return false;
	*s->report = r.id;
	return true;
}

static bool
verb_work(struct tx *tx, void *arg, struct err *err)
{
	struct step *s = arg;
	struct report_input input = { .in = s->in };
	struct report r;

	bootstrap_act_as(tx, s->who);
	return report_do(tx, s->who, *s->report, s->verb, &input, &r, err);
}

static bool
sweep_work(struct tx *tx, void *arg, struct err *err)
{
	return duties_sweep(tx, arg, err);
}

/* Puts the clock to this moment, and marks what became overdue until then, as the server would have. */
static bool
move_to(struct demo *d, int64_t at, struct err *err)
{
	bool more = true;

	clock_set(at < d->now ? at : d->now);
	while (more)
		if (!store_write(d->store, d->arena, sweep_work, &more, err))
			return false;
	return true;
}

/* {name: text, ...} from pairs that end with NULL. */
static struct value *
words(struct arena *a, const char *const *pairs)
{
	struct value *in = value_map(a);

	for (; pairs && pairs[0]; pairs += 2)
		map_str(a, in, pairs[0], str_c(pairs[1]));
	return in;
}

static bool
act(struct demo *d, int64_t *report, const struct principal *who, enum verb verb, int64_t at, struct value *in, struct err *err)
{
	struct step s = { .demo = d, .who = who, .verb = verb, .in = in, .report = report };

	return move_to(d, at, err) && store_write(d->store, d->arena, verb_work, &s, err);
}

static struct value *
review_input(struct demo *d, const struct demo_report_row *row)
{
	struct value *in = value_map(d->arena);
	int reported = row->c > row->i ? row->c : row->i;

	if (row->a > reported)
		reported = row->a;
	map_int(d->arena, in, "level_reviewed", row->level_reviewed ? row->level_reviewed : reported);
	if (row->level_reviewed && row->level_reviewed != reported)
		map_str(d->arena, in, "level_reason", STR("外洩資料含病歷號與身分資料，屬核心業務且涉及關鍵基礎設施維運，調升等級。"));
	map_bool(d->arena, in, "other_ci_reviewed", row->other_ci);
	return in;
}

static bool
improve(struct demo *d, int64_t *report, const struct principal *who, int64_t at, struct err *err)
{
	static const char *const seven[] = {
		"imp_times", "發生、知悉與完成復原之時間詳如通報單與聯繫紀錄。", "imp_scope", "受影響設備已清點，損害限於通報範圍。",
		"imp_control", "隔離受害設備、還原備份、逐步恢復連線。", "imp_investigation", "調閱防火牆與端點日誌，重建入侵時間線。",
		"imp_root_cause", "遠端存取帳號未啟用多因子驗證，密碼遭撞庫。", "imp_measures", "全面啟用多因子驗證；修訂帳號盤點程序；增派值班人力；編列備援設備經費。",
		"imp_schedule", "三個月內完成，每月於資安會議追蹤成效。", NULL };

	return act(d, report, who, VERB_IMPROVEMENT, at, words(d->arena, seven), err);
}

static bool
close_up(struct demo *d, int64_t *report, const struct principal *who, int64_t at, struct err *err)
{
	struct value *in = value_map(d->arena);

	map_str(d->arena, in, "resolution", STR("已還原備份並重建受害主機，修補弱點、更換密碼，連續監看七日無異常。"));
	map_time(d->arena, in, "resolved_at", at - HOUR);
	return act(d, report, who, VERB_CLOSE, at, in, err);
}

/* The open duty of this clock; 0 when there is none. */
static int64_t
duty_of(struct demo *d, const struct principal *who, int64_t report, const char *clock, struct err *err)
{
	struct tx *tx = store_read(d->store, d->arena, err);
	struct value *rows = NULL;
	struct report r;
	int64_t id = 0;

	if (tx && report_get(tx, who, report, &r, err))
		rows = value_get(duties_of_report(tx, who, &r, err), "rows");
	/* the result of a report that goes upward is told by handing it over */
	if (rows && r.escalation == ESCALATION_DUE && !strcmp(clock, "result"))
		rows = NULL;
	for (const struct value *v = rows ? rows->first : NULL; v; v = v->next)
		if (str_is(value_text(value_get(v, "clock")), clock) && str_is(value_text(value_get(v, "state")), "open"))
			id = value_get(v, "id")->i;
	store_done(tx);
	return id;
}

/* What the CERT owes beside the review: the result to the national authority, the answer to an early warning. */
static bool
fulfil(struct demo *d, int64_t *report, const struct principal *who, const char *clock, const char *note, int64_t at, struct err *err)
{
	int64_t duty = duty_of(d, who, *report, clock, err);
	struct value *in = value_map(d->arena);

	if (!duty)
		return err->fault == FAULT_NONE;
	map_int(d->arena, in, "duty", duty);
	map_str(d->arena, in, "note", str_c(note));
	return act(d, report, who, VERB_FULFIL, at, in, err);
}

/* From the review to wherever this report has come; t is the moment of filing. */
static bool
handle(struct demo *d, const struct demo_report_row *row, int64_t *report, const struct principal *by, int64_t t, struct err *err)
{
	static const char *const called[] = { "summary", "與通報人確認受影響系統與處置進度，提醒保全日誌。", "means", "phone", NULL };
	static const char *const sent[] = { "note", "達三級，依規定通報國家層級 CERT。", NULL };
	static const char *const acknowledged[] = { "reference", "NCERT-DEMO-0042", NULL };
	static const char *const again[] = { "reason", "受害主機再度出現異常連線，恢復列管。", NULL };
	const struct principal *reviewer = somebody(d, cert_of(row), ROLE_REVIEWER);
	const struct principal *liaison = somebody(d, cert_of(row), ROLE_LIAISON | ROLE_MANAGER);
	struct arena *a = d->arena;
	enum demo_path p = row->path;

	if (!act(d, report, reviewer, VERB_CONTACT, t + 20 * MINUTE, words(a, called), err) ||
	    !act(d, report, reviewer, VERB_REVIEW, t + 80 * MINUTE, review_input(d, row), err) ||
	    !fulfil(d, report, reviewer, "csirt_answer", "已回覆初步建議：隔離受害主機、保全日誌、清查帳號。", t + 90 * MINUTE, err))
		return false;
	if (p == PATH_SENT || p == PATH_ACKNOWLEDGED) {
		if (!act(d, report, liaison, VERB_ESCALATE, t + 110 * MINUTE, words(a, sent), err))
			return false;
		return p == PATH_SENT ||
		    act(d, report, liaison, VERB_ACKNOWLEDGE, t + 150 * MINUTE, words(a, acknowledged), err);
	}
	if (!fulfil(d, report, reviewer, "result", "審核結果已送交主管機關。", t + 110 * MINUTE, err) || p == PATH_HANDLING)
		return err->fault == FAULT_NONE;
	if (!act(d, report, by, VERB_CONTAIN, t + 20 * HOUR, words(a, NULL), err) || p == PATH_CONTAINED)
		return p == PATH_CONTAINED && err->fault == FAULT_NONE;
	if (!improve(d, report, by, t + 90 * HOUR, err) || !close_up(d, report, by, t + 100 * HOUR, err))
		return false;
	if (p == PATH_CLOSING)
		return true;
	if (!act(d, report, reviewer, VERB_ACCEPT, t + 120 * HOUR, words(a, NULL), err))
		return false;
	return p != PATH_REOPENED || act(d, report, reviewer, VERB_REOPEN, t + 300 * HOUR, words(a, again), err);
}

/* The report of the same organisation with the same address filed before it: into it the newer one is merged. */
static int64_t
merge_target(const struct demo_report_row *row, const int64_t *reports)
{
	for (int i = 0; i < demo_reports_count; i++)
		if (&demo_reports[i] != row && demo_reports[i].org == row->org && row->address && demo_reports[i].address &&
		    !strcmp(demo_reports[i].address, row->address))
			return reports[i];
	return 0;
}

static bool
walk(struct demo *d, const struct demo_report_row *row, int64_t *report, const int64_t *reports, int64_t t, struct err *err)
{
	static const char *const back[] = { "remark", "請補充異常連線的目的位址與首次出現時間。", NULL };
	static const char *const off[] = { "reason", "經查證為電信業者線路維護，非資安事件。", NULL };
	const struct principal *by = somebody(d, row->org, ROLE_REPORTER);
	const struct principal *reviewer = somebody(d, cert_of(row), ROLE_REVIEWER);
	struct value *merge;

	switch (row->path) {
	case PATH_DRAFT:
	case PATH_REPORTED:
	case PATH_VOLUNTARY:
		return true;
	case PATH_RETURNED:
		return act(d, report, reviewer, VERB_RETURN, t + 70 * MINUTE, words(d->arena, back), err);
	case PATH_WITHDRAWN:
		return act(d, report, reviewer, VERB_WITHDRAW, t + 100 * MINUTE, words(d->arena, off), err);
	case PATH_MERGED:
		merge = words(d->arena, (const char *const[]){ "reason", "與前一通報為同一事件，併案處理。", NULL });
		map_str(d->arena, merge, "into", arena_printf(d->arena, "%lld", (long long)merge_target(row, reports)));
		return act(d, report, reviewer, VERB_MERGE, t + 60 * MINUTE, merge, err);
	default:
		return handle(d, row, report, by, t, err);
	}
}

/* Oldest first, as life goes; a merged one needs its target, which stands before it in the table. */
static int
older_first(const void *x, const void *y)
{
	const struct demo_report_row *a = &demo_reports[*(const int *)x], *b = &demo_reports[*(const int *)y];

	if (a->hours_ago != b->hours_ago)
		return a->hours_ago < b->hours_ago ? 1 : -1;
	return *(const int *)x - *(const int *)y;
}

static bool
make_reports(struct demo *d, bool quiet, struct err *err)
{
	int order[64];
	int64_t reports[64] = { 0 };

	assert(demo_reports_count <= 64);
	for (int i = 0; i < demo_reports_count; i++)
		order[i] = i;
	qsort(order, (size_t)demo_reports_count, sizeof(order[0]), older_first);
	for (int i = 0; i < demo_reports_count; i++) {
		const struct demo_report_row *row = &demo_reports[order[i]];
		int64_t aware = d->now - row->hours_ago * HOUR - 3 * MINUTE, filed = aware + row->minutes_to_file * MINUTE;
		bool phoned = row->path == PATH_PHONE;
		struct step s = { .demo = d, .row = row, .report = &reports[order[i]] };

		s.who = phoned ? somebody(d, cert_of(row), ROLE_REVIEWER) : somebody(d, row->org, ROLE_REPORTER);
		s.in = filled_form(d->arena, row, aware);
		if (phoned)
			map_int(d->arena, s.in, "reporting_unit", d->orgs[row->org]);
		if (!move_to(d, filed, err) || !store_write(d->store, d->arena, create_work, &s, err) ||
		    !walk(d, row, s.report, reports, filed, err))
			return err_setf(err, FAULT_INTERNAL, "demo report %d", order[i] + 1);
		if (!quiet)
			fprintf(stderr, "\rmaking the fictional sector: report %d of %d", i + 1, demo_reports_count);
	}
	if (!quiet)
		fprintf(stderr, "\n");
	return move_to(d, d->now, err);
}

static void
print_accounts(const struct demo *d, bool json)
{
	struct value *out = value_map(d->arena), *list = map_list(d->arena, out, "accounts");
	struct buf b = { .arena = d->arena };

	for (int i = 0; i < demo_people_count; i++) {
		const struct demo_person_row *row = &demo_people[i];
		const char *role = choice_by_code(&choices_role, __builtin_ctz(row->role))->id;
		struct value *v = list_add(list, value_map(d->arena));

		map_str(d->arena, v, "name", str_c(row->login));
		map_str(d->arena, v, "person", str_c(row->name));
		map_str(d->arena, v, "role", str_c(role));
		map_str(d->arena, v, "organisation", str_c(demo_orgs[row->org].name_zh));
		map_str(d->arena, v, "token", d->people[i].token);
		if (!json)
			printf("  %-16s %-15s %s\n", row->login, role, demo_orgs[row->org].name_zh);
	}
	map_str(d->arena, out, "password", STR(DEMO_PASSWORD));
	if (!json) {
		printf("\nAll of them are invented, and their password is: %s\n", DEMO_PASSWORD);
		return;
	}
	json_write_pretty(&b, out);
	printf("%.*s\n", STR_FMT(buf_str(&b)));
}

int
command_demo(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct err err = { .arena = a };
	struct demo *d = arena_make(a, struct demo);
	struct conf own = *c;
	bool json = command_flag(&argc, argv, "--json");
	bool ok;

	if (argc)
		return command_confused(a, "demo", argv[0]);
	d->arena = a;
	if (!conf_text(&own, SET_log_origin).n)
		own.v[SET_log_origin].text = STR(DEMO_LOG);
	/* Its people have a password that everybody can read here: never beside real ones. */
	ok = program_directory(&own, false, &err) && program_load(&own, true, &err) &&
	    program_store(&own, STORE_NEW, false, &d->store, &err);
	if (ok) {
		/* To the minute, as a person would write it down. */
		d->now = clock_now() / MINUTE * MINUTE;
		clock_set(d->now - 1200 * HOUR);
		ok = store_write(d->store, a, make_orgs, d, &err) && store_write(d->store, a, make_people, d, &err) &&
		    make_reports(d, json || !isatty(2), &err) && keeping_first_keys(&own, d->store, a, &err);
	}
	clock_set(NO_TIME);
	store_close(d->store);
	if (!ok)
		return command_failed(&err, 1);
	print_accounts(d, json);
	return 0;
}
