/*
 * The incident report (資安事件通報單): every field of the form. Source: guide Annex 1; the field ids, options and
 * conditions are those of the domain reference, sections 1.0 to 1.6, and never change.
 */
#ifndef MODEL_REPORT_H
#define MODEL_REPORT_H

#include "model/entity.h"
#include "model/organisation.h"

/* State codes are in the database and in scope.h: never renumbered. Words: choice.report_state.<id>. */
enum report_state {
	REPORT_DRAFT, REPORT_REPORTED, REPORT_RETURNED, REPORT_REVIEWED, REPORT_HANDLING,
	REPORT_CLOSING, REPORT_CLOSED, REPORT_MERGED, REPORT_WITHDRAWN, REPORT_DELETED,
};
/* Beside the report (domain reference, section 7). */
enum escalation { ESCALATION_NONE, ESCALATION_DUE, ESCALATION_SENT, ESCALATION_ACKNOWLEDGED, ESCALATION_FAILED };
/* The four triggers, bits of escalation_why. Guide 3.2.2; form 1.5. */
enum { WHY_LEVEL, WHY_CROSS_SECTOR, WHY_WIDE_SCALE, WHY_OTHER_CI };
enum { KIND_OF_REPORT_INCIDENT, KIND_OF_REPORT_VOLUNTARY };
enum { CHANNEL_WEB, CHANNEL_API, CHANNEL_PHONE, CHANNEL_FAX, CHANNEL_EMAIL, CHANNEL_PAPER };
enum { TLP_RED, TLP_AMBER_STRICT, TLP_AMBER, TLP_GREEN, TLP_CLEAR };
enum { FORM_NOTIFY, FORM_ALL_CLEAR };
enum { CATEGORY_WEB_ATTACK, CATEGORY_INTRUSION, CATEGORY_DOS, CATEGORY_EQUIPMENT, CATEGORY_OTHER };
enum { IMPROVEMENT_NONE, IMPROVEMENT_SUBMITTED, IMPROVEMENT_MORE_WANTED, IMPROVEMENT_ACCEPTED };

extern const struct choices choices_report_state, choices_escalation, choices_escalation_why, choices_report_kind, choices_form_kind,
    choices_channel, choices_tlp, choices_os, choices_controls, choices_soc, choices_category, choices_condition, choices_source,
    choices_improvement;
extern const struct condition
    if_not_online,      /* channel is neither web nor api */
    if_on_behalf, if_os_other, if_controls_other, if_soc_outsourced, if_category_other, if_category_listed,
    if_notice, if_support, if_dora;

/* The conditions (abnormal conditions of the category) that belong to a category: bit set of condition codes. */
uint64_t conditions_of_category(int64_t category);

