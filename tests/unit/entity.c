/* Reading input into a record, sending back what was shown, differences, completeness. */
#include "tap.h"

#include "base/rand.h"
#include "model_fixture.h"
#include "model/life.h"

/* ---- all faults at once ---- */

static void
test_all_faults(void)
{
	struct sample *s = sample_new();
	struct err err;

	ok(!read_json("{'text':7,'count':501,'nonsense':1,'state':'red','draft_only':'x',"
	    "'reviewers':'y','story':'fine','secret':'z'}",
	    s, &err), "many things wrong");
	is_int(err.fault, FAULT_FIELDS, "one answer");
	is_int(fault_at(&err, "text"), FAULT_F_TYPE, "the type");
	is_int(fault_at(&err, "count"), FAULT_F_RANGE, "the range");
	is_int(fault_at(&err, "nonsense"), FAULT_F_UNKNOWN, "the unknown name");
	is_int(fault_at(&err, "state"), FAULT_F_SYSTEM, "the system's field");
	is_int(fault_at(&err, "secret"), FAULT_F_SYSTEM, "the secret one");
	is_int(fault_at(&err, "draft_only"), FAULT_F_FIXED, "not at this time");
	is_int(fault_at(&err, "reviewers"), FAULT_F_FIXED, "not by this person");
	is_int(fault_at(&err, "story"), FAULT_NONE, "and nothing of what is right");
	is_str(str_c(fault_of(&err, "text")->label), "field.sample.text", "the label is named");
	ok(fault_of(&err, "nonsense")->label == NULL, "an unknown name has none");
	is_str(s->text, NULL, "nothing of it is in the record");
}

static void
test_names(void)
{
	struct sample *s = sample_new();
	struct value *in = value_map(a);
	struct err err;
	int n = 0;

	for (int i = 0; i < 5000; i++)
		map_add_str(in, arena_printf(a, "x%d", i), value_int(a, i));
	ok(!read_as(in, false, s, &err), "five thousand unknown names");
	for (const struct field_err *f = err.fields; f; f = f->next)
		n++;
	is_int(n, 100, "are not all named");
	in = value_map(a);
	map_add_str(in, STR("a\xe2\x80\xae<script>\n"), value_int(a, 1));
	ok(!read_as(in, false, s, &err), "a harmful name");
	is_str(err.fields->field, "a\xef\xbf\xbd<script>\xef\xbf\xbd", "is named without its marks");
	ok(!read_as(value_list(a), false, s, &err) && err.fields->fault == FAULT_F_TYPE,
	    "a list is no record");
	ok(!read_as(value_int(a, 7), false, s, &err) && err.fields->fault == FAULT_F_TYPE,
	    "a number is none");
	ok(!read_as(value_null(a), false, s, &err) && err.fields->fault == FAULT_F_TYPE, "null is none");
	ok(read_json("{}", s, &err), "nothing is allowed");
	ok(read_json("{'actions':['x']}", s, &err), "what the answer has beside the fields is passed over");
	ok(!read_json("{'Text':'x'}", s, &err), "names are exact");
	ok(!read_json("{'text.red':'x'}", s, &err), "a part of a text is none");
	ok(!read_json("{'each.red':'x'}", s, &err), "JSON has no parts by name");
}

static void
test_clear(void)
{
	struct sample *s = sample_new();
	struct err err;

	ok(read_json("{'text':'a','count':5,'many':['red'],'story':'b'}", s, &err), "given");
	ok(read_json("{'text':null,'count':null,'many':null}", s, &err), "null");
	ok(!s->text.p && s->count == NONE && s->many == NONE, "clears");
	is_str(s->story, "b", "and leaves the others alone");
}

