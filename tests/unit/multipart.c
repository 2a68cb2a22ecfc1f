/* Forms with a file: what browsers send is read exactly, anything else is refused and nothing of it kept. */
#include "http/private.h"

#include <string.h>

#include "base/arena.h"
#include "tap.h"

#define TYPE "multipart/form-data; boundary=----x"
#define MARK "------x"
#define TEXT(name, text) MARK "\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" text "\r\n"
#define FILE_PART(name, file, text) \
	MARK "\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\nContent-Type: image/png\r\n\r\n" text "\r\n"
#define END MARK "--\r\n"

static struct arena *a;
static struct value *map;
static struct upload file;

static bool
read_as(const char *type, struct str body, int names)
{
	struct err err = { .arena = a };
	bool ok = multipart_read(a, str_c(type), body, names, &map, &file, &err);

	return ok ? err.fault == FAULT_NONE : err.fault != FAULT_REQUEST && err.fault != FAULT_ENCODING;
}
#define reads(text) read_as(TYPE, STR(text), 10)

static void
test_good(void)
{
	ok(reads(TEXT("csrf", "token") TEXT("a", "一\r\n二") FILE_PART("file", "a b.png", "\0\r\n--\r\n-----x\r\n") END), "a form");
	is_str(value_text(value_get(map, "csrf")), "token", "a text");
	is_str(value_text(value_get(map, "a")), "一\r\n二", "lines of a text");
	is_int((int64_t)map->n, 2, "the file is not among the texts");
	is_str(file.field, "file", "the file's input");
	is_str(file.name, "a b.png", "its name");
	is_int((int64_t)file.bytes.n, 15, "all of its bytes");
	ok(memcmp(file.bytes.p, "\0\r\n--\r\n-----x\r\n", 15) == 0, "as they are");
	ok(reads(TEXT("a", "1") TEXT("a", "2") TEXT("a", "3") END) && value_get(map, "a")->kind == V_LIST &&
	    value_get(map, "a")->n == 3 && !file.field.p, "a repeated name is a list");
	ok(reads(FILE_PART("file", "", "") END) && !file.field.p && map->n == 0, "a file input that was left empty");
	ok(reads(FILE_PART("file", "", "x") END) && file.bytes.n == 1, "a file without a name");
	ok(reads(FILE_PART("file", "\xff\xfe.exe", "x") END) && file.name.n == 6, "a name of any bytes");
	ok(reads(FILE_PART("file", "C:\\a;b.exe", "x") END) && str_is(file.name, "C:\\a;b.exe"), "a name as it is");
	ok(reads(TEXT("a", "") END "epilogue") && value_get(map, "a")->s.n == 0, "an empty text, and something behind");
	ok(read_as("Multipart/Form-Data; charset=utf-8; BOUNDARY=\"----x\"", STR(TEXT("a", "1") END), 10) && map->n == 1,
	    "a boundary in quotes");
	ok(reads(MARK "\r\ncontent-disposition:form-data;name=a\r\n\r\n1\r\n" END) && map->n == 1, "a name without quotes");
	ok(reads(END) && map->n == 0, "nothing in it");
}

static struct value *const untouched = (struct value *)&a;

static bool
refused(const char *type, struct str body, int names)
{
	struct err err = { .arena = a };

	map = untouched;
	file = (struct upload){ .field = STR("before") };
	return !multipart_read(a, str_c(type), body, names, &map, &file, &err) && map == untouched &&
	    str_is(file.field, "before") && (err.fault == FAULT_REQUEST || err.fault == FAULT_ENCODING);
}
#define refuses(text) refused(TYPE, STR(text), 10)

static void
test_bad(void)
{
	ok(refused("multipart/form-data", STR(END), 10), "no boundary");
	ok(refused("multipart/form-data; boundary=", STR(END), 10), "an empty one");
	ok(refused("multipart/form-data; boundary=\"----x", STR(END), 10), "quotes that do not end");
	ok(refuses(""), "nothing");
	ok(refuses("\r\n" END), "something before the first boundary");
	ok(refuses(MARK "\r\n"), "it ends in the first part");
	ok(refuses(TEXT("a", "1")), "no end");
	ok(refuses(TEXT("a", "1") MARK "y\r\n" END), "a boundary that goes on");
	ok(refuses(MARK "\r\nContent-Disposition: form-data\r\n\r\n1\r\n" END), "a part without a name");
	ok(refuses(MARK "\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n" END), "another kind of part");
	ok(refuses(MARK "\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n" END), "a name that does not end");
	ok(refuses(MARK "\r\nwhat\r\n\r\n1\r\n" END), "a header that is none");
	ok(refuses(MARK "\r\nContent-Disposition: form-data; name=\"a\"\r\n1\r\n" END), "no empty line");
	ok(refuses(MARK "\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ==\r\n" END),
	    "an encoding");
	ok(refuses(FILE_PART("f", "a", "1") FILE_PART("f", "b", "2") END), "two files");
	ok(refuses(TEXT("a", "\xff") END), "a text that is not UTF-8");
	ok(refuses(TEXT("a\xff", "1") END), "a name that is not UTF-8");
	ok(refuses(TEXT("a", "\0") END), "NUL in a text");
	ok(refused(TYPE, STR(TEXT("a", "1") TEXT("b", "2") TEXT("c", "3") END), 2), "too many parts");
	ok(!refused(TYPE, STR(TEXT("a", "1") TEXT("b", "2") END), 2), "as many as may be");
}

/* Cut anywhere it is refused, never half read. */
static void
test_cut(void)
{
	const struct str whole = STR(TEXT("csrf", "token") FILE_PART("file", "a.png", "bytes\r\n") END);
	size_t wrong = 0;

	for (size_t n = 0; n < whole.n - 2; n++)
		wrong += !refused(TYPE, arena_dup(a, str_first(whole, n)), 10);
	is_int((int64_t)wrong, 0, "cut anywhere it is refused");
}

int
main(void)
{
	a = arena_new();
	test_good();
	test_bad();
	test_cut();
	arena_free(a);
	return done_testing();
}
