/* What each kind of field accepts, refuses, keeps and shows. */
#include "tap.h"

#include "model_fixture.h"

/* Reads one value into one field; name is what the test is called. */
static struct sample *
good(const char *json, const char *name)
{
	struct sample *s = sample_new();
	struct err err;

	ok(read_json(json, s, &err), name);
	return s;
}

static const struct field_err *
bad(const char *json, const char *field, enum fault fault, const char *name)
{
	static const struct field_err none;
	struct sample *s = sample_new();
	struct err err;
	bool taken = read_json(json, s, &err);

	ok(!taken && err.fault == FAULT_FIELDS && fault_at(&err, field) == fault, name);
	return fault_of(&err, field) ? fault_of(&err, field) : &none;
}

static void
test_text(void)
{
	is_str(good("{'text':'  資安事件 '}", "a text")->text, "資安事件", "outer blanks are cut");
	is_str(good("{'text':'\xe3\x80\x80" "ab\xe3\x80\x80'}", "wide blanks")->text, "ab",
	    "those of an input method too");
	is_str(good("{'text':'一二三四五六七八九十'}", "ten characters fit")->text, "一二三四五六七八九十",
	    "counted as code points");
	is_int(bad("{'text':'一二三四五六七八九十一'}", "text", FAULT_F_LONG, "eleven do not")->limit, 10,
	    "the limit is told");
	is_str(bad("{'text':'一二三四五六七八九十一'}", "text", FAULT_F_LONG, "too long again")->detail, "11",
	    "and how many there are");
	is_int(bad("{'text':''}", "text", FAULT_F_SHORT, "an empty text")->limit, 1, "the least is told");
	bad("{'text':'   '}", "text", FAULT_F_SHORT, "blanks only");
	is_str(bad("{'text':'a\\u202eb'}", "text", FAULT_F_TEXT, "a mark that turns the direction")->detail,
	    "U+202E", "is named");
	bad("{'text':'a\\u0007'}", "text", FAULT_F_TEXT, "a control");
	bad("{'text':'a\\nb'}", "text", FAULT_F_TEXT, "two lines");
	bad("{'text':'a\\tb'}", "text", FAULT_F_TEXT, "a tab");
	bad("{'text':'a\\u2028b'}", "text", FAULT_F_TEXT, "a line separator");
	bad("{'text':'a\\u0085b'}", "text", FAULT_F_TEXT, "a C1 control");
	bad("{'text':'a\\u007fb'}", "text", FAULT_F_TEXT, "DEL");
	is_str(bad("{'text':7}", "text", FAULT_F_TYPE, "a number")->detail, "string, not integer",
	    "says what is wanted");
	is_str(bad("{'text':['a']}", "text", FAULT_F_TYPE, "a list")->detail, "string, not list",
	    "and what came");
	is_str(good("{'text':'<b>&'}", "markup is text like any other")->text, "<b>&", "kept as it came");
	is_str(good("{'text':'\\ud83d\\udd14'}", "beyond the first plane")->text, "\xf0\x9f\x94\x94",
	    "a bell");
}

/* Every mark of the bidirectional algorithm that can hide what a text says. */
static void
test_bidi(void)
{
	static const char *const marks[] = {
		"\\u061c", "\\u200e", "\\u200f", "\\u202a", "\\u202b", "\\u202c", "\\u202d", "\\u202e",
		"\\u2066", "\\u2067", "\\u2068", "\\u2069",
	};
	static const char *const fields[] = { "text", "story", "phone", "email", "urls", "ips" };
	int refused = 0;

	for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++)
		for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
			struct str json = arena_printf(a, "{'%s':'http://a%s.b@c.de'}", fields[f], marks[m]);
			struct err err;

			refused += !read_json(arena_c(a, json), sample_new(), &err) &&
			    fault_at(&err, fields[f]) != FAULT_NONE;
		}
	is_int(refused, 12 * 6, "no mark that turns the direction of writing, in no kind of text");
}

/* A text that no JSON reader lets through, as a form may bring it. */
static bool
read_raw(const char *field, struct str text, struct err *err)
{
	struct value *in = value_map(a);

	map_str(a, in, field, text);
	return read_as(in, true, sample_new(), err);
}

