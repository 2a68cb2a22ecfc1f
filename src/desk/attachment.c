/* What there is of files, who may add and withdraw them, who took them. How their bytes come: arrival.c. */
#include "desk/attachment.h"

#include <assert.h>

#include "base/json.h"
#include "desk/attachment_private.h"
#include "desk/identity.h"
#include "desk/words.h"
#include "desk/work.h"
#include "store/audit.h"

#define MIB ((int64_t)1 << 20)
#define CUSTODY_SHOWN 500

static struct attachment_limits limits = { .size = 256 * MIB, .total = 1024 * MIB, .count = 50, .form = 16 * MIB };

void
attachment_configure(const struct attachment_limits *l)
{
	assert(l->size > 0 && l->total > 0 && l->count > 0 && l->form > 0);
	limits = *l;
}

const struct attachment_limits *
attachment_limits(void)
{
	return &limits;
}

/* ---- rights ---- */

/* The reference's P, V and H, in a draft and while the report is open. */
static bool
may_add(const struct principal *who, const struct report *r)
{
	return (work_editors(who, r) & (BY_P | BY_V | BY_H)) != 0 && (report_whens(r) & 1u << WHEN_OPEN) != 0;
}

bool
attachment_may_add(const struct principal *who, const struct report *r, struct err *err)
{
	if (!(work_editors(who, r) & (BY_P | BY_V | BY_H)))
		return err_set(err, FAULT_ROLE);
	return may_add(who, r) || err_set(err, FAULT_STATE);
}

static bool
may_withdraw(const struct principal *who, const struct report *r, const struct attachment *at)
{
	return at->state != ATTACHMENT_WITHDRAWN && at->org_id == who->org && may_add(who, r);
}

/* ---- reading ---- */

/* One row of S_ATTACHMENT_OF_REPORT. */
struct shown {
	struct attachment a;
	struct str by, by_org, withdrawn_by;
	int64_t received;
};

static void
load(const struct rows *q, enum lang lang, struct shown *ret_shown)
{
	int next = entity_load(ENTITY_ATTACHMENT, q, 0, &ret_shown->a);

	ret_shown->by = db_str(q, next);
	ret_shown->by_org = db_str(q, next + 1 + (lang == LANG_EN));
	ret_shown->withdrawn_by = db_str(q, next + 3);
	ret_shown->received = db_int(q, next + 4);
}

static bool
find(struct tx *tx, enum lang lang, int64_t report, int64_t id, struct shown *ret_shown, struct err *err)
{
	struct rows q;
	bool found;

	if (id <= 0)
		return err_set(err, FAULT_NOT_FOUND);
	q = db_query(tx, S_ATTACHMENT_OF_REPORT, I(report), I(id));
	found = db_next(&q);
	if (found)
		load(&q, lang, ret_shown);
	return db_end(&q, err) && (found || err_set(err, FAULT_NOT_FOUND));
}

bool
attachment_find(struct tx *tx, int64_t report, int64_t id, struct attachment *ret_attachment, struct err *err)
{
	struct shown s;

	if (!find(tx, LANG_ZH, report, id, &s, err))
		return false;
	*ret_attachment = s.a;
	return true;
}

static struct value *
show(const struct shown *s, const struct principal *who, const struct report *r, struct arena *a)
{
	struct value *v = entity_show(&entity_attachment, &s->a, 0, a);
	struct str href = arena_printf(a, "/reports/%lld/attachments/%lld", (long long)r->id, (long long)s->a.id);

	map_str(a, v, "by", s->by);
	map_str(a, v, "by_org", s->by_org);
	map_str(a, v, "withdrawn_by_name", s->withdrawn_by);
	map_int(a, v, "received", s->a.whole_at != NO_TIME ? s->a.size : s->received == NONE ? 0 : s->received);
	map_str(a, v, "href", href);
	map_str(a, v, "archive",
	    s->a.state == ATTACHMENT_WHOLE ? arena_printf(a, "%.*s/archive", STR_FMT(href)) : STR_NONE);
	map_bool(a, v, "may_withdraw", may_withdraw(who, r, &s->a));
	return v;
}

static bool
was_cancelled(const struct attachment *at)
{
	return at->state == ATTACHMENT_WITHDRAWN && at->whole_at == NO_TIME;
}

