#include "tap.h"

#include <pthread.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

static struct arena *a;

static struct str
hex_of(struct sha256 h)
{
	return hex(a, (struct str){ (const char *)h.b, sizeof(h.b) });
}

static struct str
repeated(char c, size_t n)
{
	char *p = arena_raw(a, n);

	memset(p, c, n);
	return (struct str){ p, n };
}

static void
test_sha256(void)
{
	is_str(hex_of(sha256(STR(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "nothing");
	is_str(hex_of(sha256(STR_NONE)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "absent");
	is_str(hex_of(sha256(STR("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc");
	is_str(hex_of(sha256(repeated('a', 1000000))), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
	    "a million of a");
}

/* RFC 4231, test cases 1, 2, 3 and 6. */
static void
test_hmac(void)
{
	is_str(hex_of(hmac_sha256(repeated('\x0b', 20), STR("Hi There"))),
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", "case 1");
	is_str(hex_of(hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"))),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "case 2");
	is_str(hex_of(hmac_sha256(repeated('\xaa', 20), repeated('\xdd', 50))),
	    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe", "case 3");
	is_str(hex_of(hmac_sha256(repeated('\xaa', 131), STR("Test Using Larger Than Block-Size Key - Hash Key First"))),
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", "case 6");
	is_str(hex_of(hmac_sha256(STR(""), STR(""))), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
	    "nothing with no key");
}

static void
test_encodings(void)
{
	struct str bytes = STR_NONE, all;
	char every[256];
	bool same = true;

	for (int i = 0; i < 256; i++)
		every[i] = (char)i;
	for (size_t n = 0; n <= sizeof(every); n++) {
		all = (struct str){ every + (256 - n), n };
		same = same && hex_decode(a, hex(a, all), &bytes) && str_eq(bytes, all);
		same = same && base64url_decode(a, base64url(a, all), &bytes) && str_eq(bytes, all);
	}
	ok(same, "every length goes there and back");
	is_str(base64url(a, STR("")), "", "RFC 4648: nothing");
	is_str(base64url(a, STR("f")), "Zg", "f");
	is_str(base64url(a, STR("fo")), "Zm8", "fo");
	is_str(base64url(a, STR("foobar")), "Zm9vYmFy", "foobar");
	is_str(base64url(a, STR("\xfb\xff")), "-_8", "the two that differ");
	bytes = STR("before");
	ok(!base64url_decode(a, STR("Zh"), &bytes), "bits left over");
	ok(!base64url_decode(a, STR("Z"), &bytes), "one digit alone");
	ok(!base64url_decode(a, STR("Zg=="), &bytes), "padding");
	ok(!base64url_decode(a, STR("Zm+/"), &bytes), "the other alphabet");
	ok(!base64url_decode(a, STR("Zm 9"), &bytes), "a blank");
	ok(hex_decode(a, STR("DeadBEEF"), &bytes) && str_is(bytes, "\xde\xad\xbe\xef"), "upper case is read");
	bytes = STR("before");
	ok(!hex_decode(a, STR("abc"), &bytes) && !hex_decode(a, STR("0g"), &bytes), "no hex");
	is_str(bytes, "before", "the result is untouched on failure");
}

static void
test_secrets(void)
{
	ok(same_secret(STR("abc"), STR("abc")), "the same");
	ok(!same_secret(STR("abc"), STR("abd")), "another");
	ok(!same_secret(STR("abc"), STR("abcd")), "a longer one");
	ok(same_secret(STR(""), STR_NONE), "no bytes are no bytes");
}

static void *
hash_many(void *arg)
{
	bool *same = arg;

	for (int i = 0; i < 2000; i++) {
		struct sha256 h = sha256(STR("abc"));

		*same = *same && h.b[0] == 0xba && h.b[31] == 0xad;
	}
	return NULL;
}

static void
test_threads(void)
{
	bool same[4] = { true, true, true, true };
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, hash_many, &same[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ok(same[0] && same[1] && same[2] && same[3], "threads do not mix their digests");
}

int
main(void)
{
	a = arena_new();
	test_sha256();
	test_hmac();
	test_encodings();
	test_secrets();
	test_threads();
	arena_free(a);
	return done_testing();
}
