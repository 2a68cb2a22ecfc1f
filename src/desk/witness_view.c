/* The witnesses of our log, as their page and the page of keys show them. */
#include <string.h>

#include "base/arena.h"
#include "desk/envoy.h"
#include "base/hash.h"
#include "ledger/note.h"

static const char *const outcomes[VISIT__MAX] = {
	[VISIT_NONE] = "witnesses.outcome.none",
	[VISIT_COSIGNED] = "witnesses.outcome.cosigned",
	[VISIT_UNREACHED] = "witnesses.outcome.unreached",
	[VISIT_STRANGER] = "witnesses.outcome.stranger",
	[VISIT_REFUSED] = "witnesses.outcome.refused",
	[VISIT_AHEAD] = "witnesses.outcome.ahead",
	[VISIT_RUBBISH] = "witnesses.outcome.rubbish",
};

static void
show_one(struct arena *a, struct value *rows, const struct witness_state *s, int64_t now)
{
	struct value *row = list_add(rows, entity_show(&entity_witness, &s->w, 0, a));
	bool bad = s->outcome == VISIT_REFUSED || s->outcome == VISIT_AHEAD;
	const char *what = outcomes[s->outcome];
	struct note_key key;

	if (note_key_read(s->w.vkey, &key) == REFUSAL_NONE)
		map_str(a, row, "key_id", hex(a, (struct str){ (const char *)key.id, sizeof(key.id) }));
	else
		map_null(a, row, "key_id");
	map_bool(a, row, "active", s->w.state == WITNESS_ACTIVE);
	map_int(a, row, "seen_size", s->seen_size ? s->seen_size : NONE);
	map_time(a, row, "seen_at", s->seen_at);
	map_time(a, row, "tried_at", s->tried_at ? s->tried_at : NO_TIME);
	map_time(a, row, "failing_since", s->failing_since);
	map_term(a, row, "outcome", str_c(strrchr(what, '.') + 1), what);
	map_str(a, row, "words", s->words.n ? s->words : STR_NONE);
	map_bool(a, row, "silent", witness_silent(s, now));
	map_bool(a, row, "bad", bad && s->w.state == WITNESS_ACTIVE);
}

bool
witness_show(struct tx *tx, struct value *v, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *rows = map_list(a, v, "rows");
	struct witness_state *list;
	int n;

	if (!witness_states(tx, &list, &n, err))
		return false;
	for (int i = 0; i < n; i++)
		show_one(a, rows, &list[i], tx_now(tx));
	map_bool(a, v, "has_rows", n > 0);
	return true;
}
