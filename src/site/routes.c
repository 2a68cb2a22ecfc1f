/*
 * THE table: everything the server answers, one row a route. The rows of the verbs come from the life table's inputs, so that
 * each verb tells OpenAPI and the form page what it takes; who may use one in which state is the life table's business.
 */
#include "http/route.h"
#include "model/life.h"
#include "model/report.h"
#include "site/handlers.h"

#define READERS (ROLE_PROVIDER | ROLE_CERT | ROLE_AUDITOR)
#define WRITERS (ROLE_PROVIDER | ROLE_CERT)
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
	{ "state", "open|draft|reported|returned|reviewed|handling|closing|closed|merged|withdrawn", "state; open: filed and not closed" },
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
static const struct query_param asset_query[] = {
	{ "v", "text", "the version that may be kept for ever" },
	{ NULL, NULL, NULL },
};

/* A verb's form page and the verb itself. */
#define VERB_ROUTES(id, input, doc) \
	{ "report." id ".form", METHOD_GET, "/reports/{id}/" id, WRITERS, LANE_READ, handle_verb_form, \
	    NULL, NULL, "object", NULL, "verb", NULL, 0, false, "The form of " id "." }, \
	{ "report." id, METHOD_POST, "/reports/{id}/" id, WRITERS, LANE_WRITE, handle_verb, \
	    &input, &entity_report, "record", validate_query, "verb", handle_verb_again, MIB, false, doc },

const struct route routes[] = {
	/* ---- reports ---- */
	{ "home", METHOD_GET, "/", ROLE_STRANGER | ROLE__ANY, LANE_READ, handle_home,
	    NULL, NULL, "object", NULL, "home", NULL, 0, false, "The first page: the board for the CERT, own reports for a provider." },
	{ "report.list", METHOD_GET, "/reports", READERS, LANE_READ, handle_report_list,
	    NULL, &entity_report, "list", list_query, "reports", NULL, 0, false, "Reports in the reader's scope, newest first." },
	{ "report.create", METHOD_POST, "/reports", WRITERS, LANE_WRITE, handle_report_create,
	    &entity_report, &entity_report, "record", submit_query, "report_form", handle_report_create_again, MIB, true,
	    "A draft from any subset of the fields; with submit=yes filed at once." },
	{ "report.new", METHOD_GET, "/reports/new", WRITERS, LANE_READ, handle_report_new,
	    NULL, NULL, "object", NULL, "report_form", NULL, 0, false, "An empty form with what the account knows filled in." },
	{ "report.view", METHOD_GET, "/reports/{id}", READERS, LANE_READ, handle_report_view,
	    NULL, &entity_report, "record", NULL, "report", NULL, 0, false, "One report. Reading it is recorded." },
	{ "report.save", METHOD_PUT, "/reports/{id}", WRITERS, LANE_WRITE, handle_report_save,
	    &entity_report, &entity_report, "record", submit_query, "report_form", handle_report_save_again, MIB, false,
	    "Changes fields; version (in the body or If-Match) is the one that was seen." },
	{ "report.save_form", METHOD_POST, "/reports/{id}", WRITERS, LANE_WRITE, handle_report_save,
	    &entity_report, &entity_report, "record", submit_query, "report_form", handle_report_save_again, MIB, false, "The same for forms." },
	{ "report.edit", METHOD_GET, "/reports/{id}/edit", WRITERS, LANE_READ, handle_report_edit,
	    NULL, NULL, "object", NULL, "report_form", NULL, 0, false, "The form with what is there." },
	{ "report.receipt", METHOD_GET, "/reports/{id}/receipt", READERS, LANE_READ, handle_report_receipt,
	    NULL, &entity_report, "record", NULL, "receipt", NULL, 0, false, "After filing: the number to dictate and the clocks." },
	{ "report.versions", METHOD_GET, "/reports/{id}/versions", READERS, LANE_READ, handle_report_versions,
	    NULL, NULL, "list", versions_query, "versions", NULL, 0, false, "Every version: when, by whom, what." },
	{ "report.compare", METHOD_GET, "/reports/{id}/versions/{a}..{b}", READERS, LANE_READ, handle_report_compare,
	    NULL, NULL, "object", NULL, "compare", NULL, 0, false, "What differs between two versions." },
	{ "report.trail", METHOD_GET, "/reports/{id}/trail", READERS, LANE_READ, handle_report_trail,
	    NULL, NULL, "list", trail_query, "trail", NULL, 0, false, "The audit trail of a report, and who read it and who may." },
	{ "report.duties", METHOD_GET, "/reports/{id}/duties", READERS, LANE_READ, handle_report_duties,
	    NULL, NULL, "list", NULL, "duties", NULL, 0, false, "The clocks of a report." },
	{ "report.package", METHOD_GET, "/reports/{id}/package", ROLE_CERT | ROLE_AUDITOR, LANE_READ, handle_report_package,
	    NULL, NULL, "object", NULL, "package", NULL, 0, false, "Everything that the national CERT needs, with its SHA-256." },
	{ "report.print", METHOD_GET, "/reports/{id}/print", READERS, LANE_READ, handle_report_print,
	    NULL, &entity_report, "record", NULL, "print", NULL, 0, false, "The official form, black on white." },

	VERB_ROUTES("submit", in_empty, "Files the report: checks everything, gives the number, starts the clocks.")
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
	    NULL, NULL, "list", board_query, "board", NULL, 0, false, "The board: open duties by time left." },
	{ "statistics", METHOD_GET, "/statistics", READERS, LANE_READ, handle_statistics,
	    NULL, NULL, "object", period_query, "statistics", NULL, 0, false, "Figures of a period by category and level." },

	/* ---- published documents ---- */
	{ "rules", METHOD_GET, "/rules", ROLE_STRANGER | ROLE__ANY, LANE_READ, handle_rules,
	    NULL, NULL, "list", NULL, "rules", NULL, 0, false, "The regimes: levels and clocks as data." },
	{ "rules.one", METHOD_GET, "/rules/{regime}", ROLE_STRANGER | ROLE__ANY, LANE_READ, handle_rules_one,
	    NULL, NULL, "object", NULL, "regime", NULL, 0, false, "One regime: its levels, clocks, sources and open conflicts." },

	/* ---- the program itself ---- */
	{ "health", METHOD_GET, "/healthz", ROLE_STRANGER | ROLE__ANY, LANE_FIXED, handle_health,
	    NULL, NULL, "object", NULL, NULL, NULL, 0, false, "The process answers." },
	{ "ready", METHOD_GET, "/readyz", ROLE_STRANGER | ROLE__ANY, LANE_FIXED, handle_ready,
	    NULL, NULL, "object", NULL, "ready", NULL, 0, false, "It can do its work: each part, and the cure where one cannot." },
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
