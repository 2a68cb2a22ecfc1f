/* What was taken out as a bundle, and the records that are in one. */
#ifndef STORE_STATEMENTS_BUNDLE_H
#define STORE_STATEMENTS_BUNDLE_H

#define BUNDLE_COLUMNS \
	"b.id, b.made_at, b.account_id, b.org_id, b.by_name, b.reason, b.subject, b.report_id, b.from_at, b.to_at, b.cert_id," \
	" b.told_org, b.told_cert, b.size, b.checkpoint, b.entries, b.files, b.bytes, b.digest"
#define BUNDLE_RESULTS "iiiitttiiiiiiitiiit"

/*
 * Who sees one: $1 the account, $2 the CERT of a manager (0: he is none), $3 the organisation of a provider's administrator
 * (0: he is none), $4 1 for the auditor.
 */
#define BUNDLE_SEEN_BY \
	"($4 = 1 OR b.id IN (SELECT y.id FROM bundle y WHERE y.account_id = $1 UNION " BUNDLE_TOLD "))"
/* Those of which he is told, each by its index. */
#define BUNDLE_TOLD \
	"SELECT x.id FROM bundle x WHERE $2 <> 0 AND x.told_cert IN ($2, 0)" \
	" UNION SELECT z.id FROM bundle z WHERE z.told_org = $3 AND z.told_org <> 0"

#define STATEMENTS_BUNDLE(S) \
	S(S_BUNDLE_ADD, "bundle.add", \
	  "INSERT INTO bundle (id, made_at, account_id, org_id, by_name, reason, subject, report_id, from_at, to_at, cert_id," \
	  " told_org, told_cert, size, checkpoint, entries, files, bytes, digest)" \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)", \
	  "iiiitttiiiiiiitiiit", "") \
	S(S_BUNDLE_GET, "bundle.get", \
	  "SELECT " BUNDLE_COLUMNS " FROM bundle b WHERE b.id = $5 AND " BUNDLE_SEEN_BY, "iiiii", BUNDLE_RESULTS) \
	S(S_BUNDLE_LIST, "bundle.list", \
	  "SELECT " BUNDLE_COLUMNS " FROM bundle b WHERE b.id < $5 AND " BUNDLE_SEEN_BY " ORDER BY b.id DESC LIMIT $6", \
	  "iiiiii", BUNDLE_RESULTS) \
	/* taken by another, told to me, and I have not said that I have seen it */ \
	S(S_BUNDLE_UNSEEN, "bundle.unseen", \
	  "SELECT b.id FROM bundle b WHERE b.account_id <> $1 AND b.id IN (" BUNDLE_TOLD ")" \
	  " AND NOT EXISTS (SELECT 1 FROM bundle_seen s WHERE s.bundle_id = b.id AND s.account_id = $1)" \
	  " ORDER BY b.id DESC LIMIT $4", "iiii", "i") \
	S(S_BUNDLE_SEEN, "bundle.seen", \
	  "SELECT at FROM bundle_seen WHERE bundle_id = $1 AND account_id = $2", "ii", "i") \
	S(S_BUNDLE_SEE, "bundle.see", \
	  "INSERT INTO bundle_seen (bundle_id, account_id, at) VALUES ($1, $2, $3)", "iii", "") \
	/* ---- the records: after $last, within the size of the log ---- */ \
	S(S_BUNDLE_CASE, "bundle.case", \
	  "SELECT " AUDIT_COLUMNS AUDIT_FROM " WHERE u.entity = 'report' AND u.object = $1 AND u.seq > $2 AND u.seq <= $3" \
	  " ORDER BY u.seq LIMIT $4", "iiii", AUDIT_RESULTS) \
	/* whether details were erased since the log had this size */ \
	S(S_BUNDLE_ERASED, "bundle.erased", \
	  "SELECT seq FROM audit WHERE entity = 'log' AND object = 0 AND action = 'audit.erase' AND seq > $1 LIMIT 1", "i", "i") \
	/* files that were whole then, withdrawn since or not */ \
	S(S_BUNDLE_FILES, "bundle.files", \
	  "SELECT name, size, sha256 FROM attachment WHERE report_id = $1 AND whole_at <= $2 ORDER BY id", "ii", "tit") \
	S(S_BUNDLE_PERIOD, "bundle.period", \
	  "SELECT " AUDIT_COLUMNS AUDIT_FROM " WHERE u.seq > $1 AND u.seq <= $2 AND u.at >= $3 AND u.at < $4" \
	  " ORDER BY u.seq LIMIT $5", "iiiii", AUDIT_RESULTS) \
	S(S_BUNDLE_CERT, "bundle.cert", \
	  "SELECT " AUDIT_COLUMNS AUDIT_FROM " WHERE u.seq > $1 AND u.seq <= $2 AND u.at >= $3 AND u.at < $4" \
	  " AND u.entity = 'report' AND u.object IN (SELECT r.id FROM report r WHERE r.cert_id = $5 AND r.shown_to_cert = 1)" \
	  " ORDER BY u.seq LIMIT $6", "iiiiii", AUDIT_RESULTS)

#endif
