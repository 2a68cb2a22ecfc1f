/*
 * What the files of this room share: reading a request's input, and what pages need beside an answer's
 * value. Private to the site.
 */
#ifndef SITE_PART_H
#define SITE_PART_H

#include "desk/reports.h"
#include "http/request.h"
#include "model/report.h"
#include "model/rules.h"

/* ---- input.c: what came ---- */

/*
 * The body without the form's own controls ("then"), with the version that the person saw and the query's
 * wishes.
 */
struct report_input input_of(struct request *r);
/* The report that the first argument names, by id or number. FAULT_NOT_FOUND. */
bool input_report(struct request *r, struct answer *a, struct report *ret_report);
/*
 * Whoever sees what stands in a report leaves that in its trail: true when it is there. False: the handler is run
 * again where it can be written, or it failed.
 */
bool input_recorded(struct request *r, struct answer *a, const struct report *rep);
/* The same for whoever reads the trail itself. */
bool input_trail_recorded(struct request *r, struct answer *a, const struct report *rep);
/* A choice's code from the query; NONE when it is not asked for. */
int64_t query_choice(const struct request *r, const char *name, const struct choices *c);
/*
 * A date or a time of the query; end: the end of that date. NO_TIME when absent; FAULT_QUERY when it is
 * none.
 */
bool query_time(const struct request *r, const char *name, bool end, int64_t *ret_time, struct err *err);
/* This page's address with one name of the query set to value; STR_NONE takes the name out. */
struct str query_with(const struct request *r, const char *name, struct str value);
/* The same at another path, and without the names of paging. */
struct str query_at(const struct request *r, const char *path, const char *name, struct str value);
bool query_is(const struct request *r, const char *name, const char *value);
/* Appends s percent-encoded. */
void put_encoded(struct buf *b, struct str s);

/* ---- view.c: a record as rows of label and value ---- */

/*
 * {label, value, given, long, mono, level} for each of these fields of a report's value. Fields that do not
 * apply are left out, and, unless all, later ones that are not given.
 */
struct value *view_rows(const struct request *r, const struct value *report, const char *const *fields,
    bool all);
/* Changes of a report's fields, [{field, from, to}], in the words that the report's own page has for each. */
void view_changes(const struct request *r, const struct value *report, struct value *changes);
/* The form's sections: [{id, title, rows}]. */
struct value *view_sections(const struct request *r, const struct value *report, bool all);
/* A copy of the node that can stand in another list; what is below it is shared. */
struct value *view_copy(struct arena *a, const struct value *v);
/* For the bars and words of clocks: adds running, late, was_late, met and share (0 to 100) to each row. */
void view_clocks(const struct request *r, struct value *rows);
/* Rows of the board by time left: [{id, title, late, count, rows}]. */
struct value *view_groups(const struct request *r, const struct value *rows);
/* {id, label, chosen} of each choice, for a select. */
struct value *view_options(const struct request *r, const struct choices *c, struct str chosen);
/* A date of the query as the input element has it, "" for none. */
struct str view_date(struct arena *a, const struct face *f, int64_t t);

/* "1.4 MiB" */
struct str view_bytes(struct arena *a, int64_t n);

/* ---- report_view.c ---- */

/*
 * Answers with a part of a report, the report itself beside it as "report": all of it for a page's header, what every answer has for
 * a program. part NULL: nothing is answered, what was wrong is said already.
 */
void report_part(struct request *r, struct answer *a, const struct report *rep, struct value *part);

/* ---- levels.c: the sentences of the law and what follows from a level ---- */

/* The regime whose wording a report has: the one it was filed under, or would be. */
const struct regime *level_regime(const struct request *r, const struct report *rep);
const struct regime *level_regime_named(struct str version, int64_t at);
/* {numeral, slug, what, then}: the level as it stands, the sentence that causes it and what follows. */
struct value *level_verdict(const struct request *r, const struct report *rep);
/* [{level, head, then}] for 0 to 4. */
struct value *level_consequences(const struct request *r, const struct regime *regime);
struct str level_sentence(const struct regime *regime, enum dimension d, int64_t level, enum lang l);
struct str level_note(struct arena *a, const struct regime *regime, enum dimension d, int64_t level,
    enum lang l);

/* ---- form.c: forms of any entity ---- */

/*
 * entity_form() with the sentences of the levels. With r->refused the person's own text comes back, and what
 * was wrong with it.
 */
struct value *form_fields(const struct request *r, const struct entity *e, const void *record,
    unsigned editors, unsigned whens, const struct regime *regime);
/* The field of that name in a list of form_fields(); NULL. */
struct value *form_field(const struct value *fields, const char *name);
/* The report's form: {report, action, version, filed, saved_at, sections, ...}. */
struct value *form_report(struct request *r, const struct report *rep, struct err *err);

/* ---- frame.c, record.c: what stands around an answer on its page ---- */

/* For a report and its parts: header, tabs, marking, sections, actions. */
void record_frame(struct request *r, const struct answer *a, struct value *page);
/* The contents in sections, [{id, title, rows}], the desk's own below the form's; all: with what is not given. */
struct value *record_sections(const struct request *r, const struct value *report, bool all);
struct str record_marking(const struct value *report);
/* Who may see it and who may not, in words. */
struct str record_seen_by(const struct request *r, const struct value *report);
/* For lists, the board and figures: groups, views, filters, charts. */
void list_frame(struct request *r, const struct answer *a, struct value *page);

/* ---- receipt.c ---- */

/* Adds {receipt: address} to the answer to a change; null while the report is not filed. False: a->err says. */
bool receipt_told(struct request *r, struct answer *a, const struct report *rep);

/* ---- export.c ---- */

/* Adds {may_export, sees_exports, exports: {count} of bundles that others took and he has not seen, or null}. */
void export_frame(struct request *r, struct value *page);

/* ---- paper.c: a report as a document to be printed (daemon/paper.h says what is in one) ---- */

/* The official form. Further parts can be added to its "parts". */
struct value *paper_report(const struct request *r, const struct value *report);
/* One more part of this kind with a text. */
void paper_text(const struct request *r, struct value *document, const char *kind, struct str text);
/* The answer is this document's PDF. */
void paper_answer(struct answer *a, const struct value *document, struct str file_name);

#endif
