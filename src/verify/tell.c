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
static const struct {
	int status;
	const char *text[2];
} refusals[] = {
#define REFUSAL_TEXTS(constant, status, en, zh) { status, { en, zh } },
	REFUSALS(REFUSAL_TEXTS)
};

static int chinese = -1;

bool
tell_lang(const char *tag)
{
	if (strncmp(tag, "zh", 2) && strncmp(tag, "en", 2))
		return false;
	chinese = tag[0] == 'z';
	return true;
}

/* 0 English, 1 Chinese. */
static int
lang(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *v = NULL;

	for (int i = 0; i < 3 && chinese < 0 && (!v || !*v); i++)
		v = getenv(names[i]);
	if (chinese < 0)
		chinese = v && !strncmp(v, "zh", 2);
	return chinese;
}

/* Without what would steer a terminal or turn the writing round: C0, C1, and U+200E..F, 202A..E, 2066..9. */
static void
put(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char *p = (const unsigned char *)s.p + i;
		size_t left = s.n - i;

		if (*p < ' ' || *p == 0x7f)
			printf("\\x%02x", *p);
		else if (left > 1 && p[0] == 0xc2 && p[1] < 0xa0)
			i++;
		else if (left > 2 && p[0] == 0xe2 && ((p[1] == 0x80 && (p[2] == 0x8e || p[2] == 0x8f ||
		    (p[2] >= 0xaa && p[2] <= 0xae))) || (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)))
			i += 2;
		else
			putchar(*p);
	}
}

void
tell_with(enum say say, const struct str *arg)
{
	for (const char *p = sentences[say][lang()]; *p; p++)
		if (p[0] == '{' && p[1] >= '0' && p[1] <= '9' && p[2] == '}') {
			put(arg[p[1] - '0']);
			p += 2;
		} else {
			putchar(*p);
		}
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

int
tell_refusal(enum refusal why)
{
	tell(refusals[why].status == 1 ? SAY_REFUSED : SAY_UNUSABLE, text(refusals[why].text[lang()]));
	return refusals[why].status;
}

int
tell_failure(const char *path, int error)
{
	tell(SAY_FILE, text(path), text(strerror(error)));
	return 2;
}

/* Under which signatures, and what stays open; hidden: records without their details. */
static void
tell_signed(const struct proved *p, int64_t hidden)
{
	const struct checkpoint *c = &p->checkpoint;
	const unsigned char *id = p->signer.key.id;
	char hex[9];

	snprintf(hex, sizeof(hex), "%02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
	tell(SAY_SIGNED, tell_int(c->size), tell_time(c->time), p->signer.key.name, text(hex));
	if (p->witnessed)
		tell(SAY_WITNESSED, tell_time(p->witnessed));
	if (p->older)
		tell(SAY_SAME_LOG, tell_int(p->older->size), tell_time(p->older->time));
	tell(SAY_NOT);
	tell(SAY_NOT_TRUE);
	tell(SAY_NOT_KEY);
	tell(p->witnessed ? SAY_NOT_CLOCK_BEFORE : SAY_NOT_CLOCK, tell_time(p->witnessed));
	if (!p->witnessed)
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
	tell(SAY_PROVED);
	tell(SAY_CHECKPOINT, p->checkpoint.origin, tell_int(p->checkpoint.size));
	tell_signed(p, 0);
}

void
tell_receipt(const struct proved *p, const struct record *r, const struct receipt *receipt)
{
	tell(SAY_PROVED);
	tell(SAY_HOLDS, r->log, tell_int(r->seq));
	tell(SAY_RECORD, r->type, r->entity, r->object, r->result, r->name, r->account, r->org, r->time);
	if (r->reason.n)
		tell(SAY_REASON, r->reason);
	if (receipt->details.p)
		tell(SAY_DETAILS, receipt->details);
	tell_signed(p, r->details.n && !receipt->details.p);
}

void
tell_bundle(const struct bundle_check *b)
{
	tell(SAY_PROVED);
	tell(b->whole ? SAY_WHOLE : SAY_ENTRIES, b->heading.origin, tell_int(b->entries));
	if (b->entries > 0)
		tell(SAY_SPAN, tell_time(b->first), tell_time(b->last));
	tell_signed(&b->proved, b->hidden);
	if (b->heading.kind.p)
		tell(b->whole ? SAY_NOT_HEADING : SAY_NOT_ALL, b->heading.subject);
	if (b->files > 0)
		tell(SAY_NOT_FILES, tell_int(b->files));
}
