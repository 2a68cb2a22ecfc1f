/* The kinds that are texts: one line, paragraphs, telephone, e-mail, a text for each choice. */
#include "model/kind.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"

/* Controls, line and paragraph separators, and what turns the direction of writing. */
static bool
harmful(int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

struct str
harmless(struct arena *a, struct str s, size_t points)
{
	struct buf b = { .arena = a };
	size_t n = 0;

	if (!s.p)
		return STR_NONE;
	s = str_first(s, utf8_sound(s));
	while (s.n && n++ < points) {
		int32_t c = utf8_next(&s);

		buf_code(&b, harmful(c) ? 0xfffd : c);
	}
	if (s.n)
		buf_put(&b, STR("…"));
	return buf_str(&b);
}

bool
read_sound(const struct reading *r, struct str s, bool paragraphs)
{
	if (!utf8_ok(s))
		return reading_fault(r, FAULT_F_TEXT, 0, STR("UTF-8"));
	while (s.n) {
		int32_t c = utf8_next(&s);

		if (harmful(c) && !(paragraphs && (c == '\n' || c == '\t')))
			return reading_fault(r, FAULT_F_TEXT, 0,
			    arena_printf(r->arena, "U+%04X", (unsigned)c));
	}
	return true;
}

bool
read_limits(const struct reading *r, struct str s)
{
	int64_t n = (int64_t)utf8_length(s);
	const struct field *f = r->field;

	if (n >= f->min && n <= f->max)
		return true;
	return reading_fault(r, n < f->min ? FAULT_F_SHORT : FAULT_F_LONG, n < f->min ? f->min : f->max,
	    arena_printf(r->arena, "%lld", (long long)n));
}

struct str
narrow(struct arena *a, struct str s)
{
	struct buf b = { .arena = a };

	if (!memchr(s.p ? s.p : "", 0xef, s.n) && !memchr(s.p ? s.p : "", 0xe3, s.n))
		return s;
	while (s.n) {
		int32_t c = utf8_next(&s);

		buf_code(&b, c >= 0xff01 && c <= 0xff5e ? c - 0xff01 + '!' : c == 0x3000 ? ' ' : c);
	}
	return buf_str(&b);
}

/* ---- one line, paragraphs ---- */

bool
read_text(const struct reading *r, const struct value *v, union cell *ret)
{
	struct str s;

	if (v->kind != V_STR)
		return reading_type(r, v);
	s = str_trim(v->s);
	if (!read_sound(r, s, false) || !read_limits(r, s))
		return false;
	ret->s = arena_dup(r->arena, s);
	return true;
}

/* CR LF and a lone CR become LF. */
static struct str
line_ends(struct arena *a, struct str s)
{
	struct buf b = { .arena = a };

	if (!s.n || !memchr(s.p, '\r', s.n))
		return arena_dup(a, s);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r')
			buf_char(&b, s.p[i]);
		else if (i + 1 == s.n || s.p[i + 1] != '\n')
			buf_char(&b, '\n');
	return buf_str(&b);
}

bool
read_long(const struct reading *r, const struct value *v, union cell *ret)
{
	struct str s;

	if (v->kind != V_STR)
		return reading_type(r, v);
	s = line_ends(r->arena, str_trim(v->s));
	if (!read_sound(r, s, true) || !read_limits(r, s))
		return false;
	ret->s = s;
	return true;
}

void
show_text(const struct field *f, const union cell *in, struct value *v, struct arena *a)
{
	(void)f;
	(void)a;
	v->kind = V_STR;
	v->s = in->s;
}

struct str
form_text(const struct field *f, const union cell *in, const struct zone *local, struct arena *a)
{
	(void)f;
	(void)local;
	(void)a;
	return in->s;
}

/* ---- telephone ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* '+' only in front; an extension is digits after one '#'. */
static bool
phone_ok(struct str s)
{
	size_t digits = 0, i;

	for (i = 0; i < s.n && s.p[i] != '#'; i++) {
		if (is_digit(s.p[i]))
			digits++;
		else if (!strchr("-() ", s.p[i]) && !(s.p[i] == '+' && i == 0))
			return false;
	}
	if (digits < 3)
		return false;
	if (i == s.n)
		return true;
	for (s = str_from(s, i + 1), i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return s.n > 0;
}

bool
read_phone(const struct reading *r, const struct value *v, union cell *ret)
{
	struct str s;

	if (v->kind != V_STR)
		return reading_type(r, v);
	if (!read_sound(r, str_trim(v->s), false))
		return false;
	s = str_trim(narrow(r->arena, v->s));
	if (s.n > 0 && !phone_ok(s))
		return reading_fault(r, FAULT_F_PHONE, 0, s);
	if (!read_limits(r, s))
		return false;
	ret->s = arena_dup(r->arena, s);
	return true;
}

/* ---- e-mail ---- */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Blanks beyond ASCII look like nothing in an address. */
static bool
has_blank(struct str s)
{
	while (s.n) {
		int32_t c = utf8_next(&s);

		if (c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200d) || c == 0x202f ||
		    c == 0x205f || c == 0x2060 || c == 0x3000 || c == 0xfeff)
			return true;
	}
	return false;
}

/* RFC 5321 Dot-string, with the UTF-8 of RFC 6531. */
static bool
local_ok(struct str s)
{
	struct str part;

	if (s.n > 64 || !s.n)
		return false;
	while (str_split(&s, '.', &part)) {
		if (!part.n)
			return false;
		for (size_t i = 0; i < part.n; i++) {
			char c = part.p[i];

			if (!is_letter(c) && !is_digit(c) && (c & 0x80) == 0 &&
			    !strchr("!#$%&'*+-/=?^_`{|}~", c))
				return false;
		}
	}
	return true;
}

static bool
label_ok(struct str s)
{
	if (!s.n || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '-' && (s.p[i] & 0x80) == 0)
			return false;
	return true;
}

/* Two labels at least, and the last is no number: a mail address of the open net. */
static bool
domain_ok(struct str s)
{
	struct str label = STR_NONE;
	int64_t number;
	int labels = 0;

	if (s.n > 253)
		return false;
	for (; str_split(&s, '.', &label); labels++)
		if (!label_ok(label))
			return false;
	return labels > 1 && !str_int(label, &number);
}

static bool
email_ok(struct str s)
{
	const char *at = s.n ? memrchr(s.p, '@', s.n) : NULL;
	size_t n;

	if (!at || s.n > 254 || has_blank(s))
		return false;
	n = (size_t)(at - s.p);
	return local_ok(str_first(s, n)) && domain_ok(str_from(s, n + 1));
}

bool
read_email(const struct reading *r, const struct value *v, union cell *ret)
{
	struct str s;

	if (v->kind != V_STR)
		return reading_type(r, v);
	if (!read_sound(r, str_trim(v->s), false))
		return false;
	s = str_trim(narrow(r->arena, v->s));
	if (s.n > 0 && !email_ok(s))
		return reading_fault(r, FAULT_F_EMAIL, 0, s);
	if (!read_limits(r, s))
		return false;
	ret->s = arena_dup(r->arena, s);
	return true;
}

/* ---- a text for each choice ---- */

struct value *
per_choice_value(struct arena *a, struct str stored)
{
	struct err err = { .arena = a };
	struct value *v;

	if (!stored.p || !json_parse(a, stored, &v, &err) || (v->kind != V_MAP && v->kind != V_STR))
		return NULL;
	return v;
}

/* One of the texts, trimmed, as a value; NULL when refused or (*ret_empty) there is none. */
static struct value *
read_part(const struct reading *r, const struct value *v, bool *ret_empty)
{
	struct str s;

	if (v->kind != V_STR && v->kind != V_NULL) {
		reading_type(r, v);
		return NULL;
	}
	s = str_trim(value_text(v));
	*ret_empty = s.n == 0;
	if (*ret_empty || !read_sound(r, s, false) || !read_limits(r, s))
		return NULL;
	return value_str(r->arena, s);
}

static bool
read_parts(const struct reading *r, const struct value *v, struct value *parts)
{
	const struct choices *choices = r->field->choices;
	const struct value *part;
	bool good = true;

	for (part = v->first; part; part = part->next)
		if (!choice_by_id(choices, part->name))
			good = reading_fault(r, FAULT_F_CHOICE, 0, part->name);
	/* in the order of the choices, so that the same texts are always stored alike */
	for (int i = 0; i < choices->n; i++) {
		bool empty = false;
		struct value *text;

		part = value_get(v, choices->list[i].id);
		if (!part)
			continue;
		text = read_part(r, part, &empty);
		if (text)
			map_add(parts, choices->list[i].id, text);
		else if (!empty)
			good = false;
	}
	return good;
}

bool
read_per_choice(const struct reading *r, const struct value *v, union cell *ret)
{
	struct value *kept;
	bool empty = false;

	if (v->kind == V_MAP) {
		kept = value_map(r->arena);
		if (!read_parts(r, v, kept))
			return false;
		empty = kept->n == 0;
	} else if (v->kind == V_STR) {
		kept = read_part(r, v, &empty);
		if (!kept && !empty)
			return false;
	} else {
		return reading_type(r, v);
	}
	ret->s = empty ? STR_NONE : json_text(r->arena, kept);
	return true;
}

void
show_per_choice(const struct field *f, const union cell *in, struct value *v, struct arena *a)
{
	struct value *stored = per_choice_value(a, in->s);
	struct str name = v->name;

	(void)f;
	if (!stored)
		return;
	*v = *stored;
	v->name = name;
	v->next = NULL;
}

/* Only a text for all of them is one input element; the others are parts. */
struct str
form_per_choice(const struct field *f, const union cell *in, const struct zone *local, struct arena *a)
{
	struct str text = value_text(per_choice_value(a, in->s));

	(void)f;
	(void)local;
	return text.p ? text : STR("");
}

/* ---- files of a record ---- */

/* Canonical JSON holds no fractions, and nothing nested deeper than a list of objects is one of these. */
static bool
is_file(const struct value *v)
{
	if (v->kind != V_MAP)
		return false;
	for (const struct value *m = v->first; m; m = m->next)
		if (m->kind == V_REAL || m->kind == V_LIST || m->kind == V_MAP)
			return false;
	return true;
}

/* Only to be compared with what is there: nobody writes such a list. None is the same as an empty list. */
bool
read_files(const struct reading *r, const struct value *v, union cell *ret)
{
	struct buf b = { .arena = r->arena };

	if (v->kind != V_LIST)
		return reading_type(r, v);
	for (const struct value *file = v->first; file; file = file->next)
		if (!is_file(file))
			return reading_type(r, file);
	json_canonical(&b, v);
	ret->s = v->n ? buf_str(&b) : STR_NONE;
	return true;
}

void
show_files(const struct field *f, const union cell *in, struct value *v, struct arena *a)
{
	struct err err = { .arena = a };
	struct str name = v->name;
	struct value *stored;

	(void)f;
	if (!json_parse(a, in->s, &stored, &err) || stored->kind != V_LIST)
		return;
	*v = *stored;
	v->name = name;
	v->next = NULL;
}

struct str
form_files(const struct field *f, const union cell *in, const struct zone *local, struct arena *a)
{
	(void)f;
	(void)in;
	(void)local;
	(void)a;
	return STR("");
}
