/* What a page's form is told, and what comes back of it. */
#include "tap.h"

#include "model_fixture.h"
#include "model/life.h"

static struct face face = { .lang = LANG_ZH };

static struct value *
form_of(const struct entity *e, const void *record, const struct value *input, const struct err *err)
{
	return entity_form(e, record, BY_P, 1u << WHEN_DRAFT | 1u << WHEN_OPEN | 1u << WHEN_ONCE, input, err,
	    &face, a);
}

static struct value *
field_of(struct value *form, const char *name)
{
	struct value *v = form->first;

	while (v && !str_is(value_text(value_get(v, "name")), name))
		v = v->next;
	return v;
}

static struct str
text_of(const struct value *map, const char *key)
{
	return value_text(value_get(map, key));
}

static bool
is_true(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);

	return v && v->kind == V_BOOL && v->i;
}

/* The ids of the chosen options, parted by blanks. */
static struct str
chosen(const struct value *field)
{
	struct buf b = { .arena = a };

	for (struct value *o = value_get(field, "options")->first; o; o = o->next)
		if (is_true(o, "chosen")) {
			if (b.n)
				buf_char(&b, ' ');
			buf_put(&b, text_of(o, "id"));
		}
	return buf_str(&b);
}

static struct report *
report_of(const char *json)
{
	struct report *r = entity_new(&entity_report, a);

	entity_restore(&entity_report, value_of(json), r, a);
	return r;
}

static void
test_words(void)
{
	struct value *form = form_of(&entity_report, report_of("{}"), NULL, NULL), *f;

	f = field_of(form, "victim_hosts");
	is_str(text_of(f, "label"), "受害主機數量（臺）", "the label in the reader's language");
	ok(is_true(f, "required") && !is_true(f, "later") && is_true(f, "is_int") && is_true(f, "is_line"),
	    "what it is");
	is_str(text_of(f, "id"), "f-victim_hosts", "the id of its input");
	is_str(text_of(f, "described_by"), "f-victim_hosts-hint", "described by its hint");
	is_str(text_of(f, "value"), "", "nothing typed yet");
	is_str(text_of(f, "inputmode"), "numeric", "the key pad");
	is_str(text_of(field_of(form, "reporting_email"), "autocomplete"), "email",
	    "what the browser may know");
	f = field_of(form, "reporter_name");
	ok(text_of(f, "hint").p == NULL && text_of(f, "described_by").p == NULL,
	    "no hint, nothing to point to");
	is_int(value_get(f, "maxlength")->i, 100, "one line has its length");
	f = field_of(form, "description");
	ok(is_true(f, "is_area") && value_get(f, "maxlength")->kind == V_NULL &&
	    value_get(f, "limit")->i == 20000,
	    "paragraphs are not cut by the browser");
	ok(!field_of(form, "report_no") && !field_of(form, "level_reviewed") && !field_of(form, "channel"),
	    "nothing that is the system's or the CERT's");
	ok(!field_of(form, "resolution"), "nor what the closing form asks");
	face.lang = LANG_EN;
	form = form_of(&entity_report, report_of("{}"), NULL, NULL);
	is_str(text_of(field_of(form, "victim_hosts"), "label"), "Number of victim hosts",
	    "the same in English");
	face.lang = LANG_ZH;
}

/* Every map has every key: the strict renderer asks for them all. */
static void
test_keys(void)
{
	static const char *const keys[] = {
		"name", "id", "kind", "label", "hint", "required", "later", "personal", "error", "hint_id",
		    "error_id",
		"described_by", "value", "options", "groups", "condition", "type", "inputmode",
		    "autocomplete", "maxlength",
		"limit", "min", "max", "rows", "is_text", "is_long", "is_phone", "is_email", "is_addresses",
		    "is_hosts", "is_urls", "is_files",
		"is_per_choice", "is_int", "is_bool", "is_enum", "is_level", "is_multi", "is_time", "is_ref",
		    "is_line",
		"is_area", "is_radio", "is_select", "is_boxes", "is_parts",
	};
	static const char *const option_keys[] = {
		"id", "input_id", "label", "chosen", "group", "name", "value", "sentence", "note",
	};
	struct value *form = form_of(&sample_entity, sample_new(), NULL, NULL), *f, *o;
	size_t missing = 0, widgets = 0, fields = 0;

	form_option(field_of(form, "ref"), STR("7"), STR("seven"), true, a);
	for (f = form->first; f; f = f->next, fields++) {
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			missing += !value_get(f, keys[k]);
		missing += f->n != sizeof(keys) / sizeof(keys[0]);
		for (o = value_get(f, "options")->first; o; o = o->next)
			for (size_t k = 0; k < sizeof(option_keys) / sizeof(option_keys[0]); k++)
				missing += !value_get(o, option_keys[k]);
		for (size_t k = sizeof(keys) / sizeof(keys[0]) - 6; k < sizeof(keys) / sizeof(keys[0]); k++)
			widgets += is_true(f, keys[k]);
	}
	is_int((int64_t)missing, 0, "no key is missing, none too many");
	is_int((int64_t)widgets, (int64_t)fields, "each field is one widget");
	is_str(chosen(field_of(form, "ref")), "7", "references get their options from the page");
}

