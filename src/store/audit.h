/*
 * The audit trail: one record for every write, in the same transaction, and for reads that are to be known.
 * This is the only writer of audit records. Nothing changes or deletes one: triggers of the schema refuse it.
 * Each record is a leaf of the log (store/log.h).
 */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "store/store.h"
#include "base/hash.h"
#include "base/value.h"

/* Who acts; set once at the start of a transaction. Zero ids mean the system itself. */
struct actor {
	int64_t account, person, org;
	int64_t session;                         /* 0 for an API key */
	int64_t key;                             /* 0 for a session */
	int64_t behind;                          /* the person behind a delegated login; 0: none */
	struct str address;                      /* where from: the peer's IP address, "" for the system */
	struct str name;                         /* as shown; "" for the system */
};
void tx_actor(struct tx *tx, const struct actor *actor);
const struct actor *tx_who(const struct tx *tx);
/* Why: put into every audit record of this transaction from now on (a remark, a reason). */
void tx_reason(struct tx *tx, struct str reason);

enum audit_result { AUDIT_DONE, AUDIT_REFUSED };

struct audit {
	const char *action;                      /* "report.submit", "report.read", "session.start" ... */
	const char *entity;                      /* "report", or "" */
	int64_t object;                          /* its id, 0 for none */
	int64_t org;                             /* the organisation whose record it is, 0 for none */
	enum audit_result result;
	const struct value *details;             /* {field: [from, to], ...} or facts; NULL: none; no V_REAL */
};
/*
 * Appends one record: number, time, node, actor, reason, salts and the salted SHA-256 of the canonical details
 * are added here.
 */
bool audit_append(struct tx *tx, const struct audit *r, struct err *err);
/* The number of the newest record, in a transaction that has appended one. */
int64_t audit_newest(const struct tx *tx);

/* A record as it stands in the trail. */
struct audit_record {
	int64_t seq;                             /* 1, 2, 3 ... in the order of commits, without a gap */
	int64_t at;
	struct str node;                         /* the machine that wrote it */
	struct str action, entity;
	int64_t object, org;
	struct actor actor;
	enum audit_result result;
	struct str reason;                       /* STR_NONE: none was given */
	struct str details_hash;                 /* SHA-256(details_salt || details); STR_NONE: none */
	struct str salt;                         /* 16 bytes; STR_NONE: older than the log */
	struct str details, details_salt;        /* canonical JSON; STR_NONE: none, or erased */
	int64_t erased_at;                       /* when the details were erased, NO_TIME: they were not */
};
/* From the current row of S_AUDIT_OF_OBJECT, S_AUDIT_LIST or S_AUDIT_AFTER. */
void audit_load(const struct rows *q, struct audit_record *record);
/* The bytes of the leaf: docs/reference/log-format.md. */
struct str audit_bytes(struct arena *a, struct str origin, const struct audit_record *record);
/* SHA-256(salt || canonical details). */
struct sha256 audit_details_hash(struct str salt, struct str details);

#endif
