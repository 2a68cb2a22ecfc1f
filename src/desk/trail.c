/*
 * The trail of one report: every write and every reading, newest first, in the reader's words; who read it,
 * and who may.
 */
#include <string.h>

#include "base/json.h"
#include "desk/words.h"
#include "desk/work.h"
#include "store/audit.h"

#define ROWS 100
/* Behind the columns of the record stands the actor's organisation. */
#define AUDIT_COLUMN_COUNT ((int)sizeof(AUDIT_RESULTS) - 1)
#define READERS 200

/* A record of this entity from one side (0: from, 1: to) of a difference as it stands in the trail. */
static const void *
side(const struct entity *e, const struct value *diff, int which, struct arena *a)
{
	struct value *map = value_map(a);
	void *record = entity_new(e, a);

	for (const struct value *d = diff->first; d; d = d->next) {
		const struct value *v = d->kind == V_LIST && d->n == 2 ? which ? d->last : d->first : NULL;
		struct value *copy;

		if (!v)
			continue;
		copy = arena_make(a, struct value);
		*copy = *v;
		copy->next = NULL;
		map_add_str(map, d->name, copy);
	}
	entity_restore(e, map, record, a);
	return record;
}

/* The field's face under this key. */
static void
face_as(const struct field *f, const void *record, struct value *row, const char *key, struct arena *a)
{
	struct value *one = value_map(a);

	field_show(f, record, one, a);
	map_add(row, key, one->first);
}

/* Bookkeeping that nobody asks for: references that the program sets. */
static bool
dull(const struct field *f)
{
	return (f->flags & SECRET) || (f->kind == KIND_REF && (f->flags & SYSTEM));
}

/*
 * {field, label, from, to} for each field of a difference. about: what stands before each label; STR_NONE:
 * nothing.
 */
static void
add_changes(struct value *list, const struct entity *e, const struct value *diff, struct str about,
    enum lang lang, struct arena *a)
{
	const void *from = side(e, diff, 0, a), *to = side(e, diff, 1, a);

	for (const struct value *d = diff->first; d; d = d->next) {
		const struct field *f = entity_field(e, d->name);
		struct value *row;

		if (!f || dull(f))
			continue;
		row = list_add(list, value_map(a));
		map_str(a, row, "field", d->name);
		if (about.p) {
			struct str label = msg(lang, f->label);

			map_str(a, row, "label", arena_printf(a, "%.*s · %.*s", STR_FMT(about),
			    STR_FMT(label)));
		} else {
			map_term(a, row, "label", d->name, f->label);
		}
		face_as(f, from, row, "from", a);
		face_as(f, to, row, "to", a);
	}
}

static void
add_duties(struct value *list, const struct value *duties, enum lang lang, struct arena *a)
{
	for (const struct value *v = duties->first; v; v = v->next) {
		const struct value *changes = value_get(v, "changes");
		const struct duty d = {
			.clock = value_text(value_get(v, "clock")),
			.regime_version = value_text(value_get(v, "regime_version")),
		};

		if (changes && changes->kind == V_MAP)
			add_changes(list, &entity_duty, changes, duty_title(&d, lang), lang, a);
	}
}

/* Details that are facts instead of a difference: the other report of a merge, the file that was taken. */
static void
add_facts(struct value *list, const struct value *details, const char *key, struct arena *a)
{
	const char *about = !strcmp(key, "name") ? "attachments" : key;
	const struct field *f = entity_field(&entity_report, str_c(about));
	struct str what = value_text(value_get(details, key));
	struct value *row;

	if (!what.p)
		return;
	row = list_add(list, value_map(a));
	map_str(a, row, "field", str_c(about));
	map_term(a, row, "label", str_c(about), f->label);
	map_null(a, row, "from");
	map_str(a, row, "to", what);
}

static bool
is_reading(struct str action)
{
	return str_is(action, "report.read") || str_is(action, "report.read_trail");
}

