#include "desk/log.h"

#include "desk/words.h"
#include "ledger/note_write.h"
#include "store/log.h"

static struct str
base64_of(struct arena *a, const struct sha256 *hash)
{
	struct buf b = { .arena = a };

	buf_base64(&b, (struct str){ (const char *)hash->b, sizeof(hash->b) });
	return buf_str(&b);
}

static void
map_hash(struct arena *a, struct value *map, const char *key, const struct sha256 *hash)
{
	map_str(a, map, key, base64_of(a, hash));
}

static void
map_proof(struct arena *a, struct value *map, const struct log_proof *proof)
{
	struct value *list = map_list(a, map, "proof");

	for (int i = 0; i < proof->n; i++)
		list_add(list, value_str(a, base64_of(a, &proof->hash[i])));
}

struct value *
log_show_inclusion(struct tx *tx, int64_t index, int64_t size, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a);
	struct sha256 leaf, root;
	struct log_proof proof;
	struct log_head head;

	if (!log_head(tx, &head, err))
		return NULL;
	if (size == NO_TIME)
		size = head.size;
	if (!log_inclusion(tx, index, size, &proof, err) || !log_leaf(tx, index, &leaf, err) ||
	    !log_root(tx, size, &root, err))
		return NULL;
	map_str(a, v, "origin", head.origin);
	map_int(a, v, "index", index);
	map_int(a, v, "size", size);
	map_hash(a, v, "leaf", &leaf);
	map_hash(a, v, "root", &root);
	map_proof(a, v, &proof);
	return v;
}

struct value *
log_show_consistency(struct tx *tx, int64_t from, int64_t to, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a);
	struct sha256 old, new;
	struct log_proof proof;
	struct log_head head;

	if (!log_head(tx, &head, err))
		return NULL;
	if (to == NO_TIME)
		to = head.size;
	if (!log_consistency(tx, from, to, &proof, err) || !log_root(tx, from, &old, err) ||
	    !log_root(tx, to, &new, err))
		return NULL;
	map_str(a, v, "origin", head.origin);
	map_int(a, v, "from", from);
	map_int(a, v, "to", to);
	map_hash(a, v, "from_root", &old);
	map_hash(a, v, "to_root", &new);
	map_proof(a, v, &proof);
	return v;
}

/* ---- entries ---- */

static void
add_details(struct arena *a, struct value *row, const struct audit_record *r)
{
	struct value *details;

	if (!r->details.p) {
		map_null(a, row, "details");
		return;
	}
	details = map_map(a, row, "details");
	map_str(a, details, "salt", hex(a, r->details_salt));
	map_str(a, details, "json", r->details);
}

static void
add_record(struct tx *tx, const struct principal *who, struct str origin, struct value *row,
    const struct audit_record *r)
{
	struct arena *a = tx_arena(tx);
	const char *word = word_of_action(r->action);

	map_str(a, row, "record", audit_bytes(a, origin, r));
	map_time(a, row, "at", r->at);
	if (r->actor.account)
		map_str(a, row, "who", r->actor.name);
	else
		map_term(a, row, "who", STR("system"), "trail.system");
	if (word)
		map_term(a, row, "action", r->action, word);
	else
		map_shown(a, row, "action", r->action, r->action);
	map_str(a, row, "entity", r->entity);
	map_str(a, row, "object", r->object ? arena_printf(a, "%lld", (long long)r->object) : STR(""));
	map_bool(a, row, "refused", r->result == AUDIT_REFUSED);
	map_str(a, row, "reason", r->reason);
	map_str(a, row, "address", r->actor.address);
	if (principal_is(who, ROLE_AUDITOR))
		add_details(a, row, r);
	map_time(a, row, "erased_at", r->erased_at);
}

/* The records of the rows, in the same order. */
static bool
add_records(struct tx *tx, const struct principal *who, const struct log_head *head,
    const struct log_wish *wish, struct value *rows, struct err *err)
{
	struct rows q = db_query(tx, S_AUDIT_AFTER, I(wish->after), I((int64_t)rows->n));
	struct value *row = rows->first;

	for (; row && db_next(&q); row = row->next) {
		struct audit_record record;

		audit_load(&q, &record);
		add_record(tx, who, head->origin, row, &record);
	}
	return db_end(&q, err) && (!row || err_setf(err, FAULT_INTERNAL, "a record of the log is missing"));
}

struct value *
log_entries(struct tx *tx, const struct principal *who, const struct log_wish *wish, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a), *rows;
	struct log_head head;
	struct sha256 *leaf;
	int n;

	if (!log_head(tx, &head, err))
		return NULL;
	if (wish->after < 0 || wish->after > head.size) {
		err_set(err, FAULT_LOG_LEAF);
		return NULL;
	}
	n = head.size - wish->after < wish->limit ? (int)(head.size - wish->after) : wish->limit;
	leaf = arena_raw(a, (size_t)(n + 1) * sizeof(*leaf));
	if (!log_leaves(tx, wish->after, n, leaf, err))
		return NULL;
	map_str(a, v, "origin", head.origin);
	map_int(a, v, "size", head.size);
	map_int(a, v, "after", wish->after);
	rows = map_list(a, v, "rows");
	for (int i = 0; i < n; i++) {
		struct value *row = list_add(rows, value_map(a));

		map_int(a, row, "index", wish->after + i);
		map_hash(a, row, "leaf", &leaf[i]);
	}
	map_int(a, v, "next", wish->after + n < head.size ? wish->after + n : INT64_MIN);
	return !wish->records || add_records(tx, who, &head, wish, rows, err) ? v : NULL;
}

bool
log_record_reading(struct tx *tx, const struct log_wish *wish, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *facts = value_map(a);
	const struct audit record = { .action = "log.read", .entity = "log", .details = facts };

	map_int(a, facts, "after", wish->after);
	map_int(a, facts, "limit", wish->limit);
	return audit_append(tx, &record, err);
}
