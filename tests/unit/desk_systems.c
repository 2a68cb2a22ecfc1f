/*
 * Holds on systems, against a slow model: random reports whose versions name random addresses, networks and names, random
 * work from random addresses, random holds with and without an organisation and a time range. What an erasure would
 * take is, record by record, what the model lets go. And reports from before the list of systems are gone through.
 */
#include "desk_world.h"

#include <sqlite3.h>

#define REPORTS 12
#define RECORDS 4000
#define NAMES_MOST 40
#define HOLDS_MOST 3
#define ROUNDS 60

static const char *const addresses[] = {
	"10.0.0.5", "10.0.0.6", "10.0.0.64", "10.0.1.5", "10.1.0.5", "192.0.2.7", "2001:db8::5", "2001:db8::6", "2001:db8:1::5",
};
static const char *const networks[] = {
	"10.0.0.4/30", "10.0.0.0/26", "10.0.0.0/24", "10.0.0.0/8", "0.0.0.0/0", "10.0.0.77/26", "2001:db8::/64", "2001:db8::/32", "::/0",
	"192.0.2.0/25",
};
static const char *const names[] = { "bank.example", "www.bank.example", "a.www.bank.example", "xbank.example", "intranet", "example" };
#define ONE_OF(list) (list)[rand() % (int)(sizeof(list) / sizeof((list)[0]))]

/* ---- the model: everything as text ---- */

struct model_report {
	int64_t id, version, org;
	int who;
	struct {
		const char *host;
		bool typed;              /* while it was a draft, and not saved: the next such text takes its place */
	} named[NAMES_MOST];
	int n;
};

struct model_hold {
	int64_t id, org, from, until;
	const char *systems[3];
	int n;
};

struct model_record {
	int64_t seq, at, org, report;
	char address[64];
	bool details, lost;
};

static struct model_report reports[REPORTS];
static struct model_hold holds[HOLDS_MOST];
static struct model_record records[RECORDS];
static int hold_n, record_n;

/* The first bits of an address, all of them without a prefix; IPv4 behind ninety-six others. "": none. */
static void
bits_of(const char *text, char out[129])
{
	char copy[64], *slash, *at = out;
	unsigned b[4];
	int prefix = 1000;

	snprintf(copy, sizeof(copy), "%s", text);
	slash = strchr(copy, '/');
	if (slash) {
		*slash = '\0';
		prefix = atoi(slash + 1);
	}
	if (sscanf(copy, "%u.%u.%u.%u", &b[0], &b[1], &b[2], &b[3]) == 4) {
		memset(out, '4', 96);
		at += 96;
		for (int i = 0; i < 32; i++)
			*at++ = b[i / 8] >> (7 - i % 8) & 1 ? '1' : '0';
		prefix += 96;
	} else {
		/* all of ours have the groups 2001, db8, then nought or one, and a last one */
		unsigned third = 0, last = 0;

		if (sscanf(copy, "2001:db8:%x::%x", &third, &last) != 2)
			sscanf(copy, "2001:db8::%x", &last);
		for (int g = 0; g < 8; g++)
			for (int i = 15; i >= 0; i--) {
				unsigned group = g == 0 ? 0x2001 : g == 1 ? 0xdb8 : g == 2 ? third : g == 7 ? last : 0;

				*at++ = group >> i & 1 ? '1' : '0';
			}
	}
	out[prefix < 128 ? prefix : 128] = '\0';
}

static bool
is_name(const char *s)
{
	return strpbrk(s, "ghijklmnopqrstuvwxyz") != NULL;
}

static bool
meets(const char *named, const char *system)
{
	size_t n = strlen(named), m = strlen(system);
	char x[129], y[129];

	/* ::/0 has all of them, IPv4 too */
	if (!is_name(named) && !is_name(system) && (!strcmp(named, "::/0") || !strcmp(system, "::/0")))
		return true;
	if (is_name(named) || is_name(system))
		return is_name(named) && is_name(system) && n >= m && !strcmp(named + n - m, system) &&
		    (n == m || named[n - m - 1] == '.');
	bits_of(named, x);
	bits_of(system, y);
	return strncmp(x, y, strlen(x) < strlen(y) ? strlen(x) : strlen(y)) == 0;
}

