/*
 * What a computer is known by (addresses, networks, host names), in one order of bytes in which a network is a stretch, and
 * so is a name with all names below it: whether two of them meet is two comparisons, in C and in SQL.
 */
#ifndef MODEL_HOST_H
#define MODEL_HOST_H

#include "base/str.h"

struct host_range {
	struct str low, high;            /* both belong to it */
};

/* Of an address, a network or a name as the kinds ADDRESSES and HOSTS keep them. below: of a name, the names below it too. False: it is none. */
bool host_range(struct arena *a, struct str kept, bool below, struct host_range *ret_range);
bool host_ranges_meet(const struct host_range *a, const struct host_range *b);
/* Without the port, and the brackets of an IPv6 address: "[2001:db8::1]:443". */
struct str host_of_authority(struct str authority);
/* Of a web address as the kind URLS keeps it; an IPv6 address comes without its brackets. */
struct str host_of_url(struct str url);
/* How long the part before the path is. */
size_t authority_length(struct str s);

#endif
