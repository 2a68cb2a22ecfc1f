#ifndef STORE_STATEMENTS_DUTY_H
#define STORE_STATEMENTS_DUTY_H

#include "store/statements/columns.h"
#include "store/statements/scope.h"

/* As REPORT_FAMILY, for duties. */
#define DUTY_FAMILY(S, C, name, head, tail, parameters, results) \
	S(C##_UNIT,   name ".unit",   head DUTY_SEEN_BY_UNIT tail,   "ii" parameters, results) \
	S(C##_ORG,    name ".org",    head DUTY_SEEN_BY_ORG tail,    "ii" parameters, results) \
	S(C##_CERT,   name ".cert",   head DUTY_SEEN_BY_CERT tail,   "ii" parameters, results) \
	S(C##_NATION, name ".nation", head DUTY_SEEN_BY_NATION tail, "ii" parameters, results) \
	S(C##_ALL,    name ".all",    head DUTY_SEEN_BY_ALL tail,    "ii" parameters, results)

/*
 * The board: $3 whose, from $4 due time and $5 id on (not included) to before $6, $7 level, $8 organisation,
 * $9 clock, $10 category, $11 how many. The page is chosen on the index alone; only what is shown is read.
 */
#define DUTY_BOARD \
	" AND d.state = 0 AND d.holder = $3 AND d.due_at < $6" \
	" AND d.due_at >= $4 AND (d.due_at > $4 OR d.id > $5)" \
	" AND ($7 IS NULL OR d.level = $7) AND ($8 IS NULL OR d.org_id = $8)" \
	" AND ($9 IS NULL OR d.clock = $9) AND ($10 IS NULL OR d.category = $10)" \
	" ORDER BY d.due_at, d.id LIMIT $11) x" \
	" CROSS JOIN duty d ON d.id = x.id CROSS JOIN report r ON r.id = d.report_id"

/* How many open duties of one side are due before a moment: $6 to $9 as $7 to $10 above, $10 at most so many. */
#define DUTY_COUNT \
	" AND d.state = 0 AND d.holder = $3 AND d.due_at >= $4 AND d.due_at < $5" \
	" AND ($6 IS NULL OR d.level = $6) AND ($7 IS NULL OR d.org_id = $7)" \
	" AND ($8 IS NULL OR d.clock = $8) AND ($9 IS NULL OR d.category = $9) LIMIT $10) x"

#define STATEMENTS_DUTY(S) \
	S(S_DUTY_ADD, "duty.add", \
	  "INSERT INTO duty (id, version, created_at, changed_at, report_id, org_id, cert_id, regime_version," \
	  " clock, holder, anchor, anchor_at, level, due_at, state, done_at, overdue, overdue_at, category)" \
	  " VALUES ($1, 1, $2, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)", \
	  "iiiiittiiiiiiiiii", "") \
	S(S_DUTY_SET, "duty.set", \
	  "UPDATE duty SET version = $2, changed_at = $3, level = $4, due_at = $5, state = $6, done_at = $7," \
	  " overdue = $8, overdue_at = $9, note = $10, extend_until = $11, extend_reason = $12" \
	  " WHERE id = $1", "iiiiiiiiitit", "") \
	S(S_DUTY_CATEGORY, "duty.category", "UPDATE duty SET category = $2 WHERE report_id = $1", "ii", "") \
	S(S_DUTY_OF_REPORT, "duty.of_report", \
	  "SELECT " DUTY_COLUMNS " FROM duty d WHERE d.report_id = $1", "i", DUTY_RESULTS) \
	S(S_DUTY_LATE, "duty.late", \
	  "SELECT " DUTY_COLUMNS " FROM duty d WHERE d.state = 0 AND d.overdue = 0 AND d.due_at < $1" \
	  " ORDER BY d.due_at LIMIT $2", "ii", DUTY_RESULTS) \
	S(S_DUTY_NOT_LATE, "duty.not_late", \
	  "SELECT " DUTY_COLUMNS " FROM duty d WHERE d.state = 0 AND d.overdue = 1 AND d.due_at >= $1" \
	  " ORDER BY d.due_at DESC LIMIT $2", "ii", DUTY_RESULTS) \
	S(S_DUTY_MOMENTS, "duty.moments", \
	  "SELECT (SELECT d.due_at FROM duty d WHERE d.state = 0 AND d.overdue = 0" \
	  " ORDER BY d.due_at LIMIT 1)," \
	  " (SELECT d.due_at FROM duty d WHERE d.state = 0 AND d.overdue = 1" \
	  " ORDER BY d.due_at DESC LIMIT 1)", "", "ii") \
	S(S_DUTY_CERTS, "duty.certs", \
	  "SELECT id FROM organisation WHERE org_kind = 1 LIMIT $1", "i", "i") \
	DUTY_FAMILY(S, S_DUTY_BOARD, "duty.board", \
	  "SELECT " DUTY_COLUMNS ", r.report_no, r.unit_name, r.category, r.level, r.escalation, r.state" \
	  " FROM (SELECT d.id FROM duty d WHERE ", DUTY_BOARD, "iiiiiitii", DUTY_RESULTS "ttiiii") \
	DUTY_FAMILY(S, S_DUTY_COUNT, "duty.count", \
	  "SELECT count(*) FROM (SELECT 1 FROM duty d WHERE ", DUTY_COUNT, "iiiiitii", "i")

#endif
