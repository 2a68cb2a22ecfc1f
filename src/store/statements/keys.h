/* Signing keys, what they state, checkpoints of the log. */
#ifndef STORE_STATEMENTS_KEYS_H
#define STORE_STATEMENTS_KEYS_H

#define STATEMENTS_KEYS(S) \
	S(S_KEY_ALL, "signing_key.all", \
	  "SELECT " SIGNING_KEY_COLUMNS " FROM signing_key s ORDER BY s.id", "", SIGNING_KEY_RESULTS) \
	S(S_KEY_STATE, "key_statement.add", \
	  "INSERT INTO key_statement (id, about, signer, at, note) VALUES ($1, $2, $3, $4, $5)", "iiiit", "") \
	S(S_KEY_STATEMENTS, "key_statement.all", \
	  "SELECT note FROM key_statement ORDER BY id", "", "t") \
	S(S_CHECKPOINT_ADD, "checkpoint.add", \
	  "INSERT INTO checkpoint (size, at, root, note) VALUES ($1, $2, $3, $4)", "iibt", "") \
	S(S_CHECKPOINT_LAST, "checkpoint.last", \
	  "SELECT size, at, note FROM checkpoint ORDER BY size DESC LIMIT 1", "", "iit") \
	S(S_RECORD_AT, "audit.at", "SELECT at FROM audit WHERE seq = $1", "i", "i") \
	/* the newest of before $1 */ \
	S(S_CHECKPOINT_BEFORE, "checkpoint.before", \
	  "SELECT size FROM checkpoint WHERE at < $1 ORDER BY size DESC LIMIT 1", "i", "i") \
	/* the first that has more than $1 records and is not of before $2 */ \
	S(S_CHECKPOINT_FROM, "checkpoint.from", \
	  "SELECT size FROM checkpoint WHERE size > $1 AND at >= $2 ORDER BY size LIMIT 1", "ii", "i") \
	/* whether any signature of the log's ever ceased to count */ \
	S(S_KEY_LOST, "signing_key.lost", \
	  "SELECT s.id FROM signing_key s WHERE s.state = 3 AND s.purpose = 0 LIMIT 1", "", "i") \
	/* the first that has more than $1 records */ \
	S(S_CHECKPOINT_COVERING, "checkpoint.covering", \
	  "SELECT size, at, note FROM checkpoint WHERE size > $1 ORDER BY size LIMIT 1", "i", "iit") \
	S(S_CHECKPOINT_LIST, "checkpoint.list", \
	  "SELECT size, at, note FROM checkpoint WHERE size < $1 ORDER BY size DESC LIMIT $2", "ii", "iit")

#endif
