/*
 * The server's secret and what is made with it: keyed digests of tokens, sealed texts. One file of 64 hex
 * digits, from which every purpose derives a key of its own.
 */
#include "desk/identity.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <liboath/oath.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/rand.h"
#include "desk/identity_private.h"

#define SECRET_BYTES 32
#define SECRET_DIGITS (2 * SECRET_BYTES)
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES

static struct sha256 keys[PURPOSE__MAX];
static bool loaded;
static int64_t idle = SESSION_IDLE;
static const struct zone *zone;

static struct str
key_of(enum purpose p)
{
	return (struct str){ (const char *)keys[p].b, sizeof(keys[p].b) };
}

void
identity_wipe(struct str secret)
{
	if (secret.n)
		sodium_memzero((char *)(uintptr_t)secret.p, secret.n);
}

/* ---- the file ---- */

static bool
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno != EINTR)
			return false;
		if (k > 0) {
			p += k;
			n -= (size_t)k;
		}
	}
	return fsync(fd) == 0;
}

static bool
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* A new secret beside its place, then moved there: never half of one, and never in place of another. */
static bool
secret_make(struct arena *a, const char *dir, const char *path, struct err *err)
{
	char *beside = arena_c(a, arena_printf(a, "%s.new", path));
	unsigned char bytes[SECRET_BYTES];
	char text[SECRET_DIGITS + 2];
	int fd;
	bool ok;

	unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_setf(err, FAULT_FILE, "%s: %s", beside, strerror(errno));
	rand_bytes(bytes, sizeof(bytes));
	sodium_bin2hex(text, sizeof(text), bytes, sizeof(bytes));
	text[SECRET_DIGITS] = '\n';
	ok = write_all(fd, text, SECRET_DIGITS + 1);
	close(fd);
	ok = ok && link(beside, path) == 0 && sync_dir(dir);
	if (!ok)
		err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
	unlink(beside);
	sodium_memzero(bytes, sizeof(bytes));
	sodium_memzero(text, sizeof(text));
	return ok;
}

static bool
secret_read(const char *path, unsigned char ret_secret[SECRET_BYTES], struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[SECRET_DIGITS + 2];
	size_t made = 0;
	struct stat s;
	ssize_t n = -1;

	if (fd < 0)
		return err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
	if (fstat(fd, &s) == 0 && (s.st_mode & 077) == 0)
		n = read(fd, text, sizeof(text));
	close(fd);
	if (n < 0)
		return err_setf(err, FAULT_FILE, "%s: others may read it (chmod 600)", path);
	if (n < SECRET_DIGITS ||
	    sodium_hex2bin(ret_secret, SECRET_BYTES, text, SECRET_DIGITS, NULL, &made, NULL) != 0 ||
	    made != SECRET_BYTES)
		err_setf(err, FAULT_FILE, "%s: not 64 hex digits", path);
	sodium_memzero(text, sizeof(text));
	return err->fault == FAULT_NONE;
}

static void
derive(const unsigned char secret[SECRET_BYTES])
{
	static const char *const names[PURPOSE__MAX] = {
		[FOR_SESSION] = "session", [FOR_KEY] = "key", [FOR_LINK] = "link",
		[FOR_RECOVERY] = "recovery", [FOR_ATTEMPT] = "attempt", [FOR_CSRF] = "csrf",
		[FOR_TICKET] = "ticket", [FOR_SEALING] = "sealing", [FOR_CALENDAR] = "calendar",
		[FOR_TERMINAL] = "terminal", [FOR_CHECK] = "check",
	};

	for (int p = 0; p < PURPOSE__MAX; p++)
		keys[p] = hmac_sha256((struct str){ (const char *)secret, SECRET_BYTES }, str_c(names[p]));
}

bool
identity_load(const char *dir, bool create, struct err *err)
{
	struct arena *a = arena_new();
	char *path = arena_c(a, arena_printf(a, "%s/secret", dir));
	unsigned char secret[SECRET_BYTES];
	bool ok = true;

	if (sodium_init() < 0 || oath_init() != OATH_OK)
		ok = err_setf(err, FAULT_INTERNAL, "libsodium or liboath does not start");
	if (ok && !zone && !zone_load("Asia/Taipei", &zone))
		ok = err_setf(err, FAULT_CONFIG,
		    "the system knows no time zone Asia/Taipei (is tzdata installed?)");
	if (ok && create && access(path, F_OK) != 0)
		ok = secret_make(a, dir, path, err);
	if (ok && secret_read(path, secret, err)) {
		derive(secret);
		loaded = true;
		sodium_memzero(secret, sizeof(secret));
	} else {
		ok = false;
	}
	arena_free(a);
	principal_drop_all();
	return ok;
}

void
identity_configure(int64_t idle_time, const struct zone *people)
{
	assert(idle_time > 0 && idle_time <= SESSION_IDLE && people);
	idle = idle_time;
	zone = people;
}

