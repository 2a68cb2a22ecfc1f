/*
 * log DIRECTORY RECORDS LEAVES: what the log costs. Prints a name and a number a line, rates per second:
 *
 *	raw      SHA-256 of the records' bytes, one after the other: the limit
 *	append   leaves and the tree over them, from the same bytes
 *	verify   the same again, and the root held against the one before
 *	prove_median, prove_p99    microseconds for a proof of inclusion from a store with LEAVES records
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rand.h"
#include "store/log.h"
#include "store/private.h"

#define PROOFS 20000

static struct arena *a;

static void
die(const char *what, const struct err *err)
{
	struct str why = err ? err->detail : STR("it failed");

	fprintf(stderr, "log: %s: %.*s\n", what, STR_FMT(why));
	exit(1);
}

static double
seconds_since(int64_t begun)
{
	return (double)(clock_monotonic() - begun) / 1e6;
}

/* ---- hashing ---- */

/* Records as filing leaves them. */
static struct str *
make_records(int n)
{
	struct str *records = arena_raw(a, (size_t)n * sizeof(*records));
	char salt[16], digest[32];

	for (int i = 0; i < n; i++) {
		rand_bytes(salt, sizeof(salt));
		rand_bytes(digest, sizeof(digest));
		records[i] = audit_bytes(a, STR("cert.example/5d3f0c9a1b2e4f60"), &(struct audit_record){
			.seq = i + 1, .at = INT64_C(1795313400000000) + i * 777, .node = STR("cert-1"),
			.action = STR("report.submit"), .entity = STR("report"), .object = id_new(), .org = id_new(),
			.actor = { .account = id_new(), .person = id_new(), .session = id_new(),
			.address = STR("203.0.113.77"), .name = STR("陳美華") },
			.salt = { salt, sizeof(salt) }, .details_hash = { digest, sizeof(digest) } });
	}
	return records;
}

static double
hash_raw(const struct str *records, int n)
{
	int64_t begun = clock_monotonic();
	unsigned char all = 0;

	for (int i = 0; i < n; i++)
		all ^= sha256(records[i]).b[0];
	if (all == 1 && getenv("NEVER"))         /* so that no compiler leaves it out */
		puts("");
	return n / seconds_since(begun);
}

static double
append_all(const struct str *records, int n, struct merkle_edge *ret_edge)
{
	int64_t begun = clock_monotonic();
	struct merkle_edge edge = { .size = 0 };

	for (int i = 0; i < n; i++) {
		struct sha256 leaf = merkle_leaf(records[i]);

		merkle_append(&edge, &leaf);
	}
	*ret_edge = edge;
	return n / seconds_since(begun);
}

static double
verify_all(const struct str *records, int n, const struct merkle_edge *wanted)
{
	int64_t begun = clock_monotonic();
	struct merkle_edge edge;
	struct sha256 root, want = merkle_root(wanted);

	append_all(records, n, &edge);
	root = merkle_root(&edge);
	if (!merkle_same(&root, &want))
		die("another root", NULL);
	return n / seconds_since(begun);
}

/* ---- proving ---- */

static sqlite3_stmt *keep;

static void
keep_tile(int level, int64_t position, const struct sha256 *hashes)
{
	sqlite3_bind_int(keep, 1, level);
	sqlite3_bind_int64(keep, 2, position);
	sqlite3_bind_blob(keep, 3, hashes, (int)TILE_BYTES, SQLITE_STATIC);
	if (sqlite3_step(keep) != SQLITE_DONE)
		die("tile", NULL);
	sqlite3_reset(keep);
}

