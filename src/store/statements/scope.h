/*
 * Row scope: who may see which rows, written once for each entity. Every statement on the entity that
 * serves a person ends in one of these; $1 and $2 are always the scope's two parameters (see model/scope.h):
 * $1 the organisation (or CERT) of the reader, $2 the reader's account.
 *
 * UNIT   a provider without units below it: its own reports (ORG with an index that orders)
 * ORG    a provider: its own reports and those of the units below it
 * CERT   the sector CERT's people: what was addressed to their CERT, from submission on, and drafts that staff entered
 * NATION the national CERT: what was handed over to it
 * ALL    the auditor
 */
#ifndef STORE_STATEMENTS_SCOPE_H
#define STORE_STATEMENTS_SCOPE_H

#define REPORT_SEEN_BY_UNIT   "r.org_id = $1 AND $2 <> 0 AND r.state <> 9"
#define REPORT_SEEN_BY_ORG    "r.org_id IN (SELECT org_id FROM org_above WHERE above_id = $1) AND $2 <> 0 AND r.state <> 9"
#define REPORT_SEEN_BY_CERT   "r.cert_id = $1 AND $2 <> 0 AND r.shown_to_cert = 1 AND r.state <> 9"
#define REPORT_SEEN_BY_NATION "$1 <> 0 AND $2 <> 0 AND r.escalation IN (2, 3)"
#define REPORT_SEEN_BY_ALL    "$1 <> 0 AND $2 <> 0 AND r.state <> 9"

/* A duty is seen by whoever sees its report; only submitted reports have any. */
#define DUTY_SEEN_BY_UNIT     "d.org_id = $1 AND $2 <> 0"
#define DUTY_SEEN_BY_ORG      "d.org_id IN (SELECT org_id FROM org_above WHERE above_id = $1) AND $2 <> 0"
#define DUTY_SEEN_BY_CERT     "d.cert_id = $1 AND $2 <> 0"
#define DUTY_SEEN_BY_NATION   "$1 <> 0 AND $2 <> 0 AND d.report_id IN (SELECT id FROM report WHERE escalation IN (2, 3))"
#define DUTY_SEEN_BY_ALL      "$1 <> 0 AND $2 <> 0"

#endif
