#include "http/assets.h"

/* made by tools/embed */
extern const struct asset site_assets[], site_templates[];

const struct asset *
asset_find(struct str name)
{
	return asset_in(site_assets, name);
}

const struct asset *
template_find(struct str name)
{
	return asset_in(site_templates, name);
}

const struct asset *
templates_all(int *ret_count)
{
	int n = 0;

	while (site_templates[n].name)
		n++;
	*ret_count = n;
	return site_templates;
}
