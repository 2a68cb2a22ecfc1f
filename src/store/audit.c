#include <assert.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "store/private.h"

void
tx_actor(struct tx *tx, const struct actor *actor)
{
	tx->actor = *actor;
	if (!tx->actor.address.p)
		tx->actor.address = STR("");
	if (!tx->actor.name.p)
		tx->actor.name = STR("");
}

const struct actor *
tx_who(const struct tx *tx)
{
	return &tx->actor;
}

void
tx_reason(struct tx *tx, struct str reason)
{
	tx->reason = reason;
}

/* The number after the newest record's. In a group it is counted on; the schema refuses any other. */
static bool
next_seq(struct tx *tx, int64_t *ret_seq, struct err *err)
{
	struct store *st = tx->st;

	if (!st->audit_known) {
		struct rows q = db_query(tx, S_AUDIT_LAST);

		st->audit_last = db_next(&q) ? db_int(&q, 0) : 0;
		if (!db_end(&q, err))
			return false;
		st->audit_known = true;
	}
	*ret_seq = st->audit_last + 1;
	return true;
}

/* The whole record: everything that is kept of it, and nothing else, comes from here. */
static void
make_record(struct tx *tx, const struct audit *r, int64_t seq, struct audit_record *ret_record)
{
	struct buf canonical = { .arena = tx->arena };
	struct audit_record record = {
		.seq = seq,
		.at = tx_now(tx),
		.node = str_c(tx->st->node),
		.action = str_c(r->action),
		.entity = str_c(r->entity),
		.object = r->object,
		.org = r->org,
		.actor = tx->actor,
		.result = r->result,
		.reason = tx->reason,
	};

	if (r->details) {
		struct sha256 *hash = arena_make(tx->arena, struct sha256);

		json_canonical(&canonical, r->details);
		record.details = buf_str(&canonical);
		*hash = sha256(record.details);
		record.details_hash = (struct str){ (const char *)hash->b, sizeof(hash->b) };
	}
	*ret_record = record;
}

static struct val
blob_or_null(struct str s)
{
	return s.p ? B(s) : (struct val){ .kind = VAL_NULL };
}

bool
audit_append(struct tx *tx, const struct audit *r, struct err *err)
{
	struct audit_record d;
	int64_t seq;

	assert(r->action && r->action[0] && r->entity);
	if (!tx->writes) {
		log_line(LOG_ERROR, "store: audit record in a transaction that only reads");
		return err_setf(err, FAULT_INTERNAL, "audit record in a transaction that only reads");
	}
	if (!next_seq(tx, &seq, err))
		return false;
	make_record(tx, r, seq, &d);
	if (!db_run(tx, S_AUDIT_APPEND, err, I(d.seq), I(d.at), T(d.node), T(d.action), T(d.entity),
	    I(d.object),
	    I(d.org), I(d.actor.account), I(d.actor.person), I(d.actor.session), I(d.actor.key),
	    T(d.actor.address),
	    T(d.actor.name), I(d.result), T(d.reason), T(d.details), blob_or_null(d.details_hash)))
		return false;
	tx->st->audit_last = seq;
	tx->audits++;
	return true;
}

void
audit_load(const struct rows *q, struct audit_record *record)
{
	*record = (struct audit_record){
		.seq = db_int(q, 0),
		.at = db_int(q, 1),
		.node = db_str(q, 2),
		.action = db_str(q, 3),
		.entity = db_str(q, 4),
		.object = db_int(q, 5),
		.org = db_int(q, 6),
		.actor = {
			.account = db_int(q, 7),
			.person = db_int(q, 8),
			.session = db_int(q, 9),
			.key = db_int(q, 10),
			.address = db_str(q, 11),
			.name = db_str(q, 12),
		},
		.result = (enum audit_result)db_int(q, 13),
		.reason = db_str(q, 14),
		.details = db_str(q, 15),
		.details_hash = db_str(q, 16),
	};
}
