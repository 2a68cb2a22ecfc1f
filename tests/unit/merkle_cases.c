/*
 * merkle_cases DIRECTORY: every published case of inclusion and consistency, and the roots and proofs computed
 * from the definition. Each is decided as its file says. Without the directory nothing is tested, and that is said.
 */
#include "tap.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/merkle.h"

#define PROOF_MAX 200

static struct arena *a;
static int decided, wrong;

/* What a case holds; false in sound: a number that no tree has, or a hash that has not 32 bytes. */
struct proof_case {
	const struct value *v;
	bool sound;
	struct sha256 proof[PROOF_MAX];
	int n;
};

static struct str
read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b = { .arena = a };
	size_t n = 0;

	if (!f)
		return STR_NONE;
	do {
		char *p = buf_room(&b, 65536);

		n = fread(p, 1, 65536, f);
		b.n += n;
	} while (n > 0);
	fclose(f);
	return buf_str(&b);
}

static int
standard_digit(char c)
{
	const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", *at = strchr(digits, c);

	return at && c ? (int)(at - digits) : -1;
}

/* Base64 of the standard alphabet, as the cases have it. */
static struct str
base64_bytes(struct str s)
{
	struct buf b = { .arena = a };
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
		bits = bits << 6 | (uint32_t)standard_digit(s.p[i]);
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_char(&b, (char)(bits >> have & 0xff));
		}
	}
	return buf_str(&b);
}

static struct sha256
hash_of(struct proof_case *c, const struct value *v, bool is_hex)
{
	struct sha256 h = { { 0 } };
	struct str bytes = STR_NONE;

	if (is_hex)
		hex_decode(a, value_text(v), &bytes);
	else
		bytes = base64_bytes(value_text(v));
	if (!merkle_hash(bytes, &h))
		c->sound = false;
	return h;
}

static struct sha256
member(struct proof_case *c, const char *name)
{
	return hash_of(c, value_get(c->v, name), false);
}

static int64_t
number(struct proof_case *c, const char *name)
{
	const struct value *v = value_get(c->v, name);

	if (!v || v->kind != V_INT)
		c->sound = false;
	return v && v->kind == V_INT ? v->i : -1;
}

static void
proof_of(struct proof_case *c, bool is_hex)
{
	const struct value *list = value_get(c->v, "proof");

	for (const struct value *v = list ? list->first : NULL; v && c->n < PROOF_MAX; v = v->next)
		c->proof[c->n++] = hash_of(c, v, is_hex);
}

static bool
decide_inclusion(struct proof_case *c)
{
	struct sha256 leaf = member(c, "leafHash"), root = member(c, "root");
	int64_t index = number(c, "leafIdx"), size = number(c, "treeSize");

	return c->sound && merkle_verify_inclusion(index, size, &leaf, c->proof, c->n, &root);
}

static bool
decide_subtree_inclusion(struct proof_case *c)
{
	struct sha256 leaf = member(c, "leafHash"), root = member(c, "root");
	int64_t index = number(c, "leafIdx"), start = number(c, "start"), end = number(c, "end");

	return c->sound && merkle_verify_subtree_inclusion(index, start, end, &leaf, c->proof, c->n, &root);
}

/*
 * Three cases have words ("don't care") where a root stands and nothing is to be hashed: of a tree and itself, and of
 * no leaf and any tree. There the digest of the word stands for it, so that equal words are equal roots.
 */
static struct sha256
root_or_word(struct proof_case *c, const char *name, bool nothing_hashed)
{
	struct str bytes = base64_bytes(value_text(value_get(c->v, name)));

	return nothing_hashed && bytes.n != 32 ? sha256(bytes) : member(c, name);
}

static bool
decide_consistency(struct proof_case *c)
{
	int64_t from = number(c, "size1"), to = number(c, "size2");
	struct sha256 old = root_or_word(c, "root1", from == to && c->n == 0);
	struct sha256 new = root_or_word(c, "root2", from == to && c->n == 0);

	return c->sound && merkle_verify_consistency(from, to, &old, &new, c->proof, c->n);
}

static bool
decide_subtree_consistency(struct proof_case *c)
{
	int64_t start = number(c, "start"), end = number(c, "end"), size = number(c, "size");
	bool nothing_hashed = c->n == 0 && (start == end || (start == 0 && end == size));
	struct sha256 old = root_or_word(c, "root1", nothing_hashed), new = root_or_word(c, "root2", nothing_hashed);

	return c->sound && merkle_verify_subtree_consistency(start, end, size, &old, &new, c->proof, c->n);
}

