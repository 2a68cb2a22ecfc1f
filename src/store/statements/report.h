#ifndef STORE_STATEMENTS_REPORT_H
#define STORE_STATEMENTS_REPORT_H

#include "store/statements/audit.h"
#include "store/statements/columns.h"
#include "store/statements/scope.h"

/*
 * A family: the same statement for each kind of scope, in the order of enum scope_kind from SCOPE_UNIT on.
 * $1 and $2 are the scope's; head and tail are the text before and behind its predicate.
 */
#define REPORT_FAMILY(S, C, name, head, tail, parameters, results) \
	S(C##_UNIT,   name ".unit",   head REPORT_SEEN_BY_UNIT tail,   "ii" parameters, results) \
	S(C##_ORG,    name ".org",    head REPORT_SEEN_BY_ORG tail,    "ii" parameters, results) \
	S(C##_CERT,   name ".cert",   head REPORT_SEEN_BY_CERT tail,   "ii" parameters, results) \
	S(C##_NATION, name ".nation", head REPORT_SEEN_BY_NATION tail, "ii" parameters, results) \
	S(C##_ALL,    name ".all",    head REPORT_SEEN_BY_ALL tail,    "ii" parameters, results)

/*
 * Lists: $3 ids below this, $4 and $5 the states, $6 category, $7 level, $8 organisation, $9 and $10 filing,
 * $11 how many. What is not asked for is NULL. Every one of these columns is in the index that orders the
 * list, so that a row is read only if it is wanted.
 */
#define REPORT_FILTER \
	" AND r.state BETWEEN $4 AND $5 AND ($6 IS NULL OR r.category = $6) AND ($7 IS NULL OR r.level = $7)" \
	" AND ($8 IS NULL OR r.org_id = $8)" \
	" AND ($9 IS NULL OR r.filed_at >= $9) AND ($10 IS NULL OR r.filed_at < $10)"

/* y is an address of another report, like m of this one. */
#define REPORT_ALIKE \
	"y.address = m.address AND y.category = m.category AND m.category >= 0" \
	" AND y.at BETWEEN m.at - $4 AND m.at + $4 AND y.report_id <> $3 AND "

/* Who made a version. */
#define VERSION_AUTHOR "LEFT JOIN account a ON a.id = v.account_id LEFT JOIN person p ON p.id = a.person"

#define STATEMENTS_REPORT(S) \
	/* ---- one report ---- */ \
	REPORT_FAMILY(S, S_REPORT_GET, "report.get", \
	  "SELECT " REPORT_COLUMNS " FROM report r WHERE ", " AND r.id = $3", "i", REPORT_RESULTS) \
	REPORT_FAMILY(S, S_REPORT_BY_NO, "report.by_no", \
	  "SELECT " REPORT_COLUMNS " FROM report r WHERE ", " AND r.report_no = $3", "t", REPORT_RESULTS) \
	S(S_REPORT_UNIT, "report.unit", \
	  "SELECT o.state, o.sector, s.cert, o.regimes, o.name_zh, o.name_en, o.phone, o.email," \
	  " p.name, p.phone, p.fax, p.email FROM organisation o" \
	  " LEFT JOIN sector s ON s.id = o.sector LEFT JOIN person p ON p.id = $2 WHERE o.id = $1", \
	  "ii", "iiiitttttttt") \
	S(S_REPORT_UNIT_BELOW, "report.unit_below", \
	  "SELECT 1 FROM org_above WHERE above_id = $1 AND org_id = $2", "ii", "i") \
	S(S_REPORT_SECTOR_CODE, "report.sector_code", "SELECT code FROM sector WHERE id = $1", "i", "t") \
	S(S_NUMBER, "number.get", \
	  "SELECT next FROM report_counter WHERE sector = $1 AND year = $2 AND drill = $3", "iii", "i") \
	S(S_NUMBER_KEEP, "number.keep", \
	  "INSERT INTO report_counter (sector, year, drill, next) VALUES ($1, $2, $3, $4)" \
	  " ON CONFLICT (sector, year, drill) DO UPDATE SET next = excluded.next", "iiii", "") \
	/* $1 whose it is, $2 its CERT, $3 and $4 sectors, $5 and $6 accounts */ \
	S(S_REPORT_NAMES, "report.names", \
	  "SELECT o.parent, p.name, q.name, o.name_zh, o.name_en, c.name_zh, c.name_en, s.name_zh, s.name_en," \
	  " l.agency_zh, l.agency_en FROM organisation o" \
	  " LEFT JOIN organisation c ON c.id = $2 LEFT JOIN sector s ON s.id = $3 LEFT JOIN sector l ON l.id = $4" \
	  " LEFT JOIN account a ON a.id = $5 LEFT JOIN person p ON p.id = a.person" \
	  " LEFT JOIN account b ON b.id = $6 LEFT JOIN person q ON q.id = b.person WHERE o.id = $1", \
	  "iiiiii", "itttttttttt") \
	S(S_REPORT_NO, "report.no", "SELECT report_no FROM report WHERE id = $1", "i", "t") \
	S(S_REPORT_ABOVE, "report.above", \
	  "SELECT o.id, o.name_zh, o.name_en FROM org_above b JOIN organisation o ON o.id = b.above_id" \
	  " WHERE b.org_id = $1 AND b.above_id <> $1 ORDER BY o.id", "i", "itt") \
	S(S_REPORT_BELOW, "report.below", \
	  "SELECT org_id FROM org_above WHERE above_id = $1 LIMIT $2", "ii", "i") \
	S(S_REPORT_CONTACTS, "report.contacts", \
	  "SELECT " CONTACT_ENTRY_COLUMNS ", p.name FROM contact_entry c" \
	  " LEFT JOIN account a ON a.id = c.account_id LEFT JOIN person p ON p.id = a.person" \
	  " WHERE c.report_id = $1 ORDER BY c.id DESC LIMIT $2", "ii", CONTACT_ENTRY_RESULTS "t") \
	/* ---- lists ---- */ \
	REPORT_FAMILY(S, S_REPORT_LIST, "report.list", \
	  "SELECT " REPORT_LIST_COLUMNS " FROM report r WHERE ", \
	  " AND r.id < $3" REPORT_FILTER " ORDER BY r.id DESC LIMIT $11", "iiiiiiiii", REPORT_LIST_RESULTS) \
	REPORT_FAMILY(S, S_REPORT_FIND, "report.find", \
	  "SELECT " REPORT_LIST_COLUMNS " FROM report_text CROSS JOIN report r ON r.id = report_text.rowid" \
	  " WHERE report_text MATCH $12 AND report_text.rowid < $3 AND ", \
	  REPORT_FILTER " ORDER BY report_text.rowid DESC LIMIT $11", "iiiiiiiiit", REPORT_LIST_RESULTS) \
	/* $3 the report, $4 how long before and after it, $5 how many of one address, $6 of all */ \
	REPORT_FAMILY(S, S_REPORT_SIMILAR, "report.similar", \
	  "SELECT s.id, s.report_no, s.unit_name, s.filed_at, s.state, x.address" \
	  " FROM report_address m CROSS JOIN report_address x CROSS JOIN report s ON s.id = x.report_id" \
	  " WHERE m.report_id = $3 AND x.address = m.address AND x.report_id IN" \
	  " (SELECT y.report_id FROM report_address y CROSS JOIN report r ON r.id = y.report_id" \
	  " WHERE " REPORT_ALIKE, \
	  " ORDER BY y.at DESC LIMIT $5) ORDER BY x.at DESC, s.id DESC LIMIT $6", "iiii", "ittiit") \
	/* ---- words and addresses ---- */ \
	S(S_TEXT_ADD, "report_text.add", "INSERT INTO report_text (rowid, body) VALUES ($1, $2)", "it", "") \
	S(S_TEXT_RESTORE, "report_text.restore", "INSERT INTO report_text (rowid, body) VALUES ($1, $2)", "it", "") \
	S(S_REPORT_RECEIVED, "report.received", \
	  "SELECT id FROM report WHERE id > $1 AND received_at IS NOT NULL ORDER BY id LIMIT $2", "ii", "i") \
	S(S_TEXT_DROP, "report_text.drop", \
	  "INSERT INTO report_text (report_text, rowid, body) VALUES ('delete', $1, $2)", "it", "") \
	S(S_ADDRESS_ADD, "report_address.add", \
	  "INSERT INTO report_address (report_id, address, category, at) VALUES ($1, $2, $3, $4)" \
	  " ON CONFLICT DO NOTHING", "itii", "") \
	S(S_ADDRESS_DROP, "report_address.drop", "DELETE FROM report_address WHERE report_id = $1", "i", "") \
	/* ---- versions; an autosave is the newest version of its draft ---- */ \
	S(S_VERSION_ADD, "version.add", \
	  "INSERT INTO report_version (report_id, version, at, account_id, verb, changed, body)" \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7)", "iiiittt", "") \
	S(S_AUTOSAVE_KEEP, "autosave.keep", \
	  "INSERT INTO report_autosave (report_id, version, at, account_id, changed, body)" \
	  " VALUES ($1, $2, $3, $4, $5, $6)" \
	  " ON CONFLICT (report_id) DO UPDATE SET version = excluded.version, at = excluded.at," \
	  " account_id = excluded.account_id, changed = excluded.changed, body = excluded.body", \
	  "iiiitt", "") \
	S(S_AUTOSAVE_DROP, "autosave.drop", "DELETE FROM report_autosave WHERE report_id = $1", "i", "") \
	S(S_VERSION_READ, "version.read", \
	  "SELECT v.version, v.body FROM report_version v WHERE v.report_id = $1 AND v.version <= $2" \
	  " UNION ALL" \
	  " SELECT u.version, u.body FROM report_autosave u WHERE u.report_id = $1 AND u.version <= $2" \
	  " ORDER BY 1 DESC LIMIT 1", "ii", "it") \
	S(S_VERSION_BY, "version.by", \
	  "SELECT p.name FROM report_version v " VERSION_AUTHOR \
	  " WHERE v.report_id = $1 AND v.version = $2" \
	  " UNION ALL SELECT p.name FROM report_autosave v " VERSION_AUTHOR \
	  " WHERE v.report_id = $1 AND v.version = $2", "ii", "t") \
	S(S_VERSION_LIST, "version.list", \
	  "SELECT v.version, v.at, v.verb, v.changed, p.name FROM report_version v " VERSION_AUTHOR \
	  " WHERE v.report_id = $1" \
	  " UNION ALL" \
	  " SELECT v.version, v.at, 'autosave', v.changed, p.name FROM report_autosave v " VERSION_AUTHOR \
	  " WHERE v.report_id = $1 ORDER BY 1 DESC LIMIT $2", "ii", "iittt") \
	/* ---- the trail ---- */ \
	S(S_REPORT_TRAIL, "report.trail", \
	  "SELECT x.*, o.id, o.name_zh, o.name_en FROM (SELECT " AUDIT_COLUMNS AUDIT_FROM \
	  " WHERE u.entity = 'report' AND u.object = $1 AND u.seq < $2 ORDER BY u.seq DESC LIMIT $3) x" \
	  " LEFT JOIN account a ON a.id = x.account LEFT JOIN organisation o ON o.id = a.org" \
	  " ORDER BY x.seq DESC", "iii", AUDIT_RESULTS "itt") \
	/* the changes of a filed report, each of which has a receipt: desk/receipt.c says the same */ \
	S(S_REPORT_RECEIPTS, "report.receipts", \
	  "SELECT seq, at, action, account, name FROM audit WHERE entity = 'report' AND object = $1 AND at >= $2" \
	  " AND result = 0 AND action LIKE 'report.%'" \
	  " AND action NOT IN ('report.read', 'report.read_trail', 'report.autosave', 'report.merged_here', 'report.track', 'report.export', 'report.export_seen', 'report.export_fetch')" \
	  " ORDER BY seq DESC LIMIT $3", "iii", "iitit") \
	S(S_REPORT_READERS, "report.readers", \
	  "SELECT x.name, o.id, o.name_zh, o.name_en, x.first, x.last, x.times FROM" \
	  " (SELECT account, max(name) AS name, min(at) AS first, max(at) AS last, count(*) AS times" \
	  " FROM audit WHERE entity = 'report' AND object = $1 AND action = 'report.read'" \
	  " GROUP BY account) x" \
	  " LEFT JOIN account a ON a.id = x.account LEFT JOIN organisation o ON o.id = a.org" \
	  " ORDER BY x.last DESC LIMIT $2", "ii", "tittiii") \
	/* ---- keys of creation ---- */ \
	S(S_IDEMPOTENCY_FIND, "idempotency.find", \
	  "SELECT body_hash, status, answer FROM idempotency" \
	  " WHERE account = $1 AND key = $2 AND at >= $3", "iti", "bit") \
	S(S_IDEMPOTENCY_KEEP, "idempotency.keep", \
	  "INSERT INTO idempotency (account, key, body_hash, status, answer, at)" \
	  " VALUES ($1, $2, $3, $4, $5, $6)" \
	  " ON CONFLICT (account, key) DO UPDATE SET body_hash = excluded.body_hash," \
	  " status = excluded.status, answer = excluded.answer, at = excluded.at", "itbiti", "") \
	S(S_IDEMPOTENCY_DROP, "idempotency.drop", \
	  "DELETE FROM idempotency WHERE rowid IN" \
	  " (SELECT rowid FROM idempotency WHERE at < $1 ORDER BY at LIMIT $2)", "ii", "")

#endif
