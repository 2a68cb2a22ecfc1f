#ifndef STORE_STATEMENTS_AUDIT_H
#define STORE_STATEMENTS_AUDIT_H

/* In the order of struct audit_record; audit_load() reads them. */
#define AUDIT_COLUMNS \
	"u.seq, u.at, u.node, u.action, u.entity, u.object, u.org, u.account, u.person, u.behind, u.session, u.key, u.address," \
	" u.name, u.result, u.reason, u.details_hash, u.salt, e.details, e.salt AS details_salt, e.erased_at"
#define AUDIT_FROM " FROM audit u LEFT JOIN audit_details e ON e.seq = u.seq"
#define AUDIT_RESULTS "iitttiiiiiiittitbbtbi"

/* Lists are newest first; the last parameters are the sequence number to go on below, and how many. */
#define STATEMENTS_AUDIT(S) \
	S(S_AUDIT_APPEND, "audit.append", \
	  "INSERT INTO audit (seq, at, node, action, entity, object, org, account, person, behind, session, key, address, name," \
	  " result, reason, details_hash, salt)" \
	  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)", \
	  "iitttiiiiiiittitbb", "") \
	S(S_AUDIT_KEEP_DETAILS, "audit.keep_details", \
	  "INSERT INTO audit_details (seq, salt, details) VALUES ($1, $2, $3)", "ibt", "") \
	S(S_AUDIT_OF_OBJECT, "audit.of_object", \
	  "SELECT " AUDIT_COLUMNS AUDIT_FROM \
	  " WHERE u.entity = $1 AND u.object = $2 AND u.seq < $3 ORDER BY u.seq DESC LIMIT $4", \
	  "tiii", AUDIT_RESULTS) \
	S(S_AUDIT_LIST, "audit.list", \
	  "SELECT " AUDIT_COLUMNS AUDIT_FROM " WHERE u.seq < $1 ORDER BY u.seq DESC LIMIT $2", \
	  "ii", AUDIT_RESULTS) \
	/* the other way round: from the beginning, after a sequence number */ \
	S(S_AUDIT_AFTER, "audit.after", \
	  "SELECT " AUDIT_COLUMNS AUDIT_FROM " WHERE u.seq > $1 ORDER BY u.seq LIMIT $2", \
	  "ii", AUDIT_RESULTS) \
	/* ---- the hash tree over them ---- */ \
	S(S_LOG_BEGIN, "log.begin", \
	  "INSERT INTO log (id, origin, size, at, edge) VALUES (0, $1, 0, 0, $2)", "tb", "") \
	S(S_LOG_EDGE, "log.edge", \
	  "SELECT origin, size, at, edge FROM log WHERE id = 0", "", "tiib") \
	/* $4: the size that it had; another one is another's */ \
	S(S_LOG_KEEP_EDGE, "log.keep_edge", \
	  "UPDATE log SET size = $1, at = $2, edge = $3 WHERE id = 0 AND size = $4", "iibi", "") \
	S(S_LOG_KEEP_TILE, "log.keep_tile", \
	  "INSERT INTO log_tile (level, position, hashes) VALUES ($1, $2, $3)", "iib", "") \
	S(S_LOG_TILE, "log.tile", \
	  "SELECT hashes FROM log_tile WHERE level = $1 AND position = $2", "ii", "b")

#endif
