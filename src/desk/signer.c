#include "desk/signer.h"

#include <string.h>

#include "base/time.h"

static signer_way *way;

struct sha256
signer_digest(struct str public)
{
	return sha256(public);
}

static bool
is_kind(int64_t kind)
{
	return kind == KEY_ED25519 || kind == KEY_P256 || kind == KEY_WITNESS;
}

/* NUL-terminated, with nothing behind it that was left from somewhere else. */
static bool
is_text(const char *s, size_t room)
{
	const char *end = memchr(s, '\0', room);

	for (const char *p = end; p && p < s + room; p++)
		if (*p)
			return false;
	return end != NULL;
}

/* A name of a key as it may stand in a note: visible ASCII without '+'. */
static bool
is_name(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~' || *s == '+')
			return false;
	return true;
}

bool
signer_ask_sound(const struct signer_ask *ask)
{
	bool subject = ask->act == SIGNER_STATE || ask->act == SIGNER_COMPROMISED;

	return ask->act >= SIGNER_LOOK && ask->act < SIGNER__MAX && is_text(ask->name, sizeof(ask->name)) &&
	    is_name(ask->name) && ask->size >= 0 && ask->public_n <= sizeof(ask->public) &&
	    (ask->act == SIGNER_MAKE || subject ? is_kind(ask->kind) : ask->kind == 0) &&
	    (subject ? ask->public_n > 1 && ask->public[0] == ask->kind : ask->public_n == 0);
}

bool
signer_said_sound(const struct signer_said *said)
{
	return said->fault >= FAULT_NONE && said->fault < FAULT__MAX && said->n <= sizeof(said->bytes) &&
	    is_text(said->detail, sizeof(said->detail)) && utf8_ok(str_c(said->detail));
}

void
signer_set(signer_way *to)
{
	way = to;
}

bool
signer_ask(const struct signer_ask *ask, struct signer_said *ret_said, struct err *err)
{
	struct signer_said said = { .fault = FAULT_KEEPER };

	if (way)
		way(ask, &said);
	if (said.fault != FAULT_NONE)
		return err_setf(err, (enum fault)said.fault, "%s", said.detail);
	*ret_said = said;
	return true;
}

bool
signer_name(struct signer_ask *ask, struct str name)
{
	if (!name.n || name.n >= sizeof(ask->name))
		return false;
	memcpy(ask->name, name.p, name.n);
	return true;
}

static struct signer_ask
question(enum signer_act act, const struct note_key *by)
{
	struct signer_ask ask = { .act = (int32_t)act };
	struct sha256 digest;

	if (by) {
		digest = signer_digest((struct str){ (const char *)by->public, by->public_n });
		memcpy(ask.by, digest.b, sizeof(ask.by));
	}
	return ask;
}

/* Asks for a signature; the name is that of the log or key that it is about. */
static bool
ask_signature(struct signer_ask *ask, struct str name, unsigned char ret_signature[64], struct err *err)
{
	struct signer_said said;

	if (!signer_name(ask, name))
		return err_setf(err, FAULT_SIGNING, "a name of %zu bytes", name.n);
	if (!signer_ask(ask, &said, err))
		return false;
	if (said.n != 64)
		return err_setf(err, FAULT_KEEPER, "a signature of %u bytes", said.n);
	memcpy(ret_signature, said.bytes, 64);
	return true;
}

bool
signer_make(struct str name, enum key_kind kind, struct note_key *ret_key, struct err *err)
{
	struct signer_ask ask = question(SIGNER_MAKE, NULL);
	struct signer_said said;

	ask.kind = (int32_t)kind;
	if (!signer_name(&ask, name))
		return err_setf(err, FAULT_SIGNING, "a name of %zu bytes", name.n);
	if (!signer_ask(&ask, &said, err))
		return false;
	/* A key of one's own that was brought may be of the other algorithm. */
	if (said.n < 2 || (said.bytes[0] == KEY_WITNESS) != (kind == KEY_WITNESS) ||
	    note_key_make(name, (enum key_kind)said.bytes[0], (struct str){ (const char *)said.bytes + 1, said.n - 1 },
	    ret_key) != REFUSAL_NONE)
		return err_setf(err, FAULT_KEEPER, "the key that was made is none");
	return true;
}

bool
signer_checkpoint(const struct note_key *by, const struct checkpoint *c, unsigned char ret_signature[64],
    struct err *err)
{
	struct signer_ask ask = question(SIGNER_CHECKPOINT, by);

	ask.size = c->size;
	ask.time = c->time;
	memcpy(ask.root, c->root.b, sizeof(ask.root));
	return ask_signature(&ask, c->origin, ret_signature, err);
}

bool
signer_cosign(const struct note_key *by, const struct checkpoint *c, int64_t seconds,
    unsigned char ret_signature[64], struct err *err)
{
	struct signer_ask ask = question(SIGNER_COSIGN, by);

	ask.size = c->size;
	ask.time = c->time;
	ask.from = seconds;
	memcpy(ask.root, c->root.b, sizeof(ask.root));
	return ask_signature(&ask, c->origin, ret_signature, err);
}

bool
signer_statement(const struct note_key *by, const struct key_statement *s, unsigned char ret_signature[64],
    struct err *err)
{
	struct signer_ask ask = question(s->compromised ? SIGNER_COMPROMISED : SIGNER_STATE, by);

	ask.kind = (int32_t)s->key.kind;
	ask.public_n = (uint32_t)s->key.public_n;
	memcpy(ask.public, s->key.public, s->key.public_n);
	ask.from = s->from;
	ask.until = s->until;
	ask.time = s->stated;
	return ask_signature(&ask, s->key.name, ret_signature, err);
}

bool
signer_drop(const struct note_key *key, struct err *err)
{
	struct signer_ask ask = question(SIGNER_DROP, key);
	struct signer_said said;

	return (signer_name(&ask, key->name) || err_set(err, FAULT_SIGNING)) && signer_ask(&ask, &said, err);
}

bool
signer_look(const struct note_key *key, struct err *err)
{
	struct signer_ask ask = question(SIGNER_LOOK, key);
	struct signer_said said;

	return (signer_name(&ask, key->name) || err_set(err, FAULT_SIGNING)) && signer_ask(&ask, &said, err);
}
