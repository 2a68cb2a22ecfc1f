/* What both halves of pack.h share. */
#ifndef BACKUP_PACK_PRIVATE_H
#define BACKUP_PACK_PRIVATE_H

#include "backup/pack.h"

/* The head of zstd's skippable frame (RFC 8878, 3.1.2) that holds the 32 bytes of the digest. */
#define PACK_FRAME 8
#define PACK_FRAME_HEAD { 0x5a, 0x2a, 0x4d, 0x18, 32, 0, 0, 0 }

#endif