static void
test_options(void)
{
	struct report *r = report_of("{'category':'intrusion','conditions':['malware','data_leak'],"
	    "'impact_c':2,'on_behalf':false,"
	    "'os_version':{'linux':'6.1'}}");
	struct value *form = form_of(&entity_report, r, NULL, NULL), *f, *o;

	is_str(chosen(field_of(form, "category")), "intrusion", "one of the categories");
	f = field_of(form, "conditions");
	is_str(chosen(f), "malware data_leak", "two of the conditions");
	is_int((int64_t)value_get(f, "groups")->n, 4, "the conditions stand under their categories");
	is_str(text_of(value_get(f, "groups")->first, "label"), "網頁攻擊", "with its word");
	is_int((int64_t)value_get(value_get(f, "groups")->first, "options")->n, 6, "and its own");
	is_str(text_of(value_get(f, "options")->last, "group"), "equipment", "each knows where it belongs");
	is_str(text_of(value_get(f, "condition"), "field"), "category", "asked for some categories only");
	is_str(text_of(value_get(f, "condition"), "values"), "web_attack intrusion dos equipment", "these");
	is_str(text_of(value_get(field_of(form, "on_behalf_unit"), "condition"), "values"), "yes",
	    "or for a yes");
	is_str(text_of(value_get(field_of(form, "on_behalf_unit"), "condition"), "words"),
	    "「是否代其他單位通報」選「是」時填寫",
	    "in words");
	is_str(chosen(field_of(form, "impact_c")), "2", "a level");
	is_int((int64_t)value_get(field_of(form, "impact_c"), "options")->n, 5, "of five");
	is_str(chosen(field_of(form, "on_behalf")), "no", "no is an answer");
	is_str(chosen(field_of(form, "isms_certified")), "", "nothing is chosen before one chooses");
	f = field_of(form, "os_version");
	o = value_get(f, "options")->first->next;
	ok(is_true(f, "is_parts"), "a text for each platform");
	is_str(text_of(o, "name"), "os_version.linux", "by its own name");
	is_str(text_of(o, "value"), "6.1", "with its text");
	form_sentence(field_of(form, "impact_c"), STR("2"), STR("sentence"), STR_NONE);
	o = value_get(field_of(form, "impact_c"), "options")->first->next->next;
	ok(str_is(text_of(o, "sentence"), "sentence") && value_get(o, "note")->kind == V_NULL,
	    "the law's sentence comes beside");
	form = form_of(&entity_report, report_of("{'os_version':'all'}"), NULL, NULL);
	f = field_of(form, "os_version");
	ok(is_true(f, "is_line") && !is_true(f, "is_parts") && str_is(text_of(f, "value"), "all"),
	    "one text for all is edited as one");
}

/* What was typed comes back as it was typed, with what is wrong with it. */
static void
test_errors(void)
{
	struct value *input = value_of("{'victim_hosts':'many','reporting_email':' x ','controls':['',"
	    "'ips','none'],'category':'dos',"
	    "'os_version.linux':'six','ip_internal':'nowhere'}"), *form, *f;
	const struct entity_input in = {
		.in = input, .editors = BY_P, .whens = 1u << WHEN_DRAFT | 1u << WHEN_OPEN, .form = true,
	};
	struct report *r = report_of("{'victim_hosts':3,'category':'other','controls':['firewall']}");
	struct err err = { .arena = a };

	ok(!entity_read(&entity_report, &in, r, a, &err), "a form with faults");
	form = form_of(&entity_report, r, input, &err);
	f = field_of(form, "victim_hosts");
	is_str(text_of(f, "value"), "many", "what was typed comes back");
	ok(str_has(text_of(f, "error"), STR("受害主機數量")), "with a sentence that names the field");
	is_str(text_of(f, "described_by"), "f-victim_hosts-hint f-victim_hosts-error",
	    "to which the input points");
	is_str(text_of(field_of(form, "reporting_email"), "value"), " x ", "blanks and all");
	is_str(chosen(field_of(form, "controls")), "ips none", "boxes as they were ticked");
	is_str(chosen(field_of(form, "category")), "dos", "the choice as it was made");
	is_str(text_of(value_get(field_of(form, "os_version"), "options")->first->next, "value"), "six",
	    "parts too");
	ok(str_has(text_of(field_of(form, "ip_internal"), "error"), STR("nowhere")),
	    "the item that is wrong is named");
	ok(text_of(field_of(form, "category"), "error").p == NULL, "what is right has no fault");
}

