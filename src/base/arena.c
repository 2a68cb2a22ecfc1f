#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif

#ifdef WATCHED
#include <sanitizer/asan_interface.h>
#define GAP 16                           /* stays poisoned between two allocations */
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define GAP 0
#endif

#define ALIGN 16
#define FIRST_BLOCK ((size_t)64 << 10)
#define LARGEST_BLOCK ((size_t)4 << 20)

struct block {
	struct block *older;
	size_t size;                     /* of mem */
	_Alignas(ALIGN) char mem[];
};

/* The arena itself is the first thing in its first block. */
struct arena {
	struct block *newest;
	char *at, *end;                  /* free part of the newest block */
	char *last;                      /* newest allocation */
	size_t used;
};

#define ARENA_SIZE ((sizeof(struct arena) + ALIGN - 1) & ~(size_t)(ALIGN - 1))

static _Noreturn void
out_of_memory(void)
{
	static const char words[] = "out of memory\n";
	ssize_t written = write(STDERR_FILENO, words, sizeof(words) - 1);

	(void)written;
	abort();
}

static struct block *
block_new(size_t size)
{
	struct block *b;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	b = malloc(sizeof(*b) + size);
	if (!b)
		out_of_memory();
	b->older = NULL;
	b->size = size;
	return b;
}

static void
block_free(struct block *b)
{
	ASAN_UNPOISON_MEMORY_REGION(b->mem, b->size);
	free(b);
}

/* Empties the first block, which is the only one left. */
static void
arena_begin(struct arena *a, struct block *first)
{
	a->newest = first;
	a->at = first->mem + ARENA_SIZE;
	a->end = first->mem + first->size;
	a->last = NULL;
	a->used = 0;
	ASAN_POISON_MEMORY_REGION(a->at, (size_t)(a->end - a->at));
}

struct arena *
arena_new(void)
{
	struct block *first = block_new(FIRST_BLOCK - sizeof(struct block));
	struct arena *a = (struct arena *)(void *)first->mem;

	arena_begin(a, first);
	return a;
}

/* Frees every block but the first and returns that one. */
static struct block *
free_newer(struct arena *a)
{
	struct block *b = a->newest;

	while (b->older) {
		struct block *older = b->older;

		block_free(b);
		b = older;
	}
	return b;
}

void
arena_free(struct arena *a)
{
	if (a)
		block_free(free_newer(a));
}

void
arena_reset(struct arena *a)
{
	arena_begin(a, free_newer(a));
}

static void
add_block(struct arena *a, size_t n)
{
	size_t size = a->newest->size * 2;
	struct block *b;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < n)
		size = n;
	b = block_new(size);
	b->older = a->newest;
	a->newest = b;
	a->at = b->mem;
	a->end = b->mem + b->size;
	ASAN_POISON_MEMORY_REGION(b->mem, b->size);
}

/* What n bytes take from a block. */
static size_t
rounded(size_t n)
{
	return (n + GAP + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

void *
arena_raw(struct arena *a, size_t n)
{
	size_t take;

	if (n > SIZE_MAX / 4)
		out_of_memory();
	take = rounded(n ? n : 1);
	if (take > (size_t)(a->end - a->at))
		add_block(a, take);
	a->last = a->at;
	a->at += take;
	a->used += n;
	ASAN_UNPOISON_MEMORY_REGION(a->last, n);
	return a->last;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return memset(arena_raw(a, n), 0, n);
}

bool
arena_extend(struct arena *a, void *p, size_t old, size_t n)
{
	assert(n >= old);
	if (p != a->last || n > SIZE_MAX / 4 || rounded(n) > (size_t)(a->end - a->last))
		return false;
	a->at = a->last + rounded(n);
	a->used += n - old;
	ASAN_UNPOISON_MEMORY_REGION(a->last, n);
	return true;
}

struct str
arena_dup(struct arena *a, struct str s)
{
	char *p;

	if (!s.p)
		return STR_NONE;
	p = arena_raw(a, s.n);
	if (s.n)
		memcpy(p, s.p, s.n);
	return (struct str){ p, s.n };
}

char *
arena_c(struct arena *a, struct str s)
{
	char *p = arena_raw(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct str
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	p = arena_raw(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){ p, (size_t)n };
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
