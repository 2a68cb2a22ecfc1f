/* Sectors, organisations, persons, accounts. Sources: guide 1.2, 3.1.2.1, 3.2.2, Annex 6 no. 1 and 4; incident-form 1.7 and 7. */
#ifndef MODEL_ORGANISATION_H
#define MODEL_ORGANISATION_H

#include "model/entity.h"
#include "model/roles.h"

extern const struct choices choices_org_kind, choices_org_state, choices_grade, choices_account_state, choices_regime, choices_lang, choices_contact_state;

enum { ORG_PROVIDER, ORG_CERT, ORG_AGENCY, ORG_NATIONAL, ORG_OPERATOR };
enum { ORG_LISTED, ORG_REGISTERED, ORG_CHANGED, ORG_REMOVED };
enum { ACCOUNT_APPLIED, ACCOUNT_ACTIVE, ACCOUNT_REJECTED, ACCOUNT_SUSPENDED, ACCOUNT_REMOVED };
enum { CONTACT_UNVERIFIED, CONTACT_VERIFIED, CONTACT_WRONG };
/* A set on an organisation and a report: whose obligations apply. Codes are bits of MULTI. */
enum { REGIME_TW_2017, REGIME_TW_2026, REGIME_EU_NIS2, REGIME_EU_DORA };

#define SECTOR(F) \
	F(code,       TEXT, REQUIRED, BY_S, ALWAYS, 2,   8, NULL, NULL)  /* FIN: begins report numbers */ \
	F(name_zh,    TEXT, REQUIRED, BY_S, ALWAYS, 1, 100, NULL, NULL) \
	F(name_en,    TEXT, REQUIRED, BY_S, ALWAYS, 1, 100, NULL, NULL) \
	F(agency_zh,  TEXT, REQUIRED, BY_S, ALWAYS, 1, 100, NULL, NULL)  /* 主政機關 */ \
	F(agency_en,  TEXT, REQUIRED, BY_S, ALWAYS, 1, 100, NULL, NULL) \
	F(agency,     REF,  0,        BY_S, ALWAYS, 0,   0, NULL, NULL)  /* its organisation, if it has accounts here */ \
	F(cert,       REF,  0,        BY_S, ALWAYS, 0,   0, NULL, NULL)  /* the CERT that receives; one may serve several */ \
	F(closed,     BOOL, 0,        BY_S, ALWAYS, 0,   0, NULL, NULL)
struct sector { ENTITY_HEAD; SECTOR(FIELD_MEMBER) };

#define ORGANISATION(F) \
	F(org_kind,   ENUM,  REQUIRED, BY_V, ALWAYS, 0,   0, &choices_org_kind, NULL) \
	F(name_zh,    TEXT,  REQUIRED|SEARCHED, BY_P|BY_V, ALWAYS, 1, 200, NULL, NULL) \
	F(name_en,    TEXT,  REQUIRED|SEARCHED, BY_P|BY_V, ALWAYS, 1, 200, NULL, NULL) \
	F(sector,     REF,   0, BY_V, ALWAYS, 0,   0, NULL, NULL) \
	F(parent,     REF,   0, BY_V, ALWAYS, 0,   0, NULL, NULL)        /* superior body: may report for this one */ \
	F(grade,      ENUM,  0, BY_V, ALWAYS, 0,   0, &choices_grade, NULL)  /* 資通安全責任等級 A..E */ \
	F(in_scope,   BOOL,  0, BY_V, ALWAYS, 0,   0, NULL, NULL)        /* must report */ \
	F(regimes,    MULTI, 0, BY_V, ALWAYS, 0,   0, &choices_regime, NULL) \
	F(phone,      PHONE, 0, BY_P|BY_V, ALWAYS, 3, 40, NULL, NULL) \
	F(email,      EMAIL, 0, BY_P|BY_V, ALWAYS, 3, 254, NULL, NULL) \
	F(address,    TEXT,  0, BY_P|BY_V, ALWAYS, 1, 300, NULL, NULL) \
	F(state,      ENUM,  SYSTEM, BY_S, ALWAYS, 0, 0, &choices_org_state, NULL) \
	F(source,     TEXT,  0, BY_V, ALWAYS, 1, 200, NULL, NULL)        /* who told: telephone, paper ... (guide 3.2.1) */
struct organisation { ENTITY_HEAD; ORGANISATION(FIELD_MEMBER) };

#define PERSON(F) \
	F(name,       TEXT,  REQUIRED|PERSONAL, BY_P|BY_V, ALWAYS, 1, 100, NULL, NULL) \
	F(org,        REF,   REQUIRED, BY_V, ALWAYS, 0, 0, NULL, NULL) \
	F(title,      TEXT,  0, BY_P|BY_V, ALWAYS, 1, 100, NULL, NULL) \
	F(phone,      PHONE, PERSONAL, BY_P|BY_V, ALWAYS, 3, 40, NULL, NULL) \
	F(fax,        PHONE, PERSONAL, BY_P|BY_V, ALWAYS, 3, 40, NULL, NULL) \
	F(email,      EMAIL, REQUIRED|PERSONAL, BY_P|BY_V, ALWAYS, 3, 254, NULL, NULL) \
	F(contact_state, ENUM, SYSTEM, BY_S, ALWAYS, 0, 0, &choices_contact_state, NULL) \
	F(verified_at,   TIME, SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL)
struct person { ENTITY_HEAD; PERSON(FIELD_MEMBER) };

#define ACCOUNT(F) \
	F(login,      TEXT,  REQUIRED, BY_V, ONCE, 2, 64, NULL, NULL)    /* lower case, unique */ \
	F(person,     REF,   REQUIRED, BY_V, ONCE, 0, 0, NULL, NULL)     /* one person, one account: unique */ \
	F(org,        REF,   REQUIRED, BY_V, ONCE, 0, 0, NULL, NULL) \
	F(roles,      MULTI, REQUIRED, BY_V, ALWAYS, 0, 0, &choices_role, NULL) \
	F(state,      ENUM,  SYSTEM, BY_S, ALWAYS, 0, 0, &choices_account_state, NULL) \
	F(lang,       ENUM,  0, BY_P, ALWAYS, 0, 0, &choices_lang, NULL) \
	F(roc_year,   BOOL,  0, BY_P, ALWAYS, 0, 0, NULL, NULL) \
	F(password,   TEXT,  SYSTEM|SECRET, BY_S, ALWAYS, 0, 200, NULL, NULL)  /* libsodium's Argon2id string */ \
	F(password_at, TIME, SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL) \
	F(totp,       TEXT,  SYSTEM|SECRET, BY_S, ALWAYS, 0, 200, NULL, NULL)  /* sealed with the server's key */ \
	F(totp_at,    TIME,  SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL) \
	F(totp_step,  INT,   SYSTEM|SECRET, BY_S, ALWAYS, 0, INT64_MAX, NULL, NULL)  /* last step used: no code twice */ \
	F(reason,     TEXT,  0, BY_V, ALWAYS, 1, 500, NULL, NULL)        /* why suspended, rejected, removed */ \
	F(successor,  REF,   SYSTEM, BY_S, ALWAYS, 0, 0, NULL, NULL)     /* hand-over: who follows */
struct account { ENTITY_HEAD; ACCOUNT(FIELD_MEMBER) };

#endif
