/*
 * What is taken out of the platform as evidence: a case, or what happened in a period, as a bundle whose every record
 * proves itself (docs/reference/receipt-format.md). Taking one needs a reason; who, when, why and the marking stand in it; it is
 * a record of the log, and a second person is told: the managers of the CERT and the administrators of the provider
 * concerned see it until they have said that they have.
 *
 * A bundle is not kept. What it is made of never changes (records up to a size of the log), so that it can be written again,
 * byte for byte, each time somebody fetches it, however long it is. Only details that policy erases meanwhile are missing.
 */
#ifndef DESK_BUNDLE_H
#define DESK_BUNDLE_H

#include "base/sha256.h"
#include "model/principal.h"
#include "model/report.h"
#include "store/store.h"

/* Who may take one, and who is told. */
#define BUNDLE_MAKERS (ROLE_MANAGER | ROLE_AUDITOR)
#define BUNDLE_READERS (ROLE_MANAGER | ROLE_AUDITOR | ROLE_PROVIDER_ADMIN)

#define IN_BUNDLE(F) \
	F(reason, LONG, REQUIRED, BY_V, ONCE, 1, 2000, NULL, NULL)
struct in_bundle { IN_BUNDLE(FIELD_MEMBER) };
extern const struct entity in_bundle;
#define IN_BUNDLE_PERIOD(F) \
	F(from,   TIME, REQUIRED, BY_V, ONCE, 0, 0, NULL, NULL) \
	F(to,     TIME, REQUIRED, BY_V, ONCE, 0, 0, NULL, NULL)   /* the time before which */ \
	F(reason, LONG, REQUIRED, BY_V, ONCE, 1, 2000, NULL, NULL)
struct in_bundle_period { IN_BUNDLE_PERIOD(FIELD_MEMBER) };
extern const struct entity in_bundle_period;

/* Everything that decides a bundle's bytes. */
struct bundle {
	int64_t id, at;                          /* id 0: made at the terminal, not kept */
	int64_t account, org;                    /* whose it is; 0: the terminal's */
	struct str by, reason, subject;
	int64_t report;                          /* a case; 0: a period */
	int64_t from, to;                        /* of a period: NO_TIME: open */
	int64_t cert;                            /* of a period: only reports of this CERT; 0: every record */
	bool whole;                              /* the whole log: every record, proved by all of them together */
	int64_t told_org, told_cert;             /* who is told; 0: nobody, everybody's managers */
	int64_t size;                            /* of the log */
	struct str checkpoint;                   /* STR_NONE: there was none */
	int64_t entries, files, bytes;
	struct str digest;                       /* SHA-256 of the whole bundle, hexadecimal */
};

/* ---- writing ---- */

enum bundle_phase { BUNDLE_HEADING, BUNDLE_ENTRIES, BUNDLE_FILES, BUNDLE_END, BUNDLE_DONE };
/* Where a writer is; zeroed it stands at the beginning. */
struct bundle_pen {
	const struct bundle *bundle;
	enum bundle_phase phase;
	int64_t last;                            /* number of the last record written */
	int64_t entries, files, bytes;
	struct sha256 digest;
};
/* Appends the next lines, some hundreds at most, in one read snapshot; nothing more comes when pen->phase is BUNDLE_DONE. */
bool bundle_next(struct tx *tx, struct bundle_pen *pen, struct buf *out, struct err *err);

/* ---- taking ---- */

struct bundle_wish {
	int64_t report;                          /* 0: a period */
	int64_t from, to;
	struct str reason;
};
/* Is told how far the work is, in records of so many; false ends it with FAULT_BUSY. */
typedef bool bundle_progress(void *arg, int64_t done, int64_t of);
/*
 * Works it out, records it and tells the second person; any thread without a transaction. The report is one that the person
 * may see. Faults: FAULT_NOT_FOUND, FAULT_F_ORDER ...
 */
bool bundle_take(struct store *st, struct arena *a, const struct principal *who, struct str address,
    const struct bundle_wish *wish, int64_t *ret_id, struct err *err);
/* Up to which size of the log: that of the newest checkpoint, or without one all that there is. */
bool bundle_pin(struct tx *tx, struct bundle *b, struct err *err);
/* Entries, bytes and digest of one that is decided. */
bool bundle_count(struct store *st, struct arena *a, struct bundle *b, bundle_progress *progress, void *arg, struct err *err);
/* That it was taken at the terminal, as a record of the log. */
bool bundle_record(struct tx *tx, const struct bundle *b, struct err *err);

/* For people, with the marking: "MED-2026-000016 (TLP:AMBER)". */
struct str bundle_subject(struct arena *a, const struct report *r);
struct str bundle_subject_of_period(struct arena *a, const struct bundle *b);

/* ---- reading ---- */

/* One that this person took or is told of; FAULT_NOT_FOUND. */
bool bundle_get(struct tx *tx, const struct principal *who, int64_t id, struct bundle *ret_bundle, struct err *err);
/*
 * Whether details of old records were erased since: then it is written without those, shorter than bytes, with another
 * digest.
 */
bool bundle_erased_since(struct tx *tx, const struct bundle *b, bool *ret_erased, struct err *err);
/* That it was fetched, which is a reading of records: one more record. */
bool bundle_record_fetch(struct tx *tx, const struct bundle *b, struct err *err);
/* Its maker may fetch it, nobody else. */
bool bundle_mine(const struct bundle *b, const struct principal *who);
/* {id, at, by, subject, reason, from, to, report, entries, files, bytes, size, complete, digest, mine, seen, href}. */
struct value *bundle_view(struct tx *tx, const struct principal *who, const struct bundle *b, struct err *err);
/* {rows: [...], next}, the newest first. */
struct value *bundle_list(struct tx *tx, const struct principal *who, int64_t before, struct err *err);
/* How many were taken by others that this person is told of and has not seen yet (at most a hundred). */
bool bundle_unseen(struct tx *tx, const struct principal *who, int64_t *ret_count, struct err *err);
/* He has. */
bool bundle_see(struct tx *tx, const struct principal *who, const struct bundle *b, struct err *err);

#endif
