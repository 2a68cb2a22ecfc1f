/*
 * Any bytes as a backup: read to a fault or to its end, and never a row that its table's head does not announce. When the
 * first byte is odd, what follows are the lines themselves: they are compressed and get their digest first.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include "backup/pack_private.h"
#include "base/hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define IDENTITY "AGE-SECRET-KEY-1K4RN08VFLTJHUHXL3QT75PDP97K80W3AYFRSYXNRLAAJVYP5QULQUYX5U5"

static void
need(bool holds)
{
	if (!holds)
		abort();
}

static void
put(int fd, const void *bytes, size_t n)
{
	need(write(fd, bytes, n) == (ssize_t)n);
}

/* The lines as a file whose outside is right. */
static void
put_lines(int fd, const uint8_t *data, size_t n)
{
	static const unsigned char frame[PACK_FRAME] = PACK_FRAME_HEAD;
	size_t room = ZSTD_compressBound(n), used;
	unsigned char *out = malloc(room + sizeof(frame));
	struct sha256 digest;

	need(out != NULL);
	used = ZSTD_compress(out, room, data, n, 1);
	need(!ZSTD_isError(used));
	memcpy(out + used, frame, sizeof(frame));
	digest = sha256((struct str){ (const char *)out, used + sizeof(frame) });
	put(fd, out, used + sizeof(frame));
	put(fd, digest.b, sizeof(digest.b));
	free(out);
}

static void
check_row(const struct pack_reader *r)
{
	for (int i = 0; i < r->table.n; i++) {
		enum val_kind kind = r->vals[i].kind;
		char letter = r->table.columns[i].letter;

		need(kind == VAL_NULL || (letter == 'i' && kind == VAL_INT) || (letter == 't' && kind == VAL_TEXT &&
		    utf8_ok(r->vals[i].s)) || (letter == 'b' && kind == VAL_BLOB));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	int fd = memfd_create("backup", MFD_CLOEXEC);
	struct age_keys with;
	struct pack_reader r;
	enum pack_item item;

	need(fd >= 0 && age_identities(STR(IDENTITY), &with, &err));
	if (n > 0 && data[0] & 1)
		put_lines(fd, data + 1, n - 1);
	else if (n > 0)
		put(fd, data + 1, n - 1);
	lseek(fd, 0, SEEK_SET);
	pack_reader_init(&r, a, fd, &with);
	while ((item = pack_read(&r, &err)) != PACK_END && item != PACK_FAILED) {
		need(err.fault == FAULT_NONE);
		if (item == PACK_ROW)
			check_row(&r);
	}
	need((item == PACK_FAILED) == (err.fault != FAULT_NONE));
	pack_reader_free(&r);
	close(fd);
	arena_free(a);
	return 0;
}
