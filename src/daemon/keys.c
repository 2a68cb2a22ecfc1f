/*
 * tocsin keys: the keys that sign the log, at the terminal. Beside a running server it asks that; else it works on the
 * database and the keys' directory itself. Secrets are never words of the command line.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "daemon/ask.h"
#include "daemon/command.h"
#include "daemon/keeper.h"
#include "daemon/private_key.h"
#include "daemon/processes.h"
#include "daemon/share.h"
#include "daemon/terminal.h"
#include "desk/keys.h"
#include "store/store.h"

#define SHARE_FILE_MAX 4096

struct desk {
	const struct conf *conf;
	struct arena *arena;
	struct store *store;             /* NULL: a server runs, and is asked */
	bool json;
};

/* What stands behind the verb. */
struct words {
	char **word;
	int n;
	bool test, witness;
	const char *since;
};

static struct str
word_at(const struct words *w, int i)
{
	return str_c(i < w->n ? w->word[i] : NULL);
}

static bool
desk_open(struct desk *d, struct err *err)
{
	if (!program_installed(d->conf, err) || !program_load(d->conf, false, err))
		return false;
	if (program_store(d->conf, STORE_THERE, false, &d->store, err))
		return true;
	if (err->fault != FAULT_IN_USE)
		return false;
	*err = (struct err){ .arena = d->arena };
	return true;
}

static void
print_line(struct str s)
{
	printf("%.*s\n", STR_FMT(s));
}

static void
print_json(struct arena *a, const struct value *v)
{
	struct buf b = { .arena = a };

	json_write_pretty(&b, v);
	print_line(buf_str(&b));
}

/* ---- public ---- */

static bool
public_keys(struct desk *d, struct str *ret_text, struct err *err)
{
	struct buf b = { .arena = d->arena };
	struct tx *tx;
	bool ok;

	if (!d->store) {
		*ret_text = ask_server(d->conf, d->arena, "/log/keys", STR_NONE, err);
		return ret_text->p != NULL;
	}
	tx = store_read(d->store, d->arena, err);
	ok = tx && keys_public(tx, &b, err);
	store_done(tx);
	*ret_text = buf_str(&b);
	return ok;
}

static bool
run_public(struct desk *d, const struct words *w, struct err *err)
{
	struct str text;
	struct value *v;

	(void)w;
	if (!public_keys(d, &text, err))
		return false;
	if (!d->json) {
		printf("%.*s", STR_FMT(text));
		return true;
	}
	v = value_map(d->arena);
	map_str(d->arena, v, "keys", text);
	print_json(d->arena, v);
	return true;
}

/* ---- list ---- */

static const struct value *
row_of(const struct value *list, struct str key_id)
{
	for (const struct value *k = value_get(list, "rows")->first; k; k = k->next)
		if (str_eq(value_text(value_get(k, "key_id")), key_id))
			return k;
	return NULL;
}

static bool
row_is(const struct value *row, const char *member, const char *what)
{
	return str_is(value_text(value_get(row, member)), what);
}

static struct value *
list(struct desk *d, struct err *err)
{
	struct str text;
	struct value *v = NULL;
	struct tx *tx;

	if (!d->store) {
		text = ask_server(d->conf, d->arena, "/keys", STR_NONE, err);
		return text.p && json_parse(d->arena, text, &v, err) ? v : NULL;
	}
	tx = store_read(d->store, d->arena, err);
	v = tx ? keys_list(tx, NULL, err) : NULL;
	store_done(tx);
	return v;
}

static void
print_row(struct arena *a, struct str id, struct str purpose, struct str algorithm, struct str state, struct str until)
{
	id = terminal_pad(a, id, 10);
	purpose = terminal_pad(a, purpose, 24);
	algorithm = terminal_pad(a, algorithm, 14);
	state = terminal_pad(a, state, 26);
	printf("%.*s %.*s %.*s %.*s %.*s\n", STR_FMT(id), STR_FMT(purpose), STR_FMT(algorithm), STR_FMT(state), STR_FMT(until));
}

/* The word for a choice that is an id here. */
static struct str
word(struct arena *a, const char *set, const struct value *id)
{
	return terminal_msg(arena_printf(a, "choice.%s.%.*s", set, STR_FMT(value_text(id))).p);
}

