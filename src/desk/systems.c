#include "desk/systems.h"

#include <stdatomic.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "desk/hold.h"
#include "store/nodes.h"

#define AT_ONCE 100                      /* reports gone through with one transaction */
#define A_ROUND 10                       /* such transactions, then the timers go on with something else */

/* The fields that name systems, and how each names one. */
static const struct {
	int field;
	bool url;
} naming[] = {
	{ REPORT_FIELD_ip_internal, false },
	{ REPORT_FIELD_ip_external, false },
	{ REPORT_FIELD_web_url, true },
};
#define NAMING ((int)(sizeof(naming) / sizeof(naming[0])))
#define NAMING_FIELD(i) (&entity_report.fields[naming[i].field])

/* Of a text that is no system nothing is kept: versions were read by the form's rules of their time. */
static bool
add(struct tx *tx, int stmt, int64_t of, struct str kept, bool below, struct err *err)
{
	struct host_range range;

	return !host_range(tx_arena(tx), kept, below, &range) ||
	    db_run(tx, stmt, err, I(of), B(range.low), B(range.high));
}

static struct str
host_of(int i, struct str kept)
{
	return naming[i].url ? host_of_url(kept) : kept;
}

bool
systems_keep(struct work *w)
{
	for (int i = 0; i < NAMING; i++) {
		struct str rest = *field_str(NAMING_FIELD(i), &w->r), one;

		if (str_eq(rest, *field_str(NAMING_FIELD(i), &w->written)))
			continue;
		while (str_split(&rest, '\n', &one))
			if (!add(w->tx, S_SYSTEM_ADD, w->r.id, host_of(i, one), false, w->err))
				return false;
	}
	return true;
}

static bool
is_line_of(struct str lines, struct str wanted)
{
	struct str one;

	while (str_split(&lines, '\n', &one))
		if (str_eq(one, wanted))
			return true;
	return false;
}

/* As the kind HOSTS takes it: a name without a dot only from a web address. */
static struct str
as_typed(struct arena *a, struct str host)
{
	bool bare = host.n > 0 && !memchr(host.p, '.', host.n) && !memchr(host.p, ':', host.n);

	return bare ? arena_printf(a, "http://%.*s/", STR_FMT(host)) : host;
}

struct str
systems_named(struct arena *a, const struct report *r)
{
	struct buf b = { .arena = a };

	for (int i = 0; i < NAMING; i++) {
		struct str rest = *field_str(NAMING_FIELD(i), (void *)(uintptr_t)r), one;

		while (str_split(&rest, '\n', &one)) {
			one = as_typed(a, host_of(i, one));
			if (is_line_of(buf_str(&b), one))
				continue;
			if (b.n)
				buf_char(&b, '\n');
			buf_put(&b, one);
		}
	}
	return b.n ? buf_str(&b) : STR_NONE;
}

bool
systems_of_hold(struct tx *tx, int64_t hold, struct str systems, struct err *err)
{
	struct str rest = systems, one;

	while (str_split(&rest, '\n', &one))
		if (!add(tx, S_HOLD_SYSTEM_ADD, hold, one, true, err))
			return false;
	return true;
}

/* ---- reports from before there was such a list ---- */

struct named {
	int64_t report;
	struct str host;
	struct named *next;
};

struct batch {
	int64_t ids[AT_ONCE];
	int n;
	struct named *first;
};

static void
note_version(struct arena *a, int64_t report, const struct value *body, struct batch *b)
{
	for (int i = 0; i < NAMING; i++) {
		const struct value *list = value_get(body, NAMING_FIELD(i)->name);

		for (const struct value *one = list && list->kind == V_LIST ? list->first : NULL; one; one = one->next) {
			struct named *n = arena_make(a, struct named);

			*n = (struct named){ report, host_of(i, value_text(one)), b->first };
			b->first = n;
		}
	}
}

static bool
read_versions(struct tx *tx, int64_t report, struct batch *b, struct err *err)
{
	struct rows q = db_query(tx, S_VERSION_BODIES, I(report));
	bool ok = true;

	while (ok && db_next(&q)) {
		struct value *body;

		ok = json_parse(tx_arena(tx), db_str(&q, 0), &body, err);
		if (ok)
			note_version(tx_arena(tx), report, body, b);
	}
	return db_end(&q, err) && ok;
}

static bool
read_batch(struct tx *tx, struct batch *b, struct err *err)
{
	struct rows q = db_query(tx, S_UNLISTED, I(AT_ONCE));

	while (b->n < AT_ONCE && db_next(&q))
		b->ids[b->n++] = db_int(&q, 0);
	if (!db_end(&q, err))
		return false;
	for (int i = 0; i < b->n; i++)
		if (!read_versions(tx, b->ids[i], b, err))
			return false;
	return true;
}

static bool
write_batch(struct tx *tx, void *arg, struct err *err)
{
	struct batch *b = arg;

	for (const struct named *n = b->first; n; n = n->next)
		if (!add(tx, S_SYSTEM_RESTORE, n->report, n->host, false, err))
			return false;
	for (int i = 0; i < b->n; i++)
		if (!db_run(tx, S_UNLISTED_DROP, err, I(b->ids[i])))
			return false;
	return true;
}

/* What is read aside is whole: versions that come meanwhile bring their own. *ret_more: there was a full batch. */
static bool
list_some(struct store *st, struct arena *a, bool *ret_more, struct err *err)
{
	struct batch b = { .n = 0 };
	struct tx *tx = store_read(st, a, err);
	bool ok = tx && read_batch(tx, &b, err);

	store_done(tx);
	*ret_more = b.n == AT_ONCE;
	return ok && (b.n == 0 || store_write_leading(st, LEAD_TIMERS, a, write_batch, &b, err));
}

void
systems_tick(struct store *st)
{
	static _Atomic bool listed;              /* nothing is ever added to what is left to do */
	bool more = !atomic_load(&listed);

	for (int i = 0; i < A_ROUND && more; i++) {
		struct arena *a = arena_new();
		struct err err = { .arena = a };

		if (!list_some(st, a, &more, &err)) {
			more = false;
			log_err(err.fault == FAULT_BUSY ? LOG_DEBUG : LOG_WARN, "going through the systems that older reports name", &err);
		} else if (!more) {
			atomic_store(&listed, true);
		}
		arena_free(a);
	}
}
