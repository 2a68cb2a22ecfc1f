/*
 * The entity table: a record is a struct and a list of fields, both from one X-macro list.
 * Reading input, SQL of the plain verbs, JSON, forms, differences for the audit trail and search
 * all run over it. A new field costs a line; a new kind costs one row of functions (kind.c).
 *
 *	#define NOTE(F) \
 *		F(title,  TEXT, REQUIRED, BY_P, ALWAYS, 1, 200, NULL, NULL) \
 *		F(weight, ENUM, 0,        BY_P, ALWAYS, 0,   0, &choices_weight, NULL)
 *	struct note { ENTITY_HEAD; NOTE(FIELD_MEMBER) };
 *	#define NOTE_ROW(...) FIELD_ROW(note, __VA_ARGS__)
 *	static const struct field note_fields[] = { NOTE(NOTE_ROW) };
 *	const struct entity entity_note = ENTITY(note, note_fields, true);
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
	K(HOSTS,    struct str)  /* what a computer is known by: IPv4, IPv6, CIDR, host name, web address; kept as ADDRESSES are, a web address as its host */ \
	K(URLS,     struct str)  /* http, https, ftp; hxxp and [.] are accepted and kept refanged; shown defanged */ \
	K(FILES,    struct str)  /* in a record the files that belong to it, never from input: JSON list of objects, kept as JSON; in a form one file */ \
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
	const char *id;                  /* what JSON says */
	int64_t code;                    /* what the column holds; never reused */
	struct str key;                  /* the id */
	const char *msg;                 /* its word: "choice.<set>.<id>" */
	int64_t group;                   /* code in choices.groups, NONE without */
};
/* One line of a list: CHOICE("soc", "own", 1). */
#define CHOICE_IN(set, id, code, group) { id, (code), { id, sizeof(id) - 1 }, "choice." set "." id, (group) }
#define CHOICE(set, id, code) CHOICE_IN(set, id, code, NONE)
struct choices {
	const char *set;
	const struct choice *list;
	int n;
	const struct choices *groups;    /* the choices of another field, to which these belong; NULL without */
};
const struct choice *choice_by_id(const struct choices *c, struct str id);
const struct choice *choice_by_code(const struct choices *c, int64_t code);
/* "choice.<set>.<id>"; NULL when the code is none of them. */
const char *choice_msg(const struct choices *c, int64_t code);

/*
 * A field that is needed (and allowed) only if another has one of these values: bit set over the other's codes. With those
 * of them that are optional it is allowed and not needed.
 */
