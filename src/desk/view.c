/*
 * One report as its reader sees it: the fields, the words of its references, what he can do, what is due, who
 * else may see it.
 */
#include "desk/receipt.h"
#include "desk/words.h"
#include "desk/work.h"

#define CONTACTS_SHOWN 100

struct face
face_of(const struct principal *who, struct tx *tx)
{
	return (struct face){ .lang = who->lang, .zone = who->zone, .roc_year = who->roc_year,
	    .now = tx_now(tx) };
}

void
list_term(struct arena *a, struct value *list, struct str id, const char *msg)
{
	struct value *v = list_add(list, value_str(a, id));

	v->kind = V_TERM;
	v->term = msg;
}

static void
list_shown(struct arena *a, struct value *list, struct str id, struct str shown)
{
	struct value *v = list_add(list, value_str(a, id));

	v->kind = V_TERM;
	v->shown = shown;
}

/* ---- what he can do ---- */

static const struct {
	const char *label, *hint;
} verb_words[VERB__MAX] = {
#define VERB_WORDS(c, id) [c] = { "verb." id, "verb." id ".hint" },
	VERBS(VERB_WORDS)
#undef VERB_WORDS
};

const char *
verb_label(enum verb v)
{
	return verb_words[v].label;
}

int64_t
side_of(const struct principal *who)
{
	if (principal_is(who, ROLE_PROVIDER))
		return HOLDER_PROVIDER;
	return principal_is(who, ROLE_CERT) ? HOLDER_CERT : NONE;
}

/* Some verbs are about a duty: they are open only while there is one. A match is made once. */
static bool
has_object(enum verb v, const struct report *r, const struct duties *duties, int64_t side)
{
	if (v == VERB_MATCH)
		return r->matched_with == NONE;
	for (int i = 0; i < duties->n; i++) {
		const struct duty *d = &duties->list[i];
		const struct regime *regime;
		const struct clock_rule *rule;

		if (d->state != DUTY_OPEN || !clock_found(d, &regime, &rule))
			continue;
		if ((v == VERB_EXTEND && rule->extendable) ||
		    (v == VERB_GRANT && d->extend_until != NO_TIME) ||
		    (v == VERB_FULFIL && d->holder == side && clock_by_hand(r, rule)))
			return true;
	}
	return v != VERB_EXTEND && v != VERB_GRANT && v != VERB_FULFIL;
}

static struct value *
action(enum verb v, const struct report *r, bool primary, enum lang lang, struct arena *a)
{
	struct value *map = value_map(a);

	map_str(a, map, "verb", str_c(verb_id(v)));
	map_str(a, map, "label", msg(lang, verb_words[v].label));
	map_str(a, map, "hint", msg(lang, verb_words[v].hint));
	map_str(a, map, "href", arena_printf(a, "/reports/%lld/%s", (long long)r->id, verb_id(v)));
	map_str(a, map, "method", STR("POST"));
	map_bool(a, map, "primary", primary);
	return map;
}

/* The first open duty of the reader's side, else the first open one; NULL: nothing is due. */
static const struct duty *
next_duty(const struct duties *duties, int64_t side)
{
	const struct duty *first = NULL;

	for (int i = 0; i < duties->n; i++) {
		const struct duty *d = &duties->list[i];

		if (d->state == DUTY_OPEN && d->holder == side)
			return d;
		if (d->state == DUTY_OPEN && !first)
			first = d;
	}
	return first;
}

/* May stand out when no duty calls for another: it leads the report on. What goes back, aside or away never does. */
static bool
leads_on(enum verb v, const struct report *r)
{
	switch (v) {
	case VERB_SUBMIT:
	case VERB_CONTAIN:
	case VERB_CLOSE:
	case VERB_ACCEPT:
	case VERB_IMPROVEMENT:
	case VERB_JUDGE_IMPROVEMENT:
	case VERB_ESCALATE:
	case VERB_ACKNOWLEDGE:
	case VERB_GRANT:
	case VERB_FULFIL:
		return true;
	case VERB_REVIEW:
		return r->reviewed_at == NO_TIME;
	default:
		return false;
	}
}

/* The verbs open now; the one that meets the next duty comes as the main one, or else the first that leads on. */
static void
add_actions(struct value *map, const struct principal *who, const struct report *r,
    const struct duties *duties, struct arena *a)
{
	const struct transition *open[VERB__MAX];
	struct value *list = map_list(a, map, "actions"), *next;
	int64_t side = side_of(who);
	const struct duty *due = next_duty(duties, side);
	enum verb wanted = due && due->holder == side ? duty_verb(r, due) : VERB__MAX, main = VERB__MAX;
	int n = life_open(r, who->roles, open);

	for (int i = 0; i < n; i++)
		if (has_object(open[i]->verb, r, duties, side) &&
		    ((main == VERB__MAX && leads_on(open[i]->verb, r)) || open[i]->verb == wanted))
			main = open[i]->verb;
	for (int i = 0; i < n; i++)
		if (has_object(open[i]->verb, r, duties, side))
			list_add(list, action(open[i]->verb, r, open[i]->verb == main, who->lang, a));
	if (!due) {
		map_null(a, map, "next");
		return;
	}
	next = map_map(a, map, "next");
	map_int(a, next, "id", due->id);
	map_str(a, next, "clock", due->clock);
	map_str(a, next, "title", duty_title(due, who->lang));
	field_show(DUTY_FIELD(holder), due, next, a);
	map_bool(a, next, "mine", due->holder == side);
	map_time(a, next, "due_at", due->due_at);
	map_bool(a, next, "overdue", due->overdue == 1);
	if (main == wanted && main != VERB__MAX)
		map_add(next, "action", action(main, r, true, who->lang, a));
	else
		map_null(a, next, "action");
}

