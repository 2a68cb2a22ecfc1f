#include "store/log.h"

#include <string.h>

#include "store/private.h"

/* Where the hashes of a proof come from. Of each level one tile is kept at hand: a path needs no more. */
struct source {
	struct tx *tx;
	struct err *err;
	const struct log_state *log;
	int64_t position[TILE_LEVELS];           /* of the tile at hand; -1: none */
	struct sha256 tile[TILE_LEVELS][TILE_HASHES];
};

static struct source *
source_new(struct tx *tx, struct err *err)
{
	struct source *s = arena_raw(tx->arena, sizeof(*s));
	struct log_state *log = tx->writes ? &tx->st->log : arena_make(tx->arena, struct log_state);

	s->tx = tx;
	s->err = err;
	s->log = log;
	for (int i = 0; i < TILE_LEVELS; i++)
		s->position[i] = -1;
	return log->known || log_load(tx, log, err) ? s : NULL;
}

/* A full tile. */
static bool
read_tile(struct source *s, int level, int64_t position)
{
	struct rows q;
	struct str bytes = STR_NONE;

	if (s->position[level] == position)
		return true;
	q = db_query(s->tx, S_LOG_TILE, I(level), I(position));
	if (db_next(&q))
		bytes = db_str(&q, 0);
	if (!db_end(&q, s->err))
		return false;
	if (bytes.n != TILE_BYTES)
		return err_setf(s->err, FAULT_INTERNAL, "tile %d/%lld of the log is not there", level,
		    (long long)position);
	memcpy(s->tile[level], bytes.p, TILE_BYTES);
	s->position[level] = position;
	return true;
}

/* The root of a complete subtree: a part of one tile. */
static bool
fetch(void *arg, int level, int64_t index, struct sha256 *ret_hash)
{
	struct source *s = arg;
	int floor = level / TILE_BITS, up = level % TILE_BITS;
	int64_t first = index << up, position = first >> TILE_BITS;
	const struct sha256 *tile;

	if (position < s->log->size >> ((floor + 1) * TILE_BITS)) {
		if (!read_tile(s, floor, position))
			return false;
		tile = s->tile[floor];
	} else {
		tile = s->log->tile[floor];
	}
	*ret_hash = tile_root(tile + (first & (TILE_HASHES - 1)), 1 << up);
	return true;
}

bool
log_head(struct tx *tx, struct log_head *ret_head, struct err *err)
{
	struct source *s = source_new(tx, err);
	struct sha256 root;

	if (!s || !merkle_tree_root(s->log->size, fetch, s, &root))
		return false;
	*ret_head = (struct log_head){ .origin = arena_dup(tx->arena, str_c(s->log->origin)),
		.size = s->log->size, .root = root, .at = s->log->at };
	return true;
}

bool
log_root(struct tx *tx, int64_t size, struct sha256 *ret_root, struct err *err)
{
	struct source *s = source_new(tx, err);

	if (!s)
		return false;
	if (size < 0 || size > s->log->size)
		return err_set(err, FAULT_LOG_SIZE);
	return merkle_tree_root(size, fetch, s, ret_root);
}

static void
hand_over(struct arena *a, const struct merkle_path *path, struct log_proof *ret_proof)
{
	struct sha256 *hash = arena_raw(a, (size_t)(path->n + 1) * sizeof(*hash));

	memcpy(hash, path->hash, (size_t)path->n * sizeof(*hash));
	*ret_proof = (struct log_proof){ .hash = hash, .n = path->n };
}

bool
log_inclusion(struct tx *tx, int64_t index, int64_t size, struct log_proof *ret_proof, struct err *err)
{
	struct source *s = source_new(tx, err);
	struct merkle_path path;

	if (!s)
		return false;
	if (index < 0 || index >= s->log->size)
		return err_set(err, FAULT_LOG_LEAF);
	if (size < 1 || size > s->log->size)
		return err_set(err, FAULT_LOG_SIZE);
	if (index >= size)
		return err_set(err, FAULT_LOG_ORDER);
	if (!merkle_prove_inclusion(index, size, fetch, s, &path))
		return false;
	hand_over(tx->arena, &path, ret_proof);
	return true;
}

bool
log_consistency(struct tx *tx, int64_t from, int64_t to, struct log_proof *ret_proof, struct err *err)
{
	struct source *s = source_new(tx, err);
	struct merkle_path path;

	if (!s)
		return false;
	if (from < 1 || to < 1 || from > s->log->size || to > s->log->size)
		return err_set(err, FAULT_LOG_SIZE);
	if (from > to)
		return err_set(err, FAULT_LOG_ORDER);
	if (!merkle_prove_consistency(from, to, fetch, s, &path))
		return false;
	hand_over(tx->arena, &path, ret_proof);
	return true;
}

bool
log_leaf(struct tx *tx, int64_t index, struct sha256 *ret_leaf, struct err *err)
{
	struct source *s = source_new(tx, err);

	if (!s)
		return false;
	if (index < 0 || index >= s->log->size)
		return err_set(err, FAULT_LOG_LEAF);
	return fetch(s, 0, index, ret_leaf);
}

bool
log_leaves(struct tx *tx, int64_t first, int n, struct sha256 *ret_leaves, struct err *err)
{
	struct source *s = source_new(tx, err);

	if (!s)
		return false;
	if (first < 0 || n < 0 || n > s->log->size || first > s->log->size - n)
		return err_set(err, FAULT_LOG_LEAF);
	for (int i = 0; i < n; i++)
		if (!fetch(s, 0, first + i, &ret_leaves[i]))
			return false;
	return true;
}

bool
log_size(struct tx *tx, int64_t *ret_size, struct err *err)
{
	struct source *s = source_new(tx, err);

	if (s)
		*ret_size = s->log->size;
	return s != NULL;
}

bool
log_record(struct tx *tx, int64_t index, struct audit_record *ret_record, struct str *ret_bytes,
    struct err *err)
{
	struct source *s = source_new(tx, err);
	struct audit_record record;
	int n = 0;

	if (!s)
		return false;
	if (index < 0 || index >= s->log->size)
		return err_set(err, FAULT_LOG_LEAF);
	if (!log_page(tx, index, &record, 1, &n, err))
		return false;
	if (n == 0 || record.seq != index + 1)
		return err_setf(err, FAULT_INTERNAL, "record %lld of the log is not there", (long long)index + 1);
	*ret_record = record;
	if (ret_bytes)
		*ret_bytes = audit_bytes(tx->arena, str_c(s->log->origin), &record);
	return true;
}
