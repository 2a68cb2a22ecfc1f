/*
 * A document as A4 pages. First everything is set into pieces with a page and a place, then page after page is drawn:
 * only then is it known how many there are.
 */
#include "daemon/paper.h"

#include <cairo-pdf.h>
#include <qrencode.h>
#include <string.h>

#include "base/arena.h"
#include "daemon/paper_private.h"

/* In points; A4 is 210 x 297 mm. */
#define PAGE_WIDTH 595.28
#define PAGE_HEIGHT 841.89
#define LEFT 51.0
#define RIGHT 51.0
#define TOP 74.0
#define BOTTOM 76.0
#define WIDTH (PAGE_WIDTH - LEFT - RIGHT)
#define LABEL_WIDTH 132.0
#define PAD 5.0
#define QR_SIZE 104.0
#define PAGES_MOST 2000
#define METADATA_MOST 1000               /* bytes of a text in the metadata */

enum ink { INK, INK_QUIET, INK_RULE, INK_GROUND };

enum piece_kind { PIECE_LINE, PIECE_BOX, PIECE_GROUND, PIECE_QR, PIECE_HEADING };

struct piece {
	struct piece *next;
	double x, y, w, h;
	enum piece_kind what;
	enum ink ink;
	PangoLayoutLine *line;           /* PIECE_LINE: its baseline begins at x, y */
	QRcode *qr;
	struct str text;                 /* PIECE_HEADING: of the outline */
};

/* What stands on a page, grounds and borders apart: they come first, so that they cover nothing. */
struct page {
	struct piece *under, *over;
	struct piece **last_under, **last_over;
};

struct paper {
	struct arena *a;
	const struct value *document;
	PangoContext *context;
	struct page *pages;              /* PAGES_MOST of them */
	int page;                        /* where we are, from 0 */
	double y;
	bool full;                       /* there was more than the pages hold */
};

/* ---- texts ---- */

/* Marks that turn the direction of a text are written out: what is read is what is there. Other controls become blanks. */
static struct str
plain(struct arena *a, struct str s)
{
	struct buf b = { .arena = a };
	int32_t c;

	while ((c = utf8_next(&s)) >= 0) {
		if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x61c)
			buf_printf(&b, "[U+%04X]", (unsigned)c);
		else if (c == '\n' || c == '\t')
			buf_char(&b, (char)c);
		else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
			buf_char(&b, ' ');
		else
			buf_code(&b, c);
	}
	return buf_str(&b);
}

static struct str
text_of(const struct value *map, const char *key)
{
	struct str s = value_text(value_get(map, key));

	return s.p ? s : STR("");
}

static PangoLayout *
set(struct paper *p, enum paper_face face, struct str text, double width)
{
	PangoLayout *layout = pango_layout_new(p->context);
	PangoAttrList *attributes = pango_attr_list_new();
	struct str s = plain(p->a, text);

	/* nothing that is not in the text: an address is broken without a hyphen */
	pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	pango_layout_set_font_description(layout, paper_face(face));
	pango_layout_set_auto_dir(layout, FALSE);
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_text(layout, s.p, (int)s.n);
	return layout;
}

static double
height_of(PangoLayout *layout)
{
	int h;

	pango_layout_get_size(layout, NULL, &h);
	return (double)h / PANGO_SCALE;
}

/* ---- pieces ---- */

static struct piece *
add_piece(struct paper *p, int page, enum piece_kind what, double x, double y, double w, double h)
{
	struct piece *piece = arena_make(p->a, struct piece);
	struct page *on = &p->pages[page];
	struct piece ***last = what == PIECE_GROUND || what == PIECE_BOX ? &on->last_under : &on->last_over;

	*piece = (struct piece){ .x = x, .y = y, .w = w, .h = h, .what = what };
	**last = piece;
	*last = &piece->next;
	return piece;
}

static double
room(const struct paper *p)
{
	return PAGE_HEIGHT - BOTTOM - p->y;
}

static void
open_page(struct paper *p)
{
	struct page *page = &p->pages[p->page];

	/* of two texts side by side the second may come to a page where the first has been */
	if (!page->last_over) {
		page->last_under = &page->under;
		page->last_over = &page->over;
	}
	p->y = TOP;
}