struct value *
attachment_list(struct tx *tx, const struct principal *who, const struct report *r, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *out = value_map(a), *rows = map_list(a, out, "rows"), *most;
	struct rows q = db_query(tx, S_ATTACHMENT_OF_REPORT, I(r->id), I(0));
	struct shown s;

	while (db_next(&q)) {
		load(&q, who->lang, &s);
		if (!was_cancelled(&s.a))
			list_add(rows, show(&s, who, r, a));
	}
	if (!db_end(&q, err))
		return NULL;
	map_bool(a, out, "may_add", may_add(who, r));
	most = map_map(a, out, "limits");
	map_int(a, most, "size", limits.size);
	map_int(a, most, "total", limits.total);
	map_int(a, most, "count", limits.count);
	map_int(a, most, "form", limits.form);
	map_int(a, most, "chunk", (int64_t)ATTACHMENT_CHUNK);
	return out;
}

/* ---- custody ---- */

static bool
add_custody(struct tx *tx, const struct principal *who, int64_t id, struct value *out, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *list = map_list(a, out, "custody");
	struct rows q = db_query(tx, S_ATTACHMENT_CUSTODY, I(id), I(CUSTODY_SHOWN));

	while (db_next(&q)) {
		struct value *row = list_add(list, value_map(a));
		struct str action = db_str(&q, 1), name = db_str(&q, 2);

		map_time(a, row, "at", db_int(&q, 0));
		map_term(a, row, "action", action, word_of_action(action));
		if (name.n)
			map_str(a, row, "who", name);
		else
			map_term(a, row, "who", STR("system"), "trail.system");
		map_str(a, row, "org", db_str(&q, 4 + (who->lang == LANG_EN)));
		map_str(a, row, "reason", db_str(&q, 6));
	}
	return db_end(&q, err);
}

struct value *
attachment_view(struct tx *tx, const struct principal *who, const struct report *r, int64_t id, struct err *err)
{
	struct arena *a = tx_arena(tx);
	unsigned char key[SEALED_KEY];
	struct value *out;
	struct shown s;
	bool has_key;

	if (!find(tx, who->lang, r->id, id, &s, err) || !sealed_key(tx, id, key, &has_key, err))
		return NULL;
	out = show(&s, who, r, a);
	map_str(a, out, "password",
	    has_key && s.a.state == ATTACHMENT_WHOLE ? sealed_password(a, key) : STR_NONE);
	return add_custody(tx, who, id, out, err) ? out : NULL;
}

bool
attachment_take(struct tx *tx, const struct principal *who, const struct report *r, int64_t id,
    struct attachment_taken *ret_taken, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *facts = value_map(a);
	struct attachment_taken t = { .password = STR_NONE };
	const struct audit of_file = { .action = "attachment.take", .entity = "attachment", .object = id,
		.org = r->org_id, .details = facts };
	const struct audit of_report = { .action = "report.take", .entity = "report", .object = r->id,
		.org = r->org_id, .details = facts };
	bool has_key;

	if (!attachment_find(tx, r->id, id, &t.attachment, err) || !sealed_key(tx, id, t.key, &has_key, err))
		return false;
	if (t.attachment.state != ATTACHMENT_WHOLE || !has_key)
		return err_set(err, FAULT_STATE);
	t.password = sealed_password(a, t.key);
	map_int(a, facts, "attachment", id);
	map_str(a, facts, "name", t.attachment.name);
	map_str(a, facts, "sha256", t.attachment.sha256);
	(void)who;
	if (!audit_append(tx, &of_file, err) || !audit_append(tx, &of_report, err))
		return false;
	*ret_taken = t;
	return true;
}

bool
attachment_read(struct tx *tx, const struct attachment_taken *t, int64_t at, struct str *ret_bytes, struct err *err)
{
	struct rows q = db_query(tx, S_ATTACHMENT_PART, I(t->attachment.id), I(at));
	bool found = db_next(&q);
	int64_t begins = found ? db_int(&q, 0) : 0;
	struct str sealed = found ? db_str(&q, 1) : STR(""), bytes;

	if (!db_end(&q, err))
		return false;
	if (!found || !sealed_open(tx_arena(tx), t->key, t->attachment.id, begins, sealed, &bytes) ||
	    at - begins >= (int64_t)bytes.n)
		return err_setf(err, FAULT_INTERNAL, "attachment %lld lacks bytes from %lld on",
		    (long long)t->attachment.id, (long long)at);
	*ret_bytes = str_from(bytes, (size_t)(at - begins));
	return true;
}

/* ---- the report's own field ---- */

