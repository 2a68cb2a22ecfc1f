/*
 * The log's right edge, as the writer carries it from record to record and the table log keeps it.
 * A tile is sixteen hashes side by side: of leaves at level 0, of the tiles of the level below at the others.
 * Full tiles are rows of log_tile; of each level the last one, which is not full, is the edge.
 */
#ifndef STORE_LOG_PRIVATE_H
#define STORE_LOG_PRIVATE_H

#include "base/merkle.h"
#include "store/audit.h"
#include "store/store.h"

#define TILE_BITS 4
#define TILE_HASHES (1 << TILE_BITS)
#define TILE_BYTES (TILE_HASHES * sizeof(struct sha256))
#define TILE_LEVELS (64 / TILE_BITS)
#define ORIGIN_MAX 128

struct log_state {
	bool known;
	bool dirty;                      /* more than the table has */
	int64_t kept;                    /* size that the table has */
	int64_t size;
	int64_t at;                      /* time of the newest record */
	char origin[ORIGIN_MAX + 1];
	struct sha256 tile[TILE_LEVELS][TILE_HASHES];
};

/* Hashes in the last tile of this level, which is not full. */
static inline int
tile_fill(int64_t size, int level)
{
	return (int)(size >> (level * TILE_BITS) & (TILE_HASHES - 1));
}

/* ---- log_edge.c ---- */

/* The one hash of a full tile. */
struct sha256 tile_root(const struct sha256 *hash, int n);
/* The root that the table's row says by itself, without tiles; false: size and edge do not fit. */
bool log_edge_root(int64_t size, struct str bytes, struct sha256 *ret_root);
bool log_load(struct tx *tx, struct log_state *ret_log, struct err *err);
/* One more leaf; full tiles become rows. */
bool log_append(struct tx *tx, struct log_state *log, const struct sha256 *leaf, int64_t at, struct err *err);
/* Into the table; FAULT_INTERNAL when that has not what it had when it was loaded. */
bool log_keep(struct tx *tx, struct log_state *log, struct err *err);
/*
 * The log gets its name, and the leaves of the records that are there already. origin: NULL makes one of the
 * host's name and chance.
 */
bool log_birth(struct tx *tx, const char *origin, struct err *err);
/* At most n records after this one, in order; false with err. */
bool log_page(struct tx *tx, int64_t after, struct audit_record *page, int most, int *ret_n, struct err *err);

#endif
