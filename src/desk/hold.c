#include "desk/hold.h"

#include "desk/organisation.h"
#include "desk/organisation_private.h"
#include "desk/systems.h"
#include "desk/reports.h"
#include "store/audit.h"

#define ROWS 50
#define SYSTEMS_FIRST 3

static bool
in_reach(const struct principal *who, const struct hold *h)
{
	return principal_is(who, ROLE_ADMINISTRATOR | ROLE_AUDITOR) ||
	    (principal_is(who, HOLD_SETTERS) && h->owner == who->org);
}

bool
hold_get(struct tx *tx, const struct principal *who, int64_t id, struct hold *ret_hold, struct err *err)
{
	struct hold h;

	if (!entity_fetch(tx, ENTITY_HOLD, id, &h, err))
		return false;
	if (!in_reach(who, &h))
		return err_set(err, FAULT_NOT_FOUND);
	*ret_hold = h;
	return true;
}

static bool
open_to(const struct principal *who, const struct hold *h, const struct hold_step *step)
{
	return principal_is(who, step->roles) && h->state == step->from &&
	    (!step->second || h->asked_by != who->person);
}

/* The first of its systems, for where there is no room for all; how many come behind them. */
static void
add_systems(struct arena *a, const struct hold *h, struct value *v)
{
	struct value *first = map_list(a, v, "first_systems");
	struct str rest = h->systems, one;
	int64_t further = 0;

	while (str_split(&rest, '\n', &one))
		if (first->n < SYSTEMS_FIRST)
			list_add(first, value_str(a, one));
		else
			further++;
	map_int(a, v, "further_systems", further ? further : NONE);
}

/* The organisation's name. */
static bool
add_covers(struct tx *tx, const struct principal *who, const struct hold *h, struct value *v, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct organisation o;

	if (h->org == NONE) {
		map_null(a, v, "org_name");
		return true;
	}
	if (!entity_fetch(tx, ENTITY_ORGANISATION, h->org, &o, err))
		return false;
	map_str(a, v, "org_name", name_in(who->lang, o.name_zh, o.name_en));
	return true;
}

struct value *
hold_view(struct tx *tx, const struct principal *who, const struct hold *h, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = entity_show(&entity_hold, h, 0, a), *actions = map_list(a, v, "actions");

	for (int i = 0; i < HOLD_VERB__MAX; i++) {
		struct value *action;

		if (!open_to(who, h, &hold_life[i]))
			continue;
		action = list_add(actions, value_map(a));
		map_str(a, action, "verb", str_c(hold_life[i].id));
		map_term(a, action, "label", str_c(hold_life[i].id), hold_life[i].label);
		map_str(a, action, "href", arena_printf(a, "/holds/%lld/%s", (long long)h->id, hold_life[i].id));
	}
	map_bool(a, v, "has_actions", actions->n > 0);
	map_bool(a, v, "has_systems", h->systems.p != NULL);
	map_bool(a, v, "has_time", h->from_at != NO_TIME || h->until_at != NO_TIME);
	map_bool(a, v, "narrowed", h->org != NONE || h->from_at != NO_TIME || h->until_at != NO_TIME);
	add_systems(a, h, v);
	return add_covers(tx, who, h, v, err) ? v : NULL;
}

struct value *
hold_list(struct tx *tx, const struct principal *who, int64_t before, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a), *rows = map_list(a, v, "rows");
	struct hold *found = arena_alloc(a, (ROWS + 1) * sizeof(*found));
	struct rows q = db_query(tx, S_HOLD_LIST,
	    I(principal_is(who, ROLE_ADMINISTRATOR | ROLE_AUDITOR) ? 0 : who->org),
	    I(before > 0 ? before : INT64_MAX), I(ROWS + 1));
	int n = 0;

	while (n <= ROWS && db_next(&q))
		entity_load(ENTITY_HOLD, &q, 0, &found[n++]);
	if (!db_end(&q, err))
		return NULL;
	for (int i = 0; i < n && i < ROWS; i++) {
		struct value *row = hold_view(tx, who, &found[i], err);

		if (!row)
			return NULL;
		list_add(rows, row);
	}
	map_int(a, v, "next", n > ROWS ? found[ROWS - 1].id : NONE);
	map_bool(a, v, "has_rows", rows->n > 0);
	map_bool(a, v, "may_create", principal_is(who, HOLD_SETTERS));
	return v;
}