static void
test_long(void)
{
	struct err err;

	is_str(good("{'story':'a\\r\\nb\\rc\\n\\td'}", "paragraphs")->story, "a\nb\nc\n\td",
	    "line ends are LF, tabs stay");
	is_str(good("{'story':'\\n a \\r\\n'}", "blank lines around")->story, "a", "are cut");
	bad("{'story':'a\\u200fb'}", "story", FAULT_F_TEXT, "no bidi marks in paragraphs");
	ok(!read_raw("story", STR("a\0b"), &err) && fault_at(&err, "story") == FAULT_F_TEXT, "no NUL");
	ok(!read_raw("text", STR("a\xff"), &err) && fault_at(&err, "text") == FAULT_F_TEXT,
	    "nor anything but UTF-8");
	ok(!read_raw("ips", STR("\xed\xa0\x80"), &err) && fault_at(&err, "ips") == FAULT_F_TEXT,
	    "nor half a pair");
	bad("{'story':'123456789012345678901'}", "story", FAULT_F_LONG, "21 of 20");
}

static void
test_phone(void)
{
	static const char *const fine[] = { "02-2345-6789#123", "+886 (2) 2345-6789", "119", "0912-345-678" };
	static const char *const wrong[] = { "12", "02-2345 ext 3", "1234#", "1234#1#2", "12+34", "#123",
	    "1234#12a", "02_123" };

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		is_str(good(arena_c(a, arena_printf(a, "{'phone':'%s'}", fine[i])), fine[i])->phone, fine[i],
		    "kept");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		is_str(bad(arena_c(a, arena_printf(a, "{'phone':'%s'}", wrong[i])), "phone", FAULT_F_PHONE,
		    wrong[i])->detail,
		    wrong[i], "named");
	is_str(good("{'phone':'０２－２３４５＃１２'}", "full width")->phone, "02-2345#12", "made narrow");
}

static void
test_email(void)
{
	static const char *const fine[] = {
		"a@b.tw", "duty.officer+cert@hospital.org.tw", "!#$%&*+-/=?^_`{|}~@x-y.example", "王@例子.台灣",
		    "a@1.example",
	};
	static const char *const wrong[] = {
		"a", "a@", "@b.tw", "a@b", "a b@c.tw", "a@b..tw", ".a@b.tw", "a.@b.tw", "a..b@c.tw",
		    "a@-b.tw", "a@b-.tw",
		"a@b.1", "a@[192.0.2.1]", "a@b@c.tw", "<a@b.tw>", "a@b.tw,c@d.tw", "a@b.tw\xe2\x80\x8b",
		    "a\xc2\xa0@b.tw",
	};

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		is_str(good(arena_c(a, arena_printf(a, "{'email':'%s'}", fine[i])), fine[i])->email, fine[i],
		    "kept");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		bad(arena_c(a, arena_printf(a, "{'email':'%s'}", wrong[i])), "email", FAULT_F_EMAIL,
		    wrong[i]);
	bad("{'email':'1234567890123456789012345678901234567890123456789012345678901234567@a.tw'}", "email",
	    FAULT_F_EMAIL,
	    "a local part of 67");
	is_str(good("{'email':'ａ＠ｂ.tw'}", "full width")->email, "a@b.tw", "made narrow");
	/* quotes cannot stand in the helper's JSON */
	bad("{'email':'\\u0022a\\u0022@b.tw'}", "email", FAULT_F_EMAIL, "a quoted local part");
}

