/* What every command needs of the rooms below: tables that live as long as the process, the directory, the store. */
#include "daemon/processes.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/terminal.h"
#include "desk/attachment.h"
#include "desk/courier.h"
#include "desk/hold.h"
#include "desk/identity.h"
#include "desk/keys.h"
#include "model/entity.h"
#include "model/rules.h"
#include "site/site.h"
#include "store/nodes.h"

#define MIB ((int64_t)1 << 20)

/* For a server that is just starting, or not there yet: the service manager starts us again after that. */
#define DATABASE_WAIT_SECONDS 30

static enum log_level
level_named(struct str name)
{
	if (str_is(name, "error"))
		return LOG_ERROR;
	if (str_is(name, "warn"))
		return LOG_WARN;
	return str_is(name, "debug") ? LOG_DEBUG : LOG_INFO;
}

static const char *
path_in(const struct conf *c, struct arena *a, const char *name)
{
	return arena_printf(a, "%.*s/%s", STR_FMT(conf_text(c, SET_data)), name).p;
}

/* A database without its secret: another secret would not open what this one sealed. True with the fault. */
static bool
secret_lost(const struct conf *c, struct err *err)
{
	const char *path = path_in(c, err->arena, "secret"), *database = path_in(c, err->arena, "tocsin.db");

	if (conf_text(c, SET_db).n)
		return false;
	if (access(path, F_OK) == 0 || errno != ENOENT || access(database, F_OK) != 0)
		return false;
	refuse(err, FAULT_FILE, told(err->arena, "program.no_secret", { "file", str_c(path) }));
	return true;
}

bool
program_installed(const struct conf *c, struct err *err)
{
	static const char *const parts[] = { ".", "secret", "tocsin.db" };
	struct arena *a = err->arena;

	/* with a server for a database its file is not there */
	for (int i = 0; i < (conf_text(c, SET_db).n ? 2 : 3); i++) {
		const char *path = path_in(c, a, parts[i]);
		struct str dir = conf_text(c, SET_data);

		if (access(path, R_OK | W_OK) == 0)
			continue;
		if (errno != ENOENT && errno != ENOTDIR)
			return err_setf(err, FAULT_FILE, "%.*s: %s", STR_FMT(i ? str_c(path) : dir),
			    strerror(errno));
		if (secret_lost(c, err))
			return false;
		return err_setf(err, FAULT_NO_INSTALLATION, "%.*s", STR_FMT(dir));
	}
	return true;
}

/* What may lie in a directory that is empty: the password of the database is needed before anything can be made. */
static bool
may_lie_there(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "pgpass");
}

/* 0: nothing in it, 1: an installation, 2: something else, -1: errno says. */
static int
look_into(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int kind = 0;

	if (!d)
		return -1;
	while ((e = readdir(d)))
		if (!strcmp(e->d_name, "secret") || !strcmp(e->d_name, "tocsin.db"))
			kind = 1;
		else if (kind == 0 && !may_lie_there(e->d_name))
			kind = 2;
	closedir(d);
	return kind;
}

bool
program_directory(const struct conf *c, bool again, struct err *err)
{
	char *dir = arena_c(err->arena, conf_text(c, SET_data));
	int kind;

	if (mkdir(dir, 0700) == 0)
		return true;
	if (errno != EEXIST || (kind = look_into(dir)) < 0 || (kind == 0 && chmod(dir, 0700) != 0))
		return err_setf(err, FAULT_FILE, "%s: %s", dir, strerror(errno));
	if (kind == 1 && again)
		return !secret_lost(c, err);
	if (kind == 0)
		return true;
	return refuse(err, FAULT_FILE, told(err->arena, kind == 1 ? "program.installed" : "program.not_empty",
	    { "dir", str_c(dir) }));
}

