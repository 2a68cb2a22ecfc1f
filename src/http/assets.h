/* Files compiled into the program by tools/embed. */
#ifndef HTTP_ASSETS_H
#define HTTP_ASSETS_H

#include "base/embed.h"

const struct asset *asset_find(struct str name);         /* site/assets */
const struct asset *template_find(struct str name);      /* site/templates, without ".mustache" */
const struct asset *templates_all(int *ret_count);

#endif
