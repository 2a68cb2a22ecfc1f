#include "wire/ical.h"

#include <string.h>

#include "base/arena.h"
#include "base/time.h"

#define LINE_MOST 75                     /* octets, without the line's end: RFC 5545 3.1 */

/* The last place up to at where a character begins. */
static size_t
character_before(struct str s, size_t at)
{
	while (at > 0 && at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* The blank that begins a continued line counts as one of its octets. */
static void
fold(struct buf *b, struct str line)
{
	size_t room = LINE_MOST;

	while (line.n > room) {
		size_t n = character_before(line, room);

		buf_put(b, str_first(line, n));
		buf_put(b, STR("\r\n "));
		line = str_from(line, n);
		room = LINE_MOST - 1;
	}
	buf_put(b, line);
	buf_put(b, STR("\r\n"));
}

static bool
is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

void
ical_line(struct buf *b, const char *name, struct str value)
{
	struct buf line = { .arena = b->arena };

	buf_c(&line, name);
	buf_char(&line, ':');
	for (size_t i = 0; i < value.n; i++)
		if (!is_control(value.p[i]))
			buf_char(&line, value.p[i]);
	fold(b, buf_str(&line));
}

void
ical_text(struct buf *b, const char *name, struct str text)
{
	struct buf line = { .arena = b->arena };

	buf_c(&line, name);
	buf_char(&line, ':');
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\n')
			buf_c(&line, "\\n");
		else if (c == '\\' || c == ';' || c == ',')
			buf_printf(&line, "\\%c", c);
		else if (!is_control(c))
			buf_char(&line, c);
	}
	fold(b, buf_str(&line));
}

void
ical_time(struct buf *b, const char *name, int64_t t)
{
	struct civil c = civil_of(t, zone_utc());
	struct buf value = { .arena = b->arena };

	buf_printf(&value, "%04d%02d%02dT%02d%02d%02dZ", (int)c.year, c.month, c.day, c.hour, c.minute, c.second);
	ical_line(b, name, buf_str(&value));
}
