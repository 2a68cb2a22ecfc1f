#include "model/organisation.h"

#include "model/choices.h"

static const struct choice org_kinds[] = {
	CHOICE("org_kind", "provider", ORG_PROVIDER),
	CHOICE("org_kind", "cert", ORG_CERT),
	CHOICE("org_kind", "agency", ORG_AGENCY),
	CHOICE("org_kind", "national", ORG_NATIONAL),
	CHOICE("org_kind", "operator", ORG_OPERATOR),
};
static const struct choice org_states[] = {
	CHOICE("org_state", "listed", ORG_LISTED),
	CHOICE("org_state", "registered", ORG_REGISTERED),
	CHOICE("org_state", "changed", ORG_CHANGED),
	CHOICE("org_state", "removed", ORG_REMOVED),
};
static const struct choice grades[] = {
	CHOICE("grade", "A", 0),
	CHOICE("grade", "B", 1),
	CHOICE("grade", "C", 2),
	CHOICE("grade", "D", 3),
	CHOICE("grade", "E", 4),
};
static const struct choice account_states[] = {
	CHOICE("account_state", "applied", ACCOUNT_APPLIED),
	CHOICE("account_state", "active", ACCOUNT_ACTIVE),
	CHOICE("account_state", "rejected", ACCOUNT_REJECTED),
	CHOICE("account_state", "suspended", ACCOUNT_SUSPENDED),
	CHOICE("account_state", "removed", ACCOUNT_REMOVED),
};
static const struct choice regimes[] = {
	CHOICE("regime", "tw-2017", REGIME_TW_2017),
	CHOICE("regime", "tw-2026", REGIME_TW_2026),
	CHOICE("regime", "eu-nis2", REGIME_EU_NIS2),
	CHOICE("regime", "eu-dora", REGIME_EU_DORA),
};
static const struct choice langs[] = {
	CHOICE("lang", "zh-TW", LANG_ZH),
	CHOICE("lang", "en", LANG_EN),
};
static const struct choice contact_states[] = {
	CHOICE("contact_state", "unverified", CONTACT_UNVERIFIED),
	CHOICE("contact_state", "verified", CONTACT_VERIFIED),
	CHOICE("contact_state", "wrong", CONTACT_WRONG),
};
CHOICES(org_kind, org_kinds);
CHOICES(org_state, org_states);
CHOICES(grade, grades);
CHOICES(account_state, account_states);
CHOICES(regime, regimes);
CHOICES(lang, langs);
CHOICES(contact_state, contact_states);

#define SECTOR_ROW(...) FIELD_ROW(sector, __VA_ARGS__)
static const struct field sector_fields[] = { SECTOR(SECTOR_ROW) };
const struct entity entity_sector = ENTITY(sector, sector_fields, true);

#define ORGANISATION_ROW(...) FIELD_ROW(organisation, __VA_ARGS__)
static const struct field organisation_fields[] = { ORGANISATION(ORGANISATION_ROW) };
const struct entity entity_organisation = ENTITY(organisation, organisation_fields, true);

#define PERSON_ROW(...) FIELD_ROW(person, __VA_ARGS__)
static const struct field person_fields[] = { PERSON(PERSON_ROW) };
const struct entity entity_person = ENTITY(person, person_fields, true);

#define ACCOUNT_ROW(...) FIELD_ROW(account, __VA_ARGS__)
static const struct field account_fields[] = { ACCOUNT(ACCOUNT_ROW) };
const struct entity entity_account = ENTITY(account, account_fields, true);
