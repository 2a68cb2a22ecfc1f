#include "desk/form.h"

#include "desk/work.h"

unsigned
report_editors(const struct principal *who, const struct report *r)
{
	return work_editors(who, r);
}

bool
report_blank(struct tx *tx, const struct principal *who, struct report *ret_report, struct err *err)
{
	const struct report_input input = { .in = value_map(tx_arena(tx)) };
	const struct report *blank = entity_new(&entity_report, tx_arena(tx));
	struct work w;

	work_begin(&w, tx, who, &input, err);
	w.r = *blank;
	if (!(work_editors(who, &w.r) & BY_P))
		return err_set(err, FAULT_ROLE);
	w.r.id = w.r.version = 0;
	w.r.state = REPORT_DRAFT;
	w.r.tlp = TLP_AMBER;
	w.r.report_kind = KIND_OF_REPORT_INCIDENT;
	/* the staff say first for whom they enter it; the rest follows from that */
	if (principal_is(who, ROLE_PROVIDER)) {
		w.r.channel = CHANNEL_WEB;
		if (!work_unit(&w, true))
			return false;
	}
	*ret_report = w.r;
	return true;
}