bool
attachment_field(struct tx *tx, int64_t report, struct str *ret_text, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *list = value_list(a);
	struct rows q = db_query(tx, S_ATTACHMENT_OF_REPORT, I(report), I(0));
	struct buf b = { .arena = a };
	struct shown s;

	while (db_next(&q)) {
		struct value *v;

		load(&q, LANG_ZH, &s);
		if (s.a.whole_at == NO_TIME)
			continue;
		v = list_add(list, value_map(a));
		map_int(a, v, "id", s.a.id);
		map_str(a, v, "name", s.a.name);
		map_int(a, v, "size", s.a.size);
		map_str(a, v, "sha256", s.a.sha256);
		map_str(a, v, "at", time_rfc3339(a, s.a.whole_at));
		map_str(a, v, "by", s.by);
		map_str(a, v, "state", choice_by_code(&choices_attachment_state, s.a.state)->key);
	}
	if (!db_end(&q, err))
		return false;
	json_canonical(&b, list);
	*ret_text = list->n ? buf_str(&b) : STR_NONE;
	return true;
}

bool
attachment_noted(struct tx *tx, const struct principal *who, int64_t report, const char *action, struct err *err)
{
	const struct report_input nothing = { .in = value_map(tx_arena(tx)) };
	struct work w;

	work_begin(&w, tx, who, &nothing, err);
	w.action = action;
	return work_open(&w, report) && attachment_field(tx, report, &w.r.attachments, err) && work_finish(&w);
}

/* ---- withdrawn ---- */

#define IN_WITHDRAW(F) F(reason, LONG, 0, BY_P|BY_V|BY_H, ALWAYS, 1, 2000, NULL, NULL)
struct in_attachment_withdraw { IN_WITHDRAW(FIELD_MEMBER) };
#define IN_WITHDRAW_ROW(...) FIELD_ROW(in_attachment_withdraw, __VA_ARGS__)
static const struct field in_withdraw_fields[] = { IN_WITHDRAW(IN_WITHDRAW_ROW) };
const struct entity in_attachment_withdraw = ENTITY(in_attachment_withdraw, in_withdraw_fields, false);

static bool
is_held(struct tx *tx, int64_t id, bool *ret_held, struct err *err)
{
	struct rows q = db_query(tx, S_ATTACHMENT_HELD, I(id));
	bool held = db_next(&q);

	if (!db_end(&q, err))
		return false;
	*ret_held = held;
	return true;
}

bool
attachment_drop_bytes(struct tx *tx, int64_t id, struct err *err)
{
	bool held;

	if (!is_held(tx, id, &held, err))
		return false;
	return held || (db_run(tx, S_ATTACHMENT_KEY_DROP, err, I(id)) && db_run(tx, S_ATTACHMENT_PARTS_DROP, err, I(id)) &&
	    db_run(tx, S_ATTACHMENT_CAME, err, I(id)));
}

static bool
read_reason(struct tx *tx, const struct report_input *input, bool wanted, struct str *ret_reason, struct err *err)
{
	struct in_attachment_withdraw *in = entity_new(&in_attachment_withdraw, tx_arena(tx));
	const struct entity_input how = { .in = input->in, .editors = BY_P | BY_V | BY_H, .form = input->form };

	if (!entity_read(&in_attachment_withdraw, &how, in, tx_arena(tx), err))
		return false;
	if (wanted && !in->reason.p)
		return err_field(err, in_withdraw_fields[0].key, in_withdraw_fields[0].label, FAULT_F_MISSING, 0, STR_NONE);
	*ret_reason = in->reason;
	return true;
}

bool
attachment_withdraw(struct tx *tx, const struct principal *who, const struct report *r, int64_t id,
    const struct report_input *input, struct attachment *ret_attachment, struct err *err)
{
	struct attachment at;
	bool whole;

	if (!attachment_find(tx, r->id, id, &at, err) || !attachment_may_add(who, r, err))
		return false;
	if (at.org_id != who->org)
		return err_set(err, FAULT_ROLE);
	if (at.state == ATTACHMENT_WITHDRAWN)
		return err_set(err, FAULT_STATE);
	whole = at.state == ATTACHMENT_WHOLE;
	if (!read_reason(tx, input, whole, &at.reason, err))
		return false;
	at.state = ATTACHMENT_WITHDRAWN;
	at.withdrawn_at = tx_now(tx);
	at.withdrawn_by = who->account;
	if (at.reason.p)
		tx_reason(tx, at.reason);
	if (!entity_update(tx, ENTITY_ATTACHMENT, &at, 0, whole ? "attachment.withdraw" : "attachment.cancel", r->org_id,
	    NULL, err))
		return false;
	if (!(whole ? attachment_noted(tx, who, r->id, "report.detach", err) : attachment_drop_bytes(tx, id, err)))
		return false;
	*ret_attachment = at;
	return true;
}
