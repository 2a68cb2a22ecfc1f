/* Bundles: taking, telling, listing. */
#include "desk/bundle.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/rand.h"
#include "desk/checkpoints.h"
#include "desk/identity.h"
#include "desk/reports.h"
#include "store/audit.h"
#include "store/log.h"

#define ROWS 50
#define UNSEEN_COUNTED 100

#define IN_BUNDLE_ROW(...) FIELD_ROW(in_bundle, __VA_ARGS__)
#define IN_BUNDLE_PERIOD_ROW(...) FIELD_ROW(in_bundle_period, __VA_ARGS__)
static const struct field bundle_fields[] = { IN_BUNDLE(IN_BUNDLE_ROW) };
static const struct field period_fields[] = { IN_BUNDLE_PERIOD(IN_BUNDLE_PERIOD_ROW) };
const struct entity in_bundle = ENTITY(in_bundle, bundle_fields, false);
const struct entity in_bundle_period = ENTITY(in_bundle_period, period_fields, false);

/* ---- working one out ---- */

bool
bundle_count(struct store *st, struct arena *a, struct bundle *b, bundle_progress *progress, void *arg, struct err *err)
{
	struct bundle_pen pen = { .bundle = b };
	struct arena *page = arena_new();
	bool good = true;

	while (good && pen.phase != BUNDLE_DONE) {
		struct buf out = { .arena = page };
		struct err why = { .arena = a };
		struct tx *tx = store_read(st, page, &why);

		good = tx && bundle_next(tx, &pen, &out, &why);
		store_done(tx);
		if (good && progress && !progress(arg, pen.last, b->size))
			good = err_set(&why, FAULT_BUSY);
		if (!good)
			*err = why;
		arena_reset(page);
	}
	arena_free(page);
	b->entries = pen.entries;
	b->files = pen.files;
	b->bytes = pen.bytes;
	b->digest = hex(a, (struct str){ (const char *)pen.digest.b, sizeof(pen.digest.b) });
	return good;
}

struct str
bundle_subject(struct arena *a, const struct report *r)
{
	const struct choice *tlp = choice_by_code(&choices_tlp, r->tlp);

	return arena_printf(a, "%.*s (%.*s)", STR_FMT(r->report_no), STR_FMT(tlp ? tlp->key : STR("TLP:AMBER")));
}

struct str
bundle_subject_of_period(struct arena *a, const struct bundle *b)
{
	struct buf s = { .arena = a };

	if (b->from != INT64_MIN)
		buf_rfc3339(&s, b->from);
	buf_c(&s, " - ");
	if (b->to != INT64_MAX)
		buf_rfc3339(&s, b->to);
	buf_c(&s, " (TLP:AMBER+STRICT)");
	return buf_str(&s);
}

bool
bundle_pin(struct tx *tx, struct bundle *b, struct err *err)
{
	struct kept_checkpoint newest;
	struct log_head head;

	if (!checkpoint_last(tx, &newest, err) || !log_head(tx, &head, err))
		return false;
	b->size = newest.size ? newest.size : head.size;
	b->checkpoint = newest.size ? newest.note : STR_NONE;
	return true;
}

/* What decides it: whose it is, of what, up to which size of the log. */
static bool
fill(struct tx *tx, const struct principal *who, const struct bundle_wish *wish, struct bundle *b, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct report r;

	*b = (struct bundle){ .at = tx_now(tx), .account = who->account, .org = who->org, .reason = wish->reason,
		.report = wish->report, .from = wish->from, .to = wish->to };
	b->by = arena_printf(a, "%.*s, %.*s", STR_FMT(who->name), STR_FMT(who->org_name[who->lang]));
	if (wish->report) {
		if (!report_get(tx, who, wish->report, &r, err))
			return false;
		if (r.received_at == NO_TIME)
			return err_set(err, FAULT_STATE);
		b->subject = bundle_subject(a, &r);
		b->told_org = r.org_id;
		b->told_cert = r.cert_id;
	} else {
		b->cert = b->told_cert = principal_is(who, ROLE_AUDITOR) ? 0 : who->org;
		b->subject = bundle_subject_of_period(a, b);
	}
	return bundle_pin(tx, b, err);
}

struct taking {
	const struct principal *who;
	struct str address;
	struct bundle *b;
};

static struct value *
facts_of(struct arena *a, const struct bundle *b)
{
	struct value *facts = value_map(a);

	map_int(a, facts, "bundle", b->id);
	map_str(a, facts, "subject", b->subject);
	map_int(a, facts, "size", b->size);
	map_int(a, facts, "entries", b->entries);
	map_str(a, facts, "digest", b->digest);
	return facts;
}

