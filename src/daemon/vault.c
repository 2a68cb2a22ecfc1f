#include "daemon/vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "daemon/private_key.h"
#include "daemon/token.h"
#include "daemon/vault_memory.h"

#define VAULT_KEYS_MAX 64
#define KEY_FILE_MAX 8192
#define LABEL_MAX 200

struct vault_key {
	char file[256];
	enum key_kind kind;
	struct private_key *private;     /* NULL: in the token */
	char object[LABEL_MAX];          /* its label there */
	bool known;                      /* key is its public half; a token that is away has not said yet */
	struct note_key key;
};

struct vault {
	struct arena *arena;
	int dir, lock;
	bool look;
	struct token *token;             /* NULL: none is used */
	char object[LABEL_MAX];
	char no_token[LABEL_MAX];
	struct vault_memory memory;
	int n;
	struct vault_key keys[VAULT_KEYS_MAX];
};

/* ---- files ---- */

int
vault_directory(const char *data, bool create, struct err *err)
{
	struct arena *a = err->arena;
	const char *path = arena_printf(a, "%s/keys", data).p;
	int fd;

	if (create && mkdir(path, 0700) != 0 && errno != EEXIST) {
		err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
		return -1;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
	return fd;
}

/* The whole of a small file that nobody else may read. p has room for KEY_FILE_MAX. */
static bool
read_private(int dir, const char *name, char *p, size_t *ret_n, struct err *err)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat s;
	ssize_t n = -1;

	if (fd < 0)
		return err_setf(err, FAULT_FILE, "keys/%s: %s", name, strerror(errno));
	if (fstat(fd, &s) == 0 && (s.st_mode & 077) == 0)
		n = read(fd, p, KEY_FILE_MAX);
	close(fd);
	if (n < 0)
		return err_setf(err, FAULT_FILE, "keys/%s: others may read it (chmod 600)", name);
	if (n == 0 || n == KEY_FILE_MAX)
		return err_setf(err, FAULT_FILE, "keys/%s: no key", name);
	*ret_n = (size_t)n;
	return true;
}

/* "log-….pem": what it is for. False: no key. */
static bool
kind_of_file(const char *name, enum key_kind *ret_kind, bool *ret_token)
{
	struct str s = str_c(name);

	*ret_token = str_ends(s, STR(".token"));
	if (!*ret_token && !str_ends(s, STR(".pem")) && !str_ends(s, STR(".der")))
		return false;
	if (str_starts(s, STR("witness-")))
		*ret_kind = KEY_WITNESS;
	else if (str_starts(s, STR("log-")))
		*ret_kind = KEY_ED25519;         /* or P-256: the key says */
	else
		return false;
	return s.n < sizeof(((struct vault_key *)NULL)->file);
}

/* Fills in the public half; a log's key says itself which kind it is. */
static bool
learn(struct vault *v, struct vault_key *k, struct err *err)
{
	struct str name = str_c(v->memory.origin);
	struct err other = { .arena = err->arena };
	bool found = true;

	if (k->known)
		return true;
	if (!name.n)
		return err_setf(err, FAULT_KEEPER, "it is not known for which log the keys are");
	if (k->private) {
		if (k->kind == KEY_ED25519 && !private_key_public(k->private, name, KEY_ED25519, &k->key, &other))
			k->kind = KEY_P256;
		k->known = private_key_public(k->private, name, k->kind, &k->key, err);
		return k->known;
	}
	if (!v->token && v->no_token[0])
		return err_setf(err, FAULT_TOKEN, "%s", v->no_token);
	if (!v->token)
		return err_setf(err, FAULT_TOKEN, "keys/%s is in a token, and none is set (token_module)", k->file);
	if (!token_find(v->token, k->object, k->kind, name, &found, &k->key, err))
		return false;
	k->known = found;
	return found || err_setf(err, FAULT_TOKEN, "the key \"%s\" is not in the token", k->object);
}

