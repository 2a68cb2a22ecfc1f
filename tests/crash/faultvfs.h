/*
 * A file system for SQLite that fails when told to, and remembers what a power cut would leave: every file
 * under it has beside its real content the content that was synced, and the writes since. Nothing is really
 * synced, so it is fast. Register it once; open a store with setup.vfs = FAULTVFS_NAME.
 */
#ifndef CRASH_FAULTVFS_H
#define CRASH_FAULTVFS_H

#include <stdbool.h>

#define FAULTVFS_NAME "fault"

enum {
	VFS_OPEN = 1,
	VFS_READ = 2,
	VFS_WRITE = 4,
	VFS_SYNC = 8,
	VFS_TRUNCATE = 16,
	VFS_DELETE = 32,
	VFS_INDEX = 64,                  /* the shared memory that indexes the log */
	VFS_ANY = 127,
};

/* What fails, and what it leaves. A sync: what of the writes before it is on disk. */
enum vfs_fault {
	VFS_EIO,                         /* nothing; a sync: nothing, and no later one brings it there */
	VFS_ENOSPC,                      /* nothing; a sync: something */
	VFS_SHORT,                       /* half of the bytes; a sync: something */
	VFS_LATE,                        /* all of it */
};

void faultvfs_register(void);
/*
 * The nth operation of these kinds from now on fails (1: the next), and if lasting all that follow too; 0:
 * none.
 */
void faultvfs_plan(unsigned operations, int nth, enum vfs_fault fault, bool lasting);
/* Operations of the planned kinds since the plan was made. */
int faultvfs_count(void);
/*
 * Writes into the directory to the files as a disk would have them if the power went now: what was synced,
 * and of the writes since then a part that the seed chooses, by sectors of 512 bytes. Seed 0: none of them.
 */
void faultvfs_cut(const char *to, unsigned seed);
/* Forgets all files. None is open. */
void faultvfs_forget(void);

#endif
