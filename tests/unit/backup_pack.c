/* The file of a backup: what is written is read again, what is not what was written is found, all of it. */
#include "tap.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backup/pack.h"
#include "base/hash.h"
#include "base/rand.h"

static struct arena *a;

/* ---- keys ---- */

#define IDENTITY "AGE-SECRET-KEY-1K4RN08VFLTJHUHXL3QT75PDP97K80W3AYFRSYXNRLAAJVYP5QULQUYX5U5"
#define RECIPIENT "age1nskmycsv53jpjmsdz84wdkfgtw39gnwl4srsh9d63qtemxc9ry0qmw096w"
/* "AGE test vector of another hand\n", made by age 1.1.1 for that recipient */
#define BY_ANOTHER \
	"YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0-IFgyNTUxOSBBeVlaQUoyeG8zcE05emY0MEFHV25SZm1TL1kvUVA1ZXRDUGc5ME45R0ZnCjIwTy9WbEF3" \
	"NW1ZYWV1VW44ZTZZeGtMVWxoN2QrRkh0bTlCb2Nsekh3a2sKLS0tIEJVTnA4ck1CSUsyMFJQdE01eUd0U2RtYzJtNnlwdDBVVkMzbkNudXVvTFkK" \
	"KsL6yLcY9EBHj4rQ5OWG_U0jUG71q57QzX4c9E0U5VLoLcePqLSvyPp9asHG9qn47RQiclPZu8CLSdMDX5vzOw"

static bool
takes(bool identities, struct str text)
{
	struct err err = { .arena = a };
	struct age_keys keys;

	return identities ? age_identities(text, &keys, &err) : age_recipients(text, &keys, &err);
}

static void
test_keys(void)
{
	struct err err = { .arena = a };
	struct age_keys keys;
	struct str recipient, identity;

	ok(age_identities(STR("# mine\n\n" IDENTITY "\r\n"), &keys, &err) && keys.n == 1, "an identity between words");
	is_str(age_recipient_of(a, keys.key[0]), RECIPIENT, "its public key, as age-keygen spells it");
	ok(takes(false, STR(RECIPIENT "\n" RECIPIENT)), "recipients, a line each");
	ok(!takes(false, STR("age1nskmycsv53jpjmsdz84wdkfgtw39gnwl4srsh9d63qtemxc9ry0qmw096x")), "a letter is wrong");
	ok(!takes(false, STR("age1nskmycsv53jpjmsdz84wdkfgtw39gnwl4srsh9d63qtemxc9ry0qmw096")), "a letter is missing");
	ok(!takes(false, STR("AGE1NSKMYCSV53JPJMSDZ84WDKFGTW39GNWL4SRSH9D63QTEMXC9RY0QMW096W")), "a recipient in capitals");
	ok(!takes(false, STR(IDENTITY)), "an identity is no recipient");
	ok(!takes(true, STR(RECIPIENT)), "a recipient is no identity");
	ok(!takes(true, STR("# nothing\n")), "no key at all");
	age_keygen(a, &recipient, &identity);
	ok(takes(false, recipient) && takes(true, identity), "a new pair can be read");
	age_identities(identity, &keys, &err);
	ok(str_eq(age_recipient_of(a, keys.key[0]), recipient), "and belongs together");
}

/* A point of small order: what would be sealed for it is sealed for everybody. */
static void
test_small_order(void)
{
	/* 32 zero bytes in bech32 */
	ok(!takes(false, STR("age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z")),
	    "a recipient for whom everybody can read");
}

static void
test_another_hand(void)
{
	struct err err = { .arena = a };
	struct age_keys keys;
	struct age_stream s;
	struct str file;
	unsigned char out[100];
	size_t used = 0, n;

	age_identities(STR(IDENTITY), &keys, &err);
	ok(base64url_decode(a, STR(BY_ANOTHER), &file), "the vector");
	is_int(age_open(&s, &keys, file, &used), AGE_OK, "a file made by age is opened");
	n = file.n - used;
	ok(age_unseal(&s, (const unsigned char *)file.p + used, n, true, out), "and decrypted");
	is_str(((struct str){ (const char *)out, n - AGE_TAG }), "AGE test vector of another hand\n", "to what was put in");
}

/* ---- files ---- */

static struct dump_column columns[] = { { STR("id"), 'i' }, { STR("name"), 't' }, { STR("body"), 'b' } };
static const struct dump_table notes = { STR("note"), columns, 3, -1 };
static const struct dump_table empty = { STR("empty"), columns, 1, -1 };

static int
new_file(void)
{
	int fd = memfd_create("backup", MFD_CLOEXEC);

	assert(fd >= 0);
	return fd;
}

