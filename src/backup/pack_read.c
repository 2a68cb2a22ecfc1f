/*
 * The reading half of pack.h: bytes of the file, decrypted; hashed; decompressed; cut into lines; each line what may
 * stand at its place. Everything a file can hold is an answer, nothing an assert.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "backup/pack_private.h"
#include "base/json.h"

#define LINE_LONGEST ((size_t)256 << 20)
#define OUT_ROOM 131072
#define DIGEST 32

struct pack_input {
	struct arena *arena, *line_arena;
	const struct age_keys *with;
	int fd;
	bool fd_ended;

	/* the file, not decrypted yet */
	unsigned char raw[AGE_CHUNK + AGE_TAG + 1];      /* the byte behind a chunk tells that it is not the last */
	size_t raw_n;
	struct age_stream age;
	unsigned char plain[AGE_CHUNK];

	/* compressed bytes; the last DIGEST ones are not hashed before it is known that more follow */
	struct str squeezed;                     /* not decompressed yet */
	bool squeezed_ended;
	unsigned char tail[PACK_FRAME + DIGEST];
	size_t tail_n;
	crypto_hash_sha256_state whole;

	ZSTD_DCtx *zstd;
	size_t zstd_left;                        /* 0: between two frames */
	bool zstd_full;                          /* out was too small for all that it had */
	char out[OUT_ROOM];
	size_t out_at, out_n;

	char *line;                              /* a line that is longer than what is at hand */
	size_t line_n, line_cap;
	enum { AT_HEADER, BETWEEN, IN_TABLE, AT_END } place;
	crypto_hash_sha256_state section;
	struct value *sections;                  /* as read, to be held against the last line */
	struct str name;                         /* of the table */
};

void
pack_reader_init(struct pack_reader *r, struct arena *a, int fd, const struct age_keys *with)
{
	struct pack_input *in = calloc(1, sizeof(*in));

	if (!in)
		abort();
	*r = (struct pack_reader){ .in = in };
	in->arena = a;
	in->line_arena = arena_new();
	in->with = with;
	in->fd = fd;
	in->zstd = ZSTD_createDCtx();
	if (!in->zstd)
		abort();
	crypto_hash_sha256_init(&in->whole);
	in->sections = value_map(a);
}

void
pack_reader_free(struct pack_reader *r)
{
	struct pack_input *in = r->in;

	if (!in)
		return;
	ZSTD_freeDCtx(in->zstd);
	arena_free(in->line_arena);
	free(in->line);
	sodium_memzero(in, sizeof(*in));
	free(in);
	r->in = NULL;
}

/* ---- the file ---- */

/* Fills raw as far as there are bytes. */
static bool
fill(struct pack_reader *r, struct err *err)
{
	struct pack_input *in = r->in;

	while (in->raw_n < sizeof(in->raw) && !in->fd_ended) {
		ssize_t n = read(in->fd, in->raw + in->raw_n, sizeof(in->raw) - in->raw_n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_setf(err, FAULT_FILE, "%s", strerror(errno));
		in->fd_ended = n == 0;
		in->raw_n += (size_t)n;
		r->read += n;
	}
	return true;
}

static void
drop_raw(struct pack_input *in, size_t n)
{
	in->raw_n -= n;
	memmove(in->raw, in->raw + n, in->raw_n);
}

/* What the file is, by its first bytes. An encrypted one is opened. */
static bool
open_file(struct pack_reader *r, struct err *err)
{
	static const unsigned char zstd_magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };
	static const struct age_keys nobody = { .n = 0 };
	struct pack_input *in = r->in;
	struct str first;
	size_t used = 0;

	if (!fill(r, err))
		return false;
	first = (struct str){ (const char *)in->raw, in->raw_n };
	if (first.n == 0)
		return err_setf(err, FAULT_BACKUP_CUT, "byte 0");
	if (memcmp(first.p, zstd_magic, first.n < 4 ? first.n : 4) == 0)
		return first.n >= 4 || err_setf(err, FAULT_BACKUP_CUT, "byte %zu", first.n);
	if (!str_starts(first, STR(AGE_MAGIC)))
		return err_set(err, FAULT_BACKUP_FOREIGN);
	r->encrypted = true;
	switch (age_open(&in->age, in->with ? in->with : &nobody, first, &used)) {
	case AGE_OK:
		break;
	case AGE_MORE:
		return err_setf(err, in->fd_ended ? FAULT_BACKUP_CUT : FAULT_BACKUP_ALTERED, "byte %zu", first.n);
	case AGE_MALFORMED:
		return err_setf(err, FAULT_BACKUP_ALTERED, "byte 0");
	case AGE_NO_IDENTITY:
		return err_set(err, FAULT_BACKUP_SEALED);
	}
	drop_raw(in, used);
	return true;
}

