#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

struct fault_row {
	const char *code;
	int status;
};

static const struct fault_row rows[FAULT__MAX] = {
#define FAULT_ROW(constant, code, status) [constant] = { code, status },
	FAULTS(FAULT_ROW)
#undef FAULT_ROW
};

const char *
fault_code(enum fault f)
{
	assert(f < FAULT__MAX);
	return rows[f].code;
}

int
fault_status(enum fault f)
{
	assert(f < FAULT__MAX);
	return rows[f].status;
}

bool
err_set(struct err *err, enum fault fault)
{
	if (err->fault == FAULT_NONE)
		err->fault = fault;
	return false;
}

bool
err_setf(struct err *err, enum fault fault, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	if (err->fault != FAULT_NONE)
		return false;
	err->fault = fault;
	if (!err->arena) {
		/* without an arena only text that needs no formatting can be kept */
		err->detail = strchr(fmt, '%') ? STR_NONE : str_c(fmt);
		return false;
	}
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	text = arena_raw(err->arena, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	err->detail = (struct str){ text, (size_t)n };
	return false;
}

bool
err_say(struct err *err, enum fault fault, const char *say, struct str detail)
{
	if (err->fault == FAULT_NONE) {
		err->fault = fault;
		err->say = say;
		err->detail = detail;
	}
	return false;
}

bool
err_field(struct err *err, struct str field, const char *label, enum fault fault, int64_t limit,
    struct str detail)
{
	struct field_err *f;

	assert(err->arena && fault_status(fault) == 0);
	err_set(err, FAULT_FIELDS);
	f = arena_make(err->arena, struct field_err);
	f->field = arena_dup(err->arena, field);
	f->label = label;
	f->fault = fault;
	f->limit = limit;
	f->detail = arena_dup(err->arena, detail);
	if (err->last_field)
		err->last_field->next = f;
	else
		err->fields = f;
	err->last_field = f;
	return false;
}
