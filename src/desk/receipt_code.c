/* The code of a record, made and read. */
#include "desk/receipt.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

#define SYMBOLS 20
#define GROUP 5
#define SEQ_BITS 35
#define LEAF_BITS 45
#define CHECK_BITS 20

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* 80 bits: the number, then the beginning of the leaf. */
struct packed {
	unsigned char b[10];
};

static struct packed
pack(int64_t seq, const unsigned char *leaf)
{
	struct packed p = { { 0 } };
	uint64_t begin = 0;

	for (int i = 0; i < 6; i++)
		begin = begin << 8 | leaf[i];
	begin >>= 48 - LEAF_BITS;
	for (int bit = 0; bit < SEQ_BITS + LEAF_BITS; bit++) {
		bool one = bit < SEQ_BITS ? (uint64_t)seq >> (SEQ_BITS - 1 - bit) & 1 :
					    begin >> (SEQ_BITS + LEAF_BITS - 1 - bit) & 1;

		if (one)
			p.b[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
	}
	return p;
}

static uint32_t
check_of(const struct packed *p)
{
	char text[6 + sizeof(p->b)] = "code/1";
	struct sha256 h;

	memcpy(text + 6, p->b, sizeof(p->b));
	h = sha256((struct str){ text, sizeof(text) });
	return (uint32_t)h.b[0] << 12 | (uint32_t)h.b[1] << 4 | (uint32_t)h.b[2] >> 4;
}

struct str
receipt_code(struct arena *a, int64_t seq, const struct sha256 *leaf)
{
	struct packed p = pack(seq, leaf->b);
	uint32_t check = check_of(&p);
	struct buf b = { .arena = a };

	for (int i = 0; i < SYMBOLS; i++) {
		unsigned symbol = 0;

		for (int bit = i * 5; bit < i * 5 + 5; bit++) {
			unsigned one = bit < SEQ_BITS + LEAF_BITS ? (unsigned)p.b[bit / 8] >> (7 - bit % 8) :
								    check >> (CHECK_BITS - 1 - (bit - SEQ_BITS - LEAF_BITS));

			symbol = symbol << 1 | (one & 1);
		}
		if (i && i % GROUP == 0)
			buf_char(&b, '-');
		buf_char(&b, alphabet[symbol]);
	}
	return buf_str(&b);
}

/* The symbol's value; -1: none, -2: to be passed over. */
static int
value_of(char c)
{
	const char *at;

	if (c == '-' || c == ' ')
		return -2;
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
	at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

bool
receipt_code_read(struct str typed, int64_t *ret_seq, unsigned char ret_leaf[6])
{
	struct packed p = { { 0 } };
	uint64_t seq = 0, begin = 0;
	uint32_t check = 0;
	int n = 0;

	for (size_t i = 0; i < typed.n; i++) {
		int v = value_of(typed.p[i]);

		if (v == -2)
			continue;
		if (v < 0 || n == SYMBOLS)
			return false;
		if (n < SEQ_BITS / 5)
			seq = seq << 5 | (unsigned)v;
		else if (n < (SEQ_BITS + LEAF_BITS) / 5)
			begin = begin << 5 | (unsigned)v;
		else
			check = check << 5 | (unsigned)v;
		n++;
	}
	begin <<= 48 - LEAF_BITS;
	for (int i = 5; i >= 0; i--, begin >>= 8)
		ret_leaf[i] = (unsigned char)begin;
	p = pack((int64_t)seq, ret_leaf);
	*ret_seq = (int64_t)seq;
	return n == SYMBOLS && seq > 0 && check == check_of(&p);
}
