/*
 * The rules as a published document: what the program computes by, with its sources and its open questions.
 */
#include "site/handlers.h"
#include "site/part.h"

#include <string.h>

#include "base/arena.h"
#include "model/organisation.h"

/* The address without more is that of the version in force; the others are named. */
static struct str
address_of(const struct request *r, const struct regime *g)
{
	if (regime_by_code(g->code, r->now) == g)
		return arena_printf(r->arena, "/rules/%s", g->id);
	return arena_printf(r->arena, "/rules/%s?version=%.*s", g->id,
	    STR_FMT(str_from(g->version, strlen(g->id) + 1)));
}

static struct value *
head_of(const struct request *r, const struct regime *g)
{
	struct value *v = value_map(r->arena);

	map_str(r->arena, v, "id", str_c(g->id));
	map_str(r->arena, v, "version", g->version);
	map_str(r->arena, v, "href", address_of(r, g));
	map_bool(r->arena, v, "in_force", regime_by_code(g->code, r->now) == g);
	map_str(r->arena, v, "title", g->title[r->lang]);
	map_str(r->arena, v, "source", g->source[r->lang]);
	map_str(r->arena, v, "status", g->status[r->lang]);
	map_bool(r->arena, v, "confirm", g->confirm);
	map_time(r->arena, v, "valid_from", g->valid_from);
	map_bool(r->arena, v, "has_levels", g->has_levels);
	return v;
}

void
handle_rules(struct request *r, struct answer *a)
{
	int n;
	const struct regime *const *all = regimes_all(&n);
	struct value *rows;

	a->value = value_map(r->arena);
	rows = map_list(r->arena, a->value, "rows");
	for (int i = 0; i < n; i++)
		list_add(rows, head_of(r, all[i]));
}

static struct value *
levels_of(const struct request *r, const struct regime *g)
{
	static const char *const ids[] = { "c", "i", "a" };
	static const char *const labels[] = { "rules.c", "rules.i", "rules.a" };
	struct value *list = value_list(r->arena);

	for (int level = 4; g->has_levels && level >= 0; level--) {
		struct value *row = list_add(list, value_map(r->arena)), *cells;

		map_int(r->arena, row, "level", level);
		cells = map_list(r->arena, row, "cells");
		for (int d = 0; d < DIM__MAX; d++) {
			const struct level_rule *rule = &g->level[d][level];
			struct value *cell = list_add(cells, value_map(r->arena));

			map_shown(r->arena, cell, "dimension", str_c(ids[d]), msg(r->lang, labels[d]));
			map_str(r->arena, cell, "sentence", rule->form[r->lang]);
			map_str(r->arena, cell, "other", rule->other[r->lang]);
			map_str(r->arena, cell, "note", rule->note[r->lang]);
		}
	}
	return list;
}

static struct str
length_words(const struct request *r, struct length l)
{
	if (!l.given)
		return msg(r->lang, "rules.no_such");
	return !l.micros && !l.months ? msg(r->lang, "rules.at_once") : length_text(r->arena, &r->face, l);
}

static void
add_event(const struct request *r, struct value *row, const char *key, enum event e)
{
	map_term(r->arena, row, key, str_c(event_id(e)),
	    arena_c(r->arena, arena_printf(r->arena, "choice.event.%s", event_id(e))));
}

static struct value *
clocks_of(const struct request *r, const struct regime *g)
{
	static const char *const lengths[] = { NULL, "l1", "l2", "l3", "l4" };
	struct value *list = value_list(r->arena);

	for (int i = 0; i < g->clock_count; i++) {
		const struct clock_rule *c = &g->clocks[i];
		struct value *row = list_add(list, value_map(r->arena));
		bool provider = c->holder == HOLDER_PROVIDER;

		map_str(r->arena, row, "id", str_c(c->id));
		map_str(r->arena, row, "title", c->title[r->lang]);
		map_str(r->arena, row, "rule", c->rule[r->lang]);
		map_str(r->arena, row, "source", c->source[r->lang]);
		map_bool(r->arena, row, "confirm", c->confirm);
		add_event(r, row, "start", c->start);
		add_event(r, row, "stop", c->stop);
		map_term(r->arena, row, "holder", provider ? STR("provider") : STR("cert"),
		    provider ? "choice.holder.provider" : "choice.holder.cert");
		for (int level = 1; level <= 4; level++)
			map_str(r->arena, row, lengths[level], length_words(r, c->by_level[level]));
		map_bool(r->arena, row, "extendable", c->extendable);
	}
	return list;
}

/* By id, and by version where one is asked for; NULL: there is no such. */
static const struct regime *
asked_for(const struct request *r)
{
	const struct choice *regime = choice_by_id(&choices_regime, r->args[0]);
	struct str version = request_query(r, "version");

	if (!regime)
		return NULL;
	if (!version.p)
		return regime_by_code(regime->code, r->now);
	return regime_by_version(arena_printf(r->arena, "%s/%.*s", regime->id, STR_FMT(version)));
}

void
handle_rules_one(struct request *r, struct answer *a)
{
	const struct regime *g = asked_for(r);

	if (!g) {
		err_set(&a->err, FAULT_NOT_FOUND);
		return;
	}
	a->value = head_of(r, g);
	map_str(r->arena, a->value, "zone", str_c(zone_name(g->zone)));
	map_add(a->value, "levels", levels_of(r, g));
	map_add(a->value, "clocks", clocks_of(r, g));
}