/* "ed25519 label" or "p256 label" */
static bool
read_reference(struct vault_key *k, struct str text)
{
	struct str kind;

	text = str_trim(text);
	if (!str_split(&text, ' ', &kind) || !text.n || text.n >= sizeof(k->object))
		return false;
	if (str_is(kind, "p256"))
		k->kind = KEY_P256;
	else if (!str_is(kind, "ed25519"))
		return false;
	memcpy(k->object, text.p, text.n);
	k->object[text.n] = '\0';
	return true;
}

static bool
load_key(struct vault *v, const char *file, struct err *err)
{
	struct vault_key *k = &v->keys[v->n];
	char text[KEY_FILE_MAX];
	size_t n = 0;
	bool in_token = false, ok;

	*k = (struct vault_key){ .kind = 0 };
	if (!kind_of_file(file, &k->kind, &in_token))
		return true;
	if (v->n == VAULT_KEYS_MAX - 1)
		return err_setf(err, FAULT_FILE, "more than %d keys", VAULT_KEYS_MAX - 1);
	if (!read_private(v->dir, file, text, &n, err))
		return false;
	memcpy(k->file, file, strlen(file) + 1);
	if (in_token)
		ok = read_reference(k, (struct str){ text, n }) || err_setf(err, FAULT_FILE, "keys/%s: names no object", file);
	else
		ok = (k->private = private_key_read((struct str){ text, n }, file, err)) != NULL;
	private_wipe(text, sizeof(text));
	v->n += ok;
	return ok;
}

