/*
 * Words for the text index. Chinese has no blanks between words, so that each pair of neighbouring characters
 * is a token: two characters are the shortest word that is looked for, and a longer one is all of its pairs.
 * Everything else is words, in lower case; a compound (an address, a number, a host) is a token as a whole
 * and in its parts.
 */
#include "desk/work.h"

#define TOKENS_MOST 6000        /* of one report: what comes later in a very long text is not found */
#define QUERY_MOST 24

struct terms {
	struct buf out;
	int n, most;
	bool query;
	struct str last;        /* the newest word of a query: it may be unfinished */
};

enum letter { OTHER, HAN, WORD, JOINT };

/* Han, kana, bopomofo and hangul go by pairs; a joint holds a compound together. */
static enum letter
letter_of(int32_t c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_')
		return WORD;
	if (c == '.' || c == '-' || c == ':' || c == '@' || c == '/')
		return JOINT;
	if (c < 0xc0 || c == 0xd7 || c == 0xf7)
		return OTHER;
	if ((c >= 0x3040 && c <= 0x31ff) || (c >= 0x3400 && c <= 0x9fff) || (c >= 0xac00 && c <= 0xd7af) ||
	    (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff) || c == 0x3005 || c == 0x3007)
		return HAN;
	if ((c >= 0x2000 && c <= 0x303f) || (c >= 0xfe10 && c <= 0xfe6f) || c > 0xffff)
		return OTHER;
	return WORD;
}

/*
 * Full width letters and digits as their narrow ones; the alphabets that people mix in are lowered where that
 * is one to one.
 */
static int32_t
folded(int32_t c)
{
	if (c >= 0xff01 && c <= 0xff5e)
		c -= 0xfee0;
	if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) ||
	    (c >= 0x410 && c <= 0x42f))
		c += 32;
	return c;
}

static void
put(struct terms *t, struct str token)
{
	if (t->n++ >= t->most)
		return;
	if (t->out.n)
		buf_char(&t->out, ' ');
	if (t->query)
		buf_char(&t->out, '"');
	buf_put(&t->out, token);
	if (t->query)
		buf_char(&t->out, '"');
}

/*
 * A run of Han: its pairs. One alone is itself; the last of a run too, so that a search for one character
 * finds it.
 */
static void
put_han(struct terms *t, struct str run)
{
	struct str rest = run, at = run;
	size_t n = 0;

	if (utf8_length(run) == 1) {
		put(t, run);
		t->last = t->query ? run : STR_NONE;
		return;
	}
	t->last = STR_NONE;
	utf8_next(&rest);
	while (rest.n) {
		size_t first = (size_t)(rest.p - at.p);

		utf8_next(&rest);
		n = rest.n ? (size_t)(rest.p - at.p) : at.n;
		put(t, str_first(at, n));
		at = str_from(at, first);
	}
	if (!t->query)
		put(t, at);
}

static bool
joint(char c)
{
	return c == '.' || c == '-' || c == ':' || c == '@' || c == '/';
}

static bool
outer_joint(char c)
{
	return c == '@' || c == '/';
}

static struct str
without_joints(struct str run)
{
	while (run.n && joint(run.p[run.n - 1]))
		run.n--;
	while (run.n && joint(run.p[0]))
		run = str_from(run, 1);
	return run;
}

/* The pieces of a compound between its joints; nothing when there are none. */
static void
put_pieces(struct terms *t, struct str run, bool (*between)(char c))
{
	size_t from = 0;

	for (size_t i = 0; i <= run.n; i++) {
		struct str piece = { run.p + from, i - from };

		if (i < run.n && !between(run.p[i]))
			continue;
		piece = without_joints(piece);
		if (piece.n && piece.n < run.n)
			put(t, piece);
		from = i + 1;
	}
}

/* An address or a date is looked for as it stands: its digits alone would be everywhere. */
static bool
numeric(struct str run)
{
	for (size_t i = 0; i < run.n; i++)
		if (!joint(run.p[i]) && (run.p[i] < '0' || run.p[i] > '9') &&
		    (run.p[i] < 'a' || run.p[i] > 'f'))
			return false;
	return true;
}

static bool
compound(struct str run)
{
	for (size_t i = 0; i < run.n; i++)
		if (joint(run.p[i]))
			return true;
	return false;
}

static void
put_word(struct terms *t, struct str run)
{
	run = without_joints(run);
	if (!run.n)
		return;
	t->last = run;
	if (t->query && compound(run) && !numeric(run)) {
		put_pieces(t, run, joint);
		return;
	}
	put(t, run);
	if (t->query || !compound(run))
		return;
	put_pieces(t, run, outer_joint);
	put_pieces(t, run, joint);
}

static void
put_text(struct terms *t, struct str text)
{
	struct buf run = { .arena = t->out.arena };
	enum letter of = OTHER;
	int32_t c;

	do {
		enum letter l;

		c = utf8_next(&text);
		if (c >= 0)
			c = folded(c);
		l = c < 0 ? OTHER : letter_of(c);
		if (l == JOINT)
			l = of == WORD ? WORD : OTHER;
		if (l != of && run.n) {
			if (of == HAN)
				put_han(t, buf_str(&run));
			else
				put_word(t, buf_str(&run));
			run = (struct buf){ .arena = t->out.arena };
		}
		of = l;
		if (l != OTHER)
			buf_code(&run, c);
	} while (c >= 0);
}

struct str
terms_org(struct arena *a, int64_t org)
{
	return arena_printf(a, "org_%lld", (long long)org);
}

struct str
terms_cert(struct arena *a, int64_t cert)
{
	return arena_printf(a, "cert_%lld", (long long)cert);
}

struct str
terms_of(struct arena *a, const struct report *r)
{
	struct terms t = { .out = { .arena = a }, .most = TOKENS_MOST };

	put(&t, terms_org(a, r->org_id));
	put(&t, terms_cert(a, r->cert_id));
	for (int i = 0; i < entity_report.n; i++) {
		const struct field *f = &entity_report.fields[i];

		if ((f->flags & SEARCHED) && field_given(f, r))
			put_text(&t, *field_str(f, (void *)(uintptr_t)r));
	}
	return buf_str(&t.out);
}

bool
terms_differ(const struct report *a, const struct report *b)
{
	if (a->org_id != b->org_id || a->cert_id != b->cert_id)
		return true;
	for (int i = 0; i < entity_report.n; i++) {
		const struct field *f = &entity_report.fields[i];

		if ((f->flags & SEARCHED) && !str_eq(*field_str(f, (void *)(uintptr_t)a),
		    *field_str(f, (void *)(uintptr_t)b)))
			return true;
	}
	return false;
}

/* The last word may be unfinished: whatever begins so. */
struct str
terms_query(struct arena *a, struct str typed)
{
	struct terms t = { .out = { .arena = a }, .most = QUERY_MOST, .query = true };

	put_text(&t, typed);
	if (t.last.p && t.n <= t.most)
		buf_c(&t.out, " *");
	return buf_str(&t.out);
}