/* One chunk decrypted. */
static bool
next_chunk(struct pack_reader *r, struct err *err)
{
	struct pack_input *in = r->in;
	size_t n;
	bool last;

	if (!fill(r, err))
		return false;
	last = in->raw_n < sizeof(in->raw);
	n = last ? in->raw_n : sizeof(in->raw) - 1;
	if (!age_unseal(&in->age, in->raw, n, last, in->plain))
		return err_setf(err, last ? FAULT_BACKUP_CUT : FAULT_BACKUP_ALTERED, "byte %lld", (long long)r->read);
	in->squeezed = (struct str){ (const char *)in->plain, n - AGE_TAG };
	in->squeezed_ended = last;
	drop_raw(in, n);
	return true;
}

/* ---- compressed bytes ---- */

/* Hashes all but the last bytes seen so far, which may be the digest itself and its frame. */
static void
hash_piece(struct pack_input *in, struct str s)
{
	size_t keep = sizeof(in->tail), all = in->tail_n + s.n, out = all > keep ? all - keep : 0;
	size_t from_tail = out < in->tail_n ? out : in->tail_n;

	crypto_hash_sha256_update(&in->whole, in->tail, from_tail);
	memmove(in->tail, in->tail + from_tail, in->tail_n - from_tail);
	in->tail_n -= from_tail;
	crypto_hash_sha256_update(&in->whole, (const unsigned char *)s.p, out - from_tail);
	s = str_from(s, out - from_tail);
	memcpy(in->tail + in->tail_n, s.p, s.n);
	in->tail_n += s.n;
}

/* More compressed bytes; none left when squeezed_ended. */
static bool
next_squeezed(struct pack_reader *r, struct err *err)
{
	struct pack_input *in = r->in;

	if (in->squeezed_ended)
		return true;
	if (r->encrypted) {
		if (!next_chunk(r, err))
			return false;
	} else {
		if (!fill(r, err))
			return false;
		memcpy(in->plain, in->raw, in->raw_n < AGE_CHUNK ? in->raw_n : AGE_CHUNK);
		in->squeezed = (struct str){ (const char *)in->plain, in->raw_n < AGE_CHUNK ? in->raw_n : AGE_CHUNK };
		drop_raw(in, in->squeezed.n);
		in->squeezed_ended = in->fd_ended && in->raw_n == 0;
	}
	hash_piece(in, in->squeezed);
	return true;
}

/* More text into out. *ret_end: there is no more. */
static bool
next_text(struct pack_reader *r, bool *ret_end, struct err *err)
{
	struct pack_input *in = r->in;

	in->out_at = in->out_n = 0;
	*ret_end = false;
	for (;;) {
		ZSTD_inBuffer from = { in->squeezed.p, in->squeezed.n, 0 };
		ZSTD_outBuffer to = { in->out, sizeof(in->out), 0 };

		if (in->squeezed.n == 0 && !in->zstd_full && in->squeezed_ended) {
			*ret_end = true;
			return in->zstd_left == 0 || err_setf(err, FAULT_BACKUP_CUT, "byte %lld", (long long)r->read);
		}
		if (in->squeezed.n == 0 && !in->zstd_full) {
			if (!next_squeezed(r, err))
				return false;
			continue;
		}
		in->zstd_left = ZSTD_decompressStream(in->zstd, &to, &from);
		if (ZSTD_isError(in->zstd_left))
			return err_setf(err, FAULT_BACKUP_ALTERED, "byte %lld", (long long)r->read);
		in->squeezed = str_from(in->squeezed, from.pos);
		in->zstd_full = to.pos == to.size;
		in->out_n = to.pos;
		if (to.pos > 0)
			return true;
	}
}

/* ---- lines ---- */

static bool
keep_part(struct pack_input *in, const char *p, size_t n, struct err *err)
{
	if (n == 0)
		return true;
	if (in->line_n + n > LINE_LONGEST)
		return err_setf(err, FAULT_BACKUP_ALTERED, "a line of more than %zu bytes", LINE_LONGEST);
	if (in->line_n + n > in->line_cap) {
		in->line_cap = (in->line_n + n) * 2;
		in->line = realloc(in->line, in->line_cap);
		if (!in->line)
			abort();
	}
	memcpy(in->line + in->line_n, p, n);
	in->line_n += n;
	return true;
}