static void
turn_page(struct paper *p)
{
	p->full |= p->page + 1 == PAGES_MOST;
	if (!p->full)
		p->page++;
	open_page(p);
}

/* A new page unless so much fits on this one, or this one is empty. */
static void
want(struct paper *p, double h)
{
	if (room(p) < h && p->y > TOP)
		turn_page(p);
}

/* A text that flows over as many lines and pages as it takes. */
static void
flow(struct paper *p, PangoLayout *layout, double x, enum ink ink)
{
	PangoLayoutIter *i = pango_layout_get_iter(layout);
	PangoRectangle box;

	do {
		double h;
		struct piece *piece;

		pango_layout_iter_get_line_extents(i, NULL, &box);
		h = (double)box.height / PANGO_SCALE;
		want(p, h);
		piece = add_piece(p, p->page, PIECE_LINE, x + (double)box.x / PANGO_SCALE,
		    p->y + (double)(pango_layout_iter_get_baseline(i) - box.y) / PANGO_SCALE, 0, 0);
		piece->line = pango_layout_iter_get_line_readonly(i);
		piece->ink = ink;
		p->y += h;
	} while (pango_layout_iter_next_line(i));
	pango_layout_iter_free(i);
}

/* ---- rows of label and value ---- */

/* Ground and borders of what a row has on one page, behind its lines. */
static void
frame_row(struct paper *p, int page, double from, double to)
{
	add_piece(p, page, PIECE_GROUND, LEFT, from, LABEL_WIDTH, to - from);
	add_piece(p, page, PIECE_BOX, LEFT, from, WIDTH, to - from);
}

/* One side of a row from the row's top on: where it ends. */
static void
flow_side(struct paper *p, PangoLayout *layout, double x, enum ink ink, int *ret_page, double *ret_y)
{
	int page = p->page;
	double y = p->y;

	p->y += PAD;
	flow(p, layout, x, ink);
	*ret_page = p->page;
	*ret_y = p->y + PAD;
	p->page = page;
	p->y = y;
}

static void
add_row(struct paper *p, const struct value *row)
{
	const struct value *given = value_get(row, "given"), *mono = value_get(row, "mono");
	bool there = !given || given->i, fixed = there && mono && mono->i;
	PangoLayout *label = set(p, FACE_SMALL, text_of(row, "label"), LABEL_WIDTH - 2 * PAD);
	PangoLayout *value = set(p, fixed ? FACE_MONO : FACE_BODY, text_of(row, "value"), WIDTH - LABEL_WIDTH - 2 * PAD);
	double h = height_of(label), left_y, right_y, top;
	int left_page, right_page, first;

	if (height_of(value) > h)
		h = height_of(value);
	/* short rows stay whole; of a long one at least some lines stand on this page */
	want(p, h + 2 * PAD < 120 ? h + 2 * PAD : 60);
	first = p->page;
	top = p->y;
	flow_side(p, label, LEFT + PAD, INK_QUIET, &left_page, &left_y);
	flow_side(p, value, LEFT + LABEL_WIDTH + PAD, there ? INK : INK_QUIET, &right_page, &right_y);
	if (left_page > right_page || (left_page == right_page && left_y > right_y)) {
		right_page = left_page;
		right_y = left_y;
	}
	for (int page = first; page <= right_page; page++)
		frame_row(p, page, page == first ? top : TOP - PAD, page == right_page ? right_y : PAGE_HEIGHT - BOTTOM + PAD);
	p->page = right_page;
	p->y = right_y;
}

/* ---- parts ---- */

static void
add_text(struct paper *p, const struct value *part, enum paper_face face, enum ink ink, double before, double after)
{
	PangoLayout *layout = set(p, face, text_of(part, "text"), WIDTH);

	if (p->y > TOP)
		p->y += before;
	flow(p, layout, LEFT, ink);
	p->y += after;
}

/* Stays with what follows it. */
static void
add_heading(struct paper *p, const struct value *part, enum paper_face face, double before)
{
	struct piece *heading;

	if (p->y > TOP)
		p->y += before;
	want(p, 80);
	heading = add_piece(p, p->page, PIECE_HEADING, LEFT, p->y, 0, 0);
	heading->text = plain(p->a, text_of(part, "text"));
	add_text(p, part, face, INK, 0, 4);
}

