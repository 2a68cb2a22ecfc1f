/*
 * The whole log against itself. Records are compared with the leaves that are kept, so that a changed one is
 * named; the tiles with those above them, up to the edge.
 */
#include <string.h>

#include "store/log.h"
#include "store/private.h"

#define PAGE (16 * TILE_HASHES)          /* records that are read at once: whole tiles */

struct check {
	struct tx *tx;
	struct err *err;
	struct log_state *log;
	struct log_findings *found;
	struct merkle_edge edge;                 /* of the records as they are */
};

static void
misfit(struct check *c, struct log_misfit m)
{
	if (c->found->misfits < LOG_MISFITS)
		c->found->first[c->found->misfits] = m;
	c->found->misfits++;
}

/*
 * The hashes that are kept at this place: all of a full tile, what there is of the last. n 0: none. The last tile is the
 * edge's; a row in its place is nobody's, is told of, and hides nothing.
 */
static bool
kept_hashes(struct check *c, int level, int64_t position, struct sha256 *hash, int *ret_n)
{
	struct rows q = db_query(c->tx, S_LOG_TILE, I(level), I(position));
	int64_t full = c->log->size >> ((level + 1) * TILE_BITS);
	struct str bytes = db_next(&q) ? db_str(&q, 0) : STR_NONE;

	if (!db_end(&q, c->err))
		return false;
	*ret_n = 0;
	if (position < full && bytes.n == TILE_BYTES) {
		memcpy(hash, bytes.p, TILE_BYTES);
		*ret_n = TILE_HASHES;
	} else if (position == full) {
		*ret_n = tile_fill(c->log->size, level);
		memcpy(hash, c->log->tile[level], (size_t)*ret_n * sizeof(*hash));
		if (bytes.p)
			misfit(c, (struct log_misfit){ .part = LOG_TILE, .level = level, .position = position });
	}
	return true;
}

static void
check_details(struct check *c, const struct audit_record *r)
{
	struct sha256 h;

	if (r->details.p) {
		c->found->details++;
		h = audit_details_hash(r->details_salt, r->details);
		if (!str_eq(r->details_hash, (struct str){ (const char *)h.b, sizeof(h.b) }))
			misfit(c, (struct log_misfit){ .part = LOG_DETAILS, .seq = r->seq });
	} else if (r->erased_at != NO_TIME) {
		c->found->erased++;
	} else if (r->details_hash.p) {
		misfit(c, (struct log_misfit){ .part = LOG_DETAILS, .seq = r->seq });
	}
}

/* The records of one tile: n of them, the first has this index. */
static bool
check_records(struct check *c, const struct audit_record *r, int n, int64_t index)
{
	struct sha256 kept[TILE_HASHES];
	int have;

	if (!kept_hashes(c, 0, index >> TILE_BITS, kept, &have))
		return false;
	for (int i = 0; i < n; i++) {
		struct sha256 leaf = merkle_leaf(audit_bytes(c->tx->arena, str_c(c->log->origin), &r[i]));

		merkle_append(&c->edge, &leaf);
		if (r[i].seq != index + i + 1 || (i < have && !merkle_same(&leaf, &kept[i])))
			misfit(c, (struct log_misfit){ .part = LOG_RECORD, .seq = r[i].seq });
		check_details(c, &r[i]);
	}
	return true;
}

/*
 * One tile above the leaves: each of its hashes is what the full tile below makes. A tile that is missing is
 * told of by the one above it, and of each full tile there is one.
 */
static bool
check_tile(struct check *c, int level, int64_t position)
{
	struct sha256 above[TILE_HASHES], below[TILE_HASHES];
	int n, have;

	if (!kept_hashes(c, level, position, above, &n))
		return false;
	for (int i = 0; i < n; i++) {
		struct sha256 root;

		if (!kept_hashes(c, level - 1, position * TILE_HASHES + i, below, &have))
			return false;
		if (have == TILE_HASHES)
			root = tile_root(below, TILE_HASHES);
		if (have != TILE_HASHES || !merkle_same(&root, &above[i]))
			misfit(c, (struct log_misfit){ .part = LOG_TILE, .level = level - 1,
			    .position = position * TILE_HASHES + i });
	}
	return true;
}

/* All levels above the leaves, where every hash is one of a full tile below. */
static bool
check_tiles(struct check *c, struct arena *scratch)
{
	for (int level = 1; c->log->size >> (level * TILE_BITS) > 0; level++)
		for (int64_t at = 0; at <= c->log->size >> ((level + 1) * TILE_BITS); at++) {
			arena_reset(scratch);
			if (!check_tile(c, level, at))
				return false;
		}
	return true;
}

static bool
check_all(struct check *c, struct arena *scratch, log_progress *progress, void *arg)
{
	int n = PAGE;

	while (n == PAGE) {
		struct audit_record *page;

		arena_reset(scratch);
		page = arena_alloc(scratch, PAGE * sizeof(*page));
		if (!log_page(c->tx, c->found->records, page, PAGE, &n, c->err))
			return false;
		for (int i = 0; i < n; i += TILE_HASHES)
			if (!check_records(c, page + i, n - i < TILE_HASHES ? n - i : TILE_HASHES,
			    c->found->records + i))
				return false;
		c->found->records += n;
		if (progress && !progress(arg, c->found->records, c->log->size))
			return err_set(c->err, FAULT_BUSY);
	}
	return check_tiles(c, scratch);
}

bool
log_check(struct tx *tx, log_progress *progress, void *arg, struct log_findings *ret_findings,
    struct err *err)
{
	struct arena *own = tx->arena, *scratch = arena_new();
	struct log_findings found = { .records = 0 };
	struct check *c = arena_make(own, struct check);
	bool ok;

	*c = (struct check){ .tx = tx, .err = err, .log = arena_make(own, struct log_state), .found = &found };
	ok = log_load(tx, c->log, err);
	tx->arena = scratch;
	ok = ok && check_all(c, scratch, progress, arg);
	tx->arena = own;
	arena_free(scratch);
	if (!ok)
		return false;
	if (found.records != c->log->size)
		misfit(c, (struct log_misfit){ .part = LOG_EDGE });
	found.root = merkle_root(&c->edge);
	*ret_findings = found;
	return true;
}

struct str
log_misfit_words(struct arena *a, const struct log_misfit *m)
{
	switch (m->part) {
	case LOG_RECORD:
		return arena_printf(a, "record %lld is not what its leaf says", (long long)m->seq);
	case LOG_DETAILS:
		return arena_printf(a, "the details of record %lld are not what the record says", (long long)m->seq);
	case LOG_TILE:
		return arena_printf(a, "tile %d/%lld is missing or is not what the tile above it says", m->level,
		    (long long)m->position);
	case LOG_EDGE:
		break;
	}
	return STR("the log's edge and its records do not end together");
}
