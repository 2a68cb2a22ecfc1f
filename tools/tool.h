/* What the build's small programs share. */
#ifndef TOOLS_TOOL_H
#define TOOLS_TOOL_H

#include "base/err.h"

/* The whole file; false with FAULT_FILE and the reason. */
bool tool_read(struct arena *a, const char *path, struct str *ret_text, struct err *err);

struct file_list {
	const char **paths;                      /* sorted */
	size_t n, cap;
};
/*
 * All regular files below a directory, without those whose name begins with a dot. Directories
 * visited are put into dirs when that is not NULL. A directory that is not there has no files.
 */
void tool_files(struct arena *a, const char *dir, struct file_list *files, struct file_list *dirs);
/* Replaces what the file says. */
bool tool_write(const char *path, struct str text, struct err *err);
/* Says on standard error what is wrong; returns 1, for main(). */
int tool_fail(const char *tool, const struct err *err);
/* s as a C string literal with its quotes. */
void tool_literal(struct buf *b, struct str s);
/* A make rule: target depends on all these. */
struct str tool_depfile(struct arena *a, const char *target, const struct file_list *files, const struct file_list *dirs);

#endif
