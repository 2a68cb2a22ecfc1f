#ifndef STORE_STATEMENTS_HOLD_H
#define STORE_STATEMENTS_HOLD_H

/* The report to which the audit record u belongs: its own records, those of its files and of its contacts. */
#define AUDIT_REPORT \
	"CASE u.entity WHEN 'report' THEN u.object" \
	" WHEN 'attachment' THEN (SELECT f.report_id FROM attachment f WHERE f.id = u.object)" \
	" WHEN 'contact_entry' THEN (SELECT c.report_id FROM contact_entry c WHERE c.id = u.object) END"

/* The report r names a system of the hold h, or might: nobody has looked yet. */
#define HOLD_NAMED \
	"(EXISTS (SELECT 1 FROM report_system s CROSS JOIN hold_system y ON y.hold = h.id AND y.low <= s.high" \
	" AND y.high >= s.low WHERE s.report_id = r.id)" \
	" OR EXISTS (SELECT 1 FROM report_unlisted x WHERE x.report_id = r.id))"

/*
 * Whether any hold that is not lifted covers the audit record u. What was done from a system's address is not asked here:
 * desk/erasure.c looks at that.
 */
#define HOLD_COVERS \
	"EXISTS (SELECT 1 FROM hold h WHERE h.state <> 2 AND (" \
	"(h.kind = 0 AND h.report = " AUDIT_REPORT ")" \
	" OR (h.kind = 1 AND (u.org = h.org OR (u.entity = 'organisation' AND u.object = h.org)))" \
	" OR (h.kind = 2 AND u.at >= h.from_at AND u.at < h.until_at)" \
	" OR (h.kind = 3 AND (h.from_at IS NULL OR u.at >= h.from_at) AND (h.until_at IS NULL OR u.at < h.until_at)" \
	" AND EXISTS (SELECT 1 FROM report r WHERE r.id = " AUDIT_REPORT \
	" AND (h.org IS NULL OR h.org = u.org OR h.org = r.org_id) AND " HOLD_NAMED "))))"

/* Whether any covers the bytes of the file a. */
#define HOLD_COVERS_FILE \
	"EXISTS (SELECT 1 FROM hold h JOIN report r ON r.id = a.report_id WHERE h.state <> 2 AND (" \
	"(h.kind = 0 AND h.report = r.id)" \
	" OR (h.kind = 1 AND (h.org = a.org_id OR h.org = r.org_id))" \
	" OR (h.kind = 2 AND a.changed_at >= h.from_at AND a.created_at < h.until_at)" \
	" OR (h.kind = 3 AND (h.from_at IS NULL OR a.changed_at >= h.from_at)" \
	" AND (h.until_at IS NULL OR a.created_at < h.until_at)" \
	" AND (h.org IS NULL OR h.org = a.org_id OR h.org = r.org_id) AND " HOLD_NAMED ")))"

#define STATEMENTS_HOLD(S) \
	/* $1: of this organisation, 0: of all; $2: older than this one */ \
	S(S_HOLD_LIST, "hold.list", \
	  "SELECT " HOLD_COLUMNS " FROM hold h WHERE ($1 = 0 OR h.owner = $1) AND h.id < $2" \
	  " ORDER BY h.id DESC LIMIT $3", "iii", HOLD_RESULTS) \
	S(S_HOLD_SYSTEM_ADD, "hold_system.add", \
	  "INSERT INTO hold_system (hold, low, high) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", "ibb", "") \
	S(S_HOLD_PLACES, "hold.places", \
	  "SELECT y.low, y.high, h.org, h.from_at, h.until_at FROM hold h CROSS JOIN hold_system y ON y.hold = h.id" \
	  " WHERE h.kind = 3 AND h.state <> 2", "", "bbiii") \
	S(S_ERASURE_NEXT, "erasure.next", \
	  "SELECT u.seq, CASE WHEN " HOLD_COVERS " THEN 1 ELSE 0 END, u.at, u.org, u.address" \
	  " FROM audit_details e JOIN audit u ON u.seq = e.seq" \
	  " WHERE e.seq > $1 AND e.details IS NOT NULL AND u.at < $2 ORDER BY e.seq LIMIT $3", "iii", "iiiit") \
	S(S_ERASURE_ERASE, "erasure.erase", \
	  "UPDATE audit_details SET details = NULL, salt = NULL, erased_at = $2 WHERE seq = $1 AND details IS NOT NULL" \
	  " AND EXISTS (SELECT 1 FROM audit u WHERE u.seq = $1 AND u.at < $3 AND NOT " HOLD_COVERS ")", "iii", "") \
	/* ---- what reports named: from now on, and those from before ---- */ \
	S(S_SYSTEM_ADD, "report_system.add", \
	  "INSERT INTO report_system (report_id, low, high) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", "ibb", "") \
	S(S_SYSTEM_RESTORE, "report_system.restore", \
	  "INSERT INTO report_system (report_id, low, high) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", "ibb", "") \
	S(S_UNLISTED, "report_unlisted.next", "SELECT report_id FROM report_unlisted ORDER BY report_id LIMIT $1", "i", "i") \
	S(S_UNLISTED_DROP, "report_unlisted.drop", "DELETE FROM report_unlisted WHERE report_id = $1", "i", "") \
	S(S_VERSION_BODIES, "version.bodies", \
	  "SELECT body FROM report_version WHERE report_id = $1" \
	  " UNION ALL SELECT body FROM report_autosave WHERE report_id = $1", "i", "t")

#endif
