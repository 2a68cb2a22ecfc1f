/*
 * THE table: everything the server answers, one row a route. The rows of the verbs come from the life table's
 * inputs, so that each verb tells OpenAPI and the form page what it takes; who may use one in which state is
 * the life table's business.
 */
#include "desk/account.h"
#include "desk/bootstrap.h"
#include "desk/attachment.h"
#include "desk/calendar.h"
#include "desk/bundle.h"
#include "desk/keys.h"
#include "desk/organisation.h"
#include "http/route.h"
#include "model/hold.h"
#include "model/life.h"
#include "model/report.h"
#include "model/witness.h"
#include "site/handlers.h"
#include "site/identity.h"

#define READERS (ROLE_PROVIDER | ROLE_CERT | ROLE_AUDITOR)
#define WRITERS (ROLE_PROVIDER | ROLE_CERT)
#define KEEP_INVENTORY (ROLE_ADMINISTRATOR | ROLE_MANAGER | ROLE_REVIEWER)
#define MAKE_ACCOUNTS (KEEP_INVENTORY | ROLE_PROVIDER_ADMIN)
#define SEE_ACCOUNTS (MAKE_ACCOUNTS | ROLE_AUDITOR)
#define MIB ((size_t)1 << 20)

static const struct query_param submit_query[] = {
	{ "submit", "yes", "file it at once, in the same transaction" },
	{ "validate", "only", "check as submission would, write nothing" },
	{ "autosave", "yes", "kept while typing: replaces the autosave before it in the versions" },
	{ NULL, NULL, NULL },
};
static const struct query_param validate_query[] = {
	{ "validate", "only", "check, write nothing" },
	{ NULL, NULL, NULL },
};
static const struct query_param list_query[] = {
	{ "q", "text", "number, organisation, words of the description; two Chinese characters suffice" },
	{ "state", "open|draft|reported|returned|reviewed|handling|closing|closed|merged|withdrawn",
	  "state; open: filed and not closed" },
	{ "category", "web_attack|intrusion|dos|equipment|other", "category" },
	{ "level", "0|1|2|3|4", "level in force" },
	{ "org", "integer", "organisation" },
	{ "from", "text", "filed at or after: a date or a time" },
	{ "to", "text", "filed before the end of this date, or before this time" },
	{ "history", "yes", "closed, merged and withdrawn ones only" },
	{ "before", "integer", "the next page: ids below this" },
	{ "limit", "integer", "rows, 1 to 200" },
	{ NULL, NULL, NULL },
};
static const struct query_param board_query[] = {
	{ "holder", "provider|cert|all", "whose duties; without it those of the reader's side" },
	{ "group", "overdue|soon|today|later", "by time left" },
	{ "clock", "text", "one clock of the regime" },
	{ "level", "0|1|2|3|4", "level in force" },
	{ "category", "web_attack|intrusion|dos|equipment|other", "category" },
	{ "org", "integer", "organisation" },
	{ "after_due", "text", "the next page: due time of its last row" },
	{ "after_id", "integer", "the next page: id of its last row" },
	{ "limit", "integer", "rows, 1 to 200" },
	{ NULL, NULL, NULL },
};
static const struct query_param period_query[] = {
	{ "from", "text", "first day" },
	{ "to", "text", "last day" },
	{ NULL, NULL, NULL },
};
static const struct query_param versions_query[] = {
	{ "a", "integer", "with b: leads to the comparison of the two" },
	{ "b", "integer", "the newer one" },
	{ NULL, NULL, NULL },
};
static const struct query_param trail_query[] = {
	{ "before", "integer", "the next page: entries below this" },
	{ NULL, NULL, NULL },
};
static const struct query_param entries_query[] = {
	{ "after", "integer", "records before it are left out; without it a page shows the newest" },
	{ "limit", "integer", "rows, 1 to 1000" },
	{ "records", "yes|no", "the records, not only their hashes; reading them is recorded" },
	{ NULL, NULL, NULL },
};
static const struct query_param inclusion_query[] = {
	{ "index", "integer", "the record's place in the log, from 0" },
	{ "size", "integer", "records in the tree; without it those of now" },
	{ NULL, NULL, NULL },
};
static const struct query_param consistency_query[] = {
	{ "from", "integer", "the older size" },
	{ "to", "integer", "the newer size; without it that of now" },
	{ NULL, NULL, NULL },
};
static const struct query_param receipt_query[] = {
	{ "seq", "integer", "number of the record in the log; without it the newest" },
	{ NULL, NULL, NULL },
};
static const struct query_param before_query[] = {
	{ "before", "integer", "the next page: ids below this" },
	{ NULL, NULL, NULL },
};
static const struct query_param hold_query[] = {
	{ "report", "text", "number or id of a report: the form comes filled in for it" },
	{ "kind", "case|system", "on the case (without it), or on the systems that the report names" },
	{ NULL, NULL, NULL },
};
static const struct query_param code_query[] = {
	{ "code", "text", "20 letters and digits, as on the receipt; dashes do not count" },
	{ NULL, NULL, NULL },
};
static const struct query_param rules_query[] = {
	{ "version", "integer", "a version of it; without: the one in force" },
	{ NULL, NULL, NULL },
};
static const struct query_param offset_query[] = {
	{ "offset", "integer", "where the bytes belong: as many as have come before; Content-Range says the same" },
	{ NULL, NULL, NULL },
};
static const struct query_param checkpoint_query[] = {
	{ "before", "integer", "the next page of the history: sizes below this" },
	{ NULL, NULL, NULL },
};
static const struct query_param asset_query[] = {
	{ "v", "text", "the version that may be kept for ever" },
	{ NULL, NULL, NULL },
};

