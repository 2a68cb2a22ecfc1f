/* Making proofs; apart from checking them, which is all that the small verifier is made of. */
#include "base/merkle.h"

#include <assert.h>

static int
level_of(int64_t power_of_two)
{
	return __builtin_ctzll((unsigned long long)power_of_two);
}

/* The greatest power of two that is less than n; n > 1. */
static int64_t
split(int64_t n)
{
	return INT64_C(1) << (63 - __builtin_clzll((unsigned long long)(n - 1)));
}

/* The root over the leaves [start, end): complete subtrees from left to right, put together. */
static bool
range_root(int64_t start, int64_t end, merkle_fetch *fetch, void *arg, struct sha256 *ret_root)
{
	struct merkle_edge part = { .n = 0 };

	while (start < end) {
		int64_t size = end - start, whole = size == 1 ? 1 : split(size);

		if (size == whole * 2)
			whole = size;
		if (!fetch(arg, level_of(whole), start / whole, &part.hash[part.n++]))
			return false;
		start += whole;
	}
	*ret_root = merkle_root(&part);
	return true;
}

bool
merkle_tree_root(int64_t size, merkle_fetch *fetch, void *arg, struct sha256 *ret_root)
{
	assert(size >= 0);
	return range_root(0, size, fetch, arg, ret_root);
}

static void
turn(struct merkle_path *path)
{
	for (int i = 0, j = path->n - 1; i < j; i++, j--) {
		struct sha256 h = path->hash[i];

		path->hash[i] = path->hash[j];
		path->hash[j] = h;
	}
}

/* From the root down: at each node the half that is not gone into is one hash of the path. */
bool
merkle_prove_inclusion(int64_t index, int64_t size, merkle_fetch *fetch, void *arg,
    struct merkle_path *ret_path)
{
	struct merkle_path path = { .n = 0 };
	int64_t start = 0, end = size;

	assert(index >= 0 && index < size);
	while (end - start > 1) {
		int64_t middle = start + split(end - start);
		bool left = index < middle;

		if (!range_root(left ? middle : start, left ? end : middle, fetch, arg, &path.hash[path.n++]))
			return false;
		*(left ? &end : &start) = middle;
	}
	turn(&path);
	*ret_path = path;
	return true;
}

/* SUBPROOF of the RFC, from the root down to the subtree that ends where the old tree ended. */
bool
merkle_prove_consistency(int64_t from, int64_t to, merkle_fetch *fetch, void *arg,
    struct merkle_path *ret_path)
{
	struct merkle_path path = { .n = 0 };
	int64_t start = 0, end = to;

	assert(from > 0 && from <= to);
	while (end != from) {
		int64_t middle = start + split(end - start);
		bool left = from <= middle;

		if (!range_root(left ? middle : start, left ? end : middle, fetch, arg, &path.hash[path.n++]))
			return false;
		*(left ? &end : &start) = middle;
	}
	if (start > 0 && !range_root(start, end, fetch, arg, &path.hash[path.n++]))
		return false;
	turn(&path);
	*ret_path = path;
	return true;
}
