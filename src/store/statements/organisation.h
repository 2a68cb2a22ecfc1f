/* Organisations and sectors. */
#ifndef STORE_STATEMENTS_ORGANISATION_H
#define STORE_STATEMENTS_ORGANISATION_H

#include "store/statements/columns.h"

/*
 * Row scope of organisations (o) and, through their organisation, of accounts and persons; $1 the reader's organisation, $2 his account.
 * ORG    a provider: its own and the units below it
 * CERT   the sector CERT: its own, and those of the sectors that it receives for
 * NATION the national CERT: its own and the CERTs
 * ALL    administrator and auditor
 */
#define ORG_SEEN_BY_ORG    "o.id IN (SELECT org_id FROM org_above WHERE above_id = $1) AND $2 IS NOT NULL"
#define ORG_SEEN_BY_CERT   "(o.id = $1 OR o.sector IN (SELECT id FROM sector WHERE cert = $1)) AND $2 IS NOT NULL"
#define ORG_SEEN_BY_NATION "(o.id = $1 OR o.org_kind = 1) AND $2 IS NOT NULL"
#define ORG_SEEN_BY_ALL    "$1 IS NOT NULL AND $2 IS NOT NULL"

#define ORG_HAS_ACCOUNT "EXISTS (SELECT 1 FROM account a WHERE a.org = o.id AND a.state = 1)"
#define ORG_ROWS(seen) \
	"SELECT o.id, o.name_zh, o.name_en, o.org_kind, o.grade, o.in_scope, o.state, o.parent, s.code, s.name_zh, s.name_en," \
	" CASE WHEN " ORG_HAS_ACCOUNT " THEN 1 ELSE 0 END" \
	" FROM organisation o LEFT JOIN sector s ON s.id = o.sector" \
	" WHERE " seen " AND (o.name_zh, o.id) > ($3, $4) AND ($5 IS NULL OR o.sector = $5) AND ($6 IS NULL OR o.state = $6)" \
	" AND ($7 IS NULL OR o.org_kind = $7) AND ($8 IS NULL OR o.name_zh LIKE $8 ESCAPE '!' OR o.name_en LIKE $8 ESCAPE '!')" \
	" ORDER BY o.name_zh, o.id LIMIT $9"
#define ORG_ROW_PARAMETERS "iitiiiiti"
#define ORG_ROW_RESULTS "ittiiiiittti"
#define ORG_SEEN_ONE(seen) "SELECT o.id FROM organisation o WHERE " seen " AND o.id = $3"
/* providers on the inventory, and those of them with somebody who can report: guide 3.3.1 table 5 */
#define ORG_REGISTRATION(seen) \
	"SELECT count(*), coalesce(sum(CASE WHEN " ORG_HAS_ACCOUNT " THEN 1 ELSE 0 END), 0) FROM organisation o" \
	" WHERE " seen " AND o.org_kind = 0 AND o.state <> 3"

#define STATEMENTS_ORGANISATION(S) \
	S(S_ORG_LIST_ALL, "organisation.list_all", ORG_ROWS(ORG_SEEN_BY_ALL), ORG_ROW_PARAMETERS, ORG_ROW_RESULTS) \
	S(S_ORG_LIST_CERT, "organisation.list_cert", ORG_ROWS(ORG_SEEN_BY_CERT), ORG_ROW_PARAMETERS, ORG_ROW_RESULTS) \
	S(S_ORG_LIST_ORG, "organisation.list_org", ORG_ROWS(ORG_SEEN_BY_ORG), ORG_ROW_PARAMETERS, ORG_ROW_RESULTS) \
	S(S_ORG_LIST_NATION, "organisation.list_nation", ORG_ROWS(ORG_SEEN_BY_NATION), ORG_ROW_PARAMETERS, ORG_ROW_RESULTS) \
	S(S_ORG_SEEN_ALL, "organisation.seen_all", ORG_SEEN_ONE(ORG_SEEN_BY_ALL), "iii", "i") \
	S(S_ORG_SEEN_CERT, "organisation.seen_cert", ORG_SEEN_ONE(ORG_SEEN_BY_CERT), "iii", "i") \
	S(S_ORG_SEEN_ORG, "organisation.seen_org", ORG_SEEN_ONE(ORG_SEEN_BY_ORG), "iii", "i") \
	S(S_ORG_SEEN_NATION, "organisation.seen_nation", ORG_SEEN_ONE(ORG_SEEN_BY_NATION), "iii", "i") \
	S(S_ORG_REGISTRATION_ALL, "organisation.registration_all", ORG_REGISTRATION(ORG_SEEN_BY_ALL), "ii", "ii") \
	S(S_ORG_REGISTRATION_CERT, "organisation.registration_cert", ORG_REGISTRATION(ORG_SEEN_BY_CERT), "ii", "ii") \
	S(S_ORG_REGISTRATION_ORG, "organisation.registration_org", ORG_REGISTRATION(ORG_SEEN_BY_ORG), "ii", "ii") \
	S(S_ORG_BELOW, "organisation.below", \
	  "SELECT id, name_zh, name_en FROM organisation WHERE parent = $1 AND state <> 3 ORDER BY name_zh, id LIMIT $2", "ii", "itt") \
	S(S_ORG_NAME, "organisation.name", "SELECT name_zh, name_en FROM organisation WHERE id = $1", "i", "tt") \
	/* ---- who is above whom: each organisation stands above itself ---- */ \
	S(S_ORG_ABOVE_SELF, "org_above.self", "INSERT INTO org_above (org_id, above_id) VALUES ($1, $1)", "i", "") \
	S(S_ORG_ABOVE_IS, "org_above.is", "SELECT 1 FROM org_above WHERE org_id = $1 AND above_id = $2", "ii", "i") \
	S(S_ORG_ABOVE_CUT, "org_above.cut", \
	  "DELETE FROM org_above WHERE org_id IN (SELECT d.org_id FROM org_above d WHERE d.above_id = $1)" \
	  " AND above_id NOT IN (SELECT d.org_id FROM org_above d WHERE d.above_id = $1)", "i", "") \
	S(S_ORG_ABOVE_JOIN, "org_above.join", \
	  "INSERT INTO org_above (org_id, above_id)" \
	  " SELECT d.org_id, u.above_id FROM org_above d JOIN org_above u ON u.org_id = $2 WHERE d.above_id = $1", "ii", "") \
	/* ---- sectors ---- */ \
	S(S_SECTOR_ALL, "sector.all", "SELECT " SECTOR_COLUMNS " FROM sector s ORDER BY s.id", "", SECTOR_RESULTS) \
	S(S_SECTOR_BY_CODE, "sector.by_code", "SELECT id FROM sector WHERE code = $1", "t", "i") \
	S(S_SECTOR_NAME, "sector.name", "SELECT name_zh, name_en FROM sector WHERE id = $1", "i", "tt") \
	S(S_SECTOR_OF_CERT, "sector.of_cert", "SELECT 1 FROM sector WHERE id = $1 AND cert = $2", "ii", "i")

#endif
