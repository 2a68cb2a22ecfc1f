#include "desk/pace.h"

#include "base/arena.h"
#include "desk/identity_private.h"

struct pace
pace_of(struct arena *a, const char *kind, struct str who, int64_t most)
{
	return (struct pace){ keyed(a, FOR_ATTEMPT, arena_printf(a, "%s %.*s", kind, STR_FMT(who))), most };
}

struct pace
pace_from(struct arena *a, const char *kind, struct str address, int64_t most)
{
	return pace_of(a, kind, place_of_address(a, address), most);
}

static bool
times(struct tx *tx, struct str subject, int64_t *ret_n, struct err *err)
{
	struct rows q = db_query(tx, S_TALLY, T(subject), I(tx_now(tx) / MINUTE));

	*ret_n = db_next(&q) ? db_int(&q, 0) : 0;
	return db_end(&q, err);
}

bool
pace_kept(struct tx *tx, const struct pace *p, int n, enum fault fault, struct err *err)
{
	int64_t before;

	for (int i = 0; i < n; i++) {
		if (!times(tx, p[i].subject, &before, err))
			return false;
		if (before >= p[i].most)
			return err_setf(err, fault, "60");
		if (tx_can_write(tx) && !db_run(tx, S_TALLY_COUNT, err, T(p[i].subject), I(tx_now(tx) / MINUTE)))
			return false;
	}
	return true;
}
