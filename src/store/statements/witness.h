/* Witnesses of our log, and what we witness of others'. */
#ifndef STORE_STATEMENTS_WITNESS_H
#define STORE_STATEMENTS_WITNESS_H

#define WITNESS_VISIT_COLUMNS \
	"v.next_at, v.tried_at, v.seen_at, v.seen_size, v.known_size, v.failing_since, v.failures, v.outcome, v.words"
#define WITNESS_VISIT_RESULTS "iiiiiiiit"

#define STATEMENTS_WITNESS(S) \
	S(S_COSIGNATURE_ADD, "cosignature.add", \
	  "INSERT INTO cosignature (size, witness, at, line) VALUES ($1, $2, $3, $4)", "itit", "") \
	S(S_COSIGNATURES, "cosignature.of", \
	  "SELECT witness, at, line FROM cosignature WHERE size = $1 ORDER BY witness", "i", "tit") \
	S(S_COSIGNATURE_THERE, "cosignature.there", \
	  "SELECT at FROM cosignature WHERE size = $1 AND witness = $2", "it", "i") \
	/* the smallest cosigned one that has more than $1 records */ \
	S(S_COSIGNED_COVERING, "cosignature.covering", \
	  "SELECT size FROM cosignature WHERE size > $1 ORDER BY size LIMIT 1", "i", "i") \
	/* those of our log; each with how it went, when it was ever tried */ \
	S(S_WITNESS_LIST, "witness.list", \
	  "SELECT " WITNESS_COLUMNS ", " WITNESS_VISIT_COLUMNS " FROM witness w" \
	  " LEFT JOIN witness_visit v ON v.witness = w.id ORDER BY w.state, w.id", "", WITNESS_RESULTS WITNESS_VISIT_RESULTS) \
	S(S_WITNESS_OF_KEY, "witness.of_key", \
	  "SELECT w.id FROM witness w WHERE w.vkey = $1 AND w.state = 0", "t", "i") \
	S(S_VISIT_NEW, "witness_visit.new", \
	  "INSERT INTO witness_visit (witness, next_at, tried_at, seen_size, known_size, failures, outcome, words)" \
	  " VALUES ($1, $2, $3, 0, 0, 0, 0, '')", "iii", "") \
	/* whoever moves it on goes */ \
	S(S_VISIT_TAKE, "witness_visit.take", \
	  "UPDATE witness_visit SET next_at = $2, tried_at = $3 WHERE witness = $1 AND next_at <= $3", "iii", "") \
	S(S_VISIT_DONE, "witness_visit.done", \
	  "UPDATE witness_visit SET next_at = $2, seen_at = $3, seen_size = $4, known_size = $5, failing_since = $6," \
	  " failures = $7, outcome = $8, words = $9 WHERE witness = $1", "iiiiiiiit", "") \
	/* logs of others */ \
	S(S_WITNESS_LOG_LIST, "witness_log.list", \
	  "SELECT " WITNESS_LOG_COLUMNS ", s.size, s.at FROM witness_log w LEFT JOIN witnessed s ON s.origin = w.origin" \
	  " ORDER BY w.state, w.id", "", WITNESS_LOG_RESULTS "ii") \
	S(S_WITNESS_LOG_OF, "witness_log.of", \
	  "SELECT " WITNESS_LOG_COLUMNS " FROM witness_log w WHERE w.origin = $1 AND w.state = 0", "t", WITNESS_LOG_RESULTS) \
	S(S_WITNESSED, "witnessed.get", \
	  "SELECT size, at, note FROM witnessed WHERE origin = $1", "t", "iit") \
	S(S_WITNESSED_NEW, "witnessed.new", \
	  "INSERT INTO witnessed (origin, size, at, note) VALUES ($1, $2, $3, $4)", "tiit", "") \
	S(S_WITNESSED_ON, "witnessed.on", \
	  "UPDATE witnessed SET size = $2, at = $3, note = $4 WHERE origin = $1", "tiit", "") \
	S(S_REFUSAL_ADD, "witness_refusal.add", \
	  "INSERT INTO witness_refusal (id, origin, size, root, at, forked, note) VALUES ($1, $2, $3, $4, $5, $6, $7)", \
	  "itibiit", "") \
	S(S_REFUSAL_THERE, "witness_refusal.there", \
	  "SELECT id FROM witness_refusal WHERE origin = $1 AND size = $2 AND root = $3 AND forked = $4", "tibi", "i") \
	S(S_REFUSAL_LAST, "witness_refusal.last", \
	  "SELECT id, size, at, forked, note FROM witness_refusal WHERE origin = $1 ORDER BY forked DESC, id DESC LIMIT $2", \
	  "ti", "iiiit")

#endif
