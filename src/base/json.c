/*
 * JSON in. A scan of our own comes first: it is what bounds the depth and tells a bad
 * encoding from bad syntax; jansson then does the parsing (the only file that includes it).
 */
#include "base/json.h"

#include <jansson.h>
#include <pthread.h>

#include "base/arena.h"
#include "base/rand.h"

/* Says where: line:column, both from 1, the column in code points. */
static bool
fault_at(struct err *err, enum fault fault, struct str text, size_t at)
{
	struct str before = str_first(text, at);
	size_t line = 1, start = 0;

	for (size_t i = 0; i < before.n; i++)
		if (before.p[i] == '\n') {
			line++;
			start = i + 1;
		}
	return err_setf(err, fault, "%zu:%zu", line, utf8_length(str_from(before, start)) + 1);
}

/* The four hex digits of \uXXXX whose backslash is at at; -1 when there are not four. */
static int32_t
escape_code(struct str s, size_t at)
{
	int32_t code = 0;

	if (s.n < 6 || at > s.n - 6 || s.p[at] != '\\' || s.p[at + 1] != 'u')
		return -1;
	for (size_t i = at + 2; i < at + 6; i++) {
		int c = s.p[i], letter = c | 32;

		if (c >= '0' && c <= '9')
			code = code << 4 | (c - '0');
		else if (letter >= 'a' && letter <= 'f')
			code = code << 4 | (letter - 'a' + 10);
		else
			return -1;
	}
	return code;
}

/* Length of the escape at at. 0 when it stands for NUL or half a surrogate pair, which no text can hold. */
static size_t
escape_length(struct str s, size_t at)
{
	int32_t code = escape_code(s, at), second;

	if (code < 0)
		return 2;                /* a short escape, or one that the parser refuses */
	if (code == 0 || (code >= 0xdc00 && code <= 0xdfff))
		return 0;
	if (code < 0xd800 || code > 0xdfff)
		return 6;
	second = escape_code(s, at + 6);
	return second >= 0xdc00 && second <= 0xdfff ? 12 : 0;
}

/* From the opening quote at *at to behind the closing one; an open end is left to the parser. */
static bool
scan_string(struct str s, size_t *at, struct err *err)
{
	size_t i = *at + 1;

	while (i < s.n && s.p[i] != '"') {
		size_t n = s.p[i] == '\\' ? escape_length(s, i) : 1;

		if (n == 0)
			return fault_at(err, FAULT_ENCODING, s, i);
		i += n;
	}
	*at = i + 1;
	return true;
}

static bool
scan(struct str s, struct err *err)
{
	size_t i = 0;
	int depth = 0;

	while (i < s.n) {
		char c = s.p[i];

		if (c == '"') {
			if (!scan_string(s, &i, err))
				return false;
			continue;
		}
		if ((c == '[' || c == '{') && ++depth > JSON_DEPTH)
			return fault_at(err, FAULT_DEPTH, s, i);
		if (c == ']' || c == '}')
			depth--;
		i++;
	}
	return true;
}

static struct str
copy_text(struct arena *a, const char *p, size_t n)
{
	return arena_dup(a, (struct str){ p, n });
}

static struct value *convert(struct arena *a, json_t *j);

static struct value *
convert_array(struct arena *a, json_t *j)
{
	struct value *list = value_list(a);
	size_t i;
	json_t *member;

	json_array_foreach(j, i, member)
		list_add(list, convert(a, member));
	return list;
}

static struct value *
convert_object(struct arena *a, json_t *j)
{
	struct value *map = value_map(a);
	const char *key;
	size_t n;
	json_t *member;

	json_object_keylen_foreach(j, key, n, member)
		map_add_str(map, copy_text(a, key, n), convert(a, member));
	return map;
}

static struct value *
convert_real(struct arena *a, double r)
{
	struct value *v = value_null(a);

	v->kind = V_REAL;
	v->r = r;
	return v;
}

/* Recursion ends: scan() has bounded the depth. */
static struct value *
convert(struct arena *a, json_t *j)
{
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		return convert_object(a, j);
	case JSON_ARRAY:
		return convert_array(a, j);
	case JSON_STRING:
		return value_str(a, copy_text(a, json_string_value(j), json_string_length(j)));
	case JSON_INTEGER:
		return value_int(a, json_integer_value(j));
	case JSON_REAL:
		return convert_real(a, json_real_value(j));
	case JSON_TRUE:
	case JSON_FALSE:
		return value_bool(a, json_is_true(j));
	default:
		return value_null(a);
	}
}

/* jansson would seed its tables from /dev/urandom at the first object, which a sandbox refuses. */
static void
seed_tables(void)
{
	size_t seed;

	do
		rand_bytes(&seed, sizeof(seed));
	while (seed == 0);
	json_object_seed(seed);
}

static enum fault
fault_of(const json_error_t *error)
{
	switch (json_error_code(error)) {
	case json_error_duplicate_key:
		return FAULT_DUPLICATE_KEY;
	case json_error_invalid_utf8:
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return FAULT_ENCODING;
	default:
		return FAULT_SYNTAX;
	}
}

bool
json_parse(struct arena *a, struct str text, struct value **ret_value, struct err *err)
{
	static pthread_once_t seeded = PTHREAD_ONCE_INIT;
	json_error_t error;
	json_t *j;

	if (!text.p)
		text = STR("");
	if (!utf8_ok(text))
		return fault_at(err, FAULT_ENCODING, text, utf8_sound(text));
	if (!scan(text, err))
		return false;
	pthread_once(&seeded, seed_tables);
	j = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!j)
		return fault_at(err, fault_of(&error), text, (size_t)(error.position > 0 ? error.position - 1 : 0));
	*ret_value = convert(a, j);
	json_decref(j);
	return true;
}
