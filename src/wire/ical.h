/*
 * iCalendar (RFC 5545), written line by line: texts escaped, lines folded at 75 octets without cutting a character, ends CR LF, times UTC.
 *
 *	ical_line(&b, "BEGIN", STR("VEVENT"));
 *	ical_text(&b, "SUMMARY", title);
 *	ical_time(&b, "DTSTART", due);
 */
#ifndef WIRE_ICAL_H
#define WIRE_ICAL_H

#include "base/str.h"

/* A value that is no text: as it stands, without controls. name may hold parameters ("TRIGGER;VALUE=DATE-TIME"). */
void ical_line(struct buf *b, const char *name, struct str value);
/* A text: backslash, comma, semicolon and line ends escaped; other controls left out. Well-formed UTF-8. */
void ical_text(struct buf *b, const char *name, struct str text);
/* "20261121T181000Z", to the second before t. */
void ical_time(struct buf *b, const char *name, int64_t t);

#endif
