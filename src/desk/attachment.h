/*
 * Files of a report (附件). Whoever sees the report sees them and may take them; provider, reviewer and handler add some while it is a
 * draft or open. A file is announced, arrives in parts that may stop and go on, and is whole when the last byte is there and its
 * SHA-256 is known: only then it is the report's, as a version of its own. It is withdrawn with a reason and never deleted.
 *
 * Every file is treated as if it were malware: each has a random key, under which its bytes lie in the database in parts
 * (XChaCha20-Poly1305), and leaves only in an encrypted archive. The key is itself sealed with the server's secret; without it the
 * parts are noise, so that erasing the key erases the file. The archive's password is random for each file and follows from its key:
 * scanners on the way try the customary ones, and what is in an archive that went astray stays unread.
 */
#ifndef DESK_ATTACHMENT_H
#define DESK_ATTACHMENT_H

#include "desk/reports.h"
#include "model/attachment.h"

#define ATTACHMENT_CHUNK ((size_t)1 << 20)       /* most bytes of one request of an upload in parts */
#define ATTACHMENT_CHUNK_LEAST ((size_t)64 << 10) /* least, but for the last */
#define ATTACHMENT_PATIENCE DAY                  /* after so long without a byte an unfinished one is given up */

struct attachment_limits {
	int64_t size, total, count;              /* bytes of one, bytes of all of a report, how many of a report */
	int64_t form;                            /* bytes of one that comes with a form, at once */
};
/* Before threads; without it 256 MiB, 1 GiB, 50 and 16 MiB. */
void attachment_configure(const struct attachment_limits *limits);
const struct attachment_limits *attachment_limits(void);

/*
 * {rows: [the record, by, by_org, received, href, archive (address or null), may_withdraw], may_add, limits: {size, total, count,
 * form, chunk}}. Those that were cancelled half-way are left out.
 */
struct value *attachment_list(struct tx *tx, const struct principal *who, const struct report *r, struct err *err);
/* One of them with its password and custody: [{at, action, who, org, reason}], the newest first. FAULT_NOT_FOUND. */
struct value *attachment_view(struct tx *tx, const struct principal *who, const struct report *r, int64_t id, struct err *err);

/* Announces a file: {name, size, sha256?}. Faults: ROLE, STATE, FIELDS. */
bool attachment_begin(struct tx *tx, const struct principal *who, const struct report *r, const struct value *in,
    struct attachment *ret_attachment, struct err *err);

struct attachment_bytes {
	int64_t report, attachment;
	int64_t offset;                          /* where they belong: as many as have come before */
	struct str bytes;
	struct str address;                      /* of the peer, for the trail */
};
/*
 * The next bytes, any thread without a transaction. With the last ones the file is whole: its SHA-256 is the server's own, and
 * another than was announced is FAULT_F_DIGEST (the last bytes are not taken then). FAULT_OFFSET: err->data = {received}.
 */
bool attachment_append(struct store *st, struct arena *a, const struct principal *who, const struct attachment_bytes *in,
    struct attachment *ret_attachment, struct err *err);
/* A whole file at once, in parts of its own; in: {name, sha256?}. When a part fails, what came of it is given up. */
bool attachment_store(struct store *st, struct arena *a, const struct principal *who, int64_t report, struct str address,
    const struct value *in, struct str bytes, struct attachment *ret_attachment, struct err *err);

/* By somebody of the house that added it. {reason}, not needed for one that is still arriving: that is cancelled. */
extern const struct entity in_attachment_withdraw;
bool attachment_withdraw(struct tx *tx, const struct principal *who, const struct report *r, int64_t id,
    const struct report_input *input, struct attachment *ret_attachment, struct err *err);

/* What is needed to make the archive. */
struct attachment_taken {
	struct attachment attachment;
	unsigned char key[32];
	struct str password;
};
/* Somebody takes it: recorded in its custody and in the report's trail. In a write. FAULT_STATE: it is not whole, or erased. */
bool attachment_take(struct tx *tx, const struct principal *who, const struct report *r, int64_t id,
    struct attachment_taken *ret_taken, struct err *err);
/* Bytes of a file from at on: to the end of a part. */
bool attachment_read(struct tx *tx, const struct attachment_taken *t, int64_t at, struct str *ret_bytes, struct err *err);

/* The report's own field: those that are or were whole, as canonical JSON; STR_NONE without any. */
bool attachment_field(struct tx *tx, int64_t report, struct str *ret_text, struct err *err);

/* For the ticker, as often as it likes: gives up what has not come on for long. One thread only. */
void attachment_tick(struct store *st);

#endif
