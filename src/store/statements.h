/*
 * Every statement of the program, by name. A row is: constant, name, SQL, parameters, results.
 * Parameters and results are one letter each: i integer, t text, b blob. $1.. count the parameters.
 * One text serves both engines: bigint ids and times, no JSON operators, no OFFSET, no COUNT on a hot path.
 * The rows stand in statements/<subject>.h, beside their kin.
 */
#ifndef STORE_STATEMENTS_H
#define STORE_STATEMENTS_H

#include "store/statements/columns.h"
#include "store/statements/scope.h"
#include "store/statements/audit.h"
#include "store/statements/account.h"
#include "store/statements/calendar.h"
#include "store/statements/organisation.h"
#include "store/statements/report.h"
#include "store/statements/attachment.h"
#include "store/statements/duty.h"
#include "store/statements/bundle.h"
#include "store/statements/hold.h"
#include "store/statements/statistics.h"
#include "store/statements/keys.h"
#include "store/statements/witness.h"
#include "store/statements/node.h"

#define STATEMENTS(S) \
	STATEMENTS_AUDIT(S) \
	STATEMENTS_ACCOUNT(S) \
	STATEMENTS_CALENDAR(S) \
	STATEMENTS_ORGANISATION(S) \
	STATEMENTS_REPORT(S) \
	STATEMENTS_ATTACHMENT(S) \
	STATEMENTS_DUTY(S) \
	STATEMENTS_BUNDLE(S) \
	STATEMENTS_STATISTICS(S) \
	STATEMENTS_KEYS(S) \
	STATEMENTS_WITNESS(S) \
	STATEMENTS_HOLD(S) \
	STATEMENTS_NODE(S)

#define STATEMENT_CONSTANT(constant, name, sql, parameters, results) constant,
enum stmt { STATEMENTS(STATEMENT_CONSTANT) S__MAX };
#undef STATEMENT_CONSTANT

#endif
