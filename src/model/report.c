#include "model/report.h"

#include "model/choices.h"
#include "model/kind.h"
#include "model/rules.h"

/* ---- choices and conditions ---- */

static const struct choice report_states[] = {
	CHOICE("report_state", "draft", REPORT_DRAFT),
	CHOICE("report_state", "reported", REPORT_REPORTED),
	CHOICE("report_state", "returned", REPORT_RETURNED),
	CHOICE("report_state", "reviewed", REPORT_REVIEWED),
	CHOICE("report_state", "handling", REPORT_HANDLING),
	CHOICE("report_state", "closing", REPORT_CLOSING),
	CHOICE("report_state", "closed", REPORT_CLOSED),
	CHOICE("report_state", "merged", REPORT_MERGED),
	CHOICE("report_state", "withdrawn", REPORT_WITHDRAWN),
	CHOICE("report_state", "deleted", REPORT_DELETED),
};
static const struct choice escalations[] = {
	CHOICE("escalation", "none", ESCALATION_NONE),
	CHOICE("escalation", "due", ESCALATION_DUE),
	CHOICE("escalation", "sent", ESCALATION_SENT),
	CHOICE("escalation", "acknowledged", ESCALATION_ACKNOWLEDGED),
	CHOICE("escalation", "failed", ESCALATION_FAILED),
};
static const struct choice escalation_whys[] = {
	CHOICE("escalation_why", "level", WHY_LEVEL),
	CHOICE("escalation_why", "cross_sector", WHY_CROSS_SECTOR),
	CHOICE("escalation_why", "wide_scale", WHY_WIDE_SCALE),
	CHOICE("escalation_why", "other_ci", WHY_OTHER_CI),
};
static const struct choice report_kinds[] = {
	CHOICE("report_kind", "incident", KIND_OF_REPORT_INCIDENT),
	CHOICE("report_kind", "voluntary", KIND_OF_REPORT_VOLUNTARY),
};
static const struct choice form_kinds[] = {
	CHOICE("form_kind", "notify", FORM_NOTIFY),
	CHOICE("form_kind", "all_clear", FORM_ALL_CLEAR),
};
static const struct choice channels[] = {
	CHOICE("channel", "web", CHANNEL_WEB),
	CHOICE("channel", "api", CHANNEL_API),
	CHOICE("channel", "phone", CHANNEL_PHONE),
	CHOICE("channel", "fax", CHANNEL_FAX),
	CHOICE("channel", "email", CHANNEL_EMAIL),
	CHOICE("channel", "paper", CHANNEL_PAPER),
};
static const struct choice tlps[] = {
	CHOICE("tlp", "TLP:RED", TLP_RED),
	CHOICE("tlp", "TLP:AMBER+STRICT", TLP_AMBER_STRICT),
	CHOICE("tlp", "TLP:AMBER", TLP_AMBER),
	CHOICE("tlp", "TLP:GREEN", TLP_GREEN),
	CHOICE("tlp", "TLP:CLEAR", TLP_CLEAR),
};
enum { OS_WINDOWS, OS_LINUX, OS_OTHER };
static const struct choice oses[] = {
	CHOICE("os", "windows", OS_WINDOWS),
	CHOICE("os", "linux", OS_LINUX),
	CHOICE("os", "other", OS_OTHER),
};
enum { CONTROL_FIREWALL, CONTROL_ANTIVIRUS, CONTROL_IPS, CONTROL_OTHER, CONTROL_NONE };
static const struct choice controls[] = {
	CHOICE("controls", "firewall", CONTROL_FIREWALL),
	CHOICE("controls", "antivirus", CONTROL_ANTIVIRUS),
	CHOICE("controls", "ips", CONTROL_IPS),
	CHOICE("controls", "other", CONTROL_OTHER),
	CHOICE("controls", "none", CONTROL_NONE),
};
enum { SOC_NONE, SOC_OWN, SOC_OUTSOURCED };
static const struct choice socs[] = {
	CHOICE("soc", "none", SOC_NONE),
	CHOICE("soc", "own", SOC_OWN),
	CHOICE("soc", "outsourced", SOC_OUTSOURCED),
};
static const struct choice categories[] = {
	CHOICE("category", "web_attack", CATEGORY_WEB_ATTACK),
	CHOICE("category", "intrusion", CATEGORY_INTRUSION),
	CHOICE("category", "dos", CATEGORY_DOS),
	CHOICE("category", "equipment", CATEGORY_EQUIPMENT),
	CHOICE("category", "other", CATEGORY_OTHER),
};
#define CONDITION(id, code, category) CHOICE_IN("condition", id, code, CATEGORY_##category)
static const struct choice conditions[] = {
	CONDITION("deface", 0, WEB_ATTACK),
	CONDITION("malicious_comment", 1, WEB_ATTACK),
	CONDITION("malicious_page", 2, WEB_ATTACK),
	CONDITION("phishing_page", 3, WEB_ATTACK),
	CONDITION("web_trojan", 4, WEB_ATTACK),
	CONDITION("pii_leak_web", 5, WEB_ATTACK),
	CONDITION("system_compromised", 6, INTRUSION),
	CONDITION("malware", 7, INTRUSION),
	CONDITION("abnormal_connection", 8, INTRUSION),
	CONDITION("spam_source", 9, INTRUSION),
	CONDITION("data_leak", 10, INTRUSION),
	CONDITION("service_down", 11, DOS),
	CONDITION("degraded", 12, DOS),
	CONDITION("damaged", 13, EQUIPMENT),
	CONDITION("power", 14, EQUIPMENT),
};
enum { SOURCE_SELF, SOURCE_NOTICE };
static const struct choice sources[] = {
	CHOICE("source", "self", SOURCE_SELF),
	CHOICE("source", "notice", SOURCE_NOTICE),
};
static const struct choice improvements[] = {
	CHOICE("improvement", "none", IMPROVEMENT_NONE),
	CHOICE("improvement", "submitted", IMPROVEMENT_SUBMITTED),
	CHOICE("improvement", "more_wanted", IMPROVEMENT_MORE_WANTED),
	CHOICE("improvement", "accepted", IMPROVEMENT_ACCEPTED),
};
static const struct choice contact_means[] = {
	CHOICE("contact_means", "phone", CONTACT_PHONE),
	CHOICE("contact_means", "mail", CONTACT_MAIL),
	CHOICE("contact_means", "visit", CONTACT_VISIT),
	CHOICE("contact_means", "other", CONTACT_OTHER),
};
CHOICES(report_state, report_states);
CHOICES(escalation, escalations);
CHOICES(escalation_why, escalation_whys);
CHOICES(report_kind, report_kinds);
CHOICES(form_kind, form_kinds);
CHOICES(channel, channels);
CHOICES(tlp, tlps);
CHOICES(os, oses);
CHOICES(controls, controls);
CHOICES(soc, socs);
CHOICES(category, categories);
CHOICES_OF(condition, conditions, &choices_category);
CHOICES(source, sources);
CHOICES(improvement, improvements);
CHOICES(contact_means, contact_means);

