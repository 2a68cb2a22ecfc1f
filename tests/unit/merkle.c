/* The hash tree against the definition of RFC 9162 section 2.1 written down as it stands there. */
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/merkle.h"

#define LEAVES 10000

static struct arena *a;
static struct sha256 leaf[LEAVES];

/* ---- the definition, slow and obvious ---- */

static int64_t
largest_power_below(int64_t n)
{
	int64_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

/* MTH(D[start:end]) */
static struct sha256
mth(int64_t start, int64_t end)
{
	int64_t k;
	struct sha256 left, right;

	if (end == start)
		return sha256(STR(""));
	if (end - start == 1)
		return leaf[start];
	k = largest_power_below(end - start);
	left = mth(start, start + k);
	right = mth(start + k, end);
	return merkle_node(&left, &right);
}

static void
put(struct merkle_path *p, struct sha256 h)
{
	p->hash[p->n++] = h;
}

/* PATH(m, D[start:end]) */
static void
path(int64_t m, int64_t start, int64_t end, struct merkle_path *p)
{
	int64_t k;

	if (end - start == 1)
		return;
	k = largest_power_below(end - start);
	if (m < k) {
		path(m, start, start + k, p);
		put(p, mth(start + k, end));
	} else {
		path(m - k, start + k, end, p);
		put(p, mth(start, start + k));
	}
}

/* SUBPROOF(m, D[start:end], b) */
static void
subproof(int64_t m, int64_t start, int64_t end, bool b, struct merkle_path *p)
{
	int64_t k;

	if (m == end - start) {
		if (!b)
			put(p, mth(start, end));
		return;
	}
	k = largest_power_below(end - start);
	if (m <= k) {
		subproof(m, start, start + k, b, p);
		put(p, mth(start + k, end));
	} else {
		subproof(m - k, start + k, end, false, p);
		put(p, mth(start, start + k));
	}
}

static bool
fetch(void *arg, int level, int64_t index, struct sha256 *ret_hash)
{
	int64_t size = *(int64_t *)arg;

	if ((index + 1) << level > size)         /* only complete subtrees of this very tree */
		return false;
	*ret_hash = mth(index << level, (index + 1) << level);
	return true;
}

static bool
same_path(const struct merkle_path *x, const struct merkle_path *y)
{
	return x->n == y->n && memcmp(x->hash, y->hash, (size_t)x->n * sizeof(x->hash[0])) == 0;
}

/* ---- one case each; false at whatever does not fit ---- */

static bool
inclusion_holds(int64_t index, int64_t size)
{
	struct merkle_path want = { .n = 0 }, got;
	struct sha256 root = mth(0, size), wrong = root;
	bool held;

	path(index, 0, size, &want);
	held = merkle_prove_inclusion(index, size, fetch, &size, &got) && same_path(&want, &got) &&
	    merkle_verify_inclusion(index, size, &leaf[index], got.hash, got.n, &root);
	wrong.b[random() % 32] ^= (unsigned char)(1 << random() % 8);
	held = held && !merkle_verify_inclusion(index, size, &leaf[index], got.hash, got.n, &wrong) &&
	    !merkle_verify_inclusion(index, size, &wrong, got.hash, got.n, &root) &&
	    !merkle_verify_inclusion(index + 1, size, &leaf[index], got.hash, got.n, &root) &&
	    !merkle_verify_inclusion(index, size, &leaf[index], got.hash, got.n + 1, &root);
	if (held && got.n > 0) {
		held = !merkle_verify_inclusion(index, size, &leaf[index], got.hash, got.n - 1, &root);
		got.hash[random() % got.n].b[random() % 32] ^= (unsigned char)(1 << random() % 8);
		held = held && !merkle_verify_inclusion(index, size, &leaf[index], got.hash, got.n, &root);
	}
	return held;
}

static bool
consistency_holds(int64_t from, int64_t to)
{
	struct merkle_path want = { .n = 0 }, got;
	struct sha256 old = mth(0, from), new = mth(0, to), wrong = old;
	bool held;

	subproof(from, 0, to, true, &want);
	held = merkle_prove_consistency(from, to, fetch, &to, &got) && same_path(&want, &got) &&
	    merkle_verify_consistency(from, to, &old, &new, got.hash, got.n);
	wrong.b[random() % 32] ^= (unsigned char)(1 << random() % 8);
	held = held && !merkle_verify_consistency(from, to, &wrong, &new, got.hash, got.n) &&
	    !merkle_verify_consistency(from, to, &old, &wrong, got.hash, got.n) &&
	    !merkle_verify_consistency(from, to, &old, &new, got.hash, got.n + 1) &&
	    (from == to || !merkle_verify_consistency(to, from, &new, &old, got.hash, got.n));
	if (held && got.n > 0) {
		held = !merkle_verify_consistency(from, to, &old, &new, got.hash, got.n - 1);
		got.hash[random() % got.n].b[random() % 32] ^= (unsigned char)(1 << random() % 8);
		held = held && !merkle_verify_consistency(from, to, &old, &new, got.hash, got.n);
	}
	return held;
}

/* ---- what is tested ---- */

static void
test_words(void)
{
	struct sha256 h = merkle_leaf(STR("")), zero, one, h2;

	is_str(hex(a, (struct str){ (char *)h.b, 32 }),
	    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "a leaf of nothing: SHA-256(00)");
	h = merkle_empty();
	is_str(hex(a, (struct str){ (char *)h.b, 32 }),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "no leaf: SHA-256 of nothing");
	zero = merkle_leaf(STR(""));
	one = merkle_leaf((struct str){ "\0", 1 });
	h2 = merkle_node(&zero, &one);
	is_str(hex(a, (struct str){ (char *)h2.b, 32 }),
	    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125", "two leaves: SHA-256(01 || both)");
	ok(merkle_hash((struct str){ (char *)h2.b, 32 }, &h) && merkle_same(&h, &h2), "32 bytes are a hash");
	ok(!merkle_hash((struct str){ (char *)h2.b, 31 }, &h), "31 bytes are none");
	ok(!merkle_hash(STR("123456789012345678901234567890123"), &h), "33 bytes are none");
	ok(!merkle_hash(STR_NONE, &h) && merkle_same(&h, &h2), "nothing is none, and nothing was written");
}

/* The eight leaves of the first implementations. */
static void
test_eight(void)
{
	static const struct str bytes[8] = {
		{ "", 0 }, { "\0", 1 }, { "\x10", 1 }, { "\x20\x21", 2 }, { "\x30\x31", 2 }, { "\x40\x41\x42\x43", 4 },
		{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8 },
		{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16 },
	};
	static const char *const root[9] = {
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	struct merkle_edge edge = { .size = 0 };

	for (int i = 0; i <= 8; i++) {
		struct sha256 h = merkle_root(&edge);

		is_str(hex(a, (struct str){ (char *)h.b, 32 }), root[i], "root of the well-known leaves");
		if (i < 8) {
			h = merkle_leaf(bytes[i]);
			merkle_append(&edge, &h);
		}
	}
}

static void
test_edge(void)
{
	struct merkle_edge edge = { .size = 0 };
	bool held = true;

	for (int64_t n = 0; n <= LEAVES && held; n++) {
		if (n < 600 || n % 997 == 0 || n > LEAVES - 3) {
			struct sha256 fast = merkle_root(&edge), slow = mth(0, n), stored;

			held = edge.size == n && edge.n == __builtin_popcountll((unsigned long long)n) &&
			    merkle_same(&fast, &slow) && merkle_tree_root(n, fetch, &n, &stored) &&
			    merkle_same(&stored, &slow);
		}
		if (n < LEAVES)
			merkle_append(&edge, &leaf[n]);
	}
	ok(held, "the right edge has the root of the definition at every size");
}

static void
test_all_small(void)
{
	bool inclusion = true, consistency = true;

	for (int64_t size = 1; size <= 130; size++) {
		for (int64_t i = 0; i < size; i++)
			inclusion = inclusion && inclusion_holds(i, size);
		for (int64_t from = 1; from <= size; from++)
			consistency = consistency && consistency_holds(from, size);
	}
	ok(inclusion, "inclusion: every leaf of every tree to 130 leaves");
	ok(consistency, "consistency: every pair of sizes to 130 leaves");
}

static void
test_random(void)
{
	bool inclusion = true, consistency = true;

	for (int i = 0; i < 60; i++) {
		int64_t size = i < 40 ? 1 + random() % LEAVES : 131 + random() % 400;

		inclusion = inclusion && inclusion_holds(random() % size, size);
		consistency = consistency && consistency_holds(1 + random() % size, size);
	}
	ok(inclusion, "inclusion: random leaves of random trees to 10,000 leaves");
	ok(consistency, "consistency: random sizes to 10,000 leaves");
}

static void
test_subtrees(void)
{
	bool held = true;

	for (int i = 0; i < 400 && held; i++) {
		int64_t width = INT64_C(1) << random() % 7, start = random() % 9 * width;
		int64_t end = start + width / 2 + 1 + random() % (width - width / 2), index;
		struct merkle_path p = { .n = 0 };
		struct sha256 root = mth(start, end), wrong = mth(start, end + 1);

		index = start + random() % (end - start);
		path(index - start, start, end, &p);
		held = merkle_verify_subtree_inclusion(index, start, end, &leaf[index], p.hash, p.n, &root) &&
		    !merkle_verify_subtree_inclusion(index, start, end, &leaf[index], p.hash, p.n, &wrong) &&
		    (width < 2 || !merkle_verify_subtree_inclusion(index + 1, start + 1, end + 1, &leaf[index],
		    p.hash, p.n, &root));
	}
	ok(held, "inclusion in subtrees, not where no subtree begins");
}

/* Numbers that no tree has. */
static void
test_bad_numbers(void)
{
	struct sha256 h = leaf[0];
	struct sha256 proof[MERKLE_PATH_MAX + 40];

	for (size_t i = 0; i < sizeof(proof) / sizeof(proof[0]); i++)
		proof[i] = h;
	ok(!merkle_verify_inclusion(0, 0, &h, NULL, 0, &h), "no leaf in a tree of none");
	ok(!merkle_verify_inclusion(-1, 5, &h, NULL, 0, &h), "no leaf before the first");
	ok(!merkle_verify_inclusion(5, 5, &h, proof, 3, &h), "no leaf after the last");
	ok(!merkle_verify_inclusion(0, -1, &h, NULL, 0, &h), "no tree of less than none");
	ok(!merkle_verify_inclusion(INT64_MAX - 1, INT64_MAX, &h, proof, MERKLE_PATH_MAX + 40, &h), "a proof too long");
	ok(!merkle_verify_consistency(0, 5, &h, &h, NULL, 0), "from nothing nothing follows");
	ok(!merkle_verify_consistency(0, 0, &h, &h, NULL, 0), "nor to nothing");
	ok(!merkle_verify_consistency(-3, 5, &h, &h, proof, 2), "no size below none");
	ok(!merkle_verify_consistency(INT64_MIN, INT64_MIN, &h, &h, NULL, 0), "however far");
	ok(!merkle_verify_consistency(3, INT64_MAX, &h, &h, proof, MERKLE_PATH_MAX + 40), "a proof too long");
	ok(!merkle_verify_subtree_consistency(3, INT64_MAX, INT64_MAX, &h, &h, proof, 9), "a subtree that is none");
	ok(!merkle_verify_subtree_inclusion(7, INT64_MIN, INT64_MAX, &h, proof, 9, &h), "one from below nothing");
	ok(merkle_verify_consistency(5, 5, &h, &h, NULL, 0), "a tree is consistent with itself");
	ok(!merkle_verify_consistency(5, 5, &h, &h, proof, 1), "which needs no proof");
}

int
main(void)
{
	a = arena_new();
	srandom(9162);
	for (int i = 0; i < LEAVES; i++)
		leaf[i] = merkle_leaf(arena_printf(a, "leaf-%d", i));
	test_words();
	test_eight();
	test_edge();
	test_all_small();
	test_random();
	test_subtrees();
	test_bad_numbers();
	arena_free(a);
	return done_testing();
}
