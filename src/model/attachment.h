/*
 * A file that belongs to a report (附件): logs, screenshots, samples. Its bytes lie sealed beside it, in parts, and are not a
 * member of this record: desk/attachment.h. Source: domain reference 1.5 and 2.3 (level 3 and 4: logs are supplied to the CERT).
 */
#ifndef MODEL_ATTACHMENT_H
#define MODEL_ATTACHMENT_H

#include "model/entity.h"

/* Codes are in the database. Whole ones are withdrawn with a reason; nothing is deleted. */
enum attachment_state { ATTACHMENT_ARRIVING, ATTACHMENT_WHOLE, ATTACHMENT_WITHDRAWN };
extern const struct choices choices_attachment_state;

#define ATTACHMENT(F) \
	F(report_id,    REF,  SYSTEM, BY_S, ONCE, 0, 0, NULL, NULL) \
	F(name,         TEXT, SYSTEM, BY_S, ONCE, 1, 200, NULL, NULL)          /* harmless wherever it is written */ \
	F(name_sent,    TEXT, SYSTEM, BY_S, ONCE, 1, 1000, NULL, NULL)         /* as it was sent, in visible characters, if it is another */ \
	F(size,         INT,  SYSTEM, BY_S, ONCE, 1, INT64_MAX, NULL, NULL)    /* bytes, as announced and as received */ \
	F(sha256,       TEXT, SYSTEM, BY_S, ONCE, 64, 64, NULL, NULL)          /* the server's own; before it is whole what the sender says */ \
	F(state,        ENUM, SYSTEM, BY_S, ALWAYS, 0, 0, &choices_attachment_state, NULL) \
	F(account_id,   REF,  SYSTEM, BY_S, ONCE, 0, 0, NULL, NULL)            /* who added it */ \
	F(org_id,       REF,  SYSTEM, BY_S, ONCE, 0, 0, NULL, NULL)            /* his house: who may withdraw it */ \
	F(whole_at,     TIME, SYSTEM, BY_S, ONCE, 0, 0, NULL, NULL) \
	F(withdrawn_at, TIME, SYSTEM, BY_S, ONCE, 0, 0, NULL, NULL) \
	F(withdrawn_by, REF,  SYSTEM, BY_S, ONCE, 0, 0, NULL, NULL) \
	F(reason,       LONG, SYSTEM, BY_S, ONCE, 1, 2000, NULL, NULL)         /* why it was withdrawn */
struct attachment { ENTITY_HEAD; ATTACHMENT(FIELD_MEMBER) };

/* What announces a file; a form brings the file itself. */
#define IN_ATTACHMENT(F) \
	F(name,   TEXT,  0, BY_P, ALWAYS, 1, 200, NULL, NULL)                  /* needed, unless the file says it */ \
	F(size,   INT,   0, BY_P, ALWAYS, 1, INT64_C(1) << 40, NULL, NULL) \
	F(sha256, TEXT,  0, BY_P, ALWAYS, 64, 64, NULL, NULL)                  /* of the whole, to be compared with ours */ \
	F(file,   FILES, 0, BY_P, ALWAYS, 0, 0, NULL, NULL)
struct in_attachment { IN_ATTACHMENT(FIELD_MEMBER) };
extern const struct entity in_attachment;

/*
 * A name that does no harm as a file's anywhere: no folders, no controls, nothing that turns the direction of writing or cannot be
 * seen, none of the names that systems keep for themselves, at most 120 code points with what is behind the last dot kept.
 * Never empty. given need not be well-formed.
 */
struct str attachment_name(struct arena *a, struct str given);
/* The same name in visible characters, what cannot be seen as \u{202E} or \xFF; at most 200 code points of it. */
struct str attachment_name_shown(struct arena *a, struct str given);

#endif
