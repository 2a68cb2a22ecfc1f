/*
 * A real disk that is full, and one that is read-only: small ones of memory, in a mount namespace of the
 * test's own.
 */
#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/log.h"
#include "store_fixture.h"

static struct arena *a;
static const char *dir;

static bool
big_note(struct tx *tx, void *arg, struct err *err)
{
	static char body[20000];
	int id = *(int *)arg;

	memset(body, 'x', sizeof(body));
	return db_run(tx, NOTE_ADD_BODY, err, I(id), T(arena_printf(tx_arena(tx), "big %d", id)),
	    B(((struct str){ body, sizeof(body) }))) && note_audit(tx, id, err);
}

static bool
write_big(struct store *st, int id, struct err *err)
{
	*err = (struct err){ .arena = a };
	return store_write(st, a, big_note, &id, err);
}

static void
test_full(void)
{
	const char *filler = arena_printf(a, "%s/filler", dir).p;
	struct err err = { .arena = a };
	struct store *st = note_store(dir, &err);
	struct str reason = STR_NONE;
	int saved = 0, fd = open(filler, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (!ok(st && fd >= 0 && posix_fallocate(fd, 0, 1 << 20) == 0, "a store on a small disk"))
		return;
	close(fd);
	while (saved < 1000 && write_big(st, 100 + saved, &err))
		saved++;
	ok(saved > 5 && saved < 1000, "it takes some writes");
	is_int(err.fault, FAULT_STORE, "until it is full: not saved");
	is_int(store_health(st, &reason), FAULT_STORE, "the store has failed");
	is_str(reason, "the disk is full", "for that reason");
	ok(!write_big(st, 5000, &err) && err.fault == FAULT_READ_ONLY, "no more writes");
	is_int(note_number(st, a, NOTE_COUNT, 0), saved + 1, "reading goes on, over all that was saved");
	unlink(filler);
	err = (struct err){ .arena = a };
	ok(store_probe(st, &err) && store_health(st, &reason) == FAULT_NONE,
	    "with room again a probe succeeds");
	ok(write_big(st, 5001, &err), "and writes do");
	store_close(st);
	err = (struct err){ .arena = a };
	st = note_store(dir, &err);
	ok(st && note_number(st, a, NOTE_COUNT, 0) == saved + 2 && trail_whole(st, a, saved + 1),
	    "opened again it has what was saved and nothing else");
	store_close(st);
}

static void
test_read_only(void)
{
	struct err err = { .arena = a };
	struct store *st = NULL;

	if (!ok(mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0, "the disk becomes read-only"))
		return;
	st = note_store(dir, &err);
	ok(!st && err.fault == FAULT_FILE, "no store on a read-only disk");
	ok(str_has(err.detail, str_c(dir)), "it says which");
	store_close(st);
}

/* For who may not mount: a directory that may not be written. */
static void
test_no_rights(void)
{
	struct err err = { .arena = a };
	struct store *st;

	if (geteuid() == 0) {
		tap_skip("no store in a directory of others", "root may write everywhere");
		return;
	}
	chmod(dir, 0500);
	st = note_store(dir, &err);
	ok(!st && err.fault == FAULT_FILE, "no store in a directory of others");
	store_close(st);
	chmod(dir, 0700);
}

int
main(void)
{
	a = arena_new();
	log_threshold((enum log_level)0);
	dir = new_directory(a);
	test_no_rights();
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", dir, "tmpfs", 0, "size=2m,mode=700") != 0)
		tap_skip("a full and a read-only disk", "this needs the right to mount");
	else {
		test_full();
		test_read_only();
		umount(dir);
	}
	remove_directory(dir);
	arena_free(a);
	return done_testing();
}
