/* Catalogues in gettext's syntax, as far as Tocsin uses it: comments, msgid, msgstr, texts in several pieces. */
#ifndef TOOLS_PO_H
#define TOOLS_PO_H

#include "base/err.h"

struct po_entry {
	struct po_entry *next;
	struct str id, text;
	const char *file;
	int line;
};

struct po {
	struct po_entry *first, *last;
	size_t n;
};

/* Adds the entries of one file. False with FAULT_FILE and "file:line: what is wrong". */
bool po_parse(struct arena *a, const char *file, struct str text, struct po *po, struct err *err);
/* All *.po files below locale/<lang>. */
bool po_read(struct arena *a, const char *dir, struct po *po, struct err *err);
/* The entries as an array sorted by id; false names an id that is there twice. */
bool po_sorted(struct arena *a, const struct po *po, struct po_entry ***ret_entries, struct err *err);

#endif
