/*
 * Sectors and their lead agencies: initial data that the administrator keeps right. Source: guide 1.2,
 * incident-form 1.7.
 */
#include "desk/bootstrap.h"
#include "desk/organisation.h"
#include "desk/organisation_private.h"

/*
 * Eight sectors, seven lead agencies: one serves energy and water. The science council was a ministry when
 * the guide was written.
 */
static const struct {
	const char *code, *zh, *en, *agency_zh, *agency_en;
} initial[] = {
	{ "COM", "通訊傳播", "Communications", "國家通訊傳播委員會（通傳會）", "National Communications Commission (NCC)" },
	{ "MED", "衛生醫療", "Health", "衛生福利部（衛福部）", "Ministry of Health and Welfare (MOHW)" },
	{ "FIN", "金融服務", "Financial services", "金融監督管理委員會（金管會）", "Financial Supervisory Commission (FSC)" },
	{ "TRA", "交通事業", "Transport", "交通部", "Ministry of Transportation and Communications (MOTC)" },
	{ "ENE", "能源", "Energy", "經濟部", "Ministry of Economic Affairs (MOEA)" },
	{ "WAT", "水資源", "Water resources", "經濟部", "Ministry of Economic Affairs (MOEA)" },
	{ "SCI", "科技園區", "Science parks", "國家科學及技術委員會（國科會，原科技部）",
	  "National Science and Technology Council (NSTC, formerly the Ministry of Science and Technology)" },
	{ "GOV", "電子化政府", "e-Government", "國家發展委員會（國發會）", "National Development Council (NDC)" },
};

static bool
code_known(struct tx *tx, struct str code, bool *ret_known, struct err *err)
{
	struct rows q = db_query(tx, S_SECTOR_BY_CODE, T(code));

	*ret_known = db_next(&q);
	return db_end(&q, err);
}

bool
organisation_seed_sectors(struct tx *tx, struct err *err)
{
	for (size_t i = 0; i < sizeof(initial) / sizeof(initial[0]); i++) {
		struct sector *s = entity_new(&entity_sector, tx_arena(tx));
		bool known;

		s->code = str_c(initial[i].code);
		if (!code_known(tx, s->code, &known, err))
			return false;
		if (known)
			continue;
		s->name_zh = str_c(initial[i].zh);
		s->name_en = str_c(initial[i].en);
		s->agency_zh = str_c(initial[i].agency_zh);
		s->agency_en = str_c(initial[i].agency_en);
		if (!entity_insert(tx, ENTITY_SECTOR, s, "sector.create", 0, err))
			return false;
	}
	return true;
}

struct value *
sector_list(struct tx *tx, const struct principal *who, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a), *rows = map_list(a, v, "rows");
	struct rows q = db_query(tx, S_SECTOR_ALL);

	while (db_next(&q)) {
		struct sector s;
		struct value *row;

		entity_load(ENTITY_SECTOR, &q, 0, &s);
		row = list_add(rows, entity_show(&entity_sector, &s, 0, a));
		map_str(a, row, "name", name_in(who->lang, s.name_zh, s.name_en));
		map_str(a, row, "agency_name", name_in(who->lang, s.agency_zh, s.agency_en));
	}
	map_bool(a, v, "may_edit", principal_is(who, ROLE_ADMINISTRATOR));
	return db_end(&q, err) ? v : NULL;
}

bool
sector_get(struct tx *tx, int64_t id, struct sector *ret_sector, struct err *err)
{
	return entity_fetch(tx, ENTITY_SECTOR, id, ret_sector, err);
}

/* An organisation of the right kind, or none. */
static bool
org_fits(struct tx *tx, int64_t org, int64_t kind, struct str field, const char *label, struct err *err)
{
	struct organisation o;

	if (org == NONE)
		return true;
	if (entity_fetch(tx, ENTITY_ORGANISATION, org, &o, &(struct err){ .arena = err->arena }) &&
	    o.org_kind == kind && o.state != ORG_REMOVED)
		return true;
	return err_field(err, field, label, FAULT_F_REF, 0, STR_NONE);
}

/* The code begins report numbers: capital letters and digits, one sector each. */
static bool
code_fits(struct tx *tx, const struct sector *s, struct str before, struct err *err)
{
	bool known;

	for (size_t i = 0; i < s->code.n; i++)
		if (!((s->code.p[i] >= 'A' && s->code.p[i] <= 'Z') ||
		    (s->code.p[i] >= '0' && s->code.p[i] <= '9')))
			return err_field(err, STR("code"), "field.sector.code", FAULT_F_TYPE, 0, STR_NONE);
	if (str_eq(s->code, before))
		return true;
	if (!code_known(tx, s->code, &known, err))
		return false;
	return !known || err_field(err, STR("code"), "field.sector.code", FAULT_F_TAKEN, 0, STR_NONE);
}

static bool
read_sector(struct tx *tx, const struct principal *who, const struct value *in, bool form, struct sector *s,
    struct err *err)
{
	static const char *const beside[] = { "name", "agency_name", "actions", NULL };
	struct entity_input input = { .in = in, .editors = BY_S, .form = form, .local = who->zone,
	    .beside = beside };
	struct str before = s->code;

	if (!principal_is(who, ROLE_ADMINISTRATOR))
		return err_set(err, FAULT_ROLE);
	entity_read(&entity_sector, &input, s, tx_arena(tx), err);
	if (!entity_complete(&entity_sector, s, REQUIRED, err) || err->fault != FAULT_NONE)
		return false;
	return code_fits(tx, s, before, err) &&
	    org_fits(tx, s->agency, ORG_AGENCY, STR("agency"), "field.sector.agency", err) &&
	    org_fits(tx, s->cert, ORG_CERT, STR("cert"), "field.sector.cert", err);
}

bool
sector_save(struct tx *tx, const struct principal *who, int64_t id, const struct value *in, bool form,
    int64_t expected, struct err *err)
{
	struct sector s;

	if (!sector_get(tx, id, &s, err) || !read_sector(tx, who, in, form, &s, err))
		return false;
	identity_changed(tx);
	return entity_update(tx, ENTITY_SECTOR, &s, expected, "sector.update", 0, NULL, err);
}

bool
sector_create(struct tx *tx, const struct principal *who, const struct value *in, bool form, int64_t *ret_id,
    struct err *err)
{
	struct sector *s = entity_new(&entity_sector, tx_arena(tx));

	if (!read_sector(tx, who, in, form, s, err) ||
	    !entity_insert(tx, ENTITY_SECTOR, s, "sector.create", 0, err))
		return false;
	*ret_id = s->id;
	return true;
}