/* The same rows each time it is asked for the same place. */
static void
make_row(int i, size_t longest, struct val *vals)
{
	char *text = arena_raw(a, longest + 1);
	size_t n = i == 0 ? longest : (size_t)i % (longest + 1);

	for (size_t k = 0; k < n; k++)
		text[k] = (char)(1 + (i * 31 + (int)k * 7) % 120);
	vals[0] = i % 7 == 3 ? N(INT64_MIN) : I(i == 1 ? INT64_MAX : i == 2 ? -INT64_MAX : (int64_t)i * 1000003);
	vals[1] = i % 5 == 4 ? T(STR_NONE) : T(((struct str){ text, n }));
	vals[2] = i % 3 == 2 ? (struct val){ .kind = VAL_NULL } : B(((struct str){ text, n / 2 }));
}

static void
write_file(int fd, const struct age_keys *to, int rows, size_t longest)
{
	struct pack_writer *w = pack_writer_new(a, fd, to);
	struct value *facts = value_map(a);
	struct err err = { .arena = a };
	struct val vals[3];
	bool good;

	map_str(a, facts, "program", STR("test"));
	good = pack_header(w, facts, &err) && pack_table(w, &notes, &err);
	for (int i = 0; i < rows && good; i++) {
		make_row(i, longest, vals);
		good = pack_row(w, vals, &err);
	}
	good = good && pack_table_end(w, &err) && pack_table(w, &empty, &err) && pack_table_end(w, &err) &&
	    pack_finish(w, &err);
	assert(good && pack_written(w) == lseek(fd, 0, SEEK_CUR));
	pack_writer_free(w);
	(void)good;
}

static bool
same_val(const struct val *x, const struct val *y)
{
	return x->kind == y->kind && (x->kind == VAL_INT ? x->i == y->i : x->kind == VAL_NULL || str_eq(x->s, y->s));
}

/* The last item; *ret_same: the rows before it were those of make_row(). */
static enum pack_item
read_file(int fd, const struct age_keys *with, size_t longest, bool *ret_same, struct err *err)
{
	struct pack_reader r;
	enum pack_item item;
	struct val vals[3];
	bool same = true;

	lseek(fd, 0, SEEK_SET);
	pack_reader_init(&r, a, fd, with);
	do {
		item = pack_read(&r, err);
		if (item != PACK_ROW)
			continue;
		make_row((int)r.rows - 1, longest, vals);
		for (int i = 0; i < 3; i++)
			same = same && same_val(&vals[i], &r.vals[i]);
	} while (item != PACK_END && item != PACK_FAILED);
	pack_reader_free(&r);
	*ret_same = same;
	return item;
}

static struct age_keys
one_key(bool identity)
{
	struct err err = { .arena = a };
	struct age_keys keys = { .n = 0 };

	if (identity)
		age_identities(STR(IDENTITY), &keys, &err);
	else
		age_recipients(STR(RECIPIENT), &keys, &err);
	return keys;
}

static void
test_round(bool sealed, int rows, size_t longest)
{
	struct age_keys to = one_key(false), with = one_key(true);
	struct err err = { .arena = a };
	int fd = new_file();
	bool same = false;

	write_file(fd, sealed ? &to : NULL, rows, longest);
	is_int(read_file(fd, &with, longest, &same, &err), PACK_END, arena_printf(a, "%d rows up to %zu bytes, %s: read to the end",
	    rows, longest, sealed ? "encrypted" : "open").p);
	ok(same, "and the same");
	close(fd);
}

/* Sizes of the compressed text around the chunks of the encryption. */
static void
test_chunks(void)
{
	struct age_keys to = one_key(false), with = one_key(true);
	static const size_t sizes[] = { 0, 1, AGE_CHUNK - 1, AGE_CHUNK, AGE_CHUNK + 1, 2 * AGE_CHUNK };
	bool good = true;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct age_stream s = { .chunk = 0 }, t;
		struct buf b = { .arena = a };
		unsigned char *plain = arena_alloc(a, sizes[i] + 1), *sealed = arena_alloc(a, AGE_CHUNK + AGE_TAG);
		unsigned char *out = arena_alloc(a, AGE_CHUNK);
		size_t used = 0, at = 0;

		rand_bytes(plain, sizes[i] + 1);
		age_begin(&s, &to, &b);
		good = good && age_open(&t, &with, buf_str(&b), &used) == AGE_OK && used == b.n;
		do {
			size_t n = sizes[i] - at < AGE_CHUNK ? sizes[i] - at : AGE_CHUNK;
			bool last = at + n == sizes[i];

			age_seal(&s, plain + at, n, last, sealed);
			good = good && !age_unseal(&t, sealed, n + AGE_TAG, !last, out) &&
			    age_unseal(&t, sealed, n + AGE_TAG, last, out) && memcmp(out, plain + at, n) == 0;
			at += n;
		} while (at < sizes[i]);
	}
	ok(good, "chunks: every size comes back, and none passes for the last that is not");
}

