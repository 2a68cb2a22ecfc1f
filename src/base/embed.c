#include "base/embed.h"

const struct asset *
asset_in(const struct asset *table, struct str name)
{
	for (; table->name; table++)
		if (str_is(name, table->name))
			return table;
	return NULL;
}

struct str
asset_text(const struct asset *asset)
{
	return (struct str){ (const char *)asset->bytes, asset->length };
}
