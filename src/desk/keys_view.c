/* The keys, as their page and the terminal show them, and the file that a checker takes. */
#include <string.h>

#include "base/arena.h"
#include "desk/envoy.h"
#include "desk/keys.h"

static int64_t
days_left(const struct signing_key *k, int64_t now)
{
	return k->not_after > now ? (k->not_after - now) / DAY : 0;
}

/* Lost, and nothing signs in its place: said of the newest. */
static bool
is_missed(const struct keys *keys, const struct signing_key *k, int64_t now)
{
	for (const struct signing_key *later = k + 1; later < keys->list + keys->n; later++)
		if (later->purpose == k->purpose)
			return false;
	return k->state == KEY_COMPROMISED && !keys_active(keys, k->purpose, now);
}

/* What somebody has to do about a key, as a message; NULL: nothing. */
static const char *
task_of(const struct keys *keys, const struct signing_key *k, int64_t now)
{
	if (is_missed(keys, k, now))
		return k->purpose == PURPOSE_LOG ? "signing_keys.task.replace" : "signing_keys.task.replace_witness";
	if (k->state != KEY_ACTIVE)
		return NULL;
	if (now >= k->not_after)
		return "signing_keys.task.expired";
	if (signing_key_warning(k, now) >= 0)
		return "signing_keys.task.rotate";
	if (k->purpose == PURPOSE_LOG && k->shared_at == NO_TIME)
		return "signing_keys.task.share";
	if (k->purpose == PURPOSE_LOG && k->tested_at == NO_TIME)
		return "signing_keys.task.test";
	if (k->tested_well == 0)
		return "signing_keys.task.share_again";
	return NULL;
}

static void
show_key(struct arena *a, struct value *rows, struct value *due, const struct keys *keys, const struct signing_key *k, int64_t now)
{
	struct value *row = list_add(rows, entity_show(&entity_signing_key, k, 0, a)), *task;
	const char *what = task_of(keys, k, now);
	int warning = signing_key_warning(k, now);

	map_int(a, row, "days_left", days_left(k, now));
	map_int(a, row, "warning", k->state == KEY_ACTIVE && warning >= 0 ? warning : NONE);
	map_bool(a, row, "was_compromised", k->state == KEY_COMPROMISED);
	if (!what)
		return;
	task = list_add(due, value_map(a));
	map_int(a, task, "id", k->id);
	map_str(a, task, "key_id", k->key_id);
	map_time(a, task, "not_after", k->not_after);
	map_int(a, task, "days_left", days_left(k, now));
	map_term(a, task, "what", str_c(strrchr(what, '.') + 1), what);
}

static bool
add_witnesses(struct tx *tx, struct value *v, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *shown = value_map(a), *list = map_list(a, v, "witnesses"), *next;

	if (!witness_show(tx, shown, err))
		return false;
	for (struct value *row = value_get(shown, "rows")->first; row; row = next) {
		next = row->next;
		if (value_get(row, "active")->i)
			list_add(list, row);
	}
	return true;
}

struct value *
keys_list(struct tx *tx, const struct principal *who, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a), *rows = map_list(a, v, "rows"), *due = map_list(a, v, "due");
	struct keys keys;

	if (!keys_read_all(tx, &keys, err))
		return NULL;
	for (int64_t purpose = PURPOSE_LOG; purpose <= PURPOSE_WITNESS; purpose++)
		for (int i = keys.n - 1; i >= 0; i--)
			if (keys.list[i].purpose == purpose)
				show_key(a, rows, due, &keys, &keys.list[i], tx_now(tx));
	map_bool(a, v, "may_manage", principal_is(who, KEY_MANAGERS));
	return add_witnesses(tx, v, err) ? v : NULL;
}

bool
keys_public(struct tx *tx, struct buf *b, struct err *err)
{
	struct keys keys;
	struct rows q;

	if (!keys_read_all(tx, &keys, err))
		return false;
	for (int i = 0; i < keys.n; i++) {
		if (keys.list[i].purpose != PURPOSE_LOG || keys.list[i].follows != NONE)
			continue;
		buf_put(b, keys.list[i].vkey);
		buf_char(b, '\n');
	}
	q = db_query(tx, S_KEY_STATEMENTS);
	while (db_next(&q)) {
		buf_char(b, '\n');
		buf_put(b, db_str(&q, 0));
	}
	return db_end(&q, err);
}