static void
test_sentences(void)
{
	struct report *r = report_of("{'occurred_at':'2026-11-20T18:10:00Z',"
	    "'aware_at':'2026-11-20T18:00:00Z'}");
	struct err err = { .arena = a };
	struct str zh, en;

	ok(!report_check(r, r->occurred_at, &err), "two times in the wrong order");
	zh = field_err_text(a, LANG_ZH, err.fields);
	en = field_err_text(a, LANG_EN, err.fields);
	ok(str_has(zh, STR("知悉時間")) && str_has(zh, STR("事件發生時間")), "both are named by their labels");
	ok(str_has(en, STR("Time of becoming aware")) && str_has(en, STR("Time of occurrence")),
	    "in both languages");
	err = (struct err){ .arena = a };
	err_field(&err, STR("x<y"), NULL, FAULT_F_UNKNOWN, 0, STR_NONE);
	ok(str_has(field_err_text(a, LANG_EN, err.fields), STR("x<y")),
	    "a field without a label by its name");
}

/* ---- a form posted as it was shown changes nothing ---- */

static void
post_texts(struct value *post, const struct value *field)
{
	struct str name = text_of(field, "name");

	if (is_true(field, "is_parts")) {
		for (struct value *o = value_get(field, "options")->first; o; o = o->next)
			map_add_str(post, text_of(o, "name"), value_str(a, text_of(o, "value")));
	} else if (is_true(field, "is_boxes")) {
		struct value *texts = map_add_str(post, name, value_list(a));

		list_add(texts, value_str(a, STR("")));
		for (struct value *o = value_get(field, "options")->first; o; o = o->next)
			if (is_true(o, "chosen"))
				list_add(texts, value_str(a, text_of(o, "id")));
	} else if (is_true(field, "is_radio")) {
		if (chosen(field).n)
			map_add_str(post, name, value_str(a, chosen(field)));
	} else {
		map_add_str(post, name, value_str(a, text_of(field, "value")));
	}
}

/* Line ends as browsers send them. */
static void
as_browser(struct value *post)
{
	for (struct value *v = post->first; v; v = v->next) {
		struct buf b = { .arena = a };

		for (size_t i = 0; v->kind == V_STR && i < v->s.n; i++) {
			if (v->s.p[i] == '\n')
				buf_char(&b, '\r');
			buf_char(&b, v->s.p[i]);
		}
		if (v->kind == V_STR)
			v->s = buf_str(&b);
	}
}

static void
test_post_unchanged(void)
{
	static const char *const reports[] = {
		"{}",
		"{'report_kind':'voluntary','reporting_unit':12,'reporting_phone':'02-234#5',"
		    "'aware_at':'2026-11-20T18:10:59.123456Z',"
		"'tlp':'TLP:AMBER+STRICT','on_behalf':true,'occurred_at':'2026-11-20T18:10:00Z',"
		    "'victim_hosts':0,"
		"'ip_internal':['10.0.0.0/8','::1'],'web_url':['https://a.b:8/c[.]d','ftp://[::1]/'],"
		    "'os_family':['windows','other'],"
		"'os_version':{'windows':'2019','other':'z/OS'},'controls':['none'],'impact_a':4,"
		    "'category':'web_attack',"
		"'conditions':['deface','pii_leak_web'],'description':'一\\n\\n\\t二 <b>',"
		    "'regimes':['tw-2026','eu-dora'],"
		"'classified_at':'2026-11-20T18:11:00Z'}",
		"{'os_version':'all','soc':'outsourced','soc_vendor':'{{x}}'}",
	};

	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		struct report *r = report_of(reports[i]), *was = entity_copy(&entity_report, r, a);
		struct value *form = form_of(&entity_report, r, NULL, NULL), *post = value_map(a), *again;
		const struct entity_input in = {
			.in = post, .editors = BY_P, .whens = 1u << WHEN_DRAFT | 1u << WHEN_OPEN,
			    .form = true, .local = face.zone,
		};
		struct err err = { .arena = a };

		for (struct value *f = form->first; f; f = f->next)
			post_texts(post, f);
		again = form_of(&entity_report, report_of("{}"), post, NULL);
		as_browser(post);
		ok(entity_read(&entity_report, &in, r, a, &err), "a form posted as it was shown");
		ok(!entity_diff(&entity_report, was, r, a), "changes nothing");
		ok(str_eq(json_text(a, again), json_text(a, form)),
		    "and what was typed looks the same again");
	}
}

static void
test_verb_form(void)
{
	struct in_review *in = entity_new(&in_review, a);
	struct value *form = entity_form(&in_review, in, BY_V, 0, NULL, NULL, &face, a);

	is_int((int64_t)form->n, 6, "a verb's input is a form too");
	is_str(text_of(field_of(form, "level_reviewed"), "label"), "審核等級", "with its own labels");
	is_int((int64_t)value_get(field_of(form, "level_reviewed"), "options")->n, 4, "levels 1 to 4");
	is_int((int64_t)entity_form(&in_empty, in, BY_P, 0, NULL, NULL, &face, a)->n, 0,
	    "nothing is asked where nothing is asked");
}

int
main(void)
{
	a = arena_new();
	ok(zone_load("Asia/Taipei", &face.zone), "the reader's zone");
	test_words();
	test_keys();
	test_options();
	test_errors();
	test_sentences();
	test_post_unchanged();
	test_verb_form();
	arena_free(a);
	return done_testing();
}