static void
test_addresses(void)
{
	static const char *const wrong[] = {
		"1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/",
		    "1.2.3.4/1/2", "::g",
		"2001:db8::1/129", "fe80::1%eth0", "example.org", "1.2.3.4:80", "/24", "１.2.3", "1.2.3.4/+1",
	};
	struct sample *s = good("{'ips':['192.0.2.1','2001:DB8:0:0::1','192.0.2.0/24','192.0.2.1']}",
	    "addresses");
	const struct field_err *e;
	struct err err;

	is_str(s->ips, "192.0.2.1\n2001:db8::1\n192.0.2.0/24", "canonical, each once, one a line");
	is_str(shown(&sample_entity, s, "ips"), "[\"192.0.2.1\",\"2001:db8::1\",\"192.0.2.0/24\"]",
	    "JSON has a list");
	s = good("{'ips':'192.0.2.1, 192.0.2.2\\n192.0.2.3；192.0.2.4、192.0.2[.]5'}", "one text");
	is_str(s->ips, "192.0.2.1\n192.0.2.2\n192.0.2.3\n192.0.2.4\n192.0.2.5", "whatever parts them");
	is_str(good("{'ips':'無'}", "the form's word for none")->ips, NULL, "is none");
	is_str(good("{'ips':[]}", "an empty list")->ips, NULL, "is none");
	is_str(good("{'ips':''}", "an empty text")->ips, NULL, "is none");
	is_str(good("{'ips':'::ffff:192.0.2.1'}", "mapped")->ips, "::ffff:192.0.2.1", "stays as it is");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		bad(arena_c(a, arena_printf(a, "{'ips':['%s']}", wrong[i])), "ips", FAULT_F_ADDRESS,
		    wrong[i]);
	ok(!read_json("{'ips':['x','192.0.2.1','y']}", sample_new(), &err), "two of three are none");
	e = fault_of(&err, "ips");
	ok(e && str_is(e->detail, "x") && e->next && str_is(e->next->detail, "y"), "each bad one is named");
	bad("{'ips':[1]}", "ips", FAULT_F_TYPE, "a number in the list");
	bad("{'ips':{}}", "ips", FAULT_F_TYPE, "an object");
	bad("{'ips':['192.0.2.1\\u202e']}", "ips", FAULT_F_ADDRESS, "a hidden mark is no address");
}

static void
test_many_addresses(void)
{
	struct buf b = { .arena = a };
	struct err err;

	buf_c(&b, "{\"ips\":\"");
	for (int i = 0; i < 60; i++)
		buf_printf(&b, "10.0.0.%d ", i);
	buf_c(&b, "\"}");
	ok(!read_json(arena_c(a, buf_str(&b)), sample_new(), &err), "more than fit");
	is_int(fault_at(&err, "ips"), FAULT_F_LONG, "are too long");
	b.n = 0;
	buf_c(&b, "{\"ips\":\"");
	for (int i = 0; i < 5000; i++)
		buf_c(&b, "z ");
	buf_c(&b, "\"}");
	ok(!read_json(arena_c(a, buf_str(&b)), sample_new(), &err), "far more");
	ok(err.fields && !err.fields->next && err.fields->fault == FAULT_F_LONG,
	    "are not looked at one by one");
}

static void
test_hosts(void)
{
	static const struct {
		const char *typed, *kept;
	} fine[] = {
		{ "192.0.2.1", "192.0.2.1" }, { "2001:DB8:0::1", "2001:db8::1" }, { "192.0.2.0/24", "192.0.2.0/24" },
		{ "WWW.Bank.Example", "www.bank.example" }, { "bank[.]example", "bank.example" },
		{ "bank.example:8443", "bank.example" }, { "192.0.2.1:443", "192.0.2.1" }, { "[2001:DB8::1]:443", "2001:db8::1" },
		{ "https://Bank.example/login?x=1", "bank.example" }, { "hxxp://192.0.2[.]9:80/", "192.0.2.9" },
		{ "http://[2001:DB8::2]/", "2001:db8::2" }, { "http://intranet/", "intranet" },
		{ "銀行.台灣", "銀行.台灣" }, { "１９２.0.2.7", "192.0.2.7" },
	};
	static const char *const wrong[] = {
		"intranet", "核心系統", "192.0.2.1/33", "192.0.2.1/", "bank.example/login", "256.1.1.1", "1.2.3", "a..b", ".", "-x.y",
		"gopher://a.b/", "http://", "http://a@b.c/", "bank.example:0", "*.bank.example", "2001:db8::/129", "bank.example.",
	};

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		is_str(good(arena_c(a, arena_printf(a, "{'hosts':['%s']}", fine[i].typed)), fine[i].typed)->hosts,
		    fine[i].kept, "kept as the host that it is");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		bad(arena_c(a, arena_printf(a, "{'hosts':'%s'}", wrong[i])), "hosts", FAULT_F_HOST, wrong[i]);
	is_str(good("{'hosts':'http://a.b/x, A.B；192.0.2.1\\n192.0.2.1:80'}", "one text")->hosts, "a.b\n192.0.2.1", "each once");
	is_str(shown(&sample_entity, good("{'hosts':'a.b 192.0.2.1'}", "two"), "hosts"), "[\"a.b\",\"192.0.2.1\"]",
	    "JSON has a list");
}

