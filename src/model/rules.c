/*
 * Rules files: read strictly, and kept. A file that is read says everything and nothing else: a member that
 * is missing, unknown or out of its limits is a fault that names the place: "clocks[3].start: no such event".
 */
#include "model/rules.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/embed.h"
#include "base/json.h"
#include "base/log.h"
#include "model/organisation.h"

#define ID_MAX 30                /* with the version behind it a column holds 40 */
#define VERSION_MAX 9999
#define TEXT_MAX 2000            /* code points */
#define CLOCKS_MAX 64
#define REMINDER_MAX 1000        /* per cent */
#define SHOWN_MAX 40             /* so much of what was read stands in a fault */

struct reading {
	struct arena *arena;
	struct err *err;
};

/* Where in the file: a member of what is above it, or, without a key, an item of a list. */
struct place {
	const struct place *above;
	const char *key;
	int index;
};

static void
put_place(struct buf *b, const struct place *p)
{
	if (!p)
		return;
	put_place(b, p->above);
	if (p->key)
		buf_printf(b, "%s%s", b->n ? "." : "", p->key);
	else
		buf_printf(b, "[%d]", p->index);
}

static bool fault(struct reading *r, const struct place *p, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* "place: what is wrong". Always false. */
static bool
fault(struct reading *r, const struct place *p, const char *fmt, ...)
{
	struct buf b = { .arena = r->arena };
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_place(&b, p);
	return err_setf(r->err, FAULT_RULES, "%.*s%s%s", STR_FMT(buf_str(&b)), b.n ? ": " : "", text);
}

static struct str
shown(struct str s)
{
	return utf8_first(s, SHOWN_MAX);
}

static bool
is_among(struct str s, const char *const *names)
{
	for (; *names; names++)
		if (str_is(s, *names))
			return true;
	return false;
}

/* v is a map with all members of needed, perhaps some of optional, and no other. */
static bool
check_map(struct reading *r, const struct place *p, const struct value *v, const char *const *needed,
    const char *const *optional)
{
	const struct value *m;

	if (!v || v->kind != V_MAP)
		return fault(r, p, "not an object");
	for (m = v->first; m; m = m->next)
		if (!is_among(m->name, needed) && !is_among(m->name, optional))
			return fault(r, p, "unknown member \"%.*s\"", STR_FMT(shown(m->name)));
	for (; *needed; needed++)
		if (!value_get(v, *needed))
			return fault(r, p, "\"%s\" is missing", *needed);
	return true;
}

static const char *const no_members[] = { NULL };

/* Nothing that would break a line, hide, or turn the direction of what stands beside it. */
static bool
is_plain(struct str s)
{
	int32_t c;

	while ((c = utf8_next(&s)) >= 0)
		if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x200b && c <= 0x200f) ||
		    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0x61c || c == 0xfeff)
			return false;
	return true;
}

static bool
read_text(struct reading *r, const struct place *p, const struct value *v, struct str *ret_text)
{
	if (!v || v->kind != V_STR)
		return fault(r, p, "not a text");
	if (v->s.n == 0 || !str_eq(v->s, str_trim(v->s)))
		return fault(r, p, "empty, or with blanks around it");
	if (utf8_length(v->s) > TEXT_MAX)
		return fault(r, p, "longer than %d characters", TEXT_MAX);
	if (!is_plain(v->s))
		return fault(r, p, "holds a control or direction character");
	*ret_text = v->s;
	return true;
}

/* A text in each language. */
static bool
read_words(struct reading *r, const struct place *above, const struct value *map, const char *key,
    struct str ret_words[LANG__MAX])
{
	const struct place p = { above, key, 0 };
	const struct value *v = value_get(map, key);
	const char *needed[LANG__MAX + 1] = { NULL };
	struct str words[LANG__MAX];

	for (enum lang l = 0; l < LANG__MAX; l++)
		needed[l] = lang_tag(l);
	if (!check_map(r, &p, v, needed, no_members))
		return false;
	for (enum lang l = 0; l < LANG__MAX; l++) {
		const struct place in_language = { &p, needed[l], 0 };

		if (!read_text(r, &in_language, value_get(v, needed[l]), &words[l]))
			return false;
	}
	for (enum lang l = 0; l < LANG__MAX; l++)
		ret_words[l] = words[l];
	return true;
}

/* The same for a member that may be missing: the words then stay as they are. */
static bool
read_optional_words(struct reading *r, const struct place *above, const struct value *map, const char *key,
    struct str ret_words[LANG__MAX])
{
	return !value_get(map, key) || read_words(r, above, map, key, ret_words);
}

