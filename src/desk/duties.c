#include "desk/duties.h"

#include "desk/clocks.h"
#include "model/life.h"

bool
duties_event(struct tx *tx, const struct report *r, enum event e, int64_t at, struct err *err)
{
	struct clocks c;

	if (!clocks_open(&c, tx, r, false, err))
		return false;
	clocks_event(&c, e, at);
	return clocks_write(&c, NULL, err);
}

bool
duties_relevel(struct tx *tx, const struct report *r, struct err *err)
{
	struct clocks c;

	if (!clocks_open(&c, tx, r, false, err))
		return false;
	clocks_relevel(&c);
	return clocks_write(&c, NULL, err);
}

bool
duties_cancel(struct tx *tx, const struct report *r, struct err *err)
{
	struct clocks c;

	if (!clocks_open(&c, tx, r, false, err))
		return false;
	clocks_cancel(&c);
	return clocks_write(&c, NULL, err);
}

/* ---- extension ---- */

/* A fault of the input of extend, grant or fulfil. */
static bool
fault(const struct entity *in, const char *name, enum fault f, struct err *err)
{
	return err_field(err, str_c(name), entity_field(in, str_c(name))->label, f, 0, STR_NONE);
}

/*
 * The open duty that is meant: the one named, or else the improvement report's; the first whose rule can be
 * extended if there is none of that.
 */
static struct held *
meant(struct clocks *c, int64_t duty)
{
	struct held *first = NULL;

	for (struct held *h = c->first; h; h = h->next) {
		if (h->d.state != DUTY_OPEN || !h->rule || !h->rule->extendable)
			continue;
		if (duty > 0 ? h->d.id == duty : h->rule->stop == EVENT_IMPROVEMENT)
			return h;
		if (!first)
			first = h;
	}
	return duty > 0 ? NULL : first;
}

bool
duty_extend_ask(struct tx *tx, const struct report *r, int64_t duty, int64_t until, struct str reason,
    struct err *err)
{
	struct clocks c;
	struct held *h;

	if (!clocks_open(&c, tx, r, false, err))
		return false;
	h = meant(&c, duty);
	if (!h)
		return fault(&in_extend, "duty", FAULT_F_REF, err);
	if (until <= h->d.due_at)
		return err_field(err, STR("until"), entity_field(&in_extend, STR("until"))->label,
		    FAULT_F_ORDER, 0, STR("due_at"));
	h->d.extend_until = until;
	h->d.extend_reason = reason;
	h->touched = true;
	return clocks_write(&c, "duty.extension_asked", err);
}

/* The open duty for which more time was asked: the one named, or the first. */
static struct held *
asked(struct clocks *c, int64_t duty)
{
	for (struct held *h = c->first; h; h = h->next)
		if (h->d.state == DUTY_OPEN && h->d.extend_until != NO_TIME && (duty <= 0 || h->d.id == duty))
			return h;
	return NULL;
}

bool
duty_extend_grant(struct tx *tx, const struct report *r, int64_t duty, bool granted, int64_t until,
    struct str remark, struct err *err)
{
	struct clocks c;
	struct held *h;

	if (!clocks_open(&c, tx, r, false, err))
		return false;
	h = asked(&c, duty);
	if (!h)
		return fault(&in_grant, "duty", FAULT_F_REF, err);
	if (granted && until == NO_TIME)
		until = h->d.extend_until;
	if (granted && until <= h->d.due_at)
		return err_field(err, STR("until"), entity_field(&in_grant, STR("until"))->label,
		    FAULT_F_ORDER, 0, STR("due_at"));
	if (granted)
		h->d.due_at = until;
	h->d.extend_until = NO_TIME;
	if (remark.p)
		h->d.note = remark;
	h->touched = true;
	clocks_mark(&c, h);
	return clocks_write(&c, granted ? "duty.extended" : "duty.extension_refused", err);
}

bool
duty_fulfil(struct tx *tx, const struct report *r, int64_t duty, struct str note, struct err *err)
{
	struct clocks c;
	struct held *h;

	if (!clocks_open(&c, tx, r, false, err))
		return false;
	h = clocks_find(&c, duty);
	if (!h || h->d.state != DUTY_OPEN || !h->rule || !clock_by_hand(r, h->rule))
		return fault(&in_fulfil, "duty", FAULT_F_REF, err);
	h->d.note = note;
	clocks_meet(&c, h, c.now);
	return clocks_write(&c, NULL, err);
}
