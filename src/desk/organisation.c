/* Organisations: who sees which, lists, making and changing them, who stands above whom. */
#include "desk/organisation.h"

#include "desk/identity.h"
#include "desk/organisation_private.h"

#define ORGANISATION_REASON_ROW(...) FIELD_ROW(organisation_reason, __VA_ARGS__)
static const struct field reason_fields[] = { ORGANISATION_REASON(ORGANISATION_REASON_ROW) };
const struct entity organisation_reason = ENTITY(organisation_reason, reason_fields, false);

/* ---- who sees which ---- */

enum reach
reach_of(const struct principal *who)
{
	if (principal_is(who, ROLE_ADMINISTRATOR | ROLE_AUDITOR))
		return REACH_ALL;
	if (who->org_kind == ORG_CERT && principal_is(who, ROLE_CERT))
		return REACH_CERT;
	if (who->org_kind == ORG_NATIONAL)
		return REACH_NATION;
	return principal_is(who, ROLE_PROVIDER) ? REACH_ORG : REACH_NONE;
}

int
reach_statement(enum reach r, int org, int cert, int nation, int all)
{
	switch (r) {
	case REACH_ORG:
		return org;
	case REACH_CERT:
		return cert;
	case REACH_NATION:
		return nation;
	case REACH_ALL:
		return all;
	default:
		return S__MAX;
	}
}

struct str
like_part(struct arena *a, struct str part)
{
	struct buf b = { .arena = a };

	part = str_trim(part);
	if (!part.n)
		return STR_NONE;
	buf_char(&b, '%');
	for (size_t i = 0; i < part.n; i++) {
		if (part.p[i] == '%' || part.p[i] == '_' || part.p[i] == '!')
			buf_char(&b, '!');
		buf_char(&b, part.p[i]);
	}
	buf_char(&b, '%');
	return buf_str(&b);
}

struct str
name_in(enum lang lang, struct str zh, struct str en)
{
	return lang == LANG_EN && en.n ? en : zh;
}

bool
add_organisation(struct tx *tx, struct value *map, const char *key, int64_t org, enum lang lang,
    struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v;
	struct rows q;

	if (org == NONE) {
		map_null(a, map, key);
		return true;
	}
	v = map_map(a, map, key);
	q = db_query(tx, S_ORG_NAME, I(org));
	map_int(a, v, "id", org);
	map_str(a, v, "name", db_next(&q) ? name_in(lang, db_str(&q, 0), db_str(&q, 1)) : STR_NONE);
	return db_end(&q, err);
}

bool
organisation_in_reach(struct tx *tx, const struct principal *who, int64_t id, struct err *err)
{
	int statement = reach_statement(reach_of(who), S_ORG_SEEN_ORG, S_ORG_SEEN_CERT, S_ORG_SEEN_NATION,
	    S_ORG_SEEN_ALL);
	struct rows q;
	bool seen;

	if (statement == S__MAX)
		return id == who->org;
	q = db_query(tx, statement, I(who->org), I(who->account), I(id));
	seen = db_next(&q);
	return db_end(&q, err) && seen;
}

bool
organisation_get(struct tx *tx, const struct principal *who, int64_t id, struct organisation *ret_org,
    struct err *err)
{
	if (!organisation_in_reach(tx, who, id, err))
		return err_set(err, FAULT_NOT_FOUND);
	return entity_fetch(tx, ENTITY_ORGANISATION, id, ret_org, err);
}

/* ---- lists ---- */

static void
add_term(struct arena *a, struct value *map, const char *key, const struct choices *choices, int64_t code)
{
	const struct choice *c = code == NONE ? NULL : choice_by_code(choices, code);

	if (c)
		map_term(a, map, key, c->key, c->msg);
	else
		map_null(a, map, key);
}

