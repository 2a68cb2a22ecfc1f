/* Which messages the tables of this room ask for. */
#ifndef MODEL_MESSAGES_H
#define MODEL_MESSAGES_H

/* Calls each() with every id that comes from the tables: labels of fields, their hints as far as there are any, choices, sections, verbs. */
void model_message_ids(void (*each)(const char *id, void *arg), void *arg);

#endif
