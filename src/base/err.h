/*
 * The fault table: every way in which Tocsin says no, once.
 *
 * A row is: constant, stable code for machines, HTTP status. Its words stand in
 * the catalogues in three parts: "fault.<code>" what happened, "fault.<code>.why",
 * "fault.<code>.do" what to do. Rows with status 0 are about one field; their
 * "fault.<code>" may use {label} {limit} {value} {detail}, and they have no .why and .do.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/str.h"

struct arena;
struct value;

#define FAULTS(F)                                                        \
	F(FAULT_NONE,             "none",                  200)          \
	/* the request */                                                \
	F(FAULT_REQUEST,          "request.malformed",     400)          \
	F(FAULT_SYNTAX,           "request.syntax",        400)          \
	F(FAULT_ENCODING,         "request.encoding",      400)          \
	F(FAULT_DUPLICATE_KEY,    "request.duplicate_key", 400)          \
	F(FAULT_DEPTH,            "request.depth",         400)          \
	F(FAULT_QUERY,            "request.query",         400)          \
	F(FAULT_SIGN_IN,          "auth.required",         401)          \
	F(FAULT_CREDENTIALS,      "auth.refused",          401)          \
	F(FAULT_SESSION_ENDED,    "auth.session_ended",    401)          \
	F(FAULT_ROLE,             "auth.role",             403)          \
	F(FAULT_CONFLICT_ROLES,   "auth.conflicting_roles", 403)         \
	F(FAULT_CROSS_SITE,       "auth.cross_site",       403)          \
	F(FAULT_NOT_FOUND,        "not_found",             404)          \
	F(FAULT_METHOD,           "request.method",        405)          \
	F(FAULT_NOT_ACCEPTABLE,   "request.not_acceptable", 406)         \
	F(FAULT_SLOW,             "request.slow",          408)          \
	F(FAULT_STATE,            "state.not_open",        409)          \
	F(FAULT_VERSION,          "version.changed",       409)          \
	F(FAULT_IDEMPOTENCY,      "idempotency.other_body", 409)         \
	F(FAULT_EXISTS,           "exists",                409)          \
	F(FAULT_LAST_ADMINISTRATOR, "account.last_administrator", 409)   \
	F(FAULT_ORG_IN_USE,       "organisation.in_use",   409)          \
	F(FAULT_LOG_LEAF,         "log.leaf",              404)          \
	F(FAULT_OFFSET,           "attachment.offset",     409)          \
	F(FAULT_SECOND_PERSON,    "hold.second_person",    409)          \
	F(FAULT_LINK_USED,        "link.used",             410)          \
	F(FAULT_TOO_LARGE,        "request.too_large",     413)          \
	F(FAULT_URI,              "request.uri_too_long",  414)          \
	F(FAULT_MEDIA_TYPE,       "request.media_type",    415)          \
	F(FAULT_FIELDS,           "fields",                422)          \
	F(FAULT_RETENTION,        "erasure.too_early",     422)          \
	F(FAULT_LOG_SIZE,         "log.size",              422)          \
	F(FAULT_LOG_ORDER,        "log.order",             422)          \
	F(FAULT_VERSION_NEEDED,   "version.needed",        428)          \
	F(FAULT_RATE,             "rate",                  429)          \
	F(FAULT_HEADERS,          "request.headers",       431)          \
	F(FAULT_INTERNAL,         "internal",              500)          \
	F(FAULT_READ_ONLY,        "store.read_only",       503)          \
	F(FAULT_STORE,            "store.not_saved",       503)          \
	F(FAULT_UNRECORDED,       "store.reading_not_recorded", 503)     \
	F(FAULT_BUSY,             "busy",                  503)          \
	F(FAULT_SIEVE,            "sieve.failed",          503)          \
	F(FAULT_KEEPER,           "keeper",                503)          \
	F(FAULT_TOKEN,            "keeper.token",          503)          \
	F(FAULT_SIGNING,          "keeper.refused",        409)          \
	F(FAULT_COURIER,          "courier",               503)          \
	F(FAULT_WITNESS_PROOF,    "witness.proof",         422)          \
	F(FAULT_WITNESS_SIGNED,   "witness.signature",     403)          \
	F(FAULT_WITNESS_OFTEN,    "witness.too_often",     429)          \
	/* the program: set-up, files, rules */                          \
	F(FAULT_CONFIG,           "config",                500)          \
	F(FAULT_FILE,             "file",                  500)          \
	F(FAULT_SCHEMA,           "schema",                500)          \
	F(FAULT_RULES,            "rules",                 500)          \
	F(FAULT_SANDBOX,          "sandbox",               500)          \
	F(FAULT_NO_INSTALLATION,  "no_installation",       500)          \
	F(FAULT_DATABASE,         "database",              500)          \
	F(FAULT_SILENT,           "database.silent",       503)          \
	F(FAULT_IN_USE,           "in_use",                500)          \
	F(FAULT_INTERRUPTED,      "interrupted",           500)          \
	F(FAULT_BACKUP_FOREIGN,   "backup.foreign",        500)          \
	F(FAULT_BACKUP_NEWER,     "backup.newer",          500)          \
	F(FAULT_BACKUP_SEALED,    "backup.sealed",         500)          \
	F(FAULT_BACKUP_CUT,       "backup.cut",            500)          \
	F(FAULT_BACKUP_ALTERED,   "backup.altered",        500)          \
	/* one field */                                                  \
	F(FAULT_F_UNKNOWN,        "field.unknown",           0)          \
	F(FAULT_F_MISSING,        "field.missing",           0)          \
	F(FAULT_F_TYPE,           "field.type",              0)          \
	F(FAULT_F_SHORT,          "field.too_short",         0)          \
	F(FAULT_F_LONG,           "field.too_long",          0)          \
	F(FAULT_F_RANGE,          "field.range",             0)          \
	F(FAULT_F_CHOICE,         "field.choice",            0)          \
	F(FAULT_F_TIME,           "field.time",              0)          \
	F(FAULT_F_FUTURE,         "field.future",            0)          \
	F(FAULT_F_ORDER,          "field.order",             0)          \
	F(FAULT_F_ADDRESS,        "field.address",           0)          \
	F(FAULT_F_HOST,           "field.host",              0)          \
	F(FAULT_F_URL,            "field.url",               0)          \
	F(FAULT_F_EMAIL,          "field.email",             0)          \
	F(FAULT_F_PHONE,          "field.phone",             0)          \
	F(FAULT_F_TEXT,           "field.text",              0)          \
	F(FAULT_F_FIXED,          "field.fixed",             0)          \
	F(FAULT_F_SYSTEM,         "field.system",            0)          \
	F(FAULT_F_REF,            "field.reference",         0)          \
	F(FAULT_F_EMPTY_WANTED,   "field.empty_wanted",      0)          \
	F(FAULT_F_LEVEL_ZERO,     "field.level_zero",        0)          \
	F(FAULT_F_SERVERS,        "field.servers",           0)          \
	F(FAULT_F_SAME,           "field.same",              0)          \
	F(FAULT_F_PASSWORD,       "field.password",          0)          \
	F(FAULT_F_TAKEN,          "field.taken",             0)          \
	F(FAULT_F_CYCLE,          "field.cycle",             0)          \
	F(FAULT_F_LOGIN,          "field.login",             0)          \
	F(FAULT_F_REASON,         "field.reason",            0)          \
	F(FAULT_F_DIGEST,         "field.digest",            0)          \
	F(FAULT_F_ROOM,           "field.room",              0)          \
	F(FAULT_F_COUNT,          "field.count",             0)          \
	F(FAULT_F_MANY,           "field.many",              0)          \
	F(FAULT_F_KEY,            "field.key",               0)          \
	F(FAULT_F_VKEY,           "field.vkey",              0)          \
	F(FAULT_F_OUTBOUND,       "field.outbound",          0)          \
	F(FAULT_F_OWN_LOG,        "field.own_log",           0)          \
	F(FAULT_F_OTHER_LOG,      "field.other_log",         0)          \
	F(FAULT_F_BEFORE_KEY,     "field.before_key",        0)