/* False: what stands in the trail cannot be read, which is told and not hidden. */
static bool
explain(struct value *list, const struct audit_record *record, enum lang lang, struct arena *a)
{
	struct err err = { .arena = a };
	struct value *details;

	if (!record->details.p)
		return true;
	if (!json_parse(a, record->details, &details, &err) || details->kind != V_MAP)
		return false;
	if (value_get(details, "duties"))
		add_duties(list, value_get(details, "duties"), lang, a);
	else if (str_is(record->action, "report.contact"))
		add_changes(list, &entity_contact_entry, details, STR_NONE, lang, a);
	else if (str_is(record->action, "report.merged_here"))
		add_facts(list, details, "report_no", a);
	else if (str_is(record->action, "report.take"))
		add_facts(list, details, "name", a);
	else if (!is_reading(record->action))
		add_changes(list, &entity_report, details, STR_NONE, lang, a);
	return true;
}

static void
add_row(struct value *list, const struct rows *q, const struct principal *who, struct arena *a)
{
	struct value *row = list_add(list, value_map(a)), *changes;
	int64_t org = db_int(q, AUDIT_COLUMN_COUNT);
	struct audit_record record;

	audit_load(q, &record);
	map_int(a, row, "seq", record.seq);
	map_time(a, row, "at", record.at);
	if (record.actor.account)
		map_str(a, row, "who", record.actor.name);
	else
		map_term(a, row, "who", STR("system"), "trail.system");
	map_str(a, row, "org", db_str(q, AUDIT_COLUMN_COUNT + 1 + (who->lang == LANG_EN)));
	map_term(a, row, "action", record.action, word_of_action(record.action));
	map_bool(a, row, "read", is_reading(record.action));
	map_bool(a, row, "refused", record.result == AUDIT_REFUSED);
	map_str(a, row, "reason", record.reason);
	changes = map_list(a, row, "changes");
	map_bool(a, row, "sound", explain(changes, &record, who->lang, a));
	map_bool(a, row, "has_changes", changes->n > 0);
	map_time(a, row, "erased_at", record.erased_at);
	/* where from: only to one's own house, and to the auditor */
	if (record.actor.address.n && (principal_is(who, ROLE_AUDITOR) || org == who->org))
		map_str(a, row, "address", record.actor.address);
	else
		map_null(a, row, "address");
}

static bool
add_readers(struct tx *tx, const struct principal *who, const struct report *r, struct value *out,
    struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *list = map_list(a, out, "readers");
	struct rows q = db_query(tx, S_REPORT_READERS, I(r->id), I(READERS));

	while (db_next(&q)) {
		struct value *row = list_add(list, value_map(a));

		map_str(a, row, "who", db_str(&q, 0));
		map_str(a, row, "org", db_str(&q, 2 + (who->lang == LANG_EN)));
		map_time(a, row, "first", db_int(&q, 4));
		map_time(a, row, "last", db_int(&q, 5));
		map_int(a, row, "times", db_int(&q, 6));
	}
	return db_end(&q, err);
}

struct value *
report_trail(struct tx *tx, const struct principal *who, const struct report *r, int64_t before,
    struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *out = value_map(a), *list = map_list(a, out, "rows"), *may;
	struct rows q = db_query(tx, S_REPORT_TRAIL, I(r->id), I(before > 0 ? before : INT64_MAX),
	    I(ROWS + 1));
	bool more = false;

	while (!more && db_next(&q)) {
		more = list->n == ROWS;
		if (!more)
			add_row(list, &q, who, a);
	}
	if (!db_end(&q, err))
		return NULL;
	map_int(a, out, "next", more ? value_get(list->last, "seq")->i : NONE);
	if (!add_readers(tx, who, r, out, err))
		return NULL;
	may = map_list(a, out, "may_read");
	return seen_by(tx, who, r, may, NULL, err) ? out : NULL;
}