void
hold_suggest(struct arena *a, const struct report *r, int64_t kind, struct hold *h)
{
	h->kind = kind == HOLD_SYSTEM ? HOLD_SYSTEM : HOLD_CASE;
	if (h->kind == HOLD_SYSTEM)
		h->systems = systems_named(a, r);
	else
		h->case_no = r->report_no.p ? r->report_no : arena_printf(a, "%lld", (long long)r->id);
}

/* What it names is there, and within the reach of who sets it. */
static bool
find_covered(struct tx *tx, const struct principal *who, struct hold *h, struct err *err)
{
	struct err lost = { .arena = err->arena };
	struct organisation o;
	struct report r;

	if (h->kind == HOLD_CASE) {
		if (!report_named(tx, who, h->case_no, &r, &lost))
			return err_field(err, STR("case_no"), "field.hold.case_no", FAULT_F_REF, 0, STR_NONE);
		h->report = r.id;
		h->case_no = r.report_no.p ? r.report_no : h->case_no;
	}
	if (h->org != NONE && !organisation_get(tx, who, h->org, &o, &lost))
		return err_field(err, STR("org"), "field.hold.org", FAULT_F_REF, 0, STR_NONE);
	if (h->from_at != NO_TIME && h->until_at != NO_TIME && h->until_at <= h->from_at)
		return err_field(err, STR("until_at"), "field.hold.until_at", FAULT_F_ORDER, 0, STR("from_at"));
	return true;
}

bool
hold_create(struct tx *tx, const struct principal *who, const struct value *in, bool form, int64_t *ret_id,
    struct err *err)
{
	struct entity_input input = { .in = in, .editors = BY_V, .form = form, .local = who->zone };
	struct hold *h = entity_new(&entity_hold, tx_arena(tx));

	if (!principal_is(who, HOLD_SETTERS))
		return err_set(err, FAULT_ROLE);
	entity_read(&entity_hold, &input, h, tx_arena(tx), err);
	if (!entity_complete(&entity_hold, h, REQUIRED, err) || err->fault != FAULT_NONE ||
	    !find_covered(tx, who, h, err))
		return false;
	h->owner = who->org;
	h->state = HOLD_STANDING;
	h->set_by = who->person;
	h->set_name = who->name;
	tx_reason(tx, h->reason);
	if (!entity_insert(tx, ENTITY_HOLD, h, "hold.set", who->org, err) ||
	    !systems_of_hold(tx, h->id, h->systems, err))
		return false;
	*ret_id = h->id;
	return true;
}

static void
apply(struct hold *h, const struct principal *who, enum hold_verb verb, struct str reason, int64_t now)
{
	if (verb == HOLD_CONFIRM) {
		h->lifted_by = who->person;
		h->lifted_name = who->name;
		h->lifted_at = now;
		return;
	}
	h->asked_by = verb == HOLD_LIFT ? who->person : NONE;
	h->asked_name = verb == HOLD_LIFT ? who->name : STR_NONE;
	h->asked_at = verb == HOLD_LIFT ? now : NO_TIME;
	h->asked_why = verb == HOLD_LIFT ? reason : STR_NONE;
}

bool
hold_do(struct tx *tx, const struct principal *who, int64_t id, enum hold_verb verb, struct str reason,
    int64_t expected, struct err *err)
{
	const struct hold_step *step = &hold_life[verb];
	struct hold h;

	if (!principal_is(who, step->roles))
		return err_set(err, FAULT_ROLE);
	if (!hold_get(tx, who, id, &h, err))
		return false;
	if (h.state != step->from)
		return err_set(err, FAULT_STATE);
	if (step->second && h.asked_by == who->person)
		return err_set(err, FAULT_SECOND_PERSON);
	apply(&h, who, verb, reason, tx_now(tx));
	h.state = step->to;
	tx_reason(tx, reason);
	return entity_update(tx, ENTITY_HOLD, &h, expected, step->action, h.owner, NULL, err);
}