bool
bundle_record(struct tx *tx, const struct bundle *b, struct err *err)
{
	const struct audit record = { .action = b->report ? "report.export" : "log.export", .entity = b->report ? "report" : "log",
		.object = b->report, .org = b->told_org, .details = facts_of(tx_arena(tx), b) };

	tx_reason(tx, b->reason);
	return audit_append(tx, &record, err);
}

static bool
take_work(struct tx *tx, void *arg, struct err *err)
{
	struct taking *t = arg;
	struct bundle *b = t->b;

	identity_act(tx, t->who, t->address);
	b->id = id_new();
	return db_run(tx, S_BUNDLE_ADD, err, I(b->id), I(b->at), I(b->account), I(b->org), T(b->by), T(b->reason),
	    T(b->subject), b->report ? I(b->report) : (struct val){ .kind = VAL_NULL }, I(b->from), I(b->to), I(b->cert),
	    I(b->told_org), I(b->told_cert), I(b->size), T(b->checkpoint), I(b->entries), I(b->files), I(b->bytes),
	    T(b->digest)) && bundle_record(tx, b, err);
}

bool
bundle_take(struct store *st, struct arena *a, const struct principal *who, struct str address,
    const struct bundle_wish *wish, int64_t *ret_id, struct err *err)
{
	struct bundle b;
	struct taking t = { who, address, &b };
	struct err no_signer = { .arena = a };
	struct tx *tx;
	bool good;

	/* with everything up to now in a signed checkpoint; where nobody signs, with what there is */
	checkpoint_make(st, a, &no_signer);
	tx = store_read(st, a, err);
	good = tx && fill(tx, who, wish, &b, err);
	store_done(tx);
	if (!good || !bundle_count(st, a, &b, NULL, NULL, err) || !store_write(st, a, take_work, &t, err))
		return false;
	*ret_id = b.id;
	return true;
}

/* ---- reading ---- */

static void
load(const struct rows *q, struct bundle *b)
{
	*b = (struct bundle){
		.id = db_int(q, 0),
		.at = db_int(q, 1),
		.account = db_int(q, 2),
		.org = db_int(q, 3),
		.by = db_str(q, 4),
		.reason = db_str(q, 5),
		.subject = db_str(q, 6),
		.report = db_null(q, 7) ? 0 : db_int(q, 7),
		.from = db_int(q, 8),
		.to = db_int(q, 9),
		.cert = db_int(q, 10),
		.told_org = db_int(q, 11),
		.told_cert = db_int(q, 12),
		.size = db_int(q, 13),
		.checkpoint = db_str(q, 14),
		.entries = db_int(q, 15),
		.files = db_int(q, 16),
		.bytes = db_int(q, 17),
		.digest = db_str(q, 18),
	};
}

/* As whom he is told: the first parameters of the statements. */
struct ear {
	int64_t cert, org, all;
};

static struct ear
ear_of(const struct principal *who)
{
	return (struct ear){
		.cert = principal_is(who, ROLE_MANAGER) ? who->org : 0,
		.org = principal_is(who, ROLE_PROVIDER_ADMIN) ? who->org : 0,
		.all = principal_is(who, ROLE_AUDITOR),
	};
}

bool
bundle_get(struct tx *tx, const struct principal *who, int64_t id, struct bundle *ret_bundle, struct err *err)
{
	struct ear ear = ear_of(who);
	struct rows q = db_query(tx, S_BUNDLE_GET, I(who->account), I(ear.cert), I(ear.org), I(ear.all), I(id));
	struct bundle b;
	bool there = db_next(&q);

	if (there)
		load(&q, &b);
	if (!db_end(&q, err))
		return false;
	if (!there)
		return err_set(err, FAULT_NOT_FOUND);
	*ret_bundle = b;
	return true;
}

bool
bundle_erased_since(struct tx *tx, const struct bundle *b, bool *ret_erased, struct err *err)
{
	struct rows q = db_query(tx, S_BUNDLE_ERASED, I(b->size));
	bool erased = db_next(&q);

	if (!db_end(&q, err))
		return false;
	*ret_erased = erased;
	return true;
}

bool
bundle_mine(const struct bundle *b, const struct principal *who)
{
	return b->account == who->account;
}

static bool
seen_at(struct tx *tx, const struct principal *who, const struct bundle *b, int64_t *ret_at, struct err *err)
{
	struct rows q = db_query(tx, S_BUNDLE_SEEN, I(b->id), I(who->account));

	*ret_at = db_next(&q) ? db_int(&q, 0) : NO_TIME;
	return db_end(&q, err);
}

