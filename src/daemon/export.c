/*
 * tocsin export: a case, a period or the whole log as a bundle, at the terminal, while the server rests. What is taken is a record
 * of the log, as at the server; the record is there before the first byte.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/backups.h"
#include "daemon/command.h"
#include "daemon/processes.h"
#include "daemon/terminal.h"
#include "desk/bundle.h"
#include "desk/reports.h"

struct taking {
	struct bundle b;
	const char *what, *number, *from, *to, *file, *reason;
	const struct zone *zone;
};

/* Whoever sits at the terminal of the platform sees everything. */
static struct principal
terminal_principal(const struct conf *c)
{
	return (struct principal){ .roles = ROLE_AUDITOR, .reports = { SCOPE_ALL, 1, 1 }, .lang = terminal_lang(),
		.zone = zone_find(conf_text(c, SET_zone)) };
}

/* "case NUMBER FILE REASON", "period FROM TO FILE REASON", "log FILE REASON". False: they are not these. */
static bool
read_words(struct taking *t, int argc, char **argv)
{
	int n = 0;

	if (!argc)
		return false;
	t->what = argv[n++];
	if (!strcmp(t->what, "case") && argc == 4) {
		t->number = argv[n++];
	} else if (!strcmp(t->what, "period") && argc == 5) {
		t->from = argv[n++];
		t->to = argv[n++];
	} else if (strcmp(t->what, "log") != 0 || argc != 3) {
		return false;
	}
	t->file = argv[n++];
	t->reason = argv[n++];
	return *t->file && *t->reason;
}

/* A day is its beginning, for the end of a period the beginning of the next. */
static bool
read_day(const struct taking *t, struct arena *a, const char *text, bool end, int64_t *ret_time, struct err *err)
{
	struct str s = str_c(text);
	bool day = s.n == sizeof("2026-11-22") - 1;

	if (!time_parse(day ? arena_printf(a, "%sT00:00", text) : s, t->zone, ret_time))
		return refuse(err, FAULT_CONFIG, told(a, "cli.export.no_time", { "value", s }));
	if (day && end)
		*ret_time += DAY;
	return true;
}

/* What decides the bundle. */
static bool
look(struct store *st, struct arena *a, const struct conf *c, struct taking *t, struct err *err)
{
	struct principal who = terminal_principal(c);
	struct tx *tx = store_read(st, a, err);
	struct report r;
	bool good = tx && bundle_pin(tx, &t->b, err);

	if (good)
		t->b.at = tx_now(tx);
	if (good && t->number && (good = report_named(tx, &who, str_c(t->number), &r, err) &&
	    (r.received_at != NO_TIME || err_set(err, FAULT_STATE)))) {
		t->b.report = r.id;
		t->b.told_org = r.org_id;
		t->b.subject = bundle_subject(a, &r);
	}
	store_done(tx);
	return good;
}

static bool
fill(struct store *st, struct arena *a, const struct conf *c, struct taking *t, struct err *err)
{
	struct bundle *b = &t->b;

	*b = (struct bundle){ .from = INT64_MIN, .to = INT64_MAX, .by = terminal_msg("cli.export.by"), .reason = str_c(t->reason),
		.whole = !strcmp(t->what, "log") };
	if (t->from && (!read_day(t, a, t->from, false, &b->from, err) || !read_day(t, a, t->to, true, &b->to, err)))
		return false;
	if (b->to <= b->from)
		return refuse(err, FAULT_CONFIG, told(a, "cli.export.order", { "from", str_c(t->from) }, { "to", str_c(t->to) }));
	b->subject = b->whole ? STR("TLP:AMBER+STRICT") : bundle_subject_of_period(a, b);
	return look(st, a, c, t, err);
}

static bool
record_work(struct tx *tx, void *arg, struct err *err)
{
	return bundle_record(tx, arg, err);
}

static bool
put_all(int fd, struct str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno != EINTR)
			return false;
		s = str_from(s, n > 0 ? (size_t)n : 0);
	}
	return true;
}

/* The same bytes as were counted, into the file. */
static bool
put_bundle(struct store *st, const struct taking *t, int fd, const struct backup_watch *watch, struct err *err)
{
	struct bundle_pen pen = { .bundle = &t->b };
	struct arena *page = arena_new();
	bool good = true;

	while (good && pen.phase != BUNDLE_DONE) {
		struct buf out = { .arena = page };
		struct tx *tx = store_read(st, page, err);

		good = tx && bundle_next(tx, &pen, &out, err);
		store_done(tx);
		if (good && !put_all(fd, buf_str(&out)))
			good = err_setf(err, FAULT_FILE, "%s: %s", t->file, strerror(errno));
		if (good && !watch->step(watch->arg, pen.bytes, t->b.bytes))
			good = err_set(err, FAULT_BUSY);
		arena_reset(page);
	}
	arena_free(page);
	return good;
}

/* Its place is there before it is recorded, and its first byte after that. */
static bool
take(struct store *st, struct arena *a, struct taking *t, struct backup_watch *watch, struct err *err)
{
	int fd = open(t->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0)
		return err_setf(err, FAULT_FILE, "%s: %s", t->file, strerror(errno));
	good = bundle_count(st, a, &t->b, watch->step, watch->arg, err) && store_write(st, a, record_work, &t->b, err) &&
	    put_bundle(st, t, fd, watch, err);
	if (good && fsync(fd) != 0)
		good = err_setf(err, FAULT_FILE, "%s: %s", t->file, strerror(errno));
	close(fd);
	if (!good)
		unlink(t->file);         /* half a bundle is none */
	return good;
}

int
command_export(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct err err = { .arena = a };
	struct taking t = { .what = "" };
	struct store *st = NULL;
	struct backup_watch watch;
	bool ok;

	if (!read_words(&t, argc, argv)) {
		struct str usage = terminal_msg("cli.export.usage");

		fprintf(stderr, "tocsin: %.*s\n", STR_FMT(usage));
		return 2;
	}
	watch = terminal_watch(a, "cli.export.writing");
	ok = program_installed(c, &err) && program_load(c, false, &err) && program_store(c, STORE_THERE, false, &st, &err);
	t.zone = ok ? zone_find(conf_text(c, SET_zone)) : NULL;
	ok = ok && fill(st, a, c, &t, &err) && take(st, a, &t, &watch, &err);
	terminal_watch_end();
	store_close(st);
	if (terminal_stopped())
		return 130;
	if (!ok)
		return command_failed(&err, 1);
	printf("%.*s\n", STR_FMT(told(a, "cli.export.done", { "file", str_c(t.file) }, { "entries", told_int(a, t.b.entries) },
	    { "bytes", told_int(a, t.b.bytes) }, { "digest", t.b.digest })));
	return 0;
}
