#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Atomic int threshold = LOG_INFO;

void
log_threshold(enum log_level most_verbose)
{
	threshold = (int)most_verbose;
}

/* "<4>" for a journal that reads levels so, a word for a person. */
static const char *
level_mark(enum log_level l)
{
	bool journal = getenv("JOURNAL_STREAM") != NULL;

	switch (l) {
	case LOG_ERROR:
		return journal ? "<3>" : "error: ";
	case LOG_WARN:
		return journal ? "<4>" : "warning: ";
	case LOG_INFO:
		return journal ? "<6>" : "";
	case LOG_DEBUG:
		return journal ? "<7>" : "debug: ";
	}
	return "";
}

/* Appends s with its control characters and bad bytes as \xNN; stops where out is full. */
static size_t
put_clean(char *out, size_t cap, struct str s)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	while (s.n && n + 4 <= cap) {
		size_t sound = utf8_sound(utf8_first(s, 1));
		unsigned char c = (unsigned char)s.p[0];

		if (sound == 0 || c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s.p[1] < 0xa0)) {
			out[n++] = '\\';
			out[n++] = 'x';
			out[n++] = digits[c >> 4];
			out[n++] = digits[c & 15];
			s = str_from(s, 1);
			continue;
		}
		memcpy(out + n, s.p, sound);
		n += sound;
		s = str_from(s, sound);
	}
	return n;
}

/* One write for a line, so that lines of several threads and processes do not mix. */
void
log_line(enum log_level l, const char *fmt, ...)
{
	char text[1024], line[4 * sizeof(text) + 32];
	const char *mark = level_mark(l);
	size_t n = strlen(mark);
	ssize_t written;
	va_list ap;
	int length;

	if ((int)l > threshold)
		return;
	va_start(ap, fmt);
	length = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (length < 0)
		return;
	memcpy(line, mark, n);
	n += put_clean(line + n, sizeof(line) - n - 1, str_first(str_c(text), sizeof(text)));
	line[n++] = '\n';
	written = write(STDERR_FILENO, line, n);
	(void)written;                   /* there is nobody left to tell */
}

void
log_err(enum log_level l, const char *what, const struct err *err)
{
	const struct field_err *f;

	if (err->say)
		log_line(l, "%s: %s (%s %.*s)", what, fault_code(err->fault), err->say, STR_FMT(err->detail));
	else if (err->detail.n > 0)
		log_line(l, "%s: %s (%.*s)", what, fault_code(err->fault), STR_FMT(err->detail));
	else
		log_line(l, "%s: %s", what, fault_code(err->fault));
	for (f = err->fields; f; f = f->next)
		log_line(l, "%s: %.*s: %s", what, STR_FMT(f->field), fault_code(f->fault));
}
