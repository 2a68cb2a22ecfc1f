/*
 * Versions: what each change left, whole, as canonical JSON. They are only ever added; but what the form
 * keeps by itself while somebody types on a draft is one row that the next one replaces, and that goes when
 * he saves.
 */
#include <string.h>

#include "base/json.h"
#include "desk/words.h"
#include "desk/work.h"

#define VERSIONS_SHOWN 500

static bool
same(const struct field *f, const struct report *a, const struct report *b)
{
	const void *x = (const char *)a + f->offset, *y = (const char *)b + f->offset;
	struct str s, t;
	int64_t i, j;

	if (f->kind > KIND_PER_CHOICE) {         /* a number; the texts come first among the kinds */
		memcpy(&i, x, sizeof(i));
		memcpy(&j, y, sizeof(j));
		return i == j;
	}
	memcpy(&s, x, sizeof(s));
	memcpy(&t, y, sizeof(t));
	return str_eq(s, t) && !s.p == !t.p;
}

/* Names of the fields that differ, by blanks. */
static struct str
changed_names(struct arena *a, const struct report *from, const struct report *to)
{
	struct buf b = { .arena = a };

	for (int i = 0; i < entity_report.n; i++) {
		const struct field *f = &entity_report.fields[i];

		if (same(f, from, to))
			continue;
		if (b.n)
			buf_char(&b, ' ');
		buf_put(&b, f->key);
	}
	return buf_str(&b);
}

/* What is given; what is not there was not. */
static struct value *
given(const struct report *r, struct arena *a)
{
	struct value *map = value_map(a);

	for (int i = 0; i < entity_report.n; i++)
		if (field_given(&entity_report.fields[i], r))
			field_show(&entity_report.fields[i], r, map, a);
	return map;
}

bool
version_keep(struct work *w, const char *verb)
{
	const struct report *r = &w->r;
	struct buf body = { .arena = w->a };
	struct str changed = changed_names(w->a, &w->written, r);

	json_canonical(&body, given(r, w->a));
	if (w->input->autosave && r->state == REPORT_DRAFT)
		return db_run(w->tx, S_AUTOSAVE_KEEP, w->err, I(r->id), I(r->version), I(w->now),
		    I(w->who->account), T(changed), T(buf_str(&body)));
	if (w->was.state == REPORT_DRAFT && w->was.id && !db_run(w->tx, S_AUTOSAVE_DROP, w->err, I(r->id)))
		return false;
	return db_run(w->tx, S_VERSION_ADD, w->err, I(r->id), I(r->version), I(w->now), I(w->who->account),
	    T(str_c(verb)), T(changed), T(buf_str(&body)));
}

/* The newest version that is not younger than the one asked for; 0 in *ret_version: none. */
static bool
read_up_to(struct tx *tx, int64_t report, int64_t version, int64_t *ret_version, struct report *ret_report,
    struct err *err)
{
	struct rows q = db_query(tx, S_VERSION_READ, I(report), I(version));
	struct arena *a = tx_arena(tx);
	struct str body = STR_NONE;
	struct value *map;

	*ret_version = 0;
	if (db_next(&q)) {
		*ret_version = db_int(&q, 0);
		body = db_str(&q, 1);
	}
	if (!db_end(&q, err))
		return false;
	if (!body.p)
		return true;
	if (!json_parse(a, body, &map, err))
		return false;
	memcpy(ret_report, entity_new(&entity_report, a), sizeof(*ret_report));
	entity_restore(&entity_report, map, ret_report, a);
	return true;
}

bool
version_read(struct tx *tx, int64_t report, int64_t version, struct report *ret_report, struct err *err)
{
	int64_t found;

	if (!read_up_to(tx, report, version, &found, ret_report, err))
		return false;
	return found == version || err_set(err, FAULT_NOT_FOUND);
}

struct value *
version_since(struct work *w, int64_t seen)
{
	struct value *facts = value_map(w->a), *changed = NULL;
	struct report *then = arena_make(w->a, struct report);
	int64_t found;
	struct rows q;

	map_int(w->a, facts, "version", w->was.version);
	if (read_up_to(w->tx, w->was.id, seen, &found, then, w->err) && found)
		changed = entity_diff(&entity_report, then, &w->was, w->a);
	map_add(facts, "changed", changed ? changed : value_map(w->a));
	q = db_query(w->tx, S_VERSION_BY, I(w->was.id), I(w->was.version));
	map_str(w->a, facts, "by", db_next(&q) ? db_str(&q, 0) : STR_NONE);
	db_end(&q, w->err);
	map_time(w->a, facts, "at", w->was.changed_at);
	return facts;
}

/* ---- shown ---- */

static void
add_fields(struct arena *a, struct value *row, struct str names)
{
	struct value *list = map_list(a, row, "changed_fields");
	struct str name;

	while (str_split(&names, ' ', &name)) {
		const struct field *f = entity_field(&entity_report, name);

		if (f)
			list_term(a, list, name, f->label);
	}
}

struct value *
report_versions(struct tx *tx, const struct principal *who, const struct report *r, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *out = value_map(a), *list = map_list(a, out, "rows");
	struct rows q = db_query(tx, S_VERSION_LIST, I(r->id), I(VERSIONS_SHOWN));

	(void)who;
	while (db_next(&q)) {
		struct value *row = list_add(list, value_map(a));
		struct str verb = db_str(&q, 2);

		map_int(a, row, "version", db_int(&q, 0));
		map_time(a, row, "at", db_int(&q, 1));
		map_str(a, row, "by", db_str(&q, 4));
		map_term(a, row, "verb", verb, word_of_verb(verb));
		add_fields(a, row, db_str(&q, 3));
	}
	return db_end(&q, err) ? out : NULL;
}

struct value *
report_compare(struct tx *tx, const struct principal *who, const struct report *r, int64_t from, int64_t to,
    struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct report *x = arena_make(a, struct report), *y = arena_make(a, struct report);
	struct value *out = value_map(a), *list, *diff;

	(void)who;
	if (!version_read(tx, r->id, from, x, err) || !version_read(tx, r->id, to, y, err))
		return NULL;
	map_int(a, out, "from", from);
	map_int(a, out, "to", to);
	list = map_list(a, out, "changes");
	diff = entity_diff(&entity_report, x, y, a);
	for (struct value *d = diff ? diff->first : NULL; d; d = d->next) {
		struct value *row = list_add(list, value_map(a)), *old = d->first, *new = old->next;

		map_term(a, row, "field", d->name, NULL);
		map_term(a, row, "label", d->name, entity_field(&entity_report, d->name)->label);
		old->next = NULL;                /* each in a map of its own: no list binds them any more */
		map_add(row, "from", old);
		map_add(row, "to", new);
	}
	return out;
}
