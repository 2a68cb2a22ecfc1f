/* Telling a person. */
#include "verify/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const sentences[][2] = {
#define WORD_TEXTS(constant, en, zh) { en, zh },
	WORDS(WORD_TEXTS)
};
static const struct { int status; const char *text[2]; } refusals[] = {
#define REFUSAL_TEXTS(constant, status, en, zh) { status, { en, zh } },
	REFUSALS(REFUSAL_TEXTS)
};

static const char *const types[][3] = {
#define TYPE_TEXTS(type, en, zh) { type, en, zh },
	TYPES(TYPE_TEXTS)
};

static int chinese;                              /* 0 English, 1 Chinese */

bool
tell_lang(const char *tag)
{
	chinese = !strncmp(tag, "zh", 2);
	return chinese || !strncmp(tag, "en", 2);
}

void
tell_locale(void)
{
	static const char *const names[] = { "LANG", "LC_MESSAGES", "LC_ALL" };

	for (int i = 0; i < 3; i++)
		if (getenv(names[i]) && *getenv(names[i]))
			tell_lang(getenv(names[i]));
}

/* Without what would steer a terminal or turn the writing round: C0, C1, and U+200E..F, 202A..E, 2066..9. */
static void
put(struct str s)
{
	unsigned long code;

	for (int i = 0, used; i < (int)s.n; i += used > 1 ? used : 1) {
		used = read_code(s, (size_t)i, &code);
		if (used < 1 || code < ' ' || code == 0x7f)
			printf("\\x%02x", (unsigned char)s.p[i]);
		else if (code - 0x80 >= 0x20 && code - 0x200e >= 2 && code - 0x202a >= 5 && code - 0x2066 >= 4)
			fwrite(s.p + i, 1, (size_t)used, stdout);
	}
}

/* Canonical JSON, each member of the object on a line of its own. */
static void
put_members(struct str json)
{
	bool text = false;
	int depth = 0;

	for (size_t i = 0, from = 1; i < json.n; i++) {
		char c = json.p[i];

		text ^= c == '"';
		i += text && c == '\\';
		depth += text ? 0 : (c == '{' || c == '[') - (c == '}' || c == ']');
		if (text || depth > 1 || (c != ',' && depth > 0))
			continue;
		tell(SAY_MEMBER, { json.p + from, i - from });
		from = i + 1;
	}
}

void
tell_with(enum say say, const struct str *arg)
{
	for (const char *p = sentences[say][chinese]; *p; p++)
		if (p[0] == '{' && p[1] >= '0' && p[1] <= '9' && p[2] == '}') {
			put(arg[p[1] - '0']);
			p += 2;
		} else
			putchar(*p);
	putchar('\n');
}

static struct str
text(const char *c)
{
	return (struct str){ c, strlen(c) };
}

static char rooms[10][32];
static unsigned room;

struct str
tell_int(int64_t n)
{
	char *p = rooms[room++ % 10];

	snprintf(p, sizeof(rooms[0]), "%lld", (long long)n);
	return text(p);
}

struct str
tell_time(int64_t t)
{
	time_t seconds = (time_t)(t / 1000000);
	char *p = rooms[room++ % 10];
	struct tm tm;

	strftime(p, sizeof(rooms[0]), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &tm));
	return text(p);
}

static struct str
tell_id(const struct note_key *key)
{
	char *p = rooms[room++ % 10];

	snprintf(p, sizeof(rooms[0]), "%02x%02x%02x%02x", key->id[0], key->id[1], key->id[2], key->id[3]);
	return text(p);
}

int
tell_refusal(enum refusal why)
{
	tell(refusals[why].status == 1 ? SAY_REFUSED : SAY_UNUSABLE, text(refusals[why].text[chinese]));
	return refusals[why].status;
}

/* Under which signatures, and what stays open; hidden: records without their details. */
static void
tell_signed(const struct proved *p, int64_t hidden)
{
	const struct checkpoint *c = &p->checkpoint;

	tell(SAY_SIGNED, tell_int(c->size), tell_time(c->time), p->signer.key.name, tell_id(&p->signer.key));
	for (int i = 0; i < p->seen_n; i++)
		tell(SAY_WITNESSED, p->seen[i].key->name, tell_id(p->seen[i].key), tell_time(p->seen[i].time));
	if (p->older)
		tell(SAY_SAME_LOG, tell_int(p->older->size), tell_time(p->older->time));
	tell(SAY_NOT);
	tell(SAY_NOT_TRUE);
	tell(SAY_NOT_KEY);
	tell(p->seen_n ? SAY_NOT_CLOCK_BEFORE : SAY_NOT_CLOCK, tell_time(p->seen_n ? p->seen[0].time : 0));
	if (!p->seen_n)
		tell(SAY_NOT_WITNESSED);
	if (p->unknown > 0)
		tell(SAY_NOT_OTHERS, tell_int(p->unknown));
	if (p->signer.compromised != INT64_MAX)
		tell(SAY_NOT_COMPROMISED, tell_time(p->signer.compromised));
	if (hidden > 0)
		tell(SAY_NOT_DETAILS, tell_int(hidden));
	tell(SAY_NOT_LATER);
}

void
tell_checkpoint(const struct proved *p)
{
	tell(SAY_CHECKPOINT, p->checkpoint.origin, tell_int(p->checkpoint.size));
	tell_signed(p, 0);
}

void
tell_receipt(const struct proved *p, const struct record *r, const struct receipt *receipt)
{
	struct sha256 leaf = merkle_leaf(receipt->record);
	char words[SHA256_WORDS];

	tell(SAY_HOLDS, r->log, tell_int(r->seq));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (same_c(r->type, types[i][0]) && same_c(r->result, "done"))
			tell(SAY_TYPE, text(types[i][1 + chinese]));
	tell(SAY_RECORD, r->type, r->entity, r->object, r->result, r->name, r->account, r->org, r->time);
	tell(SAY_LEAF, text(sha256_words(&leaf, words)));
	if (r->reason.n)
		tell(SAY_REASON, r->reason);
	if (receipt->details.p) {
		tell(SAY_DETAILS);
		put_members(receipt->details);
	}
	tell_signed(p, r->details.n && !receipt->details.p);
}

void
tell_bundle(const struct bundle_check *b)
{
	tell(b->whole ? SAY_WHOLE : SAY_ENTRIES, b->heading.origin, tell_int(b->entries));
	if (b->entries > 0)
		tell(SAY_SPAN, tell_time(b->first), tell_time(b->last));
	tell_signed(&b->proved, b->hidden);
	if (b->heading.kind.p)
		tell(b->whole ? SAY_NOT_HEADING : SAY_NOT_ALL, b->heading.subject);
	if (b->files > 0)
		tell(SAY_NOT_FILES, tell_int(b->files));
}
