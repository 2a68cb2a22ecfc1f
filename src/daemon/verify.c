/*
 * tocsin verify: what tocsin-verify does with receipts, bundles and checkpoints; and, what that small program
 * cannot, a whole log where it lies: a data directory, its database alone or on a server, or a backup. Nothing
 * there is changed.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/backups.h"
#include "daemon/command.h"
#include "daemon/terminal.h"
#include "store/audit.h"
#include "verify/verify.h"

/* ---- rows of a database, in the order of their first column ---- */

enum { SEQ, AT, NODE, ACTION, ENTITY, OBJECT, ORG, ACCOUNT, PERSON, SESSION, KEY, ADDRESS, NAME, RESULT, REASON,
	DETAILS_HASH, BEHIND, SALT, RECORD__MAX };
enum { D_SEQ, D_SALT, D_DETAILS, D_ERASED, DETAILS__MAX };
enum { C_SIZE, C_NOTE, CHECKPOINT__MAX };
enum { L_ORIGIN, L_SIZE, LOG__MAX };

static const char *const record_columns[] = { "seq", "at", "node", "action", "entity", "object", "org", "account",
	"person", "session", "key", "address", "name", "result", "reason", "details_hash", "behind", "salt" };
static const char *const details_columns[] = { "seq", "salt", "details", "erased_at" };
static const char *const checkpoint_columns[] = { "size", "note" };
static const char *const log_columns[] = { "origin", "size" };

/* One table being read. Each has the database open for itself. */
struct reading {
	struct dump *dump;                       /* NULL: there is no such table */
	struct val v[RECORD__MAX];               /* the row that stands before us */
	bool row;
};

static bool
has_table(struct dump *d, struct arena *a, const char *name, bool *ret_has, struct err *err)
{
	struct dump_table *tables;
	int n;

	if (!dump_tables(d, a, &tables, &n, err))
		return false;
	*ret_has = false;
	for (int i = 0; i < n; i++)
		*ret_has = *ret_has || str_is(tables[i].name, name);
	return true;
}

static bool
reading_next(struct reading *r, struct err *err)
{
	if (!r->dump)
		return true;
	return dump_next(r->dump, r->v, &r->row, err);
}

static bool
reading_begin(struct reading *r, const char *table, const char *const *columns, int n, struct arena *a, struct err *err)
{
	struct dump_table t = { .name = str_c(table), .n = n };
	struct dump_column *c = arena_alloc(a, (size_t)n * sizeof(*c));

	for (int i = 0; i < n; i++)
		c[i].name = str_c(columns[i]);
	t.columns = c;
	return dump_begin(r->dump, &t, err) && reading_next(r, err);
}

/* wanted false: a table that older databases do not have. */
static bool
reading_open(struct reading *r, const char *dir, const char *table, const char *const *columns, int n, bool wanted,
    struct arena *a, struct err *err)
{
	bool has = true;

	if (!dump_open(dir, a, &r->dump, err) || (!wanted && !has_table(r->dump, a, table, &has, err)))
		return false;
	if (!has) {
		dump_close(r->dump);
		r->dump = NULL;
		return true;
	}
	return reading_begin(r, table, columns, n, a, err);
}

static void
reading_close(struct reading *r)
{
	if (r->dump)
		dump_end(r->dump);
	dump_close(r->dump);
}

/* ---- the log in it ---- */

struct pass {
	const struct trust *trust;
	struct trust alone;                      /* the same, without anything to compare with */
	struct arena *arena, *row, *kept;        /* row: emptied after each record; kept: holds found.proved's note */
	struct reading records, details, checkpoints;
	struct str origin;
	int64_t size;                            /* that the database says it has */
	struct bundle_check found;               /* for telling: as if it had come as a bundle */
	int64_t signed_size, signed_last;        /* of the newest checkpoint that was proved, and its last record */
	int64_t signed_count;                    /* how many were */
	int64_t foreign;                         /* how many are signed by keys that the reader does not know */
	const struct backup_watch *watch;
};

static void
record_of(const struct val *v, struct audit_record *r)
{
	*r = (struct audit_record){
		.seq = v[SEQ].i, .at = v[AT].i, .node = v[NODE].s, .action = v[ACTION].s, .entity = v[ENTITY].s,
		.object = v[OBJECT].i, .org = v[ORG].i,
		.actor = { .account = v[ACCOUNT].i, .person = v[PERSON].i, .session = v[SESSION].i, .key = v[KEY].i,
			.behind = v[BEHIND].i, .address = v[ADDRESS].s, .name = v[NAME].s },
		.result = v[RESULT].i ? AUDIT_REFUSED : AUDIT_DONE, .reason = v[REASON].s,
		.details_hash = v[DETAILS_HASH].s, .salt = v[SALT].s,
	};
}

