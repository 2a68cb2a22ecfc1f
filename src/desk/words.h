/*
 * Words of the desk: message ids for what is told by a code or a name in the database. Private to the desk.
 */
#ifndef DESK_WORDS_H
#define DESK_WORDS_H

#include "base/str.h"

const char *word_of_action(struct str action);           /* "report.submit"; NULL: none of ours */
const char *word_of_verb(struct str verb);               /* "submit", of a version */

#endif
