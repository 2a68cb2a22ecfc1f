/* What every page has beside its value: who reads it, where he can go, who may see it, what was just done. */
#include "site/frame.h"

#include "base/arena.h"
#include "desk/duties.h"
#include "http/assets.h"
#include "http/render.h"
#include "http/route.h"
#include "model/hold.h"
#include "site/part.h"

#define COUNT_SHOWN 99

/* ---- assets, by version, so that a browser may keep them ---- */

static struct str
asset_address(struct arena *a, const char *name)
{
	const struct asset *file = asset_find(str_c(name));

	return arena_printf(a, "/assets/%s?v=%s", name, file ? file->etag : "");
}

/* ---- the reader ---- */

/* The words of the roles, joined. */
static struct str
role_words(const struct request *r)
{
	struct buf b = { .arena = r->arena };

	for (int i = 0; i < choices_role.n; i++)
		if (r->who->roles & 1u << choices_role.list[i].code) {
			if (b.n)
				buf_put(&b, msg(r->lang, "value.separator"));
			buf_put(&b, msg(r->lang, choices_role.list[i].msg));
		}
	return buf_str(&b);
}

static void
add_user(const struct request *r, struct value *page)
{
	struct value *user;

	if (!r->who) {
		map_null(r->arena, page, "user");
		map_str(r->arena, page, "csrf", STR(""));
		return;
	}
	user = map_map(r->arena, page, "user");
	map_int(r->arena, user, "id", r->who->account);
	map_str(r->arena, user, "name", r->who->name.p ? r->who->name : STR(""));
	map_str(r->arena, user, "org", r->who->org_name[r->lang].p ? r->who->org_name[r->lang] : STR(""));
	map_str(r->arena, user, "roles", role_words(r));
	map_time(r->arena, user, "session_ends", r->who->session_ends);
	map_str(r->arena, page, "csrf", r->who->csrf.p ? r->who->csrf : STR(""));
}

/* Open duties of the reader's side. The page's own snapshot, or one of its own after a write. */
static int
open_duties(struct request *r)
{
	struct err err = { .arena = r->arena };
	struct tx *tx = r->tx;
	int n = 0;

	if (!principal_is(r->who, ROLE_PROVIDER | ROLE_CERT) || !r->store)
		return 0;
	if (!tx)
		tx = store_read(r->store, r->arena, &err);
	if (tx)
		n = duties_count(tx, r->who, &err);
	if (!r->tx)
		store_done(tx);
	return err.fault == FAULT_NONE ? n : 0;
}

/* ---- navigation ---- */

struct place {
	const char *href, *label;
	unsigned roles;
	bool counted;
};
static const struct place places[] = {
	{ "/reports", "nav.reports", ROLE_PROVIDER | ROLE_CERT | ROLE_AUDITOR, false },
	{ "/duties", "nav.duties", ROLE_PROVIDER | ROLE_CERT | ROLE_AUDITOR, true },
	{ "/statistics", "nav.statistics", ROLE_PROVIDER | ROLE_CERT | ROLE_AUDITOR, false },
	{ "/organisations", "nav.organisations", ROLE__ANY, false },
	{ "/accounts", "nav.accounts",
	    ROLE_PROVIDER_ADMIN | ROLE_MANAGER | ROLE_REVIEWER | ROLE_ADMINISTRATOR | ROLE_AUDITOR, false },
	{ "/holds", "nav.holds", ROLE_MANAGER | ROLE_ADMINISTRATOR | ROLE_AUDITOR, false },
	{ "/log/entries", "nav.log", ROLE_ADMINISTRATOR | ROLE_AUDITOR, false },
	{ "/health", "nav.health", ROLE_ADMINISTRATOR | ROLE_MANAGER, false },
	{ "/rules", "nav.rules", ROLE_STRANGER, false },
};

static bool
is_here(const struct request *r, const struct place *p)
{
	struct str path = str_c(p->href), rest;

	if (!str_starts(r->path, path))
		return false;
	rest = str_from(r->path, path.n);
	return rest.n == 0 || rest.p[0] == '/';
}

static void
add_nav(struct request *r, struct value *page)
{
	struct value *nav = map_list(r->arena, page, "nav");
	bool to_board = principal_is(r->who, ROLE_CERT) && str_is(r->path, "/");
	int n = open_duties(r);

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const struct place *p = &places[i];
		struct value *item;

		if (!(p->roles & ROLE_STRANGER) && !principal_is(r->who, p->roles))
			continue;
		item = list_add(nav, value_map(r->arena));
		map_str(r->arena, item, "href", str_c(p->href));
		map_str(r->arena, item, "label", msg(r->lang, p->label));
		map_bool(r->arena, item, "current", is_here(r, p) || (p->counted && to_board));
		if (!p->counted || n == 0)
			map_null(r->arena, item, "count");
		else
			map_str(r->arena, item, "count",
			    n > COUNT_SHOWN ? STR("99+") : arena_printf(r->arena, "%d", n));
	}
}

