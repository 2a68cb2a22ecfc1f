/*
 * The fonts of paper: found, chosen and opened once, before the process loses its files. Whatever is opened is held for
 * ever, since the libraries let go of what they do not use for a while, and would open it anew.
 */
#include "daemon/paper.h"

#include <fontconfig/fontconfig.h>
#include <hb.h>
#include <pango/pangofc-fontmap.h>

#include "base/arena.h"
#include "daemon/paper_private.h"

/* Only these families: few enough that cairo keeps all of them open (it would open the eleventh anew). */
#define FAMILY(name) "<patelt name=\"family\"><string>" name "</string></patelt>"
#define UPRIGHT "<patelt name=\"width\"><int>100</int></patelt><patelt name=\"slant\"><int>0</int></patelt>"
static const char configuration[] =
    "<?xml version=\"1.0\"?><fontconfig>"
    "<dir>/usr/share/fonts</dir><dir>/usr/local/share/fonts</dir><cachedir>/var/cache/fontconfig</cachedir>"
    "<selectfont>"
    "<rejectfont><pattern><patelt name=\"scalable\"><bool>true</bool></patelt></pattern>"
    "<pattern><patelt name=\"scalable\"><bool>false</bool></patelt></pattern></rejectfont>"
    "<acceptfont>"
    "<pattern>" FAMILY("Noto Sans CJK TC") "</pattern><pattern>" FAMILY("Noto Color Emoji") "</pattern>"
    "<pattern>" FAMILY("DejaVu Sans") UPRIGHT "</pattern><pattern>" FAMILY("DejaVu Sans Mono") UPRIGHT "</pattern>"
    "</acceptfont></selectfont>"
    /* pictures of letters, which come in one size, in the size of the text */
    "<match target=\"font\"><test name=\"outline\"><bool>false</bool></test>"
    "<edit name=\"pixelsizefixupfactor\" mode=\"assign\"><divide><name target=\"pattern\">pixelsize</name>"
    "<name target=\"font\">pixelsize</name></divide></edit>"
    "<edit name=\"matrix\" mode=\"assign\"><times><name>matrix</name><matrix>"
    "<name>pixelsizefixupfactor</name><double>0</double><double>0</double><name>pixelsizefixupfactor</name>"
    "</matrix></times></edit></match>"
    "</fontconfig>";

/* Letters of each font, one that none has, and Thai, whose words are found with a table of its own. */
static const char sample[] = "Ag 0189 警鐘、。 かな 한 🔔 ☎️ → ё ا א ภาษาไทย \xf3\xb0\x80\x80";

const char *const paper_languages[2] = { "zh-TW", "en" };
static const char *const descriptions[FACE__MAX] = {
#define PAPER_FACE_ROW(constant, description) [constant] = description,
	PAPER_FACES(PAPER_FACE_ROW)
#undef PAPER_FACE_ROW
};

static PangoFontMap *map;
static PangoFontDescription *faces[FACE__MAX];

PangoFontMap *
paper_font_map(void)
{
	return map;
}

const PangoFontDescription *
paper_face(enum paper_face f)
{
	return faces[f];
}

/* The family that everything else hangs on is among the fonts found. */
static bool
has_chinese(FcConfig *config)
{
	FcPattern *wanted = FcPatternBuild(NULL, FC_FAMILY, FcTypeString, "Noto Sans CJK TC", (char *)NULL);
	FcObjectSet *objects = FcObjectSetBuild(FC_FILE, (char *)NULL);
	FcFontSet *found = FcFontList(config, wanted, objects);
	bool there = found && found->nfont > 0;

	if (found)
		FcFontSetDestroy(found);
	FcObjectSetDestroy(objects);
	FcPatternDestroy(wanted);
	return there;
}

/* Its file and tables are opened, and held. */
static void
open_font(PangoFont *font)
{
	PangoRectangle ink;
	hb_codepoint_t glyph = 0;

	hb_font_get_nominal_glyph(pango_font_get_hb_font(font), 'A', &glyph);
	pango_font_get_glyph_extents(font, glyph, &ink, NULL);
	cairo_scaled_font_reference(pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(font)));
}

static void
open_family(PangoContext *context, PangoFontFamily *family)
{
	PangoFontFace **list;
	int n;

	pango_font_family_list_faces(family, &list, &n);
	for (int i = 0; i < n; i++) {
		PangoFontDescription *face = pango_font_face_describe(list[i]);
		PangoFont *font;

		pango_font_description_set_size(face, 10 * PANGO_SCALE);
		font = pango_font_map_load_font(map, context, face);
		if (font)
			open_font(font);
		pango_font_description_free(face);
	}
	g_free(list);
}

/* Every font there is: a text may fall back on any of them. */
static void
open_all(PangoContext *context)
{
	PangoFontFamily **list;
	int n;

	pango_font_map_list_families(map, &list, &n);
	for (int i = 0; i < n; i++)
		open_family(context, list[i]);
	g_free(list);
}

/* A text set and measured in this face: what shaping and emoji need. */
static void
set_sample(PangoContext *context, enum paper_face f)
{
	PangoLayout *layout = pango_layout_new(context);
	PangoRectangle ink, logical;

	pango_layout_set_font_description(layout, faces[f]);
	pango_layout_set_text(layout, sample, -1);
	pango_layout_get_extents(layout, &ink, &logical);
	g_object_unref(layout);
}

static void
open_faces(void)
{
	for (size_t l = 0; l < sizeof(paper_languages) / sizeof(paper_languages[0]); l++) {
		PangoContext *context = pango_font_map_create_context(map);

		pango_context_set_language(context, pango_language_from_string(paper_languages[l]));
		if (l == 0)
			open_all(context);
		for (int f = 0; f < FACE__MAX; f++)
			set_sample(context, (enum paper_face)f);
		g_object_unref(context);
	}
}

/* Once through the whole way, so that the libraries have done whatever they do the first time only. */
static bool
write_sample(struct err *err)
{
	struct arena *a = arena_new();
	struct value *document = value_map(a), *parts, *part;
	struct str pdf;
	bool ok;

	map_str(a, document, "lang", STR("zh-TW"));
	map_str(a, document, "title", str_c(sample));
	parts = map_list(a, document, "parts");
	part = list_add(parts, value_map(a));
	map_str(a, part, "kind", STR("qr"));
	map_str(a, part, "text", STR("https://cert.example/"));
	map_str(a, part, "words", str_c(sample));
	ok = paper_write(a, document, &pdf, err);
	arena_free(a);
	return ok;
}

bool
paper_fonts(struct err *err)
{
	FcConfig *config;

	if (map)
		return true;
	config = FcConfigCreate();
	if (!config || !FcConfigParseAndLoadFromMemory(config, (const FcChar8 *)configuration, FcTrue) ||
	    !FcConfigBuildFonts(config))
		return err_setf(err, FAULT_FILE, "fontconfig cannot be set up");
	if (!has_chinese(config)) {
		FcConfigDestroy(config);
		return err_setf(err, FAULT_FILE, "the fonts of the package fonts-noto-cjk are not installed");
	}
	/* pango would read the system's configuration in a thread of its own */
	FcConfigSetCurrent(config);
	map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
	pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(map), 72);
	pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map), config);
	for (int f = 0; f < FACE__MAX; f++)
		faces[f] = pango_font_description_from_string(descriptions[f]);
	open_faces();
	return write_sample(err);
}
