#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/sqlite.h"

/* The new name of a file is on disk. */
static bool
sync_directory(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/*
 * Every page of c's database into a file of its own, on disk when this returns. The copy has no write-ahead
 * log: one file is all of it.
 */
static bool
copy_pages(struct store *st, struct conn *c, const char *path, struct err *err)
{
	sqlite3 *to = NULL;
	int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, st->setup.vfs);
	sqlite3_backup *b = code == SQLITE_OK ? sqlite3_backup_init(to, "main", sqlite_of(c)->db, "main") : NULL;

	if (b) {
		code = sqlite3_backup_step(b, -1);
		sqlite3_backup_finish(b);
		if (code == SQLITE_DONE)
			code = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	} else if (code == SQLITE_OK)
		code = sqlite3_extended_errcode(to);
	if (code != SQLITE_OK)
		err_setf(err, FAULT_FILE, "copy before migration, %s: %s", path, sqlite3_errmsg(to));
	sqlite3_close(to);
	return code == SQLITE_OK;
}

/* "tocsin.db.v0003-20261121T021000Z" */
static const char *
backup_path(struct store *st, int version, struct arena *a)
{
	struct civil t = civil_of(clock_now(), zone_utc());

	return arena_printf(a, "%s.v%04d-%04d%02d%02dT%02d%02d%02dZ", st->place, version,
	    (int)t.year, t.month, t.day, t.hour, t.minute, t.second).p;
}

/* Under its name there is never half a copy. */
bool
sqlite_copy(struct store *st, struct conn *c, int version, struct arena *a, struct str *ret_path,
    struct err *err)
{
	const char *path = backup_path(st, version, a), *part = arena_printf(a, "%s.part", path).p;
	int fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_setf(err, FAULT_FILE, "%s: %s", part, strerror(errno));
	close(fd);
	if (!copy_pages(st, c, part, err)) {
		unlink(part);
		return false;
	}
	if (rename(part, path) != 0 || !sync_directory(st->dir))
		return err_setf(err, FAULT_FILE, "%s: %s", path, strerror(errno));
	*ret_path = str_c(path);
	return true;
}
