/*
 * The setting table: every knob, once. Read from the defaults, then the file, then TOCSIN_* in the environment, then flags;
 * `tocsin config show` tells the value and where it came from. A secret is never a setting: secrets are files.
 */
#ifndef DAEMON_CONF_H
#define DAEMON_CONF_H

#include "base/arena.h"
#include "base/err.h"

/* S(name, kind, default, min, max, doc) name is the file's key, TOCSIN_NAME and --name (with '-' for '_'). */
#define SETTINGS(S) \
	S(data,            TEXT, "/var/lib/tocsin",  1,  4000, "Directory of the database and the server's secret.") \
	S(listen,          TEXT, "127.0.0.1:8080",   3,   200, "Address and port to serve HTTP on.") \
	S(behind_proxy,    BOOL, "no",               0,     1, "A TLS proxy stands in front: allows another address than loopback, and trusts X-Forwarded-For and -Proto.") \
	S(origin,          TEXT, "",                 0,   200, "Public address, e.g. https://cert.example; empty: as the Host header says.") \
	S(zone,            TEXT, "Asia/Taipei",      1,    60, "Time zone of pages.") \
	S(threads,         INT,  "0",                0,   256, "Threads that answer requests; 0: one for each processor.") \
	S(idle_minutes,    INT,  "15",               1,    15, "Minutes without a request after which a session ends.") \
	S(body_kib,        INT,  "64",               1,  1024, "Largest request body, KiB; routes of reports take up to 1024.") \
	S(header_kib,      INT,  "16",               4,    64, "Largest request head, KiB.") \
	S(idle_seconds,    INT,  "60",               5,   600, "A connection without traffic is closed after so long.") \
	S(request_seconds, INT,  "30",               5,   600, "A request must have arrived whole within so long.") \
	S(connections,     INT,  "2000",            16, 60000, "Most connections at once.") \
	S(per_address,     INT,  "500",              4, 60000, "Most connections of one address at once.") \
	S(metrics,         BOOL, "no",               0,     1, "Serve /metrics to loopback.") \
	S(log,             TEXT, "info",             1,    10, "What is logged: error, warn, info, debug.") \
	S(test_clock,      TEXT, "",                 0,  4000, "For tests only: a file whose first 8 bytes are the time.")

enum setting_kind { SETTING_TEXT, SETTING_INT, SETTING_BOOL };

struct setting {
	const char *name;
	enum setting_kind kind;
	const char *otherwise;
	int64_t min, max;
	const char *doc;
};

#define SETTING_CONSTANT(name, kind, otherwise, min, max, doc) SET_##name,
enum setting_id { SETTINGS(SETTING_CONSTANT) SET__MAX };
#undef SETTING_CONSTANT
extern const struct setting settings[SET__MAX];

struct conf {
	struct {
		struct str text;
		int64_t number;                  /* of INT and BOOL */
		const char *from;                /* "default", "file", "environment", "flag" */
	} v[SET__MAX];
	struct str file;                         /* the file read, STR_NONE: none */
};

/*
 * Reads all four. argv holds only what follows the subcommand; what is no setting (and not --config) is left in order in
 * argv[0..*argc-1] for the subcommand. Fault: FAULT_CONFIG naming the setting and what it may be.
 */
bool conf_read(struct conf *c, struct arena *a, int *argc, char **argv, struct err *err);
struct str conf_text(const struct conf *c, enum setting_id id);
int64_t conf_int(const struct conf *c, enum setting_id id);
void conf_show(const struct conf *c);            /* on standard output */

/* "127.0.0.1:8080", "[::1]:8080". True only for loopback when only_loopback. */
struct endpoint {
	char host[64];
	int port;
	bool loopback, v6;
};
bool endpoint_parse(struct str s, struct endpoint *ret_endpoint);

#endif
