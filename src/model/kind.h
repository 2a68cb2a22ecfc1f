/*
 * What every kind of field can do: one row of functions a kind. Private to this room.
 * A cell is the member of a record: i for numbers, s for texts.
 */
#ifndef MODEL_KIND_H
#define MODEL_KIND_H

#include "model/entity.h"

union cell {
	int64_t i;
	struct str s;
};

/* One field being read. */
struct reading {
	const struct field *field;
	const struct zone *local;
	bool form;                       /* texts of a form; else JSON */
	struct arena *arena;
	struct err *err;                 /* NULL: only whether it can be read is asked */
};

/* What a kind is on a form. */
enum widget { WIDGET_LINE, WIDGET_AREA, WIDGET_RADIO, WIDGET_BOXES, WIDGET_PARTS };

struct kind_ops {
	const char *name, *is;           /* "text"; "is_text", true in a form's field of this kind */
	bool text;                       /* the member is a struct str */
	bool many;                       /* on a form several values of one name are one answer */
	enum widget widget;
	const char *json;                /* what JSON has to give, for FAULT_F_TYPE */
	/* v is not null. False: refused, the faults are noted. *ret may be "not given" after all. */
	bool (*read)(const struct reading *r, const struct value *v, union cell *ret);
	/* Fills v, which is zeroed and belongs to a given value. */
	void (*show)(const struct field *f, const union cell *in, struct value *v, struct arena *a);
	/* The text of the input element for a given value; local is the reader's zone. */
	struct str (*form)(const struct field *f, const union cell *in, const struct zone *local,
	    struct arena *a);
};
extern const struct kind_ops kinds[KIND__MAX];

union cell cell_of(const struct field *f, const void *record);
void cell_put(const struct field *f, void *record, const union cell *s);
void cell_clear(const struct field *f, union cell *s);          /* not given */
bool cell_given(const struct field *f, const union cell *s);
bool cell_equal(const struct field *f, const union cell *a, const union cell *b);

/* ---- for the kinds themselves ---- */

/*
 * Notes a fault of the field that is read; detail may be the caller's text: what could harm a page is taken
 * out. Always false.
 */
bool reading_fault(const struct reading *r, enum fault fault, int64_t limit, struct str detail);
/* FAULT_F_TYPE: "integer, not string". Always false. */
bool reading_type(const struct reading *r, const struct value *v);
/* At most so many code points of a caller's text, without what could harm a line of text. */
struct str harmless(struct arena *a, struct str s, size_t points);
/*
 * Well-formed, and free of controls and of what turns the direction of writing; paragraphs: LF and tab are
 * allowed.
 */
bool read_sound(const struct reading *r, struct str s, bool paragraphs);
bool read_limits(const struct reading *r, struct str s);                /* min..max code points */
/* Full-width letters, digits and signs as an input method gives them, in ASCII. */
struct str narrow(struct arena *a, struct str s);

/* The stored JSON of a PER_CHOICE: V_MAP of texts by choice id, or V_STR; NULL when there is none. */
struct value *per_choice_value(struct arena *a, struct str stored);

bool read_text(const struct reading *r, const struct value *v, union cell *ret);
bool read_long(const struct reading *r, const struct value *v, union cell *ret);
bool read_phone(const struct reading *r, const struct value *v, union cell *ret);
bool read_email(const struct reading *r, const struct value *v, union cell *ret);
bool read_per_choice(const struct reading *r, const struct value *v, union cell *ret);
bool read_addresses(const struct reading *r, const struct value *v, union cell *ret);
bool read_hosts(const struct reading *r, const struct value *v, union cell *ret);
bool read_urls(const struct reading *r, const struct value *v, union cell *ret);
bool read_files(const struct reading *r, const struct value *v, union cell *ret);
void show_files(const struct field *f, const union cell *in, struct value *v, struct arena *a);
struct str form_files(const struct field *f, const union cell *in, const struct zone *local, struct arena *a);
void show_text(const struct field *f, const union cell *in, struct value *v, struct arena *a);
void show_per_choice(const struct field *f, const union cell *in, struct value *v, struct arena *a);
void show_addresses(const struct field *f, const union cell *in, struct value *v, struct arena *a);
void show_urls(const struct field *f, const union cell *in, struct value *v, struct arena *a);
struct str form_text(const struct field *f, const union cell *in, const struct zone *local, struct arena *a);
struct str form_per_choice(const struct field *f, const union cell *in, const struct zone *local,
    struct arena *a);
struct str form_urls(const struct field *f, const union cell *in, const struct zone *local, struct arena *a);

#endif
