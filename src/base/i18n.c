#include "base/i18n.h"

#include <stdatomic.h>
#include <string.h>

#include "base/arena.h"
#include "base/catalogue.h"
#include "base/log.h"

static _Atomic int64_t missing;

const char *
lang_tag(enum lang l)
{
	return l == LANG_EN ? "en" : "zh-TW";
}

/* The primary subtag decides: whoever asks for any Chinese or any English gets the one there is. */
bool
lang_parse(struct str tag, enum lang *ret_lang)
{
	struct str primary;

	if (!str_split(&tag, '-', &primary) || primary.n != 2)
		return false;
	if (strncasecmp(primary.p, "zh", 2) == 0)
		*ret_lang = LANG_ZH;
	else if (strncasecmp(primary.p, "en", 2) == 0)
		*ret_lang = LANG_EN;
	else
		return false;
	return true;
}

/* "0.8" in thousandths; what is no weight counts as 0. */
static int
weight_of(struct str s)
{
	int weight = 0, unit = 1000;

	for (; s.n; s = str_from(s, 1)) {
		if (s.p[0] == '.')
			continue;
		if (s.p[0] < '0' || s.p[0] > '9')
			return 0;
		weight += (s.p[0] - '0') * unit;
		unit /= 10;
	}
	return weight;
}

/* The weight of "en-GB;q=0.8", whose tag is taken off. */
static int
take_weight(struct str *range)
{
	struct str rest = *range, part;
	int weight = 1000;

	str_split(&rest, ';', range);
	*range = str_trim(*range);
	while (str_split(&rest, ';', &part)) {
		part = str_trim(part);
		if (part.n > 2 && (part.p[0] | 32) == 'q' && part.p[1] == '=')
			weight = weight_of(str_from(part, 2));
	}
	return weight;
}

enum lang
lang_accept(struct str accept_language, enum lang otherwise)
{
	enum lang best = otherwise, l;
	int best_weight = 0;
	struct str range;

	while (str_split(&accept_language, ',', &range)) {
		int weight = take_weight(&range);

		if (weight > best_weight && lang_parse(range, &l)) {
			best = l;
			best_weight = weight;
		}
	}
	return best;
}

static const struct message *
find(const char *id)
{
	size_t n = strlen(id), i = catalogue_hash(id, n);

	for (;; i++) {
		const struct message *m = &catalogue[i & (catalogue_slots - 1)];

		if (!m->id)
			return NULL;
		if (m->id_length == n && memcmp(m->id, id, n) == 0)
			return m;
	}
}

bool
msg_has(const char *id)
{
	return find(id) != NULL;
}

struct str
msg(enum lang l, const char *id)
{
	const struct message *m = find(id);

	if (m)
		return m->text[l];
	atomic_fetch_add(&missing, 1);
	log_line(LOG_ERROR, "no message has the id %s", id);
	return str_c(id);
}

int64_t
msg_missing_count(void)
{
	return atomic_load(&missing);
}

static const struct msg_arg *
find_arg(const struct msg_arg *args, struct str name)
{
	for (; args->name; args++)
		if (str_is(name, args->name))
			return args;
	return NULL;
}

struct str
msg_fill(struct arena *a, enum lang l, const char *id, const struct msg_arg *args)
{
	struct buf b = { .arena = a };
	struct str rest = msg(l, id), text, name;

	/* what stands before a "{" is text; between it and the next "}" a name, when there is such an argument */
	while (str_split(&rest, '{', &text)) {
		const struct msg_arg *arg = NULL;
		struct str after = rest;

		buf_put(&b, text);
		if (!rest.p)
			break;
		if (str_split(&after, '}', &name) && after.p)
			arg = find_arg(args, name);
		if (arg) {
			buf_put(&b, arg->text);
			rest = after;
		} else {
			buf_char(&b, '{');
		}
	}
	return buf_str(&b);
}
