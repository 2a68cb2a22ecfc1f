/* One's duties as a calendar: the addresses of it, and what is read there. */
#include "base/hash.h"
#include "desk/calendar.h"
#include "site/identity.h"
#include "site/people.h"

#define ETAG_DIGITS 16

void
handle_me_calendars(struct request *r, struct answer *a)
{
	struct value *v = calendar_list(r->tx, r->who, &a->err);

	if (!v)
		return;
	if (r->want == WANT_HTML) {
		map_bool(r->arena, v, "has_rows", value_get(v, "rows")->n > 0);
		map_add(v, "fields",
		    form_fields(r, &new_calendar, entity_new(&new_calendar, r->arena), BY_P, ~0u, NULL));
	}
	a->value = v;
}

void
handle_me_calendar_create(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	struct str token;
	int64_t id;

	if (!calendar_create(r->tx, r->who, input.in, input.form, &token, &id, &a->err))
		return;
	a->value = value_map(r->arena);
	map_int(r->arena, a->value, "id", id);
	map_str(r->arena, a->value, "name", value_text(value_get(input.in, "name")));
	map_str(r->arena, a->value, "url",
	    arena_printf(r->arena, "%.*s/calendar/%.*s.ics", STR_FMT(r->origin), STR_FMT(token)));
	a->status = 201;
	a->page = "calendar_made";
}

void
handle_me_calendar_revoke(struct request *r, struct answer *a)
{
	if (!calendar_revoke(r->tx, r->who, request_id(r, 0), &a->err))
		return;
	a->value = calendar_list(r->tx, r->who, &a->err);
	if (r->want == WANT_HTML) {
		a->location = STR("/me/calendar");
		a->notice = STR("notice.calendar_revoked");
	}
}

void
handle_calendar(struct request *r, struct answer *a)
{
	struct calendar_asked asked = { r->args[0], r->address, r->origin, NULL };
	struct sha256 digest;
	struct str text;

	if (request_query(r, "lang").p)
		asked.lang = &r->lang;
	if (!calendar_text(r->tx, &asked, &text, &a->err))
		return;
	if (!text.p) {
		a->needs_write = true;
		return;
	}
	digest = sha256(text);
	a->raw = text;
	a->raw_type = STR("text/calendar; charset=utf-8");
	a->etag = str_first(hex(r->arena, (struct str){ (const char *)digest.b, sizeof(digest.b) }), ETAG_DIGITS);
	a->cache = STR("private, no-cache");
}