static bool
load_keys(struct vault *v, struct err *err)
{
	int fd = openat(v->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	bool ok = true;

	if (!d)
		return err_setf(err, FAULT_FILE, "keys: %s", strerror(errno));
	while (ok && (e = readdir(d)))
		ok = load_key(v, e->d_name, err);
	closedir(d);
	return ok;
}

/* One process at a time: two that sign could sign two different logs. */
static bool
lock(struct vault *v, struct err *err)
{
	if (v->look)
		return true;
	v->lock = openat(v->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (v->lock < 0)
		return err_setf(err, FAULT_FILE, "keys/lock: %s", strerror(errno));
	if (flock(v->lock, LOCK_EX | LOCK_NB) != 0)
		return err_setf(err, FAULT_IN_USE, "keys: another process has them");
	return true;
}

bool
vault_open(const struct vault_options *o, struct vault **ret_vault, struct err *err)
{
	struct vault *v = calloc(1, sizeof(*v));

	if (!v)
		return err_setf(err, FAULT_KEEPER, "no memory");
	v->arena = arena_new();
	v->dir = o->dir;
	v->token = o->token;
	v->look = o->look;
	v->lock = -1;
	if (o->object)
		snprintf(v->object, sizeof(v->object), "%s", o->object);
	if (o->no_token)
		snprintf(v->no_token, sizeof(v->no_token), "%s", o->no_token);
	if (!lock(v, err) || !vault_memory_load(v->dir, &v->memory, err) || !load_keys(v, err)) {
		vault_close(v);
		return false;
	}
	for (int i = 0; i < v->n; i++) {
		struct err later = { .arena = err->arena };

		if (v->memory.origin[0] && !learn(v, &v->keys[i], &later))
			log_err(o->quiet ? LOG_DEBUG : LOG_WARN, v->keys[i].file, &later);
	}
	*ret_vault = v;
	return true;
}

void
vault_close(struct vault *v)
{
	if (!v)
		return;
	for (int i = 0; i < v->n; i++)
		private_key_free(v->keys[i].private);
	if (v->lock >= 0)
		close(v->lock);
	arena_free(v->arena);
	free(v);
}

/* ---- making ---- */

static void
id_text(const struct note_key *key, char ret_id[9])
{
	snprintf(ret_id, 9, "%02x%02x%02x%02x", key->id[0], key->id[1], key->id[2], key->id[3]);
}

/* Takes k into the table, its file written: name and content. */
static bool
keep(struct vault *v, struct vault_key *k, const char *ending, struct str content, struct err *err)
{
	char id[9];

	if (v->n == VAULT_KEYS_MAX - 1)
		return err_setf(err, FAULT_KEEPER, "there are %d keys", v->n);
	id_text(&k->key, id);
	snprintf(k->file, sizeof(k->file), "%s-%s.%s", k->kind == KEY_WITNESS ? "witness" : "log", id, ending);
	if (!vault_file_write(v->dir, k->file, content, true, err))
		return false;
	k->known = true;
	v->keys[v->n++] = *k;
	return true;
}

static bool
make_file(struct vault *v, enum key_kind kind, struct note_key *ret_key, struct arena *a, struct err *err)
{
	struct vault_key k = { .kind = kind, .private = private_key_make(kind, err) };
	struct buf pem = { .arena = a };
	bool ok = k.private && private_key_public(k.private, str_c(v->memory.origin), kind, &k.key, err) &&
	    private_key_write(k.private, true, &pem, err) && keep(v, &k, "pem", buf_str(&pem), err);

	if (pem.p)
		private_wipe(pem.p, pem.n);
	if (!ok)
		private_key_free(k.private);
	else
		*ret_key = k.key;
	return ok;
}

static bool
has_object(const struct vault *v, const char *object)
{
	for (int i = 0; i < v->n; i++)
		if (!strcmp(v->keys[i].object, object))
			return true;
	return false;
}

/* The object of the settings, if it is there and not taken yet; else a new one beside it: "tocsin", "tocsin-2" … */
static bool
make_in_token(struct vault *v, enum key_kind kind, struct note_key *ret_key, struct arena *a, struct err *err)
{
	struct vault_key k = { .kind = kind };
	struct str name = str_c(v->memory.origin);
	bool found = false;

	for (int i = 1; i < VAULT_KEYS_MAX; i++) {
		if (i == 1)
			snprintf(k.object, sizeof(k.object), "%s", v->object);
		else
			snprintf(k.object, sizeof(k.object), "%.*s-%d", (int)sizeof(k.object) - 10, v->object, i);
		if (has_object(v, k.object))
			continue;
		if (!token_find(v->token, k.object, kind, name, &found, &k.key, err))
			return false;
		if (found && i == 1)
			break;
		if (found)
			continue;
		if (!token_make(v->token, k.object, kind, err) ||
		    !token_find(v->token, k.object, kind, name, &found, &k.key, err))
			return false;
		break;
	}
	if (!found)
		return err_setf(err, FAULT_TOKEN, "the token has no room for one more key");
	if (!keep(v, &k, "token", arena_printf(a, "%s %s\n", kind == KEY_P256 ? "p256" : "ed25519", k.object), err))
		return false;
	*ret_key = k.key;
	return true;
}

/* The first key says for which log this vault signs, once and for all. */
static bool
of_this_log(struct vault *v, struct str name, struct err *err)
{
	if (!v->memory.origin[0] && name.n && name.n < sizeof(v->memory.origin)) {
		memcpy(v->memory.origin, name.p, name.n);
		v->memory.origin[name.n] = '\0';
		if (vault_memory_save(v->dir, &v->memory, err))
			return true;
		v->memory.origin[0] = '\0';
		return false;
	}
	return str_eq(name, str_c(v->memory.origin)) ||
	    err_setf(err, FAULT_SIGNING, "these keys are for the log \"%s\"", v->memory.origin);
}

/* A key that somebody put there before the first was made: it is taken instead of a new one. */
static const struct note_key *
brought(struct vault *v, enum key_kind kind, struct err *err)
{
	for (int i = 0; i < v->n; i++)
		if ((v->keys[i].kind == KEY_WITNESS) == (kind == KEY_WITNESS) && learn(v, &v->keys[i], err))
			return &v->keys[i].key;
	return NULL;
}

static bool
make(struct vault *v, const struct signer_ask *ask, struct signer_said *said, struct arena *a, struct err *err)
{
	bool first = !v->memory.made[ask->kind == KEY_WITNESS];
	enum key_kind kind = (enum key_kind)ask->kind;
	const struct note_key *there;
	struct note_key key;

	if (!of_this_log(v, str_c(ask->name), err))
		return false;
	there = first ? brought(v, kind, err) : NULL;
	if (there)
		key = *there;
	else if (err->fault || !(v->token && kind != KEY_WITNESS ? make_in_token(v, kind, &key, a, err) :
	    make_file(v, kind, &key, a, err)))
		return false;
	v->memory.made[kind == KEY_WITNESS] = true;
	if (first && !vault_memory_save(v->dir, &v->memory, err))
		return false;
	said->n = (uint32_t)key.public_n;
	memcpy(said->bytes, key.public, key.public_n);
	return true;
}

/* ---- using ---- */

static struct vault_key *
key_asked(struct vault *v, const struct signer_ask *ask, struct err *err)
{
	struct err away = { .arena = err->arena };

	for (int i = 0; i < v->n; i++) {
		struct vault_key *k = &v->keys[i];
		struct sha256 digest;

		if (!learn(v, k, &away))
			continue;
		digest = signer_digest((struct str){ (const char *)k->key.public, k->key.public_n });
		if (!memcmp(digest.b, ask->by, sizeof(digest.b)))
			return k;
	}
	if (away.fault)
		err_setf(err, away.fault, "%.*s", STR_FMT(away.detail));
	else
		err_setf(err, FAULT_KEEPER, "the keeper has no such key");
	return NULL;
}

static bool
sign(struct vault *v, struct vault_key *k, struct str text, struct signer_said *said, struct err *err)
{
	said->n = 64;
	return k->private ? private_key_sign(k->private, text, said->bytes, err) :
	    token_sign(v->token, k->object, k->kind, text, said->bytes, err);
}

/* Whether this may be signed after what was signed before; then it is remembered, before it is signed. */
static bool
may_follow(struct vault *v, const struct signer_ask *ask, struct err *err)
{
	struct vault_last *last = vault_memory_of(&v->memory, ask->name);
	struct vault_last was;

	if (!last)
		return err_setf(err, FAULT_SIGNING, "this witness remembers %d logs already", VAULT_LOGS_MAX);
	was = *last;
	if (was.time != NO_TIME) {
		if (ask->size < was.size)
			return err_setf(err, FAULT_SIGNING, "the log has %lld records, and %lld were signed before",
			    (long long)ask->size, (long long)was.size);
		if (ask->size == was.size && memcmp(ask->root, was.root, sizeof(was.root)) != 0)
			return err_setf(err, FAULT_SIGNING, "another log of the same %lld records was signed before",
			    (long long)ask->size);
		if (ask->time < was.time - VAULT_TOLERANCE)
			return err_setf(err, FAULT_SIGNING, "the time lies before that of the last checkpoint");
	}
	last->size = ask->size;
	memcpy(last->root, ask->root, sizeof(last->root));
	if (was.time == NO_TIME || ask->time > was.time)
		last->time = ask->time;
	if (vault_memory_save(v->dir, &v->memory, err))
		return true;
	*last = was;
	return false;
}

static struct str
checkpoint_text(const struct signer_ask *ask, struct arena *a)
{
	struct checkpoint c = { .origin = str_c(ask->name), .size = ask->size, .time = ask->time };
	struct buf b = { .arena = a };

	memcpy(c.root.b, ask->root, sizeof(c.root.b));
	checkpoint_write(&b, &c);
	return buf_str(&b);
}

static bool
near_now(int64_t t, struct err *err)
{
	int64_t now = clock_now();

	return (t >= now - VAULT_TOLERANCE && t <= now + VAULT_TOLERANCE) ||
	    err_setf(err, FAULT_SIGNING, "the time is not that of the keeper's clock");
}

static bool
sign_checkpoint(struct vault *v, const struct signer_ask *ask, struct signer_said *said, struct arena *a,
    struct err *err)
{
	struct vault_key *k = key_asked(v, ask, err);

	if (!k)
		return false;
	if (k->kind == KEY_WITNESS)
		return err_setf(err, FAULT_SIGNING, "a witness's key signs no checkpoint");
	if (strcmp(ask->name, v->memory.origin) != 0)
		return err_setf(err, FAULT_SIGNING, "these keys are for the log \"%s\"", v->memory.origin);
	return near_now(ask->time, err) && may_follow(v, ask, err) && sign(v, k, checkpoint_text(ask, a), said, err);
}

static bool
sign_cosignature(struct vault *v, const struct signer_ask *ask, struct signer_said *said, struct arena *a,
    struct err *err)
{
	struct vault_key *k = key_asked(v, ask, err);
	struct buf b = { .arena = a };

	if (!k)
		return false;
	if (k->kind != KEY_WITNESS)
		return err_setf(err, FAULT_SIGNING, "a log's key signs no cosignature");
	if (!strcmp(ask->name, v->memory.origin))
		return err_setf(err, FAULT_SIGNING, "nobody is his own witness");
	if (ask->from < 0 || ask->from > INT64_MAX / SECOND)
		return err_setf(err, FAULT_SIGNING, "no time");
	if (!near_now(ask->from * SECOND, err) || !may_follow(v, ask, err))
		return false;
	cosignature_write(&b, checkpoint_text(ask, a), ask->from);
	return sign(v, k, buf_str(&b), said, err);
}

static bool
has_key(const struct vault *v, const struct note_key *key)
{
	for (int i = 0; i < v->n; i++)
		if (v->keys[i].known && note_key_same(&v->keys[i].key, key))
			return true;
	return false;
}

/* Whoever asks cannot bring in a key of his own: what follows a key of this vault was made here. */
static bool
sign_statement(struct vault *v, const struct signer_ask *ask, struct signer_said *said, struct arena *a,
    struct err *err)
{
	struct key_statement s = { .compromised = ask->act == SIGNER_COMPROMISED, .from = ask->from, .until = ask->until,
		.stated = ask->time };
	struct vault_key *k = key_asked(v, ask, err);
	struct buf b = { .arena = a };

	if (!k)
		return false;
	if (k->kind == KEY_WITNESS)
		return err_setf(err, FAULT_SIGNING, "a witness's key states nothing");
	if (strcmp(ask->name, v->memory.origin) != 0)
		return err_setf(err, FAULT_SIGNING, "these keys are for the log \"%s\"", v->memory.origin);
	if (note_key_make(str_c(ask->name), (enum key_kind)ask->kind,
	    (struct str){ (const char *)ask->public + 1, ask->public_n - 1 }, &s.key) != REFUSAL_NONE)
		return err_setf(err, FAULT_SIGNING, "this is no key");
	if (!s.compromised && !has_key(v, &s.key))
		return err_setf(err, FAULT_SIGNING, "that key is not among these: only a key that was made here follows one");
	if (!near_now(ask->time, err))
		return false;
	key_statement_write(&b, &s);
	return sign(v, k, buf_str(&b), said, err);
}

/* The file gets another name: nobody loads it again, and nobody has lost it. */
static bool
drop(struct vault *v, const struct signer_ask *ask, struct arena *a, struct err *err)
{
	struct vault_key *k = key_asked(v, ask, err);
	const char *to;

	if (!k)
		return false;
	to = arena_printf(a, "%s.dropped", k->file).p;
	if (renameat(v->dir, k->file, v->dir, to) != 0 || fsync(v->dir) != 0)
		return err_setf(err, FAULT_FILE, "keys/%s: %s", to, strerror(errno));
	private_key_free(k->private);
	*k = v->keys[--v->n];
	return true;
}

static bool
look(struct vault *v, const struct signer_ask *ask, struct err *err)
{
	struct vault_key *k = key_asked(v, ask, err);
	struct note_key key;
	bool found = true;

	return k && (k->private || (token_find(v->token, k->object, k->kind, str_c(v->memory.origin), &found, &key, err) &&
	    (found || err_setf(err, FAULT_TOKEN, "the key \"%s\" is not in the token", k->object))));
}

/* Keys that were put back without their memory take the name that they are asked for. */
static bool
remember_name(struct vault *v, const struct signer_ask *ask, struct err *err)
{
	return v->memory.origin[0] || v->n == 0 || !ask->name[0] || ask->act == SIGNER_MAKE ||
	    ask->act == SIGNER_COSIGN || of_this_log(v, str_c(ask->name), err);
}

static bool
answer(struct vault *v, const struct signer_ask *ask, struct signer_said *said, struct arena *a, struct err *err)
{
	if (v->look)
		return err_setf(err, FAULT_KEEPER, "the keys are only looked at");
	if (!remember_name(v, ask, err))
		return false;
	switch ((enum signer_act)ask->act) {
	case SIGNER_LOOK:
		return look(v, ask, err);
	case SIGNER_MAKE:
		return make(v, ask, said, a, err);
	case SIGNER_CHECKPOINT:
		return sign_checkpoint(v, ask, said, a, err);
	case SIGNER_COSIGN:
		return sign_cosignature(v, ask, said, a, err);
	case SIGNER_STATE:
	case SIGNER_COMPROMISED:
		return sign_statement(v, ask, said, a, err);
	case SIGNER_DROP:
		return drop(v, ask, a, err);
	case SIGNER__MAX:
		break;
	}
	return err_setf(err, FAULT_SIGNING, "the keeper was asked for nothing that it does");
}

void
vault_answer(struct vault *v, const struct signer_ask *ask, struct signer_said *ret_said)
{
	struct arena *a = arena_new();
	struct err err = { .arena = a };
	struct signer_said said = { .fault = FAULT_NONE };
	struct str detail;

	if (!answer(v, ask, &said, a, &err)) {
		memset(&said, 0, sizeof(said));
		said.fault = (int32_t)err.fault;
		detail = str_first(err.detail, sizeof(said.detail) - 1);
		if (detail.n)
			memcpy(said.detail, detail.p, utf8_sound(detail));
	}
	*ret_said = said;
	arena_free(a);
}

/* ---- backups ---- */

bool
vault_export(struct vault *v, struct str id, struct note_key *ret_key, struct buf *der, struct err *err)
{
	for (int i = 0; i < v->n; i++) {
		struct vault_key *k = &v->keys[i];
		char own[9] = "";

		if (k->known)
			id_text(&k->key, own);
		if (!str_is(id, own))
			continue;
		if (!k->private)
			return err_setf(err, FAULT_TOKEN, "the key %s is in the token and never leaves it", own);
		if (!private_key_write(k->private, false, der, err))
			return false;
		*ret_key = k->key;
		return true;
	}
	return err_setf(err, FAULT_NOT_FOUND, "the keeper has no key %.*s", STR_FMT(id));
}

bool
vault_import(struct vault *v, const struct note_key *key, struct str der, struct err *err)
{
	struct vault_key k = { .kind = key->kind, .private = private_key_read(der, "shares", err) };
	struct buf pem = { .arena = v->arena };
	bool ok = k.private && !v->look && of_this_log(v, key->name, err) &&
	    private_key_public(k.private, str_c(v->memory.origin), k.kind, &k.key, err) &&
	    (note_key_same(&k.key, key) || err_setf(err, FAULT_SIGNING, "the shares make another key")) &&
	    private_key_write(k.private, true, &pem, err) && keep(v, &k, "pem", buf_str(&pem), err);

	if (pem.p)
		private_wipe(pem.p, pem.n);
	if (!ok)
		private_key_free(k.private);
	return ok;
}
