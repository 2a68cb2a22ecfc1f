/*
 * The program's own faces: health, readiness, the description of the interface, assets, the reader's
 * language.
 */
#include "site/handlers.h"
#include "site/part.h"

#include "base/arena.h"
#include "desk/checkpoints.h"
#include "desk/identity.h"
#include "http/assets.h"
#include "http/render.h"
#include "http/server.h"

#define KEPT_FOR_EVER STR("public, max-age=31536000, immutable")

void
handle_health(struct request *r, struct answer *a)
{
	a->value = value_map(r->arena);
	map_str(r->arena, a->value, "status", STR("ok"));
}

/* ---- readiness: each part, and the cure where it is not well ---- */

static void
add_check(const struct request *r, struct value *checks, const char *id, bool ok, const char *part,
    const char *words, const char *cure)
{
	struct value *c = list_add(checks, value_map(r->arena));

	map_term(r->arena, c, "part", str_c(id), part);
	map_bool(r->arena, c, "ok", ok);
	map_str(r->arena, c, "words", msg(r->lang, words));
	map_str(r->arena, c, "cure", ok ? STR_NONE : msg(r->lang, cure));
}

/* Whether the log is being signed; when it is not, records are kept all the same. */
static void
add_keeper(const struct request *r, struct value *checks)
{
	struct str words;
	enum fault f = notary_health(r->arena, &words);
	const char *code = fault_code(f);
	struct value *c;

	if (f == FAULT_NONE) {
		add_check(r, checks, "keeper", true, "ready.keeper", "ready.keeper_good", "ready.keeper_cure");
		return;
	}
	c = list_add(checks, value_map(r->arena));
	map_term(r->arena, c, "part", STR("keeper"), "ready.keeper");
	map_bool(r->arena, c, "ok", false);
	map_str(r->arena, c, "words", arena_printf(r->arena, "%.*s %.*s",
	    STR_FMT(msg(r->lang, arena_printf(r->arena, "fault.%s", code).p)), STR_FMT(words)));
	map_str(r->arena, c, "cure", msg(r->lang, arena_printf(r->arena, "fault.%s.do", code).p));
}

void
handle_ready(struct request *r, struct answer *a)
{
	struct str reason = STR_NONE;
	enum fault health = r->store ? store_health(r->store, &reason) : FAULT_STORE;
	bool schema = r->store && store_schema_version(r->store) == store_schema_newest();
	int regimes = 0;
	struct value *checks;

	regimes_all(&regimes);
	a->value = value_map(r->arena);
	map_bool(r->arena, a->value, "ready", health == FAULT_NONE && schema && regimes > 0);
	checks = map_list(r->arena, a->value, "checks");
	add_check(r, checks, "store", health == FAULT_NONE, "ready.store",
	    health == FAULT_NONE ? "ready.store_good" : "ready.store_bad", "ready.store_cure");
	add_check(r, checks, "schema", schema, "ready.schema",
	    schema ? "ready.schema_good" : "ready.schema_bad", "ready.schema_cure");
	add_keeper(r, checks);
	add_check(r, checks, "rules", regimes > 0, "ready.rules",
	    regimes > 0 ? "ready.rules_good" : "ready.rules_bad", "ready.rules_cure");
	a->status = health == FAULT_NONE && schema && regimes > 0 ? 200 : 503;
}

void
handle_openapi(struct request *r, struct answer *a)
{
	a->value = openapi(r->arena);
	a->cache = STR("no-cache");
}

/* Asked on this machine, not passed on by its proxy for somebody else. */
static bool
from_here(struct str address)
{
	return str_starts(address, STR("127.")) || str_is(address, "::1") || str_starts(address, STR("::ffff:127."));
}

void
handle_metrics(struct request *r, struct answer *a)
{
	struct buf b = { .arena = r->arena };

	if (!from_here(r->address) || !server_metrics(&b)) {
		err_set(&a->err, FAULT_NOT_FOUND);
		return;
	}
	health_metrics(&b);
	a->raw = buf_str(&b);
	a->raw_type = STR("text/plain; version=0.0.4; charset=utf-8");
}

/* ---- assets ---- */

static struct str
type_of(struct str name)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{ ".css", "text/css; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_ends(name, str_c(types[i].ending)))
			return str_c(types[i].type);
	return STR("application/octet-stream");
}

void
handle_asset(struct request *r, struct answer *a)
{
	const struct asset *file = asset_find(r->args[0]);

	if (!file) {
		err_set(&a->err, FAULT_NOT_FOUND);
		return;
	}
	a->raw = asset_text(file);
	a->raw_type = type_of(r->args[0]);
	a->etag = str_c(file->etag);
	a->cache = str_is(request_query(r, "v"), file->etag) ? KEPT_FOR_EVER : STR("no-cache");
}

/* ---- language ---- */

/*
 * A path of this site, never an address elsewhere: "//host" and "/\host" are read as other hosts by
 * browsers.
 */
static bool
is_own_path(struct str s)
{
	return s.n > 0 && s.p[0] == '/' && !(s.n > 1 && (s.p[1] == '/' || s.p[1] == '\\'));
}

void
handle_language(struct request *r, struct answer *a)
{
	struct str tag = r->in ? value_text(value_get(r->in, "lang")) : STR_NONE;
	struct str back = r->in ? value_text(value_get(r->in, "back")) : STR_NONE;
	enum lang l;

	if (!lang_parse(tag, &l)) {
		err_field(&a->err, STR("lang"), NULL, FAULT_F_CHOICE, 0, tag);
		return;
	}
	if (r->who) {
		struct value *in = value_map(r->arena);

		map_str(r->arena, in, "language", str_c(lang_tag(l)));
		if (!identity_set_face(r->tx, r->who, in, false, &a->err))
			return;
	}
	a->value = value_map(r->arena);
	map_str(r->arena, a->value, "lang", str_c(lang_tag(l)));
	a->set_lang = str_c(lang_tag(l));
	if (r->want == WANT_HTML)
		a->location = is_own_path(back) ? back : STR("/");
}
