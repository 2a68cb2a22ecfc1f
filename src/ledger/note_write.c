/* Writing what is signed. */
#include "ledger/note_write.h"

#include <string.h>

#include "base/time.h"

void
buf_base64(struct buf *b, struct str bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
		unsigned bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < n ? (unsigned char)bytes.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_char(b, k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=');
	}
}

void
buf_stamp(struct buf *b, int64_t time)
{
	struct civil c = civil_of(time, zone_utc());

	buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", (int)c.year, c.month, c.day, c.hour, c.minute,
	    c.second, c.micro);
}

static void
buf_id(struct buf *b, const struct note_key *key)
{
	buf_printf(b, "%02x%02x%02x%02x", key->id[0], key->id[1], key->id[2], key->id[3]);
}

void
note_key_write(struct buf *b, const struct note_key *key)
{
	buf_put(b, key->name);
	buf_char(b, '+');
	buf_id(b, key);
	buf_char(b, '+');
	buf_base64(b, (struct str){ (const char *)key->public, key->public_n });
}

void
note_line_write(struct buf *b, const struct note_key *key, struct str signature)
{
	struct buf bytes = { .arena = b->arena };

	buf_put(&bytes, (struct str){ (const char *)key->id, sizeof(key->id) });
	buf_put(&bytes, signature);
	buf_c(b, "\xe2\x80\x94 ");
	buf_put(b, key->name);
	buf_char(b, ' ');
	buf_base64(b, buf_str(&bytes));
	buf_char(b, '\n');
}

void
checkpoint_write(struct buf *b, const struct checkpoint *c)
{
	buf_put(b, c->origin);
	buf_char(b, '\n');
	buf_int(b, c->size);
	buf_char(b, '\n');
	buf_base64(b, (struct str){ (const char *)c->root.b, sizeof(c->root.b) });
	buf_c(b, "\ntime ");
	buf_stamp(b, c->time);
	buf_char(b, '\n');
}

void
cosignature_write(struct buf *b, struct str text, int64_t seconds)
{
	buf_c(b, "cosignature/v1\ntime ");
	buf_int(b, seconds);
	buf_char(b, '\n');
	buf_put(b, text);
}

static void
stamp_line(struct buf *b, const char *name, int64_t time)
{
	buf_c(b, name);
	buf_stamp(b, time);
	buf_char(b, '\n');
}

void
key_statement_write(struct buf *b, const struct key_statement *s)
{
	buf_c(b, s->compromised ? "tocsin-key-compromised/1\nkey " : "tocsin-key/1\nkey ");
	note_key_write(b, &s->key);
	buf_char(b, '\n');
	stamp_line(b, "from ", s->from);
	if (!s->compromised)
		stamp_line(b, "until ", s->until);
	stamp_line(b, "stated ", s->stated);
}

/* The order n of P-256 and half of it, big-endian. */
static const unsigned char order[32] = {
	0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51
};
static const unsigned char half[32] = {
	0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8
};

void
p256_lower(unsigned char signature[64])
{
	int borrow = 0;

	if (memcmp(signature + 32, half, sizeof(half)) <= 0)
		return;
	for (int i = 31; i >= 0; i--) {
		int d = order[i] - signature[32 + i] - borrow;

		borrow = d < 0;
		signature[32 + i] = (unsigned char)(d + 256 * borrow);
	}
}
