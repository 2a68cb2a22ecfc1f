#include "model/host.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/arena.h"

#define ADDRESS 'a'
#define NAME 'n'
#define BITS 128
#define IPV4_BITS 96                     /* of an IPv6 address that stand before an IPv4 address: ::ffff:0:0/96 */

size_t
authority_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '/' && s.p[n] != '?' && s.p[n] != '#')
		n++;
	return n;
}

struct str
host_of_authority(struct str s)
{
	const char *end = memchr(s.p, str_starts(s, STR("[")) ? ']' : ':', s.n);

	if (end)
		s.n = (size_t)(end - s.p);
	return str_starts(s, STR("[")) ? str_from(s, 1) : s;
}

struct str
host_of_url(struct str url)
{
	struct str rest = url, scheme = STR_NONE;

	if (!str_split(&rest, ':', &scheme) || !str_starts(rest, STR("//")))
		return STR_NONE;
	rest = str_from(rest, 2);
	return host_of_authority(str_first(rest, authority_length(rest)));
}

/* All 16 bytes; an IPv4 address is the IPv6 address that means the same. *ret_shift: by how much its prefix is shorter. */
static bool
parse_address(struct arena *a, struct str text, unsigned char bytes[16], int *ret_shift)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!text.n || text.n >= INET6_ADDRSTRLEN)
		return false;
	*ret_shift = 0;
	if (memchr(text.p, ':', text.n))
		return inet_pton(AF_INET6, arena_c(a, text), bytes) == 1;
	*ret_shift = IPV4_BITS;
	memcpy(bytes, mapped, sizeof(mapped));
	return inet_pton(AF_INET, arena_c(a, text), bytes + sizeof(mapped)) == 1;
}

static struct str
address_key(struct arena *a, const unsigned char bytes[16])
{
	char *p = arena_alloc(a, 17);

	p[0] = ADDRESS;
	memcpy(p + 1, bytes, 16);
	return (struct str){ p, 17 };
}

static bool
address_range(struct arena *a, struct str kept, struct host_range *ret_range)
{
	unsigned char low[16], high[16];
	struct str rest = kept, text = STR_NONE;
	int64_t prefix = BITS;
	int shift;

	if (!str_split(&rest, '/', &text) || !parse_address(a, text, low, &shift))
		return false;
	if (rest.p && (!str_int(rest, &prefix) || prefix < 0 || (prefix += shift) > BITS))
		return false;
	memcpy(high, low, sizeof(high));
	for (int bit = (int)prefix; bit < BITS; bit++) {
		low[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
		high[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
	}
	ret_range->low = address_key(a, low);
	ret_range->high = address_key(a, high);
	return true;
}

/* "www.bank.example" is "nexample.bank.www.": what lies below a name begins as it does. */
static struct str
name_key(struct arena *a, struct str name)
{
	struct buf b = { .arena = a };
	size_t end = name.n;

	buf_char(&b, NAME);
	for (size_t i = name.n; i-- > 0;)
		if (i == 0 || name.p[i - 1] == '.') {
			buf_put(&b, (struct str){ name.p + i, end - i });
			buf_char(&b, '.');
			end = i ? i - 1 : 0;
		}
	return buf_str(&b);
}

bool
host_range(struct arena *a, struct str kept, bool below, struct host_range *ret_range)
{
	struct buf b = { .arena = a };

	if (address_range(a, kept, ret_range))
		return true;
	if (!kept.n || memchr(kept.p, '/', kept.n) || memchr(kept.p, ':', kept.n))
		return false;
	ret_range->low = ret_range->high = name_key(a, kept);
	if (below) {
		buf_put(&b, ret_range->low);
		buf_char(&b, '\xff');            /* beyond every byte of UTF-8 */
		ret_range->high = buf_str(&b);
	}
	return true;
}

bool
host_ranges_meet(const struct host_range *a, const struct host_range *b)
{
	return str_cmp(a->low, b->high) <= 0 && str_cmp(b->low, a->high) <= 0;
}