struct condition {
	const char *field;
	uint64_t codes, optional;
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
	struct str key;                  /* the name */
	const char *label, *hint;        /* message ids "field.<entity>.<name>" and the same with ".hint", which may not exist */
};
/* F(name, kind, flags, editors, when, min, max, choices, condition) */
#define FIELD_MEMBER(name, kind, flags, editors, when, min, max, choices, condition) kind_type_##kind name;
#define FIELD_ROW(type, name, kind, flags, editors, when, min, max, choices, condition) \
	{ #name, KIND_##kind, (flags), (editors), WHEN_##when, (min), (max), (choices), (condition), \
	  offsetof(struct type, name), { #name, sizeof(#name) - 1 }, \
	  "field." #type "." #name, "field." #type "." #name ".hint" },
#define FIELD_COUNT(name, kind, flags, editors, when, min, max, choices, condition) + 1

/* Every record begins so. version counts changes from 1. */
#define ENTITY_HEAD \
	int64_t id, version, created_at, changed_at

struct entity_head {
	ENTITY_HEAD;
};

struct entity {
	const char *name;                /* table name, JSON name, "field.<name>.<field>" */
	const struct field *fields;
	int n;
	size_t size;
	bool head;                       /* has ENTITY_HEAD as its first columns (false: a verb's input) */
};
#define ENTITY(type, rows, has_head) \
	{ #type, (rows), sizeof(rows) / sizeof((rows)[0]), sizeof(struct type), (has_head) }

#define ENTITIES(E) \
	E(SECTOR, sector) E(ORGANISATION, organisation) E(PERSON, person) E(ACCOUNT, account) \
	E(REPORT, report) E(CONTACT_ENTRY, contact_entry) E(DUTY, duty) E(ATTACHMENT, attachment) \
	E(SIGNING_KEY, signing_key) E(HOLD, hold) E(WITNESS, witness) E(WITNESS_LOG, witness_log)
#define ENTITY_CONSTANT(c, name) ENTITY_##c,
enum entity_id { ENTITIES(ENTITY_CONSTANT) ENTITY__MAX };
#undef ENTITY_CONSTANT
#define ENTITY_EXTERN(c, name) extern const struct entity entity_##name;
ENTITIES(ENTITY_EXTERN)
#undef ENTITY_EXTERN
const struct entity *entity_of(enum entity_id id);
const struct field *entity_field(const struct entity *e, struct str name);
/* Message ids: "field.report.aware_at", and its hint "field.report.aware_at.hint" (NULL when the catalogues have none). */
const char *field_label(const struct field *f);
const char *field_hint(const struct field *f);

void *entity_new(const struct entity *e, struct arena *a);       /* everything "not given" */
int64_t *field_int(const struct field *f, void *record);
struct str *field_str(const struct field *f, void *record);
bool field_given(const struct field *f, const void *record);

/*
 * Input into a record: unknown names, wrong types, limits, choices, fixed and system fields, all faults at once
 * (FAULT_FIELDS). Only fields that are in the input change; null clears. editors and whens say what this caller may
 * touch now; anything else in the input that differs from the record is FAULT_F_FIXED (FAULT_F_SYSTEM for what only the
 * system writes), and what is equal is passed over: an answer of GET can be sent back by PUT unchanged. "version" is
 * never read (see entity_expected); with an old one, what differs in fixed and system fields is passed over as well, for
 * then the update that follows says what changed meanwhile.
 *
 * A value from a form is text for every kind; a repeated form name is a list; "" is not given (so a hidden "" before a
 * group of boxes says that none is ticked). The texts of a PER_CHOICE may come one by one as "<field>.<choice>".
 * A time that reads as the record's does on the form leaves the record's seconds alone.
 *
 * After a fault the record holds what was good and is not to be written.
 */
struct entity_input {
	const struct value *in;          /* V_MAP */
	unsigned editors;                /* BY_... */
	unsigned whens;                  /* bit set of 1 << WHEN_...; WHEN_ALWAYS goes without saying */
	bool form;                       /* from an HTML form */
	const struct zone *local;        /* of times without an offset; NULL: UTC */
	const char *const *beside;       /* names that the answer has beside the fields, ignored here; ends with NULL. NULL: "actions" */
};
bool entity_read(const struct entity *e, const struct entity_input *input, void *record, struct arena *a, struct err *err);
/* The version the caller saw, as his input names it; 0 when it does not. */
int64_t entity_expected(const struct value *in);
/* True when this caller may change the field now. */
bool field_open(const struct field *f, unsigned editors, unsigned whens);
/* What a trusted map (of entity_show, entity_diff or the audit trail) says goes into the record, system fields too. */
void entity_restore(const struct entity *e, const struct value *map, void *record, struct arena *a);
/*
 * Required fields (flags & required), conditions in both directions (needed and missing; given but not wanted: FAULT_F_EMPTY_WANTED).
 * A field that err names already is not named again, so that it can follow entity_read() whatever that said.
 */
bool entity_complete(const struct entity *e, const void *record, unsigned required, struct err *err);
/* The record as a map: "id", "version", "created_at", "changed_at", then every field but SECRET. want: 0 all, else only fields with one of these flags. */
struct value *entity_show(const struct entity *e, const void *record, unsigned want, struct arena *a);
void field_show(const struct field *f, const void *record, struct value *map, struct arena *a);
/*
 * What a form needs, a list with a map for each field that editors/whens allow. Every map has every key:
 *	name, id ("f-<name>"), kind, label, hint, required, later, personal
 *	error                        the field's faults in the reader's words, or null
 *	hint_id, error_id, described_by   for aria-describedby; null when there is nothing to point to
 *	value                        one text as typed, for whatever is one input
 *	options                      [{id, input_id, label, chosen, group, name, value, sentence, note}]: choices, levels, yes and no;
 *	                             value is the text beside a choice (PER_CHOICE), sentence and note come from form_sentence()
 *	groups                       [{id, label, options}] when the choices belong to choices of another field, else null
 *	condition                    {field, values, words}: asked only if that field has one of these values ("phone fax"), and the
 *	                             same in words, with which of them it may be left out; null: always asked
 *	type, inputmode, autocomplete, maxlength, limit, min, max, rows   for the input element; null where it has none
 *	is_text is_long is_phone is_email is_addresses is_hosts is_urls is_per_choice is_int is_bool is_enum is_level is_multi is_time is_ref
 *	is_line (one input element), is_area (a textarea), is_radio (one of few), is_select (one of many), is_boxes (several), is_parts
 * input and err may be NULL; with them the person's own text comes back.
 */
struct value *entity_form(const struct entity *e, const void *record, unsigned editors, unsigned whens,
    const struct value *input, const struct err *err, const struct face *face, struct arena *a);
/* A further option of a REF field of a form: its id, its word. */
void form_option(struct value *field, struct str id, struct str label, bool chosen, struct arena *a);
/* What an option means, beneath its word: the law's sentence of a level, a note on it (STR_NONE: none). */
void form_sentence(struct value *field, struct str id, struct str sentence, struct str note);
/* The sentence of a field's fault, its label, limit and detail filled in. A detail that names another field of the record is shown by its label. */
struct str field_err_text(struct arena *a, enum lang l, const struct field_err *f);
/* {field: [from, to]} of what differs, NULL if nothing; of a SECRET field ["(changed)", "(changed)"]. from may be NULL (a new record). */
struct value *entity_diff(const struct entity *e, const void *from, const void *to, struct arena *a);
void *entity_copy(const struct entity *e, const void *record, struct arena *a);   /* texts are shared */

/* ---- store: plain verbs, with their audit records ---- */

/* The statements the tables make; give them to store_open(). */
const struct stmt_text *entity_statements(int *ret_count);
bool entity_fetch(struct tx *tx, enum entity_id e, int64_t id, void *record, struct err *err);  /* FAULT_NOT_FOUND */
/* Gives id (if 0), version 1, times; writes the row and its audit record {action} with all given fields as difference. */
bool entity_insert(struct tx *tx, enum entity_id e, void *record, const char *action, int64_t org, struct err *err);
/*
 * Writes what differs from the row, version + 1, and the audit record. expected is the version the caller saw (0: any):
 * another one is FAULT_VERSION with err->data = {version, changed: {field: [yours, theirs]}, by, at}. Nothing differs: true, nothing written, *ret_changed false.
 */
bool entity_update(struct tx *tx, enum entity_id e, void *record, int64_t expected, const char *action, int64_t org,
    bool *ret_changed, struct err *err);
/*
 * Fills a record from the current row of q, columns in table order (<ENTITY>_COLUMNS of store/statements/columns.h) from column first on;
 * or only the head and the IN_LIST fields (REPORT_LIST_COLUMNS), the others not given. Both return the column after the last.
 */
int entity_load(enum entity_id e, const struct rows *q, int first, void *record);
int entity_load_list(enum entity_id e, const struct rows *q, int first, void *record);

#endif
