/*
 * One rule for each algorithm, so that all who check a signature agree:
 *   Ed25519  RFC 8032, 64 bytes, S < L (the only encoding), no cofactor; the key 32 bytes.
 *   P-256    SHA-256, 64 bytes r || s big-endian, 0 < r < n, 0 < s <= n/2 (the lower one that would do);
 *            the key is DER SubjectPublicKeyInfo, uncompressed, exactly 91 bytes, a point on the curve.
 */
#ifndef LEDGER_SIGNATURE_H
#define LEDGER_SIGNATURE_H

#include "base/bytes.h"

#define SIGNATURE_LENGTH 64
#define ED25519_KEY_LENGTH 32
#define P256_KEY_LENGTH 91

bool ed25519_holds(struct str public, struct str message, struct str signature);
bool p256_holds(struct str public, struct str message, struct str signature);
bool p256_key_ok(struct str public);

#endif
