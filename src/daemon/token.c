#include "daemon/token.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CRYPTOKI_GNU 1
#include <p11-kit/pkcs11.h>

#include "base/arena.h"
#include "base/rand.h"
#include "daemon/private_key.h"

#define PIN_MAX 256
#define SLOTS_MAX 64

struct token {
	void *module;
	struct ck_function_list *call;
	char label[33];                  /* padded with blanks to 32, as tokens have it */
	char *pin_file;
	bool begun, open;                /* C_Initialize, C_OpenSession went well */
	bool lost;                       /* the last try to open it did not come to the PIN */
	ck_session_handle_t session;
	bool refused;                    /* the PIN of this file: a token locks itself after some tries */
	ck_rv_t refused_with;
	struct timespec refused_at;      /* the file's last change */
};

/* Names of what a person can do something about; the rest as the standard's number. */
static const char *
words_of(ck_rv_t code)
{
	switch (code) {
	case CKR_PIN_INCORRECT: case CKR_PIN_INVALID: case CKR_PIN_LEN_RANGE:
		return "the PIN is wrong";
	case CKR_PIN_LOCKED:
		return "the PIN is locked after too many tries";
	case CKR_PIN_EXPIRED:
		return "the PIN has expired";
	case CKR_TOKEN_NOT_PRESENT: case CKR_DEVICE_REMOVED: case CKR_SLOT_ID_INVALID:
	case CKR_TOKEN_NOT_RECOGNIZED:
		return "the token is not there";
	case CKR_TOKEN_WRITE_PROTECTED:
		return "the token is write-protected";
	case CKR_MECHANISM_INVALID: case CKR_MECHANISM_PARAM_INVALID:
		return "the token does not know this algorithm";
	default:
		return NULL;
	}
}

static bool
token_fault(struct err *err, const char *doing, ck_rv_t code)
{
	const char *words = words_of(code);

	return words ? err_setf(err, FAULT_TOKEN, "%s: %s", doing, words) :
	    err_setf(err, FAULT_TOKEN, "%s: PKCS#11 error 0x%lx", doing, code);
}

bool
token_load(const char *module, const char *label, const char *pin_file, struct token **ret_token,
    struct err *err)
{
	struct token *t = calloc(1, sizeof(*t));
	ck_rv_t (*list)(struct ck_function_list **) = NULL;
	size_t n = strlen(label);

	if (!t)
		return err_setf(err, FAULT_TOKEN, "no memory");
	memset(t->label, ' ', sizeof(t->label) - 1);
	memcpy(t->label, label, n < sizeof(t->label) - 1 ? n : sizeof(t->label) - 1);
	t->pin_file = strdup(pin_file);
	t->module = dlopen(module, RTLD_NOW | RTLD_LOCAL);
	if (t->module)
		*(void **)&list = dlsym(t->module, "C_GetFunctionList");
	if (!t->pin_file || !list || list(&t->call) != CKR_OK || !t->call) {
		err_setf(err, FAULT_TOKEN, "%s: no PKCS#11 module", module);
		token_unload(t);
		return false;
	}
	*ret_token = t;
	return true;
}

static void
shut(struct token *t)
{
	if (t->open)
		t->call->C_CloseSession(t->session);
	if (t->begun)
		t->call->C_Finalize(NULL);
	t->open = t->begun = false;
}

bool
token_lost(const struct token *t)
{
	return t->lost;
}

void
token_unload(struct token *t)
{
	if (!t)
		return;
	if (t->call)
		shut(t);
	if (t->module)
		dlclose(t->module);
	free(t->pin_file);
	free(t);
}

static bool
find_slot(struct token *t, ck_slot_id_t *ret_slot, struct err *err)
{
	ck_slot_id_t slots[SLOTS_MAX];
	unsigned long n = SLOTS_MAX;
	struct ck_token_info info;
	ck_rv_t code = t->call->C_GetSlotList(1, slots, &n);

	if (code != CKR_OK)
		return token_fault(err, "looking for the token", code);
	for (unsigned long i = 0; i < n; i++) {
		if (t->call->C_GetTokenInfo(slots[i], &info) == CKR_OK && !memcmp(info.label, t->label, 32)) {
			*ret_slot = slots[i];
			return true;
		}
	}
	return err_setf(err, FAULT_TOKEN, "no token with the label \"%.*s\" is there", STR_FMT(str_trim(str_c(t->label))));
}

static bool
is_about_pin(ck_rv_t code)
{
	return code == CKR_PIN_INCORRECT || code == CKR_PIN_INVALID || code == CKR_PIN_LEN_RANGE || code == CKR_PIN_LOCKED ||
	    code == CKR_PIN_EXPIRED;
}