static void
add_rows(struct paper *p, const struct value *part)
{
	const struct value *rows = value_get(part, "rows");

	for (const struct value *row = rows ? rows->first : NULL; row; row = row->next)
		add_row(p, row);
}

static void
add_list(struct paper *p, const struct value *part)
{
	const struct value *items = value_get(part, "items");
	int n = 0;

	for (const struct value *item = items ? items->first : NULL; item; item = item->next) {
		PangoLayout *number = set(p, FACE_BODY, arena_printf(p->a, "%d.", ++n), 20);
		PangoLayout *text = set(p, FACE_BODY, value_text(item).p ? item->s : STR(""), WIDTH - 20);
		double y = p->y;
		int page;

		want(p, 30);
		y = p->y;
		page = p->page;
		flow(p, number, LEFT, INK);
		p->page = page;
		p->y = y;
		flow(p, text, LEFT + 20, INK);
		p->y += 3;
	}
}

/* The code for a camera, with words beside it for who has none. */
static bool
add_qr(struct paper *p, const struct value *part, struct err *err)
{
	QRcode *qr = QRcode_encodeString8bit(arena_c(p->a, text_of(part, "text")), 0, QR_ECLEVEL_M);
	PangoLayout *words = set(p, FACE_BODY, text_of(part, "words"), WIDTH - QR_SIZE - 16);
	struct piece *piece;
	double y;
	int page;

	if (!qr)
		return err_setf(err, FAULT_REQUEST, "the text of a QR code does not fit");
	p->y += 8;
	want(p, QR_SIZE + 8);
	piece = add_piece(p, p->page, PIECE_QR, LEFT, p->y, QR_SIZE, QR_SIZE);
	piece->qr = qr;
	y = p->y;
	page = p->page;
	flow(p, words, LEFT + QR_SIZE + 16, INK);
	if (p->page == page && p->y < y + QR_SIZE)
		p->y = y + QR_SIZE;
	p->y += 8;
	return true;
}

static bool
add_part(struct paper *p, const struct value *part, struct err *err)
{
	struct str kind = value_text(value_get(part, "kind"));

	if (str_is(kind, "title"))
		add_heading(p, part, FACE_TITLE, 0);
	else if (str_is(kind, "heading"))
		add_heading(p, part, FACE_HEAD, 12);
	else if (str_is(kind, "text"))
		add_text(p, part, FACE_BODY, INK, 0, 5);
	else if (str_is(kind, "quiet"))
		add_text(p, part, FACE_SMALL, INK_QUIET, 0, 5);
	else if (str_is(kind, "mono"))
		add_text(p, part, FACE_MONO, INK, 0, 6);
	else if (str_is(kind, "code"))
		add_text(p, part, FACE_CODE, INK, 2, 6);
	else if (str_is(kind, "list"))
		add_list(p, part);
	else if (str_is(kind, "rows"))
		add_rows(p, part);
	else if (str_is(kind, "qr"))
		return add_qr(p, part, err);
	else if (str_is(kind, "page"))
		turn_page(p);
	else
		return err_setf(err, FAULT_REQUEST, "a part of no known kind");
	return !p->full || err_setf(err, FAULT_TOO_LARGE, "more than %d pages", PAGES_MOST);
}

/* ---- drawing ---- */

static void
use(cairo_t *c, enum ink ink)
{
	static const double inks[][3] = {
		[INK] = { 0.05, 0.06, 0.07 }, [INK_QUIET] = { 0.30, 0.33, 0.36 },
		[INK_RULE] = { 0.62, 0.65, 0.68 }, [INK_GROUND] = { 0.95, 0.955, 0.96 },
	};

	cairo_set_source_rgb(c, inks[ink][0], inks[ink][1], inks[ink][2]);
}

static void
draw_qr(cairo_t *c, const struct piece *piece)
{
	const QRcode *qr = piece->qr;
	double dot = piece->w / qr->width;

	use(c, INK);
	for (int y = 0; y < qr->width; y++)
		for (int x = 0; x < qr->width; x++)
			if (qr->data[y * qr->width + x] & 1)
				cairo_rectangle(c, piece->x + x * dot, piece->y + y * dot, dot, dot);
	cairo_fill(c);
}

