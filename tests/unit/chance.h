/* Chance that is the same in every run: xorshift64. */
#ifndef UNIT_CHANCE_H
#define UNIT_CHANCE_H

#include <stdint.h>

static inline uint64_t
chance_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
