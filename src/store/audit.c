#include "store/audit.h"

#include <assert.h>

#include "base/json.h"
#include "base/log.h"
#include "base/rand.h"
#include "store/private.h"

#define SALT 16

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

/* ---- the record's bytes ---- */

/* The names stand in the order of RFC 8785, so that nothing has to be sorted. */
static void
put_name(struct buf *b, const char *name)
{
	buf_char(b, b->n ? ',' : '{');
	buf_char(b, '"');
	buf_c(b, name);
	buf_put(b, STR("\":"));
}

static void
put_text(struct buf *b, const char *name, struct str s)
{
	put_name(b, name);
	json_canonical_str(b, s.p ? s : STR(""));
}

static void
put_id(struct buf *b, const char *name, int64_t id)
{
	put_name(b, name);
	buf_char(b, '"');
	buf_int(b, id);
	buf_char(b, '"');
}

static void
put_hex(struct buf *b, const char *name, struct str bytes)
{
	put_text(b, name, hex(b->arena, bytes));
}

struct str
audit_bytes(struct arena *a, struct str origin, const struct audit_record *r)
{
	struct buf b = { .arena = a };
	struct buf time = { .arena = a };

	buf_rfc3339_micro(&time, r->at);
	buf_room(&b, 1024);
	put_id(&b, "account", r->actor.account);
	put_text(&b, "address", r->actor.address);
	if (r->actor.behind)
		put_id(&b, "behind", r->actor.behind);
	else
		put_text(&b, "behind", STR(""));
	put_hex(&b, "details", r->details_hash);
	put_text(&b, "entity", r->entity);
	put_id(&b, "key", r->actor.key);
	put_text(&b, "log", origin);
	put_text(&b, "name", r->actor.name);
	put_text(&b, "node", r->node);
	put_id(&b, "object", r->object);
	put_id(&b, "org", r->org);
	put_id(&b, "person", r->actor.person);
	put_text(&b, "reason", r->reason);
	put_text(&b, "result", r->result == AUDIT_DONE ? STR("done") : STR("refused"));
	put_hex(&b, "salt", r->salt);
	put_name(&b, "seq");
	buf_int(&b, r->seq);
	put_id(&b, "session", r->actor.session);
	put_text(&b, "time", buf_str(&time));
	put_text(&b, "type", r->action);
	put_name(&b, "v");
	buf_int(&b, 1);
	buf_char(&b, '}');
	return buf_str(&b);
}

struct sha256
audit_details_hash(struct str salt, struct str details)
{
	return sha256_two(salt, details);
}

/* ---- appending ---- */

/* The whole record: everything that is kept of it, and nothing else, comes from here. */
static void
make_record(struct tx *tx, const struct audit *r, int64_t seq, struct audit_record *ret_record)
{
	struct buf canonical = { .arena = tx->arena };
	char *salt = arena_raw(tx->arena, 2 * SALT);
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
		.salt = { salt, SALT },
		.erased_at = NO_TIME,
	};

	rand_bytes(salt, 2 * SALT);
	if (r->details) {
		struct sha256 *hash = arena_make(tx->arena, struct sha256);

		json_canonical(&canonical, r->details);
		record.details = buf_str(&canonical);
		record.details_salt = (struct str){ salt + SALT, SALT };
		*hash = audit_details_hash(record.details_salt, record.details);
		record.details_hash = (struct str){ (const char *)hash->b, sizeof(hash->b) };
	}
	*ret_record = record;
}

static struct val
blob_or_null(struct str s)
{
	return s.p ? B(s) : (struct val){ .kind = VAL_NULL };
}

/* The record and, beside it, its details. The schema refuses any number but the next. */
static bool
keep_record(struct tx *tx, const struct audit_record *d, struct err *err)
{
	return db_run(tx, S_AUDIT_APPEND, err, I(d->seq), I(d->at), T(d->node), T(d->action), T(d->entity),
	    I(d->object), I(d->org), I(d->actor.account), I(d->actor.person), I(d->actor.behind),
	    I(d->actor.session), I(d->actor.key), T(d->actor.address), T(d->actor.name), I(d->result),
	    T(d->reason), blob_or_null(d->details_hash), B(d->salt)) &&
	    (!d->details.p ||
	    db_run(tx, S_AUDIT_KEEP_DETAILS, err, I(d->seq), B(d->details_salt), T(d->details)));
}

bool
audit_append(struct tx *tx, const struct audit *r, struct err *err)
{
	struct log_state *log = &tx->st->log;
	struct audit_record d;
	struct sha256 leaf;

	assert(r->action && r->action[0] && r->entity);
	if (!tx->writes) {
		log_line(LOG_ERROR, "store: audit record in a transaction that only reads");
		return err_setf(err, FAULT_INTERNAL, "audit record in a transaction that only reads");
	}
	if (!log->known && !log_load(tx, log, err))
		return false;
	make_record(tx, r, log->size + 1, &d);
	leaf = merkle_leaf(audit_bytes(tx->arena, str_c(log->origin), &d));
	if (!keep_record(tx, &d, err) || !log_append(tx, log, &leaf, d.at, err))
		return false;
	tx->audits++;
	return true;
}

int64_t
audit_newest(const struct tx *tx)
{
	assert(tx->audits > 0);
	return tx->st->log.size;
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
			.behind = db_int(q, 9),
			.session = db_int(q, 10),
			.key = db_int(q, 11),
			.address = db_str(q, 12),
			.name = db_str(q, 13),
		},
		.result = (enum audit_result)db_int(q, 14),
		.reason = db_str(q, 15),
		.details_hash = db_str(q, 16),
		.salt = db_str(q, 17),
		.details = db_str(q, 18),
		.details_salt = db_str(q, 19),
		.erased_at = db_int(q, 20),
	};
}