static void
test_urls(void)
{
	static const struct {
		const char *typed, *kept;
	} fine[] = {
		{ "http://example.org", "http://example.org" },
		{ "HXXPS[://]Evil[.]Example/a[.]b?C=D", "https://evil.example/a[.]b?C=D" },
		{ "hxxp://evil[.]example[:]8080/", "http://evil.example:8080/" },
		{ "fxp://192.0.2.1/x", "ftp://192.0.2.1/x" },
		{ "https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443/" },
		{ "http://intranet?x", "http://intranet?x" },
		{ "http://例子.台灣/路", "http://例子.台灣/路" },
		{ "http://a.b/@c", "http://a.b/@c" },
	};
	static const char *const wrong[] = {
		"example.org", "http:/a.b", "//a.b", "javascript:alert(1)", "file:///etc/passwd", "http://",
		    "http://a@b.c",
		"http://good.example:x@evil.example/", "http://a..b", "http://1.2.3", "http://1.2.3.4.5",
		"http://0x7f.1", "http://a.b:0", "http://a.b:65536", "http://a.b:80x", "http://[::1",
		    "http://[::g]/",
		"http://[::1]x", "http://a\\\\b.c", "data:text/html,x", "http://a.b%2f@c", "http://-", "ftp",
	};

	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		is_str(good(arena_c(a, arena_printf(a, "{'urls':['%s']}", fine[i].typed)),
		    fine[i].typed)->urls, fine[i].kept,
		    "kept refanged");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		bad(arena_c(a, arena_printf(a, "{'urls':'%s'}", wrong[i])), "urls", FAULT_F_URL, wrong[i]);
}

static void
test_urls_shown(void)
{
	struct sample *s = good("{'urls':'http://evil.example/a.b\\nhttps://[2001:db8::1]/ "
	    "ftp://192.0.2.1:21'}", "a text of URLs");
	struct value *map = value_map(a), *list;

	is_str(shown(&sample_entity, s, "urls"),
	    "[\"http://evil.example/a.b\",\"https://[2001:db8::1]/\",\"ftp://192.0.2.1:21\"]",
	    "JSON has the real ones");
	field_show(entity_field(&sample_entity, STR("urls")), s, map, a);
	list = map->first;
	is_str(list->first->shown, "hxxp://evil[.]example/a.b", "a page the defanged");
	is_str(list->first->next->shown, "hxxps://[2001:db8::1]/", "an IPv6 address has no dots");
	is_str(list->last->shown, "fxp://192[.]0[.]2[.]1:21", "ftp too");
}

static void
test_numbers(void)
{
	is_int(good("{'count':0}", "nought")->count, 0, "is a number given");
	is_int(good("{'count':500}", "the most")->count, 500, "fits");
	is_str(bad("{'count':501}", "count", FAULT_F_RANGE, "more")->detail, "0–500", "tells the range");
	is_int(bad("{'count':-1}", "count", FAULT_F_RANGE, "less")->limit, 0,
	    "and the limit that was crossed");
	is_str(bad("{'count':1.0}", "count", FAULT_F_TYPE, "a real")->detail,
	    "integer, not number with a fraction", "is none");
	bad("{'count':'1'}", "count", FAULT_F_TYPE, "digits in a text");
	bad("{'count':true}", "count", FAULT_F_TYPE, "true");
	is_int(good("{'count':null}", "null")->count, NONE, "clears");
	is_int(good("{'level':4}", "a level")->level, 4, "fits");
	bad("{'level':0}", "level", FAULT_F_RANGE, "below the least level");
	bad("{'level':5}", "level", FAULT_F_RANGE, "above the highest");
	is_int(good("{'ref':9007199254740991}", "a reference")->ref, INT64_C(9007199254740991),
	    "up to 2^53 - 1");
	bad("{'ref':0}", "ref", FAULT_F_REF, "no record has 0");
	bad("{'ref':-5}", "ref", FAULT_F_REF, "nor less");
	bad("{'ref':9007199254740992}", "ref", FAULT_F_REF, "nor more than every reader knows exactly");
	bad("{'ref':'5'}", "ref", FAULT_F_TYPE, "nor is it a text");
	is_int(good("{'yes':false}", "false")->yes, 0, "is an answer");
	bad("{'yes':0}", "yes", FAULT_F_TYPE, "nought is not false");
	bad("{'yes':'yes'}", "yes", FAULT_F_TYPE, "the form's word is none of JSON's");
}

