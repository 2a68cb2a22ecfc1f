/* The keeper's rules: what it signs, what it does not, and what it remembers when it starts again. */
#include "daemon/vault.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "daemon/private_key.h"
#include "daemon/token.h"
#include "tap.h"

#define NOW (INT64_C(1795313400) * SECOND)

static struct arena *a;
static char home[] = "/tmp/tocsin-vault-XXXXXX";
static struct vault *vault;
static int dir = -1;
static struct token *token;
static const char *object = "tocsin";

static void
ask_vault(const struct signer_ask *ask, struct signer_said *ret_said)
{
	if (!signer_ask_sound(ask))
		abort();
	vault_answer(vault, ask, ret_said);
	if (!signer_said_sound(ret_said))
		abort();
}

static bool
open_again(struct err *err)
{
	struct vault_options o = { .dir = dir, .token = token, .object = object };

	vault_close(vault);
	vault = NULL;
	return vault_open(&o, &vault, err);
}

/* An empty directory of its own for each subject. */
static void
fresh(const char *name)
{
	struct err err = { .arena = a };
	const char *data = arena_printf(a, "%s/%s", home, name).p;

	vault_close(vault);
	vault = NULL;
	if (dir >= 0)
		close(dir);
	if (mkdir(data, 0700) != 0 || (dir = vault_directory(data, true, &err)) < 0 || !open_again(&err))
		abort();
	clock_set(NOW);
}

static struct checkpoint
checkpoint(const char *origin, int64_t size, char root, int64_t time)
{
	struct checkpoint c = { .origin = str_c(origin), .size = size, .time = time };

	memset(c.root.b, root, sizeof(c.root.b));
	return c;
}

/* Signed by the key, and the signature holds. */
static bool
signs(const struct note_key *key, struct checkpoint c, struct err *err)
{
	struct buf b = { .arena = a };
	unsigned char signature[64];
	struct checkpoint back;

	if (!signer_checkpoint(key, &c, signature, err))
		return false;
	checkpoint_write(&b, &c);
	buf_char(&b, '\n');
	note_line_write(&b, key, (struct str){ (const char *)signature, 64 });
	return checkpoint_read(buf_str(&b), &back) == REFUSAL_NONE && note_verify(&back.note, key, NULL) == REFUSAL_NONE;
}

static void
refuses(const struct note_key *key, struct checkpoint c, enum fault fault, const char *words, const char *name)
{
	struct err err = { .arena = a };
	bool signed_it = signs(key, c, &err);

	ok(!signed_it && err.fault == fault && str_has(err.detail, str_c(words)), name);
	if (err.fault != fault || !str_has(err.detail, str_c(words)))
		printf("# %d %.*s\n", (int)err.fault, STR_FMT(err.detail));
}

static struct note_key
make(const char *name, enum key_kind kind)
{
	struct err err = { .arena = a };
	struct note_key key = { .kind = 0 };

	if (!signer_make(str_c(name), kind, &key, &err))
		printf("# %.*s\n", STR_FMT(err.detail));
	return key;
}

