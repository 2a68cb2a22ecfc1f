#include "desk/work.h"

/*
 * Numbers are counted in a row of their own, in the transaction that files the report: when that is undone
 * the number is given to the next one, so that there are no gaps. Drills have their own row and a D in the
 * number.
 */
bool
number_take(struct tx *tx, int64_t sector, bool drill, int64_t at, struct str *ret_no, struct err *err)
{
	struct civil c = civil_of(at, zone_find(STR("Asia/Taipei")));
	struct str code = STR_NONE;
	int64_t n = 0;
	struct rows q;

	if (!tx_number(tx, sector, c.year, drill, &n, err))
		return false;
	q = db_query(tx, S_REPORT_SECTOR_CODE, I(sector));
	if (db_next(&q))
		code = db_str(&q, 0);
	if (!db_end(&q, err))
		return false;
	*ret_no = arena_printf(tx_arena(tx), "%.*s-%04lld-%s%06lld", STR_FMT(code), (long long)c.year,
	    drill ? "D" : "", (long long)n);
	return true;
}

struct str
number_typed(struct arena *a, struct str s)
{
	struct buf b = { .arena = a };

	s = str_trim(s);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == ' ' || c == '\t')
			continue;
		buf_char(&b, c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
	}
	return buf_str(&b);
}