static void
add_language(const struct request *r, struct value *page)
{
	enum lang other = r->lang == LANG_ZH ? LANG_EN : LANG_ZH;
	struct value *map = map_map(r->arena, page, "other_lang");

	map_str(r->arena, page, "lang", str_c(lang_tag(r->lang)));
	map_str(r->arena, map, "id", str_c(lang_tag(other)));
	map_str(r->arena, map, "tag", str_c(lang_tag(other)));
	map_str(r->arena, map, "label", other == LANG_EN ? STR("English") : STR("中文"));
	map_str(r->arena, page, "here", query_with(r, "lang", STR_NONE));
}

/* ---- marking: who may see what is on the page ---- */

/* "TLP:AMBER+STRICT" -> "amber-strict", for the style sheet. */
static struct str
marking_slug(struct arena *a, struct str label)
{
	struct buf b = { .arena = a };

	for (size_t i = 4; i < label.n; i++)
		buf_char(&b, label.p[i] == '+' ? '-' : (char)(label.p[i] | 0x20));
	return buf_str(&b);
}

void
frame_marking(const struct request *r, struct value *page, struct str label, struct str seen_by)
{
	struct value *map = map_map(r->arena, page, "marking");

	map_str(r->arena, map, "label", label);
	map_str(r->arena, map, "slug", marking_slug(r->arena, label));
	map_str(r->arena, map, "seen_by", seen_by);
}

/* What is open to all, and what shows more than that without being one record. */
static void
add_marking(const struct request *r, struct value *page)
{
	if (!r->who || str_starts(r->path, STR("/rules")) || str_is(r->path, "/readyz"))
		frame_marking(r, page, STR("TLP:CLEAR"), msg(r->lang, "seen.all"));
	else
		frame_marking(r, page, STR("TLP:AMBER"), msg(r->lang, "seen.own_rights"));
}

/* ---- what was wrong, what was done ---- */

static void
add_notice(const struct request *r, struct value *page)
{
	struct str id = request_query(r, "notice");
	const char *name = id.p ? arena_c(r->arena, id) : NULL;

	map_str(r->arena, page, "notice",
	    name && str_starts(id, STR("notice.")) && msg_has(name) ? msg(r->lang, name) : STR_NONE);
}

/*
 * Somebody else changed the record meanwhile: what he made of each field, beside one's own text that the
 * form keeps.
 */
static void
add_conflict(const struct request *r, const struct answer *a, struct value *page)
{
	const struct value *differs = value_get(a->value, "differs");
	const struct value *data = r->refused && r->refused->fault == FAULT_VERSION ? r->refused->data : NULL;
	const struct value *changed = value_get(data, "changed");
	struct value *rows;

	if (differs && differs->kind == V_LIST) {
		map_add(map_map(r->arena, page, "conflict"), "rows", view_copy(r->arena, differs));
		return;
	}
	if (!changed || changed->kind != V_MAP) {
		map_null(r->arena, page, "conflict");
		return;
	}
	rows = map_list(r->arena, map_map(r->arena, page, "conflict"), "rows");
	for (const struct value *pair = changed->first; pair; pair = pair->next) {
		const struct field *f = entity_field(&entity_report, pair->name);
		struct value *row = list_add(rows, value_map(r->arena));

		map_str(r->arena, row, "label", f ? msg(r->lang, field_label(f)) : pair->name);
		map_str(r->arena, row, "theirs",
		    pair->last ? face_value(r->arena, &r->face, pair->last) : STR(""));
	}
}

static void
add_fault(const struct request *r, const struct answer *a, struct value *page)
{
	struct value *fault;

	if (!r->refused || r->refused->fault == FAULT_NONE) {
		map_null(r->arena, page, "fault");
	} else {
		fault = fault_value(r->refused, &r->face, r->arena);
		map_add(page, "fault", fault);
		map_bool(r->arena, fault, "has_fields",
		    value_get(fault, "fields") && value_get(fault, "fields")->n > 0);
	}
	add_conflict(r, a, page);
}

void
site_frame(struct request *r, const struct answer *a, struct value *page)
{
	map_str(r->arena, page, "name", str_c(r->route ? r->route->name : ""));
	map_str(r->arena, page, "style", asset_address(r->arena, "app.css"));
	map_str(r->arena, page, "script", asset_address(r->arena, "app.js"));
	map_str(r->arena, page, "icons", asset_address(r->arena, "icons.svg"));
	map_str(r->arena, page, "path", r->path);
	map_time(r->arena, page, "now", r->face.now);
	map_bool(r->arena, page, "may_file",
	    principal_is(r->who, ROLE_PROVIDER | ROLE_REVIEWER | ROLE_HANDLER | ROLE_MANAGER));
	map_bool(r->arena, page, "is_provider", principal_is(r->who, ROLE_PROVIDER));
	map_str(r->arena, page, "file_label",
	    msg(r->lang, principal_is(r->who, ROLE_CERT) ? "list.enter" : "list.file"));
	add_user(r, page);
	add_nav(r, page);
	add_language(r, page);
	add_notice(r, page);
	export_frame(r, page);
	map_bool(r->arena, page, "may_hold", principal_is(r->who, HOLD_SETTERS));
	add_fault(r, a, page);
	if (a->value && a->err.fault == FAULT_NONE && r->route) {
		record_frame(r, a, page);
		list_frame(r, a, page);
	}
	if (!value_get(page, "marking"))
		add_marking(r, page);
}