/* Lower case letters, digits, '-' and '_', beginning with a letter: it stands in addresses and columns. */
static bool
read_id(struct reading *r, const struct place *above, const struct value *map, const char *key,
    struct str *ret_id)
{
	const struct place p = { above, key, 0 };
	struct str s = value_text(value_get(map, key));

	if (s.n == 0 || s.n > ID_MAX || s.p[0] < 'a' || s.p[0] > 'z')
		return fault(r, &p, "not an id of 1 to %d characters that begins with a letter", ID_MAX);
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", s.p[i]) || s.p[i] == '\0')
			return fault(r, &p, "an id has lower case letters, digits, - and _ only");
	*ret_id = s;
	return true;
}

/* A member that may be missing, which means no. */
static bool
read_flag(struct reading *r, const struct place *above, const struct value *map, const char *key,
    bool *ret_flag)
{
	const struct place p = { above, key, 0 };
	const struct value *v = value_get(map, key);

	if (v && v->kind != V_BOOL)
		return fault(r, &p, "neither true nor false");
	*ret_flag = v && v->i;
	return true;
}

static bool
event_by_id(struct str id, enum event *ret_event)
{
	for (enum event e = 0; e < EVENT__MAX; e++)
		if (str_is(id, event_id(e))) {
			*ret_event = e;
			return true;
		}
	return false;
}

static bool
read_event(struct reading *r, const struct place *above, const struct value *map, const char *key,
    enum event *ret_event)
{
	const struct place p = { above, key, 0 };
	struct str id = value_text(value_get(map, key));

	if (!event_by_id(id, ret_event))
		return fault(r, &p, "no such event");
	return true;
}

static bool
read_length(struct reading *r, const struct place *p, const struct value *v, struct length *ret_length)
{
	struct str s = value_text(v);

	if (!length_parse(s, ret_length))
		return fault(r, p, "not a length such as \"36h\", \"30m\", \"1mo\" or \"0\"");
	return true;
}

/* One length for all levels, or one for each; null: no such duty at that level. */
static bool
read_lengths(struct reading *r, const struct place *above, const struct value *map, struct length by_level[5])
{
	static const char *const levels[] = { "1", "2", "3", "4", NULL };
	const struct place p = { above, "length", 0 };
	const struct value *v = value_get(map, "length");
	bool any = false;

	if (v->kind != V_MAP) {
		if (!read_length(r, &p, v, &by_level[1]))
			return false;
		by_level[2] = by_level[3] = by_level[4] = by_level[1];
		return true;
	}
	if (!check_map(r, &p, v, levels, no_members))
		return false;
	for (int level = 1; level <= 4; level++) {
		const struct place at_level = { &p, levels[level - 1], 0 };
		const struct value *length = value_get(v, levels[level - 1]);

		if (length->kind != V_NULL && !read_length(r, &at_level, length, &by_level[level]))
			return false;
		any = any || by_level[level].given;
	}
	return any || fault(r, &p, "no level has a length");
}

static bool
read_cap(struct reading *r, const struct place *above, const struct value *map, struct clock_rule *c)
{
	static const char *const needed[] = { "length", "from", NULL };
	const struct place p = { above, "cap", 0 };
	const struct place at_length = { &p, "length", 0 }, at_from = { &p, "from", 0 };
	const struct value *v = value_get(map, "cap");

	if (!v)
		return true;
	if (!check_map(r, &p, v, needed, no_members) ||
	    !read_length(r, &at_length, value_get(v, "length"), &c->cap) ||
	    !read_event(r, &p, v, "from", &c->cap_start))
		return false;
	if (c->cap_start == EVENT_PREVIOUS || c->cap_start == EVENT_FULFILLED || c->cap_start == c->start)
		return fault(r, &at_from, "\"%s\" cannot begin a cap here", event_id(c->cap_start));
	return true;
}

static bool
read_reminders(struct reading *r, const struct place *above, const struct value *map,
    int reminders[CLOCK_REMINDERS])
{
	const struct place p = { above, "reminders", 0 };
	const struct value *v = value_get(map, "reminders"), *m;
	int n = 0;

	if (v->kind != V_LIST)
		return fault(r, &p, "not a list");
	if (v->n > CLOCK_REMINDERS - 1)
		return fault(r, &p, "more than %d", CLOCK_REMINDERS - 1);
	for (m = v->first; m; m = m->next, n++) {
		const struct place item = { &p, NULL, n };

		if (m->kind != V_INT || m->i < 1 || m->i > REMINDER_MAX)
			return fault(r, &item, "not a number of per cent from 1 to %d", REMINDER_MAX);
		if (n && m->i <= reminders[n - 1])
			return fault(r, &item, "not after the one before");
		reminders[n] = (int)m->i;
	}
	return true;
}