static void
test_rules(enum key_kind kind, const char *what)
{
	struct err err = { .arena = a };
	struct note_key key, other;

	printf("# %s\n", what);
	fresh(what);
	key = make("cert.example", kind);
	ok(signs(&key, checkpoint("cert.example", 10, 'a', NOW), &err), "a checkpoint is signed, and the signature holds");
	ok(signs(&key, checkpoint("cert.example", 10, 'a', NOW), &err), "the same once more");
	refuses(&key, checkpoint("cert.example", 10, 'b', NOW), FAULT_SIGNING, "another log of the same 10", "not another root of the same size");
	refuses(&key, checkpoint("cert.example", 9, 'c', NOW), FAULT_SIGNING, "10 were signed", "not a smaller log");
	refuses(&key, checkpoint("other.example", 11, 'd', NOW), FAULT_SIGNING, "for the log \"cert.example\"", "not another log");
	refuses(&key, checkpoint("cert.example", 11, 'e', NOW + 2 * MINUTE), FAULT_SIGNING, "keeper's clock", "not a time to come");
	refuses(&key, checkpoint("cert.example", 11, 'e', NOW - 2 * MINUTE), FAULT_SIGNING, "keeper's clock", "not a time that is over");
	clock_set(NOW - 2 * MINUTE);
	refuses(&key, checkpoint("cert.example", 11, 'e', NOW - 2 * MINUTE), FAULT_SIGNING, "before that of the last", "not when the clock went back");
	clock_set(NOW - SECOND);
	ok(signs(&key, checkpoint("cert.example", 12, 'f', NOW - SECOND), &err), "a clock that is put right by a second is borne");
	clock_set(NOW);
	ok(open_again(&err), "it starts again");
	refuses(&key, checkpoint("cert.example", 11, 'g', NOW), FAULT_SIGNING, "12 were signed", "and remembers what it signed");
	ok(signs(&key, checkpoint("cert.example", 13, 'h', NOW), &err), "and goes on");
	ok(!signer_make(STR("other.example"), kind, &other, &err) && err.fault == FAULT_SIGNING, "no key for another log");
	other = key;
	other.public[5] ^= 1;
	refuses(&other, checkpoint("cert.example", 14, 'h', NOW), FAULT_KEEPER, "no such key", "not with a key that it has not");
}

static bool
states(const struct note_key *by, struct key_statement s, struct str *ret_text, struct err *err)
{
	struct buf b = { .arena = a };
	unsigned char signature[64];

	if (!signer_statement(by, &s, signature, err))
		return false;
	key_statement_write(&b, &s);
	buf_char(&b, '\n');
	note_line_write(&b, by, (struct str){ (const char *)signature, 64 });
	*ret_text = buf_str(&b);
	return true;
}

/* Old signs new; then the old one signs nothing any more. */
static void
test_rotation(void)
{
	struct err err = { .arena = a };
	struct note_key old, new, witness;
	struct key_statement s = { .from = NOW, .until = NOW + 700 * DAY, .stated = NOW };
	struct buf file = { .arena = a };
	struct keyring keys;
	struct str text;
	int line = 0;

	fresh("rotation");
	old = make("cert.example", KEY_ED25519);
	new = make("cert.example", KEY_P256);
	witness = make("cert.example", KEY_WITNESS);
	s.key = new;
	ok(states(&old, s, &text, &err), "the old key states the new one");
	note_key_write(&file, &old);
	buf_c(&file, "\n\n");
	buf_put(&file, text);
	ok(keys_read(buf_str(&file), &keys, &line) == REFUSAL_NONE && keys.n == 2 &&
	    note_key_same(&keys.signer[1].key, &new) && keys.signer[1].until == s.until,
	    "whoever trusts the old one trusts the new one");
	note_key_make(s.key.name, KEY_ED25519, (struct str){ (const char *)old.public + 1, old.public_n - 1 }, &s.key);
	s.key.public[9] ^= 1;
	ok(!states(&old, s, &text, &err) && err.fault == FAULT_SIGNING, "no key that somebody else made is stated");
	err = (struct err){ .arena = a };
	s.key = new;
	s.compromised = true;
	ok(states(&new, s, &text, &err), "a compromise is stated");
	ok(!states(&witness, s, &text, &err) && err.fault == FAULT_SIGNING, "a witness's key states nothing");
	err = (struct err){ .arena = a };
	s.key = witness;
	ok(states(&new, s, &text, &err), "a compromise of its own is stated by a log's");
	err = (struct err){ .arena = a };
	s.key = witness;
	s.compromised = false;
	ok(states(&new, s, &text, &err), "and the key itself");
	s.key.public[9] ^= 1;
	ok(!states(&new, s, &text, &err) && err.fault == FAULT_SIGNING, "but not a witness's that somebody else made");
	s.key = new;
	err = (struct err){ .arena = a };
	s.stated = NOW - HOUR;
	ok(!states(&old, s, &text, &err) && err.fault == FAULT_SIGNING, "nothing is stated for the past");
	err = (struct err){ .arena = a };
	ok(signer_drop(&old, &err) && open_again(&err), "the old key is dropped");
	refuses(&old, checkpoint("cert.example", 1, 'a', NOW), FAULT_KEEPER, "no such key", "and signs nothing any more");
	ok(signs(&new, checkpoint("cert.example", 1, 'a', NOW), &err), "the new one does");
}