/* ---- fields ---- */

static void
add_field(struct value *map, const struct field *f, const struct report *r, struct arena *a)
{
	if (!(f->flags & SECRET))
		field_show(f, r, map, a);
}

/* Every field, and before them what every answer about a report begins with. */
static struct value *
fields(const struct report *r, struct arena *a)
{
	struct value *map = value_map(a);

	map_int(a, map, "id", r->id);
	add_field(map, REPORT_FIELD(state), r, a);
	add_field(map, REPORT_FIELD(report_no), r, a);
	add_field(map, REPORT_FIELD(level_reported), r, a);
	map_int(a, map, "version", r->version);
	map_time(a, map, "created_at", r->created_at);
	map_time(a, map, "changed_at", r->changed_at);
	for (int f = 0; f < entity_report.n; f++)
		if (f != REPORT_FIELD_state && f != REPORT_FIELD_report_no &&
		    f != REPORT_FIELD_level_reported)
			add_field(map, &entity_report.fields[f], r, a);
	return map;
}

struct value *
report_short(struct tx *tx, const struct principal *who, const struct report *r, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *map = fields(r, a);
	struct duties duties;

	if (tx_can_write(tx))
		receipt_ahead(tx, r);            /* the answer to a verb has its address */
	if (!duties_read(tx, r, &duties, err))
		return NULL;
	add_actions(map, who, r, &duties, a);
	return map;
}

/* ---- words of references ---- */

struct names {
	struct str org, cert, sector, lead, entered_by, reviewed_by;
	int64_t parent;
};

static struct str
in_language(const struct rows *q, int column, enum lang lang)
{
	return db_str(q, column + (lang == LANG_EN));
}

static bool
read_names(struct tx *tx, const struct principal *who, const struct report *r, struct names *ret_names,
    struct err *err)
{
	struct rows q = db_query(tx, S_REPORT_NAMES, I(r->org_id), N(r->cert_id), N(r->sector_id), N(r->lead_agency),
	    N(r->entered_by), N(r->reviewed_by));
	struct names n = { .parent = NONE };

	if (db_next(&q)) {
		n.parent = db_int(&q, 0);
		n.entered_by = db_str(&q, 1);
		n.reviewed_by = db_str(&q, 2);
		n.org = in_language(&q, 3, who->lang);
		n.cert = in_language(&q, 5, who->lang);
		n.sector = in_language(&q, 7, who->lang);
		n.lead = in_language(&q, 9, who->lang);
	}
	if (!db_end(&q, err))
		return false;
	*ret_names = n;
	return true;
}

static bool
add_number_of(struct tx *tx, struct value *map, const char *key, int64_t report, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct rows q;

	if (report == NONE) {
		map_null(a, map, key);
		return true;
	}
	q = db_query(tx, S_REPORT_NO, I(report));
	map_str(a, map, key, db_next(&q) ? db_str(&q, 0) : STR_NONE);
	return db_end(&q, err);
}

static bool
add_names(struct tx *tx, struct value *map, const struct report *r, const struct names *n, struct err *err)
{
	struct arena *a = tx_arena(tx);

	map_str(a, map, "org_id_name", n->org);
	map_str(a, map, "cert_id_name", n->cert);
	map_str(a, map, "sector_id_name", n->sector);
	map_str(a, map, "lead_agency_name", n->lead);
	map_str(a, map, "reporting_unit_name", r->reporting_unit == r->org_id ? n->org : STR_NONE);
	map_str(a, map, "entered_by_name", n->entered_by);
	map_str(a, map, "reviewed_by_name", n->reviewed_by);
	return add_number_of(tx, map, "merged_into_name", r->merged_into, err) &&
	    add_number_of(tx, map, "matched_with_name", r->matched_with, err);
}

/* ---- who may see it ---- */

static bool
add_above(struct tx *tx, const struct principal *who, const struct report *r, struct value *list,
    struct err *err)
{
	struct rows q = db_query(tx, S_REPORT_ABOVE, I(r->org_id));

	while (db_next(&q))
		list_shown(tx_arena(tx), list, STR("superior"), in_language(&q, 1, who->lang));
	return db_end(&q, err);
}

/* In words, and in words too who may not: "your CERT, not the lead agency, not other providers". */
static bool
tell_readers(struct tx *tx, const struct principal *who, const struct report *r, const struct names *n,
    struct value *list, struct value *without, struct err *err)
{
	struct arena *a = tx_arena(tx);

