#include "model/attachment.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "model/choices.h"

#define NAME_MOST 120
#define EXTENSION_MOST 16
#define SHOWN_MOST 200

static const struct choice attachment_states[] = {
	CHOICE("attachment_state", "arriving", ATTACHMENT_ARRIVING),
	CHOICE("attachment_state", "whole", ATTACHMENT_WHOLE),
	CHOICE("attachment_state", "withdrawn", ATTACHMENT_WITHDRAWN),
};
CHOICES(attachment_state, attachment_states);

#define ATTACHMENT_ROW(...) FIELD_ROW(attachment, __VA_ARGS__)
static const struct field attachment_fields[] = { ATTACHMENT(ATTACHMENT_ROW) };
const struct entity entity_attachment = ENTITY(attachment, attachment_fields, true);

#define IN_ATTACHMENT_ROW(...) FIELD_ROW(in_attachment, __VA_ARGS__)
static const struct field in_attachment_fields[] = { IN_ATTACHMENT(IN_ATTACHMENT_ROW) };
const struct entity in_attachment = ENTITY(in_attachment, in_attachment_fields, false);

/* ---- names ---- */

/* Controls, marks without width, and what turns the direction of writing. */
static bool
is_unseen(int32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
	    (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	    c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

/* What some system reads as more than a letter of a name; '%' could be unfolded again. */
static bool
is_sign(int32_t c)
{
	return c < 0x80 && c > 0 && strchr("/\\:*?\"<>|%", (char)c) != NULL;
}

/* The next code point; -2 for a byte that is none, which is taken too; -1 at the end. */
static int32_t
next_of(struct str *rest)
{
	struct str one = str_first(*rest, 4);
	int32_t c;

	if (!rest->n)
		return -1;
	if (rest->p[0] == '\0') {
		*rest = str_from(*rest, 1);
		return 0;
	}
	one = str_first(one, utf8_sound(one));
	if (!one.n) {
		*rest = str_from(*rest, 1);
		return -2;
	}
	c = utf8_next(&one);
	*rest = str_from(*rest, c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
	return c;
}

/* Names that Windows keeps for devices, whatever stands behind a dot. */
static bool
is_reserved(struct str name)
{
	static const char *const plain[] = { "con", "prn", "aux", "nul", "clock$", "conin$", "conout$" };
	struct str stem;

	str_split(&name, '.', &stem);
	stem = str_trim(stem);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (stem.n == strlen(plain[i]) && strncasecmp(stem.p, plain[i], stem.n) == 0)
			return true;
	return stem.n == 4 && (strncasecmp(stem.p, "com", 3) == 0 || strncasecmp(stem.p, "lpt", 3) == 0) &&
	    stem.p[3] >= '0' && stem.p[3] <= '9';
}

/* A short one is kept when a name is cut, for it says what the file is. */
static struct str
extension_of(struct str name)
{
	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == '.')
			return utf8_length(str_from(name, i)) < EXTENSION_MOST ? str_from(name, i - 1) :
									   STR("");
	return STR("");
}

static bool
is_edge(char c)
{
	return c == '.' || c == ' ' || c == '~';
}

/* Blanks and dots off both ends, until none is left: systems drop them, or hide what begins so. */
static struct str
without_edges(struct str name)
{
	struct str was;

	do {
		was = name;
		name = str_trim(name);
		while (name.n && is_edge(name.p[0]))
			name = str_from(name, 1);
		while (name.n && is_edge(name.p[name.n - 1]))
			name.n--;
	} while (name.n != was.n);
	return name;
}

/* At most so many code points, with what is behind the last dot kept. */
static struct str
shortened(struct arena *a, struct str name)
{
	struct str extension, stem;

	if (utf8_length(name) <= NAME_MOST)
		return name;
	extension = extension_of(name);
	stem = without_edges(utf8_first(name, NAME_MOST - utf8_length(extension)));
	return arena_printf(a, "%.*s%.*s", STR_FMT(stem.n ? stem : STR("_")), STR_FMT(extension));
}

struct str
attachment_name(struct arena *a, struct str given)
{
	struct buf b = { .arena = a };
	struct str rest = given, name;
	int32_t c;

	while ((c = next_of(&rest)) != -1)
		if (c == -2 || is_unseen(c) || is_sign(c))
			buf_char(&b, '_');
		else
			buf_code(&b, c);
	name = without_edges(buf_str(&b));
	if (!name.n)
		return STR("_");
	/* what is cut off may be all that stood behind such a name */
	name = shortened(a, name);
	if (is_reserved(name))
		name = shortened(a, arena_printf(a, "_%.*s", STR_FMT(name)));
	return name;
}

struct str
attachment_name_shown(struct arena *a, struct str given)
{
	struct buf b = { .arena = a };
	struct str rest = given;
	int32_t c = 0;
	int n;

	for (n = 0; n < SHOWN_MOST && rest.n; n++) {
		unsigned char byte = (unsigned char)rest.p[0];

		c = next_of(&rest);
		if (c == -2)
			buf_printf(&b, "\\x%02X", byte);
		else if (is_unseen(c))
			buf_printf(&b, "\\u{%X}", (unsigned)c);
		else
			buf_code(&b, c);
	}
	if (rest.n)
		buf_put(&b, STR("…"));
	return buf_str(&b);
}
