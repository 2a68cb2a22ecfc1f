#ifndef STORE_STATEMENTS_HOLD_H
#define STORE_STATEMENTS_HOLD_H

/* Whether any hold that is not lifted covers the audit record u. To a case belong its files and its contacts. */
#define HOLD_COVERS \
	"EXISTS (SELECT 1 FROM hold h WHERE h.state <> 2 AND (" \
	"(h.kind = 0 AND ((u.entity = 'report' AND u.object = h.report)" \
	" OR (u.entity = 'attachment' AND EXISTS" \
	" (SELECT 1 FROM attachment f WHERE f.id = u.object AND f.report_id = h.report))" \
	" OR (u.entity = 'contact_entry' AND EXISTS" \
	" (SELECT 1 FROM contact_entry c WHERE c.id = u.object AND c.report_id = h.report))))" \
	" OR (h.kind = 1 AND (u.org = h.org OR (u.entity = 'organisation' AND u.object = h.org)))" \
	" OR (h.kind = 2 AND u.at >= h.from_at AND u.at < h.until_at)))"

/* Whether any covers the bytes of the file a. */
#define HOLD_COVERS_FILE \
	"EXISTS (SELECT 1 FROM hold h WHERE h.state <> 2 AND (" \
	"(h.kind = 0 AND h.report = a.report_id)" \
	" OR (h.kind = 1 AND (h.org = a.org_id OR h.org = (SELECT r.org_id FROM report r WHERE r.id = a.report_id)))" \
	" OR (h.kind = 2 AND a.changed_at >= h.from_at AND a.created_at < h.until_at)))"

#define STATEMENTS_HOLD(S) \
	/* $1: of this organisation, 0: of all; $2: older than this one */ \
	S(S_HOLD_LIST, "hold.list", \
	  "SELECT " HOLD_COLUMNS " FROM hold h WHERE ($1 = 0 OR h.owner = $1) AND h.id < $2" \
	  " ORDER BY h.id DESC LIMIT $3", "iii", HOLD_RESULTS) \
	S(S_ERASURE_NEXT, "erasure.next", \
	  "SELECT u.seq, CASE WHEN " HOLD_COVERS " THEN 1 ELSE 0 END" \
	  " FROM audit_details e JOIN audit u ON u.seq = e.seq" \
	  " WHERE e.seq > $1 AND e.details IS NOT NULL AND u.at < $2 ORDER BY e.seq LIMIT $3", "iii", "ii") \
	S(S_ERASURE_ERASE, "erasure.erase", \
	  "UPDATE audit_details SET details = NULL, salt = NULL, erased_at = $2 WHERE seq = $1 AND details IS NOT NULL" \
	  " AND EXISTS (SELECT 1 FROM audit u WHERE u.seq = $1 AND u.at < $3 AND NOT " HOLD_COVERS ")", "iii", "")

#endif
