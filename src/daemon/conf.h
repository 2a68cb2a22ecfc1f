/*
 * The setting table: every knob, once. Read from the defaults, then the file, then TOCSIN_* in the environment, then flags;
 * `tocsin config show` tells the value and where it came from. A secret is never a setting: secrets are files.
 */
#ifndef DAEMON_CONF_H
#define DAEMON_CONF_H

#include "base/arena.h"
#include "base/err.h"

/*
 * S(name, kind, default, min, max) name is the file's key, TOCSIN_NAME and --name (with '-' for '_'); min and max are of a
 * number, or bytes of a text. What it is for: message "setting.<name>".
 */
#define SETTINGS(S) \
	S(data,            TEXT, "/var/lib/tocsin",   1,  4000) \
	S(db,              TEXT, "",                  0,  1000) \
	S(node,            TEXT, "",                  0,    64) \
	S(listen,          TEXT, "127.0.0.1:8080",    3,   200) \
	S(behind_proxy,    BOOL, "no",                0,     1) \
	S(origin,          TEXT, "",                  0,   200) \
	S(zone,            TEXT, "Asia/Taipei",       1,    60) \
	S(threads,         INT,  "0",                 0,   256) \
	S(idle_minutes,    INT,  "15",                1,    15) \
	S(body_kib,        INT,  "64",                1,  1024) \
	S(file_mib,        INT,  "256",               1,  3800) \
	S(files_mib,       INT,  "1024",              1, 100000) \
	S(files,           INT,  "50",                1,   500) \
	S(form_mib,        INT,  "16",                1,    64) \
	S(header_kib,      INT,  "16",                4,    64) \
	S(idle_seconds,    INT,  "60",                5,   600) \
	S(request_seconds, INT,  "30",                5,   600) \
	S(connections,     INT,  "2000",             16, 60000) \
	S(per_address,     INT,  "500",               4, 60000) \
	S(metrics,         BOOL, "no",                0,     1) \
	S(backup_dir,      TEXT, "",                  0,  4000) \
	S(backup_every,    INT,  "24",                1,   744) \
	S(backup_keep,     INT,  "14",                1,  1000) \
	S(backup_recipient, TEXT, "",                 0,  4000) \
	S(key_algorithm,   TEXT, "ed25519",           4,     7) \
	S(key_days,        INT,  "730",              30,  3650) \
	S(key_overlap_days, INT, "30",                1,   365) \
	S(log_interval,    INT,  "60",                1,  3600) \
	S(keeper_user,     TEXT, "tocsin-keeper",     0,    32) \
	S(outbound,        TEXT, "",                  0,  2000) \
	S(outbound_ca,     TEXT, "/etc/ssl/certs/ca-certificates.crt", 0, 4000) \
	S(token_module,    TEXT, "",                  0,  4000) \
	S(token_label,     TEXT, "",                  0,    32) \
	S(token_object,    TEXT, "tocsin",            1,   180) \
	S(token_pin_file,  TEXT, "",                  0,  4000) \
	S(token_files,     TEXT, "",                  0,  4000) \
	S(log,             TEXT, "info",              1,    10) \
	S(log_origin,      TEXT, "",                  0,   128) \
	S(log_retention_days, INT, "3653",          366, 36525) \
	S(test_clock,      TEXT, "",                  0,  4000)

enum setting_kind { SETTING_TEXT, SETTING_INT, SETTING_BOOL };

struct setting {
	const char *name;
	enum setting_kind kind;
	const char *otherwise;
	int64_t min, max;
	const char *doc;                         /* message id */
};

#define SETTING_CONSTANT(name, kind, otherwise, min, max) SET_##name,
enum setting_id { SETTINGS(SETTING_CONSTANT) SET__MAX };
#undef SETTING_CONSTANT
extern const struct setting settings[SET__MAX];

struct conf {
	struct {
		struct str text;
		int64_t number;                  /* of INT and BOOL */
		const char *from;                /* message id: "conf.from.default", ".file", ".environment", ".flag" */
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
void conf_show(const struct conf *c, struct arena *a);   /* on standard output */
/* "[a whole number from 1 to 15; more]", for lists of settings. */
struct str setting_limits(const struct setting *s, struct arena *a, struct str more);

/* "127.0.0.1:8080", "[::1]:8080". True only for loopback when only_loopback. */
struct endpoint {
	char host[64];
	int port;
	bool loopback, v6;
};
bool endpoint_parse(struct str s, struct endpoint *ret_endpoint);

#endif