static const struct query_param next_query[] = {
	{ "next", "text", "where to go on afterwards: a path of ours" },
	{ NULL, NULL, NULL },
};
static const struct query_param account_query[] = {
	{ "q", "text", "part of the login, the name or the organisation" },
	{ "state", "applied|active|rejected|suspended|removed", "state" },
	{ "org", "integer", "organisation" },
	{ "after", "text", "the next page: logins behind this" },
	{ "limit", "integer", "rows, 1 to 200" },
	{ NULL, NULL, NULL },
};
static const struct query_param organisation_query[] = {
	{ "q", "text", "part of the name" },
	{ "sector", "integer", "sector" },
	{ "state", "listed|registered|changed|removed", "state" },
	{ "kind", "provider|cert|agency|national|operator", "kind of organisation" },
	{ "after_name", "text", "the next page: name of the last row" },
	{ "after_id", "integer", "the next page: id of the last row" },
	{ "limit", "integer", "rows, 1 to 200" },
	{ NULL, NULL, NULL },
};
static const struct query_param org_query[] = {
	{ "org", "integer", "organisation to begin with" },
	{ NULL, NULL, NULL },
};

/* What can be done with an account: its form page and the act itself. */
#define ACCOUNT_VERB(id, input, doc) \
	{ "account." id ".form", METHOD_GET, "/accounts/{id}/" id, MAKE_ACCOUNTS, \
	    LANE_READ, handle_account_verb_form, \
	    NULL, NULL, "object", NULL, "account_verb", NULL, 0, false, "The form of " id "." }, \
	{ "account." id, METHOD_POST, "/accounts/{id}/" id, MAKE_ACCOUNTS, LANE_WRITE, handle_account_verb, \
	    &input, NULL, "record", NULL, "account", handle_account_verb_form, 0, false, doc },

/* A verb's form page and the verb itself. */
#define VERB_ROUTES(id, input, doc) \
	{ "report." id ".form", METHOD_GET, "/reports/{id}/" id, WRITERS, LANE_READ, handle_verb_form, \
	    NULL, NULL, "object", NULL, "verb", NULL, 0, false, "The form of " id "." }, \
	{ "report." id, METHOD_POST, "/reports/{id}/" id, WRITERS, LANE_WRITE, handle_verb, \
	    &input, &entity_report, "record", validate_query, "verb", handle_verb_again, MIB, false, doc },

/* A verb of a hold. */
#define HOLD_ROUTES(id, doc) \
	{ "hold." id ".form", METHOD_GET, "/holds/{id}/" id, HOLD_LIFTERS, LANE_READ, handle_hold_verb_form, \
	    NULL, NULL, "object", NULL, "hold_verb", NULL, 0, false, "The form of " id "." }, \
	{ "hold." id, METHOD_POST, "/holds/{id}/" id, HOLD_LIFTERS, LANE_WRITE, handle_hold_verb, \
	    &hold_reason, &entity_hold, "record", NULL, "hold", handle_hold_verb_form, 0, false, doc },

