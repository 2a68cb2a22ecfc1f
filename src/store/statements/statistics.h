#ifndef STORE_STATEMENTS_STATISTICS_H
#define STORE_STATEMENTS_STATISTICS_H

#include "store/statements/scope.h"

/* Figures of a period, $3 until before $4. Drills never count. Each is read from an index alone. */
#define STATISTICS_FAMILY(S, C, name, from, scope, tail, parameters, results) \
	S(C##_UNIT,   name ".unit",   from scope##_UNIT tail,   "ii" parameters, results) \
	S(C##_ORG,    name ".org",    from scope##_ORG tail,    "ii" parameters, results) \
	S(C##_CERT,   name ".cert",   from scope##_CERT tail,   "ii" parameters, results) \
	S(C##_NATION, name ".nation", from scope##_NATION tail, "ii" parameters, results) \
	S(C##_ALL,    name ".all",    from scope##_ALL tail,    "ii" parameters, results)

#define STATEMENTS_STATISTICS(S) \
	STATISTICS_FAMILY(S, S_STATISTICS_REPORTS, "statistics.reports", \
	  "SELECT r.filed_at, r.closed_at, r.category, r.level, r.state FROM report r WHERE ", REPORT_SEEN_BY, \
	  " AND r.is_drill = 0" \
	  " AND (r.filed_at >= $3 AND r.filed_at < $4 OR r.closed_at >= $3 AND r.closed_at < $4)", \
	  "ii", "iiiii") \
	STATISTICS_FAMILY(S, S_STATISTICS_DUE, "statistics.due", \
	  "SELECT coalesce(sum(d.overdue), 0), count(*) FROM duty d WHERE ", DUTY_SEEN_BY, \
	  " AND d.due_at >= $3 AND d.due_at < $4 AND (d.state = 1 OR d.overdue = 1) AND d.state IN (0, 1)", \
	  "ii", "ii")

#endif