static struct str
time_text(struct arena *a, const struct value *v)
{
	return v && v->kind == V_TIME ? time_rfc3339(a, v->i) : value_text(v);
}

static void
print_list(struct desk *d, const struct value *v)
{
	struct arena *a = d->arena;

	if (d->json) {
		print_json(a, v);
		return;
	}
	print_row(a, terminal_msg("field.signing_key.key_id"), terminal_msg("field.signing_key.purpose"),
	    terminal_msg("field.signing_key.algorithm"), terminal_msg("field.signing_key.state"),
	    terminal_msg("field.signing_key.not_after"));
	for (const struct value *k = value_get(v, "rows")->first; k; k = k->next)
		print_row(a, value_text(value_get(k, "key_id")), word(a, "key_purpose", value_get(k, "purpose")),
		    word(a, "key_algorithm", value_get(k, "algorithm")), word(a, "key_state", value_get(k, "state")),
		    time_text(a, value_get(k, "not_after")));
	for (const struct value *t = value_get(v, "due")->first; t; t = t->next) {
		struct str what = terminal_msg(arena_printf(a, "signing_keys.task.%.*s", STR_FMT(value_text(value_get(t, "what")))).p);

		printf("%.*s: %.*s\n", STR_FMT(value_text(value_get(t, "key_id"))), STR_FMT(what));
	}
}

static bool
run_list(struct desk *d, const struct words *w, struct err *err)
{
	struct value *v = list(d, err);

	(void)w;
	if (v)
		print_list(d, v);
	return v != NULL;
}

/* ---- changing ---- */

/* What was typed, read by the same rules as what a page or a program sends; times without a zone are of the settings'. */
static bool
read_in(struct desk *d, const struct entity *e, const struct value *typed, void *record, struct err *err)
{
	struct entity_input reading = { .in = typed, .editors = BY_V, .local = zone_find(conf_text(d->conf, SET_zone)) };

	return entity_read(e, &reading, record, d->arena, err) && entity_complete(e, record, REQUIRED, err);
}

/*
 * The keys, in this process. False without a fault: a server has them, and is to be asked; on PostgreSQL the database can be
 * open beside it, the keys cannot.
 */
static bool
take_keys(struct desk *d, struct keeping *ret_keeping, struct err *err)
{
	if (!d->store)
		return false;
	if (keeping_open(d->conf, true, false, ret_keeping, err)) {
		keeping_answers(ret_keeping);
		return true;
	}
	if (err->fault == FAULT_IN_USE)
		*err = (struct err){ .arena = d->arena };
	return false;
}

static bool
ask_for(struct desk *d, const char *path, const struct value *body, struct err *err)
{
	return ask_server(d->conf, d->arena, path, json_text(d->arena, body), err).p != NULL;
}

/* ---- rotate ---- */

static bool
rotate(struct desk *d, const struct value *typed, const struct key_rotation *in, struct err *err)
{
	struct keeping k;
	int64_t id;
	bool ok;

	if (!take_keys(d, &k, err))
		return !err->fault && ask_for(d, "/keys/rotate", typed, err);
	ok = keys_rotate(d->store, NULL, STR_NONE, d->arena, in, &id, err);
	keeping_close(&k);
	return ok;
}

/* What others need of the witness's new key. */
static void
print_witness(struct arena *a, const struct value *list)
{
	for (const struct value *k = value_get(list, "rows")->first; k; k = k->next) {
		if (!row_is(k, "purpose", "witness") || !row_is(k, "state", "active"))
			continue;
		print_line(told(a, "cli.keys.witness", { "key", value_text(value_get(k, "key_id")) }));
		print_line(value_text(value_get(k, "vkey")));
		print_line(terminal_msg("cli.keys.witness.hand_over"));
		return;
	}
}

