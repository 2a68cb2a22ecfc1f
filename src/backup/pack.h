/*
 * The file of a backup, as a stream. Its plain text is lines of JSON: a header, for each table its head, its rows and
 * its foot, and at the end one line that sums up. The lines are compressed with zstd; behind them stands, as a
 * skippable frame of zstd, the SHA-256 of every byte before it; and all of that is encrypted (age.h) if there is a
 * recipient. docs/reference/backup-format.md has it for whoever writes another reader.
 *
 * The reader takes nothing on trust: what it hands out may still turn out to be false until pack_read() has said
 * PACK_END.
 */
#ifndef BACKUP_PACK_H
#define BACKUP_PACK_H

#include "backup/age.h"
#include "base/hash.h"
#include "base/value.h"
#include "store/dump.h"

#define PACK_FORMAT "tocsin-backup/1"

/* ---- writing ---- */

struct pack_writer;

/* Into fd, from where it stands. to: NULL or without keys: not encrypted. The writer lives in a. */
struct pack_writer *pack_writer_new(struct arena *a, int fd, const struct age_keys *to);
void pack_writer_free(struct pack_writer *w);        /* what is not in the arena; NULL is allowed */
/* The first line: facts, to which the format's name is added. */
bool pack_header(struct pack_writer *w, const struct value *facts, struct err *err);
bool pack_table(struct pack_writer *w, const struct dump_table *t, struct err *err);
bool pack_row(struct pack_writer *w, const struct val *vals, struct err *err);
bool pack_table_end(struct pack_writer *w, struct err *err);
/* The last line and the digest; all bytes are with the kernel. Whoever has the descriptor makes it durable. */
bool pack_finish(struct pack_writer *w, struct err *err);
int64_t pack_written(const struct pack_writer *w);   /* bytes of the file so far */
struct sha256 pack_section(const struct pack_writer *w);     /* of the lines of the table that was last ended */
struct sha256 pack_digest(const struct pack_writer *w);      /* of the compressed bytes; after pack_finish() */

/* ---- reading ---- */

enum pack_item { PACK_HEADER, PACK_TABLE, PACK_ROW, PACK_TABLE_END, PACK_END, PACK_FAILED };

struct pack_reader {
	struct value *header;                    /* from PACK_HEADER on */
	struct dump_table table;                 /* from its PACK_TABLE on */
	struct val vals[DUMP_COLUMNS_MAX];       /* of a PACK_ROW, until the next call */
	struct sha256 section;                   /* at PACK_TABLE_END: of its lines */
	int64_t rows;                            /* of the table so far */
	int64_t rows_all;
	int tables;                              /* that are complete */
	bool encrypted;
	int64_t read;                            /* bytes of the file so far */
	struct sha256 digest;                    /* at PACK_END */
	struct pack_input *in;
};

/* From fd, which the caller closes. with: identities, or NULL. */
void pack_reader_init(struct pack_reader *r, struct arena *a, int fd, const struct age_keys *with);
void pack_reader_free(struct pack_reader *r);
/*
 * The next thing in the file. PACK_FAILED, with its fault: FAULT_BACKUP_FOREIGN (not a backup of ours),
 * FAULT_BACKUP_NEWER (of a later format), FAULT_BACKUP_SEALED (encrypted, and no identity was given or fits),
 * FAULT_BACKUP_CUT (it ends too early), FAULT_BACKUP_ALTERED, FAULT_FILE.
 */
enum pack_item pack_read(struct pack_reader *r, struct err *err);

#endif
