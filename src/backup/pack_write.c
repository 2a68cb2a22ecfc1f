/* The writing half of pack.h. */
#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "backup/pack_private.h"
#include "base/json.h"

#define LEVEL 3
#define ROOM 131072

struct pack_writer {
	struct arena *arena, *line;              /* line: reset for each */
	int fd;
	ZSTD_CCtx *zstd;
	unsigned char *squeezed;                 /* ROOM bytes */
	crypto_hash_sha256_state whole, section;
	struct sha256 digest, last_section;
	int64_t written;
	bool encrypted;
	struct age_stream age;
	unsigned char plain[AGE_CHUNK], sealed[AGE_CHUNK + AGE_TAG];
	size_t plain_n;
	const struct dump_table *table;
	int64_t rows, rows_all;
	struct value *sections;                  /* {table: {rows, sha256}} for the last line */
	const struct age_keys *to;
};

struct pack_writer *
pack_writer_new(struct arena *a, int fd, const struct age_keys *to)
{
	struct pack_writer *w = arena_make(a, struct pack_writer);

	w->arena = a;
	w->line = arena_new();
	w->fd = fd;
	w->to = to;
	w->encrypted = to && to->n > 0;
	w->squeezed = arena_raw(a, ROOM);
	w->zstd = ZSTD_createCCtx();
	if (!w->zstd)
		abort();                 /* no memory: as everywhere, the end */
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(w->zstd, ZSTD_c_checksumFlag, 1);
	crypto_hash_sha256_init(&w->whole);
	w->sections = value_map(a);
	return w;
}

void
pack_writer_free(struct pack_writer *w)
{
	if (!w)
		return;
	ZSTD_freeCCtx(w->zstd);
	w->zstd = NULL;
	arena_free(w->line);
	sodium_memzero(&w->age, sizeof(w->age));
	sodium_memzero(w->plain, sizeof(w->plain));
}

/* ---- bytes ---- */

static bool
put_file(struct pack_writer *w, const void *bytes, size_t n, struct err *err)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t done = write(w->fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_setf(err, FAULT_FILE, "%s", strerror(errno));
		p += done;
		n -= (size_t)done;
		w->written += done;
	}
	return true;
}

/* A chunk goes out when it is known whether more comes: the last one is marked. */
static bool
put_chunk(struct pack_writer *w, bool last, struct err *err)
{
	size_t n = w->plain_n;

	age_seal(&w->age, w->plain, n, last, w->sealed);
	w->plain_n = 0;
	return put_file(w, w->sealed, n + AGE_TAG, err);
}

static bool
put_sealed(struct pack_writer *w, const unsigned char *p, size_t n, struct err *err)
{
	while (n > 0) {
		size_t room = AGE_CHUNK - w->plain_n, part = n < room ? n : room;

		if (room == 0) {
			if (!put_chunk(w, false, err))
				return false;
			continue;
		}
		memcpy(w->plain + w->plain_n, p, part);
		w->plain_n += part;
		p += part;
		n -= part;
	}
	return true;
}

static bool
put_bytes(struct pack_writer *w, const void *bytes, size_t n, struct err *err)
{
	return w->encrypted ? put_sealed(w, bytes, n, err) : put_file(w, bytes, n, err);
}

static bool
squeeze(struct pack_writer *w, struct str text, ZSTD_EndDirective how, struct err *err)
{
	ZSTD_inBuffer in = { text.p, text.n, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { w->squeezed, ROOM, 0 };

		left = ZSTD_compressStream2(w->zstd, &out, &in, how);
		if (ZSTD_isError(left))
			return err_setf(err, FAULT_INTERNAL, "zstd: %s", ZSTD_getErrorName(left));
		crypto_hash_sha256_update(&w->whole, w->squeezed, out.pos);
		if (!put_bytes(w, w->squeezed, out.pos, err))
			return false;
	} while (how == ZSTD_e_continue ? in.pos < in.size : left > 0);
	return true;
}

/* ---- lines ---- */

static bool
put_line(struct pack_writer *w, struct buf *b, struct err *err)
{
	buf_char(b, '\n');
	if (w->table)
		crypto_hash_sha256_update(&w->section, (const unsigned char *)b->p, b->n);
	return squeeze(w, buf_str(b), ZSTD_e_continue, err);
}

static bool
put_value(struct pack_writer *w, const struct value *v, struct err *err)
{
	struct buf b = { .arena = w->line };
	bool ok;

	json_canonical(&b, v);
	ok = put_line(w, &b, err);
	arena_reset(w->line);
	return ok;
}