int64_t
session_idle(void)
{
	return idle;
}

const struct zone *
people_zone(void)
{
	return zone;
}

/* ---- whose secret a database knows ---- */

static bool
keep_check(struct tx *tx, void *arg, struct err *err)
{
	const struct str *mine = arg;

	return db_run(tx, S_SECRET_CHECK_KEEP, err, T(*mine));
}

static bool
look_up_check(struct store *st, struct arena *a, struct str *ret_check, struct err *err)
{
	struct tx *tx = store_read(st, a, err);
	bool ok = tx != NULL;

	*ret_check = STR_NONE;
	if (tx) {
		struct rows q = db_query(tx, S_SECRET_CHECK);

		if (db_next(&q))
			*ret_check = db_str(&q, 0);
		ok = db_end(&q, err);
	}
	store_done(tx);
	return ok;
}

bool
identity_fits(struct store *st, struct err *err)
{
	struct arena *a = arena_new();
	struct str mine = STR_NONE, theirs;
	bool ok = true;

	if (loaded) {
		mine = keyed(a, FOR_CHECK, STR("secret"));
		ok = look_up_check(st, a, &theirs, err) &&
		    (theirs.p || (store_write(st, a, keep_check, &mine, err) && look_up_check(st, a, &theirs, err))) &&
		    (same_secret(mine, theirs) || err_set(err, FAULT_CREDENTIALS));
	}
	arena_free(a);
	return ok;
}

/* ---- what is made with it ---- */

struct str
keyed(struct arena *a, enum purpose p, struct str text)
{
	struct sha256 digest = hmac_sha256(key_of(p), text);

	return hex(a, (struct str){ (const char *)digest.b, sizeof(digest.b) });
}

struct str
seal(struct arena *a, struct str secret, int64_t account)
{
	size_t room = NONCE_BYTES + secret.n + TAG_BYTES;
	unsigned char *box = arena_raw(a, room);

	rand_bytes(box, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(box + NONCE_BYTES, NULL, (const unsigned char *)secret.p,
	    secret.n, (const unsigned char *)&account, sizeof(account), NULL, box, keys[FOR_SEALING].b);
	return base64url(a, (struct str){ (const char *)box, room });
}

bool
unseal(struct arena *a, struct str sealed, int64_t account, struct str *ret_secret)
{
	const unsigned char *p;
	unsigned char *secret;
	struct str box;

	if (!base64url_decode(a, sealed, &box) || box.n < NONCE_BYTES + TAG_BYTES)
		return false;
	p = (const unsigned char *)box.p;
	secret = arena_alloc(a, box.n);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL, p + NONCE_BYTES,
	    box.n - NONCE_BYTES, (const unsigned char *)&account, sizeof(account), p,
	    keys[FOR_SEALING].b) != 0)
		return false;
	*ret_secret = (struct str){ (const char *)secret, box.n - NONCE_BYTES - TAG_BYTES };
	return true;
}

void
identity_act(struct tx *tx, const struct principal *who, struct str address)
{
	tx_actor(tx, &(struct actor){
		.account = who->account, .person = who->person, .org = who->org, .session = who->session,
		.key = who->key, .address = address.p ? address : STR(""), .name = who->name,
	});
}

struct str
identity_seal(struct arena *a, struct str secret, int64_t record)
{
	return seal(a, secret, record);
}

bool
identity_unseal(struct arena *a, struct str sealed, int64_t record, struct str *ret_secret)
{
	return unseal(a, sealed, record, ret_secret);
}

/* ---- the terminal ---- */

#define TERMINAL_HEAD "terminal."
#define TERMINAL_LIFE MINUTE

struct str
identity_terminal_token(struct arena *a)
{
	struct str text = arena_printf(a, TERMINAL_HEAD "%lld", (long long)clock_now());

	return arena_printf(a, "%.*s.%.*s", STR_FMT(text), STR_FMT(keyed(a, FOR_TERMINAL, text)));
}

bool
identity_is_terminal(struct str token)
{
	return str_starts(token, STR(TERMINAL_HEAD));
}

bool
identity_terminal(struct str token, int64_t now, struct arena *a, struct principal *ret_who, struct err *err)
{
	struct str rest = token, head, time;
	int64_t at;

	if (!str_split(&rest, '.', &head) || !str_split(&rest, '.', &time) || !str_int(time, &at) ||
	    !same_secret(rest, keyed(a, FOR_TERMINAL, str_first(token, head.n + 1 + time.n))) ||
	    at > now + TERMINAL_LIFE || at < now - TERMINAL_LIFE)
		return err_set(err, FAULT_CREDENTIALS);
	*ret_who = (struct principal){ .roles = ROLE_TERMINAL, .name = STR(""), .org_name = { STR(""), STR("") }, .zone = people_zone(),
		.session_ends = NO_TIME };
	return true;
}