static void
add_row(struct arena *a, struct value *row, const struct rows *q, enum lang lang)
{
	map_int(a, row, "id", db_int(q, 0));
	map_str(a, row, "name", name_in(lang, db_str(q, 1), db_str(q, 2)));
	map_str(a, row, "name_zh", db_str(q, 1));
	map_str(a, row, "name_en", db_str(q, 2));
	add_term(a, row, "org_kind", &choices_org_kind, db_int(q, 3));
	add_term(a, row, "grade", &choices_grade, db_int(q, 4));
	map_bool(a, row, "in_scope", db_int(q, 5) == 1);
	add_term(a, row, "state", &choices_org_state, db_int(q, 6));
	map_int(a, row, "parent", db_int(q, 7));
	map_shown(a, row, "sector", db_str(q, 8), name_in(lang, db_str(q, 9), db_str(q, 10)));
	map_bool(a, row, "has_account", db_int(q, 11) == 1);
}

/* Providers on the inventory with somebody who can report, of all on it. */
static bool
add_registration(struct tx *tx, const struct principal *who, struct value *v, struct err *err)
{
	int statement = reach_statement(reach_of(who), S_ORG_REGISTRATION_ORG, S_ORG_REGISTRATION_CERT,
	    S__MAX, S_ORG_REGISTRATION_ALL);
	struct arena *a = tx_arena(tx);
	int64_t listed, registered;
	struct value *r;
	struct rows q;

	if (statement == S__MAX) {
		map_null(a, v, "registration");
		return true;
	}
	q = db_query(tx, statement, I(who->org), I(who->account));
	listed = db_next(&q) ? db_int(&q, 0) : 0;
	registered = listed ? db_int(&q, 1) : 0;
	r = map_map(a, v, "registration");
	map_int(a, r, "listed", listed);
	map_int(a, r, "registered", registered);
	map_int(a, r, "percent", listed ? registered * 100 / listed : NONE);
	map_time(a, r, "taken_at", tx_now(tx));
	return db_end(&q, err);
}

struct value *
organisation_list(struct tx *tx, const struct principal *who, const struct organisation_filter *f,
    struct err *err)
{
	struct arena *a = tx_arena(tx);
	int statement = reach_statement(reach_of(who), S_ORG_LIST_ORG, S_ORG_LIST_CERT, S_ORG_LIST_NATION,
	    S_ORG_LIST_ALL), n = 0;
	struct value *v = value_map(a), *rows = map_list(a, v, "rows"), *next;
	struct str last_name = STR_NONE;
	int64_t last = 0;
	struct rows q;

	if (statement == S__MAX) {
		err_set(err, FAULT_ROLE);
		return NULL;
	}
	q = db_query(tx, statement, I(who->org), I(who->account),
	    T(f->after_name.p ? f->after_name : STR("")), I(f->after_id), N(f->sector), N(f->state),
	    N(f->org_kind), T(like_part(a, f->text)), I(f->limit + 1));
	while (db_next(&q) && n++ < f->limit) {
		add_row(a, list_add(rows, value_map(a)), &q, who->lang);
		last = db_int(&q, 0);
		last_name = db_str(&q, 1);
	}
	if (!db_end(&q, err))
		return NULL;
	if (n > f->limit) {
		next = map_map(a, v, "next");
		map_str(a, next, "after_name", last_name);
		map_int(a, next, "after_id", last);
	} else {
		map_null(a, v, "next");
	}
	map_bool(a, v, "may_create", organisation_editors(who, NULL) != 0);
	return add_registration(tx, who, v, err) ? v : NULL;
}

/* ---- one organisation ---- */

unsigned
organisation_editors(const struct principal *who, const struct organisation *o)
{
	if (principal_is(who, ROLE_ADMINISTRATOR) ||
	    (who->org_kind == ORG_CERT && principal_is(who, ROLE_REVIEWER | ROLE_MANAGER)))
		return BY_P | BY_V;
	return o && o->id == who->org && principal_is(who, ROLE_PROVIDER_ADMIN) ? BY_P : 0;
}