static bool
any_met(const struct model_hold *h, const char *named)
{
	for (int i = 0; i < h->n; i++)
		if (meets(named, h->systems[i]))
			return true;
	return false;
}

static const struct model_report *
report_of(int64_t id)
{
	for (int i = 0; i < REPORTS; i++)
		if (reports[i].id == id)
			return &reports[i];
	return NULL;
}

/* surely: not by what was typed only. */
static bool
kept_by(const struct model_hold *h, const struct model_record *r, bool surely)
{
	const struct model_report *report = report_of(r->report);

	if ((h->from != NO_TIME && r->at < h->from) || (h->until != NO_TIME && r->at >= h->until))
		return false;
	if (r->address[0] && (h->org == NONE || h->org == r->org) && any_met(h, r->address))
		return true;
	if (report && (h->org == NONE || h->org == r->org || h->org == report->org))
		for (int i = 0; i < report->n; i++)
			if (!(surely && report->named[i].typed) && any_met(h, report->named[i].host))
				return true;
	return false;
}

static bool
kept(const struct model_record *r, bool surely)
{
	for (int i = 0; i < hold_n; i++)
		if (kept_by(&holds[i], r, surely))
			return true;
	return false;
}

/* ---- the world ---- */

struct piece {
	int who;
	const char *address;
	world_step *step;
	void *arg;
};

static bool
piece_step(struct tx *tx, void *arg, struct err *err)
{
	const struct piece *p = arg;
	const struct principal *who = &world.who[p->who];

	tx_actor(tx, &(struct actor){ .account = who->account, .person = who->person, .org = who->org, .session = 1,
	    .address = str_c(p->address), .name = who->name });
	return p->step(tx, p->arg, err);
}

/* Most come from elsewhere: then only the report counts. */
static bool
write_from_somewhere(int who, world_step *step, void *arg)
{
	struct piece p = { who, rand() % 3 ? "198.51.100.9" : ONE_OF(addresses), step, arg };

	world_later(MINUTE);
	return world_write(-1, piece_step, &p);
}

static void
remember(struct model_report *m, const char *named)
{
	if (m->n < NAMES_MOST)
		m->named[m->n++].host = named;
}

/* What the three fields say from now on, as the end of a JSON object; the model notes it. */
static const char *
random_fields(struct model_report *m)
{
	struct buf b = { .arena = world.arena };
	const char *inner = rand() % 2 ? ONE_OF(addresses) : ONE_OF(networks), *outer = ONE_OF(addresses), *host = ONE_OF(names),
	    *direct = ONE_OF(addresses);
	bool six = strchr(direct, ':') != NULL;

	buf_c(&b, "\"ip_internal\":[");
	if (rand() % 3 == 0) {
		buf_printf(&b, "\"%s\"", inner);
		remember(m, inner);
	}
	buf_c(&b, "],\"ip_external\":[");
	if (rand() % 3 == 0) {
		buf_printf(&b, "\"%s\",\"203.0.113.7\"", outer);
		remember(m, outer);
	}
	buf_c(&b, "],\"web_url\":[");
	if (rand() % 3 == 0) {
		buf_printf(&b, "\"https://%s:8443/x?y\",\"hxxp://%s%s%s/\"", host, six ? "[" : "", direct, six ? "]" : "");
		remember(m, host);
		remember(m, direct);
	}
	buf_c(&b, "]");
	return arena_c(world.arena, buf_str(&b));
}

static bool
make_report(struct model_report *m)
{
	static const int people[] = { NURSE, DOCTOR, TELLER };
	struct world_act act = { .who = ONE_OF(people), .submit = rand() % 2 };

	act.input.in = world_form(1, 2, 2, 20, random_fields(m));
	if (!write_from_somewhere(act.who, world_act_step, &act))
		return false;
	m->id = act.r.id;
	m->version = act.r.version;
	m->who = act.who;
	m->org = act.r.org_id;
	return true;
}

