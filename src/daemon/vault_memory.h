/* What a vault remembers: for which log it is, and of each log the last that it signed. The file "signed". */
#ifndef DAEMON_VAULT_MEMORY_H
#define DAEMON_VAULT_MEMORY_H

#include "desk/signer.h"

#define VAULT_LOGS_MAX 64

struct vault_last {
	char origin[SIGNER_NAME_MAX];
	int64_t size, time;              /* time NO_TIME: nothing was signed yet */
	unsigned char root[32];
};
struct vault_memory {
	char origin[SIGNER_NAME_MAX];    /* "": not known yet */
	bool made[2];                    /* a key of the log, of the witness, was asked for before */
	int n;
	struct vault_last logs[VAULT_LOGS_MAX];
};

/* Empty when there is no file. FAULT_FILE: it is damaged; then nothing may be signed. */
bool vault_memory_load(int dir, struct vault_memory *ret_memory, struct err *err);
/* On disk when it returns. */
bool vault_memory_save(int dir, const struct vault_memory *m, struct err *err);
/* The last of this log, a new one if there is none; NULL: there is no room. */
struct vault_last *vault_memory_of(struct vault_memory *m, const char *origin);
/* A file of 0600, whole or not there at all. fresh: refuses to replace one. */
bool vault_file_write(int dir, const char *name, struct str content, bool fresh, struct err *err);

#endif
