/*
 * The hash tree of RFC 9162 section 2.1: pure functions, no memory of their own, no I/O.
 * A leaf is SHA-256(0x00 || bytes), an inner node SHA-256(0x01 || left || right); the tree of no leaf is
 * SHA-256 of nothing. Sizes and indexes count leaves from 0. Every hash has exactly 32 bytes: what comes
 * from outside passes merkle_hash() first.
 */
#ifndef BASE_MERKLE_H
#define BASE_MERKLE_H

#include "base/sha256.h"

#define MERKLE_PATH_MAX 64               /* no proof in a tree of less than 2^63 leaves is longer */

struct sha256 merkle_leaf(struct str bytes);
struct sha256 merkle_node(const struct sha256 *left, const struct sha256 *right);
struct sha256 merkle_empty(void);
bool merkle_same(const struct sha256 *a, const struct sha256 *b);
/* The bytes of a hash; false: they are not 32. */
bool merkle_hash(struct str bytes, struct sha256 *ret_hash);

/* ---- the right edge: all that is needed to go on, and to know the root ---- */

/* The complete subtrees from left to right, the largest first, one for each bit of size. Zeroes: no leaf. */
struct merkle_edge {
	int64_t size;
	int n;
	struct sha256 hash[MERKLE_PATH_MAX];
};
/* O(1) amortised. */
void merkle_append(struct merkle_edge *e, const struct sha256 *leaf);
struct sha256 merkle_root(const struct merkle_edge *e);

/* ---- making proofs (merkle_prove.c) ---- */

/*
 * Where a proof's hashes come from: the root of the complete subtree over the leaves
 * [index << level, (index + 1) << level). false: it cannot be had.
 */
typedef bool merkle_fetch(void *arg, int level, int64_t index, struct sha256 *ret_hash);

/* A proof as it is built; the order is that of the RFC: from the leaf upwards. */
struct merkle_path {
	int n;
	struct sha256 hash[MERKLE_PATH_MAX];
};
/* The root of the first size leaves. */
bool merkle_tree_root(int64_t size, merkle_fetch *fetch, void *arg, struct sha256 *ret_root);
/* 0 <= index < size. */
bool merkle_prove_inclusion(int64_t index, int64_t size, merkle_fetch *fetch, void *arg,
    struct merkle_path *ret_path);
/* 0 < from <= to. From no leaf at all there is nothing to prove. */
bool merkle_prove_consistency(int64_t from, int64_t to, merkle_fetch *fetch, void *arg,
    struct merkle_path *ret_path);

/* ---- checking proofs: any numbers, any length; true only for what is proved ---- */

/* RFC 9162 section 2.1.3.2. */
bool merkle_verify_inclusion(int64_t index, int64_t size, const struct sha256 *leaf,
    const struct sha256 *proof, int n, const struct sha256 *root);
/* RFC 9162 section 2.1.4.2. Trees of no leaf prove nothing and are refused. */
bool merkle_verify_consistency(int64_t from, int64_t to, const struct sha256 *from_root,
    const struct sha256 *to_root, const struct sha256 *proof, int n);
/*
 * The same for a subtree of the leaves [start, end), as Merkle Tree Certificates define it: start is a
 * multiple of the smallest power of two that is not less than end - start. No leaf at all is consistent with
 * every tree.
 */
bool merkle_verify_subtree_inclusion(int64_t index, int64_t start, int64_t end, const struct sha256 *leaf,
    const struct sha256 *proof, int n, const struct sha256 *subtree);
bool merkle_verify_subtree_consistency(int64_t start, int64_t end, int64_t size,
    const struct sha256 *subtree, const struct sha256 *root, const struct sha256 *proof, int n);

#endif
