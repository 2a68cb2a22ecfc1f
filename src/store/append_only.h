/*
 * Tables whose rows are never changed and never taken away. The authorizer of every connection refuses it,
 * and so does each table's pair of triggers (<table>_no_update, <table>_no_delete), from the migration that
 * makes the table.
 */
#ifndef STORE_APPEND_ONLY_H
#define STORE_APPEND_ONLY_H

#define APPEND_ONLY(T) \
	T("audit") \
	T("bundle") \
	T("checkpoint") \
	T("cosignature") \
	T("key_statement") \
	T("log_tile") \
	T("report_version") \
	T("witness_refusal")

#endif