/* Something that is about no report. */
static bool
sign_step(struct tx *tx, void *arg, struct err *err)
{
	struct value *details = value_map(tx_arena(tx));
	const struct audit r = { .action = "session.start", .entity = "account", .object = 7, .org = *(int64_t *)arg,
	    .details = details };

	map_str(tx_arena(tx), details, "way", STR("x"));
	return audit_append(tx, &r, err);
}

/* Another version, by typing, by saving, a contact of a report that was filed; or something else. */
static bool
change_report(struct model_report *m)
{
	struct world_act act = { .who = m->who, .id = m->id, .save = true };
	int n = m->n;

	if (rand() % 4 == 0)
		return write_from_somewhere(m->who, sign_step, &m->org);
	if (rand() % 4 == 0) {
		act.save = false;
		act.who = m->who == TELLER ? OTHER_REVIEWER : REVIEWER;
		act.verb = VERB_CONTACT;
		act.input.in = world_json("{\"summary\":\"s\"}");
		if (write_from_somewhere(act.who, world_act_step, &act))
			m->version = act.r.version;              /* a draft has no contacts */
		return true;
	}
	act.input.autosave = rand() % 2;
	act.input.expected = m->version;
	act.input.in = world_json("{%s}", random_fields(m));
	for (int i = n; i < m->n; i++)
		m->named[i].typed = act.input.autosave;
	if (!write_from_somewhere(act.who, world_act_step, &act))
		return false;
	m->version = act.r.version;
	return true;
}

static bool
entry_step(struct tx *tx, void *arg, struct err *err)
{
	struct model_record *r = arg;
	struct contact_entry c;

	if (!entity_fetch(tx, ENTITY_CONTACT_ENTRY, r->report, &c, err))
		return false;
	r->report = c.report_id;
	return true;
}

/* The trail as it stands. */
static bool
trail_step(struct tx *tx, void *arg, struct err *err)
{
	struct rows q = db_query(tx, S_AUDIT_AFTER, I(0), I(RECORDS));
	struct audit_record r;

	(void)arg;
	record_n = 0;
	while (record_n < RECORDS && db_next(&q)) {
		struct model_record *m = &records[record_n++];

		audit_load(&q, &r);
		*m = (struct model_record){ .seq = r.seq, .at = r.at, .org = r.org, .details = r.details.p != NULL,
		    .lost = r.erased_at != NO_TIME };
		snprintf(m->address, sizeof(m->address), "%.*s", STR_FMT(r.actor.address));
		if (str_is(r.entity, "report"))
			m->report = r.object;
		else if (str_is(r.entity, "contact_entry"))
			m->report = -r.object;
	}
	return db_end(&q, err);
}

static void
read_trail(void)
{
	ok(world_read(trail_step, NULL) && record_n > 50 && record_n < RECORDS, "the trail");
	for (int i = 0; i < record_n; i++)
		if (records[i].report < 0) {
			records[i].report = -records[i].report;
			if (!world_read(entry_step, &records[i]))
				ok(false, "a contact is of a report");
		}
}

/* ---- holds ---- */