/* Tiles of a log of so many leaves, straight into the table: level by level, each from the one below. */
static void
fill_tiles(sqlite3 *db, int64_t leaves)
{
	struct sha256 *hash = malloc((size_t)leaves * sizeof(*hash));
	struct buf edge = { .arena = a };
	sqlite3_stmt *s;

	rand_bytes(hash, sizeof(*hash));
	for (int64_t i = 1; i < leaves; i++)
		hash[i] = merkle_node(&hash[i - 1], &hash[i - 1]);
	for (int level = 0; leaves >> (level * TILE_BITS) > 0; level++) {
		int64_t n = leaves >> (level * TILE_BITS), full = n >> TILE_BITS;

		for (int64_t i = 0; i < full; i++) {
			keep_tile(level, i, hash + i * TILE_HASHES);
			hash[i] = tile_root(hash + i * TILE_HASHES, TILE_HASHES);
		}
		buf_put(&edge, (struct str){ (const char *)(hash + full * TILE_HASHES),
		    (size_t)(n - full * TILE_HASHES) * sizeof(*hash) });
	}
	free(hash);
	if (sqlite3_prepare_v2(db, "UPDATE log SET size = ?1, edge = ?2", -1, &s, NULL) != SQLITE_OK)
		die("edge", NULL);
	sqlite3_bind_int64(s, 1, leaves);
	sqlite3_bind_blob(s, 2, edge.p, (int)edge.n, SQLITE_STATIC);
	if (sqlite3_step(s) != SQLITE_DONE)
		die("edge", NULL);
	sqlite3_finalize(s);
}

static void
fill_log(const char *dir, int64_t leaves)
{
	sqlite3 *db;

	if (sqlite3_open(arena_printf(a, "%s/tocsin.db", dir).p, &db) != SQLITE_OK ||
	    sqlite3_exec(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(db, "INSERT INTO log_tile (level, position, hashes) VALUES (?1, ?2, ?3)", -1, &keep,
	    NULL) != SQLITE_OK)
		die("open", NULL);
	fill_tiles(db, leaves);
	sqlite3_finalize(keep);
	if (sqlite3_exec(db, "COMMIT; PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_OK)
		die("commit", NULL);
	sqlite3_close(db);
}

static int
by_length(const void *x, const void *y)
{
	double p = *(const double *)x, q = *(const double *)y;

	return (p > q) - (p < q);
}

/* Every tenth proof is checked; its time is not measured. */
static void
prove(struct store *st, int64_t leaves, double *ret_median, double *ret_worst)
{
	static double took[PROOFS];
	struct arena *scratch = arena_new();
	struct err err = { .arena = scratch };
	struct tx *tx = store_read(st, scratch, &err);
	struct log_head head;

	if (!tx || !log_head(tx, &head, &err))
		die("head", &err);
	store_done(tx);
	for (int i = 0; i < PROOFS; i++) {
		int64_t index = (int64_t)((uint64_t)random() << 20 ^ (uint64_t)random()) % leaves, begun;
		struct log_proof proof;
		struct sha256 leaf;

		arena_reset(scratch);
		tx = store_read(st, scratch, &err);
		begun = clock_monotonic();
		if (!tx || !log_inclusion(tx, index, leaves, &proof, &err))
			die("proof", &err);
		took[i] = (double)(clock_monotonic() - begun);
		if (i % 10 == 0 && (!log_leaf(tx, index, &leaf, &err) ||
		    !merkle_verify_inclusion(index, leaves, &leaf, proof.hash, proof.n, &head.root)))
			die("wrong proof", &err);
		store_done(tx);
	}
	qsort(took, PROOFS, sizeof(took[0]), by_length);
	*ret_median = took[PROOFS / 2];
	*ret_worst = took[PROOFS / 100 * 99];
	arena_free(scratch);
}

int
main(int argc, char **argv)
{
	struct err err = { .arena = NULL };
	struct store_options o = { .create = true };
	struct merkle_edge edge;
	struct store *st;
	double median, worst;
	struct str *records;
	int n;

	if (argc != 4)
		return 2;
	a = arena_new();
	err.arena = a;
	n = atoi(argv[2]);
	records = make_records(n);
	hash_raw(records, n / 10);
	printf("raw %.0f\n", hash_raw(records, n));
	printf("append %.0f\n", append_all(records, n, &edge));
	printf("verify %.0f\n", verify_all(records, n, &edge));
	o.dir = argv[1];
	if (!store_open(&o, &st, &err))
		die("store", &err);
	store_close(st);
	fill_log(argv[1], atoll(argv[3]));
	if (!store_open(&o, &st, &err))
		die("store", &err);
	prove(st, atoll(argv[3]), &median, &worst);
	printf("prove_median %.1f\nprove_p99 %.1f\n", median, worst);
	store_close(st);
	arena_free(a);
	return 0;
}
