/* The handlers of the route table, by subject. Those of identity stand in identity.h. */
#ifndef SITE_HANDLERS_H
#define SITE_HANDLERS_H

#include "http/request.h"

/* report.c: lists, forms and saving */
handler handle_report_list, handle_report_new, handle_report_create, handle_report_create_again,
    handle_report_edit, handle_report_save, handle_report_save_again;
/* report_view.c: one report as its reader sees it */
handler handle_report_view, handle_report_print, handle_report_print_pdf, handle_report_versions,
    handle_report_compare, handle_report_trail, handle_report_duties, handle_report_package;
/* receipt.c */
handler handle_report_receipt, handle_report_receipt_pdf, handle_report_receipts, handle_receipts;
/* attachment.c: files of a report */
handler handle_attachment_list, handle_attachment_create, handle_attachment_create_again, handle_attachment_view,
    handle_attachment_append, handle_attachment_archive, handle_attachment_withdraw_form,
    handle_attachment_withdraw, handle_attachment_withdraw_again;
/* export.c */
handler handle_exports, handle_export, handle_export_bundle, handle_export_period, handle_export_seen, handle_report_export, handle_report_export_form;
/* verb.c: everything that changes a report's state, by the life table */
handler handle_verb, handle_verb_form, handle_verb_again;
/* board.c */
handler handle_home, handle_board;
/* statistics.c */
handler handle_statistics;
/* log.c */
handler handle_log_entries, handle_log_inclusion, handle_log_consistency;
/* hold.c */
handler handle_hold_list, handle_hold_new, handle_hold_create, handle_hold_view, handle_hold_verb_form,
    handle_hold_verb, handle_erase_form, handle_erase;
/* rules.c */
handler handle_rules, handle_rules_one;
/* terminal.c */
handler handle_terminal_link, handle_terminal_suspend, handle_terminal_backup;
/* system.c */
handler handle_health_page, handle_health, handle_ready, handle_openapi, handle_metrics, handle_asset, handle_language;

/* Appends the figures of the health page that a monitor wants. */
struct buf;
void health_metrics(struct buf *b);

/* keys.c: checkpoints, keys */
handler handle_checkpoint, handle_checkpoint_make, handle_log_keys, handle_keys, handle_keys_rotate, handle_keys_again,
    handle_key_compromised, handle_key_compromised_form, handle_key_backup;
/* witness.c */
handler handle_witness_add, handle_witnesses, handle_witness_new, handle_witness_create, handle_witness_end,
    handle_witness_log_new, handle_witness_log_create, handle_witness_log_keys,
    handle_witness_log_end;

#endif
