#include "base/merkle.h"

#include <assert.h>
#include <string.h>

struct sha256
merkle_leaf(struct str bytes)
{
	return sha256_two((struct str){ "\0", 1 }, bytes);
}

struct sha256
merkle_node(const struct sha256 *left, const struct sha256 *right)
{
	char bytes[1 + 2 * sizeof(left->b)] = { 1 };

	memcpy(bytes + 1, left->b, sizeof(left->b));
	memcpy(bytes + 1 + sizeof(left->b), right->b, sizeof(right->b));
	return sha256((struct str){ bytes, sizeof(bytes) });
}

struct sha256
merkle_empty(void)
{
	return sha256(STR(""));
}

/* Hashes are no secrets. */
bool
merkle_same(const struct sha256 *a, const struct sha256 *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

bool
merkle_hash(struct str bytes, struct sha256 *ret_hash)
{
	if (bytes.n != sizeof(ret_hash->b))
		return false;
	memcpy(ret_hash->b, bytes.p, sizeof(ret_hash->b));
	return true;
}

/* ---- the right edge ---- */

/* The last n hashes as one: the right one is always the smaller subtree. */
static struct sha256
fold(const struct sha256 *hash, int n)
{
	struct sha256 h;

	if (n == 0)
		return merkle_empty();
	h = hash[n - 1];
	for (int i = n - 2; i >= 0; i--)
		h = merkle_node(&hash[i], &h);
	return h;
}

void
merkle_append(struct merkle_edge *e, const struct sha256 *leaf)
{
	struct sha256 h = *leaf;

	assert(e->size >= 0 && e->size < INT64_MAX);
	for (int64_t size = e->size; size & 1; size >>= 1)
		h = merkle_node(&e->hash[--e->n], &h);
	e->hash[e->n++] = h;
	e->size++;
}

struct sha256
merkle_root(const struct merkle_edge *e)
{
	return fold(e->hash, e->n);
}

/* ---- checking proofs ---- */

bool
merkle_verify_inclusion(int64_t index, int64_t size, const struct sha256 *leaf, const struct sha256 *proof,
    int n, const struct sha256 *root)
{
	int64_t at = index, last = size - 1;
	struct sha256 h = *leaf;

	if (index < 0 || index >= size)
		return false;
	for (int i = 0; i < n; i++) {
		if (last == 0)
			return false;
		if (at & 1 || at == last) {
			h = merkle_node(&proof[i], &h);
			for (; !(at & 1) && at != 0; at >>= 1)
				last >>= 1;
		} else {
			h = merkle_node(&h, &proof[i]);
		}
		at >>= 1;
		last >>= 1;
	}
	return last == 0 && merkle_same(&h, root);
}

/* Whether [start, end) can be one node's leaves. */
static bool
is_subtree(int64_t start, int64_t end)
{
	int64_t width = 1;

	if (start < 0 || end <= start)
		return false;
	while (width < end - start && width <= INT64_MAX / 2)
		width *= 2;
	return width >= end - start && start % width == 0;
}

bool
merkle_verify_subtree_inclusion(int64_t index, int64_t start, int64_t end, const struct sha256 *leaf,
    const struct sha256 *proof, int n, const struct sha256 *subtree)
{
	return is_subtree(start, end) && index >= start &&
	    merkle_verify_inclusion(index - start, end - start, leaf, proof, n, subtree);
}

/*
 * One walk makes two roots of the same hashes: of the subtree from what lies left of its last leaf, of the
 * whole tree from all. first, end and last are the subtree's and the tree's leaves, at the walk's height.
 */
static bool
walk_consistency(int64_t first, int64_t end, int64_t last, const struct sha256 *subtree,
    const struct sha256 *root, const struct sha256 *proof, int n)
{
	struct sha256 old_root, new_root;
	int i = 0;

	if (first != end && n == 0)
		return false;
	old_root = new_root = first == end ? *subtree : proof[i++];
	for (; i < n; i++) {
		if (last == 0)
			return false;
		if (end & 1 || end == last) {
			if (first < end)
				old_root = merkle_node(&proof[i], &old_root);
			new_root = merkle_node(&proof[i], &new_root);
			for (; !(end & 1) && end != 0; end >>= 1) {
				first >>= 1;
				last >>= 1;
			}
		} else {
			new_root = merkle_node(&new_root, &proof[i]);
		}
		first >>= 1;
		end >>= 1;
		last >>= 1;
	}
	return last == 0 && merkle_same(&old_root, subtree) && merkle_same(&new_root, root);
}

/* The walk begins at the greatest node that ends where the subtree ends. Nothing is in every tree. */
bool
merkle_verify_subtree_consistency(int64_t start, int64_t end, int64_t size, const struct sha256 *subtree,
    const struct sha256 *root, const struct sha256 *proof, int n)
{
	struct sha256 empty = merkle_empty();
	int64_t first = start, old_last = end - 1, last = size - 1;
	bool edge = old_last == last;

	if (start >= 0 && start == end && end <= size)
		return n == 0 && merkle_same(subtree, &empty);
	if (!is_subtree(start, end) || end > size)
		return false;
	while (first != old_last && (edge || old_last & 1)) {
		first >>= 1;
		old_last >>= 1;
		last >>= 1;
	}
	return walk_consistency(first, old_last, last, subtree, root, proof, n);
}

bool
merkle_verify_consistency(int64_t from, int64_t to, const struct sha256 *from_root,
    const struct sha256 *to_root, const struct sha256 *proof, int n)
{
	return from > 0 && merkle_verify_subtree_consistency(0, from, to, from_root, to_root, proof, n);
}