static bool
run_rotate(struct desk *d, const struct words *w, struct err *err)
{
	struct key_rotation *in = entity_new(&key_rotation, d->arena);
	struct value *typed = value_map(d->arena), *after;

	map_str(d->arena, typed, "reason", w->n ? word_at(w, 0) : terminal_msg("cli.account.at_terminal"));
	if (w->witness)
		map_str(d->arena, typed, "purpose", STR("witness"));
	if (!read_in(d, &key_rotation, typed, in, err) || !rotate(d, typed, in, err))
		return false;
	after = list(d, err);
	if (after)
		print_list(d, after);
	if (after && w->witness && !d->json)
		print_witness(d->arena, after);
	return after != NULL;
}

/* ---- compromised ---- */

/* Another key of the log that signs now; NULL: none. */
static const struct value *
row_that_signs(const struct value *list)
{
	for (const struct value *k = value_get(list, "rows")->first; k; k = k->next)
		if (row_is(k, "purpose", "log") && (row_is(k, "state", "active") || row_is(k, "state", "rotating")))
			return k;
	return NULL;
}

/* A moment of a list, whether it was made here or came as JSON. */
static int64_t
moment(const struct value *v)
{
	int64_t t;

	if (v && v->kind == V_TIME)
		return v->i;
	return time_parse(value_text(v), NULL, &t) ? t : NO_TIME;
}

/* Keys that cannot be reached are no reason not to say so: that is warned of, and the record counts. */
static bool
declare(struct desk *d, const struct value *row, const struct key_compromise *in, struct err *err)
{
	struct value *body = value_map(d->arena);
	struct err away = { .arena = d->arena };
	int64_t id = value_get(row, "id")->i;
	struct keeping k;
	bool here = take_keys(d, &k, &away), ok;

	if (!here && !away.fault) {
		map_time(d->arena, body, "since", in->since);
		map_str(d->arena, body, "reason", in->reason);
		return ask_for(d, arena_printf(d->arena, "/keys/%lld/compromised", (long long)id).p, body, err);
	}
	if (!here)
		log_err(LOG_WARN, "the keys cannot be reached", &away);
	ok = keys_compromised(d->store, NULL, STR_NONE, d->arena, id, in, err);
	if (here)
		keeping_close(&k);
	return ok;
}

/* Whether the public keys say so, for who checks without us. */
static bool
is_stated(struct desk *d, const struct value *row)
{
	struct str said = arena_printf(d->arena, "tocsin-key-compromised/1\nkey %.*s\n", STR_FMT(value_text(value_get(row, "vkey"))));
	struct err ignored = { .arena = d->arena };
	struct str text;

	return public_keys(d, &text, &ignored) && text.n && memmem(text.p, text.n, said.p, said.n);
}

/* What follows from it, and what to do next. */
static void
print_consequences(struct desk *d, const struct value *list, const struct value *row)
{
	struct arena *a = d->arena;
	const struct value *size = value_get(row, "compromised_size"), *next = row_that_signs(list);

	print_line(told(a, "cli.keys.compromised", { "key", value_text(value_get(row, "key_id")) },
	    { "since", time_text(a, value_get(row, "compromised_from")) }));
	if (!row_is(row, "purpose", "log")) {
		print_line(terminal_msg("cli.keys.compromised.witness"));
		return;
	}
	print_line(size->kind == V_INT && size->i > 0 ? told(a, "cli.keys.compromised.before", { "size", told_int(a, size->i) }) :
	    terminal_msg("cli.keys.compromised.none_before"));
	print_line(terminal_msg("cli.keys.compromised.since"));
	if (next)
		print_line(told(a, "cli.keys.compromised.goes_on", { "key", value_text(value_get(next, "key_id")) }));
	else
		print_line(terminal_msg("cli.keys.compromised.rotate"));
	print_line(terminal_msg(is_stated(d, row) ? "cli.keys.compromised.public" : "cli.keys.compromised.unstated"));
}

/* Once declared it is declared again only of an earlier moment. */
static bool
may_declare(struct arena *a, const struct value *row, const struct key_compromise *in, struct err *err)
{
	int64_t from = moment(value_get(row, "compromised_from"));

	if (!row_is(row, "state", "compromised") || (in->since != NO_TIME && in->since < from))
		return true;
	return refuse(err, FAULT_STATE, told(a, "cli.keys.compromised.already", { "key", value_text(value_get(row, "key_id")) },
	    { "since", time_text(a, value_get(row, "compromised_from")) }));
}

