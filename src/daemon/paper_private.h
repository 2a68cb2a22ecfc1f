/* What the two files of paper share: the fonts. */
#ifndef DAEMON_PAPER_PRIVATE_H
#define DAEMON_PAPER_PRIVATE_H

#include <pango/pangocairo.h>

/* F(constant, description): every face and size that a page uses; each is opened before the process loses its files. */
#define PAPER_FACES(F) \
	F(FACE_BODY,   "Noto Sans CJK TC, Noto Color Emoji, DejaVu Sans 10") \
	F(FACE_STRONG, "Noto Sans CJK TC, Noto Color Emoji, DejaVu Sans Bold 10") \
	F(FACE_SMALL,  "Noto Sans CJK TC, Noto Color Emoji, DejaVu Sans 8") \
	F(FACE_TITLE,  "Noto Sans CJK TC, Noto Color Emoji, DejaVu Sans Bold 18") \
	F(FACE_HEAD,   "Noto Sans CJK TC, Noto Color Emoji, DejaVu Sans Bold 11") \
	F(FACE_MONO,   "DejaVu Sans Mono, Noto Sans CJK TC, Noto Color Emoji 9") \
	F(FACE_MARK,   "DejaVu Sans Mono, Noto Sans CJK TC, Noto Color Emoji Bold 9") \
	F(FACE_CODE,   "DejaVu Sans Mono, Noto Sans CJK TC, Noto Color Emoji Bold 20")

#define PAPER_FACE_CONSTANT(constant, description) constant,
enum paper_face { PAPER_FACES(PAPER_FACE_CONSTANT) FACE__MAX };
#undef PAPER_FACE_CONSTANT

extern const char *const paper_languages[2];
/* Loaded by paper_fonts(); NULL before. */
PangoFontMap *paper_font_map(void);
const PangoFontDescription *paper_face(enum paper_face f);

#endif