/* The next line with its end; STR_NONE: there is none. It is good until the next call. */
static bool
next_line(struct pack_reader *r, struct str *ret_line, struct err *err)
{
	struct pack_input *in = r->in;
	bool end;

	in->line_n = 0;
	for (;;) {
		const char *from = in->out + in->out_at;
		const char *nl = memchr(from, '\n', in->out_n - in->out_at);
		size_t n = nl ? (size_t)(nl + 1 - from) : in->out_n - in->out_at;

		if (nl && in->line_n == 0) {
			in->out_at += n;
			*ret_line = (struct str){ from, n };
			return true;
		}
		if (!keep_part(in, from, n, err))
			return false;
		in->out_at += n;
		if (nl) {
			*ret_line = (struct str){ in->line, in->line_n };
			return true;
		}
		if (!next_text(r, &end, err))
			return false;
		if (end && in->line_n > 0)
			return err_setf(err, FAULT_BACKUP_CUT, "byte %lld", (long long)r->read);
		if (end) {
			*ret_line = STR_NONE;
			return true;
		}
	}
}

static bool
altered(const struct pack_reader *r, const char *what, struct err *err)
{
	return err_setf(err, FAULT_BACKUP_ALTERED, "%s%s%.*s", what, r->table.name.n ? ": " : "", STR_FMT(r->table.name));
}

static bool
parse_line(struct pack_reader *r, struct arena *a, struct str line, struct value **ret_value, struct err *err)
{
	struct err inner = { .arena = a };

	return json_parse(a, str_first(line, line.n - 1), ret_value, &inner) || altered(r, "a line that is no JSON", err);
}

/* {"format":"tocsin-backup/1",...} */
static bool
read_header(struct pack_reader *r, struct str line, struct err *err)
{
	struct value *v = NULL;
	struct str format;

	if (!parse_line(r, r->in->arena, line, &v, err))
		return false;
	format = value_text(value_get(v, "format"));
	if (!str_starts(format, STR("tocsin-backup/")))
		return err_set(err, FAULT_BACKUP_FOREIGN);
	if (!str_is(format, PACK_FORMAT))
		return err_setf(err, FAULT_BACKUP_NEWER, "%.*s", STR_FMT(str_first(format, 40)));
	r->header = v;
	return true;
}

/* ["id","i"] */
static bool
read_column(const struct value *v, struct dump_column *ret_column)
{
	struct str name, letter;

	if (v->kind != V_LIST || v->n != 2)
		return false;
	name = value_text(v->first);
	letter = value_text(v->last);
	*ret_column = (struct dump_column){ name, letter.n == 1 ? letter.p[0] : '\0' };
	return dump_name_ok(name) && (str_is(letter, "i") || str_is(letter, "t") || str_is(letter, "b"));
}

/* {"columns":[...],"table":"sector"} */
static bool
read_table(struct pack_reader *r, const struct value *v, struct err *err)
{
	struct pack_input *in = r->in;
	struct str name = value_text(value_get(v, "table"));
	const struct value *columns = value_get(v, "columns");

	if (!dump_name_ok(name) || !columns || columns->kind != V_LIST || columns->n == 0 ||
	    columns->n > DUMP_COLUMNS_MAX || value_get(in->sections, arena_c(in->arena, name)))
		return altered(r, "the head of a table", err);
	r->table = (struct dump_table){ .name = name, .rows = -1 };
	r->table.columns = arena_alloc(in->arena, columns->n * sizeof(r->table.columns[0]));
	for (const struct value *c = columns->first; c; c = c->next)
		if (!read_column(c, &r->table.columns[r->table.n++]))
			return altered(r, "a column", err);
	r->rows = 0;
	return true;
}

/* {"end":"sector","rows":8,"sha256":"..."} */
static bool
read_foot(struct pack_reader *r, const struct value *v, struct err *err)
{
	struct pack_input *in = r->in;
	const struct value *rows = value_get(v, "rows");
	struct str digest;
	struct value *kept;

	crypto_hash_sha256_final(&in->section, r->section.b);
	digest = hex(in->arena, (struct str){ (const char *)r->section.b, sizeof(r->section.b) });
	if (!rows || rows->kind != V_INT || rows->i != r->rows)
		return altered(r, "the number of rows", err);
	if (!str_eq(value_text(value_get(v, "sha256")), digest))
		return altered(r, "the digest of a table", err);
	kept = map_add_str(in->sections, r->table.name, value_map(in->arena));
	map_int(in->arena, kept, "rows", r->rows);
	map_str(in->arena, kept, "sha256", digest);
	r->tables++;
	return true;
}

