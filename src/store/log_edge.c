#include <assert.h>
#include <string.h>

#include "base/rand.h"
#include "store/private.h"

#define PAGE 256

struct sha256
tile_root(const struct sha256 *hash, int n)
{
	struct sha256 level[TILE_HASHES];

	assert(n == TILE_HASHES || n == 8 || n == 4 || n == 2 || n == 1);
	memcpy(level, hash, (size_t)n * sizeof(level[0]));
	for (; n > 1; n /= 2)
		for (int i = 0; i < n / 2; i++)
			level[i] = merkle_node(&level[2 * i], &level[2 * i + 1]);
	return level[0];
}

static int
levels_of(int64_t size)
{
	int levels = 0;

	for (; size > 0; size >>= TILE_BITS)
		levels++;
	return levels;
}

/* The hashes of all levels, one after the other; how many of each says the size. */
static struct str
edge_bytes(struct arena *a, const struct log_state *log)
{
	struct buf b = { .arena = a };

	for (int level = 0; level < levels_of(log->size); level++)
		buf_put(&b, (struct str){ (const char *)log->tile[level],
		    (size_t)tile_fill(log->size, level) * sizeof(struct sha256) });
	return buf_str(&b);
}

static bool
edge_read(struct log_state *log, struct str bytes)
{
	for (int level = 0; level < levels_of(log->size); level++) {
		size_t n = (size_t)tile_fill(log->size, level) * sizeof(struct sha256);

		if (bytes.n < n)
			return false;
		if (n > 0)
			memcpy(log->tile[level], bytes.p, n);
		bytes = str_from(bytes, n);
	}
	return bytes.n == 0;
}

bool
log_edge_root(int64_t size, struct str bytes, struct sha256 *ret_root)
{
	struct log_state log = { .size = size };
	struct merkle_edge edge = { .size = size };

	if (size < 0 || !edge_read(&log, bytes))
		return false;
	for (int level = levels_of(size) - 1; level >= 0; level--)
		for (int n = TILE_HASHES / 2, at = 0; n > 0; n /= 2)
			if (tile_fill(size, level) & n) {
				edge.hash[edge.n++] = tile_root(&log.tile[level][at], n);
				at += n;
			}
	*ret_root = size ? merkle_root(&edge) : merkle_empty();
	return true;
}

bool
log_load(struct tx *tx, struct log_state *ret_log, struct err *err)
{
	struct rows q = db_query(tx, S_LOG_EDGE);
	bool found = db_next(&q), sound = false;

	if (found) {
		struct str origin = db_str(&q, 0);

		*ret_log = (struct log_state){ .size = db_int(&q, 1), .at = db_int(&q, 2) };
		ret_log->kept = ret_log->size;
		sound = ret_log->size >= 0 && origin.n <= ORIGIN_MAX && edge_read(ret_log, db_str(&q, 3));
		if (sound)
			memcpy(ret_log->origin, origin.p, origin.n);
	}
	if (!db_end(&q, err))
		return false;
	if (!sound)
		return err_setf(err, FAULT_INTERNAL, "the log's edge %s", found ? "is damaged" : "is not there");
	ret_log->known = true;
	return true;
}

bool
log_append(struct tx *tx, struct log_state *log, const struct sha256 *leaf, int64_t at, struct err *err)
{
	struct sha256 hash = *leaf;
	int level = 0;

	assert(log->known);
	for (; tile_fill(log->size, level) == TILE_HASHES - 1; level++) {
		struct sha256 *tile = log->tile[level];

		tile[TILE_HASHES - 1] = hash;
		if (!db_run(tx, S_LOG_KEEP_TILE, err, I(level), I(log->size >> ((level + 1) * TILE_BITS)),
		    B(((struct str){ (const char *)tile, TILE_BYTES }))))
			return false;
		hash = tile_root(tile, TILE_HASHES);
	}
	log->tile[level][tile_fill(log->size, level)] = hash;
	log->size++;
	log->at = at;
	log->dirty = true;
	return true;
}

bool
log_keep(struct tx *tx, struct log_state *log, struct err *err)
{
	const struct val vals[] = { { .kind = VAL_NULL }, I(log->size), I(log->at),
		B(edge_bytes(tx->arena, log)), I(log->kept) };
	int64_t changed = 0;

	if (!db_run_vals(tx, S_LOG_KEEP_EDGE, vals, 4, &changed, err))
		return false;
	if (changed != 1)
		return err_setf(err, FAULT_INTERNAL, "somebody else wrote into the log");
	log->kept = log->size;
	log->dirty = false;
	return true;
}

/* ---- birth ---- */

bool
log_page(struct tx *tx, int64_t after, struct audit_record *page, int most, int *ret_n, struct err *err)
{
	struct rows q = db_query(tx, S_AUDIT_AFTER, I(after), I(most));
	int n = 0;

	while (n < most && db_next(&q))
		audit_load(&q, &page[n++]);
	*ret_n = n;
	return db_end(&q, err);
}

/* A name that no other log has, in letters that a signed note's key name may have. */
static void
make_origin(const struct store *st, char *origin)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char chance[8];
	size_t n = 0;

	for (const char *p = st->node; *p && n < ORIGIN_MAX - 2 * sizeof(chance) - 1; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
		    *p == '-' || *p == '.')
			origin[n++] = *p;
	origin[n++] = '/';
	rand_bytes(chance, sizeof(chance));
	for (size_t i = 0; i < sizeof(chance); i++) {
		origin[n++] = digits[chance[i] >> 4];
		origin[n++] = digits[chance[i] & 15];
	}
	origin[n] = '\0';
}

/* Leaves of the records that were there before the log. */
static bool
take_in(struct tx *tx, struct log_state *log, struct err *err)
{
	struct arena *own = tx->arena, *scratch = arena_new();
	bool ok = true;
	int n = PAGE;

	while (ok && n == PAGE) {
		struct audit_record *page;

		arena_reset(scratch);
		page = arena_alloc(scratch, PAGE * sizeof(*page));
		tx->arena = scratch;
		ok = log_page(tx, log->size, page, PAGE, &n, err);
		for (int i = 0; ok && i < n; i++) {
			struct sha256 leaf = merkle_leaf(audit_bytes(scratch, str_c(log->origin), &page[i]));

			ok = page[i].seq == log->size + 1 || err_setf(err, FAULT_INTERNAL, "a record is missing");
			ok = ok && log_append(tx, log, &leaf, page[i].at, err);
		}
	}
	tx->arena = own;
	arena_free(scratch);
	return ok;
}

/* A signed note's key name: no blank, no plus sign, one line; and a text that JSON writes as it is. */
static bool
good_origin(const char *origin)
{
	for (; *origin; origin++)
		if (*origin <= ' ' || *origin >= 0x7f || strchr("+\"\\", *origin))
			return false;
	return true;
}

bool
log_birth(struct tx *tx, const char *origin, struct err *err)
{
	struct log_state *log = arena_make(tx->arena, struct log_state);
	size_t n = origin ? strlen(origin) : 0;

	if (n > ORIGIN_MAX || (n > 0 && !good_origin(origin)))
		return err_setf(err, FAULT_CONFIG, "log_origin: the log's name has at most %d printable ASCII characters,"
		    " no blank, plus sign, quotation mark or backslash", ORIGIN_MAX);
	if (n > 0)
		memcpy(log->origin, origin, n);
	else
		make_origin(tx->st, log->origin);
	log->known = true;
	return db_run(tx, S_LOG_BEGIN, err, T(str_c(log->origin)), B(STR(""))) && take_in(tx, log, err) &&
	    (!log->dirty || log_keep(tx, log, err));
}
