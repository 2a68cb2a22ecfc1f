/* What the files about attachments share. Private to them. */
#ifndef DESK_ATTACHMENT_PRIVATE_H
#define DESK_ATTACHMENT_PRIVATE_H

#include "desk/attachment.h"
#include "desk/sealed.h"

/* FAULT_ROLE, FAULT_STATE. */
bool attachment_may_add(const struct principal *who, const struct report *r, struct err *err);
/* FAULT_NOT_FOUND when the report has no such file. */
bool attachment_find(struct tx *tx, int64_t report, int64_t id, struct attachment *ret_attachment, struct err *err);
/* The report's field follows what its files are now: a version, called action. */
bool attachment_noted(struct tx *tx, const struct principal *who, int64_t report, const char *action, struct err *err);
/* Key and parts of one that never was whole; under a hold they stay, and attachment_tick() comes back for them. */
bool attachment_drop_bytes(struct tx *tx, int64_t id, struct err *err);

#endif