static bool
random_hold(struct model_hold *h)
{
	struct buf b = { .arena = world.arena };

	*h = (struct model_hold){ .org = NONE, .from = NO_TIME, .until = NO_TIME, .n = 1 + rand() % 3 };
	buf_c(&b, "{\"kind\":\"system\",\"reason\":\"x\",\"systems\":[");
	for (int i = 0; i < h->n; i++) {
		h->systems[i] = rand() % 3 == 0 ? ONE_OF(addresses) : rand() % 2 ? ONE_OF(networks) : ONE_OF(names);
		/* a name without a dot is a web address */
		buf_printf(&b, is_name(h->systems[i]) ? "%s\"http://%s/\"" : "%s\"%s\"", i ? "," : "", h->systems[i]);
	}
	buf_c(&b, "]");
	if (rand() % 3 == 0) {
		h->org = world.place[rand() % 2 ? HOSPITAL : CLINIC];
		buf_printf(&b, ",\"org\":%lld", (long long)h->org);
	}
	if (rand() % 3 == 0) {
		h->from = WORLD_START + rand() % 60 * MINUTE;
		buf_printf(&b, ",\"from_at\":\"%.*s\"", STR_FMT(time_rfc3339(world.arena, h->from)));
	}
	if (rand() % 3 == 0) {
		h->until = WORLD_START + (60 + rand() % 60) * MINUTE;
		buf_printf(&b, ",\"until_at\":\"%.*s\"", STR_FMT(time_rfc3339(world.arena, h->until)));
	}
	buf_c(&b, "}");
	h->id = world_set_hold(world_json("%s", arena_c(world.arena, buf_str(&b))));
	if (!h->id) {
		printf("# %.*s: %s\n", STR_FMT(buf_str(&b)), world.err.fields ? fault_code(world.err.fields->fault) : "");
		return false;
	}
	return true;
}

static bool
lift_step(struct tx *tx, void *arg, struct err *err)
{
	struct principal who = world.who[REVIEWER];
	int64_t id = *(int64_t *)arg;

	who.roles = ROLE_MANAGER;
	who.org_kind = ORG_CERT;
	return hold_do(tx, &who, id, HOLD_LIFT, STR("x"), 0, err) &&
	    hold_do(tx, &world.who[ADMIN], id, HOLD_CONFIRM, STR("x"), 0, err);
}

/* ---- comparing ---- */

static struct erasure found;

static bool
look_step(struct tx *tx, void *arg, struct err *err)
{
	(void)arg;
	found = (struct erasure){ .before = NO_TIME };
	return erasure_look(tx, &found, err);
}

static bool
erase_step(struct tx *tx, void *arg, struct err *err)
{
	return details_erase(tx, arg, err);
}

static bool
is_found(int64_t seq)
{
	for (int i = 0; i < found.found_n; i++)
		if (found.found[i].seq == seq)
			return true;
	return false;
}

/*
 * How many records old enough are let go by one and kept by the other; *ret_kept: of how many both say kept. doubtful: what was typed only may
 * count or not.
 */
static int
differences(int64_t before, bool doubtful, int *ret_kept)
{
	int wrong = 0;

	*ret_kept = 0;
	for (int i = 0; i < record_n; i++) {
		const struct model_record *r = &records[i];
		bool ours = !is_found(r->seq), model = !r->details || kept(r, doubtful && !ours);

		if (r->at >= before)
			continue;
		*ret_kept += r->details && model && ours;
		if (model != ours && wrong++ < 5)
			printf("# %lld from %s, report %lld: kept %d, by the model %d\n", (long long)r->seq, r->address,
			    (long long)r->report, ours, model);
	}
	return wrong;
}

static void
test_rounds(bool doubtful)
{
	int wrong = 0, held = 0, rounds_held = 0, now;
	bool good = true;

	for (int round = 0; round < ROUNDS && good; round++) {
		hold_n = 1 + rand() % HOLDS_MOST;
		for (int i = 0; i < hold_n && good; i++)
			good = random_hold(&holds[i]);
		good = good && world_read(look_step, NULL);
		wrong += differences(found.before, doubtful, &now);
		held += now;
		rounds_held += now > 0;
		for (int i = 0; i < hold_n && good; i++)
			good = world_write(ADMIN, lift_step, &holds[i].id);
	}
	if (!ok(good, "holds are set, lifted, and asked for"))
		printf("# %s %.*s\n", fault_code(world.err.fault), STR_FMT(world.err.detail));
	is_int(wrong, 0, "what is let go is what the model lets go");
	ok(held > ROUNDS * record_n / 10 && held < ROUNDS * record_n * 3 / 4, "and both answers come");
	printf("# %d records, %d rounds with something held, %d answers that it is\n", record_n, rounds_held, held);
}

