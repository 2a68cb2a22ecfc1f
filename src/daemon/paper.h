/*
 * A document on paper: A4 pages as PDF, made with pango and cairo in the sieve process. What it is made of comes as a
 * value, so that whoever asks needs to know nothing of fonts:
 *
 *	lang      "zh-TW" or "en"
 *	title, number, author, subject       of the document; number and title stand on each page
 *	marking   TLP's own word, on each page; seen_by: who may see it, in words
 *	foot      on each page, "{page}" and "{pages}" are filled in; printed: beside it
 *	banner    on each page, "": none
 *	made_at   RFC 3339, for the metadata
 *	parts     a list; each is a map with "kind":
 *	          title {text}, heading {text}, text {text}, quiet {text}, mono {text}, code {text}, list {items: [text]},
 *	          rows {rows: [{label, value, mono, given}]}, qr {text, words}, page {} (the next part begins a new page)
 */
#ifndef DAEMON_PAPER_H
#define DAEMON_PAPER_H

#include "base/err.h"
#include "base/value.h"

/*
 * Finds and opens every font that paper_write() can need: afterwards it opens no file, so that it works in a process
 * without files, also in one that was forked from this. FAULT_FILE: the fonts of the Debian package fonts-noto-cjk are not there.
 */
bool paper_fonts(struct err *err);
/* The PDF of the document; *ret_pdf lies in the arena. FAULT_REQUEST: it is no such document. */
bool paper_write(struct arena *a, const struct value *document, struct str *ret_pdf, struct err *err);

#endif