/* With one answer it is needed, with the next it may be left out, with others it may not be given. */
static void
test_may_be_left_out(void)
{
	static const struct {
		const char *json;
		enum fault fault;
	} cases[] = {
		{ "{'text':'a','one':'red','why':'b'}", FAULT_F_MISSING },
		{ "{'text':'a','one':'red','why':'b','how':'c'}", FAULT_NONE },
		{ "{'text':'a','one':'green'}", FAULT_NONE },
		{ "{'text':'a','one':'green','how':'c'}", FAULT_NONE },
		{ "{'text':'a','one':'blue','how':'c'}", FAULT_F_EMPTY_WANTED },
		{ "{'text':'a','one':'blue'}", FAULT_NONE },
		{ "{'text':'a','how':'c'}", FAULT_NONE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sample *s = sample_new();
		struct err err;

		read_json(cases[i].json, s, &err);
		ok(entity_complete(&sample_entity, s, REQUIRED, &err) == (cases[i].fault == FAULT_NONE), cases[i].json);
		is_int(fault_at(&err, "how"), cases[i].fault, "so the field says");
	}
}

/* ---- what GET gave goes back by PUT ---- */

static struct sample *
full_sample(void)
{
	struct sample *s = sample_new();
	struct err err;

	read_json("{'text':'a','story':'b\\nc','phone':'02-234#5','email':'a@b.tw','ips':['10.0.0.0/8'],"
	    "'urls':['http://a.b/c'],"
	    "'each':{'red':'r'},'count':3,'yes':true,'one':'green','level':2,'many':['red','blue'],"
	    "'at':'2026-11-20T18:10:09.5Z',"
	    "'ref':77}", s, &err);
	s->id = 12;
	s->version = 3;
	s->created_at = s->changed_at = INT64_C(1795198200000001);
	s->draft_only = STR("d");
	s->reviewers = STR("v");
	s->flags = 1 << 1 | 1 << 5;
	s->state = 5;
	s->secret = STR("hush");
	return s;
}

/* The record as an answer has it: written as JSON, read again. */
static struct value *
answer(const struct entity *e, const void *record)
{
	struct value *shown_map = entity_show(e, record, 0, a), *again = NULL;
	struct err err = { .arena = a };

	json_parse(a, json_text(a, shown_map), &again, &err);
	return again;
}

static void
test_put_back(void)
{
	struct sample *s = full_sample(), *was = entity_copy(&sample_entity, s, a);
	struct value *in = answer(&sample_entity, s);
	struct err err;

	ok(!value_get(in, "secret"), "the secret is not shown");
	map_add(in, "actions", value_list(a));
	ok(read_as(in, false, s, &err), "an answer is taken back");
	ok(!entity_diff(&sample_entity, was, s, a), "and changes nothing");
	ok(read_as(answer(&sample_entity, sample_new()), false, sample_new(), &err),
	    "an empty record's answer too");
	in = answer(&sample_entity, s);
	value_get(in, "text")->s = STR("other");
	value_get(in, "state")->s = STR("red");
	value_get(in, "draft_only")->s = STR("x");
	value_get(in, "id")->i = 13;
	ok(!read_as(in, false, s, &err), "with four things changed");
	is_int(fault_at(&err, "state"), FAULT_F_SYSTEM, "the system's is refused");
	is_int(fault_at(&err, "draft_only"), FAULT_F_FIXED, "so is the fixed one");
	is_int(fault_at(&err, "id"), FAULT_F_SYSTEM, "and the id");
	is_int(fault_at(&err, "text"), FAULT_NONE, "the text is his own");
	in = answer(&sample_entity, s);
	value_get(in, "flags")->first->s = STR("blue");
	ok(!read_as(in, false, s, &err) && fault_at(&err, "flags") == FAULT_F_SYSTEM,
	    "a set of the system's is compared");
	in = answer(&sample_entity, s);
	value_get(in, "created_at")->s = STR("2020-01-01T00:00:00Z");
	ok(!read_as(in, false, s, &err) && fault_at(&err, "created_at") == FAULT_F_SYSTEM,
	    "so is the time of making");
}

static void
test_old_version(void)
{
	struct sample *s = full_sample(), *was;
	struct value *in = answer(&sample_entity, s);
	struct err err;

	is_int(entity_expected(in), 3, "the version that the caller saw");
	is_int(entity_expected(value_of("{'version':'4'}")), 4, "from a form");
	is_int(entity_expected(value_of("{'version':'x'}")), 0, "not told");
	is_int(entity_expected(value_of("{}")), 0, "not told at all");
	s->version = 4;
	s->state = 0;
	s->reviewers = STR("w");
	s->changed_at++;
	was = entity_copy(&sample_entity, s, a);
	ok(read_as(in, false, s, &err), "an old version: what others changed meanwhile is no fault of his");
	ok(!entity_diff(&sample_entity, was, s, a), "and is not put back");
	ok(!read_json("{'version':1,'text':'x'}", sample_new(), &err) &&
	    fault_at(&err, "version") == FAULT_F_SYSTEM,
	    "a new record has no version");
	ok(!read_json("{'version':'x'}", s, &err) && fault_at(&err, "version") == FAULT_F_SYSTEM,
	    "a version is a number");
	ok(!read_json("{'version':2,'secret':'x'}", s, &err), "nothing excuses a secret");
}

/* The whole report, with everything that a random one can hold, goes to its reader and back. */
static int64_t
random_below(int64_t n)
{
	uint64_t r;

	rand_bytes(&r, sizeof(r));
	return (int64_t)(r % (uint64_t)n);
}

static struct str
random_text(int64_t most)
{
	static const char *const pieces[] = { "a", "事", "件", "<b>", "&", "\"", "\\", "😀", "'", "é", "{{x}}",
	    "%s" };
	struct buf b = { .arena = a };

	for (int64_t n = 1 + random_below(most < 20 ? most : 20); n > 0; n--)
		buf_c(&b, pieces[random_below(12)]);
	return utf8_first(buf_str(&b), (size_t)most);
}

static struct str
random_kind_text(const struct field *f)
{
	switch (f->kind) {
	case KIND_PHONE:
		return STR("02-2345-6789#1");
	case KIND_EMAIL:
		return STR("a@b.tw");
	case KIND_ADDRESSES:
		return STR("192.0.2.0/24\n2001:db8::1");
	case KIND_HOSTS:
		return STR("192.0.2.0/24\nwww.bank.example\nintranet");
	case KIND_URLS:
		return STR("https://a.b:8/c[.]d?e\nftp://[::1]/");
	case KIND_FILES:
		return STR("[{\"id\":7,\"name\":\"a.log\",\"size\":12}]");
	case KIND_PER_CHOICE:
		return random_below(2) ? STR("{\"windows\":\"2019\",\"other\":\"\xe4\xba\x8b\"}") :
		    STR("\"10\"");
	default:
		return random_text(f->max);
	}
}

static int64_t
random_number(const struct field *f)
{
	switch (f->kind) {
	case KIND_BOOL:
		return random_below(2);
	case KIND_ENUM:
		return f->choices->list[random_below(f->choices->n)].code;
	case KIND_MULTI:
	case KIND_FLAGS:
		return INT64_C(1) << f->choices->list[random_below(f->choices->n)].code;
	case KIND_TIME:
		return INT64_C(1795198200000000) + random_below(1000 * SECOND);
	case KIND_REF:
		return 1 + random_below(1000000);
	default:
		return f->min + random_below(f->max < 1000 ? f->max - f->min + 1 : 1000);
	}
}

static void *
random_record(const struct entity *e)
{
	void *record = entity_new(e, a);

	for (int i = 0; i < e->n; i++) {
		const struct field *f = &e->fields[i];
		bool text = f->kind <= KIND_PER_CHOICE;

		if (random_below(4) == 0)
			continue;
		if (text)
			*field_str(f, record) = random_kind_text(f);
		else
			*field_int(f, record) = random_number(f);
	}
	if (e->head) {
		struct entity_head *head = record;

		head->id = 1 + random_below(1000);
		head->version = 1 + random_below(9);
		head->created_at = head->changed_at = INT64_C(1795198200000000) + random_below(SECOND);
	}
	return record;
}

static void
test_random_put_back(void)
{
	static const unsigned whens[] = { 0, 1u << WHEN_DRAFT | 1u << WHEN_OPEN, 1u << WHEN_OPEN,
	    1u << WHEN_CLOSE };
	int taken = 0, same = 0, rounds = 2000;

	for (int i = 0; i < rounds; i++) {
		const struct entity *e = entity_of((enum entity_id)(i % ENTITY__MAX));
		void *record = random_record(e), *was = entity_copy(e, record, a);
		const struct entity_input input = {
			.in = answer(e, record), .editors = (unsigned)random_below(16), .whens = whens[i % 4],
		};
		struct err err = { .arena = a };

		if (entity_read(e, &input, record, a, &err))
			taken++;
		else
			printf("# %s.%.*s: %s\n", e->name, STR_FMT(err.fields->field),
			    fault_code(err.fields->fault));
		same += !entity_diff(e, was, record, a);
		arena_reset(a);
	}
	is_int(taken, rounds, "what GET gave is taken by PUT, from anybody at any time");
	is_int(same, rounds, "and changes nothing");
}

/* A record is what its differences from nothing say. */
static void
test_random_restore(void)
{
	int same = 0, rounds = 1000;

	for (int i = 0; i < rounds; i++) {
		const struct entity *e = entity_of((enum entity_id)(i % ENTITY__MAX));
		void *from = random_record(e), *to = random_record(e), *again = entity_copy(e, from, a);
		struct value *diff = entity_diff(e, from, to, a), *new = value_map(a), *left;
		struct err err = { .arena = a };

		json_parse(a, diff ? json_text(a, diff) : STR("{}"), &diff, &err);
		for (struct value *v = diff->first; v; v = v->next) {
			struct value *second = v->first->next;

			second->next = NULL;
			map_add_str(new, v->name, second);
		}
		entity_restore(e, new, again, a);
		left = entity_diff(e, again, to, a);
		for (struct value *v = left ? left->first : NULL; v; v = v->next)
			if (!(entity_field(e, v->name)->flags & SECRET))
				goto differs;
		same++;
differs:
		arena_reset(a);
	}
	is_int(same, rounds, "a version and the difference give the next version");
}

/* Whatever a value is, reading it ends with an answer, and nothing fixed changes. */
static struct value *
random_value(int depth)
{
	static const char *const words[] = {
		"", "red", "none", "2026-11-20T18:10:00Z", "10.0.0.1", "http://a.b", "a@b.tw", "yes", "119",
		    "-1", "other",
	};
	struct value *v;

	switch (random_below(depth > 2 ? 5 : 7)) {
	case 0:
		return value_null(a);
	case 1:
		return value_bool(a, random_below(2));
	case 2:
		return value_int(a, random_below(2) ? random_below(600) - 50 :
		    (int64_t)((uint64_t)random_below(INT64_MAX) * 2));
	case 3:
		return value_str(a, str_c(words[random_below(11)]));
	case 4:
		return value_str(a, random_text(30));
	case 5:
		v = value_list(a);
		for (int64_t n = random_below(4); n > 0; n--)
			list_add(v, random_value(depth + 1));
		return v;
	default:
		v = value_map(a);
		for (int64_t n = random_below(4); n > 0; n--)
			map_add(v, words[random_below(11)], random_value(depth + 1));
		return v;
	}
}

static void
test_random_input(void)
{
	int fixed = 0, agreed = 0, sound = 0, rounds = 3000;

	for (int i = 0; i < rounds; i++) {
		struct sample *s = full_sample(), *was = entity_copy(&sample_entity, s, a), *again;
		struct value *in = value_map(a);
		struct err err;
		bool taken;

		for (int k = 0; k < sample_entity.n; k++)
			if (random_below(3) == 0)
				map_add_str(in, sample_fields[k].key, random_value(0));
		taken = read_as(in, i % 2, s, &err);
		agreed += taken == (err.fault == FAULT_NONE) && taken == (err.fields == NULL);
		fixed += str_eq(s->draft_only, was->draft_only) && str_eq(s->secret, was->secret) &&
		    s->state == was->state &&
		    s->flags == was->flags && s->id == was->id;
		/* what was let in is of the kind's own writing: it can be shown and read again */
		again = entity_copy(&sample_entity, s, a);
		sound += read_as(answer(&sample_entity, s), false, again, &err) &&
		    !entity_diff(&sample_entity, s, again, a);
		arena_reset(a);
	}
	is_int(agreed, rounds, "false with a fault, true without, whatever comes");
	is_int(fixed, rounds, "what is fixed stays");
	is_int(sound, rounds, "what was let in can be sent back");
}

/* ---- forms ---- */

static void
test_form_values(void)
{
	struct sample *s = full_sample();
	struct err err;

	ok(read_form("{'count':' 12 ','yes':'no','many':['','red','green'],'one':'red','level':'3',"
	    "'ref':'5','text':''}", s, &err),
	    "texts for every kind");
	is_int(s->count, 12, "a number");
	is_int(s->yes, 0, "no");
	is_int(s->many, 3, "several boxes; the hidden empty one says nothing");
	is_int(s->level, 3, "a level");
	is_int(s->ref, 5, "a reference");
	is_str(s->text, NULL, "an empty text is not given");
	ok(read_form("{'many':''}", s, &err) && s->many == NONE, "no box ticked");
	ok(read_form("{'many':'blue'}", s, &err) && s->many == 1 << 5, "one box ticked");
	ok(read_form("{'count':'１２'}", s, &err) && s->count == 12, "full-width digits");
	ok(!read_form("{'count':'12a'}", s, &err) && fault_at(&err, "count") == FAULT_F_RANGE, "no number");
	is_int(s->count, 12, "changes nothing");
	ok(!read_form("{'yes':'maybe'}", s, &err) && fault_at(&err, "yes") == FAULT_F_CHOICE,
	    "neither yes nor no");
	ok(!read_form("{'text':['a','b']}", s, &err) && fault_at(&err, "text") == FAULT_F_TYPE,
	    "two texts where one is wanted");
	ok(read_form("{'text':['','b']}", s, &err), "an empty one beside it says nothing");
	ok(!read_form("{'csrf':'x'}", s, &err) && fault_at(&err, "csrf") == FAULT_F_UNKNOWN,
	    "unknown names are refused here too");
	ok(!read_form("{'ref':'x'}", s, &err) && fault_at(&err, "ref") == FAULT_F_REF, "no reference");
	ok(read_form("{'ips':['10.0.0.1','10.0.0.2\\n10.0.0.3']}", s, &err), "two text areas of one name");
	is_str(s->ips, "10.0.0.1\n10.0.0.2\n10.0.0.3", "are one list");
	ok(read_form("{'id':'12','version':'3'}", s, &err), "hidden id and version");
	ok(!read_form("{'id':'13'}", s, &err), "of another record");
}

static void
test_form_parts(void)
{
	struct sample *s = full_sample();
	struct err err;

	ok(read_form("{'each.red':' x ','each.blue':'y','each.green':''}", s, &err),
	    "a text beside each choice");
	is_str(s->each, "{\"red\":\"x\",\"blue\":\"y\"}", "is one answer");
	ok(read_form("{'each':'','each.red':'z'}", s, &err), "an empty text for all");
	is_str(s->each, "{\"red\":\"z\"}", "says nothing");
	ok(read_form("{'each.red':'','each.blue':''}", s, &err), "all empty");
	is_str(s->each, NULL, "is none");
	ok(read_form("{'each':'w'}", s, &err), "one text for all");
	is_str(s->each, "\"w\"", "is kept as that");
	ok(!read_form("{'each':'w','each.red':'x'}", s, &err) && fault_at(&err, "each") == FAULT_F_TYPE,
	    "both at once cannot be kept");
	ok(!read_form("{'each.red':'123456789'}", s, &err) && fault_at(&err, "each") == FAULT_F_LONG,
	    "limits hold");
	ok(!read_form("{'each.pink':'x'}", s, &err) && fault_at(&err, "each.pink") == FAULT_F_UNKNOWN,
	    "a choice that is none");
	ok(!read_form("{'each.red':['x','y']}", s, &err) && fault_at(&err, "each") == FAULT_F_TYPE,
	    "two texts for one choice");
}

static void
test_form_time(void)
{
	struct sample *s = full_sample();
	struct err err;
	int64_t was = s->at;

	ok(read_form("{'at':'2026-11-21T02:10'}", s, &err), "the minute that the form showed");
	is_int(s->at, was, "leaves the seconds alone");
	ok(read_form("{'at':'2026-11-21T02:11'}", s, &err), "another minute");
	is_int(s->at, INT64_C(1795198260000000), "is a new time");
}

/* ---- comparing, completeness ---- */

static void
test_diff(void)
{
	struct sample *from = full_sample(), *to = entity_copy(&sample_entity, from, a);
	struct sample *new = sample_new();

	ok(!entity_diff(&sample_entity, from, to, a), "no difference is NULL");
	to->text = STR("b");
	to->one = NONE;
	to->many = 1;
	to->secret = STR("new");
	is_str(json_text(a, entity_diff(&sample_entity, from, to, a)),
	    "{\"text\":[\"a\",\"b\"],\"one\":[\"green\",null],\"many\":[[\"red\",\"blue\"],[\"red\"]],"
	    "\"secret\":[\"(changed)\",\"(changed)\"]}", "from and to; a secret is never told");
	new->count = 0;
	is_str(json_text(a, entity_diff(&sample_entity, NULL, new, a)), "{\"count\":[null,0]}",
	    "a new record differs from nothing");
	to = entity_copy(&sample_entity, from, a);
	to->text = STR("");
	ok(entity_diff(&sample_entity, from, to, a) != NULL, "empty differs from a text");
	from->text = STR_NONE;
	ok(entity_diff(&sample_entity, from, to, a) != NULL, "and from none");
}

static void
test_complete(void)
{
	struct sample *s = sample_new();
	struct err err = { .arena = a };

	ok(!entity_complete(&sample_entity, s, REQUIRED, &err), "nothing given");
	is_int(fault_at(&err, "text"), FAULT_F_MISSING, "what is needed is missing");
	is_int(fault_at(&err, "why"), FAULT_NONE, "what depends on a choice not yet made is not asked for");
	s->text = STR("a");
	s->one = 0;
	err = (struct err){ .arena = a };
	ok(!entity_complete(&sample_entity, s, REQUIRED, &err) && fault_at(&err, "why") == FAULT_F_MISSING,
	    "it is once it is made");
	is_str(fault_of(&err, "why")->detail, "one", "and says what it depends on");
	s->one = 1;
	err = (struct err){ .arena = a };
	ok(entity_complete(&sample_entity, s, REQUIRED, &err), "not with another choice");
	s->why = STR("x");
	ok(!entity_complete(&sample_entity, s, REQUIRED, &err) &&
	    fault_at(&err, "why") == FAULT_F_EMPTY_WANTED,
	    "where an answer is not wanted any more");
	s->one = NONE;
	err = (struct err){ .arena = a };
	ok(entity_complete(&sample_entity, s, REQUIRED, &err), "an answer may wait for its question");
	s = sample_new();
	read_json("{'text':7}", s, &err);
	entity_complete(&sample_entity, s, REQUIRED, &err);
	ok(fault_at(&err, "text") == FAULT_F_TYPE && !err.fields->next,
	    "a wrong answer is not called missing as well");
	ok(entity_complete(&sample_entity, s, REQ_CLOSE, &(struct err){ .arena = a }),
	    "another duty, other fields");
}

static void
test_show(void)
{
	struct sample *s = full_sample();
	struct value *map = entity_show(&sample_entity, s, IN_LIST, a);

	is_str(json_text(a, map), "{\"id\":12,\"version\":3,\"created_at\":\"2026-11-20T18:10:00.000001Z\","
	    "\"changed_at\":\"2026-11-20T18:10:00.000001Z\",\"state\":\"blue\"}", "a list row");
	is_str(str_c(value_get(map, "state")->term), "choice.soft.blue", "with the message of its word");
	map = entity_show(&sample_entity, sample_new(), 0, a);
	is_int((int64_t)map->n, sample_entity.n - 1 + 4, "every field but the secret one, given or not");
	is_int(value_get(map, "text")->kind, V_NULL, "not given is null");
	is_int(value_get(map, "id")->kind, V_NULL, "an id that is not there yet too");
	ok(choice_by_code(&choices_soft, 5) == &soft_list[2] &&
	    choice_by_code(&choices_soft, 1) == &soft_list[1] &&
	    !choice_by_code(&choices_soft, 2) && !choice_by_code(&choices_soft, -1) &&
	    !choice_by_code(&choices_soft, INT64_MAX),
	    "choices by code, with gaps");
	ok(!choice_msg(&choices_soft, 2), "no word for what is none");
}

int
main(void)
{
	const struct zone *zone;

	a = arena_new();
	ok(zone_load("Asia/Taipei", &zone), "the zone of the forms");
	test_all_faults();
	test_names();
	test_clear();
	test_may_be_left_out();
	test_put_back();
	test_old_version();
	test_form_values();
	test_form_parts();
	test_form_time();
	test_diff();
	test_complete();
	test_show();
	test_random_put_back();
	test_random_restore();
	test_random_input();
	arena_free(a);
	return done_testing();
}
