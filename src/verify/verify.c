/* Files in, findings out. */
#include "verify/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (64 * 1024 * 1024)              /* of what is read whole; a bundle is read line by line */

/* Its texts live until the program ends. */
static struct trust trust;

/* The whole file; without p when it cannot be read, which has been said then. */
static struct cursor
read_whole(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *p = malloc(FILE_MAX);
	size_t n = f && p ? fread(p, 1, FILE_MAX, f) : 0;
	int error = !f || !p || ferror(f) ? errno : n == FILE_MAX ? EFBIG : 0;

	if (f)
		fclose(f);
	if (error == 0)
		return (struct cursor){ p, p + n, REFUSAL_NONE };
	free(p);
	tell(SAY_FILE, { path, strlen(path) }, { strerror(error), strlen(strerror(error)) });
	return (struct cursor){ NULL, NULL, REFUSAL_NONE };
}

static struct str
whole(const struct cursor *c)
{
	return (struct str){ c->p, (size_t)(c->end - c->p) };
}

/* Says why and where; the exit status. */
static int
refused(enum refusal why, enum say where, const char *path, int64_t at)
{
	int status = tell_refusal(why);

	tell(where, { path, strlen(path) }, tell_int(at));
	return status;
}

static int
load_keys(const char *path, struct keyring *keys)
{
	struct cursor c = read_whole(path);
	enum refusal why;
	int line;

	if (!c.p)
		return 2;
	why = keys_read(whole(&c), keys, &line);
	return why == REFUSAL_NONE ? 0 : refused(why, SAY_AT_LINE, path, line);
}

/* What to compare with. Of the checkpoint the log's own signature is asked for, witnesses are not. */
static int
load_older(const struct request *q)
{
	static struct proved older;
	static struct consistency consistency;
	struct cursor c = read_whole(q->older);
	enum refusal why;
	char *begin;

	if (!c.p)
		return 2;
	why = check_checkpoint(&trust, whole(&c), &older);
	if (why != REFUSAL_NONE)
		return refused(why, SAY_IN_FILE, q->older, 0);
	trust.older = &older.checkpoint;
	if (!q->consistency)
		return 0;
	c = read_whole(q->consistency);
	begin = c.p;
	if (!begin)
		return 2;
	if (!consistency_read(&c, &consistency))
		return refused(c.refusal, SAY_AT_BYTE, q->consistency, c.p - begin);
	trust.consistency = &consistency;
	return 0;
}

/* ---- one receipt, one checkpoint ---- */

static int
run_receipt(const struct request *q, struct cursor *c)
{
	static struct receipt r;
	char *begin = c->p;
	struct proved proved;
	struct record record;
	enum refusal why;
	int status;

	if (!receipt_read(c, &r))
		return refused(c->refusal, SAY_AT_BYTE, q->file, c->p - begin);
	why = check_receipt(&trust, &r, &proved, &record);
	if (why == REFUSAL_NONE) {
		tell_receipt(&proved, &record, &r);
		return 0;
	}
	status = tell_refusal(why);
	if (why == REFUSAL_NO_CHECKPOINT && r.due.p)
		tell(SAY_DUE, r.due);
	return status;
}

static int
run_checkpoint(const struct cursor *c)
{
	struct proved proved;
	enum refusal why = check_checkpoint(&trust, whole(c), &proved);

	if (why != REFUSAL_NONE)
		return tell_refusal(why);
	tell_checkpoint(&proved);
	return 0;
}

/* ---- a bundle ---- */

static int
run_bundle(const struct request *q, FILE *f)
{
	struct bundle_check b = { .trust = &trust };
	enum refusal why = REFUSAL_NONE;
	char *line = NULL, *heading = NULL;
	size_t cap = 0;
	ssize_t n;
	int status = 0;

	while (why == REFUSAL_NONE && (n = getline(&line, &cap, f)) > 0) {
		why = bundle_check_line(&b, line, (size_t)n);
		if (!heading) {                  /* its texts stay */
			heading = line;
			line = NULL;
			cap = 0;
		}
	}
	if (why == REFUSAL_NONE && !b.ended)
		why = REFUSAL_SHORT;
	if (why == REFUSAL_NONE)
		tell_bundle(&b);
	else
		status = refused(why, SAY_AT_LINE, q->file, b.lines);
	if (why == REFUSAL_NO_CHECKPOINT && b.heading.due.p)
		tell(SAY_DUE, b.heading.due);
	free(line);
	free(heading);
	return status;
}

/* ---- the command line ---- */

bool
verify_asked(int argc, char **argv, struct request *q)
{
	bool good = true;

	tell_locale();
	*q = (struct request){ .witnesses = 0 };
	for (int i = 1; good && i < argc; i++) {
		const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
		bool option = name[0] == '-';

		if (!option && !q->file)
			q->file = name;
		else if (!option || !value)
			good = false;
		else if (!strcmp(name, "--key") && !q->key)
			q->key = value;
		else if (!strcmp(name, "--checkpoint") && !q->older)
			q->older = value;
		else if (!strcmp(name, "--consistency") && !q->consistency)
			q->consistency = value;
		else if (!strcmp(name, "--witness") && q->witnesses < WITNESSES_MAX)
			q->witness[q->witnesses++] = value;
		else
			good = !strcmp(name, "--lang") && tell_lang(value);
		i += option;
	}
	if (good && q->file && q->key)
		return true;
	tell(SAY_USAGE, { argv[0], strlen(argv[0]) });
	return false;
}

const struct trust *
verify_trust(const struct request *q, int *ret_status)
{
	*ret_status = load_keys(q->key, &trust.keys);
	if (*ret_status == 0 && q->older)
		*ret_status = load_older(q);
	for (int i = 0; i < q->witnesses && *ret_status == 0; i++, trust.witnesses++)
		*ret_status = load_keys(q->witness[i], &trust.witness[i]);
	return *ret_status == 0 ? &trust : NULL;
}

int
verify_run(int argc, char **argv)
{
	static const char bundle[] = "{\"format\":\"tocsin-bundle/1";
	char head[sizeof(bundle)] = "";
	struct request q;
	struct cursor c;
	int status = 2;
	FILE *f;

	if (!verify_asked(argc, argv, &q) || !verify_trust(&q, &status))
		return status;
	f = fopen(q.file, "rb");
	if (f && fread(head, 1, sizeof(head) - 1, f) == sizeof(head) - 1 && !strcmp(head, bundle)) {
		rewind(f);
		status = run_bundle(&q, f);
	} else {
		c = read_whole(q.file);
		status = !c.p ? 2 : head[0] == '{' ? run_receipt(&q, &c) : run_checkpoint(&c);
	}
	if (f)
		fclose(f);
	return status;
}
