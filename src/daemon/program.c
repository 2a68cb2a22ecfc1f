/* What every command needs of the rooms below: loading tables that live as long as the process, opening the store. */
#include "daemon/processes.h"

#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "desk/identity.h"
#include "http/render.h"
#include "model/entity.h"
#include "model/rules.h"
#include "site/site.h"
#include "store/store.h"

static enum log_level
level_named(struct str name)
{
	return str_is(name, "error") ? LOG_ERROR : str_is(name, "warn") ? LOG_WARN : str_is(name, "debug") ? LOG_DEBUG : LOG_INFO;
}

bool
program_load(const struct conf *c, bool create_secret, struct err *err)
{
	const struct zone *zone;
	char *name = arena_c(err->arena, conf_text(c, SET_zone));
	struct str clock = conf_text(c, SET_test_clock);

	log_threshold(level_named(conf_text(c, SET_log)));
	if (clock.n && !clock_follow(arena_c(err->arena, clock)))
		return err_setf(err, FAULT_CONFIG, "test_clock: %.*s cannot be read", STR_FMT(clock));
	if (!zone_load(name, &zone))
		return err_setf(err, FAULT_CONFIG, "zone: the system knows no time zone \"%s\" (is tzdata installed?)", name);
	return rules_load(err) && site_load(err) &&
	    identity_load(arena_c(err->arena, conf_text(c, SET_data)), create_secret, err);
}

bool
program_store(const struct conf *c, bool create, bool migrate, struct store **ret_store, struct err *err)
{
	struct store_options o = { .create = create, .migrate = migrate };

	o.dir = arena_c(err->arena, conf_text(c, SET_data));
	o.extra = entity_statements(&o.extra_count);
	return store_open(&o, ret_store, err);
}