static void
draw_piece(struct paper *p, cairo_t *c, int page, const struct piece *piece)
{
	switch (piece->what) {
	case PIECE_LINE:
		use(c, piece->ink);
		cairo_move_to(c, piece->x, piece->y);
		pango_cairo_show_layout_line(c, piece->line);
		break;
	case PIECE_BOX:
		use(c, INK_RULE);
		cairo_set_line_width(c, 0.5);
		cairo_rectangle(c, piece->x, piece->y, piece->w, piece->h);
		cairo_move_to(c, piece->x + LABEL_WIDTH, piece->y);
		cairo_line_to(c, piece->x + LABEL_WIDTH, piece->y + piece->h);
		cairo_stroke(c);
		break;
	case PIECE_GROUND:
		use(c, INK_GROUND);
		cairo_rectangle(c, piece->x, piece->y, piece->w, piece->h);
		cairo_fill(c);
		break;
	case PIECE_QR:
		draw_qr(c, piece);
		break;
	case PIECE_HEADING:
		cairo_pdf_surface_add_outline(cairo_get_target(c), CAIRO_PDF_OUTLINE_ROOT, arena_c(p->a, piece->text),
		    arena_c(p->a, arena_printf(p->a, "page=%d pos=[%d %d]", page + 1, (int)piece->x, (int)piece->y)), 0);
		break;
	}
}

/* A text of a page's head or foot, at one end of it, of so many lines at most. */
static void
draw_margin(struct paper *p, cairo_t *c, enum paper_face face, enum ink ink, PangoAlignment end, double y, double width,
    int lines, struct str text)
{
	PangoLayout *layout = set(p, face, text, width);
	double x = end == PANGO_ALIGN_RIGHT ? LEFT + WIDTH - width : LEFT;

	pango_layout_set_alignment(layout, end);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	pango_layout_set_height(layout, -lines);
	use(c, ink);
	cairo_move_to(c, x, y);
	pango_cairo_show_layout(c, layout);
	g_object_unref(layout);
}

/* "page 2 of 5" */
static struct str
count_words(const struct paper *p, int page)
{
	struct str foot = text_of(p->document, "foot");
	struct buf b = { .arena = p->a };

	while (foot.n) {
		if (str_starts(foot, STR("{page}"))) {
			buf_int(&b, page + 1);
			foot = str_from(foot, 6);
		} else if (str_starts(foot, STR("{pages}"))) {
			buf_int(&b, p->page + 1);
			foot = str_from(foot, 7);
		} else {
			buf_char(&b, foot.p[0]);
			foot = str_from(foot, 1);
		}
	}
	return buf_str(&b);
}

static void
draw_rule(cairo_t *c, double y)
{
	use(c, INK_RULE);
	cairo_set_line_width(c, 0.5);
	cairo_move_to(c, LEFT, y);
	cairo_line_to(c, LEFT + WIDTH, y);
	cairo_stroke(c);
}

/* Marking, number and title above; who may see it, when it was printed and the page's number below. */
static void
draw_margins(struct paper *p, cairo_t *c, int page)
{
	const struct value *d = p->document;
	struct str number = text_of(d, "number"), title = text_of(d, "title"), banner = text_of(d, "banner");

	draw_margin(p, c, FACE_MARK, INK, PANGO_ALIGN_LEFT, 32, 120, 1, text_of(d, "marking"));
	draw_margin(p, c, FACE_SMALL, INK_QUIET, PANGO_ALIGN_RIGHT, 32, WIDTH - 130, 1,
	    arena_printf(p->a, "%.*s%s%.*s%s%.*s", STR_FMT(banner), banner.n ? "  ·  " : "", STR_FMT(number),
	    number.n && title.n ? "  ·  " : "", STR_FMT(title)));
	draw_rule(c, 52);
	draw_rule(c, PAGE_HEIGHT - 62);
	draw_margin(p, c, FACE_SMALL, INK_QUIET, PANGO_ALIGN_LEFT, PAGE_HEIGHT - 58, WIDTH - 110, 2, text_of(d, "seen_by"));
	draw_margin(p, c, FACE_SMALL, INK_QUIET, PANGO_ALIGN_LEFT, PAGE_HEIGHT - 32, WIDTH - 210, 1, text_of(d, "printed"));
	draw_margin(p, c, FACE_MARK, INK, PANGO_ALIGN_RIGHT, PAGE_HEIGHT - 58, 100, 1, text_of(d, "marking"));
	draw_margin(p, c, FACE_SMALL, INK_QUIET, PANGO_ALIGN_RIGHT, PAGE_HEIGHT - 32, 200, 1, count_words(p, page));
}

