/* Receipts of reports. */
#include "desk/receipt.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "desk/checkpoints.h"
#include "desk/words.h"
#include "desk/work.h"
#include "ledger/note_write.h"
#include "ledger/receipt_write.h"
#include "store/log.h"

/* Of the records about a report only what somebody did to it: no reading, nothing that follows by itself. The statement says the same. */
static bool
is_change(const struct report *r, const struct audit_record *record)
{
	static const char *const others[] = { "report.read", "report.read_trail", "report.autosave", "report.merged_here",
		"report.track", "report.export", "report.export_seen", "report.export_fetch" };

	if (!str_is(record->entity, "report") || record->object != r->id || record->result != AUDIT_DONE ||
	    record->at < r->received_at || !str_starts(record->action, STR("report.")))
		return false;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_is(record->action, others[i]))
			return false;
	return true;
}

void
receipt_ahead(struct tx *tx, const struct report *r)
{
	if (r->received_at != NO_TIME && !filed_here(tx, r))
		db_ahead(tx, S_REPORT_RECEIPTS, I(r->id), I(r->received_at), I(1));
}

bool
receipt_newest(struct tx *tx, const struct report *r, int64_t *ret_seq, struct err *err)
{
	const struct filed *filed = filed_here(tx, r);
	int64_t seq = filed ? filed->record : 0;
	struct rows q;

	if (!filed && r->received_at != NO_TIME) {
		q = db_query(tx, S_REPORT_RECEIPTS, I(r->id), I(r->received_at), I(1));
		if (db_next(&q))
			seq = db_int(&q, 0);
		if (!db_end(&q, err))
			return false;
	}
	*ret_seq = seq;
	return true;
}

static struct str
address_of(struct arena *a, const struct report *r, int64_t seq)
{
	return arena_printf(a, "/reports/%lld/receipt?seq=%lld", (long long)r->id, (long long)seq);
}

bool
receipt_address(struct tx *tx, const struct report *r, struct str *ret_address, struct err *err)
{
	int64_t seq;

	if (!receipt_newest(tx, r, &seq, err))
		return false;
	*ret_address = seq ? address_of(tx_arena(tx), r, seq) : STR_NONE;
	return true;
}

static void
add_who(struct arena *a, struct value *map, int64_t account, struct str name)
{
	if (account)
		map_str(a, map, "who", name);
	else
		map_term(a, map, "who", STR("system"), "trail.system");
}

struct value *
receipt_list(struct tx *tx, const struct report *r, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *out = value_map(a), *list = map_list(a, out, "rows");
	struct rows q = db_query(tx, S_REPORT_RECEIPTS, I(r->id), N(r->received_at), I(RECEIPTS_SHOWN));

	while (db_next(&q)) {
		struct value *row = list_add(list, value_map(a));
		struct str action = db_str(&q, 2);

		map_int(a, row, "seq", db_int(&q, 0));
		map_time(a, row, "at", db_int(&q, 1));
		map_term(a, row, "action", action, word_of_action(action));
		add_who(a, row, db_int(&q, 3), db_str(&q, 4));
		map_str(a, row, "address", address_of(a, r, db_int(&q, 0)));
	}
	return db_end(&q, err) ? out : NULL;
}

/* The proof against the checkpoint that covers the record; until there is one, against the log as it is. */
static bool
prove(struct tx *tx, struct receipt_of *of, struct err *err)
{
	struct kept_checkpoint covering;
	struct log_proof proof;
	struct log_head head;
	struct buf due = { .arena = tx_arena(tx) };

	if (!checkpoint_covering(tx, of->r.index, &covering, err) || !log_head(tx, &head, err))
		return false;
	of->r.size = covering.size ? covering.size : head.size;
	if (covering.size) {
		of->r.checkpoint = covering.note;
	} else if (checkpoint_waits()) {
		of->waits = true;
	} else if (!checkpoint_due(tx, &of->due, err)) {
		return false;
	} else if (of->due != NO_TIME) {
		buf_stamp(&due, of->due);
		of->r.due = buf_str(&due);
	}
	if (!log_inclusion(tx, of->r.index, of->r.size, &proof, err))
		return false;
	of->r.proof.n = proof.n;
	memcpy(of->r.proof.hash, proof.hash, (size_t)proof.n * sizeof(proof.hash[0]));
	return true;
}