const struct route routes[] = {
	/* ---- reports ---- */
	{ "home", METHOD_GET, "/", ROLE_STRANGER | ROLE__ANY, LANE_READ, handle_home,
	    NULL, NULL, "object", NULL, "home", NULL, 0, false,
	    "The first page: the board for the CERT, own reports for a provider." },
	{ "report.list", METHOD_GET, "/reports", READERS, LANE_READ, handle_report_list,
	    NULL, &entity_report, "list", list_query, "reports", NULL, 0, false,
	    "Reports in the reader's scope, newest first." },
	{ "report.create", METHOD_POST, "/reports", WRITERS, LANE_WRITE, handle_report_create,
	    &entity_report, &entity_report, "record",
	    submit_query, "report_form", handle_report_create_again, MIB, true,
	    "A draft from any subset of the fields; with submit=yes filed at once." },
	{ "report.new", METHOD_GET, "/reports/new", WRITERS, LANE_READ, handle_report_new,
	    NULL, NULL, "object", NULL, "report_form", NULL, 0, false,
	    "An empty form with what the account knows filled in." },
	{ "report.view", METHOD_GET, "/reports/{id}", READERS, LANE_READ, handle_report_view,
	    NULL, &entity_report, "record", NULL, "report", NULL, 0, false,
	    "One report. Reading it is recorded." },
	{ "report.save", METHOD_PUT, "/reports/{id}", WRITERS, LANE_WRITE, handle_report_save,
	    &entity_report, &entity_report, "record",
	    submit_query, "report_form", handle_report_save_again, MIB, false,
	    "Changes fields; version (in the body or If-Match) is the one that was seen." },
	{ "report.save_form", METHOD_POST, "/reports/{id}", WRITERS, LANE_WRITE, handle_report_save,
	    &entity_report, &entity_report, "record",
	    submit_query, "report_form", handle_report_save_again, MIB, false,
	    "The same for forms." },
	{ "report.edit", METHOD_GET, "/reports/{id}/edit", WRITERS, LANE_READ, handle_report_edit,
	    NULL, NULL, "object", NULL, "report_form", NULL, 0, false, "The form with what is there." },
	{ "report.receipt", METHOD_GET, "/reports/{id}/receipt", READERS, LANE_READ, handle_report_receipt,
	    NULL, NULL, "object", receipt_query, "receipt", NULL, 0, false,
	    "The receipt of a change of a filed report: record, proof, checkpoint; on the page also the number and the clocks." },
	{ "report.receipt.pdf", METHOD_GET, "/reports/{id}/receipt.pdf", READERS, LANE_READ, handle_report_receipt_pdf,
	    NULL, NULL, "empty", receipt_query, NULL, NULL, 0, false,
	    "The official form with the receipt behind it, as PDF." },
	{ "report.receipts", METHOD_GET, "/reports/{id}/receipts", READERS, LANE_READ, handle_report_receipts,
	    NULL, NULL, "list", NULL, NULL, NULL, 0, false,
	    "The changes of a filed report that have a receipt, the newest first." },
	{ "receipts", METHOD_GET, "/receipts", READERS, LANE_READ, handle_receipts,
	    NULL, NULL, "object", code_query, "receipts", NULL, 0, false,
	    "A receipt found again by the code on it." },
	{ "report.versions", METHOD_GET, "/reports/{id}/versions", READERS, LANE_READ, handle_report_versions,
	    NULL, NULL, "list", versions_query, "versions", NULL, 0, false,
	    "Every version: when, by whom, what." },
	{ "report.compare", METHOD_GET, "/reports/{id}/versions/{a}..{b}", READERS, LANE_READ,
	    handle_report_compare,
	    NULL, NULL, "object", NULL, "compare", NULL, 0, false, "What differs between two versions." },
	{ "report.trail", METHOD_GET, "/reports/{id}/trail", READERS, LANE_READ, handle_report_trail,
	    NULL, NULL, "list", trail_query, "trail", NULL, 0, false,
	    "The audit trail of a report, and who read it and who may." },
	{ "report.duties", METHOD_GET, "/reports/{id}/duties", READERS, LANE_READ, handle_report_duties,
	    NULL, NULL, "list", NULL, "duties", NULL, 0, false, "The clocks of a report." },
	{ "report.package", METHOD_GET, "/reports/{id}/package", ROLE_CERT | ROLE_AUDITOR, LANE_READ,
	    handle_report_package,
	    NULL, NULL, "object", NULL, "package", NULL, 0, false,
	    "Everything that the national CERT needs, with its SHA-256." },
	{ "report.print", METHOD_GET, "/reports/{id}/print", READERS, LANE_READ, handle_report_print,
	    NULL, &entity_report, "record", NULL, "print", NULL, 0, false,
	    "The official form, black on white." },
	{ "report.print.pdf", METHOD_GET, "/reports/{id}/print.pdf", READERS, LANE_READ,
	    handle_report_print_pdf,
	    NULL, NULL, "empty", NULL, NULL, NULL, 0, false, "The official form as PDF." },

	/* ---- files of a report; the limit of a form with one is a setting ---- */
	{ "report.attachment.list", METHOD_GET, "/reports/{id}/attachments", READERS, LANE_READ,
	    handle_attachment_list,
	    NULL, &entity_attachment, "list", NULL, "attachments", NULL, 0, false,
	    "Files of a report, those that are still arriving too, and how much may be added." },
	{ "report.attachment.create", METHOD_POST, "/reports/{id}/attachments", WRITERS, LANE_SLOW,
	    handle_attachment_create,
	    &in_attachment, &entity_attachment, "record", NULL, "attachments", handle_attachment_create_again,
	    SIZE_MAX, false,
	    "Announces a file, whose bytes follow by PUT; or a form with the file itself." },
	{ "report.attachment.view", METHOD_GET, "/reports/{id}/attachments/{aid}", READERS, LANE_READ,
	    handle_attachment_view,
	    NULL, &entity_attachment, "record", NULL, "attachment", NULL, 0, false,
	    "One file: how much has come, its digest, who took it, the password of its archive." },
	{ "report.attachment.append", METHOD_PUT, "/reports/{id}/attachments/{aid}", WRITERS, LANE_SLOW,
	    handle_attachment_append,
	    &body_bytes, &entity_attachment, "record", offset_query, NULL, NULL, MIB, false,
	    "The next bytes, 64 KiB to 1 MiB, fewer only at the end; a broken upload goes on where it stopped." },
	{ "report.attachment.archive", METHOD_GET, "/reports/{id}/attachments/{aid}/archive", READERS, LANE_READ,
	    handle_attachment_archive,
	    NULL, NULL, "empty", NULL, NULL, NULL, 0, false,
	    "The file in a ZIP archive, encrypted with AES-256 under its password. Taking it is recorded." },
	{ "report.attachment.withdraw.form", METHOD_GET, "/reports/{id}/attachments/{aid}/withdraw", WRITERS,
	    LANE_READ, handle_attachment_withdraw_form,
	    NULL, &entity_attachment, "record", NULL, "attachment_withdraw", NULL, 0, false, "The form of withdraw." },
	{ "report.attachment.withdraw", METHOD_POST, "/reports/{id}/attachments/{aid}/withdraw", WRITERS, LANE_WRITE,
	    handle_attachment_withdraw,
	    &in_attachment_withdraw, &entity_attachment, "record", NULL, "attachment_withdraw",
	    handle_attachment_withdraw_again, 0, false,
	    "Withdrawn with a reason, and kept; or an upload is cancelled." },
	/* ---- evidence taken out ---- */
	{ "report.export.form", METHOD_GET, "/reports/{id}/export", BUNDLE_MAKERS, LANE_READ, handle_report_export_form,
	    NULL, NULL, "object", NULL, "export_case", NULL, 0, false, "The form for taking a case out." },
	{ "report.export", METHOD_POST, "/reports/{id}/export", BUNDLE_MAKERS, LANE_SLOW, handle_report_export,
	    &in_bundle, NULL, "object", NULL, "export_case", handle_report_export_form, 0, false,
	    "Takes a case out as a bundle that proves itself, with a reason; a second person is told." },
	{ "export.list", METHOD_GET, "/exports", BUNDLE_READERS, LANE_READ, handle_exports,
	    NULL, NULL, "list", before_query, "exports", NULL, 0, false,
	    "What was taken out by the reader, or by others whose doing he is told of." },
	{ "export.period", METHOD_POST, "/exports", BUNDLE_MAKERS, LANE_SLOW, handle_export_period,
	    &in_bundle_period, NULL, "object", NULL, "exports", handle_exports, 0, false,
	    "Takes out what happened in a period: a manager of his CERT's reports, an auditor all of it." },
	{ "export.view", METHOD_GET, "/exports/{id}", BUNDLE_READERS, LANE_READ, handle_export,
	    NULL, NULL, "object", NULL, "export", NULL, 0, false, "One of them: who, when, why, how much." },
	{ "export.bundle", METHOD_GET, "/exports/{id}/bundle", BUNDLE_READERS, LANE_READ, handle_export_bundle,
	    NULL, NULL, "empty", NULL, NULL, NULL, 0, false,
	    "The bundle itself, JSON lines with their proofs, written while it is sent; for who took it out." },
	{ "export.seen", METHOD_POST, "/exports/{id}/seen", ROLE_MANAGER | ROLE_PROVIDER_ADMIN, LANE_WRITE, handle_export_seen,
	    NULL, NULL, "object", NULL, "export", NULL, 0, false, "The second person has seen it." },

	VERB_ROUTES("submit", in_empty,
	    "Files the report: checks everything, gives the number, starts the clocks.")
	VERB_ROUTES("return", in_remark, "Back to the provider with a remark.")
	VERB_ROUTES("review", in_review, "The reviewer's own level and judgement.")
	VERB_ROUTES("contact", entity_contact_entry, "A call, mail or visit, for the contact log.")
	VERB_ROUTES("contain", in_contain, "Damage control or recovery is done.")
	VERB_ROUTES("close", in_close, "The closing form.")
	VERB_ROUTES("accept", in_empty, "Closing accepted: released from tracking.")
	VERB_ROUTES("reject-closing", in_remark, "Closing not accepted: back to handling.")
	VERB_ROUTES("reopen", in_reason, "A closed report is handled again.")
	VERB_ROUTES("withdraw", in_reason, "Withdrawn with a reason; never deleted.")
	VERB_ROUTES("merge", in_merge, "Joined with another report; both are kept.")
	VERB_ROUTES("amend-level", in_amend, "The level changed: reported again.")
	VERB_ROUTES("match", in_match, "Telephone and web report of one incident; both are kept.")
	VERB_ROUTES("police", in_police, "Prosecutors or police were told.")
	VERB_ROUTES("improvement", in_improvement, "The improvement report, its seven contents.")
	VERB_ROUTES("judge-improvement", in_judge, "The improvement report is accepted, or more is wanted.")
	VERB_ROUTES("extend", in_extend, "Asks for more time.")
	VERB_ROUTES("grant", in_grant, "More time is granted or refused.")
	VERB_ROUTES("escalate", in_escalate, "Handed over to the national CERT.")
	VERB_ROUTES("acknowledge", in_acknowledge, "The national CERT has it.")
	VERB_ROUTES("fulfil", in_fulfil, "A stage of another regime was filed.")
	VERB_ROUTES("delete", in_empty, "A draft is thrown away.")

	/* ---- the desk ---- */
	{ "board", METHOD_GET, "/duties", READERS, LANE_READ, handle_board,
	    NULL, NULL, "list", board_query, "board", NULL, 0, false,
	    "The board: open duties by time left." },
	{ "statistics", METHOD_GET, "/statistics", READERS, LANE_READ, handle_statistics,
	    NULL, NULL, "object", period_query, "statistics", NULL, 0, false,
	    "Figures of a period by category and level." },

	/* ---- the log ---- */
	{ "log.entries", METHOD_GET, "/log/entries", ROLE__ANY, LANE_READ, handle_log_entries,
	    NULL, NULL, "list", entries_query, "log", NULL, 0, false,
	    "Hashes of the audit log's records; the records for auditors and administrators." },
	{ "log.inclusion", METHOD_GET, "/log/proof/inclusion", ROLE__ANY, LANE_READ, handle_log_inclusion,
	    NULL, NULL, "object", inclusion_query, "log_inclusion", NULL, 0, false,
	    "That a record is in the log of this size (RFC 9162)." },
	{ "log.consistency", METHOD_GET, "/log/proof/consistency", ROLE__ANY, LANE_READ,
	    handle_log_consistency,
	    NULL, NULL, "object", consistency_query, "log_consistency", NULL, 0, false,
	    "That the log of the older size is the beginning of the newer (RFC 9162)." },
	{ "log.checkpoint", METHOD_GET, "/log/checkpoint", ROLE_STRANGER | ROLE__ANY, LANE_READ, handle_checkpoint,
	    NULL, NULL, "object", checkpoint_query, "checkpoint", NULL, 0, false,
	    "The newest checkpoint: a signed note as text; as JSON with its keys, witnesses and those before it." },
	{ "log.checkpoint.make", METHOD_POST, "/log/checkpoint", ROLE__ANY, LANE_SLOW, handle_checkpoint_make,
	    NULL, NULL, "object", NULL, "checkpoint", NULL, 0, false,
	    "Signs the log as it is now, without waiting for the interval." },
	{ "log.keys", METHOD_GET, "/log/keys", ROLE_STRANGER | ROLE__ANY | ROLE_TERMINAL, LANE_READ, handle_log_keys,
	    NULL, NULL, "empty", NULL, NULL, NULL, 0, false,
	    "The public keys of the log and what they state about each other: the key file of tocsin-verify." },
	{ "keys", METHOD_GET, "/keys", KEY_READERS | ROLE_TERMINAL, LANE_READ, handle_keys,
	    NULL, NULL, "list", NULL, "signing_keys", NULL, 0, false,
	    "The keys that sign the log and other logs' checkpoints, and what is to be done about them." },
	{ "keys.rotate", METHOD_POST, "/keys/rotate", KEY_MANAGERS | ROLE_TERMINAL, LANE_SLOW, handle_keys_rotate,
	    &key_rotation, NULL, "list", NULL, "signing_keys", handle_keys_again, 0, false,
	    "A new key of the log, stated by the old one, and both sign during the overlap; or of the witness, whose old key ends." },
	{ "keys.compromised", METHOD_POST, "/keys/{id}/compromised", KEY_MANAGERS | ROLE_TERMINAL, LANE_SLOW,
	    handle_key_compromised,
	    &key_compromise, NULL, "list", NULL, "signing_keys", handle_key_compromised_form, 0, false,
	    "Nothing counts that this key signed since this moment, or will sign." },
	{ "keys.compromised.form", METHOD_GET, "/keys/{id}/compromised", KEY_MANAGERS, LANE_READ,
	    handle_key_compromised_form,
	    NULL, NULL, "object", NULL, "signing_key_compromised", NULL, 0, false, "An empty form." },
	{ "keys.backup", METHOD_POST, "/keys/{key_id}/backup", ROLE_TERMINAL, LANE_WRITE, handle_key_backup,
	    &key_backup, NULL, "object", NULL, NULL, NULL, 0, false,
	    "That the terminal made or tried a backup of a key: shared, tested, failed." },
	{ "witness.add", METHOD_POST, "/witness/add-checkpoint", ROLE_STRANGER | ROLE__ANY, LANE_SLOW, handle_witness_add,
	    &body_bytes, NULL, "empty", NULL, NULL, NULL, MIB, false,
	    "Another log's checkpoint with its proof, as C2SP tlog-witness writes it: answers with our cosignature." },
	{ "witness.list", METHOD_GET, "/witnesses", KEY_READERS, LANE_READ, handle_witnesses,
	    NULL, NULL, "list", NULL, "witnesses", NULL, 0, false,
	    "Who cosigns our log's checkpoints and how that goes; logs that are witnessed here and what was refused." },
	{ "witness.new", METHOD_GET, "/witnesses/new", KEY_MANAGERS, LANE_READ, handle_witness_new,
	    NULL, NULL, "object", NULL, "witness_form", NULL, 0, false, "An empty form." },
	{ "witness.create", METHOD_POST, "/witnesses", KEY_MANAGERS, LANE_WRITE, handle_witness_create,
	    &entity_witness, NULL, "list", NULL, "witnesses", handle_witness_new, 0, false,
	    "A witness to whom each new checkpoint of our log is brought from now on." },
	{ "witness.end", METHOD_POST, "/witnesses/{id}/end", KEY_MANAGERS, LANE_WRITE, handle_witness_end,
	    &key_reason, NULL, "list", NULL, "witnesses", handle_witnesses, 0, false,
	    "Nothing is brought to this witness any more; what it cosigned stays." },
	{ "witness.log.new", METHOD_GET, "/witnesses/logs/new", KEY_MANAGERS, LANE_READ, handle_witness_log_new,
	    NULL, NULL, "object", NULL, "witness_log_form", NULL, 0, false, "An empty form." },
	{ "witness.log.create", METHOD_POST, "/witnesses/logs", KEY_MANAGERS, LANE_WRITE, handle_witness_log_create,
	    &entity_witness_log, NULL, "object", NULL, "witnesses", handle_witness_log_new, 0, false,
	    "A log whose checkpoints are cosigned from now on." },
	{ "witness.log.keys", METHOD_POST, "/witnesses/logs/{id}/keys", KEY_MANAGERS, LANE_WRITE, handle_witness_log_keys,
	    &witness_keys, NULL, "object", NULL, "witnesses", handle_witnesses, 0, false,
	    "Newer keys of such a log." },
	{ "witness.log.end", METHOD_POST, "/witnesses/logs/{id}/end", KEY_MANAGERS, LANE_WRITE, handle_witness_log_end,
	    &key_reason, NULL, "object", NULL, "witnesses", handle_witnesses, 0, false,
	    "Such a log is witnessed no longer." },

	{ "log.erase.form", METHOD_GET, "/log/erase", ROLE_ADMINISTRATOR, LANE_READ, handle_erase_form,
	    NULL, NULL, "object", NULL, "log_erase", NULL, 0, false, "The form for an erasure by hand." },
	{ "log.erase", METHOD_POST, "/log/erase", ROLE_ADMINISTRATOR, LANE_WRITE, handle_erase,
	    &erasure_input, NULL, "object", NULL, "log_erase", handle_erase_form, 0, false,
	    "Erases details of records that are older than the retention and under no hold; the records stay." },

	/* ---- holds ---- */
	{ "hold.list", METHOD_GET, "/holds", HOLD_READERS, LANE_READ, handle_hold_list,
	    NULL, &entity_hold, "list", before_query, "holds", NULL, 0, false,
	    "Holds: what they cover is not erased." },
	{ "hold.create", METHOD_POST, "/holds", HOLD_SETTERS, LANE_WRITE, handle_hold_create,
	    &entity_hold, &entity_hold, "record", NULL, "hold", handle_hold_new, 0, false,
	    "Sets a hold on a case, on systems, on an organisation or a time range." },
	{ "hold.new", METHOD_GET, "/holds/new", HOLD_SETTERS, LANE_READ, handle_hold_new,
	    NULL, NULL, "object", hold_query, "hold_form", NULL, 0, false, "The form, empty or for a report." },
	{ "hold.view", METHOD_GET, "/holds/{id}", HOLD_READERS, LANE_READ, handle_hold_view,
	    NULL, &entity_hold, "record", NULL, "hold", NULL, 0, false, "One hold." },
	HOLD_ROUTES("lift", "The first of two persons wants it lifted.")
	HOLD_ROUTES("confirm", "A second person lifts it.")
	HOLD_ROUTES("keep", "It stays.")

	/* ---- signing in, one's own account ---- */
	{ "session.form", METHOD_GET, "/sign-in", ROLE_STRANGER | ROLE__ANY, LANE_READ, handle_sign_in_form,
	    NULL, NULL, "object", next_query, "sign_in", NULL, 0, false, "The sign-in form." },
	{ "session.sign_in", METHOD_POST, "/sign-in", ROLE_STRANGER | ROLE__ANY, LANE_SLOW, handle_sign_in,
	    &in_sign_in, NULL, "object", NULL, "sign_in", NULL, MIB, false,
	    "Password, then a code if the account has one: a session cookie, "
	    "or a ticket to bring with the code." },
	{ "session.sign_out", METHOD_POST, "/sign-out", ROLE_STRANGER | ROLE__ANY, LANE_WRITE,
	    handle_sign_out,
	    NULL, NULL, "object", NULL, NULL, NULL, 0, false, "Ends this session." },
	{ "me", METHOD_GET, "/me", ROLE__ANY, LANE_READ, handle_me,
	    NULL, NULL, "object", NULL, "me", NULL, 0, false, "Who the caller is here." },
	{ "me.save", METHOD_POST, "/me", ROLE__ANY, LANE_WRITE, handle_me_save,
	    &in_own_face, NULL, "object", NULL, "me", handle_me_again, 0, false,
	    "Language and calendar of one's pages." },
	{ "me.password.form", METHOD_GET, "/me/password", ROLE__ANY, LANE_READ, handle_me_password_form,
	    NULL, NULL, "object", NULL, "me_password", NULL, 0, false, "The form for a new password." },
	{ "me.password", METHOD_POST, "/me/password", ROLE__ANY, LANE_SLOW, handle_me_password,
	    &in_password_change, NULL, "object", NULL, "me_password", NULL, 0, false,
	    "A new password; every other session ends." },
	{ "me.totp.form", METHOD_GET, "/me/totp", ROLE__ANY, LANE_READ, handle_me_totp_form,
	    NULL, NULL, "object", NULL, "me_totp", NULL, 0, false,
	    "A secret for one-time codes; nothing is kept until the first code comes back." },
	{ "me.totp", METHOD_POST, "/me/totp", ROLE__ANY, LANE_SLOW, handle_me_totp,
	    &in_totp_change, NULL, "object", NULL, "me_totp", NULL, 0, false,
	    "Switches one-time codes on: the recovery codes, shown once." },
	{ "me.totp_off.form", METHOD_GET, "/me/totp/off", ROLE__ANY, LANE_READ, handle_me_totp_off_form,
	    NULL, NULL, "object", NULL, "me_totp_off", NULL, 0, false,
	    "The form for switching one-time codes off." },
	{ "me.totp_off", METHOD_POST, "/me/totp/off", ROLE__ANY, LANE_SLOW, handle_me_totp_off,
	    &in_totp_change, NULL, "object", NULL, "me_totp_off", NULL, 0, false,
	    "Switches one-time codes off." },
	{ "me.sessions", METHOD_GET, "/me/sessions", ROLE__ANY, LANE_READ, handle_me_sessions,
	    NULL, NULL, "list", NULL, "me_sessions", NULL, 0, false,
	    "One's open sessions: since when, from where." },
	{ "me.sessions.end", METHOD_DELETE, "/me/sessions", ROLE__ANY, LANE_WRITE, handle_me_sessions_end,
	    NULL, NULL, "list", NULL, "me_sessions", NULL, 0, false, "Ends all but this one." },
	{ "me.session.end", METHOD_DELETE, "/me/sessions/{id}", ROLE__ANY, LANE_WRITE, handle_me_session_end,
	    NULL, NULL, "list", NULL, "me_sessions", NULL, 0, false, "Ends one of one's own." },
	{ "me.keys", METHOD_GET, "/me/keys", ROLE__ANY, LANE_READ, handle_me_keys,
	    NULL, NULL, "list", NULL, "me_keys", NULL, 0, false,
	    "One's API keys; of each only its beginning." },
	{ "me.key.create", METHOD_POST, "/me/keys", ROLE__ANY, LANE_WRITE, handle_me_key_create,
	    &new_key, NULL, "object", NULL, "me_keys", handle_me_keys, 0, false,
	    "A new API key, shown once." },
	{ "me.key.revoke", METHOD_DELETE, "/me/keys/{id}", ROLE__ANY, LANE_WRITE, handle_me_key_revoke,
	    NULL, NULL, "list", NULL, "me_keys", NULL, 0, false, "Ends a key." },

	{ "me.calendars", METHOD_GET, "/me/calendar", READERS, LANE_READ, handle_me_calendars,
	    NULL, NULL, "list", NULL, "me_calendar", NULL, 0, false,
	    "Addresses at which one's calendar programs read when duties are due." },
	{ "me.calendar.create", METHOD_POST, "/me/calendar", READERS, LANE_WRITE, handle_me_calendar_create,
	    &new_calendar, NULL, "object", NULL, "me_calendar", handle_me_calendars, 0, false,
	    "One more such address, shown once." },
	{ "me.calendar.revoke", METHOD_DELETE, "/me/calendar/{id}", READERS, LANE_WRITE, handle_me_calendar_revoke,
	    NULL, NULL, "list", NULL, "me_calendar", NULL, 0, false, "It is no address any more." },
	{ "calendar", METHOD_GET, "/calendar/{token}.ics", ROLE_STRANGER | ROLE__ANY, LANE_READ, handle_calendar,
	    NULL, NULL, "empty", NULL, NULL, NULL, 0, false,
	    "The open duties of one person as a calendar (RFC 5545): what is due when, by the report's number, and no more." },

	/* ---- one-time links ---- */
	{ "setup.form", METHOD_GET, "/setup/{token}", ROLE_STRANGER | ROLE__ANY, LANE_READ, handle_setup_form,
	    NULL, NULL, "object", NULL, "setup", NULL, 0, false, "What the first administrator is asked." },
	{ "setup", METHOD_POST, "/setup/{token}", ROLE_STRANGER | ROLE__ANY, LANE_SLOW, handle_setup,
	    &first_account, NULL, "object", NULL, "setup", NULL, 0, false, "The first administrator, once." },
	{ "invite.form", METHOD_GET, "/invite/{token}", ROLE_STRANGER | ROLE__ANY, LANE_READ,
	    handle_invite_form,
	    NULL, NULL, "object", NULL, "invite", NULL, 0, false,
	    "Who is invited; looking does not use the link up." },
	{ "invite", METHOD_POST, "/invite/{token}", ROLE_STRANGER | ROLE__ANY, LANE_SLOW, handle_invite,
	    &in_password_change, NULL, "object", NULL, "invite", NULL, 0, false,
	    "The invited person sets his password, once." },

	/* ---- accounts ---- */
	{ "account.list", METHOD_GET, "/accounts", SEE_ACCOUNTS, LANE_READ, handle_account_list,
	    NULL, NULL, "list", account_query, "accounts", NULL, 0, false,
	    "Accounts within reach, by login." },
	{ "account.create", METHOD_POST, "/accounts", MAKE_ACCOUNTS, LANE_WRITE, handle_account_create,
	    &new_account, NULL, "record", NULL, "account", handle_account_new, 0, false,
	    "Applies for an account; who examines applications makes it at once." },
	{ "account.new", METHOD_GET, "/accounts/new", MAKE_ACCOUNTS, LANE_READ, handle_account_new,
	    NULL, NULL, "object", org_query, "account_new", NULL, 0, false, "An empty form." },
	{ "account.view", METHOD_GET, "/accounts/{id}", ROLE__ANY, LANE_READ, handle_account_view,
	    NULL, NULL, "record", NULL, "account", NULL, 0, false,
	    "One account with its person; one's own is always seen." },
	{ "account.save", METHOD_PUT, "/accounts/{id}", ROLE__ANY, LANE_WRITE, handle_account_save,
	    &entity_person, NULL, "record", NULL, "account", handle_account_edit, 0, false,
	    "The person's data; version (in the body or If-Match) is the one that was seen." },
	{ "account.edit", METHOD_GET, "/accounts/{id}/edit", ROLE__ANY, LANE_READ, handle_account_edit,
	    NULL, NULL, "object", NULL, "account_edit", NULL, 0, false, "The form with what is there." },
	ACCOUNT_VERB("approve", account_empty, "Active; answers with a one-time link to hand over.")
	ACCOUNT_VERB("reject", account_reason, "The application is turned down.")
	ACCOUNT_VERB("suspend", account_reason, "Sessions end; keys do not work.")
	ACCOUNT_VERB("resume", account_empty, "Active again.")
	ACCOUNT_VERB("remove", account_reason, "For good; the history stays.")
	ACCOUNT_VERB("roles", account_role_set, "Gives and takes roles; sessions end.")
	ACCOUNT_VERB("invite", account_link, "A new one-time link for the password.")
	ACCOUNT_VERB("handover", account_succession,
	    "A successor is invited; this account ends when he comes in.")
	{ "account.key.form", METHOD_GET, "/accounts/{id}/keys", ROLE_ADMINISTRATOR, LANE_READ,
	    handle_account_key_form,
	    NULL, NULL, "object", NULL, "account_key", NULL, 0, false, "The form for a key." },
	{ "account.key.create", METHOD_POST, "/accounts/{id}/keys", ROLE_ADMINISTRATOR, LANE_WRITE,
	    handle_account_key_create,
	    &new_key, NULL, "object", NULL, "account_key", handle_account_key_form, 0, false,
	    "A key for an account that no person signs in to, shown once." },
	{ "account.key.revoke", METHOD_DELETE, "/accounts/{id}/keys/{key}", ROLE_ADMINISTRATOR, LANE_WRITE,
	    handle_account_key_revoke,
	    NULL, NULL, "record", NULL, "account", NULL, 0, false, "Ends a key." },

	/* ---- organisations ---- */
	{ "organisation.list", METHOD_GET, "/organisations", ROLE__ANY, LANE_READ, handle_organisation_list,
	    NULL, NULL, "list", organisation_query, "organisations", NULL, 0, false,
	    "The inventory within reach, and how many of it are registered." },
	{ "organisation.create", METHOD_POST, "/organisations", KEEP_INVENTORY, LANE_WRITE,
	    handle_organisation_create,
	    &entity_organisation, &entity_organisation, "record",
	    NULL, "organisation", handle_organisation_new, 0, false,
	    "Puts an organisation on the inventory." },
	{ "organisation.new", METHOD_GET, "/organisations/new", KEEP_INVENTORY, LANE_READ,
	    handle_organisation_new,
	    NULL, NULL, "object", NULL, "organisation_form", NULL, 0, false, "An empty form." },
	{ "organisation.view", METHOD_GET, "/organisations/{id}", ROLE__ANY, LANE_READ,
	    handle_organisation_view,
	    NULL, &entity_organisation, "record", NULL, "organisation", NULL, 0, false,
	    "One organisation, what stands below it, who works there." },
	{ "organisation.save", METHOD_PUT, "/organisations/{id}", KEEP_INVENTORY | ROLE_PROVIDER_ADMIN,
	    LANE_WRITE,
	    handle_organisation_save,
	    &entity_organisation, &entity_organisation, "record",
	    NULL, "organisation", handle_organisation_edit, 0, false,
	    "Its data; a provider keeps its own contact data right." },
	{ "organisation.edit", METHOD_GET, "/organisations/{id}/edit", KEEP_INVENTORY | ROLE_PROVIDER_ADMIN,
	    LANE_READ,
	    handle_organisation_edit,
	    NULL, NULL, "object", NULL, "organisation_form", NULL, 0, false, "The form with what is there." },
	{ "organisation.remove.form", METHOD_GET, "/organisations/{id}/remove", KEEP_INVENTORY, LANE_READ,
	    handle_organisation_state_form,
	    NULL, NULL, "object", NULL, "organisation_state", NULL, 0, false, "The form of remove." },
	{ "organisation.remove", METHOD_POST, "/organisations/{id}/remove", KEEP_INVENTORY, LANE_WRITE,
	    handle_organisation_remove,
	    &organisation_reason, &entity_organisation, "record",
	    NULL, "organisation", handle_organisation_state_form, 0, false,
	    "Off the inventory; the history stays." },
	{ "organisation.restore.form", METHOD_GET, "/organisations/{id}/restore", KEEP_INVENTORY, LANE_READ,
	    handle_organisation_state_form,
	    NULL, NULL, "object", NULL, "organisation_state", NULL, 0, false, "The form of restore." },
	{ "organisation.restore", METHOD_POST, "/organisations/{id}/restore", KEEP_INVENTORY, LANE_WRITE,
	    handle_organisation_restore,
	    &organisation_reason, &entity_organisation, "record",
	    NULL, "organisation", handle_organisation_state_form, 0, false,
	    "On the inventory again." },
	{ "sector.list", METHOD_GET, "/sectors", ROLE__ANY, LANE_READ, handle_sector_list,
	    NULL, &entity_sector, "list", NULL, "sectors", NULL, 0, false,
	    "Sectors and their lead agencies." },
	{ "sector.create", METHOD_POST, "/sectors", ROLE_ADMINISTRATOR, LANE_WRITE, handle_sector_create,
	    &entity_sector, &entity_sector, "record", NULL, "sector_form", handle_sector_new, 0, false,
	    "One more sector." },
	{ "sector.new", METHOD_GET, "/sectors/new", ROLE_ADMINISTRATOR, LANE_READ, handle_sector_new,
	    NULL, NULL, "object", NULL, "sector_form", NULL, 0, false, "An empty form." },
	{ "sector.view", METHOD_GET, "/sectors/{id}", ROLE__ANY, LANE_READ, handle_sector_view,
	    NULL, &entity_sector, "record", NULL, "sector_form", NULL, 0, false, "One sector." },
	{ "sector.save", METHOD_PUT, "/sectors/{id}", ROLE_ADMINISTRATOR, LANE_WRITE, handle_sector_save,
	    &entity_sector, &entity_sector, "record", NULL, "sector_form", handle_sector_view, 0, false,
	    "Its names, lead agency and CERT." },

	/* ---- published documents ---- */
	{ "rules", METHOD_GET, "/rules", ROLE_STRANGER | ROLE__ANY, LANE_READ, handle_rules,
	    NULL, NULL, "list", NULL, "rules", NULL, 0, false, "The regimes: levels and clocks as data." },
	{ "rules.one", METHOD_GET, "/rules/{regime}", ROLE_STRANGER | ROLE__ANY, LANE_READ, handle_rules_one,
	    NULL, NULL, "object", rules_query, "regime", NULL, 0, false,
	    "One regime: its levels, clocks, sources and open conflicts." },

	/* ---- the program itself ---- */
	{ "terminal.link", METHOD_POST, "/terminal/link", ROLE_TERMINAL, LANE_WRITE, handle_terminal_link,
	    &terminal_link, NULL, "object", NULL, NULL, NULL, 0, false, "A one-time link, for `tocsin account link`." },
	{ "terminal.suspend", METHOD_POST, "/terminal/suspend", ROLE_TERMINAL, LANE_WRITE, handle_terminal_suspend,
	    &terminal_suspend, NULL, "object", NULL, NULL, NULL, 0, false, "Ends an account, for `tocsin account suspend`." },
	{ "terminal.backup", METHOD_POST, "/terminal/backup", ROLE_TERMINAL, LANE_WRITE, handle_terminal_backup,
	    &terminal_backup, NULL, "object", NULL, NULL, NULL, 0, false, "That `tocsin backup` made one." },
	{ "health.page", METHOD_GET, "/health", ROLE_ADMINISTRATOR | ROLE_MANAGER, LANE_READ, handle_health_page,
	    NULL, NULL, "object", NULL, "health", NULL, 0, false,
	    "What the installation stands on: clock, disk, log, backups ...; what is so, since when, and what to do." },
	{ "health", METHOD_GET, "/healthz", ROLE_STRANGER | ROLE__ANY, LANE_FIXED, handle_health,
	    NULL, NULL, "object", NULL, NULL, NULL, 0, false, "The process answers." },
	{ "ready", METHOD_GET, "/readyz", ROLE_STRANGER | ROLE__ANY, LANE_FIXED, handle_ready,
	    NULL, NULL, "object", NULL, "ready", NULL, 0, false,
	    "It can do its work: each part, and the cure where one cannot." },
	{ "openapi", METHOD_GET, "/openapi.json", ROLE_STRANGER | ROLE__ANY, LANE_FIXED, handle_openapi,
	    NULL, NULL, "object", NULL, NULL, NULL, 0, false, "This interface, from the tables." },
	{ "metrics", METHOD_GET, "/metrics", ROLE_STRANGER | ROLE__ANY, LANE_FIXED, handle_metrics,
	    NULL, NULL, "object", NULL, NULL, NULL, 0, false, "Figures for monitoring; off unless set." },
	{ "asset", METHOD_GET, "/assets/{name}", ROLE_STRANGER | ROLE__ANY, LANE_FIXED, handle_asset,
	    NULL, NULL, "empty", asset_query, NULL, NULL, 0, false, "Style sheet, script, icons." },
	{ "language", METHOD_POST, "/language", ROLE_STRANGER | ROLE__ANY, LANE_WRITE, handle_language,
	    NULL, NULL, "empty", NULL, NULL, NULL, 0, false, "The reader's language, for pages." },
};
const int route_count = (int)(sizeof(routes) / sizeof(routes[0]));