static void
map_end(struct arena *a, struct value *v, const char *key, int64_t t)
{
	map_time(a, v, key, t == INT64_MIN || t == INT64_MAX ? NO_TIME : t);
}

struct value *
bundle_view(struct tx *tx, const struct principal *who, const struct bundle *b, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a);
	bool mine = bundle_mine(b, who);
	int64_t seen;

	if (!seen_at(tx, who, b, &seen, err))
		return NULL;
	map_int(a, v, "id", b->id);
	map_time(a, v, "at", b->at);
	map_str(a, v, "by", b->by);
	map_str(a, v, "subject", b->subject);
	map_str(a, v, "reason", b->reason);
	map_int(a, v, "report", b->report ? b->report : NO_TIME);
	map_end(a, v, "from", b->from);
	map_end(a, v, "to", b->to);
	map_int(a, v, "entries", b->entries);
	map_int(a, v, "files", b->files);
	map_int(a, v, "bytes", b->bytes);
	map_int(a, v, "size", b->size);
	map_bool(a, v, "complete", b->checkpoint.p != NULL);
	map_str(a, v, "digest", b->digest);
	map_bool(a, v, "mine", mine);
	map_time(a, v, "seen", seen);
	map_bool(a, v, "to_be_seen", !mine && seen == NO_TIME && !principal_is(who, ROLE_AUDITOR));
	map_str(a, v, "href", arena_printf(a, "/exports/%lld", (long long)b->id));
	map_str(a, v, "bundle", mine ? arena_printf(a, "/exports/%lld/bundle", (long long)b->id) : STR_NONE);
	return v;
}

struct value *
bundle_list(struct tx *tx, const struct principal *who, int64_t before, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct bundle *page = arena_alloc(a, (ROWS + 1) * sizeof(*page));
	struct value *out = value_map(a), *list = map_list(a, out, "rows");
	struct ear ear = ear_of(who);
	struct rows q = db_query(tx, S_BUNDLE_LIST, I(who->account), I(ear.cert), I(ear.org), I(ear.all),
	    I(before > 0 ? before : INT64_MAX), I(ROWS + 1));
	int n = 0;

	while (n <= ROWS && db_next(&q))
		load(&q, &page[n++]);
	if (!db_end(&q, err))
		return NULL;
	for (int i = 0; i < n && i < ROWS; i++) {
		struct value *v = bundle_view(tx, who, &page[i], err);

		if (!v)
			return NULL;
		list_add(list, v);
	}
	map_int(a, out, "next", n > ROWS ? page[ROWS - 1].id : NO_TIME);
	return out;
}

bool
bundle_unseen(struct tx *tx, const struct principal *who, int64_t *ret_count, struct err *err)
{
	struct ear ear = ear_of(who);
	int64_t n = 0;
	struct rows q;

	if (ear.cert || ear.org) {
		q = db_query(tx, S_BUNDLE_UNSEEN, I(who->account), I(ear.cert), I(ear.org), I(UNSEEN_COUNTED));
		while (db_next(&q))
			n++;
		if (!db_end(&q, err))
			return false;
	}
	*ret_count = n;
	return true;
}

bool
bundle_record_fetch(struct tx *tx, const struct bundle *b, struct err *err)
{
	struct value *facts = value_map(tx_arena(tx));
	const struct audit record = { .action = b->report ? "report.export_fetch" : "log.export_fetch",
		.entity = b->report ? "report" : "log", .object = b->report, .org = b->told_org, .details = facts };

	map_int(tx_arena(tx), facts, "bundle", b->id);
	return audit_append(tx, &record, err);
}

bool
bundle_see(struct tx *tx, const struct principal *who, const struct bundle *b, struct err *err)
{
	struct value *facts = value_map(tx_arena(tx));
	const struct audit record = { .action = b->report ? "report.export_seen" : "log.export_seen",
		.entity = b->report ? "report" : "log", .object = b->report, .org = b->told_org, .details = facts };
	int64_t at;

	if (bundle_mine(b, who))
		return err_set(err, FAULT_ROLE);
	if (!seen_at(tx, who, b, &at, err))
		return false;
	if (at != NO_TIME)
		return true;
	map_int(tx_arena(tx), facts, "bundle", b->id);
	return db_run(tx, S_BUNDLE_SEE, err, I(b->id), I(who->account), I(tx_now(tx))) && audit_append(tx, &record, err);
}
