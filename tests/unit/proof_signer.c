/* proof_signer ORIGIN SIZE ROOT DIR: signs the checkpoint of a log (its root in hexadecimal), as its keeper would. */
#include "proof_fixture.h"

static void
save(struct arena *a, const char *dir, const char *name, struct str text)
{
	FILE *f = fopen(arena_printf(a, "%s/%s", dir, name).p, "wb");

	if (!f || fwrite(text.p, 1, text.n, f) != text.n || fclose(f) != 0)
		abort();
}

int
main(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct checkpoint c = { .time = PROOF_START };
	struct buf text = { .arena = a }, vkey = { .arena = a };
	struct proof_key key;
	struct str root;

	if (argc != 5 || !hex_decode(a, str_c(argv[3]), &root) || !merkle_hash(root, &c.root) ||
	    !str_int(str_c(argv[2]), &c.size))
		return 2;
	c.origin = str_c(argv[1]);
	key = proof_key(a, argv[1], KEY_ED25519, "the log's key");
	note_key_write(&vkey, &key.key);
	buf_char(&vkey, '\n');
	save(a, argv[4], "key.txt", buf_str(&vkey));
	checkpoint_write(&text, &c);
	save(a, argv[4], arena_printf(a, "checkpoint-%s.txt", argv[2]).p,
	    proof_sign(a, buf_str(&text), STR_NONE, &key, 0));
	EVP_PKEY_free(key.secret);
	arena_free(a);
	return 0;
}
