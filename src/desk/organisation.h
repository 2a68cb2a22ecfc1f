/*
 * Organisations and sectors: the inventory of providers (盤點清冊), who is above whom, lead agencies.
 * Sources: guide 1.2, 3.1.2.1, 3.2.1, 3.2.2; incident-form 1.7 and 7.
 */
#ifndef DESK_ORGANISATION_H
#define DESK_ORGANISATION_H

#include "model/organisation.h"
#include "model/principal.h"
#include "store/store.h"

/*
 * Who sees which: administrator and auditor all; the CERT its own and those whose sector it receives for; a
 * provider its own and those below it; the national CERT the CERTs. FAULT_NOT_FOUND for the rest.
 */
bool organisation_get(struct tx *tx, const struct principal *who, int64_t id, struct organisation *ret_org,
    struct err *err);
/*
 * True when the person's roles reach the accounts and data of this organisation. False without a fault too:
 * look at err.
 */
bool organisation_in_reach(struct tx *tx, const struct principal *who, int64_t id, struct err *err);

struct organisation_filter {
	struct str text;                         /* part of a name */
	int64_t sector, state, org_kind;         /* NONE: any */
	/* keyset: name and id of the last row; STR_NONE: from the start */
	struct str after_name;
	int64_t after_id;
	int limit;                               /* 1..200 */
};
/*
 * {rows: [{id, name, org_kind, sector, grade, in_scope, state, has_account, parent}], next: {after_name,
 * after_id} or null, registration: {listed, registered, share}, may_create}
 */
struct value *organisation_list(struct tx *tx, const struct principal *who,
    const struct organisation_filter *f, struct err *err);
/*
 * {every field, name, sector_name, parent_name, below: [{id, name}], accounts: [{id, login, name, roles,
 * state}], actions}
 */
struct value *organisation_view(struct tx *tx, const struct principal *who, const struct organisation *o,
    struct err *err);
/* What entity_input.editors this person has on that organisation: 0 none. o NULL: a new one. */
unsigned organisation_editors(const struct principal *who, const struct organisation *o);

bool organisation_create(struct tx *tx, const struct principal *who, const struct value *in, bool form,
    int64_t *ret_id, struct err *err);
bool organisation_save(struct tx *tx, const struct principal *who, int64_t id, const struct value *in,
    bool form, int64_t expected, struct err *err);
/* 裁撤, and taken back. An organisation with active accounts or units below it is not removed: FAULT_ORG_IN_USE. */
bool organisation_remove(struct tx *tx, const struct principal *who, int64_t id, struct str reason,
    int64_t expected, struct err *err);
bool organisation_restore(struct tx *tx, const struct principal *who, int64_t id, struct str reason,
    int64_t expected, struct err *err);
/* An organisation with its place in the tree, as given: for the first rows of an installation. */
bool organisation_insert(struct tx *tx, struct organisation *o, struct err *err);
/* After the first account became active: on the inventory -> registered. */
bool organisation_registered(struct tx *tx, int64_t id, struct err *err);

/* {rows: [every field, name, agency_name]} */
struct value *sector_list(struct tx *tx, const struct principal *who, struct err *err);
bool sector_get(struct tx *tx, int64_t id, struct sector *ret_sector, struct err *err);
bool sector_save(struct tx *tx, const struct principal *who, int64_t id, const struct value *in, bool form,
    int64_t expected, struct err *err);
bool sector_create(struct tx *tx, const struct principal *who, const struct value *in, bool form,
    int64_t *ret_id, struct err *err);

#define ORGANISATION_REASON(F) F(reason, TEXT, REQUIRED, BY_V, ALWAYS, 1, 500, NULL, NULL)
struct organisation_reason { ORGANISATION_REASON(FIELD_MEMBER) };
extern const struct entity organisation_reason;

#endif
