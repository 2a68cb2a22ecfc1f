#include "daemon/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/command.h"
#include "model/entity.h"

enum lang
terminal_lang(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	enum lang l;

	for (int i = 0; i < 3; i++) {
		struct str v = str_c(getenv(names[i]));

		if (v.n)
			return lang_parse(str_first(v, 2), &l) ? l : LANG_EN;
	}
	return LANG_EN;
}

struct str
terminal_msg(const char *id)
{
	return msg(terminal_lang(), id);
}

struct str
told_int(struct arena *a, int64_t n)
{
	return arena_printf(a, "%lld", (long long)n);
}

/* Columns of a terminal: from Hangul Jamo on nearly everything that we print is wide. */
static int
columns(struct str s)
{
	int32_t c;
	int n = 0;

	while ((c = utf8_next(&s)) >= 0)
		n += c >= 0x1100 && !(c >= 0x2010 && c <= 0x2027) ? 2 : 1;
	return n;
}

struct str
terminal_pad(struct arena *a, struct str s, int width)
{
	struct buf b = { .arena = a };

	buf_put(&b, s);
	for (int n = columns(s); n < width; n++)
		buf_char(&b, ' ');
	return buf_str(&b);
}

bool
refuse(struct err *err, enum fault fault, struct str words)
{
	return err_setf(err, fault, "%.*s", STR_FMT(words));
}

void
terminal_kept(struct err *err, struct str kept)
{
	if (err->fault == FAULT_SILENT || err->fault == FAULT_DATABASE || err->fault == FAULT_STORE)
		err->detail = arena_printf(err->arena, "%.*s%s%.*s", STR_FMT(err->detail), err->detail.n ? "\n        " : "",
		    STR_FMT(kept));
}

/* What is said of a fault; of fields a page says that they are still there. */
static struct str
fault_text(const struct err *err, enum lang l, const char *part, const char *of_fields)
{
	char id[80];

	snprintf(id, sizeof(id), "fault.%s%s", fault_code(err->fault), part);
	return msg(l, err->fault == FAULT_FIELDS ? of_fields : id);
}

void
terminal_fault(const struct err *err)
{
	enum lang l = terminal_lang();
	struct str text = fault_text(err, l, "", "cli.fields");

	fprintf(stderr, "tocsin: %.*s\n", STR_FMT(text));
	if (err->detail.n)
		fprintf(stderr, "        %.*s\n", STR_FMT(err->detail));
	for (const struct field_err *f = err->fields; f; f = f->next) {
		text = field_err_text(err->arena, l, f);
		fprintf(stderr, "        %.*s: %.*s\n", STR_FMT(f->field), STR_FMT(text));
	}
	text = fault_text(err, l, ".do", "cli.fields.do");
	fprintf(stderr, "        %.*s\n", STR_FMT(text));
}

/* ---- the command line ---- */

int
command_failed(const struct err *err, int status)
{
	terminal_fault(err);
	return status;
}

int
command_confused(struct arena *a, const char *command, const char *word)
{
	struct str text;

	if (!word)
		text = told(a, "cli.incomplete", { "command", str_c(command) });
	else if (word[0] == '-')
		text = told(a, "cli.no_setting", { "word", str_c(word) });
	else
		text = told(a, "cli.confused", { "command", str_c(command) }, { "word", str_c(word) });
	fprintf(stderr, "tocsin: %.*s\n", STR_FMT(text));
	return 2;
}

bool
command_flag(int *argc, char **argv, const char *name)
{
	for (int i = 0; i < *argc; i++) {
		if (strcmp(argv[i], name))
			continue;
		memmove(argv + i, argv + i + 1, (size_t)(*argc - i - 1) * sizeof(*argv));
		(*argc)--;
		return true;
	}
	return false;
}

bool
command_value(struct arena *a, int *argc, char **argv, const char *name, const char **ret_value)
{
	return command_value_of(a, argc, argv, name, "conf.wants.file", ret_value);
}

bool
command_value_of(struct arena *a, int *argc, char **argv, const char *name, const char *wants, const char **ret_value)
{
	size_t n = strlen(name);
	struct str text;

	*ret_value = NULL;
	for (int i = 0; i < *argc; i++) {
		bool joined = !strncmp(argv[i], name, n) && argv[i][n] == '=';
		int words = joined ? 1 : 2;

		if (!joined && strcmp(argv[i], name))
			continue;
		if (!joined && i + 1 == *argc) {
			text = told(a, "conf.no_value", { "place", str_c(name) }, { "wants", terminal_msg(wants) });
			fprintf(stderr, "tocsin: %.*s\n", STR_FMT(text));
			return false;
		}
		*ret_value = joined ? argv[i] + n + 1 : argv[i + 1];
		memmove(argv + i, argv + i + words, (size_t)(*argc - i - words) * sizeof(*argv));
		*argc -= words;
		return true;
	}
	return true;
}