#define ONE_OF(code) (UINT64_C(1) << (code))
#define YES ONE_OF(1)
#define NOT_ONLINE (ONE_OF(CHANNEL_PHONE) | ONE_OF(CHANNEL_FAX) | ONE_OF(CHANNEL_EMAIL) | \
	ONE_OF(CHANNEL_PAPER))
#define LISTED (ONE_OF(CATEGORY_WEB_ATTACK) | ONE_OF(CATEGORY_INTRUSION) | ONE_OF(CATEGORY_DOS) | \
	ONE_OF(CATEGORY_EQUIPMENT))
const struct condition
    if_not_online = { "channel", NOT_ONLINE, 0 },
    if_on_behalf = { "on_behalf", YES, 0 },
    if_os_other = { "os_family", ONE_OF(OS_OTHER), 0 },
    if_controls_other = { "controls", ONE_OF(CONTROL_OTHER), 0 },
    if_soc_outsourced = { "soc", ONE_OF(SOC_OUTSOURCED), 0 },
    if_category_other = { "category", ONE_OF(CATEGORY_OTHER), 0 },
    if_category_listed = { "category", LISTED, 0 },
    if_notice = { "source", ONE_OF(SOURCE_NOTICE), 0 },
    if_support = { "support_needed", YES, 0 },
    if_dora = { "regimes", ONE_OF(REGIME_EU_DORA), 0 };

#define REPORT_ROW(...) FIELD_ROW(report, __VA_ARGS__)
static const struct field report_fields[] = { REPORT(REPORT_ROW) };
const struct entity entity_report = ENTITY(report, report_fields, true);