static bool
cosigns(const struct note_key *key, struct checkpoint c, struct err *err)
{
	struct buf b = { .arena = a };
	unsigned char signature[72] = { 0 };
	struct checkpoint back;
	int64_t seconds = NOW / SECOND, at = 0;

	if (!signer_cosign(key, &c, seconds, signature + 8, err))
		return false;
	for (int i = 0; i < 8; i++)
		signature[i] = (unsigned char)(seconds >> (56 - 8 * i));
	checkpoint_write(&b, &c);
	buf_char(&b, '\n');
	note_line_write(&b, key, (struct str){ (const char *)signature, 72 });
	return checkpoint_read(buf_str(&b), &back) == REFUSAL_NONE &&
	    note_verify(&back.note, key, &at) == REFUSAL_NONE && at == seconds * SECOND;
}

static void
test_witness(void)
{
	struct err err = { .arena = a };
	struct note_key key, own;

	fresh("witness");
	own = make("witness.example", KEY_ED25519);
	key = make("witness.example", KEY_WITNESS);
	ok(cosigns(&key, checkpoint("cert.example", 10, 'a', NOW - DAY), &err), "a witness cosigns what it sees, whenever it was made");
	ok(cosigns(&key, checkpoint("other.example", 3, 'b', NOW), &err), "another log has a memory of its own");
	ok(!cosigns(&key, checkpoint("cert.example", 10, 'x', NOW), &err) && err.fault == FAULT_SIGNING, "a fork is not cosigned");
	err = (struct err){ .arena = a };
	ok(!cosigns(&key, checkpoint("cert.example", 9, 'x', NOW), &err) && err.fault == FAULT_SIGNING, "nor a log that was cut");
	err = (struct err){ .arena = a };
	ok(!cosigns(&own, checkpoint("cert.example", 11, 'x', NOW), &err) && err.fault == FAULT_SIGNING, "not with the log's own key");
	err = (struct err){ .arena = a };
	ok(!cosigns(&key, checkpoint("witness.example", 11, 'x', NOW), &err) && err.fault == FAULT_SIGNING, "nobody witnesses himself");
	refuses(&key, checkpoint("witness.example", 1, 'a', NOW), FAULT_SIGNING, "witness's key", "a witness's key signs no checkpoint");
}

/* ---- files ---- */

static void
put(const char *name, struct str text, mode_t mode)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n || fchmod(fd, mode) != 0 || close(fd) != 0)
		abort();
}

/* A key made elsewhere is taken as it is. */
static void
test_brought(enum key_kind kind, bool pem, const char *name)
{
	struct err err = { .arena = a };
	struct private_key *k = private_key_make(kind, &err);
	struct buf b = { .arena = a };
	struct note_key made, brought;

	fresh(arena_printf(a, "brought-%d-%d", kind, pem).p);
	ok(private_key_write(k, pem, &b, &err) && private_key_public(k, STR("cert.example"), kind, &brought, &err), "a key of one's own");
	put(pem ? "log-mine.pem" : "log-mine.der", buf_str(&b), 0600);
	ok(open_again(&err), name);
	made = make("cert.example", KEY_ED25519);
	ok(note_key_same(&made, &brought) && signs(&made, checkpoint("cert.example", 1, 'a', NOW), &err), "it is taken, and signs");
	made = make("cert.example", KEY_ED25519);
	ok(!note_key_same(&made, &brought), "the next one is new");
	private_key_free(k);
}

static void
unfit(const char *file, struct str text, mode_t mode, const char *words, const char *name)
{
	struct err err = { .arena = a };
	bool opened;

	fresh(arena_printf(a, "unfit-%s", name).p);
	put(file, text, mode);
	opened = open_again(&err);
	ok(!opened && err.fault == FAULT_FILE && str_has(err.detail, str_c(words)), name);
	if (err.fault != FAULT_FILE || !str_has(err.detail, str_c(words)))
		printf("# %.*s\n", STR_FMT(err.detail));
}

