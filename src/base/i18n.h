/*
 * Messages in two languages, compiled from locale/zh_TW.po and locale/en.po by tools/po2c.
 * An id is dotted lower case ("report.submit"); its text may hold {names}.
 * Every id that the program can ask for is in both catalogues and every entry is used: a test sees to it.
 */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#include "base/time.h"
#include "base/value.h"

enum lang { LANG_ZH, LANG_EN, LANG__MAX };

const char *lang_tag(enum lang l);                       /* "zh-TW", "en": for HTML lang and HTTP */
bool lang_parse(struct str tag, enum lang *ret_lang);    /* "zh-TW", "zh", "zh-Hant", "en", "en-GB" ... */
enum lang lang_accept(struct str accept_language, enum lang otherwise);  /* RFC 9110 section 12.5.4 */

bool msg_has(const char *id);
/* The text; an unknown id gives the id itself, which the tests treat as a failure (msg_missing_count). */
struct str msg(enum lang l, const char *id);
int64_t msg_missing_count(void);

struct msg_arg {
	const char *name;
	struct str text;
};
/* Fills {name}; args end with { NULL }. An argument that the text does not use is fine. */
struct str msg_fill(struct arena *a, enum lang l, const char *id, const struct msg_arg *args);

/* How a person wants to read. */
struct face {
	enum lang lang;
	const struct zone *zone;
	bool roc_year;                                   /* 115-11-21 instead of 2026-11-21 */
	int64_t now;
};
struct str face_time(struct arena *a, const struct face *f, int64_t t);      /* 2026-11-21 02:10 */
struct str face_full(struct arena *a, const struct face *f, int64_t t);      /* 2026-11-21 02:10:07 (+08:00) */
struct str face_date(struct arena *a, const struct face *f, int64_t t);      /* 2026-11-21 */
/* "23 minutes left" / "3 hours 20 minutes overdue"; whole minutes, rounded so that it never says more than there is. */
struct str face_left(struct arena *a, const struct face *f, int64_t due);
struct str face_length(struct arena *a, const struct face *f, int64_t length);  /* "36 hours", "1 hour 20 minutes" */
/* The word of a V_TERM, the date of a V_TIME, the digits of a V_INT ... as a page shows them. */
struct str face_value(struct arena *a, const struct face *f, const struct value *v);

#endif
