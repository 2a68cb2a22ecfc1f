/* One line an event on standard error, for the journal. Never a secret, never a report's content. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_INFO = 6, LOG_DEBUG = 7 };

void log_threshold(enum log_level most_verbose);             /* default LOG_INFO */
/* Control characters in the result are escaped, so that one event stays one line. */
void log_line(enum log_level l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_err(enum log_level l, const char *what, const struct err *err);

#endif
