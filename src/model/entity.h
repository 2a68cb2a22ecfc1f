/*
 * The entity table: a record is a struct and a list of fields, both from one X-macro list.
 * Reading input, SQL of the plain verbs, JSON, forms, differences for the audit trail and search
 * all run over it. A new field costs a line; a new kind costs one row of functions (kind.c).
 *
 *	#define NOTE(F) \
 *		F(title,  TEXT, REQUIRED, BY_P, ALWAYS, 1, 200, NULL, NULL) \
 *		F(weight, ENUM, 0,        BY_P, ALWAYS, 0,   0, &choices_weight, NULL)
 *	struct note { ENTITY_HEAD; NOTE(FIELD_MEMBER) };
 *	const struct field note_fields[] = { NOTE(NOTE_ROW) };
 *
 * In a struct a number, choice, time or reference is int64_t (NONE: not given), a text is struct str (p NULL: not given).
 */
#ifndef MODEL_ENTITY_H
#define MODEL_ENTITY_H

#include <stddef.h>

#include "base/err.h"
#include "base/i18n.h"
#include "base/value.h"
#include "store/store.h"

#define NONE INT64_MIN

/* kind, C type of the member. What each accepts and how it is shown: model/kind.c. */
#define KINDS(K) \
	K(TEXT,     struct str)  /* one line; outer blanks are cut; min..max code points; no control or bidi characters */ \
	K(LONG,     struct str)  /* paragraphs; LF line ends; tabs allowed; bidi controls refused */ \
	K(PHONE,    struct str)  /* digits + - ( ) blanks, extension after '#'; at least 3 digits */ \
	K(EMAIL,    struct str)  /* one address (RFC 5321 mailbox, no quoted local part), UTF-8 allowed */ \
	K(ADDRESSES, struct str) /* IPv4, IPv6, CIDR; JSON: list or one text of lines/commas; kept canonical, one a line */ \
	K(URLS,     struct str)  /* http, https, ftp; hxxp and [.] are accepted and kept refanged; shown defanged */ \
	K(PER_CHOICE, struct str) /* a text for each choice made in another field: JSON object or one text; kept as JSON */ \
	K(INT,      int64_t)     /* min..max */ \
	K(BOOL,     int64_t)     /* 0 no, 1 yes; JSON true/false, form "yes"/"no" */ \
	K(ENUM,     int64_t)     /* code of one of the choices; JSON: its id */ \
	K(LEVEL,    int64_t)     /* like INT 0..4, words from the regime (rules.h) */ \
	K(MULTI,    int64_t)     /* bit set of choices (1 << code); JSON: list of ids; an "none" choice excludes others */ \
	K(TIME,     int64_t)     /* microseconds UTC */ \
	K(REF,      int64_t)     /* id of another record; JSON: number */ \
	K(FLAGS,    int64_t)     /* like MULTI, never from input */

#define KIND_CONSTANT(k, ctype) KIND_##k,
enum kind { KINDS(KIND_CONSTANT) KIND__MAX };
#undef KIND_CONSTANT
#define KIND_CTYPE(k, ctype) typedef ctype kind_type_##k;
KINDS(KIND_CTYPE)
#undef KIND_CTYPE

/* Flags of a field. */
#define REQUIRED   0x001        /* needed to submit (R) */
#define REQ_CLOSE  0x002        /* needed to close (C) */
#define SYSTEM     0x004        /* never from input (S); in input it is refused with FAULT_F_SYSTEM */
#define PERSONAL   0x008        /* personal data: kept off lists, masked in exports to other organisations */
#define ANCHOR     0x010        /* starts a clock: a change after submission needs a reason */
#define LATER      0x020        /* folded on the form: not needed in the first hour */
#define SECRET     0x040        /* never shown, logged, or put into the audit trail in clear */
#define SEARCHED   0x080        /* goes into the full text index */
#define FORM_ONLY  0x100        /* input of a verb, not a column */
#define IN_LIST    0x200        /* part of a list row */
#define DERIVED    0x400        /* computed by the program from other fields; a column, SYSTEM too */

/* Who edits: P the provider's reporter, V the CERT's reviewer, H the handler, S the system. */
#define BY_P 0x1
#define BY_V 0x2
#define BY_H 0x4
#define BY_S 0x8

/* When: while a draft, after submission until closed, on the closing form, one time only. */
enum when { WHEN_DRAFT, WHEN_OPEN, WHEN_CLOSE, WHEN_ONCE, WHEN_ALWAYS };

struct choice {
	const char *id;                  /* what JSON says; its word is message "choice.<set>.<id>" */
	int64_t code;                    /* what the column holds; never reused */
};
struct choices {
	const char *set;
	const struct choice *list;
	int n;
};
const struct choice *choice_by_id(const struct choices *c, struct str id);
const struct choice *choice_by_code(const struct choices *c, int64_t code);
/* "choice.<set>.<id>" from a table made at start; the program's own choices only. */
const char *choice_msg(const struct choices *c, int64_t code);

/* A field that is needed (and allowed) only if another has one of these values: bit set over the other's codes. */
struct condition {
	const char *field;
	uint64_t codes;
};

