#include "desk/work.h"

#include <assert.h>

#include "store/audit.h"

#define FILES_SINCE 100                  /* versions that only brought files, looked at behind one that was seen */

int
scoped(int first, const struct principal *who)
{
	enum scope_kind kind = who->reports.kind;

	return kind > SCOPE_NONE && kind < SCOPE__MAX ? first + (int)kind - SCOPE_UNIT : -1;
}

void
work_begin(struct work *w, struct tx *tx, const struct principal *who, const struct report_input *input,
    struct err *err)
{
	*w = (struct work){ .tx = tx, .who = who, .input = input, .a = tx_arena(tx), .now = tx_now(tx),
	    .err = err };
}

bool
work_open(struct work *w, int64_t id)
{
	if (!report_get(w->tx, w->who, id, &w->was, w->err))
		return false;
	w->r = w->written = w->was;
	return true;
}

/* All versions since the one that was seen, none missing, changed which files there are and nothing else. */
static bool
only_files(struct work *w, int64_t seen)
{
	struct rows q = db_query(w->tx, S_VERSION_LIST, I(w->was.id), I(FILES_SINCE));
	int64_t next = w->was.version;

	while (next > seen && db_next(&q) && db_int(&q, 0) == next && str_is(db_str(&q, 3), "attachments"))
		next--;
	return db_end(&q, w->err) && next == seen;
}

bool
work_version(struct work *w, bool wanted)
{
	int64_t seen = w->input->expected ? w->input->expected : entity_expected(w->input->in);

	if (!seen)
		return !wanted || err_set(w->err, FAULT_VERSION_NEEDED);
	if (seen == w->was.version)
		return true;
	/* whoever types has not seen which files came meanwhile, and touches none of them */
	if (!w->t && only_files(w, seen))
		return true;
	err_set(w->err, FAULT_VERSION);
	if (!w->err->data)
		w->err->data = version_since(w, seen);
	return false;
}

void
work_event(struct work *w, enum event e, int64_t at)
{
	assert(w->event_count < WORK_EVENTS);
	w->events[w->event_count].e = e;
	w->events[w->event_count++].at = at;
}

bool
work_fault(struct work *w, const struct entity *e, const char *field, enum fault f, const char *detail)
{
	const struct field *row = entity_field(e, str_c(field));

	for (const struct field_err *named = w->err->fields; named; named = named->next)
		if (str_eq(named->field, row->key))
			return false;
	return err_field(w->err, row->key, row->label, f, 0, str_c(detail));
}

bool
work_future(const struct work *w, int64_t t)
{
	return t != NO_TIME && t > w->now + 5 * MINUTE;
}

bool
work_write(struct work *w, const char *action)
{
	bool changed = true, ok;

	tx_leave(w->tx, NULL);
	report_derive(&w->r);
	if (w->r.id)
		ok = entity_update(w->tx, ENTITY_REPORT, &w->r, 0, action, w->r.org_id, &changed, w->err);
	else
		ok = entity_insert(w->tx, ENTITY_REPORT, &w->r, action, w->r.org_id, w->err);
	if (!ok)
		return false;
	if (!changed)
		return true;
	w->record = audit_newest(w->tx);
	if (!version_keep(w, action + sizeof("report.") - 1) || !index_keep(w))
		return false;
	w->written = w->r;
	return true;
}

static bool
submitted(const struct report *r)
{
	return r->received_at != NO_TIME;
}

/*
 * Upward or not: due as soon as one of the four triggers is there, and not due any more if all of them went
 * before it was handed over. Guide 3.2.2.
 */
static void
turn_escalation(struct work *w)
{
	bool called_for = w->r.escalation_why != NONE && w->r.report_kind != KIND_OF_REPORT_VOLUNTARY &&
	    !w->cancel_duties;

	if (!submitted(&w->r))
		return;
	if (called_for && (w->r.escalation == ESCALATION_NONE || w->r.escalation == NONE)) {
		w->r.escalation = ESCALATION_DUE;
		work_event(w, EVENT_ESCALATION_DUE, w->now);
	} else if (!called_for && w->r.escalation == ESCALATION_DUE) {
		w->r.escalation = ESCALATION_NONE;
	}
}

/* Of a report that is new and filed at once: its duties are those that just began. */
static void
leave_filed(struct work *w, const struct clocks *c)
{
	struct filed *filed = arena_make(w->a, struct filed);
	int n = 0;

	for (const struct held *h = c->first; h; h = h->next)
		n++;
	*filed = (struct filed){ .report = w->r.id, .record = w->record };
	filed->duties.list = arena_alloc(w->a, (size_t)(n + 1) * sizeof(*filed->duties.list));
	for (const struct held *h = c->first; h; h = h->next)
		filed->duties.list[filed->duties.n++] = h->d;
	tx_leave(w->tx, filed);
}

const struct filed *
filed_here(const struct tx *tx, const struct report *r)
{
	const struct filed *filed = tx_can_write(tx) ? tx_left(tx) : NULL;

	return filed && filed->report == r->id ? filed : NULL;
}

static bool
follow(struct work *w)
{
	bool is_new = w->was.id == 0;
	struct clocks c;

	if (!submitted(&w->r) || w->r.report_kind == KIND_OF_REPORT_VOLUNTARY)
		return true;
	if (!clocks_open(&c, w->tx, &w->r, !submitted(&w->was), w->err))
		return false;
	if (w->cancel_duties) {
		clocks_cancel(&c);
		return clocks_write(&c, NULL, w->err);
	}
	if (submitted(&w->was) && w->was.regimes != w->r.regimes)
		clocks_regimes(&c);
	if (submitted(&w->was) && (w->was.level != w->r.level || w->was.classified_at != w->r.classified_at))
		clocks_relevel(&c);
	for (int i = 0; i < w->event_count; i++)
		clocks_event(&c, w->events[i].e, w->events[i].at);
	if (w->was.escalation == ESCALATION_DUE && w->r.escalation == ESCALATION_NONE)
		clocks_call_off(&c, EVENT_ESCALATION_DUE);
	if (!clocks_write(&c, NULL, w->err))
		return false;
	if (is_new)
		leave_filed(w, &c);
	return true;
}

/* Whether the clocks have anything to follow, so that a plain save need not ask for them. */
static bool
moved(const struct work *w)
{
	return w->event_count || w->cancel_duties || w->was.level != w->r.level ||
	    w->was.regimes != w->r.regimes || w->was.classified_at != w->r.classified_at ||
	    w->was.escalation != w->r.escalation;
}

/* Its duties carry its category, for the board. */
static bool
carry(struct work *w)
{
	return !submitted(&w->was) || w->was.category == w->r.category ||
	    db_run(w->tx, S_DUTY_CATEGORY, w->err, I(w->r.id), N(w->r.category));
}

bool
work_finish(struct work *w)
{
	report_derive(&w->r);
	turn_escalation(w);
	return work_write(w, w->action) && (!w->beside || w->beside(w)) && carry(w) && (!moved(w) || follow(w));
}
