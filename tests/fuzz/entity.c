/*
 * Any JSON as a report, as an answer of PUT and as the fields of a form: refused with faults, or a record that can be
 * shown, sent back unchanged, put on a form, compared, judged and restored. And as a hold on systems.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"
#include "model/hold.h"
#include "model/host.h"
#include "model/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
need(bool holds)
{
	if (!holds)
		abort();
}

static const struct zone *
local(void)
{
	static const struct zone *zone;

	if (!zone)
		need(zone_load("Asia/Taipei", &zone));
	return zone;
}

static void
check_faults(struct arena *a, const struct err *err, bool read)
{
	int n = 0;

	need(read == (err->fault == FAULT_NONE) && read == (err->fields == NULL));
	need(read || err->fault == FAULT_FIELDS);
	for (const struct field_err *f = err->fields; f; f = f->next, n++) {
		need(utf8_ok(f->field) && utf8_ok(f->detail) && fault_status(f->fault) == 0);
		need(field_err_text(a, LANG_ZH, f).n > 0 && field_err_text(a, LANG_EN, f).n > 0);
	}
	need(n <= 2000);
}

/* What the record says is taken back as it is, by whoever may change nothing as well. */
static void
check_put_back(struct arena *a, const struct report *r, unsigned editors)
{
	struct report *again = entity_copy(&entity_report, r, a);
	struct err err = { .arena = a };
	struct value *shown;

	need(json_parse(a, json_text(a, entity_show(&entity_report, r, 0, a)), &shown, &err));
	need(entity_read(&entity_report, &(struct entity_input){ .in = shown, .editors = editors,
	    .whens = 1u << WHEN_DRAFT | 1u << WHEN_OPEN, .local = local() }, again, a, &err));
	need(!entity_diff(&entity_report, r, again, a));
}

static void
check_restore(struct arena *a, const struct report *r)
{
	struct report *again = entity_new(&entity_report, a);
	struct err err = { .arena = a };
	struct value *map = value_map(a), *shown;

	for (int i = 0; i < entity_report.n; i++)
		field_show(&entity_report.fields[i], r, map, a);
	need(json_parse(a, json_text(a, map), &shown, &err));
	entity_restore(&entity_report, shown, again, a);
	need(!entity_diff(&entity_report, r, again, a));
}

static void
check_record(struct arena *a, struct report *r, const struct value *in)
{
	const struct face face = { .lang = LANG_ZH, .zone = local() };
	struct err err = { .arena = a };

	check_put_back(a, r, BY_P);
	check_put_back(a, r, 0);
	check_restore(a, r);
	need(entity_form(&entity_report, r, BY_P, 1u << WHEN_OPEN, in, &err, &face, a)->n > 0);
	report_derive(r);
	need(report_ready(r, INT64_C(1795198200000000), &err) == (err.fault == FAULT_NONE));
	check_faults(a, &err, err.fault == FAULT_NONE);
}

static void
check(struct arena *a, const struct value *in, bool form)
{
	struct report *r = entity_new(&entity_report, a);
	struct err err = { .arena = a };
	bool read = entity_read(&entity_report, &(struct entity_input){ .in = in, .editors = BY_P | BY_V,
	    .whens = 1u << WHEN_DRAFT | 1u << WHEN_OPEN, .form = form, .local = local() }, r, a, &err);

	check_faults(a, &err, read);
	need(r->state == NONE && r->level == NONE && !r->report_no.p && r->id == 0);
	if (in->kind == V_MAP)
		check_record(a, r, in);
}

/* What a hold names: each line is a system, or it was refused; read once more it is the same. */
static void
check_hosts(struct arena *a, const struct value *in, bool form)
{
	struct hold *h = entity_new(&entity_hold, a), *again = entity_new(&entity_hold, a);
	const struct entity_input input = { .in = in, .editors = BY_V, .form = form, .local = local() };
	struct err err = { .arena = a };
	struct str rest, one;
	struct value *shown;

	check_faults(a, &err, entity_read(&entity_hold, &input, h, a, &err));
	rest = h->systems;
	while (str_split(&rest, '\n', &one)) {
		struct host_range range;

		need(host_range(a, one, true, &range) && host_ranges_meet(&range, &range));
		/* a name without a dot is one only in a web address */
		if (!str_has(one, STR(".")) && !str_has(one, STR(":")))
			return;
	}
	err = (struct err){ .arena = a };
	need(json_parse(a, json_text(a, entity_show(&entity_hold, h, 0, a)), &shown, &err));
	entity_read(&entity_hold, &(struct entity_input){ .in = shown, .editors = BY_V, .local = local() }, again, a, &err);
	need(str_eq(again->systems, h->systems));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct value *in;

	if (json_parse(a, (struct str){ (const char *)data, n }, &in, &err)) {
		check(a, in, false);
		check(a, in, true);
		check_hosts(a, in, false);
		check_hosts(a, in, true);
	}
	arena_free(a);
	return 0;
}
