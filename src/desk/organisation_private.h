/*
 * Which organisations a person reaches, for the files about organisations and accounts. Nothing else includes
 * this.
 */
#ifndef DESK_ORGANISATION_PRIVATE_H
#define DESK_ORGANISATION_PRIVATE_H

#include "desk/organisation.h"

/* One for each predicate of statements/organisation.h; REACH_NONE sees nothing. */
enum reach { REACH_NONE, REACH_ORG, REACH_CERT, REACH_NATION, REACH_ALL, REACH__MAX };
enum reach reach_of(const struct principal *who);
/* The statement of this family for a reach, S__MAX: there is none. */
int reach_statement(enum reach r, int org, int cert, int nation, int all);
/* "%part%" for LIKE ... ESCAPE '!'; STR_NONE for an empty one. */
struct str like_part(struct arena *a, struct str part);
/* The name in the reader's language. */
struct str name_in(enum lang lang, struct str zh, struct str en);
/* {id, name} under key, null without an id. */
bool add_organisation(struct tx *tx, struct value *map, const char *key, int64_t org, enum lang lang,
    struct err *err);

#endif