static bool
read_holder(struct reading *r, const struct place *above, const struct value *map, enum holder *ret_holder)
{
	const struct place p = { above, "holder", 0 };
	struct str s = value_text(value_get(map, "holder"));

	if (!str_is(s, "provider") && !str_is(s, "cert"))
		return fault(r, &p, "neither \"provider\" nor \"cert\"");
	*ret_holder = str_is(s, "cert") ? HOLDER_CERT : HOLDER_PROVIDER;
	return true;
}

/* What starts and meets a clock. That "after" names a clock is checked when all of them are known. */
static bool
read_events(struct reading *r, const struct place *p, const struct value *v, struct clock_rule *c)
{
	const struct place at_start = { p, "start", 0 }, at_stop = { p, "stop", 0 };
	const struct place at_after = { p, "after", 0 };
	const struct value *after = value_get(v, "after");

	if (!read_event(r, p, v, "start", &c->start) || !read_event(r, p, v, "stop", &c->stop))
		return false;
	if (c->start == EVENT_FULFILLED)
		return fault(r, &at_start, "starts no clock; write \"previous_stage\" and \"after\"");
	if (c->stop == EVENT_PREVIOUS || c->stop == c->start)
		return fault(r, &at_stop, "\"%s\" cannot meet this clock", event_id(c->stop));
	if (!after && c->start == EVENT_PREVIOUS)
		return fault(r, p, "\"after\" is missing");
	if (after && c->start != EVENT_PREVIOUS)
		return fault(r, &at_after, "only for the start \"previous_stage\"");
	return true;
}

static bool
read_clock(struct reading *r, const struct place *p, const struct value *v, struct clock_rule *c)
{
	static const char *const needed[] = {
		"id", "title", "rule", "source", "start", "stop", "holder", "length", "reminders", NULL
	};
	static const char *const optional[] = {
		"confirm", "after", "cap", "extendable", "major_only", "otherwise_only", NULL
	};
	struct str id;

	if (!check_map(r, p, v, needed, optional) || !read_id(r, p, v, "id", &id))
		return false;
	c->id = arena_c(r->arena, id);
	return read_words(r, p, v, "title", c->title) && read_words(r, p, v, "rule", c->rule) &&
	    read_words(r, p, v, "source", c->source) && read_flag(r, p, v, "confirm", &c->confirm) &&
	    read_events(r, p, v, c) && read_holder(r, p, v, &c->holder) &&
	    read_lengths(r, p, v, c->by_level) && read_cap(r, p, v, c) &&
	    read_flag(r, p, v, "extendable", &c->extendable) &&
	    read_flag(r, p, v, "major_only", &c->major_only) &&
	    read_flag(r, p, v, "otherwise_only", &c->otherwise_only) && read_reminders(r, p, v, c->reminders);
}

const struct clock_rule *
clock_by_id(const struct regime *regime, struct str id)
{
	for (int i = 0; i < regime->clock_count; i++)
		if (str_is(id, regime->clocks[i].id))
			return &regime->clocks[i];
	return NULL;
}

/* Each id is there once, and "after" becomes the id of the clock it names. clocks are those of g. */
static bool
link_clocks(struct reading *r, const struct place *above, const struct value *list, const struct regime *g,
    struct clock_rule *clocks)
{
	const struct value *m = list->first;

	for (int i = 0; m; m = m->next, i++) {
		const struct place item = { above, NULL, i };
		const struct place at_id = { &item, "id", 0 }, at_after = { &item, "after", 0 };
		const struct value *after = value_get(m, "after");
		const struct clock_rule *named;

		if (clock_by_id(g, str_c(clocks[i].id)) != &clocks[i])
			return fault(r, &at_id, "there is such a clock already");
		if (!after)
			continue;
		named = clock_by_id(g, value_text(after));
		if (!named)
			return fault(r, &at_after, "no such clock");
		clocks[i].after = named->id;
	}
	return true;
}

/* Going back from any clock to the one it waits for comes to an end. */
static bool
check_no_circle(struct reading *r, const struct place *above, const struct regime *g)
{
	for (int i = 0; i < g->clock_count; i++) {
		const struct place item = { above, NULL, i }, at_after = { &item, "after", 0 };
		const struct clock_rule *c = &g->clocks[i];
		int steps = 0;

		for (; c->after; c = clock_by_id(g, str_c(c->after)))
			if (++steps > g->clock_count)
				return fault(r, &at_after, "waits for itself");
	}
	return true;
}