#define REPORT(F) \
	/* 1.0 head */ \
	F(report_no,        TEXT,  SYSTEM|IN_LIST|SEARCHED, BY_S, ONCE, 1, 40, NULL, NULL) \
	F(report_kind,      ENUM,  IN_LIST,         BY_P, DRAFT, 0, 0, &choices_report_kind, NULL)  /* incident, voluntary note */ \
	F(form_kind,        ENUM,  SYSTEM,          BY_S, ONCE,  0, 0, &choices_form_kind, NULL) \
	F(reporting_unit,   REF,   REQUIRED,        BY_P, DRAFT, 0, 0, NULL, NULL) \
	F(reporting_phone,  PHONE, REQUIRED|PERSONAL, BY_P, OPEN, 3, 40, NULL, NULL) \
	F(reporting_email,  EMAIL, REQUIRED|PERSONAL, BY_P, OPEN, 3, 254, NULL, NULL) \
	F(filed_at,         TIME,  SYSTEM|IN_LIST,  BY_S, ONCE,  0, 0, NULL, NULL) \
	F(aware_at,         TIME,  REQUIRED|ANCHOR|IN_LIST, BY_P, OPEN, 0, 0, NULL, NULL) \
	F(channel,          ENUM,  REQUIRED,        BY_V, ONCE,  0, 0, &choices_channel, NULL)  /* web or api set by the system; staff choose the rest */ \
	F(channel_reason,   TEXT,  REQUIRED,        BY_P|BY_V, OPEN, 1, 500, NULL, &if_not_online) \
	F(is_drill,         BOOL,  SYSTEM|IN_LIST,  BY_S, ONCE,  0, 0, NULL, NULL) \
	F(tlp,              ENUM,  REQUIRED|IN_LIST, BY_P|BY_V, OPEN, 0, 0, &choices_tlp, NULL) \
	/* 1.1 contact data of the affected unit */ \
	F(unit_name,        TEXT,  REQUIRED|IN_LIST|SEARCHED, BY_P, OPEN, 1, 200, NULL, NULL) \
	F(lead_agency,      REF,   REQUIRED,        BY_P, DRAFT, 0, 0, NULL, NULL)              /* a sector: its lead agency */ \
	F(reporter_name,    TEXT,  REQUIRED|PERSONAL, BY_P, OPEN, 1, 100, NULL, NULL) \
	F(reporter_phone,   PHONE, REQUIRED|PERSONAL, BY_P, OPEN, 3, 40, NULL, NULL) \
	F(reporter_fax,     PHONE, LATER|PERSONAL,  BY_P, OPEN,  3, 40, NULL, NULL) \
	F(reporter_email,   EMAIL, REQUIRED|PERSONAL, BY_P, OPEN, 3, 254, NULL, NULL) \
	F(on_behalf,        BOOL,  REQUIRED,        BY_P, DRAFT, 0, 0, NULL, NULL) \
	F(on_behalf_unit,   TEXT,  REQUIRED|SEARCHED, BY_P, DRAFT, 1, 200, NULL, &if_on_behalf) \
	/* 1.2 basic information */ \
	F(occurred_at,      TIME,  REQUIRED,        BY_P, OPEN,  0, 0, NULL, NULL) \
	F(victim_hosts,     INT,   REQUIRED,        BY_P, OPEN,  0, 10000000, NULL, NULL) \
	F(victim_servers,   INT,   REQUIRED,        BY_P, OPEN,  0, 10000000, NULL, NULL) \
	F(ip_internal,      ADDRESSES, LATER|SEARCHED, BY_P, OPEN, 0, 8000, NULL, NULL) \
	F(ip_external,      ADDRESSES, LATER|SEARCHED, BY_P, OPEN, 0, 8000, NULL, NULL) \
	F(web_url,          URLS,  LATER|SEARCHED,  BY_P, OPEN,  0, 8000, NULL, NULL) \
	F(os_family,        MULTI, REQUIRED,        BY_P, OPEN,  0, 0, &choices_os, NULL) \
	F(os_version,       PER_CHOICE, LATER,      BY_P, OPEN,  1, 200, &choices_os, NULL)     /* the platform's name when "other": report.c */ \
	F(controls,         MULTI, REQUIRED,        BY_P, OPEN,  0, 0, &choices_controls, NULL) /* "none" is an answer */ \
	F(controls_other,   TEXT,  REQUIRED,        BY_P, OPEN,  1, 200, NULL, &if_controls_other) \
	F(soc,              ENUM,  REQUIRED,        BY_P, OPEN,  0, 0, &choices_soc, NULL) \
	F(soc_vendor,       TEXT,  REQUIRED,        BY_P, OPEN,  1, 200, NULL, &if_soc_outsourced) \
	F(isms_certified,   BOOL,  REQUIRED,        BY_P, OPEN,  0, 0, NULL, NULL) \
	F(maintenance_vendor, TEXT, REQUIRED,       BY_P, OPEN,  1, 200, NULL, NULL) \
	F(operated_by,      TEXT,  LATER,           BY_P, OPEN,  1, 200, NULL, NULL)            /* outsourced system (requirement g-37) */ \
	/* 1.3 impact level */ \
	F(impact_c,         LEVEL, REQUIRED,        BY_P, OPEN,  0, 4, NULL, NULL) \
	F(impact_i,         LEVEL, REQUIRED,        BY_P, OPEN,  0, 4, NULL, NULL) \
	F(impact_a,         LEVEL, REQUIRED,        BY_P, OPEN,  0, 4, NULL, NULL) \
	F(level_reported,   LEVEL, SYSTEM|DERIVED|IN_LIST, BY_S, OPEN, 0, 4, NULL, NULL) \
	F(level_reviewed,   LEVEL, SYSTEM|IN_LIST,  BY_V, OPEN,  1, 4, NULL, NULL)              /* by the verb review */ \
	F(level_reason,     TEXT,  SYSTEM,          BY_V, OPEN,  1, 2000, NULL, NULL) \
	F(level_national,   LEVEL, SYSTEM|IN_LIST,  BY_V, OPEN,  1, 4, NULL, NULL)              /* by the verb acknowledge */ \
	F(level,            LEVEL, SYSTEM|DERIVED|IN_LIST, BY_S, OPEN, 0, 4, NULL, NULL)        /* in force: national, else reviewed, else reported */ \
	/* 1.4 category and abnormal conditions */ \
	F(category,         ENUM,  REQUIRED|IN_LIST, BY_P, OPEN, 0, 0, &choices_category, NULL) \
	F(conditions,       MULTI, REQUIRED,        BY_P, OPEN,  0, 0, &choices_condition, &if_category_listed) \
	F(category_other,   TEXT,  REQUIRED|SEARCHED, BY_P, OPEN, 1, 200, NULL, &if_category_other) \
	F(category_reviewed, ENUM, SYSTEM,          BY_V, OPEN,  0, 0, &choices_category, NULL) \
	/* 1.5 description and measures */ \
	F(description,      LONG,  REQUIRED|SEARCHED, BY_P, OPEN, 1, 20000, NULL, NULL) \
	F(scope_loss,       LONG,  REQUIRED|SEARCHED, BY_P, OPEN, 1, 20000, NULL, NULL) \
	F(other_ci_affected, BOOL, REQUIRED,        BY_P, OPEN,  0, 0, NULL, NULL) \
	F(other_ci_reviewed, BOOL, SYSTEM,          BY_V, OPEN,  0, 0, NULL, NULL)              /* by the verb review */ \
	F(cross_sector,     BOOL,  SYSTEM,          BY_V, OPEN,  0, 0, NULL, NULL) \
	F(wide_scale,       BOOL,  SYSTEM,          BY_V, OPEN,  0, 0, NULL, NULL) \
	F(measures,         LONG,  REQUIRED|SEARCHED, BY_P, OPEN, 1, 20000, NULL, NULL) \
	F(source,           ENUM,  REQUIRED,        BY_P, DRAFT, 0, 0, &choices_source, NULL) \
	F(notice_no,        TEXT,  REQUIRED|SEARCHED, BY_P, DRAFT, 1, 100, NULL, &if_notice) \
	F(attachments,      FILES, SYSTEM,          BY_P|BY_V|BY_H, OPEN, 0, 0, NULL, NULL)     /* by requests of their own: desk/attachment.h */ \
	/* 1.6 support; closing */ \
	F(support_needed,   BOOL,  REQUIRED,        BY_P, OPEN,  0, 0, NULL, NULL) \
	F(support_wanted,   LONG,  REQUIRED,        BY_P, OPEN,  1, 5000, NULL, &if_support) \
	F(resolution,       LONG,  REQ_CLOSE|SEARCHED, BY_P, CLOSE, 1, 20000, NULL, NULL) \
	F(resolved_at,      TIME,  REQ_CLOSE,       BY_P, CLOSE, 0, 0, NULL, NULL) \
	F(criminal_case,    BOOL,  LATER,           BY_P, OPEN,  0, 0, NULL, NULL) \
	F(criminal_note,    LONG,  LATER,           BY_P, OPEN,  1, 2000, NULL, NULL) \
	/* regimes: whose obligations (section 2.4) */ \
	F(regimes,          MULTI, LATER,           BY_P|BY_V, OPEN, 0, 0, &choices_regime, NULL) \
	F(classified_at,    TIME,  LATER,           BY_P, OPEN,  0, 0, NULL, &if_dora)          /* eu-dora: classified as major */ \
	F(regime,           ENUM,  SYSTEM,          BY_S, ONCE,  0, 0, &choices_regime, NULL)   /* whose level wording; fixed when filed */ \
	F(regime_version,   TEXT,  SYSTEM,          BY_S, ONCE,  1, 40, NULL, NULL)             /* e.g. "tw-2026/1", kept for ever */ \
	/* the desk's */ \
	F(state,            ENUM,  SYSTEM|IN_LIST,  BY_S, ALWAYS, 0, 0, &choices_report_state, NULL) \
	F(org_id,           REF,   SYSTEM|IN_LIST,  BY_S, ONCE,  0, 0, NULL, NULL)              /* whose report: scope */ \
	F(sector_id,        REF,   SYSTEM,          BY_S, ONCE,  0, 0, NULL, NULL) \
	F(cert_id,          REF,   SYSTEM,          BY_S, ONCE,  0, 0, NULL, NULL)              /* addressed to: scope */ \
	F(shown_to_cert,    BOOL,  SYSTEM,          BY_S, ALWAYS, 0, 0, NULL, NULL)             /* 1 from submission on, or entered by staff: scope */ \
	F(entered_by,       REF,   SYSTEM,          BY_S, ONCE,  0, 0, NULL, NULL)              /* account that made it */ \
	F(received_at,      TIME,  SYSTEM,          BY_S, ONCE,  0, 0, NULL, NULL)              /* first submission: anchor of the review clock, never moves */ \
	F(reviewed_at,      TIME,  SYSTEM,          BY_S, ALWAYS, 0, 0, NULL, NULL) \
	F(reviewed_by,      REF,   SYSTEM,          BY_S, ALWAYS, 0, 0, NULL, NULL) \
	F(contained_at,     TIME,  SYSTEM,          BY_S, ALWAYS, 0, 0, NULL, NULL)             /* damage control or recovery done */ \
	F(closed_at,        TIME,  SYSTEM|IN_LIST,  BY_S, ALWAYS, 0, 0, NULL, NULL) \
	F(remark,           LONG,  SYSTEM,          BY_V, ALWAYS, 1, 5000, NULL, NULL)          /* last return or refusal: what the provider is asked */ \
	F(withdraw_asked_at, TIME, SYSTEM,          BY_S, ALWAYS, 0, 0, NULL, NULL)             /* the provider asks, the reviewer decides */ \
	F(state_reason,     LONG,  SYSTEM,          BY_V, ALWAYS, 1, 2000, NULL, NULL)          /* why reopened, withdrawn, merged */ \
	F(merged_into,      REF,   SYSTEM,          BY_S, ALWAYS, 0, 0, NULL, NULL) \
	F(matched_with,     REF,   SYSTEM,          BY_S, ALWAYS, 0, 0, NULL, NULL)             /* telephone and web report of one incident; both kept */ \
	F(police_authority, TEXT,  SYSTEM,          BY_P, ALWAYS, 1, 200, NULL, NULL) \
	F(police_told_at,   TIME,  SYSTEM,          BY_P, ALWAYS, 0, 0, NULL, NULL) \
	F(police_approved_by, TEXT, SYSTEM|PERSONAL, BY_P, ALWAYS, 1, 100, NULL, NULL) \
	F(escalation,       ENUM,  SYSTEM|IN_LIST,  BY_S, ALWAYS, 0, 0, &choices_escalation, NULL) \
	F(escalation_why,   FLAGS, SYSTEM,          BY_S, ALWAYS, 0, 0, &choices_escalation_why, NULL) \
	F(escalation_sent_at, TIME, SYSTEM,         BY_S, ALWAYS, 0, 0, NULL, NULL) \
	F(escalation_ref,   TEXT,  SYSTEM,          BY_V, ALWAYS, 1, 200, NULL, NULL)           /* the national CERT's number */ \
	F(escalation_ack_at, TIME, SYSTEM,          BY_V, ALWAYS, 0, 0, NULL, NULL) \
	/* improvement report (調查、處理及改善報告), its seven contents: section 2.5 */ \
	F(improvement,      ENUM,  SYSTEM,          BY_S, ALWAYS, 0, 0, &choices_improvement, NULL) \
	F(imp_times,        LONG,  SYSTEM,          BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_scope,        LONG,  SYSTEM,          BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_control,      LONG,  SYSTEM,          BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_investigation, LONG, SYSTEM,          BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_root_cause,   LONG,  SYSTEM,          BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_measures,     LONG,  SYSTEM,          BY_P, ALWAYS, 1, 10000, NULL, NULL) \
	F(imp_schedule,     LONG,  SYSTEM,          BY_P, ALWAYS, 1, 10000, NULL, NULL)
