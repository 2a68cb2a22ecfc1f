/* The table that tools/po2c writes and i18n.c reads: open addressing, so that a look-up costs one hash. */
#ifndef BASE_CATALOGUE_H
#define BASE_CATALOGUE_H

#include "base/i18n.h"

struct message {
	const char *id;                          /* NULL: an empty slot */
	size_t id_length;
	struct str text[LANG__MAX];
};

extern const size_t catalogue_slots;             /* a power of two, more than there are messages */
extern const struct message catalogue[];

/* FNV-1a; a message stands in slot hash % slots or in the first empty one behind it. */
static inline uint32_t
catalogue_hash(const char *id, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)id[i]) * 16777619u;
	return h;
}

#endif
