#include "tap.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"

static void
test_codes(void)
{
	bool distinct = true, known = true;

	for (int f = 0; f < FAULT__MAX; f++) {
		int status = fault_status((enum fault)f);

		known = known && (status == 0 || status == 200 || (status >= 400 && status < 600));
		for (int g = 0; g < f; g++)
			distinct = distinct && strcmp(fault_code((enum fault)f), fault_code((enum fault)g)) != 0;
	}
	ok(distinct, "each fault has a code of its own");
	ok(known, "each has an error's status, or none");
	is_str(str_c(fault_code(FAULT_F_MISSING)), "field.missing", "a field's code");
	is_int(fault_status(FAULT_NOT_FOUND), 404, "a request's status");
}

/* Three parts for the request's faults, one sentence for a field's. */
static void
test_words(struct arena *a)
{
	bool all = true;

	for (int f = FAULT_NONE + 1; f < FAULT__MAX; f++) {
		const char *id = arena_printf(a, "fault.%s", fault_code((enum fault)f)).p;
		bool request = fault_status((enum fault)f) != 0;

		if (!msg_has(id) || msg_has(arena_printf(a, "%s.why", id).p) != request ||
		    msg_has(arena_printf(a, "%s.do", id).p) != request) {
			printf("# %s\n", id);
			all = false;
		}
	}
	ok(all, "each fault has its words");
}

static void
test_set(struct arena *a)
{
	struct err err = { .arena = a }, bare = { 0 };

	ok(!err_setf(&err, FAULT_FILE, "%s: %d", "a", 5), "setting returns false");
	is_str(err.detail, "a: 5", "the detail is formatted");
	ok(!err_set(&err, FAULT_STORE) && !err_setf(&err, FAULT_STORE, "x"), "a second fault");
	is_int(err.fault, FAULT_FILE, "the first one stays");
	is_str(err.detail, "a: 5", "and its detail");
	err_setf(&bare, FAULT_BUSY, "queue of %d", 7);
	is_str(bare.detail, NULL, "no arena: no formatted detail");
	bare = (struct err){ 0 };
	err_setf(&bare, FAULT_BUSY, "queue full");
	is_str(bare.detail, "queue full", "no arena: static text is kept");
}

static void
test_fields(struct arena *a)
{
	struct err err = { .arena = a };
	char name[] = "title";

	ok(!err_field(&err, str_c(name), "field.report.title", FAULT_F_LONG, 200, STR_NONE), "a field returns false");
	err_field(&err, STR("title"), NULL, FAULT_F_TEXT, 0, STR("x"));
	err_field(&err, STR("level"), NULL, FAULT_F_CHOICE, 0, STR(""));
	name[0] = 'x';
	is_int(err.fault, FAULT_FIELDS, "the whole is a fault of fields");
	is_str(err.fields->field, "title", "the name is copied");
	is_int(err.fields->limit, 200, "the limit");
	is_str(err.fields->next->field, "title", "the same field twice");
	is_str(err.fields->next->detail, "x", "the detail");
	is_str(err.fields->next->next->field, "level", "in the order found");
	ok(!err.fields->next->next->next, "and no more");
}

int
main(void)
{
	struct arena *a = arena_new();

	test_codes();
	test_words(a);
	test_set(a);
	test_fields(a);
	arena_free(a);
	return done_testing();
}