static bool
run_compromised(struct desk *d, const struct words *w, struct err *err)
{
	struct key_compromise *in = entity_new(&key_compromise, d->arena);
	struct value *typed = value_map(d->arena), *before, *after;
	const struct value *row;

	if (w->since)
		map_str(d->arena, typed, "since", str_c(w->since));
	map_str(d->arena, typed, "reason", word_at(w, 1));
	if (!read_in(d, &key_compromise, typed, in, err))
		return false;
	before = list(d, err);
	row = before ? row_of(before, word_at(w, 0)) : NULL;
	if (before && !row)
		return refuse(err, FAULT_NOT_FOUND, told(d->arena, "cli.keys.no_key", { "key", word_at(w, 0) }));
	if (!row || !may_declare(d->arena, row, in, err) || !declare(d, row, in, err))
		return false;
	after = list(d, err);
	row = after ? row_of(after, word_at(w, 0)) : NULL;
	if (row && !d->json)
		print_consequences(d, after, row);
	if (row)
		print_list(d, after);
	return row != NULL;
}

/* ---- backups in shares ---- */

struct backup_event {
	struct str key_id;
	const char *what;                /* shared, tested, failed */
};

static bool
record_work(struct tx *tx, void *arg, struct err *err)
{
	const struct backup_event *e = arg;

	return !strcmp(e->what, "shared") ? keys_shared(tx, e->key_id, err) :
	    keys_tested(tx, e->key_id, !strcmp(e->what, "tested"), err);
}

static bool
record(struct desk *d, struct str key_id, const char *what, struct err *err)
{
	struct backup_event e = { key_id, what };
	struct value *body = value_map(d->arena);
	const char *path = arena_printf(d->arena, "/keys/%.*s/backup", STR_FMT(key_id)).p;

	map_str(d->arena, body, "event", str_c(what));
	return d->store ? store_write(d->store, d->arena, record_work, &e, err) :
	    ask_server(d->conf, d->arena, path, json_text(d->arena, body), err).p != NULL;
}

/* The key that signs the log now, when none is named. */
static bool
choose(struct desk *d, struct str named, struct str *ret_id, struct err *err)
{
	struct value *v = named.n ? NULL : list(d, err);

	*ret_id = named;
	for (const struct value *k = v ? value_get(v, "rows")->first : NULL; k && !ret_id->n; k = k->next)
		if (str_is(value_text(value_get(k, "purpose")), "log") && str_is(value_text(value_get(k, "state")), "active"))
			*ret_id = value_text(value_get(k, "key_id"));
	return ret_id->n || err_setf(err, FAULT_NOT_FOUND, "no key");
}

static bool
run_share(struct desk *d, const struct words *w, struct err *err)
{
	struct str id, lines[SHARE_COUNT];
	struct buf der = { .arena = d->arena };
	struct note_key key;
	struct keeping k;
	bool ok;

	if (!choose(d, word_at(w, 0), &id, err) || !keeping_open(d->conf, false, true, &k, err))
		return false;
	ok = vault_export(k.vault, id, &key, &der, err) && share_split(d->arena, &key, buf_str(&der), clock_now(), lines, err) &&
	    record(d, id, "shared", err);
	if (der.p)
		private_wipe(der.p, der.n);
	for (int i = 0; ok && i < SHARE_COUNT; i++)
		print_line(lines[i]);
	if (ok)
		fprintf(stderr, "%.*s\n", STR_FMT(terminal_msg("cli.keys.shared")));
	keeping_close(&k);
	return ok;
}

/* The share in this file; "-" is standard input. */
static bool
read_share(struct arena *a, const char *path, struct share *ret_share, struct err *err)
{
	char *text = arena_alloc(a, SHARE_FILE_MAX);
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	size_t n;

	if (!f)
		return err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
	n = fread(text, 1, SHARE_FILE_MAX - 1, f);
	if (f != stdin)
		fclose(f);
	if (share_read(a, (struct str){ text, n }, ret_share, err))
		return true;
	err->detail = arena_printf(a, "%s: %.*s", path, STR_FMT(err->detail));
	return false;
}

