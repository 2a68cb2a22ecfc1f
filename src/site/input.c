/* What came with a request, for the handlers. */
#include "site/part.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/time.h"
#include "desk/identity.h"

static bool
is_control(struct str name)
{
	return str_is(name, "then") || str_is(name, "csrf");
}

/* "3" or "\"3\""; 0 when it is no number. */
static int64_t
if_match(struct str s)
{
	int64_t n = 0;

	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		s = (struct str){ s.p + 1, s.n - 2 };
	return str_int(s, &n) && n > 0 ? n : 0;
}

struct value *
view_copy(struct arena *a, const struct value *v)
{
	struct value *copy = arena_make(a, struct value);

	*copy = *v;
	copy->next = NULL;
	return copy;
}

struct report_input
input_of(struct request *r)
{
	struct value *in = value_map(r->arena);
	struct report_input input = { .in = in, .form = r->form };

	for (const struct value *v = r->in ? r->in->first : NULL; v; v = v->next)
		if (!r->form || !is_control(v->name))
			map_add_str(in, v->name, view_copy(r->arena, v));
	input.expected = entity_expected(in);
	if (!input.expected)
		input.expected = if_match(r->if_match);
	input.autosave = query_is(r, "autosave", "yes");
	input.validate_only = query_is(r, "validate", "only");
	return input;
}

bool
input_report(struct request *r, struct answer *a, struct report *ret_report)
{
	int64_t id = request_id(r, 0);

	if (id)
		return report_get(r->tx, r->who, id, ret_report, &a->err);
	return report_named(r->tx, r->who, r->args[0], ret_report, &a->err);
}

struct reading {
	const struct request *r;
	const struct report *rep;
	enum report_part part;
};

static bool
record_work(struct tx *tx, void *arg, struct err *err)
{
	const struct reading *reading = arg;

	identity_act(tx, reading->r->who, reading->r->address);
	return report_record_reading(tx, reading->r->who, reading->rep, reading->part, err);
}

/* A form that is shown again has only a snapshot, and no handler to run again: a write beside it, and a new snapshot. */
static bool
record_beside(struct request *r, struct answer *a, const struct report *rep, enum report_part part)
{
	struct reading reading = { r, rep, part };
	bool ok;

	store_done(r->tx);
	ok = store_write(r->store, r->arena, record_work, &reading, &a->err);
	r->tx = store_read(r->store, r->arena, &a->err);
	return ok && r->tx;
}

static bool
part_recorded(struct request *r, struct answer *a, const struct report *rep, enum report_part part)
{
	if (report_reading_known(r->who, rep, part, r->now))
		return true;
	if (tx_can_write(r->tx))
		return report_record_reading(r->tx, r->who, rep, part, &a->err);
	if (r->refused)
		return record_beside(r, a, rep, part);
	a->needs_write = true;
	return false;
}

bool
input_recorded(struct request *r, struct answer *a, const struct report *rep)
{
	return part_recorded(r, a, rep, PART_REPORT);
}

bool
input_trail_recorded(struct request *r, struct answer *a, const struct report *rep)
{
	return input_recorded(r, a, rep) && part_recorded(r, a, rep, PART_TRAIL);
}

bool
query_is(const struct request *r, const char *name, const char *value)
{
	return str_is(request_query(r, name), value);
}

int64_t
query_choice(const struct request *r, const char *name, const struct choices *c)
{
	const struct choice *choice = choice_by_id(c, request_query(r, name));

	return choice ? choice->code : NONE;
}

bool
query_time(const struct request *r, const char *name, bool end, int64_t *ret_time, struct err *err)
{
	struct str s = str_trim(request_query(r, name));
	int64_t t = NO_TIME;

	if (s.n == 0) {
		*ret_time = NO_TIME;
		return true;
	}
	if (s.n == strlen("2026-11-21")) {
		if (!time_parse(arena_printf(r->arena, "%.*sT00:00", STR_FMT(s)), r->face.zone, &t))
			return err_setf(err, FAULT_QUERY, "%s", name);
		if (end) {
			struct civil c = civil_of(t, r->face.zone);

			c.day++;
			if (c.day > days_in_month(c.year, c.month)) {
				c.day = 1;
				c.month = c.month == 12 ? 1 : c.month + 1;
				c.year += c.month == 1;
			}
			t = civil_time(&c, r->face.zone);
		}
	} else if (!time_parse(s, r->face.zone, &t)) {
		return err_setf(err, FAULT_QUERY, "%s", name);
	}
	*ret_time = t;
	return true;
}

void
put_encoded(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (isalnum(c) || strchr("-._~", c))
			buf_char(b, (char)c);
		else
			buf_printf(b, "%%%02X", c);
	}
}

static void
put_pair(struct buf *b, struct str name, struct str value, bool *first)
{
	buf_char(b, *first ? '?' : '&');
	*first = false;
	put_encoded(b, name);
	buf_char(b, '=');
	put_encoded(b, value);
}

/* Names that say what is asked for, or with them those that say where in it one stands. */
static bool
is_kept(struct str name, bool paging)
{
	static const char *const passing[] = { "notice", "lang" };
	static const char *const places[] = { "before", "after_due", "after_id" };

	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		if (str_is(name, passing[i]))
			return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !paging; i++)
		if (str_is(name, places[i]))
			return false;
	return true;
}

static struct str
address(const struct request *r, struct str path, const char *name, struct str value, bool paging)
{
	struct buf b = { .arena = r->arena };
	bool first = true;

	buf_put(&b, path);
	for (const struct value *v = r->query ? r->query->first : NULL; v; v = v->next) {
		const struct value *last = v->kind == V_LIST ? v->last : v;
		struct str text = last ? value_text(last) : STR("");

		if (!str_is(v->name, name) && is_kept(v->name, paging) && text.n)
			put_pair(&b, v->name, text, &first);
	}
	if (value.p)
		put_pair(&b, str_c(name), value, &first);
	return buf_str(&b);
}

struct str
query_with(const struct request *r, const char *name, struct str value)
{
	return address(r, r->path, name, value, true);
}

struct str
query_at(const struct request *r, const char *path, const char *name, struct str value)
{
	return address(r, str_c(path), name, value, false);
}