/* The PIN, without the end of its line; -1 with the fault. A file that was refused is not tried again before it changes. */
static ssize_t
read_pin(struct token *t, unsigned char pin[PIN_MAX], struct timespec *ret_changed, struct err *err)
{
	int fd = open(t->pin_file, O_RDONLY | O_CLOEXEC);
	struct stat s;
	ssize_t n = fd >= 0 && fstat(fd, &s) == 0 ? read(fd, pin, PIN_MAX) : -1;
	int code = errno;

	if (fd >= 0)
		close(fd);
	if (n < 0) {
		err_setf(err, FAULT_TOKEN, "the PIN, %s: %s", t->pin_file, strerror(code));
		return -1;
	}
	if (t->refused && !memcmp(&t->refused_at, &s.st_mtim, sizeof(s.st_mtim))) {
		private_wipe(pin, PIN_MAX);
		token_fault(err, "opening the token", t->refused_with);
		return -1;
	}
	while (n > 0 && (pin[n - 1] == '\n' || pin[n - 1] == '\r'))
		n--;
	*ret_changed = s.st_mtim;
	return n;
}

static bool
log_in(struct token *t, struct err *err)
{
	unsigned char pin[PIN_MAX];
	struct timespec changed;
	ssize_t n = read_pin(t, pin, &changed, err);
	ck_rv_t code;

	if (n < 0)
		return false;
	code = t->call->C_Login(t->session, CKU_USER, pin, (unsigned long)n);
	private_wipe(pin, sizeof(pin));
	t->refused = is_about_pin(code);
	t->refused_with = code;
	t->refused_at = changed;
	return code == CKR_OK || code == CKR_USER_ALREADY_LOGGED_IN || token_fault(err, "opening the token", code);
}

static bool
start_session(struct token *t, struct err *err)
{
	struct ck_c_initialize_args args = { .flags = CKF_OS_LOCKING_OK };
	ck_slot_id_t slot = 0;
	ck_rv_t code = t->call->C_Initialize(&args);

	if (code != CKR_OK && code != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return token_fault(err, "starting the module", code);
	t->begun = true;
	if (!find_slot(t, &slot, err))
		return false;
	code = t->call->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &t->session);
	t->open = code == CKR_OK;
	return t->open || token_fault(err, "opening the token", code);
}

/* Wakes the module and opens the token, unless that is so already. */
static bool
open_token(struct token *t, struct err *err)
{
	if (t->open)
		return true;
	t->lost = !start_session(t, err);
	if (!t->lost && log_in(t, err))
		return true;
	shut(t);
	return false;
}

static bool
find_object(struct token *t, const char *object, ck_object_class_t class, ck_object_handle_t *ret_handle,
    bool *ret_found, struct err *err)
{
	struct ck_attribute wanted[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_LABEL, (void *)(uintptr_t)object, strlen(object) },
	};
	unsigned long n = 0;
	ck_rv_t code = t->call->C_FindObjectsInit(t->session, wanted, 2);

	if (code == CKR_OK) {
		code = t->call->C_FindObjects(t->session, ret_handle, 1, &n);
		t->call->C_FindObjectsFinal(t->session);
	}
	*ret_found = n == 1;
	return code == CKR_OK || token_fault(err, "looking for the key", code);
}

/* The bytes of an OCTET STRING in DER, short or long form; some modules give the bytes bare. */
static struct str
point_of(struct str der)
{
	const unsigned char *p = (const unsigned char *)der.p;

	if (der.n > 2 && p[0] == 4 && p[1] < 0x80 && (size_t)p[1] + 2 == der.n)
		return str_from(der, 2);
	if (der.n > 3 && p[0] == 4 && p[1] == 0x81 && (size_t)p[2] + 3 == der.n)
		return str_from(der, 3);
	return der;
}

/* As notes have it: 32 bytes, or SubjectPublicKeyInfo around an uncompressed point of P-256. */
static enum refusal
public_of(struct str point, enum key_kind kind, struct str name, struct note_key *ret_key)
{
	static const unsigned char head[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
		0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };
	char der[sizeof(head) + 65];

	if (kind != KEY_P256)
		return note_key_make(name, kind, point, ret_key);
	if (point.n != 65)
		return REFUSAL_KEY_FORM;
	memcpy(der, head, sizeof(head));
	memcpy(der + sizeof(head), point.p, point.n);
	return note_key_make(name, kind, (struct str){ der, sizeof(der) }, ret_key);
}

static bool
find_in(struct token *t, const char *object, enum key_kind kind, struct str name, bool *ret_found,
    struct note_key *ret_key, struct err *err)
{
	ck_object_handle_t private, public;
	bool has_private = false, has_public = false;
	unsigned char bytes[256];
	struct ck_attribute point = { CKA_EC_POINT, bytes, sizeof(bytes) };
	ck_rv_t code;

