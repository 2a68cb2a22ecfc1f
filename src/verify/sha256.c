/* base/sha256.h for the small program, without the rest of base/hash.c. */
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/sha256.h"

struct sha256
sha256_two(struct str a, struct str b)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct sha256 h;

	if (!context || !EVP_DigestInit_ex2(context, EVP_sha256(), NULL) || !EVP_DigestUpdate(context, a.p, a.n) ||
	    !EVP_DigestUpdate(context, b.p, b.n) || !EVP_DigestFinal_ex(context, h.b, NULL))
		abort();
	EVP_MD_CTX_free(context);
	return h;
}

struct sha256
sha256(struct str s)
{
	return sha256_two(s, STR(""));
}