static bool
add_below(struct tx *tx, struct value *v, int64_t org, enum lang lang, struct err *err)
{
	enum { MOST = 200 };
	struct arena *a = tx_arena(tx);
	struct value *list = map_list(a, v, "below");
	struct rows q = db_query(tx, S_ORG_BELOW, I(org), I(MOST));

	while (db_next(&q)) {
		struct value *row = list_add(list, value_map(a));

		map_int(a, row, "id", db_int(&q, 0));
		map_str(a, row, "name", name_in(lang, db_str(&q, 1), db_str(&q, 2)));
	}
	return db_end(&q, err);
}

/* Only for those who may see accounts at all. */
static bool
add_accounts(struct tx *tx, const struct principal *who, struct value *v, int64_t org, struct err *err)
{
	enum { MOST = 200 };
	struct arena *a = tx_arena(tx);
	struct value *list = map_list(a, v, "accounts");
	struct rows q;

	if (!principal_is(who,
	    ROLE_ADMINISTRATOR | ROLE_AUDITOR | ROLE_REVIEWER | ROLE_MANAGER | ROLE_PROVIDER_ADMIN))
		return true;
	q = db_query(tx, S_ACCOUNT_AT, I(org), I(MOST));
	while (db_next(&q)) {
		struct value *row = list_add(list, value_map(a));

		map_int(a, row, "id", db_int(&q, 0));
		map_str(a, row, "login", db_str(&q, 1));
		map_str(a, row, "name", db_str(&q, 2));
		add_term(a, row, "state", &choices_account_state, db_int(&q, 4));
	}
	return db_end(&q, err);
}

static void
add_action(struct arena *a, struct value *actions, enum lang lang, const char *verb, const char *label,
    int64_t id)
{
	struct value *action = list_add(actions, value_map(a));

	map_str(a, action, "verb", str_c(verb));
	map_str(a, action, "label", msg(lang, label));
	map_bool(a, action, "primary", false);
	map_str(a, action, "href", arena_printf(a, "/organisations/%lld/%s", (long long)id, verb));
}

static void
add_actions(struct arena *a, struct value *v, const struct principal *who, const struct organisation *o)
{
	struct value *actions = map_list(a, v, "actions");
	unsigned editors = organisation_editors(who, o);

	if (editors && o->state != ORG_REMOVED)
		add_action(a, actions, who->lang, "edit", "organisation.verb.edit", o->id);
	if (editors & BY_V)
		add_action(a, actions, who->lang, o->state == ORG_REMOVED ? "restore" : "remove",
		    o->state == ORG_REMOVED ? "organisation.verb.restore" : "organisation.verb.remove",
		    o->id);
}

static bool
add_sector_name(struct tx *tx, struct value *v, int64_t sector, enum lang lang, struct err *err)
{
	struct rows q;

	if (sector == NONE) {
		map_null(tx_arena(tx), v, "sector_name");
		return true;
	}
	q = db_query(tx, S_SECTOR_NAME, I(sector));
	map_str(tx_arena(tx), v, "sector_name", db_next(&q) ? name_in(lang, db_str(&q, 0), db_str(&q, 1)) :
	    STR_NONE);
	return db_end(&q, err);
}

/* Names that the view has beside the fields. */
static const char *const beside[] = { "name", "sector_name", "superior", "below", "accounts", "actions",
    NULL };

struct value *
organisation_view(struct tx *tx, const struct principal *who, const struct organisation *o, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = entity_show(&entity_organisation, o, 0, a);

	map_str(a, v, "name", name_in(who->lang, o->name_zh, o->name_en));
	add_actions(a, v, who, o);
	return add_sector_name(tx, v, o->sector, who->lang, err) &&
	    add_organisation(tx, v, "superior", o->parent, who->lang, err) &&
	    add_below(tx, v, o->id, who->lang, err) && add_accounts(tx, who, v, o->id, err) ? v : NULL;
}

/* ---- who stands above whom ---- */

static bool
row_exists(struct rows q, bool *ret_exists, struct err *err)
{
	*ret_exists = db_next(&q);
	return db_end(&q, err);
}

/* Takes the organisation with all below it out from under what stood above, and puts it under its parent. */
static bool
move_under(struct tx *tx, int64_t org, int64_t parent, struct err *err)
{
	return db_run(tx, S_ORG_ABOVE_CUT, err, I(org)) &&
	    (parent == NONE || db_run(tx, S_ORG_ABOVE_JOIN, err, I(org), I(parent)));
}