	if (!open_token(t, err) || !find_object(t, object, CKO_PRIVATE_KEY, &private, &has_private, err) ||
	    !find_object(t, object, CKO_PUBLIC_KEY, &public, &has_public, err))
		return false;
	*ret_found = has_private;
	if (!has_private)
		return true;
	if (!has_public)
		return err_setf(err, FAULT_TOKEN, "the key \"%s\" has no public half in the token", object);
	code = t->call->C_GetAttributeValue(t->session, public, &point, 1);
	if (code != CKR_OK)
		return token_fault(err, "reading the public key", code);
	return public_of(point_of((struct str){ (char *)bytes, point.value_len }), kind, name, ret_key) == REFUSAL_NONE ||
	    err_setf(err, FAULT_TOKEN, "the key \"%s\" is of another kind", object);
}

static bool
make_in(struct token *t, const char *object, enum key_kind kind, struct err *err)
{
	static unsigned char p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
	static unsigned char ed25519[] = { 0x13, 0x0c, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9' };
	struct ck_mechanism how = { kind == KEY_P256 ? CKM_EC_KEY_PAIR_GEN : CKM_EC_EDWARDS_KEY_PAIR_GEN, NULL, 0 };
	unsigned char yes = 1, no = 0, id[8];
	char *label = (char *)(uintptr_t)object;
	struct ck_attribute public[] = {
		{ CKA_EC_PARAMS, kind == KEY_P256 ? p256 : ed25519, kind == KEY_P256 ? sizeof(p256) : sizeof(ed25519) },
		{ CKA_TOKEN, &yes, 1 }, { CKA_VERIFY, &yes, 1 }, { CKA_LABEL, label, strlen(object) },
		{ CKA_ID, id, sizeof(id) },
	};
	struct ck_attribute private[] = {
		{ CKA_TOKEN, &yes, 1 }, { CKA_PRIVATE, &yes, 1 }, { CKA_SENSITIVE, &yes, 1 }, { CKA_EXTRACTABLE, &no, 1 },
		{ CKA_SIGN, &yes, 1 }, { CKA_LABEL, label, strlen(object) }, { CKA_ID, id, sizeof(id) },
	};
	ck_object_handle_t a, b;
	ck_rv_t code;

	if (!open_token(t, err))
		return false;
	rand_bytes(id, sizeof(id));
	code = t->call->C_GenerateKeyPair(t->session, &how, public, 5, private, 7, &a, &b);
	return code == CKR_OK || token_fault(err, "making a key in the token", code);
}

static bool
sign_in(struct token *t, const char *object, enum key_kind kind, struct str text,
    unsigned char ret_signature[64], struct err *err)
{
	struct ck_mechanism how = { kind == KEY_P256 ? CKM_ECDSA : CKM_EDDSA, NULL, 0 };
	ck_object_handle_t key;
	struct sha256 digest = sha256(text);
	unsigned char *data = kind == KEY_P256 ? digest.b : (unsigned char *)(uintptr_t)text.p;
	unsigned long data_n = kind == KEY_P256 ? sizeof(digest.b) : text.n, n = 64;
	bool found = false;
	ck_rv_t code;

	if (!open_token(t, err) || !find_object(t, object, CKO_PRIVATE_KEY, &key, &found, err))
		return false;
	if (!found)
		return err_setf(err, FAULT_TOKEN, "the key \"%s\" is not in the token", object);
	code = t->call->C_SignInit(t->session, &how, key);
	if (code == CKR_OK)
		code = t->call->C_Sign(t->session, data, data_n, ret_signature, &n);
	if (code != CKR_OK)
		return token_fault(err, "signing", code);
	if (kind == KEY_P256)
		p256_lower(ret_signature);
	return n == 64 || err_setf(err, FAULT_TOKEN, "signing: %lu bytes", n);
}

/* Whether a second try with a token opened anew makes sense: it was open, perhaps it is no longer. */
static bool
again(struct token *t, bool was_open, struct err *err)
{
	shut(t);
	if (was_open)
		*err = (struct err){ .arena = err->arena };
	return was_open;
}

bool
token_find(struct token *t, const char *object, enum key_kind kind, struct str name, bool *ret_found,
    struct note_key *ret_key, struct err *err)
{
	bool was_open = t->open;

	if (find_in(t, object, kind, name, ret_found, ret_key, err)) {
		if (*ret_found || !was_open)
			return true;
		/* a token that was pulled out may still look like an empty one */
		shut(t);
		return find_in(t, object, kind, name, ret_found, ret_key, err);
	}
	return again(t, was_open, err) && find_in(t, object, kind, name, ret_found, ret_key, err);
}

bool
token_make(struct token *t, const char *object, enum key_kind kind, struct err *err)
{
	bool was_open = t->open;

	return make_in(t, object, kind, err) || (again(t, was_open, err) && make_in(t, object, kind, err));
}

bool
token_sign(struct token *t, const char *object, enum key_kind kind, struct str text,
    unsigned char ret_signature[64], struct err *err)
{
	bool was_open = t->open;

	return sign_in(t, object, kind, text, ret_signature, err) ||
	    (again(t, was_open, err) && sign_in(t, object, kind, text, ret_signature, err));
}
