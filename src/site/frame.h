/* What every page has beside its value: {page: ...}, the outermost context of the templates. */
#ifndef SITE_FRAME_H
#define SITE_FRAME_H

#include "http/request.h"

/*
 * http_hooks.frame. Always there: name style script icons path here now lang other_lang nav csrf user (null:
 * nobody) may_file is_provider file_label notice fault conflict marking. For a page about one report: record,
 * sections, actions and so on (record.c); for lists: groups, views, filter (list.c).
 */
void site_frame(struct request *r, const struct answer *a, struct value *page);
/* The marking of this page: label is TLP's own word, seen_by says in the reader's words who may see it. */
void frame_marking(const struct request *r, struct value *page, struct str label, struct str seen_by);

#endif
