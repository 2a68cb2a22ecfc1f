/* How rows of CHOICE() become a table: CHOICES(soc, socs) makes choices_soc. Private to this room. */
#ifndef MODEL_CHOICES_H
#define MODEL_CHOICES_H

#include "model/entity.h"

#define CHOICES_OF(name, rows, of) \
	const struct choices choices_##name = { #name, (rows), sizeof(rows) / sizeof((rows)[0]), (of) }
#define CHOICES(name, rows) CHOICES_OF(name, rows, NULL)

#endif
