/* What a report's form begins with, and which of its fields a person may fill in. */
#ifndef DESK_FORM_H
#define DESK_FORM_H

#include "desk/reports.h"

/*
 * A report as its form shows it before anything is typed: what report_create() would fill in from the account, its person,
 * organisation and sector. Nothing is written. FAULT_ROLE for whoever may not make one.
 */
bool report_blank(struct tx *tx, const struct principal *who, struct report *ret_report, struct err *err);
/* BY_... of the fields that this person may change on this report: entity_input.editors. 0: none. */
unsigned report_editors(const struct principal *who, const struct report *r);

#endif
