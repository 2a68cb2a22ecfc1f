#include "backup/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"

#define STEP_ROWS 512                    /* between two questions whether to go on */
#define KEY_FILE_MAX 65536

static bool
go_on(const struct backup_watch *watch, int64_t done, int64_t all, struct err *err)
{
	return !watch || done % STEP_ROWS != 0 || watch->step(watch->arg, done, all) || err_set(err, FAULT_INTERRUPTED);
}

static struct str
hex_of(struct arena *a, const struct sha256 *h)
{
	return hex(a, (struct str){ (const char *)h->b, sizeof(h->b) });
}

/* ---- the first line ---- */

static struct str
text_or_none(struct str s)
{
	return s.p ? s : STR("");
}

bool
backup_facts_read(const struct value *header, struct backup_facts *ret_facts)
{
	const struct value *schema = value_get(header, "schema"), *log = value_get(header, "log");
	const struct value *records = value_get(log, "records");
	struct backup_facts f = { .program = text_or_none(value_text(value_get(header, "program"))) };

	f.engine = text_or_none(value_text(value_get(header, "engine")));
	f.node = text_or_none(value_text(value_get(header, "node")));
	f.origin = text_or_none(value_text(value_get(log, "origin")));
	f.root = text_or_none(value_text(value_get(log, "root")));
	if (!schema || schema->kind != V_INT || schema->i < 1 || schema->i > 9999 || !records ||
	    records->kind != V_INT || !time_parse(value_text(value_get(header, "created")), zone_utc(), &f.created))
		return false;
	f.schema = (int)schema->i;
	f.records = records->i;
	*ret_facts = f;
	return true;
}

/* Records that have no log: not those of a version that had none yet. */
static bool
lacks_log(const struct dump_table *tables, int n, int64_t records)
{
	bool has_table = false;

	for (int i = 0; i < n; i++)
		has_table = has_table || str_is(tables[i].name, "log");
	return has_table && records > 0;
}

static bool
collect_facts(struct dump *d, const struct dump_table *tables, int n, struct arena *a, struct backup_facts *ret_facts,
    struct err *err)
{
	struct backup_facts f = { .program = STR(TOCSIN_VERSION), .schema = dump_version(d), .created = clock_now() };
	struct dump_log log;
	char node[65] = "";

	gethostname(node, sizeof(node) - 1);
	f.node = arena_dup(a, str_c(node));
	f.engine = str_c(dump_engine(d));
	f.origin = f.root = STR("");
	for (int i = 0; i < n; i++)
		if (str_is(tables[i].name, "audit"))
			f.records = tables[i].rows;
	if (dump_log(d, a, &log, err)) {
		f.origin = log.origin;
		f.root = hex_of(a, &log.root);
		if (log.size != f.records)
			err_setf(err, FAULT_FILE, "the log has %lld leaves for %lld records", (long long)log.size,
			    (long long)f.records);
	} else if (err->fault == FAULT_NONE && lacks_log(tables, n, f.records)) {
		err_setf(err, FAULT_FILE, "%lld records without their log", (long long)f.records);
	}
	*ret_facts = f;
	return err->fault == FAULT_NONE;
}

static struct value *
facts_value(struct arena *a, const struct backup_facts *f)
{
	static const char *const outside[] = { "secret", "keys", "settings", "index of words" };
	struct value *v = value_map(a), *log, *list;

	map_str(a, v, "program", f->program);
	map_int(a, v, "schema", f->schema);
	map_str(a, v, "engine", f->engine);
	map_str(a, v, "node", f->node);
	map_str(a, v, "created", time_rfc3339(a, f->created));
	log = map_map(a, v, "log");
	map_str(a, log, "origin", f->origin);
	map_int(a, log, "records", f->records);
	map_str(a, log, "root", f->root);
	list = map_list(a, v, "not_inside");
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		list_add(list, value_str(a, str_c(outside[i])));
	return v;
}

/* ---- out ---- */

struct writing {
	struct dump *d;
	struct pack_writer *w;
	struct dump_table *tables;
	int n;
	int64_t done, all;
	const struct backup_watch *watch;
};

static bool
write_table(struct writing *o, const struct dump_table *t, struct err *err)
{
	struct val vals[DUMP_COLUMNS_MAX];
	bool row = true, ok = pack_table(o->w, t, err) && dump_begin(o->d, t, err);

	while (ok && row) {
		ok = dump_next(o->d, vals, &row, err);
		if (ok && row)
			ok = pack_row(o->w, vals, err) && go_on(o->watch, ++o->done, o->all, err);
	}
	dump_end(o->d);
	return ok && pack_table_end(o->w, err);
}

