/* The reference in Markdown, out of the tables: what its two files share. */
#ifndef DAEMON_REFERENCE_H
#define DAEMON_REFERENCE_H

#include "base/i18n.h"
#include "model/entity.h"

/* A table: its head, then cells; row_end() behind the last cell of each row. */
void table_head(struct buf *b, const char *const *titles);
void cell(struct buf *b, struct str s);          /* any text: what would end the cell or be markup is escaped */
void cell_code(struct buf *b, struct str s);     /* in fixed letters; empty stays empty */
void cell_msg(struct buf *b, enum lang l, const char *id);
void cell_int(struct buf *b, int64_t n);
void row_end(struct buf *b);
void heading(struct buf *b, int depth, struct str s);

/* "reporter, handler", "anybody signed in", "everybody". */
struct str roles_words(struct arena *a, unsigned roles);
/* An entity's name as a link to its place in the page of records. */
void cell_entity(struct buf *b, const struct entity *e);

/* The pages of the model room. */
void page_records(struct buf *b);
void page_life(struct buf *b);
void page_regimes(struct buf *b);

#endif