#define CONTACT_ENTRY_ROW(...) FIELD_ROW(contact_entry, __VA_ARGS__)
static const struct field contact_entry_fields[] = { CONTACT_ENTRY(CONTACT_ENTRY_ROW) };
const struct entity entity_contact_entry = ENTITY(contact_entry, contact_entry_fields, true);

/* ---- the form ---- */

static const char *const who_fields[] = {
	"reporting_unit", "reporting_phone", "reporting_email", "aware_at", "channel", "channel_reason",
	"tlp", "unit_name", "lead_agency", "reporter_name", "reporter_phone", "reporter_fax",
	"reporter_email", "on_behalf", "on_behalf_unit", NULL,
};
static const char *const what_fields[] = {
	"occurred_at", "category", "conditions", "category_other", "victim_hosts", "victim_servers",
	"ip_internal", "ip_external", "web_url", "os_family", "os_version", "controls", "controls_other",
	"soc", "soc_vendor", "isms_certified", "maintenance_vendor", "operated_by", NULL,
};
static const char *const impact_fields[] = {
	"impact_c", "impact_i", "impact_a", "report_kind", "other_ci_affected", NULL,
};
static const char *const description_fields[] = {
	"description", "scope_loss", "measures", "source", "notice_no", "attachments", NULL,
};
static const char *const help_fields[] = {
	"support_needed", "support_wanted", "criminal_case", "criminal_note",
	"regimes", "classified_at", NULL,
};
const struct section report_sections[] = {
	{ "who", "section.who", who_fields },
	{ "what", "section.what", what_fields },
	{ "impact", "section.impact", impact_fields },
	{ "description", "section.description", description_fields },
	{ "help", "section.help", help_fields },
};
const int report_sections_count = sizeof(report_sections) / sizeof(report_sections[0]);

/* ---- rules beyond one field ---- */

uint64_t
conditions_of_category(int64_t category)
{
	uint64_t set = 0;

	for (int i = 0; i < choices_condition.n; i++)
		if (conditions[i].group == category)
			set |= ONE_OF(conditions[i].code);
	return set;
}

bool
report_by_staff(const struct report *r)
{
	return r->channel >= CHANNEL_PHONE && r->channel <= CHANNEL_PAPER;
}

unsigned
report_whens(const struct report *r)
{
	switch (r->state) {
	case REPORT_DRAFT:
	case NONE:                       /* not saved yet */
		return 1u << WHEN_DRAFT | 1u << WHEN_OPEN | 1u << WHEN_ONCE | 1u << WHEN_ALWAYS;
	case REPORT_RETURNED:            /* 退回補正: what was asked for may be anywhere on the form */
		return 1u << WHEN_DRAFT | 1u << WHEN_OPEN | 1u << WHEN_ALWAYS;
	case REPORT_REPORTED:
	case REPORT_REVIEWED:
	case REPORT_HANDLING:
	case REPORT_CLOSING:
		return 1u << WHEN_OPEN | 1u << WHEN_ALWAYS;
	default:
		return 0;
	}
}

/* The CERT's own judgement on other critical infrastructure prevails over the provider's once it is there. */
static int64_t
triggers(const struct report *r)
{
	int64_t other_ci = r->other_ci_reviewed != NONE ? r->other_ci_reviewed : r->other_ci_affected;
	int64_t why = 0;

	if (r->level >= 3)
		why |= 1 << WHY_LEVEL;
	if (r->cross_sector == 1)
		why |= 1 << WHY_CROSS_SECTOR;
	if (r->wide_scale == 1)
		why |= 1 << WHY_WIDE_SCALE;
	if (other_ci == 1)
		why |= 1 << WHY_OTHER_CI;
	return why ? why : NONE;
}

void
report_derive(struct report *r)
{
	int level = level_of(r->impact_c, r->impact_i, r->impact_a);

	r->level_reported = level < 0 ? NONE : level;
	if (r->level_national != NONE)
		r->level = r->level_national;
	else if (r->level_reviewed != NONE)
		r->level = r->level_reviewed;
	else
		r->level = r->level_reported;
	r->escalation_why = triggers(r);
}

/* A fault of a field, unless it has one already. detail may name another field. Always false. */
static bool
fault(struct err *err, const char *name, enum fault f, int64_t limit, const char *detail)
{
	const struct field *field = entity_field(&entity_report, str_c(name));

	for (const struct field_err *e = err->fields; e; e = e->next)
		if (str_eq(e->field, field->key))
			return false;
	return err_field(err, field->key, field->label, f, limit, str_c(detail));
}