static bool
write_all(struct writing *o, struct arena *a, const struct backup_facts *facts, struct err *err)
{
	bool ok = pack_header(o->w, facts_value(a, facts), err) && go_on(o->watch, 0, o->all, err);

	for (int i = 0; ok && i < o->n; i++)
		ok = write_table(o, &o->tables[i], err);
	return ok && pack_finish(o->w, err);
}

/* Not a file that another process finished, and gave its own name, between our opening and our lock. */
static bool
still_named(int fd, const char *part)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && stat(part, &there) == 0 && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* The name beside, under which the file is until it is whole. One process at a time writes it. */
static int
open_part(const char *part, struct err *err)
{
	int fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		err_setf(err, FAULT_FILE, "%s: %s", part, strerror(errno));
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		err_setf(err, errno == EWOULDBLOCK ? FAULT_IN_USE : FAULT_FILE, "%s: %s", part, strerror(errno));
	else if (!still_named(fd, part))
		err_setf(err, FAULT_IN_USE, "%s", part);
	else if (ftruncate(fd, 0) != 0)
		err_setf(err, FAULT_FILE, "%s: %s", part, strerror(errno));
	else
		return fd;
	close(fd);
	return -1;
}

static bool
sync_directory_of(const char *path, struct arena *a)
{
	int fd = open(dirname(arena_c(a, str_c(path))), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* some file systems have no such thing as a directory on disk (EINVAL) */
	bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Under its own name, unless somebody else made such a file meanwhile. */
static bool
give_name(const char *part, const char *path, struct arena *a, struct err *err)
{
	int code = renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) == 0 ? 0 : errno;

	/* not every file system knows how to refuse */
	if (code == EINVAL || code == ENOSYS)
		code = access(path, F_OK) == 0 ? EEXIST : rename(part, path) == 0 ? 0 : errno;
	if (code == EEXIST)
		return err_setf(err, FAULT_EXISTS, "%s", path);
	return (code == 0 && sync_directory_of(path, a)) ||
	    err_setf(err, FAULT_FILE, "%s: %s", path, strerror(code ? code : errno));
}

static bool
write_part(struct dump *d, int fd, const struct age_keys *to, const struct backup_watch *watch, struct arena *a,
    struct backup_made *made, struct err *err)
{
	struct writing o = { .d = d, .watch = watch };
	bool ok;

	if (!dump_tables(d, a, &o.tables, &o.n, err))
		return false;
	for (int i = 0; i < o.n; i++)
		o.all += o.tables[i].rows;
	if (!collect_facts(d, o.tables, o.n, a, &made->facts, err))
		return false;
	o.w = pack_writer_new(a, fd, to);
	ok = write_all(&o, a, &made->facts, err) && (fsync(fd) == 0 || err_setf(err, FAULT_FILE, "%s", strerror(errno)));
	made->bytes = pack_written(o.w);
	made->digest = pack_digest(o.w);
	made->rows = o.done;
	made->tables = o.n;
	pack_writer_free(o.w);
	return ok;
}

bool
backup_write(struct dump *d, const char *path, const struct age_keys *to, const struct backup_watch *watch,
    struct arena *a, struct backup_made *ret_made, struct err *err)
{
	const char *part = arena_printf(a, "%s.part", path).p;
	struct backup_made made = { .bytes = 0 };
	bool ok;
	int fd;

	if (access(path, F_OK) == 0)
		return err_setf(err, FAULT_EXISTS, "%s", path);
	fd = open_part(part, err);
	if (fd < 0)
		return false;
	ok = write_part(d, fd, to, watch, a, &made, err) && give_name(part, path, a, err);
	if (!ok)
		unlink(part);
	close(fd);
	if (ok)
		*ret_made = made;
	return ok;
}

/* ---- in ---- */

struct reading {
	struct pack_reader r;
	struct load *l;
	struct backup_read *got;
	const char *dir;
	const struct backup_watch *watch;
	struct arena *arena;
};

#define TABLES_MAX 200

static bool
begin_load(struct reading *o, struct err *err)
{
	struct backup_read *got = o->got;

	if (!backup_facts_read(o->r.header, &got->facts))
		return err_setf(err, FAULT_BACKUP_ALTERED, "the first line");
	if (got->facts.schema > store_schema_newest())
		return err_setf(err, FAULT_BACKUP_NEWER, "%d > %d", got->facts.schema, store_schema_newest());
	return load_open(o->dir, got->facts.schema, o->arena, &o->l, err);
}

/* What the load says of the file's tables is about the file: it is not of the version that it claims. */
static bool
misfit(struct err *err)
{
	if (err->fault == FAULT_SCHEMA)
		err->fault = FAULT_BACKUP_ALTERED;
	return false;
}

static bool
take_item(struct reading *o, enum pack_item item, struct err *err)
{
	struct backup_read *got = o->got;

	switch (item) {
	case PACK_HEADER:
		return begin_load(o, err);
	case PACK_TABLE:
		return got->n < TABLES_MAX && (load_table(o->l, &o->r.table, err) || misfit(err));
	case PACK_ROW:
		return load_row(o->l, o->r.vals, err) && go_on(o->watch, o->r.rows_all, o->r.read, err);
	case PACK_TABLE_END:
		o->r.table.rows = o->r.rows;
		got->tables[got->n] = o->r.table;
		got->sections[got->n++] = o->r.section;
		return true;
	case PACK_END:
		return load_finish(o->l, err) || misfit(err);
	case PACK_FAILED:
		break;
	}
	return false;
}

bool
backup_load(int fd, const struct age_keys *with, const char *dir, const struct backup_watch *watch,
    struct arena *a, struct backup_read *ret_read, struct err *err)
{
	struct backup_read got = { .n = 0 };
	struct reading o = { .got = &got, .dir = dir, .watch = watch, .arena = a };
	enum pack_item item;
	bool ok;

	got.tables = arena_alloc(a, TABLES_MAX * sizeof(got.tables[0]));
	got.sections = arena_alloc(a, TABLES_MAX * sizeof(got.sections[0]));
	pack_reader_init(&o.r, a, fd, with);
	do {
		item = pack_read(&o.r, err);
		ok = take_item(&o, item, err);
	} while (ok && item != PACK_END);
	got.rows = o.r.rows_all;
	got.bytes = o.r.read;
	got.digest = o.r.digest;
	got.encrypted = o.r.encrypted;
	load_close(o.l);
	pack_reader_free(&o.r);
	if (ok)
		*ret_read = got;
	return ok;
}

/* ---- comparing ---- */

bool
backup_section(struct dump *d, const struct dump_table *t, struct arena *a, struct sha256 *ret_digest,
    int64_t *ret_rows, struct err *err)
{
	struct writing o = { .d = d };
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	bool ok;

	if (null < 0)
		return err_setf(err, FAULT_FILE, "/dev/null: %s", strerror(errno));
	o.w = pack_writer_new(a, null, NULL);
	ok = write_table(&o, t, err);
	*ret_digest = pack_section(o.w);
	*ret_rows = o.done;
	pack_writer_free(o.w);
	close(null);
	return ok;
}

static bool
compare_table(struct dump *d, const struct dump_table *t, const struct sha256 *expected, struct arena *a,
    struct err *err)
{
	struct sha256 found;
	int64_t rows;

	if (!backup_section(d, t, a, &found, &rows, err))
		return false;
	if (rows != t->rows)
		return err_setf(err, FAULT_BACKUP_ALTERED, "%.*s: %lld rows, %lld in the file", STR_FMT(t->name),
		    (long long)rows, (long long)t->rows);
	return memcmp(&found, expected, sizeof(found)) == 0 ||
	    err_setf(err, FAULT_BACKUP_ALTERED, "%.*s: %.*s", STR_FMT(t->name), STR_FMT(hex_of(a, &found)));
}

bool
backup_compare(const char *dir, const struct backup_read *read, struct arena *a, struct err *err)
{
	struct dump *d = NULL;
	struct dump_table *ours;
	int n = 0;
	bool ok;

	if (!dump_open(dir, a, &d, err))
		return false;
	ok = dump_tables(d, a, &ours, &n, err);
	if (ok && n != read->n)
		ok = err_setf(err, FAULT_BACKUP_ALTERED, "%d tables, %d in the file", n, read->n);
	for (int i = 0; ok && i < read->n; i++)
		ok = compare_table(d, &read->tables[i], &read->sections[i], a, err);
	dump_close(d);
	return ok;
}

/* ---- keys ---- */

struct str
backup_key_file(const char *path, struct arena *a, struct err *err)
{
	char *text = arena_raw(a, KEY_FILE_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, KEY_FILE_MAX) : -1;
	int code = errno;

	if (fd >= 0)
		close(fd);
	if (n < 0)
		err_setf(err, FAULT_FILE, "%s: %s", path, strerror(code));
	else if (n == KEY_FILE_MAX)
		err_setf(err, FAULT_FILE, "%s: %s", path, strerror(EFBIG));
	return n < 0 || n == KEY_FILE_MAX ? STR_NONE : (struct str){ text, (size_t)n };
}