/*
 * A superior body that is there, is seen by whoever says so, and does not stand below. who NULL: the program
 * itself.
 */
static bool
parent_fits(struct tx *tx, const struct principal *who, const struct organisation *o, struct err *err)
{
	bool below = false, seen = true;
	struct organisation parent;

	if (o->parent == NONE)
		return true;
	if (who)
		seen = organisation_in_reach(tx, who, o->parent, err);
	if (err->fault != FAULT_NONE && err->fault != FAULT_FIELDS)
		return false;
	if (!seen ||
	    !entity_fetch(tx, ENTITY_ORGANISATION, o->parent, &parent,
	    &(struct err){ .arena = err->arena }) || parent.state == ORG_REMOVED)
		return err_field(err, STR("parent"), "field.organisation.parent", FAULT_F_REF, 0, STR_NONE);
	if (o->id && !row_exists(db_query(tx, S_ORG_ABOVE_IS, I(o->parent), I(o->id)), &below, err))
		return false;
	return !below ||
	    err_field(err, STR("parent"), "field.organisation.parent", FAULT_F_CYCLE, 0, STR_NONE);
}

bool
organisation_insert(struct tx *tx, struct organisation *o, struct err *err)
{
	if (o->state == NONE)
		o->state = ORG_LISTED;
	if (!parent_fits(tx, NULL, o, err) ||
	    !entity_insert(tx, ENTITY_ORGANISATION, o, "organisation.create", o->id, err))
		return false;
	identity_changed(tx);
	return db_run(tx, S_ORG_ABOVE_SELF, err, I(o->id)) && move_under(tx, o->id, o->parent, err);
}

/* ---- making and changing ---- */

/* The CERT's people keep the inventory of the sectors that they receive for: providers and agencies there. */
static bool
place_fits(struct tx *tx, const struct principal *who, const struct organisation *o, struct err *err)
{
	struct sector sector;
	bool ours;

	if (o->sector != NONE &&
	    !entity_fetch(tx, ENTITY_SECTOR, o->sector, &sector, &(struct err){ .arena = err->arena }))
		return err_field(err, STR("sector"), "field.organisation.sector", FAULT_F_REF, 0, STR_NONE);
	if (principal_is(who, ROLE_ADMINISTRATOR))
		return true;
	if (o->id == who->org)
		return true;
	if (o->org_kind != ORG_PROVIDER && o->org_kind != ORG_AGENCY)
		return err_field(err, STR("org_kind"), "field.organisation.org_kind", FAULT_F_CHOICE, 0,
		    STR_NONE);
	if (o->sector == NONE)
		return err_field(err, STR("sector"), "field.organisation.sector", FAULT_F_MISSING, 0,
		    STR_NONE);
	if (!row_exists(db_query(tx, S_SECTOR_OF_CERT, I(o->sector), I(who->org)), &ours, err))
		return false;
	return ours || err_field(err, STR("sector"), "field.organisation.sector", FAULT_F_REF, 0, STR_NONE);
}

bool
organisation_create(struct tx *tx, const struct principal *who, const struct value *in, bool form,
    int64_t *ret_id, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct entity_input input = { .in = in, .editors = organisation_editors(who, NULL), .form = form,
	    .local = who->zone, .beside = beside };
	struct organisation *o = entity_new(&entity_organisation, a);

	if (!input.editors)
		return err_set(err, FAULT_ROLE);
	entity_read(&entity_organisation, &input, o, a, err);
	if (!entity_complete(&entity_organisation, o, REQUIRED, err) || err->fault != FAULT_NONE)
		return false;
	o->id = 0;
	if (!place_fits(tx, who, o, err) || !parent_fits(tx, who, o, err))
		return false;
	if (o->in_scope == NONE)
		o->in_scope = o->org_kind == ORG_PROVIDER;
	if (!organisation_insert(tx, o, err))
		return false;
	*ret_id = o->id;
	return true;
}