/* ---- what is not as it was written ---- */

static bool
found_out(int fd, const struct age_keys *with)
{
	struct err err = { .arena = a };
	bool same;

	return read_file(fd, with, 40, &same, &err) == PACK_FAILED &&
	    (err.fault == FAULT_BACKUP_CUT || err.fault == FAULT_BACKUP_ALTERED || err.fault == FAULT_BACKUP_FOREIGN ||
	    err.fault == FAULT_BACKUP_SEALED || err.fault == FAULT_BACKUP_NEWER);
}

/* One bit of one byte, there and back. */
static void
flip(int fd, off_t at, int bit)
{
	unsigned char c;

	assert(pread(fd, &c, 1, at) == 1);
	c = (unsigned char)(c ^ 1 << bit);
	assert(pwrite(fd, &c, 1, at) == 1);
}

static void
test_damage(bool sealed, int rows)
{
	struct age_keys to = one_key(false), with = one_key(true);
	struct arena *outer = a;
	int fd = new_file(), missed = 0, uncut = 0;
	off_t size;

	write_file(fd, sealed ? &to : NULL, rows, 40);
	size = lseek(fd, 0, SEEK_END);
	a = arena_new();
	/* every bit of a small file, 2,000 random ones of a large one */
	for (off_t i = 0; i < (rows < 10 ? size * 8 : 2000); i++) {
		off_t bit = i;

		if (rows >= 10) {
			rand_bytes(&bit, sizeof(bit));
			bit = (off_t)((uint64_t)bit % ((uint64_t)size * 8));
		}
		flip(fd, bit / 8, (int)(bit % 8));
		missed += !found_out(fd, &with);
		flip(fd, bit / 8, (int)(bit % 8));
		arena_reset(a);
	}
	for (off_t cut = size - 1; cut >= 0 && rows < 10; cut--) {
		assert(ftruncate(fd, cut) == 0);
		uncut += !found_out(fd, &with);
		arena_reset(a);
	}
	arena_free(a);
	a = outer;
	is_int(missed, 0, arena_printf(a, "%s, %d rows: every bit that is flipped is found", sealed ? "encrypted" : "open", rows).p);
	is_int(uncut, 0, "and so is every place where it is cut off");
	close(fd);
}

static void
test_others(void)
{
	struct age_keys to = one_key(false), nobody = { .n = 0 }, other;
	struct err err = { .arena = a };
	struct str recipient, identity;
	int fd = new_file();
	bool same;

	write_file(fd, NULL, 3, 40);
	lseek(fd, 0, SEEK_END);
	assert(write(fd, "x", 1) == 1);
	ok(found_out(fd, NULL), "something behind the end");
	close(fd);
	fd = new_file();
	write_file(fd, &to, 3, 40);
	is_int(read_file(fd, &nobody, 40, &same, &err), PACK_FAILED, "encrypted, without an identity");
	is_int(err.fault, FAULT_BACKUP_SEALED, "that is said");
	age_keygen(a, &recipient, &identity);
	err = (struct err){ .arena = a };
	age_identities(identity, &other, &err);
	is_int(read_file(fd, &other, 40, &same, &err), PACK_FAILED, "with another's identity");
	is_int(err.fault, FAULT_BACKUP_SEALED, "that is said too");
	close(fd);
	fd = new_file();
	assert(write(fd, "SQLite format 3", 16) == 16);
	err = (struct err){ .arena = a };
	is_int(read_file(fd, NULL, 40, &same, &err), PACK_FAILED, "another kind of file");
	is_int(err.fault, FAULT_BACKUP_FOREIGN, "is none of ours");
	close(fd);
}

static void
test_full_disk(void)
{
	struct err err = { .arena = a };
	struct pack_writer *w;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct val vals[3];
	bool good;

	w = pack_writer_new(a, fd, NULL);
	good = pack_header(w, value_map(a), &err) && pack_table(w, &notes, &err);
	make_row(1, 40, vals);
	good = good && pack_row(w, vals, &err) && pack_table_end(w, &err) && pack_finish(w, &err);
	ok(!good && err.fault == FAULT_FILE, "a full disk is an answer");
	pack_writer_free(w);
	close(fd);
}

int
main(void)
{
	a = arena_new();
	test_keys();
	test_small_order();
	test_another_hand();
	test_chunks();
	for (int sealed = 0; sealed < 2; sealed++) {
		test_round(sealed, 0, 10);
		test_round(sealed, 1000, 100);
		test_round(sealed, 5, 700000);
		test_damage(sealed, 3);
		test_damage(sealed, 2000);
	}
	test_others();
	test_full_disk();
	arena_free(a);
	return done_testing();
}