static void
test_files(void)
{
	struct err err = { .arena = a };
	struct vault_options o = { .look = false };
	struct note_key key;
	struct stat st;
	struct vault *second = NULL;
	const char *file;

	fresh("files");
	key = make("cert.example", KEY_ED25519);
	file = arena_printf(a, "log-%02x%02x%02x%02x.pem", key.id[0], key.id[1], key.id[2], key.id[3]).p;
	ok(fstatat(dir, file, &st, 0) == 0 && (st.st_mode & 0777) == 0600, "a key's file is its owner's alone");
	ok(fstat(dir, &st) == 0 && (st.st_mode & 0777) == 0700, "so is the directory");
	o.dir = dir;
	ok(!vault_open(&o, &second, &err) && err.fault == FAULT_IN_USE, "two keepers never have the same keys");
	test_brought(KEY_ED25519, true, "Ed25519 in PEM");
	test_brought(KEY_P256, true, "P-256 in PEM");
	test_brought(KEY_P256, false, "P-256 in DER");
	unfit("log-x.pem", STR("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), 0600, "no private key", "what is no key");
	unfit("log-x.pem", STR("x"), 0644, "others may read it", "a key that others may read");
	unfit("log-x.pem", STR(""), 0600, "no key", "an empty file");
	unfit("signed", STR("tocsin-keeper/1\norigin x\nsum 00\n"), 0600, "damaged", "a memory that is cut");
}

/* Any changed byte of what it remembers is found: it never signs on a guess. */
static void
test_memory(void)
{
	struct err err = { .arena = a };
	char text[4096];
	struct note_key key;
	bool found = true;
	ssize_t n;
	int fd;

	fresh("memory");
	key = make("cert.example", KEY_ED25519);
	ok(signs(&key, checkpoint("cert.example", 10, 'a', NOW), &err), "something is remembered");
	fd = openat(dir, "signed", O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text));
	close(fd);
	for (ssize_t i = 0; i < n; i++) {
		struct err why = { .arena = a };

		text[i] ^= 1;
		put("signed", (struct str){ text, (size_t)n }, 0600);
		found &= !open_again(&why) && why.fault == FAULT_FILE;
		text[i] ^= 1;
	}
	ok(n > 100 && found, "every changed bit of it is found");
	put("signed", (struct str){ text, (size_t)n }, 0600);
	ok(open_again(&err), "as it was it is good");
}

/* ---- a token ---- */

#define SOFTHSM "/usr/lib/softhsm/libsofthsm2.so"

static bool
run(const char *command)
{
	return system(command) == 0;
}

static void
test_token(enum key_kind kind, const char *what)
{
	struct err err = { .arena = a };
	struct note_key key, second;
	bool gone;

	printf("# a token, %s\n", what);
	object = what;
	fresh(what);
	key = make("cert.example", kind);
	ok(key.kind == kind && signs(&key, checkpoint("cert.example", 1, 'a', NOW), &err), "a key in the token signs");
	ok(faccessat(dir, arena_printf(a, "log-%02x%02x%02x%02x.pem", key.id[0], key.id[1], key.id[2], key.id[3]).p, F_OK, 0) != 0,
	    "it is in no file");
	ok(open_again(&err) && signs(&key, checkpoint("cert.example", 2, 'b', NOW), &err), "it is found again");
	second = make("cert.example", kind);
	ok(second.kind == kind && !note_key_same(&key, &second) && signs(&second, checkpoint("cert.example", 2, 'b', NOW), &err),
	    "a second one beside it");
	gone = run(arena_printf(a, "mv %s/tokens %s/away && mkdir %s/tokens", home, home, home).p);
	refuses(&key, checkpoint("cert.example", 3, 'c', NOW), FAULT_TOKEN, "", "the token is pulled out: a clear fault");
	ok(open_again(&err), "the keeper starts without it");
	refuses(&key, checkpoint("cert.example", 3, 'c', NOW), FAULT_TOKEN, "is there", "and says that it is not there");
	gone = gone && run(arena_printf(a, "rmdir %s/tokens && mv %s/away %s/tokens", home, home, home).p);
	ok(gone && signs(&key, checkpoint("cert.example", 3, 'c', NOW), &err), "it is put back: signing goes on, nothing is lost");
	if (err.fault)
		printf("# %.*s\n", STR_FMT(err.detail));
}

/* A token locks itself after some wrong PINs: one that was refused is not tried again before somebody changes it. */
static void
test_pin_again(const char *pin)
{
	struct err err = { .arena = a };
	struct note_key key;
	struct timespec times[2];
	struct stat before;
	FILE *f;

	if (stat(pin, &before) != 0)
		abort();
	times[0] = times[1] = before.st_mtim;
	f = fopen(pin, "we");
	if (!f || fputs("1234\n", f) < 0 || fclose(f) != 0 || utimensat(AT_FDCWD, pin, times, 0) != 0)
		abort();
	ok(!signer_make(STR("cert.example"), KEY_ED25519, &key, &err) && str_has(err.detail, STR("PIN is wrong")),
	    "a PIN that was refused is not tried again");
	times[1].tv_sec++;
	if (utimensat(AT_FDCWD, pin, times, 0) != 0)
		abort();
	err = (struct err){ .arena = a };
	ok(signer_make(STR("cert.example"), KEY_ED25519, &key, &err), "until its file is another");
	if (err.fault)
		printf("# %.*s\n", STR_FMT(err.detail));
}

static void
test_tokens(void)
{
	struct err err = { .arena = a };
	const char *pin = arena_printf(a, "%s/pin", home).p;
	FILE *f;

	if (access(SOFTHSM, R_OK) != 0) {
		tap_skip("keys in a token", "softhsm2 is not installed");
		return;
	}
	if (!run(arena_printf(a, "mkdir %s/tokens && printf 'directories.tokendir = %s/tokens\\nlog.level = ERROR\\n' >%s/softhsm2.conf",
	    home, home, home).p))
		abort();
	setenv("SOFTHSM2_CONF", arena_printf(a, "%s/softhsm2.conf", home).p, 1);
	ok(run("softhsm2-util --init-token --free --label keeper --so-pin 4321 --pin 1234 >/dev/null"), "a token");
	f = fopen(pin, "we");
	if (!f || fputs("1234\n", f) < 0 || fclose(f) != 0)
		abort();
	ok(!token_load("/usr/lib/no-such-module.so", "keeper", pin, &token, &err) && err.fault == FAULT_TOKEN, "a module that is none");
	err = (struct err){ .arena = a };
	ok(token_load(SOFTHSM, "keeper", pin, &token, &err), "the module is loaded");
	/* It stays after the last token_unload, so that its stacks keep its name. */
	dlclose(dlopen(SOFTHSM, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE));
	test_token(KEY_P256, "token-p256");
	test_token(KEY_ED25519, "token-ed25519");
	f = fopen(pin, "we");
	if (!f || fputs("9999\n", f) < 0 || fclose(f) != 0)
		abort();
	vault_close(vault);
	vault = NULL;
	token_unload(token);
	ok(token_load(SOFTHSM, "keeper", pin, &token, &err), "the module once more");
	fresh("wrong-pin");
	err = (struct err){ .arena = a };
	ok(!signer_make(STR("cert.example"), KEY_P256, &(struct note_key){ .kind = 0 }, &err) && err.fault == FAULT_TOKEN &&
	    str_has(err.detail, STR("PIN is wrong")), "a wrong PIN is told");
	test_pin_again(pin);
	vault_close(vault);
	vault = NULL;
	token_unload(token);
	token = NULL;
}

/* SoftHSM loses some bytes of its own with each Ed25519 key that it makes; only whole stacks show that they are its. */
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *
__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

const char *
__lsan_default_suppressions(void)
{
	return "leak:libsofthsm2.so\n";
}

int
main(void)
{
	a = arena_new();
	if (!mkdtemp(home))
		return 1;
	signer_set(ask_vault);
	test_rules(KEY_ED25519, "ed25519");
	test_rules(KEY_P256, "p256");
	test_rotation();
	test_witness();
	test_files();
	test_memory();
	test_tokens();
	vault_close(vault);
	run(arena_printf(a, "rm -rf %s", home).p);
	arena_free(a);
	return done_testing();
}