	list_shown(a, list, STR("organisation"), n->org);
	if (n->parent != NONE && !add_above(tx, who, r, list, err))
		return false;
	if (r->shown_to_cert == 1)
		list_shown(a, list, STR("cert"), n->cert);
	if (r->escalation == ESCALATION_SENT || r->escalation == ESCALATION_ACKNOWLEDGED)
		list_term(a, list, STR("national"), "seen_by.national");
	list_term(a, list, STR("auditor"), "seen_by.auditor");
	if (!without)
		return true;
	if (r->shown_to_cert != 1)
		list_term(a, without, STR("cert"), "seen_by.not_cert_yet");
	list_term(a, without, STR("lead_agency"), "seen_by.not_lead_agency");
	list_term(a, without, STR("peers"), "seen_by.not_peers");
	return true;
}

bool
seen_by(struct tx *tx, const struct principal *who, const struct report *r, struct value *list,
    struct value *without, struct err *err)
{
	struct names names;

	return read_names(tx, who, r, &names, err) && tell_readers(tx, who, r, &names, list, without, err);
}

/* ---- level, regime, escalation ---- */

/* The regime whose words the report has: fixed by filing; before that the one that filing would take. */
static const struct regime *
regime_of(const struct report *r, int64_t now)
{
	return r->regime_version.p ? regime_by_version(r->regime_version) : regime_by_code(own_regime(r), now);
}

static void
add_level(struct value *map, const struct principal *who, const struct report *r, int64_t now, struct arena *a)
{
	static const struct {
		const char *id, *label;
	} dimensions[DIM__MAX] = {
		[DIM_C] = { "impact_c", "field.report.impact_c" },
		[DIM_I] = { "impact_i", "field.report.impact_i" },
		[DIM_A] = { "impact_a", "field.report.impact_a" },
	};
	const struct regime *regime = regime_of(r, now);
	enum dimension d = level_cause(r->impact_c, r->impact_i, r->impact_a);
	struct value *cause;

	map_str(a, map, "regime_title", regime->title[who->lang]);
	if (d == DIM__MAX || !regime->has_levels) {
		map_null(a, map, "level_cause");
		return;
	}
	cause = map_map(a, map, "level_cause");
	map_term(a, cause, "dimension", str_c(dimensions[d].id), dimensions[d].label);
	map_str(a, cause, "sentence", regime->level[d][r->level_reported].form[who->lang]);
}

static void
add_why(struct value *map, const struct report *r, struct arena *a)
{
	struct value *list = map_list(a, map, "escalation_why_words");

	for (int i = 0; i < choices_escalation_why.n; i++) {
		const struct choice *c = &choices_escalation_why.list[i];

		if (r->escalation_why != NONE && ((uint64_t)r->escalation_why >> c->code & 1) != 0)
			list_term(a, list, c->key, c->msg);
	}
}

/* ---- the contact log ---- */

static bool
add_contacts(struct tx *tx, const struct report *r, struct value *map, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *list = map_list(a, map, "contacts");
	struct rows q;

	if (r->received_at == NO_TIME)
		return true;
	q = db_query(tx, S_REPORT_CONTACTS, I(r->id), I(CONTACTS_SHOWN));
	while (db_next(&q)) {
		struct contact_entry c;
		int by = entity_load(ENTITY_CONTACT_ENTRY, &q, 0, &c);
		struct value *row = list_add(list, value_map(a));

		map_int(a, row, "id", c.id);
		map_time(a, row, "at", c.at);
		field_show(entity_field(&entity_contact_entry, STR("means")), &c, row, a);
		map_str(a, row, "with_whom", c.with_whom);
		map_str(a, row, "summary", c.summary);
		map_str(a, row, "by", db_str(&q, by));
	}
	return db_end(&q, err);
}

void
report_ahead(struct tx *tx, const struct principal *who, int64_t id)
{
	db_ahead_whole(tx);
	if (!report_get_ahead(tx, who, id))
		return;
	duties_ahead(tx, id);
	similar_ahead(tx, who, id);
	db_ahead(tx, S_REPORT_CONTACTS, I(id), I(CONTACTS_SHOWN));
}

struct value *
report_view(struct tx *tx, const struct principal *who, const struct report *r, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *map = fields(r, a), *list, *similar, *seen, *unseen;
	struct face face = face_of(who, tx);
	struct duties duties;
	struct names names;

	if (!read_names(tx, who, r, &names, err) || !duties_read(tx, r, &duties, err) ||
	    !add_names(tx, map, r, &names, err))
		return NULL;
	add_level(map, who, r, tx_now(tx), a);
	add_why(map, r, a);
	add_actions(map, who, r, &duties, a);
	list = map_list(a, map, "duties");
	for (int i = 0; i < duties.n; i++)
		list_add(list, duty_show(&duties.list[i], &face, false, a));
	similar = similar_reports(tx, who, r, err);
	if (!similar || !add_contacts(tx, r, map, err))
		return NULL;
	map_add(map, "similar", similar);
	seen = map_list(a, map, "seen_by");
	unseen = map_list(a, map, "not_seen_by");
	return tell_readers(tx, who, r, &names, seen, unseen, err) ? map : NULL;
}
