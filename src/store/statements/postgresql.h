/*
 * Statements that PostgreSQL says in words of its own, by constant; parameters and results stay those of
 * their rows.
 *
 * The text index is a column of words. The expression for it is written once in the desk: words in double
 * quotes with blanks, AND, OR, brackets between them, and a star behind the last; here it becomes a tsquery.
 */
#ifndef STORE_STATEMENTS_POSTGRESQL_H
#define STORE_STATEMENTS_POSTGRESQL_H

#include "store/statements/columns.h"
#include "store/statements/report.h"
#include "store/statements/scope.h"

#define POSTGRESQL_WORDS(n) \
	"replace(replace(replace(replace(replace(" n ", '\" *', '\":*'), ' AND ', '&'), ' OR ', '|')," \
	" '\" \"', '\"&\"'), '\"', '''')::tsquery"

#define POSTGRESQL_FIND(scope) \
	"SELECT " REPORT_LIST_COLUMNS " FROM report_text x JOIN report r ON r.id = x.id" \
	" WHERE x.words @@ " POSTGRESQL_WORDS("$12") " AND x.id < $3 AND " scope \
	REPORT_FILTER " ORDER BY x.id DESC LIMIT $11"

#define POSTGRESQL_TEXT_ADD \
	"INSERT INTO report_text (id, words) VALUES ($1, array_to_tsvector(ARRAY(" \
	"SELECT left(w, 160) FROM unnest(string_to_array($2, ' ')) w WHERE w <> '')))"

#define POSTGRESQL_SIMILAR(scope) \
	"SELECT s.id, s.report_no, s.unit_name, s.filed_at, s.state, m.address FROM report_address m CROSS JOIN LATERAL" \
	" (SELECT y.report_id, y.at FROM report_address y JOIN report r ON r.id = y.report_id" \
	" WHERE " REPORT_ALIKE scope " ORDER BY y.at DESC LIMIT $5) x JOIN report s ON s.id = x.report_id" \
	" WHERE m.report_id = $3 ORDER BY x.at DESC, s.id DESC LIMIT $6"

#define POSTGRESQL_TEXTS(S) \
	S(S_REPORT_FIND_UNIT, POSTGRESQL_FIND(REPORT_SEEN_BY_UNIT)) \
	S(S_REPORT_FIND_ORG, POSTGRESQL_FIND(REPORT_SEEN_BY_ORG)) \
	S(S_REPORT_FIND_CERT, POSTGRESQL_FIND(REPORT_SEEN_BY_CERT)) \
	S(S_REPORT_FIND_NATION, POSTGRESQL_FIND(REPORT_SEEN_BY_NATION)) \
	S(S_REPORT_FIND_ALL, POSTGRESQL_FIND(REPORT_SEEN_BY_ALL)) \
	S(S_REPORT_SIMILAR_UNIT, POSTGRESQL_SIMILAR(REPORT_SEEN_BY_UNIT)) \
	S(S_REPORT_SIMILAR_ORG, POSTGRESQL_SIMILAR(REPORT_SEEN_BY_ORG)) \
	S(S_REPORT_SIMILAR_CERT, POSTGRESQL_SIMILAR(REPORT_SEEN_BY_CERT)) \
	S(S_REPORT_SIMILAR_NATION, POSTGRESQL_SIMILAR(REPORT_SEEN_BY_NATION)) \
	S(S_REPORT_SIMILAR_ALL, POSTGRESQL_SIMILAR(REPORT_SEEN_BY_ALL)) \
	S(S_TEXT_ADD, POSTGRESQL_TEXT_ADD) \
	S(S_TEXT_RESTORE, POSTGRESQL_TEXT_ADD) \
	S(S_TEXT_DROP, "DELETE FROM report_text WHERE id = $1 AND $2 IS NOT NULL") \
	S(S_IDEMPOTENCY_DROP, \
	  "DELETE FROM idempotency WHERE (account, key) IN" \
	  " (SELECT account, key FROM idempotency WHERE at < $1 ORDER BY at LIMIT $2)")

#endif
