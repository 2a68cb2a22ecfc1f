#ifndef STORE_STATEMENTS_AUDIT_H
#define STORE_STATEMENTS_AUDIT_H

/* In the order of struct audit_record; audit_load() reads them. */
#define AUDIT_COLUMNS \
	"seq, at, node, action, entity, object, org, account, person, session, key, address, name, result, reason, details, details_hash"
#define AUDIT_RESULTS "iitttiiiiiittittb"

/* Lists are newest first; the last parameters are the sequence number to go on below, and how many. */
#define STATEMENTS_AUDIT(S) \
	S(S_AUDIT_APPEND, "audit.append", \
	  "INSERT INTO audit (" AUDIT_COLUMNS ")" \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)", \
	  AUDIT_RESULTS, "") \
	S(S_AUDIT_LAST, "audit.last", \
	  "SELECT seq FROM audit ORDER BY seq DESC LIMIT 1", "", "i") \
	S(S_AUDIT_OF_OBJECT, "audit.of_object", \
	  "SELECT " AUDIT_COLUMNS " FROM audit WHERE entity = $1 AND object = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4", \
	  "tiii", AUDIT_RESULTS) \
	S(S_AUDIT_LIST, "audit.list", \
	  "SELECT " AUDIT_COLUMNS " FROM audit WHERE seq < $1 ORDER BY seq DESC LIMIT $2", \
	  "ii", AUDIT_RESULTS)

#endif