static struct str
id_of(struct arena *a, const struct note_key *key)
{
	return hex(a, (struct str){ (const char *)key->id, sizeof(key->id) });
}

/* The key that two shares make is the one that they say they are of. */
static bool
is_whole(const struct share *s, struct str der, struct err *err)
{
	struct private_key *k = private_key_read(der, "shares", err);
	struct note_key key;
	bool ok = k && private_key_public(k, s->key.name, s->key.kind, &key, err);

	private_key_free(k);
	if (!ok)
		return false;
	return note_key_same(&key, &s->key) || refuse(err, FAULT_FILE, terminal_msg("cli.keys.other_key"));
}

static bool
put_back(struct desk *d, const struct share *s, struct str der, struct err *err)
{
	struct keeping k;
	bool ok;

	if (!keeping_open(d->conf, true, false, &k, err)) {
		if (err->fault == FAULT_IN_USE) {
			*err = (struct err){ .arena = d->arena };
			refuse(err, FAULT_FILE, terminal_msg("cli.keys.stop_first"));
		}
		return false;
	}
	ok = vault_import(k.vault, &s->key, der, err);
	keeping_close(&k);
	return ok;
}

static bool
run_restore(struct desk *d, const struct words *w, struct err *err)
{
	struct err ignored = { .arena = d->arena };
	struct share one, two;
	struct str der = STR_NONE, id = STR_NONE;
	bool read_one = read_share(d->arena, w->word[0], &one, err);
	bool read_two = read_one && read_share(d->arena, w->word[1], &two, err);
	bool ok = read_one && read_two && share_join(d->arena, &one, &two, &der, err) && is_whole(&one, der, err);

	if (read_one)
		id = id_of(d->arena, &one.key);
	if (ok && !w->test)
		ok = put_back(d, &one, der, err);
	if (der.p)
		private_wipe((char *)(uintptr_t)der.p, der.n);
	/* A test that failed is recorded too, when it is known of which key. */
	if (id.p && (ok || w->test))
		ok = record(d, id, ok ? "tested" : "failed", ok ? err : &ignored) && ok;
	if (ok)
		print_line(told(d->arena, w->test ? "cli.keys.tested" : "cli.keys.restored", { "key", id }));
	return ok;
}

/* ---- the command ---- */

static const struct verb {
	const char *name;
	bool (*run)(struct desk *d, const struct words *w, struct err *err);
	int least, most;                 /* words behind it */
	bool tests, dated, witness;      /* takes --test, --since, --witness */
} verbs[] = {
	{ "public", run_public, 0, 0, false, false, false },
	{ "list", run_list, 0, 0, false, false, false },
	{ "rotate", run_rotate, 0, 1, false, false, true },
	{ "compromised", run_compromised, 2, 2, false, true, false },
	{ "share", run_share, 0, 1, false, false, false },
	{ "restore", run_restore, 2, 2, true, false, false },
};

static const struct verb *
verb_of(const struct words *w, const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(name, verbs[i].name) && w->n >= verbs[i].least && w->n <= verbs[i].most &&
		    (verbs[i].tests || !w->test) && (verbs[i].dated || !w->since) && (verbs[i].witness || !w->witness))
			return &verbs[i];
	return NULL;
}

int
command_keys(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct err err = { .arena = a };
	struct desk d = { .conf = c, .arena = a, .json = command_flag(&argc, argv, "--json") };
	struct words w = { .test = command_flag(&argc, argv, "--test"), .witness = command_flag(&argc, argv, "--witness") };
	const struct verb *verb;
	struct str text;
	bool ok;

	if (!command_value_of(a, &argc, argv, "--since", "conf.wants.time", &w.since))
		return 2;
	w.word = argv + 1;
	w.n = argc - 1;
	verb = argc ? verb_of(&w, argv[0]) : NULL;
	if (!verb) {
		text = terminal_msg("cli.keys.usage");
		fprintf(stderr, "tocsin: %.*s\n", STR_FMT(text));
		return 2;
	}
	ok = desk_open(&d, &err) && verb->run(&d, &w, &err);
	store_close(d.store);
	return ok ? 0 : command_failed(&err, 1);
}