static bool
read_clocks(struct reading *r, const struct value *list, struct regime *g)
{
	const struct place p = { NULL, "clocks", 0 };
	struct clock_rule *clocks;
	const struct value *m;
	int i = 0;

	if (list->kind != V_LIST)
		return fault(r, &p, "not a list");
	if (list->n < 1 || list->n > CLOCKS_MAX)
		return fault(r, &p, "not 1 to %d of them", CLOCKS_MAX);
	clocks = arena_alloc(r->arena, list->n * sizeof(*clocks));
	for (m = list->first; m; m = m->next, i++) {
		const struct place item = { &p, NULL, i };

		if (!read_clock(r, &item, m, &clocks[i]))
			return false;
	}
	g->clocks = clocks;
	g->clock_count = i;
	return link_clocks(r, &p, list, g, clocks) && check_no_circle(r, &p, g);
}

static bool
read_level(struct reading *r, const struct place *p, const struct value *v, struct level_rule *level)
{
	static const char *const needed[] = { "form", NULL };
	static const char *const optional[] = { "other", "note", NULL };

	if (!check_map(r, p, v, needed, optional))
		return false;
	if (value_get(v, "other") && !value_get(v, "note"))
		return fault(r, p, "two wordings, and no \"note\" says how that was resolved");
	return read_words(r, p, v, "form", level->form) &&
	    read_optional_words(r, p, v, "other", level->other) &&
	    read_optional_words(r, p, v, "note", level->note);
}

/* null: the regime has no levels of its own. */
static bool
read_levels(struct reading *r, const struct value *v, struct regime *g)
{
	static const char *const dimensions[] = { "confidentiality", "integrity", "availability", NULL };
	static const char *const levels[] = { "0", "1", "2", "3", "4", NULL };
	const struct place p = { NULL, "levels", 0 };

	g->has_levels = v->kind != V_NULL;
	if (!g->has_levels)
		return true;
	if (!check_map(r, &p, v, dimensions, no_members))
		return false;
	for (int d = 0; d < DIM__MAX; d++) {
		const struct place at = { &p, dimensions[d], 0 };
		const struct value *of = value_get(v, dimensions[d]);

		if (!check_map(r, &at, of, levels, no_members))
			return false;
		for (int level = 0; level <= 4; level++) {
			const struct place at_level = { &at, levels[level], 0 };

			if (!read_level(r, &at_level, value_get(of, levels[level]), &g->level[d][level]))
				return false;
		}
	}
	return true;
}

/* Only regimes whose code is in the model: the code stands in columns. */
static bool
read_identity(struct reading *r, const struct value *v, struct regime *g)
{
	const struct place at_id = { NULL, "id", 0 }, at_version = { NULL, "version", 0 };
	const struct value *version = value_get(v, "version");
	const struct choice *known;
	struct str id;

	if (!read_id(r, NULL, v, "id", &id))
		return false;
	known = choice_by_id(&choices_regime, id);
	if (!known)
		return fault(r, &at_id, "no such regime");
	if (version->kind != V_INT || version->i < 1 || version->i > VERSION_MAX)
		return fault(r, &at_version, "not a number from 1 to %d", VERSION_MAX);
	g->id = known->id;
	g->code = known->code;
	g->version = arena_printf(r->arena, "%s/%d", known->id, (int)version->i);
	return true;
}

static bool
read_zone(struct reading *r, const struct value *v, const struct zone **ret_zone)
{
	const struct place p = { NULL, "zone", 0 };
	struct str name = value_text(v);

	*ret_zone = name.n ? zone_find(name) : NULL;
	return *ret_zone || fault(r, &p, "no zone that is known here");
}

/* A day, whose beginning in the regime's zone counts; null: valid always. */
static bool
read_valid_from(struct reading *r, const struct value *v, const struct zone *zone, int64_t *ret_time)
{
	const struct place p = { NULL, "valid_from", 0 };
	struct str s = value_text(v);

	*ret_time = NO_TIME;
	if (v->kind == V_NULL)
		return true;
	if (s.n != sizeof("2026-01-05") - 1 ||
	    !time_parse(arena_printf(r->arena, "%.*sT00:00", STR_FMT(s)), zone, ret_time))
		return fault(r, &p, "not a day such as \"2026-01-05\"");
	return true;
}