static void
test_choices(void)
{
	struct sample *s;

	is_int(good("{'one':'blue'}", "a choice")->one, 5, "is kept as its code");
	is_str(bad("{'one':'pink'}", "one", FAULT_F_CHOICE, "no choice")->detail, "pink", "is named");
	bad("{'one':''}", "one", FAULT_F_CHOICE, "an empty one");
	bad("{'one':5}", "one", FAULT_F_TYPE, "a code is no id");
	s = good("{'many':['blue','red','red']}", "several");
	is_int(s->many, 1 << 5 | 1 << 0, "are bits");
	is_str(shown(&sample_entity, s, "many"), "[\"red\",\"blue\"]", "and come back in the table's order");
	is_int(good("{'many':['none']}", "none")->many, 1 << 3, "is an answer");
	is_str(bad("{'many':['red','none']}", "many", FAULT_F_CHOICE, "none and another")->detail, "none",
	    "do not go together");
	is_int(good("{'many':[]}", "an empty list")->many, NONE, "is not given");
	bad("{'many':'red'}", "many", FAULT_F_TYPE, "one is a list too");
	bad("{'many':[1]}", "many", FAULT_F_TYPE, "codes in a list");
	bad("{'many':['red',['green']]}", "many", FAULT_F_TYPE, "lists in a list");
}

static void
test_times(void)
{
	const int64_t t = INT64_C(1795198200000000);    /* 2026-11-20T18:10:00Z */

	is_int(good("{'at':'2026-11-20T18:10:00Z'}", "UTC")->at, t, "a moment");
	is_int(good("{'at':'2026-11-21T02:10:00+08:00'}", "an offset")->at, t, "the same moment");
	is_int(good("{'at':'2026-11-21T02:10'}", "no offset")->at, t, "in the zone of the input");
	is_int(good("{'at':'2026-11-20T18:10:00.25Z'}", "a fraction")->at, t + SECOND / 4, "is kept");
	bad("{'at':'1999-12-31T23:59:59Z'}", "at", FAULT_F_TIME, "before 2000");
	is_int(good("{'at':'2100-12-31T23:59:59Z'}", "2100")->at > t, 1, "is the last year");
	bad("{'at':'2101-01-01T00:00:00Z'}", "at", FAULT_F_TIME, "after it");
	is_str(bad("{'at':'2026-02-30T00:00Z'}", "at", FAULT_F_TIME, "30 February")->detail,
	    "2026-02-30T00:00Z", "is named");
	bad("{'at':'yesterday'}", "at", FAULT_F_TIME, "a word");
	bad("{'at':1795198200}", "at", FAULT_F_TYPE, "a number");
	bad("{'at':''}", "at", FAULT_F_TIME, "nothing");
}

static void
test_per_choice(void)
{
	struct sample *s = good("{'each':{'blue':' b ','red':'r'}}", "texts for choices");

	is_str(s->each, "{\"red\":\"r\",\"blue\":\"b\"}", "are kept in the order of the choices");
	is_str(shown(&sample_entity, s, "each"), "{\"red\":\"r\",\"blue\":\"b\"}", "and shown so");
	s = good("{'each':'10.0'}", "one text");
	is_str(shown(&sample_entity, s, "each"), "\"10.0\"", "comes back as one");
	is_str(bad("{'each':{'pink':'x'}}", "each", FAULT_F_CHOICE, "a choice that is none")->detail, "pink",
	    "is named");
	bad("{'each':{'red':'123456789'}}", "each", FAULT_F_LONG, "each text has the limit");
	bad("{'each':'123456789'}", "each", FAULT_F_LONG, "and the one for all");
	bad("{'each':{'red':1}}", "each", FAULT_F_TYPE, "a number");
	bad("{'each':['red']}", "each", FAULT_F_TYPE, "a list");
	bad("{'each':{'red':'a\\u202e'}}", "each", FAULT_F_TEXT, "a hidden mark");
	is_str(good("{'each':{}}", "no texts")->each, NULL, "are not given");
	is_str(good("{'each':{'red':'','blue':null}}", "empty texts")->each, NULL, "are not given");
}

int
main(void)
{
	const struct zone *zone;

	a = arena_new();
	ok(zone_load("Asia/Taipei", &zone), "the zone of the forms");
	test_text();
	test_bidi();
	test_long();
	test_phone();
	test_email();
	test_addresses();
	test_many_addresses();
	test_hosts();
	test_urls();
	test_urls_shown();
	test_numbers();
	test_choices();
	test_times();
	test_per_choice();
	arena_free(a);
	return done_testing();
}