/* That the details that lie beside the record are its own; erased ones are counted. */
static bool
details_fit(struct pass *p, const struct audit_record *r, enum refusal *why, struct err *err)
{
	const struct val *v = p->details.v;
	struct sha256 h;

	while (p->details.row && v[D_SEQ].i < r->seq)
		if (!reading_next(&p->details, err))
			return false;
	if (!r->details_hash.p)
		return true;
	if (!p->details.row || v[D_SEQ].i != r->seq) {
		*why = REFUSAL_DETAILS;
	} else if (!v[D_DETAILS].s.p) {
		p->found.hidden++;
	} else {
		h = audit_details_hash(v[D_SALT].s, v[D_DETAILS].s);
		if (!str_eq(r->details_hash, (struct str){ (const char *)h.b, sizeof(h.b) }))
			*why = REFUSAL_DETAILS;
	}
	return true;
}

/*
 * A checkpoint of the size that the log has reached. One that another key signed, of which the reader does not
 * know, must fit as well, but proves nothing.
 */
static enum refusal
checkpoint_fits(struct pass *p, struct str note)
{
	struct sha256 root = merkle_root(&p->found.log);
	struct checkpoint c;
	struct proved proved;
	enum refusal why = checkpoint_read(note, &c);

	if (why != REFUSAL_NONE)
		return why;
	if (!str_eq(c.origin, p->origin))
		return REFUSAL_ORIGIN;
	if (c.size != p->found.log.size)
		return REFUSAL_SIZE;
	if (!merkle_same(&c.root, &root))
		return REFUSAL_ROOT;
	why = check_checkpoint(&p->alone, note, &proved);
	if (why == REFUSAL_NOT_SIGNED) {
		p->foreign++;
		return REFUSAL_NONE;
	}
	if (why != REFUSAL_NONE)
		return why;
	arena_reset(p->kept);
	note = arena_dup(p->kept, note);
	if (checkpoint_read(note, &proved.checkpoint) == REFUSAL_NONE)
		p->found.proved = proved;
	p->signed_size = c.size;
	p->signed_last = p->found.last;
	p->signed_count++;
	return REFUSAL_NONE;
}

/* The older checkpoint that was given, as one note again. */
static struct str
older_note(const struct checkpoint *older)
{
	const struct note *n = &older->note;

	return (struct str){ n->text.p, (size_t)(n->signatures.p + n->signatures.n - n->text.p) };
}

/* All checkpoints of the size that the log has now. */
static bool
compare(struct pass *p, enum refusal *why, struct err *err)
{
	const struct checkpoint *older = p->trust->older;

	if (older && older->size == p->found.log.size) {
		*why = checkpoint_fits(p, older_note(older));
		if (*why == REFUSAL_ROOT)
			*why = REFUSAL_FORKED;
	}
	while (*why == REFUSAL_NONE && p->checkpoints.row && p->checkpoints.v[C_SIZE].i <= p->found.log.size) {
		*why = checkpoint_fits(p, p->checkpoints.v[C_NOTE].s);
		if (!reading_next(&p->checkpoints, err))
			return false;
	}
	return true;
}

static bool
take_record(struct pass *p, enum refusal *why, struct err *err)
{
	struct audit_record r;
	struct sha256 leaf;

	record_of(p->records.v, &r);
	if (r.seq != p->found.log.size + 1) {
		*why = REFUSAL_INDEX;
		return true;
	}
	leaf = merkle_leaf(audit_bytes(p->row, p->origin, &r));
	merkle_append(&p->found.log, &leaf);
	if (p->found.entries++ == 0)
		p->found.first = r.at;
	p->found.last = r.at;
	arena_reset(p->row);
	return details_fit(p, &r, why, err) && (*why != REFUSAL_NONE || compare(p, why, err));
}