static bool
read_regime(struct reading *r, const struct value *v, struct regime *g)
{
	static const char *const needed[] = {
		"id", "version", "title", "source", "status", "confirm", "valid_from", "zone", "levels",
		"clocks", NULL
	};

	return check_map(r, NULL, v, needed, no_members) && read_identity(r, v, g) &&
	    read_words(r, NULL, v, "title", g->title) && read_words(r, NULL, v, "source", g->source) &&
	    read_words(r, NULL, v, "status", g->status) &&
	    read_flag(r, NULL, v, "confirm", &g->confirm) && read_zone(r, value_get(v, "zone"), &g->zone) &&
	    read_valid_from(r, value_get(v, "valid_from"), g->zone, &g->valid_from) &&
	    read_levels(r, value_get(v, "levels"), g) && read_clocks(r, value_get(v, "clocks"), g);
}

/* The JSON of a rules file; what is wrong with it is a fault of the rules as well. */
static bool
read_json(struct arena *a, struct str json, struct value **ret_value, struct err *err)
{
	struct err wrong = { .arena = a };

	if (json.n > RULES_MAX)
		return err_setf(err, FAULT_RULES, "larger than %d bytes", RULES_MAX);
	if (!json_parse(a, json, ret_value, &wrong))
		return err_setf(err, FAULT_RULES, "%s at %.*s", fault_code(wrong.fault),
		    STR_FMT(wrong.detail));
	return true;
}

bool
regime_parse(struct arena *a, struct str json, const struct regime **ret_regime, struct err *err)
{
	struct reading r = { a, err };
	struct regime *g = arena_make(a, struct regime);
	struct value *v;

	if (!read_json(a, json, &v, err) || !read_regime(&r, v, g))
		return false;
	*ret_regime = g;
	return true;
}

/* ---- those built in ---- */

extern const struct asset rules_files[];         /* made from rules/ by tools/embed */

static struct arena *built_in_arena;
static const struct regime **built_in;           /* by code, then version */
static int built_in_count;

static int64_t
version_number(const struct regime *g)
{
	struct str rest = g->version, id;
	int64_t n = 0;

	str_split(&rest, '/', &id);
	str_int(rest, &n);
	return n;
}

static int
compare_regimes(const void *a, const void *b)
{
	const struct regime *x = *(const struct regime *const *)a, *y = *(const struct regime *const *)b;

	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	return (version_number(x) > version_number(y)) - (version_number(x) < version_number(y));
}

/* The zone of a file has to be there before the file is read. A machine without tz data is not our bug. */
static bool
load_zone(struct arena *a, const struct asset *file, struct err *err)
{
	const struct zone *zone;
	struct value *v;
	struct str name;

	if (!read_json(a, asset_text(file), &v, err))
		return false;
	name = value_text(value_get(v, "zone"));
	if (!zone_load(arena_c(a, name), &zone))
		return err_setf(err, FAULT_RULES, "%s: this machine has no tz data for %.*s", file->name,
		    STR_FMT(name));
	return true;
}

static const struct regime *
read_built_in(struct arena *a, const struct asset *file)
{
	struct err wrong = { .arena = a };
	const struct regime *g = NULL;

	if (!regime_parse(a, asset_text(file), &g, &wrong))
		log_err(LOG_ERROR, file->name, &wrong);
	assert(g && "a rules file that was built in is wrong");
	return g;
}

bool
rules_load(struct err *err)
{
	struct arena *a;
	int n = 0;

	if (built_in_arena)
		return true;
	a = arena_new();
	for (const struct asset *file = rules_files; file->name; file++, n++)
		if (!load_zone(a, file, err)) {
			arena_free(a);
			return false;
		}
	built_in_arena = a;
	built_in = arena_alloc(a, (size_t)n * sizeof(struct regime *));
	for (int i = 0; i < n; i++)
		built_in[i] = read_built_in(a, &rules_files[i]);
	built_in_count = n;
	qsort(built_in, (size_t)n, sizeof(*built_in), compare_regimes);
	for (int i = 1; i < n; i++)
		assert(compare_regimes(&built_in[i - 1], &built_in[i]) < 0 && "a version is there twice");
	return true;
}

const struct regime *
regime_by_code(int64_t code, int64_t at)
{
	const struct regime *first = NULL;

	for (int i = built_in_count - 1; i >= 0; i--) {
		if (built_in[i]->code != code)
			continue;
		first = built_in[i];
		if (first->valid_from == NO_TIME || first->valid_from <= at)
			return first;
	}
	return first;
}

const struct regime *
regime_by_version(struct str version)
{
	for (int i = 0; i < built_in_count; i++)
		if (str_eq(version, built_in[i]->version))
			return built_in[i];
	return NULL;
}

const struct regime *const *
regimes_all(int *ret_count)
{
	*ret_count = built_in_count;
	return built_in;
}