struct report { ENTITY_HEAD; REPORT(FIELD_MEMBER) };

/* What may change in this state, for entity_input.whens: drafts and returned reports all of the form, open ones what stays open, closed ones nothing. */
unsigned report_whens(const struct report *r);
/* Entered by the CERT's people for a provider (telephone, fax, mail, paper), not by the provider himself. */
bool report_by_staff(const struct report *r);
/* level_reported and level from the impacts and the judgements; escalation_why from the triggers. Pure. */
void report_derive(struct report *r);
/*
 * What one field cannot say: order of times (occurred <= aware <= filed; none in the future beyond 5 minutes of clock difference), servers <= hosts,
 * conditions belong to the category, versions only of platforms that were chosen. now: the server's clock.
 * Checks only what is given; completeness is report_ready()'s.
 */
bool report_check(const struct report *r, int64_t now, struct err *err);
/* Everything that submitting checks: entity_complete(REQUIRED), report_check, platform named when os "other", level at least 1 unless a voluntary note. */
bool report_ready(const struct report *r, int64_t now, struct err *err);
/* Groups of the form, in order, each a list of field names: who, what, impact, description, help. */
struct section {
	const char *id, *title;          /* title: message "section.<id>" */
	const char *const *fields;       /* ends with NULL */
};
extern const struct section report_sections[];
extern const int report_sections_count;

/* ---- contact log: calls and mails with the provider (guide 3.2.3 step 3) ---- */

enum { CONTACT_PHONE, CONTACT_MAIL, CONTACT_VISIT, CONTACT_OTHER };
extern const struct choices choices_contact_means;
#define CONTACT_ENTRY(F) \
	F(report_id, REF,  SYSTEM,   BY_S, ONCE, 0, 0, NULL, NULL) \
	F(at,        TIME, 0,        BY_V|BY_H|BY_P, ONCE, 0, 0, NULL, NULL)  /* now, if not given */ \
	F(means,     ENUM, 0,        BY_V|BY_H|BY_P, ONCE, 0, 0, &choices_contact_means, NULL) \
	F(with_whom, TEXT, PERSONAL, BY_V|BY_H|BY_P, ONCE, 1, 200, NULL, NULL) \
	F(summary,   LONG, REQUIRED, BY_V|BY_H|BY_P, ONCE, 1, 5000, NULL, NULL) \
	F(account_id, REF, SYSTEM,   BY_S, ONCE, 0, 0, NULL, NULL)
struct contact_entry { ENTITY_HEAD; CONTACT_ENTRY(FIELD_MEMBER) };

#endif