#define FAULT_CONSTANT(constant, code, status) constant,
enum fault { FAULTS(FAULT_CONSTANT) FAULT__MAX };
#undef FAULT_CONSTANT

const char *fault_code(enum fault f);            /* "field.missing" */
int fault_status(enum fault f);                  /* HTTP status, 0 for a field's fault */

/* One thing wrong with one field of the input. */
struct field_err {
	struct field_err *next;
	struct str field;                        /* name as the caller knows it, "" for the whole input */
	const char *label;                       /* message id of its label, or NULL */
	enum fault fault;
	int64_t limit;                           /* what {limit} prints */
	struct str detail;                       /* what {detail} prints; already plain text */
};

/*
 * What went wrong. Zeroed it means nothing did. Functions that can fail take one
 * last, fill it once and return false; the caller passes it on or answers with it.
 */
struct err {
	enum fault fault;
	struct str detail;                       /* for the log and {detail}: never a secret */
	const char *say;                         /* message id of words for {detail}, which may take {detail} itself; NULL: as it is */
	struct arena *arena;                     /* where details live; NULL: static text only, detail stays empty if formatted */
	struct field_err *fields, *last_field;   /* FAULT_FIELDS: all of them, in the order found */
	struct value *data;                      /* facts for the caller, e.g. what changed meanwhile */
};

/* Sets the fault unless one is set already. Always returns false: return err_set(...). */
bool err_set(struct err *err, enum fault fault);
bool err_setf(struct err *err, enum fault fault, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same with words for the detail in the reader's language; detail is not copied, STR_NONE where the words need none. */
bool err_say(struct err *err, enum fault fault, const char *say, struct str detail);
/* Adds a field's fault and sets FAULT_FIELDS. Returns false. err->arena must be set. */
bool err_field(struct err *err, struct str field, const char *label, enum fault fault, int64_t limit, struct str detail);

#endif
