/* Words of the desk: message ids for what is told by a name in the database. */
#ifndef DESK_WORDS_H
#define DESK_WORDS_H

#include "base/str.h"

/* Every action that the trail of a report can show, with its message. */
struct action_word {
	const char *action, *msg;
};
extern const struct action_word action_words[];
extern const int action_word_count;

const char *word_of_action(struct str action);           /* "report.submit"; NULL: none of ours */
const char *word_of_verb(struct str verb);               /* "submit", of a version */

#endif
