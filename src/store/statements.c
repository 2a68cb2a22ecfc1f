#include <assert.h>

#include "store/private.h"

struct row {
	struct stmt_text text;
	const char *results;
};

static const struct row rows[S__MAX] = {
#define STATEMENT_ROW(constant, name, sql, parameters, results) \
	[constant] = { { name, sql, parameters }, results },
	STATEMENTS(STATEMENT_ROW)
#undef STATEMENT_ROW
};

int
statement_count(const struct store *st)
{
	return S__MAX + st->extra_count;
}

void
statement_text(const struct store *st, int stmt, struct stmt_text *ret_text)
{
	assert(stmt >= 0 && stmt < statement_count(st));
	*ret_text = stmt < S__MAX ? rows[stmt].text : st->extra[stmt - S__MAX];
}

const char *
statement_parameters(const struct store *st, int stmt)
{
	return stmt < S__MAX ? rows[stmt].text.parameters : st->extra[stmt - S__MAX].parameters;
}

const char *
statement_results(int stmt)
{
	return stmt < S__MAX ? rows[stmt].results : NULL;
}
