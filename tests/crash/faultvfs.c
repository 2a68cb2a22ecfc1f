#include "faultvfs.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR 512

/* A write or (bytes NULL) a truncation that was not synced yet. */
struct pending {
	struct pending *next;
	sqlite3_int64 at, n;             /* a truncation: to n bytes */
	unsigned char *bytes;
};

struct content {
	unsigned char *bytes;
	sqlite3_int64 n;
};

/* One path: what of it is on disk for certain, and what may be. */
struct image {
	struct image *next;
	char *path;
	bool exists;
	struct content synced;
	struct pending *pending, **pending_end;
	int errors;                      /* syncs that lost what they were to write */
};

struct file {
	sqlite3_file base;
	struct image *image;             /* NULL: a file that is not followed */
	int errors;                      /* of its image's, those that it was told */
	sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct image *images;

static struct {
	unsigned operations;
	int nth, count;
	enum vfs_fault fault;
	bool lasting;
} plan;

/* ---- the plan ---- */

void
faultvfs_plan(unsigned operations, int nth, enum vfs_fault fault, bool lasting)
{
	pthread_mutex_lock(&lock);
	plan.operations = operations;
	plan.nth = nth;
	plan.count = 0;
	plan.fault = fault;
	plan.lasting = lasting;
	pthread_mutex_unlock(&lock);
}

int
faultvfs_count(void)
{
	int count;

	pthread_mutex_lock(&lock);
	count = plan.count;
	pthread_mutex_unlock(&lock);
	return count;
}

/* Counts one operation; whether it is to fail. The lock is held. */
static bool
fails(unsigned operation)
{
	if (!(plan.operations & operation))
		return false;
	plan.count++;
	return plan.nth > 0 && (plan.lasting ? plan.count >= plan.nth : plan.count == plan.nth);
}

/* ---- what is on disk ---- */

static void *
must(void *p)
{
	if (!p)
		abort();
	return p;
}

static void
drop_pending(struct image *image)
{
	while (image->pending) {
		struct pending *p = image->pending;

		image->pending = p->next;
		free(p->bytes);
		free(p);
	}
	image->pending_end = &image->pending;
}

static void
content_size(struct content *c, sqlite3_int64 n)
{
	if (n > c->n) {
		c->bytes = must(realloc(c->bytes, (size_t)n));
		memset(c->bytes + c->n, 0, (size_t)(n - c->n));
	}
	c->n = n;
}

/*
 * Puts a pending change into the content; of a write only the sectors that *seed chooses, all if seed is
 * NULL.
 */
static void
apply(struct content *c, const struct pending *p, unsigned *seed)
{
	if (!p->bytes) {
		if (!seed || rand_r(seed) % 2)
			content_size(c, p->n);
		return;
	}
	for (sqlite3_int64 at = 0; at < p->n;) {
		sqlite3_int64 n = SECTOR - (p->at + at) % SECTOR;

		if (n > p->n - at)
			n = p->n - at;
		if (!seed || rand_r(seed) % 2) {
			if (c->n < p->at + at + n)
				content_size(c, p->at + at + n);
			memcpy(c->bytes + p->at + at, p->bytes + at, (size_t)n);
		}
		at += n;
	}
}

static void
remember(struct image *image, sqlite3_int64 at, sqlite3_int64 n, const void *bytes)
{
	struct pending *p = must(calloc(1, sizeof(*p)));

	p->at = at;
	p->n = n;
	if (bytes) {
		p->bytes = must(malloc((size_t)n + 1));
		memcpy(p->bytes, bytes, (size_t)n);
	}
	*image->pending_end = p;
	image->pending_end = &p->next;
}

static void
all_synced(struct image *image)
{
	for (struct pending *p = image->pending; p; p = p->next)
		apply(&image->synced, p, NULL);
	drop_pending(image);
}

/* What stands in a file that is opened for the first time is taken to be on disk. */
static void
read_content(const char *path, struct content *c)
{
	FILE *f = fopen(path, "rb");

	if (!f)
		return;
	fseek(f, 0, SEEK_END);
	content_size(c, ftell(f));
	rewind(f);
	if (c->n > 0 && fread(c->bytes, (size_t)c->n, 1, f) != 1)
		abort();
	fclose(f);
}

static struct image *
image_of(const char *path)
{
	struct image *image;

	for (image = images; image; image = image->next)
		if (strcmp(image->path, path) == 0)
			break;
	if (!image) {
		image = must(calloc(1, sizeof(*image)));
		image->path = must(strdup(path));
		image->pending_end = &image->pending;
		image->next = images;
		images = image;
	}
	if (!image->exists)
		read_content(path, &image->synced);
	image->exists = true;
	return image;
}

/* What is taken away is gone at once, which is the worse case. */
static void
image_gone(const char *path)
{
	for (struct image *image = images; image; image = image->next)
		if (strcmp(image->path, path) == 0) {
			image->exists = false;
			content_size(&image->synced, 0);
			drop_pending(image);
		}
}

void
faultvfs_cut(const char *to, unsigned seed)
{
	pthread_mutex_lock(&lock);
	for (struct image *image = images; image; image = image->next) {
		struct content c = { .n = 0 };
		const char *name = strrchr(image->path, '/');
		char path[512];
		FILE *f;

		if (!image->exists)
			continue;
		content_size(&c, image->synced.n);
		if (c.n > 0)
			memcpy(c.bytes, image->synced.bytes, (size_t)c.n);
		for (struct pending *p = image->pending; p && seed; p = p->next)
			apply(&c, p, &seed);
		snprintf(path, sizeof(path), "%s/%s", to, name + 1);
		f = must(fopen(path, "wb"));
		if (c.n > 0 && fwrite(c.bytes, (size_t)c.n, 1, f) != 1)
			abort();
		fclose(f);
		free(c.bytes);
	}
	pthread_mutex_unlock(&lock);
}

void
faultvfs_forget(void)
{
	while (images) {
		struct image *image = images;

		images = image->next;
		drop_pending(image);
		free(image->synced.bytes);
		free(image->path);
		free(image);
	}
}

/* ---- a file ---- */

static sqlite3_file *
real_of(sqlite3_file *f)
{
	return ((struct file *)(void *)f)->real;
}

static struct image *
image_in(sqlite3_file *f)
{
	return ((struct file *)(void *)f)->image;
}

static int
file_close(sqlite3_file *f)
{
	int code = real_of(f)->pMethods ? real_of(f)->pMethods->xClose(real_of(f)) : SQLITE_OK;

	f->pMethods = NULL;
	return code;
}

static int
file_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	bool fail;