/* What only shows at the end. */
static enum refusal
judge(struct pass *p)
{
	const struct checkpoint *older = p->trust->older;

	if (p->checkpoints.row || p->size > p->found.log.size || (older && older->size > p->found.log.size))
		return REFUSAL_TRUNCATED;
	if (p->size < p->found.log.size)
		return REFUSAL_COUNT;
	if (p->signed_count > 0)
		return REFUSAL_NONE;
	return p->foreign ? REFUSAL_NOT_SIGNED : REFUSAL_NO_CHECKPOINT;
}

/* Whose log it is. None: the database is older than the log. The database stays open: what follows is of the same moment. */
static bool
read_head(struct pass *p, const char *dir, struct err *err)
{
	struct reading *r = &p->records;
	bool ok = reading_open(r, dir, "log", log_columns, LOG__MAX, false, p->arena, err);

	if (ok && r->row) {
		p->origin = arena_dup(p->arena, r->v[L_ORIGIN].s);
		p->size = r->v[L_SIZE].i;
	}
	if (r->dump)
		dump_end(r->dump);
	r->row = false;
	return ok;
}

/*
 * A server may be writing meanwhile: each table is read as it was at a moment of its own. Of checkpoints that is before
 * the records', so that none is of records that are not there; of details after it, so that every record's are.
 */
static bool
open_tables(struct pass *p, const char *dir, enum refusal *why, struct err *err)
{
	struct arena *a = p->arena;

	if (!reading_open(&p->checkpoints, dir, "checkpoint", checkpoint_columns, CHECKPOINT__MAX, false, a, err) ||
	    !read_head(p, dir, err))
		return false;
	if (!p->origin.n) {
		*why = REFUSAL_FORMAT;
		return true;
	}
	return reading_begin(&p->records, "audit", record_columns, RECORD__MAX, a, err) &&
	    reading_open(&p->details, dir, "audit_details", details_columns, DETAILS__MAX, true, a, err);
}

static bool
read_all(struct pass *p, const char *dir, enum refusal *why, struct err *err)
{
	if (!open_tables(p, dir, why, err))
		return false;
	while (*why == REFUSAL_NONE && p->records.row) {
		if (!take_record(p, why, err) || !reading_next(&p->records, err))
			return false;
		if (p->found.entries % 1000 == 0 && !p->watch->step(p->watch->arg, p->found.entries, p->size))
			return err_set(err, FAULT_INTERRUPTED);
	}
	if (*why == REFUSAL_NONE)
		*why = judge(p);
	return true;
}

static void
tell_log(struct pass *p)
{
	struct arena *a = p->arena;
	struct str text = told(a, "verify.checkpoints", { "n", told_int(a, p->signed_count) });

	p->found.whole = true;
	p->found.entries = p->signed_size;
	p->found.last = p->signed_last;
	p->found.heading.origin = p->origin;
	p->found.proved.older = p->trust->older;
	tell_bundle(&p->found);
	printf("%.*s\n", STR_FMT(text));
	if (p->found.log.size > p->signed_size) {
		text = told(a, "verify.unsigned", { "n", told_int(a, p->found.log.size - p->signed_size) });
		printf("%.*s\n", STR_FMT(text));
	}
}

/* The log of the database in dir. */
static int
verify_directory(const struct trust *trust, const char *dir, struct arena *a)
{
	struct backup_watch watch = terminal_watch(a, "verify.reading");
	struct pass *p = arena_make(a, struct pass);
	enum refusal why = REFUSAL_NONE;
	struct err err = { .arena = a };
	int status = 0;
	bool ok;

	*p = (struct pass){ .trust = trust, .alone = *trust, .arena = a, 
	    .row = arena_new(), .kept = arena_new(), .watch = &watch };
	p->alone.older = NULL;
	ok = read_all(p, dir, &why, &err);
	terminal_watch_end();
	if (!ok)
		status = command_failed(&err, 2);
	else if (why != REFUSAL_NONE)
		status = tell_refusal(why);
	else
		tell_log(p);
	if (ok && why != REFUSAL_NONE && p->found.log.size > 0) {
		struct str text = told(a, "verify.at_record", { "n", told_int(a, p->found.log.size) });

		printf("%.*s\n", STR_FMT(text));
	}
	reading_close(&p->records);
	reading_close(&p->details);
	reading_close(&p->checkpoints);
	arena_free(p->row);
	arena_free(p->kept);
	return status;
}

/* ---- where it lies ---- */

