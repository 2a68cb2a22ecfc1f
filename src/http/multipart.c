/*
 * A form with a file (RFC 7578) into a map of texts and the file: what browsers send, and nothing looser. A boundary stands at the
 * beginning of a line; every part says its name; one part may be a file. Names and texts are UTF-8; a file's name is handed on as it
 * came, for whoever takes it knows better what to make of it.
 */
#include "http/private.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"

#define BOUNDARY_LONGEST 70              /* RFC 2046 5.1.1 */
#define HEADERS_LONGEST ((size_t)4 << 10)
#define NAME_LONGEST 200

struct part {
	struct str name, file_name, media, bytes;        /* file_name: STR_NONE for a text */
};

static bool
bad(struct err *err, const char *what)
{
	return err_setf(err, FAULT_REQUEST, "multipart/form-data: %s", what);
}

static bool
same(struct str a, const char *b)
{
	return a.n == strlen(b) && strncasecmp(a.p, b, a.n) == 0;
}

/*
 * Takes the next "; name=value" off *rest. A value in quotes ends at the next quote: browsers write a quote within as %22, and a
 * backslash as itself.
 */
static bool
take_parameter(struct str *rest, struct str *ret_name, struct str *ret_value)
{
	struct str s = bare(*rest);
	const char *equals, *end;

	if (!s.n || s.p[0] != ';')
		return false;
	s = bare(str_from(s, 1));
	equals = s.n ? memchr(s.p, '=', s.n) : NULL;
	if (!equals)
		return false;
	*ret_name = bare(str_first(s, (size_t)(equals - s.p)));
	s = str_from(s, (size_t)(equals - s.p) + 1);
	if (s.n && s.p[0] == '"') {
		s = str_from(s, 1);
		end = s.n ? memchr(s.p, '"', s.n) : NULL;
		if (!end)
			return false;
		*ret_value = str_first(s, (size_t)(end - s.p));
		*rest = str_from(s, ret_value->n + 1);
		return true;
	}
	end = s.n ? memchr(s.p, ';', s.n) : NULL;
	*ret_value = bare(end ? str_first(s, (size_t)(end - s.p)) : s);
	*rest = end ? str_from(s, (size_t)(end - s.p)) : STR("");
	return true;
}

/* What stands before the first ';', and the rest from there on. */
static struct str
take_value(struct str *rest)
{
	const char *end = rest->n ? memchr(rest->p, ';', rest->n) : NULL;
	struct str value = end ? str_first(*rest, (size_t)(end - rest->p)) : *rest;

	*rest = str_from(*rest, value.n);
	return bare(value);
}

static bool
is_boundary(struct str s)
{
	if (s.n == 0 || s.n > BOUNDARY_LONGEST)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '"')
			return false;
	return true;
}

static bool
boundary_of(struct str content_type, struct str *ret_boundary, struct err *err)
{
	struct str name, value;

	take_value(&content_type);
	while (take_parameter(&content_type, &name, &value))
		if (same(name, "boundary") && is_boundary(value)) {
			*ret_boundary = value;
			return true;
		}
	return bad(err, "no boundary");
}

/* ---- one part ---- */

static bool
read_disposition(struct str line, struct part *p, struct err *err)
{
	struct str name, value;

	if (!same(take_value(&line), "form-data"))
		return bad(err, "a part of another kind than form-data");
	while (take_parameter(&line, &name, &value))
		if (same(name, "name"))
			p->name = value;
		else if (same(name, "filename"))
			p->file_name = value;
	if (bare(line).n)
		return bad(err, "a Content-Disposition that cannot be read");
	return true;
}

static bool
read_header(struct str line, struct part *p, struct err *err)
{
	const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
	struct str name, value;

	if (!colon)
		return bad(err, "a header that is none");
	name = str_first(line, (size_t)(colon - line.p));
	value = bare(str_from(line, name.n + 1));
	if (same(name, "content-disposition"))
		return read_disposition(value, p, err);
	if (same(name, "content-transfer-encoding"))
		return bad(err, "Content-Transfer-Encoding");
	if (same(name, "content-type"))
		p->media = value;
	return true;
}

