/* Keys: which are trusted, and when. */
#include "ledger/keys.h"

#include <string.h>

#include "ledger/take.h"

static const char head_key[] = "tocsin-key/1", head_compromised[] = "tocsin-key-compromised/1";

static bool
stamp_line(struct str *rest, const char *name, int64_t *ret_time)
{
	struct str line;

	return take_line(rest, &line) && take_prefix(&line, name) && read_stamp(line, ret_time);
}

enum refusal
key_statement_read(struct str note, struct key_statement *ret_statement)
{
	struct key_statement s = { .until = INT64_MAX };
	struct str rest, line;
	enum refusal why = note_read(note, &s.note);

	if (why != REFUSAL_NONE)
		return why;
	rest = s.note.text;
	if (!take_line(&rest, &line))
		return REFUSAL_NOTE;
	s.compromised = same_c(line, head_compromised);
	if ((!s.compromised && !same_c(line, head_key)) || !take_line(&rest, &line) ||
	    !take_prefix(&line, "key "))
		return REFUSAL_NOTE;
	why = note_key_read(line, &s.key);
	if (why != REFUSAL_NONE)
		return why;
	if (!stamp_line(&rest, "from ", &s.from) ||
	    (!s.compromised && !stamp_line(&rest, "until ", &s.until)) ||
	    !stamp_line(&rest, "stated ", &s.stated))
		return REFUSAL_TIME;
	if (rest.n || s.from >= s.until)
		return REFUSAL_NOTE;
	*ret_statement = s;
	return REFUSAL_NONE;
}

enum refusal
signer_valid(const struct signer *s, int64_t time)
{
	return time >= s->compromised ? REFUSAL_KEY_COMPROMISED :
	    time < s->from ? REFUSAL_KEY_EARLY :
	    time < s->until ? REFUSAL_NONE : REFUSAL_KEY_EXPIRED;
}

/* The key's place; a new one when it is not there yet, NULL when there is no room. */
static struct signer *
signer_of(struct keyring *keys, const struct note_key *key)
{
	for (int i = 0; i < keys->n; i++)
		if (note_key_same(&keys->signer[i].key, key))
			return &keys->signer[i];
	if (keys->n == KEYS_MAX)
		return NULL;
	keys->signer[keys->n] = (struct signer){ *key, INT64_MIN, INT64_MAX, INT64_MAX };
	return &keys->signer[keys->n++];
}

static bool
vouched(const struct keyring *keys, const struct key_statement *s)
{
	for (int i = 0; i < keys->n; i++) {
		const struct signer *by = &keys->signer[i];
		bool own = s->compromised && note_key_same(&by->key, &s->key);

		if (same(by->key.name, s->key.name) && by->key.kind != KEY_WITNESS &&
		    (own || signer_valid(by, s->stated) == REFUSAL_NONE) &&
		    note_verify(&s->note, &by->key, NULL) == REFUSAL_NONE)
			return true;
	}
	return false;
}

static enum refusal
state(struct keyring *keys, struct str note)
{
	struct key_statement s;
	struct signer *about;
	enum refusal why = key_statement_read(note, &s);

	if (why != REFUSAL_NONE)
		return why;
	if (!vouched(keys, &s))
		return REFUSAL_STATEMENT;
	about = signer_of(keys, &s.key);
	if (!about)
		return REFUSAL_KEYS_MANY;
	if (!s.compromised)
		*about = (struct signer){ about->key, s.from, s.until, about->compromised };
	else if (s.from < about->compromised)
		about->compromised = s.from;
	return REFUSAL_NONE;
}

/* A note at the beginning of *rest: up to the last of its signature lines. */
static struct str
take_note(struct str *rest)
{
	struct str note = *rest, line;
	bool signatures = false;

	while (rest->n && (!signatures || rest->p[0] == '\xe2') && take_line(rest, &line))
		signatures = signatures || line.n == 0;
	note.n = (size_t)(rest->p - note.p);
	return note;
}

enum refusal
keys_read(struct str file, struct keyring *ret_keys, int *ret_line)
{
	struct keyring keys = { .n = 0 };
	struct note_key key;
	struct str rest = file, at = file, line;
	enum refusal why = REFUSAL_NONE;

	*ret_line = 1;
	while (why == REFUSAL_NONE && rest.n) {
		at = rest;
		if (!take_line(&rest, &line)) {
			why = REFUSAL_SHORT;
		} else if (same_c(line, head_key) || same_c(line, head_compromised)) {
			rest = at;
			why = state(&keys, take_note(&rest));
		} else if (line.n && line.p[0] != '#') {
			why = note_key_read(line, &key);
			if (why == REFUSAL_NONE && !signer_of(&keys, &key))
				why = REFUSAL_KEYS_MANY;
		}
	}
	if (why == REFUSAL_NONE && keys.n == 0)
		why = REFUSAL_NO_KEY;
	if (why == REFUSAL_NONE)
		*ret_keys = keys;
	for (const char *p = file.p; why != REFUSAL_NONE && p < at.p; p++)
		*ret_line += *p == '\n';
	return why;
}

enum refusal
keys_verify(const struct keyring *keys, const struct checkpoint *c, const struct signer **ret_signer)
{
	enum refusal why = REFUSAL_ORIGIN, one;

	for (int i = 0; i < keys->n; i++) {
		const struct signer *s = &keys->signer[i];

		if (!same(s->key.name, c->origin) || s->key.kind == KEY_WITNESS)
			continue;
		one = note_verify(&c->note, &s->key, NULL);
		if (one == REFUSAL_NONE)
			one = signer_valid(s, c->time);
		if (one == REFUSAL_NONE)
			*ret_signer = s;
		if (one == REFUSAL_NONE || one == REFUSAL_SIGNATURE)
			return one;
		/* what is most worth saying: why a key that did sign does not count */
		if (one != REFUSAL_NOT_SIGNED || why == REFUSAL_ORIGIN)
			why = one;
	}
	return why;
}