/* A directory of our own; the caller cleans it (restore_clean). */
static char *
scratch_directory(struct arena *a, struct err *err)
{
	const char *base = getenv("TMPDIR");
	char *dir = arena_c(a, arena_printf(a, "%s/tocsin-verify.XXXXXX", base && *base ? base : "/var/tmp"));

	if (mkdtemp(dir))
		return dir;
	err_setf(err, FAULT_FILE, "%s: %m", dir);
	return NULL;
}

/* A database under any name: one of the right name leads to it. */
static int
verify_database(const struct trust *trust, const char *file, struct arena *a)
{
	struct err err = { .arena = a };
	char *dir = scratch_directory(a, &err), path[PATH_MAX];
	int status = 2;

	if (!dir)
		return command_failed(&err, 2);
	if (!realpath(file, path) || symlink(path, arena_printf(a, "%s/" LOAD_FILE, dir).p) != 0) {
		err_setf(&err, FAULT_FILE, "%s: %m", file);
		command_failed(&err, 2);
	} else {
		status = verify_directory(trust, dir, a);
	}
	restore_clean(dir, a);
	return status;
}

static int
verify_backup(const struct trust *trust, const char *file, const char *identity, struct arena *a)
{
	struct backup_watch watch = terminal_watch(a, "backup.reading");
	struct err err = { .arena = a };
	struct backup_read read;
	struct age_keys keys;
	char *dir = NULL;
	int fd = -1, status = 2;

	if (backup_keys(identity, true, a, &keys, &err) && (dir = scratch_directory(a, &err))) {
		fd = open(file, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			err_setf(&err, FAULT_FILE, "%s: %m", file);
		else if (backup_load(fd, &keys, dir, &watch, a, &read, &err))
			status = verify_directory(trust, dir, a);
	}
	terminal_watch_end();
	if (err.fault)
		command_failed(&err, 2);
	if (fd >= 0)
		close(fd);
	if (dir)
		restore_clean(dir, a);
	age_wipe(&keys);
	return status;
}

enum place { PLACE_FILE, PLACE_DIRECTORY, PLACE_DATABASE, PLACE_BACKUP };

/* By its first bytes. What cannot be read is a file: that says why. */
static enum place
place_of(const char *path)
{
	static const char database[] = "SQLite format 3", compressed[] = "\x28\xb5\x2f\xfd";
	char head[sizeof(AGE_MAGIC)] = "";
	struct stat s;
	FILE *f;
	size_t n;

	if (dump_on_server(path) || (stat(path, &s) == 0 && S_ISDIR(s.st_mode)))
		return PLACE_DIRECTORY;
	f = fopen(path, "rbe");
	n = f ? fread(head, 1, sizeof(head) - 1, f) : 0;
	if (f)
		fclose(f);
	if (n >= sizeof(database) && !memcmp(head, database, sizeof(database)))
		return PLACE_DATABASE;
	if (n >= 4 && (!memcmp(head, compressed, 4) || !strcmp(head, AGE_MAGIC)))
		return PLACE_BACKUP;
	return PLACE_FILE;
}

/* A flag that this kind of thing has no use for. */
static int
useless(struct arena *a, const char *flag)
{
	struct str text = told(a, "verify.useless", { "flag", str_c(flag) });

	fprintf(stderr, "tocsin: %.*s\n", STR_FMT(text));
	return 2;
}

int
command_verify(const struct conf *c, struct arena *a, int argc, char **argv)
{
	char **words = arena_alloc(a, ((size_t)argc + 2) * sizeof(*words));
	static char name[] = "tocsin verify";
	const struct trust *trust;
	const char *identity;
	struct request q;
	int status = 2;

	(void)c;
	if (!command_value(a, &argc, argv, "--identity", &identity))
		return 2;
	words[0] = name;
	memcpy(words + 1, argv, (size_t)argc * sizeof(*words));
	if (!verify_asked(argc + 1, words, &q))
		return 2;
	if (place_of(q.file) == PLACE_FILE)
		return identity ? useless(a, "--identity") : verify_run(argc + 1, words);
	/* cosignatures lie beside the checkpoints of a database, not in them */
	if (q.witnesses || q.consistency)
		return useless(a, q.witnesses ? "--witness" : "--consistency");
	trust = verify_trust(&q, &status);
	if (!trust)
		return status;
	switch (place_of(q.file)) {
	case PLACE_DIRECTORY:
		return verify_directory(trust, q.file, a);
	case PLACE_DATABASE:
		return verify_database(trust, q.file, a);
	default:
		return verify_backup(trust, q.file, identity, a);
	}
}