static void
draw_page(struct paper *p, cairo_t *c, int page)
{
	for (const struct piece *piece = p->pages[page].under; piece; piece = piece->next)
		draw_piece(p, c, page, piece);
	for (const struct piece *piece = p->pages[page].over; piece; piece = piece->next)
		draw_piece(p, c, page, piece);
	draw_margins(p, c, page);
	cairo_show_page(c);
}

static void
tell(struct paper *p, cairo_surface_t *surface, cairo_pdf_metadata_t what, struct str text)
{
	struct str s = str_first(plain(p->a, text), METADATA_MOST);

	s.n = utf8_sound(s);
	if (s.n)
		cairo_pdf_surface_set_metadata(surface, what, arena_c(p->a, s));
}

static void
tell_all(struct paper *p, cairo_surface_t *surface)
{
	const struct value *d = p->document;
	struct str number = text_of(d, "number"), title = text_of(d, "title");

	tell(p, surface, CAIRO_PDF_METADATA_TITLE, arena_printf(p->a, "%.*s%s%.*s", STR_FMT(number),
	    number.n && title.n ? " " : "", STR_FMT(title)));
	tell(p, surface, CAIRO_PDF_METADATA_AUTHOR, text_of(d, "author"));
	tell(p, surface, CAIRO_PDF_METADATA_SUBJECT, text_of(d, "subject"));
	tell(p, surface, CAIRO_PDF_METADATA_KEYWORDS, text_of(d, "marking"));
	tell(p, surface, CAIRO_PDF_METADATA_CREATOR, STR("Tocsin"));
	tell(p, surface, CAIRO_PDF_METADATA_CREATE_DATE, text_of(d, "made_at"));
}

static cairo_status_t
take_bytes(void *closure, const unsigned char *data, unsigned n)
{
	buf_put(closure, (struct str){ (const char *)data, n });
	return CAIRO_STATUS_SUCCESS;
}

static bool
draw(struct paper *p, struct str *ret_pdf, struct err *err)
{
	struct buf pdf = { .arena = p->a };
	cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(take_bytes, &pdf, PAGE_WIDTH, PAGE_HEIGHT);
	cairo_t *c = cairo_create(surface);
	cairo_status_t status;

	tell_all(p, surface);
	for (int page = 0; page <= p->page; page++)
		draw_page(p, c, page);
	status = cairo_status(c);
	cairo_destroy(c);
	cairo_surface_finish(surface);
	if (status == CAIRO_STATUS_SUCCESS)
		status = cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	if (status != CAIRO_STATUS_SUCCESS)
		return err_setf(err, FAULT_INTERNAL, "cairo: %s", cairo_status_to_string(status));
	*ret_pdf = buf_str(&pdf);
	return true;
}

bool
paper_write(struct arena *a, const struct value *document, struct str *ret_pdf, struct err *err)
{
	const struct value *parts = value_get(document, "parts");
	struct paper p = { .a = a, .document = document };
	bool english = str_is(text_of(document, "lang"), paper_languages[1]), ok = true;

	if (!parts || parts->kind != V_LIST)
		return err_setf(err, FAULT_REQUEST, "a document without parts");
	p.pages = arena_alloc(a, PAGES_MOST * sizeof(*p.pages));
	open_page(&p);
	p.context = pango_font_map_create_context(paper_font_map());
	pango_context_set_language(p.context, pango_language_from_string(paper_languages[english]));
	pango_context_set_round_glyph_positions(p.context, FALSE);
	for (const struct value *part = parts->first; ok && part; part = part->next)
		ok = add_part(&p, part, err);
	return ok && draw(&p, ret_pdf, err);
}
