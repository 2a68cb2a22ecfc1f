/*
 * What the files of the work on reports share. A piece of work changes a copy of the report and names what
 * happened; then work_finish() writes the row with its audit record and version, keeps the indexes, and lets
 * the clocks follow. Private to the desk.
 */
#ifndef DESK_WORK_H
#define DESK_WORK_H

#include "desk/clocks.h"
#include "desk/reports.h"

/* Of the CERT: who may enter a report for a provider. */
#define STAFF (ROLE_REVIEWER | ROLE_HANDLER | ROLE_MANAGER)
#define WORK_EVENTS 8

/* Rows of the entity tables, found when compiling. */
#define REPORT_FIELD_CONSTANT(name, ...) REPORT_FIELD_##name,
enum { REPORT(REPORT_FIELD_CONSTANT) };
#define REPORT_FIELD(name) (&entity_report.fields[REPORT_FIELD_##name])
#define DUTY_FIELD_CONSTANT(name, ...) DUTY_FIELD_##name,
enum { DUTY(DUTY_FIELD_CONSTANT) };
#define DUTY_FIELD(name) (&entity_duty.fields[DUTY_FIELD_##name])

struct work {
	struct tx *tx;
	const struct principal *who;
	const struct report_input *input;
	struct arena *a;
	int64_t now;
	struct err *err;
	struct report was;               /* when the work began; id 0: it is new */
	struct report written;           /* as it stands in the database */
	struct report r;                 /* as it shall be */
	const struct transition *t;
	void *in;                        /* what the verb takes, read and complete */
	const char *action;              /* of the audit record, "report.<verb>" */
	struct {
		enum event e;
		int64_t at;
	} events[WORK_EVENTS];
	int event_count;
	bool cancel_duties;
	bool (*beside)(struct work *w);  /* further rows, after the report's own; NULL: none */
	struct report other;             /* match, merge: the other report */
	int64_t record;                  /* number of the report's own record in the log */
};

/* The statement of a family (unit, org, cert, nation, all) for this reader; -1: he sees no report. */
int scoped(int first, const struct principal *who);

void work_begin(struct work *w, struct tx *tx, const struct principal *who, const struct report_input *input,
    struct err *err);
/* The report as the person may see it; FAULT_NOT_FOUND. */
bool work_open(struct work *w, int64_t id);
/*
 * FAULT_VERSION when the report is not what the person saw (for the form, files that came or went meanwhile do not count); wanted: FAULT_VERSION_NEEDED when he does not say
 * what he saw.
 */
bool work_version(struct work *w, bool wanted);
void work_event(struct work *w, enum event e, int64_t at);
/* Row, audit record, version, text index, addresses: for what differs from w->written. */
bool work_write(struct work *w, const char *action);
bool work_finish(struct work *w);
/* A fault of a field of the verb's input, or of the report where entity is entity_report. Always false. */
bool work_fault(struct work *w, const struct entity *e, const char *field, enum fault f, const char *detail);
/* t lies in the future, beyond the five minutes left for clocks that differ. */
bool work_future(const struct work *w, int64_t t);

/* report_get() will come: db_ahead(). False: he sees no report at all. */
bool report_get_ahead(struct tx *tx, const struct principal *who, int64_t id);

/* ---- unit.c: whose report ---- */

/* Who may enter a report, and as whom: BY_... of the fields; 0: nobody of this kind. */
unsigned work_editors(const struct principal *who, const struct report *r);
/*
 * org_id, sector_id, cert_id from reporting_unit, and what is not in the input from account, person and
 * organisation.
 */
bool work_unit(struct work *w, bool fill);

/* ---- number.c ---- */

/* The next number of the sector in this year, "FIN-2026-000123". In the transaction that uses it. */
bool number_take(struct tx *tx, int64_t sector, bool drill, int64_t at, struct str *ret_no, struct err *err);
/* As typed: blanks off, upper case. */
struct str number_typed(struct arena *a, struct str s);

/* ---- submit.c ---- */

/*
 * The regime whose words the levels of a report have: the newest of Taiwan's that apply, else the first of
 * the others.
 */
int64_t own_regime(const struct report *r);
/* What submission sets: state, number, times, regime, first events. The report is known to be ready. */
bool work_submit(struct work *w);

/* ---- the verbs: each checks, changes w->r and names what happened; nothing is written ---- */

