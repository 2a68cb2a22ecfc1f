#include "tap.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"

static struct arena *a;
static int kept, out[2];

static void
catch_begin(void)
{
	kept = dup(STDERR_FILENO);
	if (kept < 0 || pipe(out) != 0 || dup2(out[1], STDERR_FILENO) < 0)
		abort();
}

/* What was logged since catch_begin(). */
static struct str
catch_end(void)
{
	char *text = arena_alloc(a, 65536);
	ssize_t n;

	dup2(kept, STDERR_FILENO);
	close(kept);
	close(out[1]);
	n = read(out[0], text, 65536);
	close(out[0]);
	return (struct str){ text, n > 0 ? (size_t)n : 0 };
}

static void
test_lines(void)
{
	unsetenv("JOURNAL_STREAM");
	catch_begin();
	log_line(LOG_INFO, "serving on %s", "127.0.0.1:8080");
	is_str(catch_end(), "serving on 127.0.0.1:8080\n", "a line");
	catch_begin();
	log_line(LOG_WARN, "%s", "a\nb\tc\x1b[31m\x7f\xff\xc2\x9b通報");
	is_str(catch_end(), "warning: a\\x0ab\\x09c\\x1b[31m\\x7f\\xff\\xc2\\x9b通報\n", "one event, one line, no controls");
	catch_begin();
	log_line(LOG_DEBUG, "quiet");
	is_str(catch_end(), "", "below the threshold");
	log_threshold(LOG_DEBUG);
	catch_begin();
	log_line(LOG_DEBUG, "loud");
	is_str(catch_end(), "debug: loud\n", "above it");
	setenv("JOURNAL_STREAM", "8:1", 1);
	catch_begin();
	log_line(LOG_ERROR, "x");
	is_str(catch_end(), "<3>x\n", "for the journal");
	unsetenv("JOURNAL_STREAM");
}

static void
test_long(void)
{
	char *text = arena_alloc(a, 5001);
	struct str got;

	memset(text, '\n', 5000);
	catch_begin();
	log_line(LOG_INFO, "%s", text);
	got = catch_end();
	ok(got.n > 1000 && got.n < 5000 && got.p[got.n - 1] == '\n' && memchr(got.p, '\n', got.n) == got.p + got.n - 1,
	    "a long one is cut, and is one line still");
}

static void
test_err(void)
{
	struct err err = { .arena = a };

	err_setf(&err, FAULT_FILE, "%s", "no such file");
	catch_begin();
	log_err(LOG_ERROR, "rules", &err);
	is_str(catch_end(), "error: rules: file (no such file)\n", "a fault with its detail");
	err = (struct err){ .arena = a };
	err_field(&err, STR("title"), NULL, FAULT_F_LONG, 200, STR("secret"));
	catch_begin();
	log_err(LOG_ERROR, "import", &err);
	is_str(catch_end(), "error: import: fields\nerror: import: title: field.too_long\n", "fields, without their content");
}

int
main(void)
{
	a = arena_new();
	test_lines();
	test_long();
	test_err();
	arena_free(a);
	return done_testing();
}
