/* The person's own page: who he is here, and how he wants to read. */
#include "desk/identity_private.h"
#include "desk/organisation_private.h"

#define OWN_FACE_ROW(...) FIELD_ROW(own_face, __VA_ARGS__)
static const struct field own_face_fields[] = { OWN_FACE(OWN_FACE_ROW) };
const struct entity in_own_face = ENTITY(own_face, own_face_fields, false);

static const char *const scope_names[SCOPE__MAX] = {
	[SCOPE_NONE] = "none", [SCOPE_UNIT] = "unit", [SCOPE_ORG] = "org", [SCOPE_CERT] = "cert",
	[SCOPE_NATION] = "nation", [SCOPE_ALL] = "all",
};
static const char *const scope_words[SCOPE__MAX] = {
	[SCOPE_NONE] = "scope.none", [SCOPE_UNIT] = "scope.unit", [SCOPE_ORG] = "scope.org",
	[SCOPE_CERT] = "scope.cert", [SCOPE_NATION] = "scope.nation", [SCOPE_ALL] = "scope.all",
};

static bool
add_codes_left(struct tx *tx, struct value *v, int64_t account, struct err *err)
{
	struct rows q = db_query(tx, S_RECOVERY_LEFT, I(account));

	map_int(tx_arena(tx), v, "recovery_codes_left", db_next(&q) ? db_int(&q, 0) : 0);
	return db_end(&q, err);
}

struct value *
identity_me(struct tx *tx, const struct principal *who, struct err *err)
{
	struct arena *a = tx_arena(tx);
	struct value *v = value_map(a), *roles;
	struct account account;
	struct person person;

	if (!entity_fetch(tx, ENTITY_ACCOUNT, who->account, &account, err) ||
	    !entity_fetch(tx, ENTITY_PERSON, who->person, &person, err))
		return NULL;
	map_int(a, v, "account", account.id);
	map_str(a, v, "login", account.login);
	map_str(a, v, "name", person.name);
	map_str(a, v, "title", person.title);
	map_str(a, v, "email", person.email);
	map_str(a, v, "phone", person.phone);
	roles = map_list(a, v, "roles");
	for (int i = 0; i < choices_role.n; i++)
		if (account.roles & (INT64_C(1) << choices_role.list[i].code)) {
			struct value *role = list_add(roles, value_str(a, choices_role.list[i].key));

			role->kind = V_TERM;
			role->term = choices_role.list[i].msg;
		}
	if (!add_organisation(tx, v, "organisation", account.org, who->lang, err))
		return NULL;
	map_term(a, v, "language", str_c(lang_tag(who->lang)), choice_msg(&choices_lang, who->lang));
	map_bool(a, v, "roc_year", who->roc_year);
	map_term(a, v, "scope", str_c(scope_names[who->reports.kind]), scope_words[who->reports.kind]);
	map_time(a, v, "session_ends", who->session_ends);
	map_bool(a, v, "totp", account.totp.n > 0);
	map_time(a, v, "totp_at", account.totp_at);
	map_time(a, v, "password_at", account.password_at);
	return add_codes_left(tx, v, account.id, err) ? v : NULL;
}

bool
identity_set_face(struct tx *tx, const struct principal *who, const struct value *in, bool form,
    struct err *err)
{
	struct entity_input input = { .in = in, .editors = BY_P, .form = form, .local = who->zone };
	struct own_face *face = entity_new(&in_own_face, tx_arena(tx));
	struct account account;

	if (!entity_fetch(tx, ENTITY_ACCOUNT, who->account, &account, err))
		return false;
	face->language = account.lang;
	face->roc_year = account.roc_year;
	if (!entity_read(&in_own_face, &input, face, tx_arena(tx), err))
		return false;
	account.lang = face->language;
	account.roc_year = face->roc_year;
	identity_changed(tx);
	return account_update(tx, &account, "account.face", err);
}