/* Another kind would give other roles: not while people work there. */
static bool
kind_may_change(struct tx *tx, int64_t org, struct err *err)
{
	bool works;

	if (!row_exists(db_query(tx, S_ACCOUNT_WORKS_AT, I(org)), &works, err))
		return false;
	return !works ||
	    err_field(err, STR("org_kind"), "field.organisation.org_kind", FAULT_F_FIXED, 0, STR_NONE);
}

bool
organisation_save(struct tx *tx, const struct principal *who, int64_t id, const struct value *in, bool form,
    int64_t expected, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct entity_input input = { .in = in, .form = form, .local = who->zone, .beside = beside };
	struct organisation o, before;

	if (!organisation_get(tx, who, id, &before, err))
		return false;
	input.editors = organisation_editors(who, &before);
	if (!input.editors)
		return err_set(err, FAULT_ROLE);
	if (before.state == ORG_REMOVED)
		return err_set(err, FAULT_STATE);
	o = before;
	entity_read(&entity_organisation, &input, &o, a, err);
	if (!entity_complete(&entity_organisation, &o, REQUIRED, err) || err->fault != FAULT_NONE)
		return false;
	if (((o.sector != before.sector || o.org_kind != before.org_kind) && !place_fits(tx, who, &o, err)) ||
	    (o.org_kind != before.org_kind && !kind_may_change(tx, id, err)) ||
	    (o.parent != before.parent && !parent_fits(tx, who, &o, err)))
		return false;
	if (o.state == ORG_REGISTERED && entity_diff(&entity_organisation, &before, &o, a))
		o.state = ORG_CHANGED;
	identity_changed(tx);
	return entity_update(tx, ENTITY_ORGANISATION, &o, expected, "organisation.update", id, NULL, err) &&
	    (o.parent == before.parent || move_under(tx, id, o.parent, err));
}

static bool
set_state(struct tx *tx, struct organisation *o, int64_t state, int64_t expected, const char *action,
    struct str reason, struct err *err)
{
	o->state = state;
	tx_reason(tx, reason);
	identity_changed(tx);
	return entity_update(tx, ENTITY_ORGANISATION, o, expected, action, o->id, NULL, err);
}

bool
organisation_remove(struct tx *tx, const struct principal *who, int64_t id, struct str reason,
    int64_t expected, struct err *err)
{
	struct organisation o;
	bool works, units;

	if (!organisation_get(tx, who, id, &o, err))
		return false;
	if (!(organisation_editors(who, &o) & BY_V))
		return err_set(err, FAULT_ROLE);
	if (o.state == ORG_REMOVED)
		return err_set(err, FAULT_STATE);
	if (!row_exists(db_query(tx, S_ACCOUNT_WORKS_AT, I(id)), &works, err) ||
	    !row_exists(db_query(tx, S_ORG_BELOW, I(id), I(1)), &units, err))
		return false;
	if (works || units)
		return err_set(err, FAULT_ORG_IN_USE);
	return set_state(tx, &o, ORG_REMOVED, expected, "organisation.remove", reason, err);
}

bool
organisation_restore(struct tx *tx, const struct principal *who, int64_t id, struct str reason,
    int64_t expected, struct err *err)
{
	struct organisation o;

	if (!organisation_get(tx, who, id, &o, err))
		return false;
	if (!(organisation_editors(who, &o) & BY_V))
		return err_set(err, FAULT_ROLE);
	if (o.state != ORG_REMOVED)
		return err_set(err, FAULT_STATE);
	return set_state(tx, &o, ORG_LISTED, expected, "organisation.restore", reason, err);
}

bool
organisation_registered(struct tx *tx, int64_t id, struct err *err)
{
	struct organisation o;

	if (!entity_fetch(tx, ENTITY_ORGANISATION, id, &o, err))
		return false;
	if (o.state != ORG_LISTED)
		return true;
	o.state = ORG_REGISTERED;
	identity_changed(tx);
	return entity_update(tx, ENTITY_ORGANISATION, &o, o.version, "organisation.register", id, NULL, err);
}