typedef bool verb_work(struct work *w);
verb_work verb_submit, verb_return, verb_review, verb_amend_level;               /* submit.c, review.c */
verb_work verb_contain, verb_close, verb_accept, verb_reject_closing, verb_reopen;      /* close.c */
verb_work verb_improvement, verb_judge_improvement;
verb_work verb_withdraw, verb_merge, verb_match, verb_delete;                     /* relate.c */
verb_work verb_escalate, verb_acknowledge;                                        /* escalate.c */
verb_work verb_contact, verb_police, verb_extend, verb_grant, verb_fulfil;        /* verbs.c */

/* ---- versions.c ---- */

bool version_keep(struct work *w, const char *verb);
/* The report as this version left it; FAULT_NOT_FOUND. */
bool version_read(struct tx *tx, int64_t report, int64_t version, struct report *ret_report, struct err *err);
/* What changed since the version the person saw, and by whom: the data of FAULT_VERSION. */
struct value *version_since(struct work *w, int64_t seen);

/* ---- terms.c: what the text index holds and is asked ---- */

/* The tokens of a report: bigrams of Han, words of the rest, and whose it is. */
struct str terms_of(struct arena *a, const struct report *r);
bool terms_differ(const struct report *a, const struct report *b);
/* The query for what a person typed: all of it must be there. "" when there is nothing to look for. */
struct str terms_query(struct arena *a, struct str typed);
/* Narrows a query to the reports of these organisations (tokens of terms_of), joined by OR. */
struct str terms_org(struct arena *a, int64_t org);
struct str terms_cert(struct arena *a, int64_t cert);

/* ---- index.c: text and addresses ---- */

bool index_keep(struct work *w);
/*
 * {rows: [{id, report_no, unit_name, filed_at, address, state}]} with the same outer address and category
 * within three days.
 */
struct value *similar_reports(struct tx *tx, const struct principal *who, const struct report *r,
    struct err *err);
void similar_ahead(struct tx *tx, const struct principal *who, int64_t report);  /* it will come: db_ahead() */

/* ---- sources.c ---- */

#define SOURCES_MOST 16          /* so many are read apart; beyond that the database sorts */
struct source {
	enum scope_kind kind;
	int64_t org;
};
struct sources {
	struct source list[SOURCES_MOST];
	int n;                           /* 0: the reader sees no report */
};
/* A body with units below it has each of them, the auditor each CERT; all others have one. */
bool sources_of(struct tx *tx, const struct principal *who, struct sources *ret_sources, struct err *err);
/* The statement of a family for this source; its $1 is the source's org. */
int source_stmt(int first, const struct source *s);

/* ---- view.c ---- */

struct face face_of(const struct principal *who, struct tx *tx);
void list_term(struct arena *a, struct value *list, struct str id, const char *msg);
const char *verb_label(enum verb v);             /* message id "verb.<id>" */
/* Who may see it and, unless without is NULL, who may not, in words. */
bool seen_by(struct tx *tx, const struct principal *who, const struct report *r, struct value *list,
    struct value *without, struct err *err);
/* Which side of the duties is the reader's: HOLDER_PROVIDER, HOLDER_CERT, or NONE for those who only read. */
int64_t side_of(const struct principal *who);

/* ---- board.c ---- */

/* An open duty of the reader's side. */
struct due {
	struct duty d;
	struct str report_no;
};
/* Those that are due first, at most so many. */
bool duties_due(struct tx *tx, const struct principal *who, int most, struct due **ret_list, int *ret_n, struct err *err);

/* ---- duty_view.c ---- */

/*
 * When to remind of it, by the shares of its time that its rule says; how many. None for a rule that is not known any more.
 */
int duty_reminders(const struct duty *d, int64_t ret_at[CLOCK_REMINDERS], int ret_percent[CLOCK_REMINDERS]);

/* All duties of a report, the open ones first, by due time. */
struct duties {
	struct duty *list;
	int n;
};
/* What a new report's filing leaves in its transaction (tx_leave()): all that the answer would else have to ask for. */
struct filed {
	int64_t report;
	struct duties duties;
	int64_t record;
};
/* NULL: it was not filed in this transaction. */
const struct filed *filed_here(const struct tx *tx, const struct report *r);
bool duties_read(struct tx *tx, const struct report *r, struct duties *ret_duties, struct err *err);
void duties_ahead(struct tx *tx, int64_t report);        /* it will come: db_ahead() */
/* One duty as a row. wordy: with the sentence of the rule and its source. */
struct value *duty_show(const struct duty *d, const struct face *face, bool wordy, struct arena *a);
struct str duty_title(const struct duty *d, enum lang lang);
/* The verb that meets this duty; VERB__MAX: none. */
enum verb duty_verb(const struct report *r, const struct duty *d);

#endif
