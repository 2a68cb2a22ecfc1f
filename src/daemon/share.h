/*
 * A file key's backup in three shares, of which any two make it again and one says nothing. A share is one
 * line of printable ASCII:
 *
 *	tocsin-share/1 2/3 of VKEY made 2026-11-22T02:10:00.000000Z SHARE SIGNATURE CHECK
 *
 * SHARE is base64url of Shamir's share over GF(256) of the key's PKCS#8; SIGNATURE is that key's own over
 * everything before it, so that an altered share and one of another key are known by themselves; CHECK is
 * the first eight hex digits of SHA-256 of everything before it, so that a slip of the pen is told from both.
 */
#ifndef DAEMON_SHARE_H
#define DAEMON_SHARE_H

#include "base/err.h"
#include "ledger/note_write.h"

#define SHARE_COUNT 3
#define SHARE_THRESHOLD 2

struct share {
	int number;
	struct note_key key;
	int64_t made;
	struct str bytes;
};

/* Splits PKCS#8 in DER; the lines are in the arena, without '\n'. */
bool share_split(struct arena *a, const struct note_key *key, struct str der, int64_t now,
    struct str ret_lines[SHARE_COUNT], struct err *err);
/* FAULT_FILE, with what is wrong with this line in words: mistyped, altered, no share. */
bool share_read(struct arena *a, struct str line, struct share *ret_share, struct err *err);
/* The key of two shares. FAULT_FILE: they are of different keys, or one twice. der is to be wiped. */
bool share_join(struct arena *a, const struct share *one, const struct share *two, struct str *ret_der,
    struct err *err);

#endif
