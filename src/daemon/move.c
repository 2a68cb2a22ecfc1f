/* tocsin migrate --to: the whole installation's database from one engine to the other, compared row by row. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup.h"
#include "base/log.h"
#include "base/value.h"
#include "daemon/backups.h"
#include "daemon/command.h"
#include "daemon/move.h"
#include "daemon/processes.h"
#include "daemon/terminal.h"
#include "store/audit.h"
#include "store/dump.h"

struct move {
	const struct conf *conf;
	struct arena *arena;
	const char *from, *to;           /* to: a schema beside or a folder within, until all is well */
	struct server_restore *there;    /* of a server */
	const char *dir;                 /* where the file goes */
	int lock;                        /* on it; -1: none */
	struct dump *d;
	struct dump_table *tables;
	int n;
	int64_t rows, done;
	struct backup_watch watch;
	struct dump_log log;
};

static void
print_text(struct str text)
{
	printf("%.*s\n", STR_FMT(text));
}

/* ---- copying ---- */

static bool
copy_table(struct move *m, struct load *l, const struct dump_table *t, struct err *err)
{
	struct val vals[DUMP_COLUMNS_MAX];
	bool row = true, ok = load_table(l, t, err) && dump_begin(m->d, t, err);

	while (ok && row) {
		ok = dump_next(m->d, vals, &row, err) && (!row || load_row(l, vals, err));
		if (ok && row && ++m->done % 100 == 0 && !m->watch.step(m->watch.arg, m->done, m->rows))
			ok = err_set(err, FAULT_INTERRUPTED);
	}
	dump_end(m->d);
	return ok;
}

static bool
copy_all(struct move *m, struct err *err)
{
	struct load *l = NULL;
	bool ok = load_open(m->to, dump_version(m->d), m->arena, &l, err);

	for (int i = 0; ok && i < m->n; i++)
		ok = copy_table(m, l, &m->tables[i], err);
	ok = ok && load_finish(l, err);
	load_close(l);
	return ok;
}

/* ---- comparing ---- */

static bool
same_table(struct move *m, struct dump *there, const struct dump_table *t, struct err *err)
{
	struct sha256 here, copy;
	int64_t rows, copied;

	if (!backup_section(m->d, t, m->arena, &here, &rows, err) ||
	    !backup_section(there, t, m->arena, &copy, &copied, err))
		return false;
	m->done += rows;
	if (!m->watch.step(m->watch.arg, m->done, m->rows))
		return err_set(err, FAULT_INTERRUPTED);
	return (rows == copied && memcmp(&here, &copy, sizeof(here)) == 0) ||
	    err_setf(err, FAULT_DATABASE, "%.*s: %lld rows, %lld in the copy, or another content", STR_FMT(t->name),
	    (long long)rows, (long long)copied);
}

static bool
same_log(struct move *m, struct dump *there, struct err *err)
{
	struct dump_log copy;

	if (!dump_log(m->d, m->arena, &m->log, err))
		return err->fault == FAULT_NONE;         /* its schema is older than the log */
	return (dump_log(there, m->arena, &copy, err) && copy.size == m->log.size && str_eq(copy.origin, m->log.origin) &&
	    memcmp(&copy.root, &m->log.root, sizeof(copy.root)) == 0) ||
	    err_setf(err, FAULT_DATABASE, "the log of the copy has another root");
}

static bool
compare_all(struct move *m, struct err *err)
{
	struct dump *there = NULL;
	bool ok = dump_open(m->to, m->arena, &there, err);

	m->done = 0;
	m->watch = terminal_watch(m->arena, "move.comparing");
	for (int i = 0; ok && i < m->n; i++)
		ok = same_table(m, there, &m->tables[i], err);
	ok = ok && same_log(m, there, err);
	dump_close(there);
	return ok;
}

/* ---- the new store ---- */

/* {from, to, records, root}: the first thing that the new database's own trail says. */
static bool
record_work(struct tx *tx, void *arg, struct err *err)
{
	const struct move *m = arg;
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a);

	map_str(a, v, "from", str_c(dump_engine(m->d)));
	map_int(a, v, "records", m->log.size);
	map_str(a, v, "root", hex(a, (struct str){ (const char *)m->log.root.b, sizeof(m->log.root.b) }));
	return audit_append(tx, &(struct audit){ .action = "store.move", .entity = "", .details = v }, err);
}

/* Brought to this program's version, its index of words made, and the move on record. */
static bool
finish(struct move *m, struct err *err)
{
	struct conf there = *m->conf;
	struct store *st = NULL;
	bool ok;

	there.v[SET_db].text = m->there ? str_c(m->to) : STR("");
	if (!m->there)
		there.v[SET_data].text = str_c(m->to);
	ok = program_store(&there, STORE_THERE, true, &st, err) && index_words(st, m->arena, err) &&
	    store_write(st, m->arena, record_work, m, err);
	store_close(st);
	return ok;
}

/* ---- what stands there already ---- */

/* Whether the newest record of the trail there is that of a move: nobody has written since. */
static bool
untouched(struct move *m, bool *ret_untouched, struct err *err)
{
	struct dump_column column = { STR("action"), 't' };
	struct dump_table t = { STR("audit"), &column, 1, -1 };
	struct dump *d = NULL;
	struct val action;
	struct err why = { .arena = m->arena };
	bool row = true, ok = true;

	*ret_untouched = true;
	if (!dump_open(m->to, m->arena, &d, &why))
		return why.fault == FAULT_NO_INSTALLATION || err_setf(err, why.fault, "%.*s", STR_FMT(why.detail));
	ok = dump_begin(d, &t, err);
	while (ok && row) {
		ok = dump_next(d, &action, &row, err);
		if (ok && row)
			*ret_untouched = str_is(action.s, "store.move");
	}
	dump_end(d);
	dump_close(d);
	return ok;
}

