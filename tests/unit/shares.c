/* Shares of a key: any two make it again, one says nothing, and what is wrong with one is said of that one. */
#include "daemon/share.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/time.h"
#include "daemon/private_key.h"
#include "tap.h"

#define NOW (INT64_C(1795313400) * SECOND)

static struct arena *a;

struct set {
	struct note_key key;
	struct str der, lines[SHARE_COUNT];
};

static struct set
make(enum key_kind kind, int64_t now)
{
	struct err err = { .arena = a };
	struct private_key *k = private_key_make(kind, &err);
	struct buf der = { .arena = a };
	struct set s;

	if (!k || !private_key_public(k, STR("cert.example"), kind, &s.key, &err) ||
	    !private_key_write(k, false, &der, &err) || !share_split(a, &s.key, buf_str(&der), now, s.lines, &err))
		abort();
	s.der = buf_str(&der);
	private_key_free(k);
	return s;
}

static bool
joins(struct str one, struct str two, struct str *ret_der, struct err *err)
{
	struct share x, y;

	return share_read(a, one, &x, err) && share_read(a, two, &y, err) && share_join(a, &x, &y, ret_der, err);
}

static void
refuses(struct str one, struct str two, const char *words, const char *name)
{
	struct err err = { .arena = a };
	struct str der;

	ok(!joins(one, two, &der, &err) && err.fault == FAULT_FILE && str_has(err.detail, str_c(words)), name);
	if (!str_has(err.detail, str_c(words)))
		printf("# %.*s\n", STR_FMT(err.detail));
}

static void
test_any_two(enum key_kind kind, const char *name)
{
	struct set s = make(kind, NOW);
	bool all = true, printable = true;
	struct str der;

	for (int i = 0; i < SHARE_COUNT; i++) {
		for (int j = 0; j < SHARE_COUNT; j++) {
			struct err err = { .arena = a };

			all &= i == j || (joins(s.lines[i], s.lines[j], &der, &err) && str_eq(der, s.der));
		}
		for (size_t k = 0; k < s.lines[i].n; k++)
			printable &= s.lines[i].p[k] >= ' ' && s.lines[i].p[k] <= '~';
	}
	ok(all, name);
	ok(printable && s.lines[0].n < 700, "a share is one printable line");
	refuses(s.lines[1], s.lines[1], "Share 2 is there twice", "one share alone, twice");
	ok(!str_has(s.lines[0], base64url(a, str_first(s.der, 12))), "and does not hold the key");
}

/* The line with a bit of this byte flipped; with its check made good again, as somebody would who wants to deceive. */
static struct str
altered(struct str line, size_t at, bool check)
{
	char *p = arena_c(a, line);
	struct sha256 h;

	p[at] ^= 1;
	if (check) {
		h = sha256((struct str){ p, line.n - 9 });
		for (int i = 0; i < 4; i++)
			snprintf(p + line.n - 8 + 2 * i, 3, "%02x", h.b[i]);
	}
	return (struct str){ p, line.n };
}

static void
test_every_bit(void)
{
	struct set s = make(KEY_ED25519, NOW);
	size_t share = (size_t)((const char *)memmem(s.lines[1].p, s.lines[1].n, "000000Z ", 8) - s.lines[1].p) + 8;
	bool found = true, named = true;

	for (size_t i = 0; i < s.lines[1].n; i++) {
		struct err slip = { .arena = a }, lie = { .arena = a };
		struct str der;

		found &= !joins(s.lines[0], altered(s.lines[1], i, false), &der, &slip);
		found &= i >= s.lines[1].n - 8 || !joins(s.lines[0], altered(s.lines[1], i, true), &der, &lie);
		if (i < share || i >= s.lines[1].n - 9 || s.lines[1].p[i] == ' ')
			continue;
		named &= str_has(slip.detail, STR("Share 2 is mistyped")) && (str_has(lie.detail, STR("Share 2 was altered")) ||
		    str_has(lie.detail, STR("no share")));
	}
	ok(found, "every flipped bit of a share is found, with or without its check made good");
	ok(named, "and the share is named");
}

static void
test_mixtures(void)
{
	struct set s = make(KEY_ED25519, NOW), other = make(KEY_ED25519, NOW);
	struct set later = s;
	struct err err = { .arena = a };

	if (!share_split(a, &s.key, s.der, NOW + SECOND, later.lines, &err))
		abort();
	refuses(s.lines[0], other.lines[1], "of different keys", "shares of different keys");
	refuses(s.lines[0], later.lines[1], "not made together", "shares of two makings, whose halves do not fit");
	refuses(STR("tocsin-share/1 1/3 of nothing"), s.lines[1], "no share", "what is none");
	refuses(STR(""), s.lines[1], "no share", "an empty line");
	refuses(altered(s.lines[2], s.lines[2].n - 1, false), s.lines[1], "Share 3 is mistyped", "a slip in the check itself");
}

int
main(void)
{
	a = arena_new();
	setenv("LC_ALL", "C", 1);
	test_any_two(KEY_ED25519, "Ed25519: any two of three");
	test_any_two(KEY_P256, "P-256: any two of three");
	test_every_bit();
	test_mixtures();
	arena_free(a);
	return done_testing();
}
