#ifndef STORE_STATEMENTS_ATTACHMENT_H
#define STORE_STATEMENTS_ATTACHMENT_H

#include "store/statements/columns.h"
#include "store/statements/hold.h"

/* An attachment is seen by whoever sees its report: every caller has read that by its scope. */
#define STATEMENTS_ATTACHMENT(S) \
	S(S_ATTACHMENT_OF_REPORT, "attachment.of_report", \
	  "SELECT " ATTACHMENT_COLUMNS ", p.name, o.name_zh, o.name_en, q.name, g.received" \
	  " FROM attachment a LEFT JOIN account u ON u.id = a.account_id LEFT JOIN person p ON p.id = u.person" \
	  " LEFT JOIN organisation o ON o.id = a.org_id" \
	  " LEFT JOIN account w ON w.id = a.withdrawn_by LEFT JOIN person q ON q.id = w.person" \
	  " LEFT JOIN attachment_progress g ON g.attachment_id = a.id" \
	  " WHERE a.report_id = $1 AND ($2 = 0 OR a.id = $2) ORDER BY a.id", "ii", ATTACHMENT_RESULTS "tttti") \
	S(S_ATTACHMENT_TALLY, "attachment.tally", \
	  "SELECT count(*), CAST(coalesce(sum(size), 0) AS bigint) FROM attachment WHERE report_id = $1 AND state <> 2", "i", "ii") \
	S(S_ATTACHMENT_KEY_ADD, "attachment_key.add", \
	  "INSERT INTO attachment_key (attachment_id, key) VALUES ($1, $2)", "it", "") \
	S(S_ATTACHMENT_KEY, "attachment_key.get", \
	  "SELECT key FROM attachment_key WHERE attachment_id = $1", "i", "t") \
	S(S_ATTACHMENT_KEY_DROP, "attachment_key.drop", \
	  "DELETE FROM attachment_key WHERE attachment_id = $1", "i", "") \
	S(S_ATTACHMENT_PART_ADD, "attachment_part.add", \
	  "INSERT INTO attachment_part (id, attachment_id, at, sealed) VALUES ($1, $2, $3, $4)", "iiib", "") \
	S(S_ATTACHMENT_PART, "attachment_part.get", \
	  "SELECT at, sealed FROM attachment_part WHERE attachment_id = $1 AND at <= $2 ORDER BY at DESC LIMIT 1", \
	  "ii", "ib") \
	S(S_ATTACHMENT_PARTS_DROP, "attachment_part.drop", \
	  "DELETE FROM attachment_part WHERE attachment_id = $1", "i", "") \
	S(S_ATTACHMENT_BEGUN, "attachment_progress.begin", \
	  "INSERT INTO attachment_progress (attachment_id, received, at, digest) VALUES ($1, 0, $2, $3)", "iib", "") \
	S(S_ATTACHMENT_COMES, "attachment_progress.move", \
	  "UPDATE attachment_progress SET received = $3, at = $4, digest = $5" \
	  " WHERE attachment_id = $1 AND received = $2", "iiiib", "") \
	S(S_ATTACHMENT_CAME, "attachment_progress.drop", \
	  "DELETE FROM attachment_progress WHERE attachment_id = $1", "i", "") \
	S(S_ATTACHMENT_PROGRESS, "attachment_progress.get", \
	  "SELECT received, digest FROM attachment_progress WHERE attachment_id = $1", "i", "ib") \
	/* what did not come on; what was given up under a hold, once that is lifted */ \
	S(S_ATTACHMENT_STALE, "attachment.stale", \
	  "SELECT g.attachment_id FROM attachment_progress g JOIN attachment a ON a.id = g.attachment_id" \
	  " WHERE g.at < $1 AND (a.state = 0 OR NOT " HOLD_COVERS_FILE ") ORDER BY g.at LIMIT $2", "ii", "i") \
	S(S_ATTACHMENT_HELD, "attachment.held", \
	  "SELECT 1 FROM attachment a WHERE a.id = $1 AND " HOLD_COVERS_FILE, "i", "i") \
	/* who took it, and what else happened to it */ \
	S(S_ATTACHMENT_CUSTODY, "attachment.custody", \
	  "SELECT x.at, x.action, x.name, o.id, o.name_zh, o.name_en, x.reason FROM audit x" \
	  " LEFT JOIN account u ON u.id = x.account LEFT JOIN organisation o ON o.id = u.org" \
	  " WHERE x.entity = 'attachment' AND x.object = $1 ORDER BY x.seq DESC LIMIT $2", "ii", "ittittt")

#endif