bool
pack_header(struct pack_writer *w, const struct value *facts, struct err *err)
{
	struct value *head = value_map(w->arena);
	struct buf b = { .arena = w->arena };

	if (w->encrypted) {
		age_begin(&w->age, w->to, &b);
		if (!put_file(w, b.p, b.n, err))
			return false;
	}
	map_str(w->arena, head, "format", STR(PACK_FORMAT));
	for (const struct value *v = facts->first; v; v = v->next) {
		struct value *copy = arena_make(w->arena, struct value);

		*copy = *v;
		copy->next = NULL;
		map_add_str(head, v->name, copy);
	}
	return put_value(w, head, err);
}

bool
pack_table(struct pack_writer *w, const struct dump_table *t, struct err *err)
{
	struct arena *a = w->line;
	struct value *head = value_map(a), *columns;

	map_str(a, head, "table", t->name);
	columns = map_list(a, head, "columns");
	for (int i = 0; i < t->n; i++) {
		struct value *c = list_add(columns, value_list(a));

		list_add(c, value_str(a, t->columns[i].name));
		list_add(c, value_str(a, (struct str){ &t->columns[i].letter, 1 }));
	}
	w->table = t;
	w->rows = 0;
	crypto_hash_sha256_init(&w->section);
	return put_value(w, head, err);
}

static bool
put_val(struct pack_writer *w, struct buf *b, int column, const struct val *v, struct err *err)
{
	const struct dump_table *t = w->table;

	switch (v->kind) {
	case VAL_NULL:
		buf_c(b, "null");
		return true;
	case VAL_INT:
		buf_int(b, v->i);
		return true;
	case VAL_TEXT:
		if (!utf8_ok(v->s))
			return err_setf(err, FAULT_FILE, "%.*s.%.*s: a text that is damaged", STR_FMT(t->name),
			    STR_FMT(t->columns[column].name));
		json_canonical(b, &(struct value){ .kind = V_STR, .s = v->s });
		return true;
	case VAL_BLOB:
		buf_char(b, '"');
		buf_put(b, base64url(w->line, v->s));
		buf_char(b, '"');
		return true;
	}
	return false;
}

bool
pack_row(struct pack_writer *w, const struct val *vals, struct err *err)
{
	struct buf b = { .arena = w->line };
	bool ok = true;

	assert(w->table);
	buf_char(&b, '[');
	for (int i = 0; ok && i < w->table->n; i++) {
		if (i)
			buf_char(&b, ',');
		ok = put_val(w, &b, i, &vals[i], err);
	}
	buf_char(&b, ']');
	ok = ok && put_line(w, &b, err);
	arena_reset(w->line);
	w->rows++;
	w->rows_all++;
	return ok;
}

bool
pack_table_end(struct pack_writer *w, struct err *err)
{
	struct value *foot = value_map(w->arena), *copy;
	struct str name = arena_dup(w->arena, w->table->name), digest;

	crypto_hash_sha256_final(&w->section, w->last_section.b);
	digest = hex(w->arena, (struct str){ (const char *)w->last_section.b, sizeof(w->last_section.b) });
	w->table = NULL;
	copy = map_add_str(w->sections, name, value_map(w->arena));
	map_int(w->arena, copy, "rows", w->rows);
	map_str(w->arena, copy, "sha256", digest);
	map_str(w->arena, foot, "end", name);
	map_int(w->arena, foot, "rows", w->rows);
	map_str(w->arena, foot, "sha256", digest);
	return put_value(w, foot, err);
}

bool
pack_finish(struct pack_writer *w, struct err *err)
{
	static const unsigned char frame[PACK_FRAME] = PACK_FRAME_HEAD;
	struct value *last = value_map(w->arena);

	map_str(w->arena, last, "end", STR(PACK_FORMAT));
	map_add(last, "tables", w->sections);
	map_int(w->arena, last, "rows", w->rows_all);
	if (!put_value(w, last, err) || !squeeze(w, STR(""), ZSTD_e_end, err))
		return false;
	crypto_hash_sha256_update(&w->whole, frame, sizeof(frame));
	crypto_hash_sha256_final(&w->whole, w->digest.b);
	return put_bytes(w, frame, sizeof(frame), err) &&
	    put_bytes(w, w->digest.b, sizeof(w->digest.b), err) && (!w->encrypted || put_chunk(w, true, err));
}

int64_t
pack_written(const struct pack_writer *w)
{
	return w->written;
}

struct sha256
pack_section(const struct pack_writer *w)
{
	return w->last_section;
}

struct sha256
pack_digest(const struct pack_writer *w)
{
	return w->digest;
}
