/* iCalendar lines: folded by octets between characters, escaped, unfolded to what they were. */
#include "wire/ical.h"

#include <string.h>

#include "base/arena.h"
#include "base/time.h"
#include "tap.h"

static struct arena *a;

static struct str
text_line(struct str text)
{
	struct buf b = { .arena = a };

	ical_text(&b, "SUMMARY", text);
	return buf_str(&b);
}

/* Every line is whole characters, at most 75 octets, and ends in CR LF; together they are the unfolded line. */
static struct str
unfolded(struct str lines, bool *ret_good)
{
	struct buf b = { .arena = a };
	bool first = true, good = true;

	while (lines.n && good) {
		const char *end = memmem(lines.p, lines.n, "\r\n", 2);
		struct str line = end ? str_first(lines, (size_t)(end - lines.p)) : lines;

		good = end && line.n <= 75 && utf8_ok(line) && (first || line.p[0] == ' ');
		buf_put(&b, str_from(line, first ? 0 : 1));
		first = false;
		lines = str_from(lines, line.n + 2);
	}
	*ret_good = good;
	return buf_str(&b);
}

int
main(void)
{
	static const char *const letters[] = { "a", "é", "審", "\xf0\x9f\x9a\xa8" };
	struct buf b;
	size_t wrong = 0;
	bool good;

	a = arena_new();
	is_str(text_line(STR("a,b;c\\d\ne\r\x07" "f")), "SUMMARY:a\\,b\\;c\\\\d\\nef\r\n", "escaped");
	is_str(text_line(STR("")), "SUMMARY:\r\n", "empty");
	for (size_t k = 0; k < 4; k++)
		for (size_t n = 0; n < 200; n++) {
			struct buf text = { .arena = a };
			struct str line;

			for (size_t i = 0; i < n % 5; i++)
				buf_char(&text, 'x');
			for (size_t i = 0; i < n; i++)
				buf_c(&text, letters[k]);
			line = unfolded(text_line(buf_str(&text)), &good);
			wrong += !good || !str_eq(str_from(line, 8), buf_str(&text));
		}
	is_int((int64_t)wrong, 0, "folded between characters, and back");
	b = (struct buf){ .arena = a };
	ical_time(&b, "DTSTART", INT64_C(1795284600) * SECOND + 999999);
	is_str(buf_str(&b), "DTSTART:20261121T181000Z\r\n", "a time in UTC, to the second before");
	b = (struct buf){ .arena = a };
	ical_line(&b, "URL", STR("https://a.example/\r\nEVIL:1"));
	is_str(buf_str(&b), "URL:https://a.example/EVIL:1\r\n", "no line of somebody else's");
	arena_free(a);
	return done_testing();
}