static void
decide(const char *path, bool (*decision)(struct proof_case *c))
{
	struct err err = { .arena = a };
	struct proof_case c = { .sound = true };
	struct str text = read_file(path);
	struct value *v = NULL;
	/* a number of more than 63 bits is refused by the reader already */
	bool refuse = str_has(text, STR("\"wantErr\": true")), read = json_parse(a, text, &v, &err), proved;

	c.v = v;
	if (read)
		proof_of(&c, false);
	proved = read && decision(&c);
	decided++;
	if (proved == refuse || (!refuse && !str_has(text, STR("\"wantErr\": false")))) {
		wrong++;
		printf("# %s: %s\n", path, proved ? "proved" : "refused");
	}
}

static int
visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	if (type != FTW_F || strstr(path, "/tree/") || !strstr(path, ".json"))
		return 0;
	if (strstr(path, "/subtreeinclusion/"))
		decide(path, decide_subtree_inclusion);
	else if (strstr(path, "/subtreeconsistency/"))
		decide(path, decide_subtree_consistency);
	else if (strstr(path, "/inclusion/"))
		decide(path, decide_inclusion);
	else
		decide(path, decide_consistency);
	return 0;
}

/* ---- computed from the definition ---- */

static bool
leaf_fetch(void *arg, int level, int64_t index, struct sha256 *ret_hash)
{
	struct merkle_edge edge = { .size = 0 };

	(void)arg;
	for (int64_t i = index << level; i < (index + 1) << level; i++) {
		struct sha256 leaf = merkle_leaf(arena_printf(a, "leaf-%" PRId64, i));

		merkle_append(&edge, &leaf);
	}
	*ret_hash = merkle_root(&edge);
	return true;
}

static bool
same_as(const struct proof_case *c, const struct merkle_path *path)
{
	return path->n == c->n && memcmp(path->hash, c->proof, (size_t)c->n * sizeof(path->hash[0])) == 0;
}

static bool
check_root(struct proof_case *c)
{
	struct sha256 want = hash_of(c, value_get(c->v, "root"), true), got;

	return merkle_tree_root(number(c, "size"), leaf_fetch, NULL, &got) && merkle_same(&got, &want);
}

static bool
check_inclusion(struct proof_case *c)
{
	struct sha256 leaf = hash_of(c, value_get(c->v, "leafHash"), true);
	struct sha256 root = hash_of(c, value_get(c->v, "root"), true);
	int64_t index = number(c, "index"), size = number(c, "size");
	struct merkle_path path;

	return merkle_prove_inclusion(index, size, leaf_fetch, NULL, &path) && same_as(c, &path) &&
	    merkle_verify_inclusion(index, size, &leaf, c->proof, c->n, &root);
}

static bool
check_consistency(struct proof_case *c)
{
	struct sha256 old = hash_of(c, value_get(c->v, "root1"), true);
	struct sha256 new = hash_of(c, value_get(c->v, "root2"), true);
	int64_t from = number(c, "size1"), to = number(c, "size2");
	struct merkle_path path;

	return merkle_prove_consistency(from, to, leaf_fetch, NULL, &path) && same_as(c, &path) &&
	    merkle_verify_consistency(from, to, &old, &new, c->proof, c->n);
}

static bool
check_all(const struct value *all, const char *name, bool (*check)(struct proof_case *c))
{
	const struct value *list = value_get(all, name);
	bool held = list && list->n > 0;

	for (const struct value *v = list ? list->first : NULL; v; v = v->next) {
		struct proof_case c = { .v = v, .sound = true };

		proof_of(&c, true);
		held = check(&c) && c.sound && held;
	}
	return held;
}

static void
test_vectors(const char *directory)
{
	struct err err = { .arena = a };
	struct value *v = NULL;

	if (!ok(json_parse(a, read_file(arena_printf(a, "%s/tree/vectors.json", directory).p), &v, &err), "vectors.json"))
		return;
	ok(check_all(v, "roots", check_root), "the roots of the definition");
	ok(check_all(v, "inclusion", check_inclusion), "its proofs of inclusion, made and checked");
	ok(check_all(v, "consistency", check_consistency), "its proofs of consistency, made and checked");
}

int
main(int argc, char **argv)
{
	if (argc != 2 || access(argv[1], R_OK) != 0) {
		tap_skip("the published cases of Merkle proofs",
		    "they were NOT tried: ../shared/corpus/merkle is not beside this checkout");
		return done_testing();
	}
	a = arena_new();
	nftw(argv[1], visit, 16, FTW_PHYS);
	printf("# %d cases\n", decided);
	ok(decided > 400, "there are some hundred cases");
	is_int(wrong, 0, "every one is decided as it says");
	test_vectors(argv[1]);
	arena_free(a);
	return done_testing();
}
