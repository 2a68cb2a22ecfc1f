/* SHA-256 by OpenSSL, apart from base/hash.c: tocsin-verify is made of it, too. */
#include "base/sha256.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

/* The digest is looked up once a process, its context made once a thread: most of the cost of a short hash. */
static EVP_MD *digest;
static pthread_key_t context_key;
static pthread_once_t digest_once = PTHREAD_ONCE_INIT;

static void
context_free(void *context)
{
	EVP_MD_CTX_free(context);
}

static void
digest_find(void)
{
	digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!digest || pthread_key_create(&context_key, context_free) != 0)
		abort();
}

/* This thread's context, begun anew. */
static EVP_MD_CTX *
context_begin(void)
{
	EVP_MD_CTX *context;

	pthread_once(&digest_once, digest_find);
	context = pthread_getspecific(context_key);
	if (!context) {
		context = EVP_MD_CTX_new();
		if (!context || pthread_setspecific(context_key, context) != 0)
			abort();
	}
	if (!EVP_DigestInit_ex2(context, digest, NULL))
		abort();
	return context;
}

struct sha256
sha256_two(struct str a, struct str b)
{
	EVP_MD_CTX *context = context_begin();
	struct sha256 h;

	if (!EVP_DigestUpdate(context, a.p, a.n) || !EVP_DigestUpdate(context, b.p, b.n) ||
	    !EVP_DigestFinal_ex(context, h.b, NULL))
		abort();
	return h;
}

struct sha256
sha256(struct str s)
{
	return sha256_two(s, STR(""));
}

const char *
sha256_words(const struct sha256 *h, char out[SHA256_WORDS])
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;

	for (size_t i = 0; i < sizeof(h->b); i++) {
		*p++ = digits[h->b[i] >> 4];
		*p++ = digits[h->b[i] & 15];
		if (i % 2)
			*p++ = ' ';
	}
	p[-1] = '\0';
	return out;
}