bool
receipt_of_report(struct tx *tx, const struct report *r, int64_t seq, struct receipt_of *ret_receipt, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct receipt_of of = { .due = NO_TIME };

	if (r->received_at == NO_TIME)
		return err_set(err, FAULT_STATE);
	if (seq == 0 && !receipt_newest(tx, r, &seq, err))
		return false;
	if (seq < 1)
		return err_set(err, FAULT_NOT_FOUND);
	of.r.index = seq - 1;
	if (!log_record(tx, of.r.index, &of.record, &of.r.record, err)) {
		if (err->fault == FAULT_LOG_LEAF)
			err->fault = FAULT_NOT_FOUND;
		return false;
	}
	if (!is_change(r, &of.record))
		return err_set(err, FAULT_NOT_FOUND);
	of.leaf = merkle_leaf(of.r.record);
	of.code = receipt_code(a, seq, &of.leaf);
	if (of.record.details.p) {
		of.r.details = of.record.details;
		of.r.salt = hex(a, of.record.details_salt.p ? of.record.details_salt : STR(""));
	}
	if (!prove(tx, &of, err))
		return false;
	*ret_receipt = of;
	return true;
}

struct value *
receipt_show(struct tx *tx, const struct receipt_of *of)
{
	struct arena *a = tx_arena(tx);
	struct value *map = value_map(a);

	map_int(a, map, "seq", of->record.seq);
	map_int(a, map, "index", of->r.index);
	map_int(a, map, "size", of->r.size);
	map_time(a, map, "at", of->record.at);
	add_who(a, map, of->record.actor.account, of->record.actor.name);
	map_term(a, map, "action", of->record.action, word_of_action(of->record.action));
	map_str(a, map, "leaf", hex(a, (struct str){ (const char *)of->leaf.b, sizeof(of->leaf.b) }));
	map_str(a, map, "code", of->code);
	map_bool(a, map, "complete", of->r.checkpoint.p != NULL);
	map_bool(a, map, "waits", of->waits);
	map_time(a, map, "due", of->due);
	map_str(a, map, "checkpoint", of->r.checkpoint);
	return map;
}

struct str
receipt_text(struct arena *a, const struct receipt_of *of)
{
	struct buf b = { .arena = a };

	receipt_write(&b, &of->r);
	return buf_str(&b);
}

/* ---- found again by its code ---- */

static void
add_found(struct arena *a, struct value *out, const struct report *r, const struct audit_record *record)
{
	map_int(a, out, "report", r->id);
	map_str(a, out, "report_no", r->report_no);
	map_int(a, out, "seq", record->seq);
	map_time(a, out, "at", record->at);
	map_term(a, out, "action", record->action, word_of_action(record->action));
	add_who(a, out, record->actor.account, record->actor.name);
	map_str(a, out, "address", address_of(a, r, record->seq));
}

/* The record of this number, if its leaf begins so and it is of a report that this person may see. */
static bool
look_up(struct tx *tx, const struct principal *who, int64_t seq, const unsigned char leaf[6], bool *ret_found,
    struct report *ret_report, struct audit_record *ret_record, struct err *err)
{
	struct err none = { .arena = err->arena };
	struct sha256 stored;

	*ret_found = false;
	if (!log_record(tx, seq - 1, ret_record, NULL, &none) || !log_leaf(tx, seq - 1, &stored, &none)) {
		if (none.fault != FAULT_LOG_LEAF)
			*err = none;
		return none.fault == FAULT_LOG_LEAF;
	}
	if (memcmp(stored.b, leaf, 5) != 0 || (stored.b[5] ^ leaf[5]) & 0xf8 || !str_is(ret_record->entity, "report"))
		return true;
	if (!report_get(tx, who, ret_record->object, ret_report, &none)) {
		if (none.fault != FAULT_NOT_FOUND)
			*err = none;
		return none.fault == FAULT_NOT_FOUND;
	}
	*ret_found = ret_report->received_at != NO_TIME && is_change(ret_report, ret_record);
	return true;
}

struct value *
receipt_by_code(struct tx *tx, const struct principal *who, struct str typed, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *out = value_map(a);
	struct audit_record record;
	unsigned char leaf[6];
	bool found = false;
	struct report r;
	int64_t seq;

	if (!receipt_code_read(typed, &seq, leaf)) {
		map_str(a, out, "known", STR("typed_wrong"));
		return out;
	}
	if (!look_up(tx, who, seq, leaf, &found, &r, &record, err))
		return NULL;
	map_str(a, out, "known", found ? STR("yes") : STR("no"));
	if (found)
		add_found(a, out, &r, &record);
	return out;
}
