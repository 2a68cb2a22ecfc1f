#include "tap.h"

#include <string.h>

#include "base/arena.h"
#include "base/catalogue.h"

static struct arena *a;

struct accept {
	const char *header;
	enum lang want;
};

static const struct accept accepts[] = {
	{ "", LANG_ZH },
	{ "en", LANG_EN },
	{ "en-GB", LANG_EN },
	{ "EN-us", LANG_EN },
	{ "zh-Hant-TW", LANG_ZH },
	{ "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", LANG_ZH },
	{ "en-US,en;q=0.9,zh-TW;q=0.8", LANG_EN },
	{ "zh;q=0.5 , en;q=0.6", LANG_EN },
	{ "fr-BE, nl;q=0.9, en;q=0.2", LANG_EN },
	{ "fr, nl;q=0.9", LANG_ZH },
	{ "*", LANG_ZH },
	{ "en;q=0", LANG_ZH },
	{ "en;q=0, zh;q=0.1", LANG_ZH },
	{ "en ; Q=0.3, zh;q=0.2", LANG_EN },
	{ "en;q=x", LANG_ZH },
	{ ",,;;=,en", LANG_EN },
	{ "english", LANG_ZH },
};

static void
test_languages(void)
{
	enum lang l = LANG__MAX;

	for (size_t i = 0; i < sizeof(accepts) / sizeof(accepts[0]); i++)
		is_int(lang_accept(str_c(accepts[i].header), LANG_ZH), accepts[i].want, accepts[i].header);
	is_int(lang_accept(STR("fr"), LANG_EN), LANG_EN, "none that there is: the other choice");
	ok(lang_parse(STR("zh-TW"), &l) && l == LANG_ZH && lang_parse(STR("zh"), &l) && l == LANG_ZH, "Chinese tags");
	ok(lang_parse(STR("en"), &l) && l == LANG_EN, "English tags");
	ok(!lang_parse(STR(""), &l) && !lang_parse(STR("e"), &l) && !lang_parse(STR("zho"), &l) && !lang_parse(STR_NONE, &l),
	    "no tags");
	is_str(str_c(lang_tag(LANG_ZH)), "zh-TW", "its own tag");
}

static void
test_messages(void)
{
	const struct msg_arg args[] = { { "big", STR("{small}") }, { "small", STR("s") }, { "unused", STR("x") }, { 0 } };
	const struct msg_arg none[] = { { 0 } };
	size_t there = 0, found = 0;

	is_str(msg(LANG_ZH, "value.yes"), "是", "Chinese");
	is_str(msg(LANG_EN, "value.yes"), "yes", "English");
	is_str(msg_fill(a, LANG_EN, "duration.join", args), "{small} s", "filled once, not twice");
	is_str(msg_fill(a, LANG_EN, "duration.join", none), "{big} {small}", "names without arguments stay");
	is_str(msg_fill(a, LANG_EN, "value.yes", args), "yes", "nothing to fill");
	is_int(msg_missing_count(), 0, "nothing was missing");
	is_str(msg(LANG_ZH, "no.such.message"), "no.such.message", "an unknown id shows itself");
	is_int(msg_missing_count(), 1, "and is counted");
	ok(!msg_has("no.such.message") && msg_has("value.no") && !msg_has(""), "what there is");
	for (size_t i = 0; i < catalogue_slots; i++) {
		there += catalogue[i].id != NULL;
		found += catalogue[i].id && msg(LANG_EN, catalogue[i].id).p == catalogue[i].text[LANG_EN].p;
	}
	ok(there > 15 && found == there && there <= catalogue_slots / 2, "every message of the table is found");
	is_int(msg_missing_count(), 1, "none was missing");
}

int
main(void)
{
	a = arena_new();
	test_languages();
	test_messages();
	arena_free(a);
	return done_testing();
}
