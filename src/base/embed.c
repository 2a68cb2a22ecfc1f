#include "base/embed.h"

const struct embedded *
embed_find(const struct embedded *table, struct str name)
{
	const struct embedded *e;

	for (e = table; e->name; e++)
		if (str_is(name, e->name))
			return e;
	return NULL;
}