	pthread_mutex_lock(&lock);
	fail = fails(VFS_READ);
	pthread_mutex_unlock(&lock);
	return fail ? SQLITE_IOERR_READ : real_of(f)->pMethods->xRead(real_of(f), to, n, at);
}

static int
file_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	int code = SQLITE_OK;

	pthread_mutex_lock(&lock);
	if (fails(VFS_WRITE)) {
		code = plan.fault == VFS_ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
		n = plan.fault == VFS_LATE ? n : plan.fault == VFS_SHORT ? n / 2 : 0;
	}
	if (n > 0) {
		int written = real_of(f)->pMethods->xWrite(real_of(f), from, n, at);

		code = code == SQLITE_OK ? written : code;
		if (written == SQLITE_OK && image_in(f))
			remember(image_in(f), at, n, from);
	}
	pthread_mutex_unlock(&lock);
	return code;
}

static int
file_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	int code;

	pthread_mutex_lock(&lock);
	code = fails(VFS_TRUNCATE) ? SQLITE_IOERR_TRUNCATE : real_of(f)->pMethods->xTruncate(real_of(f), n);
	if (code == SQLITE_OK && image_in(f))
		remember(image_in(f), 0, n, NULL);
	pthread_mutex_unlock(&lock);
	return code;
}

/*
 * As with Linux since 4.13, everybody who has the file open hears of what was lost, each at the next sync:
 * what another connection had written may be among it.
 */
static int
sync_image(struct file *file, struct image *image)
{
	bool failed = fails(VFS_SYNC);

	if (failed && plan.fault == VFS_EIO) {
		drop_pending(image);
		image->errors++;
	} else if (!failed || plan.fault == VFS_LATE)
		all_synced(image);
	failed = failed || file->errors != image->errors;
	file->errors = image->errors;
	return failed ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int
file_sync(sqlite3_file *f, int flags)
{
	int code = SQLITE_OK;

	(void)flags;
	pthread_mutex_lock(&lock);
	if (image_in(f))
		code = sync_image((struct file *)(void *)f, image_in(f));
	pthread_mutex_unlock(&lock);
	return code;
}

static int
file_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), n);
}

static int
file_lock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xLock(real_of(f), level);
}

static int
file_unlock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int
file_reserved(sqlite3_file *f, int *out)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int
file_control(sqlite3_file *f, int op, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int
file_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int
file_traits(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int
index_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	bool fail;

	pthread_mutex_lock(&lock);
	fail = fails(VFS_INDEX);
	pthread_mutex_unlock(&lock);
	return fail ? SQLITE_IOERR_SHMMAP : real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend,
	    out);
}

static int
index_lock(sqlite3_file *f, int at, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}

static void
index_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int
index_unmap(sqlite3_file *f, int drop)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), drop);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_traits,
	.xShmMap = index_map,
	.xShmLock = index_lock,
	.xShmBarrier = index_barrier,
	.xShmUnmap = index_unmap,
};

/* ---- the file system ---- */

static int
vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out_flags)
{
	struct file *file = (struct file *)(void *)f;
	int code;

	(void)vfs;
	file->base.pMethods = NULL;
	file->image = NULL;
	file->real = (sqlite3_file *)(void *)(file + 1);
	pthread_mutex_lock(&lock);
	code = fails(VFS_OPEN) ? SQLITE_CANTOPEN : real_vfs->xOpen(real_vfs, path, file->real, flags,
	    out_flags);
	if (code == SQLITE_OK) {
		file->base.pMethods = &methods;
		if (path) {
			file->image = image_of(path);
			file->errors = file->image->errors;
		}
	}
	pthread_mutex_unlock(&lock);
	return code;
}

static int
vfs_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
	int code;

	(void)vfs;
	pthread_mutex_lock(&lock);
	code = fails(VFS_DELETE) ? SQLITE_IOERR_DELETE : real_vfs->xDelete(real_vfs, path, sync);
	if (code == SQLITE_OK)
		image_gone(path);
	pthread_mutex_unlock(&lock);
	return code;
}

void
faultvfs_register(void)
{
	static sqlite3_vfs vfs;

	if (real_vfs)
		return;
	real_vfs = sqlite3_vfs_find(NULL);
	assert(real_vfs);
	vfs = *real_vfs;
	vfs.pNext = NULL;
	vfs.zName = FAULTVFS_NAME;
	vfs.szOsFile = (int)sizeof(struct file) + real_vfs->szOsFile;
	vfs.xOpen = vfs_open;
	vfs.xDelete = vfs_delete;
	sqlite3_vfs_register(&vfs, 0);
}