/* A moment that is yet to come; five minutes are left for clocks that differ. */
static bool
not_yet(int64_t t, int64_t now)
{
	return t != NO_TIME && t > now + 5 * MINUTE;
}

static bool
before(int64_t t, int64_t other)
{
	return t != NO_TIME && other != NO_TIME && t < other;
}

static bool
check_times(const struct report *r, int64_t now, struct err *err)
{
	const struct {
		const char *name;
		int64_t t;
	} past[] = {
		{ "occurred_at", r->occurred_at }, { "aware_at", r->aware_at },
		{ "resolved_at", r->resolved_at }, { "classified_at", r->classified_at },
	};
	bool good = true;

	for (size_t i = 0; i < sizeof(past) / sizeof(past[0]); i++)
		if (not_yet(past[i].t, now))
			good = fault(err, past[i].name, FAULT_F_FUTURE, 0, NULL);
	if (before(r->aware_at, r->occurred_at))
		good = fault(err, "aware_at", FAULT_F_ORDER, 0, "occurred_at");
	if (before(r->filed_at, r->aware_at))
		good = fault(err, "aware_at", FAULT_F_ORDER, 0, "filed_at");
	if (before(r->resolved_at, r->occurred_at))
		good = fault(err, "resolved_at", FAULT_F_ORDER, 0, "occurred_at");
	if (before(r->classified_at, r->aware_at))
		good = fault(err, "classified_at", FAULT_F_ORDER, 0, "aware_at");
	return good;
}

static bool
check_conditions(const struct report *r, struct err *err)
{
	uint64_t theirs = conditions_of_category(r->category);

	if (r->category == NONE || r->conditions == NONE || theirs == 0)
		return true;
	for (int i = 0; i < choices_condition.n; i++)
		if ((uint64_t)r->conditions & ONE_OF(conditions[i].code) & ~theirs)
			return fault(err, "conditions", FAULT_F_CHOICE, 0, conditions[i].id);
	return true;
}

static bool
has_os(const struct report *r, int64_t code)
{
	return r->os_family != NONE && ((uint64_t)r->os_family & ONE_OF(code)) != 0;
}

/* Versions are told only of platforms that were chosen. */
static bool
check_versions(const struct report *r, struct err *err)
{
	const struct value *version, *versions = NULL;

	if (r->os_family != NONE && r->os_version.p)
		versions = per_choice_value(err->arena, r->os_version);
	if (!versions || versions->kind != V_MAP)
		return true;
	for (version = versions->first; version; version = version->next) {
		const struct choice *os = choice_by_id(&choices_os, version->name);

		if (os && !has_os(r, os->code))
			return fault(err, "os_version", FAULT_F_EMPTY_WANTED, 0, "os_family");
	}
	return true;
}

bool
report_check(const struct report *r, int64_t now, struct err *err)
{
	bool good = check_times(r, now, err);

	if (r->victim_hosts != NONE && r->victim_servers != NONE && r->victim_servers > r->victim_hosts)
		good = fault(err, "victim_servers", FAULT_F_SERVERS, r->victim_hosts, "victim_hosts");
	if (!check_conditions(r, err))
		good = false;
	if (!check_versions(r, err))
		good = false;
	return good;
}

/* Another platform than Windows or Linux has to be named. */
static bool
platform_named(const struct report *r, struct err *err)
{
	const struct value *versions;

	if (!has_os(r, OS_OTHER))
		return true;
	versions = per_choice_value(err->arena, r->os_version);
	if (versions && (versions->kind == V_STR || value_get(versions, "other")))
		return true;
	return fault(err, "os_version", FAULT_F_MISSING, 0, "os_family");
}

bool
report_ready(const struct report *r, int64_t now, struct err *err)
{
	static const char *const impacts[] = { "impact_c", "impact_i", "impact_a" };
	bool good = entity_complete(&entity_report, r, REQUIRED, err);

	if (!report_check(r, now, err))
		good = false;
	if (!platform_named(r, err))
		good = false;
	if (r->report_kind != KIND_OF_REPORT_VOLUNTARY && r->impact_c == 0 && r->impact_i == 0 &&
	    r->impact_a == 0)
		for (size_t i = 0; i < sizeof(impacts) / sizeof(impacts[0]); i++)
			good = fault(err, impacts[i], FAULT_F_LEVEL_ZERO, 0, NULL);
	return good;
}
