/*
 * log_format PAGE: the bytes of a record. The worked example of docs/reference/log-format.md is made here anew and has
 * to stand in the page as it is made.
 */
#include "tap.h"

#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/merkle.h"
#include "store/audit.h"

static struct arena *a;

static struct str
read_page(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b = { .arena = a };

	if (f) {
		b.n = fread(buf_room(&b, 1 << 20), 1, 1 << 20, f);
		fclose(f);
	}
	return buf_str(&b);
}

static struct str
hex_of(const struct sha256 *h)
{
	return hex(a, (struct str){ (const char *)h->b, sizeof(h->b) });
}

static void
in_page(struct str page, struct str text, const char *name)
{
	if (!ok(text.n > 0 && str_has(page, text), name))
		printf("# not in the page: %.*s\n", STR_FMT(text));
}

static struct str
bytes_of(const char *hex_text)
{
	struct str bytes = STR_NONE;

	hex_decode(a, str_c(hex_text), &bytes);
	return bytes;
}

static void
test_example(struct str page)
{
	struct str details = STR("{\"level\":[1,3]}"), details_salt = bytes_of("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), one, two;
	struct sha256 details_hash = audit_details_hash(details_salt, details), leaf[2], root;
	struct audit_record r = {
		.seq = 1, .at = INT64_C(1795313400000000), .node = STR("cert-1"), .action = STR("report.amend-level"),
		.entity = STR("report"), .object = INT64_C(372036854775), .org = 12,
		.actor = { .account = 5, .person = 6, .session = 8, .address = STR("192.0.2.1"), .name = STR("王小明") },
		.result = AUDIT_DONE, .reason = STR("補充 \"第二次\"\n"), .erased_at = NO_TIME,
		.salt = bytes_of("000102030405060708090a0b0c0d0e0f"),
		.details_hash = { (const char *)details_hash.b, 32 },
	};
	struct audit_record second = {
		.seq = 2, .at = INT64_C(1795313400000001), .node = STR("cert-1"), .action = STR("duty.overdue"),
		.entity = STR("duty"), .object = INT64_C(372036854776), .org = 12, .result = AUDIT_DONE,
		.actor = { .address = STR(""), .name = STR("") },
		.salt = bytes_of("101112131415161718191a1b1c1d1e1f"), .erased_at = NO_TIME,
	};
	struct merkle_edge edge = { .size = 0 };

	one = audit_bytes(a, STR("cert.example/log"), &r);
	two = audit_bytes(a, STR("cert.example/log"), &second);
	in_page(page, details, "the details");
	in_page(page, hex_of(&details_hash), "their salted hash");
	in_page(page, one, "the first record");
	in_page(page, two, "the second record");
	leaf[0] = merkle_leaf(one);
	leaf[1] = merkle_leaf(two);
	merkle_append(&edge, &leaf[0]);
	merkle_append(&edge, &leaf[1]);
	root = merkle_root(&edge);
	in_page(page, hex_of(&leaf[0]), "its leaf");
	in_page(page, hex_of(&leaf[1]), "its leaf");
	in_page(page, hex_of(&root), "the root of both");
}

/* Each name of a record is explained. */
static void
test_members(struct str page)
{
	struct audit_record r = { .seq = 1, .node = STR(""), .action = STR("x"), .entity = STR(""),
		.result = AUDIT_REFUSED };
	struct str bytes = audit_bytes(a, STR("o"), &r);
	struct err err = { .arena = a };
	struct buf again = { .arena = a };
	struct value *v = NULL;
	bool all = true;

	is_str(bytes, "{\"account\":\"0\",\"address\":\"\",\"behind\":\"\",\"details\":\"\",\"entity\":\"\","
	    "\"key\":\"0\",\"log\":\"o\",\"name\":\"\",\"node\":\"\",\"object\":\"0\",\"org\":\"0\",\"person\":\"0\","
	    "\"reason\":\"\",\"result\":\"refused\",\"salt\":\"\",\"seq\":1,\"session\":\"0\","
	    "\"time\":\"1970-01-01T00:00:00.000000Z\",\"type\":\"x\",\"v\":1}", "an empty record, byte by byte");
	ok(json_parse(a, bytes, &v, &err), "a record is JSON");
	json_canonical(&again, v);
	ok(str_eq(buf_str(&again), bytes), "in its one canonical form");
	is_int((int64_t)v->n, 20, "with all its members");
	for (const struct value *m = v->first; m; m = m->next)
		all = all && str_has(page, arena_printf(a, "\n| `%.*s` |", STR_FMT(m->name)));
	ok(all, "each of which the page explains");
	is_str(value_text(value_get(v, "behind")), "", "nobody stands behind");
	r.actor.behind = 77;
	ok(str_has(audit_bytes(a, STR("x"), &r), STR("\"behind\":\"77\"")), "or somebody does");
	r.reason = STR("\x01\x1f\"\\/\x7f\t\n\xe2\x80\xa8</script>");
	ok(str_has(audit_bytes(a, STR("x"), &r), STR("\"reason\":\"\\u0001\\u001f\\\"\\\\/\x7f\\t\\n\xe2\x80\xa8</script>\"")),
	    "only what must be is escaped");
}

int
main(int argc, char **argv)
{
	struct str page;

	if (argc != 2)
		return 2;
	a = arena_new();
	page = read_page(argv[1]);
	test_example(page);
	test_members(page);
	arena_free(a);
	return done_testing();
}
