/*
 * Law as data. A regime (rules/<id>.json) holds the words of each impact level and the clocks: what starts one, how long it
 * runs, for whom, what meets it, when to remind. The program knows no length and no wording of its own.
 * Everything here is pure: no clock, no database; the same input gives the same output.
 */
#ifndef MODEL_RULES_H
#define MODEL_RULES_H

#include "base/err.h"
#include "base/i18n.h"
#include "base/time.h"
#include "base/value.h"

#define RULES_MAX (64 * 1024)    /* bytes of a rules file */

/* What can start or meet a clock. Ids in the rules files and words "choice.event.<id>". Codes are stored: never renumbered. */
#define EVENTS(E) \
	E(EVENT_AWARE,        "aware",         0)  /* aware_at */ \
	E(EVENT_RECEIVED,     "received",      1)  /* first submission */ \
	E(EVENT_REVIEWED,     "reviewed",      2)  /* first review done */ \
	E(EVENT_LEVEL_CHANGE, "level_change",  3)  /* a changed level became known */ \
	E(EVENT_LEVEL_FILED,  "level_filed",   4)  /* the change was reported (amend-level) */ \
	E(EVENT_CONTAINED,    "contained",     5)  /* damage control or recovery done */ \
	E(EVENT_IMPROVEMENT,  "improvement",   6)  /* improvement report filed */ \
	E(EVENT_ESCALATION_DUE, "escalation_due", 7) \
	E(EVENT_ESCALATED,    "escalated",     8)  /* handed over to the national CERT */ \
	E(EVENT_HINDRANCE_END, "hindrance_end", 9) /* network or power is back; entered by staff or the provider */ \
	E(EVENT_FILED_ONLINE, "filed_online",  10) /* the web report after a telephone one (match) */ \
	E(EVENT_CLOSING,      "closing",       11) /* closing form filed */ \
	E(EVENT_CLOSED,       "closed",        12) \
	E(EVENT_CLASSIFIED,   "classified",    13) /* eu-dora: classified as major */ \
	E(EVENT_FULFILLED,    "fulfilled",     14) /* a stage filed by hand (verb fulfil) */ \
	E(EVENT_PHONED,       "phoned",        15) /* details given by another way */ \
	E(EVENT_IMPROVEMENT_FORWARDED, "improvement_forwarded", 16) \
	E(EVENT_PREVIOUS,     "previous_stage", 17) /* the stage named by "after" was filed */ \
	E(EVENT_TRACKED_AGAIN, "tracked_again", 18) /* the closing form was not accepted, or a closed report was reopened */

#define EVENT_CONSTANT(c, id, code) c = (code),
enum event { EVENTS(EVENT_CONSTANT) EVENT__MAX };
#undef EVENT_CONSTANT
const char *event_id(enum event e);

enum holder { HOLDER_PROVIDER, HOLDER_CERT };

/* "36h", "1mo", "30m", "1mo12h", "0" as read: hours and minutes run through nights; months are calendar months in the regime's zone. */
struct length {
	int64_t micros;
	int months;
	bool given;                              /* false: no such duty at this level */
};

#define CLOCK_REMINDERS 6
struct clock_rule {
	const char *id;                          /* "report", "review", "damage_control" ...; with the regime unique for ever */
	struct str title[LANG__MAX];             /* 通報 / Report */
	struct str rule[LANG__MAX];              /* the sentence of the law, our words */
	struct str source[LANG__MAX];            /* "guide A2; regulation art. 13" */
	bool confirm;                            /* "confirm before release" */
	enum event start, stop;
	const char *after;                       /* for EVENT_PREVIOUS: the clock whose fulfilment starts it, else NULL */
	enum holder holder;
	struct length by_level[5];               /* [1]..[4]; the level in force when it starts */
	struct length cap;                       /* not later than this after cap_start (eu-dora: 24 h after awareness) */
	enum event cap_start;
	bool extendable;                         /* extension by consent */
	bool major_only;                         /* only for a significant or major incident (level 3, 4, or classified) */
	bool otherwise_only;                     /* only for a report that came by another way than web or api (telephone, fax ...) */
	int reminders[CLOCK_REMINDERS];          /* per cent of the length; above 100 after due; ends with 0 */
};

struct level_rule {
	struct str form[LANG__MAX];              /* the sentence in force in this regime */
	struct str other[LANG__MAX];             /* the deviating wording, where form and rule differ; else STR_NONE */
	struct str note[LANG__MAX];              /* how the conflict was resolved and why, or what is to be confirmed; else STR_NONE */
};
enum dimension { DIM_C, DIM_I, DIM_A, DIM__MAX };

struct regime {
	const char *id;                          /* "tw-2026" */
	int64_t code;                            /* REGIME_... of organisation.h */
	struct str version;                      /* "tw-2026/1" */
	struct str title[LANG__MAX], source[LANG__MAX], status[LANG__MAX];
	bool confirm;
	int64_t valid_from;                      /* NO_TIME: always */
	const struct zone *zone;
	bool has_levels;
	struct level_rule level[DIM__MAX][5];    /* [dimension][0..4] */
	const struct clock_rule *clocks;
	int clock_count;
};

/*
 * One rules file. Faults: FAULT_RULES naming the place ("clocks[3].start: no such event"). The regime lives in the arena.
 * Its zone has to be loaded already: reading stays pure.
 */
bool regime_parse(struct arena *a, struct str json, const struct regime **ret_regime, struct err *err);
/* The regimes built in (compiled from rules/): loads zones, so call it before threads start. Asserts that ours parse. */
bool rules_load(struct err *err);
/* The newest version that is in force at this moment; before any is, the first. NULL: no such regime. */
const struct regime *regime_by_code(int64_t code, int64_t at);
const struct regime *regime_by_version(struct str version);
const struct regime *const *regimes_all(int *ret_count);
const struct clock_rule *clock_by_id(const struct regime *r, struct str id);

int level_of(int64_t c, int64_t i, int64_t a);           /* the greatest of those given; -1 if none is */
/* Which dimension causes the level (the first of C, I, A that reaches it), for "the sentence that causes it". DIM__MAX: none is given. */
enum dimension level_cause(int64_t c, int64_t i, int64_t a);

/* anchor + length, in the regime's zone; months first. NO_TIME if !length.given or there is no anchor. */
int64_t clock_due(const struct regime *r, struct length length, int64_t anchor);
/*
 * The due time of a clock that starts at anchor under this level, with its cap (cap_anchor NO_TIME: no cap; a cap that had passed when the clock
 * started binds nothing). NO_TIME: no such duty at this level.
 */
int64_t clock_due_at(const struct regime *r, const struct clock_rule *c, int level, int64_t anchor, int64_t cap_anchor);
bool length_parse(struct str s, struct length *ret_length);
struct str length_text(struct arena *a, const struct face *f, struct length l);  /* "36 hours", "1 month" */

#endif
