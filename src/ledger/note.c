/* Signed notes: reading and checking. */
#include "ledger/note.h"

#include <stdio.h>
#include <string.h>

#include "ledger/signature.h"
#include "ledger/take.h"

#define COSIGNED_MAX 65536                       /* longest text that a witness signs */

static bool
name_ok(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == '+')
			return false;
	return name.n > 0 && name.n <= 255;
}

enum refusal
note_key_make(struct str name, enum key_kind kind, struct str public, struct note_key *ret_key)
{
	size_t length = kind == KEY_P256 ? P256_KEY_LENGTH : ED25519_KEY_LENGTH;
	unsigned char hashed[255 + 1 + 1 + P256_KEY_LENGTH];
	struct note_key k = { .name = name, .kind = kind, .public_n = 1 + length };
	struct sha256 h;

	if (!name_ok(name) || (kind != KEY_ED25519 && kind != KEY_P256 && kind != KEY_WITNESS) ||
	    public.n != length || (kind == KEY_P256 && !p256_key_ok(public)))
		return REFUSAL_KEY_FORM;
	k.public[0] = (unsigned char)kind;
	memcpy(k.public + 1, public.p, length);
	memcpy(hashed, name.p, name.n);
	hashed[name.n] = '\n';
	memcpy(hashed + name.n + 1, k.public, k.public_n);
	h = sha256((struct str){ (char *)hashed, name.n + 1 + k.public_n });
	memcpy(k.id, h.b, sizeof(k.id));
	*ret_key = k;
	return REFUSAL_NONE;
}

enum refusal
note_key_read(struct str vkey, struct note_key *ret_key)
{
	const char *plus = vkey.n ? memchr(vkey.p, '+', vkey.n) : NULL;
	size_t at = plus ? (size_t)(plus - vkey.p) : 0, n;
	unsigned char id[4], public[sizeof(ret_key->public)];
	struct note_key k;

	if (!plus || vkey.n < at + 10 || plus[9] != '+' || !read_hex((struct str){ plus + 1, 8 }, id, 4) ||
	    !read_base64((struct str){ plus + 10, vkey.n - at - 10 }, public, 92, &n) || n == 0 ||
	    note_key_make((struct str){ vkey.p, at }, public[0], (struct str){ (char *)public + 1, n - 1 },
	    &k))
		return REFUSAL_KEY_FORM;
	if (memcmp(id, k.id, 4) != 0)
		return REFUSAL_KEY_ID;
	*ret_key = k;
	return REFUSAL_NONE;
}

bool
note_key_same(const struct note_key *a, const struct note_key *b)
{
	return same(a->name, b->name) && a->public_n == b->public_n &&
	    memcmp(a->public, b->public, a->public_n) == 0;
}

/* One line's name, key id and signature; out holds what it decodes to. */
static bool
signature_line(struct str *rest, struct str *ret_name, unsigned char *out, size_t *ret_n)
{
	struct str line, name = { NULL, 0 };

	if (!take_line(rest, &line) || !take_prefix(&line, "\xe2\x80\x94 "))
		return false;
	for (name.p = line.p; name.n < line.n && line.p[name.n] != ' '; name.n++)
		if ((unsigned char)line.p[name.n] < ' ' || line.p[name.n] == '+')
			return false;
	if (name.n == 0 || name.n == line.n)
		return false;
	line = (struct str){ line.p + name.n + 1, line.n - name.n - 1 };
	*ret_name = name;
	return read_base64(line, out, NOTE_SIGNATURE_MAX, ret_n) && *ret_n > 4;
}

enum refusal
note_read(struct str s, struct note *ret_note)
{
	unsigned char out[NOTE_SIGNATURE_MAX];
	struct note n = { .text = s };
	struct str line, rest = s;
	size_t length;

	if (!text_ok(s))
		return REFUSAL_TEXT;
	/* the last empty line stands before the signatures */
	for (struct str at = s; take_line(&at, &line);)
		if (line.n == 0) {
			n.text.n = (size_t)(line.p - s.p);
			n.signatures = rest = at;
		}
	for (size_t i = 0; i < n.text.n; i++)
		if ((unsigned char)n.text.p[i] < ' ' && n.text.p[i] != '\n')
			return REFUSAL_NOTE;
	if (!n.signatures.p || n.signatures.n == 0 || n.text.n == 0)
		return REFUSAL_NOTE;
	for (; rest.n; n.count++)
		if (n.count == NOTE_SIGNATURES_MAX || !signature_line(&rest, &line, out, &length))
			return REFUSAL_NOTE;
	*ret_note = n;
	return REFUSAL_NONE;
}

/* cosignature/v1: the time is signed with the text. */
static bool
witness_holds(const struct note *n, struct str public, struct str signature, int64_t *ret_time)
{
	char message[64 + COSIGNED_MAX];
	uint64_t seconds = 0;
	int head;

	if (signature.n != 8 + SIGNATURE_LENGTH || n->text.n > COSIGNED_MAX)
		return false;
	for (int i = 0; i < 8; i++)
		seconds = seconds << 8 | (unsigned char)signature.p[i];
	if (seconds == 0 || seconds > (uint64_t)NUMBER_MAX / 1000000)
		return false;
	head = snprintf(message, 64, "cosignature/v1\ntime %llu\n", (unsigned long long)seconds);
	memcpy(message + head, n->text.p, n->text.n);
	*ret_time = (int64_t)seconds * 1000000;
	return ed25519_holds(public, (struct str){ message, (size_t)head + n->text.n },
	    (struct str){ signature.p + 8, SIGNATURE_LENGTH });
}

enum refusal
note_verify(const struct note *n, const struct note_key *key, int64_t *ret_time)
{
	struct str public = { (const char *)key->public + 1, key->public_n - 1 }, rest = n->signatures, name;
	unsigned char out[NOTE_SIGNATURE_MAX];
	size_t length;
	int64_t time = 0;
	bool found = false, good = true;

	while (good && signature_line(&rest, &name, out, &length)) {
		if (!same(name, key->name) || memcmp(out, key->id, 4) != 0)
			continue;
		name = (struct str){ (char *)out + 4, length - 4 };
		found = true;
		good = key->kind == KEY_WITNESS ? witness_holds(n, public, name, &time) :
		    (key->kind == KEY_P256 ? p256_holds : ed25519_holds)(public, n->text, name);
	}
	if (!good)
		return REFUSAL_SIGNATURE;
	if (ret_time && found)
		*ret_time = time;
	return found ? REFUSAL_NONE : REFUSAL_NOT_SIGNED;
}