bool
program_load(const struct conf *c, bool create_secret, struct err *err)
{
	const struct zone *zone;
	struct arena *a = err->arena;
	struct str name = conf_text(c, SET_zone), clock = conf_text(c, SET_test_clock);

	log_threshold(level_named(conf_text(c, SET_log)));
	if (clock.n && !clock_follow(arena_c(a, clock)))
		return refuse(err, FAULT_CONFIG, told(a, "conf.test_clock", { "value", clock }));
	if (!zone_load(arena_c(a, name), &zone))
		return refuse(err, FAULT_CONFIG, told(a, "conf.zone", { "value", name }));
	identity_configure(conf_int(c, SET_idle_minutes) * MINUTE, zone);
	attachment_configure(&(struct attachment_limits){
		.size = conf_int(c, SET_file_mib) * MIB, .total = conf_int(c, SET_files_mib) * MIB,
		.count = conf_int(c, SET_files), .form = conf_int(c, SET_form_mib) * MIB,
	});
	keys_configure(&(struct keys_rule){ .days = conf_int(c, SET_key_days), .overlap_days = conf_int(c, SET_key_overlap_days),
	    .algorithm = str_is(conf_text(c, SET_key_algorithm), "p256") ? ALGORITHM_P256 : ALGORITHM_ED25519 });
	erasure_configure(conf_int(c, SET_log_retention_days));
	return courier_configure(conf_text(c, SET_outbound), err) && rules_load(err) && site_load(err) &&
	    identity_load(arena_c(a, conf_text(c, SET_data)), create_secret, err);
}

/* Looked up before the process gives up its rights; the URL in it lives as long as the process. */
static struct store_reach reach;

bool
program_reach(const struct conf *c, const struct store_reach **ret_reach, struct err *err)
{
	static struct arena *a;
	struct str url = conf_text(c, SET_db);

	if (!a)
		a = arena_new();
	if (url.n && !reach.url &&
	    !store_reach(arena_c(a, url), arena_c(a, conf_text(c, SET_data)), a, &reach, err))
		return false;
	*ret_reach = url.n ? &reach : NULL;
	return true;
}

const char *
program_place(const struct conf *c, struct arena *a)
{
	struct err ignored = { .arena = a };
	const struct store_reach *there = NULL;

	/* what is wrong with a URL is heard when it is opened */
	if (!program_reach(c, &there, &ignored))
		return arena_c(a, conf_text(c, SET_db));
	return there ? there->url : arena_c(a, conf_text(c, SET_data));
}

/* What nodes call each other, in records and logs. */
static bool
name_of_node(const struct conf *c, const char **ret_name, struct err *err)
{
	struct str name = conf_text(c, SET_node);

	for (size_t i = 0; i < name.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_", name.p[i]))
			return refuse(err, FAULT_CONFIG, told(err->arena, "conf.node", { "value", name }));
	*ret_name = name.n ? arena_c(err->arena, name) : NULL;
	return true;
}

static bool
open_store(const struct conf *c, struct store_options *o, struct store **ret_store, struct err *err)
{
	struct err why = { .arena = err->arena };
	const struct store_reach *there;
	struct store *st;

	if (!program_reach(c, &there, err) || !name_of_node(c, &o->node, err))
		return false;
	if (there) {
		o->url = there->url;
		o->wait_seconds = DATABASE_WAIT_SECONDS;
	}
	if (conf_text(c, SET_log_origin).n)
		o->origin = arena_c(err->arena, conf_text(c, SET_log_origin));
	o->dir = arena_c(err->arena, conf_text(c, SET_data));
	o->extra = entity_statements(&o->extra_count);
	if (!store_open(o, &st, err))
		return false;
	if (o->beside || identity_fits(st, &why)) {
		*ret_store = st;
		return true;
	}
	store_close(st);
	if (why.fault != FAULT_CREDENTIALS)
		return err_setf(err, why.fault, "%.*s", STR_FMT(why.detail));
	return refuse(err, FAULT_FILE, told(err->arena, "program.other_secret",
	    { "file", str_c(path_in(c, err->arena, "secret")) }));
}

bool
program_store(const struct conf *c, enum store_wanted wanted, bool migrate, struct store **ret_store, struct err *err)
{
	struct store_options o = { .create = wanted != STORE_THERE, .fresh = wanted == STORE_NEW, .migrate = migrate };

	return open_store(c, &o, ret_store, err);
}

bool
program_store_beside(const struct conf *c, struct store **ret_store, struct err *err)
{
	struct store_options o = { .beside = true };

	return open_store(c, &o, ret_store, err);
}

bool
program_store_confined(const struct conf *c, struct store **ret_store, struct err *err)
{
	return open_store(c, &(struct store_options){ .keep_files = true }, ret_store, err);
}
