/*
 * Whose report it is, and what a form begins with: from the account, its person, its organisation and their
 * sector.
 */
#include "desk/work.h"

struct unit {
	int64_t id, state, sector, cert, regimes;
	struct str name[LANG__MAX], phone, email;
	struct str person, person_phone, person_fax, person_email;
};

unsigned
work_editors(const struct principal *who, const struct report *r)
{
	bool editable = r->state == NONE || r->state == REPORT_DRAFT || r->state == REPORT_RETURNED;
	unsigned editors = 0;

	if (principal_is(who, ROLE_PROVIDER))
		editors |= BY_P;
	if (principal_is(who, ROLE_REVIEWER))
		editors |= BY_V;
	if (principal_is(who, ROLE_HANDLER))
		editors |= BY_H;
	/* what was told by telephone is typed in, and corrected before its review, by the staff */
	if (principal_is(who, STAFF) && editable && (r->id == 0 || r->id == NONE || report_by_staff(r)))
		editors |= BY_P | BY_V;
	return editors;
}

/* *ret_found false: there is no such organisation. */
static bool
read_unit(struct work *w, int64_t id, struct unit *ret_unit, bool *ret_found)
{
	struct rows q = db_query(w->tx, S_REPORT_UNIT, I(id), I(w->who->person));
	struct unit u = { .id = id };

	*ret_found = db_next(&q);
	if (*ret_found) {
		u.state = db_int(&q, 0);
		u.sector = db_int(&q, 1);
		u.cert = db_int(&q, 2);
		u.regimes = db_int(&q, 3);
		u.name[LANG_ZH] = db_str(&q, 4);
		u.name[LANG_EN] = db_str(&q, 5);
		u.phone = db_str(&q, 6);
		u.email = db_str(&q, 7);
		u.person = db_str(&q, 8);
		u.person_phone = db_str(&q, 9);
		u.person_fax = db_str(&q, 10);
		u.person_email = db_str(&q, 11);
	}
	if (!db_end(&q, w->err))
		return false;
	*ret_unit = u;
	return true;
}

/* A provider reports for itself and the units below it; the staff for whoever their CERT serves. */
static bool
may_report_for(struct work *w, const struct unit *u, bool *ret_may)
{
	struct rows q;

	if (!principal_is(w->who, ROLE_PROVIDER)) {
		*ret_may = u->cert == w->who->org;
		return true;
	}
	*ret_may = u->id == w->who->org;
	if (*ret_may)
		return true;
	q = db_query(w->tx, S_REPORT_UNIT_BELOW, I(w->who->org), I(u->id));
	*ret_may = db_next(&q);
	return db_end(&q, w->err);
}

static bool
sector_known(struct work *w, int64_t sector, bool *ret_known)
{
	struct rows q = db_query(w->tx, S_REPORT_SECTOR_CODE, I(sector));

	*ret_known = db_next(&q);
	return db_end(&q, w->err);
}

static bool
silent(const struct work *w, const char *field)
{
	return !value_get(w->input->in, field);
}

static void
fill_text(const struct work *w, const char *field, struct str *to, struct str from)
{
	if (!to->p && from.p && from.n && silent(w, field))
		*to = from;
}

static void
fill_int(const struct work *w, const char *field, int64_t *to, int64_t from)
{
	if (*to == NONE && silent(w, field))
		*to = from;
}

/*
 * Only what the input does not name: a field that was emptied stays empty. The reporter is whoever is at the
 * form; where the staff write for a caller it is the caller, whom only the staff can ask.
 */
static void
fill(struct work *w, const struct unit *u)
{
	struct report *r = &w->r;

	fill_int(w, "report_kind", &r->report_kind, KIND_OF_REPORT_INCIDENT);
	fill_int(w, "tlp", &r->tlp, TLP_AMBER);
	fill_int(w, "on_behalf", &r->on_behalf, 0);
	fill_int(w, "lead_agency", &r->lead_agency, u->sector);
	fill_int(w, "regimes", &r->regimes, u->regimes > 0 ? u->regimes : 1 << REGIME_TW_2026);
	fill_text(w, "unit_name", &r->unit_name, u->name[w->who->lang]);
	fill_text(w, "reporting_phone", &r->reporting_phone, u->phone);
	fill_text(w, "reporting_email", &r->reporting_email, u->email);
	if (!principal_is(w->who, ROLE_PROVIDER))
		return;
	fill_text(w, "reporter_name", &r->reporter_name, u->person);
	fill_text(w, "reporter_phone", &r->reporter_phone, u->person_phone.p ? u->person_phone : u->phone);
	fill_text(w, "reporter_fax", &r->reporter_fax, u->person_fax);
	fill_text(w, "reporter_email", &r->reporter_email, u->person_email);
}

bool
work_unit(struct work *w, bool filling)
{
	struct report *r = &w->r;
	bool provider = principal_is(w->who, ROLE_PROVIDER), known = true, good;
	struct unit u;

	if (provider && filling)
		fill_int(w, "reporting_unit", &r->reporting_unit, w->who->org);
	if (!provider && r->reporting_unit == NONE)
		return work_fault(w, &entity_report, "reporting_unit", FAULT_F_MISSING, NULL);
	if (!read_unit(w, r->reporting_unit != NONE ? r->reporting_unit : w->who->org, &u, &good) ||
	    (good && !may_report_for(w, &u, &good)))
		return false;
	if (!good || u.state == ORG_REMOVED || u.sector == NONE || u.cert == NONE)
		return work_fault(w, &entity_report, "reporting_unit", FAULT_F_REF, NULL);
	r->org_id = u.id;
	r->sector_id = u.sector;
	r->cert_id = u.cert;
	if (filling)
		fill(w, &u);
	if (r->lead_agency != NONE && r->lead_agency != u.sector && !sector_known(w, r->lead_agency, &known))
		return false;
	return known || work_fault(w, &entity_report, "lead_agency", FAULT_F_REF, NULL);
}
