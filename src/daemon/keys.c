/*
 * tocsin keys: the keys that sign the log, at the terminal. Beside a running server it asks that; else it works on the
 * database and the keys' directory itself. Secrets are never words of the command line.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
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
run_public(struct desk *d, struct err *err)
{
	struct str text;
	struct value *v;

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
run_list(struct desk *d, struct err *err)
{
	struct value *v = list(d, err);

	if (v)
		print_list(d, v);
	return v != NULL;
}

/* ---- rotate ---- */

static bool
rotate_here(struct desk *d, struct str reason, struct err *err)
{
	struct keeping k;
	int64_t id;
	bool ok;

	if (!keeping_open(d->conf, true, false, &k, err))
		return false;
	keeping_answers(&k);
	ok = keys_rotate(d->store, NULL, STR_NONE, d->arena, reason, &id, err);
	keeping_close(&k);
	return ok;
}

static bool
run_rotate(struct desk *d, struct str reason, struct err *err)
{
	struct value *body = value_map(d->arena);

	if (!reason.n)
		reason = terminal_msg("cli.account.at_terminal");
	map_str(d->arena, body, "reason", reason);
	if (d->store ? !rotate_here(d, reason, err) :
	    !ask_server(d->conf, d->arena, "/keys/rotate", json_text(d->arena, body), err).p)
		return false;
	return run_list(d, err);
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
run_share(struct desk *d, struct str named, struct err *err)
{
	struct str id, lines[SHARE_COUNT];
	struct buf der = { .arena = d->arena };
	struct note_key key;
	struct keeping k;
	bool ok;

	if (!choose(d, named, &id, err) || !keeping_open(d->conf, false, true, &k, err))
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
run_restore(struct desk *d, bool test, char **files, struct err *err)
{
	struct err ignored = { .arena = d->arena };
	struct share one, two;
	struct str der = STR_NONE, id = STR_NONE;
	bool read_one = read_share(d->arena, files[0], &one, err), read_two = read_one && read_share(d->arena, files[1], &two, err);
	bool ok = read_one && read_two && share_join(d->arena, &one, &two, &der, err) && is_whole(&one, der, err);

	if (read_one)
		id = id_of(d->arena, &one.key);
	if (ok && !test)
		ok = put_back(d, &one, der, err);
	if (der.p)
		private_wipe((char *)(uintptr_t)der.p, der.n);
	/* A test that failed is recorded too, when it is known of which key. */
	if (id.p && (ok || test))
		ok = record(d, id, ok ? "tested" : "failed", ok ? err : &ignored) && ok;
	if (ok)
		print_line(told(d->arena, test ? "cli.keys.tested" : "cli.keys.restored", { "key", id }));
	return ok;
}

/* ---- the command ---- */

static int
usage(void)
{
	struct str text = terminal_msg("cli.keys.usage");

	fprintf(stderr, "tocsin: %.*s\n", STR_FMT(text));
	return 2;
}

int
command_keys(const struct conf *c, struct arena *a, int argc, char **argv)
{
	struct err err = { .arena = a };
	struct desk d = { .conf = c, .arena = a, .json = command_flag(&argc, argv, "--json") };
	bool test = command_flag(&argc, argv, "--test"), ok;
	const char *verb = argc ? argv[0] : "";
	bool is_restore = !strcmp(verb, "restore"), takes_one = !strcmp(verb, "rotate") || !strcmp(verb, "share");

	if ((strcmp(verb, "public") && strcmp(verb, "list") && !takes_one && !is_restore) || (test && !is_restore) ||
	    (is_restore ? argc != 3 : argc > 1 + takes_one))
		return usage();
	ok = desk_open(&d, &err);
	if (ok && !strcmp(verb, "public"))
		ok = run_public(&d, &err);
	else if (ok && !strcmp(verb, "list"))
		ok = run_list(&d, &err);
	else if (ok && !strcmp(verb, "rotate"))
		ok = run_rotate(&d, str_c(argc > 1 ? argv[1] : NULL), &err);
	else if (ok && !strcmp(verb, "share"))
		ok = run_share(&d, str_c(argc > 1 ? argv[1] : NULL), &err);
	else if (ok)
		ok = run_restore(&d, test, argv + 1, &err);
	store_close(d.store);
	return ok ? 0 : command_failed(&err, 1);
}
