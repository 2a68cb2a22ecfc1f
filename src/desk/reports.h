/*
 * The work on reports: making, saving, the verbs, reading. Every function takes the person and sees only what his scope shows:
 * a report that he may not see is FAULT_NOT_FOUND, for every verb. All writes happen inside the caller's write transaction.
 */
#ifndef DESK_REPORTS_H
#define DESK_REPORTS_H

#include "model/life.h"
#include "model/principal.h"
#include "model/report.h"
#include "store/store.h"

/* How input came. */
struct report_input {
	const struct value *in;                  /* V_MAP of fields */
	bool form;                               /* from an HTML form */
	int64_t expected;                        /* version the person saw; 0: not told (allowed for API callers only on drafts: desk decides) */
	bool autosave;                           /* a draft kept while typing: replaces the autosave before it in the versions */
	bool validate_only;                      /* dry run: check as submission would, write nothing */
};

bool report_get(struct tx *tx, const struct principal *who, int64_t id, struct report *ret_report, struct err *err);
/* By id or report number, as typed (spaces and case forgiven). */
bool report_named(struct tx *tx, const struct principal *who, struct str id_or_no, struct report *ret_report, struct err *err);

/*
 * A draft from any subset of the fields; what is not given is filled from the account, its person, organisation and sector. Staff of the CERT enter for a
 * provider: channel phone, fax, email or paper, channel_reason, reporting_unit needed. submit: files it at once in the same transaction (SOC by API).
 */
bool report_create(struct tx *tx, const struct principal *who, const struct report_input *input, bool submit, struct report *ret_report, struct err *err);
/* Fields of a draft, returned or open report (each field by its own rule). A change of aware_at after submission needs "reason" in the input. */
bool report_save(struct tx *tx, const struct principal *who, int64_t id, const struct report_input *input, struct report *ret_report, struct err *err);
/* Any verb of the life table. Faults: NOT_FOUND, ROLE, STATE, FIELDS, VERSION. */
bool report_do(struct tx *tx, const struct principal *who, int64_t id, enum verb verb, const struct report_input *input, struct report *ret_report, struct err *err);

/* ---- what a person is shown ---- */

/*
 * The whole report for one reader: all fields of the entity, "actions": [{verb, label, hint, primary, href}], "duties": the open ones first,
 * "level_cause": {dimension, sentence}, "seen_by": who may see it, in words, "regime_title", "*_name" words for references, "contacts", "similar": duplicate hints
 * (staff and the owner), "escalation_why_words", "next": the next duty and its one action.
 */
struct value *report_view(struct tx *tx, const struct principal *who, const struct report *r, struct err *err);
/* In a reading of which report_get() and report_view() are all: they will come, db_ahead(). */
void report_ahead(struct tx *tx, const struct principal *who, int64_t id);
/* The short answer to a write: every field, id, state, report_no, level_reported, version, actions. */
struct value *report_short(struct tx *tx, const struct principal *who, const struct report *r, struct err *err);
/*
 * True when this reading is recorded already (same account and version within the last 15 minutes, remembered in memory); false: call report_record_reading()
 * in a write transaction before showing it. The owner's own reading is recorded too.
 */
enum report_part { PART_REPORT, PART_TRAIL };    /* "report.read", "report.read_trail" */
bool report_reading_known(const struct principal *who, const struct report *r, enum report_part part, int64_t now);
bool report_record_reading(struct tx *tx, const struct principal *who, const struct report *r, enum report_part part, struct err *err);

struct report_filter {
	struct str text;                         /* number, organisation, description ...: bigrams for Chinese, words for others */
	int64_t state, category, level, org;     /* NONE: any. state -1 "open": everything between reported and closing */
	int64_t from, to;                        /* filed_at, NO_TIME: open end */
	bool history;                            /* closed, merged and withdrawn ones only */
	int64_t before;                          /* keyset: ids below this; 0: from the newest */
	int limit;                               /* 1..200 */
};
/* {rows: [list rows], next: before-id or null, filter: {...as understood}}. Newest first; the same effort at every page. */
struct value *report_list(struct tx *tx, const struct principal *who, const struct report_filter *f, struct err *err);

/* {rows: [{version, at, by, verb, changed_fields}]} */
struct value *report_versions(struct tx *tx, const struct principal *who, const struct report *r, struct err *err);
/* {from, to, changes: [{field, label, from, to}]} with the human face of each value; FAULT_NOT_FOUND for a version that is none. */
struct value *report_compare(struct tx *tx, const struct principal *who, const struct report *r, int64_t a, int64_t b, struct err *err);
/* {rows: [{seq, at, who, org, action, reason, changes, address?}], next, readers: [{who, org, first, last, times}], may_read: [...]} */
struct value *report_trail(struct tx *tx, const struct principal *who, const struct report *r, int64_t before, struct err *err);
/* The package for the national CERT: everything they need, as one value, with a SHA-256 of its canonical form. */
struct value *report_package(struct tx *tx, const struct principal *who, const struct report *r, struct err *err);

/*
 * After a restore: puts the words of at most limit reports, the next ones after this id, into an index of words that is
 * empty but for those before. *ret_last: the id to go on after, 0: that was all.
 */
bool report_index_again(struct tx *tx, int64_t after, int limit, int64_t *ret_last, struct err *err);

#endif