/* The head, an empty line, the content. */
static bool
read_part(struct str text, struct part *ret_part, struct err *err)
{
	struct part p = { .name = STR_NONE };
	const char *end = memmem(text.p, text.n, "\r\n\r\n", 4);
	struct str head, line;

	if (!end || (size_t)(end - text.p) > HEADERS_LONGEST)
		return bad(err, "a part without a head");
	head = str_first(text, (size_t)(end - text.p));
	while (str_split(&head, '\n', &line)) {
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (!read_header(line, &p, err))
			return false;
	}
	p.bytes = str_from(text, (size_t)(end - text.p) + 4);
	if (!p.name.p || !p.name.n || p.name.n > NAME_LONGEST)
		return bad(err, "a part without a name");
	if (!utf8_ok(p.name) || (!p.file_name.p && !utf8_ok(p.bytes)))
		return err_setf(err, FAULT_ENCODING, "a form that is not UTF-8");
	*ret_part = p;
	return true;
}

/* A repeated name is a list, as in any form. */
static void
add_text(struct arena *a, struct value *map, struct str name, struct str text)
{
	struct value *there = NULL, *list;

	for (struct value *m = map->first; m; m = m->next)
		if (str_eq(m->name, name))
			there = m;
	if (!there) {
		map_add_str(map, name, value_str(a, text));
		return;
	}
	if (there->kind != V_LIST) {
		list = value_list(a);
		list_add(list, value_str(a, there->s));
		there->kind = V_LIST;
		there->first = list->first;
		there->last = list->last;
		there->n = 1;
	}
	list_add(there, value_str(a, text));
}

/* A form's file input that was left empty comes as a file without a name or bytes. */
static bool
keep(struct arena *a, const struct part *p, struct value *map, struct upload *file, struct err *err)
{
	if (!p->file_name.p) {
		add_text(a, map, p->name, p->bytes);
		return true;
	}
	if (!p->file_name.n && !p->bytes.n)
		return true;
	if (file->field.p)
		return bad(err, "more than one file");
	*file = (struct upload){ p->name, p->file_name, p->bytes };
	return true;
}

/* ---- all of them ---- */

/* Where the next delimiter begins: CRLF, two hyphens, the boundary. NULL: there is none. */
static const char *
find_delimiter(struct str rest, struct str delimiter)
{
	return rest.n >= delimiter.n ? memmem(rest.p, rest.n, delimiter.p, delimiter.n) : NULL;
}

bool
multipart_read(struct arena *a, struct str content_type, struct str body, int names, struct value **ret_map,
    struct upload *ret_file, struct err *err)
{
	struct value *map = value_map(a);
	struct upload file = { .field = STR_NONE };
	struct str boundary = STR_NONE, delimiter, rest = body;
	struct part part = { .name = STR_NONE };
	const char *end;
	int n;

	if (!boundary_of(content_type, &boundary, err))
		return false;
	delimiter = arena_printf(a, "\r\n--%.*s", STR_FMT(boundary));
	/* the first may stand at the very beginning, where no line ends before it */
	if (!str_starts(rest, str_from(delimiter, 2)))
		return bad(err, "it does not begin with its boundary");
	rest = str_from(rest, delimiter.n - 2);
	for (n = 0;; n++) {
		if (str_starts(rest, STR("--")))
			break;
		if (!str_starts(rest, STR("\r\n")))
			return bad(err, "a boundary that goes on");
		rest = str_from(rest, 2);
		end = find_delimiter(rest, delimiter);
		if (!end || n == names)
			return bad(err, end ? "too many parts" : "it ends within a part");
		if (!read_part(str_first(rest, (size_t)(end - rest.p)), &part, err) ||
		    !keep(a, &part, map, &file, err))
			return false;
		rest = str_from(rest, (size_t)(end - rest.p) + delimiter.n);
	}
	*ret_map = map;
	*ret_file = file;
	return true;
}
