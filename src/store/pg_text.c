/*
 * One text serves both engines; what PostgreSQL says differently is put in by rule: types, STRICT and WITHOUT
 * ROWID and the triggers that refuse in migrations; LIKE, which SQLite takes without regard to the case of
 * ASCII letters, and CROSS JOIN, by which SQLite keeps an order, in statements. What no rule can say has a
 * text of its own: sections of migrations (migrate.c), rows in statements/postgresql.h.
 */
#include "store/pg.h"
#include "store/statements/postgresql.h"

struct word {
	const char *from, *to;
};

static const struct word in_statements[] = {
	{ " LIKE ", " ILIKE " },
	{ "CROSS JOIN", "JOIN" },
	{ NULL, NULL },
};

/* Texts compare by bytes, whatever the database was made with: lists go on where they stopped. */
static const struct word in_migrations[] = {
	{ " INTEGER", " bigint" },
	{ " TEXT", " text COLLATE \"C\"" },
	{ " BLOB", " bytea" },
	{ " STRICT, WITHOUT ROWID", "" },
	{ " STRICT", "" },
	{ NULL, NULL },
};

/* The length of a comment or a quoted text at the beginning; 0: neither. */
static size_t
inert(struct str s)
{
	size_t n = 1;

	if (str_starts(s, STR("--"))) {
		while (n < s.n && s.p[n] != '\n')
			n++;
		return n;
	}
	if (s.n == 0 || s.p[0] != '\'')
		return 0;
	while (n < s.n && (s.p[n] != '\'' || (n + 1 < s.n && s.p[n + 1] == '\'')))
		n += s.p[n] == '\'' ? 2 : 1;    /* two of them are one in the text */
	return n < s.n ? n + 1 : n;
}

/* Takes the next word, up to a semicolon, a quoted text being part of one, off *rest. */
static struct str
next_word(struct str *rest)
{
	struct str s = *rest;
	size_t n = 0;

	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\n' || s.p[0] == '\t'))
		s = str_from(s, 1);
	n = inert(s);
	while (n < s.n && s.p[n] != ' ' && s.p[n] != '\n' && s.p[n] != '\t' && s.p[n] != '\'')
		if (s.p[n++] == ';')
			break;
	*rest = str_from(s, n);
	return str_first(s, n);
}

/*
 * CREATE TRIGGER name BEFORE UPDATE ON table BEGIN SELECT raise(ABORT, 'words'); END;
 * and the same with DELETE: the store's function refuses with those words. How long it was, 0: something else.
 */
static size_t
put_refusal(struct buf *b, struct str s)
{
	static const char *const wanted[] = { "CREATE", "TRIGGER", NULL, "BEFORE", NULL, "ON", NULL, "BEGIN",
		"SELECT", "raise(ABORT,", NULL, "END;" };
	struct str rest = s, words[12];

	for (int i = 0; i < 12; i++) {
		words[i] = next_word(&rest);
		if (wanted[i] && !str_is(words[i], wanted[i]))
			return 0;
	}
	buf_printf(b, "CREATE TRIGGER %.*s BEFORE %.*s%s ON %.*s EXECUTE FUNCTION never(%.*s;", STR_FMT(words[2]),
	    STR_FMT(words[4]), str_is(words[4], "DELETE") ? " OR TRUNCATE" : "", STR_FMT(words[6]),
	    STR_FMT(str_first(words[10], words[10].n - 1)));
	return (size_t)(rest.p - s.p);
}

static void
put_replaced(struct buf *b, struct str s, const struct word *words)
{
	while (s.n > 0) {
		const struct word *w = words;
		size_t n = inert(s);

		if (n == 0 && words == in_migrations && str_starts(s, STR("CREATE TRIGGER"))) {
			size_t refusal = put_refusal(b, s);

			if (refusal > 0) {
				s = str_from(s, refusal);
				continue;
			}
		}
		while (n == 0 && w->from && !str_starts(s, str_c(w->from)))
			w++;
		if (n == 0 && w->from) {
			buf_c(b, w->to);
			s = str_from(s, str_c(w->from).n);
			continue;
		}
		n = n ? n : 1;
		buf_put(b, str_first(s, n));
		s = str_from(s, n);
	}
}

static struct str
replaced(struct str s, const struct word *words, struct arena *a)
{
	struct buf b = { .arena = a };

	put_replaced(&b, s, words);
	buf_char(&b, '\0');
	return str_first(buf_str(&b), b.n - 1);
}

struct str
pg_migration(struct str text, struct arena *a)
{
	return replaced(text, in_migrations, a);
}

/* Statements that need a text of their own. */
static const char *const own_texts[S__MAX] = {
#define OWN_TEXT(constant, sql) [constant] = sql,
	POSTGRESQL_TEXTS(OWN_TEXT)
#undef OWN_TEXT
};

struct str
pg_statement(const struct store *st, int stmt, struct arena *a)
{
	struct stmt_text text;

	statement_text(st, stmt, &text);
	if (stmt < S__MAX && own_texts[stmt])
		return str_c(own_texts[stmt]);
	return replaced(str_c(text.sql), in_statements, a);
}
