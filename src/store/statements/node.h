/* Several nodes on one database: who leads, what changed, whose secret it is, how often somebody came. */
#ifndef STORE_STATEMENTS_NODE_H
#define STORE_STATEMENTS_NODE_H

#define STATEMENTS_NODE(S) \
	S(S_LEADER, "leader.get", "SELECT epoch FROM leader WHERE role = $1", "i", "i") \
	S(S_LEADER_NEXT, "leader.next", \
	  "INSERT INTO leader (role, epoch, node, at) VALUES ($1, 1, $2, $3)" \
	  " ON CONFLICT (role) DO UPDATE SET epoch = leader.epoch + 1, node = excluded.node, at = excluded.at", "iti", "") \
	S(S_CHANGE_COUNT, "change.count", \
	  "INSERT INTO change (topic, n) VALUES ($1, 1) ON CONFLICT (topic) DO UPDATE SET n = change.n + 1", "i", "") \
	S(S_CHANGE, "change.get", "SELECT n FROM change WHERE topic = $1", "i", "i") \
	S(S_SECRET_CHECK, "installation.secret_check", "SELECT secret_check FROM installation WHERE id = 0", "", "t") \
	S(S_SECRET_CHECK_KEEP, "installation.keep", \
	  "INSERT INTO installation (id, secret_check) VALUES (0, $1) ON CONFLICT (id) DO NOTHING", "t", "") \
	S(S_TALLY, "tally.get", "SELECT n FROM tally WHERE subject = $1 AND minute = $2", "ti", "i") \
	S(S_TALLY_COUNT, "tally.count", \
	  "INSERT INTO tally (subject, minute, n) VALUES ($1, $2, 1) ON CONFLICT (subject) DO UPDATE" \
	  " SET n = CASE WHEN tally.minute = excluded.minute THEN tally.n + 1 ELSE 1 END, minute = excluded.minute", "ti", "") \
	S(S_TALLY_SWEEP, "tally.sweep", "DELETE FROM tally WHERE minute < $1", "i", "")

#endif