/* Behind the last line there is the digest of all bytes, and nothing else. */
static bool
read_digest(struct pack_reader *r, struct err *err)
{
	static const unsigned char frame[PACK_FRAME] = PACK_FRAME_HEAD;
	struct pack_input *in = r->in;
	struct str line;

	if (!next_line(r, &line, err))
		return false;
	if (line.p)
		return altered(r, "something behind the end", err);
	if (in->tail_n != sizeof(in->tail) || memcmp(in->tail, frame, sizeof(frame)) != 0)
		return err_setf(err, FAULT_BACKUP_CUT, "byte %lld", (long long)r->read);
	crypto_hash_sha256_update(&in->whole, in->tail, PACK_FRAME);
	crypto_hash_sha256_final(&in->whole, r->digest.b);
	return memcmp(r->digest.b, in->tail + PACK_FRAME, DIGEST) == 0 || altered(r, "the digest of the file", err);
}

/* {"end":"tocsin-backup/1","rows":N,"tables":{...}} */
static bool
read_end(struct pack_reader *r, const struct value *v, struct err *err)
{
	const struct value *rows = value_get(v, "rows"), *tables = value_get(v, "tables");

	r->table = (struct dump_table){ .n = 0 };
	if (!rows || rows->kind != V_INT || rows->i != r->rows_all || !tables || !value_equal(tables, r->in->sections))
		return altered(r, "the last line", err);
	return read_digest(r, err);
}

/* Whether a value may stand in such a column. */
static bool
read_val(struct arena *a, const struct value *v, char letter, struct val *ret_val)
{
	*ret_val = (struct val){ .kind = VAL_NULL };
	if (v->kind == V_NULL)
		return true;
	if (letter == 'i') {
		*ret_val = I(v->i);
		return v->kind == V_INT;
	}
	if (v->kind != V_STR)
		return false;
	ret_val->kind = letter == 't' ? VAL_TEXT : VAL_BLOB;
	ret_val->s = v->s;
	return letter == 't' || base64url_decode(a, v->s, &ret_val->s);
}

static bool
read_row(struct pack_reader *r, const struct value *v, struct err *err)
{
	int i = 0;

	if (v->n != (size_t)r->table.n)
		return altered(r, "a row", err);
	for (const struct value *one = v->first; one; one = one->next, i++)
		if (!read_val(r->in->line_arena, one, r->table.columns[i].letter, &r->vals[i]))
			return altered(r, "a row", err);
	r->rows++;
	r->rows_all++;
	return true;
}

/* ---- what comes next ---- */

/* A line within a table. */
static enum pack_item
in_table(struct pack_reader *r, const struct value *v, struct str line, struct err *err)
{
	struct pack_input *in = r->in;

	if (v->kind == V_LIST) {
		crypto_hash_sha256_update(&in->section, (const unsigned char *)line.p, line.n);
		return read_row(r, v, err) ? PACK_ROW : PACK_FAILED;
	}
	if (!str_eq(value_text(value_get(v, "end")), r->table.name)) {
		altered(r, "a line in a table", err);
		return PACK_FAILED;
	}
	in->place = BETWEEN;
	return read_foot(r, v, err) ? PACK_TABLE_END : PACK_FAILED;
}

/* A line between two tables. */
static enum pack_item
between(struct pack_reader *r, const struct value *v, struct str line, struct err *err)
{
	struct pack_input *in = r->in;
	struct value *kept = NULL;

	if (str_is(value_text(value_get(v, "end")), PACK_FORMAT)) {
		in->place = AT_END;
		return read_end(r, v, err) ? PACK_END : PACK_FAILED;
	}
	/* the names outlive the line */
	if (!parse_line(r, in->arena, line, &kept, err) || !read_table(r, kept, err))
		return PACK_FAILED;
	in->place = IN_TABLE;
	crypto_hash_sha256_init(&in->section);
	crypto_hash_sha256_update(&in->section, (const unsigned char *)line.p, line.n);
	return PACK_TABLE;
}

enum pack_item
pack_read(struct pack_reader *r, struct err *err)
{
	struct pack_input *in = r->in;
	struct value *v = NULL;
	struct str line;

	arena_reset(in->line_arena);
	if ((in->place == AT_HEADER && !open_file(r, err)) || !next_line(r, &line, err))
		return PACK_FAILED;
	if (!line.p) {
		err_setf(err, FAULT_BACKUP_CUT, "byte %lld", (long long)r->read);
		return PACK_FAILED;
	}
	if (in->place == AT_HEADER) {
		in->place = BETWEEN;
		return read_header(r, line, err) ? PACK_HEADER : PACK_FAILED;
	}
	if (!parse_line(r, in->line_arena, line, &v, err))
		return PACK_FAILED;
	return in->place == IN_TABLE ? in_table(r, v, line, err) : between(r, v, line, err);
}