struct field {
	const char *name;
	enum kind kind;
	unsigned flags, editors;
	enum when when;
	int64_t min, max;                /* code points of a text (PHONE..PER_CHOICE too), value of a number */
	const struct choices *choices;
	const struct condition *condition; /* NULL: always */
	size_t offset;
};
/* F(name, kind, flags, editors, when, min, max, choices, condition) */
#define FIELD_MEMBER(name, kind, flags, editors, when, min, max, choices, condition) kind_type_##kind name;
#define FIELD_ROW(type, name, kind, flags, editors, when, min, max, choices, condition) \
	{ #name, KIND_##kind, (flags), (editors), WHEN_##when, (min), (max), (choices), (condition), offsetof(struct type, name) },
#define FIELD_COUNT(name, kind, flags, editors, when, min, max, choices, condition) + 1

/* Every record begins so. version counts changes from 1. */
#define ENTITY_HEAD \
	int64_t id, version, created_at, changed_at

struct record {
	ENTITY_HEAD;
};

struct entity {
	const char *name;                /* table name, JSON name, "field.<name>.<field>" */
	const struct field *fields;
	int n;
	size_t size;
	bool head;                       /* has ENTITY_HEAD as its first columns (false: a verb's input) */
};

#define ENTITIES(E) \
	E(SECTOR, sector) E(ORGANISATION, organisation) E(PERSON, person) E(ACCOUNT, account) \
	E(REPORT, report) E(CONTACT_ENTRY, contact_entry) E(DUTY, duty)
#define ENTITY_CONSTANT(c, name) ENTITY_##c,
enum entity_id { ENTITIES(ENTITY_CONSTANT) ENTITY__MAX };
#undef ENTITY_CONSTANT
const struct entity *entity_of(enum entity_id id);
const struct field *entity_field(const struct entity *e, struct str name);
/* Message ids, made at start: "field.report.aware_at", and its hint "field.report.aware_at.hint" (NULL when there is none). */
const char *field_label(const struct entity *e, const struct field *f);
const char *field_hint(const struct entity *e, const struct field *f);

void *entity_new(const struct entity *e, struct arena *a);       /* everything "not given" */
int64_t *field_int(const struct field *f, void *record);
struct str *field_str(const struct field *f, void *record);
bool field_given(const struct field *f, const void *record);

/*
 * Input into a record: unknown names, wrong types, limits, choices, fixed and system fields, all faults at once
 * (FAULT_FIELDS). Only fields that are in the input change; null clears. editors and when say what this caller may
 * touch now; anything else in the input that differs from the record is FAULT_F_FIXED. A value from a form is text for
 * every kind; a repeated form name is a list. local is the zone of times without offset.
 */
struct entity_input {
	const struct value *in;          /* V_MAP */
	unsigned editors;                /* BY_... */
	unsigned whens;                  /* bit set of 1 << WHEN_... */
	bool form;                       /* from an HTML form: "" means not given */
	const struct zone *local;
};
bool entity_read(const struct entity *e, const struct entity_input *input, void *record, struct arena *a, struct err *err);
/* Required fields (flags & required), conditions in both directions (needed and missing; given but not wanted: FAULT_F_EMPTY_WANTED). */
bool entity_complete(const struct entity *e, const void *record, unsigned required, struct err *err);
/* The record as a map: "id", "version", "created_at", "changed_at", then every field but SECRET. want: 0 all, else only fields with one of these flags. */
struct value *entity_show(const struct entity *e, const void *record, unsigned want, struct arena *a);
void field_show(const struct entity *e, const struct field *f, const void *record, struct value *map, struct arena *a);
/*
 * What a form needs, for each field that editors/whens allow: {name, kind, label, hint, required, later, value (as typed), options:
 * [{id, label, chosen}], condition: {field, values}, error, is_text, is_long, is_choice, ...}. input and err may be NULL; with them the person's own text comes back.
 */
struct value *entity_form(const struct entity *e, const void *record, unsigned editors, unsigned whens,
    const struct value *input, const struct err *err, const struct face *face, struct arena *a);
/* {field: [from, to]} of what differs, NULL if nothing; SECRET fields as "(changed)". from may be NULL (a new record). */
struct value *entity_diff(const struct entity *e, const void *from, const void *to, struct arena *a);
void *entity_copy(const struct entity *e, const void *record, struct arena *a);   /* texts are shared */

/* ---- store: plain verbs, with their audit records ---- */

/* The statements the tables make; give them to store_open(). */
const struct stmt_text *entity_statements(int *ret_count);
/* Statement numbers for hand-written joins that select all columns of an entity in order: "SELECT " ENTITY_COLUMNS... is not needed; use entity_load_row on id, version, created_at, changed_at, fields.... */
bool entity_fetch(struct tx *tx, enum entity_id e, int64_t id, void *record, struct err *err);  /* FAULT_NOT_FOUND */
/* Gives id (if 0), version 1, times; writes the row and its audit record {action} with all given fields as difference. */
bool entity_insert(struct tx *tx, enum entity_id e, void *record, const char *action, int64_t org, struct err *err);
/*
 * Writes what differs from the row, version + 1, and the audit record. expected is the version the caller saw (0: any):
 * another one is FAULT_VERSION with err->data = {version, changed: {field: [yours, theirs]}, by, at}. Nothing differs: true, nothing written, *ret_changed false.
 */
bool entity_update(struct tx *tx, enum entity_id e, void *record, int64_t expected, const char *action, int64_t org,
    bool *ret_changed, struct err *err);
/* Fills a record from the current row of q, columns in table order from column first on. */
void entity_load(enum entity_id e, const struct rows *q, int first, void *record);

#endif