/* A hold that is set between looking and erasing holds; then what was found goes, and only that. */
static void
test_between(void)
{
	int64_t lost = 0, of_reports = 0, others = 0, wrong = 0, id;

	hold_n = 0;
	ok(world_read(look_step, NULL), "no hold stands, and somebody looks");
	id = world_set_hold(world_json("{\"kind\":\"system\",\"systems\":[\"10.0.0.0/8\"],\"reason\":\"x\"}"));
	ok(id != 0, "a hold is set");
	holds[0] = (struct model_hold){ .id = id, .org = NONE, .from = NO_TIME, .until = NO_TIME, .systems = { "10.0.0.0/8" }, .n = 1 };
	hold_n = 1;
	ok(world_write(ADMIN, erase_step, &found), "and somebody erases what was found before");
	read_trail();
	for (int i = 0; i < record_n; i++) {
		const struct model_record *r = &records[i];

		if (r->at >= found.before)
			continue;
		wrong += r->lost ? kept(r, true) : r->details && !kept(r, false);
		lost += r->lost;
		of_reports += r->details && r->report;
		others += r->details && !r->report;
	}
	is_int(wrong, 0, "what the hold keeps is there, and the rest is not");
	is_int(found.erased, lost, "so it says");
	ok(lost > 10 && of_reports > 5 && others > 5, "records of reports are kept, and others");
	ok(world_write(ADMIN, lift_step, &id), "it is lifted");
}

/* ---- from before ---- */

/* As the migration leaves it: nothing is listed, every report is to be gone through. */
static void
forget_systems(void)
{
	const char *sql = "DELETE FROM report_system; INSERT INTO report_unlisted (report_id) SELECT id FROM report;";
	sqlite3 *db = NULL;
	bool good;

	store_close(world.store);
	if (on_postgresql()) {
		good = tell_server(world.arena, world.dir, sql) != -2;
	} else {
		good = sqlite3_open(arena_printf(world.arena, "%s/tocsin.db", world.dir).p, &db) == SQLITE_OK &&
		    sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
		sqlite3_close(db);
	}
	ok(good, "a database from before there were holds on systems");
	world_open_store(false);
}

static void
test_before(void)
{
	int64_t of_reports = 0, others = 0, taken = 0, id;

	forget_systems();
	id = world_set_hold(world_json("{\"kind\":\"system\",\"systems\":[\"nobody.named.it\"],\"reason\":\"x\"}"));
	ok(id != 0, "a hold on a system that nobody named");
	ok(world_read(look_step, NULL), "somebody looks");
	for (int i = 0; i < record_n; i++) {
		bool old = records[i].details && records[i].at < found.before;

		of_reports += old && records[i].report;
		others += old && !records[i].report;
		taken += old && records[i].report && is_found(records[i].seq);
	}
	ok(of_reports > 20 && taken == 0, "until they are gone through, all reports are kept");
	ok(others > 5 && found.found_n == others, "and nothing else");
	systems_tick(world.store);
	ok(world_read(look_step, NULL), "somebody looks again");
	is_int(found.found_n, of_reports + others, "nothing names it: all of it may go");
	ok(world_write(ADMIN, lift_step, &id), "it is lifted");
}

int
main(void)
{
	bool good = true;

	srand(3);
	world_open();
	erasure_configure(400);
	for (int i = 0; i < REPORTS; i++)
		good = good && make_report(&reports[i]);
	for (int i = 0; i < 200; i++)
		good = good && change_report(&reports[rand() % REPORTS]);
	if (!ok(good, "reports"))
		printf("# %s\n", fault_code(world.err.fault));
	world_later(500 * DAY);
	read_trail();
	test_rounds(false);
	test_before();
	test_rounds(true);
	test_between();
	world_close();
	return done_testing();
}
