/*
 * The columns of each entity in the order of its table in model/, for hand-written statements, and the letters of what they
 * give. Kept by hand; a unit test compares them with the tables. The alias is the first letter of the table:
 *
 *	S(S_REPORT_OF_CERT, "report.of_cert",
 *	  "SELECT " REPORT_LIST_COLUMNS " FROM report r WHERE " REPORT_SEEN_BY_CERT " AND r.id < $3 ORDER BY r.id DESC LIMIT $4",
 *	  "iiii", REPORT_LIST_RESULTS)
 *
 * The whole record is read by entity_load(), the list row (head and IN_LIST fields) by entity_load_list().
 */
#ifndef STORE_STATEMENTS_COLUMNS_H
#define STORE_STATEMENTS_COLUMNS_H

#define SECTOR_COLUMNS \
	"s.id, s.version, s.created_at, s.changed_at, s.code, s.name_zh, s.name_en, s.agency_zh," \
	" s.agency_en, s.agency, s.cert, s.closed"
#define SECTOR_RESULTS "iiiitttttiii"
#define ORGANISATION_COLUMNS \
	"o.id, o.version, o.created_at, o.changed_at, o.org_kind, o.name_zh, o.name_en, o.sector," \
	" o.parent, o.grade, o.in_scope, o.regimes, o.phone, o.email, o.address, o.state, o.source"
#define ORGANISATION_RESULTS "iiiiittiiiiitttit"
#define HOLD_COLUMNS \
	"h.id, h.version, h.created_at, h.changed_at, h.kind, h.case_no, h.systems, h.org, h.from_at, h.until_at," \
	" h.reason, h.report, h.owner, h.state, h.set_by, h.set_name, h.asked_by, h.asked_name," \
	" h.asked_at, h.asked_why, h.lifted_by, h.lifted_name, h.lifted_at"
#define HOLD_RESULTS "iiiiittiiitiiiititititi"
#define PERSON_COLUMNS \
	"p.id, p.version, p.created_at, p.changed_at, p.name, p.org, p.title, p.phone, p.fax, p.email," \
	" p.contact_state, p.verified_at"
#define PERSON_RESULTS "iiiitittttii"
#define ACCOUNT_COLUMNS \
	"a.id, a.version, a.created_at, a.changed_at, a.login, a.person, a.org, a.roles, a.state," \
	" a.lang, a.roc_year, a.password, a.password_at, a.totp, a.totp_at, a.totp_step, a.reason," \
	" a.successor"
#define ACCOUNT_RESULTS "iiiitiiiiiititiiti"
#define REPORT_COLUMNS \
	"r.id, r.version, r.created_at, r.changed_at, r.report_no, r.report_kind, r.form_kind," \
	" r.reporting_unit, r.reporting_phone, r.reporting_email, r.filed_at, r.aware_at, r.channel," \
	" r.channel_reason, r.is_drill, r.tlp, r.unit_name, r.lead_agency, r.reporter_name," \
	" r.reporter_phone, r.reporter_fax, r.reporter_email, r.on_behalf, r.on_behalf_unit," \
	" r.occurred_at, r.victim_hosts, r.victim_servers, r.ip_internal, r.ip_external, r.web_url," \
	" r.os_family, r.os_version, r.controls, r.controls_other, r.soc, r.soc_vendor," \
	" r.isms_certified, r.maintenance_vendor, r.operated_by, r.impact_c, r.impact_i, r.impact_a," \
	" r.level_reported, r.level_reviewed, r.level_reason, r.level_national, r.level, r.category," \
	" r.conditions, r.category_other, r.category_reviewed, r.description, r.scope_loss," \
	" r.other_ci_affected, r.other_ci_reviewed, r.cross_sector, r.wide_scale, r.measures," \
	" r.source, r.notice_no, r.attachments, r.support_needed, r.support_wanted, r.resolution, r.resolved_at," \
	" r.criminal_case, r.criminal_note, r.regimes, r.classified_at, r.regime, r.regime_version," \
	" r.state, r.org_id, r.sector_id, r.cert_id, r.shown_to_cert, r.entered_by, r.received_at," \
	" r.reviewed_at, r.reviewed_by, r.contained_at, r.closed_at, r.remark, r.withdraw_asked_at," \
	" r.state_reason, r.merged_into, r.matched_with, r.police_authority, r.police_told_at," \
	" r.police_approved_by, r.escalation, r.escalation_why, r.escalation_sent_at," \
	" r.escalation_ref, r.escalation_ack_at, r.improvement, r.imp_times, r.imp_scope," \
	" r.imp_control, r.imp_investigation, r.imp_root_cause, r.imp_measures, r.imp_schedule"
#define REPORT_RESULTS \
	"iiiitiiittiiitiitittttitiiitttitititittiiiiitiiiitittiiiitit" \
	"tittiitiiitiiiiiiiiiiititiititiiitiittttttt"
#define REPORT_LIST_COLUMNS \
	"r.id, r.version, r.created_at, r.changed_at, r.report_no, r.report_kind, r.filed_at," \
	" r.aware_at, r.is_drill, r.tlp, r.unit_name, r.level_reported, r.level_reviewed," \
	" r.level_national, r.level, r.category, r.state, r.org_id, r.closed_at, r.escalation"
#define REPORT_LIST_RESULTS "iiiitiiiiitiiiiiiiii"
#define CONTACT_ENTRY_COLUMNS \
	"c.id, c.version, c.created_at, c.changed_at, c.report_id, c.at, c.means, c.with_whom," \
	" c.summary, c.account_id"
#define CONTACT_ENTRY_RESULTS "iiiiiiitti"
#define DUTY_COLUMNS \
	"d.id, d.version, d.created_at, d.changed_at, d.report_id, d.org_id, d.cert_id," \
	" d.regime_version, d.clock, d.holder, d.anchor, d.anchor_at, d.level, d.due_at, d.state," \
	" d.done_at, d.overdue, d.overdue_at, d.note, d.extend_until, d.extend_reason, d.category"
#define DUTY_RESULTS "iiiiiiittiiiiiiiiititi"
#define ATTACHMENT_COLUMNS \
	"a.id, a.version, a.created_at, a.changed_at, a.report_id, a.name, a.name_sent, a.size, a.sha256," \
	" a.state, a.account_id, a.org_id, a.whole_at, a.withdrawn_at, a.withdrawn_by, a.reason"
#define ATTACHMENT_RESULTS "iiiiittitiiiiiit"
#define SIGNING_KEY_COLUMNS \
	"s.id, s.version, s.created_at, s.changed_at, s.name, s.key_id, s.purpose, s.algorithm," \
	" s.vkey, s.owner, s.not_before, s.not_after, s.state, s.follows, s.compromised_from," \
	" s.compromised_size, s.ended_at, s.warned, s.shared_at, s.tested_at, s.tested_well," \
	" s.reason"
#define SIGNING_KEY_RESULTS "iiiittiitiiiiiiiiiiiit"
#define WITNESS_COLUMNS \
	"w.id, w.version, w.created_at, w.changed_at, w.title, w.vkey, w.url, w.state"
#define WITNESS_RESULTS "iiiittti"
#define WITNESS_LOG_COLUMNS \
	"w.id, w.version, w.created_at, w.changed_at, w.title, w.keys, w.origin, w.state"
#define WITNESS_LOG_RESULTS "iiiittti"

#endif