static bool
begin_file(struct move *m, struct err *err)
{
	const char *place = arena_printf(m->arena, "%s/" LOAD_FILE, m->dir).p;

	if (access(place, F_OK) == 0)
		return err_setf(err, FAULT_EXISTS, "%s", place);
	if (!load_hold(m->dir, m->arena, &m->lock, err))
		return false;
	m->to = arena_printf(m->arena, "%s/" RESTORE_SCRATCH, m->dir).p;
	restore_clean(m->to, m->arena);
	return mkdir(m->to, 0700) == 0 || err_setf(err, FAULT_FILE, "%s: %s", m->to, strerror(errno));
}

/* The scratch to load into: it takes the place in the end. */
static bool
begin_there(struct move *m, struct err *err)
{
	bool replace;

	if (!dump_on_server(m->to))
		return begin_file(m, err);
	if (!untouched(m, &replace, err))
		return false;
	if (!replace)
		return refuse(err, FAULT_EXISTS, terminal_msg("move.written"));
	if (!load_server_begin(m->to, true, m->arena, &m->there, err))
		return false;
	m->to = load_server_scratch(m->there);
	return true;
}

static bool
end_there(struct move *m, struct str *ret_kept, struct err *err)
{
	*ret_kept = STR_NONE;
	return m->there ? load_server_take_place(m->there, ret_kept, err) :
	    restore_take_place(m->dir, m->to, m->arena, ret_kept, err);
}

/* Whether it is done or not: nothing stays but what took its place. */
static void
clean_there(struct move *m)
{
	if (m->there)
		load_server_end(m->there);
	if (m->lock < 0)
		return;
	restore_clean(m->to, m->arena);
	close(m->lock);
}

/* The secret here is that of the database on the server: a file with another one could not open what that sealed. */
static bool
secret_fits(struct move *m, struct err *err)
{
	struct err why = { .arena = m->arena };
	struct store *st = NULL;
	bool ok = !dump_on_server(m->from) || program_store(m->conf, STORE_THERE, false, &st, &why);

	store_close(st);
	/* one of an older version is brought up to date there, and has nothing to compare with */
	if (ok || why.fault == FAULT_SCHEMA)
		return true;
	*err = why;
	return false;
}

static bool
move_all(struct move *m, struct str *ret_kept, struct err *err)
{
	if (!begin_there(m, err) || !dump_open(m->from, m->arena, &m->d, err) || !dump_tables(m->d, m->arena, &m->tables, &m->n, err))
		return false;
	for (int i = 0; i < m->n; i++)
		m->rows += m->tables[i].rows;
	m->watch = terminal_watch(m->arena, "move.copying");
	return copy_all(m, err) && compare_all(m, err) && finish(m, err) && end_there(m, ret_kept, err);
}

/* ---- the command ---- */

/* Where from and where to; both as places of dump.h. */
static bool
find_places(struct move *m, const char *to, struct err *err)
{
	char *dir = arena_c(m->arena, conf_text(m->conf, SET_data));
	struct store_reach reach;
	const struct store_reach *here;

	if (!program_reach(m->conf, &here, err))
		return false;
	m->from = here ? here->url : dir;
	m->to = m->dir = dir;
	if (strcmp(to, "sqlite") != 0) {
		if (!dump_on_server(to) || !store_reach(to, dir, m->arena, &reach, err))
			return refuse(err, FAULT_CONFIG, told(m->arena, "move.where", { "word", str_c(to) }));
		m->to = reach.url;
	}
	return dump_on_server(m->from) != dump_on_server(m->to) ||
	    refuse(err, FAULT_CONFIG, told(m->arena, "move.same", { "word", str_c(to) }));
}

/* What a server writes after the moment of the copy stays behind. */
static void
warn_if_served(struct move *m)
{
	struct err ignored = { .arena = m->arena };
	int fd;

	if (dump_on_server(m->from))
		print_text(terminal_msg("move.stop_servers"));
	else if (load_hold(m->from, m->arena, &fd, &ignored))
		close(fd);
	else
		print_text(terminal_msg("move.served"));
}

static struct str
what_is_left(const struct move *m)
{
	if (!m->there)
		return told(m->arena, "move.as_it_was", { "dir", str_c(m->dir) });
	return terminal_msg(load_server_unknown(m->there) ? "restore.unknown" : "restore.as_it_was");
}

int
command_move(const struct conf *c, struct arena *a, const char *to)
{
	struct move m = { .conf = c, .arena = a, .lock = -1 };
	struct err err = { .arena = a };
	struct str kept = STR_NONE;
	bool ok;

	ok = program_installed(c, &err) && program_load(c, false, &err) && find_places(&m, to, &err) && secret_fits(&m, &err);
	if (ok) {
		log_threshold(LOG_WARN);
		warn_if_served(&m);
		ok = move_all(&m, &kept, &err);
	}
	dump_close(m.d);
	clean_there(&m);
	if (!ok) {
		terminal_kept(&err, what_is_left(&m));
		return command_failed(&err, 1);
	}
	print_text(told(a, "move.done", { "tables", told_int(a, m.n) }, { "rows", told_int(a, m.rows) },
	    { "records", told_int(a, m.log.size) },
	    { "root", hex(a, (struct str){ (const char *)m.log.root.b, sizeof(m.log.root.b) }) }));
	if (kept.p)
		print_text(told(a, "move.kept", { "schema", kept }));
	print_text(terminal_msg(m.there ? "move.next_server" : "move.next_file"));
	return 0;
}
