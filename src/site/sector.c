/* Sectors and their lead agencies. */
#include "base/arena.h"
#include "http/route.h"
#include "site/identity.h"
#include "site/people.h"

void
handle_sector_list(struct request *r, struct answer *a)
{
	a->value = sector_list(r->tx, r->who, &a->err);
}

/* Agencies and CERTs to choose from. */
static bool
add_choices(struct request *r, struct value *fields, const struct sector *s, struct err *err)
{
	enum { MOST = 200 };
	struct organisation_filter f = { .sector = NONE, .state = NONE, .org_kind = ORG_AGENCY,
	    .limit = MOST };
	struct value *agencies = organisation_list(r->tx, r->who, &f, err), *certs;

	f.org_kind = ORG_CERT;
	certs = agencies ? organisation_list(r->tx, r->who, &f, err) : NULL;
	if (!certs)
		return false;
	people_options(r, fields, "agency", value_get(agencies, "rows"), s->agency);
	people_options(r, fields, "cert", value_get(certs, "rows"), s->cert);
	return true;
}

static void
show_form(struct request *r, struct answer *a, const struct sector *s)
{
	struct value *v = value_map(r->arena), *fields = form_fields(r, &entity_sector, s, BY_S, ~0u, NULL);

	if (!add_choices(r, fields, s, &a->err))
		return;
	map_int(r->arena, v, "id", s->id ? s->id : NONE);
	map_int(r->arena, v, "version", s->id ? s->version : NONE);
	map_str(r->arena, v, "name", s->id ? (r->lang == LANG_EN ? s->name_en : s->name_zh) : STR_NONE);
	map_str(r->arena, v, "action", s->id ? arena_printf(r->arena, "/sectors/%lld", (long long)s->id) :
	    STR("/sectors"));
	map_add(v, "fields", fields);
	a->value = v;
	a->page = "sector_form";
}

void
handle_sector_new(struct request *r, struct answer *a)
{
	struct sector *blank = entity_new(&entity_sector, r->arena);

	blank->id = 0;
	show_form(r, a, blank);
}

/* A program gets the record, a page the form: a sector has nothing else to show. */
void
handle_sector_view(struct request *r, struct answer *a)
{
	struct sector s;

	if (!sector_get(r->tx, request_id(r, 0), &s, &a->err))
		return;
	if (r->want == WANT_HTML)
		show_form(r, a, &s);
	else
		a->value = entity_show(&entity_sector, &s, 0, r->arena);
}

static void
answer_sector(struct request *r, struct answer *a, int64_t id)
{
	struct sector s;

	if (!sector_get(r->tx, id, &s, &a->err))
		return;
	a->value = entity_show(&entity_sector, &s, 0, r->arena);
	a->location = r->want == WANT_HTML ? STR("/sectors") :
	    arena_printf(r->arena, "/sectors/%lld", (long long)id);
	a->notice = STR("notice.saved");
}

void
handle_sector_create(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);
	int64_t id;

	if (!sector_create(r->tx, r->who, input.in, input.form, &id, &a->err))
		return;
	answer_sector(r, a, id);
	if (a->value && r->want == WANT_JSON)
		a->status = 201;
}

void
handle_sector_save(struct request *r, struct answer *a)
{
	struct report_input input = input_of(r);

	if (people_expected(&input, &a->err) &&
	    sector_save(r->tx, r->who, request_id(r, 0), input.in, input.form, input.expected, &a->err))
		answer_sector(r, a, request_id(r, 0));
}
